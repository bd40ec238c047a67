// What the scaling matrix says, as JSON Lines.
//
// One object a line, `type` first; docs/scaling.md describes every field.
//
//   {"type": "transition", "at": "2026-03-02T09:02:00Z", "rule": "asa",
//    "group": {}, "from": "ok", "to": "firing", "to_level": "warning"}
//
//   absl::StatusOr<Config> config = ParseConfig(R"({"scaling_matrix": [
//     {"id": "waiting", "kpi": "backlog", "target": "<=50",
//      "bands": [{"level": "warning", "over": 50}]}]})");
//   AlertWriter writer(*config);
//   Transition transition;
//   transition.rule = "waiting";
//   transition.to = AlertState::kOk;
//   std::string line = writer.TransitionLine(transition);
//
// Values are in the unit of the rule's KPI; `cckpi/io/config_json.h` reads
// configurations.
//
// This file defines AlertWriter.

#ifndef CCKPI_IO_ALERT_JSON_H_
#define CCKPI_IO_ALERT_JSON_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "cckpi/kpi/config.h"
#include "cckpi/kpi/report.h"
#include "cckpi/scaling/rule_set.h"

namespace cckpi {

class AlertWriter {
 public:
  // Of what the rules of this configuration say.
  explicit AlertWriter(const Config& config);

  // A line with its newline. A rule that the configuration does not have is
  // written without its unit, statistic and scope.
  std::string TransitionLine(const Transition& transition) const;
  std::string NotificationLine(const Notification& notification) const;
  // Where a rule stands for a group: `type` is "alert".
  std::string AlertLine(const Alert& alert) const;

  // For people: "2m 11s", "84.2 %", "57"; "-" of no value.
  std::string ValueText(std::string_view rule,
                        const std::optional<ExactValue>& value) const;

 private:
  struct RuleNames {
    std::optional<Unit> unit;
    std::string statistic;
    std::string window;
    std::map<std::string, std::string> scope;
  };
  const RuleNames& NamesOf(std::string_view rule) const;

  std::map<std::string, RuleNames, std::less<>> rules_;
  RuleNames unknown_;
};

}  // namespace cckpi

#endif  // CCKPI_IO_ALERT_JSON_H_
