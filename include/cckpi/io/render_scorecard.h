// Rendering scorecards: as JSON, as CSV, or as a table for people.
//
//   void Print(std::span<const ScorecardResult> results) {
//     std::cout << RenderScorecardTable(results, {.width = 100});
//   }
//
// JSON: a list with one object per result: scorecard, every, begin, end,
// group, attainment, no_data, score and score_micro (null without data),
// weight and weight_permille (of the lines that count), provisional, lines.
// A line of a card is kpi, id (when there is one), the definition, scope,
// target (text), comparator and target_micro, unit, value, and behind it
// value_numerator_micro / value_denominator, n (null where the KPI counts no
// observations), min_n, state, weight, attainment, contribution, provisional.
// A line of a member has scorecard and group instead of the KPI. Every number
// for reading has its exact integer beside it: score_micro, weight_permille,
// attainment_micro, contribution_micro.
//
// CSV: one record per line, with its scorecard's window and score repeated.
//
// Table: per scorecard its windows in order, per window its lines and the
// score; windows without data one after another are one line.
//
// This file defines RenderScorecardJson, RenderScorecardCsv and
// RenderScorecardTable.

#ifndef CCKPI_IO_RENDER_SCORECARD_H_
#define CCKPI_IO_RENDER_SCORECARD_H_

#include <span>
#include <string>

#include "cckpi/engine/scoring.h"
#include "cckpi/io/render.h"

namespace cckpi {

// The list, without a newline at its end: it goes into larger objects, as
// "scorecards".
std::string RenderScorecardJson(std::span<const ScorecardResult> results);

std::string RenderScorecardCsv(std::span<const ScorecardResult> results);

// Empty without results.
std::string RenderScorecardTable(std::span<const ScorecardResult> results,
                                 const TableOptions& options);

}  // namespace cckpi

#endif  // CCKPI_IO_RENDER_SCORECARD_H_
