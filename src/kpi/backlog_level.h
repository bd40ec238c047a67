// BacklogLevel: what is open of a group, and how old it is.

#ifndef CCKPI_SRC_KPI_BACKLOG_LEVEL_H_
#define CCKPI_SRC_KPI_BACKLOG_LEVEL_H_

#include <array>
#include <cstdint>
#include <optional>

#include "cckpi/kpi/kpi_spec.h"
#include "cckpi/kpi/report.h"
#include "src/kpi/cells.h"
#include "src/timeline/timeline_state.h"

namespace cckpi {

struct BacklogLevel {
  // Adds what a cell has changed, or takes it back. The list of one index that
  // is added stays where it is instead of being copied.
  void Add(const BacklogCell& cell, const BacklogCell::Index* index,
           int64_t sign);

  // How many are open.
  int64_t count() const;

  std::array<int64_t, kPhaseCount> phases = {};
  int64_t open_waits = 0;
  // The entries of what is open: those of a cell that has an index, and what is
  // to be added to them, in any order.
  const BacklogCell::Index* base = nullptr;
  EntryList changes;
};

// The ages of what is open. None of nothing.
struct BacklogAges {
  std::optional<int64_t> oldest_us, mean_us, p50_us, p90_us;
  std::optional<int64_t> chosen_us;  // the percentile that was asked for
};

// At `at_us`, on the calendar, or by the opening hours that each entry is
// under.
BacklogAges AgesOf(BacklogLevel& level, int64_t at_us, int64_t ppm,
                   const ScheduleTable* hours);

// Figures of the ages on both clocks, where there are opening hours, and the
// value.
void SetBacklogAges(const KpiSpec& spec, BacklogLevel& level, int64_t at_us,
                    const ScheduleTable& schedules, ReportRow& row);

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_BACKLOG_LEVEL_H_
