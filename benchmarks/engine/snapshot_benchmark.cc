// Saving, restoring and merging: bytes per second of the snapshot; what it is
// made of, and what is new in the next one.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "cckpi/base/dictionary.h"
#include "cckpi/base/time.h"
#include "cckpi/engine/engine.h"
#include "cckpi/event/event.h"
#include "src/engine/snapshot_file.h"

namespace cckpi {
namespace {

constexpr int64_t kBegin = 1'740'000'000 * kSecond;

Config Everything() {
  Config config;
  config.allowed_lateness_us = kMinute;
  return config;
}

// Takes cases [begin, end): a message, an assignment and an answer for each.
void TakeCases(Engine& engine, int64_t begin, int64_t end,
               const std::string& prefix) {
  static constexpr EventKind kCourse[] = {EventKind::kCustomerMessage,
                                          EventKind::kAssigned,
                                          EventKind::kAgentMessage};
  std::vector<std::string> names;
  std::vector<std::string> agents;
  for (int a = 0; a < 500; ++a) agents.push_back("agent-" + std::to_string(a));
  for (int64_t n = begin; n < end; ++n) {
    names.push_back(prefix + std::to_string(n));
  }
  std::vector<Event> events;
  for (int64_t n = begin; n < end; ++n) {
    const size_t i = static_cast<size_t>(n - begin);
    for (size_t e = 0; e < 3; ++e) {
      Event event;
      event.at_us = kBegin + n * kSecond + static_cast<int64_t>(e);
      event.kind = kCourse[e];
      event.interaction = names[i];
      event.customer = names[i];
      event.channel = n % 2 == 0 ? "chat" : "email";
      if (e > 0) event.agent = agents[static_cast<size_t>(n) % agents.size()];
      events.push_back(event);
    }
    if (events.size() >= 4095) {
      engine.Ingest(events);
      events.clear();
    }
  }
  engine.Ingest(events);
}

// `cases` cases that are open, on two channels and with 500 agents.
Engine OpenCases(int64_t cases, const std::string& prefix, const Config& config,
                 EngineOptions options) {
  Engine engine = *Engine::Create(config, options);
  TakeCases(engine, 0, cases, prefix);
  return engine;
}

// Pieces of about 256 bytes that end where the content says, so that the same
// content gives the same pieces wherever it lies: how a backup that keeps every
// piece once would cut.
template <typename F>
void ForEachPiece(std::string_view bytes, F f) {
  constexpr uint64_t kMask = 255;
  size_t begin = 0;
  uint64_t rolling = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    rolling = (rolling << 1) +
              (static_cast<uint8_t>(bytes[i]) + 1) * 0x9E3779B97F4A7C15u;
    if ((rolling >> 40 & kMask) != 0 && i + 1 < bytes.size()) continue;
    f(bytes.substr(begin, i + 1 - begin));
    begin = i + 1;
  }
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

// The bytes of each section, and, as `_new`, of those pieces of it that the
// snapshot a thousand events earlier did not have.
void BM_Snapshot_AThousandEventsLater(benchmark::State& state) {
  Engine engine = OpenCases(state.range(0), "case-", Everything(), {});
  const std::string before = *engine.Save();
  std::unordered_set<uint64_t> known;
  ForEachPiece(before, [&](std::string_view piece) {
    known.insert(Fingerprint(piece));
  });
  TakeCases(engine, state.range(0), state.range(0) + 333, "case-");
  std::string after;
  for (auto _ : state) after = *engine.Save();
  Finish(state, after.size());
  const BySection<std::string_view> sections = *ReadSnapshotFile(after);
  int64_t all = 0;
  for (size_t s = 0; s < kSectionCount; ++s) {
    const Section section = static_cast<Section>(s);
    int64_t fresh = 0;
    ForEachPiece(sections[section], [&](std::string_view piece) {
      if (known.contains(Fingerprint(piece))) return;
      fresh += static_cast<int64_t>(piece.size());
    });
    all += fresh;
    if (sections[section].size() < 1000) continue;
    const std::string name(SectionName(section));
    state.counters[name] = static_cast<double>(sections[section].size());
    state.counters[name + "_new"] = static_cast<double>(fresh);
  }
  state.counters["new"] = static_cast<double>(all);
}

BENCHMARK(BM_Snapshot_Save)->Arg(1000)->Arg(100'000);
BENCHMARK(BM_Snapshot_Restore)->Arg(1000)->Arg(100'000);
BENCHMARK(BM_Snapshot_Merge)->Arg(1000)->Arg(100'000);
BENCHMARK(BM_Snapshot_AThousandEventsLater)->Arg(10'000)->Arg(100'000);

}  // namespace
}  // namespace cckpi
