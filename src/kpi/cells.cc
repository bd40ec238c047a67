#include "src/kpi/cells.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"

namespace cckpi {

void SpanCell::Merger::operator()(SpanCell& to,
                                  std::span<const SpanCell* const> from) {
  if (from.size() == 1) return to.Merge(*from.front());
  durations.Clear();
  for (const SpanCell* cell : from) {
    durations.Add(cell->duration);
    to.AddCounts(*cell);
  }
  durations.MergeInto(to.duration);
}

void AddUpEntries(EntryList& entries) {
  const auto before = [](const auto& a, const auto& b) {
    return a.first < b.first;
  };
  // Runs in order lie behind each other, the longest first as a rule. Those
  // after it are merged in pairs, and at last with it.
  const auto begin = entries.begin();
  auto first = std::is_sorted_until(begin, entries.end(), before);
  // Of a few, each goes to its place at once.
  constexpr ptrdiff_t kFew = 8;
  if (entries.end() - first <= kFew) {
    for (; first != entries.end(); ++first) {
      std::rotate(std::upper_bound(begin, first, *first, before), first,
                  first + 1);
    }
  }
  absl::InlinedVector<EntryList::iterator, 32> ends;
  for (auto at = first; at != entries.end();) {
    at = std::is_sorted_until(at, entries.end(), before);
    ends.push_back(at);
  }
  while (ends.size() > 1) {
    auto from = first;
    size_t left = 0;
    for (size_t r = 0; r < ends.size(); r += 2) {
      const size_t last = std::min(r + 1, ends.size() - 1);
      if (last > r) std::inplace_merge(from, ends[r], ends[last], before);
      from = ends[last];
      ends[left++] = from;
    }
    ends.resize(left);
  }
  std::inplace_merge(begin, first, entries.end(), before);
  size_t kept = 0;
  for (size_t i = 0; i < entries.size();) {
    std::pair<BacklogEntry, int64_t> entry = entries[i++];
    for (; i < entries.size() && entries[i].first == entry.first; ++i) {
      entry.second += entries[i].second;
    }
    if (entry.second != 0) entries[kept++] = entry;
  }
  entries.resize(kept);
}

void BacklogCell::Merger::operator()(BacklogCell& to,
                                     std::span<const BacklogCell* const> from) {
  if (from.size() == 1) return to.Merge(*from.front());
  list.clear();
  for (const BacklogCell* cell : from) {
    to.AddCounts(*cell);
    cell->entries.AppendTo(list);
  }
  AddUpEntries(list);
  for (const auto& [entry, count] : list) to.entries.Add(entry, count);
}

void BacklogCell::Index::Make(const BacklogCell& cell) {
  Clear();
  list.reserve(cell.entries.size());
  before.reserve(cell.entries.size());
  bool taken_out = false;
  cell.entries.ForEach([&](const BacklogEntry& entry, int64_t n) {
    taken_out |= n < 0;
    list.emplace_back(entry, n);
    before.push_back(count);
    count += n;
    entered_us += absl::int128(entry.entered_us) * n;
  });
  if (taken_out) Clear();
}

void BacklogCell::Index::Add(const BacklogCell& cell,
                             std::span<const BacklogCell* const> parts) {
  constexpr size_t kFew = 8;
  const size_t before_these = since.size();
  for (const BacklogCell* part : parts) {
    if (part->entries.empty()) continue;
    if (list.empty()) return Make(cell);
    part->entries.AppendTo(since);
  }
  if (since.size() == before_these) return;
  AddUpEntries(since);
  if (since.size() > kFew + list.size() / 16) Make(cell);
}

void BacklogCell::Index::Clear() {
  list.clear();
  since.clear();
  before.clear();
  count = 0;
  entered_us = 0;
}

}  // namespace cckpi
