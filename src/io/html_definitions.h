// What the numbers of a page mean: each KPI with its definition, and the
// figures beside their values.

#ifndef CCKPI_SRC_IO_HTML_DEFINITIONS_H_
#define CCKPI_SRC_IO_HTML_DEFINITIONS_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/kpi/report.h"

namespace cckpi {

// The KPIs of some reports, each with its definition once, and the place on
// the page where that stands.
class KpiIndex {
 public:
  void Add(const Report& report);

  // "kpi-3", for a link.
  std::string Anchor(const ReportRow& row) const;

  // A section of the page.
  std::string Definitions() const;

 private:
  std::map<std::string, size_t> places_;  // by SeriesIdentity
  std::vector<ReportRow> rows_;           // one of each, without figures
  std::map<std::string, bool> figures_;   // the names that occur
};

// What a figure of a row says ("void": ended without an answer); empty for an
// unknown name.
std::string_view FigureMeaning(std::string_view name);

}  // namespace cckpi

#endif  // CCKPI_SRC_IO_HTML_DEFINITIONS_H_
