#include "cli/generator.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"

namespace cckpi::cli {
namespace {

constexpr int kQuartersPerDay = 96;

enum Channel : int8_t {
  kWhatsapp,
  kChat,
  kFacebook,
  kInstagram,
  kEmail,
  kX,
  kTiktok,
  kChannels
};
enum Team : int8_t { kMessaging, kSocial, kMail, kInvestigation };
constexpr const char* kTeamNames[] = {"messaging", "social", "mail",
                                      "investigation"};
constexpr double kTeamShares[] = {0.40, 0.32, 0.16, 0.12};

struct ChannelModel {
  const char* name;
  double share;  // of all arrivals
  Team team;
  int sources;
  double bot;         // share of cases that a bot answers first
  double wait_s;      // median until an agent takes a case
  double reply_s;     // median until an agent's reply, once he has it
  double customer_s;  // median until the customer's reply
};
constexpr ChannelModel kModels[kChannels] = {
    {"whatsapp", 0.24, kMessaging, 2, 0.60, 90, 120, 180},
    {"chat", 0.20, kMessaging, 1, 0.45, 25, 45, 40},
    {"facebook", 0.16, kSocial, 3, 0.10, 420, 300, 900},
    {"instagram", 0.14, kSocial, 2, 0.25, 480, 240, 700},
    {"email", 0.12, kMail, 2, 0.00, 4800, 900, 14000},
    {"x", 0.08, kSocial, 2, 0.05, 360, 240, 1200},
    {"tiktok", 0.06, kSocial, 1, 0.05, 700, 300, 1500},
};

enum Text : int8_t {
  kStateAvailable,
  kStateBusy,
  kStateBreak,
  kStateTraining,
  kStateMeeting,
  kStateOffline,
  kUnknownIntent,
  kAskedForAPerson,
  kSpam,
  kSolved,
  kHigh,
  kUrgent,
  kPlanFree,
  kPlanPro,
  kPlanBusiness,
};
constexpr const char* kTexts[] = {
    "available", "busy",    "break",          "training",
    "meeting",   "offline", "unknown_intent", "asked_for_a_person",
    "spam",      "solved",  "high",           "urgent",
    "free",      "pro",     "business"};

// Arrivals by hour of the day: a morning and an afternoon peak.
constexpr double kHours[24] = {12, 8,  6,  5,  6,  10, 22, 45, 78, 98, 106, 100,
                               86, 82, 88, 96, 98, 90, 80, 72, 64, 52, 36,  22};
constexpr double kWeekdays[7] = {1.12, 1.04, 1.0, 1.0, 0.96, 0.55, 0.45};

struct Shift {
  int64_t begin_hour;
  int64_t hours;
};
constexpr Shift kShifts[] = {{6, 8}, {9, 8}, {14, 8}, {9, 8}, {22, 8}};

uint64_t Mix(uint64_t x) {
  x ^= x >> 30;
  x *= 0xBF58476D1CE4E5B9u;
  x ^= x >> 27;
  x *= 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

}  // namespace

// Sebastiano Vigna's SplitMix64 (public domain).
class Generator::Random {
 public:
  Random(uint64_t seed, uint64_t stream)
      : state_(Mix(seed + 0x9E3779B97F4A7C15u) ^
               Mix(stream * 0xD1342543DE82EF95u + 1)) {}

  uint64_t Next() { return Mix(state_ += 0x9E3779B97F4A7C15u); }
  // In (0, 1).
  double Unit() { return (static_cast<double>(Next() >> 11) + 0.5) * 0x1p-53; }
  bool Chance(double share) { return Unit() < share; }
  int64_t Below(int64_t limit) {
    return static_cast<int64_t>(Unit() * static_cast<double>(limit));
  }
  // A span with that median in seconds and a long tail.
  int64_t Span(double median_s, double sigma = 0.9) {
    const double normal =
        std::sqrt(-2 * std::log(Unit())) * std::cos(6.283185307179586 * Unit());
    const double seconds =
        std::min(median_s * std::exp(sigma * normal), 2'000'000.0);
    return std::max<int64_t>(1000, static_cast<int64_t>(seconds * 1000) * 1000);
  }

 private:
  uint64_t state_;
};

// One interaction, from its first message to its end.
class Generator::Case {
 public:
  Case(Generator& generator, uint64_t number, int64_t at_us)
      : generator_(generator),
        random_(generator.options_.seed, number),
        at_us_(at_us) {
    item_.interaction = number;
    // One customer in five is known from another case.
    const uint64_t known = random_.Chance(0.2)
                               ? static_cast<uint64_t>(random_.Below(
                                     static_cast<int64_t>(number) + 1))
                               : number;
    customer_ = known + 1;
    double share = random_.Unit();
    while (channel_ + 1 < kChannels && share >= kModels[channel_].share) {
      share -= kModels[channel_].share;
      ++channel_;
    }
    team_ = kModels[channel_].team;
  }

  void Run() {
    if (random_.Chance(0.02)) {
      Outbound();
      return;
    }
    First(EventKind::kCustomerMessage);
    if (random_.Chance(0.02)) {
      Say(EventKind::kQueued, 1);
      Say(EventKind::kDiscarded, Wait(600), kSpam);
      return;
    }
    if (random_.Chance(kModels[channel_].bot) && !Bot()) return;
    Human();
  }

 private:
  const ChannelModel& model() const { return kModels[channel_]; }
  int64_t Wait(double median_s) { return random_.Span(median_s); }

  Item& Say(EventKind kind, int64_t after_us, int8_t text = -1) {
    at_us_ += after_us;
    Item item = item_;
    item.kind = kind;
    item.text = text;
    item.at_us = at_us_;
    switch (kind) {
      case EventKind::kQueued:
        item.team = team_;
        break;
      case EventKind::kAssigned:
      case EventKind::kAccepted:
      case EventKind::kAgentMessage:
      case EventKind::kResolved:
      case EventKind::kFocus:
      case EventKind::kBlur:
        item.agent = agent_;
        break;
      default:
        break;
    }
    if (kind == EventKind::kAgentMessage || kind == EventKind::kBotMessage ||
        kind == EventKind::kCustomerMessage) {
      item.message = ++messages_;
    }
    said_ = item;
    generator_.Add(item);
    return said_;
  }

  // The first event knows customer, channel and source.
  void First(EventKind kind) {
    item_.customer = customer_;
    item_.channel = channel_;
    item_.source = static_cast<int8_t>(random_.Below(model().sources));
    const int8_t plan = static_cast<int8_t>(kPlanFree + random_.Below(3));
    Say(kind, 0, plan);
    item_.customer = 0;
    item_.channel = -1;
    item_.source = -1;
  }

  // False when the case ends with the bot.
  bool Bot() {
    Say(EventKind::kBotMessage, Wait(2));
    while (random_.Chance(0.45)) {
      Say(EventKind::kCustomerMessage, Wait(30));
      Say(EventKind::kBotMessage, Wait(2));
    }
    if (random_.Chance(0.35)) {
      said_ = {};
      Item resolved = item_;
      at_us_ += Wait(60);
      resolved.at_us = at_us_;
      resolved.kind = EventKind::kResolved;
      resolved.by = Actor::kBot;
      resolved.text = kSolved;
      generator_.Add(resolved);
      return false;
    }
    if (random_.Chance(0.08)) {
      AutoClose();
      return false;
    }
    if (random_.Chance(0.7)) Say(EventKind::kCustomerMessage, Wait(25));
    Say(EventKind::kBotHandoff, Wait(3),
        random_.Chance(0.6) ? kUnknownIntent : kAskedForAPerson);
    return true;
  }

  void AutoClose() {
    Item closed = item_;
    at_us_ += 24 * kHour;
    closed.at_us = at_us_;
    closed.kind = EventKind::kAutoClosed;
    closed.by = Actor::kSystem;
    generator_.Add(closed);
  }

  void Outbound() {
    int64_t from_us = at_us_;
    agent_ = generator_.PickAgent(team_, at_us_, random_, &from_us);
    at_us_ = from_us;
    item_.customer = customer_;
    item_.channel = channel_;
    Item& sent = Say(EventKind::kAgentMessage, 0);
    (void)sent;
    item_.customer = 0;
    item_.channel = -1;
    if (random_.Chance(0.5)) {
      Say(EventKind::kCustomerMessage, Wait(4 * model().customer_s));
      Say(EventKind::kAgentMessage, Wait(model().reply_s));
    }
    Say(EventKind::kResolved, Wait(600));
  }

  void Human() {
    Say(EventKind::kQueued, 1);
    if (random_.Chance(0.04)) {
      Say(EventKind::kPriorityChanged, Wait(30),
          random_.Chance(0.3) ? kUrgent : kHigh);
    }
    while (random_.Chance(0.15)) {  // writes again while he waits
      Say(EventKind::kCustomerMessage, Wait(0.3 * model().wait_s));
    }
    if (random_.Chance(0.04)) {  // nobody answers
      AutoClose();
      return;
    }
    Assign();
    Exchange();
    if (random_.Chance(0.08)) {
      team_ = team_ == kInvestigation ? kMessaging : kInvestigation;
      Say(EventKind::kQueued, Wait(60));
      Assign();
      Exchange();
    }
    Close();
    for (int times = 0; times < 3 && random_.Chance(0.06); ++times) {
      at_us_ += Wait(6 * 3600);
      if (random_.Chance(0.3)) Say(EventKind::kReopened, 0);
      Say(EventKind::kCustomerMessage, 1);
      Assign();
      Exchange();
      Close();
    }
  }

  void Assign() {
    int64_t from_us = at_us_ + Wait(model().wait_s);
    const int32_t before = agent_;
    agent_ = generator_.PickAgent(team_, from_us, random_, &from_us);
    at_us_ = std::max(at_us_ + 1000, from_us);
    Say(EventKind::kAssigned, 0);
    if (channel_ == kChat) Say(EventKind::kAccepted, Wait(4));
    if (before < 0 && random_.Chance(0.3)) Say(EventKind::kFocus, Wait(3));
  }

  void Exchange() {
    Reply();
    while (random_.Chance(0.62)) {
      Say(EventKind::kCustomerMessage, Wait(model().customer_s));
      if (random_.Chance(0.2)) Say(EventKind::kCustomerMessage, Wait(15));
      if (random_.Chance(0.05)) {
        Say(EventKind::kHold, Wait(30));
        Say(EventKind::kResumed, Wait(900));
      }
      Reply();
      if (random_.Chance(0.15)) Say(EventKind::kAgentMessage, Wait(20));
    }
  }

  void Reply() {
    const Item said = Say(EventKind::kAgentMessage, Wait(model().reply_s));
    if (!random_.Chance(0.05)) return;
    Item review = item_;
    review.kind = EventKind::kReviewed;
    review.at_us = said.at_us + kDay + Wait(3600);
    review.agent = agent_;
    review.message = said.message;
    review.number = random_.Chance(0.86) ? 0 : 1 + random_.Below(3);
    generator_.Add(review);
  }

  void Close() {
    if (random_.Chance(0.06)) {
      Say(EventKind::kCustomerMessage, Wait(model().customer_s));
      Say(EventKind::kNoReplyNeeded, Wait(30));
    }
    if (!random_.Chance(0.94)) {
      AutoClose();
      return;
    }
    Say(EventKind::kResolved, Wait(0.8 * model().reply_s));
    if (!random_.Chance(0.15)) return;
    Item survey = item_;
    survey.kind = EventKind::kSurveyed;
    survey.at_us = at_us_ + Wait(1800);
    survey.number = std::min<int64_t>(5, 1 + random_.Below(8));
    generator_.Add(survey);
  }

  Generator& generator_;
  Random random_;
  int64_t at_us_;
  uint64_t customer_ = 0;
  uint64_t messages_ = 0;
  int8_t channel_ = 0;
  int8_t team_ = 0;
  int32_t agent_ = -1;
  Item item_;  // what all events of the case have
  Item said_;
};

Generator::Generator(const GeneratorOptions& options) : options_(options) {
  for (int32_t agent = 0; agent < options_.agents; ++agent) {
    // The first four agents make sure that no team is empty.
    size_t team = static_cast<size_t>(agent);
    if (agent >= 4) {
      Random random(options_.seed, 0xA6E47u + static_cast<uint64_t>(agent));
      double share = random.Unit();
      team = 0;
      while (team < 3 && share >= kTeamShares[team]) {
        share -= kTeamShares[team++];
      }
    }
    teams_[team].push_back(agent);
  }
  const int64_t first_day = options_.begin_us / kDay;
  quarters_.push_back(0);
  for (int64_t day = 0; day < options_.days; ++day) {
    // 1970-01-01 was a Thursday.
    const double weekday = kWeekdays[(first_day + day + 3) % 7];
    for (int q = 0; q < kQuartersPerDay; ++q) {
      quarters_.push_back(quarters_.back() + weekday * kHours[q / 4]);
    }
  }
  AddArrival();
}

void Generator::Add(Item item) {
  item.order_us = item.at_us;
  item.sequence = ++sequence_;
  if (options_.disorder_us > 0) {
    Random random(options_.seed, 0xD15u ^ (item.sequence << 20));
    item.order_us += random.Below(options_.disorder_us + 1);
  }
  queue_.push(item);
}

int64_t Generator::ArrivalAt(double target) {
  while (quarter_ + 2 < quarters_.size() && quarters_[quarter_ + 1] <= target) {
    ++quarter_;
  }
  const double inside =
      std::clamp((target - quarters_[quarter_]) /
                     (quarters_[quarter_ + 1] - quarters_[quarter_]),
                 0.0, 0.999999);
  return options_.begin_us +
         static_cast<int64_t>((static_cast<double>(quarter_) + inside) *
                              900'000) *
             1000;
}

void Generator::AddArrival() {
  if (next_interaction_ >= options_.interactions) {
    next_arrival_us_ = std::numeric_limits<int64_t>::max();
    return;
  }
  Random random(options_.seed,
                0xA441BAu ^ (static_cast<uint64_t>(next_interaction_) << 24));
  const double place =
      (static_cast<double>(next_interaction_) + random.Unit()) /
      static_cast<double>(options_.interactions);
  next_arrival_us_ = ArrivalAt(place * quarters_.back());
}

bool Generator::OnShift(int32_t agent, int64_t at_us, int64_t* next_us) const {
  const Shift& shift = kShifts[agent % 5];
  *next_us = std::numeric_limits<int64_t>::max();
  const int64_t today = (at_us - options_.begin_us) / kDay;
  for (int64_t day = today - 1; day <= today + 3; ++day) {
    if (day < 0 || (day + agent) % 7 >= 5) continue;  // two days off a week
    const int64_t begin =
        options_.begin_us + day * kDay + shift.begin_hour * kHour;
    const int64_t end = begin + shift.hours * kHour;
    if (at_us >= begin && at_us < end) return true;
    if (begin > at_us) {
      *next_us = begin;
      return false;
    }
  }
  return false;
}

int32_t Generator::PickAgent(int team, int64_t at_us, Random& random,
                             int64_t* from_us) const {
  const std::vector<int32_t>& agents = teams_[static_cast<size_t>(team)];
  int32_t best = agents[0];
  int64_t best_us = std::numeric_limits<int64_t>::max();
  for (int tries = 0; tries < 8; ++tries) {
    const int32_t agent = agents[static_cast<size_t>(
        random.Below(static_cast<int64_t>(agents.size())))];
    int64_t next_us = 0;
    if (OnShift(agent, at_us, &next_us)) {
      *from_us = at_us;
      return agent;
    }
    if (next_us < best_us) {
      best = agent;
      best_us = next_us;
    }
  }
  if (best_us == std::numeric_limits<int64_t>::max())
    best_us = at_us + 12 * kHour;
  *from_us = best_us + random.Span(600);
  return best;
}

void Generator::AddShifts(int64_t day) {
  for (int32_t agent = 0; agent < options_.agents; ++agent) {
    if ((day + agent) % 7 >= 5) continue;
    Random random(options_.seed, 0x5417u ^ (static_cast<uint64_t>(day) << 40) ^
                                     (static_cast<uint64_t>(agent) << 12));
    const Shift& shift = kShifts[agent % 5];
    Item item;
    item.kind = EventKind::kAgentState;
    item.agent = agent;
    for (size_t team = 0; team < teams_.size(); ++team) {
      if (std::binary_search(teams_[team].begin(), teams_[team].end(), agent)) {
        item.team = static_cast<int8_t>(team);
      }
    }
    const int64_t begin =
        options_.begin_us + day * kDay + shift.begin_hour * kHour;
    auto enter = [&](Text state, int64_t offset_us) {
      item.text = state;
      item.at_us = begin + offset_us;
      Add(item);
    };
    enter(kStateAvailable, random.Below(300) * kSecond);
    if ((day + agent) % 7 == 1) {
      enter(kStateTraining, kHour + random.Below(1800) * kSecond);
      enter(kStateAvailable, 2 * kHour + random.Below(1800) * kSecond);
    }
    enter(kStateBreak, 4 * kHour + random.Below(1200) * kSecond);
    enter(kStateAvailable,
          4 * kHour + 1800 * kSecond + random.Below(1200) * kSecond);
    if (random.Chance(0.2)) {
      enter(kStateMeeting, 6 * kHour);
      enter(kStateAvailable, 6 * kHour + 30 * kMinute);
    }
    enter(kStateOffline,
          shift.hours * kHour + random.Below(600) * kSecond - 5 * kMinute);
  }
}

void Generator::AddForecasts(int64_t day) {
  const double per_unit =
      static_cast<double>(options_.interactions) / quarters_.back();
  for (int hour = 0; hour < 24; ++hour) {
    for (int8_t channel = 0; channel < kChannels; ++channel) {
      Random random(options_.seed, 0xF04Eu ^
                                       (static_cast<uint64_t>(day) << 30) ^
                                       (static_cast<uint64_t>(hour) << 16) ^
                                       static_cast<uint64_t>(channel));
      const size_t first =
          static_cast<size_t>(day * kQuartersPerDay + hour * 4);
      const double expected = (quarters_[first + 4] - quarters_[first]) *
                              per_unit * kModels[channel].share *
                              (0.85 + 0.3 * random.Unit());
      Item item;
      item.kind = EventKind::kForecast;
      item.at_us = options_.begin_us + day * kDay + hour * kHour;
      item.channel = channel;
      item.number = static_cast<int64_t>(expected * 10) * 100'000;
      Add(item);
    }
  }
}

bool Generator::Next(Event* event) {
  // Everything that comes before the first event of the queue is made first.
  while (true) {
    const int64_t first_us = queue_.empty()
                                 ? std::numeric_limits<int64_t>::max()
                                 : queue_.top().order_us;
    const int64_t day_us = options_.begin_us + next_day_ * kDay;
    if (next_day_ < options_.days && day_us <= first_us &&
        day_us <= next_arrival_us_) {
      if (options_.agent_states) AddShifts(next_day_);
      if (options_.forecasts) AddForecasts(next_day_);
      ++next_day_;
      continue;
    }
    if (next_interaction_ < options_.interactions &&
        next_arrival_us_ <= first_us) {
      const int64_t at_us = next_arrival_us_;
      Case(*this, static_cast<uint64_t>(++next_interaction_), at_us).Run();
      AddArrival();
      continue;
    }
    break;
  }
  if (queue_.empty()) return false;
  Fill(queue_.top(), event);
  queue_.pop();
  return true;
}

void Generator::Fill(const Item& item, Event* event) {
  *event = Event();
  event->at_us = item.at_us;
  event->kind = item.kind;
  event->by = item.by;
  event->flags = item.flags;
  id_ = absl::StrCat("e", item.sequence);
  event->id = id_;
  if (item.order_us != item.at_us) event->received_at_us = item.order_us;
  if (item.interaction != 0) {
    interaction_ = absl::StrCat(item.interaction);
    event->interaction = interaction_;
  }
  if (item.customer != 0) {
    customer_ = absl::StrCat("c", item.customer);
    event->customer = customer_;
  }
  if (item.channel >= 0) event->channel = kModels[item.channel].name;
  if (item.source >= 0) {
    static constexpr const char* kSources[kChannels][3] = {
        {"+34 600 000 001", "+34 600 000 002", ""},
        {"website", "", ""},
        {"Acme", "Acme Care", "Acme Travel"},
        {"@acme", "@acme.travel", ""},
        {"help@acme.example", "billing@acme.example", ""},
        {"@AcmeCares", "@Acme", ""},
        {"@acme", "", ""}};
    event->source = kSources[item.channel][item.source];
  }
  if (item.team >= 0) event->team = kTeamNames[item.team];
  if (item.agent >= 0) {
    agent_ = absl::StrCat("agent-", item.agent + 1);
    event->agent = agent_;
  }
  if (item.message != 0) {
    message_ = absl::StrCat(item.interaction, "/", item.message);
    event->message = message_;
  }
  const char* text = item.text >= 0 ? kTexts[item.text] : "";
  switch (item.kind) {
    case EventKind::kAgentState:
      event->state = text;
      break;
    case EventKind::kPriorityChanged:
      event->priority = text;
      break;
    case EventKind::kForecast:
      event->interval_s = 3600;
      event->volume_micro = item.number;
      break;
    case EventKind::kSurveyed:
      event->score_micro = item.number * 1'000'000;
      event->scale_micro = 5'000'000;
      break;
    case EventKind::kReviewed:
      errors_ = {{{kGeneratedSeverities[0], item.number == 3 ? 1 : 0},
                  {kGeneratedSeverities[1], item.number % 3}}};
      event->errors = errors_;
      break;
    default:
      if (item.text >= kPlanFree) {
        tag_ = {kGeneratedTag, text};
        event->tags = {&tag_, 1};
      } else {
        event->reason = text;
      }
      break;
  }
}

}  // namespace cckpi::cli
