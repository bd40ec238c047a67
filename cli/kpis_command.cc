// cckpi kpis [NAME]: the catalogue with every definition.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/io/event_writer.h"
#include "cckpi/io/render_text.h"
#include "cckpi/kpi/catalogue.h"
#include "cli/commands.h"

namespace cckpi::cli {
namespace {

constexpr int kWidth = 100;

struct KpisOptions {
  std::vector<std::string> names;
  std::string format = "table";
  Output output;
};

using Definitions = std::vector<const KpiDefinition*>;

// The words of the option `statistic`: "mean | count | …".
std::string_view Statistics(const KpiDefinition& definition) {
  const KpiOption* option = FindOption(definition.kpi, "statistic");
  return option == nullptr ? std::string_view() : option->values;
}

std::string_view UnitText(Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
      return "a duration";
    case Unit::kRatio:
      return "a ratio";
    case Unit::kCount:
      return "a number";
    case Unit::kScore:
      return "a score";
    case Unit::kPerHour:
      return "a rate per hour";
  }
  return "";
}

// The default statistic as configuration writes it.
std::string DefaultStatistic(const KpiDefinition& definition) {
  return StatisticName(DefaultSpec(definition.kpi));
}

// One named sentence of a definition.
struct Entry {
  std::string_view name;
  std::string text;
};

std::vector<Entry> EntriesOf(const KpiDefinition& definition) {
  return {{"starts", std::string(definition.starts)},
          {"ends", std::string(definition.ends)},
          {"population", std::string(definition.population)},
          {"credited to", std::string(definition.credited_to)},
          {"booked by", std::string(AttributionName(definition.attribution))},
          {"statistics", std::string(Statistics(definition))}};
}

std::string BoldLine(std::string_view name, std::string_view rest,
                     TextTable::Color color) {
  return absl::StrCat(color == TextTable::Color::kOn
                          ? Styled(name, TextStyle::kBold)
                          : std::string(name),
                      "  ", std::string(rest), "\n");
}

std::string TableOf(const Definitions& definitions,
                    const TableOptions& options) {
  const int width = std::min(options.width, kWidth);
  const TextTable::Layout layout = {.indent = 2, .color = options.color};
  // Whole definitions have their options explained; the list names them.
  const bool whole = definitions.size() == 1;
  std::string out;
  for (const KpiDefinition* definition : definitions) {
    if (!out.empty()) out += "\n";
    out += BoldLine(definition->name,
                    absl::StrCat(std::string(definition->title), ", ",
                                 std::string(UnitText(definition->unit))),
                    options.color);
    for (const std::string& line : WrapText(definition->summary, width - 2)) {
      absl::StrAppend(&out, "  ", line, "\n");
    }
    TextTable entries({{.style = TextStyle::kDim}, {.max_width = width - 17}});
    for (const Entry& entry : EntriesOf(*definition)) {
      if (!entry.text.empty()) {
        entries.AddRow({std::string(entry.name), entry.text});
      }
    }
    if (!whole) {
      std::string names;
      for (const KpiOption& option : definition->options) {
        if (option.name == "statistic") continue;
        absl::StrAppend(&names, names.empty() ? "" : ", ",
                        std::string(option.name));
      }
      if (!names.empty()) entries.AddRow({"options", names});
    }
    out += entries.Render(layout);
    if (!whole || definition->options.empty()) continue;
    out += "\n";
    for (const KpiOption& option : definition->options) {
      if (option.values == option.fallback) continue;  // there is no choice
      absl::StrAppend(&out, "  ");
      out += BoldLine(option.name,
                      absl::StrCat(std::string(option.values),
                                   option.fallback.empty() ? "" : "; default ",
                                   std::string(option.fallback)),
                      options.color);
      for (const std::string& line : WrapText(option.summary, width - 6)) {
        absl::StrAppend(&out, "      ", line, "\n");
      }
    }
  }
  return out;
}

void AppendMember(std::string_view name, std::string_view value,
                  std::string* out) {
  if (out->back() != '{') *out += ", ";
  AppendJsonText(name, out);
  *out += ": ";
  AppendJsonText(value, out);
}

std::string JsonOf(const Definitions& definitions) {
  std::string out = "[";
  std::string_view separator = "\n";
  for (const KpiDefinition* definition : definitions) {
    out += separator;
    separator = ",\n";
    out += " {";
    AppendMember("kpi", definition->name, &out);
    AppendMember("title", definition->title, &out);
    AppendMember("unit", UnitName(definition->unit), &out);
    AppendMember("summary", definition->summary, &out);
    AppendMember("starts", definition->starts, &out);
    AppendMember("ends", definition->ends, &out);
    AppendMember("population", definition->population, &out);
    AppendMember("credited_to", definition->credited_to, &out);
    AppendMember("attribution", AttributionName(definition->attribution), &out);
    AppendMember("statistic", DefaultStatistic(*definition), &out);
    out += ",\n  \"options\": [";
    std::string_view option_separator = "\n   ";
    for (const KpiOption& option : definition->options) {
      out += option_separator;
      option_separator = ",\n   ";
      out += "{";
      AppendMember("name", option.name, &out);
      AppendMember("values", option.values, &out);
      AppendMember("default", option.fallback, &out);
      AppendMember("summary", option.summary, &out);
      out += "}";
    }
    out += "]}";
  }
  out += "]\n";
  return out;
}

std::string CsvOf(const Definitions& definitions) {
  std::string out =
      "kpi,title,unit,summary,starts,ends,population,credited_to,"
      "attribution,statistic,statistics,options\n";
  for (const KpiDefinition* definition : definitions) {
    std::string options;
    for (const KpiOption& option : definition->options) {
      absl::StrAppend(&options, options.empty() ? "" : " ",
                      std::string(option.name));
    }
    const std::string_view fields[] = {
        definition->name,
        definition->title,
        UnitName(definition->unit),
        definition->summary,
        definition->starts,
        definition->ends,
        definition->population,
        definition->credited_to,
        AttributionName(definition->attribution)};
    for (const std::string_view field : fields) {
      absl::StrAppend(&out, CsvField(field), ",");
    }
    absl::StrAppend(&out, CsvField(DefaultStatistic(*definition)), ",",
                    CsvField(Statistics(*definition)), ",", CsvField(options),
                    "\n");
  }
  return out;
}

absl::StatusOr<Definitions> Find(const std::vector<std::string>& names) {
  Definitions definitions;
  std::vector<std::string_view> known;
  for (const KpiDefinition& definition : Catalogue()) {
    known.push_back(definition.name);
    if (names.empty()) definitions.push_back(&definition);
  }
  for (const std::string& name : names) {
    const KpiDefinition* definition = FindKpi(name);
    if (definition == nullptr) {
      const std::string nearest(NearestName(name, known));
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", name, "\" is no KPI",
          nearest.empty() ? "; cckpi kpis lists them"
                          : absl::StrCat("; did you mean \"", nearest, "\"?")));
    }
    definitions.push_back(definition);
  }
  return definitions;
}

ExitStatus Kpis(const KpisOptions& options) {
  absl::StatusOr<Format> format = ParseFormat(options.format);
  if (!format.ok()) return Fail(format.status());
  absl::StatusOr<Definitions> definitions = Find(SplitNames(options.names));
  if (!definitions.ok()) return Fail(definitions.status());
  std::string text;
  switch (*format) {
    case Format::kTable:
      text = TableOf(*definitions, TableOptionsFor(options.output, Zone()));
      break;
    case Format::kCsv:
      text = CsvOf(*definitions);
      break;
    case Format::kHtml:  // is not offered
    case Format::kJson:
      text = JsonOf(*definitions);
      break;
  }
  const absl::Status status = WriteResult(options.output, text);
  return status.ok() ? ExitStatus::kOk : Fail(status);
}

}  // namespace

void AddKpisCommand(CLI::App* app, ExitStatus* exit_status) {
  CLI::App* command =
      app->add_subcommand("kpis", "The catalogue with every definition");
  auto options = std::make_shared<KpisOptions>();
  command->add_option("NAME", options->names,
                      "Whole definition of these KPIs, with their options");
  command->add_option("--format", options->format, "table, csv or json")
      ->type_name("FORMAT")
      ->capture_default_str();
  command->add_option("--output", options->output.path, "Write to this file")
      ->type_name("FILE");
  command->add_flag("--no-color", options->output.no_color, "No colours");
  command->callback([=] { *exit_status = Kpis(*options); });
}

}  // namespace cckpi::cli
