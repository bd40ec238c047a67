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

// Over a base they are what a copy would be, and the base stays as it was.
TEST(HandledEpisodes, OverABaseAreThoseOfACopy) {
  std::mt19937_64 random(12);
  for (int run = 0; run < 200; ++run) {
    HandledEpisodes base;
    for (uint64_t number = random() % 40; number > 0; --number) {
      HandledEpisode& episode = base.At(random() % 60);
      episode.off_us = static_cast<int64_t>(random() % 1000);
      if (random() % 3 == 0) {
        base.SetSliced(episode, {.off_presence_us = episode.off_us + 1});
      }
    }
    const HandledEpisodes untouched = base;
    HandledEpisodes copy = base;
    HandledEpisodes over = HandledEpisodes::Over(base);
    for (int step = 0; step < 60; ++step) {
      const uint64_t number = random() % 60;
      if (random() % 3 == 0) {
        HandledEpisode* of_copy = copy.Find(number);
        HandledEpisode* of_over = over.Find(number);
        ASSERT_EQ(of_copy == nullptr, of_over == nullptr);
        if (of_copy == nullptr) continue;
        EXPECT_EQ(of_over->off_us, of_copy->off_us);
        copy.Erase(*of_copy);
        over.Erase(*of_over);
      } else {
        HandledEpisode& of_copy = copy.At(number);
        HandledEpisode& of_over = over.At(number);
        ASSERT_EQ(of_over.off_us, of_copy.off_us);
        ASSERT_EQ(over.SlicedOf(of_over), copy.SlicedOf(of_copy));
        of_copy.off_us = of_over.off_us = step;
        copy.SetSliced(of_copy, {.off_presence_us = step});
        over.SetSliced(of_over, {.off_presence_us = step});
      }
      ASSERT_EQ(over.size(), copy.size());
      ASSERT_EQ(over.contains(number), copy.contains(number));
    }
    const std::vector<const HandledEpisode*> expected = copy.InOrder();
    const std::vector<const HandledEpisode*> given = over.InOrder();
    ASSERT_EQ(given.size(), expected.size());
    for (size_t e = 0; e < given.size(); ++e) {
      EXPECT_EQ(given[e]->number, expected[e]->number);
      EXPECT_EQ(given[e]->off_us, expected[e]->off_us);
      EXPECT_EQ(over.SlicedOf(*given[e]), copy.SlicedOf(*expected[e]));
    }
    EXPECT_EQ(Numbers(base), Numbers(untouched));
    for (const HandledEpisode* episode : base.InOrder()) {
      HandledEpisodes was = untouched;
      EXPECT_EQ(was.Find(episode->number)->off_us, episode->off_us);
    }
  }
}

}  // namespace
}  // namespace cckpi
