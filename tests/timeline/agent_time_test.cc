#include "cckpi/timeline/agent_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

  EXPECT_EQ(cell.available_us, 111);
  EXPECT_EQ(cell.capacity_us, 333);
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

  EXPECT_EQ(cell.staffed_us, 10);
  EXPECT_EQ(cell.paid_us, 10);
  EXPECT_EQ(cell.productive_us, 0);
  EXPECT_EQ(cell.available_us, 0);
  EXPECT_EQ(cell.capacity_us, 0);
  EXPECT_EQ(Turn(cell).busy_us, 0);
  EXPECT_EQ(Turn(cell).max_level, 0u);
  EXPECT_EQ(Turn(cell).off_level_us, 60);  // three of the four
  EXPECT_EQ(Turn(cell).unreported_level_us, 20);
  EXPECT_EQ(Turn(cell).unreported_busy_us, 10);
  // Unknown time is time in no state.
  EXPECT_THAT(cell.states, ElementsAre(StateTime{0, 20, 0}));
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
  EXPECT_THAT(cell.assignments, ElementsAre(0, 0, 1, 0, 1));
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
  EXPECT_THAT(whole.states,
              ElementsAre(StateTime{0, 30, 1}, StateTime{2, 10, 1}));
  EXPECT_EQ(whole.capacity_us, 60);  // 3 × 10 + 1 × 30
}

}  // namespace
}  // namespace cckpi
