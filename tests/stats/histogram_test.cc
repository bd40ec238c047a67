#include "cckpi/stats/histogram.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace cckpi {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

// Values spread over the octaves, as durations are.
std::vector<int64_t> RandomValues(int count, uint32_t seed) {
  std::mt19937_64 random(seed);
  std::vector<int64_t> values;
  for (int i = 0; i < count; ++i) {
    values.push_back(static_cast<int64_t>(random() >> (1 + random() % 63)));
  }
  return values;
}

Histogram HistogramOf(const std::vector<int64_t>& values) {
  Histogram histogram;
  for (const int64_t value : values) histogram.Add(value);
  return histogram;
}

TEST(HistogramTest, EmptyIsSmall) {
  Histogram histogram;
  EXPECT_LE(sizeof(Histogram), 32u);
  EXPECT_TRUE(histogram.empty());
  EXPECT_EQ(histogram.total(), 0);
  EXPECT_EQ(histogram.Quantile(1, 2), 0);
  EXPECT_EQ(histogram.CountAtMost(kMax), 0);
  EXPECT_EQ(histogram.LowestBin(), -1);
  EXPECT_EQ(histogram.HighestBin(), -1);
}

TEST(HistogramTest, LayoutIsFixed) {
  // Snapshots keep bin numbers: these never change.
  EXPECT_EQ(Histogram::BinOf(-5), 0);
  EXPECT_EQ(Histogram::BinOf(0), 0);
  EXPECT_EQ(Histogram::BinOf(127), 127);
  EXPECT_EQ(Histogram::BinOf(128), 128);  // bins of two from here on
  EXPECT_EQ(Histogram::BinOf(129), 128);
  EXPECT_EQ(Histogram::BinOf(130), 129);
  EXPECT_EQ(Histogram::BinOf(255), 191);
  EXPECT_EQ(Histogram::BinOf(256), 192);  // bins of four from here on
  EXPECT_EQ(Histogram::BinOf(259), 192);
  EXPECT_EQ(Histogram::BinOf(260), 193);
  // 2^29 <= 900 000 000 < 2^30, bins of 2^23: 900 000 000 >> 23 = 107, so bin
  // 128 + 22 * 64 + 107 - 64 = 1579.
  EXPECT_EQ(Histogram::BinOf(900'000'000), 1579);
  EXPECT_EQ(Histogram::BinOf(kMax), Histogram::kBinCount - 1);
}

TEST(HistogramTest, BinsTileTheAxis) {
  EXPECT_EQ(Histogram::LowerEdge(0), 0);
  for (int bin = 0; bin < Histogram::kBinCount; ++bin) {
    const int64_t low = Histogram::LowerEdge(bin);
    const int64_t last = Histogram::LastValue(bin);
    ASSERT_LE(low, last);
    ASSERT_EQ(Histogram::BinOf(low), bin);
    ASSERT_EQ(Histogram::BinOf(last), bin);
    ASSERT_EQ(Histogram::BinOf(Histogram::Midpoint(bin)), bin);
    if (bin > 0) {
      ASSERT_EQ(Histogram::LastValue(bin - 1) + 1, low);
    }
  }
  EXPECT_EQ(Histogram::LastValue(Histogram::kBinCount - 1), kMax);
}

TEST(HistogramTest, MidpointIsWithinOnePercent) {
  for (int bin = 0; bin < Histogram::kBinCount; ++bin) {
    const int64_t middle = Histogram::Midpoint(bin);
    for (const int64_t value :
         {Histogram::LowerEdge(bin), Histogram::LastValue(bin)}) {
      // |middle - value| <= value / 128.
      ASSERT_LE(std::max(middle, value) - std::min(middle, value), value / 128)
          << bin;
    }
  }
}

TEST(HistogramTest, QuantileIsInclusive) {
  // 1..10: half of the values are at most 5.
  Histogram histogram;
  for (int64_t value = 1; value <= 10; ++value) histogram.Add(value);
  EXPECT_EQ(histogram.Quantile(0, 1), 1);
  EXPECT_EQ(histogram.Quantile(1, 10), 1);
  EXPECT_EQ(histogram.Quantile(11, 100), 2);
  EXPECT_EQ(histogram.Quantile(1, 2), 5);
  EXPECT_EQ(histogram.Quantile(51, 100), 6);
  EXPECT_EQ(histogram.Quantile(99, 100), 10);
  EXPECT_EQ(histogram.Quantile(1, 1), 10);
}

TEST(HistogramTest, QuantileClampsItsFraction) {
  Histogram histogram = HistogramOf({1, 2, 3});
  EXPECT_EQ(histogram.Quantile(-1, 2), 1);
  EXPECT_EQ(histogram.Quantile(7, 2), 3);
  EXPECT_EQ(histogram.Quantile(1, 0), 3);
}

TEST(HistogramTest, QuantileIsWithinOnePercentOfTheSortedValues) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    std::vector<int64_t> values = RandomValues(1 + 37 * seed, seed);
    const Histogram histogram = HistogramOf(values);
    std::sort(values.begin(), values.end());
    const int64_t n = static_cast<int64_t>(values.size());
    for (int64_t percent = 1; percent <= 100; ++percent) {
      // The smallest value with share >= percent has rank ceil(percent n/100).
      const int64_t rank = (percent * n + 99) / 100;
      const int64_t expected = values[static_cast<size_t>(rank - 1)];
      const int64_t actual = histogram.Quantile(percent, 100);
      ASSERT_EQ(actual, Histogram::Midpoint(Histogram::BinOf(expected)));
    }
  }
}

TEST(HistogramTest, CountAtMostAgreesWithQuantile) {
  const std::vector<int64_t> values = RandomValues(500, 7);
  const Histogram histogram = HistogramOf(values);
  for (const int64_t x : RandomValues(500, 8)) {
    for (const int64_t percent : {1, 10, 50, 90, 99, 100}) {
      const bool share_reached =
          histogram.CountAtMost(x) * 100 >= percent * histogram.total();
      ASSERT_EQ(share_reached, histogram.Quantile(percent, 100) <= x);
    }
  }
}

TEST(HistogramTest, CountAtMostErrsOnlyNextToTheThreshold) {
  std::vector<int64_t> values = RandomValues(2000, 9);
  const Histogram histogram = HistogramOf(values);
  for (const int64_t x : RandomValues(200, 10)) {
    const int64_t slack = x / 127 + 1;
    const auto within = [&values](int64_t limit) {
      return std::count_if(values.begin(), values.end(),
                           [limit](int64_t value) { return value <= limit; });
    };
    ASSERT_GE(histogram.CountAtMost(x), within(x - slack));
    ASSERT_LE(histogram.CountAtMost(x),
              within(x > kMax - slack ? kMax : x + slack));
  }
}

TEST(HistogramTest, CountAtMostIsExactForSmallValues) {
  Histogram histogram = HistogramOf({0, 1, 1, 5, 127});
  EXPECT_EQ(histogram.CountAtMost(-1), 0);
  EXPECT_EQ(histogram.CountAtMost(0), 1);
  EXPECT_EQ(histogram.CountAtMost(1), 3);
  EXPECT_EQ(histogram.CountAtMost(4), 3);
  EXPECT_EQ(histogram.CountAtMost(126), 4);
  EXPECT_EQ(histogram.CountAtMost(127), 5);
}

TEST(HistogramTest, OrderDoesNotMatter) {
  std::vector<int64_t> values = RandomValues(300, 11);
  const Histogram expected = HistogramOf(values);
  std::mt19937 random(12);
  for (int i = 0; i < 10; ++i) {
    std::shuffle(values.begin(), values.end(), random);
    ASSERT_EQ(HistogramOf(values), expected);
  }
}

TEST(HistogramTest, MergeOfAnySplitIsTheWhole) {
  for (uint32_t seed = 0; seed < 30; ++seed) {
    const std::vector<int64_t> values = RandomValues(20 * seed, seed);
    std::mt19937 random(seed);
    std::vector<Histogram> parts(1 + seed % 7);
    for (const int64_t value : values) {
      parts[random() % parts.size()].Add(value);
    }
    Histogram forward;
    for (const Histogram& part : parts) forward.Merge(part);
    Histogram backward;
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
      Histogram copy = *part;
      copy.Merge(backward);
      backward = copy;
    }
    ASSERT_EQ(forward, HistogramOf(values));
    ASSERT_EQ(backward, forward);
  }
}

TEST(HistogramTest, MergeWithItselfDoubles) {
  for (const int count : {1, 2, 5, 100}) {
    const std::vector<int64_t> values = RandomValues(count, 13);
    Histogram histogram = HistogramOf(values);
    Histogram expected = histogram;
    for (const int64_t value : values) expected.Add(value);
    histogram.Merge(histogram);
    EXPECT_EQ(histogram, expected);
  }
}

TEST(HistogramTest, WhatIsTakenOutAgainLeavesNoTrace) {
  const std::vector<int64_t> kept = RandomValues(50, 14);
  const std::vector<int64_t> removed = RandomValues(60, 15);
  Histogram histogram = HistogramOf(kept);
  for (const int64_t value : removed) histogram.Add(value);
  for (const int64_t value : removed) histogram.Add(value, -1);
  EXPECT_EQ(histogram, HistogramOf(kept));
}

TEST(HistogramTest, WhatAnotherPartTakesOutLeavesNoTrace) {
  for (const int count : {1, 3, 60}) {
    const std::vector<int64_t> kept = RandomValues(50, 17);
    Histogram histogram = HistogramOf(kept);
    Histogram removed;
    for (const int64_t value : RandomValues(count, 18)) {
      histogram.Add(value);
      removed.Add(value, -1);
    }
    removed.Merge(histogram);
    EXPECT_EQ(removed, HistogramOf(kept));
    EXPECT_EQ(removed.size(), HistogramOf(kept).size());
  }
}

TEST(HistogramTest, TakingOutMayComeFirstAndElsewhere) {
  Histogram base = HistogramOf({100, 5000, 5000});
  Histogram overlay;
  overlay.Add(5000, -1);
  EXPECT_EQ(overlay.total(), -1);
  overlay.Merge(base);
  EXPECT_EQ(overlay, HistogramOf({100, 5000}));
}

TEST(HistogramTest, AddingNothingChangesNothing) {
  Histogram histogram;
  histogram.Add(5, 0);
  EXPECT_EQ(histogram, Histogram());
  EXPECT_EQ(histogram.size(), 0u);
}

TEST(HistogramTest, EntriesRebuildTheHistogram) {
  const Histogram histogram = HistogramOf(RandomValues(400, 16));
  Histogram rebuilt;
  int previous = -1;
  for (size_t i = 0; i < histogram.size(); ++i) {
    const Histogram::Entry entry = histogram.entry(i);
    ASSERT_GT(entry.bin, previous);
    ASSERT_NE(entry.count, 0);
    rebuilt.AddToBin(entry.bin, entry.count);
    previous = entry.bin;
  }
  EXPECT_EQ(rebuilt, histogram);
  EXPECT_EQ(histogram.entry(0).bin, histogram.LowestBin());
  EXPECT_EQ(previous, histogram.HighestBin());
}

TEST(HistogramTest, HoldsTheLargestCounts) {
  Histogram histogram;
  histogram.Add(1'000'000, Histogram::kMaxCount);
  EXPECT_EQ(histogram.entry(0).count, Histogram::kMaxCount);
  histogram.Add(2'000'000, -Histogram::kMaxCount);
  EXPECT_EQ(histogram.entry(1).count, -Histogram::kMaxCount);
  EXPECT_EQ(histogram.total(), 0);
}

}  // namespace
}  // namespace cckpi
