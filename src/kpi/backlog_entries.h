// BacklogEntries: a set of entries into the backlog, as signed changes.
//
// Of what enters and leaves nothing is left. Most cells hold a few entries, in
// order of time as they come, so they lie in a sorted array; a cell of many has
// a tree.

#ifndef CCKPI_SRC_KPI_BACKLOG_ENTRIES_H_
#define CCKPI_SRC_KPI_BACKLOG_ENTRIES_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "src/base/pooled.h"
#include "src/base/room.h"
#include "src/base/spare_list.h"

namespace cckpi {

// An entry into the backlog, and the opening hours that the entry is under.
struct BacklogEntry {
  int64_t entered_us = 0;
  uint16_t schedule = 0;

  auto operator<=>(const BacklogEntry&) const = default;
};

// Entries with signed counts, in one piece.
using EntryList = std::vector<std::pair<BacklogEntry, int64_t>>;

class BacklogEntries {
 public:
  // What does not lie inside is in the memory of `room`, which then outlives
  // this; of nullptr on the heap.
  void Add(const BacklogEntry& entry, int64_t count, Room* room = nullptr) {
    if (many_) return AddToMany(entry, count);
    // What comes is among the latest, as a rule.
    size_t at = few_.size();
    while (at > 0 && entry < few_[at - 1].first) --at;
    if (at > 0 && few_[at - 1].first == entry) {
      few_[at - 1].second += count;
      if (few_[at - 1].second == 0) few_.erase(&few_[at - 1]);
      return;
    }
    if (count == 0) return;
    if (few_.HeapBytes() == 0) few_.SetPool(room);
    few_.insert(few_.begin() + at, {entry, count});
    if (few_.size() > kFew) Outgrow(room);
  }
  void Merge(const BacklogEntries& other) {
    other.ForEach([this](const BacklogEntry& entry, int64_t count) {
      Add(entry, count);
    });
  }

  bool empty() const { return size() == 0; }
  size_t size() const { return many_ ? many_->tree.size() : few_.size(); }

  // Calls f(entry, count) for each, in order. No count is 0.
  template <typename F>
  void ForEach(F f) const {
    if (many_) {
      for (const auto& [entry, count] : many_->tree) f(entry, count);
    } else {
      for (const auto& [entry, count] : few_) f(entry, count);
    }
  }

  void AppendTo(EntryList& list) const {
    ForEach([&list](const BacklogEntry& entry, int64_t count) {
      list.emplace_back(entry, count);
    });
  }

  // Bytes on the heap, as far as they are known.
  size_t HeapBytes() const {
    constexpr size_t kEntry = sizeof(Entry);
    if (many_) return sizeof(*many_) + size() * (kEntry + kEntry / 2);
    return few_.HeapBytes();
  }

 private:
  using Entry = EntryList::value_type;
  using TreeAllocator = RoomAllocator<std::pair<const BacklogEntry, int64_t>>;
  // A copy is on the heap.
  struct Many {
    explicit Many(Room* room) : tree(TreeAllocator(room)) {}
    Many(const Many& other) : tree(other.tree, TreeAllocator()) {}
    Many& operator=(const Many&) = delete;
    Room* pool() const { return tree.get_allocator().pool(); }

    absl::btree_map<BacklogEntry, int64_t, std::less<BacklogEntry>,
                    TreeAllocator>
        tree;
  };
  static constexpr size_t kFew = 32;

  void AddToMany(const BacklogEntry& entry, int64_t count) {
    auto& tree = many_->tree;
    const auto [at, is_new] = tree.try_emplace(entry, count);
    if (!is_new) at->second += count;
    if (at->second == 0) tree.erase(at);
  }
  void Outgrow(Room* room) {
    many_.GetOrCreate(room).tree.insert(few_.begin(), few_.end());
    few_.Release();
  }

  SpareList<Entry, 1, Room> few_;
  Pooled<Many, Room> many_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_BACKLOG_ENTRIES_H_
