// The cells of a store in the order of a snapshot depend on what they say, not
// on how they came.

#include "src/kpi/ordered_cells.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include "kpi/cell_books.h"

namespace cckpi {
namespace {

bool IsEmpty(const SpanCell& cell) { return cell.voided == 0; }

using Ordered = OrderedCells<SpanCell>;
using Alone = std::vector<std::tuple<int32_t, uint32_t, int64_t>>;
using Runs = std::vector<std::tuple<int32_t, int32_t, uint32_t, int64_t>>;

Alone AloneIn(const Ordered& cells) {
  Alone found;
  for (const Ordered::Alone& cell : cells.alone()) {
    found.emplace_back(cell.bucket, cell.place, cell.cell->voided);
  }
  return found;
}

Runs RunsIn(const Ordered& cells) {
  Runs found;
  for (const Ordered::Run& run : cells.runs()) {
    found.emplace_back(run.first, run.last, run.place, run.cell->voided);
  }
  return found;
}

constexpr uint32_t kGroups = 3;

// By place and bucket; what is the same for more than `long_run` buckets is a
// run.
std::pair<Alone, Runs> Expected(
    const std::map<std::pair<uint32_t, int32_t>, int64_t>& counts,
    int32_t long_run) {
  Alone alone;
  Runs runs;
  for (auto it = counts.begin(); it != counts.end();) {
    const auto [place, first] = it->first;
    const int64_t count = it->second;
    int32_t last = first;
    for (++it; it != counts.end() && it->second == count &&
               it->first == std::make_pair(place, last + 1);
         ++it) {
      ++last;
    }
    if (count == 0) continue;
    if (last - first >= long_run) {
      runs.emplace_back(first, last, place, count);
      continue;
    }
    for (int32_t b = first; b <= last; ++b) alone.emplace_back(b, place, count);
  }
  std::sort(alone.begin(), alone.end());
  std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) {
    return std::make_pair(std::get<0>(a), std::get<2>(a)) <
           std::make_pair(std::get<0>(b), std::get<2>(b));
  });
  return {alone, runs};
}

// Booked as runs or one by one, in any order, added to and taken away from
// again, in one store or taken from another: what a map says.
TEST(OrderedCellsTest, AreWhatAMapSays) {
  std::mt19937 random(20261128);
  const auto below = [&random](int32_t count) {
    return static_cast<int32_t>(random() % static_cast<uint32_t>(count));
  };
  const std::vector<uint32_t> place_of = {2, 0, 1};
  size_t runs_seen = 0;
  for (int round = 0; round < 2000; ++round) {
    CellStore<SpanCell> store;
    CellStore<SpanCell> other;
    std::map<std::pair<uint32_t, int32_t>, int64_t> counts;
    const int steps = 1 + below(10);
    for (int step = 0; step < steps; ++step) {
      CellStore<SpanCell>& in = below(4) == 0 ? other : store;
      const int64_t count = below(3) - 1;
      const auto add = [count](SpanCell& cell) { cell.voided += count; };
      const int32_t first = below(below(2) == 0 ? 60 : 6) - 30;
      const int32_t last = first + below(below(2) == 0 ? 40 : 3);
      const uint32_t group = static_cast<uint32_t>(below(kGroups));
      const std::vector<GroupId> groups = {Group(group)};
      if (below(2) == 0) {
        in.ChangeRun(first, last, groups, add);
      } else {
        for (int32_t b = first; b <= last; ++b) in.ChangeAll(b, groups, add);
      }
      for (int32_t b = first; b <= last; ++b) {
        counts[{place_of[group], b}] += count;
      }
    }
    store.TakeFrom(other, [](GroupId group) { return group; });
    const int32_t long_run = 1 + below(11);
    Ordered cells(store, place_of, &IsEmpty);
    cells.FindRuns(long_run);
    const auto [alone, runs] = Expected(counts, long_run);
    ASSERT_EQ(AloneIn(cells), alone) << "round " << round;
    ASSERT_EQ(RunsIn(cells), runs) << "round " << round;
    runs_seen += runs.size();
  }
  EXPECT_GT(runs_seen, 1000u);
}

TEST(OrderedCellsTest, WhatIsTakenAwayAgainElsewhereIsNotThere) {
  CellStore<SpanCell> store;
  CellStore<SpanCell> other;
  const auto add = [](CellStore<SpanCell>& in, int32_t bucket, int64_t count) {
    in.Change(bucket, Group(0),
              [count](SpanCell& cell) { cell.voided += count; });
  };
  add(store, 3, 1);
  add(store, 5, 2);
  add(other, 3, -1);
  add(other, 5, 4);
  store.TakeFrom(other, [](GroupId group) { return group; });
  const std::vector<uint32_t> place_of = {7};
  const Ordered cells(store, place_of, &IsEmpty);
  EXPECT_EQ(AloneIn(cells), (Alone{{5, 7, 6}}));
}

// Ten thousand runs that lie around each other take no step for each pair.
TEST(OrderedCellsTest, RunsAroundRunsAreCutInTime) {
  constexpr int32_t kRuns = 10'000;
  CellStore<SpanCell> store;
  const std::vector<GroupId> groups = {Group(0)};
  int64_t merged = 0;
  for (int32_t n = 0; n < kRuns; ++n) {
    store.ChangeRun(n * 1000, 2'000 * kRuns - n * 1000 - 1, groups,
                    [](SpanCell& cell) { ++cell.voided; });
  }
  const std::vector<uint32_t> place_of = {0};
  Ordered cells(store, place_of, &IsEmpty);
  cells.FindRuns();
  EXPECT_TRUE(cells.alone().empty());
  // Up to the innermost and down again.
  ASSERT_EQ(cells.runs().size(), 2 * kRuns - 1u);
  for (const Ordered::Run& run : cells.runs()) merged += run.cell->voided;
  EXPECT_EQ(merged, int64_t{kRuns} * kRuns);
  EXPECT_EQ(cells.runs()[kRuns - 1].first, (kRuns - 1) * 1000);
  EXPECT_EQ(cells.runs()[kRuns - 1].last, (kRuns + 1) * 1000 - 1);
}

}  // namespace
}  // namespace cckpi
