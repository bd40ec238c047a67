#include "src/engine/engine_state.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace cckpi {

EngineState::EngineState(const EngineSetup& setup, ScheduleTable schedules,
                         int64_t duplicate_window_us)
    : setup_(setup),
      timeline_(
          DimensionTable(setup.plan.slots, kSlotTags + setup.plan.tags.size()),
          std::move(schedules)),
      cells_(setup.plan),
      contributors_(setup.contributors, timeline_.dimensions,
                    *setup.interaction_names),
      booker_(setup.plan, timeline_.dimensions, cells_, setup.severities),
      agents_(setup.agents),
      facts_(),
      machine_(setup.plan.timeline, timeline_, booker_, setup.tag_names),
      duplicates_(duplicate_window_us) {
  Connect();
}

EngineState::EngineState(const EngineSetup& setup, const EngineState& base)
    : setup_(setup),
      timeline_(&base.timeline_),
      cells_(setup.plan),
      contributors_(base.contributors_, timeline_.dimensions),
      booker_(setup.plan, timeline_.dimensions, cells_, setup.severities),
      agents_(AgentTimeline::Over(base.agents_)),
      facts_(&base.facts_),
      machine_(setup.plan.timeline, timeline_, booker_, setup.tag_names),
      duplicates_(&base.duplicates_) {
  Connect();
}

EngineState::~EngineState() = default;

void EngineState::Connect() {
  if (setup_.plan.keeps_agent_time) {
    booker_.Feed(&agents_, setup_.agent_capacity);
    if (setup_.shard) booker_.Keep(&facts_);
  }
  if (setup_.traced != nullptr) {
    booker_.Trace(setup_.traced, &contributions_);
    machine_.SayAtOnce();
  }
  const std::vector<ContributorWatch>& watches = setup_.contributors.watches;
  if (!watches.empty()) booker_.Rank(&contributors_);
  if (setup_.traced != nullptr ||
      std::any_of(watches.begin(), watches.end(),
                  [](const ContributorWatch& watch) {
                    return watch.kind == ContributorKind::kContact;
                  })) {
    machine_.NameContacts();
  }
}

bool EngineState::Seen(const PendingEvent& event) {
  const std::string_view id = event.id();
  if (id.empty() || !duplicates_.SeenOrRemember(id, event.fact.at_us)) {
    return false;
  }
  ++counts_.duplicate;
  return true;
}

EpisodeMachine::News EngineState::Apply(const PendingEvent& event,
                                        const Names& names) {
  const Fact& fact = event.fact;
  if (fact.kind == EventKind::kForecast) {
    // May lie ahead of now; time has not come that far.
    if (IsDuplicate(event)) return {};
    ApplyForecast(fact);
    ++counts_.applied;
    return {};
  }
  const bool closes_first = fact.kind >= EventKind::kAutoClosed;
  FireBefore({fact.at_us,
              closes_first ? TimerPlace::kAfter : TimerPlace::kAutoClose,
              InteractionId::kNone});
  if (IsDuplicate(event)) return {};
  if (setup_.shard) facts_.CausedByEvent(fact.kind, event.id());
  if (fact.kind == EventKind::kAgentState) {
    ApplyAgentState(fact);
    ++counts_.applied;
    return {};
  }
  if (absl::Status status = machine_.Apply(fact); !status.ok()) {
    RefuseEvent(event, status, names);
    return {};
  }
  ++counts_.applied;
  return machine_.news();
}

void EngineState::RefuseEvent(const PendingEvent& event,
                              const absl::Status& status, const Names& names) {
  std::string name(event.id());
  if (name.empty()) {
    name = std::string(
        names.interactions.Text(static_cast<uint32_t>(event.fact.interaction)));
  }
  Refuse({.source = std::string(names.texts.Text(event.source)),
          .row = event.row(),
          .reason = std::string(status.message()),
          .event = std::move(name)});
}

void EngineState::ApplyAgentState(const Fact& fact) {
  if (!setup_.plan.keeps_agent_time) return;
  auto state = std::find(setup_.agent_states.begin(), setup_.agent_states.end(),
                         fact.state);
  const uint32_t index =
      state == setup_.agent_states.end()
          ? kUnknownState
          : static_cast<uint32_t>(state - setup_.agent_states.begin());
  booker_.OnState(fact.agent, index, fact.team, fact.at_us);
}

void EngineState::ReplayAgents(const KeyDictionary& names) {
  const FactSource source{.facts = &facts_, .names = &names, .translate = {}};
  std::vector<FactsOfAgent> agents;
  for (TextId agent : facts_.Agents()) {
    agents.emplace_back(agent).Add(source, agent);
  }
  booker_.Replay(std::move(agents));
  FlushAgents();
}

std::optional<ForecastKey> KeyOfForecast(const EngineSetup& setup,
                                         const Fact& fact) {
  ForecastKey key;
  key.begin_us = fact.at_us;
  key.span_us = fact.figures()->interval_s * kSecond;
  key.values.assign(kSlotTags + setup.tag_names.size(), 0);
  key.values[kSlotChannel] = fact.channel;
  key.values[kSlotSource] = fact.source;
  key.values[kSlotTeam] = fact.team;
  key.values[kSlotAgent] = fact.agent;
  key.values[kSlotPriority] = fact.priority;
  for (const auto& [name, value] : fact.extra->tags) {
    auto slot = std::find(setup.tag_names.begin(), setup.tag_names.end(), name);
    if (slot == setup.tag_names.end()) return std::nullopt;
    key.values[kSlotTags +
               static_cast<size_t>(slot - setup.tag_names.begin())] = value;
  }
  return key;
}

void EngineState::ApplyForecast(const Fact& fact) {
  std::optional<ForecastKey> key = KeyOfForecast(setup_, fact);
  if (key.has_value()) {
    forecasts_[*std::move(key)] = fact.figures()->volume_micro.value_or(0);
  }
}

void KeepRefusal(Refusal refusal, std::vector<Refusal>& refusals) {
  auto before = [](const Refusal& a, const Refusal& b) {
    return std::tie(a.source, a.row, a.event, a.reason) <
           std::tie(b.source, b.row, b.event, b.reason);
  };
  if (refusals.size() == kMaxRefusalsKept &&
      !before(refusal, refusals.back())) {
    return;
  }
  auto place =
      std::upper_bound(refusals.begin(), refusals.end(), refusal, before);
  refusals.insert(place, std::move(refusal));
  if (refusals.size() > kMaxRefusalsKept) refusals.pop_back();
}

void EngineState::Keep(Refusal refusal) {
  KeepRefusal(std::move(refusal), refusals_);
}

void EngineState::Refuse(Refusal refusal) {
  ++counts_.refused;
  Keep(std::move(refusal));
}

void EngineState::CountLate(Refusal refusal) {
  ++counts_.late;
  Keep(std::move(refusal));
}

}  // namespace cckpi
