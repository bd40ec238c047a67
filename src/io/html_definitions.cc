#include "src/io/html_definitions.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cckpi/base/time.h"
#include "cckpi/io/render_text.h"
#include "cckpi/kpi/catalogue.h"
#include "src/io/html_text.h"
#include "src/io/render_label.h"
#include "src/io/render_sections.h"

namespace cckpi {
namespace {

using Meaning = std::pair<std::string_view, std::string_view>;

constexpr Meaning kMeanings[] = {
    {"count", "the observations behind the value: n"},
    {"sum_us", "their sum"},
    {"sum_micro", "their sum"},
    {"numerator", "what is counted, over the denominator"},
    {"denominator", "what it is counted of: n"},
    {"open", "started and not ended yet"},
    {"void", "ended without what ends the clock; not in the value"},
    {"min_us", "the shortest"},
    {"max_us", "the longest"},
    {"p50_us", "half of them took at most this long; to 1 %"},
    {"p90_us", "nine in ten took at most this long; to 1 %"},
    {"sliced_us",
     "the time that falls into the window, of spans cut at its "
     "edges"},
    {"met", "answered within T"},
    {"missed", "answered after T, or T ran out without an answer"},
    {"pending", "not decided yet: T, or the window for repeats, still runs"},
    {"late_answered", "answered after the deadline"},
    {"overdue_unanswered", "past the deadline and not answered yet"},
    {"due", "deadlines in the window"},
    {"yes", "no repeat contact came in time: final"},
    {"no", "the customer came back"},
    {"unanswered", "closed without an answer; left out"},
    {"lower", "the value if everything pending turns out badly"},
    {"upper", "the value if everything pending turns out well"},
    {"wilson_low", "lower end of the 95 % Wilson interval"},
    {"wilson_high", "upper end of the 95 % Wilson interval"},
    {"bot", "open cases that a bot handles"},
    {"queue", "open cases that wait for an agent"},
    {"agent_turn", "open cases with an agent who owes an answer"},
    {"customer_turn", "open cases that wait for the customer"},
    {"hold", "open cases on hold"},
    {"open_waits", "customers who are owed an answer at the window's end"},
    {"opened", "cases that opened in the window"},
    {"closed", "cases that closed in the window"},
    {"moved", "cases that changed their group while open"},
    {"oldest_us", "age of the oldest open case"},
    {"mean_age_us", "mean age of the open cases"},
    {"p50_age_us", "half of the open cases are at most this old"},
    {"p90_age_us", "nine in ten open cases are at most this old"},
    {"oldest_business_us", "the same inside the opening hours"},
    {"mean_age_business_us", "the same inside the opening hours"},
    {"resolved_by_bot", "no person was needed"},
    {"handed_off", "the bot gave the case to people"},
    {"human_took_over", "a person wrote without a hand-off"},
    {"abandoned_in_bot", "closed unresolved inside the bot"},
    {"reviewed", "responses with a valid review"},
    {"without_errors", "of these, the ones without errors"},
    {"eligible", "responses that could be reviewed"},
    {"coverage", "reviewed, of the eligible ones"},
    {"untouched", "assignments without any reply"},
    {"waiting", "still waiting at the window's end"},
    {"mean_with_waiting_us", "the mean, those still waiting included"},
    {"top_box", "answers with the best score"},
    {"busy_us", "available time with at least one case"},
    {"idle_us", "available time without a case"},
    {"busy_to_free", "busy time over idle time"},
    {"off_level_us", "case time outside the available time"},
    {"productive_us", "time in productive states"},
    {"paid_us", "time in paid states"},
    {"hours_us", "the agent time that cases are counted over"},
    {"mean", "cases at a time, mean over the available time"},
    {"mean_busy", "cases at a time, mean over the busy time"},
    {"max", "most cases at a time"},
    {"level_us", "cases times time: what the means are made of"},
    {"time_at_level_us", "time with so many cases at once"},
    {"assigned_at_level", "assignments to an agent who had so many cases"},
    {"mean_level_at_assignment", "cases that an agent had when given one"},
    {"visits", "times that agents entered the state"},
    {"cases", "the cases that are counted"},
    {"intervals", "forecast intervals: n"},
    {"zero_intervals", "intervals in which nothing came; not in MAPE"},
    {"forecast_micro", "volume expected"},
    {"actual", "volume that came"},
    {"absolute_error_micro", "sum of the distances of forecast and actual"},
    {"error_micro", "forecast less actual, summed"},
    {"wape", "sum of the distances over the sum of what came"},
    {"bias", "(forecast - actual) / actual, over all intervals"},
    {"mape", "mean of distance over what came, where anything came"},
    {"deviation", "(actual - forecast) / forecast, over all intervals"},
    {"poisson_floor",
     "the WAPE that a perfect forecast of random arrivals "
     "has"},
};

void AppendFact(std::string_view name, std::string_view text,
                std::string* out) {
  if (text.empty()) return;
  absl::StrAppend(out, "<div><dt>", HtmlText(name), "</dt><dd>", HtmlText(text),
                  "</dd></div>\n");
}

// What all variants of a KPI have in common, up to their list.
void AppendKpi(const ReportRow& row, std::string* out) {
  const KpiDefinition* kpi = FindKpi(row.kpi);
  if (kpi == nullptr) {
    absl::StrAppend(out, "<article><h3>", HtmlText(KpiTitle(row)),
                    "</h3>\n<p>A formula over other KPIs.</p>\n<ul>\n");
    return;
  }
  absl::StrAppend(out, "<article><h3>", HtmlText(kpi->title), " <code>",
                  HtmlText(kpi->name), "</code></h3>\n<p>",
                  HtmlText(kpi->summary), "</p>\n<dl>\n");
  AppendFact("starts", kpi->starts, out);
  AppendFact("ends", kpi->ends, out);
  AppendFact("counted", kpi->population, out);
  AppendFact("credited to", kpi->credited_to, out);
  *out += "</dl>\n<ul>\n";
}

std::string DefinitionText(const Figure& entry) {
  if (const auto* span = std::get_if<int64_t>(&entry.value)) {
    return FormatSpan(*span);
  }
  const auto* text = std::get_if<std::string>(&entry.value);
  return text == nullptr ? "" : absl::StrReplaceAll(*text, {{"_", " "}});
}

std::string_view UnitText(Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
      return "seconds";
    case Unit::kRatio:
      return "shares";
    case Unit::kPerHour:
      return "cases per hour";
    case Unit::kScore:
      return "points";
    case Unit::kCount:
      break;
  }
  return "numbers";
}

std::string DefinitionName(std::string_view name) {
  if (name == "within_us") return "T";
  if (name == "attribution") return "booked at";
  if (name == "horizon_us") return "ahead";
  return absl::StrReplaceAll(std::string(name), {{"_", " "}});
}

void AppendVariant(const ReportRow& row, const std::string& anchor,
                   std::string* out) {
  absl::StrAppend(out, "<li id=\"", anchor, "\"><b>", HtmlText(KpiTitle(row)),
                  "</b>");
  std::string separator = ": ";
  for (const Figure& entry : row.definition) {
    const std::string text = DefinitionText(entry);
    if (text.empty()) continue;
    absl::StrAppend(out, separator, HtmlText(DefinitionName(entry.name)),
                    " <i>", HtmlText(text), "</i>");
    separator = ", ";
  }
  absl::StrAppend(out, separator, "in ", std::string(UnitText(row.unit)),
                  "</li>\n");
}

}  // namespace

std::string_view FigureMeaning(std::string_view name) {
  const auto* const found = std::find_if(
      std::begin(kMeanings), std::end(kMeanings),
      [&](const Meaning& meaning) { return meaning.first == name; });
  return found == std::end(kMeanings) ? std::string_view() : found->second;
}

void KpiIndex::Add(const Report& report) {
  for (const ReportRow& row : report.rows) {
    for (const Figure& figure : row.figures) figures_[figure.name] = true;
    if (!places_.try_emplace(SeriesIdentity(row), rows_.size()).second) {
      continue;
    }
    ReportRow& kept = rows_.emplace_back();
    kept.kpi = row.kpi;
    kept.id = row.id;
    kept.definition = row.definition;
    kept.unit = row.unit;
  }
}

std::string KpiIndex::Anchor(const ReportRow& row) const {
  const auto found = places_.find(SeriesIdentity(row));
  return absl::StrCat("kpi-", found == places_.end() ? 0 : found->second + 1);
}

std::string KpiIndex::Definitions() const {
  std::vector<const ReportRow*> ordered;
  for (const ReportRow& row : rows_) ordered.push_back(&row);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const ReportRow* a, const ReportRow* b) {
                     return CatalogueOrder(*a) < CatalogueOrder(*b);
                   });
  std::string out = "<div class=\"definitions\">\n";
  for (size_t r = 0; r < ordered.size(); ++r) {
    const ReportRow& row = *ordered[r];
    const bool is_formula = row.kpi == "formula";
    if (r == 0 || is_formula || row.kpi != ordered[r - 1]->kpi) {
      AppendKpi(row, &out);
    }
    AppendVariant(row, Anchor(row), &out);
    if (r + 1 == ordered.size() || is_formula ||
        row.kpi != ordered[r + 1]->kpi) {
      out += "</ul></article>\n";
    }
  }
  out +=
      "</div>\n<h3>The figures beside the values</h3>\n"
      "<dl class=\"glossary\">\n";
  AppendFact("~", "provisional: later events may still change it", &out);
  AppendFact("n", "the number of observations behind a value", &out);
  for (const auto& [name, meaning] : kMeanings) {
    if (!figures_.contains(std::string(name))) continue;
    std::string label(name);
    for (const std::string_view unit : {"_us", "_micro"}) {
      if (label.size() > unit.size() && label.ends_with(unit)) {
        label.resize(label.size() - unit.size());
      }
    }
    AppendFact(absl::StrReplaceAll(label, {{"_", " "}}), meaning, &out);
  }
  out += "</dl>\n";
  return out;
}

}  // namespace cckpi
