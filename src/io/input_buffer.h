// InputBuffer: a window that slides over a source of bytes.
//
// The window is contiguous and writable, and kPadding readable bytes follow
// it. It grows only as far as the record that the caller wants whole.

#ifndef CCKPI_IO_INPUT_BUFFER_H_
#define CCKPI_IO_INPUT_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "src/io/byte_source.h"

namespace cckpi {

class InputBuffer {
 public:
  static constexpr size_t kPadding = 64;

  InputBuffer(std::unique_ptr<ByteSource> source, size_t bytes);

  char* data() { return bytes_.data() + begin_; }
  size_t size() const { return end_ - begin_; }

  // The source has no more bytes than the window.
  bool at_end() const { return at_end_; }
  // Why the source ended, when it did not end well.
  const absl::Status& status() const { return status_; }

  // Adds bytes to the window, which may move. False at the end.
  bool Fill();

  // Drops bytes from the window's front.
  void Consume(size_t count) { begin_ += count; }

  // Fills until the window holds `count` bytes or the source ends.
  void Want(size_t count);

  const ByteSource& source() const { return *source_; }

 private:
  std::unique_ptr<ByteSource> source_;
  std::vector<char> bytes_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool at_end_ = false;
  absl::Status status_;
};

}  // namespace cckpi

#endif  // CCKPI_IO_INPUT_BUFFER_H_
