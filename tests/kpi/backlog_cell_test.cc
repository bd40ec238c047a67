// Entries into the backlog are added up, and put in order.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "oracle/settings.h"
#include "src/kpi/cells.h"

namespace cckpi {
namespace {

EntryList EntriesOf(const BacklogCell& cell) {
  EntryList list;
  cell.entries.ForEach([&list](const BacklogEntry& entry, int64_t count) {
    list.emplace_back(entry, count);
  });
  return list;
}

TEST(BacklogCellTest, EntriesAreAddedUpWhateverIsThereAlready) {
  const auto entry = [](int64_t at_us) {
    return BacklogEntry{.entered_us = at_us, .schedule = 0};
  };
  BacklogCell morning;
  morning.opened = 3;
  morning.entries.Add(entry(10), 1);
  morning.entries.Add(entry(20), 2);
  BacklogCell noon;
  noon.closed = 1;
  noon.entries.Add(entry(5), 1);
  noon.entries.Add(entry(10), -1);
  const std::vector<const BacklogCell*> parts = {&morning, &noon};
  CellMerger<BacklogCell> merge;
  BacklogCell sum;
  merge(sum, parts);
  EXPECT_EQ(sum.opened, 3);
  EXPECT_EQ(sum.closed, 1);
  EXPECT_EQ(EntriesOf(sum), (EntryList{{entry(5), 1}, {entry(20), 2}}));
  merge(sum, parts);
  EXPECT_EQ(sum.opened, 6);
  EXPECT_EQ(EntriesOf(sum), (EntryList{{entry(5), 2}, {entry(20), 4}}));
}

TEST(EntryListTest, AnyNumberOfRunsIsPutInOrder) {
  const auto entry = [](int64_t at_us) {
    return BacklogEntry{.entered_us = at_us, .schedule = 0};
  };
  const EntryList runs = {{entry(1), 1},  {entry(4), 1}, {entry(9), 2},
                          {entry(4), -1}, {entry(9), 1}, {entry(2), 5},
                          {entry(3), 1},  {entry(0), 7}, {entry(3), -1}};
  const EntryList expected[] = {
      {},
      {{entry(1), 1}},
      {{entry(1), 1}, {entry(4), 1}},
      {{entry(1), 1}, {entry(4), 1}, {entry(9), 2}},
      {{entry(1), 1}, {entry(9), 2}},
      {{entry(1), 1}, {entry(9), 3}},
      {{entry(1), 1}, {entry(2), 5}, {entry(9), 3}},
      {{entry(1), 1}, {entry(2), 5}, {entry(3), 1}, {entry(9), 3}},
      {{entry(0), 7},
       {entry(1), 1},
       {entry(2), 5},
       {entry(3), 1},
       {entry(9), 3}},
      {{entry(0), 7}, {entry(1), 1}, {entry(2), 5}, {entry(9), 3}}};
  for (size_t count = 0; count <= runs.size(); ++count) {
    EntryList entries(runs.begin(),
                      runs.begin() + static_cast<std::ptrdiff_t>(count));
    const size_t stay = AddUpEntries(entries);
    EXPECT_EQ(entries, expected[count]) << count;
    ASSERT_LE(stay, entries.size());
    for (size_t n = 0; n < stay; ++n) EXPECT_EQ(entries[n], runs[n]) << n;
  }
}

TEST(BacklogIndexTest, KnowsNothingOfWhatOthersPutIn) {
  const auto entry = [](int64_t at_us) {
    return BacklogEntry{.entered_us = at_us, .schedule = 0};
  };
  for (const auto& [taken_out, knows] :
       {std::pair(EntryList{{entry(10), -1}}, true),
        std::pair(EntryList{{entry(10), -2}}, true),
        std::pair(EntryList{{entry(10), -3}}, false),
        std::pair(EntryList{{entry(15), -1}}, false),
        std::pair(EntryList{{entry(30), -1}}, false)}) {
    BacklogCell cell;
    cell.entries.Add(entry(10), 2);
    cell.entries.Add(entry(20), 1);
    BacklogCell::Index index;
    index.Make(cell);
    BacklogCell part;
    for (const auto& [which, count] : taken_out) {
      part.entries.Add(which, count);
    }
    cell.Merge(part);
    const BacklogCell* const parts[] = {&part};
    index.Add(cell, parts);
    EXPECT_EQ(!index.base.list.empty(), knows)
        << taken_out.front().first.entered_us;
  }
}

// An index that follows its cell says the same as its parts do: what is counted
// up to each entry, and where entries stand in the one it was made of.
TEST(BacklogIndexTest, FollowsItsCell) {
  const uint64_t seed = oracle::FirstSeed(20261127);
  std::mt19937_64 random(seed);
  const auto below = [&random](uint64_t n) { return random() % n; };
  for (int run = 0; run < oracle::Runs(200); ++run) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << ", run " << run);
    BacklogCell cell;
    std::vector<BacklogEntry> open;
    const uint64_t spread = run % 2 == 0 ? 50 : 100'000;
    const auto put = [&](BacklogCell& part) {
      const BacklogEntry entry{
          .entered_us = static_cast<int64_t>(below(spread)),
          .schedule = static_cast<uint16_t>(below(2))};
      part.entries.Add(entry, 1);
      open.push_back(entry);
    };
    for (int n = 0; n < 400; ++n) put(cell);
    BacklogCell::Index index;
    index.Make(cell);
    size_t followed = 0;
    for (int step = 0; step < 30; ++step) {
      std::vector<BacklogCell> parts(1 + below(3));
      for (BacklogCell& part : parts) {
        for (uint64_t n = below(4); n > 0; --n) {
          if (below(2) == 0) {
            put(part);
            continue;
          }
          const size_t which = below(open.size());
          part.entries.Add(open[which], -1);
          open[which] = open.back();
          open.pop_back();
        }
      }
      std::vector<const BacklogCell*> added;
      for (const BacklogCell& part : parts) {
        cell.Merge(part);
        added.push_back(&part);
      }
      index.Add(cell, added);
      followed += index.since.list.empty() ? 0 : 1;
      // Together they are the cell.
      EntryList all = index.base.list;
      all.insert(all.end(), index.since.list.begin(), index.since.list.end());
      AddUpEntries(all);
      ASSERT_EQ(all, EntriesOf(cell)) << "step " << step;
      absl::int128 entered_us = 0;
      for (const auto* counted : {&index.base, &index.since}) {
        int64_t count = 0;
        ASSERT_EQ(counted->counts.size(), counted->list.size());
        for (size_t n = 0; n < counted->list.size(); ++n) {
          const auto& [entry, entries] = counted->list[n];
          ASSERT_EQ(counted->Count(n), count);
          count += entries;
          entered_us += absl::int128(entry.entered_us) * entries;
        }
        ASSERT_EQ(counted->Count(), count);
      }
      ASSERT_EQ(index.base.entered_us + index.since.entered_us, entered_us);
      ASSERT_EQ(index.places.size(), index.since.list.size());
      for (size_t n = 0; n < index.places.size(); ++n) {
        const BacklogEntry& entry = index.since.list[n].first;
        const auto less = [&entry](const auto& a) { return a.first < entry; };
        ASSERT_EQ(index.places[n], std::count_if(index.base.list.begin(),
                                                 index.base.list.end(), less));
      }
    }
    EXPECT_GT(followed, 15u) << "made anew too often to be a test";
  }
}

}  // namespace
}  // namespace cckpi
