// Sums that are kept for questions are those of their cells.

#include "src/kpi/rolled_cells.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "kpi/cell_books.h"

namespace cckpi {
namespace {

TEST(RolledCellsTest, SumsFollowWhatIsBookedAfterThem) {
  CellStore<CounterCell> store;
  Book(store, 12, 1, 5);
  Book(store, 19, 2, 7);
  Book(store, 23, 1, 1);
  store.RollUp(25, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  Book(store, 13, 1, 10);  // into a day that is rolled up
  Book(store, 24, 2, 20);  // into the day that goes on, before the mark
  Book(store, 26, 1, 40);  // after the mark
  store.RollUp(27, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  Book(store, 41, 3, 80);  // ahead of everything
  EXPECT_EQ(AllTime(store), 5 + 7 + 1 + 10 + 20 + 40 + 80);
  std::map<std::pair<int32_t, uint32_t>, int64_t> expected = {
      {{10, 1}, 15}, {{10, 2}, 7}, {{20, 1}, 41}, {{20, 2}, 20}, {{40, 3}, 80}};
  EXPECT_EQ(Days(store, kFirst, kLast), expected);
}

// Late into a day that had nothing yet, which then goes on.
TEST(RolledCellsTest, WhatIsLateInADayWithoutCellsCountsOnce) {
  CellStore<CounterCell> store;
  Book(store, 12, 1, 5);
  store.RollUp(25, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  Book(store, 24, 1, 10);  // before the mark, in the day of the mark
  Book(store, 26, 1, 20);  // after it
  store.RollUp(28, 1, kEveryBucket, DayOf, GroupingOf);
  EXPECT_EQ(AllTime(store), 35);
  EXPECT_EQ(TotalOf(store, 1).count, 35);
  std::map<std::pair<int32_t, uint32_t>, int64_t> expected = {{{10, 1}, 5},
                                                              {{20, 1}, 30}};
  EXPECT_EQ(Days(store, kFirst, kLast), expected);
}

TEST(RolledCellsTest, TotalsFollowWhatIsBookedAfterThem) {
  CellStore<CounterCell> store;
  Book(store, 12, 1, 5);
  Book(store, 19, 2, 7);
  Book(store, 23, 3, 1);
  store.RollUp(25, 0, kEveryBucket, DayOf, GroupingOf);
  store.RollUp(25, 1, kEveryBucket, DayOf, GroupingOf);
  EXPECT_EQ(TotalOf(store, 0).count, 7);
  EXPECT_EQ(TotalOf(store, 1).count, 6);
  Book(store, 13, 1, 10);  // into what is rolled up
  Book(store, 13, 5, 20);  // the same, of a group that was not there
  Book(store, 13, 4, 40);
  Book(store, 26, 3, 80);  // after the mark
  store.RollUp(25, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  EXPECT_EQ(TotalOf(store, 0).count, 7 + 40);
  EXPECT_EQ(TotalOf(store, 1).count, 6 + 10 + 20 + 80);
  Book(store, 14, 5, 100);
  store.RollUp(40, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  Book(store, 2, 1, 200);  // before everything
  store.RollUp(40, 0, kEveryBucket, DayOf, GroupingOf);
  store.RollUp(40, 1, kEveryBucket, DayOf, GroupingOf);
  EXPECT_EQ(TotalOf(store, 0).count, 47);
  EXPECT_EQ(TotalOf(store, 1).count, 116 + 100 + 200);
}

TEST(RolledCellsTest, APartOfADayIsReadBucketByBucket) {
  CellStore<CounterCell> store;
  for (int32_t bucket = 10; bucket < 50; ++bucket) Book(store, bucket, 1, 1);
  store.RollUp(50, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  std::map<std::pair<int32_t, uint32_t>, int64_t> expected = {
      {{10, 1}, 3}, {{20, 1}, 10}, {{30, 1}, 6}};
  EXPECT_EQ(Days(store, 17, 35), expected);
}

TEST(RolledCellsTest, WhatComesBeforeTheFirstDayIsNotLost) {
  CellStore<CounterCell> store;
  Book(store, 30, 1, 1);
  store.RollUp(40, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  Book(store, 5, 1, 2);
  store.RollUp(40, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  EXPECT_EQ(AllTime(store), 3);
  std::map<std::pair<int32_t, uint32_t>, int64_t> expected = {{{0, 1}, 2},
                                                              {{30, 1}, 1}};
  EXPECT_EQ(Days(store, kFirst, kLast), expected);
}

TEST(RolledCellsTest, AChangeOfACellItselfDropsTheSums) {
  CellStore<CounterCell> store;
  Book(store, 12, 1, 5);
  store.RollUp(20, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  store.At(12, Group(1)).count = 9;
  EXPECT_EQ(AllTime(store), 9);
  store.RollUp(20, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  EXPECT_EQ(AllTime(store), 9);
}

// The days before today whole, today's sums up to the mark, then bucket by
// bucket.
TEST(RolledCellsTest, TodayIsSummedUpToTheMark) {
  CellStore<CounterCell> store;
  for (int32_t bucket = 0; bucket < 29; ++bucket) Book(store, bucket, 1, 1);
  store.RollUp(27, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  std::vector<std::pair<int32_t, int64_t>> said;
  store.ForDays(
      kFirst, kLast,
      [&](int32_t bucket, GroupId, const CounterCell& cell) {
        said.emplace_back(bucket, cell.count);
      },
      kNoRun);
  EXPECT_EQ(said, (std::vector<std::pair<int32_t, int64_t>>{
                      {0, 10}, {10, 10}, {20, 7}, {27, 1}, {28, 1}}));
  said.clear();
  // An edge inside of what is summed up: bucket by bucket.
  store.ForDays(
      10, 22,
      [&](int32_t bucket, GroupId, const CounterCell& cell) {
        said.emplace_back(bucket, cell.count);
      },
      kNoRun);
  EXPECT_EQ(said, (std::vector<std::pair<int32_t, int64_t>>{
                      {10, 10}, {20, 1}, {21, 1}, {22, 1}}));
}

// From the beginning and back from the mark, at edges of days and inside.
TEST(RolledCellsTest, WhatCameBeforeAnEdgeIsTheSameFromEitherSide) {
  CellStore<CounterCell> store;
  std::map<uint32_t, std::vector<int64_t>> booked;  // by group and bucket
  for (int32_t bucket = 0; bucket < 60; ++bucket) {
    for (uint32_t group = 0; group < 3; ++group) {
      const int64_t count = 1 + bucket * (group + 1) % 7;
      Book(store, bucket, group, count);
      booked[group].push_back(count);
    }
  }
  for (int32_t mark : {0, 44, 57}) {
    if (mark > 0) store.RollUp(mark, kNoTotal, kEveryBucket, DayOf, GroupingOf);
    for (int32_t edge : {-5, 0, 1, 10, 13, 30, 40, 43, 44, 45, 50, 58, 70}) {
      std::map<uint32_t, int64_t> before;
      store.ForBefore(
          edge, [&](GroupId group, const CounterCell& cell, int sign) {
            before[static_cast<uint32_t>(group)] += sign * cell.count;
          });
      for (uint32_t group = 0; group < 3; ++group) {
        int64_t expected = 0;
        for (int32_t bucket = 0; bucket < std::min(edge, 60); ++bucket) {
          expected += booked[group][static_cast<size_t>(bucket)];
        }
        EXPECT_EQ(before[group], expected)
            << "mark " << mark << ", edge " << edge << ", group " << group;
      }
    }
  }
}

// Cells that need more than one addition: what is summed up at once is what is
// merged one by one, whichever way the marks went.
TEST(RolledCellsTest, SumsAtOnceAreThoseOfOneByOne) {
  CellStore<SpanCell> once;
  CellStore<SpanCell> often;
  std::map<uint32_t, SpanCell> expected;
  for (int32_t bucket = 0; bucket < 95; ++bucket) {
    for (uint32_t n = 0; n < 12; ++n) {
      const uint32_t group = (n * 5 + static_cast<uint32_t>(bucket)) % 4;
      const int64_t value = int64_t{bucket} * bucket * 1000 + n * 77777;
      const auto add = [value](SpanCell& cell) {
        cell.duration.Add(value);
        cell.open += value % 3 - 1;
        cell.open_starts += value;
        cell.within += 1;
      };
      // Some of it late, by up to a day and more.
      const int32_t at =
          n % 3 == 0 ? std::max(bucket - 2 * int32_t(n), 0) : bucket;
      once.Change(at, Group(group), add);
      often.Change(at, Group(group), add);
      add(expected[group]);
    }
    often.RollUp(bucket,
                 bucket < 30   ? kNoTotal
                 : bucket < 60 ? 0
                               : 1,
                 kEveryBucket, DayOf, GroupingOf);
  }
  for (size_t total : {0, 1})
    once.RollUp(94, total, kEveryBucket, DayOf, GroupingOf);
  for (const CellStore<SpanCell>* store : {&once, &often}) {
    std::map<uint32_t, SpanCell> all;
    store->ForAllTime(
        [&](int32_t, GroupId group, const SpanCell& cell) {
          all[static_cast<uint32_t>(group)].Merge(cell);
        },
        kNoRun);
    std::map<uint32_t, SpanCell> days;
    store->ForDays(
        kFirst, kLast,
        [&](int32_t, GroupId group, const SpanCell& cell) {
          days[static_cast<uint32_t>(group)].Merge(cell);
        },
        kNoRun);
    std::map<size_t, SpanCell> totals;
    for (const auto& [group, cell] : expected) {
      totals[GroupingOf(Group(group))].Merge(cell);
    }
    for (const auto& [grouping, total] : totals) {
      const SpanCell sum = TotalOf(*store, grouping);
      EXPECT_EQ(sum.duration, total.duration) << grouping;
      EXPECT_EQ(sum.open_starts, total.open_starts) << grouping;
    }
    for (const auto& [group, cell] : expected) {
      for (const SpanCell& sum : {all[group], days[group]}) {
        EXPECT_EQ(sum.duration, cell.duration) << group;
        EXPECT_EQ(sum.open, cell.open) << group;
        EXPECT_EQ(sum.open_starts, cell.open_starts) << group;
        EXPECT_EQ(sum.within, cell.within) << group;
      }
    }
  }
}

// Days are summed up when they are asked for, each as far as it was then; what
// is booked into them later is found wherever it belongs.
TEST(RolledCellsTest, DaysThatWereAskedForNowAndThenAreThoseOfTheirCells) {
  std::mt19937 random(7);
  const auto below = [&random](int32_t n) {
    return static_cast<int32_t>(random() % static_cast<uint32_t>(n));
  };
  for (int run = 0; run < 40; ++run) {
    CellStore<CounterCell> store;
    std::map<std::pair<int32_t, uint32_t>, int64_t> booked;
    int32_t now = 100;
    for (int step = 0; step < 120; ++step) {
      for (int n = below(6); n > 0; --n) {
        const int32_t bucket = below(4) == 0 ? below(now) : now - below(3);
        const uint32_t group = static_cast<uint32_t>(below(5));
        Book(store, bucket, group, 1 + step);
        booked[{bucket, group}] += 1 + step;
      }
      if (below(3) == 0) now += below(8);
      const int32_t first = below(now);
      const int32_t last = first + below(40);
      const BucketRange asked = below(3) == 0   ? kNoBucket
                                : below(8) == 0 ? kEveryBucket
                                                : BucketRange{first, last};
      store.RollUp(now, below(2) == 0 ? kNoTotal : 1, asked, DayOf, GroupingOf);
      std::map<std::pair<int32_t, uint32_t>, int64_t> days;
      std::map<uint32_t, int64_t> before;
      int64_t all = 0;
      for (const auto& [key, count] : booked) {
        const auto& [bucket, group] = key;
        all += count;
        if (bucket < first) before[group] += count;
        if (bucket < first || bucket > last) continue;
        days[{DayOf(bucket).first, group}] += count;
      }
      ASSERT_EQ(AllTime(store), all);
      ASSERT_EQ(Days(store, first, last), days) << "run " << run;
      std::map<uint32_t, int64_t> said;
      store.ForBefore(first,
                      [&](GroupId group, const CounterCell& cell, int sign) {
                        said[static_cast<uint32_t>(group)] += sign * cell.count;
                      });
      std::erase_if(said, [](const auto& one) { return one.second == 0; });
      ASSERT_EQ(said, before) << "run " << run;
    }
  }
}

// A version stands for what a sum was when it was read, in any store's life.
TEST(RolledCellsTest, ASumOfTheSameVersionIsTheSame) {
  CellStore<CounterCell> store;
  std::map<std::pair<uint32_t, uint64_t>, int64_t> seen;
  std::map<std::pair<size_t, uint64_t>, int64_t> totals;
  size_t again = 0;
  const auto look = [&](int32_t mark) {
    for (size_t grouping : {0, 1}) {
      store.RollUp(mark, grouping, kEveryBucket, DayOf, GroupingOf);
      store.ForAllTimeOf(
          grouping,
          [&](int32_t, const CounterCell& cell, const NoIndex*,
              uint64_t version) {
            const auto [known, anew] =
                totals.try_emplace({grouping, version}, cell.count);
            EXPECT_EQ(known->second, cell.count);
          },
          [](int32_t, GroupId, const CounterCell&) {}, kNoRun);
    }
    store.ForAllTime(
        [&](int32_t, GroupId group, const CounterCell& cell,
            const NoIndex* = nullptr, uint64_t version = 0) {
          if (version == 0) return;
          const auto [known, anew] = seen.try_emplace(
              {static_cast<uint32_t>(group), version}, cell.count);
          if (!anew) ++again;
          EXPECT_EQ(known->second, cell.count);
        },
        kNoRun);
  };
  for (int32_t bucket = 10; bucket < 100; ++bucket) {
    Book(store, bucket, static_cast<uint32_t>(bucket) % 7, bucket);
    if (bucket % 3 == 0) Book(store, bucket - 8, 2, 1);  // before the mark
    if (bucket == 50) Book(store, 1, 3, 1);              // before everything
    if (bucket == 70) store.At(12, Group(1)).count += 5;
    look(bucket + 1);
    look(bucket + 1);
  }
  EXPECT_GT(again, 500u);
}

}  // namespace
}  // namespace cckpi
