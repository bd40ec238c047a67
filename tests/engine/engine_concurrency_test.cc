// Const methods may be called concurrently. ThreadSanitizer runs this test.

#include <span>
#include <string>
#include <thread>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/io/render.h"
#include "gtest/gtest.h"

namespace cckpi {
namespace {

// 40 interactions on two channels, a minute apart, each answered after as many
// seconds as its number; the last half hour is ahead of the watermark.
std::vector<Event> Events(const std::vector<std::string>& names) {
  std::vector<Event> events;
  const int64_t begin = *ParseTime("2026-03-02T09:00:00Z");
  for (size_t i = 0; i < names.size(); ++i) {
    const int64_t number = static_cast<int64_t>(i);
    Event event;
    event.kind = EventKind::kCustomerMessage;
    event.at_us = begin + number * kMinute;
    event.interaction = names[i];
    event.channel = i % 2 == 0 ? "facebook" : "whatsapp";
    events.push_back(event);
    event.kind = EventKind::kAgentMessage;
    event.at_us += number * kSecond;
    event.agent = "ann";
    events.push_back(event);
  }
  return events;
}

TEST(EngineConcurrencyTest, ConcurrentQueriesGiveWhatOneQueryGives) {
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i) names.push_back("T-" + std::to_string(i));
  Config config;
  config.allowed_lateness_us = 30 * kMinute;
  absl::StatusOr<Engine> engine = Engine::Create(config);
  ASSERT_TRUE(engine.ok()) << engine.status();
  ASSERT_EQ(engine->Ingest(Events(names)).accepted, 80);

  const Engine& shared = *engine;
  const auto ask = [&shared] {
    absl::StatusOr<Report> report = shared.Ask(Query());
    return report.ok() ? RenderJson(*report) : report.status().ToString();
  };
  const std::string expected = ask();
  ASSERT_NE(expected.find("\"first_response_time\""), std::string::npos);

  std::vector<std::string> answers(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& answer : answers) {
      threads.emplace_back([&answer, &ask] { answer = ask(); });
    }
  }
  for (const std::string& answer : answers) EXPECT_EQ(answer, expected);
}

// The first question after more events is asked by all at once, too: what one
// leaves for the next ones is not yet there, or about to be written, and the
// last events are yet to be applied, by whoever looks first.
TEST(EngineConcurrencyTest, ConcurrentFirstQuestionsGiveWhatOneQueryGives) {
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i) names.push_back("T-" + std::to_string(i));
  const std::vector<Event> events = Events(names);
  Config config;
  config.allowed_lateness_us = 5 * kMinute;
  absl::StatusOr<Engine> shared = Engine::Create(config);
  ASSERT_TRUE(shared.ok()) << shared.status();
  const auto ask = [](const Engine& engine) {
    absl::StatusOr<Report> report = engine.Ask(Query());
    return report.ok() ? RenderJson(*report) : report.status().ToString();
  };
  for (size_t fed = 0; fed < events.size(); fed += 16) {
    shared->Ingest(std::span(events).subspan(fed, 16));
    absl::StatusOr<Engine> alone = Engine::Create(config);
    for (size_t begin = 0; begin <= fed; begin += 16) {
      alone->Ingest(std::span(events).subspan(begin, 16));
    }
    std::vector<std::string> answers(4);
    std::string saved;
    size_t pending = 0;
    {
      std::vector<std::jthread> threads;
      for (std::string& answer : answers) {
        threads.emplace_back([&] { answer = ask(*shared); });
      }
      threads.emplace_back([&] { saved = shared->Save().value(); });
      threads.emplace_back([&] { pending = shared->sizes().pending_events; });
    }
    const std::string expected = ask(*alone);
    for (const std::string& answer : answers) EXPECT_EQ(answer, expected);
    EXPECT_EQ(saved, alone->Save().value());
    EXPECT_EQ(pending, alone->sizes().pending_events);
  }
}

}  // namespace
}  // namespace cckpi
