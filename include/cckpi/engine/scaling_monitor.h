// ScalingMonitor: the whole scaling matrix over an engine.
//
// A monitor keeps one state for each rule and group. At each tick it asks the
// engine for the value of every rule, moves the states, and hands back what
// changed and what is to be sent; the host delivers.
//
//   Config config;
//   ScalingRule rule;
//   rule.id = "waiting";
//   rule.kpi = "backlog";
//   rule.target = {Comparator::kLessEqual, 0};
//   rule.bands = {{.level = "warning", .over_micro = 0, .notify = {"lead"}}};
//   config.scaling_matrix = {rule};
//   absl::StatusOr<Engine> engine = Engine::Create(config);
//   absl::StatusOr<ScalingMonitor> monitor = ScalingMonitor::Create(config);
//   Event event;
//   event.kind = EventKind::kCustomerMessage;
//   event.at_us = *ParseTime("2026-03-02T09:00:00Z");
//   event.interaction = "T-1";
//   engine->Ingest({&event, 1});
//   absl::Time now = ToTime(event.at_us + kMinute);
//   absl::Status advanced = engine->Advance(now);
//   absl::StatusOr<TickResult> result = monitor->Tick(*engine, now);
//   // result->notifications[0]: opened, "warning", value 1, to "lead"
//
// Windows. A rolling window ends at now. The engine counts in buckets of 15
// minutes, so the window is the running bucket and those of the length of the
// window before it: at 10:07 a window of 1 h is [09:00, 10:07]. It is never
// shorter than it says, and longer by less than 15 minutes. A calendar window
// is the hour, day, week or month that holds now, up to now. Levels (backlog,
// what is open) are those of now.
//
// No row. A count without a row is 0 and a level without one is 0: nothing
// came, nothing is open. A duration or a ratio without a row has no value:
// missing data. A group is known from the first tick at which it has a row.
//
// Sample size. `n` is what `min_n` is held against: finished spans (and those
// who wait, where they are in the mean), decided deadlines, reviewed responses,
// counted cases. Formulas and the use of agent time have no observations to
// count: n is 0 and min_n does not apply, as on a scorecard.
//
// Contributors of a notification are the observations that drove its number
// most (the slowest answers, the worst misses, the oldest cases), at most five,
// then those of its scope and group who wait for an answer at the tick, at most
// five more; docs/scaling.md says whom for each KPI. The engine knows those of
// the past by name only for the rules of the Config that it was made from.
//
// A monitor of its own thread is not needed: a const method may be called
// concurrently, any other needs the monitor for itself. The monitor keeps no
// reference to the engine.
//
// This file defines ScalingMonitor; TickResult and Alert are those of
// scaling/rule_set.h.

#ifndef CCKPI_ENGINE_SCALING_MONITOR_H_
#define CCKPI_ENGINE_SCALING_MONITOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cckpi/engine/engine.h"
#include "cckpi/kpi/config.h"
#include "cckpi/scaling/rule_set.h"

namespace cckpi {

class ScalingMonitor {
 public:
  // InvalidArgument when a rule is not whole, names a rule or calendar that
  // does not exist, or rules inhibit each other in a circle.
  static absl::StatusOr<ScalingMonitor> Create(const Config& config);
  ~ScalingMonitor();
  ScalingMonitor(ScalingMonitor&&) noexcept;
  ScalingMonitor& operator=(ScalingMonitor&&) noexcept;

  // One tick of every rule. Advance the engine to `now` first, else
  // FailedPrecondition, as for one that was put together from several shards
  // (Engine::Together). Ticks come in the order of time: one that is not
  // after the last changes nothing. On an error nothing has changed.
  absl::StatusOr<TickResult> Tick(const Engine& engine, absl::Time now);

  // Somebody takes care of an incident: no more repeats and ladder steps.
  // The first acknowledgement counts. NotFound when no such incident is open.
  absl::Status Acknowledge(std::string_view incident, std::string_view by,
                           absl::Time when);

  // Every rule and known group, in the order of rules and groups.
  std::vector<Alert> Alerts() const;

  // The last tick; kNoTime before the first.
  int64_t last_tick_us() const;

  // For replays: the earliest instant after the last tick at which a tick
  // could change anything or send something while no event comes; kNever if
  // none. Ticks before it may be left out; Skip says which was the last of
  // them.
  int64_t NextChange(const Engine& engine) const;
  void Skip(absl::Time last);

  // The states as bytes: versioned, checksummed, the same for the same
  // states. Restore replaces all states by saved ones; rules that the
  // configuration no longer has are left out, and bands are found by their
  // level. InvalidArgument or DataLoss for anything else than saved bytes;
  // then nothing has changed.
  std::string Save() const;
  absl::Status Restore(std::string_view bytes);

 private:
  class Impl;
  explicit ScalingMonitor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cckpi

#endif  // CCKPI_ENGINE_SCALING_MONITOR_H_
