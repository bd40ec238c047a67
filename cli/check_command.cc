// cckpi check CONFIG: is it sound, and what does it ask for?

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/engine/engine.h"
#include "cckpi/io/render_text.h"
#include "cckpi/kpi/catalogue.h"
#include "cli/commands.h"

namespace cckpi::cli {
namespace {

struct CheckOptions {
  std::string path;
};

std::string NameOf(const KpiSpec& spec) {
  return spec.id.empty() ? std::string(Definition(spec.kpi).name) : spec.id;
}

// "2 scorecards: a, b"; empty when there are none.
template <typename Item, typename Name>
void AppendList(std::string_view what, const std::vector<Item>& items,
                Name name, std::vector<std::string>* lines) {
  if (items.empty()) return;
  std::string line = absl::StrCat(items.size(), " ", std::string(what),
                                  items.size() == 1 ? "" : "s", ": ");
  for (size_t i = 0; i < items.size(); ++i) {
    absl::StrAppend(&line, i > 0 ? ", " : "", PrintableText(name(items[i])));
  }
  lines->push_back(std::move(line));
}

std::string GroupName(const GroupBy& group) {
  std::string name;
  for (const Dimension& dimension : group) {
    absl::StrAppend(&name, name.empty() ? "" : " + ", DimensionName(dimension));
  }
  return name.empty() ? "total" : name;
}

std::string Summary(const std::string& path, const Config& config) {
  constexpr int kWidth = 100;
  std::vector<std::string> lines;
  lines.push_back(absl::StrCat("time zone ", config.time_zone));
  std::vector<std::string> calendars;
  for (const auto& entry : config.calendars) calendars.push_back(entry.first);
  AppendList(
      "calendar", calendars, [](const std::string& name) { return name; },
      &lines);
  if (config.kpis_given) {
    AppendList("KPI", config.kpis, NameOf, &lines);
  } else {
    lines.push_back("every KPI of the catalogue");
  }
  if (config.groups_given) {
    AppendList("grouping", config.groups, GroupName, &lines);
  }
  AppendList(
      "scorecard", config.scorecards,
      [](const Scorecard& card) { return card.id; }, &lines);
  AppendList(
      "scaling rule", config.scaling_matrix,
      [](const ScalingRule& rule) { return rule.id; }, &lines);
  AppendList(
      "report", config.reports,
      [](const ReportSchedule& report) { return report.id; }, &lines);
  std::string text = absl::StrCat(path, ": OK\n");
  for (const std::string& line : lines) {
    std::string indent = "  ";
    for (const std::string& part : WrapText(line, kWidth)) {
      absl::StrAppend(&text, indent, part, "\n");
      indent = "      ";
    }
  }
  return text;
}

ExitStatus Check(const CheckOptions& options) {
  absl::StatusOr<Config> config = LoadConfig(options.path);
  if (!config.ok()) return Fail(config.status());
  const absl::Status engine = Engine::Create(*config).status();
  if (!engine.ok()) return Fail(At(options.path, engine));
  const absl::Status status = WriteResult({}, Summary(options.path, *config));
  return status.ok() ? ExitStatus::kOk : Fail(status);
}

}  // namespace

void AddCheckCommand(CLI::App* app, ExitStatus* exit_status) {
  CLI::App* command = app->add_subcommand("check", "Validate a configuration");
  auto options = std::make_shared<CheckOptions>();
  command
      ->add_option("CONFIG", options->path,
                   "Configuration, \"-\" is standard input")
      ->required();
  command->callback([=] { *exit_status = Check(*options); });
}

}  // namespace cckpi::cli
