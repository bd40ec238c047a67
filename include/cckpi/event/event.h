// Events: the facts that every number is computed from.
//
// An event says what happened (`kind`), when it happened at the provider
// (`at_us`) and to what: an interaction (one conversation thread on one
// channel with one customer), an agent, or a forecast. A field that is absent
// is empty, zero or kNoTime. Integers that identify something (an interaction
// number, say) are written as their decimal text.
//
//   Event event;
//   event.kind = EventKind::kCustomerMessage;
//   event.at_us = *ParseTime("2026-03-02T09:00:00Z");
//   event.interaction = "T-1";
//   event.channel = "whatsapp";
//   absl::Status status = ValidateEvent(event);   // OK
//
// An Event borrows its text: the bytes belong to the caller and must outlive
// the call that takes the event. The engine copies what it keeps.
//
// This file defines EventKind, Actor, MessageFlag, Event, their names as the
// formats write them, validation, and the total order.

#ifndef CCKPI_EVENT_EVENT_H_
#define CCKPI_EVENT_EVENT_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "cckpi/base/time.h"

namespace cckpi {

// What happened. The numbers are the order of events at one instant.
enum class EventKind : uint8_t {
  kCustomerMessage = 0,
  kBotMessage = 1,
  kBotHandoff = 2,  // the bot gives the conversation to people
  kQueued = 3,      // enters a team's queue; again on a transfer to a team
  kAssigned = 4,
  kAccepted = 5,
  kAgentMessage = 6,
  kUnassigned = 7,
  kHold = 8,
  kResumed = 9,
  kNoReplyNeeded = 10,  // voids the open wait: "thanks!"
  kResolved = 11,
  kAutoClosed = 12,  // closed by inactivity
  kReopened = 13,
  kDiscarded = 14,  // spam, merged, deleted
  kPriorityChanged = 15,
  kFocus = 16,  // the agent brings the interaction to the foreground
  kBlur = 17,
  kReviewed = 18,  // quality verdict on a response
  kSurveyed = 19,  // satisfaction score
  kAgentState = 20,
  kForecast = 21,
};
inline constexpr int kEventKindCount = 22;

// Who did it.
enum class Actor : uint8_t {
  kUnset = 0,
  kAgent = 1,
  kBot = 2,
  kCustomer = 3,
  kSystem = 4,
};

// Bits of Event::flags, on messages.
enum MessageFlag : uint8_t {
  kPrivate = 1,    // not visible to the customer
  kAutomated = 2,  // sent by a rule: out of office, "we received your message"
  kCampaign = 4,   // bulk outreach
  kReaction = 8,   // a like or an emoji on a message, not a message
  kEcho = 16,      // typed in the network's own app and echoed back
};

struct ErrorCount {
  std::string_view severity;
  int64_t count = 0;
};

struct Tag {
  std::string_view name;
  std::string_view value;
};

struct Event {
  int64_t at_us = kNoTime;           // required
  int64_t received_at_us = kNoTime;  // feeds lateness counters only
  EventKind kind = EventKind::kCustomerMessage;
  Actor by = Actor::kUnset;
  uint8_t flags = 0;             // MessageFlag bits
  std::string_view id;           // duplicates are recognised by it
  std::string_view interaction;  // required but for agent_state, forecast
  std::string_view customer;
  std::string_view channel;
  std::string_view source;  // page, inbox, phone number
  std::string_view team;
  std::string_view agent;
  std::string_view priority;
  std::string_view message;  // a message's own id; the reviewed one
  std::string_view state;    // of agent_state
  std::string_view reason;
  std::span<const ErrorCount> errors;  // of reviewed
  std::span<const Tag> tags;
  // Decimal numbers are held in millionths: 4.5 is 4'500'000.
  std::optional<int64_t> score_micro;   // of surveyed
  std::optional<int64_t> scale_micro;   // of surveyed: the best score
  std::optional<int64_t> volume_micro;  // of forecast
  int64_t interval_s = 0;               // of forecast
};

// "customer_message", "agent_state", …: the names of the formats.
std::string_view EventKindName(EventKind kind);
std::optional<EventKind> ParseEventKind(std::string_view name);

// "agent", "bot", "customer", "system"; empty for kUnset.
std::string_view ActorName(Actor actor);
std::optional<Actor> ParseActor(std::string_view name);

// "private", "automated", "campaign", "reaction", "echo"; 0 when unknown.
uint8_t ParseMessageFlag(std::string_view name);

// "private automated": the set bits' names, separated by one blank.
std::string MessageFlagNames(uint8_t flags);

// The event of `name` that has the fewest edits from it, for error messages.
std::string_view NearestEventKind(std::string_view name);

// Decimal text ("4", "-0.25") to millionths; nullopt when it is no number,
// has more than six decimals that are not zero, or does not fit.
std::optional<int64_t> ParseMicro(std::string_view text);
std::string FormatMicro(int64_t micro);

// OK, or InvalidArgument that names the field and the reason:
//   at: missing            at: 1970-01-01T00:00:00Z is before 1990
//   interaction: missing   agent: missing for agent_state
//   interaction: holds a NUL character       reviewed: errors.major is -1
// Checked are the required fields of the kind, the accepted range of instants,
// texts (valid UTF-8, no NUL, at most kMaxTextBytes), counts and numbers.
absl::Status ValidateEvent(const Event& event);

inline constexpr size_t kMaxTextBytes = 1024;

// The total order: by `at`, kind, `id`, then every remaining field (absent
// first), so that arrival order can never matter. Equal means identical.
std::strong_ordering CompareEvents(const Event& a, const Event& b);

}  // namespace cckpi

#endif  // CCKPI_EVENT_EVENT_H_
