// A small log that fills every section of a snapshot, and its configuration.

#ifndef CCKPI_TESTS_ORACLE_DURABLE_LOG_H_
#define CCKPI_TESTS_ORACLE_DURABLE_LOG_H_

#include <algorithm>
#include <tuple>
#include <utility>

#include "cckpi/engine/engine.h"
#include "cckpi/io/config_json.h"
#include "oracle/oracle_test_log.h"

namespace cckpi::oracle {

inline Config DurableConfig() {
  return *ParseConfig(R"({
    "time_zone": "Europe/Madrid", "allowed_lateness": "30m",
    "auto_close_after": "3h", "duplicate_window": "2h", "fcr_window": "1d",
    "calendars": {"office": {"time_zone": "Europe/Madrid", "weekly": {
        "mon": [["09:00", "14:00"], ["15:00", "18:00"]]}}},
    "schedules": [{"calendar": "office", "team": "billing"}],
    "groups": [["channel"], ["team", "agent"], ["tag.plan"]],
    "kpis": [
      {"id": "first", "kpi": "first_response_time"},
      {"id": "open", "kpi": "first_response_time", "clock": "business"},
      {"id": "waits", "kpi": "response_time", "exclude": ["hold"]},
      {"id": "pooled", "kpi": "response_time",
       "pooling": "per_interaction"},
      {"id": "solved", "kpi": "resolution_time"},
      {"id": "last", "kpi": "resolution_time", "level": "last"},
      {"id": "sl", "kpi": "service_level", "within": "15m"},
      {"id": "sl_every", "kpi": "service_level", "within": "10m",
       "stage": "every", "exclude": ["hold"]},
      {"id": "fcr", "kpi": "first_contact_resolution"},
      {"id": "accuracy", "kpi": "accuracy"},
      {"id": "backlog", "kpi": "backlog"}, {"id": "bot", "kpi": "bot_outcome"},
      {"id": "csat", "kpi": "satisfaction"},
      {"id": "forecast", "kpi": "forecast_accuracy"},
      {"id": "arrivals", "kpi": "arrivals"},
      {"id": "occupancy", "kpi": "occupancy"},
      {"id": "aht", "kpi": "handle_time"},
      {"id": "states", "kpi": "state_time"}],
    "scaling_matrix": [
      {"id": "slow", "kpi": "first", "by": ["channel"], "window": "1h",
       "target": "<=15m", "bands": [{"level": "warning", "over": "15m"}]},
      {"id": "late", "kpi": "sl_every", "target": ">=90%",
       "bands": [{"level": "warning", "over": "90%"}]},
      {"id": "long", "kpi": "aht", "window": "day",
       "target": "<=20m", "bands": [{"level": "warning", "over": "20m"}]},
      {"id": "wrong", "kpi": "accuracy", "window": "8h",
       "target": ">=90%", "bands": [{"level": "warning", "over": "90%"}]}]
    })");
}

// The same, but that interactions are forgotten soon.
inline Config ForgetfulConfig() {
  Config config = DurableConfig();
  config.forget_closed_after_us = 20 * kMinute;
  return config;
}

inline Log DurableLog() {
  static const Tag kPlan[] = {{"plan", "gold"}};
  static const ErrorCount kErrors[] = {{"critical", 1}};
  Log log;
  auto add = [&log](Event event, const char* interaction,
                    const char* customer = "") -> Event& {
    event.interaction = interaction;
    event.customer = customer;
    log.push_back(event);
    return log.back();
  };
  auto state = [&log](std::string_view time, const char* agent,
                      const char* name) {
    Event event = Of(EventKind::kAgentState, time);
    event.interaction = {};
    event.agent = agent;
    event.state = name;
    log.push_back(event);
  };
  Event forecast = Of(EventKind::kForecast, "09:00");
  forecast.interaction = {};
  forecast.channel = "chat";
  forecast.interval_s = 3600;
  forecast.volume_micro = 2'500'000;
  log.push_back(forecast);
  state("08:55", "ann", "available");
  state("08:58", "bob", "training");
  Event& first = add(Customer("09:00"), "A-1", "carla");
  first.channel = "chat";
  first.id = "e1";
  first.tags = kPlan;
  add(Bot("09:01"), "A-1");
  add(Handoff("09:02"), "A-1");
  add(Queued("09:03", "billing"), "A-1");
  add(Assigned("09:04", "ann"), "A-1").id = "e5";
  Event& answer = add(Agent("09:10", "ann"), "A-1");
  answer.message = "m-1";
  add(Customer("09:20"), "A-1");
  add(Of(EventKind::kHold, "09:22"), "A-1");
  add(Of(EventKind::kResumed, "09:30"), "A-1");
  add(Agent("09:35", "ann"), "A-1");
  Event& review = add(Of(EventKind::kReviewed, "09:40"), "A-1");
  review.agent = "ann";
  review.message = "m-1";
  review.errors = kErrors;
  add(Resolved("09:50", "ann"), "A-1");
  Event& survey = add(Of(EventKind::kSurveyed, "09:55"), "A-1");
  survey.score_micro = 4'000'000;
  survey.scale_micro = 5'000'000;
  add(Customer("10:05"), "A-1");
  Event& other = add(Customer("10:00"), "B-2", "carla");
  other.channel = "email";
  other.priority = "high";
  add(Assigned("10:10", "bob"), "B-2");
  Event& focus = add(Of(EventKind::kFocus, "10:12"), "B-2");
  focus.agent = "bob";
  add(Agent("10:15", "bob"), "B-2");
  add(Resolved("10:20", "bob"), "B-2");
  add(Customer("10:18"), "C-3");
  add(Of(EventKind::kDiscarded, "10:19"), "C-3");
  add(Customer("10:25"), "D-4", "dora").channel = "chat";
  add(Agent("10:58", "ann"), "D-4").id = "e99";
  add(Customer("11:05"), "D-4").id = "e100";
  state("11:10", "ann", "break");
  add(Customer("11:15"), "E-5", "emil").tags = kPlan;
  return log;
}

// And cases that were answered and closed: of 10:04, whose customer is not
// known, and of 10:40.
inline Log ForgetfulLog() {
  Log log = DurableLog();
  for (const auto& [interaction, customer, from_us] :
       {std::make_tuple("F-6", "", At("10:00")),
        std::make_tuple("G-7", "gina", At("10:36"))}) {
    Event events[] = {Customer("10:00"), Agent("10:00"), Resolved("10:00")};
    for (Event& event : events) {
      event.at_us = from_us + (&event - events) * 2 * kMinute;
      event.interaction = interaction;
      event.customer = customer;
      log.push_back(event);
    }
  }
  std::stable_sort(log.begin(), log.end(), [](const Event& a, const Event& b) {
    return a.at_us < b.at_us;
  });
  return log;
}

// And an agent whom nobody logged out for three weeks.
inline Log LongLog() {
  Log log = ForgetfulLog();
  Event event = Of(EventKind::kAgentState, "09:00");
  event.at_us -= 21 * kDay;
  event.interaction = {};
  event.agent = "zoe";
  event.state = "available";
  log.insert(log.begin(), event);
  return log;
}

// The log, up to 11:15; what came after 10:45 is not final.
inline Engine EngineAfter(const Config& config, Log log,
                          EngineOptions options) {
  Engine engine = *Engine::Create(config, std::move(options));
  Event late = Customer("07:00");
  log.push_back(late);
  engine.Ingest(log, {.source = "day.jsonl", .rows = {}});
  Event again = Customer("11:15");
  engine.Ingest({&again, 1});
  return engine;
}
inline Engine DurableEngine(EngineOptions options = {}) {
  return EngineAfter(DurableConfig(), DurableLog(), std::move(options));
}
// What was closed before 10:25 is forgotten.
inline Engine ForgetfulEngine(EngineOptions options = {}) {
  return EngineAfter(ForgetfulConfig(), ForgetfulLog(), std::move(options));
}
// The same with the agent of three weeks.
inline Engine LongEngine(EngineOptions options = {}) {
  return EngineAfter(ForgetfulConfig(), LongLog(), std::move(options));
}

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_DURABLE_LOG_H_
