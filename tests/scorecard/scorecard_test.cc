#include "cckpi/scorecard/scorecard.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/kpi/threshold.h"
#include "oracle/random_log.h"
#include "oracle/settings.h"

namespace cckpi {
namespace {

using oracle::SplitMix64;

constexpr int64_t kWeekEnd = 1'773'014'400'000'000;  // 2026-03-09T00:00:00Z

Threshold Of(const char* text, Unit unit) {
  return *ParseThreshold(text, unit);
}

ScoreCard Card(const char* benchmark, Unit unit) {
  ScoreCard card;
  card.kpi = "k";
  card.benchmarks = {{Of(benchmark, unit), kNoTime}};
  card.weight_permille = 50'000;
  return card;
}

// first response TAT < 15 min measured as 20 min; accuracy >= 85 %: 90 %.
TEST(ScorecardTest, WorkedExampleOfTheWeeklyCard) {
  const ScoreCard tat = Card("<15m", Unit::kSeconds);
  const ScoreCard accuracy = Card(">=85%", Unit::kRatio);
  const CardActual twenty_minutes{ExactValue{3 * 1'200'000'000LL, 3}, 3};
  const CardActual nine_of_ten{ExactValue{9'000'000, 10}, 10};
  for (const auto& [attainment, expected_tat, expected_score] :
       {std::tuple(Attainment::kBinary, 0, 500'000),
        std::tuple(Attainment::kLinear, 750'000, 875'000)}) {
    const CardScore a = ScoreOf(tat, attainment, kWeekEnd, twenty_minutes);
    const CardScore b = ScoreOf(accuracy, attainment, kWeekEnd, nine_of_ten);
    EXPECT_EQ(a.state, CardState::kScored);
    EXPECT_EQ(a.attainment_micro, expected_tat);
    EXPECT_EQ(b.attainment_micro, 1'000'000);
    const std::vector<ScoreLine> lines = {
        {tat.weight_permille, a.attainment_micro},
        {accuracy.weight_permille, b.attainment_micro}};
    const WeightedScore score = Weigh(lines, ScoreNoData::kRenormalise);
    EXPECT_EQ(score.score_micro, expected_score);
    EXPECT_EQ(score.weight_permille, 100'000);
    EXPECT_EQ(score.contribution_micro[0], expected_tat / 2);
    EXPECT_EQ(score.contribution_micro[1], 500'000);
  }
}

TEST(ScorecardTest, BinaryIsTheComparator) {
  const ExactValue fifteen{900'000'000, 1};
  auto binary = [&](const char* text, ExactValue actual) {
    return AttainmentOf(Attainment::kBinary, Of(text, Unit::kSeconds), actual);
  };
  EXPECT_EQ(binary("<15m", fifteen), 0);
  EXPECT_EQ(binary("<=15m", fifteen), 1'000'000);
  EXPECT_EQ(binary(">15m", fifteen), 0);
  EXPECT_EQ(binary(">=15m", fifteen), 1'000'000);
  // A third of a microsecond above.
  EXPECT_EQ(binary("<=15m", {2'700'000'001, 3}), 0);
}

TEST(ScorecardTest, LinearIsTheQuotientOnTheBadSide) {
  auto linear = [](const char* text, Unit unit, ExactValue actual) {
    return AttainmentOf(Attainment::kLinear, Of(text, unit), actual);
  };
  // 15 min wanted: 10 min, 15 min, 60 min, 3/7 of a microsecond more.
  EXPECT_EQ(linear("<15m", Unit::kSeconds, {600'000'000, 1}), 1'000'000);
  EXPECT_EQ(linear("<15m", Unit::kSeconds, {900'000'000, 1}), 1'000'000);
  EXPECT_EQ(linear("<15m", Unit::kSeconds, {3'600'000'000, 1}), 250'000);
  EXPECT_EQ(linear("<15m", Unit::kSeconds, {0, 1}), 1'000'000);
  EXPECT_EQ(linear("<15m", Unit::kSeconds, {2'100'000'000, 1}), 428'571);
  // 85 % wanted: 2/3 is 0.784314 of it, nothing is 0, 90 % is all.
  EXPECT_EQ(linear(">=85%", Unit::kRatio, {2'000'000, 3}), 784'314);
  EXPECT_EQ(linear(">=85%", Unit::kRatio, {0, 10}), 0);
  EXPECT_EQ(linear(">=85%", Unit::kRatio, {9'000'000, 10}), 1'000'000);
  // A negative value (a bias, say) is as bad or as good as can be.
  EXPECT_EQ(linear(">=85%", Unit::kRatio, {-1, 10}), 0);
  EXPECT_EQ(linear("<5%", Unit::kRatio, {-1, 10}), 1'000'000);
}

TEST(ScorecardTest, LinearRoundsHalvesUp) {
  // 1 / 64 = 0.015625; 1 / 128 = 0.0078125.
  EXPECT_EQ(AttainmentOf(Attainment::kLinear, Of("<=1", Unit::kCount),
                         {128'000'000, 1}),
            7'813);
  EXPECT_EQ(AttainmentOf(Attainment::kLinear, Of("<=1", Unit::kCount),
                         {64'000'000, 1}),
            15'625);
}

TEST(ScorecardTest, WhereAQuotientMeansNothingTheSideCounts) {
  // Only a host that makes its own Config can ask for these.
  const Threshold none{Comparator::kLessEqual, 0};
  EXPECT_EQ(AttainmentOf(Attainment::kLinear, none, {0, 1}), 1'000'000);
  EXPECT_EQ(AttainmentOf(Attainment::kLinear, none, {1, 1}), 0);
  const Threshold negative{Comparator::kGreaterEqual, -5};
  EXPECT_EQ(AttainmentOf(Attainment::kLinear, negative, {-4, 1}), 1'000'000);
  EXPECT_EQ(AttainmentOf(Attainment::kLinear, negative, {-6, 1}), 0);
}

TEST(ScorecardTest, LinearTakesTheLargestNumbers) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const Threshold high{Comparator::kGreaterEqual, kMost};
  const Threshold low{Comparator::kLessEqual, 1};
  auto linear = [](const Threshold& benchmark, ExactValue actual) {
    return AttainmentOf(Attainment::kLinear, benchmark, actual);
  };
  EXPECT_EQ(linear(high, {kMost, kMost}), 0);
  EXPECT_EQ(linear(high, {kMost, 1}), 1'000'000);
  EXPECT_EQ(linear(high, {kMost, 2}), 500'000);
  EXPECT_EQ(linear(low, {kMost, 1}), 0);
  EXPECT_EQ(linear(low, {kMost, kMost / 2}), 500'000);
}

TEST(ScorecardTest, TheFirstZoneThatHoldsGivesItsPoints) {
  const std::vector<ScoreZone> zones = {{Of(">=90%", Unit::kRatio), 1000},
                                        {Of(">=80%", Unit::kRatio), 600},
                                        {Of(">=70%", Unit::kRatio), 200}};
  EXPECT_EQ(AttainmentOf(zones, {9'500'000, 10}), 1'000'000);
  EXPECT_EQ(AttainmentOf(zones, {9'000'000, 10}), 1'000'000);
  EXPECT_EQ(AttainmentOf(zones, {8'999'999, 10}), 600'000);
  EXPECT_EQ(AttainmentOf(zones, {7'000'000, 10}), 200'000);
  EXPECT_EQ(AttainmentOf(zones, {6'000'000, 10}), 0);
}

TEST(ScorecardTest, TheBenchmarkInForceAtTheEndApplies) {
  ScoreCard card = Card("<20m", Unit::kSeconds);
  const Threshold stricter = Of("<15m", Unit::kSeconds);
  auto from = [&](int64_t from_us) {
    card.benchmarks.resize(1);
    card.benchmarks.push_back({stricter, from_us});
    return BenchmarkAt(card, kWeekEnd)->value_micro / kMinute;
  };
  EXPECT_EQ(from(kWeekEnd - 6 * kDay), 15);
  EXPECT_EQ(from(kWeekEnd - 1), 15);
  EXPECT_EQ(from(kWeekEnd), 20);  // for the next week
  card.benchmarks = {{stricter, kWeekEnd}};
  EXPECT_EQ(BenchmarkAt(card, kWeekEnd), std::nullopt);
  EXPECT_EQ(
      ScoreOf(card, Attainment::kBinary, kWeekEnd, {ExactValue{1, 1}, 1}).state,
      CardState::kNoBenchmark);
}

TEST(ScorecardTest, TooFewObservationsAreNoData) {
  ScoreCard card = Card(">=85%", Unit::kRatio);
  card.min_n = 10;
  const ExactValue actual{9'000'000, 9};
  auto state = [&](std::optional<ExactValue> value, std::optional<int64_t> n) {
    return ScoreOf(card, Attainment::kBinary, kWeekEnd, {value, n}).state;
  };
  EXPECT_EQ(state(actual, 9), CardState::kTooFew);
  EXPECT_EQ(state(actual, 10), CardState::kScored);
  EXPECT_EQ(state(actual, std::nullopt), CardState::kScored);
  EXPECT_EQ(state(std::nullopt, 0), CardState::kNoData);
}

TEST(WeighTest, WhatHasNoDataLeavesTheWeightsOrCountsAsZero) {
  const std::vector<ScoreLine> lines = {
      {50'000, 800'000}, {30'000, std::nullopt}, {20'000, 100'000}};
  // (50 · 0.8 + 20 · 0.1) / 70 = 0.6
  WeightedScore score = Weigh(lines, ScoreNoData::kRenormalise);
  EXPECT_EQ(score.score_micro, 600'000);
  EXPECT_EQ(score.weight_permille, 70'000);
  EXPECT_EQ(score.contribution_micro[0], 571'429);
  EXPECT_EQ(score.contribution_micro[1], std::nullopt);
  EXPECT_EQ(score.contribution_micro[2], 28'571);
  // 42 / 100
  score = Weigh(lines, ScoreNoData::kZero);
  EXPECT_EQ(score.score_micro, 420'000);
  EXPECT_EQ(score.weight_permille, 100'000);
  EXPECT_EQ(score.contribution_micro[1], 0);
}

TEST(WeighTest, WithoutAnyDataThereIsNoScoreUnlessThatIsZero) {
  const std::vector<ScoreLine> lines = {{50'000, std::nullopt}};
  EXPECT_EQ(Weigh(lines, ScoreNoData::kRenormalise).score_micro, std::nullopt);
  EXPECT_EQ(Weigh(lines, ScoreNoData::kZero).score_micro, 0);
  EXPECT_EQ(Weigh({}, ScoreNoData::kZero).score_micro, std::nullopt);
  const std::vector<ScoreLine> weightless = {{0, 500'000}};
  EXPECT_EQ(Weigh(weightless, ScoreNoData::kZero).score_micro, std::nullopt);
}

// A fraction in lowest terms, by the schoolbook.
struct Rational {
  Rational(absl::int128 n, absl::int128 d) : above(n), below(d) {
    absl::int128 a = n < 0 ? -n : n;
    absl::int128 b = d;
    while (b != 0) {
      const absl::int128 rest = a % b;
      a = b;
      b = rest;
    }
    if (a > 1) above /= a, below /= a;
  }
  Rational operator+(const Rational& o) const {
    return {above * o.below + o.above * below, below * o.below};
  }
  Rational operator*(const Rational& o) const {
    return {above * o.above, below * o.below};
  }
  Rational operator/(const Rational& o) const {
    return o.above < 0 ? Rational(-above * o.below, -(below * o.above))
                       : Rational(above * o.below, below * o.above);
  }
  bool operator<(const Rational& o) const {
    return above * o.below < o.above * below;
  }
  absl::int128 above;
  absl::int128 below;
};

// The nearest millionth, halves up, found by counting down from above.
int64_t NearestMillionth(const Rational& share) {
  int64_t low = -1;
  int64_t high = 1'000'001;
  while (high - low > 1) {  // the greatest m with m - 1/2 <= share millionths
    const int64_t middle = (low + high) / 2;
    const Rational edge(2 * middle - 1, 2'000'000);
    (share < edge ? high : low) = middle;
  }
  return low;
}

// The definition, with fractions.
Rational SlowAttainment(Attainment attainment, const Threshold& benchmark,
                        const Rational& actual) {
  const Rational wanted(benchmark.value_micro, 1);
  const bool less = actual < wanted;
  const bool more = wanted < actual;
  const bool low_is_good = benchmark.comparator == Comparator::kLess ||
                           benchmark.comparator == Comparator::kLessEqual;
  if (attainment == Attainment::kBinary) {
    bool met = false;
    switch (benchmark.comparator) {
      case Comparator::kLess:
        met = less;
        break;
      case Comparator::kLessEqual:
        met = !more;
        break;
      case Comparator::kGreater:
        met = more;
        break;
      case Comparator::kGreaterEqual:
        met = !less;
        break;
    }
    return {met ? 1 : 0, 1};
  }
  if (low_is_good ? !more : !less) return {1, 1};
  if (actual < Rational(0, 1)) return {0, 1};
  return low_is_good ? wanted / actual : actual / wanted;
}

TEST(ScorecardTest, RandomCardsGiveWhatFractionsGive) {
  int partial = 0;
  for (const uint64_t seed : oracle::Seeds(20'000, 1)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SplitMix64 random(seed);
    std::vector<ScoreLine> lines;
    Rational points(0, 1);
    Rational unrounded(0, 1);
    int64_t weights = 0;
    const auto no_data = static_cast<ScoreNoData>(random.Below(2));
    const auto attainment =
        random.Chance(70) ? Attainment::kLinear : Attainment::kBinary;
    const int64_t cards = 1 + random.Below(3);
    for (int64_t c = 0; c < cards; ++c) {
      ScoreCard card;
      Threshold benchmark{static_cast<Comparator>(random.Below(4)),
                          1 + random.Below(2'000)};
      card.benchmarks = {{benchmark, kNoTime}};
      card.weight_permille = 1 + random.Below(100);
      card.min_n = random.Below(3);
      CardActual actual;
      // Near the benchmark, at it, far away, below 0.
      const int64_t denominator = 1 + random.Below(30);
      if (random.Chance(85)) {
        actual.actual = ExactValue{
            random.Chance(30)
                ? benchmark.value_micro * denominator + random.Below(3) - 1
                : random.Below(60'000) - 1'000,
            denominator};
        actual.n = random.Below(4);
      }
      const CardScore score = ScoreOf(card, attainment, kWeekEnd, actual);
      const bool has_data = actual.actual && *actual.n >= card.min_n;
      ASSERT_EQ(score.attainment_micro.has_value(), has_data);
      lines.push_back({card.weight_permille, score.attainment_micro});
      if (has_data || no_data == ScoreNoData::kZero) {
        weights += card.weight_permille;
      }
      if (!has_data) continue;
      const Rational slow = SlowAttainment(
          attainment, benchmark, {actual.actual->numerator_micro, denominator});
      const int64_t rounded = NearestMillionth(slow);
      ASSERT_EQ(*score.attainment_micro, rounded) << "card " << c;
      if (rounded != 0 && rounded != kFullScore) ++partial;
      const Rational weight(card.weight_permille, 1);
      points = points + weight * Rational(rounded, 1'000'000);
      unrounded = unrounded + weight * slow;
    }
    const WeightedScore score = Weigh(lines, no_data);
    ASSERT_EQ(score.score_micro.has_value(), weights > 0);
    if (weights == 0) continue;
    const Rational all(weights, 1);
    ASSERT_EQ(*score.score_micro, NearestMillionth(points / all));
    // At most a millionth from the score without any rounding.
    ASSERT_LE(std::abs(*score.score_micro - NearestMillionth(unrounded / all)),
              1);
    int64_t sum = 0;
    for (const auto& part : score.contribution_micro) sum += part.value_or(0);
    ASSERT_LE(std::abs(sum - *score.score_micro), cards);
  }
  if (oracle::AsUsual()) {
    EXPECT_GT(partial, oracle::Runs(20'000) / 20);
  }
}

}  // namespace
}  // namespace cckpi
