#include "cckpi/engine/engine.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/calendar/schedule.h"
#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/kpi/catalogue.h"
#include "src/engine/column_intake.h"
#include "src/engine/column_reader.h"
#include "src/engine/engine_state.h"
#include "src/engine/intake.h"
#include "src/engine/memory.h"
#include "src/engine/snapshot.h"
#include "src/kpi/definitions_text.h"
#include "src/kpi/formula_rows.h"
#include "src/kpi/row_builder.h"

namespace cckpi {
namespace {

absl::StatusOr<std::vector<ResolvedRule>> ResolveRules(const Config& config,
                                                       Names& names) {
  std::map<std::string, OpeningHours> hours;
  for (const auto& [name, spec] : config.calendars) {
    absl::StatusOr<OpeningHours> made = OpeningHours::Create(spec);
    if (!made.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "calendars.", name, ".", std::string(made.status().message())));
    }
    hours.emplace(name, *std::move(made));
  }
  std::vector<ResolvedRule> rules;
  for (size_t s = 0; s < config.schedules.size(); ++s) {
    const ScheduleRule& rule = config.schedules[s];
    auto found = hours.find(rule.calendar);
    if (found == hours.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("schedules[", s, "].calendar: there is no calendar \"",
                       rule.calendar, "\""));
    }
    rules.push_back(
        {{names.texts.Intern(rule.team), names.texts.Intern(rule.channel),
          names.texts.Intern(rule.source), names.texts.Intern(rule.priority)},
         rule.from_us,
         found->second});
  }
  return rules;
}

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

// By KPI, begin, group and id. Rows are large: they move once.
void SortRows(std::vector<ReportRow>& rows) {
  std::vector<ReportRow*> order;
  order.reserve(rows.size());
  for (ReportRow& row : rows) order.push_back(&row);
  std::stable_sort(order.begin(), order.end(),
                   [](const ReportRow* a, const ReportRow* b) {
                     return std::tie(a->kpi, a->begin_us, a->group, a->id) <
                            std::tie(b->kpi, b->begin_us, b->group, b->id);
                   });
  std::vector<ReportRow> sorted;
  sorted.reserve(rows.size());
  for (ReportRow* row : order) sorted.push_back(std::move(*row));
  rows = std::move(sorted);
}

// How many events ahead the states of interactions are asked for.
constexpr size_t kLookAhead = 6;

absl::Weekday WeekStart(const Config& config) {
  return static_cast<absl::Weekday>((config.week_starts + 6) % 7);
}

}  // namespace

// How many events may come in between two looks at the memory.
constexpr size_t kMemoryBatch = 4096;

class Engine::Impl {
 public:
  static absl::StatusOr<std::unique_ptr<Impl>> Create(const Config& config,
                                                      EngineOptions options);

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
  absl::StatusOr<Report> Ask(const Query& query) const;
  absl::StatusOr<std::vector<Report>> AskAll(
      std::span<const Query> queries) const;
  int64_t next_timer_us() const;
  absl::StatusOr<std::vector<std::vector<OpenWait>>> LongestWaits(
      std::span<const std::map<std::string, std::string>> scopes,
      size_t most) const;
  absl::StatusOr<std::vector<Distribution>> Distributions(
      const Query& query) const;
  absl::StatusOr<std::vector<Explanation>> Explain(const Query& query) const;

  int64_t first_us() const { return first_us_; }
  int64_t watermark_us() const { return watermark_us_; }
  int64_t now_us() const { return std::max(now_us_, greatest_us_); }
  Sizes sizes() const;

  std::string Save(const SnapshotOptions& host) const;
  absl::Status Load(std::string_view bytes, bool stay_shard);
  absl::Status Merge(const Impl& other);
  void Join();
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
                     IngestResult& result) const;
  bool ReleaseForgotten(InteractionId watched);

  std::string Check(const Event& event) const;
  RowStatus TakeOne(const Event& event, std::string fault, const Intake& intake,
                    IngestResult& result);
  bool InTime(int64_t at_us) const;
  void TakeFact(const Fact& fact, const Intake& intake, IngestResult& result);
  void CommitToWatermark();
  void Commit(int64_t watermark_us);
  void Release(const PendingEvent& event, bool keep_interaction,
               bool keep_customer);
  // The committed state with what is pending on top; nullptr when that is
  // nothing.
  std::unique_ptr<EngineState> Overlay() const;
  RowSources Sources(const EngineState* overlay) const;
  absl::StatusOr<std::vector<size_t>> Selected(const Query& query) const;

  Config config_;
  std::string definitions_;
  Zone zone_;
  absl::Weekday week_start_;
  Names names_;
  ColumnDictionaries dictionaries_;
  ByName order_{&names_};
  EngineSetup setup_;
  std::unique_ptr<EngineState> state_;
  PendingQueue pending_;
  int64_t lateness_us_ = 0;
  int64_t greatest_us_ = kNoTime;
  int64_t now_us_ = kNoTime;
  int64_t first_us_ = kNoTime;
  int64_t watermark_us_ = kNoTime;
  int32_t advanced_bucket_ = 0;  // agent time is booked up to its begin
  bool finished_ = false;
  // Of a shard: references to names that only facts of agents may need.
  std::vector<InteractionId> held_;
  // As of the last count, and since.
  size_t memory_ = 0;
  size_t taken_since_ = 0;
  int64_t counted_at_us_ = kNoTime;
  bool counted_ = false;
};

absl::StatusOr<std::unique_ptr<Engine::Impl>> Engine::Impl::Create(
    const Config& config, EngineOptions options) {
  CCKPI_ASSIGN_OR_RETURN(Zone zone, LoadZone(config.time_zone));
  std::unique_ptr<Impl> impl(new Impl(std::move(zone), WeekStart(config)));
  CCKPI_ASSIGN_OR_RETURN(impl->setup_.plan, Plan::Compile(config));
  Names& names = impl->names_;
  for (const std::string& tag : impl->setup_.plan.tags) {
    impl->setup_.tag_names.push_back(names.texts.Intern(tag));
  }
  for (const ReviewMeasure& review : impl->setup_.plan.reviews) {
    std::vector<TextId>& severities = impl->setup_.severities.emplace_back();
    for (const std::string& severity : review.severities) {
      severities.push_back(names.texts.Intern(severity));
    }
  }
  if (!options.explain.empty()) {
    for (const KpiPlan& kpi : impl->setup_.plan.kpis) {
      if (kpi.spec.id == options.explain ||
          (kpi.spec.id.empty() &&
           Definition(kpi.spec.kpi).name == options.explain)) {
        impl->setup_.traced = &kpi;
        break;
      }
    }
    if (impl->setup_.traced == nullptr) {
      return absl::NotFoundError(
          absl::StrCat("no KPI \"", options.explain, "\" is configured"));
    }
  }
  std::vector<AgentState> states = config.agent_states;
  if (states.empty()) states = DefaultAgentStates();
  for (const AgentState& state : states) {
    impl->setup_.agent_states.push_back(names.texts.Intern(state.name));
    impl->setup_.agents.states.push_back(state.classes);
  }
  impl->setup_.agent_capacity = config.agent_capacity;
  impl->setup_.agents.order = &impl->order_;
  impl->setup_.agents.max_state_us = config.agent_presence.max_state_us;
  impl->setup_.agents.replies_confirm = config.agent_presence.replies_confirm;
  impl->setup_.agents.suspect_state_us = config.agent_presence.suspect_after_us;
  impl->setup_.agents.handle_presence =
      static_cast<HandlePresence>(config.agent_presence.handle_time);
  impl->setup_.agents.slices = impl->setup_.plan.keeps_slices;
  // Slices are cut where they fall, also of agents without any state.
  impl->setup_.agents.unreported_intervals = impl->setup_.plan.keeps_slices;
  CCKPI_ASSIGN_OR_RETURN(std::vector<ResolvedRule> rules,
                         ResolveRules(config, names));
  CCKPI_ASSIGN_OR_RETURN(SchedulePolicy policy,
                         ParseSchedulePolicy(config.schedule_policy));
  impl->setup_.shard = options.shard && impl->setup_.plan.keeps_agent_time;
  if (impl->setup_.shard && impl->setup_.traced != nullptr) {
    return absl::InvalidArgumentError("explain: not of a shard");
  }
  impl->config_ = config;
  impl->lateness_us_ = config.allowed_lateness_us.value_or(kDefaultLateness);
  impl->config_.allowed_lateness_us = impl->lateness_us_;
  impl->config_.duplicate_window_us =
      config.duplicate_window_us.value_or(impl->lateness_us_);
  impl->definitions_ = DefinitionsText(impl->config_, impl->setup_.plan);
  impl->state_ = std::make_unique<EngineState>(
      impl->setup_, ScheduleTable(std::move(rules), policy),
      config.duplicate_window_us.value_or(impl->lateness_us_));
  return impl;
}

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
  PendingEvent pending = TakeIn(event, names_);
  pending.row = intake.row;
  pending.source = intake.source;
  pending_.Add(std::move(pending));
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

// Takes what is checked already.
void Engine::Impl::TakeFact(const Fact& fact, const Intake& intake,
                            IngestResult& result) {
  if (pending_.IsLast(fact.at_us)) {
    PendingEvent& pending = pending_.Append();
    pending.fact = fact;
    pending.row = intake.row;
    pending.source = intake.source;
  } else {
    PendingEvent pending;
    pending.fact = fact;
    pending.row = intake.row;
    pending.source = intake.source;
    pending_.Add(std::move(pending));
  }
  ++taken_since_;
  ++result.accepted;
  first_us_ =
      first_us_ == kNoTime ? fact.at_us : std::min(first_us_, fact.at_us);
  greatest_us_ = std::max(greatest_us_, fact.at_us);
}

namespace {

int64_t RowNumber(const IngestOptions& options, size_t row) {
  return row < options.rows.size() ? options.rows[row]
                                   : static_cast<int64_t>(row + 1);
}

}  // namespace

IngestResult Engine::Impl::Ingest(std::span<const Event> events,
                                  const IngestOptions& options,
                                  std::span<uint8_t> row_status) {
  IngestResult result;
  Intake intake{options, names_.texts.Intern(options.source)};
  bool full = false;
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
  for (size_t r = 0; r < columns.rows; ++r) {
    intake.row = RowNumber(options, r);
    if (r % kMemoryBatch == 0) full = IsFull();
    Fact fact;
    if (!full && plain.Read(r, &fact) && InTime(fact.at_us)) {
      plain.AcquireKeys(r, &fact);
      TakeFact(fact, intake, result);
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

EngineClock Engine::Impl::Clock() const {
  return {.greatest_us = greatest_us_,
          .now_us = now_us_,
          .first_us = first_us_,
          .watermark_us = watermark_us_,
          .finished = finished_,
          .shard = setup_.shard};
}

std::string Engine::Impl::Save(const SnapshotOptions& host) const {
  const EngineClock clock = Clock();
  return SaveEngine({definitions_, names_, setup_, *state_, pending_, clock},
                    host);
}

absl::Status Engine::Impl::Load(std::string_view bytes, bool stay_shard) {
  CCKPI_ASSIGN_OR_RETURN(OpenedSnapshot snapshot,
                         OpenSnapshot(bytes, definitions_));
  if (stay_shard && setup_.shard && !snapshot.clock.shard) {
    return absl::FailedPreconditionError(
        "snapshot: it is not of a shard; its agent time is booked already");
  }
  setup_.shard = snapshot.clock.shard;
  if (!setup_.shard) state_->StopKeeping();
  CCKPI_RETURN_IF_ERROR(
      LoadSnapshot(snapshot, {names_, setup_, *state_, pending_, held_}));
  host_ = std::move(snapshot.host);
  now_us_ = snapshot.clock.now_us;
  greatest_us_ = snapshot.clock.greatest_us;
  first_us_ = snapshot.clock.first_us;
  watermark_us_ = snapshot.clock.watermark_us;
  finished_ = snapshot.clock.finished;
  if (watermark_us_ != kNoTime) advanced_bucket_ = BucketOf(watermark_us_);
  if (!stay_shard) Join();
  return absl::OkStatus();
}

absl::Status Engine::Impl::Merge(const Impl& other) {
  if (definitions_ != other.definitions_) {
    return absl::FailedPreconditionError(
        absl::StrCat("merge: the definitions differ: ",
                     DefinitionsDifference(other.definitions_, definitions_)));
  }
  if (setup_.traced != nullptr || other.setup_.traced != nullptr) {
    return absl::FailedPreconditionError(
        "merge: observations that are kept for Explain cannot be merged");
  }
  if (setup_.plan.keeps_agent_time && !(setup_.shard && other.setup_.shard)) {
    return absl::FailedPreconditionError(
        "merge: with agent time, both have to be shards (EngineOptions)");
  }
  const std::string bytes = other.Save(other.host_);
  CCKPI_ASSIGN_OR_RETURN(OpenedSnapshot snapshot,
                         OpenSnapshot(bytes, definitions_));
  const LoadedEngine here{names_, setup_, *state_, pending_, held_};
  const EngineClock clock = other.Clock();
  const std::string own = Save({});
  CCKPI_RETURN_IF_ERROR(
      CheckApart(own, snapshot,
                 {other.definitions_, other.names_, other.setup_, *other.state_,
                  other.pending_, clock},
                 here));
  for (auto part : {&SnapshotOptions::positions, &SnapshotOptions::sections}) {
    for (const auto& [name, value] : snapshot.host.*part) {
      auto found = (host_.*part).find(name);
      if (found != (host_.*part).end() && found->second != value) {
        return absl::InvalidArgumentError(absl::StrCat(
            "merge: ",
            part == &SnapshotOptions::positions ? "position" : "section", " \"",
            name, "\" is in both"));
      }
    }
  }
  if (const int64_t limit = config_.max_memory_bytes;
      limit > 0 &&
      memory_bytes() + other.memory_bytes() > static_cast<size_t>(limit)) {
    return absl::ResourceExhaustedError(
        "merge: together they take more than max_memory_bytes");
  }
  // Whatever could be wrong with the bytes shows here, before anything changes.
  {
    CCKPI_ASSIGN_OR_RETURN(std::unique_ptr<Impl> rehearsal,
                           Create(config_, {.explain = "", .shard = true}));
    CCKPI_RETURN_IF_ERROR(rehearsal->Load(bytes, setup_.shard));
  }
  CCKPI_RETURN_IF_ERROR(LoadSnapshot(snapshot, here));
  host_.positions.merge(snapshot.host.positions);
  host_.sections.merge(snapshot.host.sections);
  // Nothing seen is never in the way.
  const bool here_ended = finished_ || now_us() == kNoTime;
  const bool there_ended = other.finished_ || other.now_us() == kNoTime;
  finished_ = here_ended && there_ended && (finished_ || other.finished_);
  if (first_us_ == kNoTime) first_us_ = other.first_us_;
  if (other.first_us_ != kNoTime) {
    first_us_ = std::min(first_us_, other.first_us_);
  }
  greatest_us_ = std::max(greatest_us_, other.greatest_us_);
  now_us_ = std::max(now_us_, other.now_us_);
  // One of the two may have waiting what is final in the other's time.
  const int64_t watermark_us = std::max(watermark_us_, other.watermark_us_);
  watermark_us_ = std::min(watermark_us_, other.watermark_us_);
  if (watermark_us != kNoTime) Commit(watermark_us);
  watermark_us_ = watermark_us;
  return absl::OkStatus();
}

void Engine::Impl::Join() {
  if (!setup_.shard) return;
  state_->ReplayAgents(names_.interactions);
  state_->StopKeeping();
  setup_.shard = false;
  if (watermark_us_ != kNoTime) {
    advanced_bucket_ = BucketOf(watermark_us_);
    state_->AdvanceAgents(BucketBegin(advanced_bucket_));
  }
  for (InteractionId id : held_) {
    names_.interactions.Release(static_cast<uint32_t>(id));
  }
  held_.clear();
}

size_t Engine::Impl::memory_bytes() const {
  return MemoryOf(*state_, pending_, names_);
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

std::unique_ptr<EngineState> Engine::Impl::Overlay() const {
  int64_t now = now_us();
  if (now == kNoTime) return nullptr;
  if (watermark_us_ > now && !setup_.plan.keeps_agent_time) return nullptr;
  auto overlay = std::make_unique<EngineState>(setup_, *state_);
  for (const PendingEvent* event : pending_.InOrder()) {
    overlay->Apply(*event, names_);
  }
  overlay->FireBefore({now, TimerPlace::kAfter, InteractionId::kNone});
  if (setup_.shard) overlay->ReplayAgents(names_.interactions);
  if (setup_.plan.keeps_agent_time) overlay->EmitOpenAgents(now);
  return overlay;
}

RowSources Engine::Impl::Sources(const EngineState* overlay) const {
  RowSources sources;
  sources.plan = &setup_.plan;
  sources.committed = &state_->cells();
  sources.pending = overlay != nullptr ? &overlay->cells() : nullptr;
  sources.state =
      overlay != nullptr ? &overlay->timeline() : &state_->timeline();
  sources.texts = &names_.texts;
  sources.forecasts = &state_->forecasts();
  sources.pending_forecasts =
      overlay != nullptr ? &overlay->forecasts() : nullptr;
  sources.agent_states = &setup_.agent_states;
  sources.zone = &zone_;
  sources.week_start = week_start_;
  sources.first_us = first_us_ == kNoTime ? now_us() : first_us_;
  sources.now_us = now_us();
  sources.final_us = finished_ ? now_us() : watermark_us_;
  return sources;
}

absl::StatusOr<std::vector<size_t>> Engine::Impl::Selected(
    const Query& query) const {
  std::vector<size_t> selected;
  const std::vector<KpiPlan>& kpis = setup_.plan.kpis;
  auto name_of = [](const KpiPlan& kpi) {
    return kpi.spec.kpi == Kpi::kFormula ? std::string_view("formula")
                                         : Definition(kpi.spec.kpi).name;
  };
  if (query.kpis.empty()) {
    for (size_t k = 0; k < kpis.size(); ++k) {
      if (kpis[k].shown) selected.push_back(k);
    }
    return selected;
  }
  for (const std::string& name : query.kpis) {
    size_t before = selected.size();
    auto named = setup_.plan.named.find(name);
    bool is_named = named != setup_.plan.named.end();
    if (is_named && query.names == Query::Names::kReferenced) {
      selected.push_back(named->second);
    }
    for (bool by_id : {true, false}) {
      if (selected.size() > before) break;
      for (size_t k = 0; k < kpis.size(); ++k) {
        if (!kpis[k].shown) continue;
        if (by_id ? kpis[k].spec.id == name : name_of(kpis[k]) == name) {
          selected.push_back(k);
        }
      }
    }
    if (selected.size() == before && is_named) {
      selected.push_back(named->second);
    }
    if (selected.size() == before) {
      return absl::NotFoundError(
          absl::StrCat("no KPI \"", name, "\" is configured"));
    }
  }
  std::sort(selected.begin(), selected.end());
  selected.erase(std::unique(selected.begin(), selected.end()), selected.end());
  return selected;
}

absl::StatusOr<Report> Engine::Impl::Ask(const Query& query) const {
  CCKPI_ASSIGN_OR_RETURN(std::vector<Report> reports, AskAll({&query, 1}));
  return std::move(reports.front());
}

absl::StatusOr<std::vector<Report>> Engine::Impl::AskAll(
    std::span<const Query> queries) const {
  struct Chosen {
    std::vector<size_t> kpis;
    std::vector<GroupBy> groupings;
  };
  std::vector<Chosen> chosen;
  for (const Query& query : queries) {
    Chosen& one = chosen.emplace_back();
    CCKPI_ASSIGN_OR_RETURN(one.kpis, Selected(query));
    one.groupings = setup_.plan.reported;
    if (!query.where.empty()) one.groupings = {GroupBy{}};
    if (query.by) one.groupings = {*query.by};
    for (const GroupBy& grouping : one.groupings) {
      CCKPI_RETURN_IF_ERROR(setup_.plan.SlotsOf(grouping).status());
    }
    if (query.window && (query.window->end_us <= query.window->begin_us ||
                         query.window->begin_us % kBucketSpan != 0 ||
                         query.window->end_us % kBucketSpan != 0)) {
      return absl::InvalidArgumentError("window: is no run of whole buckets");
    }
  }
  std::vector<Report> reports(queries.size());
  for (Report& report : reports) report.now_us = now_us();
  if (now_us() == kNoTime || reports.empty()) return reports;
  std::unique_ptr<EngineState> overlay = Overlay();
  RowSources sources = Sources(overlay.get());
  for (size_t q = 0; q < queries.size(); ++q) {
    std::vector<ReportRow>& all = reports[q].rows;
    RowBuilder builder(sources, queries[q]);
    for (const GroupBy& grouping : chosen[q].groupings) {
      for (size_t k : chosen[q].kpis) {
        CCKPI_ASSIGN_OR_RETURN(
            std::vector<ReportRow> rows,
            KpiRows(builder, setup_.plan, setup_.plan.kpis[k], grouping));
        std::move(rows.begin(), rows.end(), std::back_inserter(all));
      }
    }
    SortRows(all);
  }
  Report& report = reports.front();
  report.events = state_->counts();
  report.refusals = state_->refusals();
  if (overlay != nullptr) {
    report.events.applied += overlay->counts().applied;
    report.events.duplicate += overlay->counts().duplicate;
    report.events.refused += overlay->counts().refused;
    for (const Refusal& refusal : overlay->refusals()) {
      KeepRefusal(refusal, report.refusals);
    }
  }
  return reports;
}

absl::StatusOr<std::vector<std::vector<OpenWait>>> Engine::Impl::LongestWaits(
    std::span<const std::map<std::string, std::string>> scopes,
    size_t most) const {
  std::vector<std::vector<ScopeCondition>> conditions;
  for (const std::map<std::string, std::string>& scope : scopes) {
    Query query;
    query.where = scope;
    CCKPI_ASSIGN_OR_RETURN(conditions.emplace_back(),
                           Conditions(setup_.plan, query, names_.texts));
  }
  std::vector<std::vector<OpenWait>> result(scopes.size());
  if (now_us() == kNoTime) return result;
  const std::unique_ptr<EngineState> overlay = Overlay();
  const TimelineState& timeline =
      overlay != nullptr ? overlay->timeline() : state_->timeline();
  timeline.interactions.ForEach([&](InteractionId id, const Interaction& i) {
    if (i.wait_us == kNoTime) return;
    for (size_t s = 0; s < conditions.size(); ++s) {
      if (AllHold(conditions[s], [&](const ScopeCondition& condition) {
            return timeline.dimensions.Value(i.dimensions, condition.slot);
          })) {
        result[s].push_back(
            {std::string(names_.interactions.Text(static_cast<uint32_t>(id))),
             i.wait_us});
      }
    }
  });
  for (std::vector<OpenWait>& waits : result) {
    std::sort(waits.begin(), waits.end(),
              [](const OpenWait& a, const OpenWait& b) {
                return std::tie(a.since_us, a.interaction) <
                       std::tie(b.since_us, b.interaction);
              });
    if (waits.size() > most) waits.resize(most);
  }
  return result;
}

int64_t Engine::Impl::next_timer_us() const {
  const int64_t now = now_us();
  if (now == kNoTime) return kNever;
  // What is pending sets timers that only the overlay of a query knows.
  if (pending_.size() > 0) return now + 1;
  const std::optional<Timer> timer = state_->timeline().timers.First();
  return timer.has_value() ? std::max(timer->at_us, now + 1) : kNever;
}

absl::StatusOr<std::vector<Distribution>> Engine::Impl::Distributions(
    const Query& query) const {
  std::vector<Distribution> result;
  CCKPI_ASSIGN_OR_RETURN(std::vector<size_t> selected, Selected(query));
  std::vector<GroupBy> groupings = setup_.plan.reported;
  if (query.by) groupings = {*query.by};
  for (const GroupBy& grouping : groupings) {
    CCKPI_RETURN_IF_ERROR(setup_.plan.SlotsOf(grouping).status());
  }
  if (now_us() == kNoTime) return result;
  std::unique_ptr<EngineState> overlay = Overlay();
  RowSources sources = Sources(overlay.get());
  RowBuilder builder(sources, query);
  for (const GroupBy& grouping : groupings) {
    for (size_t k : selected) {
      CCKPI_ASSIGN_OR_RETURN(
          std::vector<Distribution> of_kpi,
          builder.Distributions(setup_.plan.kpis[k], grouping));
      std::move(of_kpi.begin(), of_kpi.end(), std::back_inserter(result));
    }
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Distribution& a, const Distribution& b) {
                     return std::tie(a.kpi, a.begin_us, a.group, a.id) <
                            std::tie(b.kpi, b.begin_us, b.group, b.id);
                   });
  return result;
}

absl::StatusOr<std::vector<Explanation>> Engine::Impl::Explain(
    const Query& query) const {
  if (setup_.traced == nullptr) {
    return absl::FailedPreconditionError(
        "the engine was made without a KPI to explain");
  }
  GroupBy by = query.by.value_or(GroupBy{});
  CCKPI_ASSIGN_OR_RETURN(std::vector<uint8_t> slots, setup_.plan.SlotsOf(by));
  CCKPI_ASSIGN_OR_RETURN(std::vector<ScopeCondition> conditions,
                         Conditions(setup_.plan, query, names_.texts));
  std::vector<Explanation> result;
  if (first_us_ == kNoTime) return result;
  std::unique_ptr<EngineState> overlay = Overlay();
  const DimensionTable& dimensions =
      (overlay != nullptr ? *overlay : *state_).timeline().dimensions;
  // What was taken out again cancels what it took out.
  using Key = std::tuple<int64_t, std::string, uint32_t, int64_t, int64_t,
                         int64_t, std::string, Combination>;
  std::map<Key, int64_t> net;
  for (const EngineState* state : {state_.get(), overlay.get()}) {
    if (state == nullptr) continue;
    for (const Contribution& c : state->contributions()) {
      if (!AllHold(conditions, [&](const ScopeCondition& condition) {
            return dimensions.Value(c.dimensions, condition.slot);
          })) {
        continue;
      }
      Combination group;
      for (uint8_t slot : slots) {
        group.push_back(dimensions.Value(c.dimensions, slot));
      }
      std::string name(
          names_.interactions.Text(static_cast<uint32_t>(c.interaction)));
      net[{c.booked_us, std::move(name), c.episode, c.start_us, c.end_us,
           c.value, c.outcome, std::move(group)}] += c.sign;
    }
  }
  for (const auto& [key, count] : net) {
    const auto& [booked, name, episode, start, end, value, outcome, group] =
        key;
    if ((query.begin_us != kNoTime && booked < query.begin_us) ||
        (query.end_us != kNoTime && booked >= query.end_us)) {
      continue;
    }
    for (int64_t n = 0; n < count; ++n) {
      Explanation explanation;
      explanation.interaction = name;
      explanation.episode = episode;
      if (start != kNoTime) explanation.start_us = start;
      if (end != kNoTime) explanation.end_us = end;
      explanation.booked_us = booked;
      explanation.value = value;
      explanation.outcome = outcome;
      for (size_t d = 0; d < by.size(); ++d) {
        std::optional<std::string> text;
        if (group[d] != 0) text = std::string(names_.texts.Text(group[d]));
        explanation.group.emplace_back(DimensionName(by[d]), std::move(text));
      }
      result.push_back(std::move(explanation));
    }
  }
  return result;
}

Engine::Sizes Engine::Impl::sizes() const {
  const TimelineState& timeline = state_->timeline();
  return {.interactions = timeline.interactions.size(),
          .pending_events = pending_.size(),
          .cells = state_->cells().size(),
          .timers = timeline.timers.size(),
          .bytes_per_interaction = sizeof(Interaction)};
}

absl::StatusOr<Engine> Engine::Create(const Config& config,
                                      EngineOptions options) {
  CCKPI_ASSIGN_OR_RETURN(std::unique_ptr<Impl> impl,
                         Impl::Create(config, std::move(options)));
  return Engine(std::move(impl));
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

IngestResult Engine::Ingest(std::span<const Event> events,
                            const IngestOptions& options,
                            std::span<uint8_t> row_status) {
  return impl_->Ingest(events, options, row_status);
}
IngestResult Engine::Ingest(const EventColumns& columns,
                            const IngestOptions& options,
                            std::span<uint8_t> row_status) {
  return impl_->Ingest(columns, options, row_status);
}
DictionaryId Engine::AddDictionary(std::span<const std::string_view> texts) {
  return impl_->AddDictionary(texts);
}
absl::Status Engine::ExtendDictionary(DictionaryId dictionary,
                                      std::span<const std::string_view> texts) {
  return impl_->ExtendDictionary(dictionary, texts);
}
absl::Status Engine::Advance(absl::Time now) { return impl_->Advance(now); }
void Engine::Finish() { impl_->Finish(); }
absl::StatusOr<Report> Engine::Ask(const Query& query) const {
  return impl_->Ask(query);
}
absl::StatusOr<std::vector<Report>> Engine::AskAll(
    std::span<const Query> queries) const {
  return impl_->AskAll(queries);
}
absl::StatusOr<std::vector<std::vector<OpenWait>>> Engine::LongestWaits(
    std::span<const std::map<std::string, std::string>> scopes,
    size_t most) const {
  return impl_->LongestWaits(scopes, most);
}
int64_t Engine::next_timer_us() const { return impl_->next_timer_us(); }
absl::StatusOr<std::vector<Distribution>> Engine::Distributions(
    const Query& query) const {
  return impl_->Distributions(query);
}
absl::StatusOr<std::vector<Explanation>> Engine::Explain(
    const Query& query) const {
  return impl_->Explain(query);
}
absl::StatusOr<std::string> Engine::Save(const SnapshotOptions& options) const {
  return impl_->Save(options);
}

absl::StatusOr<Engine> Engine::Restore(const Config& config,
                                       std::string_view snapshot,
                                       EngineOptions options) {
  // Damage shows before anything is made.
  CCKPI_RETURN_IF_ERROR(ReadSnapshotFile(snapshot).status());
  const bool stay_shard = options.shard;
  options.shard = true;  // for what the snapshot may hold
  CCKPI_ASSIGN_OR_RETURN(std::unique_ptr<Impl> impl,
                         Impl::Create(config, std::move(options)));
  CCKPI_RETURN_IF_ERROR(impl->Load(snapshot, stay_shard));
  return Engine(std::move(impl));
}

const std::map<std::string, std::string>& Engine::positions() const {
  return impl_->host_.positions;
}
const std::map<std::string, std::string>& Engine::sections() const {
  return impl_->host_.sections;
}
absl::Status Engine::Merge(const Engine& other) {
  return impl_->Merge(*other.impl_);
}
void Engine::Join() { impl_->Join(); }
size_t Engine::memory_bytes() const { return impl_->memory_bytes(); }
int64_t Engine::first_us() const { return impl_->first_us(); }
int64_t Engine::watermark_us() const { return impl_->watermark_us(); }
int64_t Engine::now_us() const { return impl_->now_us(); }
Engine::Sizes Engine::sizes() const { return impl_->sizes(); }

}  // namespace cckpi
