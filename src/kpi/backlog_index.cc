// Entries into the backlog in one piece: adding them up, and the index of a
// cell that follows what comes to it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "src/kpi/cells.h"

namespace cckpi {
namespace {

using EntryPlace = EntryList::iterator;

// The end of those that are in order, each once.
EntryPlace EndOfRun(EntryPlace begin, EntryPlace end) {
  const auto last = std::adjacent_find(
      begin, end,
      [](const auto& a, const auto& b) { return !(a.first < b.first); });
  return last == end ? end : last + 1;
}

// Merges two runs in order that lie behind each other, from the back; the
// second one is the shorter one as a rule. Those before what it returns are
// where they were.
EntryPlace MergeRuns(EntryPlace begin, EntryPlace middle, EntryPlace end) {
  absl::InlinedVector<EntryList::value_type, 32> second(middle, end);
  while (!second.empty()) {
    if (middle != begin && second.back().first < (middle - 1)->first) {
      *--end = *--middle;
    } else {
      *--end = second.back();
      second.pop_back();
    }
  }
  return end;
}

}  // namespace

size_t AddUpEntries(EntryList& entries) {
  // Runs lie behind each other, the longest first as a rule. Those after it are
  // merged in pairs, and at last with it.
  const auto first = EndOfRun(entries.begin(), entries.end());
  if (first == entries.end()) return entries.size();
  absl::InlinedVector<EntryPlace, 32> ends;
  for (auto at = first; at != entries.end();) {
    at = EndOfRun(at, entries.end());
    ends.push_back(at);
  }
  while (ends.size() > 1) {
    auto from = first;
    size_t left = 0;
    for (size_t r = 0; r < ends.size(); r += 2) {
      const size_t last = std::min(r + 1, ends.size() - 1);
      if (last > r) MergeRuns(from, ends[r], ends[last]);
      from = ends[last];
      ends[left++] = from;
    }
    ends.resize(left);
  }
  auto at = MergeRuns(entries.begin(), first, entries.end());
  if (at != entries.begin()) --at;
  const size_t stay = static_cast<size_t>(at - entries.begin());
  auto kept = at;
  while (at != entries.end()) {
    std::pair<BacklogEntry, int64_t> entry = *at++;
    for (; at != entries.end() && at->first == entry.first; ++at) {
      entry.second += at->second;
    }
    if (entry.second != 0) *kept++ = entry;
  }
  entries.erase(kept, entries.end());
  return stay;
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

void BacklogCell::Index::Counted::SumUp(size_t first) {
  counts.resize(first);
  counts.reserve(list.size());
  for (size_t n = first; n < list.size(); ++n) {
    counts.push_back(Count() + list[n].second);
  }
}

void BacklogCell::Index::Counted::Clear() {
  list.clear();
  counts.clear();
  entered_us = 0;
}

size_t BacklogCell::Index::PlaceIn(const EntryList& list,
                                   const BacklogEntry& entry, size_t least) {
  // What comes is among the latest, as a rule.
  if (list.empty() || list.back().first < entry) return list.size();
  const auto at = std::lower_bound(
      list.begin() + static_cast<ptrdiff_t>(least), list.end(), entry,
      [](const auto& a, const BacklogEntry& b) { return a.first < b; });
  return static_cast<size_t>(at - list.begin());
}

void BacklogCell::Index::Make(const BacklogCell& cell) {
  Clear();
  base.list.reserve(cell.entries.size());
  bool takes_out = false;
  cell.entries.ForEach([&](const BacklogEntry& entry, int64_t n) {
    takes_out |= n < 0;
    base.list.emplace_back(entry, n);
    base.entered_us += absl::int128(entry.entered_us) * n;
  });
  if (takes_out) base.Clear();
  base.SumUp(0);
}

void BacklogCell::Index::Add(const BacklogCell& cell,
                             std::span<const BacklogCell* const> parts) {
  constexpr size_t kFew = 8;
  const size_t size = since.list.size();
  for (const BacklogCell* part : parts) {
    if (part->entries.empty()) continue;
    if (base.list.empty()) return Make(cell);
    part->entries.AppendTo(since.list);
  }
  if (since.list.size() == size) return;
  for (size_t n = size; n < since.list.size(); ++n) {
    const auto& [entry, count] = since.list[n];
    since.entered_us += absl::int128(entry.entered_us) * count;
  }
  const size_t stay = std::min(AddUpEntries(since.list), size);
  if (since.list.size() > kFew + base.list.size() / 16) return Make(cell);
  since.SumUp(stay);
  places.resize(stay);
  places.reserve(since.list.size());
  for (size_t n = stay; n < since.list.size(); ++n) {
    const auto& [entry, count] = since.list[n];
    const size_t place = PlaceIn(base.list, entry, n == 0 ? 0 : places.back());
    const bool known =
        place < base.list.size() && base.list[place].first == entry;
    if (count + (known ? base.list[place].second : 0) < 0) return Make(cell);
    places.push_back(static_cast<uint32_t>(place));
  }
}

void BacklogCell::Index::Clear() {
  base.Clear();
  since.Clear();
  places.clear();
}

}  // namespace cckpi
