// What every way to read a log begins with: the input opened and unpacked, its
// format known.

#ifndef CCKPI_IO_OPEN_INPUT_H_
#define CCKPI_IO_OPEN_INPUT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cckpi/io/event_reader.h"
#include "src/io/input_buffer.h"

namespace cckpi {

struct OpenedInput {
  std::unique_ptr<InputBuffer> input;
  std::string name;                              // that errors bear
  EventFormat format = EventFormat::kJsonLines;  // never kAuto
  char delimiter = ',';
};

// As OpenEvents.
absl::StatusOr<OpenedInput> OpenInput(const std::string& path,
                                      const OpenOptions& options);

// The reader of what was opened.
absl::StatusOr<std::unique_ptr<EventReader>> MakeReader(
    OpenedInput opened, const OpenOptions& options);

}  // namespace cckpi

#endif  // CCKPI_IO_OPEN_INPUT_H_
