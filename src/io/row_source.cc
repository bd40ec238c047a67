#include "src/io/row_source.h"

#include <simdjson.h>

#include <charconv>
#include <utility>
#include <vector>

#include "cckpi/base/status_macros.h"
#include "src/io/csv_header.h"
#include "src/io/csv_parser.h"
#include "src/io/json_value.h"
#include "src/io/line_splitter.h"

namespace cckpi {
namespace {

using simdjson::dom::element;

class CsvRows : public RowSource {
 public:
  CsvRows(InputBuffer* input, char delimiter, size_t max_record_bytes)
      : parser_(input, delimiter, max_record_bytes) {}

  absl::Status ReadHeader(InputBuffer* input, const Mapping::Plan& plan) {
    CCKPI_ASSIGN_OR_RETURN(CsvHeader header, ReadCsvHeader(input, &parser_));
    header_size_ = header.names.size();
    for (size_t i = kPseudoColumnCount; i < plan.columns.size(); ++i) {
      const MappingColumn& column = plan.columns[i];
      size_t index = header.Find(column.name);
      if (index == CsvHeader::npos && !column.optional) {
        return absl::InvalidArgumentError(header.Missing(column.name) +
                                          " (asked for by the mapping)");
      }
      indexes_.push_back(index);
    }
    return absl::OkStatus();
  }

  Outcome Next(std::span<std::string_view> values,
               std::string* reason) override {
    CsvParser::Outcome outcome = parser_.Next();
    if (outcome == CsvParser::Outcome::kEnd) return Outcome::kEnd;
    if (outcome == CsvParser::Outcome::kDamaged) {
      *reason = parser_.reason();
      return Outcome::kRefused;
    }
    std::span<const std::string_view> fields = parser_.fields();
    if (fields.size() != header_size_) {
      *reason = WrongFieldCount(fields.size(), header_size_);
      return Outcome::kRefused;
    }
    for (size_t i = 0; i < indexes_.size(); ++i) {
      values[kPseudoColumnCount + i] = indexes_[i] == CsvHeader::npos
                                           ? std::string_view()
                                           : fields[indexes_[i]];
    }
    return Outcome::kRow;
  }

  int64_t line() const override { return parser_.line(); }

 private:
  CsvParser parser_;
  size_t header_size_ = 0;
  std::vector<size_t> indexes_;  // of the plan's columns in the header
};

bool Find(element value, std::string_view path, element* found);

bool FindInList(simdjson::dom::array list, std::string_view path,
                element* found) {
  size_t dot = std::min(path.find('.'), path.size());
  size_t index = 0;
  auto [end, error] = std::from_chars(path.data(), path.data() + dot, index);
  if (error != std::errc() || end != path.data() + dot) return false;
  element item;
  if (list.at(index).get(item) != simdjson::SUCCESS) return false;
  if (dot < path.size()) return Find(item, path.substr(dot + 1), found);
  *found = item;
  return true;
}

bool Find(element value, std::string_view path, element* found) {
  simdjson::dom::array list;
  if (value.get(list) == simdjson::SUCCESS) {
    return FindInList(list, path, found);
  }
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return false;
  if (object.at_key(path).get(*found) == simdjson::SUCCESS) return true;
  for (size_t dot = path.find('.'); dot != path.npos;
       dot = path.find('.', dot + 1)) {
    element child;
    if (object.at_key(path.substr(0, dot)).get(child) == simdjson::SUCCESS &&
        Find(child, path.substr(dot + 1), found)) {
      return true;
    }
  }
  return false;
}

class JsonRows : public RowSource {
 public:
  JsonRows(InputBuffer* input, size_t max_record_bytes,
           const Mapping::Plan& plan)
      : lines_(input, max_record_bytes) {
    for (size_t i = kPseudoColumnCount; i < plan.columns.size(); ++i) {
      paths_.push_back(plan.columns[i].name);
    }
  }

  Outcome Next(std::span<std::string_view> values,
               std::string* reason) override {
    LineSplitter::Outcome outcome = lines_.Next();
    if (outcome == LineSplitter::Outcome::kEnd) return Outcome::kEnd;
    if (outcome == LineSplitter::Outcome::kTooLong) {
      *reason = "the line is too long";
      return Outcome::kRefused;
    }
    std::string_view text = lines_.text();
    if (text.find_first_not_of(" \t\r") == text.npos) return Outcome::kBlank;
    element root;
    auto code = parser_.parse(text.data(), text.size(), false).get(root);
    if (code == simdjson::MEMALLOC) return Outcome::kNoMemory;
    if (code != simdjson::SUCCESS) {
      *reason = JsonFault(code);
      return Outcome::kRefused;
    }
    if (!root.is_object()) {
      *reason = "expected one JSON object on each line";
      return Outcome::kRefused;
    }
    scratch_.Clear();
    for (size_t i = 0; i < paths_.size(); ++i) {
      element value;
      values[kPseudoColumnCount + i] =
          Find(root, paths_[i], &value) ? Text(value) : std::string_view();
    }
    return Outcome::kRow;
  }

  int64_t line() const override { return lines_.line(); }

 private:
  std::string_view Text(element value) {
    auto text = ScalarText(value, &scratch_);
    if (text.has_value()) return *text;
    std::string json = simdjson::minify(value);
    return json == "[]" || json == "{}" ? std::string_view()
                                        : scratch_.Copy(json);
  }

  LineSplitter lines_;
  simdjson::dom::parser parser_;
  std::vector<std::string> paths_;
  TextArena scratch_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowSource>> MakeCsvRows(
    InputBuffer* input, char delimiter, size_t max_record_bytes,
    const Mapping::Plan& plan) {
  auto rows = std::make_unique<CsvRows>(input, delimiter, max_record_bytes);
  CCKPI_RETURN_IF_ERROR(rows->ReadHeader(input, plan));
  return rows;
}

std::unique_ptr<RowSource> MakeJsonRows(InputBuffer* input,
                                        size_t max_record_bytes,
                                        const Mapping::Plan& plan) {
  return std::make_unique<JsonRows>(input, max_record_bytes, plan);
}

}  // namespace cckpi
