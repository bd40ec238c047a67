// CellStore: the cells of one measure, by (bucket, group).
//
// Nearly every value is booked into one of the latest buckets. For up to 64
// buckets the store keeps an array from group to cell, so that finding a cell
// is two loads; in any other bucket it looks through the bucket's list, or in
// an index where that is long. Which buckets have arrays changes no sooner than
// what was looked for elsewhere has paid for it, so that no order of buckets
// costs more than so much for each cell. Cells lie in blocks and never move; a
// store takes those of another as they are.
//
// What is the same in many buckets, one after the other, is one cell, a run of
// them: an agent whom somebody forgot to log out years ago is in few cells.
//
// So that a query does not have to walk all of history, the store rolls it up
// (rolled_cells.h). Nobody who does not ask pays for it; who asks again pays
// for what came since.

#ifndef CCKPI_SRC_KPI_CELL_STORE_H_
#define CCKPI_SRC_KPI_CELL_STORE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "cckpi/base/hash_map.h"
#include "cckpi/base/prefetch.h"
#include "src/base/room.h"
#include "src/kpi/rolled_cells.h"
#include "src/timeline/dimensions.h"

namespace cckpi {

// What is the same for more buckets than these (four days) becomes a run. Few
// have one: runs are for what somebody forgot.
inline constexpr int32_t kLongRun = 4 * 96;

template <typename Cell>
class CellStore {
 public:
  using Rolled = RolledCells<Cell>;

  CellStore() : rolled_(std::make_unique<Rolled>()) {}
  CellStore(CellStore&&) noexcept = default;
  CellStore& operator=(CellStore&& other) noexcept {
    if (this == &other) return *this;
    std::destroy_at(this);
    return *std::construct_at(this, std::move(other));
  }

  // The cell of (bucket, group), made when there is none, for any change.
  Cell& At(int32_t bucket, GroupId group) {
    if (bucket < rolled_->mark()) rolled_->Forget();
    return Find(bucket, group);
  }

  // Makes `cell` that of (bucket, group), or merges it into the one there.
  void Put(int32_t bucket, GroupId group, Cell cell) {
    const size_t before = count_;
    Cell& here = At(bucket, group);
    if (count_ != before) {
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
    Hot* hot = HotOf(bucket);
    for (GroupId group : groups) {
      if (hot != nullptr) [[likely]] {
        change(InHot(*hot, group));
      } else {
        change(AtOther(bucket, group));
        hot = HotOf(bucket);
      }
    }
    if (bucket < rolled_->mark()) [[unlikely]] {
      for (GroupId group : groups) rolled_->Change(bucket, group, change);
    }
  }

  // Change for each of several groups in every bucket from `first` to `last`.
  // It takes a cell for each group, and time for each bucket only where it has
  // been rolled up.
  template <typename F>
  void ChangeRun(int32_t first, int32_t last, std::span<const GroupId> groups,
                 F change) {
    for (GroupId group : groups) {
      const uint32_t cell = NewCell();
      change(CellAt(cell));
      AddRun({first, last, group, cell});
    }
    const int32_t mark = rolled_->mark();
    for (int32_t bucket = first; bucket <= last && bucket < mark; ++bucket) {
      for (GroupId group : groups) rolled_->Change(bucket, group, change);
    }
  }

  // Asks the memory for these cells, if they are at hand.
  void Prefetch(int32_t bucket, std::span<const GroupId> groups) const {
    if (hot_.empty()) return;
    const Hot& hot = hot_[HotIndex(bucket)];
    if (hot.page == nullptr || hot.bucket != bucket) return;
    for (GroupId group : groups) {
      const size_t g = static_cast<size_t>(group);
      if (g >= hot.cells.size() || hot.cells[g] == 0) continue;
      PrefetchWhole(CellAt(hot.cells[g] - 1));
    }
  }

  // Rolls up what is booked before bucket `mark`, as RolledCells::RollUp.
  template <typename D, typename G>
  void RollUp(int32_t mark, size_t total, const BucketRange& days, D day_of,
              G grouping_of) const {
    rolled_->RollUp(
        mark, total, days,
        [this](int32_t first, int32_t last, auto f) {
          this->ForEach(first, last, f);
        },
        day_of, grouping_of);
  }

  // Calls f(bucket, group, cell) for merged cells that together are those of
  // all buckets; f(bucket, group, cell, index) for sums, if it takes that.
  template <typename F>
  void ForAllTime(F f) const {
    rolled_->ForAllTime(f);
    ForEach(rolled_->mark(), std::numeric_limits<int32_t>::max(), f);
  }

  // The same for one group of all groups of a grouping, whose total was asked
  // for: total(bucket, cell, index) for their sum, f(bucket, group, cell) for
  // what is not in it, of any grouping.
  template <typename T, typename F>
  void ForAllTimeOf(size_t grouping, T total, F f) const {
    rolled_->ForTotal(grouping, total);
    ForEach(rolled_->mark(), std::numeric_limits<int32_t>::max(), f);
  }

  // ForAllTime for the buckets in [first, last], in order, no cell reaching
  // over the edges of a day.
  template <typename F>
  void ForDays(int32_t first, int32_t last, F f) const {
    rolled_->ForDays(first, last, f, [&](int32_t from, int32_t to) {
      this->ForEach(from, to, f);
    });
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
    const auto with = [&f](int sign) {
      return [&f, sign](int32_t, GroupId group, const Cell& cell) {
        f(group, cell, sign);
      };
    };
    const BucketRange days = DaysBefore(edge);
    if (days.first < edge) {
      ForDays(days.first, days.last, with(1));
      return;
    }
    rolled_->ForAllTime(with(1));
    if (edge > mark) {
      ForEach(mark, edge - 1, with(1));
    } else if (edge < mark) {
      ForDays(days.first, days.last, with(-1));
    }
  }

  // Calls f(bucket, group, cell) for the buckets in [first, last], in order
  // of buckets. Where there are runs, several cells of one (bucket, group) may
  // come, which together are one.
  template <typename F>
  void ForEach(int32_t first, int32_t last, F f) const {
    auto page = pages_.lower_bound(first);
    const auto say = [&] {
      page->second->ForEach([&](GroupId group, uint32_t cell) {
        f(page->first, group, CellAt(cell));
      });
      ++page;
    };
    // The first run that may reach there.
    auto next = std::lower_bound(
        runs_.begin(), runs_.end(), int64_t{first} - longest_run_,
        [](const Run& run, int64_t bucket) { return run.first < bucket; });
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
        f(static_cast<int32_t>(bucket), run.group, CellAt(run.cell));
      }
      if (page != pages_.end() && page->first == bucket) say();
    }
  }

  // Calls f(cell) for all of them, those of runs once.
  template <typename F>
  void ForEachCell(F f) const {
    for (const auto& [bucket, page] : pages_) {
      page->ForEach([&](GroupId, uint32_t cell) { f(CellAt(cell)); });
    }
    for (const Run& run : runs_) f(CellAt(run.cell));
  }

  // Takes the cells of `other`, which is empty afterwards. `group_of(group)` is
  // what its group is here; `amend(cell)` changes each of its cells, nullptr
  // none. Nothing is merged: a bucket may then have several cells of a group,
  // which together are one. Costs a step for each cell.
  template <typename F, typename G = std::nullptr_t>
  void TakeFrom(CellStore& other, F group_of, G amend = nullptr) {
    rolled_->Forget();
    const uint32_t before = static_cast<uint32_t>(blocks_.size() * kBlock);
    for (const auto& [bucket, page] : other.pages_) {
      for (Page* part = page; part != nullptr; part = part->next) {
        for (auto& [group, cell] : part->cells) {
          if constexpr (!std::is_null_pointer_v<G>) amend(other.CellAt(cell));
          group = group_of(group);
          cell += before;
        }
        part->indexed = 0;
      }
      Page** end = &pages_.try_emplace(bucket, nullptr).first->second;
      while (*end != nullptr) end = &(*end)->next;
      *end = page;
    }
    for (const Run& run : other.runs_) {
      if constexpr (!std::is_null_pointer_v<G>) amend(other.CellAt(run.cell));
      AddRun({run.first, run.last, group_of(run.group), run.cell + before});
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

  // How many cells of lists were walked by so far to find others; 16 places of
  // an array that was emptied count as one.
  uint64_t steps() const { return steps_; }

  // What finds cells, beside the lists: so much more for each entry of a table.
  size_t index_bytes(size_t for_entry) const {
    size_t bytes = elsewhere_.size() *
                       (sizeof(BucketGroup) + sizeof(uint32_t) + for_entry) +
                   runs_.capacity() * sizeof(Run);
    for (const Hot& hot : hot_) {
      bytes += sizeof(hot) + hot.cells.capacity() * sizeof(uint32_t);
    }
    return bytes;
  }

  // What the sums for questions take, a cell heap_of(cell) beside itself.
  template <typename F>
  size_t rolled_bytes(F heap_of) const {
    return rolled_->memory_bytes(heap_of);
  }

  // Where its cells may put what they have beside themselves.
  Room* room() { return room_.get(); }

  // Of how many (bucket, group) there is a cell. After TakeFrom, and where
  // there are runs, it has to look.
  size_t size() const {
    if (!several_) return count_;
    size_t count = 0;
    constexpr int32_t kNowhere = std::numeric_limits<int32_t>::min();
    std::vector<int32_t> seen_in;  // by group: the last bucket that has it
    ForEach(kNowhere + 1, std::numeric_limits<int32_t>::max(),
            [&](int32_t bucket, GroupId group, const Cell&) {
              const size_t g = static_cast<size_t>(group);
              if (g >= seen_in.size()) seen_in.resize(g + g / 4 + 16, kNowhere);
              if (seen_in[g] != bucket) ++count;
              seen_in[g] = bucket;
            });
    return count;
  }

 private:
  Cell& Find(int32_t bucket, GroupId group) {
    Hot* const hot = HotOf(bucket);
    return hot != nullptr ? InHot(*hot, group) : AtOther(bucket, group);
  }

  // The groups of a bucket with their cells, in the order of first use. Those
  // that were taken from other stores are in the next ones. All of it is in a
  // room, so nobody destroys it.
  using Place = std::pair<GroupId, uint32_t>;
  using BucketGroup = std::pair<int32_t, GroupId>;
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
  // The same cell in each of these buckets.
  struct Run {
    int32_t first;
    int32_t last;
    GroupId group;
    uint32_t cell;
  };
  struct Hot {
    Page* page = nullptr;
    int32_t bucket = 0;
    bool used = false;            // since it was last asked to leave
    size_t asked = 0;             // to leave, so often
    std::vector<uint32_t> cells;  // by group: 1 + cell; 0: none
  };

  static constexpr size_t kHot = 64;
  static constexpr size_t kBlock = 64;
  // A longer list has an index.
  static constexpr size_t kScanned = 256;
  // A look elsewhere pays for as many cells of a list to be entered, or for 16
  // times as many places of an array to be emptied.
  static constexpr size_t kPaid = 64;

  static size_t HotIndex(int32_t bucket) {
    return static_cast<uint32_t>(bucket) % kHot;
  }
  // Where the groups of the bucket are at hand; nullptr: nowhere.
  Hot* HotOf(int32_t bucket) {
    if (hot_.empty()) [[unlikely]] {
      return nullptr;
    }
    Hot& hot = hot_[HotIndex(bucket)];
    if (hot.page == nullptr || hot.bucket != bucket) return nullptr;
    hot.used = true;
    return &hot;
  }
  Cell& InHot(Hot& hot, GroupId group) {
    const size_t g = static_cast<size_t>(group);
    if (g < hot.cells.size() && hot.cells[g] != 0) [[likely]] {
      return CellAt(hot.cells[g] - 1);
    }
    return AppendHot(hot, group);
  }
  Cell& CellAt(uint32_t cell) { return blocks_[cell / kBlock][cell % kBlock]; }
  const Cell& CellAt(uint32_t cell) const {
    return blocks_[cell / kBlock][cell % kBlock];
  }

  uint32_t NewCell() {
    const uint32_t cell = next_;
    if (cell / kBlock == blocks_.size()) {
      blocks_.push_back(std::make_unique<Cell[]>(kBlock));
    }
    ++next_;
    return cell;
  }
  uint32_t Append(Page& page, GroupId group) {
    const uint32_t cell = NewCell();
    ++count_;
    page.cells.emplace_back(group, cell);
    return cell;
  }

  void AddRun(const Run& run) {
    runs_.insert(std::upper_bound(runs_.begin(), runs_.end(), run,
                                  [](const Run& a, const Run& b) {
                                    return a.first < b.first;
                                  }),
                 run);
    longest_run_ = std::max(longest_run_, int64_t{run.last} - run.first);
    several_ = true;
  }

  Cell& AppendHot(Hot& hot, GroupId group) {
    const uint32_t cell = Append(*hot.page, group);
    Enter(hot, group, cell);
    return CellAt(cell);
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
    ++hot.asked;
    if (hot.page == nullptr ||
        (!hot.used &&
         hot.asked * kPaid >= page.cells.size() + hot.cells.size() / 16)) {
      hot.page = &page;
      hot.bucket = bucket;
      hot.used = true;
      hot.asked = 0;
      hot.cells.assign(hot.cells.size(), 0);
      for (const auto& [known, cell] : page.cells) Enter(hot, known, cell);
      steps_ += page.cells.size() + hot.cells.size() / 16;
      return Find(bucket, group);
    }
    hot.used = false;
    if (page.cells.size() <= kScanned) {
      steps_ += page.cells.size();
      for (const auto& [known, cell] : page.cells) {
        if (known == group) return CellAt(cell);
      }
    } else {
      steps_ += page.cells.size() - page.indexed;
      for (; page.indexed < page.cells.size(); ++page.indexed) {
        const auto& [known, cell] = page.cells[page.indexed];
        elsewhere_.emplace(BucketGroup(bucket, known), cell);
      }
      const auto found = elsewhere_.find({bucket, group});
      if (found != elsewhere_.end()) return CellAt(found->second);
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
  std::vector<Hot> hot_;     // kHot of them, once anything is booked
  size_t groups_ = 0;        // as many as the widest of them has room for
  std::vector<Run> runs_;    // by their first bucket
  int64_t longest_run_ = 0;  // how far the last bucket of any is from its first
  // Cells of buckets that have long lists and were looked for in them.
  HashMap<BucketGroup, uint32_t> elsewhere_;
  uint64_t steps_ = 0;
  std::unique_ptr<Rolled> rolled_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_CELL_STORE_H_
