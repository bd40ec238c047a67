// AgentTimeline: the state machine that joins presence with load.
//
// It takes, for each agent and in one total order, the changes of his state
// and the changes of the episodes that occupy him, and emits the intervals
// between them. One agent:
//
//         SetState, Reply                     SetLoad, Focus
//   presence  ───────────┐                ┌── load: for each episode the bits
//   unreported → state → state → …        │   assigned, agent_turn; at most one
//        (→ unknown, on expiry)           │   episode has the focus
//                        └──── Advance ───┘
//                                │  cut at bucket edges
//        AgentInterval (state, levels)    HandlingSlice (episode, its time)
//
// An agent who is available from nine and gets an episode a minute later:
//
//   void OneHour(int64_t nine_us, AgentTimelineSink& sink) {
//     AgentTimelineOptions options;
//     options.states = {kClassPaid | kClassProductive | kClassAvailable,
//                       kClassOffline};
//     AgentTimeline timeline(options);
//     timeline.SetState({.agent = 7, .state = 0, .at_us = nine_us}, sink);
//     timeline.SetLoad({.agent = 7,
//                       .episode = 1,
//                       .bits = kLoadAssigned | kLoadAgentTurn,
//                       .at_us = nine_us + kMinute},
//                      sink);
//     timeline.EmitOpen(nine_us + kHour, sink);  // a query: changes nothing
//   }
//
// What is emitted is a function of the changes alone: it does not depend on
// when Advance or EmitOpen is called.
//
// Instants of one agent never go back; an earlier one counts as the latest
// seen. Changes at one instant take effect in the order of the calls, and what
// lasts no time is not emitted: the last state at an instant holds.
//
// A query that looks ahead of what is committed applies the pending changes to
// an overlay, which copies the agents that change and reads the others from
// the timeline below. The overlay must not outlive it, and the timeline below
// must not change meanwhile.
//
//   void LookAhead(const AgentTimeline& timeline,
//                  const AgentStateChange& pending, int64_t now_us,
//                  AgentTimelineSink& sink) {
//     AgentTimeline ahead = AgentTimeline::Over(timeline);
//     ahead.SetState(pending, sink);
//     ahead.EmitOpen(now_us, sink);
//   }
//
// This file defines AgentTimelineOptions, the changes, AgentCheckpoint and
// AgentTimeline. docs/agent-time.md defines every number.

#ifndef CCKPI_TIMELINE_AGENT_TIMELINE_H_
#define CCKPI_TIMELINE_AGENT_TIMELINE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "cckpi/timeline/agent_time.h"

namespace cckpi {

// In which presence an agent's load counts as handle time. Load that does not
// count is HandleTime::off_presence_us.
enum class HandlePresence : uint8_t {
  kAvailable = 0,              // shares sum to the busy time
  kAvailableOrUnreported = 1,  // also load of agents without any state event
  kAny = 2,
};

// The order of episodes that decides who gets the odd microseconds of a share.
class EpisodeOrder {
 public:
  virtual ~EpisodeOrder() = default;
  // A strict total order.
  virtual bool Before(uint64_t a, uint64_t b) const = 0;
};

inline constexpr int64_t kMaxStateSpan = 100 * 365 * kDay;

struct AgentTimelineOptions {
  std::vector<uint8_t> states;  // AgentClassBit bits of each state
  // A state that no event confirmed for this long is unknown from then on.
  // 0 or less: never; at most kMaxStateSpan. Offline states do not expire.
  int64_t max_state_us = 0;
  // Replies of the agent confirm his state too, one that has not expired.
  bool replies_confirm = false;
  // A state other than offline that no event confirmed for this long is an
  // anomaly, kStateLong. 0 or less: never.
  int64_t suspect_state_us = 0;
  HandlePresence handle_presence = HandlePresence::kAvailableOrUnreported;
  // Emit HandlingSlices. Costs one step for each episode of an agent in each
  // bucket; without it a bucket costs one step for each agent.
  bool slices = true;
  // Emit intervals, and cut stretches at bucket edges, also while the agent's
  // presence is unreported. Costs a step for each bucket of an episode that
  // somebody without state events holds, which may be years; without it such
  // time is in the handle times only.
  bool unreported_intervals = true;
  // Emit intervals also while the agent is offline and the levels that are told
  // are 0. Costs a step for each bucket of the night.
  bool offline_intervals = true;
  // The loads (AgentLoadBit bits) whose levels intervals and slices tell; of
  // the others intervals say level 0, and nothing is cut where they change.
  uint8_t levels = kAllLoads;
  // The loads whose shares handle times tell; of the others they are 0.
  uint8_t shares = kAllLoads;
  // Emit a stretch of time when it ends, or at Flush, instead of with every
  // change that leaves state and levels as they are.
  bool defers = false;
  // By the numbers of the episodes when null; outlives the timeline otherwise.
  const EpisodeOrder* order = nullptr;
};

struct AgentStateChange {
  uint32_t agent = 0;
  uint32_t state = kUnknownState;  // one that is not in the options: unknown
  uint32_t team = kNoTeam;         // kNoTeam: as before
  int64_t at_us = 0;
};

struct AgentLoadChange {
  uint32_t agent = 0;
  uint64_t episode = 0;
  uint8_t bits = 0;    // AgentLoadBit bits from now on
  uint32_t group = 0;  // of its slices from now on; what the host likes
  int64_t at_us = 0;
};

// An episode of an agent at an instant.
struct AgentEpisode {
  uint32_t agent = 0;
  uint64_t episode = 0;
  int64_t at_us = 0;
};

// A message of the agent to the customer.
struct AgentReply {
  uint32_t agent = 0;
  uint64_t episode = 0;
  // The host has assigned the episode to somebody else.
  bool of_another = false;
  int64_t at_us = 0;
};

// An agent's state as plain numbers, for snapshots.
struct AgentCheckpoint {
  struct Episode {
    uint64_t episode = 0;
    uint32_t group = 0;
    uint8_t bits = 0;    // as they were set
    bool focus = false;  // it is the one in the foreground
    HandleTime total;    // without `undealt_us`
    HandleTime sliced;   // of it, what slices have been emitted for
    friend bool operator==(const Episode&, const Episode&) = default;
  };
  uint32_t team = kNoTeam;
  uint32_t state = kUnknownState;
  uint32_t visited_state = kUnknownState;  // the latest one that took time
  bool reported = false;
  int64_t state_event_us = kNoTime;
  int64_t last_us = kNoTime;
  // Time of an unchanged load that no shares have been dealt of, by AgentLoad.
  std::array<int64_t, kAgentLoadCount> undealt_us = {};
  std::vector<Episode> episodes;  // by episode

  friend bool operator==(const AgentCheckpoint&,
                         const AgentCheckpoint&) = default;
};

class AgentRecord;

class AgentTimeline {
 public:
  explicit AgentTimeline(AgentTimelineOptions options);
  ~AgentTimeline();
  AgentTimeline(AgentTimeline&&) noexcept;
  AgentTimeline& operator=(AgentTimeline&&) noexcept;

  // A timeline that goes on where `base` is, without changing it.
  static AgentTimeline Over(const AgentTimeline& base);

  // The agent's state from now on.
  void SetState(const AgentStateChange& change, AgentTimelineSink& sink);

  // How an episode occupies the agent from now on. kLoadFocus, where the bits
  // before were without it, takes the foreground from the episode that has it;
  // an episode that lost it does not get it back by keeping the bit. Without
  // bits the episode is no load; what it took so far is kept until
  // EndHandling.
  void SetLoad(const AgentLoadChange& change, AgentTimelineSink& sink);

  // Brings an episode of the agent to the foreground (again).
  void Focus(const AgentEpisode& change, AgentTimelineSink& sink);

  // The agent replies: tells where that is odd.
  void Reply(const AgentReply& reply, AgentTimelineSink& sink);

  // Takes the episode from the agent and returns the time that it took him;
  // all 0 if it never was a load of his.
  HandleTime EndHandling(const AgentEpisode& change, AgentTimelineSink& sink);

  // Ask the memory for what a change will want: first for the agent, when he is
  // there for where his episode is, and then for the episode.
  void PrefetchAgent(uint32_t agent) const;
  void PrefetchEpisodePlace(uint32_t agent, uint64_t episode) const;
  void PrefetchEpisode(uint32_t agent, uint64_t episode) const;

  // Where the options defer: emits what has not been emitted yet, of every
  // agent up to the latest change of his. Needed before Checkpoint and before
  // a timeline is made over this one.
  void Flush(AgentTimelineSink& sink);

  // Emits what ended by `at_us`, of one agent or of all. No further change may
  // come before `at_us`. Optional: it keeps EmitOpen short. Of all, only those
  // are looked at that passing time does something to, and EmitOpen as well.
  void Advance(uint32_t agent, int64_t at_us, AgentTimelineSink& sink);
  void AdvanceAll(int64_t at_us, AgentTimelineSink& sink);

  // Emits everything from where each agent is up to `now_us`, and leaves the
  // timeline as it is.
  void EmitOpen(int64_t now_us, AgentTimelineSink& sink) const;

  // The time that the episode took the agent up to `now.at_us`; nullopt if it
  // is none of his. Costs a copy of the agent.
  std::optional<HandleTime> Handling(const AgentEpisode& now) const;

  // How many agents AdvanceAll and EmitOpen look at, of which some may have
  // fallen asleep since the last AdvanceAll; of an overlay beside those of the
  // timeline below.
  size_t awake_count() const { return awake_.size() + woken_.size(); }
  // The number of agents, known ones being below it.
  uint32_t agent_count() const;
  // Nullopt for an agent without any change.
  std::optional<AgentCheckpoint> Checkpoint(uint32_t agent) const;
  // InvalidArgument where no sequence of changes leads to such an agent.
  absl::Status Restore(uint32_t agent, const AgentCheckpoint& checkpoint);

  const AgentTimelineOptions& options() const { return options_; }

 private:
  const AgentRecord* Find(uint32_t agent) const;
  AgentRecord& Mutable(uint32_t agent);
  template <typename F>
  auto Change(uint32_t agent, F change);
  void Changed(uint32_t agent, AgentRecord& record, bool was_behind);
  void ListIfAwake(uint32_t agent, AgentRecord& record);
  void MergeWoken();
  std::vector<uint32_t> Awake() const;

  AgentTimelineOptions options_;
  const AgentTimeline* base_ = nullptr;
  std::vector<std::unique_ptr<AgentRecord>> records_;  // by agent; null: none
  std::vector<uint32_t> behind_;  // what has been put off, maybe twice
  // Those that passing time does something to, each once, perhaps some that it
  // does nothing to any more: in order, and those since the last AdvanceAll.
  std::vector<uint32_t> awake_;
  std::vector<uint32_t> woken_;
  // Up to where all agents are; those who are asleep have not been woken for
  // it.
  int64_t advanced_us_ = kNoTime;
};

}  // namespace cckpi

#endif  // CCKPI_TIMELINE_AGENT_TIMELINE_H_
