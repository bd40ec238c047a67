// Spares: memory that was given back and waits to be taken again.
//
// What comes and goes at a steady rate (closed interactions, cases of agents)
// finds the memory of what went before it, by size, and asks the heap for
// nothing. No more waits than a quarter of what is in use and 64 KB; the rest
// goes back to the heap, so that memory is free again after a peak.
//
//   Spares spares;
//   void* place = spares.Take(100);
//   spares.Give(place, 100);
//   spares.Take(97);  // the same place: sizes are rounded up to 16 bytes
//
// One user at a time; must outlive all that was taken of it.
//
// What takes memory of Spares takes it of a Room (room.h) as well:
// PoolAllocator for containers of the standard library, Pooled, SpareList.
// Without a pool it is of the heap. A container that is copied begins without.

#ifndef CCKPI_SRC_BASE_SPARES_H_
#define CCKPI_SRC_BASE_SPARES_H_

#include <array>
#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>

#include "src/base/poison.h"

namespace cckpi {

class Spares {
 public:
  Spares() = default;
  Spares(const Spares&) = delete;
  Spares& operator=(const Spares&) = delete;
  ~Spares() {
    for (void* place : free_) {
      while (place != nullptr) {
        void* next = Next(place);
        ::operator delete(place);
        place = next;
      }
    }
  }

  void* Take(size_t bytes) {
    const size_t steps = StepsOf(bytes);
    const size_t size = steps * kStep;
    void* place;
    if (steps < kSizes && free_[steps] != nullptr) {
      place = free_[steps];
      free_[steps] = Next(place);
      Unpoison(place, size);
      waiting_ -= size;
    } else {
      place = ::operator new(size);
    }
    used_ += size;
    return place;
  }

  // `bytes` as they were taken.
  void Give(void* place, size_t bytes) noexcept {
    const size_t steps = StepsOf(bytes);
    const size_t size = steps * kStep;
    used_ -= size;
    Unpoison(place, size);
    if (steps >= kSizes || waiting_ + size > used_ / 4 + kAlways) {
      ::operator delete(place);
      return;
    }
    std::memcpy(place, &free_[steps], sizeof(void*));
    free_[steps] = place;
    Poison(static_cast<char*>(place) + sizeof(void*), size - sizeof(void*));
    waiting_ += size;
  }

  // What takes as much as `bytes`.
  static constexpr size_t RoundUp(size_t bytes) {
    return (bytes + kStep - 1) / kStep * kStep;
  }

  // What is in use and what waits.
  size_t memory_bytes() const { return used_ + waiting_; }
  size_t waiting_bytes() const { return waiting_; }

 private:
  static constexpr size_t kStep = 16;
  static constexpr size_t kSizes = 65;  // larger ones are left to the heap
  static constexpr size_t kAlways = 65536;

  static size_t StepsOf(size_t bytes) { return RoundUp(bytes) / kStep; }
  static void* Next(void* place) {
    void* next;
    std::memcpy(&next, place, sizeof(void*));
    return next;
  }

  std::array<void*, kSizes> free_ = {};  // by steps; each begins with the next
  size_t used_ = 0;
  size_t waiting_ = 0;
};

// Memory of `pool`, or of the heap where that is null.
template <typename Pool>
void* TakeFrom(Pool* pool, size_t bytes) {
  return pool == nullptr ? ::operator new(bytes) : pool->Take(bytes);
}
template <typename Pool>
void GiveTo(Pool* pool, void* place, size_t bytes) noexcept {
  if (pool == nullptr) {
    ::operator delete(place);
  } else {
    pool->Give(place, bytes);
  }
}

template <typename T, typename Pool>
class PoolAllocator {
 public:
  using value_type = T;
  static_assert(alignof(T) <= alignof(std::max_align_t));
  template <typename U>
  struct rebind {
    using other = PoolAllocator<U, Pool>;
  };

  PoolAllocator() = default;
  explicit PoolAllocator(Pool* pool) : pool_(pool) {}
  template <typename U>
  PoolAllocator(const PoolAllocator<U, Pool>& other) : pool_(other.pool()) {}

  T* allocate(size_t count) {
    return static_cast<T*>(TakeFrom(pool_, count * sizeof(T)));
  }
  void deallocate(T* place, size_t count) noexcept {
    GiveTo(pool_, place, count * sizeof(T));
  }
  PoolAllocator select_on_container_copy_construction() const {
    return PoolAllocator();
  }

  Pool* pool() const { return pool_; }
  friend bool operator==(const PoolAllocator&, const PoolAllocator&) = default;

 private:
  Pool* pool_ = nullptr;
};

template <typename T>
using SparesAllocator = PoolAllocator<T, Spares>;

}  // namespace cckpi

#endif  // CCKPI_SRC_BASE_SPARES_H_
