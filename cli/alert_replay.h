// AlertReplay: ticks of a scaling monitor along a log.
//
// Ticks stand on a grid of UTC, from the first event on. A tick sees the
// events up to its instant. Ticks at which nothing can change are left out;
// that changes nothing in what comes out.

#ifndef CCKPI_CLI_ALERT_REPLAY_H_
#define CCKPI_CLI_ALERT_REPLAY_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cckpi/engine/engine.h"
#include "cckpi/engine/scaling_monitor.h"

namespace cckpi::cli {

struct ReplayOptions {
  int64_t tick_us = kMinute;
  int64_t from_us = kNoTime;  // no tick before; kNoTime: the first event
  int64_t to_us = kNoTime;    // no tick after; kNoTime: the last event
  bool every_tick = false;    // also those at which nothing can change
};

class AlertReplay {
 public:
  // Called with what each tick brings. All must outlive the replay.
  using Sink = std::function<void(const TickResult&)>;
  AlertReplay(const ReplayOptions& options, Engine* engine,
              ScalingMonitor* monitor, Sink sink)
      : options_(options),
        engine_(engine),
        monitor_(monitor),
        sink_(std::move(sink)) {}

  // All ticks before the instant, which is that of the next event: for
  // FeedOptions::before.
  absl::StatusOr<int64_t> Before(int64_t next_us);

  // One more tick, the first one that is not before `last_us`.
  absl::Status Finish(int64_t last_us);

  int64_t ticks() const { return ticks_; }  // that were not left out

 private:
  int64_t GridFrom(int64_t at_us) const;
  absl::Status Tick(int64_t at_us);

  const ReplayOptions& options_;
  Engine* engine_;
  ScalingMonitor* monitor_;
  Sink sink_;
  int64_t next_us_ = kNoTime;  // the next tick
  int64_t ticks_ = 0;
};

}  // namespace cckpi::cli

#endif  // CCKPI_CLI_ALERT_REPLAY_H_
