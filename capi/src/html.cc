// Entry point of the HTML report.

#include <string>
#include <utility>

#include "capi/src/guard.h"
#include "capi/src/handles.h"
#include "capi/src/query.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/io/render_html.h"

using namespace cckpi;        // NOLINT: the entry points stand outside
using namespace cckpi::capi;  // NOLINT

extern "C" {

cckpi_code cckpi_engine_html(const cckpi_engine* engine,
                             const cckpi_query* query,
                             const cckpi_html_options* options,
                             cckpi_buffer** out_page, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    CCKPI_ASSIGN_OR_RETURN(Query asked, ReadQuery(query));
    cckpi_html_options own;
    CCKPI_RETURN_IF_ERROR(ReadStruct("options", options, &own));
    CCKPI_RETURN_IF_ERROR(CheckText("options.title", own.title));
    CCKPI_RETURN_IF_ERROR(
        CheckText("options.chart_library", own.chart_library));
    CCKPI_RETURN_IF_ERROR(
        CheckText("options.chart_library_sha256", own.chart_library_sha256));
    CCKPI_RETURN_IF_ERROR(CheckText("options.chart_notice", own.chart_notice));
    if (out_page == nullptr) return Missing("out_page");
    HtmlOptions html;
    if (own.title.size != 0) html.title = std::string(View(own.title));
    html.chart_library = {View(own.chart_library),
                          View(own.chart_library_sha256)};
    html.chart_notice = View(own.chart_notice);
    if (own.max_groups != 0) html.max_groups = own.max_groups;
    CCKPI_ASSIGN_OR_RETURN(
        HtmlReport data,
        CollectHtmlReport(*engine->engine, *engine->config, asked));
    *out_page = MakeBuffer(RenderHtml(data, html)).release();
    return Outcome();
  });
}

}  // extern "C"
