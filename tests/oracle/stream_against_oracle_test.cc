// An engine in the middle of a stream agrees with the oracle at any moment.
//
// Events of a random log come in small batches, out of order by more than the
// allowed lateness now and then, beside the host's own now. Those that are late
// are handed back; whatever is asked meanwhile is what the oracle makes of the
// accepted ones as of now, and a row says whether it can still change.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cckpi/engine/engine.h"
#include "oracle/compare.h"
#include "oracle/oracle.h"
#include "oracle/random_log.h"
#include "oracle/settings.h"

namespace cckpi::oracle {
namespace {

// What is late, by the words of docs/events.md.
class Watermark {
 public:
  explicit Watermark(int64_t lateness_us) : lateness_us_(lateness_us) {}

  void Advance(int64_t now_us) { Reach(now_us); }
  bool Takes(const Event& event) {
    if (event.at_us < watermark_us_) return false;
    if (event.kind != EventKind::kForecast) Reach(event.at_us);
    return true;
  }
  int64_t watermark_us() const { return watermark_us_; }

 private:
  void Reach(int64_t now_us) {
    now_us_ = std::max(now_us_, now_us);
    watermark_us_ = std::max(watermark_us_, now_us_ - lateness_us_);
  }

  int64_t lateness_us_;
  int64_t now_us_ = std::numeric_limits<int64_t>::min() / 2;
  int64_t watermark_us_ = std::numeric_limits<int64_t>::min();
};

int64_t Number(const ReportRow& row, const std::string& name) {
  for (const Figure& figure : row.figures) {
    if (figure.name != name) continue;
    if (auto* number = std::get_if<int64_t>(&figure.value)) return *number;
  }
  return 0;
}

// Its window is not over, or, where it is booked by arrival or deadline,
// something of it is open or pending.
bool CanChange(const ReportRow& row, int64_t final_us) {
  if (row.end_us > final_us) return true;
  const std::string attribution = DefinitionOf(row, "attribution", "");
  if (attribution == "arrival" && Number(row, "open") != 0) return true;
  return Number(row, "pending") != 0;
}

// What differs between the engine and the oracle now.
std::string Compare(const Engine& engine, const Config& config,
                    const Query& query, const std::vector<Event>& accepted,
                    int64_t final_us) {
  const absl::StatusOr<Report> report = engine.Ask(query);
  if (!report.ok()) return report.status().ToString();
  if (engine.now_us() == kNoTime) {
    return report->rows.empty() ? "" : "rows out of nothing";
  }
  const OracleResult expected =
      Oracle(config).Run(accepted, engine.now_us(), query);
  std::string lines;
  for (const std::string& difference :
       CompareRows(expected.rows, report->rows, query.every)) {
    lines += difference + "\n";
  }
  for (const ReportRow& row : report->rows) {
    if (row.provisional == CanChange(row, final_us)) continue;
    lines += RowKey(row, ClockOf(row), PartOf(row), query.every) +
             (row.provisional ? ": is provisional\n" : ": is final\n");
  }
  return lines;
}

// Events in the order in which they arrive.
std::vector<Event> Arriving(const RandomLog& log, int64_t lateness_us,
                            SplitMix64& random) {
  std::vector<std::pair<int64_t, size_t>> order;
  const int64_t jitter_us = 1 + lateness_us * 5 / 4;
  for (size_t e = 0; e < log.events.size(); ++e) {
    order.emplace_back(log.events[e].at_us + random.Below(jitter_us), e);
  }
  std::stable_sort(order.begin(), order.end());
  std::vector<Event> events;
  for (const auto& [at_us, e] : order) events.push_back(log.events[e]);
  return events;
}

void Play(uint64_t seed) {
  const RandomLog log = MakeRandomLog(seed);
  SplitMix64 random(seed * 17 + 3);
  Config config = log.config;
  const int64_t lateness_us =
      random.Pick<int64_t>({0, kMinute, kHour, 8 * kHour, 2 * kDay});
  config.allowed_lateness_us = lateness_us;
  absl::StatusOr<Engine> engine = Engine::Create(config);
  ASSERT_TRUE(engine.ok()) << engine.status();
  const std::vector<Event> events = Arriving(log, lateness_us, random);
  Watermark watermark(lateness_us);
  // With the host's now known, far ahead of it is refused: so it keeps up.
  const bool has_clock = random.Chance(40);
  std::vector<Event> accepted;
  for (size_t begin = 0; begin < events.size();) {
    const size_t end = std::min(
        events.size(), begin + static_cast<size_t>(1 + random.Below(12)));
    const std::vector<Event> batch(
        events.begin() + static_cast<ptrdiff_t>(begin),
        events.begin() + static_cast<ptrdiff_t>(end));
    begin = end;
    if (has_clock) {
      int64_t now_us = batch.front().at_us;
      for (const Event& event : batch) now_us = std::max(now_us, event.at_us);
      ASSERT_TRUE(engine->Advance(ToTime(now_us)).ok());
      watermark.Advance(now_us);
    }
    const IngestResult result = engine->Ingest(batch);
    std::set<int64_t> handed_back;
    for (const Refusal& refusal : result.handed_back) {
      ASSERT_EQ(refusal.reason.rfind("late: ", 0), 0u) << refusal.reason;
      handed_back.insert(refusal.row);
    }
    ASSERT_EQ(result.late, static_cast<int64_t>(handed_back.size()));
    for (size_t e = 0; e < batch.size(); ++e) {
      const bool taken = watermark.Takes(batch[e]);
      ASSERT_EQ(handed_back.contains(static_cast<int64_t>(e) + 1), !taken)
          << "row " << e + 1 << " of " << ToJsonLines(batch);
      if (taken) accepted.push_back(batch[e]);
    }
    if (engine->now_us() != kNoTime) {
      ASSERT_EQ(engine->watermark_us(), watermark.watermark_us());
    }
    if (!random.Chance(30)) continue;
    ASSERT_EQ(
        Compare(*engine, config, log.query, accepted, watermark.watermark_us()),
        "")
        << DescribeConfig(config) << DescribeQuery(log.query, engine->now_us())
        << ToJsonLines(accepted);
  }
  engine->Finish();
  ASSERT_EQ(Compare(*engine, config, log.query, accepted, engine->now_us()), "")
      << "finished\n"
      << DescribeConfig(config) << DescribeQuery(log.query, engine->now_us())
      << ToJsonLines(accepted);
}

TEST(StreamAgainstOracleTest, AgreesAtAnyMomentOnWhatItAccepted) {
  for (const uint64_t seed : Seeds(80, 1)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Play(seed);
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace cckpi::oracle
