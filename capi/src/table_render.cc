#include "capi/src/table_render.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "capi/src/guard.h"
#include "cckpi/base/time.h"
#include "cckpi/io/event_writer.h"
#include "cckpi/io/render.h"
#include "cckpi/io/render_text.h"

namespace cckpi::capi {
namespace {

// A cell as text; of lists the items, separated by "; ".
std::string PlainText(const Column& column, size_t row) {
  switch (column.type) {
    case CCKPI_TYPE_INT64:
      return absl::StrCat(column.integers[row]);
    case CCKPI_TYPE_TIME:
      return FormatTime(column.integers[row]);
    case CCKPI_TYPE_FLOAT64: {
      std::string text;
      AppendJsonNumber(column.numbers[row], &text);
      return text;
    }
    case CCKPI_TYPE_BOOL:
      return column.flags[row] != 0 ? "true" : "false";
    case CCKPI_TYPE_INT128:
      return Int128Text(column.WideAt(row));
    case CCKPI_TYPE_TEXT_LIST:
    case CCKPI_TYPE_INT64_LIST: {
      std::string text;
      const auto [begin, end] = column.ItemsAt(row);
      for (size_t item = begin; item < end; ++item) {
        if (item != begin) text += "; ";
        text += column.type == CCKPI_TYPE_TEXT_LIST
                    ? std::string(column.TextAt(item))
                    : absl::StrCat(column.integers[item]);
      }
      return text;
    }
    default:
      return std::string(column.TextAt(row));
  }
}

// A cell as JSON.
void AppendJsonCell(const Column& column, size_t row, std::string* out) {
  if (column.IsNull(row)) {
    *out += "null";
  } else if (column.type == CCKPI_TYPE_TEXT) {
    AppendJsonText(column.TextAt(row), out);
  } else if (column.type == CCKPI_TYPE_TIME) {
    AppendJsonText(FormatTime(column.integers[row]), out);
  } else if (column.is_list()) {
    out->push_back('[');
    const auto [begin, end] = column.ItemsAt(row);
    for (size_t item = begin; item < end; ++item) {
      if (item != begin) *out += ", ";
      if (column.type == CCKPI_TYPE_TEXT_LIST) {
        AppendJsonText(column.TextAt(item), out);
      } else {
        absl::StrAppend(out, column.integers[item]);
      }
    }
    out->push_back(']');
  } else {
    *out += PlainText(column, row);
  }
}

void AppendJsonRow(const TableData& table, size_t row, std::string* out) {
  *out += "{";
  for (const Column& column : table.columns) {
    if (&column != &table.columns.front()) *out += ", ";
    AppendJsonText(column.name, out);
    *out += ": ";
    AppendJsonCell(column, row, out);
  }
  *out += "}";
}

std::string JsonOf(const TableData& table) {
  std::string out = "[";
  for (size_t row = 0; row < table.rows; ++row) {
    out += row == 0 ? "\n  " : ",\n  ";
    AppendJsonRow(table, row, &out);
  }
  out += table.rows == 0 ? "]\n" : "\n]\n";
  return out;
}

std::string JsonLinesOf(const TableData& table) {
  if (table.lines != nullptr) return table.lines->Lines();
  std::string out;
  for (size_t row = 0; row < table.rows; ++row) {
    AppendJsonRow(table, row, &out);
    out += "\n";
  }
  return out;
}

std::string CsvOf(const TableData& table) {
  std::string out;
  for (const Column& column : table.columns) {
    if (&column != &table.columns.front()) out += ",";
    out += CsvField(column.name);
  }
  out += "\n";
  for (size_t row = 0; row < table.rows; ++row) {
    for (const Column& column : table.columns) {
      if (&column != &table.columns.front()) out += ",";
      if (!column.IsNull(row)) out += CsvField(PlainText(column, row));
    }
    out += "\n";
  }
  return out;
}

std::string TextOf(const TableData& table) {
  std::vector<TextTable::Column> columns;
  for (const Column& column : table.columns) {
    const bool left = column.type == CCKPI_TYPE_TEXT ||
                      column.type == CCKPI_TYPE_TIME || column.is_list();
    columns.push_back(
        {.header = PrintableText(column.name),
         .align = left ? TextTable::Align::kLeft : TextTable::Align::kRight,
         .max_width = 60});
  }
  TextTable text(std::move(columns));
  for (size_t row = 0; row < table.rows; ++row) {
    std::vector<std::string> cells;
    for (const Column& column : table.columns) {
      if (column.IsNull(row)) {
        cells.emplace_back();
      } else if (column.type == CCKPI_TYPE_TIME) {
        cells.push_back(LocalTimeText(column.integers[row], table.zone));
      } else {
        cells.push_back(PrintableText(PlainText(column, row)));
      }
    }
    text.AddRow(std::move(cells));
  }
  return text.Render({});
}

}  // namespace

absl::StatusOr<std::string> Render(const TableData& table,
                                   cckpi_render_format format) {
  const Report* report = table.report.get();
  switch (format) {
    case CCKPI_RENDER_JSON:
      return report != nullptr ? RenderJson(*report) : JsonOf(table);
    case CCKPI_RENDER_CSV:
      return report != nullptr ? RenderCsv(*report) : CsvOf(table);
    case CCKPI_RENDER_TEXT:
      return report != nullptr ? RenderTable(*report, {.zone = table.zone})
                               : TextOf(table);
    case CCKPI_RENDER_JSON_LINES:
      return JsonLinesOf(table);
    default:
      return Invalid("format", absl::StrCat(format, " is no format"));
  }
}

}  // namespace cckpi::capi
