// TimePattern: instants as foreign logs write them.
//
// A pattern is text with directives, as strptime has them, read without any
// locale: month and weekday names are English.
//
//   %Y year   %y two digits (69..99 are 19xx)   %m month   %d day   %e day
//   %H hour   %I hour of twelve   %p AM or PM   %M minute
//   %S second, with a fraction if there is one
//   %b %B month name, short or full   %a %A weekday name, passed over
//   %z offset: +0200, +02:00, +02 or Z   %F %Y-%m-%d   %T %H:%M:%S   %R %H:%M
//   %% a percent sign
//
// A blank in the pattern stands for any number of blanks, or none. Numbers
// may lack their leading zeros.

#ifndef CCKPI_IO_TIME_PATTERN_H_
#define CCKPI_IO_TIME_PATTERN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace cckpi {

class TimePattern {
 public:
  // InvalidArgument for an unknown directive or a pattern without a date.
  static absl::StatusOr<TimePattern> Create(std::string_view pattern);

  // `zone` is where texts without an offset belong. A local time that the
  // clock skips moves one hour later; one that it repeats is the first.
  // nullopt when the text does not fit, or names no day of the calendar.
  std::optional<int64_t> Parse(std::string_view text,
                               const absl::TimeZone& zone) const;

  const std::string& text() const { return pattern_; }

 private:
  explicit TimePattern(std::string pattern) : pattern_(std::move(pattern)) {}

  std::string pattern_;  // composite directives written out
};

// How a column writes its instants.
struct TimeFormat {
  enum class Kind : uint8_t {
    kStandard,  // RFC 3339 with an offset, or integer microseconds
    kUnixSeconds,
    kUnixMillis,
    kUnixMicros,
    kPattern,
  };

  Kind kind = Kind::kStandard;
  std::optional<TimePattern> pattern;
  absl::TimeZone zone = absl::UTCTimeZone();

  std::optional<int64_t> Parse(std::string_view text) const;
  // "unix_s", or the pattern: for messages.
  std::string name() const;
};

// "rfc3339", "unix_s", "unix_ms", "unix_us" or a pattern.
absl::StatusOr<TimeFormat> ParseTimeFormat(std::string_view text);

// An IANA name, "UTC", or a fixed offset like "+02:00".
absl::StatusOr<absl::TimeZone> ParseZone(std::string_view name);

}  // namespace cckpi

#endif  // CCKPI_IO_TIME_PATTERN_H_
