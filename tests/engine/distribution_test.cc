// Engine::Distributions: the bins behind the rows of duration KPIs.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/stats/histogram.h"
#include "oracle/oracle_test_log.h"

namespace cckpi {
namespace {

using oracle::Agent;
using oracle::Customer;
using oracle::Log;
using oracle::Resolved;
using oracle::Spec;

// Three cases: answered in 10, 30 and 10 minutes.
Log ThreeCases() {
  return {Customer("09:00"), Agent("09:10"), Resolved("09:20"),
          Customer("10:00"), Agent("10:30"), Resolved("11:00"),
          Customer("12:00"), Agent("12:10"), Resolved("12:20")};
}

Engine Fed(int64_t lateness_us) {
  Config config;
  config.kpis_given = true;
  config.kpis = {Spec(Kpi::kFirstResponseTime), Spec(Kpi::kArrivals),
                 Spec(Kpi::kHandleTime)};
  config.allowed_lateness_us = lateness_us;
  Engine engine = *Engine::Create(config);
  engine.Ingest(ThreeCases());
  return engine;
}

Query Of(std::string kpi, Frequency every = Frequency::kAll) {
  Query query;
  query.kpis = {std::move(kpi)};
  query.by = GroupBy();
  query.every = every;
  return query;
}

DistributionBin BinHolding(int64_t value_us, int64_t count) {
  const int bin = Histogram::BinOf(value_us);
  return {Histogram::LowerEdge(bin), Histogram::LastValue(bin) + 1, count};
}

TEST(DistributionTest, BinsHoldTheDurationsThatTheyCount) {
  const Engine engine = Fed(0);
  const auto all = engine.Distributions(Of("first_response_time"));
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->size(), 1u);
  EXPECT_EQ((*all)[0].kpi, "first_response_time");
  EXPECT_EQ((*all)[0].bins,
            (std::vector<DistributionBin>{BinHolding(10 * kMinute, 2),
                                          BinHolding(30 * kMinute, 1)}));
}

TEST(DistributionTest, SaysOfWhatAsTheRowDoes) {
  const Engine engine = Fed(0);
  const Query query = Of("first_response_time");
  const Report report = *engine.Ask(query);
  ASSERT_EQ(report.rows.size(), 1u);
  const std::vector<Figure>& row = report.rows[0].definition;
  const std::vector<Figure> bins = (*engine.Distributions(query))[0].definition;
  ASSERT_EQ(bins.size(), row.size());
  EXPECT_EQ(bins[0].name, "statistic");
  for (size_t f = 0; f < row.size(); ++f) {
    EXPECT_EQ(bins[f].name, row[f].name);
    EXPECT_EQ(bins[f].value, row[f].value);
  }
}

TEST(DistributionTest, EventsThatAreNotFinalCount) {
  const Engine final_ones = Fed(0);
  const Engine pending_ones = Fed(kDay);
  const Query query = Of("first_response_time");
  EXPECT_EQ((*final_ones.Distributions(query))[0].bins,
            (*pending_ones.Distributions(query))[0].bins);
}

TEST(DistributionTest, ThereIsOneForEachWindowWithObservations) {
  const Engine engine = Fed(0);
  const auto hourly =
      engine.Distributions(Of("first_response_time", Frequency::kHourly));
  ASSERT_TRUE(hourly.ok()) << hourly.status();
  ASSERT_EQ(hourly->size(), 3u);
  EXPECT_EQ((*hourly)[1].end_us - (*hourly)[1].begin_us, kHour);
  EXPECT_EQ((*hourly)[1].bins,
            (std::vector<DistributionBin>{BinHolding(30 * kMinute, 1)}));
}

TEST(DistributionTest, HandleTimeHasOneACountHasNone) {
  const Engine engine = Fed(0);
  EXPECT_EQ(engine.Distributions(Of("arrivals"))->size(), 0u);
  const auto handle = engine.Distributions(Of("handle_time"));
  ASSERT_TRUE(handle.ok()) << handle.status();
  int64_t count = 0;
  for (const Distribution& one : *handle) {
    for (const DistributionBin& bin : one.bins) count += bin.count;
  }
  EXPECT_EQ(count, 3);
}

TEST(DistributionTest, MoreBinsThanWantedAreAnError) {
  const Engine engine = Fed(0);
  Query query;  // of several KPIs
  query.every = Frequency::kHourly;
  const std::vector<Distribution> all = *engine.Distributions(query);
  size_t bins = 0;
  for (const Distribution& one : all) bins += one.bins.size();
  ASSERT_GT(bins, 4u);
  query.max_rows = bins;
  EXPECT_TRUE(engine.Distributions(query).ok());
  for (query.max_rows = 0; query.max_rows < bins; ++query.max_rows) {
    EXPECT_EQ(engine.Distributions(query).status().code(),
              absl::StatusCode::kResourceExhausted);
  }
}

TEST(DistributionTest, AnUnknownKpiIsNotFound) {
  const Engine engine = Fed(0);
  EXPECT_EQ(engine.Distributions(Of("speed_of_answer")).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(DistributionTest, WithoutEventsThereIsNone) {
  const Engine engine = *Engine::Create(Config());
  EXPECT_EQ(engine.Distributions(Of("response_time"))->size(), 0u);
}

}  // namespace
}  // namespace cckpi
