#include "cckpi/timeline/agent_timeline.h"

#include <algorithm>
#include <utility>

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
  }
  return *record;
}

template <typename F>
auto AgentTimeline::Change(uint32_t agent, F change) {
  // Remembers who has fallen behind, whatever the change returns.
  struct Watch {
    AgentTimeline& timeline;
    AgentRecord& record;
    uint32_t agent;
    bool was_behind;
    ~Watch() {
      if (!was_behind && record.IsBehind()) timeline.behind_.push_back(agent);
    }
  };
  AgentRecord& record = Mutable(agent);
  Watch watch{*this, record, agent, record.IsBehind()};
  return change(record);
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
  const uint32_t count = agent_count();
  if (base_ != nullptr) {
    for (uint32_t agent = 0; agent < count; ++agent) {
      Advance(agent, at_us, sink);
    }
    return;
  }
  advanced_us_ = std::max(advanced_us_, at_us);
  for (uint32_t agent = 0; agent < count; ++agent) {
    AgentRecord* record = records_[agent].get();
    if (record == nullptr || record->IsAsleep(options_)) continue;
    const bool was_behind = record->IsBehind();
    record->Advance(at_us, options_, sink);
    if (!was_behind && record->IsBehind()) behind_.push_back(agent);
  }
}

void AgentTimeline::EmitOpen(int64_t now_us, AgentTimelineSink& sink) const {
  const uint32_t count = agent_count();
  for (uint32_t agent = 0; agent < count; ++agent) {
    const AgentRecord* record = Find(agent);
    if (record != nullptr) record->EmitOpen(now_us, options_, sink);
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
  Mutable(agent) = *std::move(record);
  return absl::OkStatus();
}

}  // namespace cckpi
