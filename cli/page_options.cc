// How pages of the tool look: with the chart library, where the build has it.

#include "absl/status/status.h"
#include "cli/charts.h"

namespace cckpi::cli {

#ifdef CCKPI_HAS_CHARTS
absl::StatusOr<HtmlOptions> PageOptions(size_t max_groups) {
  HtmlOptions options;
  options.chart_library = EmbeddedChartLibrary();
  options.chart_notice = EmbeddedChartNotice().text;
  options.max_groups = max_groups;
  return options;
}
#else
absl::StatusOr<HtmlOptions> PageOptions(size_t) {
  return absl::UnimplementedError(
      "--format html: this cckpi was built without the chart library; build "
      "it again where npm is installed, or with CCKPI_ECHARTS set");
}
#endif

}  // namespace cckpi::cli
