#include "cckpi/stats/wilson.h"

#include "gtest/gtest.h"

namespace cckpi {
namespace {

TEST(WilsonIntervalTest, WithoutTrialsNothingIsKnown) {
  const ShareInterval interval = WilsonInterval(0, 0);
  EXPECT_EQ(interval.low, 0);
  EXPECT_EQ(interval.high, 1);
}

TEST(WilsonIntervalTest, EightyFiveOfAHundred) {
  // With z = 1.96 and n = 100: centre (0.85 + 0.019207) / 1.038415 = 0.837053,
  // half width 1.96 * sqrt(0.001275 + 0.00009604) / 1.038415 = 0.069889.
  const ShareInterval interval = WilsonInterval(85, 100);
  EXPECT_NEAR(interval.low, 0.76716, 1e-4);
  EXPECT_NEAR(interval.high, 0.90694, 1e-4);
}

TEST(WilsonIntervalTest, AllOrNothingTouchesTheEnd) {
  // n = 10: the other limit is z^2 / (n + z^2) = 3.8415 / 13.8415 = 0.27753.
  const ShareInterval none = WilsonInterval(0, 10);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.27753, 1e-4);
  const ShareInterval all = WilsonInterval(10, 10);
  EXPECT_NEAR(all.low, 0.72247, 1e-4);
  EXPECT_EQ(all.high, 1);
}

TEST(WilsonIntervalTest, HoldsTheShareAndNarrowsWithTrials) {
  double width = 1;
  for (const int64_t n : {4, 40, 400, 4000, 40'000'000}) {
    const ShareInterval interval = WilsonInterval(n / 4, n);
    EXPECT_LT(interval.low, 0.25);
    EXPECT_GT(interval.high, 0.25);
    EXPECT_LT(interval.high - interval.low, width);
    width = interval.high - interval.low;
  }
}

TEST(WilsonIntervalTest, ClampsImpossibleSuccesses) {
  EXPECT_EQ(WilsonInterval(12, 10).low, WilsonInterval(10, 10).low);
  EXPECT_EQ(WilsonInterval(-2, 10).high, WilsonInterval(0, 10).high);
}

}  // namespace
}  // namespace cckpi
