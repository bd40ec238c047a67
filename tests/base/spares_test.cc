#include "src/base/spares.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "src/base/pooled.h"
#include "src/base/spare_list.h"

namespace cckpi {
namespace {

TEST(SparesTest, WhatWasGivenBackIsTakenAgain) {
  Spares spares;
  void* place = spares.Take(100);
  EXPECT_EQ(spares.memory_bytes(), 112u);
  spares.Give(place, 100);
  EXPECT_EQ(spares.memory_bytes(), 112u);
  EXPECT_EQ(spares.waiting_bytes(), 112u);
  void* other = spares.Take(96);
  EXPECT_NE(other, place);
  EXPECT_EQ(spares.Take(97), place);
  EXPECT_EQ(spares.waiting_bytes(), 0u);
  spares.Give(place, 97);
  spares.Give(other, 96);
}

TEST(SparesTest, WhatIsTooLargeGoesBackToTheHeap) {
  Spares spares;
  spares.Give(spares.Take(1025), 1025);
  EXPECT_EQ(spares.memory_bytes(), 0u);
  spares.Give(spares.Take(1024), 1024);
  EXPECT_EQ(spares.memory_bytes(), 1024u);
}

TEST(SparesTest, AfterAPeakAQuarterOfWhatIsInUseWaitsAnd64KB) {
  Spares spares;
  std::vector<void*> places;
  for (int n = 0; n < 1'000; ++n) places.push_back(spares.Take(1'000));
  EXPECT_EQ(spares.memory_bytes(), 1'008'000u);
  while (places.size() > 200) {
    spares.Give(places.back(), 1'000);
    places.pop_back();
  }
  EXPECT_LE(spares.waiting_bytes(), (1'000u * 1'008) / 4 + 65'536);
  EXPECT_GE(spares.waiting_bytes(), (200u * 1'008) / 4 + 64'000);
  while (!places.empty()) {
    spares.Give(places.back(), 1'000);
    places.pop_back();
  }
  EXPECT_EQ(spares.memory_bytes(), spares.waiting_bytes());
}

TEST(SparesTest, AContainerThatIsCopiedIsOnTheHeap) {
  using Allocator = SparesAllocator<int64_t>;
  Spares spares;
  std::deque<int64_t, Allocator> numbers{Allocator(&spares)};
  for (int64_t n = 0; n < 1'000; ++n) numbers.push_back(n);
  const size_t bytes = spares.memory_bytes();
  EXPECT_GE(bytes, 8'000u);
  const auto copy = numbers;
  EXPECT_EQ(spares.memory_bytes(), bytes);
  EXPECT_EQ(copy.get_allocator().pool(), nullptr);
  // A queue that does not grow.
  for (int64_t n = 0; n < 10'000; ++n) {
    numbers.push_back(n);
    numbers.pop_front();
  }
  EXPECT_LE(spares.memory_bytes(), bytes + 1'024);
}

TEST(SpareListTest, TheFirstOnesLieInside) {
  Spares spares;
  SpareList<int64_t, 2> list(&spares);
  EXPECT_TRUE(list.empty());
  list.push_back(7);
  list.push_back(8);
  EXPECT_EQ(spares.memory_bytes(), 0u);
  list.push_back(9);
  EXPECT_EQ(spares.memory_bytes(), 32u);
  EXPECT_EQ(list.HeapBytes(), 32u);
  EXPECT_EQ(std::vector<int64_t>(list.begin(), list.end()),
            (std::vector<int64_t>{7, 8, 9}));
  list.erase(&list[1]);
  EXPECT_EQ(list.size(), 2u);
  EXPECT_EQ(list.back(), 9);
  list.resize(4);
  EXPECT_EQ(list.back(), 0);
  list.Release();
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(spares.waiting_bytes(), 32u);
}

TEST(SpareListTest, FillsWhatASizeGivesIt) {
  Spares spares;
  SpareList<uint32_t> list(&spares);
  list.push_back(1);
  EXPECT_EQ(list.HeapBytes(), 16u);
  for (uint32_t n : {2, 3, 4}) list.push_back(n);
  EXPECT_EQ(list.HeapBytes(), 16u);
  list.push_back(5);
  EXPECT_EQ(list.HeapBytes(), 32u);
}

TEST(SpareListTest, ACopyIsOnTheHeapAndAnAssignmentKeepsItsSpares) {
  Spares spares;
  SpareList<std::string, 1> list(&spares);
  for (const char* text : {"one", "two", "a text that is not inside"}) {
    list.push_back(text);
  }
  const size_t bytes = spares.memory_bytes();
  SpareList<std::string, 1> copy = list;
  EXPECT_EQ(copy.pool(), nullptr);
  EXPECT_EQ(spares.memory_bytes(), bytes);
  copy.push_back("four");
  list = copy;
  EXPECT_EQ(list.pool(), &spares);
  EXPECT_EQ(list.size(), 4u);
  EXPECT_EQ(list[3], "four");
  list.clear();
  list = std::move(copy);
  EXPECT_EQ(list.pool(), &spares);
  EXPECT_EQ(list.size(), 4u);
  EXPECT_EQ(list[2], "a text that is not inside");
  SpareList<std::string, 1> moved = std::move(list);
  EXPECT_EQ(moved.pool(), &spares);
  EXPECT_EQ(moved.size(), 4u);
  EXPECT_TRUE(list.empty());
  // Inside one, what is moved is moved one by one.
  SpareList<std::string, 1> few;
  few.push_back("a text that is on the heap");
  moved = std::move(few);
  EXPECT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0], "a text that is on the heap");
  EXPECT_TRUE(few.empty());
}

TEST(PooledTest, IsMadeOfTheSparesAndGivenBackToThem) {
  using List = SpareList<int64_t>;
  Spares spares;
  Pooled<List> pooled;
  EXPECT_FALSE(pooled);
  pooled.GetOrCreate(&spares).push_back(5);
  EXPECT_EQ(spares.memory_bytes(), Spares::RoundUp(sizeof(List)) + 16);
  const Pooled<List> copy = pooled;
  EXPECT_EQ(copy->pool(), nullptr);
  Pooled<List> other = std::move(pooled);
  EXPECT_FALSE(pooled);
  EXPECT_EQ(other->back(), 5);
  other.Clear();
  EXPECT_FALSE(other);
  EXPECT_EQ(spares.waiting_bytes(), spares.memory_bytes());
  EXPECT_EQ(copy->back(), 5);
}

}  // namespace
}  // namespace cckpi
