// The first record of a CSV file: the names of its columns.

#ifndef CCKPI_IO_CSV_HEADER_H_
#define CCKPI_IO_CSV_HEADER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "src/io/csv_parser.h"
#include "src/io/input_buffer.h"

namespace cckpi {

struct CsvHeader {
  std::vector<std::string> names;  // without blanks around them

  // The index of a column, or npos.
  static constexpr size_t npos = static_cast<size_t>(-1);
  size_t Find(std::string_view name) const;

  // `no column "kind"; the nearest is "knd"`.
  std::string Missing(std::string_view name) const;
};

// Errors do not name the file: no header, a damaged one, a column twice.
absl::StatusOr<CsvHeader> ReadCsvHeader(InputBuffer* input, CsvParser* parser);

// "has 5 fields, the header has 6".
std::string WrongFieldCount(size_t fields, size_t columns);

}  // namespace cckpi

#endif  // CCKPI_IO_CSV_HEADER_H_
