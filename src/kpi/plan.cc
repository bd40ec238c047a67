#include "src/kpi/plan.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/timeline/agent_time.h"

namespace cckpi {
namespace {

template <typename T>
int IndexOf(std::vector<T>& values, const T& value) {
  auto found = std::find(values.begin(), values.end(), value);
  if (found == values.end()) {
    values.push_back(value);
    return static_cast<int>(values.size() - 1);
  }
  return static_cast<int>(found - values.begin());
}

class Compiler {
 public:
  Compiler(const Config& config, Plan& plan) : config_(config), plan_(plan) {}

  absl::Status Run() {
    plan_.counter_index.fill(-1);
    plan_.timeline.auto_close_after_us = config_.auto_close_after_us;
    plan_.timeline.contact_window_us = config_.fcr_window_us;
    plan_.timeline.forget_after_us = config_.forget_closed_after_us;
    plan_.timeline.review_window_us = config_.review_window_us;
    CCKPI_RETURN_IF_ERROR(Groupings());
    std::vector<KpiSpec> specs = config_.kpis;
    if (!config_.kpis_given) {
      specs = DefaultKpis(!config_.schedules.empty());
      for (KpiSpec& spec : specs) {
        spec.load = DefaultSpec(spec.kpi, config_).load;
      }
    }
    for (const KpiSpec& spec : specs) {
      CCKPI_RETURN_IF_ERROR(Add(spec, /*shown=*/true));
    }
    for (size_t k = 0; k < plan_.kpis.size(); ++k) {
      if (plan_.kpis[k].spec.kpi == Kpi::kFormula) {
        CCKPI_RETURN_IF_ERROR(Operands(k));
      }
    }
    CCKPI_RETURN_IF_ERROR(Referenced());
    Narrow();
    return absl::OkStatus();
  }

 private:
  // What the machine need not say, as nobody reads it.
  void Narrow() {
    uint32_t& counters = plan_.timeline.counters;
    counters = 0;
    for (Counter counter : plan_.counters) counters |= CounterBit(counter);
    if (plan_.keeps_forecasts) counters |= CounterBit(Counter::kArrivals);
    uint8_t& loads = plan_.timeline.loads;
    loads = 0;
    plan_.timeline.follows_replies =
        plan_.keeps_agent_time && config_.agent_presence.replies_confirm;
    for (const KpiPlan& kpi : plan_.kpis) {
      loads |= LoadsOf(kpi);
      if (kpi.spec.kpi != Kpi::kHandleTime) {
        plan_.kept_levels |= LoadsOf(kpi);
      } else if (const HandleMeasure& measure =
                     plan_.handles[static_cast<size_t>(kpi.handle)];
                 measure.allocation == Allocation::kShare) {
        plan_.shared_loads |= LoadsOf(kpi);
      }
      plan_.timeline.follows_replies |= kpi.spec.kpi == Kpi::kDataQuality;
    }
  }

  uint8_t LoadsOf(const KpiPlan& kpi) const {
    auto bit = [](Load load) -> uint8_t {
      return load == Load::kAssigned    ? kLoadAssigned
             : load == Load::kAgentTurn ? kLoadAgentTurn
                                        : kLoadFocus;
    };
    switch (kpi.spec.kpi) {
      case Kpi::kHandleTime:
        return bit(plan_.handles[static_cast<size_t>(kpi.handle)].load);
      case Kpi::kStateTime:
      case Kpi::kStaffedTime:
      case Kpi::kAvailableTime:
      case Kpi::kFormula:
        return 0;
      default:
        break;
    }
    bool of_agents =
        kpi.spec.kpi > Kpi::kMessages || kpi.spec.kpi == Kpi::kCasesPerHour;
    return of_agents ? kLoadAssigned | kLoadAgentTurn | kLoadFocus : 0;
  }

  absl::Status Groupings() {
    std::vector<GroupBy> wanted = config_.groups;
    if (!config_.groups_given) {
      using Field = Dimension::Field;
      wanted = {
          {{Field::kChannel, ""}}, {{Field::kTeam, ""}}, {{Field::kAgent, ""}}};
    }
    plan_.reported = {GroupBy{}};
    for (const GroupBy& grouping : wanted) {
      if (!grouping.empty()) IndexOf(plan_.reported, grouping);
    }
    std::vector<GroupBy> kept = plan_.reported;
    CCKPI_RETURN_IF_ERROR(ReferencedGroups(kept));
    for (const GroupBy& grouping : kept) {
      for (const Dimension& dimension : grouping) {
        if (dimension.field == Dimension::Field::kTag) {
          IndexOf(plan_.tags, dimension.tag);
        }
      }
    }
    // A grouping that is part of another is a merge of it.
    auto sorted = [](GroupBy grouping) {
      std::sort(grouping.begin(), grouping.end());
      return grouping;
    };
    for (const GroupBy& grouping : kept) {
      GroupBy mine = sorted(grouping);
      bool covered =
          std::any_of(kept.begin(), kept.end(), [&](const GroupBy& other) {
            GroupBy theirs = sorted(other);
            return theirs != mine && std::includes(theirs.begin(), theirs.end(),
                                                   mine.begin(), mine.end());
          });
      bool known = std::any_of(
          plan_.groupings.begin(), plan_.groupings.end(),
          [&](const GroupBy& other) { return sorted(other) == mine; });
      if (!covered && !known) plan_.groupings.push_back(grouping);
    }
    for (const GroupBy& grouping : plan_.groupings) {
      CCKPI_ASSIGN_OR_RETURN(std::vector<uint8_t> slots,
                             plan_.SlotsOf(grouping));
      plan_.slots.push_back(std::move(slots));
    }
    return absl::OkStatus();
  }

  // What the scopes and groups of cards, rules and schedules need kept
  // together.
  absl::Status ReferencedGroups(std::vector<GroupBy>& kept) {
    using Scope = std::map<std::string, std::string>;
    auto add = [&](const std::string& path, const Scope& scope,
                   GroupBy by) -> absl::Status {
      for (const auto& [name, value] : scope) {
        std::optional<Dimension> dimension = ParseDimension(name);
        if (!dimension) {
          return absl::InvalidArgumentError(
              absl::StrCat(path, ".scope.", name, ": is no dimension"));
        }
        IndexOf(by, *dimension);
      }
      if (!by.empty()) IndexOf(kept, by);
      return absl::OkStatus();
    };
    for (size_t s = 0; s < config_.scorecards.size(); ++s) {
      const Scorecard& scorecard = config_.scorecards[s];
      std::string path = absl::StrCat("scorecards[", s, "]");
      for (size_t c = 0; c < scorecard.cards.size(); ++c) {
        // Where both fix a dimension, the card's value counts.
        Scope scope = scorecard.cards[c].scope;
        scope.insert(scorecard.scope.begin(), scorecard.scope.end());
        CCKPI_RETURN_IF_ERROR(
            add(absl::StrCat(path, ".cards[", c, "]"), scope, scorecard.by));
      }
    }
    for (size_t r = 0; r < config_.scaling_matrix.size(); ++r) {
      const ScalingRule& rule = config_.scaling_matrix[r];
      CCKPI_RETURN_IF_ERROR(
          add(absl::StrCat("scaling_matrix[", r, "]"), rule.scope, rule.by));
    }
    for (const ReportSchedule& report : config_.reports) {
      CCKPI_RETURN_IF_ERROR(add("", {}, report.by));
    }
    return absl::OkStatus();
  }

  // The KPIs that cards, rules and schedules name; those that are not
  // configured are added, not shown.
  absl::Status Referenced() {
    for (size_t s = 0; s < config_.scorecards.size(); ++s) {
      const Scorecard& scorecard = config_.scorecards[s];
      for (size_t c = 0; c < scorecard.cards.size(); ++c) {
        CCKPI_RETURN_IF_ERROR(
            Name(scorecard.cards[c].kpi,
                 absl::StrCat("scorecards[", s, "].cards[", c, "].kpi")));
      }
    }
    for (size_t r = 0; r < config_.scaling_matrix.size(); ++r) {
      CCKPI_RETURN_IF_ERROR(Name(config_.scaling_matrix[r].kpi,
                                 absl::StrCat("scaling_matrix[", r, "].kpi")));
    }
    for (size_t r = 0; r < config_.reports.size(); ++r) {
      const ReportSchedule& report = config_.reports[r];
      for (size_t k = 0; k < report.kpis.size(); ++k) {
        CCKPI_RETURN_IF_ERROR(Name(
            report.kpis[k], absl::StrCat("reports[", r, "].kpis[", k, "]")));
      }
    }
    return absl::OkStatus();
  }

  absl::Status Name(const std::string& name, const std::string& path) {
    if (plan_.named.count(name) != 0) return absl::OkStatus();
    std::optional<KpiSpec> spec = ResolveKpi(config_, name);
    if (!spec) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": no KPI \"", name, "\""));
    }
    auto found =
        std::find_if(plan_.kpis.begin(), plan_.kpis.end(),
                     [&](const KpiPlan& kpi) { return kpi.spec == *spec; });
    if (found == plan_.kpis.end()) {
      CCKPI_RETURN_IF_ERROR(Add(*spec, /*shown=*/false));
      found = plan_.kpis.end() - 1;
    }
    plan_.named[name] = static_cast<size_t>(found - plan_.kpis.begin());
    return absl::OkStatus();
  }

  uint8_t ClockIndex(const KpiSpec& spec) {
    ClockSpec clock{spec.clock, spec.exclude};
    // Without opening hours the business clock is the calendar clock.
    if (config_.schedules.empty()) clock.clock = Clock::kCalendar;
    return static_cast<uint8_t>(IndexOf(plan_.timeline.clocks, clock));
  }

  int CounterIndex(Counter counter) {
    int8_t& index = plan_.counter_index[static_cast<size_t>(counter)];
    if (index < 0) {
      index = static_cast<int8_t>(plan_.counters.size());
      plan_.counters.push_back(counter);
    }
    return index;
  }

  int SpanIndex(const KpiSpec& spec, SpanKind kind) {
    SpanMeasure measure;
    measure.kind = kind;
    measure.clock = ClockIndex(spec);
    measure.at_start = spec.attribution == Attribution::kArrival;
    measure.skip_first = spec.skip_first;
    if (kind == SpanKind::kWait || kind == SpanKind::kWaitHumanOnly) {
      measure.by_human = spec.response != Response::kBot;
      measure.by_bot =
          spec.response == Response::kBot || spec.response == Response::kAny;
    }
    if (spec.statistic == Statistic::kShareWithin) {
      measure.within_us = spec.within_us;
    }
    if (spec.kpi == Kpi::kResponseTime &&
        spec.pooling == Pooling::kPerInteraction) {
      PoolSpec pool{.human_only = kind == SpanKind::kWaitHumanOnly,
                    .by_human = measure.by_human,
                    .by_bot = measure.by_bot,
                    .skip_first = spec.skip_first,
                    .clock = measure.clock};
      measure.pool = IndexOf(plan_.timeline.pools, pool);
      measure.clock = 0;
      if (kind == SpanKind::kWaitHumanOnly) {
        plan_.timeline.spans |= SpanBit(kind);
      }
    } else {
      plan_.timeline.spans |= SpanBit(kind);
    }
    // One series serves those who count within T and those who do not.
    for (size_t m = 0; m < plan_.spans.size(); ++m) {
      SpanMeasure& known = plan_.spans[m];
      SpanMeasure same = measure;
      same.within_us = known.within_us;
      if (same != known || (measure.within_us >= 0 && known.within_us >= 0 &&
                            measure.within_us != known.within_us)) {
        continue;
      }
      known.within_us = std::max(known.within_us, measure.within_us);
      return static_cast<int>(m);
    }
    return IndexOf(plan_.spans, measure);
  }

  int TrackerIndex(const KpiSpec& spec) {
    TrackerSpec tracker;
    tracker.stage = spec.stage;
    tracker.any_response =
        spec.response == Response::kAny && spec.stage != Stage::kResolution;
    tracker.closed_counts_met = spec.closed_counts_met;
    tracker.clock = ClockIndex(spec);
    tracker.within_us = spec.within_us;
    return IndexOf(plan_.timeline.trackers, tracker);
  }

  absl::Status Add(const KpiSpec& spec, bool shown) {
    KpiPlan kpi;
    kpi.spec = spec;
    kpi.shown = shown;
    if (absl::Status status = ValidateKpiSpec(spec); !status.ok()) {
      return status;
    }
    switch (spec.kpi) {
      case Kpi::kFirstResponseTime:
        kpi.span = SpanIndex(
            spec, spec.response == Response::kAny   ? SpanKind::kFirstAny
                  : spec.response == Response::kBot ? SpanKind::kFirstBot
                                                    : SpanKind::kFirstHuman);
        break;
      case Kpi::kResponseTime:
        kpi.span = SpanIndex(spec, spec.response == Response::kHumanOnly
                                       ? SpanKind::kWaitHumanOnly
                                       : SpanKind::kWait);
        break;
      case Kpi::kCustomerResponseTime:
        kpi.span = SpanIndex(spec, SpanKind::kCustomerRun);
        break;
      case Kpi::kResolutionTime:
        kpi.span = SpanIndex(spec, ResolutionKind(spec.level, spec.to));
        break;
      case Kpi::kOperatingTime:
        kpi.span = SpanIndex(spec, OperatingKind(spec.from, spec.to));
        break;
      case Kpi::kSpeedOfAnswer:
        kpi.span = SpanIndex(spec, AnswerKind(spec.answer));
        break;
      case Kpi::kAssignToReply:
        kpi.span =
            SpanIndex(spec, spec.first_reply ? SpanKind::kAssignToFirstReply
                                             : SpanKind::kAssignToReply);
        kpi.counter = CounterIndex(Counter::kUntouched);
        break;
      case Kpi::kServiceLevel:
      case Kpi::kBeyondTurnaround: {
        DeadlineMeasure measure{
            .tracker = TrackerIndex(spec),
            .at_deadline = spec.attribution == Attribution::kDeadline};
        kpi.deadline = IndexOf(plan_.deadlines, measure);
        break;
      }
      case Kpi::kDueWithin:
        kpi.tracker = TrackerIndex(spec);
        break;
      case Kpi::kAccuracy: {
        ReviewMeasure measure{spec.severities};
        std::sort(measure.severities.begin(), measure.severities.end());
        kpi.review = IndexOf(plan_.reviews, measure);
        kpi.counter = CounterIndex(Counter::kEligible);
        plan_.timeline.follows_reviews = true;
        break;
      }
      case Kpi::kFirstContactResolution: {
        ContactSpec contact{spec.contact, spec.response};
        kpi.contact = IndexOf(plan_.timeline.contacts, contact);
        if (plan_.timeline.contacts.size() > 8) {
          return absl::InvalidArgumentError(
              "first_contact_resolution: more than 8 variants");
        }
        break;
      }
      case Kpi::kBacklog:
        plan_.keeps_backlog = true;
        break;
      case Kpi::kBotOutcome:
        plan_.keeps_bots = true;
        break;
      case Kpi::kSatisfaction:
        plan_.keeps_surveys = true;
        kpi.counter = CounterIndex(Counter::kClosed);
        break;
      case Kpi::kForecastAccuracy:
        plan_.keeps_forecasts = true;
        break;
      case Kpi::kArrivals:
        kpi.counter = CounterIndex(spec.counts == CountUnit::kInteractions
                                       ? Counter::kArrivedInteractions
                                   : spec.counts == CountUnit::kEvents
                                       ? Counter::kCustomerContacts
                                       : Counter::kArrivals);
        break;
      case Kpi::kAnswered:
        kpi.counter = CounterIndex(Counter::kAnswered);
        break;
      case Kpi::kHandled:
        kpi.counter = CounterIndex(Counter::kHandled);
        plan_.timeline.follows_handled = true;
        break;
      case Kpi::kResolved:
        kpi.counter = CounterIndex(spec.counts == CountUnit::kInteractions
                                       ? Counter::kResolvedInteractions
                                       : Counter::kResolved);
        break;
      case Kpi::kReopened:
        kpi.counter = CounterIndex(Counter::kReopened);
        break;
      case Kpi::kTransferred:
        kpi.counter = CounterIndex(Counter::kTransferred);
        break;
      case Kpi::kMessages:
        // All sides: the other three are added up.
        CounterIndex(Counter::kCustomerMessages);
        CounterIndex(Counter::kAgentMessages);
        CounterIndex(Counter::kBotMessages);
        kpi.counter = spec.side == MessageSide::kCustomer
                          ? CounterIndex(Counter::kCustomerMessages)
                      : spec.side == MessageSide::kAgent
                          ? CounterIndex(Counter::kAgentMessages)
                      : spec.side == MessageSide::kBot
                          ? CounterIndex(Counter::kBotMessages)
                          : -1;
        break;
      case Kpi::kFormula: {
        CCKPI_ASSIGN_OR_RETURN(Formula formula, Formula::Parse(spec.formula));
        kpi.formula = std::make_shared<const Formula>(std::move(formula));
        break;
      }
      case Kpi::kHandleTime: {
        HandleMeasure measure{spec.allocation, spec.load};
        // These two name their load themselves.
        if (spec.allocation == Allocation::kFocus) measure.load = Load::kFocus;
        if (spec.allocation == Allocation::kResponse) {
          measure.load = Load::kAgentTurn;
        }
        if (spec.statistic == Statistic::kShareWithin) {
          measure.within_us = spec.within_us;
        }
        kpi.handle = IndexOf(plan_.handles, measure);
        plan_.keeps_slices |= spec.attribution == Attribution::kSliced;
        FollowAgents();
        break;
      }
      case Kpi::kCasesPerHour:
        kpi.second_counter =
            CounterIndex(spec.cases == Cases::kAnswered  ? Counter::kAnswered
                         : spec.cases == Cases::kHandled ? Counter::kHandled
                                                         : Counter::kResolved);
        plan_.timeline.follows_handled |= spec.cases == Cases::kHandled;
        FollowAgents();
        break;
      case Kpi::kOccupancy:
      case Kpi::kCapacityOccupancy:
      case Kpi::kUtilization:
      case Kpi::kConcurrency:
      case Kpi::kStateTime:
      case Kpi::kStaffedTime:
      case Kpi::kAvailableTime:
      case Kpi::kBusyTime:
      case Kpi::kIdleTime:
      case Kpi::kDataQuality:
        FollowAgents();
        break;
    }
    plan_.kpis.push_back(std::move(kpi));
    return absl::OkStatus();
  }

  void FollowAgents() {
    plan_.keeps_agent_time = true;
    plan_.timeline.follows_load = true;
    plan_.timeline.follows_handled = true;
  }

  // Finds what each name of formula `k` stands for; KPIs that are not
  // configured are added, not shown.
  absl::Status Operands(size_t k) {
    std::shared_ptr<const Formula> formula = plan_.kpis[k].formula;
    for (const std::string& name : formula->names()) {
      KpiPlan::Operand operand;
      bool found = false;
      for (size_t other = 0; other < plan_.kpis.size() && !found; ++other) {
        const KpiSpec& spec = plan_.kpis[other].spec;
        if (spec.id != name && (!spec.id.empty() || spec.kpi == Kpi::kFormula ||
                                Definition(spec.kpi).name != name)) {
          continue;
        }
        if (spec.kpi == Kpi::kFormula && other >= k) {
          return absl::InvalidArgumentError(
              absl::StrCat("formula \"", plan_.kpis[k].spec.formula,
                           "\": ", name, " is a formula that comes later"));
        }
        operand.kpi = other;
        found = true;
      }
      if (!found) {
        const KpiDefinition* definition = FindKpi(name);
        std::string figure;
        if (definition == nullptr) {
          const KpiCounter* counter = FindCounter(name);
          if (counter == nullptr) {
            return absl::InvalidArgumentError(
                absl::StrCat("formula \"", plan_.kpis[k].spec.formula,
                             "\": ", name, " is no KPI and no counter"));
          }
          definition = &Definition(counter->kpi);
          figure = name;
        }
        operand.figure = figure;
        KpiSpec fallback = DefaultSpec(definition->kpi, config_);
        for (size_t other = 0; other < plan_.kpis.size() && !found; ++other) {
          if (plan_.kpis[other].spec == fallback) {
            operand.kpi = other;
            found = true;
          }
        }
        if (!found) {
          operand.kpi = plan_.kpis.size();
          CCKPI_RETURN_IF_ERROR(Add(fallback, /*shown=*/false));
        }
      }
      plan_.kpis[k].operands.push_back(std::move(operand));
    }
    return absl::OkStatus();
  }

  const Config& config_;
  Plan& plan_;
};

}  // namespace

absl::StatusOr<Plan> Plan::Compile(const Config& config) {
  Plan plan;
  CCKPI_RETURN_IF_ERROR(Compiler(config, plan).Run());
  return plan;
}

std::optional<size_t> Plan::Covering(const std::vector<uint8_t>& wanted) const {
  std::optional<size_t> best;
  for (size_t g = 0; g < slots.size(); ++g) {
    const std::vector<uint8_t>& kept = slots[g];
    const bool covers =
        std::all_of(wanted.begin(), wanted.end(), [&](uint8_t slot) {
          return std::find(kept.begin(), kept.end(), slot) != kept.end();
        });
    if (covers && (!best || kept.size() < slots[*best].size())) best = g;
  }
  return best;
}

size_t Plan::PositionIn(size_t grouping, uint8_t slot) const {
  const std::vector<uint8_t>& kept = slots[grouping];
  return static_cast<size_t>(std::find(kept.begin(), kept.end(), slot) -
                             kept.begin());
}

absl::StatusOr<std::vector<uint8_t>> Plan::SlotsOf(const GroupBy& by) const {
  std::vector<uint8_t> result;
  for (const Dimension& dimension : by) {
    uint8_t slot = 0;
    switch (dimension.field) {
      case Dimension::Field::kChannel:
        slot = kSlotChannel;
        break;
      case Dimension::Field::kSource:
        slot = kSlotSource;
        break;
      case Dimension::Field::kTeam:
        slot = kSlotTeam;
        break;
      case Dimension::Field::kAgent:
        slot = kSlotAgent;
        break;
      case Dimension::Field::kPriority:
        slot = kSlotPriority;
        break;
      case Dimension::Field::kTag: {
        auto tag = std::find(tags.begin(), tags.end(), dimension.tag);
        if (tag == tags.end()) {
          return absl::NotFoundError(
              absl::StrCat("no configured group names tag.", dimension.tag));
        }
        slot = static_cast<uint8_t>(kSlotTags + (tag - tags.begin()));
        break;
      }
    }
    result.push_back(slot);
  }
  return result;
}

}  // namespace cckpi
