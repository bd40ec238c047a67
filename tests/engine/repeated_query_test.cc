// Asking changes nothing: an engine that was asked all along gives the answers
// of one that is asked for the first time.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/io/render.h"
#include "oracle/random_log.h"
#include "oracle/settings.h"

namespace cckpi {
namespace {

std::string Rendered(const Engine& engine, const Query& query) {
  absl::StatusOr<Report> report = engine.Ask(query);
  return report.ok() ? RenderJson(*report) : report.status().ToString();
}

// What the log's own query asks, in every kind of window.
std::vector<Query> Questions(const oracle::RandomLog& log) {
  std::vector<Query> questions = {log.query};
  for (Frequency every :
       {Frequency::kBucket, Frequency::kHourly, Frequency::kDaily,
        Frequency::kWeekly, Frequency::kMonthly, Frequency::kAll}) {
    Query query = log.query;
    query.every = every;
    questions.push_back(query);
    // Of a part of the time only.
    query.begin_us = log.now_us - 3 * kDay;
    query.end_us = log.now_us - 5 * kHour;
    questions.push_back(query);
  }
  Query window = log.query;
  window.window = Window{log.now_us / kBucketSpan * kBucketSpan - 30 * kHour,
                         log.now_us / kBucketSpan * kBucketSpan};
  questions.push_back(window);
  return questions;
}

oracle::RandomLog LogInOrder(uint64_t seed) {
  oracle::RandomLog log = oracle::MakeRandomLog(seed);
  std::sort(
      log.events.begin(), log.events.end(),
      [](const Event& a, const Event& b) { return CompareEvents(a, b) < 0; });
  return log;
}

TEST(RepeatedQueryTest, AnswersDoNotDependOnEarlierQuestions) {
  for (const uint64_t seed : oracle::Seeds(4, 1)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    oracle::RandomLog log = LogInOrder(seed);
    log.config.allowed_lateness_us = kHour;
    absl::StatusOr<Engine> asked = Engine::Create(log.config);
    absl::StatusOr<Engine> silent = Engine::Create(log.config);
    ASSERT_TRUE(asked.ok() && silent.ok());
    std::vector<Query> questions = Questions(log);
    std::span<const Event> events = log.events;
    for (size_t begin = 0; begin < events.size(); begin += 5) {
      std::span<const Event> batch =
          events.subspan(begin, std::min<size_t>(5, events.size() - begin));
      asked->Ingest(batch);
      silent->Ingest(batch);
      const Query& query = questions[begin / 5 % questions.size()];
      ASSERT_TRUE(asked->Ask(query).ok());
    }
    for (const Query& query : questions) {
      absl::StatusOr<Engine> fresh = Engine::Create(log.config);
      for (size_t begin = 0; begin < events.size(); begin += 5) {
        fresh->Ingest(
            events.subspan(begin, std::min<size_t>(5, events.size() - begin)));
      }
      ASSERT_EQ(Rendered(*asked, query), Rendered(*fresh, query));
      ASSERT_EQ(Rendered(*silent, query), Rendered(*fresh, query));
    }
  }
}

// What a question of all time leaves for the next one is dropped when it has to
// be: each answer along the way is that of an engine that is asked once.
TEST(RepeatedQueryTest, EachAnswerAlongTheWayIsThatOfTheFirstQuestion) {
  for (const uint64_t seed : oracle::Seeds(6, 1)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    oracle::RandomLog log = LogInOrder(seed);
    // From nearly everything pending to nearly nothing.
    constexpr int64_t kLateness[] = {kDay, kHour, kMinute};
    log.config.allowed_lateness_us = kLateness[seed % 3];
    absl::StatusOr<Engine> asked = Engine::Create(log.config);
    ASSERT_TRUE(asked.ok());
    std::vector<Query> questions(3);
    questions[1].by = log.query.by;
    questions[2] = log.query;
    for (Query& query : questions) query.every = Frequency::kAll;
    // Two of three times little has come in between, at times nothing.
    std::span<const Event> events = log.events;
    const size_t step = std::max<size_t>(events.size() / 24, 1);
    size_t fed = 0;
    std::vector<size_t> ends = {0};  // of what was fed at once
    const auto feed = [&events](Engine& engine, size_t begin, size_t end) {
      engine.Ingest(events.subspan(begin, end - begin));
    };
    for (size_t round = 0; fed < events.size(); ++round) {
      const size_t more = round % 4 == 0 ? 3 * step : round % 4;
      const size_t end = std::min(fed + more, events.size());
      feed(*asked, fed, end);
      fed = end;
      ends.push_back(end);
      if (fed == events.size() && seed % 2 == 0) asked->Finish();
      absl::StatusOr<Engine> fresh = Engine::Create(log.config);
      for (size_t e = 1; e < ends.size(); ++e) {
        feed(*fresh, ends[e - 1], ends[e]);
      }
      if (fed == events.size() && seed % 2 == 0) fresh->Finish();
      for (const Query& query : questions) {
        ASSERT_EQ(Rendered(*asked, query), Rendered(*fresh, query))
            << fed << " events";
      }
    }
  }
}

// What a question leaves is written over only where no answer has it any more.
TEST(RepeatedQueryTest, AnswersStayAsTheyWere) {
  for (const uint64_t seed : oracle::Seeds(6, 1)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    oracle::RandomLog log = LogInOrder(seed);
    log.config.allowed_lateness_us = kHour;
    absl::StatusOr<Engine> engine = Engine::Create(log.config);
    ASSERT_TRUE(engine.ok());
    Query query;
    query.every = Frequency::kAll;
    std::span<const Event> events = log.events;
    const size_t step = std::max<size_t>(events.size() / 24, 1);
    // Every third one is held on to; the others are dropped at once.
    std::vector<Report> held;
    std::vector<std::string> as_they_were;
    size_t fed = 0;
    for (size_t round = 0; fed < events.size(); ++round) {
      const size_t end = std::min(fed + step, events.size());
      engine->Ingest(events.subspan(fed, end - fed));
      fed = end;
      absl::StatusOr<Report> report = engine->Ask(query);
      ASSERT_TRUE(report.ok());
      if (round % 3 != 0) continue;
      as_they_were.push_back(RenderJson(*report));
      held.push_back(*std::move(report));
    }
    for (size_t h = 0; h < held.size(); ++h) {
      ASSERT_EQ(RenderJson(held[h]), as_they_were[h]) << "answer " << h;
    }
  }
}

}  // namespace
}  // namespace cckpi
