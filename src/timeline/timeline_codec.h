// The bytes of what the episode machine remembers beside the interactions:
// pending contacts and responses that may be reviewed; and those of agents.
// docs/snapshot-format.md describes each section.
//
// The Encode functions are templates over IdMarker and IdWriter. The Decode
// functions add to what is there.

#ifndef CCKPI_SRC_TIMELINE_TIMELINE_CODEC_H_
#define CCKPI_SRC_TIMELINE_TIMELINE_CODEC_H_

#include <utility>
#include <vector>

#include "cckpi/timeline/agent_timeline.h"
#include "src/timeline/id_coding.h"
#include "src/timeline/timeline_state.h"

namespace cckpi {

template <typename Sink>
void EncodeContacts(const TimelineState& state, const IdLists<uint32_t>* places,
                    Sink& sink);
// After the interactions.
void DecodeContacts(IdReader& reader, TimelineState& state);

// Contacts that live on without their interaction. The plan has so many
// contacts; names are kept only if they are `named`. Gives those that are new
// in the state.
using ContactOfKey = std::pair<ContactKey, PendingContact>;
template <typename Sink>
void EncodeForgottenContacts(const TimelineState& state,
                             const IdLists<uint32_t>* places, Sink& sink);
std::vector<ContactOfKey> DecodeForgottenContacts(IdReader& reader,
                                                  size_t contacts, bool named,
                                                  TimelineState& state);

template <typename Sink>
void EncodeResponses(const TimelineState& state,
                     const IdLists<uint32_t>* places, Sink& sink);
// What is before `oldest_us` is left out.
void DecodeResponses(IdReader& reader, int64_t oldest_us, TimelineState& state);

template <typename Sink>
void EncodeAgents(const AgentTimeline& agents, const IdLists<uint32_t>* places,
                  Sink& sink);
// Agents stand at `since_us` or later: time before it was booked.
void DecodeAgents(IdReader& reader, int64_t since_us, AgentTimeline& agents);

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_TIMELINE_CODEC_H_
