#include "src/kpi/definitions_text.h"

#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"

namespace cckpi {
namespace {

// Texts are quoted by their length, so that no text can look like another
// definition.
std::string Counted(std::string_view text) {
  return absl::StrCat(text.size(), ":", std::string(text));
}

class DefinitionLines {
 public:
  template <typename... Parts>
  void Add(const Parts&... parts) {
    absl::StrAppend(&text_, parts..., "\n");
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string Intervals(const std::vector<LocalInterval>& intervals) {
  std::string text;
  for (const LocalInterval& interval : intervals) {
    absl::StrAppend(&text, " ", interval.begin_s, "-", interval.end_s);
  }
  return text;
}

void AddCalendars(const Config& config, DefinitionLines& lines) {
  for (const auto& [name, spec] : config.calendars) {
    const std::string place = absl::StrCat("calendar ", Counted(name));
    lines.Add(place, " zone ", Counted(spec.time_zone));
    for (size_t day = 0; day < spec.weekly.size(); ++day) {
      lines.Add(place, " day ", day, Intervals(spec.weekly[day]));
    }
    for (const absl::CivilDay& day : spec.holidays) {
      lines.Add(place, " holiday ", absl::FormatCivilTime(day));
    }
    for (const auto& [day, intervals] : spec.exceptions) {
      lines.Add(place, " exception ", absl::FormatCivilTime(day),
                Intervals(intervals));
    }
    for (const auto& [day, intervals] : spec.breaks) {
      lines.Add(place, " break ", absl::FormatCivilTime(day),
                Intervals(intervals));
    }
  }
  for (size_t s = 0; s < config.schedules.size(); ++s) {
    const ScheduleRule& rule = config.schedules[s];
    lines.Add("schedule ", s, " ", Counted(rule.calendar), " ",
              Counted(rule.team), " ", Counted(rule.channel), " ",
              Counted(rule.source), " ", Counted(rule.priority), " from ",
              rule.from_us);
  }
  if (!config.schedules.empty()) {
    lines.Add("schedule_policy ", config.schedule_policy);
  }
}

void AddTimeline(const TimelinePlan& plan, DefinitionLines& lines) {
  for (size_t c = 0; c < plan.clocks.size(); ++c) {
    lines.Add("clock ", c, " ", static_cast<int>(plan.clocks[c].clock),
              " exclude ", static_cast<int>(plan.clocks[c].exclude));
  }
  for (size_t t = 0; t < plan.trackers.size(); ++t) {
    const TrackerSpec& tracker = plan.trackers[t];
    lines.Add("deadline ", t, " stage ", static_cast<int>(tracker.stage),
              " any_response ", tracker.any_response, " closed_counts_met ",
              tracker.closed_counts_met, " clock ",
              static_cast<int>(tracker.clock), " within ", tracker.within_us);
  }
  for (size_t p = 0; p < plan.pools.size(); ++p) {
    const PoolSpec& pool = plan.pools[p];
    lines.Add("pool ", p, " human_only ", pool.human_only, " by_human ",
              pool.by_human, " by_bot ", pool.by_bot, " skip_first ",
              pool.skip_first, " clock ", static_cast<int>(pool.clock));
  }
  for (size_t c = 0; c < plan.contacts.size(); ++c) {
    lines.Add("contact ", c, " rule ", static_cast<int>(plan.contacts[c].rule),
              " response ", static_cast<int>(plan.contacts[c].response));
  }
  lines.Add("span_kinds ", plan.spans);
  lines.Add("follows_reviews ", plan.follows_reviews);
  lines.Add("follows_handled ", plan.follows_handled);
  lines.Add("follows_load ", plan.follows_load);
  lines.Add("auto_close_after ", plan.auto_close_after_us);
  if (!plan.contacts.empty()) {
    lines.Add("fcr_window ", plan.contact_window_us);
  }
  lines.Add("forget_closed_after ", plan.forget_after_us);
  lines.Add("review_window ", plan.review_window_us);
}

void AddMeasures(const Plan& plan, DefinitionLines& lines) {
  for (size_t m = 0; m < plan.spans.size(); ++m) {
    const SpanMeasure& span = plan.spans[m];
    lines.Add("span ", m, " kind ", static_cast<int>(span.kind), " clock ",
              static_cast<int>(span.clock), " at_start ", span.at_start,
              " by_human ", span.by_human, " by_bot ", span.by_bot,
              " skip_first ", span.skip_first, " pool ", span.pool, " within ",
              span.within_us);
  }
  for (size_t m = 0; m < plan.deadlines.size(); ++m) {
    lines.Add("due ", m, " deadline ", plan.deadlines[m].tracker,
              " at_deadline ", plan.deadlines[m].at_deadline);
  }
  for (size_t m = 0; m < plan.reviews.size(); ++m) {
    std::string severities;
    for (const std::string& severity : plan.reviews[m].severities) {
      absl::StrAppend(&severities, " ", Counted(severity));
    }
    lines.Add("review ", m, severities);
  }
  for (size_t m = 0; m < plan.handles.size(); ++m) {
    lines.Add("handle ", m, " allocation ",
              static_cast<int>(plan.handles[m].allocation), " load ",
              static_cast<int>(plan.handles[m].load), " within ",
              plan.handles[m].within_us);
  }
  for (size_t c = 0; c < plan.counters.size(); ++c) {
    lines.Add("counter ", c, " ", static_cast<int>(plan.counters[c]));
  }
  lines.Add("keeps backlog ", plan.keeps_backlog, " bots ", plan.keeps_bots,
            " surveys ", plan.keeps_surveys, " forecasts ",
            plan.keeps_forecasts, " agent_time ", plan.keeps_agent_time,
            " slices ", plan.keeps_slices);
  for (size_t g = 0; g < plan.groupings.size(); ++g) {
    std::string names;
    for (const Dimension& dimension : plan.groupings[g]) {
      absl::StrAppend(&names, " ", Counted(DimensionName(dimension)));
    }
    lines.Add("group ", g, names);
  }
  for (size_t t = 0; t < plan.tags.size(); ++t) {
    lines.Add("tag ", t, " ", Counted(plan.tags[t]));
  }
}

}  // namespace

std::string DefinitionsText(const Config& config, const Plan& plan) {
  DefinitionLines lines;
  lines.Add("allowed_lateness ", config.allowed_lateness_us.value_or(-1));
  lines.Add("duplicate_window ", config.duplicate_window_us.value_or(-1));
  AddCalendars(config, lines);
  AddTimeline(plan.timeline, lines);
  AddMeasures(plan, lines);
  std::vector<AgentState> states = config.agent_states;
  if (states.empty()) states = DefaultAgentStates();
  for (size_t s = 0; s < states.size(); ++s) {
    lines.Add("agent_state ", s, " ", Counted(states[s].name), " classes ",
              static_cast<int>(states[s].classes));
  }
  if (plan.keeps_agent_time) {
    lines.Add("agent_capacity ", config.agent_capacity);
    const AgentPresencePolicy& policy = config.agent_presence;
    lines.Add("agent_presence max_state ", policy.max_state_us,
              " replies_confirm ", policy.replies_confirm, " suspect_after ",
              policy.suspect_after_us, " handle_time ",
              static_cast<int>(policy.handle_time));
  }
  return lines.Take();
}

std::string DefinitionsDifference(std::string_view saved,
                                  std::string_view configured) {
  auto line = [](std::string_view* text) {
    const size_t end = std::min(text->find('\n'), text->size());
    const std::string_view first = text->substr(0, end);
    text->remove_prefix(std::min(end + 1, text->size()));
    return first;
  };
  while (saved != configured) {
    const std::string_view a = line(&saved);
    const std::string_view b = line(&configured);
    if (a == b) continue;
    return absl::StrCat("\"", std::string(a), "\" there, \"", std::string(b),
                        "\" here");
  }
  return "";
}

}  // namespace cckpi
