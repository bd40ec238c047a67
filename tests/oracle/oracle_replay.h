// The oracle's records: what happened to one interaction, step by step.
//
// Replay turns the sorted events of one interaction into
//   * steps: each event (also the automatic closes) with the state before and
//     after it;
//   * episodes, waits and assignments, which name the steps that began and
//     ended them;
// and Scripts tell for one clock (a first response, a wait, a resolution) at
// which steps it starts, pauses and stops. The KPIs only loop over these.

#ifndef CCKPI_TESTS_ORACLE_ORACLE_REPLAY_H_
#define CCKPI_TESTS_ORACLE_ORACLE_REPLAY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "cckpi/event/event.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/kpi_spec.h"
#include "oracle/oracle_clock.h"

namespace cckpi::oracle {

inline constexpr size_t kNoStep = static_cast<size_t>(-1);

// What a group can be made of. Empty text is "none".
struct Dims {
  std::string_view channel;
  std::string_view source;
  std::string_view team;
  std::string_view agent;
  std::string_view priority;
  std::map<std::string_view, std::string_view> tags;

  ScheduleKey Key() const { return {team, channel, source, priority}; }
  Dims WithAgent(std::string_view name) const {
    Dims result = *this;
    result.agent = name;
    return result;
  }
};

struct Step {
  int64_t at_us = 0;
  EventKind kind = EventKind::kCustomerMessage;
  Event event;       // of an automatic close, only `at` and `kind`
  Dims before;       // with what the event says of the interaction, before it
                     // moved the interaction to another team or owner
  Dims after;        // its agent is the owner
  int episode = -1;  // the open episode after the step
  bool entered = false;
  bool in_bot = false;
  bool wait_open = false;
  Phase phase = Phase::kQueue;
};

struct Episode {
  size_t open = kNoStep;
  size_t entry = kNoStep;
  size_t close = kNoStep;
  // The first customer message, or the hand-off that stands for it.
  size_t contact = kNoStep;
  bool outbound = false;
  bool routed_before = false;  // queued, assigned or accepted before it opened
  bool queued_before = false;
  bool auto_closed = false;
  bool discarded = false;
  std::string_view resolver;
  int64_t last_message_us = 0;
  bool last_message_is_customers = false;
  bool last_message_is_humans = false;
  std::vector<size_t> customer_messages;  // that owe an answer
  std::vector<size_t> human_responses;
  std::vector<size_t> bot_responses;
  std::vector<size_t> handoffs;
  std::vector<size_t> queued;
  std::vector<size_t> assigned;
  std::vector<size_t> accepted;
  std::vector<size_t> transfers;
  size_t human_side = kNoStep;  // the first step on the human side
};

enum class WaitEnd { kOpen, kHuman, kBot, kNoReplyNeeded, kClosed };

struct Wait {
  size_t episode = 0;
  size_t open = kNoStep;
  size_t end = kNoStep;
  bool human = false;      // a hand-off made it one
  size_t moved = kNoStep;  // the hand-off that moved its start
  WaitEnd end_kind = WaitEnd::kOpen;
};

struct Assignment {
  size_t episode = 0;
  std::string_view agent;
  size_t begin = kNoStep;
  size_t end = kNoStep;
};

// From its first event until it is forgotten: what comes under its name later
// is of another one.
struct Interaction {
  std::string_view name;
  std::string_view customer;
  size_t customer_known = kNoStep;  // the step that named the customer
  bool discarded = false;
  std::vector<Step> steps;
  std::vector<Episode> episodes;
  std::vector<Wait> waits;
  std::vector<Wait> human_only_waits;
  std::vector<Assignment> assignments;
  int64_t refused = 0;

  int64_t At(size_t step) const { return steps[step].at_us; }
  // The last step at or before an instant; kNoStep before the first one.
  size_t StepAt(int64_t at_us) const;
  // The last step before an instant.
  size_t StepBefore(int64_t at_us) const;
  // The time of [from_us, to_us) that the episodes do not spend in `exclude`,
  // known up to `last_step` and then as it is after that step.
  Spans Counted(int64_t from_us, int64_t to_us, uint8_t exclude,
                size_t last_step) const;
};

bool OwesAnswer(const Event& event);
bool IsHumanResponse(const Event& event);
bool IsBotResponse(const Event& event);

// `events` are sorted, of one name, without duplicates, up to `now_us`. What
// was forgotten is an interaction, and what begins anew is the next one.
std::vector<Interaction> Replay(const std::vector<Event>& events,
                                const Config& config, int64_t now_us);

struct Action {
  enum class Type {
    kStart,  // or starts anew
    kSuspend,
    kAnswer,
    kVoidClosed,  // by a close
    kVoid,        // by no_reply_needed
  };
  Type type = Type::kStart;
  size_t step = 0;
  int64_t start_us = 0;    // of kStart, and where it never ran, of the end
  std::string_view agent;  // of kAnswer: who is credited
  bool by_bot = false;     // of kAnswer
};
using Script = std::vector<Action>;

// The human clock, and the clocks `any` and `bot`.
Script FirstResponseScript(const Interaction& interaction,
                           const Episode& episode, Response response);
Script WaitScript(const Interaction& interaction, const Wait& wait);
// The same from the entry of the episode on, for what leaves outbound episodes
// out until they enter. Empty when the wait ends before.
Script EnteredWaitScript(const Interaction& interaction, const Wait& wait);
Script ResolutionScript(const Interaction& interaction, const Episode& episode);

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_ORACLE_REPLAY_H_
