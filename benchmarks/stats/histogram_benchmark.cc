// Adding to, merging and reading histograms.

#include <cstdint>
#include <random>
#include <vector>

#include "benchmark/benchmark.h"
#include "cckpi/base/time.h"
#include "cckpi/stats/duration_accumulator.h"
#include "cckpi/stats/histogram.h"

namespace cckpi {
namespace {

// Log-normal around a few minutes, as response times are.
std::vector<int64_t> Durations(size_t count) {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> minutes(1.0, 1.5);
  std::vector<int64_t> values(count);
  for (int64_t& value : values) {
    value = static_cast<int64_t>(minutes(random) * kMinute);
  }
  return values;
}

// The argument is the number of values in a cell.
void BM_Histogram_Add(benchmark::State& state) {
  const std::vector<int64_t> values =
      Durations(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    Histogram histogram;
    for (const int64_t value : values) histogram.Add(value);
    benchmark::DoNotOptimize(histogram);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Histogram_Add)->Arg(2)->Arg(16)->Arg(1000)->Arg(100'000);

void BM_DurationAccumulator_Add(benchmark::State& state) {
  const std::vector<int64_t> values =
      Durations(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    DurationAccumulator accumulator;
    for (const int64_t value : values) accumulator.Add(value);
    benchmark::DoNotOptimize(accumulator);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_DurationAccumulator_Add)->Arg(2)->Arg(16)->Arg(1000);

// A month of quarter hours into one window; the argument is values per cell.
void BM_DurationAccumulator_MergeCells(benchmark::State& state) {
  constexpr size_t kCells = 96 * 30;
  const size_t per_cell = static_cast<size_t>(state.range(0));
  const std::vector<int64_t> values = Durations(kCells * per_cell);
  std::vector<DurationAccumulator> cells(kCells);
  for (size_t i = 0; i < values.size(); ++i) cells[i % kCells].Add(values[i]);
  for (auto _ : state) {
    DurationAccumulator window;
    for (const DurationAccumulator& cell : cells) window.Merge(cell);
    benchmark::DoNotOptimize(window);
  }
  state.SetItemsProcessed(state.iterations() * int64_t{kCells});
}
BENCHMARK(BM_DurationAccumulator_MergeCells)->Arg(1)->Arg(4)->Arg(50);

void BM_DurationAccumulator_Quantile(benchmark::State& state) {
  DurationAccumulator accumulator;
  for (const int64_t value : Durations(100'000)) accumulator.Add(value);
  for (auto _ : state) {
    benchmark::DoNotOptimize(accumulator.Quantile(9, 10));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_DurationAccumulator_Quantile);

}  // namespace
}  // namespace cckpi
