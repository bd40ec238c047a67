// What texts and tables take beside what is in them.

#ifndef CCKPI_SRC_BASE_HEAP_BYTES_H_
#define CCKPI_SRC_BASE_HEAP_BYTES_H_

#include <cstddef>
#include <string>

namespace cckpi {

// Texts of up to 15 bytes lie inside the string.
inline size_t HeapBytes(const std::string& text) {
  return text.capacity() > 15 ? text.capacity() + 1 : 0;
}

// What a hash table or a tree takes for an entry beside the entry itself.
inline constexpr size_t kTableEntryBytes = 16;

}  // namespace cckpi

#endif  // CCKPI_SRC_BASE_HEAP_BYTES_H_
