// Booker: the observer that books what happens into the cells of a plan.

#ifndef CCKPI_SRC_KPI_BOOKER_H_
#define CCKPI_SRC_KPI_BOOKER_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "cckpi/timeline/agent_timeline.h"
#include "src/kpi/cells.h"
#include "src/kpi/contributor_lists.h"
#include "src/kpi/plan.h"
#include "src/timeline/agent_facts.h"
#include "src/timeline/dimensions.h"
#include "src/timeline/observer.h"

namespace cckpi {

// The cells of all measures of a plan.
struct Cells {
  explicit Cells(const Plan& plan)
      : spans(plan.spans.size()),
        deadlines(plan.deadlines.size()),
        reviews(plan.reviews.size()),
        handles(plan.handles.size()),
        counters(plan.counters.size()),
        contacts(plan.timeline.contacts.size()) {}

  std::vector<CellStore<SpanCell>> spans;
  std::vector<CellStore<DeadlineCell>> deadlines;
  std::vector<CellStore<ReviewCell>> reviews;
  std::vector<CellStore<SpanCell>> handles;
  std::vector<CellStore<CounterCell>> counters;
  std::vector<CellStore<ContactCell>> contacts;
  CellStore<BacklogCell> backlog;
  CellStore<BotCell> bots;
  CellStore<SurveyCell> surveys;
  CellStore<AgentTimeCell> agents;
  // Arrivals by combination instead of group, to hold against forecasts.
  CellStore<CounterCell> arrivals;

  size_t size() const;
};

// Calls f(a's store, b's store) for every store by group of two that have the
// same plan, in the order of the definitions; arrivals, which are by
// combination, are not among them.
template <typename C, typename F>
void ForEachStorePair(C& a, C& b, F f) {
  auto all = [&](auto member) {
    for (size_t s = 0; s < (a.*member).size(); ++s) {
      f((a.*member)[s], (b.*member)[s]);
    }
  };
  auto one = [&](auto member) { f(a.*member, b.*member); };
  all(&Cells::spans);
  all(&Cells::deadlines);
  all(&Cells::reviews);
  all(&Cells::handles);
  all(&Cells::counters);
  all(&Cells::contacts);
  one(&Cells::backlog);
  one(&Cells::bots);
  one(&Cells::surveys);
  one(&Cells::agents);
}

// Calls f(store) for each of them.
template <typename C, typename F>
void ForEachStore(C& cells, F f) {
  ForEachStorePair(cells, cells, [&f](auto& store, auto&) { f(store); });
}

// One observation behind a number, for explanations.
struct Contribution {
  InteractionId interaction = InteractionId::kNone;
  uint32_t episode = 0;
  int64_t start_us = kNoTime;
  int64_t end_us = kNoTime;
  int64_t booked_us = 0;
  int64_t value = 0;  // microseconds of a span, else a count
  const char* outcome = "";
  DimensionsId dimensions = DimensionsId::kNone;
  int64_t sign = 1;
};

class Booker final : public Observer, public AgentTimelineSink {
 public:
  // All must outlive the booker. `severities` are the TextIds of each review
  // measure's severities.
  Booker(const Plan& plan, DimensionTable& dimensions, Cells& cells,
         const std::vector<std::vector<TextId>>& severities);

  // Also appends what one KPI (an index into Plan::kpis) is made of.
  void Trace(const KpiPlan* kpi, std::vector<Contribution>* contributions) {
    traced_ = kpi;
    contributions_ = contributions;
  }

  // Where load goes; needed when the plan keeps agent time. `capacity` is how
  // many cases an agent can take at once.
  void Feed(AgentTimeline* agents, int64_t capacity) {
    agents_ = agents;
    capacity_ = capacity;
  }

  // Of a shard: what is about agents is kept in `facts` instead.
  void Keep(AgentFacts* facts) { facts_ = facts; }
  // The agent is in this state (by place among those configured) from now on.
  void OnState(TextId agent, uint32_t state, TextId team, int64_t at_us);
  // Most of what is booked is put off, and so are facts of agents: of many
  // together code and cells are at hand. This books it, before anybody looks at
  // cells or at the timeline.
  void CatchUp();
  // Of facts of agents only; before the name goes of an interaction that they
  // may be about.
  void ApplyFacts();
  // So many of a kind, at least 1; before anything is.
  void PutOffAtMost(size_t most) { most_later_ = most; }
  // Nothing more comes: lets go of the room for what is put off.
  void DropRoom();
  // Books what of an agent's time waits for more of the same. Comes last, when
  // facts were caught up with and the timeline of Feed was brought up to now.
  void EndStretch();
  // Books what was kept, in order, through the timeline of Feed.
  void Replay(std::vector<FactsOfAgent> agents);

  // Also ranks what scaling rules look at, by name; nullptr: does not.
  void Rank(ContributorLists* lists) { lists_ = lists; }

  void About(InteractionId interaction, uint32_t episode) override {
    interaction_ = interaction;
    episode_ = episode;
  }
  void OnOpen(SpanKind kind, int64_t start_us, int64_t at_us,
              DimensionsId dimensions, bool first, int delta) override;
  void OnOpenMove(SpanKind kind, int64_t start_us, int64_t at_us,
                  DimensionsId from, DimensionsId to, bool first) override;
  void OnDone(const SpanValue& value) override;
  void OnVoid(SpanKind kind, int64_t start_us, int64_t at_us,
              DimensionsId dimensions, bool first, int sign) override;
  void OnDeadline(const TrackedDeadline& deadline) override;
  void OnPendingMove(int tracker, int64_t start_us, int64_t deadline_us,
                     DimensionsId from, DimensionsId to) override;
  void OnMissed(const TrackedDeadline& deadline, int64_t end_us) override;
  void OnPooled(int pool, int64_t mean_us, int64_t open_us, int64_t close_us,
                DimensionsId dimensions) override;
  void OnCount(Counter counter, int64_t at_us, DimensionsId dimensions,
               int delta) override;
  void OnCountMove(Counter counter, int64_t at_us, DimensionsId from,
                   DimensionsId to) override;
  void OnBacklog(const BacklogChange& change) override;
  void OnBacklogEdge(int64_t at_us, DimensionsId dimensions,
                     int delta) override;
  void OnBacklogMove(const BacklogChange& from,
                     const BacklogChange& to) override;
  void OnContact(int contact, ContactOutcome outcome, int64_t close_us,
                 DimensionsId dimensions, int delta) override;
  void OnBot(BotOutcome outcome, int64_t at_us, DimensionsId dimensions,
             int delta) override;
  void OnReview(const Review& review) override;
  void OnSurvey(const Survey& survey) override;
  void OnLoad(TextId agent, uint8_t bits, int64_t at_us,
              DimensionsId dimensions) override;
  void OnFocus(TextId agent, int64_t at_us) override;
  void OnReply(TextId agent, bool of_another, int64_t at_us) override;
  void OnHandlingEnd(TextId agent, bool responded, int64_t at_us,
                     DimensionsId dimensions) override;

  void AddInterval(const AgentInterval& interval) override;
  void AddIntervals(const AgentInterval& interval, int64_t buckets) override;
  void AddAssignment(const AgentAssignment& assignment) override;
  void AddHandling(const HandlingSlice& slice) override;
  void AddAnomaly(const AgentAnomaly& anomaly) override;

 private:
  // What is booked later. Measures are those of the plan.
  struct SpanChange {
    int64_t value_us = 0;
    DimensionsId dimensions = DimensionsId::kNone;
    int32_t bucket = 0;
    uint32_t measure = 0;
    int8_t sign = 1;
    bool within = false;
  };
  struct DeadlineChange {
    DimensionsId dimensions = DimensionsId::kNone;
    int32_t bucket = 0;
    uint32_t measure = 0;
    TrackState state = TrackState::kPending;
    int8_t sign = 1;
  };
  struct CountChange {
    DimensionsId dimensions = DimensionsId::kNone;
    DimensionsId from = DimensionsId::kNone;  // where delta is 0: it moves
    int32_t bucket = 0;
    int8_t index = 0;
    int8_t delta = 0;
  };
  struct EdgeChange {
    DimensionsId dimensions = DimensionsId::kNone;
    int32_t bucket = 0;
    int8_t delta = 0;
  };
  struct LaterFact {
    TextId agent = 0;
    AgentFact fact;
  };

  // Whole buckets of an agent in which nothing changes: `interval` in the first
  // of them, and the same in each up to `last`. None: last is before the first.
  struct Stretch {
    AgentInterval interval;
    int32_t last = -1;
  };

  template <typename Change>
  void Later(std::vector<Change>& list, const Change& change) {
    if (list.size() >= most_later_) ApplyAll(list);
    MakeRoom(list);
    list.push_back(change);
  }
  // All of it at once, so that batches of any size find it.
  template <typename Change>
  void MakeRoom(std::vector<Change>& list) const {
    if (list.capacity() == 0) list.reserve(most_later_);
  }
  template <typename Change>
  void ApplyAll(std::vector<Change>& list) {
    constexpr size_t kAhead = 8;
    for (size_t n = 0; n < list.size(); ++n) {
      if (n + kAhead < list.size()) Prefetch(list[n + kAhead]);
      Apply(list[n]);
    }
    list.clear();
  }
  void Apply(const SpanChange& change);
  void Apply(const DeadlineChange& change);
  void Apply(const CountChange& change);
  void Apply(const EdgeChange& change);
  // Asks the memory for what Apply will want.
  template <typename Change>
  void Prefetch(const Change& change) {
    StoreOf(change).Prefetch(change.bucket,
                             dimensions_.Groups(change.dimensions));
  }
  CellStore<SpanCell>& StoreOf(const SpanChange& change) {
    return cells_.spans[change.measure];
  }
  CellStore<DeadlineCell>& StoreOf(const DeadlineChange& change) {
    return cells_.deadlines[change.measure];
  }
  CellStore<CounterCell>& StoreOf(const CountChange& change) {
    return cells_.counters[static_cast<size_t>(change.index)];
  }
  CellStore<BacklogCell>& StoreOf(const EdgeChange&) { return cells_.backlog; }

  template <typename Cell, typename F>
  void Book(CellStore<Cell>& store, int64_t at_us, DimensionsId dimensions,
            F change) {
    store.ChangeAll(BucketAt(at_us), dimensions_.Groups(dimensions), change);
  }
  // Takes what is open from one combination to another: nothing changes in a
  // group that both are in. change(cell, sign).
  template <typename Cell, typename F>
  void Move(CellStore<Cell>& store, int32_t bucket, DimensionsId from,
            DimensionsId to, F change) {
    const std::span<const GroupId> before = dimensions_.Groups(from);
    const std::span<const GroupId> after = dimensions_.Groups(to);
    for (size_t s = 0; s < before.size(); ++s) {
      if (before[s] == after[s]) continue;
      store.Change(bucket, before[s], [&](Cell& cell) { change(cell, -1); });
      store.Change(bucket, after[s], [&](Cell& cell) { change(cell, 1); });
    }
  }
  // Most is booked into the bucket that was booked into before.
  ABSL_ATTRIBUTE_ALWAYS_INLINE int32_t BucketAt(int64_t at_us) {
    if (at_us < bucket_begin_us_ || at_us - bucket_begin_us_ >= kBucketSpan) {
      bucket_ = BucketOf(at_us);
      bucket_begin_us_ = BucketBegin(bucket_);
    }
    return bucket_;
  }
  // An observation of the current episode, for the lists of contributors; of
  // none, it has no name any more.
  void Ranked(ContributorKind kind, size_t measure, int64_t booked_us,
              DimensionsId dimensions, int64_t rank, int sign,
              ContributorOutcome outcome = ContributorOutcome::kNone) {
    if (lists_ == nullptr || interaction_ == InteractionId::kNone) return;
    if (lists_->plan().of[static_cast<size_t>(kind)][measure].empty()) return;
    lists_->Book({kind,
                  measure,
                  BucketAt(booked_us),
                  dimensions,
                  {rank, interaction_, episode_, 1, outcome},
                  sign});
  }
  // The combination of nothing but the two.
  DimensionsId OfAgent(uint32_t agent, uint32_t team) {
    if (agent < of_agent_.size()) {
      const auto& [of_which, known] = of_agent_[agent];
      if (known != DimensionsId::kNone && of_which == team) return known;
    }
    return FindAgent(agent, team);
  }
  DimensionsId FindAgent(uint32_t agent, uint32_t team);
  void AddFact(TextId agent, const AgentFact& fact);
  void ReplayOne(TextId agent, const AgentFact& fact);
  // Says what data_quality counts, of the KPI that is traced.
  template <typename What>
  void Doubt(const char* check, InteractionId interaction, const What& what);
  void BookInterval(const AgentInterval& interval);
  void BookHandling(const HandleTime& time, bool responded, int64_t at_us,
                    DimensionsId dimensions);  // of the current episode
  void Say(int64_t start_us, int64_t end_us, int64_t booked_us, int64_t value,
           const char* outcome, DimensionsId dimensions, int64_t sign);

  const Plan& plan_;
  DimensionTable& dimensions_;
  Cells& cells_;
  const std::vector<std::vector<TextId>>& severities_;
  std::array<std::vector<size_t>, kSpanKindCount> spans_of_;
  std::vector<std::vector<size_t>> pools_of_;
  std::vector<std::vector<size_t>> deadlines_of_;
  InteractionId interaction_ = InteractionId::kNone;
  uint32_t episode_ = 0;
  int32_t bucket_ = 0;
  int64_t bucket_begin_us_ = kLatestTime;
  ContributorLists* lists_ = nullptr;
  AgentTimeline* agents_ = nullptr;
  AgentFacts* facts_ = nullptr;
  int64_t capacity_ = 1;
  size_t most_later_ = 1024;
  std::vector<LaterFact> later_facts_;
  std::vector<SpanChange> later_spans_;
  std::vector<DeadlineChange> later_deadlines_;
  std::vector<CountChange> later_counts_;
  std::vector<EdgeChange> later_edges_;
  Stretch stretch_;
  // By agent: the team that OfAgent was asked for lately, and its answer.
  std::vector<std::pair<uint32_t, DimensionsId>> of_agent_;
  const KpiPlan* traced_ = nullptr;
  std::vector<Contribution>* contributions_ = nullptr;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_BOOKER_H_
