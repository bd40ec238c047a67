// Rows of the backlog: its level by phase, what came and went, its age.

#include <cstdint>
#include <span>
#include <vector>

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
  const ScheduleTable& schedules = sources_.state->schedules;
  const size_t figures = kPhaseCount + (schedules.empty() ? 9 : 11);
  PlaceFigures* const kept_rows = KeptRows(kpi);
  std::vector<KeptBacklog>* const kept_levels = KeptBacklogs(kpi);
  EntryList room;
  std::vector<ReportRow> rows;
  if (OfAllTime()) rows.reserve(groups_->size());
  ForEachWindow(windows, [&](const Window& window, auto* parts) {
    if (too_many_) return;
    std::span<const CellPart<BacklogCell>> left;
    if (parts != nullptr) {
      OrderByPlace(*parts, groups_->size());
      left = *parts;
    }
    for (uint32_t place = 0; place < levels.size(); ++place) {
      BacklogLevel& level = levels[place];
      // The changes lie in room that one level leaves to the next, empty.
      const auto leave_room = [&] {
        if (!OfAllTime()) return;
        level.changes.clear();
        level.changes.swap(room);
      };
      if (OfAllTime()) level.changes.swap(room);
      int64_t opened = 0;
      int64_t closed = 0;
      int64_t grown = 0;
      // Of the sum of all time, where there is one that stands for all others
      // of its kind.
      uint64_t version = 0;
      size_t sums = 0;
      for (; !left.empty() && left.front().place == place;
           left = left.subspan(1)) {
        const BacklogCell& change = *left.front().cell;
        level.Add(change, left.front().index, 1);
        opened += change.opened;
        closed += change.closed;
        for (int64_t phase : change.phases) grown += phase;
        if (left.front().version != 0) {
          version = ++sums == 1 ? left.front().version : 0;
        }
      }
      const int64_t count = level.count();
      int64_t moved = grown - opened + closed;
      if (count == 0 && opened == 0 && closed == 0 && moved == 0 &&
          level.open_waits == 0) {
        leave_room();
        continue;
      }
      const int64_t at_us = AsOf(window);
      const int64_t ppm = kpi.spec.percentile_ppm;
      KeptBacklog* const kept =
          kept_levels != nullptr && place < kept_levels->size()
              ? &(*kept_levels)[place]
              : nullptr;
      const BacklogAges ages =
          AgesOf(level, at_us, ppm, nullptr, kept, version);
      BacklogAges business;
      if (!schedules.empty()) {
        business = AgesOf(level, at_us, ppm, &schedules);
      }
      ReportRow& row = AddRow(window, place, rows);
      row.value = ValueOfBacklog(
          kpi.spec, level,
          kpi.spec.clock == Clock::kBusiness && !schedules.empty() ? business
                                                                   : ages);
      row.figures =
          FiguresAnew(kept_rows, place, figures, [&](FigureWriter list) {
            list.Add("count", count);
            for (size_t p = 0; p < kPhaseCount; ++p) {
              list.Add(PhaseName(static_cast<Phase>(p)), level.phases[p]);
            }
            list.Add("open_waits", level.open_waits);
            list.Add("opened", opened);
            list.Add("closed", closed);
            list.Add("moved", moved);
            list.AddOptional("oldest_us", ages.oldest_us);
            list.AddOptional("mean_age_us", ages.mean_us);
            list.AddOptional("p50_age_us", ages.p50_us);
            list.AddOptional("p90_age_us", ages.p90_us);
            if (schedules.empty()) return;
            list.AddOptional("oldest_business_us", business.oldest_us);
            list.AddOptional("mean_age_business_us", business.mean_us);
          });
      leave_room();
    }
  });
  return rows;
}

}  // namespace cckpi
