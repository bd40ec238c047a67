// A look at what is pending costs the same however long the past of its
// interactions is.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
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
using oracle::Resolved;
using oracle::Spec;

// Episodes leave deadlines, a first contact resolution that the next one
// repeats, and phases that do not count.
Config Everything() {
  Config config;
  config.kpis_given = true;
  KpiSpec paused = Spec(Kpi::kResolutionTime);
  paused.level = ResolutionLevel::kLast;
  paused.exclude = PhaseBit(Phase::kHold) | PhaseBit(Phase::kQueue);
  config.kpis = {Spec(Kpi::kFirstResponseTime), Spec(Kpi::kServiceLevel),
                 Spec(Kpi::kFirstContactResolution), paused};
  config.allowed_lateness_us = kHour;
  return config;
}

// One case that was answered and closed so often within an hour, and events of
// it that are pending.
Engine WithPast(int64_t episodes, EventKind last) {
  Engine engine = *Engine::Create(Everything());
  const int64_t step_us = kHour / (3 * episodes);
  int64_t at_us = At("08:00");
  const auto at = [&](Event event) {
    event.at_us = at_us;
    event.customer = "c";
    at_us += step_us;
    return event;
  };
  std::vector<Event> events;
  for (int64_t n = 0; n < episodes; ++n) {
    events.push_back(at(Customer("08:00")));
    events.push_back(at(Agent("08:00")));
    events.push_back(at(Resolved("08:00", "ann")));
  }
  // Of another case, so that the past is final.
  Event other = Customer("11:00");
  other.interaction = "other";
  events.push_back(other);
  EXPECT_EQ(engine.Ingest(events).accepted,
            static_cast<int64_t>(events.size()));
  std::vector<Event> pending = {Customer("11:01"), Agent("11:02")};
  pending.push_back(oracle::Of(last, "11:03"));
  pending.push_back(Customer("11:04"));
  for (Event& event : pending) event.customer = "c";
  EXPECT_EQ(engine.Ingest(pending).accepted, 4);
  return engine;
}

struct Heap {
  int64_t asked = 0;
  int64_t grown = 0;
};

Heap OfAQuestion(const Engine& engine) {
  const int64_t asked = g_allocations;
  const int64_t heap = g_heap;
  g_heap_peak = heap;
  EXPECT_TRUE(engine.Ask(Query()).ok());
  return {g_allocations - asked, g_heap_peak - heap};
}

TEST(LongPastTest, IsNotCopiedByAQuestion) {
  for (EventKind last :
       {EventKind::kReopened, EventKind::kResolved, EventKind::kDiscarded}) {
    const Heap few = OfAQuestion(WithPast(200, last));
    const Heap many = OfAQuestion(WithPast(3200, last));
    // What an answer takes of the heap varies a little with what it says.
    EXPECT_LT(many.asked, few.asked + 100) << static_cast<int>(last);
    EXPECT_LT(many.grown, few.grown + 30'000) << static_cast<int>(last);
  }
}

}  // namespace
}  // namespace cckpi
