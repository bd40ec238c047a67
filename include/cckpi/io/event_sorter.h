// EventSorter: logs in any order, of any size, into the total order.
//
// A log rarely comes in the order of its instants, and several logs come one
// after the other. The sorter takes events in any order, copies them into
// compact records, and gives them back in the order of CompareEvents (then
// source, then row). Records beyond the memory budget go to one temporary
// file, which has no name and vanishes with the sorter.
//
//   absl::Status Sort(EventBatch& batch) {
//     EventSorter sorter({.memory_bytes = size_t{64} << 20});
//     for (size_t i = 0; i < batch.events.size(); ++i) {
//       CCKPI_RETURN_IF_ERROR(sorter.Add(batch.events[i], batch.rows[i], 0));
//     }
//     CCKPI_RETURN_IF_ERROR(sorter.Finish());
//     while (true) {
//       CCKPI_ASSIGN_OR_RETURN(bool more, sorter.Next(&batch, 4096));
//       if (!more) return absl::OkStatus();
//       std::cout << batch.events.size() << " events in order\n";
//     }
//   }
//
// Memory: the budget while adding, about the budget again for the buffers of
// the merge. An input in order, or made of a few ordered pieces (one per
// file, say), is recognised as such and costs one comparison per event.
//
// Several threads may sort, each with a sorter of its own; SortedEvents then
// gives the events of all of them in one order, or, to each of several
// threads, those of its own.
//
// This file defines SortOptions, EventSorter, MergeOptions and SortedEvents.

#ifndef CCKPI_IO_EVENT_SORTER_H_
#define CCKPI_IO_EVENT_SORTER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cckpi/event/event.h"
#include "cckpi/io/event_reader.h"

namespace cckpi {

struct SortOptions {
  size_t memory_bytes = size_t{256} << 20;
  // Where the temporary file goes; it is made only when it is needed.
  std::string directory = "/tmp";
};

class EventSorter {
 public:
  explicit EventSorter(SortOptions options);
  ~EventSorter();
  EventSorter(const EventSorter&) = delete;
  EventSorter& operator=(const EventSorter&) = delete;

  // Takes a copy. `key` is for SortedEvents to choose by. Unavailable or
  // ResourceExhausted when the temporary file cannot be made or written; the
  // sorter is then of no further use. FailedPrecondition after Finish.
  absl::Status Add(const Event& event, int64_t row, uint32_t source,
                   uint32_t key = 0);

  // Ends the input. Call once, before the first Next.
  absl::Status Finish();

  // Clears `batch` and fills it with the next `max_events` (at least 1)
  // events, their rows and sources. False at the end.
  absl::StatusOr<bool> Next(EventBatch* batch, size_t max_events);

  int64_t event_count() const;
  // How many sorted runs were written to the temporary file.
  int spilled_runs() const;

 private:
  friend class SortedEvents;
  class Impl;
  std::unique_ptr<Impl> impl_;
};

struct MergeOptions {
  // Which events are wanted, by their key; null: all.
  std::function<bool(uint32_t key)> wanted;
  // For reading what the sorters had to write to files.
  size_t memory_bytes = size_t{256} << 20;
};

// The events of sorters, which are finished and outlive this. Any number of
// these may read the same sorters concurrently.
class SortedEvents {
 public:
  // Errors as EventSorter::Finish.
  static absl::StatusOr<SortedEvents> Merge(
      std::span<const EventSorter* const> sorters, MergeOptions options);
  ~SortedEvents();
  SortedEvents(SortedEvents&&) noexcept;
  SortedEvents& operator=(SortedEvents&&) noexcept;

  // As EventSorter::Next.
  absl::StatusOr<bool> Next(EventBatch* batch, size_t max_events);

 private:
  class Impl;
  explicit SortedEvents(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cckpi

#endif  // CCKPI_IO_EVENT_SORTER_H_
