#include "cckpi/engine/scaling_monitor.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/calendar/opening_hours.h"
#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/scaling/state_bytes.h"
#include "src/kpi/row_values.h"

namespace cckpi {
namespace {

constexpr size_t kNoQuery = static_cast<size_t>(-1);

absl::Status At(size_t rule, std::string_view key, const absl::Status& status) {
  return absl::Status(
      status.code(),
      absl::StrCat("scaling_matrix[", rule, "].", std::string(key),
                   std::string(status.message())));
}

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

// A group's value of the running tick.
struct Entry {
  RuleState state;
  std::optional<ExactValue> value;
  int64_t n = 0;
  std::vector<BurnReading> burns;
};

struct Rule {
  Rule(RuleEvaluator made, KpiSpec resolved)
      : evaluator(std::move(made)), spec(std::move(resolved)) {}

  RuleEvaluator evaluator;
  KpiSpec spec;
  std::optional<OpeningHours> mute;
  size_t query = kNoQuery;            // of a rule with edges
  std::vector<size_t> long_queries;   // by band, of a burn-rate rule
  std::vector<size_t> short_queries;  // by band
  std::map<GroupLabels, Entry> groups;
  bool had_rows = false;  // at the last tick
};

// The values of some dimensions, from the scope or the group.
using Labels = std::vector<std::optional<std::string>>;

Labels LabelsOf(const ScalingRule& rule, const GroupLabels& group,
                const std::vector<std::string>& dimensions) {
  Labels labels;
  for (const std::string& name : dimensions) {
    std::optional<std::string> value;
    if (auto fixed = rule.scope.find(name); fixed != rule.scope.end()) {
      value = fixed->second;
    } else {
      for (const auto& [dimension, own] : group) {
        if (dimension == name) value = own;
      }
    }
    labels.push_back(std::move(value));
  }
  return labels;
}

}  // namespace

class ScalingMonitor::Impl {
 public:
  static absl::StatusOr<std::unique_ptr<Impl>> Create(const Config& config);

  absl::StatusOr<TickResult> Tick(const Engine& engine, int64_t now_us);
  absl::Status Acknowledge(std::string_view incident, std::string_view by,
                           int64_t at_us);
  std::vector<Alert> Alerts() const;
  int64_t last_tick_us() const { return last_tick_us_; }
  int64_t NextChange(const Engine& engine) const;
  void Skip(int64_t last_us);
  std::string Save() const;
  absl::Status Restore(std::string_view bytes);

 private:
  absl::Status AddRule(const Config& config, size_t index);
  absl::Status SetOrder();
  size_t QueryIndex(const ScalingRule& rule, int64_t window_us,
                    std::optional<Frequency> calendar);
  Query QueryAt(const QueryShape& shape, int64_t now_us) const;
  void Read(Rule& rule, const std::vector<Report>& reports) const;
  bool IsInhibited(const ScalingRule& rule, const GroupLabels& group,
                   const std::vector<std::set<Labels>>& firing) const;

  Zone zone_;
  absl::Weekday week_start_ = absl::Weekday::monday;
  std::vector<QueryShape> shapes_;
  std::vector<Rule> rules_;
  std::map<std::string, size_t> index_;  // rules by id
  std::vector<size_t> order_;            // inhibiting rules first
  int64_t last_tick_us_ = kNoTime;
};

absl::StatusOr<std::unique_ptr<ScalingMonitor::Impl>>
ScalingMonitor::Impl::Create(const Config& config) {
  auto impl = std::make_unique<Impl>();
  CCKPI_ASSIGN_OR_RETURN(impl->zone_, LoadZone(config.time_zone));
  impl->week_start_ = static_cast<absl::Weekday>((config.week_starts + 6) % 7);
  for (size_t r = 0; r < config.scaling_matrix.size(); ++r) {
    CCKPI_RETURN_IF_ERROR(impl->AddRule(config, r));
  }
  CCKPI_RETURN_IF_ERROR(impl->SetOrder());
  return impl;
}

absl::Status ScalingMonitor::Impl::AddRule(const Config& config, size_t index) {
  const ScalingRule& rule = config.scaling_matrix[index];
  std::optional<KpiSpec> spec = ResolveKpi(config, rule.kpi);
  if (!spec.has_value()) {
    return At(index, "kpi",
              absl::InvalidArgumentError(
                  absl::StrCat(": no KPI \"", rule.kpi, "\"")));
  }
  absl::StatusOr<RuleEvaluator> evaluator = RuleEvaluator::Create(rule);
  if (!evaluator.ok()) return At(index, "", evaluator.status());
  if (!index_.emplace(rule.id, index).second) {
    return At(index, "id",
              absl::InvalidArgumentError(
                  absl::StrCat(": \"", rule.id, "\" is there twice")));
  }
  Rule made(*std::move(evaluator), *std::move(spec));
  if (!rule.mute_calendar.empty()) {
    const auto found = config.calendars.find(rule.mute_calendar);
    if (found == config.calendars.end()) {
      return At(index, "mute",
                absl::InvalidArgumentError(absl::StrCat(
                    ": no calendar \"", rule.mute_calendar, "\"")));
    }
    CCKPI_ASSIGN_OR_RETURN(made.mute, OpeningHours::Create(found->second));
  }
  if (rule.bands[0].burn_rate.has_value()) {
    for (const Band& band : rule.bands) {
      made.long_queries.push_back(
          QueryIndex(rule, band.burn_rate->long_us, std::nullopt));
      made.short_queries.push_back(
          QueryIndex(rule, band.burn_rate->short_us, std::nullopt));
    }
  } else {
    made.query = QueryIndex(rule, rule.window_us, rule.calendar_window);
  }
  if (rule.by.empty()) made.groups[{}];
  rules_.push_back(std::move(made));
  return absl::OkStatus();
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

// Inhibiting rules before those that they inhibit.
absl::Status ScalingMonitor::Impl::SetOrder() {
  std::vector<bool> placed(rules_.size());
  while (order_.size() < rules_.size()) {
    const size_t before = order_.size();
    for (size_t r = 0; r < rules_.size(); ++r) {
      if (placed[r]) continue;
      bool ready = true;
      for (const Inhibition& inhibition :
           rules_[r].evaluator.rule().inhibited_by) {
        const auto other = index_.find(inhibition.rule);
        if (other == index_.end()) {
          return At(r, "inhibited_by",
                    absl::InvalidArgumentError(
                        absl::StrCat(": no rule \"", inhibition.rule, "\"")));
        }
        ready = ready && placed[other->second];
      }
      if (!ready) continue;
      placed[r] = true;
      order_.push_back(r);
    }
    if (order_.size() == before) {
      const size_t left = static_cast<size_t>(
          std::find(placed.begin(), placed.end(), false) - placed.begin());
      return At(left, "inhibited_by",
                absl::InvalidArgumentError(": rules silence each other"));
    }
  }
  return absl::OkStatus();
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

// Puts the rows of the tick into the rule's entries; groups that are new are
// added.
void ScalingMonitor::Impl::Read(Rule& rule,
                                const std::vector<Report>& reports) const {
  const size_t bands = rule.long_queries.size();
  const bool zero = IsZeroWithoutRow(rule.spec);
  for (auto& [group, entry] : rule.groups) {
    entry.value.reset();
    if (zero) entry.value = ExactValue::OfMicro(0);
    entry.n = 0;
    entry.burns.assign(bands, {});
  }
  rule.had_rows = false;
  const auto each = [&](size_t query, auto put) {
    // Rows and groups are both in the order of labels.
    auto at = rule.groups.begin();
    for (const ReportRow& row : reports[query].rows) {
      rule.had_rows = true;
      while (at != rule.groups.end() && at->first < row.group) ++at;
      if (at == rule.groups.end() || at->first != row.group) {
        at = rule.groups.emplace_hint(at, row.group, Entry{});
        if (zero) at->second.value = ExactValue::OfMicro(0);
        at->second.burns.resize(bands);
      }
      put(row, at->second);
    }
  };
  for (size_t b = 0; b < bands; ++b) {
    each(rule.long_queries[b], [&](const ReportRow& row, Entry& entry) {
      entry.burns[b].long_value = ExactValueOf(row);
      entry.burns[b].long_n = ObservationsOf(row);
    });
    each(rule.short_queries[b], [&](const ReportRow& row, Entry& entry) {
      entry.burns[b].short_value = ExactValueOf(row);
    });
  }
  if (bands > 0) return;
  each(rule.query, [&](const ReportRow& row, Entry& entry) {
    if (std::optional<ExactValue> value = ExactValueOf(row)) {
      entry.value = *value;
    }
    entry.n = ObservationsOf(row);
  });
}

bool ScalingMonitor::Impl::IsInhibited(
    const ScalingRule& rule, const GroupLabels& group,
    const std::vector<std::set<Labels>>& firing) const {
  for (size_t i = 0; i < rule.inhibited_by.size(); ++i) {
    if (firing[i].count(LabelsOf(rule, group, rule.inhibited_by[i].equal)) !=
        0) {
      return true;
    }
  }
  return false;
}

absl::StatusOr<TickResult> ScalingMonitor::Impl::Tick(const Engine& engine,
                                                      int64_t now_us) {
  if (now_us < kEarliestTime || now_us >= kLatestTime) {
    return absl::InvalidArgumentError("now: outside 1990-01-01 to 2100-01-01");
  }
  if (last_tick_us_ != kNoTime && now_us <= last_tick_us_) return TickResult();
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
  std::vector<TickResult> results(rules_.size());
  for (const size_t r : order_) {
    Rule& rule = rules_[r];
    const ScalingRule& spec = rule.evaluator.rule();
    Read(rule, reports);
    std::vector<std::set<Labels>> firing;
    for (const Inhibition& inhibition : spec.inhibited_by) {
      std::set<Labels>& labels = firing.emplace_back();
      const Rule& other = rules_[index_.at(inhibition.rule)];
      for (const auto& [group, entry] : other.groups) {
        if (entry.state.state != AlertState::kFiring) continue;
        labels.insert(
            LabelsOf(other.evaluator.rule(), group, inhibition.equal));
      }
    }
    const bool muted = rule.mute.has_value() && rule.mute->IsOpen(now_us);
    for (auto& [group, entry] : rule.groups) {
      RuleTick tick;
      tick.now_us = now_us;
      tick.value = entry.value;
      tick.n = entry.n;
      tick.burns = entry.burns;
      if (muted) {
        tick.silence = Silence::kMuted;
      } else if (IsInhibited(spec, group, firing)) {
        tick.silence = Silence::kInhibited;
      }
      rule.evaluator.Advance(tick, group, entry.state, results[r].transitions,
                             results[r].notifications);
    }
  }
  last_tick_us_ = now_us;
  TickResult all;
  for (TickResult& result : results) {
    std::move(result.transitions.begin(), result.transitions.end(),
              std::back_inserter(all.transitions));
    std::move(result.notifications.begin(), result.notifications.end(),
              std::back_inserter(all.notifications));
  }
  return all;
}

absl::Status ScalingMonitor::Impl::Acknowledge(std::string_view incident,
                                               std::string_view by,
                                               int64_t at_us) {
  if (at_us < kEarliestTime || at_us >= kLatestTime) {
    return absl::InvalidArgumentError("when: outside 1990-01-01 to 2100-01-01");
  }
  for (Rule& rule : rules_) {
    for (auto& [group, entry] : rule.groups) {
      if (entry.state.incident.has_value() &&
          entry.state.incident->id == incident) {
        return RuleEvaluator::Acknowledge(by, at_us, entry.state);
      }
    }
  }
  return absl::NotFoundError(
      absl::StrCat("no incident \"", std::string(incident), "\" is open"));
}

std::vector<Alert> ScalingMonitor::Impl::Alerts() const {
  std::vector<Alert> alerts;
  for (const Rule& rule : rules_) {
    const ScalingRule& spec = rule.evaluator.rule();
    for (const auto& [group, entry] : rule.groups) {
      Alert alert{
          .rule = spec.id, .group = group, .level = "", .state = entry.state};
      if (entry.state.level >= 0) {
        alert.level = spec.bands[static_cast<size_t>(entry.state.level)].level;
      }
      alerts.push_back(std::move(alert));
    }
  }
  return alerts;
}

int64_t ScalingMonitor::Impl::NextChange(const Engine& engine) const {
  if (last_tick_us_ == kNoTime) return kNoTime;
  int64_t next = engine.next_timer_us();
  for (const Rule& rule : rules_) {
    if (rule.had_rows && GrowsWithTime(rule.spec)) return last_tick_us_ + 1;
    if (rule.had_rows && !IsLevel(rule.spec)) {
      next = std::min(next, BucketBegin(BucketOf(last_tick_us_) + 1));
    }
    bool open = false;
    for (const auto& [group, entry] : rule.groups) {
      next = std::min(next, rule.evaluator.NextChange(entry.state));
      open = open || entry.state.incident.has_value() ||
             entry.state.owed.has_value();
    }
    if (open && rule.mute.has_value()) {
      next = std::min({next, rule.mute->NextClose(last_tick_us_),
                       rule.mute->NextOpening(last_tick_us_)});
    }
  }
  return next;
}

void ScalingMonitor::Impl::Skip(int64_t last_us) {
  if (last_tick_us_ == kNoTime || last_us <= last_tick_us_) return;
  last_tick_us_ = last_us;
  for (Rule& rule : rules_) {
    for (auto& [group, entry] : rule.groups) {
      RuleEvaluator::Skip(last_us, entry.state);
    }
  }
}

std::string ScalingMonitor::Impl::Save() const {
  SavedRules saved;
  saved.last_tick_us = last_tick_us_;
  // In the order of ids, so that the order of the configuration means nothing.
  for (const auto& [id, r] : index_) {
    SavedRule& rule = saved.rules.emplace_back();
    rule.id = id;
    for (const Band& band : rules_[r].evaluator.rule().bands) {
      rule.levels.push_back(band.level);
    }
    for (const auto& [group, entry] : rules_[r].groups) {
      rule.states.push_back({group, entry.state});
    }
  }
  return SaveRules(saved);
}

absl::Status ScalingMonitor::Impl::Restore(std::string_view bytes) {
  CCKPI_ASSIGN_OR_RETURN(SavedRules saved, RestoreRules(bytes));
  std::vector<std::map<GroupLabels, Entry>> groups(rules_.size());
  for (SavedRule& rule : saved.rules) {
    const auto found = index_.find(rule.id);
    if (found == index_.end()) continue;
    const size_t r = found->second;
    const ScalingRule& spec = rules_[r].evaluator.rule();
    for (SavedRuleState& one : rule.states) {
      if (!std::equal(one.group.begin(), one.group.end(), spec.by.begin(),
                      spec.by.end(),
                      [](const auto& label, const Dimension& dimension) {
                        return label.first == DimensionName(dimension);
                      })) {
        continue;  // the rule had other groups
      }
      CCKPI_ASSIGN_OR_RETURN(
          groups[r][std::move(one.group)].state,
          WithBands(std::move(one.state), rule.levels, spec.bands));
    }
  }
  for (size_t r = 0; r < rules_.size(); ++r) {
    if (rules_[r].evaluator.rule().by.empty()) groups[r][{}];
    rules_[r].groups = std::move(groups[r]);
    rules_[r].had_rows = true;  // not known
  }
  last_tick_us_ = saved.last_tick_us;
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
  return impl_->Acknowledge(incident, by, FromTime(when));
}
std::vector<Alert> ScalingMonitor::Alerts() const { return impl_->Alerts(); }
int64_t ScalingMonitor::last_tick_us() const { return impl_->last_tick_us(); }
int64_t ScalingMonitor::NextChange(const Engine& engine) const {
  return impl_->NextChange(engine);
}
void ScalingMonitor::Skip(absl::Time last) { impl_->Skip(FromTime(last)); }
std::string ScalingMonitor::Save() const { return impl_->Save(); }
absl::Status ScalingMonitor::Restore(std::string_view bytes) {
  return impl_->Restore(bytes);
}

}  // namespace cckpi
