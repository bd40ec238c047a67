// Forecasts: the volumes that were expected.

#ifndef CCKPI_SRC_KPI_FORECASTS_H_
#define CCKPI_SRC_KPI_FORECASTS_H_

#include <compare>
#include <cstdint>
#include <map>

#include "src/timeline/dimensions.h"

namespace cckpi {

// A forecast names the dimensions whose value is not 0.
struct ForecastKey {
  int64_t begin_us = 0;
  int64_t span_us = 0;
  Combination values;

  auto operator<=>(const ForecastKey&) const = default;
};

using Forecasts = std::map<ForecastKey, int64_t>;  // volume in millionths

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_FORECASTS_H_
