// What is read off a sum of durations, extremes and bins, wherever they are.
//
// `Bins` has total(), LowestBin(), HighestBin() and Quantile(numerator,
// denominator), as Histogram.

#ifndef CCKPI_SRC_STATS_DURATION_READING_H_
#define CCKPI_SRC_STATS_DURATION_READING_H_

#include <algorithm>
#include <cstdint>

#include "absl/numeric/int128.h"
#include "cckpi/stats/duration_accumulator.h"
#include "cckpi/stats/histogram.h"

namespace cckpi {

template <typename Bins>
struct DurationReading {
  const absl::int128& sum;
  const DurationAccumulator::Extremes& added;
  const DurationAccumulator::Extremes& retracted;
  Bins& bins;

  int64_t Min() const {
    if (bins.total() <= 0) return 0;
    if (bins.total() == 1) return static_cast<int64_t>(sum);
    if (added.min != retracted.min) return added.min;
    // The smallest one was retracted (at least once). The true minimum is in
    // the lowest bin and within what was added.
    return std::clamp(Histogram::Midpoint(bins.LowestBin()), added.min,
                      added.max);
  }

  int64_t Max() const {
    if (bins.total() <= 0) return 0;
    if (bins.total() == 1) return static_cast<int64_t>(sum);
    if (added.max != retracted.max) return added.max;
    return std::clamp(Histogram::Midpoint(bins.HighestBin()), added.min,
                      added.max);
  }

  int64_t Quantile(int64_t numerator, int64_t denominator) const {
    if (bins.total() <= 0) return 0;
    if (numerator <= 0) return Min();
    if (numerator >= denominator) return Max();
    const int64_t value = bins.Quantile(numerator, denominator);
    return std::min(std::max(value, Min()), Max());
  }
};

}  // namespace cckpi

#endif  // CCKPI_SRC_STATS_DURATION_READING_H_
