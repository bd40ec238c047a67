// What the parts of a report row are called in a table for people.
//
//   A row of service_level with T = 15 min and stage every reads
//     title "Service level", variant "every response, within 15m",
//     value "75.0 %", sample "4", details met 3, missed 1.

#ifndef CCKPI_SRC_IO_RENDER_LABEL_H_
#define CCKPI_SRC_IO_RENDER_LABEL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/kpi/report.h"

namespace cckpi {

// Before and between the columns of a table in a terminal.
inline constexpr int kTableIndent = 2;
inline constexpr int kTableGap = 2;

// The catalogue's title, or the id that the host gave.
std::string KpiTitle(const ReportRow& row);

// What tells this variant from the KPI's default, the statistic first:
// "mean", "p90, business clock", "within 15m". Empty where the title says all.
std::string VariantLabel(const ReportRow& row);

// "8m 32s", "75.0 %", "41", "12.4 /h"; "-" without a value.
std::string ValueText(const ReportRow& row);

// The KPI's place in the catalogue; what is not in it comes last.
size_t CatalogueOrder(const ReportRow& row);

// The number of observations behind the value; nothing for counts and sums.
std::optional<int64_t> SampleOf(const ReportRow& row);
// The same as text, empty for nothing.
std::string SampleText(const ReportRow& row);

struct Detail {
  std::string label;  // "p90", "open", "mean age"
  std::string text;   // "12m", "3"
};

// The figures that say more than value and sample do. The text of those that
// are zero or mean nothing here is empty.
std::vector<Detail> DetailsOf(const ReportRow& row);

// "Mon 2026-03-02", "week 2026-03-02", "2026-03", "2026-03-02 09:00", "all";
// for other windows both ends.
std::string WindowLabel(const Window& window, const Zone& zone);

// The group's value, safe to print; "(none)" without one.
std::string GroupValueText(const std::optional<std::string>& value);

}  // namespace cckpi

#endif  // CCKPI_SRC_IO_RENDER_LABEL_H_
