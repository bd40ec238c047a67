#include "oracle/random_log.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/time/civil_time.h"
#include "cckpi/base/time.h"
#include "cckpi/kpi/catalogue.h"
#include "oracle/oracle.h"

namespace cckpi::oracle {

uint64_t SplitMix64::Next() {
  uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

int64_t SplitMix64::Below(int64_t limit) {
  return static_cast<int64_t>(Next() % static_cast<uint64_t>(limit));
}

namespace {

using Words = std::vector<std::string_view>;

// Nights in which some zone changes its clocks, and plain days.
struct Place {
  std::string_view zone;
  std::string_view night;  // UTC
};
const std::vector<Place>& Places() {
  static const std::vector<Place> places = {
      {"UTC", "2026-03-04T12:00:00Z"},
      {"Europe/Madrid", "2026-03-29T01:00:00Z"},
      {"Europe/Madrid", "2026-10-25T01:00:00Z"},
      {"America/Los_Angeles", "2026-11-01T09:00:00Z"},
      {"America/Sao_Paulo", "2018-11-04T03:00:00Z"},
      {"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
      {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
      {"Pacific/Apia", "2011-12-30T10:00:00Z"},
      {"Asia/Kathmandu", "2026-06-30T18:15:00Z"},
  };
  return places;
}

class Generator {
 public:
  Generator(uint64_t seed, int64_t scale)
      : random_(seed), seed_(seed), scale_(scale) {
    for (int64_t n = 1; n < scale; n *= 2) {
      agents_.push_back(Keep("agent-" + std::to_string(n)));
    }
  }

  RandomLog Make() {
    place_ = random_.Pick(Places());
    const int64_t night_us = ParseTime(place_.night).value_or(0);
    grid_us_ = random_.Pick(std::vector<int64_t>{
        1, 1, kSecond, kSecond, kMinute, 5 * kMinute, kBucketSpan, kHour});
    gap_us_ = std::max(grid_us_, random_.Pick(std::vector<int64_t>{
                                     10 * kSecond, kMinute, 5 * kMinute,
                                     30 * kMinute, 2 * kHour, 8 * kHour}));
    const int64_t count =
        scale_ * (1 + random_.Below(random_.Chance(70) ? 30 : 70));
    const int64_t length_us = gap_us_ * count / 2;
    begin_us_ = night_us - random_.Below(length_us + 1);
    begin_us_ -= begin_us_ % grid_us_;
    tag_flags_ = random_.Chance(60);
    with_discards_ = random_.Chance(25);
    MakeConfig();
    MakeEvents(count);
    MakeNow();
    MakeQuery();
    return std::move(log_);
  }

 private:
  std::string_view Keep(std::string text) {
    log_.texts.push_back(std::move(text));
    return log_.texts.back();
  }
  int64_t NextInstant() {
    if (!random_.Chance(25)) {
      at_us_ += grid_us_ * random_.Below(1 + 2 * gap_us_ / grid_us_);
    }
    return at_us_;
  }

  void MakeConfig();
  CalendarSpec MakeCalendar();
  std::vector<LocalInterval> MakeHours(int most);
  ScheduleRule MakeRule();
  GroupBy MakeGroup();
  void MakeKpis();
  void MakePresence();
  void RandomOption(KpiSpec& spec, const KpiOption& option);
  void MakeEvents(int64_t count);
  EventKind PlausibleKind(size_t interaction);
  Event MakeEvent(size_t interaction, EventKind kind);
  Event MakeForecast();
  Event MakeState();
  void MakeNow();
  void MakeQuery();

  SplitMix64 random_;
  uint64_t seed_;
  int64_t scale_;
  RandomLog log_;
  Place place_;
  int64_t grid_us_ = 1;
  int64_t gap_us_ = 1;
  int64_t begin_us_ = 0;
  int64_t at_us_ = 0;
  bool tag_flags_ = false;
  bool with_discards_ = false;
  int forecast_level_ = 0;
  int ids_ = 0;
  struct Thread {
    std::string_view name;
    std::string_view customer;
    std::string_view channel;
    std::string_view source;
    int messages = 0;
    int position = 0;  // in the plausible course
  };
  std::vector<Thread> threads_;

  const Words teams_ = {"front", "back"};
  const Words channels_ = {"chat", "mail"};
  const Words sources_ = {"page-1", "page-2"};
  Words agents_ = {"ann", "bob", "cyd"};
  const Words priorities_ = {"high", "low"};
  const Words default_states_ = {"available", "available", "available",
                                 "busy",      "break",     "offline"};
  const Words states_ = {"on", "on", "wrap", "pause", "off"};
};

std::vector<LocalInterval> Generator::MakeHours(int most) {
  std::vector<LocalInterval> hours;
  const int64_t count = random_.Below(most + 1);
  for (int64_t i = 0; i < count; ++i) {
    LocalInterval interval;
    interval.begin_s = static_cast<int32_t>(random_.Below(48) * 1800);
    interval.end_s = static_cast<int32_t>((1 + random_.Below(48)) * 1800);
    hours.push_back(interval);
  }
  return hours;
}

CalendarSpec Generator::MakeCalendar() {
  CalendarSpec calendar;
  calendar.time_zone = std::string(
      random_.Chance(70) ? place_.zone : random_.Pick(Places()).zone);
  const bool office = random_.Chance(50);
  for (std::vector<LocalInterval>& day : calendar.weekly) {
    day = office ? std::vector<LocalInterval>{{9 * 3600, 18 * 3600}}
                 : MakeHours(2);
  }
  calendar.weekly[0].push_back({0, 4 * 3600});
  const absl::CivilDay day =
      absl::ToCivilDay(absl::FromUnixMicros(begin_us_), absl::UTCTimeZone());
  auto near = [&] { return day + random_.Below(6) - 1; };
  if (random_.Chance(40)) calendar.holidays.insert(near());
  if (random_.Chance(40)) calendar.exceptions[near()] = MakeHours(2);
  if (random_.Chance(40)) calendar.breaks[near()] = MakeHours(2);
  return calendar;
}

ScheduleRule Generator::MakeRule() {
  ScheduleRule rule;
  rule.calendar = random_.Chance(60) ? "a" : "b";
  if (random_.Chance(40)) rule.team = std::string(random_.Pick(teams_));
  if (random_.Chance(25)) rule.channel = std::string(random_.Pick(channels_));
  if (random_.Chance(15)) rule.source = std::string(random_.Pick(sources_));
  if (random_.Chance(20)) {
    rule.priority = std::string(random_.Pick(priorities_));
  }
  if (random_.Chance(40)) {
    rule.from_us = begin_us_ + random_.Below(20) * gap_us_ / 2;
  }
  return rule;
}

GroupBy Generator::MakeGroup() {
  using Field = Dimension::Field;
  const std::vector<Dimension> all = {
      {Field::kChannel, ""}, {Field::kSource, ""},   {Field::kTeam, ""},
      {Field::kAgent, ""},   {Field::kPriority, ""}, {Field::kTag, "plan"}};
  GroupBy by;
  for (const Dimension& dimension : all) {
    if (random_.Chance(25)) by.push_back(dimension);
  }
  return by;
}

void Generator::RandomOption(KpiSpec& spec, const KpiOption& option) {
  const std::vector<std::string_view> words = OptionWords(option);
  std::string value;
  if (option.name == "within") {
    value = random_.Pick(std::vector<std::string>{"15m", "1m", "1h", "8h"});
  } else if (option.name == "horizon") {
    value = random_.Pick(std::vector<std::string>{"15m", "4h", "2d"});
  } else if (option.name == "exclude") {
    const std::string sets[] = {"hold",          "bot",      "queue",
                                "customer_turn", "hold,bot", "agent_turn,queue",
                                "bot,queue,hold"};
    value = sets[random_.Below(7)];
  } else if (option.name == "severities") {
    value = random_.Chance(50) ? "major" : "major,minor";
  } else if (option.name == "statistic" && random_.Chance(25)) {
    value = "p90";
  } else if (!words.empty()) {
    value = std::string(random_.Pick(words));
  }
  if (value.empty()) return;
  KpiSpec changed = spec;
  if (SetKpiOption(changed, option.name, value).ok() &&
      ValidateKpiSpec(changed).ok()) {
    spec = changed;
  }
}

void Generator::MakeKpis() {
  Config& config = log_.config;
  config.kpis_given = true;
  for (const KpiDefinition& definition : Catalogue()) {
    if (!OracleCovers(definition.kpi)) continue;
    const int64_t variants = definition.options.size() > 2 ? 3 : 1;
    for (int64_t i = 0; i < variants; ++i) {
      KpiSpec spec = DefaultSpec(definition.kpi);
      for (const KpiOption& option : definition.options) {
        if (i > 0 && random_.Chance(40)) RandomOption(spec, option);
      }
      if (definition.options.size() <= 2 && random_.Chance(50)) {
        for (const KpiOption& option : definition.options) {
          RandomOption(spec, option);
        }
      }
      spec.id = "k" + std::to_string(config.kpis.size());
      config.kpis.push_back(spec);
    }
  }
}

void Generator::MakeConfig() {
  Config& config = log_.config;
  config.time_zone = std::string(place_.zone);
  config.week_starts = random_.Chance(70) ? 1 : 7;
  if (random_.Chance(50)) {
    config.auto_close_after_us =
        std::max(grid_us_, gap_us_ * (1 + random_.Below(8)));
  }
  config.fcr_window_us = std::max<int64_t>(
      grid_us_,
      random_.Chance(70) ? gap_us_ * (1 + random_.Below(12)) : 7 * kDay);
  // Soon, shorter than the window of first contacts often, or never; by a
  // sequence of its own, so that seeds go on meaning what they meant.
  SplitMix64 forgets(seed_ + (uint64_t{1} << 32));
  config.forget_closed_after_us =
      forgets.Chance(50) ? std::max(grid_us_, gap_us_ * forgets.Below(9) / 2)
                         : 3650 * kDay;
  config.review_window_us =
      random_.Chance(60) ? grid_us_ + gap_us_ * random_.Below(30) : 90 * kDay;
  config.duplicate_window_us = 3650 * kDay;
  if (random_.Chance(70)) {
    config.calendars["a"] = MakeCalendar();
    config.calendars["b"] = MakeCalendar();
    const int64_t rules = 1 + random_.Below(4);
    for (int64_t i = 0; i < rules; ++i) {
      const ScheduleRule rule = MakeRule();
      const bool again = std::any_of(
          config.schedules.begin(), config.schedules.end(),
          [&](const ScheduleRule& other) {
            return other.team == rule.team && other.channel == rule.channel &&
                   other.source == rule.source &&
                   other.priority == rule.priority &&
                   other.from_us == rule.from_us;
          });
      if (!again) config.schedules.push_back(rule);
    }
    if (random_.Chance(30)) {
      config.schedule_policy = random_.Chance(50) ? "at_start" : "at_end";
    }
  }
  MakePresence();
  MakeKpis();
}

void Generator::MakePresence() {
  Config& config = log_.config;
  if (random_.Chance(40)) {
    config.agent_states = {{"on", kPaid | kProductive | kAvailable},
                           {"wrap", kPaid | kHandling},
                           {"pause", kProductive},
                           {"off", kOffline}};
  }
  config.agent_capacity = 1 + random_.Below(4);
  AgentPresencePolicy& policy = config.agent_presence;
  if (random_.Chance(40)) {
    policy.max_state_us = std::max(grid_us_, gap_us_ * random_.Below(6));
  }
  policy.replies_confirm = random_.Chance(50);
  if (random_.Chance(60)) policy.suspect_after_us = gap_us_ * random_.Below(6);
  policy.handle_time = static_cast<HandleTimePresence>(random_.Below(3));
}

// The next event of an ordinary case, over and over again.
EventKind Generator::PlausibleKind(size_t interaction) {
  using K = EventKind;
  static constexpr K kCourses[][10] = {
      {K::kCustomerMessage, K::kQueued, K::kAssigned, K::kAgentMessage,
       K::kCustomerMessage, K::kAgentMessage, K::kResolved, K::kSurveyed,
       K::kReviewed, K::kReopened},
      {K::kCustomerMessage, K::kBotMessage, K::kCustomerMessage, K::kBotHandoff,
       K::kQueued, K::kAssigned, K::kAccepted, K::kAgentMessage, K::kResolved,
       K::kReviewed},
      {K::kCustomerMessage, K::kBotMessage, K::kCustomerMessage, K::kBotMessage,
       K::kResolved, K::kCustomerMessage, K::kBotMessage, K::kAssigned,
       K::kAgentMessage, K::kResolved},
      {K::kAgentMessage, K::kAgentMessage, K::kCustomerMessage,
       K::kAgentMessage, K::kHold, K::kResumed, K::kCustomerMessage, K::kQueued,
       K::kAgentMessage, K::kResolved},
  };
  Thread& thread = threads_[interaction];
  return kCourses[interaction % 4][thread.position++ % 10];
}

Event Generator::MakeEvent(size_t interaction, EventKind kind) {
  Thread& thread = threads_[interaction];
  Event event;
  event.kind = kind;
  event.at_us = NextInstant();
  event.interaction = thread.name;
  if (random_.Chance(80)) event.id = Keep("e" + std::to_string(ids_++));
  if (random_.Chance(50)) event.customer = thread.customer;
  if (random_.Chance(50)) event.channel = thread.channel;
  if (random_.Chance(40)) event.source = thread.source;
  if (random_.Chance(5)) event.channel = random_.Pick(channels_);
  if (random_.Chance(10)) event.priority = random_.Pick(priorities_);
  if (random_.Chance(4)) event.team = random_.Pick(teams_);
  if (random_.Chance(15)) {
    log_.tags.push_back({{"plan", random_.Chance(50) ? "gold" : "free"}});
    event.tags = log_.tags.back();
  }
  switch (kind) {
    case EventKind::kCustomerMessage:
    case EventKind::kBotMessage:
    case EventKind::kAgentMessage:
      event.message = Keep(std::string(thread.name) + "-m" +
                           std::to_string(thread.messages++));
      if (kind == EventKind::kAgentMessage && random_.Chance(92)) {
        event.agent = random_.Pick(agents_);
      }
      if (tag_flags_ && random_.Chance(20)) {
        event.flags = static_cast<uint8_t>(1 << random_.Below(5));
      }
      break;
    case EventKind::kQueued:
      if (random_.Chance(90)) event.team = random_.Pick(teams_);
      break;
    case EventKind::kAssigned:
    case EventKind::kAccepted:
    case EventKind::kFocus:
    case EventKind::kBlur:
      event.agent = random_.Pick(agents_);
      break;
    case EventKind::kResolved:
    case EventKind::kAutoClosed:
    case EventKind::kReopened:
      if (random_.Chance(40)) event.agent = random_.Pick(agents_);
      if (random_.Chance(40)) {
        event.by = static_cast<Actor>(1 + random_.Below(4));
      }
      break;
    case EventKind::kPriorityChanged:
      event.priority = random_.Pick(priorities_);
      break;
    case EventKind::kReviewed: {
      const int64_t message = random_.Below(thread.messages + 2);
      event.message =
          Keep(std::string(thread.name) + "-m" + std::to_string(message));
      if (random_.Chance(70)) event.agent = random_.Pick(agents_);
      log_.errors.push_back(
          {{"major", random_.Below(2)}, {"minor", random_.Below(3)}});
      if (random_.Chance(80)) event.errors = log_.errors.back();
      break;
    }
    case EventKind::kSurveyed:
      event.score_micro = (1 + random_.Below(5)) * 1'000'000;
      if (random_.Chance(40)) {
        event.scale_micro = random_.Chance(50) ? 10'000'000 : 5'000'000;
      }
      break;
    default:
      break;
  }
  return event;
}

// Every log keeps to one set of dimensions beside the total, now and then with
// a tag as well.
Event Generator::MakeForecast() {
  Event event;
  event.kind = EventKind::kForecast;
  event.id = Keep("f" + std::to_string(ids_++));
  const int64_t bucket = BucketOf(begin_us_) +
                         random_.Below(2 + (at_us_ - begin_us_) / kBucketSpan);
  event.at_us = bucket * kBucketSpan;
  event.interval_s = 900 * (1 + random_.Below(4));
  event.volume_micro = random_.Below(9) * 500'000;
  if (random_.Chance(30)) return event;
  if (forecast_level_ != 1) event.channel = random_.Pick(channels_);
  if (forecast_level_ != 0) event.team = random_.Pick(teams_);
  if (random_.Chance(15)) {
    log_.tags.push_back({{random_.Chance(80) ? "plan" : "spare", "gold"}});
    event.tags = log_.tags.back();
  }
  return event;
}

Event Generator::MakeState() {
  Event event;
  event.kind = EventKind::kAgentState;
  event.at_us = NextInstant();
  event.agent = random_.Pick(agents_);
  if (random_.Chance(80)) event.id = Keep("s" + std::to_string(ids_++));
  if (random_.Chance(40)) event.team = random_.Pick(teams_);
  const bool is_default = log_.config.agent_states.empty();
  event.state = random_.Pick(is_default ? default_states_ : states_);
  return event;
}

void Generator::MakeEvents(int64_t count) {
  at_us_ = begin_us_;
  const int64_t interactions = scale_ * (1 + random_.Below(4));
  for (int64_t i = 0; i < interactions; ++i) {
    Thread thread;
    thread.name = Keep("i" + std::to_string(i));
    if (random_.Chance(80)) {
      thread.customer = random_.Chance(70) ? "zoe" : "yan";
      if (i >= 4) thread.customer = Keep("c" + std::to_string(i / 3));
    }
    thread.channel = random_.Pick(channels_);
    thread.source = random_.Pick(sources_);
    threads_.push_back(thread);
  }
  forecast_level_ = static_cast<int>(random_.Below(3));
  const int plausible = random_.Chance(50) ? 80 : 30;
  const int states = random_.Chance(70) ? 15 : 0;
  // How often each kind comes where nothing is plausible, in order of kinds.
  constexpr int kWeights[kEventKindCount] = {24, 9, 4, 6, 7, 3, 18, 3, 3, 3, 3,
                                             8,  3, 3, 1, 2, 3, 1,  4, 3, 9, 1};
  std::vector<EventKind> kinds;
  for (int kind = 0; kind < kEventKindCount; ++kind) {
    for (int i = 0; i < kWeights[kind]; ++i) {
      kinds.push_back(static_cast<EventKind>(kind));
    }
  }
  for (int64_t i = 0; i < count; ++i) {
    // Of many, those that something happens to are some that lie side by side,
    // and move on: others end meanwhile.
    int64_t which = random_.Below(interactions);
    if (scale_ > 1) {
      which = interactions * i / count - random_.Below(12);
      if (which < 0 || random_.Chance(2)) which = random_.Below(interactions);
    }
    const auto interaction = static_cast<size_t>(which);
    const EventKind kind = random_.Chance(states) ? EventKind::kAgentState
                           : random_.Chance(plausible)
                               ? PlausibleKind(interaction)
                               : random_.Pick(kinds);
    if (kind == EventKind::kDiscarded && !with_discards_) continue;
    log_.events.push_back(kind == EventKind::kForecast ? MakeForecast()
                          : kind == EventKind::kAgentState
                              ? MakeState()
                              : MakeEvent(interaction, kind));
    // Delivered twice, now and then with another instant.
    if (!log_.events.back().id.empty() && random_.Chance(4)) {
      Event again = log_.events.back();
      if (random_.Chance(30) && again.kind != EventKind::kForecast) {
        again.at_us += gap_us_;
      }
      log_.events.push_back(again);
    }
  }
}

void Generator::MakeNow() {
  int64_t last = begin_us_;
  for (const Event& event : log_.events) last = std::max(last, event.at_us);
  const int64_t way = random_.Below(100);
  if (way < 50) {
    log_.now_us = last + random_.Below(10 * gap_us_);
  } else if (way < 70) {
    log_.now_us = last;
  } else if (way < 94 && !log_.events.empty()) {
    log_.now_us = random_.Pick(log_.events).at_us;
  } else {
    log_.now_us = last + 10 * kDay;
  }
}

void Generator::MakeQuery() {
  const int64_t span_us = log_.now_us - begin_us_;
  std::vector<Frequency> choices = {Frequency::kAll, Frequency::kAll,
                                    Frequency::kMonthly, Frequency::kWeekly};
  if (span_us < 60 * kDay) choices.push_back(Frequency::kDaily);
  if (span_us < 6 * kDay) choices.push_back(Frequency::kHourly);
  if (span_us < kDay) choices.push_back(Frequency::kBucket);
  log_.query.every = random_.Pick(choices);
  log_.config.groups_given = true;
  if (random_.Chance(50)) {
    log_.query.by = MakeGroup();
    log_.config.groups = {*log_.query.by};
  } else {
    const int64_t groups = random_.Below(4);
    for (int64_t i = 0; i < groups; ++i) {
      const GroupBy by = MakeGroup();
      const std::vector<GroupBy>& known = log_.config.groups;
      if (!by.empty() &&
          std::find(known.begin(), known.end(), by) == known.end()) {
        log_.config.groups.push_back(by);
      }
    }
  }
  if (random_.Chance(20)) {
    log_.query.begin_us = begin_us_ + random_.Below(1 + std::abs(span_us) / 2);
  }
  if (random_.Chance(20)) {
    log_.query.end_us = std::max(log_.query.begin_us, begin_us_) + 1 +
                        random_.Below(1 + std::abs(span_us));
  }
}

}  // namespace

RandomLog MakeRandomLog(uint64_t seed) {
  const int64_t scale = seed % 100 != 17 ? 1 : seed % 1000 != 217 ? 8 : 40;
  return Generator(seed, scale).Make();
}

}  // namespace cckpi::oracle
