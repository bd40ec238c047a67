#include "cckpi/kpi/config.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/kpi/report.h"

namespace cckpi {
namespace {

constexpr std::string_view kTagPrefix = "tag.";

struct DimensionWord {
  Dimension::Field field;
  std::string_view name;
};
constexpr std::array<DimensionWord, 5> kFields = {{
    {Dimension::Field::kChannel, "channel"},
    {Dimension::Field::kSource, "source"},
    {Dimension::Field::kTeam, "team"},
    {Dimension::Field::kAgent, "agent"},
    {Dimension::Field::kPriority, "priority"},
}};

// One or two digits, at most `largest`.
std::optional<int> Number(std::string_view text, int largest) {
  if (text.empty() || text.size() > 2) return std::nullopt;
  int number = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  if (number > largest) return std::nullopt;
  return number;
}

}  // namespace

std::string DimensionName(const Dimension& dimension) {
  for (const DimensionWord& row : kFields) {
    if (row.field == dimension.field) return std::string(row.name);
  }
  return std::string(kTagPrefix) + dimension.tag;
}

std::optional<Dimension> ParseDimension(std::string_view name) {
  for (const DimensionWord& row : kFields) {
    if (row.name == name) return Dimension{row.field, ""};
  }
  if (name.size() > kTagPrefix.size() &&
      name.substr(0, kTagPrefix.size()) == kTagPrefix) {
    return Dimension{Dimension::Field::kTag,
                     std::string(name.substr(kTagPrefix.size()))};
  }
  return std::nullopt;
}

std::optional<ReportTime> ParseReportTime(std::string_view text,
                                          Frequency every) {
  ReportTime time;
  if (every == Frequency::kHourly) {
    std::optional<int> minute;
    if (text.size() == 3 && text[0] == ':') minute = Number(text.substr(1), 59);
    if (!minute.has_value()) return std::nullopt;
    time.minute_of_day = *minute;
    return time;
  }
  if (every == Frequency::kWeekly || every == Frequency::kMonthly) {
    const size_t blank = std::min(text.find(' '), text.size());
    std::string day(text.substr(0, blank));
    if (every == Frequency::kWeekly) {
      // "Mon" or "monday": a day's name in any case.
      for (char& c : day) {
        if ('A' <= c && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      }
      absl::StatusOr<absl::Weekday> weekday = ParseWeekday(day);
      if (!weekday.ok()) return std::nullopt;
      time.weekday = static_cast<int>(*weekday) + 1;
    } else {
      // Every month has a 28th.
      std::optional<int> day_of_month = Number(day, 28);
      if (!day_of_month.has_value() || *day_of_month == 0) return std::nullopt;
      time.day_of_month = *day_of_month;
    }
    text = blank == text.size() ? "" : text.substr(blank + 1);
  } else if (every != Frequency::kDaily) {
    return std::nullopt;
  }
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  std::optional<int> hour = Number(text.substr(0, 2), 23);
  std::optional<int> minute = Number(text.substr(3), 59);
  if (!hour.has_value() || !minute.has_value()) return std::nullopt;
  time.minute_of_day = *hour * 60 + *minute;
  return time;
}

std::vector<AgentState> DefaultAgentStates() {
  return {
      {"available", kPaid | kProductive | kAvailable},
      {"busy", kPaid | kProductive | kAvailable | kHandling},
      {"break", kPaid},
      {"training", kPaid},
      {"meeting", kPaid},
      {"offline", kOffline},
  };
}

std::string_view UnitName(Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
      return "s";
    case Unit::kRatio:
      return "ratio";
    case Unit::kCount:
      return "count";
    case Unit::kScore:
      return "score";
    case Unit::kPerHour:
      return "per_hour";
  }
  return "";
}

}  // namespace cckpi
