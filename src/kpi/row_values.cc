#include "src/kpi/row_values.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "cckpi/kpi/catalogue.h"

namespace cckpi {
namespace {

constexpr double kMicro = 1e6;

double Seconds(int64_t span_us) {
  return static_cast<double>(span_us) / kMicro;
}

// The smallest age with share(<= age) >= q, of ages with counts in order.
int64_t AgeQuantile(const std::vector<std::pair<int64_t, int64_t>>& ages,
                    int64_t total, int64_t ppm) {
  // Ranks are products of counts (below 2^43 here) and 10^6.
  absl::int128 wanted = absl::int128(total) * ppm;
  absl::int128 seen = 0;
  for (const auto& [age, count] : ages) {
    seen += absl::int128(count) * 1'000'000;
    if (seen >= wanted) return age;
  }
  return ages.empty() ? 0 : ages.back().first;
}

}  // namespace

Unit UnitOf(const KpiSpec& spec) {
  switch (spec.statistic) {
    case Statistic::kCount:
    case Statistic::kOpenWaits:
    case Statistic::kVisits:
      return Unit::kCount;
    case Statistic::kShareWithin:
    case Statistic::kRatio:
    case Statistic::kShare:
    case Statistic::kTopBox:
    case Statistic::kResponseRate:
    case Statistic::kCoverage:
    case Statistic::kWape:
    case Statistic::kBias:
    case Statistic::kMape:
    case Statistic::kDeviation:
    case Statistic::kAccuracy:
      return spec.kpi == Kpi::kCasesPerHour ? Unit::kPerHour : Unit::kRatio;
    case Statistic::kOldest:
    case Statistic::kMeanAge:
    case Statistic::kMeanWithWaiting:
      return Unit::kSeconds;
    default:
      return spec.kpi == Kpi::kFormula ? Unit::kRatio
                                       : Definition(spec.kpi).unit;
  }
}

std::optional<double> Ratio(int64_t numerator, int64_t denominator) {
  if (denominator == 0) return std::nullopt;
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

void SetRatio(int64_t numerator, int64_t denominator, ReportRow& row) {
  row.value = Ratio(numerator, denominator);
  row.figures.push_back({"numerator", numerator});
  row.figures.push_back({"denominator", denominator});
}

Figure OptionalFigure(std::string name, std::optional<int64_t> value) {
  if (!value) return {std::move(name), nullptr};
  return {std::move(name), *value};
}

Figure OptionalFigure(std::string name, std::optional<double> value) {
  if (!value) return {std::move(name), nullptr};
  return {std::move(name), *value};
}

void SetSpanValue(const KpiSpec& spec, const SpanCell& cell, ReportRow& row) {
  const DurationAccumulator& duration = cell.duration;
  int64_t n = duration.count();
  switch (spec.statistic) {
    case Statistic::kCount:
      row.value = static_cast<double>(n);
      return;
    case Statistic::kShareWithin:
      SetRatio(cell.within, n, row);
      return;
    default:
      break;
  }
  if (n <= 0) return;
  switch (spec.statistic) {
    case Statistic::kSum:
      row.value = static_cast<double>(duration.sum()) / kMicro;
      break;
    case Statistic::kMin:
      row.value = Seconds(duration.Min());
      break;
    case Statistic::kMax:
      row.value = Seconds(duration.Max());
      break;
    case Statistic::kPercentile:
      row.value = Seconds(duration.Quantile(spec.percentile_ppm, 1'000'000));
      break;
    default:
      row.value =
          static_cast<double>(duration.sum()) / static_cast<double>(n) / kMicro;
      break;
  }
}

void AddSpanFigures(const SpanCell& cell, int64_t open, ReportRow& row) {
  const DurationAccumulator& duration = cell.duration;
  bool any = duration.count() > 0;
  row.figures.push_back({"count", duration.count()});
  row.figures.push_back({"sum_us", duration.sum()});
  row.figures.push_back({"open", open});
  row.figures.push_back({"void", cell.voided});
  auto add = [&](std::string name, auto value) {
    row.figures.push_back(OptionalFigure(
        std::move(name), any ? std::optional<int64_t>(value()) : std::nullopt));
  };
  add("min_us", [&] { return duration.Min(); });
  add("max_us", [&] { return duration.Max(); });
  add("p50_us", [&] { return duration.Quantile(1, 2); });
  add("p90_us", [&] { return duration.Quantile(9, 10); });
}

void SetBacklogAges(const KpiSpec& spec, const BacklogCell& level,
                    int64_t count, int64_t at_us, const TimelineState& state,
                    ReportRow& row) {
  bool hours = !state.schedules.empty();
  struct Ages {
    std::optional<int64_t> oldest, mean, p50, p90, chosen;
  };
  auto measure = [&](bool business) {
    Ages result;
    if (count <= 0) return result;
    std::vector<std::pair<int64_t, int64_t>> ages;
    absl::int128 sum = 0;
    level.entries.ForEach([&](const BacklogEntry& entry, int64_t n) {
      int64_t since = std::min(entry.entered_us, at_us);
      int64_t age = business
                        ? state.schedules.Elapsed(entry.schedule, since, at_us)
                        : at_us - since;
      ages.emplace_back(age, n);
      sum += absl::int128(age) * n;
    });
    std::sort(ages.begin(), ages.end());
    result.oldest = ages.empty() ? 0 : ages.back().first;
    result.mean = static_cast<int64_t>(sum / count);
    result.p50 = AgeQuantile(ages, count, 500'000);
    result.p90 = AgeQuantile(ages, count, 900'000);
    result.chosen = AgeQuantile(ages, count, spec.percentile_ppm);
    return result;
  };
  Ages calendar = measure(false);
  row.figures.push_back(OptionalFigure("oldest_us", calendar.oldest));
  row.figures.push_back(OptionalFigure("mean_age_us", calendar.mean));
  row.figures.push_back(OptionalFigure("p50_age_us", calendar.p50));
  row.figures.push_back(OptionalFigure("p90_age_us", calendar.p90));
  Ages shown = calendar;
  if (hours) {
    Ages business = measure(true);
    row.figures.push_back(
        OptionalFigure("oldest_business_us", business.oldest));
    row.figures.push_back(
        OptionalFigure("mean_age_business_us", business.mean));
    if (spec.clock == Clock::kBusiness) shown = business;
  }
  auto seconds = [](std::optional<int64_t> span_us) {
    return span_us ? std::optional<double>(Seconds(*span_us)) : std::nullopt;
  };
  switch (spec.statistic) {
    case Statistic::kOldest:
      row.value = seconds(shown.oldest);
      break;
    case Statistic::kMeanAge:
    case Statistic::kMean:
      row.value = seconds(shown.mean);
      break;
    case Statistic::kPercentile:
      row.value = seconds(shown.chosen);
      break;
    case Statistic::kOpenWaits:
      row.value = static_cast<double>(level.open_waits);
      break;
    default:
      row.value = static_cast<double>(count);
      break;
  }
}

void ForecastTotals::Add(int64_t volume_micro, int64_t arrived) {
  ++intervals;
  absl::int128 error =
      absl::int128(volume_micro) - absl::int128(arrived) * 1'000'000;
  if (error < 0) error = -error;
  forecast_micro += volume_micro;
  actual += arrived;
  absolute_micro += error;
  if (arrived == 0) {
    ++zero_intervals;
  } else {
    absolute_share +=
        static_cast<double>(error) / kMicro / static_cast<double>(arrived);
  }
}

void SetForecastValue(const KpiSpec& spec, const ForecastTotals& totals,
                      ReportRow& row) {
  double actual = static_cast<double>(totals.actual);
  double forecast = static_cast<double>(totals.forecast_micro) / kMicro;
  std::optional<double> wape;
  std::optional<double> bias;
  std::optional<double> mape;
  std::optional<double> deviation;
  std::optional<double> floor;
  std::optional<double> accuracy;
  if (totals.actual > 0) {
    wape = static_cast<double>(totals.absolute_micro) / kMicro / actual;
    bias = (forecast - actual) / actual;
    accuracy = std::max(0.0, 1 - *wape);
    constexpr double kPi = 3.14159265358979323846;
    floor =
        std::sqrt(2 / (kPi * (actual / static_cast<double>(totals.intervals))));
  }
  int64_t counted = totals.intervals - totals.zero_intervals;
  if (counted > 0) {
    mape = totals.absolute_share / static_cast<double>(counted);
  }
  if (totals.forecast_micro > 0) deviation = (actual - forecast) / forecast;
  switch (spec.statistic) {
    case Statistic::kWape:
      row.value = wape;
      break;
    case Statistic::kBias:
      row.value = bias;
      break;
    case Statistic::kMape:
      row.value = mape;
      break;
    case Statistic::kDeviation:
      row.value = deviation;
      break;
    case Statistic::kCount:
      row.value = static_cast<double>(totals.intervals);
      break;
    default:
      row.value = accuracy;
      break;
  }
  row.figures.push_back({"intervals", totals.intervals});
  row.figures.push_back({"forecast_micro", totals.forecast_micro});
  row.figures.push_back({"actual", totals.actual});
  row.figures.push_back({"absolute_error_micro", totals.absolute_micro});
  row.figures.push_back(
      {"error_micro",
       totals.forecast_micro - absl::int128(totals.actual) * 1'000'000});
  row.figures.push_back(OptionalFigure("deviation", deviation));
  row.figures.push_back(OptionalFigure("wape", wape));
  row.figures.push_back(OptionalFigure("bias", bias));
  row.figures.push_back(OptionalFigure("mape", mape));
  row.figures.push_back({"zero_intervals", totals.zero_intervals});
  row.figures.push_back(OptionalFigure("poisson_floor", floor));
}

}  // namespace cckpi
