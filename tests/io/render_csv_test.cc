#include <string>

#include "absl/numeric/int128.h"
#include "cckpi/base/time.h"
#include "cckpi/io/render.h"
#include "gtest/gtest.h"

namespace cckpi {
namespace {

ReportRow Row(std::string kpi) {
  ReportRow row;
  row.kpi = std::move(kpi);
  row.begin_us = *ParseTime("2026-03-02T00:00:00Z");
  row.end_us = *ParseTime("2026-03-09T00:00:00Z");
  return row;
}

Report ReportOf(std::vector<ReportRow> rows) {
  Report report;
  report.rows = std::move(rows);
  return report;
}

TEST(RenderCsvTest, ColumnsAreTheUnionInOrderOfFirstAppearance) {
  ReportRow mean = Row("first_response_time");
  mean.definition = {{"statistic", "mean"}, {"clock", "calendar"}};
  mean.group = {{"channel", "facebook"}};
  mean.value = 512.25;
  mean.unit = Unit::kSeconds;
  mean.figures = {{"count", int64_t{4}},
                  {"sum_us", absl::int128(2'049'000'000)}};
  ReportRow level = Row("service_level");
  level.id = "sl";
  level.definition = {{"within_us", int64_t{900'000'000}},
                      {"statistic", "ratio"}};
  level.group = {{"team", "a"}, {"channel", std::nullopt}};
  level.unit = Unit::kRatio;
  level.figures = {{"met", int64_t{3}}, {"count", int64_t{9}}};
  level.provisional = true;

  EXPECT_EQ(
      RenderCsv(ReportOf({mean, level})),
      "kpi,id,statistic,clock,attribution,within_us,begin,end,by,channel,team,"
      "value,unit,count,sum_us,met,provisional\n"
      "first_response_time,,mean,calendar,,,2026-03-02T00:00:00Z,"
      "2026-03-09T00:00:00Z,channel,facebook,,512.25,s,4,2049000000,,false\n"
      "service_level,sl,ratio,,,900000000,2026-03-02T00:00:00Z,"
      "2026-03-09T00:00:00Z,team channel,,a,,ratio,9,,3,true\n");
}

TEST(RenderCsvTest, QuotesWhatNeedsQuotes) {
  ReportRow row = Row("arrivals");
  row.group = {{"tag.a,b", "say \"hi\"\nthere"}};
  row.value = 1;
  EXPECT_EQ(RenderCsv(ReportOf({row})),
            "kpi,id,statistic,clock,attribution,begin,end,by,\"tag.a,b\","
            "value,unit,provisional\n"
            "arrivals,,,,,2026-03-02T00:00:00Z,2026-03-09T00:00:00Z,"
            "\"tag.a,b\",\"say \"\"hi\"\"\nthere\",1,count,false\n");
}

TEST(RenderCsvTest, WhatACountCountsHasOneColumn) {
  ReportRow row = Row("arrivals");
  row.definition = {{"counts", "episodes"}};
  row.figures = {{"count", int64_t{1}}, {"counts", "episodes"}};
  EXPECT_EQ(RenderCsv(ReportOf({row})),
            "kpi,id,statistic,clock,attribution,counts,begin,end,by,value,unit,"
            "count,provisional\n"
            "arrivals,,,,,episodes,2026-03-02T00:00:00Z,2026-03-09T00:00:00Z,"
            ",,count,1,false\n");
}

TEST(RenderCsvTest, AnEmptyReportIsAHeader) {
  EXPECT_EQ(RenderCsv(Report()),
            "kpi,id,statistic,clock,attribution,begin,end,by,value,unit,"
            "provisional\n");
}

}  // namespace
}  // namespace cckpi
