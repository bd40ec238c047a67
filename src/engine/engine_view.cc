#include "src/engine/engine_view.h"

#include "src/engine/engine_impl.h"

namespace cckpi {

void Engine::Impl::Look(EngineView& view) const {
  view.setup = &setup_;
  view.names = &names_;
  view.committed = state_.get();
  view.overlay = Overlay();
  view.sources = Sources(view.overlay.get());
  view.now_us = now_us();
}

EngineView EngineAccess::Look(const Engine& engine) {
  EngineView view;
  engine.impl_->Look(view);
  return view;
}

}  // namespace cckpi
