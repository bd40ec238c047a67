// The bins behind the rows of duration KPIs.

#include <limits>
#include <utility>

#include "cckpi/base/status_macros.h"
#include "src/kpi/row_builder.h"

namespace cckpi {
namespace {

std::vector<DistributionBin> BinsOf(const Histogram& histogram) {
  std::vector<DistributionBin> bins;
  bins.reserve(histogram.size());
  for (size_t e = 0; e < histogram.size(); ++e) {
    const Histogram::Entry entry = histogram.entry(e);
    const int64_t last = Histogram::LastValue(entry.bin);
    bins.push_back(
        {Histogram::LowerEdge(entry.bin),
         last == std::numeric_limits<int64_t>::max() ? last : last + 1,
         entry.count});
  }
  return bins;
}

}  // namespace

absl::StatusOr<std::vector<Distribution>> RowBuilder::Distributions(
    const KpiPlan& kpi, const GroupBy& by) {
  std::vector<Distribution> result;
  if (kpi.span < 0 && kpi.handle < 0) return result;
  CCKPI_RETURN_IF_ERROR(Select(kpi, by));
  const auto cells = [&kpi](const Cells& all) {
    return kpi.span >= 0 ? &all.spans[static_cast<size_t>(kpi.span)]
                         : &all.handles[static_cast<size_t>(kpi.handle)];
  };
  Windows<SpanCell> windows;
  Collect(cells, windows);
  ForEachWanted(windows, [&](const Window& window, const Combination& group,
                             const auto& cell) {
    if (cell.duration.count() == 0) return;
    ReportRow row = NewRow(kpi, window, group);
    result.push_back({.kpi = std::move(row.kpi),
                      .id = std::move(row.id),
                      .definition = std::move(row.definition),
                      .begin_us = row.begin_us,
                      .end_us = row.end_us,
                      .group = std::move(row.group),
                      .bins = BinsOf(cell.duration.histogram())});
  });
  return result;
}

}  // namespace cckpi
