// AgentSet: agents, each once, in the order in which they came.
//
// One case may have been with any number of agents. Up to 16 are looked at one
// after the other; where there are more, a hash table finds one. It lies before
// them in the same list, so that neither few nor many take memory elsewhere:
//
//   16 or fewer    agents
//   more           table of 2^k, at most half full | agents
//
// The size of the list says how large the table is.

#ifndef CCKPI_SRC_TIMELINE_AGENT_SET_H_
#define CCKPI_SRC_TIMELINE_AGENT_SET_H_

#include <bit>
#include <cstddef>
#include <span>

#include "src/base/spare_list.h"
#include "src/base/spares.h"
#include "src/timeline/dimensions.h"

namespace cckpi {

class AgentSet {
 public:
  explicit AgentSet(Spares* spares) : list_(spares) {}

  bool empty() const { return list_.empty(); }
  // In the order in which they came.
  std::span<const TextId> agents() const {
    const size_t table = TableSize();
    return {list_.data() + table, list_.size() - table};
  }

  bool contains(TextId agent) const { return Look(agent).found; }
  // Of an agent, not of 0, which is none. False: he is there already.
  bool Insert(TextId agent) {
    if (Look(agent).found) return false;
    Append(agent);
    return true;
  }
  void clear() { list_.clear(); }

  // How many places are looked at to find an agent, or that he is not there.
  size_t LooksFor(TextId agent) const { return Look(agent).looks; }

 private:
  static constexpr size_t kFew = 16;

  struct Seen {
    bool found = false;
    size_t looks = 0;
  };

  // A table of 2^k has more than a quarter of that in agents, and at most half:
  // the list is longer than it and shorter than the next one.
  size_t TableSize() const {
    return list_.size() <= kFew ? 0 : std::bit_floor(list_.size());
  }
  Seen Look(TextId agent) const {
    return list_.size() <= kFew ? LookThrough(agent) : LookUp(agent);
  }
  Seen LookThrough(TextId agent) const {
    for (size_t n = 0; n < list_.size(); ++n) {
      if (list_[n] == agent) return {true, n + 1};
    }
    return {false, list_.size()};
  }
  Seen LookUp(TextId agent) const;
  void Append(TextId agent);
  void MakeTable(size_t size);

  SpareList<TextId> list_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_AGENT_SET_H_
