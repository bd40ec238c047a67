// ReviewMemory: responses that a `reviewed` event may still name.
//
// A response is remembered from its own instant on, a review whose response is
// not known (yet) from the review's; both for Config::review_window. Instants
// are those of events, which come in order, so what is remembered depends on
// neither arrival nor on when anybody looks. `oldest_us` below is the instant
// of the event that asks, minus the window: what is older is not found any
// more. A memory made over a base reads it without changing it.

#ifndef CCKPI_SRC_TIMELINE_REVIEW_MEMORY_H_
#define CCKPI_SRC_TIMELINE_REVIEW_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "cckpi/base/hash_map.h"
#include "src/base/pooled.h"
#include "src/base/spare_list.h"
#include "src/base/spares.h"
#include "src/timeline/dimensions.h"
#include "src/timeline/fact.h"

namespace cckpi {

struct ReviewedResponse {
  int64_t at_us = kNoTime;  // of the response; not known: of its latest review
  DimensionsId dimensions = DimensionsId::kNone;
  bool known = false;  // the response itself was seen
  bool reviewed = false;
  // Of the latest review, where it found any.
  Pooled<SpareList<std::pair<TextId, int64_t>>> errors;
};

// An interaction and the fingerprint of a message of it.
using ResponseKey = std::pair<InteractionId, uint64_t>;

class ReviewMemory {
 public:
  explicit ReviewMemory(Spares* spares = nullptr)
      : by_age_(SparesAllocator<Aged>(spares)) {}
  // `base` has no base of its own.
  explicit ReviewMemory(const ReviewMemory* base) : base_(base) {}

  // What is remembered of a message; nullptr: nothing, or it is too old.
  const ReviewedResponse* Find(const ResponseKey& key, int64_t oldest_us) const;
  // Remembers; what was known of the message is replaced. Instants never go
  // back from one call to the next, but while a snapshot is loaded: `Loaded`
  // follows then.
  void Remember(const ResponseKey& key, ReviewedResponse response);
  // Lets go of what is older; only where there is no base.
  void ForgetBefore(int64_t oldest_us);
  // Lets go of an interaction's.
  void Forget(InteractionId interaction);

  void Loaded();

  // Calls f(key, response) for what is kept here, in no particular order.
  template <typename F>
  void ForEach(F f) const {
    for (const auto& [key, entry] : entries_) {
      if (entry.response.at_us != kNoTime) f(key, entry.response);
    }
  }

 private:
  // The messages of an interaction are a chain, 0 at both ends, to forget them
  // with it.
  struct Entry {
    ReviewedResponse response;  // at_us is kNoTime: forgotten
    uint64_t older = 0;
    uint64_t newer = 0;
  };

  const Entry* Get(const ResponseKey& key) const;
  Entry& Edit(const ResponseKey& key);
  uint64_t Newest(InteractionId interaction) const;
  void Drop(const ResponseKey& key);

  const ReviewMemory* base_ = nullptr;
  HashMap<ResponseKey, Entry> entries_;
  // The newest message of each interaction that has any.
  HashMap<InteractionId, uint64_t> newest_;
  // By instant; one whose instant is not that of its entry is out of date.
  using Aged = std::pair<int64_t, ResponseKey>;
  std::deque<Aged, SparesAllocator<Aged>> by_age_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_REVIEW_MEMORY_H_
