// TextKey: a text by its size, its first and its last eight bytes, which tell
// texts of up to 16 bytes apart.

#ifndef CCKPI_SRC_BASE_TEXT_KEY_H_
#define CCKPI_SRC_BASE_TEXT_KEY_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/base/load_bytes.h"

namespace cckpi {

struct TextKey {
  // Texts of this size and below are equal when their keys are.
  static constexpr size_t kWhole = 16;

  TextKey() = default;
  explicit TextKey(std::string_view text)
      : size(static_cast<uint32_t>(text.size())) {
    if (size >= 8) {
      head = LoadU64(text.data());
      tail = LoadU64(text.data() + size - 8);
    } else {
      head = LoadUpTo7(text.data(), size);
    }
  }

  // Its place among so many, a power of two.
  template <size_t kPlaces>
  size_t Place() const {
    static_assert(std::has_single_bit(kPlaces) && kPlaces > 1);
    const uint64_t hash = (head ^ (tail << 29 | tail >> 35) ^ size) *
                          uint64_t{0x9E3779B97F4A7C15};
    // The upper bits differ best.
    return hash >> (64 - std::countr_zero(kPlaces));
  }

  friend bool operator==(const TextKey&, const TextKey&) = default;

  uint64_t head = 0;
  uint64_t tail = 0;
  uint32_t size = 0;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_BASE_TEXT_KEY_H_
