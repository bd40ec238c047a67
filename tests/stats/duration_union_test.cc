// A union says what the merged accumulator says, whatever its parts are like.

#include "src/stats/duration_union.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/stats/duration_accumulator.h"

namespace cckpi {
namespace {

DurationAccumulator Merged(const std::vector<DurationAccumulator>& parts) {
  DurationAccumulator merged;
  for (const DurationAccumulator& part : parts) merged.Merge(part);
  return merged;
}

std::vector<Histogram::Entry> BinsOf(const Histogram& histogram) {
  std::vector<Histogram::Entry> bins;
  for (size_t i = 0; i < histogram.size(); ++i) {
    bins.push_back(histogram.entry(i));
  }
  return bins;
}

std::vector<Histogram::Entry> BinsOf(DurationUnion& durations) {
  std::vector<Histogram::Entry> bins;
  durations.ForEachBin([&bins](const Histogram::Entry& entry) {
    bins.push_back(entry);
    return true;
  });
  return bins;
}

void ExpectSame(DurationUnion& durations, const DurationAccumulator& merged) {
  EXPECT_EQ(durations.count(), merged.count());
  EXPECT_EQ(durations.sum(), merged.sum());
  EXPECT_EQ(durations.Min(), merged.Min());
  EXPECT_EQ(durations.Max(), merged.Max());
  // Up and down: what one answer leaves behind must not show in the next.
  for (int64_t percent : {0, 1, 25, 50, 90, 99, 100, 50, 10}) {
    EXPECT_EQ(durations.Quantile(percent, 100), merged.Quantile(percent, 100))
        << percent;
  }
  EXPECT_EQ(BinsOf(durations), BinsOf(merged.histogram()));
}

TEST(DurationUnionTest, NothingReadsZero) {
  DurationUnion durations;
  EXPECT_EQ(durations.count(), 0);
  EXPECT_EQ(durations.sum(), 0);
  EXPECT_EQ(durations.Min(), 0);
  EXPECT_EQ(durations.Max(), 0);
  EXPECT_EQ(durations.Quantile(1, 2), 0);
  EXPECT_TRUE(BinsOf(durations).empty());
}

TEST(DurationUnionTest, AddsUpAMorningAndANoon) {
  DurationAccumulator morning;
  morning.Add(60 * kSecond);
  morning.Add(kHour);
  DurationAccumulator noon;
  noon.Add(90 * kSecond);
  DurationUnion durations;
  durations.Add(morning);
  durations.Add(noon);
  EXPECT_EQ(durations.count(), 3);
  EXPECT_EQ(durations.sum(), 3750 * kSecond);
  EXPECT_EQ(durations.Min(), 60 * kSecond);
  EXPECT_EQ(durations.Max(), kHour);
  EXPECT_NEAR(static_cast<double>(durations.Quantile(1, 2)), 90e6, 90e4);
  durations.Clear();
  EXPECT_EQ(durations.count(), 0);
  EXPECT_EQ(durations.Quantile(1, 2), 0);
}

TEST(DurationUnionTest, ARetractionInAnotherPartIsTakenOut) {
  DurationAccumulator added;
  added.Add(10 * kSecond);
  added.Add(20 * kSecond);
  DurationAccumulator retracted;
  retracted.Retract(10 * kSecond);
  DurationUnion durations;
  durations.Add(retracted);
  durations.Add(added);
  EXPECT_EQ(durations.count(), 1);
  EXPECT_EQ(durations.Min(), 20 * kSecond);
  EXPECT_EQ(durations.Max(), 20 * kSecond);
  EXPECT_EQ(BinsOf(durations).size(), 1u);
}

// Few parts and many, large ones beside small ones, with retractions: what is
// walked side by side, and what is added up in the array.
TEST(DurationUnionTest, SaysWhatTheMergedOneSays) {
  std::mt19937_64 random(7);
  DurationUnion durations;
  for (int round = 0; round < 400; ++round) {
    const size_t count = 1 + random() % (round % 3 == 0 ? 30 : 4);
    std::vector<DurationAccumulator> parts(count);
    std::vector<int64_t> values;
    for (size_t p = 0; p < count; ++p) {
      const size_t few = p == 0 && round % 2 == 0 ? 3000 : random() % 40;
      for (size_t v = 0; v < few; ++v) {
        values.push_back(
            static_cast<int64_t>(random() >> (20 + random() % 44)));
        parts[p].Add(values.back());
      }
    }
    for (size_t r = random() % 5; r > 0 && !values.empty(); --r) {
      const size_t which = random() % values.size();
      parts[random() % count].Retract(values[which]);
      values.erase(values.begin() + static_cast<std::ptrdiff_t>(which));
    }
    durations.Clear();
    for (const DurationAccumulator& part : parts) durations.Add(part);
    const DurationAccumulator merged = Merged(parts);
    ExpectSame(durations, merged);
    // The same with the help of indexes.
    std::vector<HistogramIndex> indexes(count);
    durations.Clear();
    for (size_t p = 0; p < count; ++p) {
      indexes[p].Make(parts[p].histogram());
      durations.Add(parts[p], &indexes[p]);
    }
    ExpectSame(durations, merged);
    // And of one that follows what is added.
    DurationAccumulator first = parts[0];
    HistogramIndex following;
    following.Make(first.histogram());
    for (size_t p = 1; p + 1 < count; ++p) {
      first.Merge(parts[p]);
      if (!following.Add(parts[p].histogram())) {
        following.Make(first.histogram());
      }
    }
    durations.Clear();
    durations.Add(first, &following);
    if (count > 1) durations.Add(parts.back());
    ExpectSame(durations, merged);
    // Wherever a quantile is looked for first.
    for (int guess = 0; guess < 8; ++guess) {
      const int64_t near_us = static_cast<int64_t>(random() >> random() % 64);
      const int64_t ppm = static_cast<int64_t>(random() % 1'000'001);
      EXPECT_EQ(
          durations.Quantile(ppm, 1'000'000, std::max<int64_t>(near_us, 0)),
          merged.Quantile(ppm, 1'000'000))
          << near_us;
    }
    // And of one that merges as it follows.
    DurationAccumulator grown = parts[0];
    HistogramIndex merging;
    merging.Make(grown.histogram());
    for (size_t p = 1; p + 1 < count; ++p) {
      if (merging.MergeInto(grown, parts[p])) continue;
      grown.Merge(parts[p]);
      if (!merging.Add(parts[p].histogram())) merging.Make(grown.histogram());
    }
    ASSERT_EQ(grown, first) << round;
    durations.Clear();
    durations.Add(grown, &merging);
    if (count > 1) durations.Add(parts.back());
    ExpectSame(durations, merged);
    // Also into one that has something already, less or much more.
    DurationAccumulator to;
    for (size_t v = random() % (round % 4 == 0 ? 20'000 : 300); v > 0; --v) {
      to.Add(static_cast<int64_t>(random() % (10 * kHour)));
    }
    DurationAccumulator expected = to;
    expected.Merge(merged);
    durations.MergeInto(to);
    EXPECT_EQ(to, expected) << round;
  }
}

// Small parts go into what an index knows, bin by bin; what it cannot follow it
// leaves alone.
TEST(DurationUnionTest, AnIndexMergesWhatItFollows) {
  std::mt19937_64 random(9);
  DurationAccumulator grown;
  for (int v = 0; v < 4000; ++v) {
    grown.Add(static_cast<int64_t>(random() >> (20 + random() % 30)));
  }
  DurationAccumulator expected = grown;
  HistogramIndex index;
  index.Make(grown.histogram());
  for (int step = 0; step < 2000; ++step) {
    DurationAccumulator part;
    for (uint64_t v = 1 + random() % 3; v > 0; --v) {
      part.Add(static_cast<int64_t>(random() >> (14 + random() % 44)));
    }
    ASSERT_TRUE(index.MergeInto(grown, part));
    expected.Merge(part);
    ASSERT_EQ(grown, expected) << step;
  }
  DurationUnion durations;
  durations.Add(grown, &index);
  ExpectSame(durations, expected);
  DurationAccumulator taken_out;
  taken_out.Retract(expected.Max());
  EXPECT_FALSE(index.MergeInto(grown, taken_out));
  EXPECT_EQ(grown, expected);
  EXPECT_FALSE(HistogramIndex().MergeInto(grown, DurationAccumulator()));
}

TEST(DurationUnionTest, PartsMayComeAfterAnAnswer) {
  std::mt19937_64 random(8);
  DurationUnion durations;
  std::vector<DurationAccumulator> parts(12);
  for (size_t p = 0; p < parts.size(); ++p) {
    for (int v = 0; v < 50; ++v) {
      parts[p].Add(static_cast<int64_t>(random() % (10 * kHour)));
    }
    durations.Add(parts[p]);
    ExpectSame(durations, Merged({parts.begin(),
                                  parts.begin() + static_cast<int>(p) + 1}));
  }
}

}  // namespace
}  // namespace cckpi
