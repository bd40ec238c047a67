// The oracle against numbers worked out by hand: the edge cases, row by row.

#include "oracle/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "oracle/oracle_test_log.h"

namespace cckpi::oracle {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const KpiSpec kFirst = Spec(Kpi::kFirstResponseTime);
const KpiSpec kWait = Spec(Kpi::kResponseTime);
const KpiSpec kResolution = Spec(Kpi::kResolutionTime);
const KpiSpec kLevel = Spec(Kpi::kServiceLevel);  // T = 15 min, stage first
const KpiSpec kLevelEvery = WithStage(kLevel, Stage::kEvery);
const KpiSpec kContact = Spec(Kpi::kFirstContactResolution);
const KpiSpec kBacklogSpec = Spec(Kpi::kBacklog);

// Bot answers, then hands off: 09:00 customer, 09:01 bot, 09:05 customer,
// 09:10 hand-off, 09:30 agent.
const Log kBotThenHandoff = {Customer("09:00"), Bot("09:01"), Customer("09:05"),
                             Handoff("09:10"), Agent("09:30")};

TEST(OracleTest, BotThenHandoffStartsHumanClockAtHandoff) {
  EXPECT_EQ(MinutesOf(kFirst, kBotThenHandoff), (Minutes{1, 20, 0, 0}));
  EXPECT_EQ(MinutesOf(WithResponse(kFirst, Response::kAny), kBotThenHandoff),
            (Minutes{1, 1, 0, 0}));
  EXPECT_EQ(MinutesOf(WithResponse(kFirst, Response::kBot), kBotThenHandoff),
            (Minutes{1, 1, 0, 0}));
}

TEST(OracleTest, BotThenHandoffMovesTheWaitToTheHandoff) {
  // The bot ends the first wait; that of 09:05 becomes a human one of 09:10.
  EXPECT_EQ(MinutesOf(kWait, kBotThenHandoff), (Minutes{1, 20, 0, 0}));
  EXPECT_EQ(MinutesOf(WithResponse(kWait, Response::kBot), kBotThenHandoff),
            (Minutes{1, 1, 0, 0}));
  EXPECT_EQ(MinutesOf(WithResponse(kWait, Response::kAny), kBotThenHandoff),
            (Minutes{2, 21, 0, 0}));
  // human_only: one wait from 09:00 to 09:30.
  EXPECT_EQ(
      MinutesOf(WithResponse(kWait, Response::kHumanOnly), kBotThenHandoff),
      (Minutes{1, 30, 0, 0}));
}

TEST(OracleTest, BotThenHandoffMissesHumanServiceLevelFromHandoff) {
  EXPECT_EQ(LevelOf(kLevel, kBotThenHandoff), (Level{0, 1, 0, 0}));
  EXPECT_EQ(LevelOf(WithResponse(kLevel, Response::kAny), kBotThenHandoff),
            (Level{1, 0, 0, 0}));
  // The wait that the bot answered is not in it at all.
  EXPECT_EQ(LevelOf(kLevelEvery, kBotThenHandoff), (Level{0, 1, 0, 0}));
  EXPECT_EQ(LevelOf(WithResponse(kLevelEvery, Response::kAny), kBotThenHandoff),
            (Level{1, 1, 0, 0}));
}

TEST(OracleTest, BotThenHandoffIsInQueueFromHandoff) {
  Log log(kBotThenHandoff.begin(), kBotThenHandoff.begin() + 2);
  EXPECT_EQ(TotalOf(kBacklogSpec, log, {}, At("09:10")),
            (Figures{{"count", 1},
                     {"bot", 1},
                     {"opened", 1},
                     {"oldest_us", 10 * kMinute}}));
  log.push_back(Handoff("09:10"));
  EXPECT_EQ(TotalOf(kBacklogSpec, log, {}, At("09:20")),
            (Figures{{"count", 1},
                     {"queue", 1},
                     {"opened", 1},
                     {"open_waits", 1},
                     {"oldest_us", 20 * kMinute}}));
}

TEST(OracleTest, HandoffWhilePendingBeginsTheServiceLevelAnew) {
  // 09:00 customer, 09:12 hand-off without any bot message: due 09:27.
  const Log log = {Customer("09:00"), Handoff("09:12")};
  EXPECT_EQ(LevelOf(kLevel, log, {}, At("09:27")), (Level{0, 0, 1, 0}));
  EXPECT_EQ(LevelOf(kLevel, log, {}, At("09:28")), (Level{0, 1, 0, 0}));
  EXPECT_EQ(LevelOf(kLevelEvery, log, {}, At("09:27")), (Level{0, 0, 1, 0}));
}

TEST(OracleTest, BotResolvesAlone) {
  Log log = {Customer("09:00"), Bot("09:02"), Resolved("09:30")};
  log.back().by = Actor::kBot;
  EXPECT_EQ(MinutesOf(kFirst, log), (Minutes{0, 0, 0, 1}));
  EXPECT_EQ(MinutesOf(WithResponse(kFirst, Response::kBot), log),
            (Minutes{1, 2, 0, 0}));
  EXPECT_EQ(MinutesOf(kWait, log), (Minutes{0, 0, 0, 0}));
  EXPECT_EQ(MinutesOf(kResolution, log), (Minutes{1, 30, 0, 0}));
  EXPECT_EQ(LevelOf(kLevel, log), (Level{0, 0, 0, 0}));
  EXPECT_EQ(LevelOf(kLevelEvery, log), (Level{0, 0, 0, 0}));
  EXPECT_EQ(TotalOf(kContact, log), (Figures{{"unanswered", 1}}));
  EXPECT_EQ(TotalOf(WithResponse(kContact, Response::kBot), log),
            (Figures{{"pending", 1}, {"numerator", 1}, {"denominator", 1}}));
  EXPECT_EQ(
      TotalOf(Spec(Kpi::kBotOutcome), log),
      (Figures{{"resolved_by_bot", 1}, {"numerator", 1}, {"denominator", 1}}));
}

TEST(OracleTest, InTheBotTheHumanClockIsSuspended) {
  const Log log = {Customer("09:00"), Bot("09:01")};
  EXPECT_EQ(MinutesOf(kFirst, log), (Minutes{0, 0, 0, 0}));
  EXPECT_EQ(LevelOf(kLevel, log), (Level{0, 0, 0, 0}));
  // Missed at 09:15, taken out by the bot at 09:20.
  const Log late = {Customer("09:00"), Bot("09:20")};
  EXPECT_EQ(LevelOf(kLevel, late, {}, At("09:19")), (Level{0, 1, 0, 0}));
  EXPECT_EQ(LevelOf(kLevel, late, {}, At("09:20")), (Level{0, 0, 0, 0}));
}

TEST(OracleTest, LeavingTheBotWithoutHandoffRunsFromTheCustomer) {
  Log log = {Customer("09:00"), Bot("09:01"), Assigned("09:40", "ann")};
  EXPECT_EQ(MinutesOf(kFirst, log), (Minutes{0, 0, 1, 0}));
  EXPECT_EQ(LevelOf(kLevel, log), (Level{0, 1, 0, 0}));
  log.push_back(Agent("09:50"));
  EXPECT_EQ(MinutesOf(kFirst, log), (Minutes{1, 50, 0, 0}));
  EXPECT_EQ(TotalOf(Spec(Kpi::kBotOutcome), log),
            (Figures{{"human_took_over", 1}, {"denominator", 1}}));
}

TEST(OracleTest, SecondHandoffDoesNotRestart) {
  const Log log = {Customer("09:00"), Handoff("09:10"), Handoff("09:15"),
                   Agent("09:30"),    Handoff("09:40"), Agent("09:50")};
  EXPECT_EQ(MinutesOf(kFirst, log), (Minutes{1, 20, 0, 0}));
  // 09:10 to 09:30 and, a new wait, 09:40 to 09:50.
  EXPECT_EQ(MinutesOf(kWait, log), (Minutes{2, 30, 0, 0}));
  EXPECT_EQ(LevelOf(kLevelEvery, log), (Level{1, 1, 0, 0}));
}

TEST(OracleTest, SeveralCustomerMessagesAreOneWait) {
  const Log log = {Customer("09:00"), Customer("09:05"), Customer("09:09"),
                   Agent("09:10")};
  EXPECT_EQ(MinutesOf(kFirst, log), (Minutes{1, 10, 0, 0}));
  EXPECT_EQ(MinutesOf(kWait, log), (Minutes{1, 10, 0, 0}));
  EXPECT_EQ(LevelOf(kLevelEvery, log), (Level{1, 0, 0, 0}));
}

TEST(OracleTest, SeveralAgentMessagesInARow) {
  const Log log = {Customer("09:00"), Agent("09:10"), Agent("09:20", "bob"),
                   Resolved("09:30")};
  EXPECT_EQ(MinutesOf(kFirst, log), (Minutes{1, 10, 0, 0}));
  EXPECT_EQ(MinutesOf(kWait, log), (Minutes{1, 10, 0, 0}));
  KpiSpec last = kResolution;
  last.to = SpanEnd::kLastAgentMessage;
  EXPECT_EQ(MinutesOf(last, log), (Minutes{1, 20, 0, 0}));
  EXPECT_EQ(MinutesOf(Spec(Kpi::kOperatingTime), log), (Minutes{1, 20, 0, 0}));
  KpiSpec one_touch = kContact;
  one_touch.contact = ContactRule::kOneTouch;
  EXPECT_EQ(TotalOf(one_touch, log)["pending"], 1);
  Log interrupted = log;
  interrupted.push_back(Customer("09:15"));
  EXPECT_EQ(TotalOf(one_touch, interrupted)["no"], 1);
}

TEST(OracleTest, TransferIsCreditedToTheReplier) {
  const Log log = {Queued("09:00", "front"), Customer("09:00"),
                   Assigned("09:05", "ann"), Queued("09:10", "back"),
                   Assigned("09:12", "bob"), Agent("09:20", "bob"),
                   Resolved("09:30")};
  EXPECT_EQ(MinutesOf(kFirst, log), (Minutes{1, 20, 0, 0}));
  EXPECT_EQ(MinutesOf(kWait, log), (Minutes{1, 20, 0, 0}));
  const GroupBy by = {{Dimension::Field::kTeam, ""},
                      {Dimension::Field::kAgent, ""}};
  const std::vector<OracleRow> rows = RowsOf(kFirst, log, {}, by);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].group[0].second, "back");
  EXPECT_EQ(rows[0].group[1].second, "bob");
  KpiSpec strict = kContact;
  strict.contact = ContactRule::kStrict;
  EXPECT_EQ(TotalOf(strict, log)["no"], 1);
  EXPECT_EQ(TotalOf(kContact, log)["pending"], 1);
  // Missed at 09:15, when it was bob's; the customer message comes first at
  // 09:00, so both `queued` are in the episode and the second is a transfer.
  const std::vector<OracleRow> level = RowsOf(kLevel, log, {}, by);
  ASSERT_EQ(level.size(), 1u);
  EXPECT_EQ(level[0].group[1].second, "bob");
  const std::vector<OracleRow> moved =
      RowsOf(Spec(Kpi::kTransferred), log, {}, by);
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0].Get("count"), 1);
  EXPECT_EQ(moved[0].group[0].second, "front");
  EXPECT_EQ(moved[0].group[1].second, "ann");
}

TEST(OracleTest, CustomerWritesAfterResolve) {
  const Log log = {Customer("09:00"), Agent("09:10"), Resolved("09:20"),
                   Customer("10:00"), Agent("10:05"), Resolved("10:30")};
  EXPECT_EQ(MinutesOf(kFirst, log), (Minutes{2, 15, 0, 0}));
  EXPECT_EQ(MinutesOf(kWait, log), (Minutes{2, 15, 0, 0}));
  EXPECT_EQ(MinutesOf(kResolution, log), (Minutes{2, 50, 0, 0}));
  KpiSpec level = kResolution;
  level.level = ResolutionLevel::kFirst;
  EXPECT_EQ(MinutesOf(level, log), (Minutes{1, 20, 0, 0}));
  level.level = ResolutionLevel::kLast;
  EXPECT_EQ(MinutesOf(level, log), (Minutes{1, 90, 0, 0}));
  EXPECT_EQ(LevelOf(kLevel, log), (Level{2, 0, 0, 0}));
  // The first close is a final no, the second a provisional yes.
  EXPECT_EQ(
      TotalOf(kContact, log),
      (Figures{
          {"no", 1}, {"pending", 1}, {"numerator", 1}, {"denominator", 2}}));
  EXPECT_EQ(TotalOf(kContact, log, {}, At("10:30") + 7 * kDay)["pending"], 1);
  EXPECT_EQ(TotalOf(kContact, log, {}, At("10:31") + 7 * kDay)["yes"], 1);
  EXPECT_EQ(TotalOf(kBacklogSpec, log)["opened"], 2);
  EXPECT_EQ(TotalOf(kBacklogSpec, log)["closed"], 2);
  EXPECT_EQ(TotalOf(Spec(Kpi::kReopened), log)["count"], 1);
}

TEST(OracleTest, RepeatContactOnAnotherInteractionOfTheCustomer) {
  Log log = {Customer("09:00"), Agent("09:10"), Resolved("09:20"),
             Customer("11:00")};
  log[3].interaction = "j";
  for (Event& event : log) event.customer = "zoe";
  EXPECT_EQ(TotalOf(kContact, log)["no"], 1);
  log[3].customer = "yan";
  EXPECT_EQ(TotalOf(kContact, log)["pending"], 1);
  // An outbound message is no contact; the customer's answer to it is.
  log[3] = Agent("11:00", "bob");
  log[3].interaction = "j";
  log[3].customer = "zoe";
  EXPECT_EQ(TotalOf(kContact, log)["pending"], 1);
  log.push_back(Customer("12:00"));
  log[4].interaction = "j";
  EXPECT_EQ(TotalOf(kContact, log)["no"], 1);
  Config config;
  config.fcr_window_us = 100 * kMinute;  // to 11:00
  EXPECT_EQ(TotalOf(kContact, log, config)["yes"], 1);
}

TEST(OracleTest, ClosedWithoutReply) {
  const Log soon = {Customer("09:00"), Resolved("09:15")};
  EXPECT_EQ(MinutesOf(kFirst, soon), (Minutes{0, 0, 0, 1}));
  EXPECT_EQ(MinutesOf(kWait, soon), (Minutes{0, 0, 0, 1}));
  EXPECT_EQ(MinutesOf(kResolution, soon), (Minutes{1, 15, 0, 0}));
  EXPECT_EQ(LevelOf(kLevel, soon), (Level{0, 0, 0, 1}));
  KpiSpec counts = kLevel;
  counts.closed_counts_met = true;
  EXPECT_EQ(LevelOf(counts, soon), (Level{1, 0, 0, 0}));
  const Log late = {Customer("09:00"), Resolved("09:16")};
  EXPECT_EQ(LevelOf(kLevel, late), (Level{0, 1, 0, 0}));
  EXPECT_EQ(LevelOf(counts, late), (Level{0, 1, 0, 0}));
  EXPECT_EQ(TotalOf(kContact, late), (Figures{{"unanswered", 1}}));
  EXPECT_EQ(TotalOf(Spec(Kpi::kBeyondTurnaround), late),
            (Figures{{"overdue_unanswered", 1},
                     {"due", 1},
                     {"numerator", 1},
                     {"denominator", 1}}));
}

TEST(OracleTest, AutomaticCloseAtLastMessagePlusTimeout) {
  Config config;
  config.auto_close_after_us = 2 * kHour;
  const Log log = {Customer("09:00"), Agent("09:10"), Customer("09:20"),
                   Agent("09:30")};
  EXPECT_EQ(MinutesOf(kResolution, log, config), (Minutes{1, 150, 0, 0}));
  KpiSpec spec = kResolution;
  spec.to = SpanEnd::kLastAgentMessage;
  EXPECT_EQ(MinutesOf(spec, log, config), (Minutes{1, 30, 0, 0}));
  spec.to = SpanEnd::kCloseMinusInactivity;
  EXPECT_EQ(MinutesOf(spec, log, config), (Minutes{1, 30, 0, 0}));
  EXPECT_EQ(TotalOf(kContact, log, config)["pending"], 1);
  // The last message is the customer's: no. So it is at 11:30 exactly.
  Log unanswered = log;
  unanswered.push_back(Customer("11:30"));
  EXPECT_EQ(TotalOf(kContact, unanswered, config, At("13:29")), Figures());
  EXPECT_EQ(TotalOf(kContact, unanswered, config, At("13:30"))["no"], 1);
  // A minute later it opens another episode.
  Log reopened = log;
  reopened.push_back(Customer("11:31"));
  EXPECT_EQ(MinutesOf(kFirst, reopened, config), (Minutes{1, 10, 0, 1}));
  EXPECT_EQ(TotalOf(Spec(Kpi::kReopened), reopened, config)["count"], 1);
  EXPECT_EQ(TotalOf(Spec(Kpi::kResolved), log, config), Figures());
}

TEST(OracleTest, OutboundFirst) {
  Log log = {Agent("09:00"), Agent("09:05")};
  EXPECT_EQ(MinutesOf(kFirst, log), (Minutes{0, 0, 0, 0}));
  EXPECT_EQ(MinutesOf(kWait, log), (Minutes{0, 0, 0, 0}));
  EXPECT_EQ(MinutesOf(kResolution, log), (Minutes{0, 0, 1, 0}));
  EXPECT_EQ(TotalOf(kBacklogSpec, log), Figures());
  EXPECT_EQ(TotalOf(Spec(Kpi::kArrivals), log), Figures());
  log.push_back(Customer("10:00"));
  EXPECT_EQ(LevelOf(kLevel, log, {}, At("10:15")), (Level{0, 0, 1, 0}));
  EXPECT_EQ(TotalOf(kBacklogSpec, log, {}, At("10:10")),
            (Figures{{"count", 1},
                     {"agent_turn", 1},
                     {"open_waits", 1},
                     {"opened", 1},
                     {"oldest_us", 10 * kMinute}}));
  log.push_back(Agent("10:20"));
  log.push_back(Resolved("10:30"));
  EXPECT_EQ(MinutesOf(kFirst, log), (Minutes{1, 20, 0, 0}));
  EXPECT_EQ(MinutesOf(kResolution, log), (Minutes{1, 90, 0, 0}));
  EXPECT_EQ(TotalOf(Spec(Kpi::kArrivals), log)["count"], 1);
  EXPECT_EQ(TotalOf(Spec(Kpi::kAnswered), log)["count"], 1);
  EXPECT_EQ(MinutesOf(Spec(Kpi::kCustomerResponseTime), log),
            (Minutes{1, 55, 0, 1}));
  const Log silent = {Agent("09:00"), Resolved("09:30")};
  EXPECT_EQ(TotalOf(kContact, silent), Figures());
}

// Madrid office hours, Monday to Friday 09:00 to 17:00 UTC for simplicity.
Config Office() {
  Config config;
  for (size_t day = 0; day < 5; ++day) {
    config.calendars["office"].weekly[day] = {{9 * 3600, 17 * 3600}};
  }
  config.schedules = {{.calendar = "office"}};
  return config;
}
KpiSpec Business(KpiSpec spec) {
  spec.clock = Clock::kBusiness;
  return spec;
}

TEST(OracleTest, MessageOutsideOpeningHours) {
  const Config config = Office();
  // A reply before opening: 0, done and met.
  const Log early = {Customer("07:00"), Agent("08:30")};
  EXPECT_EQ(MinutesOf(Business(kFirst), early, config), (Minutes{1, 0, 0, 0}));
  EXPECT_EQ(MinutesOf(kFirst, early, config), (Minutes{1, 90, 0, 0}));
  EXPECT_EQ(LevelOf(Business(kLevel), early, config), (Level{1, 0, 0, 0}));
  // Due at opening + T = 09:15.
  const Log met = {Customer("07:00"), Agent("09:15")};
  EXPECT_EQ(MinutesOf(Business(kFirst), met, config), (Minutes{1, 15, 0, 0}));
  EXPECT_EQ(LevelOf(Business(kLevel), met, config), (Level{1, 0, 0, 0}));
  const Log missed = {Customer("07:00"), Agent("09:16")};
  EXPECT_EQ(LevelOf(Business(kLevel), missed, config), (Level{0, 1, 0, 0}));
  // The age on both clocks at 10:00.
  const Log open = {Customer("07:00")};
  EXPECT_EQ(TotalOf(kBacklogSpec, open, config, At("10:00"))["oldest_us"],
            3 * kHour);
  EXPECT_EQ(
      TotalOf(kBacklogSpec, open, config, At("10:00"))["oldest_business_us"],
      kHour);
}

TEST(OracleTest, DiscardedIsTakenOutAgain) {
  const Log log = {Customer("09:00"),
                   Agent("09:10"),
                   Resolved("09:20"),
                   Customer("10:00"),
                   Of(EventKind::kDiscarded, "10:10"),
                   Agent("10:20")};
  EXPECT_EQ(TotalOf(kFirst, log), Figures());
  EXPECT_EQ(TotalOf(kLevel, log), Figures());
  EXPECT_EQ(TotalOf(kResolution, log), Figures());
  EXPECT_EQ(TotalOf(kContact, log), Figures());
  EXPECT_EQ(TotalOf(Spec(Kpi::kBeyondTurnaround), log), Figures());
  EXPECT_EQ(MinutesOf(kWait, log), (Minutes{1, 10, 0, 1}));
  EXPECT_EQ(TotalOf(kBacklogSpec, log),
            (Figures{{"opened", 2}, {"closed", 2}}));
  Config config;
  const OracleResult result = Oracle(config).Run(log, kNow, Query());
  EXPECT_EQ(result.events.refused, 1);
  EXPECT_EQ(result.events.applied, 5);
}

TEST(OracleTest, DiscardLeavesExtremesInexact) {
  Log log = {Customer("09:00"), Agent("09:10"), Customer("09:00"),
             Agent("09:30"), Of(EventKind::kDiscarded, "10:00")};
  for (size_t i = 2; i < 5; ++i) log[i].interaction = "j";
  const std::vector<OracleRow> rows = RowsOf(kFirst, log);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].Get("min_us"), 10 * kMinute);
  EXPECT_EQ(rows[0].Get("max_us"), std::nullopt);  // a range
  EXPECT_EQ(rows[0].Get("count"), 1);
}

TEST(OracleTest, NoReplyNeededVoidsTheWait) {
  const Log log = {Customer("09:00"), Agent("09:05"), Customer("09:10"),
                   Of(EventKind::kNoReplyNeeded, "09:12"), Agent("09:40")};
  EXPECT_EQ(MinutesOf(kWait, log), (Minutes{1, 5, 0, 1}));
  EXPECT_EQ(LevelOf(kLevelEvery, log), (Level{1, 0, 0, 1}));
}

TEST(OracleTest, MessagesThatOweOrAnswerNothing) {
  Log log = {Customer("09:00"), Customer("09:01"), Agent("09:02"),
             Agent("09:03"), Bot("09:04")};
  log[0].flags = kReaction;
  log[1].flags = kCampaign;
  log[2].flags = kPrivate;
  log[3].flags = kAutomated;
  EXPECT_EQ(TotalOf(kFirst, log), Figures());
  EXPECT_EQ(TotalOf(kResolution, log), Figures());
  EXPECT_EQ(TotalOf(Spec(Kpi::kMessages), log)["count"], 3);
}

TEST(OracleTest, DuplicatesCountOnce) {
  Log log = {Customer("09:00"), Agent("09:10"), Agent("09:30")};
  log[1].id = "a";
  log[2].id = "a";
  EXPECT_EQ(TotalOf(Spec(Kpi::kMessages), log)["count"], 2);
  const OracleResult result = Oracle(Config()).Run(log, kNow, Query());
  EXPECT_EQ(result.events.duplicate, 1);
  EXPECT_EQ(result.events.applied, 2);
}

TEST(OracleTest, OpenAtTheEndOfEachWindow) {
  // Open from 09:40 to 11:00: at the ends of the hours of 9 and 10.
  const Log log = {Customer("09:40"), Agent("11:00")};
  KpiSpec spec = kFirst;
  spec.attribution = Attribution::kCompletion;
  const std::vector<OracleRow> rows =
      RowsOf(spec, log, {}, {}, kNow, Frequency::kHourly);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].begin_us, At("09:00"));
  EXPECT_EQ(FiguresOf(rows[0]), (Figures{{"open", 1}}));
  EXPECT_EQ(FiguresOf(rows[1]), (Figures{{"open", 1}}));
  EXPECT_EQ(rows[2].begin_us, At("11:00"));
  EXPECT_EQ(rows[2].Get("count"), 1);
  EXPECT_EQ(rows[2].Get("open"), 0);
}

TEST(OracleTest, BacklogMovesBetweenTeams) {
  const Log log = {Customer("09:00"), Queued("09:10", "front"),
                   Queued("10:10", "back"), Resolved("11:10")};
  const std::vector<OracleRow> rows =
      RowsOf(kBacklogSpec, log, {}, {{Dimension::Field::kTeam, ""}}, kNow,
             Frequency::kHourly);
  std::vector<std::string> lines;
  for (const OracleRow& row : rows) {
    lines.push_back(std::to_string((row.begin_us - kMonday) / kHour) + " " +
                    row.group[0].second.value_or("-") + " " +
                    std::to_string(*row.Get("count")) + " +" +
                    std::to_string(*row.Get("opened")) + " -" +
                    std::to_string(*row.Get("closed")) + " moved " +
                    std::to_string(*row.Get("moved")));
  }
  EXPECT_THAT(
      lines, ElementsAre("9 - 0 +1 -0 moved -1", "9 front 1 +0 -0 moved 1",
                         "10 back 1 +0 -0 moved 1", "10 front 0 +0 -0 moved -1",
                         "11 back 0 +0 -1 moved 0"));
}

TEST(OracleTest, ExcludeMovesValueAndDeadline) {
  // On hold from 09:05 to 09:25: 30 minutes are 10, and due at 09:35.
  const Log log = {Customer("09:00"), Assigned("09:01", "ann"),
                   Of(EventKind::kHold, "09:05"),
                   Of(EventKind::kResumed, "09:25"), Agent("09:30")};
  KpiSpec spec = kFirst;
  spec.exclude = PhaseBit(Phase::kHold);
  EXPECT_EQ(MinutesOf(spec, log), (Minutes{1, 10, 0, 0}));
  KpiSpec level = kLevel;
  level.exclude = PhaseBit(Phase::kHold);
  EXPECT_EQ(LevelOf(level, log), (Level{1, 0, 0, 0}));
  EXPECT_EQ(LevelOf(kLevel, log), (Level{0, 1, 0, 0}));
  KpiSpec beyond = Spec(Kpi::kBeyondTurnaround);
  beyond.exclude = PhaseBit(Phase::kHold);
  const std::vector<OracleRow> rows =
      RowsOf(beyond, log, {}, {}, kNow, Frequency::kBucket);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].begin_us, At("09:30"));  // holds 09:35
  EXPECT_EQ(rows[0].Get("met"), 1);
}

TEST(OracleTest, TransferToATeamWithOtherHoursMovesTheDeadline) {
  // Team back opens at 12:00: message 09:00, due 09:15; queued to back at
  // 09:10, due 12:15. To front (no rule, always open) at 09:20 it would be
  // missed at once, with the deadline of 09:15.
  Config config = Office();
  config.calendars["late"].weekly[0] = {{12 * 3600, 17 * 3600}};
  config.schedules = {{.calendar = "late", .team = "back"}};
  Log log = {Customer("09:00"), Queued("09:10", "back")};
  const KpiSpec level = Business(kLevel);
  EXPECT_EQ(LevelOf(level, log, config, At("12:15")), (Level{0, 0, 1, 0}));
  EXPECT_EQ(LevelOf(level, log, config, At("12:16")), (Level{0, 1, 0, 0}));
  log.push_back(Queued("09:20", "front"));
  EXPECT_EQ(LevelOf(level, log, config, At("09:20")), (Level{0, 1, 0, 0}));
  // Once missed, it stays missed.
  log.push_back(Queued("09:30", "back"));
  EXPECT_EQ(LevelOf(level, log, config, At("09:40")), (Level{0, 1, 0, 0}));
}

TEST(OracleTest, DueWithinLooksAhead) {
  KpiSpec spec = Spec(Kpi::kDueWithin);  // horizon 15 min, T 15 min, every
  const Log log = {Customer("09:00")};   // due 09:15
  EXPECT_EQ(TotalOf(spec, log, {}, At("09:00"))["count"], 1);
  EXPECT_EQ(TotalOf(spec, log, {}, At("09:14"))["count"], 1);
  EXPECT_EQ(TotalOf(spec, log, {}, At("09:15")), Figures());
  spec.horizon_us = 5 * kMinute;
  EXPECT_EQ(TotalOf(spec, log, {}, At("09:09")), Figures());
  EXPECT_EQ(TotalOf(spec, log, {}, At("09:10"))["count"], 1);
}

TEST(OracleTest, SpeedOfAnswerStartsInTheHumanQueue) {
  const KpiSpec spec = Spec(Kpi::kSpeedOfAnswer);
  EXPECT_EQ(MinutesOf(spec, kBotThenHandoff), (Minutes{1, 20, 0, 0}));
  const Log plain = {Customer("09:00"), Assigned("09:10", "ann"),
                     Agent("09:25")};
  EXPECT_EQ(MinutesOf(spec, plain), (Minutes{1, 25, 0, 0}));
  KpiSpec assigned = spec;
  assigned.answer = AnswerEnd::kAssigned;
  EXPECT_EQ(MinutesOf(assigned, plain), (Minutes{1, 10, 0, 0}));
  EXPECT_EQ(MinutesOf(spec, {Customer("09:00"), Bot("09:01")}), Minutes());
  EXPECT_EQ(MinutesOf(spec, {Customer("09:00")}), (Minutes{0, 0, 1, 0}));
  EXPECT_EQ(MinutesOf(spec, {Customer("09:00"), Resolved("09:05")}),
            (Minutes{0, 0, 0, 1}));
  // Reopened, answered before anybody waited.
  EXPECT_EQ(
      MinutesOf(spec, {Of(EventKind::kReopened, "09:00"), Agent("09:05")}),
      (Minutes{0, 0, 0, 0}));
  KpiSpec waiting = spec;
  waiting.statistic = Statistic::kMeanWithWaiting;
  // 25 min answered, and 09:00 to 20:00 waiting: (1500 + 39600) / 2 s.
  Log both = plain;
  both.push_back(Customer("09:00"));
  both.back().interaction = "j";
  const std::vector<OracleRow> rows = RowsOf(waiting, both);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(rows[0].value.Accepts(20550.0));
}

TEST(OracleTest, AssignToReplyPairsAssignmentsAndWaits) {
  const Log log = {Customer("09:00"),        Assigned("09:05", "ann"),
                   Assigned("09:10", "bob"), Agent("09:20", "bob"),
                   Customer("09:30"),        Agent("09:34", "bob"),
                   Resolved("09:40")};
  const Figures figures = TotalOf(Spec(Kpi::kAssignToReply), log);
  // bob 09:10 to 09:20 and 09:30 to 09:34; ann's was taken away.
  EXPECT_EQ(figures.at("count"), 2);
  EXPECT_EQ(figures.at("sum_us"), 14 * kMinute);
  EXPECT_EQ(figures.at("void"), 1);
  EXPECT_EQ(figures.at("untouched"), 1);
}

TEST(OracleTest, LatestReviewOfAResponseCounts) {
  Log log = {Customer("09:00"), Agent("09:10"),
             Of(EventKind::kReviewed, "10:00", "eve"),
             Of(EventKind::kReviewed, "11:00", "eve"),
             Of(EventKind::kReviewed, "12:00", "eve")};
  const std::vector<ErrorCount> wrong = {{"major", 1}};
  log[1].message = "m";
  log[2].message = "m";
  log[3].message = "m";
  log[3].errors = wrong;
  log[4].message = "unknown";
  const std::vector<OracleRow> rows =
      RowsOf(Spec(Kpi::kAccuracy), log, {}, {{Dimension::Field::kAgent, ""}},
             kNow, Frequency::kHourly);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].begin_us, At("09:00"));
  EXPECT_EQ(rows[0].group[0].second, "ann");
  EXPECT_EQ(FiguresOf(rows[0]),
            (Figures{{"reviewed", 1}, {"eligible", 1}, {"denominator", 1}}));
  EXPECT_EQ(rows[1].group[0].second, "eve");
  EXPECT_EQ(FiguresOf(rows[1]), (Figures{{"reviewed", 1},
                                         {"without_errors", 1},
                                         {"numerator", 1},
                                         {"denominator", 1}}));
}

TEST(OracleTest, AReviewAfterTheWindowStandsForItself) {
  Log log = {Customer("09:00"), Agent("09:10"),
             Of(EventKind::kReviewed, "10:10", "eve"),
             Of(EventKind::kReviewed, "10:11", "eve")};
  for (size_t n : {1, 2, 3}) log[n].message = "m";
  Config config;
  config.review_window_us = kHour;
  const std::vector<OracleRow> rows = RowsOf(Spec(Kpi::kAccuracy), log, config,
                                             {{Dimension::Field::kAgent, ""}});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].group[0].second, "ann");
  EXPECT_EQ(FiguresOf(rows[0])["reviewed"], 1);
  EXPECT_EQ(rows[1].group[0].second, "eve");
  EXPECT_EQ(FiguresOf(rows[1])["reviewed"], 1);
}

TEST(OracleTest, LastSurveyOfAnEpisodeCounts) {
  Log log = {Customer("09:00"), Agent("09:10"), Resolved("09:20"),
             Of(EventKind::kSurveyed, "10:00"),
             Of(EventKind::kSurveyed, "11:00")};
  log[3].score_micro = 5'000'000;
  log[4].score_micro = 4'000'000;
  EXPECT_EQ(TotalOf(Spec(Kpi::kSatisfaction), log),
            (Figures{{"count", 1}, {"sum_micro", 4'000'000}, {"closed", 1}}));
  log.pop_back();
  EXPECT_EQ(TotalOf(Spec(Kpi::kSatisfaction), log)["top_box"], 1);
}

TEST(OracleTest, ForecastAgainstArrivals) {
  Log log = {Customer("09:00"), Customer("09:20"), Customer("10:05")};
  log[1].interaction = "j";
  log[2].interaction = "k";
  for (const char* hour : {"09:00", "10:00", "11:00"}) {
    Event event = Of(EventKind::kForecast, hour);
    event.interaction = {};
    event.interval_s = 3600;
    event.volume_micro = 3'000'000;
    log.push_back(event);
  }
  // Errors 1, 2, 3 on arrivals 2, 1, 0.
  const std::vector<OracleRow> rows = RowsOf(Spec(Kpi::kForecastAccuracy), log);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(FiguresOf(rows[0]), (Figures{{"intervals", 3},
                                         {"forecast_micro", 9'000'000},
                                         {"actual", 3},
                                         {"absolute_error_micro", 6'000'000},
                                         {"error_micro", 6'000'000},
                                         {"zero_intervals", 1}}));
  for (const OracleFigure& figure : rows[0].figures) {
    if (figure.name == "wape") {
      EXPECT_TRUE(figure.value.Accepts(2.0));
    } else if (figure.name == "mape") {
      EXPECT_TRUE(figure.value.Accepts(1.25));
    }
  }
  EXPECT_TRUE(rows[0].value.Accepts(0.0));
}

TEST(OracleTest, ArrivalTakesWhatBecomesKnownDuringTheEpisode) {
  Log log = {Customer("09:00"),        Queued("09:05", "front"),
             Assigned("09:06", "ann"), Queued("09:07", "back"),
             Resolved("09:10"),        Customer("09:20")};
  const std::vector<OracleRow> rows =
      RowsOf(Spec(Kpi::kArrivals), log, {},
             {{Dimension::Field::kTeam, ""}, {Dimension::Field::kAgent, ""}});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].group[0].second, "back");  // the team sticks
  EXPECT_EQ(rows[0].group[1].second, std::nullopt);
  EXPECT_EQ(rows[1].group[0].second, "front");
  EXPECT_EQ(rows[1].group[1].second, "ann");
}

TEST(OracleTest, PercentilesAreInclusive) {
  Log log;
  for (int i = 1; i <= 10; ++i) {
    static const std::string names = "abcdefghij";
    log.push_back(Customer("09:00"));
    log.push_back(Agent("09:00"));
    log.back().at_us += i * kMinute;
    for (size_t k = 0; k < 2; ++k) {
      log[log.size() - 1 - k].interaction =
          std::string_view(names).substr(static_cast<size_t>(i - 1), 1);
    }
  }
  KpiSpec spec = kFirst;
  spec.statistic = Statistic::kPercentile;
  spec.percentile_ppm = 900'000;
  const std::vector<OracleRow> rows = RowsOf(spec, log);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(rows[0].value.Accepts(540.0));  // the ninth of ten
  EXPECT_FALSE(rows[0].value.Accepts(547.0));
  EXPECT_FALSE(rows[0].value.Accepts(600.0));
}

TEST(OracleTest, NothingGivesNoRow) {
  EXPECT_THAT(Oracle(Config()).Run({}, kNow, Query()).rows, IsEmpty());
}

}  // namespace
}  // namespace cckpi::oracle
