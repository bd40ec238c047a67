// The state of a rule as bytes, and back.
//
// The bytes are canonical: equal states give equal bytes on every machine.
// They begin with a magic number and a version and end with a checksum, and a
// reader trusts none of them: whatever is not exactly a saved state is an
// error, and nothing is allocated on the word of a length alone.
//
//   RuleState state;
//   std::string bytes = SaveRuleState(state);
//   absl::StatusOr<RuleState> again = RestoreRuleState(bytes);   // == state
//
// ScalingMonitor saves all of its states in the same way
// (engine/scaling_monitor.h).
//
// This file defines SavedRule, SavedRuleState, SaveRuleState,
// RestoreRuleState, SaveRules and RestoreRules.

#ifndef CCKPI_SCALING_STATE_BYTES_H_
#define CCKPI_SCALING_STATE_BYTES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "cckpi/scaling/evaluator.h"

namespace cckpi {

std::string SaveRuleState(const RuleState& state);
// DataLoss for anything else than the bytes of a state.
absl::StatusOr<RuleState> RestoreRuleState(std::string_view bytes);

struct SavedRuleState {
  GroupLabels group;
  RuleState state;

  bool operator==(const SavedRuleState&) const = default;
};

// The states of one rule, and the levels that its bands had.
struct SavedRule {
  std::string id;
  std::vector<std::string> levels;
  std::vector<SavedRuleState> states;

  bool operator==(const SavedRule&) const = default;
};

// Many rules, with the last tick (kNoTime: none).
struct SavedRules {
  int64_t last_tick_us = kNoTime;
  std::vector<SavedRule> rules;

  bool operator==(const SavedRules&) const = default;
};
// A state whose bands had these levels, for a rule with these bands: each is
// found by its level; a level that is gone becomes the nearest milder one, or
// the mildest. DataLoss when the state has other bands than `levels`.
absl::StatusOr<RuleState> WithBands(RuleState state,
                                    const std::vector<std::string>& levels,
                                    const std::vector<Band>& bands);

std::string SaveRules(const SavedRules& rules);
absl::StatusOr<SavedRules> RestoreRules(std::string_view bytes);

}  // namespace cckpi

#endif  // CCKPI_SCALING_STATE_BYTES_H_
