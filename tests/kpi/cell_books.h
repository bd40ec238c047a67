// What the tests of CellStore have in common: days of ten buckets, two
// groupings, and what to book and to look up.

#ifndef CCKPI_TESTS_KPI_CELL_BOOKS_H_
#define CCKPI_TESTS_KPI_CELL_BOOKS_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>

#include "src/kpi/cell_store.h"
#include "src/kpi/cells.h"

namespace cckpi {

inline constexpr int32_t kLast = std::numeric_limits<int32_t>::max();
inline constexpr int32_t kFirst = std::numeric_limits<int32_t>::min();

inline GroupId Group(uint32_t number) { return static_cast<GroupId>(number); }

// Days of ten buckets.
inline std::pair<int32_t, int32_t> DayOf(int32_t bucket) {
  int32_t first = bucket / 10 * 10;
  return {first, first + 9};
}

// Groups of odd numbers are of grouping 1.
inline size_t GroupingOf(GroupId group) {
  return static_cast<size_t>(group) % 2;
}

// Where nothing is booked as a run.
inline constexpr auto kNoRun = [](int32_t, int32_t, GroupId, const auto&) {
  ADD_FAILURE() << "a run";
};

inline constexpr size_t kNoTotal = CellStore<CounterCell>::Rolled::kNoTotal;

// All that is in the groups of a grouping, whose total is kept.
template <typename Cell>
Cell TotalOf(const CellStore<Cell>& store, size_t grouping) {
  Cell total;
  store.ForAllTimeOf(
      grouping,
      [&](int32_t, const Cell& cell, const CellIndex<Cell>*, uint64_t) {
        total.Merge(cell);
      },
      [&](int32_t, GroupId group, const Cell& cell) {
        if (GroupingOf(group) == grouping) total.Merge(cell);
      },
      [&](int32_t first, int32_t last, GroupId group, const Cell& cell) {
        for (int32_t b = first; b <= last; ++b) {
          if (GroupingOf(group) == grouping) total.Merge(cell);
        }
      });
  return total;
}

inline void Book(CellStore<CounterCell>& store, int32_t bucket, uint32_t group,
                 int64_t count) {
  store.Change(bucket, Group(group),
               [count](CounterCell& cell) { cell.count += count; });
}

inline std::map<std::pair<int32_t, uint32_t>, int64_t> Days(
    const CellStore<CounterCell>& store, int32_t first, int32_t last) {
  std::map<std::pair<int32_t, uint32_t>, int64_t> days;
  store.ForDays(
      first, last,
      [&](int32_t bucket, GroupId group, const CounterCell& cell) {
        days[{DayOf(bucket).first, static_cast<uint32_t>(group)}] += cell.count;
      },
      [&](int32_t begin, int32_t end, GroupId group, const CounterCell& cell) {
        for (int32_t b = begin; b <= end; ++b) {
          days[{DayOf(b).first, static_cast<uint32_t>(group)}] += cell.count;
        }
      });
  return days;
}

inline int64_t AllTime(const CellStore<CounterCell>& store) {
  int64_t count = 0;
  store.ForAllTime(
      [&](int32_t, GroupId, const CounterCell& cell) { count += cell.count; },
      [&](int32_t first, int32_t last, GroupId, const CounterCell& cell) {
        count += (last - first + 1) * cell.count;
      });
  return count;
}

// The groups of the other store are ten further on here.
inline void TakeFrom(CellStore<CounterCell>& store,
                     CellStore<CounterCell>& other) {
  store.TakeFrom(other, [](GroupId group) {
    return Group(static_cast<uint32_t>(group) + 10);
  });
}

}  // namespace cckpi

#endif  // CCKPI_TESTS_KPI_CELL_BOOKS_H_
