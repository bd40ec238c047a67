// TimerQueue: what fires when time passes, in order.
//
// A timer says only which interaction to look at, and when; what is due there
// the machine finds out itself, so a timer that is no longer needed is simply
// ignored. A queue made over a base reads the base's timers without taking
// them out.

#ifndef CCKPI_SRC_TIMELINE_TIMER_QUEUE_H_
#define CCKPI_SRC_TIMELINE_TIMER_QUEUE_H_

#include <compare>
#include <cstdint>
#include <optional>

#include "absl/container/btree_set.h"
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
  explicit TimerQueue(const TimerQueue* base) : base_(base) {}

  void Add(const Timer& timer) { timers_.insert(timer); }

  // Takes the first timer out that is before `limit` (by instant and place).
  std::optional<Timer> Next(const Timer& limit) {
    auto own = timers_.begin();
    bool has_own = own != timers_.end() && *own < limit;
    if (base_ != nullptr) {
      auto theirs = cursor_ ? base_->timers_.upper_bound(*cursor_)
                            : base_->timers_.begin();
      if (theirs != base_->timers_.end() && *theirs < limit &&
          (!has_own || *theirs < *own)) {
        cursor_ = *theirs;
        return *cursor_;
      }
    }
    if (!has_own) return std::nullopt;
    Timer timer = *own;
    timers_.erase(own);
    return timer;
  }

  // The first timer of its own, stale ones included.
  std::optional<Timer> First() const {
    if (timers_.empty()) return std::nullopt;
    return *timers_.begin();
  }

  size_t size() const { return timers_.size(); }

 private:
  const TimerQueue* base_ = nullptr;
  std::optional<Timer> cursor_;
  absl::btree_set<Timer> timers_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_TIMER_QUEUE_H_
