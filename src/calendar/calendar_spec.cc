#include "src/calendar/calendar_spec.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/calendar/opening_hours.h"

namespace cckpi {
namespace {

constexpr std::array<std::string_view, 7> kWeekdayKeys = {
    "mon", "tue", "wed", "thu", "fri", "sat", "sun"};

// The number that `digits` are, all of them decimal digits.
std::optional<int> ParseDigits(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// "HH:MM" or "HH:MM:SS" in seconds; 24:00 is allowed.
std::optional<int32_t> ParseTimeOfDay(std::string_view text) {
  if (text.size() != 5 && text.size() != 8) return std::nullopt;
  int32_t parts[3] = {0, 0, 0};
  for (size_t i = 0; i * 3 < text.size(); ++i) {
    if (i > 0 && text[i * 3 - 1] != ':') return std::nullopt;
    const std::optional<int> part = ParseDigits(text.substr(i * 3, 2));
    if (!part.has_value() || *part > (i == 0 ? 24 : 59)) return std::nullopt;
    parts[i] = *part;
  }
  const int32_t seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
  if (seconds > kDaySeconds) return std::nullopt;
  return seconds;
}

absl::Status NotATimeOfDay(std::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", std::string(text), "\" is not a time of day"));
}

absl::Status Validate(const std::vector<LocalInterval>& intervals,
                      const std::string& place) {
  for (size_t i = 0; i < intervals.size(); ++i) {
    const LocalInterval& interval = intervals[i];
    if (interval.begin_s < 0 || interval.begin_s >= kDaySeconds) {
      return absl::InvalidArgumentError(
          absl::StrCat(place, "[", i, "]: begin must be 0..86399 seconds, is ",
                       interval.begin_s));
    }
    if (interval.end_s < 0 || interval.end_s > kDaySeconds) {
      return absl::InvalidArgumentError(
          absl::StrCat(place, "[", i, "]: end must be 0..86400 seconds, is ",
                       interval.end_s));
    }
  }
  return absl::OkStatus();
}

absl::Status Validate(
    const std::map<absl::CivilDay, std::vector<LocalInterval>>& dates,
    const std::string& place) {
  for (const auto& [date, intervals] : dates) {
    CCKPI_RETURN_IF_ERROR(Validate(
        intervals, absl::StrCat(place, ".", absl::FormatCivilTime(date))));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LocalInterval> ParseLocalInterval(std::string_view begin,
                                                 std::string_view end) {
  const std::optional<int32_t> begin_s = ParseTimeOfDay(begin);
  if (!begin_s.has_value() || *begin_s == kDaySeconds) {
    return NotATimeOfDay(begin);
  }
  const std::optional<int32_t> end_s = ParseTimeOfDay(end);
  if (!end_s.has_value()) return NotATimeOfDay(end);
  return LocalInterval{.begin_s = *begin_s, .end_s = *end_s};
}

absl::StatusOr<absl::CivilDay> ParseCivilDay(std::string_view text) {
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const std::optional<int> year = ParseDigits(text.substr(0, 4));
    const std::optional<int> month = ParseDigits(text.substr(5, 2));
    const std::optional<int> day = ParseDigits(text.substr(8, 2));
    if (year.has_value() && month.has_value() && day.has_value() &&
        1990 <= *year && *year < 2100) {
      // The constructor turns February 30 into March 2.
      const absl::CivilDay date(*year, *month, *day);
      if (date.month() == *month && date.day() == *day) return date;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", std::string(text), "\" is not a date"));
}

std::string_view WeekdayKey(int day) {
  return 0 <= day && day < 7 ? kWeekdayKeys[static_cast<size_t>(day)]
                             : std::string_view();
}

absl::Status ValidateIntervals(const CalendarSpec& spec) {
  for (int day = 0; day < 7; ++day) {
    CCKPI_RETURN_IF_ERROR(
        Validate(spec.weekly[static_cast<size_t>(day)],
                 absl::StrCat("weekly.", std::string(WeekdayKey(day)))));
  }
  CCKPI_RETURN_IF_ERROR(Validate(spec.exceptions, "exceptions"));
  return Validate(spec.breaks, "breaks");
}

}  // namespace cckpi
