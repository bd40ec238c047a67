// Few slots, so that interactions go to rest and come back all the time.

#include "src/timeline/interaction_store.h"

#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "oracle/settings.h"
#include "random_interaction.h"

namespace cckpi {
namespace {

using Fields = std::vector<int64_t>;

InteractionId Id(uint64_t number) { return static_cast<InteractionId>(number); }

std::map<InteractionId, Fields> AllOf(const InteractionStore& store) {
  std::map<InteractionId, Fields> all;
  store.ForEach([&](InteractionId id, const Interaction& i) {
    EXPECT_TRUE(all.emplace(id, FieldsOf(i)).second);
  });
  return all;
}

void ExpectKnows(const InteractionStore& store, InteractionId id,
                 const std::map<InteractionId, Fields>& expected) {
  BorrowedInteraction room;
  const Interaction* found = store.Find(id, room);
  const auto known = expected.find(id);
  EXPECT_EQ(store.Knows(id), known != expected.end());
  ASSERT_EQ(found != nullptr, known != expected.end());
  if (found != nullptr) {
    EXPECT_EQ(FieldsOf(*found), known->second);
  }
}

TEST(InteractionStoreTest, PutsEachToRestOnce) {
  constexpr uint64_t kSlots = 16;
  Spares spares;
  InteractionStore store(&spares);
  store.LimitSlots(kSlots);
  std::mt19937_64 random(1);
  std::map<InteractionId, Fields> expected;
  const auto make = [&](uint64_t number) {
    bool created = false;
    Interaction& i = store.Edit(Id(number), &created);
    EXPECT_TRUE(created);
    FillAtRandom(random, i);
    expected[Id(number)] = FieldsOf(i);
  };
  for (uint64_t n = 1; n <= kSlots; ++n) make(n);
  // All but the first that the round comes to were asked for since: it comes to
  // that one twice before there are as many as it looks for.
  for (uint64_t n = 1; n <= kSlots; ++n) {
    if (n != 2) store.FindOwn(Id(n));
  }
  make(kSlots + 1);
  EXPECT_EQ(AllOf(store), expected);
  for (uint64_t n = 1; n <= kSlots + 1; ++n) {
    const Interaction* own = store.FindOwn(Id(n));
    ASSERT_NE(own, nullptr);
    EXPECT_EQ(FieldsOf(*own), expected[Id(n)]);
  }
}

TEST(InteractionStoreTest, ReadsAsItWasWritten) {
  const uint64_t seed = oracle::FirstSeed(7);
  std::mt19937_64 random(seed);
  for (int run = 0; run < oracle::Runs(100); ++run) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << ", run " << run);
    Spares spares;
    InteractionStore store(&spares);
    UsualSpans usual;
    usual.within_us = {kHour, kDay};
    store.Expect(usual);
    // Of more slots several go to rest together.
    const bool many = run % 2 == 1;
    store.LimitSlots(2 + Below(random, many ? 40 : 5));
    std::map<InteractionId, Fields> expected;
    const uint64_t ids = 1 + Below(random, many ? 160 : 40);
    for (int step = 0; step < (many ? 1000 : 200); ++step) {
      // Some lie far away, in a block of their own.
      const uint64_t number = Below(random, ids);
      const InteractionId id = Id(number + (number % 7 == 0 ? 5000 : 0));
      switch (Below(random, 4)) {
        case 0: {
          if (!store.Knows(id)) break;
          store.Erase(id);
          expected.erase(id);
          break;
        }
        case 1: {
          if (Interaction* own = store.FindOwn(id)) {
            own->team += 1;
            expected[id] = FieldsOf(*own);
          } else {
            EXPECT_FALSE(expected.contains(id));
          }
          break;
        }
        default: {
          bool created = false;
          Interaction& i = store.Edit(id, &created);
          EXPECT_EQ(created, !expected.contains(id));
          if (created) {
            EXPECT_EQ(FieldsOf(i), FieldsOf(Interaction()));
            FillAtRandom(random, i);
          } else {
            EXPECT_EQ(FieldsOf(i), expected[id]);
            i.last_message_us = RandomInstant(random);
          }
          expected[id] = FieldsOf(i);
        }
      }
      ExpectKnows(store, Id(Below(random, ids)), expected);
      EXPECT_EQ(store.size(), expected.size());
    }
    EXPECT_EQ(AllOf(store), expected);
    // An overlay changes nothing of it.
    InteractionStore overlay(&store);
    std::map<InteractionId, Fields> above = expected;
    for (int step = 0; step < 40; ++step) {
      const InteractionId id = Id(Below(random, ids));
      if (Below(random, 3) == 0) {
        overlay.Erase(id);
        above.erase(id);
      } else {
        bool created = false;
        Interaction& i = overlay.Edit(id, &created);
        EXPECT_EQ(created, !above.contains(id));
        if (created) FillAtRandom(random, i);
        i.queue_us = RandomInstant(random);
        if (i.rare && !i.rare->past.empty()) {
          i.MakeRare().past.Edit(0).open_us = RandomInstant(random);
          i.MakeRare().phases.push_back({i.queue_us, Phase::kBot});
        }
        above[id] = FieldsOf(i);
      }
      EXPECT_EQ(overlay.FindOwn(id), nullptr);
      ExpectKnows(overlay, Id(Below(random, ids)), above);
    }
    EXPECT_EQ(AllOf(overlay), above);
    EXPECT_EQ(AllOf(store), expected);
  }
}

TEST(InteractionStoreTest, WhatIsHeldStaysWhereItIs) {
  Spares spares;
  InteractionStore store(&spares);
  store.LimitSlots(2);
  bool created = false;
  Interaction& held = store.Edit(Id(1), &created);
  store.HoldLatest();
  for (uint64_t other = 2; other < 50; ++other) {
    store.Edit(Id(other), &created).team = static_cast<TextId>(other);
    EXPECT_EQ(store.FindOwn(Id(1)), &held);
  }
  for (uint64_t other = 2; other < 50; ++other) {
    EXPECT_EQ(store.FindOwn(Id(other))->team, static_cast<TextId>(other));
  }
}

TEST(InteractionStoreTest, MemoryIsFreeAgain) {
  Spares spares;
  InteractionStore store(&spares);
  const auto fill = [&](uint64_t from, uint64_t to) {
    for (uint64_t n = from; n < to; ++n) {
      bool created = false;
      Interaction& i = store.Edit(Id(n), &created);
      i.booked.open_us = 1'767'600'000 * kSecond;
      i.owner = 7;
    }
  };
  fill(0, 20'000);
  const size_t few = store.memory_bytes();
  fill(20'000, 120'000);
  const size_t many = store.memory_bytes();
  // 35 bytes packed, in steps of 8, 4 of its place in the list by number.
  EXPECT_NEAR(static_cast<double>(many - few) / 100'000, 44.3, 0.5);
  for (uint64_t n = 20'000; n < 120'000; ++n) store.Erase(Id(n));
  // The list by number stays, and 8192 have left their slots; a quarter of what
  // is in use waits.
  EXPECT_LT(store.memory_bytes(),
            few + 4 * 100'000 + 8192 * 40 + 20'000 * 10 + 100'000);
  EXPECT_EQ(store.size(), 20'000u);
}

}  // namespace
}  // namespace cckpi
