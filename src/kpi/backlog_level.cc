#include "src/kpi/backlog_level.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "src/kpi/row_values.h"

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
      : base_(base), changes_(changes) {
    before_.reserve(changes.size());
    for (const auto& [entry, count] : changes) {
      before_.push_back(changed_);
      changed_ += count;
      entered_us_ += absl::int128(entry.entered_us) * count;
    }
    entered_us_ += base.entered_us;
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
    // The last one before which no more than the others are.
    const int64_t others = count() - std::max<int64_t>(rank, 1);
    const auto last = [others](const EntryList& list, auto before) {
      size_t low = 0;
      for (size_t high = list.size(); low < high;) {
        const size_t middle = low + (high - low) / 2;
        if (before(middle) <= others) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    };
    const size_t of_base = last(base_.list, [this](size_t b) {
      return base_.before[b] +
             CountBefore(changes_, before_, changed_, base_.list[b].first);
    });
    const size_t of_changes = last(changes_, [this](size_t c) {
      return before_[c] + CountBefore(base_.list, base_.before, base_.count,
                                      changes_[c].first);
    });
    if (of_base == 0 && of_changes == 0) return First();
    int64_t entered_us = kNoTime;
    if (of_base > 0) entered_us = base_.list[of_base - 1].first.entered_us;
    if (of_changes > 0) {
      entered_us =
          std::max(entered_us, changes_[of_changes - 1].first.entered_us);
    }
    return entered_us;
  }

 private:
  static int64_t CountBefore(const EntryList& list,
                             const std::vector<int64_t>& before, int64_t all,
                             const BacklogEntry& entry) {
    const auto found = std::lower_bound(
        list.begin(), list.end(), entry,
        [](const auto& a, const BacklogEntry& b) { return a.first < b; });
    return found == list.end()
               ? all
               : before[static_cast<size_t>(found - list.begin())];
  }

  const BacklogCell::Index& base_;
  const EntryList& changes_;
  std::vector<int64_t> before_;  // of each change: the counts before it
  int64_t changed_ = 0;
  absl::int128 entered_us_ = 0;
};

bool NoneAfter(const EntryList& entries, int64_t at_us) {
  return entries.empty() || entries.back().first.entered_us <= at_us;
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
                   const ScheduleTable* hours) {
  const int64_t count = level.count();
  BacklogAges result;
  if (count <= 0) return result;
  AddUpEntries(level.changes);
  if (level.base != nullptr && hours == nullptr &&
      NoneAfter(level.base->list, at_us) && NoneAfter(level.changes, at_us)) {
    const ChangedEntries entries(*level.base, level.changes);
    const auto age = [&](int64_t of_ppm) {
      return at_us - entries.FromLatest(RankOf(count, of_ppm));
    };
    result.oldest_us = at_us - entries.First();
    result.mean_us = static_cast<int64_t>(
        (absl::int128(at_us) * entries.count() - entries.entered_us()) / count);
    result.p50_us = age(500'000);
    result.p90_us = age(900'000);
    result.chosen_us = age(ppm);
    return result;
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

void SetBacklogAges(const KpiSpec& spec, BacklogLevel& level, int64_t at_us,
                    const ScheduleTable& schedules, ReportRow& row) {
  const BacklogAges calendar =
      AgesOf(level, at_us, spec.percentile_ppm, nullptr);
  row.figures.push_back(OptionalFigure("oldest_us", calendar.oldest_us));
  row.figures.push_back(OptionalFigure("mean_age_us", calendar.mean_us));
  row.figures.push_back(OptionalFigure("p50_age_us", calendar.p50_us));
  row.figures.push_back(OptionalFigure("p90_age_us", calendar.p90_us));
  BacklogAges shown = calendar;
  if (!schedules.empty()) {
    const BacklogAges business =
        AgesOf(level, at_us, spec.percentile_ppm, &schedules);
    row.figures.push_back(
        OptionalFigure("oldest_business_us", business.oldest_us));
    row.figures.push_back(
        OptionalFigure("mean_age_business_us", business.mean_us));
    if (spec.clock == Clock::kBusiness) shown = business;
  }
  const auto seconds = [](std::optional<int64_t> span_us) {
    return span_us ? std::optional<double>(static_cast<double>(*span_us) / 1e6)
                   : std::nullopt;
  };
  switch (spec.statistic) {
    case Statistic::kOldest:
      row.value = seconds(shown.oldest_us);
      break;
    case Statistic::kMeanAge:
    case Statistic::kMean:
      row.value = seconds(shown.mean_us);
      break;
    case Statistic::kPercentile:
      row.value = seconds(shown.chosen_us);
      break;
    case Statistic::kOpenWaits:
      row.value = static_cast<double>(level.open_waits);
      break;
    default:
      row.value = static_cast<double>(level.count());
      break;
  }
}

}  // namespace cckpi
