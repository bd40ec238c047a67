// CellStore: the cells of one measure, by (bucket, group).
//
// Nearly every value is booked into one of the latest buckets. For up to 64
// buckets the store keeps an array from group to cell, so that finding a cell
// is two loads; in any other bucket it looks through the bucket's list. Cells
// lie in blocks and never move.

#ifndef CCKPI_SRC_KPI_CELL_STORE_H_
#define CCKPI_SRC_KPI_CELL_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "src/timeline/dimensions.h"

namespace cckpi {

template <typename Cell>
class CellStore {
 public:
  // The cell of (bucket, group), made when there is none.
  Cell& At(int32_t bucket, GroupId group) {
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
      return At(bucket, group);
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
};

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_CELL_STORE_H_
