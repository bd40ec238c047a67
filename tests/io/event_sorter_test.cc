#include "cckpi/io/event_sorter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <random>

#include "io/read_events.h"
#include "temp_path.h"

namespace cckpi {
namespace {

using ::testing::HasSubstr;

// Events with many ties, tags and errors; the texts live in `arena`.
std::vector<Event> MakeEvents(int count, uint64_t seed, TextArena* arena) {
  std::mt19937_64 random(seed);
  std::vector<Event> events;
  for (int i = 0; i < count; ++i) {
    Event event;
    event.at_us = kEarliestTime + static_cast<int64_t>(random() % 50) * kMinute;
    event.kind = static_cast<EventKind>(random() % 3);
    event.interaction = arena->Copy("T-" + std::to_string(random() % 20));
    if (random() % 2 == 0) {
      event.id = arena->Copy(std::string(random() % 40, 'x'));
    }
    if (random() % 4 == 0) {
      auto tags = arena->MakeArray<Tag>(2);
      tags[0] = {"plan", arena->Copy(std::to_string(random() % 3))};
      tags[1] = {"site", "x"};
      event.tags = tags;
    }
    if (random() % 4 == 0) {
      auto errors = arena->MakeArray<ErrorCount>(1);
      errors[0] = {"major", static_cast<int64_t>(random() % 3)};
      event.errors = errors;
    }
    if (random() % 5 == 0) event.score_micro = -5;
    if (random() % 5 == 0) event.scale_micro = 500;
    if (random() % 5 == 0) event.volume_micro = 1;
    if (random() % 5 == 0) event.interval_s = 900;
    if (random() % 5 == 0) event.received_at_us = kEarliestTime;
    event.by = static_cast<Actor>(random() % 5);
    event.flags = static_cast<uint8_t>(random() % 32);
    events.push_back(event);
  }
  return events;
}

// Sorts and compares with std::sort; gives the number of spilled runs.
int ExpectSorts(const std::vector<Event>& events, size_t memory_bytes) {
  EventSorter sorter(
      {.memory_bytes = memory_bytes, .directory = ::testing::TempDir()});
  for (size_t i = 0; i < events.size(); ++i) {
    absl::Status status = sorter.Add(events[i], static_cast<int64_t>(i), i % 3);
    EXPECT_TRUE(status.ok()) << status;
  }
  EXPECT_EQ(sorter.event_count(), static_cast<int64_t>(events.size()));
  absl::Status status = sorter.Finish();
  EXPECT_TRUE(status.ok()) << status;

  std::vector<size_t> expected(events.size());
  for (size_t i = 0; i < expected.size(); ++i) expected[i] = i;
  std::sort(expected.begin(), expected.end(), [&](size_t a, size_t b) {
    if (auto order = CompareEvents(events[a], events[b]); order != 0) {
      return order < 0;
    }
    return std::make_pair(a % 3, a) < std::make_pair(b % 3, b);
  });
  EventBatch batch;
  size_t taken = 0;
  while (true) {
    absl::StatusOr<bool> more = sorter.Next(&batch, 13);
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) break;
    EXPECT_LE(batch.events.size(), 13u);
    for (size_t i = 0; i < batch.events.size() && taken < events.size();
         ++i, ++taken) {
      size_t wanted = expected[taken];
      EXPECT_EQ(batch.rows[i], static_cast<int64_t>(wanted));
      EXPECT_EQ(batch.sources[i], wanted % 3);
      EXPECT_TRUE(CompareEvents(batch.events[i], events[wanted]) == 0)
          << WriteJsonLine(batch.events[i]) << WriteJsonLine(events[wanted]);
    }
  }
  EXPECT_EQ(taken, events.size());
  return sorter.spilled_runs();
}

TEST(EventSorterTest, SortsInMemoryWithinTheBudget) {
  TextArena arena;
  EXPECT_EQ(ExpectSorts(MakeEvents(5000, 1, &arena), size_t{64} << 20), 0);
  EXPECT_EQ(ExpectSorts({}, size_t{64} << 20), 0);
}

TEST(EventSorterTest, TinyBudgetsSpillTensOfRuns) {
  TextArena arena;
  std::vector<Event> events = MakeEvents(5000, 2, &arena);
  EXPECT_GT(ExpectSorts(events, 20000), 10);
  EXPECT_GT(ExpectSorts(events, 4000), 50);
  EXPECT_EQ(ExpectSorts(MakeEvents(20, 3, &arena), 1), 20);
}

TEST(EventSorterTest, OrderedPiecesAreKept) {
  TextArena arena;
  std::vector<Event> events = MakeEvents(6000, 4, &arena);
  auto before = [](const Event& a, const Event& b) {
    return CompareEvents(a, b) < 0;
  };
  // Seven ordered pieces, as of seven files, then one, then the reverse.
  for (int i = 0; i < 7; ++i) {
    auto begin = events.begin() + i * 6000 / 7;
    auto end = events.begin() + (i + 1) * 6000 / 7;
    std::sort(begin, end, before);
  }
  EXPECT_EQ(ExpectSorts(events, size_t{64} << 20), 0);
  EXPECT_GT(ExpectSorts(events, 50000), 5);
  std::sort(events.begin(), events.end(), before);
  EXPECT_EQ(ExpectSorts(events, size_t{64} << 20), 0);
  EXPECT_GT(ExpectSorts(events, 50000), 5);
  std::reverse(events.begin(), events.end());
  EXPECT_EQ(ExpectSorts(events, size_t{64} << 20), 0);
}

TEST(EventSorterTest, RecordsLongerThanTheReadBufferPass) {
  TextArena arena;
  std::vector<Event> events = MakeEvents(2000, 5, &arena);
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return CompareEvents(a, b) < 0;
  });
  // Six texts of 1 KiB against read buffers of 4 KiB.
  std::string longest(kMaxTextBytes, 'y');
  for (Event& event : events) {
    event.customer = event.channel = event.source = longest;
    event.team = event.agent = event.priority = longest;
  }
  EXPECT_GT(ExpectSorts(events, 30000), 50);
}

TEST(EventSorterTest, TheTemporaryFileHasNoName) {
  std::string directory = TempPath("event_sorter_test_empty");
  std::filesystem::create_directories(directory);
  TextArena arena;
  std::vector<Event> events = MakeEvents(100, 6, &arena);
  {
    EventSorter sorter({.memory_bytes = 1000, .directory = directory});
    for (const Event& event : events) {
      ASSERT_TRUE(sorter.Add(event, 1, 0).ok());
    }
    EXPECT_GT(sorter.spilled_runs(), 1);
    EXPECT_TRUE(std::filesystem::is_empty(directory));
  }
  std::filesystem::remove_all(directory);
}

TEST(EventSorterTest, ADirectoryThatCannotBeWrittenIsAStatus) {
  TextArena arena;
  std::vector<Event> events = MakeEvents(100, 7, &arena);
  EventSorter sorter({.memory_bytes = 1000, .directory = "/nowhere/at/all"});
  absl::Status status;
  for (const Event& event : events) {
    status = sorter.Add(event, 1, 0);
    if (!status.ok()) break;
  }
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("temporary file in /nowhere/at/all: "));
}

// A limit on the size of files stands for a disk that is full.
TEST(EventSorterTest, AFullDiskIsAStatus) {
  struct rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  auto handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit small = before;
  small.rlim_cur = 4096;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  TextArena arena;
  std::vector<Event> events = MakeEvents(1000, 8, &arena);
  EventSorter sorter({.memory_bytes = 1000, .directory = ::testing::TempDir()});
  absl::Status status;
  for (const Event& event : events) {
    status = sorter.Add(event, 1, 0);
    if (!status.ok()) break;
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
}

TEST(EventSorterTest, CallsOutOfOrderAreRefused) {
  EventSorter sorter({});
  EventBatch batch;
  EXPECT_TRUE(absl::IsFailedPrecondition(sorter.Next(&batch, 1).status()));
  ASSERT_TRUE(sorter.Finish().ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(sorter.Finish()));
  EXPECT_TRUE(absl::IsFailedPrecondition(sorter.Add(Event(), 1, 0)));
  EXPECT_FALSE(*sorter.Next(&batch, 1));
}

}  // namespace
}  // namespace cckpi
