#include "cli/feed.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/event/event.h"
#include "cckpi/io/event_sorter.h"
#include "cli/feed_parts.h"

namespace cckpi::cli {
namespace {

class Feeder {
 public:
  Feeder(const FeedOptions& options, Engine* engine)
      : options_(options),
        feed_(options, engine),
        progress_(options.progress) {}

  absl::StatusOr<FeedResult> Run() {
    CCKPI_RETURN_IF_ERROR(options_.order == FeedOrder::kSorted ? RunSorted()
                                                               : RunArrival());
    progress_.Clear();
    result_.now_us = options_.now_us != kNoTime ? options_.now_us : latest_us_;
    CCKPI_RETURN_IF_ERROR(feed_.End(result_.now_us));
    result_.after_now += feed_.after_now();
    result_.handed_back = feed_.handed_back();
    result_.refusals = feed_.refusals().Take();
    return std::move(result_);
  }

 private:
  absl::StatusOr<std::unique_ptr<EventReader>> Open(size_t log) const {
    OpenOptions options;
    options.mapping = options_.mapping;
    return OpenEvents(options_.paths[log], options);
  }

  // What every batch as it was read goes through. What had been read before
  // is taken out.
  void Note(EventBatch& batch, uint32_t log, const EventReader& reader) {
    const std::string& path = options_.paths[log];
    if (path != "-") {
      int64_t& last = result_.read[path];
      if (!batch.rows.empty()) last = std::max(last, batch.rows.back());
      for (const Refusal& refusal : batch.refusals) {
        last = std::max(last, refusal.row);
      }
      auto before = options_.read_before.find(path);
      if (before != options_.read_before.end()) {
        PassOver(before->second, batch);
        last = std::max(last, before->second);
      }
    }
    for (const Refusal& refusal : batch.refusals) {
      feed_.refusals().AddUnreadable(log, refusal);
      ++result_.unreadable;
    }
    for (const Event& event : batch.events) {
      if (event.kind != EventKind::kForecast) {
        latest_us_ = std::max(latest_us_, event.at_us);
      }
    }
    progress_.Update(NameOfLog(options_, log), reader.bytes_read(),
                     reader.bytes_total().value_or(-1));
  }

  static void PassOver(int64_t row, EventBatch& batch) {
    const auto first =
        std::upper_bound(batch.rows.begin(), batch.rows.end(), row);
    const auto count = first - batch.rows.begin();
    batch.rows.erase(batch.rows.begin(), first);
    batch.events.erase(batch.events.begin(), batch.events.begin() + count);
    std::erase_if(batch.refusals,
                  [row](const Refusal& refusal) { return refusal.row <= row; });
  }

  absl::Status RunSorted() {
    EventSorter sorter({.memory_bytes = options_.memory_bytes,
                        .directory = options_.temporary_directory});
    EventBatch batch;
    for (uint32_t log = 0; log < options_.paths.size(); ++log) {
      CCKPI_ASSIGN_OR_RETURN(std::unique_ptr<EventReader> reader, Open(log));
      while (true) {
        CCKPI_ASSIGN_OR_RETURN(const bool more,
                               reader->Read(&batch, kBatchEvents));
        if (!more) break;
        Note(batch, log, *reader);
        for (size_t i = 0; i < batch.events.size(); ++i) {
          CCKPI_RETURN_IF_ERROR(
              sorter.Add(batch.events[i], batch.rows[i], log));
        }
      }
    }
    CCKPI_RETURN_IF_ERROR(sorter.Finish());
    const int64_t total = sorter.event_count();
    int64_t done = 0;
    while (true) {
      CCKPI_ASSIGN_OR_RETURN(const bool more,
                             sorter.Next(&batch, kBatchEvents));
      if (!more) return absl::OkStatus();
      CCKPI_RETURN_IF_ERROR(feed_.IngestSorted(batch));
      done += static_cast<int64_t>(batch.events.size());
      progress_.Update("computing", done, total);
    }
  }

  // A log of which `batch.events[next]` comes next.
  struct Source {
    uint32_t log = 0;
    std::unique_ptr<EventReader> reader;
    EventBatch batch;
    size_t next = 0;

    int64_t arrived_us() const {
      const Event& event = batch.events[next];
      return event.received_at_us != kNoTime ? event.received_at_us
                                             : event.at_us;
    }
  };

  // False at the end of the log.
  absl::StatusOr<bool> Fill(Source* source) {
    source->next = 0;
    do {
      CCKPI_ASSIGN_OR_RETURN(
          const bool more, source->reader->Read(&source->batch, kBatchEvents));
      if (!more) return false;
      Note(source->batch, source->log, *source->reader);
    } while (source->batch.events.empty());
    return true;
  }

  // The logs side by side: each in its own order, the one whose next event
  // arrived first goes on.
  absl::Status RunArrival() {
    std::vector<Source> sources;
    for (uint32_t log = 0; log < options_.paths.size(); ++log) {
      Source source;
      source.log = log;
      CCKPI_ASSIGN_OR_RETURN(source.reader, Open(log));
      CCKPI_ASSIGN_OR_RETURN(const bool more, Fill(&source));
      if (more) sources.push_back(std::move(source));
    }
    std::vector<Event> events;
    std::vector<int64_t> rows;
    std::vector<uint32_t> logs;
    int64_t watermark_us = kNoTime;
    while (!sources.empty()) {
      const auto first = std::min_element(
          sources.begin(), sources.end(), [](const Source& a, const Source& b) {
            return a.arrived_us() < b.arrived_us();
          });
      // It goes on until another one is ahead of it.
      int64_t limit_us = std::numeric_limits<int64_t>::max();
      for (const Source& source : sources) {
        if (&source != &*first) {
          limit_us = std::min(limit_us, source.arrived_us());
        }
      }
      events.clear();
      rows.clear();
      logs.clear();
      const size_t size = first->batch.events.size();
      for (; first->next < size && first->arrived_us() <= limit_us;
           ++first->next) {
        const Event& event = first->batch.events[first->next];
        if (options_.now_us != kNoTime && event.at_us > options_.now_us) {
          ++result_.after_now;
          continue;
        }
        // The engine's watermark moves after a batch. An event that is late
        // at its turn begins a new one, so that batches mean nothing.
        const bool wakes = feed_.Wakes(event, first->arrived_us());
        if (event.at_us < watermark_us || wakes) {
          feed_.Ingest(events, rows, logs);
          events.clear();
          rows.clear();
          logs.clear();
        }
        if (wakes) CCKPI_RETURN_IF_ERROR(feed_.Before(first->arrived_us()));
        if (event.kind != EventKind::kForecast) {
          watermark_us =
              std::max(watermark_us, event.at_us - options_.lateness_us);
        }
        events.push_back(event);
        rows.push_back(first->batch.rows[first->next]);
        logs.push_back(first->log);
      }
      feed_.Ingest(events, rows, logs);
      if (first->next == size) {
        CCKPI_ASSIGN_OR_RETURN(const bool more, Fill(&*first));
        if (!more) sources.erase(first);
      }
    }
    return absl::OkStatus();
  }

  const FeedOptions& options_;
  EngineFeed feed_;
  Progress progress_;
  FeedResult result_;
  int64_t latest_us_ = kNoTime;
};

}  // namespace

void AmendReport(const FeedResult& feed, Report* report) {
  report->now_us = feed.now_us;
  report->events.refused += feed.unreadable;
  report->events.after_now = feed.after_now;
  report->refusals = feed.refusals;
}

absl::StatusOr<FeedResult> FeedEvents(const FeedOptions& options,
                                      Engine* engine) {
  return Feeder(options, engine).Run();
}

}  // namespace cckpi::cli
