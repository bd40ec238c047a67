// The texts of an event, its tags and errors apart, by the names of JSON Lines,
// in the order in which events are compared, recorded and written.

#ifndef CCKPI_SRC_EVENT_EVENT_TEXTS_H_
#define CCKPI_SRC_EVENT_EVENT_TEXTS_H_

#include <string_view>

#include "cckpi/event/event.h"

namespace cckpi {

struct EventText {
  std::string_view name;
  std::string_view Event::*text;
};

inline constexpr EventText kEventTexts[] = {
    {"id", &Event::id},
    {"interaction", &Event::interaction},
    {"customer", &Event::customer},
    {"channel", &Event::channel},
    {"source", &Event::source},
    {"team", &Event::team},
    {"agent", &Event::agent},
    {"priority", &Event::priority},
    {"message", &Event::message},
    {"state", &Event::state},
    {"reason", &Event::reason}};

}  // namespace cckpi

#endif  // CCKPI_SRC_EVENT_EVENT_TEXTS_H_
