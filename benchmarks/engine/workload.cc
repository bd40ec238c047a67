#include "benchmarks/engine/workload.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace cckpi {
namespace {

constexpr int64_t kTeams = 20;
constexpr int64_t kAgentsPerTeam = 25;
constexpr int64_t kBegin = 1'767'571'200 * kSecond;  // 2026-01-05, a Monday

// Of each channel: its share, and the median seconds until a first answer, a
// later answer, and the customer's next message.
struct Pace {
  const char* name;
  double share, first_s, answer_s, customer_s;
};
constexpr Pace kPaces[] = {{"chat", 0.35, 85, 40, 45},
                           {"email", 0.25, 5000, 3900, 7000},
                           {"whatsapp", 0.20, 400, 250, 320},
                           {"phone", 0.12, 25, 15, 12},
                           {"instagram", 0.08, 1600, 950, 1700}};

// How many cases begin at a minute of the month, relative to others.
double Rate(int64_t minute) {
  double hour = static_cast<double>(minute % 1440) / 60.0;
  auto peak = [hour](double at, double width) {
    double x = (hour - at) / width;
    return std::exp(-x * x / 2);
  };
  double rate = 0.1 + peak(10.5, 2.2) + 0.8 * peak(16, 2.8);
  return minute / 1440 % 7 >= 5 ? 0.45 * rate : rate;
}

}  // namespace

struct Workload::Random {
  uint64_t state;

  uint64_t Next() {  // SplitMix64
    uint64_t z = state += 0x9E3779B97F4A7C15ull;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
  }
  double Unit() { return (static_cast<double>(Next() >> 11) + 0.5) * 0x1p-53; }
  bool Chance(double share) { return Unit() < share; }
  int64_t Below(int64_t n) {
    return static_cast<int64_t>(Next() % static_cast<uint64_t>(n));
  }
  double Exponential(double mean) { return -mean * std::log(Unit()); }
  double LogNormal(double median, double sigma) {
    double normal =
        std::sqrt(-2 * std::log(Unit())) * std::cos(6.283185307179586 * Unit());
    return median * std::exp(sigma * normal);
  }
};

// One interaction, from its first event to its last.
class Workload::Case {
 public:
  Case(Workload& log, int64_t number, int64_t at_us)
      : log_(log),
        random_{static_cast<uint64_t>(number) * 0xD1342543DE82EF95ull + 7},
        at_us_(at_us),
        id_((at_us - kBegin) / 1000 * 1024 + number % 1024) {}

  void Run() {
    double share = random_.Unit();
    while (channel_ < 4 && share >= kPaces[channel_].share) {
      share -= kPaces[channel_++].share;
    }
    // Few large teams, many small ones.
    team_ = kTeams - 1;
    double weight = random_.Unit() * 2.3;
    for (int64_t t = 0; t < kTeams; ++t) {
      weight -= 1.0 / static_cast<double>(t + 3);
      if (weight < 0) {
        team_ = t;
        break;
      }
    }
    ChooseAgent();
    int64_t messages =
        2 + static_cast<int64_t>(std::log(random_.Unit()) / std::log(0.8));
    Say(EventKind::kQueued);
    if (random_.Chance(0.03)) return Unanswered(messages);
    bool outbound = random_.Chance(0.02);
    if (outbound) {
      Say(EventKind::kAssigned, random_.Unit());
      Say(EventKind::kAgentMessage, random_.LogNormal(30, 1));
    }
    Say(EventKind::kCustomerMessage, 2 * random_.Unit());
    messages -= outbound ? 2 : 1;
    if (!outbound && random_.Chance(0.3)) messages -= Bot();
    Answered(std::max<int64_t>(messages, 1), outbound);
  }

 private:
  const Pace& pace() const { return kPaces[channel_]; }

  void ChooseAgent() {
    agent_ = team_ * kAgentsPerTeam + random_.Below(kAgentsPerTeam) + 1;
  }

  void Say(EventKind kind, double after_s = 0) {
    at_us_ += 1 + static_cast<int64_t>(after_s * 1e6);
    if (at_us_ >= log_.end_us_) return;
    bool names_agent = kind == EventKind::kAssigned ||
                       kind == EventKind::kAgentMessage ||
                       (kind == EventKind::kResolved && agent_ > 0);
    log_.records_.push_back(
        {.at_us = at_us_,
         .interaction = id_,
         .agent = static_cast<uint16_t>(names_agent ? agent_ : 0),
         .team =
             static_cast<uint8_t>(kind == EventKind::kQueued ? team_ + 1 : 0),
         .channel = static_cast<uint8_t>(channel_ + 1),
         .kind = kind,
         .state = 0});
  }

  int64_t Bot() {
    int64_t said = 0;
    for (int64_t n = 1 + random_.Below(2); n > 0; --n) {
      Say(EventKind::kBotMessage, 0.4 + 3 * random_.Unit());
      ++said;
      if (random_.Chance(0.5)) {
        Say(EventKind::kCustomerMessage, random_.LogNormal(25, 0.8));
        ++said;
      }
    }
    return said;
  }

  void Answered(int64_t messages, bool assigned) {
    double wait_s = random_.LogNormal(pace().first_s, 1.1);
    while (messages > 1 && random_.Chance(0.18)) {
      Say(EventKind::kCustomerMessage, 0.2 * wait_s);
      wait_s *= 0.8;
      --messages;
    }
    double queued = 0.15 + 0.7 * random_.Unit();
    if (!assigned) Say(EventKind::kAssigned, wait_s * queued);
    Say(EventKind::kAgentMessage, wait_s * (1 - queued));
    int64_t transfer_at = random_.Chance(0.1) ? random_.Below(messages) : -1;
    bool customers_turn = true;
    for (int64_t m = 0; m < messages; ++m) {
      if (m == transfer_at) {
        team_ = (team_ + 1 + random_.Below(kTeams - 1)) % kTeams;
        ChooseAgent();
        Say(EventKind::kQueued, random_.LogNormal(30, 0.7));
        Say(EventKind::kAssigned, random_.LogNormal(pace().answer_s, 1));
        customers_turn = false;
      }
      if (random_.Chance(0.03)) {
        Say(EventKind::kBotMessage, 0.5 + random_.Unit());
      } else if (customers_turn) {
        Say(EventKind::kCustomerMessage,
            random_.LogNormal(pace().customer_s, 1));
        customers_turn = random_.Chance(0.3);
      } else {
        Say(EventKind::kAgentMessage, random_.LogNormal(pace().answer_s, 1));
        customers_turn = !random_.Chance(0.22);
      }
    }
    if (!random_.Chance(0.96)) return;
    Say(EventKind::kResolved, random_.LogNormal(2 * pace().answer_s, 1));
    for (int n = 0; n < 3 && random_.Chance(0.08); ++n) Reopened();
  }

  void Reopened() {
    constexpr double kHourSeconds = 3600;
    Say(EventKind::kReopened,
        std::min(random_.Exponential(8 * kHourSeconds), 47 * kHourSeconds));
    Say(EventKind::kCustomerMessage, 3 * random_.Unit());
    if (random_.Chance(0.4)) ChooseAgent();
    Say(EventKind::kAssigned, random_.LogNormal(pace().first_s / 2, 1));
    for (int64_t m = 1 + random_.Below(3); m > 0; --m) {
      Say(EventKind::kAgentMessage, random_.LogNormal(pace().answer_s, 1));
      if (m > 1) {
        Say(EventKind::kCustomerMessage,
            random_.LogNormal(pace().customer_s, 1));
      }
    }
    Say(EventKind::kResolved, random_.LogNormal(2 * pace().answer_s, 1));
  }

  void Unanswered(int64_t messages) {
    Say(EventKind::kCustomerMessage, 2 * random_.Unit());
    while (--messages > 0 && random_.Chance(0.5)) {
      Say(random_.Chance(0.8) ? EventKind::kCustomerMessage
                              : EventKind::kBotMessage,
          random_.LogNormal(pace().customer_s, 1));
    }
    if (random_.Chance(0.5)) return;
    agent_ = 0;
    Say(EventKind::kResolved, 24 * 3600 + random_.Exponential(12 * 3600));
  }

  Workload& log_;
  Random random_;
  int64_t at_us_;
  int64_t id_;
  size_t channel_ = 0;
  int64_t team_ = 0;
  int64_t agent_ = 0;
};

Workload::Workload(const WorkloadShape& shape)
    : begin_us_(kBegin), end_us_(kBegin + shape.days * kDay) {
  channels_.emplace_back();
  for (const Pace& pace : kPaces) channels_.emplace_back(pace.name);
  teams_.emplace_back();
  for (int64_t t = 0; t < kTeams; ++t) {
    teams_.push_back("team " + std::to_string(t + 1));
  }
  agents_.emplace_back();
  for (int64_t a = 0; a < kTeams * kAgentsPerTeam; ++a) {
    agents_.push_back("agent " + std::to_string(a + 1));
  }
  states_ = {"offline", "available", "busy", "training", "break"};
  records_.reserve(static_cast<size_t>(shape.interactions) * 10 + 1000);
  // Cases begin where the running sum of the rate passes their number.
  std::vector<double> sums = {0};
  for (int64_t minute = 0; minute < shape.days * 1440; ++minute) {
    sums.push_back(sums.back() + Rate(minute));
  }
  Random random{42};
  size_t minute = 0;
  for (int64_t n = 0; n < shape.interactions; ++n) {
    double place = (static_cast<double>(n) + random.Unit()) /
                   static_cast<double>(shape.interactions) * sums.back();
    while (minute + 2 < sums.size() && sums[minute + 1] < place) ++minute;
    double part =
        std::clamp((place - sums[minute]) / (sums[minute + 1] - sums[minute]),
                   0.0, 0.999999);
    int64_t at_us = kBegin + static_cast<int64_t>(
                                 (static_cast<double>(minute) + part) * 6e7);
    Case(*this, n, at_us).Run();
  }
  for (int64_t agent = 1; agent <= kTeams * kAgentsPerTeam; ++agent) {
    Shifts(agent, shape.states_per_shift);
  }
  std::stable_sort(
      records_.begin(), records_.end(), [](const Record& a, const Record& b) {
        return std::pair(a.at_us, a.kind) < std::pair(b.at_us, b.kind);
      });
}

void Workload::Shifts(int64_t agent, int64_t states_per_shift) {
  Random random{static_cast<uint64_t>(agent) * 0xA24BAED4963EE407ull};
  double begins_at = 5 + 14 * random.Unit();
  int64_t ended_us = begin_us_;
  for (int64_t day = 0; begin_us_ + day * kDay < end_us_; ++day) {
    int64_t at_us =
        std::max(ended_us + kSecond,
                 begin_us_ + day * kDay +
                     static_cast<int64_t>((begins_at + random.Unit()) * 3.6e9));
    double mean_s = 8.0 * 3600 / static_cast<double>(states_per_shift + 1);
    uint8_t state = 1;
    for (int64_t n = 0; n <= states_per_shift + 1; ++n) {
      if (n > states_per_shift) state = 0;
      if (at_us < end_us_) {
        records_.push_back({.at_us = at_us,
                            .interaction = -1,
                            .agent = static_cast<uint16_t>(agent),
                            .team = 0,
                            .channel = 0,
                            .kind = EventKind::kAgentState,
                            .state = state});
      }
      at_us += 1 + static_cast<int64_t>(random.Exponential(mean_s) * 1e6);
      state = state == 1 ? (random.Chance(0.93) ? 2 : 4)
                         : (state == 2 && random.Chance(0.3) ? 3 : 1);
    }
    ended_us = at_us;
  }
}

void Workload::Register(Engine& engine) {
  batch_.channel.Register(engine, channels_);
  batch_.team.Register(engine, teams_);
  batch_.agent.Register(engine, agents_);
  batch_.state.Register(engine, states_);
}

const EventColumns& Workload::Columns(size_t begin, size_t end) {
  batch_.Resize(end - begin);
  for (size_t r = 0; r < end - begin; ++r) {
    const Record& record = records_[begin + r];
    batch_.at_us[r] = record.at_us;
    if (record.interaction >= 0) batch_.SetInteraction(r, record.interaction);
    batch_.kind[r] = static_cast<uint8_t>(record.kind);
    batch_.channel.codes[r] = record.channel;
    batch_.team.codes[r] = record.team;
    batch_.agent.codes[r] = record.agent;
    batch_.state.codes[r] = record.state;
  }
  return batch_.Columns();
}

const Event& Workload::At(size_t index) {
  const Record& record = records_[index];
  event_ = Event();
  event_.at_us = record.at_us;
  event_.kind = record.kind;
  event_.channel = channels_[record.channel];
  event_.team = teams_[record.team];
  event_.agent = agents_[record.agent];
  if (record.interaction >= 0) {
    name_ = std::to_string(record.interaction);
    event_.interaction = name_;
  } else {
    event_.state = states_[record.state];
  }
  return event_;
}

}  // namespace cckpi
