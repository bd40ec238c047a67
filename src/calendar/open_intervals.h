// From a calendar in local wall time to open intervals of physical time: the
// rules of cckpi/calendar/opening_hours.h, computed date by date.

#ifndef CCKPI_SRC_CALENDAR_OPEN_INTERVALS_H_
#define CCKPI_SRC_CALENDAR_OPEN_INTERVALS_H_

#include <vector>

#include "cckpi/calendar/opening_hours.h"
#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"

namespace cckpi {

// The open intervals within `range`, cut to it; in order, not empty, with a gap
// between any two. `spec` is valid, `zone` is its zone.
std::vector<Window> OpenIntervals(const CalendarSpec& spec, const Zone& zone,
                                  const Window& range);

}  // namespace cckpi

#endif  // CCKPI_SRC_CALENDAR_OPEN_INTERVALS_H_
