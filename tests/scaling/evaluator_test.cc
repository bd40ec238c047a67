#include "cckpi/scaling/evaluator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/calendar/opening_hours.h"
#include "cckpi/scaling/state_bytes.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const int64_t kStart = *ParseTime("2026-03-02T09:00:00Z");

// Answer within two minutes: warning past 120 s for 2 minutes, critical past
// 300 s, left at 240 s.
ScalingRule Asa() {
  ScalingRule rule;
  rule.id = "asa";
  rule.kpi = "speed_of_answer";
  rule.target = {Comparator::kLessEqual, 120 * kSecond};
  rule.bands = {{.level = "warning",
                 .over_micro = 120 * kSecond,
                 .dwell_us = 2 * kMinute,
                 .actions = {"move two agents"},
                 .notify = {"lead"}},
                {.level = "critical",
                 .over_micro = 300 * kSecond,
                 .clear_micro = 240 * kSecond,
                 .actions = {"open overflow"},
                 .notify = {"manager"}}};
  return rule;
}

// Ticks a rule minute by minute.
class Ticker {
 public:
  explicit Ticker(const ScalingRule& rule)
      : evaluator_(*RuleEvaluator::Create(rule)) {}

  RuleTick At(int minute, int64_t seconds) const {
    RuleTick tick;
    tick.now_us = kStart + minute * kMinute;
    tick.value = ExactValue::OfMicro(seconds * kSecond);
    tick.n = 10;
    return tick;
  }
  Evaluation Tick(int minute, int64_t seconds) {
    return Tick(At(minute, seconds));
  }
  Evaluation Tick(const RuleTick& tick) {
    Evaluation result = evaluator_.Evaluate(state, tick, group);
    state = result.state;
    return result;
  }
  std::string Where() const {
    std::string text(AlertStateName(state.state));
    if (state.level >= 0) {
      text += "(" +
              evaluator_.rule().bands[static_cast<size_t>(state.level)].level +
              ")";
    }
    return text;
  }
  const RuleEvaluator& evaluator() const { return evaluator_; }

  RuleState state;
  GroupLabels group;

 private:
  RuleEvaluator evaluator_;
};

std::vector<std::string> Kinds(const Evaluation& result) {
  std::vector<std::string> kinds;
  for (const Notification& note : result.notifications) {
    kinds.emplace_back(NotificationKindName(note.kind));
  }
  return kinds;
}

TEST(RuleEvaluatorTest, BandFiresWhenItsDwellIsOver) {
  Ticker ticker(Asa());
  ticker.Tick(0, 121);
  EXPECT_EQ(ticker.Where(), "pending(warning)");
  ticker.Tick(1, 200);
  EXPECT_EQ(ticker.Where(), "pending(warning)");
  const Evaluation result = ticker.Tick(2, 150);
  EXPECT_EQ(ticker.Where(), "firing(warning)");
  ASSERT_THAT(result.notifications, SizeIs(1));
  const Notification& note = result.notifications[0];
  EXPECT_EQ(note.kind, NotificationKind::kOpened);
  EXPECT_EQ(note.incident, "asa@2026-03-02T09:02:00Z");
  EXPECT_EQ(note.sequence, 1);
  EXPECT_EQ(note.level, "warning");
  EXPECT_EQ(note.since_us, kStart);
  EXPECT_EQ(note.opened_us, kStart + 2 * kMinute);
  EXPECT_EQ(note.peak, ExactValue::OfMicro(200 * kSecond));
  EXPECT_EQ(note.peak_us, kStart + kMinute);
  EXPECT_EQ(note.n, 10);
  EXPECT_THAT(note.actions, ElementsAre("move two agents"));
  EXPECT_THAT(note.recipients, ElementsAre("lead"));
}

TEST(RuleEvaluatorTest, OnlyPastTheEdgeIsABreach) {
  Ticker ticker(Asa());
  ticker.Tick(0, 120);
  EXPECT_EQ(ticker.Where(), "ok");
  // 361 s over 3 answers is 120.333… s.
  RuleTick tick = ticker.At(1, 0);
  tick.value = ExactValue::Of(361 * kSecond, 3);
  ticker.Tick(tick);
  EXPECT_EQ(ticker.Where(), "pending(warning)");
  tick = ticker.At(2, 0);
  tick.value = ExactValue::Of(360 * kSecond, 3);
  ticker.Tick(tick);
  EXPECT_EQ(ticker.Where(), "ok");
}

TEST(RuleEvaluatorTest, DwellOfZeroFiresOnTheFirstTick) {
  Ticker ticker(Asa());
  const Evaluation result = ticker.Tick(0, 301);
  EXPECT_EQ(ticker.Where(), "firing(critical)");
  ASSERT_THAT(result.transitions, SizeIs(1));
  EXPECT_EQ(result.transitions[0].from, AlertState::kNoData);
  EXPECT_EQ(result.transitions[0].to, AlertState::kFiring);
}

TEST(RuleEvaluatorTest, ClearThresholdHoldsABandThatFires) {
  Ticker ticker(Asa());
  ticker.Tick(0, 301);
  ticker.Tick(1, 241);
  EXPECT_EQ(ticker.Where(), "firing(critical)");
  // No hold: the critical band is left at once, the warning one is still
  // reached.
  const Evaluation lower = ticker.Tick(2, 240);
  EXPECT_EQ(ticker.Where(), "firing(warning)");
  EXPECT_THAT(lower.notifications, IsEmpty());
  const Evaluation inside = ticker.Tick(3, 120);
  EXPECT_EQ(ticker.Where(), "ok");
  EXPECT_THAT(Kinds(inside), ElementsAre("resolved"));
  EXPECT_THAT(inside.notifications[0].recipients, ElementsAre("manager"));
}

TEST(RuleEvaluatorTest, EscalationNotifiesAtOnceAlsoWhenAcknowledged) {
  Ticker ticker(Asa());
  for (int minute = 0; minute <= 2; ++minute) ticker.Tick(minute, 150);
  ASSERT_TRUE(RuleEvaluator::Acknowledge("eva", kStart, ticker.state).ok());
  const Evaluation result = ticker.Tick(3, 400);
  EXPECT_THAT(Kinds(result), ElementsAre("escalated"));
  EXPECT_EQ(result.notifications[0].sequence, 2);
  EXPECT_EQ(result.notifications[0].previous_level, "warning");
  EXPECT_EQ(result.notifications[0].incident, "asa@2026-03-02T09:02:00Z");
  EXPECT_THAT(result.notifications[0].recipients, ElementsAre("manager"));
}

TEST(RuleEvaluatorTest, BreachWhileRecoveringIsTheSameIncident) {
  ScalingRule rule = Asa();
  rule.hold_us = 5 * kMinute;
  Ticker ticker(rule);
  ticker.Tick(0, 301);
  ticker.Tick(1, 100);
  EXPECT_EQ(ticker.Where(), "recovering(critical)");
  const Evaluation again = ticker.Tick(2, 301);
  EXPECT_EQ(ticker.Where(), "firing(critical)");
  EXPECT_THAT(again.notifications, IsEmpty());
  EXPECT_EQ(ticker.state.incident->id, "asa@2026-03-02T09:00:00Z");
  for (int minute = 3; minute <= 7; ++minute) {
    EXPECT_THAT(ticker.Tick(minute, 100).notifications, IsEmpty());
  }
  EXPECT_THAT(Kinds(ticker.Tick(8, 100)), ElementsAre("resolved"));
  EXPECT_THAT(Kinds(ticker.Tick(9, 100)), IsEmpty());
}

TEST(RuleEvaluatorTest, MissingDataNeverResolves) {
  for (const NoDataPolicy policy :
       {NoDataPolicy::kKeep, NoDataPolicy::kOk, NoDataPolicy::kAlert}) {
    ScalingRule rule = Asa();
    rule.no_data = policy;
    rule.min_n = 5;
    Ticker ticker(rule);
    ticker.Tick(0, 301);
    RuleTick few = ticker.At(1, 0);
    few.n = 4;
    ticker.Tick(few);
    EXPECT_EQ(ticker.Where(), "firing(critical)");
    few.now_us += kDay;
    few.value.reset();
    ticker.Tick(few);
    EXPECT_EQ(ticker.Where(), "firing(critical)");
  }
}

TEST(RuleEvaluatorTest, EarlierTicksChangeNothing) {
  Ticker ticker(Asa());
  ticker.Tick(5, 301);
  const RuleState before = ticker.state;
  EXPECT_THAT(ticker.Tick(5, 100).transitions, IsEmpty());
  EXPECT_THAT(ticker.Tick(4, 100).transitions, IsEmpty());
  EXPECT_EQ(ticker.state, before);
}

TEST(RuleEvaluatorTest, LadderInForceWhenTheIncidentOpenedApplies) {
  ScalingRule rule = Asa();
  rule.ladder = {{.notify = {"lead"}, .after_us = 10 * kMinute},
                 {.notify = {"boss"}, .after_us = 0}};
  Ticker before(rule);
  before.Tick(0, 301);
  rule.ladder = {{.notify = {"lead"}, .after_us = kMinute},
                 {.notify = {"nobody"}, .after_us = 0}};
  Ticker after(rule);
  after.state = before.state;
  EXPECT_THAT(after.Tick(9, 301).notifications, IsEmpty());
  const Evaluation step = after.Tick(10, 301);
  EXPECT_THAT(Kinds(step), ElementsAre("ladder"));
  EXPECT_THAT(step.notifications[0].recipients, ElementsAre("boss"));
  EXPECT_EQ(step.notifications[0].ladder_step, 2);
}

TEST(RuleEvaluatorTest, BurnRateNeedsBothWindows) {
  ScalingRule rule;
  rule.id = "burn";
  rule.target = {Comparator::kGreaterEqual, 950'000};
  rule.direction = Direction::kHigherIsBetter;
  rule.bands = {
      {.level = "ticket", .burn_rate = BurnRate{kDay, 6 * kHour, 1000}},
      {.level = "page", .burn_rate = BurnRate{kHour, 15 * kMinute, 14'400}}};
  Ticker ticker(rule);
  RuleTick tick = ticker.At(0, 0);
  // A budget of 5 %: 72 % missed burns 14.4 times, which is not more.
  std::vector<BurnReading> burns(2);
  burns[0] = {ExactValue::Of(960'000, 1), ExactValue::Of(900'000, 1), 100};
  burns[1] = {ExactValue::Of(280'000, 1), ExactValue::Of(100'000, 1), 10};
  tick.burns = burns;
  ticker.Tick(tick);
  EXPECT_EQ(ticker.Where(), "ok");
  burns[1].long_value = ExactValue::Of(279'999, 1);
  tick.now_us += kMinute;
  const Evaluation page = ticker.Tick(tick);
  EXPECT_EQ(ticker.Where(), "firing(page)");
  EXPECT_EQ(page.notifications[0].value, ExactValue::OfMicro(279'999));
  EXPECT_EQ(page.notifications[0].factor_permille, 14'400);
  burns[1].short_value = ExactValue::OfMicro(1'000'000);
  burns[0].long_value = ExactValue::OfMicro(949'999);
  tick.now_us += kMinute;
  ticker.Tick(tick);
  EXPECT_EQ(ticker.Where(), "firing(ticket)");
}

TEST(RuleEvaluatorTest, RefusesRulesThatAreNotWhole) {
  ScalingRule rule = Asa();
  rule.bands[1].over_micro = 120 * kSecond;
  EXPECT_EQ(RuleEvaluator::Create(rule).status().message(),
            "bands[1].over: must be worse than that of the band before");
  rule = Asa();
  rule.bands[1].clear_micro = 300 * kSecond;
  EXPECT_EQ(RuleEvaluator::Create(rule).status().message(),
            "bands[1].clear: must be better than \"over\"");
  rule.bands.clear();
  EXPECT_EQ(RuleEvaluator::Create(rule).status().message(),
            "bands: must not be empty");
  rule = Asa();
  rule.target = {Comparator::kGreaterEqual, 950'000};
  rule.bands = {
      {.level = "a", .burn_rate = BurnRate{kHour, kBucketSpan, 20'000}}};
  EXPECT_EQ(RuleEvaluator::Create(rule).status().message(),
            "bands[0].burn_rate.factor: can never fire");
}

TEST(IncidentIdTest, GroupsNeverShareAnId) {
  EXPECT_EQ(IncidentId("asa", kStart, {}), "asa@2026-03-02T09:00:00Z");
  EXPECT_EQ(IncidentId("asa", kStart, {{"team", "a=b,c"}, {"agent", {}}}),
            "asa@2026-03-02T09:00:00Z/team=a%3Db%2Cc,agent");
  EXPECT_EQ(IncidentId("asa", kStart, {{"team", "a"}, {"b", "c"}}),
            "asa@2026-03-02T09:00:00Z/team=a,b=c");
}

}  // namespace
}  // namespace cckpi
