// StreamReader: what the readers of all formats share: the input, how errors
// name it, and the loop that fills a batch.

#ifndef CCKPI_IO_STREAM_READER_H_
#define CCKPI_IO_STREAM_READER_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cckpi/io/event_reader.h"
#include "src/io/event_builder.h"
#include "src/io/input_buffer.h"

namespace cckpi {

class StreamReader : public EventReader {
 public:
  StreamReader(std::unique_ptr<InputBuffer> input, std::string name)
      : input_(std::move(input)), builder_(name), name_(std::move(name)) {}

  absl::StatusOr<bool> Read(EventBatch* batch, size_t max_events) final {
    batch->Clear();
    max_events = std::max<size_t>(max_events, 1);
    while (!ended_ &&
           batch->events.size() + batch->refusals.size() < max_events) {
      ended_ = !ReadRecord(batch);
    }
    if (!batch->empty()) return true;
    if (error_.ok() && !input_->status().ok()) {
      error_ = Located(input_->status());
    }
    if (!error_.ok()) return error_;
    return false;
  }

  int64_t bytes_read() const final { return input_->source().bytes_read(); }
  std::optional<int64_t> bytes_total() const final {
    return input_->source().bytes_total();
  }

 protected:
  // Ends the input, without fault of the record that could not be read.
  bool BreakForMemory() {
    error_ =
        Located(absl::ResourceExhaustedError("memory could not be allocated"));
    return false;
  }

  // Reads one record into the batch, which may give any number of events or
  // refusals. False at the end of the input.
  virtual bool ReadRecord(EventBatch* batch) = 0;
  // The line that reading has reached.
  virtual int64_t line() const = 0;

  absl::Status Located(const absl::Status& status) const {
    return absl::Status(status.code(),
                        absl::StrCat(name_, ": line ", line(), ": ",
                                     std::string(status.message())));
  }

  InputBuffer* input() { return input_.get(); }
  EventBuilder* builder() { return &builder_; }
  const std::string& name() const { return name_; }

 private:
  std::unique_ptr<InputBuffer> input_;
  EventBuilder builder_;
  std::string name_;
  bool ended_ = false;
  absl::Status error_;
};

}  // namespace cckpi

#endif  // CCKPI_IO_STREAM_READER_H_
