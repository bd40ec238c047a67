// The quantile and rank facts of tests/data/oracles/quantiles.json, as far as
// they follow our rule: the smallest x with share(<= x) >= q, then the
// histogram's 1 %.
//
// What is covered
//   * quantiles and percentiles of every case but qn-15, whose rule is another
//     ("nearest"; it answers 30e6 where the inclusive rule answers 100e6);
//   * inclusive, exclusive and mid ranks: below a value there are
//     CountWithin(x - 1), at most it CountWithin(x), and the mid rank is the
//     mean of both. Between two whole numbers some of the sources interpolate
//     and we do not: there only x below or above all values is covered.
// Tolerances are those of the case, or 1 % where that is more and the values
// do not fit the exact bins.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <string>

#include "cckpi/stats/duration_accumulator.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace cckpi {
namespace {

using Json = nlohmann::json;

// Half of the values go through another accumulator that is merged.
DurationAccumulator AccumulatorOf(const Json& data) {
  DurationAccumulator halves[2];
  int64_t n = 0;
  const auto add = [&](int64_t value) { halves[n++ % 2].Add(value); };
  if (data.contains("range")) {
    const int64_t last = data["range"][1];
    for (int64_t value = data["range"][0]; value <= last; ++value) add(value);
  }
  for (const Json& value : data.value("values", Json::array())) add(value);
  for (const Json& pair : data.value("counts", Json::array())) {
    for (int64_t i = 0; i < pair[1].get<int64_t>(); ++i) add(pair[0]);
  }
  if (data.contains("plus")) {
    const Json& plus = data["plus"];
    const int64_t step = plus["step"];
    for (int64_t value = plus["from_"]; value <= plus["to"].get<int64_t>();
         value += step) {
      add(value);
    }
  }
  halves[0].Merge(halves[1]);
  return halves[0];
}

int64_t QuantileOf(const DurationAccumulator& values, double share) {
  constexpr int64_t kScale = 10'000'000;
  return values.Quantile(std::llround(share * kScale), kScale);
}

double RankOf(const DurationAccumulator& values, int64_t x) {
  return static_cast<double>(values.CountWithin(x)) /
         static_cast<double>(values.count());
}

// One percent, or nothing where every value has a bin of its own.
double HistogramTolerance(const DurationAccumulator& values) {
  return values.Max() < 128 ? 0 : 0.01;
}

class QuantileOracleTest : public testing::Test {
 protected:
  QuantileOracleTest() {
    std::ifstream file(std::string(CCKPI_SOURCE_DIR) +
                       "/tests/data/oracles/quantiles.json");
    cases_ = Json::parse(file)["cases"];
  }

  Json cases_;
};

TEST_F(QuantileOracleTest, Quantiles) {
  int checked = 0;
  for (const Json& test_case : cases_) {
    if (test_case["id"] == "qn-15") continue;
    const DurationAccumulator values = AccumulatorOf(test_case["data"]);
    const double histogram = HistogramTolerance(values);
    const auto expect = [&](double share, double expected, double tolerance) {
      ++checked;
      EXPECT_NEAR(static_cast<double>(QuantileOf(values, share)), expected,
                  std::max(tolerance, expected * histogram))
          << test_case["id"] << " at " << share;
    };
    for (const Json& pair : test_case.value("quantiles", Json::array())) {
      expect(pair[0], pair[1], test_case.value("tolerance_abs", 0.0));
    }
    for (const Json& row : test_case.value("quantiles_rel", Json::array())) {
      const double expected = row[1];
      expect(row[0], expected, row[2].get<double>() * expected);
    }
    for (const Json& pair : test_case.value("percentiles", Json::array())) {
      const double expected = pair[1];
      expect(pair[0].get<double>() / 100, expected,
             test_case.value("rel_tolerance", 0.0) * expected);
    }
  }
  EXPECT_EQ(checked, 31);
}

TEST_F(QuantileOracleTest, ExtremesAndTotalsAreExact) {
  int checked = 0;
  for (const Json& test_case : cases_) {
    const DurationAccumulator values = AccumulatorOf(test_case["data"]);
    if (test_case.contains("min")) {
      ++checked;
      EXPECT_EQ(values.Min(), test_case["min"].get<int64_t>());
      EXPECT_EQ(values.Max(), test_case["max"].get<int64_t>());
    }
    if (test_case.contains("total")) {
      ++checked;
      EXPECT_EQ(values.count(), test_case["total"].get<int64_t>());
    }
  }
  EXPECT_EQ(checked, 5);
}

TEST_F(QuantileOracleTest, Ranks) {
  int checked = 0;
  for (const Json& test_case : cases_) {
    const DurationAccumulator values = AccumulatorOf(test_case["data"]);
    const double tolerance = std::max(test_case.value("rank_tolerance", 0.0),
                                      HistogramTolerance(values));
    for (const Json& pair : test_case.value("rank_inclusive", Json::array())) {
      ++checked;
      EXPECT_EQ(RankOf(values, pair[0]), pair[1].get<double>());
    }
    for (const Json& pair : test_case.value("rank_exclusive", Json::array())) {
      ++checked;
      EXPECT_EQ(RankOf(values, pair[0].get<int64_t>() - 1),
                pair[1].get<double>());
    }
    for (const Json& pair : test_case.value("rank_mid", Json::array())) {
      const double x = pair[0];
      const int64_t whole = static_cast<int64_t>(std::floor(x));
      const bool is_whole = x == static_cast<double>(whole);
      if (!is_whole && whole >= values.Min() && whole < values.Max()) continue;
      ++checked;
      const int64_t below = is_whole ? whole - 1 : whole;
      const double rank = (RankOf(values, below) + RankOf(values, whole)) / 2;
      EXPECT_NEAR(rank, pair[1].get<double>(), tolerance) << test_case["id"];
    }
  }
  EXPECT_EQ(checked, 28);
}

TEST_F(QuantileOracleTest, EveryRankOfAMillionValuesIsNear) {
  for (const Json& test_case : cases_) {
    if (!test_case.contains("rank_error_max")) continue;
    const DurationAccumulator values = AccumulatorOf(test_case["data"]);
    const double n = static_cast<double>(values.count());
    ASSERT_EQ(values.count(), 1'000'000);
    for (int64_t x = 0; x < values.count(); x += 97) {
      ASSERT_NEAR(RankOf(values, x), static_cast<double>(x + 1) / n,
                  test_case["rank_error_max"].get<double>());
    }
  }
}

}  // namespace
}  // namespace cckpi
