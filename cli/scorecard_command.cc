// cckpi scorecard EVENTS... --config F: cards, attainment and score per window.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"
#include "cckpi/engine/engine.h"
#include "cckpi/engine/scoring.h"
#include "cckpi/io/render_scorecard.h"
#include "cckpi/io/render_text.h"
#include "cckpi/kpi/catalogue.h"
#include "cli/commands.h"
#include "cli/event_command.h"
#include "cli/feed.h"
#include "cli/parallel_feed.h"

namespace cckpi::cli {
namespace {

struct ScorecardOptions {
  EventOptions events;
  std::vector<std::string> scorecards;
  bool current = false;
};

struct ScorecardsText {
  std::string text;
  FeedResult feed;
};

// Which scorecards there are to choose from.
absl::Status CheckIds(const std::vector<std::string>& ids,
                      const Config& config) {
  if (config.scorecards.empty()) {
    return absl::InvalidArgumentError(
        "the configuration has no \"scorecards\"; docs/scorecards.md shows "
        "some");
  }
  std::vector<std::string_view> known;
  for (const Scorecard& scorecard : config.scorecards) {
    known.push_back(scorecard.id);
  }
  for (const std::string& id : ids) {
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    const std::string nearest(NearestName(id, known));
    return absl::InvalidArgumentError(absl::StrCat(
        "--id: no scorecard \"", id, "\"",
        nearest.empty() ? ""
                        : absl::StrCat("; did you mean \"", nearest, "\"?")));
  }
  return absl::OkStatus();
}

std::string Table(const std::vector<ScorecardResult>& results,
                  const FeedResult& feed, const TableOptions& options) {
  if (feed.now_us == kNoTime) return "No events.\n";
  std::string heading =
      absl::StrCat("As of ", LocalTimeText(feed.now_us, options.zone), " ",
                   options.zone.name());
  if (options.color == TextTable::Color::kOn) {
    heading = Styled(heading, TextStyle::kBold);
  }
  std::string text = heading + "\n\n";
  if (results.empty()) {
    return text +
           "No window has closed yet; --current shows the one that is open.\n";
  }
  return text + RenderScorecardTable(results, options);
}

absl::StatusOr<ScorecardsText> MakeScorecards(const ScorecardOptions& options) {
  CCKPI_ASSIGN_OR_RETURN(EventCommand command,
                         MakeEventCommand(options.events));
  const std::vector<std::string> ids = SplitNames(options.scorecards);
  CCKPI_RETURN_IF_ERROR(CheckIds(ids, command.config));
  ScoringOptions scoring;
  scoring.scorecards = ids;
  if (command.query.every != Frequency::kAll) {
    scoring.every = command.query.every;
  }
  if (scoring.every == Frequency::kBucket) {
    return absl::InvalidArgumentError(
        "--every: a scorecard is of an hour, day, week or month");
  }
  scoring.begin_us = command.query.begin_us;
  scoring.end_us = command.query.end_us;
  if (options.current) scoring.current = ScoringOptions::Current::kShown;
  // Only what the cards read is computed.
  command.config.kpis_given = true;
  command.config.groups_given = true;
  command.config.groups.clear();
  CCKPI_ASSIGN_OR_RETURN(
      FedEngine fed,
      FeedOnThreads(command.config, command.feed, options.events.threads));
  ScorecardsText result;
  result.feed = std::move(fed.feed);
  CCKPI_ASSIGN_OR_RETURN(
      std::vector<ScorecardResult> results,
      EvaluateScorecards(fed.engine, command.config, scoring));
  LeaveToTheEnd(std::move(fed.engine));
  switch (command.format) {
    case Format::kTable:
      result.text = Table(results, result.feed,
                          TableOptionsFor(options.events.output, command.zone));
      break;
    case Format::kCsv:
      result.text = RenderScorecardCsv(results);
      break;
    default: {
      std::string now = "null";
      if (result.feed.now_us != kNoTime) {
        now = absl::StrCat("\"", FormatTime(result.feed.now_us), "\"");
      }
      result.text = absl::StrCat(
          "{\"version\": \"", std::string(kVersion), "\", \"now\": ", now,
          ",\n \"scorecards\": ", RenderScorecardJson(results), "}\n");
      break;
    }
  }
  return result;
}

ExitStatus RunScorecard(const ScorecardOptions& options) {
  absl::StatusOr<ScorecardsText> result = MakeScorecards(options);
  if (!result.ok()) return Fail(result.status());
  return Finish(options.events, result->feed, result->text);
}

}  // namespace

void AddScorecardCommand(CLI::App* app, ExitStatus* exit_status) {
  CLI::App* command = app->add_subcommand(
      "scorecard", "Cards, attainment and weighted score per window");
  auto options = std::make_shared<ScorecardOptions>();
  AddEventOptions(command, &options->events);
  AddThreadsOption(command, &options->events);
  command->remove_option(command->get_option("--by"));
  command->get_option("--config")->required();
  command->get_option("--every")
      ->description(
          "Windows: hour, day, week or month. Default: those of each scorecard")
      ->default_str("");
  command
      ->add_option("--id", options->scorecards,
                   "Scorecards by id. Default: all")
      ->type_name("ID,...")
      ->allow_extra_args(false);
  command->add_flag("--current", options->current,
                    "Also the window that is still open, as provisional");
  command->callback([=] { *exit_status = RunScorecard(*options); });
}

}  // namespace cckpi::cli
