#include "cckpi/timeline/agent_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <utility>
#include <vector>

namespace cckpi {
namespace {

using ::testing::ElementsAre;

AgentInterval Available(int64_t time_us, AgentLevels levels) {
  AgentInterval interval;
  interval.state = 0;
  interval.classes = kClassPaid | kClassProductive | kClassAvailable;
  interval.presence = AgentPresence::kAvailable;
  interval.end_us = time_us;
  interval.levels = levels;
  return interval;
}

const LoadTime& Turn(const AgentTimeCell& cell) {
  return cell.loads[Index(AgentLoad::kAgentTurn)];
}

TEST(AgentTimeCellTest, LevelsAreIntegratedOverTheAvailableTime) {
  AgentTimeCell cell;
  cell.Add(Available(100, {0, 2, 0}), 3);
  cell.Add(Available(10, {5, 5, 1}), 3);
  cell.Add(Available(1, {2, 5, 0}), 3);

  EXPECT_EQ(cell.available_us(), 111);
  EXPECT_EQ(cell.capacity_us(), 333);
  EXPECT_EQ(Turn(cell).busy_us, 11);
  EXPECT_EQ(cell.idle_us(AgentLoad::kAgentTurn), 100);
  EXPECT_EQ(Turn(cell).level_us, 52);   // 5 × 10 + 2 × 1
  EXPECT_EQ(Turn(cell).capped_us, 32);  // 3 × 10 + 2 × 1
  EXPECT_THAT(Turn(cell).at_level_us, ElementsAre(100, 0, 1, 0, 0, 10));
  EXPECT_EQ(Turn(cell).max_level, 5u);
  const LoadTime& assigned = cell.loads[Index(AgentLoad::kAssigned)];
  EXPECT_EQ(assigned.busy_us, 111);
  EXPECT_EQ(assigned.level_us, 255);  // 2 × 100 + 5 × 10 + 5 × 1
  EXPECT_EQ(cell.loads[Index(AgentLoad::kFocus)].busy_us, 10);
}

TEST(AgentTimeCellTest, HighLevelsShareTheLastEntry) {
  AgentTimeCell cell;
  cell.Add(Available(7, {64, 0, 0}), 3);
  cell.Add(Available(5, {100'000, 0, 0}), 3);

  EXPECT_EQ(Turn(cell).at_level_us.size(), 65u);
  EXPECT_EQ(Turn(cell).at_level_us[64], 12);
  EXPECT_EQ(Turn(cell).max_level, 100'000u);
  EXPECT_EQ(Turn(cell).level_us, 500'448);  // 64 × 7 + 100'000 × 5
}

TEST(AgentTimeCellTest, LoadOutsideTheAvailableTimeIsKeptApart) {
  AgentTimeCell cell;
  AgentInterval interval = Available(10, {2, 3, 0});
  interval.classes = kClassPaid;
  interval.presence = AgentPresence::kUnavailable;
  cell.Add(interval, 3);
  interval.classes = kClassOffline;
  interval.presence = AgentPresence::kOffline;
  cell.Add(interval, 3);
  interval.state = kUnknownState;
  interval.classes = 0;
  interval.presence = AgentPresence::kUnknown;
  cell.Add(interval, 3);
  interval.presence = AgentPresence::kUnreported;
  cell.Add(interval, 3);

  EXPECT_EQ(cell.staffed_us(), 10);
  EXPECT_EQ(cell.paid_us(), 10);
  EXPECT_EQ(cell.productive_us(), 0);
  EXPECT_EQ(cell.available_us(), 0);
  EXPECT_EQ(cell.capacity_us(), 0);
  EXPECT_EQ(Turn(cell).busy_us, 0);
  EXPECT_EQ(Turn(cell).max_level, 0u);
  EXPECT_EQ(Turn(cell).off_level_us, 60);  // three of the four
  EXPECT_EQ(Turn(cell).unreported_level_us, 20);
  EXPECT_EQ(Turn(cell).unreported_busy_us, 10);
  // Unknown time is time in no state.
  EXPECT_THAT(cell.states(), ElementsAre(StateTime{0, 20, 0}));
}

TEST(AgentTimeCellTest, AssignmentsCountByPresenceAndLevel) {
  AgentTimeCell cell;
  AgentAssignment assignment;
  assignment.presence = AgentPresence::kAvailable;
  assignment.levels = {1, 2, 0};
  cell.Add(assignment);
  assignment.presence = AgentPresence::kOffline;
  assignment.levels = {1, 200, 0};
  cell.Add(assignment);

  // unreported, unknown, offline, unavailable, available
  EXPECT_THAT(cell.Sums().assignments, ElementsAre(0, 0, 1, 0, 1));
  EXPECT_THAT(Turn(cell).assigned_at_level, ElementsAre(0, 2));
  const LoadTime& assigned = cell.loads[Index(AgentLoad::kAssigned)];
  EXPECT_EQ(assigned.assigned_at_level[2], 1);
  EXPECT_EQ(assigned.assigned_at_level[64], 1);
  EXPECT_EQ(assigned.assigned_level_sum, 202);
}

TEST(AgentTimeCellTest, MergingIsAddingInAnyOrder) {
  AgentInterval busy = Available(10, {4, 4, 0});
  busy.state = 2;
  busy.visit = true;
  AgentInterval idle = Available(30, {0, 0, 0});
  idle.visit = true;
  AgentAssignment assignment;
  assignment.levels = {4, 4, 0};
  AgentTimeCell whole;
  whole.Add(busy, 3);
  whole.Add(idle, 1);
  whole.Add(assignment);

  AgentTimeCell first;
  first.Add(busy, 3);
  AgentTimeCell second;
  second.Add(idle, 1);
  second.Add(assignment);
  AgentTimeCell other_way = second;
  first.Merge(second);
  AgentTimeCell again;
  again.Add(busy, 3);
  other_way.Merge(again);

  EXPECT_EQ(first, whole);
  EXPECT_EQ(other_way, whole);
  EXPECT_THAT(whole.states(),
              ElementsAre(StateTime{0, 30, 1}, StateTime{2, 10, 1}));
  EXPECT_EQ(whole.capacity_us(), 60);  // 3 × 10 + 1 × 30
}

// What cells are made of, and their sums the long way.
struct Sums {
  AgentTimeSums sums;
  std::map<uint32_t, StateTime> states;

  void Add(const AgentInterval& interval, int64_t capacity) {
    const int64_t time_us = interval.end_us - interval.begin_us;
    if (interval.state != kUnknownState) {
      StateTime& state = states[interval.state];
      state.state = interval.state;
      state.time_us += time_us;
      if (interval.visit) ++state.visits;
    }
    const bool available = interval.presence == AgentPresence::kAvailable;
    if (available || interval.presence == AgentPresence::kUnavailable) {
      sums.staffed_us += time_us;
    }
    if (available) sums.available_us += time_us;
    if (available) sums.capacity_us += absl::int128(capacity) * time_us;
    if ((interval.classes & kClassPaid) != 0) sums.paid_us += time_us;
    if ((interval.classes & kClassProductive) != 0) {
      sums.productive_us += time_us;
    }
  }
  AgentTimeSums All() const {
    AgentTimeSums all = sums;
    for (const auto& [state, time] : states) all.states.push_back(time);
    return all;
  }
};

TEST(AgentTimeCellTest, AnyMixtureGivesTheSums) {
  std::mt19937_64 random(20260105);
  auto below = [&random](uint64_t n) { return random() % n; };
  for (int run = 0; run < 300; ++run) {
    const uint64_t states = 1 + below(run % 10 == 0 ? 60 : 6);
    const uint64_t capacities = run % 3 == 0 ? 3 : 1;
    Sums sums;
    std::vector<AgentTimeCell> cells(1 + below(4));
    for (uint64_t n = below(40); n > 0; --n) {
      AgentTimeCell& cell = cells[below(cells.size())];
      switch (below(8)) {
        case 0: {
          AgentAssignment assignment;
          const uint64_t presence = below(kAgentPresenceCount);
          assignment.presence = static_cast<AgentPresence>(presence);
          cell.Add(assignment);
          ++sums.sums.assignments[presence];
          break;
        }
        case 1: {
          AgentAnomaly anomaly;
          const uint64_t kind = below(kAgentAnomalyCount);
          anomaly.kind = static_cast<AgentAnomalyKind>(kind);
          cell.Add(anomaly);
          ++sums.sums.anomalies[kind];
          break;
        }
        default: {
          AgentInterval interval;
          interval.state = static_cast<uint32_t>(below(states));
          interval.classes = static_cast<uint8_t>(below(32));
          interval.presence =
              static_cast<AgentPresence>(below(kAgentPresenceCount));
          if (below(5) == 0) interval.state = kUnknownState;
          interval.visit = below(2) == 0;
          interval.end_us = static_cast<int64_t>(1 + below(1'000'000'000));
          const int64_t capacity =
              below(4) == 0 ? int64_t{1} << 40
                            : static_cast<int64_t>(2 + below(capacities));
          cell.Add(interval, capacity);
          sums.Add(interval, capacity);
        }
      }
    }
    AgentTimeCell forth;
    AgentTimeCell back;
    for (size_t i = 0; i < cells.size(); ++i) {
      forth.Merge(cells[i]);
      back.Merge(cells[cells.size() - 1 - i]);
    }
    EXPECT_EQ(forth.Sums(), sums.All());
    EXPECT_EQ(forth, back);
    // What was saved and restored is the same, and goes on the same way.
    AgentTimeCell restored(forth.Sums());
    restored.loads = forth.loads;
    EXPECT_EQ(restored, forth);
    EXPECT_EQ(restored.empty(), forth == AgentTimeCell());
    restored.Merge(cells[0]);
    back.Merge(cells[0]);
    EXPECT_EQ(restored, back);
    // Copied into cells of any size.
    for (AgentTimeCell& cell : cells) {
      cell = back;
      EXPECT_EQ(cell, back);
      AgentTimeCell other(back.Sums());
      other.Add(AgentAnomaly{});
      other = cell;
      EXPECT_EQ(other, back);
      cell.Add(AgentAnomaly{});
      EXPECT_EQ(other, back);
    }
    AgentTimeCell copy;
    copy = back;
    AgentTimeCell moved = std::move(copy);
    EXPECT_EQ(moved, back);
  }
}

TEST(AgentTimeCellTest, ACellOfLoadsAloneIsNotEmpty) {
  AgentTimeCell cell;
  EXPECT_TRUE(cell.empty());
  // It has been looked at, and there was nothing.
  cell.loads[1].busy_us = 0;
  EXPECT_TRUE(cell.empty());
  cell.loads[1].busy_us = 1;
  EXPECT_FALSE(cell.empty());
  EXPECT_FALSE(cell == AgentTimeCell());
  EXPECT_FALSE(AgentTimeCell() == cell);
}

TEST(AgentTimeCellTest, SumsMayBeAnything) {
  AgentTimeSums sums;
  sums.states = {{3, -7, int64_t{1} << 40}, {5, 0, -1}, {9, 1, 0xffffff}};
  sums.staffed_us = -1;
  sums.available_us = 0;
  sums.capacity_us = absl::MakeInt128(-5, 6);
  sums.anomalies[2] = -3;
  AgentTimeCell cell(sums);
  EXPECT_EQ(cell.Sums(), sums);
  AgentInterval visit = Available(2, {0, 0, 0});
  visit.state = 9;
  visit.visit = true;
  cell.Add(visit, 4);

  EXPECT_THAT(cell.states(),
              ElementsAre(StateTime{3, -7, int64_t{1} << 40},
                          StateTime{5, 0, -1}, StateTime{9, 3, 0x1000000}));
  EXPECT_EQ(cell.staffed_us(), 1);
  EXPECT_EQ(cell.capacity_us(), absl::MakeInt128(-5, 6) + 8);
}

TEST(AgentTimeCellTest, AFewStatesTakeNoHeap) {
  EXPECT_LE(sizeof(AgentTimeCell), 64u);
  AgentTimeCell cell;
  AgentInterval interval = Available(10, {0, 0, 0});
  for (uint32_t state = 0; state < 3; ++state) {
    interval.state = state;
    cell.Add(interval, 3, 0);
  }
  EXPECT_EQ(cell.heap_bytes(), 0u);
  interval.state = 3;
  cell.Add(interval, 3, 0);
  EXPECT_EQ(cell.heap_bytes(), 64u);
}

}  // namespace
}  // namespace cckpi
