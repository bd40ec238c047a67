#include "src/io/html_tables.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cckpi/io/render_text.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/exact_value.h"
#include "cckpi/kpi/threshold.h"
#include "src/io/html_goals.h"
#include "src/io/html_text.h"
#include "src/io/render_label.h"

namespace cckpi {
namespace {

// A table with more columns cannot be read.
constexpr size_t kMaxColumns = 9;

// What KPIs belong together, in the order of the page.
constexpr std::array<std::string_view, 6> kTopics = {
    "Response times",       "Resolution and handling", "Service levels",
    "Quality and outcomes", "Volume and backlog",      "Agent time"};

size_t TopicOf(const ReportRow& row) {
  const KpiDefinition* definition = FindKpi(row.kpi);
  if (definition == nullptr) return 4;
  switch (definition->kpi) {
    case Kpi::kFirstResponseTime:
    case Kpi::kResponseTime:
    case Kpi::kCustomerResponseTime:
    case Kpi::kSpeedOfAnswer:
      return 0;
    case Kpi::kResolutionTime:
    case Kpi::kAssignToReply:
    case Kpi::kHandleTime:
    case Kpi::kOperatingTime:
      return 1;
    case Kpi::kServiceLevel:
    case Kpi::kBeyondTurnaround:
    case Kpi::kDueWithin:
      return 2;
    case Kpi::kAccuracy:
    case Kpi::kFirstContactResolution:
    case Kpi::kBotOutcome:
    case Kpi::kSatisfaction:
    case Kpi::kForecastAccuracy:
      return 3;
    case Kpi::kCasesPerHour:
    case Kpi::kOccupancy:
    case Kpi::kCapacityOccupancy:
    case Kpi::kUtilization:
    case Kpi::kConcurrency:
    case Kpi::kStateTime:
    case Kpi::kStaffedTime:
    case Kpi::kAvailableTime:
    case Kpi::kBusyTime:
    case Kpi::kIdleTime:
      return 5;
    default:
      return 4;
  }
}

const ReportRow& AnyRow(const Series& series) {
  return *series.rows.begin()->second;
}

// The series of each topic, in the order of the page.
std::array<std::vector<const Series*>, kTopics.size()> ByTopic(
    const ReportSection& section) {
  std::array<std::vector<const Series*>, kTopics.size()> topics;
  for (const Series& series : section.series) {
    if (series.rows.empty()) continue;
    topics[TopicOf(AnyRow(series))].push_back(&series);
  }
  return topics;
}

// The KPIs of one table.
struct ColumnGroup {
  std::string title;
  std::vector<const Series*> series;
};

// Topics that fit into one table beside each other share it.
std::vector<ColumnGroup> ColumnGroups(const ReportSection& section) {
  std::vector<ColumnGroup> groups;
  const auto topics = ByTopic(section);
  for (size_t t = 0; t < topics.size(); ++t) {
    if (topics[t].empty()) continue;
    if (groups.empty() ||
        groups.back().series.size() + topics[t].size() > kMaxColumns) {
      groups.emplace_back();
    }
    for (size_t s = 0; s < topics[t].size(); ++s) {
      if (groups.back().series.size() == kMaxColumns) groups.emplace_back();
      std::string& title = groups.back().title;
      if (s == 0 || title.empty()) {
        std::string topic(kTopics[t]);
        if (!title.empty()) topic[0] = absl::ascii_tolower(topic[0]);
        absl::StrAppend(&title, title.empty() ? "" : ", ", topic);
      }
      groups.back().series.push_back(topics[t][s]);
    }
  }
  return groups;
}

bool HasOneWindow(const ReportSection& section) {
  return std::all_of(section.keys.begin(), section.keys.end(),
                     [&](const Key& key) {
                       return key.window == section.keys.front().window;
                     });
}

// "target <1h: missed", in words and colour; empty without a target.
std::string GoalText(const Config& config, const ReportRow& row) {
  const KpiGoals goals = GoalsOf(config, row, {});
  const Threshold* target = goals.TargetAt(row.end_us);
  if (target == nullptr) return "";
  const std::string text =
      HtmlText("target " + ThresholdText(*target, row.unit));
  const std::optional<ExactValue> exact = ExactValueOf(row);
  if (!exact.has_value()) return text;
  const bool met = Meets(*target, *exact);
  return absl::StrCat("<span class=\"goal ", met ? "met" : "missed", "\">",
                      text, met ? ": met" : ": missed", "</span>");
}

std::string DetailsText(const ReportRow& row) {
  std::string out;
  for (const Detail& detail : DetailsOf(row)) {
    if (detail.text.empty()) continue;
    absl::StrAppend(&out, "<span class=\"detail\">", HtmlText(detail.label),
                    " <b>", HtmlText(detail.text), "</b></span> ");
  }
  return out;
}

std::string KpiLink(const KpiIndex& index, const ReportRow& row,
                    const std::string& title) {
  return absl::StrCat("<a href=\"#", index.Anchor(row), "\">", HtmlText(title),
                      "</a>");
}

}  // namespace

std::string ScrollTable(std::string_view caption, std::string_view attributes,
                        std::string_view content) {
  const std::string text = HtmlText(caption);
  return absl::StrCat(
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"",
      text, "\"><table", attributes.empty() ? "" : " ", std::string(attributes),
      "><caption>", text, "</caption>\n", std::string(content),
      "</table></div>\n");
}

std::string ValueElement(const ReportRow& row) {
  if (!row.value.has_value()) return "<span class=\"none\">–</span>";
  std::string number;
  AppendJsonNumber(*row.value, &number);
  return absl::StrCat(
      row.provisional
          ? "<abbr class=\"provisional\" title=\"provisional\">~</abbr>"
          : "",
      "<data value=\"", HtmlText(number), "\">", HtmlText(ValueText(row)),
      "</data>");
}

std::string ValueCell(const ReportRow& row) {
  return absl::StrCat("<td class=\"num\">", ValueElement(row), "</td>");
}

HtmlTables::HtmlTables(const Report& report, std::string_view name,
                       const Config& config, const Zone& zone,
                       const KpiIndex& index)
    : report_(report),
      name_(name),
      config_(config),
      zone_(zone),
      index_(index) {}

std::string HtmlTables::RowAttribute(const ReportRow& row) const {
  return absl::StrCat("data-row=\"", &row - report_.rows.data(), "\"");
}

std::string HtmlTables::Tables(const ReportSection& section) const {
  if (section.keys.empty()) return "";
  std::string out;
  if (section.dimensions.empty() && HasOneWindow(section)) {
    out = KpiTable(section);
  } else {
    for (const ColumnGroup& columns : ColumnGroups(section)) {
      out += GroupTable(section, columns.title, columns.series);
    }
  }
  if (section.groups_left_out > 0) {
    absl::StrAppend(&out, "<p class=\"note\">", section.groups_left_out,
                    " groups with fewer observations are left out.</p>\n");
  }
  return out;
}

std::string HtmlTables::KpiTable(const ReportSection& section) const {
  std::string body =
      "<thead><tr><th scope=\"col\">KPI</th><th scope=\"col\">Definition</th>"
      "<th scope=\"col\" class=\"num\">Value</th>"
      "<th scope=\"col\" class=\"num\">n</th>"
      "<th scope=\"col\">More</th></tr></thead>\n";
  const auto topics = ByTopic(section);
  for (size_t t = 0; t < topics.size(); ++t) {
    if (topics[t].empty()) continue;
    absl::StrAppend(&body,
                    "<tbody><tr class=\"topic\"><th colspan=\"5\" "
                    "scope=\"rowgroup\">",
                    std::string(kTopics[t]), "</th></tr>\n");
    for (const Series* series : topics[t]) {
      const ReportRow& row = AnyRow(*series);
      absl::StrAppend(
          &body, "<tr><th scope=\"row\">", KpiLink(index_, row, series->title),
          "</th><td>", HtmlText(series->variant), "</td><td class=\"num\" ",
          RowAttribute(row), ">", ValueElement(row), "</td><td class=\"num\">",
          HtmlText(SampleText(row)), "</td><td class=\"details\">",
          GoalText(config_, row), " ", DetailsText(row), "</td></tr>\n");
    }
    body += "</tbody>\n";
  }
  return ScrollTable("Every KPI over the whole time",
                     absl::StrCat("class=\"kpis\" data-report=\"", name_, "\""),
                     body);
}

std::string HtmlTables::GroupTable(
    const ReportSection& section, std::string_view title,
    const std::vector<const Series*>& columns) const {
  const bool has_windows = !HasOneWindow(section);
  std::string body = "<thead><tr>";
  if (has_windows) body += "<th scope=\"col\">window</th>";
  for (const std::string& dimension : section.dimensions) {
    absl::StrAppend(&body, "<th scope=\"col\">", HtmlText(dimension), "</th>");
  }
  for (const Series* series : columns) {
    absl::StrAppend(&body, "<th scope=\"col\" class=\"num\">",
                    KpiLink(index_, AnyRow(*series), series->title));
    if (!series->variant.empty()) {
      absl::StrAppend(&body, " <span class=\"variant\">",
                      HtmlText(series->variant), "</span>");
    }
    body += "</th>";
  }
  body += "</tr></thead>\n<tbody>\n";
  for (const Key& key : section.keys) {
    std::string cells;
    bool has_any = false;
    for (const Series* series : columns) {
      const auto found = series->rows.find(key);
      if (found == series->rows.end()) {
        cells += "<td class=\"num\"></td>";
        continue;
      }
      has_any = true;
      const std::string sample = SampleText(*found->second);
      absl::StrAppend(&cells, "<td class=\"num\" ",
                      RowAttribute(*found->second), ">");
      if (!sample.empty()) {
        absl::StrAppend(&cells, "<small>n ", sample, "</small> ");
      }
      absl::StrAppend(&cells, ValueElement(*found->second), "</td>");
    }
    if (!has_any) continue;
    body += "<tr>";
    if (has_windows) {
      absl::StrAppend(&body, "<th scope=\"row\">",
                      HtmlText(WindowLabel(key.window, zone_)), "</th>");
    }
    for (const auto& value : key.group) {
      absl::StrAppend(&body, "<th scope=\"row\"><bdi>",
                      HtmlText(GroupValueText(value)), "</bdi></th>");
    }
    absl::StrAppend(&body, cells, "</tr>\n");
  }
  body += "</tbody>\n";
  return ScrollTable(
      absl::StrCat(SectionTitle(section), ": ", std::string(title)),
      absl::StrCat("class=\"groups sortable\" data-report=\"", name_, "\""),
      body);
}

std::string HtmlTables::Tiles(const ReportSection& section) const {
  std::string out = "<ul class=\"tiles\">\n";
  for (const auto& topic : ByTopic(section)) {
    for (const Series* series : topic) {
      const ReportRow& row = AnyRow(*series);
      absl::StrAppend(&out, "<li class=\"tile\"><span class=\"name\">",
                      KpiLink(index_, row, series->title), "</span> ");
      if (!series->variant.empty()) {
        absl::StrAppend(&out, "<span class=\"variant\">",
                        HtmlText(series->variant), "</span> ");
      }
      absl::StrAppend(&out, "<span class=\"value\">", ValueElement(row),
                      "</span> ");
      const std::string sample = SampleText(row);
      if (!sample.empty()) {
        absl::StrAppend(&out, "<span class=\"n\">n ", sample, "</span> ");
      }
      absl::StrAppend(&out, GoalText(config_, row), "</li>\n");
    }
  }
  out += "</ul>\n";
  return out;
}

std::string SectionTitle(const ReportSection& section) {
  if (section.dimensions.empty()) return "Total";
  std::string title = "By ";
  for (size_t d = 0; d < section.dimensions.size(); ++d) {
    if (d > 0) title += d + 1 < section.dimensions.size() ? ", " : " and ";
    title += section.dimensions[d];
  }
  return title;
}

}  // namespace cckpi
