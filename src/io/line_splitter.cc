#include "src/io/line_splitter.h"

#include <cstring>

namespace cckpi {

LineSplitter::Outcome LineSplitter::Next() {
  buffer_->Consume(used_);
  used_ = 0;
  ++line_;
  size_t searched = 0;
  bool too_long = false;
  while (true) {
    const char* begin = buffer_->data();
    size_t size = buffer_->size();
    const void* found = std::memchr(begin + searched, '\n', size - searched);
    size_t length = size;
    if (found != nullptr) {
      length = static_cast<size_t>(static_cast<const char*>(found) - begin);
      used_ = length + 1;
    } else if (buffer_->at_end()) {
      if (!buffer_->status().ok()) return Outcome::kEnd;
      if (size == 0 && !too_long) return Outcome::kEnd;
      used_ = length;
    } else {
      searched = size;
      if (size > max_line_bytes_) {
        too_long = true;
        buffer_->Consume(size);
        searched = 0;
      }
      buffer_->Fill();
      continue;
    }
    if (too_long || length > max_line_bytes_) return Outcome::kTooLong;
    if (length > 0 && begin[length - 1] == '\r') --length;
    text_ = {begin, length};
    return Outcome::kLine;
  }
}

}  // namespace cckpi
