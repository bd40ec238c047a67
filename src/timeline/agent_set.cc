#include "src/timeline/agent_set.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"

namespace cckpi {
namespace {

// Where the agent is in a table, or the free place where he would be. Counts
// the places that are looked at.
size_t PlaceIn(const TextId* table, size_t size, TextId agent, size_t& looks) {
  const size_t mask = size - 1;
  size_t at = absl::Hash<TextId>()(agent) & mask;
  for (looks = 1; table[at] != 0 && table[at] != agent; ++looks) {
    at = (at + 1) & mask;
  }
  return at;
}

}  // namespace

AgentSet::Seen AgentSet::LookUp(TextId agent) const {
  Seen seen;
  const size_t at = PlaceIn(list_.data(), TableSize(), agent, seen.looks);
  seen.found = list_[at] == agent;
  return seen;
}

// One who is not there.
void AgentSet::Append(TextId agent) {
  const size_t count = agents().size() + 1;
  if (count > kFew && 2 * count > TableSize()) {
    MakeTable(std::bit_ceil(2 * count));
  }
  list_.push_back(agent);
  if (count <= kFew) return;
  size_t looks;
  const size_t at = PlaceIn(list_.data(), TableSize(), agent, looks);
  list_[at] = agent;
}

void AgentSet::MakeTable(size_t size) {
  SpareList<TextId> list(list_.pool());
  list.resize(size + size / 2);  // the room of as many agents as may come
  list.resize(size);
  for (TextId agent : agents()) {
    size_t looks;
    const size_t at = PlaceIn(list.data(), size, agent, looks);
    list[at] = agent;
    list.push_back(agent);
  }
  list_ = std::move(list);
}

}  // namespace cckpi
