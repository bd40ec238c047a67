// Reading a log of interaction events from memory, per format. The workload
// is a made day of chats, mails and messages: every text that a real event
// bears, no tags, and the same events in every format.

#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "cckpi/io/event_reader.h"
#include "cckpi/io/event_sorter.h"
#include "cckpi/io/event_writer.h"
#include "cckpi/io/mapping.h"

namespace cckpi {
namespace {

constexpr int kEvents = 200'000;

enum class Encoding { kJsonLines, kCsv };

std::string MakeLog(Encoding encoding) {
  std::mt19937_64 random(42);
  CsvEventWriter csv({}, {});
  std::string log = encoding == Encoding::kCsv ? csv.Header() : "";
  constexpr EventKind kKinds[] = {
      EventKind::kCustomerMessage, EventKind::kAgentMessage,
      EventKind::kAssigned, EventKind::kResolved, EventKind::kBotMessage};
  constexpr std::string_view kChannels[] = {"chat", "email", "whatsapp",
                                            "facebook"};
  int64_t at_us = *ParseTime("2026-03-02T00:00:00Z");
  for (int i = 0; i < kEvents; ++i) {
    at_us += static_cast<int64_t>(random() % 800'000);
    uint64_t interaction = random() % 20'000;
    std::string id = absl::StrCat("e", i);
    std::string thread = absl::StrCat("T-", interaction);
    std::string customer = absl::StrCat("c", interaction % 9'000);
    std::string agent = absl::StrCat("agent-", random() % 500);
    std::string message = absl::StrCat("m", i);
    Event event;
    event.at_us = at_us;
    event.kind = kKinds[random() % std::size(kKinds)];
    event.id = id;
    event.interaction = thread;
    event.customer = customer;
    event.channel = kChannels[interaction % std::size(kChannels)];
    event.source = "main page";
    event.team = "first-response";
    event.agent = agent;
    event.message = message;
    if (encoding == Encoding::kCsv) {
      log += csv.Row(event);
    } else {
      AppendJsonLine(event, &log);
    }
  }
  return log;
}

void Read(benchmark::State& state, const std::string& log,
          const OpenOptions& options) {
  EventBatch batch;
  int64_t events = 0;
  for (auto _ : state) {
    auto reader = OpenEventsInMemory(log, options);
    if (!reader.ok()) {
      state.SkipWithError(reader.status().ToString().c_str());
      return;
    }
    while (*(*reader)->Read(&batch, 4096)) {
      events += static_cast<int64_t>(batch.events.size());
      benchmark::DoNotOptimize(batch.events.data());
    }
  }
  state.SetItemsProcessed(events);
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(log.size()));
}

void BM_ReadEvents_JsonLines(benchmark::State& state) {
  std::string log = MakeLog(Encoding::kJsonLines);
  Read(state, log, {.format = EventFormat::kJsonLines});
}
BENCHMARK(BM_ReadEvents_JsonLines)->Unit(benchmark::kMillisecond);

void BM_ReadEvents_Csv(benchmark::State& state) {
  std::string log = MakeLog(Encoding::kCsv);
  Read(state, log, {.format = EventFormat::kCsv});
}
BENCHMARK(BM_ReadEvents_Csv)->Unit(benchmark::kMillisecond);

void BM_ReadEvents_MappedCsv(benchmark::State& state) {
  std::string log = MakeLog(Encoding::kCsv);
  auto mapping = ParseMapping(R"({
      "fields": {"at": "at", "id": "id", "interaction": "interaction",
                 "customer": "customer", "channel": "channel",
                 "team": "team", "agent": "agent"},
      "rules": [
        {"when": {"kind": "customer_message"}, "kind": "customer_message"},
        {"when": {"kind": "agent_message"}, "kind": "agent_message"},
        {"when": {"kind": ["assigned", "accepted"]}, "kind": "assigned"},
        {"when": {"kind": "resolved"}, "kind": "resolved"},
        {"kind": "bot_message"}]})");
  if (!mapping.ok()) {
    state.SkipWithError(mapping.status().ToString().c_str());
    return;
  }
  Read(state, log, {.format = EventFormat::kCsv, .mapping = *mapping});
}
BENCHMARK(BM_ReadEvents_MappedCsv)->Unit(benchmark::kMillisecond);

// Sorting what was read: an ordered log, within memory or spilled.
void BM_SortEvents(benchmark::State& state) {
  std::string log = MakeLog(Encoding::kCsv);
  auto memory_bytes = static_cast<size_t>(state.range(0)) << 20;
  EventBatch batch;
  int64_t events = 0;
  for (auto _ : state) {
    auto reader = OpenEventsInMemory(log, {.format = EventFormat::kCsv});
    EventSorter sorter({.memory_bytes = memory_bytes});
    while (*(*reader)->Read(&batch, 4096)) {
      for (size_t i = 0; i < batch.events.size(); ++i) {
        if (!sorter.Add(batch.events[i], batch.rows[i], 0).ok()) return;
      }
    }
    if (!sorter.Finish().ok()) return;
    while (*sorter.Next(&batch, 4096)) {
      events += static_cast<int64_t>(batch.events.size());
    }
  }
  state.SetItemsProcessed(events);
}
BENCHMARK(BM_SortEvents)->Arg(4)->Arg(256)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cckpi
