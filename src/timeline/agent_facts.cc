#include "src/timeline/agent_facts.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "cckpi/timeline/agent_time.h"

namespace cckpi {
namespace {

// Automatic closes stand before the event kinds that stand after them.
constexpr uint8_t Rank(EventKind kind) {
  return static_cast<uint8_t>(2 * static_cast<int>(kind) + 1);
}
constexpr uint8_t kTimerRank =
    static_cast<uint8_t>(2 * static_cast<int>(EventKind::kAutoClosed));

}  // namespace

uint32_t FactIds::Add(std::string_view id) {
  if (id.empty()) return 0;
  if (latest_ != 0 && At(latest_) == id) return latest_;
  const uint32_t size = static_cast<uint32_t>(id.size());
  const size_t steps = (sizeof(size) + id.size() + kStep - 1) / kStep;
  if (slabs_.empty()) {
    MakeSlab(kSteps);
    used_ = 1;  // place 0 is none
  }
  if (used_ + steps > kSteps) MakeSlab(std::max(steps, kSteps));
  char* text = slabs_.back().get() + used_ * kStep;
  std::memcpy(text, &size, sizeof(size));
  std::memcpy(text + sizeof(size), id.data(), id.size());
  latest_ = static_cast<uint32_t>((slabs_.size() - 1) * kSteps + used_);
  used_ += steps;
  return latest_;
}

void FactIds::MakeSlab(size_t steps) {
  slabs_.push_back(std::make_unique_for_overwrite<char[]>(steps * kStep));
  bytes_ += steps * kStep;
  used_ = 0;
}

std::string_view FactIds::At(uint32_t place) const {
  if (place == 0) return {};
  const char* text = slabs_[place / kSteps].get() + place % kSteps * kStep;
  uint32_t size;
  std::memcpy(&size, text, sizeof(size));
  return {text + sizeof(size), size};
}

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
  fact.id = ids_.Add(cause_);
  if (base_ != nullptr && fact.id != 0) fact.id |= kOwn;
  facts_[agent].Add(fact);
  ++size_;
}

std::string_view AgentFacts::IdOf(const AgentFact& fact) const {
  if (base_ == nullptr) return ids_.At(fact.id);
  return (fact.id & kOwn) != 0 ? ids_.At(fact.id & ~kOwn) : base_->IdOf(fact);
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

const FactList* AgentFacts::Find(TextId agent) const {
  auto found = facts_.find(agent);
  return found == facts_.end() ? nullptr : &found->second;
}

bool AgentFacts::IsBefore(const AgentFact& a, const KeyDictionary& names,
                          const AgentFact& b, const AgentFacts& other,
                          const KeyDictionary& other_names) const {
  if (a.at_us != b.at_us) return a.at_us < b.at_us;
  if (a.rank != b.rank) return a.rank < b.rank;
  if (a.id != b.id || this != &other) {
    const int order = IdOf(a).compare(other.IdOf(b));
    if (order != 0) return order < 0;
  }
  if (a.interaction == b.interaction && this == &other) return false;
  return names.Text(static_cast<uint32_t>(a.interaction)) <
         other_names.Text(static_cast<uint32_t>(b.interaction));
}

std::vector<AgentFact> AgentFacts::InOrder(TextId agent,
                                           const KeyDictionary& names) const {
  std::vector<AgentFact> facts;
  for (const AgentFacts* keeper : {base_, this}) {
    const FactList* list = keeper != nullptr ? keeper->Find(agent) : nullptr;
    if (list == nullptr) continue;
    facts.reserve(facts.size() + list->size());
    for (size_t f = 0; f < list->size(); ++f) facts.push_back((*list)[f]);
  }
  const auto before = [&](const AgentFact& a, const AgentFact& b) {
    return IsBefore(a, names, b, *this, names);
  };
  if (!std::is_sorted(facts.begin(), facts.end(), before)) {
    std::stable_sort(facts.begin(), facts.end(), before);
  }
  return facts;
}

bool AgentFacts::KnowsPresence(TextId agent) const {
  const FactList* list = Find(agent);
  for (size_t f = 0; list != nullptr && f < list->size(); ++f) {
    if ((*list)[f].kind == AgentFact::Kind::kState) return true;
  }
  return false;
}

size_t AgentFacts::memory_bytes() const {
  size_t bytes = ids_.memory_bytes();
  for (const auto& [agent, list] : facts_) bytes += list.memory_bytes();
  return bytes;
}

void AgentFacts::Clear() {
  facts_.clear();
  ids_ = {};
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
    FactList& facts = facts_[agent];
    for (size_t f = 0; f < size; ++f) {
      AgentFact fact;
      fact.at_us = reader.I64In(kEarliestTime, kLatestTime,
                                "has an instant out of range");
      fact.rank = reader.U8();
      fact.id = ids_.Add(reader.Text());
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
      facts.Add(fact);
      ++size_;
    }
  }
}

void FactsOfAgent::Add(const FactSource& source, TextId theirs) {
  List list;
  list.source = &source;
  const AgentFacts& facts = *source.facts;
  const FactList* kept = facts.Find(theirs);
  if (facts.base() == nullptr && kept != nullptr && kept->in_order()) {
    list.kept = kept;
  } else {
    list.ordered = facts.InOrder(theirs, *source.names);
  }
  if (list.size() == 0) return;
  lists_.push_back(std::move(list));
  FindFirst();
}

AgentFact FactsOfAgent::Take() {
  List& list = lists_[first_];
  AgentFact fact = list.Front();
  if (list.source->translate) list.source->translate(fact);
  if (++list.next == list.size()) {
    lists_.erase(lists_.begin() + static_cast<std::ptrdiff_t>(first_));
  }
  FindFirst();
  return fact;
}

// Of equal ones that of the source that was added first.
void FactsOfAgent::FindFirst() {
  first_ = 0;
  for (size_t l = 1; l < lists_.size(); ++l) {
    if (IsBefore(lists_[l], lists_[first_])) first_ = l;
  }
}

}  // namespace cckpi
