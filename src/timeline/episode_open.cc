// What is open of an interaction, and saying how it has changed.
//
// A step only notes what was open before the first change of its interaction in
// a bucket. What is booked of open things depends on the bucket of a change and
// not on its instant, so what has become of them is said once, when the bucket
// is over or somebody wants to look: what was opened and closed meanwhile
// leaves nothing to say. Load, and what comes into the backlog and leaves it,
// are said step by step.

#include <algorithm>
#include <iterator>

#include "cckpi/timeline/agent_time.h"
#include "src/timeline/episode_machine.h"

namespace cckpi {
namespace {

// Spreads numbers that lie side by side.
size_t PlaceOf(InteractionId id, size_t mask) {
  return (static_cast<uint32_t>(id) * 0x9E3779B1u >> 7) & mask;
}

}  // namespace

// Keeps what is open of the interaction, unless something is kept of it.
void EpisodeMachine::Note(InteractionId id, const Interaction& i) {
  if (2 * (unsaid_.size() + 1) > unsaid_places_.size()) MakePlaces();
  const size_t mask = unsaid_places_.size() - 1;
  size_t place = PlaceOf(id, mask);
  for (; unsaid_places_[place] != 0; place = (place + 1) & mask) {
    if (unsaid_[unsaid_places_[place] - 1].interaction == id) return;
  }
  Unsaid& unsaid = unsaid_.emplace_back();
  unsaid.interaction = id;
  unsaid.place = static_cast<uint32_t>(place);
  unsaid_places_[place] = static_cast<uint32_t>(unsaid_.size());
  if (starts_.size() < (unsaid_.size() + 1) * starts_per_view_) {
    starts_.resize((2 * unsaid_.size() + 1) * starts_per_view_);
  }
  Look(i, unsaid.view, StartsOf(unsaid_.size()));
}

void EpisodeMachine::MakePlaces() {
  unsaid_places_.assign(std::max<size_t>(16, 2 * unsaid_places_.size()), 0);
  const size_t mask = unsaid_places_.size() - 1;
  for (size_t n = 0; n < unsaid_.size(); ++n) {
    size_t place = PlaceOf(unsaid_[n].interaction, mask);
    while (unsaid_places_[place] != 0) place = (place + 1) & mask;
    unsaid_[n].place = static_cast<uint32_t>(place);
    unsaid_places_[place] = static_cast<uint32_t>(n + 1);
  }
}

void EpisodeMachine::Say(size_t n, const Interaction& i) {
  View after;
  Look(i, after, StartsOf(0));
  SayDifference(unsaid_[n].view, StartsOf(n + 1), after, StartsOf(0));
}

void EpisodeMachine::SayOne(InteractionId id, const Interaction& i) {
  if (unsaid_.empty()) return;
  const size_t mask = unsaid_places_.size() - 1;
  for (size_t place = PlaceOf(id, mask); unsaid_places_[place] != 0;
       place = (place + 1) & mask) {
    const size_t n = unsaid_places_[place] - 1;
    if (unsaid_[n].interaction != id) continue;
    Say(n, i);
    unsaid_[n].interaction = InteractionId::kNone;
    return;
  }
}

void EpisodeMachine::SayAll() {
  if (unsaid_.empty()) return;
  const InteractionStore& store = state_.interactions;
  constexpr size_t kAhead = 6;
  for (size_t n = 0; n < unsaid_.size(); ++n) {
    if (!state_.overlay) {
      if (n + 2 * kAhead < unsaid_.size()) {
        store.PrefetchPlace(unsaid_[n + 2 * kAhead].interaction);
      }
      if (n + kAhead < unsaid_.size()) {
        store.Prefetch(unsaid_[n + kAhead].interaction);
      }
    }
    unsaid_places_[unsaid_[n].place] = 0;
    const InteractionId id = unsaid_[n].interaction;
    if (id == InteractionId::kNone) continue;
    Say(n, *store.Find(id, room_));
  }
  unsaid_.clear();
}

// Since when a span of an open episode is open; kNoTime: it is not. `entered`
// is of the episode.
inline int64_t EpisodeMachine::OpenSince(const Interaction& i, SpanKind kind,
                                         bool entered) const {
  // What most plans follow.
  if (kind == SpanKind::kWait) return i.wait_us;
  if (kind >= SpanKind::kResolution && kind < SpanKind::kResolutionFirst) {
    return i.booked.open_us;
  }
  return OtherOpenSince(i, kind, entered);
}

int64_t EpisodeMachine::OtherOpenSince(const Interaction& i, SpanKind kind,
                                       bool entered) const {
  const EpisodeBookings& booked = i.booked;
  bool contact = booked.contact_us != kNoTime;
  auto where = [](bool is_open, int64_t start_us) {
    return is_open ? start_us : kNoTime;
  };
  auto answer = [&](uint32_t done) {
    return entered && !i.has(kInBot) && !i.has(done) ? AnswerStart(i) : kNoTime;
  };
  auto first_level = [&](size_t level) {
    return i.rare && i.rare->levels[level].state == SpanBooking::State::kNone
               ? i.rare->first_open_us
               : kNoTime;
  };
  switch (kind) {
    case SpanKind::kFirstHuman:
      return where(contact && !i.has(kFirstHumanDone) && !i.has(kInBot),
                   booked.human_start_us);
    case SpanKind::kFirstAny:
      return where(contact && !i.has(kFirstAnyDone), booked.contact_us);
    case SpanKind::kFirstBot:
      return where(contact && !i.has(kFirstBotDone), booked.contact_us);
    case SpanKind::kWaitHumanOnly:
      return i.rare ? i.rare->human_only_wait_us : kNoTime;
    case SpanKind::kCustomerRun:
      return where(i.has(kAwaitsCustomer), i.last_human_us);
    case SpanKind::kAssignToReply:
      return where(i.wait_us != kNoTime && i.has(kExplicitOwner),
                   std::max(i.assigned_us, i.wait_us));
    case SpanKind::kAssignToFirstReply:
      return where(i.has(kExplicitOwner) && !i.has(kOwnerReplied),
                   std::max(i.assigned_us, booked.open_us));
    default:
      break;
  }
  // The kinds that come in several variants.
  if (kind >= SpanKind::kAnswer) {
    uint32_t variant =
        static_cast<uint32_t>(kind) - static_cast<uint32_t>(SpanKind::kAnswer);
    return answer(kAnswerReplied << variant);
  }
  if (kind >= SpanKind::kOperating) {
    bool from_customer =
        kind < OperatingKind(SpanStart::kFirstAgentMessage, SpanEnd::kClose);
    return from_customer ? booked.contact_us
           : i.rare      ? i.rare->first_agent_us
                         : kNoTime;
  }
  if (kind >= SpanKind::kResolutionLast) {
    return i.rare ? i.rare->first_open_us : kNoTime;
  }
  return first_level(static_cast<size_t>(kind) -
                     static_cast<size_t>(SpanKind::kResolutionFirst));
}

void EpisodeMachine::Look(const Interaction& i, View& view,
                          int64_t* starts) const {
  view.dimensions = i.dimensions;
  const size_t spans = followed_.size();
  const size_t trackers = plan_.trackers.size();
  int64_t* pending = starts + spans;
  const TrackerSlot* const slots = i.booked.trackers.data();
  const size_t slot_count = i.booked.trackers.size();
  for (size_t t = 0; t < trackers; ++t, pending += 2) {
    const bool is_pending =
        t < slot_count && slots[t].state == TrackerSlot::State::kPending;
    pending[0] = is_pending ? TrackerStart(i, plan_.trackers[t]) : kNoTime;
    pending[1] = is_pending ? slots[t].deadline_us : 0;
  }
  if (!i.open()) {
    std::fill_n(starts, spans, kNoTime);
    return;
  }
  view.phase = PhaseOf(i);
  view.schedule = i.schedule;
  view.entered_us = EnteredAt(i);
  view.waits = i.wait_us != kNoTime && view.entered_us != kNoTime;
  view.first_wait = !i.has(kWaited);
  view.first_human_only_wait = !i.has(kHumanOnlyWaited);
  const bool entered = view.entered_us != kNoTime;
  const SpanKind* const kinds = followed_.data();
  for (size_t n = 0; n < spans; ++n) {
    starts[n] = OpenSince(i, kinds[n], entered);
  }
}

// Is the open span of a kind, by place in followed_, the episode's first wait?
bool EpisodeMachine::FirstOf(size_t n, const View& view) const {
  if (followed_[n] == SpanKind::kWait) return view.first_wait;
  return followed_[n] == SpanKind::kWaitHumanOnly && view.first_human_only_wait;
}

void EpisodeMachine::SayDifference(const View& before, const int64_t* was,
                                   const View& after, const int64_t* now) {
  const int64_t at_us = unsaid_us_;
  const bool moved = before.dimensions != after.dimensions;
  const bool all = moved || before.first_wait != after.first_wait ||
                   before.first_human_only_wait != after.first_human_only_wait;
  const size_t spans = followed_.size();
  for (size_t n = 0; n < spans; ++n) {
    const int64_t was_us = was[n];
    const int64_t now_us = now[n];
    if (was_us == now_us && (!all || was_us == kNoTime)) continue;
    const SpanKind what = followed_[n];
    const bool was_first = FirstOf(n, before);
    const bool is_first = FirstOf(n, after);
    if (was_us == now_us && was_first == is_first) {
      if (moved) {
        observer_.OnOpenMove(what, now_us, at_us, before.dimensions,
                             after.dimensions, is_first);
      }
      continue;
    }
    if (was_us != kNoTime) {
      observer_.OnOpen(what, was_us, at_us, before.dimensions, was_first, -1);
    }
    if (now_us != kNoTime) {
      observer_.OnOpen(what, now_us, at_us, after.dimensions, is_first, 1);
    }
  }
  was += spans;
  now += spans;
  const size_t trackers = plan_.trackers.size();
  for (size_t t = 0; t < trackers; ++t, was += 2, now += 2) {
    if (was[0] == now[0] && was[1] == now[1]) {
      if (moved && now[0] != kNoTime) {
        observer_.OnPendingMove(static_cast<int>(t), now[0], now[1],
                                before.dimensions, after.dimensions);
      }
      continue;
    }
    auto say = [&](const int64_t* pending, DimensionsId dimensions, int sign) {
      if (pending[0] == kNoTime) return;
      observer_.OnDeadline({.tracker = static_cast<int>(t),
                            .state = TrackState::kPending,
                            .start_us = pending[0],
                            .deadline_us = pending[1],
                            .dimensions = dimensions,
                            .replier = dimensions,
                            .sign = sign});
    };
    say(was, before.dimensions, -1);
    say(now, after.dimensions, 1);
  }
  SayBacklog(before, after, at_us);
}

void EpisodeMachine::SayBacklog(const View& before, const View& after,
                                int64_t at_us) {
  const bool was_in = before.entered_us != kNoTime;
  const bool is_in = after.entered_us != kNoTime;
  if (before.dimensions == after.dimensions &&
      before.entered_us == after.entered_us && before.phase == after.phase &&
      before.schedule == after.schedule && before.waits == after.waits) {
    return;
  }
  auto change = [&](const View& view, int delta) {
    return BacklogChange{.phase = view.phase,
                         .entered_us = view.entered_us,
                         .schedule = view.schedule,
                         .waits = view.waits,
                         .at_us = at_us,
                         .dimensions = view.dimensions,
                         .delta = delta};
  };
  if (was_in && is_in) {
    observer_.OnBacklogMove(change(before, -1), change(after, 1));
  } else if (was_in) {
    observer_.OnBacklog(change(before, -1));
  } else if (is_in) {
    observer_.OnBacklog(change(after, 1));
  }
}

void EpisodeMachine::SayLoad(const LoadView& before, const LoadView& after,
                             int64_t at_us) {
  auto load_of = [](const LoadView& view, TextId agent) {
    uint8_t bits = view.owner == agent ? view.load : uint8_t{0};
    if (view.focus == agent) bits |= kLoadFocus;
    return bits;
  };
  const TextId agents[] = {before.owner, after.owner, before.focus,
                           after.focus};
  for (size_t a = 0; a < std::size(agents); ++a) {
    TextId agent = agents[a];
    if (agent == 0 || std::find(agents, agents + a, agent) != agents + a) {
      continue;
    }
    uint8_t was = load_of(before, agent);
    uint8_t now = load_of(after, agent);
    bool moved = before.dimensions != after.dimensions && now != 0;
    if (was == now && !moved) continue;
    observer_.OnLoad(agent, now, at_us, after.dimensions);
  }
}

}  // namespace cckpi
