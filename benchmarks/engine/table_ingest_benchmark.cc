// A table of 10^7 events, ingested by the C++ engine in batches of columns:
// what bindings/python/benchmarks/ingest_benchmark.py compares Python with.
// Both make the same rows.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/kpi/catalogue.h"

namespace cckpi {
namespace {

constexpr int64_t kBegin = 1'772'409'600'000'000;  // 2026-03-02T00:00:00Z
constexpr size_t kOpen = 1000;  // interactions that are open at the same time
constexpr size_t kBatch = 16384;
constexpr std::string_view kChannels[] = {"facebook", "instagram", "whatsapp",
                                          "mail"};
constexpr EventKind kKinds[] = {EventKind::kCustomerMessage,
                                EventKind::kAssigned, EventKind::kAgentMessage,
                                EventKind::kResolved};

// Row r is step (r / kOpen) % 4 of an interaction, 1 ms after row r - 1.
struct Table {
  explicit Table(size_t rows) : agent_valid(rows / 8 + 1) {
    for (size_t row = 0; row < rows; ++row) {
      const size_t step = row / kOpen % 4;
      const size_t ticket = row / (4 * kOpen) * kOpen + row % kOpen;
      at_us.push_back(kBegin + static_cast<int64_t>(row) * 1000);
      kind.push_back(static_cast<uint8_t>(kKinds[step]));
      interaction.push_back(static_cast<int64_t>(ticket));
      channel.push_back(static_cast<uint32_t>(ticket % 4));
      agent.push_back(static_cast<uint32_t>(ticket % 50));
      if (step != 0) {
        agent_valid[row / 8] =
            static_cast<uint8_t>(agent_valid[row / 8] | 1u << row % 8);
      }
    }
  }
  std::vector<int64_t> at_us;
  std::vector<uint8_t> kind;
  std::vector<int64_t> interaction;
  std::vector<uint32_t> channel;
  std::vector<uint32_t> agent;
  std::vector<uint8_t> agent_valid;
};

Config TableConfig() {
  Config config;
  config.groups = {{{Dimension::Field::kChannel, ""}}};
  config.groups_given = true;
  config.allowed_lateness_us = 0;
  for (Kpi kpi : {Kpi::kFirstResponseTime, Kpi::kServiceLevel,
                  Kpi::kResolutionTime, Kpi::kArrivals}) {
    config.kpis.push_back(DefaultSpec(kpi));
  }
  config.kpis_given = true;
  return config;
}

void BM_TableIngest(benchmark::State& state) {
  const size_t rows = static_cast<size_t>(state.range(0));
  const Table table(rows);
  std::vector<std::string> agents;
  for (int i = 0; i < 50; ++i) agents.push_back("agent-" + std::to_string(i));
  const std::vector<std::string_view> agent_names(agents.begin(), agents.end());
  for (auto _ : state) {
    state.PauseTiming();
    {
      Engine engine = *Engine::Create(TableConfig());
      state.ResumeTiming();
      const DictionaryId channels = engine.AddDictionary(kChannels);
      const DictionaryId people = engine.AddDictionary(agent_names);
      int64_t accepted = 0;
      for (size_t begin = 0; begin < rows; begin += kBatch) {
        const size_t count = std::min(kBatch, rows - begin);
        EventColumns batch;
        batch.rows = count;
        batch.at_us.values = {table.at_us.data() + begin, count};
        batch.kind.values = {table.kind.data() + begin, count};
        batch.interaction.integers = {table.interaction.data() + begin, count};
        batch.channel.codes = {table.channel.data() + begin, count};
        batch.channel.dictionary = channels;
        batch.agent.codes = {table.agent.data() + begin, count};
        batch.agent.dictionary = people;
        batch.agent.valid = {table.agent_valid.data(), begin};
        accepted += engine.Ingest(batch).accepted;
      }
      state.PauseTiming();
      if (accepted != state.range(0)) state.SkipWithError("rows were refused");
    }
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) *
                          state.range(0));
}
BENCHMARK(BM_TableIngest)
    ->Arg(10'000)
    ->Arg(1'000'000)
    ->Arg(10'000'000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cckpi
