// CellStore: the cells of one measure, by (bucket, group).
//
// Nearly every value is booked into one of the latest buckets. For up to 64
// buckets the store keeps an array from group to cell, so that finding a cell
// is two loads; in any other bucket it looks through the bucket's list. Cells
// lie in blocks and never move.
//
// So that a query does not have to walk all of history, the store rolls it up:
// RollUp merges the cells before a mark into cells for each day and for all
// time, and from then on what is booked before the mark is booked into those
// too. Nobody who does not ask pays for it; who asks again pays for what came
// since.

#ifndef CCKPI_SRC_KPI_CELL_STORE_H_
#define CCKPI_SRC_KPI_CELL_STORE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "src/timeline/dimensions.h"

namespace cckpi {

template <typename Cell>
class CellStore {
 public:
  CellStore() : rolled_(std::make_unique<Rolled>()) {}

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
    }
  }

  // Rolls up what is booked before bucket `mark`. `day_of` gives the buckets
  // [first, last] of the day of a bucket; it is always the same function. May
  // be called concurrently, with the same mark.
  template <typename F>
  void RollUp(int32_t mark, F day_of) const {
    std::lock_guard<std::mutex> lock(rolled_->mutex);
    // Whoever comes second writes nothing: others read already.
    if (rolled_->mark >= mark) return;
    // What was rolled up in part, because an allocation failed, is not kept.
    struct Attempt {
      Rolled* rolled;
      ~Attempt() {
        if (rolled != nullptr) Forget(*rolled);
      }
    } attempt{rolled_.get()};
    for (auto page = pages_.lower_bound(rolled_->mark);
         page != pages_.end() && page->first < mark; ++page) {
      auto [first, last] = day_of(page->first);
      Sums& day = rolled_->days[first];
      day.last = last;
      for (const auto& [group, cell] : *page->second) {
        day.At(group).Merge(CellAt(cell));
        rolled_->all.At(group).Merge(CellAt(cell));
      }
    }
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
  // all buckets.
  template <typename F>
  void ForAllTime(F f) const {
    for (const auto& [group, cell] : rolled_->all.cells) {
      f(rolled_->days.begin()->first, group, cell);
    }
    ForEach(rolled_->mark, std::numeric_limits<int32_t>::max(), f);
  }

  // The same for the buckets in [first, last], in order, no cell reaching over
  // the edges of a day.
  template <typename F>
  void ForDays(int32_t first, int32_t last, F f) const {
    auto day = rolled_->days.lower_bound(first);
    int32_t next = first;  // the first bucket that is not said yet
    for (; day != rolled_->days.end() && day->second.last <= last &&
           day->second.last < rolled_->mark;
         ++day) {
      if (day->first > next) ForEach(next, day->first - 1, f);
      for (const auto& [group, cell] : day->second.cells) {
        f(day->first, group, cell);
      }
      next = day->second.last + 1;
    }
    if (next <= last) ForEach(next, last, f);
  }

  // Calls f(bucket, group, cell) for the buckets in [first, last], in order
  // of buckets.
  template <typename F>
  void ForEach(int32_t first, int32_t last, F f) const {
    for (auto page = pages_.lower_bound(first);
         page != pages_.end() && page->first <= last; ++page) {
      for (const auto& [group, cell] : *page->second) {
        f(page->first, group, CellAt(cell));
      }
    }
  }

  size_t size() const { return count_; }

 private:
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

    int32_t last = 0;              // of a day: its last bucket
    std::vector<uint32_t> places;  // by group: 1 + place; 0: none
    std::deque<std::pair<GroupId, Cell>> cells;
  };
  // A cache: changed under the mutex where the store is const.
  struct Rolled {
    std::mutex mutex;
    // What is in buckets before it is in `days` and `all`.
    int32_t mark = std::numeric_limits<int32_t>::min();
    absl::btree_map<int32_t, Sums> days;  // by their first bucket
    Sums all;
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
  }

  // The groups of a bucket with their cells, in the order of first use.
  using Page = std::vector<std::pair<GroupId, uint32_t>>;
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
    uint32_t cell = static_cast<uint32_t>(count_++);
    if (cell / kBlock == blocks_.size()) {
      blocks_.push_back(std::make_unique<Cell[]>(kBlock));
    }
    page.emplace_back(group, cell);
    return cell;
  }

  static void Enter(Hot& hot, GroupId group, uint32_t cell) {
    size_t g = static_cast<size_t>(group);
    if (g >= hot.cells.size()) hot.cells.resize(g + g / 4 + 16, 0);
    hot.cells[g] = cell + 1;
  }

  Cell& AtOther(int32_t bucket, GroupId group) {
    if (hot_.empty()) hot_.resize(kHot);
    std::unique_ptr<Page>& page = pages_[bucket];
    if (page == nullptr) page = std::make_unique<Page>();
    Hot& hot = hot_[HotIndex(bucket)];
    if (hot.page == nullptr || !hot.used) {
      hot.page = page.get();
      hot.bucket = bucket;
      hot.used = true;
      hot.cells.assign(hot.cells.size(), 0);
      for (const auto& [known, cell] : *page) Enter(hot, known, cell);
      return Find(bucket, group);
    }
    hot.used = false;
    for (const auto& [known, cell] : *page) {
      if (known == group) return CellAt(cell);
    }
    return CellAt(Append(*page, group));
  }

  std::vector<std::unique_ptr<Cell[]>> blocks_;
  size_t count_ = 0;
  absl::btree_map<int32_t, std::unique_ptr<Page>> pages_;
  std::vector<Hot> hot_;  // kHot of them, once anything is booked
  std::unique_ptr<Rolled> rolled_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_CELL_STORE_H_
