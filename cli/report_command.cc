// cckpi report EVENTS...: every KPI, or the chosen ones, from event logs.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>

#include "cckpi/base/status_macros.h"
#include "cckpi/engine/engine.h"
#include "cckpi/engine/scaling_monitor.h"
#include "cckpi/io/render.h"
#include "cckpi/io/render_html.h"
#include "cli/alert_replay.h"
#include "cli/charts.h"
#include "cli/commands.h"
#include "cli/due_reports.h"
#include "cli/event_command.h"
#include "cli/feed.h"
#include "cli/parallel_feed.h"
#include "cli/threads.h"

namespace cckpi::cli {
namespace {

constexpr size_t kTopGroups = 50;

struct ReportText {
  std::string text;
  FeedResult feed;
};

// Options of pages only.
struct PageFlags {
  std::string title;
  std::string tick = "15m";
};

// Reads the logs. Where there is a scaling matrix its ticks go along, and what
// it says is for the page.
absl::StatusOr<FedEngine> FeedWithAlerts(const EventOptions& event_options,
                                         const EventCommand& command,
                                         const Config& config, int64_t tick_us,
                                         AlertLog* log) {
  FeedOptions feed = command.feed;
  if (config.scaling_matrix.empty() || !command.query.kpis.empty()) {
    return FeedOnThreads(config, feed, event_options.threads);
  }
  CCKPI_ASSIGN_OR_RETURN(Engine engine, Engine::Create(config));
  CCKPI_ASSIGN_OR_RETURN(ScalingMonitor monitor,
                         ScalingMonitor::Create(config));
  ReplayOptions options;
  options.tick_us = tick_us;
  options.from_us = command.query.begin_us;
  options.to_us = command.query.end_us;
  AlertReplay replay(options, &engine, &monitor, [&](const TickResult& result) {
    log->transitions.insert(log->transitions.end(), result.transitions.begin(),
                            result.transitions.end());
    log->notifications.insert(log->notifications.end(),
                              result.notifications.begin(),
                              result.notifications.end());
  });
  feed.before = [&](int64_t next_us) { return replay.Before(next_us); };
  CCKPI_ASSIGN_OR_RETURN(FeedResult result, FeedEvents(feed, &engine));
  log->until_us = monitor.last_tick_us();
  return FedEngine{std::move(engine), std::move(result)};
}

absl::StatusOr<ReportText> MakePage(const EventOptions& options,
                                    const PageFlags& flags,
                                    const EventCommand& command) {
  CCKPI_ASSIGN_OR_RETURN(HtmlOptions page, PageOptions(options.top));
  if (!flags.title.empty()) page.title = flags.title;
  absl::StatusOr<int64_t> tick = ParseSpan(flags.tick);
  if (!tick.ok()) return At("--tick", tick.status());
  if (*tick <= 0 || *tick > kLongestTick) {
    return absl::InvalidArgumentError(
        "--tick: must be more than 0, at most 1d");
  }
  Config config = command.config;
  KeepForHtml(&config);
  AlertLog alerts;
  CCKPI_ASSIGN_OR_RETURN(
      FedEngine fed, FeedWithAlerts(options, command, config, *tick, &alerts));
  CCKPI_ASSIGN_OR_RETURN(
      HtmlReport data,
      CollectHtmlReport(fed.engine, command.config, command.query));
  data.alerts = std::move(alerts);
  AmendReport(fed.feed, &data.report);
  LeaveToTheEnd(std::move(fed.engine));
  return ReportText{RenderHtml(data, page), std::move(fed.feed)};
}

absl::StatusOr<ReportText> MakeReport(const EventOptions& options,
                                      const PageFlags& flags) {
  CCKPI_ASSIGN_OR_RETURN(const EventCommand command, MakeEventCommand(options));
  if (command.format == Format::kHtml) return MakePage(options, flags, command);
  CCKPI_ASSIGN_OR_RETURN(
      FedEngine fed,
      FeedOnThreads(command.config, command.feed, options.threads));
  CCKPI_ASSIGN_OR_RETURN(
      Report report, fed.engine.Ask(command.query, OnThreads(options.threads)));
  AmendReport(fed.feed, &report);
  LeaveToTheEnd(std::move(fed.engine));
  return ReportText{RenderReport(options, command, report),
                    std::move(fed.feed)};
}

ExitStatus RunReport(const EventOptions& options, const PageFlags& flags,
                     const DueOptions& due) {
  if (due.wanted) return RunDueReports(options, due);
  if (!due.since.empty()) {
    return Fail(absl::InvalidArgumentError("--since: only with --due"));
  }
  absl::StatusOr<ReportText> result = MakeReport(options, flags);
  if (!result.ok()) return Fail(result.status());
  return Finish(options, result->feed, result->text);
}

}  // namespace

void AddReportCommand(CLI::App* app, ExitStatus* exit_status) {
  CLI::App* command = app->add_subcommand(
      "report", "KPIs from event logs, by window and group");
  auto options = std::make_shared<EventOptions>();
  options->html = HtmlFormat::kYes;
  AddEventOptions(command, options.get());
  AddThreadsOption(command, options.get());
  AddRowsOption(command, options.get());
  command
      ->add_option("--kpi", options->kpis,
                   "KPIs by id or catalogue name. Default: all")
      ->type_name("NAME,...")
      ->allow_extra_args(false);
  options->top = kTopGroups;
  command
      ->add_option("--top", options->top,
                   "In tables, of more groups only those with most "
                   "observations; 0: all")
      ->type_name("N")
      ->capture_default_str();
  auto due = std::make_shared<DueOptions>();
  command->add_flag("--due", due->wanted,
                    "Write the configured reports that are due at --now to the "
                    "directory --output, and due.json, the list of them");
  command
      ->add_option("--since", due->since,
                   "With --due: those due after this instant or date, the "
                   "previous --now. Default: the last one of each report")
      ->type_name("TIME");
  auto flags = std::make_shared<PageFlags>();
  command->add_option("--title", flags->title, "Title of an HTML report")
      ->type_name("TEXT");
  command
      ->add_option("--tick", flags->tick,
                   "In an HTML report, how often the rules of the scaling "
                   "matrix look")
      ->type_name("SPAN")
      ->capture_default_str();
  command->callback([=] { *exit_status = RunReport(*options, *flags, *due); });
}

}  // namespace cckpi::cli
