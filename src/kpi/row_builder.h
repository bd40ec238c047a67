// RowBuilder: merges cells into windows and groups, and says them as rows.

#ifndef CCKPI_SRC_KPI_ROW_BUILDER_H_
#define CCKPI_SRC_KPI_ROW_BUILDER_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "cckpi/base/dictionary.h"
#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/kpi/report.h"
#include "src/kpi/booker.h"
#include "src/kpi/forecasts.h"
#include "src/kpi/plan.h"
#include "src/timeline/timeline_state.h"

namespace cckpi {

// What a query reads: committed cells, and those of the events that are not
// final yet.
struct RowSources {
  const Plan* plan = nullptr;
  const Cells* committed = nullptr;
  const Cells* pending = nullptr;        // may be nullptr
  const TimelineState* state = nullptr;  // the newest: overlay or committed
  // Of shards that were put together: the interactions of the others, and
  // their texts as those of here.
  struct Shard {
    const TimelineState* state = nullptr;
    const std::vector<TextId>* texts = nullptr;
  };
  std::vector<Shard> shards;
  const Dictionary* texts = nullptr;
  const Forecasts* forecasts = nullptr;
  const Forecasts* pending_forecasts = nullptr;
  const std::vector<TextId>* agent_states = nullptr;
  const Zone* zone = nullptr;
  absl::Weekday week_start = absl::Weekday::monday;
  int64_t first_us = 0;  // the earliest instant there is
  int64_t now_us = 0;
  int64_t final_us = 0;  // windows that end by then are final
};

// One dimension of a query's `where`.
struct ScopeCondition {
  uint8_t slot = 0;
  TextId value = 0;     // Dictionary::kAbsent: nothing has it
  size_t position = 0;  // among the values of the grouping that is read
};

// NotFound for a dimension that no grouping keeps, InvalidArgument for what is
// none.
absl::StatusOr<std::vector<ScopeCondition>> Conditions(const Plan& plan,
                                                       const Query& query,
                                                       const Dictionary& texts);

// Do all hold, where `value_of(condition)` is the value to be compared?
template <typename F>
bool AllHold(const std::vector<ScopeCondition>& conditions, F value_of) {
  for (const ScopeCondition& condition : conditions) {
    if (value_of(condition) != condition.value) return false;
  }
  return true;
}

// What a group is called; `values` by dimension of `by`, 0 for none.
decltype(ReportRow::group) LabelsOf(const GroupBy& by,
                                    const Combination& values,
                                    const Dictionary& texts);

// The first and the last bucket of a bucket's day, for CellStore::RollUp.
std::pair<int32_t, int32_t> DayOf(const RowSources& sources, int32_t bucket);

class RowBuilder {
 public:
  RowBuilder(const RowSources& sources, const Query& query);

  // The rows of one KPI by one grouping, in order of begin and group.
  // NotFound when no kept grouping has the dimensions of `by` and of the
  // query's `where`.
  absl::StatusOr<std::vector<ReportRow>> Rows(const KpiPlan& kpi,
                                              const GroupBy& by);

  // The same for what the rows of a duration KPI are made of; of any other
  // KPI nothing.
  absl::StatusOr<std::vector<Distribution>> Distributions(const KpiPlan& kpi,
                                                          const GroupBy& by);

  // The window that holds `at_us`, as the query cuts them.
  Window WindowAt(int64_t at_us) const;

 private:
  template <typename Cell>
  using Groups = std::map<Combination, Cell>;
  template <typename Cell>
  using Windows = std::map<int64_t, Groups<Cell>>;  // by the window's begin

  // Gets ready for the rows of a KPI by a grouping.
  absl::Status Select(const KpiPlan& kpi, const GroupBy& by);
  Combination Project(GroupId group) const;
  bool Wanted(const Window& window) const;
  // Is a group of the kept grouping that is read in the query's scope?
  bool InScope(GroupId group) const;
  // Is it a group of that grouping, and in scope?
  bool IsRead(GroupId group);
  // Which cells a query of a part of the time needs: those in it, or, for
  // levels, all up to its end.
  enum class Reach : uint8_t { kWindow, kUpToEnd };

  // Adds the cells of a measure, the committed ones and those pending on top.
  // `store_of(cells)` points to the measure's store.
  template <typename Cell, typename F>
  void Collect(F store_of, Windows<Cell>& windows,
               Reach reach = Reach::kWindow);
  // Makes a cell in `to` for every window and group that is in `from`.
  template <typename From, typename To>
  static void AddGroups(const Windows<From>& from, Windows<To>& to) {
    for (const auto& [begin_us, groups] : from) {
      for (const auto& [group, cell] : groups) to[begin_us][group];
    }
  }
  // 0 where there is no cell.
  static int64_t CountIn(const Windows<CounterCell>& windows,
                         const Window& window, const Combination& group);
  // Calls f(window, group, cell) for the cells in windows of the query.
  template <typename Cell, typename F>
  void ForEachWanted(const Windows<Cell>& windows, F f) const {
    for (const auto& [begin_us, groups] : windows) {
      const Window window = WindowAt(begin_us);
      if (!Wanted(window)) continue;
      for (const auto& [group, cell] : groups) f(window, group, cell);
    }
  }
  // Calls emit(window, group, changes or nullptr) for each window from the
  // first to now, with what has changed in it.
  template <typename Cell, typename F>
  void ForEachWindow(const Windows<Cell>& windows, F emit);

  std::vector<ReportRow> SpanRows(const KpiPlan& kpi);
  Windows<SpanCell>& SpanWindows(int measure);
  std::vector<ReportRow> DeadlineRows(const KpiPlan& kpi);
  std::vector<ReportRow> DueWithinRows(const KpiPlan& kpi);
  std::vector<ReportRow> ReviewRows(const KpiPlan& kpi);
  std::vector<ReportRow> ContactRows(const KpiPlan& kpi);
  std::vector<ReportRow> BacklogRows(const KpiPlan& kpi);
  std::vector<ReportRow> BotRows(const KpiPlan& kpi);
  std::vector<ReportRow> SurveyRows(const KpiPlan& kpi);
  std::vector<ReportRow> ForecastRows(const KpiPlan& kpi);
  std::vector<ReportRow> CounterRows(const KpiPlan& kpi);
  std::vector<ReportRow> HandleRows(const KpiPlan& kpi);
  std::vector<ReportRow> AgentRows(const KpiPlan& kpi);
  std::vector<ReportRow> StateRows(const KpiPlan& kpi);
  std::vector<ReportRow> DataQualityRows(const KpiPlan& kpi);

  ReportRow NewRow(const KpiPlan& kpi, const Window& window,
                   const Combination& group) const;
  int64_t AsOf(const Window& window) const;

  const RowSources& sources_;
  const Query& query_;
  GroupBy by_;
  std::vector<Figure> definition_;  // of the KPI whose rows are made
  std::vector<uint8_t> slots_;
  size_t grouping_ = 0;             // the kept grouping that is read
  std::vector<size_t> projection_;  // positions of slots_ in its values
  std::vector<ScopeCondition> conditions_;
  enum class Read : uint8_t { kUnknown, kYes, kNo };
  std::vector<Read> read_;  // by group, since Select
  // The windows of the latest span measure: KPIs that say different things of
  // one measure come one after the other.
  int span_measure_ = -1;
  GroupBy span_by_;
  Windows<SpanCell> span_windows_;
  Window all_;
};

template <typename Cell, typename F>
void RowBuilder::Collect(F store_of, Windows<Cell>& windows, Reach reach) {
  const CellStore<Cell>* committed = store_of(*sources_.committed);
  int32_t first = std::numeric_limits<int32_t>::min();
  int32_t last = std::numeric_limits<int32_t>::max();
  int32_t wanted = first;
  if (query_.window.has_value()) {
    wanted = BucketOf(all_.begin_us);
    if (reach == Reach::kWindow) first = wanted;
    last = BucketOf(all_.end_us - 1);
  } else if (query_.every != Frequency::kAll) {
    if (query_.begin_us != kNoTime) {
      wanted = BucketOf(WindowAt(query_.begin_us).begin_us);
      if (reach == Reach::kWindow) first = wanted;
    }
    if (query_.end_us != kNoTime) {
      last = BucketOf(WindowAt(query_.end_us - 1).end_us - 1);
    }
  }
  // Cells of one window come one after the other: where they go is found once
  // for each group.
  Window window;
  Groups<Cell>* groups = nullptr;
  std::vector<Cell*> places;
  auto add = [&](int32_t bucket, GroupId group, const Cell& cell) {
    size_t g = static_cast<size_t>(group);
    if (!IsRead(group)) return;
    int64_t at_us = BucketBegin(bucket);
    if (groups == nullptr || !window.Contains(at_us)) {
      window = WindowAt(at_us);
      groups = &windows[window.begin_us];
      places.assign(places.size(), nullptr);
    }
    if (g >= places.size()) places.resize(g + 64, nullptr);
    if (places[g] == nullptr) places[g] = &(*groups)[Project(group)];
    if (bucket < wanted) {
      MergeLevels(*places[g], cell);
    } else {
      places[g]->Merge(cell);
    }
  };
  bool of_days = query_.window.has_value() || query_.every >= Frequency::kDaily;
  if (!of_days) {
    committed->ForEach(first, last, add);
  } else {
    committed->RollUp(BucketOf(sources_.now_us), [this](int32_t bucket) {
      return DayOf(sources_, bucket);
    });
    if (query_.every == Frequency::kAll && !query_.window.has_value()) {
      committed->ForAllTime(add);
    } else {
      if (first < wanted) committed->ForDays(first, wanted - 1, add);
      committed->ForDays(wanted > first ? wanted : first, last, add);
    }
  }
  groups = nullptr;
  if (sources_.pending != nullptr) {
    store_of(*sources_.pending)->ForEach(first, last, add);
  }
}

template <typename Cell, typename F>
void RowBuilder::ForEachWindow(const Windows<Cell>& windows, F emit) {
  static const Groups<Cell>* const kNothing = new Groups<Cell>();
  if (query_.window.has_value()) {
    for (const auto& [begin_us, groups] : windows) {
      if (begin_us < all_.begin_us) emit(WindowAt(begin_us), groups);
    }
    auto found = windows.find(all_.begin_us);
    emit(all_, found == windows.end() ? *kNothing : found->second);
    return;
  }
  if (query_.every == Frequency::kAll) {
    for (const auto& [begin_us, groups] : windows) emit(all_, groups);
    return;
  }
  Window window = WindowAt(sources_.first_us);
  Window last = WindowAt(sources_.now_us);
  if (!windows.empty()) {
    if (windows.begin()->first < window.begin_us) {
      window = WindowAt(windows.begin()->first);
    }
    if (windows.rbegin()->first > last.begin_us) {
      last = WindowAt(windows.rbegin()->first);
    }
  }
  while (window.begin_us <= last.begin_us) {
    auto found = windows.find(window.begin_us);
    emit(window, found == windows.end() ? *kNothing : found->second);
    window =
        NextWindow(window, query_.every, *sources_.zone, sources_.week_start);
    if (window.end_us <= window.begin_us) break;
  }
}

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_ROW_BUILDER_H_
