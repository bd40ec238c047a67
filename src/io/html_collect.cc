// What a page shows, asked of an engine.

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/io/render_html.h"
#include "cckpi/kpi/catalogue.h"
#include "src/io/html_goals.h"

namespace cckpi {
namespace {

// From this many windows on, the next coarser kind is easier to read.
constexpr int64_t kReadableWindows = 125;

int64_t UsualSpan(Frequency every) {
  switch (every) {
    case Frequency::kBucket:
      return kBucketSpan;
    case Frequency::kHourly:
      return kHour;
    case Frequency::kDaily:
      return kDay;
    case Frequency::kWeekly:
      return 7 * kDay;
    case Frequency::kMonthly:
    case Frequency::kAll:
      break;
  }
  return 30 * kDay;
}

// Hours for a few days, days for some months, weeks for two years, else
// months.
Frequency ReadableFrequency(int64_t span_us) {
  for (const Frequency every :
       {Frequency::kHourly, Frequency::kDaily, Frequency::kWeekly}) {
    if (span_us <= kReadableWindows * UsualSpan(every)) return every;
  }
  return Frequency::kMonthly;
}

// From the first begin of a row to the last end; empty without rows.
Window Covered(const Report& report) {
  Window covered;
  for (const ReportRow& row : report.rows) {
    if (covered.span_us() == 0) covered = {row.begin_us, row.end_us};
    covered.begin_us = std::min(covered.begin_us, row.begin_us);
    covered.end_us = std::max(covered.end_us, row.end_us);
  }
  return covered;
}

bool IsOneWindow(const Report& report) {
  return std::all_of(report.rows.begin(), report.rows.end(),
                     [&](const ReportRow& row) {
                       return row.begin_us == report.rows[0].begin_us &&
                              row.end_us == report.rows[0].end_us;
                     });
}

// The query over the whole time that it asks for, as one window.
Query Whole(const Query& query, const Report& report) {
  Query whole = query;
  const bool is_bounded = query.begin_us != kNoTime || query.end_us != kNoTime;
  if (query.every != Frequency::kAll && is_bounded && !query.window &&
      !report.rows.empty()) {
    whole.window = Covered(report);
  }
  whole.every = Frequency::kAll;
  return whole;
}

// The total in windows that can be seen.
Query SeriesQuery(const Query& query, const Query& whole, const Report& report,
                  const Report& summary) {
  Query series = query;
  series.by = GroupBy();
  if (whole.window.has_value()) {
    series.window.reset();
    series.begin_us = whole.window->begin_us;
    series.end_us = whole.window->end_us;
  }
  const int64_t span_us = Covered(summary).span_us();
  if (IsOneWindow(report) ||
      span_us / UsualSpan(query.every) > kMaxChartWindows) {
    series.every = ReadableFrequency(span_us);
  }
  return series;
}

// What a page shows beside the KPIs that were asked for.
constexpr std::string_view kKept[] = {"arrivals", "backlog",
                                      "first_response_time", "response_time"};

// The rows of a KPI that may not be kept: then none.
absl::StatusOr<Report> AskIfKept(const Engine& engine, const Query& query) {
  absl::StatusOr<Report> report = engine.Ask(query);
  if (absl::IsNotFound(report.status())) return Report();
  return report;
}

// A query for one KPI of the page's own, by its catalogue name.
Query OwnQuery(const Query& query, std::string_view kpi) {
  Query own = query;
  own.kpis = {std::string(kpi)};
  own.by = GroupBy();
  return own;
}

// Only the first KPI of a name, where there are several.
void KeepFirst(Report* report) {
  std::erase_if(report->rows,
                [id = report->rows.empty() ? "" : report->rows[0].id](
                    const ReportRow& row) { return row.id != id; });
}

absl::Status CollectArrivals(const Engine& engine, const Query& query,
                             HtmlReport* data) {
  Query hourly = OwnQuery(query, "arrivals");
  hourly.every = Frequency::kHourly;
  CCKPI_ASSIGN_OR_RETURN(Report report, AskIfKept(engine, hourly));
  if (report.rows.empty()) return absl::OkStatus();
  KeepFirst(&report);
  auto& counts = data->arrivals_by_hour.emplace();
  for (auto& day : counts) day.fill(0);
  for (const ReportRow& row : report.rows) {
    const absl::CivilSecond local = data->zone.Local(row.begin_us);
    const auto day = static_cast<size_t>(absl::GetWeekday(local));
    const auto hour = static_cast<size_t>(local.hour());
    counts[day][hour] += static_cast<int64_t>(row.value.value_or(0));
  }
  return absl::OkStatus();
}

bool Has(const Report& report, std::string_view kpi) {
  return std::any_of(report.rows.begin(), report.rows.end(),
                     [&](const ReportRow& row) { return row.kpi == kpi; });
}

bool Has(const std::vector<Distribution>& all, std::string_view kpi) {
  return std::any_of(all.begin(), all.end(),
                     [&](const Distribution& one) { return one.kpi == kpi; });
}

// The KPIs with a goal in a scope, each scope with one query.
absl::Status CollectScoped(const Engine& engine, const Query& series,
                           HtmlReport* data) {
  std::map<Scope, std::vector<std::string>> scopes;
  for (const ScopedGoal& goal : ScopedGoals(data->config)) {
    scopes[goal.scope].push_back(goal.kpi);
  }
  for (auto& [scope, kpis] : scopes) {
    Query query = series;
    query.kpis = kpis;
    query.names = Query::Names::kReferenced;
    query.by = GroupBy();
    query.where = scope;
    CCKPI_ASSIGN_OR_RETURN(Report report, AskIfKept(engine, query));
    if (report.rows.empty()) continue;
    data->scoped.push_back({scope, std::move(report)});
  }
  return absl::OkStatus();
}

// Every scorecard, each in its newest windows.
absl::Status CollectScores(const Engine& engine, const Query& query,
                           HtmlReport* data) {
  if (data->config.scorecards.empty()) return absl::OkStatus();
  ScoringOptions options;
  options.begin_us = query.begin_us;
  options.end_us = query.end_us;
  options.current = ScoringOptions::Current::kShown;
  CCKPI_ASSIGN_OR_RETURN(data->scorecards,
                         EvaluateScorecards(engine, data->config, options));
  std::map<std::string, std::set<int64_t>> newest;
  for (const ScorecardResult& result : data->scorecards) {
    std::set<int64_t>& begins = newest[result.id];
    begins.insert(result.begin_us);
    if (begins.size() > kMaxScoreWindows) begins.erase(begins.begin());
  }
  std::erase_if(data->scorecards, [&](const ScorecardResult& result) {
    return !newest[result.id].contains(result.begin_us);
  });
  return absl::OkStatus();
}

// What KeepForHtml kept and the query did not ask for.
absl::Status CollectOwn(const Engine& engine, const Query& series,
                        const Query& whole, HtmlReport* data) {
  if (!Has(data->series, "backlog")) {
    CCKPI_ASSIGN_OR_RETURN(Report backlog,
                           AskIfKept(engine, OwnQuery(series, "backlog")));
    KeepFirst(&backlog);
    std::move(backlog.rows.begin(), backlog.rows.end(),
              std::back_inserter(data->series.rows));
  }
  for (const std::string_view kpi : {"first_response_time", "response_time"}) {
    if (Has(data->distributions, kpi)) continue;
    absl::StatusOr<std::vector<Distribution>> own =
        engine.Distributions(OwnQuery(whole, kpi));
    if (absl::IsNotFound(own.status())) continue;
    CCKPI_RETURN_IF_ERROR(own.status());
    std::move(own->begin(), own->end(),
              std::back_inserter(data->distributions));
  }
  return absl::OkStatus();
}

}  // namespace

void KeepForHtml(Config* config) {
  // A report schedule that is never due: what it names is kept.
  ReportSchedule& page = config->reports.emplace_back();
  page.id = "page";
  page.kpis.assign(std::begin(kKept), std::end(kKept));
}

absl::StatusOr<HtmlReport> CollectHtmlReport(const Engine& engine,
                                             const Config& config,
                                             const Query& query) {
  HtmlReport data;
  data.config = config;
  CCKPI_ASSIGN_OR_RETURN(data.zone, LoadZone(config.time_zone));
  CCKPI_ASSIGN_OR_RETURN(data.report, engine.Ask(query));
  if (data.report.rows.size() > kMaxPageRows) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a page of ", data.report.rows.size(), " rows is too large, the limit ",
        "is ", kMaxPageRows, ": ask for longer windows, fewer groups or KPIs"));
  }

  const Query whole = Whole(query, data.report);
  const bool is_one = IsOneWindow(data.report);
  if (!is_one) {
    CCKPI_ASSIGN_OR_RETURN(data.summary, engine.Ask(whole));
  }
  const Query series = SeriesQuery(query, whole, data.report,
                                   is_one ? data.report : data.summary);
  data.series_every = series.every;
  CCKPI_ASSIGN_OR_RETURN(data.series, engine.Ask(series));

  Query total = whole;
  total.by = GroupBy();
  CCKPI_ASSIGN_OR_RETURN(data.distributions, engine.Distributions(total));
  if (!query.kpis.empty()) return data;  // just these
  CCKPI_RETURN_IF_ERROR(CollectArrivals(engine, series, &data));
  CCKPI_RETURN_IF_ERROR(CollectOwn(engine, series, total, &data));
  CCKPI_RETURN_IF_ERROR(CollectScoped(engine, series, &data));
  CCKPI_RETURN_IF_ERROR(CollectScores(engine, query, &data));
  return data;
}

}  // namespace cckpi
