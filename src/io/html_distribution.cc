// How durations spread, in steps that people think in.

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/base/time.h"
#include "cckpi/io/render_text.h"
#include "cckpi/kpi/catalogue.h"
#include "src/io/html_charts.h"
#include "src/io/html_tables.h"
#include "src/io/html_text.h"
#include "src/io/render_label.h"
#include "src/io/render_sections.h"

namespace cckpi {
namespace {

constexpr int64_t kSteps[] = {
    10 * kSecond, 30 * kSecond, kMinute,      2 * kMinute, 5 * kMinute,
    10 * kMinute, 15 * kMinute, 30 * kMinute, kHour,       2 * kHour,
    4 * kHour,    8 * kHour,    16 * kHour,   kDay,        2 * kDay,
    4 * kDay,     7 * kDay,     14 * kDay,    28 * kDay};

std::string TextOf(const std::vector<Figure>& definition,
                   std::string_view name) {
  for (const Figure& entry : definition) {
    if (entry.name != name) continue;
    if (const auto* text = std::get_if<std::string>(&entry.value)) return *text;
  }
  return "";
}

ReportRow RowOf(const Distribution& distribution) {
  ReportRow row;
  row.kpi = distribution.kpi;
  row.id = distribution.id;
  row.definition = distribution.definition;
  return row;
}

// Mean and p90 of one KPI have the same spread: its definition without the
// statistic.
std::string SpreadIdentity(const Distribution& distribution) {
  ReportRow row = RowOf(distribution);
  row.id = {};
  std::erase_if(row.definition.Edit(), [](const Figure& entry) {
    return entry.name == "statistic" || entry.name == "within_us";
  });
  return SeriesIdentity(row);
}

// T of the service levels and turnarounds that look at this duration.
std::vector<int64_t> TargetsOf(const HtmlReport& data,
                               const Distribution& distribution) {
  const Kpi kpi = FindKpi(distribution.kpi)->kpi;
  Stage stage = Stage::kFirst;
  if (kpi == Kpi::kResponseTime) stage = Stage::kEvery;
  if (kpi == Kpi::kResolutionTime) stage = Stage::kResolution;
  const bool is_response =
      kpi == Kpi::kFirstResponseTime || kpi == Kpi::kResponseTime;
  if (!is_response && kpi != Kpi::kResolutionTime) return {};
  std::vector<int64_t> targets;
  const bool business = TextOf(distribution.definition, "clock") == "business";
  for (const KpiSpec& spec : data.config.kpis) {
    const bool has_target =
        spec.kpi == Kpi::kServiceLevel || spec.kpi == Kpi::kBeyondTurnaround;
    if (!has_target || spec.stage != stage ||
        (spec.clock == Clock::kBusiness) != business) {
      continue;
    }
    targets.push_back(spec.within_us);
  }
  if (targets.empty() && is_response) targets.push_back(kDefaultTarget);
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  return targets;
}

struct Step {
  int64_t upto_us = 0;  // the last step has none
  int64_t count = 0;
};

// The counts of the bins in steps: the usual ones, and each T. A bin counts
// where its midpoint lies, as for the share within T.
std::vector<Step> StepsOf(const Distribution& distribution,
                          const std::vector<int64_t>& targets) {
  std::vector<int64_t> edges(std::begin(kSteps), std::end(kSteps));
  edges.insert(edges.end(), targets.begin(), targets.end());
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  std::vector<Step> steps;
  for (const int64_t edge : edges) steps.push_back({edge, 0});
  steps.push_back({0, 0});
  for (const DistributionBin& bin : distribution.bins) {
    const int64_t middle = bin.begin_us + (bin.end_us - bin.begin_us) / 2;
    const auto at = std::lower_bound(edges.begin(), edges.end(), middle);
    steps[static_cast<size_t>(at - edges.begin())].count += bin.count;
  }
  // Empty ends say nothing, but the targets stay, with a step around them.
  size_t first = 0;
  size_t last = steps.size() - 1;
  const auto needed = [&](size_t s) {
    return steps[s].count > 0 || std::find(targets.begin(), targets.end(),
                                           steps[s].upto_us) != targets.end();
  };
  while (last > 0 && !needed(last)) --last;
  while (first < last && !needed(first)) ++first;
  if (last + 1 < steps.size() && steps[last].count == 0) ++last;
  steps.resize(last + 1);
  std::vector<Step> kept(steps.begin() + static_cast<ptrdiff_t>(first),
                         steps.end());
  return kept;
}

}  // namespace

ChartPart DistributionCharts(const HtmlReport& data) {
  ChartPart part;
  JsonArray charts;
  size_t count = 0;
  std::map<std::string, bool> seen;
  std::vector<const Distribution*> ordered;
  for (const Distribution& distribution : data.distributions) {
    if (FindKpi(distribution.kpi) == nullptr) continue;
    if (!seen.try_emplace(SpreadIdentity(distribution), true).second) continue;
    ordered.push_back(&distribution);
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Distribution* a, const Distribution* b) {
                     return CatalogueOrder(RowOf(*a)) <
                            CatalogueOrder(RowOf(*b));
                   });
  for (const Distribution* distribution : ordered) {
    ReportRow row = RowOf(*distribution);
    const std::string title(FindKpi(row.kpi)->title);
    std::erase_if(row.definition.Edit(), [](const Figure& entry) {
      return entry.name == "statistic" || entry.name == "within_us";
    });
    const std::string variant = VariantLabel(row);
    const std::vector<int64_t> targets = TargetsOf(data, *distribution);
    const std::vector<Step> steps = StepsOf(*distribution, targets);
    int64_t total = 0;
    for (const Step& step : steps) total += step.count;

    JsonArray labels;
    JsonArray counts;
    JsonArray shares;
    JsonArray marks;
    std::string body =
        "<thead><tr><th scope=\"col\">up to</th>"
        "<th scope=\"col\" class=\"num\">count</th>"
        "<th scope=\"col\" class=\"num\">share up to here</th></tr></thead>"
        "\n<tbody>\n";
    std::string within;
    int64_t sum = 0;
    for (size_t s = 0; s < steps.size(); ++s) {
      sum += steps[s].count;
      const bool is_last = steps[s].upto_us == 0;
      const double share =
          static_cast<double>(sum) / static_cast<double>(total);
      std::string label = FormatSpan(steps[s].upto_us);
      if (is_last) {
        label = s == 0 ? "any" : "> " + FormatSpan(steps[s - 1].upto_us);
      }
      const bool is_target =
          !is_last && std::find(targets.begin(), targets.end(),
                                steps[s].upto_us) != targets.end();
      absl::StrAppend(&body, is_target ? "<tr class=\"target\">" : "<tr>",
                      "<th scope=\"row\">", HtmlText(label),
                      is_target ? " (T)" : "", "</th><td class=\"num\">",
                      steps[s].count, "</td><td class=\"num\">",
                      HtmlText(PercentText(share)), "</td></tr>\n");
      labels.AddText(label);
      counts.Add(absl::StrCat(steps[s].count));
      shares.AddNumber(share);
      if (is_target) {
        JsonObject mark;
        mark.Add("after", absl::StrCat(s));
        mark.AddText("text", "T " + FormatSpan(steps[s].upto_us));
        mark.AddText("share", PercentText(share));
        marks.Add(mark.text());
        absl::StrAppend(&within, within.empty() ? "; " : ", ",
                        PercentText(share), " within ",
                        FormatSpan(steps[s].upto_us));
      }
    }
    body += "</tbody>\n";
    const std::string name =
        variant.empty() ? title : absl::StrCat(title, ", ", variant);
    std::string caption =
        absl::StrCat("<span class=\"name\">", HtmlText(title), "</span>");
    if (!variant.empty()) {
      absl::StrAppend(&caption, " <span class=\"variant\">", HtmlText(variant),
                      "</span>");
    }
    absl::StrAppend(&caption, " <span class=\"n\">n ", total, "</span>");
    part.html += ChartFigure(
        "distributions", count++, caption,
        absl::StrCat("Distribution of ", name, ", ", total, " values", within,
                     ". The figures follow as a table."),
        ScrollTable("Distribution of " + name, "class=\"values\"", body));
    JsonObject json;
    json.AddText("title", title);
    json.AddText("variant", variant);
    json.AddText("kpi", distribution->kpi);
    json.Add("labels", labels.text());
    json.Add("counts", counts.text());
    json.Add("shares", shares.text());
    json.Add("marks", marks.text());
    charts.Add("\n  " + json.text());
  }
  if (count == 0) return {};
  part.json = charts.text();
  return part;
}

}  // namespace cckpi
