// The order of a report's rows.

#ifndef CCKPI_SRC_KPI_ROW_ORDER_H_
#define CCKPI_SRC_KPI_ROW_ORDER_H_

#include <vector>

#include "cckpi/kpi/report.h"
#include "src/kpi/kept_answers.h"

namespace cckpi {

// All rows by KPI, begin, group and id. `parts` are rows of one KPI each. Rows
// are large: they move once. They share the names of their groups, and there
// are few KPIs, so that texts are compared once.
std::vector<ReportRow> InOrder(std::vector<std::vector<ReportRow>> parts,
                               KeptAnswers& kept);

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_ROW_ORDER_H_
