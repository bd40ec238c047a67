// cckpi report EVENTS...: every KPI, or the chosen ones, from event logs.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cckpi/base/status_macros.h"
#include "cckpi/engine/engine.h"
#include "cckpi/io/render.h"
#include "cckpi/io/render_html.h"
#include "cli/charts.h"
#include "cli/commands.h"
#include "cli/due_reports.h"
#include "cli/event_command.h"
#include "cli/feed.h"

namespace cckpi::cli {
namespace {

constexpr size_t kTopGroups = 50;

struct Result {
  std::string text;
  FeedResult feed;
};

absl::StatusOr<Result> MakePage(const EventOptions& options,
                                const EventCommand& command) {
  CCKPI_ASSIGN_OR_RETURN(const HtmlOptions page, PageOptions(options.top));
  Config config = command.config;
  KeepForHtml(&config);
  CCKPI_ASSIGN_OR_RETURN(Engine engine, Engine::Create(config));
  Result result;
  CCKPI_ASSIGN_OR_RETURN(result.feed, FeedEvents(command.feed, &engine));
  CCKPI_ASSIGN_OR_RETURN(
      HtmlReport data,
      CollectHtmlReport(engine, command.config, command.query));
  AmendReport(result.feed, &data.report);
  result.text = RenderHtml(data, page);
  return result;
}

absl::StatusOr<Result> MakeReport(const EventOptions& options) {
  CCKPI_ASSIGN_OR_RETURN(const EventCommand command, MakeEventCommand(options));
  if (command.format == Format::kHtml) return MakePage(options, command);
  CCKPI_ASSIGN_OR_RETURN(Engine engine, Engine::Create(command.config));
  Result result;
  CCKPI_ASSIGN_OR_RETURN(result.feed, FeedEvents(command.feed, &engine));
  CCKPI_ASSIGN_OR_RETURN(Report report, engine.Ask(command.query));
  AmendReport(result.feed, &report);
  switch (command.format) {
    case Format::kTable: {
      TableOptions table = TableOptionsFor(options.output, command.zone);
      table.max_groups = options.top;
      result.text = RenderTable(report, table);
      break;
    }
    case Format::kCsv:
      result.text = RenderCsv(report);
      break;
    case Format::kHtml:  // is done
    case Format::kJson:
      result.text = RenderJson(report);
      break;
  }
  return result;
}

ExitStatus RunReport(const EventOptions& options, const DueOptions& due) {
  if (due.wanted) return RunDueReports(options, due);
  if (!due.since.empty()) {
    return Fail(absl::InvalidArgumentError("--since: only with --due"));
  }
  absl::StatusOr<Result> result = MakeReport(options);
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
  command->callback([=] { *exit_status = RunReport(*options, *due); });
}

}  // namespace cckpi::cli
