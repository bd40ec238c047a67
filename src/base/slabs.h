// Slabs: many small pieces of bytes, each found by a number of 31 bits.
//
// A slab of 16 KB holds pieces of one size, in steps of 8 bytes. A piece that
// is given back is taken again by the next one of its size. A slab without
// pieces serves any size; no more of them wait than a quarter of those in use
// and 64 KB, the rest goes back to the heap.
//
//   Slabs slabs;
//   const uint32_t place = slabs.Take(61);
//   std::memcpy(slabs.At(place), bytes, 61);
//   slabs.Give(place, 64);  // sizes that are rounded up alike are one
//
// What lies up to 8 bytes behind a piece may be read, whatever it is: who reads
// words need not count bytes. One user at a time; several may read at once.

#ifndef CCKPI_SRC_BASE_SLABS_H_
#define CCKPI_SRC_BASE_SLABS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace cckpi {

class Slabs {
 public:
  static constexpr size_t kMostBytes = 256;  // of a piece; at least 1

  Slabs() { with_room_.fill(kNone); }
  Slabs(const Slabs&) = delete;
  Slabs& operator=(const Slabs&) = delete;

  uint32_t Take(size_t bytes) {
    const uint32_t steps = StepsOf(bytes);
    uint32_t number = with_room_[steps];
    if (number == kNone) number = Begin(steps);
    Slab& slab = slabs_[number];
    uint32_t unit = slab.free;
    if (unit != kNoUnit) {
      std::memcpy(&slab.free, AddressOf(number, unit), sizeof(slab.free));
    } else {
      unit = slab.fresh;
      slab.fresh = static_cast<uint16_t>(unit + steps);
    }
    ++slab.used;
    if (IsFull(slab)) Unlink(slab);
    return number * kUnits + unit;
  }

  // So that the next Take asks the heap for nothing.
  void MakeRoom() {
    if (waiting_.empty()) MakeSlab();
  }

  // `bytes` as they were taken.
  void Give(uint32_t place, size_t bytes) {
    const uint32_t number = place / kUnits;
    const uint32_t unit = place % kUnits;
    Slab& slab = slabs_[number];
    const bool was_full = IsFull(slab);
    std::memcpy(AddressOf(number, unit), &slab.free, sizeof(slab.free));
    slab.free = static_cast<uint16_t>(unit);
    --slab.used;
    if (was_full) Link(number, StepsOf(bytes));
    if (slab.used == 0) End(number);
  }

  char* At(uint32_t place) { return AddressOf(place / kUnits, place % kUnits); }
  const char* At(uint32_t place) const {
    return AddressOf(place / kUnits, place % kUnits);
  }

  // Of the heap: what is in use and what waits.
  size_t memory_bytes() const {
    return (in_use_ + waiting_.size()) * kSlabBytes +
           slabs_.capacity() * sizeof(Slab) +
           bytes_.capacity() * sizeof(bytes_[0]) +
           (waiting_.capacity() + vacant_.capacity()) * sizeof(uint32_t);
  }

 private:
  static constexpr size_t kStep = 8;
  static constexpr uint32_t kUnits = 2048;
  static constexpr size_t kSlabBytes = kStep * kUnits;
  static constexpr uint32_t kUsable = kUnits - 1;  // the last may be read
  static constexpr uint32_t kNone = 0xFFFFFFFF;
  static constexpr uint16_t kNoUnit = 0xFFFF;
  static constexpr size_t kAlwaysWaiting = 65536 / kSlabBytes;

  struct Slab {
    uint32_t next = kNone;  // of those of its size with room
    uint32_t previous = kNone;
    uint16_t steps = 0;
    uint16_t used = 0;        // pieces
    uint16_t fresh = 0;       // from here on nothing was ever taken
    uint16_t free = kNoUnit;  // each free piece begins with the next
  };

  static uint32_t StepsOf(size_t bytes) {
    return static_cast<uint32_t>((bytes + kStep - 1) / kStep);
  }
  char* AddressOf(uint32_t number, uint32_t unit) const {
    return bytes_[number].get() + unit * kStep;
  }
  static bool IsFull(const Slab& slab) {
    return slab.free == kNoUnit && slab.fresh + slab.steps > kUsable;
  }

  void Link(uint32_t number, uint32_t steps) {
    Slab& slab = slabs_[number];
    slab.previous = kNone;
    slab.next = with_room_[steps];
    if (slab.next != kNone) slabs_[slab.next].previous = number;
    with_room_[steps] = number;
  }
  void Unlink(Slab& slab) {
    uint32_t& before = slab.previous == kNone ? with_room_[slab.steps]
                                              : slabs_[slab.previous].next;
    before = slab.next;
    if (slab.next != kNone) slabs_[slab.next].previous = slab.previous;
  }
  void MakeSlab() {
    std::unique_ptr<char[]> bytes =
        std::make_unique_for_overwrite<char[]>(kSlabBytes);
    if (vacant_.empty()) {
      bytes_.emplace_back();
      slabs_.resize(bytes_.size());
      // So that giving back asks for nothing.
      waiting_.reserve(slabs_.capacity() / 4 + kAlwaysWaiting + 2);
      vacant_.reserve(slabs_.capacity());
      vacant_.push_back(static_cast<uint32_t>(bytes_.size() - 1));
    }
    bytes_[vacant_.back()] = std::move(bytes);
    waiting_.push_back(vacant_.back());
    vacant_.pop_back();
  }
  // One without pieces, for those of a size.
  uint32_t Begin(uint32_t steps) {
    MakeRoom();
    const uint32_t number = waiting_.back();
    waiting_.pop_back();
    Slab& slab = slabs_[number];
    slab.steps = static_cast<uint16_t>(steps);
    slab.used = 0;
    slab.fresh = 0;
    slab.free = kNoUnit;
    ++in_use_;
    Link(number, steps);
    return number;
  }
  void End(uint32_t number) {
    Unlink(slabs_[number]);
    --in_use_;
    waiting_.push_back(number);
    while (waiting_.size() > in_use_ / 4 + kAlwaysWaiting) {
      bytes_[waiting_.back()] = nullptr;
      vacant_.push_back(waiting_.back());
      waiting_.pop_back();
    }
  }

  std::array<uint32_t, kMostBytes / kStep + 1> with_room_;  // by steps
  std::vector<Slab> slabs_;
  std::vector<std::unique_ptr<char[]>> bytes_;  // nullptr: vacant
  std::vector<uint32_t> waiting_;               // without pieces
  std::vector<uint32_t> vacant_;  // numbers of slabs that are gone
  size_t in_use_ = 0;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_BASE_SLABS_H_
