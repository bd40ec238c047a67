// Bytes of a text as numbers, the first byte the lowest, on every machine.

#ifndef CCKPI_SRC_BASE_LOAD_BYTES_H_
#define CCKPI_SRC_BASE_LOAD_BYTES_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cckpi {

inline uint32_t LoadU32(const char* bytes) {
  uint32_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return std::endian::native == std::endian::big ? __builtin_bswap32(word)
                                                 : word;
}

inline uint64_t LoadU64(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return std::endian::native == std::endian::big ? __builtin_bswap64(word)
                                                 : word;
}

// The same for `count` bytes, 0 to 7, and nothing above them. Reads some twice
// and none beside them, instead of one after the other.
inline uint64_t LoadUpTo7(const char* bytes, size_t count) {
  if (count >= 4) {
    return LoadU32(bytes) | uint64_t{LoadU32(bytes + count - 4)}
                                << (8 * (count - 4));
  }
  if (count == 0) return 0;
  const auto byte = [bytes](size_t at) {
    return uint64_t{static_cast<unsigned char>(bytes[at])} << (8 * at);
  };
  return byte(0) | byte(count / 2) | byte(count - 1);
}

}  // namespace cckpi

#endif  // CCKPI_SRC_BASE_LOAD_BYTES_H_
