// The texts of an event, its tags and errors apart, in the order in which
// events are compared and recorded.

#ifndef CCKPI_SRC_EVENT_EVENT_TEXTS_H_
#define CCKPI_SRC_EVENT_EVENT_TEXTS_H_

#include <string_view>

#include "cckpi/event/event.h"

namespace cckpi {

inline constexpr std::string_view Event::*kEventTexts[] = {
    &Event::id,      &Event::interaction, &Event::customer, &Event::channel,
    &Event::source,  &Event::team,        &Event::agent,    &Event::priority,
    &Event::message, &Event::state,       &Event::reason};

}  // namespace cckpi

#endif  // CCKPI_SRC_EVENT_EVENT_TEXTS_H_
