// What the renderings of scorecards share.

#ifndef CCKPI_SRC_IO_SCORECARD_TEXT_H_
#define CCKPI_SRC_IO_SCORECARD_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cckpi/engine/scoring.h"
#include "cckpi/kpi/report.h"

namespace cckpi {

// The card's KPI as a report row without figures, for its names and value.
ReportRow RowOf(const ScoreLineResult& line);

// How thresholds of the line are written: a formula may give anything.
std::optional<Unit> ThresholdUnit(const ScoreLineResult& line);

// "2.5", of a weight in thousandths.
std::string WeightText(int64_t permille);

std::string_view AttainmentName(Attainment attainment);
std::string_view NoDataName(ScoreNoData no_data);

}  // namespace cckpi

#endif  // CCKPI_SRC_IO_SCORECARD_TEXT_H_
