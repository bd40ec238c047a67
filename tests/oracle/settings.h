// What random tests take from the environment. Where nothing is set, each runs
// with its usual seeds; scripts/soak.sh runs them with others.
//
//   CCKPI_PROPERTY_SEED     the first seed, to go on elsewhere or to come back
//                           to a failure, which names its seed
//   CCKPI_PROPERTY_RUNS     how many runs, such as random logs
//   CCKPI_PROPERTY_PERCENT  how many percent of their usual number: sanitizers
//                           take fewer that way, of each test its share

#ifndef CCKPI_TESTS_ORACLE_SETTINGS_H_
#define CCKPI_TESTS_ORACLE_SETTINGS_H_

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

namespace cckpi::oracle {

// The number in the variable `name`, or `fallback` where it is not set.
inline int64_t Setting(const char* name, int64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::atoll(text);
}

// How many runs a test takes whose usual number is `usual`: one at least.
inline int64_t Runs(int64_t usual) {
  const int64_t share = Setting("CCKPI_PROPERTY_PERCENT", 100);
  return std::max<int64_t>(1,
                           Setting("CCKPI_PROPERTY_RUNS", usual * share / 100));
}

// Where a test begins whose usual seed is `usual`: for those with one generator
// for all runs.
inline uint64_t FirstSeed(uint64_t usual) {
  return static_cast<uint64_t>(
      Setting("CCKPI_PROPERTY_SEED", static_cast<int64_t>(usual)));
}

// The seed of each run. Those that `once_failed` come first, unless somebody
// says where to begin.
inline std::vector<uint64_t> Seeds(int64_t usual_runs, uint64_t usual_first,
                                   std::vector<uint64_t> once_failed = {}) {
  std::vector<uint64_t> seeds;
  if (std::getenv("CCKPI_PROPERTY_SEED") == nullptr) {
    seeds = std::move(once_failed);
  }
  uint64_t next = FirstSeed(usual_first);
  for (int64_t run = Runs(usual_runs); run > 0; --run) seeds.push_back(next++);
  return seeds;
}

// Whether the seeds are the usual ones, or a share of them. What all runs come
// to, such as how many rows were compared, is known of those only.
inline bool AsUsual() {
  return std::getenv("CCKPI_PROPERTY_SEED") == nullptr &&
         std::getenv("CCKPI_PROPERTY_RUNS") == nullptr;
}

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_SETTINGS_H_
