// What a configuration says of KPIs and formulas.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "cckpi/base/time.h"
#include "cckpi/io/config_json.h"
#include "cckpi/kpi/catalogue.h"
#include "io/config_json_parsed.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

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

}  // namespace
}  // namespace cckpi
