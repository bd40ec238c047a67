// DuplicateFilter: event ids that were seen lately.
//
// Ids are kept as 128-bit fingerprints for as long as the window says, counted
// in event time, so what is a duplicate does not depend on arrival. A filter
// made over a base reads it without changing it.

#ifndef CCKPI_SRC_ENGINE_DUPLICATE_FILTER_H_
#define CCKPI_SRC_ENGINE_DUPLICATE_FILTER_H_

#include <cstdint>
#include <deque>
#include <limits>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "cckpi/base/dictionary.h"

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
    Key key{Fingerprint(id), Fingerprint(id, 1)};
    for (const DuplicateFilter* filter = this; filter != nullptr;
         filter = filter->base_) {
      auto found = filter->seen_.find(key);
      if (found != filter->seen_.end() && InWindow(found->second, at_us)) {
        return true;
      }
    }
    seen_.insert_or_assign(key, at_us);
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

  // Was this id accepted in the window before `at_us`?
  bool Knows(std::string_view id) const {
    return seen_.contains(Key{Fingerprint(id), Fingerprint(id, 1)});
  }

  size_t size() const { return seen_.size(); }

 private:
  using Key = std::pair<uint64_t, uint64_t>;

  bool InWindow(int64_t seen_us, int64_t at_us) const {
    return window_us_ == kForEver || at_us - seen_us <= window_us_;
  }

  const DuplicateFilter* base_ = nullptr;
  int64_t window_us_;
  absl::flat_hash_map<Key, int64_t> seen_;
  std::deque<std::pair<int64_t, Key>> by_age_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_DUPLICATE_FILTER_H_
