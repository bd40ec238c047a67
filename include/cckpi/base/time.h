// Instants and spans as the library stores them: integer microseconds.
//
// An instant is microseconds since 1970-01-01T00:00:00Z; a span is
// microseconds. Both are int64_t and carry the suffix `_us`. Interfaces that
// hosts call also take absl::Time and absl::Duration. Intervals are half open.
//
// This file defines
//   * constants for spans, and kNoTime, "no instant";
//   * the accepted range of instants: [1990-01-01, 2100-01-01);
//   * the 15-minute bucket grid, aligned to UTC;
//   * conversions to and from absl::Time, RFC 3339 text and "15m" spans.

#ifndef CCKPI_BASE_TIME_H_
#define CCKPI_BASE_TIME_H_

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace cckpi {

inline constexpr int64_t kMicrosecond = 1;
inline constexpr int64_t kMillisecond = 1000;
inline constexpr int64_t kSecond = 1'000'000;
inline constexpr int64_t kMinute = 60 * kSecond;
inline constexpr int64_t kHour = 60 * kMinute;
inline constexpr int64_t kDay = 24 * kHour;
inline constexpr int64_t kWeek = 7 * kDay;

inline constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();

// Instants outside [kEarliestTime, kLatestTime) are refused: they are clock
// faults (an epoch zero, a far future), never customer service.
inline constexpr int64_t kEarliestTime = 631'152'000 * kSecond;  // 1990-01-01
inline constexpr int64_t kLatestTime = 4'102'444'800 * kSecond;  // 2100-01-01

// The base interval of every series: 15 minutes, aligned to UTC.
inline constexpr int64_t kBucketSpan = 15 * kMinute;

// The index of the bucket that holds `at_us`: floor(at_us / 15 min).
constexpr int32_t BucketOf(int64_t at_us) {
  int64_t index = at_us / kBucketSpan;
  return static_cast<int32_t>(index - (at_us % kBucketSpan < 0 ? 1 : 0));
}
constexpr int64_t BucketBegin(int32_t bucket) { return bucket * kBucketSpan; }

inline absl::Time ToTime(int64_t at_us) { return absl::FromUnixMicros(at_us); }
inline int64_t FromTime(absl::Time time) { return absl::ToUnixMicros(time); }

// "2026-03-09T00:00:00Z"; a fraction only when there is one.
std::string FormatTime(int64_t at_us);

// RFC 3339 with an offset ("2026-03-09T01:00:00+01:00", "…Z", fraction to the
// microsecond, further digits cut), or integer microseconds UTC as text.
// InvalidArgument otherwise; the range is not checked.
absl::StatusOr<int64_t> ParseTime(std::string_view text);

// A span as configuration writes it: a whole or decimal number and a unit of
// us, ms, s, m, h, d, w, also in sequence: "15m", "1h30m", "0.5h", "7d"; "0"
// needs no unit. Never negative. InvalidArgument otherwise.
absl::StatusOr<int64_t> ParseSpan(std::string_view text);

// The shortest text that ParseSpan reads back: "15m", "1h30m", "0s".
std::string FormatSpan(int64_t span_us);

}  // namespace cckpi

#endif  // CCKPI_BASE_TIME_H_
