#include "src/engine/engine_state.h"

#include <algorithm>
#include <utility>

namespace cckpi {

EngineState::EngineState(const EngineSetup& setup, ScheduleTable schedules,
                         int64_t duplicate_window_us)
    : setup_(setup),
      timeline_(
          DimensionTable(setup.plan.slots, kSlotTags + setup.plan.tags.size()),
          std::move(schedules)),
      cells_(setup.plan),
      booker_(setup.plan, timeline_.dimensions, cells_, setup.severities),
      agents_(setup.agents),
      machine_(setup.plan.timeline, timeline_, booker_, setup.tag_names),
      duplicates_(duplicate_window_us) {
  if (setup.plan.keeps_agent_time) {
    booker_.Feed(&agents_, setup.agent_capacity);
  }
  if (setup.traced != nullptr) booker_.Trace(setup.traced, &contributions_);
}

EngineState::EngineState(const EngineSetup& setup, const EngineState& base)
    : setup_(setup),
      timeline_(&base.timeline_),
      cells_(setup.plan),
      booker_(setup.plan, timeline_.dimensions, cells_, setup.severities),
      agents_(AgentTimeline::Over(base.agents_)),
      machine_(setup.plan.timeline, timeline_, booker_, setup.tag_names),
      duplicates_(&base.duplicates_) {
  if (setup.plan.keeps_agent_time) {
    booker_.Feed(&agents_, setup.agent_capacity);
  }
  if (setup.traced != nullptr) booker_.Trace(setup.traced, &contributions_);
}

void EngineState::Apply(const PendingEvent& event, const Names& names) {
  const Fact& fact = event.fact;
  if (fact.kind == EventKind::kForecast) {
    // May lie ahead of now; time has not come that far.
    if (!event.id.empty() && duplicates_.SeenOrRemember(event.id, fact.at_us)) {
      ++counts_.duplicate;
      return;
    }
    ApplyForecast(fact);
    ++counts_.applied;
    return;
  }
  bool closes_first = fact.kind >= EventKind::kAutoClosed;
  FireBefore({fact.at_us,
              closes_first ? TimerPlace::kAfter : TimerPlace::kAutoClose,
              InteractionId::kNone});
  if (!event.id.empty() && duplicates_.SeenOrRemember(event.id, fact.at_us)) {
    ++counts_.duplicate;
    return;
  }
  switch (fact.kind) {
    case EventKind::kAgentState:
      ApplyAgentState(fact);
      break;
    default: {
      absl::Status status = machine_.Apply(fact);
      if (status.ok()) break;
      std::string name = event.id;
      if (name.empty()) {
        name = std::string(
            names.interactions.Text(static_cast<uint32_t>(fact.interaction)));
      }
      Refuse({.source = std::string(names.texts.Text(event.source)),
              .row = event.row,
              .reason = std::string(status.message()),
              .event = std::move(name)});
      return;
    }
  }
  ++counts_.applied;
}

void EngineState::ApplyAgentState(const Fact& fact) {
  if (!setup_.plan.keeps_agent_time) return;
  auto state = std::find(setup_.agent_states.begin(), setup_.agent_states.end(),
                         fact.state);
  agents_.SetState({.agent = fact.agent,
                    .state = state == setup_.agent_states.end()
                                 ? kUnknownState
                                 : static_cast<uint32_t>(
                                       state - setup_.agent_states.begin()),
                    .team = fact.team == 0 ? kNoTeam : fact.team,
                    .at_us = fact.at_us},
                   booker_);
}

void EngineState::ApplyForecast(const Fact& fact) {
  ForecastKey key;
  key.begin_us = fact.at_us;
  key.span_us = fact.extra->interval_s * kSecond;
  key.values.assign(kSlotTags + setup_.tag_names.size(), 0);
  key.values[kSlotChannel] = fact.channel;
  key.values[kSlotSource] = fact.source;
  key.values[kSlotTeam] = fact.team;
  key.values[kSlotAgent] = fact.agent;
  key.values[kSlotPriority] = fact.priority;
  for (const auto& [name, value] : fact.extra->tags) {
    auto slot =
        std::find(setup_.tag_names.begin(), setup_.tag_names.end(), name);
    if (slot == setup_.tag_names.end()) return;  // in no configured group
    key.values[kSlotTags +
               static_cast<size_t>(slot - setup_.tag_names.begin())] = value;
  }
  forecasts_[key] = fact.extra->volume_micro.value_or(0);
}

void EngineState::Keep(Refusal refusal) {
  if (refusals_.size() < kMaxRefusalsKept) {
    refusals_.push_back(std::move(refusal));
  }
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
