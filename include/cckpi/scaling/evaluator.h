// RuleEvaluator: one rule of the scaling matrix, as a pure function.
//
//   (state, tick) → (state, transitions, notifications)
//
// It knows no engine, no clock and no transport: the host (or ScalingMonitor,
// engine/scaling_monitor.h) says what the value is now, and delivers what
// comes out. The state is a plain value; keep one for each group.
//
//   ScalingRule rule;                       // answer within two minutes
//   rule.id = "asa";
//   rule.target = {Comparator::kLessEqual, 120 * kSecond};
//   rule.bands = {{.level = "warning", .over_micro = 120 * kSecond,
//                  .dwell_us = 2 * kMinute, .notify = {"team-lead"}}};
//   absl::StatusOr<RuleEvaluator> evaluator = RuleEvaluator::Create(rule);
//   RuleState state;
//   RuleTick tick;
//   for (int minute = 0; minute <= 2; ++minute) {
//     tick.now_us = kEarliestTime + minute * kMinute;
//     tick.value = ExactValue::OfMicro(200 * kSecond);
//     tick.n = 7;
//     Evaluation result = evaluator->Evaluate(state, tick);
//     state = result.state;     // pending, pending, firing
//   }
//
// Bands. Band i is reached by a value past its edge (`over`) in the bad
// direction, so a value that reaches one has reached all milder ones. A band
// fires when it was reached without a break for its dwell. A band that fires
// is held until the value is back at its `clear` threshold or better; a band
// that has not fired yet knows only its edge. A band of a burn-rate rule is
// reached while both of its windows burn more than `factor`.
//
// States and inputs. A tick is one of seven inputs, and this is the table
// (src/scaling/transition_table.h); level L is the band:
//
//                    | ok, pending(L), | firing(L)        | recovering(L)
//                    | no_data         |                  |
//   -----------------+-----------------+------------------+------------------
//   missing, keep    | no_data         | firing(L)        | recovering(L)
//   missing, ok      | ok              | firing(L)        | recovering(L)
//   inside           | ok              | recovering(L)    | recovering(L)
//   inside for hold  | ok              | ok: resolved     | ok: resolved
//   reached          | pending(reached)| firing(L)        | firing(L)
//   due              | firing(due):    | firing(due):     | firing(due):
//                    |   opened        |   escalated      |   escalated
//   lower for hold   | pending         | firing(lower):   | firing(lower):
//                    |                 |   de-escalated   |   de-escalated
//
//   missing           no value, or n < min_n, or no tick for more than
//                     no_data_after. Under the policy `alert` it counts as
//                     reaching the mildest band instead.
//   inside            no band is reached or held
//   inside for hold   and has not been for `hold` (at once when that is 0)
//   reached           some band is reached or held, and nothing is due
//   due               a band worse than L was reached for its dwell
//   lower for hold    L was neither reached nor held for `hold`, a milder band
//                     is
//
// Missing data interrupts dwell and hold: both begin anew. It never resolves.
//
// Notifications of an incident, numbered 1, 2, …: `opened`, `escalated`,
// `deescalated` (if the rule says so), `ladder` (the step before was not
// acknowledged in its time; the ladder in force when the incident opened
// applies), `repeated` (nothing was sent for `repeat`, nobody acknowledged),
// `resolved` (once, to everybody who was told). Ladder and repeat rest while
// the rule recovers. While it is muted or inhibited nothing is sent; what is
// then still true, or was resolved meanwhile, is said at the first tick after.
//
// This file defines AlertState, Silence, BurnReading, Contributor, RuleTick,
// Incident, RuleState, Transition, Notification, Evaluation, RuleEvaluator.

#ifndef CCKPI_SCALING_EVALUATOR_H_
#define CCKPI_SCALING_EVALUATOR_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/exact_value.h"

namespace cckpi {

enum class AlertState : uint8_t {
  kOk = 0,
  kPending = 1,
  kFiring = 2,
  kRecovering = 3,
  kNoData = 4,  // also before the first tick
};
std::string_view AlertStateName(AlertState state);  // "ok", "no_data", …
std::optional<AlertState> ParseAlertState(std::string_view name);

// Why nothing is sent.
enum class Silence : uint8_t { kNone = 0, kMuted = 1, kInhibited = 2 };
std::string_view SilenceName(Silence silence);  // "none", "muted", …

enum class NotificationKind : uint8_t {
  kOpened = 0,
  kEscalated = 1,
  kDeescalated = 2,
  kLadder = 3,
  kRepeated = 4,
  kResolved = 5,
};
std::string_view NotificationKindName(NotificationKind kind);

// Dimension name → value, nullopt for "none"; as in ReportRow::group.
using GroupLabels =
    std::vector<std::pair<std::string, std::optional<std::string>>>;

// The service level over both windows of a band; nullopt: no observations.
struct BurnReading {
  std::optional<ExactValue> long_value;
  std::optional<ExactValue> short_value;
  int64_t long_n = 0;
};

// An interaction behind a value: the wait that is still open, the slowest
// answer, the missed deadline.
struct Contributor {
  std::string interaction;
  // Microseconds of a span or an age, millionths of a score, else a count.
  int64_t value = 0;
  std::string outcome;  // "answered", "late_answered", "waiting", …

  bool operator==(const Contributor&) const = default;
};

// What one rule sees of one group at one moment.
struct RuleTick {
  int64_t now_us = 0;
  std::optional<ExactValue> value;  // nullopt: no observation
  int64_t n = 0;                    // observations behind the value
  // Of a burn-rate rule, one for each band; then value and n do not count.
  std::span<const BurnReading> burns;
  Silence silence = Silence::kNone;
  std::span<const Contributor> contributors;  // passed on
};

// One time of trouble, from the first band that fired until resolved.
struct Incident {
  // RULE@OPENED or RULE@OPENED/DIMENSION=VALUE,…: the same log gives the same
  // id.
  std::string id;
  int32_t level = 0;     // index of the band
  int64_t since_us = 0;  // when the value reached the band that fired first
  int64_t opened_us = 0;
  std::optional<ExactValue> peak;  // the worst value since `since_us`
  int64_t peak_us = kNoTime;
  int64_t sequence = 0;     // notifications so far
  int32_t told_level = -1;  // the level last told; -1: nobody knows
  int64_t last_sent_us = kNoTime;
  std::vector<std::string> told;   // recipients so far, sorted
  std::vector<LadderStep> ladder;  // as it was when the incident opened
  int32_t step = 0;
  int64_t step_since_us = kNoTime;
  std::string acknowledged_by;
  int64_t acknowledged_us = kNoTime;

  bool operator==(const Incident&) const = default;
};

// Everything that a rule remembers of a group.
struct RuleState {
  AlertState state = AlertState::kNoData;
  int32_t level = -1;               // of pending, firing and recovering
  int64_t entered_us = kNoTime;     // when it got this state and level
  int64_t last_us = kNoTime;        // the last tick
  std::optional<ExactValue> value;  // at the last tick
  int64_t n = 0;
  Silence silence = Silence::kNone;  // at the last tick
  std::optional<ExactValue> peak;    // the worst value since pending
  int64_t peak_us = kNoTime;
  // By band: since when it has been reached; since when it has been neither
  // reached nor held. kNoTime: it has not.
  std::vector<int64_t> reached_us;
  std::vector<int64_t> left_us;
  std::optional<Incident> incident;  // of firing and recovering
  std::optional<Incident> owed;      // resolved in silence, to be said

  bool operator==(const RuleState&) const = default;
};

struct Transition {
  int64_t at_us = 0;
  std::string rule;
  GroupLabels group;
  AlertState from = AlertState::kNoData;
  std::string from_level;  // empty where the state has no level
  AlertState to = AlertState::kNoData;
  std::string to_level;
  std::optional<ExactValue> value;
  int64_t n = 0;
  std::string incident;            // empty: none
  std::optional<ExactValue> peak;  // of the incident
  Silence silence = Silence::kNone;

  bool operator==(const Transition&) const = default;
};

struct Notification {
  int64_t at_us = 0;
  std::string rule;
  GroupLabels group;
  NotificationKind kind = NotificationKind::kOpened;
  std::string incident;
  int64_t sequence = 0;  // 1 is the incident's first
  std::string kpi;       // the indicator, as the rule names it
  std::string level;
  std::string previous_level;  // of escalated and deescalated
  std::optional<ExactValue> value;
  int64_t n = 0;
  Threshold target;
  int64_t over_micro = 0;                  // the band's edge; 0 of a burn rate
  std::optional<int64_t> factor_permille;  // of a burn rate
  int64_t since_us = 0;
  int64_t opened_us = 0;
  std::optional<ExactValue> peak;
  int64_t peak_us = kNoTime;
  int32_t ladder_step = 0;      // 1 is the first; 0: there is no ladder
  std::string acknowledged_by;  // of resolved, repeated never
  std::vector<std::string> actions;
  std::vector<std::string> recipients;
  std::vector<Contributor> contributors;

  bool operator==(const Notification&) const = default;
};

struct Evaluation {
  RuleState state;
  std::vector<Transition> transitions;
  std::vector<Notification> notifications;
};

class RuleEvaluator {
 public:
  // InvalidArgument where the rule is not whole: no bands, edges that do not
  // grow in the bad direction, a clear threshold on the wrong side, some bands
  // with a burn rate and some without. `group` labels what comes out and is
  // part of the incident's id.
  static absl::StatusOr<RuleEvaluator> Create(const ScalingRule& rule);

  const ScalingRule& rule() const { return rule_; }

  // A tick that is not after the last one changes nothing.
  Evaluation Evaluate(const RuleState& state, const RuleTick& tick,
                      const GroupLabels& group = {}) const;
  // The same in place; appends to both lists.
  void Advance(const RuleTick& tick, const GroupLabels& group, RuleState& state,
               std::vector<Transition>& transitions,
               std::vector<Notification>& notifications) const;

  // Somebody takes care: no more repeats and steps of the ladder for this
  // incident. The first acknowledgement counts, a further one changes
  // nothing. FailedPrecondition when no incident is open.
  static absl::Status Acknowledge(std::string_view by, int64_t at_us,
                                  RuleState& state);

  // The earliest instant after the last tick at which the same value, n and
  // silence could change the state or send something; kNever when only
  // another input can. Ticks before it may be left out when Skip() is told.
  int64_t NextChange(const RuleState& state) const;
  // The last tick that was left out.
  static void Skip(int64_t last_us, RuleState& state) {
    if (last_us > state.last_us) state.last_us = last_us;
  }

 private:
  struct Reading;
  class Step;

  explicit RuleEvaluator(ScalingRule rule) : rule_(std::move(rule)) {}
  Reading Read(const RuleTick& tick) const;

  ScalingRule rule_;
};

// "asa@2026-03-02T09:15:00Z/channel=facebook": texts are percent-encoded where
// they would be ambiguous.
std::string IncidentId(std::string_view rule, int64_t opened_us,
                       const GroupLabels& group);

}  // namespace cckpi

#endif  // CCKPI_SCALING_EVALUATOR_H_
