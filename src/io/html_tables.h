// The tables of a page: plain HTML that says all of a report's numbers.
//
// Each cell with a value has the number of its row in the page's JSON block,
// `data-row`, its table the report, `data-report`; the exact value stands in
// a <data> element around the text for people.

#ifndef CCKPI_SRC_IO_HTML_TABLES_H_
#define CCKPI_SRC_IO_HTML_TABLES_H_

#include <string>
#include <string_view>
#include <vector>

#include "cckpi/calendar/zone.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/report.h"
#include "src/io/html_definitions.h"
#include "src/io/render_sections.h"

namespace cckpi {

// A table in a box that scrolls sideways, by keyboard too, where the page is
// narrow. `attributes` go into the <table> tag, `content` between the tags.
std::string ScrollTable(std::string_view caption, std::string_view attributes,
                        std::string_view content);

// "12m 4s" around its exact value; a mark where it is provisional.
std::string ValueElement(const ReportRow& row);

// The value's cell of a series: no data-row.
std::string ValueCell(const ReportRow& row);

class HtmlTables {
 public:
  // `name` is what the JSON block calls the report. All must outlive this.
  HtmlTables(const Report& report, std::string_view name, const Config& config,
             const Zone& zone, const KpiIndex& index);

  // The section as tables, one for each topic. Where there is one window and
  // no dimension: a row for each KPI with all its figures; else a row for
  // each window and group, a column for each KPI.
  std::string Tables(const ReportSection& section) const;

  // The values of the total as tiles, with their goals.
  std::string Tiles(const ReportSection& section) const;

 private:
  std::string KpiTable(const ReportSection& section) const;
  std::string GroupTable(const ReportSection& section, std::string_view title,
                         const std::vector<const Series*>& columns) const;
  std::string RowAttribute(const ReportRow& row) const;

  const Report& report_;
  const std::string name_;
  const Config& config_;
  const Zone& zone_;
  const KpiIndex& index_;
};

// "By channel and team", "Total".
std::string SectionTitle(const ReportSection& section);

}  // namespace cckpi

#endif  // CCKPI_SRC_IO_HTML_TABLES_H_
