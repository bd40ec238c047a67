#include "src/kpi/formula_rows.h"

#include <map>
#include <optional>
#include <utility>

#include "cckpi/base/status_macros.h"
#include "cckpi/kpi/catalogue.h"

namespace cckpi {
namespace {

std::optional<double> FigureValue(const ReportRow& row,
                                  const std::string& name) {
  for (const Figure& figure : row.figures) {
    if (figure.name != name) continue;
    if (const int64_t* value = std::get_if<int64_t>(&figure.value)) {
      return static_cast<double>(*value);
    }
    if (const double* value = std::get_if<double>(&figure.value)) {
      return *value;
    }
  }
  return std::nullopt;
}

bool IsCount(const KpiPlan& kpi, const std::string& figure) {
  return !figure.empty() || (kpi.spec.kpi != Kpi::kFormula &&
                             (kpi.spec.statistic == Statistic::kCount ||
                              kpi.spec.statistic == Statistic::kSum));
}

}  // namespace

absl::StatusOr<std::vector<ReportRow>> KpiRows(RowBuilder& builder,
                                               const Plan& plan,
                                               const KpiPlan& kpi,
                                               const GroupBy& by) {
  if (kpi.formula == nullptr) return builder.Rows(kpi, by);
  struct Place {
    ReportRow row;
    std::vector<std::optional<double>> values;
  };
  using Group = std::vector<std::pair<std::string, std::optional<std::string>>>;
  std::map<std::pair<int64_t, Group>, Place> places;
  for (size_t o = 0; o < kpi.operands.size(); ++o) {
    const KpiPlan::Operand& operand = kpi.operands[o];
    const KpiPlan& source = plan.kpis[operand.kpi];
    CCKPI_ASSIGN_OR_RETURN(std::vector<ReportRow> rows,
                           KpiRows(builder, plan, source, by));
    for (ReportRow& row : rows) {
      Place& place = places[{row.begin_us, row.group}];
      if (place.values.empty()) {
        place.values.resize(kpi.operands.size());
        place.row.begin_us = row.begin_us;
        place.row.end_us = row.end_us;
        place.row.group = row.group;
      }
      place.row.provisional |= row.provisional;
      place.values[o] =
          operand.figure.empty() ? row.value : FigureValue(row, operand.figure);
    }
  }
  std::vector<ReportRow> result;
  for (auto& [key, place] : places) {
    for (size_t o = 0; o < kpi.operands.size(); ++o) {
      const KpiPlan::Operand& operand = kpi.operands[o];
      if (!place.values[o] && IsCount(plan.kpis[operand.kpi], operand.figure)) {
        place.values[o] = 0;
      }
      Figure figure{kpi.formula->names()[o], nullptr};
      if (place.values[o]) figure.value = *place.values[o];
      place.row.figures.push_back(std::move(figure));
    }
    place.row.kpi = "formula";
    place.row.id = kpi.spec.id;
    place.row.definition = DescribeSpec(kpi.spec);
    place.row.unit = Unit::kRatio;
    place.row.value = kpi.formula->Evaluate(place.values);
    result.push_back(std::move(place.row));
  }
  return result;
}

}  // namespace cckpi
