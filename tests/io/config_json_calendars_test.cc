// What a configuration says of calendars, schedules, agents and groups.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cckpi/io/config_json.h"
#include "io/config_json_parsed.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(CalendarConfigTest, ErrorsNameTheInterval) {
  EXPECT_THAT(
      Errors(R"({"calendars": {"x": {"weekly": {
                 "mon": [["09:00", "25:00"], ["09:00"], "09:00"]}}}})"),
      ElementsAre(
          "calendars.x.weekly.mon[0]: \"25:00\" is not a time of day",
          "calendars.x.weekly.mon[1]: must be a begin and an end: [\"09:00\", "
          "\"18:00\"]",
          "calendars.x.weekly.mon[2]: must be a begin and an end: [\"09:00\", "
          "\"18:00\"]"));
  EXPECT_THAT(
      Errors(R"({"calendars": {"x": {"time_zone": "Mars/Base",
                 "holidays": ["2026-02-30", "2026-01-01", "2026-01-01"],
                 "exceptions": {"26-01-01": []},
                 "breaks": {"2026-01-02": [["9", "10:00"]]}}}})"),
      ElementsAre(
          "calendars.x.time_zone: unknown time zone \"Mars/Base\"",
          "calendars.x.holidays[0]: \"2026-02-30\" is not a date",
          "calendars.x.holidays[2]: \"2026-01-01\" is there twice",
          "calendars.x.exceptions.26-01-01: \"26-01-01\" is not a date",
          "calendars.x.breaks.2026-01-02[0]: \"9\" is not a time of day"));
}

TEST(CalendarConfigTest, ZoneDefaultsToTheConfigured) {
  EXPECT_EQ(Parsed(R"({"calendars": {"x": {}}, "time_zone": "Asia/Kolkata"})")
                .calendars.at("x")
                .time_zone,
            "Asia/Kolkata");
}

TEST(ScheduleConfigTest, CalendarsExistAndRulesDoNotRepeat) {
  EXPECT_THAT(Errors(R"({"calendars": {"office": {}},
                         "schedules": [{"calendar": "offce"},
                                       {"team": "a"}]})"),
              ElementsAre("schedules[0].calendar: no calendar \"offce\"; did "
                          "you mean \"office\"?",
                          "schedules[1].calendar: missing"));
  EXPECT_THAT(Errors(R"({"calendars": {"a": {}, "b": {}},
                         "schedules": [{"calendar": "a", "team": "t"},
                                       {"calendar": "a"},
                                       {"calendar": "b", "team": "t"}]})"),
              ElementsAre("schedules[2]: matches the same from the same "
                          "instant as schedules[0]"));
  EXPECT_THAT(Errors(R"({"calendars": {"a": {}}, "schedules": [
                         {"calendar": "a", "from": "yesterday"},
                         {"calendar": "a", "team": "t",
                          "from": "1970-01-01T00:00:00Z"}],
                         "schedule_policy": "start"})"),
              ElementsAre("schedules[0].from: \"yesterday\" is no instant such "
                          "as \"2026-01-01T00:00:00Z\"",
                          "schedules[1].from: must be from 1990 to 2099, is "
                          "1970-01-01T00:00:00Z",
                          HasSubstr("schedule_policy: \"start\" is none of "
                                    "in_force, at_start, at_end")));
}

TEST(AgentConfigTest, ClassesAreKnownAndFitTogether) {
  EXPECT_THAT(
      Errors(R"({"agent_states": {"away": ["payed"],
                                  "odd": ["offline", "available"]}})"),
      ElementsAre("agent_states.away[0]: \"payed\" is none of paid, "
                  "productive, available, offline, handling; did you mean "
                  "\"paid\"?",
                  "agent_states.odd: a state is not offline and available at "
                  "once"));
  EXPECT_THAT(Errors(R"({"agent_states": {}})"),
              ElementsAre("agent_states: must name at least one state"));
}

TEST(GroupConfigTest, DimensionsAreKnownAndThereOnce) {
  EXPECT_THAT(
      Errors(R"({"groups": [["chanel"], ["team", "team"], ["a", "tag."],
                            ["team", "channel"], ["channel", "team"]]})"),
      ElementsAre(
          "groups[0][0]: \"chanel\" is none of channel, source, team, agent, "
          "priority, tag.NAME; did you mean \"channel\"?",
          "groups[1][1]: \"team\" is there twice",
          HasSubstr("groups[2][0]: \"a\" is none of"),
          HasSubstr("groups[2][1]: \"tag.\" is none of"),
          "groups[4]: the same dimensions are there twice"));
  const Config config = Parsed(R"({"groups": [[], ["tag.plan"]]})");
  EXPECT_EQ(DimensionName(config.groups[1][0]), "tag.plan");
  EXPECT_TRUE(Parsed(R"({"groups": []})").groups_given);
}

}  // namespace
}  // namespace cckpi
