// The catalogue: every KPI, with its definition in words and in options.
//
//   for (const KpiDefinition& definition : Catalogue()) {
//     std::cout << definition.name << ": " << definition.summary << "\n";
//   }
//   KpiSpec spec = DefaultSpec(Kpi::kServiceLevel);  // T 15 min
//
// The same table validates the configuration, prints `cckpi kpis` and names
// the parts that a formula may use.

#ifndef CCKPI_KPI_CATALOGUE_H_
#define CCKPI_KPI_CATALOGUE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "cckpi/kpi/kpi_spec.h"
#include "cckpi/kpi/report.h"

namespace cckpi {

// T where configuration gives none.
inline constexpr int64_t kDefaultTarget = 15 * kMinute;

// An option of a KPI: its key in the configuration and what it takes.
struct KpiOption {
  std::string_view name;      // "stage"
  std::string_view values;    // "first | every | resolution", "span", …
  std::string_view fallback;  // its default, as configuration writes it
  std::string_view summary;
};

struct KpiDefinition {
  Kpi kpi;
  std::string_view name;     // "first_response_time"
  std::string_view title;    // "First response time"
  Unit unit;                 // of the default statistic
  std::string_view summary;  // one sentence
  std::string_view starts;   // what starts the clock; "" for counts
  std::string_view ends;
  std::string_view population;
  std::string_view credited_to;
  Attribution attribution;                // the default booking
  Statistic statistic;                    // the default
  std::span<const Statistic> statistics;  // the ones it has
  std::span<const KpiOption> options;
};

// In the order of docs/kpis.md.
std::span<const KpiDefinition> Catalogue();
const KpiDefinition& Definition(Kpi kpi);
const KpiDefinition* FindKpi(std::string_view name);  // nullptr: none

// A figure of a KPI that a formula may name, besides ids and catalogue names.
struct KpiCounter {
  std::string_view name;  // the figure's name in the KPI's rows: "met"
  Kpi kpi;                // of whose default spec it is
  std::string_view summary;
};
std::span<const KpiCounter> Counters();
const KpiCounter* FindCounter(std::string_view name);  // nullptr: none

// The spec with every option at its default, id empty.
KpiSpec DefaultSpec(Kpi kpi);

// The same under a configuration: the load is its `agent_load`.
KpiSpec DefaultSpec(Kpi kpi, const Config& config);

// The whole catalogue with its defaults; where `with_business_clock`, every
// duration, service level and deadline KPI once more on the business clock.
std::vector<KpiSpec> DefaultKpis(bool with_business_clock);

// Sets one option from its configuration text ("stage" to "every", "within" to
// "15m", "statistic" to "p90", "exclude" to "hold,bot").
// InvalidArgument: `"stage": "evry" is none of first, every, resolution; did
// you mean "every"?`, or an option the KPI has not, with the nearest it has.
absl::Status SetKpiOption(KpiSpec& spec, std::string_view option,
                          std::string_view value);

// The text that SetKpiOption reads back: "every", "15m", "hold,bot". Empty
// where there is no such option at all.
std::string KpiOptionValue(const KpiSpec& spec, std::string_view option);

// The option of that KPI; nullptr when it has none of this name.
const KpiOption* FindOption(Kpi kpi, std::string_view option);

// The words that the option takes ("first", "every"), without the free forms
// (a span, a list, pNN).
std::vector<std::string_view> OptionWords(const KpiOption& option);

// Is `spec` sound as a whole (a percentile in range, a positive T, …)?
absl::Status ValidateKpiSpec(const KpiSpec& spec);

// What a name stands for in a configuration (scorecards, rules, reports,
// formulas): the KPI of that id; else, for a catalogue name, the first
// configured KPI of that kind without an id, else its default. nullopt: none.
std::optional<KpiSpec> ResolveKpi(const Config& config, std::string_view name);

// The definition part of a report row: statistic, clock, attribution and the
// options that differ between variants, as name → value in order of output.
// "within_us" is an integer, everything else text.
std::vector<Figure> DescribeSpec(const KpiSpec& spec);

// The unit of `value`: "count" for the count of a duration, "ratio" for its
// share within T.
Unit SpecUnit(const KpiSpec& spec);

std::string StatisticName(const KpiSpec& spec);  // "mean", "p90", "p99.9"
std::string_view ClockName(Clock clock);
std::string_view AttributionName(Attribution attribution);
std::string_view ResponseName(Response response);
std::string_view StageName(Stage stage);
std::string_view PhaseName(Phase phase);

// The candidate with the fewest edits from `text`; empty when none is near.
std::string_view NearestName(std::string_view text,
                             std::span<const std::string_view> candidates);

}  // namespace cckpi

#endif  // CCKPI_KPI_CATALOGUE_H_
