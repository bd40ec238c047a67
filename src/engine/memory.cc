#include "src/engine/memory.h"

#include <type_traits>
#include <vector>

#include "src/base/heap_bytes.h"
#include "src/timeline/interaction.h"

namespace cckpi {
namespace {

template <typename T>
size_t HeapOf(const std::vector<T>& items) {
  return items.capacity() * sizeof(T);
}

size_t HeapOf(const SpanCell& cell) {
  const size_t bins = cell.duration.histogram().size();
  return bins > 2 ? bins * sizeof(uint64_t) : 0;
}
size_t HeapOf(const BacklogCell& cell) { return cell.entries.HeapBytes(); }
size_t HeapOf(const AgentTimeCell& cell) {
  size_t bytes = cell.heap_bytes();
  if (!cell.loads.has_memory()) return bytes;
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    const LoadTime& load = cell.loads[i];
    bytes += sizeof(LoadTime) + HeapOf(load.at_level_us) +
             HeapOf(load.assigned_at_level);
  }
  return bytes;
}
template <typename Cell>
size_t HeapOf(const Cell&) {
  return 0;
}

size_t MemoryOf(const Cells& cells) {
  size_t bytes = 0;
  auto add = [&bytes](const auto& store) {
    bytes += store.index_bytes(kTableEntryBytes) +
             store.rolled_bytes([](const auto& cell) { return HeapOf(cell); });
    store.ForEachCell([&bytes](const auto& cell) {
      // An entry to walk by.
      bytes += sizeof(cell) + kTableEntryBytes + HeapOf(cell);
    });
  };
  ForEachStore(cells, add);
  add(cells.arrivals);
  return bytes;
}

size_t MemoryOf(const TimelineState& timeline) {
  // What these have beside themselves is in the spares.
  size_t bytes = timeline.spares.memory_bytes() +
                 timeline.timers.capacity() * sizeof(Timer) +
                 timeline.interactions.memory_bytes() +
                 timeline.contacts.memory_bytes(kTableEntryBytes);
  timeline.reviews.ForEach(
      [&](const ResponseKey& key, const ReviewedResponse& response) {
        // The entry and its place in the chain of its interaction.
        bytes += sizeof(key) + sizeof(response) + 2 * kTableEntryBytes;
      });
  return bytes;
}

size_t MemoryOf(const AgentTimeline& agents) {
  size_t bytes = 0;
  for (uint32_t agent = 0; agent < agents.agent_count(); ++agent) {
    const std::optional<AgentCheckpoint> checkpoint = agents.Checkpoint(agent);
    if (!checkpoint.has_value()) continue;
    // The agent, and for each case the case and its place in the shares.
    bytes += sizeof(AgentCheckpoint) + kTableEntryBytes +
             checkpoint->episodes.size() *
                 (sizeof(AgentCheckpoint::Episode) + 3 * kTableEntryBytes);
  }
  return bytes;
}

}  // namespace

size_t MemoryOf(const EngineState& state, const PendingQueue& pending,
                const Names& names) {
  size_t bytes =
      names.texts.memory_bytes() + names.interactions.memory_bytes() +
      names.customers.memory_bytes() + MemoryOf(state.timeline()) +
      MemoryOf(state.agents()) + MemoryOf(state.cells()) +
      state.contributors().memory_bytes() + state.facts().memory_bytes() +
      state.duplicates().memory_bytes() + pending.memory_bytes();
  for (const auto& [key, volume] : state.forecasts()) {
    bytes += sizeof(key) + sizeof(volume) + 2 * kTableEntryBytes +
             HeapOf(key.values);
  }
  return bytes;
}

size_t MemoryOfOverlay(const EngineState& overlay) {
  return MemoryOf(overlay.cells()) +
         overlay.timeline().interactions.memory_bytes();
}

}  // namespace cckpi
