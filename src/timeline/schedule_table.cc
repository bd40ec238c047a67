#include "src/timeline/schedule_table.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "src/calendar/hours_or_none.h"

namespace cckpi {
namespace {

bool Matches(const ResolvedRule& rule, const std::array<TextId, 4>& fields) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (rule.fields[i] != 0 && rule.fields[i] != fields[i]) return false;
  }
  return true;
}

int Specificity(const ResolvedRule& rule) {
  return static_cast<int>(
      std::count_if(rule.fields.begin(), rule.fields.end(),
                    [](TextId field) { return field != 0; }));
}

// The hours in force from each instant on, of the rules that match.
Schedule Compose(const std::vector<ResolvedRule>& rules,
                 const std::vector<size_t>& matching) {
  std::vector<int64_t> starts;
  for (size_t rule : matching) starts.push_back(rules[rule].from_us);
  std::sort(starts.begin(), starts.end());
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  std::vector<ScheduleVersion> versions;
  for (int64_t start : starts) {
    size_t best = matching.front();
    bool found = false;
    for (size_t rule : matching) {
      if (rules[rule].from_us > start) continue;
      auto rank = [&](size_t r) {
        return std::make_tuple(Specificity(rules[r]), rules[r].from_us, r);
      };
      if (!found || rank(rule) > rank(best)) best = rule;
      found = true;
    }
    versions.push_back({.from_us = std::max(start, kEarliestTime),
                        .hours = rules[best].hours});
  }
  // Several `from` before the first accepted instant are one version: the
  // last of them is in force.
  std::vector<ScheduleVersion> kept;
  for (ScheduleVersion& version : versions) {
    if (!kept.empty() && kept.back().from_us == version.from_us) {
      kept.back() = std::move(version);
    } else {
      kept.push_back(std::move(version));
    }
  }
  absl::StatusOr<Schedule> schedule = Schedule::Create(std::move(kept));
  return schedule.ok() ? *std::move(schedule) : Schedule();
}

}  // namespace

ScheduleTable::ScheduleTable(std::vector<ResolvedRule> rules,
                             SchedulePolicy policy)
    : shared_(std::make_shared<Shared>(Shared{std::move(rules), policy})) {
  schedules_.emplace_back();
  rules_of_.emplace_back();
  by_rules_.emplace(std::vector<size_t>(), uint16_t{0});
}

ScheduleTable::ScheduleTable(const ScheduleTable* base)
    : base_(base),
      shared_(base->shared_),
      first_(base->first_ + base->schedules_.size()) {}

uint64_t ScheduleTable::MostSchedules(const std::vector<ResolvedRule>& rules) {
  uint64_t most = 1;
  for (size_t field = 0; field < std::tuple_size_v<decltype(rules[0].fields)>;
       ++field) {
    std::vector<TextId> named = {0};
    for (const ResolvedRule& rule : rules) named.push_back(rule.fields[field]);
    std::sort(named.begin(), named.end());
    named.erase(std::unique(named.begin(), named.end()), named.end());
    if (most > std::numeric_limits<uint64_t>::max() / named.size()) {
      return std::numeric_limits<uint64_t>::max();
    }
    most *= named.size();
  }
  return most;
}

uint16_t ScheduleTable::Resolve(const std::array<TextId, 4>& fields) {
  if (shared_->rules.empty()) return 0;
  for (const ScheduleTable* table = this; table != nullptr;
       table = table->base_) {
    if (auto found = table->by_fields_.find(fields);
        found != table->by_fields_.end()) {
      return found->second;
    }
  }
  const uint16_t id = OfRules(Matching(fields));
  by_fields_.emplace(fields, id);
  return id;
}

std::vector<size_t> ScheduleTable::Matching(
    const std::array<TextId, 4>& fields) const {
  std::vector<size_t> matching;
  for (size_t rule = 0; rule < shared_->rules.size(); ++rule) {
    if (Matches(shared_->rules[rule], fields)) matching.push_back(rule);
  }
  return matching;
}

// What they name is enough: a rule that matches more of an interaction names
// more of it.
bool ScheduleTable::MatchTogether(const std::vector<size_t>& rules) const {
  std::array<TextId, 4> fields = {};
  for (size_t rule : rules) {
    for (size_t field = 0; field < fields.size(); ++field) {
      const TextId named = shared_->rules[rule].fields[field];
      if (named != 0) fields[field] = named;
    }
  }
  return Matching(fields) == rules;
}

uint16_t ScheduleTable::OfRules(std::vector<size_t> matching) {
  for (const ScheduleTable* table = this; table != nullptr;
       table = table->base_) {
    if (auto found = table->by_rules_.find(matching);
        found != table->by_rules_.end()) {
      return found->second;
    }
  }
  uint16_t id = static_cast<uint16_t>(first_ + schedules_.size());
  schedules_.push_back(Compose(shared_->rules, matching));
  rules_of_.push_back(matching);
  by_rules_.emplace(std::move(matching), id);
  return id;
}

const Schedule& ScheduleTable::At(uint16_t schedule) const {
  return schedule < first_ ? base_->At(schedule)
                           : schedules_[schedule - first_];
}

int64_t ScheduleTable::Elapsed(uint16_t schedule, int64_t from_us,
                               int64_t to_us) const {
  if (schedule == 0) return ElapsedIn(nullptr, from_us, to_us);
  return At(schedule).Elapsed(from_us, to_us, shared_->policy);
}

int64_t ScheduleTable::Deadline(uint16_t schedule, int64_t start_us,
                                int64_t span_us) const {
  if (schedule == 0) return DeadlineIn(nullptr, start_us, span_us);
  return At(schedule).Deadline(start_us, span_us, shared_->policy);
}

namespace {

// Where the parts use up `within_us`; kNever where they never do.
template <typename ElapsedFn, typename DeadlineFn>
int64_t Crossing(std::span<const std::pair<int64_t, int64_t>> parts,
                 int64_t within_us, ElapsedFn elapsed, DeadlineFn deadline) {
  for (const auto& [from_us, to_us] : parts) {
    if (to_us == kNever) return deadline(from_us, within_us);
    int64_t used_us = elapsed(from_us, to_us);
    if (used_us > within_us) return deadline(from_us, within_us);
    within_us -= used_us;
  }
  return kNever;
}

// The same by hours that are the same for the whole span.
int64_t CrossingOn(const OpeningHours* hours,
                   std::span<const std::pair<int64_t, int64_t>> parts,
                   int64_t within_us) {
  return Crossing(
      parts, within_us,
      [hours](int64_t from, int64_t to) { return ElapsedIn(hours, from, to); },
      [hours](int64_t from, int64_t span) {
        return DeadlineIn(hours, from, span);
      });
}

}  // namespace

int64_t ScheduleTable::ElapsedPart(uint16_t schedule, int64_t from_us,
                                   int64_t to_us, int64_t start_us,
                                   int64_t end_us) const {
  if (schedule == 0) return ElapsedIn(nullptr, from_us, to_us);
  if (shared_->policy == SchedulePolicy::kInForce) {
    return At(schedule).Elapsed(from_us, to_us);
  }
  bool at_start = shared_->policy == SchedulePolicy::kAtStart;
  return ElapsedIn(At(schedule).HoursAt(at_start ? start_us : end_us), from_us,
                   to_us);
}

uint32_t ScheduleTable::HoursOf(uint16_t schedule, int64_t end_us) const {
  if (schedule == 0 || shared_->policy != SchedulePolicy::kAtEnd) return 0;
  const std::vector<ScheduleVersion>& versions = At(schedule).versions();
  const auto after =
      std::upper_bound(versions.begin(), versions.end(), end_us,
                       [](int64_t at_us, const ScheduleVersion& version) {
                         return at_us < version.from_us;
                       });
  return static_cast<uint32_t>(after - versions.begin());
}

int64_t ScheduleTable::DeadlineOver(
    uint16_t schedule, int64_t start_us,
    std::span<const std::pair<int64_t, int64_t>> parts,
    int64_t within_us) const {
  const Schedule& hours = At(schedule);
  if (schedule == 0) return CrossingOn(nullptr, parts, within_us);
  switch (shared_->policy) {
    case SchedulePolicy::kInForce:
      return Crossing(
          parts, within_us,
          [&](int64_t from, int64_t to) { return hours.Elapsed(from, to); },
          [&](int64_t from, int64_t span) {
            return hours.Deadline(from, span);
          });
    case SchedulePolicy::kAtStart:
      return CrossingOn(hours.HoursAt(start_us), parts, within_us);
    case SchedulePolicy::kAtEnd:
      break;
  }
  return DeadlineFrom(start_us, schedule, start_us, parts, within_us,
                      [](int64_t, int64_t) { return int64_t{0}; });
}

int64_t ScheduleTable::DeadlineFrom(
    int64_t known_us, uint16_t schedule, int64_t start_us,
    std::span<const std::pair<int64_t, int64_t>> parts, int64_t within_us,
    absl::FunctionRef<int64_t(int64_t until_us, int64_t end_us)> counted)
    const {
  if (schedule == 0 || shared_->policy != SchedulePolicy::kAtEnd) {
    const int64_t left_us = within_us - counted(known_us, known_us);
    if (left_us < 0) return kNoTime;
    return DeadlineOver(schedule, start_us, parts, left_us);
  }
  // The whole span anew by each version, as Schedule::Deadline does. Of one
  // that was in force until before `known_us` it is known whether the deadline
  // was in it.
  const Schedule& hours = At(schedule);
  const auto on = [&](int64_t end_us) {
    const int64_t left_us = within_us - counted(known_us, end_us);
    return left_us < 0 ? kNoTime
                       : CrossingOn(hours.HoursAt(end_us), parts, left_us);
  };
  int64_t begin_us = start_us;
  for (const ScheduleVersion& version : hours.versions()) {
    if (version.from_us <= begin_us) continue;
    if (version.from_us > known_us) {
      const int64_t crossing_us = on(begin_us);
      if (crossing_us == kNoTime) return kNoTime;
      if (crossing_us < begin_us) return begin_us - 1;
      if (crossing_us < version.from_us - 1) return crossing_us;
    } else if (counted(version.from_us - 1, begin_us) > within_us) {
      return kNoTime;
    }
    begin_us = version.from_us;
  }
  const int64_t crossing_us = on(begin_us);
  return crossing_us == kNoTime ? kNoTime : std::max(crossing_us, begin_us - 1);
}

}  // namespace cckpi
