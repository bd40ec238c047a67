// Opening hours, and the business clock that runs only inside them.
//
// A calendar says when a team is open in local wall time: any number of
// intervals per weekday, holidays, other hours on given dates, breaks. From it
// comes a set of open intervals of physical time, and the business clock: the
// part of a span that lies inside them.
//
// From wall time to physical time
//   * Intervals are half open. One whose end is not after its begin runs past
//     midnight into the next date; "24:00" is the end of the day.
//   * A date's intervals come from `exceptions` if the date is there (also an
//     empty list: closed), else none if it is a holiday, else from its weekday.
//     An interval belongs to the date it begins on: a holiday does not cut the
//     tail of the night before. `breaks` are cut out last, whoever the time
//     belongs to.
//   * A local time that a clock change skips moves one hour later (again, until
//     it exists); one that occurs twice is its first occurrence; for begins and
//     ends alike, so that adjacent intervals tile. An interval that this leaves
//     without extent has no open time.
//   * A date that a zone change skipped has no open time: all of its local
//     times are the instant of the change.
//   * Time inside an open interval that spans a clock change is physical time.
//   * Overlapping and touching intervals are one.
//
// Deadlines
//   Deadline(start, span) is the LAST instant t with Elapsed(start, t) <= span.
//   A span used up exactly at closing is due at the next opening, so "elapsed
//   at most span" and "not after the deadline" are the same statement.
//
// The supported range is [kEarliestTime, kLatestTime); outside of it there is
// no open time.
//
// This file defines
//   * LocalInterval and CalendarSpec, the configuration, with parsers;
//   * OpeningHours, the compiled calendar;
//   * kNever.
//
//   CalendarSpec spec;
//   spec.time_zone = "Europe/Madrid";
//   for (int day = 0; day < 5; ++day) {  // Monday to Friday
//     spec.weekly[day] = {*ParseLocalInterval("09:00", "18:00")};
//   }
//   absl::StatusOr<OpeningHours> hours = OpeningHours::Create(spec);
//   int64_t open_us = hours->Elapsed(from_us, to_us);
//   int64_t due_us = hours->Deadline(from_us, 15 * kMinute);

#ifndef CCKPI_CALENDAR_OPENING_HOURS_H_
#define CCKPI_CALENDAR_OPENING_HOURS_H_

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"

namespace cckpi {

// "No such instant" of a question about the future; later than every instant.
inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// Local wall time in seconds from midnight: begin in [0, 86400), end in
// [0, 86400]. An end that is not after the begin is on the next date.
struct LocalInterval {
  int32_t begin_s = 0;
  int32_t end_s = 0;

  friend bool operator==(const LocalInterval&, const LocalInterval&) = default;
};

// From "09:00" and "18:00" ("HH:MM" or "HH:MM:SS"; the end may be "24:00").
// InvalidArgument `"25:00" is not a time of day` otherwise.
absl::StatusOr<LocalInterval> ParseLocalInterval(std::string_view begin,
                                                 std::string_view end);

// "2026-12-25". InvalidArgument `"2026-02-30" is not a date` otherwise, also
// for dates outside the years 1990 to 2099.
absl::StatusOr<absl::CivilDay> ParseCivilDay(std::string_view text);

// "mon" ... "sun" for 0 ... 6.
std::string_view WeekdayKey(int day);

struct CalendarSpec {
  std::string time_zone = "UTC";
  std::array<std::vector<LocalInterval>, 7> weekly;  // 0 is Monday
  std::set<absl::CivilDay> holidays;
  std::map<absl::CivilDay, std::vector<LocalInterval>> exceptions;
  std::map<absl::CivilDay, std::vector<LocalInterval>> breaks;
};

// A compiled calendar. A cheap value: copies share what was computed. All
// queries are const and may be called concurrently. The open intervals of
// about a year are computed when first asked for and then kept, so a query
// costs some ten nanoseconds, and the first in a year some hundred
// microseconds.
class OpeningHours {
 public:
  // Open at every instant of the supported range.
  OpeningHours();

  // InvalidArgument, naming the place: `weekly.mon[0]: ...`,
  // `time_zone: unknown time zone "X"`.
  static absl::StatusOr<OpeningHours> Create(const CalendarSpec& spec);

  const Zone& zone() const;

  // The open time of [from_us, to_us). A span that ends before it begins has
  // none: callers that cannot rule it out use CheckedElapsed.
  int64_t Elapsed(int64_t from_us, int64_t to_us) const;

  // The same; InvalidArgument if to_us < from_us.
  absl::StatusOr<int64_t> CheckedElapsed(int64_t from_us, int64_t to_us) const;

  // The last instant t with Elapsed(start_us, t) <= span_us; kNever if the span
  // is not used up within the supported range. A negative span counts as 0.
  int64_t Deadline(int64_t start_us, int64_t span_us) const;

  // The mirror image: the first instant t with Elapsed(t, end_us) <= span_us;
  // kNoTime if the span is not used up within the supported range.
  int64_t EarliestStart(int64_t end_us, int64_t span_us) const;

  // from_us plus an amount of open time: Deadline for zero and more,
  // EarliestStart for a negative amount.
  int64_t Add(int64_t from_us, int64_t span_us) const;

  bool IsOpen(int64_t at_us) const;

  // The first open instant at or after `at_us`, or kNever.
  int64_t NextOpenOrSelf(int64_t at_us) const;

  // The first begin of an open interval after `at_us`, or kNever.
  int64_t NextOpening(int64_t at_us) const;

  // The first end of an open interval after `at_us`, or kNever: also for an
  // interval that goes on to the end of the supported range.
  int64_t NextClose(int64_t at_us) const;

  // The last instant at or before `at_us` with open time just before it, or
  // kNoTime: `at_us` itself inside an interval or at its end, else the last
  // closing.
  int64_t PrevCloseOrSelf(int64_t at_us) const;

  // Up to `count` open intervals after `at_us` in order, the first one cut to
  // begin at `at_us`.
  std::vector<Window> WindowsAfter(int64_t at_us, int count) const;

  // Up to `count` open intervals before `at_us`, latest first, the first one
  // cut to end at `at_us`.
  std::vector<Window> WindowsBefore(int64_t at_us, int count) const;

 private:
  class Timeline;
  explicit OpeningHours(std::shared_ptr<const Timeline> timeline);

  std::shared_ptr<const Timeline> timeline_;
};

}  // namespace cckpi

#endif  // CCKPI_CALENDAR_OPENING_HOURS_H_
