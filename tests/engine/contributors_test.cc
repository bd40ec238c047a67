// Whom the notifications of rules name; the numbers are worked out by hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/engine/scaling_monitor.h"
#include "cckpi/io/config_json.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

int64_t At(std::string_view time) {
  return *ParseTime("2026-03-02T" + std::string(time) + ":00Z");
}

Event Of(std::string_view time, EventKind kind, std::string_view interaction,
         std::string_view channel = "chat") {
  Event event;
  event.at_us = At(time);
  event.kind = kind;
  event.interaction = interaction;
  event.channel = channel;
  if (kind == EventKind::kAgentMessage || kind == EventKind::kResolved) {
    event.agent = "ana";
  }
  return event;
}
Event Asked(std::string_view time, std::string_view interaction,
            std::string_view channel = "chat") {
  return Of(time, EventKind::kCustomerMessage, interaction, channel);
}
Event Answered(std::string_view time, std::string_view interaction) {
  return Of(time, EventKind::kAgentMessage, interaction);
}
Event Resolved(std::string_view time, std::string_view interaction) {
  return Of(time, EventKind::kResolved, interaction);
}
Event Discarded(std::string_view time, std::string_view interaction) {
  return Of(time, EventKind::kDiscarded, interaction);
}

// One rule, which fires whatever its value; `kpis` is JSON.
Config WithRule(const std::string& kpi, int64_t window_us = kBucketSpan,
                const std::string& kpis = "[]") {
  Config config =
      *ParseConfig(R"({"allowed_lateness": "0s", "groups": [["channel"]])" +
                   (kpis == "[]" ? "" : ", \"kpis\": " + kpis) + "}");
  ScalingRule rule;
  rule.id = "rule";
  rule.kpi = kpi;
  rule.window_us = window_us;
  rule.bands = {{.level = "any", .over_micro = -1}};
  config.scaling_matrix = {rule};
  return config;
}

std::vector<Contributor> Named(const Config& config, const Engine& engine,
                               std::string_view time) {
  ScalingMonitor monitor = *ScalingMonitor::Create(config);
  const absl::StatusOr<TickResult> result =
      monitor.Tick(engine, ToTime(At(time)));
  EXPECT_TRUE(result.ok()) << result.status();
  if (!result.ok() || result->notifications.empty()) return {};
  return result->notifications[0].contributors;
}

Engine EngineOf(const Config& config, const std::vector<Event>& events,
                std::string_view time) {
  Engine engine = *Engine::Create(config);
  EXPECT_EQ(engine.Ingest(events).accepted,
            static_cast<int64_t>(events.size()));
  EXPECT_TRUE(engine.Advance(ToTime(At(time))).ok());
  return engine;
}

std::vector<Contributor> Named(const Config& config,
                               const std::vector<Event>& events,
                               std::string_view time) {
  return Named(config, EngineOf(config, events, time), time);
}

TEST(ContributorsTest, SlowestAnswersInTheWindowThenThoseWhoWait) {
  const Config config = WithRule("first_response_time", kHour);
  const std::vector<Event> events = {
      Asked("07:30", "before"),  // booked at 07:30: outside
      Asked("09:00", "a"),      Asked("09:00", "b"),
      Asked("09:00", "c"),      Answered("09:02", "a"),
      Answered("09:10", "b"),   Answered("09:10", "before"),
      Answered("09:10", "c"),   Asked("09:20", "d"),
      Asked("09:25", "e"),
  };
  EXPECT_THAT(Named(config, events, "09:30"),
              ElementsAre(Contributor{"b", 10 * kMinute, "answered"},
                          Contributor{"c", 10 * kMinute, "answered"},
                          Contributor{"a", 2 * kMinute, "answered"},
                          Contributor{"d", 10 * kMinute, "waiting"},
                          Contributor{"e", 5 * kMinute, "waiting"}));
}

// The engine may be ahead of the tick: what its bucket counts from there has
// been for no time yet.
TEST(ContributorsTest, NothingIsLessThanNothingLongAgo) {
  const Config config = WithRule("arrivals");
  const Engine engine =
      EngineOf(config, {Asked("09:01", "a"), Asked("09:06", "b")}, "09:10");
  EXPECT_THAT(Named(config, engine, "09:05"),
              ElementsAre(Contributor{"a", 4 * kMinute, "counted"},
                          Contributor{"b", 0, "counted"},
                          Contributor{"a", 4 * kMinute, "waiting"}));
  const Config late = WithRule(
      "sl", kHour, R"([{"id": "sl", "kpi": "service_level", "within": "5m"}])");
  const Engine ahead = EngineOf(late, {Asked("09:01", "a")}, "09:10");
  EXPECT_THAT(Named(late, ahead, "09:05"),
              ElementsAre(Contributor{"a", 4 * kMinute, "waiting"}));
}

TEST(ContributorsTest, AtMostFiveAreNamedOfWhatCounts) {
  const Config config = WithRule("first_response_time");
  std::vector<Event> events;
  const std::vector<std::string> names = {"1", "2", "3", "4",
                                          "5", "6", "7", "8"};
  for (const std::string& name : names) events.push_back(Asked("09:00", name));
  for (size_t n = 0; n < names.size(); ++n) {
    events.push_back(Answered("09:0" + names[n], names[n]));
  }
  EXPECT_THAT(Named(config, events, "09:10"),
              ElementsAre(Contributor{"8", 8 * kMinute, "answered"},
                          Contributor{"7", 7 * kMinute, "answered"},
                          Contributor{"6", 6 * kMinute, "answered"},
                          Contributor{"5", 5 * kMinute, "answered"},
                          Contributor{"4", 4 * kMinute, "answered"}));
}

// T = 5 minutes: a is met, b was answered 7 minutes late, c closed unanswered
// 10 minutes late, d has been due for 20 minutes, e is due later.
TEST(ContributorsTest, MissedDeadlinesByHowLateTheyAre) {
  const Config config = WithRule(
      "sl", kHour, R"([{"id": "sl", "kpi": "service_level", "within": "5m"}])");
  const std::vector<Event> events = {
      Asked("09:00", "a"),    Asked("09:00", "b"), Asked("09:00", "c"),
      Answered("09:05", "a"), Asked("09:05", "d"), Answered("09:12", "b"),
      Resolved("09:15", "c"), Asked("09:28", "e"),
  };
  EXPECT_THAT(Named(config, events, "09:30"),
              ElementsAre(Contributor{"d", 20 * kMinute, "overdue_unanswered"},
                          Contributor{"c", 10 * kMinute, "overdue_unanswered"},
                          Contributor{"b", 7 * kMinute, "late_answered"},
                          Contributor{"e", 2 * kMinute, "waiting"}));
}

TEST(ContributorsTest, CountedOnesAreNamedTheOldestFirst) {
  const Config config = WithRule("arrivals", 30 * kMinute);
  const std::vector<Event> events = {
      Asked("08:00", "outside"), Resolved("08:01", "outside"),
      Asked("09:02", "b"),       Asked("09:02", "a"),
      Resolved("09:03", "a"),    Resolved("09:03", "b"),
      Asked("09:20", "c"),       Resolved("09:21", "c"),
  };
  EXPECT_THAT(Named(config, events, "09:22"),
              ElementsAre(Contributor{"a", 20 * kMinute, "counted"},
                          Contributor{"b", 20 * kMinute, "counted"},
                          Contributor{"c", 2 * kMinute, "counted"}));
}

TEST(ContributorsTest, DueOnesAreNamedTheNextFirst) {
  const Config config =
      WithRule("soon", kBucketSpan,
               R"([{"id": "soon", "kpi": "due_within", "within": "30m",
                   "horizon": "15m"}])");
  const std::vector<Event> events = {Asked("09:00", "now"), Asked("09:10", "b"),
                                     Asked("09:12", "a"),
                                     Asked("09:20", "later")};
  EXPECT_THAT(Named(config, events, "09:30"),
              ElementsAre(Contributor{"b", 10 * kMinute, "due"},
                          Contributor{"a", 12 * kMinute, "due"},
                          Contributor{"now", 30 * kMinute, "waiting"},
                          Contributor{"later", 10 * kMinute, "waiting"}));
}

TEST(ContributorsTest, ScopeAndGroupAreThoseOfTheNotification) {
  Config config = WithRule("first_response_time");
  config.scaling_matrix[0].scope = {{"channel", "mail"}};
  EXPECT_THAT(Named(config,
                    {Asked("09:00", "c", "chat"), Asked("09:00", "m", "mail"),
                     Of("09:01", EventKind::kAgentMessage, "m", "mail"),
                     Answered("09:09", "c")},
                    "09:10"),
              ElementsAre(Contributor{"m", kMinute, "answered"}));
}

TEST(ContributorsTest, DiscardedOnesAreNamedNoMore) {
  for (const char* kpi : {"first_response_time", "sl"}) {
    const Config config =
        WithRule(kpi, kBucketSpan, R"([{"kpi": "first_response_time"},
            {"id": "sl", "kpi": "service_level", "within": "30s"}])");
    std::vector<Event> events = {Asked("09:00", "a"), Asked("09:00", "spam"),
                                 Answered("09:01", "a"),
                                 Answered("09:09", "spam")};
    EXPECT_THAT(Named(config, events, "09:10"), SizeIs(2)) << kpi;
    events.push_back(Discarded("09:10", "spam"));
    const std::vector<Contributor> named = Named(config, events, "09:11");
    ASSERT_THAT(named, SizeIs(1)) << kpi;
    EXPECT_EQ(named[0].interaction, "a") << kpi;
  }
}

TEST(ContributorsTest, WhatIsPendingIsSeen) {
  Config config = WithRule("first_response_time");
  config.allowed_lateness_us = kHour;
  const std::vector<Event> events = {
      Asked("09:00", "a"), Asked("09:00", "spam"), Answered("09:08", "a"),
      Answered("09:09", "spam"), Discarded("09:10", "spam")};
  EXPECT_THAT(Named(config, events, "09:12"),
              ElementsAre(Contributor{"a", 8 * kMinute, "answered"}));
}

TEST(ContributorsTest, SurviveARestartAndTheForgettingOfTheInteraction) {
  Config config = WithRule("first_response_time");
  config.scaling_matrix[0].calendar_window = Frequency::kDaily;
  config.forget_closed_after_us = kHour;
  config.fcr_window_us = kHour;
  const std::vector<Event> events = {
      Asked("09:00", "a"), Answered("09:08", "a"), Resolved("09:09", "a")};
  const Engine engine = EngineOf(config, events, "12:00");
  EXPECT_EQ(engine.sizes().interactions, 0u);
  EXPECT_THAT(Named(config, engine, "12:00"),
              ElementsAre(Contributor{"a", 8 * kMinute, "answered"}));
  const std::string bytes = *engine.Save();
  const Engine restored = *Engine::Restore(config, bytes);
  EXPECT_EQ(*restored.Save(), bytes);
  EXPECT_THAT(Named(config, restored, "12:00"),
              ElementsAre(Contributor{"a", 8 * kMinute, "answered"}));
}

TEST(ContributorsTest, WhatNoRuleReachesTakesNoMemory) {
  const Config config = WithRule("first_response_time");
  const std::vector<Event> events = {
      Asked("09:00", "a"), Answered("09:08", "a"), Resolved("09:09", "a")};
  Engine engine = EngineOf(config, events, "09:10");
  const size_t before = engine.memory_bytes();
  EXPECT_TRUE(engine.Advance(ToTime(At("09:29"))).ok());
  EXPECT_EQ(engine.memory_bytes(), before);
  EXPECT_TRUE(engine.Advance(ToTime(At("09:30"))).ok());
  EXPECT_LT(engine.memory_bytes(), before);
}

TEST(ContributorsTest, ShardsNameWhatOneEngineNames) {
  const Config config = WithRule("first_response_time", kBucketSpan,
                                 R"([{"kpi": "first_response_time"}])");
  const std::vector<Event> a = {Asked("09:00", "a"), Answered("09:08", "a")};
  const std::vector<Event> b = {Asked("09:01", "b"), Answered("09:10", "b")};
  std::vector<Event> all = a;
  all.insert(all.end(), b.begin(), b.end());
  std::stable_sort(all.begin(), all.end(), [](const Event& x, const Event& y) {
    return x.at_us < y.at_us;
  });
  Engine merged = EngineOf(config, a, "09:12");
  EXPECT_TRUE(merged.Merge(EngineOf(config, b, "09:12")).ok());
  EXPECT_TRUE(*merged.Save() == *EngineOf(config, all, "09:12").Save());
  EXPECT_THAT(Named(config, merged, "09:12"),
              ElementsAre(Contributor{"b", 9 * kMinute, "answered"},
                          Contributor{"a", 8 * kMinute, "answered"}));
}

}  // namespace
}  // namespace cckpi
