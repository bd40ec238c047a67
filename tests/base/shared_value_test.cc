#include "cckpi/base/shared_value.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cckpi {
namespace {

// Counts how many of it there are.
struct Counted {
  explicit Counted(int* number) : alive(number) { ++*alive; }
  ~Counted() { --*alive; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  int* alive;
};

TEST(SharedValueTest, HoldsNoneUntilItIsGivenOne) {
  SharedValue<std::string> none;
  EXPECT_EQ(none, nullptr);
  EXPECT_EQ(none.get(), nullptr);
  const SharedValue<std::string> copy = none;
  EXPECT_EQ(copy, nullptr);
  none = SharedValue<std::string>::Make("mean");
  EXPECT_EQ(*none, "mean");
  EXPECT_EQ(none->size(), 4u);
  EXPECT_EQ(copy, nullptr);
}

TEST(SharedValueTest, TheLastOneTakesTheValueAlong) {
  int alive = 0;
  {
    SharedValue<Counted> one = SharedValue<Counted>::Make(&alive);
    EXPECT_TRUE(one.IsAlone());
    {
      const SharedValue<Counted> other = one;
      EXPECT_EQ(one, other);
      EXPECT_FALSE(one.IsAlone());
      one.reset();
      EXPECT_EQ(alive, 1);
      EXPECT_TRUE(other.IsAlone());
      one = other;
    }
    EXPECT_TRUE(one.IsAlone());
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

TEST(SharedValueTest, AssignmentLetsGoOfWhatWasHeld) {
  int first = 0;
  int second = 0;
  SharedValue<Counted> value = SharedValue<Counted>::Make(&first);
  value = SharedValue<Counted>::Make(&second);
  EXPECT_EQ(first, 0);
  EXPECT_EQ(second, 1);
  SharedValue<Counted> moved = std::move(value);
  EXPECT_TRUE(moved.IsAlone());
  SharedValue<Counted>& same = moved;
  moved = same;
  moved = std::move(same);
  EXPECT_EQ(second, 1);
  EXPECT_TRUE(moved.IsAlone());
  SharedValue<Counted> copy = moved;
  copy = moved;  // holds it already
  EXPECT_FALSE(moved.IsAlone());
  copy.reset();
  EXPECT_TRUE(moved.IsAlone());
}

TEST(SharedValueTest, ThreadsCopyAndLetGoAtTheSameTime) {
  int alive = 0;
  {
    const SharedValue<Counted> value = SharedValue<Counted>::Make(&alive);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&value] {
        std::vector<SharedValue<Counted>> copies;
        for (int n = 0; n < 10'000; ++n) {
          copies.push_back(value);
          if (copies.size() == 100) copies.clear();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE(value.IsAlone());
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace cckpi
