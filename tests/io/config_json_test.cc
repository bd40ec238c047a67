#include "cckpi/io/config_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/kpi/catalogue.h"
#include "io/config_json_parsed.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

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
  // A closed interaction may go before a repeat of it counts no more.
  EXPECT_EQ(Parsed(R"({"fcr_window": "30d", "forget_closed_after": "7d"})")
                .forget_closed_after_us,
            7 * kDay);
  EXPECT_EQ(Parsed(R"({"forget_closed_after": "0s"})").forget_closed_after_us,
            0);  // never
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
