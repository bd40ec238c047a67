// The choices that the state machines know: clocks, responses, stages, phases.
//
// docs/kpis.md says what each means; KpiSpec (kpi/kpi_spec.h) combines them
// into a number.

#ifndef CCKPI_TIMELINE_DEFINITIONS_H_
#define CCKPI_TIMELINE_DEFINITIONS_H_

#include <cstdint>

namespace cckpi {

enum class Clock : uint8_t { kCalendar = 0, kBusiness = 1 };

// Whose message answers.
enum class Response : uint8_t {
  kHuman = 0,
  kAny = 1,  // a person or a bot
  kBot = 2,
  kHumanOnly = 3,  // response_time: a bot never closes a wait
};

enum class Stage : uint8_t { kFirst = 0, kEvery = 1, kResolution = 2 };

// Where an open episode is; exactly one at each instant.
enum class Phase : uint8_t {
  kBot = 0,
  kQueue = 1,         // waiting for an agent
  kAgentTurn = 2,     // assigned, the customer is owed an answer
  kCustomerTurn = 3,  // assigned, the agent waits
  kHold = 4,
};
inline constexpr int kPhaseCount = 5;
constexpr uint8_t PhaseBit(Phase phase) {
  return static_cast<uint8_t>(1u << static_cast<unsigned>(phase));
}

// resolution_time and operating_time: where the span starts and ends.
enum class SpanStart : uint8_t {
  kFirstCustomerMessage = 0,
  kFirstAgentMessage = 1
};
enum class SpanEnd : uint8_t {
  kClose = 0,
  kLastAgentMessage = 1,
  kCloseMinusInactivity = 2,  // an automatic close minus its timeout
};
// resolution_time: of each episode, or of the interaction from its first
// opening to its first or latest close.
enum class ResolutionLevel : uint8_t { kEpisode = 0, kFirst = 1, kLast = 2 };
// speed_of_answer
enum class AnswerEnd : uint8_t { kReply = 0, kAssigned = 1, kAccepted = 2 };
// first_contact_resolution
enum class ContactRule : uint8_t { kAny = 0, kStrict = 1, kOneTouch = 2 };

}  // namespace cckpi

#endif  // CCKPI_TIMELINE_DEFINITIONS_H_
