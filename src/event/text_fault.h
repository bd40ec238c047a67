// Parts of ValidateEvent, for those who check an event field by field.

#ifndef CCKPI_SRC_EVENT_TEXT_FAULT_H_
#define CCKPI_SRC_EVENT_TEXT_FAULT_H_

#include <cstdint>
#include <string_view>

#include "cckpi/event/event.h"

namespace cckpi {

inline constexpr uint8_t kAllFlags =
    kPrivate | kAutomated | kCampaign | kReaction | kEcho;

// Empty when a text is good, else what is wrong with it.
std::string_view TextFault(std::string_view text);

// Do events of this kind have to name an agent?
bool NamesAgent(EventKind kind);

}  // namespace cckpi

#endif  // CCKPI_SRC_EVENT_TEXT_FAULT_H_
