#include "cckpi/io/config_json.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/kpi/catalogue.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

Config Parsed(std::string_view json) {
  absl::StatusOr<Config> config = ParseConfig(json);
  EXPECT_TRUE(config.ok()) << config.status() << "\n" << json;
  return config.ok() ? *std::move(config) : Config();
}

// The lines of the error message.
std::vector<std::string> Errors(std::string_view json) {
  absl::StatusOr<Config> config = ParseConfig(json);
  if (config.ok()) return {};
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
  std::vector<std::string> lines;
  std::istringstream text(std::string(config.status().message()));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

// A rule with what every rule needs, and more.
std::string Rule(const std::string& more, const std::string& bands) {
  return R"({"scaling_matrix": [{"id": "r", "kpi": "speed_of_answer",
             "target": "<=120s")" +
         more + R"(, "bands": [)" + bands + "]}]}";
}

// A scorecard of one card.
std::string Card(const std::string& scorecard, const std::string& card) {
  return R"({"scorecards": [{"id": "s", )" + scorecard + R"("cards": [{)" +
         card + "}]}]}";
}

constexpr std::string_view kWholeExample = R"({
  "time_zone": "Europe/Madrid",
  "week_starts": "monday",
  "allowed_lateness": "5m",
  "auto_close_after": "24h",
  "fcr_window": "7d",
  "calendars": {
    "office": {"time_zone": "Europe/Madrid",
               "weekly": {"mon": [["09:00", "14:00"], ["15:00", "18:00"]], "fri": [["22:00", "02:00"]]},
               "holidays": ["2026-12-25"],
               "exceptions": {"2026-12-24": [["09:00", "13:00"]]},
               "breaks": {"2026-06-01": [["10:00", "12:00"]]}}
  },
  "schedules": [{"calendar": "office", "team": "first-response", "from": "2026-01-01T00:00:00Z"}],
  "agent_states": {"available": ["paid", "productive", "available"], "training": ["paid"], "break": [], "offline": ["offline"]},
  "agent_capacity": 3,
  "groups": [["channel"], ["team"], ["agent"], ["channel", "team"]],
  "kpis": [
    {"id": "frt", "kpi": "first_response_time", "statistic": "mean", "clock": "business"},
    {"id": "sl15", "kpi": "service_level", "within": "15m", "stage": "first"},
    {"id": "late_share", "formula": "late_answered / arrivals"}
  ],
  "scorecards": [
    {"id": "first-level", "scope": {"team": "first-response"}, "every": "week", "attainment": "binary",
     "cards": [{"kpi": "frt", "benchmark": "<15m", "weight": 50}, {"kpi": "accuracy", "benchmark": ">=85%", "weight": 50}]}
  ],
  "scaling_matrix": [
    {"id": "asa-facebook", "kpi": "speed_of_answer", "scope": {"channel": "facebook"}, "window": "15m", "target": "<=120s", "min_n": 5,
     "bands": [
       {"level": "warning",  "over": "120s", "dwell": "2m", "actions": ["move two agents from e-mail"], "notify": ["team-lead"]},
       {"level": "critical", "over": "300s", "clear": "240s", "actions": ["open overflow queue"], "notify": ["manager"]}],
     "repeat": "30m", "ladder": [{"notify": ["team-lead"], "after": "10m"}, {"notify": ["manager"]}]}
  ],
  "reports": [{"id": "weekly", "every": "week", "at": "Mon 08:00", "kpis": ["frt", "sl15"], "by": ["team"], "to": ["manager"], "format": "html"}]
})";

TEST(ParseConfigTest, EmptyObjectIsTheDefaultConfig) {
  const Config config = Parsed("{}");
  EXPECT_EQ(config.time_zone, "UTC");
  EXPECT_EQ(config.week_starts, 1);
  EXPECT_FALSE(config.allowed_lateness_us.has_value());
  EXPECT_FALSE(config.duplicate_window_us.has_value());
  EXPECT_EQ(config.auto_close_after_us, 0);
  EXPECT_EQ(config.fcr_window_us, 7 * kDay);
  EXPECT_EQ(config.forget_closed_after_us, 90 * kDay);
  EXPECT_EQ(config.review_window_us, 90 * kDay);
  EXPECT_EQ(config.schedule_policy, "in_force");
  EXPECT_EQ(config.agent_capacity, 3);
  EXPECT_FALSE(config.groups_given);
  EXPECT_FALSE(config.kpis_given);
  EXPECT_THAT(config.agent_states, IsEmpty());
}

TEST(ParseConfigTest, WholeExampleReadsTimeCalendarsAndAgents) {
  const Config config = Parsed(kWholeExample);
  EXPECT_EQ(config.time_zone, "Europe/Madrid");
  EXPECT_EQ(config.allowed_lateness_us, 300'000'000);     // 5 min
  EXPECT_EQ(config.auto_close_after_us, 86'400'000'000);  // 24 h
  EXPECT_EQ(config.fcr_window_us, 604'800'000'000);       // 7 days
  ASSERT_THAT(config.calendars, SizeIs(1));
  const CalendarSpec& office = config.calendars.at("office");
  EXPECT_EQ(office.time_zone, "Europe/Madrid");
  EXPECT_THAT(office.weekly[0], ElementsAre(LocalInterval{32'400, 50'400},
                                            LocalInterval{54'000, 64'800}));
  EXPECT_THAT(office.weekly[4], ElementsAre(LocalInterval{79'200, 7'200}));
  EXPECT_THAT(office.weekly[1], IsEmpty());
  EXPECT_THAT(office.holidays, ElementsAre(absl::CivilDay(2026, 12, 25)));
  EXPECT_THAT(office.exceptions,
              ElementsAre(Pair(absl::CivilDay(2026, 12, 24),
                               ElementsAre(LocalInterval{32'400, 46'800}))));
  EXPECT_THAT(office.breaks, SizeIs(1));
  ASSERT_THAT(config.schedules, SizeIs(1));
  EXPECT_EQ(config.schedules[0].calendar, "office");
  EXPECT_EQ(config.schedules[0].team, "first-response");
  EXPECT_EQ(config.schedules[0].channel, "");
  EXPECT_EQ(config.schedules[0].from_us, 1'767'225'600'000'000);
  ASSERT_THAT(config.agent_states, SizeIs(4));  // in the order of the text
  EXPECT_EQ(config.agent_states[0].name, "available");
  EXPECT_EQ(config.agent_states[0].classes, kPaid | kProductive | kAvailable);
  EXPECT_EQ(config.agent_states[2].name, "break");
  EXPECT_EQ(config.agent_states[2].classes, 0);
  EXPECT_TRUE(config.groups_given);
  ASSERT_THAT(config.groups, SizeIs(4));
  EXPECT_EQ(DimensionName(config.groups[3][1]), "team");
}

TEST(ParseConfigTest, WholeExampleReadsKpisAndScorecards) {
  const Config config = Parsed(kWholeExample);
  EXPECT_TRUE(config.kpis_given);
  ASSERT_THAT(config.kpis, SizeIs(3));
  KpiSpec frt = DefaultSpec(Kpi::kFirstResponseTime);
  frt.id = "frt";
  frt.clock = Clock::kBusiness;
  EXPECT_EQ(config.kpis[0], frt);
  KpiSpec sl15 = DefaultSpec(Kpi::kServiceLevel);
  sl15.id = "sl15";
  EXPECT_EQ(config.kpis[1], sl15);
  EXPECT_EQ(config.kpis[2].kpi, Kpi::kFormula);
  EXPECT_EQ(config.kpis[2].formula, "late_answered / arrivals");

  ASSERT_THAT(config.scorecards, SizeIs(1));
  const Scorecard& scorecard = config.scorecards[0];
  EXPECT_EQ(scorecard.id, "first-level");
  EXPECT_THAT(scorecard.scope, ElementsAre(Pair("team", "first-response")));
  EXPECT_EQ(scorecard.every, Frequency::kWeekly);
  EXPECT_EQ(scorecard.attainment, Attainment::kBinary);
  EXPECT_EQ(scorecard.no_data, ScoreNoData::kRenormalise);
  ASSERT_THAT(scorecard.cards, SizeIs(2));
  EXPECT_EQ(scorecard.cards[0].kpi, "frt");
  ASSERT_THAT(scorecard.cards[0].benchmarks, SizeIs(1));
  EXPECT_EQ(scorecard.cards[0].benchmarks[0].threshold.comparator,
            Comparator::kLess);
  EXPECT_EQ(scorecard.cards[0].benchmarks[0].threshold.value_micro,
            900'000'000);
  EXPECT_EQ(scorecard.cards[0].weight_permille, 50'000);
  EXPECT_EQ(scorecard.cards[1].benchmarks[0].threshold.comparator,
            Comparator::kGreaterEqual);
  EXPECT_EQ(scorecard.cards[1].benchmarks[0].threshold.value_micro, 850'000);
}

TEST(ParseConfigTest, WholeExampleReadsRulesAndReports) {
  const Config config = Parsed(kWholeExample);
  ASSERT_THAT(config.scaling_matrix, SizeIs(1));
  const ScalingRule& rule = config.scaling_matrix[0];
  EXPECT_EQ(rule.id, "asa-facebook");
  EXPECT_EQ(rule.kpi, "speed_of_answer");
  EXPECT_THAT(rule.scope, ElementsAre(Pair("channel", "facebook")));
  EXPECT_EQ(rule.window_us, 900'000'000);
  EXPECT_EQ(rule.target.value_micro, 120'000'000);
  EXPECT_EQ(rule.direction, Direction::kLowerIsBetter);
  EXPECT_EQ(rule.min_n, 5);
  EXPECT_EQ(rule.no_data, NoDataPolicy::kKeep);
  EXPECT_EQ(rule.repeat_us, 1'800'000'000);
  ASSERT_THAT(rule.bands, SizeIs(2));
  EXPECT_EQ(rule.bands[0].level, "warning");
  EXPECT_EQ(rule.bands[0].over_micro, 120'000'000);
  EXPECT_FALSE(rule.bands[0].clear_micro.has_value());
  EXPECT_EQ(rule.bands[0].dwell_us, 120'000'000);
  EXPECT_THAT(rule.bands[0].actions,
              ElementsAre("move two agents from e-mail"));
  EXPECT_EQ(rule.bands[1].clear_micro, 240'000'000);
  EXPECT_THAT(rule.bands[1].notify, ElementsAre("manager"));
  ASSERT_THAT(rule.ladder, SizeIs(2));
  EXPECT_EQ(rule.ladder[0].after_us, 600'000'000);
  EXPECT_EQ(rule.ladder[1].after_us, 0);

  ASSERT_THAT(config.reports, SizeIs(1));
  const ReportSchedule& report = config.reports[0];
  EXPECT_EQ(report.at, "Mon 08:00");
  EXPECT_EQ(report.due, (ReportTime{1, 0, 480}));
  EXPECT_THAT(report.kpis, ElementsAre("frt", "sl15"));
  ASSERT_THAT(report.by, SizeIs(1));
  EXPECT_THAT(report.to, ElementsAre("manager"));
  EXPECT_EQ(report.format, "html");
}

TEST(ParseConfigTest, EveryExampleOfTheManualIsSound) {
  std::ifstream file(std::string(CCKPI_SOURCE_DIR) + "/docs/config.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  const std::string fence = "```json\n";
  int examples = 0;
  for (size_t begin = page.find(fence); begin != std::string::npos;
       begin = page.find(fence, begin)) {
    begin += fence.size();
    const size_t end = page.find("```", begin);
    ASSERT_NE(end, std::string::npos);
    Parsed(page.substr(begin, end - begin));
    ++examples;
  }
  EXPECT_GE(examples, 8);
}

TEST(ParseConfigTest, DefaultAgentStatesOfTheManualAreTheRealOnes) {
  const Config config = Parsed(R"({"agent_states": {
    "available": ["paid", "productive", "available"],
    "busy": ["paid", "productive", "available", "handling"],
    "break": ["paid"], "training": ["paid"], "meeting": ["paid"],
    "offline": ["offline"]}})");
  const std::vector<AgentState> states = DefaultAgentStates();
  ASSERT_EQ(config.agent_states.size(), states.size());
  for (size_t i = 0; i < states.size(); ++i) {
    EXPECT_EQ(config.agent_states[i].name, states[i].name);
    EXPECT_EQ(config.agent_states[i].classes, states[i].classes);
  }
}

TEST(ParseConfigTest, UnknownKeysNameTheNearestAtEveryLevel) {
  EXPECT_THAT(
      Errors(R"({"timezone": "UTC"})"),
      ElementsAre("timezone: unknown key; did you mean \"time_zone\"?"));
  EXPECT_THAT(
      Errors(R"({"kpis": [{"kpi": "arrivals"},
                 {"kpi": "first_response_time", "statistik": "mean"}]})"),
      ElementsAre(
          "kpis[1].statistik: unknown key; did you mean \"statistic\"?"));
  EXPECT_THAT(Errors(R"({"calendars": {"a b": {"weekley": {}}}})"),
              ElementsAre("calendars[\"a b\"].weekley: unknown key; did you "
                          "mean \"weekly\"?"));
  EXPECT_THAT(Errors(R"({"calendars": {"x": {"weekly": {"monday": []}}}})"),
              ElementsAre(HasSubstr("calendars.x.weekly.monday: unknown key")));
  EXPECT_THAT(Errors(Rule("", R"({"level": "a", "over": "5m", "dwel": "2m"})")),
              ElementsAre("scaling_matrix[0].bands[0].dwel: unknown key; did "
                          "you mean \"dwell\"?"));
  EXPECT_THAT(Errors(R"({"nothing like it": 1})"),
              ElementsAre("[\"nothing like it\"]: unknown key"));
}

TEST(ParseConfigTest, EveryErrorIsReportedAtOnce) {
  EXPECT_THAT(
      Errors(R"({"time_zone": "Europe/Madird", "week_starts": "mo",
                 "agent_capacity": 0, "fcr_window": "0",
                 "reports": [{"kpis": ["frt"]}]})"),
      ElementsAre("time_zone: unknown time zone \"Europe/Madird\"",
                  "week_starts: \"mo\" is none of monday, tuesday, wednesday, "
                  "thursday, friday, saturday, sunday",
                  "fcr_window: must be longer than 0",
                  "agent_capacity: must be a whole number from 1 to 1000, is 0",
                  "reports[0].id: missing",
                  "reports[0].kpis[0]: no KPI \"frt\""));
}

TEST(ParseConfigTest, AtMostAHundredErrorsAreSpelledOut) {
  std::string json = R"({"schedules": [{})";
  for (int i = 1; i < 150; ++i) json += ", {}";
  const std::vector<std::string> errors = Errors(json + "]}");
  // Each lacks its calendar, and 149 repeat the first: 299 in all.
  ASSERT_THAT(errors, SizeIs(101));
  EXPECT_EQ(errors[0], "schedules[0].calendar: missing");
  EXPECT_EQ(errors[100], "and 199 further errors");
}

TEST(ParseConfigTest, WrongTypesSayWhatTheyAre) {
  EXPECT_THAT(Errors("[]"),
              ElementsAre("configuration: must be an object, is a list"));
  EXPECT_THAT(Errors(R"({"time_zone": 1})"),
              ElementsAre("time_zone: must be text, is a number"));
  EXPECT_THAT(Errors(R"({"time_zone": null})"),
              ElementsAre("time_zone: must be text, is null"));
  EXPECT_THAT(Errors(R"({"fcr_window": 7})"),
              ElementsAre("fcr_window: must be a span such as \"15m\" or "
                          "\"7d\", is a number"));
  EXPECT_THAT(Errors(R"({"fcr_window": "7"})"),
              ElementsAre("fcr_window: \"7\" is no span such as \"15m\" or "
                          "\"1h30m\""));
  EXPECT_THAT(Errors(R"({"fcr_window": "10000d"})"),
              ElementsAre("fcr_window: must be at most 3660d, is 10000d"));
  EXPECT_THAT(Errors(R"({"groups": {"a": 1}})"),
              ElementsAre("groups: must be a list, is an object"));
  EXPECT_THAT(Errors(R"({"groups": ["team"]})"),
              ElementsAre("groups[0]: must be a list, is text"));
  EXPECT_THAT(Errors(R"({"calendars": true})"),
              ElementsAre("calendars: must be an object, is true or false"));
  EXPECT_THAT(Errors(R"({"agent_capacity": 2.5})"),
              ElementsAre("agent_capacity: must be a whole number from 1 to "
                          "1000, is 2.5"));
  EXPECT_THAT(Errors(R"({"time_zone": ""})"),
              ElementsAre("time_zone: must not be empty"));
}

TEST(ParseConfigTest, KeysGivenTwiceAreErrors) {
  EXPECT_THAT(Errors(R"({"fcr_window": "7d", "fcr_window": "8d"})"),
              ElementsAre("fcr_window: given twice"));
  EXPECT_THAT(Errors(R"({"calendars": {"a": {"weekly": {}, "weekly": {
                         "mon": [["09:00", "10:00"]]}}}})"),
              ElementsAre("calendars.a.weekly: given twice"));
}

TEST(ParseConfigTest, SyntaxErrorsHaveLineAndColumn) {
  ASSERT_THAT(Errors("{\n  \"fcr_window\": 7d\n}"), SizeIs(1));
  // The "d" is the 18th character of the second line.
  EXPECT_THAT(Errors("{\n  \"fcr_window\": 7d\n}")[0],
              HasSubstr("line 2, column 18: "));
  EXPECT_THAT(Errors("")[0], HasSubstr("line 1, column 1: "));
  EXPECT_THAT(Errors("{} {}")[0], HasSubstr("line 1, column 4: "));
  EXPECT_THAT(Errors("{\"a\": \"\xff\"}")[0], HasSubstr("line 1, column "));
  // A message is text, whatever bytes the input held.
  const std::string message = Errors("{\"a\": \"\xff\"}")[0];
  for (char c : message) EXPECT_GE(c, ' ');
}

TEST(ParseConfigTest, HostileSizesAreRefusedWithoutHarm) {
  EXPECT_THAT(Errors(std::string(1'000'000, '[')),
              ElementsAre("configuration: nested more than 32 deep"));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
  EXPECT_THAT(Errors(deep),
              ElementsAre("configuration: nested more than 32 deep"));
  std::string many = "{\"groups\": [[]";
  for (int i = 0; i < 10'000; ++i) many += ",[]";
  EXPECT_THAT(Errors(many + "]}"),
              ElementsAre("configuration: more than 10000 items in one list or "
                          "object"));
  std::string same = "{\"a\": 0";
  for (int i = 0; i < 10'000; ++i) same += ",\"b" + std::to_string(i) + "\": 0";
  EXPECT_THAT(Errors(same + "}"),
              ElementsAre("configuration: more than 10000 items in one list or "
                          "object"));
  EXPECT_THAT(Errors(std::string((16 << 20) + 1, ' ')),
              ElementsAre("configuration: longer than 16777216 bytes"));
}

TEST(ParseConfigTest, SpansThatDependOnEachOtherAgree) {
  EXPECT_THAT(Errors(R"({"fcr_window": "30d", "forget_closed_after": "7d"})"),
              ElementsAre("forget_closed_after: must be at least "
                          "\"fcr_window\" (30d), is 7d"));
  // Not given, it follows a longer FCR window.
  EXPECT_EQ(Parsed(R"({"fcr_window": "120d"})").forget_closed_after_us,
            120 * kDay);
  EXPECT_THAT(
      Errors(R"({"allowed_lateness": "1h", "duplicate_window": "59m"})"),
      ElementsAre(HasSubstr("duplicate_window: must be at least "
                            "\"allowed_lateness\"")));
  const Config config = Parsed(
      R"({"allowed_lateness": "1h", "duplicate_window": "2h",
          "review_window": "14d", "forget_closed_after": "7d"})");
  EXPECT_EQ(config.duplicate_window_us, 2 * kHour);
  EXPECT_EQ(config.review_window_us, 14 * kDay);
  EXPECT_EQ(config.forget_closed_after_us, 7 * kDay);
}

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

TEST(KpiConfigTest, ReadsEveryOption) {
  const Config config = Parsed(R"({"kpis": [
    {"kpi": "response_time", "statistic": "p99.9", "clock": "business",
     "attribution": "arrival", "response": "human_only",
     "pooling": "per_interaction", "skip_first": true,
     "exclude": ["hold", "bot"]},
    {"kpi": "accuracy", "severities": ["minor", "major"], "over": "all"},
    {"kpi": "due_within", "horizon": "1h", "within": "4h"},
    {"kpi": "speed_of_answer", "to": "accepted",
     "statistic": "mean_with_waiting"},
    {"kpi": "operating_time", "to": "close", "from": "first_agent_message"}]})");
  ASSERT_THAT(config.kpis, SizeIs(5));
  KpiSpec spec = DefaultSpec(Kpi::kResponseTime);
  spec.statistic = Statistic::kPercentile;
  spec.percentile_ppm = 999'000;
  spec.clock = Clock::kBusiness;
  spec.attribution = Attribution::kArrival;
  spec.response = Response::kHumanOnly;
  spec.pooling = Pooling::kPerInteraction;
  spec.skip_first = true;
  spec.exclude = 0b10001;
  EXPECT_EQ(config.kpis[0], spec);
  spec = DefaultSpec(Kpi::kAccuracy);
  spec.severities = {"minor", "major"};
  spec.over_all = true;
  EXPECT_EQ(config.kpis[1], spec);
  EXPECT_EQ(config.kpis[2].horizon_us, kHour);
  EXPECT_EQ(config.kpis[2].within_us, 4 * kHour);
  EXPECT_EQ(config.kpis[3].answer, AnswerEnd::kAccepted);
  EXPECT_EQ(config.kpis[3].statistic, Statistic::kMeanWithWaiting);
  EXPECT_EQ(config.kpis[4].to, SpanEnd::kClose);
  EXPECT_EQ(config.kpis[4].from, SpanStart::kFirstAgentMessage);
}

TEST(KpiConfigTest, WrongNamesOptionsAndValuesAreNamed) {
  EXPECT_THAT(Errors(R"({"kpis": [{"kpi": "first_respons_time"}]})"),
              ElementsAre("kpis[0].kpi: no KPI \"first_respons_time\"; did you "
                          "mean \"first_response_time\"?"));
  EXPECT_THAT(
      Errors(R"({"kpis": [{"kpi": "service_level", "stage": "evry"}]})"),
      ElementsAre("kpis[0].stage: \"evry\" is none of first, every, "
                  "resolution; did you mean \"every\"?"));
  EXPECT_THAT(
      Errors(R"({"kpis": [{"kpi": "occupancy", "clock": "business"}]})"),
      ElementsAre("kpis[0].clock: occupancy takes no such option; it takes "
                  "statistic, load"));
  EXPECT_THAT(Errors(R"({"kpis": [{"kpi": "response_time", "within": "5m"}]})"),
              ElementsAre("kpis[0].within: only the statistic share_within has "
                          "it"));
  EXPECT_THAT(
      Errors(R"({"kpis": [{"kpi": "response_time", "skip_first": "true"},
                          {"kpi": "response_time", "exclude": "bot"},
                          {"kpi": "accuracy", "severities": ["a,b"]}]})"),
      ElementsAre("kpis[0].skip_first: must be true or false, is text",
                  "kpis[1].exclude: must be a list, is text",
                  "kpis[2].severities: \"a,b\" holds a comma"));
  EXPECT_THAT(Errors(R"({"kpis": [{}, {"kpi": "arrivals", "formula": "1",
                                       "id": "x"}]})"),
              ElementsAre("kpis[0]: needs \"kpi\" or \"formula\"",
                          "kpis[1]: has both \"kpi\" and \"formula\""));
}

TEST(KpiConfigTest, IdsAreUniqueAndHideNoOtherName) {
  EXPECT_THAT(
      Errors(R"({"kpis": [{"id": "a", "kpi": "arrivals"},
                          {"id": "a", "kpi": "answered"},
                          {"id": "backlog", "kpi": "answered"},
                          {"id": "met", "kpi": "answered"},
                          {"id": "two words", "kpi": "answered"}]})"),
      ElementsAre("kpis[1].id: \"a\" is there twice",
                  "kpis[2].id: \"backlog\" is the name of another KPI",
                  "kpis[3].id: \"met\" is the name of a counter of "
                  "service_level",
                  "kpis[4].id: must be at most 100 letters, digits, \"_\", "
                  "\"-\" and \".\", is \"two words\""));
  EXPECT_THAT(Errors(R"({"kpis": [{"kpi": "arrivals"}, {"kpi": "backlog"},
                                  {"kpi": "arrivals"}]})"),
              ElementsAre("kpis[2]: is the same as kpis[0]"));
  // A KPI may carry its own name, and appear again with other options.
  Parsed(R"({"kpis": [{"id": "backlog", "kpi": "backlog"},
                      {"kpi": "arrivals"},
                      {"kpi": "arrivals", "counts": "interactions"}]})");
}

TEST(KpiConfigTest, FormulasAreReadAndTheirOperandsKnown) {
  EXPECT_THAT(Errors(R"({"kpis": [{"formula": "1"}]})"),
              ElementsAre("kpis[0].id: missing; a formula needs a name"));
  EXPECT_THAT(
      Errors(R"({"kpis": [{"id": "a", "formula": "late_answered / * due"}]})"),
      ElementsAre("kpis[0].formula: column 17: expected a name, a number or "
                  "\"(\""));
  EXPECT_THAT(
      Errors(
          R"({"kpis": [{"id": "a", "formula": "late_answerd / arrivals"}]})"),
      ElementsAre("kpis[0].formula: no KPI or counter \"late_answerd\"; did "
                  "you mean \"late_answered\"?"));
  EXPECT_THAT(Errors(R"({"kpis": [{"id": "a", "formula": "1",
                                   "clock": "business"}]})"),
              ElementsAre("kpis[0].clock: formula takes no such option"));
  Parsed(R"({"kpis": [{"id": "b", "formula": "c"},
                      {"id": "a", "formula": "b * 2 + met"},
                      {"id": "c", "kpi": "arrivals"}]})");
}

TEST(KpiConfigTest, FormulasNameOnlyFormulasBeforeThem) {
  EXPECT_THAT(Errors(R"({"kpis": [{"id": "a", "formula": "a"}]})"),
              ElementsAre("kpis[0].formula: needs its own value"));
  EXPECT_THAT(Errors(R"({"kpis": [{"id": "a", "formula": "b + 1"},
                                  {"id": "b", "formula": "a"}]})"),
              ElementsAre("kpis[0].formula: \"b\" is a formula that comes "
                          "later"));
}

TEST(KpiConfigTest, LongChainsOfFormulasAreFine) {
  std::string json = R"({"kpis": [{"id": "f0", "kpi": "arrivals"})";
  for (int i = 1; i < 1000; ++i) {
    json += ",{\"id\": \"f" + std::to_string(i) + "\", \"formula\": \"f" +
            std::to_string(i - 1) + "\"}";
  }
  EXPECT_THAT(Parsed(json + "]}").kpis, SizeIs(1000));
  EXPECT_THAT(Errors(json + ", {\"kpi\": \"backlog\"}]}"),
              ElementsAre("kpis[1000]: more than 1000 KPIs"));
}

TEST(ScorecardConfigTest, BenchmarksHaveAHistory) {
  const Config config = Parsed(Card("", R"("kpi": "first_response_time",
      "weight": 0.5, "min_n": 20, "scope": {"tag.plan": "gold"},
      "benchmark": {"history": [
        {"benchmark": "<20m"},
        {"benchmark": "<15m", "from": "2026-04-01T00:00:00Z"}]})"));
  const ScoreCard& card = config.scorecards[0].cards[0];
  ASSERT_THAT(card.benchmarks, SizeIs(2));
  EXPECT_EQ(card.benchmarks[0].threshold.value_micro, 1'200'000'000);
  EXPECT_EQ(card.benchmarks[0].from_us, kNoTime);
  EXPECT_EQ(card.benchmarks[1].from_us, *ParseTime("2026-04-01T00:00:00Z"));
  EXPECT_EQ(card.weight_permille, 500);
  EXPECT_EQ(card.min_n, 20);
  EXPECT_THAT(card.scope, ElementsAre(Pair("tag.plan", "gold")));

  const std::string start = R"("kpi": "arrivals", "weight": 1, "benchmark": )";
  const std::string path = "scorecards[0].cards[0].benchmark";
  EXPECT_THAT(Errors(Card("", start + R"({"history": [{"benchmark": "<2"},
                                                      {"benchmark": "<3"}]})")),
              ElementsAre(path + ".history[1].from: must be later than that of "
                                 "the entry before"));
  EXPECT_THAT(Errors(Card("", start + R"({"history": []})")),
              ElementsAre(path + ".history: must not be empty"));
  EXPECT_THAT(Errors(Card("", start + "{}")),
              ElementsAre(path + ".history: missing"));
  EXPECT_THAT(Errors(Card("", start + "5")),
              ElementsAre(path + ": must be text such as \"<15m\" or an object "
                                 "with \"history\""));
}

TEST(ScorecardConfigTest, BenchmarksHaveTheUnitOfTheKpi) {
  const std::string path = "scorecards[0].cards[0].benchmark: ";
  EXPECT_THAT(Errors(Card("", R"("kpi": "first_response_time", "weight": 1,
                                 "benchmark": "<85%")")),
              ElementsAre(path + "\"85%\" is no span such as \"15m\" or "
                                 "\"1h30m\""));
  EXPECT_THAT(Errors(Card("", R"("kpi": "accuracy", "weight": 1,
                                 "benchmark": "85%")")),
              ElementsAre(path + "\"85%\" does not begin with <, <=, > or >="));
  // The statistic decides: a share within is a ratio.
  const Config config = Parsed(R"({
    "kpis": [{"id": "in", "kpi": "first_response_time",
              "statistic": "share_within"},
             {"id": "f", "formula": "1"}],
    "scorecards": [{"id": "s", "cards": [
      {"kpi": "in", "weight": 1, "benchmark": ">=80%"},
      {"kpi": "f", "weight": 1, "benchmark": "<2h"}]}]})");
  EXPECT_EQ(config.scorecards[0].cards[0].benchmarks[0].threshold.value_micro,
            800'000);
}

TEST(ScorecardConfigTest, ZonesGoFromNarrowToWide) {
  const Config config = Parsed(Card(R"("attainment": "zones", )",
                                    R"("kpi": "service_level", "weight": 1,
      "zones": [{"when": ">90%", "points": 100}, {"when": ">=90%", "points": 80},
                {"when": ">=70%", "points": 20}])"));
  const ScoreCard& card = config.scorecards[0].cards[0];
  ASSERT_THAT(card.zones, SizeIs(3));
  EXPECT_EQ(card.zones[0].points_permille, 1000);
  EXPECT_EQ(card.zones[2].when.value_micro, 700'000);
  EXPECT_THAT(card.benchmarks, IsEmpty());

  EXPECT_THAT(
      Errors(Card(R"("attainment": "zones", )",
                  R"("kpi": "service_level", "weight": 1,
      "zones": [{"when": ">=70%", "points": 20}, {"when": ">=90%", "points": 1},
                {"when": "<50%", "points": 101}, {}])")),
      ElementsAre("scorecards[0].cards[0].zones[1].when: can never apply, the "
                  "zone before covers it",
                  "scorecards[0].cards[0].zones[2].points: must be a whole "
                  "number from 0 to 100, is 101",
                  "scorecards[0].cards[0].zones[2].when: must look the same "
                  "way as the zone before",
                  "scorecards[0].cards[0].zones[3].when: missing",
                  "scorecards[0].cards[0].zones[3].points: missing"));
}

TEST(ScorecardConfigTest, CardsAreWhole) {
  EXPECT_THAT(Errors(R"({"scorecards": [{"id": "a"}, {"id": "a", "cards": []},
                         {"id": "b", "cards": [{}], "attainment": "binry"}]})"),
              ElementsAre("scorecards[0].cards: missing",
                          "scorecards[1].id: \"a\" is there twice",
                          "scorecards[1].cards: must not be empty",
                          "scorecards[2].attainment: \"binry\" is none of "
                          "binary, linear, zones; did you mean \"binary\"?",
                          "scorecards[2].cards[0].kpi: missing",
                          "scorecards[2].cards[0].weight: missing",
                          "scorecards[2].cards[0].benchmark: missing"));
  const std::string path = "scorecards[0].cards[0].";
  for (const char* weight : {"0", "-1", "1000.001", "0.0001", "1e3"}) {
    EXPECT_THAT(Errors(Card("", R"("kpi": "arrivals", "benchmark": "<5",
                                   "weight": )" +
                                    std::string(weight))),
                ElementsAre(HasSubstr(path + "weight: must be more than 0 and "
                                             "at most 1000")))
        << weight;
  }
  EXPECT_THAT(Errors(Card(R"("attainment": "linear", )",
                          R"("kpi": "arrivals", "weight": 1,
                             "benchmark": ">=0")")),
              ElementsAre(path + "benchmark: must be above 0 for linear "
                                 "attainment"));
  EXPECT_THAT(Errors(Card("", R"("kpi": "arrivals", "weight": 1,
                                 "benchmark": "<5", "zones": [])")),
              ElementsAre(path + "zones: the scorecard's attainment is not "
                                 "zones"));
  EXPECT_THAT(Errors(Card(R"("scope": {"teem": "a", "team": ""}, )",
                          R"("kpi": "arrivls", "weight": 1,
                             "benchmark": "<5")")),
              ElementsAre(HasSubstr("scorecards[0].scope.teem: \"teem\" is "
                                    "none of channel"),
                          "scorecards[0].scope.team: must not be empty",
                          path + "kpi: no KPI \"arrivls\"; did you mean "
                                 "\"arrivals\"?"));
}

TEST(ScorecardConfigTest, ShareOfMoreThanAllIsAPercentageWithoutItsSign) {
  const std::string path = "scorecards[0].cards[0].";
  EXPECT_THAT(Errors(Card("", R"("kpi": "accuracy", "weight": 1,
                                 "benchmark": ">=85")")),
              ElementsAre(path + "benchmark: must be at most 100%, is 8500%; "
                                 "did you mean \">=85%\"?"));
  EXPECT_THAT(Errors(Card(R"("attainment": "zones", )",
                          R"("kpi": "service_level", "weight": 1,
                             "zones": [{"when": ">=80", "points": 100}])")),
              ElementsAre(path + "zones: must be at most 100%, is 8000%; "
                                 "did you mean \">=80%\"?"));
  Parsed(Card("", R"("kpi": "accuracy", "weight": 1, "benchmark": ">=1")"));
  // A bias may be of any size.
  Parsed(Card("", R"("kpi": "forecast_accuracy", "weight": 1,
                     "benchmark": "<150%")"));
}

TEST(ScorecardConfigTest, ACardHasOneValue) {
  EXPECT_THAT(Errors(Card("", R"("kpi": "state_time", "weight": 1,
                                 "benchmark": "<1h")")),
              ElementsAre(HasSubstr("scorecards[0].cards[0].kpi: "
                                    "\"state_time\" has a value for each "
                                    "agent state; configure a KPI")));
}

// Two teams, weekly, and what follows them.
std::string Teams(const std::string& more) {
  return R"({"scorecards": [
    {"id": "first", "by": ["agent"],
     "cards": [{"kpi": "arrivals", "benchmark": "<5", "weight": 1}]},
    {"id": "second", "every": "day",
     "cards": [{"kpi": "arrivals", "benchmark": "<5", "weight": 1}]},
    )" + more +
         "]}";
}

TEST(ScorecardConfigTest, ARollUpHasMembersWithWeights) {
  const Config config = Parsed(Teams(
      R"({"id": "manager", "of": ["first"]},
         {"id": "head", "no_data": "zero",
          "cards": [{"kpi": "arrivals", "benchmark": "<5", "weight": 40}],
          "of": [{"scorecard": "manager", "weight": 60.5}]})"));
  EXPECT_EQ(config.scorecards[0].by, (GroupBy{*ParseDimension("agent")}));
  ASSERT_THAT(config.scorecards[2].of, SizeIs(1));
  EXPECT_EQ(config.scorecards[2].of[0].scorecard, "first");
  EXPECT_EQ(config.scorecards[2].of[0].weight_permille, 1000);
  EXPECT_THAT(config.scorecards[2].cards, SizeIs(0));
  EXPECT_EQ(config.scorecards[3].of[0].weight_permille, 60'500);
  EXPECT_EQ(config.scorecards[3].no_data, ScoreNoData::kZero);
}

TEST(ScorecardConfigTest, MembersExistAndHaveTheSameWindows) {
  const std::string path = "scorecards[2].of";
  EXPECT_THAT(
      Errors(Teams(R"({"id": "m", "of": ["frist", "second", "first", "first",
                       3, {}]})")),
      ElementsAre(path + "[3]: \"first\" is there twice",
                  path + "[4]: must be a scorecard's id or an object with "
                         "\"scorecard\" and \"weight\"",
                  path + "[5].scorecard: missing", path + "[5].weight: missing",
                  path + "[0]: no scorecard \"frist\"; did you mean "
                         "\"first\"?",
                  path + "[1]: \"second\" is of every day, this scorecard of "
                         "every week"));
  EXPECT_THAT(Errors(Teams(R"({"id": "m", "of": []})")),
              ElementsAre(path + ": must not be empty"));
  EXPECT_THAT(Errors(Teams(R"({"id": "m", "of": ["first"], "cards": [
                     {"kpi": "arrivals", "benchmark": "<5", "weight": 1}]})")),
              ElementsAre(path + "[0]: needs a weight beside \"cards\": "
                                 "{\"scorecard\": \"first\", "
                                 "\"weight\": 50}"));
  EXPECT_THAT(Errors(Teams(R"({"id": "a", "of": ["b"]},
                              {"id": "b", "of": ["a"]})")),
              ElementsAre("scorecards[2].of: scorecards contain each other: "
                          "a, b, a"));
}

TEST(ScorecardConfigTest, GroupsAreNotFixedElsewhere) {
  EXPECT_THAT(
      Errors(R"({"scorecards": [{"id": "s", "by": ["team", "agent"],
                 "scope": {"team": "a"}, "of": ["t"],
                 "cards": [{"kpi": "arrivals", "benchmark": "<5", "weight": 1,
                            "scope": {"agent": "ann"}}]},
                {"id": "t", "cards": [{"kpi": "arrivals", "benchmark": "<5",
                                       "weight": 1}]}]})"),
      ElementsAre("scorecards[0].by: \"team\" is fixed by \"scope\"",
                  "scorecards[0].by: \"agent\" is fixed by the scope of "
                  "cards[0]",
                  "scorecards[0].by: a roll-up (\"of\") has one score, not "
                  "one per group",
                  HasSubstr("scorecards[0].of[0]: needs a weight")));
}

TEST(ReportConfigTest, NamesScorecardsThatThereAre) {
  EXPECT_THAT(Errors(Teams(R"({"id": "m", "of": ["first"]}], "reports": [
                     {"id": "r", "scorecards": ["m", "secnd"]})")),
              ElementsAre("reports[0].scorecards[1]: no scorecard \"secnd\"; "
                          "did you mean \"second\"?"));
}

TEST(ScalingConfigTest, BandsTileTheAxisInTheBadDirection) {
  const std::string bands = "scaling_matrix[0].bands";
  EXPECT_THAT(Errors(Rule("", R"({"level": "a", "over": "120s"},
                         {"level": "b", "over": "300s", "clear": "300s"})")),
              ElementsAre(bands + "[1].clear: must be better than \"over\""));
  EXPECT_THAT(Errors(Rule("", R"({"level": "a", "over": "5m"},
                                 {"level": "b", "over": "5m"},
                                 {"level": "c", "over": "4m"})")),
              ElementsAre(bands + "[1].over: must be worse than that of the "
                                  "band before (5m)",
                          bands + "[2].over: must be worse than that of the "
                                  "band before (5m)"));
  EXPECT_THAT(Errors(Rule("", R"({"level": "a", "over": "119s"})")),
              ElementsAre(bands + "[0].over: must not be better than the "
                                  "target (<=2m)"));
  // Where higher is better, the edges fall.
  const auto level = [](const std::string& list) {
    return R"({"scaling_matrix": [{"id": "r", "kpi": "service_level",
               "target": ">=80%", "bands": [)" +
           list + "]}]}";
  };
  const Config config =
      Parsed(level(R"({"level": "a", "over": "75%", "clear": "80%"},
                      {"level": "b", "over": 0.6})"));
  EXPECT_EQ(config.scaling_matrix[0].direction, Direction::kHigherIsBetter);
  EXPECT_EQ(config.scaling_matrix[0].bands[1].over_micro, 600'000);
  EXPECT_THAT(Errors(level(R"({"level": "a", "over": "81%"},
                              {"level": "b", "over": "90%", "clear": "50%"})")),
              ElementsAre(bands + "[0].over: must not be better than the "
                                  "target (>=80%)",
                          bands + "[1].clear: must be better than \"over\"",
                          bands + "[1].over: must be worse than that of the "
                                  "band before (81%)"));
}

TEST(ScalingConfigTest, BandsThatNoValueReachesAreRefused) {
  const auto errors = [](const std::string& kpi, const std::string& target,
                         const std::string& bands) {
    return Errors(R"({"scaling_matrix": [{"id": "r", "kpi": ")" + kpi +
                  R"(", "target": ")" + target + R"(", "bands": [)" + bands +
                  "]}]}");
  };
  const std::string path = "scaling_matrix[0].bands";
  EXPECT_THAT(errors("service_level", ">=80%",
                     R"({"level": "a", "over": "50%", "clear": "101%"},
                        {"level": "b", "over": "0%"})"),
              ElementsAre(path + "[0].clear: can never be reached: no value is "
                                 "better than 100%",
                          path + "[1].over: can never be reached: no value is "
                                 "past 0%"));
  EXPECT_THAT(errors("occupancy", "<=85%",
                     R"({"level": "a", "over": "99.9%"},
                        {"level": "b", "over": "100%"})"),
              ElementsAre(path + "[1].over: can never be reached: no value is "
                                 "past 100%"));
  EXPECT_THAT(errors("resolved", ">=10", R"({"level": "a", "over": 0})"),
              ElementsAre(path + "[0].over: can never be reached: no value is "
                                 "past 0"));
  // Nothing lies between 50 and 50.5 but no whole number.
  EXPECT_THAT(errors("backlog", "<=50",
                     R"({"level": "a", "over": 50},
                        {"level": "b", "over": 50.5})"),
              ElementsAre(path + "[1].over: leaves no whole number for the "
                                 "band before (50), which can never be "
                                 "reached"));
  EXPECT_THAT(errors("backlog", "<=50",
                     R"({"level": "a", "over": 50.5},
                        {"level": "b", "over": 51})"),
              ElementsAre());
}

TEST(ScalingConfigTest, RecipientsThatAreDeclaredAreTheOnlyOnes) {
  const std::string rule = R"("scaling_matrix": [
      {"id": "r", "kpi": "backlog", "target": "<=5",
       "bands": [{"level": "w", "over": 5, "notify": ["lead", "laed"]}],
       "ladder": [{"notify": ["lead"], "after": "5m"},
                  {"notify": ["boss"]}]}],
      "reports": [{"id": "weekly", "to": ["manger"]}])";
  EXPECT_THAT(Errors("{" + rule + "}"), ElementsAre());
  EXPECT_THAT(
      Errors(R"({"recipients": ["lead", "manager"], )" + rule + "}"),
      ElementsAre("scaling_matrix[0].bands[0].notify[1]: \"laed\" is not among "
                  "the recipients; did you mean \"lead\"?",
                  "scaling_matrix[0].ladder[1].notify[0]: \"boss\" is not "
                  "among the recipients",
                  "reports[0].to[0]: \"manger\" is not among the recipients; "
                  "did you mean \"manager\"?"));
  EXPECT_THAT(Errors(R"({"recipients": ["a", "a"]})"),
              ElementsAre("recipients: \"a\" is there twice"));
}

TEST(ScalingConfigTest, ReadsEveryKeyOfARule) {
  const Config config = Parsed(R"({
    "calendars": {"nights": {}},
    "scaling_matrix": [
      {"id": "all", "kpi": "backlog", "target": "<=50", "by": ["channel"],
       "bands": [{"level": "warning", "over": 50}]},
      {"id": "r", "kpi": "backlog", "target": "<50", "window": "day",
       "scope": {"team": "t"}, "by": ["channel", "tag.plan"],
       "direction": "lower_is_better", "no_data": "alert",
       "no_data_after": "10m", "hold": "5m", "repeat": "1h",
       "notify_deescalation": true, "mute": "nights",
       "inhibited_by": [{"rule": "all", "equal": ["channel"]}],
       "bands": [{"level": "warning", "over": "50", "dwell": "90s"}]}]})");
  const ScalingRule& rule = config.scaling_matrix[1];
  EXPECT_EQ(rule.calendar_window, Frequency::kDaily);
  EXPECT_EQ(rule.window_us, 0);
  ASSERT_THAT(rule.by, SizeIs(2));
  EXPECT_EQ(DimensionName(rule.by[1]), "tag.plan");
  EXPECT_EQ(rule.no_data, NoDataPolicy::kAlert);
  EXPECT_EQ(rule.no_data_after_us, 10 * kMinute);
  EXPECT_EQ(rule.hold_us, 5 * kMinute);
  EXPECT_EQ(rule.repeat_us, kHour);
  EXPECT_TRUE(rule.notify_deescalation);
  EXPECT_EQ(rule.mute_calendar, "nights");
  ASSERT_THAT(rule.inhibited_by, SizeIs(1));
  EXPECT_EQ(rule.inhibited_by[0].rule, "all");
  EXPECT_THAT(rule.inhibited_by[0].equal, ElementsAre("channel"));
  EXPECT_EQ(rule.bands[0].over_micro, 50'000'000);
  EXPECT_EQ(rule.bands[0].dwell_us, 90 * kSecond);
}

TEST(ScalingConfigTest, WrongRulesAreNamed) {
  const std::string path = "scaling_matrix[0]";
  const std::string band = R"({"level": "a", "over": "5m"})";
  EXPECT_THAT(Errors(R"({"scaling_matrix": [{}, {"bands": []}]})"),
              ElementsAre(path + ".id: missing", path + ".kpi: missing",
                          path + ".target: missing", path + ".bands: missing",
                          "scaling_matrix[1].id: missing",
                          "scaling_matrix[1].kpi: missing",
                          "scaling_matrix[1].target: missing",
                          "scaling_matrix[1].bands: must not be empty"));
  EXPECT_THAT(Errors(Rule(R"(, "direction": "higher_is_better")", band)),
              ElementsAre(path + ".direction: contradicts the target <=2m"));
  EXPECT_THAT(Errors(Rule(R"(, "window": "20m")", band)),
              ElementsAre(path + ".window: must be a multiple of 15m, is 20m"));
  EXPECT_THAT(Errors(Rule(R"(, "mute": "nights")", band)),
              ElementsAre(path + ".mute: no calendar \"nights\""));
  EXPECT_THAT(Errors(Rule(R"(, "scope": {"team": "a"}, "by": ["team"])", band)),
              ElementsAre(path + ".by: \"team\" is fixed by \"scope\""));
  EXPECT_THAT(
      Errors(Rule(R"(, "ladder": [{"notify": ["a"]}, {"notify": []}])", band)),
      ElementsAre(path + ".ladder[0].after: missing; only the last "
                         "step has no next one",
                  path + ".ladder[1].notify: must not be empty"));
  EXPECT_THAT(Errors(Rule("", band + "," + band)),
              ElementsAre(path + ".bands[1].level: \"a\" is there twice",
                          path + ".bands[1].over: must be worse than that of "
                                 "the band before (5m)"));
  EXPECT_THAT(Errors(Rule("", R"({"level": "a"}, {"over": 300})")),
              ElementsAre(path + ".bands[0].over: missing",
                          path + ".bands[1].level: missing",
                          path + ".bands[1].over: must be text, is a number"));
}

TEST(ScalingConfigTest, InhibitionsExistAndMakeNoCircle) {
  const auto rule = [](const std::string& id, const std::string& more) {
    return R"({"id": ")" + id + R"(", "kpi": "backlog", "target": "<=5",
               "bands": [{"level": "w", "over": 5}])" +
           more + "}";
  };
  const auto by = [](const std::string& other) {
    return R"(, "inhibited_by": [{"rule": ")" + other + "\"}]";
  };
  const auto all = [](const std::string& rules) {
    return R"({"scaling_matrix": [)" + rules + "]}";
  };
  EXPECT_THAT(Errors(all(rule("first", by("frist")))),
              ElementsAre("scaling_matrix[0].inhibited_by[0].rule: no rule "
                          "\"frist\"; did you mean \"first\"?"));
  EXPECT_THAT(Errors(all(rule("a", by("b")) + "," + rule("b", by("a")))),
              ElementsAre("scaling_matrix[0].inhibited_by: rules silence each "
                          "other: a, b, a"));
  EXPECT_THAT(
      Errors(all(rule("a", R"(, "by": ["team"], "inhibited_by":
                              [{"rule": "b", "equal": ["team"]}])") +
                 "," + rule("b", ""))),
      ElementsAre("scaling_matrix[0].inhibited_by[0].equal: both rules need "
                  "\"team\" in \"scope\" or \"by\""));
}

TEST(ScalingConfigTest, BurnRatesThatCanNeverFireAreRefused) {
  const auto rule = [](const std::string& more, const std::string& bands) {
    return R"({"scaling_matrix": [{"id": "r", "kpi": "service_level",
               "target": ">=95%")" +
           more + R"(, "bands": [)" + bands + "]}]}";
  };
  const auto band = [](const std::string& level, const std::string& factor) {
    return R"({"level": ")" + level +
           R"(", "burn_rate": {"long": "1h", "short": "15m", "factor": )" +
           factor + "}}";
  };
  const std::string path = "scaling_matrix[0].bands[0].burn_rate";
  const Config config =
      Parsed(rule("", band("a", "1") + "," + band("b", "19.999")));
  const std::vector<Band>& bands = config.scaling_matrix[0].bands;
  ASSERT_TRUE(bands[1].burn_rate.has_value());
  EXPECT_EQ(bands[1].burn_rate->factor_permille, 19'999);
  EXPECT_EQ(bands[1].burn_rate->long_us, kHour);
  EXPECT_EQ(bands[1].burn_rate->short_us, 15 * kMinute);

  // 1 / (1 - 0.95) = 20
  EXPECT_THAT(Errors(rule("", band("a", "20"))),
              ElementsAre(path + ".factor: can never fire: must be less than "
                                 "1 / (1 - target), 20"));
  EXPECT_THAT(Errors(rule("", band("a", "2") + "," + band("b", "2"))),
              ElementsAre("scaling_matrix[0].bands[1].burn_rate: its factor "
                          "must be more than that of the band before"));
  EXPECT_THAT(
      Errors(rule("", band("a", "2") + R"(, {"level": "b", "over": "50%"})")),
      ElementsAre("scaling_matrix[0].bands[1].burn_rate: either every "
                  "band of a rule has one, or none has"));
  EXPECT_THAT(Errors(rule(R"(, "window": "1h")", band("a", "2"))),
              ElementsAre("scaling_matrix[0].window: a burn rate has its own "
                          "windows"));
  EXPECT_THAT(Errors(rule("", R"({"level": "a", "over": "90%", "burn_rate":
                  {"long": "15m", "short": "20m"}})")),
              ElementsAre("scaling_matrix[0].bands[0].over: a band has this or "
                          "\"burn_rate\", not both",
                          path + ".factor: missing",
                          path + ".short: must be a multiple of 15m, is 20m",
                          path + ".short: must be shorter than \"long\""));
  EXPECT_THAT(Errors(Rule("", band("a", "2"))),
              ElementsAre(path + ": needs a ratio with a target such as "
                                 "\">=95%\", below 100%"));
}

TEST(ReportConfigTest, WrongReportsAreNamed) {
  EXPECT_THAT(
      Errors(R"({"reports": [
        {"id": "a", "at": "08:00"},
        {"id": "a", "every": "month", "at": "29 08:00", "format": "htm"},
        {"id": "b", "every": "weekly", "at": "08:00", "kpis": ["occupncy"],
         "by": ["tem"], "to": [""]}]})"),
      ElementsAre(
          "reports[0].at: \"08:00\" is no \"Mon 08:00\"",
          "reports[1].id: \"a\" is there twice",
          "reports[1].at: \"29 08:00\" is no \"1 08:00\", a day from 1 to 28 "
          "and a time",
          "reports[1].format: \"htm\" is none of table, csv, json, html; did "
          "you mean \"html\"?",
          HasSubstr("reports[2].every: \"weekly\" is none of"),
          "reports[2].kpis[0]: no KPI \"occupncy\"; did you mean "
          "\"occupancy\"?",
          HasSubstr("reports[2].by[0]: \"tem\" is none of"),
          "reports[2].to[0]: must not be empty"));
}

TEST(ConfigSectionsTest, KpiKeysAreTheOptionsOfTheCatalogue) {
  std::vector<std::string_view> options = {"id", "kpi", "formula"};
  for (const KpiDefinition& definition : Catalogue()) {
    for (const KpiOption& option : definition.options) {
      if (std::find(options.begin(), options.end(), option.name) ==
          options.end()) {
        options.push_back(option.name);
      }
    }
  }
  for (const ConfigSection& section : ConfigSections()) {
    if (section.path != "kpis[]") continue;
    EXPECT_THAT(
        std::vector<std::string_view>(section.keys.begin(), section.keys.end()),
        ::testing::UnorderedElementsAreArray(options));
    return;
  }
  FAIL() << "no section kpis[]";
}

TEST(ConfigSectionsTest, TheManualNamesEveryKey) {
  std::ifstream file(std::string(CCKPI_SOURCE_DIR) + "/docs/config.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const ConfigSection& section : ConfigSections()) {
    for (std::string_view key : section.keys) {
      // `key`, `section[].key` or "key".
      const std::string name(key);
      const std::string page = text.str();
      EXPECT_TRUE(page.find("`" + name + "`") != std::string::npos ||
                  page.find("." + name + "`") != std::string::npos ||
                  page.find("\"" + name + "\"") != std::string::npos)
          << section.path << " " << key;
    }
  }
}

}  // namespace
}  // namespace cckpi
