// ScheduleTable: which opening hours an interaction is under.
//
// Rules name a calendar by team, channel, source or priority, from an instant
// on; at each instant the rule that names most fields wins, then the later
// `from`, then the later rule. The table resolves a combination of the four
// fields once and hands out a small number for it. Number 0 is "always open".
// A number has 16 bits; whoever makes a table refuses rules that may need more.

#ifndef CCKPI_SRC_TIMELINE_SCHEDULE_TABLE_H_
#define CCKPI_SRC_TIMELINE_SCHEDULE_TABLE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "cckpi/base/hash_map.h"
#include "cckpi/calendar/schedule.h"
#include "src/timeline/fact.h"

namespace cckpi {

struct ResolvedRule {
  std::array<TextId, 4> fields = {};  // team, channel, source, priority; 0 any
  int64_t from_us = kNoTime;
  OpeningHours hours;
};

class ScheduleTable {
 public:
  ScheduleTable(std::vector<ResolvedRule> rules, SchedulePolicy policy);
  explicit ScheduleTable(const ScheduleTable* base);

  static constexpr uint64_t kMostSchedules = uint64_t{1} << 16;
  // So many schedules the rules can make at most: what a field may say is one
  // of those that rules name, or something else. No more than 2^64 - 1.
  static uint64_t MostSchedules(const std::vector<ResolvedRule>& rules);

  // The hours of a span depend on where it starts or ends.
  bool selects_by_span() const {
    return !empty() && shared_->policy != SchedulePolicy::kInForce;
  }
  bool empty() const { return shared_->rules.empty(); }

  uint16_t Resolve(const std::array<TextId, 4>& fields);

  // Numbers are dense; without a base.
  size_t size() const { return schedules_.size(); }
  // For snapshots: a number stands for the rules that match, in order.
  size_t rules() const { return shared_->rules.size(); }
  const std::vector<size_t>& RulesOf(uint16_t schedule) const {
    return rules_of_[schedule];
  }
  uint16_t OfRules(std::vector<size_t> matching);
  // Are these, in order, all the rules that match some interaction?
  bool MatchTogether(const std::vector<size_t>& rules) const;

  int64_t Elapsed(uint16_t schedule, int64_t from_us, int64_t to_us) const;
  int64_t Deadline(uint16_t schedule, int64_t start_us, int64_t span_us) const;

  // The open time of one part of a span, under the hours that the policy
  // selects for the whole span.
  int64_t ElapsedPart(uint16_t schedule, int64_t from_us, int64_t to_us,
                      int64_t start_us, int64_t end_us) const;
  // By which of its hours the schedule measures a span that ends there, and
  // begins where others do.
  uint32_t HoursOf(uint16_t schedule, int64_t end_us) const;
  // Spans that leave parts out: the last instant at which the counted time
  // from `start_us` on is at most `within_us`. `parts` are the counted ones,
  // in order; the last may end at kNever.
  int64_t DeadlineOver(uint16_t schedule, int64_t start_us,
                       std::span<const std::pair<int64_t, int64_t>> parts,
                       int64_t within_us) const;
  // The same where only the parts from `known_us` on are given:
  // `counted(until_us, end_us)` is the counted time of a span from its start
  // until `until_us`, which is no later than `known_us`, by the hours of one
  // that ends at `end_us`. kNoTime: the deadline is before `known_us`.
  int64_t DeadlineFrom(
      int64_t known_us, uint16_t schedule, int64_t start_us,
      std::span<const std::pair<int64_t, int64_t>> parts, int64_t within_us,
      absl::FunctionRef<int64_t(int64_t until_us, int64_t end_us)> counted)
      const;

 private:
  struct Shared {
    std::vector<ResolvedRule> rules;
    SchedulePolicy policy = SchedulePolicy::kInForce;
  };
  const Schedule& At(uint16_t schedule) const;
  std::vector<size_t> Matching(const std::array<TextId, 4>& fields) const;

  const ScheduleTable* base_ = nullptr;
  std::shared_ptr<const Shared> shared_;
  size_t first_ = 0;
  std::vector<Schedule> schedules_;
  std::vector<std::vector<size_t>> rules_of_;  // by schedule, from first_ on
  HashMap<std::vector<size_t>, uint16_t> by_rules_;
  HashMap<std::array<TextId, 4>, uint16_t> by_fields_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_SCHEDULE_TABLE_H_
