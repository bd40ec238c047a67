// To AddressSanitizer, memory that waits to be used again is not to be touched.

#ifndef CCKPI_SRC_BASE_POISON_H_
#define CCKPI_SRC_BASE_POISON_H_

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CCKPI_POISONS
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define CCKPI_POISONS
#endif

#ifdef CCKPI_POISONS
#include <sanitizer/asan_interface.h>
#endif

namespace cckpi {

inline void Poison([[maybe_unused]] void* place,
                   [[maybe_unused]] size_t bytes) {
#ifdef CCKPI_POISONS
  __asan_poison_memory_region(place, bytes);
#endif
}
// Whoever had it before may have poisoned it too, as Abseil's trees do.
inline void Unpoison([[maybe_unused]] void* place,
                     [[maybe_unused]] size_t bytes) {
#ifdef CCKPI_POISONS
  __asan_unpoison_memory_region(place, bytes);
#endif
}

}  // namespace cckpi

#endif  // CCKPI_SRC_BASE_POISON_H_
