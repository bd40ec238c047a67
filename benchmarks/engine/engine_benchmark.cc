// How the cost of an event grows with the events, interactions, groups and
// agents there are: it should not.
//
// Sizes beyond 10^5 events take long and run only when CCKPI_BENCHMARK_EVENTS
// names a greatest size, for example 10000000.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/engine/engine.h"
#include "cckpi/event/event.h"

namespace cckpi {
namespace {

constexpr int64_t kBegin = 1'740'000'000 * kSecond;

struct Shape {
  int64_t events = 0;
  int64_t agents = 500;
  int64_t teams = 20;
};

// A log of chats, ten events each, several hundred of them open at a time.
class Log {
 public:
  explicit Log(const Shape& shape) {
    static constexpr EventKind kCourse[] = {
        EventKind::kCustomerMessage, EventKind::kBotMessage,
        EventKind::kBotHandoff,      EventKind::kQueued,
        EventKind::kAssigned,        EventKind::kAgentMessage,
        EventKind::kCustomerMessage, EventKind::kAgentMessage,
        EventKind::kCustomerMessage, EventKind::kResolved};
    int64_t interactions = shape.events / 10;
    for (int64_t n = 0; n < interactions; ++n) {
      names_.push_back("chat-" + std::to_string(n));
      customers_.push_back("customer-" + std::to_string(n * 7 / 10));
    }
    for (int64_t n = 0; n < shape.agents; ++n) {
      agents_.push_back("agent-" + std::to_string(n));
    }
    for (int64_t n = 0; n < shape.teams; ++n) {
      teams_.push_back("team-" + std::to_string(n));
    }
    uint64_t random = 88172645463325252ull;
    auto next = [&random](int64_t below) {
      random = random * 6364136223846793005ull + 1442695040888963407ull;
      return static_cast<int64_t>((random >> 33) %
                                  static_cast<uint64_t>(below));
    };
    events_.reserve(static_cast<size_t>(interactions * 10));
    static constexpr std::string_view kChannels[] = {
        "facebook", "instagram", "whatsapp", "chat", "email"};
    for (int64_t n = 0; n < interactions; ++n) {
      size_t i = static_cast<size_t>(n);
      int64_t at_us = kBegin + n * 2 * kSecond;
      size_t agent = static_cast<size_t>(next(shape.agents));
      for (EventKind kind : kCourse) {
        at_us += next(4 * kMinute) + kMillisecond;
        Event event;
        event.at_us = at_us;
        event.kind = kind;
        event.interaction = names_[i];
        event.customer = customers_[i];
        event.channel = kChannels[n % 5];
        if (kind == EventKind::kQueued) {
          event.team = teams_[agent % teams_.size()];
        }
        if (kind == EventKind::kAssigned || kind == EventKind::kResolved ||
            kind == EventKind::kAgentMessage) {
          event.agent = agents_[agent];
        }
        events_.push_back(event);
      }
    }
    std::stable_sort(
        events_.begin(), events_.end(),
        [](const Event& a, const Event& b) { return a.at_us < b.at_us; });
  }

  const std::vector<Event>& events() const { return events_; }

 private:
  std::vector<std::string> names_;
  std::vector<std::string> customers_;
  std::vector<std::string> agents_;
  std::vector<std::string> teams_;
  std::vector<Event> events_;
};

Config Everything() {
  Config config;
  config.auto_close_after_us = kDay;
  config.allowed_lateness_us = kMinute;
  return config;
}

void Feed(Engine& engine, const std::vector<Event>& events) {
  constexpr size_t kBatch = 4096;
  for (size_t from = 0; from < events.size(); from += kBatch) {
    size_t n = std::min(kBatch, events.size() - from);
    engine.Ingest({events.data() + from, n});
  }
}

// The whole catalogue, the default groups.
void Run(benchmark::State& state, const Shape& shape) {
  Log log(shape);
  Engine::Sizes sizes;
  for (auto _ : state) {
    Engine engine = *Engine::Create(Everything());
    Feed(engine, log.events());
    sizes = engine.sizes();
  }
  state.SetItemsProcessed(state.iterations() *
                          static_cast<int64_t>(log.events().size()));
  state.counters["interactions"] = static_cast<double>(sizes.interactions);
  state.counters["cells"] = static_cast<double>(sizes.cells);
}

void BM_Ingest_Events(benchmark::State& state) {
  Run(state, {.events = state.range(0)});
}

void BM_Ingest_Agents(benchmark::State& state) {
  Run(state, {.events = 100'000, .agents = state.range(0)});
}

void BM_Ingest_Groups(benchmark::State& state) {
  Run(state, {.events = 100'000, .teams = state.range(0)});
}

// All events belong to one interaction that never ends.
void BM_Ingest_OneInteraction(benchmark::State& state) {
  std::vector<Event> events;
  for (int64_t n = 0; n < state.range(0); ++n) {
    Event event;
    event.at_us = kBegin + n * kSecond;
    event.kind =
        n % 2 == 0 ? EventKind::kCustomerMessage : EventKind::kAgentMessage;
    event.interaction = "one";
    event.agent = n % 2 == 0 ? "" : "ana";
    events.push_back(event);
  }
  for (auto _ : state) {
    Engine engine = *Engine::Create(Everything());
    Feed(engine, events);
  }
  state.SetItemsProcessed(state.iterations() *
                          static_cast<int64_t>(events.size()));
}

// Every KPI of every group, by day.
void BM_Ask_All(benchmark::State& state) {
  Log log({.events = state.range(0)});
  Engine engine = *Engine::Create(Everything());
  Feed(engine, log.events());
  Query query;
  query.every = Frequency::kDaily;
  for (auto _ : state) {
    benchmark::DoNotOptimize(engine.Ask(query));
  }
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  const char* text = std::getenv("CCKPI_BENCHMARK_EVENTS");
  int64_t greatest = text != nullptr ? std::atoll(text) : 100'000;
  for (int64_t events = 10'000; events <= greatest; events *= 10) {
    benchmark->Arg(events);
  }
}

BENCHMARK(BM_Ingest_Events)->Apply(Sizes)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Ingest_OneInteraction)
    ->Apply(Sizes)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Ingest_Agents)
    ->Arg(10)
    ->Arg(10'000)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Ingest_Groups)->Arg(10)->Arg(1'000)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Ask_All)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cckpi
