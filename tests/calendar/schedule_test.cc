#include "cckpi/calendar/schedule.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "cckpi/base/time.h"
#include "gtest/gtest.h"

namespace cckpi {
namespace {

constexpr SchedulePolicy kPolicies[] = {
    SchedulePolicy::kInForce, SchedulePolicy::kAtStart, SchedulePolicy::kAtEnd};

int64_t At(std::string_view text) { return *ParseTime(text); }

OpeningHours Daily(std::string_view begin, std::string_view end) {
  CalendarSpec spec;
  spec.weekly.fill({*ParseLocalInterval(begin, end)});
  return *OpeningHours::Create(spec);
}

// From March 9 on open 09 to 17, from March 11 on 10 to 12.
Schedule TwoVersions() {
  return *Schedule::Create({{.from_us = At("2026-03-11T00:00:00Z"),
                             .hours = Daily("10:00", "12:00")},
                            {.from_us = At("2026-03-09T00:00:00Z"),
                             .hours = Daily("09:00", "17:00")}});
}

TEST(SchedulePolicyTest, NamesAreReadBack) {
  for (const SchedulePolicy policy : kPolicies) {
    EXPECT_EQ(*ParseSchedulePolicy(SchedulePolicyName(policy)), policy);
  }
  EXPECT_EQ(*ParseSchedulePolicy("at_end"), SchedulePolicy::kAtEnd);
  EXPECT_FALSE(ParseSchedulePolicy("now").ok());
}

TEST(ScheduleTest, EmptyIsTheCalendarClock) {
  Schedule schedule;
  const int64_t at = At("2026-03-09T00:00:00Z");
  for (const SchedulePolicy policy : kPolicies) {
    EXPECT_EQ(schedule.Elapsed(at, at + kDay, policy), kDay);
    EXPECT_EQ(schedule.Elapsed(at, at - kDay, policy), 0);
    EXPECT_EQ(schedule.Deadline(at, kHour, policy), at + kHour);
    EXPECT_EQ(schedule.Deadline(at, -kHour, policy), at);
    EXPECT_EQ(schedule.Deadline(at, kNever, policy), kNever);
  }
  EXPECT_TRUE(schedule.IsOpen(at));
  EXPECT_EQ(schedule.HoursAt(at), nullptr);
}

TEST(ScheduleTest, RefusesTwoVersionsAtOneInstant) {
  absl::StatusOr<Schedule> schedule = Schedule::Create(
      {{.from_us = At("2026-03-09T00:00:00Z"), .hours = {}},
       {.from_us = At("2026-03-09T00:00:00Z"), .hours = OpeningHours()}});
  EXPECT_EQ(std::string(schedule.status().message()),
            "two calendars come into force at 2026-03-09T00:00:00Z");
}

TEST(ScheduleTest, BeforeTheFirstVersionAlwaysOpen) {
  Schedule schedule = TwoVersions();
  EXPECT_TRUE(schedule.IsOpen(At("2026-03-08T23:59:59Z")));
  EXPECT_FALSE(schedule.IsOpen(At("2026-03-09T00:00:00Z")));
  EXPECT_EQ(
      schedule.Elapsed(At("2026-03-08T20:00:00Z"), At("2026-03-09T10:00:00Z")),
      5 * kHour);  // 20-24 and 09-10
}

TEST(ScheduleTest, EachInstantBelongsToTheVersionInForce) {
  Schedule schedule = TwoVersions();
  const int64_t tuesday = At("2026-03-10T16:00:00Z");
  const int64_t wednesday = At("2026-03-11T11:30:00Z");
  // 16-17 of the old hours, 10-11:30 of the new ones.
  EXPECT_EQ(schedule.Elapsed(tuesday, wednesday), 150 * kMinute);
  EXPECT_EQ(schedule.Deadline(tuesday, 150 * kMinute), wednesday);
  EXPECT_EQ(schedule.Deadline(tuesday, kHour), At("2026-03-11T10:00:00Z"));
}

TEST(ScheduleTest, TheVersionAtTheStartMeasuresTheWholeSpan) {
  Schedule schedule = TwoVersions();
  const int64_t tuesday = At("2026-03-10T16:00:00Z");
  const int64_t wednesday = At("2026-03-11T11:30:00Z");
  // 16-17 and 09-11:30.
  EXPECT_EQ(schedule.Elapsed(tuesday, wednesday, SchedulePolicy::kAtStart),
            210 * kMinute);
  EXPECT_EQ(schedule.Deadline(tuesday, 210 * kMinute, SchedulePolicy::kAtStart),
            wednesday);
}

TEST(ScheduleTest, TheVersionAtTheEndMeasuresTheWholeSpan) {
  Schedule schedule = TwoVersions();
  const int64_t tuesday = At("2026-03-10T11:00:00Z");
  const int64_t wednesday = At("2026-03-11T11:30:00Z");
  // 11-12 and 10-11:30 of the new hours.
  EXPECT_EQ(schedule.Elapsed(tuesday, wednesday, SchedulePolicy::kAtEnd),
            150 * kMinute);
  // Before the change the old hours measure: 11-17 is six hours. Seven hours
  // are never reached by them, and by the new ones on Friday: 1 + 2 + 2 + 2,
  // exactly at closing, so Saturday 10:00.
  EXPECT_EQ(schedule.Deadline(tuesday, 6 * kHour - 1, SchedulePolicy::kAtEnd),
            At("2026-03-10T17:00:00Z") - 1);
  EXPECT_EQ(schedule.Deadline(tuesday, 7 * kHour, SchedulePolicy::kAtEnd),
            At("2026-03-14T10:00:00Z"));
}

TEST(ScheduleTest, LongerHoursComingIntoForceMayEndASpanAtOnce) {
  Schedule schedule = *Schedule::Create(
      {{.from_us = At("2026-03-09T00:00:00Z"),
        .hours = Daily("10:00", "12:00")},
       {.from_us = At("2026-03-11T00:00:00Z"), .hours = std::nullopt}});
  // At 23:59:59 of the 10th two hours have passed, a second later 14.
  EXPECT_EQ(schedule.Deadline(At("2026-03-10T10:00:00Z"), 3 * kHour,
                              SchedulePolicy::kAtEnd),
            At("2026-03-11T00:00:00Z") - 1);
}

TEST(ScheduleTest, ClosedForeverIsNeverDue) {
  Schedule schedule =
      *Schedule::Create({{.from_us = At("2026-03-09T00:00:00Z"),
                          .hours = *OpeningHours::Create(CalendarSpec())}});
  EXPECT_EQ(schedule.Deadline(At("2026-03-09T10:00:00Z"), 0), kNever);
  EXPECT_EQ(schedule.Deadline(At("2026-03-08T23:00:00Z"), kHour), kNever);
  EXPECT_EQ(schedule.Deadline(At("2026-03-08T23:00:00Z"), kHour - 1),
            At("2026-03-08T23:59:59.999999Z"));
}

Schedule RandomSchedule(std::mt19937& random, int64_t around_us) {
  std::vector<ScheduleVersion> versions;
  for (unsigned i = 0; i < 1 + random() % 4; ++i) {
    ScheduleVersion version;
    version.from_us =
        around_us + static_cast<int64_t>(random() % 240 + i * 240) * kHour / 24;
    if (random() % 4 != 0) {
      CalendarSpec spec;
      for (auto& intervals : spec.weekly) {
        const int32_t begin_s = static_cast<int32_t>(random() % 24) * 3600;
        intervals = {{begin_s, static_cast<int32_t>(random() % 25) * 3600}};
      }
      version.hours = *OpeningHours::Create(spec);
    }
    versions.push_back(version);
  }
  return *Schedule::Create(versions);
}

TEST(ScheduleTest, ElapsedAtMostIsNotAfterTheDeadline) {
  std::mt19937 random(1);
  const int64_t around_us = At("2026-03-09T00:00:00Z");
  for (int i = 0; i < 200; ++i) {
    const Schedule schedule = RandomSchedule(random, around_us);
    for (int j = 0; j < 50; ++j) {
      // Whole hours, so that edges are met.
      const int64_t a = around_us - kDay + random() % 72 * kHour;
      const int64_t b = a + random() % 72 * kHour;
      for (const SchedulePolicy policy :
           {SchedulePolicy::kInForce, SchedulePolicy::kAtStart}) {
        const int64_t elapsed_us = schedule.Elapsed(a, b, policy);
        const int64_t span_us = random() % 30 * kHour;
        ASSERT_EQ(elapsed_us <= span_us,
                  b <= schedule.Deadline(a, span_us, policy));
        ASSERT_LE(b, schedule.Deadline(a, elapsed_us, policy));
      }
    }
  }
}

TEST(ScheduleTest, DeadlineAtEndIsTheFirstCrossing) {
  std::mt19937 random(2);
  const int64_t around_us = At("2026-03-09T00:00:00Z");
  for (int i = 0; i < 200; ++i) {
    const Schedule schedule = RandomSchedule(random, around_us);
    const int64_t a = around_us - kDay + random() % 72 * kHour;
    const int64_t span_us = random() % 30 * kHour + random() % 2;
    const int64_t deadline_us =
        schedule.Deadline(a, span_us, SchedulePolicy::kAtEnd);
    const auto exceeded = [&](int64_t b) {
      return schedule.Elapsed(a, b, SchedulePolicy::kAtEnd) > span_us;
    };
    for (int64_t b = a; b < a + 10 * kDay; b += kHour / 2) {
      if (b <= deadline_us) {
        ASSERT_FALSE(exceeded(b));
      }
    }
    if (deadline_us != kNever) {
      ASSERT_FALSE(exceeded(deadline_us));
      ASSERT_TRUE(exceeded(deadline_us + 1));
    }
  }
}

TEST(ScheduleTest, SpansAdd) {
  std::mt19937 random(3);
  const int64_t around_us = At("2026-03-09T00:00:00Z");
  for (int i = 0; i < 200; ++i) {
    const Schedule schedule = RandomSchedule(random, around_us);
    const int64_t a = around_us - kDay + random() % kWeek;
    const int64_t b = a + random() % kWeek;
    const int64_t c = b + random() % kWeek;
    ASSERT_EQ(schedule.Elapsed(a, c),
              schedule.Elapsed(a, b) + schedule.Elapsed(b, c));
  }
}

}  // namespace
}  // namespace cckpi
