#include "cckpi/io/render_html.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/time.h"
#include "cckpi/io/render.h"
#include "cckpi/io/render_scorecard.h"
#include "cckpi/io/render_text.h"
#include "src/io/html_assets.h"
#include "src/io/html_charts.h"
#include "src/io/html_definitions.h"
#include "src/io/html_tables.h"
#include "src/io/html_text.h"
#include "src/io/render_label.h"
#include "src/io/render_sections.h"

namespace cckpi {
namespace {

// A report without the groups that a page leaves out.
struct ShownReport {
  Report report;
  std::vector<ReportSection>
      sections;  // of `report`, each knowing what it lacks
};

ShownReport Show(const Report& report, size_t max_groups) {
  ShownReport shown;
  shown.report = report;
  std::vector<ReportSection> sections = MakeSections(report, max_groups);
  std::map<std::vector<std::string>, size_t> left_out;
  std::set<const ReportRow*> kept;
  for (const ReportSection& section : sections) {
    if (section.groups_left_out == 0) continue;
    left_out[section.dimensions] = section.groups_left_out;
    for (const Series& series : section.series) {
      for (const auto& entry : series.rows) kept.insert(entry.second);
    }
  }
  if (!left_out.empty()) {
    shown.report.rows.clear();
    for (const ReportRow& row : report.rows) {
      std::vector<std::string> dimensions;
      for (const auto& entry : row.group) dimensions.push_back(entry.first);
      if (!left_out.contains(dimensions) || kept.contains(&row)) {
        shown.report.rows.push_back(row);
      }
    }
  }
  shown.sections = MakeSections(shown.report, 0);
  for (ReportSection& section : shown.sections) {
    const auto found = left_out.find(section.dimensions);
    if (found != left_out.end()) section.groups_left_out = found->second;
  }
  return shown;
}

// The parts of the page, in order, and the table of contents.
class Page {
 public:
  void Add(const std::string& id, const std::string& title,
           const std::string& content) {
    if (content.empty()) return;
    absl::StrAppend(&contents_, "<li><a href=\"#", id, "\">", HtmlText(title),
                    "</a></li>\n");
    absl::StrAppend(&body_, "<section id=\"", id, "\" aria-labelledby=\"", id,
                    "-title\">\n<h2 id=\"", id, "-title\">", HtmlText(title),
                    "</h2>\n", content, "</section>\n\n");
  }

  const std::string& contents() const { return contents_; }
  const std::string& body() const { return body_; }

 private:
  std::string contents_;
  std::string body_;
};

std::string Grid(const ChartPart& part) {
  if (part.html.empty()) return "";
  return absl::StrCat("<div class=\"charts\">\n", part.html, "</div>\n");
}

std::string EventsText(const EventCounts& events) {
  std::string text = absl::StrCat(events.applied, " events");
  const auto add = [&text](int64_t count, const char* what) {
    if (count != 0) absl::StrAppend(&text, ", ", count, " ", what);
  };
  add(events.duplicate, "duplicates");
  add(events.late, "late");
  add(events.refused, "refused");
  add(events.after_now, "after the report's present");
  return text;
}

std::string Refusals(const Report& report) {
  if (report.refusals.empty()) return "";
  std::string body =
      "<thead><tr><th scope=\"col\">source</th>"
      "<th scope=\"col\" class=\"num\">row</th><th scope=\"col\">event</th>"
      "<th scope=\"col\">reason</th></tr></thead>\n<tbody>\n";
  for (const Refusal& refusal : report.refusals) {
    absl::StrAppend(&body, "<tr><th scope=\"row\">", HtmlText(refusal.source),
                    "</th><td class=\"num\">", refusal.row, "</td><td><bdi>",
                    HtmlText(refusal.event), "</bdi></td><td>",
                    HtmlText(refusal.reason), "</td></tr>\n");
  }
  body += "</tbody>\n";
  std::string out =
      absl::StrCat("<p>", report.events.refused + report.events.late,
                   " events were refused or late and are in no number.</p>\n");
  return out + ScrollTable("The first events that were refused",
                           "class=\"refusals\"", body);
}

// From when to when the numbers are.
std::string PeriodText(const HtmlReport& data, const Report& summary) {
  if (summary.rows.empty()) return "";
  int64_t begin_us = summary.rows[0].begin_us;
  int64_t end_us = summary.rows[0].end_us;
  for (const ReportRow& row : summary.rows) {
    begin_us = std::min(begin_us, row.begin_us);
    end_us = std::max(end_us, row.end_us);
  }
  return absl::StrCat(LocalTimeText(begin_us, data.zone), " to ",
                      LocalTimeText(end_us, data.zone));
}

std::string Header(const HtmlReport& data, const HtmlOptions& options,
                   const Report& summary) {
  std::string out = absl::StrCat("<header>\n<div><h1>", HtmlText(options.title),
                                 "</h1>\n<p>");
  const std::string period = PeriodText(data, summary);
  if (!period.empty()) {
    absl::StrAppend(&out, "<span class=\"period\">", HtmlText(period),
                    "</span> ");
  }
  if (data.report.now_us != kNoTime) {
    absl::StrAppend(&out, "<span>as of ",
                    HtmlText(LocalTimeText(data.report.now_us, data.zone)),
                    "</span> ");
  }
  absl::StrAppend(&out, "<span>", HtmlText(data.zone.name()), "</span> <span>",
                  EventsText(data.report.events), "</span></p></div>\n");
  out +=
      "<button type=\"button\" id=\"theme\" hidden>"
      "<span class=\"hidden\">Colours: </span><span id=\"theme-name\">"
      "system</span></button>\n</header>\n";
  return out;
}

// What the page may do: run the scripts in it, and nothing else.
std::string SecurityPolicy(const HtmlOptions& options) {
  std::string scripts =
      absl::StrCat("'sha256-", std::string(ReportScript().sha256), "'");
  if (!options.chart_library.text.empty()) {
    absl::StrAppend(&scripts, " 'sha256-",
                    std::string(options.chart_library.sha256), "'");
  }
  return absl::StrCat(
      "default-src 'none'; script-src ", scripts,
      "; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
      "form-action 'none'");
}

void AddPart(const std::string& name, const ChartPart& part, JsonObject* json) {
  if (!part.json.empty()) json->Add(name, part.json);
}

std::string Script(const EmbeddedText& script) {
  if (script.text.empty()) return "";
  return absl::StrCat("<script>", std::string(script.text), "</script>\n");
}

}  // namespace

std::string RenderHtml(const HtmlReport& data, const HtmlOptions& options) {
  const ShownReport main = Show(data.report, options.max_groups);
  const bool has_summary = !data.summary.rows.empty();
  const ShownReport whole =
      has_summary ? Show(data.summary, options.max_groups) : ShownReport();
  const ShownReport& summary = has_summary ? whole : main;

  KpiIndex index;
  index.Add(summary.report);
  index.Add(main.report);
  index.Add(data.series);
  for (const HtmlReport::ScopedSeries& scoped : data.scoped) {
    index.Add(scoped.series);
  }
  const HtmlTables main_tables(main.report, "report", data.config, data.zone,
                               index);
  const HtmlTables summary_tables(summary.report,
                                  has_summary ? "summary" : "report",
                                  data.config, data.zone, index);

  Page page;
  JsonObject charts;
  const auto total = std::find_if(
      summary.sections.begin(), summary.sections.end(),
      [](const ReportSection& section) { return section.dimensions.empty(); });
  if (total != summary.sections.end()) {
    page.Add("overview", "At a glance", summary_tables.Tiles(*total));
  }
  const ChartPart scores = Scorecards(data);
  const ChartPart alerts = AlertTimeline(data);
  const ChartPart trends = TrendCharts(data, index);
  const ChartPart distributions = DistributionCharts(data);
  const ChartPart backlog = BacklogCharts(data);
  const ChartPart arrivals = ArrivalsHeatMap(data);
  page.Add("scorecards", "Scorecards", scores.html);
  page.Add("alerts", "Alerts", Grid(alerts));
  page.Add("trends", "Over time", Grid(trends));
  std::string spread = Grid(distributions);
  if (!spread.empty()) {
    spread +=
        "<p class=\"note\">These are the times that ended. A service level "
        "also counts those that have not and are past T, so it can be lower "
        "than the share within T here.</p>\n";
  }
  page.Add("distributions", "How times spread", spread);
  page.Add("backlog", "Backlog and age", Grid(backlog));
  page.Add("arrivals", "When cases arrive", Grid(arrivals));
  AddPart("scores", scores, &charts);
  AddPart("alerts", alerts, &charts);
  AddPart("trends", trends, &charts);
  AddPart("distributions", distributions, &charts);
  AddPart("backlog", backlog, &charts);
  AddPart("arrivals", arrivals, &charts);

  size_t number = 0;
  for (const ReportSection& section : summary.sections) {
    const bool is_agents =
        section.dimensions == std::vector<std::string>{"agent"};
    page.Add(is_agents ? "agents" : absl::StrCat("tables-", ++number),
             is_agents                    ? "Agents"
             : section.dimensions.empty() ? "All KPIs"
                                          : SectionTitle(section),
             summary_tables.Tables(section));
  }
  if (has_summary) {
    std::string windows;
    for (const ReportSection& section : main.sections) {
      const std::string tables = main_tables.Tables(section);
      if (tables.empty()) continue;
      absl::StrAppend(&windows, "<details><summary>",
                      HtmlText(SectionTitle(section)), "</summary>\n", tables,
                      "</details>\n");
    }
    page.Add("windows", "Every window", windows);
  }
  page.Add("refused", "Refused events", Refusals(data.report));
  page.Add("definitions", "What the numbers mean", index.Definitions());

  JsonObject json;
  json.Add("report", "\n" + RenderJson(main.report));
  if (has_summary) json.Add("summary", "\n" + RenderJson(whole.report));
  if (!data.scorecards.empty()) {
    json.Add("scorecards", "\n" + RenderScorecardJson(data.scorecards));
  }
  json.Add("charts", "\n" + charts.text());

  const bool has_charts = !options.chart_library.text.empty();
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\" class=\"no-charts\">\n<head>\n"
      "<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"";
  absl::StrAppend(
      &out, SecurityPolicy(options),
      "\">\n<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">"
      "\n<meta name=\"generator\" content=\"cckpi ",
      std::string(kVersion), "\">\n<title>", HtmlText(options.title),
      "</title>\n<style>\n", std::string(ReportStyle().text), "</style>\n");
  absl::StrAppend(&out,
                  "</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to "
                  "the numbers</a>\n",
                  Header(data, options, summary.report),
                  "<nav aria-label=\"Sections\"><ul>\n", page.contents(),
                  "</ul></nav>\n<main id=\"main\" tabindex=\"-1\">\n");
  if (summary.report.rows.empty() && scores.html.empty()) {
    out += "<p>There is nothing to report: no event, or no window.</p>\n";
  }
  absl::StrAppend(&out, page.body(), "</main>\n<footer>\n<p>Made by cckpi ",
                  std::string(kVersion),
                  ". This file is complete: it asks the network for nothing."
                  "</p>\n");
  if (has_charts && !options.chart_notice.empty()) {
    out +=
        "<details><summary>Licences of the charts' software</summary>\n"
        "<pre>";
    // Line by line: PrintableText would write newlines out.
    std::string_view notice = options.chart_notice;
    while (!notice.empty()) {
      const size_t end = std::min(notice.find('\n'), notice.size());
      absl::StrAppend(&out, HtmlText(notice.substr(0, end)), "\n");
      notice.remove_prefix(std::min(end + 1, notice.size()));
    }
    out += "</pre></details>\n";
  }
  absl::StrAppend(&out,
                  "</footer>\n<script type=\"application/json\" "
                  "id=\"cckpi-data\">",
                  JsonInScript(json.text()), "</script>\n");
  absl::StrAppend(&out, Script(options.chart_library), Script(ReportScript()),
                  "</body>\n</html>\n");
  return out;
}

}  // namespace cckpi
