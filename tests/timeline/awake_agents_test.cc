// AgentTimeline looks at those agents that passing time does something to, and
// it makes no difference.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "cckpi/timeline/agent_timeline.h"
#include "oracle/settings.h"
#include "timeline/agent_recorder.h"

namespace cckpi {
namespace {

constexpr int64_t kNine = 1'772'442'000 * kSecond;

constexpr uint32_t kReady = 0;
constexpr uint32_t kGone = 2;

AgentTimelineOptions Options() {
  AgentTimelineOptions options;
  options.states = {kClassPaid | kClassAvailable, 0, kClassOffline};
  options.unreported_intervals = false;
  options.offline_intervals = false;
  options.slices = false;
  return options;
}

TEST(AwakeAgentsTest, WhoIsOfflineIsNotLookedAt) {
  constexpr uint32_t kAgents = 1000;
  AgentTimeline timeline(Options());
  AgentRecorder recorder;
  for (uint32_t agent = 0; agent < kAgents; ++agent) {
    timeline.SetState({agent, kReady, kNoTeam, kNine}, recorder);
  }
  EXPECT_EQ(timeline.awake_count(), kAgents);
  timeline.AdvanceAll(kNine + kHour, recorder);
  EXPECT_EQ(timeline.awake_count(), kAgents);
  for (uint32_t agent = 0; agent < kAgents; ++agent) {
    if (agent % 100 == 1) continue;
    timeline.SetState({agent, kGone, kNoTeam, kNine + kHour}, recorder);
  }
  timeline.AdvanceAll(kNine + 2 * kHour, recorder);
  EXPECT_EQ(timeline.awake_count(), kAgents / 100);
  recorder.intervals.clear();
  timeline.EmitOpen(kNine + 2 * kHour + kMinute, recorder);
  EXPECT_EQ(recorder.intervals.size(), kAgents / 100);
}

TEST(AwakeAgentsTest, WhoseStateExpiresFallsAsleep) {
  AgentTimelineOptions options = Options();
  options.max_state_us = kHour;
  AgentTimeline timeline(options);
  AgentRecorder recorder;
  timeline.SetState({7, kReady, kNoTeam, kNine}, recorder);
  timeline.AdvanceAll(kNine + kHour / 2, recorder);
  EXPECT_EQ(timeline.awake_count(), 1u);
  timeline.AdvanceAll(kNine + 2 * kHour, recorder);
  timeline.AdvanceAll(kNine + 3 * kHour, recorder);
  EXPECT_EQ(timeline.awake_count(), 0u);
  timeline.SetState({7, kReady, kNoTeam, kNine + 4 * kHour}, recorder);
  EXPECT_EQ(timeline.awake_count(), 1u);
}

TEST(AwakeAgentsTest, AnAgentOnlyKnownByHisCasesIsNotLookedAt) {
  AgentTimeline timeline(Options());
  AgentRecorder recorder;
  timeline.SetLoad(
      {.agent = 3, .episode = 1, .bits = kLoadAssigned, .at_us = kNine},
      recorder);
  timeline.AdvanceAll(kNine + kHour, recorder);
  EXPECT_EQ(timeline.awake_count(), 0u);
  EXPECT_EQ(timeline.EndHandling({3, 1, kNine + kHour}, recorder)
                .elapsed_us[Index(AgentLoad::kAssigned)],
            kHour);
}

// Under what was restored, too.
TEST(AwakeAgentsTest, WhoIsRestoredIsLookedAt) {
  AgentTimeline from(Options());
  AgentRecorder recorder;
  from.SetState({2, kReady, kNoTeam, kNine}, recorder);
  from.SetState({4, kGone, kNoTeam, kNine}, recorder);
  AgentTimeline to(Options());
  for (uint32_t agent : {2u, 4u, 2u}) {
    ASSERT_TRUE(to.Restore(agent, *from.Checkpoint(agent)).ok());
  }
  EXPECT_EQ(to.awake_count(), 1u);
  AgentTimeline over = AgentTimeline::Over(to);
  over.SetState({4, kReady, kNoTeam, kNine + kMinute}, recorder);
  EXPECT_EQ(over.awake_count(), 1u);
  AgentRecorder seen;
  over.EmitOpen(kNine + 2 * kMinute, seen);
  ASSERT_EQ(seen.intervals.size(), 2u);
  EXPECT_EQ(seen.intervals[0].agent, 2u);
  EXPECT_EQ(seen.intervals[1].agent, 4u);
}

// Many agents in one timeline that is advanced now and then, and each in one of
// his own that never is.
void Compare(uint64_t seed) {
  constexpr uint32_t kAgents = 12;
  std::mt19937_64 random(seed);
  const auto below = [&random](uint32_t count) {
    return static_cast<uint32_t>(random() % count);
  };
  AgentTimelineOptions options = Options();
  options.unreported_intervals = below(2) == 0;
  options.offline_intervals = below(2) == 0;
  options.slices = below(2) == 0;
  options.max_state_us = below(2) * kHour;
  AgentTimeline together(options);
  std::vector<AgentTimeline> alone;
  for (uint32_t n = 0; n < kAgents; ++n) alone.emplace_back(options);
  AgentRecorder recorder;
  AgentRecorder alone_recorder;
  int64_t now_us = kNine;
  for (int step = 0; step < 100 && !testing::Test::HasFailure(); ++step) {
    now_us += below(20) * kMinute;
    const uint32_t agent = below(kAgents);
    const AgentStateChange state{agent, below(4), kNoTeam, now_us};
    const AgentLoadChange load{agent, below(3), static_cast<uint8_t>(below(8)),
                               0, now_us};
    const bool is_load = below(2) == 0;
    const auto change = [&](AgentTimeline& timeline, AgentRecorder& to) {
      if (is_load) {
        timeline.SetLoad(load, to);
      } else {
        timeline.SetState(state, to);
      }
    };
    // First as something that is pending, on top.
    AgentRecorder seen = recorder;
    AgentTimeline over = AgentTimeline::Over(together);
    change(over, seen);
    if (below(2) == 0) over.AdvanceAll(now_us + kHour, seen);
    seen.intervals.clear();
    over.EmitOpen(now_us + 2 * kHour, seen);
    change(together, recorder);
    change(alone[agent], alone_recorder);
    AgentRecorder expected = alone_recorder;
    for (const AgentTimeline& one : alone) {
      one.EmitOpen(now_us + 2 * kHour, expected);
    }
    EXPECT_EQ(seen.cells, expected.cells);
    EXPECT_EQ(seen.slices, expected.slices);
    EXPECT_EQ(seen.anomalies.size(), expected.anomalies.size());
    EXPECT_TRUE(
        std::is_sorted(seen.intervals.begin(), seen.intervals.end(),
                       [](const AgentInterval& a, const AgentInterval& b) {
                         return a.agent < b.agent;
                       }));
    if (below(3) == 0) together.AdvanceAll(now_us, recorder);
  }
}

TEST(AwakeAgentsTest, IsAsIfAllWereLookedAt) {
  for (const uint64_t seed : oracle::Seeds(16, 0)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Compare(seed);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace cckpi
