// Scorecards on a page: the newest window in full, the scores over time.

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/io/render_text.h"
#include "cckpi/kpi/threshold.h"
#include "src/io/html_charts.h"
#include "src/io/html_goals.h"
#include "src/io/html_tables.h"
#include "src/io/html_text.h"
#include "src/io/render_label.h"
#include "src/io/scorecard_text.h"

namespace cckpi {
namespace {

// More lines in one picture cannot be told apart.
constexpr size_t kMaxLines = 8;

std::string GroupText(const GroupNames& group) {
  std::string text;
  for (const auto& [dimension, value] : group) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", PrintableText(value));
  }
  return text;
}

double Share(int64_t micro) { return static_cast<double>(micro) / 1e6; }

std::string ShareText(const std::optional<int64_t>& micro) {
  return micro.has_value() ? PercentText(Share(*micro)) : "\xE2\x80\x93";
}

// The cell of a share, with its exact value.
std::string ShareCell(const std::optional<int64_t>& micro) {
  if (!micro.has_value()) {
    return "<td class=\"num\"><span class=\"none\">\xE2\x80\x93</span></td>";
  }
  std::string number;
  AppendJsonNumber(Share(*micro), &number);
  return absl::StrCat("<td class=\"num\"><data value=\"", number, "\">",
                      HtmlText(ShareText(micro)), "</data></td>");
}

std::string LineName(const ScoreLineResult& line) {
  if (line.member.empty()) return PrintableText(line.kpi);
  const std::string group = GroupText(line.member_group);
  return group.empty() ? PrintableText(line.member)
                       : absl::StrCat(PrintableText(line.member), ": ", group);
}

std::string ScopeText(const ScoreLineResult& line) {
  std::string text;
  for (const auto& [dimension, value] : line.scope) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", dimension, " ",
                    PrintableText(value));
  }
  return text;
}

std::string TargetText(const ScoreLineResult& line) {
  if (line.target.has_value()) return ThresholdText(*line.target, line.unit);
  if (line.member.empty() && !line.zones.empty()) return "zones";
  return "";
}

std::string StateText(CardState state) {
  switch (state) {
    case CardState::kScored:
      return "";
    case CardState::kNoData:
      return "no data";
    case CardState::kTooFew:
      return "too few";
    case CardState::kNoBenchmark:
      return "no benchmark yet";
  }
  return "";
}

// The value of a line as a report shows it.
ReportRow ActualRow(const ScoreLineResult& line) {
  ReportRow row;
  row.unit = line.unit;
  row.value = line.value;
  row.provisional = line.provisional;
  return row;
}

std::string MarkOf(bool provisional) {
  return provisional
             ? "<abbr class=\"provisional\" title=\"provisional\">~</abbr>"
             : "";
}

std::string WindowText(const ScorecardResult& result, const HtmlReport& data) {
  return WindowLabel({result.begin_us, result.end_us}, data.zone);
}

// One result with every line.
std::string ResultTable(const ScorecardResult& result, const HtmlReport& data,
                        const std::string& name) {
  const bool has_scope = std::any_of(
      result.lines.begin(), result.lines.end(),
      [](const ScoreLineResult& line) { return !line.scope.empty(); });
  std::string body = absl::StrCat(
      "<thead><tr><th scope=\"col\">Card</th>",
      has_scope ? "<th scope=\"col\">Scope</th>" : "",
      "<th scope=\"col\" class=\"num\">Target</th>"
      "<th scope=\"col\" class=\"num\">Actual</th>"
      "<th scope=\"col\" class=\"num\">n</th>"
      "<th scope=\"col\" class=\"num\">Attainment</th>"
      "<th scope=\"col\" class=\"num\">Weight</th>"
      "<th scope=\"col\" class=\"num\">Contribution</th></tr></thead>\n"
      "<tbody>\n");
  for (const ScoreLineResult& line : result.lines) {
    const std::string state = StateText(line.state);
    absl::StrAppend(
        &body, "<tr><th scope=\"row\">", HtmlText(LineName(line)), "</th>",
        has_scope ? absl::StrCat("<td>", HtmlText(ScopeText(line)), "</td>")
                  : "",
        "<td class=\"num\">", HtmlText(TargetText(line)),
        "</td><td class=\"num\">",
        state.empty() || line.value.has_value() ? ValueElement(ActualRow(line))
                                                : "",
        state.empty()
            ? ""
            : absl::StrCat(" <span class=\"note\">", state, "</span>"));
    absl::StrAppend(&body, "</td><td class=\"num\">",
                    line.n.has_value() ? absl::StrCat(*line.n) : "", "</td>",
                    ShareCell(line.attainment_micro), "<td class=\"num\">",
                    WeightText(line.weight_permille), "</td>",
                    ShareCell(line.contribution_micro), "</tr>\n");
  }
  absl::StrAppend(&body, "</tbody>\n<tfoot><tr><th scope=\"row\" colspan=\"",
                  has_scope ? 6 : 5, "\">", "Score",
                  result.provisional ? ", provisional" : "",
                  "</th><td class=\"num\">", WeightText(result.weight_permille),
                  "</td>", ShareCell(result.score_micro), "</tr></tfoot>\n");
  return ScrollTable(absl::StrCat(name, ", ", WindowText(result, data)),
                     "class=\"score\"", body);
}

// The results of one window, a row for each group.
std::string GroupsTable(const std::vector<const ScorecardResult*>& results,
                        const HtmlReport& data, const std::string& name) {
  std::string body = "<thead><tr>";
  for (const auto& entry : results[0]->group) {
    absl::StrAppend(&body, "<th scope=\"col\">", HtmlText(entry.first),
                    "</th>");
  }
  for (const ScoreLineResult& line : results[0]->lines) {
    absl::StrAppend(&body, "<th scope=\"col\" class=\"num\">",
                    HtmlText(LineName(line)), " <span class=\"variant\">",
                    HtmlText(TargetText(line)), ", weight ",
                    WeightText(line.weight_permille), "</span></th>");
  }
  body += "<th scope=\"col\" class=\"num\">Score</th></tr></thead>\n<tbody>\n";
  for (const ScorecardResult* result : results) {
    body += "<tr>";
    for (const auto& entry : result->group) {
      absl::StrAppend(&body, "<th scope=\"row\"><bdi>", HtmlText(entry.second),
                      "</bdi></th>");
    }
    for (const ScoreLineResult& line : result->lines) {
      absl::StrAppend(&body, "<td class=\"num\"><small>",
                      HtmlText(ShareText(line.attainment_micro)), "</small> ",
                      ValueElement(ActualRow(line)), "</td>");
    }
    absl::StrAppend(&body, ShareCell(result->score_micro), "</tr>\n");
  }
  body += "</tbody>\n";
  return absl::StrCat(
      ScrollTable(absl::StrCat(name, ", ", WindowText(*results[0], data)),
                  "class=\"groups sortable score\"", body),
      "<p class=\"note\">Small: the attainment.</p>\n");
}

// All results of one scorecard, by group and window.
struct Card {
  const std::string* id = nullptr;
  Frequency every = Frequency::kWeekly;
  std::vector<Window> windows;
  std::map<GroupNames, std::map<int64_t, const ScorecardResult*>> groups;
};

std::vector<Card> CardsOf(const std::vector<ScorecardResult>& results) {
  std::vector<Card> cards;
  for (const ScorecardResult& result : results) {
    if (cards.empty() || *cards.back().id != result.id) {
      cards.push_back({&result.id, result.every, {}, {}});
    }
    Card& card = cards.back();
    const Window window = {result.begin_us, result.end_us};
    if (card.windows.empty() || card.windows.back() < window) {
      card.windows.push_back(window);
    }
    card.groups[result.group][result.begin_us] = &result;
  }
  return cards;
}

// The newest window in which anything was scored, else the newest.
Window NewestOf(const Card& card) {
  for (auto window = card.windows.rbegin(); window != card.windows.rend();
       ++window) {
    for (const auto& [group, results] : card.groups) {
      const auto found = results.find(window->begin_us);
      if (found != results.end() && found->second->score_micro.has_value()) {
        return *window;
      }
    }
  }
  return card.windows.back();
}

std::string Tile(const ScorecardResult& result, const HtmlReport& data) {
  const std::string group = GroupText(result.group);
  return absl::StrCat(
      "<li class=\"tile\"><span class=\"name\">",
      HtmlText(PrintableText(result.id)), "</span> <span class=\"variant\">",
      HtmlText(group.empty() ? "" : group + ", "),
      HtmlText(WindowText(result, data)), "</span> <span class=\"value\">",
      MarkOf(result.provisional), HtmlText(ShareText(result.score_micro)),
      "</span></li>\n");
}

// The scores over time: a figure, and what it is drawn from.
std::string ScoreChart(const Card& card, const HtmlReport& data, size_t index,
                       JsonArray* charts) {
  JsonArray labels;
  std::string body = "<thead><tr><th scope=\"col\">window</th>";
  for (const auto& entry : card.groups) {
    const std::string name = GroupText(entry.first);
    absl::StrAppend(&body, "<th scope=\"col\" class=\"num\">",
                    name.empty() ? "score" : HtmlText(name), "</th>");
  }
  body += "</tr></thead>\n<tbody>\n";
  for (const Window& window : card.windows) {
    labels.AddText(WindowLabel(window, data.zone));
    absl::StrAppend(&body, "<tr><th scope=\"row\">",
                    HtmlText(WindowLabel(window, data.zone)), "</th>");
    for (const auto& entry : card.groups) {
      const auto found = entry.second.find(window.begin_us);
      body += found == entry.second.end()
                  ? "<td class=\"num\"></td>"
                  : ShareCell(found->second->score_micro);
    }
    body += "</tr>\n";
  }
  body += "</tbody>\n";
  JsonArray groups;
  size_t shown = 0;
  for (const auto& entry : card.groups) {
    if (shown++ == kMaxLines) break;
    JsonArray values;
    JsonArray texts;
    for (const Window& window : card.windows) {
      const auto found = entry.second.find(window.begin_us);
      if (found == entry.second.end() ||
          !found->second->score_micro.has_value()) {
        values.AddNull();
        texts.AddNull();
        continue;
      }
      values.AddNumber(Share(*found->second->score_micro));
      texts.AddText((found->second->provisional ? "~" : "") +
                    ShareText(found->second->score_micro));
    }
    JsonObject one;
    one.AddText("name", GroupText(entry.first));
    one.Add("values", values.text());
    one.Add("texts", texts.text());
    groups.Add(one.text());
  }
  JsonObject json;
  json.AddText("id", *card.id);
  json.Add("labels", labels.text());
  json.Add("groups", groups.text());
  charts->Add("\n  " + json.text());
  const std::string name = PrintableText(*card.id);
  std::string caption =
      absl::StrCat("<span class=\"name\">", HtmlText(name),
                   "</span> <span class=\"variant\">score by ",
                   std::string(FrequencyName(card.every)),
                   card.groups.size() > kMaxLines
                       ? absl::StrCat(", the first ", kMaxLines, " of ",
                                      card.groups.size(), " groups")
                       : "",
                   "</span>");
  return ChartFigure(
      "scores", index, caption,
      absl::StrCat("Score of ", name, " in ", card.windows.size(),
                   " windows, as lines. The figures follow as a table."),
      ScrollTable("Score of " + name, "class=\"values\"", body));
}

}  // namespace

ChartPart Scorecards(const HtmlReport& data) {
  ChartPart part;
  JsonArray charts;
  std::string tiles;
  std::string tables;
  std::string figures;
  size_t count = 0;
  for (const Card& card : CardsOf(data.scorecards)) {
    const Window newest = NewestOf(card);
    std::vector<const ScorecardResult*> results;
    for (const auto& entry : card.groups) {
      const auto found = entry.second.find(newest.begin_us);
      if (found != entry.second.end()) results.push_back(found->second);
    }
    if (results.empty()) continue;
    const std::string name = PrintableText(*card.id);
    if (results.size() == 1) {
      tiles += Tile(*results[0], data);
      const std::string group = GroupText(results[0]->group);
      tables +=
          ResultTable(*results[0], data,
                      group.empty() ? name : absl::StrCat(name, ", ", group));
    } else {
      tables += GroupsTable(results, data, name);
    }
    if (card.windows.size() > 1) {
      figures += ScoreChart(card, data, count++, &charts);
    }
  }
  if (tables.empty()) return {};
  if (!tiles.empty()) {
    absl::StrAppend(&part.html, "<ul class=\"tiles\">\n", tiles, "</ul>\n");
  }
  part.html += tables;
  if (!figures.empty()) {
    absl::StrAppend(&part.html, "<div class=\"charts\">\n", figures,
                    "</div>\n");
  }
  part.json = charts.text();
  return part;
}

}  // namespace cckpi
