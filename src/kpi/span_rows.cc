// Rows of durations and deadlines of cases.

#include <map>
#include <optional>
#include <utility>

#include "src/kpi/row_builder.h"
#include "src/kpi/row_values.h"

namespace cckpi {

RowBuilder::Windows<SpanCell>& RowBuilder::SpanWindows(int measure) {
  if (measure == span_measure_ && by_ == span_by_) return span_windows_;
  size_t m = static_cast<size_t>(measure);
  span_measure_ = measure;
  span_by_ = by_;
  span_windows_.clear();
  Collect([&](const Cells& cells) { return &cells.spans[m]; }, span_windows_,
          sources_.plan->spans[m].at_start ? Reach::kWindow : Reach::kUpToEnd);
  return span_windows_;
}

std::vector<ReportRow> RowBuilder::SpanRows(const KpiPlan& kpi) {
  size_t m = static_cast<size_t>(kpi.span);
  const SpanMeasure& measure = sources_.plan->spans[m];
  Windows<SpanCell>& windows = SpanWindows(kpi.span);
  Windows<CounterCell> untouched;
  if (kpi.counter >= 0) {
    size_t c = static_cast<size_t>(kpi.counter);
    Collect([&](const Cells& cells) { return &cells.counters[c]; }, untouched);
    AddGroups(untouched, windows);
  }
  struct Level {
    int64_t open = 0;
    absl::int128 starts = 0;
  };
  std::map<Combination, Level> levels;
  std::vector<ReportRow> rows;
  ForEachWindow(windows, [&](const Window& window,
                             const Groups<SpanCell>& groups) {
    std::map<Combination, Level> open;
    if (measure.at_start) {
      for (const auto& [group, cell] : groups) {
        open[group] = {cell.open, cell.open_starts};
      }
    } else {
      for (const auto& [group, cell] : groups) {
        Level& level = levels[group];
        level.open += cell.open;
        level.starts += cell.open_starts;
      }
      open = levels;
    }
    if (!Wanted(window)) return;
    static const SpanCell kEmpty;
    for (const auto& [group, level] : open) {
      auto found = groups.find(group);
      const SpanCell& cell = found == groups.end() ? kEmpty : found->second;
      const int64_t left = CountIn(untouched, window, group);
      if (cell.duration.count() == 0 && cell.voided == 0 && level.open == 0 &&
          left == 0) {
        continue;
      }
      ReportRow row = NewRow(kpi, window, group);
      row.figures.reserve(10);
      SetSpanValue(kpi.spec, cell, row);
      AddSpanFigures(cell, level.open, row);
      if (kpi.counter >= 0) row.figures.push_back({"untouched", left});
      if (kpi.spec.kpi == Kpi::kSpeedOfAnswer) {
        absl::int128 waiting =
            absl::int128(measure.at_start ? sources_.now_us : AsOf(window)) *
                level.open -
            level.starts;
        int64_t n = cell.duration.count() + level.open;
        std::optional<int64_t> mean;
        if (n > 0 && sources_.plan->timeline.clocks[measure.clock].plain()) {
          mean = static_cast<int64_t>((cell.duration.sum() + waiting) / n);
        }
        row.figures.push_back({"waiting", level.open});
        row.figures.push_back(OptionalFigure("mean_with_waiting_us", mean));
        if (kpi.spec.statistic == Statistic::kMeanWithWaiting) {
          row.value.reset();
          if (mean) {
            row.value = static_cast<double>(cell.duration.sum() + waiting) /
                        static_cast<double>(n) / 1e6;
          }
        }
      }
      if (measure.at_start && level.open != 0) row.provisional = true;
      rows.push_back(std::move(row));
    }
  });
  return rows;
}

std::vector<ReportRow> RowBuilder::DeadlineRows(const KpiPlan& kpi) {
  size_t m = static_cast<size_t>(kpi.deadline);
  Windows<DeadlineCell> windows;
  Collect([&](const Cells& cells) { return &cells.deadlines[m]; }, windows);
  std::vector<ReportRow> rows;
  ForEachWanted(windows, [&](const Window& window, const Combination& group,
                             const auto& cell) {
    int64_t missed = cell.late_answered + cell.overdue;
    int64_t decided = cell.met + missed;
    if (decided == 0 && cell.pending == 0 && cell.voided == 0) return;
    ReportRow row = NewRow(kpi, window, group);
    if (kpi.spec.kpi == Kpi::kServiceLevel) {
      SetRatio(cell.met, decided, row);
      row.figures.push_back({"met", cell.met});
      row.figures.push_back({"missed", missed});
    } else {
      SetRatio(missed, decided, row);
      if (kpi.spec.statistic == Statistic::kCount) {
        row.value = static_cast<double>(missed);
      }
      row.figures.push_back({"late_answered", cell.late_answered});
      row.figures.push_back({"overdue_unanswered", cell.overdue});
      row.figures.push_back({"met", cell.met});
      row.figures.push_back({"due", decided});
    }
    row.figures.push_back({"pending", cell.pending});
    row.figures.push_back({"void", cell.voided});
    row.provisional |= cell.pending != 0;
    rows.push_back(std::move(row));
  });
  return rows;
}

// Live: what is pending now and falls due soon.
std::vector<ReportRow> RowBuilder::DueWithinRows(const KpiPlan& kpi) {
  std::vector<ReportRow> rows;
  Window window = WindowAt(sources_.now_us);
  if (!Wanted(window)) return rows;
  size_t t = static_cast<size_t>(kpi.tracker);
  std::map<Combination, int64_t> due;
  auto look_at = [&](const TimelineState& state, const auto& text) {
    state.interactions.ForEach([&](InteractionId, const Interaction& i) {
      if (t >= i.booked.trackers.size()) return;
      const TrackerSlot& slot = i.booked.trackers[t];
      if (slot.state != TrackerSlot::State::kPending ||
          slot.deadline_us <= sources_.now_us ||
          slot.deadline_us - sources_.now_us > kpi.spec.horizon_us) {
        return;
      }
      if (!AllHold(conditions_, [&](const ScopeCondition& condition) {
            return text(state.dimensions.Value(i.dimensions, condition.slot));
          })) {
        return;
      }
      Combination group;
      for (uint8_t s : slots_) {
        group.push_back(text(state.dimensions.Value(i.dimensions, s)));
      }
      ++due[group];
    });
  };
  look_at(*sources_.state, [](TextId own) { return own; });
  for (const RowSources::Shard& shard : sources_.shards) {
    look_at(*shard.state,
            [&](TextId theirs) { return (*shard.texts)[theirs]; });
  }
  for (const auto& [group, count] : due) {
    ReportRow row = NewRow(kpi, window, group);
    row.value = static_cast<double>(count);
    row.figures.push_back({"count", count});
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace cckpi
