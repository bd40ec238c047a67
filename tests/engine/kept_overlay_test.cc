// What is pending is worked out once for all questions between two changes, and
// anew after each.

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/io/render.h"
#include "engine/column_batch.h"
#include "heap_count.h"
#include "oracle/oracle_test_log.h"

namespace cckpi {
namespace {

using oracle::Agent;
using oracle::At;
using oracle::Customer;
using oracle::Resolved;
using oracle::Spec;

Config Patient() {
  Config config;
  config.kpis_given = true;
  config.kpis = {Spec(Kpi::kFirstResponseTime), Spec(Kpi::kBacklog),
                 Spec(Kpi::kBeyondTurnaround), Spec(Kpi::kArrivals)};
  config.allowed_lateness_us = 6 * kHour;
  return config;
}

Event In(Event event, std::string_view interaction) {
  event.interaction = interaction;
  return event;
}

std::string Answer(const Engine& engine) {
  const absl::StatusOr<Report> report = engine.Ask(Query());
  EXPECT_TRUE(report.ok()) << report.status();
  return report.ok() ? RenderJson(*report) : "";
}

using Change = std::function<void(Engine&)>;

// Makes the changes in an engine that is asked before each of them, twice, and
// in one that is asked at the end only.
void ExpectSeen(const std::vector<Change>& changes,
                EngineOptions options = {}) {
  absl::StatusOr<Engine> asked = Engine::Create(Patient(), options);
  ASSERT_TRUE(asked.ok());
  std::string before;
  for (size_t c = 0; c < changes.size(); ++c) {
    changes[c](*asked);
    absl::StatusOr<Engine> fresh = Engine::Create(Patient(), options);
    ASSERT_TRUE(fresh.ok());
    for (size_t n = 0; n <= c; ++n) changes[n](*fresh);
    const std::string answer = Answer(*asked);
    EXPECT_EQ(answer, Answer(*fresh)) << "change " << c;
    EXPECT_EQ(answer, Answer(*asked)) << "change " << c;
    EXPECT_NE(answer, before) << "change " << c << " changes nothing";
    before = answer;
  }
}

Change Ingest(std::vector<Event> events) {
  return [events](Engine& engine) {
    ASSERT_EQ(engine.Ingest(events).accepted,
              static_cast<int64_t>(events.size()));
  };
}

TEST(KeptOverlayTest, EveryChangeIsSeen) {
  ExpectSeen({
      Ingest({In(Customer("09:00"), "a"), In(Customer("09:01"), "b")}),
      Ingest({In(Agent("09:05"), "a")}),
      [](Engine& engine) {
        const std::vector<Event> events = {In(Agent("09:20"), "b")};
        ColumnBatch batch(events, TextForm::kCodes, engine);
        ASSERT_EQ(engine.Ingest(batch.columns).accepted, 1);
      },
      // A deadline passes with time alone.
      Ingest({In(Customer("09:21"), "c")}),
      [](Engine& engine) {
        ASSERT_TRUE(engine.Advance(ToTime(At("14:00"))).ok());
      },
      [](Engine& engine) { engine.Finish(); },
  });
}

TEST(KeptOverlayTest, AMergeIsSeen) {
  const Change merge = [](Engine& engine) {
    absl::StatusOr<Engine> other = Engine::Create(Patient());
    ASSERT_TRUE(other.ok());
    Ingest({In(Customer("09:02"), "b"), In(Resolved("09:30"), "b")})(*other);
    Answer(*other);
    ASSERT_TRUE(engine.Merge(*other).ok());
  };
  ExpectSeen({Ingest({In(Customer("09:00"), "a")}), merge});
}

// A shard with agent time has something on top of its state even when it is
// finished: what its agents did.
Engine FinishedShard(std::string_view interaction, bool asked) {
  Config config = Patient();
  config.kpis.push_back(Spec(Kpi::kHandleTime));
  config.kpis.push_back(Spec(Kpi::kStaffedTime));
  absl::StatusOr<Engine> shard =
      Engine::Create(config, {.explain = "", .shard = true});
  EXPECT_TRUE(shard.ok());
  Event on_duty = Agent("08:00");
  on_duty.kind = EventKind::kAgentState;
  on_duty.interaction = "";
  on_duty.state = "available";
  Event assigned = Agent("09:02");
  assigned.kind = EventKind::kAssigned;
  std::vector<Event> events = {
      In(Customer("09:00"), interaction), In(assigned, interaction),
      In(Agent("09:05"), interaction), In(Resolved("09:30"), interaction)};
  // Of one agent facts are in one shard.
  if (interaction == "a") events.insert(events.begin(), on_duty);
  Ingest(events)(*shard);
  shard->Finish();
  if (asked) Answer(*shard);
  return *std::move(shard);
}

TEST(KeptOverlayTest, ShardsThatWereAskedArePutTogether) {
  const auto together = [](bool asked) {
    std::vector<Engine> shards;
    shards.push_back(FinishedShard("a", asked));
    shards.push_back(FinishedShard("b", asked));
    const absl::StatusOr<Engine> whole = Engine::Together(
        std::move(shards), [](std::span<const std::function<void()>> tasks) {
          for (const std::function<void()>& task : tasks) task();
        });
    EXPECT_TRUE(whole.ok()) << whole.status();
    return whole.ok() ? Answer(*whole) : "";
  };
  const std::string answer = together(true);
  EXPECT_EQ(answer, together(false));
  EXPECT_NE(answer, Answer(FinishedShard("a", false)));
}

TEST(KeptOverlayTest, AShardThatWasAskedIsJoined) {
  Engine asked = FinishedShard("a", true);
  Engine silent = FinishedShard("a", false);
  asked.Join();
  silent.Join();
  EXPECT_EQ(Answer(asked), Answer(silent));
}

// Interactions that something pending is of are copied for a question.
TEST(KeptOverlayTest, IsNotMadeAgainForTheSame) {
  constexpr int64_t kPending = 1000;
  for (const bool limited : {false, true}) {
    Config config = Patient();
    if (limited) config.max_memory_bytes = int64_t{1} << 30;
    absl::StatusOr<Engine> engine = Engine::Create(config);
    ASSERT_TRUE(engine.ok());
    std::vector<std::string> names;
    for (int64_t n = 0; n < kPending; ++n) names.push_back(std::to_string(n));
    for (const std::string& name : names) {
      Ingest({In(Customer("09:00"), name)})(*engine);
    }
    Answer(*engine);
    Ingest({In(Customer("09:01"), "one more")})(*engine);
    constexpr int64_t kCopies = kPending * 200;  // bytes
    const auto bytes_of_a_question = [&] {
      const int64_t before = g_heap;
      g_heap_peak = before;
      Answer(*engine);
      return g_heap_peak - before;
    };
    const int64_t first = bytes_of_a_question();
    const size_t bytes = engine->memory_bytes();
    const int64_t second = bytes_of_a_question();
    EXPECT_GT(first, kCopies);
    if (limited) {
      // Nothing stays beside what events have left.
      EXPECT_GT(second, kCopies);
      continue;
    }
    EXPECT_LT(second, kCopies / 2);
    // And what is kept counts, until the next event comes.
    Ingest({In(Customer("09:02"), "another one")})(*engine);
    EXPECT_GT(bytes, engine->memory_bytes() + kPending * 200);
  }
}

}  // namespace
}  // namespace cckpi
