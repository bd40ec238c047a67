// Rows of the backlog: its level by phase, what came and went, its age.

#include <span>
#include <string>
#include <utility>

#include "cckpi/kpi/catalogue.h"
#include "src/kpi/backlog_level.h"
#include "src/kpi/row_builder.h"
#include "src/kpi/row_values.h"

namespace cckpi {

std::vector<ReportRow> RowBuilder::BacklogRows(const KpiPlan& kpi) {
  Collected<BacklogCell> windows;
  Collect([&](const Cells& cells) { return &cells.backlog; }, windows,
          Reach::kUpToEnd);
  std::vector<BacklogLevel> levels(groups_->size());
  for (const auto& [place, cell, sign] : windows.before) {
    levels[place].Add(*cell, nullptr, sign);
  }
  std::vector<ReportRow> rows;
  if (OfAllTime()) rows.reserve(groups_->size());
  ForEachWindow(windows, [&](const Window& window, auto* parts) {
    std::span<const CellPart<BacklogCell>> left;
    if (parts != nullptr) {
      OrderByPlace(*parts, groups_->size());
      left = *parts;
    }
    for (uint32_t place = 0; place < levels.size(); ++place) {
      BacklogLevel& level = levels[place];
      int64_t opened = 0;
      int64_t closed = 0;
      int64_t grown = 0;
      for (; !left.empty() && left.front().place == place;
           left = left.subspan(1)) {
        const BacklogCell& change = *left.front().cell;
        level.Add(change, left.front().index, 1);
        opened += change.opened;
        closed += change.closed;
        for (int64_t phase : change.phases) grown += phase;
      }
      const int64_t count = level.count();
      int64_t moved = grown - opened + closed;
      if (count == 0 && opened == 0 && closed == 0 && moved == 0 &&
          level.open_waits == 0) {
        continue;
      }
      ReportRow& row = rows.emplace_back(NewRow(window, place));
      row.figures.reserve(kPhaseCount + 12);
      row.figures.push_back({"count", count});
      for (size_t p = 0; p < kPhaseCount; ++p) {
        row.figures.push_back(
            {std::string(PhaseName(static_cast<Phase>(p))), level.phases[p]});
      }
      row.figures.push_back({"open_waits", level.open_waits});
      row.figures.push_back({"opened", opened});
      row.figures.push_back({"closed", closed});
      row.figures.push_back({"moved", moved});
      SetBacklogAges(kpi.spec, level, AsOf(window), sources_.state->schedules,
                     row);
    }
  });
  return rows;
}

}  // namespace cckpi
