// cckpi snapshot | merge | resume: states that are kept, put together, and
// gone on from.
//
// A state knows up to which row each log has been read, so a log that has
// grown can be given again: what is in the state already is passed over.

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/engine/engine.h"
#include "cli/commands.h"
#include "cli/event_command.h"
#include "cli/feed.h"

namespace cckpi::cli {
namespace {

constexpr char kRow[] = "row ";

SnapshotOptions PositionsOf(const Engine& engine, const FeedResult& feed) {
  SnapshotOptions host{engine.positions(), engine.sections()};
  for (const auto& [path, row] : feed.read) {
    host.positions[path] = absl::StrCat(kRow, row);
  }
  return host;
}

std::map<std::string, int64_t> RowsRead(const Engine& engine) {
  std::map<std::string, int64_t> rows;
  for (const auto& [path, position] : engine.positions()) {
    int64_t row = 0;
    if (position.rfind(kRow, 0) == 0 &&
        absl::SimpleAtoi(position.substr(sizeof(kRow) - 1), &row)) {
      rows[path] = row;
    }
  }
  return rows;
}

absl::StatusOr<Engine> ReadState(const std::string& path, const Config& config,
                                 EngineOptions options) {
  CCKPI_ASSIGN_OR_RETURN(const std::string bytes, ReadWholeFile(path));
  absl::StatusOr<Engine> engine = Engine::Restore(config, bytes, options);
  if (!engine.ok()) return At(path, engine.status());
  return engine;
}

struct StateOptions {
  EventOptions events;
  std::vector<std::string> states;
  std::string save;
  bool shard = false;
};

struct StateResult {
  std::string text;
  FeedResult feed;
};

absl::StatusOr<StateResult> MakeSnapshot(const StateOptions& options) {
  CCKPI_ASSIGN_OR_RETURN(EventCommand command,
                         MakeEventCommand(options.events));
  CCKPI_ASSIGN_OR_RETURN(
      Engine engine,
      Engine::Create(command.config, {.explain = "", .shard = options.shard}));
  command.feed.finish = false;
  StateResult result;
  CCKPI_ASSIGN_OR_RETURN(result.feed, FeedEvents(command.feed, &engine));
  CCKPI_ASSIGN_OR_RETURN(result.text,
                         engine.Save(PositionsOf(engine, result.feed)));
  return result;
}

absl::StatusOr<StateResult> MakeMerge(const StateOptions& options) {
  CCKPI_ASSIGN_OR_RETURN(const EventCommand command,
                         MakeEventCommand(options.events));
  const EngineOptions shard{.explain = "", .shard = true};
  CCKPI_ASSIGN_OR_RETURN(
      Engine all, ReadState(options.states.front(), command.config, shard));
  for (size_t s = 1; s < options.states.size(); ++s) {
    CCKPI_ASSIGN_OR_RETURN(const Engine other,
                           ReadState(options.states[s], command.config, shard));
    if (absl::Status status = all.Merge(other); !status.ok()) {
      return At(options.states[s], status);
    }
  }
  if (!options.shard) all.Join();
  StateResult result;
  CCKPI_ASSIGN_OR_RETURN(result.text, all.Save({.positions = all.positions(),
                                                .sections = all.sections()}));
  return result;
}

absl::StatusOr<StateResult> MakeResume(const StateOptions& options) {
  CCKPI_ASSIGN_OR_RETURN(EventCommand command,
                         MakeEventCommand(options.events));
  CCKPI_ASSIGN_OR_RETURN(Engine engine,
                         ReadState(options.states.front(), command.config, {}));
  command.feed.read_before = RowsRead(engine);
  command.feed.finish = false;
  StateResult result;
  CCKPI_ASSIGN_OR_RETURN(result.feed, FeedEvents(command.feed, &engine));
  if (!options.save.empty()) {
    CCKPI_ASSIGN_OR_RETURN(const std::string state,
                           engine.Save(PositionsOf(engine, result.feed)));
    CCKPI_RETURN_IF_ERROR(
        WriteResult({.path = options.save, .no_color = true}, state));
  }
  if (result.feed.now_us != kNoTime) {
    CCKPI_RETURN_IF_ERROR(engine.Advance(ToTime(result.feed.now_us)));
  }
  if (command.feed.order == FeedOrder::kSorted) engine.Finish();
  CCKPI_ASSIGN_OR_RETURN(Report report, engine.Ask(command.query));
  report.events.refused += result.feed.unreadable;
  report.events.after_now = result.feed.after_now;
  for (const Refusal& refusal : result.feed.refusals) {
    if (report.refusals.size() == kMaxRefusalsKept) break;
    if (!refusal.source.empty()) report.refusals.push_back(refusal);
  }
  result.text = RenderReport(options.events, command, report);
  return result;
}

template <typename Make>
ExitStatus Run(const StateOptions& options, Make make) {
  absl::StatusOr<StateResult> result = make(options);
  if (!result.ok()) return Fail(result.status());
  return Finish(options.events, result->feed, result->text);
}

std::shared_ptr<StateOptions> NewOptions() {
  auto options = std::make_shared<StateOptions>();
  options->events.of_state = true;
  return options;
}

}  // namespace

void AddSnapshotCommand(CLI::App* app, ExitStatus* exit_status) {
  CLI::App* command = app->add_subcommand(
      "snapshot", "Keep what event logs have made: a state to go on from");
  auto options = NewOptions();
  AddEventOptions(command, &options->events);
  command->get_option("EVENTS")->required();
  command->get_option("--output")->required();
  command->add_flag("--shard", options->shard,
                    "The logs are one shard of several, to be merged");
  command->callback([=] { *exit_status = Run(*options, MakeSnapshot); });
}

void AddMergeCommand(CLI::App* app, ExitStatus* exit_status) {
  CLI::App* command =
      app->add_subcommand("merge", "Put the states of shards together");
  auto options = NewOptions();
  command->add_option("STATES", options->states, "States, in any order")
      ->required();
  command
      ->add_option("--config", options->events.config,
                   "The configuration that the states were made with")
      ->type_name("FILE");
  command
      ->add_option("--allowed-lateness", options->events.allowed_lateness,
                   "As the states were made with")
      ->type_name("SPAN");
  command
      ->add_option("--output", options->events.output.path,
                   "Write to this file, in one step at the end")
      ->type_name("FILE")
      ->required();
  command->add_flag("--shard", options->shard,
                    "The result is a shard still: more will be merged");
  command->callback([=] { *exit_status = Run(*options, MakeMerge); });
}

void AddResumeCommand(CLI::App* app, ExitStatus* exit_status) {
  CLI::App* command = app->add_subcommand(
      "resume", "Go on from a state with more event logs, and report");
  auto options = NewOptions();
  command
      ->add_option_function<std::string>(
          "STATE",
          [options](const std::string& path) { options->states = {path}; },
          "A state that snapshot, merge or resume has written")
      ->required();
  AddEventOptions(command, &options->events);
  command
      ->add_option("--kpi", options->events.kpis,
                   "KPIs by id or catalogue name. Default: all")
      ->type_name("NAME,...")
      ->allow_extra_args(false);
  command
      ->add_option("--save", options->save,
                   "Write the new state to this file, in one step")
      ->type_name("FILE");
  command->callback([=] { *exit_status = Run(*options, MakeResume); });
}

}  // namespace cckpi::cli
