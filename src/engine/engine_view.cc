#include "src/engine/engine_view.h"

#include "src/engine/engine_impl.h"

namespace cckpi {

void Engine::Impl::Look(EngineView& view) const {
  view.identity = identity_;
  view.setup = &setup_;
  view.names = &names_;
  view.committed = state_.get();
  view.overlay = Overlay();
  view.sources = Sources(view.overlay.get());
  view.now_us = now_us();
}

absl::StatusOr<std::vector<size_t>> Engine::Impl::Named(
    const std::string& name) const {
  Query query;
  query.kpis = {name};
  query.names = Query::Names::kReferenced;
  return Selected(query);
}

absl::StatusOr<std::vector<size_t>> EngineAccess::Named(
    const Engine& engine, const std::string& name) {
  return engine.impl_->Named(name);
}

EngineView EngineAccess::Look(const Engine& engine) {
  EngineView view;
  engine.impl_->Settle();
  engine.impl_->Look(view);
  return view;
}

}  // namespace cckpi
