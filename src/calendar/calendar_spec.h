// Validation of calendars as configured.

#ifndef CCKPI_SRC_CALENDAR_CALENDAR_SPEC_H_
#define CCKPI_SRC_CALENDAR_CALENDAR_SPEC_H_

#include <cstdint>

#include "absl/status/status.h"
#include "cckpi/calendar/opening_hours.h"

namespace cckpi {

// Where "24:00" is, in seconds of a local day.
inline constexpr int32_t kDaySeconds = 86'400;

// InvalidArgument, naming the place, if an interval is out of range. The time
// zone is not looked at.
absl::Status ValidateIntervals(const CalendarSpec& spec);

}  // namespace cckpi

#endif  // CCKPI_SRC_CALENDAR_CALENDAR_SPEC_H_
