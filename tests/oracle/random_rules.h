// Scaling rules over the KPIs of a random log.

#ifndef CCKPI_TESTS_ORACLE_RANDOM_RULES_H_
#define CCKPI_TESTS_ORACLE_RANDOM_RULES_H_

#include <cstdint>

#include "cckpi/kpi/config.h"
#include "oracle/random_log.h"

namespace cckpi::oracle {

// One rule for each KPI, over a window and a grouping by chance, that fires
// whatever the value is.
inline void AddRules(uint64_t seed, Config& config) {
  SplitMix64 random(seed * 17 + 3);
  for (const KpiSpec& spec : config.kpis) {
    ScalingRule rule;
    rule.id = "rule-" + spec.id;
    rule.kpi = spec.id;
    rule.window_us =
        random.Pick<int64_t>({kBucketSpan, kHour, kDay, 7 * kDay, 60 * kDay});
    if (random.Chance(25)) {
      rule.calendar_window = random.Pick<Frequency>(
          {Frequency::kHourly, Frequency::kDaily, Frequency::kMonthly});
    }
    if (!config.groups.empty() && random.Chance(70)) {
      rule.by = random.Pick(config.groups);
    }
    rule.bands = {{.level = "any", .over_micro = -1}};
    config.scaling_matrix.push_back(rule);
  }
}

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_RANDOM_RULES_H_
