// The bytes of cells (docs/snapshot-format.md, sections cells and runs).
//
// Each measure of the plan is a list of cells in the order of bucket and
// group. Cells in which everything is 0 say nothing and are left out. Those of
// agents that stay the same for days are in a list of their own.

#ifndef CCKPI_SRC_KPI_CELLS_CODEC_H_
#define CCKPI_SRC_KPI_CELLS_CODEC_H_

#include <cstddef>

#include "src/kpi/booker.h"
#include "src/timeline/id_coding.h"

namespace cckpi {

void MarkCells(const Cells& cells, IdMarker& marker);

// Writes the section cells to `writer` and the section runs to `runs`.
void EncodeCells(const Cells& cells, const IdLists<uint32_t>* places,
                 IdWriter& writer, IdWriter& runs);

// Both add to what is there. `states` is the number of agent states.
void DecodeCells(IdReader& reader, size_t states, Cells& cells);
void DecodeRuns(IdReader& reader, size_t states, Cells& cells);

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_CELLS_CODEC_H_
