#include "src/io/html_goals.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "cckpi/kpi/threshold.h"

namespace cckpi {
namespace {

// Configuration names a KPI by its id, or by its catalogue name where it has
// none.
bool IsNamed(const std::string& name, const ReportRow& row) {
  return row.id.empty() ? name == row.kpi : name == row.id;
}

Scope ScopeOf(const Scorecard& scorecard, const ScoreCard& card) {
  Scope scope = scorecard.scope;
  for (const auto& [dimension, value] : card.scope) scope[dimension] = value;
  return scope;
}

}  // namespace

const Threshold* KpiGoals::TargetAt(int64_t at_us) const {
  const Threshold* target = nullptr;
  for (const Benchmark& benchmark : history) {
    if (benchmark.from_us == kNoTime || benchmark.from_us <= at_us) {
      target = &benchmark.threshold;
    }
  }
  return target;
}

KpiGoals GoalsOf(const Config& config, const ReportRow& row,
                 const Scope& scope) {
  KpiGoals goals;
  for (const Scorecard& scorecard : config.scorecards) {
    for (const ScoreCard& card : scorecard.cards) {
      if (!goals.history.empty() || card.benchmarks.empty() ||
          !IsNamed(card.kpi, row) || ScopeOf(scorecard, card) != scope) {
        continue;
      }
      goals.history = card.benchmarks;
      goals.direction = DirectionOf(card.benchmarks[0].threshold.comparator);
      goals.source = "scorecard " + scorecard.id;
    }
  }
  for (const ScalingRule& rule : config.scaling_matrix) {
    if (!IsNamed(rule.kpi, row) || rule.scope != scope) continue;
    if (goals.history.empty()) {
      goals.history = {{rule.target, kNoTime}};
      goals.direction = rule.direction;
      goals.source = "rule " + rule.id;
    }
    if (rule.direction != goals.direction || !goals.bands.empty()) continue;
    for (const Band& band : rule.bands) {
      if (band.burn_rate.has_value()) continue;  // it has no edge in the value
      goals.bands.push_back({band.level, band.over_micro});
    }
  }
  return goals;
}

std::string ThresholdText(const Threshold& threshold, Unit unit) {
  std::string_view comparator = ComparatorName(threshold.comparator);
  if (threshold.comparator == Comparator::kLessEqual) {
    comparator = "\xE2\x89\xA4";
  } else if (threshold.comparator == Comparator::kGreaterEqual) {
    comparator = "\xE2\x89\xA5";
  }
  return absl::StrCat(std::string(comparator), " ",
                      FormatQuantity(threshold.value_micro, unit));
}

std::vector<ScopedGoal> ScopedGoals(const Config& config) {
  std::vector<ScopedGoal> goals;
  for (const Scorecard& scorecard : config.scorecards) {
    for (const ScoreCard& card : scorecard.cards) {
      goals.push_back({card.kpi, ScopeOf(scorecard, card)});
    }
  }
  for (const ScalingRule& rule : config.scaling_matrix) {
    goals.push_back({rule.kpi, rule.scope});
  }
  std::erase_if(goals,
                [](const ScopedGoal& goal) { return goal.scope.empty(); });
  std::sort(goals.begin(), goals.end());
  goals.erase(std::unique(goals.begin(), goals.end()), goals.end());
  return goals;
}

}  // namespace cckpi
