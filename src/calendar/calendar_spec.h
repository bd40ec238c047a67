// Validation of calendars as configured.

#ifndef CCKPI_SRC_CALENDAR_CALENDAR_SPEC_H_
#define CCKPI_SRC_CALENDAR_CALENDAR_SPEC_H_

#include "absl/status/status.h"
#include "cckpi/calendar/opening_hours.h"

namespace cckpi {

// InvalidArgument, naming the place, if an interval is out of range. The time
// zone is not looked at.
absl::Status ValidateIntervals(const CalendarSpec& spec);

}  // namespace cckpi

#endif  // CCKPI_SRC_CALENDAR_CALENDAR_SPEC_H_
