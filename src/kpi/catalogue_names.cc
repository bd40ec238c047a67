// Names: what the enums are called in configuration and in reports, the
// definition part of a report row, and the nearest name for error messages.

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "cckpi/kpi/catalogue.h"

namespace cckpi {
namespace {

// "p90", "p99.9": the percent without trailing zeros.
std::string PercentileName(uint32_t percentile_ppm) {
  std::string name = "p" + std::to_string(percentile_ppm / 10'000);
  std::string fraction = std::to_string(percentile_ppm % 10'000 + 10'000);
  fraction[0] = '.';
  while (fraction.back() == '0') fraction.pop_back();
  if (fraction.size() > 1) name += fraction;
  return name;
}

// Options that mean nothing at this value are left out of a row: `exclude`
// without phases, `within` of a mean.
bool IsSilent(const KpiSpec& spec, std::string_view option,
              std::string_view value) {
  if (value.empty()) return true;
  if (option == "skip_first") return value == "false";
  if (option == "replies") return value == "every";
  if (option == "check") return value == "all";
  if (option == "within") {
    const bool is_target = spec.kpi == Kpi::kServiceLevel ||
                           spec.kpi == Kpi::kBeyondTurnaround ||
                           spec.kpi == Kpi::kDueWithin;
    return !is_target && spec.statistic != Statistic::kShareWithin;
  }
  return false;
}

}  // namespace

std::string StatisticName(const KpiSpec& spec) {
  switch (spec.statistic) {
    case Statistic::kMean:
      return "mean";
    case Statistic::kCount:
      return "count";
    case Statistic::kSum:
      return "sum";
    case Statistic::kMin:
      return "min";
    case Statistic::kMax:
      return "max";
    case Statistic::kPercentile:
      return PercentileName(spec.percentile_ppm);
    case Statistic::kShareWithin:
      return "share_within";
    case Statistic::kRatio:
      return "ratio";
    case Statistic::kShare:
      return "share";
    case Statistic::kTopBox:
      return "top_box";
    case Statistic::kResponseRate:
      return "response_rate";
    case Statistic::kCoverage:
      return "coverage";
    case Statistic::kWape:
      return "wape";
    case Statistic::kBias:
      return "bias";
    case Statistic::kMape:
      return "mape";
    case Statistic::kDeviation:
      return "deviation";
    case Statistic::kAccuracy:
      return "accuracy";
    case Statistic::kOldest:
      return "oldest";
    case Statistic::kMeanAge:
      return "mean_age";
    case Statistic::kOpenWaits:
      return "open_waits";
    case Statistic::kMeanBusy:
      return "mean_busy";
    case Statistic::kVisits:
      return "visits";
    case Statistic::kMeanWithWaiting:
      return "mean_with_waiting";
  }
  return "";
}

std::string_view ClockName(Clock clock) {
  return clock == Clock::kBusiness ? "business" : "calendar";
}

std::string_view AttributionName(Attribution attribution) {
  switch (attribution) {
    case Attribution::kArrival:
      return "arrival";
    case Attribution::kCompletion:
      return "completion";
    case Attribution::kSliced:
      return "sliced";
    case Attribution::kDeadline:
      return "deadline";
    case Attribution::kInstant:
      return "instant";
  }
  return "";
}

std::string_view ResponseName(Response response) {
  switch (response) {
    case Response::kHuman:
      return "human";
    case Response::kAny:
      return "any";
    case Response::kBot:
      return "bot";
    case Response::kHumanOnly:
      return "human_only";
  }
  return "";
}

std::string_view StageName(Stage stage) {
  switch (stage) {
    case Stage::kFirst:
      return "first";
    case Stage::kEvery:
      return "every";
    case Stage::kResolution:
      return "resolution";
  }
  return "";
}

std::string_view PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kBot:
      return "bot";
    case Phase::kQueue:
      return "queue";
    case Phase::kAgentTurn:
      return "agent_turn";
    case Phase::kCustomerTurn:
      return "customer_turn";
    case Phase::kHold:
      return "hold";
  }
  return "";
}

Unit SpecUnit(const KpiSpec& spec) {
  switch (spec.statistic) {
    case Statistic::kCount:
    case Statistic::kOpenWaits:
    case Statistic::kVisits:
      return Unit::kCount;
    case Statistic::kOldest:
    case Statistic::kMeanAge:
    case Statistic::kMeanWithWaiting:
      return Unit::kSeconds;
    case Statistic::kPercentile:
      // Of durations, or of the ages of the backlog.
      return Unit::kSeconds;
    case Statistic::kMean:
    case Statistic::kSum:
    case Statistic::kMin:
    case Statistic::kMax:
    case Statistic::kMeanBusy:
      return Definition(spec.kpi).unit;
    case Statistic::kRatio:
      return spec.kpi == Kpi::kCasesPerHour ? Unit::kPerHour : Unit::kRatio;
    case Statistic::kShareWithin:
    case Statistic::kShare:
    case Statistic::kTopBox:
    case Statistic::kResponseRate:
    case Statistic::kCoverage:
    case Statistic::kWape:
    case Statistic::kBias:
    case Statistic::kMape:
    case Statistic::kDeviation:
    case Statistic::kAccuracy:
      return Unit::kRatio;
  }
  return Unit::kCount;
}

std::vector<Figure> DescribeSpec(const KpiSpec& spec) {
  if (spec.kpi == Kpi::kFormula) return {{"formula", spec.formula}};
  std::vector<Figure> figures;
  const auto add = [&](std::string_view option) {
    for (const Figure& figure : figures) {
      if (figure.name == option) return;
    }
    std::string value = KpiOptionValue(spec, option);
    if (IsSilent(spec, option, value)) return;
    if (option == "within") {
      figures.push_back({"within_us", spec.within_us});
    } else if (option == "horizon") {
      figures.push_back({"horizon_us", spec.horizon_us});
    } else {
      figures.push_back({std::string(option), std::move(value)});
    }
  };

  // Targets say T and the stage first, everything else the statistic.
  const KpiDefinition& definition = Definition(spec.kpi);
  if (FindOption(spec.kpi, "stage") != nullptr) {
    if (FindOption(spec.kpi, "horizon") != nullptr) add("horizon");
    add("within");
    add("stage");
  }
  add("statistic");
  if (spec.statistic == Statistic::kShareWithin) add("within");
  if (FindOption(spec.kpi, "clock") != nullptr) add("clock");
  add("attribution");
  for (const KpiOption& option : definition.options) {
    if (option.name != "within" && option.name != "horizon") add(option.name);
  }
  // Counts that have no choice still say what they count.
  if (spec.kpi >= Kpi::kArrivals && spec.kpi <= Kpi::kMessages) add("counts");
  return figures;
}

std::string_view NearestName(std::string_view text,
                             std::span<const std::string_view> candidates) {
  constexpr size_t kLongest = 64;
  if (text.empty() || text.size() > kLongest) return {};
  std::string_view nearest;
  size_t fewest = kLongest;
  for (std::string_view candidate : candidates) {
    if (candidate.empty() || candidate.size() > kLongest) continue;
    // Edit distance in which swapping two neighbours is one edit: rows of the
    // usual table for i - 2, i - 1 and i characters of the text.
    const size_t width = candidate.size() + 1;
    std::vector<size_t> before(width), last(width), row(width);
    for (size_t j = 0; j < width; ++j) last[j] = j;
    for (size_t i = 1; i <= text.size(); ++i) {
      row[0] = i;
      for (size_t j = 1; j < width; ++j) {
        const bool same = text[i - 1] == candidate[j - 1];
        row[j] = std::min(
            {last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0u : 1u)});
        if (i > 1 && j > 1 && text[i - 1] == candidate[j - 2] &&
            text[i - 2] == candidate[j - 1]) {
          row[j] = std::min(row[j], before[j - 2] + 1);
        }
      }
      std::swap(before, last);
      std::swap(last, row);
    }
    // Near is a third of the longer word, rounded up.
    const size_t limit = (std::max(text.size(), candidate.size()) + 2) / 3;
    if (last[width - 1] <= limit && last[width - 1] < fewest) {
      fewest = last[width - 1];
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace cckpi
