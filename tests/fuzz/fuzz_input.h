// What fuzz targets share: numbers out of the fuzzer's bytes, and a property
// that must hold whatever the bytes are.

#ifndef CCKPI_TESTS_FUZZ_FUZZ_INPUT_H_
#define CCKPI_TESTS_FUZZ_FUZZ_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace cckpi::fuzz {

// A broken promise: says which and stops the fuzzer.
inline void Require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

// Takes numbers from the front; zeros when the bytes are used up.
class FuzzInput {
 public:
  FuzzInput(const uint8_t* data, size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  uint8_t Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  uint64_t Number(int bytes) {
    uint64_t number = 0;
    for (int b = 0; b < bytes; ++b) number |= uint64_t{Byte()} << (8 * b);
    return number;
  }
  std::string_view Bytes(size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

}  // namespace cckpi::fuzz

#endif  // CCKPI_TESTS_FUZZ_FUZZ_INPUT_H_
