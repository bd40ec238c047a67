#include "cli/due_reports.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"
#include "cckpi/engine/engine.h"
#include "cckpi/engine/report_schedule.h"
#include "cckpi/io/render.h"
#include "cckpi/io/render_html.h"
#include "cckpi/io/render_scorecard.h"
#include "cckpi/io/render_text.h"
#include "cli/charts.h"
#include "cli/feed.h"
#include "cli/parallel_feed.h"
#include "cli/threads.h"

namespace cckpi::cli {
namespace {

constexpr int kTableWidth = 110;
constexpr size_t kMostFiles = 10'000;

struct File {
  std::string name;
  std::string text;
};

// A report, rendered.
struct Rendered {
  DueReport due;
  std::vector<File> files;
  bool provisional = false;
};

// An id as part of a file's name: letters, digits, "-", "_" and "." only, none
// of them hidden.
std::string FileStem(const std::string& id) {
  std::string stem;
  for (char c : id) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                       (c == '.' && !stem.empty());
    stem.push_back(plain ? c : '_');
  }
  constexpr size_t kLongest = 100;
  if (stem.size() > kLongest) stem.resize(kLongest);
  return stem;
}

// One stem for each report, also where ids differ in odd characters only.
std::vector<std::string> FileStems(const Config& config) {
  std::vector<std::string> stems;
  std::set<std::string> taken;
  for (const ReportSchedule& entry : config.reports) {
    const std::string stem = FileStem(entry.id);
    std::string unique = stem;
    for (int n = 2; !taken.insert(unique).second; ++n) {
      unique = absl::StrCat(stem, "_", n);
    }
    stems.push_back(std::move(unique));
  }
  return stems;
}

std::string WindowStem(const Window& window, Frequency every,
                       const Zone& zone) {
  const absl::Time begin = ToTime(window.begin_us);
  if (every == Frequency::kHourly) {
    return absl::FormatTime("%Y%m%dT%H%MZ", begin, absl::UTCTimeZone());
  }
  return absl::FormatTime(every == Frequency::kMonthly ? "%Y-%m" : "%Y-%m-%d",
                          begin, zone.time_zone());
}

class DueRun {
 public:
  DueRun(const EventOptions& options, EventCommand command)
      : options_(options), command_(std::move(command)) {}

  absl::Status Run(const std::string& since) {
    const Config& config = command_.config;
    if (config.reports.empty()) {
      return absl::InvalidArgumentError(
          "--due: the configuration has no \"reports\"");
    }
    if (command_.feed.now_us == kNoTime) {
      return absl::InvalidArgumentError("--due: needs --now");
    }
    if (options_.output.path.empty()) {
      return absl::InvalidArgumentError(
          "--due: needs --output, the directory for the files");
    }
    const absl::Time now = ToTime(command_.feed.now_us);
    std::vector<DueReport> due;
    if (since.empty()) {
      CCKPI_ASSIGN_OR_RETURN(due, LatestReports(config, now));
    } else {
      CCKPI_ASSIGN_OR_RETURN(since_us_,
                             ParseInstant("--since", since, command_.zone));
      if (*since_us_ > command_.feed.now_us) {
        return absl::InvalidArgumentError("--since: must not be after --now");
      }
      CCKPI_ASSIGN_OR_RETURN(due, DueReports(config, ToTime(*since_us_), now));
    }
    if (due.size() > kMostFiles) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "--due: ", due.size(), " reports are due, at most ", kMostFiles,
          " are written at once; take a later --since"));
    }
    CCKPI_RETURN_IF_ERROR(CheckDirectory());
    CCKPI_RETURN_IF_ERROR(Feed(due));
    stems_ = FileStems(config);
    for (const DueReport& one : due) CCKPI_RETURN_IF_ERROR(Render(one));
    // Everything is rendered before anything is written.
    for (const Rendered& rendered : rendered_) {
      for (const File& file : rendered.files) {
        CCKPI_RETURN_IF_ERROR(Write(file.name, file.text));
      }
    }
    return Write("due.json", Index());
  }

  // After Run.
  const FeedResult& feed() const { return fed_->feed; }

 private:
  absl::Status CheckDirectory() const {
    const std::string& path = options_.output.path;
    struct stat info;
    if (::stat(path.c_str(), &info) != 0 && ::mkdir(path.c_str(), 0777) != 0) {
      return absl::UnavailableError(
          absl::StrCat(path, ": ", std::strerror(errno)));
    }
    if (::stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--output: ", path, " is no directory"));
    }
    return absl::OkStatus();
  }

  absl::Status Feed(const std::vector<DueReport>& due) {
    Config kept = command_.config;
    const bool pages =
        std::any_of(due.begin(), due.end(), [&](const DueReport& one) {
          return command_.config.reports[one.report].format == "html";
        });
    if (pages) {
      CCKPI_ASSIGN_OR_RETURN(page_, PageOptions(options_.top));
      KeepForHtml(&kept);
    }
    CCKPI_ASSIGN_OR_RETURN(
        fed_, FeedOnThreads(kept, command_.feed, options_.threads));
    return absl::OkStatus();
  }

  absl::Status Render(const DueReport& due) {
    const ReportSchedule& entry = command_.config.reports[due.report];
    const std::string stem =
        absl::StrCat(stems_[due.report], "-",
                     WindowStem(due.window, entry.every, command_.zone));
    const bool rows_wanted = !entry.kpis.empty() || entry.scorecards.empty();
    Query query = QueryOf(entry, due.window);
    CCKPI_ASSIGN_OR_RETURN(
        std::vector<ScorecardResult> scorecards,
        ScorecardsOf(fed_->engine, command_.config, entry, due.window));
    Report report;
    if (rows_wanted) {
      CCKPI_ASSIGN_OR_RETURN(
          report, fed_->engine.Ask(query, OnThreads(options_.threads)));
    }
    AmendReport(fed_->feed, &report);
    Rendered rendered;
    rendered.due = due;
    for (const ReportRow& row : report.rows) {
      rendered.provisional |= row.provisional;
    }
    for (const ScorecardResult& result : scorecards) {
      rendered.provisional |= result.provisional;
    }
    if (entry.format == "html") {
      CCKPI_ASSIGN_OR_RETURN(
          HtmlReport page,
          CollectHtmlReport(fed_->engine, command_.config, query));
      AmendReport(fed_->feed, &page.report);
      page.scorecards = std::move(scorecards);
      if (!rows_wanted) page.report.rows.clear();
      HtmlOptions html = *page_;
      html.title = entry.id;
      rendered.files.push_back({stem + ".html", RenderHtml(page, html)});
    } else if (entry.format == "json") {
      rendered.files.push_back(
          {stem + ".json", RenderJson(report, scorecards)});
    } else if (entry.format == "csv") {
      if (rows_wanted) {
        rendered.files.push_back({stem + ".csv", RenderCsv(report)});
      }
      if (!entry.scorecards.empty()) {
        rendered.files.push_back(
            {stem + ".scorecards.csv", RenderScorecardCsv(scorecards)});
      }
    } else {
      rendered.files.push_back(
          {stem + ".txt", Table(entry, report, rows_wanted, scorecards)});
    }
    rendered_.push_back(std::move(rendered));
    return absl::OkStatus();
  }

  std::string Table(const ReportSchedule& entry, const Report& report,
                    bool rows_wanted,
                    const std::vector<ScorecardResult>& scorecards) const {
    TableOptions table{.zone = command_.zone, .width = kTableWidth};
    table.max_groups = options_.top;
    std::string text = PrintableText(entry.id) + "\n\n";
    if (rows_wanted) text += RenderTable(report, table);
    if (!entry.scorecards.empty()) {
      if (rows_wanted) text += "\n";
      text += scorecards.empty() ? "No scorecard window closed.\n"
                                 : RenderScorecardTable(scorecards, table);
    }
    return text;
  }

  absl::Status Write(const std::string& name, const std::string& text) const {
    Output output = options_.output;
    absl::StrAppend(&output.path, "/", name);
    return WriteResult(output, text);
  }

  static void AppendTexts(const std::vector<std::string>& texts,
                          std::string* out) {
    out->push_back('[');
    for (const std::string& text : texts) {
      if (out->back() != '[') *out += ", ";
      AppendJsonText(text, out);
    }
    out->push_back(']');
  }

  std::string Index() const {
    std::string out = absl::StrCat(
        "{\"version\": \"", std::string(kVersion), "\", \"since\": ",
        since_us_ ? absl::StrCat("\"", FormatTime(*since_us_), "\"") : "null",
        ", \"now\": \"", FormatTime(command_.feed.now_us),
        "\",\n \"reports\": [");
    std::string_view separator = "\n  ";
    for (const Rendered& rendered : rendered_) {
      const ReportSchedule& entry =
          command_.config.reports[rendered.due.report];
      out += separator;
      separator = ",\n  ";
      out += "{\"id\": ";
      AppendJsonText(entry.id, &out);
      absl::StrAppend(
          &out, ", \"every\": \"", std::string(FrequencyName(entry.every)),
          "\", \"due\": \"", FormatTime(rendered.due.due_us),
          "\", \"begin\": \"", FormatTime(rendered.due.window.begin_us),
          "\", \"end\": \"", FormatTime(rendered.due.window.end_us),
          "\", \"to\": ");
      AppendTexts(entry.to, &out);
      absl::StrAppend(&out, ", \"format\": \"", entry.format,
                      "\", \"files\": ");
      std::vector<std::string> names;
      for (const File& file : rendered.files) names.push_back(file.name);
      AppendTexts(names, &out);
      absl::StrAppend(&out, ", \"provisional\": ",
                      rendered.provisional ? "true" : "false", "}");
    }
    out += "]}\n";
    return out;
  }

  const EventOptions& options_;
  EventCommand command_;
  std::optional<int64_t> since_us_;
  std::optional<HtmlOptions> page_;
  std::optional<FedEngine> fed_;
  std::vector<std::string> stems_;
  std::vector<Rendered> rendered_;
};

}  // namespace

ExitStatus RunDueReports(const EventOptions& options, const DueOptions& due) {
  absl::StatusOr<EventCommand> command = MakeEventCommand(options);
  if (!command.ok()) return Fail(command.status());
  DueRun run(options, *std::move(command));
  const absl::Status status = run.Run(due.since);
  if (!status.ok()) return Fail(status);
  const bool refused = run.feed().unreadable + run.feed().handed_back > 0;
  return options.strict && refused ? ExitStatus::kRefused : ExitStatus::kOk;
}

}  // namespace cckpi::cli
