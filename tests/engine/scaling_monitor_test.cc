#include "cckpi/engine/scaling_monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "cckpi/base/time.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Two minutes to the first answer, by channel, over the last 15 minutes.
ScalingRule Slow() {
  ScalingRule rule;
  rule.id = "slow";
  rule.kpi = "first_response_time";
  rule.by = {*ParseDimension("channel")};
  rule.target = {Comparator::kLessEqual, 120 * kSecond};
  rule.bands = {
      {.level = "warning", .over_micro = 120 * kSecond, .notify = {"lead"}}};
  return rule;
}

ScalingRule Waiting() {
  ScalingRule rule;
  rule.id = "waiting";
  rule.kpi = "backlog";
  rule.target = {Comparator::kLessEqual, 1'000'000};
  rule.bands = {{.level = "warning", .over_micro = 1'000'000}};
  return rule;
}

struct World {
  explicit World(const std::vector<ScalingRule>& rules) {
    config.allowed_lateness_us = 0;
    config.scaling_matrix = rules;
    engine = std::make_unique<Engine>(*Engine::Create(config));
    monitor = std::make_unique<ScalingMonitor>(*ScalingMonitor::Create(config));
  }
  static int64_t At(std::string_view time) {
    return *ParseTime("2026-03-02T" + std::string(time) + "Z");
  }
  void Say(std::string_view time, EventKind kind, std::string_view interaction,
           std::string_view channel = {}) {
    Event event;
    event.at_us = At(time);
    event.kind = kind;
    event.interaction = interaction;
    event.channel = channel;
    if (kind == EventKind::kAgentMessage) event.agent = "ana";
    EXPECT_EQ(engine->Ingest({&event, 1}).accepted, 1);
  }
  TickResult Tick(std::string_view time) {
    EXPECT_TRUE(engine->Advance(ToTime(At(time))).ok());
    absl::StatusOr<TickResult> result =
        monitor->Tick(*engine, ToTime(At(time)));
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : TickResult();
  }

  Config config;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<ScalingMonitor> monitor;
};

TEST(ScalingMonitorTest, GroupsHaveStatesOfTheirOwn) {
  World world({Slow()});
  world.Say("09:00:00", EventKind::kCustomerMessage, "F", "facebook");
  world.Say("09:00:00", EventKind::kCustomerMessage, "W", "whatsapp");
  world.Say("09:01:00", EventKind::kAgentMessage, "W");
  world.Say("09:02:01", EventKind::kAgentMessage, "F");
  const TickResult result = world.Tick("09:03:00");
  ASSERT_THAT(result.transitions, SizeIs(2));
  EXPECT_EQ(result.transitions[0].group,
            (GroupLabels{{"channel", "facebook"}}));
  EXPECT_EQ(result.transitions[0].to, AlertState::kFiring);
  EXPECT_EQ(result.transitions[1].to, AlertState::kOk);
  ASSERT_THAT(result.notifications, SizeIs(1));
  EXPECT_EQ(result.notifications[0].incident,
            "slow@2026-03-02T09:03:00Z/channel=facebook");
  EXPECT_EQ(result.notifications[0].value, ExactValue::OfMicro(121 * kSecond));
  EXPECT_EQ(result.notifications[0].n, 1);
}

TEST(ScalingMonitorTest, ContributorsToTheBacklogAreTheOldest) {
  ScalingRule rule = Waiting();
  rule.by = {*ParseDimension("channel")};
  World world({rule});
  world.Say("09:00:00", EventKind::kCustomerMessage, "X", "x");
  world.Say("09:00:00", EventKind::kCustomerMessage, "A", "facebook");
  world.Say("09:01:00", EventKind::kCustomerMessage, "C", "facebook");
  world.Say("09:01:00", EventKind::kCustomerMessage, "B", "facebook");
  world.Say("09:02:00", EventKind::kAgentMessage, "A");
  const TickResult result = world.Tick("09:03:00");
  ASSERT_THAT(result.notifications, SizeIs(1));
  EXPECT_THAT(result.notifications[0].contributors,
              ElementsAre(Contributor{"A", 3 * kMinute, "open"},
                          Contributor{"B", 2 * kMinute, "waiting"},
                          Contributor{"C", 2 * kMinute, "waiting"}));
}

TEST(ScalingMonitorTest, RollingWindowIsTheRunningBucketAndThoseBefore) {
  World world({Slow()});
  world.Say("09:00:00", EventKind::kCustomerMessage, "F", "facebook");
  world.Say("09:05:00", EventKind::kAgentMessage, "F");
  world.Tick("09:06:00");
  // The answer is booked at its arrival, 09:00: the window of 15 minutes
  // holds it up to 09:29:59 and no longer.
  world.Tick("09:29:59");
  EXPECT_EQ(world.monitor->Alerts()[0].state.n, 1);
  world.Tick("09:30:00");
  EXPECT_EQ(world.monitor->Alerts()[0].state.n, 0);
  EXPECT_EQ(world.monitor->Alerts()[0].state.state, AlertState::kFiring);
}

TEST(ScalingMonitorTest, CalendarWindowIsTheOneThatHoldsNow) {
  ScalingRule rule = Slow();
  rule.window_us = 0;
  rule.calendar_window = Frequency::kHourly;
  World world({rule});
  world.Say("09:00:00", EventKind::kCustomerMessage, "F", "facebook");
  world.Say("09:05:00", EventKind::kAgentMessage, "F");
  world.Tick("09:59:59");
  EXPECT_EQ(world.monitor->Alerts()[0].state.n, 1);
  world.Tick("10:00:00");
  EXPECT_EQ(world.monitor->Alerts()[0].state.n, 0);
}

TEST(ScalingMonitorTest, CountWithoutARowIsZero) {
  World world({Waiting()});
  EXPECT_THAT(world.Tick("08:59:00").transitions, SizeIs(1));
  EXPECT_EQ(world.monitor->Alerts()[0].state.state, AlertState::kOk);
  world.Say("09:00:00", EventKind::kCustomerMessage, "A", "facebook");
  world.Say("09:00:00", EventKind::kCustomerMessage, "B", "facebook");
  EXPECT_THAT(world.Tick("09:01:00").notifications, SizeIs(1));
  world.Say("09:02:00", EventKind::kResolved, "A");
  world.Say("09:02:00", EventKind::kResolved, "B");
  const TickResult result = world.Tick("09:03:00");
  ASSERT_THAT(result.notifications, SizeIs(1));
  EXPECT_EQ(result.notifications[0].kind, NotificationKind::kResolved);
  EXPECT_EQ(result.notifications[0].value, ExactValue::OfMicro(0));
}

TEST(ScalingMonitorTest, InhibitionLooksAtTheSameTickInAnyOrderOfRules) {
  ScalingRule quiet = Slow();
  quiet.inhibited_by = {{.rule = "late", .equal = {"channel"}}};
  ScalingRule late = Slow();
  late.id = "late";
  late.scope = {{"channel", "facebook"}};
  late.by.clear();
  late.bands[0].over_micro = 240 * kSecond;
  for (const bool first : {true, false}) {
    World world(first ? std::vector<ScalingRule>{quiet, late}
                      : std::vector<ScalingRule>{late, quiet});
    for (const char* channel : {"facebook", "whatsapp"}) {
      world.Say("09:00:00", EventKind::kCustomerMessage, channel, channel);
    }
    for (const char* channel : {"facebook", "whatsapp"}) {
      world.Say("09:05:00", EventKind::kAgentMessage, channel);
    }
    std::vector<std::string> said;
    for (const Notification& note : world.Tick("09:06:00").notifications) {
      said.push_back(note.incident);
    }
    EXPECT_THAT(said, ::testing::UnorderedElementsAre(
                          "late@2026-03-02T09:06:00Z",
                          "slow@2026-03-02T09:06:00Z/channel=whatsapp"));
  }
}

// ana is available from 09:00 and resolves three cases: 3 per hour by 10:00,
// the quarter that has just begun included.
TEST(ScalingMonitorTest, MinimumOfARuleOnAgentTimeCountsCases) {
  for (const auto& [min_n, state] :
       {std::pair(3, AlertState::kFiring), std::pair(4, AlertState::kNoData)}) {
    ScalingRule rule = Waiting();
    rule.kpi = "cases_per_hour";
    rule.window_us = kHour;
    rule.min_n = min_n;
    World world({rule});
    Event present;
    present.at_us = World::At("09:00:00");
    present.kind = EventKind::kAgentState;
    present.agent = "ana";
    present.state = "available";
    EXPECT_EQ(world.engine->Ingest({&present, 1}).accepted, 1);
    for (const char* name : {"A", "B", "C"}) {
      world.Say("09:10:00", EventKind::kCustomerMessage, name, "chat");
    }
    for (const char* name : {"A", "B", "C"}) {
      world.Say("09:20:00", EventKind::kAgentMessage, name);
    }
    for (const char* name : {"A", "B", "C"}) {
      world.Say("09:30:00", EventKind::kResolved, name);
    }
    world.Tick("10:00:00");
    const std::vector<Alert> alerts = world.monitor->Alerts();
    ASSERT_THAT(alerts, SizeIs(1));
    EXPECT_EQ(alerts[0].state.n, 3);
    EXPECT_EQ(alerts[0].state.value->micro(), 3'000'000);
    EXPECT_EQ(alerts[0].state.state, state);
  }
}

// Occupancy is a share of time: there is nothing to count.
TEST(ScalingMonitorTest, MinimumDoesNotApplyWhereNothingIsCounted) {
  ScalingRule rule = Waiting();
  rule.kpi = "occupancy";
  rule.window_us = kHour;
  rule.min_n = 5;
  rule.target = {Comparator::kLessEqual, 100'000};
  rule.bands = {{.level = "busy", .over_micro = 100'000}};
  World world({rule});
  Event present;
  present.at_us = World::At("09:00:00");
  present.kind = EventKind::kAgentState;
  present.agent = "ana";
  present.state = "available";
  EXPECT_EQ(world.engine->Ingest({&present, 1}).accepted, 1);
  world.Say("09:00:00", EventKind::kCustomerMessage, "A", "chat");
  Event taken;
  taken.at_us = World::At("09:00:00");
  taken.kind = EventKind::kAssigned;
  taken.interaction = "A";
  taken.agent = "ana";
  EXPECT_EQ(world.engine->Ingest({&taken, 1}).accepted, 1);
  world.Say("09:15:00", EventKind::kAgentMessage, "A");
  const TickResult result = world.Tick("10:00:00");
  ASSERT_THAT(result.notifications, SizeIs(1));
  // A quarter of the hour.
  EXPECT_EQ(result.notifications[0].value->micro(), 250'000);
  EXPECT_EQ(result.notifications[0].n, 0);
}

TEST(ScalingMonitorTest, EngineThatLagsIsRefused) {
  World world({Waiting()});
  world.Tick("09:00:00");
  EXPECT_EQ(world.monitor->Tick(*world.engine, ToTime(World::At("09:00:01")))
                .status()
                .message(),
            "now: the engine has not been advanced to 2026-03-02T09:00:01Z");
  EXPECT_EQ(world.monitor->last_tick_us(), World::At("09:00:00"));
}

TEST(ScalingMonitorTest, AcknowledgedIncidentIsNotRepeated) {
  ScalingRule rule = Waiting();
  rule.repeat_us = 5 * kMinute;
  World world({rule});
  world.Say("09:00:00", EventKind::kCustomerMessage, "A", "facebook");
  world.Say("09:00:00", EventKind::kCustomerMessage, "B", "facebook");
  const std::string id = world.Tick("09:00:00").notifications[0].incident;
  EXPECT_THAT(world.Tick("09:04:59").notifications, IsEmpty());
  EXPECT_THAT(world.Tick("09:05:00").notifications, SizeIs(1));
  EXPECT_TRUE(
      world.monitor->Acknowledge(id, "eva", ToTime(World::At("09:06:00")))
          .ok());
  EXPECT_THAT(world.Tick("09:30:00").notifications, IsEmpty());
  EXPECT_THAT(world.monitor
                  ->Acknowledge("nothing", "eva",
                                absl::UnixEpoch() + absl::Hours(400'000))
                  .message(),
              HasSubstr("no incident \"nothing\" is open"));
}

TEST(ScalingMonitorTest, RestoredMonitorGoesOnAsIfNothingHadHappened) {
  ScalingRule rule = Slow();
  rule.repeat_us = 5 * kMinute;
  World world({rule, Waiting()});
  world.Say("09:00:00", EventKind::kCustomerMessage, "F", "facebook");
  world.Say("09:05:00", EventKind::kAgentMessage, "F");
  world.Tick("09:06:00");
  const std::string bytes = world.monitor->Save();
  ScalingMonitor other = *ScalingMonitor::Create(world.config);
  ASSERT_TRUE(other.Restore(bytes).ok());
  EXPECT_EQ(other.Save(), bytes);
  EXPECT_TRUE(world.engine->Advance(ToTime(World::At("09:12:00"))).ok());
  const TickResult expected = world.Tick("09:12:00");
  EXPECT_EQ(
      other.Tick(*world.engine, ToTime(World::At("09:12:00")))->notifications,
      expected.notifications);
  EXPECT_EQ(other.Save(), world.monitor->Save());
  // A cut or changed copy is refused and changes nothing.
  const std::string before = other.Save();
  EXPECT_FALSE(other.Restore(bytes.substr(0, bytes.size() - 1)).ok());
  EXPECT_FALSE(other.Restore("").ok());
  EXPECT_EQ(other.Save(), before);
}

TEST(ScalingMonitorTest, RulesThatStandForNothingAreRefused) {
  Config config;
  config.scaling_matrix = {Slow()};
  config.scaling_matrix[0].kpi = "nothing";
  EXPECT_EQ(ScalingMonitor::Create(config).status().message(),
            "scaling_matrix[0].kpi: no KPI \"nothing\"");
  config.scaling_matrix[0] = Slow();
  config.scaling_matrix[0].mute_calendar = "nights";
  EXPECT_EQ(ScalingMonitor::Create(config).status().message(),
            "scaling_matrix[0].mute: no calendar \"nights\"");
  config.scaling_matrix[0] = Slow();
  config.scaling_matrix[0].inhibited_by = {{.rule = "slow", .equal = {}}};
  EXPECT_EQ(ScalingMonitor::Create(config).status().message(),
            "scaling_matrix[0].inhibited_by: rules silence each other");
}

}  // namespace
}  // namespace cckpi
