// What every way to feed an engine is made of.

#ifndef CCKPI_CLI_FEED_PARTS_H_
#define CCKPI_CLI_FEED_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cckpi/base/time.h"
#include "cckpi/engine/engine.h"
#include "cckpi/event/event.h"
#include "cckpi/io/event_reader.h"
#include "cckpi/kpi/report.h"
#include "cli/feed.h"

namespace cckpi::cli {

inline constexpr size_t kBatchEvents = 4096;

// How messages call a log.
std::string NameOfLog(const FeedOptions& options, uint32_t log);

// Keeps the first refusals by log and row, whatever order they come in. Of one
// row, those of its reading come first, as they came; then those of the
// engine, by instant.
class FirstRefusals {
 public:
  void AddUnreadable(uint32_t log, Refusal refusal);
  void AddHandedBack(uint32_t log, int64_t at_us, Refusal refusal);
  void Merge(FirstRefusals&& others);

  std::vector<Refusal> Take();

 private:
  struct Entry {
    uint32_t log = 0;
    bool of_engine = false;
    int64_t at_us = 0;
    Refusal refusal;
  };

  void Add(Entry entry);
  void Cut();

  std::vector<Entry> entries_;
};

// Events on their way into an engine.
class EngineFeed {
 public:
  EngineFeed(const FeedOptions& options, Engine* engine)
      : options_(options), engine_(engine) {}

  // Events and, parallel to them, their rows and logs.
  void Ingest(std::span<const Event> events, std::span<const int64_t> rows,
              std::span<const uint32_t> logs);
  // The next of sorted events, but those after now.
  absl::Status IngestSorted(const EventBatch& batch);
  // Nothing more comes; `now_us` is the present.
  absl::Status End(int64_t now_us);

  // Says which instant comes next, to whom it concerns.
  absl::Status Before(int64_t next_us);
  bool Wakes(const Event& event, int64_t at_us) const {
    return options_.before && event.kind != EventKind::kForecast &&
           at_us >= wake_us_;
  }

  int64_t after_now() const { return after_now_; }
  int64_t handed_back() const { return handed_back_; }
  FirstRefusals& refusals() { return refusals_; }

 private:
  size_t CountUpToNow(const std::vector<Event>& events) const;

  const FeedOptions& options_;
  Engine* engine_;
  int64_t after_now_ = 0;
  int64_t handed_back_ = 0;
  FirstRefusals refusals_;
  int64_t wake_us_ = kNoTime;  // Before() wants to know of events from here on
};

}  // namespace cckpi::cli

#endif  // CCKPI_CLI_FEED_PARTS_H_
