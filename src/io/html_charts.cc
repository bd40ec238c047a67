#include "src/io/html_charts.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/io/render_text.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/threshold.h"
#include "src/io/html_goals.h"
#include "src/io/html_tables.h"
#include "src/io/html_text.h"
#include "src/io/render_label.h"
#include "src/io/render_sections.h"

namespace cckpi {
namespace {

// "weekly", for a title.
std::string_view EveryText(Frequency every) {
  switch (every) {
    case Frequency::kBucket:
      return "every 15 minutes";
    case Frequency::kHourly:
      return "by hour";
    case Frequency::kDaily:
      return "by day";
    case Frequency::kWeekly:
      return "by week";
    case Frequency::kMonthly:
      return "by month";
    case Frequency::kAll:
      break;
  }
  return "over the whole time";
}

// Every window from the first to the last that has a row.
std::vector<Window> WindowsOf(const HtmlReport& data) {
  std::vector<Window> windows;
  if (data.series.rows.empty()) return windows;
  int64_t first_us = data.series.rows[0].begin_us;
  int64_t last_us = first_us;
  for (const ReportRow& row : data.series.rows) {
    first_us = std::min(first_us, row.begin_us);
    last_us = std::max(last_us, row.begin_us);
  }
  const auto week_start =
      static_cast<absl::Weekday>(data.config.week_starts - 1);
  Window window =
      WindowContaining(first_us, data.series_every, data.zone, week_start);
  while (window.begin_us <= last_us && window.span_us() > 0) {
    windows.push_back(window);
    window = NextWindow(window, data.series_every, data.zone, week_start);
  }
  return windows;
}

// The rows of a series by window, nullptr where there is none.
std::vector<const ReportRow*> RowsOf(const Series& series,
                                     const std::vector<Window>& windows,
                                     const GroupValues& group) {
  std::vector<const ReportRow*> rows;
  for (const Window& window : windows) {
    const auto found = series.rows.find({window, group});
    rows.push_back(found == series.rows.end() ? nullptr : found->second);
  }
  return rows;
}

size_t CountValues(const std::vector<const ReportRow*>& rows) {
  return static_cast<size_t>(
      std::count_if(rows.begin(), rows.end(), [](const ReportRow* row) {
        return row != nullptr && row->value.has_value();
      }));
}

std::string WindowCell(const Window& window, const Zone& zone) {
  return absl::StrCat("<th scope=\"row\">", HtmlText(WindowLabel(window, zone)),
                      "</th>");
}

// What the chart shows, for those who do not see it.
std::string TrendLabel(const std::string& name, const HtmlReport& data,
                       const std::vector<Window>& windows,
                       const std::vector<const ReportRow*>& rows,
                       const std::string& target) {
  const ReportRow* least = nullptr;
  const ReportRow* most = nullptr;
  const ReportRow* last = nullptr;
  for (const ReportRow* row : rows) {
    if (row == nullptr || !row->value.has_value()) continue;
    if (least == nullptr || *row->value < *least->value) least = row;
    if (most == nullptr || *row->value > *most->value) most = row;
    last = row;
  }
  std::string label =
      absl::StrCat(name, " ", std::string(EveryText(data.series_every)), ", ",
                   windows.size(), " windows");
  if (last != nullptr) {
    const auto at = [&](const ReportRow& row) {
      return absl::StrCat(ValueText(row), " (",
                          WindowLabel({row.begin_us, row.end_us}, data.zone),
                          ")");
    };
    absl::StrAppend(&label, ": least ", at(*least), ", most ", at(*most),
                    ", latest ", at(*last));
  }
  if (!target.empty()) absl::StrAppend(&label, "; target ", target);
  return label + ". The figures follow as a table.";
}

std::string ValuesTable(const std::string& name, const HtmlReport& data,
                        const std::vector<Window>& windows,
                        const std::vector<const ReportRow*>& rows) {
  std::string body =
      "<thead><tr><th scope=\"col\">window</th>"
      "<th scope=\"col\" class=\"num\">value</th>"
      "<th scope=\"col\" class=\"num\">n</th></tr></thead>\n<tbody>\n";
  for (size_t w = 0; w < windows.size(); ++w) {
    if (rows[w] == nullptr) continue;
    absl::StrAppend(&body, "<tr>", WindowCell(windows[w], data.zone),
                    ValueCell(*rows[w]), "<td class=\"num\">",
                    SampleText(*rows[w]), "</td></tr>\n");
  }
  return ScrollTable(
      absl::StrCat(name, " ", std::string(EveryText(data.series_every))),
      "class=\"values\"", absl::StrCat(body, "</tbody>\n"));
}

void AddValues(const std::vector<const ReportRow*>& rows, JsonObject* json) {
  JsonArray values;
  JsonArray texts;
  JsonArray samples;
  JsonArray provisional;
  for (const ReportRow* row : rows) {
    if (row == nullptr || !row->value.has_value()) {
      values.AddNull();
      texts.AddNull();
      samples.AddNull();
      provisional.Add("false");
      continue;
    }
    values.AddNumber(*row->value);
    texts.AddText(ValueText(*row));
    const std::optional<int64_t> n = SampleOf(*row);
    samples.Add(n.has_value() ? absl::StrCat(*n) : "null");
    provisional.Add(row->provisional ? "true" : "false");
  }
  json->Add("values", values.text());
  json->Add("texts", texts.text());
  json->Add("n", samples.text());
  json->Add("provisional", provisional.text());
}

// The target in force at the end of each window, and the bands.
void AddGoals(const KpiGoals& goals, Unit unit,
              const std::vector<Window>& windows, JsonObject* json) {
  if (!goals.history.empty()) {
    JsonArray values;
    const Threshold* last = nullptr;
    for (const Window& window : windows) {
      const Threshold* target = goals.TargetAt(window.end_us);
      if (target == nullptr) {
        values.AddNull();
      } else {
        values.AddNumber(static_cast<double>(target->value_micro) / 1e6);
        last = target;
      }
    }
    if (last != nullptr) {
      JsonObject target;
      target.AddText("text", ThresholdText(*last, unit));
      target.Add("values", values.text());
      json->Add("target", target.text());
    }
  }
  if (goals.bands.empty()) return;
  JsonArray bands;
  for (const GoalBand& band : goals.bands) {
    JsonObject one;
    std::string over;
    AppendJsonNumber(static_cast<double>(band.over_micro) / 1e6, &over);
    one.AddText("level", band.level);
    one.AddText("text", FormatQuantity(band.over_micro, unit));
    one.Add("over", over);
    bands.Add(one.text());
  }
  json->Add("bands", bands.text());
  json->Add("lower_is_better",
            goals.direction == Direction::kLowerIsBetter ? "true" : "false");
}

std::string Caption(std::string_view title, std::string_view variant,
                    const std::string& link) {
  std::string caption = absl::StrCat(
      "<span class=\"name\">",
      link.empty()
          ? HtmlText(title)
          : absl::StrCat("<a href=\"#", link, "\">", HtmlText(title), "</a>"),
      "</span>");
  if (!variant.empty()) {
    absl::StrAppend(&caption, " <span class=\"variant\">", HtmlText(variant),
                    "</span>");
  }
  return caption;
}

// Has no use as a line over time, or has a chart of its own.
bool IsNoTrend(const Series& series) {
  const ReportRow& row = *series.rows.begin()->second;
  return row.kpi == "due_within" || row.kpi == "backlog";
}

std::optional<double> FigureOf(const ReportRow& row, std::string_view name) {
  for (const Figure& figure : row.figures) {
    if (figure.name != name) continue;
    if (const auto* number = std::get_if<int64_t>(&figure.value)) {
      return static_cast<double>(*number);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string ChartFigure(std::string_view kind, size_t index,
                        std::string_view caption, std::string_view label,
                        std::string_view table, std::string_view classes) {
  std::string out = absl::StrCat(
      "<figure class=\"chart ", std::string(classes), "\"><figcaption>",
      std::string(caption), "</figcaption>\n<div class=\"plot\" role=\"img\" ",
      "data-chart=\"", std::string(kind));
  absl::StrAppend(&out, "\" data-index=\"", index, "\" aria-label=\"",
                  HtmlText(label), "\"></div>\n<details><summary>Figures",
                  "<span class=\"hidden\"> of this chart</span></summary>\n",
                  std::string(table), "</details></figure>\n");
  return out;
}

namespace {

// Adds the charts of one report: of the total, or inside a scope.
void AddTrends(const HtmlReport& data, const Report& report, const Scope& scope,
               const std::vector<Window>& windows, const KpiIndex& index,
               size_t* count, ChartPart* part, JsonArray* charts) {
  for (const ReportSection& section : MakeSections(report, 0)) {
    for (const Series& series : section.series) {
      if (scope.empty() && IsNoTrend(series)) continue;
      const std::vector<const ReportRow*> rows = RowsOf(series, windows, {});
      if (CountValues(rows) == 0) continue;
      const ReportRow& any = *series.rows.begin()->second;
      const KpiGoals goals = GoalsOf(data.config, any, scope);
      std::string variant = series.variant;
      for (const auto& [dimension, value] : scope) {
        absl::StrAppend(&variant, variant.empty() ? "" : ", ", dimension, " ",
                        PrintableText(value));
      }
      const std::string name = variant.empty()
                                   ? series.title
                                   : absl::StrCat(series.title, ", ", variant);
      const Threshold* target = goals.TargetAt(windows.back().end_us);
      const std::string target_text =
          target == nullptr ? "" : ThresholdText(*target, any.unit);
      std::string caption = Caption(series.title, variant, index.Anchor(any));
      if (target != nullptr) {
        absl::StrAppend(&caption, " <span class=\"goal\">target ",
                        HtmlText(target_text), "</span>");
      }
      part->html +=
          ChartFigure("trends", (*count)++, caption,
                      TrendLabel(name, data, windows, rows, target_text),
                      ValuesTable(name, data, windows, rows));
      JsonObject json;
      json.AddText("title", series.title);
      json.AddText("variant", variant);
      json.AddText("kpi", any.kpi);
      json.AddText("id", any.id);
      JsonObject where;
      for (const auto& [dimension, value] : scope) {
        where.AddText(dimension, value);
      }
      json.Add("scope", where.text());
      json.AddText("unit", UnitName(any.unit));
      AddValues(rows, &json);
      AddGoals(goals, any.unit, windows, &json);
      charts->Add("\n  " + json.text());
    }
  }
}

}  // namespace

ChartPart TrendCharts(const HtmlReport& data, const KpiIndex& index) {
  const std::vector<Window> windows = WindowsOf(data);
  if (windows.size() < 2) return {};
  ChartPart part;
  JsonArray charts;
  size_t count = 0;
  AddTrends(data, data.series, {}, windows, index, &count, &part, &charts);
  for (const HtmlReport::ScopedSeries& scoped : data.scoped) {
    AddTrends(data, scoped.series, scoped.scope, windows, index, &count, &part,
              &charts);
  }
  JsonArray labels;
  JsonArray begins;
  for (const Window& window : windows) {
    labels.AddText(WindowLabel(window, data.zone));
    begins.AddText(FormatTime(window.begin_us));
  }
  JsonObject json;
  json.AddText("every", FrequencyName(data.series_every));
  json.Add("labels", labels.text());
  json.Add("begins", begins.text());
  json.Add("series", charts.text());
  part.json = json.text();
  return part;
}

ChartPart BacklogCharts(const HtmlReport& data) {
  const std::vector<Window> windows = WindowsOf(data);
  constexpr std::pair<std::string_view, std::string_view> kPhases[] = {
      {"bot", "bot"},
      {"queue", "queue"},
      {"agent_turn", "agent turn"},
      {"customer_turn", "customer turn"},
      {"hold", "hold"}};
  constexpr std::pair<std::string_view, std::string_view> kAges[] = {
      {"mean_age_us", "mean age"},
      {"p90_age_us", "p90 age"},
      {"oldest_us", "oldest"}};
  std::vector<const ReportRow*> rows;
  const std::vector<ReportSection> sections = MakeSections(data.series, 0);
  for (const ReportSection& section : sections) {
    for (const Series& series : section.series) {
      if (!rows.empty() || series.rows.begin()->second->kpi != "backlog") {
        continue;
      }
      rows = RowsOf(series, windows, {});
    }
  }
  if (windows.size() < 2 || CountValues(rows) == 0) return {};

  std::string head = "<thead><tr><th scope=\"col\">window</th>";
  JsonArray phases;
  JsonArray ages;
  const auto add = [&](const auto& columns, double scale, JsonArray* json) {
    for (const auto& [figure, name] : columns) {
      JsonObject one;
      JsonArray values;
      JsonArray texts;
      bool any = false;
      for (const ReportRow* row : rows) {
        const std::optional<double> value =
            row == nullptr ? std::nullopt : FigureOf(*row, figure);
        if (!value.has_value()) {
          values.AddNull();
          texts.AddNull();
          continue;
        }
        any = any || *value != 0;
        values.AddNumber(*value / scale);
        texts.AddText(scale == 1 ? DecimalText(*value, 0)
                                 : DurationText(static_cast<int64_t>(*value)));
      }
      if (!any) continue;
      one.AddText("name", name);
      one.Add("values", values.text());
      one.Add("texts", texts.text());
      json->Add(one.text());
    }
  };
  add(kPhases, 1, &phases);
  add(kAges, 1e6, &ages);

  for (const auto& column : kPhases) {
    absl::StrAppend(&head, "<th scope=\"col\" class=\"num\">",
                    std::string(column.second), "</th>");
  }
  absl::StrAppend(&head, "<th scope=\"col\" class=\"num\">total</th>");
  for (const auto& column : kAges) {
    absl::StrAppend(&head, "<th scope=\"col\" class=\"num\">",
                    std::string(column.second), "</th>");
  }
  std::string body = head + "</tr></thead>\n<tbody>\n";
  double most = 0;
  for (size_t w = 0; w < windows.size(); ++w) {
    if (rows[w] == nullptr) continue;
    const ReportRow& row = *rows[w];
    absl::StrAppend(&body, "<tr>", WindowCell(windows[w], data.zone));
    for (const auto& column : kPhases) {
      absl::StrAppend(&body, "<td class=\"num\">",
                      DecimalText(FigureOf(row, column.first).value_or(0), 0),
                      "</td>");
    }
    const double count = FigureOf(row, "count").value_or(0);
    most = std::max(most, count);
    absl::StrAppend(&body, "<td class=\"num\">", DecimalText(count, 0),
                    "</td>");
    for (const auto& column : kAges) {
      const std::optional<double> age = FigureOf(row, column.first);
      absl::StrAppend(
          &body, "<td class=\"num\">",
          age.has_value() ? DurationText(static_cast<int64_t>(*age)) : "",
          "</td>");
    }
    body += "</tr>\n";
  }
  body += "</tbody>\n";
  const std::string every(EveryText(data.series_every));
  const std::string table =
      ScrollTable("Open cases at the end of each window, and their age",
                  "class=\"values\"", body);
  ChartPart part;
  part.html = ChartFigure(
      "backlog", 0, Caption("Open cases", "at the end of each window", ""),
      absl::StrCat("Open cases by phase ", every, ", at most ",
                   DecimalText(most, 0), ". The figures follow as a table."),
      table, "wide");
  part.html += ChartFigure(
      "backlog", 1, Caption("Age of open cases", every, ""),
      absl::StrCat("Mean age, 90th percentile and oldest of the open cases ",
                   every, ". The figures follow as a table."),
      table, "wide");
  JsonObject json;
  json.Add("phases", phases.text());
  json.Add("ages", ages.text());
  part.json = json.text();
  return part;
}

ChartPart ArrivalsHeatMap(const HtmlReport& data) {
  if (!data.arrivals_by_hour.has_value()) return {};
  constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu",
                                                     "Fri", "Sat", "Sun"};
  std::string body = "<thead><tr><th scope=\"col\">day</th>";
  for (int hour = 0; hour < 24; ++hour) {
    absl::StrAppend(&body, "<th scope=\"col\" class=\"num\">", hour, "</th>");
  }
  body += "<th scope=\"col\" class=\"num\">all</th></tr></thead>\n<tbody>\n";
  JsonArray days;
  JsonArray counts;
  int64_t total = 0;
  int64_t most = -1;
  std::string busiest;
  for (size_t d = 0; d < 7; ++d) {
    const size_t day =
        (d + static_cast<size_t>(data.config.week_starts) - 1) % 7;
    const auto& hours = (*data.arrivals_by_hour)[day];
    absl::StrAppend(&body, "<tr><th scope=\"row\">", std::string(kDays[day]),
                    "</th>");
    JsonArray row;
    int64_t sum = 0;
    for (size_t hour = 0; hour < hours.size(); ++hour) {
      sum += hours[hour];
      row.Add(absl::StrCat(hours[hour]));
      absl::StrAppend(&body, "<td class=\"num\">", hours[hour], "</td>");
      if (hours[hour] > most) {
        most = hours[hour];
        busiest = absl::StrCat(std::string(kDays[day]), " ", hour, ":00");
      }
    }
    absl::StrAppend(&body, "<td class=\"num\">", sum, "</td></tr>\n");
    total += sum;
    days.AddText(kDays[day]);
    counts.Add(row.text());
  }
  body += "</tbody>\n";
  if (total == 0) return {};
  ChartPart part;
  part.html = ChartFigure(
      "arrivals", 0,
      Caption("Arrivals",
              absl::StrCat("by weekday and hour, ", data.zone.name()), ""),
      absl::StrCat("Heat map of ", total,
                   " arrivals by weekday and hour; most, ", most, ", on ",
                   busiest, ". The figures follow as a table."),
      ScrollTable("Arrivals by weekday and hour", "class=\"values heat\"",
                  body),
      "wide");
  JsonObject json;
  json.Add("days", days.text());
  json.Add("counts", counts.text());
  part.json = json.text();
  return part;
}

}  // namespace cckpi
