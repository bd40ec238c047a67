#include "src/kpi/backlog_level.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"

namespace cckpi {
namespace {

// How many are no older than the one that a percentile asks for. Counts are
// below 2^43 here.
int64_t RankOf(int64_t total, int64_t ppm) {
  return static_cast<int64_t>((absl::int128(total) * ppm + 999'999) /
                              1'000'000);
}

// The smallest age with share(<= age) >= q, of ages with counts in order.
int64_t AgeQuantile(const std::vector<std::pair<int64_t, int64_t>>& ages,
                    int64_t total, int64_t ppm) {
  const int64_t rank = RankOf(total, ppm);
  int64_t seen = 0;
  for (const auto& [age, count] : ages) {
    seen += count;
    if (seen >= rank) return age;
  }
  return ages.empty() ? 0 : ages.back().first;
}

// The entries of an index with a few changes on top, which are in order. Finds
// what it is asked for without walking through the index.
class ChangedEntries {
 public:
  using Index = BacklogCell::Index;

  ChangedEntries(const Index& index, const EntryList& changes)
      : index_(index),
        changes_(changes),
        count_(index.base.Count() + index.since.Count()),
        entered_us_(index.base.entered_us + index.since.entered_us) {
    places_.reserve(changes.size());
    Place place;
    for (const auto& [entry, count] : changes) {
      place.base = Index::PlaceIn(index.base.list, entry, place.base);
      place.since = Index::PlaceIn(index.since.list, entry, place.since);
      places_.push_back(place);
      place.changed += count;
      entered_us_ += absl::int128(entry.entered_us) * count;
    }
    count_ += place.changed;
  }

  int64_t count() const { return count_; }
  // The sum of when they entered.
  absl::int128 entered_us() const { return entered_us_; }

  // When the first one that is left entered.
  int64_t First() const {
    std::array<std::span<const EntryList::value_type>, 3> left = {
        index_.base.list, index_.since.list, changes_};
    for (;;) {
      const BacklogEntry* first = nullptr;
      for (const auto& list : left) {
        if (list.empty()) continue;
        if (first == nullptr || list.front().first < *first) {
          first = &list.front().first;
        }
      }
      if (first == nullptr) return 0;
      const BacklogEntry entry = *first;
      int64_t count = 0;
      for (auto& list : left) {
        if (list.empty() || list.front().first != entry) continue;
        count += list.front().second;
        list = list.subspan(1);
      }
      if (count != 0) return entry.entered_us;
    }
  }

  // When the one entered that `rank` - 1 have entered after: the last one
  // before which no more than the others are.
  int64_t FromLatest(int64_t rank) const {
    const int64_t others = count_ - std::max<int64_t>(rank, 1);
    const Index::Counted& base = index_.base;
    const Index::Counted& since = index_.since;
    // The last such change on top; then of those of the index that lie between
    // it and the next one, first among what came since the index was made.
    const size_t change = CountWhile(0, places_.size(), [&](size_t c) {
      const Place& place = places_[c];
      return base.Count(place.base) + since.Count(place.since) +
                 place.changed <=
             others;
    });
    Place from;
    if (change > 0) {
      from = places_[change - 1];
      from.changed += changes_[change - 1].second;
    }
    // The index takes nothing out that it does not have, so that counts only
    // grow from here. Behind the next change they are too many.
    const size_t end_since =
        change < places_.size() ? places_[change].since : since.list.size();
    const size_t came = CountWhile(from.since, end_since, [&](size_t s) {
      return base.Count(index_.places[s]) + since.Count(s) + from.changed <=
             others;
    });
    const size_t first =
        came > from.since ? index_.places[came - 1] : from.base;
    const size_t end =
        came < since.list.size() ? index_.places[came] : base.list.size();
    const int64_t added = since.Count(came) + from.changed;
    const size_t last = CountWhile(
        first, end, [&](size_t b) { return base.Count(b) + added <= others; });
    if (last > first) return base.list[last - 1].first.entered_us;
    if (came > from.since) return since.list[came - 1].first.entered_us;
    return change > 0 ? changes_[change - 1].first.entered_us : First();
  }

 private:
  // Of a change: how many are less.
  struct Place {
    size_t base = 0;
    size_t since = 0;
    int64_t changed = 0;  // the counts of the changes before it
  };

  // `first`, and as many of those before `end` as `holds` is true of, which are
  // the first ones.
  template <typename F>
  static size_t CountWhile(size_t first, size_t end, F holds) {
    while (first < end) {
      const size_t middle = first + (end - first) / 2;
      if (holds(middle)) {
        first = middle + 1;
      } else {
        end = middle;
      }
    }
    return first;
  }

  const Index& index_;
  const EntryList& changes_;
  absl::InlinedVector<Place, 16> places_;  // of the changes
  int64_t count_ = 0;
  absl::int128 entered_us_ = 0;
};

int64_t LastOf(const EntryList& entries) {
  return entries.empty() ? kNoTime : entries.back().first.entered_us;
}

// At an instant that no entry is after.
BacklogAges AgesAt(const BacklogInstants& instants, int64_t at_us) {
  return {.oldest_us = at_us - instants.first_us,
          .mean_us = static_cast<int64_t>(
              (absl::int128(at_us) * instants.entries - instants.entered_us) /
              instants.count),
          .p50_us = at_us - instants.p50_us,
          .p90_us = at_us - instants.p90_us,
          .chosen_us = at_us - instants.chosen_us};
}

}  // namespace

void BacklogLevel::Add(const BacklogCell& cell, const BacklogCell::Index* index,
                       int64_t sign) {
  for (size_t p = 0; p < kPhaseCount; ++p) phases[p] += sign * cell.phases[p];
  open_waits += sign * cell.open_waits;
  if (index != nullptr && !index->base.list.empty() && sign > 0 &&
      indexed == nullptr) {
    indexed = index;
    return;
  }
  cell.entries.ForEach([&](const BacklogEntry& entry, int64_t n) {
    changes.emplace_back(entry, sign * n);
  });
}

int64_t BacklogLevel::count() const {
  int64_t count = 0;
  for (int64_t phase : phases) count += phase;
  return count;
}

BacklogAges AgesOf(BacklogLevel& level, int64_t at_us, int64_t ppm,
                   const ScheduleTable* hours, KeptBacklog* kept,
                   uint64_t version) {
  const int64_t count = level.count();
  BacklogAges result;
  if (count <= 0) return result;
  if (hours != nullptr || version == 0) kept = nullptr;
  if (kept != nullptr) {
    if (kept->version == version && kept->instants.count == count &&
        kept->instants.last_us <= at_us && kept->changes == level.changes) {
      return AgesAt(kept->instants, at_us);
    }
    kept->version = 0;
    kept->changes = level.changes;
  }
  AddUpEntries(level.changes);
  int64_t last_us = LastOf(level.changes);
  if (level.indexed != nullptr) {
    last_us = std::max({last_us, LastOf(level.indexed->base.list),
                        LastOf(level.indexed->since.list)});
  }
  if (level.indexed != nullptr && hours == nullptr && last_us <= at_us) {
    const ChangedEntries entries(*level.indexed, level.changes);
    const auto instant = [&](int64_t of_ppm) {
      return entries.FromLatest(RankOf(count, of_ppm));
    };
    const BacklogInstants instants = {.count = count,
                                      .first_us = entries.First(),
                                      .p50_us = instant(500'000),
                                      .p90_us = instant(900'000),
                                      .chosen_us = instant(ppm),
                                      .entered_us = entries.entered_us(),
                                      .entries = entries.count(),
                                      .last_us = last_us};
    if (kept != nullptr) {
      kept->instants = instants;
      kept->version = version;
    }
    return AgesAt(instants, at_us);
  }
  if (level.indexed != nullptr) {
    for (const auto* counted : {&level.indexed->base, &level.indexed->since}) {
      level.changes.insert(level.changes.end(), counted->list.begin(),
                           counted->list.end());
    }
    AddUpEntries(level.changes);
    level.indexed = nullptr;
  }
  std::vector<std::pair<int64_t, int64_t>> ages;
  ages.reserve(level.changes.size());
  absl::int128 sum = 0;
  // The latest first: on the calendar they are in order then.
  bool ordered = true;
  for (auto at = level.changes.rbegin(); at != level.changes.rend(); ++at) {
    const auto& [entry, n] = *at;
    const int64_t since = std::min(entry.entered_us, at_us);
    const int64_t age = hours != nullptr
                            ? hours->Elapsed(entry.schedule, since, at_us)
                            : at_us - since;
    ordered = ordered && (ages.empty() || ages.back().first <= age);
    ages.emplace_back(age, n);
    sum += absl::int128(age) * n;
  }
  if (!ordered) std::sort(ages.begin(), ages.end());
  result.oldest_us = ages.empty() ? 0 : ages.back().first;
  result.mean_us = static_cast<int64_t>(sum / count);
  result.p50_us = AgeQuantile(ages, count, 500'000);
  result.p90_us = AgeQuantile(ages, count, 900'000);
  result.chosen_us = AgeQuantile(ages, count, ppm);
  return result;
}

std::optional<double> ValueOfBacklog(const KpiSpec& spec,
                                     const BacklogLevel& level,
                                     const BacklogAges& shown) {
  const auto seconds = [](std::optional<int64_t> span_us) {
    return span_us ? std::optional<double>(static_cast<double>(*span_us) / 1e6)
                   : std::nullopt;
  };
  switch (spec.statistic) {
    case Statistic::kOldest:
      return seconds(shown.oldest_us);
    case Statistic::kMeanAge:
    case Statistic::kMean:
      return seconds(shown.mean_us);
    case Statistic::kPercentile:
      return seconds(shown.chosen_us);
    case Statistic::kOpenWaits:
      return static_cast<double>(level.open_waits);
    default:
      return static_cast<double>(level.count());
  }
}

}  // namespace cckpi
