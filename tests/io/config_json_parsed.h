// Configurations as tests of config_json.h read them: parsed, or their errors;
// and the text around the one rule or card that a test is about.

#ifndef CCKPI_TESTS_IO_CONFIG_JSON_PARSED_H_
#define CCKPI_TESTS_IO_CONFIG_JSON_PARSED_H_

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cckpi/io/config_json.h"

namespace cckpi {

inline Config Parsed(std::string_view json) {
  absl::StatusOr<Config> config = ParseConfig(json);
  EXPECT_TRUE(config.ok()) << config.status() << "\n" << json;
  return config.ok() ? *std::move(config) : Config();
}

// The lines of the error message.
inline std::vector<std::string> Errors(std::string_view json) {
  absl::StatusOr<Config> config = ParseConfig(json);
  if (config.ok()) return {};
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
  std::vector<std::string> lines;
  std::istringstream text(std::string(config.status().message()));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

// A rule with what every rule needs, and more.
inline std::string Rule(const std::string& more, const std::string& bands) {
  return R"({"scaling_matrix": [{"id": "r", "kpi": "speed_of_answer",
             "target": "<=120s")" +
         more + R"(, "bands": [)" + bands + "]}]}";
}

// A scorecard of one card.
inline std::string Card(const std::string& scorecard, const std::string& card) {
  return R"({"scorecards": [{"id": "s", )" + scorecard + R"("cards": [{)" +
         card + "}]}]}";
}

}  // namespace cckpi

#endif  // CCKPI_TESTS_IO_CONFIG_JSON_PARSED_H_
