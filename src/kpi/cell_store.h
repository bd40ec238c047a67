// CellStore: the cells of one measure, by (bucket, group).
//
// Nearly every value is booked into one of the latest buckets. For up to 64
// buckets the store keeps an array from group to cell, so that finding a cell
// is two loads; in any other bucket it looks through the bucket's list. Cells
// lie in blocks and never move; a store takes those of another as they are.
//
// So that a query does not have to walk all of history, the store rolls it up:
// RollUp merges the cells before a mark into cells for each day and for all
// time, and from then on what is booked before the mark is booked into those
// too. Nobody who does not ask pays for it; who asks again pays for what came
// since. Of all time it also keeps the sum over all groups of a grouping, which
// is what a total says.

#ifndef CCKPI_SRC_KPI_CELL_STORE_H_
#define CCKPI_SRC_KPI_CELL_STORE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "src/base/room.h"
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
// Index, which is kept beside a cell of all time to read it sooner.
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
class CellStore {
 public:
  CellStore() : rolled_(std::make_unique<Rolled>()) {}
  CellStore(CellStore&&) noexcept = default;
  CellStore& operator=(CellStore&& other) noexcept {
    if (this == &other) return *this;
    std::destroy_at(this);
    return *std::construct_at(this, std::move(other));
  }

  // The cell of (bucket, group), made when there is none, for any change.
  Cell& At(int32_t bucket, GroupId group) {
    if (bucket < rolled_->mark) Forget();
    return Find(bucket, group);
  }

  // Changes the cell of (bucket, group) and what it is rolled up into; `change`
  // adds the same to each.
  template <typename F>
  void Change(int32_t bucket, GroupId group, F change) {
    change(Find(bucket, group));
    if (bucket < rolled_->mark) [[unlikely]] {
      auto day = rolled_->days.upper_bound(bucket);
      if (day == rolled_->days.begin()) return Forget();
      change(std::prev(day)->second.At(group));
      change(rolled_->all.At(group));
      rolled_->Outdate(group);
      if (Total* total = rolled_->TotalOf(group); total != nullptr) {
        change(total->cell);
        total->outdated = true;
      }
    }
  }

  // Rolls up what is booked before bucket `mark`. `day_of` gives the buckets
  // [first, last] of the day of a bucket, `grouping_of` the grouping of a
  // group; they are always the same functions. May be called concurrently, with
  // the same mark.
  template <typename F, typename G>
  void RollUp(int32_t mark, F day_of, G grouping_of) const {
    std::lock_guard<std::mutex> lock(rolled_->mutex);
    // What was rolled up in part, because an allocation failed, is not kept.
    struct Attempt {
      Rolled* rolled;
      ~Attempt() {
        if (rolled != nullptr) Forget(*rolled);
      }
    } attempt{rolled_.get()};
    Rolling rolling;
    // Whoever comes second writes nothing: others read already.
    if (rolled_->mark >= mark) {
      EnterIntoTotals(rolling, grouping_of);
      rolled_->MakeIndexes();
      attempt.rolled = nullptr;
      return;
    }
    for (auto page = pages_.lower_bound(rolled_->mark);
         page != pages_.end() && page->first < mark;) {
      auto [first, last] = day_of(page->first);
      last = std::max(last, page->first);
      rolling.cells.clear();
      for (; page != pages_.end() && page->first <= last && page->first < mark;
           ++page) {
        page->second->ForEach([&](GroupId group, uint32_t cell) {
          rolling.cells.emplace_back(group, &CellAt(cell));
        });
      }
      Sums& day = rolled_->days[first];
      day.last = last;
      AddDay(rolling, day);
    }
    rolling.cells.swap(rolling.of_all);
    ForEachGroup(rolling, [this](GroupId group, auto cells, auto& merge) {
      merge(rolled_->all.At(group), cells);
      rolled_->Outdate(group);
    });
    // What came to groups that are in their total already; then the others.
    std::erase_if(rolling.cells, [this](auto& part) {
      const size_t place = rolled_->all.Place(part.first);
      if (place >= rolled_->groupings.size()) return true;
      part.first = static_cast<GroupId>(rolled_->groupings[place]);
      return false;
    });
    AddToTotals(rolling);
    EnterIntoTotals(rolling, grouping_of);
    rolled_->MakeIndexes();
    // From the first day on there is one for every bucket before the mark.
    if (!rolled_->days.empty()) {
      int32_t bucket = std::max(rolled_->mark, rolled_->days.begin()->first);
      while (bucket < mark) {
        auto [first, last] = day_of(bucket);
        rolled_->days[first].last = last;
        bucket = last + 1;
      }
    }
    if (!rolled_->days.empty()) rolled_->mark = mark;
    attempt.rolled = nullptr;
  }

  // Calls f(bucket, group, cell) for merged cells that together are those of
  // all buckets; f(bucket, group, cell, index) for sums, if it takes that.
  template <typename F>
  void ForAllTime(F f) const {
    for (size_t c = 0; c < rolled_->all.cells.size(); ++c) {
      const auto& [group, cell] = rolled_->all.cells[c];
      const int32_t bucket = rolled_->days.begin()->first;
      if constexpr (kHasIndex &&
                    std::is_invocable_v<F, int32_t, GroupId, const Cell&,
                                        const CellIndex<Cell>*>) {
        f(bucket, group, cell, &rolled_->indexes[c].index);
      } else {
        f(bucket, group, cell);
      }
    }
    ForEach(rolled_->mark, std::numeric_limits<int32_t>::max(), f);
  }

  // The same for one group of all groups of a grouping: total(bucket, cell,
  // index) for their sum, f(bucket, group, cell) for what is not in it, of any
  // grouping.
  template <typename T, typename F>
  void ForAllTimeOf(size_t grouping, T total, F f) const {
    if (grouping < rolled_->totals.size()) {
      const Total& sum = rolled_->totals[grouping];
      const int32_t bucket = rolled_->days.begin()->first;
      if constexpr (kHasIndex) {
        total(bucket, sum.cell, &sum.index);
      } else {
        total(bucket, sum.cell, nullptr);
      }
    }
    ForEach(rolled_->mark, std::numeric_limits<int32_t>::max(), f);
  }

  // ForAllTime for the buckets in [first, last], in order, no cell reaching
  // over the edges of a day.
  template <typename F>
  void ForDays(int32_t first, int32_t last, F f) const {
    int32_t next = first;  // the first bucket that is not said yet
    for (auto day = rolled_->days.lower_bound(first);
         day != rolled_->days.end() && day->first < rolled_->mark; ++day) {
      // Of the day of the mark only what is before the mark is in its sums.
      const int32_t covered = std::min(day->second.last, rolled_->mark - 1);
      if (covered > last) break;
      if (day->first > next) ForEach(next, day->first - 1, f);
      for (const auto& [group, cell] : day->second.cells) {
        f(day->first, group, cell);
      }
      next = covered + 1;
    }
    if (next <= last) ForEach(next, last, f);
  }

  // Calls f(group, cell, sign) for cells that, added up with their signs, are
  // those of all buckets before `edge`; from the beginning or back from the
  // mark, whichever is nearer. Each is one day's at most, or all of history's.
  template <typename F>
  void ForBefore(int32_t edge, F f) const {
    const int32_t mark = rolled_->mark;
    if (rolled_->days.empty() ||
        (edge < mark &&
         int64_t{mark} - edge > int64_t{edge} - rolled_->days.begin()->first)) {
      ForDays(std::numeric_limits<int32_t>::min(), edge - 1,
              [&f](int32_t, GroupId group, const Cell& cell) {
                f(group, cell, 1);
              });
      return;
    }
    for (const auto& [group, cell] : rolled_->all.cells) f(group, cell, 1);
    if (edge > mark) {
      ForEach(mark, edge - 1, [&f](int32_t, GroupId group, const Cell& cell) {
        f(group, cell, 1);
      });
    } else if (edge < mark) {
      ForDays(edge, mark - 1, [&f](int32_t, GroupId group, const Cell& cell) {
        f(group, cell, -1);
      });
    }
  }

  // Calls f(bucket, group, cell) for the buckets in [first, last], in order
  // of buckets.
  template <typename F>
  void ForEach(int32_t first, int32_t last, F f) const {
    for (auto page = pages_.lower_bound(first);
         page != pages_.end() && page->first <= last; ++page) {
      page->second->ForEach([&](GroupId group, uint32_t cell) {
        f(page->first, group, CellAt(cell));
      });
    }
  }

  // Takes the cells of `other`, which is empty afterwards. `group_of(group)` is
  // what its group is here; `amend(cell)` changes each of its cells, nullptr
  // none. Nothing is merged: a bucket may then have several cells of a group,
  // which together are one. Costs a step for each cell.
  template <typename F, typename G = std::nullptr_t>
  void TakeFrom(CellStore& other, F group_of, G amend = nullptr) {
    Forget();
    const uint32_t before = static_cast<uint32_t>(blocks_.size() * kBlock);
    for (const auto& [bucket, page] : other.pages_) {
      for (Page* part = page; part != nullptr; part = part->next) {
        for (auto& [group, cell] : part->cells) {
          if constexpr (!std::is_null_pointer_v<G>) amend(other.CellAt(cell));
          group = group_of(group);
          cell += before;
        }
      }
      Page** end = &pages_.try_emplace(bucket, nullptr).first->second;
      while (*end != nullptr) end = &(*end)->next;
      *end = page;
    }
    rooms_.push_back(std::move(other.room_));
    std::move(other.rooms_.begin(), other.rooms_.end(),
              std::back_inserter(rooms_));
    std::move(other.blocks_.begin(), other.blocks_.end(),
              std::back_inserter(blocks_));
    count_ += other.count_;
    several_ = true;
    next_ = before + other.next_;
    other = CellStore();
  }

  // Where its cells may put what they have beside themselves.
  Room* room() { return room_.get(); }

  // Of how many (bucket, group) there is a cell. After TakeFrom it has to look.
  size_t size() const {
    if (!several_) return count_;
    size_t count = 0;
    std::vector<size_t> seen_in;  // by group: the last page that has it
    size_t number = 0;
    for (const auto& [bucket, page] : pages_) {
      ++number;
      page->ForEach([&](GroupId group, uint32_t) {
        const size_t g = static_cast<size_t>(group);
        if (g >= seen_in.size()) seen_in.resize(g + g / 4 + 16, 0);
        if (seen_in[g] != number) ++count;
        seen_in[g] = number;
      });
    }
    return count;
  }

 private:
  static constexpr bool kHasIndex = !std::is_same_v<CellIndex<Cell>, NoIndex>;

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
    bool outdated = false;
  };
  // What RollUp needs while it runs.
  struct Rolling {
    std::vector<std::pair<GroupId, const Cell*>> cells;   // to be merged
    std::vector<std::pair<GroupId, const Cell*>> of_all;  // what came to a day
    std::deque<Cell> parts;  // of days that were rolled up in part before
    std::vector<uint32_t> begins;
    std::vector<const Cell*> by_group;
    CellMerger<Cell> merge;
  };

  // Calls f(group, its cells, how to merge) for all of rolling.cells.
  template <typename F>
  static void ForEachGroup(Rolling& rolling, F f) {
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
    for (size_t g = 0; g < groups; ++g) {
      const std::span<const Cell* const> cells(
          rolling.by_group.data() + begins[g],
          rolling.by_group.data() + begins[g + 1]);
      if (!cells.empty()) f(static_cast<GroupId>(g), cells, rolling.merge);
    }
  }

  // Adds rolling.cells, whose groups are groupings, to their totals.
  void AddToTotals(Rolling& rolling) const {
    ForEachGroup(rolling, [this](GroupId of, auto cells, auto& merge) {
      const size_t grouping = static_cast<size_t>(of);
      std::deque<Total>& totals = rolled_->totals;
      if (grouping >= totals.size()) totals.resize(grouping + 1);
      merge(totals[grouping].cell, cells);
      totals[grouping].outdated = true;
    });
  }
  // Adds the groups that are in no total yet to theirs.
  template <typename G>
  void EnterIntoTotals(Rolling& rolling, G grouping_of) const {
    std::vector<uint32_t>& groupings = rolled_->groupings;
    const Sums& all = rolled_->all;
    if (groupings.size() == all.cells.size()) return;
    rolling.cells.clear();
    for (size_t place = groupings.size(); place < all.cells.size(); ++place) {
      const auto& [group, cell] = all.cells[place];
      groupings.push_back(static_cast<uint32_t>(grouping_of(group)));
      rolling.cells.emplace_back(static_cast<GroupId>(groupings.back()), &cell);
    }
    AddToTotals(rolling);
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
      Cell& part = rolling.parts.emplace_back();
      merge(part, cells);
      sum.Merge(part);
      rolling.of_all.emplace_back(group, &part);
    });
  }

  // A cache: changed under the mutex where the store is const.
  struct Rolled {
    std::mutex mutex;
    // What is in buckets before it is in `days` and `all`.
    int32_t mark = std::numeric_limits<int32_t>::min();
    absl::btree_map<int32_t, Sums> days;  // by their first bucket
    Sums all;
    struct IndexOfOne {
      CellIndex<Cell> index;
      bool outdated = false;
    };
    std::vector<IndexOfOne> indexes;  // of the cells of `all`
    std::vector<uint32_t> outdated;   // places there, each once
    std::deque<Total> totals;         // by grouping
    // Of the cells of `all`: their grouping. Those beyond are in no total yet.
    std::vector<uint32_t> groupings;

    // Null: there is none that the group is in.
    Total* TotalOf(GroupId group) {
      const size_t place = all.Place(group);
      return place < groupings.size() ? &totals[groupings[place]] : nullptr;
    }
    void Outdate(GroupId group) {
      if constexpr (kHasIndex) {
        const size_t place = all.Place(group);
        if (place >= indexes.size()) indexes.resize(all.cells.size());
        if (indexes[place].outdated) return;
        outdated.push_back(static_cast<uint32_t>(place));
        indexes[place].outdated = true;
        indexes[place].index.Clear();
      }
    }
    void MakeIndexes() {
      if constexpr (kHasIndex) {
        for (uint32_t place : outdated) {
          indexes[place].index.Make(all.cells[place].second);
          indexes[place].outdated = false;
        }
        outdated.clear();
        for (Total& total : totals) {
          if (total.outdated) total.index.Make(total.cell);
          total.outdated = false;
        }
      }
    }
  };

  Cell& Find(int32_t bucket, GroupId group) {
    if (!hot_.empty()) [[likely]] {
      Hot& hot = hot_[HotIndex(bucket)];
      if (hot.page != nullptr && hot.bucket == bucket) [[likely]] {
        hot.used = true;
        size_t g = static_cast<size_t>(group);
        if (g < hot.cells.size() && hot.cells[g] != 0) [[likely]] {
          return CellAt(hot.cells[g] - 1);
        }
        uint32_t cell = Append(*hot.page, group);
        Enter(hot, group, cell);
        return CellAt(cell);
      }
    }
    return AtOther(bucket, group);
  }

  // Starts over: what is rolled up is not known to be right any more.
  void Forget() { Forget(*rolled_); }
  static void Forget(Rolled& rolled) {
    rolled.mark = std::numeric_limits<int32_t>::min();
    rolled.days.clear();
    rolled.all = Sums();
    rolled.indexes.clear();
    rolled.outdated.clear();
    rolled.totals.clear();
    rolled.groupings.clear();
  }

  // The groups of a bucket with their cells, in the order of first use. Those
  // that were taken from other stores are in the next ones. All of it is in a
  // room, so nobody destroys it.
  using Place = std::pair<GroupId, uint32_t>;
  struct Page {
    explicit Page(Room* room) : cells(RoomAllocator<Place>(room)) {}

    template <typename F>
    void ForEach(F f) const {
      for (const Page* part = this; part != nullptr; part = part->next) {
        for (const auto& [group, cell] : part->cells) f(group, cell);
      }
    }

    std::vector<Place, RoomAllocator<Place>> cells;
    Page* next = nullptr;
  };
  using Pages = absl::btree_map<int32_t, Page*, std::less<int32_t>,
                                RoomAllocator<std::pair<const int32_t, Page*>>>;
  struct Hot {
    Page* page = nullptr;
    int32_t bucket = 0;
    bool used = false;            // since it was last asked to leave
    std::vector<uint32_t> cells;  // by group: 1 + cell; 0: none
  };

  static constexpr size_t kHot = 64;
  static constexpr size_t kBlock = 64;

  static size_t HotIndex(int32_t bucket) {
    return static_cast<uint32_t>(bucket) % kHot;
  }
  Cell& CellAt(uint32_t cell) { return blocks_[cell / kBlock][cell % kBlock]; }
  const Cell& CellAt(uint32_t cell) const {
    return blocks_[cell / kBlock][cell % kBlock];
  }

  uint32_t Append(Page& page, GroupId group) {
    const uint32_t cell = next_;
    if (cell / kBlock == blocks_.size()) {
      blocks_.push_back(std::make_unique<Cell[]>(kBlock));
    }
    ++next_;
    ++count_;
    page.cells.emplace_back(group, cell);
    return cell;
  }

  Page& PageOf(int32_t bucket) {
    if (auto known = pages_.find(bucket); known != pages_.end()) {
      return *known->second;
    }
    Page* page = new (room_->Take(sizeof(Page))) Page(room_.get());
    pages_.emplace(bucket, page);
    return *page;
  }

  void Enter(Hot& hot, GroupId group, uint32_t cell) {
    size_t g = static_cast<size_t>(group);
    if (g >= hot.cells.size()) {
      if (g >= groups_) groups_ = g + g / 4 + 16;
      hot.cells.resize(groups_, 0);
    }
    hot.cells[g] = cell + 1;
  }

  Cell& AtOther(int32_t bucket, GroupId group) {
    if (hot_.empty()) hot_.resize(kHot);
    Page& page = PageOf(bucket);
    Hot& hot = hot_[HotIndex(bucket)];
    if (hot.page == nullptr || !hot.used) {
      hot.page = &page;
      hot.bucket = bucket;
      hot.used = true;
      hot.cells.assign(hot.cells.size(), 0);
      for (const auto& [known, cell] : page.cells) Enter(hot, known, cell);
      return Find(bucket, group);
    }
    hot.used = false;
    for (const auto& [known, cell] : page.cells) {
      if (known == group) return CellAt(cell);
    }
    return CellAt(Append(page, group));
  }

  // Of pages, and of what cells have beside themselves; on the heap, so that
  // they stay where they are. `rooms_` are those of stores that were taken.
  std::unique_ptr<Room> room_ = std::make_unique<Room>();
  std::vector<std::unique_ptr<Room>> rooms_;
  std::vector<std::unique_ptr<Cell[]>> blocks_;
  size_t count_ = 0;
  bool several_ = false;  // cells of a bucket and group, maybe
  uint32_t next_ = 0;     // the place of the next cell
  Pages pages_{typename Pages::allocator_type(room_.get())};
  std::vector<Hot> hot_;  // kHot of them, once anything is booked
  size_t groups_ = 0;     // as many as the widest of them has room for
  std::unique_ptr<Rolled> rolled_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_CELL_STORE_H_
