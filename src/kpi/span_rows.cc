// Rows of durations and deadlines of cases.

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "src/kpi/row_builder.h"
#include "src/kpi/row_values.h"

namespace cckpi {

// Of a measure whose spans are booked at their end, `open` is the level at the
// end of the window.
void RowBuilder::SumUpSpans(int measure) {
  if (measure == span_measure_ && groups_ == span_groups_) return;
  const size_t m = static_cast<size_t>(measure);
  const bool at_start = sources_.plan->spans[m].at_start;
  span_measure_ = -1;
  spans_ = {};
  span_windows_.clear();
  Collect([&](const Cells& cells) { return &cells.spans[m]; }, spans_,
          at_start ? Reach::kWindow : Reach::kUpToEnd);
  span_sums_.clear();
  if (at_start || OfAllTime()) {
    std::vector<KeptSpan>* kept = KeptSpans(KeptAnswers::Measure::kSpan, m);
    for (auto& [begin_us, parts] : spans_.windows) {
      const Window window = WindowAt(begin_us);
      if (!Wanted(window)) continue;
      SpanWindow& sums = span_windows_.emplace_back();
      sums.window = window;
      OrderByPlace(parts, groups_->size());
      SpanSums* room = &span_sums_.emplace_back();
      ForEachRun<SpanCell>(
          parts,
          [&](uint32_t place, auto run) {
            SpanSums& sum = SumUpPlace(place, run, kept, *room);
            sums.spans.emplace_back(place, &sum);
            if (&sum == room) room = &span_sums_.emplace_back();
          },
          [kept](const auto& part, bool near) { AskMemory(part, near, kept); });
    }
  } else {
    std::vector<SpanLevel> levels(groups_->size());
    for (const auto& [place, cell, sign] : spans_.before) {
      levels[place].open += sign * cell->open;
      levels[place].starts += sign * cell->open_starts;
    }
    size_t carried = 0;
    ForEachWindow(spans_, [&](const Window& window, auto* parts) {
      SpanWindow& sums = span_windows_.emplace_back();
      sums.window = window;
      std::span<const CellPart<SpanCell>> left;
      if (parts != nullptr) {
        OrderByPlace(*parts, groups_->size());
        left = *parts;
      }
      for (uint32_t place = 0; place < levels.size(); ++place) {
        size_t own = 0;
        while (own < left.size() && left[own].place == place) ++own;
        SpanLevel& level = levels[place];
        if (own == 0 && level.open == 0) continue;
        // Levels that go on have as many rows, in however many windows.
        if (own == 0 && !HasRoom(carried++)) return;
        SpanSums& span = span_sums_.emplace_back();
        if (own > 0) SumUp(left.first(own), durations_, span);
        left = left.subspan(own);
        level.open += span.open;
        level.starts += span.open_starts;
        span.open = level.open;
        span.open_starts = level.starts;
        sums.spans.emplace_back(place, &span);
      }
    });
  }
  span_measure_ = measure;
  span_groups_ = groups_;
}

std::vector<ReportRow> RowBuilder::SpanRows(const KpiPlan& kpi) {
  const SpanMeasure& measure =
      sources_.plan->spans[static_cast<size_t>(kpi.span)];
  SumUpSpans(kpi.span);
  Collected<CounterCell> untouched;
  if (kpi.counter >= 0) {
    size_t c = static_cast<size_t>(kpi.counter);
    Collect([&](const Cells& cells) { return &cells.counters[c]; }, untouched);
  }
  std::vector<ReportRow> rows;
  if (OfAllTime()) rows.reserve(groups_->size());
  const auto add = [&](const Window& window, uint32_t place, SpanSums& span,
                       int64_t left) {
    if (span.count == 0 && span.voided == 0 && span.open == 0 && left == 0) {
      return;
    }
    ReportRow& row = AddRow(window, place, rows);
    row.value = ValueOfSpans(kpi.spec, span, durations_);
    row.figures = FiguresOfSpans(
        kpi.spec, span, span.open,
        kpi.counter >= 0 ? std::optional<int64_t>(left) : std::nullopt, false);
    if (kpi.spec.kpi == Kpi::kSpeedOfAnswer) {
      absl::int128 waiting =
          absl::int128(measure.at_start ? sources_.now_us : AsOf(window)) *
              span.open -
          span.open_starts;
      int64_t n = span.count + span.open;
      std::optional<int64_t> mean;
      if (n > 0 && sources_.plan->timeline.clocks[measure.clock].plain()) {
        mean = static_cast<int64_t>((span.sum + waiting) / n);
      }
      row.figures.push_back({"waiting", span.open});
      row.figures.push_back(OptionalFigure("mean_with_waiting_us", mean));
      if (kpi.spec.statistic == Statistic::kMeanWithWaiting) {
        row.value.reset();
        if (mean) {
          row.value = static_cast<double>(span.sum + waiting) /
                      static_cast<double>(n) / 1e6;
        }
      }
    }
    if (measure.at_start && span.open != 0) row.provisional = true;
  };
  // Windows and places in order, of either.
  auto spans = span_windows_.begin();
  auto others = untouched.windows.begin();
  while (spans != span_windows_.end() || others != untouched.windows.end()) {
    const int64_t none = kLatestTime;
    const int64_t begin_us =
        std::min(spans == span_windows_.end() ? none : spans->window.begin_us,
                 others == untouched.windows.end() ? none : others->first);
    std::span<const std::pair<uint32_t, SpanSums*>> own;
    if (spans != span_windows_.end() && spans->window.begin_us == begin_us) {
      own = spans++->spans;
    }
    std::vector<CellPart<CounterCell>>* parts = nullptr;
    if (others != untouched.windows.end() && others->first == begin_us) {
      parts = &others++->second;
    }
    const Window window = WindowAt(begin_us);
    if (!Wanted(window)) continue;
    if (parts != nullptr) {
      ForEachPlace<CounterCell, CounterCell>(
          parts, nullptr, groups_->size(),
          [&](uint32_t place, const CounterCell& cell, const CounterCell&) {
            while (!own.empty() && own.front().first < place) {
              add(window, own.front().first, *own.front().second, 0);
              own = own.subspan(1);
            }
            const bool both = !own.empty() && own.front().first == place;
            SpanSums nothing;
            add(window, place, both ? *own.front().second : nothing,
                cell.count);
            if (both) own = own.subspan(1);
          });
    }
    for (const auto& [place, span] : own) add(window, place, *span, 0);
  }
  return rows;
}

std::vector<ReportRow> RowBuilder::DeadlineRows(const KpiPlan& kpi) {
  size_t m = static_cast<size_t>(kpi.deadline);
  Collected<DeadlineCell> windows;
  Collect([&](const Cells& cells) { return &cells.deadlines[m]; }, windows);
  PlaceFigures* const kept = KeptRows(kpi);
  std::vector<ReportRow> rows;
  if (OfAllTime()) rows.reserve(groups_->size());
  ForEachWanted(windows, [&](const Window& window, uint32_t place,
                             const DeadlineCell& cell) {
    int64_t missed = cell.late_answered + cell.overdue;
    int64_t decided = cell.met + missed;
    if (decided == 0 && cell.pending == 0 && cell.voided == 0) return;
    ReportRow& row = AddRow(window, place, rows);
    const bool met = kpi.spec.kpi == Kpi::kServiceLevel;
    const int64_t share = met ? cell.met : missed;
    row.value = kpi.spec.statistic == Statistic::kCount && !met
                    ? static_cast<double>(missed)
                    : Ratio(share, decided);
    row.figures = FiguresOf(
        kept, place, 0,
        {cell.met, cell.late_answered, cell.overdue, cell.pending, cell.voided},
        met ? 6 : 8, [&](FigureWriter figures) {
          figures.Add("numerator", share);
          figures.Add("denominator", decided);
          if (met) {
            figures.Add("met", cell.met);
            figures.Add("missed", missed);
          } else {
            figures.Add("late_answered", cell.late_answered);
            figures.Add("overdue_unanswered", cell.overdue);
            figures.Add("met", cell.met);
            figures.Add("due", decided);
          }
          figures.Add("pending", cell.pending);
          figures.Add("void", cell.voided);
        });
    row.provisional |= cell.pending != 0;
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
      if (!AllHold(groups_->conditions, [&](const ScopeCondition& condition) {
            return text(state.dimensions.Value(i.dimensions, condition.slot));
          })) {
        return;
      }
      Combination group;
      for (uint8_t s : groups_->slots) {
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
    ReportRow row = NewRow(window, PlaceOf(group));
    row.value = static_cast<double>(count);
    row.figures.push_back({"count", count});
    Push(std::move(row), rows);
  }
  return rows;
}

}  // namespace cckpi
