#include "cckpi/calendar/window.h"

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "cckpi/base/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cckpi {
namespace {

constexpr Frequency kAllFrequencies[] = {
    Frequency::kBucket, Frequency::kHourly,  Frequency::kDaily,
    Frequency::kWeekly, Frequency::kMonthly, Frequency::kAll};

int64_t At(std::string_view text) { return *ParseTime(text); }

Window Between(std::string_view begin, std::string_view end) {
  return {At(begin), At(end)};
}

Window In(std::string_view at, Frequency frequency, std::string_view zone) {
  return WindowContaining(At(at), frequency, *LoadZone(zone));
}

TEST(FrequencyTest, NamesAreReadBack) {
  for (const Frequency frequency : kAllFrequencies) {
    EXPECT_EQ(*ParseFrequency(FrequencyName(frequency)), frequency);
  }
  EXPECT_EQ(*ParseFrequency("15m"), Frequency::kBucket);
  EXPECT_EQ(*ParseFrequency("week"), Frequency::kWeekly);
  EXPECT_THAT(std::string(ParseFrequency("year").status().message()),
              testing::AllOf(testing::HasSubstr("\"year\""),
                             testing::HasSubstr("month")));
  EXPECT_EQ(FrequencyName(static_cast<Frequency>(99)), "");
}

TEST(ParseWeekdayTest, ReadsLongAndShortNames) {
  EXPECT_EQ(*ParseWeekday("monday"), absl::Weekday::monday);
  EXPECT_EQ(*ParseWeekday("sun"), absl::Weekday::sunday);
  EXPECT_FALSE(ParseWeekday("Monday").ok());
  EXPECT_FALSE(ParseWeekday("").ok());
  EXPECT_FALSE(ParseWeekday("mo").ok());
}

TEST(WindowTest, BucketsAreAlignedToUtc) {
  EXPECT_EQ(In("2026-03-09T10:14:59.999Z", Frequency::kBucket, "Asia/Tokyo"),
            Between("2026-03-09T10:00:00Z", "2026-03-09T10:15:00Z"));
}

TEST(WindowTest, HoursFollowTheZoneOffset) {
  EXPECT_EQ(In("2026-03-09T10:20:00Z", Frequency::kHourly, "UTC"),
            Between("2026-03-09T10:00:00Z", "2026-03-09T11:00:00Z"));
  // India is at +05:30: local hours begin at half past.
  EXPECT_EQ(In("2026-03-09T10:20:00Z", Frequency::kHourly, "Asia/Kolkata"),
            Between("2026-03-09T09:30:00Z", "2026-03-09T10:30:00Z"));
  // Nepal at +05:45: at a quarter past.
  EXPECT_EQ(In("2026-03-09T10:20:00Z", Frequency::kHourly, "Asia/Kathmandu"),
            Between("2026-03-09T10:15:00Z", "2026-03-09T11:15:00Z"));
}

TEST(WindowTest, TheRepeatedHourIsTwoWindows) {
  // Madrid, 2026-10-25: 03:00 CEST goes back to 02:00 CET at 01:00Z.
  EXPECT_EQ(In("2026-10-25T00:30:00Z", Frequency::kHourly, "Europe/Madrid"),
            Between("2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"));
  EXPECT_EQ(In("2026-10-25T01:30:00Z", Frequency::kHourly, "Europe/Madrid"),
            Between("2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"));
}

TEST(WindowTest, AHalfHourChangeCutsAnHourWindow) {
  // Lord Howe, 2026-04-05: 02:00 (+11) goes back to 01:30 (+10:30) at 15:00Z.
  EXPECT_EQ(
      In("2026-04-04T14:10:00Z", Frequency::kHourly, "Australia/Lord_Howe"),
      Between("2026-04-04T14:00:00Z", "2026-04-04T15:00:00Z"));
  EXPECT_EQ(
      In("2026-04-04T15:10:00Z", Frequency::kHourly, "Australia/Lord_Howe"),
      Between("2026-04-04T15:00:00Z", "2026-04-04T15:30:00Z"));
  // 2026-10-04: 02:00 (+10:30) goes to 02:30 (+11) at 15:30Z.
  EXPECT_EQ(
      In("2026-10-03T15:40:00Z", Frequency::kHourly, "Australia/Lord_Howe"),
      Between("2026-10-03T15:30:00Z", "2026-10-03T16:00:00Z"));
}

TEST(WindowTest, DaysAroundAClockChangeLast23And25Hours) {
  EXPECT_EQ(In("2026-03-29T12:00:00Z", Frequency::kDaily, "Europe/Madrid"),
            Between("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"));
  EXPECT_EQ(In("2026-10-25T12:00:00Z", Frequency::kDaily, "Europe/Madrid"),
            Between("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"));
}

TEST(WindowTest, ADayWhoseMidnightWasSkippedBeginsAtTheChange) {
  // Sao Paulo, 2018-11-04: 00:00 (-3) goes to 01:00 (-2) at 03:00Z.
  EXPECT_EQ(In("2018-11-04T12:00:00Z", Frequency::kDaily, "America/Sao_Paulo"),
            Between("2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"));
}

TEST(WindowTest, ADayWhoseMidnightCameTwiceBeginsAtTheFirst) {
  // St. John's, 2010-11-07: 00:01 (-2:30) goes back to 23:01 on the 6th (-3:30)
  // at 02:31Z. The first midnight was at 02:30Z; what comes after it is the
  // 7th, whatever the clock says.
  const Window sunday = Between("2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z");
  EXPECT_EQ(In("2010-11-07T03:00:00Z", Frequency::kDaily, "America/St_Johns"),
            sunday);
  EXPECT_EQ(
      In("2010-11-07T02:29:59Z", Frequency::kDaily, "America/St_Johns").end_us,
      sunday.begin_us);
}

TEST(WindowTest, ASkippedDateHasNoWindow) {
  // Apia went from 2011-12-29 (-10) straight to 2011-12-31 (+14) at 10:00Z.
  Zone apia = *LoadZone("Pacific/Apia");
  const Window thursday =
      Between("2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z");
  EXPECT_EQ(
      WindowContaining(At("2011-12-30T09:59:59Z"), Frequency::kDaily, apia),
      thursday);
  EXPECT_EQ(NextWindow(thursday, Frequency::kDaily, apia),
            Between("2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"));
}

TEST(WindowTest, WeeksBeginOnTheDayAskedFor) {
  // 2026-03-11 is a Wednesday.
  EXPECT_EQ(In("2026-03-11T12:00:00Z", Frequency::kWeekly, "UTC"),
            Between("2026-03-09T00:00:00Z", "2026-03-16T00:00:00Z"));
  EXPECT_EQ(WindowContaining(At("2026-03-11T12:00:00Z"), Frequency::kWeekly,
                             Zone(), absl::Weekday::sunday),
            Between("2026-03-08T00:00:00Z", "2026-03-15T00:00:00Z"));
  EXPECT_EQ(WindowContaining(At("2026-03-11T12:00:00Z"), Frequency::kWeekly,
                             Zone(), absl::Weekday::wednesday),
            Between("2026-03-11T00:00:00Z", "2026-03-18T00:00:00Z"));
}

TEST(WindowTest, MonthsKnowTheirLengths) {
  EXPECT_EQ(In("2024-02-29T23:59:59Z", Frequency::kMonthly, "UTC"),
            Between("2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"));
  EXPECT_EQ(In("2026-12-31T23:30:00Z", Frequency::kMonthly, "Europe/Madrid"),
            Between("2026-12-31T23:00:00Z", "2027-01-31T23:00:00Z"));
}

TEST(WindowTest, AllIsOneWindow) {
  const Window all = In("2026-03-11T12:00:00Z", Frequency::kAll, "UTC");
  EXPECT_EQ(all, (Window{kEarliestTime, kLatestTime}));
  EXPECT_EQ(NextWindow(all, Frequency::kAll, Zone()).span_us(), 0);
}

std::vector<std::string> ZoneNames() {
  std::vector<std::string> names;
  const std::filesystem::path root = "/usr/share/zoneinfo";
  std::error_code error;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(root, error)) {
    const std::string name =
        std::filesystem::relative(entry.path(), root).string();
    // "right" counts leap seconds, which no clock of ours does.
    if (name.starts_with("right/") || name.starts_with("posix/")) continue;
    if (entry.is_regular_file() && LoadZone(name).ok()) names.push_back(name);
  }
  if (names.empty()) names = {"Europe/Madrid", "Australia/Lord_Howe"};
  return names;
}

// In every zone: windows hold the instant they were asked for, all of a
// window's instants give the same window, the next one begins where it ends,
// and the edges are on the bucket grid.
TEST(WindowTest, WindowsTileInEveryZone) {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<int64_t> instants(kEarliestTime + 40 * kDay,
                                                  kLatestTime - 40 * kDay);
  for (const std::string& name : ZoneNames()) {
    const Zone zone = *LoadZone(name);
    for (int i = 0; i < 12; ++i) {
      const int64_t at_us = instants(random);
      for (const Frequency frequency : kAllFrequencies) {
        const Window window = WindowContaining(at_us, frequency, zone);
        ASSERT_TRUE(window.Contains(at_us)) << name;
        ASSERT_EQ(window.begin_us % kBucketSpan, 0) << name;
        ASSERT_EQ(window.end_us % kBucketSpan, 0) << name;
        ASSERT_EQ(WindowContaining(window.begin_us, frequency, zone), window);
        ASSERT_EQ(WindowContaining(window.end_us - 1, frequency, zone), window);
        if (frequency == Frequency::kAll) continue;
        const Window next = NextWindow(window, frequency, zone);
        ASSERT_EQ(next.begin_us, window.end_us) << name;
        ASSERT_GT(next.end_us, next.begin_us) << name;
      }
    }
  }
}

// Around clock changes, where it is hard, in quarter hours.
TEST(WindowTest, WindowsTileAcrossClockChanges) {
  const struct {
    std::string_view zone;
    std::string_view around;
  } kCases[] = {
      {"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
      {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
      {"America/St_Johns", "2010-11-07T02:31:00Z"},
      {"America/St_Johns", "2010-03-14T03:31:00Z"},
      {"America/Sao_Paulo", "2018-11-04T03:00:00Z"},
      {"America/Sao_Paulo", "2019-02-17T02:00:00Z"},
      {"America/Havana", "2026-11-01T05:00:00Z"},
      {"Pacific/Apia", "2011-12-30T10:00:00Z"},
      {"Africa/Casablanca", "2026-02-15T02:00:00Z"},
      {"Asia/Pyongyang", "2015-08-14T15:00:00Z"},
      {"America/Caracas", "2016-05-01T07:00:00Z"},
      {"Antarctica/Troll", "2026-03-29T01:00:00Z"},
  };
  for (const auto& [name, around] : kCases) {
    const Zone zone = *LoadZone(name);
    for (const Frequency frequency :
         {Frequency::kHourly, Frequency::kDaily, Frequency::kWeekly,
          Frequency::kMonthly}) {
      int64_t at_us = BucketBegin(BucketOf(At(around))) - 3 * kDay;
      Window window = WindowContaining(at_us, frequency, zone);
      for (; at_us < At(around) + 3 * kDay; at_us += kBucketSpan) {
        if (at_us == window.end_us) {
          window = NextWindow(window, frequency, zone);
        }
        ASSERT_TRUE(window.Contains(at_us)) << name << FormatTime(at_us);
        ASSERT_EQ(WindowContaining(at_us, frequency, zone), window)
            << name << FormatTime(at_us);
        ASSERT_EQ(window.end_us % kBucketSpan, 0) << name;
      }
    }
  }
}

}  // namespace
}  // namespace cckpi
