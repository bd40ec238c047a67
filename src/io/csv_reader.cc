// Events out of CSV.

#include <utility>

#include "cckpi/base/status_macros.h"
#include "src/io/csv_header.h"
#include "src/io/csv_parser.h"
#include "src/io/readers.h"
#include "src/io/stream_reader.h"

namespace cckpi {
namespace {

constexpr std::string_view kTagColumn = "tag.";
constexpr std::string_view kErrorPrefix = "errors.";

struct KnownColumn {
  size_t index;
  Field field;
  std::string name;  // of a tag or a severity
};

class CsvReader : public StreamReader {
 public:
  CsvReader(std::unique_ptr<InputBuffer> input, std::string name,
            char delimiter, size_t max_record_bytes)
      : StreamReader(std::move(input), std::move(name)),
        parser_(this->input(), delimiter, max_record_bytes) {}

  absl::Status ReadHeader();

 private:
  bool ReadRecord(EventBatch* batch) override;
  int64_t line() const override { return parser_.line(); }

  CsvParser parser_;
  std::vector<KnownColumn> columns_;  // the known ones
  size_t header_size_ = 0;
};

absl::Status CsvReader::ReadHeader() {
  absl::StatusOr<CsvHeader> header = ReadCsvHeader(input(), &parser_);
  if (!header.ok()) return Located(header.status());
  for (std::string_view required : {"at", "kind"}) {
    if (header->Find(required) == CsvHeader::npos) {
      return Located(absl::InvalidArgumentError(header->Missing(required)));
    }
  }
  header_size_ = header->names.size();
  for (size_t i = 0; i < header_size_; ++i) {
    std::string_view name = header->names[i];
    if (name.starts_with(kTagColumn)) {
      columns_.push_back(
          {i, Field::kTags, std::string(name.substr(kTagColumn.size()))});
    } else if (name.starts_with(kErrorPrefix)) {
      columns_.push_back(
          {i, Field::kErrors, std::string(name.substr(kErrorPrefix.size()))});
    } else if (Field field = ParseField(name); field != Field::kUnknown &&
                                               field != Field::kTags &&
                                               field != Field::kErrors) {
      columns_.push_back({i, field, ""});
    }
  }
  return absl::OkStatus();
}

bool CsvReader::ReadRecord(EventBatch* batch) {
  CsvParser::Outcome outcome = parser_.Next();
  if (outcome == CsvParser::Outcome::kEnd) return false;
  builder()->Start();
  int64_t row = parser_.line();
  if (outcome == CsvParser::Outcome::kDamaged) {
    builder()->Refuse(row, std::string(parser_.reason()), batch);
    return true;
  }
  std::span<const std::string_view> fields = parser_.fields();
  if (fields.size() != header_size_) {
    builder()->Refuse(row, WrongFieldCount(fields.size(), header_size_), batch);
    return true;
  }
  for (const KnownColumn& column : columns_) {
    if (!builder()->Set(column.field, fields[column.index], column.name)) {
      builder()->Refuse(row, batch);
      return true;
    }
  }
  builder()->Commit(row, batch);
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<EventReader>> MakeCsvReader(
    std::unique_ptr<InputBuffer> input, std::string name, char delimiter,
    size_t max_record_bytes) {
  auto reader = std::make_unique<CsvReader>(std::move(input), std::move(name),
                                            delimiter, max_record_bytes);
  CCKPI_RETURN_IF_ERROR(reader->ReadHeader());
  return reader;
}

}  // namespace cckpi
