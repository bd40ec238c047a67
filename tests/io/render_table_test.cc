#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/io/render.h"
#include "cckpi/kpi/catalogue.h"
#include "gtest/gtest.h"

namespace cckpi {
namespace {

const int64_t kMonday = *ParseTime("2026-03-02T00:00:00Z");

ReportRow Row(const KpiSpec& spec, std::optional<double> value,
              std::vector<Figure> figures) {
  ReportRow row;
  row.kpi = std::string(Definition(spec.kpi).name);
  row.id = spec.id;
  row.definition = DescribeSpec(spec);
  row.begin_us = kMonday;
  row.end_us = kMonday + kWeek;
  row.value = value;
  row.unit = SpecUnit(spec);
  row.figures = std::move(figures);
  return row;
}

ReportRow FirstResponse(double seconds, int64_t count) {
  return Row(DefaultSpec(Kpi::kFirstResponseTime), seconds,
             {{"count", count},
              {"sum_us", int64_t{0}},
              {"open", int64_t{1}},
              {"void", int64_t{0}},
              {"min_us", 30 * kSecond},
              {"max_us", 15 * kMinute},
              {"p50_us", 7 * kMinute},
              {"p90_us", 12 * kMinute + 30 * kSecond}});
}

ReportRow ServiceLevel(std::optional<double> value, int64_t met,
                       int64_t missed) {
  return Row(DefaultSpec(Kpi::kServiceLevel), value,
             {{"numerator", met},
              {"denominator", met + missed},
              {"met", met},
              {"missed", missed},
              {"pending", int64_t{0}}});
}

ReportRow Arrivals(int64_t count) {
  return Row(DefaultSpec(Kpi::kArrivals), static_cast<double>(count),
             {{"count", count}, {"counts", "episodes"}});
}

ReportRow In(ReportRow row, std::string dimension,
             std::optional<std::string> value) {
  row.group = {{std::move(dimension), std::move(value)}};
  return row;
}

ReportRow OnDay(ReportRow row, int day) {
  row.begin_us = kMonday + day * kDay;
  row.end_us = row.begin_us + kDay;
  return row;
}

ReportRow Provisional(ReportRow row) {
  row.provisional = true;
  return row;
}

Report ReportOf(std::vector<ReportRow> rows) {
  Report report;
  report.now_us = kMonday + kWeek;
  report.rows = std::move(rows);
  report.events.applied = 41;
  return report;
}

TEST(RenderTableTest, TotalShowsKpisWithTheirDetails) {
  EXPECT_EQ(RenderTable(
                ReportOf({FirstResponse(512.25, 4),
                          Provisional(ServiceLevel(0.75, 3, 1)), Arrivals(5)}),
                {.width = 100}),
            R"(As of 2026-03-09 00:00 UTC, week 2026-03-02

Total
  KPI                                value  n
  First response time  mean         8m 32s  4  open 1  max 15m  p50 7m  p90 12m 30s
  Service level        within 15m  ~75.0 %  4  met 3  missed 1
  Arrivals                               5

~ provisional: more events may still change it.
Events: 41 applied
)");
}

TEST(RenderTableTest, GroupsAreRowsAndFewKpisColumns) {
  EXPECT_EQ(
      RenderTable(ReportOf({In(FirstResponse(512.25, 4), "channel", "facebook"),
                            In(FirstResponse(70, 12), "channel", "whatsapp"),
                            In(ServiceLevel(0.75, 3, 1), "channel", "facebook"),
                            In(ServiceLevel(std::nullopt, 0, 0), "channel",
                               std::nullopt),
                            In(Arrivals(5), "channel", "facebook")}),
                  {.width = 100}),
      R"(As of 2026-03-09 00:00 UTC, week 2026-03-02

By channel
            First response
                      time      Service level
  channel             mean   n     within 15m  n  Arrivals
  facebook          8m 32s   4         75.0 %  4         5
  whatsapp          1m 10s  12              -            -

Events: 41 applied
)");
}

TEST(RenderTableTest, OneKpiShowsItsDetailsAsColumns) {
  EXPECT_EQ(
      RenderTable(
          ReportOf({OnDay(In(ServiceLevel(0.75, 3, 1), "agent", "ana"), 0),
                    OnDay(In(ServiceLevel(1, 2, 0), "agent", "bo"), 0),
                    OnDay(In(ServiceLevel(0.5, 1, 1), "agent", "bo"), 1)}),
          {.width = 100}),
      R"(As of 2026-03-09 00:00 UTC

By agent: Service level, within 15m
  window          agent    value  n  met  missed
  Mon 2026-03-02  ana     75.0 %  4    3       1
                  bo     100.0 %  2    2
  Tue 2026-03-03  bo      50.0 %  2    1       1

Events: 41 applied
)");
}

TEST(RenderTableTest, FewGroupsAreColumnsWhereKpisDoNotFit) {
  EXPECT_EQ(
      RenderTable(ReportOf({In(FirstResponse(512.25, 4), "channel", "facebook"),
                            In(FirstResponse(70, 12), "channel", "whatsapp"),
                            In(ServiceLevel(0.75, 3, 1), "channel", "facebook"),
                            In(Row(DefaultSpec(Kpi::kResolutionTime), 5400, {}),
                               "channel", "facebook"),
                            In(Arrivals(5), "channel", "whatsapp")}),
                  {.width = 60}),
      R"(As of 2026-03-09 00:00 UTC, week 2026-03-02

By channel
  KPI                              facebook  whatsapp
  First response time  mean          8m 32s    1m 10s
  Resolution time      mean          1h 30m         -
  Service level        within 15m    75.0 %         -
  Arrivals                                -         5

Events: 41 applied
)");
}

TEST(RenderTableTest, ManyGroupsAndKpisGiveSeveralTables) {
  std::vector<ReportRow> rows;
  for (const char* agent : {"agent-1", "agent-2", "agent-10"}) {
    rows.push_back(In(FirstResponse(512.25, 4), "agent", agent));
    rows.push_back(In(ServiceLevel(0.75, 3, 1), "agent", agent));
    rows.push_back(In(Arrivals(5), "agent", agent));
  }
  EXPECT_EQ(RenderTable(ReportOf(std::move(rows)), {.width = 42}),
            R"(As of 2026-03-09 00:00 UTC, week 2026-03-02

By agent
            First response
                      time  Service level
  agent               mean     within 15m
  agent-1           8m 32s         75.0 %
  agent-2           8m 32s         75.0 %
  agent-10          8m 32s         75.0 %

  agent     Arrivals
  agent-1          5
  agent-2          5
  agent-10         5

Events: 41 applied
)");
}

TEST(RenderTableTest, DefinitionsThatAreNotTheDefaultAreNamed) {
  KpiSpec spec = DefaultSpec(Kpi::kFirstResponseTime);
  spec.statistic = Statistic::kPercentile;
  spec.percentile_ppm = 900'000;
  spec.clock = Clock::kBusiness;
  spec.exclude = PhaseBit(Phase::kHold);
  KpiSpec level = DefaultSpec(Kpi::kServiceLevel);
  level.id = "sl20";
  level.within_us = 20 * kMinute;
  level.stage = Stage::kEvery;
  EXPECT_EQ(RenderTable(ReportOf({Row(spec, 90, {}), Row(level, 1, {})}),
                        {.width = 100}),
            R"(As of 2026-03-09 00:00 UTC, week 2026-03-02

Total
  KPI                                                       value
  First response time  p90, business clock, without hold   1m 30s
  sl20                 within 20m, every response         100.0 %

Events: 41 applied
)");
}

TEST(RenderTableTest, TextOfTheLogCannotDrawOnTheTerminal) {
  Report report = ReportOf({In(Arrivals(5), "channel", "\x1b[2Jface"),
                            In(Arrivals(2), "channel", "\xE7\x8E\x8B")});
  report.events = {
      .applied = 7, .duplicate = 1, .late = 2, .refused = 12, .after_now = 3};
  report.refusals = {{"a.csv", 7, "kind: \"\x07\" is unknown", "T-1"}};
  EXPECT_EQ(RenderTable(report, {.width = 100}),
            R"(As of 2026-03-09 00:00 UTC, week 2026-03-02

By channel: Arrivals
  channel      value
  \x1b[2Jface      5
  王               2

Events: 7 applied, 1 duplicate, 2 late, 12 refused, 3 after this instant left out
  a.csv: line 7: kind: "\x07" is unknown (T-1)
  ... and 11 more
)");
}

TEST(RenderTableTest, OfTooManyGroupsTheLargestAreShown) {
  const Report report =
      ReportOf({In(Arrivals(5), "agent", "ana"), In(Arrivals(1), "agent", "bo"),
                In(Arrivals(7), "agent", "cy")});
  EXPECT_EQ(RenderTable(report, {.max_groups = 2}),
            R"(As of 2026-03-09 00:00 UTC, week 2026-03-02

By agent: Arrivals
  agent  value
  ana        5
  cy         7
  ... and 1 group with fewer observations

Events: 41 applied
)");
  EXPECT_EQ(RenderTable(report, {.max_groups = 3}).find("and"),
            std::string::npos);
}

TEST(RenderTableTest, SectionsGoFromCoarseToFineWithoutRepeatingTheTotal) {
  const Report report = ReportOf(
      {In(Arrivals(1), "agent", "ana"), In(Arrivals(4), "agent", "bo"),
       In(Arrivals(5), "channel", "irc"), In(Arrivals(5), "team", std::nullopt),
       Provisional(Row(DefaultSpec(Kpi::kAccuracy), std::nullopt, {})),
       Arrivals(5)});
  EXPECT_EQ(RenderTable(report, {}),
            R"(As of 2026-03-09 00:00 UTC, week 2026-03-02

Total
  KPI       value
  Accuracy      -
  Arrivals      5

By channel: Arrivals
  channel  value
  irc          5

By agent: Arrivals
  agent  value
  ana        1
  bo         4

~ provisional: more events may still change it.
Events: 41 applied
)");
}

TEST(RenderTableTest, AllProvisionalIsSaidOnce) {
  EXPECT_EQ(RenderTable(ReportOf({Provisional(Arrivals(5))}), {.width = 100}),
            R"(As of 2026-03-09 00:00 UTC, week 2026-03-02 (provisional)

Total: Arrivals
  value
      5

Provisional: more events may still change it.
Events: 41 applied
)");
}

TEST(RenderTableTest, WindowsAreNamedInLocalTime) {
  const Zone madrid = *LoadZone("Europe/Madrid");
  const auto label = [&](const char* begin, const char* end) {
    ReportRow row = Arrivals(5);
    row.begin_us = *ParseTime(begin);
    row.end_us = *ParseTime(end);
    const std::string table = RenderTable(ReportOf({row}), {.zone = madrid});
    const size_t from = table.find(", ") + 2;
    return table.substr(from, table.find('\n') - from);
  };
  EXPECT_EQ(label("2026-03-02T00:00:00+01:00", "2026-03-03T00:00:00+01:00"),
            "Mon 2026-03-02");
  // The week of the clock change lasts 167 hours.
  EXPECT_EQ(label("2026-03-23T00:00:00+01:00", "2026-03-30T00:00:00+02:00"),
            "week 2026-03-23");
  EXPECT_EQ(label("2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00"),
            "2026-03");
  EXPECT_EQ(label("2026-03-02T09:00:00+01:00", "2026-03-02T10:00:00+01:00"),
            "2026-03-02 09:00");
  EXPECT_EQ(label("2026-03-02T09:00:00+01:00", "2026-03-02T12:00:00+01:00"),
            "2026-03-02 09:00 to 2026-03-02 12:00");
  EXPECT_EQ(label("2026-03-02T09:10:00Z", "2026-03-09T00:00:00Z"),  // now
            "since 2026-03-02 10:10");
  EXPECT_EQ(label("1990-01-01T00:00:00Z", "2100-01-01T00:00:00Z"),
            "everything so far");
}

TEST(RenderTableTest, NothingIsSaidPlainly) {
  Report report;
  report.now_us = kNoTime;
  EXPECT_EQ(RenderTable(report, {}), "No events.\n\nEvents: 0 applied\n");
  report.now_us = kMonday;
  EXPECT_EQ(RenderTable(report, {}),
            "As of 2026-03-02 00:00 UTC\n\nNo data.\n\nEvents: 0 applied\n");
}

}  // namespace
}  // namespace cckpi
