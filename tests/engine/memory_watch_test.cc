#include "src/engine/memory_watch.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

namespace cckpi {
namespace {

constexpr size_t kMega = size_t{1} << 20;

// A host that gives one event a call.
struct Host {
  explicit Host(size_t limit_bytes) : limit(limit_bytes) {}

  bool IsFull() {
    return watch.IsFull(limit, [this] { return memory; });
  }
  // Is the event taken? It adds so much then.
  bool Send(size_t bytes) {
    if (IsFull()) {
      watch.Happened(1);
      return false;
    }
    watch.Taken(1);
    memory += bytes;
    return true;
  }

  MemoryWatch watch;
  size_t limit;
  size_t memory = 0;
};

TEST(MemoryWatchTest, CountsNothingWhileTheRestCannotBeFilled) {
  Host host(100 * kMega);
  for (int n = 0; n < 25'000; ++n) ASSERT_TRUE(host.Send(100));
  EXPECT_EQ(host.watch.counts(), 1u);
}

TEST(MemoryWatchTest, OfLittleEachEventIsLookedAt) {
  Host host(30'000);
  while (host.Send(100)) {
  }
  EXPECT_EQ(host.memory, 30'000u);
  EXPECT_FALSE(host.Send(100));
  host.memory = 29'999;
  EXPECT_TRUE(host.Send(100));
  EXPECT_FALSE(host.Send(100));
}

TEST(MemoryWatchTest, NeverAreMoreThan2048TakenBeyondTheLimit) {
  for (size_t limit : {kMega / 2, kMega, 50 * kMega, 1000 * kMega}) {
    Host host(limit);
    host.memory = limit - 1;
    while (host.Send(300)) {
    }
    EXPECT_GE(host.memory, limit);
    EXPECT_LE(host.memory, limit + 2048 * 300) << limit;
    // Of a smaller one, no more than a fiftieth is above it.
    EXPECT_LE(host.memory, limit + limit / 50) << limit;
  }
}

// Just below the limit, where nothing is added, and at it.
TEST(MemoryWatchTest, NearTheLimitAWalkIsPaidForByWhatHappened) {
  for (bool is_full : {false, true}) {
    constexpr uint64_t kEvents = 100'000;
    Host host(1000 * kMega);
    host.memory = is_full ? host.limit : host.limit - 1;
    for (uint64_t n = 0; n < kEvents; ++n) {
      host.watch.Happened(1);  // time that goes on
      EXPECT_EQ(host.Send(0), !is_full);
    }
    EXPECT_LE(host.watch.counts(), 1 + 2 * kEvents / 2048);
    EXPECT_GE(host.watch.counts(), kEvents / 2048);
  }
}

// Once it is below the limit again an engine takes events again, though nothing
// else happens than that they are sent.
TEST(MemoryWatchTest, WhoSendsAgainGetsIn) {
  Host host(1000 * kMega);
  host.memory = host.limit;
  ASSERT_FALSE(host.Send(0));
  host.memory = host.limit - 1;
  int sent = 1;
  while (!host.Send(0)) ++sent;
  EXPECT_LE(sent, 2049);
  // Where much was forgotten, at once.
  host.memory = host.limit;
  for (int n = 0; n < 2049; ++n) host.Send(0);
  ASSERT_FALSE(host.Send(0));
  host.memory = host.limit / 2;
  host.watch.Happened(5000);
  EXPECT_TRUE(host.Send(0));
}

TEST(MemoryWatchTest, ForgetsWhatAMergeHasAddedTo) {
  Host host(kMega);
  EXPECT_FALSE(host.IsFull());
  host.memory = kMega;
  EXPECT_FALSE(host.IsFull());
  host.watch.Forget();
  EXPECT_TRUE(host.IsFull());
}

}  // namespace
}  // namespace cckpi
