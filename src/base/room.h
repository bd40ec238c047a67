// Room: memory in slabs, for what grows and stays.
//
// Slabs are taken of the heap, doubling from half a kilobyte to 16, so what
// comes in small pieces costs few allocations. A piece that is given back is
// taken again by the next one of its size. All of it is gone with the room,
// whether it was given back or not.
//
//   Room room;
//   void* place = room.Take(100);
//   room.Give(place, 100);
//
// Sizes are rounded up to 16 bytes, above 256 to powers of two. One user at a
// time.

#ifndef CCKPI_SRC_BASE_ROOM_H_
#define CCKPI_SRC_BASE_ROOM_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

#include "src/base/poison.h"
#include "src/base/spares.h"

namespace cckpi {

class Room {
 public:
  Room() = default;
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  void* Take(size_t bytes) {
    const size_t sort = SortOf(bytes);
    const size_t size = SizeOf(sort);
    void* place = free_[sort];
    if (place != nullptr) {
      std::memcpy(&free_[sort], place, sizeof(void*));
      Unpoison(place, size);
      return place;
    }
    if (size > left_) MakeSlab(size);
    place = slab_;
    slab_ += size;
    left_ -= size;
    return place;
  }

  // `bytes` as they were taken.
  void Give(void* place, size_t bytes) noexcept {
    const size_t sort = SortOf(bytes);
    const size_t size = SizeOf(sort);
    Unpoison(place, size);
    std::memcpy(place, &free_[sort], sizeof(void*));
    free_[sort] = place;
    Poison(static_cast<char*>(place) + sizeof(void*), size - sizeof(void*));
  }

  // What takes as much as `bytes`.
  static size_t RoundUp(size_t bytes) { return SizeOf(SortOf(bytes)); }

  // Of the heap.
  size_t memory_bytes() const { return memory_bytes_; }

 private:
  static constexpr size_t kStep = 16;
  static constexpr size_t kSteps = 16;  // up to 256 bytes

  static size_t SortOf(size_t bytes) {
    if (bytes <= kStep * kSteps) return (bytes + kStep - 1) / kStep;
    return kSteps + static_cast<size_t>(std::bit_width(bytes - 1)) - 8;
  }
  static size_t SizeOf(size_t sort) {
    return sort <= kSteps ? sort * kStep : size_t{1} << (sort - kSteps + 8);
  }
  void MakeSlab(size_t least) {
    const size_t bytes = std::max(
        least, std::clamp<size_t>(std::bit_ceil(memory_bytes_), 512, 16384));
    slabs_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
    slab_ = slabs_.back().get();
    left_ = bytes;
    memory_bytes_ += bytes;
  }

  std::array<void*, 64> free_ = {};  // by sort; each begins with the next
  std::vector<std::unique_ptr<char[]>> slabs_;
  char* slab_ = nullptr;  // what is left of the latest
  size_t left_ = 0;
  size_t memory_bytes_ = 0;
};

template <typename T>
using RoomAllocator = PoolAllocator<T, Room>;

}  // namespace cckpi

#endif  // CCKPI_SRC_BASE_ROOM_H_
