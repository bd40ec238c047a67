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

#define CCKPI_COMPILE(Cell)         \
  template class RolledCells<Cell>; \
  template class CellStore<Cell>;
CCKPI_FOR_EACH_KIND_OF_CELL(CCKPI_COMPILE)
#undef CCKPI_COMPILE

}  // namespace cckpi
