// calendars, schedules, schedule_policy

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cckpi/calendar/opening_hours.h"
#include "cckpi/calendar/schedule.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/io/config_json.h"
#include "src/base/text.h"
#include "src/io/config_json_reader.h"
#include "src/io/config_json_sections.h"
#include "src/kpi/did_you_mean.h"

namespace cckpi {
namespace {

// [["09:00", "14:00"], ["15:00", "18:00"]]
std::vector<LocalInterval> ReadIntervals(const ObjectReader& reader,
                                         std::string_view key) {
  std::vector<LocalInterval> intervals;
  reader.ForEach(key, [&](const JsonValue& item, const std::string& path) {
    if (item.type != JsonValue::Type::kList || item.items.size() != 2 ||
        item.items[0].type != JsonValue::Type::kText ||
        item.items[1].type != JsonValue::Type::kText) {
      reader.errors().Add(path,
                          "must be a begin and an end: [\"09:00\", \"18:00\"]");
      return;
    }
    absl::StatusOr<LocalInterval> interval =
        ParseLocalInterval(item.items[0].text, item.items[1].text);
    if (interval.ok()) {
      intervals.push_back(*interval);
    } else {
      reader.errors().Add(path, std::string(interval.status().message()));
    }
  });
  return intervals;
}

std::map<absl::CivilDay, std::vector<LocalInterval>> ReadDates(
    const ObjectReader& calendar, std::string_view key) {
  std::map<absl::CivilDay, std::vector<LocalInterval>> dates;
  const JsonValue* json = calendar.Find(key);
  if (json == nullptr) return dates;
  const ObjectReader reader(*json, calendar.Path(key), "*", calendar.errors());
  for (const auto& [name, list] : json->members) {
    absl::StatusOr<absl::CivilDay> day = ParseCivilDay(name);
    if (day.ok()) {
      dates[*day] = ReadIntervals(reader, name);
    } else {
      reader.Error(name, std::string(day.status().message()));
    }
  }
  return dates;
}

CalendarSpec ReadCalendar(const ObjectReader& reader, const Config& config) {
  CalendarSpec spec;
  bool sound = true;
  spec.time_zone = config.time_zone;
  if (std::optional<std::string> name = reader.Text("time_zone")) {
    absl::StatusOr<Zone> zone = LoadZone(*name);
    sound = zone.ok();
    if (zone.ok()) {
      spec.time_zone = *std::move(name);
    } else {
      reader.Error("time_zone", std::string(zone.status().message()));
    }
  }
  if (const JsonValue* json = reader.Find("weekly")) {
    const ObjectReader weekly(*json, reader.Path("weekly"),
                              "calendars.*.weekly", reader.errors());
    for (int day = 0; day < 7; ++day) {
      spec.weekly[static_cast<size_t>(day)] =
          ReadIntervals(weekly, WeekdayKey(day));
    }
  }
  reader.ForEach(
      "holidays", [&](const JsonValue& item, const std::string& path) {
        std::optional<std::string> text = ItemText(item, path, reader.errors());
        if (!text.has_value()) return;
        absl::StatusOr<absl::CivilDay> day = ParseCivilDay(*text);
        if (!day.ok()) {
          reader.errors().Add(path, std::string(day.status().message()));
        } else if (!spec.holidays.insert(*day).second) {
          reader.errors().Add(path, Quoted(*text) + " is there twice");
        }
      });
  spec.exceptions = ReadDates(reader, "exceptions");
  spec.breaks = ReadDates(reader, "breaks");
  if (sound) {
    absl::StatusOr<OpeningHours> hours = OpeningHours::Create(spec);
    if (!hours.ok()) reader.errors().AddStatus(reader.path(), hours.status());
  }
  return spec;
}

bool SameScope(const ScheduleRule& a, const ScheduleRule& b) {
  return a.team == b.team && a.channel == b.channel && a.source == b.source &&
         a.priority == b.priority && a.from_us == b.from_us;
}

ScheduleRule ReadSchedule(const ObjectReader& reader, const Config& config) {
  ScheduleRule rule;
  if (std::optional<std::string> name = reader.RequiredText("calendar")) {
    if (config.calendars.find(*name) == config.calendars.end()) {
      std::vector<std::string_view> names;
      for (const auto& entry : config.calendars) names.push_back(entry.first);
      reader.Error("calendar",
                   "no calendar " + Quoted(*name) + DidYouMean(*name, names));
    }
    rule.calendar = *std::move(name);
  }
  rule.team = reader.Text("team").value_or("");
  rule.channel = reader.Text("channel").value_or("");
  rule.source = reader.Text("source").value_or("");
  rule.priority = reader.Text("priority").value_or("");
  rule.from_us = reader.Time("from").value_or(kNoTime);
  return rule;
}

}  // namespace

void ReadCalendars(const ObjectReader& top, Config& config) {
  if (const JsonValue* json = top.Find("calendars")) {
    const ObjectReader reader(*json, top.Path("calendars"), "*", top.errors());
    for (const auto& [name, value] : json->members) {
      if (name.empty()) reader.Error(name, "a calendar needs a name");
      const ObjectReader calendar(value, reader.Path(name), "calendars.*",
                                  top.errors());
      config.calendars[name] = ReadCalendar(calendar, config);
    }
  }
  top.ForEach("schedules", [&](const JsonValue& item, const std::string& path) {
    const ObjectReader reader(item, path, "schedules[]", top.errors());
    ScheduleRule rule = ReadSchedule(reader, config);
    for (size_t i = 0; i < config.schedules.size(); ++i) {
      if (SameScope(rule, config.schedules[i])) {
        top.errors().Add(path,
                         "matches the same from the same instant as "
                         "schedules[" +
                             std::to_string(i) + "]");
        break;
      }
    }
    config.schedules.push_back(std::move(rule));
  });
  constexpr std::string_view kPolicies[] = {"in_force", "at_start", "at_end"};
  if (std::optional<size_t> policy = top.Choice("schedule_policy", kPolicies)) {
    config.schedule_policy = std::string(kPolicies[*policy]);
  }
}

}  // namespace cckpi
