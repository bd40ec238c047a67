// The edge cases of the definitions, one test each, with the figures of every
// KPI that they touch worked out by hand. All of it on Monday 2026-03-02, T is
// 15 minutes, asked at 20:00.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/engine/engine.h"
#include "oracle/oracle_test_log.h"

namespace cckpi {
namespace {

using oracle::Agent;
using oracle::Assigned;
using oracle::At;
using oracle::AutoClosed;
using oracle::Bot;
using oracle::Customer;
using oracle::Handoff;
using oracle::kNow;
using oracle::Log;
using oracle::Of;
using oracle::Queued;
using oracle::Resolved;
using oracle::Spec;
using oracle::WithResponse;
using oracle::WithStage;

const KpiSpec kFirst = Spec(Kpi::kFirstResponseTime);
const KpiSpec kWait = Spec(Kpi::kResponseTime);
const KpiSpec kResolution = Spec(Kpi::kResolutionTime);
const KpiSpec kLevel = Spec(Kpi::kServiceLevel);
const KpiSpec kLevelEvery = WithStage(kLevel, Stage::kEvery);
const KpiSpec kContact = Spec(Kpi::kFirstContactResolution);
const KpiSpec kInBacklog = Spec(Kpi::kBacklog);

KpiSpec To(KpiSpec spec, SpanEnd end) {
  spec.to = end;
  return spec;
}
KpiSpec Ruled(ContactRule rule) {
  KpiSpec spec = kContact;
  spec.contact = rule;
  return spec;
}

// The integer figures of the total, by name; none: no row.
std::map<std::string, int64_t> Total(const KpiSpec& spec, const Log& log,
                                     Config config = {}) {
  config.kpis_given = true;
  config.kpis = {spec};
  absl::StatusOr<Engine> engine = Engine::Create(config);
  EXPECT_TRUE(engine.ok()) << engine.status();
  if (!engine.ok()) return {};
  engine->Ingest(log);
  EXPECT_TRUE(engine->Advance(ToTime(kNow)).ok());
  Query query;
  query.by = GroupBy();
  absl::StatusOr<Report> report = engine->Ask(query);
  EXPECT_TRUE(report.ok()) << report.status();
  std::map<std::string, int64_t> figures;
  if (!report.ok() || report->rows.empty()) return figures;
  EXPECT_EQ(report->rows.size(), 1u);
  for (const Figure& figure : report->rows[0].figures) {
    if (auto* number = std::get_if<int64_t>(&figure.value)) {
      figures[figure.name] = *number;
    } else if (auto* wide = std::get_if<absl::int128>(&figure.value)) {
      figures[figure.name] = static_cast<int64_t>(*wide);
    }
  }
  return figures;
}

// "1 of 20 min, 0 open, 0 void".
std::string Span(const KpiSpec& spec, const Log& log,
                 const Config& config = {}) {
  auto f = Total(spec, log, config);
  return absl::StrCat(f["count"], " of ", f["sum_us"] / kMinute, " min, ",
                      f["open"], " open, ", f["void"], " void");
}

std::string Level(const KpiSpec& spec, const Log& log,
                  const Config& config = {}) {
  auto f = Total(spec, log, config);
  return absl::StrCat(f["met"], " met, ", f["missed"], " missed, ",
                      f["pending"], " pending, ", f["void"], " void");
}

std::string Contact(const KpiSpec& spec, const Log& log,
                    const Config& config = {}) {
  auto f = Total(spec, log, config);
  return absl::StrCat(f["yes"], " yes, ", f["no"], " no, ", f["pending"],
                      " pending, ", f["unanswered"], " unanswered");
}

std::string Backlog(const Log& log, const Config& config = {}) {
  auto f = Total(kInBacklog, log, config);
  return absl::StrCat(f["count"], " in, ", f["queue"], " queue, ", f["opened"],
                      " opened, ", f["closed"], " closed");
}

TEST(EdgeCasesTest, BotAnswersThenHandsOff) {
  const Log log = {Customer("09:00"), Bot("09:01"), Customer("09:05"),
                   Handoff("09:10"), Agent("09:30")};
  // The human clock runs from the hand-off, `any` from the first message.
  EXPECT_EQ(Span(kFirst, log), "1 of 20 min, 0 open, 0 void");
  EXPECT_EQ(Span(WithResponse(kFirst, Response::kAny), log),
            "1 of 1 min, 0 open, 0 void");
  // The bot closed the first wait; the second became a human one at 09:10.
  EXPECT_EQ(Span(kWait, log), "1 of 20 min, 0 open, 0 void");
  EXPECT_EQ(Span(WithResponse(kWait, Response::kAny), log),
            "2 of 21 min, 0 open, 0 void");
  Log closed = log;
  closed.push_back(Resolved("10:00"));
  EXPECT_EQ(Span(kResolution, closed), "1 of 60 min, 0 open, 0 void");
  EXPECT_EQ(Level(kLevel, log), "0 met, 1 missed, 0 pending, 0 void");
  // A bot alone is nobody's first contact resolution.
  const Log alone = {Customer("09:00"), Bot("09:01"), Handoff("09:10"),
                     Resolved("10:00")};
  EXPECT_EQ(Contact(kContact, alone), "0 yes, 0 no, 0 pending, 1 unanswered");
  EXPECT_EQ(Contact(kContact, closed), "0 yes, 0 no, 1 pending, 0 unanswered");
  const Log waiting = {Customer("09:00"), Bot("09:01"), Handoff("09:10")};
  EXPECT_EQ(Backlog(waiting), "1 in, 1 queue, 1 opened, 0 closed");
}

TEST(EdgeCasesTest, BotResolvesAlone) {
  const Log log = {Customer("09:00"), Bot("09:01"), Resolved("09:30")};
  EXPECT_EQ(Span(kFirst, log), "0 of 0 min, 0 open, 1 void");
  EXPECT_EQ(Span(WithResponse(kFirst, Response::kBot), log),
            "1 of 1 min, 0 open, 0 void");
  EXPECT_EQ(Span(WithResponse(kWait, Response::kBot), log),
            "1 of 1 min, 0 open, 0 void");
  EXPECT_EQ(Span(kResolution, log), "1 of 30 min, 0 open, 0 void");
  EXPECT_EQ(Level(kLevel, log), "0 met, 0 missed, 0 pending, 0 void");
  EXPECT_EQ(Level(kLevelEvery, log), "0 met, 0 missed, 0 pending, 0 void");
  EXPECT_EQ(Contact(WithResponse(kContact, Response::kBot), log),
            "0 yes, 0 no, 1 pending, 0 unanswered");
  EXPECT_EQ(Contact(kContact, log), "0 yes, 0 no, 0 pending, 1 unanswered");
  EXPECT_EQ(Backlog(log), "0 in, 0 queue, 1 opened, 1 closed");
}

TEST(EdgeCasesTest, SecondHandoff) {
  const Log log = {Customer("09:00"), Bot("09:01"),     Handoff("09:10"),
                   Agent("09:20"),    Handoff("09:40"), Agent("09:50")};
  EXPECT_EQ(Span(kFirst, log), "1 of 10 min, 0 open, 0 void");
  // 09:10 to 09:20 and 09:40 to 09:50.
  EXPECT_EQ(Span(kWait, log), "2 of 20 min, 0 open, 0 void");
  EXPECT_EQ(Level(kLevel, log), "1 met, 0 missed, 0 pending, 0 void");
  EXPECT_EQ(Level(kLevelEvery, log), "2 met, 0 missed, 0 pending, 0 void");
}

TEST(EdgeCasesTest, SeveralCustomerMessagesInARow) {
  const Log log = {Customer("09:00"), Customer("09:05"), Customer("09:08"),
                   Agent("09:10"), Resolved("09:30")};
  EXPECT_EQ(Span(kFirst, log), "1 of 10 min, 0 open, 0 void");
  EXPECT_EQ(Span(kWait, log), "1 of 10 min, 0 open, 0 void");
  EXPECT_EQ(Level(kLevelEvery, log), "1 met, 0 missed, 0 pending, 0 void");
}

TEST(EdgeCasesTest, SeveralAgentMessagesInARow) {
  const Log log = {Customer("09:00"), Agent("09:10"), Agent("09:20"),
                   Agent("09:25"), Resolved("09:30")};
  EXPECT_EQ(Span(kFirst, log), "1 of 10 min, 0 open, 0 void");
  EXPECT_EQ(Span(kWait, log), "1 of 10 min, 0 open, 0 void");
  EXPECT_EQ(Span(To(kResolution, SpanEnd::kLastAgentMessage), log),
            "1 of 25 min, 0 open, 0 void");
  // Nobody interrupted: one touch.
  EXPECT_EQ(Contact(Ruled(ContactRule::kOneTouch), log),
            "0 yes, 0 no, 1 pending, 0 unanswered");
  const Log interrupted = {Customer("09:00"), Agent("09:10"), Customer("09:15"),
                           Agent("09:20"), Resolved("09:30")};
  EXPECT_EQ(Contact(Ruled(ContactRule::kOneTouch), interrupted),
            "0 yes, 1 no, 0 pending, 0 unanswered");
}

TEST(EdgeCasesTest, Transfer) {
  const Log log = {Customer("09:00"),        Queued("09:01", "front"),
                   Assigned("09:02", "ann"), Queued("09:05", "back"),
                   Assigned("09:06", "bob"), Agent("09:10", "bob"),
                   Resolved("09:30")};
  EXPECT_EQ(Span(kFirst, log), "1 of 10 min, 0 open, 0 void");
  EXPECT_EQ(Span(kWait, log), "1 of 10 min, 0 open, 0 void");
  EXPECT_EQ(Level(kLevel, log), "1 met, 0 missed, 0 pending, 0 void");
  EXPECT_EQ(Contact(Ruled(ContactRule::kStrict), log),
            "0 yes, 1 no, 0 pending, 0 unanswered");
  EXPECT_EQ(Contact(kContact, log), "0 yes, 0 no, 1 pending, 0 unanswered");
  // It stays where it is for the total: entered once, left once.
  EXPECT_EQ(Backlog(log), "0 in, 0 queue, 1 opened, 1 closed");
}

TEST(EdgeCasesTest, CustomerWritesAfterResolve) {
  const Log log = {Customer("09:00"), Agent("09:10"), Resolved("09:30"),
                   Customer("11:00"), Agent("11:20"), Resolved("12:00")};
  // 10 and 20 minutes, each episode with its own clock.
  EXPECT_EQ(Span(kFirst, log), "2 of 30 min, 0 open, 0 void");
  EXPECT_EQ(Span(kWait, log), "2 of 30 min, 0 open, 0 void");
  EXPECT_EQ(Span(kResolution, log), "2 of 90 min, 0 open, 0 void");
  KpiSpec last = kResolution;
  last.level = ResolutionLevel::kLast;
  EXPECT_EQ(Span(last, log), "1 of 180 min, 0 open, 0 void");
  EXPECT_EQ(Level(kLevel, log), "1 met, 1 missed, 0 pending, 0 void");
  EXPECT_EQ(Contact(kContact, log), "0 yes, 1 no, 1 pending, 0 unanswered");
  EXPECT_EQ(Backlog(log), "0 in, 0 queue, 2 opened, 2 closed");
  // `reopened` is a repeat as well.
  const Log reopened = {Customer("09:00"), Agent("09:10"), Resolved("09:30"),
                        Of(EventKind::kReopened, "11:00")};
  EXPECT_EQ(Contact(kContact, reopened),
            "0 yes, 1 no, 0 pending, 0 unanswered");
  EXPECT_EQ(Backlog(reopened), "1 in, 1 queue, 2 opened, 1 closed");
}

TEST(EdgeCasesTest, ClosedWithoutReply) {
  const Log late = {Customer("09:00"), Resolved("09:30")};
  EXPECT_EQ(Span(kFirst, late), "0 of 0 min, 0 open, 1 void");
  EXPECT_EQ(Span(kWait, late), "0 of 0 min, 0 open, 1 void");
  EXPECT_EQ(Span(kResolution, late), "1 of 30 min, 0 open, 0 void");
  EXPECT_EQ(Level(kLevel, late), "0 met, 1 missed, 0 pending, 0 void");
  const Log soon = {Customer("09:00"), Resolved("09:10")};
  EXPECT_EQ(Level(kLevel, soon), "0 met, 0 missed, 0 pending, 1 void");
  KpiSpec met = kLevel;
  met.closed_counts_met = true;
  EXPECT_EQ(Level(met, soon), "1 met, 0 missed, 0 pending, 0 void");
  // What the customer needs no answer to is void all the same.
  met.stage = Stage::kEvery;
  const Log thanks = {Customer("09:00"),
                      Of(EventKind::kNoReplyNeeded, "09:05")};
  EXPECT_EQ(Level(met, thanks), "0 met, 0 missed, 0 pending, 1 void");
  EXPECT_EQ(Contact(kContact, late), "0 yes, 0 no, 0 pending, 1 unanswered");
  EXPECT_EQ(Backlog(late), "0 in, 0 queue, 1 opened, 1 closed");
}

TEST(EdgeCasesTest, AutomaticClose) {
  Config config;
  config.auto_close_after_us = 2 * kHour;
  // Closed at 11:10, two hours after the answer.
  const Log answered = {Customer("09:00"), Agent("09:10")};
  EXPECT_EQ(Span(kResolution, answered, config),
            "1 of 130 min, 0 open, 0 void");
  EXPECT_EQ(Span(To(kResolution, SpanEnd::kLastAgentMessage), answered, config),
            "1 of 10 min, 0 open, 0 void");
  EXPECT_EQ(
      Span(To(kResolution, SpanEnd::kCloseMinusInactivity), answered, config),
      "1 of 10 min, 0 open, 0 void");
  EXPECT_EQ(Contact(kContact, answered, config),
            "0 yes, 0 no, 1 pending, 0 unanswered");
  const Log left = {Customer("09:00"), Agent("09:10"), Customer("09:20")};
  EXPECT_EQ(Contact(kContact, left, config),
            "0 yes, 1 no, 0 pending, 0 unanswered");
  EXPECT_EQ(Span(kWait, left, config), "1 of 10 min, 0 open, 1 void");
  EXPECT_EQ(Level(kLevelEvery, left, config),
            "1 met, 1 missed, 0 pending, 0 void");
  const Log never = {Customer("09:00"), AutoClosed("09:10")};
  EXPECT_EQ(Span(kFirst, never), "0 of 0 min, 0 open, 1 void");
  EXPECT_EQ(Level(kLevel, never), "0 met, 0 missed, 0 pending, 1 void");
  EXPECT_EQ(Backlog(answered, config), "0 in, 0 queue, 1 opened, 1 closed");
}

TEST(EdgeCasesTest, OutboundFirst) {
  const Log silent = {Agent("09:00"), Resolved("09:40")};
  EXPECT_EQ(Span(kFirst, silent), "0 of 0 min, 0 open, 0 void");
  EXPECT_EQ(Span(kWait, silent), "0 of 0 min, 0 open, 0 void");
  EXPECT_EQ(Span(kResolution, silent), "1 of 40 min, 0 open, 0 void");
  EXPECT_EQ(Level(kLevel, silent), "0 met, 0 missed, 0 pending, 0 void");
  EXPECT_EQ(Contact(kContact, silent), "0 yes, 0 no, 0 pending, 0 unanswered");
  EXPECT_EQ(Backlog(silent), "0 in, 0 queue, 0 opened, 0 closed");
  // The customer writes at 10:00: everything runs from then.
  const Log answered = {Agent("09:00"), Customer("10:00"), Agent("10:10")};
  EXPECT_EQ(Span(kFirst, answered), "1 of 10 min, 0 open, 0 void");
  EXPECT_EQ(Span(kWait, answered), "1 of 10 min, 0 open, 0 void");
  EXPECT_EQ(Level(kLevel, answered), "1 met, 0 missed, 0 pending, 0 void");
  EXPECT_EQ(Backlog(answered), "1 in, 0 queue, 1 opened, 0 closed");
  EXPECT_EQ(Total(kInBacklog, answered)["oldest_us"], 10 * kHour);
}

TEST(EdgeCasesTest, MessageOutsideOpeningHours) {
  Config config;
  CalendarSpec office;
  office.time_zone = "UTC";
  office.weekly[0] = {{9 * 3600, 17 * 3600}};
  config.calendars["office"] = office;
  ScheduleRule rule;
  rule.calendar = "office";
  config.schedules = {rule};
  KpiSpec first = kFirst;
  first.clock = Clock::kBusiness;
  KpiSpec wait = kWait;
  wait.clock = Clock::kBusiness;
  KpiSpec level = kLevel;
  level.clock = Clock::kBusiness;
  KpiSpec resolution = kResolution;
  resolution.clock = Clock::kBusiness;
  // Answered before opening: done and met, in no time.
  const Log early = {Customer("08:00"), Agent("08:40"), Resolved("09:05")};
  EXPECT_EQ(Span(first, early, config), "1 of 0 min, 0 open, 0 void");
  EXPECT_EQ(Span(wait, early, config), "1 of 0 min, 0 open, 0 void");
  EXPECT_EQ(Span(resolution, early, config), "1 of 5 min, 0 open, 0 void");
  EXPECT_EQ(Level(level, early, config), "1 met, 0 missed, 0 pending, 0 void");
  // The deadline is 09:15, which is met exactly.
  const Log exact = {Customer("08:00"), Agent("09:15")};
  EXPECT_EQ(Level(level, exact, config), "1 met, 0 missed, 0 pending, 0 void");
  const Log late = {Customer("08:00"), Agent("09:16")};
  EXPECT_EQ(Level(level, late, config), "0 met, 1 missed, 0 pending, 0 void");
  // Age at 20:00: twelve hours, eight of them open.
  const Log waiting = {Customer("08:00")};
  EXPECT_EQ(Total(kInBacklog, waiting, config)["oldest_us"], 12 * kHour);
  EXPECT_EQ(Total(kInBacklog, waiting, config)["oldest_business_us"],
            8 * kHour);
}

TEST(EdgeCasesTest, Discarded) {
  const Log log = {Customer("09:00"), Agent("09:10"), Resolved("09:30"),
                   Customer("10:00"), Of(EventKind::kDiscarded, "10:05")};
  EXPECT_EQ(Span(kFirst, log), "0 of 0 min, 0 open, 0 void");
  // The wait that had ended stays, the open one is void.
  EXPECT_EQ(Span(kWait, log), "1 of 10 min, 0 open, 1 void");
  EXPECT_EQ(Span(kResolution, log), "0 of 0 min, 0 open, 0 void");
  EXPECT_EQ(Level(kLevel, log), "0 met, 0 missed, 0 pending, 0 void");
  EXPECT_EQ(Level(kLevelEvery, log), "1 met, 0 missed, 0 pending, 0 void");
  EXPECT_EQ(Contact(kContact, log), "0 yes, 0 no, 0 pending, 0 unanswered");
  EXPECT_EQ(Backlog(log), "0 in, 0 queue, 2 opened, 2 closed");
}

}  // namespace
}  // namespace cckpi
