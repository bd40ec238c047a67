#include "src/timeline/interaction_codec.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "cckpi/calendar/opening_hours.h"

namespace cckpi {
namespace {

enum Field : uint32_t {
  kChannel = 1u << 0,
  kSource = 1u << 1,
  kTeam = 1u << 2,
  kPriority = 1u << 3,
  kOwner = 1u << 4,
  kLastSender = 1u << 5,
  kFirstLoaded = 1u << 6,
  kResolver = 1u << 7,
  kDimensions = 1u << 8,
  kWait = 1u << 9,
  kLastMessage = 1u << 10,
  kLastHuman = 1u << 11,
  kAssignedAt = 1u << 12,
  kQueue = 1u << 13,
  kContactExpires = 1u << 14,
  kRare = 1u << 15,
  kResolvedBefore = 1u << 16,
  kEnteredBefore = 1u << 17,
  kAllFields = (1u << 18) - 1,
};

enum BookingsField : uint16_t {
  kOpening = 1 << 0,
  kClose = 1 << 1,
  kContact = 1 << 2,
  kHumanStart = 1 << 3,
  kArrival = 1 << 4,
  kCredited = 1 << 5,
  kOutcomes = 1 << 6,
  kBot = 1 << 7,
  kAllBookings = (1 << 8) - 1,
};

enum RareField : uint32_t {
  kRareTags = 1u << 0,
  kHandled = 1u << 1,
  kLoaded = 1u << 2,
  kPast = 1u << 3,
  kPhases = 1u << 4,
  kSpent = 1u << 5,
  kPools = 1u << 6,
  kHumanOnlyWait = 1u << 7,
  kFirstAgent = 1u << 8,
  kFirstOpen = 1u << 9,
  kRareLevels = 1u << 10,
  kSurvey = 1u << 11,
  kRareFocus = 1u << 12,
  kAllRare = (1u << 13) - 1,
};

constexpr uint32_t kKnownFlags = (kReopening << 1) - 1;

struct TextField {
  uint32_t bit;
  TextId Interaction::*field;
};
constexpr TextField kTexts[] = {
    {kChannel, &Interaction::channel},
    {kSource, &Interaction::source},
    {kTeam, &Interaction::team},
    {kPriority, &Interaction::priority},
    {kOwner, &Interaction::owner},
    {kLastSender, &Interaction::last_sender},
    {kFirstLoaded, &Interaction::first_loaded},
};

struct InstantField {
  uint32_t bit;
  int64_t Interaction::*field;
};
constexpr InstantField kInstants[] = {
    {kWait, &Interaction::wait_us},
    {kLastMessage, &Interaction::last_message_us},
    {kLastHuman, &Interaction::last_human_us},
    {kAssignedAt, &Interaction::assigned_us},
    {kQueue, &Interaction::queue_us},
};

struct BookingsInstant {
  uint16_t bit;
  int64_t EpisodeBookings::*field;
};
// Of these two the close comes between the opening and the others.
constexpr BookingsInstant kBookingsInstants[] = {
    {kContact, &EpisodeBookings::contact_us},
    {kHumanStart, &EpisodeBookings::human_start_us},
};

int64_t Instant(ByteReader& reader) {
  return reader.I64In(kEarliestTime, kLatestTime + 200 * 365 * kDay,
                      "has an instant out of range");
}

int64_t Span(ByteReader& reader) {
  return reader.I64In(0, kLatestTime, "has a span out of range");
}

template <typename Sink>
void EncodeAgents(const AgentSet& set, Sink& sink) {
  const std::span<const TextId> agents = set.agents();
  sink.U32(static_cast<uint32_t>(agents.size()));
  for (TextId agent : agents) sink.Id(agent);
}

void DecodeAgents(IdReader& reader, AgentSet& set) {
  const uint32_t count = reader.U32();
  if (count > reader.left() / 4) {
    reader.Fail("announces more than there is");
    return;
  }
  for (uint32_t n = 0; n < count && reader.ok(); ++n) {
    const TextId agent = reader.TextValue();
    if (agent == 0 || !set.Insert(agent)) {
      reader.Fail("lists no agent, or one twice");
    }
  }
}

}  // namespace

InteractionCodec::InteractionCodec(const TimelinePlan* plan, size_t tags)
    : plan_(*plan), tags_(tags) {
  for (SpanKind kind : kRetractable) {
    if (plan_.follows(kind)) ++retractable_;
  }
}

// The time spent is read only while the tracker is pending.
bool InteractionCodec::KeepsSpent(const Interaction& i, size_t tracker) const {
  return tracker < i.booked.trackers.size() &&
         i.booked.trackers[tracker].state == TrackerSlot::State::kPending &&
         plan_.clocks[plan_.trackers[tracker].clock].exclude != 0;
}

uint32_t InteractionCodec::PresentInRare(const Interaction& i) const {
  if (!i.rare) return 0;
  const Rare& rare = *i.rare;
  uint32_t present = 0;
  auto note = [&present](uint32_t bit, bool is_there) {
    if (is_there) present |= bit;
  };
  note(kRareTags, std::any_of(rare.tags.begin(), rare.tags.end(),
                              [](TextId tag) { return tag != 0; }));
  note(kHandled, !rare.handled.empty());
  note(kLoaded, !rare.loaded.empty());
  note(kPast, !rare.past.empty());
  note(kPhases, !rare.phases.empty());
  for (size_t t = 0; t < rare.spent.size(); ++t) {
    note(kSpent, KeepsSpent(i, t));
  }
  note(kPools, std::any_of(rare.pools.begin(), rare.pools.end(),
                           [](const PoolState& p) { return p.count != 0; }));
  note(kHumanOnlyWait, rare.human_only_wait_us != kNoTime);
  note(kFirstAgent, rare.first_agent_us != kNoTime);
  note(kFirstOpen, rare.first_open_us != kNoTime);
  note(kRareLevels, std::any_of(rare.levels.begin(), rare.levels.end(),
                                [](const SpanBooking& booking) {
                                  return booking.state !=
                                         SpanBooking::State::kNone;
                                }));
  note(kSurvey, rare.surveyed);
  note(kRareFocus, rare.focus_agent != 0);
  return present;
}

template <typename Sink>
void InteractionCodec::EncodeBookings(const EpisodeBookings& booked,
                                      bool opened, Sink& sink) const {
  uint16_t present = 0;
  if (booked.open_us != kNoTime) present |= kOpening;
  if (booked.close_us() != kNoTime) present |= kClose;
  for (const BookingsInstant& instant : kBookingsInstants) {
    if (booked.*instant.field != kNoTime) present |= instant.bit;
  }
  if (booked.arrival_dimensions != DimensionsId::kNone) present |= kArrival;
  if (booked.contact_dimensions() != DimensionsId::kNone) present |= kCredited;
  if (booked.contact_outcomes() != 0) present |= kOutcomes;
  if (booked.bot != BotOutcome::kNone) present |= kBot;
  sink.U16(present);
  if (present & kOpening) sink.I64(booked.open_us);
  if (present & kClose) sink.I64(booked.close_us());
  for (const BookingsInstant& instant : kBookingsInstants) {
    if (booked.*instant.field != kNoTime) sink.I64(booked.*instant.field);
  }
  if (present & kArrival) sink.Id(booked.arrival_dimensions);
  if (present & kCredited) sink.Id(booked.contact_dimensions());
  if (present & kOutcomes) sink.U32(booked.contact_outcomes());
  if (present & kBot) sink.U8(static_cast<uint8_t>(booked.bot));
  if (!opened) return;
  const size_t clocks = plan_.clocks.size();
  for (size_t s = 0; s < retractable_; ++s) {
    const SpanBooking span = booked.span(s);
    sink.U8(static_cast<uint8_t>(span.state));
    if (span.state == SpanBooking::State::kNone) continue;
    sink.I64(span.end_us);
    sink.Id(span.dimensions);
    if (span.state != SpanBooking::State::kDone || clocks == 1) continue;
    for (size_t c = 0; c < clocks; ++c) {
      sink.I64(booked.end->values_us[s * clocks + c]);
    }
  }
  for (size_t t = 0; t < plan_.trackers.size(); ++t) {
    if (t >= booked.trackers.size()) {
      sink.U8(0);
      continue;
    }
    const TrackerSlot& slot = booked.trackers[t];
    sink.U8(static_cast<uint8_t>(slot.state));
    if (slot.state == TrackerSlot::State::kIdle) continue;
    sink.I64(slot.deadline_us);
    if (slot.state == TrackerSlot::State::kPending) continue;
    sink.Id(slot.dimensions);
    if (slot.state == TrackerSlot::State::kLateAnswered) {
      sink.Id(static_cast<DimensionsId>(slot.replier));
    }
  }
}

template <typename Sink>
void InteractionCodec::EncodeRare(const Interaction& i, uint32_t present,
                                  Sink& sink) const {
  const Rare& rare = *i.rare;
  sink.U16(static_cast<uint16_t>(present));
  if (present & kRareTags) {
    for (size_t t = 0; t < tags_; ++t) {
      sink.Id(t < rare.tags.size() ? rare.tags[t] : TextId{0});
    }
  }
  if (present & kHandled) EncodeAgents(rare.handled, sink);
  if (present & kLoaded) EncodeAgents(rare.loaded, sink);
  if (present & kPast) {
    sink.U32(static_cast<uint32_t>(rare.past.size()));
    for (size_t e = 0; e < rare.past.size(); ++e) {
      EncodeBookings(rare.past[e], /*opened=*/true, sink);
    }
  }
  if (present & kPhases) {
    sink.U32(static_cast<uint32_t>(rare.phases.size()));
    for (size_t p = 0; p < rare.phases.size(); ++p) {
      sink.I64(rare.phases[p].begin_us);
      sink.U8(static_cast<uint8_t>(rare.phases[p].phase));
    }
  }
  if (present & kSpent) {
    for (size_t t = 0; t < plan_.trackers.size(); ++t) {
      if (!KeepsSpent(i, t)) continue;
      sink.I64(rare.spent[t].first);
      sink.I64(rare.spent[t].second);
    }
  }
  if (present & kPools) {
    for (size_t p = 0; p < plan_.pools.size(); ++p) {
      const PoolState pool =
          p < rare.pools.size() ? rare.pools[p] : PoolState();
      sink.I64(pool.sum_us);
      sink.I64(pool.count);
    }
  }
  if (present & kHumanOnlyWait) sink.I64(rare.human_only_wait_us);
  if (present & kFirstAgent) sink.I64(rare.first_agent_us);
  if (present & kFirstOpen) sink.I64(rare.first_open_us);
  if (present & kRareLevels) {
    const size_t clocks = plan_.clocks.size();
    for (size_t l = 0; l < rare.levels.size(); ++l) {
      const SpanBooking& booking = rare.levels[l];
      sink.U8(static_cast<uint8_t>(booking.state));
      if (booking.state == SpanBooking::State::kNone) continue;
      sink.I64(booking.end_us);
      sink.Id(booking.dimensions);
      for (size_t c = 0; c < clocks; ++c) {
        sink.I64(rare.level_values_us[l * clocks + c]);
      }
    }
  }
  if (present & kSurvey) {
    sink.U32(rare.survey_episode);
    sink.I64(rare.survey.at_us);
    sink.Id(rare.survey.dimensions);
    sink.I64(rare.survey.score_micro);
    sink.I64(rare.survey.scale_micro);
  }
  if (present & kRareFocus) sink.Id(rare.focus_agent);
}

template <typename Sink>
void InteractionCodec::Encode(const Interaction& i, Sink& sink) const {
  uint32_t present = 0;
  for (const TextField& text : kTexts) {
    if (i.*text.field != 0) present |= text.bit;
  }
  if (i.dimensions != DimensionsId::kNone) present |= kDimensions;
  for (const InstantField& instant : kInstants) {
    if (i.*instant.field != kNoTime) present |= instant.bit;
  }
  if (i.booked.resolver() != 0) present |= kResolver;
  if (i.booked.contact_expires_us() != kNoTime) present |= kContactExpires;
  const uint32_t rare = PresentInRare(i);
  if (rare != 0) present |= kRare;
  if (i.resolved_before) present |= kResolvedBefore;
  if (i.entered_before) present |= kEnteredBefore;
  sink.U32(present);
  sink.U8(static_cast<uint8_t>(i.state));
  sink.Id(i.customer);
  sink.U32(i.episode);
  sink.U32(i.flags);
  sink.Schedule(i.schedule);
  for (const TextField& text : kTexts) {
    if (i.*text.field != 0) sink.Id(i.*text.field);
  }
  if (present & kResolver) sink.Id(i.booked.resolver());
  if (present & kDimensions) sink.Id(i.dimensions);
  for (const InstantField& instant : kInstants) {
    if (i.*instant.field != kNoTime) sink.I64(i.*instant.field);
  }
  if (present & kContactExpires) sink.I64(i.booked.contact_expires_us());
  EncodeBookings(i.booked, i.episode > 0, sink);
  if (rare != 0) EncodeRare(i, rare, sink);
}

template void InteractionCodec::Encode(const Interaction&, IdMarker&) const;
template void InteractionCodec::Encode(const Interaction&, IdWriter&) const;

void InteractionCodec::DecodeBookings(IdReader& reader, bool opened,
                                      EpisodeBookings& booked) const {
  const uint16_t present = reader.U16();
  if ((present & ~kAllBookings) != 0) reader.Fail("has unknown bookings");
  if (present & kOpening) booked.open_us = Instant(reader);
  if (present & kClose) booked.MakeEnd().close_us = Instant(reader);
  for (const BookingsInstant& instant : kBookingsInstants) {
    if (present & instant.bit) booked.*instant.field = Instant(reader);
  }
  if (present & kArrival) booked.arrival_dimensions = reader.Dimensions();
  if (present & kCredited) {
    booked.MakeEnd().contact_dimensions = reader.Dimensions();
  }
  if (present & kOutcomes) {
    booked.MakeEnd().contact_outcomes = reader.U32();
    for (size_t c = 0; c < 8; ++c) {
      if (booked.outcome(c) > ContactOutcome::kUnanswered ||
          (c >= plan_.contacts.size() &&
           booked.outcome(c) != ContactOutcome::kNone)) {
        reader.Fail("has an unknown contact outcome");
      }
    }
  }
  if (present & kBot) {
    booked.bot = static_cast<BotOutcome>(
        reader.U8UpTo(static_cast<uint8_t>(BotOutcome::kAbandoned),
                      "has an unknown bot outcome"));
  }
  if (!opened) return;
  const size_t clocks = plan_.clocks.size();
  for (size_t s = 0; s < retractable_; ++s) {
    const auto state = static_cast<SpanBooking::State>(
        reader.U8UpTo(2, "has an unknown state of a span"));
    if (state == SpanBooking::State::kNone) continue;
    SpanBooking& span = booked.MakeSpan(s);
    span.state = state;
    span.end_us = Instant(reader);
    span.dimensions = reader.Dimensions();
    if (span.state != SpanBooking::State::kDone || clocks == 1) continue;
    SpareList<int64_t>& values = booked.MakeEnd().values_us;
    values.resize(retractable_ * clocks);
    for (size_t c = 0; c < clocks; ++c) {
      values[s * clocks + c] = Span(reader);
    }
  }
  booked.trackers.resize(plan_.trackers.size());
  for (TrackerSlot& slot : booked.trackers) {
    slot.state = static_cast<TrackerSlot::State>(
        reader.U8UpTo(static_cast<uint8_t>(TrackerSlot::State::kVoid),
                      "has an unknown state of a deadline"));
    if (slot.state == TrackerSlot::State::kIdle) continue;
    slot.deadline_us = reader.I64();
    if (slot.deadline_us != kNever &&
        (slot.deadline_us < kEarliestTime ||
         slot.deadline_us > kLatestTime + 200 * 365 * kDay)) {
      reader.Fail("has a deadline out of range");
    }
    if (slot.state == TrackerSlot::State::kPending) continue;
    slot.dimensions = reader.Dimensions();
    if (slot.state == TrackerSlot::State::kLateAnswered) {
      slot.replier = reader.Dimensions();
    }
  }
}

void InteractionCodec::DecodeLevels(IdReader& reader, Rare& rare) const {
  const size_t clocks = plan_.clocks.size();
  rare.level_values_us.resize(rare.levels.size() * clocks);
  for (size_t l = 0; l < rare.levels.size(); ++l) {
    SpanBooking& booking = rare.levels[l];
    booking.state = static_cast<SpanBooking::State>(
        reader.U8UpTo(1, "has an unknown state of a span"));
    if (booking.state == SpanBooking::State::kNone) continue;
    booking.end_us = Instant(reader);
    booking.dimensions = reader.Dimensions();
    for (size_t c = 0; c < clocks; ++c) {
      rare.level_values_us[l * clocks + c] = Span(reader);
    }
  }
}

void InteractionCodec::DecodeRare(IdReader& reader, Interaction& i) const {
  Rare& rare = i.MakeRare();
  const uint32_t present = reader.U16();
  if ((present & ~kAllRare) != 0) reader.Fail("has unknown rare fields");
  if (present & kRareTags) {
    for (size_t t = 0; t < tags_; ++t) {
      rare.tags.push_back(reader.TextValue());
    }
  }
  if (present & kHandled) DecodeAgents(reader, rare.handled);
  if (present & kLoaded) DecodeAgents(reader, rare.loaded);
  if (present & kPast) {
    const uint32_t count = reader.U32();
    if (count > reader.left() / 2 || count >= i.episode) {
      reader.Fail("announces more episodes than there are");
    }
    for (uint32_t e = 0; e < count && reader.ok(); ++e) {
      rare.past.push_back(EpisodeBookings(rare.pool()));
      DecodeBookings(reader, /*opened=*/true, rare.past.Edit(e));
    }
  }
  if (present & kPhases) {
    const uint32_t count = reader.U32();
    if (count > reader.left() / 9) {
      reader.Fail("announces more than there is");
    }
    int64_t last_us = kEarliestTime;
    for (uint32_t p = 0; p < count && reader.ok(); ++p) {
      const int64_t begin_us = Instant(reader);
      const uint8_t phase = reader.U8UpTo(7, "has an unknown phase");
      if ((phase >= kPhaseCount && phase != 7) || begin_us < last_us) {
        reader.Fail("has phases out of order");
      }
      last_us = begin_us;
      rare.phases.push_back({begin_us, static_cast<Phase>(phase)});
    }
  }
  if (present & kSpent) {
    rare.spent.resize(plan_.trackers.size());
    for (size_t t = 0; t < rare.spent.size(); ++t) {
      if (!KeepsSpent(i, t)) continue;
      const int64_t spent_us = Span(reader);
      rare.spent[t] = {spent_us, Instant(reader)};
    }
  }
  if (present & kPools) {
    rare.pools.resize(plan_.pools.size());
    for (PoolState& pool : rare.pools) {
      pool.sum_us = reader.I64In(0, int64_t{1} << 62, "has a sum out of range");
      pool.count =
          reader.I64In(0, int64_t{1} << 40, "has a count out of range");
    }
  }
  if (present & kHumanOnlyWait) rare.human_only_wait_us = Instant(reader);
  if (present & kFirstAgent) rare.first_agent_us = Instant(reader);
  if (present & kFirstOpen) rare.first_open_us = Instant(reader);
  if (present & kRareLevels) DecodeLevels(reader, rare);
  if (present & kSurvey) {
    rare.surveyed = true;
    rare.survey_episode = reader.U32();
    rare.survey.at_us = Instant(reader);
    rare.survey.dimensions = reader.Dimensions();
    constexpr int64_t kMost = int64_t{1} << 62;
    rare.survey.score_micro = reader.I64In(-kMost, kMost, "has a wild score");
    rare.survey.scale_micro = reader.I64In(-kMost, kMost, "has a wild scale");
  }
  if (present & kRareFocus) rare.focus_agent = reader.TextValue();
}

void InteractionCodec::Decode(IdReader& reader, Interaction& i) const {
  const uint32_t present = reader.U32();
  if ((present & ~kAllFields) != 0) reader.Fail("has unknown fields");
  i.state =
      static_cast<InteractionState>(reader.U8UpTo(3, "has an unknown state"));
  i.customer = reader.Customer();
  i.episode = reader.U32();
  i.flags = reader.U32();
  if ((i.flags & ~kKnownFlags) != 0) reader.Fail("has unknown flags");
  i.schedule = reader.Schedule();
  for (const TextField& text : kTexts) {
    if (present & text.bit) i.*text.field = reader.TextValue();
  }
  TextId resolver = 0;
  int64_t contact_expires_us = kNoTime;
  if (present & kResolver) resolver = reader.TextValue();
  if (present & kDimensions) i.dimensions = reader.Dimensions();
  for (const InstantField& instant : kInstants) {
    if (present & instant.bit) i.*instant.field = Instant(reader);
  }
  if (present & kContactExpires) contact_expires_us = Instant(reader);
  i.resolved_before = (present & kResolvedBefore) != 0;
  i.entered_before = (present & kEnteredBefore) != 0;
  DecodeBookings(reader, i.episode > 0, i.booked);
  if (present & (kResolver | kContactExpires)) {
    EpisodeEnd& of_latest = i.booked.MakeEnd();
    of_latest.resolver = resolver;
    of_latest.contact_expires_us = contact_expires_us;
  }
  if (present & kRare) DecodeRare(reader, i);
  Check(reader, i);
}

// What the machine takes for granted.
void InteractionCodec::Check(IdReader& reader, const Interaction& i) const {
  auto demand = [&reader](bool holds) {
    if (!holds) reader.Fail("contradicts itself");
  };
  const EpisodeBookings& booked = i.booked;
  const bool contact = booked.contact_us != kNoTime;
  const size_t past = i.rare ? i.rare->past.size() : 0;
  demand(past == 0 ? i.episode <= 1 || i.state == InteractionState::kDiscarded
                   : past + 1 == i.episode);
  demand(i.episode == 0 || booked.open_us != kNoTime);
  demand(contact == (booked.human_start_us != kNoTime));
  demand(!i.has(kAwaitsCustomer) || i.last_human_us != kNoTime);
  demand(i.episode == 0 ? !i.open() : i.state != InteractionState::kNew);
  if (i.open()) {
    demand(i.last_message_us != kNoTime);
    demand(!i.has(kEntered) || !i.has(kOutbound) || contact);
  }
  if (i.state == InteractionState::kClosed) {
    demand(booked.close_us() != kNoTime && i.last_message_us != kNoTime);
  }
  if (i.state == InteractionState::kDiscarded) {
    demand(booked.close_us() != kNoTime);
  }
  demand(!i.open() || (i.wait_us == kNoTime) || i.wait_us <= kLatestTime);
  for (size_t t = 0; t < booked.trackers.size(); ++t) {
    const TrackerSlot::State state = booked.trackers[t].state;
    if (state == TrackerSlot::State::kIdle) continue;
    const TrackerSpec& spec = plan_.trackers[t];
    demand(spec.stage != Stage::kFirst || contact);
    demand(spec.stage != Stage::kEvery || i.wait_us != kNoTime);
  }
  for (size_t s = 0; s < retractable_; ++s) {
    if (booked.span(s).state == SpanBooking::State::kNone) continue;
    size_t index = 0;
    for (SpanKind kind : kRetractable) {
      if (!plan_.follows(kind) || index++ != s) continue;
      const bool first = kind == SpanKind::kFirstHuman ||
                         kind == SpanKind::kFirstAny ||
                         kind == SpanKind::kFirstBot;
      demand(!first || contact);
      demand(first || booked.close_us() != kNoTime);
    }
  }
}

}  // namespace cckpi
