// The HTML report: one file that holds everything it needs.
//
// A page for people: figures at a glance, what they were over time beside
// their targets, how response times spread, the backlog, when cases arrive,
// every table by group and agent, and the definition of each number. It asks
// the network for nothing (its Content-Security-Policy forbids it), so it can
// be kept, mailed, printed, and read without a server.
//
// All numbers are in plain HTML tables, readable without JavaScript. Beside
// them stands one block of JSON, `<script type="application/json"
// id="cckpi-data">`, whose `report` is exactly what RenderJson gives for the
// same report; charts are drawn from it by Apache ECharts, which the caller
// passes in (the cckpi tool has it inside; scripts/fetch_echarts.sh fetches
// it). Without a chart library the page has its tables only.
//
// Text from events and configuration is escaped everywhere: a name with markup
// in it is shown as that text.
//
// The same data gives the same bytes on every machine.
//
//   // cckpi/engine/engine.h
//   absl::StatusOr<std::string> Page(const Engine& engine, const Config&
//   config) {
//     absl::StatusOr<HtmlReport> data = CollectHtmlReport(engine, config,
//     Query()); if (!data.ok()) return data.status(); return RenderHtml(*data,
//     HtmlOptions());
//   }
//
// This file defines KeepForHtml, AlertLog, HtmlReport, CollectHtmlReport,
// EmbeddedText, HtmlOptions and RenderHtml.

#ifndef CCKPI_IO_RENDER_HTML_H_
#define CCKPI_IO_RENDER_HTML_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/engine/engine.h"
#include "cckpi/engine/scoring.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/report.h"
#include "cckpi/scaling/evaluator.h"

namespace cckpi {

// What the scaling matrix said, up to an instant; kNoTime: it was not asked.
struct AlertLog {
  std::vector<Transition> transitions;
  std::vector<Notification> notifications;
  int64_t until_us = kNoTime;
};

// Everything that a page shows.
struct HtmlReport {
  Config config;  // targets, bands and the zone come from it
  Zone zone;

  // The answer to the query itself. `now_us`, `events` and `refusals` may be
  // amended, as for any other format, before it is rendered.
  Report report;
  // The same KPIs and groups over the whole time; empty where `report` is
  // that already.
  Report summary;

  // The total in windows, for charts: those of the query, or, where it has
  // only one (or more than kMaxChartWindows), as many as can be seen.
  Frequency series_every = Frequency::kDaily;
  Report series;

  // The same for the scopes that cards and rules name: the KPIs with a goal
  // there.
  struct ScopedSeries {
    std::map<std::string, std::string> scope;  // dimension name → value
    Report series;
  };
  std::vector<ScopedSeries> scoped;

  // How the durations of the total spread.
  std::vector<Distribution> distributions;

  // Every scorecard in its newest windows, at most kMaxScoreWindows, the one
  // that holds now included.
  std::vector<ScorecardResult> scorecards;

  // A monitor's ticks go along with the events, so whoever feeds the engine
  // fills this in, or leaves it out.
  AlertLog alerts;

  // Cases that arrived, by [weekday][hour] of the zone; Monday is 0. Unset
  // where no such KPI is kept.
  std::optional<std::array<std::array<int64_t, 24>, 7>> arrivals_by_hour;
};

// Adds to a configuration what a page shows besides the KPIs that it reports:
// arrivals, the backlog, first responses and waits are kept too. Reports in
// other formats stay as they are. Optional: before Engine::Create.
void KeepForHtml(Config* config);

// Of a scorecard with more windows than this, a page has the newest.
inline constexpr size_t kMaxScoreWindows = 400;

// A page with more rows than this would be too large to open.
inline constexpr size_t kMaxPageRows = 20'000;

// A chart with more windows than this cannot be read.
inline constexpr int64_t kMaxChartWindows = 1500;

// Asks the engine all that a page shows for `query`. `config` is the engine's
// own. Errors as Engine::Ask; InvalidArgument for more rows than kMaxPageRows.
absl::StatusOr<HtmlReport> CollectHtmlReport(const Engine& engine,
                                             const Config& config,
                                             const Query& query);

// A text that goes into the page as it is.
struct EmbeddedText {
  std::string_view text;
  // Its SHA-256 in base64, by which the page's Content-Security-Policy lets
  // it run.
  std::string_view sha256;
};

struct HtmlOptions {
  std::string title = "Customer service report";
  // The text of Apache ECharts 6 (echarts.min.js); empty: no charts. It must
  // not hold "</script". It has to outlive the call only.
  EmbeddedText chart_library;
  // Its licences, which the page must carry.
  std::string_view chart_notice;
  // Of more groups than this, tables and the JSON block have the ones with
  // most observations, and the page says how many it leaves out; 0: no limit.
  size_t max_groups = 50;
};

std::string RenderHtml(const HtmlReport& data, const HtmlOptions& options);

}  // namespace cckpi

#endif  // CCKPI_IO_RENDER_HTML_H_
