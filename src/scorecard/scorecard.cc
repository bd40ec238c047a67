#include "cckpi/scorecard/scorecard.h"

#include "absl/numeric/int128.h"
#include "cckpi/kpi/threshold.h"

namespace cckpi {
namespace {

// numerator / denominator in millionths, of 0 <= numerator < denominator and
// a numerator below 2^63.
int64_t RoundedShare(absl::int128 numerator, absl::int128 denominator) {
  numerator *= kFullScore;
  absl::int128 whole = numerator / denominator;
  absl::int128 rest = numerator % denominator;
  if (rest >= denominator - rest) whole += 1;
  return static_cast<int64_t>(whole);
}

int64_t LinearAttainment(const Threshold& benchmark, const ExactValue& actual) {
  const bool low_is_good =
      DirectionOf(benchmark.comparator) == Direction::kLowerIsBetter;
  const int order = actual.Compare(benchmark.value_micro);
  if (low_is_good ? order <= 0 : order >= 0) return kFullScore;
  // Past the benchmark, on the bad side of it: a quotient below 1.
  if (benchmark.value_micro <= 0 || actual.numerator_micro <= 0) return 0;
  const absl::int128 scaled =
      absl::int128(benchmark.value_micro) * actual.denominator;
  return low_is_good ? RoundedShare(scaled, actual.numerator_micro)
                     : RoundedShare(actual.numerator_micro, scaled);
}

}  // namespace

std::string_view CardStateName(CardState state) {
  switch (state) {
    case CardState::kScored:
      return "scored";
    case CardState::kNoData:
      return "no_data";
    case CardState::kTooFew:
      return "too_few";
    case CardState::kNoBenchmark:
      return "no_benchmark";
  }
  return "";
}

std::optional<Threshold> BenchmarkAt(const ScoreCard& card,
                                     int64_t window_end_us) {
  std::optional<Threshold> in_force;
  for (const Benchmark& benchmark : card.benchmarks) {
    if (benchmark.from_us != kNoTime && benchmark.from_us >= window_end_us) {
      break;
    }
    in_force = benchmark.threshold;
  }
  return in_force;
}

int64_t AttainmentOf(Attainment attainment, const Threshold& benchmark,
                     const ExactValue& actual) {
  if (attainment == Attainment::kLinear) {
    return LinearAttainment(benchmark, actual);
  }
  return Meets(benchmark, actual) ? kFullScore : 0;
}

int64_t AttainmentOf(std::span<const ScoreZone> zones,
                     const ExactValue& actual) {
  for (const ScoreZone& zone : zones) {
    if (Meets(zone.when, actual)) return zone.points_permille * 1000;
  }
  return 0;
}

CardScore ScoreOf(const ScoreCard& card, Attainment attainment,
                  int64_t window_end_us, const CardActual& actual) {
  CardScore score;
  score.benchmark = BenchmarkAt(card, window_end_us);
  if (!actual.actual) {
    score.state = CardState::kNoData;
  } else if (actual.n && *actual.n < card.min_n) {
    score.state = CardState::kTooFew;
  } else if (attainment == Attainment::kZones) {
    score.state = CardState::kScored;
    score.attainment_micro = AttainmentOf(card.zones, *actual.actual);
  } else if (!score.benchmark) {
    score.state = CardState::kNoBenchmark;
  } else {
    score.state = CardState::kScored;
    score.attainment_micro =
        AttainmentOf(attainment, *score.benchmark, *actual.actual);
  }
  return score;
}

WeightedScore Weigh(std::span<const ScoreLine> lines, ScoreNoData no_data) {
  WeightedScore result;
  auto counts = [&](const ScoreLine& line) {
    return line.attainment_micro.has_value() || no_data == ScoreNoData::kZero;
  };
  absl::int128 points = 0;
  absl::int128 weights = 0;
  for (const ScoreLine& line : lines) {
    if (!counts(line)) continue;
    weights += line.weight_permille;
    points +=
        absl::int128(line.weight_permille) * line.attainment_micro.value_or(0);
  }
  auto share = [&](absl::int128 part) {
    absl::int128 whole = part / weights;
    absl::int128 rest = part % weights;
    if (rest >= weights - rest) whole += 1;
    return static_cast<int64_t>(whole);
  };
  result.contribution_micro.resize(lines.size());
  if (weights <= 0) return result;
  result.weight_permille = static_cast<int64_t>(weights);
  result.score_micro = share(points);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!counts(lines[i])) continue;
    result.contribution_micro[i] =
        share(absl::int128(lines[i].weight_permille) *
              lines[i].attainment_micro.value_or(0));
  }
  return result;
}

}  // namespace cckpi
