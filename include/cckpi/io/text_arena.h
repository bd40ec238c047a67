// TextArena: where a batch of events keeps its text.
//
// Events borrow their text. A reader copies each text once into the arena of
// the batch it fills; the text lives until the arena is cleared. Clearing
// keeps the memory, so in the steady state a reader allocates nothing.
//
//   TextArena arena;
//   std::string_view name = arena.Copy("whatsapp");
//   std::span<int64_t> rows = arena.MakeArray<int64_t>(2);
//   arena.Clear();   // `name` and `rows` dangle from here
//
// This file defines TextArena.

#ifndef CCKPI_IO_TEXT_ARENA_H_
#define CCKPI_IO_TEXT_ARENA_H_

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cckpi {

class TextArena {
 public:
  TextArena() = default;
  TextArena(TextArena&& other) noexcept { *this = std::move(other); }
  TextArena& operator=(TextArena&& other) noexcept;

  // `size` bytes aligned for any text or plain record; never null.
  char* Allocate(size_t size, size_t alignment = 1) {
    size_t at = (used_ + alignment - 1) & ~(alignment - 1);
    if (at + size > capacity_) return AllocateSlow(size);
    used_ = at + size;
    return current_ + at;
  }

  std::string_view Copy(std::string_view text) {
    if (text.empty()) return {};
    char* copy = Allocate(text.size());
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }

  // `count` default-made records. Their destructors never run.
  template <typename T>
  std::span<T> MakeArray(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count == 0) return {};
    char* memory = Allocate(count * sizeof(T), alignof(T));
    T* first = reinterpret_cast<T*>(memory);
    std::uninitialized_value_construct_n(first, count);
    return {first, count};
  }

  // Forgets every text and keeps the memory for the next ones.
  void Clear();

  size_t allocated_bytes() const;

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size = 0;
  };

  char* AllocateSlow(size_t size);

  std::vector<Block> blocks_;
  size_t next_block_ = 0;  // the first block not in use
  char* current_ = nullptr;
  size_t used_ = 0;
  size_t capacity_ = 0;
};

}  // namespace cckpi

#endif  // CCKPI_IO_TEXT_ARENA_H_
