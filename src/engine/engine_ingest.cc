// What comes into an engine, and what the watermark makes final.

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/engine/column_intake.h"
#include "src/engine/engine_impl.h"
#include "src/engine/intake.h"

namespace cckpi {
namespace {

// How many events ahead the states of interactions are asked for.
constexpr size_t kLookAhead = 6;

// Of how many events together they are unpacked.
constexpr size_t kUnpacked = 32;

// How many events may come in before what is final of them is applied. One
// after the other each would fetch its interaction and cells from memory by
// itself and wait for them.
constexpr size_t kMostPutOff = 256;

// How many events may come in between two looks at the memory.
constexpr size_t kMemoryBatch = 2048;
static_assert(kMemoryBatch % ColumnIntake::kBlock == 0);

}  // namespace

// Empty when the event may come in, else why not.
std::string Engine::Impl::Check(const Event& event) const {
  if (absl::Status status = ValidateEvent(event); !status.ok()) {
    return std::string(status.message());
  }
  if (now_us_ != kNoTime && event.kind != EventKind::kForecast &&
      event.at_us > now_us_ + kMaxAhead) {
    return absl::StrCat("at: ", FormatTime(event.at_us),
                        " is more than a day ahead of now, ",
                        FormatTime(now_us_));
  }
  if (event.kind == EventKind::kAgentState) {
    uint32_t state = names_.texts.Find(event.state);
    const std::vector<TextId>& known = setup_.agent_states;
    if (std::find(known.begin(), known.end(), state) == known.end()) {
      return absl::StrCat("state: \"", std::string(event.state),
                          "\" is not among the agent_states");
    }
  }
  return "";
}

RowStatus Engine::Impl::HandBack(const Event& event, const Intake& intake,
                                 IngestResult& result) {
  memory_watch_.Happened(1);
  result.handed_back.push_back(
      {.source = intake.options.source,
       .row = intake.row,
       .reason = "memory: max_memory_bytes is reached",
       .event = std::string(event.id.empty() ? event.interaction : event.id)});
  ++result.exhausted;
  return RowStatus::kExhausted;
}

// Takes one event.
RowStatus Engine::Impl::TakeOne(const Event& event, const Intake& intake,
                                IngestResult& result) {
  const Limits limits = LimitsOf(greatest_us_);
  PendingEvent pending;
  if (event.at_us < limits.from_us || event.at_us > limits.last_us ||
      !events_.Take(event, pending)) {
    return TakeTheLongWay(event, Check(event), intake, result);
  }
  Add(pending, intake);
  ++result.accepted;
  return RowStatus::kAccepted;
}

// Takes an event in which something may be unusual; `fault` says what is wrong
// with it.
RowStatus Engine::Impl::TakeTheLongWay(const Event& event, std::string fault,
                                       const Intake& intake,
                                       IngestResult& result) {
  auto refusal = [&](std::string reason) {
    return Refusal{
        .source = intake.options.source,
        .row = intake.row,
        .reason = std::move(reason),
        .event = std::string(event.id.empty() ? event.interaction : event.id)};
  };
  if (!fault.empty()) {
    result.handed_back.push_back(refusal(std::move(fault)));
    state_->Refuse(result.handed_back.back());
    ++result.refused;
    return RowStatus::kRefused;
  }
  const int64_t from_us = LimitsOf(greatest_us_).from_us;
  if (event.at_us < from_us) {
    result.handed_back.push_back(refusal(
        absl::StrCat("late: ", FormatTime(event.at_us),
                     " is before the watermark ", FormatTime(from_us))));
    state_->CountLate(result.handed_back.back());
    ++result.late;
    return RowStatus::kLate;
  }
  PendingEvent pending = TakeIn(event, names_, pending_);
  Add(pending, intake);
  ++result.accepted;
  return RowStatus::kAccepted;
}

// Adds an event to those that wait.
void Engine::Impl::Add(PendingEvent& event, const Intake& intake) {
  pending_.SetRow(intake.row, event);
  event.source = intake.source;
  pending_.Add(event);
  memory_watch_.Taken(1);
  if (event.fact.kind == EventKind::kForecast) return;
  const int64_t at_us = event.fact.at_us;
  if (first_us_ == kNoTime) first_us_ = at_us;
  first_us_ = std::min(first_us_, at_us);
  greatest_us_ = std::max(greatest_us_, at_us);
}

Engine::Impl::Limits Engine::Impl::LimitsOf(int64_t greatest_us) const {
  Limits limits;
  limits.last_us = now_us_ == kNoTime ? std::numeric_limits<int64_t>::max()
                                      : now_us_ + kMaxAhead;
  const int64_t now = std::max(now_us_, greatest_us);
  limits.from_us = watermark_us_;
  if (now != kNoTime) {
    limits.from_us = std::max(limits.from_us, now - lateness_us_);
  }
  return limits;
}

namespace {

int64_t RowNumber(const IngestOptions& options, size_t row) {
  return row < options.rows.size() ? options.rows[row]
                                   : static_cast<int64_t>(row + 1);
}

}  // namespace

// Takes rows of the block that are checked already, up to the first one that
// has to go the long way; returns its place.
size_t Engine::Impl::TakeRows(size_t begin, size_t end, Intake& intake,
                              Limits& limits) {
  const int64_t lateness_us = lateness_us_;
  int64_t from_us = limits.from_us;
  int64_t least_us = std::numeric_limits<int64_t>::max();
  int64_t greatest_us = greatest_us_;
  size_t r = begin;
  for (; r < end; ++r) {
    const int64_t at_us = rows_.at_us(r);
    if (at_us == kNoTime || at_us < from_us || at_us > limits.last_us) break;
    PendingEvent& pending = rows_.Take(r, pending_);
    pending_.SetRow(RowNumber(intake.options, r), pending);
    pending.source = intake.source;
    pending_.Add(pending);
    least_us = std::min(least_us, at_us);
    greatest_us = std::max(greatest_us, at_us);
    from_us = std::max(from_us, at_us - lateness_us);
  }
  if (r == begin) return r;
  limits.from_us = from_us;
  greatest_us_ = greatest_us;
  first_us_ = first_us_ == kNoTime ? least_us : std::min(first_us_, least_us);
  memory_watch_.Taken(r - begin);
  return r;
}

void Engine::Impl::CountUnreadable(const IngestOptions& options,
                                   IngestResult& result) {
  for (const Refusal& refusal : options.unreadable) state_->Refuse(refusal);
  result.refused += static_cast<int64_t>(options.unreadable.size());
}

// Of an engine that only answers, which nothing changes.
IngestResult Engine::Impl::RefuseAll(size_t rows, const IngestOptions& options,
                                     std::span<uint8_t> row_status) const {
  IngestResult result;
  for (size_t r = 0; r < rows; ++r) {
    result.handed_back.push_back(
        {.source = options.source,
         .row = RowNumber(options, r),
         .reason = "the engine was put together from shards: it only answers "
                   "questions",
         .event = ""});
    if (r < row_status.size()) {
      row_status[r] = static_cast<uint8_t>(RowStatus::kRefused);
    }
  }
  result.refused = static_cast<int64_t>(rows + options.unreadable.size());
  return result;
}

IngestResult Engine::Impl::Ingest(std::span<const Event> events,
                                  const IngestOptions& options,
                                  std::span<uint8_t> row_status) {
  DropOverlay();
  IngestResult result;
  Intake intake{options, names_.texts.Intern(options.source)};
  bool full = false;
  if (!options.unreadable.empty()) CountUnreadable(options, result);
  for (size_t e = 0; e < events.size(); ++e) {
    intake.row = RowNumber(options, e);
    if (e % kMemoryBatch == 0) full = IsFull();
    RowStatus status = full ? HandBack(events[e], intake, result)
                            : TakeOne(events[e], intake, result);
    if (e < row_status.size()) row_status[e] = static_cast<uint8_t>(status);
  }
  CommitOrPutOff(static_cast<size_t>(result.accepted));
  return result;
}

IngestResult Engine::Impl::Ingest(const EventColumns& columns,
                                  const IngestOptions& options,
                                  std::span<uint8_t> row_status) {
  DropOverlay();
  IngestResult result;
  Intake intake{options, names_.texts.Intern(options.source)};
  const bool plain = rows_.Open(columns);
  reader_.Open(columns);
  std::string fault;
  bool full = false;
  if (!options.unreadable.empty()) CountUnreadable(options, result);
  Limits limits = LimitsOf(greatest_us_);
  size_t r = 0;
  const auto tell = [&](RowStatus status) {
    if (r < row_status.size()) row_status[r] = static_cast<uint8_t>(status);
  };
  while (r < columns.rows) {
    if (r % kMemoryBatch == 0) full = IsFull();
    if (plain && !full) {
      if (r % ColumnIntake::kBlock == 0) rows_.ReadBlock(r);
      const size_t end = std::min(
          columns.rows, r - r % ColumnIntake::kBlock + ColumnIntake::kBlock);
      const size_t taken = TakeRows(r, end, intake, limits) - r;
      result.accepted += static_cast<int64_t>(taken);
      for (size_t n = 0; n < taken; ++n, ++r) tell(RowStatus::kAccepted);
      if (r == end) continue;
    }
    const Event& event = reader_.Read(r, &fault);
    intake.row = RowNumber(options, r);
    tell(full ? HandBack(event, intake, result)
         : fault.empty()
             ? TakeOne(event, intake, result)
             : TakeTheLongWay(event, std::move(fault), intake, result));
    limits = LimitsOf(greatest_us_);
    ++r;
  }
  CommitOrPutOff(static_cast<size_t>(result.accepted));
  return result;
}

absl::Status Engine::Impl::ExtendDictionary(
    DictionaryId dictionary, std::span<const std::string_view> texts) {
  if (dictionaries_.Extend(dictionary, texts)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "dictionary: there is no ", static_cast<uint32_t>(dictionary)));
}

// After a batch of which so many events were taken: applies what is final, or
// leaves it to a later batch or to Settle. With a limit on memory nothing is
// put off: what an event adds has to show before the next one.
void Engine::Impl::CommitOrPutOff(size_t taken) {
  uncommitted_ += taken;
  put_off_.store(true, std::memory_order_relaxed);
  if (uncommitted_ >= kMostPutOff || config_.max_memory_bytes > 0) CatchUp();
}

void Engine::Impl::CatchUp() {
  const std::lock_guard<std::mutex> lock(catching_up_);
  if (!put_off_.load(std::memory_order_relaxed)) return;  // somebody else has
  if (now_us() != kNoTime) {
    Commit(std::max(watermark_us_, now_us() - lateness_us_));
  }
  uncommitted_ = 0;
  put_off_.store(false, std::memory_order_release);
}

// Applies the first event that waits. An interaction's state holds one
// reference to its name and one to its customer's; it takes over those of the
// event that made them known.
void Engine::Impl::Apply(const PendingEvent& event) {
  const EpisodeMachine::News news = state_->Apply(event, names_);
  ReleaseGone();
  if (!news.interaction) {
    names_.interactions.Release(static_cast<uint32_t>(event.fact.interaction));
  }
  if (!news.customer) {
    names_.customers.Release(static_cast<uint32_t>(event.fact.customer));
  }
}

// Has at hand what these events will want.
void Engine::Impl::HaveAtHand(std::span<const PendingEvent> events) {
  InteractionStore& store = state_->parts().timeline.interactions;
  const DimensionTable& dimensions = state_->parts().timeline.dimensions;
  const size_t count = events.size();
  for (size_t n = 0; n < std::min(kLookAhead, count); ++n) {
    store.PrefetchPlace(events[n].fact.interaction);
  }
  for (size_t n = 0; n < count + kLookAhead; ++n) {
    if (n + kLookAhead < count) {
      PendingQueue::Prefetch(events[n + kLookAhead]);
      store.PrefetchPlace(events[n + kLookAhead].fact.interaction);
    }
    if (n < count) {
      const Fact& fact = events[n].fact;
      names_.interactions.Prefetch(static_cast<uint32_t>(fact.interaction));
      store.Prefetch(fact.interaction);
      if (fact.extra != nullptr && !events[n].id().empty()) {
        state_->duplicates().Prefetch(events[n].id());
      }
    }
    if (n < kLookAhead) continue;
    const Fact& fact = events[n - kLookAhead].fact;
    if (const Interaction* known = store.Unpack(fact.interaction)) {
      dimensions.Prefetch(known->dimensions, kSlotAgent, fact.agent);
    }
  }
}

void Engine::Impl::Commit(int64_t watermark_us) {
  if (watermark_us_ != kNoTime && watermark_us <= watermark_us_) return;
  watermark_us_ = watermark_us;
  memory_watch_.Happened(1);
  state_->DropContributors(now_us());
  for (std::span<const PendingEvent> run = pending_.Before(watermark_us);
       !run.empty(); run = pending_.Before(watermark_us)) {
    for (size_t n = 0; n < run.size(); ++n) {
      if (n % kUnpacked == 0) {
        HaveAtHand(run.subspan(n, std::min(kUnpacked, run.size() - n)));
      }
      Apply(run[n]);
      pending_.Pop();
    }
    memory_watch_.Happened(run.size());
  }
  state_->FireBefore(
      {watermark_us, TimerPlace::kBeforeEvents, InteractionId::kNone});
  state_->SayAll();
  if (setup_.plan.keeps_agent_time) {
    const int32_t bucket = BucketOf(watermark_us);
    if (bucket > advanced_bucket_) {
      advanced_bucket_ = bucket;
      state_->AdvanceAgents(BucketBegin(bucket));
    }
    state_->FlushAgents();
  }
  ReleaseAllGone();
}

// Lets go of the names that nothing needs any more.
void Engine::Impl::ReleaseAllGone() {
  if (state_->machine().gone().empty()) return;
  memory_watch_.Happened(state_->machine().gone().size());
  // What has been put off of agents may be about them, and goes by their names.
  state_->ApplyAgentFacts();
  // So may what a shard keeps of agents, or what is kept for Explain.
  const bool holds = setup_.shard || setup_.traced != nullptr;
  const std::vector<EpisodeMachine::Gone>& all = state_->machine().gone();
  constexpr size_t kAhead = 8;
  for (size_t n = 0; n < all.size() + 2 * kAhead; ++n) {
    if (n < all.size()) {
      names_.interactions.Prefetch(static_cast<uint32_t>(all[n].name));
      names_.customers.Prefetch(static_cast<uint32_t>(all[n].customer));
    }
    if (n >= kAhead && n - kAhead < all.size()) {
      const EpisodeMachine::Gone& next = all[n - kAhead];
      names_.interactions.PrefetchRelease(static_cast<uint32_t>(next.name));
      names_.customers.PrefetchRelease(static_cast<uint32_t>(next.customer));
    }
    if (n < 2 * kAhead) continue;
    const EpisodeMachine::Gone& gone = all[n - 2 * kAhead];
    if (holds && gone.name != InteractionId::kNone) {
      held_.push_back(gone.name);
    } else {
      names_.interactions.Release(static_cast<uint32_t>(gone.name));
    }
    names_.customers.Release(static_cast<uint32_t>(gone.customer));
  }
  state_->machine().ClearGone();
}

bool Engine::Impl::IsFull() {
  if (config_.max_memory_bytes <= 0) return false;
  return memory_watch_.IsFull(static_cast<size_t>(config_.max_memory_bytes),
                              [this] { return memory_bytes(); });
}

absl::Status Engine::Impl::Advance(absl::Time now) {
  if (now < ToTime(kEarliestTime) || now >= ToTime(kLatestTime)) {
    return absl::InvalidArgumentError("now: outside 1990-01-01 to 2100-01-01");
  }
  DropOverlay();
  now_us_ = std::max(now_us_, FromTime(now));
  put_off_.store(true, std::memory_order_relaxed);
  CatchUp();
  return absl::OkStatus();
}

void Engine::Impl::Finish() {
  DropOverlay();
  finished_ = true;
  if (now_us() == kNoTime) return;
  Commit(now_us() + 1);
}

}  // namespace cckpi
