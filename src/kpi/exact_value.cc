#include "cckpi/kpi/exact_value.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <variant>

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

std::string_view StatisticOf(const ReportRow& row) {
  for (const Figure& figure : row.definition) {
    if (figure.name != "statistic") continue;
    if (const auto* text = std::get_if<std::string>(&figure.value)) {
      return *text;
    }
  }
  return {};
}

// Does the fraction say the same as the row's rounded value? A row may carry
// figures that belong to another statistic than the one that is its value.
bool Agrees(const ExactValue& exact, double value) {
  const double difference = std::abs(exact.value() - value);
  return difference <= 1e-9 * std::max(1.0, std::abs(value));
}

}  // namespace

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

std::optional<ExactValue> ExactValueOf(const ReportRow& row) {
  if (!row.value.has_value()) return std::nullopt;
  if (StatisticOf(row) == "mean") {
    const auto sum = IntegerOf(row, "sum_us");
    const auto count = IntegerOf(row, "count");
    if (sum && count && *count > 0 && *count <= kMost) {
      const ExactValue mean =
          ExactValue::Of(*sum, static_cast<int64_t>(*count));
      if (Agrees(mean, *row.value)) return mean;
    }
  }
  const auto numerator = IntegerOf(row, "numerator");
  const auto denominator = IntegerOf(row, "denominator");
  if (numerator && denominator && *denominator > 0 && *denominator <= kMost &&
      *numerator >= kLeast && *numerator <= kMost) {
    const ExactValue ratio = ExactValue::Of(*numerator * kMillion,
                                            static_cast<int64_t>(*denominator));
    if (Agrees(ratio, *row.value)) return ratio;
  }
  const double micro = *row.value * 1e6;
  if (std::isnan(micro)) return std::nullopt;
  // Beyond this a double holds no int64.
  constexpr double kEdge = 9.2e18;
  if (micro >= kEdge) return ExactValue::OfMicro(kMost);
  if (micro <= -kEdge) return ExactValue::OfMicro(kLeast);
  return ExactValue::OfMicro(std::llround(micro));
}

int64_t ObservationsOf(const ReportRow& row) {
  for (std::string_view name :
       {"denominator", "count", "reviewed", "due", "intervals"}) {
    if (const auto n = IntegerOf(row, name)) {
      return static_cast<int64_t>(std::clamp<absl::int128>(*n, 0, kMost));
    }
  }
  return 0;
}

}  // namespace cckpi
