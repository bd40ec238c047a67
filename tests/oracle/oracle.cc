#include "oracle/oracle.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "cckpi/kpi/catalogue.h"
#include "oracle/oracle_agents.h"
#include "oracle/oracle_clock.h"
#include "oracle/oracle_kpis.h"
#include "oracle/oracle_replay.h"
#include "oracle/oracle_table.h"

namespace cckpi::oracle {
namespace {

// Takes the events out that come again under the same id: the first in the
// total order stays. Returns how many went.
int64_t DropDuplicates(std::vector<Event>& sorted, const Config& config) {
  const std::optional<int64_t> window = config.duplicate_window_us.has_value()
                                            ? config.duplicate_window_us
                                            : config.allowed_lateness_us;
  std::map<std::string_view, int64_t> kept;  // id → instant
  std::vector<Event> result;
  for (const Event& event : sorted) {
    if (!event.id.empty()) {
      auto [seen, fresh] = kept.emplace(event.id, event.at_us);
      if (!fresh) {
        if (!window || event.at_us - seen->second <= *window) continue;
        seen->second = event.at_us;
      }
    }
    result.push_back(event);
  }
  const auto dropped = static_cast<int64_t>(sorted.size() - result.size());
  sorted = std::move(result);
  return dropped;
}

bool Wanted(const KpiSpec& spec, const Query& query) {
  if (query.kpis.empty()) return true;
  return std::any_of(
      query.kpis.begin(), query.kpis.end(), [&](const std::string& name) {
        return spec.id.empty() ? name == Definition(spec.kpi).name
                               : name == spec.id;
      });
}

void Book(const Scene& scene, const KpiSpec& spec, Table& table) {
  switch (spec.kpi) {
    case Kpi::kFirstResponseTime:
    case Kpi::kResponseTime:
    case Kpi::kCustomerResponseTime:
    case Kpi::kResolutionTime:
    case Kpi::kOperatingTime:
    case Kpi::kSpeedOfAnswer:
    case Kpi::kAssignToReply:
      BookDurations(scene, spec, table);
      break;
    case Kpi::kServiceLevel:
    case Kpi::kBeyondTurnaround:
    case Kpi::kDueWithin:
      BookDeadlines(scene, spec, table);
      break;
    case Kpi::kBacklog:
      BookBacklog(scene, spec, table);
      break;
    case Kpi::kFirstContactResolution:
      BookContacts(scene, spec, table);
      break;
    case Kpi::kAccuracy:
    case Kpi::kSatisfaction:
      BookQuality(scene, spec, table);
      break;
    case Kpi::kForecastAccuracy:
      BookForecasts(scene, spec, table);
      break;
    case Kpi::kBotOutcome:
    case Kpi::kArrivals:
    case Kpi::kAnswered:
    case Kpi::kHandled:
    case Kpi::kResolved:
    case Kpi::kReopened:
    case Kpi::kTransferred:
    case Kpi::kMessages:
      BookCounts(scene, spec, table);
      break;
    case Kpi::kCasesPerHour: {
      BookAgentTime(scene.agents, spec, table);
      KpiSpec cases =
          DefaultSpec(spec.cases == Cases::kAnswered  ? Kpi::kAnswered
                      : spec.cases == Cases::kHandled ? Kpi::kHandled
                                                      : Kpi::kResolved);
      BookCounts(scene, cases, table);
      break;
    }
    case Kpi::kHandleTime:
    case Kpi::kOccupancy:
    case Kpi::kCapacityOccupancy:
    case Kpi::kUtilization:
    case Kpi::kConcurrency:
    case Kpi::kStateTime:
    case Kpi::kStaffedTime:
    case Kpi::kAvailableTime:
    case Kpi::kBusyTime:
    case Kpi::kIdleTime:
    case Kpi::kDataQuality:
      BookAgentTime(scene.agents, spec, table);
      break;
    default:
      break;
  }
}

}  // namespace

bool OracleCovers(Kpi kpi) { return kpi != Kpi::kFormula; }

std::optional<int64_t> OracleRow::Get(const std::string& name) const {
  for (const OracleFigure& figure : figures) {
    if (figure.name == name &&
        figure.value.form == OracleValue::Form::kInteger) {
      return static_cast<int64_t>(figure.value.integer);
    }
  }
  return std::nullopt;
}

Oracle::Oracle(const Config& config)
    : config_(config),
      specs_(config.kpis_given ? config.kpis
                               : DefaultKpis(!config.schedules.empty())) {}

OracleResult Oracle::Run(std::vector<Event> events, int64_t now_us,
                         const Query& query) const {
  OracleResult result;
  const auto later = static_cast<int64_t>(std::erase_if(
      events, [&](const Event& event) { return event.at_us > now_us; }));
  result.events.after_now = later;
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return CompareEvents(a, b) < 0;
  });
  result.events.duplicate = DropDuplicates(events, config_);
  result.events.applied = static_cast<int64_t>(events.size());

  int64_t first_us = now_us;
  std::map<std::string_view, std::vector<Event>> by_interaction;
  std::vector<Event> forecasts;
  std::vector<Event> states;
  for (const Event& event : events) {
    if (event.kind != EventKind::kForecast) {
      first_us = std::min(first_us, event.at_us);
    }
    if (event.kind == EventKind::kForecast) {
      forecasts.push_back(event);
    } else if (event.kind == EventKind::kAgentState) {
      states.push_back(event);
    } else {
      by_interaction[event.interaction].push_back(event);
    }
  }
  std::vector<Interaction> interactions;
  for (const auto& [name, log] : by_interaction) {
    for (Interaction& interaction : Replay(log, config_, now_us)) {
      result.events.refused += interaction.refused;
      result.events.applied -= interaction.refused;
      interactions.push_back(std::move(interaction));
    }
  }

  const SlowClock clock(config_);
  const bool slices =
      std::any_of(specs_.begin(), specs_.end(), [](const KpiSpec& spec) {
        return spec.kpi == Kpi::kHandleTime &&
               spec.attribution == Attribution::kSliced;
      });
  AgentScene agents;
  if (std::any_of(specs_.begin(), specs_.end(), [](const KpiSpec& spec) {
        return spec.kpi == Kpi::kHandleTime || IsOfAgentTime(spec.kpi);
      })) {
    agents = FollowAgents(config_, slices, interactions, states, now_us);
  }
  const Scene scene = {config_, clock, interactions, forecasts, agents, now_us};
  for (const KpiSpec& spec : specs_) {
    if (!OracleCovers(spec.kpi) || !Wanted(spec, query)) continue;
    Table table(config_, query, first_us, now_us);
    Book(scene, spec, table);
    for (OracleRow& row : MakeRows(config_, spec, table)) {
      result.rows.push_back(std::move(row));
    }
  }
  return result;
}

}  // namespace cckpi::oracle
