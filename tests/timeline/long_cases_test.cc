// A case of very many phases costs what happened since: one that is opened
// again and again, and one that never ends.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <random>
#include <utility>
#include <vector>

#include "cckpi/calendar/opening_hours.h"
#include "src/timeline/episode_machine.h"

namespace cckpi {
namespace {

constexpr int64_t kNine = 1'772'442'000 * kSecond;

class Values final : public Observer {
 public:
  void OnDone(const SpanValue& value) override {
    if (value.sign > 0) {
      done.emplace_back(value.values_us.begin(), value.values_us.end());
    }
  }
  void About(InteractionId, uint32_t) override {}
  void OnOpen(SpanKind, int64_t, int64_t, DimensionsId, bool, int) override {}
  void OnOpenMove(SpanKind, int64_t, int64_t, DimensionsId, DimensionsId,
                  bool) override {}
  void OnVoid(SpanKind, int64_t, int64_t, DimensionsId, bool, int) override {}
  void OnDeadline(const TrackedDeadline& deadline) override {
    if (deadline.state != TrackState::kPending) return;
    pending_us = deadline.sign > 0 ? deadline.deadline_us : kNoTime;
  }
  void OnPendingMove(int, int64_t, int64_t, DimensionsId,
                     DimensionsId) override {}
  void OnMissed(const TrackedDeadline&, int64_t) override {}
  void OnPooled(int, int64_t, int64_t, int64_t, DimensionsId) override {}
  void OnCount(Counter, int64_t, DimensionsId, int) override {}
  void OnCountMove(Counter, int64_t, DimensionsId, DimensionsId) override {}
  void OnBacklog(const BacklogChange&) override {}
  void OnBacklogEdge(int64_t, DimensionsId, int) override {}
  void OnBacklogMove(const BacklogChange&, const BacklogChange&) override {}
  void OnContact(int, ContactOutcome, int64_t, DimensionsId, int) override {}
  void OnBot(BotOutcome, int64_t, DimensionsId, int) override {}
  void OnReview(const Review&) override {}
  void OnSurvey(const Survey&) override {}
  void OnLoad(TextId, uint8_t, int64_t, DimensionsId) override {}
  void OnFocus(TextId, int64_t) override {}
  void OnReply(TextId, bool, int64_t) override {}
  void OnHandlingEnd(TextId, bool, int64_t, DimensionsId) override {}

  std::vector<std::vector<int64_t>> done;
  int64_t pending_us = kNoTime;  // the deadline that is pending
};

// Priority p opens p hours after seven, for three hours, from noon of the first
// day on for one, from the second evening on for two, from the third on for
// one.
constexpr std::pair<int64_t, int> kVersions[] = {{kNoTime, 3},
                                                 {kNine + 3 * kHour, 1},
                                                 {kNine + 33 * kHour, 2},
                                                 {kNine + 57 * kHour, 1}};

std::vector<ResolvedRule> Rules() {
  std::vector<ResolvedRule> rules;
  for (TextId priority : {1u, 2u, 3u}) {
    for (const auto& [from_us, hours] : kVersions) {
      const int begin = 7 + static_cast<int>(priority);
      CalendarSpec spec;
      for (std::vector<LocalInterval>& day : spec.weekly) {
        day.push_back({begin * 3600, (begin + hours) * 3600});
      }
      rules.push_back(
          {{0, 0, 0, priority}, from_us, *OpeningHours::Create(spec)});
    }
  }
  return rules;
}

// Its clocks: the calendar's, the same without holds, then with opening hours.
constexpr uint8_t kWithoutHolds = 2;

// With a deadline for the resolution, where that is not 0.
TimelinePlan Plan(int64_t within_us) {
  TimelinePlan plan;
  plan.clocks.push_back({Clock::kCalendar, PhaseBit(Phase::kHold)});
  plan.clocks.push_back({Clock::kBusiness, PhaseBit(Phase::kHold)});
  plan.clocks.push_back({Clock::kBusiness, 0});
  plan.spans = SpanBit(ResolutionKind(ResolutionLevel::kLast, SpanEnd::kClose));
  plan.counters = 0;
  if (within_us > 0) {
    plan.trackers.push_back({.stage = Stage::kResolution,
                             .clock = kWithoutHolds,
                             .within_us = within_us});
  }
  return plan;
}

// One case, and beside it what its latest close should say.
class Case {
 public:
  Case(SchedulePolicy policy, uint64_t seed, int64_t within_us = 0)
      : random_(seed),
        plan_(Plan(within_us)),
        schedules_(Rules(), policy),
        state_(DimensionTable({}, kSlotTags), ScheduleTable(Rules(), policy)),
        machine_(plan_, state_, values_, no_tags_) {
    machine_.SayAtOnce();
  }

  // Opens it, lets it rest in between, and closes it.
  void Reopen() {
    Happens(EventKind::kCustomerMessage);
    for (uint32_t n = Below(3); n > 0; --n) {
      ChangePriority();
      Hold();
      Resume();
    }
    Happens(EventKind::kResolved);
  }
  void Open() {
    Happens(EventKind::kCustomerMessage);
    ExpectDeadline();
  }
  void ChangePriority() {
    if (Below(2) == 0) priority_ = 1 + Below(3);
    Happens(EventKind::kPriorityChanged);
    ExpectDeadline();
  }
  void Hold() {
    Happens(EventKind::kHold);
    held_.push_back({now_us_, kNever});
    ExpectDeadline();
  }
  void Resume() {
    Happens(EventKind::kResumed);
    held_.back().second = now_us_;
    ExpectDeadline();
  }

  // What the latest close has booked.
  const std::vector<int64_t>& booked() const { return values_.done.back(); }
  std::vector<int64_t> Expected() const {
    const uint16_t schedule = schedule_;
    const auto open = [&](int64_t from_us, int64_t to_us) {
      return schedules_.ElapsedPart(schedule, from_us, to_us, first_us_,
                                    now_us_);
    };
    int64_t calendar_us = now_us_ - first_us_;
    int64_t business_us = open(first_us_, now_us_);
    std::vector<int64_t> expected = {calendar_us, 0, 0, business_us};
    for (const auto& [from_us, to_us] : held_) {
      calendar_us -= to_us - from_us;
      business_us -= open(from_us, to_us);
    }
    expected[1] = calendar_us;
    expected[2] = business_us;
    return expected;
  }
  uint64_t looked_at() const { return machine_.phases_looked_at(); }
  bool is_missed() const { return is_missed_; }
  // Each deadline is compared from here on.
  void CompareDeadlines() { compares_ = true; }

 private:
  uint32_t Below(uint32_t count) {
    return static_cast<uint32_t>(random_() % count);
  }
  // What the clock without holds has counted by then, of a span that ends
  // there.
  int64_t Counted(int64_t end_us) const {
    const auto open = [&](int64_t from_us, int64_t to_us) {
      return schedules_.ElapsedPart(schedule_, from_us, to_us, first_us_,
                                    end_us);
    };
    int64_t counted_us = open(first_us_, end_us);
    for (const auto& [from_us, to_us] : held_) {
      if (from_us < end_us)
        counted_us -= open(from_us, std::min(to_us, end_us));
    }
    return counted_us;
  }
  // The instant before the first one at which more is counted than is allowed.
  // While one version of the opening hours is in force that only grows.
  int64_t DeadlineByDefinition() const {
    constexpr int64_t kFar = kNine + 1000 * kDay;
    const int64_t within_us = plan_.trackers[0].within_us;
    for (size_t v = 0; v < std::size(kVersions); ++v) {
      int64_t begin_us = std::max(kVersions[v].first, first_us_);
      int64_t end_us =
          v + 1 < std::size(kVersions) ? kVersions[v + 1].first : kFar;
      if (begin_us >= end_us || Counted(end_us - 1) <= within_us) continue;
      --end_us;  // the first one is in [begin_us, end_us]
      while (begin_us < end_us) {
        const int64_t middle_us = begin_us + (end_us - begin_us) / 2;
        if (Counted(middle_us) > within_us) {
          end_us = middle_us;
        } else {
          begin_us = middle_us + 1;
        }
      }
      return begin_us - 1;
    }
    return kNever;
  }
  // Of the one episode.
  void ExpectDeadline() {
    if (!compares_) return;
    const int64_t deadline_us = DeadlineByDefinition();
    is_missed_ |= deadline_us < now_us_;
    ASSERT_EQ(values_.pending_us, is_missed_ ? kNoTime : deadline_us);
  }
  void Happens(EventKind kind) {
    now_us_ += (1 + Below(40)) * kMinute;
    is_missed_ |= values_.pending_us != kNoTime && values_.pending_us < now_us_;
    machine_.FireBefore({now_us_, TimerPlace::kBeforeEvents, InteractionId{2}});
    if (first_us_ == kNoTime) first_us_ = now_us_;
    Fact fact;
    fact.at_us = now_us_;
    fact.interaction = InteractionId{1};
    fact.kind = kind;
    fact.priority = priority_;
    EXPECT_TRUE(machine_.Apply(fact).ok());
    if (kind == EventKind::kPriorityChanged || schedule_ == 0) {
      schedule_ = schedules_.Resolve({0, 0, 0, priority_});
    }
  }

  std::mt19937_64 random_;
  const TimelinePlan plan_;
  const std::vector<TextId> no_tags_;
  ScheduleTable schedules_;
  TimelineState state_;
  Values values_;
  EpisodeMachine machine_;
  TextId priority_ = 1;
  uint16_t schedule_ = 0;
  int64_t first_us_ = kNoTime;
  int64_t now_us_ = kNine;
  bool compares_ = false;
  bool is_missed_ = false;
  std::vector<std::pair<int64_t, int64_t>> held_;
};

constexpr SchedulePolicy kPolicies[] = {
    SchedulePolicy::kInForce, SchedulePolicy::kAtStart, SchedulePolicy::kAtEnd};

TEST(LongCasesTest, EachCloseMeasuresFromTheFirstOpening) {
  for (SchedulePolicy policy : kPolicies) {
    for (uint64_t seed = 0; seed < 20 && !HasFailure(); ++seed) {
      SCOPED_TRACE(seed);
      Case one(policy, seed);
      for (int n = 0; n < 30; ++n) {
        one.Reopen();
        ASSERT_EQ(one.booked(), one.Expected()) << n;
      }
    }
  }
}

TEST(LongCasesTest, ADeadlineIsWhereItWouldBeByAllPhases) {
  int missed = 0;
  for (SchedulePolicy policy : kPolicies) {
    for (uint64_t seed = 0; seed < 30 && !HasFailure(); ++seed) {
      SCOPED_TRACE(seed);
      Case one(policy, seed, (1 + static_cast<int64_t>(seed)) * 10 * kMinute);
      one.CompareDeadlines();
      one.Open();
      for (int n = 0; n < 60 && !HasFailure(); ++n) {
        if (n % 3 > 0) one.ChangePriority();
        one.Hold();
        if (n % 5 == 0) one.ChangePriority();
        one.Resume();
      }
      missed += one.is_missed() ? 1 : 0;
    }
  }
  EXPECT_GT(missed, 10);
  EXPECT_LT(missed, 80);
}

// The opening hours change all the time.
TEST(LongCasesTest, ADeadlineCostsWhatHappenedSince) {
  constexpr uint64_t kTimes = 3000;
  for (SchedulePolicy policy : kPolicies) {
    // By the hours of the end it would be over by earlier ones.
    const bool is_soon = policy == SchedulePolicy::kAtEnd;
    Case one(policy, 1, (is_soon ? 150 : 10'000) * kHour);
    one.Open();
    for (uint64_t n = 0; n < kTimes; ++n) {
      one.ChangePriority();
      one.Hold();
      one.Resume();
    }
    EXPECT_FALSE(one.is_missed());
    EXPECT_LE(one.looked_at(), 40 * kTimes);
  }
}

TEST(LongCasesTest, ACloseCostsWhatHappenedSince) {
  constexpr uint64_t kTimes = 3000;
  for (SchedulePolicy policy : kPolicies) {
    Case one(policy, 1);
    for (uint64_t n = 0; n < kTimes; ++n) one.Reopen();
    EXPECT_EQ(one.booked(), one.Expected());
    EXPECT_LE(one.looked_at(), 40 * kTimes);
  }
}

}  // namespace
}  // namespace cckpi
