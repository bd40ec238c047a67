#include "cckpi/kpi/exact_value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/kpi/catalogue.h"
#include "oracle/random_log.h"

namespace cckpi {
namespace {

TEST(ExactValueTest, ComparesWithoutRounding) {
  // 2/3 is above 666'666 and below 666'667 millionths.
  const ExactValue two_thirds{2'000'000, 3};
  EXPECT_GT(two_thirds.Compare(666'666), 0);
  EXPECT_LT(two_thirds.Compare(666'667), 0);
  EXPECT_EQ((ExactValue{2'000'000, 4}).Compare(500'000), 0);
  // -2/3: the sign is the numerator's.
  EXPECT_LT((ExactValue{-2'000'000, 3}).Compare(-666'666), 0);
  EXPECT_GT((ExactValue{-2'000'000, 3}).Compare(-666'667), 0);
  EXPECT_EQ((ExactValue{INT64_MAX, INT64_MAX}).Compare(1), 0);
}

TEST(ExactValueTest, MeetsAtTheEdgeAsTheComparatorSays) {
  const ExactValue edge{2 * 900'000'000, 2};  // 15 min
  EXPECT_FALSE(Meets({Comparator::kLess, 900'000'000}, edge));
  EXPECT_TRUE(Meets({Comparator::kLessEqual, 900'000'000}, edge));
  EXPECT_FALSE(Meets({Comparator::kGreater, 900'000'000}, edge));
  EXPECT_TRUE(Meets({Comparator::kGreaterEqual, 900'000'000}, edge));
  // One third of a microsecond above.
  const ExactValue above{int64_t{3} * 900'000'000 + 1, 3};
  EXPECT_FALSE(Meets({Comparator::kLessEqual, 900'000'000}, above));
  EXPECT_TRUE(Meets({Comparator::kGreater, 900'000'000}, above));
}

// Every statistic of every KPI, so that none takes the wrong figures.
std::vector<KpiSpec> EverySpec() {
  std::vector<KpiSpec> specs;
  for (const KpiDefinition& definition : Catalogue()) {
    if (definition.kpi == Kpi::kFormula) continue;
    for (Statistic statistic : definition.statistics) {
      KpiSpec spec = DefaultSpec(definition.kpi);
      spec.statistic = statistic;
      if (statistic == Statistic::kPercentile) spec.percentile_ppm = 750'000;
      if (statistic == Statistic::kShareWithin) spec.within_us = 20 * kMinute;
      spec.id = std::to_string(specs.size());
      specs.push_back(spec);
    }
  }
  for (KpiSpec spec :
       {DefaultSpec(Kpi::kHandleTime), DefaultSpec(Kpi::kHandleTime)}) {
    spec.attribution = Attribution::kSliced;
    spec.statistic = specs.back().attribution == Attribution::kSliced
                         ? Statistic::kSum
                         : Statistic::kMean;
    spec.id = std::to_string(specs.size());
    specs.push_back(spec);
  }
  return specs;
}

// Every agent of the log is available from a hair after its first event on, and
// takes a break later.
std::vector<Event> AgentStates(const std::vector<Event>& log) {
  std::map<std::string_view, int64_t> first;
  for (const Event& event : log) {
    if (event.agent.empty()) continue;
    auto [at, is_new] = first.try_emplace(event.agent, event.at_us);
    at->second = std::min(at->second, event.at_us);
  }
  std::vector<Event> states;
  for (const auto& [agent, at_us] : first) {
    Event event;
    event.kind = EventKind::kAgentState;
    event.agent = agent;
    event.at_us = at_us + 7;
    event.state = "available";
    states.push_back(event);
    event.at_us += 5 * kHour;
    event.state = "break";
    states.push_back(event);
  }
  return states;
}

TEST(ExactValueTest, IsTheValueOfEveryRow) {
  const std::vector<KpiSpec> specs = EverySpec();
  std::map<std::string, int> fractions;  // with a denominator, by KPI
  std::map<std::string, int> rows;
  for (uint64_t seed = 1; seed <= 25; ++seed) {
    oracle::RandomLog log = oracle::MakeRandomLog(seed);
    log.config.kpis = specs;
    log.config.kpis_given = true;
    log.config.allowed_lateness_us = 1000 * kDay;
    log.config.agent_states.clear();
    absl::StatusOr<Engine> engine = Engine::Create(log.config);
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine->Ingest(log.events);
    engine->Ingest(AgentStates(log.events));
    Report report = *engine->Ask({.every = Frequency::kDaily});
    const Report all = *engine->Ask({.every = Frequency::kAll});
    report.rows.insert(report.rows.end(), all.rows.begin(), all.rows.end());
    for (const ReportRow& row : report.rows) {
      const KpiSpec& spec = specs[std::stoul(row.id)];
      const std::optional<ExactValue> exact = ExactValueOf(row);
      ASSERT_EQ(exact.has_value(), row.value.has_value()) << row.kpi;
      const std::optional<int64_t> n = SampleSizeOf(row);
      EXPECT_GE(n.value_or(0), 0) << row.kpi;
      if (!exact) continue;
      ASSERT_NEAR(exact->value(), *row.value,
                  1e-6 + std::fabs(*row.value) * 1e-12)
          << row.kpi << " " << StatisticName(spec) << " seed " << seed;
      ++rows[row.kpi];
      if (exact->denominator > 1) ++fractions[row.kpi];
    }
  }
  EXPECT_GT(fractions["first_response_time"], 0);
  EXPECT_GT(rows["backlog"], 0);
}

TEST(ExactValueTest, RatiosAreTheirNumeratorAndDenominator) {
  for (const char* kpi :
       {"service_level", "beyond_turnaround", "first_contact_resolution",
        "bot_outcome", "accuracy", "occupancy", "capacity_occupancy",
        "utilization", "concurrency"}) {
    ReportRow row;
    row.kpi = kpi;
    row.definition = DescribeSpec(DefaultSpec(FindKpi(kpi)->kpi));
    if (row.kpi == "beyond_turnaround") {
      row.definition = {{"statistic", std::string("share")}};
    }
    row.value = 2.0 / 3;
    row.figures = {{"numerator", int64_t{2}}, {"denominator", int64_t{3}}};
    EXPECT_EQ(ExactValueOf(row), (ExactValue{2'000'000, 3})) << kpi;
  }
  // 2 cases in 7 hours and 1 us.
  ReportRow row;
  row.kpi = "cases_per_hour";
  row.value = 2.0 / 7;
  row.figures = {{"numerator", int64_t{2}}, {"denominator", 7 * kHour + 1}};
  EXPECT_EQ(ExactValueOf(row),
            (ExactValue{2 * kHour * 1'000'000, 7 * kHour + 1}));
}

// 5 were expected and 3 came, in one interval.
TEST(ExactValueTest, ForecastsAreFractionsOfWhatCame) {
  auto value = [](const char* statistic) {
    ReportRow row;
    row.kpi = "forecast_accuracy";
    row.definition = {{"statistic", std::string(statistic)}};
    row.value = 0.5;  // not looked at
    row.figures = {{"forecast_micro", int64_t{5'000'000}},
                   {"actual", int64_t{3}},
                   {"absolute_error_micro", int64_t{2'000'000}},
                   {"error_micro", int64_t{2'000'000}}};
    return ExactValueOf(row);
  };
  EXPECT_EQ(value("wape"), (ExactValue{2'000'000, 3}));
  EXPECT_EQ(value("bias"), (ExactValue{2'000'000, 3}));
  EXPECT_EQ(value("accuracy"), (ExactValue{1'000'000, 3}));
  EXPECT_EQ(value("deviation"), (ExactValue{-400'000, 1}));
}

TEST(ExactValueTest, FormulasAreRoundedToMillionths) {
  ReportRow row;
  row.kpi = "formula";
  row.value = 1.0 / 3;
  EXPECT_EQ(ExactValueOf(row), ExactValue::OfMicro(333'333));
  EXPECT_EQ(SampleSizeOf(row), std::nullopt);
  row.value = 1e300;
  EXPECT_EQ(ExactValueOf(row), ExactValue::OfMicro(INT64_MAX));
  row.value = std::nan("");
  EXPECT_EQ(ExactValueOf(row), std::nullopt);
}

}  // namespace
}  // namespace cckpi
