// Questions as C structs.

#ifndef CCKPI_CAPI_SRC_QUERY_H_
#define CCKPI_CAPI_SRC_QUERY_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "capi/include/cckpi.h"
#include "cckpi/kpi/report.h"

namespace cckpi::capi {

// NULL is the question of all zero. InvalidArgument names the field.
absl::StatusOr<Query> ReadQuery(const cckpi_query* query);

absl::StatusOr<Frequency> ReadFrequency(cckpi_frequency every);

// An array of texts, such as "query.kpis".
absl::StatusOr<std::vector<std::string>> ReadTexts(std::string_view argument,
                                                   const cckpi_text* texts,
                                                   size_t count);

// The value of each dimension that a question is restricted to, from the arrays
// `place`where_names and `place`where_values.
absl::StatusOr<std::map<std::string, std::string>> ReadScope(
    std::string_view place, const cckpi_text* names, const cckpi_text* values,
    size_t count);

}  // namespace cckpi::capi

#endif  // CCKPI_CAPI_SRC_QUERY_H_
