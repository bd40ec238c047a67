#include "src/io/input_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cckpi {

InputBuffer::InputBuffer(std::unique_ptr<ByteSource> source, size_t bytes)
    : source_(std::move(source)),
      bytes_(std::max<size_t>(bytes, 16) + kPadding) {}

bool InputBuffer::Fill() {
  if (at_end_) return false;
  size_t capacity = bytes_.size() - kPadding;
  if (begin_ > 0) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, size());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == capacity) {
    capacity *= 2;
    bytes_.resize(capacity + kPadding);
  }
  absl::StatusOr<size_t> got =
      source_->Read(bytes_.data() + end_, capacity - end_);
  if (!got.ok()) {
    status_ = got.status();
    at_end_ = true;
    return false;
  }
  end_ += *got;
  if (*got == 0) at_end_ = true;
  return !at_end_;
}

void InputBuffer::Want(size_t count) {
  while (size() < count && Fill()) {
  }
}

}  // namespace cckpi
