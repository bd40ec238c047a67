// Saving, restoring and merging the state of an engine.
//
// docs/snapshot-format.md describes the bytes. Each section has its codec
// beside what it encodes; here they are put together.

#ifndef CCKPI_SRC_ENGINE_SNAPSHOT_H_
#define CCKPI_SRC_ENGINE_SNAPSHOT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cckpi/engine/engine.h"
#include "src/engine/engine_state.h"
#include "src/engine/pending_queue.h"
#include "src/engine/snapshot_file.h"

namespace cckpi {

// Where an engine is in time.
struct EngineClock {
  int64_t greatest_us = kNoTime;
  int64_t now_us = kNoTime;
  int64_t first_us = kNoTime;
  int64_t watermark_us = kNoTime;
  bool finished = false;
  bool shard = false;
};

// What there is to save.
struct SavedEngine {
  const std::string& definitions;
  const Names& names;
  const EngineSetup& setup;
  const EngineState& state;
  const PendingQueue& pending;
  const EngineClock& clock;
};

std::string SaveEngine(const SavedEngine& engine, const SnapshotOptions& host);

// A snapshot's sections and what is read before the rest.
struct OpenedSnapshot {
  BySection<std::string_view> sections;
  EngineClock clock;
  EventCounts counts;
  std::vector<Refusal> refusals;
  SnapshotOptions host;
};

// FailedPrecondition when the definitions are not `definitions`.
absl::StatusOr<OpenedSnapshot> OpenSnapshot(
    const BySection<std::string_view>& sections, std::string_view definitions);

// What a snapshot is loaded into; adds to what is there.
struct LoadedEngine {
  Names& names;
  const EngineSetup& setup;
  EngineState& state;
  PendingQueue& pending;
  // Of a shard: names that facts of agents need, whoever else holds them.
  std::vector<InteractionId>& held;
};

// On an error the engine is of no more use.
absl::Status LoadSnapshot(const OpenedSnapshot& snapshot,
                          const LoadedEngine& engine);

// InvalidArgument names what is in both `engine`, saved as `own`, and `other`,
// saved as `snapshot`.
absl::Status CheckApart(std::string_view own, const OpenedSnapshot& snapshot,
                        const SavedEngine& other, const LoadedEngine& engine);

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_SNAPSHOT_H_
