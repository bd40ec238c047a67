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
// SparesAllocator is for containers of the standard library. Without spares it
// is the heap. A container that is copied begins without.

#ifndef CCKPI_SRC_BASE_SPARES_H_
#define CCKPI_SRC_BASE_SPARES_H_

#include <array>
#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>

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
    if (steps >= kSizes || waiting_ + size > used_ / 4 + kAlways) {
      ::operator delete(place);
      return;
    }
    std::memcpy(place, &free_[steps], sizeof(void*));
    free_[steps] = place;
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

// Memory of `spares`, or of the heap where that is null.
inline void* TakeFrom(Spares* spares, size_t bytes) {
  return spares == nullptr ? ::operator new(bytes) : spares->Take(bytes);
}
inline void GiveTo(Spares* spares, void* place, size_t bytes) noexcept {
  if (spares == nullptr) {
    ::operator delete(place);
  } else {
    spares->Give(place, bytes);
  }
}

template <typename T>
class SparesAllocator {
 public:
  using value_type = T;
  static_assert(alignof(T) <= alignof(std::max_align_t));

  SparesAllocator() = default;
  explicit SparesAllocator(Spares* spares) : spares_(spares) {}
  template <typename U>
  SparesAllocator(const SparesAllocator<U>& other) : spares_(other.spares()) {}

  T* allocate(size_t count) {
    return static_cast<T*>(TakeFrom(spares_, count * sizeof(T)));
  }
  void deallocate(T* place, size_t count) noexcept {
    GiveTo(spares_, place, count * sizeof(T));
  }
  SparesAllocator select_on_container_copy_construction() const {
    return SparesAllocator();
  }

  Spares* spares() const { return spares_; }
  friend bool operator==(const SparesAllocator&,
                         const SparesAllocator&) = default;

 private:
  Spares* spares_ = nullptr;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_BASE_SPARES_H_
