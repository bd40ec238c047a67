#include "src/kpi/backlog_level.h"

#include <cstdint>
#include <random>

#include "gtest/gtest.h"

namespace cckpi {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;

BacklogEntry At(int64_t entered_us) {
  return {.entered_us = entered_us, .schedule = 0};
}

void Put(BacklogCell& cell, int64_t entered_us, int64_t count) {
  cell.entries.Add(At(entered_us), count);
  cell.phases[0] += count;
}

// Entries that have left by now.
constexpr int64_t kLeave[] = {2, 5, 6, 9, 13, 14, 18};

// The index of what a cell was before, which has followed it since.
BacklogCell::Index Followed(const BacklogCell& cell) {
  BacklogCell grown;
  for (int64_t entered : kLeave) Put(grown, entered, 1);
  const auto is_late = [](size_t number) { return number % 3 == 0; };
  size_t number = 0;
  cell.entries.ForEach([&](const BacklogEntry& entry, int64_t count) {
    if (!is_late(++number)) grown.entries.Add(entry, count);
  });
  BacklogCell::Index index;
  index.Make(grown);
  const auto add = [&](const BacklogEntry& entry, int64_t count) {
    BacklogCell part;
    part.entries.Add(entry, count);
    const BacklogCell* const parts[] = {&part};
    grown.Merge(part);
    index.Add(grown, parts);
  };
  number = 0;
  cell.entries.ForEach([&](const BacklogEntry& entry, int64_t count) {
    if (is_late(++number)) add(entry, count);
  });
  for (int64_t entered : kLeave) add(At(entered), -1);
  return index;
}

// The same cells, of which the first is known by its index, or none.
BacklogAges AgesOfCells(const BacklogCell& history, const BacklogCell& change,
                        int64_t at_us, int64_t ppm, bool indexed,
                        bool followed = false) {
  BacklogCell::Index index;
  if (followed) {
    index = Followed(history);
  } else {
    index.Make(history);
  }
  BacklogLevel level;
  level.Add(history, indexed ? &index : nullptr, 1);
  level.Add(change, nullptr, 1);
  EXPECT_EQ(level.indexed != nullptr, indexed && !index.base.list.empty());
  return AgesOf(level, at_us, ppm, nullptr);
}

TEST(BacklogLevel, AgesOfHistoryAndChanges) {
  BacklogCell history;
  for (int64_t entered : {10, 20, 30, 40}) Put(history, entered, 1);
  BacklogCell change;
  Put(change, 10, -1);  // the oldest has left
  Put(change, 40, 1);   // another one came with the latest
  Put(change, 50, 1);
  const BacklogAges ages = AgesOfCells(history, change, 60, 250'000, true);
  // Ages 40, 30, 20, 20, 10.
  EXPECT_EQ(ages.oldest_us, 40);
  EXPECT_EQ(ages.mean_us, 24);
  EXPECT_EQ(ages.p50_us, 20);
  EXPECT_EQ(ages.p90_us, 40);
  EXPECT_EQ(ages.chosen_us, 20);  // the second of five
}

TEST(BacklogLevel, NothingIsOpen) {
  BacklogCell history;
  Put(history, 10, 1);
  BacklogCell change;
  Put(change, 10, -1);
  const BacklogAges ages = AgesOfCells(history, change, 60, 500'000, true);
  EXPECT_FALSE(ages.oldest_us.has_value());
  EXPECT_FALSE(ages.p50_us.has_value());
}

// Whoever enters after the instant is of age 0.
TEST(BacklogLevel, EntersLater) {
  BacklogCell history;
  for (int64_t entered : {10, 70}) Put(history, entered, 1);
  const BacklogAges ages =
      AgesOfCells(history, BacklogCell(), 60, 500'000, true);
  EXPECT_EQ(ages.oldest_us, 50);
  EXPECT_EQ(ages.mean_us, 25);
  EXPECT_EQ(ages.p50_us, 0);
}

// A cell that takes out what others have put in has no index.
TEST(BacklogLevel, TakesOutOfOthers) {
  BacklogCell history;
  Put(history, 10, -1);
  Put(history, 20, 2);
  BacklogCell change;
  Put(change, 10, 1);
  const BacklogAges ages = AgesOfCells(history, change, 60, 500'000, true);
  EXPECT_EQ(ages.oldest_us, 40);
  EXPECT_EQ(ages.p90_us, 40);
}

// The index answers as a walk through all entries does.
TEST(BacklogLevel, IndexAnswersAsAWalk) {
  std::mt19937_64 random(7);
  const auto below = [&random](int64_t n) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(n));
  };
  for (int run = 0; run < 2000; ++run) {
    BacklogCell history;
    BacklogCell change;
    std::vector<int64_t> open;
    const int64_t spread = run % 2 == 0 ? 20 : kDayUs;
    for (int64_t n = below(run % 3 == 0 ? 200 : 40); n > 0; --n) {
      open.push_back(below(spread));
      Put(history, open.back(), 1);
    }
    for (int64_t n = below(20); n > 0; --n) {
      if (!open.empty() && below(2) == 0) {
        const size_t which =
            static_cast<size_t>(below(static_cast<int64_t>(open.size())));
        Put(change, open[which], -1);
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
      } else {
        const int64_t entered = below(spread + 5);
        Put(change, entered, 1);
        open.push_back(entered);
      }
    }
    const int64_t at_us = run % 5 == 0 ? spread - 1 : spread + below(100) + 5;
    const int64_t ppm = below(1'000'001);
    const BacklogAges quick = AgesOfCells(history, change, at_us, ppm, true);
    const BacklogAges slow = AgesOfCells(history, change, at_us, ppm, false);
    const BacklogAges late =
        AgesOfCells(history, change, at_us, ppm, true, true);
    ASSERT_EQ(late.oldest_us, slow.oldest_us) << run;
    ASSERT_EQ(late.mean_us, slow.mean_us) << run;
    ASSERT_EQ(late.p50_us, slow.p50_us) << run;
    ASSERT_EQ(late.p90_us, slow.p90_us) << run;
    ASSERT_EQ(late.chosen_us, slow.chosen_us) << run << " " << ppm;
    ASSERT_EQ(quick.oldest_us, slow.oldest_us) << run;
    ASSERT_EQ(quick.mean_us, slow.mean_us) << run;
    ASSERT_EQ(quick.p50_us, slow.p50_us) << run;
    ASSERT_EQ(quick.p90_us, slow.p90_us) << run;
    ASSERT_EQ(quick.chosen_us, slow.chosen_us) << run << " " << ppm;
  }
}

// What is kept answers as what is found out anew, later too; what has changed
// is found out anew.
TEST(BacklogLevel, KeptInstantsAnswerAsNewOnes) {
  BacklogCell history;
  for (int64_t entered : {10, 20, 30, 40}) Put(history, entered, 1);
  BacklogCell::Index index;
  index.Make(history);
  KeptBacklog kept;
  const auto ages = [&](const BacklogCell& change, int64_t at_us,
                        uint64_t version) {
    BacklogLevel level;
    level.Add(history, &index, 1);
    level.Add(change, nullptr, 1);
    return AgesOf(level, at_us, 250'000, nullptr, &kept, version);
  };
  BacklogCell change;
  Put(change, 50, 1);
  EXPECT_EQ(ages(change, 60, 7).oldest_us, 50);
  EXPECT_EQ(kept.version, 7u);
  EXPECT_EQ(kept.instants.first_us, 10);
  // Ages 60, 50, 40, 30, 20 some time later.
  const BacklogAges later = ages(change, 70, 7);
  EXPECT_EQ(later.oldest_us, 60);
  EXPECT_EQ(later.mean_us, 40);
  EXPECT_EQ(later.p50_us, 40);
  EXPECT_EQ(later.p90_us, 60);
  EXPECT_EQ(later.chosen_us, 30);
  // One has left: another change of the same version.
  Put(change, 10, -1);
  EXPECT_EQ(ages(change, 70, 7).oldest_us, 50);
  // Another one came, and the sum is another: 20, 30, 40, 40, 50.
  Put(history, 40, 1);
  index.Make(history);
  EXPECT_EQ(ages(change, 70, 8).p50_us, 30);
  // Before the last entry nothing kept is of use.
  EXPECT_EQ(ages(change, 45, 8).p90_us, 25);
  EXPECT_EQ(kept.version, 0u);
}

}  // namespace
}  // namespace cckpi
