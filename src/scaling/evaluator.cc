#include "cckpi/scaling/evaluator.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "cckpi/base/time.h"
#include "cckpi/calendar/opening_hours.h"
#include "cckpi/kpi/threshold.h"
#include "src/kpi/fractions.h"
#include "src/scaling/transition_table.h"

namespace cckpi {
namespace {

constexpr std::array<std::string_view, kAlertStates> kStateNames = {
    "ok", "pending", "firing", "recovering", "no_data"};

// Is the value strictly on the bad side of the edge?
bool IsPast(const ExactValue& value, int64_t edge_micro, Direction direction) {
  const int order = value.Compare(edge_micro);
  return direction == Direction::kLowerIsBetter ? order > 0 : order < 0;
}

bool IsWorse(const ExactValue& a, const ExactValue& b, Direction direction) {
  const int order = a.Compare(b);
  return direction == Direction::kLowerIsBetter ? order > 0 : order < 0;
}

// The budget 1 - target burns (1 - level) / (1 - target) times as fast as it
// lasts; is that more than the factor?
bool BurnsMore(const ExactValue& level, const BurnRate& burn,
               int64_t target_micro) {
  const absl::int128 failed = absl::int128(kWholeMicro) * level.denominator -
                              absl::int128(level.numerator_micro);
  // Both sides times 1000; the right one is below 2^30 * 2^20 * 2^63.
  return failed * 1000 > absl::int128(burn.factor_permille) *
                             (kWholeMicro - target_micro) * level.denominator;
}

void AddTexts(const std::vector<std::string>& texts,
              std::vector<std::string>& to) {
  for (const std::string& text : texts) {
    if (std::find(to.begin(), to.end(), text) == to.end()) to.push_back(text);
  }
}

void AppendEncoded(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f ||
        std::string_view("%/,=@").find(c) != std::string_view::npos) {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
}

absl::Status Wrong(size_t band, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("bands[", band, "].", std::string(reason)));
}

}  // namespace

std::string_view AlertStateName(AlertState state) {
  return kStateNames[static_cast<size_t>(state)];
}

std::optional<AlertState> ParseAlertState(std::string_view name) {
  for (size_t s = 0; s < kStateNames.size(); ++s) {
    if (kStateNames[s] == name) return static_cast<AlertState>(s);
  }
  return std::nullopt;
}

std::string_view SilenceName(Silence silence) {
  constexpr std::array<std::string_view, 3> kNames = {"none", "muted",
                                                      "inhibited"};
  return kNames[static_cast<size_t>(silence)];
}

std::string_view NotificationKindName(NotificationKind kind) {
  constexpr std::array<std::string_view, 6> kNames = {
      "opened", "escalated", "deescalated", "ladder", "repeated", "resolved"};
  return kNames[static_cast<size_t>(kind)];
}

std::string IncidentId(std::string_view rule, int64_t opened_us,
                       const GroupLabels& group) {
  std::string id;
  AppendEncoded(rule, id);
  absl::StrAppend(&id, "@", FormatTime(opened_us));
  char separator = '/';
  for (const auto& [dimension, value] : group) {
    id += separator;
    separator = ',';
    AppendEncoded(dimension, id);
    if (!value.has_value()) continue;
    id += '=';
    AppendEncoded(*value, id);
  }
  return id;
}

absl::StatusOr<RuleEvaluator> RuleEvaluator::Create(const ScalingRule& rule) {
  if (rule.bands.empty()) {
    return absl::InvalidArgumentError("bands: must not be empty");
  }
  for (size_t b = 0; b < rule.bands.size(); ++b) {
    const Band& band = rule.bands[b];
    const Band* before = b == 0 ? nullptr : &rule.bands[b - 1];
    if (band.dwell_us < 0) return Wrong(b, "dwell: must not be negative");
    if (before != nullptr &&
        before->burn_rate.has_value() != band.burn_rate.has_value()) {
      return Wrong(b, "burn_rate: either every band has one, or none has");
    }
    if (band.burn_rate.has_value()) {
      if (rule.target.value_micro >= kWholeMicro ||
          rule.target.value_micro <= 0) {
        return absl::InvalidArgumentError(
            "target: a burn rate needs one between 0 and 1");
      }
      if (band.burn_rate->factor_permille <= 0) {
        return Wrong(b, "burn_rate.factor: must be more than 0");
      }
      if (absl::int128(band.burn_rate->factor_permille) *
              (kWholeMicro - rule.target.value_micro) >=
          absl::int128(1000) * kWholeMicro) {
        return Wrong(b, "burn_rate.factor: can never fire");
      }
      continue;
    }
    if (before != nullptr &&
        !IsBetter(before->over_micro, band.over_micro, rule.direction)) {
      return Wrong(b, "over: must be worse than that of the band before");
    }
    if (band.clear_micro.has_value() &&
        !IsBetter(*band.clear_micro, band.over_micro, rule.direction)) {
      return Wrong(b, "clear: must be better than \"over\"");
    }
  }
  if (rule.min_n < 0 || rule.hold_us < 0 || rule.repeat_us < 0 ||
      rule.no_data_after_us < 0) {
    return absl::InvalidArgumentError(
        "min_n, hold, repeat and no_data_after must not be negative");
  }
  return RuleEvaluator(rule);
}

// What a tick says, before anything that is remembered.
struct RuleEvaluator::Reading {
  bool missing = false;
  int32_t reached = -1;  // the worst band whose edge the value is past
  std::optional<ExactValue> value;
  int64_t n = 0;
};

RuleEvaluator::Reading RuleEvaluator::Read(const RuleTick& tick) const {
  Reading reading;
  const auto bands = static_cast<int32_t>(rule_.bands.size());
  if (rule_.bands[0].burn_rate.has_value()) {
    reading.missing = true;
    const auto count = std::min(bands, static_cast<int32_t>(tick.burns.size()));
    int32_t shown = -1;
    for (int32_t b = 0; b < count; ++b) {
      const BurnReading& burn = tick.burns[static_cast<size_t>(b)];
      if (!burn.long_value.has_value() || burn.long_n < rule_.min_n) continue;
      if (reading.missing) shown = b;
      reading.missing = false;
      const BurnRate& rate = *rule_.bands[static_cast<size_t>(b)].burn_rate;
      const int64_t target = rule_.target.value_micro;
      if (burn.short_value.has_value() &&
          BurnsMore(*burn.long_value, rate, target) &&
          BurnsMore(*burn.short_value, rate, target)) {
        reading.reached = b;
        shown = b;
      }
    }
    if (shown >= 0) {
      reading.value = tick.burns[static_cast<size_t>(shown)].long_value;
      reading.n = tick.burns[static_cast<size_t>(shown)].long_n;
    }
    return reading;
  }
  reading.value = tick.value;
  reading.n = tick.n;
  reading.missing = !tick.value.has_value() || tick.n < rule_.min_n;
  if (reading.missing) return reading;
  while (
      reading.reached + 1 < bands &&
      IsPast(*tick.value,
             rule_.bands[static_cast<size_t>(reading.reached + 1)].over_micro,
             rule_.direction)) {
    ++reading.reached;
  }
  return reading;
}

// One step of one state: clocks, table, notifications.
class RuleEvaluator::Step {
 public:
  Step(const RuleEvaluator& evaluator, const RuleTick& tick,
       const GroupLabels& group, RuleState& state,
       std::vector<Transition>& transitions,
       std::vector<Notification>& notifications)
      : rule_(evaluator.rule_),
        tick_(tick),
        group_(group),
        state_(state),
        transitions_(transitions),
        notifications_(notifications) {}

  // Moves the state; what was missing or reached was so since `since_us`.
  void Move(const Reading& reading, int64_t since_us) {
    reading_ = &reading;
    const int32_t firing = Firing();
    int32_t reached = reading.reached;
    int32_t held = Held(reading, firing);
    const bool alerts =
        reading.missing && rule_.no_data == NoDataPolicy::kAlert;
    if (alerts) {
      reached = 0;
      held = std::max(firing, 0);
    }
    SetClocks(reading.missing && !alerts, reached, held, since_us);
    const int32_t due = Due(firing);
    const int32_t lower = Lower(firing);
    const RuleInput input =
        Classify(reading.missing && !alerts, held, firing, due, lower);
    const RuleRow& row = RowOf(state_.state, input);
    const AlertState from = state_.state;
    const int32_t from_level = state_.level;
    Apply(row, reached, due, lower);
    if (!reading.missing) NotePeak(*reading.value);
    if (from == state_.state && from_level == state_.level) return;
    state_.entered_us = tick_.now_us;
    Transition transition{.at_us = tick_.now_us,
                          .rule = rule_.id,
                          .group = group_,
                          .from = from,
                          .from_level = LevelName(from_level),
                          .to = state_.state,
                          .to_level = LevelName(state_.level),
                          .value = reading.value,
                          .n = reading.n,
                          .silence = tick_.silence};
    const std::optional<Incident>& incident =
        row.action == RuleAction::kResolve ? resolved_ : state_.incident;
    if (incident.has_value()) {
      transition.incident = incident->id;
      transition.peak = incident->peak;
    }
    transitions_.push_back(std::move(transition));
  }

  // Says what there is to say.
  void Notify() {
    if (tick_.silence != Silence::kNone) {
      if (resolved_.has_value() && resolved_->told_level >= 0) {
        state_.owed = std::move(resolved_);
      }
      return;
    }
    if (state_.owed.has_value()) {
      SayResolved(*state_.owed);
      state_.owed.reset();
    }
    if (resolved_.has_value()) {
      if (resolved_->told_level >= 0) SayResolved(*resolved_);
      return;
    }
    if (state_.state != AlertState::kFiring) return;
    Incident& incident = *state_.incident;
    const int32_t told = incident.told_level;
    if (told < 0) {
      StartStep(incident, 0);
      Say(incident, NotificationKind::kOpened, Everybody(incident), told);
    } else if (incident.level > told) {
      Say(incident, NotificationKind::kEscalated, Everybody(incident), told);
    } else if (incident.level < told) {
      incident.told_level = incident.level;
      if (rule_.notify_deescalation) {
        Say(incident, NotificationKind::kDeescalated, Everybody(incident),
            told);
      } else {
        Remind(incident);
      }
    } else {
      Remind(incident);
    }
  }

 private:
  const Band& BandAt(int32_t level) const {
    return rule_.bands[static_cast<size_t>(level)];
  }
  std::string LevelName(int32_t level) const {
    return level < 0 ? std::string() : BandAt(level).level;
  }
  int32_t Firing() const {
    return state_.incident.has_value() ? state_.incident->level : -1;
  }

  // The worst band that is reached, or fires and is not cleared yet.
  int32_t Held(const Reading& reading, int32_t firing) const {
    int32_t held = reading.reached;
    if (reading.missing || rule_.bands[0].burn_rate.has_value()) return held;
    for (int32_t b = firing; b > held; --b) {
      const Band& band = BandAt(b);
      if (IsPast(*reading.value, band.clear_micro.value_or(band.over_micro),
                 rule_.direction)) {
        return b;
      }
    }
    return held;
  }

  void SetClocks(bool missing, int32_t reached, int32_t held,
                 int64_t since_us) {
    const size_t bands = rule_.bands.size();
    state_.reached_us.resize(bands, kNoTime);
    state_.left_us.resize(bands, kNoTime);
    const int32_t firing = Firing();
    for (size_t i = 0; i < bands; ++i) {
      const auto b = static_cast<int32_t>(i);
      int64_t& since = state_.reached_us[i];
      if (missing || reached < b) {
        since = kNoTime;
      } else if (since == kNoTime) {
        since = since_us;
      }
      int64_t& left = state_.left_us[i];
      if (missing || b > firing || held >= b) {
        left = kNoTime;
      } else if (left == kNoTime) {
        left = since_us;
      }
    }
  }

  // The worst band beyond the one that fires whose dwell is over; -1: none.
  int32_t Due(int32_t firing) const {
    for (auto b = static_cast<int32_t>(rule_.bands.size()) - 1; b > firing;
         --b) {
      const int64_t since = state_.reached_us[static_cast<size_t>(b)];
      if (since != kNoTime && tick_.now_us - since >= BandAt(b).dwell_us) {
        return b;
      }
    }
    return -1;
  }

  // The worst band up to the one that fires that was not left for `hold`.
  int32_t Lower(int32_t firing) const {
    for (int32_t b = firing; b >= 0; --b) {
      const int64_t left = state_.left_us[static_cast<size_t>(b)];
      if (left == kNoTime || tick_.now_us - left < rule_.hold_us) return b;
    }
    return -1;
  }

  RuleInput Classify(bool missing, int32_t held, int32_t firing, int32_t due,
                     int32_t lower) const {
    if (missing) {
      return rule_.no_data == NoDataPolicy::kOk ? RuleInput::kMissingOk
                                                : RuleInput::kMissingKeep;
    }
    if (due >= 0) return RuleInput::kDue;
    if (held < 0) {
      return firing >= 0 && lower < 0 ? RuleInput::kInsideForHold
                                      : RuleInput::kInside;
    }
    return lower < firing ? RuleInput::kLowerForHold : RuleInput::kReached;
  }

  void Apply(const RuleRow& row, int32_t reached, int32_t due, int32_t lower) {
    switch (row.action) {
      case RuleAction::kNone:
        break;
      case RuleAction::kOpen:
        Open(due);
        break;
      case RuleAction::kEscalate:
        state_.incident->level = due;
        break;
      case RuleAction::kDeescalate:
        state_.incident->level = lower;
        break;
      case RuleAction::kResolve:
        resolved_ = std::move(state_.incident);
        state_.incident.reset();
        break;
    }
    state_.state = row.to;
    switch (row.to) {
      case AlertState::kPending:
        state_.level = reached;
        break;
      case AlertState::kFiring:
      case AlertState::kRecovering:
        state_.level = state_.incident->level;
        break;
      default:
        state_.level = -1;
        state_.peak.reset();
        state_.peak_us = kNoTime;
        std::fill(state_.left_us.begin(), state_.left_us.end(), kNoTime);
        break;
    }
    // Bands that are worse than the one that fires have nothing to leave.
    for (auto i = static_cast<size_t>(Firing() + 1); i < rule_.bands.size();
         ++i) {
      state_.left_us[i] = kNoTime;
    }
  }

  void Open(int32_t level) {
    Incident& incident = state_.incident.emplace();
    incident.id = IncidentId(rule_.id, tick_.now_us, group_);
    incident.level = level;
    incident.since_us = state_.reached_us[static_cast<size_t>(level)];
    incident.opened_us = tick_.now_us;
    incident.peak = state_.peak;
    incident.peak_us = state_.peak_us;
    incident.ladder = rule_.ladder;
    state_.peak.reset();
    state_.peak_us = kNoTime;
  }

  void NotePeak(const ExactValue& value) {
    std::optional<ExactValue>* peak = nullptr;
    int64_t* peak_us = nullptr;
    if (state_.incident.has_value()) {
      peak = &state_.incident->peak;
      peak_us = &state_.incident->peak_us;
    } else if (state_.state == AlertState::kPending) {
      peak = &state_.peak;
      peak_us = &state_.peak_us;
    } else {
      return;
    }
    if (!peak->has_value() || IsWorse(value, **peak, rule_.direction)) {
      *peak = value;
      *peak_us = tick_.now_us;
    }
  }

  // The band's recipients and those of the ladder's step.
  std::vector<std::string> Everybody(const Incident& incident) const {
    std::vector<std::string> recipients;
    AddTexts(BandAt(incident.level).notify, recipients);
    const auto step = static_cast<size_t>(incident.step);
    if (step < incident.ladder.size()) {
      AddTexts(incident.ladder[step].notify, recipients);
    }
    return recipients;
  }

  void StartStep(Incident& incident, int32_t step) const {
    incident.step = step;
    incident.step_since_us = tick_.now_us;
  }

  // Nobody has acknowledged: the next step of the ladder, or once more.
  void Remind(Incident& incident) {
    if (incident.acknowledged_us != kNoTime) return;
    const auto step = static_cast<size_t>(incident.step);
    if (step + 1 < incident.ladder.size() &&
        tick_.now_us - incident.step_since_us >=
            incident.ladder[step].after_us) {
      StartStep(incident, incident.step + 1);
      Say(incident, NotificationKind::kLadder, incident.ladder[step + 1].notify,
          incident.told_level);
    } else if (rule_.repeat_us > 0 &&
               tick_.now_us - incident.last_sent_us >= rule_.repeat_us) {
      Say(incident, NotificationKind::kRepeated, Everybody(incident),
          incident.told_level);
    }
  }

  void Say(Incident& incident, NotificationKind kind,
           std::vector<std::string> recipients, int32_t told) {
    const Band& band = BandAt(incident.level);
    incident.told_level = incident.level;
    incident.last_sent_us = tick_.now_us;
    AddTexts(recipients, incident.told);
    std::sort(incident.told.begin(), incident.told.end());
    Notification note;
    note.at_us = tick_.now_us;
    note.rule = rule_.id;
    note.group = group_;
    note.kind = kind;
    note.incident = incident.id;
    note.sequence = ++incident.sequence;
    note.kpi = rule_.kpi;
    note.level = band.level;
    if (kind == NotificationKind::kEscalated ||
        kind == NotificationKind::kDeescalated) {
      note.previous_level = LevelName(told);
    }
    note.value = reading_->value;
    note.n = reading_->n;
    note.target = rule_.target;
    note.over_micro = band.over_micro;
    if (band.burn_rate.has_value()) {
      note.factor_permille = band.burn_rate->factor_permille;
    }
    note.since_us = incident.since_us;
    note.opened_us = incident.opened_us;
    note.peak = incident.peak;
    note.peak_us = incident.peak_us;
    note.ladder_step = incident.ladder.empty() ? 0 : incident.step + 1;
    note.acknowledged_by = incident.acknowledged_by;
    if (kind != NotificationKind::kResolved) note.actions = band.actions;
    note.recipients = std::move(recipients);
    note.contributors.assign(tick_.contributors.begin(),
                             tick_.contributors.end());
    notifications_.push_back(std::move(note));
  }

  void SayResolved(Incident& incident) {
    Say(incident, NotificationKind::kResolved, incident.told,
        incident.told_level);
  }

  const ScalingRule& rule_;
  const RuleTick& tick_;
  const GroupLabels& group_;
  RuleState& state_;
  std::vector<Transition>& transitions_;
  std::vector<Notification>& notifications_;
  const Reading* reading_ = nullptr;
  std::optional<Incident> resolved_;
};

void RuleEvaluator::Advance(const RuleTick& tick, const GroupLabels& group,
                            RuleState& state,
                            std::vector<Transition>& transitions,
                            std::vector<Notification>& notifications) const {
  if (state.last_us != kNoTime && tick.now_us <= state.last_us) return;
  Step step(*this, tick, group, state, transitions, notifications);
  if (rule_.no_data_after_us > 0 && state.last_us != kNoTime &&
      tick.now_us - state.last_us > rule_.no_data_after_us) {
    Reading nothing;
    nothing.missing = true;
    step.Move(nothing, state.last_us + rule_.no_data_after_us);
  }
  const Reading reading = Read(tick);
  step.Move(reading, tick.now_us);
  step.Notify();
  state.last_us = tick.now_us;
  state.value = reading.value;
  state.n = reading.n;
  state.silence = tick.silence;
}

Evaluation RuleEvaluator::Evaluate(const RuleState& state, const RuleTick& tick,
                                   const GroupLabels& group) const {
  Evaluation result;
  result.state = state;
  Advance(tick, group, result.state, result.transitions, result.notifications);
  return result;
}

absl::Status RuleEvaluator::Acknowledge(std::string_view by, int64_t at_us,
                                        RuleState& state) {
  if (!state.incident.has_value()) {
    return absl::FailedPreconditionError("no incident is open");
  }
  if (state.incident->acknowledged_us != kNoTime) return absl::OkStatus();
  state.incident->acknowledged_by = std::string(by);
  state.incident->acknowledged_us = at_us;
  return absl::OkStatus();
}

int64_t RuleEvaluator::NextChange(const RuleState& state) const {
  int64_t next = kNever;
  const auto consider = [&](int64_t since_us, int64_t span_us) {
    if (since_us == kNoTime ||
        span_us > kNever - std::max<int64_t>(since_us, 0)) {
      return;
    }
    const int64_t at_us = since_us + span_us;
    if (at_us > state.last_us) next = std::min(next, at_us);
  };
  const int32_t firing =
      state.incident.has_value() ? state.incident->level : -1;
  for (size_t b = 0; b < state.reached_us.size() && b < rule_.bands.size();
       ++b) {
    if (static_cast<int32_t>(b) > firing) {
      consider(state.reached_us[b], rule_.bands[b].dwell_us);
    }
    consider(state.left_us[b], rule_.hold_us);
  }
  if (state.state == AlertState::kFiring && state.silence == Silence::kNone &&
      state.incident->acknowledged_us == kNoTime) {
    const Incident& incident = *state.incident;
    // What was due at a tick that said something else is said at the next.
    const auto remind = [&](int64_t since_us, int64_t span_us) {
      if (since_us == kNoTime) return;
      if (span_us <= state.last_us - since_us) {
        next = state.last_us + 1;
      } else {
        consider(since_us, span_us);
      }
    };
    if (rule_.repeat_us > 0) remind(incident.last_sent_us, rule_.repeat_us);
    const auto step = static_cast<size_t>(incident.step);
    if (step + 1 < incident.ladder.size()) {
      remind(incident.step_since_us, incident.ladder[step].after_us);
    }
  }
  return next;
}

}  // namespace cckpi
