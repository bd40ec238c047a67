// LineSplitter: the lines of a stream, ended by LF or CRLF.

#ifndef CCKPI_IO_LINE_SPLITTER_H_
#define CCKPI_IO_LINE_SPLITTER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/io/input_buffer.h"

namespace cckpi {

class LineSplitter {
 public:
  enum class Outcome : uint8_t { kLine, kTooLong, kEnd };

  // `buffer` must outlive the splitter. It begins with line `first_line`.
  LineSplitter(InputBuffer* buffer, size_t max_line_bytes,
               int64_t first_line = 1)
      : buffer_(buffer),
        max_line_bytes_(max_line_bytes),
        line_(first_line - 1) {}

  // At a source that failed, the cut line is not given.
  Outcome Next();

  // Without its end; InputBuffer::kPadding readable bytes follow it. Valid
  // until the next call.
  std::string_view text() const { return text_; }
  // The number of the last line, or of the line reached at the end.
  int64_t line() const { return line_; }

 private:
  InputBuffer* buffer_;
  size_t max_line_bytes_;
  std::string_view text_;
  size_t used_ = 0;  // the bytes of the last line, to be consumed
  int64_t line_;
};

}  // namespace cckpi

#endif  // CCKPI_IO_LINE_SPLITTER_H_
