// Queries of one scope, and of KPIs that only cards, rules and report
// schedules name.

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/kpi/catalogue.h"
#include "oracle/oracle_test_log.h"
#include "oracle/random_log.h"
#include "oracle/settings.h"

namespace cckpi {
namespace {

using oracle::Agent;
using oracle::Customer;
using oracle::Log;
using oracle::MakeRandomLog;
using oracle::RandomLog;
using oracle::Resolved;
using oracle::Spec;

std::string Text(const Figure& figure) {
  struct Visitor {
    std::string operator()(int64_t value) { return std::to_string(value); }
    std::string operator()(absl::int128 value) {
      return std::to_string(static_cast<int64_t>(value));
    }
    std::string operator()(double value) { return std::to_string(value); }
    std::string operator()(const std::string& value) { return value; }
    std::string operator()(std::nullptr_t) { return "null"; }
  };
  return figure.name + "=" + std::visit(Visitor(), figure.value);
}

// Everything but the group.
std::string Line(const ReportRow& row) {
  std::string line = row.kpi.str() + " " + row.id.str() + " " +
                     FormatTime(row.begin_us) + " " +
                     (row.value ? std::to_string(*row.value) : "null") +
                     (row.provisional ? " provisional" : "");
  for (const Figure& figure : row.figures) line += " " + Text(figure);
  return line;
}

// Two channels: a reply after 10 minutes on web, after 30 on facebook.
Log TwoChannels() {
  Log log = {Customer("09:00"), Agent("09:10", "ann"), Resolved("09:20"),
             Customer("10:00"), Agent("10:30", "bob"), Resolved("11:00")};
  for (size_t i = 0; i < log.size(); ++i) {
    log[i].interaction = i < 3 ? "one" : "two";
    log[i].channel = i < 3 ? "web" : "facebook";
  }
  return log;
}

Engine Fed(const Config& config, const Log& log) {
  Engine engine = *Engine::Create(config);
  engine.Ingest(log);
  engine.Finish();
  return engine;
}

Query In(std::map<std::string, std::string> where,
         std::vector<std::string> kpis = {"first_response_time"}) {
  Query query;
  query.kpis = std::move(kpis);
  query.where = std::move(where);
  return query;
}

TEST(ScopedQueryTest, OnlyWhatIsInTheScopeCounts) {
  Engine engine = Fed(Config(), TwoChannels());
  Report report = *engine.Ask(In({{"channel", "web"}}));
  ASSERT_EQ(report.rows.size(), 1u);
  EXPECT_TRUE(report.rows[0].group.empty());
  EXPECT_EQ(report.rows[0].value, 600.0);
  report = *engine.Ask(In({{"channel", "facebook"}}));
  ASSERT_EQ(report.rows.size(), 1u);
  EXPECT_EQ(report.rows[0].value, 1800.0);
}

TEST(ScopedQueryTest, AValueNeverSeenHasNoRows) {
  Engine engine = Fed(Config(), TwoChannels());
  EXPECT_TRUE(engine.Ask(In({{"channel", "telegram"}}))->rows.empty());
}

TEST(ScopedQueryTest, AnEmptyValueIsWhatHasNone) {
  Engine engine = Fed(Config(), TwoChannels());
  EXPECT_EQ(engine.Ask(In({{"team", ""}}))->rows.at(0).value, 1200.0);
  EXPECT_TRUE(engine.Ask(In({{"channel", ""}}))->rows.empty());
}

TEST(ScopedQueryTest, DimensionsThatNothingKeepsTogetherAreNotFound) {
  Engine engine = Fed(Config(), TwoChannels());
  Query query = In({{"channel", "web"}});
  query.by = GroupBy{{Dimension::Field::kAgent, ""}};
  EXPECT_EQ(engine.Ask(query).status().message(),
            "no configured group keeps agent,channel together");
  EXPECT_EQ(engine.Ask(In({{"chanel", "web"}})).status().message(),
            "where: \"chanel\" is no dimension");
  EXPECT_EQ(engine.Ask(In({{"tag.plan", "gold"}})).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(ScopedQueryTest, ARuleKeepsItsScopeAndGroupsTogether) {
  Config config;
  ScalingRule rule;
  rule.id = "r";
  rule.kpi = "first_response_time";
  rule.scope = {{"channel", "facebook"}};
  rule.by = {{Dimension::Field::kAgent, ""}};
  config.scaling_matrix = {rule};
  Engine engine = Fed(config, TwoChannels());
  Query query = In({{"channel", "facebook"}});
  query.by = rule.by;
  Report report = *engine.Ask(query);
  ASSERT_EQ(report.rows.size(), 1u);
  EXPECT_EQ(report.rows[0].group.at(0).second, "bob");
  EXPECT_EQ(report.rows[0].value, 1800.0);
  // A report that asks for all groups does not show it.
  report = *engine.Ask(Query());
  for (const ReportRow& row : report.rows) {
    EXPECT_LE(row.group.size(), 1u);
  }
}

TEST(ScopedQueryTest, ACardKeepsBothScopesTogether) {
  Config config;
  Scorecard scorecard;
  scorecard.scope = {{"channel", "facebook"}};
  ScoreCard card;
  card.kpi = "first_response_time";
  card.scope = {{"tag.plan", "gold"}};
  scorecard.cards = {card};
  config.scorecards = {scorecard};
  Log log = TwoChannels();
  const std::vector<Tag> gold = {{"plan", "gold"}};
  log[3].tags = gold;
  Engine engine = Fed(config, log);
  Report report =
      *engine.Ask(In({{"channel", "facebook"}, {"tag.plan", "gold"}}));
  ASSERT_EQ(report.rows.size(), 1u);
  EXPECT_EQ(report.rows[0].value, 1800.0);
}

TEST(ReferencedKpiTest, OneThatOnlyACardNamesIsFoundButNotShown) {
  Config config;
  config.kpis_given = true;
  config.kpis = {Spec(Kpi::kArrivals)};
  Scorecard scorecard;
  ScoreCard card;
  card.kpi = "first_response_time";
  scorecard.cards = {card};
  config.scorecards = {scorecard};
  ReportSchedule schedule;
  schedule.kpis = {"answered"};
  config.reports = {schedule};
  Engine engine = Fed(config, TwoChannels());
  EXPECT_EQ(engine.Ask(In({}))->rows.at(0).value, 1200.0);
  EXPECT_EQ(engine.Ask(In({}, {"answered"}))->rows.at(0).value, 2.0);
  const Report report = *engine.Ask(Query());
  for (const ReportRow& row : report.rows) {
    EXPECT_EQ(row.kpi, "arrivals");
  }
  EXPECT_EQ(engine.Ask(In({}, {"accuracy"})).status().message(),
            "no KPI \"accuracy\" is configured");
}

// The configured KPIs called first_response_time are others than the default
// that the card means.
TEST(ReferencedKpiTest, ANameStandsForOneKpi) {
  Config config;
  config.kpis_given = true;
  config.kpis = {Spec(Kpi::kFirstResponseTime), Spec(Kpi::kFirstResponseTime)};
  config.kpis[0].id = "slowest";
  config.kpis[0].statistic = Statistic::kMax;
  config.kpis[1].id = "fastest";
  config.kpis[1].statistic = Statistic::kMin;
  Scorecard scorecard;
  ScoreCard card;
  card.kpi = "first_response_time";
  scorecard.cards = {card};
  config.scorecards = {scorecard};
  Engine engine = Fed(config, TwoChannels());
  Query query = In({});
  query.by = GroupBy();
  EXPECT_EQ(engine.Ask(query)->rows.size(), 2u);
  query.names = Query::Names::kReferenced;
  Report report = *engine.Ask(query);
  ASSERT_EQ(report.rows.size(), 1u);
  EXPECT_EQ(report.rows[0].value, 1200.0);
  EXPECT_EQ(report.rows[0].id, "");
}

TEST(ReferencedKpiTest, AnUnknownNameIsRefusedWithItsPlace) {
  Config config;
  ScalingRule rule;
  rule.kpi = "asa";
  config.scaling_matrix = {rule};
  EXPECT_EQ(Engine::Create(config).status().message(),
            "scaling_matrix[0].kpi: no KPI \"asa\"");
  config.scaling_matrix[0].kpi = "speed_of_answer";
  config.scaling_matrix[0].scope = {{"chanel", "x"}};
  EXPECT_EQ(Engine::Create(config).status().message(),
            "scaling_matrix[0].scope.chanel: is no dimension");
}

// The total in a scope is the row of that group, for every KPI and window.
TEST(ScopedQueryTest, ATotalInAScopeIsTheRowOfThatGroup) {
  size_t compared = 0;
  for (const uint64_t seed : oracle::Seeds(30, 1)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomLog log = MakeRandomLog(seed);
    log.config.allowed_lateness_us = 1000 * kDay;
    for (const Dimension::Field field :
         {Dimension::Field::kChannel, Dimension::Field::kTeam,
          Dimension::Field::kAgent}) {
      log.config.groups.push_back({{field, ""}});
    }
    log.config.groups_given = true;
    absl::StatusOr<Engine> engine = Engine::Create(log.config);
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine->Ingest(log.events);
    if (seed % 2 == 0) engine->Finish();
    for (const char* name : {"channel", "team", "agent"}) {
      Query query = log.query;
      query.by = GroupBy{*ParseDimension(name)};
      Report all = *engine->Ask(query);
      std::map<std::string, std::vector<std::string>> expected;
      for (const ReportRow& row : all.rows) {
        expected[row.group.at(0).second.value_or("")].push_back(Line(row));
      }
      for (const auto& [value, lines] : expected) {
        Query scoped = log.query;
        scoped.by.reset();
        scoped.where = {{name, value}};
        std::vector<std::string> actual;
        const Report report = *engine->Ask(scoped);
        for (const ReportRow& row : report.rows) {
          EXPECT_TRUE(row.group.empty());
          actual.push_back(Line(row));
        }
        ASSERT_EQ(actual, lines) << name << "=" << value;
        compared += lines.size();
      }
    }
  }
  if (oracle::AsUsual()) {
    EXPECT_GT(compared, 100u);
  }
}

}  // namespace
}  // namespace cckpi
