#include "cckpi/calendar/opening_hours.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "cckpi/base/time.h"
#include "gtest/gtest.h"

namespace cckpi {
namespace {

int64_t At(std::string_view text) { return *ParseTime(text); }

LocalInterval From(std::string_view begin, std::string_view end) {
  return *ParseLocalInterval(begin, end);
}

// The days of a week: 0 is Monday.
CalendarSpec Weekly(std::string_view zone, int first_day, int last_day,
                    std::vector<LocalInterval> intervals) {
  CalendarSpec spec;
  spec.time_zone = zone;
  for (int day = first_day; day <= last_day; ++day) {
    spec.weekly[static_cast<size_t>(day)] = intervals;
  }
  return spec;
}

OpeningHours Hours(const CalendarSpec& spec) {
  absl::StatusOr<OpeningHours> hours = OpeningHours::Create(spec);
  EXPECT_TRUE(hours.ok()) << hours.status();
  return *hours;
}

OpeningHours AlwaysOpenIn(std::string_view zone) {
  return Hours(Weekly(zone, 0, 6, {From("00:00", "24:00")}));
}

std::string ErrorOf(const CalendarSpec& spec) {
  return std::string(OpeningHours::Create(spec).status().message());
}

TEST(ParseLocalIntervalTest, ReadsTimesOfDay) {
  EXPECT_EQ(From("09:00", "18:30"), (LocalInterval{32'400, 66'600}));
  EXPECT_EQ(From("00:00", "24:00"), (LocalInterval{0, 86'400}));
  EXPECT_EQ(From("22:00", "02:00"), (LocalInterval{79'200, 7'200}));
  EXPECT_EQ(From("09:00:01", "09:00:59"), (LocalInterval{32'401, 32'459}));
}

TEST(ParseLocalIntervalTest, RefusesWhatIsNoTimeOfDay) {
  for (const std::string text :
       {"", "9:00", "25:00", "24:01", "24:00:01", "09:60", "09:00:60", "09-00",
        "09:0a", "09:00:", "-1:00", " 09:00", "0900"}) {
    EXPECT_EQ(std::string(ParseLocalInterval("08:00", text).status().message()),
              "\"" + text + "\" is not a time of day");
    EXPECT_FALSE(ParseLocalInterval(text, "20:00").ok());
  }
  EXPECT_FALSE(ParseLocalInterval("24:00", "02:00").ok());
}

TEST(ParseCivilDayTest, ReadsDates) {
  EXPECT_EQ(*ParseCivilDay("2026-12-25"), absl::CivilDay(2026, 12, 25));
  EXPECT_EQ(*ParseCivilDay("2024-02-29"), absl::CivilDay(2024, 2, 29));
  for (const std::string text :
       {"", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00",
        "2026-04-31", "26-01-01", "2026/01/01", "2026-1-1", "1989-12-31",
        "2100-01-01", "2026-01-01T", "2026-01-0a"}) {
    EXPECT_EQ(std::string(ParseCivilDay(text).status().message()),
              "\"" + text + "\" is not a date");
  }
}

TEST(OpeningHoursTest, CreateNamesThePlaceOfAnError) {
  CalendarSpec spec;
  spec.time_zone = "Mars/Olympus";
  EXPECT_EQ(ErrorOf(spec), "time_zone: unknown time zone \"Mars/Olympus\"");
  spec = CalendarSpec();
  spec.weekly[4] = {From("09:00", "18:00"), {86'400, 3'600}};
  EXPECT_EQ(ErrorOf(spec),
            "weekly.fri[1]: begin must be 0..86399 seconds, is 86400");
  spec = CalendarSpec();
  spec.exceptions[absl::CivilDay(2026, 12, 24)] = {{0, 86'401}};
  EXPECT_EQ(ErrorOf(spec),
            "exceptions.2026-12-24[0]: end must be 0..86400 seconds, is 86401");
  spec = CalendarSpec();
  spec.breaks[absl::CivilDay(2026, 12, 24)] = {{-1, 5}};
  EXPECT_EQ(ErrorOf(spec),
            "breaks.2026-12-24[0]: begin must be 0..86399 seconds, is -1");
}

// The worked examples of the business clock.

TEST(OpeningHoursTest, AlwaysOpenIsPhysicalTimeAcrossClockChanges) {
  OpeningHours madrid = AlwaysOpenIn("Europe/Madrid");
  // 23:30 to 04:30 local are 4 hours in spring and 6 in autumn.
  EXPECT_EQ(madrid.Elapsed(At("2026-03-28T23:30:00+01:00"),
                           At("2026-03-29T04:30:00+02:00")),
            14'400 * kSecond);
  EXPECT_EQ(madrid.Elapsed(At("2026-10-24T23:30:00+02:00"),
                           At("2026-10-25T04:30:00+01:00")),
            21'600 * kSecond);
}

TEST(OpeningHoursTest, OverAWeekendWithAClockChange) {
  OpeningHours office =
      Hours(Weekly("Europe/Madrid", 0, 4, {From("09:00", "18:00")}));
  EXPECT_EQ(office.Elapsed(At("2026-03-27T17:00:00+01:00"),
                           At("2026-03-30T10:00:00+02:00")),
            7'200 * kSecond);
}

TEST(OpeningHoursTest, RepeatedTimesAreTheirFirstOccurrence) {
  // Los Angeles, Sunday 2026-11-01: 02:00 goes back to 01:00.
  CalendarSpec spec =
      Weekly("America/Los_Angeles", 6, 6, {From("01:30", "05:00")});
  const int64_t begin = At("2026-11-01T00:00:00-07:00");
  EXPECT_EQ(Hours(spec).Elapsed(begin, begin + kDay), 45 * kHour / 10);
  spec.weekly[6] = {From("00:00", "01:30")};
  EXPECT_EQ(Hours(spec).Elapsed(begin, begin + kDay), 15 * kHour / 10);
}

TEST(OpeningHoursTest, ASpanThatGoesOnAfterClosingIsDueNextMorning) {
  OpeningHours office = Hours(Weekly("UTC", 0, 4, {From("09:00", "17:00")}));
  // Friday 16:30, one hour: half of it on Monday.
  EXPECT_EQ(office.Deadline(At("2026-03-06T16:30:00Z"), kHour),
            At("2026-03-09T09:30:00Z"));
  // Used up exactly at closing: due when it opens again.
  EXPECT_EQ(office.Deadline(At("2026-03-06T16:30:00Z"), 30 * kMinute),
            At("2026-03-09T09:00:00Z"));
}

TEST(OpeningHoursTest, SkippedTimesMoveOneHourLater) {
  // Madrid, Sunday 2026-03-29: 02:00 goes to 03:00.
  const int64_t midnight = At("2026-03-29T00:00:00+01:00");
  const auto open = [midnight](LocalInterval interval) {
    return Hours(Weekly("Europe/Madrid", 6, 6, {interval}))
        .WindowsAfter(midnight, 1)[0];
  };
  // 02:30 becomes 03:30, so [01:00, 02:30) and [02:30, 04:00) tile.
  EXPECT_EQ(open(From("01:00", "02:30")),
            (Window{At("2026-03-29T01:00:00+01:00"),
                    At("2026-03-29T03:30:00+02:00")}));
  EXPECT_EQ(open(From("02:30", "04:00")),
            (Window{At("2026-03-29T03:30:00+02:00"),
                    At("2026-03-29T04:00:00+02:00")}));
  // [02:00, 03:00) did not happen: the next one is a week later.
  EXPECT_EQ(open(From("02:00", "03:00")).begin_us,
            At("2026-04-05T02:00:00+02:00"));
}

TEST(OpeningHoursTest, SkippedHalfHourMovesOneHourLater) {
  // Lord Howe, Sunday 2026-10-04: 02:00 (+10:30) goes to 02:30 (+11). 02:15
  // becomes 03:15.
  OpeningHours hours =
      Hours(Weekly("Australia/Lord_Howe", 6, 6, {From("02:15", "04:00")}));
  EXPECT_EQ(hours.NextOpening(At("2026-10-03T12:00:00Z")),
            At("2026-10-04T03:15:00+11:00"));
}

TEST(OpeningHoursTest, ASkippedDateHasNoOpenTime) {
  // Apia had no 2011-12-30, a Friday.
  OpeningHours friday =
      Hours(Weekly("Pacific/Apia", 4, 4, {From("09:00", "17:00")}));
  EXPECT_EQ(friday.NextOpening(At("2011-12-24T00:00:00Z")),
            At("2012-01-06T09:00:00+14:00"));
  // A night shift into it ends where the date would have begun.
  OpeningHours night =
      Hours(Weekly("Pacific/Apia", 3, 3, {From("22:00", "02:00")}));
  EXPECT_EQ(night.WindowsAfter(At("2011-12-29T12:00:00Z"), 1)[0],
            (Window{At("2011-12-29T22:00:00-10:00"),
                    At("2011-12-31T00:00:00+14:00")}));
  // Always open stays open.
  EXPECT_EQ(
      AlwaysOpenIn("Pacific/Apia")
          .Elapsed(At("2011-12-29T00:00:00Z"), At("2012-01-01T00:00:00Z")),
      3 * kDay);
}

TEST(OpeningHoursTest, MidnightSkippedByAClockChangeStillTiles) {
  // Sao Paulo, 2018-11-04: 00:00 goes to 01:00.
  EXPECT_EQ(
      AlwaysOpenIn("America/Sao_Paulo")
          .Elapsed(At("2018-11-03T00:00:00Z"), At("2018-11-06T00:00:00Z")),
      3 * kDay);
}

// Which hours apply on a date.

TEST(OpeningHoursTest, AnIntervalPastMidnightBelongsToTheDayItBegins) {
  // Friday 22:00 to Saturday 02:00; Saturday 2026-03-07 is a holiday.
  CalendarSpec spec = Weekly("UTC", 4, 4, {From("22:00", "02:00")});
  spec.holidays.insert(absl::CivilDay(2026, 3, 7));
  OpeningHours hours = Hours(spec);
  EXPECT_EQ(hours.WindowsAfter(At("2026-03-05T00:00:00Z"), 1)[0],
            (Window{At("2026-03-06T22:00:00Z"), At("2026-03-07T02:00:00Z")}));
  EXPECT_TRUE(hours.IsOpen(At("2026-03-07T01:59:59Z")));
  // A holiday on the Friday takes all of it.
  spec.holidays.insert(absl::CivilDay(2026, 3, 6));
  EXPECT_EQ(Hours(spec).NextOpening(At("2026-03-05T00:00:00Z")),
            At("2026-03-13T22:00:00Z"));
}

TEST(OpeningHoursTest, EqualBeginAndEndIsAWholeDay) {
  OpeningHours hours = Hours(Weekly("UTC", 0, 0, {From("08:00", "08:00")}));
  EXPECT_EQ(hours.WindowsAfter(At("2026-03-09T00:00:00Z"), 1)[0],
            (Window{At("2026-03-09T08:00:00Z"), At("2026-03-10T08:00:00Z")}));
}

TEST(OpeningHoursTest, SpecialHoursWinOverAHolidayAndTheWeek) {
  CalendarSpec spec = Weekly("UTC", 0, 6, {From("09:00", "18:00")});
  const absl::CivilDay date(2026, 12, 24);
  spec.holidays.insert(date);
  spec.exceptions[date] = {From("09:00", "13:00")};
  spec.exceptions[date + 1] = {};  // closed
  OpeningHours hours = Hours(spec);
  EXPECT_EQ(
      hours.Elapsed(At("2026-12-24T00:00:00Z"), At("2026-12-25T00:00:00Z")),
      4 * kHour);
  EXPECT_EQ(
      hours.Elapsed(At("2026-12-25T00:00:00Z"), At("2026-12-26T00:00:00Z")), 0);
}

TEST(OpeningHoursTest, BreaksCutWhateverIsOpen) {
  // A break from 23:30 to 01:30 on Friday cuts the shift of Friday night, and
  // one on Saturday its tail.
  CalendarSpec spec = Weekly("UTC", 4, 4, {From("22:00", "04:00")});
  spec.breaks[absl::CivilDay(2026, 3, 6)] = {From("23:30", "01:30")};
  spec.breaks[absl::CivilDay(2026, 3, 7)] = {From("02:00", "03:00"),
                                             From("02:30", "03:15")};
  const std::vector<Window> expected = {
      {At("2026-03-06T22:00:00Z"), At("2026-03-06T23:30:00Z")},
      {At("2026-03-07T01:30:00Z"), At("2026-03-07T02:00:00Z")},
      {At("2026-03-07T03:15:00Z"), At("2026-03-07T04:00:00Z")}};
  EXPECT_EQ(Hours(spec).WindowsAfter(At("2026-03-06T00:00:00Z"), 3), expected);
}

TEST(OpeningHoursTest, OverlappingAndTouchingIntervalsAreOne) {
  CalendarSpec spec = Weekly("UTC", 0, 0,
                             {From("12:00", "15:00"), From("09:00", "12:00"),
                              From("10:00", "11:00"), From("14:00", "24:00")});
  spec.weekly[1] = {From("00:00", "01:00")};
  EXPECT_EQ(Hours(spec).WindowsAfter(At("2026-03-09T00:00:00Z"), 1)[0],
            (Window{At("2026-03-09T09:00:00Z"), At("2026-03-10T01:00:00Z")}));
}

// Edges of the queries.

TEST(OpeningHoursTest, ASpanThatEndsBeforeItBeginsIsAnError) {
  OpeningHours hours;
  const int64_t at = At("2026-03-09T00:00:00Z");
  EXPECT_EQ(hours.Elapsed(at, at - 1), 0);
  EXPECT_EQ(hours.CheckedElapsed(at, at - 1).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(*hours.CheckedElapsed(at, at), 0);
  EXPECT_EQ(*hours.CheckedElapsed(at, at + 1), 1);
}

TEST(OpeningHoursTest, DefaultIsAlwaysOpen) {
  OpeningHours hours;
  const int64_t at = At("2026-03-09T00:00:00Z");
  EXPECT_EQ(hours.Elapsed(at, at + 5 * kWeek + 3), 5 * kWeek + 3);
  EXPECT_EQ(hours.Deadline(at, kHour + 1), at + kHour + 1);
  EXPECT_EQ(hours.Add(at, -kHour), at - kHour);
  EXPECT_TRUE(hours.IsOpen(at));
  EXPECT_EQ(hours.NextOpenOrSelf(at), at);
  EXPECT_EQ(hours.PrevCloseOrSelf(at), at);
  EXPECT_EQ(hours.NextOpening(at), kNever);
  EXPECT_EQ(hours.NextClose(at), kNever);
  EXPECT_EQ(hours.WindowsAfter(at, 3),
            (std::vector<Window>{{at, kLatestTime}}));
  EXPECT_EQ(hours.WindowsBefore(at, 3),
            (std::vector<Window>{{kEarliestTime, at}}));
}

TEST(OpeningHoursTest, AClosedCalendarNeverOpens) {
  OpeningHours hours = Hours(CalendarSpec());
  const int64_t at = At("2026-03-09T00:00:00Z");
  EXPECT_EQ(hours.Elapsed(kEarliestTime, kLatestTime), 0);
  EXPECT_EQ(hours.Deadline(at, 0), kNever);
  EXPECT_EQ(hours.EarliestStart(at, 0), kNoTime);
  EXPECT_FALSE(hours.IsOpen(at));
  EXPECT_EQ(hours.NextOpenOrSelf(at), kNever);
  EXPECT_EQ(hours.NextOpening(at), kNever);
  EXPECT_EQ(hours.NextClose(at), kNever);
  EXPECT_EQ(hours.PrevCloseOrSelf(at), kNoTime);
  EXPECT_TRUE(hours.WindowsAfter(at, 5).empty());
  EXPECT_TRUE(hours.WindowsBefore(at, 5).empty());
}

TEST(OpeningHoursTest, OutsideTheSupportedRangeNothingIsOpen) {
  OpeningHours hours;
  EXPECT_EQ(hours.Elapsed(kNoTime, kNever), kLatestTime - kEarliestTime);
  EXPECT_EQ(hours.Elapsed(kNoTime, kEarliestTime), 0);
  EXPECT_EQ(hours.Elapsed(kLatestTime, kNever), 0);
  EXPECT_FALSE(hours.IsOpen(kEarliestTime - 1));
  EXPECT_TRUE(hours.IsOpen(kEarliestTime));
  EXPECT_TRUE(hours.IsOpen(kLatestTime - 1));
  EXPECT_FALSE(hours.IsOpen(kLatestTime));
  EXPECT_EQ(hours.Deadline(kNoTime, 5), kEarliestTime + 5);
  EXPECT_EQ(hours.Deadline(kLatestTime, 0), kNever);
  EXPECT_EQ(hours.Deadline(kEarliestTime, kNever), kNever);
  EXPECT_EQ(hours.Deadline(kLatestTime - 5, 4), kLatestTime - 1);
  EXPECT_EQ(hours.Deadline(kLatestTime - 5, 5), kNever);
  EXPECT_EQ(hours.Deadline(kEarliestTime, -5), kEarliestTime);
  EXPECT_EQ(hours.EarliestStart(kNever, 5), kLatestTime - 5);
  EXPECT_EQ(hours.EarliestStart(kEarliestTime, 0), kNoTime);
  EXPECT_EQ(hours.Add(kLatestTime, kNoTime), kNoTime);
}

TEST(OpeningHoursTest, SumsOverManyYears) {
  OpeningHours hours = Hours(Weekly("UTC", 0, 0, {From("09:00", "10:00")}));
  // 1990-01-01 is a Monday; to 2100-01-01 there are 40 177 days, 5739 weeks
  // and four days, so 5740 Mondays.
  EXPECT_EQ(hours.Elapsed(kEarliestTime, kLatestTime), 5740 * kHour);
  // The hour of Monday number 5001, 5000 weeks later, uses up 5000 hours.
  EXPECT_EQ(hours.Deadline(kEarliestTime, 5000 * kHour),
            kEarliestTime + 5000 * kWeek + 9 * kHour);
  EXPECT_EQ(hours.Deadline(kEarliestTime, 5740 * kHour), kNever);
}

TEST(OpeningHoursTest, NegativeAmountsGoBackwards) {
  OpeningHours office = Hours(Weekly("UTC", 0, 4, {From("09:00", "17:00")}));
  // Monday 09:30 minus one hour is Friday 16:30.
  EXPECT_EQ(office.Add(At("2026-03-09T09:30:00Z"), -kHour),
            At("2026-03-06T16:30:00Z"));
  // Used up exactly at opening: the mirror image of a deadline is the closing
  // before it.
  EXPECT_EQ(office.Add(At("2026-03-09T09:30:00Z"), -30 * kMinute),
            At("2026-03-06T17:00:00Z"));
  EXPECT_EQ(office.EarliestStart(At("2026-03-08T12:00:00Z"), 0),
            At("2026-03-06T17:00:00Z"));
}

TEST(OpeningHoursTest, CopiesAreTheSameCalendar) {
  OpeningHours office = Hours(Weekly("UTC", 0, 4, {From("09:00", "17:00")}));
  OpeningHours copy = office;
  office = OpeningHours();
  EXPECT_EQ(copy.zone().name(), "UTC");
  EXPECT_EQ(copy.NextOpening(At("2026-03-07T00:00:00Z")),
            At("2026-03-09T09:00:00Z"));
}

TEST(OpeningHoursTest, ConcurrentQueriesAgree) {
  const CalendarSpec spec = Weekly(
      "Europe/Madrid", 0, 4, {From("09:00", "14:00"), From("15:00", "18:00")});
  const OpeningHours hours = Hours(spec);
  std::vector<int64_t> sums(4);
  std::vector<std::thread> threads;
  for (int64_t& sum : sums) {
    threads.emplace_back([&hours, &sum] {
      for (int64_t at = kEarliestTime; at < kLatestTime; at += 97 * kDay) {
        sum += hours.Elapsed(at, at + 90 * kDay) % kWeek;
        sum += std::min(hours.Deadline(at, kWeek), kLatestTime) % kWeek;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int64_t sum : sums) EXPECT_EQ(sum, sums[0]);
  EXPECT_NE(sums[0], 0);
}

}  // namespace
}  // namespace cckpi
