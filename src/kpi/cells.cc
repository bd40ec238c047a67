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

template class RolledCells<SpanCell>;
template class RolledCells<DeadlineCell>;
template class RolledCells<CounterCell>;
template class RolledCells<BacklogCell>;
template class RolledCells<ContactCell>;
template class RolledCells<BotCell>;
template class RolledCells<ReviewCell>;
template class RolledCells<SurveyCell>;
template class RolledCells<AgentTimeCell>;
template class CellStore<SpanCell>;
template class CellStore<DeadlineCell>;
template class CellStore<CounterCell>;
template class CellStore<BacklogCell>;
template class CellStore<ContactCell>;
template class CellStore<BotCell>;
template class CellStore<ReviewCell>;
template class CellStore<SurveyCell>;
template class CellStore<AgentTimeCell>;

}  // namespace cckpi
