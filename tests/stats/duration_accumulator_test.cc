#include "cckpi/stats/duration_accumulator.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "cckpi/base/time.h"
#include "gtest/gtest.h"

namespace cckpi {
namespace {

DurationAccumulator AccumulatorOf(const std::vector<int64_t>& values) {
  DurationAccumulator accumulator;
  for (const int64_t value : values) accumulator.Add(value);
  return accumulator;
}

std::vector<int64_t> RandomDurations(int count, uint32_t seed) {
  std::mt19937_64 random(seed);
  std::vector<int64_t> values;
  for (int i = 0; i < count; ++i) {
    values.push_back(static_cast<int64_t>(random() >> (20 + random() % 44)));
  }
  return values;
}

TEST(DurationAccumulatorTest, EmptyReadsZero) {
  DurationAccumulator empty;
  EXPECT_TRUE(empty.untouched());
  EXPECT_EQ(empty.count(), 0);
  EXPECT_EQ(empty.sum(), 0);
  EXPECT_EQ(empty.Min(), 0);
  EXPECT_EQ(empty.Max(), 0);
  EXPECT_EQ(empty.Mean(), 0);
  EXPECT_EQ(empty.Quantile(1, 2), 0);
  EXPECT_EQ(empty.CountWithin(kHour), 0);
}

TEST(DurationAccumulatorTest, StatisticsOfFourWaits) {
  // 60 s, 90 s, 10 min, 1 h: the sum is 4350 s, the mean 1087.5 s.
  DurationAccumulator waits =
      AccumulatorOf({60 * kSecond, 90 * kSecond, 600 * kSecond, kHour});
  EXPECT_EQ(waits.count(), 4);
  EXPECT_EQ(waits.sum(), 4350 * kSecond);
  EXPECT_EQ(waits.Mean(), 1'087'500'000);
  EXPECT_EQ(waits.Min(), 60 * kSecond);
  EXPECT_EQ(waits.Max(), kHour);
  EXPECT_NEAR(waits.Quantile(1, 2), 90 * kSecond, 0.9 * kSecond);
  EXPECT_EQ(waits.Quantile(0, 1), 60 * kSecond);
  EXPECT_EQ(waits.Quantile(1, 1), kHour);
  EXPECT_EQ(waits.CountWithin(59 * kSecond), 0);
  EXPECT_EQ(waits.CountWithin(95 * kSecond), 2);
  EXPECT_EQ(waits.CountWithin(kHour), 4);
}

TEST(DurationAccumulatorTest, MeanRoundsToTheNearest) {
  EXPECT_EQ(AccumulatorOf({1, 2}).Mean(), 2);     // 1.5
  EXPECT_EQ(AccumulatorOf({1, 1, 2}).Mean(), 1);  // 1.33
  EXPECT_EQ(AccumulatorOf({1, 2, 2}).Mean(), 2);  // 1.67
}

TEST(DurationAccumulatorTest, SumIsExactBeyond64Bits) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  DurationAccumulator accumulator = AccumulatorOf({kMax, kMax, kMax});
  EXPECT_EQ(accumulator.sum(), absl::int128(kMax) * 3);
  EXPECT_EQ(accumulator.Mean(), kMax);
}

TEST(DurationAccumulatorTest, NegativeCountsAsZero) {
  EXPECT_EQ(AccumulatorOf({-5}), AccumulatorOf({0}));
}

TEST(DurationAccumulatorTest, QuantileStaysWithinTheExtremes) {
  // 1 000 001 and 1 000 002 share a bin whose midpoint is neither.
  DurationAccumulator accumulator = AccumulatorOf({1'000'001, 1'000'002});
  for (int percent = 0; percent <= 100; ++percent) {
    EXPECT_GE(accumulator.Quantile(percent, 100), 1'000'001);
    EXPECT_LE(accumulator.Quantile(percent, 100), 1'000'002);
  }
}

TEST(DurationAccumulatorTest, RetractingAnInnerValueKeepsExactExtremes) {
  DurationAccumulator accumulator = AccumulatorOf({1001, 2002, 3003});
  accumulator.Retract(2002);
  EXPECT_EQ(accumulator.count(), 2);
  EXPECT_EQ(accumulator.sum(), 4004);
  EXPECT_EQ(accumulator.Min(), 1001);
  EXPECT_EQ(accumulator.Max(), 3003);
}

TEST(DurationAccumulatorTest, RetractingAnExtremeReadsTheHistogram) {
  DurationAccumulator accumulator = AccumulatorOf({1001, 2002, 3003});
  accumulator.Retract(1001);
  EXPECT_NEAR(accumulator.Min(), 2002, 20);
  EXPECT_EQ(accumulator.Max(), 3003);
  accumulator.Retract(3003);
  EXPECT_NEAR(accumulator.Max(), 2002, 20);
  EXPECT_LE(accumulator.Min(), accumulator.Max());
  accumulator.Retract(2002);
  EXPECT_EQ(accumulator.count(), 0);
  EXPECT_EQ(accumulator.sum(), 0);
  EXPECT_EQ(accumulator.Min(), 0);
  EXPECT_EQ(accumulator.Max(), 0);
}

TEST(DurationAccumulatorTest, RetractionInAnotherPartGivesTheSameState) {
  DurationAccumulator whole = AccumulatorOf({1000, 5000, 9000});
  whole.Retract(9000);
  DurationAccumulator overlay;
  overlay.Retract(9000);
  overlay.Merge(AccumulatorOf({1000, 5000, 9000}));
  EXPECT_EQ(overlay, whole);
}

TEST(DurationAccumulatorTest, AnySplitOfAddsAndRetractsMergesToTheWhole) {
  for (uint32_t seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    std::vector<int64_t> values = RandomDurations(1 + seed * 5, seed);
    DurationAccumulator whole;
    std::vector<DurationAccumulator> parts(1 + seed % 5);
    std::vector<int64_t> kept;
    for (const int64_t value : values) {
      whole.Add(value);
      parts[random() % parts.size()].Add(value);
      if (random() % 3 == 0) {
        whole.Retract(value);
        parts[random() % parts.size()].Retract(value);
      } else {
        kept.push_back(value);
      }
    }
    std::shuffle(parts.begin(), parts.end(), random);
    DurationAccumulator merged;
    for (const DurationAccumulator& part : parts) merged.Merge(part);
    ASSERT_EQ(merged, whole);

    // And what is read from it is right: exact where promised, else to 1 %.
    ASSERT_EQ(merged.count(), static_cast<int64_t>(kept.size()));
    if (kept.empty()) continue;
    std::sort(kept.begin(), kept.end());
    const int64_t low = kept.front();
    const int64_t high = kept.back();
    ASSERT_LE(std::abs(merged.Min() - low), low / 100);
    ASSERT_LE(std::abs(merged.Max() - high), high / 100);
    ASSERT_LE(merged.Min(), merged.Max());
    absl::int128 sum = 0;
    for (const int64_t value : kept) sum += value;
    ASSERT_EQ(merged.sum(), sum);
    for (int64_t percent = 1; percent <= 100; ++percent) {
      const size_t rank = static_cast<size_t>(
          (percent * static_cast<int64_t>(kept.size()) + 99) / 100);
      const int64_t expected = kept[rank - 1];
      const int64_t actual = merged.Quantile(percent, 100);
      ASSERT_LE(std::abs(actual - expected), expected / 100);
      ASSERT_GE(actual, merged.Min());
      ASSERT_LE(actual, merged.Max());
    }
  }
}

TEST(DurationAccumulatorTest, PartsMakeTheSameAccumulator) {
  DurationAccumulator accumulator = AccumulatorOf(RandomDurations(30, 3));
  accumulator.Retract(AccumulatorOf(RandomDurations(30, 3)).Min());
  absl::StatusOr<DurationAccumulator> copy = DurationAccumulator::FromParts(
      accumulator.sum(), accumulator.added(), accumulator.retracted(),
      accumulator.histogram());
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ(*copy, accumulator);
}

TEST(DurationAccumulatorTest, RefusesPartsThatNothingLeadsTo) {
  Histogram one;
  one.Add(5);
  EXPECT_FALSE(DurationAccumulator::FromParts(5, {}, {}, one).ok());
  EXPECT_FALSE(DurationAccumulator::FromParts(5, {7, 5}, {}, one).ok());
  EXPECT_FALSE(DurationAccumulator::FromParts(5, {-7, 5}, {}, one).ok());
  EXPECT_FALSE(DurationAccumulator::FromParts(5, {5, 5}, {9, 8}, one).ok());
  EXPECT_FALSE(
      DurationAccumulator::FromParts(absl::Int128Max(), {5, 5}, {}, one).ok());
  EXPECT_TRUE(DurationAccumulator::FromParts(5, {5, 5}, {}, one).ok());
}

}  // namespace
}  // namespace cckpi
