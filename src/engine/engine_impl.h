// Engine::Impl: what an engine holds, and its methods by topic: what comes in
// (engine_ingest.cc), what is asked (engine_ask.cc), what is kept and merged
// (engine_durable.cc), shards put together (engine_together.cc), the look of
// other parts (engine_view.cc). engine.cc makes it and passes the calls on.

#ifndef CCKPI_SRC_ENGINE_ENGINE_IMPL_H_
#define CCKPI_SRC_ENGINE_ENGINE_IMPL_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/calendar/zone.h"
#include "cckpi/engine/engine.h"
#include "src/engine/column_intake.h"
#include "src/engine/column_reader.h"
#include "src/engine/engine_state.h"
#include "src/engine/intake.h"
#include "src/engine/memory_watch.h"
#include "src/engine/pending_queue.h"
#include "src/engine/snapshot.h"
#include "src/kpi/kept_answers.h"
#include "src/kpi/row_builder.h"

namespace cckpi {

// Episodes by the name of their interaction, then in order.
class ByName : public EpisodeOrder {
 public:
  explicit ByName(const Names* names) : names_(names) {}

  bool Before(uint64_t a, uint64_t b) const override {
    uint32_t x = static_cast<uint32_t>(a >> 32);
    uint32_t y = static_cast<uint32_t>(b >> 32);
    if (x == y) return a < b;
    return names_->interactions.Text(x) < names_->interactions.Text(y);
  }

 private:
  const Names* names_;
};

struct EngineView;

class Engine::Impl {
 public:
  static absl::StatusOr<std::unique_ptr<Impl>> Create(const Config& config,
                                                      EngineOptions options);
  ~Impl();

  IngestResult Ingest(std::span<const Event> events,
                      const IngestOptions& options,
                      std::span<uint8_t> row_status);
  IngestResult Ingest(const EventColumns& columns, const IngestOptions& options,
                      std::span<uint8_t> row_status);
  DictionaryId AddDictionary(std::span<const std::string_view> texts) {
    return dictionaries_.Add(texts);
  }
  absl::Status ExtendDictionary(DictionaryId dictionary,
                                std::span<const std::string_view> texts);
  absl::Status Advance(absl::Time now);
  void Finish();
  // Does what small batches have put off. Comes before every look at the
  // state; may be called concurrently, as looks may.
  void Settle() {
    if (put_off_.load(std::memory_order_acquire)) CatchUp();
  }
  absl::StatusOr<Report> Ask(const Query& query, const RunTasks& run) const;
  absl::StatusOr<std::vector<Report>> AskAll(
      std::span<const Query> queries) const;
  int64_t next_timer_us() const;
  absl::StatusOr<std::vector<std::vector<OpenWait>>> LongestWaits(
      std::span<const std::map<std::string, std::string>> scopes,
      size_t most) const;
  absl::StatusOr<std::vector<Distribution>> Distributions(
      const Query& query) const;
  // For engine_view.h.
  void Look(EngineView& view) const;
  absl::StatusOr<std::vector<size_t>> Named(const std::string& name) const;
  absl::StatusOr<std::vector<Explanation>> Explain(const Query& query) const;

  int64_t first_us() const { return first_us_; }
  int64_t watermark_us() const { return watermark_us_; }
  int64_t now_us() const { return std::max(now_us_, greatest_us_); }
  Sizes sizes() const;

  std::string Save(const SnapshotOptions& host) const;
  absl::Status Load(const BySection<std::string_view>& sections,
                    bool stay_shard);
  absl::Status Merge(const Impl& other);
  void Join();
  static absl::StatusOr<std::unique_ptr<Impl>> Together(
      std::vector<std::unique_ptr<Impl>> shards, const RunTasks& run);
  bool only_answers() const { return only_answers_; }
  IngestResult RefuseAll(size_t rows, const IngestOptions& options,
                         std::span<uint8_t> row_status) const;
  size_t memory_bytes() const;

  // What the host had put into a snapshot.
  SnapshotOptions host_;

 private:
  Impl(Zone zone, absl::Weekday week_start)
      : zone_(std::move(zone)), week_start_(week_start), pending_(&names_) {}

  // Where an event comes from.
  struct Intake {
    const IngestOptions& options;
    TextId source = 0;
    int64_t row = 0;
  };

  EngineClock Clock() const;
  bool IsFull();
  RowStatus HandBack(const Event& event, const Intake& intake,
                     IngestResult& result);
  // Of several together, whose entries the memory then brings at once.
  void ReleaseGone() {
    if (state_->machine().may_let_go()) ReleaseAllGone();
  }
  void ReleaseAllGone();

  std::string Check(const Event& event) const;
  RowStatus TakeOne(const Event& event, const Intake& intake,
                    IngestResult& result);
  RowStatus TakeTheLongWay(const Event& event, std::string fault,
                           const Intake& intake, IngestResult& result);
  void Add(PendingEvent& event, const Intake& intake);
  // When an event that is no forecast may come in, by its instant alone.
  struct Limits {
    int64_t from_us = kNoTime;
    int64_t last_us = 0;
  };
  Limits LimitsOf(int64_t greatest_us) const;
  size_t TakeRows(size_t begin, size_t end, Intake& intake, Limits& limits);
  void CountUnreadable(const IngestOptions& options, IngestResult& result);
  void CommitOrPutOff(size_t taken);
  void CatchUp();
  void HaveAtHand(std::span<const PendingEvent> events);
  void Commit(int64_t watermark_us);
  void Apply(const PendingEvent& event);
  // The committed state with what is pending on top; nullptr when that is
  // nothing. It is kept for the next question, until something changes.
  std::shared_ptr<const EngineState> Overlay() const;
  std::unique_ptr<EngineState> MakeOverlay() const;
  // Comes before every change of what questions see.
  void DropOverlay() {
    if (!has_overlay_) return;
    has_overlay_ = false;
    overlay_ = nullptr;
  }
  RowSources Sources(const EngineState* overlay) const;
  absl::StatusOr<std::vector<size_t>> Selected(const Query& query) const;
  absl::StatusOr<std::vector<GroupBy>> Groupings(const Query& query) const;
  void CountEvents(const EngineState* overlay, Report& report) const;

  // Of Together: what the texts, groups and schedules of a shard are here.
  struct Translation;
  absl::Status CheckTogether(const Impl& other) const;
  Translation Translate(const Impl& other);

  std::shared_ptr<const char> identity_ = std::make_shared<const char>();
  Config config_;
  std::string definitions_;
  Zone zone_;
  absl::Weekday week_start_;
  Names names_;
  ColumnDictionaries dictionaries_;
  ByName order_{&names_};
  EngineSetup setup_;
  std::unique_ptr<EngineState> state_;
  // What questions leave for the next ones; of this state.
  std::unique_ptr<KeptAnswers> kept_ = std::make_unique<KeptAnswers>();
  PendingQueue pending_;
  EventIntake events_{names_, pending_, setup_.agent_states};
  ColumnReader reader_{dictionaries_};  // of rows that go the long way
  ColumnIntake rows_{dictionaries_, names_, setup_.agent_states};
  int64_t lateness_us_ = 0;
  int64_t greatest_us_ = kNoTime;
  int64_t now_us_ = kNoTime;
  int64_t first_us_ = kNoTime;
  int64_t watermark_us_ = kNoTime;
  // Events that came since the last commit, not all of them final, and whether
  // that leaves something to do.
  size_t uncommitted_ = 0;
  std::atomic<bool> put_off_ = false;
  std::mutex catching_up_;
  int32_t advanced_bucket_ = 0;  // agent time is booked up to its begin
  bool finished_ = false;
  // Of a shard: references to names that only facts of agents may need; of an
  // engine that explains, that only its observations may need.
  std::vector<InteractionId> held_;
  // Of Together: the other shards, and their texts as those of here.
  struct Other {
    std::unique_ptr<Impl> engine;
    std::vector<TextId> texts;
  };
  std::vector<Other> others_;
  bool only_answers_ = false;
  MemoryWatch memory_watch_;
  // What Overlay has made; last, as it reads from all of the above.
  mutable std::mutex making_overlay_;
  mutable bool has_overlay_ = false;
  mutable std::shared_ptr<const EngineState> overlay_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_ENGINE_IMPL_H_
