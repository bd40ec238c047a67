// Shuffling, shrinking and printing logs.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/time.h"
#include "cckpi/kpi/catalogue.h"
#include "oracle/random_log.h"

namespace cckpi::oracle {
namespace {

template <typename T>
std::vector<T> ShrinkItems(
    std::vector<T> items,
    const std::function<bool(const std::vector<T>&)>& fails) {
  // Runs of halving length first, single items last, until none can go.
  for (size_t run = std::max<size_t>(1, items.size() / 2); run > 0;) {
    bool shrunk = false;
    for (size_t i = 0; i < items.size();) {
      std::vector<T> fewer = items;
      const size_t end = std::min(items.size(), i + run);
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i),
                  fewer.begin() + static_cast<std::ptrdiff_t>(end));
      if (fails(fewer)) {
        items = std::move(fewer);
        shrunk = true;
      } else {
        i += run;
      }
    }
    if (run > 1) {
      run /= 2;
    } else if (!shrunk) {
      break;
    }
  }
  return items;
}

void AppendText(std::string& line, const char* name, std::string_view text) {
  if (text.empty()) return;
  absl::StrAppend(&line, ",\"", name, "\":\"", std::string(text), "\"");
}

std::string ToJson(const Event& event) {
  std::string line =
      absl::StrCat("{\"at\":\"", FormatTime(event.at_us), "\",\"kind\":\"",
                   std::string(EventKindName(event.kind)), "\"");
  AppendText(line, "id", event.id);
  AppendText(line, "interaction", event.interaction);
  AppendText(line, "customer", event.customer);
  AppendText(line, "channel", event.channel);
  AppendText(line, "source", event.source);
  AppendText(line, "team", event.team);
  AppendText(line, "agent", event.agent);
  AppendText(line, "priority", event.priority);
  AppendText(line, "by", ActorName(event.by));
  AppendText(line, "message", event.message);
  AppendText(line, "state", event.state);
  AppendText(line, "reason", event.reason);
  if (event.flags != 0) {
    std::string names = MessageFlagNames(event.flags);
    for (size_t at = 0; (at = names.find(' ', at)) != names.npos; at += 3) {
      names.replace(at, 1, "\",\"");
    }
    absl::StrAppend(&line, ",\"flags\":[\"", names, "\"]");
  }
  std::string items;
  for (const ErrorCount& error : event.errors) {
    absl::StrAppend(&items, items.empty() ? "" : ",", "\"",
                    std::string(error.severity), "\":", error.count);
  }
  if (!items.empty()) absl::StrAppend(&line, ",\"errors\":{", items, "}");
  items.clear();
  for (const Tag& tag : event.tags) {
    absl::StrAppend(&items, items.empty() ? "" : ",", "\"",
                    std::string(tag.name), "\":\"", std::string(tag.value),
                    "\"");
  }
  if (!items.empty()) absl::StrAppend(&line, ",\"tags\":{", items, "}");
  auto number = [&](const char* name, const std::optional<int64_t>& micro) {
    if (!micro.has_value()) return;
    absl::StrAppend(&line, ",\"", name, "\":", FormatMicro(*micro));
  };
  number("score", event.score_micro);
  number("scale", event.scale_micro);
  number("volume", event.volume_micro);
  if (event.interval_s != 0) {
    absl::StrAppend(&line, ",\"interval_s\":", event.interval_s);
  }
  return line + "}\n";
}

std::string Hours(const std::vector<LocalInterval>& hours) {
  std::string text;
  for (const LocalInterval& interval : hours) {
    absl::StrAppend(&text, " ", interval.begin_s / 60, "-",
                    interval.end_s / 60);
  }
  return text;
}

std::string DescribeCalendar(const CalendarSpec& calendar) {
  std::string text = calendar.time_zone + " (minutes of the day)";
  for (int day = 0; day < 7; ++day) {
    absl::StrAppend(&text, "; ", std::string(WeekdayKey(day)),
                    Hours(calendar.weekly[static_cast<size_t>(day)]));
  }
  for (const absl::CivilDay& day : calendar.holidays) {
    absl::StrAppend(&text, "; holiday ", absl::FormatCivilTime(day));
  }
  for (const auto& [day, hours] : calendar.exceptions) {
    absl::StrAppend(&text, "; exception ", absl::FormatCivilTime(day),
                    Hours(hours));
  }
  for (const auto& [day, hours] : calendar.breaks) {
    absl::StrAppend(&text, "; break ", absl::FormatCivilTime(day),
                    Hours(hours));
  }
  return text;
}

std::string DescribeBy(const GroupBy& by) {
  std::string text = "(";
  for (const Dimension& dimension : by) {
    absl::StrAppend(&text, " ", DimensionName(dimension));
  }
  return text + " )";
}

}  // namespace

void Shuffle(std::vector<Event>& events, uint64_t seed) {
  SplitMix64 random(seed);
  for (size_t i = events.size(); i > 1; --i) {
    std::swap(
        events[i - 1],
        events[static_cast<size_t>(random.Below(static_cast<int64_t>(i)))]);
  }
}

std::vector<Event> Shrink(
    std::vector<Event> events,
    const std::function<bool(const std::vector<Event>&)>& fails) {
  return ShrinkItems(std::move(events), fails);
}

std::vector<KpiSpec> ShrinkKpis(
    std::vector<KpiSpec> kpis,
    const std::function<bool(const std::vector<KpiSpec>&)>& fails) {
  return ShrinkItems(std::move(kpis), fails);
}

std::string ToJsonLines(std::vector<Event> events) {
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return CompareEvents(a, b) < 0;
  });
  std::string text;
  for (const Event& event : events) text += ToJson(event);
  return text;
}

std::string DescribeConfig(const Config& config) {
  std::string text = absl::StrCat(
      "zone ", config.time_zone, ", week_starts ", config.week_starts,
      ", auto_close_after ", FormatSpan(config.auto_close_after_us),
      ", fcr_window ", FormatSpan(config.fcr_window_us),
      ", forget_closed_after ", FormatSpan(config.forget_closed_after_us),
      ", schedule_policy ", config.schedule_policy, "\n");
  for (const AgentState& state : config.agent_states) {
    absl::StrAppend(&text, "state ", state.name, " classes ", state.classes,
                    "\n");
  }
  const AgentPresencePolicy& policy = config.agent_presence;
  absl::StrAppend(&text, "capacity ", config.agent_capacity, ", max_state ",
                  FormatSpan(policy.max_state_us), ", replies_confirm ",
                  policy.replies_confirm, ", suspect_after ",
                  FormatSpan(policy.suspect_after_us), ", handle_time ",
                  static_cast<int>(policy.handle_time), "\n");
  for (const auto& [name, calendar] : config.calendars) {
    absl::StrAppend(&text, "calendar ", name, ": ", DescribeCalendar(calendar),
                    "\n");
  }
  for (const ScheduleRule& rule : config.schedules) {
    absl::StrAppend(&text, "schedule ", rule.calendar, " team=", rule.team,
                    " channel=", rule.channel, " source=", rule.source,
                    " priority=", rule.priority, " from=",
                    rule.from_us == kNoTime ? "ever" : FormatTime(rule.from_us),
                    "\n");
  }
  for (const GroupBy& by : config.groups) {
    absl::StrAppend(&text, "group ", DescribeBy(by), "\n");
  }
  for (const KpiSpec& spec : config.kpis) {
    const KpiDefinition& definition = Definition(spec.kpi);
    absl::StrAppend(&text, "kpi ", spec.id, " ", std::string(definition.name));
    for (const KpiOption& option : definition.options) {
      absl::StrAppend(&text, " ", std::string(option.name), "=",
                      KpiOptionValue(spec, option.name));
    }
    text += "\n";
  }
  return text;
}

std::string DescribeQuery(const Query& query, int64_t now_us) {
  auto instant = [](int64_t at_us) {
    return at_us == kNoTime ? std::string("-") : FormatTime(at_us);
  };
  return absl::StrCat(
      "now ", FormatTime(now_us), ", every ",
      std::string(FrequencyName(query.every)), ", by ",
      query.by.has_value() ? DescribeBy(*query.by) : "configured", ", begin ",
      instant(query.begin_us), ", end ", instant(query.end_us), "\n");
}

}  // namespace cckpi::oracle
