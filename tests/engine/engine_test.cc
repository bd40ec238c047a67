// The engine's contract: order, duplicates, lateness, answers before and after
// events become final, refusals, explanations, selection and errors.

#include "cckpi/engine/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "oracle/oracle_test_log.h"

namespace cckpi {
namespace {

using oracle::Agent;
using oracle::At;
using oracle::Customer;
using oracle::kNow;
using oracle::Log;
using oracle::Of;
using oracle::Queued;
using oracle::Resolved;
using oracle::Spec;

// Two cases answered in 10 and 30 minutes.
Log TwoCases() {
  Log log = {Customer("09:00"), Agent("09:10"), Resolved("09:20"),
             Customer("10:00"), Agent("10:30"), Resolved("11:00")};
  const char* ids[] = {"a", "b", "c", "d", "e", "f"};
  for (size_t i = 0; i < log.size(); ++i) log[i].id = ids[i];
  return log;
}

Config With(std::vector<KpiSpec> kpis, int64_t lateness_us = kDay) {
  Config config;
  config.kpis_given = true;
  config.kpis = std::move(kpis);
  config.allowed_lateness_us = lateness_us;
  return config;
}

Engine Made(const Config& config, EngineOptions options = {}) {
  return *Engine::Create(config, std::move(options));
}

Query Total(std::vector<std::string> kpis = {}) {
  Query query;
  query.by = GroupBy();
  query.kpis = std::move(kpis);
  return query;
}

// KPI, begin, value and integer figures of every row, one line each.
std::string Lines(const Engine& engine, const Query& query) {
  absl::StatusOr<Report> report = engine.Ask(query);
  if (!report.ok()) return report.status().ToString();
  std::string text;
  for (const ReportRow& row : report->rows) {
    text += row.kpi.str() + " " + FormatTime(row.begin_us) + " " +
            std::to_string(row.value.value_or(-1));
    for (const Figure& figure : row.figures) {
      if (auto* number = std::get_if<int64_t>(&figure.value)) {
        text += " " + figure.name + "=" + std::to_string(*number);
      }
    }
    text += "\n";
  }
  return text;
}

TEST(EngineTest, AnyArrivalOrderGivesTheSameAnswer) {
  Log log = TwoCases();
  Engine sorted = Made(With({Spec(Kpi::kFirstResponseTime)}));
  sorted.Ingest(log);
  const std::string expected = Lines(sorted, Total());
  EXPECT_NE(expected.find("count=2"), std::string::npos);
  EXPECT_NE(expected.find("1200.0"), std::string::npos);  // mean of 10, 30 min
  std::reverse(log.begin(), log.end());
  Engine reversed = Made(With({Spec(Kpi::kFirstResponseTime)}));
  for (const Event& event : log) reversed.Ingest({&event, 1});
  EXPECT_EQ(Lines(reversed, Total()), expected);
}

// Once the window is over nothing tells that the responses had names.
TEST(EngineTest, ResponsesAreRememberedForTheReviewWindow) {
  Config config = With({Spec(Kpi::kAccuracy)}, 0);
  config.review_window_us = kHour;
  Log named = TwoCases();  // responses at 09:10 and 10:30
  named[1].message = "m1";
  named[4].message = "m2";
  Engine with = Made(config);
  Engine without = Made(config);
  with.Ingest(named);
  without.Ingest(TwoCases());
  const int64_t last = At("11:30");
  ASSERT_TRUE(with.Advance(absl::FromUnixMicros(last)).ok());
  ASSERT_TRUE(without.Advance(absl::FromUnixMicros(last)).ok());
  EXPECT_NE(*with.Save(), *without.Save());
  EXPECT_GT(with.memory_bytes(), without.memory_bytes());
  ASSERT_TRUE(with.Advance(absl::FromUnixMicros(last + 1)).ok());
  ASSERT_TRUE(without.Advance(absl::FromUnixMicros(last + 1)).ok());
  EXPECT_EQ(*with.Save(), *without.Save());
  EXPECT_EQ(with.memory_bytes(), without.memory_bytes());
}

TEST(EngineTest, DuplicatesAreDroppedAndCounted) {
  Log log = TwoCases();
  log.push_back(log[1]);
  Engine engine = Made(With({Spec(Kpi::kMessages)}));
  engine.Ingest(log);
  absl::StatusOr<Report> report = engine.Ask(Total());
  EXPECT_EQ(report->events.applied, 6);
  EXPECT_EQ(report->events.duplicate, 1);
  EXPECT_EQ(report->rows.at(0).value, 4.0);
}

TEST(EngineTest, EventsBeforeTheWatermarkAreHandedBack) {
  Engine engine = Made(With({Spec(Kpi::kMessages)}, kHour));
  const Log first = {Customer("12:00")};
  engine.Ingest(first);
  EXPECT_EQ(engine.watermark_us(), At("11:00"));
  const Log more = {Customer("10:59"), Customer("11:00")};
  const IngestResult result = engine.Ingest(more);
  EXPECT_EQ(result.late, 1);
  EXPECT_EQ(result.accepted, 1);
  ASSERT_EQ(result.handed_back.size(), 1u);
  EXPECT_EQ(result.handed_back[0].row, 1);
  absl::StatusOr<Report> report = engine.Ask(Total());
  EXPECT_EQ(report->events.late, 1);
  EXPECT_EQ(report->rows.at(0).value, 2.0);
}

TEST(EngineTest, EachEventOfABatchHasItsStatus) {
  Engine engine = *Engine::Create(Config());
  std::vector<Event> events(3);
  for (Event& event : events) {
    event.at_us = *ParseTime("2026-03-02T09:00:00Z");
    event.interaction = "T-1";
  }
  events[1].interaction = "";
  events[2].at_us -= kHour;
  std::vector<uint8_t> status(3, 99);
  engine.Ingest(events, {}, status);
  EXPECT_EQ(status, (std::vector<uint8_t>{0, 2, 1}));
}

TEST(EngineTest, NowMovesTheWatermarkAndNeverGoesBack) {
  Engine engine = Made(With({Spec(Kpi::kMessages)}, kHour));
  EXPECT_EQ(engine.watermark_us(), kNoTime);
  ASSERT_TRUE(engine.Advance(ToTime(At("15:00"))).ok());
  EXPECT_EQ(engine.watermark_us(), At("14:00"));
  ASSERT_TRUE(engine.Advance(ToTime(At("12:00"))).ok());
  EXPECT_EQ(engine.now_us(), At("15:00"));
  EXPECT_EQ(engine.Advance(ToTime(kLatestTime)).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(EngineTest, PendingEventsAnswerAsFinalOnes) {
  std::vector<KpiSpec> kpis = {Spec(Kpi::kFirstResponseTime),
                               Spec(Kpi::kResolutionTime),
                               Spec(Kpi::kServiceLevel), Spec(Kpi::kBacklog),
                               Spec(Kpi::kFirstContactResolution)};
  Engine pending = Made(With(kpis));
  Engine committed = Made(With(kpis, 0));
  pending.Ingest(TwoCases());
  committed.Ingest(TwoCases());
  Query query = Total();
  query.every = Frequency::kHourly;
  for (Engine* engine : {&pending, &committed}) {
    ASSERT_TRUE(engine->Advance(ToTime(kNow)).ok());
  }
  EXPECT_GT(pending.sizes().pending_events, 0u);
  EXPECT_EQ(committed.sizes().pending_events, 0u);
  const std::string expected = Lines(committed, query);
  EXPECT_NE(expected, "");
  EXPECT_EQ(Lines(pending, query), expected);
  pending.Finish();
  EXPECT_EQ(pending.sizes().pending_events, 0u);
  EXPECT_EQ(Lines(pending, query), expected);
}

TEST(EngineTest, EventsAfterDiscardAreRefusedWithTheirRow) {
  Engine engine = Made(With({Spec(Kpi::kMessages)}, 0));
  const Log log = {Customer("09:00"), Of(EventKind::kDiscarded, "09:05"),
                   Agent("09:10")};
  engine.Ingest(log);
  engine.Finish();
  absl::StatusOr<Report> report = engine.Ask(Total());
  EXPECT_EQ(report->events.applied, 2);
  EXPECT_EQ(report->events.refused, 1);
  ASSERT_EQ(report->refusals.size(), 1u);
  EXPECT_EQ(report->refusals[0].row, 3);
  EXPECT_EQ(report->refusals[0].event, "i");
}

TEST(EngineTest, ABadEventIsRefusedAloneAndTheRestApplied) {
  Engine engine = Made(With({Spec(Kpi::kMessages)}));
  Log log = TwoCases();
  log[0].interaction = "";
  const IngestResult result = engine.Ingest(log);
  EXPECT_EQ(result.refused, 1);
  EXPECT_EQ(result.accepted, 5);
}

TEST(EngineTest, ExplanationsAddUpToTheNumber) {
  Engine engine = Made(With({Spec(Kpi::kFirstResponseTime)}),
                       {.explain = "first_response_time"});
  engine.Ingest(TwoCases());
  absl::StatusOr<std::vector<Explanation>> parts = engine.Explain(Total());
  ASSERT_TRUE(parts.ok()) << parts.status();
  ASSERT_EQ(parts->size(), 2u);
  EXPECT_EQ((*parts)[0].episode, 1u);
  EXPECT_EQ((*parts)[0].outcome, "done");
  EXPECT_EQ((*parts)[0].value, 10 * kMinute);
  EXPECT_EQ((*parts)[1].episode, 2u);
  EXPECT_EQ((*parts)[1].value, 30 * kMinute);
  Engine plain = Made(With({Spec(Kpi::kFirstResponseTime)}));
  EXPECT_EQ(plain.Explain(Total()).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

// What was observed is named as long as the engine explains, however long ago
// its interaction was forgotten.
TEST(EngineTest, ExplanationsNameInteractionsThatWereForgotten) {
  Config config = With({Spec(Kpi::kFirstResponseTime)}, 0);
  config.fcr_window_us = kHour;
  config.forget_closed_after_us = kHour;
  Engine engine = Made(config, {.explain = "first_response_time"});
  Log log = {Customer("09:00"), Agent("09:10"), Resolved("09:20"),
             Customer("15:00"), Agent("15:30"), Resolved("15:40")};
  for (size_t e = 0; e < log.size(); ++e) {
    log[e].interaction = e < 3 ? "the first" : "another one";
  }
  engine.Ingest(log);
  EXPECT_TRUE(engine.Advance(ToTime(At("19:00"))).ok());
  EXPECT_EQ(engine.sizes().interactions, 0u);
  const absl::StatusOr<std::vector<Explanation>> parts =
      engine.Explain(Total());
  ASSERT_TRUE(parts.ok()) << parts.status();
  ASSERT_EQ(parts->size(), 2u);
  EXPECT_EQ((*parts)[0].interaction, "the first");
  EXPECT_EQ((*parts)[1].interaction, "another one");
}

// The case is closed at 09:20, opened again at 09:30 and closed at 10:00: its
// last resolution took an hour, to the last message of the agent 50 minutes.
TEST(EngineTest, ExplanationsLeaveOutAResolutionThatALaterOneReplaced) {
  for (const auto& [end, value] :
       {std::pair(SpanEnd::kClose, 60 * kMinute),
        std::pair(SpanEnd::kLastAgentMessage, 50 * kMinute)}) {
    KpiSpec spec = Spec(Kpi::kResolutionTime);
    spec.level = ResolutionLevel::kLast;
    spec.to = end;
    Engine engine = Made(With({spec}), {.explain = "resolution_time"});
    const Log log = {Customer("09:00"),        Agent("09:10"),
                     Resolved("09:20", "ann"), Customer("09:30"),
                     Agent("09:50"),           Resolved("10:00", "ann")};
    engine.Ingest(log);
    engine.Finish();
    const absl::StatusOr<std::vector<Explanation>> parts =
        engine.Explain(Total());
    ASSERT_TRUE(parts.ok()) << parts.status();
    ASSERT_EQ(parts->size(), 1u);
    EXPECT_EQ((*parts)[0].episode, 2u);
    EXPECT_EQ((*parts)[0].value, value);
  }
}

// The case is in team "a" for an instant, which leaves nothing there and opens
// nothing; then in "b", where it is an hour old.
TEST(EngineTest, AGroupThatWasPassedThroughTakesNoAgeFromTheNext) {
  Engine engine = Made(With({Spec(Kpi::kBacklog)}, 0));
  Event first = Customer("09:00");
  first.channel = "chat";
  const Log log = {first, Queued("09:00", "a"), Queued("10:00", "b")};
  engine.Ingest(log);
  engine.Finish();
  Query query;
  query.by = GroupBy{{Dimension::Field::kTeam, ""}};
  const absl::StatusOr<Report> report = engine.Ask(query);
  ASSERT_TRUE(report.ok()) << report.status();
  std::map<std::string, int64_t> oldest_us;
  for (const ReportRow& row : report->rows) {
    for (const Figure& figure : row.figures) {
      const auto* number = std::get_if<int64_t>(&figure.value);
      if (figure.name != "oldest_us" || number == nullptr) continue;
      oldest_us[row.group[0].second.value_or("")] = *number;
    }
  }
  EXPECT_EQ(oldest_us, (std::map<std::string, int64_t>{{"b", kHour}}));
}

TEST(EngineTest, QueriesSelectByIdAndByName) {
  KpiSpec named = Spec(Kpi::kMessages);
  named.id = "mine";
  Engine engine = Made(With({named, Spec(Kpi::kArrivals)}));
  engine.Ingest(TwoCases());
  EXPECT_EQ(engine.Ask(Total({"mine"}))->rows.at(0).kpi, "messages");
  EXPECT_EQ(engine.Ask(Total({"messages"}))->rows.at(0).id, "mine");
  EXPECT_EQ(engine.Ask(Total({"arrivals"}))->rows.at(0).value, 2.0);
  EXPECT_EQ(engine.Ask(Total())->rows.size(), 2u);
  EXPECT_EQ(engine.Ask(Total({"none"})).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(EngineTest, WindowsCutTheAnswerAndGroupsMustBeKept) {
  Engine engine = Made(With({Spec(Kpi::kMessages)}));
  engine.Ingest(TwoCases());
  Query hourly = Total();
  hourly.every = Frequency::kHourly;
  EXPECT_EQ(engine.Ask(hourly)->rows.size(), 2u);  // 09:00 and 10:00
  hourly.begin_us = At("10:00");
  EXPECT_EQ(engine.Ask(hourly)->rows.size(), 1u);
  Query grouped = Total();
  grouped.by = GroupBy{{Dimension::Field::kPriority, ""}};
  EXPECT_EQ(engine.Ask(grouped).status().code(), absl::StatusCode::kNotFound);
}

TEST(EngineTest, FormulasReadOtherKpis) {
  KpiSpec share = Spec(Kpi::kFormula);
  share.id = "share";
  share.formula = "answered / arrivals";
  Engine engine =
      Made(With({Spec(Kpi::kAnswered), Spec(Kpi::kArrivals), share}));
  engine.Ingest(TwoCases());
  EXPECT_EQ(engine.Ask(Total({"share"}))->rows.at(0).value, 1.0);
}

TEST(EngineTest, WhatIsWrongWithTheConfigurationIsNamed) {
  Config config = With({Spec(Kpi::kMessages)});
  config.time_zone = "Mars/Olympus";
  EXPECT_EQ(Engine::Create(config).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Engine::Create(With({Spec(Kpi::kMessages)}), {.explain = "none"})
                .status()
                .code(),
            absl::StatusCode::kNotFound);
}

// A level has a row in every window while it lasts.
TEST(EngineTest, RefusesAnAnswerOfMoreRowsThanAreWanted) {
  for (Kpi kpi : {Kpi::kBacklog, Kpi::kResolutionTime, Kpi::kStateTime}) {
    SCOPED_TRACE(static_cast<int>(kpi));
    Engine engine = Made(With({Spec(kpi)}));
    Event ready;
    ready.kind = EventKind::kAgentState;
    ready.at_us = At("09:00");
    ready.agent = "ana";
    ready.state = "available";
    std::vector<Event> events = {ready, Customer("09:00"), Customer("09:00")};
    events[2].interaction = "other";
    events[2].at_us += 30 * kDay;
    const IngestResult taken = engine.Ingest(events);
    ASSERT_EQ(taken.accepted, 3) << taken.handed_back.front().reason;
    Query query = Total();
    query.every = Frequency::kBucket;
    absl::StatusOr<Report> all = engine.Ask(query);
    ASSERT_TRUE(all.ok()) << all.status();
    ASSERT_GE(all->rows.size(), 30u * 96);
    query.max_rows = all->rows.size();
    EXPECT_TRUE(engine.Ask(query).ok());
    EXPECT_TRUE(engine.AskAll(std::vector<Query>{query, query}).ok());
    --query.max_rows;
    EXPECT_EQ(engine.Ask(query).status().code(),
              absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(engine.AskAll(std::vector<Query>{query, query}).status().code(),
              absl::StatusCode::kResourceExhausted);
  }
}

// Rows of all KPIs count together.
TEST(EngineTest, CountsRowsOfAllKpisTogether) {
  Engine engine = Made(With({Spec(Kpi::kBacklog), Spec(Kpi::kResolutionTime)}));
  ASSERT_EQ(engine.Ingest(std::vector<Event>{Customer("09:00")}).accepted, 1);
  Query query = Total();
  query.max_rows = 2;
  EXPECT_TRUE(engine.Ask(query).ok());
  query.max_rows = 1;
  EXPECT_EQ(engine.Ask(query).status().code(),
            absl::StatusCode::kResourceExhausted);
}

// 16 things that each of four fields may say are 65,536 combinations; one more
// of a field is too much.
TEST(EngineTest, RefusesRulesThatMakeTooManyCombinations) {
  Config config = With({Spec(Kpi::kMessages)});
  config.calendars.emplace("office", CalendarSpec());
  for (std::string ScheduleRule::*field :
       {&ScheduleRule::team, &ScheduleRule::channel, &ScheduleRule::source,
        &ScheduleRule::priority}) {
    for (int n = 1; n <= 15; ++n) {
      ScheduleRule rule;
      rule.calendar = "office";
      rule.*field = std::to_string(n);
      config.schedules.push_back(rule);
    }
  }
  EXPECT_TRUE(Engine::Create(config).ok());
  config.schedules.push_back({.calendar = "office", .team = "16"});
  EXPECT_EQ(Engine::Create(config).status().message(),
            "schedules: the teams, channels, sources and priorities that they "
            "name make 69632 combinations, more than 65536");
}

}  // namespace
}  // namespace cckpi
