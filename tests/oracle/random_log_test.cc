// The random logs are valid and repeatable, and on them the oracle obeys the
// laws that every reading of the definitions must obey.

#include "oracle/random_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cckpi/kpi/catalogue.h"
#include "oracle/oracle.h"
#include "oracle/settings.h"

namespace cckpi::oracle {
namespace {

using ::testing::SizeIs;

std::string Print(const OracleResult& result) {
  std::string text;
  for (const OracleRow& row : result.rows) {
    text += row.id + " " + FormatTime(row.begin_us);
    for (const auto& [name, value] : row.group)
      text += " " + value.value_or("-");
    for (const OracleFigure& figure : row.figures) {
      text += " " + figure.name + "=" +
              std::to_string(row.Get(figure.name).value_or(-1));
    }
    text += "\n";
  }
  return text;
}

TEST(RandomLogTest, SameSeedSameLog) {
  EXPECT_EQ(ToJsonLines(MakeRandomLog(7).events),
            ToJsonLines(MakeRandomLog(7).events));
  EXPECT_NE(ToJsonLines(MakeRandomLog(7).events),
            ToJsonLines(MakeRandomLog(8).events));
}

TEST(RandomLogTest, EveryEventIsValidAndEveryKindOccurs) {
  std::set<EventKind> kinds;
  for (const uint64_t seed : Seeds(300, 0)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const RandomLog log = MakeRandomLog(seed);
    for (const Event& event : log.events) {
      ASSERT_TRUE(ValidateEvent(event).ok()) << ValidateEvent(event);
      kinds.insert(event.kind);
    }
    for (const KpiSpec& spec : log.config.kpis) {
      ASSERT_TRUE(ValidateKpiSpec(spec).ok());
    }
  }
  if (AsUsual()) {
    EXPECT_THAT(kinds, SizeIs(kEventKindCount));
  }
}

TEST(RandomLogTest, ArrivalOrderDoesNotMatterToTheOracle) {
  for (const uint64_t seed : Seeds(100, 0)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomLog log = MakeRandomLog(seed);
    const Oracle oracle(log.config);
    const std::string before =
        Print(oracle.Run(log.events, log.now_us, log.query));
    Shuffle(log.events, seed);
    ASSERT_EQ(Print(oracle.Run(log.events, log.now_us, log.query)), before);
  }
}

// The sum of each figure over the rows of each KPI; extremes do not add up.
std::map<std::string, int64_t> Totals(const OracleResult& result) {
  std::map<std::string, int64_t> totals;
  for (const OracleRow& row : result.rows) {
    for (const OracleFigure& figure : row.figures) {
      if (figure.name == "min_us" || figure.name == "max_us") continue;
      totals[row.kpi + "." + figure.name] += row.Get(figure.name).value_or(0);
    }
  }
  return totals;
}

TEST(RandomLogTest, GroupsAndWindowsAddUpToTheTotal) {
  for (const uint64_t seed : Seeds(200, 0)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomLog log = MakeRandomLog(seed);
    log.config.kpis.clear();
    for (Kpi kpi : {Kpi::kFirstResponseTime, Kpi::kServiceLevel,
                    Kpi::kFirstContactResolution, Kpi::kBotOutcome,
                    Kpi::kArrivals, Kpi::kAnswered, Kpi::kHandled,
                    Kpi::kMessages, Kpi::kAccuracy, Kpi::kReopened}) {
      log.config.kpis.push_back(DefaultSpec(kpi));
    }
    const Oracle oracle(log.config);
    Query total;
    total.by = GroupBy();
    Query fine;
    fine.by =
        GroupBy{{Dimension::Field::kTeam, ""}, {Dimension::Field::kAgent, ""}};
    fine.every = Frequency::kDaily;
    ASSERT_EQ(Totals(oracle.Run(log.events, log.now_us, total)),
              Totals(oracle.Run(log.events, log.now_us, fine)))
        << ToJsonLines(log.events);
  }
}

TEST(RandomLogTest, FirstResponsesAreEachMetOrMissedOrPendingOrVoid) {
  for (const uint64_t seed : Seeds(300, 0)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomLog log = MakeRandomLog(seed);
    log.config.kpis = {DefaultSpec(Kpi::kFirstResponseTime),
                       DefaultSpec(Kpi::kServiceLevel),
                       DefaultSpec(Kpi::kBeyondTurnaround)};
    Query total;
    total.by = GroupBy();
    auto sums = Totals(Oracle(log.config).Run(log.events, log.now_us, total));
    const int64_t all =
        sums["service_level.met"] + sums["service_level.missed"] +
        sums["service_level.pending"] + sums["service_level.void"];
    // Void while in the bot is in no service level.
    const int64_t first = sums["first_response_time.count"] +
                          sums["first_response_time.open"] +
                          sums["first_response_time.void"];
    ASSERT_LE(all, first);
    ASSERT_GE(all, sums["first_response_time.count"] +
                       sums["first_response_time.open"]);
    // Both KPIs see the same deadlines.
    ASSERT_EQ(sums["service_level.met"], sums["beyond_turnaround.met"]);
    ASSERT_EQ(sums["service_level.missed"],
              sums["beyond_turnaround.late_answered"] +
                  sums["beyond_turnaround.overdue_unanswered"]);
  }
}

TEST(RandomLogTest, BacklogIsWhatOpenedAndMovedInWithoutWhatClosed) {
  for (const uint64_t seed : Seeds(300, 0)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomLog log = MakeRandomLog(seed);
    log.config.kpis = {DefaultSpec(Kpi::kBacklog)};
    Query query;
    query.by = GroupBy{{Dimension::Field::kAgent, ""}};
    query.every = Frequency::kDaily;
    std::map<std::string, int64_t> level;
    for (const OracleRow& row :
         Oracle(log.config).Run(log.events, log.now_us, query).rows) {
      int64_t& count = level[row.group[0].second.value_or("-")];
      count += *row.Get("opened") - *row.Get("closed") + *row.Get("moved");
      ASSERT_EQ(count, *row.Get("count")) << ToJsonLines(log.events);
      ASSERT_EQ(count, *row.Get("bot") + *row.Get("queue") +
                           *row.Get("agent_turn") + *row.Get("customer_turn") +
                           *row.Get("hold"));
    }
  }
}

TEST(RandomLogTest, ShrinkFindsTheFewestEvents) {
  const RandomLog log = MakeRandomLog(3);
  ASSERT_GT(log.events.size(), 5u);
  // Fails while both of two events are there.
  const std::string first = ToJsonLines({log.events[1]});
  const std::string second = ToJsonLines({log.events[4]});
  auto fails = [&](const std::vector<Event>& events) {
    const std::string text = ToJsonLines(events);
    return text.find(first) != text.npos && text.find(second) != text.npos;
  };
  ASSERT_TRUE(fails(log.events));
  EXPECT_THAT(Shrink(log.events, fails), SizeIs(first == second ? 1 : 2));
}

}  // namespace
}  // namespace cckpi::oracle
