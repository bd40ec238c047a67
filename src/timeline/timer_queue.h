// TimerQueue: what fires when time passes, in order.
//
// A timer says only which interaction to look at, and when; what is due there
// the machine finds out itself, so a timer that is no longer needed is simply
// ignored. The queue is a binary heap. One made over a base reads the base's
// timers without taking them out: it walks down the base's heap, always on
// from the earliest of the places that it has not been at.

#ifndef CCKPI_SRC_TIMELINE_TIMER_QUEUE_H_
#define CCKPI_SRC_TIMELINE_TIMER_QUEUE_H_

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "src/timeline/fact.h"

namespace cckpi {

// Before the events of its instant, or where an `auto_closed` event stands.
enum class TimerPlace : uint8_t {
  kBeforeEvents = 0,
  kAutoClose = 1,
  kAfter = 2,  // only in limits: after both
};

struct Timer {
  int64_t at_us = 0;
  TimerPlace place = TimerPlace::kBeforeEvents;
  InteractionId interaction = InteractionId::kNone;

  auto operator<=>(const Timer&) const = default;
};

class TimerQueue {
 public:
  TimerQueue() = default;
  // `base` has no base of its own, and does not change.
  explicit TimerQueue(const TimerQueue* base) : base_(base) {
    if (!base_->heap_.empty()) edge_.push_back(0);
  }

  void Add(const Timer& timer) {
    heap_.push_back(timer);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }

  // Takes the first timer out that is before `limit` (by instant and place).
  std::optional<Timer> Next(const Timer& limit) {
    const bool has_own = !heap_.empty() && heap_.front() < limit;
    if (base_ != nullptr && !edge_.empty()) {
      const Timer& theirs = base_->heap_[edge_.front()];
      if (theirs < limit && (!has_own || theirs < heap_.front())) {
        return TakeTheirs();
      }
    }
    if (!has_own) return std::nullopt;
    const Timer timer = heap_.front();
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    heap_.pop_back();
    return timer;
  }

  // The first timer of its own, stale ones included.
  std::optional<Timer> First() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.front();
  }

  size_t size() const { return heap_.size(); }
  size_t capacity() const { return heap_.capacity(); }

 private:
  // The base's timer at the front of the edge; those below it join the edge.
  Timer TakeTheirs() {
    const std::vector<Timer>& heap = base_->heap_;
    const auto later = [&heap](size_t a, size_t b) {
      return heap[a] > heap[b];
    };
    std::pop_heap(edge_.begin(), edge_.end(), later);
    const size_t place = edge_.back();
    edge_.pop_back();
    for (size_t below = 2 * place + 1;
         below <= 2 * place + 2 && below < heap.size(); ++below) {
      edge_.push_back(below);
      std::push_heap(edge_.begin(), edge_.end(), later);
    }
    return heap[place];
  }

  std::vector<Timer> heap_;  // the earliest first
  const TimerQueue* base_ = nullptr;
  // Places in the base's heap that come next: everything above them has been
  // taken. A heap itself, the earliest first.
  std::vector<size_t> edge_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_TIMER_QUEUE_H_
