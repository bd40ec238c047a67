// RuleReader: the numbers that rules watch, from one tick to the next.
//
// What the rules of one KPI, window, grouping and scope share is one query.
// Each group of a query has a place, which it keeps; a look at an engine reads
// every query and says at which places something has changed since the look
// before. Plain sums (means, counts, ratios of deadlines, the backlog) are read
// straight from the cells, without rows and texts; everything else from rows.

#ifndef CCKPI_SRC_ENGINE_RULE_READER_H_
#define CCKPI_SRC_ENGINE_RULE_READER_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/status.h"
#include "cckpi/base/hash_map.h"
#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/kpi/config.h"
#include "cckpi/scaling/evaluator.h"
#include "src/engine/engine_view.h"

namespace cckpi {

// What one group reads. Without a row there is nothing in the window.
struct RuleReading {
  std::optional<ExactValue> value;
  int64_t n = 0;
  bool row = false;

  bool operator==(const RuleReading&) const = default;
};

class RuleReader {
 public:
  RuleReader() = default;
  RuleReader(Zone zone, absl::Weekday week_start)
      : zone_(std::move(zone)), week_start_(week_start) {}

  // The query of a rule over a rolling window, or a calendar window.
  size_t AddQuery(const ScalingRule& rule, int64_t window_us,
                  std::optional<Frequency> calendar);
  // Its window at a tick: whole buckets.
  Window WindowAt(size_t query, int64_t now_us) const;

  // Reads all queries. True: everything is new, as nothing of the look before
  // counts any more. Errors as Engine::Ask; then nothing counts.
  absl::StatusOr<bool> Look(const Engine& engine, const EngineView& view,
                            int64_t now_us);
  // The next look reads everything anew.
  void Reset() { identity_ = nullptr; }

  // By place; those that changed at the last look; is there any row?
  const std::vector<RuleReading>& readings(size_t query) const {
    return queries_[query].readings;
  }
  const std::vector<size_t>& changed(size_t query) const {
    return queries_[query].changed;
  }
  bool has_rows(size_t query) const { return queries_[query].rows > 0; }
  const GroupLabels& Labels(size_t query, size_t place) const {
    return tables_[queries_[query].table].labels[place];
  }

 private:
  // The integers behind a reading. What they are, ReadSums says.
  struct Sums {
    absl::int128 sum = 0;
    int64_t n = 0;
    int64_t part = 0;
    int64_t open = 0;
    int64_t other = 0;

    bool operator==(const Sums&) const = default;
  };
  // The groups of a grouping in a scope.
  struct Table {
    GroupBy by;
    std::map<std::string, std::string> scope;
    std::vector<uint8_t> slots;
    std::vector<ScopeCondition> conditions;
    size_t grouping = 0;             // the kept grouping that is read
    std::vector<size_t> projection;  // positions of slots in its values
    HashMap<Combination, size_t> places;
    std::vector<GroupLabels> labels;  // by place
    // By group: 2 + its place, 1: not in scope, 0: not known.
    std::vector<uint32_t> place_of;
  };
  struct OneQuery {
    std::string kpi;
    size_t table = 0;
    int64_t window_us = 0;
    std::optional<Frequency> calendar;
    std::vector<size_t> kpis;  // into the plan
    std::vector<Sums> sums;    // by place, where they are read
    std::vector<RuleReading> readings;
    std::vector<size_t> changed;
    size_t rows = 0;
  };

  absl::Status Prepare(const Engine& engine, const EngineView& view);
  absl::Status PrepareTable(const EngineView& view, Table& table);
  size_t PlaceOf(const EngineView& view, const Combination& values,
                 Table& table);
  uint32_t Known(const EngineView& view, GroupId group, Table& table);
  // Calls f(the sums of its group's place, cell) for cells in the window, or
  // for all there are.
  enum class Reach : uint8_t { kWindow, kEverything };
  template <typename Cell, typename F>
  void AddUp(const EngineView& view, const Window& window, Reach reach,
             const CellStore<Cell>& committed, const CellStore<Cell>* pending,
             Table& table, F f);
  void ReadSums(const EngineView& view, const Window& window,
                const KpiPlan& kpi, Table& table);
  void TakeSums(const KpiPlan& kpi, OneQuery& query);
  absl::Status ReadRows(const EngineView& view, const Window& window,
                        OneQuery& query);
  void Take(size_t place, const RuleReading& reading, OneQuery& query);

  Zone zone_;
  absl::Weekday week_start_ = absl::Weekday::monday;
  std::vector<Table> tables_;
  std::vector<OneQuery> queries_;
  std::shared_ptr<const char> identity_;
  std::vector<Sums> scratch_;  // by place
};

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_RULE_READER_H_
