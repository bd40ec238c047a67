// Checksum: tells damaged bytes from whole ones.

#ifndef CCKPI_SRC_BASE_CHECKSUM_H_
#define CCKPI_SRC_BASE_CHECKSUM_H_

#include <cstdint>
#include <string_view>

namespace cckpi {

// XXH3 with 64 bits, seed 0. No protection against somebody who wants the
// bytes to pass.
uint64_t Checksum(std::string_view bytes);

}  // namespace cckpi

#endif  // CCKPI_SRC_BASE_CHECKSUM_H_
