// What real exports hold, row by row of "When the log looks wrong" in
// docs/agent-time.md: each case has its numbers, and its count.

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/engine/engine.h"
#include "cckpi/io/config_json.h"

namespace cckpi {
namespace {

using Counts = std::map<std::string, int64_t>;

class AgentLogTest : public testing::Test {
 protected:
  // "09:30" of 2 March 2026, "+1 09:30" of the day after.
  static int64_t At(std::string_view time) {
    int64_t day = 0;
    if (time[0] == '+') {
      day = time[1] - '0';
      time.remove_prefix(3);
    }
    return *ParseTime("2026-03-02T" + std::string(time) + ":00Z") + day * kDay;
  }

  Event& Add(std::string_view time, EventKind kind, std::string_view agent) {
    Event& event = events_.emplace_back();
    event.at_us = At(time);
    event.kind = kind;
    event.agent = agent;
    event.id = ids_.emplace_back("e" + std::to_string(1000 + ids_.size()));
    return event;
  }
  void State(std::string_view time, std::string_view agent,
             std::string_view state, std::string_view team = {}) {
    Event& event = Add(time, EventKind::kAgentState, agent);
    event.state = state;
    event.team = team;
  }
  void On(std::string_view time, EventKind kind, std::string_view interaction,
          std::string_view agent = {}) {
    Add(time, kind, agent).interaction = interaction;
  }

  Report Ask(std::string_view now, std::string_view by = "",
             std::string_view config_json = "{}") {
    absl::StatusOr<Config> config = ParseConfig(config_json);
    EXPECT_TRUE(config.ok()) << config.status();
    config->allowed_lateness_us = 30 * kDay;
    absl::StatusOr<Engine> engine = Engine::Create(*config);
    EXPECT_TRUE(engine.ok()) << engine.status();
    engine->Ingest(events_);
    EXPECT_TRUE(engine->Advance(ToTime(At(now))).ok());
    Query query;
    query.by = GroupBy();
    if (!by.empty()) query.by = GroupBy{*ParseDimension(by)};
    absl::StatusOr<Report> report = engine->Ask(query);
    EXPECT_TRUE(report.ok()) << report.status();
    return *std::move(report);
  }

  static std::string Part(const ReportRow& row, std::string_view name) {
    for (const Figure& figure : row.definition) {
      if (figure.name != name) continue;
      if (auto* text = std::get_if<std::string>(&figure.value)) return *text;
    }
    return "";
  }
  static int64_t Number(const ReportRow& row, std::string_view name) {
    for (const Figure& figure : row.figures) {
      if (figure.name != name) continue;
      if (auto* number = std::get_if<int64_t>(&figure.value)) return *number;
      if (auto* wide = std::get_if<absl::int128>(&figure.value)) {
        return static_cast<int64_t>(*wide);
      }
    }
    return 0;
  }
  // The figure of that KPI's row; with groups, of the group of that value.
  static int64_t Of(const Report& report, std::string_view kpi,
                    std::string_view figure, std::string_view group = {},
                    std::string_view part = {}) {
    for (const ReportRow& row : report.rows) {
      if (row.kpi != kpi) continue;
      if (!row.group.empty() && row.group[0].second.value_or("") != group) {
        continue;
      }
      if (!part.empty() && Part(row, "state") != part) continue;
      return Number(row, figure);
    }
    return 0;
  }
  static Counts Checks(const Report& report) {
    Counts counts;
    for (const ReportRow& row : report.rows) {
      if (row.kpi != "data_quality") continue;
      std::string name = Part(row, "check");
      if (!row.group.empty()) name += " " + row.group[0].second.value_or("-");
      counts[name] = Number(row, "count");
    }
    return counts;
  }

  std::vector<Event> events_;
  std::deque<std::string> ids_;
};

TEST_F(AgentLogTest, AnOrdinaryDayHasNothingToCount) {
  State("09:00", "ana", "available", "front");
  On("09:10", EventKind::kCustomerMessage, "A");
  On("09:10", EventKind::kAssigned, "A", "ana");
  On("09:20", EventKind::kAgentMessage, "A", "ana");
  On("09:20", EventKind::kResolved, "A", "ana");
  State("12:00", "ana", "break");
  State("12:30", "ana", "available", "front");
  State("17:00", "ana", "offline");
  EXPECT_EQ(Checks(Ask("+1 09:00")), Counts());
}

TEST_F(AgentLogTest, ADiscardedCaseLeavesTheAgentInItsSecondEpisodeToo) {
  State("09:00", "ana", "available");
  On("09:10", EventKind::kCustomerMessage, "A");
  On("09:20", EventKind::kResolved, "A", "ana");
  On("10:00", EventKind::kCustomerMessage, "A");
  On("10:00", EventKind::kAssigned, "A", "ana");
  On("11:00", EventKind::kDiscarded, "A");
  EXPECT_EQ(Of(Ask("12:00"), "busy_time", "sum_us"), kHour);
}

TEST_F(AgentLogTest, WithoutLogOutTheStateGoesOnAndIsCounted) {
  State("09:00", "ana", "available");
  const Report report = Ask("+1 12:00");
  EXPECT_EQ(Of(report, "staffed_time", "sum_us"), 27 * kHour);
  EXPECT_EQ(Checks(report), (Counts{{"state_long", 1}}));
  EXPECT_EQ(Checks(Ask("+1 08:59")), Counts());
  EXPECT_EQ(Checks(Ask("+1 12:00", "", R"({"agent_presence":
      {"suspect_after": "0"}})")),
            Counts());
}

TEST_F(AgentLogTest, WithALongestStateTheMissingLogOutEndsIt) {
  State("09:00", "ana", "available");
  State("15:00", "ana", "available");  // says so again
  const Report report =
      Ask("+1 12:00", "", R"({"agent_presence": {"max_state": "8h"}})");
  EXPECT_EQ(Of(report, "staffed_time", "sum_us"), 14 * kHour);  // to 23:00
  EXPECT_EQ(Of(report, "state_time", "visits", "", "available"), 1);
  EXPECT_EQ(Checks(report), (Counts{{"state_expired", 1}}));
}

TEST_F(AgentLogTest, OfflineNeverExpires) {
  State("09:00", "ana", "offline");
  On("+1 10:00", EventKind::kCustomerMessage, "A");
  On("+1 10:00", EventKind::kAssigned, "A", "ana");
  EXPECT_EQ(
      Checks(Ask("+1 12:00", "", R"({"agent_presence": {"max_state": "8h"}})")),
      (Counts{{"assigned_while_offline", 1}}));
}

TEST_F(AgentLogTest, RepliesConfirmAStateIfTheyShall) {
  State("09:00", "ana", "available");
  On("16:00", EventKind::kCustomerMessage, "A");
  On("16:00", EventKind::kAgentMessage, "A", "ana");
  EXPECT_EQ(
      Of(Ask("+1 12:00", "", R"({"agent_presence": {"max_state": "8h"}})"),
         "staffed_time", "sum_us"),
      8 * kHour);
  EXPECT_EQ(Of(Ask("+1 12:00", "", R"({"agent_presence":
               {"max_state": "8h", "confirmed_by": "states_and_replies"}})"),
               "staffed_time", "sum_us"),
            15 * kHour);
  // One that comes when the state is unknown already does not bring it back.
  On("+1 01:00", EventKind::kAgentMessage, "A", "ana");
  const Report report = Ask("+1 12:00", "", R"({"agent_presence":
      {"max_state": "8h", "confirmed_by": "states_and_replies"}})");
  EXPECT_EQ(Of(report, "staffed_time", "sum_us"), 15 * kHour);
  EXPECT_EQ(Checks(report),
            (Counts{{"replied_while_unknown", 1}, {"state_expired", 1}}));
}

TEST_F(AgentLogTest, OfTwoStatesAtOneInstantTheLastInTheOrderHolds) {
  State("09:00", "ana", "available");
  State("10:00", "ana", "break");    // e1001
  State("10:00", "ana", "meeting");  // e1002
  State("11:00", "ana", "offline");
  const Report report = Ask("12:00");
  EXPECT_EQ(Of(report, "state_time", "sum_us", "", "meeting"), kHour);
  EXPECT_EQ(Of(report, "state_time", "visits", "", "meeting"), 1);
  EXPECT_EQ(Of(report, "state_time", "visits", "", "break"), 0);
  EXPECT_EQ(Of(report, "staffed_time", "sum_us"), 2 * kHour);
  EXPECT_EQ(Checks(report), (Counts{{"state_replaced", 1}}));
}

TEST_F(AgentLogTest, TheSameStateTwiceAtOneInstantIsNothing) {
  State("09:00", "ana", "available");
  State("09:00", "ana", "available");
  const Report report = Ask("10:00");
  EXPECT_EQ(Of(report, "state_time", "visits", "", "available"), 1);
  EXPECT_EQ(Checks(report), Counts());
}

TEST_F(AgentLogTest, AnUnknownStateIsRefusedAndNothingElseIsLost) {
  State("09:00", "ana", "available");
  State("10:00", "ana", "lunch");
  State("11:00", "ana", "offline");
  const Report report = Ask("12:00");
  EXPECT_EQ(report.events.refused, 1);
  ASSERT_EQ(report.refusals.size(), 1u);
  EXPECT_EQ(report.refusals[0].reason,
            "state: \"lunch\" is not among the agent_states");
  EXPECT_EQ(Of(report, "staffed_time", "sum_us"), 2 * kHour);
}

TEST_F(AgentLogTest, WhatIsAssignedToSomebodyAwayCountsWhenHeIsBack) {
  State("08:00", "ana", "break");
  State("09:00", "ana", "available");
  State("08:00", "ben", "offline");
  for (const char* agent : {"ana", "ben"}) {
    On("08:30", EventKind::kCustomerMessage, agent);
    On("08:30", EventKind::kAssigned, agent, agent);
  }
  On("09:10", EventKind::kAgentMessage, "ana", "ana");
  On("09:10", EventKind::kResolved, "ana", "ana");
  const Report report = Ask("09:30", "agent");
  EXPECT_EQ(Of(report, "busy_time", "sum_us", "ana"), 10 * kMinute);
  EXPECT_EQ(Of(report, "handle_time", "sum_us", "ana"), 10 * kMinute);
  EXPECT_EQ(Of(report, "occupancy", "off_level_us", "ana"), 30 * kMinute);
  EXPECT_EQ(Of(report, "occupancy", "off_level_us", "ben"), kHour);
  EXPECT_EQ(Of(report, "busy_time", "sum_us", "ben"), 0);
  EXPECT_EQ(Checks(report), (Counts{{"assigned_while_unavailable ana", 1},
                                    {"assigned_while_offline ben", 1}}));
}

TEST_F(AgentLogTest, AReplyOfSomebodyNeverAssignedIsHisAnswerButNotHisLoad) {
  State("09:00", "ana", "available");
  State("09:00", "ben", "available");
  On("09:00", EventKind::kCustomerMessage, "A");
  On("09:00", EventKind::kAssigned, "A", "ana");
  On("09:10", EventKind::kAgentMessage, "A", "ben");
  On("09:20", EventKind::kResolved, "A", "ana");
  const Report report = Ask("10:00", "agent");
  EXPECT_EQ(Of(report, "first_response_time", "sum_us", "ben"), 10 * kMinute);
  EXPECT_EQ(Of(report, "handled", "count", "ben"), 1);
  EXPECT_EQ(Of(report, "busy_time", "sum_us", "ben"), 0);
  EXPECT_EQ(Of(report, "handle_time", "count", "ben"), 0);
  EXPECT_EQ(Of(report, "busy_time", "sum_us", "ana"), 10 * kMinute);
  EXPECT_EQ(Of(report, "handle_time.assign_to_reply", "untouched", "ana"), 1);
  EXPECT_EQ(Of(report, "resolved", "count", "ana"), 1);
  EXPECT_EQ(Checks(report), (Counts{{"replied_unassigned ben", 1}}));
}

TEST_F(AgentLogTest, WhereNobodyOwnsTheCaseTheSenderTakesIt) {
  State("09:00", "ben", "available");
  On("09:00", EventKind::kCustomerMessage, "A");
  On("09:10", EventKind::kAgentMessage, "A", "ben");
  On("09:20", EventKind::kCustomerMessage, "A");
  On("09:30", EventKind::kAgentMessage, "A", "ben");
  On("09:30", EventKind::kResolved, "A", "ben");
  const Report report = Ask("10:00");
  EXPECT_EQ(Of(report, "busy_time", "sum_us"), 10 * kMinute);
  EXPECT_EQ(Of(report, "handle_time", "sum_us"), 10 * kMinute);
  EXPECT_EQ(Checks(report), Counts());
}

TEST_F(AgentLogTest, SomebodyWhoHadTheCaseBeforeIsNoStranger) {
  State("09:00", "ana", "available");
  State("09:00", "ben", "available");
  On("09:00", EventKind::kCustomerMessage, "A");
  On("09:00", EventKind::kAssigned, "A", "ben");
  On("09:05", EventKind::kAssigned, "A", "ana");
  On("09:10", EventKind::kAgentMessage, "A", "ben");
  EXPECT_EQ(Checks(Ask("10:00")), Counts());
}

TEST_F(AgentLogTest, AnAgentInTwoTeamsIsInTheOneNamedLast) {
  State("09:00", "ana", "available", "front");
  State("10:00", "ana", "available", "back");
  State("10:30", "ana", "break");  // names none: still back
  State("11:00", "ana", "offline", "back");
  const Report teams = Ask("12:00", "team");
  EXPECT_EQ(Of(teams, "staffed_time", "sum_us", "front"), kHour);
  EXPECT_EQ(Of(teams, "staffed_time", "sum_us", "back"), kHour);
  EXPECT_EQ(Checks(teams), (Counts{{"team_changed front", 1}}));
  EXPECT_EQ(Of(Ask("12:00"), "staffed_time", "sum_us"), 2 * kHour);
}

TEST_F(AgentLogTest, AClockThatIsLateShowsAsRepliesWhileOffline) {
  State("08:00", "ana", "offline");
  On("09:00", EventKind::kCustomerMessage, "A");
  On("09:00", EventKind::kAssigned, "A", "ana");
  On("09:02", EventKind::kAgentMessage, "A", "ana");
  State("09:03", "ana", "available");
  On("09:04", EventKind::kCustomerMessage, "A");
  On("09:06", EventKind::kAgentMessage, "A", "ana");
  const Report report = Ask("10:00");
  EXPECT_EQ(Of(report, "busy_time", "sum_us"), 2 * kMinute);
  EXPECT_EQ(Of(report, "occupancy", "off_level_us"), 2 * kMinute);
  EXPECT_EQ(Checks(report), (Counts{{"assigned_while_offline", 1},
                                    {"replied_while_offline", 1}}));
}

TEST_F(AgentLogTest, HandleTimeCountsInThePresenceThatIsConfigured) {
  // Ana has no states at all; ben has a break.
  State("09:00", "ben", "break");
  for (const char* agent : {"ana", "ben"}) {
    On("09:00", EventKind::kCustomerMessage, agent);
    On("09:00", EventKind::kAssigned, agent, agent);
    On("09:10", EventKind::kAgentMessage, agent, agent);
    On("09:10", EventKind::kResolved, agent, agent);
  }
  auto sums = [&](std::string_view config) {
    const Report report = Ask("10:00", "agent", config);
    return std::pair(Of(report, "handle_time", "sum_us", "ana"),
                     Of(report, "handle_time", "sum_us", "ben"));
  };
  EXPECT_EQ(sums("{}"), std::pair(10 * kMinute, int64_t{0}));
  EXPECT_EQ(sums(R"({"agent_presence": {"handle_time": "available"}})"),
            std::pair(int64_t{0}, int64_t{0}));
  EXPECT_EQ(sums(R"({"agent_presence": {"handle_time": "any"}})"),
            std::pair(10 * kMinute, 10 * kMinute));
}

TEST_F(AgentLogTest, WhatIsCountedCanBeExplained) {
  State("09:00", "ana", "offline");
  On("09:10", EventKind::kCustomerMessage, "A");
  On("09:10", EventKind::kAssigned, "A", "ana");
  State("09:20", "ana", "break");
  State("09:20", "ana", "available");
  absl::StatusOr<Config> config = ParseConfig(
      R"({"kpis": [{"kpi": "data_quality"}], "groups": [["agent"]]})");
  ASSERT_TRUE(config.ok()) << config.status();
  absl::StatusOr<Engine> engine =
      Engine::Create(*config, {.explain = "data_quality"});
  ASSERT_TRUE(engine.ok()) << engine.status();
  engine->Ingest(events_);
  engine->Finish();
  const absl::StatusOr<std::vector<Explanation>> doubts = engine->Explain({});
  ASSERT_TRUE(doubts.ok()) << doubts.status();
  ASSERT_EQ(doubts->size(), 2u);
  EXPECT_EQ((*doubts)[0].outcome, "assigned_while_offline");
  EXPECT_EQ((*doubts)[0].interaction, "A");
  EXPECT_EQ((*doubts)[0].booked_us, At("09:10"));
  EXPECT_EQ((*doubts)[1].outcome, "state_replaced");
  EXPECT_EQ((*doubts)[1].interaction, "");
  EXPECT_EQ((*doubts)[1].booked_us, At("09:20"));
}

// An agent without states, and a case that lasts for three buckets.
TEST_F(AgentLogTest, SlicesOfUnreportedAgentsFallWhereTheyBelong) {
  On("09:05", EventKind::kCustomerMessage, "A");
  On("09:05", EventKind::kAssigned, "A", "ana");
  On("09:40", EventKind::kAgentMessage, "A", "ana");
  absl::StatusOr<Config> config = ParseConfig(R"({"kpis": [{"kpi":
      "handle_time", "attribution": "sliced", "statistic": "sum"}]})");
  ASSERT_TRUE(config.ok()) << config.status();
  absl::StatusOr<Engine> engine = Engine::Create(*config);
  ASSERT_TRUE(engine.ok()) << engine.status();
  engine->Ingest(events_);
  engine->Finish();
  Query query;
  query.every = Frequency::kBucket;
  query.by = GroupBy();
  const absl::StatusOr<Report> report = engine->Ask(query);
  ASSERT_TRUE(report.ok()) << report.status();
  std::vector<int64_t> sums;
  for (const ReportRow& row : report->rows) {
    sums.push_back(Number(row, "sliced_us"));
  }
  EXPECT_EQ(sums,
            (std::vector<int64_t>{10 * kMinute, 15 * kMinute, 10 * kMinute}));
}

TEST_F(AgentLogTest, TheConfiguredLoadIsTheDefaultOfEveryKpi) {
  State("09:00", "ana", "available");
  On("09:00", EventKind::kCustomerMessage, "A");
  On("09:00", EventKind::kAssigned, "A", "ana");
  On("09:10", EventKind::kAgentMessage, "A", "ana");
  On("09:30", EventKind::kResolved, "A", "ana");
  EXPECT_EQ(Of(Ask("10:00"), "busy_time", "sum_us"), 10 * kMinute);
  const Report assigned = Ask("10:00", "", R"({"agent_load": "assigned"})");
  EXPECT_EQ(Of(assigned, "busy_time", "sum_us"), 30 * kMinute);
  EXPECT_EQ(Of(assigned, "handle_time", "sum_us"), 30 * kMinute);
}

TEST_F(AgentLogTest, UtilizationTakesTheTimesItIsTold) {
  State("09:00", "ana", "available");
  State("10:00", "ana", "break");
  State("11:00", "ana", "offline");
  auto of = [&](std::string_view above, std::string_view below) {
    const Report report =
        Ask("12:00", "",
            R"({"kpis": [{"kpi": "utilization", "numerator_time": ")" +
                std::string(above) + R"(", "denominator_time": ")" +
                std::string(below) + R"("}]})");
    return std::pair(Of(report, "utilization", "numerator"),
                     Of(report, "utilization", "denominator"));
  };
  EXPECT_EQ(of("productive", "paid"), std::pair(kHour, 2 * kHour));
  EXPECT_EQ(of("available", "staffed"), std::pair(kHour, 2 * kHour));
  EXPECT_EQ(of("busy", "available"), std::pair(int64_t{0}, kHour));
}

}  // namespace
}  // namespace cckpi
