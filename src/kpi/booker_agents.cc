// What Booker does with facts of agents, and what their timeline makes of them.

#include <algorithm>
#include <utility>

#include "src/kpi/booker.h"

namespace cckpi {
namespace {

uint64_t EpisodeKey(InteractionId interaction, uint32_t episode) {
  return static_cast<uint64_t>(interaction) << 32 | episode;
}

int64_t Allocated(const HandleMeasure& measure, const HandleTime& time) {
  size_t load = static_cast<size_t>(measure.load);
  return measure.allocation == Allocation::kShare ? time.share_us[load]
                                                  : time.elapsed_us[load];
}

}  // namespace

void Booker::AddFact(TextId agent, const AgentFact& fact) {
  if (facts_ != nullptr) {
    facts_->Add(agent, fact);
    return;
  }
  if (later_facts_.size() >= most_later_) ApplyFacts();
  MakeRoom(later_facts_);
  later_facts_.push_back({agent, fact});
}

void Booker::ApplyFacts() {
  const InteractionId interaction = interaction_;
  const uint32_t episode = episode_;
  constexpr size_t kAhead = 6;
  const size_t count = later_facts_.size();
  // Calls f(agent, episode) of the nth, where it is about one.
  const auto of_episode = [&](size_t n, auto f) {
    if (n >= count) return;
    const auto& [agent, fact] = later_facts_[n];
    if (fact.kind == AgentFact::Kind::kState) return;
    f(agent, EpisodeKey(fact.interaction, fact.episode));
  };
  for (size_t n = 0; n < count; ++n) {
    if (n + 3 * kAhead < count) {
      agents_->PrefetchAgent(later_facts_[n + 3 * kAhead].agent);
    }
    of_episode(n + 2 * kAhead, [this](TextId agent, uint64_t which) {
      agents_->PrefetchEpisodePlace(agent, which);
    });
    of_episode(n + kAhead, [this](TextId agent, uint64_t which) {
      agents_->PrefetchEpisode(agent, which);
    });
    ReplayOne(later_facts_[n].agent, later_facts_[n].fact);
  }
  later_facts_.clear();
  About(interaction, episode);
}

void Booker::OnState(TextId agent, uint32_t state, TextId team, int64_t at_us) {
  if (agents_ == nullptr) return;
  AddFact(agent, {.at_us = at_us,
                  .kind = AgentFact::Kind::kState,
                  .state = state,
                  .team = team});
}

void Booker::OnLoad(TextId agent, uint8_t bits, int64_t at_us,
                    DimensionsId dimensions) {
  if (agents_ == nullptr) return;
  AddFact(agent,
          {.at_us = at_us,
           .kind = AgentFact::Kind::kLoad,
           .bits = bits,
           .interaction = interaction_,
           .episode = episode_,
           .dimensions = dimensions_.With(dimensions, kSlotAgent, agent)});
}

void Booker::OnFocus(TextId agent, int64_t at_us) {
  if (agents_ == nullptr) return;
  AddFact(agent, {.at_us = at_us,
                  .kind = AgentFact::Kind::kFocus,
                  .interaction = interaction_,
                  .episode = episode_});
}

void Booker::OnReply(TextId agent, bool of_another, int64_t at_us) {
  if (agents_ == nullptr) return;
  AddFact(agent, {.at_us = at_us,
                  .kind = AgentFact::Kind::kReply,
                  .bits = static_cast<uint8_t>(of_another ? 1 : 0),
                  .interaction = interaction_,
                  .episode = episode_});
}

void Booker::OnHandlingEnd(TextId agent, bool responded, int64_t at_us,
                           DimensionsId dimensions) {
  if (agents_ == nullptr) return;
  AddFact(agent, {.at_us = at_us,
                  .kind = AgentFact::Kind::kEnd,
                  .bits = static_cast<uint8_t>(responded ? 1 : 0),
                  .interaction = interaction_,
                  .episode = episode_,
                  .dimensions = dimensions});
}

void Booker::BookHandling(const HandleTime& time, bool responded, int64_t at_us,
                          DimensionsId dimensions) {
  for (size_t m = 0; m < plan_.handles.size(); ++m) {
    int64_t value = Allocated(plan_.handles[m], time);
    if (value == 0 && !responded) continue;
    const bool within = value <= plan_.handles[m].within_us;
    Book(cells_.handles[m], at_us, dimensions, [value, within](SpanCell& cell) {
      cell.duration.Add(value);
      if (within) ++cell.within;
    });
    Ranked(ContributorKind::kHandle, m, at_us, dimensions, value, 1);
    if (traced_ != nullptr && traced_->handle == static_cast<int>(m)) {
      Say(kNoTime, at_us, at_us, value, "done", dimensions, 1);
    }
  }
}

void Booker::ReplayOne(TextId agent, const AgentFact& fact) {
  const uint64_t episode = EpisodeKey(fact.interaction, fact.episode);
  About(fact.interaction, fact.episode);
  switch (fact.kind) {
    case AgentFact::Kind::kState:
      agents_->SetState({.agent = agent,
                         .state = fact.state,
                         .team = fact.team == 0 ? kNoTeam : fact.team,
                         .at_us = fact.at_us},
                        *this);
      break;
    case AgentFact::Kind::kLoad:
      agents_->SetLoad({.agent = agent,
                        .episode = episode,
                        .bits = fact.bits,
                        .group = static_cast<uint32_t>(fact.dimensions),
                        .at_us = fact.at_us},
                       *this);
      break;
    case AgentFact::Kind::kFocus:
      agents_->Focus({.agent = agent, .episode = episode, .at_us = fact.at_us},
                     *this);
      break;
    case AgentFact::Kind::kReply:
      agents_->Reply({.agent = agent,
                      .episode = episode,
                      .of_another = fact.bits != 0,
                      .at_us = fact.at_us},
                     *this);
      break;
    case AgentFact::Kind::kEnd:
      BookHandling(
          agents_->EndHandling(
              {.agent = agent, .episode = episode, .at_us = fact.at_us}, *this),
          fact.bits != 0, fact.at_us, fact.dimensions);
      break;
  }
}

// Agents do not depend on each other, but cells are found fastest among the
// latest buckets: all agents go through a few hours together.
void Booker::Replay(std::vector<FactsOfAgent> agents) {
  while (true) {
    std::erase_if(agents, [](const FactsOfAgent& one) { return one.ended(); });
    if (agents.empty()) return;
    int64_t begin_us = kLatestTime;
    for (const FactsOfAgent& one : agents) {
      begin_us = std::min(begin_us, one.at_us());
    }
    const int64_t end_us = begin_us + 16 * kBucketSpan;
    for (FactsOfAgent& one : agents) {
      while (!one.ended() && one.at_us() < end_us) {
        ReplayOne(one.agent(), one.Take());
      }
    }
  }
}

DimensionsId Booker::FindAgent(uint32_t agent, uint32_t team) {
  if (agent >= of_agent_.size()) of_agent_.resize(agent + agent / 2 + 16);
  DimensionsId of_team = dimensions_.With(DimensionsId::kNone, kSlotTeam, team);
  DimensionsId known = dimensions_.With(of_team, kSlotAgent, agent);
  of_agent_[agent] = {team, known};
  return known;
}

void Booker::AddInterval(const AgentInterval& interval) {
  AddIntervals(interval, 1);
}

void Booker::AddIntervals(const AgentInterval& interval, int64_t buckets) {
  // Nobody knows when he was there.
  if (interval.presence == AgentPresence::kUnreported) return;
  AgentInterval booked = interval;
  // Away: all that counts is what occupies him meanwhile.
  if (interval.presence == AgentPresence::kOffline) {
    booked.state = kUnknownState;
    booked.classes = 0;
  }
  if (booked.state == kUnknownState && booked.levels == AgentLevels()) return;
  const bool fills_bucket =
      booked.end_us - booked.begin_us == kBucketSpan && !booked.visit;
  if (fills_bucket && stretch_.last == booked.bucket - 1) {
    // But for the instants the same?
    AgentInterval before = stretch_.interval;
    before.bucket = booked.bucket;
    before.begin_us = booked.begin_us;
    before.end_us = booked.end_us;
    if (before == booked) {
      stretch_.last += static_cast<int32_t>(buckets);
      return;
    }
  }
  EndStretch();
  if (fills_bucket) {
    stretch_ = {booked, booked.bucket + static_cast<int32_t>(buckets) - 1};
  } else {
    BookInterval(booked);
  }
}

void Booker::BookInterval(const AgentInterval& interval) {
  cells_.agents.ChangeAll(
      interval.bucket,
      dimensions_.Groups(OfAgent(interval.agent, interval.team)),
      [&](AgentTimeCell& cell) {
        cell.Add(interval, capacity_, plan_.kept_levels);
      });
}

void Booker::EndStretch() {
  AgentInterval& interval = stretch_.interval;
  const int32_t last = std::exchange(stretch_.last, -1);
  if (last - interval.bucket >= kLongRun) {
    cells_.agents.ChangeRun(
        interval.bucket, last,
        dimensions_.Groups(OfAgent(interval.agent, interval.team)),
        [&](AgentTimeCell& cell) {
          cell.Add(interval, capacity_, plan_.kept_levels);
        });
    return;
  }
  for (; interval.bucket <= last; ++interval.bucket) BookInterval(interval);
}

template <typename What>
void Booker::Doubt(const char* check, InteractionId interaction,
                   const What& what) {
  if (traced_ == nullptr || traced_->spec.kpi != Kpi::kDataQuality) return;
  contributions_->push_back({interaction,
                             interaction == InteractionId::kNone ? 0 : episode_,
                             what.at_us, kNoTime, what.at_us, 1, check,
                             OfAgent(what.agent, what.team), 1});
}

void Booker::AddAssignment(const AgentAssignment& assignment) {
  Book(cells_.agents, assignment.at_us,
       OfAgent(assignment.agent, assignment.team),
       [&](AgentTimeCell& cell) { cell.Add(assignment, plan_.kept_levels); });
  switch (assignment.presence) {
    case AgentPresence::kUnavailable:
      return Doubt("assigned_while_unavailable", interaction_, assignment);
    case AgentPresence::kOffline:
      return Doubt("assigned_while_offline", interaction_, assignment);
    case AgentPresence::kUnknown:
      return Doubt("assigned_while_unknown", interaction_, assignment);
    default:
      return;
  }
}

void Booker::AddAnomaly(const AgentAnomaly& anomaly) {
  Book(cells_.agents, anomaly.at_us, OfAgent(anomaly.agent, anomaly.team),
       [&](AgentTimeCell& cell) { cell.Add(anomaly); });
  switch (anomaly.kind) {
    case AgentAnomalyKind::kReplyUnavailable:
      return Doubt("replied_while_unavailable", interaction_, anomaly);
    case AgentAnomalyKind::kReplyOffline:
      return Doubt("replied_while_offline", interaction_, anomaly);
    case AgentAnomalyKind::kReplyUnknown:
      return Doubt("replied_while_unknown", interaction_, anomaly);
    case AgentAnomalyKind::kReplyUnassigned:
      return Doubt("replied_unassigned", interaction_, anomaly);
    case AgentAnomalyKind::kStateReplaced:
      return Doubt("state_replaced", InteractionId::kNone, anomaly);
    case AgentAnomalyKind::kStateExpired:
      return Doubt("state_expired", InteractionId::kNone, anomaly);
    case AgentAnomalyKind::kStateLong:
      return Doubt("state_long", InteractionId::kNone, anomaly);
    case AgentAnomalyKind::kTeamChanged:
      return Doubt("team_changed", InteractionId::kNone, anomaly);
  }
}

void Booker::AddHandling(const HandlingSlice& slice) {
  for (size_t m = 0; m < plan_.handles.size(); ++m) {
    int64_t value = Allocated(plan_.handles[m], slice.time);
    if (value == 0) continue;
    Book(cells_.handles[m], BucketBegin(slice.bucket),
         static_cast<DimensionsId>(slice.group),
         [value](SpanCell& cell) { cell.sliced += value; });
  }
}

}  // namespace cckpi
