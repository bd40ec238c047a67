// DefinitionsText: what a plan measures, as text.
//
// Two configurations with the same text give the same state for the same
// events, whatever else they say (statistics, scorecards, alerts). A snapshot
// carries the text; one that is restored under another text would be read as
// what it is not.

#ifndef CCKPI_SRC_KPI_DEFINITIONS_TEXT_H_
#define CCKPI_SRC_KPI_DEFINITIONS_TEXT_H_

#include <string>
#include <string_view>

#include "cckpi/kpi/config.h"
#include "src/kpi/plan.h"

namespace cckpi {

// One definition a line: "spans[3] wait clock=0 …".
std::string DefinitionsText(const Config& config, const Plan& plan);

// Where two texts differ first, for an error; empty when they do not.
std::string DefinitionsDifference(std::string_view saved,
                                  std::string_view configured);

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_DEFINITIONS_TEXT_H_
