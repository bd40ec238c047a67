#include "src/timeline/interaction_store.h"

#include <memory>

namespace cckpi {

const Interaction* InteractionStore::FindOver(InteractionId id) const {
  auto found = changed_.find(id);
  return found != changed_.end() ? found->second.get() : base_->Find(id);
}

Interaction& InteractionStore::Edit(InteractionId id, bool* created) {
  *created = false;
  if (base_ != nullptr) {
    auto [entry, inserted] = changed_.try_emplace(id);
    std::unique_ptr<Interaction>& slot = entry->second;
    if (slot != nullptr) return *slot;
    const Interaction* known = inserted ? base_->Find(id) : nullptr;
    *created = known == nullptr;
    slot = known != nullptr ? std::make_unique<Interaction>(*known)
                            : std::make_unique<Interaction>();
    return *slot;
  }
  size_t index = static_cast<size_t>(id);
  if (index / kBlock >= blocks_.size()) blocks_.resize(index / kBlock + 1);
  std::unique_ptr<Block>& block = blocks_[index / kBlock];
  if (block == nullptr) block = std::make_unique<Block>();
  if (!block->known[index % kBlock]) {
    std::construct_at(&block->states[index % kBlock], spares_);
    block->known.set(index % kBlock);
    ++count_;
    *created = true;
  }
  return block->states[index % kBlock];
}

void InteractionStore::Erase(InteractionId id) {
  if (base_ != nullptr) {
    changed_.insert_or_assign(id, nullptr);
    return;
  }
  size_t index = static_cast<size_t>(id);
  Block& block = *blocks_[index / kBlock];
  std::destroy_at(&block.states[index % kBlock]);
  std::construct_at(&block.states[index % kBlock]);
  block.known.reset(index % kBlock);
  --count_;
}

}  // namespace cckpi
