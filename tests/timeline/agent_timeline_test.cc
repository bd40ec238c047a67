#include "cckpi/timeline/agent_timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "absl/status/status.h"
#include "timeline/agent_recorder.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr size_t kTurn = Index(AgentLoad::kAgentTurn);
constexpr size_t kAssigned = Index(AgentLoad::kAssigned);
constexpr size_t kFocus = Index(AgentLoad::kFocus);

// 2026-03-02T09:00:00Z, a bucket edge.
constexpr int64_t kNine = 1'772'442'000 * kSecond;
static_assert(BucketBegin(BucketOf(kNine)) == kNine);

// The states of the tests.
constexpr uint32_t kReady = 0;     // paid productive available
constexpr uint32_t kWrapUp = 1;    // paid productive handling
constexpr uint32_t kTraining = 2;  // paid
constexpr uint32_t kBreak = 3;     // nothing
constexpr uint32_t kGone = 4;      // offline

AgentTimelineOptions Options() {
  AgentTimelineOptions options;
  options.states = {kClassPaid | kClassProductive | kClassAvailable,
                    kClassPaid | kClassProductive | kClassHandling, kClassPaid,
                    0, kClassOffline};
  return options;
}

// One agent whose clock starts at 09:00; instants are seconds after it.
class Agent {
 public:
  explicit Agent(AgentTimelineOptions options = Options())
      : timeline_(options) {}

  void State(int64_t at_s, uint32_t state, uint32_t team = kNoTeam) {
    timeline_.SetState({1, state, team, At(at_s)}, recorder_);
  }
  void Load(int64_t at_s, uint64_t episode, int bits, uint32_t group = 0) {
    timeline_.SetLoad({1, episode, static_cast<uint8_t>(bits), group, At(at_s)},
                      recorder_);
  }
  void Focus(int64_t at_s, uint64_t episode) {
    timeline_.Focus({1, episode, At(at_s)}, recorder_);
  }
  HandleTime End(int64_t at_s, uint64_t episode) {
    return timeline_.EndHandling({1, episode, At(at_s)}, recorder_);
  }
  // Emits everything up to an instant and returns the sum of all.
  AgentTimeCell Now(int64_t at_s) {
    timeline_.EmitOpen(At(at_s), recorder_);
    return recorder_.Total();
  }
  static int64_t At(int64_t at_s) { return kNine + at_s * kSecond; }

  AgentTimeline& timeline() { return timeline_; }
  AgentRecorder& recorder() { return recorder_; }

 private:
  AgentTimeline timeline_;
  AgentRecorder recorder_;
};

constexpr int kBoth = kLoadAssigned | kLoadAgentTurn;

// Available 0–3600 s; three chats [0,1200) [600,1800) [900,2400).
TEST(AgentTimelineTest, WorkedExample) {
  Agent agent;
  agent.State(0, kReady);
  agent.Load(0, 1, kBoth);
  agent.Load(600, 2, kBoth);
  agent.Load(900, 3, kBoth);
  const HandleTime first = agent.End(1200, 1);
  const HandleTime second = agent.End(1800, 2);
  const HandleTime third = agent.End(2400, 3);
  agent.State(3600, kGone);
  const AgentTimeCell cell = agent.Now(3600);

  EXPECT_EQ(cell.available_us(), 3600 * kSecond);
  const LoadTime& load = cell.loads[kTurn];
  EXPECT_EQ(load.busy_us, 2400 * kSecond);  // occupancy 66.67 %
  EXPECT_EQ(cell.idle_us(AgentLoad::kAgentTurn), 1200 * kSecond);
  EXPECT_EQ(load.level_us, 3900 * kSecond);  // 3900 / 2400 = 1.625
  EXPECT_EQ(load.max_level, 3u);
  // Capacity occupancy 3900 / 10'800 = 36.1 %.
  EXPECT_EQ(load.capped_us, 3900 * kSecond);
  EXPECT_EQ(cell.capacity_us(), 10'800 * kSecond);
  // Level 2 is [600, 900) and [1200, 1800).
  EXPECT_THAT(load.at_level_us, ElementsAre(1200 * kSecond, 1200 * kSecond,
                                            900 * kSecond, 300 * kSecond));
  EXPECT_EQ(first.elapsed_us[kTurn], 1200 * kSecond);
  EXPECT_EQ(second.elapsed_us[kTurn], 1200 * kSecond);
  EXPECT_EQ(third.elapsed_us[kTurn], 1500 * kSecond);  // 3900 in all
  EXPECT_EQ(first.share_us[kTurn], 850 * kSecond);
  EXPECT_EQ(second.share_us[kTurn], 550 * kSecond);
  EXPECT_EQ(third.share_us[kTurn], 1000 * kSecond);  // 2400 in all
}

TEST(AgentTimelineTest, TimeIsSlicedAtBucketEdges) {
  Agent agent;
  agent.State(600, kReady);
  agent.Load(800, 1, kBoth, /*group=*/9);
  agent.Now(2000);

  // 600–900, 900–1800, 1800–2000, the first cut at 800 once more.
  std::vector<int64_t> available;
  for (const auto& [key, cell] : agent.recorder().cells) {
    available.push_back(cell.available_us() / kSecond);
  }
  EXPECT_THAT(available, ElementsAre(300, 900, 200));
  std::vector<int64_t> handled;
  for (const auto& [key, time] : agent.recorder().slices) {
    EXPECT_EQ(std::get<2>(key), 9u);
    handled.push_back(time.elapsed_us[kAssigned] / kSecond);
  }
  EXPECT_THAT(handled, ElementsAre(100, 900, 200));
}

TEST(AgentTimelineTest, StatesSumToLoggedInTime) {
  Agent agent;
  agent.State(0, kReady);
  agent.State(100, kWrapUp);
  agent.State(130, kTraining);
  agent.State(200, kBreak);
  agent.State(300, kGone);
  const AgentTimeCell cell = agent.Now(1000);

  EXPECT_EQ(cell.staffed_us(), 300 * kSecond);
  EXPECT_EQ(cell.available_us(), 130 * kSecond);  // ready and handling
  EXPECT_EQ(cell.paid_us(), 200 * kSecond);
  EXPECT_EQ(cell.productive_us(), 130 * kSecond);  // utilization 65 %
  EXPECT_THAT(cell.states(), ElementsAre(StateTime{kReady, 100 * kSecond, 1},
                                         StateTime{kWrapUp, 30 * kSecond, 1},
                                         StateTime{kTraining, 70 * kSecond, 1},
                                         StateTime{kBreak, 100 * kSecond, 1},
                                         StateTime{kGone, 700 * kSecond, 1}));
}

TEST(AgentTimelineTest, LastStateAtAnInstantHoldsAndTheOthersAreNoVisit) {
  Agent agent;
  agent.State(0, kReady);
  agent.State(100, kBreak);
  agent.State(100, kTraining);
  agent.State(200, kBreak);
  agent.State(200, kTraining);  // nothing happened
  const AgentTimeCell cell = agent.Now(300);

  EXPECT_THAT(cell.states(),
              ElementsAre(StateTime{kReady, 100 * kSecond, 1},
                          StateTime{kTraining, 200 * kSecond, 1}));
}

TEST(AgentTimelineTest, ARepeatedStateIsOneVisit) {
  Agent agent;
  agent.State(0, kReady);
  agent.State(50, kReady);
  EXPECT_THAT(agent.Now(100).states(),
              ElementsAre(StateTime{kReady, 100 * kSecond, 1}));
}

TEST(AgentTimelineTest, NothingIsEmittedOfUnknownTimeWithoutLoad) {
  Agent agent;
  agent.State(0, kReady);
  agent.State(10, kUnknownState);
  agent.State(20, 77);  // no such state
  agent.State(30, kReady);
  const AgentTimeCell cell = agent.Now(40);

  EXPECT_EQ(cell.staffed_us(), 20 * kSecond);
  EXPECT_THAT(cell.states(), ElementsAre(StateTime{kReady, 20 * kSecond, 2}));
  EXPECT_THAT(agent.recorder().intervals, SizeIs(2));
}

TEST(AgentTimelineTest, AStateWithoutLogOutExpiresWhereAsked) {
  AgentTimelineOptions options = Options();
  options.max_state_us = 1000 * kSecond;
  Agent agent(options);
  agent.State(0, kReady);
  agent.Load(0, 1, kBoth);
  agent.State(400, kReady);  // confirms: until 1400
  agent.State(5000, kGone);  // offline does not expire
  const AgentTimeCell cell = agent.Now(9000);

  EXPECT_EQ(cell.available_us(), 1400 * kSecond);
  EXPECT_THAT(cell.states(), ElementsAre(StateTime{kReady, 1400 * kSecond, 1},
                                         StateTime{kGone, 4000 * kSecond, 1}));
  // Held for 9000 s, of which 3600 s unknown and 4000 s offline do not count.
  const HandleTime time = *agent.timeline().Handling({1, 1, Agent::At(9000)});
  EXPECT_EQ(time.elapsed_us[kAssigned], 1400 * kSecond);
  EXPECT_EQ(time.off_presence_us, 7600 * kSecond);
}

TEST(AgentTimelineTest, LoadsAreThreeVariants) {
  Agent agent;
  agent.State(0, kReady);
  agent.Load(0, 1, kBoth);
  agent.Load(0, 2, kLoadAssigned | kLoadFocus);
  agent.Load(40, 1, kLoadAssigned);
  agent.Load(70, 2, kLoadAssigned);
  const AgentTimeCell cell = agent.Now(100);
  const HandleTime first = agent.End(100, 1);
  const HandleTime second = agent.End(100, 2);

  EXPECT_EQ(cell.loads[kTurn].busy_us, 40 * kSecond);
  EXPECT_EQ(cell.loads[kAssigned].busy_us, 100 * kSecond);
  EXPECT_EQ(cell.loads[kAssigned].level_us, 200 * kSecond);
  EXPECT_EQ(cell.loads[kFocus].busy_us, 70 * kSecond);
  EXPECT_THAT(first.elapsed_us, ElementsAre(40 * kSecond, 100 * kSecond, 0));
  EXPECT_THAT(first.share_us, ElementsAre(40 * kSecond, 50 * kSecond, 0));
  EXPECT_THAT(second.elapsed_us, ElementsAre(0, 100 * kSecond, 70 * kSecond));
  EXPECT_THAT(second.share_us, ElementsAre(0, 50 * kSecond, 70 * kSecond));
}

TEST(AgentTimelineTest, OnlyOneEpisodeHasTheFocus) {
  Agent agent;
  agent.State(0, kReady);
  agent.Load(0, 1, kLoadFocus);
  agent.Load(10, 2, kLoadFocus);          // takes it from 1
  agent.Load(20, 1, kBoth | kLoadFocus);  // keeps asking: no new focus
  agent.Focus(40, 1);                     // but this is one
  agent.Load(70, 2, 0);                   // 2 has not had it since 40
  const HandleTime first = agent.End(100, 1);
  const HandleTime second = agent.End(100, 2);
  const AgentTimeCell cell = agent.Now(200);

  EXPECT_EQ(first.elapsed_us[kFocus], 70 * kSecond);   // 0–10, 40–100
  EXPECT_EQ(second.elapsed_us[kFocus], 30 * kSecond);  // 10–40
  EXPECT_EQ(cell.loads[kFocus].busy_us, 100 * kSecond);
  EXPECT_EQ(cell.loads[kFocus].max_level, 1u);
}

TEST(AgentTimelineTest, AFocusThatEndsDoesNotGoBack) {
  Agent agent;
  agent.State(0, kReady);
  agent.Load(0, 1, kLoadAssigned | kLoadFocus);
  agent.Load(10, 2, kLoadAssigned | kLoadFocus);
  agent.Load(20, 2, kLoadAssigned);
  EXPECT_EQ(agent.Now(100).loads[kFocus].busy_us, 20 * kSecond);
}

TEST(AgentTimelineTest, OddMicrosecondsOfAShareGoToTheFirstEpisodes) {
  Agent agent;
  agent.State(0, kReady);
  for (uint64_t episode : {7, 5, 6}) agent.Load(0, episode, kBoth);
  AgentTimeline& timeline = agent.timeline();
  const int64_t later = Agent::At(0) + 11;  // 3 each; 5 and 6 one more
  EXPECT_EQ(timeline.Handling({1, 5, later})->share_us[kTurn], 4);
  EXPECT_EQ(timeline.Handling({1, 6, later})->share_us[kTurn], 4);
  EXPECT_EQ(timeline.Handling({1, 7, later})->share_us[kTurn], 3);
}

TEST(AgentTimelineTest, SharesDoNotDependOnWhenOneLooks) {
  const auto share = [](bool looks) {
    Agent agent;
    agent.State(0, kReady);
    for (uint64_t episode : {1, 2, 3}) agent.Load(0, episode, kBoth);
    // Eleven looks, at each of which one microsecond would be odd.
    for (int64_t us = 1; looks && us <= 11; us += 1) {
      agent.timeline().Advance(1, Agent::At(0) + us, agent.recorder());
      AgentRecorder open;
      agent.timeline().EmitOpen(Agent::At(0) + us, open);
    }
    return agent.timeline().Handling({1, 3, Agent::At(0) + 12})->share_us;
  };
  EXPECT_EQ(share(true), share(false));
  EXPECT_EQ(share(true)[kTurn], 4);
}

TEST(AgentTimelineTest, LoadWhileNotAvailableIsNoHandleTime) {
  Agent agent;
  agent.State(0, kReady);
  agent.Load(0, 1, kBoth);
  agent.State(60, kBreak);
  agent.State(100, kReady);
  const HandleTime time = agent.End(150, 1);
  const AgentTimeCell cell = agent.Now(150);

  EXPECT_EQ(time.elapsed_us[kTurn], 110 * kSecond);
  EXPECT_EQ(time.share_us[kTurn], 110 * kSecond);
  EXPECT_EQ(time.off_presence_us, 40 * kSecond);
  EXPECT_EQ(cell.loads[kTurn].busy_us, 110 * kSecond);
  EXPECT_EQ(cell.loads[kTurn].off_level_us, 40 * kSecond);
}

TEST(AgentTimelineTest, WithoutAnyStateEventLoadStillCountsAsHandleTime) {
  Agent agent;
  agent.Load(0, 1, kBoth);
  agent.Load(0, 2, kBoth);
  const HandleTime first = agent.End(100, 1);
  const AgentTimeCell cell = agent.Now(100);

  EXPECT_EQ(first.elapsed_us[kTurn], 100 * kSecond);
  EXPECT_EQ(first.share_us[kTurn], 50 * kSecond);
  EXPECT_EQ(first.off_presence_us, 0);
  EXPECT_EQ(cell.loads[kTurn].busy_us, 0);  // nobody knows of idle time
  EXPECT_EQ(cell.loads[kTurn].unreported_busy_us, 100 * kSecond);
  EXPECT_EQ(cell.staffed_us(), 0);
}

TEST(AgentTimelineTest, WhichPresenceCountsIsAnOption) {
  const auto counted_s = [](HandlePresence presence) {
    AgentTimelineOptions options = Options();
    options.handle_presence = presence;
    Agent agent(options);
    agent.Load(0, 1, kBoth);
    agent.State(1, kReady);                                // 0–1 unreported
    agent.State(11, kGone);                                // 1–11 available
    return agent.End(111, 1).elapsed_us[kTurn] / kSecond;  // 11–111 offline
  };
  EXPECT_EQ(counted_s(HandlePresence::kAvailable), 10);
  EXPECT_EQ(counted_s(HandlePresence::kAvailableOrUnreported), 11);
  EXPECT_EQ(counted_s(HandlePresence::kAny), 111);
}

TEST(AgentTimelineTest, AssignmentsCarryThePresenceAndTheLevelsWithThem) {
  Agent agent;
  agent.Load(0, 1, kBoth);
  agent.State(0, kGone, /*team=*/5);
  agent.Load(1, 2, kLoadAssigned);
  agent.Load(2, 2, kBoth);  // the same assignment
  agent.State(3, kReady);
  agent.Load(3, 3, kBoth);

  const std::vector<AgentAssignment>& made = agent.recorder().assignments;
  ASSERT_THAT(made, SizeIs(3));
  EXPECT_EQ(made[0].presence, AgentPresence::kUnreported);
  EXPECT_EQ(made[0].team, kNoTeam);
  EXPECT_THAT(made[0].levels, ElementsAre(1, 1, 0));
  EXPECT_EQ(made[1].presence, AgentPresence::kOffline);
  EXPECT_EQ(made[1].team, 5u);
  EXPECT_THAT(made[1].levels, ElementsAre(1, 2, 0));
  EXPECT_EQ(made[2].presence, AgentPresence::kAvailable);
  EXPECT_THAT(made[2].levels, ElementsAre(3, 3, 0));
  EXPECT_EQ(made[2].at_us, Agent::At(3));
}

TEST(AgentTimelineTest, TheTeamSticksUntilAnEventNamesAnother) {
  Agent agent;
  agent.State(0, kReady, /*team=*/5);
  agent.State(10, kBreak);
  agent.State(20, kReady, /*team=*/6);
  agent.Now(50);

  const int32_t bucket = BucketOf(kNine);
  const auto& cells = agent.recorder().cells;
  EXPECT_THAT(cells, SizeIs(2));
  EXPECT_EQ(cells.at({1, 5, bucket}).staffed_us(), 20 * kSecond);
  EXPECT_EQ(cells.at({1, 6, bucket}).staffed_us(), 30 * kSecond);
  // Still the same stay in the state as far as the agent goes.
  EXPECT_THAT(cells.at({1, 6, bucket}).states(),
              ElementsAre(StateTime{kReady, 30 * kSecond, 1}));
}

TEST(AgentTimelineTest, ANewGroupTakesTheTimeFromItsInstantOn) {
  Agent agent;
  agent.State(0, kReady);
  agent.Load(0, 1, kBoth, /*group=*/1);
  agent.Load(30, 1, kBoth, /*group=*/2);
  agent.End(100, 1);

  const int32_t bucket = BucketOf(kNine);
  const auto& slices = agent.recorder().slices;
  EXPECT_EQ(slices.at({1, 1, 1, bucket}).elapsed_us[kTurn], 30 * kSecond);
  EXPECT_EQ(slices.at({1, 1, 2, bucket}).elapsed_us[kTurn], 70 * kSecond);
}

TEST(AgentTimelineTest, APausedHandlingGoesOnWhereItStopped) {
  Agent agent;
  agent.State(0, kReady);
  agent.Load(0, 1, kBoth);
  agent.Load(100, 1, 0);
  agent.Load(500, 1, kBoth);
  EXPECT_EQ(agent.End(550, 1).elapsed_us[kTurn], 150 * kSecond);
  EXPECT_EQ(agent.End(560, 1), HandleTime());  // it has ended
}

TEST(AgentTimelineTest, AnEarlierInstantCountsAsTheLatestSeen) {
  Agent agent;
  agent.State(100, kReady);
  agent.State(50, kBreak);
  agent.Load(20, 1, kBoth);
  const AgentTimeCell cell = agent.Now(110);
  EXPECT_THAT(cell.states(), ElementsAre(StateTime{kBreak, 10 * kSecond, 1}));
  EXPECT_EQ(agent.recorder().assignments[0].at_us, Agent::At(100));
  EXPECT_THAT(agent.Now(0).states(),
              ElementsAre(StateTime{kBreak, 10 * kSecond, 1}));
}

TEST(AgentTimelineTest, WithoutSlicesTotalsAreTheSame) {
  AgentTimelineOptions options = Options();
  options.slices = false;
  Agent agent(options);
  agent.State(0, kReady);
  for (uint64_t episode : {1, 2, 3}) agent.Load(800, episode, kBoth);
  const HandleTime time = agent.End(1000, 3);
  agent.Now(1000);

  EXPECT_THAT(agent.recorder().slices, IsEmpty());
  // [800, 900): 33'333'333 and one odd microsecond, not for the third; so
  // once more in [900, 1000).
  EXPECT_EQ(time.share_us[kTurn], 66'666'666);
}

TEST(AgentTimelineTest, AnOverlayLeavesItsBaseAlone) {
  Agent agent;
  agent.State(0, kReady);
  agent.Load(0, 1, kBoth);
  const AgentCheckpoint before = *agent.timeline().Checkpoint(1);

  AgentRecorder pending;
  AgentTimeline ahead = AgentTimeline::Over(agent.timeline());
  ahead.SetState({2, kReady, kNoTeam, Agent::At(10)}, pending);
  ahead.SetState({1, kBreak, kNoTeam, Agent::At(60)}, pending);
  EXPECT_EQ(ahead.EndHandling({1, 1, Agent::At(90)}, pending).off_presence_us,
            30 * kSecond);
  ahead.EmitOpen(Agent::At(100), pending);

  // Agent 1: 0–60 available, 60–100 on a break. Agent 2: 10–100 available.
  EXPECT_EQ(pending.Total().available_us(), 150 * kSecond);
  EXPECT_EQ(pending.Total().staffed_us(), 190 * kSecond);
  EXPECT_EQ(*agent.timeline().Checkpoint(1), before);
  EXPECT_FALSE(agent.timeline().Checkpoint(2).has_value());
  EXPECT_EQ(agent.timeline().agent_count(), 2u);  // 0 and 1
  EXPECT_EQ(ahead.agent_count(), 3u);
}

TEST(AgentTimelineTest, AnOverlayShowsAgentsThatItDoesNotTouch) {
  Agent agent;
  agent.State(0, kReady);
  AgentRecorder pending;
  AgentTimeline::Over(agent.timeline()).EmitOpen(Agent::At(100), pending);
  EXPECT_EQ(pending.Total().available_us(), 100 * kSecond);
}

TEST(AgentTimelineTest, ALoadOfAHundredThousandEpisodes) {
  AgentTimelineOptions options = Options();
  options.slices = false;
  AgentTimeline timeline(options);
  AgentRecorder recorder;
  constexpr uint64_t kMany = 100'000;
  // One more each millisecond for 100 s, then one less each millisecond.
  timeline.SetState({1, kReady, kNoTeam, kNine}, recorder);
  int64_t at_us = kNine;
  for (uint64_t episode = 0; episode < kMany; ++episode) {
    timeline.SetLoad({1, episode, kLoadAssigned, 0, at_us}, recorder);
    at_us += kMillisecond;
  }
  int64_t share_us = 0;
  int64_t elapsed_us = 0;
  for (uint64_t episode = 0; episode < kMany; ++episode) {
    const HandleTime time = timeline.EndHandling({1, episode, at_us}, recorder);
    share_us += time.share_us[kAssigned];
    elapsed_us += time.elapsed_us[kAssigned];
    at_us += kMillisecond;
  }
  // The last one leaves after 200 s less one millisecond. Each is held for
  // 100 s.
  EXPECT_EQ(share_us, 200 * kSecond - kMillisecond);
  EXPECT_EQ(elapsed_us, 100 * kSecond * static_cast<int64_t>(kMany));
  EXPECT_EQ(recorder.Total().loads[kAssigned].busy_us, share_us);
}

class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest() {
    agent_.State(0, kReady, 5);
    agent_.Load(0, 1, kBoth | kLoadFocus, 3);
    agent_.Load(100, 2, kBoth);
    agent_.Load(200, 2, kLoadAssigned);
    checkpoint_ = *agent_.timeline().Checkpoint(1);
  }

  absl::Status Restored(const AgentCheckpoint& checkpoint) {
    return AgentTimeline(Options()).Restore(1, checkpoint);
  }

  Agent agent_;
  AgentCheckpoint checkpoint_;
};

// Nothing comes of the time of one who is offline, so he is not told of it; but
// he is where the others are.
TEST(AgentTimelineTest, WhoIsOfflineIsTakenAlongAllTheSame) {
  AgentTimelineOptions options = Options();
  options.offline_intervals = false;
  Agent agent(options);
  agent.State(0, kReady);
  agent.State(100, kGone);
  agent.timeline().AdvanceAll(Agent::At(200), agent.recorder());
  EXPECT_EQ(agent.timeline().Checkpoint(1)->last_us, Agent::At(200));
  agent.timeline().AdvanceAll(Agent::At(5000), agent.recorder());
  EXPECT_EQ(agent.timeline().Checkpoint(1)->last_us, Agent::At(5000));
  EXPECT_EQ(agent.timeline().Checkpoint(1)->visited_state, kGone);

  agent.State(6000, kReady);
  EXPECT_EQ(agent.timeline().Checkpoint(1)->last_us, Agent::At(6000));
  const AgentTimeCell total = agent.Now(6300);
  EXPECT_EQ(total.available_us(), 400 * kSecond);
  ASSERT_EQ(total.states().size(), 1u);
  EXPECT_EQ(total.states()[0].visits, 2);
}

TEST_F(CheckpointTest, IsReadBackToTheSame) {
  AgentTimeline copy(Options());
  ASSERT_TRUE(copy.Restore(1, checkpoint_).ok());
  EXPECT_EQ(*copy.Checkpoint(1), checkpoint_);

  AgentRecorder from_copy;
  copy.EmitOpen(Agent::At(5000), from_copy);
  AgentRecorder from_agent;
  agent_.timeline().EmitOpen(Agent::At(5000), from_agent);
  EXPECT_EQ(from_copy.intervals, from_agent.intervals);
  EXPECT_EQ(from_copy.slices, from_agent.slices);
}

TEST_F(CheckpointTest, AStateThatHasExpiredByNewOptionsIsUnknown) {
  AgentTimelineOptions options = Options();
  options.max_state_us = 50 * kSecond;
  AgentTimeline copy(options);
  ASSERT_TRUE(copy.Restore(1, checkpoint_).ok());  // it is at 200 s
  AgentRecorder recorder;
  copy.EmitOpen(Agent::At(300), recorder);
  EXPECT_EQ(recorder.Total().staffed_us(), 0);
  EXPECT_EQ(recorder.Total().loads[kAssigned].off_level_us, 200 * kSecond);
}

TEST_F(CheckpointTest, RefusesWhatCannotBe) {
  using Spoil = void (*)(AgentCheckpoint&);
  const std::pair<Spoil, const char*> kCases[] = {
      {[](AgentCheckpoint& c) { c.state = 5; }, "no such state"},
      {[](AgentCheckpoint& c) { c.visited_state = 5; }, "no such state"},
      {[](AgentCheckpoint& c) { c.last_us = 0; }, "instant out of range"},
      {[](AgentCheckpoint& c) { c.state_event_us = c.last_us + 1; },
       "wrong instant of the state"},
      {[](AgentCheckpoint& c) { c.reported = false; },
       "wrong instant of the state"},
      {[](AgentCheckpoint& c) { std::swap(c.episodes[0], c.episodes[1]); },
       "out of order"},
      {[](AgentCheckpoint& c) { c.episodes[1].episode = 1; }, "out of order"},
      {[](AgentCheckpoint& c) { c.episodes[0].bits = 8; },
       "episode 1: wrong bits"},
      {[](AgentCheckpoint& c) { c.episodes[1].focus = true; },
       "episode 2: wrong bits"},
      {[](AgentCheckpoint& c) {
         c.episodes[1].focus = true;
         c.episodes[1].bits |= kLoadFocus;
       },
       "two episodes with focus"},
      {[](AgentCheckpoint& c) { c.episodes[0].total.elapsed_us[0] = -1; },
       "episode 1: time out of range"},
      {[](AgentCheckpoint& c) { c.episodes[0].total.share_us[2] = 0; },
       "episode 1: time out of range"},
      {[](AgentCheckpoint& c) {
         c.episodes[0].sliced = c.episodes[0].total;
         ++c.episodes[0].sliced.elapsed_us[0];
       },
       "episode 1: slices above the total"},
      {[](AgentCheckpoint& c) { c.undealt_us[kTurn] = -1; }, "undealt"},
      {[](AgentCheckpoint& c) { c.undealt_us[kAssigned] = kBucketSpan; },
       "undealt"},
      {[](AgentCheckpoint& c) {
         c.undealt_us[kTurn] = 1;
         for (AgentCheckpoint::Episode& e : c.episodes) {
           e.bits &= ~kLoadAgentTurn;
         }
       },
       "undealt"},
  };
  for (const auto& [spoil, reason] : kCases) {
    AgentCheckpoint spoiled = checkpoint_;
    spoil(spoiled);
    const absl::Status status = Restored(spoiled);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << reason;
    EXPECT_THAT(std::string(status.message()), HasSubstr(reason));
  }
}

}  // namespace
}  // namespace cckpi
