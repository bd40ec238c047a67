// Opening hours that may be none: then it is always open.

#ifndef CCKPI_SRC_CALENDAR_HOURS_OR_NONE_H_
#define CCKPI_SRC_CALENDAR_HOURS_OR_NONE_H_

#include <cstdint>

#include "cckpi/base/time.h"
#include "cckpi/calendar/opening_hours.h"

namespace cckpi {

// The open time from `from_us` to `to_us`, which is not before it.
inline int64_t ElapsedIn(const OpeningHours* hours, int64_t from_us,
                         int64_t to_us) {
  return hours == nullptr ? to_us - from_us : hours->Elapsed(from_us, to_us);
}

// As OpeningHours::Deadline; `span_us` is not negative.
inline int64_t DeadlineIn(const OpeningHours* hours, int64_t start_us,
                          int64_t span_us) {
  if (hours != nullptr) return hours->Deadline(start_us, span_us);
  const bool ends = span_us < kLatestTime && start_us < kLatestTime - span_us;
  return ends ? start_us + span_us : kNever;
}

}  // namespace cckpi

#endif  // CCKPI_SRC_CALENDAR_HOURS_OR_NONE_H_
