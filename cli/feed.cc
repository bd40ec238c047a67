#include "cli/feed.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/event/event.h"
#include "cckpi/io/event_sorter.h"

namespace cckpi::cli {
namespace {

constexpr size_t kBatchEvents = 4096;

// Keeps the first refusals by log and row, whatever order they come in.
class FirstRefusals {
 public:
  void Add(uint32_t log, Refusal refusal) {
    entries_.push_back({log, std::move(refusal)});
    if (entries_.size() >= 8 * kMaxRefusalsKept) Cut();
  }

  std::vector<Refusal> Take() {
    Cut();
    std::vector<Refusal> refusals;
    for (Entry& entry : entries_) refusals.push_back(std::move(entry.refusal));
    entries_.clear();
    return refusals;
  }

 private:
  struct Entry {
    uint32_t log;
    Refusal refusal;
  };

  void Cut() {
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const Entry& a, const Entry& b) {
                       if (a.log != b.log) return a.log < b.log;
                       return a.refusal.row < b.refusal.row;
                     });
    if (entries_.size() > kMaxRefusalsKept) {
      entries_.erase(entries_.begin() + kMaxRefusalsKept, entries_.end());
    }
  }

  std::vector<Entry> entries_;
};

class Feeder {
 public:
  Feeder(const FeedOptions& options, Engine* engine)
      : options_(options), engine_(engine), progress_(options.progress) {}

  absl::StatusOr<FeedResult> Run() {
    CCKPI_RETURN_IF_ERROR(options_.order == FeedOrder::kSorted ? RunSorted()
                                                               : RunArrival());
    progress_.Clear();
    result_.now_us = options_.now_us != kNoTime ? options_.now_us : latest_us_;
    if (result_.now_us != kNoTime) {
      CCKPI_RETURN_IF_ERROR(Before(result_.now_us + 1));
    }
    // Where more is to come the present is not over: events of the next days
    // must not look as if they were ahead of it.
    if (result_.now_us != kNoTime &&
        (options_.finish || options_.now_us != kNoTime)) {
      CCKPI_RETURN_IF_ERROR(engine_->Advance(ToTime(result_.now_us)));
    }
    if (options_.order == FeedOrder::kSorted && options_.finish) {
      engine_->Finish();
    }
    result_.refusals = refusals_.Take();
    return std::move(result_);
  }

 private:
  absl::StatusOr<std::unique_ptr<EventReader>> Open(size_t log) const {
    OpenOptions options;
    options.mapping = options_.mapping;
    return OpenEvents(options_.paths[log], options);
  }

  std::string NameOf(uint32_t log) const {
    const std::string& path = options_.paths[log];
    return path == "-" ? "standard input" : path;
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
      refusals_.Add(log, refusal);
      ++result_.unreadable;
    }
    for (const Event& event : batch.events) {
      if (event.kind != EventKind::kForecast) {
        latest_us_ = std::max(latest_us_, event.at_us);
      }
    }
    progress_.Update(NameOf(log), reader.bytes_read(),
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

  // Events and, parallel to them, their rows and logs.
  void Ingest(std::span<const Event> events, std::span<const int64_t> rows,
              std::span<const uint32_t> logs) {
    const IngestResult result = engine_->Ingest(events);
    for (Refusal refusal : result.handed_back) {
      const size_t at = static_cast<size_t>(refusal.row - 1);
      refusal.row = rows[at];
      refusal.source = NameOf(logs[at]);
      refusals_.Add(logs[at], std::move(refusal));
    }
    result_.handed_back += result.late + result.refused;
  }

  // Says which instant comes next, to whom it concerns.
  absl::Status Before(int64_t next_us) {
    if (!options_.before) return absl::OkStatus();
    CCKPI_ASSIGN_OR_RETURN(wake_us_, options_.before(next_us));
    return absl::OkStatus();
  }
  bool Wakes(const Event& event, int64_t at_us) const {
    return options_.before && event.kind != EventKind::kForecast &&
           at_us >= wake_us_;
  }

  // The first `count` events of a sorted batch.
  absl::Status IngestSorted(const EventBatch& batch, size_t count) {
    const std::span<const Event> events(batch.events);
    const std::span<const int64_t> rows(batch.rows);
    const std::span<const uint32_t> logs(batch.sources);
    size_t begin = 0;
    const auto ingest = [&](size_t end) {
      if (end == begin) return;
      Ingest(events.subspan(begin, end - begin),
             rows.subspan(begin, end - begin),
             logs.subspan(begin, end - begin));
      begin = end;
    };
    for (size_t i = 0; i < count; ++i) {
      if (!Wakes(events[i], events[i].at_us)) continue;
      ingest(i);
      CCKPI_RETURN_IF_ERROR(Before(events[i].at_us));
    }
    ingest(count);
    return absl::OkStatus();
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
      const size_t count = CountUpToNow(batch.events);
      const size_t size = batch.events.size();
      result_.after_now += static_cast<int64_t>(size - count);
      CCKPI_RETURN_IF_ERROR(IngestSorted(batch, count));
      done += static_cast<int64_t>(size);
      progress_.Update("computing", done, total);
    }
  }

  // Of sorted events, those that are not after now.
  size_t CountUpToNow(const std::vector<Event>& events) const {
    if (options_.now_us == kNoTime) return events.size();
    const auto end = std::partition_point(
        events.begin(), events.end(),
        [&](const Event& event) { return event.at_us <= options_.now_us; });
    return static_cast<size_t>(end - events.begin());
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
        const bool wakes = Wakes(event, first->arrived_us());
        if (event.at_us < watermark_us || wakes) {
          Ingest(events, rows, logs);
          events.clear();
          rows.clear();
          logs.clear();
        }
        if (wakes) CCKPI_RETURN_IF_ERROR(Before(first->arrived_us()));
        if (event.kind != EventKind::kForecast) {
          watermark_us =
              std::max(watermark_us, event.at_us - options_.lateness_us);
        }
        events.push_back(event);
        rows.push_back(first->batch.rows[first->next]);
        logs.push_back(first->log);
      }
      Ingest(events, rows, logs);
      if (first->next == size) {
        CCKPI_ASSIGN_OR_RETURN(const bool more, Fill(&*first));
        if (!more) sources.erase(first);
      }
    }
    return absl::OkStatus();
  }

  const FeedOptions& options_;
  Engine* engine_;
  Progress progress_;
  FeedResult result_;
  FirstRefusals refusals_;
  int64_t latest_us_ = kNoTime;
  int64_t wake_us_ = kNoTime;  // Before() wants to know of events from here on
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
