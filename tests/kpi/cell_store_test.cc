// Cells are found wherever they are, also those that were taken.

#include "src/kpi/cell_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "kpi/cell_books.h"

namespace cckpi {
namespace {

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

}  // namespace
}  // namespace cckpi
