// Report windows: quarters, hours, days, weeks and months of a time zone.
//
// Every series is kept in 15-minute buckets aligned to UTC; a report window is
// a run of whole buckets. The windows of one frequency tile the time axis, in
// every zone and across every clock change: each instant is in exactly one.
//
//   * A day begins at the first instant whose local time is midnight, or where
//     midnight was skipped, at the clock change that skipped it. So a day may
//     last 23, 23.5, 24.5 or 25 hours, and a date that a zone change skipped
//     (Pacific/Apia, 2011-12-30) has no window.
//   * A week begins at the day given (ISO weeks: Monday), a month at its first
//     day.
//   * An hour is 60 physical minutes beginning at a full local hour. A clock
//     change of whole hours leaves that grid alone: the repeated hour gives two
//     windows, the skipped one none. A change of half an hour (Lord Howe) moves
//     the grid, and the window beside the change is shorter.
//
// This file defines
//   * Window, a half-open interval of instants;
//   * Frequency and its names;
//   * WindowContaining and NextWindow;
//   * ParseWeekday.
//
//   Zone zone = *LoadZone("Europe/Madrid");
//   Window day = WindowContaining(now_us, Frequency::kDaily, zone);
//   Window tomorrow = NextWindow(day, Frequency::kDaily, zone);

#ifndef CCKPI_CALENDAR_WINDOW_H_
#define CCKPI_CALENDAR_WINDOW_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "cckpi/base/time.h"
#include "cckpi/calendar/zone.h"

namespace cckpi {

// The instants [begin_us, end_us).
struct Window {
  int64_t begin_us = 0;
  int64_t end_us = 0;

  constexpr bool Contains(int64_t at_us) const {
    return begin_us <= at_us && at_us < end_us;
  }
  constexpr int64_t span_us() const { return end_us - begin_us; }

  friend bool operator==(const Window&, const Window&) = default;
  friend auto operator<=>(const Window&, const Window&) = default;
};

enum class Frequency : uint8_t {
  kBucket = 0,  // 15 minutes
  kHourly = 1,
  kDaily = 2,
  kWeekly = 3,
  kMonthly = 4,
  kAll = 5,  // one window: [kEarliestTime, kLatestTime)
};

// "15m", "hour", "day", "week", "month", "all".
std::string_view FrequencyName(Frequency frequency);

// InvalidArgument, listing the names, for any other text.
absl::StatusOr<Frequency> ParseFrequency(std::string_view name);

// "monday" or "mon" and so on, in lower case. InvalidArgument otherwise.
absl::StatusOr<absl::Weekday> ParseWeekday(std::string_view name);

// The window of that frequency that holds `at_us`, an instant of
// [kEarliestTime, kLatestTime). Both edges are multiples of 15 minutes.
Window WindowContaining(int64_t at_us, Frequency frequency, const Zone& zone,
                        absl::Weekday week_start = absl::Weekday::monday);

// The window that begins where `window` ends. For kAll there is none: the
// result is empty, at kLatestTime.
Window NextWindow(const Window& window, Frequency frequency, const Zone& zone,
                  absl::Weekday week_start = absl::Weekday::monday);

}  // namespace cckpi

#endif  // CCKPI_CALENDAR_WINDOW_H_
