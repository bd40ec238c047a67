// AgentRecord: one agent of an AgentTimeline.
//
// It has two parts. The head says where the agent is in time and in which
// state and load; intervals follow from it alone. The handling says what each
// episode took him. A query that wants no slices copies only the head, and of
// who is changed the episodes that are.

#ifndef CCKPI_SRC_TIMELINE_AGENT_RECORD_H_
#define CCKPI_SRC_TIMELINE_AGENT_RECORD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "cckpi/timeline/agent_timeline.h"
#include "src/timeline/agent_share.h"
#include "src/timeline/handled_episodes.h"

namespace cckpi {

class AgentRecord {
 public:
  explicit AgentRecord(uint32_t agent) { head_.agent = agent; }

  // A copy of a record that does not change while the copy lives.
  static AgentRecord Over(const AgentRecord& base,
                          const AgentTimelineOptions& options);

  static absl::StatusOr<AgentRecord> FromCheckpoint(
      uint32_t agent, const AgentCheckpoint& checkpoint,
      const AgentTimelineOptions& options);
  AgentCheckpoint ToCheckpoint(const AgentTimelineOptions& options) const;

  // As in AgentTimeline.
  void SetState(const AgentStateChange& change,
                const AgentTimelineOptions& options, AgentTimelineSink& sink);
  void SetLoad(const AgentLoadChange& change,
               const AgentTimelineOptions& options, AgentTimelineSink& sink);
  void Focus(const AgentEpisode& change, const AgentTimelineOptions& options,
             AgentTimelineSink& sink);
  void Reply(const AgentReply& reply, const AgentTimelineOptions& options,
             AgentTimelineSink& sink);
  HandleTime EndHandling(const AgentEpisode& change,
                         const AgentTimelineOptions& options,
                         AgentTimelineSink& sink);
  void Advance(int64_t at_us, const AgentTimelineOptions& options,
               AgentTimelineSink& sink);
  void EmitOpen(int64_t now_us, const AgentTimelineOptions& options,
                AgentTimelineSink& sink) const;

  // Emits what has been put off.
  void Flush(const AgentTimelineOptions& options, AgentTimelineSink& sink) {
    Emit(head_, head_.levels, options, sink);
  }
  bool IsBehind() const { return head_.emitted_us < head_.last_us; }
  // Does nothing come of time that passes, whether in one step or in several?
  // Then it need not be told to him before something happens.
  bool IsAsleep(const AgentTimelineOptions& options) const;
  // Or else, does EmitOpen tell of slices?
  bool HasSlices(const AgentTimelineOptions& options) const;
  // Is he in the timeline's list of those that time does something to?
  bool is_listed() const { return is_listed_; }
  void SetListed(bool is_listed) { is_listed_ = is_listed; }

  void PrefetchEpisodePlace(uint64_t episode) const {
    handling_.episodes.PrefetchPlace(episode);
  }
  void PrefetchEpisode(uint64_t episode) const {
    handling_.episodes.Prefetch(episode);
  }
  bool Handles(uint64_t episode) const {
    return handling_.episodes.contains(episode);
  }

 private:
  struct Head {
    uint32_t agent = 0;
    uint32_t team = kNoTeam;
    uint32_t state = kUnknownState;
    uint32_t visited_state = kUnknownState;
    AgentPresence presence = AgentPresence::kUnreported;  // of the state
    uint8_t classes = 0;                                  // of the state
    bool reported = false;
    int64_t state_event_us = kNoTime;
    int64_t last_us = kNoTime;     // where he is in time
    int64_t emitted_us = kNoTime;  // intervals before it have been emitted
    // Of the time since emitted_us, which knows one state and levels that
    // nobody reads a change of: does a visit of the state begin with it?
    bool visit = false;
    AgentLevels levels = {};
    // Where last_us was when time last went on, as FindBucket found it.
    int32_t bucket = 0;
    int64_t edge_us = kNoTime;  // where the bucket ends

    void FindBucket() {
      if (last_us < edge_us) return;  // time does not go back
      bucket = BucketOf(last_us);
      edge_us = BucketBegin(bucket) + kBucketSpan;
    }
  };

  using Episode = HandledEpisode;

  struct Handling {
    int64_t counted_us = 0;  // clock of the time whose load counts
    int64_t off_us = 0;      // clock of the other time
    bool unsliced = false;   // load counted since the last slices, if asked for
    std::optional<uint64_t> focus;
    // Of kAgentTurn and kAssigned; a focus is shared by nobody.
    std::array<ShareLedger, 2> ledgers;
    std::array<int64_t, 2> undealt_us = {};
    HandledEpisodes episodes;

    Handling Over() const;
    bool HasBucketToEnd() const;
    bool SleepsThroughEdges(const Head& head,
                            const AgentTimelineOptions& options) const;
    // Time goes on with the load and the presence of the head.
    void Pass(const Head& head, int64_t time_us,
              const AgentTimelineOptions& options);
    // Deals what has not been dealt of a load.
    void Deal(size_t load);
    HandleTime Total(const Episode& episode, const EpisodeOrder* order) const;
    void SetBits(Episode& episode, uint8_t bits, AgentLevels& levels,
                 const AgentTimelineOptions& options);
    // Finds the episode in focus; before one is found that is to stay where it
    // is when the focus is taken.
    void FindFocus() {
      if (focus.has_value()) episodes.Find(*focus);
    }
    void TakeFocus(uint64_t number, AgentLevels& levels,
                   const AgentTimelineOptions& options);
    void SetGroup(Episode& episode, uint32_t group, const Head& head,
                  const AgentTimelineOptions& options, AgentTimelineSink& sink);
    void EmitSlice(const Episode& episode, uint32_t agent, int32_t bucket,
                   const AgentTimelineOptions& options,
                   AgentTimelineSink& sink);
    void EndBucket(uint32_t agent, int32_t bucket,
                   const AgentTimelineOptions& options,
                   AgentTimelineSink& sink);
  };

  static void Enter(Head& head, uint32_t state,
                    const AgentTimelineOptions& options);
  static void Report(const Head& head, AgentAnomalyKind kind, int64_t at_us,
                     AgentTimelineSink& sink);
  // The stretch that has been put off, under what were his levels in it.
  static void Emit(Head& head, const AgentLevels& levels,
                   const AgentTimelineOptions& options, AgentTimelineSink& sink,
                   int64_t buckets = 1);
  // Levels have changed from `before`: what was put off ends here.
  void LevelsChanged(const AgentLevels& before,
                     const AgentTimelineOptions& options,
                     AgentTimelineSink& sink);
  // `handling` may be null.
  static void Run(Head& head, Handling* handling, int64_t to_us,
                  const AgentTimelineOptions& options, AgentTimelineSink& sink);
  // Runs to `to_us`, which is ahead, or as far as nothing changes.
  static void Step(Head& head, Handling* handling, int64_t to_us,
                   const AgentTimelineOptions& options,
                   AgentTimelineSink& sink);

  Head head_;
  Handling handling_;
  bool is_listed_ = false;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_AGENT_RECORD_H_
