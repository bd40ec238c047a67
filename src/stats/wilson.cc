#include "cckpi/stats/wilson.h"

#include <algorithm>
#include <cmath>

namespace cckpi {

ShareInterval WilsonInterval(int64_t successes, int64_t trials) {
  if (trials <= 0) return {};
  successes = std::clamp<int64_t>(successes, 0, trials);
  constexpr double kZ = 1.959963984540054;  // 97.5 % quantile of the normal
  constexpr double kZ2 = kZ * kZ;
  const double n = static_cast<double>(trials);
  const double share = static_cast<double>(successes) / n;
  const double center = share + kZ2 / (2 * n);
  const double spread =
      kZ * std::sqrt(share * (1 - share) / n + kZ2 / (4 * n * n));
  const double scale = 1 + kZ2 / n;
  // At the ends of the range one limit is the share itself; rounding must not
  // move it off.
  return {.low = successes == 0 ? 0 : std::max(0.0, (center - spread) / scale),
          .high = successes == trials
                      ? 1
                      : std::min(1.0, (center + spread) / scale)};
}

}  // namespace cckpi
