// BacklogLevel: what is open of a group, and how old it is.

#ifndef CCKPI_SRC_KPI_BACKLOG_LEVEL_H_
#define CCKPI_SRC_KPI_BACKLOG_LEVEL_H_

#include <array>
#include <cstdint>
#include <optional>

#include "absl/numeric/int128.h"
#include "cckpi/kpi/kpi_spec.h"
#include "src/kpi/cells.h"
#include "src/timeline/timeline_state.h"

namespace cckpi {

struct BacklogLevel {
  // Adds what a cell has changed, or takes it back. One index that is added
  // stays where it is instead of being copied.
  void Add(const BacklogCell& cell, const BacklogCell::Index* index,
           int64_t sign);

  // How many are open.
  int64_t count() const;

  std::array<int64_t, kPhaseCount> phases = {};
  int64_t open_waits = 0;
  // The entries of what is open: those of a cell that has an index, and what is
  // to be added to them, in any order.
  const BacklogCell::Index* indexed = nullptr;
  EntryList changes;
};

// The ages of what is open. None of nothing.
struct BacklogAges {
  std::optional<int64_t> oldest_us, mean_us, p50_us, p90_us;
  std::optional<int64_t> chosen_us;  // the percentile that was asked for
};

// When those entered whose ages are said, of `count` that are open. From it
// ages on the calendar follow at any instant after the last entry.
struct BacklogInstants {
  int64_t count = 0;
  int64_t first_us = 0;
  int64_t p50_us = 0;
  int64_t p90_us = 0;
  int64_t chosen_us = 0;        // the percentile that was asked for
  absl::int128 entered_us = 0;  // the sum of `entries`
  int64_t entries = 0;
  int64_t last_us = 0;  // none entered later
};

// What a question of all time leaves of a group: the instants, and the changes
// of the index of that version that they follow from.
struct KeptBacklog {
  uint64_t version = 0;  // 0: nothing is kept
  EntryList changes;     // as they were added
  BacklogInstants instants;
};

// At `at_us`, on the calendar, or by the opening hours that each entry is
// under. On the calendar what is `kept` is made use of, if it is of `version`,
// and brought up to date; it is always of one `ppm`.
BacklogAges AgesOf(BacklogLevel& level, int64_t at_us, int64_t ppm,
                   const ScheduleTable* hours, KeptBacklog* kept = nullptr,
                   uint64_t version = 0);

// The value of a row; `shown` is on the clock of the KPI.
std::optional<double> ValueOfBacklog(const KpiSpec& spec,
                                     const BacklogLevel& level,
                                     const BacklogAges& shown);

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_BACKLOG_LEVEL_H_
