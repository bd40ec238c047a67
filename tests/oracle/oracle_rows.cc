// From cells to rows: the figures of docs/kpis.md, and `value`.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

#include "cckpi/kpi/catalogue.h"
#include "cckpi/stats/wilson.h"
#include "oracle/oracle_kpis.h"

namespace cckpi::oracle {
namespace {

double ToDouble(absl::int128 value) { return static_cast<double>(value); }

OracleValue Quotient(absl::int128 numerator, absl::int128 denominator) {
  if (denominator == 0) return OracleValue::None();
  return OracleValue::Number(ToDouble(numerator) / ToDouble(denominator));
}

// Inclusive: the smallest x with share(<= x) >= q.
int64_t PercentileOf(const std::vector<int64_t>& sorted, int64_t ppm) {
  const auto n = static_cast<int64_t>(sorted.size());
  int64_t rank = (n * ppm + 999'999) / 1'000'000;
  rank = std::clamp<int64_t>(rank, 1, n);
  return sorted[static_cast<size_t>(rank - 1)];
}

OracleValue Scaled(OracleValue value, double factor) {
  if (value.form == OracleValue::Form::kInteger) {
    return OracleValue::Number(ToDouble(value.integer) * factor);
  }
  value.low *= factor;
  value.high *= factor;
  return value;
}

// One row in the making.
class Maker {
 public:
  Maker(const Config& config, const KpiSpec& spec, const Cell& cell,
        OracleRow& row)
      : config_(config),
        spec_(spec),
        cell_(cell),
        row_(row),
        sorted_(cell.values) {
    std::sort(sorted_.begin(), sorted_.end());
  }

  // False when there is nothing: no row.
  bool Make() {
    switch (spec_.kpi) {
      case Kpi::kServiceLevel:
        ServiceLevel();
        break;
      case Kpi::kBeyondTurnaround:
        BeyondTurnaround();
        break;
      case Kpi::kAccuracy:
        Accuracy();
        break;
      case Kpi::kFirstContactResolution:
        Contacts();
        break;
      case Kpi::kBacklog:
        Backlog();
        break;
      case Kpi::kBotOutcome:
        BotOutcome();
        break;
      case Kpi::kSatisfaction:
        Satisfaction();
        break;
      case Kpi::kForecastAccuracy:
        Forecast();
        break;
      case Kpi::kHandleTime:
        HandleTime();
        break;
      case Kpi::kFirstResponseTime:
      case Kpi::kResponseTime:
      case Kpi::kCustomerResponseTime:
      case Kpi::kResolutionTime:
      case Kpi::kOperatingTime:
      case Kpi::kSpeedOfAnswer:
      case Kpi::kAssignToReply:
        Duration();
        break;
      default:
        Keep("count");
        row_.value = OracleValue::Number(ToDouble(cell_.Sum("count")));
    }
    if (spec_.kpi == Kpi::kSatisfaction &&
        spec_.statistic != Statistic::kResponseRate) {
      return cell_.Sum("count") != 0;
    }
    return std::any_of(cell_.sums.begin(), cell_.sums.end(),
                       [](const auto& sum) { return sum.second != 0; });
  }

 private:
  void Add(const std::string& name, OracleValue value) {
    row_.figures.push_back({name, value});
  }
  void Add(const std::string& name, absl::int128 value) {
    Add(name, OracleValue::Integer(value));
  }
  void Keep(const std::string& name) { Add(name, cell_.Sum(name)); }
  void Ratio(absl::int128 numerator, absl::int128 denominator) {
    Add("numerator", numerator);
    Add("denominator", denominator);
    row_.value = Quotient(numerator, denominator);
  }

  OracleValue Percentile(int64_t ppm) const {
    if (sorted_.empty()) return OracleValue::None();
    return OracleValue::Percent(PercentileOf(sorted_, ppm));
  }
  // Exact, unless a value that is as extreme was taken out.
  OracleValue Least() const {
    if (sorted_.empty()) return OracleValue::None();
    for (int64_t value : cell_.taken_out) {
      if (value <= sorted_.front()) return Percentile(0);
    }
    return OracleValue::Integer(sorted_.front());
  }
  OracleValue Greatest() const {
    if (sorted_.empty()) return OracleValue::None();
    for (int64_t value : cell_.taken_out) {
      if (value >= sorted_.back()) return Percentile(1'000'000);
    }
    return OracleValue::Integer(sorted_.back());
  }

  void Duration() {
    const absl::int128 count = cell_.Sum("count");
    const absl::int128 sum = cell_.Sum("sum_us");
    Keep("count");
    Keep("sum_us");
    Keep("open");
    Keep("void");
    if (spec_.kpi == Kpi::kAssignToReply) Keep("untouched");
    if (count > 0) {
      Add("min_us", Least());
      Add("max_us", Greatest());
      Add("p50_us", Percentile(500'000));
      Add("p90_us", Percentile(900'000));
    }
    switch (spec_.statistic) {
      case Statistic::kMean:
        row_.value = Scaled(Quotient(sum, count), 1e-6);
        break;
      case Statistic::kCount:
        row_.value = OracleValue::Number(ToDouble(count));
        break;
      case Statistic::kSum:
        if (count > 0) row_.value = OracleValue::Number(ToDouble(sum) * 1e-6);
        break;
      case Statistic::kMin:
        row_.value = Scaled(Least(), 1e-6);
        break;
      case Statistic::kMax:
        row_.value = Scaled(Greatest(), 1e-6);
        break;
      case Statistic::kPercentile:
        row_.value = Scaled(Percentile(spec_.percentile_ppm), 1e-6);
        break;
      case Statistic::kShareWithin:
        row_.value = ShareWithin();
        break;
      case Statistic::kMeanWithWaiting:
        row_.value = Scaled(
            Quotient(sum + cell_.waiting_us, count + cell_.Sum("open")), 1e-6);
        break;
      default:
        break;
    }
  }

  void HandleTime() {
    Duration();
    if (spec_.attribution != Attribution::kSliced) return;
    const absl::int128 sliced = cell_.Sum("sliced_us");
    Keep("sliced_us");
    row_.value = spec_.statistic == Statistic::kSum
                     ? OracleValue::Number(ToDouble(sliced) * 1e-6)
                     : Scaled(Quotient(sliced, cell_.Sum("count")), 1e-6);
  }

  // Values within 1 % of T may be on either side.
  OracleValue ShareWithin() const {
    if (sorted_.empty()) return OracleValue::None();
    auto share = [&](double limit) {
      const auto within = std::count_if(
          sorted_.begin(), sorted_.end(),
          [&](int64_t value) { return static_cast<double>(value) <= limit; });
      return static_cast<double>(within) / static_cast<double>(sorted_.size());
    };
    const auto within = static_cast<double>(spec_.within_us);
    return OracleValue::Range(share(within * 0.99 - 1),
                              share(within * 1.01 + 1));
  }

  void ServiceLevel() {
    const absl::int128 met = cell_.Sum("met");
    Ratio(met, met + cell_.Sum("missed"));
    for (const char* name : {"met", "missed", "pending", "void"}) Keep(name);
  }

  void BeyondTurnaround() {
    const absl::int128 beyond =
        cell_.Sum("late_answered") + cell_.Sum("overdue_unanswered");
    const absl::int128 due = beyond + cell_.Sum("met");
    Ratio(beyond, due);
    Add("due", due);
    for (const char* name :
         {"late_answered", "overdue_unanswered", "met", "pending", "void"}) {
      Keep(name);
    }
    if (spec_.statistic == Statistic::kCount) {
      row_.value = OracleValue::Number(ToDouble(beyond));
    }
  }

  void Accuracy() {
    const absl::int128 right = cell_.Sum("without_errors");
    const absl::int128 reviewed = cell_.Sum("reviewed");
    const absl::int128 eligible = cell_.Sum("eligible");
    // Over all responses, one that nobody reviewed has no errors.
    const absl::int128 all = spec_.over_all ? eligible : reviewed;
    const absl::int128 good = spec_.over_all ? all - (reviewed - right) : right;
    Ratio(good, all);
    Keep("reviewed");
    Keep("without_errors");
    Keep("eligible");
    const OracleValue coverage = Quotient(reviewed, eligible);
    if (eligible != 0) Add("coverage", coverage);
    if (all != 0) {
      const ShareInterval wilson =
          WilsonInterval(static_cast<int64_t>(good), static_cast<int64_t>(all));
      Add("wilson_low", OracleValue::Number(wilson.low));
      Add("wilson_high", OracleValue::Number(wilson.high));
    }
    if (spec_.statistic == Statistic::kCoverage) row_.value = coverage;
  }

  void Contacts() {
    const absl::int128 yes = cell_.Sum("yes");
    const absl::int128 pending = cell_.Sum("pending");
    const absl::int128 all = yes + pending + cell_.Sum("no");
    Ratio(yes + pending, all);
    for (const char* name : {"yes", "no", "pending", "unanswered"}) Keep(name);
    if (all != 0) {
      Add("lower", Quotient(yes, all));
      Add("upper", Quotient(yes + pending, all));
    }
  }

  void Backlog() {
    for (const char* name :
         {"count", "bot", "queue", "agent_turn", "customer_turn", "hold",
          "open_waits", "opened", "closed", "moved"}) {
      Keep(name);
    }
    OracleValue mean = OracleValue::None();
    auto look_at = [&](const std::vector<int64_t>& ages) {
      sorted_ = ages;
      std::sort(sorted_.begin(), sorted_.end());
      if (ages.empty()) return;
      absl::int128 sum = 0;
      for (int64_t age : ages) sum += age;
      const double exact = ToDouble(sum) / static_cast<double>(ages.size());
      mean = OracleValue::Range(exact - 1, exact + 1);
    };
    const bool hours = !config_.schedules.empty();
    if (hours) {
      look_at(cell_.business_values);
      if (!sorted_.empty()) {
        Add("oldest_business_us", Greatest());
        Add("mean_age_business_us", mean);
      }
    }
    look_at(cell_.values);
    if (!sorted_.empty()) {
      Add("oldest_us", Greatest());
      Add("mean_age_us", mean);
      Add("p50_age_us", Percentile(500'000));
      Add("p90_age_us", Percentile(900'000));
    }
    // The value is on the clock of the KPI.
    if (hours && spec_.clock == Clock::kBusiness) {
      look_at(cell_.business_values);
    }
    switch (spec_.statistic) {
      case Statistic::kOldest:
        row_.value = Scaled(Greatest(), 1e-6);
        break;
      case Statistic::kMeanAge:
        row_.value = Scaled(mean, 1e-6);
        break;
      case Statistic::kPercentile:
        row_.value = Scaled(Percentile(spec_.percentile_ppm), 1e-6);
        break;
      default:
        row_.value = OracleValue::Number(ToDouble(
            cell_.Sum(spec_.statistic == Statistic::kOpenWaits ? "open_waits"
                                                               : "count")));
    }
  }

  void BotOutcome() {
    Ratio(cell_.Sum("resolved_by_bot"), cell_.Sum("n"));
    for (const char* name : {"resolved_by_bot", "handed_off", "human_took_over",
                             "abandoned_in_bot", "open"}) {
      Keep(name);
    }
  }

  void Satisfaction() {
    for (const char* name : {"count", "sum_micro", "top_box", "closed"}) {
      Keep(name);
    }
    const absl::int128 count = cell_.Sum("count");
    switch (spec_.statistic) {
      case Statistic::kTopBox:
        row_.value = Quotient(cell_.Sum("top_box"), count);
        break;
      case Statistic::kResponseRate:
        row_.value = Quotient(count, cell_.Sum("closed"));
        break;
      case Statistic::kCount:
        row_.value = OracleValue::Number(ToDouble(count));
        break;
      default:
        row_.value = Scaled(Quotient(cell_.Sum("sum_micro"), count), 1e-6);
    }
  }

  void Forecast() {
    for (const char* name :
         {"intervals", "forecast_micro", "actual", "absolute_error_micro",
          "error_micro", "zero_intervals"}) {
      Keep(name);
    }
    const absl::int128 actual = cell_.Sum("actual");
    const absl::int128 forecast = cell_.Sum("forecast_micro");
    const absl::int128 intervals = cell_.Sum("intervals");
    const absl::int128 counted = intervals - cell_.Sum("zero_intervals");
    const OracleValue wape =
        Quotient(cell_.Sum("absolute_error_micro"), actual * 1'000'000);
    const OracleValue bias =
        Quotient(cell_.Sum("error_micro"), actual * 1'000'000);
    OracleValue mape = OracleValue::None();
    if (counted > 0) {
      const double mean = ToDouble(cell_.Sum("ape")) / 1e12 / ToDouble(counted);
      mape = OracleValue::Range(mean - 2e-6, mean + 2e-6);
    }
    if (actual > 0) {
      Add("wape", wape);
      Add("bias", bias);
      Add("mape", mape);
      const double mean = ToDouble(actual) / ToDouble(intervals);
      Add("poisson_floor",
          OracleValue::Number(std::sqrt(2 / (std::numbers::pi * mean))));
    }
    switch (spec_.statistic) {
      case Statistic::kWape:
        row_.value = wape;
        break;
      case Statistic::kBias:
        row_.value = bias;
        break;
      case Statistic::kMape:
        row_.value = mape;
        break;
      case Statistic::kDeviation:
        row_.value = Quotient(-cell_.Sum("error_micro"), forecast);
        break;
      default:
        if (actual > 0) {
          row_.value = OracleValue::Number(
              std::max(0.0, 1 - ToDouble(cell_.Sum("absolute_error_micro")) /
                                    ToDouble(actual * 1'000'000)));
        }
    }
  }

  const Config& config_;
  const KpiSpec& spec_;
  const Cell& cell_;
  OracleRow& row_;
  std::vector<int64_t> sorted_;
};

}  // namespace

OracleValue OracleValue::Integer(absl::int128 value) {
  OracleValue result;
  result.form = Form::kInteger;
  result.integer = value;
  return result;
}

OracleValue OracleValue::Text(std::string text) {
  OracleValue result;
  result.form = Form::kText;
  result.text = std::move(text);
  return result;
}

OracleValue OracleValue::Range(double low, double high) {
  OracleValue result;
  result.form = Form::kRange;
  result.low = low;
  result.high = high;
  return result;
}

OracleValue OracleValue::Number(double value) {
  const double rounding = std::abs(value) * 1e-9 + 1e-12;
  return Range(value - rounding, value + rounding);
}

OracleValue OracleValue::Percent(int64_t value) {
  const auto number = static_cast<double>(value);
  return Range(number * 0.99 - 1, number * 1.01 + 1);
}

bool OracleValue::Accepts(double value) const {
  switch (form) {
    case Form::kInteger:
      return value == ToDouble(integer);
    case Form::kRange:
      return low <= value && value <= high;
    case Form::kText:
    case Form::kNone:
      break;
  }
  return false;
}

bool OracleValue::Accepts(absl::int128 value) const {
  if (form == Form::kInteger) return value == integer;
  return Accepts(ToDouble(value));
}

bool OracleValue::Accepts(const std::string& value) const {
  return form == Form::kText && value == text;
}

std::vector<OracleRow> MakeRows(const Config& config, const KpiSpec& spec,
                                const Table& table) {
  std::vector<OracleRow> rows;
  for (const auto& [key, cell] : table.cells()) {
    const auto& [begin_us, end_us, grouping, group] = key;
    OracleRow row;
    row.kpi = std::string(Definition(spec.kpi).name);
    row.id = spec.id;
    row.clock = std::string(ClockName(spec.clock));
    row.begin_us = begin_us;
    row.end_us = end_us;
    const GroupBy& by = table.groupings()[grouping];
    for (size_t i = 0; i < by.size(); ++i) {
      row.group.emplace_back(DimensionName(by[i]), group[i]);
    }
    if (IsOfAgentTime(spec.kpi)) {
      for (OracleRow& one : AgentRows(spec, cell, row)) {
        rows.push_back(std::move(one));
      }
      continue;
    }
    if (Maker(config, spec, cell, row).Make()) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace cckpi::oracle
