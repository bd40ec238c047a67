// EpisodeMachine: events of interactions → what an observer may book.
//
// The machine takes facts in the total order and moves one interaction a step:
//
//          customer message, human response (outbound),
//          hand-off, reopened
//   kNew ─────────────────────────────▶ kOpen ◀───────────┐
//                                        │ resolved,      │ the same again:
//                                        │ auto-closed    │ a new episode
//                                        ▼                │
//                                      kClosed ───────────┘
//   any state ── discarded ─▶ kDiscarded (refuses everything)
//
// While open, an episode is in one phase:
//
//   hold         between `hold` and `resumed`
//   agent_turn   it has an owner, a wait is open
//   customer_turn  it has an owner, no wait is open
//   bot          a bot response came before any sign of people
//   queue        otherwise
//
// The definitions, rule by rule, are docs/kpis.md. Whatever is open (spans,
// pending deadlines, the place in the backlog) is a function of the state; the
// machine compares that function before and after the steps of a bucket and
// says the difference, so that no handler has to keep count.

#ifndef CCKPI_SRC_TIMELINE_EPISODE_MACHINE_H_
#define CCKPI_SRC_TIMELINE_EPISODE_MACHINE_H_

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "src/timeline/fact.h"
#include "src/timeline/observer.h"
#include "src/timeline/timeline_plan.h"
#include "src/timeline/timeline_state.h"

namespace cckpi {

class EpisodeMachine {
 public:
  // All three must outlive the machine. `tag_slots` maps a tag name's TextId
  // to its position among the tags of a combination.
  EpisodeMachine(const TimelinePlan& plan, TimelineState& state,
                 Observer& observer, const std::vector<TextId>& tag_names);

  // Facts come in the total order. FailedPrecondition when the fact is refused
  // (its interaction was discarded); nothing has changed then. The caller
  // fires the timers before it first.
  absl::Status Apply(const Fact& fact);

  // What the state knows since the latest Apply that it did not know before:
  // each holds a reference to its name.
  struct News {
    bool interaction = false;
    bool customer = false;
  };
  News news() const { return news_; }

  // Fires every timer before `limit`, in order.
  void FireBefore(const Timer& limit) {
    if (plan_.follows_reviews || state_.timers.MayHave(limit)) FireAll(limit);
  }

  // Says what has been put off; before anybody looks at what is booked.
  void SayAll();
  // Puts nothing off, so that everything is said with the instant of its step.
  void SayAtOnce() { defers_ = false; }

  // Contacts keep the name of their interaction when it is forgotten: somebody
  // wants to know which ones were repeated.
  void NameContacts() { names_contacts_ = true; }
  bool names_contacts() const { return names_contacts_; }

  // The interaction came from a snapshot: sets its timer.
  void Restored(InteractionId id);
  // Sets the timer of a contact that lives on by itself, when its interaction
  // is forgotten or it came from a snapshot.
  void SetTimer(const ContactKey& key, const PendingContact& contact);

  // The names of which the state holds one reference less for an interaction
  // that was forgotten, or for a contact that had outlived its own.
  struct Gone {
    CustomerId customer = CustomerId::kNone;
    InteractionId name = InteractionId::kNone;
  };
  // Since the last clearing.
  const std::vector<Gone>& gone() const { return gone_; }
  void ClearGone() { gone_.clear(); }
  // The host lets go of so many together, at least 1.
  void LetGoTogether(size_t count) { together_ = count; }
  // Are there as many?
  bool may_let_go() const { return gone_.size() >= together_; }

  // How many phases were looked at so far to measure time without some.
  uint64_t phases_looked_at() const { return phases_looked_at_; }

 private:
  // What is open, as a function of an interaction's state. Beside it, in
  // starts_: since when a span is open, by place in followed_, then start and
  // deadline of what is pending, by tracker. kNoTime: nothing is.
  struct View {
    DimensionsId dimensions = DimensionsId::kNone;
    Phase phase = Phase::kQueue;
    bool waits = false;
    bool first_wait = false;
    bool first_human_only_wait = false;
    uint16_t schedule = 0;
    int64_t entered_us = kNoTime;  // kNoTime: not in the backlog
  };
  // What was open of an interaction before its first step in a bucket, until
  // the observer is told what has become of it.
  struct Unsaid {
    InteractionId interaction = InteractionId::kNone;  // kNone: he was told
    uint32_t place = 0;                                // in unsaid_places_
    View view;
  };
  // Whom an interaction keeps busy.
  struct LoadView {
    DimensionsId dimensions = DimensionsId::kNone;
    TextId owner = 0;
    TextId focus = 0;
    uint8_t load = 0;  // of the owner, as far as anybody reads it

    bool operator==(const LoadView&) const = default;
  };
  // An interaction before a step.
  struct Step {
    DimensionsId dimensions = DimensionsId::kNone;
    bool open = false;
    bool in_backlog = false;
    LoadView load;
  };

  // Around every step that may change what is open of current_.
  Step Begin(const Interaction& i, int64_t at_us);
  void End(const Step& step, const Interaction& i, int64_t at_us);
  void Note(InteractionId id, const Interaction& i);
  void MakePlaces();
  int64_t* StartsOf(size_t view) {
    return starts_.data() + view * starts_per_view_;
  }
  void Say(size_t n, const Interaction& i);
  void SayOne(InteractionId id, const Interaction& i);
  // `view` is fresh.
  void Look(const Interaction& i, View& view, int64_t* starts) const;
  int64_t OpenSince(const Interaction& i, SpanKind kind, bool entered) const;
  int64_t OtherOpenSince(const Interaction& i, SpanKind kind,
                         bool entered) const;
  bool FirstOf(size_t n, const View& view) const;
  void SayDifference(const View& before, const int64_t* was, const View& after,
                     const int64_t* now);
  void SayBacklog(const View& before, const View& after, int64_t at_us);
  LoadView LookAtLoad(const Interaction& i) const;
  void SayLoad(const LoadView& before, const LoadView& after, int64_t at_us);
  void NoteLoad(Interaction& i);
  void EndHandlings(const Interaction& i, int64_t at_us);

  // Handlers. `i` is the interaction of the fact.
  void Handle(const Fact& fact, Interaction& i, DimensionsId before);
  void OnCustomerMessage(const Fact& fact, Interaction& i);
  void OnBotMessage(const Fact& fact, Interaction& i);
  void OnHandoff(const Fact& fact, Interaction& i);
  void OnQueued(const Fact& fact, Interaction& i, DimensionsId before);
  void OnAssigned(const Fact& fact, Interaction& i);
  void OnAgentMessage(const Fact& fact, Interaction& i);
  void OnUnassigned(const Fact& fact, Interaction& i);
  void OnNoReplyNeeded(const Fact& fact, Interaction& i);
  void OnDiscarded(const Fact& fact, Interaction& i);
  void OnReviewed(const Fact& fact, Interaction& i);
  void MayBeReviewed(const Fact& fact, DimensionsId author);
  void OnSurveyed(const Fact& fact, Interaction& i);

  // Steps shared by handlers.
  void Stick(const Fact& fact, Interaction& i);
  void Redimension(Interaction& i);
  void Reschedule(Interaction& i, int64_t at_us);
  void FillArrival(Interaction& i) {
    if (!i.open() || i.booked.arrival_dimensions == i.dimensions) return;
    const DimensionsId filled = FilledArrival(i);
    if (filled != i.booked.arrival_dimensions) MoveArrival(i, filled);
  }
  DimensionsId FilledArrival(const Interaction& i);
  void MoveArrival(Interaction& i, DimensionsId to);
  void KnowCustomer(Interaction& i, CustomerId customer);
  void OpenEpisode(Interaction& i, int64_t at_us, uint32_t opening);
  void Enter(Interaction& i, int64_t at_us);
  void Contact(Interaction& i, int64_t at_us);
  void OpenWait(Interaction& i, int64_t at_us, bool human);
  void CloseWait(Interaction& i, int64_t at_us, bool by_bot, TextId sender);
  void VoidWaits(Interaction& i, int64_t at_us, bool closed);
  void LeaveBot(Interaction& i, int64_t at_us);
  void EndOwnership(Interaction& i, int64_t at_us);
  void VoidAssignment(Interaction& i, int64_t at_us);
  void AnswerSpan(Interaction& i, AnswerEnd end, int64_t at_us, TextId agent);
  void CloseEpisode(Interaction& i, int64_t at_us, TextId resolver,
                    bool automatic);
  void BookClose(Interaction& i, int64_t at_us, bool automatic);
  void BookLevels(Interaction& i, int64_t at_us, bool automatic);
  void VoidAnswers(Interaction& i, int64_t at_us);
  int64_t OperatingStart(const Interaction& i, SpanStart from) const;
  void BookOperating(Interaction& i, int64_t at_us, bool automatic);
  void BookPools(Interaction& i, int64_t at_us);
  void JudgeContact(Interaction& i, int64_t at_us, bool automatic);
  void RepeatContact(Interaction& i, const ContactKey& key, int64_t at_us);
  bool TakeContact(const ContactKey& key, InteractionId id,
                   PendingContact* taken);
  void SettleContact(const ContactKey& key, const PendingContact& contact,
                     ContactOutcome outcome);
  void AboutCurrent();
  void SettleApart(const ContactKey& key, const PendingContact& contact,
                   ContactOutcome outcome);
  // Whose contacts those of an interaction are.
  static ContactKey KeyOf(InteractionId id, const Interaction& i) {
    return {i.customer,
            i.customer == CustomerId::kNone ? id : InteractionId::kNone};
  }
  void SetBot(Interaction& i, BotOutcome outcome);
  void TakeOut(const Interaction& i, const EpisodeBookings& booked,
               uint32_t episode);
  void HasNothing(EpisodeBookings& booked) const;

  // Spans.
  int64_t AnswerStart(const Interaction& i) const;
  int64_t Elapsed(const Interaction& i, const ClockSpec& clock,
                  int64_t start_us, int64_t end_us) {
    return ElapsedPart(i, clock, start_us, end_us, {start_us, end_us});
  }
  // Opening hours depend on where the whole of a span starts and ends.
  struct Whole {
    int64_t start_us;
    int64_t end_us;
  };
  int64_t ElapsedPart(const Interaction& i, const ClockSpec& clock,
                      int64_t begin_us, int64_t end_us, const Whole& whole);
  const std::vector<int64_t>& Values(const Interaction& i, int64_t start_us,
                                     int64_t end_us);
  const std::vector<int64_t>& LevelValues(Interaction& i, size_t level,
                                          int64_t end_us);
  int64_t ElapsedSince(Interaction& i, size_t whose, const ClockSpec& clock,
                       int64_t end_us, const Whole& whole);
  // Credited to `agent`.
  void Done(Interaction& i, SpanKind kind, int64_t start_us, int64_t end_us,
            int64_t booked_us, TextId agent, bool by_bot = false,
            bool first = false) {
    if ((measured_ & SpanBit(kind)) == 0) return;
    BookDone(i, kind, start_us, end_us, booked_us, agent, by_bot, first);
  }
  void BookDone(Interaction& i, SpanKind kind, int64_t start_us, int64_t end_us,
                int64_t booked_us, TextId agent, bool by_bot, bool first);
  void Void(Interaction& i, SpanKind kind, int64_t start_us, int64_t at_us) {
    if (plan_.follows(kind)) BookVoid(i, kind, start_us, at_us);
  }
  void BookVoid(Interaction& i, SpanKind kind, int64_t start_us, int64_t at_us);
  int64_t StartOf(const EpisodeBookings& booked, SpanKind kind) const;
  // The combination of the interaction, but for the agent.
  DimensionsId Credited(const Interaction& i, TextId agent) {
    return state_.dimensions.With(i.dimensions, kSlotAgent, agent);
  }
  // Counts one, where anybody reads the counter: of the interaction, or
  // credited to an agent.
  void Count(Counter counter, int64_t at_us, DimensionsId dimensions) {
    if ((plan_.counters & CounterBit(counter)) == 0) return;
    observer_.OnCount(counter, at_us, dimensions, 1);
  }
  void CountFor(Counter counter, const Interaction& i, TextId agent,
                int64_t at_us) {
    if ((plan_.counters & CounterBit(counter)) == 0) return;
    observer_.OnCount(counter, at_us, Credited(i, agent), 1);
  }

  // Deadlines.
  int64_t SpentUntil(Interaction& i, size_t tracker, int64_t until_us,
                     const Whole& whole);
  int64_t Spent(Interaction& i, size_t tracker, int64_t start_us,
                int64_t at_us);
  int64_t DeadlineWithout(Interaction& i, size_t tracker, int64_t start_us);
  // Does the plan have trackers of the stage that take such responses?
  bool Tracks(Stage stage, int mask) const {
    return (tracked_ >> 2 * static_cast<int>(stage) & mask) != 0;
  }
  void Arm(Interaction& i, Stage stage, int mask, int64_t at_us) {
    if (Tracks(stage, mask)) ArmTracked(i, stage, mask, at_us);
  }
  void ArmTracked(Interaction& i, Stage stage, int mask, int64_t at_us);
  void Answer(Interaction& i, Stage stage, int mask, int64_t at_us,
              TextId agent) {
    if (Tracks(stage, mask)) AnswerTracked(i, stage, mask, at_us, agent);
  }
  void AnswerTracked(Interaction& i, Stage stage, int mask, int64_t at_us,
                     TextId agent);
  void Withdraw(Interaction& i, Stage stage, int mask) {
    if (Tracks(stage, mask)) WithdrawTracked(i, stage, mask);
  }
  void WithdrawTracked(Interaction& i, Stage stage, int mask);
  void VoidTrackers(Interaction& i, Stage stage, int64_t at_us, bool closed);
  void Miss(Interaction& i, size_t tracker);
  void Retime(Interaction& i, int64_t at_us);
  void PhaseChanged(Interaction& i, int64_t at_us);
  void SayTracked(const Interaction& i, size_t tracker, const TrackerSlot& slot,
                  int64_t start_us, int sign);
  void SayMissed(size_t tracker, const TrackerSlot& slot, int64_t start_us,
                 int64_t end_us, int sign = 1);

  // Timers.
  void FireAll(const Timer& limit);
  void PrefetchNext(TimerLane lane) const;
  void Fire(const Timer& timer);
  void FireContacts(const Timer& timer);
  void Forget(InteractionId id, Interaction& i);
  static EpisodeBookings* Booked(Interaction& i, uint32_t episode);
  uint8_t PendingOf(const EpisodeBookings& booked) const;
  Timer NextTimer(InteractionId id, const Interaction& i) const;
  void Wake(InteractionId id, Interaction& i);
  void SetTimer(const Timer& next, Interaction& i);
  bool Forgettable(const Interaction& i) const;

  const TimelinePlan& plan_;
  TimelineState& state_;
  Observer& observer_;
  const std::vector<TextId>& tag_names_;
  std::vector<SpanKind> followed_;
  uint32_t measured_ = 0;  // SpanBit of what is followed or goes into a pool
  int tracked_ = 0;        // by Stage two bits of kAllTrackers
  std::array<int8_t, kSpanKindCount> retract_index_;
  size_t retractable_ = 0;
  bool excludes_ = false;
  uint64_t phases_looked_at_ = 0;
  bool armed_ = false;  // the step may have made a deadline pending or earlier
  InteractionId current_ = InteractionId::kNone;
  BorrowedInteraction room_;
  // Scratch, which keeps its room.
  std::vector<int64_t> values_;
  std::vector<PendingContact> settled_;
  std::vector<std::pair<int64_t, int64_t>> parts_;
  // What the observer has not been told yet, all of one bucket, and where to
  // find it: a hash table of 1 + place in unsaid_, which keeps its memory when
  // it is emptied (HashMap does not).
  std::vector<Unsaid> unsaid_;
  std::vector<uint32_t> unsaid_places_;
  int64_t unsaid_begin_us_ = kLatestTime;  // of the bucket
  int64_t unsaid_us_ = kNoTime;            // the latest step in it
  // Of views: the first is scratch, then those of unsaid_.
  std::vector<int64_t> starts_;
  size_t starts_per_view_ = 0;
  bool defers_ = true;
  News news_;
  std::vector<Gone> gone_;
  size_t together_ = 256;
  bool names_contacts_ = false;
  // What arrivals became lately that a combination adds to.
  struct Filled {
    DimensionsId arrival = DimensionsId::kNone;
    DimensionsId by = DimensionsId::kNone;
    DimensionsId result = DimensionsId::kNone;
  };
  std::array<Filled, 256> filled_ = {};
  bool follows_levels_ = false;       // a ResolutionKind of the interaction
  bool follows_operating_ = false;    // some OperatingKind
  bool follows_first_agent_ = false;  // one runs from the first response
};

// Sets of responses a tracker may take, for Arm, Answer and Withdraw.
inline constexpr int kHumanTrackers = 1;
inline constexpr int kAnyTrackers = 2;
inline constexpr int kAllTrackers = 3;

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_EPISODE_MACHINE_H_
