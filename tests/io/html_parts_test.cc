// Scorecards and alerts on a page, from results made by hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/io/render_html.h"
#include "cckpi/kpi/catalogue.h"
#include "src/io/html_charts.h"

namespace cckpi {
namespace {

using testing::HasSubstr;
using testing::Not;

int64_t At(const char* text) { return *ParseTime(text); }

// The weekly card: first response TAT < 15 min, measured 20 min, weight 50;
// accuracy >= 85 %, measured 90 %, weight 50. Linear: 87.5 %.
ScorecardResult WeeklyCard(const char* begin, const char* end) {
  ScorecardResult result;
  result.id = "first-level";
  result.begin_us = At(begin);
  result.end_us = At(end);
  ScoreLineResult tat;
  tat.kpi = "frt";
  tat.target = {Comparator::kLess, 900 * kSecond};
  tat.unit = Unit::kSeconds;
  tat.value = 1200;
  tat.n = 31;
  tat.state = CardState::kScored;
  tat.weight_permille = 50'000;
  tat.attainment_micro = 750'000;
  tat.contribution_micro = 375'000;
  ScoreLineResult accuracy;
  accuracy.kpi = "accuracy";
  accuracy.target = {Comparator::kGreaterEqual, 850'000};
  accuracy.value = 0.9;
  accuracy.n = 10;
  accuracy.state = CardState::kScored;
  accuracy.weight_permille = 50'000;
  accuracy.attainment_micro = 1'000'000;
  accuracy.contribution_micro = 500'000;
  result.lines = {tat, accuracy};
  result.score_micro = 875'000;
  result.weight_permille = 100'000;
  return result;
}

TEST(ScorecardsPartTest, TheNewestWindowStandsWithEveryLine) {
  HtmlReport data;
  data.scorecards = {
      WeeklyCard("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z")};
  const ChartPart part = Scorecards(data);
  EXPECT_THAT(part.html, HasSubstr("first-level, week 2026-03-02"));
  EXPECT_THAT(part.html, HasSubstr("&lt; 15m"));
  EXPECT_THAT(part.html, HasSubstr("<data value=\"1200\">20m</data>"));
  EXPECT_THAT(part.html, HasSubstr("<data value=\"0.75\">75.0 %</data>"));
  EXPECT_THAT(part.html, HasSubstr("<data value=\"0.875\">87.5 %</data>"));
  EXPECT_THAT(part.html, Not(HasSubstr("provisional")));
  EXPECT_THAT(part.html, Not(HasSubstr("Scope")));
}

TEST(ScorecardsPartTest, AWindowWithoutDataIsNotTheNewest) {
  HtmlReport data;
  data.scorecards = {
      WeeklyCard("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"),
      WeeklyCard("2026-03-09T00:00:00Z", "2026-03-16T00:00:00Z")};
  data.scorecards[1].score_micro.reset();
  const ChartPart part = Scorecards(data);
  EXPECT_THAT(part.html, HasSubstr("first-level, week 2026-03-02"));
  // Both are in the picture: 87.5 %, then a gap.
  EXPECT_THAT(part.json, HasSubstr("\"values\": [0.875, null]"));
}

TEST(ScorecardsPartTest, CardsWithoutDataSayWhy) {
  HtmlReport data;
  data.scorecards = {
      WeeklyCard("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z")};
  ScoreLineResult& line = data.scorecards[0].lines[0];
  line.state = CardState::kTooFew;
  line.attainment_micro.reset();
  line.contribution_micro.reset();
  data.scorecards[0].provisional = true;
  const ChartPart part = Scorecards(data);
  EXPECT_THAT(part.html, HasSubstr("too few"));
  EXPECT_THAT(part.html, HasSubstr("Score, provisional"));
}

TEST(ScorecardsPartTest, GroupsAreRowsAndTheirNamesAreText) {
  HtmlReport data;
  for (const char* team : {"<b>a</b>", "b"}) {
    data.scorecards.push_back(
        WeeklyCard("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"));
    data.scorecards.back().group = {{"team", team}};
  }
  const ChartPart part = Scorecards(data);
  EXPECT_THAT(part.html, HasSubstr("<bdi>&lt;b&gt;a&lt;/b&gt;</bdi>"));
  EXPECT_THAT(part.html, HasSubstr("<bdi>b</bdi>"));
}

// The answer takes too long from 09:00 on, far too long from 09:10 on, and is
// back at 09:30.
HtmlReport OneIncident() {
  HtmlReport data;
  ScalingRule rule;
  rule.id = "asa";
  rule.kpi = "speed_of_answer";
  rule.bands = {{.level = "warning", .over_micro = 120 * kSecond},
                {.level = "critical", .over_micro = 300 * kSecond}};
  data.config.scaling_matrix = {rule};
  Transition opened;
  opened.rule = "asa";
  opened.group = {{"channel", "<i>chat</i>"}};
  opened.incident = "asa@1";
  opened.at_us = At("2026-03-02T09:00:00Z");
  opened.from = AlertState::kPending;
  opened.to = AlertState::kFiring;
  opened.to_level = "warning";
  Transition worse = opened;
  worse.at_us = At("2026-03-02T09:10:00Z");
  worse.from = AlertState::kFiring;
  worse.to_level = "critical";
  Transition resolved = worse;
  resolved.at_us = At("2026-03-02T09:30:00Z");
  resolved.to = AlertState::kOk;
  resolved.to_level.clear();
  data.alerts.transitions = {opened, worse, resolved};
  Notification note;
  note.incident = "asa@1";
  note.peak = ExactValue::OfMicro(400 * kSecond);
  data.alerts.notifications = {note, note};
  data.alerts.until_us = At("2026-03-02T12:00:00Z");
  return data;
}

TEST(AlertTimelineTest, AnIncidentHasItsLevelsInTime) {
  const ChartPart part = AlertTimeline(OneIncident());
  // 2026-03-02T09:00Z is 1'772'442'000'000 ms.
  EXPECT_THAT(part.json, HasSubstr("[0, 1772442000000, 1772442600000, 0, "
                                   "\"warning\", \"2026-03-02 09:00, 10m\"]"));
  EXPECT_THAT(part.json, HasSubstr("[0, 1772442600000, 1772443800000, 1, "
                                   "\"critical\", \"2026-03-02 09:10, 20m\"]"));
  EXPECT_THAT(part.json, HasSubstr("\"names\": [\"<i>chat</i>, asa\"]"));
  EXPECT_THAT(part.html, HasSubstr("1 incident, 0 open"));
  EXPECT_THAT(part.html, HasSubstr("level-2\">critical</span>"));
  EXPECT_THAT(part.html, HasSubstr("<data value=\"1800\">30m</data>"));
  EXPECT_THAT(part.html, HasSubstr("6m 40s"));
  EXPECT_THAT(part.html, HasSubstr("<data value=\"2\">2</data>"));
  EXPECT_THAT(part.html, HasSubstr("&lt;i&gt;chat&lt;/i&gt;"));
}

TEST(AlertTimelineTest, AnOpenIncidentLastsUntilNow) {
  HtmlReport data = OneIncident();
  data.alerts.transitions.pop_back();
  const ChartPart part = AlertTimeline(data);
  EXPECT_THAT(part.html, HasSubstr("1 incident, 1 open"));
  EXPECT_THAT(part.html, HasSubstr("open, <data value=\"10800\">3h</data>"));
}

TEST(AlertTimelineTest, TimesAreLocal) {
  HtmlReport data = OneIncident();
  data.zone = *LoadZone("Asia/Tokyo");  // 9 h ahead
  EXPECT_THAT(AlertTimeline(data).json,
              HasSubstr("[0, 1772474400000, 1772475000000, 0, \"warning\", "
                        "\"2026-03-02 18:00, 10m\"]"));
}

TEST(AlertTimelineTest, AQuietMatrixSaysSoAnAbsentOneNothing) {
  HtmlReport data;
  EXPECT_EQ(AlertTimeline(data).html, "");
  data.alerts.until_us = At("2026-03-02T12:00:00Z");
  EXPECT_THAT(AlertTimeline(data).html, HasSubstr("no rule fired"));
}

}  // namespace
}  // namespace cckpi
