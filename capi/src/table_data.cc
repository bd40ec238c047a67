#include "capi/src/table_data.h"

#include <limits>
#include <utility>

namespace cckpi::capi {
namespace {

void SetBit(std::vector<uint8_t>& bits, size_t row, uint32_t bit) {
  if (bits.size() <= row / 8) bits.resize(row / 8 + 1);
  bits[row / 8] = static_cast<uint8_t>(bits[row / 8] | bit << (row % 8));
}

}  // namespace

absl::int128 Column::WideAt(size_t row) const {
  uint64_t low = 0;
  uint64_t high = 0;
  for (size_t i = 0; i < 8; ++i) {
    low |= uint64_t{wide[16 * row + i]} << (8 * i);
    high |= uint64_t{wide[16 * row + 8 + i]} << (8 * i);
  }
  return absl::MakeInt128(static_cast<int64_t>(high), low);
}

size_t TableBuilder::AddColumn(std::string_view name, cckpi_type type) {
  Column& column = data_.columns.emplace_back();
  column.name = std::string(name);
  column.type = type;
  if (type == CCKPI_TYPE_TEXT || type == CCKPI_TYPE_TEXT_LIST) {
    column.offsets.push_back(0);
  }
  if (column.is_list()) column.lists.push_back(0);
  return data_.columns.size() - 1;
}

Column& TableBuilder::Set(size_t column) {
  Column& target = data_.columns[column];
  SetBit(target.valid, data_.rows, 1);
  return target;
}

void TableBuilder::Integer(size_t column, int64_t value) {
  Column& target = Set(column);
  if (target.type == CCKPI_TYPE_BOOL) {
    target.flags.push_back(value != 0);
    SetBit(target.flag_bits, data_.rows, value != 0);
  } else if (target.type == CCKPI_TYPE_FLOAT64) {
    target.numbers.push_back(static_cast<double>(value));
  } else {
    target.integers.push_back(value);
  }
}

void TableBuilder::Number(size_t column, double value) {
  Set(column).numbers.push_back(value);
}

void TableBuilder::Wide(size_t column, absl::int128 value) {
  Column& target = Set(column);
  const uint64_t low = absl::Int128Low64(value);
  const uint64_t high = static_cast<uint64_t>(absl::Int128High64(value));
  for (uint64_t half : {low, high}) {
    for (int i = 0; i < 8; ++i) {
      target.wide.push_back(static_cast<uint8_t>(half >> (8 * i)));
    }
  }
}

void TableBuilder::AppendText(Column& column, std::string_view value) {
  constexpr size_t kLimit = std::numeric_limits<int32_t>::max();
  if (value.size() > kLimit - column.bytes.size()) {
    fits_ = false;
    value = {};
  }
  column.bytes += value;
  column.offsets.push_back(static_cast<int32_t>(column.bytes.size()));
}

void TableBuilder::Text(size_t column, std::string_view value) {
  AppendText(Set(column), value);
}

void TableBuilder::TextList(size_t column,
                            std::span<const std::string> values) {
  Column& target = Set(column);
  for (const std::string& value : values) AppendText(target, value);
  target.lists.push_back(static_cast<int32_t>(target.offsets.size() - 1));
}

void TableBuilder::IntegerList(size_t column, std::span<const int64_t> values) {
  Column& target = Set(column);
  target.integers.insert(target.integers.end(), values.begin(), values.end());
  target.lists.push_back(static_cast<int32_t>(target.integers.size()));
}

void TableBuilder::EndRow() {
  const size_t row = data_.rows++;
  for (Column& column : data_.columns) {
    SetBit(column.valid, row, 0);
    if (!column.IsNull(row)) continue;
    ++column.null_count;
    switch (column.type) {
      case CCKPI_TYPE_FLOAT64:
        column.numbers.push_back(0);
        break;
      case CCKPI_TYPE_BOOL:
        column.flags.push_back(0);
        SetBit(column.flag_bits, row, 0);
        break;
      case CCKPI_TYPE_TEXT:
        column.offsets.push_back(static_cast<int32_t>(column.bytes.size()));
        break;
      case CCKPI_TYPE_TEXT_LIST:
      case CCKPI_TYPE_INT64_LIST:
        column.lists.push_back(column.lists.back());
        break;
      case CCKPI_TYPE_INT128:
        column.wide.resize(column.wide.size() + 16);
        break;
      default:
        column.integers.push_back(0);
    }
  }
}

TableData TableBuilder::Build() && { return std::move(data_); }

}  // namespace cckpi::capi
