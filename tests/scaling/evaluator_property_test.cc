// Random rules over random series of ticks: the evaluator says what the oracle
// says, goes on from its bytes as if nothing had happened, and may leave out
// ticks that NextChange() calls quiet.

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/calendar/opening_hours.h"
#include "cckpi/scaling/evaluator.h"
#include "cckpi/scaling/state_bytes.h"
#include "oracle/settings.h"
#include "scaling/rule_oracle.h"

namespace cckpi {
namespace {

const int64_t kStart = *ParseTime("2026-03-02T09:00:00Z");

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  // In [0, count).
  int64_t Below(int64_t count) {
    return static_cast<int64_t>(engine_() % static_cast<uint64_t>(count));
  }
  bool OneIn(int64_t count) { return Below(count) == 0; }

 private:
  std::mt19937 engine_;
};

ScalingRule RandomRule(Random& random) {
  ScalingRule rule;
  rule.id = "r";
  const bool lower = !random.OneIn(3);
  rule.direction =
      lower ? Direction::kLowerIsBetter : Direction::kHigherIsBetter;
  rule.target = {lower ? Comparator::kLessEqual : Comparator::kGreaterEqual,
                 50 * kSecond};
  const int64_t bands = 1 + random.Below(3);
  for (int64_t b = 0; b < bands; ++b) {
    Band band;
    band.level = std::to_string(b);
    const int64_t edge = 50 + 10 * b;
    band.over_micro = (lower ? edge : 100 - edge) * kSecond;
    if (random.OneIn(2)) {
      const int64_t back = 1 + random.Below(25);
      band.clear_micro = band.over_micro + (lower ? -back : back) * kSecond;
    }
    band.dwell_us = random.OneIn(2) ? 0 : random.Below(5) * kMinute;
    band.notify = {"b" + std::to_string(b)};
    rule.bands.push_back(std::move(band));
  }
  rule.hold_us = random.OneIn(2) ? 0 : random.Below(6) * kMinute;
  rule.repeat_us = random.OneIn(2) ? 0 : (1 + random.Below(6)) * kMinute;
  rule.no_data = static_cast<NoDataPolicy>(random.Below(3));
  rule.min_n = random.Below(4);
  rule.no_data_after_us = random.OneIn(2) ? 0 : (1 + random.Below(3)) * kMinute;
  rule.notify_deescalation = random.OneIn(2);
  for (int64_t step = random.Below(4); step > 0; --step) {
    rule.ladder.push_back(
        {{"l" + std::to_string(step)}, (1 + random.Below(5)) * kMinute});
  }
  return rule;
}

std::vector<OracleTick> RandomTicks(Random& random) {
  std::vector<OracleTick> ticks;
  int64_t at_us = kStart;
  int64_t value = 30 + random.Below(50);
  for (int64_t t = 20 + random.Below(60); t > 0; --t) {
    OracleTick& tick = ticks.emplace_back();
    tick.at_us = at_us;
    // Values stay for a while, walk, and jump; edges are hit exactly.
    if (random.OneIn(3)) value += random.Below(21) - 10;
    if (random.OneIn(8)) value = 10 * random.Below(11);
    if (!random.OneIn(10)) tick.value_micro = value * kSecond;
    tick.n = random.OneIn(6) ? random.Below(4) : 9;
    tick.silent = t % 20 < 4;
    tick.acknowledged = random.OneIn(25);
    at_us += (random.OneIn(8) ? 1 + random.Below(6) : 1) * kMinute;
  }
  return ticks;
}

struct Outcome {
  OracleResult said;
  std::vector<Transition> transitions;
  std::vector<Notification> notifications;
  RuleState state;
};

std::string Where(const RuleState& state) {
  std::string text(AlertStateName(state.state));
  if (state.level >= 0) text += "(" + std::to_string(state.level) + ")";
  return text;
}

RuleTick TickOf(const OracleTick& from) {
  RuleTick tick;
  tick.now_us = from.at_us;
  if (from.value_micro.has_value()) {
    // A fraction that is not reduced, as a mean of three.
    tick.value = ExactValue::Of(absl::int128(*from.value_micro) * 3, 3);
  }
  tick.n = from.n;
  if (from.silent) tick.silence = Silence::kMuted;
  return tick;
}

// With a copy made from bytes before each tick where `restore` says so.
Outcome RunEvaluator(const ScalingRule& rule,
                     const std::vector<OracleTick>& ticks, bool restore) {
  const RuleEvaluator evaluator = *RuleEvaluator::Create(rule);
  Outcome run;
  for (size_t t = 0; t < ticks.size(); ++t) {
    if (restore) {
      const std::string bytes = SaveRuleState(run.state);
      absl::StatusOr<RuleState> again = RestoreRuleState(bytes);
      EXPECT_TRUE(again.ok()) << again.status();
      if (!again.ok()) return run;
      EXPECT_EQ(*again, run.state);
      EXPECT_EQ(SaveRuleState(*again), bytes);
      run.state = *std::move(again);
    }
    if (ticks[t].acknowledged && run.state.incident.has_value()) {
      EXPECT_TRUE(
          RuleEvaluator::Acknowledge("eva", ticks[t].at_us, run.state).ok());
    }
    const size_t before = run.notifications.size();
    evaluator.Advance(TickOf(ticks[t]), {}, run.state, run.transitions,
                      run.notifications);
    run.said.states.push_back(Where(run.state));
    for (size_t i = before; i < run.notifications.size(); ++i) {
      const Notification& note = run.notifications[i];
      run.said.sent.push_back(std::to_string(t) + ": " +
                              std::string(NotificationKindName(note.kind)) +
                              " " + note.level);
    }
  }
  return run;
}

std::string Describe(const ScalingRule& rule,
                     const std::vector<OracleTick>& ticks,
                     const OracleResult& is, const OracleResult& must_be) {
  std::string text = "hold " + FormatSpan(rule.hold_us) + " gap " +
                     FormatSpan(rule.no_data_after_us) + " policy " +
                     std::to_string(static_cast<int>(rule.no_data)) + "\n";
  for (const Band& band : rule.bands) {
    text += "band over " + FormatSpan(band.over_micro) + " clear " +
            FormatSpan(band.clear_micro.value_or(band.over_micro)) + " dwell " +
            FormatSpan(band.dwell_us) + "\n";
  }
  for (size_t t = 0; t < ticks.size(); ++t) {
    text += std::to_string(t) + " " + FormatTime(ticks[t].at_us) + " " +
            (ticks[t].value_micro ? FormatSpan(*ticks[t].value_micro) : "_") +
            " n " + std::to_string(ticks[t].n) +
            (ticks[t].silent ? " silent" : "") +
            (ticks[t].acknowledged ? " ack" : "") + ": " + is.states[t] +
            ", oracle " + must_be.states[t] + "\n";
  }
  return text;
}

TEST(RuleEvaluatorPropertyTest, SaysWhatTheOracleSays) {
  for (const uint64_t seed : oracle::Seeds(3000, 0)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(static_cast<uint32_t>(seed));
    const ScalingRule rule = RandomRule(random);
    const std::vector<OracleTick> ticks = RandomTicks(random);
    const Outcome run = RunEvaluator(rule, ticks, false);
    const OracleResult oracle = RunRuleOracle(rule, ticks);
    ASSERT_EQ(run.said.states, oracle.states)
        << Describe(rule, ticks, run.said, oracle);
    ASSERT_EQ(run.said.sent, oracle.sent)
        << Describe(rule, ticks, run.said, oracle);
  }
}

TEST(RuleEvaluatorPropertyTest, RestoredStateGoesOnAsIfNothingHadHappened) {
  for (const uint64_t seed : oracle::Seeds(750, 0)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(static_cast<uint32_t>(seed));
    const ScalingRule rule = RandomRule(random);
    const std::vector<OracleTick> ticks = RandomTicks(random);
    const Outcome plain = RunEvaluator(rule, ticks, false);
    const Outcome restored = RunEvaluator(rule, ticks, true);
    ASSERT_EQ(restored.transitions, plain.transitions);
    ASSERT_EQ(restored.notifications, plain.notifications);
    ASSERT_EQ(restored.state, plain.state);
  }
}

TEST(RuleEvaluatorPropertyTest, SequencesCountAndResolvedComesOnce) {
  for (const uint64_t seed : oracle::Seeds(750, 0)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(static_cast<uint32_t>(seed));
    const ScalingRule rule = RandomRule(random);
    const Outcome run = RunEvaluator(rule, RandomTicks(random), false);
    std::string incident;
    int64_t sequence = 0;
    bool resolved = true;
    for (const Notification& note : run.notifications) {
      if (note.incident != incident) {
        EXPECT_TRUE(resolved);
        EXPECT_EQ(note.kind, NotificationKind::kOpened);
        incident = note.incident;
        sequence = 0;
        resolved = false;
      }
      EXPECT_FALSE(resolved);
      EXPECT_EQ(note.sequence, ++sequence);
      resolved = note.kind == NotificationKind::kResolved;
    }
  }
}

// Minute by minute with values that stay for long; quiet ticks are left out.
TEST(RuleEvaluatorPropertyTest, QuietTicksMayBeLeftOut) {
  int64_t left_out = 0;
  for (const uint64_t seed : oracle::Seeds(750, 0)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(static_cast<uint32_t>(seed));
    const RuleEvaluator evaluator = *RuleEvaluator::Create(RandomRule(random));
    RuleState all;
    RuleState some;
    Evaluation of_all;
    Evaluation of_some;
    RuleTick tick;
    tick.n = 9;
    for (int minute = 0; minute < 200; ++minute) {
      bool changed = minute == 0;
      if (random.OneIn(15)) {
        changed = true;
        tick.value = ExactValue::OfMicro(10 * random.Below(11) * kSecond);
        tick.silence = random.OneIn(4) ? Silence::kMuted : Silence::kNone;
        if (random.OneIn(6)) tick.value.reset();
      }
      tick.now_us = kStart + minute * kMinute;
      evaluator.Advance(tick, {}, all, of_all.transitions,
                        of_all.notifications);
      if (!changed && evaluator.NextChange(some) > tick.now_us) {
        RuleEvaluator::Skip(tick.now_us, some);
        ++left_out;
      } else {
        evaluator.Advance(tick, {}, some, of_some.transitions,
                          of_some.notifications);
      }
      ASSERT_EQ(some, all) << "minute " << minute << ": " << Where(some)
                           << " since " << FormatTime(some.entered_us)
                           << ", must be " << Where(all) << " since "
                           << FormatTime(all.entered_us);
    }
    ASSERT_EQ(of_some.transitions, of_all.transitions);
    ASSERT_EQ(of_some.notifications, of_all.notifications);
  }
  if (oracle::AsUsual()) {
    EXPECT_GT(left_out, oracle::Runs(3000) / 4 * 50);
  }
}

// Bytes that were not saved, or were changed, are refused; nothing else
// happens.
TEST(StateBytesPropertyTest, ChangedBytesAreRefused) {
  for (const uint64_t seed : oracle::Seeds(100, 0)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(static_cast<uint32_t>(seed));
    const ScalingRule rule = RandomRule(random);
    const Outcome run = RunEvaluator(rule, RandomTicks(random), false);
    const std::string bytes = SaveRuleState(run.state);
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(RestoreRuleState(bytes.substr(0, size)).ok());
      std::string changed = bytes;
      changed[size] = static_cast<char>(changed[size] ^ (1 << (size % 8)));
      EXPECT_FALSE(RestoreRuleState(changed).ok()) << size;
    }
    EXPECT_FALSE(RestoreRuleState(bytes + '\0').ok());
  }
}

}  // namespace
}  // namespace cckpi
