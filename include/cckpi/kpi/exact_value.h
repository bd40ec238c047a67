// ExactValue: a KPI's value without rounding, for comparisons.
//
// The `value` of a report row is a floating-point number for reading. What
// decides something (is the target met? does an alert fire?) compares the
// exact quotient that the row carries: the sum and the count of a mean, the
// numerator and the denominator of a ratio. Values are in millionths of the
// KPI's unit, as thresholds are (kpi/config.h): a mean of 361 s over three
// answers is 361'000'000 / 3 and more than 120 s, whatever the last bit of a
// double says.
//
//   ExactValue mean = ExactValue::Of(361 * kSecond, 3);
//   bool slow = mean.Compare(120 * kSecond) > 0;   // 120.333… s: true
//
// This file defines ExactValue, Meets, ExactValueOf, ObservationsOf,
// SampleSizeOf and HasSampleSize.

#ifndef CCKPI_KPI_EXACT_VALUE_H_
#define CCKPI_KPI_EXACT_VALUE_H_

#include <cstdint>
#include <optional>

#include "absl/numeric/int128.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/report.h"

namespace cckpi {

// The fraction numerator_micro / denominator, in millionths of the unit.
// The denominator is positive.
struct ExactValue {
  int64_t numerator_micro = 0;
  int64_t denominator = 1;

  // The fraction; where its numerator does not fit, the nearest whole
  // millionth below it, and what is beyond int64 is its greatest or least.
  // A denominator that is not positive counts as 1.
  static ExactValue Of(absl::int128 numerator_micro, int64_t denominator);
  static ExactValue OfMicro(int64_t value_micro) { return {value_micro, 1}; }

  // Less than 0, 0 or more than 0 as this is less than, equal to or more than
  // the other.
  int Compare(int64_t value_micro) const;
  int Compare(const ExactValue& other) const;

  // For reading: in the unit, and in whole millionths, rounded down.
  double value() const;
  int64_t micro() const;

  // The same fraction; of equal value is Compare(other) == 0.
  bool operator==(const ExactValue&) const = default;
};

// Is `value` on the good side of the threshold?
bool Meets(const Threshold& threshold, const ExactValue& value);

// The exact value of a row: sum and count of a mean, numerator and
// denominator of a ratio. Of a formula, a MAPE, a percentile, a mean with those
// waiting it is `value`, rounded to a millionth: there is no fraction behind
// it, or a whole microsecond. nullopt where the row has no value.
std::optional<ExactValue> ExactValueOf(const ReportRow& row);

// How many observations stand behind the value: the denominator of a ratio,
// the count of anything else, 0 where there is neither.
int64_t ObservationsOf(const ReportRow& row);

// The observations that a minimum can be asked of: finished spans, decided
// deadlines, reviewed responses, survey answers, counted cases, forecast
// intervals. nullopt where the KPI has none to count: formulas and the use of
// agent time.
std::optional<int64_t> SampleSizeOf(const ReportRow& row);
// Does SampleSizeOf find anything in the rows of the KPI?
bool HasSampleSize(const KpiSpec& spec);

}  // namespace cckpi

#endif  // CCKPI_KPI_EXACT_VALUE_H_
