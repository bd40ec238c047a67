// The page as text; what a browser makes of it is tested in tests/html.

#include "cckpi/io/render_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/io/render.h"
#include "cckpi/kpi/catalogue.h"
#include "oracle/oracle_test_log.h"
#include "src/io/html_definitions.h"
#include "src/io/html_goals.h"
#include "src/io/html_text.h"

namespace cckpi {
namespace {

using oracle::Agent;
using oracle::Customer;
using oracle::Log;
using oracle::Resolved;
using testing::HasSubstr;
using testing::Not;

Engine Fed(const Config& config) {
  Engine engine = *Engine::Create(config);
  Log log = {Customer("09:00"), Agent("09:10"), Resolved("09:20"),
             Customer("10:00"), Agent("10:30"), Resolved("11:00")};
  for (Event& event : log) event.channel = "<b>chat</b> & \"more\"";
  engine.Ingest(log);
  return engine;
}

std::string Page(const HtmlOptions& options = {}) {
  const Config config;
  const Engine engine = Fed(config);
  return RenderHtml(*CollectHtmlReport(engine, config, Query()), options);
}

TEST(HtmlTextTest, MarkupAndQuotesBecomeReferences) {
  EXPECT_EQ(HtmlText("<a href=\"x\">'&'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
}

TEST(HtmlTextTest, ControlCharactersAndBadBytesAreShown) {
  EXPECT_EQ(HtmlText("a\x1b\n\xff"), "a\\x1b\\n\xEF\xBF\xBD");
}

TEST(JsonInScriptTest, NothingCanEndTheElement) {
  EXPECT_EQ(JsonInScript("{\"a\": \"</script><!--&\"}"),
            "{\"a\": \"\\u003c/script\\u003e\\u003c!--\\u0026\"}");
}

TEST(JsonInScriptTest, LineSeparatorsAreEscapedTheirNeighboursAreNot) {
  EXPECT_EQ(JsonInScript("\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xA6\xE2\x82\xAC"),
            "\\u2028\\u2029\xE2\x80\xA6\xE2\x82\xAC");
  EXPECT_EQ(JsonInScript("\xE2\x80"), "\xE2\x80");
}

TEST(RenderHtmlTest, TheJsonBlockIsTheReport) {
  const Config config;
  const Engine engine = Fed(config);
  const HtmlReport data = *CollectHtmlReport(engine, config, Query());
  EXPECT_THAT(RenderHtml(data, {}),
              HasSubstr(JsonInScript(RenderJson(*engine.Ask(Query())))));
}

TEST(RenderHtmlTest, TheSameDataGivesTheSameBytes) {
  EXPECT_EQ(Page(), Page());
}

TEST(RenderHtmlTest, TextOfEventsIsNoMarkup) {
  const std::string page = Page({.title = "<i>Title</i>"});
  EXPECT_THAT(page, Not(HasSubstr("<b>chat")));
  EXPECT_THAT(page, Not(HasSubstr("<i>Title")));
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;chat&lt;/b&gt; &amp; &quot;more"));
}

TEST(RenderHtmlTest, WithoutAChartLibraryThereAreTablesOnly) {
  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("<data value=\"1200\">20m</data>"));
  EXPECT_THAT(page, HasSubstr("class=\"no-charts\""));
  EXPECT_THAT(page, Not(HasSubstr("Licences of the charts")));
}

TEST(RenderHtmlTest, ThePolicyNamesTheChartLibrary) {
  HtmlOptions options;
  options.chart_library = {"var echarts;", "HASH="};
  options.chart_notice = "Some <licence>\nof theirs";
  const std::string page = Page(options);
  EXPECT_THAT(page, HasSubstr("'sha256-HASH='"));
  EXPECT_THAT(page, HasSubstr("<script>var echarts;</script>"));
  EXPECT_THAT(page, HasSubstr("Some &lt;licence&gt;\nof theirs\n</pre>"));
}

TEST(CollectHtmlReportTest, KeepForHtmlLeavesTheReportAsItIs) {
  Config config;
  config.kpis_given = true;
  config.kpis = {DefaultSpec(Kpi::kAnswered)};
  const std::string before = RenderJson(*Fed(config).Ask(Query()));
  KeepForHtml(&config);
  const Engine engine = Fed(config);
  const HtmlReport data = *CollectHtmlReport(engine, config, Query());
  EXPECT_EQ(RenderJson(data.report), before);
  EXPECT_TRUE(data.arrivals_by_hour.has_value());
  EXPECT_EQ(data.distributions.size(), 2u);
}

TEST(CollectHtmlReportTest, ArrivalsAreCountedInTheZone) {
  Config config;
  config.time_zone = "Asia/Tokyo";  // 9 h ahead
  const Engine engine = Fed(config);
  const HtmlReport data = *CollectHtmlReport(engine, config, Query());
  // Monday 2026-03-02, 09:00 and 10:00 UTC.
  EXPECT_EQ((*data.arrivals_by_hour)[0][18], 1);
  EXPECT_EQ((*data.arrivals_by_hour)[0][19], 1);
}

// Two days: on the first cases at 09:00 and 10:00, on the next one at 09:00.
Engine TwoDays(const Config& config) {
  Engine engine = Fed(config);
  Log next = {Customer("09:00"), Agent("09:20"), Resolved("09:30")};
  for (Event& event : next) {
    event.at_us += kDay;
    event.interaction = "next";
  }
  engine.Ingest(next);
  return engine;
}

TEST(CollectHtmlReportTest, OneWindowOfManyIsAllThatThePageIsAbout) {
  const Config config;
  const Engine engine = TwoDays(config);
  Query query;
  query.every = Frequency::kDaily;
  query.begin_us = *ParseTime("2026-03-02T00:00:00Z");
  query.end_us = *ParseTime("2026-03-03T00:00:00Z");
  const HtmlReport data = *CollectHtmlReport(engine, config, query);
  EXPECT_TRUE(data.summary.rows.empty());
  EXPECT_EQ(data.series_every, Frequency::kHourly);
  for (const ReportRow& row : data.series.rows) {
    EXPECT_LT(row.begin_us, query.end_us);
  }
  int64_t answers = 0;
  for (const Distribution& one : data.distributions) {
    if (one.kpi != "first_response_time") continue;
    for (const DistributionBin& bin : one.bins) answers += bin.count;
  }
  EXPECT_EQ(answers, 2);
  EXPECT_EQ((*data.arrivals_by_hour)[0][9], 1);  // Monday
  EXPECT_EQ((*data.arrivals_by_hour)[1][9], 0);  // not Tuesday's
}

TEST(CollectHtmlReportTest, TheSummaryIsOfTheWindowsThatWereAskedFor) {
  const Config config;
  const Engine engine = TwoDays(config);
  Query query;
  query.kpis = {"answered"};
  query.by = GroupBy();
  query.every = Frequency::kHourly;
  query.begin_us = *ParseTime("2026-03-02T00:00:00Z");
  query.end_us = *ParseTime("2026-03-03T00:00:00Z");
  const HtmlReport data = *CollectHtmlReport(engine, config, query);
  ASSERT_EQ(data.summary.rows.size(), 1u);
  EXPECT_EQ(data.summary.rows[0].value, 2);
  query.begin_us = query.end_us = kNoTime;
  EXPECT_EQ(CollectHtmlReport(engine, config, query)->summary.rows[0].value, 3);
}

TEST(CollectHtmlReportTest, TooManyRowsForAPageAreAnError) {
  Config config;
  config.kpis_given = true;
  config.kpis = {DefaultSpec(Kpi::kBacklog)};
  Engine engine = *Engine::Create(config);
  engine.Ingest(Log{Customer("09:00")});  // open in every window from now on
  ASSERT_TRUE(engine.Advance(ToTime(*ParseTime("2026-09-02T09:00:00Z"))).ok());
  Query query;
  query.every = Frequency::kBucket;
  const absl::Status status = CollectHtmlReport(engine, config, query).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("longer windows"));
}

TEST(FigureMeaningTest, EveryFigureOfEveryKpiHasOne) {
  Engine engine = *Engine::Create(Config());
  Log log = {Customer("09:00"), Agent("09:10"), Resolved("09:20")};
  Event state;
  state.kind = EventKind::kAgentState;
  state.at_us = log[0].at_us;
  state.agent = "ana";
  state.state = "available";
  log.push_back(state);
  engine.Ingest(log);
  const Report report = *engine.Ask(Query());
  ASSERT_GT(report.rows.size(), 20u);
  for (const ReportRow& row : report.rows) {
    for (const Figure& figure : row.figures) {
      EXPECT_NE(FigureMeaning(figure.name), "") << row.kpi << figure.name;
    }
  }
}

TEST(GoalsOfTest, TheBenchmarkInForceCounts) {
  Config config;
  Scorecard scorecard;
  scorecard.id = "team";
  ScoreCard card;
  card.kpi = "frt";
  card.benchmarks = {
      {{Comparator::kLess, 900 * kSecond}, kNoTime},
      {{Comparator::kLess, 600 * kSecond}, *ParseTime("2026-03-01T00:00:00Z")}};
  scorecard.cards = {card};
  config.scorecards = {scorecard};
  ReportRow row;
  row.kpi = "first_response_time";
  row.id = "frt";
  const KpiGoals goals = GoalsOf(config, row, {});
  EXPECT_EQ(goals.TargetAt(*ParseTime("2026-02-28T00:00:00Z"))->value_micro,
            900 * kSecond);
  EXPECT_EQ(goals.TargetAt(*ParseTime("2026-03-01T00:00:00Z"))->value_micro,
            600 * kSecond);
  EXPECT_TRUE(GoalsOf(config, row, {{"team", "x"}}).history.empty());
  row.id = "other";
  EXPECT_TRUE(GoalsOf(config, row, {}).history.empty());
}

}  // namespace
}  // namespace cckpi
