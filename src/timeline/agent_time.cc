#include "cckpi/timeline/agent_time.h"

#include <algorithm>

namespace cckpi {
namespace {

void AddAt(std::vector<int64_t>& counts, size_t index, int64_t amount) {
  if (amount == 0) return;
  if (counts.size() <= index) counts.resize(index + 1, 0);
  counts[index] += amount;
}

void AddAll(std::vector<int64_t>& counts, const std::vector<int64_t>& other) {
  for (size_t i = 0; i < other.size(); ++i) AddAt(counts, i, other[i]);
}

void AddState(std::vector<StateTime>& states, const StateTime& time) {
  auto at = std::lower_bound(
      states.begin(), states.end(), time.state,
      [](const StateTime& a, uint32_t state) { return a.state < state; });
  if (at == states.end() || at->state != time.state) {
    states.insert(at, time);
    return;
  }
  at->time_us += time.time_us;
  at->visits += time.visits;
}

void AddLoad(LoadTime& load, uint32_t level, AgentPresence presence,
             int64_t capacity, int64_t time_us) {
  const absl::int128 level_us = absl::int128(level) * time_us;
  switch (presence) {
    case AgentPresence::kAvailable:
      if (level > 0) load.busy_us += time_us;
      load.level_us += level_us;
      load.capped_us +=
          absl::int128(std::min<int64_t>(level, capacity)) * time_us;
      AddAt(load.at_level_us, std::min<size_t>(level, kTopLevel), time_us);
      load.max_level = std::max(load.max_level, level);
      break;
    case AgentPresence::kUnreported:
      if (level > 0) load.unreported_busy_us += time_us;
      load.unreported_level_us += level_us;
      break;
    default:
      load.off_level_us += level_us;
  }
}

}  // namespace

LoadTimes::LoadTimes(const LoadTimes& other)
    : times_(other.times_ ? std::make_unique<Times>(*other.times_) : nullptr) {}

LoadTimes& LoadTimes::operator=(const LoadTimes& other) {
  times_ = other.times_ ? std::make_unique<Times>(*other.times_) : nullptr;
  return *this;
}

const LoadTime& LoadTimes::operator[](size_t load) const {
  static const LoadTime* const kNothing = new LoadTime();
  return times_ == nullptr ? *kNothing : (*times_)[load];
}

LoadTime& LoadTimes::operator[](size_t load) {
  if (times_ == nullptr) times_ = std::make_unique<Times>();
  return (*times_)[load];
}

bool operator==(const LoadTimes& a, const LoadTimes& b) {
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    if (!(a[i] == b[i])) return false;
  }
  return true;
}

void AgentTimeCell::Add(const AgentInterval& interval, int64_t capacity,
                        uint8_t kept) {
  const int64_t time_us = interval.end_us - interval.begin_us;
  capacity = std::max<int64_t>(capacity, 0);
  if (interval.state != kUnknownState) {
    AddState(states, {interval.state, time_us, interval.visit ? 1 : 0});
  }
  if (interval.presence >= AgentPresence::kUnavailable) staffed_us += time_us;
  if (interval.presence == AgentPresence::kAvailable) {
    available_us += time_us;
    capacity_us += absl::int128(capacity) * time_us;
  }
  if ((interval.classes & kClassPaid) != 0) paid_us += time_us;
  if ((interval.classes & kClassProductive) != 0) productive_us += time_us;
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    if ((kept & BitOf(static_cast<AgentLoad>(i))) == 0) continue;
    AddLoad(loads[i], interval.levels[i], interval.presence, capacity, time_us);
  }
}

void AgentTimeCell::Add(const AgentAssignment& assignment, uint8_t kept) {
  ++assignments[static_cast<size_t>(assignment.presence)];
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    if ((kept & BitOf(static_cast<AgentLoad>(i))) == 0) continue;
    const uint32_t level = assignment.levels[i];
    AddAt(loads[i].assigned_at_level, std::min<size_t>(level, kTopLevel), 1);
    loads[i].assigned_level_sum += level;
  }
}

void AgentTimeCell::Merge(const AgentTimeCell& other) {
  for (const StateTime& time : other.states) AddState(states, time);
  staffed_us += other.staffed_us;
  available_us += other.available_us;
  paid_us += other.paid_us;
  productive_us += other.productive_us;
  capacity_us += other.capacity_us;
  for (size_t i = 0; i < kAgentLoadCount && other.loads.has_memory(); ++i) {
    LoadTime& load = loads[i];
    const LoadTime& more = other.loads[i];
    load.busy_us += more.busy_us;
    load.level_us += more.level_us;
    load.capped_us += more.capped_us;
    AddAll(load.at_level_us, more.at_level_us);
    load.max_level = std::max(load.max_level, more.max_level);
    load.unreported_busy_us += more.unreported_busy_us;
    load.unreported_level_us += more.unreported_level_us;
    load.off_level_us += more.off_level_us;
    AddAll(load.assigned_at_level, more.assigned_at_level);
    load.assigned_level_sum += more.assigned_level_sum;
  }
  for (size_t i = 0; i < assignments.size(); ++i) {
    assignments[i] += other.assignments[i];
  }
  for (size_t i = 0; i < anomalies.size(); ++i) {
    anomalies[i] += other.anomalies[i];
  }
}

}  // namespace cckpi
