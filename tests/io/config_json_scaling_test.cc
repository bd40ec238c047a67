// What a configuration says of the scaling matrix.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/io/config_json.h"
#include "io/config_json_parsed.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

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

}  // namespace
}  // namespace cckpi
