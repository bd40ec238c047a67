// Random event logs that look for trouble, and what to do with one that found
// it.
//
//   RandomLog log = MakeRandomLog(seed);
//   Shuffle(log.events, seed);                        // any arrival order
//   std::vector<Event> least = Shrink(log.events, fails);
//   std::cerr << ToJsonLines(least) << DescribeConfig(log.config);
//
// The same seed gives the same log on every machine. A log has few interactions
// and customers, so that repeats, reopened cases and ties happen often; its
// times lie around a clock change and sometimes on a coarse grid; its events
// come in plausible and in impossible orders. One log of a hundred is 8 times
// as large, one of a thousand 40 times, so that what is put off and let go
// together is more than fits.

#ifndef CCKPI_TESTS_ORACLE_RANDOM_LOG_H_
#define CCKPI_TESTS_ORACLE_RANDOM_LOG_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/event/event.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/report.h"

namespace cckpi::oracle {

// Sebastiano Vigna's SplitMix64 (public domain): the state steps by the golden
// ratio and is mixed.
class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}

  uint64_t Next();
  // In [0, limit); limit > 0.
  int64_t Below(int64_t limit);
  bool Chance(int percent) { return Below(100) < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& items) {
    return items[static_cast<size_t>(
        Below(static_cast<int64_t>(items.size())))];
  }

 private:
  uint64_t state_;
};

// Owns the text that its events borrow: it can be moved, not copied.
struct RandomLog {
  RandomLog() = default;
  RandomLog(RandomLog&&) = default;
  RandomLog& operator=(RandomLog&&) = default;
  RandomLog(const RandomLog&) = delete;
  RandomLog& operator=(const RandomLog&) = delete;

  std::vector<Event> events;  // valid, in the order of generation
  Config config;              // with KPIs of its own, each with an id
  Query query;
  int64_t now_us = 0;

  std::deque<std::string> texts;
  std::deque<std::vector<Tag>> tags;
  std::deque<std::vector<ErrorCount>> errors;
};

RandomLog MakeRandomLog(uint64_t seed);

// A seeded permutation.
void Shuffle(std::vector<Event>& events, uint64_t seed);

// Takes events out, greedily, as long as `fails` stays true; it must be true of
// `events`.
std::vector<Event> Shrink(
    std::vector<Event> events,
    const std::function<bool(const std::vector<Event>&)>& fails);
// The same for the KPIs of a configuration.
std::vector<KpiSpec> ShrinkKpis(
    std::vector<KpiSpec> kpis,
    const std::function<bool(const std::vector<KpiSpec>&)>& fails);

// For reading: the events in their total order as JSON Lines, and what matters
// of the configuration and the query.
std::string ToJsonLines(std::vector<Event> events);
std::string DescribeConfig(const Config& config);
std::string DescribeQuery(const Query& query, int64_t now_us);

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_RANDOM_LOG_H_
