#include "cli/parallel_feed.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "cckpi/base/status_macros.h"
#include "cckpi/io/event_pieces.h"
#include "cckpi/io/event_sorter.h"
#include "cli/dealer.h"
#include "cli/feed_parts.h"
#include "cli/threads.h"

namespace cckpi::cli {
namespace {

// Of the errors of threads, that of the piece that came first.
struct FirstError {
  size_t piece = 0;
  absl::Status status;

  void Note(size_t of_piece, absl::Status of_status) {
    if (of_status.ok() || (!status.ok() && piece <= of_piece)) return;
    piece = of_piece;
    status = std::move(of_status);
  }
};

// A piece, the log that it is of, and its place among all pieces.
struct Taken {
  EventPiece piece;
  std::shared_ptr<const EventPieces> pieces;
  uint32_t log = 0;
  size_t place = 0;
};

// The pieces of all logs, one log after the other, for several threads.
class AllPieces {
 public:
  explicit AllPieces(const FeedOptions& options)
      : options_(options), progress_(options.progress) {}

  // False at the end, or where anything has failed.
  bool Next(Taken* taken) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (ended_) return false;
    taken->place = place_++;
    const absl::StatusOr<bool> more = Take(taken);
    if (!more.ok()) error_.Note(taken->place, more.status());
    ended_ = !more.ok() || !*more;
    return !ended_;
  }

  void Fail(size_t place, absl::Status status) {
    std::lock_guard<std::mutex> lock(mutex_);
    error_.Note(place, std::move(status));
    ended_ = true;
  }

  // When all threads have ended.
  const absl::Status& status() const { return error_.status; }

 private:
  absl::StatusOr<bool> Take(Taken* taken) {
    while (log_ < options_.paths.size()) {
      if (pieces_ == nullptr) {
        OpenOptions open;
        open.mapping = options_.mapping;
        CCKPI_ASSIGN_OR_RETURN(pieces_,
                               EventPieces::Open(options_.paths[log_], open));
      }
      CCKPI_ASSIGN_OR_RETURN(const bool more, pieces_->Next(&taken->piece));
      if (more) {
        taken->pieces = pieces_;
        taken->log = log_;
        progress_.Update(NameOfLog(options_, log_), pieces_->bytes_read(),
                         pieces_->bytes_total().value_or(-1));
        return true;
      }
      pieces_ = nullptr;
      ++log_;
    }
    progress_.Clear();
    return false;
  }

  const FeedOptions& options_;
  std::mutex mutex_;
  Progress progress_;
  std::shared_ptr<EventPieces> pieces_;  // of the log at hand
  uint32_t log_ = 0;
  size_t place_ = 0;
  bool ended_ = false;
  FirstError error_;
};

// What one thread has read.
struct Reading {
  explicit Reading(const SortOptions& options) : sorter(options) {}

  absl::Status Take(const EventBatch& batch, uint32_t log, bool deal) {
    for (const Refusal& refusal : batch.refusals) {
      refusals.AddUnreadable(log, refusal);
      ++unreadable;
    }
    for (size_t i = 0; i < batch.events.size(); ++i) {
      const Event& event = batch.events[i];
      if (event.kind != EventKind::kForecast) {
        latest_us = std::max(latest_us, event.at_us);
      }
      const uint32_t key = deal ? names.Add(event) : 0;
      CCKPI_RETURN_IF_ERROR(sorter.Add(event, batch.rows[i], log, key));
    }
    return absl::OkStatus();
  }

  EventSorter sorter;
  SharedNames names;
  FirstRefusals refusals;
  int64_t unreadable = 0;
  int64_t latest_us = kNoTime;
};

class ParallelFeeder {
 public:
  ParallelFeeder(const Config& config, const FeedOptions& options,
                 size_t threads)
      : config_(config),
        options_(options),
        threads_(threads),
        shards_(config.max_memory_bytes > 0 ? 1 : threads),
        run_(OnThreads(threads)) {}

  absl::StatusOr<FedEngine> Run() {
    // What is wrong with the configuration shows before anything is read.
    std::vector<Engine> engines;
    std::vector<EngineFeed> feeds;
    engines.reserve(shards_);
    for (size_t s = 0; s < shards_; ++s) {
      CCKPI_ASSIGN_OR_RETURN(
          Engine engine,
          Engine::Create(config_, {.explain = "", .shard = shards_ > 1}));
      engines.push_back(std::move(engine));
      feeds.emplace_back(options_, &engines.back());
    }
    CCKPI_RETURN_IF_ERROR(Read());
    FeedResult result;
    FirstRefusals refusals;
    int64_t latest_us = kNoTime;
    std::vector<SharedNames> names;
    for (Reading& reading : readings_) {
      result.unreadable += reading.unreadable;
      refusals.Merge(std::move(reading.refusals));
      latest_us = std::max(latest_us, reading.latest_us);
      names.push_back(std::move(reading.names));
    }
    result.now_us = options_.now_us != kNoTime ? options_.now_us : latest_us;
    const Dealing dealing = Dealing::Make(std::move(names), shards_, run_);
    CCKPI_RETURN_IF_ERROR(Ingest(dealing, result.now_us, &feeds));
    for (EngineFeed& feed : feeds) {
      result.after_now += feed.after_now();
      result.handed_back += feed.handed_back();
      refusals.Merge(std::move(feed.refusals()));
    }
    result.refusals = refusals.Take();
    // Done with, before memory is needed for the whole.
    readings_.clear();
    if (shards_ == 1) return FedEngine{std::move(engines.front()), result};
    CCKPI_ASSIGN_OR_RETURN(Engine whole,
                           Engine::Together(std::move(engines), run_));
    return FedEngine{std::move(whole), std::move(result)};
  }

 private:
  // Every thread reads and sorts.
  absl::Status Read() {
    SortOptions options;
    options.memory_bytes = options_.memory_bytes / threads_;
    options.directory = options_.temporary_directory;
    AllPieces pieces(options_);
    std::vector<std::function<void()>> tasks;
    for (size_t t = 0; t < threads_; ++t) {
      Reading& reading = readings_.emplace_back(options);
      tasks.push_back([this, &pieces, &reading] {
        Taken taken;
        EventBatch batch;
        while (pieces.Next(&taken)) {
          absl::Status status = taken.pieces->Read(&taken.piece, &batch);
          if (status.ok()) status = reading.Take(batch, taken.log, shards_ > 1);
          if (!status.ok()) pieces.Fail(taken.place, std::move(status));
        }
        if (absl::Status status = reading.sorter.Finish(); !status.ok()) {
          pieces.Fail(taken.place, std::move(status));
        }
      });
    }
    run_(tasks);
    return pieces.status();
  }

  // Every shard takes what is its own.
  absl::Status Ingest(const Dealing& dealing, int64_t now_us,
                      std::vector<EngineFeed>* feeds) {
    std::vector<const EventSorter*> sorters;
    int64_t total = 0;
    for (const Reading& reading : readings_) {
      sorters.push_back(&reading.sorter);
      total += reading.sorter.event_count();
    }
    Progress progress(options_.progress);
    std::atomic<int64_t> done = 0;
    std::vector<absl::Status> statuses(shards_);
    std::vector<std::function<void()>> tasks;
    for (size_t s = 0; s < shards_; ++s) {
      tasks.push_back([&, s] {
        MergeOptions merge;
        merge.memory_bytes = options_.memory_bytes / shards_;
        if (shards_ > 1) {
          merge.wanted = [&dealing, s](uint32_t key) {
            return dealing.ShardOf(key) == s;
          };
        }
        EngineFeed& feed = (*feeds)[s];
        statuses[s] = [&]() -> absl::Status {
          CCKPI_ASSIGN_OR_RETURN(
              SortedEvents events,
              SortedEvents::Merge(sorters, std::move(merge)));
          EventBatch batch;
          while (true) {
            CCKPI_ASSIGN_OR_RETURN(const bool more,
                                   events.Next(&batch, kBatchEvents));
            if (!more) break;
            CCKPI_RETURN_IF_ERROR(feed.IngestSorted(batch));
            done += static_cast<int64_t>(batch.events.size());
            if (s == 0) progress.Update("computing", done, total);
          }
          return feed.End(now_us);
        }();
      });
    }
    run_(tasks);
    progress.Clear();
    for (absl::Status& status : statuses) {
      CCKPI_RETURN_IF_ERROR(std::move(status));
    }
    return absl::OkStatus();
  }

  const Config& config_;
  const FeedOptions& options_;
  size_t threads_;
  size_t shards_;
  RunTasks run_;
  std::deque<Reading> readings_;  // which do not move
};

}  // namespace

absl::StatusOr<FedEngine> FeedOnThreads(const Config& config,
                                        const FeedOptions& options,
                                        size_t threads) {
  if (threads <= 1 || options.order == FeedOrder::kArrival || options.before ||
      !options.read_before.empty() || !options.finish) {
    CCKPI_ASSIGN_OR_RETURN(Engine engine, Engine::Create(config));
    CCKPI_ASSIGN_OR_RETURN(FeedResult feed, FeedEvents(options, &engine));
    return FedEngine{std::move(engine), std::move(feed)};
  }
  return ParallelFeeder(config, options, threads).Run();
}

void LeaveToTheEnd(Engine engine) {
  static std::deque<Engine>* const kept = new std::deque<Engine>();
  kept->push_back(std::move(engine));
}

}  // namespace cckpi::cli
