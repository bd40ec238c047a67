// Tables as Arrow arrays, without a copy.

#ifndef CCKPI_CAPI_SRC_ARROW_EXPORT_H_
#define CCKPI_CAPI_SRC_ARROW_EXPORT_H_

#include <memory>

#include "capi/include/cckpi.h"
#include "capi/src/table_data.h"

namespace cckpi::capi {

// Each fills a struct that its release callback empties. The array and each of
// its children hold a share of the table. Only bad_alloc leaves them, and then
// nothing is filled.
void ExportSchema(const TableData& table, ArrowSchema* out);
void ExportArray(std::shared_ptr<const TableData> table, ArrowArray* out);
void ExportStream(std::shared_ptr<const TableData> table,
                  ArrowArrayStream* out);

}  // namespace cckpi::capi

#endif  // CCKPI_CAPI_SRC_ARROW_EXPORT_H_
