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

void AddPart(const CellPart<SpanCell>& part, DurationUnion& durations) {
  durations.Add(part.cell->duration,
                part.index != nullptr ? &part.index->bins : nullptr);
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

void SumUp(std::span<const CellPart<SpanCell>> parts, DurationUnion& durations,
           SpanSums& sums) {
  const bool has_former = sums.count > 0;
  sums.parts = parts;
  sums.said = 0;
  sums.open = sums.voided = sums.within = sums.sliced = 0;
  sums.open_starts = 0;
  durations.Clear();
  for (const CellPart<SpanCell>& part : parts) {
    const SpanCell& cell = *part.cell;
    sums.open += cell.open;
    sums.voided += cell.voided;
    sums.within += cell.within;
    sums.sliced += cell.sliced;
    sums.open_starts += cell.open_starts;
    AddPart(part, durations);
  }
  sums.count = durations.count();
  sums.sum = durations.sum();
  if (sums.count > 0) {
    sums.min_us = durations.Min();
    sums.max_us = durations.Max();
    sums.p50_us = durations.Quantile(1, 2, has_former ? sums.p50_us : -1);
    sums.p90_us = durations.Quantile(9, 10, has_former ? sums.p90_us : -1);
  }
}

std::optional<double> ValueOfSpans(const KpiSpec& spec, const SpanSums& sums,
                                   DurationUnion& durations) {
  switch (spec.statistic) {
    case Statistic::kCount:
      return static_cast<double>(sums.count);
    case Statistic::kShareWithin:
      return Ratio(sums.within, sums.count);
    default:
      break;
  }
  if (sums.count <= 0) return std::nullopt;
  switch (spec.statistic) {
    case Statistic::kSum:
      return static_cast<double>(sums.sum) / kMicro;
    case Statistic::kMin:
      return Seconds(sums.min_us);
    case Statistic::kMax:
      return Seconds(sums.max_us);
    case Statistic::kPercentile:
      if (spec.percentile_ppm == 500'000) return Seconds(sums.p50_us);
      if (spec.percentile_ppm == 900'000) return Seconds(sums.p90_us);
      durations.Clear();
      for (const CellPart<SpanCell>& part : sums.parts) {
        AddPart(part, durations);
      }
      return Seconds(durations.Quantile(spec.percentile_ppm, 1'000'000));
    default:
      return static_cast<double>(sums.sum) / static_cast<double>(sums.count) /
             kMicro;
  }
}

SharedList<Figure> FiguresOfSpans(const KpiSpec& spec, SpanSums& sums,
                                  int64_t open, std::optional<int64_t> left,
                                  bool sliced) {
  const bool share = spec.statistic == Statistic::kShareWithin;
  if (sums.left != left) {
    if (sums.left.has_value() != left.has_value()) sums.figures = {};
    sums.said = 0;
    sums.left = left;
  }
  const size_t which = (share ? size_t{1} : 0) + (sliced ? size_t{2} : 0);
  const uint8_t bit = static_cast<uint8_t>(1u << which);
  SharedList<Figure>& shared = sums.figures[which];
  if ((sums.said & bit) != 0) return shared;
  const size_t size =
      size_t{8} + (share ? 2 : 0) + (left ? 1 : 0) + (sliced ? 1 : 0);
  WriteFigures(shared, size, [&](FigureWriter figures) {
    if (share) {
      figures.Add("numerator", sums.within);
      figures.Add("denominator", sums.count);
    }
    figures.Add("count", sums.count);
    figures.Add("sum_us", sums.sum);
    figures.Add("open", open);
    figures.Add("void", sums.voided);
    const auto add = [&](const char* name, int64_t value_us) {
      figures.AddOptional(name, sums.count > 0
                                    ? std::optional<int64_t>(value_us)
                                    : std::nullopt);
    };
    add("min_us", sums.min_us);
    add("max_us", sums.max_us);
    add("p50_us", sums.p50_us);
    add("p90_us", sums.p90_us);
    if (left) figures.Add("untouched", *left);
    if (sliced) figures.Add("sliced_us", sums.sliced);
  });
  sums.said |= bit;
  return shared;
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
