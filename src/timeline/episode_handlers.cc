// What each kind of event does to an interaction.

#include <algorithm>
#include <utility>

#include "src/timeline/episode_machine.h"

namespace cckpi {

void EpisodeMachine::Handle(const Fact& fact, Interaction& i,
                            DimensionsId before) {
  switch (fact.kind) {
    case EventKind::kCustomerMessage:
      return OnCustomerMessage(fact, i);
    case EventKind::kBotMessage:
      return OnBotMessage(fact, i);
    case EventKind::kBotHandoff:
      return OnHandoff(fact, i);
    case EventKind::kQueued:
      return OnQueued(fact, i, before);
    case EventKind::kAssigned:
    case EventKind::kAccepted:
      return OnAssigned(fact, i);
    case EventKind::kAgentMessage:
      return OnAgentMessage(fact, i);
    case EventKind::kUnassigned:
      return OnUnassigned(fact, i);
    case EventKind::kHold:
      if (i.open()) i.set(kOnHold);
      return;
    case EventKind::kResumed:
      return i.set(kOnHold, false);
    case EventKind::kNoReplyNeeded:
      return OnNoReplyNeeded(fact, i);
    case EventKind::kResolved:
    case EventKind::kAutoClosed: {
      if (!i.open()) return;
      Actor by = fact.by;
      if (by == Actor::kUnset) {
        by = fact.agent != 0 ? Actor::kAgent : Actor::kSystem;
      }
      TextId resolver = fact.agent != 0     ? fact.agent
                        : by == Actor::kBot ? 0
                                            : i.owner;
      return CloseEpisode(i, fact.at_us, resolver,
                          fact.kind == EventKind::kAutoClosed);
    }
    case EventKind::kReopened:
      if (!i.open()) OpenEpisode(i, fact.at_us, kReopening);
      return;
    case EventKind::kDiscarded:
      return OnDiscarded(fact, i);
    case EventKind::kFocus:
      if (i.open()) i.MakeRare().focus_agent = fact.agent;
      return;
    case EventKind::kBlur:
      if (i.rare && i.rare->focus_agent == fact.agent) {
        i.rare->focus_agent = 0;
      }
      return;
    case EventKind::kReviewed:
      return OnReviewed(fact, i);
    case EventKind::kSurveyed:
      return OnSurveyed(fact, i);
    case EventKind::kPriorityChanged:  // sticks, which is all it does
    case EventKind::kAgentState:       // not of an interaction
    case EventKind::kForecast:
      return;
  }
}

void EpisodeMachine::OpenEpisode(Interaction& i, int64_t at_us,
                                 uint32_t opening) {
  Pooled<EpisodeEnd> left;
  if (i.episode > 0) {
    EpisodeEnd& end = left.GetOrCreate(i.booked.pool());
    end.resolver = i.booked.resolver();
    end.contact_expires_us = i.booked.contact_expires_us();
    i.MakeRare().past.push_back(std::move(i.booked));
  }
  const EpisodeBookings fresh;
  i.booked = fresh;
  i.booked.open_us = at_us;
  i.booked.end = std::move(left);
  i.booked.trackers.resize(plan_.trackers.size());
  ++i.episode;
  observer_.About(current_, i.episode);
  i.state = InteractionState::kOpen;
  i.flags = (i.flags & kBeforeEpisode) | opening;
  if (i.has(kWasQueued | kWasAssigned)) i.set(kHumanSide);
  i.wait_us = kNoTime;
  i.last_message_us = at_us;
  i.last_human_us = kNoTime;
  // A `queued` that is remembered holds from the opening on.
  i.queue_us = i.has(kWasQueued) ? at_us : kNoTime;
  i.last_sender = 0;
  i.first_loaded = 0;
  if (i.rare) {
    i.rare->handled.clear();
    i.rare->loaded.clear();
    i.rare->spent.clear();
    i.rare->pools.clear();
    i.rare->human_only_wait_us = kNoTime;
    i.rare->first_agent_us = kNoTime;
    i.rare->focus_agent = 0;
  }
  if (i.rare && !follows_levels_) {
    i.rare->phases.clear();
    i.rare->phase_sums.clear();
  }
  if (follows_levels_ && i.episode == 1) {
    i.MakeRare().first_open_us = at_us;
  }
  i.booked.arrival_dimensions = i.dimensions;
  if (i.episode > 1) {
    CountFor(Counter::kReopened, i, i.booked.resolver(), at_us);
  }
  if ((opening & kOutbound) == 0) Enter(i, at_us);
}

// The episode becomes one that customers know of: from here on it is in the
// backlog, and a repeat contact of what was closed before.
void EpisodeMachine::Enter(Interaction& i, int64_t at_us) {
  i.set(kEntered);
  if (i.booked.bot != BotOutcome::kNone) {
    observer_.OnBot(i.booked.bot, i.booked.open_us, i.booked.arrival_dimensions,
                    -1);
    observer_.OnBot(i.booked.bot, i.booked.open_us, i.dimensions, 1);
  }
  i.booked.arrival_dimensions = i.dimensions;
  Count(Counter::kArrivals, at_us, i.dimensions);
  if (!i.entered_before) {
    Count(Counter::kArrivedInteractions, at_us, i.dimensions);
  }
  Arm(i, Stage::kResolution, kAllTrackers, at_us);
  RepeatContact(i, {i.customer, InteractionId::kNone}, at_us);
  RepeatContact(i, {CustomerId::kNone, current_}, at_us);
}

// The customer's first message of the episode, or what stands for it.
void EpisodeMachine::Contact(Interaction& i, int64_t at_us) {
  i.booked.contact_us = at_us;
  i.booked.human_start_us = at_us;
  if (!i.has(kEntered)) Enter(i, at_us);
  Arm(i, Stage::kFirst, kAnyTrackers, at_us);
  if (!i.has(kInBot)) Arm(i, Stage::kFirst, kHumanTrackers, at_us);
}

void EpisodeMachine::OpenWait(Interaction& i, int64_t at_us, bool human) {
  if (i.wait_us == kNoTime) {
    i.wait_us = at_us;
    i.set(kWaitIsHuman, human);
    Arm(i, Stage::kEvery, kAllTrackers, at_us);
  } else if (human && !i.has(kWaitIsHuman)) {
    Withdraw(i, Stage::kEvery, kAllTrackers);
    i.wait_us = at_us;
    i.set(kWaitIsHuman);
    Arm(i, Stage::kEvery, kAllTrackers, at_us);
  }
  if (plan_.follows(SpanKind::kWaitHumanOnly)) {
    Rare& rare = i.MakeRare();
    if (rare.human_only_wait_us == kNoTime) rare.human_only_wait_us = at_us;
  }
}

void EpisodeMachine::CloseWait(Interaction& i, int64_t at_us, bool by_bot,
                               TextId sender) {
  auto pool = [&](bool human_only, bool first) {
    for (size_t p = 0; p < plan_.pools.size(); ++p) {
      const PoolSpec& spec = plan_.pools[p];
      if (spec.human_only != human_only || (spec.skip_first && first) ||
          !(by_bot ? spec.by_bot : spec.by_human)) {
        continue;
      }
      SpareList<PoolState>& pools = i.MakeRare().pools;
      pools.resize(plan_.pools.size());
      pools[p].sum_us += values_[spec.clock];
      ++pools[p].count;
    }
  };
  if (!by_bot && plan_.follows(SpanKind::kWaitHumanOnly) && i.rare &&
      i.rare->human_only_wait_us != kNoTime) {
    bool first = !i.has(kHumanOnlyWaited);
    Done(i, SpanKind::kWaitHumanOnly, i.rare->human_only_wait_us, at_us, at_us,
         sender, by_bot, first);
    pool(true, first);
    i.set(kHumanOnlyWaited);
    i.rare->human_only_wait_us = kNoTime;
  }
  if (i.wait_us == kNoTime || (by_bot && i.has(kWaitIsHuman))) return;
  bool first = !i.has(kWaited);
  Done(i, SpanKind::kWait, i.wait_us, at_us, at_us, sender, by_bot, first);
  pool(false, first);
  i.set(kWaited);
  if (!by_bot && sender == i.owner && i.has(kExplicitOwner)) {
    Done(i, SpanKind::kAssignToReply, std::max(i.assigned_us, i.wait_us), at_us,
         at_us, sender);
  } else {
    VoidAssignment(i, at_us);
  }
  Answer(i, Stage::kEvery, by_bot ? kAnyTrackers : kAllTrackers, at_us, sender);
  if (by_bot) Withdraw(i, Stage::kEvery, kHumanTrackers);
  i.wait_us = kNoTime;
  i.set(kWaitIsHuman, false);
}

// `closed`: by a close, not by `no_reply_needed`.
void EpisodeMachine::VoidWaits(Interaction& i, int64_t at_us, bool closed) {
  if (i.wait_us != kNoTime) {
    VoidAssignment(i, at_us);
    Void(i, SpanKind::kWait, i.wait_us, at_us);
    VoidTrackers(i, Stage::kEvery, at_us, closed);
    i.wait_us = kNoTime;
    i.set(kWaitIsHuman, false);
    i.set(kWaited);
  }
  if (i.rare && i.rare->human_only_wait_us != kNoTime) {
    Void(i, SpanKind::kWaitHumanOnly, i.rare->human_only_wait_us, at_us);
    i.rare->human_only_wait_us = kNoTime;
    i.set(kHumanOnlyWaited);
  }
}

// People have the episode now. A human clock that the bot had suspended runs
// again (a hand-off then starts it anew).
void EpisodeMachine::LeaveBot(Interaction& i, int64_t at_us) {
  i.set(kHumanSide);
  if (i.booked.bot == BotOutcome::kOpen) {
    SetBot(i, BotOutcome::kHumanTookOver);
  }
  if (!i.has(kInBot)) return;
  i.set(kInBot, false);
  if (i.booked.contact_us != kNoTime && !i.has(kFirstHumanDone)) {
    Arm(i, Stage::kFirst, kHumanTrackers, at_us);
  }
}

// The owner's pair of assignment and wait ends without his response.
void EpisodeMachine::VoidAssignment(Interaction& i, int64_t at_us) {
  if (i.open() && i.wait_us != kNoTime && i.has(kExplicitOwner)) {
    Void(i, SpanKind::kAssignToReply, std::max(i.assigned_us, i.wait_us),
         at_us);
  }
}

void EpisodeMachine::EndOwnership(Interaction& i, int64_t at_us) {
  if (i.owner != 0 && i.open() && i.has(kExplicitOwner) &&
      !i.has(kOwnerReplied)) {
    CountFor(Counter::kUntouched, i, i.owner, at_us);
    Void(i, SpanKind::kAssignToFirstReply,
         std::max(i.assigned_us, i.booked.open_us), at_us);
  }
  VoidAssignment(i, at_us);
  i.owner = 0;
  i.set(kExplicitOwner | kOwnerReplied, false);
}

void EpisodeMachine::OnCustomerMessage(const Fact& fact, Interaction& i) {
  int64_t at = fact.at_us;
  if ((fact.flags & kReaction) == 0) {
    Count(Counter::kCustomerMessages, at, i.dimensions);
  }
  if ((fact.flags & (kReaction | kAutomated | kCampaign)) != 0) return;
  if (!i.open()) OpenEpisode(i, at, 0);
  Count(Counter::kCustomerContacts, at, i.dimensions);
  i.last_message_us = at;
  i.set(kLastByCustomer);
  i.set(kLastByAgent | kInRun, false);
  if (i.has(kAwaitsCustomer)) {
    Done(i, SpanKind::kCustomerRun, i.last_human_us, at, at, i.last_sender);
    i.set(kAwaitsCustomer, false);
  }
  if (i.booked.contact_us == kNoTime) Contact(i, at);
  OpenWait(i, at, /*human=*/false);
}

void EpisodeMachine::OnBotMessage(const Fact& fact, Interaction& i) {
  int64_t at = fact.at_us;
  if ((fact.flags & (kPrivate | kReaction)) == 0) {
    Count(Counter::kBotMessages, at, i.dimensions);
  }
  if ((fact.flags & (kPrivate | kCampaign | kReaction)) != 0 || !i.open()) {
    return;
  }
  i.last_message_us = at;
  i.set(kLastByCustomer | kLastByAgent, false);
  if (i.has(kEntered)) i.set(kBotSpoke);
  if (i.booked.bot == BotOutcome::kNone) {
    SetBot(i,
           i.has(kHumanSide) ? BotOutcome::kHumanTookOver : BotOutcome::kOpen);
  }
  if (!i.has(kHumanSide) && !i.has(kInBot)) {
    Withdraw(i, Stage::kFirst, kHumanTrackers);
    i.set(kInBot);
  }
  if (i.booked.contact_us != kNoTime) {
    if (!i.has(kFirstAnyDone)) {
      Done(i, SpanKind::kFirstAny, i.booked.contact_us, at, at, 0, true);
      Answer(i, Stage::kFirst, kAnyTrackers, at, 0);
    }
    if (!i.has(kFirstBotDone)) {
      Done(i, SpanKind::kFirstBot, i.booked.contact_us, at, at, 0, true);
    }
    i.set(kFirstAnyDone | kFirstBotDone);
  }
  CloseWait(i, at, /*by_bot=*/true, 0);
}

void EpisodeMachine::OnHandoff(const Fact& fact, Interaction& i) {
  int64_t at = fact.at_us;
  if (!i.open()) OpenEpisode(i, at, 0);
  SetBot(i, BotOutcome::kHandedOff);
  i.set(kHumanSide);
  i.set(kInBot, false);
  if (i.queue_us == kNoTime) i.queue_us = at;
  bool first = !i.has(kHandedOff);
  i.set(kHandedOff);
  if (i.booked.contact_us == kNoTime) {
    Contact(i, at);
  } else if (first && !i.has(kHumanSpoke)) {
    Withdraw(i, Stage::kFirst, kHumanTrackers);
    i.booked.human_start_us = at;
    Arm(i, Stage::kFirst, kHumanTrackers, at);
  }
  OpenWait(i, at, /*human=*/true);
}

void EpisodeMachine::OnQueued(const Fact& fact, Interaction& i,
                              DimensionsId before) {
  if (i.open()) {
    // Who gave it away: the team and the owner before.
    DimensionTable& table = state_.dimensions;
    DimensionsId from =
        table.With(i.dimensions, kSlotTeam, table.Value(before, kSlotTeam));
    from = table.With(from, kSlotAgent, table.Value(before, kSlotAgent));
    if (i.has(kWasQueued | kWasAssigned)) {
      Count(Counter::kTransferred, fact.at_us, from);
      i.set(kTransferredOnce);
    }
    if (i.queue_us == kNoTime) i.queue_us = fact.at_us;
    i.dimensions = from;
  }
  EndOwnership(i, fact.at_us);
  i.set(kWasQueued);
  Redimension(i);
  Reschedule(i, fact.at_us);
  if (i.open()) LeaveBot(i, fact.at_us);
}

void EpisodeMachine::AnswerSpan(Interaction& i, AnswerEnd end, int64_t at_us,
                                TextId agent) {
  uint32_t flag = kAnswerReplied << static_cast<unsigned>(end);
  if (i.has(flag) || !i.has(kEntered)) return;
  int64_t start = AnswerStart(i);
  if (start == kNoTime) return;
  i.set(flag);
  Done(i, AnswerKind(end), start, at_us, at_us, agent);
}

int64_t EpisodeMachine::AnswerStart(const Interaction& i) const {
  if (i.queue_us == kNoTime) return i.booked.contact_us;
  return i.has(kOutbound) ? std::max(i.queue_us, i.booked.contact_us)
                          : i.queue_us;
}

void EpisodeMachine::OnAssigned(const Fact& fact, Interaction& i) {
  if (i.owner != fact.agent || !i.has(kExplicitOwner)) {
    EndOwnership(i, fact.at_us);
    i.owner = fact.agent;
    i.assigned_us = fact.at_us;
    i.set(kExplicitOwner);
  }
  i.set(kWasAssigned);
  i.dimensions = Credited(i, i.owner);
  if (!i.open()) return;
  LeaveBot(i, fact.at_us);
  AnswerSpan(i,
             fact.kind == EventKind::kAssigned ? AnswerEnd::kAssigned
                                               : AnswerEnd::kAccepted,
             fact.at_us, fact.agent);
}

void EpisodeMachine::OnUnassigned(const Fact& fact, Interaction& i) {
  EndOwnership(i, fact.at_us);
  i.dimensions = Credited(i, i.owner);
}

void EpisodeMachine::OnAgentMessage(const Fact& fact, Interaction& i) {
  int64_t at = fact.at_us;
  TextId sender = fact.agent;
  if ((fact.flags & (kPrivate | kReaction)) == 0) {
    CountFor(Counter::kAgentMessages, i, sender, at);
  }
  if (!IsHumanResponse(fact.flags)) return;
  if (!i.open()) OpenEpisode(i, at, kOutbound);
  LeaveBot(i, at);
  if (i.owner == 0 && sender != 0) {
    i.owner = sender;
    i.assigned_us = at;
    i.dimensions = Credited(i, i.owner);
  }
  CountFor(Counter::kEligible, i, sender, at);
  if (plan_.follows_reviews && fact.message() != 0) {
    MayBeReviewed(fact, Credited(i, sender));
  }
  if (i.booked.contact_us != kNoTime) {
    if (!i.has(kFirstHumanDone)) {
      Done(i, SpanKind::kFirstHuman, i.booked.human_start_us, at, at, sender);
      Answer(i, Stage::kFirst, kHumanTrackers, at, sender);
    }
    if (!i.has(kFirstAnyDone)) {
      Done(i, SpanKind::kFirstAny, i.booked.contact_us, at, at, sender);
      Answer(i, Stage::kFirst, kAnyTrackers, at, sender);
    }
    i.set(kFirstHumanDone | kFirstAnyDone);
  }
  if (i.has(kEntered) && !i.has(kAnsweredOnce)) {
    CountFor(Counter::kAnswered, i, sender, at);
    i.set(kAnsweredOnce);
  }
  AnswerSpan(i, AnswerEnd::kReply, at, sender);
  CloseWait(i, at, /*by_bot=*/false, sender);
  if (plan_.follows_handled && sender != i.last_sender) {
    // The latest sender is known by itself; the ones before are listed.
    if (i.last_sender != 0) i.MakeRare().handled.Insert(i.last_sender);
    if (sender != 0 && !(i.rare && i.rare->handled.contains(sender))) {
      CountFor(Counter::kHandled, i, sender, at);
    }
  }
  if (i.has(kHumanSpoke) && !i.has(kInRun)) i.set(kSecondRun);
  if (follows_first_agent_) {
    Rare& rare = i.MakeRare();
    if (rare.first_agent_us == kNoTime) rare.first_agent_us = at;
  }
  if (sender == i.owner) {
    if (i.has(kExplicitOwner) && !i.has(kOwnerReplied)) {
      Done(i, SpanKind::kAssignToFirstReply,
           std::max(i.assigned_us, i.booked.open_us), at, at, sender);
    }
    i.set(kOwnerReplied);
  }
  i.set(kHumanSpoke | kInRun | kAwaitsCustomer | kLastByAgent);
  i.set(kLastByCustomer, false);
  i.last_human_us = at;
  i.last_sender = sender;
  i.last_message_us = at;
}

void EpisodeMachine::OnNoReplyNeeded(const Fact& fact, Interaction& i) {
  if (i.open()) VoidWaits(i, fact.at_us, /*closed=*/false);
}

namespace {

Review Of(const ReviewedResponse& response, int sign) {
  Review review{response.at_us, response.dimensions, {}, sign};
  if (response.errors) review.errors = *response.errors;
  return review;
}

}  // namespace

// A human response that has a message id.
void EpisodeMachine::MayBeReviewed(const Fact& fact, DimensionsId author) {
  ResponseKey key{current_, fact.message()};
  const ReviewedResponse* known =
      state_.reviews.Find(key, plan_.oldest_reviewed_us(fact.at_us));
  if (known != nullptr && known->known) return;
  ReviewedResponse response;
  // A review that came before its response moves to it.
  if (known != nullptr) {
    response.reviewed = known->reviewed;
    response.at_us = known->at_us;
    response.dimensions = known->dimensions;
    if (known->errors) {
      response.errors.GetOrCreate(&state_.spares) = *known->errors;
    }
  }
  if (response.reviewed) observer_.OnReview(Of(response, -1));
  response.at_us = fact.at_us;
  response.dimensions = author;
  response.known = true;
  if (response.reviewed) observer_.OnReview(Of(response, 1));
  state_.reviews.Remember(key, std::move(response));
}

void EpisodeMachine::OnReviewed(const Fact& fact, Interaction& i) {
  if (!plan_.follows_reviews) return;
  ReviewedResponse response;
  ResponseKey key{current_, fact.message()};
  // Without a message id a review stands for itself.
  if (fact.message() != 0) {
    const ReviewedResponse* known =
        state_.reviews.Find(key, plan_.oldest_reviewed_us(fact.at_us));
    if (known != nullptr) {
      if (known->reviewed) observer_.OnReview(Of(*known, -1));
      response.at_us = known->at_us;
      response.dimensions = known->dimensions;
      response.known = known->known;
    }
  }
  if (!response.known) {
    response.at_us = fact.at_us;
    response.dimensions = Credited(i, fact.agent);
  }
  response.reviewed = true;
  const FactFigures* figures = fact.figures();
  if (figures != nullptr && !figures->errors.empty()) {
    response.errors.GetOrCreate(&state_.spares) = figures->errors;
  }
  observer_.OnReview(Of(response, 1));
  if (fact.message() != 0) state_.reviews.Remember(key, std::move(response));
}

void EpisodeMachine::OnSurveyed(const Fact& fact, Interaction& i) {
  const FactFigures* figures = fact.figures();
  if (figures == nullptr || !figures->score_micro) return;
  Rare& rare = i.MakeRare();
  if (rare.surveyed && rare.survey_episode == i.episode) {
    rare.survey.sign = -1;
    observer_.OnSurvey(rare.survey);
  }
  rare.surveyed = true;
  rare.survey_episode = i.episode;
  rare.survey = {.at_us = fact.at_us,
                 .dimensions = Credited(i, i.last_sender),
                 .score_micro = *figures->score_micro,
                 .scale_micro = figures->scale_micro.value_or(5'000'000),
                 .sign = 1};
  observer_.OnSurvey(rare.survey);
}

}  // namespace cckpi
