// Asking the memory for what will soon be looked at.

#ifndef CCKPI_BASE_PREFETCH_H_
#define CCKPI_BASE_PREFETCH_H_

#include <cstddef>
#include <utility>

namespace cckpi {

inline constexpr size_t kCacheLine = 64;

// GCC takes a function that does nothing but prefetch for one that does
// nothing, and leaves out calls of it that it has not inlined. Whoever
// prefetches through this, or says it beside another's prefetch, is called.
inline void KeepPrefetches() {
#if defined(__GNUC__) && !defined(__clang__)
  __asm__ volatile("");
#endif
}

// The line that `address` is on. It may be any address.
inline void PrefetchLine(const void* address) {
  __builtin_prefetch(address);
  KeepPrefetches();
}

// A line for each begun 64 of kBytes.
template <size_t kBytes>
void PrefetchLines(const void* address) {
  const char* const first = static_cast<const char*>(address);
  const auto ask = [first]<size_t... kLine>(std::index_sequence<kLine...>) {
    (__builtin_prefetch(first + kLine * kCacheLine), ...);
  };
  ask(std::make_index_sequence<(kBytes + kCacheLine - 1) / kCacheLine>());
  KeepPrefetches();
}
template <typename T>
void PrefetchWhole(const T& object) {
  PrefetchLines<sizeof(T)>(&object);
}

}  // namespace cckpi

#endif  // CCKPI_BASE_PREFETCH_H_
