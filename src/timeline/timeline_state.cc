#include "src/timeline/timeline_state.h"

namespace cckpi {

void TimelineState::Forget(InteractionId id) {
  reviews.Forget(id);
  interactions.Erase(id);
}

}  // namespace cckpi
