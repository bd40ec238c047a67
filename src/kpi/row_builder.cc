#include "src/kpi/row_builder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/stats/wilson.h"
#include "src/kpi/row_values.h"

namespace cckpi {

absl::StatusOr<std::vector<ScopeCondition>> Conditions(
    const Plan& plan, const Query& query, const Dictionary& texts) {
  std::vector<ScopeCondition> conditions;
  for (const auto& [name, value] : query.where) {
    std::optional<Dimension> dimension = ParseDimension(name);
    if (!dimension) {
      return absl::InvalidArgumentError(
          absl::StrCat("where: \"", name, "\" is no dimension"));
    }
    CCKPI_ASSIGN_OR_RETURN(std::vector<uint8_t> slots,
                           plan.SlotsOf({*dimension}));
    conditions.push_back(
        {.slot = slots[0], .value = texts.Find(value), .position = 0});
  }
  return conditions;
}

RowBuilder::RowBuilder(const RowSources& sources, const Query& query)
    : sources_(sources),
      query_(query),
      all_{BucketBegin(BucketOf(sources.first_us)), sources.now_us} {
  if (all_.end_us <= all_.begin_us) all_.end_us = all_.begin_us + kBucketSpan;
  if (query.window.has_value()) all_ = *query.window;
}

Window RowBuilder::WindowAt(int64_t at_us) const {
  if (query_.window.has_value()) {
    if (at_us < all_.begin_us) return {kEarliestTime, all_.begin_us};
    if (at_us >= all_.end_us) return {all_.end_us, kLatestTime};
    return all_;
  }
  if (query_.every == Frequency::kAll) return all_;
  return WindowContaining(at_us, query_.every, *sources_.zone,
                          sources_.week_start);
}

bool RowBuilder::Wanted(const Window& window) const {
  if (query_.window.has_value()) return window == all_;
  return (query_.begin_us == kNoTime || window.end_us > query_.begin_us) &&
         (query_.end_us == kNoTime || window.begin_us < query_.end_us);
}

int64_t RowBuilder::AsOf(const Window& window) const {
  return std::min(window.end_us, sources_.now_us);
}

absl::Status RowBuilder::Select(const GroupBy& by) {
  by_ = by;
  read_.clear();
  CCKPI_ASSIGN_OR_RETURN(slots_, sources_.plan->SlotsOf(by));
  CCKPI_ASSIGN_OR_RETURN(conditions_,
                         Conditions(*sources_.plan, query_, *sources_.texts));
  std::vector<uint8_t> needed = slots_;
  for (const ScopeCondition& condition : conditions_) {
    needed.push_back(condition.slot);
  }
  const auto& groupings = sources_.plan->slots;
  std::optional<size_t> best;
  for (size_t g = 0; g < groupings.size(); ++g) {
    bool covers = std::all_of(needed.begin(), needed.end(), [&](uint8_t slot) {
      return std::find(groupings[g].begin(), groupings[g].end(), slot) !=
             groupings[g].end();
    });
    if (covers && (!best || groupings[g].size() < groupings[*best].size())) {
      best = g;
    }
  }
  if (!best) {
    std::string names;
    for (const Dimension& dimension : by) {
      absl::StrAppend(&names, names.empty() ? "" : ",",
                      DimensionName(dimension));
    }
    for (const auto& [name, value] : query_.where) {
      absl::StrAppend(&names, names.empty() ? "" : ",", name);
    }
    return absl::NotFoundError(
        absl::StrCat("no configured group keeps ", names, " together"));
  }
  grouping_ = *best;
  const auto& kept = groupings[grouping_];
  auto position_of = [&](uint8_t slot) {
    return static_cast<size_t>(std::find(kept.begin(), kept.end(), slot) -
                               kept.begin());
  };
  projection_.clear();
  for (uint8_t slot : slots_) projection_.push_back(position_of(slot));
  for (ScopeCondition& condition : conditions_) {
    condition.position = position_of(condition.slot);
  }
  return absl::OkStatus();
}

bool RowBuilder::InScope(GroupId group) const {
  if (conditions_.empty()) return true;
  const Combination& values = sources_.state->dimensions.GroupValues(group);
  return AllHold(conditions_, [&](const ScopeCondition& condition) {
    return values[condition.position];
  });
}

bool RowBuilder::IsRead(GroupId group) {
  size_t g = static_cast<size_t>(group);
  if (g >= read_.size()) read_.resize(g + 64, Read::kUnknown);
  if (read_[g] == Read::kUnknown) {
    bool is_read = sources_.state->dimensions.GroupingOf(group) == grouping_ &&
                   InScope(group);
    read_[g] = is_read ? Read::kYes : Read::kNo;
  }
  return read_[g] == Read::kYes;
}

std::pair<int32_t, int32_t> RowBuilder::DayOf(int32_t bucket) const {
  Window day = WindowContaining(BucketBegin(bucket), Frequency::kDaily,
                                *sources_.zone, sources_.week_start);
  return {BucketOf(day.begin_us), BucketOf(day.end_us - 1)};
}

Combination RowBuilder::Project(GroupId group) const {
  const Combination& values = sources_.state->dimensions.GroupValues(group);
  Combination projected;
  projected.reserve(projection_.size());
  for (size_t position : projection_) projected.push_back(values[position]);
  return projected;
}

ReportRow RowBuilder::NewRow(const KpiPlan& kpi, const Window& window,
                             const Combination& group) const {
  ReportRow row;
  row.kpi = kpi.spec.kpi == Kpi::kFormula
                ? "formula"
                : std::string(Definition(kpi.spec.kpi).name);
  row.id = kpi.spec.id;
  row.definition = definition_;
  row.begin_us = window.begin_us;
  row.end_us = window.end_us;
  for (size_t d = 0; d < by_.size(); ++d) {
    std::optional<std::string> value;
    if (group[d] != 0) value = std::string(sources_.texts->Text(group[d]));
    row.group.emplace_back(DimensionName(by_[d]), std::move(value));
  }
  row.unit = UnitOf(kpi.spec);
  row.provisional = window.end_us > sources_.final_us;
  return row;
}

absl::StatusOr<std::vector<ReportRow>> RowBuilder::Rows(const KpiPlan& kpi,
                                                        const GroupBy& by) {
  CCKPI_RETURN_IF_ERROR(Select(by));
  definition_ = DescribeSpec(kpi.spec);
  std::vector<ReportRow> rows;
  if (kpi.span >= 0) {
    rows = SpanRows(kpi);
  } else if (kpi.deadline >= 0) {
    rows = DeadlineRows(kpi);
  } else if (kpi.tracker >= 0) {
    rows = DueWithinRows(kpi);
  } else if (kpi.review >= 0) {
    rows = ReviewRows(kpi);
  } else if (kpi.contact >= 0) {
    rows = ContactRows(kpi);
  } else if (kpi.handle >= 0) {
    rows = HandleRows(kpi);
  } else if (kpi.spec.kpi == Kpi::kStateTime) {
    rows = StateRows(kpi);
  } else if (kpi.spec.kpi == Kpi::kDataQuality) {
    rows = DataQualityRows(kpi);
  } else if (kpi.spec.kpi == Kpi::kBacklog) {
    rows = BacklogRows(kpi);
  } else if (kpi.spec.kpi == Kpi::kBotOutcome) {
    rows = BotRows(kpi);
  } else if (kpi.spec.kpi == Kpi::kSatisfaction) {
    rows = SurveyRows(kpi);
  } else if (kpi.spec.kpi == Kpi::kForecastAccuracy) {
    rows = ForecastRows(kpi);
  } else if (kpi.counter >= 0 || kpi.spec.kpi == Kpi::kMessages) {
    rows = CounterRows(kpi);
  } else {
    rows = AgentRows(kpi);
  }
  return rows;
}

RowBuilder::Windows<SpanCell>& RowBuilder::SpanWindows(int measure) {
  if (measure == span_measure_ && by_ == span_by_) return span_windows_;
  size_t m = static_cast<size_t>(measure);
  span_measure_ = measure;
  span_by_ = by_;
  span_windows_.clear();
  Collect(&sources_.committed->spans[m],
          sources_.pending ? &sources_.pending->spans[m] : nullptr,
          span_windows_,
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
    Collect(&sources_.committed->counters[c],
            sources_.pending ? &sources_.pending->counters[c] : nullptr,
            untouched);
    for (const auto& [begin_us, groups] : untouched) {
      for (const auto& [group, cell] : groups) windows[begin_us][group];
    }
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
      int64_t left = 0;
      if (kpi.counter >= 0) {
        auto counted = untouched.find(window.begin_us);
        if (counted != untouched.end()) {
          auto of_group = counted->second.find(group);
          if (of_group != counted->second.end()) left = of_group->second.count;
        }
      }
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
  Collect(&sources_.committed->deadlines[m],
          sources_.pending ? &sources_.pending->deadlines[m] : nullptr,
          windows);
  std::vector<ReportRow> rows;
  for (const auto& [begin_us, groups] : windows) {
    Window window = WindowAt(begin_us);
    if (!Wanted(window)) continue;
    for (const auto& [group, cell] : groups) {
      int64_t missed = cell.late_answered + cell.overdue;
      int64_t decided = cell.met + missed;
      if (decided == 0 && cell.pending == 0 && cell.voided == 0) continue;
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
    }
  }
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

std::vector<ReportRow> RowBuilder::ReviewRows(const KpiPlan& kpi) {
  size_t m = static_cast<size_t>(kpi.review);
  size_t c = static_cast<size_t>(kpi.counter);
  Windows<ReviewCell> windows;
  Collect(&sources_.committed->reviews[m],
          sources_.pending ? &sources_.pending->reviews[m] : nullptr, windows);
  Windows<CounterCell> eligible;
  Collect(&sources_.committed->counters[c],
          sources_.pending ? &sources_.pending->counters[c] : nullptr,
          eligible);
  for (const auto& [begin_us, groups] : eligible) {
    for (const auto& [group, cell] : groups) windows[begin_us][group];
  }
  std::vector<ReportRow> rows;
  for (const auto& [begin_us, groups] : windows) {
    Window window = WindowAt(begin_us);
    if (!Wanted(window)) continue;
    for (const auto& [group, cell] : groups) {
      int64_t all = 0;
      if (auto found = eligible.find(begin_us); found != eligible.end()) {
        if (auto one = found->second.find(group); one != found->second.end()) {
          all = one->second.count;
        }
      }
      if (cell.reviewed == 0 && all == 0) continue;
      ReportRow row = NewRow(kpi, window, group);
      int64_t denominator = kpi.spec.over_all ? all : cell.reviewed;
      int64_t numerator = kpi.spec.over_all
                              ? all - (cell.reviewed - cell.without_errors)
                              : cell.without_errors;
      SetRatio(numerator, denominator, row);
      std::optional<double> coverage;
      if (all > 0) {
        coverage =
            static_cast<double>(cell.reviewed) / static_cast<double>(all);
      }
      if (kpi.spec.statistic == Statistic::kCoverage) row.value = coverage;
      row.figures.push_back({"reviewed", cell.reviewed});
      row.figures.push_back({"without_errors", cell.without_errors});
      row.figures.push_back({"eligible", all});
      row.figures.push_back(OptionalFigure("coverage", coverage));
      std::optional<ShareInterval> wilson;
      if (denominator > 0) wilson = WilsonInterval(numerator, denominator);
      row.figures.push_back(OptionalFigure(
          "wilson_low",
          wilson ? std::optional<double>(wilson->low) : std::nullopt));
      row.figures.push_back(OptionalFigure(
          "wilson_high",
          wilson ? std::optional<double>(wilson->high) : std::nullopt));
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::vector<ReportRow> RowBuilder::ContactRows(const KpiPlan& kpi) {
  size_t c = static_cast<size_t>(kpi.contact);
  Windows<ContactCell> windows;
  Collect(&sources_.committed->contacts[c],
          sources_.pending ? &sources_.pending->contacts[c] : nullptr, windows);
  std::vector<ReportRow> rows;
  for (const auto& [begin_us, groups] : windows) {
    Window window = WindowAt(begin_us);
    if (!Wanted(window)) continue;
    for (const auto& [group, cell] : groups) {
      int64_t all = cell.yes + cell.no + cell.pending;
      if (all == 0 && cell.unanswered == 0) continue;
      ReportRow row = NewRow(kpi, window, group);
      SetRatio(cell.yes + cell.pending, all, row);
      row.figures.push_back({"yes", cell.yes});
      row.figures.push_back({"no", cell.no});
      row.figures.push_back({"pending", cell.pending});
      row.figures.push_back({"unanswered", cell.unanswered});
      row.figures.push_back(OptionalFigure("lower", Ratio(cell.yes, all)));
      row.figures.push_back(
          OptionalFigure("upper", Ratio(cell.yes + cell.pending, all)));
      row.provisional |= cell.pending != 0;
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::vector<ReportRow> RowBuilder::BotRows(const KpiPlan& kpi) {
  Windows<BotCell> windows;
  Collect(&sources_.committed->bots,
          sources_.pending ? &sources_.pending->bots : nullptr, windows);
  std::vector<ReportRow> rows;
  for (const auto& [begin_us, groups] : windows) {
    Window window = WindowAt(begin_us);
    if (!Wanted(window)) continue;
    for (const auto& [group, cell] : groups) {
      auto count = [&outcomes = cell.outcomes](BotOutcome outcome) {
        return outcomes[static_cast<size_t>(outcome)];
      };
      int64_t all = 0;
      for (int64_t outcome : cell.outcomes) all += outcome;
      if (all == 0) continue;
      ReportRow row = NewRow(kpi, window, group);
      SetRatio(count(BotOutcome::kResolvedByBot), all, row);
      row.figures.push_back(
          {"resolved_by_bot", count(BotOutcome::kResolvedByBot)});
      row.figures.push_back({"handed_off", count(BotOutcome::kHandedOff)});
      row.figures.push_back(
          {"human_took_over", count(BotOutcome::kHumanTookOver)});
      row.figures.push_back(
          {"abandoned_in_bot", count(BotOutcome::kAbandoned)});
      row.figures.push_back({"open", count(BotOutcome::kOpen)});
      row.provisional |= count(BotOutcome::kOpen) != 0;
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::vector<ReportRow> RowBuilder::SurveyRows(const KpiPlan& kpi) {
  size_t c = static_cast<size_t>(kpi.counter);
  Windows<SurveyCell> windows;
  Collect(&sources_.committed->surveys,
          sources_.pending ? &sources_.pending->surveys : nullptr, windows);
  Windows<CounterCell> closed;
  Collect(&sources_.committed->counters[c],
          sources_.pending ? &sources_.pending->counters[c] : nullptr, closed);
  bool of_closed = kpi.spec.statistic == Statistic::kResponseRate;
  if (of_closed) {
    for (const auto& [begin_us, groups] : closed) {
      for (const auto& [group, cell] : groups) windows[begin_us][group];
    }
  }
  std::vector<ReportRow> rows;
  for (const auto& [begin_us, groups] : windows) {
    Window window = WindowAt(begin_us);
    if (!Wanted(window)) continue;
    for (const auto& [group, cell] : groups) {
      int64_t closes = 0;
      if (auto found = closed.find(begin_us); found != closed.end()) {
        if (auto one = found->second.find(group); one != found->second.end()) {
          closes = one->second.count;
        }
      }
      if (cell.count == 0 && (!of_closed || closes == 0)) continue;
      ReportRow row = NewRow(kpi, window, group);
      switch (kpi.spec.statistic) {
        case Statistic::kTopBox:
          SetRatio(cell.top_box, cell.count, row);
          break;
        case Statistic::kResponseRate:
          SetRatio(cell.count, closes, row);
          break;
        case Statistic::kCount:
          row.value = static_cast<double>(cell.count);
          break;
        default:
          row.value = static_cast<double>(cell.sum_micro) / 1e6 /
                      static_cast<double>(cell.count);
          break;
      }
      row.figures.push_back({"count", cell.count});
      row.figures.push_back({"sum_micro", cell.sum_micro});
      row.figures.push_back({"top_box", cell.top_box});
      row.figures.push_back({"closed", closes});
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::vector<ReportRow> RowBuilder::CounterRows(const KpiPlan& kpi) {
  std::vector<int> counters;
  if (kpi.counter >= 0) {
    counters.push_back(kpi.counter);
  } else {
    for (Counter side : {Counter::kCustomerMessages, Counter::kAgentMessages,
                         Counter::kBotMessages}) {
      counters.push_back(
          sources_.plan->counter_index[static_cast<size_t>(side)]);
    }
  }
  Windows<CounterCell> windows;
  for (int counter : counters) {
    size_t c = static_cast<size_t>(counter);
    Collect(&sources_.committed->counters[c],
            sources_.pending ? &sources_.pending->counters[c] : nullptr,
            windows);
  }
  std::vector<ReportRow> rows;
  for (const auto& [begin_us, groups] : windows) {
    Window window = WindowAt(begin_us);
    if (!Wanted(window)) continue;
    for (const auto& [group, cell] : groups) {
      if (cell.count == 0) continue;
      ReportRow row = NewRow(kpi, window, group);
      row.value = static_cast<double>(cell.count);
      row.figures.push_back({"count", cell.count});
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::vector<ReportRow> RowBuilder::BacklogRows(const KpiPlan& kpi) {
  Windows<BacklogCell> windows;
  Collect(&sources_.committed->backlog,
          sources_.pending ? &sources_.pending->backlog : nullptr, windows,
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

std::vector<ReportRow> RowBuilder::ForecastRows(const KpiPlan& kpi) {
  // The forecasts that name exactly the wanted dimensions; else the coarsest
  // finer ones, added up.
  Forecasts all = *sources_.forecasts;
  if (sources_.pending_forecasts != nullptr) {
    for (const auto& [key, volume] : *sources_.pending_forecasts) {
      all[key] = volume;
    }
  }
  auto named = [](const Combination& values) {
    std::vector<uint8_t> slots;
    for (size_t s = 0; s < values.size(); ++s) {
      if (values[s] != 0) slots.push_back(static_cast<uint8_t>(s));
    }
    return slots;
  };
  std::vector<uint8_t> wanted = slots_;
  for (const ScopeCondition& condition : conditions_) {
    wanted.push_back(condition.slot);
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  const DimensionTable& dimensions = sources_.state->dimensions;
  std::optional<std::vector<uint8_t>> chosen;
  for (const auto& [key, volume] : all) {
    if (key.begin_us + key.span_us > sources_.now_us) continue;
    std::vector<uint8_t> slots = named(key.values);
    bool told_apart =
        std::all_of(slots.begin(), slots.end(),
                    [&](uint8_t slot) { return dimensions.tells_apart(slot); });
    if (!told_apart || !std::includes(slots.begin(), slots.end(),
                                      wanted.begin(), wanted.end())) {
      continue;
    }
    if (!chosen || slots.size() < chosen->size() ||
        (slots.size() == chosen->size() && slots < *chosen)) {
      chosen = std::move(slots);
    }
  }
  std::vector<ReportRow> rows;
  if (!chosen) return rows;
  // Arrivals by the dimensions that the forecasts name.
  std::map<std::pair<int32_t, Combination>, int64_t> arrivals;
  for (const Cells* cells : {sources_.committed, sources_.pending}) {
    if (cells == nullptr) continue;
    cells->arrivals.ForEach(
        std::numeric_limits<int32_t>::min(),
        std::numeric_limits<int32_t>::max(),
        [&](int32_t bucket, GroupId group, const CounterCell& cell) {
          const Combination& values =
              dimensions.Values(static_cast<DimensionsId>(group));
          Combination key(values.size(), 0);
          for (uint8_t slot : *chosen) key[slot] = values[slot];
          arrivals[{bucket, std::move(key)}] += cell.count;
        });
  }
  // Per interval and group: what was expected and what came.
  struct Interval {
    int64_t forecast_micro = 0;
    int64_t actual = 0;
  };
  std::map<std::tuple<int64_t, int64_t, Combination>, Interval> intervals;
  for (const auto& [key, volume] : all) {
    if (key.begin_us + key.span_us > sources_.now_us ||
        named(key.values) != *chosen) {
      continue;
    }
    const Combination& values = key.values;
    if (!AllHold(conditions_, [&](const ScopeCondition& condition) {
          return values[condition.slot];
        })) {
      continue;
    }
    Combination group;
    for (uint8_t slot : slots_) group.push_back(key.values[slot]);
    Interval& interval = intervals[{key.begin_us, key.span_us, group}];
    interval.forecast_micro += volume;
    int32_t last = BucketOf(key.begin_us + key.span_us - 1);
    for (int32_t bucket = BucketOf(key.begin_us); bucket <= last; ++bucket) {
      auto came = arrivals.find({bucket, key.values});
      if (came != arrivals.end()) interval.actual += came->second;
    }
  }
  std::map<int64_t, std::map<Combination, ForecastTotals>> windows;
  for (const auto& [key, interval] : intervals) {
    Window window = WindowAt(std::get<0>(key));
    if (!Wanted(window)) continue;
    windows[window.begin_us][std::get<2>(key)].Add(interval.forecast_micro,
                                                   interval.actual);
  }
  for (const auto& [begin_us, groups] : windows) {
    for (const auto& [group, totals] : groups) {
      ReportRow row = NewRow(kpi, WindowAt(begin_us), group);
      SetForecastValue(kpi.spec, totals, row);
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace cckpi
