// How an episode ends: what the close books, first contact resolution, and
// what `discarded` takes out again.

#include <algorithm>
#include <iterator>
#include <utility>

#include "src/timeline/episode_machine.h"

namespace cckpi {
namespace {

constexpr SpanEnd kSpanEnds[] = {SpanEnd::kClose, SpanEnd::kLastAgentMessage,
                                 SpanEnd::kCloseMinusInactivity};

}  // namespace

void EpisodeMachine::CloseEpisode(Interaction& i, int64_t at_us,
                                  TextId resolver, bool automatic) {
  if (i.has(kAwaitsCustomer)) {
    Void(i, SpanKind::kCustomerRun, i.last_human_us, at_us);
  }
  VoidWaits(i, at_us, /*closed=*/true);
  if (i.booked.contact_us != kNoTime) {
    if (!i.has(kFirstHumanDone)) {
      Void(i, SpanKind::kFirstHuman, i.booked.human_start_us, at_us);
    }
    if (!i.has(kFirstAnyDone)) {
      Void(i, SpanKind::kFirstAny, i.booked.contact_us, at_us);
    }
    if (!i.has(kFirstBotDone)) {
      Void(i, SpanKind::kFirstBot, i.booked.contact_us, at_us);
    }
    VoidTrackers(i, Stage::kFirst, at_us, /*closed=*/true);
  }
  VoidAnswers(i, at_us);
  EpisodeEnd& episode_end = i.booked.MakeEnd();
  episode_end.close_us = at_us;
  episode_end.resolver = resolver;
  BookClose(i, at_us, automatic);
  Answer(i, Stage::kResolution, kAllTrackers, at_us, resolver);
  CountFor(Counter::kClosed, i, i.last_sender, at_us);
  if (!automatic) {
    CountFor(Counter::kResolved, i, resolver, at_us);
    if (!i.resolved_before) {
      CountFor(Counter::kResolvedInteractions, i, resolver, at_us);
    }
    i.resolved_before = true;
  }
  JudgeContact(i, at_us, automatic);
  if (i.booked.bot == BotOutcome::kOpen) {
    SetBot(i, automatic ? BotOutcome::kAbandoned : BotOutcome::kResolvedByBot);
  }
  EndOwnership(i, at_us);
  i.entered_before |= i.has(kEntered);
  i.state = InteractionState::kClosed;
  i.flags = 0;
  i.dimensions = Credited(i, i.owner);
}

// Nobody has answered, and nobody will.
void EpisodeMachine::VoidAnswers(Interaction& i, int64_t at_us) {
  int64_t start_us = AnswerStart(i);
  if (start_us == kNoTime || !i.has(kEntered) || i.has(kInBot)) return;
  for (AnswerEnd end :
       {AnswerEnd::kReply, AnswerEnd::kAssigned, AnswerEnd::kAccepted}) {
    if (!i.has(kAnswerReplied << static_cast<unsigned>(end))) {
      Void(i, AnswerKind(end), start_us, at_us);
    }
  }
}

void EpisodeMachine::BookClose(Interaction& i, int64_t at_us, bool automatic) {
  const TextId resolver = i.booked.resolver();
  for (SpanEnd end : kSpanEnds) {
    SpanKind kind = ResolutionKind(ResolutionLevel::kEpisode, end);
    int64_t end_us = end == SpanEnd::kClose ? at_us
                     : end == SpanEnd::kLastAgentMessage
                         ? i.last_human_us
                         : (automatic ? i.last_message_us : at_us);
    if (end_us == kNoTime) {
      Void(i, kind, i.booked.open_us, at_us);
    } else {
      Done(i, kind, i.booked.open_us, end_us, at_us, resolver);
    }
  }
  BookLevels(i, at_us, automatic);
  BookOperating(i, at_us, automatic);
  BookPools(i, at_us);
}

// resolution_time of the interaction: the first close is booked once, the
// latest one replaces what the one before had booked.
void EpisodeMachine::BookLevels(Interaction& i, int64_t at_us, bool automatic) {
  if (!i.rare || i.rare->first_open_us == kNoTime) return;
  const DimensionsId dimensions = Credited(i, i.booked.resolver());
  Rare& rare = i.MakeRare();
  size_t clocks = plan_.clocks.size();
  rare.level_values_us.resize(rare.levels.size() * clocks);
  for (size_t l = 0; l < rare.levels.size(); ++l) {
    ResolutionLevel level =
        l < 3 ? ResolutionLevel::kFirst : ResolutionLevel::kLast;
    SpanEnd end = kSpanEnds[l % 3];
    SpanKind kind = ResolutionKind(level, end);
    if (!plan_.follows(kind)) continue;
    SpanBooking& booking = rare.levels[l];
    int64_t* stored = rare.level_values_us.data() + l * clocks;
    int64_t end_us = end == SpanEnd::kLastAgentMessage ? i.last_human_us
                     : end == SpanEnd::kCloseMinusInactivity && automatic
                         ? i.last_message_us
                         : at_us;
    if (end_us == kNoTime) continue;  // nobody had spoken in this episode
    const bool is_known = booking.state == SpanBooking::State::kDone;
    if (is_known) {
      if (level == ResolutionLevel::kFirst) continue;
      observer_.OnDone({.kind = kind,
                        .start_us = rare.first_open_us,
                        .end_us = booking.end_us,
                        .booked_us = booking.end_us,
                        .values_us = {stored, clocks},
                        .dimensions = booking.dimensions,
                        .sign = -1});
    }
    const std::vector<int64_t>& values =
        level == ResolutionLevel::kFirst ? Values(i, rare.first_open_us, end_us)
                                         : LevelValues(i, l - 3, end_us);
    std::copy(values.begin(), values.end(), stored);
    booking = {at_us, dimensions, SpanBooking::State::kDone};
    observer_.OnDone({.kind = kind,
                      .start_us = rare.first_open_us,
                      .end_us = end_us,
                      .booked_us = at_us,
                      .values_us = values,
                      .dimensions = dimensions});
  }
}

int64_t EpisodeMachine::OperatingStart(const Interaction& i,
                                       SpanStart from) const {
  if (from == SpanStart::kFirstCustomerMessage) return i.booked.contact_us;
  return i.rare ? i.rare->first_agent_us : kNoTime;
}

void EpisodeMachine::BookOperating(Interaction& i, int64_t at_us,
                                   bool automatic) {
  if (!follows_operating_) return;
  for (SpanStart from :
       {SpanStart::kFirstCustomerMessage, SpanStart::kFirstAgentMessage}) {
    int64_t start_us = OperatingStart(i, from);
    for (SpanEnd end : kSpanEnds) {
      SpanKind kind = OperatingKind(from, end);
      if (!plan_.follows(kind)) continue;
      int64_t end_us = end == SpanEnd::kLastAgentMessage ? i.last_human_us
                       : end == SpanEnd::kCloseMinusInactivity && automatic
                           ? i.last_message_us
                           : at_us;
      if (!i.has(kHumanSpoke) || start_us == kNoTime || end_us < start_us) {
        Void(i, kind, start_us == kNoTime ? at_us : start_us, at_us);
      } else {
        Done(i, kind, start_us, end_us, at_us, i.last_sender);
      }
    }
  }
}

void EpisodeMachine::BookPools(Interaction& i, int64_t at_us) {
  if (!i.rare || i.rare->pools.empty()) return;
  for (size_t p = 0; p < plan_.pools.size(); ++p) {
    const PoolState& pool = i.rare->pools[p];
    if (pool.count == 0) continue;
    observer_.OnPooled(static_cast<int>(p), pool.sum_us / pool.count,
                       i.booked.open_us, at_us,
                       Credited(i, i.booked.resolver()));
  }
}

void EpisodeMachine::JudgeContact(Interaction& i, int64_t at_us,
                                  bool automatic) {
  if (plan_.contacts.empty() || !i.has(kEntered)) return;
  i.booked.MakeEnd().contact_dimensions = Credited(i, i.booked.resolver());
  bool human = i.has(kAnsweredOnce);
  bool bot = i.has(kBotSpoke);
  bool pending = false;
  for (size_t c = 0; c < plan_.contacts.size(); ++c) {
    const ContactSpec& spec = plan_.contacts[c];
    ContactOutcome outcome = ContactOutcome::kPending;
    bool answered = spec.response == Response::kHuman ? human
                    : spec.response == Response::kBot ? bot && !human
                                                      : human || bot;
    bool left_waiting = spec.response == Response::kHuman
                            ? !i.has(kLastByAgent)
                            : i.has(kLastByCustomer);
    if (!answered) {
      outcome = spec.response == Response::kBot && human
                    ? ContactOutcome::kNone
                    : ContactOutcome::kUnanswered;
    } else if ((automatic && left_waiting) ||
               (spec.rule == ContactRule::kStrict && i.has(kTransferredOnce)) ||
               (spec.rule == ContactRule::kOneTouch && i.has(kSecondRun))) {
      outcome = ContactOutcome::kNo;
    }
    if (outcome == ContactOutcome::kNone) continue;
    i.booked.set_outcome(c, outcome);
    observer_.OnContact(static_cast<int>(c), outcome, at_us,
                        i.booked.contact_dimensions(), 1);
    pending |= outcome == ContactOutcome::kPending;
  }
  if (!pending) return;
  state_.contacts.Add(
      KeyOf(current_, i),
      {.interaction = current_, .episode = i.episode, .close_us = at_us});
  i.booked.MakeEnd().contact_expires_us = at_us + plan_.contact_window_us + 1;
}

// A contact at `at_us`: what was closed before, and is still inside its
// window, was not resolved.
void EpisodeMachine::RepeatContact(Interaction& i, const ContactKey& key,
                                   int64_t at_us) {
  if (plan_.contacts.empty() || (key.customer == CustomerId::kNone &&
                                 key.interaction == InteractionId::kNone)) {
    return;
  }
  settled_.clear();
  state_.contacts.TakeClosedBy(key, at_us, settled_);
  for (const PendingContact& contact : settled_) {
    if (contact.is_of(current_) && contact.episode == i.episode) {
      state_.contacts.Add(key, contact);  // a made-up snapshot's
      continue;
    }
    SettleContact(key, contact,
                  at_us <= contact.close_us + plan_.contact_window_us
                      ? ContactOutcome::kNo
                      : ContactOutcome::kYes);
  }
}

// Takes the contact of an interaction out that is known, one at most.
bool EpisodeMachine::TakeContact(const ContactKey& key, InteractionId id,
                                 PendingContact* taken) {
  settled_.clear();
  state_.contacts.TakeOf(key, id, settled_);
  if (settled_.empty()) return false;
  *taken = settled_.front();
  return true;
}

// Forgets an interaction. What is pending of it lives on without it, and takes
// over the references to the names that it needs.
void EpisodeMachine::Forget(InteractionId id, Interaction& i) {
  const ContactKey key = KeyOf(id, i);
  PendingContact contact;
  if (i.booked.contact_expires_us() != kNoTime &&
      TakeContact(key, id, &contact)) {
    const EpisodeBookings* booked = Booked(i, contact.episode);
    if (booked != nullptr) {
      contact.pending = PendingOf(*booked);
      contact.dimensions = booked->contact_dimensions();
    }
  }
  Gone gone{.customer = i.customer, .name = id};
  if (contact.is_apart()) {
    gone.customer = CustomerId::kNone;
    if (names_contacts_ || key.interaction == id) {
      gone.name = InteractionId::kNone;
    }
    if (!names_contacts_) {
      contact.interaction = InteractionId::kNone;
      contact.episode = 0;
    }
    SetTimer(key, contact);
    state_.contacts.Add(key, contact);
  }
  gone_.push_back(gone);
  state_.Forget(id);
}

// The bookings of an episode that closed; nullptr: there are none.
EpisodeBookings* EpisodeMachine::Booked(Interaction& i, uint32_t episode) {
  if (episode == i.episode) return &i.booked;
  if (!i.rare || episode == 0 || episode > i.rare->past.size()) return nullptr;
  return &i.MakeRare().past.Edit(episode - 1);
}

uint8_t EpisodeMachine::PendingOf(const EpisodeBookings& booked) const {
  unsigned pending = 0;
  for (size_t c = 0; c < plan_.contacts.size(); ++c) {
    if (booked.outcome(c) == ContactOutcome::kPending) pending |= 1u << c;
  }
  return static_cast<uint8_t>(pending);
}

// Windows of contacts have passed that live on by themselves.
void EpisodeMachine::FireContacts(const Timer& timer) {
  const ContactKey key = ContactKey::Of(timer);
  settled_.clear();
  state_.contacts.TakeApartClosedBy(
      key, timer.at_us - plan_.contact_window_us - 1, settled_);
  for (const PendingContact& contact : settled_) {
    SettleApart(key, contact, ContactOutcome::kYes);
  }
}

void EpisodeMachine::SettleApart(const ContactKey& key,
                                 const PendingContact& contact,
                                 ContactOutcome outcome) {
  observer_.About(contact.interaction, contact.episode);
  for (size_t c = 0; c < plan_.contacts.size(); ++c) {
    if ((contact.pending >> c & 1) == 0) continue;
    observer_.OnContact(static_cast<int>(c), ContactOutcome::kPending,
                        contact.close_us, contact.dimensions, -1);
    observer_.OnContact(static_cast<int>(c), outcome, contact.close_us,
                        contact.dimensions, 1);
  }
  gone_.push_back({.customer = key.customer,
                   .name = key.customer == CustomerId::kNone
                               ? key.interaction
                               : contact.interaction});
}

void EpisodeMachine::SettleContact(const ContactKey& key,
                                   const PendingContact& contact,
                                   ContactOutcome outcome) {
  if (contact.is_apart()) {
    SettleApart(key, contact, outcome);
    return AboutCurrent();
  }
  if (!state_.interactions.Knows(contact.interaction)) return;
  bool created;
  Interaction& i = state_.interactions.Edit(contact.interaction, &created);
  EpisodeBookings* booked = Booked(i, contact.episode);
  if (booked == nullptr) return;  // a made-up snapshot's
  observer_.About(contact.interaction, contact.episode);
  for (size_t c = 0; c < plan_.contacts.size(); ++c) {
    if (booked->outcome(c) != ContactOutcome::kPending) continue;
    observer_.OnContact(static_cast<int>(c), ContactOutcome::kPending,
                        booked->close_us(), booked->contact_dimensions(), -1);
    observer_.OnContact(static_cast<int>(c), outcome, booked->close_us(),
                        booked->contact_dimensions(), 1);
    booked->set_outcome(c, outcome);
  }
  i.booked.EndContact();  // at most one of an interaction is pending
  if (contact.interaction != current_) Wake(contact.interaction, i);
  AboutCurrent();
}

void EpisodeMachine::AboutCurrent() {
  const Interaction* current = state_.interactions.Find(current_, room_);
  observer_.About(current_, current == nullptr ? 0 : current->episode);
}

// The customer of an interaction has become known: its contact is now the
// customer's, and its open episode is a contact of that customer. What lives on
// of one that was forgotten under the same name stays where it is.
void EpisodeMachine::KnowCustomer(Interaction& i, CustomerId customer) {
  i.customer = customer;
  news_.customer = true;
  if (PendingContact contact;
      TakeContact({CustomerId::kNone, current_}, current_, &contact)) {
    state_.contacts.Add({customer, InteractionId::kNone}, contact);
  }
  if (i.open() && i.has(kEntered)) {
    int64_t entered_us =
        i.has(kOutbound) ? i.booked.contact_us : i.booked.open_us;
    // Of what closed at the very instant of the entry, only `reopened` comes
    // after it in the total order.
    RepeatContact(i, {customer, InteractionId::kNone},
                  i.has(kReopening) ? entered_us : entered_us - 1);
  }
}

void EpisodeMachine::SetBot(Interaction& i, BotOutcome outcome) {
  if (i.booked.bot == outcome) return;
  if (i.booked.bot != BotOutcome::kNone) {
    observer_.OnBot(i.booked.bot, i.booked.open_us, i.booked.arrival_dimensions,
                    -1);
  }
  i.booked.bot = outcome;
  observer_.OnBot(outcome, i.booked.open_us, i.booked.arrival_dimensions, 1);
}

void EpisodeMachine::OnDiscarded(const Fact& fact, Interaction& i) {
  if (i.open()) {
    if (i.has(kAwaitsCustomer)) {
      Void(i, SpanKind::kCustomerRun, i.last_human_us, fact.at_us);
    }
    Withdraw(i, Stage::kEvery, kAllTrackers);
    VoidWaits(i, fact.at_us, /*closed=*/true);
    VoidAnswers(i, fact.at_us);
    for (SpanStart from :
         {SpanStart::kFirstCustomerMessage, SpanStart::kFirstAgentMessage}) {
      int64_t start_us = OperatingStart(i, from);
      if (start_us == kNoTime) continue;
      for (SpanEnd end : kSpanEnds) {
        Void(i, OperatingKind(from, end), start_us, fact.at_us);
      }
    }
    EndOwnership(i, fact.at_us);
  }
  if (i.episode > 0) {
    TakeOut(i, i.booked, i.episode);
    HasNothing(i.booked);
  }
  if (i.rare) {
    Rare& rare = i.MakeRare();
    for (size_t e = 0; e < rare.past.size(); ++e) {
      TakeOut(i, rare.past[e], static_cast<uint32_t>(e + 1));
    }
    size_t clocks = plan_.clocks.size();
    for (size_t l = 0; l < rare.levels.size(); ++l) {
      if (rare.levels[l].state != SpanBooking::State::kDone) continue;
      ResolutionLevel level =
          l < 3 ? ResolutionLevel::kFirst : ResolutionLevel::kLast;
      observer_.OnDone(
          {.kind = ResolutionKind(level, kSpanEnds[l % 3]),
           .start_us = rare.first_open_us,
           .end_us = rare.levels[l].end_us,
           .booked_us = rare.levels[l].end_us,
           .values_us = {rare.level_values_us.data() + l * clocks, clocks},
           .dimensions = rare.levels[l].dimensions,
           .sign = -1});
    }
    rare.past.clear();
    rare.focus_agent = 0;
  }
  PendingContact contact;
  TakeContact(KeyOf(current_, i), current_, &contact);
  i.booked.EndContact();
  i.state = InteractionState::kDiscarded;
  i.booked.MakeEnd().close_us = fact.at_us;
  i.flags = 0;
  i.owner = 0;
  Redimension(i);
}

// Says that all that was booked of an episode is taken out again.
void EpisodeMachine::TakeOut(const Interaction& i,
                             const EpisodeBookings& booked, uint32_t episode) {
  observer_.About(current_, episode);
  size_t clocks = plan_.clocks.size();
  for (SpanKind kind : kRetractable) {
    int8_t index = retract_index_[static_cast<size_t>(kind)];
    if (index < 0) continue;
    const SpanBooking span = booked.span(static_cast<size_t>(index));
    if (span.state == SpanBooking::State::kNone) continue;
    int64_t start_us = StartOf(booked, kind);
    if (span.state == SpanBooking::State::kVoid) {
      observer_.OnVoid(kind, start_us, span.end_us, span.dimensions,
                       /*first=*/false, -1);
    } else if (span.state == SpanBooking::State::kDone) {
      bool at_close = kind != SpanKind::kFirstHuman &&
                      kind != SpanKind::kFirstAny &&
                      kind != SpanKind::kFirstBot;
      int64_t plain = span.end_us - start_us;
      std::span<const int64_t> values(&plain, 1);
      if (clocks > 1) {
        values = {&booked.end->values_us[static_cast<size_t>(index) * clocks],
                  clocks};
      }
      observer_.OnDone({.kind = kind,
                        .start_us = start_us,
                        .end_us = span.end_us,
                        .booked_us = at_close ? booked.close_us() : span.end_us,
                        .values_us = values,
                        .dimensions = span.dimensions,
                        .sign = -1});
    }
  }
  for (size_t t = 0; t < booked.trackers.size(); ++t) {
    const TrackerSlot& slot = booked.trackers[t];
    if (slot.state == TrackerSlot::State::kIdle ||
        slot.state == TrackerSlot::State::kPending) {
      continue;
    }
    const TrackerSpec& spec = plan_.trackers[t];
    int64_t start_us = spec.stage == Stage::kResolution ? booked.open_us
                       : spec.any_response              ? booked.contact_us
                                                        : booked.human_start_us;
    SayTracked(i, t, slot, start_us, -1);
    if (slot.state == TrackerSlot::State::kLateAnswered ||
        slot.state == TrackerSlot::State::kOverdue) {
      SayMissed(t, slot, start_us, slot.deadline_us, -1);
    }
  }
  for (size_t c = 0; c < plan_.contacts.size(); ++c) {
    ContactOutcome outcome = booked.outcome(c);
    if (outcome == ContactOutcome::kNone) continue;
    observer_.OnContact(static_cast<int>(c), outcome, booked.close_us(),
                        booked.contact_dimensions(), -1);
  }
  if (booked.bot != BotOutcome::kNone) {
    observer_.OnBot(booked.bot, booked.open_us, booked.arrival_dimensions, -1);
  }
  observer_.About(current_, i.episode);
}

// Nothing is booked of the episode any more.
void EpisodeMachine::HasNothing(EpisodeBookings& booked) const {
  for (size_t s = 0; s < retractable_; ++s) {
    if (booked.span(s).state == SpanBooking::State::kNone) continue;
    booked.MakeSpan(s).state = SpanBooking::State::kNone;
  }
  for (TrackerSlot& slot : booked.trackers) {
    slot.state = TrackerSlot::State::kIdle;
  }
  for (size_t c = 0; c < plan_.contacts.size(); ++c) {
    if (booked.outcome(c) == ContactOutcome::kNone) continue;
    booked.set_outcome(c, ContactOutcome::kNone);
  }
  booked.bot = BotOutcome::kNone;
}

}  // namespace cckpi
