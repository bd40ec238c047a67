// DuplicateFilter: event ids that were seen lately.
//
// Ids are kept as 128-bit fingerprints for as long as the window says, counted
// in event time, so what is a duplicate does not depend on arrival. A filter
// made over a base reads it without changing it.

#ifndef CCKPI_SRC_ENGINE_DUPLICATE_FILTER_H_
#define CCKPI_SRC_ENGINE_DUPLICATE_FILTER_H_

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "cckpi/base/dictionary.h"
#include "cckpi/base/hash_map.h"
#include "cckpi/base/time.h"
#include "src/base/spares.h"

namespace cckpi {

class DuplicateFilter {
 public:
  static constexpr int64_t kForEver = std::numeric_limits<int64_t>::max();

  explicit DuplicateFilter(int64_t window_us) : window_us_(window_us) {}
  explicit DuplicateFilter(const DuplicateFilter* base)
      : base_(base), window_us_(base->window_us_) {}

  // True when an event of this id was accepted at most a window before. Else
  // remembers it. Instants never go back.
  bool SeenOrRemember(std::string_view id, int64_t at_us) {
    const Key key = KeyOf(id);
    for (const DuplicateFilter* filter = base_; filter != nullptr;
         filter = filter->base_) {
      auto found = filter->seen_.find(key);
      if (found != filter->seen_.end() && InWindow(found->second, at_us)) {
        return true;
      }
    }
    const auto [own, fresh] = seen_.try_emplace(key, at_us);
    if (!fresh) {
      if (InWindow(own->second, at_us)) return true;
      own->second = at_us;
    }
    if (window_us_ != kForEver) {
      by_age_.emplace_back(at_us, key);
      while (!InWindow(by_age_.front().first, at_us)) {
        auto old = seen_.find(by_age_.front().second);
        if (old != seen_.end() && !InWindow(old->second, at_us)) {
          seen_.erase(old);
        }
        by_age_.pop_front();
      }
    }
    return false;
  }

  // Asks the memory for what SeenOrRemember will look at.
  void Prefetch(std::string_view id) const { seen_.prefetch(KeyOf(id)); }

  size_t size() const { return seen_.size(); }

  using Key = std::pair<uint64_t, uint64_t>;  // the fingerprint
  struct Entry {
    Key key;
    int64_t at_us;
    auto operator<=>(const Entry&) const = default;
  };
  // Those that an event at `now_us` or later can meet, in order of the key.
  std::vector<Entry> Entries(int64_t now_us) const {
    std::vector<Entry> entries;
    for (const auto& [key, at_us] : seen_) {
      if (now_us == kNoTime || InWindow(at_us, now_us)) {
        entries.push_back({key, at_us});
      }
    }
    std::sort(entries.begin(), entries.end());
    return entries;
  }
  // Was one accepted within a window of `at_us`, before or after?
  bool Meets(const Entry& entry) const {
    auto found = seen_.find(entry.key);
    return found != seen_.end() && InWindow(found->second, entry.at_us) &&
           InWindow(entry.at_us, found->second);
  }
  // Adds what another filter knows; the later instant of a key holds.
  void Restore(const std::vector<Entry>& entries) {
    for (const Entry& entry : entries) {
      auto [found, fresh] = seen_.try_emplace(entry.key, entry.at_us);
      if (!fresh) found->second = std::max(found->second, entry.at_us);
      if (window_us_ != kForEver) by_age_.emplace_back(entry.at_us, entry.key);
    }
    std::sort(by_age_.begin(), by_age_.end());
  }

  size_t memory_bytes() const {
    return seen_.capacity() * (sizeof(*seen_.begin()) + 1) +
           spares_.memory_bytes();
  }

 private:
  static Key KeyOf(std::string_view id) {
    return {Fingerprint(id), Fingerprint(id, 1)};
  }
  bool InWindow(int64_t seen_us, int64_t at_us) const {
    return window_us_ == kForEver || at_us - seen_us <= window_us_;
  }

  const DuplicateFilter* base_ = nullptr;
  int64_t window_us_;
  HashMap<Key, int64_t> seen_;
  using Aged = std::pair<int64_t, Key>;
  Spares spares_;  // of what follows
  std::deque<Aged, SparesAllocator<Aged>> by_age_{
      SparesAllocator<Aged>(&spares_)};
};

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_DUPLICATE_FILTER_H_
