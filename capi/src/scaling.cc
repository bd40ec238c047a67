// Entry points of the scaling matrix: monitors, single rules, tests of rules.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "capi/src/answer_tables.h"
#include "capi/src/guard.h"
#include "capi/src/handles.h"
#include "capi/src/scaling_tables.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"
#include "cckpi/calendar/opening_hours.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/io/alert_script.h"
#include "cckpi/scaling/state_bytes.h"

namespace cckpi::capi {
namespace {

absl::Status CheckMonitor(const cckpi_monitor* monitor) {
  CCKPI_RETURN_IF_ERROR(CheckHandle("monitor", monitor, Mark::kMonitor));
  if (!monitor->damaged) return absl::OkStatus();
  return absl::DataLossError(
      "the monitor ran out of memory in the middle of a change; restore it "
      "from what was saved last");
}

absl::Status CheckInstant(std::string_view argument, int64_t at_us) {
  if (at_us >= kEarliestTime && at_us < kLatestTime) return absl::OkStatus();
  return Invalid(argument, "outside 1990-01-01 to 2100-01-01");
}

// Both tables of a tick, made before either is given.
absl::Status GiveTick(std::span<const Transition> transitions,
                      std::span<const Notification> notifications,
                      const AlertStyle& style, cckpi_table** out_transitions,
                      cckpi_table** out_notifications) {
  std::unique_ptr<cckpi_table> first;
  std::unique_ptr<cckpi_table> second;
  if (out_transitions != nullptr) {
    CCKPI_ASSIGN_OR_RETURN(TableData data, TransitionTable(transitions, style));
    first = MakeTable(std::move(data));
  }
  if (out_notifications != nullptr) {
    CCKPI_ASSIGN_OR_RETURN(TableData data,
                           NotificationTable(notifications, style));
    second = MakeTable(std::move(data));
  }
  if (out_transitions != nullptr) *out_transitions = first.release();
  if (out_notifications != nullptr) *out_notifications = second.release();
  return absl::OkStatus();
}

std::vector<std::string> LevelsOf(const ScalingRule& rule) {
  std::vector<std::string> levels;
  for (const Band& band : rule.bands) levels.push_back(band.level);
  return levels;
}

std::optional<ExactValue> ReadValue(int64_t micro) {
  if (micro == CCKPI_NO_VALUE) return std::nullopt;
  return ExactValue::OfMicro(micro);
}

// A rule's tick; the burn readings are kept in `burns`.
absl::StatusOr<RuleTick> ReadReading(const cckpi_rule_reading* reading,
                                     size_t bands,
                                     std::vector<BurnReading>* burns) {
  cckpi_rule_reading own;
  CCKPI_RETURN_IF_ERROR(ReadStruct("reading", reading, &own,
                                   Presence::kRequired,
                                   CCKPI_RULE_MUTED | CCKPI_RULE_INHIBITED));
  CCKPI_RETURN_IF_ERROR(CheckInstant("reading.now_us", own.now_us));
  if (own.value_denominator < 0) {
    return Invalid("reading.value_denominator", "is negative");
  }
  if (own.observations < 0) {
    return Invalid("reading.observations", "is negative");
  }
  RuleTick tick;
  tick.now_us = own.now_us;
  tick.n = own.observations;
  if (own.value_micro != CCKPI_NO_VALUE) {
    tick.value =
        ExactValue::Of(own.value_micro,
                       own.value_denominator == 0 ? 1 : own.value_denominator);
  }
  if ((own.flags & CCKPI_RULE_MUTED) != 0) {
    tick.silence = Silence::kMuted;
  } else if ((own.flags & CCKPI_RULE_INHIBITED) != 0) {
    tick.silence = Silence::kInhibited;
  }
  if (own.burn_count == 0) return tick;
  if (own.burn_count != bands) {
    return Invalid(
        "reading.burn_count",
        absl::StrCat("is ", own.burn_count, " for ", bands, " bands"));
  }
  for (const int64_t* list :
       {own.burn_long_micro, own.burn_short_micro, own.burn_observations}) {
    CCKPI_RETURN_IF_ERROR(
        CheckArray("reading.burns", list, own.burn_count, sizeof(*list)));
  }
  for (size_t b = 0; b < own.burn_count; ++b) {
    if (own.burn_observations[b] < 0) {
      return Invalid("reading.burn_observations", "is negative");
    }
    burns->push_back({ReadValue(own.burn_long_micro[b]),
                      ReadValue(own.burn_short_micro[b]),
                      own.burn_observations[b]});
  }
  tick.burns = *burns;
  return tick;
}

}  // namespace
}  // namespace cckpi::capi

using namespace cckpi;        // NOLINT: the entry points stand outside
using namespace cckpi::capi;  // NOLINT

extern "C" {

cckpi_code cckpi_monitor_create(const cckpi_config* config,
                                cckpi_monitor** out_monitor,
                                cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckOptional("config", config, Mark::kConfig));
    if (out_monitor == nullptr) return Missing("out_monitor");
    const Config fallback;
    const Config& chosen = config != nullptr ? config->config : fallback;
    auto monitor = std::make_unique<cckpi_monitor>();
    CCKPI_ASSIGN_OR_RETURN(ScalingMonitor made, ScalingMonitor::Create(chosen));
    CCKPI_ASSIGN_OR_RETURN(monitor->zone, LoadZone(chosen.time_zone));
    monitor->monitor.emplace(std::move(made));
    monitor->writer = std::make_shared<AlertWriter>(chosen);
    *out_monitor = monitor.release();
    return Outcome();
  });
}

void cckpi_monitor_destroy(cckpi_monitor* monitor) {
  Destroy(monitor, Mark::kMonitor);
}

cckpi_code cckpi_monitor_status(const cckpi_monitor* monitor) {
  return Guard(nullptr, [&]() -> Outcome { return CheckMonitor(monitor); });
}

cckpi_code cckpi_monitor_tick(cckpi_monitor* monitor,
                              const cckpi_engine* engine, int64_t now_us,
                              cckpi_table** out_transitions,
                              cckpi_table** out_notifications,
                              cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckMonitor(monitor));
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    CCKPI_RETURN_IF_ERROR(CheckInstant("now_us", now_us));
    Change change(monitor);
    absl::StatusOr<TickResult> result =
        monitor->monitor->Tick(*engine->engine, ToTime(now_us));
    absl::Status status = result.status();
    if (status.ok()) {
      status = GiveTick(result->transitions, result->notifications,
                        {monitor->writer, monitor->zone}, out_transitions,
                        out_notifications);
    }
    change.Complete();
    return status;
  });
}

cckpi_code cckpi_monitor_acknowledge(cckpi_monitor* monitor,
                                     const char* incident, size_t incident_size,
                                     const char* by, size_t by_size,
                                     int64_t when_us, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckMonitor(monitor));
    CCKPI_RETURN_IF_ERROR(CheckText("incident", incident, incident_size));
    CCKPI_RETURN_IF_ERROR(CheckText("by", by, by_size));
    CCKPI_RETURN_IF_ERROR(CheckInstant("when_us", when_us));
    Change change(monitor);
    absl::Status status = monitor->monitor->Acknowledge(
        View(incident, incident_size), View(by, by_size), ToTime(when_us));
    change.Complete();
    return status;
  });
}

cckpi_code cckpi_monitor_alerts(const cckpi_monitor* monitor,
                                cckpi_table** out_alerts, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckMonitor(monitor));
    const std::vector<Alert> alerts = monitor->monitor->Alerts();
    return GiveTable(AlertTable(alerts, {monitor->writer, monitor->zone}),
                     "out_alerts", out_alerts);
  });
}

int64_t cckpi_monitor_last_tick(const cckpi_monitor* monitor) {
  if (!IsGood(monitor, Mark::kMonitor) || monitor->damaged) return kNoTime;
  return monitor->monitor->last_tick_us();
}

int64_t cckpi_monitor_next_change(const cckpi_monitor* monitor,
                                  const cckpi_engine* engine) {
  int64_t next = kNever;
  const cckpi_code code = Guard(nullptr, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckMonitor(monitor));
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    next = monitor->monitor->NextChange(*engine->engine);
    return Outcome();
  });
  return code == CCKPI_OK ? next : kNever;
}

cckpi_code cckpi_monitor_skip(cckpi_monitor* monitor, int64_t last_us,
                              cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckMonitor(monitor));
    CCKPI_RETURN_IF_ERROR(CheckInstant("last_us", last_us));
    Change change(monitor);
    monitor->monitor->Skip(ToTime(last_us));
    change.Complete();
    return Outcome();
  });
}

cckpi_code cckpi_monitor_save(const cckpi_monitor* monitor,
                              cckpi_buffer** out_bytes, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckMonitor(monitor));
    if (out_bytes == nullptr) return Missing("out_bytes");
    *out_bytes = MakeBuffer(monitor->monitor->Save()).release();
    return Outcome();
  });
}

cckpi_code cckpi_monitor_restore(cckpi_monitor* monitor, const char* bytes,
                                 size_t size, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    // Also of a damaged one: all of its states are replaced.
    CCKPI_RETURN_IF_ERROR(CheckHandle("monitor", monitor, Mark::kMonitor));
    CCKPI_RETURN_IF_ERROR(CheckText("bytes", bytes, size));
    const bool was_damaged = monitor->damaged;
    Change change(monitor);
    absl::Status status = monitor->monitor->Restore(View(bytes, size));
    if (status.ok() || !was_damaged) change.Complete();
    return status;
  });
}

cckpi_code cckpi_rule_create(const cckpi_config* config, const char* id,
                             size_t id_size, cckpi_rule** out_rule,
                             cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckHandle("config", config, Mark::kConfig));
    CCKPI_RETURN_IF_ERROR(CheckText("id", id, id_size));
    if (out_rule == nullptr) return Missing("out_rule");
    for (const ScalingRule& rule : config->config.scaling_matrix) {
      if (rule.id != View(id, id_size)) continue;
      auto made = std::make_unique<cckpi_rule>();
      CCKPI_ASSIGN_OR_RETURN(RuleEvaluator evaluator,
                             RuleEvaluator::Create(rule));
      CCKPI_ASSIGN_OR_RETURN(made->zone, LoadZone(config->config.time_zone));
      made->evaluator.emplace(std::move(evaluator));
      made->writer = std::make_shared<AlertWriter>(config->config);
      *out_rule = made.release();
      return Outcome();
    }
    return absl::NotFoundError("id: there is no such rule");
  });
}

void cckpi_rule_destroy(cckpi_rule* rule) { Destroy(rule, Mark::kRule); }

cckpi_code cckpi_rule_tick(cckpi_rule* rule, const cckpi_rule_reading* reading,
                           cckpi_table** out_transitions,
                           cckpi_table** out_notifications,
                           cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckHandle("rule", rule, Mark::kRule));
    std::vector<BurnReading> burns;
    CCKPI_ASSIGN_OR_RETURN(
        RuleTick tick,
        ReadReading(reading, rule->evaluator->rule().bands.size(), &burns));
    Evaluation result = rule->evaluator->Evaluate(rule->state, tick);
    CCKPI_RETURN_IF_ERROR(GiveTick(result.transitions, result.notifications,
                                   {rule->writer, rule->zone}, out_transitions,
                                   out_notifications));
    rule->state = std::move(result.state);
    return Outcome();
  });
}

cckpi_code cckpi_rule_acknowledge(cckpi_rule* rule, const char* by,
                                  size_t by_size, int64_t when_us,
                                  cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckHandle("rule", rule, Mark::kRule));
    CCKPI_RETURN_IF_ERROR(CheckText("by", by, by_size));
    CCKPI_RETURN_IF_ERROR(CheckInstant("when_us", when_us));
    RuleState state = rule->state;
    CCKPI_RETURN_IF_ERROR(
        RuleEvaluator::Acknowledge(View(by, by_size), when_us, state));
    rule->state = std::move(state);
    return Outcome();
  });
}

cckpi_code cckpi_rule_alert(const cckpi_rule* rule, cckpi_table** out_alert,
                            cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckHandle("rule", rule, Mark::kRule));
    const ScalingRule& own = rule->evaluator->rule();
    Alert alert{.rule = own.id, .state = rule->state};
    if (alert.state.level >= 0) {
      alert.level = own.bands[static_cast<size_t>(alert.state.level)].level;
    }
    return GiveTable(AlertTable({&alert, 1}, {rule->writer, rule->zone}),
                     "out_alert", out_alert);
  });
}

cckpi_code cckpi_rule_save(const cckpi_rule* rule, cckpi_buffer** out_bytes,
                           cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckHandle("rule", rule, Mark::kRule));
    if (out_bytes == nullptr) return Missing("out_bytes");
    SavedRules saved;
    saved.rules.push_back({rule->evaluator->rule().id,
                           LevelsOf(rule->evaluator->rule()),
                           {{{}, rule->state}}});
    *out_bytes = MakeBuffer(SaveRules(saved)).release();
    return Outcome();
  });
}

cckpi_code cckpi_rule_restore(cckpi_rule* rule, const char* bytes, size_t size,
                              cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckHandle("rule", rule, Mark::kRule));
    CCKPI_RETURN_IF_ERROR(CheckText("bytes", bytes, size));
    CCKPI_ASSIGN_OR_RETURN(SavedRules saved, RestoreRules(View(bytes, size)));
    const ScalingRule& own = rule->evaluator->rule();
    if (saved.rules.size() != 1 || saved.rules[0].id != own.id ||
        saved.rules[0].states.size() != 1 ||
        !saved.rules[0].states[0].group.empty()) {
      return Invalid("bytes", absl::StrCat("are not the state of rule \"",
                                           own.id, "\" alone"));
    }
    CCKPI_ASSIGN_OR_RETURN(rule->state,
                           WithBands(std::move(saved.rules[0].states[0].state),
                                     saved.rules[0].levels, own.bands));
    return Outcome();
  });
}

cckpi_code cckpi_config_test_alerts(const cckpi_config* config,
                                    const char* script, size_t size,
                                    cckpi_table** out_failures,
                                    int64_t* out_cases, int64_t* out_failed,
                                    cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckOptional("config", config, Mark::kConfig));
    CCKPI_RETURN_IF_ERROR(CheckText("script", script, size));
    std::function<absl::StatusOr<Config>(const std::string&)> load;
    if (config != nullptr) {
      load = [config](const std::string&) { return config->config; };
    }
    CCKPI_ASSIGN_OR_RETURN(AlertScriptResult result,
                           RunAlertScript(View(script, size), load));
    if (out_failures != nullptr) {
      TableBuilder builder;
      const size_t failure = builder.AddColumn("failure", CCKPI_TYPE_TEXT);
      for (const std::string& text : result.failures) {
        builder.Text(failure, text);
        builder.EndRow();
      }
      CCKPI_RETURN_IF_ERROR(GiveTable(Finished(std::move(builder), Zone()),
                                      "out_failures", out_failures));
    }
    if (out_cases != nullptr) *out_cases = result.cases;
    if (out_failed != nullptr) *out_failed = result.failed;
    return Outcome();
  });
}

}  // extern "C"
