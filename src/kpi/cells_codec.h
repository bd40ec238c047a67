// The bytes of cells (docs/snapshot-format.md, section cells).
//
// Each measure of the plan is a list of cells in the order of bucket and
// group. Cells in which everything is 0 say nothing and are left out.

#ifndef CCKPI_SRC_KPI_CELLS_CODEC_H_
#define CCKPI_SRC_KPI_CELLS_CODEC_H_

#include <cstddef>

#include "src/kpi/booker.h"
#include "src/timeline/id_coding.h"

namespace cckpi {

// Sink is IdMarker (`places` null) or IdWriter.
template <typename Sink>
void EncodeCells(const Cells& cells, const IdLists<uint32_t>* places,
                 Sink& sink);

// Adds to what is there. `states` is the number of agent states.
void DecodeCells(IdReader& reader, size_t states, Cells& cells);

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_CELLS_CODEC_H_
