// cckpi explain EVENTS... --kpi NAME: the interactions behind a number.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"
#include "cckpi/engine/engine.h"
#include "cckpi/io/event_writer.h"
#include "cckpi/io/render.h"
#include "cckpi/io/render_text.h"
#include "cckpi/kpi/catalogue.h"
#include "cli/commands.h"
#include "cli/event_command.h"
#include "cli/feed.h"

namespace cckpi::cli {
namespace {

using Explanations = std::vector<Explanation>;

// What is explained: a KPI, as its definition says.
struct Subject {
  std::string name;  // as it was asked for
  KpiSpec spec;
};

bool IsSpan(const Explanation& explanation) {
  return explanation.start_us.has_value() && explanation.end_us.has_value();
}

// Dimension names in the order of first appearance; all have the same ones.
std::vector<std::string> DimensionsOf(const Explanations& explanations) {
  std::vector<std::string> names;
  if (explanations.empty()) return names;
  for (const auto& entry : explanations.front().group) {
    names.push_back(entry.first);
  }
  return names;
}

std::string TimeOr(const std::optional<int64_t>& at_us,
                   std::string_view otherwise, const Zone& zone) {
  return at_us.has_value() ? LocalTimeText(*at_us, zone)
                           : std::string(otherwise);
}

bool IsDuration(const KpiSpec& spec) {
  return Definition(spec.kpi).unit == Unit::kSeconds;
}

std::string TableOf(const Subject& subject, const Explanations& explanations,
                    const TableOptions& options) {
  using Align = TextTable::Align;
  const bool duration = IsDuration(subject.spec);
  const std::vector<std::string> dimensions = DimensionsOf(explanations);
  std::vector<TextTable::Column> columns = {
      {.header = "interaction", .max_width = 36},
      {.header = "episode", .align = Align::kRight},
      {.header = "start"},
      {.header = "end"},
      {.header = duration ? "duration" : "value", .align = Align::kRight},
      {.header = "outcome"}};
  for (const std::string& dimension : dimensions) {
    columns.push_back({.header = PrintableText(dimension), .max_width = 28});
  }
  TextTable table(std::move(columns));
  for (const Explanation& item : explanations) {
    std::vector<std::string> cells = {
        PrintableText(item.interaction),
        item.episode == 0 ? "" : absl::StrCat(item.episode),
        TimeOr(item.start_us, "", options.zone),
        TimeOr(item.end_us, "", options.zone),
        duration
            ? (IsSpan(item) || item.value != 0 ? DurationText(item.value) : "")
            : absl::StrCat(item.value),
        item.outcome};
    for (const auto& entry : item.group) {
      cells.push_back(entry.second.has_value() ? PrintableText(*entry.second)
                                               : "(none)");
    }
    table.AddRow(std::move(cells));
  }
  std::string out =
      absl::StrCat(PrintableText(subject.name), ": ", explanations.size(),
                   explanations.size() == 1 ? " observation" : " observations",
                   ", times in ", options.zone.name(), "\n");
  if (options.color == TextTable::Color::kOn)
    out = Styled(out, TextStyle::kBold);
  if (!explanations.empty()) {
    out += "\n";
    out += table.Render({.indent = 2, .color = options.color});
  }
  return out;
}

std::string CsvOf(const Subject& subject, const Explanations& explanations) {
  std::string out = "kpi,interaction,episode,start,end,booked,value,outcome";
  for (const std::string& dimension : DimensionsOf(explanations)) {
    absl::StrAppend(&out, ",", CsvField(dimension));
  }
  out += "\n";
  const auto time = [](const std::optional<int64_t>& at_us) {
    return at_us.has_value() ? FormatTime(*at_us) : std::string();
  };
  for (const Explanation& item : explanations) {
    absl::StrAppend(&out, CsvField(subject.name), ",",
                    CsvField(item.interaction), ",", item.episode, ",",
                    time(item.start_us), ",", time(item.end_us), ",");
    absl::StrAppend(&out, FormatTime(item.booked_us), ",", item.value, ",",
                    CsvField(item.outcome));
    for (const auto& entry : item.group) {
      absl::StrAppend(&out, ",", CsvField(entry.second.value_or("")));
    }
    out += "\n";
  }
  return out;
}

std::string JsonOf(const Subject& subject, const Explanations& explanations) {
  std::string out = "{\"kpi\": ";
  AppendJsonText(subject.name, &out);
  const auto key = [&out](std::string_view name) {
    absl::StrAppend(&out, ", \"", std::string(name), "\": ");
  };
  const auto time = [&](std::string_view name,
                        const std::optional<int64_t>& at_us) {
    key(name);
    if (at_us.has_value()) {
      AppendJsonText(FormatTime(*at_us), &out);
    } else {
      out += "null";
    }
  };
  out += ",\n \"observations\": [";
  std::string_view separator = "\n  ";
  for (const Explanation& item : explanations) {
    out += separator;
    separator = ",\n  ";
    out += "{\"interaction\": ";
    AppendJsonText(item.interaction, &out);
    key("episode");
    absl::StrAppend(&out, item.episode);
    time("start", item.start_us);
    time("end", item.end_us);
    time("booked", item.booked_us);
    key("value");
    absl::StrAppend(&out, item.value);
    key("outcome");
    AppendJsonText(item.outcome, &out);
    key("group");
    out += "{";
    for (const auto& [dimension, value] : item.group) {
      if (out.back() != '{') out += ", ";
      AppendJsonText(dimension, &out);
      out += ": ";
      if (value.has_value()) {
        AppendJsonText(*value, &out);
      } else {
        out += "null";
      }
    }
    out += "}}";
  }
  out += "]}\n";
  return out;
}

// The greatest values first, equal ones in the order of booking.
void KeepGreatest(size_t count, Explanations* explanations) {
  std::stable_sort(explanations->begin(), explanations->end(),
                   [](const Explanation& a, const Explanation& b) {
                     return a.value > b.value;
                   });
  if (explanations->size() > count) explanations->resize(count);
}

struct ExplainedText {
  std::string text;
  FeedResult feed;
};

absl::StatusOr<ExplainedText> MakeExplanation(const EventOptions& options) {
  CCKPI_ASSIGN_OR_RETURN(EventCommand command, MakeEventCommand(options));
  if (command.query.kpis.size() != 1) {
    return absl::InvalidArgumentError("--kpi: name one KPI to explain");
  }
  Subject subject = {command.query.kpis.front(), {}};
  for (const KpiSpec& spec : command.config.kpis) {
    if (spec.id == subject.name || Definition(spec.kpi).name == subject.name) {
      subject.spec = spec;
      break;
    }
  }
  CCKPI_ASSIGN_OR_RETURN(
      Engine engine, Engine::Create(command.config, {.explain = subject.name}));
  ExplainedText result;
  CCKPI_ASSIGN_OR_RETURN(result.feed, FeedEvents(command.feed, &engine));
  CCKPI_ASSIGN_OR_RETURN(Explanations explanations,
                         engine.Explain(command.query));
  if (options.top > 0) KeepGreatest(options.top, &explanations);
  switch (command.format) {
    case Format::kTable:
      result.text = TableOf(subject, explanations,
                            TableOptionsFor(options.output, command.zone));
      break;
    case Format::kCsv:
      result.text = CsvOf(subject, explanations);
      break;
    case Format::kHtml:  // is not offered
    case Format::kJson:
      result.text = JsonOf(subject, explanations);
      break;
  }
  return result;
}

ExitStatus RunExplain(const EventOptions& options) {
  absl::StatusOr<ExplainedText> result = MakeExplanation(options);
  if (!result.ok()) return Fail(result.status());
  return Finish(options, result->feed, result->text);
}

}  // namespace

void AddExplainCommand(CLI::App* app, ExitStatus* exit_status) {
  CLI::App* command = app->add_subcommand(
      "explain", "The interactions behind a number of a report");
  auto options = std::make_shared<EventOptions>();
  AddEventOptions(command, options.get());
  command
      ->add_option("--kpi", options->kpis, "The KPI, by id or catalogue name")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->required();
  command
      ->add_option("--top", options->top,
                   "Only this many, those with the greatest values first")
      ->type_name("N");
  command->callback([=] { *exit_status = RunExplain(*options); });
}

}  // namespace cckpi::cli
