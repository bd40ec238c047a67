// A report as a table.

#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "capi/src/answer_tables.h"
#include "cckpi/io/render_text.h"

namespace cckpi::capi {
namespace {

// Which kinds of values an entry of a definition or a figure has.
enum ValueKind : uint8_t { kWhole = 1, kLarge = 2, kReal = 4, kWords = 8 };

struct KindOf {
  uint8_t operator()(int64_t) const { return kWhole; }
  uint8_t operator()(absl::int128 value) const {
    const bool fits = value >= std::numeric_limits<int64_t>::min() &&
                      value <= std::numeric_limits<int64_t>::max();
    return fits ? kWhole : kLarge;
  }
  uint8_t operator()(double) const { return kReal; }
  uint8_t operator()(const std::string&) const { return kWords; }
  uint8_t operator()(std::nullptr_t) const { return 0; }
};

cckpi_type TypeOf(std::string_view name, uint8_t kinds) {
  if ((kinds & kWords) != 0) return CCKPI_TYPE_TEXT;
  if ((kinds & kReal) != 0) return CCKPI_TYPE_FLOAT64;
  if ((kinds & kLarge) != 0) return CCKPI_TYPE_INT128;
  if ((kinds & kWhole) != 0) return CCKPI_TYPE_INT64;
  // No value at all: what a value would be, by the name.
  return name.ends_with("_us") ? CCKPI_TYPE_INT64 : CCKPI_TYPE_FLOAT64;
}

// Names in the order of their first appearance.
class Names {
 public:
  size_t Add(std::string_view name) {
    auto [found, added] = index_.try_emplace(std::string(name), names_.size());
    if (added) names_.emplace_back(name);
    return found->second;
  }
  // npos when there is none.
  size_t Find(std::string_view name) const {
    auto found = index_.find(name);
    return found == index_.end() ? std::string_view::npos : found->second;
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::map<std::string, size_t, std::less<>> index_;
};

struct Part {
  Names names;
  std::vector<uint8_t> kinds;   // by name
  std::vector<size_t> columns;  // by name, once they are added

  void Add(const Figure& figure) {
    const size_t at = names.Add(figure.name);
    if (at == kinds.size()) kinds.push_back(0);
    kinds[at] =
        static_cast<uint8_t>(kinds[at] | std::visit(KindOf{}, figure.value));
  }

  void AddColumns(TableBuilder& builder) {
    for (size_t n = 0; n < names.names().size(); ++n) {
      const std::string& name = names.names()[n];
      columns.push_back(builder.AddColumn(name, TypeOf(name, kinds[n])));
    }
  }
};

struct SetCell {
  TableBuilder* builder;
  size_t column;
  cckpi_type type;

  void operator()(int64_t value) const {
    if (type == CCKPI_TYPE_INT128) {
      builder->Wide(column, value);
    } else if (type == CCKPI_TYPE_TEXT) {
      builder->Text(column, std::to_string(value));
    } else {
      builder->Integer(column, value);
    }
  }
  void operator()(absl::int128 value) const {
    if (type == CCKPI_TYPE_INT128) {
      builder->Wide(column, value);
    } else if (type == CCKPI_TYPE_TEXT) {
      builder->Text(column, Int128Text(value));
    } else if (type == CCKPI_TYPE_FLOAT64) {
      builder->Number(column, static_cast<double>(value));
    } else {
      builder->Integer(column, static_cast<int64_t>(value));
    }
  }
  void operator()(double value) const {
    if (type != CCKPI_TYPE_TEXT) return builder->Number(column, value);
    std::string text;
    AppendJsonNumber(value, &text);
    builder->Text(column, text);
  }
  void operator()(const std::string& value) const {
    builder->Text(column, value);
  }
  void operator()(std::nullptr_t) const {}
};

void SetPart(TableBuilder& builder, const Part& part, const Figure& figure) {
  const size_t at = part.names.Find(figure.name);
  std::visit(
      SetCell{&builder, part.columns[at], TypeOf(figure.name, part.kinds[at])},
      figure.value);
}

// The columns that say what a row is about: kpi, id, the definition, begin,
// end, by, the dimensions.
class RowHead {
 public:
  RowHead() {
    for (const char* name : {"statistic", "clock", "attribution"}) {
      definition_.Add({name, std::string()});
    }
  }

  // Plans the columns of a row.
  template <typename Row>
  void Plan(const Row& row) {
    for (const Figure& entry : row.definition) definition_.Add(entry);
    for (const auto& entry : row.group) dimensions_.Add(entry.first);
  }
  // Whether some row is defined by what this figure is called.
  bool Defines(std::string_view name) const {
    return definition_.names.Find(name) != std::string_view::npos;
  }
  void PlanFigure(const Figure& figure) { definition_.Add(figure); }

  void AddColumns(TableBuilder& builder) {
    kpi_ = builder.AddColumn("kpi", CCKPI_TYPE_TEXT);
    id_ = builder.AddColumn("id", CCKPI_TYPE_TEXT);
    definition_.AddColumns(builder);
    begin_ = builder.AddColumn("begin", CCKPI_TYPE_TIME);
    end_ = builder.AddColumn("end", CCKPI_TYPE_TIME);
    by_ = builder.AddColumn("by", CCKPI_TYPE_TEXT);
    for (const std::string& name : dimensions_.names()) {
      groups_.push_back(builder.AddColumn(name, CCKPI_TYPE_TEXT));
    }
  }

  template <typename Row>
  void Set(const Row& row, std::span<const Figure> figures,
           TableBuilder& builder) const {
    builder.Text(kpi_, row.kpi);
    if (!row.id.empty()) builder.Text(id_, row.id);
    std::vector<const Figure*> defined(definition_.columns.size());
    for (const Figure& figure : figures) {
      const size_t at = definition_.names.Find(figure.name);
      if (at != std::string_view::npos) defined[at] = &figure;
    }
    for (const Figure& entry : row.definition) {
      defined[definition_.names.Find(entry.name)] = &entry;
    }
    for (const Figure* entry : defined) {
      if (entry != nullptr) SetPart(builder, definition_, *entry);
    }
    builder.Integer(begin_, row.begin_us);
    builder.Integer(end_, row.end_us);
    std::string by;
    for (const auto& [dimension, text] : row.group) {
      if (!by.empty()) by.push_back(' ');
      by += dimension;
      if (text.has_value()) {
        builder.Text(groups_[dimensions_.Find(dimension)], *text);
      }
    }
    builder.Text(by_, by);
  }

 private:
  Part definition_;
  Names dimensions_;
  size_t kpi_ = 0;
  size_t id_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t by_ = 0;
  std::vector<size_t> groups_;
};

}  // namespace

absl::StatusOr<TableData> ReportTable(Report report, const Zone& zone) {
  RowHead head;
  Part figures;
  for (const ReportRow& row : report.rows) head.Plan(row);
  for (const ReportRow& row : report.rows) {
    for (const Figure& figure : row.figures) {
      // What a count counts is in its definition and its figures: one column.
      if (head.Defines(figure.name)) {
        head.PlanFigure(figure);
      } else {
        figures.Add(figure);
      }
    }
  }

  TableBuilder builder;
  head.AddColumns(builder);
  const size_t value = builder.AddColumn("value", CCKPI_TYPE_FLOAT64);
  const size_t unit = builder.AddColumn("unit", CCKPI_TYPE_TEXT);
  figures.AddColumns(builder);
  const size_t provisional = builder.AddColumn("provisional", CCKPI_TYPE_BOOL);
  for (const ReportRow& row : report.rows) {
    head.Set(row, row.figures, builder);
    if (row.value.has_value()) builder.Number(value, *row.value);
    builder.Text(unit, UnitName(row.unit));
    for (const Figure& figure : row.figures) {
      if (!head.Defines(figure.name)) SetPart(builder, figures, figure);
    }
    builder.Integer(provisional, row.provisional);
    builder.EndRow();
  }
  absl::StatusOr<TableData> data = Finished(std::move(builder), zone);
  if (data.ok()) {
    data->report = std::make_shared<const Report>(std::move(report));
  }
  return data;
}

absl::StatusOr<TableData> DistributionTable(
    std::span<const Distribution> distributions, const Zone& zone) {
  RowHead head;
  for (const Distribution& row : distributions) head.Plan(row);
  TableBuilder builder;
  head.AddColumns(builder);
  const size_t begin = builder.AddColumn("bin_begin_us", CCKPI_TYPE_INT64);
  const size_t end = builder.AddColumn("bin_end_us", CCKPI_TYPE_INT64);
  const size_t count = builder.AddColumn("count", CCKPI_TYPE_INT64);
  for (const Distribution& row : distributions) {
    for (const DistributionBin& bin : row.bins) {
      head.Set(row, {}, builder);
      builder.Integer(begin, bin.begin_us);
      builder.Integer(end, bin.end_us);
      builder.Integer(count, bin.count);
      builder.EndRow();
    }
  }
  return Finished(std::move(builder), zone);
}

}  // namespace cckpi::capi
