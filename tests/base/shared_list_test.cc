#include "cckpi/base/shared_list.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace cckpi {
namespace {

using Words = SharedList<std::string>;

TEST(SharedListTest, ReadsAsAVector) {
  const Words words = {"open", "met"};
  EXPECT_EQ(words.size(), 2u);
  EXPECT_EQ(words[1], "met");
  EXPECT_EQ(words.at(0), "open");
  EXPECT_EQ(words.front(), "open");
  EXPECT_EQ(words.back(), "met");
  std::string all;
  for (const std::string& word : words) all += word;
  EXPECT_EQ(all, "openmet");
  const std::vector<std::string>& list = words;
  EXPECT_EQ(list, (std::vector<std::string>{"open", "met"}));
  EXPECT_EQ(words, list);
}

TEST(SharedListTest, CopiesShareUntilOneIsChanged) {
  Words one = {"a"};
  Words other = one;
  EXPECT_EQ(&one.list(), &other.list());
  other.push_back("b");
  EXPECT_EQ(one, (Words{"a"}));
  EXPECT_EQ(other, (Words{"a", "b"}));
  Words third = other;
  third.Edit()[0] = "z";
  EXPECT_EQ(other, (Words{"a", "b"}));
  EXPECT_EQ(third, (Words{"z", "b"}));
}

TEST(SharedListTest, AloneItIsChangedInPlace) {
  Words words = {"a"};
  const std::vector<std::string>* list = &words.list();
  words.push_back("b");
  EXPECT_EQ(&words.list(), list);
  EXPECT_EQ(words.size(), 2u);
}

TEST(SharedListTest, IsAloneWhereNobodyElseHoldsIt) {
  EXPECT_EQ(Words().EditAlone(), nullptr);
  Words words = {"a"};
  const std::vector<std::string>* list = &words.list();
  ASSERT_EQ(words.EditAlone(), list);
  words.EditAlone()->at(0) = "b";
  EXPECT_EQ(words, (Words{"b"}));
  {
    const Words other = words;
    EXPECT_EQ(words.EditAlone(), nullptr);
    EXPECT_EQ(other, (Words{"b"}));
  }
  EXPECT_EQ(words.EditAlone(), list);
}

TEST(SharedListTest, EmptyHoweverItCameAbout) {
  Words words;
  EXPECT_TRUE(words.empty());
  EXPECT_EQ(words.begin(), words.end());
  EXPECT_EQ(words, Words(std::vector<std::string>()));
  words.emplace_back("a");
  EXPECT_EQ(words.size(), 1u);
  Words moved = std::move(words);
  EXPECT_EQ(moved, (Words{"a"}));
  moved.clear();
  EXPECT_EQ(moved, Words());
}

TEST(SharedListTest, OrdersAsItsList) {
  EXPECT_LT(Words(), (Words{"a"}));
  EXPECT_LT((Words{"a", "b"}), (Words{"b"}));
  EXPECT_FALSE((Words{"b"}) < (Words{"b"}));
}

}  // namespace
}  // namespace cckpi
