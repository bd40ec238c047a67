#include "src/kpi/booker.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <span>

#include "cckpi/calendar/opening_hours.h"

namespace cckpi {

size_t Cells::size() const {
  size_t total = 0;
  ForEachStore(*this, [&total](const auto& store) { total += store.size(); });
  return total;
}

Booker::Booker(const Plan& plan, DimensionTable& dimensions, Cells& cells,
               const std::vector<std::vector<TextId>>& severities)
    : plan_(plan),
      dimensions_(dimensions),
      cells_(cells),
      severities_(severities),
      pools_of_(plan.timeline.pools.size()),
      deadlines_of_(plan.timeline.trackers.size()) {
  for (size_t m = 0; m < plan.spans.size(); ++m) {
    const SpanMeasure& measure = plan.spans[m];
    if (measure.pool >= 0) {
      pools_of_[static_cast<size_t>(measure.pool)].push_back(m);
    } else {
      spans_of_[static_cast<size_t>(measure.kind)].push_back(m);
    }
  }
  for (size_t m = 0; m < plan.deadlines.size(); ++m) {
    deadlines_of_[static_cast<size_t>(plan.deadlines[m].tracker)].push_back(m);
  }
}

void Booker::Say(int64_t start_us, int64_t end_us, int64_t booked_us,
                 int64_t value, const char* outcome, DimensionsId dimensions,
                 int64_t sign) {
  contributions_->push_back({interaction_, episode_, start_us, end_us,
                             booked_us, value, outcome, dimensions, sign});
}

namespace {

void ChangeOpen(SpanCell& cell, int64_t start_us, int delta) {
  cell.open += delta;
  cell.open_starts += delta > 0 ? start_us : -start_us;
}

}  // namespace

void Booker::OnOpen(SpanKind kind, int64_t start_us, int64_t at_us,
                    DimensionsId dimensions, bool first, int delta) {
  for (size_t m : spans_of_[static_cast<size_t>(kind)]) {
    if (plan_.spans[m].skip_first && first) continue;
    int64_t booked = plan_.spans[m].at_start ? start_us : at_us;
    Book(cells_.spans[m], booked, dimensions,
         [=](SpanCell& cell) { ChangeOpen(cell, start_us, delta); });
    if (traced_ != nullptr && traced_->span == static_cast<int>(m)) {
      Say(start_us, kNoTime, start_us, 0, "open", dimensions, delta);
    }
  }
}

void Booker::OnOpenMove(SpanKind kind, int64_t start_us, int64_t at_us,
                        DimensionsId from, DimensionsId to, bool first) {
  for (size_t m : spans_of_[static_cast<size_t>(kind)]) {
    if (plan_.spans[m].skip_first && first) continue;
    const int64_t booked = plan_.spans[m].at_start ? start_us : at_us;
    Move(cells_.spans[m], booked, from, to,
         [=](SpanCell& cell, int sign) { ChangeOpen(cell, start_us, sign); });
    if (traced_ != nullptr && traced_->span == static_cast<int>(m)) {
      Say(start_us, kNoTime, start_us, 0, "open", from, -1);
      Say(start_us, kNoTime, start_us, 0, "open", to, 1);
    }
  }
}

void Booker::OnDone(const SpanValue& value) {
  for (size_t m : spans_of_[static_cast<size_t>(value.kind)]) {
    const SpanMeasure& measure = plan_.spans[m];
    if (!(value.by_bot ? measure.by_bot : measure.by_human) ||
        (measure.skip_first && value.first)) {
      continue;
    }
    int64_t span_us = value.values_us[measure.clock];
    int64_t booked = measure.at_start ? value.start_us : value.booked_us;
    Book(cells_.spans[m], booked, value.dimensions, [&](SpanCell& cell) {
      if (value.sign > 0) {
        cell.duration.Add(span_us);
      } else {
        cell.duration.Retract(span_us);
      }
      if (measure.within_us >= 0 && span_us <= measure.within_us) {
        cell.within += value.sign;
      }
    });
    Ranked(ContributorKind::kSpan, m, booked, value.dimensions, span_us,
           value.sign);
    if (traced_ != nullptr && traced_->span == static_cast<int>(m)) {
      Say(value.start_us, value.end_us, booked, span_us, "done",
          value.dimensions, value.sign);
    }
  }
}

void Booker::OnVoid(SpanKind kind, int64_t start_us, int64_t at_us,
                    DimensionsId dimensions, bool first, int sign) {
  for (size_t m : spans_of_[static_cast<size_t>(kind)]) {
    if (plan_.spans[m].skip_first && first) continue;
    int64_t booked = plan_.spans[m].at_start ? start_us : at_us;
    Book(cells_.spans[m], booked, dimensions,
         [&](SpanCell& cell) { cell.voided += sign; });
    if (traced_ != nullptr && traced_->span == static_cast<int>(m)) {
      Say(start_us, at_us, booked, 0, "void", dimensions, sign);
    }
  }
}

namespace {

// Where a deadline counts, and what that is called.
struct DeadlineOutcome {
  int64_t DeadlineCell::*count;
  const char* name;
};
constexpr DeadlineOutcome kDeadlineOutcomes[] = {
    // By TrackState.
    {&DeadlineCell::pending, "pending"},
    {&DeadlineCell::met, "met"},
    {&DeadlineCell::late_answered, "late_answered"},
    {&DeadlineCell::overdue, "overdue_unanswered"},
    {&DeadlineCell::voided, "void"},
};

}  // namespace

void Booker::OnDeadline(const TrackedDeadline& deadline) {
  const DeadlineOutcome& outcome =
      kDeadlineOutcomes[static_cast<size_t>(deadline.state)];
  for (size_t m : deadlines_of_[static_cast<size_t>(deadline.tracker)]) {
    bool at_deadline = plan_.deadlines[m].at_deadline;
    // A deadline that never comes is due in no bucket.
    if (at_deadline && deadline.deadline_us >= kLatestTime) continue;
    int64_t booked = at_deadline ? deadline.deadline_us : deadline.start_us;
    DimensionsId whose = at_deadline ? deadline.dimensions : deadline.replier;
    Book(cells_.deadlines[m], booked, whose,
         [count = outcome.count, sign = deadline.sign](DeadlineCell& cell) {
           cell.*count += sign;
         });
    if (traced_ != nullptr && traced_->deadline == static_cast<int>(m)) {
      Say(deadline.start_us, deadline.deadline_us, booked, 1, outcome.name,
          whose, deadline.sign);
    }
  }
}

void Booker::OnPendingMove(int tracker, int64_t start_us, int64_t deadline_us,
                           DimensionsId from, DimensionsId to) {
  for (size_t m : deadlines_of_[static_cast<size_t>(tracker)]) {
    const bool at_deadline = plan_.deadlines[m].at_deadline;
    if (at_deadline && deadline_us >= kLatestTime) continue;
    const int64_t booked = at_deadline ? deadline_us : start_us;
    Move(cells_.deadlines[m], booked, from, to,
         [](DeadlineCell& cell, int sign) { cell.pending += sign; });
    if (traced_ != nullptr && traced_->deadline == static_cast<int>(m)) {
      Say(start_us, deadline_us, booked, 1, "pending", from, -1);
      Say(start_us, deadline_us, booked, 1, "pending", to, 1);
    }
  }
}

void Booker::OnMissed(const TrackedDeadline& deadline, int64_t end_us) {
  for (size_t m : deadlines_of_[static_cast<size_t>(deadline.tracker)]) {
    const bool at_deadline = plan_.deadlines[m].at_deadline;
    Ranked(ContributorKind::kDeadline, m,
           at_deadline ? deadline.deadline_us : deadline.start_us,
           at_deadline ? deadline.dimensions : deadline.replier,
           end_us - deadline.deadline_us, deadline.sign,
           deadline.state == TrackState::kLateAnswered
               ? ContributorOutcome::kLateAnswered
               : ContributorOutcome::kOverdueUnanswered);
  }
}

void Booker::OnPooled(int pool, int64_t mean_us, int64_t open_us,
                      int64_t close_us, DimensionsId dimensions) {
  for (size_t m : pools_of_[static_cast<size_t>(pool)]) {
    const SpanMeasure& measure = plan_.spans[m];
    int64_t booked = measure.at_start ? open_us : close_us;
    Book(cells_.spans[m], booked, dimensions, [&](SpanCell& cell) {
      cell.duration.Add(mean_us);
      if (measure.within_us >= 0 && mean_us <= measure.within_us) {
        ++cell.within;
      }
    });
    Ranked(ContributorKind::kSpan, m, booked, dimensions, mean_us, 1);
    if (traced_ != nullptr && traced_->span == static_cast<int>(m)) {
      Say(open_us, close_us, booked, mean_us, "done", dimensions, 1);
    }
  }
}

void Booker::OnCount(Counter counter, int64_t at_us, DimensionsId dimensions,
                     int delta) {
  if (counter == Counter::kArrivals && plan_.keeps_forecasts) {
    cells_.arrivals.Change(BucketOf(at_us), static_cast<GroupId>(dimensions),
                           [delta](CounterCell& cell) { cell.count += delta; });
  }
  int8_t index = plan_.counter_index[static_cast<size_t>(counter)];
  if (index < 0) return;
  Book(cells_.counters[static_cast<size_t>(index)], at_us, dimensions,
       [delta](CounterCell& cell) { cell.count += delta; });
  Ranked(ContributorKind::kCounter, static_cast<size_t>(index), at_us,
         dimensions, -at_us, delta);
  if (traced_ != nullptr && traced_->counter == index) {
    Say(at_us, at_us, at_us, 1, "counted", dimensions, delta);
  }
}

void Booker::OnCountMove(Counter counter, int64_t at_us, DimensionsId from,
                         DimensionsId to) {
  const auto move = [](CounterCell& cell, int sign) { cell.count += sign; };
  if (counter == Counter::kArrivals && plan_.keeps_forecasts) {
    const int32_t bucket = BucketAt(at_us);
    cells_.arrivals.Change(bucket, static_cast<GroupId>(from),
                           [&](CounterCell& cell) { move(cell, -1); });
    cells_.arrivals.Change(bucket, static_cast<GroupId>(to),
                           [&](CounterCell& cell) { move(cell, 1); });
  }
  const int8_t index = plan_.counter_index[static_cast<size_t>(counter)];
  if (index < 0) return;
  const size_t measure = static_cast<size_t>(index);
  Move(cells_.counters[measure], at_us, from, to, move);
  Ranked(ContributorKind::kCounter, measure, at_us, from, -at_us, -1);
  Ranked(ContributorKind::kCounter, measure, at_us, to, -at_us, 1);
  if (traced_ != nullptr && traced_->counter == index) {
    Say(at_us, at_us, at_us, 1, "counted", from, -1);
    Say(at_us, at_us, at_us, 1, "counted", to, 1);
  }
}

void Booker::OnBacklog(const BacklogChange& change) {
  if (!plan_.keeps_backlog) return;
  Room* room = cells_.backlog.room();
  Book(cells_.backlog, change.at_us, change.dimensions, [&](BacklogCell& cell) {
    cell.phases[static_cast<size_t>(change.phase)] += change.delta;
    if (change.waits) cell.open_waits += change.delta;
    cell.entries.Add({change.entered_us, change.schedule}, change.delta, room);
  });
  if (traced_ != nullptr && traced_->spec.kpi == Kpi::kBacklog) {
    Say(change.entered_us, kNoTime, change.entered_us, 1, "open",
        change.dimensions, change.delta);
  }
}

void Booker::OnBacklogEdge(int64_t at_us, DimensionsId dimensions, int delta) {
  if (!plan_.keeps_backlog) return;
  Book(cells_.backlog, at_us, dimensions, [delta](BacklogCell& cell) {
    ++(delta > 0 ? cell.opened : cell.closed);
  });
}

void Booker::OnBacklogMove(const BacklogChange& from, const BacklogChange& to) {
  if (!plan_.keeps_backlog) return;
  Room* room = cells_.backlog.room();
  int32_t bucket = BucketAt(to.at_us);
  bool same_entry =
      from.entered_us == to.entered_us && from.schedule == to.schedule;
  auto leave = [&](BacklogCell& cell) {
    --cell.phases[static_cast<size_t>(from.phase)];
    if (from.waits) --cell.open_waits;
    cell.entries.Add({from.entered_us, from.schedule}, -1, room);
  };
  auto enter = [&](BacklogCell& cell) {
    ++cell.phases[static_cast<size_t>(to.phase)];
    if (to.waits) ++cell.open_waits;
    cell.entries.Add({to.entered_us, to.schedule}, 1, room);
  };
  // In a group that it stays in the entry stays too, as a rule.
  const int64_t waits = (to.waits ? 1 : 0) - (from.waits ? 1 : 0);
  auto stay = [&](BacklogCell& cell) {
    --cell.phases[static_cast<size_t>(from.phase)];
    ++cell.phases[static_cast<size_t>(to.phase)];
    cell.open_waits += waits;
  };
  std::span<const GroupId> before = dimensions_.Groups(from.dimensions);
  std::span<const GroupId> after = dimensions_.Groups(to.dimensions);
  for (size_t s = 0; s < before.size(); ++s) {
    if (before[s] == after[s] && same_entry) {
      cells_.backlog.Change(bucket, after[s], stay);
    } else {
      cells_.backlog.Change(bucket, before[s], leave);
      cells_.backlog.Change(bucket, after[s], enter);
    }
  }
  if (traced_ == nullptr || traced_->spec.kpi != Kpi::kBacklog) return;
  // Whether it waits is no part of what is explained.
  if (same_entry && from.phase == to.phase &&
      from.dimensions == to.dimensions) {
    return;
  }
  for (const BacklogChange* change : {&from, &to}) {
    Say(change->entered_us, kNoTime, change->entered_us, 1, "open",
        change->dimensions, change->delta);
  }
}

void Booker::OnContact(int contact, ContactOutcome outcome, int64_t close_us,
                       DimensionsId dimensions, int delta) {
  const char* name = "";
  Book(cells_.contacts[static_cast<size_t>(contact)], close_us, dimensions,
       [&](ContactCell& cell) {
         switch (outcome) {
           case ContactOutcome::kPending:
             cell.pending += delta;
             name = "pending";
             break;
           case ContactOutcome::kYes:
             cell.yes += delta;
             name = "yes";
             break;
           case ContactOutcome::kNo:
             cell.no += delta;
             name = "no";
             break;
           case ContactOutcome::kUnanswered:
             cell.unanswered += delta;
             name = "unanswered";
             break;
           case ContactOutcome::kNone:
             break;
         }
       });
  if (outcome == ContactOutcome::kNo) {
    Ranked(ContributorKind::kContact, static_cast<size_t>(contact), close_us,
           dimensions, -close_us, delta);
  }
  if (traced_ != nullptr && traced_->contact == contact) {
    Say(kNoTime, close_us, close_us, 1, name, dimensions, delta);
  }
}

void Booker::OnBot(BotOutcome outcome, int64_t at_us, DimensionsId dimensions,
                   int delta) {
  if (!plan_.keeps_bots) return;
  Book(cells_.bots, at_us, dimensions, [&](BotCell& cell) {
    cell.outcomes[static_cast<size_t>(outcome)] += delta;
  });
  if (outcome == BotOutcome::kHandedOff ||
      outcome == BotOutcome::kHumanTookOver ||
      outcome == BotOutcome::kAbandoned) {
    Ranked(ContributorKind::kBot, 0, at_us, dimensions, -at_us, delta,
           outcome == BotOutcome::kHandedOff ? ContributorOutcome::kHandedOff
           : outcome == BotOutcome::kAbandoned
               ? ContributorOutcome::kAbandoned
               : ContributorOutcome::kHumanTookOver);
  }
  if (traced_ != nullptr && traced_->spec.kpi == Kpi::kBotOutcome) {
    static constexpr const char* kNames[] = {"",
                                             "open",
                                             "handed_off",
                                             "human_took_over",
                                             "resolved_by_bot",
                                             "abandoned_in_bot"};
    Say(at_us, kNoTime, at_us, 1, kNames[static_cast<size_t>(outcome)],
        dimensions, delta);
  }
}

namespace {

// Responses with more errors than this rank alike.
constexpr int64_t kMostErrors = int64_t{1} << 60;

}  // namespace

void Booker::OnReview(const Review& review) {
  for (size_t m = 0; m < plan_.reviews.size(); ++m) {
    const std::vector<TextId>& chosen = severities_[m];
    int64_t errors = 0;
    for (const auto& [severity, count] : review.errors) {
      if (count > 0 &&
          (chosen.empty() ||
           std::find(chosen.begin(), chosen.end(), severity) != chosen.end())) {
        errors = std::min(errors + std::min(count, kMostErrors), kMostErrors);
      }
    }
    const bool wrong = errors > 0;
    Book(cells_.reviews[m], review.at_us, review.dimensions,
         [&](ReviewCell& cell) {
           cell.reviewed += review.sign;
           if (!wrong) cell.without_errors += review.sign;
         });
    if (wrong) {
      Ranked(ContributorKind::kReview, m, review.at_us, review.dimensions,
             errors, review.sign);
    }
    if (traced_ != nullptr && traced_->review == static_cast<int>(m)) {
      Say(review.at_us, review.at_us, review.at_us, 1,
          wrong ? "with_errors" : "without_errors", review.dimensions,
          review.sign);
    }
  }
}

void Booker::OnSurvey(const Survey& survey) {
  if (!plan_.keeps_surveys) return;
  bool top = survey.score_micro >= survey.scale_micro;
  Book(cells_.surveys, survey.at_us, survey.dimensions, [&](SurveyCell& cell) {
    cell.count += survey.sign;
    if (top) cell.top_box += survey.sign;
    cell.sum_micro += absl::int128(survey.score_micro) * survey.sign;
  });
  Ranked(ContributorKind::kSurvey, 0, survey.at_us, survey.dimensions,
         -survey.score_micro, survey.sign);
  if (traced_ != nullptr && traced_->spec.kpi == Kpi::kSatisfaction) {
    Say(survey.at_us, survey.at_us, survey.at_us, survey.score_micro,
        top ? "top_box" : "below_top", survey.dimensions, survey.sign);
  }
}

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

void Booker::OnLoad(TextId agent, uint8_t bits, int64_t at_us,
                    DimensionsId dimensions) {
  if (agents_ == nullptr) return;
  DimensionsId own = dimensions_.With(dimensions, kSlotAgent, agent);
  if (facts_ != nullptr) {
    facts_->Add(agent, {.at_us = at_us,
                        .kind = AgentFact::Kind::kLoad,
                        .bits = bits,
                        .interaction = interaction_,
                        .episode = episode_,
                        .dimensions = own});
    return;
  }
  agents_->SetLoad({.agent = agent,
                    .episode = EpisodeKey(interaction_, episode_),
                    .bits = bits,
                    .group = static_cast<uint32_t>(own),
                    .at_us = at_us},
                   *this);
}

void Booker::OnFocus(TextId agent, int64_t at_us) {
  if (agents_ == nullptr) return;
  if (facts_ != nullptr) {
    facts_->Add(agent, {.at_us = at_us,
                        .kind = AgentFact::Kind::kFocus,
                        .interaction = interaction_,
                        .episode = episode_});
    return;
  }
  agents_->Focus({.agent = agent,
                  .episode = EpisodeKey(interaction_, episode_),
                  .at_us = at_us},
                 *this);
}

void Booker::OnReply(TextId agent, bool of_another, int64_t at_us) {
  if (agents_ == nullptr) return;
  if (facts_ != nullptr) {
    facts_->Add(agent, {.at_us = at_us,
                        .kind = AgentFact::Kind::kReply,
                        .bits = static_cast<uint8_t>(of_another ? 1 : 0),
                        .interaction = interaction_,
                        .episode = episode_});
    return;
  }
  agents_->Reply({.agent = agent,
                  .episode = EpisodeKey(interaction_, episode_),
                  .of_another = of_another,
                  .at_us = at_us},
                 *this);
}

void Booker::OnHandlingEnd(TextId agent, bool responded, int64_t at_us,
                           DimensionsId dimensions) {
  if (agents_ == nullptr) return;
  if (facts_ != nullptr) {
    facts_->Add(agent, {.at_us = at_us,
                        .kind = AgentFact::Kind::kEnd,
                        .bits = static_cast<uint8_t>(responded ? 1 : 0),
                        .interaction = interaction_,
                        .episode = episode_,
                        .dimensions = dimensions});
    return;
  }
  HandleTime time =
      agents_->EndHandling({.agent = agent,
                            .episode = EpisodeKey(interaction_, episode_),
                            .at_us = at_us},
                           *this);
  BookHandling(time, responded, at_us, dimensions);
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
      About(fact.interaction, fact.episode);
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
  // Nobody knows when he was there.
  if (interval.presence == AgentPresence::kUnreported) return;
  const AgentInterval* booked = &interval;
  // Away: all that counts is what occupies him meanwhile.
  std::optional<AgentInterval> away;
  if (interval.presence == AgentPresence::kOffline) {
    away = interval;
    away->state = kUnknownState;
    away->classes = 0;
    booked = &*away;
  }
  if (booked->state == kUnknownState && booked->levels == AgentLevels()) return;
  cells_.agents.ChangeAll(
      interval.bucket,
      dimensions_.Groups(OfAgent(interval.agent, interval.team)),
      [&](AgentTimeCell& cell) {
        cell.Add(*booked, capacity_, plan_.kept_levels);
      });
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
