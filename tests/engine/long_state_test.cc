// States of agents that go on for days and years: their time is right in every
// window, and takes no cell for each bucket.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "cckpi/engine/engine.h"
#include "heap_count.h"
#include "oracle/oracle_test_log.h"
#include "oracle/settings.h"

namespace cckpi {
namespace {

using oracle::Spec;

constexpr int64_t kBegin = 1'704'067'200 * kSecond;  // 2024-01-01T00:00:00Z

Config Job() {
  Config config;
  config.kpis_given = true;
  config.kpis = {Spec(Kpi::kStateTime)};
  config.groups = {{{Dimension::Field::kAgent, ""}},
                   {{Dimension::Field::kTeam, ""}}};
  return config;
}

Event State(int64_t at_us, std::string_view agent, std::string_view state) {
  Event event;
  event.at_us = at_us;
  event.kind = EventKind::kAgentState;
  event.agent = agent;
  event.state = state;
  return event;
}

// By window, agent (empty: all of them) and state.
using Times = std::map<std::tuple<int64_t, std::string, std::string>, int64_t>;

// What questions are by: agents, the one team that nobody is in, or nothing.
enum class By { kAgent, kTeam, kNothing };

Times TimesOf(const Engine& engine, Frequency every, By by,
              int64_t begin_us = kNoTime, int64_t end_us = kNoTime) {
  Query query;
  query.every = every;
  query.by = GroupBy();
  if (by == By::kAgent) query.by = GroupBy{{Dimension::Field::kAgent, ""}};
  if (by == By::kTeam) query.by = GroupBy{{Dimension::Field::kTeam, ""}};
  query.begin_us = begin_us;
  query.end_us = end_us;
  Times times;
  const absl::StatusOr<Report> report = engine.Ask(query);
  EXPECT_TRUE(report.ok()) << report.status();
  for (const ReportRow& row : report->rows) {
    if (row.kpi != "state_time") continue;
    std::string state;
    for (const Figure& figure : row.definition) {
      if (figure.name == "state") state = std::get<std::string>(figure.value);
    }
    for (const Figure& figure : row.figures) {
      if (figure.name != "sum_us") continue;
      const int64_t time = std::get<int64_t>(figure.value);
      if (time == 0) continue;
      const std::string agent =
          by == By::kAgent ? row.group[0].second.value_or("") : "";
      times[{every == Frequency::kAll ? 0 : row.begin_us, agent, state}] +=
          time;
    }
  }
  return times;
}

struct Stay {
  std::string agent;
  std::string state;
  int64_t begin_us;
  int64_t end_us;
};

// What of the stays falls into windows of so many microseconds, by definition.
Times Expected(const std::vector<Stay>& stays, int64_t window_us, bool by_agent,
               int64_t begin_us, int64_t end_us) {
  Times times;
  for (const Stay& stay : stays) {
    if (stay.state == "offline") continue;
    for (int64_t at_us = stay.begin_us; at_us < stay.end_us;) {
      const int64_t window = at_us - at_us % window_us;
      const int64_t next_us = std::min(stay.end_us, window + window_us);
      if (window + window_us > begin_us && window < end_us) {
        times[{window, by_agent ? stay.agent : "", stay.state}] +=
            next_us - at_us;
      }
      at_us = next_us;
    }
  }
  return times;
}

// The same of all time until `now_us`.
Times Total(const std::vector<Stay>& stays, bool by_agent,
            int64_t now_us = kLatestTime) {
  Times times;
  for (const Stay& stay : stays) {
    const int64_t end_us = std::min(stay.end_us, now_us);
    if (stay.state == "offline" || end_us <= stay.begin_us) continue;
    times[{0, by_agent ? stay.agent : "", stay.state}] +=
        end_us - stay.begin_us;
  }
  return times;
}

void ExpectTimes(const Engine& engine, const std::vector<Stay>& stays,
                 std::mt19937_64& random) {
  for (By by : {By::kAgent, By::kTeam, By::kNothing}) {
    const bool by_agent = by == By::kAgent;
    ASSERT_EQ(TimesOf(engine, Frequency::kAll, by), Total(stays, by_agent));
    ASSERT_EQ(TimesOf(engine, Frequency::kDaily, by),
              Expected(stays, kDay, by_agent, 0, kLatestTime));
    const int64_t begin_us =
        kBegin + static_cast<int64_t>(random() % 200) * kDay + 7 * kMinute;
    const int64_t end_us = begin_us + 3 * kDay;
    ASSERT_EQ(TimesOf(engine, Frequency::kHourly, by, begin_us, end_us),
              Expected(stays, kHour, by_agent, begin_us, end_us));
  }
}

// Agents who change their state after minutes or after months.
std::vector<Event> RandomStates(std::mt19937_64& random,
                                std::vector<Stay>* stays, int64_t end_us) {
  static const std::vector<std::string> kAgents = {"ann", "bob", "cem"};
  static const std::vector<std::string> kStates = {"available", "busy", "break",
                                                   "offline"};
  std::vector<Event> events;
  for (const std::string& agent : kAgents) {
    int64_t at_us =
        kBegin + static_cast<int64_t>(random() % 100'000) * kMinute / 10;
    while (at_us < end_us) {
      const std::string& state = kStates[random() % kStates.size()];
      const int64_t most_us = random() % 3 == 0 ? 90 * kDay : 3 * kDay;
      int64_t next_us =
          at_us + 1 +
          static_cast<int64_t>(random() % static_cast<uint64_t>(most_us));
      // Some of them on the edge of a bucket.
      if (random() % 4 == 0) next_us += kBucketSpan - next_us % kBucketSpan;
      events.push_back(State(at_us, agent, state));
      stays->push_back({agent, state, at_us, std::min(next_us, end_us)});
      at_us = next_us;
    }
  }
  std::sort(events.begin(), events.end(),
            [](const Event& a, const Event& b) { return a.at_us < b.at_us; });
  return events;
}

TEST(LongStateTest, TheirTimeIsRightInEveryWindow) {
  const uint64_t seed = oracle::FirstSeed(20261127);
  std::mt19937_64 random(seed);
  for (int round = 0; round < oracle::Runs(6); ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << ", round " << round);
    const int64_t end_us =
        kBegin + 200 * kDay + static_cast<int64_t>(random() % 1000) * kMinute;
    std::vector<Stay> stays;
    const std::vector<Event> events = RandomStates(random, &stays, end_us);
    Engine engine = *Engine::Create(Job());
    // Asked in between, so that what is rolled up goes on.
    for (size_t n = 0; n < events.size(); ++n) {
      ASSERT_EQ(engine.Ingest({&events[n], 1}).accepted, 1);
      if (random() % 4 != 0) continue;
      ASSERT_EQ(TimesOf(engine, Frequency::kAll, By::kAgent),
                Total(stays, true, events[n].at_us));
      if (random() % 4 == 0) TimesOf(engine, Frequency::kDaily, By::kAgent);
    }
    ASSERT_TRUE(engine.Advance(ToTime(end_us)).ok());
    ExpectTimes(engine, stays, random);
    // It goes through a snapshot, and is the same one again.
    const std::string bytes = *engine.Save();
    const Engine restored = *Engine::Restore(Job(), bytes);
    EXPECT_EQ(*restored.Save(), bytes);
    ExpectTimes(restored, stays, random);
    if (HasFatalFailure()) return;
  }
}

// Whom nobody logged out decades ago takes no longer than others, unless he is
// asked for window by window; what that would take beyond measure is refused.
TEST(LongStateTest, DecadesOfManyAgents) {
  constexpr int64_t kAgents = 100;
  constexpr int64_t kLong = 12'000 * kDay;
  Engine engine = *Engine::Create(Job());
  for (int64_t a = 0; a < kAgents; ++a) {
    const std::string name = std::to_string(a);
    const Event state = State(kBegin - kLong, name, "available");
    ASSERT_EQ(engine.Ingest({&state, 1}).accepted, 1);
  }
  // Booked or not, before and after it has been summed up.
  for (const int64_t later : {int64_t{0}, kHour, kDay}) {
    const Event other = State(kBegin + later, "0", "break");
    ASSERT_EQ(engine.Ingest({&other, 1}).accepted, 1);
    ASSERT_TRUE(engine.Advance(ToTime(kBegin + later)).ok());
    const int64_t in_break = later == 0 ? 0 : later;
    for (const By by : {By::kNothing, By::kTeam}) {
      const Times times = TimesOf(engine, Frequency::kAll, by);
      EXPECT_EQ(times.at({0, "", "available"}),
                kAgents * (kLong + later) - in_break);
    }
  }
  Times days = TimesOf(engine, Frequency::kDaily, By::kNothing);
  EXPECT_EQ(days.at({kBegin - 5'000 * kDay, "", "available"}), kAgents * kDay);
  EXPECT_EQ(days.at({kBegin, "", "available"}), (kAgents - 1) * kDay);
  EXPECT_EQ(days.size(), 12'002u);
  Query query;
  query.every = Frequency::kBucket;
  query.by = GroupBy();
  EXPECT_EQ(engine.Ask(query).status().code(),
            absl::StatusCode::kResourceExhausted);
  query.begin_us = kBegin - kDay;
  EXPECT_TRUE(engine.Ask(query).ok());
  // And so does saving it: a few cells for each of them, whatever the way to
  // the same state was.
  const std::string bytes = *engine.Save();
  EXPECT_LT(bytes.size(), size_t{kAgents} * 100'000);
  EXPECT_LT(engine.sizes().cells, size_t{kAgents} * 1000);
  Engine restored = *Engine::Restore(Job(), bytes);
  EXPECT_EQ(TimesOf(restored, Frequency::kDaily, By::kNothing), days);
  EXPECT_EQ(*restored.Save(), bytes);
}

// A year in one step, or told of by the hour.
TEST(LongStateTest, SnapshotsDoNotTellHowItCame) {
  constexpr int64_t kLong = 30 * kDay;
  std::vector<std::string> saved;
  for (const int64_t step_us : {kLong, 7 * kDay, 5 * kHour, 15 * kMinute}) {
    Engine engine = *Engine::Create(Job());
    for (const std::string_view agent : {"ann", "bob"}) {
      const Event state = State(kBegin, agent, "available");
      ASSERT_EQ(engine.Ingest({&state, 1}).accepted, 1);
    }
    for (int64_t at_us = step_us; at_us <= kLong; at_us += step_us) {
      ASSERT_TRUE(engine.Advance(ToTime(kBegin + at_us)).ok());
    }
    ASSERT_TRUE(engine.Advance(ToTime(kBegin + kLong)).ok());
    saved.push_back(*engine.Save());
    EXPECT_LT(saved.back().size(), 200'000u);
    EXPECT_TRUE(saved.back() == saved.front());
  }
}

// Agents in shards of their own, put together in either way.
TEST(LongStateTest, ShardsHaveTheSameTime) {
  const uint64_t seed = oracle::FirstSeed(4711);
  std::mt19937_64 random(seed);
  for (int round = 0; round < oracle::Runs(6); ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << ", round " << round);
    const int64_t end_us = kBegin + 200 * kDay;
    std::vector<Stay> stays;
    const std::vector<Event> events = RandomStates(random, &stays, end_us);
    Engine whole = *Engine::Create(Job());
    EngineOptions shard;
    shard.shard = true;
    std::vector<Engine> shards;  // the first two to be merged
    for (int n = 0; n < 4; ++n) shards.push_back(*Engine::Create(Job(), shard));
    for (const Event& event : events) {
      whole.Ingest({&event, 1});
      for (size_t first : {0, 2}) {
        shards[first + (event.agent == "bob" ? 1 : 0)].Ingest({&event, 1});
      }
    }
    ASSERT_TRUE(whole.Advance(ToTime(end_us)).ok());
    for (Engine& engine : shards) {
      ASSERT_TRUE(engine.Advance(ToTime(end_us)).ok());
    }
    ASSERT_TRUE(shards[0].Merge(shards[1]).ok());
    shards[0].Join();
    EXPECT_EQ(*shards[0].Save(), *whole.Save());
    ExpectTimes(shards[0], stays, random);
    shards.erase(shards.begin(), shards.begin() + 2);
    for (Engine& engine : shards) engine.Finish();
    const absl::StatusOr<Engine> together = Engine::Together(
        std::move(shards), [](std::span<const std::function<void()>> tasks) {
          for (const auto& task : tasks) task();
        });
    ASSERT_TRUE(together.ok()) << together.status();
    ExpectTimes(*together, stays, random);
    if (HasFatalFailure()) return;
  }
}

// A log-in that somebody dated years ago.
TEST(LongStateTest, YearsTakeLittleMemory) {
  constexpr int64_t kLongAgo = kBegin - 3 * 365 * kDay;
  const int64_t before = g_heap;
  Engine engine = *Engine::Create(Job());
  std::vector<Event> events = {State(kLongAgo, "ann", "available"),
                               State(kBegin, "bob", "available"),
                               State(kBegin + kDay, "ann", "busy")};
  ASSERT_EQ(engine.Ingest(events).accepted, 3);
  ASSERT_TRUE(engine.Advance(ToTime(kBegin + 2 * kDay)).ok());
  EXPECT_LT(engine.memory_bytes(), size_t{1} << 20);
  EXPECT_LT(g_heap - before, int64_t{2} << 20);
  const Times expected = {{{0, "ann", "available"}, kBegin + kDay - kLongAgo},
                          {{0, "ann", "busy"}, kDay},
                          {{0, "bob", "available"}, 2 * kDay}};
  EXPECT_EQ(TimesOf(engine, Frequency::kAll, By::kAgent), expected);
  const std::string bytes = *engine.Save();
  const int64_t beside = g_heap;
  const Engine restored = *Engine::Restore(Job(), bytes);
  EXPECT_LT(g_heap - beside, int64_t{2} << 20);
  EXPECT_EQ(TimesOf(restored, Frequency::kAll, By::kAgent), expected);
  EXPECT_EQ(*restored.Save(), bytes);
}

}  // namespace
}  // namespace cckpi
