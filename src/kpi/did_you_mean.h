// What an error adds where a name is unknown and another one is near.

#ifndef CCKPI_SRC_KPI_DID_YOU_MEAN_H_
#define CCKPI_SRC_KPI_DID_YOU_MEAN_H_

#include <span>
#include <string>
#include <string_view>

#include "cckpi/kpi/catalogue.h"
#include "src/base/text.h"

namespace cckpi {

// "; did you mean \"every\"?", or nothing.
inline std::string DidYouMean(std::string_view text,
                              std::span<const std::string_view> candidates) {
  const std::string_view nearest = NearestName(text, candidates);
  return nearest.empty() ? "" : "; did you mean " + Quoted(nearest) + "?";
}

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_DID_YOU_MEAN_H_
