#include "cckpi/engine/scoring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/engine/engine.h"
#include "cckpi/io/config_json.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/threshold.h"
#include "oracle/random_log.h"
#include "oracle/settings.h"

namespace cckpi {
namespace {

int64_t At(const char* text) { return *ParseTime(text); }

Config Parsed(const std::string& json) {
  absl::StatusOr<Config> config = ParseConfig(json);
  EXPECT_TRUE(config.ok()) << config.status();
  return *config;
}

// A log that owns its text.
class Log {
 public:
  // A case of `team` whose customer waits `minutes` for the first answer,
  // reviewed with or without an error.
  void Case(const char* at, int64_t minutes, const char* team,
            std::optional<bool> without_error = std::nullopt) {
    const std::string& name =
        names_.emplace_back(absl::StrCat("case-", names_.size()));
    Event event;
    event.interaction = name;
    event.at_us = At(at);
    event.kind = EventKind::kCustomerMessage;
    events_.push_back(event);
    event.kind = EventKind::kQueued;
    event.team = team;
    events_.push_back(event);
    event.team = {};
    event.at_us += minutes * kMinute;
    event.kind = EventKind::kAgentMessage;
    event.agent = "ann";
    event.message = name;
    events_.push_back(event);
    if (without_error.has_value()) {
      event.at_us += kMinute;
      event.kind = EventKind::kReviewed;
      errors_.push_back({{"major", *without_error ? 0 : 1}});
      event.errors = errors_.back();
      events_.push_back(event);
    }
  }

  Engine Feed(const Config& config, const char* now) const {
    absl::StatusOr<Engine> engine = Engine::Create(config);
    EXPECT_TRUE(engine.ok()) << engine.status();
    std::vector<Event> sorted = events_;
    std::stable_sort(
        sorted.begin(), sorted.end(),
        [](const Event& a, const Event& b) { return a.at_us < b.at_us; });
    EXPECT_TRUE(engine->Ingest(sorted).handed_back.empty());
    EXPECT_TRUE(engine->Advance(ToTime(At(now))).ok());
    return *std::move(engine);
  }

 private:
  std::deque<std::string> names_;
  std::deque<std::vector<ErrorCount>> errors_;
  std::vector<Event> events_;
};

// "first-level 2026-03-02 87.5 [75 x50 n3] [100 x50 n10] final"
std::string Text(const ScorecardResult& result) {
  std::string text =
      absl::StrCat(result.id, " ", FormatTime(result.begin_us).substr(0, 10));
  for (const auto& [dimension, value] : result.group) {
    absl::StrAppend(&text, " ", dimension, "=", value);
  }
  auto percent = [](std::optional<int64_t> micro) {
    return micro ? absl::StrCat(static_cast<double>(*micro) / 1e4) : "-";
  };
  absl::StrAppend(&text, " ", percent(result.score_micro));
  for (const ScoreLineResult& line : result.lines) {
    absl::StrAppend(&text, " [", line.member);
    for (const auto& [dimension, value] : line.member_group) {
      absl::StrAppend(&text, ".", value);
    }
    absl::StrAppend(&text, line.member.empty() ? "" : " ",
                    percent(line.attainment_micro), " x",
                    line.weight_permille / 1000);
    if (line.n) absl::StrAppend(&text, " n", *line.n);
    if (line.state != CardState::kScored) {
      absl::StrAppend(&text, " ", std::string(CardStateName(line.state)));
    }
    text += "]";
  }
  absl::StrAppend(&text, result.provisional ? " provisional" : " final");
  return text;
}

std::vector<std::string> Texts(const Engine& engine, const Config& config,
                               const ScoringOptions& options = {}) {
  absl::StatusOr<std::vector<ScorecardResult>> results =
      EvaluateScorecards(engine, config, options);
  if (!results.ok()) return {std::string(results.status().message())};
  std::vector<std::string> texts;
  for (const ScorecardResult& result : *results) texts.push_back(Text(result));
  return texts;
}

using Lines = std::vector<std::string>;

std::string WeeklyCard(const std::string& attainment) {
  return R"({"allowed_lateness": "0", "scorecards": [
    {"id": "first-level", "scope": {"team": "first-response"},
     "every": "week", "attainment": ")" +
         attainment + R"(",
     "cards": [{"kpi": "first_response_time", "benchmark": "<15m",
                "weight": 50},
               {"kpi": "accuracy", "benchmark": ">=85%", "weight": 50}]}]})";
}

// 20 min on average; 9 of 10 responses without an error. Another team's cases
// do not count.
Log WeekOfTheExample() {
  Log log;
  for (int day = 2; day <= 6; ++day) {
    const std::string date = absl::StrCat("2026-03-0", day);
    log.Case((date + "T09:00:00Z").c_str(), 10, "first-response", true);
    log.Case((date + "T12:00:00Z").c_str(), 30, "first-response", day != 4);
    log.Case((date + "T13:00:00Z").c_str(), 600, "investigation", false);
  }
  return log;
}

TEST(ScoringTest, WeeklyCardOfTheDocumentation) {
  const Log log = WeekOfTheExample();
  Config config = Parsed(WeeklyCard("binary"));
  Engine engine = log.Feed(config, "2026-03-09T00:00:00Z");
  EXPECT_EQ(Texts(engine, config),
            Lines({"first-level 2026-03-02 50 [0 x50 n10] [100 x50 n10] "
                   "final"}));
  config = Parsed(WeeklyCard("linear"));
  engine = log.Feed(config, "2026-03-09T00:00:00Z");
  EXPECT_EQ(Texts(engine, config),
            Lines({"first-level 2026-03-02 87.5 [75 x50 n10] [100 x50 n10] "
                   "final"}));
  const ScoreLineResult line =
      (*EvaluateScorecards(engine, config))[0].lines[0];
  EXPECT_EQ(line.kpi, "first_response_time");
  EXPECT_EQ(line.value, 1200.0);
  EXPECT_EQ(line.actual->Compare(20 * kMinute), 0);
  EXPECT_EQ(line.target->value_micro, 15 * kMinute);
  EXPECT_EQ(line.contribution_micro, 375'000);
  EXPECT_EQ(line.unit, Unit::kSeconds);
  EXPECT_EQ(line.scope.at("team"), "first-response");
}

TEST(ScoringTest, OnlyClosedWindowsCountUnlessTheCurrentIsAskedFor) {
  const Log log = WeekOfTheExample();
  const Config config = Parsed(WeeklyCard("linear"));
  const Engine engine = log.Feed(config, "2026-03-08T23:59:59Z");
  EXPECT_EQ(Texts(engine, config), Lines());
  EXPECT_EQ(Texts(engine, config, {.current = ScoringOptions::Current::kShown}),
            Lines({"first-level 2026-03-02 87.5 [75 x50 n10] [100 x50 n10] "
                   "provisional"}));
}

TEST(ScoringTest, WindowsWithoutDataAreThere) {
  Log log = WeekOfTheExample();
  log.Case("2026-03-25T09:00:00Z", 5, "first-response");
  Config config = Parsed(WeeklyCard("linear"));
  Engine engine = log.Feed(config, "2026-03-30T00:00:00Z");
  EXPECT_EQ(
      Texts(engine, config, {.begin_us = At("2026-03-09T00:00:00Z")}),
      Lines({"first-level 2026-03-09 - [- x50 no_data] [- x50 no_data] final",
             "first-level 2026-03-16 - [- x50 no_data] [- x50 no_data] final",
             // A response that nobody reviewed: no accuracy.
             "first-level 2026-03-23 100 [100 x50 n1] [- x50 n0 no_data] "
             "final"}));
  config.scorecards[0].no_data = ScoreNoData::kZero;
  EXPECT_EQ(Texts(engine, config, {.begin_us = At("2026-03-16T00:00:00Z")}),
            Lines({"first-level 2026-03-16 0 [- x50 no_data] [- x50 no_data] "
                   "final",
                   "first-level 2026-03-23 50 [100 x50 n1] [- x50 n0 no_data] "
                   "final"}));
  EXPECT_EQ(Texts(engine, config,
                  {.begin_us = At("2026-03-02T00:00:00Z"),
                   .end_us = At("2026-03-09T00:00:00Z")})
                .size(),
            1u);
}

TEST(ScoringTest, ThePendingCohortIsProvisional) {
  const Config config = Parsed(R"({"allowed_lateness": "1h", "fcr_window": "7d",
    "scorecards": [{"id": "fcr", "cards": [
      {"kpi": "first_contact_resolution", "benchmark": ">=70%", "weight": 1}]},
      {"id": "frt", "cards": [
      {"kpi": "first_response_time", "benchmark": "<1h", "weight": 1}]}]})");
  std::vector<Event> events(3);
  events[0].kind = EventKind::kCustomerMessage;
  events[1].kind = EventKind::kAgentMessage;
  events[2].kind = EventKind::kResolved;
  for (size_t i = 0; i < 3; ++i) {
    events[i].interaction = "i";
    events[i].customer = "c";
    events[i].agent = i == 0 ? "" : "ann";
    events[i].at_us =
        At("2026-03-08T20:00:00Z") + static_cast<int64_t>(i) * kMinute;
  }
  auto texts = [&](const char* now, size_t count) {
    Engine engine = *Engine::Create(config);
    engine.Ingest(std::span<const Event>(events).first(count));
    EXPECT_TRUE(engine.Advance(ToTime(At(now))).ok());
    return Texts(engine, config);
  };
  // The watermark is not past the window's end yet; FCR is pending.
  EXPECT_EQ(texts("2026-03-09T00:30:00Z", 3),
            Lines({"fcr 2026-03-02 100 [100 x1 n1] provisional",
                   "frt 2026-03-02 100 [100 x1 n1] provisional"}));
  EXPECT_EQ(texts("2026-03-09T01:00:00Z", 3),
            Lines({"fcr 2026-03-02 100 [100 x1 n1] provisional",
                   "frt 2026-03-02 100 [100 x1 n1] final"}));
  EXPECT_EQ(texts("2026-03-15T21:03:00Z", 3),
            Lines({"fcr 2026-03-02 100 [100 x1 n1] final",
                   "frt 2026-03-02 100 [100 x1 n1] final"}));
  // Nobody has answered yet.
  EXPECT_EQ(texts("2026-03-09T01:00:00Z", 1),
            Lines({"fcr 2026-03-02 - [- x1 no_data] final",
                   "frt 2026-03-02 - [- x1 n0 no_data] provisional"}));
}

TEST(ScoringTest, TheBenchmarkOfTheWindowsEndApplies) {
  const Config config = Parsed(R"({"allowed_lateness": "0", "scorecards": [
    {"id": "s", "every": "week", "cards": [
      {"kpi": "first_response_time", "weight": 1, "benchmark": {"history": [
        {"benchmark": "<30m", "from": "2026-03-04T00:00:00Z"},
        {"benchmark": "<15m", "from": "2026-03-16T00:00:00Z"}]}}]}]})");
  Log log;
  for (const char* at : {"2026-02-24T09:00:00Z", "2026-03-03T09:00:00Z",
                         "2026-03-10T09:00:00Z", "2026-03-17T09:00:00Z"}) {
    log.Case(at, 20, "t");
  }
  EXPECT_EQ(Texts(log.Feed(config, "2026-03-23T00:00:00Z"), config),
            Lines({"s 2026-02-23 - [- x1 n1 no_benchmark] final",
                   "s 2026-03-02 100 [100 x1 n1] final",
                   "s 2026-03-09 100 [100 x1 n1] final",
                   "s 2026-03-16 0 [0 x1 n1] final"}));
}

// Each team by its own scorecard or by groups of one; a manager over them with
// a card of his own.
TEST(ScoringTest, AManagerIsRolledUpOverHisTeams) {
  const std::string teams = R"({"allowed_lateness": "0", "scorecards": [
    {"id": "manager", "no_data": "zero", "cards": [
       {"kpi": "answered", "benchmark": ">=10", "weight": 20}],
     "of": [{"scorecard": "first", "weight": 50},
            {"scorecard": "second", "weight": 30}]},
    {"id": "first", "attainment": "linear", "scope": {"team": "first"},
     "cards": [{"kpi": "first_response_time", "benchmark": "<15m",
                "weight": 1}]},
    {"id": "second", "attainment": "linear", "scope": {"team": "second"},
     "cards": [{"kpi": "first_response_time", "benchmark": "<4h",
                "weight": 1}]},
    {"id": "team", "attainment": "linear", "by": ["team"],
     "cards": [{"kpi": "first_response_time", "benchmark": "<15m",
                "weight": 1}]},
    {"id": "all", "of": ["team"]}]})";
  const Config config = Parsed(teams);
  Log log;
  log.Case("2026-03-02T09:00:00Z", 20, "first");    // 75 %
  log.Case("2026-03-02T09:00:00Z", 300, "second");  // 80 % of 4 h, 5 % of 15 m
  log.Case("2026-03-10T09:00:00Z", 15, "first");
  const Engine engine = log.Feed(config, "2026-03-16T00:00:00Z");
  EXPECT_EQ(
      Texts(engine, config),
      Lines({// 50 · 0.75 + 30 · 0.8 = 61.5
             "manager 2026-03-02 61.5 [0 x20 n2] [first 75 x50] "
             "[second 80 x30] final",
             "manager 2026-03-09 50 [0 x20 n1] [first 100 x50] "
             "[second - x30 no_data] final",
             "first 2026-03-02 75 [75 x1 n1] final",
             "first 2026-03-09 100 [100 x1 n1] final",
             "second 2026-03-02 80 [80 x1 n1] final",
             "second 2026-03-09 - [- x1 no_data] final",
             "team 2026-03-02 team=first 75 [75 x1 n1] final",
             "team 2026-03-02 team=second 5 [5 x1 n1] final",
             "team 2026-03-09 team=first 100 [100 x1 n1] final",
             "team 2026-03-09 team=second - [- x1 no_data] final",
             "all 2026-03-02 40 [team.first 75 x1] [team.second 5 x1] final",
             "all 2026-03-09 100 [team.first 100 x1] "
             "[team.second - x1 no_data] final"}));
  EXPECT_EQ(Texts(engine, config, {.scorecards = {"all"}}).size(), 2u);
  EXPECT_EQ(Texts(engine, config,
                  {.scorecards = {"first"}, .every = Frequency::kMonthly}),
            Lines());
  EXPECT_EQ(Texts(engine, config,
                  {.scorecards = {"all"},
                   .every = Frequency::kMonthly,
                   .current = ScoringOptions::Current::kShown}),
            // 17.5 min and 5 h: 857143 and 50000 millionths; half of the sum,
            // rounded up.
            Lines({"all 2026-03-01 45.3572 [team.first 85.7143 x1] "
                   "[team.second 5 x1] provisional"}));
}

TEST(ScoringTest, WindowsAreThoseOfTheZone) {
  Config config = Parsed(R"({"allowed_lateness": "0",
    "time_zone": "America/New_York", "scorecards": [
    {"id": "s", "every": "day", "cards": [
      {"kpi": "arrivals", "benchmark": ">=1", "weight": 1}]}]})");
  Log log;
  log.Case("2026-03-08T03:00:00Z", 1, "t");  // the evening of the 7th
  log.Case("2026-03-09T03:30:00Z", 1, "t");  // the 8th, 23 hours long
  const Engine engine = log.Feed(config, "2026-03-09T04:00:00Z");
  const auto results = *EvaluateScorecards(engine, config);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(FormatTime(results[1].begin_us), "2026-03-08T05:00:00Z");
  EXPECT_EQ(FormatTime(results[1].end_us), "2026-03-09T04:00:00Z");
  EXPECT_EQ(results[1].score_micro, 1'000'000);
}

TEST(ScoringTest, ARestoredEngineGivesTheSameScores) {
  Log log = WeekOfTheExample();
  log.Case("2026-03-17T09:00:00Z", 20, "first-response", false);
  const Config config = Parsed(WeeklyCard("linear"));
  const Engine engine = log.Feed(config, "2026-03-30T00:00:00Z");
  const absl::StatusOr<std::string> bytes = engine.Save();
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const absl::StatusOr<Engine> restored = Engine::Restore(config, *bytes);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(Texts(*restored, config), Texts(engine, config));
  EXPECT_EQ(Texts(engine, config).size(), 4u);
}

TEST(ScoringTest, WithoutEventsThereIsNothing) {
  const Config config = Parsed(WeeklyCard("linear"));
  EXPECT_EQ(Texts(*Engine::Create(config), config), Lines());
}

TEST(ScoringTest, RefusesWhatItCannotEvaluate) {
  Config config = Parsed(WeeklyCard("linear"));
  Log log;
  log.Case("1991-03-02T09:00:00Z", 20, "first-response");
  const Engine engine = log.Feed(config, "2026-03-16T00:00:00Z");
  EXPECT_EQ(Texts(engine, config, {.scorecards = {"frst"}}),
            Lines({"no scorecard \"frst\""}));
  EXPECT_EQ(Texts(engine, config, {.every = Frequency::kAll}),
            Lines({"every: a scorecard is of an hour, day, week or month"}));
  // 35 years of hours are 307,000 windows.
  Config many = config;
  many.scorecards[0].cards.resize(40, config.scorecards[0].cards[0]);
  EXPECT_EQ(Texts(engine, many, {.every = Frequency::kHourly}),
            Lines({"scorecards: more than 1000000 lines; ask for fewer windows "
                   "with a begin and an end"}));
  config.scorecards.push_back({.id = "up", .of = {{"first-level", 1000}}});
  // A host may make its configuration itself.
  config.scorecards[1].of[0].scorecard = "nobody";
  EXPECT_EQ(Texts(engine, config),
            Lines({"scorecards[1].of[0]: no scorecard \"nobody\""}));
  config.scorecards[1].of[0].scorecard = "up";
  EXPECT_EQ(Texts(engine, config),
            Lines({"scorecards[1].of[0]: scorecards contain each other"}));
  config.scorecards[1].of[0].scorecard = "first-level";
  config.scorecards[1].every = Frequency::kDaily;
  EXPECT_EQ(Texts(engine, config),
            Lines({"scorecards[1].of[0]: \"first-level\" has windows of "
                   "another length"}));
}

// Random logs and cards: each line says what a query by itself says, and the
// score is what its lines give.
TEST(ScoringTest, RandomCardsSayWhatQueriesSay) {
  int scored = 0;
  for (const uint64_t seed : oracle::Seeds(40, 1)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    oracle::RandomLog log = oracle::MakeRandomLog(seed);
    oracle::SplitMix64 random(seed);
    Config& config = log.config;
    Scorecard scorecard;
    scorecard.id = "s";
    scorecard.every =
        random.Chance(50) ? Frequency::kDaily : Frequency::kWeekly;
    scorecard.attainment = static_cast<Attainment>(random.Below(2));
    if (random.Chance(50)) scorecard.by = {*ParseDimension("team")};
    for (const KpiSpec& kpi : config.kpis) {
      if (kpi.kpi == Kpi::kStateTime || scorecard.cards.size() == 4) continue;
      ScoreCard card;
      card.kpi = kpi.id;
      if (random.Chance(30)) card.scope = {{"channel", "web"}};
      card.benchmarks = {{{static_cast<Comparator>(random.Below(4)),
                           1 + random.Below(1'000'000'000)},
                          kNoTime}};
      card.weight_permille = 1 + random.Below(50'000);
      card.min_n = random.Below(3);
      scorecard.cards.push_back(card);
    }
    if (scorecard.cards.empty()) continue;
    config.scorecards = {scorecard};
    config.allowed_lateness_us = 1000 * kDay;
    absl::StatusOr<Engine> engine = Engine::Create(config);
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine->Ingest(log.events);
    if (random.Chance(30)) engine->Finish();
    const auto results = EvaluateScorecards(
        *engine, config, {.current = ScoringOptions::Current::kShown});
    ASSERT_TRUE(results.ok()) << results.status();
    for (const ScorecardResult& result : *results) {
      std::vector<ScoreLine> lines;
      bool provisional = result.end_us > engine->watermark_us();
      for (size_t c = 0; c < scorecard.cards.size(); ++c) {
        const ScoreCard& card = scorecard.cards[c];
        const ScoreLineResult& line = result.lines[c];
        Query query;
        query.kpis = {card.kpi};
        query.every = scorecard.every;
        query.begin_us = result.begin_us;
        query.end_us = result.end_us;
        query.by = GroupBy();
        query.where = card.scope;
        for (const auto& [name, value] : result.group) {
          query.where[name] = value;
        }
        const Report report = *engine->Ask(query);
        ASSERT_LE(report.rows.size(), 1u);
        const bool has_row = !report.rows.empty();
        EXPECT_EQ(line.value, has_row ? report.rows[0].value : std::nullopt);
        provisional |= has_row && report.rows[0].provisional;
        const bool enough = line.value && (!line.n || *line.n >= card.min_n);
        ASSERT_EQ(line.attainment_micro.has_value(), enough);
        if (enough) {
          const Threshold& benchmark = card.benchmarks[0].threshold;
          const bool low_is_good =
              benchmark.comparator <= Comparator::kLessEqual;
          const double wanted =
              static_cast<double>(benchmark.value_micro) / 1e6;
          double quotient =
              low_is_good ? wanted / *line.value : *line.value / wanted;
          if (low_is_good && *line.value <= 0) quotient = 1;
          quotient = std::min(1.0, std::max(0.0, quotient));
          if (scorecard.attainment == Attainment::kLinear) {
            EXPECT_NEAR(static_cast<double>(*line.attainment_micro) / 1e6,
                        quotient, 2e-6)
                << card.kpi;
          }
          ++scored;
        }
        lines.push_back({card.weight_permille, line.attainment_micro});
      }
      EXPECT_EQ(result.provisional, provisional);
      EXPECT_EQ(result.score_micro,
                Weigh(lines, scorecard.no_data).score_micro);
    }
  }
  if (oracle::AsUsual()) {
    EXPECT_GT(scored, oracle::Runs(40));
  }
}

}  // namespace
}  // namespace cckpi
