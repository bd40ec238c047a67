// EngineState: what events have made of the world so far.
//
// One instance holds everything up to the watermark. Another, made over it,
// takes what is pending for the length of a query.

#ifndef CCKPI_SRC_ENGINE_ENGINE_STATE_H_
#define CCKPI_SRC_ENGINE_ENGINE_STATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cckpi/kpi/report.h"
#include "src/engine/duplicate_filter.h"
#include "src/engine/pending_queue.h"
#include "src/kpi/booker.h"
#include "src/kpi/contributor_lists.h"
#include "src/kpi/forecasts.h"
#include "src/kpi/plan.h"
#include "src/timeline/episode_machine.h"
#include "src/timeline/timeline_state.h"

namespace cckpi {

// What does not change once an engine is made.
struct EngineSetup {
  Plan plan;
  std::vector<TextId> tag_names;                // by tag slot
  std::vector<std::vector<TextId>> severities;  // by review measure
  const KpiPlan* traced = nullptr;
  bool shard = false;  // keeps facts of agents instead of booking them
  std::vector<TextId> agent_states;  // in the order of the configuration
  AgentTimelineOptions agents;
  int64_t agent_capacity = 1;
  ContributorPlan contributors;
  KeyDictionary* interaction_names = nullptr;  // for contributors
};

// What a forecast is about; nullopt when it names a tag of no grouping.
std::optional<ForecastKey> KeyOfForecast(const EngineSetup& setup,
                                         const Fact& fact);

// Keeps the first kMaxRefusalsKept by place in the input, whatever order they
// come in: shards keep together what one engine would.
void KeepRefusal(Refusal refusal, std::vector<Refusal>& refusals);

class EngineState {
 public:
  EngineState(const EngineSetup& setup, ScheduleTable schedules,
              int64_t duplicate_window_us);
  // An overlay. `base` must not change while it lives.
  EngineState(const EngineSetup& setup, const EngineState& base);
  ~EngineState();
  EngineState(const EngineState&) = delete;
  EngineState& operator=(const EngineState&) = delete;

  // Applies an event; events come in the total order. `names` is only read.
  // What it has made known takes over the event's references.
  EpisodeMachine::News Apply(const PendingEvent& event, const Names& names);
  // Fires what is due before `limit`.
  void FireBefore(const Timer& limit) {
    if (setup_.shard) facts_.CausedByTimer();
    machine_.FireBefore(limit);
  }

  const TimelineState& timeline() const { return timeline_; }
  const Cells& cells() const { return cells_; }
  const ContributorLists& contributors() const { return contributors_; }
  const Forecasts& forecasts() const { return forecasts_; }
  const DuplicateFilter& duplicates() const { return duplicates_; }
  const EventCounts& counts() const { return counts_; }
  const std::vector<Refusal>& refusals() const { return refusals_; }
  const std::vector<Contribution>& contributions() const {
    return contributions_;
  }
  // Lets go of the contributors of buckets that no rule reaches at `now_us`.
  void DropContributors(int64_t now_us) {
    contributors_.DropBefore(setup_.contributors.FirstBucket(now_us));
  }
  EpisodeMachine& machine() { return machine_; }
  const AgentTimeline& agents() const { return agents_; }
  const AgentFacts& facts() const { return facts_; }

  // For those who restore and merge.
  struct Parts {
    TimelineState& timeline;
    Cells& cells;
    ContributorLists& contributors;
    AgentTimeline& agents;
    AgentFacts& facts;
    EpisodeMachine& machine;
    DuplicateFilter& duplicates;
    Forecasts& forecasts;
    EventCounts& counts;
  };
  Parts parts() {
    return {timeline_, cells_,      contributors_, agents_, facts_,
            machine_,  duplicates_, forecasts_,    counts_};
  }

  // Books agent time up to `at_us`; for good, or, in an overlay that nothing
  // is applied to any more, the open intervals too.
  void AdvanceAgents(int64_t at_us) {
    agents_.AdvanceAll(at_us, booker_);
    booker_.EndStretch();
  }
  // Books what has been put off, of interactions and of agent time; before
  // anybody looks.
  void SayAll() {
    machine_.SayAll();
    booker_.CatchUp();
  }
  // Of that, what is about agents.
  void ApplyAgentFacts() { booker_.ApplyFacts(); }
  void FlushAgents() {
    agents_.Flush(booker_);
    booker_.EndStretch();
  }
  void EmitOpenAgents(int64_t now_us) {
    agents_.EmitOpen(now_us, booker_);
    booker_.EndStretch();
  }

  // As in Booker.
  void PutOffAtMost(size_t most) { booker_.PutOffAtMost(most); }
  // Nothing more is applied: lets go of what only that needs.
  void DropRoom() { booker_.DropRoom(); }

  // Of a shard: books what was kept of agents; in an overlay also what the
  // base has kept. `names` are those of interactions.
  void ReplayAgents(const KeyDictionary& names);
  // The end of being a shard.
  void StopKeeping() {
    booker_.Keep(nullptr);
    facts_.Clear();
  }

  void Refuse(Refusal refusal);
  void CountLate(Refusal refusal);
  // Without counting it.
  void Keep(Refusal refusal);

 private:
  // Tells the parts of each other, as the setup asks for it.
  void Connect();
  // Counts it, too.
  bool IsDuplicate(const PendingEvent& event) {
    return event.fact.extra != nullptr && Seen(event);
  }
  bool Seen(const PendingEvent& event);
  void RefuseEvent(const PendingEvent& event, const absl::Status& status,
                   const Names& names);
  void ApplyForecast(const Fact& fact);
  void ApplyAgentState(const Fact& fact);

  const EngineSetup& setup_;
  TimelineState timeline_;
  Cells cells_;
  ContributorLists contributors_;
  Booker booker_;
  AgentTimeline agents_;
  AgentFacts facts_;
  EpisodeMachine machine_;
  DuplicateFilter duplicates_;
  Forecasts forecasts_;
  EventCounts counts_;
  std::vector<Refusal> refusals_;  // the first ones, in order
  std::vector<Contribution> contributions_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_ENGINE_STATE_H_
