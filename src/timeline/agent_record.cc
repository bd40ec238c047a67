#include "src/timeline/agent_record.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace cckpi {
namespace {

constexpr size_t kTurn = Index(AgentLoad::kAgentTurn);
constexpr size_t kAssigned = Index(AgentLoad::kAssigned);
constexpr size_t kFocus = Index(AgentLoad::kFocus);

constexpr uint8_t kSharedBits = kLoadAssigned | kLoadAgentTurn;
constexpr std::array<uint8_t, kAgentLoadCount> kBitOf = {
    BitOf(AgentLoad::kAgentTurn), BitOf(AgentLoad::kAssigned),
    BitOf(AgentLoad::kFocus)};

bool IsIdle(const AgentLevels& levels) {
  return (levels[0] | levels[1] | levels[2]) == 0;
}

bool Counts(AgentPresence presence, HandlePresence which) {
  switch (which) {
    case HandlePresence::kAvailable:
      return presence == AgentPresence::kAvailable;
    case HandlePresence::kAvailableOrUnreported:
      return presence == AgentPresence::kAvailable ||
             presence == AgentPresence::kUnreported;
    case HandlePresence::kAny:
      break;
  }
  return true;
}

// Is a level that anybody reads above 0?
bool IsTold(const AgentLevels& levels, const AgentTimelineOptions& options) {
  if ((options.levels & kAllLoads) == 0) return false;
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    if (levels[i] > 0 && (options.levels & kBitOf[i]) != 0) return true;
  }
  return false;
}

HandleTime Difference(const HandleTime& a, const HandleTime& b) {
  HandleTime difference;
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    difference.elapsed_us[i] = a.elapsed_us[i] - b.elapsed_us[i];
    difference.share_us[i] = a.share_us[i] - b.share_us[i];
  }
  return difference;
}

}  // namespace

// Slices walk through all episodes, so that these are copied then.
AgentRecord AgentRecord::Over(const AgentRecord& base,
                              const AgentTimelineOptions& options) {
  if (options.slices) return base;
  AgentRecord record(base.head_.agent);
  record.head_ = base.head_;
  record.handling_ = base.handling_.Over();
  return record;
}

AgentRecord::Handling AgentRecord::Handling::Over() const {
  Handling over;
  over.counted_us = counted_us;
  over.off_us = off_us;
  over.unsliced = unsliced;
  over.focus = focus;
  over.ledgers = ledgers;
  over.undealt_us = undealt_us;
  over.episodes = HandledEpisodes::Over(episodes);
  return over;
}

void AgentRecord::Handling::Deal(size_t load) {
  // Time is only undealt while the load has members.
  if (undealt_us[load] == 0) return;
  ledgers[load].Deal(undealt_us[load]);
  undealt_us[load] = 0;
}

HandleTime AgentRecord::Handling::Total(const Episode& episode,
                                        const EpisodeOrder* order) const {
  HandleTime total;
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    const bool runs = (episode.bits & kBitOf[i]) != 0;
    total.elapsed_us[i] = episode.elapsed_us[i] + (runs ? counted_us : 0);
    if (i == kFocus) continue;
    total.share_us[i] =
        episode.share_us[i] + (runs && ledgers[i].size() > 0
                                   ? ledgers[i].Received(episode.number, order)
                                   : 0);
  }
  total.share_us[kFocus] = total.elapsed_us[kFocus];
  total.off_presence_us = episode.off_us + (episode.bits != 0 ? off_us : 0);
  return total;
}

void AgentRecord::Handling::SetBits(Episode& episode, uint8_t bits,
                                    AgentLevels& levels,
                                    const AgentTimelineOptions& options) {
  if (bits == episode.bits) return;
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    const bool ran = (episode.bits & kBitOf[i]) != 0;
    const bool runs = (bits & kBitOf[i]) != 0;
    if (ran == runs) continue;
    episode.elapsed_us[i] += runs ? -counted_us : counted_us;
    if (runs) {
      ++levels[i];
    } else {
      --levels[i];
    }
    if (i == kFocus || (options.shares & kBitOf[i]) == 0) continue;
    Deal(i);
    if (runs) {
      ledgers[i].Insert(episode.number, options.order);
    } else {
      episode.share_us[i] += ledgers[i].Remove(episode.number, options.order);
    }
  }
  if ((episode.bits == 0) != (bits == 0)) {
    episode.off_us += bits != 0 ? -off_us : off_us;
  }
  episode.bits = bits;
}

// Leaves it to the caller to set the bit of the episode that takes it.
void AgentRecord::Handling::TakeFocus(uint64_t number, AgentLevels& levels,
                                      const AgentTimelineOptions& options) {
  if (focus.has_value() && *focus != number) {
    Episode& other = *episodes.Find(*focus);
    SetBits(other, other.bits & kSharedBits, levels, options);
  }
  focus = number;
}

void AgentRecord::Handling::SetGroup(Episode& episode, uint32_t group,
                                     const Head& head,
                                     const AgentTimelineOptions& options,
                                     AgentTimelineSink& sink) {
  if (episode.group == group) return;
  if ((episode.bits & kLoadAgentTurn) != 0) Deal(kTurn);
  if ((episode.bits & kLoadAssigned) != 0) Deal(kAssigned);
  EmitSlice(episode, head.agent, BucketOf(head.last_us), options, sink);
  episode.group = group;
}

void AgentRecord::Handling::EmitSlice(const Episode& episode, uint32_t agent,
                                      int32_t bucket,
                                      const AgentTimelineOptions& options,
                                      AgentTimelineSink& sink) {
  if (!options.slices) return;
  HandleTime total = Total(episode, options.order);
  const HandleTime slice = Difference(total, episodes.SlicedOf(episode));
  if (slice == HandleTime()) return;
  total.off_presence_us = 0;
  episodes.SetSliced(episode, total);
  sink.AddHandling({agent, bucket, episode.number, episode.group, slice});
}

void AgentRecord::Handling::EndBucket(uint32_t agent, int32_t bucket,
                                      const AgentTimelineOptions& options,
                                      AgentTimelineSink& sink) {
  Deal(kTurn);
  Deal(kAssigned);
  if (!unsliced) return;
  unsliced = false;
  for (const Episode* episode : episodes.InOrder()) {
    EmitSlice(*episode, agent, bucket, options, sink);
  }
}

void AgentRecord::Enter(Head& head, uint32_t state,
                        const AgentTimelineOptions& options) {
  head.state = state;
  head.classes = 0;
  if (state == kUnknownState) {
    head.presence =
        head.reported ? AgentPresence::kUnknown : AgentPresence::kUnreported;
    return;
  }
  head.classes = options.states[state];
  head.presence = (head.classes & kClassOffline) != 0 ? AgentPresence::kOffline
                  : (head.classes & (kClassAvailable | kClassHandling)) != 0
                      ? AgentPresence::kAvailable
                      : AgentPresence::kUnavailable;
}

void AgentRecord::Report(const Head& head, AgentAnomalyKind kind, int64_t at_us,
                         AgentTimelineSink& sink) {
  sink.AddAnomaly({head.agent, head.team, kind, at_us});
}

void AgentRecord::Emit(Head& head, const AgentLevels& levels,
                       const AgentTimelineOptions& options,
                       AgentTimelineSink& sink, int64_t buckets) {
  if (head.emitted_us == head.last_us) return;
  AgentInterval interval;
  interval.agent = head.agent;
  interval.team = head.team;
  interval.state = head.state;
  interval.presence = head.presence;
  interval.classes = head.classes;
  interval.visit = head.visit && head.state != kUnknownState;
  interval.bucket = head.bucket;  // which nothing put off reaches beyond
  interval.begin_us = head.emitted_us;
  interval.end_us = head.last_us - (buckets - 1) * kBucketSpan;
  for (size_t i = 0; options.levels != 0 && i < kAgentLoadCount; ++i) {
    if ((options.levels & kBitOf[i]) != 0) interval.levels[i] = levels[i];
  }
  head.emitted_us = head.last_us;
  if (interval.state == kUnknownState && IsIdle(interval.levels)) return;
  if (buckets == 1) {
    sink.AddInterval(interval);
  } else {
    sink.AddIntervals(interval, buckets);
  }
}

inline void AgentRecord::LevelsChanged(const AgentLevels& before,
                                       const AgentTimelineOptions& options,
                                       AgentTimelineSink& sink) {
  if (options.levels == 0 || before == head_.levels) return;
  Emit(head_, before, options, sink);
}

inline bool AgentRecord::Handling::HasBucketToEnd() const {
  return unsliced || (undealt_us[kTurn] | undealt_us[kAssigned]) != 0;
}

// Does nothing happen at the edges of buckets that the agent passes?
inline bool AgentRecord::Handling::SleepsThroughEdges(
    const Head& head, const AgentTimelineOptions& options) const {
  if (HasBucketToEnd()) return false;
  return IsIdle(head.levels) ||
         !Counts(head.presence, options.handle_presence) ||
         (!options.slices && (options.shares & kSharedBits) == 0);
}

inline void AgentRecord::Handling::Pass(const Head& head, int64_t time_us,
                                        const AgentTimelineOptions& options) {
  if (!Counts(head.presence, options.handle_presence)) {
    off_us += time_us;
    return;
  }
  if (IsIdle(head.levels)) return;
  counted_us += time_us;
  unsliced |= options.slices;
  if ((options.shares & kSharedBits) == 0) return;
  for (size_t i : {kTurn, kAssigned}) {
    if (head.levels[i] > 0 && (options.shares & kBitOf[i]) != 0) {
      undealt_us[i] += time_us;
    }
  }
}

void AgentRecord::Run(Head& head, Handling* handling, int64_t to_us,
                      const AgentTimelineOptions& options,
                      AgentTimelineSink& sink) {
  if (head.last_us == kNoTime) {
    head.last_us = to_us;
    head.emitted_us = to_us;
  }
  while (head.last_us < to_us) Step(head, handling, to_us, options, sink);
}

bool AgentRecord::IsAsleep(const AgentTimelineOptions& options) const {
  if (head_.last_us == kNoTime || head_.emitted_us != head_.last_us) {
    return false;
  }
  switch (head_.presence) {
    case AgentPresence::kUnavailable:
    case AgentPresence::kAvailable:
      return false;
    case AgentPresence::kUnreported:
      if (!options.unreported_intervals) return true;
      break;
    case AgentPresence::kOffline:
      return !options.offline_intervals && !IsTold(head_.levels, options) &&
             handling_.SleepsThroughEdges(head_, options);
    case AgentPresence::kUnknown:
      break;
  }
  return head_.state == kUnknownState && IsIdle(head_.levels) &&
         handling_.SleepsThroughEdges(head_, options);
}

bool AgentRecord::HasSlices(const AgentTimelineOptions& options) const {
  return handling_.unsliced || (options.slices && !IsIdle(head_.levels));
}

// A state that expires does so at the end of the stretch that leads to its
// expiry, so that it is unknown to a change at that very instant.
void AgentRecord::Step(Head& head, Handling* handling, int64_t to_us,
                       const AgentTimelineOptions& options,
                       AgentTimelineSink& sink) {
  const AgentPresence presence = head.presence;
  const bool is_on = presence >= AgentPresence::kUnavailable;
  const int64_t expiry_us = is_on && options.max_state_us > 0
                                ? head.state_event_us + options.max_state_us
                                : std::numeric_limits<int64_t>::max();
  int64_t end_us = std::min(to_us, expiry_us);
  head.FindBucket();
  const int64_t edge_us = head.edge_us;
  const bool is_quiet = head.state == kUnknownState && IsIdle(head.levels);
  const bool is_passed_over =
      presence == AgentPresence::kUnreported && !options.unreported_intervals;
  int64_t buckets = 1;  // from the one that time is in
  // Time that no interval tells of.
  bool is_silent = is_quiet || is_passed_over;
  if (is_silent) {
    head.visited_state = kUnknownState;
  } else {
    is_silent = presence == AgentPresence::kOffline &&
                !options.offline_intervals && !IsTold(head.levels, options);
    if (!is_silent ||
        (handling != nullptr && !handling->SleepsThroughEdges(head, options))) {
      // Whole buckets in which all stays as it is are told of together.
      if (head.emitted_us == head.last_us && head.visited_state == head.state &&
          head.last_us == edge_us - kBucketSpan && end_us > edge_us &&
          (handling == nullptr ||
           handling->SleepsThroughEdges(head, options))) {
        buckets = (end_us - head.last_us) / kBucketSpan;
      }
      end_us = std::min(end_us, edge_us + (buckets - 1) * kBucketSpan);
    }
    if (head.emitted_us == head.last_us) {
      head.visit = head.visited_state != head.state;
    }
    head.visited_state = head.state;
  }
  if (handling != nullptr) {
    handling->Pass(head, end_us - head.last_us, options);
    if (end_us >= edge_us && !is_passed_over && handling->HasBucketToEnd()) {
      handling->EndBucket(head.agent, head.bucket, options, sink);
    }
  }
  if (is_on && options.suspect_state_us > 0) {
    const int64_t suspect_us = head.state_event_us + options.suspect_state_us;
    if (head.last_us < suspect_us && suspect_us <= end_us) {
      Report(head, AgentAnomalyKind::kStateLong, suspect_us - 1, sink);
    }
  }
  head.last_us = end_us;
  const bool expires = end_us >= expiry_us;
  if (is_silent) {
    head.emitted_us = end_us;
  } else if (!options.defers || end_us >= edge_us || expires) {
    Emit(head, head.levels, options, sink, buckets);
  }
  if (expires) {
    Report(head, AgentAnomalyKind::kStateExpired, end_us - 1, sink);
    Enter(head, kUnknownState, options);
  }
}

void AgentRecord::SetState(const AgentStateChange& change,
                           const AgentTimelineOptions& options,
                           AgentTimelineSink& sink) {
  Run(head_, &handling_, change.at_us, options, sink);
  const uint32_t state =
      change.state < options.states.size() ? change.state : kUnknownState;
  const bool took_no_time = head_.state_event_us == head_.last_us &&
                            head_.state != head_.visited_state;
  if (took_no_time && head_.state != kUnknownState && state != head_.state) {
    Report(head_, AgentAnomalyKind::kStateReplaced, head_.last_us, sink);
  }
  const bool moves = change.team != kNoTeam && change.team != head_.team;
  // Until his first state nobody knew of his presence: that ends here too.
  if (state != head_.state || moves || !head_.reported) {
    Emit(head_, head_.levels, options, sink);
  }
  head_.reported = true;
  Enter(head_, state, options);
  head_.state_event_us = head_.last_us;
  if (!moves) return;
  if (head_.team != kNoTeam) {
    Report(head_, AgentAnomalyKind::kTeamChanged, head_.last_us, sink);
  }
  head_.team = change.team;
}

void AgentRecord::SetLoad(const AgentLoadChange& change,
                          const AgentTimelineOptions& options,
                          AgentTimelineSink& sink) {
  Run(head_, &handling_, change.at_us, options, sink);
  const uint8_t asked = change.bits & kAllLoads;
  const AgentLevels before = head_.levels;
  if (asked == 0 && !Handles(change.episode)) return;
  handling_.FindFocus();
  Episode& episode = handling_.episodes.At(change.episode);
  handling_.SetGroup(episode, change.group, head_, options, sink);
  const bool is_assignment = (asked & ~episode.bits & kLoadAssigned) != 0;
  const bool asked_focus = episode.asks_focus;
  episode.asks_focus = (asked & kLoadFocus) != 0;
  if (episode.asks_focus && !asked_focus) {
    handling_.TakeFocus(change.episode, head_.levels, options);
  } else if (!episode.asks_focus && handling_.focus == change.episode) {
    handling_.focus.reset();
  }
  const uint8_t bits = (asked & kSharedBits) |
                       (handling_.focus == change.episode ? kLoadFocus : 0);
  handling_.SetBits(episode, bits, head_.levels, options);
  LevelsChanged(before, options, sink);
  if (is_assignment) {
    sink.AddAssignment(
        {head_.agent, head_.team, head_.presence, head_.last_us, head_.levels});
  }
}

void AgentRecord::Focus(const AgentEpisode& change,
                        const AgentTimelineOptions& options,
                        AgentTimelineSink& sink) {
  Run(head_, &handling_, change.at_us, options, sink);
  handling_.FindFocus();
  Episode* found = handling_.episodes.Find(change.episode);
  if (found == nullptr) return;
  Episode& episode = *found;
  episode.asks_focus = true;
  const AgentLevels before = head_.levels;
  handling_.TakeFocus(change.episode, head_.levels, options);
  handling_.SetBits(episode, episode.bits | kLoadFocus, head_.levels, options);
  LevelsChanged(before, options, sink);
}

void AgentRecord::Reply(const AgentReply& reply,
                        const AgentTimelineOptions& options,
                        AgentTimelineSink& sink) {
  Run(head_, &handling_, reply.at_us, options, sink);
  switch (head_.presence) {
    case AgentPresence::kUnavailable:
      Report(head_, AgentAnomalyKind::kReplyUnavailable, head_.last_us, sink);
      break;
    case AgentPresence::kOffline:
      Report(head_, AgentAnomalyKind::kReplyOffline, head_.last_us, sink);
      break;
    case AgentPresence::kUnknown:
      Report(head_, AgentAnomalyKind::kReplyUnknown, head_.last_us, sink);
      break;
    default:
      break;
  }
  if (reply.of_another && !Handles(reply.episode)) {
    Report(head_, AgentAnomalyKind::kReplyUnassigned, head_.last_us, sink);
  }
  if (options.replies_confirm && head_.state != kUnknownState) {
    head_.state_event_us = head_.last_us;
  }
}

HandleTime AgentRecord::EndHandling(const AgentEpisode& change,
                                    const AgentTimelineOptions& options,
                                    AgentTimelineSink& sink) {
  Run(head_, &handling_, change.at_us, options, sink);
  Episode* found = handling_.episodes.Find(change.episode);
  if (found == nullptr) return {};
  Episode& episode = *found;
  if (handling_.focus == change.episode) handling_.focus.reset();
  const AgentLevels before = head_.levels;
  handling_.SetBits(episode, 0, head_.levels, options);
  LevelsChanged(before, options, sink);
  handling_.EmitSlice(episode, head_.agent, BucketOf(head_.last_us), options,
                      sink);
  const HandleTime total = handling_.Total(episode, options.order);
  handling_.episodes.Erase(episode);
  return total;
}

void AgentRecord::Advance(int64_t at_us, const AgentTimelineOptions& options,
                          AgentTimelineSink& sink) {
  Run(head_, &handling_, at_us, options, sink);
}

void AgentRecord::EmitOpen(int64_t now_us, const AgentTimelineOptions& options,
                           AgentTimelineSink& sink) const {
  Head head = head_;
  if (!HasSlices(options)) {
    Run(head, nullptr, now_us, options, sink);
    Emit(head, head.levels, options, sink);
    return;
  }
  Handling handling = handling_;
  Run(head, &handling, now_us, options, sink);
  Emit(head, head.levels, options, sink);
  handling.EndBucket(head.agent, BucketOf(head.last_us), options, sink);
}

AgentCheckpoint AgentRecord::ToCheckpoint(
    const AgentTimelineOptions& options) const {
  AgentCheckpoint checkpoint;
  checkpoint.team = head_.team;
  checkpoint.state = head_.state;
  checkpoint.visited_state = head_.visited_state;
  checkpoint.reported = head_.reported;
  checkpoint.state_event_us = head_.state_event_us;
  checkpoint.last_us = head_.last_us;
  checkpoint.undealt_us[kTurn] = handling_.undealt_us[kTurn];
  checkpoint.undealt_us[kAssigned] = handling_.undealt_us[kAssigned];
  checkpoint.episodes.reserve(handling_.episodes.size());
  for (const Episode* episode : handling_.episodes.InOrder()) {
    checkpoint.episodes.push_back(
        {episode->number, episode->group,
         static_cast<uint8_t>((episode->bits & kSharedBits) |
                              (episode->asks_focus ? kLoadFocus : 0)),
         (episode->bits & kLoadFocus) != 0,
         handling_.Total(*episode, options.order),
         handling_.episodes.SlicedOf(*episode)});
  }
  return checkpoint;
}

namespace {

bool IsTime(const HandleTime& time) {
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    if (time.elapsed_us[i] < 0 || time.elapsed_us[i] > kLatestTime ||
        time.share_us[i] < 0 || time.share_us[i] > time.elapsed_us[i]) {
      return false;
    }
  }
  return time.off_presence_us >= 0 && time.off_presence_us <= kLatestTime &&
         time.share_us[kFocus] == time.elapsed_us[kFocus];
}

bool IsState(uint32_t state, const AgentTimelineOptions& options) {
  return state == kUnknownState || state < options.states.size();
}

absl::Status CheckHead(const AgentCheckpoint& checkpoint,
                       const AgentTimelineOptions& options) {
  if (!IsState(checkpoint.state, options) ||
      !IsState(checkpoint.visited_state, options)) {
    return absl::InvalidArgumentError("agent: no such state");
  }
  if (checkpoint.last_us < kEarliestTime || checkpoint.last_us > kLatestTime) {
    return absl::InvalidArgumentError("agent: instant out of range");
  }
  const bool has_event = checkpoint.state_event_us != kNoTime;
  if (has_event != checkpoint.reported ||
      (checkpoint.state != kUnknownState && !has_event) ||
      (has_event && (checkpoint.state_event_us < kEarliestTime ||
                     checkpoint.state_event_us > checkpoint.last_us))) {
    return absl::InvalidArgumentError("agent: wrong instant of the state");
  }
  return absl::OkStatus();
}

absl::Status CheckEpisode(const AgentCheckpoint::Episode& episode) {
  const std::string place = absl::StrCat("agent: episode ", episode.episode);
  if ((episode.bits & ~kAllLoads) != 0 ||
      (episode.focus && (episode.bits & kLoadFocus) == 0)) {
    return absl::InvalidArgumentError(place + ": wrong bits");
  }
  if (!IsTime(episode.total) || !IsTime(episode.sliced)) {
    return absl::InvalidArgumentError(place + ": time out of range");
  }
  const HandleTime left = Difference(episode.total, episode.sliced);
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    if (left.elapsed_us[i] < 0 || left.share_us[i] < 0) {
      return absl::InvalidArgumentError(place + ": slices above the total");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AgentRecord> AgentRecord::FromCheckpoint(
    uint32_t agent, const AgentCheckpoint& checkpoint,
    const AgentTimelineOptions& options) {
  absl::Status status = CheckHead(checkpoint, options);
  if (!status.ok()) return status;
  AgentRecord record(agent);
  Head& head = record.head_;
  head.team = checkpoint.team;
  head.visited_state = checkpoint.visited_state;
  head.reported = checkpoint.reported;
  Enter(head, checkpoint.state, options);
  head.state_event_us = checkpoint.state_event_us;
  head.last_us = checkpoint.last_us;
  head.emitted_us = checkpoint.last_us;
  // A checkpoint may come from a time with other options.
  if (head.presence >= AgentPresence::kUnavailable &&
      options.max_state_us > 0 &&
      head.last_us >= head.state_event_us + options.max_state_us) {
    Enter(head, kUnknownState, options);
  }
  Handling& handling = record.handling_;
  std::optional<uint64_t> last;
  for (const AgentCheckpoint::Episode& from : checkpoint.episodes) {
    if (last.has_value() && *last >= from.episode) {
      return absl::InvalidArgumentError("agent: episodes out of order");
    }
    last = from.episode;
    status = CheckEpisode(from);
    if (!status.ok()) return status;
    if (from.focus) {
      if (handling.focus.has_value()) {
        return absl::InvalidArgumentError("agent: two episodes with focus");
      }
      handling.focus = from.episode;
    }
    Episode& episode = handling.episodes.At(from.episode);
    episode.group = from.group;
    episode.elapsed_us = from.total.elapsed_us;
    episode.share_us = {from.total.share_us[kTurn],
                        from.total.share_us[kAssigned]};
    episode.off_us = from.total.off_presence_us;
    handling.episodes.SetSliced(episode, from.sliced);
    episode.asks_focus = (from.bits & kLoadFocus) != 0;
    const uint8_t bits =
        (from.bits & kSharedBits) | (from.focus ? kLoadFocus : 0);
    handling.SetBits(episode, bits, head.levels, options);
  }
  for (size_t i : {kTurn, kAssigned}) {
    const int64_t undealt_us = checkpoint.undealt_us[i];
    // Time that is passed over is dealt when the load changes, however late.
    const int64_t limit_us =
        options.unreported_intervals ? kBucketSpan : kLatestTime;
    if (undealt_us < 0 || undealt_us >= limit_us ||
        (undealt_us > 0 && head.levels[i] == 0)) {
      return absl::InvalidArgumentError("agent: undealt time out of range");
    }
    handling.undealt_us[i] = undealt_us;
  }
  handling.unsliced = options.slices && handling.episodes.size() > 0;
  return record;
}

}  // namespace cckpi
