// AgentTimeline against the oracle, and the identities of agent time, on
// random logs.

#include "oracle/agent_oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "cckpi/timeline/agent_timeline.h"
#include "oracle/settings.h"
#include "timeline/agent_recorder.h"

namespace cckpi {
namespace {

using oracle::AgentChange;
using oracle::AgentFigures;
using oracle::AgentOp;
using oracle::AgentRules;

constexpr int64_t kNine = 1'772'442'000 * kSecond;
const char* const kLoadNames[] = {"turn", "assigned", "focus"};
const char* const kPresenceNames[] = {"unreported", "unknown", "offline",
                                      "unavailable", "available"};
const char* const kAnomalyNames[kAgentAnomalyCount] = {
    "state replaced",  "state expired",       "state long",
    "team changed",    "replied unavailable", "replied offline",
    "replied unknown", "replied unassigned"};

// A log of a few agents in which instants coincide, fall on bucket edges and
// are a few odd microseconds apart.
struct RandomLog {
  explicit RandomLog(uint64_t seed) : random(seed) {
    rules.states = {"pra", "prah", "p", "", "o"};
    rules.capacity = Below(5);
    if (Below(3) == 0) rules.max_state_us = Span();
    if (Below(2) == 0) rules.suspect_us = Span();
    rules.replies_confirm = Below(2) == 0;
    rules.count_any = Below(5) == 0;
    rules.count_unreported = rules.count_any || Below(3) != 0;
    const int agents = 1 + Below(3);
    const int episodes = 1 + Below(6);
    int64_t at_us = kNine - Below(3) * kMinute;
    for (int i = 5 + Below(60); i > 0; --i) {
      if (Below(3) != 0) at_us += Span();
      AgentChange change;
      change.at_us = at_us;
      change.agent = 1 + Below(agents);
      change.episode = 1 + Below(episodes);
      const int kind = Below(10);
      if (kind < 3) {
        change.op = AgentOp::kState;
        change.state = Below(6) - 1;
        change.team = Below(3);
      } else if (kind < 8) {
        change.op = AgentOp::kLoad;
        change.assigned = Below(3) != 0;
        change.agent_turn = Below(2) == 0;
        change.focus = Below(4) == 0;
        change.group = Below(8) == 0 ? 1 : 0;
      } else {
        const int rare = Below(3);
        change.op = rare == 0   ? AgentOp::kFocus
                    : rare == 1 ? AgentOp::kEnd
                                : AgentOp::kReply;
        change.of_another = Below(2) == 0;
      }
      log.push_back(change);
    }
    now_us = at_us + (Below(2) == 0 ? 0 : Span());
  }

  int Below(int n) {
    return static_cast<int>(random() % static_cast<uint64_t>(n));
  }

  int64_t Span() {
    switch (Below(5)) {
      case 0:
        return Below(12);
      case 1:
        return Below(4) * 5 * kMinute;
      case 2:
        return 40 * kMinute + Below(100);
      default:
        return Below(600'000'000);
    }
  }

  AgentTimelineOptions Options() const {
    AgentTimelineOptions options;
    options.states = {
        kClassPaid | kClassProductive | kClassAvailable,
        kClassPaid | kClassProductive | kClassAvailable | kClassHandling,
        kClassPaid, 0, kClassOffline};
    options.max_state_us = rules.max_state_us;
    options.suspect_state_us = rules.suspect_us;
    options.replies_confirm = rules.replies_confirm;
    options.handle_presence = rules.count_any ? HandlePresence::kAny
                              : rules.count_unreported
                                  ? HandlePresence::kAvailableOrUnreported
                                  : HandlePresence::kAvailable;
    return options;
  }

  std::mt19937_64 random;
  AgentRules rules;
  std::vector<AgentChange> log;
  int64_t now_us = 0;
};

// The figures of the timeline under the names of the oracle.
class Replay {
 public:
  explicit Replay(const AgentRules& rules) : recorder_(rules.capacity) {}

  void Apply(const AgentChange& change, AgentTimeline& timeline) {
    const uint32_t agent = static_cast<uint32_t>(change.agent);
    const uint64_t episode = static_cast<uint64_t>(change.episode);
    const bool was_held =
        timeline.Handling({agent, episode, change.at_us}).has_value();
    switch (change.op) {
      case AgentOp::kState:
        timeline.SetState(
            {agent,
             change.state < 0 ? kUnknownState
                              : static_cast<uint32_t>(change.state),
             static_cast<uint32_t>(change.team), change.at_us},
            recorder_);
        return;
      case AgentOp::kLoad: {
        const int bits = (change.assigned ? kLoadAssigned : 0) |
                         (change.agent_turn ? kLoadAgentTurn : 0) |
                         (change.focus ? kLoadFocus : 0);
        timeline.SetLoad({agent, episode, static_cast<uint8_t>(bits),
                          static_cast<uint32_t>(change.group), change.at_us},
                         recorder_);
        if (!was_held && bits != 0) ++count_[{change.agent, change.episode}];
        return;
      }
      case AgentOp::kFocus:
        timeline.Focus({agent, episode, change.at_us}, recorder_);
        return;
      case AgentOp::kReply:
        timeline.Reply({agent, episode, change.of_another, change.at_us},
                       recorder_);
        return;
      case AgentOp::kEnd: {
        const HandleTime time =
            timeline.EndHandling({agent, episode, change.at_us}, recorder_);
        if (was_held) {
          Put(time, change.agent, change.episode, figures_.ended);
          ended_.push_back({agent, time});
        }
        return;
      }
    }
  }

  // Ends the replay at now; only once.
  const AgentFigures& Figures(const AgentTimeline& timeline, int64_t now_us) {
    timeline.EmitOpen(now_us, recorder_);
    for (const auto& [key, cell] : recorder_.cells) AddCell(key, cell);
    for (const auto& [key, time] : recorder_.slices) {
      const auto& [agent, episode, group, bucket] = key;
      for (const auto& [name, us] : Names(time)) {
        figures_.slices[{static_cast<int>(agent), static_cast<int>(episode),
                         static_cast<int>(group), bucket, name}] += us;
      }
    }
    for (const auto& [pair, count] : count_) {
      const uint32_t agent = static_cast<uint32_t>(pair.first);
      const auto time = timeline.Handling(
          {agent, static_cast<uint64_t>(pair.second), now_us});
      if (!time.has_value()) continue;
      Put(*time, pair.first, pair.second, figures_.running);
      ended_.push_back({agent, *time});
    }
    return figures_;
  }

  AgentRecorder& recorder() { return recorder_; }
  // Every handling with its agent, after Figures().
  const std::vector<std::pair<uint32_t, HandleTime>>& handlings() const {
    return ended_;
  }

 private:
  using Times = std::map<std::string, int64_t>;

  static Times Names(const HandleTime& time) {
    Times names;
    for (size_t i = 0; i < kAgentLoadCount; ++i) {
      names[std::string("elapsed ") + kLoadNames[i]] = time.elapsed_us[i];
      names[std::string("share ") + kLoadNames[i]] = time.share_us[i];
    }
    names["off"] = time.off_presence_us;
    std::erase_if(names, [](const auto& name) { return name.second == 0; });
    return names;
  }

  void Put(const HandleTime& time, int agent, int episode,
           std::map<std::tuple<int, int, int, std::string>, int64_t>& to) {
    for (const auto& [name, us] : Names(time)) {
      to[{agent, episode, count_[{agent, episode}], name}] = us;
    }
  }

  void AddCell(const std::tuple<uint32_t, uint32_t, int32_t>& key,
               const AgentTimeCell& cell) {
    const auto& [agent, team, bucket] = key;
    Times times;
    for (const StateTime& state : cell.states()) {
      times["state " + std::to_string(state.state)] = state.time_us;
      times["visits " + std::to_string(state.state)] = state.visits;
    }
    times["staffed"] = cell.staffed_us();
    times["available"] = cell.available_us();
    times["paid"] = cell.paid_us();
    times["productive"] = cell.productive_us();
    times["capacity"] = static_cast<int64_t>(cell.capacity_us());
    for (size_t i = 0; i < kAgentPresenceCount; ++i) {
      times[std::string("assignments ") + kPresenceNames[i]] =
          cell.assignments(static_cast<AgentPresence>(i));
    }
    for (size_t i = 0; i < kAgentAnomalyCount; ++i) {
      times[kAnomalyNames[i]] =
          cell.anomalies(static_cast<AgentAnomalyKind>(i));
    }
    for (size_t i = 0; i < kAgentLoadCount; ++i) {
      const LoadTime& load = cell.loads[i];
      const std::string name = std::string(" ") + kLoadNames[i];
      times["busy" + name] = load.busy_us;
      times["level" + name] = static_cast<int64_t>(load.level_us);
      times["capped" + name] = static_cast<int64_t>(load.capped_us);
      times["max" + name] = load.max_level;
      times["unreported busy" + name] = load.unreported_busy_us;
      times["unreported level" + name] =
          static_cast<int64_t>(load.unreported_level_us);
      times["off level" + name] = static_cast<int64_t>(load.off_level_us);
      for (size_t k = 0; k < load.at_level_us.size(); ++k) {
        times["at " + std::to_string(k) + name] = load.at_level_us[k];
      }
      for (size_t k = 0; k < load.assigned_at_level.size(); ++k) {
        times["assigned at " + std::to_string(k) + name] =
            load.assigned_at_level[k];
      }
    }
    for (const auto& [name, us] : times) {
      if (us == 0) continue;
      figures_.time[{static_cast<int>(agent), static_cast<int>(team), bucket,
                     name}] += us;
    }
  }

  AgentRecorder recorder_;
  AgentFigures figures_;
  std::map<std::pair<int, int>, int> count_;  // handlings of a pair so far
  std::vector<std::pair<uint32_t, HandleTime>> ended_;
};

// Of two tables, the entries that differ.
template <typename Table>
void ExpectSameTable(const Table& actual, const Table& expected) {
  if (actual == expected) return;
  Table only_actual = actual;
  Table only_expected;
  for (const auto& [key, value] : expected) {
    const auto found = only_actual.find(key);
    if (found != only_actual.end() && found->second == value) {
      only_actual.erase(found);
    } else {
      only_expected.emplace(key, value);
    }
  }
  EXPECT_EQ(only_actual, only_expected);
}

void ExpectSame(const AgentFigures& actual, const AgentFigures& expected) {
  ExpectSameTable(actual.time, expected.time);
  ExpectSameTable(actual.slices, expected.slices);
  ExpectSameTable(actual.ended, expected.ended);
  ExpectSameTable(actual.running, expected.running);
}

TEST(AgentOracleTest, OracleKnowsTheWorkedExample) {
  AgentRules rules;
  rules.states = {"pra"};
  std::vector<AgentChange> log(7);
  const int64_t at_s[] = {0, 0, 600, 900, 1200, 1800, 2400};
  const int episode[] = {0, 1, 2, 3, 1, 2, 3};
  for (size_t i = 0; i < log.size(); ++i) {
    log[i].at_us = kNine + at_s[i] * kSecond;
    log[i].agent = 1;
    log[i].episode = episode[i];
    log[i].state = 0;
    log[i].agent_turn = true;
    log[i].op = i == 0  ? AgentOp::kState
                : i < 4 ? AgentOp::kLoad
                        : AgentOp::kEnd;
  }
  AgentFigures figures = AgentTimeOf(log, rules, kNine + 3600 * kSecond);

  EXPECT_EQ((figures.ended[{1, 1, 1, "share turn"}]), 850 * kSecond);
  EXPECT_EQ((figures.ended[{1, 2, 1, "share turn"}]), 550 * kSecond);
  EXPECT_EQ((figures.ended[{1, 3, 1, "share turn"}]), 1000 * kSecond);
  EXPECT_EQ((figures.ended[{1, 3, 1, "elapsed turn"}]), 1500 * kSecond);
  // The third quarter, [1800, 2700): busy until 2400.
  const int64_t third = kNine / kBucketSpan + 2;
  EXPECT_EQ((figures.time[{1, 0, third, "busy turn"}]), 600 * kSecond);
  EXPECT_EQ((figures.time[{1, 0, third, "available"}]), 900 * kSecond);
}

TEST(AgentOracleTest, TimelineAgreesWithTheOracle) {
  for (const uint64_t seed : oracle::Seeds(1000, 0)) {
    if (HasFailure()) return;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomLog log(seed);
    AgentTimeline timeline(log.Options());
    Replay replay(log.rules);
    for (const AgentChange& change : log.log) replay.Apply(change, timeline);
    ExpectSame(replay.Figures(timeline, log.now_us),
               AgentTimeOf(log.log, log.rules, log.now_us));
  }
}

// Ticks, checkpoints and an overlay from some point on change nothing.
TEST(AgentOracleTest, AnyWayOfRunningGivesTheSame) {
  for (const uint64_t seed : oracle::Seeds(500, 0)) {
    if (HasFailure()) return;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomLog log(seed);
    const size_t ahead_from =
        static_cast<size_t>(log.Below(static_cast<int>(log.log.size()) + 1));
    AgentTimeline timeline(log.Options());
    Replay replay(log.rules);
    for (size_t i = 0; i < ahead_from; ++i) {
      replay.Apply(log.log[i], timeline);
      const int64_t until_us =
          i + 1 < log.log.size() ? log.log[i + 1].at_us : log.now_us;
      const int64_t room_us = until_us - log.log[i].at_us;
      if (log.Below(2) == 0) {
        timeline.AdvanceAll(log.log[i].at_us + room_us * log.Below(4) / 3,
                            replay.recorder());
      }
      if (log.Below(4) == 0) {
        AgentTimeline restored(log.Options());
        for (uint32_t agent = 0; agent < timeline.agent_count(); ++agent) {
          const auto checkpoint = timeline.Checkpoint(agent);
          if (!checkpoint.has_value()) continue;
          ASSERT_TRUE(restored.Restore(agent, *checkpoint).ok());
          ASSERT_EQ(restored.Checkpoint(agent), checkpoint);
        }
        timeline = std::move(restored);
      }
    }
    AgentTimeline ahead = AgentTimeline::Over(timeline);
    for (size_t i = ahead_from; i < log.log.size(); ++i) {
      replay.Apply(log.log[i], ahead);
    }
    ExpectSame(replay.Figures(ahead, log.now_us),
               AgentTimeOf(log.log, log.rules, log.now_us));
  }
}

// What is put off comes later, and is the same.
TEST(AgentOracleTest, PuttingOffChangesNothing) {
  for (const uint64_t seed : oracle::Seeds(1000, 0)) {
    if (HasFailure()) return;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomLog log(seed);
    AgentTimelineOptions options = log.Options();
    options.defers = true;
    AgentTimeline timeline(options);
    Replay replay(log.rules);
    for (const AgentChange& change : log.log) {
      replay.Apply(change, timeline);
      if (log.Below(4) == 0) timeline.Flush(replay.recorder());
    }
    ExpectSame(replay.Figures(timeline, log.now_us),
               AgentTimeOf(log.log, log.rules, log.now_us));
  }
}

// Without intervals of nothing but absence, everything else is the same.
TEST(AgentOracleTest, NightsMayBeLeftOut) {
  for (const uint64_t seed : oracle::Seeds(500, 0)) {
    if (HasFailure()) return;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomLog log(seed);
    AgentTimelineOptions options = log.Options();
    options.levels = static_cast<uint8_t>(log.Below(8));
    options.shares = static_cast<uint8_t>(log.Below(8));
    options.slices = log.Below(2) == 0;
    options.defers = log.Below(2) == 0;
    AgentTimeline whole(options);
    options.offline_intervals = false;
    AgentTimeline days(options);
    AgentRecorder of_whole;
    AgentRecorder of_days;
    Replay replay_whole(log.rules);
    Replay replay_days(log.rules);
    for (const AgentChange& change : log.log) {
      replay_whole.Apply(change, whole);
      replay_days.Apply(change, days);
      if (log.Below(3) != 0) continue;
      const int64_t to_us = change.at_us + log.Below(2) * 2 * kBucketSpan;
      if (to_us > log.now_us || &change != &log.log.back()) continue;
      whole.AdvanceAll(to_us, replay_whole.recorder());
      days.AdvanceAll(to_us, replay_days.recorder());
    }
    whole.Flush(replay_whole.recorder());
    days.Flush(replay_days.recorder());
    for (uint32_t agent = 0; agent < whole.agent_count(); ++agent) {
      EXPECT_EQ(days.Checkpoint(agent), whole.Checkpoint(agent));
    }
    const AgentFigures expected = replay_whole.Figures(whole, log.now_us);
    const AgentFigures actual = replay_days.Figures(days, log.now_us);
    ExpectSameTable(actual.slices, expected.slices);
    ExpectSameTable(actual.ended, expected.ended);
    ExpectSameTable(actual.running, expected.running);
    EXPECT_EQ(replay_days.recorder().anomalies,
              replay_whole.recorder().anomalies);
    for (const AgentInterval& interval : replay_whole.recorder().intervals) {
      if (interval.presence == AgentPresence::kOffline &&
          interval.levels == AgentLevels()) {
        continue;
      }
      of_whole.AddInterval(interval);
    }
    for (const AgentInterval& interval : replay_days.recorder().intervals) {
      EXPECT_FALSE(interval.presence == AgentPresence::kOffline &&
                   interval.levels == AgentLevels());
      of_days.AddInterval(interval);
    }
    EXPECT_EQ(of_days.cells, of_whole.cells);
  }
}

TEST(AgentOracleTest, TotalsDoNotNeedSlices) {
  for (const uint64_t seed : oracle::Seeds(250, 0)) {
    if (HasFailure()) return;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomLog log(seed);
    AgentTimelineOptions options = log.Options();
    options.slices = false;
    AgentTimeline timeline(options);
    Replay replay(log.rules);
    for (const AgentChange& change : log.log) replay.Apply(change, timeline);
    AgentFigures expected = AgentTimeOf(log.log, log.rules, log.now_us);
    expected.slices.clear();
    ExpectSame(replay.Figures(timeline, log.now_us), expected);
  }
}

// What must hold of every log, whatever the definitions in detail.
TEST(AgentOracleTest, Identities) {
  for (const uint64_t seed : oracle::Seeds(500, 0)) {
    if (HasFailure()) return;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomLog log(seed);
    AgentTimelineOptions options = log.Options();
    if (options.handle_presence == HandlePresence::kAny) {
      options.handle_presence = HandlePresence::kAvailable;
    }
    const bool with_unreported =
        options.handle_presence == HandlePresence::kAvailableOrUnreported;
    AgentTimeline timeline(options);
    Replay replay(log.rules);
    for (const AgentChange& change : log.log) replay.Apply(change, timeline);
    replay.Figures(timeline, log.now_us);
    const AgentTimeCell cell = replay.recorder().Total();

    // States sum to the logged-in time; 4 is offline.
    int64_t in_states_us = 0;
    for (const StateTime& state : cell.states()) {
      if (state.state != 4) in_states_us += state.time_us;
    }
    EXPECT_EQ(in_states_us, cell.staffed_us());

    HandleTime handled;
    for (const auto& [agent, time] : replay.handlings()) {
      for (size_t i = 0; i < kAgentLoadCount; ++i) {
        EXPECT_LE(time.share_us[i], time.elapsed_us[i]);
        EXPECT_GE(time.share_us[i], 0);
      }
      AddTo(handled, time);
    }
    HandleTime sliced;
    for (const auto& [key, time] : replay.recorder().slices) {
      AddTo(sliced, time);
    }
    EXPECT_EQ(sliced.elapsed_us, handled.elapsed_us);
    EXPECT_EQ(sliced.share_us, handled.share_us);

    for (size_t i = 0; i < kAgentLoadCount; ++i) {
      const LoadTime& load = cell.loads[i];
      // Shares sum to the busy time, also in each bucket of each agent.
      const int64_t extra_us = with_unreported ? load.unreported_busy_us : 0;
      EXPECT_EQ(handled.share_us[i], load.busy_us + extra_us);
      // elapsed / busy is the mean level while busy.
      EXPECT_EQ(
          handled.elapsed_us[i],
          load.level_us + (with_unreported ? load.unreported_level_us : 0));
      // Occupancy and capacity occupancy are at most 1.
      EXPECT_LE(load.busy_us, cell.available_us());
      EXPECT_LE(load.capped_us, cell.capacity_us());
      int64_t at_levels_us = 0;
      for (int64_t us : load.at_level_us) at_levels_us += us;
      EXPECT_EQ(at_levels_us, cell.available_us());
    }
    std::map<std::pair<uint32_t, int32_t>, int64_t> in_bucket;
    for (const auto& [key, time] : replay.recorder().slices) {
      in_bucket[{std::get<0>(key), std::get<3>(key)}] += time.share_us[0];
    }
    for (const auto& [key, one] : replay.recorder().cells) {
      in_bucket[{std::get<0>(key), std::get<2>(key)}] -=
          one.loads[0].busy_us +
          (with_unreported ? one.loads[0].unreported_busy_us : 0);
    }
    for (const auto& [key, rest_us] : in_bucket) EXPECT_EQ(rest_us, 0);
  }
}

}  // namespace
}  // namespace cckpi
