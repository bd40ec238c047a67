// Engine: events in, numbers out.
//
// An engine is made from a Config, takes events in any order within the
// allowed lateness, and answers queries at any moment. It does no I/O, has no
// clock and starts no thread.
//
//   absl::StatusOr<Engine> engine = Engine::Create(Config());
//   std::vector<Event> events(2);
//   events[0].kind = EventKind::kCustomerMessage;
//   events[0].at_us = *ParseTime("2026-03-02T09:00:00Z");
//   events[0].interaction = "T-1";
//   events[1].kind = EventKind::kAgentMessage;
//   events[1].at_us = *ParseTime("2026-03-02T09:08:32Z");
//   events[1].interaction = "T-1";
//   engine->Ingest(events);
//   Query query;
//   query.kpis = {"first_response_time"};
//   absl::StatusOr<Report> report = engine->Ask(query);
//   double seconds = *report->rows[0].value;   // 512
//
// Order. Events are put into their total order before they count. The
// watermark is the greatest `at` seen, or the host's own now, minus the
// allowed lateness. What is before it is final; a later event that is before
// it is late: refused, counted and handed back. Events after it are already in
// every answer, as provisional.
//
// Time is an input: deadlines, automatic closes and FCR windows fire when the
// watermark passes them, and, in answers, when now does.
//
// State. Save writes all of it into one string of bytes, Restore goes on from
// there: on another machine, in another version. Equal states give equal
// bytes. What the host has to know after a restart (how far it had read its
// sources) goes in with it, so that each event counts exactly once.
//
// Shards. Events may be split over engines: all events of a customer to one of
// them, all agent_state events of an agent to one of them, perhaps another.
// Merge then adds one engine to another, in any order; the result is what one
// engine would be that had got everything, to the byte of Save.
//
// A host that only wants the numbers of shards that have ended does not merge
// them: Together makes one engine of them that answers questions, at a small
// part of the price, and on as many threads as the host gives it.
//
// A const method may be called concurrently; any other needs the engine for
// itself.
//
// This file defines EngineOptions, SnapshotOptions, IngestOptions,
// IngestResult, Explanation, OpenWait, RunTasks and Engine.

#ifndef CCKPI_ENGINE_ENGINE_H_
#define CCKPI_ENGINE_ENGINE_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cckpi/engine/event_columns.h"
#include "cckpi/event/event.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/report.h"

namespace cckpi {

inline constexpr int64_t kDefaultLateness = 5 * kMinute;

// A duplicate window that never ends: every id is remembered.
inline constexpr int64_t kAllTime = std::numeric_limits<int64_t>::max();

// With the host's now known, events further ahead of it are refused.
inline constexpr int64_t kMaxAhead = kDay;

struct EngineOptions {
  // A KPI, by id or catalogue name, whose observations are kept for Explain.
  // Costs memory for each of them; empty: none. They are in no snapshot and
  // cannot be merged.
  std::string explain;
  // The engine is one shard of several. What occupies agents and when they are
  // present comes from different shards, so it is kept as facts, in order,
  // instead of being booked, until Join. Needed where agent time is configured
  // (occupancy, handle_time, …); costs nothing where it is not.
  bool shard = false;
};

// What goes into a snapshot beside the engine's own state.
struct SnapshotOptions {
  // How far the host has read its sources: name → position, any bytes.
  std::map<std::string, std::string> positions;
  // The host's own state by name, any bytes: that of a ScalingMonitor, say.
  std::map<std::string, std::string> sections;
};

// What became of a batch. Every row that is in no list was accepted.
struct IngestResult {
  int64_t accepted = 0;
  int64_t late = 0;
  int64_t refused = 0;
  // Not taken because Config::max_memory_bytes is reached. They leave no trace
  // in the engine, so they may be sent again.
  int64_t exhausted = 0;
  // Late, refused and exhausted ones, each with its row (1 is the batch's
  // first event, or as IngestOptions::rows says) and reason.
  std::vector<Refusal> handed_back;
};

// A customer who is owed an answer, and since when.
struct OpenWait {
  std::string interaction;
  int64_t since_us = 0;

  bool operator==(const OpenWait&) const = default;
};

struct IngestOptions {
  std::string source;             // named in refusals
  std::span<const int64_t> rows;  // the row of each event; empty: 1, 2, …
  // Records of the same input that are no events at all. They count as
  // refused, in the result too, and are not handed back once more.
  std::span<const Refusal> unreadable;
};

// An observation behind a number.
struct Explanation {
  std::string interaction;
  uint32_t episode = 0;  // 1 is the interaction's first
  std::optional<int64_t> start_us;
  std::optional<int64_t> end_us;
  int64_t booked_us = 0;
  int64_t value = 0;    // microseconds of a span, else a count
  std::string outcome;  // "done", "open", "void", "met", "no", …
  std::vector<std::pair<std::string, std::optional<std::string>>> group;
};

// Runs every task and returns when all have ended; in any order, on any
// threads. The library has none of its own: the host says who works.
using RunTasks =
    std::function<void(std::span<const std::function<void()>> tasks)>;

class Engine {
 public:
  // InvalidArgument names what is wrong with the configuration.
  static absl::StatusOr<Engine> Create(const Config& config,
                                       EngineOptions options = {});
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  // Takes a batch. A bad event is refused by itself; the rest is applied. The
  // engine copies what it keeps. `row_status` takes the RowStatus of each
  // event, as far as it reaches. What each event leaves behind is worked out
  // for some hundred at a time, by the call that completes them or by the next
  // look at the engine: no answer shows it, one call in so many takes longer.
  IngestResult Ingest(std::span<const Event> events,
                      const IngestOptions& options = {},
                      std::span<uint8_t> row_status = {});

  // The same for columns (cckpi/engine/event_columns.h).
  IngestResult Ingest(const EventColumns& columns,
                      const IngestOptions& options = {},
                      std::span<uint8_t> row_status = {});

  // Keeps texts for TextColumn::codes, so that they are looked up once and
  // not in every batch. The code of a text is its position. Dictionaries are
  // no part of a snapshot: a host that goes on from one adds them again.
  DictionaryId AddDictionary(std::span<const std::string_view> texts);
  // Appends to a dictionary. InvalidArgument for one that was not added.
  absl::Status ExtendDictionary(DictionaryId dictionary,
                                std::span<const std::string_view> texts);

  // The host's now. Time never goes back: an earlier now is ignored.
  // InvalidArgument outside [1990, 2100).
  absl::Status Advance(absl::Time now);

  // Nothing more comes: everything up to now (the host's, or the greatest
  // `at`) is final.
  void Finish();

  // Rows in the order of KPI, begin, group. NotFound for a KPI that is not
  // configured or dimensions that no configured group keeps together,
  // ResourceExhausted for more rows than the query wants at most.
  absl::StatusOr<Report> Ask(const Query& query) const;
  // The same, in tasks.
  absl::StatusOr<Report> Ask(const Query& query, const RunTasks& run) const;
  // A report of each query, in their order: what is pending is applied once
  // for all of them. Counts of events and refusals are in the first only.
  absl::StatusOr<std::vector<Report>> AskAll(
      std::span<const Query> queries) const;

  // For each scope (as Query::where) the open waits, at most `most`, longest
  // first, equal ones by interaction. Looks at every known interaction.
  // NotFound for a dimension that no configured group keeps.
  absl::StatusOr<std::vector<std::vector<OpenWait>>> LongestWaits(
      std::span<const std::map<std::string, std::string>> scopes,
      size_t most) const;

  // The earliest instant after now at which time alone may change what has
  // been counted: a deadline, an automatic close, an FCR window. May be too
  // early, never too late; the next instant while events are pending; kNever
  // when nothing waits. Ages and the time of agents grow at every instant.
  int64_t next_timer_us() const;

  // How the durations behind each row of a duration KPI spread, in the order
  // of the rows; other KPIs have none. Errors as Ask.
  absl::StatusOr<std::vector<Distribution>> Distributions(
      const Query& query) const;

  // The observations behind the KPI of EngineOptions::explain, in the order
  // of booking, interaction and episode. FailedPrecondition when there is
  // none.
  absl::StatusOr<std::vector<Explanation>> Explain(const Query& query) const;

  // The whole state and the host's own, as bytes (docs/snapshot-format.md).
  // They depend on the state alone, not on how it came about.
  absl::StatusOr<std::string> Save(const SnapshotOptions& options = {}) const;

  // An engine that goes on where the saved one was. InvalidArgument when
  // `snapshot` is no whole, undamaged snapshot, or `config` is wrong;
  // FailedPrecondition names what differs when the snapshot was made under
  // other definitions, or is not of a shard and `options` says so. A shard's
  // snapshot is joined unless `options.shard`.
  static absl::StatusOr<Engine> Restore(const Config& config,
                                        std::string_view snapshot,
                                        EngineOptions options = {});

  // What the host had put into the snapshot that this engine was restored
  // from, and into those merged since; empty otherwise.
  const std::map<std::string, std::string>& positions() const;
  const std::map<std::string, std::string>& sections() const;

  // Adds what `other` has seen. The later now and watermark of the two hold
  // from here on. On an error nothing has changed: InvalidArgument names an
  // interaction, customer, agent, forecast or position that is in both;
  // FailedPrecondition when the definitions differ, or agent time is
  // configured and one of the two is no shard.
  absl::Status Merge(const Engine& other);

  // All shards are merged: books the agent time of what they kept. The engine
  // is no shard from here on. Nothing where it was none.
  void Join();

  // Of shards that have got everything: an engine that answers as one would
  // that had got it all. It takes no event any more, and can be neither saved
  // nor merged, nor, of several shards, watched by a ScalingMonitor. Sizes and
  // memory_bytes are those of all shards. Customers, agents and ids must have
  // been dealt to shards as for Merge, which is not checked.
  // InvalidArgument for no shard; FailedPrecondition when the definitions
  // differ, one is not finished or at another now, one keeps observations for
  // Explain, or, with agent time, one is no shard.
  static absl::StatusOr<Engine> Together(std::vector<Engine> shards,
                                         const RunTasks& run);

  // The memory that the state takes, in bytes: docs/memory.md says what
  // counts. Costs a walk over the state.
  size_t memory_bytes() const;

  // The earliest `at` seen, forecasts left out; kNoTime: nothing yet.
  int64_t first_us() const;
  // Before this instant everything is final; kNoTime: nothing yet.
  int64_t watermark_us() const;
  // The greatest `at` seen or the host's now; kNoTime: nothing yet.
  int64_t now_us() const;

  // Sizes, for capacity planning and tests.
  struct Sizes {
    size_t interactions = 0;  // known, open or closed
    size_t pending_events = 0;
    // Of a bucket and group; a run of equal buckets counts once.
    size_t cells = 0;
    size_t timers = 0;
    // While something happens to it, without what few have; at rest it takes
    // fewer (docs/performance.md).
    size_t bytes_per_interaction = 0;
  };
  Sizes sizes() const;

 private:
  class Impl;
  friend class EngineAccess;  // of the library's own parts
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cckpi

#endif  // CCKPI_ENGINE_ENGINE_H_
