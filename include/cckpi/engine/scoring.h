// Scoring: the scorecards of a configuration, evaluated over an engine.
//
//   void PrintScores(const Engine& engine, const Config& config) {
//     auto results = EvaluateScorecards(engine, config);
//     for (const ScorecardResult& result : *results) {
//       if (!result.score_micro) continue;  // no card had data
//       std::cout << *result.score_micro / 1e4 << " %\n";
//     }
//   }
//
// A scorecard is evaluated on its closed windows (hours, days, weeks, months of
// the configured zone): those that ended by now, from the one with the first
// event on. A window without data is there too, with a card state that says so.
//
// A result is provisional while later events can still change it: the window
// is not behind the watermark, a first response it counts is still open, a
// deadline or a first contact resolution pending, or one of its members is
// provisional. A final one changes only when something is taken out again: a
// discarded interaction, a review that comes late or replaces one.
//
// A scorecard with `by` gives a result for each group that has had data in any
// of the windows asked for; what has no value of these dimensions (a case
// without a team) is in no group.
//
// This file defines ScoringOptions, ScoreLineResult, ScorecardResult,
// GroupNames and EvaluateScorecards. scorecard/scorecard.h has the arithmetic.

#ifndef CCKPI_ENGINE_SCORING_H_
#define CCKPI_ENGINE_SCORING_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "cckpi/engine/engine.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/exact_value.h"
#include "cckpi/kpi/kpi_spec.h"
#include "cckpi/kpi/report.h"
#include "cckpi/scorecard/scorecard.h"

namespace cckpi {

struct ScoringOptions {
  // Which, by id; empty: all.
  std::vector<std::string> scorecards;
  // Instead of the frequency of each. kBucket and kAll are refused.
  std::optional<Frequency> every;
  // Only windows that overlap [begin, end); kNoTime: no bound.
  int64_t begin_us = kNoTime;
  int64_t end_us = kNoTime;
  // The window that holds now is not closed yet; shown, it is provisional.
  enum class Current : uint8_t { kLeftOut = 0, kShown = 1 };
  Current current = Current::kLeftOut;
};

using GroupNames = std::vector<std::pair<std::string, std::string>>;

// A card, or a member of a roll-up.
struct ScoreLineResult {
  std::string kpi;  // as the card names it; empty of a member
  KpiSpec spec;     // what that stands for
  std::map<std::string, std::string> scope;  // the card's and the scorecard's
  std::string member;       // the scorecard of a member; empty of a card
  GroupNames member_group;  // and its group

  Attainment attainment = Attainment::kBinary;
  std::optional<Threshold> target;  // in force; of zones it may be unset
  std::vector<ScoreZone> zones;
  Unit unit = Unit::kRatio;
  std::optional<ExactValue> actual;  // a member's: its score, in millionths
  std::optional<double> value;       // the same for reading
  std::optional<int64_t> n;          // observations, where they are counted
  int64_t min_n = 0;
  CardState state = CardState::kNoData;

  int64_t weight_permille = 0;
  std::optional<int64_t> attainment_micro;
  std::optional<int64_t> contribution_micro;
  bool provisional = false;
};

struct ScorecardResult {
  std::string id;
  Frequency every = Frequency::kWeekly;
  int64_t begin_us = 0;
  int64_t end_us = 0;
  GroupNames group;  // dimension → value, of a scorecard with `by`
  Attainment attainment = Attainment::kBinary;
  ScoreNoData no_data = ScoreNoData::kRenormalise;
  std::vector<ScoreLineResult> lines;  // cards, then members
  std::optional<int64_t> score_micro;  // unset: no line with data
  int64_t weight_permille = 0;         // the weights of the lines that count
  bool provisional = false;
};

// More lines than this are refused: hourly scorecards of many agents over years
// are asked for in parts.
inline constexpr size_t kMaxScoreLines = 1'000'000;

// In the order of the configuration, then begin, then group. `config` is the
// one that the engine was made from. NotFound for a scorecard that there is
// not, also as a member; InvalidArgument for members with other windows, or
// that contain each other, and for an `every` that is no window;
// ResourceExhausted beyond kMaxScoreLines.
absl::StatusOr<std::vector<ScorecardResult>> EvaluateScorecards(
    const Engine& engine, const Config& config,
    const ScoringOptions& options = {});

}  // namespace cckpi

#endif  // CCKPI_ENGINE_SCORING_H_
