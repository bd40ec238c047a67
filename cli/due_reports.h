// cckpi report --due: the configured reports that are due, as files.

#ifndef CCKPI_CLI_DUE_REPORTS_H_
#define CCKPI_CLI_DUE_REPORTS_H_

#include <string>

#include "cli/common.h"
#include "cli/event_command.h"

namespace cckpi::cli {

struct DueOptions {
  bool wanted = false;
  std::string since;
};

// Writes each due report to the directory of `options.output.path`:
// ID-WINDOW.txt, .csv, .json or .html, where WINDOW is the window's begin in
// local time (2026-03-02, of months 2026-03, of hours in UTC,
// 20260302T0800Z); for CSV its scorecards as ID-WINDOW.scorecards.csv. Then
// due.json, which lists them with their recipients. The status to exit with.
ExitStatus RunDueReports(const EventOptions& options, const DueOptions& due);

}  // namespace cckpi::cli

#endif  // CCKPI_CLI_DUE_REPORTS_H_
