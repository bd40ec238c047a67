// The business clock, and windows.

#include <cstdint>
#include <random>
#include <vector>

#include "benchmark/benchmark.h"
#include "cckpi/base/time.h"
#include "cckpi/calendar/opening_hours.h"
#include "cckpi/calendar/schedule.h"
#include "cckpi/calendar/window.h"

namespace cckpi {
namespace {

CalendarSpec OfficeSpec() {
  CalendarSpec spec;
  spec.time_zone = "Europe/Madrid";
  for (size_t day = 0; day < 5; ++day) {
    spec.weekly[day] = {*ParseLocalInterval("09:00", "14:00"),
                        *ParseLocalInterval("15:00", "18:00")};
  }
  spec.holidays.insert(absl::CivilDay(2026, 12, 25));
  return spec;
}

// Instants of one year in random order.
std::vector<int64_t> Instants() {
  std::mt19937_64 random(1);
  const int64_t begin_us = *ParseTime("2026-01-01T00:00:00Z");
  std::vector<int64_t> instants(4096);
  for (int64_t& at_us : instants) {
    at_us = begin_us + static_cast<int64_t>(random() % (365 * kDay));
  }
  return instants;
}

// The argument is the longest span in minutes.
void BM_OpeningHours_Elapsed(benchmark::State& state) {
  const OpeningHours hours = *OpeningHours::Create(OfficeSpec());
  const std::vector<int64_t> instants = Instants();
  const int64_t longest_us = state.range(0) * kMinute;
  size_t i = 0;
  for (auto _ : state) {
    const int64_t from_us = instants[i++ % instants.size()];
    benchmark::DoNotOptimize(
        hours.Elapsed(from_us, from_us + from_us % longest_us));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_OpeningHours_Elapsed)->Arg(60)->Arg(60 * 24 * 7);

void BM_OpeningHours_Deadline(benchmark::State& state) {
  const OpeningHours hours = *OpeningHours::Create(OfficeSpec());
  const std::vector<int64_t> instants = Instants();
  const int64_t span_us = state.range(0) * kMinute;
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        hours.Deadline(instants[i++ % instants.size()], span_us));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_OpeningHours_Deadline)->Arg(15)->Arg(60 * 24 * 7);

void BM_OpeningHours_FirstQueryOfAYear(benchmark::State& state) {
  const CalendarSpec spec = OfficeSpec();
  const int64_t at_us = Instants()[0];
  for (auto _ : state) {
    const OpeningHours hours = *OpeningHours::Create(spec);
    benchmark::DoNotOptimize(hours.IsOpen(at_us));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_OpeningHours_FirstQueryOfAYear);

void BM_Schedule_Elapsed(benchmark::State& state) {
  const std::vector<int64_t> instants = Instants();
  const Schedule schedule =
      *Schedule::Create({{.from_us = *ParseTime("2026-01-01T00:00:00Z"),
                          .hours = *OpeningHours::Create(OfficeSpec())}});
  size_t i = 0;
  for (auto _ : state) {
    const int64_t from_us = instants[i++ % instants.size()];
    benchmark::DoNotOptimize(schedule.Elapsed(from_us, from_us + kHour));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Schedule_Elapsed);

void BM_WindowContaining(benchmark::State& state) {
  const Zone zone = *LoadZone("Europe/Madrid");
  const Frequency frequency = static_cast<Frequency>(state.range(0));
  const std::vector<int64_t> instants = Instants();
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        WindowContaining(instants[i++ % instants.size()], frequency, zone));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_WindowContaining)->DenseRange(1, 4);

void BM_ParseTime(benchmark::State& state) {
  const std::string text = "2026-03-09T01:00:00.250+01:00";
  for (auto _ : state) {
    benchmark::DoNotOptimize(ParseTime(text));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_ParseTime);

}  // namespace
}  // namespace cckpi
