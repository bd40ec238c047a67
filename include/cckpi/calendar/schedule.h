// A schedule: which opening hours apply from which instant on.
//
// Opening hours change. A schedule keeps every version with the instant it came
// into force, so that numbers of the past do not move when the hours do. Before
// its first version a schedule is always open: its business clock is the
// calendar clock.
//
// This file defines
//   * ScheduleVersion, opening hours and the instant they apply from;
//   * SchedulePolicy, which version a span is measured by;
//   * Schedule.
//
//   absl::StatusOr<Schedule> schedule = Schedule::Create({
//       {.from_us = january_us, .hours = office},
//       {.from_us = june_us, .hours = summer_office},
//   });
//   int64_t open_us = schedule->Elapsed(from_us, to_us);

#ifndef CCKPI_CALENDAR_SCHEDULE_H_
#define CCKPI_CALENDAR_SCHEDULE_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "cckpi/calendar/opening_hours.h"

namespace cckpi {

enum class SchedulePolicy : uint8_t {
  kInForce = 0,  // at each instant the version in force then
  kAtStart = 1,  // for the whole span the version in force at its start
  kAtEnd = 2,    // for the whole span the version in force at its end
};

// "in_force", "at_start", "at_end".
std::string_view SchedulePolicyName(SchedulePolicy policy);
absl::StatusOr<SchedulePolicy> ParseSchedulePolicy(std::string_view name);

struct ScheduleVersion {
  int64_t from_us = 0;
  std::optional<OpeningHours> hours;  // none: always open
};

// Versions in order of the instant they come into force. A cheap value to
// copy; all queries are const and may be called concurrently.
class Schedule {
 public:
  // Always open.
  Schedule() = default;

  // Versions in any order. InvalidArgument if two begin at the same instant.
  static absl::StatusOr<Schedule> Create(std::vector<ScheduleVersion> versions);

  const std::vector<ScheduleVersion>& versions() const { return versions_; }

  // The opening hours in force at an instant; null where always open.
  const OpeningHours* HoursAt(int64_t at_us) const;

  bool IsOpen(int64_t at_us) const;

  // The open time of [from_us, to_us); 0 if to_us < from_us.
  int64_t Elapsed(int64_t from_us, int64_t to_us,
                  SchedulePolicy policy = SchedulePolicy::kInForce) const;

  // The last instant t such that Elapsed(start_us, u) <= span_us for every u of
  // [start_us, t]; kNever if there is no end within the supported range. A
  // negative span counts as 0.
  //
  // Under kInForce and kAtStart "elapsed at most span" and "not after the
  // deadline" are the same statement. Under kAtEnd the elapsed time of a span
  // may fall when a version with shorter hours comes into force; the deadline
  // is the first crossing, and it stays crossed.
  int64_t Deadline(int64_t start_us, int64_t span_us,
                   SchedulePolicy policy = SchedulePolicy::kInForce) const;

 private:
  // The index of the version in force, -1 before the first.
  int VersionAt(int64_t at_us) const;
  const OpeningHours* Hours(int version) const;
  // Where a version ends: the next one's begin, or kNever.
  int64_t EndOf(int version) const;

  std::vector<ScheduleVersion> versions_;
};

}  // namespace cckpi

#endif  // CCKPI_CALENDAR_SCHEDULE_H_
