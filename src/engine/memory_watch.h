// MemoryWatch: when memory is counted that has a limit.
//
// Counting is a walk over all that is kept, so it must not be done for each
// event that comes by itself while the limit is near. It is put off
//
//   * as long as the events since the last count cannot have filled the rest;
//   * as long as little has happened since: fewer than 2,048 steps, and fewer
//     than one for each 16 KB that the walk is over.
//
// A step is an event that was taken, handed back or applied, something that was
// forgotten, or the watermark that moved.

#ifndef CCKPI_SRC_ENGINE_MEMORY_WATCH_H_
#define CCKPI_SRC_ENGINE_MEMORY_WATCH_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace cckpi {

class MemoryWatch {
 public:
  void Taken(size_t events) {
    taken_ += events;
    steps_ += events;
  }
  // Anything else that happened.
  void Happened(size_t steps) { steps_ += steps; }

  // Is so much reached? `count` counts.
  template <typename F>
  bool IsFull(size_t limit, F count) {
    if (is_counted_) {
      const bool was_full = memory_ >= limit;
      if (!was_full && memory_ + taken_ * kMostPerEvent < limit) return false;
      if (steps_ < StepsFor(memory_)) return was_full;
    }
    memory_ = count();
    is_counted_ = true;
    ++counts_;
    taken_ = 0;
    steps_ = 0;
    return memory_ >= limit;
  }

  // What was counted says nothing any more.
  void Forget() { is_counted_ = false; }

  // How often it was counted.
  uint64_t counts() const { return counts_; }

 private:
  static size_t StepsFor(size_t bytes) {
    return std::clamp(bytes / kBytesPerStep, size_t{1}, kMostSteps);
  }

  static constexpr size_t kMostPerEvent = 4096;
  static constexpr size_t kMostSteps = 2048;
  static constexpr size_t kBytesPerStep = 16384;

  bool is_counted_ = false;
  size_t memory_ = 0;  // as of the last count
  size_t taken_ = 0;   // since then
  size_t steps_ = 0;
  uint64_t counts_ = 0;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_MEMORY_WATCH_H_
