#include "benchmarks/engine/job.h"

#include <algorithm>

#include "cckpi/kpi/catalogue.h"

namespace cckpi {

Config JobConfig(bool catalogue) {
  using Field = Dimension::Field;
  Config config;
  config.groups_given = true;
  config.groups = {{{Field::kChannel, ""}, {Field::kTeam, ""}},
                   {{Field::kAgent, ""}}};
  config.forget_closed_after_us = 3 * kDay;
  if (catalogue) return config;
  config.kpis_given = true;
  auto add = [&config](const char* id, Kpi kpi) -> KpiSpec& {
    config.kpis.push_back(DefaultSpec(kpi));
    config.kpis.back().id = id;
    return config.kpis.back();
  };
  auto percentile = [&](const char* id, Kpi kpi, uint32_t ppm) {
    KpiSpec& spec = add(id, kpi);
    spec.statistic = Statistic::kPercentile;
    spec.percentile_ppm = ppm;
  };
  add("arrivals", Kpi::kArrivals);
  add("frt_mean", Kpi::kFirstResponseTime);  // its row has count and sum
  percentile("frt_p50", Kpi::kFirstResponseTime, 500'000);
  percentile("frt_p90", Kpi::kFirstResponseTime, 900'000);
  add("frt_max", Kpi::kFirstResponseTime).statistic = Statistic::kMax;
  KpiSpec& within = add("frt_15m", Kpi::kFirstResponseTime);
  within.statistic = Statistic::kShareWithin;
  within.within_us = 15 * kMinute;
  add("resolution", Kpi::kResolutionTime);
  percentile("resolution_p90", Kpi::kResolutionTime, 900'000);
  add("response", Kpi::kResponseTime);
  percentile("response_p90", Kpi::kResponseTime, 900'000);
  KpiSpec& handle = add("handle", Kpi::kHandleTime);
  handle.allocation = Allocation::kElapsed;
  handle.load = Load::kAssigned;
  add("reopened", Kpi::kReopened);
  add("beyond", Kpi::kBeyondTurnaround).within_us = 15 * kMinute;
  add("backlog", Kpi::kBacklog);
  add("states", Kpi::kStateTime);
  return config;
}

WorkloadShape ShapeOf(int64_t events) {
  return {.interactions = std::max<int64_t>(events / 10, 10),
          .states_per_shift = events >= 1'000'000 ? 20 : 2};
}

}  // namespace cckpi
