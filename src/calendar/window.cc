#include "cckpi/calendar/window.h"

#include <array>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace cckpi {
namespace {

constexpr std::array<std::string_view, 6> kFrequencyNames = {
    "15m", "hour", "day", "week", "month", "all"};

constexpr int64_t FloorTo(int64_t at_us, int64_t step) {
  const int64_t rest = at_us % step;
  return at_us - rest - (rest < 0 ? step : 0);
}

// The first civil day of the window that holds a civil day.
absl::CivilDay FirstDay(absl::CivilDay day, Frequency frequency,
                        absl::Weekday week_start) {
  switch (frequency) {
    case Frequency::kWeekly:
      return absl::PrevWeekday(day + 1, week_start);
    case Frequency::kMonthly:
      return absl::CivilDay(absl::CivilMonth(day));
    default:
      return day;
  }
}

absl::CivilDay NextFirstDay(absl::CivilDay first, Frequency frequency) {
  switch (frequency) {
    case Frequency::kWeekly:
      return first + 7;
    case Frequency::kMonthly:
      return absl::CivilDay(absl::CivilMonth(first) + 1);
    default:
      return first + 1;
  }
}

// The first instant of a civil day: the first occurrence of its midnight, or
// the clock change that skipped it. All of them since 1990 are multiples of 15
// minutes already; rounding down makes it a promise that also holds for rules
// yet to come.
int64_t BeginOfDay(absl::CivilDay day, const Zone& zone) {
  const absl::TimeZone::TimeInfo info =
      zone.time_zone().At(absl::CivilSecond(day));
  const absl::Time begin =
      info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
  return FloorTo(absl::ToUnixMicros(begin), kBucketSpan);
}

Window CivilWindow(int64_t at_us, Frequency frequency, const Zone& zone,
                   absl::Weekday week_start) {
  // Where a clock change takes local time back over midnight, the date of an
  // instant may be the one before the day that it is in, so the edges decide,
  // not the date: begin a day early and walk.
  absl::CivilDay first =
      FirstDay(absl::CivilDay(zone.Local(at_us)) - 1, frequency, week_start);
  Window window = {BeginOfDay(first, zone), 0};
  for (;;) {
    first = NextFirstDay(first, frequency);
    window.end_us = BeginOfDay(first, zone);
    if (at_us < window.end_us) return window;
    window.begin_us = window.end_us;
  }
}

// True if a local hour begins at an instant of the 15-minute grid, or a clock
// change there moves the grid of full hours.
bool BeginsHour(int64_t at_us, const Zone& zone) {
  const int64_t offset = zone.OffsetSeconds(at_us) * kSecond;
  const int64_t before = zone.OffsetSeconds(at_us - kBucketSpan) * kSecond;
  if ((offset - before) % kHour != 0) return true;
  return FloorTo(at_us + offset, kHour) !=
         FloorTo(at_us + offset - kBucketSpan, kHour);
}

Window HourWindow(int64_t at_us, const Zone& zone) {
  const int64_t utc_hour = FloorTo(at_us, kHour);
  if (zone.is_utc()) return {utc_hour, utc_hour + kHour};
  Window window = {FloorTo(at_us, kBucketSpan), 0};
  window.end_us = window.begin_us + kBucketSpan;
  while (!BeginsHour(window.begin_us, zone)) window.begin_us -= kBucketSpan;
  while (!BeginsHour(window.end_us, zone)) window.end_us += kBucketSpan;
  return window;
}

}  // namespace

std::string_view FrequencyName(Frequency frequency) {
  const size_t index = static_cast<size_t>(frequency);
  return index < kFrequencyNames.size() ? kFrequencyNames[index]
                                        : std::string_view();
}

absl::StatusOr<Frequency> ParseFrequency(std::string_view name) {
  for (size_t i = 0; i < kFrequencyNames.size(); ++i) {
    if (kFrequencyNames[i] == name) return static_cast<Frequency>(i);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", std::string(name),
                   "\" is not one of 15m, hour, day, week, month, all"));
}

absl::StatusOr<absl::Weekday> ParseWeekday(std::string_view name) {
  constexpr std::array<std::string_view, 7> kNames = {
      "monday", "tuesday",  "wednesday", "thursday",
      "friday", "saturday", "sunday"};
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i] || name == kNames[i].substr(0, 3)) {
      return static_cast<absl::Weekday>(i);
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", std::string(name), "\" is not a day of the week"));
}

Window WindowContaining(int64_t at_us, Frequency frequency, const Zone& zone,
                        absl::Weekday week_start) {
  switch (frequency) {
    case Frequency::kBucket: {
      const int64_t begin_us = FloorTo(at_us, kBucketSpan);
      return {begin_us, begin_us + kBucketSpan};
    }
    case Frequency::kHourly:
      return HourWindow(at_us, zone);
    case Frequency::kDaily:
    case Frequency::kWeekly:
    case Frequency::kMonthly:
      return CivilWindow(at_us, frequency, zone, week_start);
    case Frequency::kAll:
      break;
  }
  return {kEarliestTime, kLatestTime};
}

Window NextWindow(const Window& window, Frequency frequency, const Zone& zone,
                  absl::Weekday week_start) {
  if (frequency == Frequency::kAll) return {kLatestTime, kLatestTime};
  return WindowContaining(window.end_us, frequency, zone, week_start);
}

}  // namespace cckpi
