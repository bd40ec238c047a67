// The monitor against the slow way: a rule set that is told every reading of
// every group at every tick, taken from the rows of a report.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/engine/scaling_monitor.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/exact_value.h"
#include "oracle/random_log.h"
#include "oracle/random_rules.h"
#include "oracle/settings.h"
#include "src/kpi/row_values.h"

namespace cckpi::oracle {
namespace {

// Rules with every clock there is, some with a scope, some silenced.
void AddClocks(uint64_t seed, Config& config) {
  SplitMix64 random(seed * 13 + 1);
  CalendarSpec mute;
  mute.time_zone = "UTC";
  for (auto& day : mute.weekly) day = {*ParseLocalInterval("09:00", "18:00")};
  config.calendars["mute"] = mute;
  for (size_t r = 0; r < config.scaling_matrix.size(); ++r) {
    ScalingRule& rule = config.scaling_matrix[r];
    const int64_t edge =
        random.Pick<int64_t>({-1, 0, 500'000, 2'000'000, 60 * kSecond});
    rule.bands = {{.level = "warning",
                   .over_micro = edge,
                   .dwell_us = random.Pick<int64_t>({0, kMinute, kHour})},
                  {.level = "critical", .over_micro = edge + kMinute}};
    rule.hold_us = random.Pick<int64_t>({0, 5 * kMinute});
    rule.min_n = random.Pick<int64_t>({0, 0, 2});
    rule.no_data = random.Pick<NoDataPolicy>(
        {NoDataPolicy::kKeep, NoDataPolicy::kOk, NoDataPolicy::kAlert});
    if (random.Chance(20)) rule.no_data_after_us = 30 * kMinute;
    if (random.Chance(40)) rule.repeat_us = 20 * kMinute;
    if (random.Chance(30)) {
      rule.ladder = {{.notify = {"a"}, .after_us = 10 * kMinute},
                     {.notify = {"b"}}};
    }
    rule.notify_deescalation = random.Chance(50);
    if (random.Chance(15)) rule.mute_calendar = "mute";
    if (r > 0 && random.Chance(15)) {
      rule.inhibited_by = {
          {.rule = config.scaling_matrix[r - 1].id, .equal = {}}};
    }
    if (rule.by.size() == 1 && random.Chance(30)) {
      // Its own dimension, fixed to a value that the log may have.
      rule.scope = {{DimensionName(rule.by[0]), "chat"}};
      rule.by.clear();
    }
    const KpiSpec spec = *ResolveKpi(config, rule.kpi);
    if (spec.kpi == Kpi::kServiceLevel && random.Chance(50)) {
      rule.target = {Comparator::kGreaterEqual, 900'000};
      rule.bands = {{.level = "burn",
                     .burn_rate = BurnRate{.long_us = kHour,
                                           .short_us = kBucketSpan,
                                           .factor_permille = 1500}}};
    }
  }
}

// What a rule without a row reads.
std::optional<ExactValue> Absent(const KpiSpec& spec) {
  const bool counts = spec.kpi == Kpi::kBacklog ||
                      UnitOf(spec) == Unit::kCount ||
                      spec.statistic == Statistic::kSum;
  if (!counts) return std::nullopt;
  return ExactValue::OfMicro(0);
}

class Slow {
 public:
  explicit Slow(const Config& config)
      : config_(config), rules_(*RuleSet::Create(Counted(config))) {}

  TickResult Tick(const Engine& engine, int64_t now_us) {
    std::vector<RuleReadings> readings;
    for (const ScalingRule& rule : config_.scaling_matrix) {
      RuleReadings& one = readings.emplace_back();
      if (!rule.bands[0].burn_rate.has_value()) {
        one.absent = Absent(*ResolveKpi(config_, rule.kpi));
        for (const ReportRow& row :
             Rows(engine, rule, rule.window_us, rule.calendar_window, now_us)) {
          GroupReading& reading = one.groups.emplace_back();
          reading.group = row.group;
          reading.value = ExactValueOf(row);
          if (!reading.value.has_value()) reading.value = one.absent;
          reading.n = SizeOf(rule, row);
        }
        continue;
      }
      std::map<GroupLabels, std::vector<BurnReading>> burns;
      const BurnRate& rate = *rule.bands[0].burn_rate;
      for (const ReportRow& row :
           Rows(engine, rule, rate.long_us, std::nullopt, now_us)) {
        burns[row.group].resize(1);
        burns[row.group][0].long_value = ExactValueOf(row);
        burns[row.group][0].long_n = SizeOf(rule, row);
      }
      for (const ReportRow& row :
           Rows(engine, rule, rate.short_us, std::nullopt, now_us)) {
        burns[row.group].resize(1);
        burns[row.group][0].short_value = ExactValueOf(row);
      }
      for (auto& [group, read] : burns) {
        GroupReading& reading = one.groups.emplace_back();
        reading.group = group;
        reading.burns = read;
      }
    }
    return rules_.Tick(now_us, readings);
  }
  std::string Save() const { return rules_.Save(); }

 private:
  // Without a minimum where there is nothing to count.
  static Config Counted(Config config) {
    for (ScalingRule& rule : config.scaling_matrix) {
      if (!HasSampleSize(*ResolveKpi(config, rule.kpi))) rule.min_n = 0;
    }
    return config;
  }
  int64_t SizeOf(const ScalingRule& rule, const ReportRow& row) const {
    const KpiSpec spec = *ResolveKpi(config_, rule.kpi);
    return spec.statistic == Statistic::kMeanWithWaiting
               ? ObservationsOf(row)
               : SampleSizeOf(row).value_or(0);
  }
  std::vector<ReportRow> Rows(const Engine& engine, const ScalingRule& rule,
                              int64_t window_us,
                              std::optional<Frequency> calendar,
                              int64_t now_us) const {
    Query query;
    query.kpis = {rule.kpi};
    query.names = Query::Names::kReferenced;
    query.by = rule.by;
    query.where = rule.scope;
    const int64_t running = BucketBegin(BucketOf(now_us));
    query.window = Window{running - window_us, running + kBucketSpan};
    if (calendar.has_value()) {
      query.window = WindowContaining(
          now_us, *calendar, *LoadZone(config_.time_zone),
          static_cast<absl::Weekday>((config_.week_starts + 6) % 7));
    }
    absl::StatusOr<Report> report = engine.Ask(query);
    EXPECT_TRUE(report.ok()) << report.status();
    return report->rows;
  }

  const Config& config_;
  RuleSet rules_;
};

TEST(ScalingMonitorPropertyTest, SaysWhatTellingEveryReadingSays) {
  int64_t said = 0;
  for (const uint64_t seed : Seeds(30, 1)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomLog log = MakeRandomLog(seed);
    SplitMix64 random(seed + 99);
    Config config = log.config;
    config.allowed_lateness_us = random.Pick<int64_t>({0, kHour, 30 * kDay});
    AddRules(seed, config);
    AddClocks(seed, config);
    std::vector<Event> events = log.events;
    std::stable_sort(
        events.begin(), events.end(),
        [](const Event& a, const Event& b) { return a.at_us < b.at_us; });
    Engine engine = *Engine::Create(config);
    ScalingMonitor monitor = *ScalingMonitor::Create(config);
    Slow slow(config);
    for (size_t e = 0; e < events.size();) {
      const size_t end = std::min(
          events.size(), e + static_cast<size_t>(1 + random.Below(40)));
      engine.Ingest({events.data() + e, end - e});
      e = end;
      if (engine.now_us() == kNoTime) continue;
      if (e == events.size()) {
        const int64_t later_us =
            random.Pick<int64_t>({0, kMinute, 20 * kMinute});
        ASSERT_TRUE(engine.Advance(ToTime(engine.now_us() + later_us)).ok());
      }
      // Ticks between which only the clock has moved, the first ones at
      // instants that the engine is ahead of.
      const int64_t now_us = engine.now_us();
      const int64_t longest_us = random.Pick<int64_t>({kHour, 20 * kMinute});
      for (int64_t back_us : {longest_us, kMinute, int64_t{0}}) {
        const int64_t at_us = now_us - back_us;
        if (at_us <= monitor.last_tick_us()) continue;
        const absl::StatusOr<TickResult> result =
            monitor.Tick(engine, ToTime(at_us));
        ASSERT_TRUE(result.ok()) << result.status();
        TickResult got = *result;
        const TickResult want = slow.Tick(engine, at_us);
        for (Notification& note : got.notifications) note.contributors.clear();
        ASSERT_EQ(got.transitions, want.transitions);
        ASSERT_EQ(got.notifications, want.notifications);
        ASSERT_TRUE(monitor.Save() == slow.Save());
        said += static_cast<int64_t>(want.notifications.size());
      }
      // Another engine, another monitor: nothing of before counts.
      if (random.Chance(10)) {
        engine = *Engine::Restore(config, *engine.Save());
      }
      if (random.Chance(10)) {
        const std::string bytes = monitor.Save();
        monitor = *ScalingMonitor::Create(config);
        ASSERT_TRUE(monitor.Restore(bytes).ok());
      }
    }
  }
  if (AsUsual() && Runs(30) >= 30) {
    EXPECT_GT(said, 1000);
  }
}

}  // namespace
}  // namespace cckpi::oracle
