// Shards that have ended, put together to be asked.
//
// Of interactions nothing more comes, so only what was counted is put
// together: the agent time of what shards kept, agent by agent, and cells,
// store by store. Both are tasks that touch nothing of one another. No cell is
// merged: one store takes those of all.

#include <algorithm>
#include <functional>
#include <map>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "src/engine/engine_impl.h"
#include "src/kpi/definitions_text.h"

namespace cckpi {

struct Engine::Impl::Translation {
  std::vector<TextId> texts;
  std::vector<GroupId> groups;
  std::vector<DimensionsId> combinations;
  std::vector<uint16_t> schedules;
};

namespace {

Combination Translated(const Combination& values,
                       const std::vector<TextId>& texts) {
  Combination translated;
  translated.reserve(values.size());
  for (TextId value : values) translated.push_back(texts[value]);
  return translated;
}

std::vector<GroupId> TranslateGroups(const DimensionTable& from,
                                     const std::vector<TextId>& texts,
                                     DimensionTable& to) {
  std::vector<GroupId> groups;
  groups.reserve(from.group_count());
  for (size_t g = 0; g < from.group_count(); ++g) {
    const GroupId group = static_cast<GroupId>(g);
    groups.push_back(to.InternGroup(
        from.GroupingOf(group), Translated(from.GroupValues(group), texts)));
  }
  return groups;
}

std::vector<DimensionsId> TranslateCombinations(
    const DimensionTable& from, const std::vector<TextId>& texts,
    DimensionTable& to) {
  std::vector<DimensionsId> combinations;
  combinations.reserve(from.combination_count());
  for (size_t c = 0; c < from.combination_count(); ++c) {
    combinations.push_back(to.Intern(
        Translated(from.Values(static_cast<DimensionsId>(c)), texts)));
  }
  return combinations;
}

bool IsIdentity(const std::vector<uint16_t>& numbers) {
  for (size_t n = 0; n < numbers.size(); ++n) {
    if (numbers[n] != n) return false;
  }
  return true;
}

// Moves the cells, under the numbers of here.
template <typename Cell, typename Id>
void AddStore(CellStore<Cell>& from, const std::vector<Id>& groups,
              const std::vector<uint16_t>& schedules, CellStore<Cell>& to) {
  const auto group_of = [&groups](GroupId group) {
    return static_cast<GroupId>(groups[static_cast<size_t>(group)]);
  };
  if constexpr (std::is_same_v<Cell, BacklogCell>) {
    if (!IsIdentity(schedules)) {
      return to.TakeFrom(from, group_of, [&schedules](BacklogCell& cell) {
        BacklogEntries translated;
        cell.entries.ForEach([&](const BacklogEntry& entry, int64_t count) {
          translated.Add({entry.entered_us, schedules[entry.schedule]}, count);
        });
        cell.entries = std::move(translated);
      });
    }
  }
  to.TakeFrom(from, group_of);
}

// What shards kept of agents, under one set of numbers: texts are those of the
// whole, interactions are numbered shard after shard.
struct KeptFacts {
  struct Shard {
    const AgentFacts* facts = nullptr;
    const Names* names = nullptr;
    const DimensionTable* dimensions = nullptr;
    const std::vector<TextId>* texts = nullptr;  // as those of the whole
    uint32_t first = 0;  // what is added to its numbers of interactions
  };
  std::vector<Shard> shards;

  void Add(const EngineState& state, const Names& names,
           const std::vector<TextId>& texts) {
    const uint32_t first =
        shards.empty() ? 0
                       : shards.back().first +
                             static_cast<uint32_t>(
                                 shards.back().names->interactions.bound());
    shards.push_back(
        {&state.facts(), &names, &state.timeline().dimensions, &texts, first});
  }
};

// Episodes by the name of their interaction, then in order.
class ByKeptName : public EpisodeOrder {
 public:
  explicit ByKeptName(const KeptFacts& kept) : kept_(kept) {}

  bool Before(uint64_t a, uint64_t b) const override {
    const uint32_t x = static_cast<uint32_t>(a >> 32);
    const uint32_t y = static_cast<uint32_t>(b >> 32);
    if (x == y) return a < b;
    return Name(x) < Name(y);
  }

 private:
  KeyText Name(uint32_t interaction) const {
    size_t s = kept_.shards.size() - 1;
    while (kept_.shards[s].first > interaction) --s;
    const KeptFacts::Shard& shard = kept_.shards[s];
    return shard.names->interactions.Text(interaction - shard.first);
  }

  const KeptFacts& kept_;
};

// The agents, dealt to parts so that each has about as many facts.
std::vector<std::vector<TextId>> DealAgents(const KeptFacts& kept,
                                            size_t parts) {
  std::map<TextId, size_t> sizes;
  for (const KeptFacts::Shard& shard : kept.shards) {
    for (TextId agent : shard.facts->Agents()) {
      sizes[(*shard.texts)[agent]] += shard.facts->Find(agent)->size();
    }
  }
  std::vector<std::pair<size_t, TextId>> agents;
  for (const auto& [agent, size] : sizes) agents.emplace_back(size, agent);
  std::sort(agents.rbegin(), agents.rend());
  std::vector<std::vector<TextId>> dealt(parts);
  std::vector<size_t> loads(parts, 0);
  for (const auto& [size, agent] : agents) {
    const size_t part = static_cast<size_t>(
        std::min_element(loads.begin(), loads.end()) - loads.begin());
    loads[part] += size;
    dealt[part].push_back(agent);
  }
  return dealt;
}

// The agent time of some of the agents: all of it, from what shards kept.
class AgentPart {
 public:
  AgentPart(const EngineSetup& setup, const KeptFacts& kept)
      : kept_(kept),
        order_(kept),
        dimensions_(setup.plan.slots, kSlotTags + setup.plan.tags.size()),
        cells_(setup.plan),
        booker_(setup.plan, dimensions_, cells_, setup.severities),
        agents_(Options(setup)) {
    booker_.Feed(&agents_, setup.agent_capacity);
  }

  // Books the time of `agents` up to now; nothing more is known after that.
  void Book(const std::vector<TextId>& agents, int64_t now_us) {
    std::vector<FactSource> sources;
    for (const KeptFacts::Shard& shard : kept_.shards) {
      sources.push_back(
          {shard.facts, &shard.names->interactions, Translation(shard)});
    }
    // By the number of the whole.
    HashMap<TextId, FactsOfAgent> facts;
    for (TextId agent : agents) facts.try_emplace(agent, agent);
    for (size_t s = 0; s < sources.size(); ++s) {
      for (TextId theirs : kept_.shards[s].facts->Agents()) {
        auto found = facts.find((*kept_.shards[s].texts)[theirs]);
        if (found != facts.end()) found->second.Add(sources[s], theirs);
      }
    }
    std::vector<FactsOfAgent> in_order;
    for (TextId agent : agents) {
      in_order.push_back(std::move(facts.find(agent)->second));
    }
    booker_.Replay(std::move(in_order));
    agents_.EmitOpen(now_us, booker_);
    booker_.EndStretch();
  }

  const DimensionTable& dimensions() const { return dimensions_; }
  Cells& cells() { return cells_; }

 private:
  AgentTimelineOptions Options(const EngineSetup& setup) const {
    AgentTimelineOptions options = setup.agents;
    options.order = &order_;
    return options;
  }

  std::function<void(AgentFact&)> Translation(const KeptFacts::Shard& shard) {
    // Combinations are translated when a fact names them; kNone (0) is the
    // same in both.
    return [this, &shard,
            combinations = std::vector<DimensionsId>(
                shard.dimensions->combination_count())](
               AgentFact& fact) mutable {
      if (fact.interaction != InteractionId::kNone) {
        fact.interaction = static_cast<InteractionId>(
            static_cast<uint32_t>(fact.interaction) + shard.first);
      }
      if (fact.dimensions != DimensionsId::kNone) {
        DimensionsId& here = combinations[static_cast<size_t>(fact.dimensions)];
        if (here == DimensionsId::kNone) {
          here = dimensions_.Intern(Translated(
              shard.dimensions->Values(fact.dimensions), *shard.texts));
        }
        fact.dimensions = here;
      }
      fact.team = (*shard.texts)[fact.team];
    };
  }

  const KeptFacts& kept_;
  ByKeptName order_;
  DimensionTable dimensions_;
  Cells cells_;
  Booker booker_;
  AgentTimeline agents_;
};

}  // namespace

absl::Status Engine::Impl::CheckTogether(const Impl& other) const {
  if (definitions_ != other.definitions_) {
    return absl::FailedPreconditionError(
        absl::StrCat("together: the definitions differ: ",
                     DefinitionsDifference(other.definitions_, definitions_)));
  }
  if (other.setup_.traced != nullptr) {
    return absl::FailedPreconditionError(
        "together: observations that are kept for Explain cannot be put "
        "together");
  }
  if (other.only_answers_ || !other.finished_ || other.pending_.size() > 0) {
    return absl::FailedPreconditionError("together: a shard is not finished");
  }
  if (other.now_us() != now_us()) {
    return absl::FailedPreconditionError(
        "together: the shards are at different instants");
  }
  if (setup_.plan.keeps_agent_time && !other.setup_.shard) {
    return absl::FailedPreconditionError(
        "together: with agent time, all have to be shards (EngineOptions)");
  }
  return absl::OkStatus();
}

Engine::Impl::Translation Engine::Impl::Translate(const Impl& other) {
  Translation result;
  TimelineState& timeline = state_->parts().timeline;
  const TimelineState& theirs = other.state_->timeline();
  const Dictionary& texts = other.names_.texts;
  result.texts.reserve(texts.size());
  for (uint32_t t = 0; t < texts.size(); ++t) {
    result.texts.push_back(names_.texts.Intern(texts.Text(t)));
  }
  result.groups =
      TranslateGroups(theirs.dimensions, result.texts, timeline.dimensions);
  result.combinations = TranslateCombinations(theirs.dimensions, result.texts,
                                              timeline.dimensions);
  // Schedule 0 is "always open".
  result.schedules.push_back(0);
  for (size_t s = 1; s < theirs.schedules.size(); ++s) {
    result.schedules.push_back(timeline.schedules.OfRules(
        theirs.schedules.RulesOf(static_cast<uint16_t>(s))));
  }
  return result;
}

absl::StatusOr<std::unique_ptr<Engine::Impl>> Engine::Impl::Together(
    std::vector<std::unique_ptr<Impl>> shards, const RunTasks& run) {
  if (shards.empty()) {
    return absl::InvalidArgumentError("together: there is no shard");
  }
  for (const std::unique_ptr<Impl>& shard : shards) {
    CCKPI_RETURN_IF_ERROR(shards.front()->CheckTogether(*shard));
  }
  for (const std::unique_ptr<Impl>& shard : shards) shard->DropOverlay();
  std::unique_ptr<Impl> whole = std::move(shards.front());
  whole->only_answers_ = true;
  whole->kept_ = std::make_unique<KeptAnswers>();
  EngineState& state = *whole->state_;
  std::vector<Translation> translations;
  for (size_t s = 1; s < shards.size(); ++s) {
    Impl& shard = *shards[s];
    Translation translation = whole->Translate(shard);
    for (const auto& [key, volume] : shard.state_->forecasts()) {
      ForecastKey translated = key;
      translated.values = Translated(key.values, translation.texts);
      state.parts().forecasts[std::move(translated)] = volume;
    }
    const EventCounts& theirs = shard.state_->counts();
    EventCounts& counts = state.parts().counts;
    counts.applied += theirs.applied;
    counts.duplicate += theirs.duplicate;
    counts.late += theirs.late;
    counts.refused += theirs.refused;
    for (const Refusal& refusal : shard.state_->refusals()) {
      state.Keep(refusal);
    }
    if (whole->first_us_ == kNoTime) whole->first_us_ = shard.first_us_;
    if (shard.first_us_ != kNoTime) {
      whole->first_us_ = std::min(whole->first_us_, shard.first_us_);
    }
    whole->greatest_us_ = std::max(whole->greatest_us_, shard.greatest_us_);
    translations.push_back(std::move(translation));
  }

  // Agent time, as many parts as there are shards.
  std::vector<TextId> same(whole->names_.texts.size());
  for (size_t t = 0; t < same.size(); ++t) same[t] = static_cast<TextId>(t);
  KeptFacts kept;
  std::vector<std::unique_ptr<AgentPart>> parts;
  if (whole->setup_.shard && whole->now_us() != kNoTime) {
    kept.Add(state, whole->names_, same);
    for (size_t s = 1; s < shards.size(); ++s) {
      kept.Add(*shards[s]->state_, shards[s]->names_,
               translations[s - 1].texts);
    }
    const std::vector<std::vector<TextId>> dealt =
        DealAgents(kept, shards.size());
    parts.resize(shards.size());
    std::vector<std::function<void()>> tasks;
    for (size_t p = 0; p < parts.size(); ++p) {
      tasks.push_back([&, p] {
        parts[p] = std::make_unique<AgentPart>(whole->setup_, kept);
        parts[p]->Book(dealt[p], whole->now_us());
      });
    }
    run(tasks);
    for (const std::unique_ptr<AgentPart>& part : parts) {
      translations.emplace_back().groups = TranslateGroups(
          part->dimensions(), same, state.parts().timeline.dimensions);
    }
  }
  whole->setup_.shard = false;

  // Cells. `froms` and `translations` are side by side.
  std::vector<Cells*> froms;
  for (size_t s = 1; s < shards.size(); ++s) {
    froms.push_back(&shards[s]->state_->parts().cells);
  }
  for (const std::unique_ptr<AgentPart>& part : parts) {
    froms.push_back(&part->cells());
  }
  // What is added to one store, by store.
  struct Addition {
    size_t size = 0;
    std::vector<std::function<void()>> steps;
  };
  std::vector<Addition> additions;
  for (size_t t = 0; t < froms.size(); ++t) {
    const Translation& translation = translations[t];
    size_t number = 0;
    auto add = [&](auto& store, auto& theirs, const auto& ids) {
      if (number == additions.size()) additions.emplace_back();
      Addition& addition = additions[number++];
      addition.size += theirs.size();
      addition.steps.push_back(
          [&theirs, &ids, &schedules = translation.schedules, &store] {
            AddStore(theirs, ids, schedules, store);
          });
    };
    ForEachStorePair(state.parts().cells, *froms[t],
                     [&](auto& store, auto& theirs) {
                       add(store, theirs, translation.groups);
                     });
    // Agents bring none.
    if (t + 1 < shards.size()) {
      add(state.parts().cells.arrivals, froms[t]->arrivals,
          translation.combinations);
    }
  }
  // The longest ones first.
  std::stable_sort(
      additions.begin(), additions.end(),
      [](const Addition& a, const Addition& b) { return a.size > b.size; });
  std::vector<std::function<void()>> tasks;
  tasks.push_back([&state] { state.StopKeeping(); });
  for (size_t s = 1; s < shards.size(); ++s) {
    tasks.push_back([&other = *shards[s]->state_] { other.StopKeeping(); });
  }
  for (const Addition& addition : additions) {
    tasks.push_back([&addition] {
      for (const std::function<void()>& step : addition.steps) step();
    });
  }
  run(tasks);

  for (size_t s = 1; s < shards.size(); ++s) {
    whole->others_.push_back(
        {std::move(shards[s]), std::move(translations[s - 1].texts)});
  }
  return whole;
}

}  // namespace cckpi
