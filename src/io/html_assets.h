// The files of src/io/html, as the build embeds them.

#ifndef CCKPI_SRC_IO_HTML_ASSETS_H_
#define CCKPI_SRC_IO_HTML_ASSETS_H_

#include "cckpi/io/render_html.h"

namespace cckpi {

EmbeddedText ReportStyle();   // report.css
EmbeddedText ReportScript();  // report.js

}  // namespace cckpi

#endif  // CCKPI_SRC_IO_HTML_ASSETS_H_
