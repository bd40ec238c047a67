// The answers of the library as tables.

#ifndef CCKPI_CAPI_SRC_ANSWER_TABLES_H_
#define CCKPI_CAPI_SRC_ANSWER_TABLES_H_

#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "capi/src/table_data.h"
#include "cckpi/engine/engine.h"
#include "cckpi/kpi/report.h"

namespace cckpi::capi {

// A column per part of a definition, dimension and figure, in the order of
// their first appearance, as RenderCsv has them. Figures that are always whole
// are INT64, those that never are FLOAT64, sums beyond 64 bits INT128.
// ResourceExhausted when the texts do not fit.
absl::StatusOr<TableData> ReportTable(Report report, const Zone& zone);

// A row per bin.
absl::StatusOr<TableData> DistributionTable(
    std::span<const Distribution> distributions, const Zone& zone);

absl::StatusOr<TableData> ExplanationTable(
    std::span<const Explanation> explanations, const Zone& zone);

absl::StatusOr<TableData> WaitTable(std::span<const OpenWait> waits,
                                    const Zone& zone);

absl::StatusOr<TableData> RefusalTable(std::span<const Refusal> refusals,
                                       const Zone& zone);

// Columns path and problem, from the message of a configuration error.
absl::StatusOr<TableData> ProblemTable(std::string_view message);

absl::StatusOr<TableData> KpiTable();
absl::StatusOr<TableData> OptionTable();

// Ends the building of a table.
absl::StatusOr<TableData> Finished(TableBuilder builder, const Zone& zone);

}  // namespace cckpi::capi

#endif  // CCKPI_CAPI_SRC_ANSWER_TABLES_H_
