// Exact values from the integers behind a number.

#ifndef CCKPI_SRC_KPI_FRACTIONS_H_
#define CCKPI_SRC_KPI_FRACTIONS_H_

#include <optional>

#include "absl/numeric/int128.h"
#include "cckpi/kpi/exact_value.h"

namespace cckpi {

// `above` millionths / `below`, shortened; nullopt where the denominator is
// not in 1 … 2^63 - 1 even so.
std::optional<ExactValue> Quotient(absl::int128 above, absl::int128 below);

// The double itself. Counts and spans below 2^53 us come out as they are.
std::optional<ExactValue> Nearest(double value);

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_FRACTIONS_H_
