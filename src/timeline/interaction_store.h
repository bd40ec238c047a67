// InteractionStore: the states of interactions, by their dense number.
//
// Those that something happened to lately lie unpacked in slots; the others are
// at rest, packed (packed_interaction.h). An interaction is unpacked when it is
// to be changed; where no slot is free, one that was not asked for since the
// last round goes to rest. Whoever only reads gets one that is at rest unpacked
// into room of his own, and changes nothing: several may read at once.
//
// A store made over a base is an overlay: it reads the base and keeps what it
// changes for itself, unpacked.

#ifndef CCKPI_SRC_TIMELINE_INTERACTION_STORE_H_
#define CCKPI_SRC_TIMELINE_INTERACTION_STORE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "cckpi/base/hash_map.h"
#include "cckpi/base/prefetch.h"
#include "src/base/slabs.h"
#include "src/base/spares.h"
#include "src/timeline/interaction.h"
#include "src/timeline/packed_interaction.h"

namespace cckpi {

class InteractionStore {
 public:
  explicit InteractionStore(Spares* spares) : spares_(spares) {}
  // `base` has no base of its own, and does not change.
  explicit InteractionStore(const InteractionStore* base) : base_(base) {}
  InteractionStore(const InteractionStore&) = delete;
  InteractionStore& operator=(const InteractionStore&) = delete;
  ~InteractionStore();

  // Before anything is known.
  void Expect(const UsualSpans& usual) { usual_ = usual; }
  // So many slots at most, at least 2; before anything is known.
  void LimitSlots(size_t most) { most_slots_ = most; }
  // Of an overlay: so many will be changed, as far as one can tell.
  void ExpectChanges(size_t count) { changed_.reserve(count); }

  bool Knows(InteractionId id) const {
    if (base_ == nullptr) return Where(id) != kUnknown;
    auto found = changed_.find(id);
    return found != changed_.end() ? found->second != nullptr
                                   : base_->Knows(id);
  }
  // The state of `id`, nullptr when nothing is known of it; perhaps in `room`.
  // Valid until the store, its base or `room` changes.
  const Interaction* Find(InteractionId id, BorrowedInteraction& room) const {
    if (base_ != nullptr) return FindOver(id, room);
    const uint32_t where = Where(id);
    return where == kUnknown ? nullptr : &Read(where, room);
  }

  // The state of `id` for change, where something is known of it and there is
  // no base; else nullptr. Stays where it is until this is asked for another,
  // or Edit; and until it is erased, if it is held.
  Interaction* FindOwn(InteractionId id) {
    if (base_ != nullptr) return nullptr;
    const uint32_t where = Where(id);
    if ((where & kInSlot) == 0) {
      return where == kUnknown ? nullptr : &Unpacked(id, where);
    }
    latest_ = where & ~kInSlot;
    asked_for_[latest_] = 1;
    return &SlotAt(latest_);
  }
  // The same; made when nothing is known of it, `*created` says so.
  Interaction& Edit(InteractionId id, bool* created) {
    *created = false;
    if (Interaction* own = FindOwn(id)) return *own;
    return base_ == nullptr ? Make(id, created) : EditOver(id, created);
  }
  // What FindOwn or Edit gave last stays where it is, until the next is held.
  void HoldLatest() { held_ = latest_; }
  // Of something that is known.
  void Erase(InteractionId id);

  // Ask the memory for what Edit and Find will want, first for where it is,
  // then for itself; only where there is no base.
  void PrefetchPlace(InteractionId id) const {
    const size_t index = static_cast<size_t>(id);
    if (index / kBlock >= places_.size() ||
        places_[index / kBlock] == nullptr) {
      return;
    }
    PrefetchLine(&(*places_[index / kBlock])[index % kBlock]);
  }
  void Prefetch(InteractionId id) const {
    const uint32_t where = Where(id);
    if (where == kUnknown) return;
    if ((where & kInSlot) != 0) {
      PrefetchWhole(SlotAt(where & ~kInSlot));
      return;
    }
    PrefetchLines<2 * kCacheLine>(packed_.At(where - kFirstPlace));
  }

  // Unpacks what is at rest, where there is no base: soon it will be changed.
  // Of many, one after the other, that is quicker than between other things.
  // Its state, until the next is unpacked; nullptr: nothing is known of it.
  const Interaction* Unpack(InteractionId id) {
    const uint32_t where = Where(id);
    if (where == kUnknown) return nullptr;
    return (where & kInSlot) != 0 ? &SlotAt(where & ~kInSlot)
                                  : &Unpacked(id, where);
  }

  // Calls f(id, interaction) for each known one, in no particular order.
  template <typename F>
  void ForEach(F f) const {
    if (base_ == nullptr) {
      ForEachPlaced(f);
      return;
    }
    for (const auto& [id, interaction] : changed_) {
      if (interaction != nullptr) f(id, *interaction);
    }
    base_->ForEachPlaced([&](InteractionId id, const Interaction& interaction) {
      if (!changed_.contains(id)) f(id, interaction);
    });
  }

  size_t size() const { return base_ == nullptr ? count_ : changed_.size(); }
  // Of the heap, without what hangs on interactions.
  size_t memory_bytes() const;

 private:
  // Where an interaction is: nowhere, in a slot, or 1 + its place, packed.
  static constexpr uint32_t kUnknown = 0;
  static constexpr uint32_t kFirstPlace = 1;
  static constexpr uint32_t kInSlot = uint32_t{1} << 31;
  static constexpr uint32_t kNoSlot = ~kInSlot;
  static constexpr size_t kBlock = 1024;
  static constexpr size_t kSlotBlock = 64;
  static constexpr size_t kMostSlots = 8192;
  static constexpr size_t kTogether = 16;  // go to rest

  using Places = std::array<uint32_t, kBlock>;
  using Slots = std::array<Interaction, kSlotBlock>;

  uint32_t Where(InteractionId id) const {
    const size_t index = static_cast<size_t>(id);
    if (index / kBlock >= places_.size()) return kUnknown;
    const Places* block = places_[index / kBlock].get();
    return block == nullptr ? kUnknown : (*block)[index % kBlock];
  }
  // Where something is known of it.
  uint32_t& PlaceOf(InteractionId id) {
    const size_t index = static_cast<size_t>(id);
    return (*places_[index / kBlock])[index % kBlock];
  }
  Interaction& SlotAt(uint32_t slot) {
    return (*slots_[slot / kSlotBlock])[slot % kSlotBlock];
  }
  const Interaction& SlotAt(uint32_t slot) const {
    return (*slots_[slot / kSlotBlock])[slot % kSlotBlock];
  }

  Interaction& Unpacked(InteractionId id, uint32_t where);
  Interaction& Make(InteractionId id, bool* created);
  const Interaction* FindOver(InteractionId id,
                              BorrowedInteraction& room) const;
  Interaction& EditOver(InteractionId id, bool* created);
  // A slot for `id`: what is in it was packed, or is fresh.
  uint32_t TakeSlot(InteractionId id);
  void FreeSlots();
  void MakeSlots();
  void PutToRest(uint32_t slot);
  const Interaction& Read(uint32_t where, BorrowedInteraction& room) const {
    return (where & kInSlot) != 0
               ? SlotAt(where & ~kInSlot)
               : room.Read(usual_, packed_.At(where - kFirstPlace));
  }

  template <typename F>
  void ForEachPlaced(F f) const {
    // By number they lie anywhere.
    constexpr size_t kAhead = 8;
    BorrowedInteraction room;
    for (size_t b = 0; b < places_.size(); ++b) {
      if (places_[b] == nullptr) continue;
      const Places& block = *places_[b];
      for (size_t n = 0; n < kBlock; ++n) {
        if (n + kAhead < kBlock) {
          Prefetch(static_cast<InteractionId>(b * kBlock + n + kAhead));
        }
        if (block[n] == kUnknown) continue;
        f(static_cast<InteractionId>(b * kBlock + n), Read(block[n], room));
      }
    }
  }

  Spares* spares_ = nullptr;
  const InteractionStore* base_ = nullptr;
  UsualSpans usual_;
  // Where there is no base.
  std::vector<std::unique_ptr<Places>> places_;  // by number
  Slabs packed_;
  std::vector<std::unique_ptr<Slots>> slots_;
  std::vector<InteractionId> in_slots_;  // by slot; kNone: free
  std::vector<uint8_t> asked_for_;       // by slot: since the last round
  std::vector<uint32_t> free_slots_;
  size_t most_slots_ = kMostSlots;
  uint32_t hand_ = 0;  // the slot that the round has come to
  uint32_t latest_ = kNoSlot;
  uint32_t held_ = kNoSlot;
  size_t count_ = 0;
  // Where there is a base: what was changed, in blocks that never grow, and
  // where it is; nullptr: erased in this overlay.
  std::vector<std::vector<Interaction>> copies_;
  HashMap<InteractionId, Interaction*> changed_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_INTERACTION_STORE_H_
