// The readers behind OpenEvents, one per encoding.

#ifndef CCKPI_IO_READERS_H_
#define CCKPI_IO_READERS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cckpi/io/event_reader.h"
#include "cckpi/io/mapping.h"
#include "src/io/input_buffer.h"

namespace cckpi {

// `input` begins with line `first_line` of what `name` says.
std::unique_ptr<EventReader> MakeJsonLinesReader(
    std::unique_ptr<InputBuffer> input, std::string name,
    size_t max_record_bytes, int64_t first_line = 1);

// Reads the header; an error names the column that is missing.
absl::StatusOr<std::unique_ptr<EventReader>> MakeCsvReader(
    std::unique_ptr<InputBuffer> input, std::string name, char delimiter,
    size_t max_record_bytes);

// `delimiter` is the one that the file's name suggests; a mapping that names
// one decides.
absl::StatusOr<std::unique_ptr<EventReader>> MakeMappedReader(
    std::unique_ptr<InputBuffer> input, std::string name, EventFormat format,
    char delimiter, size_t max_record_bytes,
    std::shared_ptr<const Mapping> mapping);

}  // namespace cckpi

#endif  // CCKPI_IO_READERS_H_
