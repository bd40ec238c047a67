// The cases of tests/conformance through the C++ API.

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"
#include "cckpi/calendar/window.h"
#include "cckpi/engine/engine.h"
#include "cckpi/engine/scaling_monitor.h"
#include "cckpi/engine/scoring.h"
#include "cckpi/io/config_json.h"
#include "cckpi/io/event_reader.h"
#include "cckpi/io/render.h"
#include "cckpi/io/render_scorecard.h"
#include "conformance/conformance_case.h"

namespace cckpi::conformance {
namespace {

Outcome Failed(const absl::Status& status) {
  return {Json(), absl::StatusCodeToString(status.code()),
          std::string(status.message())};
}

// The query of a step. Times are RFC 3339, `every` as in configurations.
absl::StatusOr<cckpi::Query> ReadQuery(const Json& json) {
  cckpi::Query query;
  query.kpis = json.value("kpis", std::vector<std::string>());
  if (json.contains("by")) {
    query.by.emplace();
    for (const Json& name : json["by"]) {
      std::optional<Dimension> dimension =
          ParseDimension(name.get<std::string>());
      if (!dimension.has_value()) {
        return absl::InvalidArgumentError("by: unknown dimension");
      }
      query.by->push_back(*dimension);
    }
  }
  CCKPI_ASSIGN_OR_RETURN(query.every,
                         ParseFrequency(json.value("every", "all")));
  if (json.contains("begin")) {
    query.begin_us = ParseTime(json["begin"].get<std::string>()).value();
  }
  if (json.contains("end")) {
    query.end_us = ParseTime(json["end"].get<std::string>()).value();
  }
  return query;
}

class EngineSession : public Session {
 public:
  Outcome Create(const std::string& config,
                 const std::string& explain) override {
    absl::StatusOr<Config> parsed = ParseConfig(config);
    if (!parsed.ok()) return Failed(parsed.status());
    absl::StatusOr<Engine> engine =
        Engine::Create(*parsed, {.explain = explain});
    if (!engine.ok()) return Failed(engine.status());
    absl::StatusOr<ScalingMonitor> monitor = ScalingMonitor::Create(*parsed);
    if (!monitor.ok()) return Failed(monitor.status());
    config_ = *std::move(parsed);
    explain_ = explain;
    engine_.emplace(*std::move(engine));
    monitor_.emplace(*std::move(monitor));
    return {};
  }

  Outcome Ingest(const std::string& json_lines) override {
    auto reader =
        OpenEventsInMemory(json_lines, {.format = EventFormat::kJsonLines});
    if (!reader.ok()) return Failed(reader.status());
    IngestResult total;
    EventBatch batch;
    while (true) {
      absl::StatusOr<bool> more = (*reader)->Read(&batch, 4096);
      if (!more.ok()) return Failed(more.status());
      if (!*more) break;
      total.refused += static_cast<int64_t>(batch.refusals.size());
      for (Refusal& refusal : batch.refusals) {
        total.handed_back.push_back(std::move(refusal));
      }
      IngestResult result = engine_->Ingest(batch.events, {.rows = batch.rows});
      total.accepted += result.accepted;
      total.late += result.late;
      total.refused += result.refused;
      for (Refusal& refusal : result.handed_back) {
        total.handed_back.push_back(std::move(refusal));
      }
    }
    // The reader's and the engine's, in the order of the input.
    std::stable_sort(
        total.handed_back.begin(), total.handed_back.end(),
        [](const Refusal& a, const Refusal& b) { return a.row < b.row; });
    Json handed_back = Json::array();
    for (const Refusal& refusal : total.handed_back) {
      handed_back.push_back({{"row", refusal.row}, {"reason", refusal.reason}});
    }
    return {{{"accepted", total.accepted},
             {"late", total.late},
             {"refused", total.refused},
             {"handed_back", std::move(handed_back)}},
            "",
            ""};
  }

  Outcome Advance(const std::string& instant) override {
    absl::StatusOr<int64_t> at = ParseTime(instant);
    if (!at.ok()) return Failed(at.status());
    absl::Status status = engine_->Advance(ToTime(*at));
    return status.ok() ? Outcome() : Failed(status);
  }

  Outcome Finish() override {
    engine_->Finish();
    return {};
  }

  Outcome Query(const Json& json) override {
    absl::StatusOr<cckpi::Query> query = ReadQuery(json);
    if (!query.ok()) return Failed(query.status());
    absl::StatusOr<Report> report = engine_->Ask(*query);
    if (!report.ok()) return Failed(report.status());
    return {Json::parse(RenderJson(*report)), "", ""};
  }

  Outcome Explain(const Json& json) override {
    absl::StatusOr<cckpi::Query> query = ReadQuery(json);
    if (!query.ok()) return Failed(query.status());
    absl::StatusOr<std::vector<Explanation>> found = engine_->Explain(*query);
    if (!found.ok()) return Failed(found.status());
    Json observations = Json::array();
    for (const Explanation& one : *found) {
      Json group = Json::object();
      for (const auto& [name, value] : one.group) {
        group[name] = value.has_value() ? Json(*value) : Json();
      }
      auto instant = [](std::optional<int64_t> us) {
        return us.has_value() ? Json(FormatTime(*us)) : Json();
      };
      observations.push_back({{"interaction", one.interaction},
                              {"episode", one.episode},
                              {"start", instant(one.start_us)},
                              {"end", instant(one.end_us)},
                              {"booked", FormatTime(one.booked_us)},
                              {"value", one.value},
                              {"outcome", one.outcome},
                              {"group", std::move(group)}});
    }
    return {std::move(observations), "", ""};
  }

  Outcome Scorecards(const Json& json) override {
    ScoringOptions options;
    options.scorecards = json.value("scorecards", std::vector<std::string>());
    if (json.contains("every")) {
      auto every = ParseFrequency(json["every"].get<std::string>());
      if (!every.ok()) return Failed(every.status());
      options.every = *every;
    }
    if (json.value("current", false)) {
      options.current = ScoringOptions::Current::kShown;
    }
    auto results = EvaluateScorecards(*engine_, config_, options);
    if (!results.ok()) return Failed(results.status());
    Json list = Json::parse(RenderScorecardJson(*results));
    for (Json& result : list) {
      for (Json& line : result["lines"]) {
        if (line.contains("id")) line["kpi"] = line["id"];  // the card's name
      }
    }
    return {std::move(list), "", ""};
  }

  Outcome Tick(const std::string& instant) override {
    Outcome advanced = Advance(instant);
    if (!advanced.code.empty()) return advanced;
    auto result = monitor_->Tick(*engine_, ToTime(*ParseTime(instant)));
    if (!result.ok()) return Failed(result.status());
    Json transitions = Json::array();
    for (const Transition& one : result->transitions) {
      transitions.push_back({{"at", FormatTime(one.at_us)},
                             {"rule", one.rule},
                             {"group", Group(one.group)},
                             {"from", AlertStateName(one.from)},
                             {"from_level", Optional(one.from_level)},
                             {"to", AlertStateName(one.to)},
                             {"to_level", Optional(one.to_level)},
                             {"value", Number(one.value)},
                             {"n", one.n},
                             {"incident", Optional(one.incident)},
                             {"silence", SilenceName(one.silence)}});
    }
    Json notifications = Json::array();
    for (const Notification& one : result->notifications) {
      Json contributors = Json::array();
      for (const Contributor& behind : one.contributors) {
        contributors.push_back(behind.interaction);
      }
      notifications.push_back(
          {{"at", FormatTime(one.at_us)},
           {"rule", one.rule},
           {"group", Group(one.group)},
           {"kind", NotificationKindName(one.kind)},
           {"incident", one.incident},
           {"sequence", one.sequence},
           {"kpi", one.kpi},
           {"level", one.level},
           {"previous_level", Optional(one.previous_level)},
           {"value", Number(one.value)},
           {"n", one.n},
           {"since", FormatTime(one.since_us)},
           {"opened", FormatTime(one.opened_us)},
           {"peak", Number(one.peak)},
           {"ladder_step", one.ladder_step},
           {"acknowledged_by", Optional(one.acknowledged_by)},
           {"actions", one.actions},
           {"recipients", one.recipients},
           {"contributors", std::move(contributors)}});
    }
    return {{{"transitions", std::move(transitions)},
             {"notifications", std::move(notifications)}},
            "",
            ""};
  }

  Outcome Acknowledge(const std::string& incident, const std::string& by,
                      const std::string& instant) override {
    absl::StatusOr<int64_t> when = ParseTime(instant);
    if (!when.ok()) return Failed(when.status());
    absl::Status status = monitor_->Acknowledge(incident, by, ToTime(*when));
    return status.ok() ? Outcome() : Failed(status);
  }

  Outcome Alerts() override {
    Json alerts = Json::array();
    for (const Alert& one : monitor_->Alerts()) {
      Json incident;
      if (one.state.incident.has_value()) incident = one.state.incident->id;
      alerts.push_back({{"rule", one.rule},
                        {"group", Group(one.group)},
                        {"state", AlertStateName(one.state.state)},
                        {"level", Optional(one.level)},
                        {"value", Number(one.state.value)},
                        {"n", one.state.n},
                        {"incident", std::move(incident)}});
    }
    return {std::move(alerts), "", ""};
  }

  Outcome SaveAndRestore() override {
    absl::StatusOr<std::string> bytes =
        engine_->Save({.positions = {}, .sections = {{"m", monitor_->Save()}}});
    if (!bytes.ok()) return Failed(bytes.status());
    absl::StatusOr<Engine> engine =
        Engine::Restore(config_, *bytes, {.explain = explain_});
    if (!engine.ok()) return Failed(engine.status());
    absl::StatusOr<ScalingMonitor> monitor = ScalingMonitor::Create(config_);
    absl::Status restored =
        monitor->Restore(engine->sections().find("m")->second);
    if (!restored.ok()) return Failed(restored);
    engine_.emplace(*std::move(engine));
    monitor_.emplace(*std::move(monitor));
    return {};
  }

 private:
  static Json Group(const GroupLabels& labels) {
    Json group = Json::object();
    for (const auto& [name, value] : labels) {
      group[name] = value.has_value() ? Json(*value) : Json();
    }
    return group;
  }
  static Json Optional(const std::string& text) {
    return text.empty() ? Json() : Json(text);
  }
  static Json Number(const std::optional<ExactValue>& value) {
    return value.has_value() ? Json(value->value()) : Json();
  }

  Config config_;
  std::string explain_;
  std::optional<Engine> engine_;
  std::optional<ScalingMonitor> monitor_;
};

const char kFolder[] = CCKPI_SOURCE_DIR "/tests/conformance";

class ConformanceTest : public testing::TestWithParam<Case> {};

TEST_P(ConformanceTest, Holds) {
  EngineSession session;
  EXPECT_EQ(RunCase(GetParam(), session), "");
}

INSTANTIATE_TEST_SUITE_P(Cpp, ConformanceTest,
                         testing::ValuesIn(LoadCases(kFolder)),
                         [](const testing::TestParamInfo<Case>& param) {
                           return param.param.file + "_" + param.param.name;
                         });

TEST(ConformanceCasesTest, ThereAreAtLeastSixty) {
  EXPECT_GE(LoadCases(kFolder).size(), 60u);
}

std::string Differences(const char* expected, const char* actual) {
  std::string differences;
  Compare(Json::parse(expected), Json::parse(actual), "x", &differences);
  return differences;
}

TEST(ConformanceCompareTest, KeysThatAreNotListedAreFree) {
  EXPECT_EQ(Differences(R"({"a": 1})", R"({"a": 1, "b": 2})"), "");
  EXPECT_EQ(Differences(R"({"a": 1, "b": 2})", R"({"a": 1})"),
            "x.b: is missing\n");
}

TEST(ConformanceCompareTest, IntegersAreExactAndOtherNumbersNearlySo) {
  EXPECT_EQ(Differences("9007199254740993", "9007199254740992"),
            "x: expected 9007199254740993, is 9007199254740992\n");
  EXPECT_EQ(Differences("0.5", "0.5000000001"), "");
  EXPECT_EQ(Differences("0.5", "0.500000002"),
            "x: expected 0.5, is 0.500000002\n");
  EXPECT_EQ(Differences("null", "0"), "x: expected null, is 0\n");
}

TEST(ConformanceCompareTest, ListsMatchItemByItemAndGroupsAsAWhole) {
  EXPECT_EQ(Differences("[1]", "[1, 2]"),
            "x: expected 1 items, has 2: [1,2]\n");
  EXPECT_EQ(Differences(R"({"group": {}})", R"({"group": {"team": "a"}})"),
            "x.group: expected {}, is {\"team\":\"a\"}\n");
}

TEST(ConformanceCompareTest, AboutAndContainsSayHowNear) {
  EXPECT_EQ(Differences(R"({"about": 600, "within": 6})", "594"), "");
  EXPECT_EQ(Differences(R"({"about": 600, "within": 6})", "593"),
            "x: expected {\"about\":600,\"within\":6}, is 593\n");
  EXPECT_EQ(Differences(R"({"contains": "late"})", R"("is late")"), "");
  EXPECT_EQ(Differences(R"({"contains": "late"})", R"("early")"),
            "x: expected {\"contains\":\"late\"}, is \"early\"\n");
}

}  // namespace
}  // namespace cckpi::conformance
