// What random tests take from the environment: how many runs, from which seed.

#ifndef CCKPI_TESTS_ORACLE_SETTINGS_H_
#define CCKPI_TESTS_ORACLE_SETTINGS_H_

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace cckpi::oracle {

// The number in the variable `name`, such as CCKPI_PROPERTY_RUNS, or `fallback`
// where it is not set.
inline int64_t Setting(const char* name, int64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::atoll(text);
}

// How many runs a test takes, such as random logs: CCKPI_PROPERTY_RUNS, or of
// its `usual` number as many percent as CCKPI_PROPERTY_PERCENT says, one at
// least. Sanitizers take fewer that way, of each test its share.
inline int64_t Runs(int64_t usual) {
  const int64_t share = Setting("CCKPI_PROPERTY_PERCENT", 100);
  return std::max<int64_t>(1,
                           Setting("CCKPI_PROPERTY_RUNS", usual * share / 100));
}

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_SETTINGS_H_
