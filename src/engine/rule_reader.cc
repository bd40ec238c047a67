#include "src/engine/rule_reader.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "src/kpi/formula_rows.h"
#include "src/kpi/fractions.h"

namespace cckpi {
namespace {

constexpr uint32_t kNotKnown = 0;
constexpr uint32_t kNotRead = 1;
constexpr uint32_t kFirstPlace = 2;

// A window of more buckets is read by days.
constexpr int32_t kManyBuckets = 2 * 96;

// How many observations a rule's min_n is held against: those who still wait
// count where they are in the value. 0 where there are none to count.
int64_t SizeOf(const KpiSpec& spec, const ReportRow& row) {
  if (spec.statistic == Statistic::kMeanWithWaiting) return ObservationsOf(row);
  return SampleSizeOf(row).value_or(0);
}

// Is the value of the KPI a plain sum of its cells, or of two?
bool IsPlain(const KpiPlan& kpi) {
  const Statistic statistic = kpi.spec.statistic;
  if (kpi.span >= 0) {
    return kpi.counter < 0 &&
           (statistic == Statistic::kMean || statistic == Statistic::kSum ||
            statistic == Statistic::kCount ||
            statistic == Statistic::kShareWithin);
  }
  if (kpi.deadline >= 0) {
    return statistic == Statistic::kRatio || statistic == Statistic::kShare ||
           (statistic == Statistic::kCount &&
            kpi.spec.kpi == Kpi::kBeyondTurnaround);
  }
  if (kpi.spec.kpi == Kpi::kBacklog) {
    return statistic == Statistic::kCount || statistic == Statistic::kOpenWaits;
  }
  return kpi.spec.kpi >= Kpi::kArrivals && kpi.spec.kpi <= Kpi::kMessages &&
         statistic == Statistic::kCount;
}

}  // namespace

size_t RuleReader::AddQuery(const ScalingRule& rule, int64_t window_us,
                            std::optional<Frequency> calendar) {
  size_t table = 0;
  while (table < tables_.size() &&
         (tables_[table].by != rule.by || tables_[table].scope != rule.scope)) {
    ++table;
  }
  if (table == tables_.size()) {
    Table& made = tables_.emplace_back();
    made.by = rule.by;
    made.scope = rule.scope;
  }
  for (size_t q = 0; q < queries_.size(); ++q) {
    const OneQuery& known = queries_[q];
    if (known.kpi == rule.kpi && known.table == table &&
        known.window_us == window_us && known.calendar == calendar) {
      return q;
    }
  }
  OneQuery& query = queries_.emplace_back();
  query.kpi = rule.kpi;
  query.table = table;
  query.window_us = window_us;
  query.calendar = calendar;
  return queries_.size() - 1;
}

Window RuleReader::WindowAt(size_t query, int64_t now_us) const {
  const OneQuery& one = queries_[query];
  if (one.calendar.has_value()) {
    return WindowContaining(now_us, *one.calendar, zone_, week_start_);
  }
  const int64_t running = BucketBegin(BucketOf(now_us));
  return {running - one.window_us, running + kBucketSpan};
}

// Everything that holds for one engine only.
absl::Status RuleReader::Prepare(const Engine& engine, const EngineView& view) {
  for (Table& table : tables_) {
    CCKPI_RETURN_IF_ERROR(PrepareTable(view, table));
  }
  for (OneQuery& query : queries_) {
    CCKPI_ASSIGN_OR_RETURN(query.kpis, EngineAccess::Named(engine, query.kpi));
    query.sums.clear();
    query.readings.clear();
    query.changed.clear();
    query.rows = 0;
  }
  return absl::OkStatus();
}

absl::Status RuleReader::PrepareTable(const EngineView& view, Table& table) {
  const Plan& plan = view.setup->plan;
  table.places.clear();
  table.labels.clear();
  table.place_of.clear();
  table.conditions.clear();
  CCKPI_ASSIGN_OR_RETURN(table.slots, plan.SlotsOf(table.by));
  Query query;
  query.where = table.scope;
  CCKPI_ASSIGN_OR_RETURN(table.conditions,
                         Conditions(plan, query, view.names->texts));
  std::vector<uint8_t> needed = table.slots;
  for (const ScopeCondition& condition : table.conditions) {
    needed.push_back(condition.slot);
  }
  // The smallest that covers; where there is none, rows say so.
  const std::optional<size_t> best = plan.Covering(needed);
  table.grouping = best.value_or(plan.slots.size());
  table.projection.clear();
  if (!best.has_value()) return absl::OkStatus();
  for (uint8_t slot : table.slots) {
    table.projection.push_back(plan.PositionIn(*best, slot));
  }
  for (ScopeCondition& condition : table.conditions) {
    condition.position = plan.PositionIn(*best, condition.slot);
  }
  return absl::OkStatus();
}

size_t RuleReader::PlaceOf(const EngineView& view, const Combination& values,
                           Table& table) {
  const auto [place, created] =
      table.places.try_emplace(values, table.labels.size());
  if (created) {
    table.labels.push_back(LabelsOf(table.by, values, view.names->texts));
  }
  return place->second;
}

uint32_t RuleReader::Known(const EngineView& view, GroupId group,
                           Table& table) {
  const DimensionTable& dimensions = view.sources.state->dimensions;
  if (dimensions.GroupingOf(group) != table.grouping) return kNotRead;
  const Combination& values = dimensions.GroupValues(group);
  if (!AllHold(table.conditions, [&](const ScopeCondition& condition) {
        return values[condition.position];
      })) {
    return kNotRead;
  }
  Combination projected;
  for (size_t position : table.projection) {
    projected.push_back(values[position]);
  }
  return kFirstPlace + static_cast<uint32_t>(PlaceOf(view, projected, table));
}

template <typename Cell, typename F>
void RuleReader::AddUp(const EngineView& view, const Window& window,
                       Reach reach, const CellStore<Cell>& committed,
                       const CellStore<Cell>* pending, Table& table, F f) {
  const auto add = [&](int32_t, GroupId group, const Cell& cell) {
    const size_t g = static_cast<size_t>(group);
    if (g >= table.place_of.size()) {
      table.place_of.resize(g + g / 4 + 64, kNotKnown);
    }
    uint32_t known = table.place_of[g];
    if (known == kNotKnown) {
      known = table.place_of[g] = Known(view, group, table);
    }
    if (known == kNotRead) return;
    const size_t place = known - kFirstPlace;
    if (place >= scratch_.size()) scratch_.resize(table.labels.size());
    f(scratch_[place], cell);
  };
  const auto add_run = [&](int32_t begin, int32_t end, GroupId group,
                           const Cell& cell) {
    add(begin, group, Repeated(cell, int64_t{end} - begin + 1));
  };
  int32_t first = BucketOf(window.begin_us);
  int32_t last = BucketOf(window.end_us - 1);
  const bool all = reach == Reach::kEverything;
  using Rolled = typename CellStore<Cell>::Rolled;
  if (all || last - first >= kManyBuckets) {
    RollUp(view.sources, committed, Rolled::kNoTotal,
           all ? kNoBucket : BucketRange{first, last});
  }
  if (all) {
    first = std::numeric_limits<int32_t>::min();
    last = std::numeric_limits<int32_t>::max();
    committed.ForAllTime(add, add_run);
  } else if (last - first >= kManyBuckets) {
    committed.ForDays(first, last, add, add_run);
  } else {
    committed.ForEach(first, last, add);
  }
  if (pending == nullptr) return;
  pending->ForEachAlone(first, last, add);
  pending->ForEachRun(first, last, add_run);
}

// Fills scratch_. `n` is the number of observations behind the value.
void RuleReader::ReadSums(const EngineView& view, const Window& window,
                          const KpiPlan& kpi, Table& table) {
  scratch_.assign(table.labels.size(), Sums());
  const Plan& plan = view.setup->plan;
  const Cells& cells = *view.sources.committed;
  const Cells* ahead = view.sources.pending;
  const auto of = [](int index) { return static_cast<size_t>(index); };
  const auto read = [&](Reach reach, auto stores, int index, auto add) {
    AddUp(view, window, reach, (cells.*stores)[of(index)],
          ahead != nullptr ? &(ahead->*stores)[of(index)] : nullptr, table,
          add);
  };
  if (kpi.span >= 0) {
    // `part` is how many are within T, `other` how many are void.
    const bool at_start = plan.spans[of(kpi.span)].at_start;
    read(Reach::kWindow, &Cells::spans, kpi.span,
         [at_start](Sums& sums, const SpanCell& cell) {
           sums.sum += cell.duration.sum();
           sums.n += cell.duration.count();
           sums.part += cell.within;
           sums.other += cell.voided;
           if (at_start) sums.open += cell.open;
         });
    if (at_start) return;
    read(Reach::kEverything, &Cells::spans, kpi.span,
         [](Sums& sums, const SpanCell& cell) { sums.open += cell.open; });
    return;
  }
  if (kpi.deadline >= 0) {
    // `part` is how many were met, or missed; `open` pending, `other` void.
    const bool met = kpi.spec.kpi == Kpi::kServiceLevel;
    read(Reach::kWindow, &Cells::deadlines, kpi.deadline,
         [met](Sums& sums, const DeadlineCell& cell) {
           const int64_t missed = cell.late_answered + cell.overdue;
           sums.n += cell.met + missed;
           sums.part += met ? cell.met : missed;
           sums.open += cell.pending;
           sums.other += cell.voided;
         });
    return;
  }
  if (kpi.spec.kpi == Kpi::kBacklog) {
    // `part` is how many wait; what came and went in the window is `sum`,
    // `open` and `other`.
    const CellStore<BacklogCell>* pending =
        ahead != nullptr ? &ahead->backlog : nullptr;
    const auto count = [](const BacklogCell& cell) {
      int64_t episodes = 0;
      for (int64_t phase : cell.phases) episodes += phase;
      return episodes;
    };
    AddUp(view, window, Reach::kEverything, cells.backlog, pending, table,
          [&](Sums& sums, const BacklogCell& cell) {
            sums.n += count(cell);
            sums.part += cell.open_waits;
          });
    AddUp(view, window, Reach::kWindow, cells.backlog, pending, table,
          [&](Sums& sums, const BacklogCell& cell) {
            sums.sum += count(cell) - cell.opened + cell.closed;
            sums.open += cell.opened;
            sums.other += cell.closed;
          });
    return;
  }
  const auto count = [](Sums& sums, const CounterCell& cell) {
    sums.n += cell.count;
  };
  if (kpi.counter >= 0) {
    read(Reach::kWindow, &Cells::counters, kpi.counter, count);
    return;
  }
  for (Counter side : {Counter::kCustomerMessages, Counter::kAgentMessages,
                       Counter::kBotMessages}) {
    read(Reach::kWindow, &Cells::counters,
         plan.counter_index[static_cast<size_t>(side)], count);
  }
}

// The readings that scratch_ stands for, as the rows would say them.
void RuleReader::TakeSums(const KpiPlan& kpi, OneQuery& query) {
  constexpr absl::int128 kMillion = 1'000'000;
  const KpiSpec& spec = kpi.spec;
  const bool anew = query.sums.empty();
  query.sums.resize(scratch_.size());
  for (size_t place = 0; place < scratch_.size(); ++place) {
    const Sums& sums = scratch_[place];
    if (!anew && sums == query.sums[place]) continue;
    query.sums[place] = sums;
    RuleReading reading{.n = sums.n};
    reading.row = sums.n != 0 || sums.open != 0 || sums.other != 0;
    switch (spec.statistic) {
      case Statistic::kMean:
        reading.value = Quotient(sums.sum, sums.n);
        break;
      case Statistic::kSum:
        if (sums.n > 0) reading.value = ExactValue::Of(sums.sum, 1);
        break;
      case Statistic::kRatio:
      case Statistic::kShare:
      case Statistic::kShareWithin:
        reading.value = Quotient(sums.part * kMillion, sums.n);
        break;
      case Statistic::kOpenWaits:
        reading.value = Nearest(static_cast<double>(sums.part));
        break;
      default:
        reading.value = Nearest(
            static_cast<double>(kpi.deadline >= 0 ? sums.part : sums.n));
        break;
    }
    if (spec.kpi == Kpi::kBacklog) {
      reading.row = reading.row || sums.part != 0 || sums.sum != 0;
    }
    if (!reading.row) reading = RuleReading();
    Take(place, reading, query);
  }
}

void RuleReader::Take(size_t place, const RuleReading& reading,
                      OneQuery& query) {
  if (place >= query.readings.size()) query.readings.resize(place + 1);
  RuleReading& known = query.readings[place];
  if (known == reading) return;
  if (known.row) --query.rows;
  if (reading.row) ++query.rows;
  known = reading;
  query.changed.push_back(place);
}

absl::Status RuleReader::ReadRows(const EngineView& view, const Window& window,
                                  OneQuery& query) {
  Table& table = tables_[query.table];
  Query asked;
  asked.where = table.scope;
  asked.window = window;
  RowBuilder builder(view.sources, asked);
  std::vector<RuleReading> readings(table.labels.size());
  for (size_t k : query.kpis) {
    CCKPI_ASSIGN_OR_RETURN(
        const std::vector<ReportRow> rows,
        KpiRows(builder, view.setup->plan, view.setup->plan.kpis[k], table.by));
    for (const ReportRow& row : rows) {
      Combination values;
      for (const auto& [name, value] : row.group) {
        values.push_back(value.has_value() ? view.names->texts.Find(*value)
                                           : 0);
      }
      const size_t place = PlaceOf(view, values, table);
      readings.resize(table.labels.size());
      readings[place] = {.value = ExactValueOf(row),
                         .n = SizeOf(view.setup->plan.kpis[k].spec, row),
                         .row = true};
    }
  }
  for (size_t place = 0; place < readings.size(); ++place) {
    Take(place, readings[place], query);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> RuleReader::Look(const Engine& engine,
                                      const EngineView& view, int64_t now_us) {
  const bool anew = identity_ == nullptr || identity_ != view.identity;
  identity_ = nullptr;  // until all went well
  if (anew) CCKPI_RETURN_IF_ERROR(Prepare(engine, view));
  for (Table& table : tables_) {
    // A text of the scope may have come up since.
    auto condition = table.conditions.begin();  // in the order of the scope
    for (const auto& [name, text] : table.scope) {
      const TextId value = view.names->texts.Find(text);
      if (value != condition->value) table.place_of.clear();
      condition->value = value;
      ++condition;
    }
  }
  for (size_t q = 0; q < queries_.size(); ++q) {
    OneQuery& query = queries_[q];
    query.changed.clear();
    const Window window = WindowAt(q, now_us);
    if (window.end_us <= window.begin_us ||
        window.begin_us % kBucketSpan != 0 ||
        window.end_us % kBucketSpan != 0) {
      return absl::InvalidArgumentError("window: is no run of whole buckets");
    }
    Table& table = tables_[query.table];
    const KpiPlan& kpi = view.setup->plan.kpis[query.kpis.front()];
    if (query.kpis.size() == 1 && IsPlain(kpi) &&
        table.grouping < view.setup->plan.slots.size() &&
        window.Contains(view.now_us)) {
      ReadSums(view, window, kpi, table);
      TakeSums(kpi, query);
    } else {
      query.sums.clear();
      CCKPI_RETURN_IF_ERROR(ReadRows(view, window, query));
    }
  }
  // Numbers of groups from here on may mean another group in the next look.
  const size_t bound = view.committed->timeline().dimensions.group_count();
  for (Table& table : tables_) {
    if (table.place_of.size() > bound) table.place_of.resize(bound);
  }
  identity_ = view.identity;
  return anew;
}

}  // namespace cckpi
