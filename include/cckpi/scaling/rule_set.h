// RuleSet: all rules of a scaling matrix and their states, without an engine.
//
// A rule set knows what a single rule does not: the groups, which of them are
// muted by a calendar, and who inhibits whom. At each tick the caller says
// what every rule reads for every group; ScalingMonitor
// (engine/scaling_monitor.h) reads an engine, the script runner
// (io/alert_script.h) reads series of values out of a file.
//
//   Config config;
//   ScalingRule rule;
//   rule.id = "asa";
//   rule.target = {Comparator::kLessEqual, 120 * kSecond};
//   rule.bands = {{.level = "warning", .over_micro = 120 * kSecond}};
//   config.scaling_matrix = {rule};
//   absl::StatusOr<RuleSet> rules = RuleSet::Create(config);
//   std::vector<RuleReadings> readings(1);
//   readings[0].groups.push_back(
//       {.value = ExactValue::OfMicro(200 * kSecond), .n = 7});
//   TickResult result = rules->Tick(kEarliestTime, readings);
//   // result.notifications[0].incident: "asa@1990-01-01T00:00:00Z"
//
// Groups. A rule without `by` has one group, the one without labels. Of a rule
// with `by` a group is known from the first tick that names it, and stays.
//
// Inhibition looks at the states of the same tick, whatever the order of the
// rules in the configuration.
//
// Many groups. Whoever ticks often names a group once (GroupOf), then says only
// which readings have changed (Read, ReadBurns) and ticks with TickRead: groups
// whose reading is the same and whose clocks are not due cost next to nothing.
//
// This file defines GroupReading, RuleReadings, TickResult, Alert and RuleSet.

#ifndef CCKPI_SCALING_RULE_SET_H_
#define CCKPI_SCALING_RULE_SET_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cckpi/calendar/opening_hours.h"
#include "cckpi/kpi/config.h"
#include "cckpi/scaling/evaluator.h"

namespace cckpi {

// What a rule reads for one group; as in RuleTick.
struct GroupReading {
  GroupLabels group;  // the dimensions of the rule's `by`, in that order
  std::optional<ExactValue> value;
  int64_t n = 0;
  std::vector<BurnReading> burns;
};

// What one rule reads at a tick.
struct RuleReadings {
  std::vector<GroupReading> groups;  // in the order of labels, each once
  // The value of known groups that are not among them; nullopt: no data.
  std::optional<ExactValue> absent;
};

// Both in the order of the configuration's rules, then of groups.
struct TickResult {
  std::vector<Transition> transitions;
  std::vector<Notification> notifications;
};

// Where one rule stands for one group.
struct Alert {
  std::string rule;
  GroupLabels group;
  std::string level;  // of pending, firing, recovering
  RuleState state;
};

class RuleSet {
 public:
  // InvalidArgument when a rule is not whole (RuleEvaluator::Create), has the
  // id of another, names a rule or calendar that does not exist, or rules
  // inhibit each other in a circle.
  static absl::StatusOr<RuleSet> Create(const Config& config);

  // In the order of the configuration.
  size_t size() const { return rules_.size(); }
  const ScalingRule& rule(size_t index) const {
    return rules_[index].evaluator.rule();
  }
  // The place of the rule with this id.
  std::optional<size_t> Find(std::string_view id) const;

  // One tick; `readings` by rule, missing ones read nothing. A tick that is
  // not after the last, or outside [kEarliestTime, kLatestTime), changes
  // nothing. `skipped` are rules that get no tick (of script tests).
  TickResult Tick(int64_t now_us, std::span<const RuleReadings> readings,
                  const std::vector<bool>& skipped = {});

  // The place of a group among those of the rule, for as long as the set
  // lives and until Restore; a group that is not known becomes known.
  size_t GroupOf(size_t rule, const GroupLabels& group);
  // What the group reads from the next tick on, until it is said anew. Before
  // anything is said it reads the rule's default: no data, unless SetDefault.
  // For callers that leave out what has not changed; Tick sets all readings.
  void SetDefault(size_t rule, const std::optional<ExactValue>& value);
  void Read(size_t rule, size_t group, const std::optional<ExactValue>& value,
            int64_t n);
  void ReadBurns(size_t rule, size_t group, std::vector<BurnReading> burns);
  // All groups of all rules read the default until they are said anew.
  void ForgetReadings();
  // One tick with what was read; otherwise as Tick.
  TickResult TickRead(int64_t now_us, const std::vector<bool>& skipped = {});

  // Somebody takes care of an incident: no more repeats and ladder steps.
  // The first acknowledgement counts. NotFound when no such incident is open.
  absl::Status Acknowledge(std::string_view incident, std::string_view by,
                           int64_t at_us);

  // Every rule and known group, in the order of rules and groups.
  std::vector<Alert> Alerts() const;

  // The last tick; kNoTime before the first.
  int64_t last_tick_us() const { return last_tick_us_; }

  // The earliest instant after the last tick at which the same readings could
  // change or send anything; kNever if none. Skip(last) says that the ticks up
  // to `last`, all before it, were left out.
  int64_t NextChange() const;
  void Skip(int64_t last_us);

  // The states as bytes (scaling/state_bytes.h). Restore replaces all states
  // by saved ones; rules and groupings that the configuration no longer has
  // are left out, bands are found by their level. DataLoss for anything else
  // than saved bytes; then nothing has changed.
  std::string Save() const;
  absl::Status Restore(std::string_view bytes);

 private:
  // The values of some dimensions, from the scope or the group.
  using Labels = std::vector<std::optional<std::string>>;

  // A group of a rule. Of one that was left out since its latest step (its
  // reading is the same, and nothing was due) `state.last_us` is behind.
  struct Group {
    GroupLabels labels;
    RuleState state;
    std::optional<ExactValue> value;
    int64_t n = 0;
    std::vector<BurnReading> burns;
    bool changed = true;  // a step has to look at it
  };

  struct Rule {
    explicit Rule(RuleEvaluator made) : evaluator(std::move(made)) {}

    RuleEvaluator evaluator;
    std::optional<OpeningHours> mute;
    std::optional<ExactValue> absent;  // what is read by default
    std::vector<Group> groups;
    std::map<GroupLabels, size_t> places;  // in groups, by labels
    std::vector<int64_t> next_us;  // by group: when it may move by itself
    std::vector<size_t> changed;   // groups that have changed
    int64_t ticked_us = kNoTime;
    bool muted = false;  // at the last tick
    bool stale = true;   // every group has to be looked at
  };

  RuleSet() = default;
  absl::Status Add(const Config& config, size_t index);
  absl::Status SetOrder();
  static Labels LabelsOf(const ScalingRule& rule, const GroupLabels& group,
                         const std::vector<std::string>& dimensions);
  static size_t GroupOf(Rule& rule, const GroupLabels& group);
  static void MarkChanged(Rule& rule, size_t group);
  static int64_t LastTick(const Rule& rule, const RuleState& state);
  std::vector<size_t> ToStep(int64_t now_us, bool all, Rule& rule) const;
  void TickRule(int64_t now_us, Rule& rule, TickResult& result) const;

  std::vector<Rule> rules_;
  std::map<std::string, size_t> index_;  // rules by id
  std::vector<size_t> order_;            // inhibiting rules first
  int64_t last_tick_us_ = kNoTime;
};

}  // namespace cckpi

#endif  // CCKPI_SCALING_RULE_SET_H_
