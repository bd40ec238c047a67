// Observer: what the episode machine says has happened.
//
// Everything is said as signed changes, so that a value can be taken out
// again and partial results add up. The receiver decides which of it to book,
// and where.

#ifndef CCKPI_SRC_TIMELINE_OBSERVER_H_
#define CCKPI_SRC_TIMELINE_OBSERVER_H_

#include <cstdint>
#include <span>

#include "src/timeline/dimensions.h"
#include "src/timeline/timeline_plan.h"

namespace cckpi {

struct SpanValue {
  SpanKind kind = SpanKind::kWait;
  int64_t start_us = 0;
  int64_t end_us = 0;                  // where the span ends
  int64_t booked_us = 0;               // its completion: end_us, or the close
  std::span<const int64_t> values_us;  // by clock of the plan
  DimensionsId dimensions = DimensionsId::kNone;
  bool by_bot = false;  // of waits: who answered
  bool first = false;   // of waits: the episode's first
  int sign = 1;
};

enum class TrackState : uint8_t {
  kPending = 0,
  kMet = 1,
  kLateAnswered = 2,
  kOverdue = 3,
  kVoid = 4,
};

struct TrackedDeadline {
  int tracker = 0;
  TrackState state = TrackState::kPending;
  int64_t start_us = 0;
  int64_t deadline_us = 0;  // kNever when the clock stands still
  DimensionsId dimensions = DimensionsId::kNone;
  // Who answered; as `dimensions` unless the answer was late.
  DimensionsId replier = DimensionsId::kNone;
  int sign = 1;
};

enum class Counter : uint8_t {
  kArrivals = 0,
  kArrivedInteractions = 1,
  kCustomerContacts = 2,  // customer messages that owe an answer
  kAnswered = 3,
  kHandled = 4,
  kResolved = 5,
  kResolvedInteractions = 6,
  kReopened = 7,
  kTransferred = 8,
  kCustomerMessages = 9,
  kAgentMessages = 10,
  kBotMessages = 11,
  kClosed = 12,
  kUntouched = 13,  // assignments without a response by the agent
  kEligible = 14,   // responses that could be reviewed
};
inline constexpr int kCounterCount = 15;
constexpr uint32_t CounterBit(Counter counter) {
  return uint32_t{1} << static_cast<unsigned>(counter);
}

enum class ContactOutcome : uint8_t {
  kNone = 0,
  kPending = 1,
  kYes = 2,
  kNo = 3,
  kUnanswered = 4,
};

enum class BotOutcome : uint8_t {
  kNone = 0,
  kOpen = 1,
  kHandedOff = 2,
  kHumanTookOver = 3,
  kResolvedByBot = 4,
  kAbandoned = 5,
};

struct Review {
  int64_t at_us = 0;  // of the response
  DimensionsId dimensions = DimensionsId::kNone;
  std::span<const std::pair<TextId, int64_t>> errors;
  int sign = 1;
};

struct Survey {
  int64_t at_us = 0;
  DimensionsId dimensions = DimensionsId::kNone;
  int64_t score_micro = 0;
  int64_t scale_micro = 0;
  int sign = 1;
};

// An episode comes into or goes out of one place in the backlog.
struct BacklogChange {
  Phase phase = Phase::kQueue;
  int64_t entered_us = 0;  // when the episode entered
  uint16_t schedule = 0;   // the opening hours it is under
  bool waits = false;      // for an answer
  int64_t at_us = 0;
  DimensionsId dimensions = DimensionsId::kNone;
  int delta = 1;
};

class Observer {
 public:
  virtual ~Observer() = default;

  // What follows is about this episode.
  virtual void About(InteractionId interaction, uint32_t episode) = 0;

  // `first` is of waits: the episode's first.
  virtual void OnOpen(SpanKind kind, int64_t start_us, int64_t at_us,
                      DimensionsId dimensions, bool first, int delta) = 0;
  // One that stays open is another combination's now.
  virtual void OnOpenMove(SpanKind kind, int64_t start_us, int64_t at_us,
                          DimensionsId from, DimensionsId to, bool first) = 0;
  virtual void OnDone(const SpanValue& value) = 0;
  virtual void OnVoid(SpanKind kind, int64_t start_us, int64_t at_us,
                      DimensionsId dimensions, bool first, int sign) = 0;
  virtual void OnDeadline(const TrackedDeadline& deadline) = 0;
  // One that stays pending is another combination's now.
  virtual void OnPendingMove(int tracker, int64_t start_us, int64_t deadline_us,
                             DimensionsId from, DimensionsId to) = 0;
  // Beside OnDeadline: one that was missed is answered, or over without an
  // answer, at `end_us`. Where that is taken back, nobody remembers `end_us`.
  virtual void OnMissed(const TrackedDeadline& deadline, int64_t end_us) = 0;
  // The mean wait of an episode, from its opening to its close.
  virtual void OnPooled(int pool, int64_t mean_us, int64_t open_us,
                        int64_t close_us, DimensionsId dimensions) = 0;
  virtual void OnCount(Counter counter, int64_t at_us, DimensionsId dimensions,
                       int delta) = 0;
  // One that was counted is another combination's now.
  virtual void OnCountMove(Counter counter, int64_t at_us, DimensionsId from,
                           DimensionsId to) = 0;
  virtual void OnBacklog(const BacklogChange& change) = 0;
  // It has entered the backlog as a whole (1), or left it (-1).
  virtual void OnBacklogEdge(int64_t at_us, DimensionsId dimensions,
                             int delta) = 0;
  // The same for one that leaves a place for another at once.
  virtual void OnBacklogMove(const BacklogChange& from,
                             const BacklogChange& to) = 0;
  virtual void OnContact(int contact, ContactOutcome outcome, int64_t close_us,
                         DimensionsId dimensions, int delta) = 0;
  virtual void OnBot(BotOutcome outcome, int64_t at_us, DimensionsId dimensions,
                     int delta) = 0;
  virtual void OnReview(const Review& review) = 0;
  virtual void OnSurvey(const Survey& survey) = 0;
  // The bits of load (AgentLoadBit) that the episode puts on the agent.
  virtual void OnLoad(TextId agent, uint8_t bits, int64_t at_us,
                      DimensionsId dimensions) = 0;
  // An episode of the agent comes to the foreground, again perhaps.
  virtual void OnFocus(TextId agent, int64_t at_us) = 0;
  // The agent replied; `of_another`: somebody else has it assigned.
  virtual void OnReply(TextId agent, bool of_another, int64_t at_us) = 0;
  // The episode is over for an agent that it had been on.
  virtual void OnHandlingEnd(TextId agent, bool responded, int64_t at_us,
                             DimensionsId dimensions) = 0;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_OBSERVER_H_
