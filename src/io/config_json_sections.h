// The parts of the configuration, each read by one function into Config.
// They are called in this order: later ones look names up in earlier ones.

#ifndef CCKPI_IO_CONFIG_JSON_SECTIONS_H_
#define CCKPI_IO_CONFIG_JSON_SECTIONS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/kpi/config.h"
#include "cckpi/kpi/report.h"
#include "src/base/text.h"
#include "src/io/config_json_reader.h"

namespace cckpi {

// zone, week, spans, agents, groups
void ReadBasics(const ObjectReader& top, Config& config);
// calendars, schedules, schedule_policy
void ReadCalendars(const ObjectReader& top, Config& config);
// kpis
void ReadKpis(const ObjectReader& top, Config& config);
// scorecards
void ReadScorecards(const ObjectReader& top, Config& config);
// scaling_matrix
// `recipients`, and whether rules and reports name only those.
void ReadRecipients(const ObjectReader& top, Config& config);
void CheckRecipients(const Config& config, ConfigErrors& errors);
void ReadScalingMatrix(const ObjectReader& top, Config& config);
// reports
void ReadReports(const ObjectReader& top, Config& config);

// Is `name` a KPI's id or a catalogue name? An error at `path` if not.
bool CheckKpiName(const Config& config, std::string_view name,
                  const std::string& path, ConfigErrors& errors);

// The unit of a KPI by name; nullopt for formulas and unknown names, which may
// give anything.
std::optional<Unit> UnitOfKpi(const Config& config, std::string_view name);

// Things that name each other: `names[i]` are the indices that i names. The
// first circle found, as indices of which each names the next and the last the
// first; empty where there is none.
std::vector<size_t> FindCircle(const std::vector<std::vector<size_t>>& names);

// "a, b, a": a circle in words.
template <typename Items>
std::string CircleText(const std::vector<size_t>& circle, const Items& items) {
  std::string text;
  for (size_t index : circle) text += items[index].id + ", ";
  return text + items[circle.front()].id;
}

// An id of a section's item: there, and not the id of an earlier item.
template <typename Items>
std::string ReadId(const ObjectReader& reader, const Items& earlier) {
  std::optional<std::string> id = reader.RequiredText("id");
  if (!id.has_value()) return "";
  for (const auto& item : earlier) {
    if (item.id == *id) {
      reader.Error("id", Quoted(*id) + " is there twice");
      break;
    }
  }
  return *id;
}

}  // namespace cckpi

#endif  // CCKPI_IO_CONFIG_JSON_SECTIONS_H_
