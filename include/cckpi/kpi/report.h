// Report: the answer to a query, rows of exact numbers.
//
// A row is one KPI, in one window, for one group. Exact integers (counts,
// sums in microseconds, numerators and denominators) come beside `value`,
// which is for reading. A window or group with no data has no row. Rows are
// ordered by KPI (its catalogue name), begin, group, id. What many rows have in
// common, their definition, the names of their group and often their figures,
// they share.

#ifndef CCKPI_KPI_REPORT_H_
#define CCKPI_KPI_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/numeric/int128.h"
#include "cckpi/base/shared_list.h"
#include "cckpi/base/shared_text.h"
#include "cckpi/calendar/window.h"
#include "cckpi/kpi/config.h"

namespace cckpi {

enum class Unit : uint8_t { kSeconds, kRatio, kCount, kScore, kPerHour };
std::string_view UnitName(Unit unit);  // "s", "ratio", "count", …

// A named figure of a row, in the order of output. Instants and durations in
// microseconds carry "_us" in the name.
struct Figure {
  std::string name;
  std::variant<int64_t, absl::int128, double, std::string, std::nullptr_t>
      value;
};

struct ReportRow {
  SharedText kpi;  // catalogue name ("formula" for the host's own)
  SharedText id;   // the configured id; empty when there is none
  // The definition: statistic, clock, attribution, stage, within_us, … as
  // name → value, in the order of output.
  SharedList<Figure> definition;
  int64_t begin_us = 0;
  int64_t end_us = 0;
  // Dimension name → value; nullopt is "none" (no agent yet, say).
  SharedList<std::pair<std::string, std::optional<std::string>>> group;
  std::optional<double> value;  // unset where the denominator is zero
  Unit unit = Unit::kCount;
  SharedList<Figure> figures;  // count, sum_us, open, void, met, …
  bool provisional = false;
};

struct EventCounts {
  int64_t applied = 0;
  int64_t duplicate = 0;
  int64_t late = 0;
  int64_t refused = 0;
  int64_t after_now = 0;  // left out of a report as of an earlier instant
};

// A refused event: its place in the input and why. At most
// kMaxRefusalsKept are kept; the counts are complete.
struct Refusal {
  std::string source;  // the file, or empty
  int64_t row = 0;     // 1 is the first record (line) of its source or batch
  std::string reason;
  std::string event;  // its id, or the interaction, for finding it
};
inline constexpr size_t kMaxRefusalsKept = 100;

struct Report {
  int64_t now_us = 0;
  std::vector<ReportRow> rows;
  EventCounts events;
  std::vector<Refusal> refusals;
};

// How the observations of a duration KPI spread: the bins of its histogram
// that hold any, in ascending order. A bin is at most 1.6 % wide, and a
// percentile or a share within T takes each of its observations as the bin's
// midpoint. Of the same KPI, window and group as a row; one without
// observations has none.
struct DistributionBin {
  int64_t begin_us = 0;
  int64_t end_us = 0;  // half open: [begin_us, end_us)
  int64_t count = 0;

  friend bool operator==(const DistributionBin&,
                         const DistributionBin&) = default;
};

struct Distribution {
  SharedText kpi;
  SharedText id;
  SharedList<Figure> definition;
  int64_t begin_us = 0;
  int64_t end_us = 0;
  SharedList<std::pair<std::string, std::optional<std::string>>> group;
  std::vector<DistributionBin> bins;
};

// More rows than these no report has, unless its query says so: they take some
// 6 GB. One case that is open for years has a row of each level in every
// window.
inline constexpr size_t kMaxReportRows = 4'000'000;

struct Query {
  // Which of the configured KPIs, by id or catalogue name; empty: all.
  std::vector<std::string> kpis;
  // What a name in `kpis` stands for. A name that no reported KPI has finds
  // the one that a scorecard, a scaling rule or a report schedule of the
  // configuration calls so, in either case.
  enum class Names : uint8_t {
    kReported = 0,    // every reported KPI of that id or catalogue name
    kReferenced = 1,  // the one KPI that cards, rules and schedules mean by it
  };
  Names names = Names::kReported;
  // One grouping; unset: the total, then every configured grouping; with
  // `where` only the total.
  std::optional<GroupBy> by;
  // Only what has these values: dimension name → value, an empty value for
  // what has none. {{"team", "first-response"}}. Some configured group, scope
  // or `by` must keep these dimensions and those of `by` together.
  std::map<std::string, std::string> where;
  Frequency every = Frequency::kAll;
  // Only windows that overlap [begin, end); kNoTime: no bound.
  int64_t begin_us = kNoTime;
  int64_t end_us = kNoTime;
  // Exactly this window instead of `every`, `begin_us` and `end_us`: a run of
  // whole 15-minute buckets. Levels are those at its end, or now.
  std::optional<Window> window;
  // ResourceExhausted where there would be more rows, or more bins of
  // distributions.
  size_t max_rows = kMaxReportRows;
};

}  // namespace cckpi

#endif  // CCKPI_KPI_REPORT_H_
