#include "cckpi/io/alert_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::filesystem::path kScripts =
    std::filesystem::path(CCKPI_SOURCE_DIR) / "tests/scaling/scripts";

std::string Read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The cases of tests/scaling/scripts: every row of the transition table,
// dwell, hold, hysteresis, policies, ladders, silence, burn rates.
TEST(AlertScriptTest, EveryCaseOfTheRepositoryHolds) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(kScripts)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  int64_t cases = 0;
  for (const std::filesystem::path& path : paths) {
    const absl::StatusOr<AlertScriptResult> result =
        RunAlertScript(Read(path), {});
    ASSERT_TRUE(result.ok()) << path << ": " << result.status();
    EXPECT_THAT(result->failures, IsEmpty()) << path;
    EXPECT_GT(result->cases, 0) << path;
    cases += result->cases;
  }
  EXPECT_GE(cases, 73);
}

std::string Script(const std::string& of_case) {
  return R"({"config": {"scaling_matrix": [
    {"id": "asa", "kpi": "speed_of_answer", "target": "<=120s",
     "bands": [{"level": "warning", "over": "120s", "notify": ["lead"]}]}]},
    "cases": [{"name": "c", )" +
         of_case + "}]}";
}

std::vector<std::string> Failures(const std::string& of_case) {
  const absl::StatusOr<AlertScriptResult> result =
      RunAlertScript(Script(of_case), {});
  if (!result.ok()) return {std::string(result.status().message())};
  EXPECT_EQ(result->cases, 1);
  EXPECT_EQ(result->failed, result->failures.empty() ? 0 : 1);
  return result->failures;
}

TEST(AlertScriptTest, SaysWhatIsAndWhatMustBe) {
  EXPECT_THAT(
      Failures(R"("values": "100s 121s", "states": "ok ok", "sent": {})"),
      ElementsAre("c: asa at 1m: is firing(warning), must be ok",
                  "c: asa at 1m: sends \"opened warning to lead\", must send "
                  "nothing"));
  EXPECT_THAT(Failures(R"("values": "100s 121s", "at": {"1m": "no_data"})"),
              ElementsAre("c: asa at 1m: is firing(warning), must be no_data"));
  EXPECT_THAT(Failures(R"("values": "100s 121s",
                          "sent": {"0": ["opened warning to lead"]})"),
              ElementsAre("c: asa at 0s: sends nothing, must send \"opened "
                          "warning to lead\"",
                          "c: asa at 1m: sends \"opened warning to lead\", "
                          "must send nothing"));
  EXPECT_THAT(Failures(R"("values": "100s", "acknowledge": {"0": "eva"})"),
              ElementsAre("c: asa at 0s: there is no incident to acknowledge"));
}

TEST(AlertScriptTest, WrongScriptsAreNamed) {
  EXPECT_THAT(Failures(R"("values": "100s", "sates": "ok")"),
              ElementsAre("cases[0].sates: unknown key; did you mean "
                          "\"states\"?"));
  EXPECT_THAT(Failures(R"("states": "ok")"),
              ElementsAre("cases[0].values: missing"));
  EXPECT_THAT(Failures(R"("values": "85%")"),
              ElementsAre("cases[0].values: \"85%\" is no span such as \"15m\" "
                          "or \"1h30m\""));
  EXPECT_THAT(Failures(R"("values": "100s*0")"),
              ElementsAre("cases[0].values: \"100s*0\" is not repeated a whole "
                          "number of times"));
  EXPECT_THAT(Failures(R"("values": "100s*100001")"),
              ElementsAre("cases[0].values: \"100s*100001\" is not repeated a "
                          "whole number of times"));
  EXPECT_THAT(Failures(R"("values": "100s*2", "states": "ok")"),
              ElementsAre("cases[0].states: has 1 states for 2 ticks"));
  EXPECT_THAT(Failures(R"s("values": "100s", "states": "firing(page)")s"),
              ElementsAre("cases[0].states: the rule has no level \"page\""));
  EXPECT_THAT(Failures(R"("values": "100s", "at": {"90s": "ok"})"),
              ElementsAre("cases[0].at.90s: there is no tick at that time"));
  EXPECT_THAT(Failures(R"("values": "100s", "rule": "aas")"),
              ElementsAre("cases[0].rule: no rule \"aas\"; did you mean "
                          "\"asa\"?"));
  EXPECT_THAT(Failures(R"("values": "100s", "group": {"team": "a"})"),
              ElementsAre("cases[0].group.team: is not in \"by\" of the "
                          "rule"));
  EXPECT_EQ(RunAlertScript(R"({"config": {"scaling_matrx": []}})", {})
                .status()
                .message(),
            "config.scaling_matrx: unknown key; did you mean "
            "\"scaling_matrix\"?");
  EXPECT_EQ(RunAlertScript("{", {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace cckpi
