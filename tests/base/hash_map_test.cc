#include "cckpi/base/hash_map.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <unordered_map>

namespace cckpi {
namespace {

TEST(HashMapTest, InsertionsKeepWhatIsThere) {
  HashMap<std::string, int> map;
  EXPECT_TRUE(map.emplace("a", 1).second);
  EXPECT_FALSE(map.emplace("a", 2).second);
  EXPECT_FALSE(map.try_emplace("a", 3).second);
  EXPECT_EQ(map.find("a")->second, 1);
  EXPECT_FALSE(map.insert_or_assign("a", 4).second);
  EXPECT_EQ(map["a"], 4);
  EXPECT_EQ(map["b"], 0);
  EXPECT_EQ(map.size(), 2u);
}

TEST(HashMapTest, BehavesAsAMapThroughGrowthAndErasure) {
  HashMap<int, std::unique_ptr<int>> map;
  std::unordered_map<int, int> expected;
  uint32_t random = 1;
  for (int step = 0; step < 20'000; ++step) {
    random = random * 1664525 + 1013904223;
    const int key = static_cast<int>(random >> 20);
    if (random % 3 == 0) {
      map.erase(key);
      expected.erase(key);
    } else {
      map.insert_or_assign(key, std::make_unique<int>(step));
      expected[key] = step;
    }
  }
  ASSERT_EQ(map.size(), expected.size());
  for (const auto& [key, value] : expected) {
    ASSERT_NE(map.find(key), map.end());
    EXPECT_EQ(*map.find(key)->second, value);
  }
}

TEST(HashMapTest, RoomThatIsReservedIsEnough) {
  HashMap<int, int> map;
  map.reserve(1000);
  const size_t places = map.capacity();
  for (int i = 0; i < 1000; ++i) map[i] = i;
  EXPECT_EQ(map.capacity(), places);
}

TEST(HashMapTest, ErasedPlacesAreUsedAgainWithoutGrowth) {
  HashMap<int, int> map;
  for (int i = 0; i < 20; ++i) map[i] = i;
  const size_t places = map.capacity();
  for (int i = 20; i < 100'000; ++i) {
    map.erase(i - 20);
    map[i] = i;
  }
  EXPECT_EQ(map.size(), 20u);
  EXPECT_LE(map.capacity(), 2 * places + 1);
}

}  // namespace
}  // namespace cckpi
