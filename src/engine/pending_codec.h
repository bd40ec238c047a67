// The bytes of events that wait for the watermark (docs/snapshot-format.md,
// section pending events).

#ifndef CCKPI_SRC_ENGINE_PENDING_CODEC_H_
#define CCKPI_SRC_ENGINE_PENDING_CODEC_H_

#include <cstdint>
#include <vector>

#include "src/engine/pending_queue.h"
#include "src/timeline/id_coding.h"

namespace cckpi {

// In the total order; what is equal in it, by place in the input.
std::vector<const PendingEvent*> PendingInOrder(const PendingQueue& queue,
                                                const Names& names);

// Sink is IdMarker or IdWriter.
template <typename Sink>
void EncodePending(const std::vector<const PendingEvent*>& events,
                   const Names& names, Sink& sink);

// Adds to what waits. Every event is validated again.
void DecodePending(IdReader& reader, int64_t watermark_us, Names& names,
                   PendingQueue& queue);

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_PENDING_CODEC_H_
