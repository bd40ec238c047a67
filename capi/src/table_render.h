// Tables as text.

#ifndef CCKPI_CAPI_SRC_TABLE_RENDER_H_
#define CCKPI_CAPI_SRC_TABLE_RENDER_H_

#include <string>

#include "absl/status/statusor.h"
#include "capi/src/table_data.h"

namespace cckpi::capi {

// A report as cckpi/io/render.h writes it; any other table as a list of JSON
// objects, as CSV with a header, or as aligned columns. Instants are RFC 3339,
// for people local time of the table's zone. InvalidArgument for a format that
// is none.
absl::StatusOr<std::string> Render(const TableData& table,
                                   cckpi_render_format format);

}  // namespace cckpi::capi

#endif  // CCKPI_CAPI_SRC_TABLE_RENDER_H_
