// Everything a report says about a set of durations, as integers that merge.
//
// Count, sum, minimum and maximum are exact; percentiles and the share within a
// threshold come from a histogram and are off by at most 1 %. Accumulators of
// shards, buckets and runs merge in any order to the same state.
//
// A duration that was added may be retracted, also in another accumulator than
// the one that it was added to, as long as both are merged before anybody reads
// them. What an accumulator then knows of its extremes are those of all added
// and of all retracted durations. Unless the extreme itself was retracted it is
// exact; otherwise it is read from the histogram, to 1 %.
//
// This file defines DurationAccumulator.
//
//   DurationAccumulator waits;
//   waits.Add(90 * kSecond);
//   DurationAccumulator other_shard;
//   other_shard.Add(30 * kSecond);
//   waits.Merge(other_shard);
//   int64_t p90_us = waits.Quantile(9, 10);

#ifndef CCKPI_STATS_DURATION_ACCUMULATOR_H_
#define CCKPI_STATS_DURATION_ACCUMULATOR_H_

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "cckpi/stats/histogram.h"

namespace cckpi {

// Durations are non-negative; a negative one is the caller's mistake and counts
// as 0.
class DurationAccumulator {
 public:
  // The smallest and the largest of some durations; first > last if none.
  struct Extremes {
    int64_t min = std::numeric_limits<int64_t>::max();
    int64_t max = std::numeric_limits<int64_t>::min();

    void Include(const Extremes& other) {
      min = std::min(min, other.min);
      max = std::max(max, other.max);
    }
    friend bool operator==(const Extremes&, const Extremes&) = default;
  };

  DurationAccumulator() = default;

  // From its parts, as a snapshot keeps them. InvalidArgument if no sequence of
  // durations leads there.
  static absl::StatusOr<DurationAccumulator> FromParts(absl::int128 sum,
                                                       Extremes added,
                                                       Extremes retracted,
                                                       Histogram histogram);

  void Add(int64_t value);

  // Takes a duration out that was added, here or in an accumulator that will be
  // merged with this one.
  void Retract(int64_t value);

  void Merge(const DurationAccumulator& other);

  int64_t count() const { return histogram_.total(); }
  absl::int128 sum() const { return sum_; }
  const Extremes& added() const { return added_; }
  const Extremes& retracted() const { return retracted_; }
  const Histogram& histogram() const { return histogram_; }

  // True if nothing was ever added or retracted.
  bool untouched() const { return *this == DurationAccumulator(); }

  // All of these are 0 when count() is not positive.

  // Exact unless the extreme was retracted and several values are left; then
  // to 1 %.
  int64_t Min() const;
  int64_t Max() const;

  // sum / count, rounded to the nearest integer, halves up.
  int64_t Mean() const;

  // The smallest x with share(<= x) >= numerator / denominator, to 1 %, in
  // [Min(), Max()]. At 0 it is Min(), at 1 Max().
  int64_t Quantile(int64_t numerator, int64_t denominator) const;

  // The number of durations up to `value`. Exact below Min() and from Max() on;
  // in between only durations within 1 % of `value` can be on the wrong side.
  int64_t CountWithin(int64_t value) const;

  friend bool operator==(const DurationAccumulator&,
                         const DurationAccumulator&) = default;

 private:
  friend class DurationUnion;   // merges several at once
  friend class HistogramIndex;  // merges into what it follows

  absl::int128 sum_ = 0;
  Extremes added_;
  Extremes retracted_;
  Histogram histogram_;
};

}  // namespace cckpi

#endif  // CCKPI_STATS_DURATION_ACCUMULATOR_H_
