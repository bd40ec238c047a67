// In the steady state the engine asks the heap for nothing.
//
// The steady state: agents, teams, channels and tags are known; interactions
// are opened, answered, transferred, closed, reopened, discarded and forgotten
// at a rate that does not change, so as many are known at any time as before;
// ids and names are no longer than those before. docs/performance.md says what
// is left out.
//
// The log repeats itself every round, with new interactions, customers and ids,
// and the lives in it take less than two minutes to the last trace. So within a
// bucket every cell and every bin of a histogram is there after a few minutes,
// and nothing may allocate from then on. Where time moves on through buckets,
// their cells are memory that stays, and nothing else may allocate.

#include <execinfo.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/kpi/catalogue.h"
#include "engine/column_batch.h"
#include "gtest/gtest.h"
#include "heap_count.h"

namespace cckpi {
namespace {

constexpr int64_t kBegin = 1'767'600'000 * kSecond;  // 2026-01-05T08:00:00Z

// Who allocates is told once for each caller: `addr2line -Cfie` of the test
// with the numbers in parentheses says where.
constexpr int kDepth = 24;
struct Callers {
  void* frames[kDepth];
  int depth;
};
Callers g_callers[16];
size_t g_caller_count = 0;

void NoteCaller() {
  g_on_allocation = nullptr;  // of this one
  Callers callers;
  callers.depth = backtrace(callers.frames, kDepth);
  const auto same = [&callers](const Callers& other) {
    return other.depth == callers.depth &&
           std::equal(other.frames, other.frames + other.depth, callers.frames);
  };
  if (g_caller_count < std::size(g_callers) &&
      std::none_of(g_callers, g_callers + g_caller_count, same)) {
    g_callers[g_caller_count++] = callers;
  }
  g_on_allocation = NoteCaller;
}

// What `work` asks of the heap.
template <typename F>
int64_t AllocationsOf(F work, bool tells = true) {
  void* one;
  backtrace(&one, 1);  // loads what it needs
  g_caller_count = 0;
  const int64_t before = g_allocations;
  if (tells) g_on_allocation = NoteCaller;
  work();
  g_on_allocation = nullptr;
  const int64_t count = g_allocations - before;
  for (size_t c = 0; c < g_caller_count; ++c) {
    std::printf("allocates:\n");
    std::fflush(stdout);
    backtrace_symbols_fd(g_callers[c].frames, g_callers[c].depth, 1);
  }
  return count;
}

// Owns its texts.
class Log {
 public:
  std::vector<Event> events;

  Event& Add(int64_t at_us, EventKind kind, std::string_view interaction) {
    Event event;
    event.at_us = at_us;
    event.kind = kind;
    event.interaction = Text(std::string(interaction));
    event.id = Text("event " + std::to_string(1'000'000'000 + ids_++));
    return events.emplace_back(event);
  }
  std::string_view Text(std::string text) {
    return texts_.emplace_back(std::move(text));
  }
  // The events of lives in between, in their total order.
  void Sort() {
    std::stable_sort(
        events.begin(), events.end(),
        [](const Event& a, const Event& b) { return CompareEvents(a, b) < 0; });
  }

  std::vector<ErrorCount> errors = {{"minor", 1}};
  std::vector<Tag> tags = {{"plan", "gold"}};

 private:
  int64_t ids_ = 0;
  std::deque<std::string> texts_;
};

constexpr int64_t kAgents = 36;
std::string AgentName(int64_t n) {
  return "agent " + std::to_string(n % kAgents);
}

// The life of interaction `n`, from its first message on; it depends on n
// modulo 36.
void AddLife(int64_t n, int64_t at_us, bool numbers, Log& log) {
  static const char* const kTeams[] = {"red", "green", "blue"};
  const std::string_view name =
      log.Text(numbers ? std::to_string(10'000'000 + n)
                       : "interaction " + std::to_string(10'000'000 + n));
  // Every fourth customer comes back with the next interaction.
  const std::string_view customer =
      log.Text("customer " + std::to_string(10'000'000 + n - (n % 4 == 3)));
  const std::string_view agent = log.Text(AgentName(n));
  const std::string_view other = log.Text(AgentName(n + 5));
  const std::string_view team = kTeams[n % 3];
  const std::string_view next_team = kTeams[(n + 1) % 3];
  int messages = 0;
  const auto add = [&](int64_t after_s, EventKind kind) -> Event& {
    Event& event = log.Add(at_us + after_s * kSecond, kind, name);
    event.channel = n % 2 == 0 ? "chat" : "mail";
    const bool is_message = kind == EventKind::kCustomerMessage ||
                            kind == EventKind::kAgentMessage ||
                            kind == EventKind::kBotMessage;
    if (is_message) {
      event.message = log.Text("message " + std::to_string(1'000'000'000 + n) +
                               "." + std::to_string(messages++));
    }
    if (kind == EventKind::kCustomerMessage && n % 5 != 4) {
      event.customer = customer;
    }
    return event;
  };
  const auto by = [&](int64_t after_s, EventKind kind,
                      std::string_view who) -> Event& {
    Event& event = add(after_s, kind);
    event.agent = who;
    return event;
  };
  add(0, EventKind::kCustomerMessage);
  if (n % 3 == 0) {
    add(1, EventKind::kBotMessage);
    add(2, EventKind::kCustomerMessage);
    add(3, EventKind::kBotHandoff);
  }
  Event& queued = add(4, EventKind::kQueued);
  queued.team = team;
  if (n % 6 == 0) queued.tags = log.tags;
  by(6, EventKind::kAssigned, agent);
  by(8, EventKind::kAgentMessage, agent);
  add(9, EventKind::kCustomerMessage);
  if (n % 12 == 7) {
    add(10, EventKind::kDiscarded);
    return;
  }
  if (n % 2 == 1) {
    add(11, EventKind::kQueued).team = next_team;
    by(12, EventKind::kAssigned, other);
  }
  const std::string_view last = n % 2 == 1 ? other : agent;
  const std::string_view answer =
      by(13, EventKind::kAgentMessage, last).message;
  if (n % 4 == 2) {
    by(14, EventKind::kHold, last);
    by(15, EventKind::kResumed, last);
  }
  by(17, EventKind::kResolved, last);
  if (n % 12 == 4) log.events.push_back(Event(log.events.back()));  // again
  if (n % 3 == 1) {
    Event& survey = add(18, EventKind::kSurveyed);
    survey.score_micro = 4'000'000;
  }
  if (n % 6 == 5) {
    Event& review = add(19, EventKind::kReviewed);
    review.message = answer;
  }
  if (n % 3 == 2) {
    add(20, EventKind::kReopened);
    add(21, EventKind::kCustomerMessage);
    by(24, EventKind::kAgentMessage, last);
    by(26, EventKind::kResolved, last);
    if (n % 12 == 11) add(27, EventKind::kDiscarded);
  }
}

// Lives from kBegin on for so long, 36 in each round.
void AddLives(int64_t for_us, int64_t round_us, bool numbers, Log& log) {
  for (int64_t a = 0; a < kAgents; ++a) {
    Event& state = log.Add(kBegin - kSecond, EventKind::kAgentState, "");
    state.agent = log.Text(AgentName(a));
    state.state = "available";
  }
  for (int64_t n = 0; n / 36 * round_us < for_us; ++n) {
    AddLife(n, kBegin + n / 36 * round_us + n % 36 * round_us / 36, numbers,
            log);
  }
  log.Sort();
}

Config Quick() {
  Config config;  // all KPIs, the default groups
  config.groups_given = true;
  config.groups = {{{Dimension::Field::kChannel, ""}},
                   {{Dimension::Field::kTeam, ""}},
                   {{Dimension::Field::kAgent, ""}},
                   {{Dimension::Field::kTag, "plan"}}};
  config.kpis_given = true;
  config.kpis = DefaultKpis(/*with_business_clock=*/false);
  for (KpiSpec& spec : config.kpis) {
    // So that timers of deadlines that were met are gone soon.
    if (spec.within_us > 0) spec.within_us = 20 * kSecond;
  }
  config.allowed_lateness_us = 10 * kSecond;
  config.duplicate_window_us = kMinute;
  config.fcr_window_us = 30 * kSecond;
  config.review_window_us = 30 * kSecond;
  config.forget_closed_after_us = 30 * kSecond;
  return config;
}

struct Parts {
  std::span<const Event> warm_up;
  std::span<const Event> steady;
};
// What is before `at_us`, and from there to `end_us`.
Parts SplitAt(const Log& log, int64_t at_us, int64_t end_us) {
  const auto before = [](const Event& event, int64_t us) {
    return event.at_us < us;
  };
  const auto begin = log.events.begin();
  const auto middle = std::lower_bound(begin, log.events.end(), at_us, before);
  const auto end = std::lower_bound(begin, log.events.end(), end_us, before);
  return {{begin, middle}, {middle, end}};
}

// The first bucket, but for what is booked into the next one.
constexpr int64_t kWarmUp = 7 * kMinute;
constexpr int64_t kEnd = 14 * kMinute;
constexpr int64_t kRound = 12 * kSecond;

TEST(SteadyStateTest, OneEventAtATimeAllocatesNothing) {
  Log log;
  AddLives(kBucketSpan, kRound, /*numbers=*/false, log);
  absl::StatusOr<Engine> engine = Engine::Create(Quick());
  ASSERT_TRUE(engine.ok()) << engine.status();
  const Parts parts = SplitAt(log, kBegin + kWarmUp, kBegin + kEnd);
  int64_t taken = engine->Ingest(parts.warm_up).accepted;
  EXPECT_EQ(AllocationsOf([&] {
              for (const Event& event : parts.steady) {
                taken += engine->Ingest({&event, 1}).accepted;
              }
            }),
            0);
  EXPECT_EQ(taken,
            static_cast<int64_t>(parts.warm_up.size() + parts.steady.size()));
  EXPECT_GT(parts.steady.size(), 12'000u);
}

TEST(SteadyStateTest, ColumnsAllocateNothing) {
  for (TextForm form : {TextForm::kOffsets32, TextForm::kIntegers}) {
    Log log;
    AddLives(kBucketSpan, kRound, form == TextForm::kIntegers, log);
    absl::StatusOr<Engine> engine = Engine::Create(Quick());
    ASSERT_TRUE(engine.ok()) << engine.status();
    std::deque<ColumnBatch> warm_up;
    std::deque<ColumnBatch> steady;
    size_t rows = 0;
    for (int64_t at_us = 0; at_us < kEnd; at_us += kRound) {
      const std::span<const Event> events =
          SplitAt(log, kBegin + at_us, kBegin + at_us + kRound).steady;
      (at_us < kWarmUp ? warm_up : steady).emplace_back(events, form, *engine);
      rows += events.size();
    }
    int64_t taken = 0;
    for (const ColumnBatch& batch : warm_up) {
      taken += engine->Ingest(batch.columns).accepted;
    }
    EXPECT_EQ(AllocationsOf([&] {
                for (const ColumnBatch& batch : steady) {
                  taken += engine->Ingest(batch.columns).accepted;
                }
              }),
              0);
    EXPECT_EQ(taken, static_cast<int64_t>(rows));
    EXPECT_EQ(steady.size(), 35u);
  }
}

struct Growth {
  size_t events = 0;
  size_t cells = 0;
  int64_t allocations = 0;
};
// What three hours cost, one event at a time, after seventeen: from the 65th
// bucket on the arrays of groups are used again.
Growth GrowthOf(const Config& config) {
  Log log;
  AddLives(20 * kHour, 9 * kMinute, /*numbers=*/true, log);
  absl::StatusOr<Engine> engine = Engine::Create(config);
  EXPECT_TRUE(engine.ok()) << engine.status();
  const Parts parts =
      SplitAt(log, kBegin + 17 * kHour, kBegin + 20 * kHour - kMinute);
  EXPECT_EQ(engine->Ingest(parts.warm_up).accepted,
            static_cast<int64_t>(parts.warm_up.size()));
  const size_t before = engine->sizes().cells;
  Growth growth;
  growth.allocations = AllocationsOf(
      [&] {
        for (const Event& event : parts.steady) engine->Ingest({&event, 1});
      },
      /*tells=*/false);
  growth.events = parts.steady.size();
  growth.cells = engine->sizes().cells - before;
  std::printf("%zu events, %zu new cells, %lld allocations\n", growth.events,
              growth.cells, static_cast<long long>(growth.allocations));
  EXPECT_GT(growth.events, 7'000u);
  return growth;
}

// Counts, deadlines, first contacts, bots: cells of one size.
TEST(SteadyStateTest, NewBucketsAllocateBlocksOfCells) {
  Config config = Quick();
  config.kpis.clear();
  for (Kpi kpi : {Kpi::kArrivals, Kpi::kAnswered, Kpi::kResolved,
                  Kpi::kReopened, Kpi::kTransferred, Kpi::kMessages,
                  Kpi::kFirstContactResolution, Kpi::kBotOutcome}) {
    config.kpis.push_back(DefaultSpec(kpi));
  }
  const Growth growth = GrowthOf(config);
  EXPECT_GT(growth.cells, 3'000u);
  // 64 to a block.
  EXPECT_LE(growth.allocations, static_cast<int64_t>(growth.cells) / 50);
}

// What cells of other KPIs have beside themselves grows by doubling.
TEST(SteadyStateTest, NewBucketsAllocateForTheirCells) {
  const Growth growth = GrowthOf(Quick());
  EXPECT_GT(growth.cells, 3'000u);
  EXPECT_LE(growth.allocations, static_cast<int64_t>(growth.cells));
}

}  // namespace
}  // namespace cckpi
