// Saving, restoring and merging: bytes per second of the snapshot.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/engine/engine.h"
#include "cckpi/event/event.h"

namespace cckpi {
namespace {

constexpr int64_t kBegin = 1'740'000'000 * kSecond;

Config Everything() {
  Config config;
  config.allowed_lateness_us = kMinute;
  return config;
}

// Cases that are open, ten groups, `cases` of them.
Engine OpenCases(int64_t cases, const std::string& prefix, const Config& config,
                 EngineOptions options) {
  Engine engine = *Engine::Create(config, options);
  static constexpr EventKind kCourse[] = {EventKind::kCustomerMessage,
                                          EventKind::kAssigned,
                                          EventKind::kAgentMessage};
  std::vector<std::string> names;
  std::vector<std::string> agents;
  for (int a = 0; a < 500; ++a) agents.push_back("agent-" + std::to_string(a));
  for (int64_t n = 0; n < cases; ++n) {
    names.push_back(prefix + std::to_string(n));
  }
  std::vector<Event> events;
  for (int64_t n = 0; n < cases; ++n) {
    const size_t i = static_cast<size_t>(n);
    for (size_t e = 0; e < 3; ++e) {
      Event event;
      event.at_us = kBegin + n * kSecond + static_cast<int64_t>(e);
      event.kind = kCourse[e];
      event.interaction = names[i];
      event.customer = names[i];
      event.channel = n % 2 == 0 ? "chat" : "email";
      if (e > 0) event.agent = agents[i % agents.size()];
      events.push_back(event);
    }
    if (events.size() >= 4095) {
      engine.Ingest(events);
      events.clear();
    }
  }
  engine.Ingest(events);
  return engine;
}

void Finish(benchmark::State& state, size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes));
  state.counters["bytes"] = static_cast<double>(bytes);
}

void BM_Snapshot_Save(benchmark::State& state) {
  const Engine engine = OpenCases(state.range(0), "case-", Everything(), {});
  size_t bytes = 0;
  for (auto _ : state) bytes = engine.Save()->size();
  Finish(state, bytes);
}

void BM_Snapshot_Restore(benchmark::State& state) {
  const std::string bytes =
      *OpenCases(state.range(0), "case-", Everything(), {}).Save();
  for (auto _ : state) {
    benchmark::DoNotOptimize(Engine::Restore(Everything(), bytes));
  }
  Finish(state, bytes.size());
}

void BM_Snapshot_Merge(benchmark::State& state) {
  const EngineOptions shard{.explain = "", .shard = true};
  const std::string a =
      *OpenCases(state.range(0), "a-", Everything(), shard).Save();
  const Engine b = OpenCases(state.range(0), "b-", Everything(), shard);
  for (auto _ : state) {
    state.PauseTiming();
    Engine into = *Engine::Restore(Everything(), a, shard);
    state.ResumeTiming();
    benchmark::DoNotOptimize(into.Merge(b));
  }
  Finish(state, a.size());
}

BENCHMARK(BM_Snapshot_Save)->Arg(1000)->Arg(100'000);
BENCHMARK(BM_Snapshot_Restore)->Arg(1000)->Arg(100'000);
BENCHMARK(BM_Snapshot_Merge)->Arg(1000)->Arg(100'000);

}  // namespace
}  // namespace cckpi
