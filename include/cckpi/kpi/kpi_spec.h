// KpiSpec: one number the host asks for, with every choice it leaves open.
//
// The peers of this field disagree on almost every definition, so each
// variant is a named option here and in the configuration, never a silent
// guess. A default-constructed KpiSpec of a Kpi is not yet that KPI's default:
// `DefaultSpec(kpi)` in cckpi/kpi/catalogue.h gives it.
//
//   KpiSpec spec = DefaultSpec(Kpi::kServiceLevel);
//   spec.id = "sl20";
//   spec.within_us = 20 * kMinute;
//
// This file defines the enums Kpi, Statistic, Attribution and the option enums
// of single KPIs, and KpiSpec; those that the state machines know too (Clock,
// Response, Stage, Phase, …) are in timeline/definitions.h.

#ifndef CCKPI_KPI_KPI_SPEC_H_
#define CCKPI_KPI_KPI_SPEC_H_

#include <cstdint>
#include <string>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/timeline/definitions.h"

namespace cckpi {

// The catalogue. Numbers are never reused.
enum class Kpi : uint8_t {
  kFirstResponseTime = 0,
  kResponseTime = 1,
  kCustomerResponseTime = 2,
  kResolutionTime = 3,
  kServiceLevel = 4,
  kBeyondTurnaround = 5,
  kDueWithin = 6,
  kAccuracy = 7,
  kAssignToReply = 8,  // handle_time.assign_to_reply
  kHandleTime = 9,
  kOperatingTime = 10,
  kSpeedOfAnswer = 11,
  kFirstContactResolution = 12,
  kCasesPerHour = 13,
  kBacklog = 14,
  kBotOutcome = 15,
  kSatisfaction = 16,
  kForecastAccuracy = 17,
  kArrivals = 18,
  kAnswered = 19,
  kHandled = 20,
  kResolved = 21,
  kReopened = 22,
  kTransferred = 23,
  kMessages = 24,
  kOccupancy = 25,
  kCapacityOccupancy = 26,
  kUtilization = 27,
  kConcurrency = 28,
  kStateTime = 29,  // time and visits per agent state
  kStaffedTime = 30,
  kAvailableTime = 31,
  kBusyTime = 32,
  kIdleTime = 33,
  kDataQuality = 34,  // what looks wrong in the log, by agent
  kFormula = 63,      // the host's own: a formula over others
};

// What is said of the observations. Which ones a KPI has, and which it has by
// default, the catalogue says.
enum class Statistic : uint8_t {
  kMean = 0,
  kCount = 1,
  kSum = 2,
  kMin = 3,
  kMax = 4,
  kPercentile = 5,   // with KpiSpec::percentile_ppm
  kShareWithin = 6,  // with KpiSpec::within_us
  kRatio = 7,        // numerator / denominator
  kShare = 8,        // beyond_turnaround: of those due
  kTopBox = 9,       // satisfaction
  kResponseRate = 10,
  kCoverage = 11,  // accuracy: reviewed / eligible
  kWape = 12,      // forecast_accuracy, and the four after it
  kBias = 13,
  kMape = 14,
  kDeviation = 15,
  kAccuracy = 16,
  kOldest = 17,  // backlog, and the two after it
  kMeanAge = 18,
  kOpenWaits = 19,
  kMeanBusy = 20,         // concurrency while busy
  kVisits = 21,           // state_time
  kMeanWithWaiting = 22,  // speed_of_answer, those still waiting included
};

enum class Attribution : uint8_t {
  kArrival = 0,     // booked when it started
  kCompletion = 1,  // booked when it ended
  kSliced = 2,      // cut at interval edges
  kDeadline = 3,    // booked at the deadline
  kInstant = 4,     // a level at the end of the window
};

// response_time: all waits, or the mean of each episode's waits.
enum class Pooling : uint8_t { kPerMessage = 0, kPerInteraction = 1 };
// handle_time under concurrency
enum class Allocation : uint8_t {
  kElapsed = 0,
  kShare = 1,
  kFocus = 2,
  kResponse = 3
};
// cases_per_hour
enum class Cases : uint8_t { kAnswered = 0, kHandled = 1, kResolved = 2 };
enum class Hours : uint8_t { kAvailable = 0, kStaffed = 1, kBusy = 2 };
// occupancy, busy time, concurrency: which episodes load the agent
enum class Load : uint8_t { kAgentTurn = 0, kAssigned = 1, kFocus = 2 };
// utilization: time of agents, above or below the line
enum class AgentTimeClass : uint8_t {
  kProductive = 0,  // states of the class
  kPaid = 1,
  kAvailable = 2,  // of the class available or handling
  kStaffed = 3,    // all states but offline ones
  kBusy = 4,       // available, with a load
};
// data_quality: what is counted
enum class DataCheck : uint8_t {
  kAll = 0,  // each, in a row of its own
  kAssignedWhileUnavailable = 1,
  kAssignedWhileOffline = 2,
  kAssignedWhileUnknown = 3,
  kRepliedWhileUnavailable = 4,
  kRepliedWhileOffline = 5,
  kRepliedWhileUnknown = 6,
  kRepliedUnassigned = 7,
  kStateReplaced = 8,
  kStateExpired = 9,
  kStateLong = 10,
  kTeamChanged = 11,
};
inline constexpr int kDataCheckCount = 12;  // with kAll
// messages
enum class MessageSide : uint8_t {
  kAll = 0,
  kCustomer = 1,
  kAgent = 2,
  kBot = 3
};
// arrivals, answered, resolved: what is counted
enum class CountUnit : uint8_t {
  kEpisodes = 0,
  kInteractions = 1,
  kEvents = 2
};

struct KpiSpec {
  std::string id;  // the host's name; empty: the catalogue name
  Kpi kpi = Kpi::kFirstResponseTime;
  std::string formula;  // of kFormula: "late_answered / arrivals"

  Statistic statistic = Statistic::kMean;
  uint32_t percentile_ppm = 0;  // p99.9 is 999'000
  Clock clock = Clock::kCalendar;
  Attribution attribution = Attribution::kArrival;
  Response response = Response::kHuman;
  Stage stage = Stage::kFirst;
  int64_t within_us = 0;   // T of service_level, beyond_turnaround, due_within
  int64_t horizon_us = 0;  // Δ of due_within
  uint8_t exclude = 0;     // PhaseBit of each phase whose time does not count

  SpanStart from = SpanStart::kFirstCustomerMessage;
  SpanEnd to = SpanEnd::kClose;
  ResolutionLevel level = ResolutionLevel::kEpisode;
  Pooling pooling = Pooling::kPerMessage;
  bool skip_first = false;         // response_time leaves out the first wait
  bool closed_counts_met = false;  // service_level: closed unanswered within T
  bool over_all = false;           // accuracy over all responses, not reviewed
  std::vector<std::string> severities;  // accuracy; empty: all
  AnswerEnd answer = AnswerEnd::kReply;
  ContactRule contact = ContactRule::kAny;
  Allocation allocation = Allocation::kElapsed;
  Cases cases = Cases::kResolved;
  Hours hours = Hours::kAvailable;
  Load load = Load::kAgentTurn;
  AgentTimeClass numerator = AgentTimeClass::kProductive;  // utilization
  AgentTimeClass denominator = AgentTimeClass::kPaid;
  bool first_reply = false;  // assign_to_reply: of each assignment, the first
  MessageSide side = MessageSide::kAll;
  CountUnit counts = CountUnit::kEpisodes;
  std::string state;  // state_time of one state; empty: each
  DataCheck check = DataCheck::kAll;

  bool operator==(const KpiSpec&) const = default;
};

}  // namespace cckpi

#endif  // CCKPI_KPI_KPI_SPEC_H_
