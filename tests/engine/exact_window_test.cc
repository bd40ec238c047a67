// A query of one exact window says what an ordinary query says of that window.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/engine/engine.h"
#include "oracle/random_log.h"
#include "oracle/settings.h"

namespace cckpi {
namespace {

// Everything of a row but whether it is final.
std::string Text(const ReportRow& row) {
  std::string text = row.kpi.str() + " " + row.id.str() + " " +
                     FormatTime(row.begin_us) + " " + FormatTime(row.end_us);
  for (const auto& [name, value] : row.group) {
    text += " " + name + "=" + value.value_or("(none)");
  }
  text += " " + (row.value ? std::to_string(*row.value) : "-");
  for (const Figure& figure : row.figures) {
    text += " " + figure.name;
    if (const auto* n = std::get_if<int64_t>(&figure.value)) {
      text += "=" + std::to_string(*n);
    }
  }
  return text;
}

std::vector<std::string> Texts(const Report& report) {
  std::vector<std::string> texts;
  for (const ReportRow& row : report.rows) texts.push_back(Text(row));
  return texts;
}

TEST(ExactWindowTest, SaysWhatTheOrdinaryWindowSays) {
  int64_t rows = 0;
  for (const uint64_t seed : oracle::Seeds(40, 0)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const oracle::RandomLog log = oracle::MakeRandomLog(seed);
    Config config = log.config;
    config.allowed_lateness_us = 1000 * kDay;
    absl::StatusOr<Engine> engine = Engine::Create(config);
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine->Ingest(log.events);
    if (engine->now_us() == kNoTime) continue;
    const Zone zone = *LoadZone(log.config.time_zone);
    Query ordinary;
    ordinary.every = seed % 2 == 0 ? Frequency::kDaily : Frequency::kHourly;
    Window window = WindowContaining(
        engine->now_us(), ordinary.every, zone,
        static_cast<absl::Weekday>((log.config.week_starts + 6) % 7));
    ordinary.begin_us = window.begin_us;
    ordinary.end_us = window.end_us;
    Query exact;
    exact.window = window;
    const absl::StatusOr<Report> must_be = engine->Ask(ordinary);
    const absl::StatusOr<Report> is = engine->Ask(exact);
    ASSERT_TRUE(must_be.ok() && is.ok());
    EXPECT_EQ(Texts(*is), Texts(*must_be));
    rows += static_cast<int64_t>(is->rows.size());
  }
  if (oracle::AsUsual()) {
    EXPECT_GT(rows, oracle::Runs(40));
  }
}

TEST(ExactWindowTest, ManyQueriesAreAsOneByOne) {
  const oracle::RandomLog log = oracle::MakeRandomLog(7);
  Engine engine = *Engine::Create(log.config);
  engine.Ingest(log.events);
  std::vector<Query> queries(3);
  queries[1].every = Frequency::kDaily;
  queries[2].by = GroupBy{};
  const absl::StatusOr<std::vector<Report>> all = engine.AskAll(queries);
  ASSERT_TRUE(all.ok());
  for (size_t q = 0; q < queries.size(); ++q) {
    EXPECT_EQ(Texts((*all)[q]), Texts(*engine.Ask(queries[q])));
  }
  queries[1].window = Window{kSecond, kHour};
  EXPECT_EQ(engine.AskAll(queries).status().message(),
            "window: is no run of whole buckets");
}

}  // namespace
}  // namespace cckpi
