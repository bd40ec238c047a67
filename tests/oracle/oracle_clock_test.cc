// The oracle's clocks against numbers worked out by hand.

#include "oracle/oracle_clock.h"

#include <gtest/gtest.h>

#include <string>

#include "cckpi/base/time.h"
#include "cckpi/calendar/opening_hours.h"

namespace cckpi::oracle {
namespace {

int64_t T(const std::string& text) { return ParseTime(text).value_or(0); }

// One rule, one calendar.
struct Fixture {
  Config config;
  explicit Fixture(const std::string& zone) {
    config.calendars["c"].time_zone = zone;
    config.schedules = {{.calendar = "c"}};
  }
  CalendarSpec& calendar() { return config.calendars["c"]; }
  Fixture& Weekdays(int first, int last, int32_t begin_s, int32_t end_s) {
    for (int day = first; day <= last; ++day) {
      calendar().weekly[static_cast<size_t>(day)].push_back({begin_s, end_s});
    }
    return *this;
  }
  int64_t Elapsed(const std::string& from, const std::string& to) const {
    return SlowClock(config).Elapsed(Clock::kBusiness, {}, T(from), T(to),
                                     {{T(from), T(to)}});
  }
  std::string Deadline(const std::string& from, int64_t span_us) const {
    const int64_t at_us = SlowClock(config).Deadline(
        Clock::kBusiness, {}, T(from), span_us, {{T(from), kLatestTime}});
    return at_us == kNever ? "never" : FormatTime(at_us);
  }
};

TEST(SlowClockTest, OpenAroundTheClockIsPhysicalTime) {
  const Fixture madrid = Fixture("Europe/Madrid").Weekdays(0, 6, 0, 86400);
  // 23:30 to 04:30 local in the night that loses, and that gains, an hour.
  EXPECT_EQ(
      madrid.Elapsed("2026-03-28T23:30:00+01:00", "2026-03-29T04:30:00+02:00"),
      14'400 * kSecond);
  EXPECT_EQ(
      madrid.Elapsed("2026-10-24T23:30:00+02:00", "2026-10-25T04:30:00+01:00"),
      21'600 * kSecond);
}

TEST(SlowClockTest, WeekendIsClosed) {
  const Fixture madrid =
      Fixture("Europe/Madrid").Weekdays(0, 4, 9 * 3600, 18 * 3600);
  // Friday 17:00 to Monday 10:00, the zone having changed in between.
  EXPECT_EQ(
      madrid.Elapsed("2026-03-27T17:00:00+01:00", "2026-03-30T10:00:00+02:00"),
      7'200 * kSecond);
}

TEST(SlowClockTest, RepeatedLocalTimeIsItsFirstOccurrence) {
  Fixture late("America/Los_Angeles");
  late.Weekdays(6, 6, 5400, 5 * 3600);  // Sunday 01:30 to 05:00
  EXPECT_EQ(
      late.Elapsed("2026-11-01T00:00:00-07:00", "2026-11-02T00:00:00-08:00"),
      16'200 * kSecond);
  Fixture early("America/Los_Angeles");
  early.Weekdays(6, 6, 0, 5400);
  EXPECT_EQ(
      early.Elapsed("2026-11-01T00:00:00-07:00", "2026-11-02T00:00:00-08:00"),
      5'400 * kSecond);
}

TEST(SlowClockTest, SkippedLocalTimeMovesOneHourLater) {
  // Madrid skips 02:00 to 03:00: 01:30 to 02:30 ends at 03:30, an hour later
  // in physical time; 02:00 to 03:00 has no extent.
  Fixture madrid("Europe/Madrid");
  madrid.Weekdays(6, 6, 5400, 9000);
  EXPECT_EQ(
      madrid.Elapsed("2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"),
      kHour);
  Fixture gone("Europe/Madrid");
  gone.Weekdays(6, 6, 7200, 10800);
  EXPECT_EQ(
      gone.Elapsed("2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"),
      0);
}

TEST(SlowClockTest, SkippedDateHasNoOpenTime) {
  const Fixture apia =
      Fixture("Pacific/Apia").Weekdays(0, 6, 9 * 3600, 17 * 3600);
  // From Thursday 2011-12-29 12:00 to Saturday 12-31 12:00: 5 h and 3 h.
  EXPECT_EQ(
      apia.Elapsed("2011-12-29T12:00:00-10:00", "2011-12-31T12:00:00+14:00"),
      8 * kHour);
}

TEST(SlowClockTest, ExceptionsBeatHolidaysAndBreaksCut) {
  Fixture office("UTC");
  office.Weekdays(0, 4, 9 * 3600, 17 * 3600);
  office.calendar().holidays = {absl::CivilDay(2026, 3, 2),
                                absl::CivilDay(2026, 3, 3)};
  office.calendar().exceptions[absl::CivilDay(2026, 3, 3)] = {
      {10 * 3600, 12 * 3600}};
  office.calendar().breaks[absl::CivilDay(2026, 3, 4)] = {
      {12 * 3600, 13 * 3600}};
  EXPECT_EQ(office.Elapsed("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"), 0);
  EXPECT_EQ(office.Elapsed("2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z"),
            2 * kHour);
  EXPECT_EQ(office.Elapsed("2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z"),
            7 * kHour);
}

TEST(SlowClockTest, IntervalPastMidnightBelongsToItsFirstDate) {
  Fixture night("UTC");
  night.Weekdays(4, 4, 22 * 3600, 2 * 3600);  // Friday 22:00 to 02:00
  night.calendar().holidays = {absl::CivilDay(2026, 3, 7)};  // the Saturday
  EXPECT_EQ(night.Elapsed("2026-03-06T00:00:00Z", "2026-03-08T00:00:00Z"),
            4 * kHour);
}

TEST(SlowClockTest, DeadlineIsTheLastInstantWithinTheSpan) {
  const Fixture office = Fixture("UTC").Weekdays(0, 4, 9 * 3600, 17 * 3600);
  // Friday 16:30 plus an hour; used up exactly at closing: the next opening.
  EXPECT_EQ(office.Deadline("2026-03-06T16:30:00Z", kHour),
            "2026-03-09T09:30:00Z");
  EXPECT_EQ(office.Deadline("2026-03-06T16:30:00Z", 30 * kMinute),
            "2026-03-09T09:00:00Z");
  EXPECT_EQ(office.Deadline("2026-03-07T12:00:00Z", 15 * kMinute),
            "2026-03-09T09:15:00Z");
  EXPECT_EQ(Fixture("UTC").Deadline("2026-03-06T16:30:00Z", 0), "never");
}

TEST(SlowClockTest, MostFieldsWinThenTheLaterFrom) {
  Config config;
  config.calendars["day"].weekly[0] = {{9 * 3600, 17 * 3600}};
  config.calendars["noon"].weekly[0] = {{12 * 3600, 13 * 3600}};
  config.calendars["night"].weekly[0] = {{0, 3600}};
  const int64_t monday = T("2026-03-02T00:00:00Z");
  config.schedules = {
      {.calendar = "noon", .team = "a", .from_us = monday - 7 * kDay},
      {.calendar = "night"},
      {.calendar = "day", .from_us = monday - kDay}};
  const SlowClock clock(config);
  const Spans day = {{monday, monday + kDay}};
  auto open = [&](std::string_view team) {
    return clock.Elapsed(Clock::kBusiness, {.team = team}, monday,
                         monday + kDay, day);
  };
  EXPECT_EQ(open("a"), kHour);
  EXPECT_EQ(open("b"), 8 * kHour);
}

TEST(SlowClockTest, VersionsByPolicy) {
  // Open from 09 to 17, from noon on around the clock. 08:00 to 20:00.
  Config config;
  for (size_t day = 0; day < 7; ++day) {
    config.calendars["old"].weekly[day] = {{9 * 3600, 17 * 3600}};
    config.calendars["new"].weekly[day] = {{0, 86400}};
  }
  const int64_t monday = T("2026-03-02T00:00:00Z");
  config.schedules = {{.calendar = "old"},
                      {.calendar = "new", .from_us = monday + 12 * kHour}};
  const int64_t from = monday + 8 * kHour;
  const int64_t to = monday + 20 * kHour;
  auto measure = [&](const std::string& policy) {
    config.schedule_policy = policy;
    return SlowClock(config).Elapsed(Clock::kBusiness, {}, from, to,
                                     {{from, to}});
  };
  EXPECT_EQ(measure("in_force"), 11 * kHour);
  EXPECT_EQ(measure("at_start"), 8 * kHour);
  EXPECT_EQ(measure("at_end"), 12 * kHour);
  // 3 h 30 min: at noon the new hours already give 4 h.
  auto due = [&](const std::string& policy) {
    config.schedule_policy = policy;
    return SlowClock(config).Deadline(Clock::kBusiness, {}, from, 210 * kMinute,
                                      {{from, kLatestTime}});
  };
  EXPECT_EQ(due("in_force"), monday + 12 * kHour + 30 * kMinute);
  EXPECT_EQ(due("at_start"), monday + 12 * kHour + 30 * kMinute);
  EXPECT_EQ(due("at_end"), monday + 12 * kHour - 1);
}

}  // namespace
}  // namespace cckpi::oracle
