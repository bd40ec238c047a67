// What the commands that read events have in common: their options, and the
// engine that these make.

#ifndef CCKPI_CLI_EVENT_COMMAND_H_
#define CCKPI_CLI_EVENT_COMMAND_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/engine/engine.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/report.h"
#include "cli/common.h"
#include "cli/feed.h"

namespace CLI {
class App;
}

namespace cckpi::cli {

// The options as they were typed.
struct EventOptions {
  std::vector<std::string> paths;
  std::string config;
  std::string map;
  std::string now;
  std::optional<std::string> by;
  std::string every = "all";
  std::vector<std::string> kpis;
  std::string from;
  std::string to;
  std::string zone;
  std::string allowed_lateness;
  std::string format = "table";
  HtmlFormat html = HtmlFormat::kNo;
  size_t top = 0;
  Output output;
  bool strict = false;
  bool no_progress = false;
  // A state was or will be kept under these definitions: what is asked for
  // only selects.
  bool of_state = false;
  uint64_t memory_bytes = uint64_t{256} << 20;
  size_t threads = 1;
  size_t max_rows = kMaxReportRows;
};

void AddEventOptions(CLI::App* command, EventOptions* options);
// Of commands that print rows.
void AddRowsOption(CLI::App* command, EventOptions* options);
// Of commands that can share the work.
void AddThreadsOption(CLI::App* command, EventOptions* options);

// The options as they are meant.
struct EventCommand {
  Config config;
  Zone zone;
  Query query;
  FeedOptions feed;
  Format format = Format::kTable;
};

absl::StatusOr<EventCommand> MakeEventCommand(const EventOptions& options);

// A report in the format asked for, but for kHtml.
std::string RenderReport(const EventOptions& options,
                         const EventCommand& command, const Report& report);

// Writes the result; the status to exit with.
ExitStatus Finish(const EventOptions& options, const FeedResult& feed,
                  const std::string& text);

}  // namespace cckpi::cli

#endif  // CCKPI_CLI_EVENT_COMMAND_H_
