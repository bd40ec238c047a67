// Parts of ValidateEvent, for those who check an event field by field.

#ifndef CCKPI_SRC_EVENT_EVENT_RULES_H_
#define CCKPI_SRC_EVENT_EVENT_RULES_H_

#include <cstdint>
#include <string_view>

#include "cckpi/base/time.h"
#include "cckpi/event/event.h"

namespace cckpi {

inline constexpr uint8_t kAllFlags =
    kPrivate | kAutomated | kCampaign | kReaction | kEcho;

// Is an instant within the range that events may have?
constexpr bool IsAcceptedInstant(int64_t at_us) {
  return at_us >= kEarliestTime && at_us < kLatestTime;
}

// Empty when a text is good, else what is wrong with it.
std::string_view TextFault(std::string_view text);

// Several kinds of events, a bit for each.
using KindSet = uint32_t;
constexpr KindSet SetOf(EventKind kind) {
  return KindSet{1} << static_cast<uint32_t>(kind);
}
static_assert(kEventKindCount <= 32);

// An agent's message may lack the agent: an echo typed in the network's own app
// names nobody.
inline constexpr KindSet kNamesAgent =
    SetOf(EventKind::kAssigned) | SetOf(EventKind::kAccepted) |
    SetOf(EventKind::kFocus) | SetOf(EventKind::kBlur) |
    SetOf(EventKind::kAgentState);
inline constexpr KindSet kOfNoInteraction =
    SetOf(EventKind::kAgentState) | SetOf(EventKind::kForecast);
// Have figures, which are checked by themselves.
inline constexpr KindSet kHasFigures = SetOf(EventKind::kReviewed) |
                                       SetOf(EventKind::kSurveyed) |
                                       SetOf(EventKind::kForecast);

}  // namespace cckpi

#endif  // CCKPI_SRC_EVENT_EVENT_RULES_H_
