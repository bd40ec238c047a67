#include "src/kpi/contributor_plan.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/calendar/window.h"

namespace cckpi {
namespace {

// The longest that a calendar window can be, clock changes included.
int64_t LongestWindow(Frequency frequency) {
  switch (frequency) {
    case Frequency::kBucket:
      return kBucketSpan;
    case Frequency::kHourly:
      return 3 * kHour;
    case Frequency::kDaily:
      return 2 * kDay;
    case Frequency::kWeekly:
      return 8 * kDay;
    case Frequency::kMonthly:
      return 32 * kDay;
    case Frequency::kAll:
      break;
  }
  return kLatestTime - kEarliestTime;
}

int64_t ReachOf(const ScalingRule& rule) {
  int64_t reach_us = rule.window_us;
  if (rule.calendar_window.has_value()) {
    reach_us = LongestWindow(*rule.calendar_window);
  }
  for (const Band& band : rule.bands) {
    if (!band.burn_rate.has_value()) continue;
    reach_us =
        std::max({reach_us, band.burn_rate->long_us, band.burn_rate->short_us});
  }
  return reach_us;
}

std::vector<ContributorWatch> WatchesOf(const Plan& plan, const KpiPlan& kpi,
                                        size_t grouping) {
  auto one = [&](ContributorKind kind, int measure) {
    return std::vector<ContributorWatch>{
        {kind, static_cast<size_t>(measure), grouping}};
  };
  if (kpi.span >= 0) return one(ContributorKind::kSpan, kpi.span);
  if (kpi.deadline >= 0) return one(ContributorKind::kDeadline, kpi.deadline);
  if (kpi.review >= 0) return one(ContributorKind::kReview, kpi.review);
  if (kpi.handle >= 0) return one(ContributorKind::kHandle, kpi.handle);
  if (kpi.contact >= 0) return one(ContributorKind::kContact, kpi.contact);
  switch (kpi.spec.kpi) {
    case Kpi::kBotOutcome:
      return one(ContributorKind::kBot, 0);
    case Kpi::kSatisfaction:
      return one(ContributorKind::kSurvey, 0);
    case Kpi::kMessages:
      if (kpi.counter < 0) {
        std::vector<ContributorWatch> sides;
        for (Counter counter :
             {Counter::kCustomerMessages, Counter::kAgentMessages,
              Counter::kBotMessages}) {
          const int8_t index = plan.counter_index[static_cast<size_t>(counter)];
          sides.push_back({ContributorKind::kCounter,
                           static_cast<size_t>(index), grouping});
        }
        return sides;
      }
      break;
    case Kpi::kForecastAccuracy:
    case Kpi::kCasesPerHour:
      return {};
    default:
      break;
  }
  if (kpi.counter >= 0) return one(ContributorKind::kCounter, kpi.counter);
  return {};
}

}  // namespace

size_t MeasuresOf(const Plan& plan, ContributorKind kind) {
  switch (kind) {
    case ContributorKind::kSpan:
      return plan.spans.size();
    case ContributorKind::kDeadline:
      return plan.deadlines.size();
    case ContributorKind::kReview:
      return plan.reviews.size();
    case ContributorKind::kHandle:
      return plan.handles.size();
    case ContributorKind::kCounter:
      return plan.counters.size();
    case ContributorKind::kContact:
      return plan.timeline.contacts.size();
    case ContributorKind::kBot:
    case ContributorKind::kSurvey:
      break;
  }
  return 1;
}

size_t ContributorPlan::Find(const ContributorWatch& watch) const {
  const auto found = std::find(watches.begin(), watches.end(), watch);
  return found == watches.end() ? kNoWatch
                                : static_cast<size_t>(found - watches.begin());
}

absl::StatusOr<RuleContributors> ContributorsOf(const Plan& plan,
                                                const ScalingRule& rule) {
  const auto named = plan.named.find(rule.kpi);
  if (named == plan.named.end()) {
    return absl::NotFoundError(
        absl::StrCat("no KPI \"", rule.kpi, "\" is configured"));
  }
  RuleContributors result;
  result.kpi = named->second;
  // Operands of formulas come before them, or are no formulas.
  while (plan.kpis[result.kpi].spec.kpi == Kpi::kFormula &&
         !plan.kpis[result.kpi].operands.empty()) {
    result.kpi = plan.kpis[result.kpi].operands.front().kpi;
  }
  GroupBy dimensions = rule.by;
  for (const auto& [name, value] : rule.scope) {
    if (std::optional<Dimension> dimension = ParseDimension(name)) {
      dimensions.push_back(*std::move(dimension));
    }
  }
  CCKPI_ASSIGN_OR_RETURN(const std::vector<uint8_t> slots,
                         plan.SlotsOf(dimensions));
  if (const std::optional<size_t> grouping = plan.Covering(slots)) {
    result.watches = WatchesOf(plan, plan.kpis[result.kpi], *grouping);
  }
  return result;
}

absl::StatusOr<ContributorPlan> ContributorPlan::Compile(const Config& config,
                                                         const Plan& plan) {
  ContributorPlan result;
  for (size_t kind = 0; kind < kContributorKinds; ++kind) {
    result.of[kind].resize(
        MeasuresOf(plan, static_cast<ContributorKind>(kind)));
  }
  for (const ScalingRule& rule : config.scaling_matrix) {
    CCKPI_ASSIGN_OR_RETURN(const RuleContributors of_rule,
                           ContributorsOf(plan, rule));
    for (const ContributorWatch& watch : of_rule.watches) {
      if (result.Find(watch) != kNoWatch) continue;
      result.of[static_cast<size_t>(watch.kind)][watch.measure].push_back(
          result.watches.size());
      result.watches.push_back(watch);
    }
    if (!of_rule.watches.empty()) {
      result.reach_us = std::max(result.reach_us, ReachOf(rule));
    }
  }
  return result;
}

}  // namespace cckpi
