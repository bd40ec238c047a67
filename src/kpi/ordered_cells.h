// OrderedCells: the cells of a store as a snapshot has them
// (docs/snapshot-format.md): one for each (bucket, place of its group), in
// order, without those that say nothing.
//
// How a store keeps cells depends on how they came: in runs or one by one, or
// several of one (bucket, group). Here equal stores give equal lists: FindRuns
// makes a run of whatever stays the same for long, and of nothing else.

#ifndef CCKPI_SRC_KPI_ORDERED_CELLS_H_
#define CCKPI_SRC_KPI_ORDERED_CELLS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <list>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "src/kpi/cell_store.h"
#include "src/timeline/dimensions.h"

namespace cckpi {

template <typename Cell>
class OrderedCells {
 public:
  struct Alone {
    uint32_t place;
    int32_t bucket;
    const Cell* cell;
  };
  // The same in each of these buckets, not in the one before or behind them.
  struct Run {
    int32_t first;
    int32_t last;
    uint32_t place;
    const Cell* cell;
  };
  using IsEmpty = bool (*)(const Cell&);

  // Borrows the cells of the store, of which those of runs are left out until
  // they are found; `place_of` is by group.
  OrderedCells(const CellStore<Cell>& store,
               const std::vector<uint32_t>& place_of, IsEmpty is_empty)
      : store_(store), place_of_(place_of), is_empty_(is_empty) {
    alone_.reserve(store.given());
    // Buckets come in order, the groups of each do not.
    size_t sorted = 0;
    store.ForEachAlone(
        kFirst, kLast, [&](int32_t bucket, GroupId group, const Cell& cell) {
          if (is_empty_(cell)) return;
          if (!alone_.empty() && alone_.back().bucket != bucket) {
            sorted = OrderBucket(sorted);
          }
          alone_.push_back({PlaceOf(group), bucket, &cell});
        });
    OrderBucket(sorted);
  }
  OrderedCells(const OrderedCells&) = delete;
  OrderedCells& operator=(const OrderedCells&) = delete;

  // What is the same for more than `long_run` > 0 buckets in a row is in runs()
  // from then on, all else in alone(). Takes a step, of the logarithm of the
  // number of runs, for each cell that the store has; and fewer where a group
  // has nothing of the kind.
  void FindRuns(int32_t long_run = kLongRun);

  // By bucket, then by place.
  const std::vector<Alone>& alone() const { return alone_; }
  // By first bucket, then by place.
  const std::vector<Run>& runs() const { return runs_; }

 private:
  static constexpr int32_t kFirst = std::numeric_limits<int32_t>::min();
  static constexpr int32_t kLast = std::numeric_limits<int32_t>::max();

  class Cutter;

  uint32_t PlaceOf(GroupId group) const {
    return place_of_[static_cast<size_t>(group)];
  }
  static bool IsBefore(const Alone& a, const Alone& b) {
    return std::tie(a.bucket, a.place) < std::tie(b.bucket, b.place);
  }
  size_t OrderBucket(size_t begin);
  std::vector<bool> MayHaveRuns(int32_t long_run) const;

  const CellStore<Cell>& store_;
  const std::vector<uint32_t>& place_of_;
  IsEmpty is_empty_;
  std::vector<Alone> alone_;
  std::vector<Run> runs_;
  std::list<Cell> merged_;
};

// Puts the cells from `begin` on in order; several of one group are one, or
// none if together they say nothing. Gives where the next ones begin.
template <typename Cell>
size_t OrderedCells<Cell>::OrderBucket(size_t begin) {
  std::sort(alone_.begin() + static_cast<std::ptrdiff_t>(begin), alone_.end(),
            [](const Alone& a, const Alone& b) { return a.place < b.place; });
  size_t end = begin;
  for (size_t n = begin; n < alone_.size();) {
    Alone one = alone_[n];
    Cell* sum = nullptr;
    for (++n; n < alone_.size() && alone_[n].place == one.place; ++n) {
      if (sum == nullptr) one.cell = sum = &merged_.emplace_back(*one.cell);
      sum->Merge(*alone_[n].cell);
    }
    if (sum == nullptr || !is_empty_(*sum)) alone_[end++] = one;
  }
  alone_.resize(end);
  return end;
}

// By place. What is the same for so long is so in a multiple of the stride and
// in the bucket behind it.
template <typename Cell>
std::vector<bool> OrderedCells<Cell>::MayHaveRuns(int32_t long_run) const {
  const int32_t stride = std::max(1, long_run / 4);
  std::vector<bool> may(place_of_.size() + 1);
  std::vector<const Alone*> before(may.size());
  for (const Alone& cell : alone_) {
    const Alone* const last = before[cell.place];
    if ((cell.bucket - 1) % stride == 0 && last != nullptr &&
        last->bucket == cell.bucket - 1 && *last->cell == *cell.cell) {
      may[cell.place] = true;
    }
    if (cell.bucket % stride == 0) before[cell.place] = &cell;
  }
  return may;
}

// Cuts the cells and runs of one place where they begin and end, and makes one
// of what is the same.
template <typename Cell>
class OrderedCells<Cell>::Cutter {
 public:
  Cutter(OrderedCells* cells, int32_t long_run)
      : cells_(*cells), long_run_(long_run) {}

  // `cells` are in order of buckets.
  void Cut(std::vector<Alone> cells, const std::vector<Run>& runs,
           uint32_t place) {
    place_ = place;
    own_ = std::move(cells);
    next_ = 0;
    // Buckets where a run begins or the last one has ended.
    std::vector<int64_t> edges = {kFirst, int64_t{kLast} + 1};
    for (const Run& run : runs) {
      edges.push_back(run.first);
      edges.push_back(int64_t{run.last} + 1);
    }
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    std::vector<const Run*> all;
    for (const Run& run : runs) all.push_back(&run);
    Cover(edges, 0, edges.size() - 1, all, nullptr);
    Flush();
  }

  std::vector<Alone>& found() { return found_; }

 private:
  // Between two edges; `below` is what runs around all of it come to.
  void Cover(const std::vector<int64_t>& edges, size_t begin, size_t end,
             const std::vector<const Run*>& runs, const Cell* below) {
    std::vector<const Run*> inside;
    Cell* sum = nullptr;
    for (const Run* run : runs) {
      if (run->first > edges[begin] || run->last < edges[end] - 1) {
        inside.push_back(run);
        continue;
      }
      if (sum == nullptr) {
        sum = &cells_.merged_.emplace_back();
        if (below != nullptr) *sum = *below;
      }
      sum->Merge(*run->cell);
    }
    if (sum != nullptr) below = sum;
    if (end - begin == 1) return Walk(edges[begin], edges[end], below);
    const size_t middle = begin + (end - begin) / 2;
    std::vector<const Run*> part;
    for (const Run* run : inside) {
      if (run->first < edges[middle]) part.push_back(run);
    }
    Cover(edges, begin, middle, part, below);
    part.clear();
    for (const Run* run : inside) {
      if (run->last >= edges[middle]) part.push_back(run);
    }
    Cover(edges, middle, end, part, below);
  }

  // Buckets in which `below`, if any, is beside the place's own cells.
  void Walk(int64_t begin, int64_t end, const Cell* below) {
    for (; next_ < own_.size() && own_[next_].bucket < end; ++next_) {
      const Alone& own = own_[next_];
      if (below == nullptr) {
        Add(own.bucket, own.bucket, own.cell);
        continue;
      }
      if (begin < own.bucket) Add(begin, own.bucket - 1, below);
      Cell& both = cells_.merged_.emplace_back(*below);
      both.Merge(*own.cell);
      Add(own.bucket, own.bucket, &both);
      begin = int64_t{own.bucket} + 1;
    }
    if (below != nullptr && begin < end) Add(begin, end - 1, below);
  }

  void Add(int64_t first, int64_t last, const Cell* cell) {
    if (cells_.is_empty_(*cell)) return;
    if (same_.cell != nullptr && int64_t{same_.last} + 1 == first &&
        (same_.cell == cell || *same_.cell == *cell)) {
      same_.last = static_cast<int32_t>(last);
      return;
    }
    Flush();
    same_ = {static_cast<int32_t>(first), static_cast<int32_t>(last), place_,
             cell};
  }

  void Flush() {
    if (same_.cell == nullptr) return;
    if (int64_t{same_.last} - same_.first >= long_run_) {
      cells_.runs_.push_back(same_);
    } else {
      for (int32_t bucket = same_.first; bucket <= same_.last; ++bucket) {
        found_.push_back({place_, bucket, same_.cell});
      }
    }
    same_.cell = nullptr;
  }

  OrderedCells& cells_;
  const int32_t long_run_;
  uint32_t place_ = 0;
  std::vector<Alone> own_;
  size_t next_ = 0;  // of them
  Run same_ = {0, 0, 0, nullptr};
  std::vector<Alone> found_;
};

template <typename Cell>
void OrderedCells<Cell>::FindRuns(int32_t long_run) {
  std::vector<bool> may = MayHaveRuns(long_run);
  std::map<uint32_t, std::pair<std::vector<Alone>, std::vector<Run>>> parts;
  store_.ForEachRun(
      kFirst, kLast,
      [&](int32_t first, int32_t last, GroupId group, const Cell& cell) {
        const uint32_t place = PlaceOf(group);
        may[place] = true;
        parts[place].second.push_back({first, last, place, &cell});
      });
  std::erase_if(alone_, [&](const Alone& cell) {
    if (!may[cell.place]) return false;
    parts[cell.place].first.push_back(cell);
    return true;
  });
  if (parts.empty()) return;
  Cutter cutter(this, long_run);
  for (auto& [place, part] : parts) {
    cutter.Cut(std::move(part.first), part.second, place);
  }
  std::vector<Alone>& found = cutter.found();
  std::sort(found.begin(), found.end(), IsBefore);
  std::vector<Alone> all;
  all.reserve(alone_.size() + found.size());
  std::merge(alone_.begin(), alone_.end(), found.begin(), found.end(),
             std::back_inserter(all), IsBefore);
  alone_ = std::move(all);
  std::sort(runs_.begin(), runs_.end(), [](const Run& a, const Run& b) {
    return std::tie(a.first, a.place) < std::tie(b.first, b.place);
  });
}

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_ORDERED_CELLS_H_
