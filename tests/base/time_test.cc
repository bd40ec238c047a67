#include "cckpi/base/time.h"

#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cckpi {
namespace {

// 2026-03-09T00:00:00Z: 20 521 days.
constexpr int64_t kMonday = 1'773'014'400 * kSecond;

int64_t At(std::string_view text) {
  absl::StatusOr<int64_t> at_us = ParseTime(text);
  EXPECT_TRUE(at_us.ok()) << text;
  return at_us.ok() ? *at_us : kNoTime;
}

TEST(TimeTest, RangeIsTheYears1990To2099) {
  EXPECT_EQ(FormatTime(kEarliestTime), "1990-01-01T00:00:00Z");
  EXPECT_EQ(FormatTime(kLatestTime), "2100-01-01T00:00:00Z");
}

TEST(TimeTest, BucketsTileAlsoBeforeTheEpoch) {
  EXPECT_EQ(BucketOf(0), 0);
  EXPECT_EQ(BucketOf(kBucketSpan - 1), 0);
  EXPECT_EQ(BucketOf(kBucketSpan), 1);
  EXPECT_EQ(BucketOf(-1), -1);
  EXPECT_EQ(BucketOf(-kBucketSpan), -1);
  EXPECT_EQ(BucketOf(-kBucketSpan - 1), -2);
  EXPECT_EQ(BucketBegin(-2), -2 * kBucketSpan);
}

TEST(FormatTimeTest, WritesAFractionOnlyWhenThereIsOne) {
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatTime(kMonday), "2026-03-09T00:00:00Z");
  EXPECT_EQ(FormatTime(kMonday + 1), "2026-03-09T00:00:00.000001Z");
  EXPECT_EQ(FormatTime(kMonday + 500 * kMillisecond), "2026-03-09T00:00:00.5Z");
  EXPECT_EQ(FormatTime(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(FormatTimeTest, TakesEveryInstant) {
  EXPECT_EQ(FormatTime(std::numeric_limits<int64_t>::max()),
            "294247-01-10T04:00:54.775807Z");
  EXPECT_FALSE(FormatTime(kNoTime).empty());
}

TEST(ParseTimeTest, ReadsRfc3339) {
  EXPECT_EQ(At("2026-03-09T00:00:00Z"), kMonday);
  EXPECT_EQ(At("2026-03-09T01:00:00+01:00"), kMonday);
  EXPECT_EQ(At("2026-03-08T18:30:00-05:30"), kMonday);
  EXPECT_EQ(At("2026-03-09 00:00:00Z"), kMonday);
  EXPECT_EQ(At("2026-03-09t00:00:00z"), kMonday);
  EXPECT_EQ(At("2026-03-09T00:00:00-00:00"), kMonday);
  EXPECT_EQ(At("1969-12-31T23:59:59Z"), -kSecond);
}

TEST(ParseTimeTest, CutsTheFractionToTheMicrosecond) {
  EXPECT_EQ(At("2026-03-09T00:00:00.5Z"), kMonday + 500 * kMillisecond);
  EXPECT_EQ(At("2026-03-09T00:00:00.000001Z"), kMonday + 1);
  EXPECT_EQ(At("2026-03-09T00:00:00.123456789+00:00"), kMonday + 123456);
  EXPECT_EQ(At("2026-03-09T00:00:00.00000099999999999999999999999Z"), kMonday);
}

TEST(ParseTimeTest, KnowsLeapDays) {
  EXPECT_EQ(At("2024-02-29T00:00:00Z") + kDay, At("2024-03-01T00:00:00Z"));
  EXPECT_EQ(At("2000-02-29T00:00:00Z") + kDay, At("2000-03-01T00:00:00Z"));
  EXPECT_FALSE(ParseTime("2026-02-29T00:00:00Z").ok());
  EXPECT_FALSE(ParseTime("1900-02-29T00:00:00Z").ok());
  EXPECT_FALSE(ParseTime("2024-02-30T00:00:00Z").ok());
}

TEST(ParseTimeTest, ALeapSecondIsTheBeginOfTheNextDay) {
  EXPECT_EQ(At("2016-12-31T23:59:60Z"), At("2017-01-01T00:00:00Z"));
  EXPECT_EQ(At("2016-12-31T15:59:60-08:00"), At("2017-01-01T00:00:00Z"));
  EXPECT_FALSE(ParseTime("2016-12-31T12:00:60Z").ok());
}

TEST(ParseTimeTest, ReadsIntegerMicroseconds) {
  EXPECT_EQ(At("0"), 0);
  EXPECT_EQ(At("1773014400000000"), kMonday);
  EXPECT_EQ(At("-1"), -1);
  EXPECT_EQ(At("9223372036854775807"), std::numeric_limits<int64_t>::max());
}

TEST(ParseTimeTest, RefusesEverythingElse) {
  for (const std::string text : {"",
                                 "-",
                                 "now",
                                 "2026-03",
                                 "2026-03-09",
                                 "2026-03-09T00:00:00",
                                 "2026-03-09T00:00:00.Z",
                                 "2026-03-09T00:00:00.5",
                                 "2026-03-09T00:00Z",
                                 "2026-13-09T00:00:00Z",
                                 "2026-00-09T00:00:00Z",
                                 "2026-04-31T00:00:00Z",
                                 "2026-03-00T00:00:00Z",
                                 "2026-03-09T24:00:00Z",
                                 "2026-03-09T00:60:00Z",
                                 "2026-03-09T00:00:61Z",
                                 "2026-03-09T00:00:00+24:00",
                                 "2026-03-09T00:00:00+01:60",
                                 "2026-03-09T00:00:00+0100",
                                 "2026-03-09T00:00:00+01",
                                 "2026-03-09T00:00:00ZZ",
                                 "2026-03-09T00:00:00Z ",
                                 " 2026-03-09T00:00:00Z",
                                 "2026/03/09T00:00:00Z",
                                 "2026-03-09X00:00:00Z",
                                 "202a-03-09T00:00:00Z",
                                 "20260309T000000Z0000",
                                 "+5",
                                 "12.5",
                                 "9223372036854775808",
                                 "-9223372036854775808",
                                 "99999999999999999999",
                                 "1e9",
                                 "0x10"}) {
    EXPECT_FALSE(ParseTime(text).ok()) << text;
  }
}

TEST(ParseTimeTest, ErrorNamesTheText) {
  EXPECT_THAT(std::string(ParseTime("yesterday").status().message()),
              testing::HasSubstr("\"yesterday\""));
}

TEST(ParseTimeTest, AgreesWithAbseilOnRandomInstants) {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<int64_t> instants(
      absl::ToUnixMicros(
          absl::FromCivil(absl::CivilDay(0, 1, 2), absl::UTCTimeZone())),
      absl::ToUnixMicros(
          absl::FromCivil(absl::CivilDay(9999, 12, 30), absl::UTCTimeZone())));
  for (int i = 0; i < 20'000; ++i) {
    const int64_t at_us = instants(random);
    const int minutes = static_cast<int>(random() % (2 * 1439)) - 1439;
    const std::string text =
        absl::FormatTime("%E4Y-%m-%d%ET%H:%M:%E6S%Ez", ToTime(at_us),
                         absl::FixedTimeZone(minutes * 60));
    ASSERT_EQ(At(text), at_us) << text;
    ASSERT_EQ(At(FormatTime(at_us)), at_us) << text;
  }
}

TEST(ParseSpanTest, ReadsUnitsAndSequences) {
  EXPECT_EQ(*ParseSpan("0"), 0);
  EXPECT_EQ(*ParseSpan("15m"), 15 * kMinute);
  EXPECT_EQ(*ParseSpan("1h30m"), 90 * kMinute);
  EXPECT_EQ(*ParseSpan("7d"), kWeek);
  EXPECT_EQ(*ParseSpan("2w"), 2 * kWeek);
  EXPECT_EQ(*ParseSpan("250ms"), 250 * kMillisecond);
  EXPECT_EQ(*ParseSpan("3us"), 3);
  EXPECT_EQ(*ParseSpan("1s500ms"), 1500 * kMillisecond);
}

TEST(ParseSpanTest, ReadsDecimals) {
  EXPECT_EQ(*ParseSpan("0.5h"), 30 * kMinute);
  EXPECT_EQ(*ParseSpan("1.25s"), 1'250'000);
  // A third of an hour is 1200 s; 0.333333333 h is 1 199 999 998.8 us.
  EXPECT_EQ(*ParseSpan("0.333333333h"), 1'199'999'998);
  EXPECT_EQ(*ParseSpan("0.9999999999999999999999999s"), 999'999);
}

TEST(ParseSpanTest, RefusesEverythingElse) {
  for (const std::string text :
       {"", "15", "m", "-15m", "15 m", "15M", "1.m", ".5h", "1h-30m", "30m1h",
        "5m5m", "1y", "15min", "1h30", "10000000000000w",
        "9223372036854775808us", "106751992d", "1e3s"}) {
    EXPECT_FALSE(ParseSpan(text).ok()) << text;
  }
  EXPECT_TRUE(ParseSpan("9223372036854775807us").ok());
}

TEST(FormatSpanTest, WritesLargestUnitsFirst) {
  EXPECT_EQ(FormatSpan(0), "0s");
  EXPECT_EQ(FormatSpan(15 * kMinute), "15m");
  EXPECT_EQ(FormatSpan(90 * kMinute), "1h30m");
  EXPECT_EQ(FormatSpan(kWeek), "7d");
  EXPECT_EQ(FormatSpan(kDay + 1), "1d1us");
  EXPECT_EQ(FormatSpan(-90 * kSecond), "-1m30s");
  EXPECT_EQ(FormatSpan(kNoTime), "-106751991d4h54s775ms808us");
}

TEST(FormatSpanTest, IsReadBack) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 1000; ++i) {
    const int64_t span_us = static_cast<int64_t>(random() >> (1 + i % 60));
    ASSERT_EQ(*ParseSpan(FormatSpan(span_us)), span_us);
  }
}

}  // namespace
}  // namespace cckpi
