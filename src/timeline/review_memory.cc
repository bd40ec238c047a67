#include "src/timeline/review_memory.h"

#include <algorithm>

namespace cckpi {

const ReviewMemory::Entry* ReviewMemory::Get(const ResponseKey& key) const {
  auto found = entries_.find(key);
  if (found == entries_.end()) {
    return base_ != nullptr ? base_->Get(key) : nullptr;
  }
  const Entry& entry = found->second;
  return entry.response.at_us != kNoTime ? &entry : nullptr;
}

// An entry of its own, with what the base knows.
ReviewMemory::Entry& ReviewMemory::Edit(const ResponseKey& key) {
  auto found = entries_.find(key);
  if (found != entries_.end()) return found->second;
  const Entry* known = base_ != nullptr ? base_->Get(key) : nullptr;
  return entries_.try_emplace(key, known != nullptr ? *known : Entry())
      .first->second;
}

uint64_t ReviewMemory::Newest(InteractionId interaction) const {
  auto found = newest_.find(interaction);
  if (found != newest_.end()) return found->second;
  return base_ != nullptr ? base_->Newest(interaction) : 0;
}

const ReviewedResponse* ReviewMemory::Find(const ResponseKey& key,
                                           int64_t oldest_us) const {
  const Entry* entry = Get(key);
  return entry != nullptr && entry->response.at_us >= oldest_us
             ? &entry->response
             : nullptr;
}

void ReviewMemory::Remember(const ResponseKey& key, ReviewedResponse response) {
  const Entry* known = Get(key);
  if (base_ == nullptr &&
      (known == nullptr || known->response.at_us != response.at_us)) {
    by_age_.emplace_back(response.at_us, key);
  }
  if (known == nullptr) {
    const uint64_t older = Newest(key.first);
    Entry& entry = Edit(key);
    entry.older = older;
    entry.newer = 0;
    if (older != 0) Edit({key.first, older}).newer = key.second;
    newest_.insert_or_assign(key.first, key.second);
  }
  Edit(key).response = std::move(response);
}

void ReviewMemory::Drop(const ResponseKey& key) {
  const Entry& entry = entries_.find(key)->second;
  const uint64_t older = entry.older;
  const uint64_t newer = entry.newer;
  if (older != 0) Edit({key.first, older}).newer = newer;
  if (newer != 0) {
    Edit({key.first, newer}).older = older;
  } else if (older != 0) {
    newest_.insert_or_assign(key.first, older);
  } else {
    newest_.erase(key.first);
  }
  entries_.erase(key);
}

void ReviewMemory::ForgetBefore(int64_t oldest_us) {
  while (!by_age_.empty() && by_age_.front().first < oldest_us) {
    const auto& [at_us, key] = by_age_.front();
    const Entry* entry = Get(key);
    if (entry != nullptr && entry->response.at_us == at_us) Drop(key);
    by_age_.pop_front();
  }
}

void ReviewMemory::Forget(InteractionId interaction) {
  if (base_ == nullptr && newest_.empty()) return;
  uint64_t message = Newest(interaction);
  while (message != 0) {
    const ResponseKey key{interaction, message};
    message = Get(key)->older;
    if (base_ == nullptr) {
      entries_.erase(key);
    } else {
      Edit(key).response.at_us = kNoTime;
    }
  }
  if (base_ == nullptr) {
    newest_.erase(interaction);
  } else {
    newest_.insert_or_assign(interaction, 0);
  }
}

void ReviewMemory::Loaded() { std::sort(by_age_.begin(), by_age_.end()); }

}  // namespace cckpi
