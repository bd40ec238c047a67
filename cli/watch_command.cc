// cckpi watch FILE|- --config F: the scaling matrix live.

#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"
#include "cckpi/engine/scaling_monitor.h"
#include "cckpi/io/alert_json.h"
#include "cckpi/io/event_reader.h"
#include "cckpi/io/render_text.h"
#include "cli/commands.h"
#include "cli/event_command.h"
#include "cli/follow.h"

namespace cckpi::cli {
namespace {

constexpr size_t kShownNotifications = 5;

// Set by SIGINT and SIGTERM; the only thing that a handler may touch.
volatile std::sig_atomic_t stop_requested = 0;

void RequestStop(int) { stop_requested = 1; }

struct WatchOptions {
  EventOptions events;
  std::string tick = "10s";
  std::string view = "auto";
};

int64_t WallClock() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

size_t TerminalHeight() {
  winsize size = {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) {
    return 24;
  }
  return size.ws_row;
}

// The screen: what fires first, then what waits, then the rest in one line.
class StatusView {
 public:
  StatusView(const Config& config, const Zone& zone)
      : writer_(config), zone_(zone) {}

  void Note(const TickResult& result) {
    for (const Notification& note : result.notifications) {
      notes_.push_back(
          absl::StrCat(LocalTimeText(note.at_us - note.at_us % kSecond, zone_),
                       "  ", std::string(NotificationKindName(note.kind)), " ",
                       PrintableText(note.level), "  ",
                       PrintableText(note.rule), " ", GroupText(note.group),
                       "  ", writer_.ValueText(note.rule, note.value)));
      ++sent_;
    }
    if (notes_.size() > kShownNotifications) {
      notes_.erase(notes_.begin(),
                   notes_.end() - static_cast<int64_t>(kShownNotifications));
    }
  }

  std::string Render(const std::vector<Alert>& alerts, int64_t now_us,
                     const std::string& name, int64_t events, int64_t refused,
                     const TableOptions& options, size_t height) const {
    using Align = TextTable::Align;
    std::vector<const Alert*> shown;
    int64_t counts[5] = {};
    for (const Alert& alert : alerts) {
      ++counts[static_cast<size_t>(alert.state.state)];
      if (Rank(alert) < 3) shown.push_back(&alert);
    }
    std::stable_sort(shown.begin(), shown.end(),
                     [](const Alert* a, const Alert* b) {
                       if (Rank(*a) != Rank(*b)) return Rank(*a) < Rank(*b);
                       return a->state.level > b->state.level;
                     });
    std::string out = Styled(absl::StrCat("cckpi watch ", PrintableText(name)),
                             TextStyle::kBold);
    absl::StrAppend(&out, "  ", LocalTimeText(now_us - now_us % kSecond, zone_),
                    " ", zone_.name(), "  ", events, " events",
                    refused > 0 ? absl::StrCat(", ", refused, " refused") : "",
                    "\n");
    absl::StrAppend(&out, counts[2], " firing, ", counts[3], " recovering, ",
                    counts[1], " pending, ", counts[0], " ok, ", counts[4],
                    " without data; ", sent_, " notifications\n\n");
    const size_t room =
        height > 8 + notes_.size() ? height - 8 - notes_.size() : size_t{1};
    const size_t hidden = shown.size() > room ? shown.size() - room : 0;
    if (hidden > 0) shown.resize(room);
    if (!shown.empty()) {
      TextTable table({{.header = "state"},
                       {.header = "rule", .max_width = 24},
                       {.header = "group", .max_width = 28},
                       {.header = "value", .align = Align::kRight},
                       {.header = "n", .align = Align::kRight},
                       {.header = "peak", .align = Align::kRight},
                       {.header = "for", .align = Align::kRight},
                       {.header = "acknowledged", .max_width = 16}});
      for (const Alert* alert : shown) {
        const RuleState& state = alert->state;
        const auto& incident = state.incident;
        std::string name_of_state(AlertStateName(state.state));
        if (!alert->level.empty()) {
          absl::StrAppend(&name_of_state, " ", PrintableText(alert->level));
        }
        if (state.silence != Silence::kNone) {
          absl::StrAppend(&name_of_state, " (",
                          std::string(SilenceName(state.silence)), ")");
        }
        table.AddRow(
            {name_of_state, PrintableText(alert->rule), GroupText(alert->group),
             writer_.ValueText(alert->rule, state.value), absl::StrCat(state.n),
             incident.has_value()
                 ? writer_.ValueText(alert->rule, incident->peak)
                 : std::string(),
             DurationText(now_us - (incident.has_value() ? incident->opened_us
                                                         : state.entered_us)),
             incident.has_value() ? PrintableText(incident->acknowledged_by)
                                  : std::string()});
      }
      out += table.Render({.indent = 0, .color = options.color});
      if (hidden > 0) absl::StrAppend(&out, "and ", hidden, " more\n");
    }
    if (!notes_.empty()) {
      out += "\n";
      for (const std::string& note : notes_) {
        absl::StrAppend(&out, FitText(note, options.width), "\n");
      }
    }
    return out;
  }

 private:
  static int Rank(const Alert& alert) {
    switch (alert.state.state) {
      case AlertState::kFiring:
        return 0;
      case AlertState::kRecovering:
        return 1;
      case AlertState::kPending:
        return 2;
      default:
        return 3;
    }
  }

  AlertWriter writer_;
  const Zone& zone_;
  std::vector<std::string> notes_;
  int64_t sent_ = 0;
};

class Watcher {
 public:
  Watcher(const WatchOptions& options, EventCommand command, int64_t tick_us,
          Engine engine, ScalingMonitor monitor)
      : options_(options),
        command_(std::move(command)),
        tick_us_(tick_us),
        engine_(std::move(engine)),
        monitor_(std::move(monitor)),
        writer_(command_.config),
        view_(command_.config, command_.zone) {
    show_ = options.view == "on" ||
            (options.view == "auto" && ::isatty(STDOUT_FILENO) == 1);
  }

  absl::Status Run() {
    const std::string& path = command_.feed.paths.front();
    OpenOptions open;
    open.mapping = command_.feed.mapping;
    open.name = path == "-" ? "standard input" : path;
    Follower follower(path, open);
    const auto take = [&](const EventBatch& batch) { Take(batch); };
    // What the log holds already, before time is told to have come this far.
    Follower::Got got = Follower::Got::kEvents;
    while (got == Follower::Got::kEvents && stop_requested == 0) {
      CCKPI_ASSIGN_OR_RETURN(got, follower.Read(0, take));
    }
    absl::Status status = Tick(WallClock());
    int64_t next_us = GridFrom(WallClock() + 1);
    while (stop_requested == 0 && status.ok() && got != Follower::Got::kEnd) {
      CCKPI_ASSIGN_OR_RETURN(
          got,
          follower.Read(std::max<int64_t>(next_us - WallClock(), 0), take));
      const int64_t now_us = WallClock();
      if (now_us >= next_us || got == Follower::Got::kEnd) {
        status = Tick(now_us);
        next_us = GridFrom(now_us + 1);
      }
    }
    if (show_ && status.ok()) status = Print("\n");
    return status;
  }

  int64_t refused() const { return refused_; }

 private:
  int64_t GridFrom(int64_t at_us) const {
    const int64_t past = at_us % tick_us_;
    return past == 0 ? at_us : at_us - past + tick_us_;
  }

  void Take(const EventBatch& batch) {
    for (const Refusal& refusal : batch.refusals) Refuse(refusal);
    const IngestResult result = engine_.Ingest(
        batch.events,
        {.source = command_.feed.paths.front(), .rows = batch.rows});
    for (const Refusal& refusal : result.handed_back) Refuse(refusal);
    events_ += result.accepted;
  }

  void Refuse(const Refusal& refusal) {
    ++refused_;
    if (show_) return;
    std::fputs(
        absl::StrCat("cckpi: ", PrintableText(RefusalText(refusal)), "\n")
            .c_str(),
        stderr);
  }

  absl::Status Tick(int64_t now_us) {
    CCKPI_RETURN_IF_ERROR(engine_.Advance(ToTime(now_us)));
    CCKPI_ASSIGN_OR_RETURN(const TickResult result,
                           monitor_.Tick(engine_, ToTime(now_us)));
    if (show_) {
      view_.Note(result);
      TableOptions options =
          TableOptionsFor(options_.events.output, command_.zone);
      // Home, the view, and nothing of the view before.
      return Print(absl::StrCat(
          "\x1b[H\x1b[J",
          view_.Render(monitor_.Alerts(), now_us, command_.feed.paths.front(),
                       events_, refused_, options, TerminalHeight())));
    }
    std::string text;
    for (const Transition& one : result.transitions) {
      text += writer_.TransitionLine(one);
    }
    for (const Notification& one : result.notifications) {
      text += writer_.NotificationLine(one);
    }
    return Print(text);
  }

  // Cancelled when the reader went away.
  static absl::Status Print(std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return absl::CancelledError("the reader went away");
      text.remove_prefix(static_cast<size_t>(written));
    }
    return absl::OkStatus();
  }

  const WatchOptions& options_;
  EventCommand command_;
  int64_t tick_us_;
  Engine engine_;
  ScalingMonitor monitor_;
  AlertWriter writer_;
  StatusView view_;
  bool show_ = false;
  int64_t events_ = 0;
  int64_t refused_ = 0;
};

absl::StatusOr<int64_t> Watch(const WatchOptions& options) {
  absl::StatusOr<int64_t> tick = ParseSpan(options.tick);
  if (!tick.ok()) return At("--tick", tick.status());
  if (*tick < kSecond || *tick > kLongestTick) {
    return absl::InvalidArgumentError("--tick: must be from 1s to 1d");
  }
  if (options.view != "auto" && options.view != "on" && options.view != "off") {
    return absl::InvalidArgumentError("--view: is none of auto, on, off");
  }
  CCKPI_ASSIGN_OR_RETURN(EventCommand command,
                         MakeEventCommand(options.events));
  if (command.config.scaling_matrix.empty()) {
    return absl::InvalidArgumentError(
        "--config: there is no scaling_matrix in it");
  }
  if (options.events.allowed_lateness.empty() &&
      command.feed.order == FeedOrder::kSorted) {
    // Live, events come a little out of order.
    command.config.allowed_lateness_us = kDefaultLateness;
    command.config.duplicate_window_us.reset();
  }
  CCKPI_ASSIGN_OR_RETURN(Engine engine, Engine::Create(command.config));
  CCKPI_ASSIGN_OR_RETURN(ScalingMonitor monitor,
                         ScalingMonitor::Create(command.config));
  stop_requested = 0;
  struct sigaction action = {};
  action.sa_handler = RequestStop;  // without SA_RESTART: a wait ends at once
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  Watcher watcher(options, std::move(command), *tick, std::move(engine),
                  std::move(monitor));
  const absl::Status status = watcher.Run();
  if (!status.ok() && status.code() != absl::StatusCode::kCancelled) {
    return status;
  }
  return watcher.refused();
}

ExitStatus RunWatch(const WatchOptions& options) {
  const absl::StatusOr<int64_t> refused = Watch(options);
  if (!refused.ok()) return Fail(refused.status());
  return options.events.strict && *refused > 0 ? ExitStatus::kRefused
                                               : ExitStatus::kOk;
}

}  // namespace

void AddWatchCommand(CLI::App* app, ExitStatus* exit_status) {
  CLI::App* command = app->add_subcommand(
      "watch", "The scaling matrix live: follows a growing log");
  auto options = std::make_shared<WatchOptions>();
  EventOptions& events = options->events;
  command
      ->add_option("FILE", events.paths,
                   "A log that grows (also replaced or cut by rotation), or "
                   "\"-\": standard input, to its end")
      ->required()
      ->expected(1);
  command
      ->add_option("--config", events.config,
                   "Configuration (JSON) with a scaling_matrix")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--map", events.map,
                   "Mapping (JSON) that turns a foreign log into events")
      ->type_name("FILE");
  command->add_option("--tick", options->tick, "How often the rules look")
      ->type_name("SPAN")
      ->capture_default_str();
  command
      ->add_option("--view", options->view,
                   "A status view instead of JSON Lines: auto (on a "
                   "terminal), on, off")
      ->type_name("WHEN")
      ->capture_default_str();
  command->add_option("--zone", events.zone, "Time zone of the view")
      ->type_name("NAME");
  command
      ->add_option("--allowed-lateness", events.allowed_lateness,
                   "Refuse events that come later than this. Default: 5m")
      ->type_name("SPAN");
  command->add_flag("--strict", events.strict,
                    "Exit with status 1 when events were refused");
  command->add_flag("--no-color", events.output.no_color, "No colours");
  command->callback([=] { *exit_status = RunWatch(*options); });
}

}  // namespace cckpi::cli
