#include <cstddef>
#include <string>

#include "absl/numeric/int128.h"
#include "cckpi/base/time.h"
#include "cckpi/io/render.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace cckpi {
namespace {

int64_t At(std::string_view text) { return *ParseTime(text); }

ReportRow FirstResponseRow() {
  ReportRow row;
  row.kpi = "first_response_time";
  row.definition = {
      {"statistic", "mean"}, {"clock", "calendar"}, {"attribution", "arrival"}};
  row.begin_us = At("2026-03-02T00:00:00Z");
  row.end_us = At("2026-03-09T00:00:00Z");
  row.group = {{"channel", "facebook"}};
  row.value = 512.25;
  row.unit = Unit::kSeconds;
  row.figures = {{"count", int64_t{4}},
                 {"sum_us", absl::int128(2'049'000'000)},
                 {"open", int64_t{1}},
                 {"void", int64_t{0}}};
  row.provisional = true;
  return row;
}

Report ReportOf(std::vector<ReportRow> rows) {
  Report report;
  report.now_us = At("2026-03-09T00:00:00Z");
  report.rows = std::move(rows);
  report.events.applied = 41;
  return report;
}

TEST(RenderJsonTest, WritesTheDocumentedForm) {
  ReportRow level;
  level.kpi = "service_level";
  level.id = "sl15";
  level.definition = {{"within_us", int64_t{900'000'000}}, {"stage", "first"}};
  level.begin_us = At("2026-03-02T00:00:00Z");
  level.end_us = At("2026-03-09T00:00:00Z");
  level.unit = Unit::kRatio;
  level.value = 0.75;
  level.figures = {{"numerator", int64_t{3}}, {"denominator", int64_t{4}}};

  EXPECT_EQ(RenderJson(ReportOf({FirstResponseRow(), level})),
            R"({"version": "0.1.0", "now": "2026-03-09T00:00:00Z",
 "rows": [
  {"kpi": "first_response_time", "statistic": "mean", "clock": "calendar", "attribution": "arrival", "begin": "2026-03-02T00:00:00Z", "end": "2026-03-09T00:00:00Z", "group": {"channel": "facebook"}, "value": 512.25, "unit": "s", "count": 4, "sum_us": 2049000000, "open": 1, "void": 0, "provisional": true},
  {"kpi": "service_level", "id": "sl15", "within_us": 900000000, "stage": "first", "begin": "2026-03-02T00:00:00Z", "end": "2026-03-09T00:00:00Z", "group": {}, "value": 0.75, "unit": "ratio", "numerator": 3, "denominator": 4, "provisional": false}],
 "events": {"applied": 41, "duplicate": 0, "late": 0, "refused": 0, "refusals": []}}
)");
}

TEST(RenderJsonTest, MissingValuesAreNull) {
  ReportRow row = FirstResponseRow();
  row.group = {{"agent", std::nullopt}};
  row.value = std::nullopt;
  row.figures = {{"p90_us", nullptr}};
  const nlohmann::json json =
      nlohmann::json::parse(RenderJson(ReportOf({row})));
  EXPECT_TRUE(json["rows"][0]["group"]["agent"].is_null());
  EXPECT_TRUE(json["rows"][0]["value"].is_null());
  EXPECT_TRUE(json["rows"][0]["p90_us"].is_null());
}

TEST(RenderJsonTest, SumsBeyond64BitsKeepEveryDigit) {
  ReportRow row = FirstResponseRow();
  row.figures = {{"sum_us", absl::MakeInt128(1, 0)}};  // 2^64
  EXPECT_NE(
      RenderJson(ReportOf({row})).find("\"sum_us\": 18446744073709551616,"),
      std::string::npos);
}

TEST(RenderJsonTest, AnyTextIsValidJson) {
  ReportRow row = FirstResponseRow();
  row.group = {{"tag.a\"b", "x\n\xFF\\"}};
  const nlohmann::json json =
      nlohmann::json::parse(RenderJson(ReportOf({row})));
  EXPECT_EQ(json["rows"][0]["group"]["tag.a\"b"], "x\n\xEF\xBF\xBD\\");
}

TEST(RenderJsonTest, ANameStandsOnce) {
  ReportRow row = FirstResponseRow();
  row.definition = {{"counts", "episodes"}};
  row.figures = {{"count", int64_t{4}}, {"counts", "episodes"}};
  const std::string json = RenderJson(ReportOf({row}));
  const size_t first = json.find("\"counts\"");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(json.find("\"counts\"", first + 1), std::string::npos);
}

TEST(RenderJsonTest, ListsRefusedEvents) {
  Report report = ReportOf({});
  report.events = {
      .applied = 1, .duplicate = 2, .late = 3, .refused = 1, .after_now = 5};
  report.refusals = {{"a.csv", 7, "at: missing", "T-1"}};
  EXPECT_EQ(RenderJson(report),
            R"({"version": "0.1.0", "now": "2026-03-09T00:00:00Z",
 "rows": [],
 "events": {"applied": 1, "duplicate": 2, "late": 3, "refused": 1, "after_now": 5, "refusals": [
  {"source": "a.csv", "row": 7, "reason": "at: missing", "event": "T-1"}]}}
)");
}

TEST(RenderJsonTest, WithoutAnyEventThereIsNoPresent) {
  Report report;
  report.now_us = kNoTime;
  EXPECT_TRUE(nlohmann::json::parse(RenderJson(report))["now"].is_null());
}

}  // namespace
}  // namespace cckpi
