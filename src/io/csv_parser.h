// CsvParser: RFC 4180 records out of a stream of bytes.
//
// A field in quotes may hold delimiters, line ends and doubled quotes. Lines
// end with LF, CRLF or, in files from old systems, CR alone: the first line
// decides. A quote inside an unquoted field is an ordinary character. Blank
// lines are no records.
//
// A record whose quotes do not fit (text after the closing quote, no closing
// quote at all, or more than the permitted size) is damaged. Its first line
// is given up and reading goes on with the next line, so one stray quote
// costs one record, not the rest of the file.

#ifndef CCKPI_IO_CSV_PARSER_H_
#define CCKPI_IO_CSV_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "src/io/input_buffer.h"

namespace cckpi {

class CsvParser {
 public:
  enum class Outcome : uint8_t {
    kRecord,
    kDamaged,  // reason() says why
    kEnd,      // or the source failed: the buffer's status tells
  };

  // `buffer` must outlive the parser.
  CsvParser(InputBuffer* buffer, char delimiter, size_t max_record_bytes);

  Outcome Next();

  // Of the last record; valid until the next call.
  std::span<const std::string_view> fields() const { return fields_; }
  // The line on which the last record, sound or damaged, began.
  int64_t line() const { return line_; }
  std::string_view reason() const { return reason_; }

 private:
  enum class Scan : uint8_t { kRecord, kNeedMore, kTextAfterQuote, kOpenQuote };

  void FindLineEnd();
  Scan ScanRecord();
  Outcome GiveUpLine(std::string_view reason);

  InputBuffer* buffer_;
  char delimiter_;
  size_t max_record_bytes_;
  char line_end_ = '\0';  // '\n' also for CRLF
  std::vector<std::string_view> fields_;
  std::vector<size_t> escaped_;  // fields that hold doubled quotes
  size_t record_bytes_ = 0;      // of the last record, to be consumed
  int64_t record_lines_ = 0;
  int64_t line_ = 1;
  std::string_view reason_;
};

}  // namespace cckpi

#endif  // CCKPI_IO_CSV_PARSER_H_
