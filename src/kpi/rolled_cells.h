// RolledCells: the cells of a measure, summed up by day and for all time.
//
// A CellStore keeps one, so that a query does not have to walk all of history.
// Everything booked before a mark is in it: in the sums of its day, in those of
// all time, and, where a total was asked for, in the sum over all groups of a
// grouping. What is booked before the mark later waits until somebody asks
// again, and is added to them then.

#ifndef CCKPI_SRC_KPI_ROLLED_CELLS_H_
#define CCKPI_SRC_KPI_ROLLED_CELLS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <limits>
#include <mutex>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "src/timeline/dimensions.h"

namespace cckpi {

// Merges many cells into one that is none of them.
template <typename Cell>
struct PlainMerger {
  void operator()(Cell& to, std::span<const Cell* const> from) {
    for (const Cell* cell : from) to.Merge(*cell);
  }
};

// Stands for the index of cells that have none.
struct NoIndex {};

// A cell may have a Merger of its own, which keeps room for its work, and an
// Index, which is kept beside a sum of all time to read it sooner: Make(cell)
// makes it, Merge(cell, parts, merger) merges parts into the cell and goes on
// following it, Clear() empties it. PrefetchMarks(part) and, later,
// PrefetchBins(cell, part) ask the memory for what Merge will read.
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

template <typename Cell>
class RolledCells {
 public:
  static constexpr bool kHasIndex = !std::is_same_v<CellIndex<Cell>, NoIndex>;
  static constexpr size_t kNoTotal = std::numeric_limits<size_t>::max();

  // What is in buckets before it is in here.
  int32_t mark() const { return mark_; }
  bool empty() const { return days_.empty(); }
  int32_t first_bucket() const { return days_.begin()->first; }

  // The same change as of the cell of (bucket, group), where that is before the
  // mark. It is in the sums from the next RollUp on.
  template <typename F>
  void Change(int32_t bucket, GroupId group, F change) {
    if (late_.empty() || bucket < late_.back().first ||
        bucket > late_.back().last) {
      auto day = days_.upper_bound(bucket);
      if (day == days_.begin()) return Forget();
      --day;
      auto known = std::find_if(
          late_.begin(), late_.end(),
          [&day](const Late& late) { return late.first == day->first; });
      if (known == late_.end()) {
        late_.push_back({day->first, day->second.last, Sums()});
      } else {
        std::swap(*known, late_.back());
      }
    }
    change(late_.back().sums.At(group));
  }

  // Starts over: what is here is not known to be right any more.
  void Forget() {
    mark_ = std::numeric_limits<int32_t>::min();
    days_.clear();
    all_ = Sums();
    indexes_.clear();
    outdated_.clear();
    totals_.clear();
    groupings_.clear();
    late_.clear();
    versions_.clear();
  }

  // Adds the cells up to `mark` and what was changed before it, and from then
  // on keeps the total of grouping `total`, if it is one. each(first, last, f)
  // calls f(bucket, group, cell) for the cells of these buckets, in order of
  // buckets; day_of(bucket) gives the buckets [first, last] of its day,
  // grouping_of(group) its grouping. May be called concurrently, with the same
  // mark.
  template <typename E, typename D, typename G>
  void RollUp(int32_t mark, size_t total, E each, D day_of, G grouping_of) {
    std::lock_guard<std::mutex> lock(mutex_);
    // What was rolled up in part, because an allocation failed, is not kept.
    struct Attempt {
      RolledCells* rolled;
      ~Attempt() {
        if (rolled != nullptr) rolled->Forget();
      }
    } attempt{this};
    Rolling rolling;
    // Whoever comes second writes nothing: others read already.
    if (mark_ < mark || !late_.empty()) {
      AddUpTo(std::max(mark, mark_), each, day_of, rolling);
    }
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

  // Calls day(first bucket, group, cell) for the sums of days that are all in
  // [first, last], and other(first, last) for the buckets beside them, in
  // order. Of the day of the mark only what is before the mark is in its sums.
  template <typename F, typename G>
  void ForDays(int32_t first, int32_t last, F day, G other) const {
    int32_t next = first;  // the first bucket that is not said yet
    for (auto sums = days_.lower_bound(first);
         sums != days_.end() && sums->first < mark_; ++sums) {
      const int32_t covered = std::min(sums->second.last, mark_ - 1);
      if (covered > last) break;
      if (sums->first > next) other(next, sums->first - 1);
      for (const auto& [group, cell] : sums->second.cells) {
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

    int32_t last = 0;              // of a day: its last bucket
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
  // What was changed of a day that is in the sums, and is not in them yet.
  struct Late {
    int32_t first = 0;  // buckets of the day
    int32_t last = 0;
    Sums sums;
  };
  struct IndexOfOne {
    CellIndex<Cell> index;
    bool outdated = false;
  };
  // What RollUp needs while it runs.
  struct Rolling {
    std::vector<std::pair<GroupId, const Cell*>> cells;   // to be merged
    std::vector<std::pair<GroupId, const Cell*>> of_all;  // what came to a day
    std::deque<Cell> parts;  // of days that were rolled up in part before
    std::vector<uint32_t> begins;
    std::vector<const Cell*> by_group;
    std::vector<GroupId> order;  // groups that have any
    CellMerger<Cell> merge;
  };

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

  template <typename E, typename D>
  void AddUpTo(int32_t mark, E each, D day_of, Rolling& rolling) {
    // First, as a day that is empty becomes what is added to all time.
    for (const Late& late : late_) {
      Sums& sums = days_[late.first];
      for (const auto& [group, cell] : late.sums.cells) {
        sums.At(group).Merge(cell);
        rolling.of_all.emplace_back(group, &cell);
      }
    }
    Sums* day = nullptr;
    int32_t last = 0;
    each(mark_, mark - 1, [&](int32_t bucket, GroupId group, const Cell& cell) {
      if (day == nullptr || bucket > last) {
        if (day != nullptr) AddDay(rolling, *day);
        const auto of_day = day_of(bucket);
        last = std::max(of_day.second, bucket);
        day = &days_[of_day.first];
        day->last = last;
        rolling.cells.clear();
      }
      rolling.cells.emplace_back(group, &cell);
    });
    if (day != nullptr) AddDay(rolling, *day);
    rolling.cells.swap(rolling.of_all);
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
        for (size_t line = 0; line < sizeof(Cell); line += 64) {
          __builtin_prefetch(reinterpret_cast<const char*>(&sum) + line);
          __builtin_prefetch(reinterpret_cast<const char*>(cells.front()) +
                             line);
        }
      }
      if constexpr (kHasIndex) {
        if (place >= indexes_.size()) return;
        const CellIndex<Cell>& index = indexes_[place].index;
        if (far == kFarthest) __builtin_prefetch(&index);
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
    late_.clear();
    // From the first day on there is one for every bucket before the mark.
    if (days_.empty()) return;
    for (int32_t bucket = std::max(mark_, first_bucket()); bucket < mark;) {
      const auto of_day = day_of(bucket);
      days_[of_day.first].last = of_day.second;
      bucket = of_day.second + 1;
    }
    mark_ = mark;
  }

  // Adds rolling.cells to their day, and to what is to be added to all time.
  static void AddDay(Rolling& rolling, Sums& day) {
    const bool anew = day.cells.empty();
    ForEachGroup(rolling, [&](GroupId group, auto cells, auto& merge) {
      Cell& sum = day.At(group);
      if (anew) {
        merge(sum, cells);
        rolling.of_all.emplace_back(group, &sum);
        return;
      }
      if (cells.size() == 1) {
        sum.Merge(*cells.front());
        rolling.of_all.emplace_back(group, cells.front());
        return;
      }
      Cell& part = rolling.parts.emplace_back();
      merge(part, cells);
      sum.Merge(part);
      rolling.of_all.emplace_back(group, &part);
    });
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
  template <typename G>
  void KeepTotals(size_t asked, G grouping_of, Rolling& rolling) {
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

  std::mutex mutex_;
  int32_t mark_ = std::numeric_limits<int32_t>::min();
  absl::btree_map<int32_t, Sums> days_;  // by their first bucket
  Sums all_;
  std::vector<IndexOfOne> indexes_;  // of the cells of all_
  std::vector<uint32_t> outdated_;   // places there, each once
  uint64_t changes_ = 0;             // ever, of any sum
  std::vector<uint64_t> versions_;   // of the cells of all_
  std::vector<Late> late_;           // the latest one at the back
  std::deque<Total> totals_;         // by grouping
  // Of the cells of all_: their grouping. Those beyond are in no total yet.
  std::vector<uint32_t> groupings_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_ROLLED_CELLS_H_
