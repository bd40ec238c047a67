// Goals: what scorecards and the scaling matrix expect of a KPI, for charts.

#ifndef CCKPI_SRC_IO_HTML_GOALS_H_
#define CCKPI_SRC_IO_HTML_GOALS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cckpi/kpi/config.h"
#include "cckpi/kpi/report.h"

namespace cckpi {

struct GoalBand {
  std::string level;       // "warning"
  int64_t over_micro = 0;  // breached past this edge
};

struct KpiGoals {
  std::vector<Benchmark> history;  // by `from`; empty: no target
  std::vector<GoalBand> bands;     // from mild to severe
  Direction direction = Direction::kLowerIsBetter;
  std::string source;  // "scorecard first-level", "rule slow-answers"

  // The target in force at an instant.
  const Threshold* TargetAt(int64_t at_us) const;
};

using Scope = std::map<std::string, std::string>;  // dimension name → value

// The goals of a row's KPI inside a scope (empty: the total). Targets of
// scorecards come before those of rules. A rule that holds for each group of
// a dimension holds for the total too.
KpiGoals GoalsOf(const Config& config, const ReportRow& row,
                 const Scope& scope);

// "< 15m", "≥ 85%", for people.
std::string ThresholdText(const Threshold& threshold, Unit unit);

// KPIs by name and the scopes, not empty, in which there are goals for them.
struct ScopedGoal {
  std::string kpi;
  Scope scope;

  auto operator<=>(const ScopedGoal&) const = default;
};
std::vector<ScopedGoal> ScopedGoals(const Config& config);

}  // namespace cckpi

#endif  // CCKPI_SRC_IO_HTML_GOALS_H_
