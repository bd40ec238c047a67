// Interaction: the state of one conversation thread.
//
// What outlives an episode, and what holds only for the one in progress (or the
// latest), lie side by side in Interaction. What may have to be taken out again
// when it is discarded is in EpisodeBookings, which earlier episodes leave
// behind. What an episode has only once it has closed (EpisodeEnd) and what few
// interactions have (Rare) are on the heap.

#ifndef CCKPI_SRC_TIMELINE_INTERACTION_H_
#define CCKPI_SRC_TIMELINE_INTERACTION_H_

#include <array>
#include <cstdint>
#include <tuple>
#include <utility>

#include "src/base/overlay_list.h"
#include "src/base/pooled.h"
#include "src/base/spare_list.h"
#include "src/base/spares.h"
#include "src/timeline/agent_set.h"
#include "src/timeline/dimensions.h"
#include "src/timeline/observer.h"
#include "src/timeline/timer_queue.h"

namespace cckpi {

// A first response or resolution that was booked.
struct SpanBooking {
  int64_t end_us = 0;
  DimensionsId dimensions = DimensionsId::kNone;
  enum class State : uint8_t { kNone, kDone, kVoid } state = State::kNone;
};

struct TrackerSlot {
  enum class State : uint8_t {
    kIdle,
    kPending,
    kMet,
    kLateAnswered,
    kOverdue,
    kVoid,
  };
  int64_t deadline_us = 0;
  DimensionsId dimensions = DimensionsId::kNone;    // of met, overdue, void
  DimensionsId replier : 29 = DimensionsId::kNone;  // of late_answered
  State state : 3 = State::kIdle;
};
static_assert(sizeof(TrackerSlot) == 16);

// The span kinds that `discarded` takes out again, in the order of
// EpisodeBookings::spans. The two levels of the interaction live in Rare.
inline constexpr std::array<SpanKind, 6> kRetractable = {
    SpanKind::kFirstHuman,
    SpanKind::kFirstAny,
    SpanKind::kFirstBot,
    ResolutionKind(ResolutionLevel::kEpisode, SpanEnd::kClose),
    ResolutionKind(ResolutionLevel::kEpisode, SpanEnd::kLastAgentMessage),
    ResolutionKind(ResolutionLevel::kEpisode, SpanEnd::kCloseMinusInactivity),
};

// What an episode has once it has closed. Of the latest episode it also says
// what the closes before it have left.
struct EpisodeEnd {
  explicit EpisodeEnd(Spares* spares) : spans(spares), values_us(spares) {}
  Spares* pool() const { return spans.pool(); }

  int64_t close_us = kNoTime;
  int64_t contact_expires_us = kNoTime;  // of the pending FCR
  DimensionsId contact_dimensions = DimensionsId::kNone;
  uint32_t contact_outcomes = 0;  // 4 bits per ContactSpec
  TextId resolver = 0;            // of the latest close
  // These may be there before the close: spans but for the first, and of all
  // spans, where the plan has several clocks: spans × clocks.
  SpareList<SpanBooking, 1> spans;
  SpareList<int64_t> values_us;
};

struct EpisodeBookings {
  explicit EpisodeBookings(Spares* spares = nullptr) : trackers(spares) {}
  Spares* pool() const { return trackers.pool(); }

  int64_t open_us = kNoTime;
  int64_t contact_us = kNoTime;      // first customer message (or hand-off)
  int64_t human_start_us = kNoTime;  // the human clock's start
  // The first in kRetractable order that the plan follows; the others are in
  // `end`. While an episode is open that is its first response, as a rule.
  SpanBooking first_span;
  SpareList<TrackerSlot, 2> trackers;  // by plan
  Pooled<EpisodeEnd> end;
  DimensionsId arrival_dimensions = DimensionsId::kNone;
  BotOutcome bot = BotOutcome::kNone;

  int64_t close_us() const { return end ? end->close_us : kNoTime; }
  int64_t contact_expires_us() const {
    return end ? end->contact_expires_us : kNoTime;
  }
  TextId resolver() const { return end ? end->resolver : 0; }
  DimensionsId contact_dimensions() const {
    return end ? end->contact_dimensions : DimensionsId::kNone;
  }
  uint32_t contact_outcomes() const { return end ? end->contact_outcomes : 0; }
  ContactOutcome outcome(size_t contact) const {
    return static_cast<ContactOutcome>(contact_outcomes() >> (4 * contact) &
                                       15);
  }
  EpisodeEnd& MakeEnd() { return end.GetOrCreate(pool()); }
  void set_outcome(size_t contact, ContactOutcome outcome) {
    uint32_t& outcomes = MakeEnd().contact_outcomes;
    outcomes &= ~(uint32_t{15} << (4 * contact));
    outcomes |= static_cast<uint32_t>(outcome) << (4 * contact);
  }
  // No first contact resolution of the interaction is pending any more.
  void EndContact() {
    if (end) end->contact_expires_us = kNoTime;
  }
  // By place in kRetractable, of those that the plan follows.
  SpanBooking& MakeSpan(size_t index) {
    if (index == 0) return first_span;
    SpareList<SpanBooking, 1>& others = MakeEnd().spans;
    if (others.size() < index) others.resize(index);
    return others[index - 1];
  }
  SpanBooking span(size_t index) const {
    if (index == 0) return first_span;
    return end && index <= end->spans.size() ? end->spans[index - 1]
                                             : SpanBooking();
  }
};

enum EpisodeFlag : uint32_t {
  kOutbound = 1u << 0,
  kEntered = 1u << 1,
  kHumanSide = 1u << 2,
  kInBot = 1u << 3,
  kHandedOff = 1u << 4,
  kOnHold = 1u << 5,
  kWaitIsHuman = 1u << 6,
  kWaited = 1u << 7,          // a wait of the episode has ended
  kAwaitsCustomer = 1u << 8,  // a run of human responses is unanswered
  kInRun = 1u << 9,           // no customer message since the last response
  kSecondRun = 1u << 10,      // a second run of human responses has begun
  kFirstHumanDone = 1u << 11,
  kFirstAnyDone = 1u << 12,
  kFirstBotDone = 1u << 13,
  kAnsweredOnce = 1u << 14,  // a human response since the entry
  kHumanSpoke = 1u << 15,    // a human response, also before the entry
  kBotSpoke = 1u << 16,      // a bot response since the entry
  kTransferredOnce = 1u << 17,
  kWasQueued = 1u << 18,
  kWasAssigned = 1u << 19,
  kExplicitOwner = 1u << 20,  // by `assigned` or `accepted`
  kOwnerReplied = 1u << 21,
  kLastByCustomer = 1u << 22,
  kLastByAgent = 1u << 23,
  kHumanOnlyWaited = 1u << 24,
  kAnswerReplied = 1u << 25,  // speed of answer, by AnswerEnd: 25, 26, 27
  kAnswerAssigned = 1u << 26,
  kAnswerAccepted = 1u << 27,
  kReopening = 1u << 28,  // opened by `reopened`
};
// What is remembered from before an episode opens.
inline constexpr uint32_t kBeforeEpisode =
    kWasQueued | kWasAssigned | kExplicitOwner;

struct PhaseSpan {
  int64_t begin_us = 0;
  Phase phase = Phase::kQueue;
};

// What of many phases a clock that leaves some out has counted, as far as it
// was measured by one of the hours.
struct PhaseSum {
  // A level × clocks, + the clock; after these the trackers.
  uint32_t whose = 0;
  uint16_t schedule = 0;
  uint32_t hours = 0;  // of the schedule
  int64_t start_us = 0;
  int64_t end_us = 0;
  int64_t value_us = 0;

  // Each is there once.
  std::tuple<uint32_t, uint16_t, uint32_t> key() const {
    return {whose, schedule, hours};
  }
};

struct PoolState {
  int64_t sum_us = 0;
  int64_t count = 0;
};

// What few interactions have.
struct Rare {
  explicit Rare(Spares* spares)
      : tags(spares),
        handled(spares),
        loaded(spares),
        past(spares),
        phases(spares),
        spent(spares),
        pools(spares),
        level_values_us(spares),
        phase_sums(spares) {}
  Spares* pool() const { return tags.pool(); }

  SpareList<TextId> tags;  // by tag slot
  AgentSet handled;        // agents who responded, when several
  AgentSet loaded;         // agents it was on, but for the first
  // Of any number; a copy shares them.
  OverlayList<EpisodeBookings> past;             // earlier episodes
  OverlayList<PhaseSpan> phases;                 // where phases are excluded
  SpareList<std::pair<int64_t, int64_t>> spent;  // trackers: spent, since
  SpareList<PoolState> pools;
  int64_t human_only_wait_us = kNoTime;
  int64_t first_agent_us = kNoTime;
  // The interaction's first and latest close: value bookings by SpanEnd.
  int64_t first_open_us = kNoTime;
  std::array<SpanBooking, 6> levels;
  SpareList<int64_t> level_values_us;
  // By key; in no snapshot, as they are made again where they are asked for.
  SpareList<PhaseSum> phase_sums;
  // The latest survey.
  bool surveyed = false;
  uint32_t survey_episode = 0;
  Survey survey;
  // Focus.
  TextId focus_agent = 0;
};

enum class InteractionState : uint8_t { kNew, kOpen, kClosed, kDiscarded };

struct Interaction {
  explicit Interaction(Spares* spares = nullptr) : booked(spares) {}

  EpisodeBookings booked;
  int64_t wait_us = kNoTime;  // the open wait's start
  int64_t last_message_us = kNoTime;
  int64_t last_human_us = kNoTime;  // last human response of the episode
  int64_t assigned_us = kNoTime;
  int64_t queue_us = kNoTime;  // first entered the human queue
  int64_t wake_us = kNoTime;
  Pooled<Rare> rare;
  CustomerId customer = CustomerId::kNone;
  TextId channel = 0;
  TextId source = 0;
  TextId team = 0;
  TextId priority = 0;
  TextId owner = 0;
  TextId last_sender = 0;   // of the last human response
  TextId first_loaded = 0;  // the first agent the episode was on
  DimensionsId dimensions = DimensionsId::kNone;
  uint32_t episode = 0;  // 1 is the first
  uint32_t flags = 0;    // EpisodeFlag bits
  uint16_t schedule = 0;
  TimerPlace wake_place = TimerPlace::kBeforeEvents;
  InteractionState state : 4 = InteractionState::kNew;
  bool resolved_before : 1 = false;  // some episode was closed by `resolved`
  bool entered_before : 1 = false;   // an earlier episode has entered

  Rare& MakeRare() { return rare.GetOrCreate(booked.pool()); }
  bool open() const { return state == InteractionState::kOpen; }
  bool has(uint32_t flag) const { return (flags & flag) != 0; }
  void set(uint32_t flag, bool on = true) {
    flags = on ? flags | flag : flags & ~flag;
  }
};
static_assert(sizeof(Interaction) <= 208);

// Of an open episode.
inline Phase PhaseOf(const Interaction& i) {
  if (i.has(kOnHold)) return Phase::kHold;
  if (i.owner != 0) {
    return i.wait_us != kNoTime ? Phase::kAgentTurn : Phase::kCustomerTurn;
  }
  return i.has(kInBot) ? Phase::kBot : Phase::kQueue;
}

// When the episode entered the backlog; kNoTime: it has not.
inline int64_t EnteredAt(const Interaction& i) {
  if (!i.has(kEntered)) return kNoTime;
  return i.has(kOutbound) ? i.booked.contact_us : i.booked.open_us;
}

// When the clock of a deadline started that is armed.
inline int64_t TrackerStart(const Interaction& i, const TrackerSpec& spec) {
  switch (spec.stage) {
    case Stage::kFirst:
      return spec.any_response ? i.booked.contact_us : i.booked.human_start_us;
    case Stage::kEvery:
      return i.wait_us;
    case Stage::kResolution:
      return i.booked.open_us;
  }
  return kNoTime;
}

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_INTERACTION_H_
