// Intake: from an event with text to a pending event with numbers.

#ifndef CCKPI_SRC_ENGINE_INTAKE_H_
#define CCKPI_SRC_ENGINE_INTAKE_H_

#include "cckpi/event/event.h"
#include "src/engine/pending_queue.h"

namespace cckpi {

// Copies a valid event, with a reference to its interaction and customer, for
// `queue`.
PendingEvent TakeIn(const Event& event, Names& names, PendingQueue& queue);

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_INTAKE_H_
