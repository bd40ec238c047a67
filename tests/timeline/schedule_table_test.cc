#include "src/timeline/schedule_table.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <set>
#include <vector>

namespace cckpi {
namespace {

OpeningHours Always() { return *OpeningHours::Create(CalendarSpec()); }

// As many rules as asked for of each field, each of which names one value.
std::vector<ResolvedRule> Rules(const std::array<TextId, 4>& counts) {
  const OpeningHours hours = Always();
  std::vector<ResolvedRule> rules;
  for (size_t field = 0; field < counts.size(); ++field) {
    for (TextId value = 1; value <= counts[field]; ++value) {
      rules.push_back({{}, kNoTime, hours});
      rules.back().fields[field] = value;
    }
  }
  return rules;
}

TEST(ScheduleTableTest, SaysHowManySchedulesRulesCanMake) {
  EXPECT_EQ(ScheduleTable::MostSchedules({}), 1u);
  EXPECT_EQ(ScheduleTable::MostSchedules(Rules({3, 0, 0, 0})), 4u);
  EXPECT_EQ(ScheduleTable::MostSchedules(Rules({3, 1, 0, 2})), 24u);
  EXPECT_EQ(ScheduleTable::MostSchedules(Rules({15, 15, 15, 15})),
            ScheduleTable::kMostSchedules);
  std::vector<ResolvedRule> twice = Rules({2, 0, 0, 0});
  twice.push_back(twice.front());
  twice.back().from_us = 0;
  EXPECT_EQ(ScheduleTable::MostSchedules(twice), 3u);
}

TEST(ScheduleTableTest, HasANumberForEachOfAsManyAsThereCanBe) {
  ScheduleTable table(Rules({15, 15, 15, 15}), SchedulePolicy::kInForce);
  std::set<uint16_t> numbers;
  // Value 16 is one that no rule names.
  for (TextId team = 1; team <= 16; ++team) {
    for (TextId channel = 1; channel <= 16; ++channel) {
      for (TextId source = 1; source <= 16; ++source) {
        for (TextId priority = 1; priority <= 16; ++priority) {
          numbers.insert(table.Resolve({team, channel, source, priority}));
        }
      }
    }
  }
  EXPECT_EQ(numbers.size(), ScheduleTable::kMostSchedules);
  EXPECT_EQ(table.Resolve({16, 16, 16, 16}), 0u);
}

TEST(ScheduleTableTest, KnowsWhichRulesMatchTogether) {
  std::vector<ResolvedRule> rules = Rules({2, 1, 0, 0});
  rules.push_back({{1, 1, 0, 0}, kNoTime, Always()});
  const ScheduleTable table(rules, SchedulePolicy::kInForce);
  // 0: team 1; 1: team 2; 2: channel 1; 3: both team 1 and channel 1.
  EXPECT_TRUE(table.MatchTogether({0}));
  EXPECT_TRUE(table.MatchTogether({1}));
  EXPECT_TRUE(table.MatchTogether({1, 2}));
  EXPECT_TRUE(table.MatchTogether({0, 2, 3}));
  EXPECT_FALSE(table.MatchTogether({0, 1}));
  EXPECT_FALSE(table.MatchTogether({0, 2}));
  EXPECT_FALSE(table.MatchTogether({3}));
  EXPECT_FALSE(table.MatchTogether({2, 3}));
}

}  // namespace
}  // namespace cckpi
