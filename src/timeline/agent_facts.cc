#include "src/timeline/agent_facts.h"

#include <algorithm>
#include <utility>

#include "cckpi/timeline/agent_time.h"
#include "src/base/heap_bytes.h"

namespace cckpi {
namespace {

// Automatic closes stand before the event kinds that stand after them.
constexpr uint8_t Rank(EventKind kind) {
  return static_cast<uint8_t>(2 * static_cast<int>(kind) + 1);
}
constexpr uint8_t kTimerRank =
    static_cast<uint8_t>(2 * static_cast<int>(EventKind::kAutoClosed));

}  // namespace

void AgentFacts::CausedByEvent(EventKind kind, std::string_view id) {
  rank_ = Rank(kind);
  cause_ = id;
}

void AgentFacts::CausedByTimer() {
  rank_ = kTimerRank;
  cause_ = {};
}

void AgentFacts::Add(TextId agent, AgentFact fact) {
  fact.rank = rank_;
  fact.id = AddId(cause_);
  if (base_ != nullptr && fact.id != 0) fact.id |= kOwn;
  facts_[agent].push_back(fact);
  ++size_;
}

std::string_view AgentFacts::IdOf(const AgentFact& fact) const {
  if (base_ == nullptr) return ids_[fact.id];
  return (fact.id & kOwn) != 0 ? ids_[fact.id & ~kOwn] : base_->IdOf(fact);
}

std::vector<TextId> AgentFacts::Agents() const {
  std::vector<TextId> agents;
  for (const auto& [agent, facts] : facts_) agents.push_back(agent);
  if (base_ == nullptr) return agents;
  for (const auto& [agent, facts] : base_->facts_) {
    if (!facts_.contains(agent)) agents.push_back(agent);
  }
  return agents;
}

std::vector<AgentFact> AgentFacts::InOrder(TextId agent,
                                           const KeyDictionary& names) const {
  std::vector<AgentFact> facts;
  for (const AgentFacts* list : {base_, this}) {
    if (list == nullptr) continue;
    auto found = list->facts_.find(agent);
    if (found == list->facts_.end()) continue;
    facts.insert(facts.end(), found->second.begin(), found->second.end());
  }
  auto before = [&](const AgentFact& a, const AgentFact& b) {
    if (a.at_us != b.at_us) return a.at_us < b.at_us;
    if (a.rank != b.rank) return a.rank < b.rank;
    if (a.id != b.id) {
      const int order = IdOf(a).compare(IdOf(b));
      if (order != 0) return order < 0;
    }
    return a.interaction != b.interaction &&
           names.Text(static_cast<uint32_t>(a.interaction)) <
               names.Text(static_cast<uint32_t>(b.interaction));
  };
  if (!std::is_sorted(facts.begin(), facts.end(), before)) {
    std::stable_sort(facts.begin(), facts.end(), before);
  }
  return facts;
}

bool AgentFacts::KnowsPresence(TextId agent) const {
  auto found = facts_.find(agent);
  return found != facts_.end() &&
         std::any_of(found->second.begin(), found->second.end(),
                     [](const AgentFact& fact) {
                       return fact.kind == AgentFact::Kind::kState;
                     });
}

size_t AgentFacts::memory_bytes() const {
  size_t bytes = ids_.size() * sizeof(std::string);
  for (const std::string& id : ids_) bytes += HeapBytes(id);
  for (const auto& [agent, facts] : facts_) {
    bytes += sizeof(facts) + facts.capacity() * sizeof(AgentFact);
  }
  return bytes;
}

void AgentFacts::Clear() {
  facts_.clear();
  ids_.resize(1);
  cause_ = {};
  size_ = 0;
}

template <typename Sink>
void AgentFacts::Encode(const KeyDictionary& names,
                        const IdLists<uint32_t>* places, Sink& sink) const {
  std::vector<TextId> agents = Agents();
  if (places != nullptr) {
    std::sort(agents.begin(), agents.end(), [&](TextId a, TextId b) {
      return places->texts[a] < places->texts[b];
    });
  }
  sink.U64(agents.size());
  for (TextId agent : agents) {
    const std::vector<AgentFact> facts = InOrder(agent, names);
    sink.Id(agent);
    sink.U64(facts.size());
    for (const AgentFact& fact : facts) {
      sink.I64(fact.at_us);
      sink.U8(fact.rank);
      sink.Text(IdOf(fact));
      sink.U8(static_cast<uint8_t>(fact.kind));
      if (fact.kind == AgentFact::Kind::kState) {
        sink.U32(fact.state);
        sink.Id(fact.team);
        continue;
      }
      sink.Id(fact.interaction);
      sink.U32(fact.episode);
      if (fact.kind == AgentFact::Kind::kFocus) continue;
      sink.U8(fact.bits);
      if (fact.kind == AgentFact::Kind::kReply) continue;
      sink.Id(fact.dimensions);
    }
  }
}

template void AgentFacts::Encode(const KeyDictionary&, const IdLists<uint32_t>*,
                                 IdMarker&) const;
template void AgentFacts::Encode(const KeyDictionary&, const IdLists<uint32_t>*,
                                 IdWriter&) const;

void AgentFacts::Decode(IdReader& reader, size_t states) {
  const size_t count = reader.Count(12);
  for (size_t n = 0; n < count && reader.ok(); ++n) {
    const TextId agent = reader.TextValue();
    const size_t size = reader.Count(22);
    if (agent == 0) reader.Fail("has facts of no agent");
    if (!reader.ok()) return;
    std::vector<AgentFact>& facts = facts_[agent];
    facts.reserve(facts.size() + size);
    for (size_t f = 0; f < size; ++f) {
      AgentFact fact;
      fact.at_us = reader.I64In(kEarliestTime, kLatestTime,
                                "has an instant out of range");
      fact.rank = reader.U8();
      fact.id = AddId(reader.Text());
      fact.kind = static_cast<AgentFact::Kind>(
          reader.U8UpTo(4, "has an unknown kind of fact"));
      if (fact.kind == AgentFact::Kind::kState) {
        fact.state = reader.U32();
        fact.team = reader.TextValue();
        if (fact.state >= states && fact.state != kUnknownState) {
          reader.Fail("has an unknown agent state");
        }
      } else {
        fact.interaction = reader.Interaction();
        fact.episode = reader.U32();
        if (fact.kind != AgentFact::Kind::kFocus) {
          fact.bits = reader.U8UpTo(7, "has unknown bits of a fact");
        }
        if (fact.kind == AgentFact::Kind::kLoad ||
            fact.kind == AgentFact::Kind::kEnd) {
          fact.dimensions = reader.Dimensions();
        }
      }
      if (!reader.ok()) return;
      facts.push_back(fact);
      ++size_;
    }
  }
}

}  // namespace cckpi
