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
#include "cckpi/io/config_json.h"
#include "cckpi/io/event_reader.h"
#include "cckpi/io/render.h"
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
    engine_.emplace(*std::move(engine));
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

 private:
  std::optional<Engine> engine_;
};

const char kFolder[] = CCKPI_SOURCE_DIR "/tests/conformance";

class ConformanceTest : public testing::TestWithParam<Case> {};

TEST_P(ConformanceTest, Holds) {
  EngineSession session;
  EXPECT_EQ(RunCase(GetParam(), session), "");
}

INSTANTIATE_TEST_SUITE_P(Cpp, ConformanceTest,
                         testing::ValuesIn(LoadCases(kFolder)),
                         [](const testing::TestParamInfo<Case>& info) {
                           return info.param.file + "_" + info.param.name;
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
