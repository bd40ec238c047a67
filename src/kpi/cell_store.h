// CellStore: the cells of one measure, by (bucket, group).
//
// Where they are is a matter of CellPlaces (cell_places.h), which finds the
// number of a cell; cells lie in blocks and never move. A store takes those of
// another as they are.
//
// So that a query does not have to walk all of history, the store rolls it up
// (rolled_cells.h). Nobody who does not ask pays for it; who asks again pays
// for what came since.

#ifndef CCKPI_SRC_KPI_CELL_STORE_H_
#define CCKPI_SRC_KPI_CELL_STORE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "cckpi/base/prefetch.h"
#include "src/base/room.h"
#include "src/kpi/cell_places.h"
#include "src/kpi/rolled_cells.h"
#include "src/timeline/dimensions.h"

namespace cckpi {

template <typename Cell>
class CellStore {
 public:
  using Rolled = RolledCells<Cell>;

  CellStore();
  CellStore(CellStore&&) noexcept;
  CellStore& operator=(CellStore&& other) noexcept;
  ~CellStore();

  // The cell of (bucket, group), made when there is none, for any change.
  Cell& At(int32_t bucket, GroupId group) {
    if (bucket < rolled_->mark()) rolled_->Forget();
    return Find(bucket, group);
  }

  // Makes `cell` that of (bucket, group), or merges it into the one there.
  void Put(int32_t bucket, GroupId group, Cell cell) {
    const size_t before = places_.given();
    Cell& here = At(bucket, group);
    if (places_.given() != before) {
      here = std::move(cell);
    } else {
      here.Merge(cell);
    }
  }

  // Changes the cell of (bucket, group) and what it is rolled up into; `change`
  // adds the same to each.
  template <typename F>
  void Change(int32_t bucket, GroupId group, F change) {
    change(Find(bucket, group));
    if (bucket < rolled_->mark()) [[unlikely]] {
      rolled_->Change(bucket, group, change);
    }
  }
  // The same for several groups.
  template <typename F>
  void ChangeAll(int32_t bucket, std::span<const GroupId> groups, F change) {
    CellPlaces::Hot* hot = places_.HotOf(bucket);
    for (GroupId group : groups) {
      if (hot != nullptr) [[likely]] {
        change(InHot(*hot, group));
      } else {
        change(AtOther(bucket, group));
        hot = places_.HotOf(bucket);
      }
    }
    if (bucket < rolled_->mark()) [[unlikely]] {
      for (GroupId group : groups) rolled_->Change(bucket, group, change);
    }
  }

  // Change for each of several groups in every bucket from `first` to `last`.
  // It takes a cell for each group, however many buckets there are.
  template <typename F>
  void ChangeRun(int32_t first, int32_t last, std::span<const GroupId> groups,
                 F change) {
    for (GroupId group : groups) {
      MakeRoom();
      change(CellAt(places_.GiveRun(first, last, group)));
    }
    const int32_t mark = rolled_->mark();
    if (first >= mark) return;
    for (GroupId group : groups) {
      rolled_->ChangeRun(first, std::min(last, mark - 1), group, change);
    }
  }

  // Asks the memory for these cells, if they are at hand.
  void Prefetch(int32_t bucket, std::span<const GroupId> groups) const {
    const CellPlaces::Hot* hot = places_.PeekAt(bucket);
    if (hot == nullptr) return;
    for (GroupId group : groups) {
      const uint32_t number = CellPlaces::NumberIn(*hot, group);
      if (number != 0) PrefetchWhole(CellAt(number - 1));
    }
  }

  // Rolls up what is booked before bucket `mark`, as RolledCells::RollUp.
  void RollUp(int32_t mark, size_t total, const BucketRange& days,
              typename Rolled::DayOf day_of,
              typename Rolled::GroupingOf grouping_of) const {
    rolled_->RollUp(
        mark, total, days,
        [this](int32_t first, int32_t last, auto f) {
          this->ForEachAlone(first, last, f);
        },
        [this](int32_t first, int32_t last, auto f) {
          this->ForEachRun(first, last, f);
        },
        day_of, grouping_of);
  }

  // Calls f(bucket, group, cell) for merged cells that together are those of
  // all buckets; f(bucket, group, cell, index) for sums, if it takes that; and
  // run(first, last, group, cell) for what of runs is in no sum.
  template <typename F, typename R>
  void ForAllTime(F f, R run) const {
    rolled_->ForAllTime(f);
    ForEachFrom(rolled_->mark(), f, run);
  }

  // The same for one group of all groups of a grouping, whose total was asked
  // for: total(bucket, cell, index) for their sum, f(bucket, group, cell) and
  // run(first, last, group, cell) for what is not in it, of any grouping.
  template <typename T, typename F, typename R>
  void ForAllTimeOf(size_t grouping, T total, F f, R run) const {
    rolled_->ForTotal(grouping, total);
    ForEachFrom(rolled_->mark(), f, run);
  }

  // ForAllTime for the buckets in [first, last]: first cells in order, none of
  // which reaches over the edges of a day, then runs.
  template <typename F, typename R>
  void ForDays(int32_t first, int32_t last, F f, R run) const {
    rolled_->ForDays(first, last, f, [&](int32_t from, int32_t to) {
      this->ForEachAlone(from, to, f);
    });
    ForEachRun(first, last, run);
  }

  // The days whose sums ForBefore reads: from the beginning or back from the
  // mark, whichever is nearer.
  BucketRange DaysBefore(int32_t edge) const {
    const int32_t mark = rolled_->mark();
    if (rolled_->empty() ||
        (edge < mark &&
         int64_t{mark} - edge > int64_t{edge} - rolled_->first_bucket())) {
      return {std::numeric_limits<int32_t>::min(), edge - 1};
    }
    return {edge, mark - 1};
  }

  // Calls f(group, cell, sign) for cells that, added up with their signs, are
  // those of all buckets before `edge`. Each is one day's at most, or all of
  // history's.
  template <typename F>
  void ForBefore(int32_t edge, F f) const {
    const int32_t mark = rolled_->mark();
    const auto for_days = [&](const BucketRange& days, int sign) {
      ForDays(
          days.first, days.last,
          [&](int32_t, GroupId group, const Cell& cell) {
            f(group, cell, sign);
          },
          [&](int32_t first, int32_t last, GroupId group, const Cell& cell) {
            for (int64_t b = first; b <= last; ++b) f(group, cell, sign);
          });
    };
    const BucketRange days = DaysBefore(edge);
    if (days.first < edge) return for_days(days, 1);
    const auto add = [&f](int32_t, GroupId group, const Cell& cell) {
      f(group, cell, 1);
    };
    rolled_->ForAllTime(add);
    if (edge > mark) {
      ForEach(mark, edge - 1, add);
    } else if (edge < mark) {
      for_days(days, -1);
    }
  }

  // Calls f(bucket, group, cell) for the buckets in [first, last], in order
  // of buckets. Where there are runs, several cells of one (bucket, group) may
  // come, which together are one.
  template <typename F>
  void ForEach(int32_t first, int32_t last, F f) const {
    places_.ForEach(first, last,
                    [&](int32_t bucket, GroupId group, uint32_t number) {
                      f(bucket, group, CellAt(number));
                    });
  }

  // The same without runs.
  template <typename F>
  void ForEachAlone(int32_t first, int32_t last, F f) const {
    places_.ForEachAlone(first, last,
                         [&](int32_t bucket, GroupId group, uint32_t number) {
                           f(bucket, group, CellAt(number));
                         });
  }
  // Calls f(first, last, group, cell) for what of each run is in the buckets
  // [first, last]: the same cell in each of these.
  template <typename F>
  void ForEachRun(int32_t first, int32_t last, F f) const {
    places_.ForEachRun(
        first, last,
        [&](int32_t begin, int32_t end, GroupId group, uint32_t number) {
          f(begin, end, group, CellAt(number));
        });
  }

  // Calls f(cell) for all of them, those of runs once.
  template <typename F>
  void ForEachCell(F f) const {
    places_.ForEachNumber([&](uint32_t number) { f(CellAt(number)); });
  }

  // Takes the cells of `other`, which is empty afterwards. `group_of` is what
  // its groups are here; `amend(cell)` changes each of its cells, nullptr none.
  // Nothing is merged: a bucket may then have several cells of a group, which
  // together are one. Costs a step for each cell.
  template <typename G = std::nullptr_t>
  void TakeFrom(CellStore& other, absl::FunctionRef<GroupId(GroupId)> group_of,
                G amend = nullptr) {
    rolled_->Forget();
    if constexpr (!std::is_null_pointer_v<G>) {
      other.places_.ForEachNumber(
          [&](uint32_t number) { amend(other.CellAt(number)); });
    }
    places_.TakeFrom(other.places_,
                     static_cast<uint32_t>(blocks_.size() * kBlock), group_of);
    std::move(other.blocks_.begin(), other.blocks_.end(),
              std::back_inserter(blocks_));
    other = CellStore();
  }

  // See CellPlaces.
  uint64_t steps() const { return places_.steps(); }
  size_t index_bytes(size_t for_entry) const {
    return places_.index_bytes(for_entry);
  }

  // What the sums for questions take, a cell heap_of(cell) beside itself.
  template <typename F>
  size_t rolled_bytes(F heap_of) const {
    return rolled_->memory_bytes(heap_of);
  }

  // Where its cells may put what they have beside themselves.
  Room* room() { return places_.room(); }

  // Of how many (bucket, group) there is a cell; a run is one.
  size_t size() const { return places_.size(); }
  // How many there are but runs. After TakeFrom there may be several cells of
  // one (bucket, group).
  size_t given() const { return places_.given(); }

 private:
  static constexpr size_t kBlock = 64;

  template <typename F, typename R>
  void ForEachFrom(int32_t first, F f, R run) const {
    constexpr int32_t kLast = std::numeric_limits<int32_t>::max();
    ForEachAlone(first, kLast, f);
    ForEachRun(first, kLast, run);
  }

  Cell& Find(int32_t bucket, GroupId group) {
    CellPlaces::Hot* const hot = places_.HotOf(bucket);
    return hot != nullptr ? InHot(*hot, group) : AtOther(bucket, group);
  }
  Cell& InHot(CellPlaces::Hot& hot, GroupId group) {
    const uint32_t number = CellPlaces::NumberIn(hot, group);
    if (number != 0) [[likely]] {
      return CellAt(number - 1);
    }
    return MakeHot(hot, group);
  }
  Cell& MakeHot(CellPlaces::Hot& hot, GroupId group) {
    MakeRoom();
    return CellAt(places_.Give(hot, group));
  }
  Cell& AtOther(int32_t bucket, GroupId group) {
    MakeRoom();
    return CellAt(places_.FindElsewhere(bucket, group));
  }
  // For the cell of the next number.
  void MakeRoom() {
    if (places_.next() / kBlock == blocks_.size()) {
      blocks_.push_back(std::make_unique<Cell[]>(kBlock));
    }
  }

  Cell& CellAt(uint32_t number) {
    return blocks_[number / kBlock][number % kBlock];
  }
  const Cell& CellAt(uint32_t number) const {
    return blocks_[number / kBlock][number % kBlock];
  }

  CellPlaces places_;
  std::vector<std::unique_ptr<Cell[]>> blocks_;
  std::unique_ptr<Rolled> rolled_;
};

// Outside the class: who includes this need not compile them (cells.h).
template <typename Cell>
CellStore<Cell>::CellStore() : rolled_(std::make_unique<Rolled>()) {}
template <typename Cell>
CellStore<Cell>::CellStore(CellStore&&) noexcept = default;
template <typename Cell>
CellStore<Cell>& CellStore<Cell>::operator=(CellStore&& other) noexcept {
  if (this == &other) return *this;
  std::destroy_at(this);
  return *std::construct_at(this, std::move(other));
}
template <typename Cell>
CellStore<Cell>::~CellStore() = default;

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_CELL_STORE_H_
