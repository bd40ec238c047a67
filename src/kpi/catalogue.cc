// The table of definitions. What a word means (wait, episode, qualifying
// response) is in docs/kpis.md; here each KPI says only what is its own.

#include "cckpi/kpi/catalogue.h"

#include <array>
#include <cstddef>

namespace cckpi {
namespace {

// Statistics that several KPIs share, and how configuration writes them.

constexpr Statistic kDurationStatistics[] = {
    Statistic::kMean,       Statistic::kCount, Statistic::kSum,
    Statistic::kMin,        Statistic::kMax,   Statistic::kPercentile,
    Statistic::kShareWithin};
constexpr Statistic kAnswerStatistics[] = {
    Statistic::kMean,        Statistic::kCount,
    Statistic::kSum,         Statistic::kMin,
    Statistic::kMax,         Statistic::kPercentile,
    Statistic::kShareWithin, Statistic::kMeanWithWaiting};
constexpr Statistic kRatioOnly[] = {Statistic::kRatio};
constexpr Statistic kCountOnly[] = {Statistic::kCount};
constexpr Statistic kSumOnly[] = {Statistic::kSum};
constexpr Statistic kTurnaroundStatistics[] = {Statistic::kCount,
                                               Statistic::kShare};
constexpr Statistic kReviewStatistics[] = {Statistic::kRatio,
                                           Statistic::kCoverage};
constexpr Statistic kBacklogStatistics[] = {
    Statistic::kCount, Statistic::kOpenWaits, Statistic::kOldest,
    Statistic::kMeanAge, Statistic::kPercentile};
constexpr Statistic kSurveyStatistics[] = {Statistic::kMean, Statistic::kTopBox,
                                           Statistic::kResponseRate,
                                           Statistic::kCount};
constexpr Statistic kForecastStatistics[] = {
    Statistic::kAccuracy, Statistic::kWape, Statistic::kBias, Statistic::kMape,
    Statistic::kDeviation};
constexpr Statistic kConcurrencyStatistics[] = {
    Statistic::kMean, Statistic::kMeanBusy, Statistic::kMax};
constexpr Statistic kStateStatistics[] = {Statistic::kSum, Statistic::kVisits};

constexpr std::string_view kStatisticSummary = "what is said of the values";
constexpr KpiOption kDurationStatistic = {
    "statistic", "mean | count | sum | min | max | median | pNN | share_within",
    "mean", kStatisticSummary};
constexpr KpiOption kRatioStatistic = {"statistic", "ratio", "ratio",
                                       kStatisticSummary};
constexpr KpiOption kCountStatistic = {"statistic", "count", "count",
                                       kStatisticSummary};
constexpr KpiOption kSumStatistic = {"statistic", "sum", "sum",
                                     kStatisticSummary};

// Options that several KPIs share.

constexpr KpiOption kClock = {
    "clock", "calendar | business", "calendar",
    "all time, or only the time inside the opening hours"};
constexpr KpiOption kAtArrival = {
    "attribution", "arrival | completion", "arrival",
    "booked at the instant it started, or at the one it ended"};
constexpr KpiOption kAtCompletion = {
    "attribution", "arrival | completion", "completion",
    "booked at the instant it started, or at the one it ended"};
constexpr KpiOption kResponse = {
    "response", "human | any | bot", "human",
    "whose message answers: a person's, anyone's, a bot's"};
constexpr KpiOption kWaitResponse = {
    "response", "human | any | bot | human_only", "human",
    "whose message answers; human: a bot's closes the wait without counting; "
    "human_only: a bot's never closes a wait"};
constexpr KpiOption kTargetResponse = {
    "response", "human | any", "human",
    "whose message answers: a person's, or a bot's as well"};
constexpr KpiOption kShareWithin = {
    "within", "span", "15m", "T of the statistic share_within; <= T is within"};
constexpr KpiOption kTarget = {"within", "span", "15m",
                               "T; an answer after exactly T is within"};
constexpr KpiOption kExclude = {
    "exclude", "list of bot, queue, agent_turn, customer_turn, hold", "",
    "phases whose time does not count; deadlines move accordingly"};
constexpr KpiOption kStage = {
    "stage", "first | every | resolution", "first",
    "what must come within T: the first response, every response, the close"};
constexpr KpiOption kTurnaroundStage = {
    "stage", "first | every", "first",
    "which responses have a deadline: the first of the episode, or every one"};
constexpr KpiOption kDueStage = {
    "stage", "first | every", "every",
    "which responses have a deadline: the first of the episode, or every one"};
constexpr KpiOption kLoad = {
    "load", "agent_turn | assigned | focus", "agent_turn",
    "which episodes occupy the agent: those that wait for him, all assigned "
    "to him, or the one in the foreground"};

// The options of each KPI, in the order of output.

constexpr KpiOption kFirstResponseOptions[] = {
    kDurationStatistic, kClock, kAtArrival, kResponse, kShareWithin, kExclude};
constexpr KpiOption kResponseOptions[] = {
    kDurationStatistic,
    kClock,
    kAtCompletion,
    kWaitResponse,
    {"pooling", "per_message | per_interaction", "per_message",
     "each wait is a value, or the mean of each episode's waits is"},
    {"skip_first", "true | false", "false",
     "leaves the first wait of each episode out"},
    kShareWithin,
    kExclude};
constexpr KpiOption kPlainDurationOptions[] = {
    kDurationStatistic, kClock, kAtCompletion, kShareWithin, kExclude};
constexpr KpiOption kAssignToReplyOptions[] = {
    kDurationStatistic,
    kClock,
    kAtCompletion,
    {"replies", "every | first", "every",
     "every wait of an assignment, from the wait on; or each assignment once, "
     "from the assignment to its agent's first reply"},
    kShareWithin,
    kExclude};
constexpr KpiOption kResolutionOptions[] = {
    kDurationStatistic,
    kClock,
    kAtCompletion,
    {"to", "close | last_agent_message | close_minus_inactivity", "close",
     "where the span ends; close_minus_inactivity takes the timeout off an "
     "automatic close"},
    {"level", "episode | first | last", "episode",
     "each episode; or the interaction, from its first opening to its first "
     "or to its latest close"},
    kShareWithin,
    kExclude};
constexpr KpiOption kServiceLevelOptions[] = {
    kTarget,
    kStage,
    kRatioStatistic,
    kClock,
    kTargetResponse,
    {"closed_unanswered", "void | met", "void",
     "an episode closed without an answer before its deadline is left out, "
     "or counts as met"},
    kExclude};
constexpr KpiOption kTurnaroundOptions[] = {
    kTarget,
    kTurnaroundStage,
    {"statistic", "count | share", "count",
     "the number beyond T, or that number / the number due"},
    kClock,
    kTargetResponse,
    kExclude};
constexpr KpiOption kDueWithinOptions[] = {
    {"horizon", "span", "15m", "how far ahead to look"},
    kTarget,
    kDueStage,
    kCountStatistic,
    kClock,
    kTargetResponse,
    kExclude};
constexpr KpiOption kAccuracyOptions[] = {
    {"statistic", "ratio | coverage", "ratio",
     "responses without errors / reviewed ones, or reviewed / eligible"},
    {"over", "reviewed | all", "reviewed",
     "the denominator: reviewed responses, or every response"},
    {"severities", "list of text", "",
     "the severities that count as errors; empty: every one"}};
constexpr KpiOption kHandleTimeOptions[] = {
    kDurationStatistic,
    {"attribution", "completion | sliced", "completion",
     "the whole time when the handling ends, or each second where it falls"},
    {"allocation", "elapsed | share | focus | response", "elapsed",
     "of the seconds in which an agent handles several at once: each gets "
     "all, each 1/n, only the one in the foreground, only those that wait for "
     "the agent"},
    kLoad,
    kShareWithin};
constexpr KpiOption kOperatingOptions[] = {
    kDurationStatistic,
    kClock,
    kAtCompletion,
    {"from", "first_customer_message | first_agent_message",
     "first_customer_message", "where the span starts"},
    {"to", "last_agent_message | close | close_minus_inactivity",
     "last_agent_message",
     "where the span ends; close_minus_inactivity takes the timeout off an "
     "automatic close"},
    kShareWithin,
    kExclude};
constexpr KpiOption kAnswerOptions[] = {
    {"statistic",
     "mean | count | sum | min | max | median | pNN | share_within | "
     "mean_with_waiting",
     "mean", kStatisticSummary},
    kClock,
    kAtCompletion,
    {"to", "reply | assigned | accepted", "reply",
     "what ends the waiting: the agent's first reply, the assignment, or its "
     "acceptance"},
    kShareWithin,
    kExclude};
constexpr KpiOption kContactOptions[] = {
    kRatioStatistic,
    {"rule", "any | strict | one_touch", "any",
     "strict: a transfer fails; one_touch: so does more than one uninterrupted "
     "run of agent messages"},
    kResponse};
constexpr KpiOption kCasesOptions[] = {
    kRatioStatistic,
    {"cases", "answered | handled | resolved", "resolved", "what is counted"},
    {"hours", "available | staffed | busy", "available",
     "the agent hours it is divided by"},
    kLoad};
constexpr KpiOption kBacklogOptions[] = {
    {"statistic", "count | open_waits | oldest | mean_age | median | pNN",
     "count",
     "open episodes, open waits, or the age of the open episodes: the oldest, "
     "the mean, a percentile"},
    kClock};
constexpr KpiOption kBotOutcomeOptions[] = {kRatioStatistic};
constexpr KpiOption kSatisfactionOptions[] = {
    {"statistic", "mean | top_box | response_rate | count", "mean",
     "the mean score, the share of the best score, answers / closed episodes, "
     "or the answers"}};
constexpr KpiOption kForecastOptions[] = {
    {"statistic", "accuracy | wape | bias | mape | deviation", "accuracy",
     kStatisticSummary}};
constexpr KpiOption kArrivalOptions[] = {
    kCountStatistic,
    {"counts", "episodes | interactions | events", "episodes",
     "every episode, each interaction once, or every customer message that "
     "owes an answer"}};

constexpr KpiOption kResolvedOptions[] = {
    kCountStatistic,
    {"counts", "episodes | interactions", "episodes",
     "every close, or each interaction once, at its first"}};

constexpr KpiOption kMessageOptions[] = {
    kCountStatistic,
    {"side", "all | customer | agent | bot", "all", "whose messages"}};
constexpr KpiOption kCountOptions[] = {kCountStatistic};
constexpr KpiOption kLoadRatioOptions[] = {kRatioStatistic, kLoad};
constexpr std::string_view kTimeClassWords =
    "productive | paid | available | staffed | busy";
constexpr KpiOption kUtilizationOptions[] = {
    kRatioStatistic,
    {"numerator_time", kTimeClassWords, "productive",
     "above the line: time in states of the class, all staffed time, or the "
     "busy time"},
    {"denominator_time", kTimeClassWords, "paid", "below the line"},
    kLoad};
constexpr KpiOption kConcurrencyOptions[] = {
    {"statistic", "mean | mean_busy | max", "mean",
     "over the available time, over the busy time, or the highest level"},
    kLoad};
constexpr KpiOption kStateTimeOptions[] = {
    {"statistic", "sum | visits", "sum", "time in the state, or entries"},
    {"state", "text", "", "one agent state by name; empty: each"}};
constexpr KpiOption kDataQualityOptions[] = {
    kCountStatistic,
    {"check",
     "all | assigned_while_unavailable | assigned_while_offline | "
     "assigned_while_unknown | replied_while_unavailable | "
     "replied_while_offline | replied_while_unknown | replied_unassigned | "
     "state_replaced | state_expired | state_long | team_changed",
     "all", "one check by name; all: each in a row of its own"}};
constexpr KpiOption kTimeOptions[] = {kSumStatistic};
constexpr KpiOption kLoadTimeOptions[] = {kSumStatistic, kLoad};

constexpr KpiDefinition kCatalogue[] = {
    {Kpi::kFirstResponseTime, "first_response_time", "First response time",
     Unit::kSeconds, "How long the customer waits for the first answer.",
     "first customer message of the episode; a bot's first hand-off before any "
     "human response starts it anew",
     "first qualifying response after the start",
     "episodes with a customer message; done: answered, open: still waiting, "
     "void: closed without an answer",
     "the agent who sent the response", Attribution::kArrival, Statistic::kMean,
     kDurationStatistics, kFirstResponseOptions},
    {Kpi::kResponseTime, "response_time", "Time between messages",
     Unit::kSeconds, "How long the customer is owed an answer, each time.",
     "first unanswered customer message, or a bot's hand-off",
     "next response; a bot's ends it too, unless it was handed off or response "
     "is human_only",
     "waits that a qualifying response ended; open: still waiting, void: the "
     "episode closed first or no reply was needed",
     "the agent who sent the response", Attribution::kCompletion,
     Statistic::kMean, kDurationStatistics, kResponseOptions},
    {Kpi::kCustomerResponseTime, "customer_response_time",
     "Customer response time", Unit::kSeconds,
     "How long the customer takes to write again after an agent.",
     "last agent message of an uninterrupted run of agent messages",
     "next customer message of the episode",
     "runs of agent messages; done: followed by the customer, open: not yet, "
     "void: the episode closed first",
     "the agent who sent the message", Attribution::kCompletion,
     Statistic::kMean, kDurationStatistics, kPlainDurationOptions},
    {Kpi::kResolutionTime, "resolution_time", "Resolution time", Unit::kSeconds,
     "How long a case takes from its opening to its close.",
     "the episode opens; where level is first or last, the interaction's "
     "first episode does",
     "the close; by option the last human response, or the last message before "
     "an automatic close",
     "closed episodes; open: still open, void: without the end that was chosen",
     "the agent who resolved it", Attribution::kCompletion, Statistic::kMean,
     kDurationStatistics, kResolutionOptions},
    {Kpi::kServiceLevel, "service_level", "Service level", Unit::kRatio,
     "The share of answers that came within T: met / (met + missed).",
     "as the stage: the first response, every wait, or the episode's opening",
     "the response or close, within T of the start; missed at once when T "
     "runs out unanswered",
     "met and missed; apart from them pending (T still runs) and void (closed "
     "unanswered before T ran out)",
     "the agent who replied; where nobody did, the owner at the deadline",
     Attribution::kArrival, Statistic::kRatio, kRatioOnly,
     kServiceLevelOptions},
    {Kpi::kBeyondTurnaround, "beyond_turnaround", "Beyond turnaround time",
     Unit::kCount,
     "How many deadlines passed without an answer: late_answered + "
     "overdue_unanswered.",
     "as first response or wait", "the deadline, the start plus T on the clock",
     "deadlines in the window; late_answered: answered after it, "
     "overdue_unanswered: open or closed without an answer; due: these two and "
     "met",
     "the owner at the deadline", Attribution::kDeadline, Statistic::kCount,
     kTurnaroundStatistics, kTurnaroundOptions},
    {Kpi::kDueWithin, "due_within", "Due within", Unit::kCount,
     "How many open waits have their deadline in the time just ahead.",
     "as first response or wait", "the deadline, the start plus T on the clock",
     "waits open now whose deadline lies in (now, now + horizon]", "the owner",
     Attribution::kInstant, Statistic::kCount, kCountOnly, kDueWithinOptions},
    {Kpi::kAccuracy, "accuracy", "Accuracy", Unit::kRatio,
     "The share of reviewed responses without any error of the chosen "
     "severities, with its 95 % Wilson interval.",
     "", "",
     "responses with a review, the latest one counting; eligible: all human "
     "responses",
     "the agent who wrote the response; booked at the response",
     Attribution::kCompletion, Statistic::kRatio, kReviewStatistics,
     kAccuracyOptions},
    {Kpi::kAssignToReply, "handle_time.assign_to_reply", "Assignment to reply",
     Unit::kSeconds, "How long an agent takes to answer what he was given.",
     "the assignment, or the opening of the wait where that is later",
     "that agent's response that closes the wait",
     "pairs of assignment and wait; open: not answered yet, void: taken away "
     "or closed first; untouched: assignments without any reply",
     "that agent", Attribution::kCompletion, Statistic::kMean,
     kDurationStatistics, kAssignToReplyOptions},
    {Kpi::kHandleTime, "handle_time", "Handle time", Unit::kSeconds,
     "How much agent time a case takes.",
     "the agent's handling of the episode begins",
     "it ends: unassigned, reassigned or closed",
     "pairs of agent and episode with activity", "each agent, for the own part",
     Attribution::kCompletion, Statistic::kMean, kDurationStatistics,
     kHandleTimeOptions},
    {Kpi::kOperatingTime, "operating_time", "Operating time (TMO)",
     Unit::kSeconds, "How long a case is worked on, from message to message.",
     "first customer message of the episode, or by option the first human "
     "response",
     "last human response; by option the close, or the last message before an "
     "automatic close",
     "closed episodes with a human response; void: without one, or ending "
     "before the start",
     "the sender of the last human response", Attribution::kCompletion,
     Statistic::kMean, kDurationStatistics, kOperatingOptions},
    {Kpi::kSpeedOfAnswer, "speed_of_answer", "Speed of answer (ASA)",
     Unit::kSeconds, "How long a case waits for a person to take it.",
     "first time in a team's queue or first hand-off; without either, the "
     "first customer message",
     "first human response; by option the first assignment or acceptance",
     "episodes with a customer message; open: waiting for a person, void: "
     "closed first; mean_with_waiting takes the open ones in with their "
     "waiting so far",
     "the agent who answered", Attribution::kCompletion, Statistic::kMean,
     kAnswerStatistics, kAnswerOptions},
    {Kpi::kFirstContactResolution, "first_contact_resolution",
     "First contact resolution (FCR)", Unit::kRatio,
     "The share of closed cases that the customer did not come back about.", "",
     "no reopen and no new episode of the same customer, on any channel, "
     "within the FCR window after the close",
     "closed episodes with an answer; pending: a yes while the FCR window "
     "still runs, counted as yes, with the bounds beside it",
     "the agent who resolved it; booked at the close", Attribution::kCompletion,
     Statistic::kRatio, kRatioOnly, kContactOptions},
    {Kpi::kCasesPerHour, "cases_per_hour", "Cases per hour", Unit::kPerHour,
     "Cases answered, handled or resolved per agent hour.", "", "",
     "all cases and all hours of the window, both published", "the agent",
     Attribution::kSliced, Statistic::kRatio, kRatioOnly, kCasesOptions},
    {Kpi::kBacklog, "backlog", "Backlog", Unit::kCount,
     "Open cases at the end of the window, by phase and age.", "", "",
     "open episodes with a customer message, before the events of that "
     "instant; backlog(t2) = backlog(t1) + opened - closed",
     "the owner", Attribution::kInstant, Statistic::kCount, kBacklogStatistics,
     kBacklogOptions},
    {Kpi::kBotOutcome, "bot_outcome", "Bot outcome", Unit::kRatio,
     "The share of bot conversations that the bot resolved alone, beside the "
     "other outcomes.",
     "", "",
     "episodes with a bot response or a hand-off: exactly one of "
     "resolved_by_bot, "
     "handed_off, human_took_over, abandoned_in_bot, open",
     "nobody; booked at the episode's opening", Attribution::kArrival,
     Statistic::kRatio, kRatioOnly, kBotOutcomeOptions},
    {Kpi::kSatisfaction, "satisfaction", "Satisfaction", Unit::kScore,
     "What customers answer to the survey.", "", "",
     "episodes with a survey answer, the last one counting; response_rate is "
     "over closed episodes",
     "the sender of the last human response; booked at the answer",
     Attribution::kCompletion, Statistic::kMean, kSurveyStatistics,
     kSatisfactionOptions},
    {Kpi::kForecastAccuracy, "forecast_accuracy", "Forecast accuracy",
     Unit::kRatio,
     "How close the forecast F came to the arrivals A: max(0, 1 - WAPE), "
     "WAPE being sum |F - A| / sum A.",
     "", "",
     "intervals that have a forecast; bias is sum (F - A) / sum A, MAPE the "
     "mean of |F - A| / A where A > 0, deviation sum (A - F) / sum F",
     "the group of the forecast; booked at the interval", Attribution::kArrival,
     Statistic::kAccuracy, kForecastStatistics, kForecastOptions},
    {Kpi::kArrivals, "arrivals", "Arrivals", Unit::kCount,
     "How many cases the customers opened.", "", "",
     "episodes, at their first customer message", "the first owner",
     Attribution::kArrival, Statistic::kCount, kCountOnly, kArrivalOptions},
    {Kpi::kAnswered, "answered", "Answered", Unit::kCount,
     "How many cases got a first human response.", "", "",
     "episodes, at their first human response after the customer wrote",
     "the agent who replied", Attribution::kCompletion, Statistic::kCount,
     kCountOnly, kCountOptions},
    {Kpi::kHandled, "handled", "Handled", Unit::kCount,
     "How many cases agents worked on.", "", "",
     "pairs of agent and episode with a human response, at the agent's first "
     "one",
     "that agent", Attribution::kCompletion, Statistic::kCount, kCountOnly,
     kCountOptions},
    {Kpi::kResolved, "resolved", "Resolved", Unit::kCount,
     "How many cases were resolved.", "", "",
     "episodes, when they are resolved; automatic closes are not counted",
     "the agent who resolved it", Attribution::kCompletion, Statistic::kCount,
     kCountOnly, kResolvedOptions},
    {Kpi::kReopened, "reopened", "Reopened", Unit::kCount,
     "How many closed cases opened again.", "", "",
     "episodes of an interaction after its first, at their opening",
     "the agent who resolved the episode before", Attribution::kArrival,
     Statistic::kCount, kCountOnly, kCountOptions},
    {Kpi::kTransferred, "transferred", "Transferred", Unit::kCount,
     "How often a case was queued again.", "", "",
     "entries into a team's queue of an episode that was queued or assigned "
     "before",
     "the owner before", Attribution::kCompletion, Statistic::kCount,
     kCountOnly, kCountOptions},
    {Kpi::kMessages, "messages", "Messages", Unit::kCount,
     "How many messages were written.", "", "",
     "messages that are neither private nor reactions, at their instant",
     "the sender; of customers' and bots' messages the owner",
     Attribution::kCompletion, Statistic::kCount, kCountOnly, kMessageOptions},
    {Kpi::kOccupancy, "occupancy", "Occupancy", Unit::kRatio,
     "The share of available time with at least one case: busy / (busy + "
     "idle).",
     "", "", "available time of the agents", "the agent", Attribution::kSliced,
     Statistic::kRatio, kRatioOnly, kLoadRatioOptions},
    {Kpi::kCapacityOccupancy, "capacity_occupancy", "Capacity occupancy",
     Unit::kRatio,
     "The share of the places for simultaneous cases in use: integral of "
     "min(n, c) / integral of c.",
     "", "", "available time of the agents, c being agent_capacity",
     "the agent", Attribution::kSliced, Statistic::kRatio, kRatioOnly,
     kLoadRatioOptions},
    {Kpi::kUtilization, "utilization", "Utilization", Unit::kRatio,
     "The share of paid time that is productive.", "", "",
     "time in states of the class paid; above the line the class productive",
     "the agent", Attribution::kSliced, Statistic::kRatio, kRatioOnly,
     kUtilizationOptions},
    {Kpi::kConcurrency, "concurrency", "Concurrency", Unit::kCount,
     "How many cases occupy an agent at once.", "", "",
     "available time of the agents, with the time at each level", "the agent",
     Attribution::kSliced, Statistic::kMean, kConcurrencyStatistics,
     kConcurrencyOptions},
    {Kpi::kStateTime, "state_time", "Time in agent states", Unit::kSeconds,
     "How long agents are in each state, and how often they enter it.",
     "the agent enters the state", "the agent leaves it, or now",
     "presence intervals; the states sum to the logged-in time", "the agent",
     Attribution::kSliced, Statistic::kSum, kStateStatistics,
     kStateTimeOptions},
    {Kpi::kStaffedTime, "staffed_time", "Staffed time", Unit::kSeconds,
     "How long agents are logged in.", "the agent leaves a state offline",
     "the agent enters a state offline, or now",
     "time in any known state that is not of the class offline", "the agent",
     Attribution::kSliced, Statistic::kSum, kSumOnly, kTimeOptions},
    {Kpi::kAvailableTime, "available_time", "Available time", Unit::kSeconds,
     "How long agents can take or handle cases.",
     "the agent enters a state available or handling",
     "the agent leaves it, or now",
     "time in states of the class available or handling", "the agent",
     Attribution::kSliced, Statistic::kSum, kSumOnly, kTimeOptions},
    {Kpi::kBusyTime, "busy_time", "Busy time", Unit::kSeconds,
     "How long available agents have at least one case.",
     "the first case begins to occupy the agent",
     "no case occupies him any more", "available time with a load of 1 or more",
     "the agent", Attribution::kSliced, Statistic::kSum, kSumOnly,
     kLoadTimeOptions},
    {Kpi::kIdleTime, "idle_time", "Idle time", Unit::kSeconds,
     "How long available agents have no case.",
     "no case occupies the agent any more",
     "the first case begins to occupy him", "available time with a load of 0",
     "the agent", Attribution::kSliced, Statistic::kSum, kSumOnly,
     kLoadTimeOptions},
    {Kpi::kDataQuality, "data_quality", "Data quality", Unit::kCount,
     "How often the log of an agent holds what is hardly true.", "", "",
     "assignments and replies while the agent is away, replies of somebody "
     "never assigned, states replaced at their instant, states without a "
     "further event for too long, changes of the agent's team",
     "the agent; booked at the event", Attribution::kCompletion,
     Statistic::kCount, kCountOnly, kDataQualityOptions},
};

constexpr KpiDefinition kFormulaDefinition = {
    Kpi::kFormula,
    "formula",
    "Formula",
    Unit::kRatio,
    "A KPI of the host's own: arithmetic over other KPIs.",
    "",
    "",
    "those of its operands, in the same window and group",
    "as its operands",
    Attribution::kCompletion,
    Statistic::kRatio,
    kRatioOnly,
    {}};

// Definition() finds a KPI by its number.
constexpr bool IsInOrder() {
  for (size_t i = 0; i < std::size(kCatalogue); ++i) {
    if (static_cast<size_t>(kCatalogue[i].kpi) != i) return false;
  }
  return true;
}
static_assert(IsInOrder());

// Counters that have a name of their own in formulas.
constexpr KpiCounter kCounters[] = {
    {"met", Kpi::kServiceLevel, "answers within T"},
    {"missed", Kpi::kServiceLevel, "answers after T, or T ran out"},
    {"pending", Kpi::kServiceLevel, "unanswered, T still runs"},
    {"late_answered", Kpi::kBeyondTurnaround, "answered after the deadline"},
    {"overdue_unanswered", Kpi::kBeyondTurnaround,
     "past the deadline and not answered yet"},
    {"due", Kpi::kBeyondTurnaround, "deadlines in the window"},
    {"reviewed", Kpi::kAccuracy, "responses with a valid review"},
    {"without_errors", Kpi::kAccuracy, "of these, the ones without errors"},
    {"eligible", Kpi::kAccuracy, "responses that could be reviewed"},
    {"untouched", Kpi::kAssignToReply, "assignments without any reply"},
    {"opened", Kpi::kBacklog, "episodes that opened in the window"},
    {"closed", Kpi::kBacklog, "episodes that closed in the window"},
    {"open_waits", Kpi::kBacklog, "waits open at the end of the window"},
    {"resolved_by_bot", Kpi::kBotOutcome, "no person was needed"},
    {"handed_off", Kpi::kBotOutcome, "the bot gave it to people"},
    {"human_took_over", Kpi::kBotOutcome, "a person wrote without hand-off"},
    {"abandoned_in_bot", Kpi::kBotOutcome, "closed unresolved inside the bot"},
};

}  // namespace

std::span<const KpiDefinition> Catalogue() { return kCatalogue; }

const KpiDefinition& Definition(Kpi kpi) {
  const size_t index = static_cast<size_t>(kpi);
  return index < std::size(kCatalogue) ? kCatalogue[index] : kFormulaDefinition;
}

const KpiDefinition* FindKpi(std::string_view name) {
  for (const KpiDefinition& definition : kCatalogue) {
    if (definition.name == name) return &definition;
  }
  return nullptr;
}

std::span<const KpiCounter> Counters() { return kCounters; }

const KpiCounter* FindCounter(std::string_view name) {
  for (const KpiCounter& counter : kCounters) {
    if (counter.name == name) return &counter;
  }
  return nullptr;
}

}  // namespace cckpi
