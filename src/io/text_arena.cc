#include "cckpi/io/text_arena.h"

#include <algorithm>
#include <utility>

namespace cckpi {
namespace {

constexpr size_t kBlockBytes = size_t{64} << 10;

}  // namespace

TextArena& TextArena::operator=(TextArena&& other) noexcept {
  blocks_ = std::exchange(other.blocks_, {});
  next_block_ = std::exchange(other.next_block_, 0);
  current_ = std::exchange(other.current_, nullptr);
  used_ = std::exchange(other.used_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

// Blocks come from new[], aligned for every record an arena holds, so a fresh
// block needs no alignment of its own.
char* TextArena::AllocateSlow(size_t size) {
  while (next_block_ < blocks_.size() && blocks_[next_block_].size < size) {
    ++next_block_;
  }
  if (next_block_ == blocks_.size()) {
    size_t block_size = std::max(size, kBlockBytes);
    blocks_.push_back({std::make_unique<char[]>(block_size), block_size});
  }
  Block& block = blocks_[next_block_++];
  current_ = block.bytes.get();
  capacity_ = block.size;
  used_ = size;
  return current_;
}

void TextArena::Clear() {
  next_block_ = 0;
  current_ = nullptr;
  used_ = 0;
  capacity_ = 0;
}

size_t TextArena::allocated_bytes() const {
  size_t bytes = 0;
  for (const Block& block : blocks_) bytes += block.size;
  return bytes;
}

}  // namespace cckpi
