#include "src/engine/contributor_search.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <tuple>

namespace cckpi {
namespace {

constexpr uint32_t kNoPlaceYet = 0;
constexpr uint32_t kNoTarget = 1;
constexpr uint32_t kFirstTarget = 2;

// The word for what a span of the KPI came to.
const char* WordOf(Kpi kpi) {
  switch (kpi) {
    case Kpi::kResolutionTime:
    case Kpi::kOperatingTime:
      return "closed";
    case Kpi::kHandleTime:
      return "handled";
    case Kpi::kAccuracy:
      return "with_errors";
    case Kpi::kFirstContactResolution:
      return "not_resolved";
    case Kpi::kSatisfaction:
      return "surveyed";
    default:
      break;
  }
  return kpi >= Kpi::kArrivals && kpi <= Kpi::kMessages ? "counted"
                                                        : "answered";
}

const char* WordOf(Kpi kpi, ContributorOutcome outcome) {
  switch (outcome) {
    case ContributorOutcome::kLateAnswered:
      return "late_answered";
    case ContributorOutcome::kOverdueUnanswered:
      return "overdue_unanswered";
    case ContributorOutcome::kHandedOff:
      return "handed_off";
    case ContributorOutcome::kHumanTookOver:
      return "human_took_over";
    case ContributorOutcome::kAbandoned:
      return "abandoned_in_bot";
    case ContributorOutcome::kNone:
      break;
  }
  return WordOf(kpi);
}

}  // namespace

ContributorSearch::ContributorSearch(const EngineView& view, int64_t now_us)
    : view_(view), now_us_(now_us), timeline_(view.newest().timeline()) {}

std::optional<size_t> ContributorSearch::ShapeOf(const ScalingRule& rule) {
  for (size_t s = 0; s < shapes_.size(); ++s) {
    if (shapes_[s].by == rule.by && shapes_[s].scope == rule.scope) return s;
  }
  Shape shape;
  shape.by = rule.by;
  shape.scope = rule.scope;
  const Plan& plan = view_.setup->plan;
  absl::StatusOr<std::vector<uint8_t>> slots = plan.SlotsOf(rule.by);
  Query query;
  query.where = rule.scope;
  absl::StatusOr<std::vector<ScopeCondition>> conditions =
      Conditions(plan, query, view_.names->texts);
  if (!slots.ok() || !conditions.ok()) return std::nullopt;
  shape.slots = *std::move(slots);
  shape.conditions = *std::move(conditions);
  shapes_.push_back(std::move(shape));
  return shapes_.size() - 1;
}

std::optional<size_t> ContributorSearch::ReadingOf(const ScalingRule& rule,
                                                   const Window& window) {
  for (size_t r = readings_.size(); r > 0; --r) {
    const Reading& known = readings_[r - 1];
    if (known.rule == &rule && known.window == window) return r - 1;
  }
  const std::optional<size_t> shape = ShapeOf(rule);
  absl::StatusOr<RuleContributors> of = ContributorsOf(view_.setup->plan, rule);
  if (!shape.has_value() || !of.ok()) return std::nullopt;
  const KpiPlan* kpi = &view_.setup->plan.kpis[of->kpi];
  readings_.push_back({.rule = &rule,
                       .window = window,
                       .shape = *shape,
                       .of = *std::move(of),
                       .kpi = kpi});
  return readings_.size() - 1;
}

void ContributorSearch::Add(const ScalingRule& rule, const Window& window,
                            Notification& note) {
  const std::optional<size_t> reading = ReadingOf(rule, window);
  if (!reading.has_value()) return;
  Combination group;
  for (const auto& [name, value] : note.group) {
    group.push_back(value.has_value() ? view_.names->texts.Find(*value) : 0);
  }
  Shape& shape = shapes_[readings_[*reading].shape];
  const auto [target, created] =
      shape.targets.try_emplace(group, shape.requests.size());
  if (created) shape.requests.emplace_back();
  shape.requests[target->second].push_back(requests_.size());
  requests_.push_back({.note = &note, .reading = *reading});
}

bool ContributorSearch::Before(const Candidate& a, const Candidate& b) const {
  if (a.rank != b.rank) return a.rank > b.rank;
  auto name = [this](const Candidate& one) {
    return view_.names->interactions.Text(
        static_cast<uint32_t>(one.interaction));
  };
  if (a.interaction != b.interaction) return name(a) < name(b);
  return std::string_view(a.outcome) < std::string_view(b.outcome);
}

void ContributorSearch::Offer(const Candidate& candidate,
                              std::vector<Candidate>& best) const {
  if (best.size() == kMost && !Before(candidate, best.back())) return;
  best.insert(std::upper_bound(best.begin(), best.end(), candidate,
                               [this](const Candidate& a, const Candidate& b) {
                                 return Before(a, b);
                               }),
              candidate);
  if (best.size() > kMost) best.pop_back();
}

const std::vector<size_t>* ContributorSearch::RequestsOf(
    Shape& shape, DimensionsId dimensions) {
  const size_t index = static_cast<size_t>(dimensions);
  if (index >= shape.of_dimensions.size()) {
    shape.of_dimensions.resize(index + index / 4 + 16, kNoPlaceYet);
  }
  uint32_t& known = shape.of_dimensions[index];
  if (known == kNoPlaceYet) {
    known = kNoTarget;
    const Combination& values = timeline_.dimensions.Values(dimensions);
    if (AllHold(shape.conditions, [&](const ScopeCondition& condition) {
          return values[condition.slot];
        })) {
      Combination group;
      for (uint8_t slot : shape.slots) group.push_back(values[slot]);
      const auto target = shape.targets.find(group);
      if (target != shape.targets.end()) {
        known = kFirstTarget + static_cast<uint32_t>(target->second);
      }
    }
  }
  return known == kNoTarget ? nullptr : &shape.requests[known - kFirstTarget];
}

void ContributorSearch::ReadList(size_t reading, const ContributorWatch& watch,
                                 const ContributorList& list,
                                 std::vector<size_t>& requests) {
  const Kpi kpi = readings_[reading].kpi->spec.kpi;
  for (size_t r : requests) {
    if (requests_[r].reading != reading) continue;
    for (const ContributorEntry& entry : list) {
      Candidate candidate{.rank = entry.rank,
                          .value = entry.rank,
                          .interaction = entry.interaction,
                          .outcome = WordOf(kpi, entry.outcome)};
      switch (watch.kind) {
        case ContributorKind::kCounter:
        case ContributorKind::kContact:
        case ContributorKind::kBot:
          // The engine may be ahead of the tick.
          candidate.value = std::max<int64_t>(0, now_us_ + entry.rank);
          break;
        case ContributorKind::kSurvey:
          candidate.value = -entry.rank;
          break;
        default:
          break;
      }
      const size_t times = std::min<size_t>(entry.live, kMost);
      for (size_t n = 0; n < times; ++n) {
        Offer(candidate, requests_[r].counted);
      }
    }
  }
}

void ContributorSearch::ReadLists(size_t reading) {
  const Reading& one = readings_[reading];
  Shape& shape = shapes_[one.shape];
  const ContributorLists& lists = view_.newest().contributors();
  const int32_t first = BucketOf(one.window.begin_us);
  const int32_t last = BucketOf(one.window.end_us - 1);
  for (const ContributorWatch& watch : one.of.watches) {
    const size_t index = lists.plan().Find(watch);
    if (index == ContributorPlan::kNoWatch) continue;
    const auto position_of = [&](uint8_t slot) {
      return view_.setup->plan.PositionIn(watch.grouping, slot);
    };
    std::vector<size_t> projection;
    for (uint8_t slot : shape.slots) projection.push_back(position_of(slot));
    std::vector<std::pair<size_t, TextId>> conditions;
    for (const ScopeCondition& condition : shape.conditions) {
      conditions.emplace_back(position_of(condition.slot), condition.value);
    }
    Combination group(projection.size());
    lists.ForEach(
        index, first, last,
        [&](int32_t, GroupId id, const ContributorList& list) {
          const Combination& values = timeline_.dimensions.GroupValues(id);
          for (const auto& [position, value] : conditions) {
            if (values[position] != value) return;
          }
          for (size_t p = 0; p < projection.size(); ++p) {
            group[p] = values[projection[p]];
          }
          const auto target = shape.targets.find(group);
          if (target == shape.targets.end()) return;
          ReadList(reading, watch, list, shape.requests[target->second]);
        });
  }
}

void ContributorSearch::OfferOpen(InteractionId id, const Interaction& i,
                                  Request& request) {
  const KpiSpec& spec = readings_[request.reading].kpi->spec;
  const bool waits = i.wait_us != kNoTime && i.wait_us <= now_us_;
  const int64_t waited_us = waits ? now_us_ - i.wait_us : 0;
  const Candidate waiting{.rank = waited_us,
                          .value = waited_us,
                          .interaction = id,
                          .outcome = "waiting",
                          .open = true};
  if (waits) Offer(waiting, request.waiting);
  if (spec.kpi != Kpi::kBacklog) return;
  const int64_t entered_us = i.open() ? EnteredAt(i) : kNoTime;
  if (entered_us == kNoTime || entered_us > now_us_) return;
  if (spec.statistic == Statistic::kOpenWaits) {
    if (waits) Offer(waiting, request.counted);
    return;
  }
  Offer({.rank = now_us_ - entered_us,
         .value = now_us_ - entered_us,
         .interaction = id,
         .outcome = waits ? "waiting" : "open",
         .open = true},
        request.counted);
}

// Deadlines that have passed while nobody answered, or are due soon.
void ContributorSearch::OfferTracked(InteractionId id, const Interaction& i,
                                     size_t reading) {
  const Reading& one = readings_[reading];
  const bool due = one.kpi->spec.kpi == Kpi::kDueWithin;
  const Plan& plan = view_.setup->plan;
  const size_t tracker = static_cast<size_t>(
      due ? one.kpi->tracker
          : plan.deadlines[static_cast<size_t>(one.kpi->deadline)].tracker);
  if (tracker >= i.booked.trackers.size()) return;
  const TrackerSlot& slot = i.booked.trackers[tracker];
  DimensionsId dimensions = i.dimensions;
  Candidate candidate{.interaction = id, .open = true};
  if (due) {
    if (slot.state != TrackerSlot::State::kPending ||
        slot.deadline_us <= now_us_ ||
        slot.deadline_us - now_us_ > one.kpi->spec.horizon_us) {
      return;
    }
    candidate.rank = now_us_ - slot.deadline_us;
    candidate.value = slot.deadline_us - now_us_;
    candidate.outcome = "due";
  } else {
    if (slot.state != TrackerSlot::State::kOverdue || !i.open()) return;
    const bool at_deadline =
        plan.deadlines[static_cast<size_t>(one.kpi->deadline)].at_deadline;
    const int64_t booked_us =
        at_deadline ? slot.deadline_us
                    : TrackerStart(i, plan.timeline.trackers[tracker]);
    if (booked_us < one.window.begin_us || booked_us >= one.window.end_us) {
      return;
    }
    if (slot.deadline_us >= now_us_) return;  // the engine is ahead
    dimensions = slot.dimensions;
    candidate.rank = now_us_ - slot.deadline_us;
    candidate.value = candidate.rank;
    candidate.outcome =
        WordOf(one.kpi->spec.kpi, ContributorOutcome::kOverdueUnanswered);
  }
  const std::vector<size_t>* requests =
      RequestsOf(shapes_[one.shape], dimensions);
  if (requests == nullptr) return;
  for (size_t r : *requests) {
    if (requests_[r].reading == reading) {
      Offer(candidate, requests_[r].counted);
    }
  }
}

void ContributorSearch::ReadOpen() {
  std::vector<size_t> tracked;
  for (size_t r = 0; r < readings_.size(); ++r) {
    if (readings_[r].kpi->deadline >= 0 || readings_[r].kpi->tracker >= 0) {
      tracked.push_back(r);
    }
  }
  timeline_.interactions.ForEach([&](InteractionId id, const Interaction& i) {
    if (!i.open()) return;
    for (Shape& shape : shapes_) {
      const std::vector<size_t>* requests = RequestsOf(shape, i.dimensions);
      if (requests == nullptr) continue;
      for (size_t r : *requests) OfferOpen(id, i, requests_[r]);
    }
    for (size_t reading : tracked) OfferTracked(id, i, reading);
  });
}

void ContributorSearch::Run() {
  if (requests_.empty()) return;
  for (size_t r = 0; r < readings_.size(); ++r) ReadLists(r);
  ReadOpen();
  for (Request& request : requests_) {
    std::vector<Contributor>& named = request.note->contributors;
    auto name = [&](const Candidate& candidate) {
      named.push_back(
          {.interaction = std::string(view_.names->interactions.Text(
               static_cast<uint32_t>(candidate.interaction))),
           .value = candidate.value,
           .outcome = candidate.outcome});
    };
    for (const Candidate& candidate : request.counted) name(candidate);
    // The backlog is what is open: nobody else waits.
    if (readings_[request.reading].kpi->spec.kpi == Kpi::kBacklog) continue;
    for (const Candidate& candidate : request.waiting) {
      const bool known = std::any_of(
          request.counted.begin(), request.counted.end(),
          [&](const Candidate& counted) {
            return counted.open && counted.interaction == candidate.interaction;
          });
      if (!known) name(candidate);
    }
  }
}

}  // namespace cckpi
