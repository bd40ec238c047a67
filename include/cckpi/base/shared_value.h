// SharedValue: a value on the heap that many hold.
//
// A pointer of one word. Copies hold the same value; the last one to go takes
// it along.
//
//   SharedValue<std::string> name = SharedValue<std::string>::Make("mean");
//   SharedValue<std::string> again = name;   // the same text
//   bool alone = name.IsAlone();             // false
//
// Copies may be read and assigned to by different threads at the same time, one
// object as any value.
//
// This file defines SharedValue, on which SharedList and SharedText are built.

#ifndef CCKPI_BASE_SHARED_VALUE_H_
#define CCKPI_BASE_SHARED_VALUE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/base/attributes.h"

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define CCKPI_MAY_BE_SINGLE_THREADED __libc_single_threaded
#else
#define CCKPI_MAY_BE_SINGLE_THREADED false
#endif

namespace cckpi {

template <typename T>
class SharedValue {
 public:
  SharedValue() = default;
  SharedValue(const SharedValue& other) : held_(other.held_) { CountUp(); }
  SharedValue(SharedValue&& other) noexcept
      : held_(std::exchange(other.held_, nullptr)) {}
  SharedValue& operator=(const SharedValue& other) {
    Held* const held = other.held_;
    other.CountUp();  // first: it may hold the same
    reset();
    held_ = held;
    return *this;
  }
  SharedValue& operator=(SharedValue&& other) noexcept {
    Held* const held = std::exchange(other.held_, nullptr);
    reset();
    held_ = held;
    return *this;
  }
  ~SharedValue() { reset(); }

  template <typename... Arguments>
  static SharedValue Make(Arguments&&... arguments) {
    SharedValue made;
    made.held_ = new Held(std::forward<Arguments>(arguments)...);
    return made;
  }

  void reset() {
    if (held_ != nullptr) LetGo();
  }
  // nullptr: it holds none.
  T* get() const { return held_ != nullptr ? &held_->value : nullptr; }
  T& operator*() const { return held_->value; }
  T* operator->() const { return &held_->value; }
  // Of one that holds a value: does nobody else? Whoever held it last has read
  // before this one writes.
  bool IsAlone() const {
    return held_->count.load(std::memory_order_acquire) == 1;
  }

  friend bool operator==(const SharedValue& a, const SharedValue& b) {
    return a.held_ == b.held_;
  }
  friend bool operator==(const SharedValue& a, std::nullptr_t) {
    return a.held_ == nullptr;
  }

 private:
  struct Held {
    template <typename... Arguments>
    explicit Held(Arguments&&... arguments)
        : value(std::forward<Arguments>(arguments)...) {}

    std::atomic<size_t> count = 1;
    T value;
  };

  // Of one that holds a value. Apart from reset, which most often finds none.
  void LetGo() {
    if (CountDown()) Delete(held_);
    held_ = nullptr;
  }
  // Apart, so that who lets go of a value that others hold needs little room.
  ABSL_ATTRIBUTE_NOINLINE static void Delete(Held* held) { delete held; }
  // As long as there is one thread, plain addition does.
  void CountUp() const {
    if (held_ == nullptr) return;
    std::atomic<size_t>& count = held_->count;
    if (CCKPI_MAY_BE_SINGLE_THREADED) {
      count.store(count.load(std::memory_order_relaxed) + 1,
                  std::memory_order_relaxed);
    } else {
      count.fetch_add(1, std::memory_order_relaxed);
    }
  }
  // Was it the last one?
  bool CountDown() const {
    std::atomic<size_t>& count = held_->count;
    if (CCKPI_MAY_BE_SINGLE_THREADED) {
      const size_t left = count.load(std::memory_order_relaxed) - 1;
      count.store(left, std::memory_order_relaxed);
      return left == 0;
    }
    return count.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }

  Held* held_ = nullptr;
};

}  // namespace cckpi

#undef CCKPI_MAY_BE_SINGLE_THREADED

#endif  // CCKPI_BASE_SHARED_VALUE_H_
