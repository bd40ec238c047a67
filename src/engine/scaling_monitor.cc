#include "cckpi/engine/scaling_monitor.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/kpi/catalogue.h"
#include "src/engine/contributor_search.h"
#include "src/engine/engine_view.h"
#include "src/engine/rule_reader.h"
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

// Where the values of one rule come from.
struct Source {
  explicit Source(KpiSpec resolved) : spec(std::move(resolved)) {}

  KpiSpec spec;
  size_t query = kNoQuery;            // of a rule with edges
  std::vector<size_t> long_queries;   // by band, of a burn-rate rule
  std::vector<size_t> short_queries;  // by band
  std::optional<ExactValue> absent;   // where there is no row
  std::vector<size_t> groups;         // of the rule, by the reader's place
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
  void AddContributors(const EngineView& view, int64_t now_us,
                       std::vector<Notification>& notifications) const;
  Window WindowOf(size_t rule, const std::string& level, int64_t now_us) const;
  size_t GroupAt(size_t rule, size_t query, size_t place);
  void Read(size_t rule);
  void ReadBurns(size_t rule);

  RuleReader reader_;
  RuleSet rules_;
  std::vector<Source> sources_;  // by rule
};

absl::StatusOr<std::unique_ptr<ScalingMonitor::Impl>>
ScalingMonitor::Impl::Create(const Config& config) {
  // Where there are no observations to count, min_n does not apply.
  Config counted = config;
  for (ScalingRule& rule : counted.scaling_matrix) {
    const std::optional<KpiSpec> spec = ResolveKpi(config, rule.kpi);
    if (spec.has_value() && !HasSampleSize(*spec)) rule.min_n = 0;
  }
  CCKPI_ASSIGN_OR_RETURN(RuleSet rules, RuleSet::Create(counted));
  std::unique_ptr<Impl> impl(new Impl(std::move(rules)));
  CCKPI_ASSIGN_OR_RETURN(Zone zone, LoadZone(config.time_zone));
  impl->reader_ =
      RuleReader(std::move(zone),
                 static_cast<absl::Weekday>((config.week_starts + 6) % 7));
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
          impl->reader_.AddQuery(rule, rule.window_us, rule.calendar_window);
      if (IsZeroWithoutRow(source.spec)) {
        source.absent = ExactValue::OfMicro(0);
      }
      impl->rules_.SetDefault(r, source.absent);
      continue;
    }
    for (const Band& band : rule.bands) {
      source.long_queries.push_back(
          impl->reader_.AddQuery(rule, band.burn_rate->long_us, std::nullopt));
      source.short_queries.push_back(
          impl->reader_.AddQuery(rule, band.burn_rate->short_us, std::nullopt));
    }
  }
  return impl;
}

// The group of a rule that is at a place of the query.
size_t ScalingMonitor::Impl::GroupAt(size_t rule, size_t query, size_t place) {
  constexpr size_t kUnknown = static_cast<size_t>(-1);
  std::vector<size_t>& groups = sources_[rule].groups;
  if (place >= groups.size()) groups.resize(place + 1, kUnknown);
  if (groups[place] == kUnknown) {
    groups[place] = rules_.GroupOf(rule, reader_.Labels(query, place));
  }
  return groups[place];
}

void ScalingMonitor::Impl::Read(size_t rule) {
  Source& source = sources_[rule];
  source.had_rows = reader_.has_rows(source.query);
  const std::vector<RuleReading>& readings = reader_.readings(source.query);
  for (size_t place : reader_.changed(source.query)) {
    const RuleReading& reading = readings[place];
    rules_.Read(rule, GroupAt(rule, source.query, place),
                reading.value.has_value() ? reading.value : source.absent,
                reading.n);
  }
}

void ScalingMonitor::Impl::ReadBurns(size_t rule) {
  Source& source = sources_[rule];
  source.had_rows = false;
  std::vector<size_t> changed;
  const size_t bands = source.long_queries.size();
  for (size_t b = 0; b < bands; ++b) {
    source.had_rows =
        source.had_rows || reader_.has_rows(source.long_queries[b]);
    for (size_t query : {source.long_queries[b], source.short_queries[b]}) {
      const std::vector<size_t>& one = reader_.changed(query);
      changed.insert(changed.end(), one.begin(), one.end());
    }
  }
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  // All queries of a rule have the same places.
  const auto at = [this](size_t query, size_t place) {
    const std::vector<RuleReading>& readings = reader_.readings(query);
    return place < readings.size() ? readings[place] : RuleReading();
  };
  for (size_t place : changed) {
    std::vector<BurnReading> burns(bands);
    for (size_t b = 0; b < bands; ++b) {
      const RuleReading long_reading = at(source.long_queries[b], place);
      burns[b].long_value = long_reading.value;
      burns[b].long_n = long_reading.n;
      burns[b].short_value = at(source.short_queries[b], place).value;
    }
    rules_.ReadBurns(rule, GroupAt(rule, source.long_queries[0], place),
                     std::move(burns));
  }
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
  const EngineView view = EngineAccess::Look(engine);
  if (!view.sources.shards.empty()) {
    return absl::FailedPreconditionError(
        "the engine was put together from shards: no rules are watched");
  }
  CCKPI_ASSIGN_OR_RETURN(const bool anew, reader_.Look(engine, view, now_us));
  if (anew) {
    rules_.ForgetReadings();
    for (Source& source : sources_) source.groups.clear();
  }
  for (size_t r = 0; r < sources_.size(); ++r) {
    if (sources_[r].query != kNoQuery) {
      Read(r);
    } else {
      ReadBurns(r);
    }
  }
  TickResult result = rules_.TickRead(now_us);
  AddContributors(view, now_us, result.notifications);
  return result;
}

// Who is behind the number of each notification.
void ScalingMonitor::Impl::AddContributors(
    const EngineView& view, int64_t now_us,
    std::vector<Notification>& notifications) const {
  std::vector<std::pair<size_t, Notification*>> about;
  for (Notification& note : notifications) {
    if (note.kind == NotificationKind::kResolved) continue;
    const std::optional<size_t> rule = rules_.Find(note.rule);
    if (rule.has_value()) about.emplace_back(*rule, &note);
  }
  if (about.empty()) return;
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
  return reader_.WindowAt(query, now_us);
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
  reader_.Reset();
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
