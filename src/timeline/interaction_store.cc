#include "src/timeline/interaction_store.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

namespace cckpi {

// What hangs on those at rest goes too.
InteractionStore::~InteractionStore() {
  for (const std::unique_ptr<Places>& block : places_) {
    if (block == nullptr) continue;
    for (uint32_t where : *block) {
      if (where == kUnknown || (where & kInSlot) != 0) continue;
      Interaction last(spares_);
      UnpackInteraction(usual_, packed_.At(where - kFirstPlace), last);
    }
  }
}

const Interaction* InteractionStore::FindOver(InteractionId id,
                                              BorrowedInteraction& room) const {
  auto found = changed_.find(id);
  return found != changed_.end() ? found->second : base_->Find(id, room);
}

Interaction& InteractionStore::EditOver(InteractionId id, bool* created) {
  const auto found = changed_.find(id);
  if (found != changed_.end() && found->second != nullptr) {
    return *found->second;
  }
  BorrowedInteraction room;
  const Interaction* known =
      found == changed_.end() ? base_->Find(id, room) : nullptr;
  *created = known == nullptr;
  if (copies_.empty() || copies_.back().size() == kSlotBlock) {
    copies_.emplace_back().reserve(kSlotBlock);
  }
  std::vector<Interaction>& block = copies_.back();
  Interaction& own =
      known != nullptr ? block.emplace_back(*known) : block.emplace_back();
  changed_.insert_or_assign(id, &own);
  return own;
}

Interaction& InteractionStore::Unpacked(InteractionId id, uint32_t where) {
  const uint32_t place = where - kFirstPlace;
  Interaction& state = SlotAt(TakeSlot(id));
  const char* bytes = packed_.At(place);
  UnpackInteraction(usual_, bytes, state);
  packed_.Give(place, PackedSize(bytes));
  return state;
}

Interaction& InteractionStore::Make(InteractionId id, bool* created) {
  const size_t index = static_cast<size_t>(id);
  if (index / kBlock >= places_.size()) places_.resize(index / kBlock + 1);
  std::unique_ptr<Places>& block = places_[index / kBlock];
  if (block == nullptr) block = std::make_unique<Places>();
  *created = true;
  ++count_;
  Interaction& fresh = SlotAt(TakeSlot(id));
  std::destroy_at(&fresh);
  std::construct_at(&fresh, spares_);
  return fresh;
}

uint32_t InteractionStore::TakeSlot(InteractionId id) {
  if (free_slots_.empty()) {
    if (in_slots_.size() < most_slots_) {
      MakeSlots();
    } else {
      FreeSlots();
    }
  }
  const uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  in_slots_[slot] = id;
  asked_for_[slot] = 0;
  PlaceOf(id) = kInSlot | slot;
  latest_ = slot;
  return slot;
}

// Puts some to rest that nobody has asked for since the last round. Of several,
// one after the other, that is quicker than between other things.
void InteractionStore::FreeSlots() {
  const uint32_t slots = static_cast<uint32_t>(in_slots_.size());
  const size_t count = std::clamp<size_t>(slots / 4, 1, kTogether);
  uint8_t* const asked_for = asked_for_.data();
  std::array<uint32_t, kTogether> chosen;
  size_t ready = 0;
  for (uint32_t hand = hand_; ready < count; ++ready) {
    for (;;) {
      hand = hand + 1 < slots ? hand + 1 : 0;
      if (hand == held_) continue;
      if (asked_for[hand] == 0) break;
      asked_for[hand] = 0;
    }
    if (ready > 0 && hand == chosen[0]) break;  // been all round
    chosen[ready] = hand;
    // Nobody has looked at it for long, nor at what hangs on it.
    PrefetchWhole(SlotAt(hand));
    PrefetchPlace(in_slots_[hand]);
  }
  for (size_t n = 0; n < ready; ++n) {
    const EpisodeEnd* end = SlotAt(chosen[n]).booked.end.get();
    if (end != nullptr) PrefetchWhole(*end);
  }
  for (size_t n = 0; n < ready; ++n) {
    const uint32_t slot = chosen[n];
    PutToRest(slot);
    in_slots_[slot] = InteractionId::kNone;
    free_slots_.push_back(slot);
    hand_ = slot;
  }
}

void InteractionStore::MakeSlots() {
  const size_t first = in_slots_.size();
  const size_t count = std::min(kSlotBlock, most_slots_ - first);
  slots_.push_back(std::make_unique<Slots>());
  for (Interaction& state : *slots_.back()) {
    std::construct_at(&state, spares_);
  }
  in_slots_.resize(first + count, InteractionId::kNone);
  asked_for_.resize(first + count);
  free_slots_.reserve(in_slots_.capacity());
  for (size_t n = count; n > 0; --n) {
    free_slots_.push_back(static_cast<uint32_t>(first + n - 1));
  }
}

void InteractionStore::PutToRest(uint32_t slot) {
  packed_.MakeRoom();  // what runs out of memory here has changed nothing
  char bytes[kMostPackedBytes];
  const size_t size = PackInteraction(usual_, SlotAt(slot), bytes);
  const uint32_t place = packed_.Take(size);
  std::memcpy(packed_.At(place), bytes, size);
  PlaceOf(in_slots_[slot]) = place + kFirstPlace;
}

void InteractionStore::Erase(InteractionId id) {
  if (base_ != nullptr) {
    changed_.insert_or_assign(id, nullptr);
    return;
  }
  FindOwn(id);
  const uint32_t slot = latest_;
  Interaction& state = SlotAt(slot);
  std::destroy_at(&state);
  std::construct_at(&state, spares_);
  in_slots_[slot] = InteractionId::kNone;
  asked_for_[slot] = 0;
  free_slots_.push_back(slot);
  PlaceOf(id) = kUnknown;
  --count_;
}

size_t InteractionStore::memory_bytes() const {
  if (base_ != nullptr) {
    return changed_.capacity() *
               (sizeof(decltype(changed_)::value_type) + sizeof(char)) +
           copies_.size() * kSlotBlock * sizeof(Interaction);
  }
  size_t blocks = 0;
  for (const std::unique_ptr<Places>& block : places_) {
    blocks += block != nullptr ? 1 : 0;
  }
  return blocks * sizeof(Places) + places_.capacity() * sizeof(places_[0]) +
         slots_.size() * sizeof(Slots) +
         in_slots_.capacity() * sizeof(in_slots_[0]) + asked_for_.capacity() +
         free_slots_.capacity() * sizeof(uint32_t) + packed_.memory_bytes();
}

}  // namespace cckpi
