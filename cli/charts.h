// The chart library that the build put into the tool, if it had one.

#ifndef CCKPI_CLI_CHARTS_H_
#define CCKPI_CLI_CHARTS_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "cckpi/io/render_html.h"

namespace cckpi {

// Defined by the build where CCKPI_HAS_CHARTS is.
EmbeddedText EmbeddedChartLibrary();
EmbeddedText EmbeddedChartNotice();

namespace cli {

// How pages are made. Unimplemented in a build without the chart library.
absl::StatusOr<HtmlOptions> PageOptions(size_t max_groups);

}  // namespace cli
}  // namespace cckpi

#endif  // CCKPI_CLI_CHARTS_H_
