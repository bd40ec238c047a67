// Random calendars in zones with every kind of clock change, against a slow
// oracle that walks over physical time minute by minute and looks at the clock
// on the wall.

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "cckpi/base/time.h"
#include "cckpi/calendar/opening_hours.h"
#include "gtest/gtest.h"
#include "oracle/settings.h"

namespace cckpi {
namespace {

using Random = std::mt19937;

// The minutes of a zone around an instant, and where each local one first was.
class WallClock {
 public:
  static constexpr int kMinutes = 14 * 24 * 60;

  WallClock(const Zone& zone, int64_t begin_us) : begin_us_(begin_us) {
    for (int minute = 0; minute < kMinutes; ++minute) {
      const absl::CivilMinute local(zone.Local(InstantOf(minute)));
      first_occurrence_.try_emplace(local, minute);
      dates_.try_emplace(absl::CivilDay(local), minute);
    }
  }

  int64_t InstantOf(int minute) const { return begin_us_ + minute * kMinute; }

  // The minute at which an edge of an interval lies, by the rules in words.
  int MinuteOf(absl::CivilMinute local) const {
    if (!dates_.contains(absl::CivilDay(local))) {
      // Before or after all that was walked over, or a date that never was.
      const auto next = dates_.lower_bound(absl::CivilDay(local));
      return next == dates_.end() ? kMinutes : next->second;
    }
    if (local < first_occurrence_.begin()->first) return 0;
    if (local > first_occurrence_.rbegin()->first) return kMinutes;
    while (!first_occurrence_.contains(local)) local += 60;
    return first_occurrence_.at(local);
  }

  absl::CivilDay FirstDate() const { return dates_.begin()->first; }
  absl::CivilDay LastDate() const { return dates_.rbegin()->first; }

 private:
  int64_t begin_us_;
  std::map<absl::CivilMinute, int> first_occurrence_;
  std::map<absl::CivilDay, int> dates_;
};

// Open or closed for each minute.
class SlowCalendar {
 public:
  SlowCalendar(const CalendarSpec& spec, const WallClock& clock)
      : open_(WallClock::kMinutes, false) {
    for (absl::CivilDay date = clock.FirstDate() - 2; date <= clock.LastDate();
         ++date) {
      Mark(date, HoursOn(date, spec), clock, true);
    }
    for (const auto& [date, breaks] : spec.breaks) {
      Mark(date, breaks, clock, false);
    }
  }

  bool IsOpen(int minute) const { return open_[static_cast<size_t>(minute)]; }

  int Elapsed(int from, int to) const {
    return static_cast<int>(
        std::count(open_.begin() + from, open_.begin() + to, true));
  }

  // The last minute with no more than `span` open ones since `start`, or -1
  // when the walk ends first.
  int Deadline(int start, int span) const {
    int elapsed = 0;
    for (int minute = start; minute < WallClock::kMinutes; ++minute) {
      if (IsOpen(minute) && ++elapsed > span) return minute;
    }
    return -1;
  }

  int EarliestStart(int end, int span) const {
    int elapsed = 0;
    for (int minute = end; minute > 0; --minute) {
      if (IsOpen(minute - 1) && ++elapsed > span) return minute;
    }
    return -1;
  }

  // The first minute after `at` where open changes to `open`, or -1.
  int NextChange(int at, bool open) const {
    for (int minute = at + 1; minute < WallClock::kMinutes; ++minute) {
      if (IsOpen(minute) == open && IsOpen(minute - 1) != open) return minute;
    }
    return -1;
  }

 private:
  static std::vector<LocalInterval> HoursOn(absl::CivilDay date,
                                            const CalendarSpec& spec) {
    if (spec.exceptions.contains(date)) return spec.exceptions.at(date);
    if (spec.holidays.contains(date)) return {};
    return spec.weekly[static_cast<size_t>(absl::GetWeekday(date))];
  }

  void Mark(absl::CivilDay date, const std::vector<LocalInterval>& intervals,
            const WallClock& clock, bool open) {
    for (const LocalInterval& interval : intervals) {
      const absl::CivilMinute midnight(date);
      int length_s = interval.end_s - interval.begin_s;
      if (length_s <= 0) length_s += 86'400;
      const absl::CivilMinute begin = midnight + interval.begin_s / 60;
      const int last = clock.MinuteOf(begin + length_s / 60);
      for (int minute = clock.MinuteOf(begin); minute < last; ++minute) {
        open_[static_cast<size_t>(minute)] = open;
      }
    }
  }

  std::vector<bool> open_;
};

int Uniform(Random& random, int low, int high) {
  return low + static_cast<int>(random() % static_cast<unsigned>(high - low));
}

std::vector<LocalInterval> RandomIntervals(Random& random, int most) {
  std::vector<LocalInterval> intervals;
  for (int i = Uniform(random, 0, most + 1); i > 0; --i) {
    // Quarter hours half of the time, so that edges meet.
    const int step = random() % 2 == 0 ? 900 : 60;
    intervals.push_back({Uniform(random, 0, 86'400 / step) * step,
                         Uniform(random, 0, 86'400 / step + 1) * step});
  }
  return intervals;
}

CalendarSpec RandomCalendar(Random& random, const std::string& zone,
                            absl::CivilDay around) {
  CalendarSpec spec;
  spec.time_zone = zone;
  const bool night_hours = random() % 3 == 0;
  for (auto& intervals : spec.weekly) {
    intervals = RandomIntervals(random, 2);
    // Hours around the usual time of clock changes.
    if (night_hours)
      intervals = {
          {Uniform(random, 0, 16) * 900, Uniform(random, 0, 20) * 900}};
    if (random() % 8 == 0) intervals = {{0, 86'400}};
  }
  const auto random_date = [&] { return around + Uniform(random, -5, 6); };
  spec.holidays.insert(random_date());
  spec.exceptions[random_date()] = RandomIntervals(random, 2);
  spec.exceptions[random_date()] = RandomIntervals(random, 1);
  spec.breaks[random_date()] = RandomIntervals(random, 1);
  spec.breaks[random_date()] = RandomIntervals(random, 2);
  return spec;
}

struct Place {
  std::string zone;
  std::string around;
};

void PrintTo(const Place& place, std::ostream* out) {
  *out << place.zone << " around " << place.around;
}

class OpeningHoursPropertyTest : public testing::TestWithParam<Place> {
 protected:
  // Calls `check(hours, slow, clock, random)` for many random calendars.
  template <typename Check>
  void ForRandomCalendars(int count, Check check) {
    const Zone zone = *LoadZone(GetParam().zone);
    const int64_t around_us = *ParseTime(GetParam().around);
    const WallClock& clock = ClockAt(zone, around_us - around_us % kMinute);
    const uint64_t seed = oracle::FirstSeed(42);
    Random random(static_cast<uint32_t>(seed));
    for (int i = 0; i < oracle::Runs(count); ++i) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", run " << i);
      const CalendarSpec spec = RandomCalendar(
          random, GetParam().zone, absl::CivilDay(zone.Local(around_us)));
      const OpeningHours hours = *OpeningHours::Create(spec);
      check(hours, SlowCalendar(spec, clock), clock, random);
      if (HasFailure()) return;
    }
  }

  // Walked over once for all tests of a place.
  static const WallClock& ClockAt(const Zone& zone, int64_t minute_us) {
    static std::map<std::pair<std::string, int64_t>, WallClock> clocks;
    return clocks
        .try_emplace({zone.name(), minute_us}, zone, minute_us - 7 * kDay)
        .first->second;
  }

  // Away from the ends of the walk, which the oracle does not see beyond.
  static int RandomMinute(Random& random) {
    return Uniform(random, 4 * 1440, WallClock::kMinutes - 4 * 1440);
  }
};

TEST_P(OpeningHoursPropertyTest, AgreesWithTheOracleMinuteByMinute) {
  ForRandomCalendars(8, [](const OpeningHours& hours, const SlowCalendar& slow,
                           const WallClock& clock, Random&) {
    for (int minute = 3 * 1440; minute < WallClock::kMinutes - 3 * 1440;
         ++minute) {
      ASSERT_EQ(hours.IsOpen(clock.InstantOf(minute)), slow.IsOpen(minute))
          << FormatTime(clock.InstantOf(minute));
    }
  });
}

TEST_P(OpeningHoursPropertyTest, SpansAndDeadlinesAgreeWithTheOracle) {
  ForRandomCalendars(8, [](const OpeningHours& hours, const SlowCalendar& slow,
                           const WallClock& clock, Random& random) {
    for (int i = 0; i < 25; ++i) {
      int from = RandomMinute(random);
      int to = RandomMinute(random);
      if (from > to) std::swap(from, to);
      const int64_t from_us = clock.InstantOf(from);
      const int64_t to_us = clock.InstantOf(to);
      const int elapsed = slow.Elapsed(from, to);
      ASSERT_EQ(hours.Elapsed(from_us, to_us), elapsed * kMinute);
      // Also with the span that this one is exactly, where edges are met.
      for (const int span : {elapsed, Uniform(random, 0, 600), 0}) {
        if (const int due = slow.Deadline(from, span);
            0 <= due && due < WallClock::kMinutes - 3 * 1440) {
          ASSERT_EQ(hours.Deadline(from_us, span * kMinute),
                    clock.InstantOf(due));
        }
        if (const int start = slow.EarliestStart(to, span); start > 3 * 1440) {
          ASSERT_EQ(hours.EarliestStart(to_us, span * kMinute),
                    clock.InstantOf(start));
        }
      }
    }
  });
}

TEST_P(OpeningHoursPropertyTest, EdgesAgreeWithTheOracle) {
  ForRandomCalendars(8, [](const OpeningHours& hours, const SlowCalendar& slow,
                           const WallClock& clock, Random& random) {
    for (int i = 0; i < 50; ++i) {
      const int minute = RandomMinute(random);
      const int64_t at_us = clock.InstantOf(minute);
      constexpr int kEnd = WallClock::kMinutes - 3 * 1440;
      if (const int next = slow.NextChange(minute, true);
          0 <= next && next < kEnd) {
        ASSERT_EQ(hours.NextOpening(at_us), clock.InstantOf(next));
      }
      if (const int next = slow.NextChange(minute, false);
          0 <= next && next < kEnd) {
        ASSERT_EQ(hours.NextClose(at_us), clock.InstantOf(next));
      }
    }
  });
}

TEST_P(OpeningHoursPropertyTest, ElapsedAtMostIsNotAfterTheDeadline) {
  ForRandomCalendars(8, [](const OpeningHours& hours, const SlowCalendar&,
                           const WallClock& clock, Random& random) {
    for (int i = 0; i < 200; ++i) {
      const int64_t a =
          clock.InstantOf(RandomMinute(random)) + random() % kMinute;
      const int64_t b = a + random() % (3 * kDay);
      const int64_t elapsed_us = hours.Elapsed(a, b);
      for (const int64_t span_us :
           {elapsed_us, elapsed_us - 1, elapsed_us + 1,
            static_cast<int64_t>(random() % kDay), int64_t{0}}) {
        if (span_us < 0) continue;
        ASSERT_EQ(elapsed_us <= span_us, b <= hours.Deadline(a, span_us));
        ASSERT_EQ(elapsed_us <= span_us, hours.EarliestStart(b, span_us) <= a);
      }
    }
  });
}

TEST_P(OpeningHoursPropertyTest, SpansAdd) {
  ForRandomCalendars(8, [](const OpeningHours& hours, const SlowCalendar&,
                           const WallClock& clock, Random& random) {
    for (int i = 0; i < 100; ++i) {
      // Months apart, so that chunks are crossed.
      const int64_t a = clock.InstantOf(0) - random() % (500 * kDay);
      const int64_t b = clock.InstantOf(RandomMinute(random)) + random() % 99;
      const int64_t c = b + random() % (500 * kDay);
      ASSERT_EQ(hours.Elapsed(a, c), hours.Elapsed(a, b) + hours.Elapsed(b, c));
      ASSERT_LE(hours.Elapsed(a, c), c - a);
    }
  });
}

TEST_P(OpeningHoursPropertyTest, WindowsAreTheOpenTimeInOrder) {
  ForRandomCalendars(8, [](const OpeningHours& hours, const SlowCalendar&,
                           const WallClock& clock, Random&) {
    const int64_t at_us = clock.InstantOf(5 * 1440);
    const std::vector<Window> after = hours.WindowsAfter(at_us, 30);
    int64_t open_us = 0;
    for (size_t i = 0; i < after.size(); ++i) {
      ASSERT_LT(after[i].begin_us, after[i].end_us);
      if (i > 0) {
        ASSERT_LT(after[i - 1].end_us, after[i].begin_us);
      }
      open_us += after[i].span_us();
    }
    if (after.empty()) return;
    ASSERT_EQ(open_us, hours.Elapsed(at_us, after.back().end_us));
    std::vector<Window> before = hours.WindowsBefore(
        after.back().end_us, static_cast<int>(after.size()));
    std::reverse(before.begin(), before.end());
    // The first may have begun before `at_us`.
    ASSERT_LE(before[0].begin_us, after[0].begin_us);
    before[0].begin_us = after[0].begin_us;
    ASSERT_EQ(before, after);
  });
}

INSTANTIATE_TEST_SUITE_P(
    Places, OpeningHoursPropertyTest,
    testing::Values(Place{"UTC", "2026-03-09T00:00:00Z"},
                    // At the edge of two chunks of intervals.
                    Place{"Europe/Madrid", "2025-09-30T08:16:44Z"},
                    Place{"Europe/Madrid", "2026-03-29T01:00:00Z"},
                    Place{"Europe/Madrid", "2026-10-25T01:00:00Z"},
                    Place{"America/Los_Angeles", "2026-11-01T09:00:00Z"},
                    Place{"America/St_Johns", "2010-11-07T02:31:00Z"},
                    Place{"America/Sao_Paulo", "2018-11-04T03:00:00Z"},
                    Place{"America/Sao_Paulo", "2019-02-17T02:00:00Z"},
                    Place{"America/Havana", "2026-03-08T05:00:00Z"},
                    Place{"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
                    Place{"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
                    Place{"Asia/Kathmandu", "2026-03-09T00:00:00Z"},
                    Place{"Africa/Casablanca", "2026-02-15T02:00:00Z"},
                    Place{"Africa/Casablanca", "2026-03-22T02:00:00Z"},
                    Place{"Antarctica/Troll", "2026-03-29T01:00:00Z"},
                    Place{"Pacific/Apia", "2011-12-30T10:00:00Z"}));

}  // namespace
}  // namespace cckpi
