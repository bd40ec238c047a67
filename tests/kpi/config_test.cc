#include "cckpi/kpi/config.h"

#include <map>
#include <optional>
#include <string>

#include "cckpi/kpi/report.h"
#include "gtest/gtest.h"

namespace cckpi {
namespace {

TEST(DimensionTest, NamesRoundTrip) {
  for (const char* name :
       {"channel", "source", "team", "agent", "priority", "tag.plan"}) {
    std::optional<Dimension> dimension = ParseDimension(name);
    ASSERT_TRUE(dimension.has_value()) << name;
    EXPECT_EQ(DimensionName(*dimension), name);
  }
  EXPECT_EQ(ParseDimension("tag.a.b")->tag, "a.b");
  EXPECT_EQ(ParseDimension("team")->field, Dimension::Field::kTeam);
}

TEST(DimensionTest, OtherNamesAreNone) {
  for (const char* name : {"", "Team", "tag", "tag.", "teams", "customer"}) {
    EXPECT_FALSE(ParseDimension(name).has_value()) << name;
  }
}

TEST(AgentStatesTest, DefaultsHaveTheUsualClasses) {
  std::map<std::string, int> classes;
  for (const AgentState& state : DefaultAgentStates()) {
    classes[state.name] = state.classes;
  }
  const std::map<std::string, int> expected = {
      {"available", kPaid | kProductive | kAvailable},
      {"busy", kPaid | kProductive | kAvailable | kHandling},
      {"break", kPaid},
      {"training", kPaid},
      {"meeting", kPaid},
      {"offline", kOffline}};
  EXPECT_EQ(classes, expected);
}

TEST(ConfigTest, DefaultsAreTheDocumentedOnes) {
  const Config config;
  EXPECT_EQ(config.time_zone, "UTC");
  EXPECT_EQ(config.week_starts, 1);
  EXPECT_EQ(config.fcr_window_us, 604'800'000'000);  // 7 days
  EXPECT_EQ(config.auto_close_after_us, 0);
  EXPECT_FALSE(config.allowed_lateness_us.has_value());
  EXPECT_FALSE(config.groups_given);
  EXPECT_FALSE(config.kpis_given);
}

TEST(ReportTimeTest, HasTheFormOfItsFrequency) {
  EXPECT_EQ(ParseReportTime("Mon 08:00", Frequency::kWeekly),
            (ReportTime{1, 0, 480}));
  EXPECT_EQ(ParseReportTime("sunday 23:59", Frequency::kWeekly),
            (ReportTime{7, 0, 1439}));
  EXPECT_EQ(ParseReportTime("28 00:00", Frequency::kMonthly),
            (ReportTime{0, 28, 0}));
  EXPECT_EQ(ParseReportTime("07:30", Frequency::kDaily),
            (ReportTime{0, 0, 450}));
  EXPECT_EQ(ParseReportTime(":15", Frequency::kHourly), (ReportTime{0, 0, 15}));
}

TEST(ReportTimeTest, OtherFormsAreNone) {
  for (const char* text : {"", "Mon", "Mon 8:00", "Mon 24:00", "Mon 08:60",
                           "Mo 08:00", "Mon  08:00", "08:00"}) {
    EXPECT_FALSE(ParseReportTime(text, Frequency::kWeekly)) << text;
  }
  for (const char* text : {"0 08:00", "29 08:00", "x 08:00", "1", "08:00"}) {
    EXPECT_FALSE(ParseReportTime(text, Frequency::kMonthly)) << text;
  }
  EXPECT_FALSE(ParseReportTime("Mon 08:00", Frequency::kDaily));
  EXPECT_FALSE(ParseReportTime(":60", Frequency::kHourly));
  EXPECT_FALSE(ParseReportTime("08:00", Frequency::kAll));
}

TEST(UnitTest, NamesAreTheOnesOfTheFormats) {
  EXPECT_EQ(UnitName(Unit::kSeconds), "s");
  EXPECT_EQ(UnitName(Unit::kRatio), "ratio");
  EXPECT_EQ(UnitName(Unit::kCount), "count");
  EXPECT_EQ(UnitName(Unit::kScore), "score");
  EXPECT_EQ(UnitName(Unit::kPerHour), "per_hour");
}

}  // namespace
}  // namespace cckpi
