// The commands of the tool. Each function adds one to `app`; running it
// leaves the status to exit with in `*exit_status`.

#ifndef CCKPI_CLI_COMMANDS_H_
#define CCKPI_CLI_COMMANDS_H_

#include "cli/common.h"

namespace CLI {
class App;
}

namespace cckpi::cli {

void AddReportCommand(CLI::App* app, ExitStatus* exit_status);
void AddExplainCommand(CLI::App* app, ExitStatus* exit_status);
void AddScorecardCommand(CLI::App* app, ExitStatus* exit_status);
void AddSnapshotCommand(CLI::App* app, ExitStatus* exit_status);
void AddMergeCommand(CLI::App* app, ExitStatus* exit_status);
void AddResumeCommand(CLI::App* app, ExitStatus* exit_status);
void AddKpisCommand(CLI::App* app, ExitStatus* exit_status);
void AddCheckCommand(CLI::App* app, ExitStatus* exit_status);
void AddAlertsCommand(CLI::App* app, ExitStatus* exit_status);
void AddWatchCommand(CLI::App* app, ExitStatus* exit_status);
void AddGenerateCommand(CLI::App* app, ExitStatus* exit_status);

}  // namespace cckpi::cli

#endif  // CCKPI_CLI_COMMANDS_H_
