// Shards put together to be asked give what one engine gives, byte for byte,
// on any number of threads. ThreadSanitizer runs this test.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/engine/scaling_monitor.h"
#include "cckpi/io/render.h"
#include "oracle/deal.h"
#include "oracle/durable_log.h"
#include "oracle/random_log.h"
#include "oracle/settings.h"

namespace cckpi::oracle {
namespace {

const EngineOptions kShard{.explain = "", .shard = true};

// A thread for each task.
void OnThreads(std::span<const std::function<void()>> tasks) {
  std::vector<std::jthread> threads;
  for (const std::function<void()>& task : tasks) threads.emplace_back(task);
}

Engine Finished(const Config& config, const EngineOptions& options,
                const std::vector<Event>& events, int64_t now_us,
                const std::vector<int64_t>& places = {}) {
  Engine engine = *Engine::Create(config, options);
  engine.Ingest(events, {.rows = places});
  EXPECT_TRUE(engine.Advance(ToTime(now_us)).ok());
  engine.Finish();
  return engine;
}

std::vector<Engine> Shards(const RandomLog& log,
                           const std::vector<Event>& events, size_t count,
                           uint64_t seed) {
  const std::vector<size_t> dealt = DealToShards(events, count, seed);
  std::vector<Engine> shards;
  for (size_t s = 0; s < count; ++s) {
    std::vector<Event> own;
    std::vector<int64_t> places;
    for (size_t e = 0; e < events.size(); ++e) {
      if (dealt[e] != s) continue;
      own.push_back(events[e]);
      places.push_back(static_cast<int64_t>(e + 1));
    }
    shards.push_back(Finished(log.config, kShard, own, log.now_us, places));
  }
  return shards;
}

std::string Waits(const Engine& engine) {
  const std::map<std::string, std::string> all;
  std::string text;
  const std::vector<std::vector<OpenWait>> waits =
      *engine.LongestWaits({&all, 1}, 5);
  for (const OpenWait& wait : waits[0]) {
    text += wait.interaction + " " + FormatTime(wait.since_us) + "\n";
  }
  return text;
}

TEST(TogetherTest, GivesWhatOneEngineGives) {
  int64_t rows = 0;
  for (const uint64_t seed : Seeds(60, 7000)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomLog log = MakeRandomLog(seed);
    log.config.allowed_lateness_us = 0;
    log.config.duplicate_window_us = kAllTime;
    log.config.max_memory_bytes = 0;
    std::erase_if(log.events,
                  [&](const Event& event) { return event.at_us > log.now_us; });
    std::sort(
        log.events.begin(), log.events.end(),
        [](const Event& a, const Event& b) { return CompareEvents(a, b) < 0; });
    const Engine one = Finished(log.config, {}, log.events, log.now_us);
    const size_t count = 1 + seed % 5;
    const absl::StatusOr<Engine> whole =
        Engine::Together(Shards(log, log.events, count, seed), OnThreads);
    ASSERT_TRUE(whole.ok()) << whole.status();
    for (const Query& query : {log.query, Query()}) {
      const absl::StatusOr<Report> expected = one.Ask(query);
      const absl::StatusOr<Report> report = whole->Ask(query, OnThreads);
      ASSERT_EQ(report.status(), expected.status());
      if (!report.ok()) continue;
      EXPECT_EQ(RenderJson(*report), RenderJson(*expected))
          << "shards " << count;
      EXPECT_EQ(RenderJson(*whole->Ask(query)), RenderJson(*expected));
      rows += static_cast<int64_t>(report->rows.size());
    }
    EXPECT_EQ(Waits(*whole), Waits(one));
    EXPECT_EQ(whole->sizes().interactions, one.sizes().interactions);
    if (HasFailure()) return;
  }
  if (AsUsual()) {
    EXPECT_GT(rows, 10 * Runs(60));
  }
}

// An agent's presence in one shard, what occupies him in two others.
TEST(TogetherTest, AgentsOfSeveralShardsMeet) {
  const Config config = *ParseConfig(R"({"kpis": [{"kpi": "occupancy"}],
      "groups": [], "allowed_lateness": "0s"})");
  const auto in = [](Event event, std::string_view interaction) {
    event.interaction = interaction;
    return event;
  };
  Event on = Of(EventKind::kAgentState, "09:00");
  on.interaction = {};
  on.agent = "ann";
  on.state = "available";
  Event off = on;
  off.at_us = At("10:00");
  off.state = "offline";
  const int64_t now_us = At("12:00");
  std::vector<Engine> shards;
  shards.push_back(Finished(config, kShard, {on, off}, now_us));
  // 09:15 to 09:45 and 09:40 to 09:48: 33 of 60 minutes.
  shards.push_back(Finished(
      config, kShard,
      {in(Customer("09:15"), "T-1"), in(Assigned("09:15", "ann"), "T-1"),
       in(Agent("09:45", "ann"), "T-1")},
      now_us));
  shards.push_back(Finished(
      config, kShard,
      {in(Customer("09:40"), "T-2"), in(Assigned("09:40", "ann"), "T-2"),
       in(Agent("09:48", "ann"), "T-2")},
      now_us));
  const Engine whole = *Engine::Together(std::move(shards), OnThreads);
  const Report report = *whole.Ask({});
  ASSERT_EQ(report.rows.size(), 1u);
  EXPECT_EQ(report.rows[0].value, 0.55);
}

TEST(TogetherTest, OnlyAnswers) {
  std::vector<Engine> shards;
  for (int s = 0; s < 2; ++s) {
    shards.push_back(Finished(DurableConfig(), kShard, {}, At("12:00")));
  }
  Engine whole = *Engine::Together(std::move(shards), OnThreads);
  const Event event = Customer("12:30");
  const IngestResult result = whole.Ingest({&event, 1});
  EXPECT_EQ(result.refused, 1);
  ASSERT_EQ(result.handed_back.size(), 1u);
  EXPECT_EQ(result.handed_back[0].reason,
            "the engine was put together from shards: it only answers "
            "questions");
  EXPECT_EQ(whole.Advance(ToTime(At("13:00"))).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(whole.Save().status().code(),
            absl::StatusCode::kFailedPrecondition);
  Engine other = *Engine::Create(DurableConfig(), kShard);
  EXPECT_EQ(other.Merge(whole).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(TogetherTest, RefusesRowsByNumberAndCountsThoseThatWereUnreadable) {
  std::vector<Engine> shards;
  shards.push_back(Finished(DurableConfig(), kShard, {}, At("12:00")));
  Engine whole = *Engine::Together(std::move(shards), OnThreads);
  const std::vector<Event> events = {Customer("12:30"), Customer("12:31")};
  const std::vector<int64_t> rows = {7};
  const std::vector<Refusal> unreadable(3);
  IngestOptions options;
  options.source = "log";
  options.rows = rows;
  options.unreadable = unreadable;
  const IngestResult result = whole.Ingest(events, options);
  EXPECT_EQ(result.refused, 5);
  ASSERT_EQ(result.handed_back.size(), 2u);
  EXPECT_EQ(result.handed_back[0].source, "log");
  EXPECT_EQ(result.handed_back[0].row, 7);
  EXPECT_EQ(result.handed_back[1].row, 2);
}

TEST(TogetherTest, SizesAreThoseOfAllShards) {
  const Config config = *ParseConfig(R"({"kpis": [{"kpi": "arrivals"}],
      "groups": [], "allowed_lateness": "0s"})");
  std::vector<std::string> names;
  std::vector<Event> events;
  for (int i = 0; i < 100; ++i) names.push_back("T-" + std::to_string(i));
  for (const std::string& name : names) {
    events.push_back(Customer("09:00"));
    events.back().interaction = name;
  }
  const std::vector<Event> first(events.begin(), events.begin() + 1);
  const std::vector<Event> others(events.begin() + 1, events.end());
  const int64_t now_us = At("12:00");
  const Engine one = Finished(config, {}, events, now_us);
  std::vector<Engine> shards;
  shards.push_back(Finished(config, kShard, first, now_us));
  shards.push_back(Finished(config, kShard, others, now_us));
  const Engine whole = *Engine::Together(std::move(shards), OnThreads);
  const Engine::Sizes sizes = whole.sizes();
  EXPECT_EQ(sizes.interactions, 100u);
  EXPECT_EQ(sizes.pending_events, 0u);
  EXPECT_EQ(sizes.cells, one.sizes().cells);
  EXPECT_EQ(sizes.timers, one.sizes().timers);
  EXPECT_EQ(sizes.bytes_per_interaction, one.sizes().bytes_per_interaction);
  EXPECT_GT(whole.memory_bytes(), 100 * sizes.bytes_per_interaction);
}

// Who is behind an alert is not put together.
TEST(TogetherTest, NoRulesAreWatched) {
  const auto tick = [](size_t count) {
    std::vector<Engine> shards;
    for (size_t s = 0; s < count; ++s) {
      shards.push_back(Finished(DurableConfig(), kShard, {}, At("12:00")));
    }
    const Engine whole = *Engine::Together(std::move(shards), OnThreads);
    ScalingMonitor monitor = *ScalingMonitor::Create(DurableConfig());
    const absl::Status status =
        monitor.Tick(whole, ToTime(At("12:00"))).status();
    EXPECT_EQ(monitor.last_tick_us() == kNoTime, !status.ok());
    return status;
  };
  EXPECT_TRUE(tick(1).ok());
  EXPECT_EQ(tick(2), absl::FailedPreconditionError(
                         "the engine was put together from shards: no rules "
                         "are watched"));
}

TEST(TogetherTest, ShardsMustHaveEndedAtOneInstantUnderOneDefinition) {
  const auto error = [](Engine a, Engine b) {
    std::vector<Engine> shards;
    shards.push_back(std::move(a));
    shards.push_back(std::move(b));
    return Engine::Together(std::move(shards), OnThreads).status();
  };
  const auto ended = [](const char* now) {
    return Finished(DurableConfig(), kShard, {}, At(now));
  };
  EXPECT_EQ(error(ended("12:00"), ended("12:01")).message(),
            "together: the shards are at different instants");
  EXPECT_EQ(
      error(ended("12:00"), *Engine::Create(DurableConfig(), kShard)).message(),
      "together: a shard is not finished");
  EXPECT_EQ(
      error(ended("12:00"), Finished(DurableConfig(), {}, {}, At("12:00")))
          .message(),
      "together: with agent time, all have to be shards (EngineOptions)");
  Config config = DurableConfig();
  config.auto_close_after_us = kDay;
  EXPECT_EQ(
      error(ended("12:00"), Finished(config, kShard, {}, At("12:00"))).code(),
      absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Engine::Together({}, OnThreads).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace cckpi::oracle
