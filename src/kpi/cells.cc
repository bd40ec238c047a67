#include "src/kpi/cells.h"

namespace cckpi {

void SpanCell::Merger::operator()(SpanCell& to,
                                  std::span<const SpanCell* const> from) {
  if (from.size() == 1) return to.Merge(*from.front());
  durations.Clear();
  for (const SpanCell* cell : from) {
    durations.Add(cell->duration);
    to.AddCounts(*cell);
  }
  durations.MergeInto(to.duration);
}

}  // namespace cckpi
