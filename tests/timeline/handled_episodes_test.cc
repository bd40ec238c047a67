#include "src/timeline/handled_episodes.h"

#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace cckpi {
namespace {

std::vector<uint64_t> Numbers(const HandledEpisodes& episodes) {
  std::vector<uint64_t> numbers;
  for (const HandledEpisode* episode : episodes.InOrder()) {
    numbers.push_back(episode->number);
  }
  return numbers;
}

TEST(HandledEpisodes, NoneAtFirst) {
  HandledEpisodes episodes;
  EXPECT_EQ(episodes.size(), 0u);
  EXPECT_FALSE(episodes.contains(0));
  EXPECT_EQ(episodes.Find(7), nullptr);
  EXPECT_TRUE(episodes.InOrder().empty());
}

TEST(HandledEpisodes, APlaceThatIsTakenAgainIsEmpty) {
  HandledEpisodes episodes;
  HandledEpisode& first = episodes.At(5);
  first.off_us = 9;
  HandleTime sliced;
  sliced.off_presence_us = 3;
  episodes.SetSliced(first, sliced);
  EXPECT_EQ(episodes.SlicedOf(episodes.At(5)), sliced);
  episodes.Erase(episodes.At(5));
  HandledEpisode& second = episodes.At(6);
  EXPECT_EQ(second.off_us, 0);
  EXPECT_EQ(second.group, 0u);
  EXPECT_EQ(episodes.SlicedOf(second), HandleTime());
  EXPECT_EQ(Numbers(episodes), std::vector<uint64_t>{6});
}

// Numbers come and go as those of a map, in a copy too.
TEST(HandledEpisodes, AreThoseOfAMap) {
  std::mt19937_64 random(11);
  HandledEpisodes episodes;
  std::map<uint64_t, int64_t> expected;
  for (int step = 0; step < 20'000; ++step) {
    // Few numbers close together and far apart, so that runs form and break.
    const uint64_t number = random() % 200 << (random() % 2 * 32);
    if (random() % 5 < 2) {
      if (HandledEpisode* found = episodes.Find(number); found != nullptr) {
        episodes.Erase(*found);
      }
      expected.erase(number);
    } else {
      episodes.At(number).off_us = step;
      expected[number] = step;
    }
    ASSERT_EQ(episodes.size(), expected.size());
    ASSERT_EQ(episodes.contains(number), expected.contains(number));
    if (step % 100 != 0) continue;
    HandledEpisodes copy = episodes;
    std::vector<uint64_t> numbers;
    for (const auto& [known, off_us] : expected) {
      numbers.push_back(known);
      ASSERT_NE(copy.Find(known), nullptr);
      EXPECT_EQ(copy.Find(known)->off_us, off_us);
    }
    ASSERT_EQ(Numbers(copy), numbers);
  }
}

}  // namespace
}  // namespace cckpi
