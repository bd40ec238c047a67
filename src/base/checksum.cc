#include "src/base/checksum.h"

// All of it in here: the library then needs no other at run time.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cckpi {

uint64_t Checksum(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace cckpi
