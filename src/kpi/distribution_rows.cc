// The bins behind the rows of duration KPIs.

#include <limits>
#include <utility>

#include "cckpi/base/status_macros.h"
#include "src/kpi/row_builder.h"

namespace cckpi {
absl::StatusOr<std::vector<Distribution>> RowBuilder::Distributions(
    const KpiPlan& kpi, const GroupBy& by) {
  std::vector<Distribution> result;
  if (kpi.span < 0 && kpi.handle < 0) return result;
  CCKPI_RETURN_IF_ERROR(Select(kpi, by));
  const auto cells = [&kpi](const Cells& all) {
    return kpi.span >= 0 ? &all.spans[static_cast<size_t>(kpi.span)]
                         : &all.handles[static_cast<size_t>(kpi.handle)];
  };
  too_many_ = false;
  size_t bins = 0;
  Collected<SpanCell> windows;
  Collect(cells, windows);
  for (auto& [begin_us, parts] : windows.windows) {
    const Window window = WindowAt(begin_us);
    if (!Wanted(window)) continue;
    OrderByPlace(parts, groups_->size());
    ForEachRun<SpanCell>(parts, [&](uint32_t place, auto run) {
      durations_.Clear();
      for (const CellPart<SpanCell>& part : run) {
        durations_.Add(part.cell->duration);
      }
      if (durations_.count() == 0 || too_many_) return;
      ReportRow row = NewRow(window, place);
      Distribution& distribution = result.emplace_back();
      distribution.kpi = std::move(row.kpi);
      distribution.id = std::move(row.id);
      distribution.definition = std::move(row.definition);
      distribution.begin_us = row.begin_us;
      distribution.end_us = row.end_us;
      distribution.group = std::move(row.group);
      durations_.ForEachBin([&](const Histogram::Entry& entry) {
        if (!HasRoom(bins++)) return false;
        const int64_t last = Histogram::LastValue(entry.bin);
        distribution.bins.push_back(
            {Histogram::LowerEdge(entry.bin),
             last == std::numeric_limits<int64_t>::max() ? last : last + 1,
             entry.count});
        return true;
      });
    });
  }
  if (too_many_) return TooManyRows(query_);
  return result;
}

}  // namespace cckpi
