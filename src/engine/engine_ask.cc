// What an engine is asked.

#include <algorithm>
#include <atomic>
#include <iterator>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/prefetch.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/kpi/catalogue.h"
#include "src/engine/engine_impl.h"
#include "src/kpi/formula_rows.h"
#include "src/kpi/row_builder.h"
#include "src/kpi/row_order.h"

namespace cckpi {
namespace {

using Rows = std::vector<ReportRow>;

}  // namespace

std::shared_ptr<const EngineState> Engine::Impl::Overlay() const {
  // Who comes second waits for what he would have to make otherwise.
  const std::lock_guard<std::mutex> lock(making_overlay_);
  if (has_overlay_) return overlay_;
  std::shared_ptr<const EngineState> made = MakeOverlay();
  // With a limit on memory there is nothing beside what events have left.
  if (config_.max_memory_bytes > 0) return made;
  overlay_ = made;
  has_overlay_ = true;
  return made;
}

std::unique_ptr<EngineState> Engine::Impl::MakeOverlay() const {
  int64_t now = now_us();
  if (now == kNoTime) return nullptr;
  if (watermark_us_ > now && !setup_.plan.keeps_agent_time) return nullptr;
  auto overlay = std::make_unique<EngineState>(setup_, *state_);
  // Their interactions were last looked at when they were last written to.
  const InteractionStore& store = state_->timeline().interactions;
  const auto& pending = pending_.InOrder();
  overlay->parts().timeline.interactions.ExpectChanges(pending.size());
  constexpr size_t kAhead = 8;
  for (size_t n = 0; n < pending.size(); ++n) {
    if (n + 3 * kAhead < pending.size()) {
      PrefetchWhole(*pending[n + 3 * kAhead]);
    }
    if (n + 2 * kAhead < pending.size()) {
      store.PrefetchPlace(pending[n + 2 * kAhead]->fact.interaction);
    }
    if (n + kAhead < pending.size()) {
      store.Prefetch(pending[n + kAhead]->fact.interaction);
    }
    overlay->Apply(*pending[n], names_);
  }
  overlay->FireBefore({now, TimerPlace::kAfter, InteractionId::kNone});
  overlay->SayAll();
  if (setup_.shard) overlay->ReplayAgents(names_.interactions);
  if (setup_.plan.keeps_agent_time) overlay->EmitOpenAgents(now);
  overlay->DropRoom();
  return overlay;
}

RowSources Engine::Impl::Sources(const EngineState* overlay) const {
  RowSources sources;
  sources.plan = &setup_.plan;
  sources.committed = &state_->cells();
  sources.pending = overlay != nullptr ? &overlay->cells() : nullptr;
  sources.state =
      overlay != nullptr ? &overlay->timeline() : &state_->timeline();
  for (const Other& other : others_) {
    sources.shards.push_back({&other.engine->state_->timeline(), &other.texts});
  }
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
  sources.kept = kept_.get();
  sources.committed_groups = &state_->timeline().dimensions;
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

// The groupings whose rows a query wants.
absl::StatusOr<std::vector<GroupBy>> Engine::Impl::Groupings(
    const Query& query) const {
  std::vector<GroupBy> groupings = setup_.plan.reported;
  if (!query.where.empty()) groupings = {GroupBy{}};
  if (query.by) groupings = {*query.by};
  for (const GroupBy& grouping : groupings) {
    CCKPI_RETURN_IF_ERROR(setup_.plan.SlotsOf(grouping).status());
  }
  if (query.window && (query.window->end_us <= query.window->begin_us ||
                       query.window->begin_us % kBucketSpan != 0 ||
                       query.window->end_us % kBucketSpan != 0)) {
    return absl::InvalidArgumentError("window: is no run of whole buckets");
  }
  return groupings;
}

void Engine::Impl::CountEvents(const EngineState* overlay,
                               Report& report) const {
  report.events = state_->counts();
  report.refusals = state_->refusals();
  if (overlay == nullptr) return;
  report.events.applied += overlay->counts().applied;
  report.events.duplicate += overlay->counts().duplicate;
  report.events.refused += overlay->counts().refused;
  for (const Refusal& refusal : overlay->refusals()) {
    KeepRefusal(refusal, report.refusals);
  }
}

absl::StatusOr<Report> Engine::Impl::Ask(const Query& query,
                                         const RunTasks& run) const {
  CCKPI_ASSIGN_OR_RETURN(const std::vector<size_t> kpis, Selected(query));
  CCKPI_ASSIGN_OR_RETURN(const std::vector<GroupBy> groupings,
                         Groupings(query));
  Report report;
  report.now_us = now_us();
  if (now_us() == kNoTime) return report;
  const std::shared_ptr<const EngineState> overlay = Overlay();
  const RowSources sources = Sources(overlay.get());
  // A task is a grouping and KPIs that say things of the same spans: a builder
  // merges those once.
  std::vector<absl::StatusOr<std::vector<Rows>>> parts;
  std::vector<std::function<void()>> tasks;
  std::atomic<size_t> made = 0;
  std::atomic<bool> too_many = false;  // and the others need not begin
  const std::vector<KpiPlan>& plans = setup_.plan.kpis;
  for (const GroupBy& grouping : groupings) {
    for (size_t begin = 0; begin < kpis.size();) {
      size_t end = begin + 1;
      while (end < kpis.size() && plans[kpis[begin]].span >= 0 &&
             plans[kpis[end]].span == plans[kpis[begin]].span) {
        ++end;
      }
      const size_t part = parts.size();
      parts.emplace_back(std::vector<Rows>());
      tasks.push_back([&, part, begin, end] {
        RowBuilder builder(sources, query);
        for (size_t k = begin; k < end; ++k) {
          if (too_many.load(std::memory_order_relaxed)) return;
          builder.HaveRows(made.load(std::memory_order_relaxed));
          absl::StatusOr<Rows> rows =
              KpiRows(builder, setup_.plan, plans[kpis[k]], grouping);
          if (!rows.ok()) {
            if (absl::IsResourceExhausted(rows.status())) too_many = true;
            parts[part] = rows.status();
            return;
          }
          made.fetch_add(rows->size(), std::memory_order_relaxed);
          parts[part]->push_back(*std::move(rows));
        }
      });
      begin = end;
    }
  }
  run(tasks);
  if (too_many || made > query.max_rows) return TooManyRows(query);
  std::vector<Rows> all;
  for (absl::StatusOr<std::vector<Rows>>& part : parts) {
    CCKPI_RETURN_IF_ERROR(part.status());
    std::move(part->begin(), part->end(), std::back_inserter(all));
  }
  report.rows = InOrder(std::move(all), *kept_);
  CountEvents(overlay.get(), report);
  return report;
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
    CCKPI_ASSIGN_OR_RETURN(one.groupings, Groupings(query));
  }
  std::vector<Report> reports(queries.size());
  for (Report& report : reports) report.now_us = now_us();
  if (now_us() == kNoTime || reports.empty()) return reports;
  const std::shared_ptr<const EngineState> overlay = Overlay();
  RowSources sources = Sources(overlay.get());
  for (size_t q = 0; q < queries.size(); ++q) {
    std::vector<Rows> all;
    size_t made = 0;
    RowBuilder builder(sources, queries[q]);
    for (const GroupBy& grouping : chosen[q].groupings) {
      for (size_t k : chosen[q].kpis) {
        builder.HaveRows(made);
        CCKPI_ASSIGN_OR_RETURN(
            all.emplace_back(),
            KpiRows(builder, setup_.plan, setup_.plan.kpis[k], grouping));
        made += all.back().size();
      }
    }
    reports[q].rows = InOrder(std::move(all), *kept_);
  }
  CountEvents(overlay.get(), reports.front());
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
  const std::shared_ptr<const EngineState> overlay = Overlay();
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
  for (const Other& other : others_) {
    CCKPI_ASSIGN_OR_RETURN(std::vector<std::vector<OpenWait>> theirs,
                           other.engine->LongestWaits(scopes, most));
    for (size_t s = 0; s < scopes.size(); ++s) {
      std::move(theirs[s].begin(), theirs[s].end(),
                std::back_inserter(result[s]));
    }
  }
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
  const std::shared_ptr<const EngineState> overlay = Overlay();
  RowSources sources = Sources(overlay.get());
  RowBuilder builder(sources, query);
  size_t bins = 0;
  for (const GroupBy& grouping : groupings) {
    for (size_t k : selected) {
      builder.HaveRows(bins);
      CCKPI_ASSIGN_OR_RETURN(
          std::vector<Distribution> of_kpi,
          builder.Distributions(setup_.plan.kpis[k], grouping));
      for (const Distribution& one : of_kpi) bins += one.bins.size();
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
  const std::shared_ptr<const EngineState> overlay = Overlay();
  const DimensionTable& dimensions =
      (overlay != nullptr ? *overlay : *state_).timeline().dimensions;
  // What was taken out again cancels what it took out.
  using Key = std::tuple<int64_t, std::string, uint32_t, int64_t, int64_t,
                         int64_t, std::string, Combination>;
  std::map<Key, int64_t> net;
  for (const EngineState* state :
       {static_cast<const EngineState*>(state_.get()), overlay.get()}) {
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
  // What replaces a resolution of an interaction takes it out in the name of
  // its own episode, and does not know where the span had ended.
  const auto bare = [](Key key) {
    std::get<2>(key) = 0;
    std::get<4>(key) = 0;
    return key;
  };
  std::map<Key, int64_t> owed;
  for (const auto& [key, count] : net) {
    if (count < 0) owed[bare(key)] -= count;
  }
  for (auto& [key, count] : net) {
    if (const auto less = owed.find(bare(key));
        count > 0 && less != owed.end()) {
      const int64_t cancelled = std::min(count, less->second);
      count -= cancelled;
      less->second -= cancelled;
    }
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
      explanation.group = LabelsOf(by, group, names_.texts);
      result.push_back(std::move(explanation));
    }
  }
  return result;
}

}  // namespace cckpi
