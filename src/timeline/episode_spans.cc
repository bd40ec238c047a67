// Measuring spans and following deadlines.

#include <algorithm>

#include "cckpi/calendar/opening_hours.h"
#include "src/timeline/episode_machine.h"

namespace cckpi {
namespace {

// No phase at all: cannot be excluded.
constexpr Phase kBetweenEpisodes = static_cast<Phase>(7);

// As many phases are looked at whenever time without some is measured.
constexpr size_t kFewPhases = 8;

// The phase that holds an instant, or the first.
size_t PhaseAt(const OverlayList<PhaseSpan>& phases, int64_t at_us) {
  size_t first = 0;
  for (size_t count = phases.size(); count > 1;) {
    const size_t half = count / 2;
    if (phases[first + half].begin_us <= at_us) {
      first += half;
      count -= half;
    } else {
      count = half;
    }
  }
  return first;
}

}  // namespace

// Of a span, what lies in [begin_us, end_us).
int64_t EpisodeMachine::ElapsedPart(const Interaction& i,
                                    const ClockSpec& clock, int64_t begin_us,
                                    int64_t end_us, const Whole& whole) {
  auto on_clock = [&](int64_t from_us, int64_t to_us) {
    return clock.clock == Clock::kCalendar
               ? to_us - from_us
               : state_.schedules.ElapsedPart(i.schedule, from_us, to_us,
                                              whole.start_us, whole.end_us);
  };
  if (clock.exclude == 0 || !i.rare) return on_clock(begin_us, end_us);
  // From the last phase back to the one that holds the begin.
  int64_t elapsed = 0;
  int64_t to_us = end_us;
  const OverlayList<PhaseSpan>& phases = i.rare->phases;
  for (size_t p = phases.size(); p > 0 && to_us > begin_us; --p) {
    ++phases_looked_at_;
    int64_t from_us = std::max(begin_us, phases[p - 1].begin_us);
    if (from_us >= to_us) continue;
    if ((clock.exclude & PhaseBit(phases[p - 1].phase)) == 0) {
      elapsed += on_clock(from_us, to_us);
    }
    to_us = from_us;
  }
  if (to_us > begin_us) elapsed += on_clock(begin_us, to_us);
  return elapsed;
}

const std::vector<int64_t>& EpisodeMachine::Values(const Interaction& i,
                                                   int64_t start_us,
                                                   int64_t end_us) {
  values_[0] = end_us - start_us;  // the first clock is the calendar's
  for (size_t c = 1; c < values_.size(); ++c) {
    values_[c] = Elapsed(i, plan_.clocks[c], start_us, end_us);
  }
  return values_;
}

// Values from the first opening on.
const std::vector<int64_t>& EpisodeMachine::LevelValues(Interaction& i,
                                                        size_t level,
                                                        int64_t end_us) {
  const int64_t start_us = i.rare->first_open_us;
  values_[0] = end_us - start_us;
  for (size_t c = 1; c < values_.size(); ++c) {
    values_[c] = ElapsedSince(i, level * values_.size() + c, plan_.clocks[c],
                              end_us, {start_us, end_us});
  }
  return values_;
}

// Of a span, what lies before `end_us`. Where there are many phases, what was
// measured from the same start to an earlier end, by the same hours, is added
// to.
int64_t EpisodeMachine::ElapsedSince(Interaction& i, size_t whose,
                                     const ClockSpec& clock, int64_t end_us,
                                     const Whole& whole) {
  const int64_t start_us = whole.start_us;
  if (clock.exclude == 0 || !i.rare || i.rare->phases.size() <= kFewPhases) {
    return ElapsedPart(i, clock, start_us, end_us, whole);
  }
  PhaseSum sum{.whose = static_cast<uint32_t>(whose),
               .start_us = start_us,
               .end_us = end_us};
  if (clock.clock == Clock::kBusiness) {
    sum.schedule = i.schedule;
    sum.hours = state_.schedules.HoursOf(i.schedule, whole.end_us);
  }
  SpareList<PhaseSum>& sums = i.MakeRare().phase_sums;
  PhaseSum* known = std::lower_bound(
      sums.begin(), sums.end(), sum,
      [](const PhaseSum& a, const PhaseSum& b) { return a.key() < b.key(); });
  const bool is_there = known != sums.end() && known->key() == sum.key();
  const bool goes_on =
      is_there && known->start_us == start_us && known->end_us <= end_us;
  sum.value_us = goes_on
                     ? known->value_us +
                           ElapsedPart(i, clock, known->end_us, end_us, whole)
                     : ElapsedPart(i, clock, start_us, end_us, whole);
  if (is_there) {
    *known = sum;
  } else {
    sums.insert(known, sum);
  }
  return sum.value_us;
}

int64_t EpisodeMachine::StartOf(const EpisodeBookings& booked,
                                SpanKind kind) const {
  switch (kind) {
    case SpanKind::kFirstHuman:
      return booked.human_start_us;
    case SpanKind::kFirstAny:
    case SpanKind::kFirstBot:
      return booked.contact_us;
    default:
      return booked.open_us;
  }
}

// The values stay there for pools.
void EpisodeMachine::BookDone(Interaction& i, SpanKind kind, int64_t start_us,
                              int64_t end_us, int64_t booked_us, TextId agent,
                              bool by_bot, bool first) {
  const std::vector<int64_t>& values = Values(i, start_us, end_us);
  if (!plan_.follows(kind)) return;
  const DimensionsId dimensions = Credited(i, agent);
  observer_.OnDone({.kind = kind,
                    .start_us = start_us,
                    .end_us = end_us,
                    .booked_us = booked_us,
                    .values_us = values,
                    .dimensions = dimensions,
                    .by_bot = by_bot,
                    .first = first});
  int8_t index = retract_index_[static_cast<size_t>(kind)];
  if (index < 0) return;
  i.booked.MakeSpan(static_cast<size_t>(index)) = {end_us, dimensions,
                                                   SpanBooking::State::kDone};
  if (values.size() > 1) {
    SpareList<int64_t>& kept = i.booked.MakeEnd().values_us;
    kept.resize(retractable_ * values.size());
    std::copy(values.begin(), values.end(),
              kept.begin() + static_cast<ptrdiff_t>(static_cast<size_t>(index) *
                                                    values.size()));
  }
}

void EpisodeMachine::BookVoid(Interaction& i, SpanKind kind, int64_t start_us,
                              int64_t at_us) {
  bool first = (kind == SpanKind::kWait && !i.has(kWaited)) ||
               (kind == SpanKind::kWaitHumanOnly && !i.has(kHumanOnlyWaited));
  observer_.OnVoid(kind, start_us, at_us, i.dimensions, first, 1);
  int8_t index = retract_index_[static_cast<size_t>(kind)];
  if (index < 0) return;
  i.booked.MakeSpan(static_cast<size_t>(index)) = {at_us, i.dimensions,
                                                   SpanBooking::State::kVoid};
}

// Of a span that a deadline's clock measures, what lies before `until_us`.
int64_t EpisodeMachine::SpentUntil(Interaction& i, size_t tracker,
                                   int64_t until_us, const Whole& whole) {
  constexpr size_t kLevels = 3;
  const size_t whose = kLevels * plan_.clocks.size() + tracker;
  return ElapsedSince(i, whose, plan_.clocks[plan_.trackers[tracker].clock],
                      until_us, whole);
}

namespace {

// Are there many phases, and did the span begin before the last one? What lies
// before that stays as it is.
bool IsMostlyKnown(const Interaction& i, int64_t start_us) {
  return i.rare && i.rare->phases.size() > kFewPhases &&
         i.rare->phases.back().begin_us > start_us;
}

}  // namespace

int64_t EpisodeMachine::Spent(Interaction& i, size_t tracker, int64_t start_us,
                              int64_t at_us) {
  const ClockSpec& clock = plan_.clocks[plan_.trackers[tracker].clock];
  if (!IsMostlyKnown(i, start_us)) return Elapsed(i, clock, start_us, at_us);
  const Whole whole{start_us, at_us};
  const int64_t last_us = i.rare->phases.back().begin_us;
  return SpentUntil(i, tracker, last_us, whole) +
         ElapsedPart(i, clock, last_us, at_us, whole);
}

// The deadline of a clock that stands still in some phases, as far as the
// phases are known.
int64_t EpisodeMachine::DeadlineWithout(Interaction& i, size_t tracker,
                                        int64_t start_us) {
  const TrackerSpec& spec = plan_.trackers[tracker];
  const ClockSpec& clock = plan_.clocks[spec.clock];
  const uint16_t schedule =
      clock.clock == Clock::kBusiness ? i.schedule : uint16_t{0};
  std::vector<std::pair<int64_t, int64_t>>& parts = parts_;
  parts.clear();
  if (IsMostlyKnown(i, start_us)) {
    const PhaseSpan last = i.rare->phases.back();
    if ((clock.exclude & PhaseBit(last.phase)) == 0) {
      parts.emplace_back(last.begin_us, kNever);
    }
    const int64_t deadline_us = state_.schedules.DeadlineFrom(
        last.begin_us, schedule, start_us, parts, spec.within_us,
        [&](int64_t until_us, int64_t end_us) {
          return SpentUntil(i, tracker, until_us, {start_us, end_us});
        });
    if (deadline_us != kNoTime) return deadline_us;
    parts.clear();
  }
  auto count = [&](int64_t from_us, int64_t to_us) {
    from_us = std::max(from_us, start_us);
    if (from_us < to_us) parts.emplace_back(from_us, to_us);
  };
  if (!i.rare || i.rare->phases.empty()) {
    count(start_us, kNever);
  } else {
    const OverlayList<PhaseSpan>& phases = i.rare->phases;
    count(start_us, phases[0].begin_us);
    for (size_t p = PhaseAt(phases, start_us); p < phases.size(); ++p) {
      ++phases_looked_at_;
      if ((clock.exclude & PhaseBit(phases[p].phase)) != 0) continue;
      count(phases[p].begin_us,
            p + 1 < phases.size() ? phases[p + 1].begin_us : kNever);
    }
  }
  return state_.schedules.DeadlineOver(schedule, start_us, parts,
                                       spec.within_us);
}

namespace {

bool Takes(const TrackerSpec& spec, Stage stage, int mask) {
  return spec.stage == stage &&
         (mask & (spec.any_response ? kAnyTrackers : kHumanTrackers)) != 0;
}

TrackState Published(TrackerSlot::State state) {
  switch (state) {
    case TrackerSlot::State::kMet:
      return TrackState::kMet;
    case TrackerSlot::State::kLateAnswered:
      return TrackState::kLateAnswered;
    case TrackerSlot::State::kOverdue:
      return TrackState::kOverdue;
    case TrackerSlot::State::kVoid:
      return TrackState::kVoid;
    case TrackerSlot::State::kIdle:
    case TrackerSlot::State::kPending:
      break;
  }
  return TrackState::kPending;
}

}  // namespace

namespace {

TrackedDeadline Tracked(size_t tracker, const TrackerSlot& slot,
                        int64_t start_us, int sign) {
  return {.tracker = static_cast<int>(tracker),
          .state = Published(slot.state),
          .start_us = start_us,
          .deadline_us = slot.deadline_us,
          .dimensions = slot.dimensions,
          .replier = slot.state == TrackerSlot::State::kLateAnswered
                         ? slot.replier
                         : slot.dimensions,
          .sign = sign};
}

}  // namespace

void EpisodeMachine::SayTracked(const Interaction&, size_t tracker,
                                const TrackerSlot& slot, int64_t start_us,
                                int sign) {
  observer_.OnDeadline(Tracked(tracker, slot, start_us, sign));
}

void EpisodeMachine::SayMissed(size_t tracker, const TrackerSlot& slot,
                               int64_t start_us, int64_t end_us, int sign) {
  observer_.OnMissed(Tracked(tracker, slot, start_us, sign), end_us);
}

void EpisodeMachine::ArmTracked(Interaction& i, Stage stage, int mask,
                                int64_t at_us) {
  armed_ = true;
  for (size_t t = 0; t < plan_.trackers.size(); ++t) {
    const TrackerSpec& spec = plan_.trackers[t];
    if (!Takes(spec, stage, mask)) continue;
    const ClockSpec& clock = plan_.clocks[spec.clock];
    TrackerSlot& slot = i.booked.trackers[t];
    int64_t start_us = TrackerStart(i, spec);
    slot.state = TrackerSlot::State::kPending;
    if (clock.exclude != 0) {
      // Retimed when the step is over and the phase is known.
      SpareList<std::pair<int64_t, int64_t>>& spent = i.MakeRare().spent;
      spent.resize(plan_.trackers.size());
      spent[t] = {Spent(i, t, start_us, at_us), at_us};
      slot.deadline_us = DeadlineWithout(i, t, start_us);
      if (slot.deadline_us < at_us) Miss(i, t);
      continue;
    }
    slot.deadline_us =
        clock.clock == Clock::kCalendar
            ? start_us + spec.within_us
            : state_.schedules.Deadline(i.schedule, start_us, spec.within_us);
    if (slot.deadline_us < at_us) Miss(i, t);
  }
}

void EpisodeMachine::Miss(Interaction& i, size_t tracker) {
  TrackerSlot& slot = i.booked.trackers[tracker];
  slot.state = TrackerSlot::State::kOverdue;
  slot.dimensions = i.dimensions;
  SayTracked(i, tracker, slot, TrackerStart(i, plan_.trackers[tracker]), 1);
}

void EpisodeMachine::AnswerTracked(Interaction& i, Stage stage, int mask,
                                   int64_t at_us, TextId agent) {
  for (size_t t = 0; t < plan_.trackers.size(); ++t) {
    const TrackerSpec& spec = plan_.trackers[t];
    if (!Takes(spec, stage, mask)) continue;
    if (t >= i.booked.trackers.size()) continue;
    TrackerSlot& slot = i.booked.trackers[t];
    int64_t start_us = TrackerStart(i, spec);
    if (slot.state == TrackerSlot::State::kOverdue) {
      SayTracked(i, t, slot, start_us, -1);
      slot.state = TrackerSlot::State::kLateAnswered;
      slot.replier = Credited(i, agent);
    } else if (slot.state == TrackerSlot::State::kPending) {
      const ClockSpec& clock = plan_.clocks[spec.clock];
      // Perhaps armed in this very step, its deadline not yet known.
      if (clock.exclude != 0) {
        slot.deadline_us = DeadlineWithout(i, t, start_us);
      }
      if (clock.exclude != 0 && slot.deadline_us < at_us) {
        slot.state = TrackerSlot::State::kLateAnswered;
        slot.dimensions = i.dimensions;
        slot.replier = Credited(i, agent);
        SayTracked(i, t, slot, start_us, 1);
        SayMissed(t, slot, start_us, at_us);
        if (stage == Stage::kEvery) slot.state = TrackerSlot::State::kIdle;
        continue;
      }
      slot.state = TrackerSlot::State::kMet;
      slot.dimensions = Credited(i, agent);
    } else {
      continue;
    }
    SayTracked(i, t, slot, start_us, 1);
    if (slot.state == TrackerSlot::State::kLateAnswered) {
      SayMissed(t, slot, start_us, at_us);
    }
    if (stage == Stage::kEvery) slot.state = TrackerSlot::State::kIdle;
  }
}

void EpisodeMachine::WithdrawTracked(Interaction& i, Stage stage, int mask) {
  for (size_t t = 0; t < i.booked.trackers.size(); ++t) {
    const TrackerSpec& spec = plan_.trackers[t];
    if (!Takes(spec, stage, mask)) continue;
    TrackerSlot& slot = i.booked.trackers[t];
    if (slot.state == TrackerSlot::State::kOverdue) {
      SayTracked(i, t, slot, TrackerStart(i, spec), -1);
    } else if (slot.state != TrackerSlot::State::kPending) {
      continue;
    }
    slot.state = TrackerSlot::State::kIdle;
  }
}

void EpisodeMachine::VoidTrackers(Interaction& i, Stage stage, int64_t at_us,
                                  bool closed) {
  for (size_t t = 0; t < i.booked.trackers.size(); ++t) {
    const TrackerSpec& spec = plan_.trackers[t];
    if (!Takes(spec, stage, kAllTrackers)) continue;
    TrackerSlot& slot = i.booked.trackers[t];
    if (slot.state == TrackerSlot::State::kPending) {
      slot.state = closed && spec.closed_counts_met ? TrackerSlot::State::kMet
                                                    : TrackerSlot::State::kVoid;
      slot.dimensions = i.dimensions;
      SayTracked(i, t, slot, TrackerStart(i, spec), 1);
    } else if (slot.state == TrackerSlot::State::kOverdue) {
      SayMissed(t, slot, TrackerStart(i, spec), at_us);
    }
    if (stage == Stage::kEvery) slot.state = TrackerSlot::State::kIdle;
  }
}

// Another schedule has been selected: deadlines that are pending move.
void EpisodeMachine::Retime(Interaction& i, int64_t at_us) {
  if (!i.open()) return;
  armed_ = true;
  for (size_t t = 0; t < i.booked.trackers.size(); ++t) {
    const TrackerSpec& spec = plan_.trackers[t];
    const ClockSpec& clock = plan_.clocks[spec.clock];
    TrackerSlot& slot = i.booked.trackers[t];
    if (clock.clock != Clock::kBusiness ||
        slot.state != TrackerSlot::State::kPending) {
      continue;
    }
    int64_t start_us = TrackerStart(i, spec);
    if (clock.exclude == 0) {
      slot.deadline_us =
          state_.schedules.Deadline(i.schedule, start_us, spec.within_us);
      if (slot.deadline_us < at_us) Miss(i, t);
      continue;
    }
    SpareList<std::pair<int64_t, int64_t>>& spent = i.MakeRare().spent;
    spent.resize(plan_.trackers.size());
    spent[t] = {Spent(i, t, start_us, at_us), at_us};
    slot.deadline_us = DeadlineWithout(i, t, start_us);
    if (slot.deadline_us < at_us) Miss(i, t);
  }
}

// Keeps the phases of the episode, and moves the deadlines whose clock stands
// still in some of them.
void EpisodeMachine::PhaseChanged(Interaction& i, int64_t at_us) {
  bool had_phase = i.rare && !i.rare->phases.empty();
  if (!i.open() && !had_phase) return;
  Phase now = i.open() ? PhaseOf(i) : kBetweenEpisodes;
  Rare& rare = i.MakeRare();
  Phase before = had_phase ? rare.phases.back().phase : now;
  if (!had_phase || before != now) rare.phases.push_back({at_us, now});
  for (size_t t = 0; t < i.booked.trackers.size(); ++t) {
    const TrackerSpec& spec = plan_.trackers[t];
    const ClockSpec& clock = plan_.clocks[spec.clock];
    TrackerSlot& slot = i.booked.trackers[t];
    if (clock.exclude == 0 || slot.state != TrackerSlot::State::kPending) {
      continue;
    }
    auto& [spent, since] = rare.spent[t];
    // In the same phase nothing changes. What is kept must not depend on when
    // somebody looked: a timer may have fired for nothing.
    if (before == now && since < at_us) continue;
    if ((clock.exclude & PhaseBit(before)) == 0 && since < at_us) {
      spent += clock.clock == Clock::kCalendar
                   ? at_us - since
                   : state_.schedules.Elapsed(i.schedule, since, at_us);
    }
    since = at_us;
    int64_t left = spec.within_us - spent;
    if (left < 0 || (clock.clock == Clock::kBusiness &&
                     state_.schedules.selects_by_span())) {
      slot.deadline_us = DeadlineWithout(i, t, TrackerStart(i, spec));
      if (slot.deadline_us < at_us) Miss(i, t);
    } else if ((clock.exclude & PhaseBit(now)) != 0) {
      slot.deadline_us = kNever;
    } else {
      slot.deadline_us =
          clock.clock == Clock::kCalendar
              ? at_us + left
              : state_.schedules.Deadline(i.schedule, at_us, left);
    }
  }
}

}  // namespace cckpi
