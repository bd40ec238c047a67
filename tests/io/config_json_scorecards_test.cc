// What a configuration says of scorecards and reports.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "cckpi/base/time.h"
#include "cckpi/io/config_json.h"
#include "io/config_json_parsed.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

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

}  // namespace
}  // namespace cckpi
