// Event readers: logs on disk or on a pipe, as batches of events.
//
// A reader streams: it holds one buffer of the input and the batch that the
// caller gave it, whatever the size of the log. Events come in the order of
// the log, each with its row, and every one of them passes ValidateEvent. A
// record that cannot be read is refused by itself, with its row and the
// reason, and nothing else is lost.
//
//   absl::Status CountMessages(const std::string& path, int64_t* messages) {
//     CCKPI_ASSIGN_OR_RETURN(auto reader, OpenEvents(path, {}));
//     EventBatch batch;
//     while (true) {
//       CCKPI_ASSIGN_OR_RETURN(bool more, reader->Read(&batch, 4096));
//       if (!more) return absl::OkStatus();
//       for (const Event& event : batch.events) {
//         *messages += event.kind == EventKind::kCustomerMessage;
//       }
//     }
//   }
//
// Formats are JSON Lines and CSV (docs/events.md), each also in gzip. A log
// of another shape is read through a mapping (cckpi/io/mapping.h).
//
// This file defines EventBatch, EventReader, EventFormat, OpenOptions,
// OpenEvents, OpenEventsInMemory and RefusalText.

#ifndef CCKPI_IO_EVENT_READER_H_
#define CCKPI_IO_EVENT_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "cckpi/event/event.h"
#include "cckpi/io/text_arena.h"
#include "cckpi/kpi/report.h"

namespace cckpi {

class Mapping;  // cckpi/io/mapping.h

// Events and the memory of their text. Reuse one batch for a whole log.
struct EventBatch {
  std::vector<Event> events;
  // Parallel to `events`: the 1-based line on which the record starts.
  std::vector<int64_t> rows;
  // Parallel to `events` when an EventSorter filled the batch, else empty:
  // which input the event came from.
  std::vector<uint32_t> sources;
  // The records that could not be read.
  std::vector<Refusal> refusals;
  TextArena text;

  bool empty() const { return events.empty() && refusals.empty(); }
  void Clear();
};

class EventReader {
 public:
  virtual ~EventReader() = default;

  // Clears `batch`, then fills it with the next records: at most `max_events`
  // (at least 1) events and refusals together; a row that a mapping turns
  // into several events is kept whole and may go beyond. True when the batch
  // holds something, false at the end of the input.
  //
  // A broken input (unreadable, damaged or cut gzip, a header without the
  // required columns) is an error that names it and the line reached. What
  // was read before is delivered first; then every call returns the error.
  virtual absl::StatusOr<bool> Read(EventBatch* batch, size_t max_events) = 0;

  // Progress, in bytes of the file as it is stored. The total is unknown for
  // a pipe.
  virtual int64_t bytes_read() const = 0;
  virtual std::optional<int64_t> bytes_total() const = 0;
};

enum class EventFormat : uint8_t {
  // By name (.jsonl, .json, .ndjson, .csv, .tsv, each with or without .gz),
  // else by the first character: '{' or nothing is JSON Lines, other CSV. A
  // mapping that names its format decides before the name.
  kAuto = 0,
  kJsonLines = 1,
  kCsv = 2,
};

struct OpenOptions {
  EventFormat format = EventFormat::kAuto;
  // Turns a foreign log into events; null for a log of events. Kept by the
  // reader.
  std::shared_ptr<const Mapping> mapping;
  // How the input is called in refusals and errors; empty: its path,
  // "standard input" or "memory".
  std::string name;
  // How much of the input is held at once. A record that is longer grows the
  // buffer up to max_record_bytes and is refused beyond.
  size_t buffer_bytes = size_t{1} << 20;
  size_t max_record_bytes = size_t{16} << 20;
};

// Opens a file, or standard input for "-". gzip is recognised by its first
// bytes, also on standard input. NotFound, or InvalidArgument, when the file
// cannot be opened or its format cannot be told.
absl::StatusOr<std::unique_ptr<EventReader>> OpenEvents(
    const std::string& path, const OpenOptions& options);

// Reads a log that the host holds. `bytes` must outlive the reader.
absl::StatusOr<std::unique_ptr<EventReader>> OpenEventsInMemory(
    std::string_view bytes, const OpenOptions& options);

// "events.csv: line 7: at: missing (T-1)".
std::string RefusalText(const Refusal& refusal);

}  // namespace cckpi

#endif  // CCKPI_IO_EVENT_READER_H_
