#include "cckpi/timeline/agent_timeline.h"

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <utility>

#include "cckpi/base/prefetch.h"
#include "src/timeline/agent_record.h"

namespace cckpi {
namespace {

class NullSink final : public AgentTimelineSink {
 public:
  void AddInterval(const AgentInterval&) override {}
  void AddAssignment(const AgentAssignment&) override {}
  void AddHandling(const HandlingSlice&) override {}
  void AddAnomaly(const AgentAnomaly&) override {}
};

}  // namespace

AgentTimeline::AgentTimeline(AgentTimelineOptions options)
    : options_(std::move(options)) {
  options_.max_state_us = std::min(options_.max_state_us, kMaxStateSpan);
}
AgentTimeline::~AgentTimeline() = default;
AgentTimeline::AgentTimeline(AgentTimeline&&) noexcept = default;
AgentTimeline& AgentTimeline::operator=(AgentTimeline&&) noexcept = default;

AgentTimeline AgentTimeline::Over(const AgentTimeline& base) {
  AgentTimeline overlay(base.options_);
  overlay.base_ = &base;
  return overlay;
}

const AgentRecord* AgentTimeline::Find(uint32_t agent) const {
  if (agent < records_.size() && records_[agent] != nullptr) {
    return records_[agent].get();
  }
  return base_ == nullptr ? nullptr : base_->Find(agent);
}

AgentRecord& AgentTimeline::Mutable(uint32_t agent) {
  if (records_.size() <= agent) records_.resize(size_t{agent} + 1);
  std::unique_ptr<AgentRecord>& record = records_[agent];
  if (record == nullptr) {
    const AgentRecord* below = base_ == nullptr ? nullptr : base_->Find(agent);
    record = below == nullptr ? std::make_unique<AgentRecord>(agent)
                              : std::make_unique<AgentRecord>(
                                    AgentRecord::Over(*below, options_));
    record->SetListed(false);
  }
  return *record;
}

template <typename F>
auto AgentTimeline::Change(uint32_t agent, F change) {
  AgentRecord& record = Mutable(agent);
  const bool was_behind = record.IsBehind();
  if constexpr (std::is_void_v<decltype(change(record))>) {
    change(record);
    Changed(agent, record, was_behind);
  } else {
    auto result = change(record);
    Changed(agent, record, was_behind);
    return result;
  }
}

// Remembers who has fallen behind, and who has woken up.
inline void AgentTimeline::Changed(uint32_t agent, AgentRecord& record,
                                   bool was_behind) {
  if (!was_behind && record.IsBehind()) behind_.push_back(agent);
  if (!record.is_listed()) ListIfAwake(agent, record);
}

void AgentTimeline::ListIfAwake(uint32_t agent, AgentRecord& record) {
  if (record.IsAsleep(options_) && !record.HasSlices(options_)) return;
  woken_.push_back(agent);
  record.SetListed(true);
}

// Those that woke up take their places in the order.
void AgentTimeline::MergeWoken() {
  if (woken_.empty()) return;
  std::sort(woken_.begin(), woken_.end());
  size_t from = awake_.size();
  size_t to = from + woken_.size();
  awake_.resize(to);
  while (!woken_.empty()) {
    const bool is_next = from > 0 && awake_[from - 1] > woken_.back();
    awake_[--to] = is_next ? awake_[--from] : woken_.back();
    if (!is_next) woken_.pop_back();
  }
}

// Of an overlay, with those of the timeline below, in order.
std::vector<uint32_t> AgentTimeline::Awake() const {
  std::vector<uint32_t> lately = woken_;
  if (base_ != nullptr) {
    lately.insert(lately.end(), awake_.begin(), awake_.end());
    lately.insert(lately.end(), base_->woken_.begin(), base_->woken_.end());
  }
  std::sort(lately.begin(), lately.end());
  const std::vector<uint32_t>& others =
      base_ == nullptr ? awake_ : base_->awake_;
  std::vector<uint32_t> agents;
  agents.reserve(lately.size() + others.size());
  std::set_union(lately.begin(), lately.end(), others.begin(), others.end(),
                 std::back_inserter(agents));
  agents.erase(std::unique(agents.begin(), agents.end()), agents.end());
  return agents;
}

void AgentTimeline::PrefetchAgent(uint32_t agent) const {
  if (agent >= records_.size() || records_[agent] == nullptr) return;
  PrefetchWhole(*records_[agent]);
}

void AgentTimeline::PrefetchEpisodePlace(uint32_t agent,
                                         uint64_t episode) const {
  if (agent >= records_.size() || records_[agent] == nullptr) return;
  records_[agent]->PrefetchEpisodePlace(episode);
}

void AgentTimeline::PrefetchEpisode(uint32_t agent, uint64_t episode) const {
  if (agent >= records_.size() || records_[agent] == nullptr) return;
  records_[agent]->PrefetchEpisode(episode);
}

void AgentTimeline::Flush(AgentTimelineSink& sink) {
  for (uint32_t agent : behind_) records_[agent]->Flush(options_, sink);
  behind_.clear();
}

void AgentTimeline::SetState(const AgentStateChange& change,
                             AgentTimelineSink& sink) {
  Change(change.agent,
         [&](AgentRecord& record) { record.SetState(change, options_, sink); });
}

void AgentTimeline::SetLoad(const AgentLoadChange& change,
                            AgentTimelineSink& sink) {
  Change(change.agent,
         [&](AgentRecord& record) { record.SetLoad(change, options_, sink); });
}

void AgentTimeline::Focus(const AgentEpisode& change, AgentTimelineSink& sink) {
  Change(change.agent,
         [&](AgentRecord& record) { record.Focus(change, options_, sink); });
}

void AgentTimeline::Reply(const AgentReply& reply, AgentTimelineSink& sink) {
  // Of somebody nothing is known about, only one thing can be odd.
  if (!reply.of_another && Find(reply.agent) == nullptr) return;
  Change(reply.agent,
         [&](AgentRecord& record) { record.Reply(reply, options_, sink); });
}

HandleTime AgentTimeline::EndHandling(const AgentEpisode& change,
                                      AgentTimelineSink& sink) {
  return Change(change.agent, [&](AgentRecord& record) {
    return record.EndHandling(change, options_, sink);
  });
}

void AgentTimeline::Advance(uint32_t agent, int64_t at_us,
                            AgentTimelineSink& sink) {
  if (Find(agent) == nullptr) return;
  Change(agent,
         [&](AgentRecord& record) { record.Advance(at_us, options_, sink); });
}

void AgentTimeline::AdvanceAll(int64_t at_us, AgentTimelineSink& sink) {
  if (base_ != nullptr) {
    for (uint32_t agent : Awake()) {
      if (!Find(agent)->IsAsleep(options_)) Advance(agent, at_us, sink);
    }
    return;
  }
  advanced_us_ = std::max(advanced_us_, at_us);
  MergeWoken();
  size_t kept = 0;
  for (uint32_t agent : awake_) {
    AgentRecord& record = *records_[agent];
    if (!record.IsAsleep(options_)) {
      const bool was_behind = record.IsBehind();
      record.Advance(at_us, options_, sink);
      if (!was_behind && record.IsBehind()) behind_.push_back(agent);
    } else if (!record.HasSlices(options_)) {
      record.SetListed(false);
      continue;
    }
    awake_[kept++] = agent;
  }
  awake_.resize(kept);
}

void AgentTimeline::EmitOpen(int64_t now_us, AgentTimelineSink& sink) const {
  for (uint32_t agent : Awake()) {
    Find(agent)->EmitOpen(now_us, options_, sink);
  }
}

std::optional<HandleTime> AgentTimeline::Handling(
    const AgentEpisode& now) const {
  const AgentRecord* record = Find(now.agent);
  if (record == nullptr || !record->Handles(now.episode)) return std::nullopt;
  AgentRecord copy = *record;
  NullSink sink;
  return copy.EndHandling(now, options_, sink);
}

uint32_t AgentTimeline::agent_count() const {
  const uint32_t count = static_cast<uint32_t>(records_.size());
  return base_ == nullptr ? count : std::max(count, base_->agent_count());
}

std::optional<AgentCheckpoint> AgentTimeline::Checkpoint(uint32_t agent) const {
  const AgentRecord* record = Find(agent);
  if (record == nullptr) return std::nullopt;
  const int64_t advanced_us =
      base_ == nullptr ? advanced_us_ : base_->advanced_us_;
  if (!record->IsAsleep(options_)) return record->ToCheckpoint(options_);
  AgentRecord copy = *record;
  NullSink sink;
  copy.Advance(advanced_us, options_, sink);
  return copy.ToCheckpoint(options_);
}

absl::Status AgentTimeline::Restore(uint32_t agent,
                                    const AgentCheckpoint& checkpoint) {
  absl::StatusOr<AgentRecord> record =
      AgentRecord::FromCheckpoint(agent, checkpoint, options_);
  if (!record.ok()) return record.status();
  AgentRecord& known = Mutable(agent);
  record->SetListed(known.is_listed());
  known = *std::move(record);
  if (!known.is_listed()) ListIfAwake(agent, known);
  return absl::OkStatus();
}

}  // namespace cckpi
