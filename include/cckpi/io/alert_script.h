// Tests of scaling rules: a series of values, and what must come of it.
//
// A script is a JSON file that anybody who writes rules can write too; the
// format is described in docs/scaling.md. `cckpi alerts --test FILE` runs it.
//
//   constexpr char kScript[] = R"script({
//     "config": {"scaling_matrix": [
//       {"id": "asa", "kpi": "speed_of_answer", "target": "<=120s",
//        "bands": [{"level": "warning", "over": "120s", "dwell": "2m",
//                   "notify": ["lead"]}]}]},
//     "cases": [
//       {"name": "fires when the dwell is over",
//        "values": "100s 130s*3",
//        "states": "ok pending(warning)*2 firing(warning)",
//        "sent": {"3m": ["opened warning to lead"]}}]})script";
//   absl::StatusOr<AlertScriptResult> result = RunAlertScript(kScript, {});
//   // result->cases: 1, result->failed: 0
//
// This file defines AlertScriptResult, AlertScriptTotals and RunAlertScript.

#ifndef CCKPI_IO_ALERT_SCRIPT_H_
#define CCKPI_IO_ALERT_SCRIPT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "cckpi/kpi/config.h"

namespace cckpi {

// A case fails once, however many of its expectations do.
struct AlertScriptTotals {
  int64_t cases = 0;
  int64_t failed = 0;
};

struct AlertScriptResult : AlertScriptTotals {
  // `fires twice: asa at 3m: is firing(warning), must be ok`
  std::vector<std::string> failures;
};

// Runs every case. `load` reads the configuration that a script names by its
// path; without it only inline ones go. InvalidArgument with the path of what
// is wrong in the script: `cases[2].values: …`.
absl::StatusOr<AlertScriptResult> RunAlertScript(
    std::string_view json,
    const std::function<absl::StatusOr<Config>(const std::string& path)>& load);

}  // namespace cckpi

#endif  // CCKPI_IO_ALERT_SCRIPT_H_
