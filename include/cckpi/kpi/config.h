// Config: what an engine computes, as values.
//
// Everything is optional; a default-constructed Config computes every KPI of
// the catalogue with its defaults: zone UTC, weeks from Monday, no opening
// hours, T = 15 minutes, an FCR window of 7 days, the usual agent states,
// groups by channel, by team and by agent. io/config_json.h reads one from
// JSON; docs/config.md describes every key.

#ifndef CCKPI_KPI_CONFIG_H_
#define CCKPI_KPI_CONFIG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/calendar/opening_hours.h"
#include "cckpi/calendar/window.h"
#include "cckpi/kpi/kpi_spec.h"

namespace cckpi {

// "From this instant on, interactions that match use this calendar."
// Empty fields match everything; the rule that names most fields wins, then
// the later `from`, then the later rule.
struct ScheduleRule {
  std::string calendar;
  std::string team;
  std::string channel;
  std::string source;
  std::string priority;
  int64_t from_us = kNoTime;  // kNoTime: since ever
};

// Classes of an agent state, as bits.
enum AgentStateClass : uint8_t {
  kPaid = 1,
  kProductive = 2,
  kAvailable = 4,
  kOffline = 8,
  kHandling = 16,
};

struct AgentState {
  std::string name;
  uint8_t classes = 0;  // AgentStateClass bits
};

// In which presence load counts as handle time: available; that or never
// reported (a log without agent states); any.
enum class HandleTimePresence : uint8_t {
  kAvailable = 0,
  kAvailableOrUnreported = 1,
  kAny = 2,
};

// What is made of agent states that no further event follows.
struct AgentPresencePolicy {
  // A state other than offline lasts so long without an event that confirms
  // it, and is unknown from then on; 0: for ever.
  int64_t max_state_us = 0;
  // The agent's own replies confirm his state too.
  bool replies_confirm = false;
  // One that lasts longer without confirmation is counted in data_quality; 0:
  // never.
  int64_t suspect_after_us = kDay;
  HandleTimePresence handle_time = HandleTimePresence::kAvailableOrUnreported;
};

// One dimension of a group: channel, source, team, agent, priority, or a tag.
struct Dimension {
  enum class Field : uint8_t {
    kChannel,
    kSource,
    kTeam,
    kAgent,
    kPriority,
    kTag
  };
  Field field = Field::kChannel;
  std::string tag;  // the tag's name, of kTag

  auto operator<=>(const Dimension&) const = default;
};
using GroupBy = std::vector<Dimension>;  // in the order of output; may be empty

// "channel", "tag.plan"
std::string DimensionName(const Dimension& dimension);
std::optional<Dimension> ParseDimension(std::string_view name);

enum class Comparator : uint8_t { kLess, kLessEqual, kGreater, kGreaterEqual };
enum class Attainment : uint8_t { kBinary, kLinear, kZones };
// What a card without data does: it leaves the weights, or counts as 0.
enum class ScoreNoData : uint8_t { kRenormalise = 0, kZero = 1 };

// "<15m", ">=85%", "<=0.2": a threshold in the KPI's own unit, in millionths
// (seconds for durations, so 15 min is 900'000'000; 85 % is 850'000).
struct Threshold {
  Comparator comparator = Comparator::kLessEqual;
  int64_t value_micro = 0;

  bool operator==(const Threshold&) const = default;
};

struct ScoreZone {
  Threshold when;
  int64_t points_permille = 0;
};

struct Benchmark {
  Threshold threshold;
  int64_t from_us = kNoTime;
};

// One line of a scorecard. The benchmark in force at a window's end applies.
// Of zones the first that holds gives its points (1000 is all of the weight);
// none gives 0.
struct ScoreCard {
  std::string kpi;                           // a KPI's id or catalogue name
  std::map<std::string, std::string> scope;  // on top of the scorecard's
  std::vector<Benchmark> benchmarks;  // by `from`; empty only beside zones
  int64_t weight_permille = 0;        // 50 is 50'000
  int64_t min_n = 0;                  // fewer observations are no data
  std::vector<ScoreZone> zones;       // of Attainment::kZones
};

// A line of a roll-up: another scorecard, whose score counts as attainment.
// One with `by` gives a line for each of its groups, each with this weight.
struct ScoreMember {
  std::string scorecard;  // its id
  int64_t weight_permille = 0;
};

struct Scorecard {
  std::string id;
  std::map<std::string, std::string> scope;  // dimension name → value
  GroupBy by;  // one score for each group of these; empty: one
  Frequency every = Frequency::kWeekly;
  Attainment attainment = Attainment::kBinary;
  ScoreNoData no_data = ScoreNoData::kRenormalise;
  std::vector<ScoreCard> cards;
  std::vector<ScoreMember> of;  // a manager's teams; beside cards of his own
};

// The error budget 1 - target of a service level is used up `factor` times
// as fast as it lasts, over both windows.
struct BurnRate {
  int64_t long_us = 0;
  int64_t short_us = 0;
  int64_t factor_permille = 0;  // 14.4 is 14'400
};

// A severity. Bands go from mild to severe; each is breached past its edge in
// the bad direction (`over`), or, in a burn-rate rule, by its burn rate.
struct Band {
  std::string level;
  int64_t over_micro = 0;              // in the KPI's unit, as Threshold
  std::optional<int64_t> clear_micro;  // unset: the edge itself
  std::optional<BurnRate> burn_rate;   // instead of over and clear
  int64_t dwell_us = 0;
  std::vector<std::string> actions;
  std::vector<std::string> notify;
};

struct LadderStep {
  std::vector<std::string> notify;
  int64_t after_us = 0;

  bool operator==(const LadderStep&) const = default;
};

// "While `rule` fires for the same values of these dimensions, be silent."
struct Inhibition {
  std::string rule;
  std::vector<std::string> equal;  // dimension names
};

enum class Direction : uint8_t { kLowerIsBetter, kHigherIsBetter };
// What too few observations, or no tick, make of a rule's state.
enum class NoDataPolicy : uint8_t { kKeep, kOk, kAlert };

struct ScalingRule {
  std::string id;
  std::string kpi;
  std::map<std::string, std::string> scope;
  GroupBy by;  // one state for each group of these; empty: one
  // A rolling window that ends now, or the calendar window that holds now.
  int64_t window_us = kBucketSpan;
  std::optional<Frequency> calendar_window;  // instead of window_us
  Threshold target;
  Direction direction = Direction::kLowerIsBetter;  // as the target's
  int64_t min_n = 0;
  NoDataPolicy no_data = NoDataPolicy::kKeep;
  int64_t no_data_after_us = 0;  // without a tick; 0: never
  std::vector<Band> bands;
  int64_t hold_us = 0;    // recovering for so long before resolved
  int64_t repeat_us = 0;  // 0: never
  bool notify_deescalation = false;
  std::vector<LadderStep> ladder;
  std::string mute_calendar;  // silent while it is open; empty: never
  std::vector<Inhibition> inhibited_by;
};

// When a report of a closed window is due, in the configured zone.
struct ReportTime {
  int weekday = 0;        // of weekly reports: 1 Monday … 7 Sunday
  int day_of_month = 0;   // of monthly ones: 1 … 28
  int minute_of_day = 0;  // of hourly ones the minute of the hour

  bool operator==(const ReportTime&) const = default;
};

// "Mon 08:00" for kWeekly, "1 08:00" for kMonthly, "08:00" for kDaily, ":15"
// for kHourly; nullopt for anything else.
std::optional<ReportTime> ParseReportTime(std::string_view text,
                                          Frequency every);

struct ReportSchedule {
  std::string id;
  Frequency every = Frequency::kWeekly;
  std::string at;  // "Mon 08:00"; empty: as soon as the window closes
  std::optional<ReportTime> due;        // `at`, read
  std::vector<std::string> kpis;        // empty: all, unless scorecards are
  std::vector<std::string> scorecards;  // ids; each in its own windows
  GroupBy by;
  std::vector<std::string> to;
  std::string format = "table";
};

struct Config {
  std::string time_zone = "UTC";
  int week_starts = 1;  // ISO weekday: 1 Monday … 7 Sunday

  // Unset: the engine allows 5 minutes, the tool accepts any order.
  std::optional<int64_t> allowed_lateness_us;
  // Unset: as allowed_lateness.
  std::optional<int64_t> duplicate_window_us;
  int64_t auto_close_after_us = 0;  // 0: never
  int64_t fcr_window_us = 7 * kDay;
  // What has been closed for so long is forgotten; 0: nothing is. A first
  // contact resolution that is pending then lives on without its interaction.
  int64_t forget_closed_after_us = 90 * kDay;
  // How long a message is remembered for reviews, from its response; a later
  // review is one of an unknown message.
  int64_t review_window_us = 90 * kDay;
  // No event is taken while the engine's state takes more than this; 0: no
  // limit (docs/memory.md).
  int64_t max_memory_bytes = 0;

  std::map<std::string, CalendarSpec> calendars;
  std::vector<ScheduleRule> schedules;
  std::string schedule_policy = "in_force";  // or "at_start", "at_end"

  std::vector<AgentState> agent_states;  // empty: DefaultAgentStates()
  int64_t agent_capacity = 3;
  Load agent_load = Load::kAgentTurn;  // of KPIs that do not say `load`
  AgentPresencePolicy agent_presence;
  std::vector<GroupBy> groups;  // unset: channel; team; agent
  bool groups_given = false;
  std::vector<KpiSpec> kpis;  // unset: DefaultKpis()
  bool kpis_given = false;

  std::vector<Scorecard> scorecards;
  // Whom rules and reports may name; not given: anybody.
  std::vector<std::string> recipients;
  bool recipients_given = false;
  std::vector<ScalingRule> scaling_matrix;
  std::vector<ReportSchedule> reports;
};

// available: paid productive available; busy: paid productive available
// handling; break: paid; training, meeting: paid; offline: offline.
std::vector<AgentState> DefaultAgentStates();

}  // namespace cckpi

#endif  // CCKPI_KPI_CONFIG_H_
