#include "src/timeline/episode_machine.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "cckpi/calendar/opening_hours.h"
#include "cckpi/timeline/agent_time.h"

namespace cckpi {

EpisodeMachine::EpisodeMachine(const TimelinePlan& plan, TimelineState& state,
                               Observer& observer,
                               const std::vector<TextId>& tag_names)
    : plan_(plan),
      state_(state),
      observer_(observer),
      tag_names_(tag_names),
      excludes_(plan.excludes()) {
  retract_index_.fill(-1);
  for (SpanKind kind : kRetractable) {
    if (!plan_.follows(kind)) continue;
    retract_index_[static_cast<size_t>(kind)] =
        static_cast<int8_t>(retractable_++);
  }
  for (int k = 0; k < kSpanKindCount; ++k) {
    SpanKind kind = static_cast<SpanKind>(k);
    if (plan_.follows(kind)) followed_.push_back(kind);
  }
  measured_ = plan_.spans;
  if (!plan_.pools.empty()) {
    measured_ |= SpanBit(SpanKind::kWait) | SpanBit(SpanKind::kWaitHumanOnly);
  }
  for (const TrackerSpec& spec : plan_.trackers) {
    tracked_ |= (spec.any_response ? kAnyTrackers : kHumanTrackers)
                << 2 * static_cast<int>(spec.stage);
  }
  for (SpanEnd end : {SpanEnd::kClose, SpanEnd::kLastAgentMessage,
                      SpanEnd::kCloseMinusInactivity}) {
    follows_first_agent_ |=
        plan_.follows(OperatingKind(SpanStart::kFirstAgentMessage, end));
    follows_operating_ |=
        follows_first_agent_ ||
        plan_.follows(OperatingKind(SpanStart::kFirstCustomerMessage, end));
    follows_levels_ |=
        plan_.follows(ResolutionKind(ResolutionLevel::kFirst, end)) ||
        plan_.follows(ResolutionKind(ResolutionLevel::kLast, end));
  }
  values_.resize(plan_.clocks.size());
  if (!state_.overlay) state_.interactions.Expect(UsualSpans(plan_));
  starts_per_view_ = followed_.size() + 2 * plan_.trackers.size();
  starts_.resize(starts_per_view_);
}

namespace {

// More are not kept unsaid.
constexpr size_t kMostUnsaid = 4096;

bool IsInBacklog(const Interaction& i) {
  return i.open() && EnteredAt(i) != kNoTime;
}

// Does the fact leave what sticks to its interaction as it is?
bool SaysNothingNew(const Fact& fact, const Interaction& i) {
  const auto is_known = [](TextId value, TextId field) {
    return value == 0 || value == field;
  };
  return i.dimensions != DimensionsId::kNone &&
         is_known(fact.channel, i.channel) && is_known(fact.source, i.source) &&
         is_known(fact.team, i.team) && is_known(fact.priority, i.priority) &&
         fact.extra == nullptr &&
         (fact.customer == CustomerId::kNone ||
          i.customer != CustomerId::kNone);
}

// Is there an agent that the open episode is on and was not from the first?
bool IsOnAnother(const Interaction& i) {
  return (i.owner != 0 && i.owner != i.first_loaded) || i.rare;
}

}  // namespace

inline EpisodeMachine::LoadView EpisodeMachine::LookAtLoad(
    const Interaction& i) const {
  LoadView view{.dimensions = i.dimensions};
  if (!i.open()) return view;
  if ((plan_.loads & kLoadFocus) != 0 && i.rare) {
    view.focus = i.rare->focus_agent;
  }
  view.owner = i.owner;
  if (i.owner == 0) return view;
  view.load = kLoadAssigned;
  if ((plan_.loads & kLoadAgentTurn) != 0 && PhaseOf(i) == Phase::kAgentTurn) {
    view.load |= kLoadAgentTurn;
  }
  view.load &= plan_.loads;
  return view;
}

inline EpisodeMachine::Step EpisodeMachine::Begin(const Interaction& i,
                                                  int64_t at_us) {
  if (at_us < unsaid_begin_us_ || at_us - unsaid_begin_us_ >= kBucketSpan ||
      unsaid_.size() == kMostUnsaid) {
    SayAll();
    unsaid_begin_us_ = BucketBegin(BucketOf(at_us));
  }
  unsaid_us_ = at_us;
  Note(current_, i);
  return {.dimensions = i.dimensions,
          .open = i.open(),
          .in_backlog = IsInBacklog(i),
          .load = plan_.follows_load ? LookAtLoad(i) : LoadView()};
}

inline void EpisodeMachine::End(const Step& step, const Interaction& i,
                                int64_t at_us) {
  if (const bool is_in = IsInBacklog(i); is_in != step.in_backlog) {
    observer_.OnBacklogEdge(at_us, is_in ? i.dimensions : step.dimensions,
                            is_in ? 1 : -1);
  }
  // Most messages leave load where it is.
  if (plan_.follows_load) {
    const LoadView load = LookAtLoad(i);
    if (load != step.load) SayLoad(step.load, load, at_us);
  }
  if (!defers_) SayAll();
}

absl::Status EpisodeMachine::Apply(const Fact& fact) {
  news_ = News();
  Interaction& i =
      state_.interactions.Edit(fact.interaction, &news_.interaction);
  if (i.state == InteractionState::kDiscarded) {
    return absl::FailedPreconditionError("its interaction was discarded");
  }
  state_.interactions.HoldLatest();
  current_ = fact.interaction;
  observer_.About(current_, i.episode);
  armed_ = excludes_;
  const Step step = Begin(i, fact.at_us);
  if (!SaysNothingNew(fact, i)) Stick(fact, i);
  if (i.dimensions != step.dimensions) FillArrival(i);
  Handle(fact, i, step.dimensions);
  if (i.dimensions != step.dimensions || step.open != i.open()) {
    FillArrival(i);
  }
  if (i.state == InteractionState::kNew) i.last_message_us = fact.at_us;
  if (excludes_) PhaseChanged(i, fact.at_us);
  End(step, i, fact.at_us);
  if (plan_.follows_load) {
    if (IsOnAnother(i)) NoteLoad(i);
    if (fact.kind == EventKind::kFocus && i.open()) {
      observer_.OnFocus(fact.agent, fact.at_us);
    }
    if (plan_.follows_replies && fact.kind == EventKind::kAgentMessage &&
        fact.agent != 0 && IsHumanResponse(fact.flags)) {
      observer_.OnReply(fact.agent,
                        i.owner != fact.agent && i.has(kExplicitOwner),
                        fact.at_us);
    }
    if (step.open && !i.open()) EndHandlings(i, fact.at_us);
  }
  // While an episode is open nothing comes to be due sooner unless it is armed.
  if (!step.open || !i.open() || armed_) Wake(fact.interaction, i);
  return absl::OkStatus();
}

void EpisodeMachine::FireAll(const Timer& limit) {
  if (plan_.follows_reviews && !state_.overlay) {
    state_.reviews.ForgetBefore(plan_.oldest_reviewed_us(limit.at_us));
  }
  while (std::optional<Timer> timer = state_.timers.Next(limit)) {
    if (!state_.overlay) PrefetchNext(timer->lane);
    Fire(*timer);
  }
}

// Asks the memory for what the next timers of a lane will want.
void EpisodeMachine::PrefetchNext(TimerLane lane) const {
  constexpr size_t kAhead = 4;
  const InteractionStore& store = state_.interactions;
  state_.timers.LookAhead(lane, 2 * kAhead, [&store](const Timer& timer) {
    store.PrefetchPlace(timer.interaction());
  });
  state_.timers.LookAhead(lane, kAhead, [&store](const Timer& timer) {
    store.Prefetch(timer.interaction());
  });
}

void EpisodeMachine::Fire(const Timer& timer) {
  if (timer.of != TimerOf::kInteraction) return FireContacts(timer);
  const InteractionId id = timer.interaction();
  const Interaction* known = state_.interactions.FindOwn(id);
  if (known == nullptr) known = state_.interactions.Find(id, room_);
  if (known == nullptr || known->wake_us != timer.at_us ||
      known->wake_place != timer.place) {
    return;  // no longer needed
  }
  bool created;
  Interaction& i = state_.interactions.Edit(id, &created);
  state_.interactions.HoldLatest();
  i.wake_us = kNoTime;
  // What the timer was set for may have been answered or put off since.
  if (const Timer next = NextTimer(id, i); timer < next) {
    return SetTimer(next, i);
  }
  current_ = id;
  observer_.About(current_, i.episode);
  const int64_t now = timer.at_us;
  // Of a closed one nothing is open, and no timer opens it.
  const bool was_open = i.open();
  const Step step = was_open ? Begin(i, now) : Step();
  for (size_t t = 0; t < i.booked.trackers.size(); ++t) {
    const TrackerSlot& slot = i.booked.trackers[t];
    if (slot.state == TrackerSlot::State::kPending && slot.deadline_us < now) {
      Miss(i, t);
    }
  }
  if (i.booked.contact_expires_us() != kNoTime &&
      i.booked.contact_expires_us() <= now) {
    const ContactKey key = KeyOf(id, i);
    PendingContact contact;
    if (TakeContact(key, id, &contact)) {
      SettleContact(key, contact, ContactOutcome::kYes);
    }
  }
  if (timer.place == TimerPlace::kAutoClose && i.open() &&
      i.last_message_us + plan_.auto_close_after_us <= now) {
    CloseEpisode(i, now, i.owner, true);
  }
  if (Forgettable(i) &&
      now >= std::max(i.booked.close_us(), i.last_message_us) +
                 plan_.forget_after_us) {
    SayOne(id, i);
    return Forget(id, i);
  }
  if (excludes_) PhaseChanged(i, now);
  if (was_open) End(step, i, now);
  if (plan_.follows_load && was_open && !i.open()) EndHandlings(i, now);
  Wake(id, i);
}

bool EpisodeMachine::Forgettable(const Interaction& i) const {
  return plan_.forget_after_us > 0 && !i.open();
}

void EpisodeMachine::Restored(InteractionId id) {
  bool created;
  Interaction& i = state_.interactions.Edit(id, &created);
  i.wake_us = kNoTime;
  Wake(id, i);
}

void EpisodeMachine::SetTimer(const ContactKey& key,
                              const PendingContact& contact) {
  state_.timers.Add(
      key.TimerAt(contact.close_us + plan_.contact_window_us + 1));
}

// When something of the interaction is due next, whatever timer is set.
Timer EpisodeMachine::NextTimer(InteractionId id, const Interaction& i) const {
  Timer next{kNever, TimerPlace::kBeforeEvents, id};
  auto consider = [&](int64_t at_us, TimerPlace place, TimerLane lane) {
    if (at_us > next.at_us || (at_us == next.at_us && place >= next.place)) {
      return;
    }
    next.at_us = at_us;
    next.place = place;
    next.lane = lane;
  };
  if (i.open() && plan_.auto_close_after_us > 0) {
    consider(i.last_message_us + plan_.auto_close_after_us,
             TimerPlace::kAutoClose, TimerLane::kNone);
  }
  for (const TrackerSlot& slot : i.booked.trackers) {
    if (slot.state == TrackerSlot::State::kPending &&
        slot.deadline_us != kNever) {
      consider(slot.deadline_us + 1, TimerPlace::kBeforeEvents,
               TimerLane::kDeadline);
    }
  }
  if (i.booked.contact_expires_us() != kNoTime) {
    consider(i.booked.contact_expires_us(), TimerPlace::kBeforeEvents,
             TimerLane::kNone);
  }
  if (Forgettable(i)) {
    consider(std::max(i.booked.close_us(), i.last_message_us) +
                 plan_.forget_after_us,
             TimerPlace::kBeforeEvents, TimerLane::kForget);
  }
  return next;
}

void EpisodeMachine::Wake(InteractionId id, Interaction& i) {
  const Timer next = NextTimer(id, i);
  if (i.wake_us != kNoTime && Timer{i.wake_us, i.wake_place, id} <= next) {
    return;  // the timer that is set comes first and will look again
  }
  SetTimer(next, i);
}

void EpisodeMachine::SetTimer(const Timer& next, Interaction& i) {
  if (next.at_us == kNever) return;
  i.wake_us = next.at_us;
  i.wake_place = next.place;
  state_.timers.Add(next);
}

void EpisodeMachine::NoteLoad(Interaction& i) {
  if (!i.open()) return;
  for (TextId agent : {i.owner, i.rare ? i.rare->focus_agent : TextId{0}}) {
    if (agent == 0 || agent == i.first_loaded) continue;
    if (i.first_loaded == 0) {
      i.first_loaded = agent;
      continue;
    }
    i.MakeRare().loaded.Insert(agent);
  }
}

void EpisodeMachine::EndHandlings(const Interaction& i, int64_t at_us) {
  auto end = [&](TextId agent) {
    const bool responded =
        agent == i.last_sender || (i.rare && i.rare->handled.contains(agent));
    observer_.OnHandlingEnd(agent, responded, at_us, Credited(i, agent));
  };
  if (i.first_loaded != 0) end(i.first_loaded);
  if (!i.rare) return;
  for (TextId agent : i.rare->loaded.agents()) end(agent);
}

void EpisodeMachine::Stick(const Fact& fact, Interaction& i) {
  bool changed = i.dimensions == DimensionsId::kNone;
  auto first = [&](TextId& field, TextId value) {
    if (field != 0 || value == 0) return;
    field = value;
    changed = true;
  };
  first(i.channel, fact.channel);
  first(i.source, fact.source);
  auto latest = [&](TextId& field, TextId value, bool replaces) {
    if (value == 0 || value == field || (field != 0 && !replaces)) return;
    field = value;
    changed = true;
  };
  latest(i.team, fact.team, fact.kind == EventKind::kQueued);
  latest(i.priority, fact.priority, fact.kind == EventKind::kPriorityChanged);
  if (fact.extra != nullptr && !tag_names_.empty()) {
    for (const auto& [name, value] : fact.extra->tags) {
      for (size_t slot = 0; slot < tag_names_.size(); ++slot) {
        if (tag_names_[slot] != name) continue;
        SpareList<TextId>& tags = i.MakeRare().tags;
        tags.resize(tag_names_.size());
        changed |= tags[slot] != value;
        tags[slot] = value;
      }
    }
  }
  if (fact.customer != CustomerId::kNone && i.customer == CustomerId::kNone) {
    KnowCustomer(i, fact.customer);
  }
  if (!changed) return;
  Redimension(i);
  // `queued` ends the ownership first.
  if (fact.kind != EventKind::kQueued) Reschedule(i, fact.at_us);
}

// The fields of the interaction may select other opening hours.
void EpisodeMachine::Reschedule(Interaction& i, int64_t at_us) {
  if (state_.schedules.empty()) return;
  uint16_t schedule =
      state_.schedules.Resolve({i.team, i.channel, i.source, i.priority});
  if (schedule == i.schedule) return;
  i.schedule = schedule;
  Retime(i, at_us);
}

void EpisodeMachine::Redimension(Interaction& i) {
  DimensionTable& table = state_.dimensions;
  DimensionsId id = i.dimensions;
  id = table.With(id, kSlotChannel, i.channel);
  id = table.With(id, kSlotSource, i.source);
  id = table.With(id, kSlotTeam, i.team);
  id = table.With(id, kSlotAgent, i.owner);
  id = table.With(id, kSlotPriority, i.priority);
  for (size_t t = 0; t < tag_names_.size(); ++t) {
    bool has = i.rare && t < i.rare->tags.size();
    id = table.With(id, static_cast<uint8_t>(kSlotTags + t),
                    has ? i.rare->tags[t] : 0);
  }
  i.dimensions = id;
}

// A dimension unknown at the entry is filled in when it becomes known.
DimensionsId EpisodeMachine::FilledArrival(const Interaction& i) {
  DimensionsId filled = i.booked.arrival_dimensions;
  Filled& known = filled_[(static_cast<size_t>(filled) * 31 +
                           static_cast<size_t>(i.dimensions)) %
                          filled_.size()];
  if (known.arrival == filled && known.by == i.dimensions) return known.result;
  size_t slots = kSlotTags + tag_names_.size();
  for (size_t s = 0; s < slots; ++s) {
    uint8_t slot = static_cast<uint8_t>(s);
    if (state_.dimensions.Value(filled, slot) != 0) continue;
    TextId value = state_.dimensions.Value(i.dimensions, slot);
    if (value != 0) filled = state_.dimensions.With(filled, slot, value);
  }
  known = {i.booked.arrival_dimensions, i.dimensions, filled};
  return filled;
}

// What was booked of the arrival is another combination's now.
void EpisodeMachine::MoveArrival(Interaction& i, DimensionsId to) {
  const DimensionsId from = i.booked.arrival_dimensions;
  const int64_t entered = EnteredAt(i);
  const auto move = [&](Counter counter) {
    if ((plan_.counters & CounterBit(counter)) == 0) return;
    observer_.OnCountMove(counter, entered, from, to);
  };
  if (entered != kNoTime) {
    move(Counter::kArrivals);
    if (!i.entered_before) move(Counter::kArrivedInteractions);
  }
  if (i.booked.bot != BotOutcome::kNone) {
    observer_.OnBot(i.booked.bot, i.booked.open_us, from, -1);
    observer_.OnBot(i.booked.bot, i.booked.open_us, to, 1);
  }
  i.booked.arrival_dimensions = to;
}

}  // namespace cckpi
