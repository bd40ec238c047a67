// The slow oracle of a rule: what holds after a series of ticks, from the
// whole series at once.
//
// It keeps no state between ticks. For every tick it looks back over all
// earlier ones and asks the questions of docs/scaling.md directly: since when
// has this band been reached without a break? was it left for as long as
// `hold`? when was the last notification? It shares no code with the
// evaluator.

#ifndef CCKPI_TESTS_SCALING_RULE_ORACLE_H_
#define CCKPI_TESTS_SCALING_RULE_ORACLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cckpi/kpi/config.h"
#include "cckpi/scaling/evaluator.h"

namespace cckpi {

struct OracleTick {
  int64_t at_us = 0;
  std::optional<int64_t> value_micro;
  int64_t n = 0;
  bool silent = false;
  bool acknowledged = false;  // before this tick, if an incident is open
};

// "firing(1)" after each tick, and "3: opened 1" of what was sent at tick 3.
struct OracleResult {
  std::vector<std::string> states;
  std::vector<std::string> sent;
};

OracleResult RunRuleOracle(const ScalingRule& rule,
                           const std::vector<OracleTick>& ticks);

}  // namespace cckpi

#endif  // CCKPI_TESTS_SCALING_RULE_ORACLE_H_
