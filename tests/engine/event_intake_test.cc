// EventIntake: what it takes is valid, and taken as TakeIn does.

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "src/engine/intake.h"

namespace cckpi {
namespace {

constexpr int64_t kBegin = 1'767'600'000 * kSecond;

struct Desk {
  Desk() {
    states.push_back(names.texts.Intern("available"));
    states.push_back(names.texts.Intern("break"));
  }

  // Does the short way take it?
  bool Takes(const Event& event) {
    pending = PendingEvent();
    return intake.Take(event, pending);
  }
  // As if it had come the long way before.
  void Meet(const Event& event) { TakeIn(event, names, queue); }

  Names names;
  PendingQueue queue{&names};
  std::vector<TextId> states;
  EventIntake intake{names, queue, states};
  PendingEvent pending;
};

Event Message() {
  Event event;
  event.at_us = kBegin;
  event.kind = EventKind::kAgentMessage;
  event.interaction = "4711";
  event.customer = "c-7";
  event.channel = "whatsapp";
  event.team = "billing";
  event.agent = "ann";
  return event;
}

// The same but for what belongs to the queue.
void ExpectSame(const PendingEvent& a, const PendingEvent& b) {
  EXPECT_EQ(a.fact.at_us, b.fact.at_us);
  EXPECT_EQ(a.fact.interaction, b.fact.interaction);
  EXPECT_EQ(a.fact.customer, b.fact.customer);
  EXPECT_EQ(a.fact.channel, b.fact.channel);
  EXPECT_EQ(a.fact.source, b.fact.source);
  EXPECT_EQ(a.fact.team, b.fact.team);
  EXPECT_EQ(a.fact.agent, b.fact.agent);
  EXPECT_EQ(a.fact.priority, b.fact.priority);
  EXPECT_EQ(a.fact.state, b.fact.state);
  EXPECT_EQ(a.fact.kind, b.fact.kind);
  EXPECT_EQ(a.fact.by, b.fact.by);
  EXPECT_EQ(a.fact.flags, b.fact.flags);
  EXPECT_EQ(a.id(), b.id());
  EXPECT_EQ(a.message_id(), b.message_id());
  EXPECT_EQ(a.fact.message(), b.fact.message());
  EXPECT_EQ(a.received_at_us(), b.received_at_us());
}

TEST(EventIntakeTest, AnEventWithNamesThatHaveComeBeforeIsTaken) {
  Desk desk;
  const Event event = Message();
  EXPECT_FALSE(desk.Takes(event));
  desk.Meet(event);
  // Once by the dictionary, then by what is remembered.
  EXPECT_TRUE(desk.Takes(event));
  EXPECT_TRUE(desk.Takes(event));
  ExpectSame(desk.pending, TakeIn(event, desk.names, desk.queue));
}

TEST(EventIntakeTest, WhatIsNotTakenLeavesNothing) {
  Desk desk;
  Event event = Message();
  desk.Meet(event);
  event.interaction = "new";
  event.agent = "bob";
  const size_t names = desk.names.texts.size();
  const size_t interactions = desk.names.interactions.bound();
  EXPECT_FALSE(desk.Takes(event));
  event.agent = "ann";
  event.reason = "\xff";
  EXPECT_FALSE(desk.Takes(event));
  EXPECT_EQ(desk.names.texts.size(), names);
  EXPECT_EQ(desk.names.interactions.bound(), interactions);
}

TEST(EventIntakeTest, ANameThatIsWrongIsNotTakenThoughItIsKnown) {
  Desk desk;
  for (const std::string& name :
       {std::string("\xff"), std::string("a\0b", 3), std::string(1025, 'x')}) {
    Event event = Message();
    event.team = name;
    desk.Meet(event);
    EXPECT_FALSE(desk.Takes(event));
    EXPECT_FALSE(desk.Takes(event));
  }
}

TEST(EventIntakeTest, LongNamesAreToldApartByAllOfThem) {
  Desk desk;
  const std::string one = "customer care north germany";
  const std::string other = "customer care sunny germany";
  Event event = Message();
  event.team = one;
  desk.Meet(event);
  ASSERT_TRUE(desk.Takes(event));
  const TextId number = desk.pending.fact.team;
  event.team = other;
  EXPECT_FALSE(desk.Takes(event));
  desk.Meet(event);
  ASSERT_TRUE(desk.Takes(event));
  EXPECT_NE(desk.pending.fact.team, number);
  EXPECT_EQ(desk.names.texts.Text(desk.pending.fact.team), other);
}

// Anything in any field: what is taken is valid, and all that is usual is.
TEST(EventIntakeTest, TakesWhatIsValidAndUsual) {
  std::mt19937 random(20261127);
  const auto below = [&random](size_t count) { return random() % count; };
  std::vector<std::string> texts = {"",
                                    "a",
                                    "available",
                                    "break",
                                    "4711",
                                    "4712",
                                    "00",
                                    "c-1",
                                    "sixteen-bytes-16",
                                    "seventeen-bytes17",
                                    "seventeen_bytes17",
                                    "grüße",
                                    "\xff",
                                    std::string("a\0b", 3),
                                    std::string(1024, 'x'),
                                    std::string(1025, 'x')};
  for (int n = 0; n < 1500; ++n) texts.push_back("agent " + std::to_string(n));
  const auto text = [&]() -> std::string_view {
    return texts[below(4) == 0 ? below(texts.size()) : below(20)];
  };
  const ErrorCount error = {"major", 1};
  const Tag tag = {"language", "de"};
  Desk desk;
  desk.Meet(Message());
  for (const std::string& name : texts) desk.names.texts.Intern(name);
  int64_t taken = 0;
  int64_t left = 0;
  for (int round = 0; round < 200'000; ++round) {
    Event event = Message();
    event.kind = static_cast<EventKind>(below(23));
    event.by = static_cast<Actor>(below(20) == 0 ? below(256) : below(5));
    if (below(4) == 0) event.flags = static_cast<uint8_t>(below(256));
    for (std::string_view Event::*field :
         {&Event::id, &Event::interaction, &Event::customer, &Event::channel,
          &Event::source, &Event::team, &Event::agent, &Event::priority,
          &Event::message, &Event::state, &Event::reason}) {
      if (below(6) == 0) event.*field = text();
    }
    if (below(10) == 0) {
      const int64_t edges[] = {kNoTime, kEarliestTime - 1, kEarliestTime,
                               kLatestTime - 1, kLatestTime};
      (below(2) == 0 ? event.at_us : event.received_at_us) = edges[below(5)];
    }
    if (below(20) == 0) event.tags = {&tag, 1};
    if (below(20) == 0) event.errors = {&error, 1};
    if (below(20) == 0) event.score_micro = 4;
    if (below(20) == 0) event.scale_micro = 5;
    if (below(20) == 0) event.volume_micro = 1;
    if (below(20) == 0) event.interval_s = 900;
    const bool figures = !event.errors.empty() || event.score_micro ||
                         event.scale_micro || event.volume_micro ||
                         event.interval_s != 0;
    const bool usual = !figures && event.tags.empty() &&
                       event.kind != EventKind::kReviewed &&
                       event.kind != EventKind::kSurveyed &&
                       event.kind != EventKind::kForecast;
    const bool known_state = event.kind != EventKind::kAgentState ||
                             event.state == "available" ||
                             event.state == "break";
    const bool good = ValidateEvent(event).ok() && known_state;
    ASSERT_EQ(desk.Takes(event), usual && good) << ValidateEvent(event);
    if (!usual || !good) {
      ++left;
      continue;
    }
    ++taken;
    ExpectSame(desk.pending, TakeIn(event, desk.names, desk.queue));
    if (HasFailure()) return;
  }
  EXPECT_GT(taken, 20'000);
  EXPECT_GT(left, 20'000);
}

}  // namespace
}  // namespace cckpi
