// Feeding engines on several threads: each reads pieces of the logs and sorts
// what it has read; then each takes its own of all that was sorted, in order,
// into the engine of a shard; and the shards are put together.
//
// The numbers, refusals and errors are those of FeedEvents.

#ifndef CCKPI_CLI_PARALLEL_FEED_H_
#define CCKPI_CLI_PARALLEL_FEED_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "cckpi/engine/engine.h"
#include "cckpi/kpi/config.h"
#include "cli/feed.h"

namespace cckpi::cli {

struct FedEngine {
  Engine engine;  // answers questions
  FeedResult feed;
};

// One thread does all of it (FeedEvents) where events count as they arrive
// (FeedOrder::kArrival), where something happens in between
// (FeedOptions::before), where some were read before or more is to come. Where
// memory is limited (Config::max_memory_bytes) there is one engine, and only
// reading and sorting are shared.
absl::StatusOr<FedEngine> FeedOnThreads(const Config& config,
                                        const FeedOptions& options,
                                        size_t threads);

// For an engine that is asked nothing more by a process that ends next. Its
// millions of cells go with the process, which is quicker than one by one.
void LeaveToTheEnd(Engine engine);

}  // namespace cckpi::cli

#endif  // CCKPI_CLI_PARALLEL_FEED_H_
