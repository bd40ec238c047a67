// The oracle's cells: what is booked, by window and group.

#ifndef CCKPI_TESTS_ORACLE_ORACLE_TABLE_H_
#define CCKPI_TESTS_ORACLE_ORACLE_TABLE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/numeric/int128.h"
#include "cckpi/calendar/window.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/report.h"
#include "oracle/oracle_replay.h"

namespace cckpi::oracle {

struct Cell {
  std::map<std::string, absl::int128> sums;
  std::vector<int64_t> values;           // durations, or ages
  std::vector<int64_t> business_values;  // of the ages
  std::vector<int64_t> taken_out;  // values that a discard or a later close
                                   // took out again
  absl::int128 waiting_us = 0;     // of those still open

  absl::int128& operator[](const std::string& name) { return sums[name]; }
  absl::int128 Sum(const std::string& name) const {
    auto it = sums.find(name);
    return it == sums.end() ? absl::int128(0) : it->second;
  }
};

using GroupKey = std::vector<std::optional<std::string>>;
using CellKey = std::tuple<int64_t, int64_t, size_t, GroupKey>;

class Table {
 public:
  // `first_us` is the earliest event that is no forecast.
  Table(const Config& config, const Query& query, int64_t first_us,
        int64_t now_us);

  const std::vector<GroupBy>& groupings() const { return groupings_; }
  // The groups that are configured, whatever the query asks for.
  const std::vector<GroupBy>& configured() const { return configured_; }
  const std::map<CellKey, Cell>& cells() const { return cells_; }

  static GroupKey KeyOf(const GroupBy& by, const Dims& dims);

  // The window that holds an instant; for kNever there is none, and what would
  // be booked there is nowhere.
  Window WindowOf(int64_t at_us) const;

  using Change = std::function<void(Cell&)>;
  // In the window that holds `at_us`, in every grouping.
  void Book(int64_t at_us, const Dims& dims, const Change& change);
  void BookIn(const Window& window, const Dims& dims, const Change& change);
  void BookIn(const Window& window, size_t grouping, const GroupKey& key,
              const Change& change);

  // Calls `visit` for each window at whose end (or now, where that is earlier)
  // something is there that came at `from_us` and goes at `to_us` (kNever: not
  // yet). The end of a window is before the events of that instant, now is
  // after them.
  void AtWindowEnds(
      int64_t from_us, int64_t to_us,
      const std::function<void(const Window&, int64_t instant)>& visit) const;

 private:
  bool Wanted(Window window) const;

  std::vector<GroupBy> configured_;
  std::vector<GroupBy> groupings_;
  Query query_;
  int64_t first_us_;
  int64_t now_us_;
  Zone zone_;
  absl::Weekday week_start_;
  std::map<CellKey, Cell> cells_;
};

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_ORACLE_TABLE_H_
