#include "src/base/room.h"

#include <cstdint>
#include <cstring>
#include <vector>

#include "gtest/gtest.h"

namespace cckpi {
namespace {

TEST(RoomTest, SmallPiecesShareSlabs) {
  Room room;
  EXPECT_EQ(room.memory_bytes(), 0u);
  for (int n = 0; n < 32; ++n) std::memset(room.Take(16), 1, 16);
  EXPECT_EQ(room.memory_bytes(), 512u);
  room.Take(1);
  EXPECT_EQ(room.memory_bytes(), 1'024u);
  for (int n = 0; n < 100'000; ++n) std::memset(room.Take(100), 1, 100);
  EXPECT_GE(room.memory_bytes(), 100'000u * 112);
  EXPECT_LE(room.memory_bytes(), 100'000u * 114);
}

TEST(RoomTest, WhatWasGivenBackIsTakenAgain) {
  Room room;
  void* small = room.Take(17);
  void* large = room.Take(300);
  room.Give(small, 17);
  room.Give(large, 300);
  EXPECT_EQ(room.Take(257), large);
  EXPECT_EQ(room.Take(32), small);
}

TEST(RoomTest, SizesAreStepsOfSixteenThenPowersOfTwo) {
  EXPECT_EQ(Room::RoundUp(1), 16u);
  EXPECT_EQ(Room::RoundUp(241), 256u);
  EXPECT_EQ(Room::RoundUp(257), 512u);
  EXPECT_EQ(Room::RoundUp(512), 512u);
  EXPECT_EQ(Room::RoundUp(513), 1'024u);
  EXPECT_EQ(Room::RoundUp(100'000), 131'072u);
}

TEST(RoomTest, APieceMayBeLargerThanASlab) {
  Room room;
  std::memset(room.Take(100'000), 1, 100'000);
  EXPECT_EQ(room.memory_bytes(), 131'072u);
  std::vector<int64_t, RoomAllocator<int64_t>> numbers{
      RoomAllocator<int64_t>(&room)};
  for (int64_t n = 0; n < 10'000; ++n) numbers.push_back(n);
  EXPECT_EQ(numbers[9'999], 9'999);
  // What it grew out of is at hand again.
  const size_t bytes = room.memory_bytes();
  std::vector<int64_t, RoomAllocator<int64_t>> others(numbers.get_allocator());
  for (int64_t n = 0; n < 5'000; ++n) others.push_back(n);
  EXPECT_LE(room.memory_bytes(), bytes);
}

}  // namespace
}  // namespace cckpi
