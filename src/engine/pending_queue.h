// PendingQueue: events that wait for the watermark, in the total order.
//
// Most events arrive in order and are appended; one that comes a little late
// is moved to its place; those further off wait unsorted at the back until the
// order is needed.

#ifndef CCKPI_SRC_ENGINE_PENDING_QUEUE_H_
#define CCKPI_SRC_ENGINE_PENDING_QUEUE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "cckpi/base/dictionary.h"
#include "src/timeline/fact.h"

namespace cckpi {

// The dictionaries behind the numbers in facts.
struct Names {
  Dictionary texts;
  KeyDictionary interactions;
  KeyDictionary customers;
};

struct PendingEvent {
  Fact fact;
  std::string id;
  std::string message;
  int64_t received_at_us = kNoTime;
  int64_t row = 0;
  uint32_t source = 0;  // a TextId
};

// CompareEvents, over facts.
bool Precedes(const Names& names, const PendingEvent& a, const PendingEvent& b);

class PendingQueue {
 public:
  explicit PendingQueue(const Names* names) : names_(names) {}

  void Add(PendingEvent event);

  // Is an event of this instant after all that wait?
  bool IsLast(int64_t at_us) const {
    return begin_ == sorted_.size() || at_us > sorted_.back().fact.at_us;
  }
  // A place for an event that IsLast says comes after all others.
  PendingEvent& Append() { return sorted_.emplace_back(); }

  // The first event if it is before `limit_us`, else nullptr. It stays where it
  // is until Pop.
  const PendingEvent* FirstBefore(int64_t limit_us);
  void Pop();
  // The one that comes `n` after the first, as far as they are sorted; nullptr
  // when none does.
  const PendingEvent* Ahead(size_t n) const {
    return begin_ + n < sorted_.size() ? &sorted_[begin_ + n] : nullptr;
  }

  // All of them, in order, without taking any out.
  std::vector<const PendingEvent*> InOrder() const;

  size_t size() const { return sorted_.size() - begin_ + tail_.size(); }

 private:
  void SortTail();

  const Names* names_;
  std::vector<PendingEvent> sorted_;  // from begin_ on
  size_t begin_ = 0;
  std::vector<PendingEvent> tail_;
  int64_t tail_min_us_ = 0;  // of the tail, when it is not empty
};

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_PENDING_QUEUE_H_
