// HandledEpisodes: the episodes of an agent, by number.
//
// Episodes lie in one row, in any order; an index of four bytes a place finds
// them. A query changes a few episodes of the agents that it touches: it looks
// at theirs over a base, and copies those that it asks for to be changed.

#ifndef CCKPI_SRC_TIMELINE_HANDLED_EPISODES_H_
#define CCKPI_SRC_TIMELINE_HANDLED_EPISODES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "cckpi/base/prefetch.h"
#include "cckpi/timeline/agent_time.h"

namespace cckpi {

// Times of an episode run with the clocks of its agent: while a time runs, the
// clock's reading at its start is taken off it.
struct HandledEpisode {
  uint64_t number = 0;
  uint32_t group = 0;
  uint8_t bits = 0;         // AgentLoadBit bits; kLoadFocus in the foreground
  bool asks_focus = false;  // the host set kLoadFocus
  bool gone = false;        // over a base: the base's was erased
  std::array<int64_t, kAgentLoadCount> elapsed_us = {};
  std::array<int64_t, 2> share_us = {};  // without what its ledger has
  int64_t off_us = 0;
};

class HandledEpisodes {
 public:
  HandledEpisodes() = default;
  // Those of `base`, which does not change while these live.
  static HandledEpisodes Over(const HandledEpisodes& base);

  size_t size() const { return size_; }
  bool contains(uint64_t number) const { return Look(number) != nullptr; }
  // Ask the memory for it: first for its place in the index and for the row's
  // next free place, then for itself.
  void PrefetchPlace(uint64_t number) const {
    if (slots_.empty()) return;
    PrefetchLine(&slots_[HomeOf(number)]);
    if (free_ != kNone) PrefetchLine(&episodes_[free_]);
  }
  void Prefetch(uint64_t number) const {
    if (slots_.empty()) return;
    const uint32_t slot = slots_[HomeOf(number)];
    if (slot != 0) PrefetchLine(&episodes_[slot - 1]);
  }
  // Null: there is none. An episode stays where it is until the next At, over a
  // base until the next Find too.
  HandledEpisode* Find(uint64_t number) {
    const uint32_t slot = slots_.empty() ? 0 : slots_[SlotOf(number)];
    if (base_ != nullptr) return FindOver(slot, number);
    return slot == 0 ? nullptr : &episodes_[slot - 1];
  }
  // Made where there is none.
  HandledEpisode& At(uint64_t number);
  // One of these.
  void Erase(HandledEpisode& episode);

  // What slices have been emitted for; takes memory once there are any. It can
  // be set of what Find or At has given.
  HandleTime SlicedOf(const HandledEpisode& episode) const;
  void SetSliced(const HandledEpisode& episode, const HandleTime& sliced);

  // All of them, in the order of numbers.
  std::vector<const HandledEpisode*> InOrder() const;

 private:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  size_t HomeOf(uint64_t number) const {
    return static_cast<size_t>(number * uint64_t{0x9E3779B97F4A7C15} >> shift_);
  }
  // Where the episode is in the index, or the free slot where it would be.
  size_t SlotOf(uint64_t number) const {
    const size_t mask = slots_.size() - 1;
    size_t at = HomeOf(number);
    while (slots_[at] != 0 && episodes_[slots_[at] - 1].number != number) {
      at = (at + 1) & mask;
    }
    return at;
  }
  size_t PlaceOf(const HandledEpisode& episode) const {
    return static_cast<size_t>(&episode - episodes_.data());
  }
  // Null: there is none.
  const HandledEpisode* Look(uint64_t number) const;
  HandledEpisode* FindOver(uint32_t slot, uint64_t number);
  // One that is not in the index yet.
  HandledEpisode& Insert(uint64_t number);
  bool IsOwn(const HandledEpisode& episode) const;
  void Grow();

  const HandledEpisodes* base_ = nullptr;
  std::vector<HandledEpisode> episodes_;
  std::vector<uint32_t> slots_;     // a power of two: 1 + place; 0: free
  unsigned shift_ = 0;              // 64 minus the power
  size_t taken_ = 0;                // slots, over a base also by what is gone
  size_t size_ = 0;                 // over a base: with the base's
  std::vector<HandleTime> sliced_;  // by place, as far as any is not 0
  // The free place that is taken next; its `group` is the one after it.
  uint32_t free_ = kNone;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_HANDLED_EPISODES_H_
