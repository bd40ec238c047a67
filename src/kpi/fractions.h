// Exact values from the integers behind a number.

#ifndef CCKPI_SRC_KPI_FRACTIONS_H_
#define CCKPI_SRC_KPI_FRACTIONS_H_

#include <cstdint>
#include <optional>

#include "absl/numeric/int128.h"
#include "cckpi/kpi/exact_value.h"

namespace cckpi {

// A ratio of 1, in millionths.
inline constexpr int64_t kWholeMicro = 1'000'000;

// `above` millionths / `below`, shortened; nullopt where the denominator is
// not in 1 … 2^63 - 1 even so.
std::optional<ExactValue> Quotient(absl::int128 above, absl::int128 below);

// The double itself. Counts and spans below 2^53 us come out as they are.
std::optional<ExactValue> Nearest(double value);

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_FRACTIONS_H_
