#include "cckpi/event/event.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace cckpi {
namespace {

constexpr int64_t kAt = 1'772'442'000 * kSecond;  // 2026-03-02T09:00:00Z

Event Message() {
  Event event;
  event.at_us = kAt;
  event.interaction = "T-1";
  return event;
}

Event OfKind(EventKind kind) {
  Event event = Message();
  event.kind = kind;
  return event;
}

std::string Fault(const Event& event) {
  absl::Status status = ValidateEvent(event);
  EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status));
  return std::string(status.message());
}

TEST(EventNamesTest, EveryKindIsFoundByItsName) {
  for (int i = 0; i < kEventKindCount; ++i) {
    auto kind = static_cast<EventKind>(i);
    EXPECT_FALSE(EventKindName(kind).empty());
    EXPECT_EQ(ParseEventKind(EventKindName(kind)), kind);
  }
  EXPECT_EQ(EventKindName(EventKind::kNoReplyNeeded), "no_reply_needed");
  EXPECT_EQ(EventKindName(EventKind::kForecast), "forecast");
  EXPECT_EQ(ParseEventKind("Queued"), std::nullopt);
  EXPECT_EQ(ParseEventKind(""), std::nullopt);
  EXPECT_EQ(EventKindName(static_cast<EventKind>(22)), "");
}

TEST(EventNamesTest, ActorsAndFlags) {
  EXPECT_EQ(ActorName(Actor::kUnset), "");
  EXPECT_EQ(ActorName(Actor::kSystem), "system");
  EXPECT_EQ(ParseActor("bot"), Actor::kBot);
  EXPECT_EQ(ParseActor(""), std::nullopt);
  EXPECT_EQ(ParseMessageFlag("campaign"), kCampaign);
  EXPECT_EQ(ParseMessageFlag("camp"), 0);
  EXPECT_EQ(MessageFlagNames(kPrivate | kReaction | kEcho),
            "private reaction echo");
  EXPECT_EQ(MessageFlagNames(0), "");
}

TEST(EventNamesTest, NearestKindHasTheFewestEdits) {
  EXPECT_EQ(NearestEventKind("custmer_message"), "customer_message");
  EXPECT_EQ(NearestEventKind("resolve"), "resolved");
  EXPECT_EQ(NearestEventKind("handoff"), "bot_handoff");
  EXPECT_FALSE(NearestEventKind(std::string(100000, 'x')).empty());
}

TEST(ParseMicroTest, ReadsDecimals) {
  EXPECT_EQ(ParseMicro("4"), 4'000'000);
  EXPECT_EQ(ParseMicro("-0.25"), -250'000);
  EXPECT_EQ(ParseMicro("4.500000000"), 4'500'000);
  EXPECT_EQ(ParseMicro("0.000001"), 1);
  EXPECT_EQ(ParseMicro("-0"), 0);
  EXPECT_EQ(ParseMicro("0007"), 7'000'000);
}

TEST(ParseMicroTest, RefusesWhatIsNoDecimalOrDoesNotFit) {
  for (const char* text : {"", "-", ".", ".5", "5.", "+1", "1e3", " 1", "1 ",
                           "1.2.3", "--1", "0x1", "1,5", "0.0000001"}) {
    EXPECT_EQ(ParseMicro(text), std::nullopt) << text;
  }
  // 2^63 - 1 millionths is the most; one more is too much.
  EXPECT_EQ(ParseMicro("9223372036854.775807"),
            std::numeric_limits<int64_t>::max());
  EXPECT_EQ(ParseMicro("9223372036854.775808"), std::nullopt);
  EXPECT_EQ(ParseMicro("-9223372036854.775808"),
            std::numeric_limits<int64_t>::min());
  EXPECT_EQ(ParseMicro("99999999999999999999999"), std::nullopt);
}

TEST(ParseMicroTest, FormatIsReadBack) {
  EXPECT_EQ(FormatMicro(4'500'000), "4.5");
  EXPECT_EQ(FormatMicro(-250'000), "-0.25");
  EXPECT_EQ(FormatMicro(1), "0.000001");
  EXPECT_EQ(FormatMicro(0), "0");
  for (int64_t micro : {std::numeric_limits<int64_t>::min(), int64_t{-1},
                        int64_t{10}, std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(ParseMicro(FormatMicro(micro)), micro);
  }
}

TEST(ValidateEventTest, InstantsLieInTheAcceptedRange) {
  Event event = Message();
  EXPECT_EQ(Fault(event), "");
  event.at_us = kNoTime;
  EXPECT_EQ(Fault(event), "at: missing");
  event.at_us = 0;
  EXPECT_EQ(Fault(event), "at: 1970-01-01T00:00:00Z is before 1990");
  event.at_us = kEarliestTime - 1;
  EXPECT_NE(Fault(event), "");
  event.at_us = kEarliestTime;
  EXPECT_EQ(Fault(event), "");
  event.at_us = kLatestTime - 1;
  EXPECT_EQ(Fault(event), "");
  event.at_us = kLatestTime;
  EXPECT_EQ(Fault(event), "at: 2100-01-01T00:00:00Z is after 2099");
  event.at_us = kAt;
  event.received_at_us = 0;
  EXPECT_EQ(Fault(event), "received_at: 1970-01-01T00:00:00Z is before 1990");
}

TEST(ValidateEventTest, InteractionIsRequiredButForAgentsAndForecasts) {
  for (int i = 0; i < kEventKindCount; ++i) {
    Event event = OfKind(static_cast<EventKind>(i));
    event.interaction = {};
    event.agent = "ana";
    event.state = "busy";
    event.score_micro = 1;
    event.volume_micro = 1;
    event.interval_s = 900;
    bool optional = event.kind == EventKind::kAgentState ||
                    event.kind == EventKind::kForecast;
    EXPECT_EQ(Fault(event), optional ? "" : "interaction: missing")
        << EventKindName(event.kind);
  }
}

TEST(ValidateEventTest, AgentIsRequiredWhereOnlyAnAgentCanAct) {
  std::vector<std::string_view> require;
  for (int i = 0; i < kEventKindCount; ++i) {
    Event event = OfKind(static_cast<EventKind>(i));
    event.state = "busy";
    if (Fault(event).starts_with("agent: missing for ")) {
      require.push_back(EventKindName(event.kind));
    }
  }
  EXPECT_EQ(require,
            (std::vector<std::string_view>{"assigned", "accepted", "focus",
                                           "blur", "agent_state"}));
  EXPECT_EQ(Fault(OfKind(EventKind::kFocus)), "agent: missing for focus");
}

TEST(ValidateEventTest, StateScoreAndForecastFieldsAreRequired) {
  Event state = OfKind(EventKind::kAgentState);
  state.agent = "ana";
  EXPECT_EQ(Fault(state), "state: missing for agent_state");
  Event survey = OfKind(EventKind::kSurveyed);
  EXPECT_EQ(Fault(survey), "score: missing for surveyed");
  survey.score_micro = 6'000'000;
  EXPECT_EQ(Fault(survey), "");
  survey.scale_micro = 5'000'000;
  EXPECT_EQ(Fault(survey), "surveyed: score 6 is above the scale of 5");
  survey.scale_micro = 0;
  EXPECT_EQ(Fault(survey), "surveyed: scale is 0, must be positive");
  constexpr int64_t kMost = int64_t{1} << 62;
  survey.scale_micro.reset();
  for (int64_t score : {kMost, -kMost}) {
    survey.score_micro = score;
    EXPECT_EQ(Fault(survey), "");
  }
  for (int64_t score : {kMost + 1, -kMost - 1}) {
    survey.score_micro = score;
    EXPECT_EQ(Fault(survey), "score: is out of range");
  }
  survey.score_micro = 1;
  survey.scale_micro = kMost + 1;
  EXPECT_EQ(Fault(survey), "scale: is out of range");
}

TEST(ValidateEventTest, ForecastsCoverWholeQuartersOfAnHour) {
  Event forecast = OfKind(EventKind::kForecast);
  EXPECT_EQ(Fault(forecast),
            "forecast: interval_s is 0, must be a positive multiple of 900");
  forecast.interval_s = 1000;
  EXPECT_NE(Fault(forecast), "");
  forecast.interval_s = -900;
  EXPECT_NE(Fault(forecast), "");
  forecast.interval_s = 1800;
  EXPECT_EQ(Fault(forecast), "volume: missing for forecast");
  forecast.volume_micro = -1;
  EXPECT_EQ(Fault(forecast), "forecast: volume is -0.000001");
  forecast.volume_micro = 0;
  EXPECT_EQ(Fault(forecast), "");
  forecast.at_us += kMinute;
  EXPECT_EQ(Fault(forecast),
            "at: 2026-03-02T09:01:00Z is not on a quarter of an hour, as a "
            "forecast must be");
  forecast.at_us = kAt;
  forecast.interval_s = std::numeric_limits<int64_t>::max() / 900 * 900;
  EXPECT_NE(Fault(forecast).find("reaches past 2099"), std::string::npos);
}

TEST(ValidateEventTest, TextIsUtf8WithoutNulAndNotTooLong) {
  Event event = Message();
  using namespace std::string_view_literals;
  event.interaction = "T\0001"sv;
  EXPECT_EQ(Fault(event), "interaction: holds a NUL character");
  event.interaction = "padding-then-\0"sv;
  EXPECT_EQ(Fault(event), "interaction: holds a NUL character");
  // Wherever it is: texts are looked at several bytes at once.
  for (size_t size = 1; size <= 20; ++size) {
    for (size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      event.interaction = text;
      EXPECT_EQ(Fault(event), "") << size;
      text[at] = '\0';
      event.interaction = text;
      EXPECT_EQ(Fault(event), "interaction: holds a NUL character")
          << size << ", " << at;
      text[at] = '\x80';
      event.interaction = text;
      EXPECT_EQ(Fault(event), "interaction: is not valid UTF-8")
          << size << ", " << at;
    }
  }
  event.interaction = "T-1";
  event.customer = "Zo\xC3\xAB \xE2\x82\xAC \xF0\x9F\x99\x82";
  EXPECT_EQ(Fault(event), "");
  for (std::string_view bad :
       {"\x80"sv, "\xC3"sv, "\xC3("sv, "\xC0\xAF"sv, "\xE0\x80\x80"sv,
        "\xED\xA0\x80"sv, "\xF4\x90\x80\x80"sv, "\xF8\x88\x80\x80\x80"sv,
        "eight by\xFFtes"sv}) {
    event.customer = bad;
    EXPECT_EQ(Fault(event), "customer: is not valid UTF-8");
  }
  std::string longest(kMaxTextBytes, 'x');
  event.customer = longest;
  EXPECT_EQ(Fault(event), "");
  longest += 'x';
  event.customer = longest;
  EXPECT_EQ(Fault(event), "customer: longer than 1024 bytes");
}

TEST(ValidateEventTest, ErrorsAndTagsAreNamedOnceAndCounted) {
  Event review = OfKind(EventKind::kReviewed);
  std::vector<ErrorCount> errors = {{"minor", 2}, {"major", 0}};
  review.errors = errors;
  EXPECT_EQ(Fault(review), "");
  errors[1].count = -1;
  EXPECT_EQ(Fault(review), "reviewed: errors.major is -1");
  errors = {{"minor", 2}, {"major", 0}, {"minor", 1}};
  review.errors = errors;
  EXPECT_EQ(Fault(review), "errors.minor: given twice");

  Event event = Message();
  std::vector<Tag> tags = {{"plan", "gold"}, {"", "x"}};
  event.tags = tags;
  EXPECT_EQ(Fault(event), "tags: holds an empty name");
  tags[1].name = "plan";
  EXPECT_EQ(Fault(event), "tags.plan: given twice");
  tags[1] = {"site", "\xFF"};
  EXPECT_EQ(Fault(event), "tags.site: is not valid UTF-8");
}

TEST(ValidateEventTest, UnknownNumbersAreRefused) {
  Event event = Message();
  event.kind = static_cast<EventKind>(22);
  EXPECT_EQ(Fault(event), "kind: 22 is no kind of event");
  event = Message();
  event.by = static_cast<Actor>(5);
  EXPECT_EQ(Fault(event), "by: 5 is no actor");
  event = Message();
  event.flags = 32;
  EXPECT_EQ(Fault(event), "flags: 32 has an unknown bit");
}

// Each step changes one field of the last event, from the most significant
// to the least; so the list is in strict order.
TEST(CompareEventsTest, EveryFieldCounts) {
  std::vector<ErrorCount> errors = {{"major", 1}};
  std::vector<Tag> tags = {{"plan", "gold"}};
  Event least = Message();
  std::vector<Event> events;
  auto add = [&](auto change) {
    Event event = least;
    change(event);
    events.push_back(event);
  };
  add([](Event&) {});
  add([](Event& e) { e.interval_s = 900; });
  add([](Event& e) { e.volume_micro = -1; });
  add([](Event& e) { e.scale_micro = -1; });
  add([](Event& e) { e.score_micro = -1; });
  add([&](Event& e) { e.tags = tags; });
  add([&](Event& e) { e.errors = errors; });
  add([](Event& e) { e.flags = kPrivate; });
  add([](Event& e) { e.by = Actor::kAgent; });
  add([](Event& e) { e.received_at_us = kEarliestTime; });
  for (auto text : {&Event::reason, &Event::state, &Event::message,
                    &Event::priority, &Event::agent, &Event::team,
                    &Event::source, &Event::channel, &Event::customer}) {
    add([text](Event& e) { e.*text = "a"; });
  }
  add([](Event& e) { e.interaction = "T-2"; });
  add([](Event& e) { e.id = "1"; });
  add([](Event& e) { e.kind = EventKind::kBotMessage; });
  add([](Event& e) { e.at_us += 1; });
  for (size_t i = 0; i < events.size(); ++i) {
    for (size_t j = 0; j < events.size(); ++j) {
      EXPECT_EQ(CompareEvents(events[i], events[j]), i <=> j) << i << " " << j;
    }
  }
}

TEST(CompareEventsTest, KindsAtOneInstantFollowTheirNumbers) {
  EXPECT_TRUE(CompareEvents(OfKind(EventKind::kAccepted),
                            OfKind(EventKind::kAgentMessage)) < 0);
  EXPECT_TRUE(CompareEvents(OfKind(EventKind::kDiscarded),
                            OfKind(EventKind::kPriorityChanged)) < 0);
}

TEST(CompareEventsTest, TheOrderOfTagsAndErrorsSaysNothing) {
  Event a = Message();
  Event b = Message();
  std::vector<Tag> tags_a = {{"plan", "gold"}, {"site", "x"}};
  std::vector<Tag> tags_b = {{"site", "x"}, {"plan", "gold"}};
  a.tags = tags_a;
  b.tags = tags_b;
  EXPECT_EQ(CompareEvents(a, b), std::strong_ordering::equal);
  tags_b[0].value = "w";
  EXPECT_TRUE(CompareEvents(a, b) > 0);
  tags_b[0] = {"a", "z"};  // an earlier name makes the lesser event
  EXPECT_TRUE(CompareEvents(a, b) > 0);

  Event c = OfKind(EventKind::kReviewed);
  Event d = c;
  std::vector<ErrorCount> errors_c = {{"minor", 1}, {"major", 2}};
  std::vector<ErrorCount> errors_d = {{"major", 2}, {"minor", 1}};
  c.errors = errors_c;
  d.errors = errors_d;
  EXPECT_EQ(CompareEvents(c, d), std::strong_ordering::equal);
}

}  // namespace
}  // namespace cckpi
