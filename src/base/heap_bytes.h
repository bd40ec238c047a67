// What a text takes beside itself.

#ifndef CCKPI_SRC_BASE_HEAP_BYTES_H_
#define CCKPI_SRC_BASE_HEAP_BYTES_H_

#include <cstddef>
#include <string>

namespace cckpi {

// Texts of up to 15 bytes lie inside the string.
inline size_t HeapBytes(const std::string& text) {
  return text.capacity() > 15 ? text.capacity() + 1 : 0;
}

}  // namespace cckpi

#endif  // CCKPI_SRC_BASE_HEAP_BYTES_H_
