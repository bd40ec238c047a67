// The charts of a page: a figure in HTML, with its numbers as a table, and
// what the page's script draws it from.

#ifndef CCKPI_SRC_IO_HTML_CHARTS_H_
#define CCKPI_SRC_IO_HTML_CHARTS_H_

#include <string>
#include <string_view>

#include "cckpi/io/render_html.h"
#include "src/io/html_definitions.h"

namespace cckpi {

// A part of the page, and its member of `charts` in the JSON block. Both are
// empty where there is nothing to show.
struct ChartPart {
  std::string html;
  std::string json;
};

// Each KPI of the total over the windows of HtmlReport::series, with the
// target in force and the bands of its rule.
ChartPart TrendCharts(const HtmlReport& data, const KpiIndex& index);

// How durations spread, with the T of service levels.
ChartPart DistributionCharts(const HtmlReport& data);

// Open cases by phase, and their age.
ChartPart BacklogCharts(const HtmlReport& data);

// Arrivals by weekday and hour.
ChartPart ArrivalsHeatMap(const HtmlReport& data);

// The newest window of each scorecard with all its lines, and its scores over
// time. This part has its own charts and tables.
ChartPart Scorecards(const HtmlReport& data);

// The incidents of the scaling matrix, as a picture and as a list.
ChartPart AlertTimeline(const HtmlReport& data);

// A <figure> with its caption, the place of the chart and the table behind
// it. `caption` and `table` are HTML, `label` is text: what a reader who does
// not see the chart needs to know. The chart is `index` of `kind`.
std::string ChartFigure(std::string_view kind, size_t index,
                        std::string_view caption, std::string_view label,
                        std::string_view table, std::string_view classes = "");

}  // namespace cckpi

#endif  // CCKPI_SRC_IO_HTML_CHARTS_H_
