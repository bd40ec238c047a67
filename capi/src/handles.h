// The handles of the C interface. Each begins with a mark of its type, which
// its destruction takes away: a handle of another type, and most that were
// destroyed before, are told from a good one.

#ifndef CCKPI_CAPI_SRC_HANDLES_H_
#define CCKPI_CAPI_SRC_HANDLES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "capi/include/cckpi.h"
#include "capi/src/guard.h"
#include "capi/src/table_data.h"
#include "cckpi/base/dictionary.h"
#include "cckpi/calendar/opening_hours.h"
#include "cckpi/engine/engine.h"
#include "cckpi/engine/scaling_monitor.h"
#include "cckpi/io/alert_json.h"
#include "cckpi/io/mapping.h"

namespace cckpi::capi {

enum class Mark : uint32_t {
  kGone = 0,
  kError = 0xCC4B5001,
  kBuffer = 0xCC4B5002,
  kConfig = 0xCC4B5003,
  kMapping = 0xCC4B5004,
  kDictionary = 0xCC4B5005,
  kEngine = 0xCC4B5006,
  kTable = 0xCC4B5007,
  kMonitor = 0xCC4B5008,
  kRule = 0xCC4B5009,
};

// Engines that know the texts watch them, hence the shared pointer.
struct DictionaryTexts {
  Dictionary texts;
};

// What an engine knows of a dictionary of the host: the first `known` texts.
struct DictionaryLink {
  std::weak_ptr<const DictionaryTexts> texts;
  DictionaryId id = DictionaryId::kNone;
  uint32_t known = 0;
};

}  // namespace cckpi::capi

struct cckpi_error {
  cckpi::capi::Mark mark = cckpi::capi::Mark::kError;
  cckpi_code code = CCKPI_OK;
  int64_t row = 0;
  std::string_view message;  // NUL-terminated, as is the path
  std::string_view path;
  std::unique_ptr<std::string> text;  // both, each with its NUL
};

struct cckpi_buffer {
  cckpi::capi::Mark mark = cckpi::capi::Mark::kBuffer;
  std::string bytes;
};

struct cckpi_config {
  cckpi::capi::Mark mark = cckpi::capi::Mark::kConfig;
  cckpi::Config config;
  std::map<std::string, cckpi::OpeningHours, std::less<>> calendars;
};

struct cckpi_mapping {
  cckpi::capi::Mark mark = cckpi::capi::Mark::kMapping;
  std::shared_ptr<const cckpi::Mapping> mapping;
};

struct cckpi_dictionary {
  cckpi::capi::Mark mark = cckpi::capi::Mark::kDictionary;
  std::shared_ptr<cckpi::capi::DictionaryTexts> texts;
};

struct cckpi_engine {
  cckpi::capi::Mark mark = cckpi::capi::Mark::kEngine;
  // A change began and did not end: out of memory on the way.
  bool damaged = false;
  std::optional<cckpi::Engine> engine;
  std::shared_ptr<const cckpi::Config> config;  // the engine's own
  cckpi::Zone zone;                             // of text tables
  std::vector<cckpi::capi::DictionaryLink> dictionaries;
  // Reused by every batch.
  std::vector<cckpi::Event> events;
  std::vector<cckpi::Tag> tags;
  std::vector<cckpi::ErrorCount> errors;
};

struct cckpi_monitor {
  cckpi::capi::Mark mark = cckpi::capi::Mark::kMonitor;
  bool damaged = false;  // as of an engine
  std::optional<cckpi::ScalingMonitor> monitor;
  std::shared_ptr<const cckpi::AlertWriter> writer;
  cckpi::Zone zone;
};

struct cckpi_rule {
  cckpi::capi::Mark mark = cckpi::capi::Mark::kRule;
  std::optional<cckpi::RuleEvaluator> evaluator;
  cckpi::RuleState state;
  std::shared_ptr<const cckpi::AlertWriter> writer;
  cckpi::Zone zone;
};

struct cckpi_table {
  cckpi::capi::Mark mark = cckpi::capi::Mark::kTable;
  std::shared_ptr<const cckpi::capi::TableData> data;
};

namespace cckpi::capi {

template <typename Handle>
bool IsGood(const Handle* handle, Mark mark) {
  return handle != nullptr && handle->mark == mark;
}

template <typename Handle>
absl::Status CheckHandle(std::string_view argument, const Handle* handle,
                         Mark mark) {
  if (handle == nullptr) return Missing(argument);
  if (handle->mark == mark) return absl::OkStatus();
  return Invalid(argument, "is no handle of this type, or was destroyed");
}

// A handle that may be left out.
template <typename Handle>
absl::Status CheckOptional(std::string_view argument, const Handle* handle,
                           Mark mark) {
  if (handle == nullptr) return absl::OkStatus();
  return CheckHandle(argument, handle, mark);
}

template <typename Handle>
void Destroy(Handle* handle, Mark mark) {
  if (!IsGood(handle, mark)) return;
  handle->mark = Mark::kGone;
  delete handle;
}

// Marks an engine or a monitor as damaged until the change is complete. Leaving
// the scope in any other way, which only an exception does, keeps the mark.
class Change {
 public:
  template <typename Handle>
  explicit Change(Handle* handle) : damaged_(&handle->damaged) {
    *damaged_ = true;
  }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  void Complete() { *damaged_ = false; }

 private:
  bool* damaged_;
};

// An engine that may be asked, or changed.
absl::Status CheckEngine(const cckpi_engine* engine);
inline bool IsUsable(const cckpi_engine* engine) {
  return IsGood(engine, Mark::kEngine) && !engine->damaged;
}

std::unique_ptr<cckpi_table> MakeTable(TableData data);
// The last step of an answer: what was made, into the host's pointer.
absl::Status GiveTable(absl::StatusOr<TableData> data,
                       std::string_view argument, cckpi_table** out_table);
std::unique_ptr<cckpi_buffer> MakeBuffer(std::string bytes);

}  // namespace cckpi::capi

#endif  // CCKPI_CAPI_SRC_HANDLES_H_
