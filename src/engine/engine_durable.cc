// What of an engine is kept, restored and merged, and the memory it takes.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "src/engine/engine_impl.h"
#include "src/engine/memory.h"
#include "src/engine/snapshot.h"
#include "src/kpi/definitions_text.h"

namespace cckpi {

EngineClock Engine::Impl::Clock() const {
  return {.greatest_us = greatest_us_,
          .now_us = now_us_,
          .first_us = first_us_,
          .watermark_us = watermark_us_,
          .finished = finished_,
          .shard = setup_.shard};
}

std::string Engine::Impl::Save(const SnapshotOptions& host) const {
  const EngineClock clock = Clock();
  return SaveEngine({definitions_, names_, setup_, *state_, pending_, clock},
                    host);
}

absl::Status Engine::Impl::Load(const BySection<std::string_view>& sections,
                                bool stay_shard) {
  CCKPI_ASSIGN_OR_RETURN(OpenedSnapshot snapshot,
                         OpenSnapshot(sections, definitions_));
  if (stay_shard && setup_.shard && !snapshot.clock.shard) {
    return absl::FailedPreconditionError(
        "snapshot: it is not of a shard; its agent time is booked already");
  }
  setup_.shard = snapshot.clock.shard;
  if (!setup_.shard) state_->StopKeeping();
  kept_ = std::make_unique<KeptAnswers>();
  CCKPI_RETURN_IF_ERROR(
      LoadSnapshot(snapshot, {names_, setup_, *state_, pending_, held_}));
  host_ = std::move(snapshot.host);
  now_us_ = snapshot.clock.now_us;
  greatest_us_ = snapshot.clock.greatest_us;
  first_us_ = snapshot.clock.first_us;
  watermark_us_ = snapshot.clock.watermark_us;
  finished_ = snapshot.clock.finished;
  if (watermark_us_ != kNoTime) advanced_bucket_ = BucketOf(watermark_us_);
  if (!stay_shard) Join();
  return absl::OkStatus();
}

absl::Status Engine::Impl::Merge(const Impl& other) {
  if (definitions_ != other.definitions_) {
    return absl::FailedPreconditionError(
        absl::StrCat("merge: the definitions differ: ",
                     DefinitionsDifference(other.definitions_, definitions_)));
  }
  if (setup_.traced != nullptr || other.setup_.traced != nullptr) {
    return absl::FailedPreconditionError(
        "merge: observations that are kept for Explain cannot be merged");
  }
  if (setup_.plan.keeps_agent_time && !(setup_.shard && other.setup_.shard)) {
    return absl::FailedPreconditionError(
        "merge: with agent time, both have to be shards (EngineOptions)");
  }
  DropOverlay();
  kept_ = std::make_unique<KeptAnswers>();
  const std::string bytes = other.Save(other.host_);
  CCKPI_ASSIGN_OR_RETURN(const BySection<std::string_view> sections,
                         ReadSnapshotFile(bytes));
  CCKPI_ASSIGN_OR_RETURN(OpenedSnapshot snapshot,
                         OpenSnapshot(sections, definitions_));
  const LoadedEngine here{names_, setup_, *state_, pending_, held_};
  const EngineClock clock = other.Clock();
  const std::string own = Save({});
  CCKPI_RETURN_IF_ERROR(
      CheckApart(own, snapshot,
                 {other.definitions_, other.names_, other.setup_, *other.state_,
                  other.pending_, clock},
                 here));
  for (auto part : {&SnapshotOptions::positions, &SnapshotOptions::sections}) {
    for (const auto& [name, value] : snapshot.host.*part) {
      auto found = (host_.*part).find(name);
      if (found != (host_.*part).end() && found->second != value) {
        return absl::InvalidArgumentError(absl::StrCat(
            "merge: ",
            part == &SnapshotOptions::positions ? "position" : "section", " \"",
            name, "\" is in both"));
      }
    }
  }
  if (const int64_t limit = config_.max_memory_bytes;
      limit > 0 &&
      memory_bytes() + other.memory_bytes() > static_cast<size_t>(limit)) {
    return absl::ResourceExhaustedError(
        "merge: together they take more than max_memory_bytes");
  }
  // Whatever could be wrong with the bytes shows here, before anything changes.
  {
    CCKPI_ASSIGN_OR_RETURN(std::unique_ptr<Impl> rehearsal,
                           Create(config_, {.explain = "", .shard = true}));
    CCKPI_RETURN_IF_ERROR(rehearsal->Load(sections, setup_.shard));
  }
  memory_watch_.Forget();
  CCKPI_RETURN_IF_ERROR(LoadSnapshot(snapshot, here));
  host_.positions.merge(snapshot.host.positions);
  host_.sections.merge(snapshot.host.sections);
  // Nothing seen is never in the way.
  const bool here_ended = finished_ || now_us() == kNoTime;
  const bool there_ended = other.finished_ || other.now_us() == kNoTime;
  finished_ = here_ended && there_ended && (finished_ || other.finished_);
  if (first_us_ == kNoTime) first_us_ = other.first_us_;
  if (other.first_us_ != kNoTime) {
    first_us_ = std::min(first_us_, other.first_us_);
  }
  greatest_us_ = std::max(greatest_us_, other.greatest_us_);
  now_us_ = std::max(now_us_, other.now_us_);
  // One of the two may have waiting what is final in the other's time.
  const int64_t watermark_us = std::max(watermark_us_, other.watermark_us_);
  watermark_us_ = std::min(watermark_us_, other.watermark_us_);
  if (watermark_us != kNoTime) Commit(watermark_us);
  watermark_us_ = watermark_us;
  return absl::OkStatus();
}

void Engine::Impl::Join() {
  if (!setup_.shard) return;
  DropOverlay();
  state_->ReplayAgents(names_.interactions);
  state_->StopKeeping();
  setup_.shard = false;
  if (watermark_us_ != kNoTime) {
    advanced_bucket_ = BucketOf(watermark_us_);
    state_->AdvanceAgents(BucketBegin(advanced_bucket_));
  }
  for (InteractionId id : held_) {
    names_.interactions.Release(static_cast<uint32_t>(id));
  }
  held_.clear();
}

size_t Engine::Impl::memory_bytes() const {
  size_t bytes = MemoryOf(*state_, pending_, names_) + kept_->memory_bytes();
  {
    const std::lock_guard<std::mutex> lock(making_overlay_);
    if (overlay_ != nullptr) bytes += MemoryOfOverlay(*overlay_);
  }
  for (const Other& other : others_) {
    bytes += other.engine->memory_bytes() +
             other.texts.capacity() * sizeof(other.texts[0]);
  }
  return bytes;
}

}  // namespace cckpi
