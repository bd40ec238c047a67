// Reading what a fuzzer made up as a log of events.

#ifndef CCKPI_TESTS_FUZZ_FUZZ_LOG_H_
#define CCKPI_TESTS_FUZZ_FUZZ_LOG_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "cckpi/event/event.h"
#include "cckpi/io/event_reader.h"
#include "cckpi/io/event_writer.h"
#include "fuzz/fuzz_input.h"

namespace cckpi::fuzz {

// The event, written and read again, is the same event.
inline void RequireRoundTrip(const Event& event) {
  const std::string line = WriteJsonLine(event);
  OpenOptions options;
  options.format = EventFormat::kJsonLines;
  auto reader = OpenEventsInMemory(line, options);
  Require(reader.ok(), "a written event can be opened");
  EventBatch batch;
  Require((*reader)->Read(&batch, 2).value_or(false), "it can be read");
  Require(batch.events.size() == 1 && batch.refusals.empty(), "it is one");
  Require(CompareEvents(batch.events[0], event) == 0, "it is the same");
}

// Reads all of it, to the end or to the first error of the input.
inline void ReadAll(std::string_view bytes, const OpenOptions& options) {
  auto reader = OpenEventsInMemory(bytes, options);
  if (!reader.ok()) {
    Require(!reader.status().message().empty(), "an error has a reason");
    return;
  }
  EventBatch batch;
  size_t checked = 0;
  while (true) {
    absl::StatusOr<bool> more = (*reader)->Read(&batch, 7);
    if (!more.ok() || !*more) return;
    Require(!batch.empty(), "a batch that was read holds something");
    Require(batch.rows.size() == batch.events.size(), "each event has its row");
    for (const Event& event : batch.events) {
      Require(ValidateEvent(event).ok(), "an event that was read is valid");
      if (checked < 64) RequireRoundTrip(event);
      ++checked;
    }
    for (const Refusal& refusal : batch.refusals) {
      Require(!refusal.reason.empty(), "a refusal has a reason");
    }
  }
}

}  // namespace cckpi::fuzz

#endif  // CCKPI_TESTS_FUZZ_FUZZ_LOG_H_
