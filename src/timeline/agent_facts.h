// AgentFacts: what a shard keeps of its agents, instead of booking it.
//
// What occupies an agent comes from interactions, which customers deal to
// shards; when he is present comes from his own events, perhaps in another
// shard. Neither means anything without the other, so a shard keeps both as
// facts in the total order of the events that caused them. Merging is putting
// lists together; whoever has all facts of an agent replays them through an
// AgentTimeline, and gets what one engine would have got.
//
// Facts of one instant keep the order of their events: by kind, id and
// interaction. What one event or timer says stays together.

#ifndef CCKPI_SRC_TIMELINE_AGENT_FACTS_H_
#define CCKPI_SRC_TIMELINE_AGENT_FACTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/base/dictionary.h"
#include "cckpi/base/hash_map.h"
#include "src/timeline/dimensions.h"
#include "src/timeline/fact.h"
#include "src/timeline/id_coding.h"

namespace cckpi {

struct AgentFact {
  enum class Kind : uint8_t {
    kState = 0,  // the agent's state from now on
    kLoad = 1,   // how an episode occupies him
    kFocus = 2,  // it comes to his foreground
    kEnd = 3,    // it is over for him
    kReply = 4,  // he replied to it
  };
  int64_t at_us = 0;
  Kind kind = Kind::kState;
  uint8_t rank = 0;  // the place of its cause among those of the instant
  // Of kLoad; of kEnd 1: he had responded; of kReply 1: it is another's.
  uint8_t bits = 0;
  uint32_t id = 0;  // of the event, for AgentFacts::IdOf; 0: none
  InteractionId interaction = InteractionId::kNone;
  uint32_t episode = 0;
  DimensionsId dimensions = DimensionsId::kNone;
  uint32_t state = 0;  // of kState
  TextId team = 0;     // of kState
};

class AgentFacts {
 public:
  AgentFacts() = default;
  // Over a base, which must not change meanwhile.
  explicit AgentFacts(const AgentFacts* base) : base_(base) {}

  // What follows is caused by this event, or by the timers before it. `id` is
  // read by each Add.
  void CausedByEvent(EventKind kind, std::string_view id);
  void CausedByTimer();

  // `rank` and `id` are filled in.
  void Add(TextId agent, AgentFact fact);

  // Those of the base included, each once, in no particular order.
  std::vector<TextId> Agents() const;
  // All facts of an agent in order, those of the base included.
  std::vector<AgentFact> InOrder(TextId agent,
                                 const KeyDictionary& names) const;
  // Does this one (not the base) know the agent's presence?
  bool KnowsPresence(TextId agent) const;

  // Adds what `other` keeps of `theirs` (not its base) to what is kept of
  // `agent`; `translate(fact)` turns the numbers of a fact into those of here.
  template <typename F>
  void Take(TextId agent, const AgentFacts& other, TextId theirs, F translate) {
    auto found = other.facts_.find(theirs);
    if (found == other.facts_.end()) return;
    std::vector<AgentFact>& facts = facts_[agent];
    facts.reserve(facts.size() + found->second.size());
    for (AgentFact fact : found->second) {
      fact.id = AddId(other.IdOf(fact));
      translate(fact);
      facts.push_back(fact);
    }
    size_ += found->second.size();
  }

  std::string_view IdOf(const AgentFact& fact) const;
  size_t size() const { return size_; }
  size_t memory_bytes() const;
  void Clear();

  template <typename Sink>
  void Encode(const KeyDictionary& names, const IdLists<uint32_t>* places,
              Sink& sink) const;
  // Adds to what is there. `states` is the number of agent states.
  void Decode(IdReader& reader, size_t states);

 private:
  // Ids of an overlay are told from those of its base by this bit.
  static constexpr uint32_t kOwn = 0x80000000;

  // What one event says comes together, so the last id often comes again.
  uint32_t AddId(std::string_view id) {
    if (id.empty()) return 0;
    if (id != ids_.back()) ids_.emplace_back(id);
    return static_cast<uint32_t>(ids_.size() - 1);
  }

  const AgentFacts* base_ = nullptr;
  // They only decide ties, so they are looked up by place alone.
  std::deque<std::string> ids_ = std::deque<std::string>(1);
  uint8_t rank_ = 0;
  std::string_view cause_;
  size_t size_ = 0;
  HashMap<TextId, std::vector<AgentFact>> facts_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_AGENT_FACTS_H_
