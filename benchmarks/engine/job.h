// The job that the yardstick runs, and the peers too (benchmarks/peers).

#ifndef CCKPI_BENCHMARKS_ENGINE_JOB_H_
#define CCKPI_BENCHMARKS_ENGINE_JOB_H_

#include <cstdint>

#include "benchmarks/engine/workload.h"
#include "cckpi/kpi/config.h"

namespace cckpi {

// The KPIs of the job by (channel, team) and by agent; `catalogue`: every KPI
// there is.
Config JobConfig(bool catalogue);

// A month of about so many events.
WorkloadShape ShapeOf(int64_t events);

}  // namespace cckpi

#endif  // CCKPI_BENCHMARKS_ENGINE_JOB_H_
