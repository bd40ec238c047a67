// The transition table of a rule: (state, input) → (state, action).
//
// cckpi/scaling/evaluator.h draws it and says what the inputs mean. The level
// of the next state follows from the action: of an opened, escalated or
// de-escalated incident the new one, of pending the worst band reached, else
// the one there was.

#ifndef CCKPI_SRC_SCALING_TRANSITION_TABLE_H_
#define CCKPI_SRC_SCALING_TRANSITION_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "cckpi/scaling/evaluator.h"

namespace cckpi {

enum class RuleInput : uint8_t {
  kMissingKeep = 0,
  kMissingOk = 1,
  kInside = 2,
  kInsideForHold = 3,
  kReached = 4,
  kDue = 5,
  kLowerForHold = 6,
};
inline constexpr size_t kRuleInputs = 7;
inline constexpr size_t kAlertStates = 5;

enum class RuleAction : uint8_t {
  kNone,
  kOpen,
  kEscalate,
  kDeescalate,
  kResolve,
};

struct RuleRow {
  AlertState to;
  RuleAction action = RuleAction::kNone;
};

// By state, then by input.
inline constexpr std::array<std::array<RuleRow, kRuleInputs>, kAlertStates>
    kTransitionTable = {{
        // kOk
        {{{AlertState::kNoData},
          {AlertState::kOk},
          {AlertState::kOk},
          {AlertState::kOk},
          {AlertState::kPending},
          {AlertState::kFiring, RuleAction::kOpen},
          {AlertState::kPending}}},
        // kPending
        {{{AlertState::kNoData},
          {AlertState::kOk},
          {AlertState::kOk},
          {AlertState::kOk},
          {AlertState::kPending},
          {AlertState::kFiring, RuleAction::kOpen},
          {AlertState::kPending}}},
        // kFiring
        {{{AlertState::kFiring},
          {AlertState::kFiring},
          {AlertState::kRecovering},
          {AlertState::kOk, RuleAction::kResolve},
          {AlertState::kFiring},
          {AlertState::kFiring, RuleAction::kEscalate},
          {AlertState::kFiring, RuleAction::kDeescalate}}},
        // kRecovering
        {{{AlertState::kRecovering},
          {AlertState::kRecovering},
          {AlertState::kRecovering},
          {AlertState::kOk, RuleAction::kResolve},
          {AlertState::kFiring},
          {AlertState::kFiring, RuleAction::kEscalate},
          {AlertState::kFiring, RuleAction::kDeescalate}}},
        // kNoData
        {{{AlertState::kNoData},
          {AlertState::kOk},
          {AlertState::kOk},
          {AlertState::kOk},
          {AlertState::kPending},
          {AlertState::kFiring, RuleAction::kOpen},
          {AlertState::kPending}}},
    }};

inline const RuleRow& RowOf(AlertState state, RuleInput input) {
  return kTransitionTable[static_cast<size_t>(state)]
                         [static_cast<size_t>(input)];
}

}  // namespace cckpi

#endif  // CCKPI_SRC_SCALING_TRANSITION_TABLE_H_
