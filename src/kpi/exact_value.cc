#include "cckpi/kpi/exact_value.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <variant>

#include "cckpi/base/time.h"
#include "cckpi/kpi/catalogue.h"
#include "src/kpi/fractions.h"

namespace cckpi {
namespace {

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kMillion = 1'000'000;

absl::int128 FloorDivide(absl::int128 numerator, int64_t denominator) {
  absl::int128 quotient = numerator / denominator;
  if (numerator % denominator != 0 && numerator < 0) quotient -= 1;
  return quotient;
}

int Sign(absl::int128 difference) {
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}

// The integer of that name; nullopt where the row has none.
std::optional<absl::int128> IntegerOf(const ReportRow& row,
                                      std::string_view name) {
  for (const Figure& figure : row.figures) {
    if (figure.name != name) continue;
    if (const auto* small = std::get_if<int64_t>(&figure.value)) return *small;
    if (const auto* large = std::get_if<absl::int128>(&figure.value)) {
      return *large;
    }
    return std::nullopt;
  }
  return std::nullopt;
}

// What the row says: its KPI, statistic and attribution. Formulas have none.
std::optional<KpiSpec> SpecOf(const ReportRow& row) {
  const KpiDefinition* definition = FindKpi(row.kpi);
  if (definition == nullptr) return std::nullopt;
  KpiSpec spec = DefaultSpec(definition->kpi);
  for (const Figure& figure : row.definition) {
    const auto* text = std::get_if<std::string>(&figure.value);
    if (text == nullptr) continue;
    // A KPI without the choice says what it has by default.
    if (figure.name == "statistic" || figure.name == "attribution") {
      SetKpiOption(spec, figure.name, *text).IgnoreError();
    }
  }
  return spec;
}

// figure / figure, times `factor`.
std::optional<ExactValue> Fraction(const ReportRow& row,
                                   std::string_view numerator,
                                   std::string_view denominator,
                                   absl::int128 factor) {
  const std::optional<absl::int128> above = IntegerOf(row, numerator);
  const std::optional<absl::int128> below = IntegerOf(row, denominator);
  if (!above || !below) return std::nullopt;
  return Quotient(*above * factor, *below);
}

std::optional<ExactValue> Whole(const ReportRow& row, std::string_view name) {
  const std::optional<absl::int128> micro = IntegerOf(row, name);
  if (!micro) return std::nullopt;
  return ExactValue::Of(*micro, 1);
}

bool IsSpan(Kpi kpi) {
  switch (kpi) {
    case Kpi::kFirstResponseTime:
    case Kpi::kResponseTime:
    case Kpi::kCustomerResponseTime:
    case Kpi::kResolutionTime:
    case Kpi::kAssignToReply:
    case Kpi::kHandleTime:
    case Kpi::kOperatingTime:
    case Kpi::kSpeedOfAnswer:
      return true;
    default:
      return false;
  }
}

std::optional<ExactValue> SpanValue(const KpiSpec& spec, const ReportRow& row) {
  std::string_view sum =
      spec.attribution == Attribution::kSliced ? "sliced_us" : "sum_us";
  switch (spec.statistic) {
    case Statistic::kMean:
      return Fraction(row, sum, "count", 1);
    case Statistic::kSum:
      return Whole(row, sum);
    case Statistic::kMin:
      return Whole(row, "min_us");
    case Statistic::kMax:
      return Whole(row, "max_us");
    case Statistic::kShareWithin:
      return Fraction(row, "numerator", "denominator", kMillion);
    default:
      return std::nullopt;
  }
}

std::optional<ExactValue> ForecastValue(const KpiSpec& spec,
                                        const ReportRow& row) {
  switch (spec.statistic) {
    case Statistic::kWape:
      return Fraction(row, "absolute_error_micro", "actual", 1);
    case Statistic::kBias:
      return Fraction(row, "error_micro", "actual", 1);
    case Statistic::kDeviation:
      return Fraction(row, "error_micro", "forecast_micro", -kMillion);
    case Statistic::kAccuracy: {
      const std::optional<absl::int128> error =
          IntegerOf(row, "absolute_error_micro");
      const std::optional<absl::int128> actual = IntegerOf(row, "actual");
      if (!error || !actual) return std::nullopt;
      const absl::int128 rest = *actual * kMillion - *error;
      return Quotient(rest < 0 ? 0 : rest, *actual);
    }
    default:
      return std::nullopt;
  }
}

// The fraction behind the value; nullopt where there is none.
std::optional<ExactValue> FractionOf(const KpiSpec& spec,
                                     const ReportRow& row) {
  if (IsSpan(spec.kpi)) return SpanValue(spec, row);
  switch (spec.kpi) {
    case Kpi::kForecastAccuracy:
      return ForecastValue(spec, row);
    case Kpi::kSatisfaction:
      if (spec.statistic == Statistic::kMean) {
        return Fraction(row, "sum_micro", "count", 1);
      }
      break;
    case Kpi::kAccuracy:
      if (spec.statistic == Statistic::kCoverage) {
        return Fraction(row, "reviewed", "eligible", kMillion);
      }
      break;
    case Kpi::kConcurrency:
      if (spec.statistic == Statistic::kMax) return std::nullopt;
      return Fraction(row, "numerator", "denominator", kMillion);
    case Kpi::kCasesPerHour:
      return Fraction(row, "numerator", "denominator",
                      absl::int128(kHour) * kMillion);
    default:
      break;
  }
  switch (spec.statistic) {
    case Statistic::kRatio:
    case Statistic::kShare:
    case Statistic::kTopBox:
    case Statistic::kResponseRate:
      return Fraction(row, "numerator", "denominator", kMillion);
    default:
      return std::nullopt;
  }
}

std::string_view ObservationsFigure(const KpiSpec& spec) {
  if (IsSpan(spec.kpi)) return "count";
  switch (spec.kpi) {
    case Kpi::kServiceLevel:
    case Kpi::kBeyondTurnaround:
    case Kpi::kFirstContactResolution:
    case Kpi::kBotOutcome:
      return "denominator";
    case Kpi::kAccuracy:
      return spec.statistic == Statistic::kCoverage ? "eligible"
                                                    : "denominator";
    case Kpi::kSatisfaction:
      return spec.statistic == Statistic::kResponseRate ? "closed" : "count";
    case Kpi::kForecastAccuracy:
      return "intervals";
    case Kpi::kCasesPerHour:
      return "cases";
    case Kpi::kDueWithin:
    case Kpi::kBacklog:
    case Kpi::kArrivals:
    case Kpi::kAnswered:
    case Kpi::kHandled:
    case Kpi::kResolved:
    case Kpi::kReopened:
    case Kpi::kTransferred:
    case Kpi::kMessages:
      return "count";
    default:
      return "";
  }
}

}  // namespace

std::optional<ExactValue> Quotient(absl::int128 above, absl::int128 below) {
  if (below <= 0) return std::nullopt;
  if (above >= 0 && above <= kMost && below <= kMost) {
    const auto a = static_cast<int64_t>(above);
    const auto b = static_cast<int64_t>(below);
    const int64_t divisor = std::gcd(a, b);
    return ExactValue{a / divisor, b / divisor};
  }
  absl::int128 a = above < 0 ? -above : above;
  absl::int128 divisor = below;
  while (a != 0) {
    const absl::int128 rest = divisor % a;
    divisor = a;
    a = rest;
  }
  if (below / divisor > kMost) return std::nullopt;
  return ExactValue::Of(above / divisor, static_cast<int64_t>(below / divisor));
}

std::optional<ExactValue> Nearest(double value) {
  const double micro = value * 1e6;
  if (std::isnan(micro)) return std::nullopt;
  // Beyond this a double holds no int64.
  constexpr double kEdge = 9.2e18;
  if (micro >= kEdge) return ExactValue::OfMicro(kMost);
  if (micro <= -kEdge) return ExactValue::OfMicro(kLeast);
  return ExactValue::OfMicro(std::llround(micro));
}

ExactValue ExactValue::Of(absl::int128 numerator_micro, int64_t denominator) {
  if (denominator < 1) denominator = 1;
  if (numerator_micro >= kLeast && numerator_micro <= kMost) {
    return {static_cast<int64_t>(numerator_micro), denominator};
  }
  const absl::int128 whole = FloorDivide(numerator_micro, denominator);
  return {static_cast<int64_t>(std::clamp<absl::int128>(whole, kLeast, kMost)),
          1};
}

int ExactValue::Compare(int64_t value_micro) const {
  return Sign(absl::int128(numerator_micro) -
              absl::int128(value_micro) * denominator);
}

int ExactValue::Compare(const ExactValue& other) const {
  const absl::int128 mine = absl::int128(numerator_micro) * other.denominator;
  const absl::int128 theirs = absl::int128(other.numerator_micro) * denominator;
  return mine < theirs ? -1 : mine > theirs ? 1 : 0;
}

double ExactValue::value() const {
  return static_cast<double>(numerator_micro) /
         static_cast<double>(denominator) / 1e6;
}

int64_t ExactValue::micro() const {
  return static_cast<int64_t>(FloorDivide(numerator_micro, denominator));
}

bool Meets(const Threshold& threshold, const ExactValue& value) {
  const int order = value.Compare(threshold.value_micro);
  switch (threshold.comparator) {
    case Comparator::kLess:
      return order < 0;
    case Comparator::kLessEqual:
      return order <= 0;
    case Comparator::kGreater:
      return order > 0;
    case Comparator::kGreaterEqual:
      return order >= 0;
  }
  return false;
}

std::optional<ExactValue> ExactValueOf(const ReportRow& row) {
  if (!row.value.has_value()) return std::nullopt;
  if (const std::optional<KpiSpec> spec = SpecOf(row)) {
    if (auto fraction = FractionOf(*spec, row)) return fraction;
  }
  return Nearest(*row.value);
}

int64_t ObservationsOf(const ReportRow& row) {
  const std::optional<KpiSpec> spec = SpecOf(row);
  if (spec && spec->statistic == Statistic::kMeanWithWaiting) {
    const absl::int128 all = IntegerOf(row, "count").value_or(0) +
                             IntegerOf(row, "waiting").value_or(0);
    return static_cast<int64_t>(std::clamp<absl::int128>(all, 0, kMost));
  }
  for (std::string_view name :
       {"denominator", "count", "reviewed", "due", "intervals"}) {
    if (const auto n = IntegerOf(row, name)) {
      return static_cast<int64_t>(std::clamp<absl::int128>(*n, 0, kMost));
    }
  }
  return 0;
}

bool HasSampleSize(const KpiSpec& spec) {
  return !ObservationsFigure(spec).empty();
}

std::optional<int64_t> SampleSizeOf(const ReportRow& row) {
  const std::optional<KpiSpec> spec = SpecOf(row);
  const std::string_view name = spec ? ObservationsFigure(*spec) : "";
  if (name.empty()) return std::nullopt;
  const std::optional<absl::int128> n = IntegerOf(row, name);
  if (!n) return std::nullopt;
  return static_cast<int64_t>(std::clamp<absl::int128>(*n, 0, kMost));
}

}  // namespace cckpi
