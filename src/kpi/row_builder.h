// RowBuilder: merges cells into windows and groups, and says them as rows.

#ifndef CCKPI_SRC_KPI_ROW_BUILDER_H_
#define CCKPI_SRC_KPI_ROW_BUILDER_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "cckpi/base/dictionary.h"
#include "cckpi/base/hash_map.h"
#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/kpi/report.h"
#include "src/kpi/booker.h"
#include "src/kpi/collected.h"
#include "src/kpi/forecasts.h"
#include "src/kpi/kept_answers.h"
#include "src/kpi/plan.h"
#include "src/kpi/row_values.h"
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
  // What earlier questions have left, and the groups that it is about.
  KeptAnswers* kept = nullptr;
  const DimensionTable* committed_groups = nullptr;
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

// The first and the last bucket of a bucket's day.
std::pair<int32_t, int32_t> DayOf(const RowSources& sources, int32_t bucket);

// Rolls up committed cells as far as now; with the total of a grouping and
// those of days, where any are asked for.
template <typename Cell>
void RollUp(const RowSources& sources, const CellStore<Cell>& committed,
            size_t total, const BucketRange& days) {
  committed.RollUp(
      BucketOf(sources.now_us), total, days,
      [&sources](int32_t bucket) { return DayOf(sources, bucket); },
      [&sources](GroupId group) {
        return sources.state->dimensions.GroupingOf(group);
      });
}

// The error of an answer that has more rows than the query wants at most.
absl::Status TooManyRows(const Query& query);

class RowBuilder {
 public:
  RowBuilder(const RowSources& sources, const Query& query);

  // Of the query's most rows so many are there already.
  void HaveRows(size_t rows) {
    rows_left_ = query_.max_rows - std::min(rows, query_.max_rows);
  }

  // The rows of one KPI by one grouping, in order of begin. NotFound when no
  // kept grouping has the dimensions of `by` and of the query's `where`,
  // ResourceExhausted when there are more rows than are left.
  absl::StatusOr<std::vector<ReportRow>> Rows(const KpiPlan& kpi,
                                              const GroupBy& by);

  // The same for what the rows of a duration KPI are made of, where bins count
  // as rows; of any other KPI nothing.
  absl::StatusOr<std::vector<Distribution>> Distributions(const KpiPlan& kpi,
                                                          const GroupBy& by);

  // The window that holds `at_us`, as the query cuts them.
  Window WindowAt(int64_t at_us) const;

 private:
  // The groups of a grouping in the query's scope. Each has a place.
  struct Groups {
    GroupBy by;
    std::vector<uint8_t> slots;
    size_t grouping = 0;             // the kept grouping that is read
    std::vector<size_t> projection;  // positions of slots in its values
    std::vector<ScopeCondition> conditions;
    // By group: 2 + its place, 1: not in scope or of another grouping, 0: not
    // known.
    std::vector<uint32_t> place_of;
    // The places that are known before; those of here come after them.
    const GroupPlaces* kept = nullptr;
    HashMap<Combination, uint32_t> places;
    std::vector<RowLabels> labels;  // by place

    size_t kept_size() const {
      return kept == nullptr ? 0 : kept->labels.size();
    }
    size_t size() const { return kept_size() + labels.size(); }
    const RowLabels& Labels(size_t place) const {
      return place < kept_size() ? kept->labels[place]
                                 : labels[place - kept_size()];
    }
  };
  static constexpr uint32_t kNotKnown = GroupPlaces::kNotKnown;
  static constexpr uint32_t kNotRead = GroupPlaces::kNotRead;
  static constexpr uint32_t kFirstPlace = GroupPlaces::kFirstPlace;

  // Gets ready for the rows of a KPI by a grouping.
  absl::Status Select(const KpiPlan& kpi, const GroupBy& by);
  absl::Status Prepare(const GroupBy& by, Groups& groups);
  void Describe(const KpiSpec& spec);
  bool Wanted(const Window& window) const;
  // As in Groups::place_of, but known.
  uint32_t Known(GroupId group);
  uint32_t PlaceOf(const Combination& values);
  // Which cells a query of a part of the time needs: those in it, or, for
  // levels, all up to its end.
  enum class Reach : uint8_t { kWindow, kUpToEnd };

  // Adds the cells of a measure, the committed ones and those pending on top.
  // `store_of(cells)` points to the measure's store. Compiled for each kind of
  // cell in row_collect.cc.
  template <typename Cell>
  using StoreOf = absl::FunctionRef<const CellStore<Cell>*(const Cells&)>;
  template <typename Cell>
  void Collect(std::type_identity_t<StoreOf<Cell>> store_of,
               Collected<Cell>& collected, Reach reach = Reach::kWindow);
  // Calls f(window, place, cell) for the groups in windows of the query, in
  // order of windows.
  template <typename Cell, typename F>
  void ForEachWanted(Collected<Cell>& collected, F f) const;
  // The same for two measures: f(window, place, cell, other's cell), empty
  // where there is only the other one.
  template <typename Cell, typename Other, typename F>
  void ForEachWanted(Collected<Cell>& collected, Collected<Other>& others,
                     F f) const;
  // Calls emit(window, its parts or nullptr) for each wanted window of those
  // from the first to now, with what has changed in it.
  template <typename Cell, typename F>
  void ForEachWindow(Collected<Cell>& collected, F emit) const;

  // What the rows of one span measure say, by window and place.
  struct SpanWindow {
    Window window;
    std::vector<std::pair<uint32_t, SpanSums*>> spans;  // by place
  };
  struct SpanLevel {
    int64_t open = 0;
    absl::int128 starts = 0;
  };

  std::vector<ReportRow> SpanRows(const KpiPlan& kpi);
  void SumUpSpans(int measure);
  // Does the query ask for all of time, whatever that is?
  bool OfAllTime() const {
    return query_.every == Frequency::kAll && !query_.window.has_value();
  }
  // What is kept of a measure's spans, claimed while this lives; nullptr when
  // nothing can be.
  std::vector<KeptSpan>* KeptSpans(KeptAnswers::Measure kind, size_t measure);
  template <typename Kept>
  bool Hold(Kept& kept);
  // The same for figures of rows; `number` of several of one place. `size`
  // figures are said by `write(FigureWriter)` where those that are kept were
  // not made of `of`.
  using PlaceFigures = std::vector<std::vector<KeptFigures>>;
  PlaceFigures* KeptRows(const KpiPlan& kpi);
  template <typename F>
  SharedList<Figure> FiguresOf(PlaceFigures* kept, uint32_t place,
                               size_t number, const std::array<int64_t, 6>& of,
                               size_t size, F write) const;
  // The same where they are said anew by each question.
  template <typename F>
  SharedList<Figure> FiguresAnew(PlaceFigures* kept, uint32_t place,
                                 size_t size, F write) const;
  // What is kept of the levels of a backlog.
  std::vector<KeptBacklog>* KeptBacklogs(const KpiPlan& kpi);
  // Asks the memory for what SumUpPlace will read of a part, twice.
  static void AskMemory(const CellPart<SpanCell>& part, bool near,
                        const std::vector<KeptSpan>* kept);
  // The sums of a place in `room`, or where they are kept.
  SpanSums& SumUpPlace(uint32_t place, std::span<const CellPart<SpanCell>> run,
                       std::vector<KeptSpan>* kept, SpanSums& room);
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

  // A row of the KPI that was selected.
  ReportRow NewRow(const Window& window, uint32_t place) const;
  // Adds it to `rows`, as long as any are left.
  void Push(ReportRow row, std::vector<ReportRow>& rows);
  // The same of a new one; what is done to it matters only if it was added.
  ReportRow& AddRow(const Window& window, uint32_t place,
                    std::vector<ReportRow>& rows);
  // May so many be there, and one more?
  bool HasRoom(size_t rows) {
    if (rows < rows_left_) [[likely]] {
      return true;
    }
    too_many_ = true;
    return false;
  }
  // Says of what window and group a row is.
  void Place(const Window& window, uint32_t place, ReportRow& row) const;
  int64_t AsOf(const Window& window) const;

  const RowSources& sources_;
  const Query& query_;
  Window all_;
  std::vector<std::unique_ptr<Groups>> groupings_;  // asked for so far
  Groups* groups_ = nullptr;                        // whose rows are made
  ReportRow begun_;  // what the rows of a KPI have in common
  size_t rows_left_;
  bool too_many_ = false;
  ReportRow not_added_;
  // The latest span measure: KPIs that say different things of one measure
  // come one after the other.
  int span_measure_ = -1;
  const Groups* span_groups_ = nullptr;
  Collected<SpanCell> spans_;
  std::vector<SpanWindow> span_windows_;
  std::deque<SpanSums> span_sums_;  // those that are not kept
  DurationUnion durations_;
  // What is held of what is kept.
  std::vector<std::pair<const void*, Claim>> held_;
};

template <typename F>
SharedList<Figure> RowBuilder::FiguresOf(PlaceFigures* kept, uint32_t place,
                                         size_t number,
                                         const std::array<int64_t, 6>& of,
                                         size_t size, F write) const {
  if (kept == nullptr || place >= kept->size()) {
    SharedList<Figure> figures;
    WriteFigures(figures, size, write);
    return figures;
  }
  std::vector<KeptFigures>& rows = (*kept)[place];
  if (number >= rows.size()) rows.resize(number + 1);
  KeptFigures& row = rows[number];
  if (row.figures.empty() || row.of != of) {
    WriteFigures(row.figures, size, write);
    row.of = of;
  }
  return row.figures;
}

template <typename F>
SharedList<Figure> RowBuilder::FiguresAnew(PlaceFigures* kept, uint32_t place,
                                           size_t size, F write) const {
  if (kept != nullptr && place < kept->size()) {
    std::vector<KeptFigures>& rows = (*kept)[place];
    if (rows.empty()) rows.resize(1);
    WriteFigures(rows.front().figures, size, write);
    return rows.front().figures;
  }
  SharedList<Figure> figures;
  WriteFigures(figures, size, write);
  return figures;
}

template <typename Cell, typename F>
void RowBuilder::ForEachWanted(Collected<Cell>& collected, F f) const {
  Collected<CounterCell> none;
  ForEachWanted(collected, none,
                [&f](const Window& window, uint32_t place, const Cell& cell,
                     const CounterCell&) { f(window, place, cell); });
}

template <typename Cell, typename Other, typename F>
void RowBuilder::ForEachWanted(Collected<Cell>& collected,
                               Collected<Other>& others, F f) const {
  auto one = collected.windows.begin();
  auto other = others.windows.begin();
  while (one != collected.windows.end() || other != others.windows.end()) {
    const bool has_one =
        one != collected.windows.end() &&
        (other == others.windows.end() || one->first <= other->first);
    const bool has_other =
        other != others.windows.end() &&
        (one == collected.windows.end() || other->first <= one->first);
    const Window window = WindowAt(has_one ? one->first : other->first);
    if (Wanted(window)) {
      ForEachPlace<Cell, Other>(
          has_one ? &one->second : nullptr,
          has_other ? &other->second : nullptr, groups_->size(),
          [&](uint32_t place, const Cell& a, const Other& b) {
            f(window, place, a, b);
          });
    }
    if (has_one) ++one;
    if (has_other) ++other;
  }
}

template <typename Cell, typename F>
void RowBuilder::ForEachWindow(Collected<Cell>& collected, F emit) const {
  const auto parts_at = [&](int64_t begin_us) {
    const auto found = collected.windows.find(begin_us);
    return found == collected.windows.end() ? nullptr : &found->second;
  };
  if (query_.window.has_value() || query_.every == Frequency::kAll) {
    if (query_.window.has_value() || !collected.windows.empty()) {
      if (Wanted(all_)) emit(all_, parts_at(all_.begin_us));
    }
    return;
  }
  Window window = WindowAt(sources_.first_us);
  Window last = WindowAt(sources_.now_us);
  if (!collected.windows.empty()) {
    if (collected.windows.begin()->first < window.begin_us) {
      window = WindowAt(collected.windows.begin()->first);
    }
    if (collected.windows.rbegin()->first > last.begin_us) {
      last = WindowAt(collected.windows.rbegin()->first);
    }
  }
  // What came before is in collected.before.
  if (query_.begin_us != kNoTime && window.end_us <= query_.begin_us) {
    window = WindowAt(query_.begin_us);
  }
  while (window.begin_us <= last.begin_us && Wanted(window)) {
    emit(window, parts_at(window.begin_us));
    window =
        NextWindow(window, query_.every, *sources_.zone, sources_.week_start);
    if (window.end_us <= window.begin_us) break;
  }
}

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_ROW_BUILDER_H_
