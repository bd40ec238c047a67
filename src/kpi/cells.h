// Cells: what is kept for one measure in one bucket and one group.
//
// Everything in a cell is an integer and merges by addition (extremes by
// minimum and maximum), so partial results may be merged in any order.

#ifndef CCKPI_SRC_KPI_CELLS_H_
#define CCKPI_SRC_KPI_CELLS_H_

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "cckpi/base/hash_map.h"
#include "cckpi/stats/duration_accumulator.h"
#include "cckpi/timeline/agent_time.h"
#include "cckpi/timeline/definitions.h"
#include "src/kpi/backlog_entries.h"
#include "src/kpi/cell_store.h"
#include "src/stats/duration_union.h"

namespace cckpi {

struct SpanCell {
  struct Merger {
    void operator()(SpanCell& to, std::span<const SpanCell* const> from);

    DurationUnion durations;
  };
  struct Index {
    void Make(const SpanCell& cell) { bins.Make(cell.duration.histogram()); }
    void Merge(SpanCell& cell, std::span<const SpanCell* const> parts,
               Merger& merge) {
      // One after the other, where the index finds their bins.
      constexpr size_t kFew = 4;
      while (!parts.empty() && parts.size() <= kFew &&
             bins.MergeInto(cell.duration, parts.front()->duration)) {
        cell.AddCounts(*parts.front());
        parts = parts.subspan(1);
      }
      if (!parts.empty()) {
        merge(cell, parts);
        Add(cell, parts);
      } else if (bins.IsFarFrom(cell.duration.histogram())) {
        Make(cell);
      }
    }
    // Asks the memory for what Merge will read, in this order.
    void PrefetchMarks(const SpanCell& part) const {
      const Histogram& histogram = part.duration.histogram();
      if (!histogram.empty()) bins.PrefetchMarks(histogram.entry(0).bin);
    }
    void PrefetchBins(const SpanCell& cell, const SpanCell& part) const {
      const Histogram& histogram = part.duration.histogram();
      if (histogram.empty()) return;
      bins.PrefetchBins(cell.duration.histogram(), histogram.entry(0).bin);
    }
    void Add(const SpanCell& cell, std::span<const SpanCell* const> parts) {
      for (const SpanCell* part : parts) {
        if (!bins.Add(part->duration.histogram())) return Make(cell);
      }
      if (bins.IsFarFrom(cell.duration.histogram())) Make(cell);
    }
    void Clear() { bins.Clear(); }
    size_t heap_bytes() const { return bins.heap_bytes(); }

    HistogramIndex bins;
  };

  DurationAccumulator duration;
  int64_t open = 0;
  int64_t voided = 0;
  int64_t within = 0;
  int64_t sliced = 0;            // handle time that falls into the bucket
  absl::int128 open_starts = 0;  // sum of the starts of what is open

  void Merge(const SpanCell& other) {
    duration.Merge(other.duration);
    AddCounts(other);
  }
  // All but the durations.
  void AddCounts(const SpanCell& other) {
    open += other.open;
    voided += other.voided;
    within += other.within;
    sliced += other.sliced;
    open_starts += other.open_starts;
  }

  friend bool operator==(const SpanCell&, const SpanCell&) = default;
};
static_assert(sizeof(SpanCell) == 128);

struct DeadlineCell {
  int64_t met = 0;
  int64_t late_answered = 0;
  int64_t overdue = 0;
  int64_t voided = 0;
  int64_t pending = 0;

  void Merge(const DeadlineCell& other) {
    met += other.met;
    late_answered += other.late_answered;
    overdue += other.overdue;
    voided += other.voided;
    pending += other.pending;
  }
};

struct CounterCell {
  int64_t count = 0;

  void Merge(const CounterCell& other) { count += other.count; }
};

// Puts them in order, each once, without those whose counts cancel; none counts
// 0. Returns how many of the first ones are as they were.
size_t AddUpEntries(EntryList& entries);

struct BacklogCell {
  struct Merger {
    void operator()(BacklogCell& to, std::span<const BacklogCell* const> from);

    EntryList list;
  };
  // The entries in one piece, with sums, and what has changed since it was
  // made. Of a cell that has none, or takes some out that others put in, it
  // knows nothing: `base` is empty.
  struct Index {
    // Entries in order, with sums.
    struct Counted {
      // Those before `first` are as they were the last time.
      void SumUp(size_t first);
      void Clear();
      // How many the first `n` entries count, and all of them.
      int64_t Count(size_t n) const { return n == 0 ? 0 : counts[n - 1]; }
      int64_t Count() const { return Count(counts.size()); }
      size_t heap_bytes() const {
        return list.capacity() * sizeof(EntryList::value_type) +
               counts.capacity() * sizeof(int64_t);
      }

      EntryList list;
      std::vector<int64_t> counts;  // of each entry and those before it
      absl::int128 entered_us = 0;  // the sum of when they entered
    };
    void Make(const BacklogCell& cell);
    void Merge(BacklogCell& cell, std::span<const BacklogCell* const> parts,
               Merger& merge) {
      merge(cell, parts);
      Add(cell, parts);
    }
    void PrefetchMarks(const BacklogCell&) const {}
    void PrefetchBins(const BacklogCell&, const BacklogCell&) const {}
    void Add(const BacklogCell& cell,
             std::span<const BacklogCell* const> parts);
    void Clear();
    // How many of a list are less than an entry, which the first `least` are.
    static size_t PlaceIn(const EntryList& list, const BacklogEntry& entry,
                          size_t least);
    size_t heap_bytes() const {
      return base.heap_bytes() + since.heap_bytes() +
             places.capacity() * sizeof(uint32_t);
    }

    Counted base;
    Counted since;                 // what is to be added
    std::vector<uint32_t> places;  // of the entries of `since`, in `base`
  };

  std::array<int64_t, kPhaseCount> phases = {};  // changes of the level
  int64_t open_waits = 0;                        // change of the level
  int64_t opened = 0;
  int64_t closed = 0;
  // Change of the set of entries that are open. What enters and leaves inside
  // one cell leaves nothing behind.
  BacklogEntries entries;

  void Merge(const BacklogCell& other) {
    AddCounts(other);
    entries.Merge(other.entries);
  }
  // All but the entries.
  void AddCounts(const BacklogCell& other) {
    for (size_t p = 0; p < phases.size(); ++p) phases[p] += other.phases[p];
    open_waits += other.open_waits;
    opened += other.opened;
    closed += other.closed;
  }
};

struct ContactCell {
  int64_t pending = 0;
  int64_t yes = 0;
  int64_t no = 0;
  int64_t unanswered = 0;

  void Merge(const ContactCell& other) {
    pending += other.pending;
    yes += other.yes;
    no += other.no;
    unanswered += other.unanswered;
  }
};

struct BotCell {
  std::array<int64_t, 6> outcomes = {};  // by BotOutcome

  void Merge(const BotCell& other) {
    for (size_t o = 0; o < outcomes.size(); ++o) {
      outcomes[o] += other.outcomes[o];
    }
  }
};

struct ReviewCell {
  int64_t reviewed = 0;
  int64_t without_errors = 0;

  void Merge(const ReviewCell& other) {
    reviewed += other.reviewed;
    without_errors += other.without_errors;
  }
};

struct SurveyCell {
  int64_t count = 0;
  int64_t top_box = 0;
  absl::int128 sum_micro = 0;

  void Merge(const SurveyCell& other) {
    count += other.count;
    top_box += other.top_box;
    sum_micro += other.sum_micro;
  }
};

// Says F(kind) for each kind of cell.
// clang-format off
#define CCKPI_FOR_EACH_KIND_OF_CELL(F)                         \
  F(SpanCell) F(DeadlineCell) F(CounterCell) F(BacklogCell)    \
  F(ContactCell) F(BotCell) F(ReviewCell) F(SurveyCell)        \
  F(AgentTimeCell)
// clang-format on

// Compiled in cells.cc, once for all who include this.
#define CCKPI_COMPILED_ELSEWHERE(Cell)     \
  extern template class RolledCells<Cell>; \
  extern template class CellStore<Cell>;
CCKPI_FOR_EACH_KIND_OF_CELL(CCKPI_COMPILED_ELSEWHERE)
#undef CCKPI_COMPILED_ELSEWHERE

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_CELLS_H_
