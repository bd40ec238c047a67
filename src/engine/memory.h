// What an engine's state takes (docs/memory.md).

#ifndef CCKPI_SRC_ENGINE_MEMORY_H_
#define CCKPI_SRC_ENGINE_MEMORY_H_

#include <cstddef>

#include "src/engine/engine_state.h"
#include "src/engine/pending_queue.h"

namespace cckpi {

// A walk over everything that is kept.
size_t MemoryOf(const EngineState& state, const PendingQueue& pending,
                const Names& names);

// The same of what is pending on top of a state, for a question.
size_t MemoryOfOverlay(const EngineState& overlay);

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_MEMORY_H_
