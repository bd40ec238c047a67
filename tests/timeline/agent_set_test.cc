#include "src/timeline/agent_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

using List = std::vector<TextId>;

void ExpectSame(const AgentSet& set, const List& list) {
  ASSERT_THAT(set.agents(), ElementsAreArray(list));
  EXPECT_EQ(set.empty(), list.empty());
}

TEST(AgentSetTest, KeepsEachOnceInTheOrderInWhichTheyCame) {
  Spares spares;
  AgentSet set(&spares);
  EXPECT_TRUE(set.Insert(7));
  EXPECT_TRUE(set.Insert(3));
  EXPECT_FALSE(set.Insert(7));
  EXPECT_THAT(set.agents(), ElementsAre(7, 3));
  EXPECT_TRUE(set.contains(3));
  EXPECT_FALSE(set.contains(4));
}

// Numbers of few and of many agents, close together and far apart.
TEST(AgentSetTest, IsWhatAListWouldBe) {
  std::mt19937 random(1);
  for (uint32_t round = 0; round < 200; ++round) {
    const uint32_t agents = 1 + static_cast<uint32_t>(random() % 200);
    const uint32_t factor = round % 2 == 0 ? 1 : 0x01000193;
    Spares spares;
    AgentSet set(&spares);
    List list;
    for (int n = 0; n < 400; ++n) {
      const TextId agent =
          (1 + static_cast<TextId>(random() % agents)) * factor;
      const bool is_there =
          std::find(list.begin(), list.end(), agent) != list.end();
      ASSERT_EQ(set.contains(agent), is_there);
      if (random() % 100 == 0) {
        set.clear();
        list.clear();
      } else {
        ASSERT_EQ(set.Insert(agent), !is_there || list.empty());
        if (!is_there) list.push_back(agent);
      }
    }
    ExpectSame(set, list);
  }
}

TEST(AgentSetTest, CopiesAreApart) {
  Spares spares;
  for (TextId agents : {3u, 17u, 1000u}) {
    AgentSet set(&spares);
    List list;
    for (TextId agent = 1; agent <= agents; ++agent) {
      set.Insert(agent);
      list.push_back(agent);
    }
    AgentSet copy(set);
    EXPECT_TRUE(copy.Insert(5000));
    ExpectSame(set, list);
    list.push_back(5000);
    ExpectSame(copy, list);
    EXPECT_FALSE(copy.Insert(2));
    set = copy;
    ExpectSame(set, list);
  }
}

TEST(AgentSetTest, WhatItTakesIsOfThePool) {
  Spares spares;
  AgentSet set(&spares);
  EXPECT_EQ(spares.memory_bytes(), 0u);
  for (TextId agent = 1; agent <= 16; ++agent) set.Insert(agent);
  EXPECT_EQ(spares.memory_bytes() - spares.waiting_bytes(), 64u);
  for (TextId agent = 17; agent <= 1024; ++agent) set.Insert(agent);
  EXPECT_EQ(spares.memory_bytes() - spares.waiting_bytes(),
            (2048 + 1024) * sizeof(TextId));
}

// A few looks each, on average, whatever the numbers have in common.
TEST(AgentSetTest, OneOfManyIsFoundInAFewLooks) {
  constexpr TextId kMany = 100'000;
  for (TextId step : {1u, 1024u, 4096u}) {
    Spares spares;
    AgentSet set(&spares);
    size_t looks = 0;
    for (TextId n = 1; n <= kMany; ++n) {
      looks += set.LooksFor(n * step);
      set.Insert(n * step);
      looks += set.LooksFor(n * step);
      looks += set.LooksFor((n / 2 + 1) * step);
    }
    EXPECT_LE(looks, 3 * size_t{16} * kMany / 2) << step;
  }
}

}  // namespace
}  // namespace cckpi
