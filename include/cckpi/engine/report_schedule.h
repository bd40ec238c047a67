// The report schedule: which of the configured reports are due, and for which
// window.
//
// An entry of `reports` is about closed windows (hours, days, weeks, months of
// the configured zone). Each window's report is due once, at the first instant
// from its end on that has the local time `at`; without `at`, at its end:
//
//   | "every": "week", "at": "Mon 08:00" | the week that ended Monday 00:00
//   | "every": "month", "at": "1 07:30"  | the month that ended that night
//   | "every": "hour", "at": ":15"       | the hour, 15 minutes after its end
//
// A local time that the clocks skip moves one hour later, as far as they were
// moved; of one that they repeat it is the first. So no report is left out or
// due twice, however often the host ticks:
//
//   // At every tick; `last` is the instant of the one before.
//   void Tick(const Engine& engine, const Config& config, absl::Time last,
//             absl::Time now) {
//     absl::StatusOr<std::vector<DueReport>> reports =
//         DueReports(config, last, now);
//     for (const DueReport& due : *reports) {
//       const ReportSchedule& entry = config.reports[due.report];
//       absl::StatusOr<Report> report = engine.Ask(QueryOf(entry, due.window));
//       for (const std::string& who : entry.to) std::cout << who << "\n";
//     }
//   }
//
// The functions are pure: time comes in, nothing is remembered. Delivery is
// the host's.
//
// This file defines DueReport, DueReports, LatestReports, QueryOf and
// ScorecardsOf.

#ifndef CCKPI_ENGINE_REPORT_SCHEDULE_H_
#define CCKPI_ENGINE_REPORT_SCHEDULE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cckpi/calendar/window.h"
#include "cckpi/engine/engine.h"
#include "cckpi/engine/scoring.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/report.h"

namespace cckpi {

struct DueReport {
  size_t report = 0;  // into Config::reports
  int64_t due_us = 0;
  Window window;  // closed: window.end_us <= due_us
};

// A host that was away for years asks in parts.
inline constexpr size_t kMaxDueReports = 100'000;

// The reports due in (since, now], in the order of due time, then of the
// configuration. InvalidArgument when an instant is outside [1990, 2100) or
// the zone is unknown; ResourceExhausted for more than kMaxDueReports.
absl::StatusOr<std::vector<DueReport>> DueReports(const Config& config,
                                                  absl::Time since,
                                                  absl::Time now);

// For a host that does not know its last tick: of each entry the last report
// that is due by now. Order and errors as above.
absl::StatusOr<std::vector<DueReport>> LatestReports(const Config& config,
                                                     absl::Time now);

// What the entry's rows are: its KPIs by its groups (the total where it has
// none), in that window. An entry with scorecards and no KPIs has no rows: do
// not ask.
Query QueryOf(const ReportSchedule& entry, const Window& window);

// The entry's scorecards, of the windows that closed in (window.begin,
// window.end]. Empty where it names none. Errors as EvaluateScorecards.
absl::StatusOr<std::vector<ScorecardResult>> ScorecardsOf(
    const Engine& engine, const Config& config, const ReportSchedule& entry,
    const Window& window);

}  // namespace cckpi

#endif  // CCKPI_ENGINE_REPORT_SCHEDULE_H_
