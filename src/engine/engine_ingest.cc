// What comes into an engine, and what the watermark makes final.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/engine/column_intake.h"
#include "src/engine/engine_impl.h"
#include "src/engine/intake.h"

namespace cckpi {
namespace {

// How many events ahead the states of interactions are asked for.
constexpr size_t kLookAhead = 6;

// How many events may come in between two looks at the memory.
constexpr size_t kMemoryBatch = 4096;
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
                                 IngestResult& result) const {
  result.handed_back.push_back(
      {.source = intake.options.source,
       .row = intake.row,
       .reason = "memory: max_memory_bytes is reached",
       .event = std::string(event.id.empty() ? event.interaction : event.id)});
  ++result.exhausted;
  return RowStatus::kExhausted;
}

// Takes one event; `fault` says what is already known to be wrong with it.
RowStatus Engine::Impl::TakeOne(const Event& event, std::string fault,
                                const Intake& intake, IngestResult& result) {
  auto refusal = [&](std::string reason) {
    return Refusal{
        .source = intake.options.source,
        .row = intake.row,
        .reason = std::move(reason),
        .event = std::string(event.id.empty() ? event.interaction : event.id)};
  };
  if (fault.empty()) fault = Check(event);
  if (!fault.empty()) {
    result.handed_back.push_back(refusal(std::move(fault)));
    state_->Refuse(result.handed_back.back());
    ++result.refused;
    return RowStatus::kRefused;
  }
  // The watermark as it would be if events came one by one.
  int64_t watermark_us = watermark_us_;
  if (now_us() != kNoTime) {
    watermark_us = std::max(watermark_us, now_us() - lateness_us_);
  }
  if (watermark_us != kNoTime && event.at_us < watermark_us) {
    result.handed_back.push_back(refusal(
        absl::StrCat("late: ", FormatTime(event.at_us),
                     " is before the watermark ", FormatTime(watermark_us))));
    state_->CountLate(result.handed_back.back());
    ++result.late;
    return RowStatus::kLate;
  }
  PendingEvent pending = TakeIn(event, names_, pending_);
  pending_.SetRow(intake.row, pending);
  pending.source = intake.source;
  pending_.Add(pending);
  ++result.accepted;
  ++taken_since_;
  if (event.kind == EventKind::kForecast) return RowStatus::kAccepted;
  if (first_us_ == kNoTime) first_us_ = event.at_us;
  first_us_ = std::min(first_us_, event.at_us);
  greatest_us_ = std::max(greatest_us_, event.at_us);
  return RowStatus::kAccepted;
}

// May an event that is no forecast come in, by its instant alone?
bool Engine::Impl::InTime(int64_t at_us) const {
  int64_t now = now_us();
  if (now == kNoTime) return true;
  return at_us >= std::max(watermark_us_, now - lateness_us_) &&
         (now_us_ == kNoTime || at_us <= now_us_ + kMaxAhead);
}

// Takes a row that is checked already.
void Engine::Impl::TakeRow(ColumnIntake& rows, size_t row, const Intake& intake,
                           IngestResult& result) {
  const int64_t at_us = rows.at_us(row);
  PendingEvent pending = rows.Take(row, pending_);
  pending_.SetRow(intake.row, pending);
  pending.source = intake.source;
  if (pending_.IsLast(at_us)) {
    pending_.Append(pending);
  } else {
    pending_.Add(pending);
  }
  ++taken_since_;
  ++result.accepted;
  first_us_ = first_us_ == kNoTime ? at_us : std::min(first_us_, at_us);
  greatest_us_ = std::max(greatest_us_, at_us);
}

namespace {

int64_t RowNumber(const IngestOptions& options, size_t row) {
  return row < options.rows.size() ? options.rows[row]
                                   : static_cast<int64_t>(row + 1);
}

}  // namespace

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
  IngestResult result;
  Intake intake{options, names_.texts.Intern(options.source)};
  bool full = false;
  CountUnreadable(options, result);
  for (size_t e = 0; e < events.size(); ++e) {
    intake.row = RowNumber(options, e);
    if (e % kMemoryBatch == 0) full = IsFull();
    RowStatus status = full ? HandBack(events[e], intake, result)
                            : TakeOne(events[e], "", intake, result);
    if (e < row_status.size()) row_status[e] = static_cast<uint8_t>(status);
  }
  CommitToWatermark();
  return result;
}

IngestResult Engine::Impl::Ingest(const EventColumns& columns,
                                  const IngestOptions& options,
                                  std::span<uint8_t> row_status) {
  IngestResult result;
  Intake intake{options, names_.texts.Intern(options.source)};
  ColumnIntake plain(columns, dictionaries_, names_, setup_.agent_states);
  ColumnReader reader(columns, dictionaries_);
  std::string fault;
  bool full = false;
  CountUnreadable(options, result);
  for (size_t r = 0; r < columns.rows; ++r) {
    intake.row = RowNumber(options, r);
    if (r % kMemoryBatch == 0) full = IsFull();
    const bool short_way = !full && plain.plain();
    if (short_way && r % ColumnIntake::kBlock == 0) plain.ReadBlock(r);
    if (short_way && plain.at_us(r) != kNoTime && InTime(plain.at_us(r))) {
      TakeRow(plain, r, intake, result);
      if (r < row_status.size()) {
        row_status[r] = static_cast<uint8_t>(RowStatus::kAccepted);
      }
      continue;
    }
    const Event& event = reader.Read(r, &fault);
    RowStatus status = full ? HandBack(event, intake, result)
                            : TakeOne(event, std::move(fault), intake, result);
    if (r < row_status.size()) row_status[r] = static_cast<uint8_t>(status);
  }
  CommitToWatermark();
  return result;
}

absl::Status Engine::Impl::ExtendDictionary(
    DictionaryId dictionary, std::span<const std::string_view> texts) {
  if (dictionaries_.Extend(dictionary, texts)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "dictionary: there is no ", static_cast<uint32_t>(dictionary)));
}

void Engine::Impl::CommitToWatermark() {
  if (greatest_us_ == kNoTime) return;
  Commit(std::max(watermark_us_, now_us() - lateness_us_));
}

void Engine::Impl::Release(const PendingEvent& event, bool keep_interaction,
                           bool keep_customer) {
  if (!keep_interaction) {
    names_.interactions.Release(static_cast<uint32_t>(event.fact.interaction));
  }
  if (!keep_customer) {
    names_.customers.Release(static_cast<uint32_t>(event.fact.customer));
  }
}

void Engine::Impl::Commit(int64_t watermark_us) {
  if (watermark_us_ != kNoTime && watermark_us <= watermark_us_) return;
  watermark_us_ = watermark_us;
  state_->DropContributors(now_us());
  // An interaction's state holds one reference to its name and one to its
  // customer's; it takes over those of the event that made it known.
  const InteractionStore& store = state_->timeline().interactions;
  while (const PendingEvent* event = pending_.FirstBefore(watermark_us)) {
    if (const PendingEvent* ahead = pending_.Ahead(kLookAhead)) {
      names_.interactions.Prefetch(
          static_cast<uint32_t>(ahead->fact.interaction));
      store.Prefetch(ahead->fact.interaction);
    }
    InteractionId id = event->fact.interaction;
    const Interaction* before = store.Find(id);
    bool had_state = before != nullptr;
    bool had_customer = had_state && before->customer != CustomerId::kNone;
    state_->Apply(*event, names_);
    const Interaction* after = store.Find(id);
    if (ReleaseForgotten(id)) {
      had_state = false;
      had_customer = false;
    }
    Release(*event, !had_state && after != nullptr,
            !had_customer && after != nullptr &&
                after->customer != CustomerId::kNone);
    pending_.Pop();
  }
  state_->FireBefore(
      {watermark_us, TimerPlace::kBeforeEvents, InteractionId::kNone});
  if (setup_.plan.keeps_agent_time &&
      BucketOf(watermark_us) > advanced_bucket_) {
    advanced_bucket_ = BucketOf(watermark_us);
    state_->AdvanceAgents(BucketBegin(advanced_bucket_));
  }
  state_->FlushAgents();
  ReleaseForgotten(InteractionId::kNone);
}

// Lets go of the names of what was forgotten; was `watched` among it?
bool Engine::Impl::ReleaseForgotten(InteractionId watched) {
  if (!state_->machine().HasForgotten()) return false;
  bool found = false;
  for (const auto& [interaction, customer] :
       state_->machine().TakeForgotten()) {
    found |= interaction == watched;
    if (setup_.shard) {
      held_.push_back(interaction);  // facts of agents may name it
    } else {
      names_.interactions.Release(static_cast<uint32_t>(interaction));
    }
    names_.customers.Release(static_cast<uint32_t>(customer));
  }
  return found;
}

// Counting is a walk, so it is put off as long as what came since cannot have
// filled the rest, and not done again while nothing has changed.
bool Engine::Impl::IsFull() {
  if (config_.max_memory_bytes <= 0) return false;
  const size_t limit = static_cast<size_t>(config_.max_memory_bytes);
  constexpr size_t kMostPerEvent = 4096;
  if (counted_ && taken_since_ == 0 && counted_at_us_ == watermark_us_) {
    return memory_ >= limit;
  }
  if (counted_ && memory_ + taken_since_ * kMostPerEvent < limit) return false;
  memory_ = memory_bytes();
  counted_ = true;
  taken_since_ = 0;
  counted_at_us_ = watermark_us_;
  return memory_ >= limit;
}

absl::Status Engine::Impl::Advance(absl::Time now) {
  if (now < ToTime(kEarliestTime) || now >= ToTime(kLatestTime)) {
    return absl::InvalidArgumentError("now: outside 1990-01-01 to 2100-01-01");
  }
  now_us_ = std::max(now_us_, FromTime(now));
  Commit(std::max(watermark_us_, this->now_us() - lateness_us_));
  return absl::OkStatus();
}

void Engine::Impl::Finish() {
  finished_ = true;
  if (now_us() == kNoTime) return;
  Commit(now_us() + 1);
}

}  // namespace cckpi
