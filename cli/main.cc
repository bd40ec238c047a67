// The cckpi tool: reports from event logs, on the command line.

#include <CLI/CLI.hpp>
#include <csignal>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cckpi/io/render.h"
#include "cckpi/kpi/catalogue.h"
#include "cli/commands.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace {

// Of a word that is no command, the error; CLI11 would only miss a command.
absl::Status CheckCommand(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    names.push_back(command->get_name());
    if (names.back() == word) return absl::OkStatus();
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string nearest(cckpi::NearestName(word, candidates));
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", word, "\" is no command",
      nearest.empty() ? ""
                      : absl::StrCat("; did you mean \"", nearest, "\"?")));
}

// What is read and counted stays, so the heaps of threads may grow by large
// steps. By themselves those of other threads than the first grow page by page.
void GrowHeapsBySteps() {
#if defined(__GLIBC__)
  constexpr int kMegabyte = 1 << 20;
  mallopt(M_TOP_PAD, 64 * kMegabyte);
  mallopt(M_MMAP_THRESHOLD, 32 * kMegabyte);
#endif
}

cckpi::cli::ExitStatus Run(int argc, char** argv) {
  using cckpi::cli::ExitStatus;
  ExitStatus exit_status = ExitStatus::kOk;
  CLI::App app("KPIs of digital customer service, from event logs.", "cckpi");
  app.set_version_flag("--version",
                       absl::StrCat("cckpi ", std::string(cckpi::kVersion)));
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  cckpi::cli::AddReportCommand(&app, &exit_status);
  cckpi::cli::AddScorecardCommand(&app, &exit_status);
  cckpi::cli::AddExplainCommand(&app, &exit_status);
  cckpi::cli::AddSnapshotCommand(&app, &exit_status);
  cckpi::cli::AddMergeCommand(&app, &exit_status);
  cckpi::cli::AddResumeCommand(&app, &exit_status);
  cckpi::cli::AddKpisCommand(&app, &exit_status);
  cckpi::cli::AddCheckCommand(&app, &exit_status);
  cckpi::cli::AddAlertsCommand(&app, &exit_status);
  cckpi::cli::AddWatchCommand(&app, &exit_status);
  cckpi::cli::AddGenerateCommand(&app, &exit_status);
  app.footer(
      "Exit status: 0; 1 when events were refused under --strict; 2 for a bad "
      "argument,\nconfiguration or unreadable file, or too little memory.\n\n"
      "  cckpi COMMAND --help   the options of a command");
  if (argc > 1 && argv[1][0] != '-') {
    const absl::Status status = CheckCommand(app, argv[1]);
    if (!status.ok()) return cckpi::cli::Fail(status);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    app.exit(success);  // --help, --version
  } catch (const CLI::ParseError& error) {
    exit_status = cckpi::cli::Fail(absl::InvalidArgumentError(error.what()));
  }
  return exit_status;
}

}  // namespace

int main(int argc, char** argv) {
  GrowHeapsBySteps();
  // A reader that went away shows as a failed write.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return static_cast<int>(Run(argc, argv));
  } catch (const std::bad_alloc&) {
    return static_cast<int>(
        cckpi::cli::Fail(absl::ResourceExhaustedError("out of memory")));
  }
}
