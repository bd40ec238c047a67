#include "src/timeline/handled_episodes.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace cckpi {

void HandledEpisodes::Grow() {
  constexpr size_t kLeast = 8;
  const size_t size = std::max(kLeast, 2 * slots_.size());
  std::vector<uint32_t> old(size, 0);
  old.swap(slots_);
  shift_ = 64 - static_cast<unsigned>(std::countr_zero(size));
  for (const uint32_t slot : old) {
    if (slot != 0) slots_[SlotOf(episodes_[slot - 1].number)] = slot;
  }
}

HandledEpisodes HandledEpisodes::Over(const HandledEpisodes& base) {
  HandledEpisodes over;
  over.base_ = &base;
  over.size_ = base.size_;
  return over;
}

const HandledEpisode* HandledEpisodes::Look(uint64_t number) const {
  const uint32_t slot = slots_.empty() ? 0 : slots_[SlotOf(number)];
  if (slot == 0) return base_ != nullptr ? base_->Look(number) : nullptr;
  const HandledEpisode& episode = episodes_[slot - 1];
  return episode.gone ? nullptr : &episode;
}

HandledEpisode* HandledEpisodes::FindOver(uint32_t slot, uint64_t number) {
  if (slot != 0) {
    HandledEpisode& own = episodes_[slot - 1];
    return own.gone ? nullptr : &own;
  }
  const HandledEpisode* below = base_->Look(number);
  if (below == nullptr) return nullptr;
  HandledEpisode& own = Insert(number);
  own = *below;
  SetSliced(own, base_->SlicedOf(*below));
  return &own;
}

HandledEpisode& HandledEpisodes::At(uint64_t number) {
  const uint32_t slot = slots_.empty() ? 0 : slots_[SlotOf(number)];
  if (slot != 0) {
    HandledEpisode& episode = episodes_[slot - 1];
    if (!episode.gone) return episode;
    episode = HandledEpisode();
    episode.number = number;
    ++size_;
    return episode;
  }
  if (base_ != nullptr) {
    HandledEpisode* of_base = FindOver(slot, number);
    if (of_base != nullptr) return *of_base;
  }
  HandledEpisode& episode = Insert(number);
  ++size_;
  return episode;
}

HandledEpisode& HandledEpisodes::Insert(uint64_t number) {
  // At most half of the slots are taken.
  if (2 * (taken_ + 1) > slots_.size()) Grow();
  const size_t at = SlotOf(number);
  if (free_ == kNone) {
    episodes_.emplace_back().group = kNone;
    free_ = static_cast<uint32_t>(episodes_.size() - 1);
  }
  HandledEpisode& episode = episodes_[free_];
  slots_[at] = free_ + 1;
  free_ = episode.group;
  episode = HandledEpisode();
  episode.number = number;
  ++taken_;
  return episode;
}

void HandledEpisodes::Erase(HandledEpisode& episode) {
  if (base_ != nullptr) {
    SetSliced(episode, HandleTime());
    episode.gone = true;
    --size_;
    return;
  }
  // What follows in the same run moves up to where it can still be found.
  const size_t mask = slots_.size() - 1;
  size_t hole = SlotOf(episode.number);
  for (size_t at = (hole + 1) & mask; slots_[at] != 0; at = (at + 1) & mask) {
    const size_t home = HomeOf(episodes_[slots_[at] - 1].number);
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = 0;
  const size_t place = PlaceOf(episode);
  if (place < sliced_.size()) sliced_[place] = HandleTime();
  episode.group = free_;
  free_ = static_cast<uint32_t>(place);
  --taken_;
  --size_;
}

bool HandledEpisodes::IsOwn(const HandledEpisode& episode) const {
  const std::less<const HandledEpisode*> less;
  return !less(&episode, episodes_.data()) &&
         less(&episode, episodes_.data() + episodes_.size());
}

HandleTime HandledEpisodes::SlicedOf(const HandledEpisode& episode) const {
  if (base_ != nullptr && !IsOwn(episode)) return base_->SlicedOf(episode);
  const size_t place = PlaceOf(episode);
  return place < sliced_.size() ? sliced_[place] : HandleTime();
}

void HandledEpisodes::SetSliced(const HandledEpisode& episode,
                                const HandleTime& sliced) {
  const size_t place = PlaceOf(episode);
  if (place >= sliced_.size()) {
    if (sliced == HandleTime()) return;
    sliced_.resize(place + 1);
  }
  sliced_[place] = sliced;
}

std::vector<const HandledEpisode*> HandledEpisodes::InOrder() const {
  std::vector<const HandledEpisode*> result;
  result.reserve(size_);
  for (const uint32_t slot : slots_) {
    if (slot != 0 && !episodes_[slot - 1].gone) {
      result.push_back(&episodes_[slot - 1]);
    }
  }
  if (base_ != nullptr) {
    for (const HandledEpisode* below : base_->InOrder()) {
      const bool is_own = !slots_.empty() && slots_[SlotOf(below->number)] != 0;
      if (!is_own) result.push_back(below);
    }
  }
  std::sort(result.begin(), result.end(),
            [](const HandledEpisode* a, const HandledEpisode* b) {
              return a->number < b->number;
            });
  return result;
}

}  // namespace cckpi
