// RolledCells: the cells of a measure, summed up by day and for all time.
//
// A CellStore keeps one, so that a query does not have to walk all of history.
// Everything booked before a mark is in it: in the sums of all time, where its
// day was asked for in those of the day, and, where a total was asked for, in
// the sum over all groups of a grouping. What is booked before the mark later
// waits until somebody asks again, and is added to them then.

#ifndef CCKPI_SRC_KPI_ROLLED_CELLS_H_
#define CCKPI_SRC_KPI_ROLLED_CELLS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <limits>
#include <list>
#include <map>
#include <mutex>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "cckpi/base/prefetch.h"
#include "src/timeline/dimensions.h"

namespace cckpi {

// Merges many cells into one that is none of them.
template <typename Cell>
struct PlainMerger {
  void operator()(Cell& to, std::span<const Cell* const> from) {
    for (const Cell* cell : from) to.Merge(*cell);
  }
};

// As many of a cell in one.
template <typename Cell>
Cell Repeated(const Cell& cell, int64_t times) {
  Cell sum;
  for (Cell part = cell;;) {
    if (times % 2 != 0) sum.Merge(part);
    times /= 2;
    if (times == 0) return sum;
    const Cell once = part;
    part.Merge(once);
  }
}

// Stands for the index of cells that have none.
struct NoIndex {};

// A cell may have a Merger of its own, which keeps room for its work, and an
// Index, which is kept beside a sum of all time to read it sooner: Make(cell)
// makes it, Merge(cell, parts, merger) merges parts into the cell and goes on
// following it, Clear() empties it, heap_bytes() is what it takes beside
// itself. PrefetchMarks(part) and, later, PrefetchBins(cell, part) ask the
// memory for what Merge will read.
template <typename Cell>
auto MergerFor() {
  if constexpr (requires { typename Cell::Merger; }) {
    return typename Cell::Merger();
  } else {
    return PlainMerger<Cell>();
  }
}
template <typename Cell>
auto IndexFor() {
  if constexpr (requires { typename Cell::Index; }) {
    return typename Cell::Index();
  } else {
    return NoIndex();
  }
}
template <typename Cell>
using CellMerger = decltype(MergerFor<Cell>());
template <typename Cell>
using CellIndex = decltype(IndexFor<Cell>());

// Both of them and those between; none where the last is before the first.
struct BucketRange {
  int32_t first = 0;
  int32_t last = -1;
};
inline constexpr BucketRange kNoBucket = {};
inline constexpr BucketRange kEveryBucket = {
    std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};

template <typename Cell>
class RolledCells {
 public:
  static constexpr bool kHasIndex = !std::is_same_v<CellIndex<Cell>, NoIndex>;
  static constexpr size_t kNoTotal = std::numeric_limits<size_t>::max();

  // Calls f(bucket, group, cell) for the cells of the buckets in [first, last]
  // but for runs, in order of buckets.
  using EachCell = absl::FunctionRef<void(
      int32_t first, int32_t last,
      absl::FunctionRef<void(int32_t, GroupId, const Cell&)> f)>;
  // Calls f(first, last, group, cell) for what of each run, the same cell in
  // each of its buckets, is in [first, last].
  using EachRun = absl::FunctionRef<void(
      int32_t first, int32_t last,
      absl::FunctionRef<void(int32_t, int32_t, GroupId, const Cell&)> f)>;
  // The buckets [first, last] of a bucket's day.
  using DayOf = absl::FunctionRef<std::pair<int32_t, int32_t>(int32_t bucket)>;
  using GroupingOf = absl::FunctionRef<size_t(GroupId group)>;

  // What is in buckets before it is in the sums of all time.
  int32_t mark() const { return mark_; }
  bool empty() const { return all_.cells.empty(); }
  // None of what is in here is before it.
  int32_t first_bucket() const { return first_bucket_; }

  // The same change as of the cell of (bucket, group), where that is before the
  // mark. It is in the sums from the next RollUp on.
  template <typename F>
  void Change(int32_t bucket, GroupId group, F change) {
    change(LateCell(bucket, group));
  }
  // The same of a run of buckets before the mark.
  template <typename F>
  void ChangeRun(int32_t first, int32_t last, GroupId group, F change) {
    first_bucket_ = std::min(first_bucket_, first);
    Cell cell;
    change(cell);
    late_elsewhere_.At(group).Merge(Repeated(cell, int64_t{last} - first + 1));
  }

  // Starts over: what is here is not known to be right any more.
  void Forget() {
    mark_ = std::numeric_limits<int32_t>::min();
    first_bucket_ = std::numeric_limits<int32_t>::max();
    days_.clear();
    all_ = Sums();
    indexes_.clear();
    outdated_.clear();
    totals_.clear();
    groupings_.clear();
    late_.clear();
    late_elsewhere_ = Sums();
    versions_.clear();
  }

  // Adds the cells up to `mark` and what was changed before it, also to the
  // sums of the days that `days` are in, and from then on keeps the total of
  // grouping `total`, if it is one. Runs are in no sums of days, which would be
  // the same for thousands of them. May be called concurrently, with the same
  // mark.
  void RollUp(int32_t mark, size_t total, const BucketRange& days,
              EachCell each, EachRun each_run, DayOf day_of,
              GroupingOf grouping_of) {
    std::lock_guard<std::mutex> lock(mutex_);
    // What was rolled up in part, because an allocation failed, is not kept.
    struct Attempt {
      RolledCells* rolled;
      ~Attempt() {
        if (rolled != nullptr) rolled->Forget();
      }
    } attempt{this};
    Rolling rolling;
    // Whoever comes second writes nothing that others read already.
    if (mark_ < mark || !late_.empty() || !late_elsewhere_.cells.empty()) {
      AddUpTo(std::max(mark, mark_), each, each_run, rolling);
    }
    AddDays(days, each, day_of, rolling);
    KeepTotals(total, grouping_of, rolling);
    MakeIndexes();
    attempt.rolled = nullptr;
  }

  // Calls f(bucket, group, cell) for the sums of all time; f(bucket, group,
  // cell, index, version), if it takes that. The index is nullptr where cells
  // have none. A sum of the same version is the same as before.
  template <typename F>
  void ForAllTime(F f) const {
    for (size_t c = 0; c < all_.cells.size(); ++c) {
      const auto& [group, cell] = all_.cells[c];
      if constexpr (std::is_invocable_v<F, int32_t, GroupId, const Cell&,
                                        const CellIndex<Cell>*, uint64_t>) {
        const CellIndex<Cell>* index = nullptr;
        if constexpr (kHasIndex) index = &indexes_[c].index;
        f(first_bucket(), group, cell, index, versions_[c]);
      } else {
        f(first_bucket(), group, cell);
      }
    }
  }
  // Calls f(bucket, cell, index, version) for the total of a grouping, which is
  // kept.
  template <typename F>
  void ForTotal(size_t grouping, F f) const {
    if (empty() || grouping >= totals_.size()) return;
    const Total& total = totals_[grouping];
    const CellIndex<Cell>* index = nullptr;
    if constexpr (kHasIndex) index = &total.index;
    f(first_bucket(), total.cell, index, total.version);
  }

  // What all of it takes, a cell heap_of(cell) beside itself.
  template <typename F>
  size_t memory_bytes(F heap_of) const {
    std::lock_guard<std::mutex> lock(mutex_);
    size_t bytes = indexes_.capacity() * sizeof(IndexOfOne) +
                   versions_.capacity() * sizeof(uint64_t) +
                   groupings_.capacity() * sizeof(uint32_t);
    const auto add = [&](const Sums& sums) {
      bytes += sums.places.capacity() * sizeof(uint32_t);
      for (const auto& [group, cell] : sums.cells) {
        bytes += sizeof(std::pair<GroupId, Cell>) + heap_of(cell);
      }
    };
    add(all_);
    add(late_elsewhere_);
    for (const Late& late : late_) add(late.sums);
    for (const auto& [first, day] : days_) {
      // A deque has a chunk from the start.
      constexpr size_t kChunk = 512;
      bytes += sizeof(day) + kChunk;
      add(day.sums);
    }
    for (const Total& total : totals_) {
      bytes += sizeof(total) + heap_of(total.cell);
      if constexpr (kHasIndex) bytes += total.index.heap_bytes();
    }
    if constexpr (kHasIndex) {
      for (const IndexOfOne& one : indexes_) bytes += one.index.heap_bytes();
    }
    return bytes;
  }

  // Calls day(first bucket, group, cell) for the sums of days that are all in
  // [first, last], and other(first, last) for the buckets beside them, in
  // order. What of a day is not in its sums yet, as of that of the mark, is
  // beside them.
  template <typename F, typename G>
  void ForDays(int32_t first, int32_t last, F day, G other) const {
    // Others may be adding days that they have asked for.
    std::lock_guard<std::mutex> lock(mutex_);
    int32_t next = first;  // the first bucket that is not said yet
    for (auto sums = days_.lower_bound(first); sums != days_.end(); ++sums) {
      if (sums->second.mark == sums->first) continue;
      const int32_t covered = sums->second.mark - 1;
      if (covered > last) break;
      if (sums->first > next) other(next, sums->first - 1);
      for (const auto& [group, cell] : sums->second.sums.cells) {
        day(sums->first, group, cell);
      }
      next = covered + 1;
    }
    if (next <= last) other(next, last);
  }

 private:
  // How many groups ahead the memory is asked for what a group needs.
  static constexpr size_t kFarthest = 12;
  static constexpr size_t kFar = 8;
  static constexpr size_t kNear = 4;
  // So many cells are added at once.
  static constexpr size_t kAtOnce = 1 << 16;

  // Cells by group alone.
  struct Sums {
    Cell& At(GroupId group) {
      size_t g = static_cast<size_t>(group);
      if (g >= places.size()) places.resize(g + g / 4 + 16, 0);
      if (places[g] == 0) {
        cells.emplace_back(group, Cell());
        places[g] = static_cast<uint32_t>(cells.size());
      }
      return cells[places[g] - 1].second;
    }
    bool Has(GroupId group) const {
      const size_t g = static_cast<size_t>(group);
      return g < places.size() && places[g] != 0;
    }
    // The place of a group that is there.
    size_t Place(GroupId group) const {
      return places[static_cast<size_t>(group)] - 1;
    }

    std::vector<uint32_t> places;  // by group: 1 + place; 0: none
    std::deque<std::pair<GroupId, Cell>> cells;
  };
  // The sum over all groups of a grouping, of all time.
  struct Total {
    Cell cell;
    CellIndex<Cell> index;
    uint64_t version = 0;
    bool kept = false;  // it has been asked for
  };
  struct Day {
    int32_t last = 0;  // bucket
    int32_t mark = 0;  // what is in the day's buckets before it is in the sums
    Sums sums;
  };
  // What was changed before the mark of a day, and is in no sums yet.
  struct Late {
    int32_t first = 0;  // bucket of the day
    int32_t mark = 0;
    Sums sums;
  };
  struct IndexOfOne {
    CellIndex<Cell> index;
    bool outdated = false;
  };
  // What RollUp needs while it runs.
  struct Rolling {
    std::vector<std::pair<GroupId, const Cell*>> cells;  // to be merged
    std::list<Cell> repeated;                            // runs among them
    std::vector<uint32_t> begins;
    std::vector<const Cell*> by_group;
    std::vector<GroupId> order;  // groups that have any
    CellMerger<Cell> merge;
  };

  // What waits of (bucket, group), which is before the mark.
  Cell& LateCell(int32_t bucket, GroupId group) {
    first_bucket_ = std::min(first_bucket_, bucket);
    if (late_.empty() || bucket < late_.back().first ||
        bucket >= late_.back().mark) {
      auto day = days_.upper_bound(bucket);
      if (day == days_.begin() || (--day)->second.mark <= bucket) {
        return late_elsewhere_.At(group);  // in the sums of no day
      }
      auto known = std::find_if(
          late_.begin(), late_.end(),
          [&day](const Late& late) { return late.first == day->first; });
      if (known == late_.end()) {
        late_.push_back({day->first, day->second.mark, Sums()});
      } else {
        std::swap(*known, late_.back());
      }
    }
    return late_.back().sums.At(group);
  }

  // Calls f(group, its cells, how to merge) for all of rolling.cells, and
  // ahead(group, its cells, how far it is from f) some groups before.
  template <typename F>
  static void ForEachGroup(Rolling& rolling, F f) {
    ForEachGroup(rolling, f, [](GroupId, auto, size_t) {});
  }
  template <typename F, typename A>
  static void ForEachGroup(Rolling& rolling, F f, A ahead) {
    size_t groups = 0;
    for (const auto& [group, cell] : rolling.cells) {
      groups = std::max(groups, static_cast<size_t>(group) + 1);
    }
    std::vector<uint32_t>& begins = rolling.begins;
    begins.assign(groups + 2, 0);
    for (const auto& [group, cell] : rolling.cells) {
      ++begins[static_cast<size_t>(group) + 2];
    }
    for (size_t g = 2; g < begins.size(); ++g) begins[g] += begins[g - 1];
    rolling.by_group.resize(rolling.cells.size());
    for (const auto& [group, cell] : rolling.cells) {
      rolling.by_group[begins[static_cast<size_t>(group) + 1]++] = cell;
    }
    std::vector<GroupId>& order = rolling.order;
    order.clear();
    for (size_t g = 0; g < groups; ++g) {
      if (begins[g] < begins[g + 1]) order.push_back(static_cast<GroupId>(g));
    }
    const auto cells_of = [&](GroupId group) {
      const size_t g = static_cast<size_t>(group);
      return std::span<const Cell* const>(
          rolling.by_group.data() + begins[g],
          rolling.by_group.data() + begins[g + 1]);
    };
    for (size_t i = 0; i < order.size(); ++i) {
      for (const size_t far : {kFarthest, kFar, kNear}) {
        if (i + far < order.size()) {
          ahead(order[i + far], cells_of(order[i + far]), far);
        }
      }
      f(order[i], cells_of(order[i]), rolling.merge);
    }
  }

  void AddUpTo(int32_t mark, EachCell each, EachRun each_run,
               Rolling& rolling) {
    rolling.cells.clear();
    const auto note = [&rolling](const Sums& late) {
      for (const auto& [group, cell] : late.cells) {
        rolling.cells.emplace_back(group, &cell);
      }
    };
    for (const Late& late : late_) {
      Sums& sums = days_.find(late.first)->second.sums;
      for (const auto& [group, cell] : late.sums.cells) {
        sums.At(group).Merge(cell);
      }
      note(late.sums);
    }
    note(late_elsewhere_);
    if (mark_ < mark) {
      each(mark_, mark - 1,
           [&](int32_t bucket, GroupId group, const Cell& cell) {
             if (rolling.cells.size() >= kAtOnce) AddToAll(rolling);
             first_bucket_ = std::min(first_bucket_, bucket);
             rolling.cells.emplace_back(group, &cell);
           });
      each_run(
          mark_, mark - 1,
          [&](int32_t first, int32_t last, GroupId group, const Cell& cell) {
            first_bucket_ = std::min(first_bucket_, first);
            rolling.repeated.push_back(
                Repeated(cell, int64_t{last} - first + 1));
            rolling.cells.emplace_back(group, &rolling.repeated.back());
          });
    }
    AddToAll(rolling);
    late_.clear();
    late_elsewhere_ = Sums();
    if (!empty()) mark_ = mark;
  }

  // Adds rolling.cells to the sums of all time and to the totals, and empties
  // them.
  void AddToAll(Rolling& rolling) {
    const auto add = [this](GroupId group, auto cells, auto& merge) {
      Cell& sum = all_.At(group);
      const size_t place = all_.Place(group);
      if (place >= versions_.size()) versions_.resize(all_.cells.size(), 0);
      versions_[place] = ++changes_;
      if constexpr (kHasIndex) {
        if (place < indexes_.size() && !indexes_[place].outdated) {
          indexes_[place].index.Merge(sum, cells, merge);
          return;
        }
      }
      merge(sum, cells);
      Outdate(place);
    };
    ForEachGroup(rolling, add, [this](GroupId group, auto cells, size_t far) {
      if (!all_.Has(group)) return;
      const size_t place = all_.Place(group);
      const Cell& sum = all_.cells[place].second;
      if (far == kFarthest) {
        PrefetchWhole(sum);
        PrefetchWhole(*cells.front());
      }
      if constexpr (kHasIndex) {
        if (place >= indexes_.size()) return;
        const CellIndex<Cell>& index = indexes_[place].index;
        if (far == kFarthest) PrefetchLine(&index);
        if (far == kFar) index.PrefetchMarks(*cells.front());
        if (far == kNear) index.PrefetchBins(sum, *cells.front());
      }
    });
    // What came to groups that are in a total.
    std::erase_if(rolling.cells, [this](auto& part) {
      const size_t place = all_.Place(part.first);
      if (place >= groupings_.size()) return true;
      part.first = static_cast<GroupId>(groupings_[place]);
      return !totals_[groupings_[place]].kept;
    });
    AddToTotals(rolling);
    rolling.cells.clear();
  }

  // Brings the sums of days up to the mark.
  void AddDays(const BucketRange& days, EachCell each, DayOf day_of,
               Rolling& rolling) {
    if (empty()) return;
    const int32_t last = std::min(days.last, mark_ - 1);
    for (int32_t bucket = std::max(days.first, first_bucket_);
         bucket <= last;) {
      auto known = days_.upper_bound(bucket);
      if (known == days_.begin() || (--known)->second.last < bucket) {
        const auto of_day = day_of(bucket);
        known =
            days_
                .emplace(of_day.first, Day{of_day.second, of_day.first, Sums()})
                .first;
      }
      Day& day = known->second;
      const int32_t mark = std::min(mark_, day.last + 1);
      if (day.mark < mark) {
        rolling.cells.clear();
        each(day.mark, mark - 1,
             [&rolling](int32_t, GroupId group, const Cell& cell) {
               rolling.cells.emplace_back(group, &cell);
             });
        ForEachGroup(rolling, [&day](GroupId group, auto cells, auto& merge) {
          Cell& sum = day.sums.At(group);
          if (cells.size() == 1) {
            sum.Merge(*cells.front());
          } else {
            merge(sum, cells);
          }
        });
        day.mark = mark;
      }
      bucket = day.last + 1;
    }
  }

  // Adds rolling.cells, whose groups are groupings, to their totals.
  void AddToTotals(Rolling& rolling) {
    ForEachGroup(rolling, [this](GroupId grouping, auto cells, auto& merge) {
      Total& total = totals_[static_cast<size_t>(grouping)];
      total.version = ++changes_;
      if constexpr (kHasIndex) {
        total.index.Merge(total.cell, cells, merge);
      } else {
        merge(total.cell, cells);
      }
    });
  }
  // Adds groups to their totals that are not in them yet.
  void KeepTotals(size_t asked, GroupingOf grouping_of, Rolling& rolling) {
    rolling.cells.clear();
    const auto add = [&](size_t place) {
      rolling.cells.emplace_back(static_cast<GroupId>(groupings_[place]),
                                 &all_.cells[place].second);
    };
    const size_t known = groupings_.size();
    if (asked != kNoTotal) {
      if (asked >= totals_.size()) totals_.resize(asked + 1);
      if (!totals_[asked].kept) {
        totals_[asked].kept = true;
        for (size_t place = 0; place < known; ++place) {
          if (groupings_[place] == asked) add(place);
        }
      }
    }
    for (size_t place = known; place < all_.cells.size(); ++place) {
      const size_t grouping = grouping_of(all_.cells[place].first);
      if (grouping >= totals_.size()) totals_.resize(grouping + 1);
      groupings_.push_back(static_cast<uint32_t>(grouping));
      if (totals_[grouping].kept) add(place);
    }
    AddToTotals(rolling);
  }

  // The index of a sum of all time, by place, has to be made again.
  void Outdate(size_t place) {
    if constexpr (kHasIndex) {
      if (place >= indexes_.size()) indexes_.resize(all_.cells.size());
      if (indexes_[place].outdated) return;
      outdated_.push_back(static_cast<uint32_t>(place));
      indexes_[place].outdated = true;
      indexes_[place].index.Clear();
    }
  }
  void MakeIndexes() {
    if constexpr (kHasIndex) {
      for (uint32_t place : outdated_) {
        indexes_[place].index.Make(all_.cells[place].second);
        indexes_[place].outdated = false;
      }
      outdated_.clear();
    }
  }

  mutable std::mutex mutex_;
  int32_t mark_ = std::numeric_limits<int32_t>::min();
  int32_t first_bucket_ = std::numeric_limits<int32_t>::max();
  std::map<int32_t, Day> days_;  // by their first bucket; they stay in place
  Sums all_;
  std::vector<IndexOfOne> indexes_;  // of the cells of all_
  std::vector<uint32_t> outdated_;   // places there, each once
  uint64_t changes_ = 0;             // ever, of any sum
  std::vector<uint64_t> versions_;   // of the cells of all_
  std::vector<Late> late_;           // the latest one at the back
  Sums late_elsewhere_;              // before the mark, but of no such day
  std::deque<Total> totals_;         // by grouping
  // Of the cells of all_: their grouping. Those beyond are in no total yet.
  std::vector<uint32_t> groupings_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_ROLLED_CELLS_H_
