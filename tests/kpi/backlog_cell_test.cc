// Entries into the backlog are added up, and put in order.

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

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
    AddUpEntries(entries);
    EXPECT_EQ(entries, expected[count]) << count;
  }
}

}  // namespace
}  // namespace cckpi
