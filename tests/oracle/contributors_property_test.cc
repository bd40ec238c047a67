// Whom notifications name, against the observations that Explain lists.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/engine/scaling_monitor.h"
#include "cckpi/kpi/catalogue.h"
#include "oracle/random_log.h"
#include "oracle/random_rules.h"
#include "oracle/settings.h"

namespace cckpi::oracle {
namespace {

Engine Made(const Config& config, std::vector<Event> events, int64_t now_us,
            std::string explain) {
  std::stable_sort(
      events.begin(), events.end(),
      [](const Event& a, const Event& b) { return a.at_us < b.at_us; });
  Engine engine =
      *Engine::Create(config, {.explain = std::move(explain), .shard = false});
  engine.Ingest(events);
  EXPECT_TRUE(engine.Advance(ToTime(now_us)).ok());
  return engine;
}

Engine Made(const Config& config, const RandomLog& log, std::string explain) {
  return Made(config, log.events, log.now_us, std::move(explain));
}

// When the wait, first response or resolution behind a deadline ended, by
// interaction, episode and start.
using Ends = std::map<std::tuple<std::string, uint32_t, int64_t>, int64_t>;

Ends EndsBehind(const KpiSpec& spec, Config config, const RandomLog& log) {
  KpiSpec of =
      DefaultSpec(spec.stage == Stage::kFirst   ? Kpi::kFirstResponseTime
                  : spec.stage == Stage::kEvery ? Kpi::kResponseTime
                                                : Kpi::kResolutionTime);
  of.id = "ends";
  if (spec.stage != Stage::kResolution) of.response = spec.response;
  config.kpis.push_back(of);
  config.scaling_matrix.clear();
  const Engine engine = Made(config, log, "ends");
  Ends ends;
  const std::vector<Explanation> explained = *engine.Explain({});
  for (const Explanation& one : explained) {
    if (!one.end_us.has_value()) continue;
    ends[{one.interaction, one.episode, *one.start_us}] = *one.end_us;
  }
  return ends;
}

// What a notification of `rule` has to say, and waiting apart.
class Expected {
 public:
  Expected(const ScalingRule& rule, const KpiSpec& spec, const Config& config,
           const RandomLog& log)
      : spec_(spec), now_us_(log.now_us) {
    const Zone zone = *LoadZone(config.time_zone);
    const int64_t running = BucketBegin(BucketOf(now_us_));
    window_ = {running - rule.window_us, running + kBucketSpan};
    if (rule.calendar_window.has_value()) {
      window_ = WindowContaining(
          now_us_, *rule.calendar_window, zone,
          static_cast<absl::Weekday>((config.week_starts + 6) % 7));
    }
    Config plain = config;
    plain.scaling_matrix.clear();
    const Engine engine = Made(plain, log, spec.id);
    Query query;
    query.by = rule.by;
    explained_ = *engine.Explain(query);
    if (spec.kpi == Kpi::kServiceLevel || spec.kpi == Kpi::kBeyondTurnaround) {
      ends_ = EndsBehind(spec, config, log);
    }
    CountTakenOut(plain, log.events, query);
  }

  // Were more than five of what was booked into a bucket of the group taken out
  // again, and nothing else is promised (docs/scaling.md)?
  bool MayLackSome(const GroupLabels& group) const {
    const auto buckets = taken_out_.find(group);
    if (buckets == taken_out_.end()) return false;
    return std::any_of(
        buckets->second.begin(), buckets->second.end(),
        [](const auto& of_bucket) { return of_bucket.second > 5; });
  }

  // In order; where the KPI does not say the value, it is 0.
  std::vector<Contributor> Of(const GroupLabels& group) const {
    std::vector<Contributor> all;
    for (const Explanation& one : explained_) {
      if (one.group != group) continue;
      if (spec_.kpi != Kpi::kBacklog && (one.booked_us < window_.begin_us ||
                                         one.booked_us >= window_.end_us)) {
        continue;
      }
      if (std::optional<Contributor> named = Named(one)) all.push_back(*named);
    }
    const bool lowest = spec_.kpi == Kpi::kSatisfaction;
    std::sort(all.begin(), all.end(),
              [lowest](const Contributor& a, const Contributor& b) {
                const int64_t x = lowest ? b.value : a.value;
                const int64_t y = lowest ? a.value : b.value;
                return std::tie(y, a.interaction, a.outcome) <
                       std::tie(x, b.interaction, b.outcome);
              });
    if (all.size() > 5) all.resize(5);
    return all;
  }

  // Is it a miss that nobody has answered yet?
  bool StillOverdue(const Contributor& named) const {
    return std::any_of(
        explained_.begin(), explained_.end(), [&](const Explanation& one) {
          return one.interaction == named.interaction &&
                 one.outcome == "overdue_unanswered" &&
                 named.outcome == one.outcome &&
                 named.value == now_us_ - *one.end_us &&
                 !ends_.contains({one.interaction, one.episode, *one.start_us});
        });
  }

 private:
  // By the same log of which nothing is discarded, where every close is one
  // resolution: what of that is not among the observations any more.
  void CountTakenOut(Config config, std::vector<Event> events,
                     const Query& query) {
    for (KpiSpec& kpi : config.kpis) {
      if (kpi.kpi == Kpi::kResolutionTime)
        kpi.level = ResolutionLevel::kEpisode;
    }
    std::erase_if(events, [](const Event& event) {
      return event.kind == EventKind::kDiscarded;
    });
    using Key = std::tuple<GroupLabels, std::string, int64_t>;
    std::map<Key, int64_t> left;
    for (const Explanation& one : explained_) {
      ++left[{one.group, one.interaction, one.booked_us}];
    }
    const Engine engine = Made(config, std::move(events), now_us_, spec_.id);
    const std::vector<Explanation> booked = *engine.Explain(query);
    for (const Explanation& one : booked) {
      if (--left[{one.group, one.interaction, one.booked_us}] < 0) {
        ++taken_out_[one.group][BucketOf(one.booked_us)];
      }
    }
  }

  std::optional<Contributor> Named(const Explanation& one) const {
    const int64_t age_us = now_us_ - one.booked_us;
    switch (spec_.kpi) {
      case Kpi::kServiceLevel:
      case Kpi::kBeyondTurnaround: {
        if (one.outcome != "late_answered" &&
            one.outcome != "overdue_unanswered") {
          return std::nullopt;
        }
        const auto end =
            ends_.find({one.interaction, one.episode, *one.start_us});
        return Contributor{
            one.interaction,
            (end == ends_.end() ? now_us_ : end->second) - *one.end_us,
            one.outcome};
      }
      case Kpi::kFirstContactResolution:
        if (one.outcome != "no") return std::nullopt;
        return Contributor{one.interaction, age_us, "not_resolved"};
      case Kpi::kBotOutcome:
        if (one.outcome == "open" || one.outcome == "resolved_by_bot") {
          return std::nullopt;
        }
        return Contributor{one.interaction, age_us, one.outcome};
      case Kpi::kSatisfaction:
        if (one.outcome == "counted") return std::nullopt;  // a closed episode
        return Contributor{one.interaction, one.value, "surveyed"};
      case Kpi::kBacklog:
        return Contributor{one.interaction, age_us, "open"};
      case Kpi::kResolutionTime:
      case Kpi::kOperatingTime:
        if (one.outcome != "done") return std::nullopt;
        return Contributor{one.interaction, one.value, "closed"};
      case Kpi::kHandleTime:
        if (one.outcome != "done") return std::nullopt;
        return Contributor{one.interaction, one.value, "handled"};
      default:
        break;
    }
    if (spec_.kpi >= Kpi::kArrivals && spec_.kpi <= Kpi::kMessages) {
      return Contributor{one.interaction, age_us, "counted"};
    }
    if (one.outcome != "done") return std::nullopt;
    return Contributor{one.interaction, one.value, "answered"};
  }

  const KpiSpec& spec_;
  const int64_t now_us_;
  Window window_;
  std::vector<Explanation> explained_;
  Ends ends_;
  // By group and bucket.
  std::map<GroupLabels, std::map<int32_t, int64_t>> taken_out_;
};

bool Compared(const KpiSpec& spec) {
  if (spec.kpi == Kpi::kMessages) return spec.side != MessageSide::kAll;
  if (spec.kpi == Kpi::kBacklog) {
    return spec.statistic != Statistic::kOpenWaits;
  }
  return spec.kpi < Kpi::kOccupancy && spec.kpi != Kpi::kDueWithin &&
         spec.kpi != Kpi::kAccuracy && spec.kpi != Kpi::kCasesPerHour &&
         spec.kpi != Kpi::kForecastAccuracy;
}

// As Expected says it.
Contributor Shown(Contributor contributor, const KpiSpec& spec) {
  if (spec.kpi == Kpi::kBacklog) contributor.outcome = "open";
  return contributor;
}

bool AreFirst(const std::vector<Contributor>& want,
              const std::vector<Contributor>& got, const KpiSpec& spec) {
  return want.size() <= got.size() &&
         std::equal(want.begin(), want.end(), got.begin(),
                    [&spec](const Contributor& a, const Contributor& b) {
                      return a == Shown(b, spec);
                    });
}

TEST(ContributorsPropertyTest, AreTheFirstOfWhatExplainLists) {
  int64_t named = 0;
  int64_t compared = 0;
  int64_t uncertain = 0;
  std::map<std::string, int64_t> outcomes;
  for (const uint64_t seed : Seeds(30, 1)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomLog log = MakeRandomLog(seed);
    Config config = log.config;
    config.forget_closed_after_us = 3650 * kDay;
    SplitMix64 random(seed);
    // What is pending has to be seen like what is final.
    config.allowed_lateness_us =
        random.Pick<int64_t>({0, kHour, kDay, 30 * kDay});
    AddRules(seed, config);
    const Engine engine = Made(config, log, "");
    log.now_us = engine.now_us();  // some events may lie after it
    for (const ScalingRule& rule : config.scaling_matrix) {
      const KpiSpec spec = *ResolveKpi(config, rule.kpi);
      if (!Compared(spec)) continue;
      SCOPED_TRACE(testing::Message() << rule.id << "\n"
                                      << DescribeConfig(config));
      const Expected expected(rule, spec, config, log);
      Config one = config;
      one.scaling_matrix = {rule};
      ScalingMonitor monitor = *ScalingMonitor::Create(one);
      const absl::StatusOr<TickResult> result =
          monitor.Tick(engine, ToTime(log.now_us));
      ASSERT_TRUE(result.ok()) << result.status();
      for (const Notification& note : result->notifications) {
        std::vector<Contributor> want = expected.Of(note.group);
        const size_t counted = want.size();
        if (expected.MayLackSome(note.group) &&
            !AreFirst(want, note.contributors, spec)) {
          ++uncertain;
          continue;
        }
        ++compared;
        ASSERT_GE(note.contributors.size(), counted);
        for (size_t c = 0; c < counted; ++c) {
          const Contributor got = Shown(note.contributors[c], spec);
          ASSERT_EQ(got.interaction, want[c].interaction) << c;
          ASSERT_EQ(got.value, want[c].value) << got.interaction;
          ASSERT_EQ(got.outcome, want[c].outcome) << got.interaction;
          ++outcomes[got.outcome];
          ++named;
        }
        // After them those who wait.
        std::map<std::string, std::string> scope = rule.scope;
        bool whole = true;
        for (const auto& [name, value] : note.group) {
          whole = whole && value.has_value();
          scope.emplace(name, value.value_or(""));
        }
        if (!whole || spec.kpi == Kpi::kBacklog) continue;
        size_t at = counted;
        const auto waits = *engine.LongestWaits({&scope, 1}, 5);
        for (const OpenWait& wait : waits.front()) {
          const bool said = std::any_of(
              want.begin(), want.end(), [&](const Contributor& before) {
                return before.interaction == wait.interaction &&
                       expected.StillOverdue(before);
              });
          if (said) continue;
          ASSERT_LT(at, note.contributors.size());
          ASSERT_EQ(note.contributors[at],
                    (Contributor{wait.interaction, log.now_us - wait.since_us,
                                 "waiting"}));
          ++at;
        }
        ASSERT_EQ(note.contributors.size(), at);
      }
    }
  }
  if (!AsUsual() || Runs(30) < 30) return;
  for (const char* outcome :
       {"answered", "closed", "handled", "late_answered", "overdue_unanswered",
        "not_resolved", "handed_off", "human_took_over", "abandoned_in_bot",
        "surveyed", "counted", "open"}) {
    EXPECT_GT(outcomes[outcome], 0) << outcome;
  }
  EXPECT_GT(named, 1000);
  EXPECT_LT(100 * uncertain, compared) << "too few are looked at";
}

}  // namespace
}  // namespace cckpi::oracle
