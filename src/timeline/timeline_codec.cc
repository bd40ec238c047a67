#include "src/timeline/timeline_codec.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

namespace cckpi {
namespace {

template <typename T>
uint32_t Place(const std::vector<uint32_t>& places, T id) {
  return places[static_cast<size_t>(id)];
}

int64_t InstantOf(ByteReader& reader) {
  return reader.I64In(kEarliestTime, kLatestTime,
                      "has an instant out of range");
}

// None comes first.
std::pair<uint32_t, uint32_t> RankOf(const ContactKey& key,
                                     const IdLists<uint32_t>& places) {
  return {Place(places.customers, key.customer),
          Place(places.interactions, key.interaction)};
}

// In no particular order.
std::vector<ContactOfKey> ContactsOf(const TimelineState& state,
                                     bool forgotten) {
  std::vector<ContactOfKey> contacts;
  state.contacts.ForEach(
      [&](const ContactKey& key, const PendingContact& contact) {
        if (contact.is_apart() == forgotten) {
          contacts.emplace_back(key, contact);
        }
      });
  return contacts;
}

ContactKey DecodeKey(IdReader& reader) {
  ContactKey key;
  key.customer = reader.Customer();
  key.interaction = reader.Interaction();
  if ((key.customer == CustomerId::kNone) ==
      (key.interaction == InteractionId::kNone)) {
    reader.Fail("has contacts of nobody");
  }
  return key;
}

}  // namespace

template <typename Sink>
void EncodeContacts(const TimelineState& state, const IdLists<uint32_t>* places,
                    Sink& sink) {
  std::vector<ContactOfKey> entries = ContactsOf(state, /*forgotten=*/false);
  // Also where there are no places yet, so that those of one lie together.
  const auto rank = [places](const ContactOfKey& entry) {
    const auto& [key, contact] = entry;
    return places != nullptr
               ? std::make_tuple(
                     RankOf(key, *places),
                     Place(places->interactions, contact.interaction),
                     contact.episode)
               : std::make_tuple(
                     std::make_pair(static_cast<uint32_t>(key.customer),
                                    static_cast<uint32_t>(key.interaction)),
                     uint32_t{0}, uint32_t{0});
  };
  std::sort(entries.begin(), entries.end(),
            [&](const ContactOfKey& a, const ContactOfKey& b) {
              return rank(a) < rank(b);
            });
  const auto has_same_key = [](const ContactOfKey& a, const ContactOfKey& b) {
    return a.first == b.first;
  };
  size_t keys = 0;
  for (auto at = entries.begin(); at != entries.end(); ++keys) {
    at = std::find_if_not(at, entries.end(), [&](const ContactOfKey& entry) {
      return has_same_key(*at, entry);
    });
  }
  sink.U64(keys);
  for (auto at = entries.begin(); at != entries.end();) {
    const auto end = std::find_if_not(
        at, entries.end(),
        [&](const ContactOfKey& entry) { return has_same_key(*at, entry); });
    sink.Id(at->first.customer);
    sink.Id(at->first.interaction);
    sink.U32(static_cast<uint32_t>(end - at));
    for (; at != end; ++at) {
      sink.Id(at->second.interaction);
      sink.U32(at->second.episode);
      sink.I64(at->second.close_us);
    }
  }
}

void DecodeContacts(IdReader& reader, TimelineState& state) {
  const size_t count = reader.Count(12);
  for (size_t n = 0; n < count && reader.ok(); ++n) {
    const ContactKey key = DecodeKey(reader);
    const uint32_t size = reader.U32();
    if (size == 0 || size > reader.left() / 16) {
      reader.Fail("announces more than there is");
      return;
    }
    if (state.contacts.Has(key)) reader.Fail("has contacts twice");
    BorrowedInteraction room;
    for (uint32_t c = 0; c < size && reader.ok(); ++c) {
      PendingContact contact;
      contact.interaction = reader.Interaction();
      contact.episode = reader.U32();
      contact.close_us = InstantOf(reader);
      const Interaction* i = state.interactions.Find(contact.interaction, room);
      // An earlier episode must have been kept.
      if (i == nullptr || contact.episode == 0 ||
          contact.episode > i->episode ||
          (contact.episode < i->episode &&
           (!i->rare || i->rare->past.size() < contact.episode))) {
        reader.Fail("has a contact of an unknown episode");
      }
      if (reader.ok()) state.contacts.Add(key, contact);
    }
  }
}

template <typename Sink>
void EncodeForgottenContacts(const TimelineState& state,
                             const IdLists<uint32_t>* places, Sink& sink) {
  std::vector<ContactOfKey> entries = ContactsOf(state, /*forgotten=*/true);
  if (places != nullptr) {
    const auto rank = [places](const ContactOfKey& entry) {
      const PendingContact& contact = entry.second;
      return std::make_tuple(
          RankOf(entry.first, *places), contact.close_us,
          Place(places->interactions, contact.interaction), contact.episode,
          Place(places->combinations, contact.dimensions), contact.pending);
    };
    std::sort(entries.begin(), entries.end(),
              [&](const ContactOfKey& a, const ContactOfKey& b) {
                return rank(a) < rank(b);
              });
  }
  sink.U64(entries.size());
  for (const auto& [key, contact] : entries) {
    sink.Id(key.customer);
    sink.Id(key.interaction);
    sink.I64(contact.close_us);
    sink.Id(contact.interaction);
    sink.U32(contact.episode);
    sink.Id(contact.dimensions);
    sink.U8(contact.pending);
  }
}

std::vector<ContactOfKey> DecodeForgottenContacts(IdReader& reader,
                                                  size_t contacts, bool named,
                                                  TimelineState& state) {
  constexpr size_t kContactBytes = 29;
  std::vector<ContactOfKey> decoded;
  const size_t count = reader.Count(kContactBytes);
  decoded.reserve(count);
  for (size_t n = 0; n < count && reader.ok(); ++n) {
    const ContactKey key = DecodeKey(reader);
    PendingContact contact;
    contact.close_us = InstantOf(reader);
    contact.interaction = reader.Interaction();
    contact.episode = reader.U32();
    contact.dimensions = reader.Dimensions();
    contact.pending = reader.U8();
    if (contact.pending == 0 || contact.pending >> contacts != 0) {
      reader.Fail("has a contact of unknown KPIs");
    }
    const bool has_name = contact.interaction != InteractionId::kNone;
    if (has_name != (contact.episode != 0) ||
        (has_name && key.interaction != InteractionId::kNone &&
         contact.interaction != key.interaction)) {
      reader.Fail("has a contact of an unknown episode");
    }
    if (!reader.ok()) break;
    // Of those whom nobody asks for, the name goes.
    if (!named) {
      contact.interaction = InteractionId::kNone;
      contact.episode = 0;
    }
    state.contacts.Add(key, contact);
    decoded.emplace_back(key, contact);
  }
  return decoded;
}

template <typename Sink>
void EncodeResponses(const TimelineState& state,
                     const IdLists<uint32_t>* places, Sink& sink) {
  std::vector<std::pair<ResponseKey, const ReviewedResponse*>> entries;
  state.reviews.ForEach(
      [&](const ResponseKey& key, const ReviewedResponse& response) {
        entries.emplace_back(key, &response);
      });
  if (places != nullptr) {
    std::sort(
        entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
          return std::make_pair(Place(places->interactions, a.first.first),
                                a.first.second) <
                 std::make_pair(Place(places->interactions, b.first.first),
                                b.first.second);
        });
  }
  sink.U64(entries.size());
  for (const auto& [key, response] : entries) {
    sink.Id(key.first);
    sink.U64(key.second);
    sink.I64(response->at_us);
    sink.Id(response->dimensions);
    sink.U8(static_cast<uint8_t>((response->known ? 1 : 0) |
                                 (response->reviewed ? 2 : 0)));
    if (!response->errors) {
      sink.U32(0);
      continue;
    }
    const auto& found = *response->errors;
    sink.U32(static_cast<uint32_t>(found.size()));
    for (const auto& [severity, errors] : found) {
      sink.Id(severity);
      sink.I64(errors);
    }
  }
}

void DecodeResponses(IdReader& reader, int64_t oldest_us,
                     TimelineState& state) {
  const size_t count = reader.Count(29);
  for (size_t n = 0; n < count && reader.ok(); ++n) {
    ResponseKey key;
    key.first = reader.Interaction();
    key.second = reader.U64();
    ReviewedResponse response;
    response.at_us = InstantOf(reader);
    response.dimensions = reader.Dimensions();
    const uint8_t bits = reader.U8UpTo(3, "has an unknown state of a review");
    response.known = (bits & 1) != 0;
    response.reviewed = (bits & 2) != 0;
    const uint32_t errors = reader.U32();
    if (errors > reader.left() / 12) {
      reader.Fail("announces more than there is");
      return;
    }
    for (uint32_t e = 0; e < errors; ++e) {
      const TextId severity = reader.TextValue();
      response.errors.GetOrCreate(&state.spares)
          .push_back({severity, reader.I64()});
    }
    if (!reader.ok()) return;
    if (key.second == 0 || !state.interactions.Knows(key.first) ||
        state.reviews.Find(key, kNoTime) != nullptr) {
      reader.Fail("has a response of an unknown interaction, or twice");
      return;
    }
    // A version that did not forget may have saved it.
    if (response.at_us < oldest_us) continue;
    state.reviews.Remember(key, std::move(response));
  }
  state.reviews.Loaded();
}

namespace {

template <typename Sink>
void EncodeHandleTime(const HandleTime& time, Sink& sink) {
  for (int64_t elapsed_us : time.elapsed_us) sink.I64(elapsed_us);
  for (int64_t share_us : time.share_us) sink.I64(share_us);
  sink.I64(time.off_presence_us);
}

HandleTime DecodeHandleTime(IdReader& reader) {
  HandleTime time;
  for (int64_t& elapsed_us : time.elapsed_us) elapsed_us = reader.I64();
  for (int64_t& share_us : time.share_us) share_us = reader.I64();
  time.off_presence_us = reader.I64();
  return time;
}

InteractionId InteractionOf(uint64_t episode) {
  return static_cast<InteractionId>(episode >> 32);
}

}  // namespace

template <typename Sink>
void EncodeAgents(const AgentTimeline& agents, const IdLists<uint32_t>* places,
                  Sink& sink) {
  std::vector<std::pair<TextId, AgentCheckpoint>> entries;
  for (uint32_t agent = 0; agent < agents.agent_count(); ++agent) {
    std::optional<AgentCheckpoint> checkpoint = agents.Checkpoint(agent);
    if (checkpoint.has_value()) {
      entries.emplace_back(agent, *std::move(checkpoint));
    }
  }
  if (places != nullptr) {
    std::sort(entries.begin(), entries.end(),
              [&](const auto& a, const auto& b) {
                return places->texts[a.first] < places->texts[b.first];
              });
    for (auto& [agent, checkpoint] : entries) {
      std::sort(checkpoint.episodes.begin(), checkpoint.episodes.end(),
                [&](const auto& a, const auto& b) {
                  return std::make_pair(Place(places->interactions,
                                              InteractionOf(a.episode)),
                                        static_cast<uint32_t>(a.episode)) <
                         std::make_pair(Place(places->interactions,
                                              InteractionOf(b.episode)),
                                        static_cast<uint32_t>(b.episode));
                });
    }
  }
  sink.U64(entries.size());
  for (const auto& [agent, checkpoint] : entries) {
    sink.Id(agent);
    sink.Id(TextId{checkpoint.team});
    sink.U32(checkpoint.state);
    sink.U32(checkpoint.visited_state);
    sink.U8(checkpoint.reported ? 1 : 0);
    sink.I64(checkpoint.state_event_us);
    sink.I64(checkpoint.last_us);
    for (int64_t undealt_us : checkpoint.undealt_us) sink.I64(undealt_us);
    sink.U64(checkpoint.episodes.size());
    for (const AgentCheckpoint::Episode& episode : checkpoint.episodes) {
      sink.Id(InteractionOf(episode.episode));
      sink.U32(static_cast<uint32_t>(episode.episode));
      sink.Id(static_cast<DimensionsId>(episode.group));
      sink.U8(episode.bits);
      sink.U8(episode.focus ? 1 : 0);
      EncodeHandleTime(episode.total, sink);
      EncodeHandleTime(episode.sliced, sink);
    }
  }
}

void DecodeAgents(IdReader& reader, int64_t since_us, AgentTimeline& agents) {
  const size_t count = reader.Count(65);
  for (size_t n = 0; n < count && reader.ok(); ++n) {
    const TextId agent = reader.TextValue();
    AgentCheckpoint checkpoint;
    checkpoint.team = reader.TextValue();
    checkpoint.state = reader.U32();
    checkpoint.visited_state = reader.U32();
    checkpoint.reported = reader.U8UpTo(1, "has an unknown presence") != 0;
    checkpoint.state_event_us = reader.I64();
    checkpoint.last_us = reader.I64();
    for (int64_t& undealt_us : checkpoint.undealt_us) undealt_us = reader.I64();
    const size_t episodes = reader.Count(126);
    checkpoint.episodes.reserve(episodes);
    for (size_t e = 0; e < episodes; ++e) {
      AgentCheckpoint::Episode& episode = checkpoint.episodes.emplace_back();
      const uint64_t interaction = static_cast<uint64_t>(reader.Interaction());
      episode.episode = interaction << 32 | reader.U32();
      episode.group = static_cast<uint32_t>(reader.Dimensions());
      episode.bits = reader.U8();
      episode.focus = reader.U8UpTo(1, "has an unknown focus") != 0;
      episode.total = DecodeHandleTime(reader);
      episode.sliced = DecodeHandleTime(reader);
    }
    if (!reader.ok()) return;
    std::sort(
        checkpoint.episodes.begin(), checkpoint.episodes.end(),
        [](const auto& a, const auto& b) { return a.episode < b.episode; });
    if (checkpoint.last_us < since_us) {
      reader.Fail("has an agent whose time was not booked");
    } else if (agents.Checkpoint(agent).has_value()) {
      reader.Fail("has an agent twice");
    } else if (!agents.Restore(agent, checkpoint).ok()) {
      reader.Fail("has an agent that contradicts himself");
    }
  }
}

template void EncodeContacts(const TimelineState&, const IdLists<uint32_t>*,
                             IdMarker&);
template void EncodeContacts(const TimelineState&, const IdLists<uint32_t>*,
                             IdWriter&);
template void EncodeForgottenContacts(const TimelineState&,
                                      const IdLists<uint32_t>*, IdMarker&);
template void EncodeForgottenContacts(const TimelineState&,
                                      const IdLists<uint32_t>*, IdWriter&);
template void EncodeResponses(const TimelineState&, const IdLists<uint32_t>*,
                              IdMarker&);
template void EncodeResponses(const TimelineState&, const IdLists<uint32_t>*,
                              IdWriter&);
template void EncodeAgents(const AgentTimeline&, const IdLists<uint32_t>*,
                           IdMarker&);
template void EncodeAgents(const AgentTimeline&, const IdLists<uint32_t>*,
                           IdWriter&);

}  // namespace cckpi
