// The oracle: every KPI of an event log, computed the slow and obvious way.
//
// It takes a whole log at once, sorts it, replays each interaction into
// explicit records (steps, episodes, waits, assignments) and then computes each
// KPI by looping over these records, straight from docs/kpis.md. It is written
// independently of the engine and shares nothing with it but the plain structs
// of events, configuration and windows, the total order of events, and the
// edges of report windows. It exists to be compared with the engine; see
// compare.h.
//
//   Oracle oracle(config);
//   OracleResult result = oracle.Run(events, now_us, query);
//   for (const OracleRow& row : result.rows) { ... }
//
// Counts and sums are exact. Percentiles are taken from the sorted values
// (inclusive: the smallest x with share(<= x) >= q) and carry the 1 % that the
// engine is allowed, as do extremes of which one was taken out again.
//
// Left out: formulas give no rows, nothing is ever late, and whether a row is
// provisional is not computed; stream_against_oracle_test.cc looks after these
// two.

#ifndef CCKPI_TESTS_ORACLE_ORACLE_H_
#define CCKPI_TESTS_ORACLE_ORACLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "cckpi/event/event.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/kpi_spec.h"
#include "cckpi/kpi/report.h"

namespace cckpi::oracle {

// A number, a text, or the range in which the engine's number must lie.
struct OracleValue {
  enum class Form { kInteger, kRange, kText, kNone };
  Form form = Form::kNone;
  absl::int128 integer = 0;
  double low = 0;
  double high = 0;
  std::string text;

  static OracleValue Integer(absl::int128 value);
  // A floating-point number, to rounding.
  static OracleValue Number(double value);
  // A duration in microseconds, to 1 %.
  static OracleValue Percent(int64_t value);
  static OracleValue Range(double low, double high);
  static OracleValue Text(std::string text);
  static OracleValue None() { return {}; }

  bool Accepts(double value) const;
  bool Accepts(absl::int128 value) const;
  bool Accepts(const std::string& value) const;
};

struct OracleFigure {
  std::string name;
  OracleValue value;
};

struct OracleRow {
  std::string kpi;    // catalogue name
  std::string id;     // the configured id
  std::string clock;  // "calendar" or "business"
  std::string part;   // the state or check that the row is about
  int64_t begin_us = 0;
  int64_t end_us = 0;
  std::vector<std::pair<std::string, std::optional<std::string>>> group;
  std::vector<OracleFigure> figures;
  OracleValue value;

  // The integer figure of that name; nullopt when there is none.
  std::optional<int64_t> Get(const std::string& name) const;
};

struct OracleResult {
  std::vector<OracleRow> rows;  // by KPI in order of configuration, then group
  EventCounts events;           // `late` stays 0
};

class Oracle {
 public:
  explicit Oracle(const Config& config);

  // `events` in any order, all valid; their text must outlive the call. Events
  // after `now_us` are left out.
  OracleResult Run(std::vector<Event> events, int64_t now_us,
                   const Query& query) const;

 private:
  Config config_;
  std::vector<KpiSpec> specs_;
};

// True for the KPIs that the oracle computes.
bool OracleCovers(Kpi kpi);

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_ORACLE_H_
