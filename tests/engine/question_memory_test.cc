// What questions leave for the next ones counts as memory.

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cckpi/engine/engine.h"
#include "heap_count.h"
#include "oracle/oracle_test_log.h"

namespace cckpi {
namespace {

using oracle::Agent;
using oracle::At;
using oracle::Customer;
using oracle::Spec;

// Agents who answer over some weeks, each now and then.
Engine Worked() {
  Config config;
  config.kpis_given = true;
  config.kpis = {Spec(Kpi::kFirstResponseTime), Spec(Kpi::kBacklog),
                 Spec(Kpi::kArrivals)};
  config.groups_given = true;
  config.groups = {{{Dimension::Field::kAgent, ""}}};
  config.allowed_lateness_us = 0;
  Engine engine = *Engine::Create(config);
  const int64_t begin_us = At("00:00");
  constexpr int64_t kCases = 20'000;
  for (int64_t n = 0; n < kCases; ++n) {
    const std::string name = std::to_string(n);
    const std::string agent = "agent " + std::to_string(n * 7 % 100);
    Event asked = Customer("00:00");
    Event answered = Agent("00:00");
    asked.interaction = answered.interaction = name;
    answered.agent = agent;
    asked.at_us = begin_us + n * 2 * kMinute;
    answered.at_us = asked.at_us + kMinute + n * n % 977 * kSecond / 20;
    const std::vector<Event> events = {asked, answered};
    EXPECT_EQ(engine.Ingest(events).accepted, 2);
  }
  engine.Finish();
  return engine;
}

// Once a KPI has too many rows, the others are not worked out.
TEST(QuestionMemoryTest, TooManyRowsEndAQuestion) {
  const Engine engine = Worked();
  std::vector<int64_t> allocations;  // by task
  const RunTasks one_by_one =
      [&](std::span<const std::function<void()>> tasks) {
        for (const std::function<void()>& task : tasks) {
          const int64_t before = g_allocations;
          task();
          allocations.push_back(g_allocations - before);
        }
      };
  Query query;
  query.by = GroupBy{{Dimension::Field::kAgent, ""}};
  query.every = Frequency::kDaily;
  ASSERT_TRUE(engine.Ask(query, one_by_one).ok());
  ASSERT_EQ(allocations.size(), 3u);
  for (const int64_t count : allocations) EXPECT_GT(count, 20);
  allocations.clear();
  query.max_rows = 1;
  EXPECT_TRUE(
      absl::IsResourceExhausted(engine.Ask(query, one_by_one).status()));
  ASSERT_EQ(allocations.size(), 3u);
  EXPECT_GT(allocations[0], 20);
  EXPECT_LT(allocations[1], 10);
  EXPECT_LT(allocations[2], 10);
}

TEST(QuestionMemoryTest, SumsOfDaysAndOfAllTimeCount) {
  const Engine engine = Worked();
  for (Frequency every : {Frequency::kAll, Frequency::kDaily}) {
    const int64_t heap = g_heap;
    const size_t counted = engine.memory_bytes();
    Query query;
    query.every = every;
    { ASSERT_TRUE(engine.Ask(query).ok()); }
    const double grown = static_cast<double>(g_heap - heap);
    const double told = static_cast<double>(engine.memory_bytes() - counted);
    EXPECT_GT(grown, 100'000);
    EXPECT_GT(told, 0.7 * grown) << grown;
    EXPECT_LT(told, 1.3 * grown) << grown;
    // Another one of the same leaves nothing more.
    { ASSERT_TRUE(engine.Ask(query).ok()); }
    EXPECT_EQ(static_cast<double>(engine.memory_bytes() - counted), told);
  }
}

}  // namespace
}  // namespace cckpi
