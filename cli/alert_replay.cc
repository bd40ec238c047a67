#include "cli/alert_replay.h"

#include <algorithm>

#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"

namespace cckpi::cli {

// The first instant of the grid that is not before.
int64_t AlertReplay::GridFrom(int64_t at_us) const {
  const int64_t past = at_us % options_.tick_us;
  return past == 0 ? at_us : at_us - past + options_.tick_us;
}

absl::Status AlertReplay::Tick(int64_t at_us) {
  CCKPI_RETURN_IF_ERROR(engine_->Advance(ToTime(at_us)));
  CCKPI_ASSIGN_OR_RETURN(const TickResult result,
                         monitor_->Tick(*engine_, ToTime(at_us)));
  ++ticks_;
  if (!result.transitions.empty() || !result.notifications.empty()) {
    sink_(result);
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> AlertReplay::Before(int64_t next_us) {
  if (next_us_ == kNoTime) {
    next_us_ = GridFrom(std::max(next_us, options_.from_us));
  }
  const int64_t end_us = options_.to_us == kNoTime
                             ? next_us
                             : std::min(next_us, options_.to_us + 1);
  bool fresh = true;  // events came since the last tick
  while (next_us_ < end_us) {
    if (!fresh && !options_.every_tick) {
      // Nothing can happen before this tick.
      int64_t next_tick_us = end_us;
      const int64_t change_us = monitor_->NextChange(*engine_);
      if (change_us < end_us) {
        next_tick_us = std::max(next_us_, GridFrom(change_us));
      }
      if (next_tick_us >= end_us) {
        next_tick_us = GridFrom(end_us);
      }
      if (next_tick_us > next_us_) {
        const int64_t skipped_us = next_tick_us - options_.tick_us;
        CCKPI_RETURN_IF_ERROR(engine_->Advance(ToTime(skipped_us)));
        monitor_->Skip(ToTime(skipped_us));
        next_us_ = next_tick_us;
        continue;
      }
    }
    CCKPI_RETURN_IF_ERROR(Tick(next_us_));
    next_us_ += options_.tick_us;
    fresh = false;
  }
  return next_us_ + 1;
}

absl::Status AlertReplay::Finish(int64_t last_us) {
  if (last_us == kNoTime || options_.to_us != kNoTime) return absl::OkStatus();
  const int64_t at_us = GridFrom(last_us);
  if (next_us_ == kNoTime || at_us < next_us_ || at_us >= kLatestTime) {
    return absl::OkStatus();
  }
  return Tick(at_us);
}

}  // namespace cckpi::cli
