#include "cckpi/engine/scaling_monitor.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/kpi/catalogue.h"
#include "src/engine/contributor_search.h"
#include "src/engine/engine_view.h"
#include "src/kpi/row_values.h"

namespace cckpi {
namespace {

constexpr size_t kNoQuery = static_cast<size_t>(-1);

// Without a row there is nothing, which for these is a value.
bool IsZeroWithoutRow(const KpiSpec& spec) {
  return spec.kpi == Kpi::kBacklog || UnitOf(spec) == Unit::kCount ||
         spec.statistic == Statistic::kSum;
}

// Read off now, whatever the window.
bool IsLevel(const KpiSpec& spec) {
  return spec.kpi == Kpi::kBacklog || spec.kpi == Kpi::kDueWithin;
}

// May the value differ at the next instant, without an event or a timer?
bool GrowsWithTime(const KpiSpec& spec) {
  switch (spec.kpi) {
    case Kpi::kFirstResponseTime:
    case Kpi::kResponseTime:
    case Kpi::kCustomerResponseTime:
    case Kpi::kResolutionTime:
    case Kpi::kServiceLevel:
    case Kpi::kBeyondTurnaround:
    case Kpi::kAccuracy:
    case Kpi::kAssignToReply:
    case Kpi::kOperatingTime:
    case Kpi::kFirstContactResolution:
    case Kpi::kBotOutcome:
    case Kpi::kSatisfaction:
    case Kpi::kArrivals:
    case Kpi::kAnswered:
    case Kpi::kResolved:
    case Kpi::kReopened:
    case Kpi::kTransferred:
    case Kpi::kMessages:
      return false;
    case Kpi::kSpeedOfAnswer:
      return spec.statistic == Statistic::kMeanWithWaiting;
    case Kpi::kBacklog:
      return spec.statistic != Statistic::kCount &&
             spec.statistic != Statistic::kOpenWaits;
    default:
      return true;  // time of agents, what falls due, forecasts, formulas
  }
}

// What the rules of one (KPI, window, grouping, scope) share.
struct QueryShape {
  std::string kpi;
  std::map<std::string, std::string> scope;
  GroupBy by;
  int64_t window_us = 0;
  std::optional<Frequency> calendar;

  bool operator==(const QueryShape&) const = default;
};

// Where the values of one rule come from.
struct Source {
  explicit Source(KpiSpec resolved) : spec(std::move(resolved)) {}

  KpiSpec spec;
  size_t query = kNoQuery;            // of a rule with edges
  std::vector<size_t> long_queries;   // by band, of a burn-rate rule
  std::vector<size_t> short_queries;  // by band
  bool had_rows = true;               // at the last tick; true: not known
};

}  // namespace

class ScalingMonitor::Impl {
 public:
  static absl::StatusOr<std::unique_ptr<Impl>> Create(const Config& config);

  absl::StatusOr<TickResult> Tick(const Engine& engine, int64_t now_us);
  int64_t NextChange(const Engine& engine) const;
  absl::Status Restore(std::string_view bytes);

  RuleSet& rules() { return rules_; }

 private:
  explicit Impl(RuleSet rules) : rules_(std::move(rules)) {}
  size_t QueryIndex(const ScalingRule& rule, int64_t window_us,
                    std::optional<Frequency> calendar);
  Query QueryAt(const QueryShape& shape, int64_t now_us) const;
  void AddContributors(const Engine& engine, int64_t now_us,
                       std::vector<Notification>& notifications) const;
  Window WindowOf(size_t rule, const std::string& level, int64_t now_us) const;
  RuleReadings Read(Source& source, const std::vector<Report>& reports) const;

  Zone zone_;
  absl::Weekday week_start_ = absl::Weekday::monday;
  std::vector<QueryShape> shapes_;
  RuleSet rules_;
  std::vector<Source> sources_;  // by rule
};

absl::StatusOr<std::unique_ptr<ScalingMonitor::Impl>>
ScalingMonitor::Impl::Create(const Config& config) {
  CCKPI_ASSIGN_OR_RETURN(RuleSet rules, RuleSet::Create(config));
  std::unique_ptr<Impl> impl(new Impl(std::move(rules)));
  CCKPI_ASSIGN_OR_RETURN(impl->zone_, LoadZone(config.time_zone));
  impl->week_start_ = static_cast<absl::Weekday>((config.week_starts + 6) % 7);
  for (size_t r = 0; r < config.scaling_matrix.size(); ++r) {
    const ScalingRule& rule = config.scaling_matrix[r];
    std::optional<KpiSpec> spec = ResolveKpi(config, rule.kpi);
    if (!spec.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "scaling_matrix[", r, "].kpi: no KPI \"", rule.kpi, "\""));
    }
    Source& source = impl->sources_.emplace_back(*std::move(spec));
    if (!rule.bands[0].burn_rate.has_value()) {
      source.query =
          impl->QueryIndex(rule, rule.window_us, rule.calendar_window);
      continue;
    }
    for (const Band& band : rule.bands) {
      source.long_queries.push_back(
          impl->QueryIndex(rule, band.burn_rate->long_us, std::nullopt));
      source.short_queries.push_back(
          impl->QueryIndex(rule, band.burn_rate->short_us, std::nullopt));
    }
  }
  return impl;
}

size_t ScalingMonitor::Impl::QueryIndex(const ScalingRule& rule,
                                        int64_t window_us,
                                        std::optional<Frequency> calendar) {
  QueryShape shape{.kpi = rule.kpi,
                   .scope = rule.scope,
                   .by = rule.by,
                   .window_us = window_us,
                   .calendar = calendar};
  auto found = std::find(shapes_.begin(), shapes_.end(), shape);
  if (found != shapes_.end()) {
    return static_cast<size_t>(found - shapes_.begin());
  }
  shapes_.push_back(std::move(shape));
  return shapes_.size() - 1;
}

Query ScalingMonitor::Impl::QueryAt(const QueryShape& shape,
                                    int64_t now_us) const {
  Query query;
  query.kpis = {shape.kpi};
  query.names = Query::Names::kReferenced;
  query.by = shape.by;
  query.where = shape.scope;
  if (shape.calendar.has_value()) {
    query.window =
        WindowContaining(now_us, *shape.calendar, zone_, week_start_);
  } else {
    const int64_t running = BucketBegin(BucketOf(now_us));
    query.window = Window{running - shape.window_us, running + kBucketSpan};
  }
  return query;
}

// Rows are in the order of their groups.
RuleReadings ScalingMonitor::Impl::Read(
    Source& source, const std::vector<Report>& reports) const {
  RuleReadings readings;
  source.had_rows = false;
  const size_t bands = source.long_queries.size();
  if (bands == 0) {
    if (IsZeroWithoutRow(source.spec)) {
      readings.absent = ExactValue::OfMicro(0);
    }
    for (const ReportRow& row : reports[source.query].rows) {
      source.had_rows = true;
      GroupReading& reading = readings.groups.emplace_back();
      reading.group = row.group;
      reading.value = ExactValueOf(row);
      if (!reading.value.has_value()) reading.value = readings.absent;
      reading.n = ObservationsOf(row);
    }
    return readings;
  }
  std::map<GroupLabels, std::vector<BurnReading>> groups;
  for (size_t b = 0; b < bands; ++b) {
    for (const ReportRow& row : reports[source.long_queries[b]].rows) {
      source.had_rows = true;
      std::vector<BurnReading>& burns = groups[row.group];
      burns.resize(bands);
      burns[b].long_value = ExactValueOf(row);
      burns[b].long_n = ObservationsOf(row);
    }
    for (const ReportRow& row : reports[source.short_queries[b]].rows) {
      std::vector<BurnReading>& burns = groups[row.group];
      burns.resize(bands);
      burns[b].short_value = ExactValueOf(row);
    }
  }
  for (auto& [group, burns] : groups) {
    GroupReading& reading = readings.groups.emplace_back();
    reading.group = group;
    reading.burns = std::move(burns);
  }
  return readings;
}

absl::StatusOr<TickResult> ScalingMonitor::Impl::Tick(const Engine& engine,
                                                      int64_t now_us) {
  if (now_us < kEarliestTime || now_us >= kLatestTime) {
    return absl::InvalidArgumentError("now: outside 1990-01-01 to 2100-01-01");
  }
  if (rules_.last_tick_us() != kNoTime && now_us <= rules_.last_tick_us()) {
    return TickResult();
  }
  if (engine.now_us() == kNoTime || engine.now_us() < now_us) {
    return absl::FailedPreconditionError(absl::StrCat(
        "now: the engine has not been advanced to ", FormatTime(now_us)));
  }
  std::vector<Query> queries;
  for (const QueryShape& shape : shapes_) {
    queries.push_back(QueryAt(shape, now_us));
  }
  CCKPI_ASSIGN_OR_RETURN(const std::vector<Report> reports,
                         engine.AskAll(queries));
  std::vector<RuleReadings> readings;
  for (Source& source : sources_) readings.push_back(Read(source, reports));
  TickResult result = rules_.Tick(now_us, readings);
  AddContributors(engine, now_us, result.notifications);
  return result;
}

// Who is behind the number of each notification.
void ScalingMonitor::Impl::AddContributors(
    const Engine& engine, int64_t now_us,
    std::vector<Notification>& notifications) const {
  std::vector<std::pair<size_t, Notification*>> about;
  for (Notification& note : notifications) {
    if (note.kind == NotificationKind::kResolved) continue;
    const std::optional<size_t> rule = rules_.Find(note.rule);
    if (rule.has_value()) about.emplace_back(*rule, &note);
  }
  if (about.empty()) return;
  const EngineView view = EngineAccess::Look(engine);
  ContributorSearch search(view, now_us);
  for (const auto& [r, note] : about) {
    search.Add(rules_.rule(r), WindowOf(r, note->level, now_us), *note);
  }
  search.Run();
}

// The window behind the number of a rule; of a burn rate the long one of the
// band.
Window ScalingMonitor::Impl::WindowOf(size_t rule, const std::string& level,
                                      int64_t now_us) const {
  size_t query = sources_[rule].query;
  const std::vector<Band>& bands = rules_.rule(rule).bands;
  for (size_t b = 0; b < bands.size() && query == kNoQuery; ++b) {
    if (bands[b].level == level || b + 1 == bands.size()) {
      query = sources_[rule].long_queries[b];
    }
  }
  return *QueryAt(shapes_[query], now_us).window;
}

int64_t ScalingMonitor::Impl::NextChange(const Engine& engine) const {
  const int64_t last_us = rules_.last_tick_us();
  if (last_us == kNoTime) return kNoTime;
  int64_t next = std::min(engine.next_timer_us(), rules_.NextChange());
  for (const Source& source : sources_) {
    if (!source.had_rows) continue;  // and a later window has none either
    if (GrowsWithTime(source.spec)) return last_us + 1;
    if (!IsLevel(source.spec)) {
      next = std::min(next, BucketBegin(BucketOf(last_us) + 1));
    }
  }
  return next;
}

absl::Status ScalingMonitor::Impl::Restore(std::string_view bytes) {
  CCKPI_RETURN_IF_ERROR(rules_.Restore(bytes));
  for (Source& source : sources_) source.had_rows = true;
  return absl::OkStatus();
}

absl::StatusOr<ScalingMonitor> ScalingMonitor::Create(const Config& config) {
  CCKPI_ASSIGN_OR_RETURN(std::unique_ptr<Impl> impl, Impl::Create(config));
  return ScalingMonitor(std::move(impl));
}

ScalingMonitor::ScalingMonitor(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
ScalingMonitor::~ScalingMonitor() = default;
ScalingMonitor::ScalingMonitor(ScalingMonitor&&) noexcept = default;
ScalingMonitor& ScalingMonitor::operator=(ScalingMonitor&&) noexcept = default;

absl::StatusOr<TickResult> ScalingMonitor::Tick(const Engine& engine,
                                                absl::Time now) {
  return impl_->Tick(engine, FromTime(now));
}
absl::Status ScalingMonitor::Acknowledge(std::string_view incident,
                                         std::string_view by, absl::Time when) {
  return impl_->rules().Acknowledge(incident, by, FromTime(when));
}
std::vector<Alert> ScalingMonitor::Alerts() const {
  return impl_->rules().Alerts();
}
int64_t ScalingMonitor::last_tick_us() const {
  return impl_->rules().last_tick_us();
}
int64_t ScalingMonitor::NextChange(const Engine& engine) const {
  return impl_->NextChange(engine);
}
void ScalingMonitor::Skip(absl::Time last) {
  impl_->rules().Skip(FromTime(last));
}
std::string ScalingMonitor::Save() const { return impl_->rules().Save(); }
absl::Status ScalingMonitor::Restore(std::string_view bytes) {
  return impl_->Restore(bytes);
}

}  // namespace cckpi
