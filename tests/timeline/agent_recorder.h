// AgentRecorder: adds up what an AgentTimeline emits, for tests.

#ifndef CCKPI_TESTS_TIMELINE_AGENT_RECORDER_H_
#define CCKPI_TESTS_TIMELINE_AGENT_RECORDER_H_

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "cckpi/timeline/agent_time.h"

namespace cckpi {

inline void AddTo(HandleTime& sum, const HandleTime& time) {
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    sum.elapsed_us[i] += time.elapsed_us[i];
    sum.share_us[i] += time.share_us[i];
  }
  sum.off_presence_us += time.off_presence_us;
}

class AgentRecorder final : public AgentTimelineSink {
 public:
  explicit AgentRecorder(int64_t capacity = 3) : capacity_(capacity) {}

  void AddInterval(const AgentInterval& interval) override {
    intervals.push_back(interval);
    cells[{interval.agent, interval.team, interval.bucket}].Add(interval,
                                                                capacity_);
  }
  void AddAssignment(const AgentAssignment& assignment) override {
    assignments.push_back(assignment);
    cells[{assignment.agent, assignment.team, BucketOf(assignment.at_us)}].Add(
        assignment);
  }
  void AddHandling(const HandlingSlice& slice) override {
    AddTo(slices[{slice.agent, slice.episode, slice.group, slice.bucket}],
          slice.time);
  }
  void AddAnomaly(const AgentAnomaly& anomaly) override {
    anomalies.push_back(anomaly);
    cells[{anomaly.agent, anomaly.team, BucketOf(anomaly.at_us)}].Add(anomaly);
  }

  // Of all agents, teams and buckets.
  AgentTimeCell Total() const {
    AgentTimeCell total;
    for (const auto& [key, cell] : cells) total.Merge(cell);
    return total;
  }
  // Of all slices of an agent's episode.
  HandleTime Sliced(uint32_t agent, uint64_t episode) const {
    HandleTime sum;
    for (const auto& [key, time] : slices) {
      if (std::get<0>(key) == agent && std::get<1>(key) == episode) {
        AddTo(sum, time);
      }
    }
    return sum;
  }

  // By agent, team, bucket.
  std::map<std::tuple<uint32_t, uint32_t, int32_t>, AgentTimeCell> cells;
  // By agent, episode, group, bucket.
  std::map<std::tuple<uint32_t, uint64_t, uint32_t, int32_t>, HandleTime>
      slices;
  std::vector<AgentInterval> intervals;
  std::vector<AgentAssignment> assignments;
  std::vector<AgentAnomaly> anomalies;

 private:
  int64_t capacity_;
};

}  // namespace cckpi

#endif  // CCKPI_TESTS_TIMELINE_AGENT_RECORDER_H_
