// Rows of any KPI, formulas included.

#ifndef CCKPI_SRC_KPI_FORMULA_ROWS_H_
#define CCKPI_SRC_KPI_FORMULA_ROWS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "src/kpi/row_builder.h"

namespace cckpi {

// The rows of `kpi` by `by`. A formula has a row wherever one of its operands
// has; a count without a row is 0 there.
absl::StatusOr<std::vector<ReportRow>> KpiRows(RowBuilder& builder,
                                               const Plan& plan,
                                               const KpiPlan& kpi,
                                               const GroupBy& by);

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_FORMULA_ROWS_H_
