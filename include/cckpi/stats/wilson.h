// Wilson's score interval for a share.
//
// Of n trials, `successes` succeeded. The interval holds the true share with
// 95 % confidence; unlike the textbook p ± 1.96·√(p(1−p)/n) it stays inside
// [0, 1] and is honest for few trials and for shares near 0 and 1.
// Source: E. B. Wilson, "Probable inference, the law of succession, and
// statistical inference", JASA 22 (1927).
//
// This file defines ShareInterval and WilsonInterval.
//
//   ShareInterval accuracy = WilsonInterval(85, 100);  // 0.767 to 0.907

#ifndef CCKPI_STATS_WILSON_H_
#define CCKPI_STATS_WILSON_H_

#include <cstdint>

namespace cckpi {

struct ShareInterval {
  double low = 0;
  double high = 1;
};

// For reading only; never part of a state. `successes` is clamped to
// [0, trials]; without trials nothing is known: [0, 1].
ShareInterval WilsonInterval(int64_t successes, int64_t trials);

}  // namespace cckpi

#endif  // CCKPI_STATS_WILSON_H_
