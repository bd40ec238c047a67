// TimerQueue: what fires when time passes, in order.
//
// A timer says only which interaction, or whose contacts, to look at, and when;
// what is due there the machine finds out itself, so a timer that is no longer
// needed is simply ignored. The queue is a heap in which four timers lie side
// by side below each. One made over a base reads the base's timers without
// taking them out: it walks down the base's heap, always on from the earliest
// of the places that it has not been at.

#ifndef CCKPI_SRC_TIMELINE_TIMER_QUEUE_H_
#define CCKPI_SRC_TIMELINE_TIMER_QUEUE_H_

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
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

// What is looked at: an interaction, or contacts whose interaction was
// forgotten, by whose they are.
enum class TimerOf : uint8_t {
  kInteraction = 0,
  kContactsOfCustomer = 1,
  kContactsOfName = 2,  // of an interaction whose customer was not known
};

struct Timer {
  constexpr Timer() = default;
  constexpr Timer(int64_t at, TimerPlace where, InteractionId of_which)
      : at_us(at), place(where), id(static_cast<uint32_t>(of_which)) {}
  constexpr Timer(int64_t at, TimerOf what, uint32_t number)
      : at_us(at), of(what), id(number) {}

  InteractionId interaction() const { return static_cast<InteractionId>(id); }

  int64_t at_us = 0;
  TimerPlace place = TimerPlace::kBeforeEvents;
  TimerOf of = TimerOf::kInteraction;
  uint32_t id = 0;  // of what is looked at

  auto operator<=>(const Timer&) const = default;
};
static_assert(sizeof(Timer) == 16);

class TimerQueue {
 public:
  TimerQueue() = default;
  // `base` has no base of its own, and does not change.
  explicit TimerQueue(const TimerQueue* base) : base_(base) {
    if (!base_->heap_.empty()) edge_.push_back(0);
  }

  void Add(const Timer& timer) {
    const size_t place = heap_.size();
    if (place == heap_.capacity()) heap_.reserve(place + place / 4 + 16);
    heap_.push_back(timer);
    PutAbove(place, timer);
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
    return TakeOwn();
  }

  // Is there one that Next would take out? Perhaps, if there is a base.
  bool MayHave(const Timer& limit) const {
    return base_ != nullptr || (!heap_.empty() && heap_.front() < limit);
  }

  // The first timer of its own, stale ones included.
  std::optional<Timer> First() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.front();
  }

  size_t size() const { return heap_.size(); }
  size_t capacity() const { return heap_.capacity(); }

 private:
  static constexpr size_t kBelow = 4;

  Timer TakeOwn() {
    const Timer first = heap_.front();
    const Timer last = heap_.back();
    heap_.pop_back();
    if (heap_.empty()) return first;
    // The place that is free goes down to where nothing is below it: the last
    // one belongs there, or seldom far above.
    Timer* const heap = heap_.data();
    const size_t size = heap_.size();
    size_t place = 0;
    for (size_t begin = 1; begin < size; begin = kBelow * place + 1) {
      const size_t least = begin + kBelow <= size ? LeastOfFour(heap, begin)
                                                  : LeastOf(heap, begin, size);
      heap[place] = heap[least];
      place = least;
    }
    PutAbove(place, last);
    return first;
  }
  static size_t LeastOfFour(const Timer* heap, size_t begin) {
    static_assert(kBelow == 4);
    const size_t a = begin + (heap[begin + 1] < heap[begin] ? 1 : 0);
    const size_t b = begin + (heap[begin + 3] < heap[begin + 2] ? 3 : 2);
    return heap[b] < heap[a] ? b : a;
  }
  static size_t LeastOf(const Timer* heap, size_t begin, size_t end) {
    size_t least = begin;
    for (size_t n = begin + 1; n < end; ++n) {
      if (heap[n] < heap[least]) least = n;
    }
    return least;
  }
  // Puts a timer at the free place, or as far above as it belongs.
  void PutAbove(size_t place, const Timer& timer) {
    Timer* const heap = heap_.data();
    while (place > 0 && timer < heap[(place - 1) / kBelow]) {
      heap[place] = heap[(place - 1) / kBelow];
      place = (place - 1) / kBelow;
    }
    heap[place] = timer;
  }
  // The base's timer at the front of the edge; those below it join the edge.
  Timer TakeTheirs() {
    const std::vector<Timer>& heap = base_->heap_;
    const auto later = [&heap](size_t a, size_t b) {
      return heap[a] > heap[b];
    };
    std::pop_heap(edge_.begin(), edge_.end(), later);
    const size_t place = edge_.back();
    edge_.pop_back();
    const size_t begin = kBelow * place + 1;
    const size_t end = std::min(begin + kBelow, heap.size());
    for (size_t below = begin; below < end; ++below) {
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
