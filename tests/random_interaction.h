// Interactions with anything in them, as tests of what keeps them need.

#ifndef CCKPI_TESTS_RANDOM_INTERACTION_H_
#define CCKPI_TESTS_RANDOM_INTERACTION_H_

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <random>
#include <type_traits>
#include <utility>
#include <vector>

#include "cckpi/calendar/opening_hours.h"
#include "src/timeline/interaction.h"

namespace cckpi {

inline uint64_t Below(std::mt19937_64& random, uint64_t bound) {
  return random() % bound;
}

// Of a log, or none, or as far away as a number can be.
inline int64_t RandomInstant(std::mt19937_64& random) {
  constexpr int64_t kBegin = 1'767'600'000 * kSecond;
  switch (Below(random, 12)) {
    case 0:
      return std::numeric_limits<int64_t>::min() +
             static_cast<int64_t>(Below(random, 3));
    case 1:
      return std::numeric_limits<int64_t>::max() -
             static_cast<int64_t>(Below(random, 3));
    case 2:
      return static_cast<int64_t>(random());
    case 3:
      return static_cast<int64_t>(Below(random, 3)) - 1;
    default:
      break;
  }
  constexpr int64_t kUnits[] = {1, kMillisecond, kSecond, kHour};
  const int64_t unit_us = kUnits[Below(random, 4)];
  return kBegin + static_cast<int64_t>(Below(random, 500)) * unit_us;
}

template <typename T>
T RandomNumber(std::mt19937_64& random) {
  switch (Below(random, 6)) {
    case 0:
      return static_cast<T>(0);
    case 1:
      return static_cast<T>(std::numeric_limits<uint32_t>::max() -
                            Below(random, 2));
    case 2:
      return static_cast<T>(Below(random, 1 << 20));
    case 3:
      return static_cast<T>(Below(random, 1 << 10));
    default:
      return static_cast<T>(Below(random, 5));
  }
}

inline SpanBooking RandomSpan(std::mt19937_64& random) {
  SpanBooking span;
  span.state = static_cast<SpanBooking::State>(Below(random, 3));
  if (span.state == SpanBooking::State::kNone) return span;
  span.end_us = RandomInstant(random);
  span.dimensions = RandomNumber<DimensionsId>(random);
  return span;
}

inline TrackerSlot RandomTracker(std::mt19937_64& random) {
  TrackerSlot slot;
  slot.state = static_cast<TrackerSlot::State>(Below(random, 6));
  if (slot.state == TrackerSlot::State::kIdle) return slot;
  slot.deadline_us = RandomInstant(random);
  if (slot.state == TrackerSlot::State::kPending) return slot;
  slot.dimensions = RandomNumber<DimensionsId>(random);
  if (slot.state != TrackerSlot::State::kLateAnswered) return slot;
  slot.replier = static_cast<DimensionsId>(RandomNumber<uint32_t>(random) &
                                           ((1u << 29) - 1));
  return slot;
}

// Fills a fresh one. Fields often say the same as others.
inline void FillAtRandom(std::mt19937_64& random, Interaction& i) {
  EpisodeBookings& booked = i.booked;
  std::vector<int64_t> seen = {kNoTime};
  auto instant = [&](int64_t& field) {
    field = Below(random, 3) == 0 ? RandomInstant(random)
                                  : seen[Below(random, seen.size())];
    seen.push_back(field);
  };
  for (int64_t* field :
       {&booked.open_us, &booked.contact_us, &booked.human_start_us,
        &i.queue_us, &i.assigned_us, &i.last_human_us, &i.last_message_us,
        &i.wait_us, &i.wake_us}) {
    instant(*field);
  }
  i.customer = RandomNumber<CustomerId>(random);
  const TextId agent = RandomNumber<TextId>(random);
  for (TextId* field : {&i.channel, &i.source, &i.team, &i.priority, &i.owner,
                        &i.last_sender, &i.first_loaded}) {
    *field = Below(random, 2) == 0 ? agent : RandomNumber<TextId>(random);
  }
  i.dimensions = RandomNumber<DimensionsId>(random);
  booked.arrival_dimensions = RandomNumber<DimensionsId>(random);
  i.episode = static_cast<uint32_t>(RandomNumber<uint32_t>(random));
  i.flags = static_cast<uint32_t>(random()) & ((kReopening << 1) - 1);
  if (Below(random, 3) == 0) i.flags = 0;
  i.schedule = static_cast<uint16_t>(Below(random, 2) * random());
  i.wake_place = static_cast<TimerPlace>(Below(random, 3));
  i.state = static_cast<InteractionState>(Below(random, 4));
  i.resolved_before = Below(random, 2) != 0;
  i.entered_before = Below(random, 2) != 0;
  booked.bot = static_cast<BotOutcome>(Below(random, 6));
  booked.first_span = RandomSpan(random);
  booked.trackers.resize(Below(random, 5));
  for (TrackerSlot& slot : booked.trackers) slot = RandomTracker(random);
  if (Below(random, 2) == 0) {
    EpisodeEnd& end = booked.MakeEnd();
    instant(end.close_us);
    instant(end.contact_expires_us);
    end.contact_dimensions = RandomNumber<DimensionsId>(random);
    end.contact_outcomes = RandomNumber<uint32_t>(random);
    end.resolver = RandomNumber<TextId>(random);
    end.spans.resize(Below(random, 4));
    for (SpanBooking& span : end.spans) span = RandomSpan(random);
    if (Below(random, 4) == 0) end.values_us.resize(3);
  }
  if (Below(random, 4) == 0) {
    Rare& rare = i.MakeRare();
    rare.tags.resize(Below(random, 3));
    for (TextId& tag : rare.tags) tag = RandomNumber<TextId>(random);
    rare.first_agent_us = RandomInstant(random);
    for (uint64_t n = Below(random, 4); n > 0; --n) {
      EpisodeBookings past(rare.pool());
      past.open_us = RandomInstant(random);
      past.MakeEnd().close_us = RandomInstant(random);
      rare.past.push_back(std::move(past));
      rare.phases.push_back({RandomInstant(random), Phase::kHold});
    }
  }
}

// As most open ones are: nothing lies apart, and numbers are small.
inline void MakePlain(Interaction& i) {
  i.booked.end.Clear();
  i.rare.Clear();
  if (i.booked.trackers.size() > 2) {
    i.booked.trackers.Release();
    i.booked.trackers.resize(1);
  }
  const auto shorten = [](auto& number, uint32_t most) {
    using T = std::remove_reference_t<decltype(number)>;
    number = static_cast<T>(static_cast<uint32_t>(number) & most);
  };
  for (TextId* value : {&i.channel, &i.source, &i.priority}) {
    shorten(*value, 0xFF);
  }
  for (TextId* person : {&i.team, &i.owner}) shorten(*person, 0xFFFF);
  shorten(i.dimensions, 0xFFFF);
  shorten(i.booked.arrival_dimensions, 0xFFFF);
  shorten(i.booked.first_span.dimensions, 0xFFFF);
  for (TrackerSlot& slot : i.booked.trackers) {
    shorten(slot.dimensions, 0xFFFF);
    slot.replier =
        static_cast<DimensionsId>(static_cast<uint32_t>(slot.replier) & 0xFFFF);
  }
  i.flags |= kEntered;
  i.episode = 1;
  i.schedule = 0;
}

// Everything that tells two apart, but where it lies.
inline std::vector<int64_t> FieldsOf(const Interaction& i) {
  std::vector<int64_t> fields;
  auto add = [&](auto... values) {
    (fields.push_back(static_cast<int64_t>(values)), ...);
  };
  auto add_span = [&](const SpanBooking& span) {
    add(span.end_us, span.dimensions, span.state);
  };
  const EpisodeBookings& booked = i.booked;
  add(booked.open_us, booked.contact_us, booked.human_start_us,
      booked.arrival_dimensions, booked.bot, booked.trackers.size());
  add_span(booked.first_span);
  for (const TrackerSlot& slot : booked.trackers) {
    add(slot.deadline_us, slot.dimensions, DimensionsId{slot.replier},
        TrackerSlot::State{slot.state});
  }
  add(bool{booked.end});
  if (booked.end) {
    const EpisodeEnd& end = *booked.end;
    add(end.close_us, end.contact_expires_us, end.contact_dimensions,
        end.contact_outcomes, end.resolver, end.spans.size());
    for (const SpanBooking& span : end.spans) add_span(span);
    add(end.values_us.size());
    for (int64_t value_us : end.values_us) add(value_us);
  }
  add(i.wait_us, i.last_message_us, i.last_human_us, i.assigned_us, i.queue_us,
      i.wake_us, i.customer, i.channel, i.source, i.team, i.priority, i.owner,
      i.last_sender, i.first_loaded, i.dimensions, i.episode, i.flags,
      i.schedule, i.wake_place, InteractionState{i.state},
      bool{i.resolved_before}, bool{i.entered_before}, bool{i.rare});
  if (i.rare) {
    add(i.rare->first_agent_us, i.rare->tags.size());
    for (TextId tag : i.rare->tags) add(tag);
    const auto& past = i.rare->past;
    for (size_t e = 0; e < past.size(); ++e) {
      add(past[e].open_us, past[e].close_us());
    }
    const auto& phases = i.rare->phases;
    for (size_t p = 0; p < phases.size(); ++p) add(phases[p].begin_us);
  }
  return fields;
}

}  // namespace cckpi

#endif  // CCKPI_TESTS_RANDOM_INTERACTION_H_
