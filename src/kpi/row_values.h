// The figures of rows: what is said of a merged cell.

#ifndef CCKPI_SRC_KPI_ROW_VALUES_H_
#define CCKPI_SRC_KPI_ROW_VALUES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/base/attributes.h"
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

// Writes the figures of a row into a list that is empty, or over those of the
// same names that are there.
class FigureWriter {
 public:
  explicit FigureWriter(std::vector<Figure>& list)
      : list_(list), anew_(list.empty()) {}

  template <typename Value>
  void Add(std::string_view name, Value value) {
    // Written over one of the same type, as a rule.
    Value* const same = anew_ ? nullptr : std::get_if<Value>(&list_[at_].value);
    if (same == nullptr) return AddOther(name, value);
    *same = value;
    ++at_;
  }
  template <typename Value>
  void AddOptional(std::string_view name, std::optional<Value> value) {
    if (value) {
      Add(name, *value);
    } else {
      Add(name, nullptr);
    }
  }

 private:
  template <typename Value>
  ABSL_ATTRIBUTE_NOINLINE void AddOther(std::string_view name, Value value) {
    if (anew_) {
      list_.push_back({std::string(name), value});
    } else {
      list_[at_++].value = value;
    }
  }

  std::vector<Figure>& list_;
  bool anew_;
  size_t at_ = 0;
};

// `write(FigureWriter)` says `size` figures, whose names are always the same,
// in the memory of `figures` where no answer holds that any more.
template <typename F>
void WriteFigures(SharedList<Figure>& figures, size_t size, F write) {
  std::vector<Figure>* const alone = figures.EditAlone();
  if (alone != nullptr && alone->size() == size) {
    write(FigureWriter(*alone));
    return;
  }
  std::vector<Figure> list;
  list.reserve(size);
  write(FigureWriter(list));
  figures = std::move(list);
}

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
  // What rows say of it (FiguresOfSpans), with `left`. Lists that are not in
  // `said` are of earlier sums of the group.
  std::array<SharedList<Figure>, 4> figures;
  std::optional<int64_t> left;
  uint8_t said = 0;  // bit by list
};
// Makes `sums` those of the parts; `durations` is room. They are new, or what
// they were earlier of the same group: percentiles are looked for near those.
void SumUp(std::span<const CellPart<SpanCell>> parts, DurationUnion& durations,
           SpanSums& sums);

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
