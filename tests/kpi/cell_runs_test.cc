// Runs of cells are the same as their cells one by one.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "kpi/cell_books.h"
#include "src/kpi/cell_store.h"

namespace cckpi {
namespace {

// Runs and cells beside each other, asked for any buckets, before and after
// they are rolled up: what a map of all of them says.
TEST(CellRunsTest, RunsAreTheSameAsTheirCellsOneByOne) {
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
      if (!all) {
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
TEST(CellRunsTest, ARunTakesOneCellForEachGroup) {
  CellStore<CounterCell> store;
  const std::vector<GroupId> groups = {Group(1), Group(2)};
  store.ChangeRun(0, 350'000'000, groups, [](CounterCell& c) { ++c.count; });
  int cells = 0;
  store.ForEachCell([&cells](const CounterCell& cell) {
    EXPECT_EQ(cell.count, 1);
    ++cells;
  });
  EXPECT_EQ(cells, 2);
  EXPECT_EQ(store.size(), 2u);
  std::vector<int32_t> buckets;
  store.ForEach(199'999'999, 200'000'000,
                [&](int32_t bucket, GroupId, const CounterCell&) {
                  buckets.push_back(bucket);
                });
  EXPECT_EQ(buckets, (std::vector<int32_t>{199'999'999, 199'999'999,
                                           200'000'000, 200'000'000}));
}

TEST(CellRunsTest, TakenRunsAreAmended) {
  CellStore<CounterCell> store;
  CellStore<CounterCell> other;
  const std::vector<GroupId> groups = {Group(1)};
  other.ChangeRun(3, 5, groups, [](CounterCell& cell) { cell.count = 7; });
  store.TakeFrom(
      other, [](GroupId group) { return group; },
      [](CounterCell& cell) { cell.count = -cell.count; });
  EXPECT_EQ(AllTime(store), -21);
}

}  // namespace
}  // namespace cckpi
