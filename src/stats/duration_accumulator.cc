#include "cckpi/stats/duration_accumulator.h"

#include <utility>

#include "absl/status/status.h"
#include "src/stats/duration_reading.h"

namespace cckpi {
namespace {

using Extremes = DurationAccumulator::Extremes;

// No more than kMaxCount durations of 2^63: sums of sums stay far from
// overflow.
constexpr absl::int128 kMaxSum = absl::int128(1) << 114;

bool IsNone(const Extremes& extremes) { return extremes == Extremes(); }

bool IsValid(const Extremes& extremes) {
  return IsNone(extremes) ||
         (0 <= extremes.min && extremes.min <= extremes.max);
}

int64_t Saturated(absl::int128 value) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  return value > kMax ? kMax : static_cast<int64_t>(value);
}

}  // namespace

absl::StatusOr<DurationAccumulator> DurationAccumulator::FromParts(
    absl::int128 sum, Extremes added, Extremes retracted, Histogram histogram) {
  if (sum > kMaxSum || sum < -kMaxSum) {
    return absl::InvalidArgumentError("durations: sum out of range");
  }
  if (!IsValid(added) || !IsValid(retracted)) {
    return absl::InvalidArgumentError("durations: minimum above maximum");
  }
  if (histogram.total() > 0 && IsNone(added)) {
    return absl::InvalidArgumentError("durations: a count, but no extremes");
  }
  DurationAccumulator result;
  result.sum_ = sum;
  result.added_ = added;
  result.retracted_ = retracted;
  result.histogram_ = std::move(histogram);
  return result;
}

void DurationAccumulator::Add(int64_t value) {
  value = std::max<int64_t>(value, 0);
  sum_ += value;
  added_.Include({value, value});
  histogram_.Add(value);
}

void DurationAccumulator::Retract(int64_t value) {
  value = std::max<int64_t>(value, 0);
  sum_ -= value;
  retracted_.Include({value, value});
  histogram_.Add(value, -1);
}

void DurationAccumulator::Merge(const DurationAccumulator& other) {
  sum_ += other.sum_;
  added_.Include(other.added_);
  retracted_.Include(other.retracted_);
  histogram_.Merge(other.histogram_);
}

int64_t DurationAccumulator::Min() const {
  return DurationReading<const Histogram>{sum_, added_, retracted_, histogram_}
      .Min();
}

int64_t DurationAccumulator::Max() const {
  return DurationReading<const Histogram>{sum_, added_, retracted_, histogram_}
      .Max();
}

int64_t DurationAccumulator::Mean() const {
  if (count() <= 0 || sum_ < 0) return 0;
  const absl::int128 quotient = sum_ / count();
  const absl::int128 remainder = sum_ % count();
  return Saturated(quotient + (remainder >= count() - remainder ? 1 : 0));
}

int64_t DurationAccumulator::Quantile(int64_t numerator,
                                      int64_t denominator) const {
  return DurationReading<const Histogram>{sum_, added_, retracted_, histogram_}
      .Quantile(numerator, denominator);
}

int64_t DurationAccumulator::CountWithin(int64_t value) const {
  if (count() <= 0 || value < Min()) return 0;
  if (value >= Max()) return count();
  return histogram_.CountAtMost(value);
}

}  // namespace cckpi
