#include "src/calendar/open_intervals.h"

#include <algorithm>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "src/calendar/calendar_spec.h"

namespace cckpi {
namespace {

using TimeInfo = absl::TimeZone::TimeInfo;

// True if a zone change skipped the whole date.
bool IsSkippedDate(absl::CivilDay date, const absl::TimeZone& zone) {
  return zone.At(absl::CivilSecond(date)).kind == TimeInfo::SKIPPED &&
         zone.At(absl::CivilSecond(date + 1) - 1).kind == TimeInfo::SKIPPED;
}

int64_t InstantOf(absl::CivilSecond local, const absl::TimeZone& zone) {
  TimeInfo info = zone.At(local);
  if (info.kind == TimeInfo::SKIPPED) {
    if (IsSkippedDate(absl::CivilDay(local), zone)) {
      return absl::ToUnixMicros(info.trans);
    }
    // One hour later, and again until the time exists. Gaps that are no whole
    // date are a few hours at most.
    while (info.kind == TimeInfo::SKIPPED) {
      local += 3600;
      info = zone.At(local);
    }
  }
  return absl::ToUnixMicros(info.pre);  // the first occurrence
}

// Appends the physical extent of each interval of a date, if it has any.
void AppendIntervals(absl::CivilDay date,
                     const std::vector<LocalInterval>& intervals,
                     const absl::TimeZone& zone, std::vector<Window>& windows) {
  for (const LocalInterval& interval : intervals) {
    const int32_t end_s = interval.end_s > interval.begin_s
                              ? interval.end_s
                              : interval.end_s + kDaySeconds;
    const absl::CivilSecond midnight(date);
    const Window window = {InstantOf(midnight + interval.begin_s, zone),
                           InstantOf(midnight + end_s, zone)};
    if (window.begin_us < window.end_us) windows.push_back(window);
  }
}

const std::vector<LocalInterval>* HoursOn(absl::CivilDay date,
                                          const CalendarSpec& spec) {
  if (const auto exception = spec.exceptions.find(date);
      exception != spec.exceptions.end()) {
    return &exception->second;
  }
  if (spec.holidays.contains(date)) return nullptr;
  return &spec.weekly[static_cast<size_t>(absl::GetWeekday(date))];
}

// Sorts, and joins what overlaps or touches.
void Normalize(std::vector<Window>& windows) {
  std::sort(windows.begin(), windows.end());
  size_t kept = 0;
  for (const Window& window : windows) {
    if (kept > 0 && window.begin_us <= windows[kept - 1].end_us) {
      windows[kept - 1].end_us =
          std::max(windows[kept - 1].end_us, window.end_us);
    } else {
      windows[kept++] = window;
    }
  }
  windows.resize(kept);
}

// `windows` without the time of `cuts`, both normalized.
std::vector<Window> Subtract(const std::vector<Window>& windows,
                             const std::vector<Window>& cuts) {
  std::vector<Window> result;
  auto cut = cuts.begin();
  for (Window rest : windows) {
    while (cut != cuts.end() && cut->end_us <= rest.begin_us) ++cut;
    for (auto c = cut; c != cuts.end() && c->begin_us < rest.end_us; ++c) {
      if (rest.begin_us < c->begin_us) {
        result.push_back({rest.begin_us, c->begin_us});
      }
      rest.begin_us = std::min(c->end_us, rest.end_us);
    }
    if (rest.begin_us < rest.end_us) result.push_back(rest);
  }
  return result;
}

}  // namespace

std::vector<Window> OpenIntervals(const CalendarSpec& spec, const Zone& zone,
                                  const Window& range) {
  // An interval reaches into the date after the one it begins on, and a clock
  // change at midnight can put an instant on the date beside its own.
  const absl::CivilDay first(zone.Local(range.begin_us));
  const absl::CivilDay last(zone.Local(range.end_us));
  std::vector<Window> windows;
  std::vector<Window> cuts;
  for (absl::CivilDay date = first - 2; date <= last + 1; ++date) {
    if (const auto* hours = HoursOn(date, spec)) {
      AppendIntervals(date, *hours, zone.time_zone(), windows);
    }
    if (const auto breaks = spec.breaks.find(date);
        breaks != spec.breaks.end()) {
      AppendIntervals(date, breaks->second, zone.time_zone(), cuts);
    }
  }
  Normalize(windows);
  Normalize(cuts);
  windows = Subtract(windows, cuts);

  std::vector<Window> result;
  result.reserve(windows.size());
  for (const Window& window : windows) {
    const Window cut = {std::max(window.begin_us, range.begin_us),
                        std::min(window.end_us, range.end_us)};
    if (cut.begin_us < cut.end_us) result.push_back(cut);
  }
  return result;
}

}  // namespace cckpi
