#include "cckpi/engine/report_schedule.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"
#include "cckpi/calendar/zone.h"

namespace cckpi {
namespace {

// The instant of a local time. Before a skip absl's `pre` reads the clock that
// was about to change, so 02:30 becomes 03:30; of a repeated time it is the
// first.
int64_t InstantOf(const absl::CivilSecond& local, const Zone& zone) {
  return FromTime(zone.time_zone().At(local).pre);
}

// The first instant from `end_us`, the end of a window, on that has the entry's
// local time.
int64_t DueOf(const ReportSchedule& entry, int64_t end_us, const Zone& zone) {
  if (!entry.due) return end_us;
  if (entry.every == Frequency::kHourly) {
    return end_us + entry.due->minute_of_day * kMinute;
  }
  const absl::CivilDay first(zone.time_zone().At(ToTime(end_us)).cs);
  // Every weekday comes within 7 days, every day of a month within 31; one
  // more round where the time of the first day is before the end.
  for (int ahead = 0; ahead <= 62; ++ahead) {
    const absl::CivilDay day = first + ahead;
    if (entry.every == Frequency::kWeekly &&
        static_cast<int>(absl::GetWeekday(day)) + 1 != entry.due->weekday) {
      continue;
    }
    if (entry.every == Frequency::kMonthly &&
        day.day() != entry.due->day_of_month) {
      continue;
    }
    const int64_t due_us =
        InstantOf(absl::CivilSecond(day) + entry.due->minute_of_day * 60, zone);
    if (due_us >= end_us) return due_us;
  }
  return end_us;
}

// How long after its window's end a report is due, at most, and with room for
// any change of clocks.
int64_t LongestDelay(Frequency every) {
  switch (every) {
    case Frequency::kHourly:
      return 2 * kHour;
    case Frequency::kDaily:
      return 3 * kDay;
    case Frequency::kWeekly:
      return 9 * kDay;
    default:
      return 34 * kDay;
  }
}

absl::Status CheckInstant(const char* name, absl::Time time) {
  if (time >= ToTime(kEarliestTime) && time < ToTime(kLatestTime)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat(name, ": outside 1990-01-01 to 2100-01-01"));
}

class DueWindows {
 public:
  DueWindows(const Config& config, Zone zone)
      : config_(config),
        zone_(std::move(zone)),
        week_start_(static_cast<absl::Weekday>((config.week_starts + 6) % 7)) {}

  // Those of one entry due in (since, now], in order.
  absl::Status Add(size_t index, int64_t since_us, int64_t now_us,
                   std::vector<DueReport>& due) const {
    const ReportSchedule& entry = config_.reports[index];
    const Frequency every = entry.every;
    if (every == Frequency::kBucket || every == Frequency::kAll) {
      return absl::InvalidArgumentError(
          absl::StrCat("reports[", index,
                       "].every: a report is of an hour, day, week or month"));
    }
    const int64_t from_us =
        std::max(kEarliestTime, since_us - LongestDelay(every));
    Window window = WindowContaining(from_us, every, zone_, week_start_);
    while (window.end_us <= now_us) {
      const int64_t due_us = DueOf(entry, window.end_us, zone_);
      if (due_us > since_us && due_us <= now_us) {
        due.push_back({index, due_us, window});
        if (due.size() > kMaxDueReports) {
          return absl::ResourceExhaustedError(
              absl::StrCat("reports: more than ", kMaxDueReports,
                           " are due; ask for a shorter time"));
        }
      }
      const Window next = NextWindow(window, every, zone_, week_start_);
      if (next.end_us <= window.end_us) break;
      window = next;
    }
    return absl::OkStatus();
  }

  static void Sort(std::vector<DueReport>& due) {
    std::sort(due.begin(), due.end(),
              [](const DueReport& a, const DueReport& b) {
                return std::tie(a.due_us, a.report, a.window.begin_us) <
                       std::tie(b.due_us, b.report, b.window.begin_us);
              });
  }

 private:
  const Config& config_;
  Zone zone_;
  absl::Weekday week_start_;
};

}  // namespace

absl::StatusOr<std::vector<DueReport>> DueReports(const Config& config,
                                                  absl::Time since,
                                                  absl::Time now) {
  CCKPI_RETURN_IF_ERROR(CheckInstant("since", since));
  CCKPI_RETURN_IF_ERROR(CheckInstant("now", now));
  CCKPI_ASSIGN_OR_RETURN(Zone zone, LoadZone(config.time_zone));
  const DueWindows windows(config, std::move(zone));
  std::vector<DueReport> due;
  for (size_t r = 0; r < config.reports.size(); ++r) {
    CCKPI_RETURN_IF_ERROR(windows.Add(r, FromTime(since), FromTime(now), due));
  }
  DueWindows::Sort(due);
  return due;
}

absl::StatusOr<std::vector<DueReport>> LatestReports(const Config& config,
                                                     absl::Time now) {
  CCKPI_RETURN_IF_ERROR(CheckInstant("now", now));
  CCKPI_ASSIGN_OR_RETURN(Zone zone, LoadZone(config.time_zone));
  const DueWindows windows(config, std::move(zone));
  std::vector<DueReport> latest;
  for (size_t r = 0; r < config.reports.size(); ++r) {
    // Two windows and a delay reach back to one that is due.
    const int64_t back_us = 2 * LongestDelay(config.reports[r].every);
    std::vector<DueReport> due;
    CCKPI_RETURN_IF_ERROR(
        windows.Add(r, FromTime(now) - back_us, FromTime(now), due));
    DueWindows::Sort(due);
    if (!due.empty()) latest.push_back(due.back());
  }
  DueWindows::Sort(latest);
  return latest;
}

Query QueryOf(const ReportSchedule& entry, const Window& window) {
  Query query;
  query.kpis = entry.kpis;
  query.names = Query::Names::kReferenced;
  query.by = entry.by;
  query.every = entry.every;
  query.begin_us = window.begin_us;
  query.end_us = window.end_us;
  return query;
}

absl::StatusOr<std::vector<ScorecardResult>> ScorecardsOf(
    const Engine& engine, const Config& config, const ReportSchedule& entry,
    const Window& window) {
  std::vector<ScorecardResult> results;
  if (entry.scorecards.empty()) return results;
  ScoringOptions options;
  options.scorecards = entry.scorecards;
  options.begin_us = window.begin_us;
  options.end_us = window.end_us;
  CCKPI_ASSIGN_OR_RETURN(results, EvaluateScorecards(engine, config, options));
  std::erase_if(results, [&](const ScorecardResult& result) {
    return result.end_us <= window.begin_us || result.end_us > window.end_us;
  });
  return results;
}

}  // namespace cckpi
