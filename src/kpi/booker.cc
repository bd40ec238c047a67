#include "src/kpi/booker.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <span>

#include "cckpi/calendar/opening_hours.h"

namespace cckpi {

size_t Cells::size() const {
  size_t total = 0;
  ForEachStore(*this, [&total](const auto& store) { total += store.size(); });
  return total;
}

Booker::Booker(const Plan& plan, DimensionTable& dimensions, Cells& cells,
               const std::vector<std::vector<TextId>>& severities)
    : plan_(plan),
      dimensions_(dimensions),
      cells_(cells),
      severities_(severities),
      pools_of_(plan.timeline.pools.size()),
      deadlines_of_(plan.timeline.trackers.size()) {
  for (size_t m = 0; m < plan.spans.size(); ++m) {
    const SpanMeasure& measure = plan.spans[m];
    if (measure.pool >= 0) {
      pools_of_[static_cast<size_t>(measure.pool)].push_back(m);
    } else {
      spans_of_[static_cast<size_t>(measure.kind)].push_back(m);
    }
  }
  for (size_t m = 0; m < plan.deadlines.size(); ++m) {
    deadlines_of_[static_cast<size_t>(plan.deadlines[m].tracker)].push_back(m);
  }
}

void Booker::Say(int64_t start_us, int64_t end_us, int64_t booked_us,
                 int64_t value, const char* outcome, DimensionsId dimensions,
                 int64_t sign) {
  contributions_->push_back({interaction_, episode_, start_us, end_us,
                             booked_us, value, outcome, dimensions, sign});
}

namespace {

void ChangeOpen(SpanCell& cell, int64_t start_us, int delta) {
  cell.open += delta;
  cell.open_starts += delta > 0 ? start_us : -start_us;
}

// Where a deadline counts, and what that is called.
struct DeadlineOutcome {
  int64_t DeadlineCell::*count;
  const char* name;
};
constexpr DeadlineOutcome kDeadlineOutcomes[] = {
    // By TrackState.
    {&DeadlineCell::pending, "pending"},
    {&DeadlineCell::met, "met"},
    {&DeadlineCell::late_answered, "late_answered"},
    {&DeadlineCell::overdue, "overdue_unanswered"},
    {&DeadlineCell::voided, "void"},
};

}  // namespace

void Booker::CatchUp() {
  // Facts of agents book, too.
  ApplyFacts();
  ApplyAll(later_spans_);
  ApplyAll(later_deadlines_);
  ApplyAll(later_counts_);
  ApplyAll(later_edges_);
}

void Booker::DropRoom() {
  CatchUp();
  later_facts_ = {};
  later_spans_ = {};
  later_deadlines_ = {};
  later_counts_ = {};
  later_edges_ = {};
}

void Booker::Apply(const SpanChange& change) {
  StoreOf(change).ChangeAll(change.bucket,
                            dimensions_.Groups(change.dimensions),
                            [&change](SpanCell& cell) {
                              if (change.sign > 0) {
                                cell.duration.Add(change.value_us);
                              } else {
                                cell.duration.Retract(change.value_us);
                              }
                              if (change.within) cell.within += change.sign;
                            });
}

void Booker::Apply(const DeadlineChange& change) {
  int64_t DeadlineCell::*const count =
      kDeadlineOutcomes[static_cast<size_t>(change.state)].count;
  StoreOf(change).ChangeAll(
      change.bucket, dimensions_.Groups(change.dimensions),
      [&](DeadlineCell& cell) { cell.*count += change.sign; });
}

void Booker::Apply(const CountChange& change) {
  CellStore<CounterCell>& store = StoreOf(change);
  if (change.delta == 0) {
    Move(store, change.bucket, change.from, change.dimensions,
         [](CounterCell& cell, int sign) { cell.count += sign; });
    return;
  }
  store.ChangeAll(change.bucket, dimensions_.Groups(change.dimensions),
                  [&change](CounterCell& cell) { cell.count += change.delta; });
}

void Booker::Apply(const EdgeChange& change) {
  StoreOf(change).ChangeAll(change.bucket,
                            dimensions_.Groups(change.dimensions),
                            [&change](BacklogCell& cell) {
                              ++(change.delta > 0 ? cell.opened : cell.closed);
                            });
}

void Booker::OnOpen(SpanKind kind, int64_t start_us, int64_t at_us,
                    DimensionsId dimensions, bool first, int delta) {
  for (size_t m : spans_of_[static_cast<size_t>(kind)]) {
    if (plan_.spans[m].skip_first && first) continue;
    int64_t booked = plan_.spans[m].at_start ? start_us : at_us;
    Book(cells_.spans[m], booked, dimensions,
         [=](SpanCell& cell) { ChangeOpen(cell, start_us, delta); });
    if (traced_ != nullptr && traced_->span == static_cast<int>(m)) {
      Say(start_us, kNoTime, start_us, 0, "open", dimensions, delta);
    }
  }
}

void Booker::OnOpenMove(SpanKind kind, int64_t start_us, int64_t at_us,
                        DimensionsId from, DimensionsId to, bool first) {
  for (size_t m : spans_of_[static_cast<size_t>(kind)]) {
    if (plan_.spans[m].skip_first && first) continue;
    const int64_t booked = plan_.spans[m].at_start ? start_us : at_us;
    Move(cells_.spans[m], BucketAt(booked), from, to,
         [=](SpanCell& cell, int sign) { ChangeOpen(cell, start_us, sign); });
    if (traced_ != nullptr && traced_->span == static_cast<int>(m)) {
      Say(start_us, kNoTime, start_us, 0, "open", from, -1);
      Say(start_us, kNoTime, start_us, 0, "open", to, 1);
    }
  }
}

void Booker::OnDone(const SpanValue& value) {
  for (size_t m : spans_of_[static_cast<size_t>(value.kind)]) {
    const SpanMeasure& measure = plan_.spans[m];
    if (!(value.by_bot ? measure.by_bot : measure.by_human) ||
        (measure.skip_first && value.first)) {
      continue;
    }
    int64_t span_us = value.values_us[measure.clock];
    int64_t booked = measure.at_start ? value.start_us : value.booked_us;
    Later(later_spans_,
          {.value_us = span_us,
           .dimensions = value.dimensions,
           .bucket = BucketAt(booked),
           .measure = static_cast<uint32_t>(m),
           .sign = static_cast<int8_t>(value.sign),
           .within = measure.within_us >= 0 && span_us <= measure.within_us});
    Ranked(ContributorKind::kSpan, m, booked, value.dimensions, span_us,
           value.sign);
    if (traced_ != nullptr && traced_->span == static_cast<int>(m)) {
      Say(value.start_us, value.end_us, booked, span_us, "done",
          value.dimensions, value.sign);
    }
  }
}

void Booker::OnVoid(SpanKind kind, int64_t start_us, int64_t at_us,
                    DimensionsId dimensions, bool first, int sign) {
  for (size_t m : spans_of_[static_cast<size_t>(kind)]) {
    if (plan_.spans[m].skip_first && first) continue;
    int64_t booked = plan_.spans[m].at_start ? start_us : at_us;
    Book(cells_.spans[m], booked, dimensions,
         [&](SpanCell& cell) { cell.voided += sign; });
    if (traced_ != nullptr && traced_->span == static_cast<int>(m)) {
      Say(start_us, at_us, booked, 0, "void", dimensions, sign);
    }
  }
}

void Booker::OnDeadline(const TrackedDeadline& deadline) {
  const DeadlineOutcome& outcome =
      kDeadlineOutcomes[static_cast<size_t>(deadline.state)];
  for (size_t m : deadlines_of_[static_cast<size_t>(deadline.tracker)]) {
    bool at_deadline = plan_.deadlines[m].at_deadline;
    // A deadline that never comes is due in no bucket.
    if (at_deadline && deadline.deadline_us >= kLatestTime) continue;
    int64_t booked = at_deadline ? deadline.deadline_us : deadline.start_us;
    DimensionsId whose = at_deadline ? deadline.dimensions : deadline.replier;
    Later(later_deadlines_, {.dimensions = whose,
                             .bucket = BucketAt(booked),
                             .measure = static_cast<uint32_t>(m),
                             .state = deadline.state,
                             .sign = static_cast<int8_t>(deadline.sign)});
    if (traced_ != nullptr && traced_->deadline == static_cast<int>(m)) {
      Say(deadline.start_us, deadline.deadline_us, booked, 1, outcome.name,
          whose, deadline.sign);
    }
  }
}

void Booker::OnPendingMove(int tracker, int64_t start_us, int64_t deadline_us,
                           DimensionsId from, DimensionsId to) {
  for (size_t m : deadlines_of_[static_cast<size_t>(tracker)]) {
    const bool at_deadline = plan_.deadlines[m].at_deadline;
    if (at_deadline && deadline_us >= kLatestTime) continue;
    const int64_t booked = at_deadline ? deadline_us : start_us;
    Move(cells_.deadlines[m], BucketAt(booked), from, to,
         [](DeadlineCell& cell, int sign) { cell.pending += sign; });
    if (traced_ != nullptr && traced_->deadline == static_cast<int>(m)) {
      Say(start_us, deadline_us, booked, 1, "pending", from, -1);
      Say(start_us, deadline_us, booked, 1, "pending", to, 1);
    }
  }
}

void Booker::OnMissed(const TrackedDeadline& deadline, int64_t end_us) {
  for (size_t m : deadlines_of_[static_cast<size_t>(deadline.tracker)]) {
    const bool at_deadline = plan_.deadlines[m].at_deadline;
    Ranked(ContributorKind::kDeadline, m,
           at_deadline ? deadline.deadline_us : deadline.start_us,
           at_deadline ? deadline.dimensions : deadline.replier,
           end_us - deadline.deadline_us, deadline.sign,
           deadline.state == TrackState::kLateAnswered
               ? ContributorOutcome::kLateAnswered
               : ContributorOutcome::kOverdueUnanswered);
  }
}

void Booker::OnPooled(int pool, int64_t mean_us, int64_t open_us,
                      int64_t close_us, DimensionsId dimensions) {
  for (size_t m : pools_of_[static_cast<size_t>(pool)]) {
    const SpanMeasure& measure = plan_.spans[m];
    int64_t booked = measure.at_start ? open_us : close_us;
    Book(cells_.spans[m], booked, dimensions, [&](SpanCell& cell) {
      cell.duration.Add(mean_us);
      if (measure.within_us >= 0 && mean_us <= measure.within_us) {
        ++cell.within;
      }
    });
    Ranked(ContributorKind::kSpan, m, booked, dimensions, mean_us, 1);
    if (traced_ != nullptr && traced_->span == static_cast<int>(m)) {
      Say(open_us, close_us, booked, mean_us, "done", dimensions, 1);
    }
  }
}

void Booker::OnCount(Counter counter, int64_t at_us, DimensionsId dimensions,
                     int delta) {
  if (counter == Counter::kArrivals && plan_.keeps_forecasts) {
    cells_.arrivals.Change(BucketOf(at_us), static_cast<GroupId>(dimensions),
                           [delta](CounterCell& cell) { cell.count += delta; });
  }
  int8_t index = plan_.counter_index[static_cast<size_t>(counter)];
  if (index < 0) return;
  Later(later_counts_, {.dimensions = dimensions,
                        .bucket = BucketAt(at_us),
                        .index = index,
                        .delta = static_cast<int8_t>(delta)});
  Ranked(ContributorKind::kCounter, static_cast<size_t>(index), at_us,
         dimensions, -at_us, delta);
  if (traced_ != nullptr && traced_->counter == index) {
    Say(at_us, at_us, at_us, 1, "counted", dimensions, delta);
  }
}

void Booker::OnCountMove(Counter counter, int64_t at_us, DimensionsId from,
                         DimensionsId to) {
  if (counter == Counter::kArrivals && plan_.keeps_forecasts) {
    const int32_t bucket = BucketAt(at_us);
    cells_.arrivals.Change(bucket, static_cast<GroupId>(from),
                           [](CounterCell& cell) { --cell.count; });
    cells_.arrivals.Change(bucket, static_cast<GroupId>(to),
                           [](CounterCell& cell) { ++cell.count; });
  }
  const int8_t index = plan_.counter_index[static_cast<size_t>(counter)];
  if (index < 0) return;
  const size_t measure = static_cast<size_t>(index);
  Later(later_counts_, {.dimensions = to,
                        .from = from,
                        .bucket = BucketAt(at_us),
                        .index = index});
  Ranked(ContributorKind::kCounter, measure, at_us, from, -at_us, -1);
  Ranked(ContributorKind::kCounter, measure, at_us, to, -at_us, 1);
  if (traced_ != nullptr && traced_->counter == index) {
    Say(at_us, at_us, at_us, 1, "counted", from, -1);
    Say(at_us, at_us, at_us, 1, "counted", to, 1);
  }
}

void Booker::OnBacklog(const BacklogChange& change) {
  if (!plan_.keeps_backlog) return;
  Room* room = cells_.backlog.room();
  Book(cells_.backlog, change.at_us, change.dimensions, [&](BacklogCell& cell) {
    cell.phases[static_cast<size_t>(change.phase)] += change.delta;
    if (change.waits) cell.open_waits += change.delta;
    cell.entries.Add({change.entered_us, change.schedule}, change.delta, room);
  });
  if (traced_ != nullptr && traced_->spec.kpi == Kpi::kBacklog) {
    Say(change.entered_us, kNoTime, change.entered_us, 1, "open",
        change.dimensions, change.delta);
  }
}

void Booker::OnBacklogEdge(int64_t at_us, DimensionsId dimensions, int delta) {
  if (!plan_.keeps_backlog) return;
  Later(later_edges_, {.dimensions = dimensions,
                       .bucket = BucketAt(at_us),
                       .delta = static_cast<int8_t>(delta)});
}

void Booker::OnBacklogMove(const BacklogChange& from, const BacklogChange& to) {
  if (!plan_.keeps_backlog) return;
  Room* room = cells_.backlog.room();
  int32_t bucket = BucketAt(to.at_us);
  bool same_entry =
      from.entered_us == to.entered_us && from.schedule == to.schedule;
  auto leave = [&](BacklogCell& cell) {
    --cell.phases[static_cast<size_t>(from.phase)];
    if (from.waits) --cell.open_waits;
    cell.entries.Add({from.entered_us, from.schedule}, -1, room);
  };
  auto enter = [&](BacklogCell& cell) {
    ++cell.phases[static_cast<size_t>(to.phase)];
    if (to.waits) ++cell.open_waits;
    cell.entries.Add({to.entered_us, to.schedule}, 1, room);
  };
  // In a group that it stays in the entry stays too, as a rule.
  const int64_t waits = (to.waits ? 1 : 0) - (from.waits ? 1 : 0);
  auto stay = [&](BacklogCell& cell) {
    --cell.phases[static_cast<size_t>(from.phase)];
    ++cell.phases[static_cast<size_t>(to.phase)];
    cell.open_waits += waits;
  };
  std::span<const GroupId> before = dimensions_.Groups(from.dimensions);
  std::span<const GroupId> after = dimensions_.Groups(to.dimensions);
  for (size_t s = 0; s < before.size(); ++s) {
    if (before[s] == after[s] && same_entry) {
      cells_.backlog.Change(bucket, after[s], stay);
    } else {
      cells_.backlog.Change(bucket, before[s], leave);
      cells_.backlog.Change(bucket, after[s], enter);
    }
  }
  if (traced_ == nullptr || traced_->spec.kpi != Kpi::kBacklog) return;
  // Whether it waits is no part of what is explained.
  if (same_entry && from.phase == to.phase &&
      from.dimensions == to.dimensions) {
    return;
  }
  for (const BacklogChange* change : {&from, &to}) {
    Say(change->entered_us, kNoTime, change->entered_us, 1, "open",
        change->dimensions, change->delta);
  }
}

void Booker::OnContact(int contact, ContactOutcome outcome, int64_t close_us,
                       DimensionsId dimensions, int delta) {
  const char* name = "";
  Book(cells_.contacts[static_cast<size_t>(contact)], close_us, dimensions,
       [&](ContactCell& cell) {
         switch (outcome) {
           case ContactOutcome::kPending:
             cell.pending += delta;
             name = "pending";
             break;
           case ContactOutcome::kYes:
             cell.yes += delta;
             name = "yes";
             break;
           case ContactOutcome::kNo:
             cell.no += delta;
             name = "no";
             break;
           case ContactOutcome::kUnanswered:
             cell.unanswered += delta;
             name = "unanswered";
             break;
           case ContactOutcome::kNone:
             break;
         }
       });
  if (outcome == ContactOutcome::kNo) {
    Ranked(ContributorKind::kContact, static_cast<size_t>(contact), close_us,
           dimensions, -close_us, delta);
  }
  if (traced_ != nullptr && traced_->contact == contact) {
    Say(kNoTime, close_us, close_us, 1, name, dimensions, delta);
  }
}

void Booker::OnBot(BotOutcome outcome, int64_t at_us, DimensionsId dimensions,
                   int delta) {
  if (!plan_.keeps_bots) return;
  Book(cells_.bots, at_us, dimensions, [&](BotCell& cell) {
    cell.outcomes[static_cast<size_t>(outcome)] += delta;
  });
  if (outcome == BotOutcome::kHandedOff ||
      outcome == BotOutcome::kHumanTookOver ||
      outcome == BotOutcome::kAbandoned) {
    Ranked(ContributorKind::kBot, 0, at_us, dimensions, -at_us, delta,
           outcome == BotOutcome::kHandedOff ? ContributorOutcome::kHandedOff
           : outcome == BotOutcome::kAbandoned
               ? ContributorOutcome::kAbandoned
               : ContributorOutcome::kHumanTookOver);
  }
  if (traced_ != nullptr && traced_->spec.kpi == Kpi::kBotOutcome) {
    static constexpr const char* kNames[] = {"",
                                             "open",
                                             "handed_off",
                                             "human_took_over",
                                             "resolved_by_bot",
                                             "abandoned_in_bot"};
    Say(at_us, kNoTime, at_us, 1, kNames[static_cast<size_t>(outcome)],
        dimensions, delta);
  }
}

namespace {

// Responses with more errors than this rank alike.
constexpr int64_t kMostErrors = int64_t{1} << 60;

}  // namespace

void Booker::OnReview(const Review& review) {
  for (size_t m = 0; m < plan_.reviews.size(); ++m) {
    const std::vector<TextId>& chosen = severities_[m];
    int64_t errors = 0;
    for (const auto& [severity, count] : review.errors) {
      if (count > 0 &&
          (chosen.empty() ||
           std::find(chosen.begin(), chosen.end(), severity) != chosen.end())) {
        errors = std::min(errors + std::min(count, kMostErrors), kMostErrors);
      }
    }
    const bool wrong = errors > 0;
    Book(cells_.reviews[m], review.at_us, review.dimensions,
         [&](ReviewCell& cell) {
           cell.reviewed += review.sign;
           if (!wrong) cell.without_errors += review.sign;
         });
    if (wrong) {
      Ranked(ContributorKind::kReview, m, review.at_us, review.dimensions,
             errors, review.sign);
    }
    if (traced_ != nullptr && traced_->review == static_cast<int>(m)) {
      Say(review.at_us, review.at_us, review.at_us, 1,
          wrong ? "with_errors" : "without_errors", review.dimensions,
          review.sign);
    }
  }
}

void Booker::OnSurvey(const Survey& survey) {
  if (!plan_.keeps_surveys) return;
  bool top = survey.score_micro >= survey.scale_micro;
  Book(cells_.surveys, survey.at_us, survey.dimensions, [&](SurveyCell& cell) {
    cell.count += survey.sign;
    if (top) cell.top_box += survey.sign;
    cell.sum_micro += absl::int128(survey.score_micro) * survey.sign;
  });
  Ranked(ContributorKind::kSurvey, 0, survey.at_us, survey.dimensions,
         -survey.score_micro, survey.sign);
  if (traced_ != nullptr && traced_->spec.kpi == Kpi::kSatisfaction) {
    Say(survey.at_us, survey.at_us, survey.at_us, survey.score_micro,
        top ? "top_box" : "below_top", survey.dimensions, survey.sign);
  }
}

}  // namespace cckpi
