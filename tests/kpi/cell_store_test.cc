// Cells are found wherever they are, and sums are those of their cells.

#include "src/kpi/cell_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "src/kpi/cells.h"

namespace cckpi {
namespace {

constexpr int32_t kLast = std::numeric_limits<int32_t>::max();
constexpr int32_t kFirst = std::numeric_limits<int32_t>::min();

GroupId Group(uint32_t number) { return static_cast<GroupId>(number); }

// Days of ten buckets.
std::pair<int32_t, int32_t> DayOf(int32_t bucket) {
  int32_t first = bucket / 10 * 10;
  return {first, first + 9};
}

// Groups of odd numbers are of grouping 1.
size_t GroupingOf(GroupId group) { return static_cast<size_t>(group) % 2; }

constexpr size_t kNoTotal = CellStore<CounterCell>::Rolled::kNoTotal;

// All that is in the groups of a grouping, whose total is kept.
template <typename Cell>
Cell TotalOf(const CellStore<Cell>& store, size_t grouping) {
  Cell total;
  store.ForAllTimeOf(
      grouping,
      [&](int32_t, const Cell& cell, const CellIndex<Cell>*, uint64_t) {
        total.Merge(cell);
      },
      [&](int32_t, GroupId group, const Cell& cell) {
        if (GroupingOf(group) == grouping) total.Merge(cell);
      });
  return total;
}

void Book(CellStore<CounterCell>& store, int32_t bucket, uint32_t group,
          int64_t count) {
  store.Change(bucket, Group(group),
               [count](CounterCell& cell) { cell.count += count; });
}

std::map<std::pair<int32_t, uint32_t>, int64_t> Days(
    const CellStore<CounterCell>& store, int32_t first, int32_t last) {
  std::map<std::pair<int32_t, uint32_t>, int64_t> days;
  store.ForDays(
      first, last, [&](int32_t bucket, GroupId group, const CounterCell& cell) {
        days[{DayOf(bucket).first, static_cast<uint32_t>(group)}] += cell.count;
      });
  return days;
}

int64_t AllTime(const CellStore<CounterCell>& store) {
  int64_t count = 0;
  store.ForAllTime(
      [&](int32_t, GroupId, const CounterCell& cell) { count += cell.count; });
  return count;
}

TEST(CellStoreTest, CellsAreFoundAgainInAnyOrderOfBuckets) {
  CellStore<CounterCell> store;
  // Far more buckets than are kept at hand, up and down.
  for (int32_t round = 0; round < 3; ++round) {
    for (int32_t bucket = 0; bucket < 300; ++bucket) {
      Book(store, bucket, static_cast<uint32_t>(bucket) % 7, 1);
      Book(store, 299 - bucket, 100, 1);
    }
  }
  EXPECT_EQ(store.size(), 600u);
  int32_t before = -1;
  int64_t cells = 0;
  store.ForEach(kFirst, kLast,
                [&](int32_t bucket, GroupId, const CounterCell& cell) {
                  EXPECT_LE(before, bucket);
                  before = bucket;
                  EXPECT_EQ(cell.count, 3);
                  ++cells;
                });
  EXPECT_EQ(cells, 600);
}

// What was walked by for each value that was booked.
uint64_t StepsEach(const CellStore<CounterCell>& store, int64_t booked) {
  EXPECT_EQ(AllTime(store), booked);
  return store.steps() / static_cast<uint64_t>(booked);
}

TEST(CellStoreTest, ManyGroupsByTurnsInBucketsAreFoundInFewSteps) {
  CellStore<CounterCell> store;
  // Of these, one at a time is at hand.
  const std::vector<int32_t> buckets = {0, 64, 128};
  constexpr uint32_t kGroups = 8000;
  for (int round = 0; round < 2; ++round) {
    for (uint32_t group = 0; group < kGroups; ++group) {
      for (int32_t bucket : buckets) Book(store, bucket, group, 1);
    }
  }
  EXPECT_EQ(store.size(), 3 * kGroups);
  EXPECT_LE(StepsEach(store, 2 * 3 * kGroups), 300u);
  store.ForEach(kFirst, kLast, [](int32_t, GroupId, const CounterCell& cell) {
    EXPECT_EQ(cell.count, 2);
  });
}

TEST(CellStoreTest, ManyGroupsInBucketsOfTheirOwnAreFoundInFewSteps) {
  CellStore<CounterCell> store;
  constexpr int32_t kGroups = 60000;
  for (int32_t group = 0; group < kGroups; ++group) {
    for (int value = 0; value < 3; ++value) {
      Book(store, group, static_cast<uint32_t>(group), 1);
    }
  }
  EXPECT_EQ(store.size(), static_cast<size_t>(kGroups));
  EXPECT_LE(StepsEach(store, 3 * kGroups), 300u);
}

TEST(CellStoreTest, ArraysOverAllGroupsCount) {
  CellStore<CounterCell> store;
  EXPECT_EQ(store.index_bytes(16), 0u);
  for (int32_t bucket = 0; bucket < 64; ++bucket) {
    Book(store, bucket, 999, 1);
  }
  EXPECT_GE(store.index_bytes(16), 64 * 1000 * 4u);
  EXPECT_LE(store.index_bytes(16), 64 * 2 * 1000 * 4u);
}

TEST(CellStoreTest, ManyTakenCellsAreFoundUnderTheirNewGroups) {
  CellStore<CounterCell> store;
  CellStore<CounterCell> other;
  const auto book = [](CellStore<CounterCell>& in, uint32_t first) {
    for (uint32_t group = 0; group < 1000; ++group) {
      for (int32_t bucket : {0, 64, 128}) Book(in, bucket, first + group, 1);
    }
  };
  book(other, 0);
  store.TakeFrom(other, [](GroupId group) {
    return Group(1999 - static_cast<uint32_t>(group));
  });
  book(store, 1000);
  EXPECT_EQ(store.size(), 3000u);
  store.ForEach(kFirst, kLast, [](int32_t, GroupId, const CounterCell& cell) {
    EXPECT_EQ(cell.count, 2);
  });
}

// The groups of the other store are ten further on here.
void TakeFrom(CellStore<CounterCell>& store, CellStore<CounterCell>& other) {
  store.TakeFrom(other, [](GroupId group) {
    return Group(static_cast<uint32_t>(group) + 10);
  });
}

TEST(CellStoreTest, TakenCellsStandBesideItsOwn) {
  CellStore<CounterCell> store;
  CellStore<CounterCell> other;
  // More cells than are in a block.
  for (int32_t bucket = 0; bucket < 100; ++bucket) {
    Book(store, bucket, 11, 2);
    Book(other, bucket + 50, 1, 5);
  }
  store.RollUp(200, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  TakeFrom(store, other);
  EXPECT_EQ(other.size(), 0u);
  EXPECT_EQ(AllTime(other), 0);
  EXPECT_EQ(store.size(), 150u);
  std::map<int32_t, int64_t> counts;
  int64_t cells = 0;
  const auto count = [&] {
    counts.clear();
    cells = 0;
    store.ForEach(kFirst, kLast,
                  [&](int32_t bucket, GroupId group, const CounterCell& cell) {
                    EXPECT_EQ(group, Group(11));
                    counts[bucket] += cell.count;
                    ++cells;
                  });
  };
  count();
  EXPECT_EQ(cells, 200);
  EXPECT_EQ(counts[49], 2);
  EXPECT_EQ(counts[50], 7);
  EXPECT_EQ(counts[99], 7);
  EXPECT_EQ(counts[100], 5);
  EXPECT_EQ(AllTime(store), 700);
  store.RollUp(200, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  EXPECT_EQ(AllTime(store), 700);
  EXPECT_EQ(Days(store, 50, 59),
            (std::map<std::pair<int32_t, uint32_t>, int64_t>{{{50, 11}, 70}}));
  // What is booked goes on, in any bucket and beside what was taken.
  for (int32_t bucket = 0; bucket < 200; ++bucket) Book(store, bucket, 11, 1);
  store.RollUp(200, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  EXPECT_EQ(AllTime(store), 900);
  count();
  EXPECT_EQ(cells, 250);
  EXPECT_EQ(store.size(), 200u);
  EXPECT_EQ(counts[50], 8);
  EXPECT_EQ(counts[199], 1);
}

TEST(CellStoreTest, WhatIsPutIsMergedWithWhatIsThere) {
  const auto cell_of = [](int64_t value_us) {
    SpanCell cell;
    cell.duration.Add(value_us);
    cell.open = 1;
    return cell;
  };
  CellStore<SpanCell> store;
  CellStore<SpanCell> expected;
  std::mt19937_64 random(11);
  for (int n = 0; n < 3000; ++n) {
    // Buckets at hand and others, cells that are new and others.
    const int32_t bucket = static_cast<int32_t>(random() % 300);
    const GroupId group = Group(static_cast<uint32_t>(random() % 5));
    const SpanCell cell = cell_of(static_cast<int64_t>(random() % 1'000'000));
    store.Put(bucket, group, cell);
    expected.At(bucket, group).Merge(cell);
  }
  EXPECT_EQ(store.size(), expected.size());
  std::vector<std::pair<int32_t, GroupId>> order;
  std::vector<SpanCell> cells;
  expected.ForEach(kFirst, kLast,
                   [&](int32_t bucket, GroupId group, const SpanCell& cell) {
                     order.emplace_back(bucket, group);
                     cells.push_back(cell);
                   });
  size_t n = 0;
  store.ForEach(kFirst, kLast,
                [&](int32_t bucket, GroupId group, const SpanCell& cell) {
                  ASSERT_LT(n, order.size());
                  EXPECT_EQ(order[n], std::make_pair(bucket, group));
                  EXPECT_TRUE(cell == cells[n]);
                  ++n;
                });
  EXPECT_EQ(n, order.size());
}

TEST(CellStoreTest, TakenCellsAreAmended) {
  CellStore<CounterCell> store;
  CellStore<CounterCell> first;
  CellStore<CounterCell> second;
  Book(first, 1, 1, 5);
  Book(second, 1, 1, 7);
  const auto same = [](GroupId group) { return group; };
  const auto negate = [](CounterCell& cell) { cell.count = -cell.count; };
  store.TakeFrom(first, same, negate);
  EXPECT_EQ(AllTime(store), -5);
  store.TakeFrom(second, same, negate);
  EXPECT_EQ(AllTime(store), -12);
}

TEST(CellStoreTest, SumsFollowWhatIsBookedAfterThem) {
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
TEST(CellStoreTest, WhatIsLateInADayWithoutCellsCountsOnce) {
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

TEST(CellStoreTest, TotalsFollowWhatIsBookedAfterThem) {
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

TEST(CellStoreTest, APartOfADayIsReadBucketByBucket) {
  CellStore<CounterCell> store;
  for (int32_t bucket = 10; bucket < 50; ++bucket) Book(store, bucket, 1, 1);
  store.RollUp(50, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  std::map<std::pair<int32_t, uint32_t>, int64_t> expected = {
      {{10, 1}, 3}, {{20, 1}, 10}, {{30, 1}, 6}};
  EXPECT_EQ(Days(store, 17, 35), expected);
}

TEST(CellStoreTest, WhatComesBeforeTheFirstDayIsNotLost) {
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

TEST(CellStoreTest, AChangeOfACellItselfDropsTheSums) {
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
TEST(CellStoreTest, TodayIsSummedUpToTheMark) {
  CellStore<CounterCell> store;
  for (int32_t bucket = 0; bucket < 29; ++bucket) Book(store, bucket, 1, 1);
  store.RollUp(27, kNoTotal, kEveryBucket, DayOf, GroupingOf);
  std::vector<std::pair<int32_t, int64_t>> said;
  store.ForDays(kFirst, kLast,
                [&](int32_t bucket, GroupId, const CounterCell& cell) {
                  said.emplace_back(bucket, cell.count);
                });
  EXPECT_EQ(said, (std::vector<std::pair<int32_t, int64_t>>{
                      {0, 10}, {10, 10}, {20, 7}, {27, 1}, {28, 1}}));
  said.clear();
  // An edge inside of what is summed up: bucket by bucket.
  store.ForDays(10, 22, [&](int32_t bucket, GroupId, const CounterCell& cell) {
    said.emplace_back(bucket, cell.count);
  });
  EXPECT_EQ(said, (std::vector<std::pair<int32_t, int64_t>>{
                      {10, 10}, {20, 1}, {21, 1}, {22, 1}}));
}

// From the beginning and back from the mark, at edges of days and inside.
TEST(CellStoreTest, WhatCameBeforeAnEdgeIsTheSameFromEitherSide) {
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

// Runs and cells beside each other, asked for any buckets, before and after
// they are rolled up: what a map of all of them says.
TEST(CellStoreTest, RunsAreTheSameAsTheirCellsOneByOne) {
  std::mt19937 random(4711);
  const auto below = [&random](int32_t count) {
    return static_cast<int32_t>(random() % static_cast<uint32_t>(count));
  };
  using Counts = std::map<std::pair<int32_t, uint32_t>, int64_t>;
  for (int round = 0; round < 200; ++round) {
    CellStore<CounterCell> store;
    CellStore<CounterCell> other;
    Counts booked;
    const auto book = [&](CellStore<CounterCell>& in, uint32_t shift) {
      const int64_t count = 1 + below(9);
      const auto add = [count](CounterCell& cell) { cell.count += count; };
      const int32_t first = below(100);
      const int32_t last =
          first + (below(3) == 0 ? 0 : below(below(4) == 0 ? 60 : 9));
      const uint32_t group = static_cast<uint32_t>(below(3));
      const std::vector<GroupId> groups = {Group(group), Group(group + 4)};
      if (below(2) == 0) {
        in.ChangeRun(first, last, groups, add);
      } else {
        for (int32_t b = first; b <= last; ++b) in.ChangeAll(b, groups, add);
      }
      for (int32_t b = first; b <= last; ++b) {
        booked[{b, group + shift}] += count;
        booked[{b, group + 4 + shift}] += count;
      }
    };
    const int steps = 1 + below(12);
    for (int step = 0; step < steps; ++step) {
      book(store, 0);
      if (below(4) == 0) book(other, 10);
      if (below(6) == 0) {
        TakeFrom(store, other);
      }
      if (below(3) == 0) {
        store.RollUp(below(180), static_cast<size_t>(below(2)),
                     below(2) == 0 ? kEveryBucket : kNoBucket, DayOf,
                     GroupingOf);
      }
    }
    TakeFrom(store, other);
    for (int look = 0; look < 8; ++look) {
      // Also into what has been rolled up, which is added at the next time.
      if (look > 0) {
        book(store, 0);
        store.RollUp(below(180), static_cast<size_t>(below(2)), kEveryBucket,
                     DayOf, GroupingOf);
      }
      const bool all = look == 0;
      const int32_t first = all ? kFirst : below(170) - 5;
      const int32_t last = all ? kLast : first + below(80) - 2;
      Counts found;
      Counts of_days;
      int32_t before = kFirst;
      store.ForEach(
          first, last,
          [&](int32_t bucket, GroupId group, const CounterCell& cell) {
            ASSERT_LE(before, bucket);
            before = bucket;
            found[{bucket, static_cast<uint32_t>(group)}] += cell.count;
          });
      Counts expected;
      Counts expected_days;
      int64_t expected_before = 0;
      int64_t total = 0;
      for (const auto& [place, count] : booked) {
        total += count;
        if (place.first < first) expected_before += count;
        if (place.first < first || place.first > last) continue;
        expected[place] += count;
        expected_days[{DayOf(place.first).first, place.second}] += count;
      }
      ASSERT_EQ(found, expected) << first << " to " << last;
      ASSERT_EQ(Days(store, first, last), expected_days);
      ASSERT_EQ(AllTime(store), total);
      for (size_t grouping : {0, 1}) {
        int64_t of_grouping = 0;
        for (const auto& [place, count] : booked) {
          if (place.second % 2 == grouping) of_grouping += count;
        }
        store.RollUp(0, grouping, kNoBucket, DayOf, GroupingOf);
        ASSERT_EQ(TotalOf(store, grouping).count, of_grouping);
      }
      if (all) {
        ASSERT_EQ(store.size(), booked.size());
      } else {
        int64_t found_before = 0;
        store.ForBefore(first, [&](GroupId, const CounterCell& cell, int sign) {
          found_before += sign * cell.count;
        });
        ASSERT_EQ(found_before, expected_before) << first;
      }
    }
  }
}

// Ten thousand years of them take no more than one bucket.
TEST(CellStoreTest, ARunTakesOneCellForEachGroup) {
  CellStore<CounterCell> store;
  const std::vector<GroupId> groups = {Group(1), Group(2)};
  store.ChangeRun(0, 350'000'000, groups, [](CounterCell& c) { ++c.count; });
  int cells = 0;
  store.ForEachCell([&cells](const CounterCell& cell) {
    EXPECT_EQ(cell.count, 1);
    ++cells;
  });
  EXPECT_EQ(cells, 2);
  std::vector<int32_t> buckets;
  store.ForEach(199'999'999, 200'000'000,
                [&](int32_t bucket, GroupId, const CounterCell&) {
                  buckets.push_back(bucket);
                });
  EXPECT_EQ(buckets, (std::vector<int32_t>{199'999'999, 199'999'999,
                                           200'000'000, 200'000'000}));
}

TEST(CellStoreTest, TakenRunsAreAmended) {
  CellStore<CounterCell> store;
  CellStore<CounterCell> other;
  const std::vector<GroupId> groups = {Group(1)};
  other.ChangeRun(3, 5, groups, [](CounterCell& cell) { cell.count = 7; });
  store.TakeFrom(
      other, [](GroupId group) { return group; },
      [](CounterCell& cell) { cell.count = -cell.count; });
  EXPECT_EQ(AllTime(store), -21);
}

// Cells that need more than one addition: what is summed up at once is what is
// merged one by one, whichever way the marks went.
TEST(CellStoreTest, SumsAtOnceAreThoseOfOneByOne) {
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
    store->ForAllTime([&](int32_t, GroupId group, const SpanCell& cell) {
      all[static_cast<uint32_t>(group)].Merge(cell);
    });
    std::map<uint32_t, SpanCell> days;
    store->ForDays(kFirst, kLast,
                   [&](int32_t, GroupId group, const SpanCell& cell) {
                     days[static_cast<uint32_t>(group)].Merge(cell);
                   });
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
TEST(CellStoreTest, DaysThatWereAskedForNowAndThenAreThoseOfTheirCells) {
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
TEST(CellStoreTest, ASumOfTheSameVersionIsTheSame) {
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
          [](int32_t, GroupId, const CounterCell&) {});
    }
    store.ForAllTime([&](int32_t, GroupId group, const CounterCell& cell,
                         const NoIndex* = nullptr, uint64_t version = 0) {
      if (version == 0) return;
      const auto [known, anew] =
          seen.try_emplace({static_cast<uint32_t>(group), version}, cell.count);
      if (!anew) ++again;
      EXPECT_EQ(known->second, cell.count);
    });
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

EntryList EntriesOf(const BacklogCell& cell) {
  EntryList list;
  cell.entries.ForEach([&list](const BacklogEntry& entry, int64_t count) {
    list.emplace_back(entry, count);
  });
  return list;
}

TEST(BacklogCellTest, EntriesAreAddedUpWhateverIsThereAlready) {
  const auto entry = [](int64_t at_us) {
    return BacklogEntry{.entered_us = at_us, .schedule = 0};
  };
  BacklogCell morning;
  morning.opened = 3;
  morning.entries.Add(entry(10), 1);
  morning.entries.Add(entry(20), 2);
  BacklogCell noon;
  noon.closed = 1;
  noon.entries.Add(entry(5), 1);
  noon.entries.Add(entry(10), -1);
  const std::vector<const BacklogCell*> parts = {&morning, &noon};
  CellMerger<BacklogCell> merge;
  BacklogCell sum;
  merge(sum, parts);
  EXPECT_EQ(sum.opened, 3);
  EXPECT_EQ(sum.closed, 1);
  EXPECT_EQ(EntriesOf(sum), (EntryList{{entry(5), 1}, {entry(20), 2}}));
  merge(sum, parts);
  EXPECT_EQ(sum.opened, 6);
  EXPECT_EQ(EntriesOf(sum), (EntryList{{entry(5), 2}, {entry(20), 4}}));
}

TEST(EntryListTest, AnyNumberOfRunsIsPutInOrder) {
  const auto entry = [](int64_t at_us) {
    return BacklogEntry{.entered_us = at_us, .schedule = 0};
  };
  const EntryList runs = {{entry(1), 1},  {entry(4), 1}, {entry(9), 2},
                          {entry(4), -1}, {entry(9), 1}, {entry(2), 5},
                          {entry(3), 1},  {entry(0), 7}, {entry(3), -1}};
  const EntryList expected[] = {
      {},
      {{entry(1), 1}},
      {{entry(1), 1}, {entry(4), 1}},
      {{entry(1), 1}, {entry(4), 1}, {entry(9), 2}},
      {{entry(1), 1}, {entry(9), 2}},
      {{entry(1), 1}, {entry(9), 3}},
      {{entry(1), 1}, {entry(2), 5}, {entry(9), 3}},
      {{entry(1), 1}, {entry(2), 5}, {entry(3), 1}, {entry(9), 3}},
      {{entry(0), 7},
       {entry(1), 1},
       {entry(2), 5},
       {entry(3), 1},
       {entry(9), 3}},
      {{entry(0), 7}, {entry(1), 1}, {entry(2), 5}, {entry(9), 3}}};
  for (size_t count = 0; count <= runs.size(); ++count) {
    EntryList entries(runs.begin(),
                      runs.begin() + static_cast<std::ptrdiff_t>(count));
    AddUpEntries(entries);
    EXPECT_EQ(entries, expected[count]) << count;
  }
}

}  // namespace
}  // namespace cckpi
