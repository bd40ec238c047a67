// Entry points of tables: their shape, cells and columns.

#include <utility>

#include "capi/src/guard.h"
#include "capi/src/handles.h"
#include "capi/src/table_render.h"

namespace cckpi::capi {
namespace {

const TableData* DataOf(const cckpi_table* table) {
  return IsGood(table, Mark::kTable) ? table->data.get() : nullptr;
}

const Column* ColumnOf(const cckpi_table* table, size_t column) {
  const TableData* data = DataOf(table);
  if (data == nullptr || column >= data->columns.size()) return nullptr;
  return &data->columns[column];
}

// The column where it has a value in that row, else NULL.
const Column* CellOf(const cckpi_table* table, size_t column, size_t row) {
  const Column* found = ColumnOf(table, column);
  if (found == nullptr || row >= table->data->rows || found->IsNull(row)) {
    return nullptr;
  }
  return found;
}

// NULL for an empty column too, whatever a vector says.
template <typename T>
const T* DataOrNull(const std::vector<T>& values) {
  return values.empty() ? nullptr : values.data();
}

}  // namespace
}  // namespace cckpi::capi

using namespace cckpi::capi;  // NOLINT: the entry points stand outside

extern "C" {

void cckpi_table_destroy(cckpi_table* table) { Destroy(table, Mark::kTable); }

size_t cckpi_table_row_count(const cckpi_table* table) {
  const TableData* data = DataOf(table);
  return data == nullptr ? 0 : data->rows;
}

size_t cckpi_table_column_count(const cckpi_table* table) {
  const TableData* data = DataOf(table);
  return data == nullptr ? 0 : data->columns.size();
}

const char* cckpi_table_column_name(const cckpi_table* table, size_t column,
                                    size_t* out_size) {
  const Column* found = ColumnOf(table, column);
  if (found == nullptr) return nullptr;
  if (out_size != nullptr) *out_size = found->name.size();
  return found->name.c_str();
}

cckpi_type cckpi_table_column_type(const cckpi_table* table, size_t column) {
  const Column* found = ColumnOf(table, column);
  return found == nullptr ? CCKPI_TYPE_NONE : found->type;
}

size_t cckpi_table_column_index(const cckpi_table* table, const char* name,
                                size_t size) {
  const TableData* data = DataOf(table);
  if (data == nullptr || name == nullptr) return CCKPI_NO_COLUMN;
  for (size_t c = 0; c < data->columns.size(); ++c) {
    // The size first: a name of an impossible one is never read.
    const std::string& own = data->columns[c].name;
    if (own.size() == size && own == View(name, size)) return c;
  }
  return CCKPI_NO_COLUMN;
}

int32_t cckpi_table_is_null(const cckpi_table* table, size_t column,
                            size_t row) {
  return CellOf(table, column, row) == nullptr ? 1 : 0;
}

int64_t cckpi_table_int64(const cckpi_table* table, size_t column, size_t row) {
  const Column* cell = CellOf(table, column, row);
  if (cell == nullptr) return 0;
  switch (cell->type) {
    case CCKPI_TYPE_INT64:
    case CCKPI_TYPE_TIME:
      return cell->integers[row];
    case CCKPI_TYPE_BOOL:
      return cell->flags[row];
    default:
      return 0;
  }
}

double cckpi_table_float64(const cckpi_table* table, size_t column,
                           size_t row) {
  const Column* cell = CellOf(table, column, row);
  if (cell == nullptr) return 0;
  switch (cell->type) {
    case CCKPI_TYPE_INT64:
    case CCKPI_TYPE_TIME:
      return static_cast<double>(cell->integers[row]);
    case CCKPI_TYPE_FLOAT64:
      return cell->numbers[row];
    case CCKPI_TYPE_BOOL:
      return cell->flags[row];
    case CCKPI_TYPE_INT128:
      return static_cast<double>(cell->WideAt(row));
    default:
      return 0;
  }
}

const char* cckpi_table_text(const cckpi_table* table, size_t column,
                             size_t row, size_t* out_size) {
  const Column* cell = CellOf(table, column, row);
  if (cell == nullptr || cell->type != CCKPI_TYPE_TEXT) return nullptr;
  const std::string_view text = cell->TextAt(row);
  if (out_size != nullptr) *out_size = text.size();
  return text.data();
}

size_t cckpi_table_list_size(const cckpi_table* table, size_t column,
                             size_t row) {
  const Column* cell = CellOf(table, column, row);
  if (cell == nullptr || !cell->is_list()) return 0;
  const auto [begin, end] = cell->ItemsAt(row);
  return end - begin;
}

const char* cckpi_table_list_text(const cckpi_table* table, size_t column,
                                  size_t row, size_t item, size_t* out_size) {
  if (item >= cckpi_table_list_size(table, column, row)) return nullptr;
  const Column* cell = ColumnOf(table, column);
  if (cell->type != CCKPI_TYPE_TEXT_LIST) return nullptr;
  const std::string_view text = cell->TextAt(cell->ItemsAt(row).first + item);
  if (out_size != nullptr) *out_size = text.size();
  return text.data();
}

int64_t cckpi_table_list_int64(const cckpi_table* table, size_t column,
                               size_t row, size_t item) {
  if (item >= cckpi_table_list_size(table, column, row)) return 0;
  const Column* cell = ColumnOf(table, column);
  if (cell->type != CCKPI_TYPE_INT64_LIST) return 0;
  return cell->integers[cell->ItemsAt(row).first + item];
}

const int64_t* cckpi_table_int64_data(const cckpi_table* table, size_t column) {
  const Column* found = ColumnOf(table, column);
  if (found == nullptr || found->is_list()) return nullptr;
  return DataOrNull(found->integers);
}

const double* cckpi_table_float64_data(const cckpi_table* table,
                                       size_t column) {
  const Column* found = ColumnOf(table, column);
  return found == nullptr ? nullptr : DataOrNull(found->numbers);
}

const uint8_t* cckpi_table_bool_data(const cckpi_table* table, size_t column) {
  const Column* found = ColumnOf(table, column);
  return found == nullptr ? nullptr : DataOrNull(found->flags);
}

const uint8_t* cckpi_table_int128_data(const cckpi_table* table,
                                       size_t column) {
  const Column* found = ColumnOf(table, column);
  return found == nullptr ? nullptr : DataOrNull(found->wide);
}

const char* cckpi_table_text_data(const cckpi_table* table, size_t column,
                                  const int32_t** out_offsets) {
  const Column* found = ColumnOf(table, column);
  if (found == nullptr || found->type != CCKPI_TYPE_TEXT ||
      out_offsets == nullptr) {
    return nullptr;
  }
  *out_offsets = found->offsets.data();
  return found->bytes.data();
}

const uint8_t* cckpi_table_validity_data(const cckpi_table* table,
                                         size_t column) {
  const Column* found = ColumnOf(table, column);
  if (found == nullptr || found->null_count == 0) return nullptr;
  return found->valid.data();
}

cckpi_code cckpi_table_render(const cckpi_table* table,
                              cckpi_render_format format,
                              cckpi_buffer** out_buffer, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    absl::Status status = CheckHandle("table", table, Mark::kTable);
    if (!status.ok()) return status;
    if (out_buffer == nullptr) return Missing("out_buffer");
    absl::StatusOr<std::string> text = Render(*table->data, format);
    if (!text.ok()) return text.status();
    *out_buffer = MakeBuffer(*std::move(text)).release();
    return Outcome();
  });
}

}  // extern "C"
