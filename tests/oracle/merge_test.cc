// Merging engines: what is an error, and that an error changes nothing; and
// the limit of memory.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/engine/event_columns.h"
#include "oracle/durable_log.h"

namespace cckpi::oracle {
namespace {

const EngineOptions kShard{.explain = "", .shard = true};

Engine Shard(const Log& log, const SnapshotOptions& = {}) {
  Engine engine = *Engine::Create(DurableConfig(), kShard);
  engine.Ingest(log);
  EXPECT_TRUE(engine.Advance(ToTime(At("12:00"))).ok());
  return engine;
}

Event In(Event event, std::string_view interaction,
         std::string_view customer = "") {
  event.interaction = interaction;
  event.customer = customer;
  return event;
}

Event State(std::string_view time, std::string_view agent) {
  Event event = Of(EventKind::kAgentState, time);
  event.interaction = {};
  event.agent = agent;
  event.state = "available";
  return event;
}

// The error of merging two logs; nothing may have changed.
std::string ErrorOf(const Log& a, const Log& b) {
  Engine into = Shard(a);
  const std::string before = *into.Save();
  const absl::Status status = into.Merge(Shard(b));
  EXPECT_EQ(*into.Save(), before);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(MergeTest, WhatIsInBothIsNamed) {
  EXPECT_EQ(
      ErrorOf({In(Customer("09:00"), "T-1")}, {In(Agent("10:00"), "T-1")}),
      "merge: interaction \"T-1\" is in both");
  EXPECT_EQ(ErrorOf({In(Customer("09:00"), "17")}, {In(Agent("10:00"), "17")}),
            "merge: interaction \"17\" is in both");
  // One of them is not final yet.
  EXPECT_EQ(
      ErrorOf({In(Customer("09:00"), "T-1")}, {In(Agent("11:59"), "T-1")}),
      "merge: interaction \"T-1\" is in both");
  EXPECT_EQ(ErrorOf({In(Customer("09:00"), "T-1", "carla")},
                    {In(Customer("10:00"), "T-2", "carla")}),
            "merge: customer \"carla\" is in both");
  EXPECT_EQ(ErrorOf({State("09:00", "ann")}, {State("10:00", "ann")}),
            "merge: agent \"ann\" is in both");
  Event id = In(Customer("11:00"), "T-1");
  id.id = "e1";
  Event other = In(Customer("11:01"), "T-2");
  other.id = "e1";
  EXPECT_EQ(ErrorOf({id}, {other}),
            "merge: an event id of 2026-03-02T11:01:00Z is in both");
  Event forecast = Of(EventKind::kForecast, "09:00");
  forecast.interaction = {};
  forecast.channel = "chat";
  forecast.interval_s = 3600;
  forecast.volume_micro = 1'000'000;
  EXPECT_EQ(ErrorOf({forecast}, {forecast}),
            "merge: forecast \"2026-03-02T09:00:00Z chat\" is in both");
}

TEST(MergeTest, AgentsOfSeveralShardsMeetInOne) {
  // 09:00 to 10:00 available here, a case from 09:15 to 09:45 there.
  Event offline = State("10:00", "ann");
  offline.state = "offline";
  Log load = {In(Customer("09:15"), "T-1"), In(Assigned("09:15", "ann"), "T-1"),
              In(Agent("09:45"), "T-1")};
  Engine presence = Shard({State("09:00", "ann"), offline});
  ASSERT_TRUE(presence.Merge(Shard(load)).ok());
  presence.Join();
  Query query;
  query.kpis = {"occupancy"};
  query.by = GroupBy{};
  const Report report = *presence.Ask(query);
  ASSERT_EQ(report.rows.size(), 1u);
  EXPECT_EQ(report.rows[0].value, 0.5);
}

TEST(MergeTest, AgentTimeNeedsShards) {
  Engine whole = *Engine::Create(DurableConfig());
  EXPECT_EQ(whole.Merge(Shard({})).code(),
            absl::StatusCode::kFailedPrecondition);
  Engine shard = Shard({});
  EXPECT_EQ(shard.Merge(whole).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(MergeTest, WithoutAgentTimeAnyEnginesMerge) {
  const Config config = *ParseConfig(R"({"kpis": [{"kpi": "messages"}]})");
  Engine a = *Engine::Create(config);
  Engine b = *Engine::Create(config);
  Engine both = *Engine::Create(config);
  const Log first = {In(Customer("09:00"), "T-1")};
  const Log second = {In(Customer("10:00"), "T-2"), In(Agent("10:10"), "T-2")};
  a.Ingest(first);
  b.Ingest(second);
  both.Ingest(first);
  both.Ingest(second);
  ASSERT_TRUE(a.Merge(b).ok());
  EXPECT_EQ(*a.Save(), *both.Save());
}

TEST(MergeTest, OtherDefinitionsAreRefused) {
  Config config = DurableConfig();
  config.auto_close_after_us = kDay;
  Engine a = *Engine::Create(DurableConfig(), kShard);
  EXPECT_EQ(a.Merge(*Engine::Create(config, kShard)).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(MemoryTest, GrowsWithTheStateAndIsTheSameAfterARestart) {
  Engine engine = *Engine::Create(DurableConfig());
  const size_t empty = engine.memory_bytes();
  engine.Ingest(DurableLog());
  const size_t full = engine.memory_bytes();
  EXPECT_GT(full, empty + 5000);
  const Engine restored = *Engine::Restore(DurableConfig(), *engine.Save());
  EXPECT_NEAR(static_cast<double>(restored.memory_bytes()),
              static_cast<double>(full), 0.25 * static_cast<double>(full));
}

TEST(MemoryTest, WhenTheLimitIsReachedEventsComeBackAndNothingIsLost) {
  Config config = *ParseConfig(R"({"kpis": [{"kpi": "messages"}],
      "allowed_lateness": "0s", "max_memory_bytes": 60000})");
  Engine engine = *Engine::Create(config);
  std::vector<std::string> names;
  for (int n = 0; n < 1000; ++n) names.push_back("T-" + std::to_string(n));
  int64_t taken = 0;
  IngestResult result;
  std::vector<uint8_t> status(1);
  for (const std::string& name : names) {
    const Event event = In(Resolved("09:00"), name);
    result = engine.Ingest({&event, 1}, {}, status);
    taken += result.accepted;
    if (result.exhausted > 0) break;
  }
  // It stopped at the limit, not one event (and its cells) further.
  EXPECT_GT(taken, 10);
  EXPECT_LT(taken, 1000);
  EXPECT_GE(engine.memory_bytes(), 60000u);
  EXPECT_LT(engine.memory_bytes(), 64096u);
  EXPECT_EQ(status[0], static_cast<uint8_t>(RowStatus::kExhausted));
  ASSERT_EQ(result.handed_back.size(), 1u);
  EXPECT_EQ(result.handed_back[0].reason,
            "memory: max_memory_bytes is reached");
  // What came back left no trace.
  const std::string bytes = *engine.Save();
  const Event again = In(Resolved("09:00"), names.back());
  EXPECT_EQ(engine.Ingest({&again, 1}).exhausted, 1);
  EXPECT_EQ(*engine.Save(), bytes);
  EXPECT_EQ(engine.Ask({})->events.refused, 0);
}

TEST(MemoryTest, MergeKeepsTheLimit) {
  Config config = *ParseConfig(
      R"({"kpis": [{"kpi": "messages"}], "max_memory_bytes": 50000})");
  Engine a = *Engine::Create(config);
  Engine b = *Engine::Create(config);
  std::vector<std::string> names;
  for (int n = 0; n < 400; ++n) names.push_back("T-" + std::to_string(n));
  for (int n = 0; n < 400; ++n) {
    const Event event = In(Customer("09:00"), names[static_cast<size_t>(n)]);
    (n % 2 == 0 ? a : b).Ingest({&event, 1});
  }
  ASSERT_GT(a.memory_bytes() + b.memory_bytes(), 50000u);
  const std::string before = *a.Save();
  EXPECT_EQ(a.Merge(b).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(*a.Save(), before);
}

}  // namespace
}  // namespace cckpi::oracle
