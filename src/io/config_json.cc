#include "cckpi/io/config_json.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"
#include "src/base/text.h"
#include "src/io/config_json_reader.h"
#include "src/io/config_json_sections.h"
#include "src/io/config_json_value.h"
#include "src/kpi/did_you_mean.h"

namespace cckpi {
namespace {

constexpr std::string_view kClassNames[] = {"paid", "productive", "available",
                                            "offline", "handling"};
constexpr AgentStateClass kClasses[] = {kPaid, kProductive, kAvailable,
                                        kOffline, kHandling};

// The keys of each section. Of kpis[] they are the options of every KPI; a
// test compares them with the catalogue.
using Keys = std::string_view;
constexpr Keys kTopKeys[] = {"$schema",
                             "time_zone",
                             "week_starts",
                             "allowed_lateness",
                             "duplicate_window",
                             "auto_close_after",
                             "fcr_window",
                             "forget_closed_after",
                             "review_window",
                             "max_memory_bytes",
                             "calendars",
                             "schedules",
                             "schedule_policy",
                             "agent_states",
                             "agent_capacity",
                             "agent_load",
                             "agent_presence",
                             "groups",
                             "kpis",
                             "scorecards",
                             "recipients",
                             "scaling_matrix",
                             "reports"};
constexpr Keys kCalendarKeys[] = {"time_zone", "weekly", "holidays",
                                  "exceptions", "breaks"};
constexpr Keys kWeeklyKeys[] = {"mon", "tue", "wed", "thu",
                                "fri", "sat", "sun"};
constexpr Keys kScheduleKeys[] = {"calendar", "team",     "channel",
                                  "source",   "priority", "from"};
constexpr Keys kKpiKeys[] = {"id",
                             "kpi",
                             "formula",
                             "statistic",
                             "clock",
                             "attribution",
                             "response",
                             "within",
                             "exclude",
                             "pooling",
                             "skip_first",
                             "to",
                             "level",
                             "stage",
                             "closed_unanswered",
                             "horizon",
                             "over",
                             "severities",
                             "allocation",
                             "from",
                             "rule",
                             "cases",
                             "hours",
                             "load",
                             "counts",
                             "side",
                             "state",
                             "check",
                             "replies",
                             "numerator_time",
                             "denominator_time"};
constexpr Keys kPresenceKeys[] = {"max_state", "confirmed_by", "suspect_after",
                                  "handle_time"};
constexpr Keys kScorecardKeys[] = {"id",         "scope",   "by",    "every",
                                   "attainment", "no_data", "cards", "of"};
constexpr Keys kMemberKeys[] = {"scorecard", "weight"};
constexpr Keys kCardKeys[] = {"kpi",    "scope", "benchmark",
                              "weight", "min_n", "zones"};
constexpr Keys kBenchmarkKeys[] = {"history"};
constexpr Keys kHistoryKeys[] = {"benchmark", "from"};
constexpr Keys kZoneKeys[] = {"when", "points"};
constexpr Keys kRuleKeys[] = {"id",          "kpi",
                              "scope",       "by",
                              "window",      "target",
                              "direction",   "min_n",
                              "no_data",     "no_data_after",
                              "bands",       "hold",
                              "repeat",      "notify_deescalation",
                              "ladder",      "mute",
                              "inhibited_by"};
constexpr Keys kBandKeys[] = {"level", "over",    "clear", "burn_rate",
                              "dwell", "actions", "notify"};
constexpr Keys kBurnRateKeys[] = {"long", "short", "factor"};
constexpr Keys kLadderKeys[] = {"notify", "after"};
constexpr Keys kInhibitionKeys[] = {"rule", "equal"};
constexpr Keys kReportKeys[] = {"id", "every",      "at", "kpis",
                                "by", "scorecards", "to", "format"};

constexpr ConfigSection kSections[] = {
    {"", kTopKeys},
    {"calendars.*", kCalendarKeys},
    {"calendars.*.weekly", kWeeklyKeys},
    {"schedules[]", kScheduleKeys},
    {"agent_presence", kPresenceKeys},
    {"kpis[]", kKpiKeys},
    {"scorecards[]", kScorecardKeys},
    {"scorecards[].cards[]", kCardKeys},
    {"scorecards[].cards[].benchmark", kBenchmarkKeys},
    {"scorecards[].cards[].benchmark.history[]", kHistoryKeys},
    {"scorecards[].cards[].zones[]", kZoneKeys},
    {"scorecards[].of[]", kMemberKeys},
    {"scaling_matrix[]", kRuleKeys},
    {"scaling_matrix[].bands[]", kBandKeys},
    {"scaling_matrix[].bands[].burn_rate", kBurnRateKeys},
    {"scaling_matrix[].ladder[]", kLadderKeys},
    {"scaling_matrix[].inhibited_by[]", kInhibitionKeys},
    {"reports[]", kReportKeys},
};

void ReadZoneAndWeek(const ObjectReader& top, Config& config) {
  if (std::optional<std::string> name = top.Text("time_zone")) {
    absl::StatusOr<Zone> zone = LoadZone(*name);
    if (zone.ok()) {
      config.time_zone = *std::move(name);
    } else {
      top.Error("time_zone", std::string(zone.status().message()));
    }
  }
  constexpr std::string_view kDays[] = {"monday",   "tuesday", "wednesday",
                                        "thursday", "friday",  "saturday",
                                        "sunday"};
  if (std::optional<size_t> day = top.Choice("week_starts", kDays)) {
    config.week_starts = static_cast<int>(*day) + 1;
  }
}

void ReadSpans(const ObjectReader& top, Config& config) {
  config.allowed_lateness_us = top.Span("allowed_lateness");
  config.duplicate_window_us = top.Span("duplicate_window");
  if (config.duplicate_window_us.has_value() &&
      *config.duplicate_window_us < config.allowed_lateness_us.value_or(0)) {
    top.Error("duplicate_window",
              "must be at least \"allowed_lateness\", or an event could come "
              "twice unrecognised");
  }
  if (std::optional<int64_t> span = top.Span("auto_close_after")) {
    config.auto_close_after_us = *span;
  }
  if (std::optional<int64_t> span = top.PositiveSpan("fcr_window")) {
    config.fcr_window_us = *span;
  }
  if (std::optional<int64_t> span = top.PositiveSpan("review_window")) {
    config.review_window_us = *span;
  }
  if (std::optional<int64_t> bytes =
          top.Integer("max_memory_bytes", 0, int64_t{1} << 50)) {
    config.max_memory_bytes = *bytes;
  }
  // While a repeat counts, a closed interaction is remembered, unless the host
  // wants it gone before.
  if (top.Find("forget_closed_after") == nullptr) {
    config.forget_closed_after_us =
        std::max(config.forget_closed_after_us, config.fcr_window_us);
  } else if (std::optional<int64_t> span = top.Span("forget_closed_after")) {
    config.forget_closed_after_us = *span;
  }
}

void ReadAgents(const ObjectReader& top, Config& config) {
  if (std::optional<int64_t> capacity =
          top.Integer("agent_capacity", 1, 1000)) {
    config.agent_capacity = *capacity;
  }
  const JsonValue* json = top.Find("agent_states");
  if (json == nullptr) return;
  const ObjectReader states(*json, top.Path("agent_states"), "*", top.errors());
  if (json->type == JsonValue::Type::kObject && json->members.empty()) {
    top.Error("agent_states", "must name at least one state");
  }
  for (const auto& [name, list] : json->members) {
    if (name.empty()) states.Error(name, "a state needs a name");
    AgentState state;
    state.name = name;
    states.ForEach(name, [&](const JsonValue& item, const std::string& path) {
      std::optional<std::string> word = ItemText(item, path, top.errors());
      if (!word.has_value()) return;
      const auto* found =
          std::find(std::begin(kClassNames), std::end(kClassNames), *word);
      if (found == std::end(kClassNames)) {
        top.errors().Add(path, Quoted(*word) + " is none of " +
                                   ListOf(kClassNames) +
                                   DidYouMean(*word, kClassNames));
        return;
      }
      state.classes = static_cast<uint8_t>(
          state.classes | kClasses[found - std::begin(kClassNames)]);
    });
    if ((state.classes & kOffline) != 0 &&
        (state.classes & (kAvailable | kHandling)) != 0) {
      states.Error(name, "a state is not offline and available at once");
    }
    config.agent_states.push_back(std::move(state));
  }
}

void ReadPresence(const ObjectReader& top, Config& config) {
  constexpr std::string_view kLoads[] = {"agent_turn", "assigned", "focus"};
  if (std::optional<size_t> load = top.Choice("agent_load", kLoads)) {
    config.agent_load = static_cast<Load>(*load);
  }
  const JsonValue* json = top.Find("agent_presence");
  if (json == nullptr) return;
  const ObjectReader reader(*json, top.Path("agent_presence"), "agent_presence",
                            top.errors());
  AgentPresencePolicy& policy = config.agent_presence;
  if (std::optional<int64_t> span = reader.Span("max_state")) {
    policy.max_state_us = *span;
  }
  constexpr std::string_view kConfirmed[] = {"states", "states_and_replies"};
  if (std::optional<size_t> by = reader.Choice("confirmed_by", kConfirmed)) {
    policy.replies_confirm = *by == 1;
  }
  if (std::optional<int64_t> span = reader.Span("suspect_after")) {
    policy.suspect_after_us = *span;
  }
  constexpr std::string_view kPresences[] = {"available",
                                             "available_or_unreported", "any"};
  if (std::optional<size_t> which = reader.Choice("handle_time", kPresences)) {
    policy.handle_time = static_cast<HandleTimePresence>(*which);
  }
}

void ReadGroups(const ObjectReader& top, Config& config) {
  config.groups_given = top.Find("groups") != nullptr;
  top.ForEach("groups", [&](const JsonValue& item, const std::string& path) {
    GroupBy group = ReadDimensions(item, path, top.errors());
    if (item.items.size() != group.size()) return;  // has errors
    GroupBy sorted = group;
    std::sort(sorted.begin(), sorted.end());
    for (GroupBy other : config.groups) {
      std::sort(other.begin(), other.end());
      if (other == sorted) {
        top.errors().Add(path, "the same dimensions are there twice");
        return;
      }
    }
    config.groups.push_back(std::move(group));
  });
}

}  // namespace

std::span<const ConfigSection> ConfigSections() { return kSections; }

void ReadBasics(const ObjectReader& top, Config& config) {
  top.Text("$schema");  // names config.schema.json, for editors
  ReadZoneAndWeek(top, config);
  ReadSpans(top, config);
  ReadAgents(top, config);
  ReadPresence(top, config);
  ReadGroups(top, config);
}

absl::StatusOr<Config> ParseConfig(std::string_view json) {
  if (json.size() > kMaxConfigBytes) {
    return absl::InvalidArgumentError("configuration: longer than " +
                                      std::to_string(kMaxConfigBytes) +
                                      " bytes");
  }
  absl::StatusOr<JsonValue> value = ParseJsonValue(json);
  if (!value.ok()) return value.status();
  ConfigErrors errors;
  Config config;
  const ObjectReader top(*value, "", "", errors);
  ReadBasics(top, config);
  ReadCalendars(top, config);
  ReadKpis(top, config);
  ReadScorecards(top, config);
  ReadRecipients(top, config);
  ReadScalingMatrix(top, config);
  ReadReports(top, config);
  CheckRecipients(config, errors);
  if (!errors.empty()) return errors.ToStatus();
  return config;
}

}  // namespace cckpi
