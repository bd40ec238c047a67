// CellPlaces: the numbers of cells, by (bucket, group).
//
// Nearly every value is booked into one of the latest buckets. For up to 64
// buckets there is an array from group to number, so that finding a cell is two
// loads; in any other bucket its list is looked through, or an index where that
// is long. Which buckets have arrays changes no sooner than what was looked for
// elsewhere has paid for it, so that no order of buckets costs more than so
// much for each cell.
//
// What is the same in many buckets, one after the other, is one cell, a run of
// them: an agent whom somebody forgot to log out years ago is in few cells.
//
// Numbers are given from 0, in the order of first use.

#ifndef CCKPI_SRC_KPI_CELL_PLACES_H_
#define CCKPI_SRC_KPI_CELL_PLACES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/container/btree_map.h"
#include "absl/functional/function_ref.h"
#include "cckpi/base/hash_map.h"
#include "src/base/room.h"
#include "src/timeline/dimensions.h"

namespace cckpi {

// What is the same for more buckets than these (four days) becomes a run. Few
// have one: runs are for what somebody forgot.
inline constexpr int32_t kLongRun = 4 * 96;

class CellPlaces {
  struct Page;

 public:
  // What is at hand of a bucket.
  struct Hot {
    Page* page = nullptr;
    int32_t bucket = 0;
    bool used = false;            // since it was last asked to leave
    size_t asked = 0;             // to leave, so often
    std::vector<uint32_t> cells;  // by group: 1 + number; 0: none
  };

  CellPlaces();
  CellPlaces(CellPlaces&&) noexcept;
  ~CellPlaces();

  // What is at hand of the bucket; nullptr: nothing.
  ABSL_ATTRIBUTE_ALWAYS_INLINE Hot* HotOf(int32_t bucket) {
    if (hot_.empty()) [[unlikely]] {
      return nullptr;
    }
    Hot& hot = hot_[HotIndex(bucket)];
    if (hot.page == nullptr || hot.bucket != bucket) return nullptr;
    hot.used = true;
    return &hot;
  }
  // The same for a look that nobody counts.
  const Hot* PeekAt(int32_t bucket) const {
    if (hot_.empty()) return nullptr;
    const Hot& hot = hot_[HotIndex(bucket)];
    return hot.page == nullptr || hot.bucket != bucket ? nullptr : &hot;
  }
  // 1 + the number of a group's cell; 0: there is none.
  static uint32_t NumberIn(const Hot& hot, GroupId group) {
    const size_t g = static_cast<size_t>(group);
    return g < hot.cells.size() ? hot.cells[g] : 0;
  }

  // A number for a group that has none in a bucket that is at hand.
  uint32_t Give(Hot& hot, GroupId group);
  // The number of (bucket, group) where the bucket was not at hand, given now
  // when there was none.
  uint32_t FindElsewhere(int32_t bucket, GroupId group);
  // The next number, for the same in every bucket from `first` to `last`.
  uint32_t GiveRun(int32_t first, int32_t last, GroupId group);

  // Calls f(bucket, group, number) for the buckets in [first, last], in order
  // of buckets. Where there are runs, several of one (bucket, group) may come.
  template <typename F>
  void ForEach(int32_t first, int32_t last, F f) const;
  // The same without runs.
  template <typename F>
  void ForEachAlone(int32_t first, int32_t last, F f) const {
    for (auto page = pages_.lower_bound(first);
         page != pages_.end() && page->first <= last; ++page) {
      page->second->ForEach([&](GroupId group, uint32_t number) {
        f(page->first, group, number);
      });
    }
  }
  // Calls f(first, last, group, number) for what of each run is in the buckets
  // [first, last], in order of where runs begin.
  template <typename F>
  void ForEachRun(int32_t first, int32_t last, F f) const {
    for (auto run = FirstRun(first); run != runs_.end() && run->first <= last;
         ++run) {
      const int32_t begin = std::max(first, run->first);
      const int32_t end = std::min(last, run->last);
      if (begin <= end) f(begin, end, run->group, run->cell);
    }
  }

  // Calls f(number) for all, those of runs once.
  template <typename F>
  void ForEachNumber(F f) const {
    for (const auto& [bucket, page] : pages_) {
      page->ForEach([&](GroupId, uint32_t number) { f(number); });
    }
    for (const Run& run : runs_) f(run.cell);
  }

  // Takes what is in `other`, whose numbers are higher by `before` here;
  // `group_of` is what its groups are. A (bucket, group) may then have several.
  // Nothing but destroying is left to be done with `other`.
  void TakeFrom(CellPlaces& other, uint32_t before,
                absl::FunctionRef<GroupId(GroupId)> group_of);

  // The next number that will be given.
  uint32_t next() const { return next_; }
  // Of how many (bucket, group) there is a number; a run is one. After TakeFrom
  // it has to look.
  size_t size() const {
    return (several_ ? CountApart() : count_) + runs_.size();
  }
  // How many numbers were given but for runs.
  size_t given() const { return count_; }

  // How many numbers of lists were walked by so far to find others; 16 places
  // of an array that was emptied count as one.
  uint64_t steps() const { return steps_; }
  // What finds numbers, beside the lists: so much more for each entry of a
  // table.
  size_t index_bytes(size_t for_entry) const;

  // Where lists are, and where cells may put what they have beside themselves.
  Room* room() { return room_.get(); }

 private:
  using Place = std::pair<GroupId, uint32_t>;
  using BucketGroup = std::pair<int32_t, GroupId>;

  // The groups of a bucket with their numbers, in the order of first use. Those
  // that were taken from others are in the next ones. All of it is in a room,
  // so nobody destroys it.
  struct Page {
    explicit Page(Room* room) : cells(RoomAllocator<Place>(room)) {}

    template <typename F>
    void ForEach(F f) const {
      for (const Page* part = this; part != nullptr; part = part->next) {
        for (const auto& [group, cell] : part->cells) f(group, cell);
      }
    }

    std::vector<Place, RoomAllocator<Place>> cells;
    size_t indexed = 0;  // so many of the first are in elsewhere_
    Page* next = nullptr;
  };
  using Pages = absl::btree_map<int32_t, Page*, std::less<int32_t>,
                                RoomAllocator<std::pair<const int32_t, Page*>>>;
  // The same number in each of these buckets.
  struct Run {
    int32_t first;
    int32_t last;
    GroupId group;
    uint32_t cell;
  };

  static constexpr size_t kHot = 64;
  // A longer list has an index.
  static constexpr size_t kScanned = 256;
  // A look elsewhere pays for as many numbers of a list to be entered, or for
  // 16 times as many places of an array to be emptied.
  static constexpr size_t kPaid = 64;

  static size_t HotIndex(int32_t bucket) {
    return static_cast<uint32_t>(bucket) % kHot;
  }

  // The first run that may reach a bucket.
  std::vector<Run>::const_iterator FirstRun(int32_t bucket) const {
    return std::lower_bound(
        runs_.begin(), runs_.end(), int64_t{bucket} - longest_run_,
        [](const Run& run, int64_t reached) { return run.first < reached; });
  }

  uint32_t Append(Page& page, GroupId group);
  Page& PageOf(int32_t bucket);
  void Enter(Hot& hot, GroupId group, uint32_t number);
  void AddRun(const Run& run);
  size_t CountApart() const;

  // On the heap, so that it stays where it is. `rooms_` are those of others
  // whose places were taken.
  std::unique_ptr<Room> room_ = std::make_unique<Room>();
  std::vector<std::unique_ptr<Room>> rooms_;
  size_t count_ = 0;
  bool several_ = false;  // numbers of a (bucket, group), maybe; but for runs
  uint32_t next_ = 0;
  Pages pages_;
  std::vector<Hot> hot_;     // kHot of them, once anything is booked
  size_t groups_ = 0;        // as many as the widest of them has room for
  std::vector<Run> runs_;    // by their first bucket
  int64_t longest_run_ = 0;  // how far the last bucket of any is from its first
  // Of buckets that have long lists and were looked for in them.
  HashMap<BucketGroup, uint32_t> elsewhere_;
  uint64_t steps_ = 0;
};

template <typename F>
void CellPlaces::ForEach(int32_t first, int32_t last, F f) const {
  auto page = pages_.lower_bound(first);
  const auto say = [&] {
    page->second->ForEach(
        [&](GroupId group, uint32_t number) { f(page->first, group, number); });
    ++page;
  };
  auto next = FirstRun(first);
  std::vector<Run> open;  // those that `bucket` is in
  for (int64_t bucket = first; bucket <= last; ++bucket) {
    std::erase_if(open, [&](const Run& run) { return run.last < bucket; });
    for (; next != runs_.end() && next->first <= bucket; ++next) {
      if (next->last >= bucket) open.push_back(*next);
    }
    if (open.empty()) {
      const int64_t begin =
          next == runs_.end() ? int64_t{last} + 1 : next->first;
      while (page != pages_.end() && page->first <= last &&
             page->first < begin) {
        say();
      }
      if (begin > last) return;
      bucket = begin - 1;
      continue;
    }
    for (const Run& run : open) {
      f(static_cast<int32_t>(bucket), run.group, run.cell);
    }
    if (page != pages_.end() && page->first == bucket) say();
  }
}

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_CELL_PLACES_H_
