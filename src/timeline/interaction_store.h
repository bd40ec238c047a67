// InteractionStore: the states of interactions, by their dense number.
//
// A store made over a base is an overlay: it reads the base and keeps what it
// changes for itself.

#ifndef CCKPI_SRC_TIMELINE_INTERACTION_STORE_H_
#define CCKPI_SRC_TIMELINE_INTERACTION_STORE_H_

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "cckpi/base/hash_map.h"
#include "src/base/spares.h"
#include "src/timeline/interaction.h"

namespace cckpi {

// Interactions by their dense number. What is committed lies in blocks; an
// overlay keeps the few that it changes in a map.
class InteractionStore {
 public:
  explicit InteractionStore(Spares* spares) : spares_(spares) {}
  // `base` has no base of its own.
  explicit InteractionStore(const InteractionStore* base) : base_(base) {}

  // The state of `id`, nullptr when nothing is known of it.
  const Interaction* Find(InteractionId id) const {
    if (base_ != nullptr) return FindOver(id);
    size_t index = static_cast<size_t>(id);
    if (index / kBlock >= blocks_.size()) return nullptr;
    const Block* block = blocks_[index / kBlock].get();
    if (block == nullptr || !block->known[index % kBlock]) return nullptr;
    return &block->states[index % kBlock];
  }
  // The state of `id` for change, where something is known of it and there is
  // no base; else nullptr.
  Interaction* FindOwn(InteractionId id) {
    return base_ != nullptr ? nullptr : const_cast<Interaction*>(Find(id));
  }
  // The state of `id` for change; made when nothing is known of it.
  // `*created` says so. Stays where it is until it is erased.
  Interaction& Edit(InteractionId id, bool* created);
  void Erase(InteractionId id);
  // Asks the memory for the state of `id`; only where there is no base.
  void Prefetch(InteractionId id) const {
    size_t index = static_cast<size_t>(id);
    if (index / kBlock >= blocks_.size()) return;
    const Block* block = blocks_[index / kBlock].get();
    if (block == nullptr) return;
    const char* state =
        reinterpret_cast<const char*>(&block->states[index % kBlock]);
    for (size_t line = 0; line < sizeof(Interaction); line += 64) {
      __builtin_prefetch(state + line);
    }
  }

  // Calls f(id, interaction) for each known one, in no particular order.
  template <typename F>
  void ForEach(F f) const {
    if (base_ == nullptr) {
      ForEachInBlocks(f);
      return;
    }
    for (const auto& [id, interaction] : changed_) {
      if (interaction != nullptr) f(id, *interaction);
    }
    base_->ForEachInBlocks(
        [&](InteractionId id, const Interaction& interaction) {
          if (!changed_.contains(id)) f(id, interaction);
        });
  }

  size_t size() const { return base_ == nullptr ? count_ : changed_.size(); }

 private:
  const Interaction* FindOver(InteractionId id) const;

  template <typename F>
  void ForEachInBlocks(F f) const {
    for (size_t b = 0; b < blocks_.size(); ++b) {
      if (blocks_[b] == nullptr) continue;
      for (size_t i = 0; i < kBlock; ++i) {
        if (!blocks_[b]->known[i]) continue;
        f(static_cast<InteractionId>(b * kBlock + i), blocks_[b]->states[i]);
      }
    }
  }

  static constexpr size_t kBlock = 128;
  struct Block {
    std::array<Interaction, kBlock> states;  // known ones have the spares
    std::bitset<kBlock> known;
  };

  Spares* spares_ = nullptr;
  const InteractionStore* base_ = nullptr;
  std::vector<std::unique_ptr<Block>> blocks_;  // where there is no base
  size_t count_ = 0;
  // Where there is a base; nullptr: erased in this overlay.
  HashMap<InteractionId, std::unique_ptr<Interaction>> changed_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_INTERACTION_STORE_H_
