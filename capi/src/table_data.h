// TableData: rows of named, typed columns, in the layout of Arrow.
//
// Every answer of the C interface is one. Columns are made by a TableBuilder,
// row by row, and never change afterwards, so that tables, exported arrays and
// accessors share them.
//
//   TableBuilder builder;
//   size_t path = builder.Column("path", CCKPI_TYPE_TEXT);
//   builder.Text(path, "kpis[0]");
//   builder.EndRow();        // what was not set is null
//   TableData data = std::move(builder).Build();
//
// This file defines Column, LineSource, TableData and TableBuilder.

#ifndef CCKPI_CAPI_SRC_TABLE_DATA_H_
#define CCKPI_CAPI_SRC_TABLE_DATA_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "capi/include/cckpi.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/kpi/report.h"

namespace cckpi::capi {

// What the type uses of it, with one value per row.
struct Column {
  std::string name;
  cckpi_type type = CCKPI_TYPE_NONE;
  std::vector<int64_t> integers;   // INT64, TIME; items of INT64_LIST
  std::vector<double> numbers;     // FLOAT64
  std::vector<uint8_t> flags;      // BOOL, a byte each
  std::vector<uint8_t> flag_bits;  // BOOL, a bit each
  std::vector<uint8_t> wide;       // INT128, 16 bytes each
  std::vector<int32_t> offsets;    // TEXT, one more than rows or items
  std::string bytes;               // TEXT, items of TEXT_LIST
  std::vector<int32_t> lists;      // lists: where items begin, one more
  std::vector<uint8_t> valid;      // a bit each
  int64_t null_count = 0;

  bool IsNull(size_t row) const {
    return (valid[row / 8] >> (row % 8) & 1) == 0;
  }
  std::string_view TextAt(size_t row) const {
    const size_t begin = static_cast<size_t>(offsets[row]);
    const size_t end = static_cast<size_t>(offsets[row + 1]);
    return std::string_view(bytes).substr(begin, end - begin);
  }
  absl::int128 WideAt(size_t row) const;
  bool is_list() const {
    return type == CCKPI_TYPE_TEXT_LIST || type == CCKPI_TYPE_INT64_LIST;
  }
  // The items [first, second) of a list.
  std::pair<size_t, size_t> ItemsAt(size_t row) const {
    return {static_cast<size_t>(lists[row]),
            static_cast<size_t>(lists[row + 1])};
  }
};

// Rows as lines of JSON of their own kind.
class LineSource {
 public:
  virtual ~LineSource() = default;
  virtual std::string Lines() const = 0;
};

struct TableData {
  std::vector<Column> columns;
  size_t rows = 0;
  // Where the table is a report: what it is written from.
  std::shared_ptr<const Report> report;
  std::shared_ptr<const LineSource> lines;
  Zone zone;
};

class TableBuilder {
 public:
  TableBuilder() = default;

  size_t AddColumn(std::string_view name, cckpi_type type);

  // Set a cell of the row that is being made, each at most once.
  void Integer(size_t column, int64_t value);  // INT64, TIME, BOOL
  void Number(size_t column, double value);
  void Wide(size_t column, absl::int128 value);
  void Text(size_t column, std::string_view value);
  void TextList(size_t column, std::span<const std::string> values);
  void IntegerList(size_t column, std::span<const int64_t> values);
  void EndRow();

  // False once the texts of a column no longer fit 32-bit offsets.
  bool fits() const { return fits_; }

  TableData Build() &&;

 private:
  Column& Set(size_t column);
  void AppendText(Column& column, std::string_view value);

  TableData data_;
  bool fits_ = true;
};

}  // namespace cckpi::capi

#endif  // CCKPI_CAPI_SRC_TABLE_DATA_H_
