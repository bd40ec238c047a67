// The engine against the oracle, on logs that the fuzzer makes up.
//
// The first two bytes choose the configuration and the question, among those
// of the random logs; the third how the events are delivered; every event
// after that takes six bytes.

#include <algorithm>
#include <string>
#include <vector>

#include "cckpi/engine/engine.h"
#include "fuzz/fuzz_input.h"
#include "oracle/compare.h"
#include "oracle/oracle.h"
#include "oracle/random_log.h"

namespace cckpi::fuzz {
namespace {

constexpr size_t kMaxEvents = 40;
constexpr int64_t kBegin = 1'774'569'600 * kSecond;  // Fri 2026-03-27, 00:00

Event NextEvent(FuzzInput& input, int64_t& at_us) {
  static constexpr const char* kInteractions[] = {"a", "b", "c"};
  static constexpr const char* kAgents[] = {"", "ann", "bob"};
  static constexpr const char* kTeams[] = {"", "", "t1", "t2"};
  static constexpr const char* kChannels[] = {"", "web", "app"};
  static constexpr const char* kIds[] = {"", "", "", "x", "y", "z"};
  static constexpr const char* kMessages[] = {"", "m1", "m2"};
  static constexpr int64_t kSteps[] = {
      0,         1,           kSecond,      7 * kSecond,
      kMinute,   4 * kMinute, 15 * kMinute, kHour,
      5 * kHour, kDay};
  Event event;
  event.kind = static_cast<EventKind>(input.Byte() % 20);  // of interactions
  const uint8_t step = input.Byte();
  at_us += kSteps[step % 10] * (1 + step / 10 % 4);
  event.at_us = at_us;
  const uint8_t who = input.Byte();
  event.interaction = kInteractions[who % 3];
  event.agent = kAgents[who / 3 % 3];
  if (event.interaction != "c") event.customer = "k";
  const uint8_t where = input.Byte();
  event.team = kTeams[where % 4];
  event.channel = kChannels[where / 4 % 3];
  const uint8_t what = input.Byte();
  event.id = kIds[what % 6];
  event.message = kMessages[what / 6 % 3];
  event.by = static_cast<Actor>(what / 18 % 5);
  const uint8_t more = input.Byte();
  if (event.kind == EventKind::kCustomerMessage ||
      event.kind == EventKind::kAgentMessage ||
      event.kind == EventKind::kBotMessage) {
    event.flags = more % 3 == 0 ? more / 3 % 32 : 0;
  }
  if (event.kind == EventKind::kSurveyed) {
    event.score_micro = (more % 6) * 1'000'000;
    event.scale_micro = 5'000'000;
  }
  return event;
}

void Run(FuzzInput input) {
  oracle::RandomLog log = oracle::MakeRandomLog(1 + input.Number(2) % 4096);
  const uint8_t delivery = input.Byte();
  std::vector<Event> events;
  int64_t at_us = kBegin;
  while (!input.empty() && events.size() < kMaxEvents) {
    Event event = NextEvent(input, at_us);
    if (ValidateEvent(event).ok()) events.push_back(event);
  }
  if (events.empty()) return;
  Config config = log.config;
  config.kpis.resize(std::min<size_t>(config.kpis.size(), 6));
  config.allowed_lateness_us = 3650 * kDay;
  absl::StatusOr<Engine> engine = Engine::Create(config);
  Require(engine.ok(), "an engine is made");
  if (delivery % 2 == 1) std::reverse(events.begin(), events.end());
  Require(
      engine->Ingest(events).accepted == static_cast<int64_t>(events.size()),
      "valid events are taken");
  const int64_t now_us = at_us + (delivery / 4) * 6 * kHour;
  Require(engine->Advance(ToTime(now_us)).ok(), "time goes on");
  if (delivery % 4 < 2) engine->Finish();
  const absl::StatusOr<Report> report = engine->Ask(log.query);
  Require(report.ok(), "a question is answered");
  const oracle::OracleResult expected =
      oracle::Oracle(config).Run(events, now_us, log.query);
  const std::vector<std::string> differences =
      oracle::CompareRows(expected.rows, report->rows, log.query.every);
  if (differences.empty()) return;
  std::string text = oracle::DescribeConfig(config) +
                     oracle::DescribeQuery(log.query, now_us) +
                     oracle::ToJsonLines(events);
  for (const std::string& difference : differences) text += difference + "\n";
  std::fputs(text.c_str(), stderr);
  Require(false, "the engine gives the numbers of the oracle");
}

}  // namespace
}  // namespace cckpi::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cckpi::fuzz::Run(cckpi::fuzz::FuzzInput(data, size));
  return 0;
}
