// cckpi alerts EVENTS... --config F --tick 1m: the scaling matrix along a log.
// cckpi alerts --test FILE...: tests of rules.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"
#include "cckpi/engine/scaling_monitor.h"
#include "cckpi/io/alert_json.h"
#include "cckpi/io/alert_script.h"
#include "cckpi/io/config_json.h"
#include "cckpi/io/render_text.h"
#include "cli/alert_replay.h"
#include "cli/commands.h"
#include "cli/event_command.h"
#include "cli/feed.h"

namespace cckpi::cli {
namespace {

struct AlertOptions {
  EventOptions events;
  std::vector<std::string> tests;
  std::string tick = "1m";
  bool summary = false;
  size_t top = 10;
  bool every_tick = false;
};

// What a summary tells of one incident.
struct IncidentLine {
  std::string rule;
  std::string group;
  std::string level;  // the worst
  size_t level_index = 0;
  int64_t opened_us = 0;
  int64_t resolved_us = kNoTime;
  std::optional<ExactValue> peak;
  int64_t notifications = 0;
};

// Collects incidents, for a table instead of lines.
class Summary {
 public:
  explicit Summary(const Config& config) : config_(config), writer_(config) {}

  void Add(const TickResult& result) {
    for (const Transition& transition : result.transitions) {
      if (transition.incident.empty()) continue;
      auto [found, is_new] =
          index_.try_emplace(transition.incident, incidents_.size());
      if (is_new) {
        incidents_.push_back({.rule = transition.rule,
                              .group = GroupText(transition.group),
                              .opened_us = transition.at_us});
      }
      IncidentLine& line = incidents_[found->second];
      line.peak = transition.peak;
      if (transition.to == AlertState::kOk) {
        line.resolved_us = transition.at_us;
      } else {
        NoteLevel(transition, line);
      }
    }
    for (const Notification& note : result.notifications) {
      const auto found = index_.find(note.incident);
      if (found == index_.end()) continue;
      IncidentLine& line = incidents_[found->second];
      ++line.notifications;
      line.peak = note.peak;
    }
  }

  // The peak of what is still open.
  void Close(const std::vector<Alert>& alerts) {
    for (const Alert& alert : alerts) {
      if (!alert.state.incident.has_value()) continue;
      const auto found = index_.find(alert.state.incident->id);
      if (found != index_.end()) {
        incidents_[found->second].peak = alert.state.incident->peak;
      }
    }
  }

  std::string Render(int64_t now_us, size_t top, const TableOptions& options) {
    std::string out =
        Styled(absl::StrCat("Alerts: ", incidents_.size(),
                            incidents_.size() == 1 ? " incident" : " incidents",
                            ", times in ", options.zone.name()),
               options.color == TextTable::Color::kOn ? TextStyle::kBold
                                                      : TextStyle::kPlain);
    out += "\n";
    if (incidents_.empty()) return out;
    absl::StrAppend(&out, "\n", ByRule(now_us, options));
    absl::StrAppend(&out, "\n", Longest(now_us, top, options));
    return out;
  }

 private:
  using Align = TextTable::Align;

  void NoteLevel(const Transition& transition, IncidentLine& line) const {
    for (const ScalingRule& rule : config_.scaling_matrix) {
      if (rule.id != transition.rule) continue;
      for (size_t b = line.level.empty() ? 0 : line.level_index;
           b < rule.bands.size(); ++b) {
        if (rule.bands[b].level == transition.to_level) {
          line.level = transition.to_level;
          line.level_index = b;
        }
      }
    }
  }

  std::string ByRule(int64_t now_us, const TableOptions& options) const {
    TextTable table({{.header = "rule"},
                     {.header = "level"},
                     {.header = "incidents", .align = Align::kRight},
                     {.header = "open", .align = Align::kRight},
                     {.header = "notifications", .align = Align::kRight},
                     {.header = "mean time", .align = Align::kRight},
                     {.header = "longest", .align = Align::kRight}});
    for (const ScalingRule& rule : config_.scaling_matrix) {
      for (const Band& band : rule.bands) {
        int64_t count = 0;
        int64_t open = 0;
        int64_t notifications = 0;
        int64_t longest_us = 0;
        absl::int128 all_us = 0;
        for (const IncidentLine& line : incidents_) {
          if (line.rule != rule.id || line.level != band.level) continue;
          ++count;
          open += line.resolved_us == kNoTime ? 1 : 0;
          notifications += line.notifications;
          const int64_t lasted_us = Lasted(line, now_us);
          longest_us = std::max(longest_us, lasted_us);
          all_us += lasted_us;
        }
        if (count == 0) continue;
        table.AddRow({PrintableText(rule.id), PrintableText(band.level),
                      absl::StrCat(count), absl::StrCat(open),
                      absl::StrCat(notifications),
                      DurationText(static_cast<int64_t>(all_us / count)),
                      DurationText(longest_us)});
      }
    }
    return table.Render({.indent = 2, .color = options.color});
  }

  // The longest ones, in the order of time.
  std::string Longest(int64_t now_us, size_t top,
                      const TableOptions& options) const {
    std::vector<const IncidentLine*> lines;
    for (const IncidentLine& line : incidents_) lines.push_back(&line);
    if (top > 0 && lines.size() > top) {
      std::stable_sort(lines.begin(), lines.end(), [&](auto* a, auto* b) {
        return Lasted(*a, now_us) > Lasted(*b, now_us);
      });
      lines.resize(top);
      std::stable_sort(lines.begin(), lines.end(), [](auto* a, auto* b) {
        return a->opened_us < b->opened_us;
      });
    }
    TextTable table({{.header = "opened"},
                     {.header = "lasted", .align = Align::kRight},
                     {.header = "rule"},
                     {.header = "group", .max_width = 28},
                     {.header = "level"},
                     {.header = "peak", .align = Align::kRight},
                     {.header = "told", .align = Align::kRight}});
    for (const IncidentLine* line : lines) {
      const bool open = line->resolved_us == kNoTime;
      table.AddRow({LocalTimeText(line->opened_us, options.zone),
                    absl::StrCat(open ? "open " : "",
                                 DurationText(Lasted(*line, now_us))),
                    PrintableText(line->rule), line->group,
                    PrintableText(line->level),
                    writer_.ValueText(line->rule, line->peak),
                    absl::StrCat(line->notifications)});
    }
    std::string out;
    if (lines.size() < incidents_.size()) {
      absl::StrAppend(&out, "  The ", lines.size(), " longest:\n");
    }
    return out + table.Render({.indent = 2, .color = options.color});
  }

  static int64_t Lasted(const IncidentLine& line, int64_t now_us) {
    return (line.resolved_us == kNoTime ? std::max(now_us, line.opened_us)
                                        : line.resolved_us) -
           line.opened_us;
  }

  const Config& config_;
  AlertWriter writer_;
  std::map<std::string, size_t> index_;
  std::vector<IncidentLine> incidents_;
};

struct AlertsText {
  std::string text;
  FeedResult feed;
};

absl::StatusOr<AlertsText> MakeAlerts(const AlertOptions& options) {
  absl::StatusOr<int64_t> tick = ParseSpan(options.tick);
  if (!tick.ok()) return At("--tick", tick.status());
  if (*tick <= 0 || *tick > kLongestTick) {
    return absl::InvalidArgumentError(
        "--tick: must be more than 0, at most 1d");
  }
  CCKPI_ASSIGN_OR_RETURN(EventCommand command,
                         MakeEventCommand(options.events));
  if (command.config.scaling_matrix.empty()) {
    return absl::InvalidArgumentError(
        "--config: there is no scaling_matrix in it");
  }
  CCKPI_ASSIGN_OR_RETURN(Engine engine, Engine::Create(command.config));
  CCKPI_ASSIGN_OR_RETURN(ScalingMonitor monitor,
                         ScalingMonitor::Create(command.config));
  ReplayOptions replay_options;
  replay_options.tick_us = *tick;
  replay_options.from_us = command.query.begin_us;
  replay_options.to_us = command.query.end_us != kNoTime ? command.query.end_us
                                                         : command.feed.now_us;
  replay_options.every_tick = options.every_tick;
  const AlertWriter writer(command.config);
  Summary summary(command.config);
  AlertsText result;
  AlertReplay replay(replay_options, &engine, &monitor,
                     [&](const TickResult& ticked) {
                       if (options.summary) {
                         summary.Add(ticked);
                         return;
                       }
                       for (const Transition& one : ticked.transitions) {
                         result.text += writer.TransitionLine(one);
                       }
                       for (const Notification& one : ticked.notifications) {
                         result.text += writer.NotificationLine(one);
                       }
                     });
  command.feed.before = [&](int64_t next_us) { return replay.Before(next_us); };
  CCKPI_ASSIGN_OR_RETURN(result.feed, FeedEvents(command.feed, &engine));
  CCKPI_RETURN_IF_ERROR(replay.Finish(result.feed.now_us));
  if (options.summary) {
    summary.Close(monitor.Alerts());
    result.text =
        summary.Render(monitor.last_tick_us(), options.top,
                       TableOptionsFor(options.events.output, command.zone));
  }
  return result;
}

ExitStatus RunTests(const AlertOptions& options) {
  AlertScriptTotals totals;
  std::string text;
  for (const std::string& path : options.tests) {
    absl::StatusOr<std::string> json = ReadWholeFile(path, kMaxConfigBytes);
    if (!json.ok()) return Fail(json.status());
    const std::string folder = path.find('/') == std::string::npos
                                   ? std::string()
                                   : path.substr(0, path.rfind('/') + 1);
    absl::StatusOr<AlertScriptResult> result = RunAlertScript(
        *json, [&](const std::string& name) -> absl::StatusOr<Config> {
          return LoadConfig(name.starts_with('/') ? name : folder + name);
        });
    if (!result.ok()) return Fail(At(path, result.status()));
    for (const std::string& failure : result->failures) {
      absl::StrAppend(&text, path, ": ", PrintableText(failure), "\n");
    }
    totals.cases += result->cases;
    totals.failed += result->failed;
  }
  absl::StrAppend(&text, totals.cases,
                  totals.cases == 1 ? " case, " : " cases, ", totals.failed,
                  " failed\n");
  const absl::Status written = WriteResult(options.events.output, text);
  if (!written.ok()) return Fail(written);
  return totals.failed == 0 ? ExitStatus::kOk : ExitStatus::kRefused;
}

ExitStatus RunAlerts(const AlertOptions& options) {
  if (!options.tests.empty()) {
    if (!options.events.paths.empty()) {
      return Fail(absl::InvalidArgumentError("--test: takes no EVENTS"));
    }
    return RunTests(options);
  }
  if (options.events.paths.empty()) {
    return Fail(absl::InvalidArgumentError("EVENTS is required, or --test"));
  }
  absl::StatusOr<AlertsText> result = MakeAlerts(options);
  if (!result.ok()) return Fail(result.status());
  return Finish(options.events, result->feed, result->text);
}

}  // namespace

void AddAlertsCommand(CLI::App* app, ExitStatus* exit_status) {
  CLI::App* command = app->add_subcommand(
      "alerts", "What the scaling matrix says along a log, or tests of rules");
  auto options = std::make_shared<AlertOptions>();
  EventOptions& events = options->events;
  command->add_option("EVENTS", events.paths,
                      "Logs: JSON Lines or CSV, also .gz; \"-\" is standard "
                      "input");
  command
      ->add_option("--config", events.config,
                   "Configuration (JSON) with a scaling_matrix")
      ->type_name("FILE");
  command
      ->add_option("--map", events.map,
                   "Mapping (JSON) that turns a foreign log into events")
      ->type_name("FILE");
  command
      ->add_option("--tick", options->tick,
                   "How often the rules look, on whole multiples of UTC")
      ->type_name("SPAN")
      ->capture_default_str();
  command->add_flag("--summary", options->summary,
                    "A table of the incidents instead of JSON Lines");
  command
      ->add_option("--top", options->top,
                   "In the summary, only this many, the longest; 0: all")
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--test", options->tests,
                   "Run these tests of rules (JSON) instead; exit with status "
                   "1 when one fails")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  command
      ->add_option("--from", events.from,
                   "No tick before this instant or date. Default: the first "
                   "event")
      ->type_name("TIME");
  command
      ->add_option("--to", events.to,
                   "No tick after this instant or date. Default: --now, or the "
                   "last event")
      ->type_name("TIME");
  command
      ->add_option("--now", events.now,
                   "The present: later events are left out. Default: the "
                   "latest event")
      ->type_name("TIME");
  command
      ->add_option("--zone", events.zone, "Time zone of dates and the summary")
      ->type_name("NAME");
  command
      ->add_option("--allowed-lateness", events.allowed_lateness,
                   "Take events as they arrive and refuse those that come "
                   "later than this. Default: any order is accepted")
      ->type_name("SPAN");
  command
      ->add_option("--output", events.output.path,
                   "Write to this file, in one step at the end")
      ->type_name("FILE");
  command->add_flag("--strict", events.strict,
                    "Exit with status 1 when events were refused");
  command->add_flag("--every-tick", options->every_tick,
                    "Also compute ticks at which nothing can change; the "
                    "output is the same");
  command->add_flag("--no-color", events.output.no_color, "No colours");
  command->add_flag("--no-progress", events.no_progress,
                    "No progress on the terminal");
  command->callback([=] { *exit_status = RunAlerts(*options); });
}

}  // namespace cckpi::cli
