// Reads a Config from JSON.
//
// Everything is optional: `{}` is the default Config. docs/config.md describes
// every key and config.schema.json is the same as a JSON Schema. Nothing is
// guessed: an unknown key, a value of the wrong kind, a name that stands for
// nothing (a calendar, a KPI, a zone) and a rule that contradicts itself are
// errors. All of them are reported at once, one on a line, each with its path
// and the reason:
//
//   kpis[1].statistik: unknown key; did you mean "statistic"?
//   scaling_matrix[0].bands[1].clear: must be better than "over"
//
// Text that is no JSON at all is reported with line and column.
//
//   absl::StatusOr<Config> config = ParseConfig(R"({
//     "time_zone": "Europe/Madrid",
//     "kpis": [{"kpi": "service_level", "within": "20m"}]
//   })");
//   if (!config.ok()) std::cerr << config.status().message() << "\n";
//
// This file defines ParseConfig and the table of the keys that it knows.

#ifndef CCKPI_IO_CONFIG_JSON_H_
#define CCKPI_IO_CONFIG_JSON_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "cckpi/kpi/config.h"

namespace cckpi {

inline constexpr size_t kMaxConfigBytes = size_t{16} << 20;
// Objects and lists inside one another.
inline constexpr int kMaxConfigDepth = 32;
// Items of one list, members of one object.
inline constexpr size_t kMaxConfigItems = 10'000;
// Further errors are counted in the last line of the message.
inline constexpr size_t kMaxConfigErrors = 100;

// InvalidArgument with every error, joined by newlines.
absl::StatusOr<Config> ParseConfig(std::string_view json);

// The keys of one kind of object: "" is the top level, "kpis[]" each item of
// the list `kpis`, "calendars.*" each member of the object `calendars`.
struct ConfigSection {
  std::string_view path;
  std::span<const std::string_view> keys;
};
std::span<const ConfigSection> ConfigSections();

}  // namespace cckpi

#endif  // CCKPI_IO_CONFIG_JSON_H_
