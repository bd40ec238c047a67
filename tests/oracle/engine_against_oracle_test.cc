// The engine and the oracle give the same numbers for any log. What fails is
// shrunk to the KPI and the few events that it takes, and printed.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "cckpi/engine/engine.h"
#include "oracle/compare.h"
#include "oracle/oracle.h"
#include "oracle/random_log.h"
#include "oracle/settings.h"

namespace cckpi::oracle {
namespace {

// How the events come in, and how much is final when the question is asked.
enum class Delivery {
  kSorted,    // in order, in one batch, all final
  kShuffled,  // in any order, in small batches, nothing final
  kSettled,   // in any order, in small batches, then all final
};
constexpr const char* kDeliveryNames[] = {"sorted", "shuffled", "settled"};

struct Case {
  Config config;
  std::vector<Event> events;
  Query query;
  int64_t now_us = 0;
  Delivery delivery = Delivery::kSorted;
  uint64_t seed = 0;
};

std::vector<std::string> Differences(const Case& c) {
  Config config = c.config;
  std::vector<Event> events = c.events;
  if (c.delivery == Delivery::kSorted) {
    config.allowed_lateness_us = 0;
    std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
      return CompareEvents(a, b) < 0;
    });
  } else {
    config.allowed_lateness_us = 3650 * kDay;
    Shuffle(events, c.seed);
  }
  absl::StatusOr<Engine> engine = Engine::Create(config);
  if (!engine.ok()) return {engine.status().ToString()};
  const size_t batch = c.delivery == Delivery::kSorted ? events.size() : 7;
  IngestResult taken;
  for (size_t i = 0; i < events.size(); i += batch) {
    const size_t size = std::min(batch, events.size() - i);
    const IngestResult part =
        engine->Ingest(std::span<const Event>(events).subspan(i, size));
    taken.late += part.late;
  }
  std::vector<std::string> differences;
  if (taken.late != 0) differences.push_back("events are late");
  if (absl::Status status = engine->Advance(ToTime(c.now_us)); !status.ok()) {
    differences.push_back(status.ToString());
  }
  if (c.delivery != Delivery::kShuffled) engine->Finish();
  const absl::StatusOr<Report> report = engine->Ask(c.query);
  if (!report.ok()) return {report.status().ToString()};
  const OracleResult expected = Oracle(config).Run(events, c.now_us, c.query);
  for (std::string& difference :
       CompareRows(expected.rows, report->rows, c.query.every)) {
    differences.push_back(std::move(difference));
  }
  auto count = [&](const char* name, int64_t actual, int64_t wanted) {
    if (actual == wanted) return;
    differences.push_back(
        absl::StrCat("events ", name, ": ", actual, ", must be ", wanted));
  };
  count("applied", report->events.applied, expected.events.applied);
  count("duplicate", report->events.duplicate, expected.events.duplicate);
  count("refused", report->events.refused, expected.events.refused);
  return differences;
}

// The same failure with as little as possible.
Case Smallest(Case c) {
  auto fails_with_kpis = [&](const std::vector<KpiSpec>& kpis) {
    Case fewer = c;
    fewer.config.kpis = kpis;
    return !Differences(fewer).empty();
  };
  c.config.kpis = ShrinkKpis(c.config.kpis, fails_with_kpis);
  auto fails_with_events = [&](const std::vector<Event>& events) {
    Case fewer = c;
    fewer.events = events;
    return !Differences(fewer).empty();
  };
  c.events = Shrink(c.events, fails_with_events);
  return c;
}

Case MakeCase(const RandomLog& log, uint64_t seed) {
  Case c;
  c.config = log.config;
  c.query = log.query;
  c.now_us = log.now_us;
  c.delivery = static_cast<Delivery>(seed % 3);
  c.seed = seed;
  // The engine knows no time before its greatest `at`.
  std::copy_if(log.events.begin(), log.events.end(),
               std::back_inserter(c.events),
               [&](const Event& event) { return event.at_us <= log.now_us; });
  return c;
}

TEST(EngineAgainstOracleTest, AnyLogGivesTheSameNumbers) {
  const std::vector<uint64_t> once_failed = {1743, 1833};
  for (const uint64_t seed : Seeds(300, 1, once_failed)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const RandomLog log = MakeRandomLog(seed);
    const Case c = MakeCase(log, seed);
    if (Differences(c).empty()) continue;
    const Case least = Smallest(c);
    std::string lines;
    for (const std::string& difference : Differences(least)) {
      lines += difference + "\n";
    }
    FAIL() << kDeliveryNames[static_cast<int>(least.delivery)] << "\n"
           << DescribeConfig(least.config)
           << DescribeQuery(least.query, least.now_us)
           << ToJsonLines(least.events) << lines;
  }
}

}  // namespace
}  // namespace cckpi::oracle
