// Tasks on threads.

#ifndef CCKPI_CLI_THREADS_H_
#define CCKPI_CLI_THREADS_H_

#include <cstddef>

#include "cckpi/engine/engine.h"

namespace cckpi::cli {

// Runs tasks on so many threads, the calling one among them. What one of them
// throws, it throws when all have ended; no more tasks are begun then.
RunTasks OnThreads(size_t threads);

}  // namespace cckpi::cli

#endif  // CCKPI_CLI_THREADS_H_
