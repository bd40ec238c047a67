// What random tests take from the environment: how many logs, from which seed.

#ifndef CCKPI_TESTS_ORACLE_SETTINGS_H_
#define CCKPI_TESTS_ORACLE_SETTINGS_H_

#include <cstdint>
#include <cstdlib>

namespace cckpi::oracle {

// The number in the variable `name`, such as CCKPI_PROPERTY_RUNS, or `fallback`
// where it is not set.
inline int64_t Setting(const char* name, int64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::atoll(text);
}

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_SETTINGS_H_
