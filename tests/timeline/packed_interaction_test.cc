// Whatever an interaction holds, packed and unpacked it is the same.

#include "src/timeline/packed_interaction.h"

#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "cckpi/calendar/opening_hours.h"
#include "gtest/gtest.h"
#include "oracle/settings.h"
#include "random_interaction.h"

namespace cckpi {
namespace {

constexpr int64_t kOpen = 1'767'600'000 * kSecond;

struct Packed {
  std::array<char, kMostPackedBytes> bytes;
  size_t size = 0;
};

Packed Pack(const UsualSpans& usual, Interaction& i) {
  Packed packed;
  packed.bytes.fill('\x5A');
  packed.size = PackInteraction(usual, i, packed.bytes.data());
  return packed;
}

// A case of a busy center: queued, assigned, answered once, waiting again.
void FillAnswered(int64_t apart_us, Interaction& i) {
  i.state = InteractionState::kOpen;
  i.episode = 1;
  i.flags = kEntered | kWasQueued | kWasAssigned | kHumanSpoke;
  i.booked.open_us = kOpen;
  i.booked.contact_us = kOpen;
  i.booked.human_start_us = kOpen;
  i.queue_us = kOpen + apart_us;
  i.assigned_us = kOpen + 2 * apart_us;
  i.last_human_us = kOpen + 3 * apart_us;
  i.last_message_us = kOpen + 4 * apart_us;
  i.wait_us = i.last_message_us;
  i.customer = static_cast<CustomerId>(700'000);
  i.channel = 3;
  i.team = 17;
  i.owner = 500;
  i.last_sender = 500;
  i.first_loaded = 500;
  i.dimensions = static_cast<DimensionsId>(1234);
  i.booked.arrival_dimensions = static_cast<DimensionsId>(1200);
  i.booked.first_span = {i.last_human_us, i.dimensions,
                         SpanBooking::State::kDone};
  i.booked.trackers.resize(1);
  i.booked.trackers[0].state = TrackerSlot::State::kPending;
  i.booked.trackers[0].deadline_us = i.wait_us + 15 * kMinute;
  i.wake_us = kOpen + 15 * kMinute + 1;
}

UsualSpans Usual() {
  UsualSpans usual;
  usual.within_us = {15 * kMinute, kHour};
  usual.forget_us = 90 * kDay;
  usual.contact_us = 7 * kDay + 1;
  return usual;
}

TEST(PackedInteractionTest, IsWhatItWasUnpacked) {
  const uint64_t seed = oracle::FirstSeed(20260105);
  std::mt19937_64 random(seed);
  Spares spares;
  for (int run = 0; run < oracle::Runs(20'000); ++run) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << ", run " << run);
    UsualSpans usual = Usual();
    if (run % 3 == 0) usual.within_us = {RandomInstant(random), 0};
    Interaction i(&spares);
    FillAtRandom(random, i);
    if (run % 2 == 0) MakePlain(i);
    const std::vector<int64_t> expected = FieldsOf(i);
    const Packed packed = Pack(usual, i);
    ASSERT_LE(packed.size, 225u);  // and a word behind is in kMostPackedBytes
    EXPECT_EQ(PackedSize(packed.bytes.data()), (packed.size + 7) / 8 * 8);
    BorrowedInteraction room;
    ASSERT_EQ(FieldsOf(room.Read(usual, packed.bytes.data())), expected);
    Interaction copy = room.Read(usual, packed.bytes.data());
    ASSERT_EQ(FieldsOf(copy), expected);
    Interaction again(&spares);
    UnpackInteraction(usual, packed.bytes.data(), again);
    ASSERT_EQ(FieldsOf(again), expected);
    // It is a copy still.
    ASSERT_EQ(FieldsOf(copy), expected);
  }
}

// What is packed as most are, and all that keeps one from being so.
TEST(PackedInteractionTest, OneSpecialThingAtATime) {
  using Change = void (*)(Interaction&);
  const std::vector<Change> changes = {
      [](Interaction&) {},
      [](Interaction& i) { i.flags = 0; },
      [](Interaction& i) { i.episode = 2; },
      [](Interaction& i) { i.schedule = 1; },
      [](Interaction& i) { i.channel = 0xFF; },
      [](Interaction& i) { i.channel = 0x100; },
      [](Interaction& i) { i.source = 0x100; },
      [](Interaction& i) { i.priority = 0x100; },
      [](Interaction& i) { i.team = 0xFFFF; },
      [](Interaction& i) { i.team = 0x10000; },
      [](Interaction& i) { i.owner = 0x10000; },
      [](Interaction& i) { i.dimensions = DimensionsId{0xFFFF}; },
      [](Interaction& i) { i.dimensions = DimensionsId{0x10000}; },
      [](Interaction& i) {
        i.booked.arrival_dimensions = DimensionsId{0x10000};
      },
      [](Interaction& i) {
        i.booked.first_span.dimensions = DimensionsId{0x10000};
      },
      [](Interaction& i) {
        i.booked.trackers[0].state = TrackerSlot::State::kMet;
        i.booked.trackers[0].dimensions = DimensionsId{0x10000};
      },
      [](Interaction& i) {
        i.booked.trackers[0].state = TrackerSlot::State::kLateAnswered;
        i.booked.trackers[0].replier = DimensionsId{0x10000};
      },
      [](Interaction& i) { i.booked.trackers.resize(2); },
      [](Interaction& i) { i.booked.trackers.resize(3); },
      [](Interaction& i) { i.booked.MakeEnd().close_us = kOpen + kHour; },
      [](Interaction& i) { i.MakeRare().focus_agent = 7; },
      [](Interaction& i) { i.customer = CustomerId::kNone; },
      [](Interaction& i) { i.booked.open_us = kNoTime; }};
  for (size_t c = 0; c < changes.size(); ++c) {
    Spares spares;
    Interaction i(&spares);
    FillAnswered(kMinute, i);
    changes[c](i);
    const std::vector<int64_t> expected = FieldsOf(i);
    const Packed packed = Pack(Usual(), i);
    Interaction again(&spares);
    // What was there before goes.
    again.booked.trackers.resize(c % 3);
    UnpackInteraction(Usual(), packed.bytes.data(), again);
    EXPECT_EQ(FieldsOf(again), expected) << "change " << c;
  }
}

// A combination that nobody reads says nothing about how the rest is packed.
TEST(PackedInteractionTest, WhatNobodyReadsTakesNothing) {
  Interaction i;
  FillAnswered(61'234'567, i);
  i.booked.trackers[0].dimensions = DimensionsId{0x10000};
  const Packed packed = Pack(Usual(), i);
  EXPECT_EQ(packed.size, 53u);
  Interaction again;
  UnpackInteraction(Usual(), packed.bytes.data(), again);
  EXPECT_EQ(again.dimensions, DimensionsId{1234});
  EXPECT_EQ(again.booked.trackers[0].dimensions, DimensionsId::kNone);
}

TEST(PackedInteractionTest, NoFlagsTakeNothing) {
  Interaction i;
  FillAnswered(61'234'567, i);
  i.flags = 0;
  EXPECT_EQ(Pack(Usual(), i).size, 49u);
}

// Instants are told with their sign, in as many bytes as the farthest needs.
TEST(PackedInteractionTest, InstantsAtTheEdgeOfTheirBytes) {
  for (unsigned bits = 7; bits < 64; bits += 8) {
    const uint64_t edge = uint64_t{1} << bits;
    for (uint64_t apart_us : {edge - 1, edge, edge + 1, ~edge + 1, ~edge}) {
      Interaction i;
      FillAnswered(kSecond, i);
      i.booked.open_us = 5;
      i.assigned_us = static_cast<int64_t>(apart_us + 5);
      const std::vector<int64_t> expected = FieldsOf(i);
      const Packed packed = Pack(Usual(), i);
      Interaction again;
      UnpackInteraction(Usual(), packed.bytes.data(), again);
      ASSERT_EQ(FieldsOf(again), expected) << bits << ' ' << apart_us;
    }
  }
}

TEST(PackedInteractionTest, AFreshOneIsSmall) {
  Interaction i;
  EXPECT_EQ(Pack(Usual(), i).size, 33u);
}

TEST(PackedInteractionTest, AnAnsweredOneTakes53Bytes) {
  Interaction i;
  FillAnswered(61'234'567, i);
  // Four instants of four bytes; all else is as usual.
  EXPECT_EQ(Pack(Usual(), i).size, 53u);
}

TEST(PackedInteractionTest, WhatNobodyReadsIsAsWhenMade) {
  Spares spares;
  Interaction i(&spares);
  FillAnswered(kSecond, i);
  i.booked.first_span.state = SpanBooking::State::kNone;
  i.booked.trackers[0].state = TrackerSlot::State::kIdle;
  const Packed packed = Pack(Usual(), i);
  Interaction again(&spares);
  UnpackInteraction(Usual(), packed.bytes.data(), again);
  EXPECT_EQ(again.booked.first_span.end_us, SpanBooking().end_us);
  EXPECT_EQ(again.booked.first_span.dimensions, DimensionsId::kNone);
  ASSERT_EQ(again.booked.trackers.size(), 1u);
  EXPECT_EQ(again.booked.trackers[0].deadline_us, TrackerSlot().deadline_us);
  EXPECT_EQ(again.wait_us, kOpen + 4 * kSecond);
}

TEST(PackedInteractionTest, DeadlinesOfAClockThatStandsStillTakeNothing) {
  Interaction i;
  FillAnswered(61 * kSecond, i);
  i.booked.trackers[0].deadline_us = kNever;
  EXPECT_EQ(Pack(Usual(), i).size, 53u);
}

TEST(PackedInteractionTest, AClosedOneNeedsNoHeap) {
  Spares spares;
  Interaction i(&spares);
  FillAnswered(61 * kSecond, i);
  i.state = InteractionState::kClosed;
  i.flags = 0;
  i.wait_us = kNoTime;
  EpisodeEnd& end = i.booked.MakeEnd();
  end.close_us = kOpen + kHour;
  end.contact_expires_us = end.close_us + 7 * kDay + 1;
  end.contact_dimensions = i.dimensions;
  end.resolver = 500;
  i.booked.set_outcome(0, ContactOutcome::kPending);
  i.booked.MakeSpan(1) = {end.close_us, i.dimensions,
                          SpanBooking::State::kDone};
  const std::vector<int64_t> expected = FieldsOf(i);
  const size_t before = spares.memory_bytes() - spares.waiting_bytes();
  const Packed packed = Pack(Usual(), i);
  EXPECT_EQ(packed.size, 66u);
  EXPECT_EQ(before, 96u);
  EXPECT_EQ(spares.memory_bytes() - spares.waiting_bytes(), 0u);
  Interaction again(&spares);
  UnpackInteraction(Usual(), packed.bytes.data(), again);
  EXPECT_EQ(FieldsOf(again), expected);
}

}  // namespace
}  // namespace cckpi
