// Answers beyond the query: scheduled reports, scorecards and alerts as the
// tool writes them, the longest waits, opening hours, tests of rules.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "capi/c_handles.h"

namespace cckpi::capi {
namespace {

using testing::HasSubstr;

constexpr int64_t kNine = 1772442000000000;  // 2026-03-02T09:00:00Z, a Monday
constexpr int64_t kMinute = 60'000'000;
constexpr int64_t kHour = 60 * kMinute;

constexpr char kConfig[] = R"({
  "allowed_lateness": "0", "groups": [["channel"]],
  "kpis": [{"kpi": "backlog"}, {"id": "frt", "kpi": "first_response_time"}],
  "calendars": {"office": {"weekly": {
    "mon": [["09:00", "17:00"]], "tue": [["09:00", "17:00"]]}}},
  "scorecards": [{"id": "card", "every": "hour", "cards": [
    {"kpi": "frt", "benchmark": "<15m", "weight": 1}]}],
  "reports": [
    {"id": "both", "every": "hour", "kpis": ["frt"], "scorecards": ["card"],
     "to": ["manager"]},
    {"id": "cards", "every": "hour", "scorecards": ["card"], "to": ["eva"]},
    {"id": "rows", "every": "hour", "kpis": ["frt"], "to": ["ann"]}],
  "scaling_matrix": [{"id": "rule", "kpi": "backlog", "target": "<=0",
    "bands": [{"level": "high", "over": 0, "notify": ["lead"]}]}]})";

class CAnswersTest : public testing::Test {
 protected:
  // T-1 is answered after a minute; T-2 and T-3 wait, the later one by mail.
  CAnswersTest() : config_(MakeConfig(kConfig)) {
    engine_ = MakeEngine(config_.get());
    Feed(CCKPI_CUSTOMER_MESSAGE, kNine, "T-1", "whatsapp");
    Feed(CCKPI_AGENT_MESSAGE, kNine + kMinute, "T-1", "whatsapp");
    Feed(CCKPI_CUSTOMER_MESSAGE, kNine + 2 * kMinute, "T-2", "whatsapp");
    Feed(CCKPI_CUSTOMER_MESSAGE, kNine + 3 * kMinute, "T-3", "mail");
    cckpi_engine_advance(engine_.get(), kNine + 2 * kHour, nullptr);
  }

  void Feed(cckpi_kind kind, int64_t at_us, const char* interaction,
            const char* channel) {
    cckpi_event event = {};
    event.struct_size = sizeof(event);
    event.kind = static_cast<uint8_t>(kind);
    event.at_us = at_us;
    event.interaction = cckpi_text_of(interaction);
    event.channel = cckpi_text_of(channel);
    ASSERT_EQ(cckpi_engine_ingest_events(engine_.get(), &event, 1, nullptr,
                                         nullptr, nullptr, nullptr, nullptr),
              CCKPI_OK);
  }

  cckpi_code Scheduled(const std::string& report, int64_t begin_us) {
    rows_.reset();
    scores_.reset();
    lines_.reset();
    return cckpi_engine_scheduled_report(
        engine_.get(), report.data(), report.size(), begin_us, begin_us + kHour,
        OutTo(rows_), OutTo(scores_), OutTo(lines_), nullptr);
  }

  Owned<cckpi_config> config_;
  Owned<cckpi_engine> engine_;
  Owned<cckpi_table> rows_;
  Owned<cckpi_table> scores_;
  Owned<cckpi_table> lines_;
};

TEST_F(CAnswersTest, AScheduledReportHasItsRowsAndScorecards) {
  ASSERT_EQ(Scheduled("both", kNine), CCKPI_OK);
  ASSERT_EQ(cckpi_table_row_count(rows_.get()), 1u);
  EXPECT_EQ(TextOf(rows_.get(), "id", 0), "frt");
  EXPECT_EQ(IntegerOf(rows_.get(), "begin", 0), kNine);
  EXPECT_EQ(IntegerOf(rows_.get(), "sum_us", 0), kMinute);
  ASSERT_EQ(cckpi_table_row_count(scores_.get()), 1u);
  EXPECT_EQ(TextOf(scores_.get(), "scorecard", 0), "card");
  EXPECT_EQ(IntegerOf(scores_.get(), "begin", 0), kNine);
  EXPECT_EQ(cckpi_table_row_count(lines_.get()), 1u);
  ASSERT_EQ(Scheduled("cards", kNine), CCKPI_OK);
  EXPECT_EQ(rows_, nullptr);
  EXPECT_EQ(cckpi_table_row_count(scores_.get()), 1u);
  ASSERT_EQ(Scheduled("rows", kNine), CCKPI_OK);
  EXPECT_EQ(cckpi_table_row_count(rows_.get()), 1u);
  EXPECT_EQ(scores_, nullptr);
  EXPECT_EQ(lines_, nullptr);
  EXPECT_EQ(Scheduled("weekly", kNine), CCKPI_NOT_FOUND);
}

TEST_F(CAnswersTest, ScorecardsAreWrittenAsTheToolDoes) {
  const auto written = [this](cckpi_render_format format) {
    Owned<cckpi_buffer> buffer;
    cckpi_engine_scorecards_render(engine_.get(), nullptr, format,
                                   OutTo(buffer), nullptr);
    return std::string(cckpi_buffer_data(buffer.get()));
  };
  EXPECT_THAT(written(CCKPI_RENDER_JSON), HasSubstr(R"("scorecard": "card")"));
  EXPECT_TRUE(written(CCKPI_RENDER_CSV).starts_with("scorecard,"));
  EXPECT_THAT(written(CCKPI_RENDER_TEXT), HasSubstr("card"));
}

TEST_F(CAnswersTest, TheLongestWaitsOfAScope) {
  Owned<cckpi_table> waits;
  ASSERT_EQ(cckpi_engine_longest_waits(engine_.get(), nullptr, nullptr, 0, 9,
                                       OutTo(waits), nullptr),
            CCKPI_OK);
  ASSERT_EQ(cckpi_table_row_count(waits.get()), 2u);
  EXPECT_EQ(TextOf(waits.get(), "interaction", 0), "T-2");
  EXPECT_EQ(IntegerOf(waits.get(), "since", 0), kNine + 2 * kMinute);
  EXPECT_EQ(TextOf(waits.get(), "interaction", 1), "T-3");
  const cckpi_text names[] = {Text("channel"), Text("channel")};
  const cckpi_text values[] = {Text("mail"), Text("chat")};
  ASSERT_EQ(cckpi_engine_longest_waits(engine_.get(), names, values, 1, 9,
                                       OutTo(waits), nullptr),
            CCKPI_OK);
  ASSERT_EQ(cckpi_table_row_count(waits.get()), 1u);
  EXPECT_EQ(TextOf(waits.get(), "interaction", 0), "T-3");
  EXPECT_EQ(cckpi_engine_longest_waits(engine_.get(), names, values, 2, 9,
                                       OutTo(waits), nullptr),
            CCKPI_INVALID_ARGUMENT);
  const cckpi_text tag = Text("tag.plan");
  EXPECT_EQ(cckpi_engine_longest_waits(engine_.get(), &tag, values, 1, 9,
                                       OutTo(waits), nullptr),
            CCKPI_NOT_FOUND);
}

TEST_F(CAnswersTest, AlertsAsJsonLinesAreThoseOfTheTool) {
  cckpi_monitor* monitor = nullptr;
  cckpi_monitor_create(config_.get(), &monitor, nullptr);
  Owned<cckpi_table> transitions;
  Owned<cckpi_table> notifications;
  ASSERT_EQ(
      cckpi_monitor_tick(monitor, engine_.get(), kNine + 2 * kHour,
                         OutTo(transitions), OutTo(notifications), nullptr),
      CCKPI_OK);
  Owned<cckpi_table> alerts;
  cckpi_monitor_alerts(monitor, OutTo(alerts), nullptr);
  cckpi_monitor_destroy(monitor);  // tables outlive it
  EXPECT_THAT(Rendered(transitions.get(), CCKPI_RENDER_JSON_LINES),
              HasSubstr(R"("type": "transition")"));
  const std::string note =
      Rendered(notifications.get(), CCKPI_RENDER_JSON_LINES);
  EXPECT_THAT(note, HasSubstr(R"("type": "notification")"));
  EXPECT_TRUE(note.ends_with("}\n"));
  EXPECT_THAT(Rendered(alerts.get(), CCKPI_RENDER_JSON_LINES),
              HasSubstr(R"("type": "alert")"));
  cckpi_rule* rule = nullptr;
  cckpi_rule_create(config_.get(), "rule", 4, &rule, nullptr);
  Owned<cckpi_table> alert;
  cckpi_rule_alert(rule, OutTo(alert), nullptr);
  cckpi_rule_destroy(rule);
  EXPECT_THAT(Rendered(alert.get(), CCKPI_RENDER_JSON_LINES),
              HasSubstr(R"("rule": "rule")"));
}

TEST_F(CAnswersTest, OtherTablesAsJsonLinesHaveARowALine) {
  Owned<cckpi_table> waits;
  cckpi_engine_longest_waits(engine_.get(), nullptr, nullptr, 0, 9,
                             OutTo(waits), nullptr);
  EXPECT_EQ(
      Rendered(waits.get(), CCKPI_RENDER_JSON_LINES),
      "{\"interaction\": \"T-2\", \"since\": \"2026-03-02T09:02:00Z\"}\n"
      "{\"interaction\": \"T-3\", \"since\": \"2026-03-02T09:03:00Z\"}\n");
}

TEST_F(CAnswersTest, OpeningHoursCount) {
  int64_t number = 0;
  // Monday 16:30 to Tuesday 10:00: half an hour and one hour.
  ASSERT_EQ(cckpi_config_business_time(config_.get(), "office", 6,
                                       kNine + 450 * kMinute,
                                       kNine + 25 * kHour, &number, nullptr),
            CCKPI_OK);
  EXPECT_EQ(number, 90 * kMinute);
  ASSERT_EQ(
      cckpi_config_deadline(config_.get(), "office", 6, kNine + 450 * kMinute,
                            kHour, &number, nullptr),
      CCKPI_OK);
  EXPECT_EQ(number, kNine + 24 * kHour + 30 * kMinute);
  EXPECT_EQ(cckpi_config_deadline(config_.get(), "night", 5, kNine, kHour,
                                  &number, nullptr),
            CCKPI_NOT_FOUND);
}

TEST_F(CAnswersTest, ScriptsTestRules) {
  const std::string script =
      R"x({"config": "live.json", "tick": "1m", "cases": [
        {"name": "opens at once", "values": "0 3",
         "states": "ok firing(high)"},
        {"name": "stays calm", "values": "0 3", "states": "ok ok"}]})x";
  Owned<cckpi_table> failures;
  int64_t cases = 0;
  int64_t failed = 0;
  ASSERT_EQ(
      cckpi_config_test_alerts(config_.get(), script.data(), script.size(),
                               OutTo(failures), &cases, &failed, nullptr),
      CCKPI_OK);
  EXPECT_EQ(cases, 2);
  EXPECT_EQ(failed, 1);
  ASSERT_EQ(cckpi_table_row_count(failures.get()), 1u);
  EXPECT_THAT(TextOf(failures.get(), "failure", 0), HasSubstr("stays calm"));
  EXPECT_EQ(cckpi_config_test_alerts(nullptr, script.data(), script.size(),
                                     nullptr, nullptr, nullptr, nullptr),
            CCKPI_INVALID_ARGUMENT);
}

TEST_F(CAnswersTest, LinesThatCannotBeReadAreCounted) {
  const std::string log =
      "{\"at\":\"2026-03-02T11:00:00Z\",\"kind\":\"customer_message\","
      "\"interaction\":\"T-4\"}\nnot JSON\n";
  cckpi_ingest_result result = {};
  result.struct_size = sizeof(result);
  ASSERT_EQ(cckpi_engine_ingest_log(engine_.get(), log.data(), log.size(),
                                    nullptr, &result, nullptr, nullptr),
            CCKPI_OK);
  EXPECT_EQ(result.accepted, 1);
  EXPECT_EQ(result.refused, 1);
  cckpi_event_counts counts = {};
  counts.struct_size = sizeof(counts);
  cckpi_engine_counts(engine_.get(), &counts, nullptr);
  EXPECT_EQ(counts.refused, 1);
  Owned<cckpi_table> refusals;
  cckpi_engine_refusals(engine_.get(), OutTo(refusals), nullptr);
  ASSERT_EQ(cckpi_table_row_count(refusals.get()), 1u);
  EXPECT_EQ(IntegerOf(refusals.get(), "row", 0), 2);
  EXPECT_EQ(cckpi_engine_first(engine_.get()), kNine);
}

}  // namespace
}  // namespace cckpi::capi
