// Cells are found wherever they are, and sums are those of their cells.

#include "src/kpi/cell_store.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <map>
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

TEST(CellStoreTest, SumsFollowWhatIsBookedAfterThem) {
  CellStore<CounterCell> store;
  Book(store, 12, 1, 5);
  Book(store, 19, 2, 7);
  Book(store, 23, 1, 1);
  store.RollUp(25, DayOf);
  Book(store, 13, 1, 10);  // into a day that is rolled up
  Book(store, 24, 2, 20);  // into the day that goes on, before the mark
  Book(store, 26, 1, 40);  // after the mark
  store.RollUp(27, DayOf);
  Book(store, 41, 3, 80);  // ahead of everything
  EXPECT_EQ(AllTime(store), 5 + 7 + 1 + 10 + 20 + 40 + 80);
  std::map<std::pair<int32_t, uint32_t>, int64_t> expected = {
      {{10, 1}, 15}, {{10, 2}, 7}, {{20, 1}, 41}, {{20, 2}, 20}, {{40, 3}, 80}};
  EXPECT_EQ(Days(store, kFirst, kLast), expected);
}

TEST(CellStoreTest, APartOfADayIsReadBucketByBucket) {
  CellStore<CounterCell> store;
  for (int32_t bucket = 10; bucket < 50; ++bucket) Book(store, bucket, 1, 1);
  store.RollUp(50, DayOf);
  std::map<std::pair<int32_t, uint32_t>, int64_t> expected = {
      {{10, 1}, 3}, {{20, 1}, 10}, {{30, 1}, 6}};
  EXPECT_EQ(Days(store, 17, 35), expected);
}

TEST(CellStoreTest, WhatComesBeforeTheFirstDayIsNotLost) {
  CellStore<CounterCell> store;
  Book(store, 30, 1, 1);
  store.RollUp(40, DayOf);
  Book(store, 5, 1, 2);
  EXPECT_EQ(AllTime(store), 3);
  store.RollUp(40, DayOf);
  EXPECT_EQ(AllTime(store), 3);
  std::map<std::pair<int32_t, uint32_t>, int64_t> expected = {{{0, 1}, 2},
                                                              {{30, 1}, 1}};
  EXPECT_EQ(Days(store, kFirst, kLast), expected);
}

TEST(CellStoreTest, AChangeOfACellItselfDropsTheSums) {
  CellStore<CounterCell> store;
  Book(store, 12, 1, 5);
  store.RollUp(20, DayOf);
  store.At(12, Group(1)).count = 9;
  EXPECT_EQ(AllTime(store), 9);
  store.RollUp(20, DayOf);
  EXPECT_EQ(AllTime(store), 9);
}

}  // namespace
}  // namespace cckpi
