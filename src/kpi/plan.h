// Plan: the configured KPIs, compiled.
//
// Each KPI reads one or two measures; a measure is a series of cells that the
// observer books into. KPIs that differ only in what they say of the same
// observations share a measure, and what no KPI reads is not kept.

#ifndef CCKPI_SRC_KPI_PLAN_H_
#define CCKPI_SRC_KPI_PLAN_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/formula.h"
#include "cckpi/kpi/kpi_spec.h"
#include "src/timeline/observer.h"
#include "src/timeline/timeline_plan.h"

namespace cckpi {

struct SpanMeasure {
  SpanKind kind = SpanKind::kWait;
  uint8_t clock = 0;
  bool at_start = false;  // booked at the start, else at the end
  bool by_human = true;   // of waits
  bool by_bot = true;
  bool skip_first = false;
  int pool = -1;           // the means of a pool instead of a span
  int64_t within_us = -1;  // counted exactly; -1: not

  bool operator==(const SpanMeasure&) const = default;
};

struct DeadlineMeasure {
  int tracker = 0;
  bool at_deadline = false;  // booked at the deadline, else at the start

  bool operator==(const DeadlineMeasure&) const = default;
};

struct HandleMeasure {
  Allocation allocation = Allocation::kElapsed;
  Load load = Load::kAgentTurn;
  int64_t within_us = -1;  // counted exactly; -1: not

  bool operator==(const HandleMeasure&) const = default;
};

struct ReviewMeasure {
  std::vector<std::string> severities;  // sorted; empty: all

  bool operator==(const ReviewMeasure&) const = default;
};

// One configured KPI and where its numbers are. Which index counts depends on
// the KPI; -1 is unused.
struct KpiPlan {
  KpiSpec spec;
  bool shown = true;  // false: only named by a formula, card, rule, schedule
  int span = -1;
  int deadline = -1;
  int tracker = -1;
  int contact = -1;
  int review = -1;
  int handle = -1;
  int counter = -1;  // into Plan::counters
  int second_counter = -1;
  std::shared_ptr<const Formula> formula;
  struct Operand {
    size_t kpi = 0;      // into Plan::kpis
    std::string figure;  // empty: its value
  };
  std::vector<Operand> operands;
};

struct Plan {
  TimelinePlan timeline;
  std::vector<SpanMeasure> spans;
  std::vector<DeadlineMeasure> deadlines;
  std::vector<ReviewMeasure> reviews;
  std::vector<HandleMeasure> handles;
  std::vector<Counter> counters;                    // the ones that are kept
  std::array<int8_t, kCounterCount> counter_index;  // -1: not kept
  bool keeps_backlog = false;
  bool keeps_bots = false;
  bool keeps_surveys = false;
  bool keeps_forecasts = false;
  bool keeps_agent_time = false;
  bool keeps_slices = false;  // of handle time, by bucket
  // AgentLoadBit bits: loads whose levels cells of agent time keep, and loads
  // that handle time is dealt out over.
  uint8_t kept_levels = 0;
  uint8_t shared_loads = 0;
  std::vector<KpiPlan> kpis;
  // What the names in scorecards, scaling rules and report schedules stand
  // for: indices into kpis.
  std::map<std::string, size_t> named;

  std::vector<GroupBy> groupings;  // those whose cells are kept
  std::vector<GroupBy> reported;   // those a query without `by` reports
  std::vector<std::string> tags;   // by tag slot
  // The slots of each grouping, for the DimensionTable.
  std::vector<std::vector<uint8_t>> slots;

  // InvalidArgument where a KPI asks for what it does not have.
  static absl::StatusOr<Plan> Compile(const Config& config);

  // The slots of `by`. NotFound when it names a dimension or tag that no
  // grouping keeps.
  absl::StatusOr<std::vector<uint8_t>> SlotsOf(const GroupBy& by) const;

  // The smallest kept grouping that has all of `wanted`: what anybody reads who
  // asks by these slots.
  std::optional<size_t> Covering(const std::vector<uint8_t>& wanted) const;
  // Where a slot that it has stands in a kept grouping.
  size_t PositionIn(size_t grouping, uint8_t slot) const;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_PLAN_H_
