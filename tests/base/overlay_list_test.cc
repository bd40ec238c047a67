#include "src/base/overlay_list.h"

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "oracle/settings.h"

namespace cckpi {
namespace {

using List = OverlayList<std::string>;
using Texts = std::vector<std::string>;

Texts AllOf(const List& list) {
  Texts all;
  for (size_t n = 0; n < list.size(); ++n) all.push_back(list[n]);
  EXPECT_EQ(list.empty(), all.empty());
  if (!all.empty()) {
    EXPECT_EQ(list.back(), all.back());
  }
  return all;
}

TEST(OverlayListTest, ACopySharesWhatItDoesNotChange) {
  Spares spares;
  List list(&spares);
  for (const char* text : {"a", "b", "c"}) list.push_back(text);
  List copy = list;
  copy.Edit(1) = "x";
  copy.push_back("d");
  EXPECT_EQ(AllOf(copy), Texts({"a", "x", "c", "d"}));
  EXPECT_EQ(AllOf(list), Texts({"a", "b", "c"}));
  EXPECT_EQ(&copy[0], &list[0]);
  EXPECT_NE(&copy[1], &list[1]);
  EXPECT_EQ(&copy[2], &list[2]);
}

TEST(OverlayListTest, ACopyTakesNothingOfThePool) {
  Spares spares;
  List list(&spares);
  for (int n = 0; n < 100; ++n) list.push_back("a");
  const size_t before = spares.memory_bytes();
  List copy = list;
  for (int n = 0; n < 100; ++n) copy.push_back("b");
  copy.Edit(7) = "c";
  EXPECT_EQ(spares.memory_bytes(), before);
}

// Whatever is done to a list and to copies of it, also of copies.
TEST(OverlayListTest, IsAsACopyOfItsOwnWouldBe) {
  const uint64_t seed = oracle::FirstSeed(11);
  std::mt19937_64 random(seed);
  const auto below = [&](size_t bound) { return random() % bound; };
  const auto change = [&](List& list, Texts& expected) {
    for (size_t steps = below(20); steps > 0; --steps) {
      const std::string text = std::to_string(random());
      if (below(15) == 0) {
        list.clear();
        expected.clear();
      } else if (expected.empty() || below(2) == 0) {
        list.push_back(text);
        expected.push_back(text);
      } else {
        const size_t at = below(expected.size());
        list.Edit(at) = text;
        expected[at] = text;
      }
      ASSERT_EQ(AllOf(list), expected);
    }
  };
  for (int run = 0; run < oracle::Runs(100); ++run) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << ", run " << run);
    Spares spares;
    std::vector<std::unique_ptr<List>> lists;
    std::vector<Texts> expected(1);
    lists.push_back(std::make_unique<List>(&spares));
    for (;;) {
      change(*lists.back(), expected.back());
      if (lists.size() == 4) break;
      lists.push_back(std::make_unique<List>(*lists.back()));
      expected.push_back(expected.back());
    }
    for (size_t n = 0; n < lists.size(); ++n) {
      EXPECT_EQ(AllOf(*lists[n]), expected[n]);
    }
    while (!lists.empty()) lists.pop_back();
  }
}

}  // namespace
}  // namespace cckpi
