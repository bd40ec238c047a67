#include "src/kpi/row_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "cckpi/base/dictionary.h"
#include "oracle/settings.h"
#include "src/timeline/dimensions.h"

namespace cckpi {
namespace {

// Agents whose names are known to the answers that are kept.
class RowOrderTest : public testing::Test {
 protected:
  static constexpr size_t kAgents = 40;

  RowOrderTest() : dimensions_({{kSlotAgent}}, kSlotTags) {
    for (size_t a = 0; a < kAgents; ++a) {
      // Not in the order of their names.
      const std::string name = "agent " + std::to_string(a * 7 % kAgents);
      dimensions_.InternGroup(0, {texts_.Intern(name)});
    }
    const GroupBy by = {{Dimension::Field::kAgent, ""}};
    places_ = kept_.Places(by, dimensions_, 0, {0}, texts_);
  }

  // Rows of some agents, in the order of their places; now and then of one who
  // is not known before.
  std::vector<ReportRow> RowsOf(const char* kpi, const char* id, int windows) {
    std::vector<ReportRow> rows;
    for (int window = 0; window < windows; ++window) {
      for (size_t place = 0; place < kAgents; ++place) {
        if (random_() % 8 == 0) continue;
        ReportRow& row = rows.emplace_back();
        row.kpi = kpi;
        row.id = id;
        row.begin_us = window - 10;
        row.group = places_->labels[place];
        row.value = static_cast<double>(random_() % 1000);
      }
      if (random_() % 8 == 0) {
        ReportRow& row = rows.emplace_back();
        row.kpi = kpi;
        row.id = id;
        row.begin_us = window - 10;
        row.group = {{"agent", "agent 1" + std::to_string(random_() % 10)}};
      }
    }
    return rows;
  }

  Dictionary texts_;
  DimensionTable dimensions_;
  KeptAnswers kept_;
  const GroupPlaces* places_ = nullptr;
  const uint64_t seed_ = oracle::FirstSeed(1);
  std::mt19937_64 random_{seed_};
};

using Seen = std::vector<
    std::tuple<std::string, int64_t, RowLabels::List, std::string, double>>;

Seen SeenIn(const std::vector<ReportRow>& rows) {
  Seen seen;
  for (const ReportRow& row : rows) {
    seen.emplace_back(row.kpi, row.begin_us, row.group.list(), row.id,
                      row.value.value_or(-1));
  }
  return seen;
}

TEST_F(RowOrderTest, IsThatOfTheirNamesHoweverOftenTheyAreAsked) {
  for (int round = 0; round < oracle::Runs(300); ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << seed_ << ", round " << round);
    std::vector<std::vector<ReportRow>> parts;
    const int windows = round % 5 == 0 ? 2 : round % 7 == 0 ? 30 : 1;
    parts.push_back(RowsOf("wait", "mean", windows));
    parts.push_back(RowsOf("wait", round % 3 == 0 ? "max" : "p90", windows));
    if (round % 4 != 0) parts.push_back(RowsOf("arrivals", "", windows));
    if (round % 11 == 0) {
      for (std::vector<ReportRow>& rows : parts) rows.resize(3);
    }
    // The same rows again, then in two windows, then with other names.
    for (const char* what : {"anew", "again", "moved", "renamed"}) {
      if (what == std::string("moved")) {
        for (size_t r = parts[0].size() / 2; r < parts[0].size(); ++r) {
          ++parts[0][r].begin_us;
        }
      }
      if (what == std::string("renamed")) {
        for (ReportRow& row : parts[0]) {
          row.begin_us = 0;
          row.group = places_->labels[random_() % kAgents];
          row.value = 0;
        }
      }
      Seen expected;
      for (const std::vector<ReportRow>& rows : parts) {
        const Seen seen = SeenIn(rows);
        expected.insert(expected.end(), seen.begin(), seen.end());
      }
      std::stable_sort(expected.begin(), expected.end(),
                       [](const auto& a, const auto& b) {
                         const auto key = [](const auto& row) {
                           return std::tie(std::get<0>(row), std::get<1>(row),
                                           std::get<2>(row), std::get<3>(row));
                         };
                         return key(a) < key(b);
                       });
      ASSERT_EQ(SeenIn(InOrder(parts, kept_)), expected) << what;
    }
  }
}

// Another name may come to lie where one lay that is gone.
TEST_F(RowOrderTest, IsKeptOfNamesThatStayOnly) {
  std::vector<ReportRow> rows(2);
  rows[0].group = places_->labels[1];
  rows[1].group = {{"agent", "a"}};
  InOrder({rows}, kept_);
  EXPECT_TRUE(kept_.Order().labels.empty());
  rows[1].group = places_->labels[2];
  InOrder({rows}, kept_);
  EXPECT_EQ(kept_.Order().labels.size(), 2u);
}

// The same names in other KPIs are other rows.
TEST_F(RowOrderTest, TellsApartWhoseRowsTheyAre) {
  std::vector<RowLabels> names = places_->labels;
  std::sort(names.begin(), names.end());
  const auto rows_of = [&](const char* kpi, std::vector<size_t> which) {
    std::vector<ReportRow> rows(which.size());
    for (size_t r = 0; r < rows.size(); ++r) {
      rows[r].kpi = kpi;
      rows[r].group = names[which[r]];
    }
    return rows;
  };
  const auto order = [&](std::vector<std::vector<ReportRow>> parts) {
    std::string seen;
    for (const ReportRow& row : InOrder(std::move(parts), kept_)) {
      const auto name = std::find(names.begin(), names.end(), row.group);
      seen += row.kpi.str() + std::to_string(name - names.begin());
    }
    return seen;
  };
  EXPECT_EQ(order({rows_of("a", {2}), rows_of("b", {1, 3})}), "a2b1b3");
  EXPECT_EQ(order({rows_of("a", {2}), rows_of("a", {1, 3})}), "a1a2a3");
  EXPECT_EQ(order({rows_of("a", {2, 1}), rows_of("b", {3})}), "a1a2b3");
  EXPECT_EQ(order({rows_of("a", {2}), rows_of("b", {1, 3})}), "a2b1b3");
}

TEST_F(RowOrderTest, OfNothingIsNothing) {
  EXPECT_TRUE(InOrder({}, kept_).empty());
  EXPECT_TRUE(InOrder({{}, {}}, kept_).empty());
}

// What somebody else is at work on is done without.
TEST_F(RowOrderTest, IsFoundWhileAnotherQuestionHoldsWhatIsKept) {
  const std::vector<std::vector<ReportRow>> parts = {RowsOf("wait", "mean", 1),
                                                     RowsOf("wait", "max", 1)};
  const Seen expected = SeenIn(InOrder(parts, kept_));
  const Claim other(kept_.Order().taken);
  EXPECT_EQ(SeenIn(InOrder(parts, kept_)), expected);
}

}  // namespace
}  // namespace cckpi
