// Feed: from event logs into an engine.
//
// Without an allowed lateness the order of the input means nothing: all
// events are sorted first, in bounded memory, and none is late. With one, the
// logs are read side by side in the order in which their events arrived, and
// the engine says which come too late.

#ifndef CCKPI_CLI_FEED_H_
#define CCKPI_CLI_FEED_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cckpi/base/time.h"
#include "cckpi/engine/engine.h"
#include "cckpi/io/event_reader.h"
#include "cckpi/io/mapping.h"
#include "cckpi/kpi/report.h"
#include "cli/common.h"

namespace cckpi::cli {

enum class FeedOrder : uint8_t { kSorted, kArrival };

struct FeedOptions {
  std::vector<std::string> paths;
  std::shared_ptr<const Mapping> mapping;
  FeedOrder order = FeedOrder::kSorted;
  int64_t lateness_us = 0;  // that the engine allows, of kArrival
  // Events after this instant are left out; kNoTime: none are, and the
  // greatest instant of an event is the present. A forecast is made before
  // its instant, so its instant does not count.
  int64_t now_us = kNoTime;
  // Called before an event of this instant (of kArrival: of its arrival) goes
  // in, and at the end with the instant after the present; the earliest
  // instant before which it need not be called again. Null: never.
  std::function<absl::StatusOr<int64_t>(int64_t next_us)> before;
  // By path: records up to this row have been read before, and are passed
  // over.
  std::map<std::string, int64_t> read_before;
  // Nothing more comes after these logs, so all of it is final.
  bool finish = true;
  size_t memory_bytes = size_t{256} << 20;
  std::string temporary_directory = "/tmp";
  Progress::Wanted progress = Progress::Wanted::kOnTerminal;
};

struct FeedResult {
  int64_t now_us = kNoTime;  // kNoTime: there was no event
  int64_t after_now = 0;     // left out
  int64_t unreadable = 0;    // records that are no events
  int64_t handed_back = 0;   // refused by the engine, late ones included
  // By path, but for standard input: the last row that was read.
  std::map<std::string, int64_t> read;
  // The first of both, by log and row.
  std::vector<Refusal> refusals;
};

// What only the reading of the logs knows.
void AmendReport(const FeedResult& feed, Report* report);

// Reads all logs and advances the engine to the present. An error when a log
// cannot be opened or is damaged.
absl::StatusOr<FeedResult> FeedEvents(const FeedOptions& options,
                                      Engine* engine);

}  // namespace cckpi::cli

#endif  // CCKPI_CLI_FEED_H_
