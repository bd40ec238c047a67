// EngineView: an engine as one look sees it, what is pending included.
//
// The parts of the library that ask many things at once (the scaling monitor)
// look once and read from what they saw.

#ifndef CCKPI_SRC_ENGINE_ENGINE_VIEW_H_
#define CCKPI_SRC_ENGINE_ENGINE_VIEW_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cckpi/engine/engine.h"
#include "src/engine/engine_state.h"
#include "src/kpi/row_builder.h"

namespace cckpi {

// Borrows from an engine that must not change while the view is used.
struct EngineView {
  // The same for all looks at one engine: numbers of groups and texts that
  // were seen in one mean the same in the next.
  std::shared_ptr<const char> identity;
  const EngineSetup* setup = nullptr;
  const Names* names = nullptr;
  const EngineState* committed = nullptr;
  std::shared_ptr<const EngineState> overlay;  // nullptr: nothing is pending
  RowSources sources;
  int64_t now_us = kNoTime;  // kNoTime: nothing was seen yet

  const EngineState& newest() const {
    return overlay != nullptr ? *overlay : *committed;
  }
};

class EngineAccess {
 public:
  static EngineView Look(const Engine& engine);
  // The KPIs that a query means by `name`, as indices into the plan.
  static absl::StatusOr<std::vector<size_t>> Named(const Engine& engine,
                                                   const std::string& name);
};

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_ENGINE_VIEW_H_
