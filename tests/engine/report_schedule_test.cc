#include "cckpi/engine/report_schedule.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "cckpi/base/time.h"
#include "cckpi/calendar/zone.h"
#include "oracle/random_log.h"
#include "oracle/settings.h"

namespace cckpi {
namespace {

using Lines = std::vector<std::string>;

absl::Time At(const char* text) { return ToTime(*ParseTime(text)); }

ReportSchedule Entry(const char* id, Frequency every, const char* at) {
  ReportSchedule entry;
  entry.id = id;
  entry.every = every;
  entry.at = at;
  if (*at != '\0') {
    entry.due = ParseReportTime(at, every);
    EXPECT_TRUE(entry.due.has_value()) << at;
  }
  return entry;
}

Config With(const char* zone, std::vector<ReportSchedule> entries) {
  Config config;
  config.time_zone = zone;
  config.reports = std::move(entries);
  return config;
}

// "weekly 2026-03-09T07:00:00Z: 2026-03-01T23:00:00Z"
Lines Texts(const Config& config,
            const absl::StatusOr<std::vector<DueReport>>& due) {
  if (!due.ok()) return {std::string(due.status().message())};
  Lines lines;
  for (const DueReport& report : *due) {
    lines.push_back(absl::StrCat(config.reports[report.report].id, " ",
                                 FormatTime(report.due_us), ": ",
                                 FormatTime(report.window.begin_us)));
  }
  return lines;
}

Lines Due(const Config& config, const char* since, const char* now) {
  return Texts(config, DueReports(config, At(since), At(now)));
}

TEST(ReportScheduleTest, EachWindowIsDueAtItsLocalTime) {
  const Config config =
      With("Europe/Madrid", {Entry("weekly", Frequency::kWeekly, "Mon 08:00"),
                             Entry("monthly", Frequency::kMonthly, "1 07:30"),
                             Entry("daily", Frequency::kDaily, "06:00"),
                             Entry("hourly", Frequency::kHourly, ":15")});
  EXPECT_EQ(Due(config, "2026-03-08T22:14:00Z", "2026-03-09T07:00:00Z"),
            Lines({"hourly 2026-03-08T22:15:00Z: 2026-03-08T21:00:00Z",
                   "hourly 2026-03-08T23:15:00Z: 2026-03-08T22:00:00Z",
                   "hourly 2026-03-09T00:15:00Z: 2026-03-08T23:00:00Z",
                   "hourly 2026-03-09T01:15:00Z: 2026-03-09T00:00:00Z",
                   "hourly 2026-03-09T02:15:00Z: 2026-03-09T01:00:00Z",
                   "hourly 2026-03-09T03:15:00Z: 2026-03-09T02:00:00Z",
                   "hourly 2026-03-09T04:15:00Z: 2026-03-09T03:00:00Z",
                   "daily 2026-03-09T05:00:00Z: 2026-03-07T23:00:00Z",
                   "hourly 2026-03-09T05:15:00Z: 2026-03-09T04:00:00Z",
                   "hourly 2026-03-09T06:15:00Z: 2026-03-09T05:00:00Z",
                   "weekly 2026-03-09T07:00:00Z: 2026-03-01T23:00:00Z"}));
  // April begins in summer time, 07:30 is 05:30 UTC.
  const auto monthly = *DueReports(config, At("2026-04-01T05:29:59Z"),
                                   At("2026-04-01T05:30:00Z"));
  ASSERT_EQ(monthly.size(), 1u);
  EXPECT_EQ(FormatTime(monthly[0].window.begin_us), "2026-02-28T23:00:00Z");
  EXPECT_EQ(FormatTime(monthly[0].window.end_us), "2026-03-31T22:00:00Z");
}

TEST(ReportScheduleTest, TheIntervalIsOpenAtItsBeginning) {
  const Config config =
      With("UTC", {Entry("weekly", Frequency::kWeekly, "Mon 08:00")});
  EXPECT_EQ(Due(config, "2026-03-09T07:59:59Z", "2026-03-09T08:00:00Z").size(),
            1u);
  EXPECT_EQ(Due(config, "2026-03-09T08:00:00Z", "2026-03-16T07:59:59Z").size(),
            0u);
  EXPECT_EQ(Due(config, "2026-03-09T08:00:00Z", "2026-03-09T08:00:00Z").size(),
            0u);
}

TEST(ReportScheduleTest, WithoutATimeItIsDueWhenTheWindowCloses) {
  const Config config = With("UTC", {Entry("day", Frequency::kDaily, ""),
                                     Entry("week", Frequency::kWeekly, "")});
  EXPECT_EQ(Due(config, "2026-03-08T12:00:00Z", "2026-03-09T12:00:00Z"),
            Lines({"day 2026-03-09T00:00:00Z: 2026-03-08T00:00:00Z",
                   "week 2026-03-09T00:00:00Z: 2026-03-02T00:00:00Z"}));
}

TEST(ReportScheduleTest, ALaterWeekdayIsOfTheWeekBefore) {
  const Config config =
      With("UTC", {Entry("weekly", Frequency::kWeekly, "Wed 10:00"),
                   Entry("monthly", Frequency::kMonthly, "15 10:00")});
  EXPECT_EQ(Due(config, "2026-03-10T00:00:00Z", "2026-03-16T00:00:00Z"),
            Lines({"weekly 2026-03-11T10:00:00Z: 2026-03-02T00:00:00Z",
                   "monthly 2026-03-15T10:00:00Z: 2026-02-01T00:00:00Z"}));
}

TEST(ReportScheduleTest, WeeksBeginWhereTheyAreConfiguredTo) {
  Config config = With("UTC", {Entry("w", Frequency::kWeekly, "Mon 08:00")});
  config.week_starts = 7;  // Sunday
  EXPECT_EQ(Due(config, "2026-03-08T00:00:00Z", "2026-03-14T00:00:00Z"),
            Lines({"w 2026-03-09T08:00:00Z: 2026-03-01T00:00:00Z"}));
}

// 2026-03-29 has no 02:30 in Madrid: 03:30 it is, 01:30 UTC.
TEST(ReportScheduleTest, ASkippedTimeMovesOneHourLater) {
  const Config config =
      With("Europe/Madrid", {Entry("d", Frequency::kDaily, "02:30")});
  EXPECT_EQ(Due(config, "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"),
            Lines({"d 2026-03-29T01:30:00Z: 2026-03-27T23:00:00Z",
                   "d 2026-03-30T00:30:00Z: 2026-03-28T23:00:00Z"}));
}

// 2026-10-25 has two 02:30: the first is 00:30 UTC.
TEST(ReportScheduleTest, ARepeatedTimeIsTheFirst) {
  const Config config =
      With("Europe/Madrid", {Entry("d", Frequency::kDaily, "02:30")});
  EXPECT_EQ(Due(config, "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"),
            Lines({"d 2026-10-25T00:30:00Z: 2026-10-23T22:00:00Z",
                   "d 2026-10-26T01:30:00Z: 2026-10-24T22:00:00Z"}));
}

TEST(ReportScheduleTest, TheHoursOfAClockChangeAreEachReportedOnce) {
  const Config config =
      With("Europe/Madrid", {Entry("h", Frequency::kHourly, ":05")});
  EXPECT_EQ(Due(config, "2026-10-25T00:00:00Z", "2026-10-25T02:30:00Z"),
            Lines({"h 2026-10-25T00:05:00Z: 2026-10-24T23:00:00Z",
                   "h 2026-10-25T01:05:00Z: 2026-10-25T00:00:00Z",
                   "h 2026-10-25T02:05:00Z: 2026-10-25T01:00:00Z"}));
}

// Where midnight itself is skipped (Beirut), the day begins at 01:00.
TEST(ReportScheduleTest, ADayWithoutMidnight) {
  const Config config =
      With("Asia/Beirut", {Entry("d", Frequency::kDaily, "00:30")});
  EXPECT_EQ(Due(config, "2026-03-28T00:00:00Z", "2026-03-29T12:00:00Z"),
            Lines({"d 2026-03-28T22:30:00Z: 2026-03-27T22:00:00Z"}));
}

TEST(ReportScheduleTest, TheLatestOfEach) {
  const Config config =
      With("UTC", {Entry("month", Frequency::kMonthly, "28 08:00"),
                   Entry("week", Frequency::kWeekly, "Sun 08:00"),
                   Entry("hour", Frequency::kHourly, "")});
  EXPECT_EQ(Texts(config, LatestReports(config, At("2026-03-08T07:59:00Z"))),
            Lines({"month 2026-02-28T08:00:00Z: 2026-01-01T00:00:00Z",
                   "week 2026-03-01T08:00:00Z: 2026-02-16T00:00:00Z",
                   "hour 2026-03-08T07:00:00Z: 2026-03-08T06:00:00Z"}));
}

TEST(ReportScheduleTest, RefusesWhatItCannotAnswer) {
  Config config = With("UTC", {Entry("h", Frequency::kHourly, "")});
  EXPECT_EQ(Due(config, "1990-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
            Lines({"reports: more than 100000 are due; ask for a shorter "
                   "time"}));
  EXPECT_EQ(Texts(config, DueReports(config, absl::InfinitePast(),
                                     At("2026-01-01T00:00:00Z"))),
            Lines({"since: outside 1990-01-01 to 2100-01-01"}));
  EXPECT_EQ(Texts(config, LatestReports(config, absl::InfiniteFuture())),
            Lines({"now: outside 1990-01-01 to 2100-01-01"}));
  config.reports[0].every = Frequency::kAll;
  EXPECT_EQ(Due(config, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
            Lines({"reports[0].every: a report is of an hour, day, week or "
                   "month"}));
}

// However the host ticks, every window is due exactly once, in order, and at
// the instant that a walk minute by minute finds.
TEST(ReportScheduleTest, AnyTicksGiveTheSameReports) {
  const std::vector<const char*> zones = {"UTC",
                                          "Europe/Madrid",
                                          "America/New_York",
                                          "Australia/Lord_Howe",
                                          "Asia/Beirut",
                                          "Asia/Kathmandu",
                                          "America/Sao_Paulo"};
  size_t seen = 0;
  for (const uint64_t seed : oracle::Seeds(60, 1)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    oracle::SplitMix64 random(seed);
    const char* zone_name = random.Pick(zones);
    const auto every =
        static_cast<Frequency>(random.Below(3) + 2);  // day, week, month
    const std::string clock = absl::StrCat(random.Below(3), random.Below(4),
                                           ":", random.Below(6), "0");
    const std::string text =
        every == Frequency::kDaily ? clock.substr(0, 5)
        : every == Frequency::kWeekly
            ? absl::StrCat(random.Chance(50) ? "Sun " : "Mon ", clock)
            : absl::StrCat(1 + random.Below(28), " ", clock);
    const Config config = With(zone_name, {Entry("r", every, text.c_str())});
    const int64_t begin_us = FromTime(At(
        random.Chance(50) ? "2026-03-20T00:00:00Z" : "2026-10-01T00:00:00Z"));
    const int64_t end_us = begin_us + 45 * kDay;
    const auto all = *DueReports(config, ToTime(begin_us), ToTime(end_us));
    // In ticks.
    std::vector<DueReport> ticked;
    for (int64_t at_us = begin_us; at_us < end_us;) {
      const int64_t next_us =
          std::min(end_us, at_us + kMinute * (1 + random.Below(3000)));
      const auto part = *DueReports(config, ToTime(at_us), ToTime(next_us));
      ticked.insert(ticked.end(), part.begin(), part.end());
      at_us = next_us;
    }
    EXPECT_EQ(Texts(config, ticked), Texts(config, all));
    // Each window once; none before its end, none left out in between.
    const Zone zone = *LoadZone(zone_name);
    for (size_t i = 0; i < all.size(); ++i) {
      EXPECT_LE(all[i].window.end_us, all[i].due_us);
      if (i > 0) {
        EXPECT_EQ(all[i - 1].window.end_us, all[i].window.begin_us);
        EXPECT_LT(all[i - 1].due_us, all[i].due_us);
      }
      // The walk: the first minute from the end on with that local time. Where
      // the clocks skip it there is none that day, and the answer is later.
      const absl::CivilMinute due_local(
          zone.time_zone().At(ToTime(all[i].due_us)).cs);
      const ReportTime& wanted = *config.reports[0].due;
      std::optional<int64_t> walked;
      for (int64_t at_us = all[i].window.end_us; at_us < all[i].due_us;
           at_us += kMinute) {
        const absl::CivilMinute local(zone.time_zone().At(ToTime(at_us)).cs);
        if (local.hour() * 60 + local.minute() != wanted.minute_of_day) {
          continue;
        }
        if (every == Frequency::kWeekly &&
            static_cast<int>(absl::GetWeekday(absl::CivilDay(local))) + 1 !=
                wanted.weekday) {
          continue;
        }
        if (every == Frequency::kMonthly &&
            local.day() != wanted.day_of_month) {
          continue;
        }
        walked = at_us;
        break;
      }
      EXPECT_FALSE(walked.has_value())
          << FormatTime(walked.value_or(0)) << " is before "
          << FormatTime(all[i].due_us);
      const int64_t minute = due_local.hour() * 60 + due_local.minute();
      EXPECT_TRUE(minute == wanted.minute_of_day ||
                  minute == wanted.minute_of_day + 60 ||
                  minute == wanted.minute_of_day + 30);
      ++seen;
    }
  }
  if (oracle::AsUsual()) {
    EXPECT_GT(seen, static_cast<size_t>(oracle::Runs(60)));
  }
}

TEST(ReportScheduleTest, QueriesItsWindow) {
  ReportSchedule entry = Entry("w", Frequency::kWeekly, "");
  entry.kpis = {"arrivals"};
  entry.by = {*ParseDimension("team")};
  const Query query = QueryOf(entry, {5, 9});
  EXPECT_EQ(query.kpis, entry.kpis);
  EXPECT_EQ(query.by, entry.by);
  EXPECT_EQ(query.every, Frequency::kWeekly);
  EXPECT_EQ(query.begin_us, 5);
  EXPECT_EQ(query.end_us, 9);
}

}  // namespace
}  // namespace cckpi
