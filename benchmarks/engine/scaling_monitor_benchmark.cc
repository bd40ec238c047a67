// One tick of many rules over many groups.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/engine/scaling_monitor.h"

namespace cckpi {
namespace {

const int64_t kStart = *ParseTime("2026-03-02T09:00:00Z");

// Rules over one grouping that differ in KPI, window and edges.
Config MakeConfig(int64_t rules) {
  constexpr const char* kKpis[] = {"first_response_time", "response_time",
                                   "service_level", "arrivals", "backlog"};
  Config config;
  config.allowed_lateness_us = 0;
  config.groups = {{*ParseDimension("source")}};
  config.groups_given = true;
  for (int64_t r = 0; r < rules; ++r) {
    ScalingRule rule;
    rule.id = "r" + std::to_string(r);
    rule.kpi = kKpis[r % 5];
    rule.by = config.groups[0];
    rule.window_us = (1 + r % 4) * kBucketSpan;
    rule.target = {Comparator::kLessEqual, 60 * kSecond};
    rule.bands = {{.level = "warning",
                   .over_micro = (60 + r) * kSecond,
                   .dwell_us = 2 * kMinute,
                   .notify = {"lead"}},
                  {.level = "critical", .over_micro = (600 + r) * kSecond}};
    config.scaling_matrix.push_back(std::move(rule));
  }
  return config;
}

void Fill(int64_t groups, Engine& engine) {
  std::vector<std::string> names;
  std::vector<Event> events;
  for (int64_t g = 0; g < groups; ++g) names.push_back("g" + std::to_string(g));
  for (int minute = 0; minute < 60; minute += 10) {
    for (int64_t g = 0; g < groups; ++g) {
      Event event;
      event.at_us = kStart + minute * kMinute + g;
      event.kind = EventKind::kCustomerMessage;
      event.interaction = names[static_cast<size_t>(g)];
      event.source = names[static_cast<size_t>(g)];
      events.push_back(event);
      event.at_us += (30 + g % 300) * kSecond;
      event.kind = EventKind::kAgentMessage;
      event.agent = "ana";
      events.push_back(event);
    }
  }
  std::sort(events.begin(), events.end(),
            [](const Event& a, const Event& b) { return a.at_us < b.at_us; });
  engine.Ingest(events);
}

void BM_ScalingMonitor_Tick(benchmark::State& state) {
  const Config config = MakeConfig(state.range(0));
  Engine engine = *Engine::Create(config);
  Fill(state.range(1), engine);
  ScalingMonitor monitor = *ScalingMonitor::Create(config);
  int64_t now_us = kStart + kHour;
  for (auto _ : state) {
    now_us += kSecond;
    if (!engine.Advance(ToTime(now_us)).ok()) state.SkipWithError("advance");
    const auto result = monitor.Tick(engine, ToTime(now_us));
    if (!result.ok()) state.SkipWithError("tick");
    benchmark::DoNotOptimize(result);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * state.range(1));
}
BENCHMARK(BM_ScalingMonitor_Tick)
    ->Args({1, 10})
    ->Args({10, 100})
    ->Args({100, 1000})
    ->Unit(benchmark::kMillisecond);

// Every group has got a message and an answer since the tick before, so every
// rule reads something new for every group.
void BM_ScalingMonitor_TickAllChanged(benchmark::State& state) {
  const Config config = MakeConfig(state.range(0));
  Engine engine = *Engine::Create(config);
  Fill(state.range(1), engine);
  ScalingMonitor monitor = *ScalingMonitor::Create(config);
  std::vector<std::string> names;
  for (int64_t g = 0; g < state.range(1); ++g) {
    names.push_back("g" + std::to_string(g));
  }
  int64_t now_us = kStart + 2 * kHour;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<Event> events;
    for (EventKind kind :
         {EventKind::kCustomerMessage, EventKind::kAgentMessage}) {
      now_us += 30 * kSecond;
      for (const std::string& name : names) {
        Event event;
        event.at_us = now_us;
        event.kind = kind;
        event.interaction = name;
        event.source = name;
        if (kind == EventKind::kAgentMessage) event.agent = "ana";
        events.push_back(event);
      }
    }
    engine.Ingest(events);
    now_us += kSecond;
    if (!engine.Advance(ToTime(now_us)).ok()) state.SkipWithError("advance");
    state.ResumeTiming();
    const auto result = monitor.Tick(engine, ToTime(now_us));
    if (!result.ok()) state.SkipWithError("tick");
    benchmark::DoNotOptimize(result);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * state.range(1));
}
BENCHMARK(BM_ScalingMonitor_TickAllChanged)
    ->Args({100, 1000})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cckpi
