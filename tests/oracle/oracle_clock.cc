#include "oracle/oracle_clock.h"

#include <algorithm>
#include <set>

#include "absl/time/time.h"
#include "cckpi/calendar/opening_hours.h"

namespace cckpi::oracle {
namespace {

// Local wall time to physical time. A time that a clock change skips moves one
// hour later until it exists; one that occurs twice is the first occurrence. On
// a date that does not exist at all, every time is the instant of the change.
int64_t Resolve(const absl::TimeZone& zone, absl::CivilDay day,
                int32_t second) {
  const absl::TimeZone::TimeInfo midnight = zone.At(absl::CivilSecond(day));
  const absl::TimeZone::TimeInfo last = zone.At(absl::CivilSecond(day + 1) - 1);
  if (second < 86400 && midnight.kind == absl::TimeZone::TimeInfo::SKIPPED &&
      last.kind == absl::TimeZone::TimeInfo::SKIPPED &&
      midnight.trans == last.trans) {
    return absl::ToUnixMicros(midnight.trans);
  }
  absl::CivilSecond local = absl::CivilSecond(day) + second;
  if (second == 86400) return Resolve(zone, day + 1, 0);
  absl::TimeZone::TimeInfo info = zone.At(local);
  while (info.kind == absl::TimeZone::TimeInfo::SKIPPED) {
    local += 3600;
    info = zone.At(local);
  }
  return absl::ToUnixMicros(info.pre);
}

Span Physical(const absl::TimeZone& zone, absl::CivilDay day,
              const LocalInterval& interval) {
  const bool next_day = interval.end_s <= interval.begin_s;
  return {Resolve(zone, day, interval.begin_s),
          Resolve(zone, next_day ? day + 1 : day, interval.end_s)};
}

int WeekdayIndex(absl::CivilDay day) {  // 0 is Monday
  return static_cast<int>(absl::GetWeekday(day));
}

}  // namespace

Spans Normalized(Spans spans) {
  std::erase_if(spans, [](const Span& s) { return s.end_us <= s.begin_us; });
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return a.begin_us < b.begin_us;
  });
  Spans result;
  for (const Span& span : spans) {
    if (!result.empty() && span.begin_us <= result.back().end_us) {
      result.back().end_us = std::max(result.back().end_us, span.end_us);
    } else {
      result.push_back(span);
    }
  }
  return result;
}

Spans Intersection(const Spans& a, const Spans& b) {
  Spans result;
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    const int64_t begin = std::max(a[i].begin_us, b[j].begin_us);
    const int64_t end = std::min(a[i].end_us, b[j].end_us);
    if (begin < end) result.push_back({begin, end});
    if (a[i].end_us < b[j].end_us) {
      ++i;
    } else {
      ++j;
    }
  }
  return result;
}

Spans Difference(const Spans& a, const Spans& b) {
  Spans outside;
  int64_t from = kEarliestTime - kDay;
  for (const Span& span : b) {
    outside.push_back({from, span.begin_us});
    from = span.end_us;
  }
  outside.push_back({from, kLatestTime + kDay});
  return Intersection(a, Normalized(outside));
}

int64_t TotalOf(const Spans& spans) {
  int64_t total = 0;
  for (const Span& span : spans) total += span.end_us - span.begin_us;
  return total;
}

Spans OpenTime(const CalendarSpec& calendar, int64_t from_us, int64_t to_us) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(calendar.time_zone, &zone)) return {};
  const absl::CivilDay first =
      absl::ToCivilDay(absl::FromUnixMicros(from_us), zone) - 3;
  const absl::CivilDay last =
      absl::ToCivilDay(absl::FromUnixMicros(to_us), zone) + 3;
  Spans open;
  Spans closed;
  for (absl::CivilDay day = first; day <= last; ++day) {
    auto exception = calendar.exceptions.find(day);
    if (exception != calendar.exceptions.end()) {
      for (const LocalInterval& interval : exception->second) {
        open.push_back(Physical(zone, day, interval));
      }
    } else if (calendar.holidays.count(day) == 0) {
      for (const LocalInterval& interval :
           calendar.weekly[static_cast<size_t>(WeekdayIndex(day))]) {
        open.push_back(Physical(zone, day, interval));
      }
    }
    auto breaks = calendar.breaks.find(day);
    if (breaks != calendar.breaks.end()) {
      for (const LocalInterval& interval : breaks->second) {
        closed.push_back(Physical(zone, day, interval));
      }
    }
  }
  return Intersection(
      Difference(Normalized(open), Normalized(closed)),
      {{std::max(from_us, kEarliestTime), std::min(to_us, kLatestTime)}});
}

const ScheduleRule* SlowClock::RuleAt(const ScheduleKey& key,
                                      int64_t at_us) const {
  const ScheduleRule* best = nullptr;
  int best_named = -1;
  for (const ScheduleRule& rule : config_.schedules) {
    if (rule.from_us > at_us) continue;
    if (!rule.team.empty() && rule.team != key.team) continue;
    if (!rule.channel.empty() && rule.channel != key.channel) continue;
    if (!rule.source.empty() && rule.source != key.source) continue;
    if (!rule.priority.empty() && rule.priority != key.priority) continue;
    const int named =
        (rule.team.empty() ? 0 : 1) + (rule.channel.empty() ? 0 : 1) +
        (rule.source.empty() ? 0 : 1) + (rule.priority.empty() ? 0 : 1);
    if (best == nullptr || named > best_named ||
        (named == best_named && rule.from_us >= best->from_us)) {
      best = &rule;
      best_named = named;
    }
  }
  return best;
}

std::vector<int64_t> SlowClock::RuleChanges() const {
  std::set<int64_t> changes;
  for (const ScheduleRule& rule : config_.schedules) {
    if (rule.from_us != kNoTime) changes.insert(rule.from_us);
  }
  return {changes.begin(), changes.end()};
}

Spans SlowClock::OpenByRule(const ScheduleRule* rule, int64_t from_us,
                            int64_t to_us) const {
  if (rule == nullptr) return Normalized({{from_us, to_us}});
  auto calendar = config_.calendars.find(rule->calendar);
  if (calendar == config_.calendars.end()) return {};
  auto& [range, spans] = derived_[rule->calendar];
  if (range.begin_us == range.end_us || from_us < range.begin_us ||
      to_us > range.end_us) {
    const bool fresh = range.begin_us == range.end_us;
    range.begin_us = fresh ? from_us : std::min(range.begin_us, from_us);
    range.end_us = fresh ? to_us : std::max(range.end_us, to_us);
    // The next question is likely to be just beside this one.
    range.begin_us -= 3 * kDay;
    range.end_us += 3 * kDay;
    spans = OpenTime(calendar->second, range.begin_us, range.end_us);
  }
  auto first = std::lower_bound(
      spans.begin(), spans.end(), from_us,
      [](const Span& span, int64_t at) { return span.end_us <= at; });
  Spans result;
  for (auto it = first; it != spans.end() && it->begin_us < to_us; ++it) {
    result.push_back(
        {std::max(it->begin_us, from_us), std::min(it->end_us, to_us)});
  }
  return result;
}

Spans SlowClock::OpenInForce(const ScheduleKey& key, int64_t from_us,
                             int64_t to_us) const {
  Spans result;
  int64_t begin = from_us;
  std::vector<int64_t> edges = RuleChanges();
  edges.push_back(to_us);
  for (int64_t edge : edges) {
    const int64_t end = std::min(edge, to_us);
    if (end <= begin) continue;
    for (const Span& span : OpenByRule(RuleAt(key, begin), begin, end)) {
      result.push_back(span);
    }
    begin = end;
  }
  return Normalized(result);
}

int64_t SlowClock::Elapsed(Clock clock, const ScheduleKey& key, int64_t from_us,
                           int64_t to_us, const Spans& counted) const {
  if (clock == Clock::kCalendar || to_us <= from_us) return TotalOf(counted);
  Spans open;
  if (config_.schedule_policy == "at_start") {
    open = OpenByRule(RuleAt(key, from_us), from_us, to_us);
  } else if (config_.schedule_policy == "at_end") {
    open = OpenByRule(RuleAt(key, to_us), from_us, to_us);
  } else {
    open = OpenInForce(key, from_us, to_us);
  }
  return TotalOf(Intersection(open, counted));
}

int64_t SlowClock::Crossing(const ScheduleKey& key, const ScheduleRule* rule,
                            bool in_force, int64_t from_us, int64_t target_us,
                            const Spans& counted) const {
  if (counted.empty()) return kNever;
  const int64_t limit = std::min(counted.back().end_us, kLatestTime);
  int64_t used = 0;
  int64_t begin = from_us;
  int64_t step = 7 * kDay;
  while (begin < limit) {
    const int64_t end = limit - begin > step ? begin + step : limit;
    const Spans open =
        in_force ? OpenInForce(key, begin, end) : OpenByRule(rule, begin, end);
    for (const Span& span : Intersection(open, counted)) {
      const int64_t length = span.end_us - span.begin_us;
      if (used + length > target_us) return span.begin_us + target_us - used;
      used += length;
    }
    begin = end;
    step *= 4;
  }
  return kNever;
}

int64_t SlowClock::Deadline(Clock clock, const ScheduleKey& key,
                            int64_t from_us, int64_t target_us,
                            const Spans& counted) const {
  if (clock == Clock::kCalendar) {
    return Crossing(key, nullptr, false, from_us, target_us, counted);
  }
  if (config_.schedule_policy == "at_start") {
    return Crossing(key, RuleAt(key, from_us), false, from_us, target_us,
                    counted);
  }
  if (config_.schedule_policy != "at_end") {
    return Crossing(key, nullptr, true, from_us, target_us, counted);
  }
  // An observation that ends at u is measured by the rule of u: the first u
  // that is beyond the target, over all rules one after the other.
  std::vector<int64_t> edges = RuleChanges();
  edges.push_back(kNever);
  int64_t begin = from_us;
  for (int64_t edge : edges) {
    if (edge <= begin) continue;
    const int64_t crossing =
        Crossing(key, RuleAt(key, begin), false, from_us, target_us, counted);
    if (crossing < begin) return begin - 1;  // already beyond when it begins
    // The deadline is the last instant before the crossing, so the crossing
    // itself happens one microsecond later.
    if (crossing < edge - 1 || edge == kNever) return crossing;
    begin = edge;
  }
  return kNever;
}

}  // namespace cckpi::oracle
