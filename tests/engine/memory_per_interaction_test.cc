// What one more open interaction costs a long-running engine, by the heap:
// state, timer, names and their index, everything that hangs on it.
//
// Two engines see the same days, one with more interactions than the other; all
// groups, buckets and histograms of the greater one are in the smaller one too.
// The difference of their heaps is what the interactions cost, chunk headers of
// malloc, empty places of hash tables and free places of arrays included.
//
// CCKPI_OPEN_INTERACTIONS=1000000 measures as many instead of 10,000 or
// 100,000.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "cckpi/base/dictionary.h"
#include "cckpi/engine/engine.h"
#include "cckpi/kpi/catalogue.h"
#include "gtest/gtest.h"
#include "heap_count.h"
#include "src/timeline/timeline_state.h"

namespace cckpi {
namespace {

constexpr int64_t kBegin = 1'767'600'000 * kSecond;  // 2026-01-05T08:00:00Z
constexpr int64_t kAgents = 100;
// So many that arrays with a limited length have reached it, slots of those
// that something happens to among them.
constexpr int64_t kFewest = 10'000;

struct Shape {
  int64_t interactions = 0;
  bool customers = false;  // a customer of its own for each
  bool messages = false;   // messages have ids, so responses may be reviewed
  bool answered = true;    // else the customer still waits in the queue
  // Only KPIs whose cells keep nothing of single interactions, and none of
  // agents' time: every other one of the catalogue's interactions.
  bool state_only = false;
};

// Opens them in the course of eight to twenty minutes, events in order, until
// all are final. Interactions are numbers: no text of a key is on the heap. The
// deadlines of first responses (15 min) of those in the queue are still ahead.
int64_t HeapOf(const Shape& shape) {
  const int64_t before = g_heap;
  Config config;  // all KPIs, the default groups
  config.allowed_lateness_us = 30 * kSecond;
  if (shape.state_only) {
    config.allowed_lateness_us = 0;  // places of events that wait stay
    config.kpis_given = true;
    for (Kpi kpi :
         {Kpi::kFirstResponseTime, Kpi::kResponseTime, Kpi::kResolutionTime,
          Kpi::kBeyondTurnaround, Kpi::kFirstContactResolution, Kpi::kArrivals,
          Kpi::kAnswered, Kpi::kResolved, Kpi::kReopened, Kpi::kTransferred,
          Kpi::kMessages, Kpi::kBotOutcome}) {
      config.kpis.push_back(DefaultSpec(kpi));
    }
  }
  absl::StatusOr<Engine> engine = Engine::Create(config);
  EXPECT_TRUE(engine.ok()) << engine.status();
  std::vector<std::string> agents;
  std::vector<std::string> teams;
  for (int64_t a = 0; a < kAgents; ++a) {
    agents.push_back("agent " + std::to_string(a));
    teams.push_back("team " + std::to_string(a / 5));
  }
  // Round by round, as events come in order: all write, then all are queued…
  std::vector<EventKind> rounds = {
      EventKind::kCustomerMessage, EventKind::kQueued, EventKind::kAssigned,
      EventKind::kAgentMessage, EventKind::kCustomerMessage};
  if (!shape.answered) rounds.resize(2);
  int64_t taken = 0;
  constexpr int64_t kRound = 4 * kMinute;
  for (size_t round = 0; round < rounds.size(); ++round) {
    for (int64_t n = 0; n < shape.interactions; ++n) {
      const size_t agent = static_cast<size_t>(n % kAgents);
      const std::string name = std::to_string(10'000'000 + n);
      const std::string customer = std::to_string(20'000'000 + n);
      const std::string message = "m" + std::to_string(round) + name;
      Event event;
      event.kind = rounds[round];
      event.at_us = kBegin + static_cast<int64_t>(round) * kRound +
                    n * kRound / shape.interactions;
      event.interaction = name;
      if (shape.customers) event.customer = customer;
      event.channel = "chat";
      if (event.kind == EventKind::kQueued) event.team = teams[agent];
      if (event.kind == EventKind::kAssigned ||
          event.kind == EventKind::kAgentMessage) {
        event.agent = agents[agent];
      }
      if (shape.messages) event.message = message;
      taken += engine->Ingest({&event, 1}).accepted;
    }
  }
  EXPECT_EQ(taken, shape.interactions * static_cast<int64_t>(rounds.size()));
  const int64_t end_us = kBegin + static_cast<int64_t>(rounds.size()) * kRound;
  EXPECT_TRUE(engine->Advance(absl::FromUnixMicros(end_us + kMinute)).ok());
  EXPECT_EQ(engine->sizes().pending_events, 0);
  EXPECT_EQ(engine->sizes().interactions,
            static_cast<size_t>(shape.interactions));
  agents = {};
  teams = {};
  return g_heap - before;
}

// So many, unless the environment says how many.
int64_t MostOf(int64_t most) {
  const char* text = std::getenv("CCKPI_OPEN_INTERACTIONS");
  return text == nullptr ? most : std::max<int64_t>(std::atoll(text), 1'000);
}

// Bytes of an open interaction, with so many of them.
int64_t BytesEach(int64_t interactions, Shape shape) {
  shape.interactions = kFewest;
  const int64_t few = HeapOf(shape);
  shape.interactions += interactions;
  const int64_t bytes = (HeapOf(shape) - few) / interactions;
  std::printf("%6lld open%s%s%s: %lld bytes each\n",
              static_cast<long long>(interactions),
              shape.answered ? "" : ", in the queue",
              shape.customers ? ", customers known" : "",
              shape.messages ? ", messages named" : "",
              static_cast<long long>(bytes));
  return bytes;
}

// What the names of so many interactions take: entry, index, references.
int64_t HeapOfKeys(int64_t interactions) {
  const int64_t before = g_heap;
  KeyDictionary keys;
  for (int64_t n = 0; n < interactions; ++n) keys.AcquireNumber(10'000'000 + n);
  return g_heap - before;
}

// State, its place by number, timer of its deadline, and all that hangs on
// them.
TEST(MemoryPerInteractionTest, TheStateTakes96BytesAndTheKey) {
  for (int64_t most : {int64_t{10'000}, int64_t{30'000}, MostOf(100'000)}) {
    for (bool answered : {false, true}) {
      const int64_t all =
          BytesEach(most, {.answered = answered, .state_only = true});
      const int64_t key =
          (HeapOfKeys(most + kFewest) - HeapOfKeys(kFewest)) / most;
      std::printf("       without its key (%lld): %lld bytes each\n",
                  static_cast<long long>(key),
                  static_cast<long long>(all - key));
      EXPECT_LE(all - key, 96);
      EXPECT_GE(all - key, 48);  // nobody has forgotten to count the state
    }
  }
}

TEST(MemoryPerInteractionTest, AnOpenInteractionTakesLittle) {
  EXPECT_LE(BytesEach(MostOf(10'000), {}), 600);
}

TEST(MemoryPerInteractionTest, InTheQueueToo) {
  EXPECT_LE(BytesEach(10'000, {.answered = false}), 500);
}

TEST(MemoryPerInteractionTest, ACustomerOfItsOwnIsAnotherName) {
  EXPECT_LE(BytesEach(10'000, {.customers = true}), 680);
}

TEST(MemoryPerInteractionTest, AResponseThatMayBeReviewedIsRemembered) {
  EXPECT_LE(BytesEach(10'000, {.messages = true}), 720);
}

// Closed ones whose first contact resolution is pending, of a customer each;
// all of them were forgotten.
int64_t HeapOfContacts(int64_t contacts) {
  const int64_t before = g_heap;
  Config config;
  config.allowed_lateness_us = 0;
  config.fcr_window_us = 7 * kDay;
  config.forget_closed_after_us = kMinute;
  config.groups_given = true;
  config.kpis_given = true;
  config.kpis = {DefaultSpec(Kpi::kFirstContactResolution)};
  absl::StatusOr<Engine> engine = Engine::Create(config);
  EXPECT_TRUE(engine.ok()) << engine.status();
  constexpr int64_t kApart = kSecond / 100;
  for (int64_t n = 0; n < contacts; ++n) {
    const std::string name = std::to_string(10'000'000 + n);
    const std::string customer = std::to_string(20'000'000 + n);
    for (EventKind kind : {EventKind::kCustomerMessage,
                           EventKind::kAgentMessage, EventKind::kResolved}) {
      Event event;
      event.kind = kind;
      event.at_us = kBegin + n * kApart;
      event.interaction = name;
      event.customer = customer;
      if (kind != EventKind::kCustomerMessage) event.agent = "ann";
      EXPECT_EQ(engine->Ingest({&event, 1}).accepted, 1);
    }
  }
  const absl::Time end = absl::FromUnixMicros(kBegin + contacts * kApart);
  EXPECT_TRUE(engine->Advance(end + absl::Minutes(2)).ok());
  EXPECT_EQ(engine->sizes().interactions, 0u);
  EXPECT_EQ(engine->sizes().timers, static_cast<size_t>(contacts));
  return g_heap - before;
}

// The contact, its timer, whose it is, and its place in a table that is as good
// as full, or has just been doubled.
TEST(MemoryPerInteractionTest, AContactOutlivesItsInteractionIn24Bytes) {
  EXPECT_EQ(sizeof(PendingContact), 24u);
  constexpr int64_t kFew = 12'500;  // of 12,800
  const int64_t few = HeapOfContacts(kFew);
  for (const auto& [contacts, most] :
       {std::pair(int64_t{102'000}, int64_t{64}),     // of 102,400
        std::pair(int64_t{52'000}, int64_t{120})}) {  // of as many
    const int64_t more = contacts - kFew;
    const int64_t key = (HeapOfKeys(contacts) - HeapOfKeys(kFew)) / more;
    const int64_t each = (HeapOfContacts(contacts) - few) / more - key;
    std::printf(
        "%6lld contacts without their interactions: %lld bytes each, "
        "without the customer's name (%lld)\n",
        static_cast<long long>(contacts), static_cast<long long>(each),
        static_cast<long long>(key));
    EXPECT_LE(each, most);
    EXPECT_GE(each, 24 + 16 + 8);  // contact, timer, whose it is
  }
}

}  // namespace
}  // namespace cckpi
