// Rows of the backlog: its level by phase, what came and went, its age.

#include <map>
#include <string>
#include <utility>

#include "cckpi/kpi/catalogue.h"
#include "src/kpi/row_builder.h"
#include "src/kpi/row_values.h"

namespace cckpi {

std::vector<ReportRow> RowBuilder::BacklogRows(const KpiPlan& kpi) {
  Windows<BacklogCell> windows;
  Collect([&](const Cells& cells) { return &cells.backlog; }, windows,
          Reach::kUpToEnd);
  std::map<Combination, BacklogCell> levels;
  std::vector<ReportRow> rows;
  ForEachWindow(windows, [&](const Window& window,
                             const Groups<BacklogCell>& groups) {
    for (const auto& [group, cell] : groups) levels[group].Merge(cell);
    if (!Wanted(window)) return;
    static const BacklogCell kEmpty;
    for (auto& [group, level] : levels) {
      auto found = groups.find(group);
      const BacklogCell& change =
          found == groups.end() ? kEmpty : found->second;
      int64_t count = 0;
      int64_t grown = 0;
      for (size_t p = 0; p < kPhaseCount; ++p) {
        count += level.phases[p];
        grown += change.phases[p];
      }
      int64_t moved = grown - change.opened + change.closed;
      if (count == 0 && change.opened == 0 && change.closed == 0 &&
          moved == 0 && level.open_waits == 0) {
        continue;
      }
      ReportRow row = NewRow(kpi, window, group);
      row.figures.push_back({"count", count});
      for (size_t p = 0; p < kPhaseCount; ++p) {
        row.figures.push_back(
            {std::string(PhaseName(static_cast<Phase>(p))), level.phases[p]});
      }
      row.figures.push_back({"open_waits", level.open_waits});
      row.figures.push_back({"opened", change.opened});
      row.figures.push_back({"closed", change.closed});
      row.figures.push_back({"moved", moved});
      SetBacklogAges(kpi.spec, level, count, AsOf(window), *sources_.state,
                     row);
      rows.push_back(std::move(row));
    }
  });
  return rows;
}

}  // namespace cckpi
