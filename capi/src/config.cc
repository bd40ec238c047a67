// Entry points of the library itself, configurations, mappings, catalogue,
// dictionaries, instants and names.

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "capi/src/answer_tables.h"
#include "capi/src/guard.h"
#include "capi/src/handles.h"
#include "cckpi/base/time.h"
#include "cckpi/event/event.h"
#include "cckpi/io/config_json.h"
#include "cckpi/io/render.h"

namespace cckpi::capi {
namespace {

// What ABI this is: CCKPI_ABI of the build.
constexpr int32_t kAbi = CCKPI_ABI;

cckpi_code GiveTable(absl::StatusOr<TableData> (*make)(),
                     cckpi_table** out_table, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (out_table == nullptr) return Missing("out_table");
    absl::StatusOr<TableData> data = make();
    if (!data.ok()) return data.status();
    *out_table = MakeTable(*std::move(data)).release();
    return Outcome();
  });
}

// Empty: fit for a dictionary.
std::string_view TextFault(std::string_view text) {
  if (text.size() > kMaxTextBytes) return "has more than 1024 bytes";
  // The event's own checks of a text, on a field that every kind may have.
  Event event;
  event.at_us = kEarliestTime;
  event.interaction = text.empty() ? std::string_view("x") : text;
  if (ValidateEvent(event).ok()) return {};
  return text.find('\0') != text.npos ? "holds a NUL character"
                                      : "is not UTF-8";
}

}  // namespace
}  // namespace cckpi::capi

using namespace cckpi;        // NOLINT: the entry points stand outside
using namespace cckpi::capi;  // NOLINT

extern "C" {

const char* cckpi_library_version(void) { return kVersion.data(); }

int32_t cckpi_library_abi(void) { return kAbi; }

const char* cckpi_code_name(cckpi_code code) {
  static constexpr const char* kNames[] = {
      "OK",
      "CANCELLED",
      "UNKNOWN",
      "INVALID_ARGUMENT",
      "DEADLINE_EXCEEDED",
      "NOT_FOUND",
      "ALREADY_EXISTS",
      "PERMISSION_DENIED",
      "RESOURCE_EXHAUSTED",
      "FAILED_PRECONDITION",
      "ABORTED",
      "OUT_OF_RANGE",
      "UNIMPLEMENTED",
      "INTERNAL",
      "UNAVAILABLE",
      "DATA_LOSS",
      "UNAUTHENTICATED",
  };
  return code < 0 || code > 16 ? "UNKNOWN" : kNames[code];
}

cckpi_text cckpi_text_of(const char* data) {
  return {data, data == nullptr ? 0 : std::strlen(data)};
}

cckpi_code cckpi_time_parse(const char* text, size_t size, int64_t* out_time_us,
                            cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    absl::Status status = CheckText("text", text, size);
    if (!status.ok()) return status;
    if (out_time_us == nullptr) return Missing("out_time_us");
    absl::StatusOr<int64_t> time_us = ParseTime(View(text, size));
    if (!time_us.ok()) return time_us.status();
    *out_time_us = *time_us;
    return Outcome();
  });
}

size_t cckpi_time_format(int64_t time_us, char* out, size_t capacity) {
  std::string text;
  const cckpi_code code = Guard(nullptr, [&]() -> Outcome {
    if (time_us != kNoTime) text = FormatTime(time_us);
    return Outcome();
  });
  if (code != CCKPI_OK) text.clear();
  if (out != nullptr && capacity > 0) {
    const size_t size = std::min(text.size(), capacity - 1);
    std::memcpy(out, text.data(), size);
    out[size] = '\0';
  }
  return text.size();
}

cckpi_kind cckpi_kind_parse(const char* name, size_t size) {
  // No name is that long; an impossible size is never read.
  if (name == nullptr || size > kMaxTextBytes) return -1;
  const std::optional<EventKind> kind = ParseEventKind(View(name, size));
  return kind.has_value() ? static_cast<cckpi_kind>(*kind) : -1;
}

const char* cckpi_kind_name(cckpi_kind kind) {
  if (kind < 0 || kind >= kEventKindCount) return nullptr;
  return EventKindName(static_cast<EventKind>(kind)).data();
}

cckpi_code cckpi_config_create(const char* json, size_t size,
                               cckpi_config** out_config, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    absl::Status status = CheckText("json", json, size);
    if (!status.ok()) return status;
    if (out_config == nullptr) return Missing("out_config");
    auto config = std::make_unique<cckpi_config>();
    if (size != 0) {
      absl::StatusOr<Config> parsed = ParseConfig(View(json, size));
      if (!parsed.ok()) return parsed.status();
      config->config = *std::move(parsed);
    }
    for (const auto& [name, spec] : config->config.calendars) {
      absl::StatusOr<OpeningHours> made = OpeningHours::Create(spec);
      if (!made.ok()) {
        return Invalid(absl::StrCat("calendars.", name),
                       std::string(made.status().message()));
      }
      config->calendars.emplace(name, *std::move(made));
    }
    *out_config = config.release();
    return Outcome();
  });
}

void cckpi_config_destroy(cckpi_config* config) {
  Destroy(config, Mark::kConfig);
}

cckpi_code cckpi_config_check(const char* json, size_t size,
                              cckpi_table** out_problems, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    absl::Status status = CheckText("json", json, size);
    if (!status.ok()) return status;
    if (out_problems == nullptr) return Missing("out_problems");
    if (size != 0) status = ParseConfig(View(json, size)).status();
    absl::StatusOr<TableData> data =
        ProblemTable(std::string(status.message()));
    if (!data.ok()) return data.status();
    *out_problems = MakeTable(*std::move(data)).release();
    return Outcome();
  });
}

cckpi_code cckpi_mapping_create(const char* json, size_t size,
                                cckpi_mapping** out_mapping,
                                cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    absl::Status status = CheckText("json", json, size);
    if (!status.ok()) return status;
    if (out_mapping == nullptr) return Missing("out_mapping");
    auto mapping = std::make_unique<cckpi_mapping>();
    absl::StatusOr<std::shared_ptr<const Mapping>> parsed =
        ParseMapping(View(json, size));
    if (!parsed.ok()) return parsed.status();
    mapping->mapping = *std::move(parsed);
    *out_mapping = mapping.release();
    return Outcome();
  });
}

void cckpi_mapping_destroy(cckpi_mapping* mapping) {
  Destroy(mapping, Mark::kMapping);
}

cckpi_code cckpi_catalogue_kpis(cckpi_table** out_table, cckpi_error** error) {
  return GiveTable(KpiTable, out_table, error);
}

cckpi_code cckpi_catalogue_options(cckpi_table** out_table,
                                   cckpi_error** error) {
  return GiveTable(OptionTable, out_table, error);
}

cckpi_code cckpi_dictionary_create(cckpi_dictionary** out_dictionary,
                                   cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (out_dictionary == nullptr) return Missing("out_dictionary");
    auto dictionary = std::make_unique<cckpi_dictionary>();
    dictionary->texts = std::make_shared<DictionaryTexts>();
    *out_dictionary = dictionary.release();
    return Outcome();
  });
}

void cckpi_dictionary_destroy(cckpi_dictionary* dictionary) {
  Destroy(dictionary, Mark::kDictionary);
}

cckpi_code cckpi_dictionary_intern(cckpi_dictionary* dictionary,
                                   const cckpi_text* texts, size_t count,
                                   uint32_t* out_codes, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    absl::Status status =
        CheckHandle("dictionary", dictionary, Mark::kDictionary);
    if (!status.ok()) return status;
    status = CheckArray("texts", texts, count, sizeof(*texts));
    if (!status.ok()) return status;
    if (out_codes == nullptr && count != 0) return Missing("out_codes");
    for (size_t i = 0; i < count; ++i) {
      const int64_t row = static_cast<int64_t>(i) + 1;
      status = CheckText("texts", texts[i]);
      if (!status.ok()) return {status, row};
      const std::string_view fault = TextFault(View(texts[i]));
      if (!fault.empty()) return {Invalid("texts", fault), row};
    }
    Dictionary& known = dictionary->texts->texts;
    std::vector<uint32_t> codes(count);
    for (size_t i = 0; i < count; ++i) codes[i] = known.Intern(View(texts[i]));
    std::copy(codes.begin(), codes.end(), out_codes);
    return Outcome();
  });
}

uint32_t cckpi_dictionary_size(const cckpi_dictionary* dictionary) {
  return IsGood(dictionary, Mark::kDictionary)
             ? static_cast<uint32_t>(dictionary->texts->texts.size())
             : 0;
}

const char* cckpi_dictionary_text(const cckpi_dictionary* dictionary,
                                  uint32_t code, size_t* out_size) {
  if (code >= cckpi_dictionary_size(dictionary)) return nullptr;
  const std::string_view text = dictionary->texts->texts.Text(code);
  if (out_size != nullptr) *out_size = text.size();
  return text.data();
}

}  // extern "C"
