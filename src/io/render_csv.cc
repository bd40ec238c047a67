// A report as CSV.

#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/base/time.h"
#include "cckpi/io/event_writer.h"
#include "cckpi/io/render.h"
#include "cckpi/io/render_text.h"

namespace cckpi {
namespace {

struct FigureText {
  std::string operator()(int64_t value) const { return absl::StrCat(value); }
  std::string operator()(absl::int128 value) const { return Int128Text(value); }
  std::string operator()(double value) const {
    std::string text;
    AppendJsonNumber(value, &text);
    return text == "null" ? "" : text;
  }
  std::string operator()(const std::string& value) const {
    return CsvField(value);
  }
  std::string operator()(std::nullptr_t) const { return ""; }
};

std::string TextOf(const Figure& figure) {
  return std::visit(FigureText{}, figure.value);
}

// Column names in the order of their first appearance.
class Columns {
 public:
  void Add(const std::string& name) {
    if (index_.try_emplace(name, names_.size()).second) {
      names_.push_back(name);
    }
  }
  bool Has(const std::string& name) const { return index_.contains(name); }
  size_t Index(const std::string& name) const { return index_.at(name); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, size_t> index_;
};

struct Header {
  Columns definition;
  Columns dimensions;
  Columns figures;
};

Header MakeHeader(const Report& report) {
  Header header;
  for (const char* name : {"statistic", "clock", "attribution"}) {
    header.definition.Add(name);
  }
  for (const ReportRow& row : report.rows) {
    for (const Figure& entry : row.definition) {
      header.definition.Add(entry.name);
    }
    for (const auto& entry : row.group) header.dimensions.Add(entry.first);
  }
  for (const ReportRow& row : report.rows) {
    for (const Figure& figure : row.figures) {
      // What a count counts is in its definition and its figures: one column.
      if (!header.definition.Has(figure.name)) {
        header.figures.Add(figure.name);
      }
    }
  }
  return header;
}

void AppendFields(const std::vector<std::string>& fields, std::string* out) {
  for (const std::string& field : fields) {
    out->push_back(',');
    *out += field;
  }
}

void AppendRow(const ReportRow& row, const Header& header, std::string* out) {
  std::vector<std::string> definition(header.definition.names().size());
  std::vector<std::string> dimensions(header.dimensions.names().size());
  std::vector<std::string> figures(header.figures.names().size());
  for (const Figure& figure : row.figures) {
    if (header.definition.Has(figure.name)) {
      definition[header.definition.Index(figure.name)] = TextOf(figure);
    } else {
      figures[header.figures.Index(figure.name)] = TextOf(figure);
    }
  }
  for (const Figure& entry : row.definition) {
    definition[header.definition.Index(entry.name)] = TextOf(entry);
  }
  std::string by;
  for (const auto& [dimension, value] : row.group) {
    if (!by.empty()) by.push_back(' ');
    by += dimension;
    if (value.has_value()) {
      dimensions[header.dimensions.Index(dimension)] = CsvField(*value);
    }
  }

  *out += CsvField(row.kpi);
  AppendFields({CsvField(row.id)}, out);
  AppendFields(definition, out);
  AppendFields({FormatTime(row.begin_us), FormatTime(row.end_us), CsvField(by)},
               out);
  AppendFields(dimensions, out);
  std::string value;
  if (row.value.has_value()) value = FigureText{}(*row.value);
  AppendFields({value, std::string(UnitName(row.unit))}, out);
  AppendFields(figures, out);
  *out += row.provisional ? ",true\n" : ",false\n";
}

}  // namespace

std::string RenderCsv(const Report& report) {
  const Header header = MakeHeader(report);
  std::string out = "kpi,id";
  const auto append_names = [&](const Columns& columns) {
    for (const std::string& name : columns.names()) {
      AppendFields({CsvField(name)}, &out);
    }
  };
  append_names(header.definition);
  out += ",begin,end,by";
  append_names(header.dimensions);
  out += ",value,unit";
  append_names(header.figures);
  out += ",provisional\n";
  for (const ReportRow& row : report.rows) AppendRow(row, header, &out);
  return out;
}

}  // namespace cckpi
