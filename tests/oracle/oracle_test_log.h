// Logs written by hand for the oracle's own tests: one interaction, a Monday.

#ifndef CCKPI_TESTS_ORACLE_ORACLE_TEST_LOG_H_
#define CCKPI_TESTS_ORACLE_ORACLE_TEST_LOG_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/event/event.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/config.h"
#include "oracle/oracle.h"

namespace cckpi::oracle {

// 2026-03-02T00:00:00Z, a Monday.
inline constexpr int64_t kMonday = 1'772'409'600 * kSecond;
inline constexpr int64_t kNow = kMonday + 20 * kHour;

// "09:05" of that Monday.
inline int64_t At(std::string_view time) {
  const int64_t hours = (time[0] - '0') * 10 + (time[1] - '0');
  const int64_t minutes = (time[3] - '0') * 10 + (time[4] - '0');
  return kMonday + hours * kHour + minutes * kMinute;
}

inline Event Of(EventKind kind, std::string_view time,
                std::string_view agent = {}) {
  Event event;
  event.kind = kind;
  event.at_us = At(time);
  event.interaction = "i";
  event.agent = agent;
  return event;
}
inline Event Customer(std::string_view time) {
  return Of(EventKind::kCustomerMessage, time);
}
inline Event Agent(std::string_view time, std::string_view agent = "ann") {
  return Of(EventKind::kAgentMessage, time, agent);
}
inline Event Bot(std::string_view time) {
  return Of(EventKind::kBotMessage, time);
}
inline Event Handoff(std::string_view time) {
  return Of(EventKind::kBotHandoff, time);
}
inline Event Queued(std::string_view time, std::string_view team) {
  Event event = Of(EventKind::kQueued, time);
  event.team = team;
  return event;
}
inline Event Assigned(std::string_view time, std::string_view agent) {
  return Of(EventKind::kAssigned, time, agent);
}
inline Event Resolved(std::string_view time, std::string_view agent = {}) {
  return Of(EventKind::kResolved, time, agent);
}
inline Event AutoClosed(std::string_view time) {
  return Of(EventKind::kAutoClosed, time);
}

using Log = std::vector<Event>;

inline std::vector<OracleRow> RowsOf(const KpiSpec& spec, const Log& log,
                                     Config config = {}, GroupBy by = {},
                                     int64_t now_us = kNow,
                                     Frequency every = Frequency::kAll) {
  config.kpis_given = true;
  config.kpis = {spec};
  Query query;
  query.by = by;
  query.every = every;
  return Oracle(config).Run(log, now_us, query).rows;
}

// The integer figures of the total that are not zero, by name.
using Figures = std::map<std::string, int64_t>;
inline Figures FiguresOf(const OracleRow& row) {
  Figures figures;
  for (const OracleFigure& figure : row.figures) {
    const std::optional<int64_t> value = row.Get(figure.name);
    if (value.has_value() && *value != 0) figures[figure.name] = *value;
  }
  return figures;
}
inline Figures TotalOf(const KpiSpec& spec, const Log& log,
                       const Config& config = {}, int64_t now_us = kNow) {
  const std::vector<OracleRow> rows = RowsOf(spec, log, config, {}, now_us);
  return rows.size() == 1 ? FiguresOf(rows[0]) : Figures();
}

// A duration KPI as "count values/open/void": "2: 60s 120s, open 1, void 0" is
// too much to read; this is {count, sum in minutes, open, void}.
struct Minutes {
  int64_t count = 0;
  int64_t sum = 0;
  int64_t open = 0;
  int64_t voided = 0;
  friend bool operator==(const Minutes&, const Minutes&) = default;
  friend void PrintTo(const Minutes& minutes, std::ostream* out) {
    *out << minutes.count << " of " << minutes.sum << " min, " << minutes.open
         << " open, " << minutes.voided << " void";
  }
};
inline Minutes MinutesOf(const KpiSpec& spec, const Log& log,
                         const Config& config = {}) {
  Figures figures = TotalOf(spec, log, config);
  return {figures["count"], figures["sum_us"] / kMinute, figures["open"],
          figures["void"]};
}

// A deadline KPI: {met, missed, pending, void}.
struct Level {
  int64_t met = 0;
  int64_t missed = 0;
  int64_t pending = 0;
  int64_t voided = 0;
  friend bool operator==(const Level&, const Level&) = default;
  friend void PrintTo(const Level& level, std::ostream* out) {
    *out << level.met << " met, " << level.missed << " missed, "
         << level.pending << " pending, " << level.voided << " void";
  }
};
inline Level LevelOf(const KpiSpec& spec, const Log& log,
                     const Config& config = {}, int64_t now_us = kNow) {
  Figures figures = TotalOf(spec, log, config, now_us);
  return {figures["met"], figures["missed"], figures["pending"],
          figures["void"]};
}

inline KpiSpec Spec(Kpi kpi) { return DefaultSpec(kpi); }
inline KpiSpec WithResponse(KpiSpec spec, Response response) {
  spec.response = response;
  return spec;
}
inline KpiSpec WithStage(KpiSpec spec, Stage stage) {
  spec.stage = stage;
  return spec;
}

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_ORACLE_TEST_LOG_H_
