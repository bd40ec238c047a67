// TimelinePlan: which variants the episode machine has to follow.
//
// The configured KPIs compile into it (kpi/plan.h); what is not in it is not
// computed. Index 0 of `clocks` is always the plain calendar clock.

#ifndef CCKPI_SRC_TIMELINE_TIMELINE_PLAN_H_
#define CCKPI_SRC_TIMELINE_TIMELINE_PLAN_H_

#include <cstdint>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/timeline/definitions.h"

namespace cckpi {

// How a span is measured: on which clock, without which phases.
struct ClockSpec {
  Clock clock = Clock::kCalendar;
  uint8_t exclude = 0;  // PhaseBit of each phase left out

  bool plain() const { return clock == Clock::kCalendar && exclude == 0; }
  bool operator==(const ClockSpec&) const = default;
};

// What runs from one event to another. The first ones start once per episode.
enum class SpanKind : uint8_t {
  kFirstHuman = 0,
  kFirstAny = 1,
  kFirstBot = 2,
  kWait = 3,
  kWaitHumanOnly = 4,
  kCustomerRun = 5,
  kResolution = 6,       // of the episode, by SpanEnd: 6, 7, 8
  kResolutionFirst = 9,  // of the interaction, by SpanEnd: 9, 10, 11
  kResolutionLast = 12,  // 12, 13, 14
  kOperating = 15,       // by SpanStart × SpanEnd: 15 … 20
  kAnswer = 21,          // by AnswerEnd: 21, 22, 23
  kAssignToReply = 24,
  kAssignToFirstReply = 25,
};
inline constexpr int kSpanKindCount = 26;

constexpr SpanKind ResolutionKind(ResolutionLevel level, SpanEnd end) {
  return static_cast<SpanKind>(6 + 3 * static_cast<int>(level) +
                               static_cast<int>(end));
}
constexpr SpanKind OperatingKind(SpanStart start, SpanEnd end) {
  return static_cast<SpanKind>(15 + 3 * static_cast<int>(start) +
                               static_cast<int>(end));
}
constexpr SpanKind AnswerKind(AnswerEnd end) {
  return static_cast<SpanKind>(21 + static_cast<int>(end));
}
constexpr uint32_t SpanBit(SpanKind kind) {
  return uint32_t{1} << static_cast<unsigned>(kind);
}

// A deadline that is followed: service level and turnaround.
struct TrackerSpec {
  Stage stage = Stage::kFirst;
  bool any_response = false;  // bots answer too
  bool closed_counts_met = false;
  uint8_t clock = 0;  // index into clocks
  int64_t within_us = 0;

  bool operator==(const TrackerSpec&) const = default;
};

// The mean of an episode's waits.
struct PoolSpec {
  bool human_only = false;  // over waits that only people close
  bool by_human = true;     // take the waits that people answered
  bool by_bot = false;      // take the waits that bots answered
  bool skip_first = false;
  uint8_t clock = 0;

  bool operator==(const PoolSpec&) const = default;
};

struct ContactSpec {
  ContactRule rule = ContactRule::kAny;
  Response response = Response::kHuman;

  bool operator==(const ContactSpec&) const = default;
};

struct TimelinePlan {
  std::vector<ClockSpec> clocks = {ClockSpec{}};
  std::vector<TrackerSpec> trackers;
  std::vector<PoolSpec> pools;
  std::vector<ContactSpec> contacts;  // at most 8
  uint32_t spans = 0;                 // SpanBit of each kind followed
  // CounterBit of each counter that anybody reads.
  uint32_t counters = 0xFFFFFFFF;
  bool follows_replies = true;  // of agents, to their state
  // AgentLoadBit bits of the loads that anybody reads.
  uint8_t loads = 0xFF;
  bool follows_reviews = false;
  bool follows_handled = false;
  bool follows_load = false;
  int64_t auto_close_after_us = 0;  // 0: never
  int64_t contact_window_us = 0;    // W of first contact resolution
  int64_t forget_after_us = 0;
  int64_t review_window_us = 0;

  // Responses before this instant can no longer be reviewed at `at_us`.
  int64_t oldest_reviewed_us(int64_t at_us) const {
    return at_us < kEarliestTime ? kNoTime : at_us - review_window_us;
  }
  bool follows(SpanKind kind) const { return (spans & SpanBit(kind)) != 0; }
  bool excludes() const {
    for (const ClockSpec& clock : clocks) {
      if (clock.exclude != 0) return true;
    }
    return false;
  }
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_TIMELINE_PLAN_H_
