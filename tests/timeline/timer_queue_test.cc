#include "src/timeline/timer_queue.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <vector>

namespace cckpi {
namespace {

Timer At(int64_t at_us, uint32_t interaction,
         TimerPlace place = TimerPlace::kBeforeEvents) {
  return {at_us, place, static_cast<InteractionId>(interaction)};
}

std::vector<Timer> TakeAll(TimerQueue& queue, const Timer& limit) {
  std::vector<Timer> taken;
  while (std::optional<Timer> timer = queue.Next(limit)) {
    taken.push_back(*timer);
  }
  return taken;
}

TEST(TimerQueueTest, GivesTimersInOrderUpToTheLimit) {
  TimerQueue queue;
  queue.Add(At(30, 1));
  queue.Add(At(10, 2, TimerPlace::kAutoClose));
  queue.Add(At(20, 3));
  queue.Add(At(10, 4));
  EXPECT_EQ(queue.First(), At(10, 4));
  EXPECT_EQ(TakeAll(queue, At(20, 0)),
            (std::vector<Timer>{At(10, 4), At(10, 2, TimerPlace::kAutoClose)}));
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(TakeAll(queue, At(20, 0, TimerPlace::kAfter)),
            std::vector<Timer>{At(20, 3)});
  EXPECT_EQ(queue.First(), At(30, 1));
}

// Random timers, taken and added in turns, against a sorted set; then the same
// over a base, which keeps its own.
TEST(TimerQueueTest, GivesWhatASortedSetGives) {
  std::mt19937 random(1);
  const auto below = [&random](uint32_t count) { return random() % count; };
  const auto any_lane = [&below] {
    return static_cast<TimerLane>(below(1 + kTimerLanes));
  };
  for (int run = 0; run < 300; ++run) {
    TimerQueue base;
    std::multiset<Timer> in_base;
    for (uint32_t n = below(200); n > 0; --n) {
      Timer timer =
          At(below(100), below(50), static_cast<TimerPlace>(below(2)));
      timer.lane = any_lane();
      base.Add(timer);
      in_base.insert(timer);
    }
    // So that lines of the base begin anywhere in their rings.
    int64_t limit_us = below(40);
    for (const Timer& taken : TakeAll(base, At(limit_us, 0))) {
      ASSERT_EQ(taken, *in_base.begin());
      in_base.erase(in_base.begin());
    }
    for (uint32_t n = below(50); n > 0; --n) {
      Timer timer = At(limit_us + below(100), below(50));
      timer.lane = any_lane();
      base.Add(timer);
      in_base.insert(timer);
    }
    TimerQueue over(&base);
    std::multiset<Timer> expected = in_base;
    for (int step = 0; step < 30; ++step) {
      for (uint32_t n = below(8); n > 0; --n) {
        Timer timer = At(limit_us + below(60), below(50));
        timer.lane = any_lane();
        over.Add(timer);
        expected.insert(timer);
      }
      limit_us += below(10);
      for (const Timer& taken : TakeAll(over, At(limit_us, 0))) {
        ASSERT_EQ(taken, *expected.begin());
        expected.erase(expected.begin());
      }
      ASSERT_TRUE(expected.empty() || *expected.begin() >= At(limit_us, 0));
    }
    ASSERT_EQ(base.size(), in_base.size());
    for (const Timer& taken : TakeAll(base, At(1000, 0))) {
      ASSERT_EQ(taken, *in_base.begin());
      in_base.erase(in_base.begin());
    }
    ASSERT_TRUE(in_base.empty());
  }
}

// What comes in order goes along a line, whose ring grows while it has turned.
TEST(TimerQueueTest, KeepsALineInOrderWhileItGrows) {
  TimerQueue queue;
  uint32_t next = 0;
  uint32_t first = 0;
  const auto add = [&] {
    Timer timer = At(next, next);
    timer.lane = TimerLane::kForget;
    queue.Add(timer);
    ++next;
  };
  for (int round = 0; round < 100; ++round) {
    for (int n = 0; n < 7; ++n) add();
    for (int n = 0; n < 5; ++n, ++first) {
      ASSERT_EQ(queue.Next(At(next, 0)), At(first, first));
    }
    ASSERT_EQ(queue.size(), next - first);
    ASSERT_EQ(queue.First(), At(first, first));
  }
  EXPECT_LE(queue.capacity(), queue.size() + queue.size() / 2 + 3 * kTimerRoom);
}

}  // namespace
}  // namespace cckpi
