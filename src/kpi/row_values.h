// The figures of rows: what is said of a merged cell.

#ifndef CCKPI_SRC_KPI_ROW_VALUES_H_
#define CCKPI_SRC_KPI_ROW_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/numeric/int128.h"
#include "cckpi/kpi/report.h"
#include "src/kpi/cells.h"
#include "src/timeline/timeline_state.h"

namespace cckpi {

Unit UnitOf(const KpiSpec& spec);

std::optional<double> Ratio(int64_t numerator, int64_t denominator);
// Sets value, numerator and denominator.
void SetRatio(int64_t numerator, int64_t denominator, ReportRow& row);

Figure OptionalFigure(std::string name, std::optional<int64_t> value);
Figure OptionalFigure(std::string name, std::optional<double> value);

void SetSpanValue(const KpiSpec& spec, const SpanCell& cell, ReportRow& row);
void AddSpanFigures(const SpanCell& cell, int64_t open, ReportRow& row);

// Ages of `count` open episodes at `at_us`, on both clocks where there are
// opening hours; sets the value.
void SetBacklogAges(const KpiSpec& spec, const BacklogCell& level,
                    int64_t count, int64_t at_us, const TimelineState& state,
                    ReportRow& row);

// Sums over the intervals of a window.
struct ForecastTotals {
  int64_t intervals = 0;
  int64_t zero_intervals = 0;  // nothing came
  absl::int128 forecast_micro = 0;
  int64_t actual = 0;
  absl::int128 absolute_micro = 0;  // Σ|F − A|
  double absolute_share = 0;        // Σ|F − A| / A over A > 0

  void Add(int64_t volume_micro, int64_t arrived);
};
void SetForecastValue(const KpiSpec& spec, const ForecastTotals& totals,
                      ReportRow& row);

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_ROW_VALUES_H_
