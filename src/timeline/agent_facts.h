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

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
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

// The facts of one agent, as they come. They never move: each block is twice as
// long as the one before.
class FactList {
 public:
  void Add(const AgentFact& fact) {
    const auto [block, offset] = PlaceOf(size_);
    if (block == blocks_.size()) {
      blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(
          (kFirst << block) * sizeof(AgentFact)));
    }
    AgentFact* place = In(block) + offset;
    in_order_ =
        in_order_ && (size_ == 0 || !MayPrecede(fact, (*this)[size_ - 1]));
    std::construct_at(place, fact);
    ++size_;
  }
  const AgentFact& operator[](size_t place) const {
    const auto [block, offset] = PlaceOf(place);
    return In(block)[offset];
  }
  size_t size() const { return size_; }
  // Did they surely come in order?
  bool in_order() const { return in_order_; }
  size_t memory_bytes() const {
    return sizeof(*this) +
           ((kFirst << blocks_.size()) - kFirst) * sizeof(AgentFact);
  }

 private:
  static constexpr size_t kFirst = 16;  // facts of the first block
  static_assert(std::is_trivially_copyable_v<AgentFact> &&
                alignof(AgentFact) <= alignof(std::max_align_t));

  static std::pair<size_t, size_t> PlaceOf(size_t place) {
    const size_t block =
        static_cast<size_t>(std::bit_width(place / kFirst + 1) - 1);
    return {block, place + kFirst - (kFirst << block)};
  }
  AgentFact* In(size_t block) const {
    return reinterpret_cast<AgentFact*>(blocks_[block].get());
  }
  // What instant and rank leave open is not looked into.
  static bool MayPrecede(const AgentFact& a, const AgentFact& b) {
    if (a.at_us != b.at_us) return a.at_us < b.at_us;
    if (a.rank != b.rank) return a.rank < b.rank;
    return a.id != b.id || a.interaction != b.interaction;
  }

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  size_t size_ = 0;
  bool in_order_ = true;
};

// The ids of events, by place. They only decide ties, so nothing else finds
// them.
class FactIds {
 public:
  // The place of a text, which often is the one added last. 0: the empty one.
  uint32_t Add(std::string_view id);
  std::string_view At(uint32_t place) const;
  size_t memory_bytes() const { return bytes_; }

 private:
  // A place is a slab and an offset in it, in steps of kStep bytes. What is
  // longer than a slab has one of its own.
  static constexpr size_t kStep = 8;
  static constexpr size_t kSteps = 8192;

  void MakeSlab(size_t steps);

  std::vector<std::unique_ptr<char[]>> slabs_;
  size_t used_ = 0;  // steps of the last slab
  size_t bytes_ = 0;
  uint32_t latest_ = 0;
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
  // What is kept of an agent without the base's; nullptr: nothing.
  const FactList* Find(TextId agent) const;
  const AgentFacts* base() const { return base_; }
  // Is `a` before `b`, which is kept by `other`? `names` are those of their
  // interactions.
  bool IsBefore(const AgentFact& a, const KeyDictionary& names,
                const AgentFact& b, const AgentFacts& other,
                const KeyDictionary& other_names) const;
  // Does this one (not the base) know the agent's presence?
  bool KnowsPresence(TextId agent) const;

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

  const AgentFacts* base_ = nullptr;
  FactIds ids_;
  uint8_t rank_ = 0;
  std::string_view cause_;
  size_t size_ = 0;
  HashMap<TextId, FactList> facts_;
};

// Whose facts are replayed, and where.
struct FactSource {
  const AgentFacts* facts = nullptr;
  const KeyDictionary* names = nullptr;  // of their interactions
  // Turns the numbers of a fact into those of who replays it; empty: they are
  // the same.
  std::function<void(AgentFact&)> translate;
};

// The facts that several sources keep of an agent, one after the other in
// order. The sources outlive it and do not change.
class FactsOfAgent {
 public:
  // `agent` as who replays calls him.
  explicit FactsOfAgent(TextId agent) : agent_(agent) {}

  // `theirs`: as the source calls him.
  void Add(const FactSource& source, TextId theirs);

  TextId agent() const { return agent_; }
  bool ended() const { return lists_.empty(); }
  int64_t at_us() const { return lists_[first_].Front().at_us; }
  // Translated. Goes on to the next one.
  AgentFact Take();

 private:
  struct List {
    const FactSource* source = nullptr;
    const FactList* kept = nullptr;  // nullptr: `ordered` has them
    std::vector<AgentFact> ordered;
    size_t next = 0;

    const AgentFact& Front() const {
      return kept != nullptr ? (*kept)[next] : ordered[next];
    }
    size_t size() const {
      return kept != nullptr ? kept->size() : ordered.size();
    }
  };

  bool IsBefore(const List& a, const List& b) const {
    return a.source->facts->IsBefore(a.Front(), *a.source->names, b.Front(),
                                     *b.source->facts, *b.source->names);
  }
  void FindFirst();

  TextId agent_;
  std::vector<List> lists_;  // those that have not ended
  size_t first_ = 0;         // the one whose front comes next
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_AGENT_FACTS_H_
