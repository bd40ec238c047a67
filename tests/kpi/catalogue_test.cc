#include "cckpi/kpi/catalogue.h"

#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// "name=value" of each figure, in order.
std::vector<std::string> Described(const KpiSpec& spec) {
  std::vector<std::string> lines;
  for (const Figure& figure : DescribeSpec(spec)) {
    std::string line = figure.name + "=";
    if (const int64_t* number = std::get_if<int64_t>(&figure.value)) {
      line += std::to_string(*number);
    } else if (const std::string* text =
                   std::get_if<std::string>(&figure.value)) {
      line += *text;
    } else {
      line += "?";
    }
    lines.push_back(line);
  }
  return lines;
}

std::string SetError(Kpi kpi, std::string_view option, std::string_view value) {
  KpiSpec spec = DefaultSpec(kpi);
  const KpiSpec before = spec;
  const absl::Status status = SetKpiOption(spec, option, value);
  EXPECT_EQ(spec, before) << "a refused value must change nothing";
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

KpiSpec With(Kpi kpi, std::string_view option, std::string_view value) {
  KpiSpec spec = DefaultSpec(kpi);
  const absl::Status status = SetKpiOption(spec, option, value);
  EXPECT_TRUE(status.ok()) << status;
  return spec;
}

TEST(CatalogueTest, HoldsEveryKpiOnceAndFindsItByNumberAndName) {
  // 0 first_response_time … 34 data_quality
  ASSERT_EQ(Catalogue().size(), 35u);
  std::set<std::string_view> names;
  for (const KpiDefinition& definition : Catalogue()) {
    EXPECT_TRUE(names.insert(definition.name).second) << definition.name;
    EXPECT_EQ(FindKpi(definition.name), &definition);
    EXPECT_EQ(&Definition(definition.kpi), &definition);
  }
  EXPECT_EQ(FindKpi("formula"), nullptr);
  EXPECT_EQ(FindKpi(""), nullptr);
  EXPECT_EQ(Definition(Kpi::kFormula).name, "formula");
  EXPECT_EQ(Definition(Kpi::kAssignToReply).name,
            "handle_time.assign_to_reply");
}

TEST(CatalogueTest, EveryDefinitionSaysWhatItMeans) {
  for (const KpiDefinition& definition : Catalogue()) {
    SCOPED_TRACE(definition.name);
    EXPECT_FALSE(definition.title.empty());
    EXPECT_EQ(definition.summary.back(), '.');
    EXPECT_FALSE(definition.population.empty());
    EXPECT_FALSE(definition.credited_to.empty());
    // What is measured by a clock says where the clock starts and ends.
    if (definition.unit == Unit::kSeconds) {
      EXPECT_FALSE(definition.starts.empty());
      EXPECT_FALSE(definition.ends.empty());
    }
  }
}

TEST(CatalogueTest, DefaultsAreSoundAndAreWhatTheOptionsSay) {
  for (const KpiDefinition& definition : Catalogue()) {
    SCOPED_TRACE(definition.name);
    const KpiSpec spec = DefaultSpec(definition.kpi);
    EXPECT_TRUE(ValidateKpiSpec(spec).ok()) << ValidateKpiSpec(spec);
    EXPECT_TRUE(spec.id.empty());
    EXPECT_EQ(spec.statistic, definition.statistic);
    EXPECT_EQ(spec.attribution, definition.attribution);
    for (const KpiOption& option : definition.options) {
      SCOPED_TRACE(option.name);
      EXPECT_FALSE(option.summary.empty());
      // T of a share within is only there together with that statistic.
      if (option.name == "within" && FindOption(spec.kpi, "stage") == nullptr) {
        EXPECT_EQ(KpiOptionValue(spec, option.name), "");
        EXPECT_EQ(KpiOptionValue(With(spec.kpi, "statistic", "share_within"),
                                 "within"),
                  option.fallback);
        continue;
      }
      EXPECT_EQ(KpiOptionValue(spec, option.name), option.fallback);
    }
  }
}

TEST(CatalogueTest, EveryWordOfEveryOptionRoundTripsAndValidates) {
  int words = 0;
  for (const KpiDefinition& definition : Catalogue()) {
    for (const KpiOption& option : definition.options) {
      for (std::string_view word : OptionWords(option)) {
        SCOPED_TRACE(std::string(definition.name) + " " +
                     std::string(option.name) + " " + std::string(word));
        ++words;
        const KpiSpec spec = With(definition.kpi, option.name, word);
        const std::string expected =
            word == "median" ? "p50" : std::string(word);
        EXPECT_EQ(KpiOptionValue(spec, option.name), expected);
        EXPECT_TRUE(ValidateKpiSpec(spec).ok()) << ValidateKpiSpec(spec);
      }
    }
  }
  EXPECT_GT(words, 200);
}

TEST(CatalogueTest, StatisticsInWordsAreTheStatisticsItHas) {
  for (const KpiDefinition& definition : Catalogue()) {
    SCOPED_TRACE(definition.name);
    const KpiOption* option = FindOption(definition.kpi, "statistic");
    ASSERT_NE(option, nullptr);
    std::set<Statistic> named;
    for (std::string_view word : OptionWords(*option)) {
      named.insert(With(definition.kpi, "statistic", word).statistic);
    }
    EXPECT_EQ(named, std::set<Statistic>(definition.statistics.begin(),
                                         definition.statistics.end()));
  }
}

TEST(CatalogueTest, ChosenDefaultsAreTheOnesOfTheDefinitions) {
  EXPECT_EQ(DefaultSpec(Kpi::kServiceLevel).within_us, 900'000'000);
  EXPECT_EQ(DefaultSpec(Kpi::kBeyondTurnaround).attribution,
            Attribution::kDeadline);
  EXPECT_EQ(DefaultSpec(Kpi::kBeyondTurnaround).statistic, Statistic::kCount);
  EXPECT_EQ(DefaultSpec(Kpi::kDueWithin).horizon_us, 900'000'000);
  EXPECT_EQ(DefaultSpec(Kpi::kDueWithin).stage, Stage::kEvery);
  EXPECT_EQ(DefaultSpec(Kpi::kFirstResponseTime).attribution,
            Attribution::kArrival);
  EXPECT_EQ(DefaultSpec(Kpi::kResponseTime).attribution,
            Attribution::kCompletion);
  EXPECT_EQ(DefaultSpec(Kpi::kResolutionTime).to, SpanEnd::kClose);
  EXPECT_EQ(DefaultSpec(Kpi::kOperatingTime).to, SpanEnd::kLastAgentMessage);
  EXPECT_EQ(DefaultSpec(Kpi::kSpeedOfAnswer).answer, AnswerEnd::kReply);
  EXPECT_EQ(DefaultSpec(Kpi::kBacklog).attribution, Attribution::kInstant);
  EXPECT_EQ(DefaultSpec(Kpi::kOccupancy).attribution, Attribution::kSliced);
  EXPECT_EQ(DefaultSpec(Kpi::kForecastAccuracy).statistic,
            Statistic::kAccuracy);
}

TEST(CatalogueTest, DefaultKpisDoubleOnlyWhatHasABusinessClock) {
  EXPECT_EQ(DefaultKpis(false).size(), Catalogue().size());
  std::set<Kpi> business;
  for (const KpiSpec& spec : DefaultKpis(true)) {
    EXPECT_TRUE(ValidateKpiSpec(spec).ok()) << ValidateKpiSpec(spec);
    EXPECT_TRUE(spec.id.empty());
    if (spec.clock == Clock::kBusiness) {
      EXPECT_TRUE(business.insert(spec.kpi).second);
    }
  }
  EXPECT_EQ(business,
            (std::set<Kpi>{Kpi::kFirstResponseTime, Kpi::kResponseTime,
                           Kpi::kCustomerResponseTime, Kpi::kResolutionTime,
                           Kpi::kServiceLevel, Kpi::kBeyondTurnaround,
                           Kpi::kDueWithin, Kpi::kAssignToReply,
                           Kpi::kOperatingTime, Kpi::kSpeedOfAnswer}));
}

TEST(CatalogueTest, PercentilesAreReadExactly) {
  const auto ppm = [](std::string_view text) {
    return With(Kpi::kFirstResponseTime, "statistic", text).percentile_ppm;
  };
  EXPECT_EQ(ppm("p90"), 900'000u);
  EXPECT_EQ(ppm("p99.9"), 999'000u);
  EXPECT_EQ(ppm("p99.9999"), 999'999u);
  EXPECT_EQ(ppm("p0.0001"), 1u);
  EXPECT_EQ(ppm("median"), 500'000u);
  EXPECT_EQ(StatisticName(With(Kpi::kResponseTime, "statistic", "p99.90")),
            "p99.9");
  EXPECT_EQ(StatisticName(With(Kpi::kResponseTime, "statistic", "p05")), "p5");
  EXPECT_EQ(StatisticName(With(Kpi::kResponseTime, "statistic", "p0.05")),
            "p0.05");
  for (std::string_view text :
       {"p", "p0", "p100", "p-1", "p9x", "p.5", "p99.", "p99.99999", "90"}) {
    EXPECT_THAT(SetError(Kpi::kFirstResponseTime, "statistic", text),
                HasSubstr("is none of mean, count, sum"))
        << text;
  }
}

TEST(CatalogueTest, ListsOfPhasesRoundTripInTheOrderOfThePhases) {
  const KpiSpec spec = With(Kpi::kResolutionTime, "exclude", " hold , bot ");
  EXPECT_EQ(spec.exclude, 0b10001);
  EXPECT_EQ(KpiOptionValue(spec, "exclude"), "bot,hold");
  EXPECT_EQ(With(Kpi::kResolutionTime, "exclude", "").exclude, 0);
  EXPECT_EQ(SetError(Kpi::kResolutionTime, "exclude", "bot,hodl"),
            "\"exclude\": \"bot,hodl\" is no list of bot, queue, agent_turn, "
            "customer_turn, hold; did you mean \"hold\"?");
  EXPECT_THAT(SetError(Kpi::kResolutionTime, "exclude", "bot,,hold"),
              HasSubstr("is no list of"));
}

TEST(CatalogueTest, WrongValueNamesTheValuesAndTheNearest) {
  EXPECT_EQ(SetError(Kpi::kServiceLevel, "stage", "evry"),
            "\"stage\": \"evry\" is none of first, every, resolution; did you "
            "mean \"every\"?");
  EXPECT_EQ(SetError(Kpi::kServiceLevel, "within", "15"),
            "\"within\": \"15\" is no span such as \"15m\" or \"1h30m\"");
  EXPECT_EQ(SetError(Kpi::kServiceLevel, "within", "0"),
            "\"within\": must be longer than 0");
  EXPECT_EQ(SetError(Kpi::kServiceLevel, "within", "3661d"),
            "\"within\": must be at most 3660d, is 3661d");
  // A value that another KPI has is still none of this one's.
  EXPECT_EQ(SetError(Kpi::kBeyondTurnaround, "stage", "resolution"),
            "\"stage\": \"resolution\" is none of first, every");
  EXPECT_EQ(SetError(Kpi::kSpeedOfAnswer, "to", "close"),
            "\"to\": \"close\" is none of reply, assigned, accepted");
}

TEST(CatalogueTest, UnknownOptionNamesTheNearest) {
  EXPECT_EQ(SetError(Kpi::kFirstResponseTime, "statistik", "mean"),
            "\"statistik\": first_response_time has no such option; did you "
            "mean \"statistic\"?");
  EXPECT_EQ(SetError(Kpi::kOccupancy, "within", "15m"),
            "\"within\": occupancy has no such option");
  EXPECT_EQ(SetError(Kpi::kFormula, "clock", "business"),
            "\"clock\": formula has no such option");
}

TEST(CatalogueTest, ValidationRefusesWhatTheKpiHasNot) {
  const auto message = [](const KpiSpec& spec) {
    return std::string(ValidateKpiSpec(spec).message());
  };
  KpiSpec spec = DefaultSpec(Kpi::kArrivals);
  spec.clock = Clock::kBusiness;
  EXPECT_EQ(message(spec), "\"clock\": arrivals has no such option");

  spec = DefaultSpec(Kpi::kFirstResponseTime);
  spec.statistic = Statistic::kTopBox;
  EXPECT_EQ(message(spec), "\"statistic\": first_response_time has no top_box");

  spec = DefaultSpec(Kpi::kFirstResponseTime);
  spec.statistic = Statistic::kPercentile;
  EXPECT_EQ(message(spec),
            "\"statistic\": a percentile is more than p0 and less than p100");

  spec = DefaultSpec(Kpi::kFirstResponseTime);
  spec.within_us = kMinute;
  EXPECT_EQ(message(spec),
            "\"within\": only the statistic share_within has it");

  spec = DefaultSpec(Kpi::kServiceLevel);
  spec.within_us = 0;
  EXPECT_EQ(message(spec), "\"within\": must be longer than 0");

  spec = DefaultSpec(Kpi::kFirstResponseTime);
  spec.attribution = Attribution::kSliced;
  EXPECT_EQ(message(spec),
            "\"attribution\": \"sliced\" is none of arrival, completion");

  spec = DefaultSpec(Kpi::kServiceLevel);
  spec.response = Response::kBot;
  EXPECT_EQ(message(spec), "\"response\": \"bot\" is none of human, any");

  spec = DefaultSpec(Kpi::kHandleTime);
  spec.attribution = Attribution::kSliced;
  EXPECT_EQ(message(spec), "");
  spec.statistic = Statistic::kMax;
  EXPECT_EQ(message(spec),
            "\"statistic\": sliced, handle_time has only mean and sum");

  spec = DefaultSpec(Kpi::kResolutionTime);
  spec.exclude = 0b11111;
  EXPECT_EQ(message(spec),
            "\"exclude\": every phase is excluded, no time counts");

  spec = DefaultSpec(Kpi::kFormula);
  EXPECT_THAT(message(spec), HasSubstr("formula: column 1: expected"));
  spec.formula = "late_answered / arrivals";
  EXPECT_TRUE(ValidateKpiSpec(spec).ok());

  spec.kpi = static_cast<Kpi>(50);
  EXPECT_EQ(message(spec), "\"kpi\": no KPI has the number 50");
}

TEST(CatalogueTest, DescribesADurationAsStatisticClockAttributionThenTheRest) {
  EXPECT_THAT(Described(DefaultSpec(Kpi::kFirstResponseTime)),
              ElementsAre("statistic=mean", "clock=calendar",
                          "attribution=arrival", "response=human"));
  KpiSpec spec = With(Kpi::kFirstResponseTime, "statistic", "share_within");
  spec.exclude = PhaseBit(Phase::kHold);
  EXPECT_THAT(Described(spec),
              ElementsAre("statistic=share_within", "within_us=900000000",
                          "clock=calendar", "attribution=arrival",
                          "response=human", "exclude=hold"));
}

TEST(CatalogueTest, DescribesATargetAsWithinAndStageFirst) {
  EXPECT_THAT(
      Described(DefaultSpec(Kpi::kServiceLevel)),
      ElementsAre("within_us=900000000", "stage=first", "statistic=ratio",
                  "clock=calendar", "attribution=arrival", "response=human",
                  "closed_unanswered=void"));
  EXPECT_THAT(Described(DefaultSpec(Kpi::kDueWithin)),
              ElementsAre("horizon_us=900000000", "within_us=900000000",
                          "stage=every", "statistic=count", "clock=calendar",
                          "attribution=instant", "response=human"));
}

TEST(CatalogueTest, DescribesWhatACountCounts) {
  EXPECT_THAT(
      Described(DefaultSpec(Kpi::kArrivals)),
      ElementsAre("statistic=count", "attribution=arrival", "counts=episodes"));
  EXPECT_THAT(Described(DefaultSpec(Kpi::kMessages)),
              ElementsAre("statistic=count", "attribution=completion",
                          "side=all", "counts=events"));
  KpiSpec formula = DefaultSpec(Kpi::kFormula);
  formula.formula = "1 - missed / due";
  EXPECT_THAT(Described(formula), ElementsAre("formula=1 - missed / due"));
}

TEST(CatalogueTest, DefaultSpecsThatDifferAreDescribedDifferently) {
  // A row must tell two variants apart: any single change of an option shows.
  for (const KpiDefinition& definition : Catalogue()) {
    const std::vector<std::string> base =
        Described(DefaultSpec(definition.kpi));
    for (const KpiOption& option : definition.options) {
      if (option.name == "within") continue;
      for (std::string_view word : OptionWords(option)) {
        if (word == option.fallback) continue;
        EXPECT_NE(Described(With(definition.kpi, option.name, word)), base)
            << definition.name << " " << option.name << " " << word;
      }
    }
  }
}

TEST(CatalogueTest, UnitFollowsTheStatistic) {
  EXPECT_EQ(SpecUnit(DefaultSpec(Kpi::kFirstResponseTime)), Unit::kSeconds);
  EXPECT_EQ(SpecUnit(With(Kpi::kFirstResponseTime, "statistic", "count")),
            Unit::kCount);
  EXPECT_EQ(SpecUnit(With(Kpi::kResponseTime, "statistic", "share_within")),
            Unit::kRatio);
  EXPECT_EQ(SpecUnit(With(Kpi::kBacklog, "statistic", "oldest")),
            Unit::kSeconds);
  EXPECT_EQ(SpecUnit(With(Kpi::kBacklog, "statistic", "p90")), Unit::kSeconds);
  EXPECT_EQ(SpecUnit(With(Kpi::kBeyondTurnaround, "statistic", "share")),
            Unit::kRatio);
  EXPECT_EQ(SpecUnit(With(Kpi::kSatisfaction, "statistic", "top_box")),
            Unit::kRatio);
  EXPECT_EQ(SpecUnit(DefaultSpec(Kpi::kSatisfaction)), Unit::kScore);
  EXPECT_EQ(SpecUnit(DefaultSpec(Kpi::kCasesPerHour)), Unit::kPerHour);
  EXPECT_EQ(SpecUnit(With(Kpi::kStateTime, "statistic", "visits")),
            Unit::kCount);
  // The default statistic has the unit the definition states.
  for (const KpiDefinition& definition : Catalogue()) {
    EXPECT_EQ(SpecUnit(DefaultSpec(definition.kpi)), definition.unit)
        << definition.name;
  }
}

TEST(CatalogueTest, CountersDoNotHideKpis) {
  EXPECT_FALSE(Counters().empty());
  for (const KpiCounter& counter : Counters()) {
    EXPECT_EQ(FindKpi(counter.name), nullptr) << counter.name;
    EXPECT_EQ(FindCounter(counter.name), &counter) << "named twice";
    EXPECT_FALSE(counter.summary.empty());
  }
  EXPECT_EQ(FindCounter("late_answered")->kpi, Kpi::kBeyondTurnaround);
  EXPECT_EQ(FindCounter("arrivals"), nullptr);  // a KPI
}

TEST(ResolveKpiTest, IdsThenCatalogueNamesThenDefaults) {
  Config config;
  config.kpis = {DefaultSpec(Kpi::kServiceLevel),
                 DefaultSpec(Kpi::kServiceLevel),
                 DefaultSpec(Kpi::kResponseTime)};
  config.kpis[0].id = "sl20";
  config.kpis[0].within_us = 20 * kMinute;
  config.kpis[1].within_us = 30 * kMinute;
  config.kpis[2].id = "first_response_time";  // an id goes before a name
  EXPECT_EQ(ResolveKpi(config, "sl20")->within_us, 20 * kMinute);
  EXPECT_EQ(ResolveKpi(config, "service_level")->within_us, 30 * kMinute);
  EXPECT_EQ(ResolveKpi(config, "first_response_time")->kpi, Kpi::kResponseTime);
  EXPECT_EQ(ResolveKpi(config, "accuracy"), DefaultSpec(Kpi::kAccuracy));
  EXPECT_FALSE(ResolveKpi(config, "met").has_value());
  EXPECT_FALSE(ResolveKpi(config, "").has_value());
}

TEST(NearestNameTest, FindsTheFewestEditsAndNothingThatIsFar) {
  const std::vector<std::string_view> names = {"every", "first", "resolution"};
  EXPECT_EQ(NearestName("evry", names), "every");
  EXPECT_EQ(NearestName("fisrt", names), "first");  // a swap is one edit
  EXPECT_EQ(NearestName("resolutions", names), "resolution");
  EXPECT_EQ(NearestName("backlog", names), "");
  EXPECT_EQ(NearestName("", names), "");
  EXPECT_EQ(NearestName(std::string(100'000, 'e'), names), "");
  EXPECT_EQ(NearestName("x", {}), "");
}

TEST(NamesTest, EnumNamesAreTheWordsOfTheFormats) {
  EXPECT_EQ(ClockName(Clock::kBusiness), "business");
  EXPECT_EQ(AttributionName(Attribution::kDeadline), "deadline");
  EXPECT_EQ(ResponseName(Response::kHumanOnly), "human_only");
  EXPECT_EQ(StageName(Stage::kEvery), "every");
  EXPECT_EQ(PhaseName(Phase::kCustomerTurn), "customer_turn");
  // The words that options print are the names that rows print.
  KpiSpec spec = DefaultSpec(Kpi::kFirstResponseTime);
  for (int i = 0; i < 5; ++i) {
    spec.attribution = static_cast<Attribution>(i);
    EXPECT_EQ(KpiOptionValue(spec, "attribution"),
              AttributionName(spec.attribution));
  }
  for (int i = 0; i < 4; ++i) {
    spec.response = static_cast<Response>(i);
    EXPECT_EQ(KpiOptionValue(spec, "response"), ResponseName(spec.response));
  }
  for (int i = 0; i < 3; ++i) {
    spec.stage = static_cast<Stage>(i);
    EXPECT_EQ(KpiOptionValue(spec, "stage"), StageName(spec.stage));
  }
  EXPECT_THAT(KpiOptionValue(spec, "no such option"), IsEmpty());
}

}  // namespace
}  // namespace cckpi
