#include "cckpi/engine/engine.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/calendar/schedule.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/kpi/catalogue.h"
#include "src/engine/engine_impl.h"
#include "src/engine/snapshot.h"
#include "src/kpi/definitions_text.h"

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
  const uint64_t most = ScheduleTable::MostSchedules(rules);
  if (most > ScheduleTable::kMostSchedules) {
    return absl::InvalidArgumentError(absl::StrCat(
        "schedules: the teams, channels, sources and priorities that they name "
        "make ",
        most, " combinations, more than ", ScheduleTable::kMostSchedules));
  }
  return rules;
}

absl::Weekday WeekStart(const Config& config) {
  return static_cast<absl::Weekday>((config.week_starts + 6) % 7);
}

}  // namespace

Engine::Impl::~Impl() = default;

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
  impl->setup_.agents.levels = impl->setup_.plan.kept_levels;
  impl->setup_.agents.shares = impl->setup_.plan.shared_loads;
  impl->setup_.agents.defers = true;
  // Slices are cut where they fall, also of agents without any state.
  impl->setup_.agents.unreported_intervals = impl->setup_.plan.keeps_slices;
  impl->setup_.agents.offline_intervals = false;  // the booker books none
  CCKPI_ASSIGN_OR_RETURN(std::vector<ResolvedRule> rules,
                         ResolveRules(config, names));
  CCKPI_ASSIGN_OR_RETURN(SchedulePolicy policy,
                         ParseSchedulePolicy(config.schedule_policy));
  CCKPI_ASSIGN_OR_RETURN(impl->setup_.contributors,
                         ContributorPlan::Compile(config, impl->setup_.plan));
  impl->setup_.interaction_names = &names.interactions;
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

Engine::Sizes Engine::Impl::sizes() const {
  const TimelineState& timeline = state_->timeline();
  Sizes sizes{.interactions = timeline.interactions.size(),
              .pending_events = pending_.size(),
              .cells = state_->cells().size(),
              .timers = timeline.timers.size(),
              .bytes_per_interaction = sizeof(Interaction)};
  for (const Other& other : others_) {
    const Sizes theirs = other.engine->sizes();
    sizes.interactions += theirs.interactions;
    sizes.pending_events += theirs.pending_events;
    sizes.cells += theirs.cells;
    sizes.timers += theirs.timers;
  }
  return sizes;
}

namespace {

absl::Status OnlyAnswers() {
  return absl::FailedPreconditionError(
      "the engine was put together from shards: it only answers questions");
}

// For whoever looks at the state.
template <typename Impl>
Impl& Settled(const std::unique_ptr<Impl>& impl) {
  impl->Settle();
  return *impl;
}

}  // namespace

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
  if (impl_->only_answers()) {
    return impl_->RefuseAll(events.size(), options, row_status);
  }
  return impl_->Ingest(events, options, row_status);
}
IngestResult Engine::Ingest(const EventColumns& columns,
                            const IngestOptions& options,
                            std::span<uint8_t> row_status) {
  if (impl_->only_answers()) {
    return impl_->RefuseAll(columns.rows, options, row_status);
  }
  return impl_->Ingest(columns, options, row_status);
}
DictionaryId Engine::AddDictionary(std::span<const std::string_view> texts) {
  return impl_->AddDictionary(texts);
}
absl::Status Engine::ExtendDictionary(DictionaryId dictionary,
                                      std::span<const std::string_view> texts) {
  return impl_->ExtendDictionary(dictionary, texts);
}
absl::Status Engine::Advance(absl::Time now) {
  if (impl_->only_answers()) return OnlyAnswers();
  return impl_->Advance(now);
}
void Engine::Finish() { impl_->Finish(); }
absl::StatusOr<Report> Engine::Ask(const Query& query) const {
  CCKPI_ASSIGN_OR_RETURN(std::vector<Report> reports,
                         Settled(impl_).AskAll({&query, 1}));
  return std::move(reports.front());
}
absl::StatusOr<Report> Engine::Ask(const Query& query,
                                   const RunTasks& run) const {
  return Settled(impl_).Ask(query, run);
}
absl::StatusOr<std::vector<Report>> Engine::AskAll(
    std::span<const Query> queries) const {
  return Settled(impl_).AskAll(queries);
}
absl::StatusOr<std::vector<std::vector<OpenWait>>> Engine::LongestWaits(
    std::span<const std::map<std::string, std::string>> scopes,
    size_t most) const {
  return Settled(impl_).LongestWaits(scopes, most);
}
int64_t Engine::next_timer_us() const { return Settled(impl_).next_timer_us(); }
absl::StatusOr<std::vector<Distribution>> Engine::Distributions(
    const Query& query) const {
  return Settled(impl_).Distributions(query);
}
absl::StatusOr<std::vector<Explanation>> Engine::Explain(
    const Query& query) const {
  return Settled(impl_).Explain(query);
}
absl::StatusOr<std::string> Engine::Save(const SnapshotOptions& options) const {
  if (impl_->only_answers()) return OnlyAnswers();
  return Settled(impl_).Save(options);
}

absl::StatusOr<Engine> Engine::Restore(const Config& config,
                                       std::string_view snapshot,
                                       EngineOptions options) {
  // Damage shows before anything is made.
  CCKPI_ASSIGN_OR_RETURN(const BySection<std::string_view> sections,
                         ReadSnapshotFile(snapshot));
  const bool stay_shard = options.shard;
  options.shard = true;  // for what the snapshot may hold
  CCKPI_ASSIGN_OR_RETURN(std::unique_ptr<Impl> impl,
                         Impl::Create(config, std::move(options)));
  CCKPI_RETURN_IF_ERROR(impl->Load(sections, stay_shard));
  return Engine(std::move(impl));
}

const std::map<std::string, std::string>& Engine::positions() const {
  return impl_->host_.positions;
}
const std::map<std::string, std::string>& Engine::sections() const {
  return impl_->host_.sections;
}
absl::Status Engine::Merge(const Engine& other) {
  if (impl_->only_answers() || other.impl_->only_answers()) {
    return OnlyAnswers();
  }
  return Settled(impl_).Merge(Settled(other.impl_));
}
absl::StatusOr<Engine> Engine::Together(std::vector<Engine> shards,
                                        const RunTasks& run) {
  std::vector<std::unique_ptr<Impl>> impls;
  for (Engine& shard : shards) {
    shard.impl_->Settle();
    impls.push_back(std::move(shard.impl_));
  }
  CCKPI_ASSIGN_OR_RETURN(std::unique_ptr<Impl> impl,
                         Impl::Together(std::move(impls), run));
  return Engine(std::move(impl));
}
void Engine::Join() { Settled(impl_).Join(); }
size_t Engine::memory_bytes() const { return Settled(impl_).memory_bytes(); }
int64_t Engine::first_us() const { return impl_->first_us(); }
int64_t Engine::watermark_us() const { return Settled(impl_).watermark_us(); }
int64_t Engine::now_us() const { return impl_->now_us(); }
Engine::Sizes Engine::sizes() const { return Settled(impl_).sizes(); }

}  // namespace cckpi
