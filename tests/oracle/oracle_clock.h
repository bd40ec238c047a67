// The oracle's clocks: calendar time, and open time derived day by day.
//
// Spans is a set of instants as sorted, disjoint, half-open intervals. What a
// clock measures is the overlap of two such sets: the time that counts (the
// observation without its excluded phases) and the time that is open.

#ifndef CCKPI_TESTS_ORACLE_ORACLE_CLOCK_H_
#define CCKPI_TESTS_ORACLE_ORACLE_CLOCK_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/kpi_spec.h"

namespace cckpi::oracle {

struct Span {
  int64_t begin_us = 0;
  int64_t end_us = 0;
  friend bool operator==(const Span&, const Span&) = default;
};
using Spans = std::vector<Span>;

// Sorts, drops what is empty, joins what touches or overlaps.
Spans Normalized(Spans spans);
Spans Intersection(const Spans& a, const Spans& b);
Spans Difference(const Spans& a, const Spans& b);
int64_t TotalOf(const Spans& spans);

// The open time of one calendar. The dates of [from_us, to_us) and of some days
// around it are looked at one by one.
Spans OpenTime(const CalendarSpec& calendar, int64_t from_us, int64_t to_us);

// The fields of an interaction that select its schedule.
struct ScheduleKey {
  std::string_view team;
  std::string_view channel;
  std::string_view source;
  std::string_view priority;
};

class SlowClock {
 public:
  explicit SlowClock(const Config& config) : config_(config) {}

  // The part of `counted` that the clock sees, for an observation of
  // [from_us, to_us).
  int64_t Elapsed(Clock clock, const ScheduleKey& key, int64_t from_us,
                  int64_t to_us, const Spans& counted) const;

  // The last instant t at which the part of `counted` up to t that the clock
  // sees is at most `target_us`; kNever where it is never used up.
  int64_t Deadline(Clock clock, const ScheduleKey& key, int64_t from_us,
                   int64_t target_us, const Spans& counted) const;

 private:
  // The rule in force at an instant; null where none applies.
  const ScheduleRule* RuleAt(const ScheduleKey& key, int64_t at_us) const;
  // The instants at which another rule may come into force, in order.
  std::vector<int64_t> RuleChanges() const;
  Spans OpenByRule(const ScheduleRule* rule, int64_t from_us,
                   int64_t to_us) const;
  Spans OpenInForce(const ScheduleKey& key, int64_t from_us,
                    int64_t to_us) const;
  // The first crossing of `target_us`, the open time being that of `rule`, or
  // of the rules in force where `in_force`.
  int64_t Crossing(const ScheduleKey& key, const ScheduleRule* rule,
                   bool in_force, int64_t from_us, int64_t target_us,
                   const Spans& counted) const;

  const Config& config_;
  // Open time already derived, by calendar: the range looked at, the spans.
  mutable std::map<std::string, std::pair<Span, Spans>> derived_;
};

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_ORACLE_CLOCK_H_
