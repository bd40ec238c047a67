// RowSource: the rows of a foreign log as the texts of named columns.

#ifndef CCKPI_IO_ROW_SOURCE_H_
#define CCKPI_IO_ROW_SOURCE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "src/io/input_buffer.h"
#include "src/io/mapping_plan.h"

namespace cckpi {

class RowSource {
 public:
  // kNoMemory: there was none to read the row with; nothing is wrong with it.
  enum class Outcome : uint8_t { kRow, kRefused, kBlank, kEnd, kNoMemory };

  virtual ~RowSource() = default;

  // Fills `values`, one for each column of the plan; pseudo columns are left
  // alone. The texts live until the next call. kRefused sets `reason`.
  virtual Outcome Next(std::span<std::string_view> values,
                       std::string* reason) = 0;
  virtual int64_t line() const = 0;
};

// Reads the header; an error names a column that is missing.
absl::StatusOr<std::unique_ptr<RowSource>> MakeCsvRows(
    InputBuffer* input, char delimiter, size_t max_record_bytes,
    const Mapping::Plan& plan);

// A column is a key, or a path of keys and list positions ("parts.0.body"). A
// key that has dots itself goes before a path. Lists and objects are given as
// their JSON, empty ones as the empty text.
std::unique_ptr<RowSource> MakeJsonRows(InputBuffer* input,
                                        size_t max_record_bytes,
                                        const Mapping::Plan& plan);

}  // namespace cckpi

#endif  // CCKPI_IO_ROW_SOURCE_H_
