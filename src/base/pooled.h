// Pooled: a value apart from its owner, in the memory of a pool (Spares).
//
// Absent costs a pointer. T is made with the pool, and tells it.

#ifndef CCKPI_SRC_BASE_POOLED_H_
#define CCKPI_SRC_BASE_POOLED_H_

#include <new>
#include <utility>

#include "src/base/spares.h"

namespace cckpi {

template <typename T, typename Pool = Spares>
class Pooled {
 public:
  Pooled() = default;
  Pooled(const Pooled& other) : value_(Copy(other)) {}
  Pooled(Pooled&& other) noexcept
      : value_(std::exchange(other.value_, nullptr)) {}
  Pooled& operator=(const Pooled& other) {
    T* copy = Copy(other);
    Clear();
    value_ = copy;
    return *this;
  }
  Pooled& operator=(Pooled&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Pooled() { Clear(); }

  explicit operator bool() const { return value_ != nullptr; }
  const T* get() const { return value_; }
  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_; }
  T* operator->() { return value_; }
  T& GetOrCreate(Pool* pool) {
    if (value_ == nullptr) {
      value_ = new (TakeFrom(pool, sizeof(T))) T(pool);
    }
    return *value_;
  }
  // The value, for whoever keeps it without its owner meanwhile.
  T* Detach() { return std::exchange(value_, nullptr); }
  // Where there is none.
  void Attach(T* value) { value_ = value; }
  void Clear() {
    if (value_ == nullptr) return;
    Pool* pool = value_->pool();
    value_->~T();
    GiveTo(pool, value_, sizeof(T));
    value_ = nullptr;
  }

 private:
  // On the heap, as copies of lists are.
  static T* Copy(const Pooled& other) {
    return other.value_ == nullptr ? nullptr : new T(*other.value_);
  }

  T* value_ = nullptr;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_BASE_POOLED_H_
