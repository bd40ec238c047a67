// A script of rule tests as values; docs/scaling.md describes the format.

#ifndef CCKPI_SRC_IO_ALERT_SCRIPT_READER_H_
#define CCKPI_SRC_IO_ALERT_SCRIPT_READER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "cckpi/base/time.h"
#include "cckpi/kpi/config.h"
#include "cckpi/scaling/evaluator.h"

namespace cckpi {

// Observations behind a value that does not say how many.
inline constexpr int64_t kPlentyOfObservations = 1'000'000'000;

// One token of a series: the value of a tick.
struct ScriptToken {
  enum class Kind { kValue, kNoData, kNoTick };
  Kind kind = Kind::kNoData;
  int64_t micro = 0;
  int64_t n = kPlentyOfObservations;
};

// What one rule and group goes through in a case.
struct ScriptSeries {
  size_t rule = 0;
  GroupLabels group;
  std::string name;  // for failures
  std::vector<ScriptToken> values;
  std::vector<std::vector<ScriptToken>> longs;   // by band, of a burn-rate rule
  std::vector<std::vector<ScriptToken>> shorts;  // by band
  std::vector<std::string> states;               // by tick; empty: not checked
  std::map<int64_t, std::string> at;             // by offset in microseconds
  std::optional<std::map<int64_t, std::vector<std::string>>> sent;
  std::map<int64_t, std::string> acknowledge;
};

struct ScriptCase {
  std::string name;
  int64_t start_us = 0;
  int64_t tick_us = kMinute;
  size_t ticks = 0;
  std::vector<ScriptSeries> series;
};

struct AlertScript {
  Config config;
  std::vector<ScriptCase> cases;
};

// InvalidArgument with the path of what is wrong.
absl::StatusOr<AlertScript> ReadAlertScript(
    std::string_view json,
    const std::function<absl::StatusOr<Config>(const std::string& path)>& load);

}  // namespace cckpi

#endif  // CCKPI_SRC_IO_ALERT_SCRIPT_READER_H_
