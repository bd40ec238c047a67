// Rendering: a report as JSON, as CSV, or as a table for people.
//
// JSON and CSV hold everything that the report holds, exactly: integers as
// their digits, doubles as the shortest text that reads back the same,
// instants in RFC 3339. The same report gives the same bytes on every machine.
//
//   void Print(const Report& report) {
//     std::cout << RenderTable(report, {.width = 100});
//     std::ofstream("report.json") << RenderJson(report);
//   }
//
// JSON: one object with `version`, `now`, `rows` and `events`, one line per
// row. A row is kpi, id (when there is one), the definition, begin, end,
// group, value, unit, the figures, provisional. `now` is null when the report's
// now_us is kNoTime: nothing happened yet.
//
// CSV: RFC 4180 with plain newlines, a header and one record per row. The
// columns are kpi, id, statistic, clock, attribution, what other entries of a
// definition there are, begin, end, by, the dimensions, value, unit, the
// figures, provisional; definition entries, dimensions and figures in the order
// of their first appearance. `by` names the dimensions of the row's group,
// separated by blanks; a dimension that `by` names and that has no text is
// "none" (a case without an agent, say). A missing value is an empty field.
//
// Table: a section per grouping, KPIs in the order of the catalogue, and in it
// whichever layout reads best: KPIs with their details below each other, groups
// as rows and KPIs as columns, or the reverse. Where there are several KPIs and
// groups, those without any value are left out.
//
// This file defines RenderJson, RenderCsv, RenderTable and TableOptions.

#ifndef CCKPI_IO_RENDER_H_
#define CCKPI_IO_RENDER_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "cckpi/calendar/zone.h"
#include "cckpi/engine/scoring.h"
#include "cckpi/io/render_text.h"
#include "cckpi/kpi/report.h"

namespace cckpi {

// The version that reports carry.
inline constexpr std::string_view kVersion = "0.1.0";

std::string RenderJson(const Report& report);
// With one more member, "scorecards", as io/render_scorecard.h has them.
std::string RenderJson(const Report& report,
                       std::span<const ScorecardResult> scorecards);

std::string RenderCsv(const Report& report);

struct TableOptions {
  // Windows and instants are shown in local time of this zone.
  Zone zone;
  // Lines are kept within this many columns, as long as no cell is wider.
  int width = 100;
  // Of more groups than this, a section shows the ones with most
  // observations, and says how many it leaves out; 0: no limit.
  size_t max_groups = 0;
  // Escape sequences for bold and dim text: for terminals only.
  TextTable::Color color = TextTable::Color::kOff;
};

std::string RenderTable(const Report& report, const TableOptions& options);

}  // namespace cckpi

#endif  // CCKPI_IO_RENDER_H_
