#include "cckpi/calendar/schedule.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cckpi/base/time.h"
#include "src/calendar/hours_or_none.h"

namespace cckpi {
namespace {

constexpr std::array<std::string_view, 3> kPolicyNames = {"in_force",
                                                          "at_start", "at_end"};

}  // namespace

std::string_view SchedulePolicyName(SchedulePolicy policy) {
  const size_t index = static_cast<size_t>(policy);
  return index < kPolicyNames.size() ? kPolicyNames[index] : std::string_view();
}

absl::StatusOr<SchedulePolicy> ParseSchedulePolicy(std::string_view name) {
  for (size_t i = 0; i < kPolicyNames.size(); ++i) {
    if (kPolicyNames[i] == name) return static_cast<SchedulePolicy>(i);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", std::string(name), "\" is not one of in_force, at_start, at_end"));
}

absl::StatusOr<Schedule> Schedule::Create(
    std::vector<ScheduleVersion> versions) {
  std::stable_sort(versions.begin(), versions.end(),
                   [](const ScheduleVersion& a, const ScheduleVersion& b) {
                     return a.from_us < b.from_us;
                   });
  for (size_t i = 1; i < versions.size(); ++i) {
    if (versions[i].from_us == versions[i - 1].from_us) {
      return absl::InvalidArgumentError(
          absl::StrCat("two calendars come into force at ",
                       FormatTime(versions[i].from_us)));
    }
  }
  Schedule schedule;
  schedule.versions_ = std::move(versions);
  return schedule;
}

int Schedule::VersionAt(int64_t at_us) const {
  const auto after =
      std::upper_bound(versions_.begin(), versions_.end(), at_us,
                       [](int64_t at, const ScheduleVersion& version) {
                         return at < version.from_us;
                       });
  return static_cast<int>(after - versions_.begin()) - 1;
}

const OpeningHours* Schedule::Hours(int version) const {
  if (version < 0) return nullptr;
  const std::optional<OpeningHours>& hours =
      versions_[static_cast<size_t>(version)].hours;
  return hours.has_value() ? &*hours : nullptr;
}

int64_t Schedule::EndOf(int version) const {
  const size_t next = static_cast<size_t>(version + 1);
  return next < versions_.size() ? versions_[next].from_us : kNever;
}

const OpeningHours* Schedule::HoursAt(int64_t at_us) const {
  return Hours(VersionAt(at_us));
}

bool Schedule::IsOpen(int64_t at_us) const {
  const OpeningHours* hours = HoursAt(at_us);
  return hours == nullptr || hours->IsOpen(at_us);
}

int64_t Schedule::Elapsed(int64_t from_us, int64_t to_us,
                          SchedulePolicy policy) const {
  if (to_us <= from_us) return 0;
  if (policy == SchedulePolicy::kAtStart) {
    return ElapsedIn(HoursAt(from_us), from_us, to_us);
  }
  if (policy == SchedulePolicy::kAtEnd) {
    return ElapsedIn(HoursAt(to_us), from_us, to_us);
  }
  int64_t elapsed_us = 0;
  for (int version = VersionAt(from_us); from_us < to_us; ++version) {
    const int64_t end_us = std::min(to_us, EndOf(version));
    elapsed_us += ElapsedIn(Hours(version), from_us, end_us);
    from_us = end_us;
  }
  return elapsed_us;
}

int64_t Schedule::Deadline(int64_t start_us, int64_t span_us,
                           SchedulePolicy policy) const {
  span_us = std::max<int64_t>(span_us, 0);
  int version = VersionAt(start_us);
  if (policy == SchedulePolicy::kAtStart) {
    return DeadlineIn(Hours(version), start_us, span_us);
  }
  // kInForce measures the part of the span in each version and moves on with
  // what is left of it; kAtEnd measures the whole span anew by each version.
  int64_t from_us = start_us;
  for (;; ++version) {
    const int64_t end_us = EndOf(version);
    const int64_t deadline_us = DeadlineIn(Hours(version), from_us, span_us);
    if (deadline_us < end_us || end_us == kNever) {
      if (policy != SchedulePolicy::kAtEnd || version < 0) return deadline_us;
      // Used up already where this version came into force: that instant is
      // the first one too late.
      const int64_t begin_us =
          std::max(start_us, versions_[static_cast<size_t>(version)].from_us);
      return begin_us > start_us ? std::max(deadline_us, begin_us - 1)
                                 : deadline_us;
    }
    if (policy == SchedulePolicy::kInForce) {
      span_us -= ElapsedIn(Hours(version), from_us, end_us);
      from_us = end_us;
    }
  }
}

}  // namespace cckpi
