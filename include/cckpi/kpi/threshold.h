// Quantities and thresholds as configuration writes them.
//
// A quantity is a number in a KPI's own unit, held in millionths: seconds are
// written as spans ("15m" is 900'000'000), ratios as percents or decimals
// ("85%" and "0.85" are 850'000), everything else as decimals ("12", "4.5").
// A threshold is a comparator and a quantity: "<15m", ">=85%".
//
//   absl::StatusOr<Threshold> target = ParseThreshold("<15m", Unit::kSeconds);
//   bool met = Meets(*target, 14 * kMinute);   // true
//
// Where the unit is not known (a formula may give anything) every form goes.

#ifndef CCKPI_KPI_THRESHOLD_H_
#define CCKPI_KPI_THRESHOLD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/report.h"

namespace cckpi {

// InvalidArgument `"15" is no span such as "15m"`, `"5%" is no number`, ….
absl::StatusOr<int64_t> ParseQuantity(std::string_view text,
                                      std::optional<Unit> unit);
// "15m", "85%", "12": text that ParseQuantity reads back for that unit.
std::string FormatQuantity(int64_t value_micro, std::optional<Unit> unit);

// InvalidArgument also without a comparator.
absl::StatusOr<Threshold> ParseThreshold(std::string_view text,
                                         std::optional<Unit> unit);
std::string FormatThreshold(const Threshold& threshold,
                            std::optional<Unit> unit);

// "<", "<=", ">", ">=".
std::string_view ComparatorName(Comparator comparator);

// Is `value_micro` on the good side of the threshold?
bool Meets(const Threshold& threshold, int64_t value_micro);

// The good side of "<" and "<=" is low, that of ">" and ">=" is high.
Direction DirectionOf(Comparator comparator);

// Is `a` strictly better than `b`?
bool IsBetter(int64_t a_micro, int64_t b_micro, Direction direction);

}  // namespace cckpi

#endif  // CCKPI_KPI_THRESHOLD_H_
