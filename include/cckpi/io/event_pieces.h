// EventPieces: one log, read on several threads.
//
// A log is taken apart in its order, by one thread at a time, into pieces; a
// piece is then read by whoever has it, while others take and read the next
// ones. What is in a piece depends on the log alone: all pieces together give
// the events, rows, refusals and errors that an EventReader gives.
//
//   // Of each thread; `mutex` guards `pieces` and `failed`.
//   void Work(EventPieces& pieces, std::mutex& mutex, absl::Status& failed) {
//     EventPiece piece;
//     EventBatch batch;
//     while (true) {
//       {
//         std::lock_guard<std::mutex> lock(mutex);
//         absl::StatusOr<bool> more = pieces.Next(&piece);
//         if (!more.ok()) failed = more.status();
//         if (!more.ok() || !*more) return;
//       }
//       if (absl::Status read = pieces.Read(&piece, &batch); !read.ok()) {
//         std::lock_guard<std::mutex> lock(mutex);
//         failed = read;
//         return;
//       }
//       std::cout << batch.events.size() << " events\n";
//     }
//   }
//
// JSON Lines are taken apart at line ends, which costs little. CSV and foreign
// logs, where a row may go over lines and mean something for later ones, are
// read as they are taken apart: what a thread then has left to do is what the
// host does with events. gzip is unpacked as a log is taken apart.
//
// This file defines EventPiece and EventPieces.

#ifndef CCKPI_IO_EVENT_PIECES_H_
#define CCKPI_IO_EVENT_PIECES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cckpi/io/event_reader.h"

namespace cckpi {

// A run of records. Reuse one for a whole log.
struct EventPiece {
  std::string lines;      // not read yet
  int64_t first_row = 1;  // of `lines`
  EventBatch batch;       // read already
};

class EventPieces {
 public:
  virtual ~EventPieces() = default;

  // As OpenEvents.
  static absl::StatusOr<std::unique_ptr<EventPieces>> Open(
      const std::string& path, const OpenOptions& options);

  // Takes the next piece, some thousands of records; false at the end. Errors
  // as those of EventReader::Read. One thread at a time.
  virtual absl::StatusOr<bool> Next(EventPiece* piece) = 0;

  // The events of a piece, which is empty afterwards. May be called while
  // others read and take pieces. ResourceExhausted when memory is.
  virtual absl::Status Read(EventPiece* piece, EventBatch* batch) const = 0;

  // Progress, as EventReader. One thread at a time.
  virtual int64_t bytes_read() const = 0;
  virtual std::optional<int64_t> bytes_total() const = 0;
};

}  // namespace cckpi

#endif  // CCKPI_IO_EVENT_PIECES_H_
