#include "cckpi/base/time.h"

#include <array>
#include <cstddef>
#include <cstdio>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "src/base/text.h"

namespace cckpi {
namespace {

constexpr int64_t kMaxInt64 = std::numeric_limits<int64_t>::max();

constexpr bool IsLeapYear(int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

constexpr int DaysInMonth(int64_t year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30,
                                         31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeapYear(year) ? 29 : kDays[month - 1];
}

// Days of the proleptic Gregorian calendar before March 1 of a year, from
// 0000-03-01 on. Counting years from March puts the leap day at the end, so
// that the months' lengths are a formula.
constexpr int64_t kDaysPerEra = 146'097;           // 400 years
constexpr int64_t kDaysBeforeUnixEpoch = 719'468;  // 0000-03-01 to 1970-01-01

constexpr int64_t DaysFromCivil(int64_t year, int month, int day) {
  if (month <= 2) --year;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t month_from_march = month > 2 ? month - 3 : month + 9;
  const int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
  const int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysPerEra + day_of_era - kDaysBeforeUnixEpoch;
}

struct Civil {
  int64_t year;
  int month;
  int day;
};

constexpr Civil CivilFromDays(int64_t days) {
  days += kDaysBeforeUnixEpoch;
  const int64_t era =
      (days >= 0 ? days : days - (kDaysPerEra - 1)) / kDaysPerEra;
  const int64_t day_of_era = days - era * kDaysPerEra;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 +
                               day_of_era / 36'524 - day_of_era / 146'096) /
                              365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int day =
      static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const int month = static_cast<int>(
      month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

static_assert(DaysFromCivil(1970, 1, 1) == 0);
static_assert(DaysFromCivil(2000, 2, 29) == 11'016);
static_assert(CivilFromDays(11'016).day == 29);

absl::Status BadTime(std::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", std::string(text), "\" is not a time (RFC 3339 with an offset)"));
}

absl::Status BadSpan(std::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", std::string(text), "\" is not a span (like 15m, 1h30m, 7d)"));
}

// Two digits, or a value above 99 if they are not.
constexpr unsigned TwoDigits(const char* p) {
  const unsigned tens = static_cast<unsigned char>(p[0]) - unsigned{'0'};
  const unsigned ones = static_cast<unsigned char>(p[1]) - unsigned{'0'};
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

// Reads "Z" or "+01:00" at the end of the text into seconds east of UTC.
bool ParseOffset(std::string_view text, int64_t& seconds) {
  if (text.size() == 1) {
    seconds = 0;
    return text[0] == 'Z' || text[0] == 'z';
  }
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') ||
      text[3] != ':') {
    return false;
  }
  const unsigned hours = TwoDigits(text.data() + 1);
  const unsigned minutes = TwoDigits(text.data() + 4);
  if (hours > 23 || minutes > 59) return false;
  seconds = int64_t{hours} * 3600 + int64_t{minutes} * 60;
  if (text[0] == '-') seconds = -seconds;
  return true;
}

// The form "2026-03-09T01:00:00.250+01:00".
bool ParseRfc3339(std::string_view text, int64_t& at_us) {
  if (text.size() < 20) return false;
  const char* p = text.data();
  const unsigned century = TwoDigits(p);
  const unsigned year_of_century = TwoDigits(p + 2);
  const unsigned month = TwoDigits(p + 5);
  const unsigned day = TwoDigits(p + 8);
  const unsigned hour = TwoDigits(p + 11);
  const unsigned minute = TwoDigits(p + 14);
  const unsigned second = TwoDigits(p + 17);
  if (p[4] != '-' || p[7] != '-' || p[13] != ':' || p[16] != ':') return false;
  if (p[10] != 'T' && p[10] != 't' && p[10] != ' ') return false;
  if (century > 99 || year_of_century > 99 || month < 1 || month > 12 ||
      day < 1 || hour > 23 || minute > 59 || second > 60) {
    return false;
  }
  const int64_t year = int64_t{century} * 100 + year_of_century;
  const int month_number = static_cast<int>(month);
  const int day_number = static_cast<int>(day);
  if (day_number > DaysInMonth(year, month_number)) return false;

  size_t next = 19;
  int64_t fraction_us = 0;
  if (p[next] == '.') {
    const size_t first = ++next;
    int64_t unit = kSecond / 10;
    for (; next < text.size() && IsDigit(p[next]); ++next) {
      fraction_us += (p[next] - '0') * unit;
      unit /= 10;
    }
    if (next == first) return false;
  }
  int64_t offset_s = 0;
  if (!ParseOffset(text.substr(next), offset_s)) return false;

  const int64_t seconds =
      DaysFromCivil(year, month_number, day_number) * (kDay / kSecond) +
      int64_t{hour} * 3600 + int64_t{minute} * 60 + second - offset_s;
  // A leap second exists only as the last of a UTC day; it is the instant at
  // which the next day begins.
  if (second == 60 && seconds % (kDay / kSecond) != 0) return false;
  at_us = seconds * kSecond + fraction_us;
  return true;
}

// Optional minus and digits, within the range of int64_t.
bool ParseInteger(std::string_view text, int64_t& value) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 19) return false;
  uint64_t magnitude = 0;  // 19 digits always fit
  for (const char c : text) {
    if (!IsDigit(c)) return false;
    magnitude = magnitude * 10 + static_cast<uint64_t>(c - '0');
  }
  if (magnitude > static_cast<uint64_t>(kMaxInt64)) return false;
  value = static_cast<int64_t>(magnitude);
  if (negative) value = -value;
  return true;
}

struct SpanUnit {
  std::string_view name;
  int64_t span_us;
};

// Longest first, as FormatSpan takes them.
constexpr std::array<SpanUnit, 7> kUnits = {{{"w", kWeek},
                                             {"d", kDay},
                                             {"h", kHour},
                                             {"m", kMinute},
                                             {"s", kSecond},
                                             {"ms", kMillisecond},
                                             {"us", kMicrosecond}}};

const SpanUnit* FindUnit(std::string_view name) {
  for (const SpanUnit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

// Adds digits[.digits] times `unit_us` to `span_us`, cut to the microsecond.
bool AddTerm(std::string_view whole, std::string_view fraction, int64_t unit_us,
             int64_t& span_us) {
  int64_t value = 0;
  for (const char c : whole) {
    const int digit = c - '0';
    if (value > (kMaxInt64 - digit) / 10) return false;
    value = value * 10 + digit;
  }
  if (value > (kMaxInt64 - span_us) / unit_us) return false;
  span_us += value * unit_us;
  // 18 digits are exact in 128 bits and far below a microsecond of any unit.
  constexpr size_t kMaxDigits = 18;
  absl::int128 numerator = 0;
  absl::int128 denominator = 1;
  for (size_t i = 0; i < fraction.size() && i < kMaxDigits; ++i) {
    numerator = numerator * 10 + (fraction[i] - '0');
    denominator *= 10;
  }
  const int64_t part = static_cast<int64_t>(numerator * unit_us / denominator);
  if (part > kMaxInt64 - span_us) return false;
  span_us += part;
  return true;
}

}  // namespace

std::string FormatTime(int64_t at_us) {
  int64_t days = at_us / kDay;
  int64_t rest = at_us % kDay;
  if (rest < 0) {
    --days;
    rest += kDay;
  }
  const Civil civil = CivilFromDays(days);
  const int64_t fraction = rest % kSecond;
  std::array<char, 48> buffer;
  int length = std::snprintf(
      buffer.data(), buffer.size(), "%04lld-%02d-%02dT%02d:%02d:%02d",
      static_cast<long long>(civil.year), civil.month, civil.day,
      static_cast<int>(rest / kHour), static_cast<int>(rest % kHour / kMinute),
      static_cast<int>(rest % kMinute / kSecond));
  std::string text(buffer.data(), static_cast<size_t>(length));
  if (fraction != 0) {
    length = std::snprintf(buffer.data(), buffer.size(), ".%06d",
                           static_cast<int>(fraction));
    text.append(buffer.data(), static_cast<size_t>(length));
    text.erase(text.find_last_not_of('0') + 1);
  }
  text.push_back('Z');
  return text;
}

absl::StatusOr<int64_t> ParseTime(std::string_view text) {
  int64_t at_us = 0;
  if (ParseRfc3339(text, at_us) || ParseInteger(text, at_us)) return at_us;
  return BadTime(text);
}

absl::StatusOr<int64_t> ParseSpan(std::string_view text) {
  if (text == "0") return 0;
  if (text.empty()) return BadSpan(text);
  int64_t span_us = 0;
  int64_t previous_unit = kMaxInt64;
  size_t next = 0;
  const auto take_while = [&](auto predicate) {
    const size_t begin = next;
    while (next < text.size() && predicate(text[next])) ++next;
    return text.substr(begin, next - begin);
  };
  while (next < text.size()) {
    const std::string_view whole = take_while(IsDigit);
    std::string_view fraction;
    if (next < text.size() && text[next] == '.') {
      ++next;
      fraction = take_while(IsDigit);
      if (fraction.empty()) return BadSpan(text);
    }
    const SpanUnit* unit =
        FindUnit(take_while([](char c) { return 'a' <= c && c <= 'z'; }));
    // From the longest unit to the shortest, each once: "30m1h" and "5m5m" are
    // slips of the pen.
    if (whole.empty() || unit == nullptr || unit->span_us >= previous_unit ||
        !AddTerm(whole, fraction, unit->span_us, span_us)) {
      return BadSpan(text);
    }
    previous_unit = unit->span_us;
  }
  return span_us;
}

std::string FormatSpan(int64_t span_us) {
  if (span_us == 0) return "0s";
  std::string text;
  uint64_t rest = static_cast<uint64_t>(span_us);
  if (span_us < 0) {
    text = "-";
    rest = 0 - rest;
  }
  for (const SpanUnit& unit : kUnits) {
    if (unit.span_us == kWeek) continue;  // "14d" reads better than "2w"
    const uint64_t span = static_cast<uint64_t>(unit.span_us);
    if (rest >= span) {
      absl::StrAppend(&text, rest / span, std::string(unit.name));
      rest %= span;
    }
  }
  return text;
}

}  // namespace cckpi
