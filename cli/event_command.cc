#include "cli/event_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/io/mapping.h"
#include "cckpi/kpi/catalogue.h"

namespace cckpi::cli {
namespace {

// "channel,team"; "total" or nothing is the whole.
absl::StatusOr<GroupBy> ParseGroupBy(const std::string& text) {
  GroupBy group;
  if (text == "total") return group;
  for (const std::string& name : SplitNames({text})) {
    const std::optional<Dimension> dimension = ParseDimension(name);
    if (!dimension.has_value()) {
      constexpr std::string_view kNames[] = {"channel", "source", "team",
                                             "agent", "priority"};
      const std::string nearest(NearestName(name, kNames));
      return absl::InvalidArgumentError(absl::StrCat(
          "--by: \"", name,
          "\" is none of channel, source, team, agent, priority, tag.NAME",
          nearest.empty() ? "" : "; did you mean \"", nearest,
          nearest.empty() ? "" : "\"?"));
    }
    if (std::find(group.begin(), group.end(), *dimension) != group.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--by: \"", name, "\" is there twice"));
    }
    group.push_back(*dimension);
  }
  return group;
}

// Without KPIs in the configuration, only those asked for are computed.
absl::Status ChooseKpis(const std::vector<std::string>& names, Config* config) {
  std::vector<std::string_view> known;
  for (const KpiDefinition& definition : Catalogue()) {
    known.push_back(definition.name);
  }
  for (const KpiSpec& spec : config->kpis) known.push_back(spec.id);
  std::vector<KpiSpec> chosen;
  const bool has_hours = !config->schedules.empty();
  for (const std::string& name : names) {
    const bool configured = std::any_of(
        config->kpis.begin(), config->kpis.end(), [&](const KpiSpec& spec) {
          return spec.id == name || Definition(spec.kpi).name == name;
        });
    if (configured) continue;
    const KpiDefinition* definition = FindKpi(name);
    if (definition == nullptr) {
      const std::string nearest(NearestName(name, known));
      return absl::InvalidArgumentError(absl::StrCat(
          "--kpi: \"", name, "\" is no KPI",
          nearest.empty() ? "; cckpi kpis lists them"
                          : absl::StrCat("; did you mean \"", nearest, "\"?")));
    }
    if (config->kpis_given) {
      chosen.push_back(DefaultSpec(definition->kpi));
      continue;
    }
    for (KpiSpec& spec : DefaultKpis(has_hours)) {
      if (spec.kpi == definition->kpi) chosen.push_back(std::move(spec));
    }
  }
  if (chosen.empty()) return absl::OkStatus();
  config->kpis.insert(config->kpis.end(), chosen.begin(), chosen.end());
  config->kpis_given = true;
  return absl::OkStatus();
}

absl::Status ApplyTimes(const EventOptions& options, EventCommand* command) {
  if (!options.zone.empty()) command->config.time_zone = options.zone;
  absl::StatusOr<Zone> zone = LoadZone(command->config.time_zone);
  if (!zone.ok()) {
    return options.zone.empty() ? zone.status() : At("--zone", zone.status());
  }
  command->zone = *std::move(zone);
  const auto parse = [&](std::string_view option, const std::string& text,
                         int64_t* at_us) -> absl::Status {
    if (text.empty()) return absl::OkStatus();
    CCKPI_ASSIGN_OR_RETURN(*at_us, ParseInstant(option, text, command->zone));
    return absl::OkStatus();
  };
  CCKPI_RETURN_IF_ERROR(parse("--now", options.now, &command->feed.now_us));
  CCKPI_RETURN_IF_ERROR(
      parse("--from", options.from, &command->query.begin_us));
  CCKPI_RETURN_IF_ERROR(parse("--to", options.to, &command->query.end_us));
  if (command->query.end_us != kNoTime &&
      command->query.end_us <= command->query.begin_us) {
    return absl::InvalidArgumentError("--to: must be after --from");
  }
  absl::StatusOr<Frequency> every = ParseFrequency(options.every);
  if (!every.ok()) return At("--every", every.status());
  command->query.every = *every;
  command->query.max_rows = options.max_rows;
  return absl::OkStatus();
}

// The order of the input matters only where lateness is configured.
absl::Status ApplyLateness(const EventOptions& options, EventCommand* command) {
  Config& config = command->config;
  if (!options.allowed_lateness.empty()) {
    absl::StatusOr<int64_t> span = ParseSpan(options.allowed_lateness);
    if (!span.ok()) return At("--allowed-lateness", span.status());
    config.allowed_lateness_us = *span;
  }
  if (config.allowed_lateness_us.has_value()) {
    command->feed.order = FeedOrder::kArrival;
    command->feed.lateness_us = *config.allowed_lateness_us;
    return absl::OkStatus();
  }
  command->feed.order = FeedOrder::kSorted;
  config.allowed_lateness_us = 0;
  if (!config.duplicate_window_us.has_value()) {
    config.duplicate_window_us = kAllTime;
  }
  return absl::OkStatus();
}

}  // namespace

void AddEventOptions(CLI::App* command, EventOptions* options) {
  CLI::Option* events = command->add_option(
      "EVENTS", options->paths,
      "Logs: JSON Lines or CSV, also .gz; \"-\" is standard input");
  if (!options->of_state) events->required();
  command->add_option("--config", options->config, "Configuration (JSON)")
      ->type_name("FILE");
  command
      ->add_option("--map", options->map,
                   "Mapping (JSON) that turns a foreign log into events")
      ->type_name("FILE");
  command
      ->add_option("--now", options->now,
                   "The present: an instant (RFC 3339) or a date; later events "
                   "are left out. Default: the latest event")
      ->type_name("TIME");
  command
      ->add_option("--by", options->by,
                   "Group by channel, source, team, agent, priority, tag.NAME, "
                   "or \"total\". Default: the total and every configured "
                   "grouping")
      ->type_name("DIM,...");
  command
      ->add_option("--every", options->every,
                   "Windows: 15m, hour, day, week, month or all")
      ->type_name("SPAN")
      ->capture_default_str();
  command
      ->add_option("--from", options->from,
                   "Only windows that end after this instant or date")
      ->type_name("TIME");
  command
      ->add_option("--to", options->to,
                   "Only windows that begin before this instant or date")
      ->type_name("TIME");
  command
      ->add_option("--zone", options->zone,
                   "Time zone of windows, dates and tables")
      ->type_name("NAME");
  command
      ->add_option("--allowed-lateness", options->allowed_lateness,
                   "Take events as they arrive and refuse those that come "
                   "later than this. Default: any order is accepted")
      ->type_name("SPAN");
  command
      ->add_option("--format", options->format,
                   options->html == HtmlFormat::kYes
                       ? "table, csv, json or html"
                       : "table, csv or json")
      ->type_name("FORMAT")
      ->capture_default_str();
  command
      ->add_option("--output", options->output.path,
                   "Write to this file, in one step at the end")
      ->type_name("FILE");
  command->add_flag("--strict", options->strict,
                    "Exit with status 1 when events were refused");
  command
      ->add_option("--memory", options->memory_bytes,
                   "Memory for sorting; more goes to a temporary file")
      ->transform(CLI::AsSizeValue(false).description(""))
      ->type_name("SIZE")
      ->default_str("256MB");
  command->add_flag("--no-color", options->output.no_color, "No colours");
  command->add_flag("--no-progress", options->no_progress,
                    "No progress on the terminal");
}

void AddRowsOption(CLI::App* command, EventOptions* options) {
  command
      ->add_option("--max-rows", options->max_rows,
                   "More rows than these are an error")
      ->type_name("N")
      ->capture_default_str();
}

void AddThreadsOption(CLI::App* command, EventOptions* options) {
  constexpr size_t kMostThreads = 64;
  command
      ->add_option("--threads", options->threads,
                   "Share the work among so many threads; the result is the "
                   "same")
      ->check(CLI::Range(size_t{1}, kMostThreads).description(""))
      ->type_name("N")
      ->capture_default_str();
}

absl::StatusOr<EventCommand> MakeEventCommand(const EventOptions& options) {
  EventCommand command;
  CCKPI_ASSIGN_OR_RETURN(command.format,
                         ParseFormat(options.format, options.html));
  CCKPI_ASSIGN_OR_RETURN(command.config, LoadConfig(options.config));
  CCKPI_RETURN_IF_ERROR(ApplyTimes(options, &command));
  CCKPI_RETURN_IF_ERROR(ApplyLateness(options, &command));
  if (options.by.has_value()) {
    CCKPI_ASSIGN_OR_RETURN(const GroupBy by, ParseGroupBy(*options.by));
    command.query.by = by;
    if (!options.of_state) {
      command.config.groups = {by};
      command.config.groups_given = true;
    }
  }
  command.query.kpis = SplitNames(options.kpis);
  if (!options.of_state) {
    CCKPI_RETURN_IF_ERROR(ChooseKpis(command.query.kpis, &command.config));
  }

  FeedOptions& feed = command.feed;
  feed.paths = options.paths;
  if (std::count(feed.paths.begin(), feed.paths.end(), "-") > 1) {
    return absl::InvalidArgumentError("\"-\" is there twice");
  }
  if (!options.map.empty()) {
    CCKPI_ASSIGN_OR_RETURN(feed.mapping, LoadMapping(options.map));
  }
  feed.memory_bytes = options.memory_bytes;
  const char* directory = std::getenv("TMPDIR");
  if (directory != nullptr && *directory != '\0') {
    feed.temporary_directory = directory;
  }
  if (options.no_progress) feed.progress = Progress::Wanted::kNo;
  return command;
}

std::string RenderReport(const EventOptions& options,
                         const EventCommand& command, const Report& report) {
  switch (command.format) {
    case Format::kTable: {
      TableOptions table = TableOptionsFor(options.output, command.zone);
      table.max_groups = options.top;
      return RenderTable(report, table);
    }
    case Format::kCsv:
      return RenderCsv(report);
    case Format::kHtml:  // has more to tell than a report
    case Format::kJson:
      break;
  }
  return RenderJson(report);
}

ExitStatus Finish(const EventOptions& options, const FeedResult& feed,
                  const std::string& text) {
  const absl::Status written = WriteResult(options.output, text);
  if (!written.ok()) return Fail(written);
  const bool refused = feed.unreadable + feed.handed_back > 0;
  return options.strict && refused ? ExitStatus::kRefused : ExitStatus::kOk;
}

}  // namespace cckpi::cli
