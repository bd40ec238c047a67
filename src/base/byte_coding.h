// ByteWriter and ByteReader: numbers and texts as little-endian bytes.
//
//   ByteWriter writer;
//   writer.U32(7);
//   writer.Text("facebook");       // u32 length, then the bytes
//   ByteReader reader(writer.bytes());
//   uint32_t seven = reader.U32();
//
// A reader trusts nothing. What is not there reads as 0 and makes the reader
// fail for good; the first failure is kept, later ones are ignored. Whoever
// allocates for a number of things asks Count, which knows how many can follow.

#ifndef CCKPI_SRC_BASE_BYTE_CODING_H_
#define CCKPI_SRC_BASE_BYTE_CODING_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/numeric/int128.h"
#include "absl/status/status.h"

namespace cckpi {

class ByteWriter {
 public:
  void U8(uint8_t value) { Fixed(value); }
  void U16(uint16_t value) { Fixed(value); }
  void U32(uint32_t value) { Fixed(value); }
  void U64(uint64_t value) { Fixed(value); }
  void I32(int32_t value) { Fixed(static_cast<uint32_t>(value)); }
  void I64(int64_t value) { Fixed(static_cast<uint64_t>(value)); }
  // The low half first.
  void I128(absl::int128 value) {
    U64(absl::Int128Low64(value));
    I64(absl::Int128High64(value));
  }
  void Text(std::string_view text) {
    U32(static_cast<uint32_t>(text.size()));
    Raw(text);
  }
  void Raw(std::string_view bytes) {
    if (latest_.size() - latest_size_ < bytes.size()) {
      Flush();
      if (bytes.size() > latest_.size()) {
        bytes_.append(bytes);
        return;
      }
    }
    if (bytes.empty()) return;
    std::memcpy(latest_.data() + latest_size_, bytes.data(), bytes.size());
    latest_size_ += bytes.size();
  }

  // Makes room for so many bytes altogether.
  void Reserve(size_t size) { bytes_.reserve(size); }
  size_t size() const { return bytes_.size() + latest_size_; }
  // All that was written; what is written next may move it.
  std::string_view bytes() {
    Flush();
    return bytes_;
  }
  std::string Take() {
    Flush();
    return std::exchange(bytes_, {});
  }

 private:
  // Not inlined: it would keep Fixed from being so.
  ABSL_ATTRIBUTE_NOINLINE void Flush() {
    bytes_.append(latest_.data(), std::exchange(latest_size_, 0));
  }

  template <typename T>
  void Fixed(T value) {
    if (latest_.size() - latest_size_ < sizeof(T)) [[unlikely]] {
      Flush();
    }
    char* to = latest_.data() + latest_size_;
    latest_size_ += sizeof(T);
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(to, &value, sizeof(T));
    } else {
      for (size_t i = 0; i < sizeof(T); ++i) {
        to[i] = static_cast<char>(value >> (8 * i) & 0xFF);
      }
    }
  }

  std::string bytes_;
  // What comes after them, to be appended at once. Written right into a string,
  // each byte would be a zero first.
  std::array<char, 2048> latest_;
  size_t latest_size_ = 0;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  uint8_t U8() { return Fixed<uint8_t>(); }
  uint16_t U16() { return Fixed<uint16_t>(); }
  uint32_t U32() { return Fixed<uint32_t>(); }
  uint64_t U64() { return Fixed<uint64_t>(); }
  int32_t I32() { return static_cast<int32_t>(Fixed<uint32_t>()); }
  int64_t I64() { return static_cast<int64_t>(Fixed<uint64_t>()); }
  absl::int128 I128() {
    const uint64_t low = U64();
    return absl::MakeInt128(I64(), low);
  }
  // Borrowed from the bytes.
  std::string_view Text() { return Raw(U32()); }
  std::string_view Raw(size_t size) {
    if (size > left()) {
      Fail("ends too early");
      return {};
    }
    const std::string_view result = bytes_.substr(at_, size);
    at_ += size;
    return result;
  }
  // A number of things that take at least `each` bytes; 0 after a failure.
  size_t Count(size_t each) {
    const uint64_t count = U64();
    if (count <= left() / each) return static_cast<size_t>(count);
    Fail("announces more than there is");
    return 0;
  }
  // In [low, high], or a failure that says what is wrong.
  int64_t I64In(int64_t low, int64_t high, const char* what) {
    const int64_t value = I64();
    if (value >= low && value <= high) return value;
    Fail(what);
    return low;
  }
  // At most `greatest`.
  uint8_t U8UpTo(uint8_t greatest, const char* what) {
    const uint8_t value = U8();
    if (value <= greatest) return value;
    Fail(what);
    return 0;
  }

  size_t left() const { return bytes_.size() - at_; }
  bool ok() const { return failure_ == nullptr; }
  // `what` is a literal. Nothing can be read after it.
  void Fail(const char* what) {
    if (failure_ == nullptr) failure_ = what;
    at_ = bytes_.size();
  }
  const char* failure() const { return failure_; }
  // Everything was read, and nothing failed.
  absl::Status Finish() {
    if (left() > 0) Fail("has bytes after its end");
    if (ok()) return absl::OkStatus();
    return absl::InvalidArgumentError(failure_);
  }

 private:
  template <typename T>
  T Fixed() {
    if (left() < sizeof(T)) {
      Fail("ends too early");
      return 0;
    }
    T value = 0;
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(&value, bytes_.data() + at_, sizeof(T));
    } else {
      for (size_t i = 0; i < sizeof(T); ++i) {
        value = static_cast<T>(
            value | static_cast<T>(static_cast<uint8_t>(bytes_[at_ + i]))
                        << (8 * i));
      }
    }
    at_ += sizeof(T);
    return value;
  }

  std::string_view bytes_;
  size_t at_ = 0;
  const char* failure_ = nullptr;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_BASE_BYTE_CODING_H_
