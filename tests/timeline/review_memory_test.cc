#include "src/timeline/review_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <utility>

namespace cckpi {
namespace {

constexpr InteractionId kCase{7};
constexpr InteractionId kOther{8};

ReviewedResponse ResponseAt(int64_t at_us) {
  ReviewedResponse response;
  response.at_us = at_us;
  response.known = true;
  return response;
}

// The messages that are kept.
std::set<uint64_t> Kept(const ReviewMemory& memory) {
  std::set<uint64_t> messages;
  memory.ForEach([&](const ResponseKey& key, const ReviewedResponse&) {
    messages.insert(key.second);
  });
  return messages;
}

TEST(ReviewMemoryTest, WhatIsOlderIsNotFoundAndThenForgotten) {
  ReviewMemory memory;
  memory.Remember({kCase, 1}, ResponseAt(100));
  memory.Remember({kCase, 2}, ResponseAt(200));
  EXPECT_NE(memory.Find({kCase, 1}, 100), nullptr);
  EXPECT_EQ(memory.Find({kCase, 1}, 101), nullptr);
  memory.ForgetBefore(100);
  EXPECT_EQ(Kept(memory), (std::set<uint64_t>{1, 2}));
  memory.ForgetBefore(101);
  EXPECT_EQ(Kept(memory), (std::set<uint64_t>{2}));
  memory.ForgetBefore(201);
  EXPECT_TRUE(Kept(memory).empty());
}

TEST(ReviewMemoryTest, ALaterInstantOfTheSameMessageHolds) {
  ReviewMemory memory;
  memory.Remember({kCase, 1}, ResponseAt(100));
  memory.Remember({kCase, 1}, ResponseAt(300));
  memory.ForgetBefore(300);
  ASSERT_NE(memory.Find({kCase, 1}, 300), nullptr);
  EXPECT_EQ(memory.Find({kCase, 1}, 300)->at_us, 300);
}

TEST(ReviewMemoryTest, AnInteractionIsForgottenWithWhatIsLeftOfIt) {
  ReviewMemory memory;
  for (uint64_t message = 1; message <= 5; ++message) {
    memory.Remember({kCase, message}, ResponseAt(100 + (message % 3)));
    memory.Remember({kOther, message}, ResponseAt(100 + (message % 3)));
  }
  memory.Loaded();
  memory.ForgetBefore(101);  // 3, from the middle
  EXPECT_EQ(Kept(memory), (std::set<uint64_t>{1, 2, 4, 5}));
  memory.Forget(kCase);
  EXPECT_EQ(memory.Find({kCase, 1}, 0), nullptr);
  EXPECT_NE(memory.Find({kOther, 1}, 0), nullptr);
  memory.Remember({kCase, 1}, ResponseAt(500));
  memory.Forget(kOther);
  EXPECT_EQ(Kept(memory), (std::set<uint64_t>{1}));
}

TEST(ReviewMemoryTest, AnOverlayLeavesItsBaseAlone) {
  ReviewMemory base;
  base.Remember({kCase, 1}, ResponseAt(100));
  ReviewMemory overlay(&base);
  overlay.Remember({kCase, 2}, ResponseAt(200));
  EXPECT_NE(overlay.Find({kCase, 1}, 0), nullptr);
  overlay.Forget(kCase);
  EXPECT_EQ(overlay.Find({kCase, 1}, 0), nullptr);
  EXPECT_EQ(overlay.Find({kCase, 2}, 0), nullptr);
  overlay.Remember({kCase, 1}, ResponseAt(300));
  EXPECT_EQ(overlay.Find({kCase, 1}, 0)->at_us, 300);
  EXPECT_EQ(base.Find({kCase, 1}, 0)->at_us, 100);
  EXPECT_EQ(Kept(base), (std::set<uint64_t>{1}));
}

}  // namespace
}  // namespace cckpi
