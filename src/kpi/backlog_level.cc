#include "src/kpi/backlog_level.h"

#include <algorithm>
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

// The entries of an index with a few changes, each of which is in order. Finds
// what it is asked for without walking through the index.
class ChangedEntries {
 public:
  ChangedEntries(const BacklogCell::Index& base, const EntryList& changes)
      : base_(base), changes_(changes), entered_us_(base.entered_us) {
    const auto less = [](const auto& a, const BacklogEntry& b) {
      return a.first < b;
    };
    places_.reserve(changes.size());
    auto at = base.list.begin();
    for (const auto& [entry, count] : changes) {
      at = std::lower_bound(at, base.list.end(), entry, less);
      places_.push_back(
          {.of_base = static_cast<size_t>(at - base.list.begin()),
           .before = changed_,
           .is_of_base = at != base.list.end() && at->first == entry});
      changed_ += count;
      entered_us_ += absl::int128(entry.entered_us) * count;
    }
  }

  int64_t count() const { return base_.count + changed_; }
  // The sum of when they entered.
  absl::int128 entered_us() const { return entered_us_; }

  // When the first one that is left entered.
  int64_t First() const {
    size_t b = 0;
    size_t c = 0;
    while (b < base_.list.size() || c < changes_.size()) {
      const bool of_base =
          c == changes_.size() ||
          (b < base_.list.size() && base_.list[b].first <= changes_[c].first);
      const bool of_changes =
          b == base_.list.size() ||
          (c < changes_.size() && changes_[c].first <= base_.list[b].first);
      const int64_t left = (of_base ? base_.list[b].second : 0) +
                           (of_changes ? changes_[c].second : 0);
      if (left != 0) {
        return (of_base ? base_.list[b] : changes_[c]).first.entered_us;
      }
      if (of_base) ++b;
      if (of_changes) ++c;
    }
    return 0;
  }

  // When the one entered that `rank` - 1 have entered after.
  int64_t FromLatest(int64_t rank) const {
    // The last one before which no more than the others are: the last such
    // change, or of those of the index that lie between it and the next one.
    const int64_t others = count() - std::max<int64_t>(rank, 1);
    const size_t changes =
        CountWhile(0, places_.size(), [this, others](size_t c) {
          return BeforeInBase(places_[c].of_base) + places_[c].before <= others;
        });
    size_t first = 0;
    int64_t added = 0;
    if (changes > 0) {
      const Place& place = places_[changes - 1];
      first = place.of_base + (place.is_of_base ? 1 : 0);
      added = place.before + changes_[changes - 1].second;
    }
    const size_t end =
        changes < places_.size() ? places_[changes].of_base : base_.list.size();
    const size_t last = CountWhile(first, end, [&](size_t b) {
      return base_.before[b] + added <= others;
    });
    if (last > first) return base_.list[last - 1].first.entered_us;
    return changes > 0 ? changes_[changes - 1].first.entered_us : First();
  }

 private:
  struct Place {
    size_t of_base = 0;       // the first of the index that is not before it
    int64_t before = 0;       // the counts of the changes before it
    bool is_of_base = false;  // that one is the same entry
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
  int64_t BeforeInBase(size_t b) const {
    return b < base_.list.size() ? base_.before[b] : base_.count;
  }

  const BacklogCell::Index& base_;
  const EntryList& changes_;
  absl::InlinedVector<Place, 16> places_;  // of the changes
  int64_t changed_ = 0;
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
  if (index != nullptr && !index->list.empty() && sign > 0 && base == nullptr) {
    base = index;
    changes.insert(changes.end(), index->since.begin(), index->since.end());
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
  const int64_t last_us =
      std::max(LastOf(level.changes),
               level.base != nullptr ? LastOf(level.base->list) : kNoTime);
  if (level.base != nullptr && hours == nullptr && last_us <= at_us) {
    const ChangedEntries entries(*level.base, level.changes);
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
  if (level.base != nullptr) {
    level.changes.insert(level.changes.end(), level.base->list.begin(),
                         level.base->list.end());
    AddUpEntries(level.changes);
    level.base = nullptr;
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
