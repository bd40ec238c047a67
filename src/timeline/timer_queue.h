// TimerQueue: what fires when time passes, in order.
//
// A timer says only which interaction, or whose contacts, to look at, and when;
// what is due there the machine finds out itself, so a timer that is no longer
// needed is simply ignored.
//
// Timers of one lane are set for so long after the latest event, and so nearly
// all of them are added in the order in which they are due: they stand in line.
// The others are in a heap, in which four lie side by side below each. A queue
// made over a base reads the base's timers without taking them out: it goes
// along the base's lines, and walks down its heap, always on from the earliest
// of the places that it has not been at.

#ifndef CCKPI_SRC_TIMELINE_TIMER_QUEUE_H_
#define CCKPI_SRC_TIMELINE_TIMER_QUEUE_H_

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
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

// Timers that are set for much the same time ahead.
enum class TimerLane : uint8_t {
  kNone = 0,
  kDeadline = 1,
  kForget = 2,
};
inline constexpr size_t kTimerLanes = 2;

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
  TimerLane lane = TimerLane::kNone;
  uint32_t id = 0;  // of what is looked at

  // By instant and place; what is looked at decides between equal ones.
  auto operator<=>(const Timer& other) const {
    if (at_us != other.at_us) return at_us <=> other.at_us;
    if (place != other.place) return place <=> other.place;
    if (of != other.of) return of <=> other.of;
    return id <=> other.id;
  }
  bool operator==(const Timer& other) const {
    return (*this <=> other) == std::strong_ordering::equal;
  }
};
static_assert(sizeof(Timer) == 16);

// Of each line and of the heap there is always room for so many, and so many
// more whenever one grows: few timers come and go without asking for memory.
inline constexpr size_t kTimerRoom = 64;

// First in, first out; its memory is used round and round.
class TimerLine {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  size_t capacity() const { return ring_.size(); }
  const Timer& front() const { return ring_[first_]; }
  const Timer& back() const { return (*this)[size_ - 1]; }
  const Timer& operator[](size_t n) const {
    const size_t place = first_ + n;
    return ring_[place < ring_.size() ? place : place - ring_.size()];
  }
  void Push(const Timer& timer) {
    if (size_ == ring_.size()) Reserve(size_ + size_ / 4 + kTimerRoom);
    const size_t place = first_ + size_;
    ring_[place < ring_.size() ? place : place - ring_.size()] = timer;
    ++size_;
  }
  // Room for more.
  void Reserve(size_t room) {
    std::vector<Timer> larger;
    larger.reserve(room);
    for (size_t n = 0; n < size_; ++n) larger.push_back((*this)[n]);
    larger.resize(room);
    ring_.swap(larger);
    first_ = 0;
  }
  void Pop() {
    first_ = first_ + 1 < ring_.size() ? first_ + 1 : 0;
    --size_;
  }

 private:
  std::vector<Timer> ring_;
  size_t first_ = 0;
  size_t size_ = 0;
};

class TimerQueue {
 public:
  TimerQueue() {
    heap_.reserve(kTimerRoom);
    for (TimerLine& line : lines_) line.Reserve(kTimerRoom);
  }
  // `base` has no base of its own, and does not change.
  explicit TimerQueue(const TimerQueue* base) : base_(base) {
    if (!base_->heap_.empty()) edge_.push_back(0);
  }

  void Add(const Timer& timer) {
    if (timer < first_) first_ = timer;
    if (timer.lane != TimerLane::kNone) {
      TimerLine& line = lines_[static_cast<size_t>(timer.lane) - 1];
      if (line.empty() || line.back() <= timer) return line.Push(timer);
    }
    const size_t place = heap_.size();
    if (place == heap_.capacity())
      heap_.reserve(place + place / 4 + kTimerRoom);
    heap_.push_back(timer);
    PutAbove(place, timer);
  }

  // Calls f(timer) for one that comes `ahead` after the first of this lane, if
  // there is any in its line.
  template <typename F>
  void LookAhead(TimerLane lane, size_t ahead, F f) const {
    if (lane == TimerLane::kNone) return;
    const TimerLine& line = lines_[static_cast<size_t>(lane) - 1];
    if (ahead < line.size()) f(line[ahead]);
  }

  // Takes the first timer out that is before `limit` (by instant and place).
  std::optional<Timer> Next(const Timer& limit) {
    if (base_ != nullptr) {
      const Timer theirs = FirstOfTheirs();
      if (theirs < limit && theirs < first_) {
        TakeTheirs(theirs);
        return theirs;
      }
    }
    if (!(first_ < limit)) return std::nullopt;
    return TakeOwn();
  }

  // Is there one that Next would take out? Perhaps, if there is a base.
  bool MayHave(const Timer& limit) const {
    return base_ != nullptr || first_ < limit;
  }

  // The first timer of its own, stale ones included.
  std::optional<Timer> First() const {
    if (size() == 0) return std::nullopt;
    return first_;
  }

  size_t size() const {
    size_t count = heap_.size();
    for (const TimerLine& line : lines_) count += line.size();
    return count;
  }
  size_t capacity() const {
    size_t count = heap_.capacity();
    for (const TimerLine& line : lines_) count += line.capacity();
    return count;
  }

 private:
  static constexpr size_t kBelow = 4;
  // After all others.
  static constexpr Timer kNone{std::numeric_limits<int64_t>::max(),
                               TimerPlace::kAfter, InteractionId::kNone};

  Timer TakeOwn() {
    const Timer taken = first_;
    if (!heap_.empty() && heap_.front() == taken) {
      TakeTop();
    } else {
      for (TimerLine& line : lines_) {
        if (line.empty() || line.front() != taken) continue;
        line.Pop();
        break;
      }
    }
    first_ = heap_.empty() ? kNone : heap_.front();
    for (const TimerLine& line : lines_) {
      if (!line.empty()) first_ = std::min(first_, line.front());
    }
    return taken;
  }
  void TakeTop() {
    const Timer last = heap_.back();
    heap_.pop_back();
    if (heap_.empty()) return;
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
  // The first of the base's that was not taken yet.
  Timer FirstOfTheirs() const {
    Timer first = edge_.empty() ? kNone : base_->heap_[edge_.front()];
    for (size_t l = 0; l < kTimerLanes; ++l) {
      const TimerLine& line = base_->lines_[l];
      if (passed_[l] < line.size()) first = std::min(first, line[passed_[l]]);
    }
    return first;
  }
  void TakeTheirs(const Timer& first) {
    for (size_t l = 0; l < kTimerLanes; ++l) {
      const TimerLine& line = base_->lines_[l];
      if (passed_[l] < line.size() && line[passed_[l]] == first) {
        ++passed_[l];
        return;
      }
    }
    // Those below it join the edge.
    const std::vector<Timer>& heap = base_->heap_;
    const auto later = [&heap](size_t a, size_t b) {
      return heap[a] > heap[b];
    };
    std::pop_heap(edge_.begin(), edge_.end(), later);
    const size_t begin = kBelow * edge_.back() + 1;
    edge_.pop_back();
    const size_t end = std::min(begin + kBelow, heap.size());
    for (size_t below = begin; below < end; ++below) {
      edge_.push_back(below);
      std::push_heap(edge_.begin(), edge_.end(), later);
    }
  }

  Timer first_ = kNone;      // of its own
  std::vector<Timer> heap_;  // the earliest first
  std::array<TimerLine, kTimerLanes> lines_;
  const TimerQueue* base_ = nullptr;
  std::array<size_t, kTimerLanes> passed_ = {};  // of the base's lines
  // Places in the base's heap that come next: everything above them has been
  // taken. A heap itself, the earliest first.
  std::vector<size_t> edge_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_TIMER_QUEUE_H_
