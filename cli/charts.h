// The chart library that the build put into the tool, if it had one.

#ifndef CCKPI_CLI_CHARTS_H_
#define CCKPI_CLI_CHARTS_H_

#include "cckpi/io/render_html.h"

namespace cckpi {

// Defined by the build where CCKPI_HAS_CHARTS is.
EmbeddedText EmbeddedChartLibrary();
EmbeddedText EmbeddedChartNotice();

}  // namespace cckpi

#endif  // CCKPI_CLI_CHARTS_H_
