// The oracle's KPIs: each books what it counts into a table, then the table's
// cells become rows.

#ifndef CCKPI_TESTS_ORACLE_ORACLE_KPIS_H_
#define CCKPI_TESTS_ORACLE_ORACLE_KPIS_H_

#include <cstdint>
#include <vector>

#include "cckpi/kpi/kpi_spec.h"
#include "oracle/oracle.h"
#include "oracle/oracle_agents.h"
#include "oracle/oracle_clock.h"
#include "oracle/oracle_replay.h"
#include "oracle/oracle_table.h"

namespace cckpi::oracle {

struct Scene {
  const Config& config;
  const SlowClock& clock;
  const std::vector<Interaction>& interactions;
  const std::vector<Event>& forecasts;  // sorted
  const AgentScene& agents;
  int64_t now_us;
};

// One function books each family of KPIs for one spec.
void BookDurations(const Scene& scene, const KpiSpec& spec, Table& table);
void BookDeadlines(const Scene& scene, const KpiSpec& spec, Table& table);
void BookBacklog(const Scene& scene, const KpiSpec& spec, Table& table);
void BookContacts(const Scene& scene, const KpiSpec& spec, Table& table);
void BookQuality(const Scene& scene, const KpiSpec& spec, Table& table);
void BookForecasts(const Scene& scene, const KpiSpec& spec, Table& table);
void BookCounts(const Scene& scene, const KpiSpec& spec, Table& table);

// The dimensions at the step of entry (or opening), the unknown ones filled in
// from the rest of the episode.
Dims EntryDims(const Interaction& interaction, const Episode& episode,
               size_t step);

std::vector<OracleRow> MakeRows(const Config& config, const KpiSpec& spec,
                                const Table& table);

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_ORACLE_KPIS_H_
