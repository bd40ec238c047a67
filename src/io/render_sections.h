// A report, sorted into what a table shows: a section for each grouping, in it
// a series for each KPI with its definition, in that the rows by window and
// group.

#ifndef CCKPI_SRC_IO_RENDER_SECTIONS_H_
#define CCKPI_SRC_IO_RENDER_SECTIONS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cckpi/calendar/window.h"
#include "cckpi/kpi/report.h"

namespace cckpi {

using GroupValues = std::vector<std::optional<std::string>>;

// Text by its digits as numbers ("agent-2" before "agent-10"); missing values
// come last: "(none)" stands at the end of a table.
struct GroupLess {
  bool operator()(const GroupValues& a, const GroupValues& b) const;
};

struct Key {
  Window window;
  GroupValues group;

  bool operator<(const Key& other) const {
    if (window != other.window) return window < other.window;
    return GroupLess()(group, other.group);
  }
};

// One KPI with its definition.
struct Series {
  size_t order = 0;
  std::string title;
  std::string variant;
  std::map<Key, const ReportRow*> rows;
};

struct ReportSection {
  std::vector<std::string> dimensions;
  std::vector<Series> series;
  std::vector<Key> keys;
  size_t groups_left_out = 0;
};

// Everything that tells the row's KPI, with its definition, from another.
std::string SeriesIdentity(const ReportRow& row);

// The total first, coarse groupings before fine ones, without those that know
// no value of their dimensions and only repeat the total; series in the order
// of the catalogue. Of more groups than `max_groups` (0: no limit) the ones
// with most observations. `report` must outlive the result.
std::vector<ReportSection> MakeSections(const Report& report,
                                        size_t max_groups);

}  // namespace cckpi

#endif  // CCKPI_SRC_IO_RENDER_SECTIONS_H_
