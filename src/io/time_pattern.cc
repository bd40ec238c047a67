#include "src/io/time_pattern.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "cckpi/base/time.h"
#include "cckpi/calendar/zone.h"
#include "src/base/text.h"

namespace cckpi {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays = {
    "monday", "tuesday",  "wednesday", "thursday",
    "friday", "saturday", "sunday"};
constexpr std::string_view kDirectives = "YymdeHIpMSbBaAz%";

constexpr char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// What a text says, before it is an instant.
struct Parts {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int64_t fraction_us = 0;
  std::optional<bool> afternoon;
  std::optional<int> offset_s;
};

// Reads a text from the front.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }

  void SkipBlanks() {
    while (!text_.empty() && IsBlank(text_[0])) text_.remove_prefix(1);
  }

  bool Take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  // One to `most` digits within [least, greatest].
  bool Number(size_t most, int least, int greatest, int* value) {
    size_t length = 0;
    int number = 0;
    while (length < most && length < text_.size() && IsDigit(text_[length])) {
      number = number * 10 + (text_[length++] - '0');
    }
    if (length == 0 || number < least || number > greatest) return false;
    text_.remove_prefix(length);
    *value = number;
    return true;
  }

  // A fraction of a second, cut after the microsecond; none is none.
  void Fraction(int64_t* fraction_us) {
    if (text_.size() < 2 || (text_[0] != '.' && text_[0] != ',') ||
        !IsDigit(text_[1])) {
      return;
    }
    text_.remove_prefix(1);
    for (int64_t unit = kSecond / 10; !text_.empty() && IsDigit(text_[0]);
         unit /= 10) {
      *fraction_us += unit * (text_[0] - '0');
      text_.remove_prefix(1);
    }
  }

  // One of the names, in full or by its first three letters.
  template <size_t N>
  bool Name(const std::array<std::string_view, N>& names, int* index) {
    for (size_t i = 0; i < N; ++i) {
      for (std::string_view name : {names[i], names[i].substr(0, 3)}) {
        if (!StartsWithName(name)) continue;
        text_.remove_prefix(name.size());
        *index = static_cast<int>(i);
        return true;
      }
    }
    return false;
  }

  bool Offset(std::optional<int>* offset_s) {
    if (Take('Z') || Take('z')) {
      *offset_s = 0;
      return true;
    }
    int sign = text_.starts_with('-') ? -1 : 1;
    if (!Take('+') && !Take('-')) return false;
    int hours = 0;
    int minutes = 0;
    if (!Number(2, 0, 23, &hours)) return false;
    bool colon = Take(':');
    if (colon || (!text_.empty() && IsDigit(text_[0]))) {
      if (!Number(2, 0, 59, &minutes)) return false;
    }
    *offset_s = sign * (hours * 3600 + minutes * 60);
    return true;
  }

 private:
  bool StartsWithName(std::string_view name) const {
    return text_.size() >= name.size() &&
           std::equal(name.begin(), name.end(), text_.begin(),
                      [](char a, char b) { return a == Lower(b); });
  }

  std::string_view text_;
};

bool ReadDirective(char directive, Cursor* cursor, Parts* parts) {
  int index = 0;
  switch (directive) {
    case 'Y':
      return cursor->Number(4, 0, 9999, &parts->year);
    case 'y':
      if (!cursor->Number(2, 0, 99, &parts->year)) return false;
      parts->year += parts->year < 69 ? 2000 : 1900;
      return true;
    case 'm':
      return cursor->Number(2, 1, 12, &parts->month);
    case 'e':
      cursor->SkipBlanks();
      [[fallthrough]];
    case 'd':
      return cursor->Number(2, 1, 31, &parts->day);
    case 'H':
      return cursor->Number(2, 0, 23, &parts->hour);
    case 'I':
      return cursor->Number(2, 1, 12, &parts->hour);
    case 'M':
      return cursor->Number(2, 0, 59, &parts->minute);
    case 'S':
      // 60 is a leap second, which is the next minute's first.
      if (!cursor->Number(2, 0, 60, &parts->second)) return false;
      cursor->Fraction(&parts->fraction_us);
      return true;
    case 'p': {
      bool afternoon = cursor->Take('P') || cursor->Take('p');
      if (!afternoon && !cursor->Take('A') && !cursor->Take('a')) return false;
      parts->afternoon = afternoon;
      cursor->Take('.');
      if (!cursor->Take('M') && !cursor->Take('m')) return false;
      cursor->Take('.');
      return true;
    }
    case 'b':
    case 'B':
      if (!cursor->Name(kMonths, &index)) return false;
      parts->month = index + 1;
      return true;
    case 'a':
    case 'A':
      return cursor->Name(kWeekdays, &index);
    case 'z':
      return cursor->Offset(&parts->offset_s);
    default:
      return cursor->Take('%');
  }
}

std::optional<int64_t> ToInstant(Parts parts, const absl::TimeZone& zone) {
  if (parts.afternoon.has_value()) {
    if (parts.hour > 12) return std::nullopt;
    parts.hour = parts.hour % 12 + (*parts.afternoon ? 12 : 0);
  }
  absl::CivilDay day(parts.year, parts.month, parts.day);
  // A civil day puts 31 April right to 1 May; a log that says so is wrong.
  if (day.month() != parts.month || day.day() != parts.day) {
    return std::nullopt;
  }
  absl::CivilSecond local(parts.year, parts.month, parts.day, parts.hour,
                          parts.minute, parts.second);
  absl::Time time;
  if (parts.offset_s.has_value()) {
    time = absl::FromCivil(local, absl::UTCTimeZone()) -
           absl::Seconds(*parts.offset_s);
  } else {
    // The offset before the change serves both kinds of doubtful local time:
    // a skipped one lands an hour later, a repeated one on its first.
    time = zone.At(local).pre;
  }
  return FromTime(time) + parts.fraction_us;
}

// A decimal number of `unit_us`, cut after the microsecond.
std::optional<int64_t> ParseUnix(std::string_view text, int64_t unit_us) {
  size_t point = std::min(text.find('.'), text.size());
  std::string_view whole = text.substr(0, point);
  int64_t units = 0;
  auto [end, error] =
      std::from_chars(whole.data(), whole.data() + whole.size(), units);
  if (error != std::errc() || end != whole.data() + whole.size() || units < 0 ||
      units > kLatestTime / unit_us) {
    return std::nullopt;
  }
  int64_t at_us = units * unit_us;
  if (point == text.size()) return at_us;
  if (point + 1 == text.size()) return std::nullopt;
  for (char digit : text.substr(point + 1)) {
    if (!IsDigit(digit)) return std::nullopt;
    unit_us /= 10;
    at_us += unit_us * (digit - '0');
  }
  return at_us;
}

}  // namespace

absl::StatusOr<TimePattern> TimePattern::Create(std::string_view pattern) {
  std::string plain;
  bool year = false;
  bool month = false;
  bool day = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      plain += pattern[i];
      continue;
    }
    char directive = ++i < pattern.size() ? pattern[i] : '\0';
    std::string_view expansion;
    if (directive == 'F') expansion = "%Y-%m-%d";
    if (directive == 'T') expansion = "%H:%M:%S";
    if (directive == 'R') expansion = "%H:%M";
    if (expansion.empty()) {
      if (directive == '\0' ||
          kDirectives.find(directive) == kDirectives.npos) {
        return absl::InvalidArgumentError(absl::StrCat(
            "\"%", std::string(directive == '\0' ? 0 : 1, directive),
            "\" is no directive"));
      }
      plain += '%';
      plain += directive;
    } else {
      plain += expansion;
    }
    year |= directive == 'Y' || directive == 'y' || directive == 'F';
    month |= directive == 'm' || directive == 'b' || directive == 'B' ||
             directive == 'F';
    day |= directive == 'd' || directive == 'e' || directive == 'F';
  }
  if (!year || !month || !day) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", std::string(pattern), "\" must name year, month and day"));
  }
  return TimePattern(std::move(plain));
}

std::optional<int64_t> TimePattern::Parse(std::string_view text,
                                          const absl::TimeZone& zone) const {
  Cursor cursor(text);
  Parts parts;
  for (size_t i = 0; i < pattern_.size(); ++i) {
    char c = pattern_[i];
    if (c == '%') {
      if (!ReadDirective(pattern_[++i], &cursor, &parts)) return std::nullopt;
    } else if (IsBlank(c)) {
      cursor.SkipBlanks();
    } else if (!cursor.Take(c)) {
      return std::nullopt;
    }
  }
  cursor.SkipBlanks();
  if (!cursor.done()) return std::nullopt;
  return ToInstant(parts, zone);
}

std::optional<int64_t> TimeFormat::Parse(std::string_view text) const {
  switch (kind) {
    case Kind::kStandard: {
      absl::StatusOr<int64_t> at_us = ParseTime(text);
      if (!at_us.ok()) return std::nullopt;
      return *at_us;
    }
    case Kind::kUnixSeconds:
      return ParseUnix(text, kSecond);
    case Kind::kUnixMillis:
      return ParseUnix(text, kMillisecond);
    case Kind::kUnixMicros:
      return ParseUnix(text, kMicrosecond);
    case Kind::kPattern:
      return pattern->Parse(text, zone);
  }
  return std::nullopt;
}

std::string TimeFormat::name() const {
  switch (kind) {
    case Kind::kStandard:
      return "RFC 3339 with an offset, nor integer microseconds";
    case Kind::kUnixSeconds:
      return "unix_s";
    case Kind::kUnixMillis:
      return "unix_ms";
    case Kind::kUnixMicros:
      return "unix_us";
    case Kind::kPattern:
      return pattern->text();
  }
  return "";
}

absl::StatusOr<TimeFormat> ParseTimeFormat(std::string_view text) {
  TimeFormat format;
  if (text == "rfc3339") return format;
  if (text == "unix_s") {
    format.kind = TimeFormat::Kind::kUnixSeconds;
  } else if (text == "unix_ms") {
    format.kind = TimeFormat::Kind::kUnixMillis;
  } else if (text == "unix_us") {
    format.kind = TimeFormat::Kind::kUnixMicros;
  } else if (text.find('%') != text.npos) {
    absl::StatusOr<TimePattern> pattern = TimePattern::Create(text);
    if (!pattern.ok()) return pattern.status();
    format.kind = TimeFormat::Kind::kPattern;
    format.pattern = *std::move(pattern);
  } else {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", std::string(text),
        "\" is not rfc3339, unix_s, unix_ms, unix_us or a pattern"));
  }
  return format;
}

absl::StatusOr<absl::TimeZone> ParseZone(std::string_view name) {
  if (name == "UTC" || name == "Z") return absl::UTCTimeZone();
  if (name.starts_with('+') || name.starts_with('-')) {
    std::optional<int> offset_s;
    Cursor cursor(name);
    if (cursor.Offset(&offset_s) && cursor.done()) {
      return absl::FixedTimeZone(*offset_s);
    }
  }
  absl::StatusOr<Zone> zone = LoadZone(name);
  if (!zone.ok()) return zone.status();
  return zone->time_zone();
}

}  // namespace cckpi
