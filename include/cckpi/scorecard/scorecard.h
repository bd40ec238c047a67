// Scorecards: how far a role or process attains its benchmarks.
//
// A card is one KPI in one window: an actual value against a benchmark, with a
// weight. Its attainment is between 0 and 1,
//
//   * binary: 1 where the benchmark is met, else 0;
//   * linear: benchmark / actual where low is good, actual / benchmark where
//     high is good, never above 1;
//   * zones: the points of the first zone that holds, none: 0.
//
// The score is the mean of the attainments by weight, over the lines that have
// data. A line is a card, or, in a roll-up, the score of another scorecard.
//
//   // Weekly first response TAT < 15 min, weight 50 %: 20 min measured.
//   ScoreCard card;
//   card.benchmarks = {{{Comparator::kLess, 900'000'000}, kNoTime}};
//   card.weight_permille = 50'000;
//   int64_t week_end_us = *ParseTime("2026-03-09T00:00:00Z");
//   CardScore tat = ScoreOf(card, Attainment::kLinear, week_end_us,
//                           {.actual = ExactValue{1'200'000'000, 1}, .n = 31});
//   // *tat.attainment_micro == 750'000
//   std::vector<ScoreLine> lines = {
//       {.weight_permille = 50'000, .attainment_micro = tat.attainment_micro},
//       {.weight_permille = 50'000, .attainment_micro = 1'000'000}};
//   WeightedScore score = Weigh(lines, ScoreNoData::kRenormalise);
//   // *score.score_micro == 875'000: 87.5 %
//
// Numbers are exact: an attainment is rounded once, to the nearest millionth,
// halves up; a score once more, from those. So it is at most a millionth from
// the score without any rounding, and the same on every machine.
//
// This file defines CardState, CardScore, BenchmarkAt, AttainmentOf, ScoreOf,
// ScoreLine, WeightedScore and Weigh. They know no engine; engine/scoring.h
// evaluates the scorecards of a configuration.

#ifndef CCKPI_SCORECARD_SCORECARD_H_
#define CCKPI_SCORECARD_SCORECARD_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cckpi/kpi/config.h"
#include "cckpi/kpi/exact_value.h"

namespace cckpi {

// 1, as an attainment or a score.
inline constexpr int64_t kFullScore = 1'000'000;

// Why a line counts, or why it has no data.
enum class CardState : uint8_t {
  kScored = 0,
  kNoData = 1,       // nothing was measured
  kTooFew = 2,       // fewer observations than min_n
  kNoBenchmark = 3,  // the first benchmark begins after the window
};
// "scored", "no_data", "too_few", "no_benchmark".
std::string_view CardStateName(CardState state);

// The benchmark in force at the end of a window, that is at its last instant:
// one that begins exactly at `window_end_us` is for the next window. nullopt
// before the first.
std::optional<Threshold> BenchmarkAt(const ScoreCard& card,
                                     int64_t window_end_us);

// binary: 0 or 1'000'000. linear: where benchmark or actual are not above 0,
// and a quotient means nothing, 1'000'000 on the good side of the benchmark or
// on it, else 0.
int64_t AttainmentOf(Attainment attainment, const Threshold& benchmark,
                     const ExactValue& actual);
// zones: the points of the first that holds, in millionths.
int64_t AttainmentOf(std::span<const ScoreZone> zones,
                     const ExactValue& actual);

// What was measured. No `n`: the KPI counts no observations, and min_n does not
// apply.
struct CardActual {
  std::optional<ExactValue> actual;
  std::optional<int64_t> n;
};

struct CardScore {
  CardState state = CardState::kNoData;
  // In force; of zones it only says what is wanted, and may be unset.
  std::optional<Threshold> benchmark;
  // Set where the state is kScored.
  std::optional<int64_t> attainment_micro;
};

CardScore ScoreOf(const ScoreCard& card, Attainment attainment,
                  int64_t window_end_us, const CardActual& actual);

struct ScoreLine {
  int64_t weight_permille = 0;              // 0 … 1'000'000
  std::optional<int64_t> attainment_micro;  // unset: no data
};

struct WeightedScore {
  // Unset where no line with a weight counts.
  std::optional<int64_t> score_micro;
  // What the score is divided by: the weights of the lines that count. A line
  // without data counts as 0 (kZero) or not at all (kRenormalise).
  int64_t weight_permille = 0;
  // Of each line: weight · attainment / weight_permille, rounded. Unset where
  // the line does not count. Unrounded they add up to the score.
  std::vector<std::optional<int64_t>> contribution_micro;
};

WeightedScore Weigh(std::span<const ScoreLine> lines, ScoreNoData no_data);

}  // namespace cckpi

#endif  // CCKPI_SCORECARD_SCORECARD_H_
