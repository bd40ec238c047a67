#include "cckpi/io/event_pieces.h"

#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "src/io/byte_source.h"
#include "src/io/input_buffer.h"
#include "src/io/open_input.h"
#include "src/io/readers.h"

namespace cckpi {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr size_t kPieceEvents = 4096;

// JSON Lines: pieces end where lines do.
class LinePieces final : public EventPieces {
 public:
  LinePieces(OpenedInput opened, const OpenOptions& options)
      : input_(std::move(opened.input)),
        name_(std::move(opened.name)),
        max_record_bytes_(options.max_record_bytes) {}

  absl::StatusOr<bool> Next(EventPiece* piece) override {
    piece->first_row = row_;
    piece->lines.clear();
    size_t searched = 0;
    while (true) {
      input_->Want(kPieceBytes);
      const char* begin = input_->data();
      const size_t size = input_->size();
      const void* end = memrchr(begin + searched, '\n', size - searched);
      if (end != nullptr) {
        Take(static_cast<size_t>(static_cast<const char*>(end) - begin) + 1,
             piece);
        return true;
      }
      if (input_->at_end()) return TakeLast(piece);
      searched = size;
      if (size > max_record_bytes_) return TakeTooLong(piece);
      input_->Fill();
    }
  }

  absl::Status Read(EventPiece* piece, EventBatch* batch) const override {
    // Room for all of it, so that it moves once.
    auto input = std::make_unique<InputBuffer>(OpenMemory(piece->lines),
                                               piece->lines.size() + 1);
    std::unique_ptr<EventReader> reader = MakeJsonLinesReader(
        std::move(input), name_, max_record_bytes_, piece->first_row);
    CCKPI_RETURN_IF_ERROR(
        reader->Read(batch, std::numeric_limits<size_t>::max()).status());
    // After what was read comes why there was no more.
    EventBatch rest;
    const absl::Status end =
        reader->Read(&rest, std::numeric_limits<size_t>::max()).status();
    piece->lines.clear();
    return end;
  }

  int64_t bytes_read() const override { return input_->source().bytes_read(); }
  std::optional<int64_t> bytes_total() const override {
    return input_->source().bytes_total();
  }

 private:
  void Take(size_t size, EventPiece* piece) {
    piece->lines.assign(input_->data(), size);
    input_->Consume(size);
    // Line by line, not byte by byte: others wait for their piece meanwhile.
    const char* const begin = piece->lines.data();
    size_t counted = 0;
    while (const void* end =
               std::memchr(begin + counted, '\n', size - counted)) {
      counted = static_cast<size_t>(static_cast<const char*>(end) - begin) + 1;
      ++row_;
    }
  }

  absl::StatusOr<bool> Fail() const {
    const absl::Status& status = input_->status();
    return absl::Status(status.code(),
                        absl::StrCat(name_, ": line ", row_, ": ",
                                     std::string(status.message())));
  }

  // The last line, which has no end. Where the input broke it was cut.
  absl::StatusOr<bool> TakeLast(EventPiece* piece) {
    if (!input_->status().ok()) return Fail();
    if (input_->size() == 0) return false;
    Take(input_->size(), piece);
    return true;
  }

  // As much of a line as shows that it is too long.
  absl::StatusOr<bool> TakeTooLong(EventPiece* piece) {
    piece->lines.assign(input_->data(), input_->size());
    while (true) {
      const void* end = std::memchr(input_->data(), '\n', input_->size());
      if (end != nullptr) {
        input_->Consume(static_cast<size_t>(static_cast<const char*>(end) -
                                            input_->data()) +
                        1);
        break;
      }
      input_->Consume(input_->size());
      if (!input_->Fill() && input_->size() == 0) break;
    }
    if (!input_->status().ok()) return Fail();
    ++row_;
    return true;
  }

  std::unique_ptr<InputBuffer> input_;
  std::string name_;
  size_t max_record_bytes_;
  int64_t row_ = 1;  // of the next line
};

// Anything else.
class ReadPieces final : public EventPieces {
 public:
  explicit ReadPieces(std::unique_ptr<EventReader> reader)
      : reader_(std::move(reader)) {}

  absl::StatusOr<bool> Next(EventPiece* piece) override {
    return reader_->Read(&piece->batch, kPieceEvents);
  }
  absl::Status Read(EventPiece* piece, EventBatch* batch) const override {
    batch->Clear();
    std::swap(piece->batch, *batch);
    return absl::OkStatus();
  }
  int64_t bytes_read() const override { return reader_->bytes_read(); }
  std::optional<int64_t> bytes_total() const override {
    return reader_->bytes_total();
  }

 private:
  std::unique_ptr<EventReader> reader_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<EventPieces>> EventPieces::Open(
    const std::string& path, const OpenOptions& options) {
  CCKPI_ASSIGN_OR_RETURN(OpenedInput opened, OpenInput(path, options));
  if (options.mapping == nullptr && opened.format == EventFormat::kJsonLines) {
    return std::make_unique<LinePieces>(std::move(opened), options);
  }
  CCKPI_ASSIGN_OR_RETURN(std::unique_ptr<EventReader> reader,
                         MakeReader(std::move(opened), options));
  return std::make_unique<ReadPieces>(std::move(reader));
}

}  // namespace cckpi
