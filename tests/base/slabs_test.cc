#include "src/base/slabs.h"

#include <cstdint>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace cckpi {
namespace {

TEST(SlabsTest, EveryPieceKeepsItsBytes) {
  std::mt19937_64 random(3);
  Slabs slabs;
  std::map<uint32_t, std::string> expected;
  for (int step = 0; step < 50'000; ++step) {
    // Filled and emptied by turns.
    const bool takes = random() % 100 < (step / 5'000 % 2 == 0 ? 60u : 40u);
    if (takes || expected.empty()) {
      std::string text(1 + random() % Slabs::kMostBytes,
                       static_cast<char>('a' + random() % 26));
      const uint32_t place = slabs.Take(text.size());
      ASSERT_LT(place, uint32_t{1} << 31);
      std::memcpy(slabs.At(place), text.data(), text.size());
      ASSERT_TRUE(expected.emplace(place, std::move(text)).second);
    } else {
      auto piece = expected.lower_bound(static_cast<uint32_t>(random()) %
                                        (expected.rbegin()->first + 1));
      ASSERT_EQ(std::string(slabs.At(piece->first), piece->second.size()),
                piece->second);
      slabs.Give(piece->first, piece->second.size());
      expected.erase(piece);
    }
  }
  for (const auto& [place, text] : expected) {
    EXPECT_EQ(std::string(slabs.At(place), text.size()), text);
  }
}

TEST(SlabsTest, APieceIsTakenAgainByTheNextOfItsSize) {
  Slabs slabs;
  const uint32_t first = slabs.Take(61);
  const uint32_t second = slabs.Take(61);
  slabs.Give(first, 61);
  EXPECT_EQ(slabs.Take(64), first);
  EXPECT_NE(slabs.Take(60), second);
}

TEST(SlabsTest, TwoHundredFiftyFivePiecesOf64BytesAreASlab) {
  Slabs slabs;
  slabs.Take(64);
  const size_t one = slabs.memory_bytes();
  for (int n = 1; n < 255; ++n) slabs.Take(64);
  EXPECT_EQ(slabs.memory_bytes(), one);
  slabs.Take(64);
  EXPECT_GE(slabs.memory_bytes(), one + 16384);
}

TEST(SlabsTest, WithRoomATakeOfAnySizeAsksForNothing) {
  for (size_t bytes : {1u, 64u, 256u}) {
    Slabs slabs;
    for (int n = 0; n < 10'000; ++n) {
      slabs.MakeRoom();
      const size_t before = slabs.memory_bytes();
      slabs.Take(bytes);
      ASSERT_EQ(slabs.memory_bytes(), before);
    }
  }
}

TEST(SlabsTest, WhatIsEmptyServesOtherSizesAndThenGoesBack) {
  Slabs slabs;
  std::vector<uint32_t> places;
  for (int n = 0; n < 100'000; ++n) places.push_back(slabs.Take(40));
  const size_t full = slabs.memory_bytes();
  EXPECT_LT(full, 100'000 * 41);
  for (uint32_t place : places) slabs.Give(place, 40);
  // 64 KB wait.
  EXPECT_LT(slabs.memory_bytes(), 120'000u);
  const size_t empty = slabs.memory_bytes();
  for (int n = 0; n < 500; ++n) slabs.Take(120);
  EXPECT_EQ(slabs.memory_bytes(), empty);
}

}  // namespace
}  // namespace cckpi
