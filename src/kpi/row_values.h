// The figures of rows: what is said of a merged cell.

#ifndef CCKPI_SRC_KPI_ROW_VALUES_H_
#define CCKPI_SRC_KPI_ROW_VALUES_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "absl/numeric/int128.h"
#include "cckpi/kpi/report.h"
#include "src/kpi/cells.h"
#include "src/kpi/collected.h"
#include "src/stats/duration_union.h"

namespace cckpi {

Unit UnitOf(const KpiSpec& spec);

std::optional<double> Ratio(int64_t numerator, int64_t denominator);
// Sets value, numerator and denominator.
void SetRatio(int64_t numerator, int64_t denominator, ReportRow& row);

Figure OptionalFigure(std::string name, std::optional<int64_t> value);
Figure OptionalFigure(std::string name, std::optional<double> value);

// What rows say of the spans of one group in one window.
struct SpanSums {
  int64_t count = 0;
  int64_t open = 0;
  int64_t voided = 0;
  int64_t within = 0;
  int64_t sliced = 0;
  absl::int128 sum = 0;
  absl::int128 open_starts = 0;
  // Of a count above zero.
  int64_t min_us = 0;
  int64_t max_us = 0;
  int64_t p50_us = 0;
  int64_t p90_us = 0;
  std::span<const CellPart<SpanCell>> parts;
  // What rows say of it (FiguresOfSpans); empty: none has asked. It is said
  // with `left`.
  std::array<SharedList<Figure>, 4> figures;
  std::optional<int64_t> left;
};
// `durations` is empty room.
SpanSums SumUp(std::span<const CellPart<SpanCell>> parts,
               DurationUnion& durations);

std::optional<double> ValueOfSpans(const KpiSpec& spec, const SpanSums& sums,
                                   DurationUnion& durations);
// Of one measure `open` is always the same or sums.open. `left` is how many are
// untouched, `sliced`: with the sliced time; all rows of `sums` that say the
// same share one list.
SharedList<Figure> FiguresOfSpans(const KpiSpec& spec, SpanSums& sums,
                                  int64_t open, std::optional<int64_t> left,
                                  bool sliced);

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
