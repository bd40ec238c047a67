// Bytes on the heap of a test, now and at most, and how often it was asked.
//
// Replaces operator new and delete of the whole program, so one source of a
// test includes it, and nothing else does. Of a chunk counts what malloc lets
// use of it, and its header.

#ifndef CCKPI_TESTS_HEAP_COUNT_H_
#define CCKPI_TESTS_HEAP_COUNT_H_

#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace cckpi {

inline int64_t g_heap = 0;
inline int64_t g_heap_peak = 0;
inline int64_t g_allocations = 0;
inline void (*g_on_allocation)() = nullptr;  // may allocate by malloc only

inline int64_t HeapBytesOf(void* place) {
  return static_cast<int64_t>(malloc_usable_size(place) + sizeof(size_t));
}

}  // namespace cckpi

// All forms: one that is not replaced may not call one that is.
void* operator new(size_t size) {
  void* place = std::malloc(size);
  if (place == nullptr) std::abort();
  cckpi::g_heap += cckpi::HeapBytesOf(place);
  cckpi::g_heap_peak = std::max(cckpi::g_heap_peak, cckpi::g_heap);
  ++cckpi::g_allocations;
  if (cckpi::g_on_allocation != nullptr) cckpi::g_on_allocation();
  return place;
}
void operator delete(void* place) noexcept {
  if (place == nullptr) return;
  cckpi::g_heap -= cckpi::HeapBytesOf(place);
  std::free(place);
}
void operator delete(void* place, size_t) noexcept { operator delete(place); }
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return operator new(size);
}
void operator delete(void* place, const std::nothrow_t&) noexcept {
  operator delete(place);
}
void* operator new[](size_t size) { return operator new(size); }
void operator delete[](void* place) noexcept { operator delete(place); }
void operator delete[](void* place, size_t) noexcept { operator delete(place); }

#endif  // CCKPI_TESTS_HEAP_COUNT_H_
