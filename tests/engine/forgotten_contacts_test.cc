// A first contact resolution that is still pending when its interaction is
// forgotten; the numbers are worked out by hand. All of it on Monday
// 2026-03-02: W is 4 hours, what has been closed for 30 minutes is forgotten.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/engine/scaling_monitor.h"
#include "oracle/oracle_test_log.h"

namespace cckpi {
namespace {

using oracle::Agent;
using oracle::At;
using oracle::Customer;
using oracle::Log;
using oracle::Of;
using oracle::Resolved;
using oracle::Spec;

constexpr char kName[] = "a name that no number is";
constexpr char kOther[] = "another name that no number is";

Config Forgetful() {
  Config config;
  config.kpis_given = true;
  config.kpis = {Spec(Kpi::kFirstContactResolution), Spec(Kpi::kReopened)};
  config.groups_given = true;
  config.allowed_lateness_us = 0;
  config.fcr_window_us = 4 * kHour;
  config.forget_closed_after_us = 30 * kMinute;
  return config;
}

Event In(Event event, std::string_view interaction,
         std::string_view customer = "") {
  event.interaction = interaction;
  event.customer = customer;
  return event;
}

// Asked at 09:00, answered at 09:05, resolved at 09:10.
Log Closed(std::string_view interaction = kName,
           std::string_view customer = "") {
  return {In(Customer("09:00"), interaction, customer),
          In(Agent("09:05"), interaction), In(Resolved("09:10"), interaction)};
}

Log operator+(Log log, const Event& event) {
  log.push_back(event);
  return log;
}

Engine Made(const Config& config, const Log& log,
            const EngineOptions& options = {}) {
  absl::StatusOr<Engine> engine = Engine::Create(config, options);
  EXPECT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ(engine->Ingest(log).accepted, static_cast<int64_t>(log.size()));
  return *std::move(engine);
}

void Advance(std::string_view time, Engine& engine, int64_t and_us = 0) {
  EXPECT_TRUE(engine.Advance(ToTime(At(time) + and_us)).ok());
}

// The figures of first contact resolution that are not 0: pending, yes, no.
std::map<std::string, int64_t> Contacts(const Engine& engine) {
  Query query;
  query.kpis = {"first_contact_resolution"};
  const absl::StatusOr<Report> report = engine.Ask(query);
  EXPECT_TRUE(report.ok()) << report.status();
  std::map<std::string, int64_t> figures;
  for (const ReportRow& row : report->rows) {
    for (const Figure& figure : row.figures) {
      const auto* number = std::get_if<int64_t>(&figure.value);
      if (number == nullptr || *number == 0) continue;
      if (figure.name == "pending" || figure.name == "yes" ||
          figure.name == "no") {
        figures[figure.name] += *number;
      }
    }
  }
  return figures;
}
using Figures = std::map<std::string, int64_t>;

TEST(ForgottenContactsTest, TheInteractionLeavesTheContactStays) {
  Engine engine = Made(Forgetful(), Closed());
  Advance("09:40", engine);
  EXPECT_EQ(engine.sizes().interactions, 1u);
  Advance("09:40", engine, 1);
  EXPECT_EQ(engine.sizes().interactions, 0u);
  EXPECT_EQ(Contacts(engine), (Figures{{"pending", 1}}));
}

TEST(ForgottenContactsTest, ItIsYesAsSoonAsItsWindowHasPassed) {
  for (const char* customer : {"", "carla"}) {
    Engine engine = Made(Forgetful(), Closed(kName, customer));
    Advance("13:10", engine);
    EXPECT_EQ(Contacts(engine), (Figures{{"pending", 1}}));
    Advance("13:10", engine, 1);
    EXPECT_EQ(Contacts(engine), (Figures{{"yes", 1}}));
    Advance("13:10", engine, 2);
    EXPECT_EQ(engine.sizes().timers, 0u);
  }
}

TEST(ForgottenContactsTest, AnotherInteractionOfTheCustomerRepeatsIt) {
  const Log log = Closed(kName, "carla");
  EXPECT_EQ(
      Contacts(Made(Forgetful(), log + In(Customer("13:10"), kOther, "carla"))),
      (Figures{{"no", 1}}));
  EXPECT_EQ(
      Contacts(Made(Forgetful(), log + In(Customer("13:11"), kOther, "carla"))),
      (Figures{{"yes", 1}}));
  EXPECT_EQ(
      Contacts(Made(Forgetful(), log + In(Customer("13:10"), kOther, "dora"))),
      (Figures{{"pending", 1}}));
}

TEST(ForgottenContactsTest, TheNameRepeatsItWhileNoCustomerIsKnown) {
  const Engine engine =
      Made(Forgetful(), Closed() + In(Customer("13:10"), kName));
  EXPECT_EQ(Contacts(engine), (Figures{{"no", 1}}));
  Query query;
  query.kpis = {"reopened"};
  EXPECT_TRUE(engine.Ask(query)->rows.empty());  // it is a new one
  EXPECT_EQ(Contacts(Made(Forgetful(),
                          Closed() + In(Customer("13:10"), kOther, "carla"))),
            (Figures{{"pending", 1}}));
}

// Nothing tells any more whose the forgotten one was; the name is all there is.
TEST(ForgottenContactsTest, ACustomerWhoBecomesKnownUnderTheNameIsNotItsOwn) {
  Event survey = In(Of(EventKind::kSurveyed, "10:00"), kName, "carla");
  survey.score_micro = 1'000'000;
  survey.scale_micro = 5'000'000;
  const Log log = Closed() + survey;
  EXPECT_EQ(
      Contacts(Made(Forgetful(), log + In(Customer("10:10"), kOther, "carla"))),
      (Figures{{"pending", 1}}));
  EXPECT_EQ(Contacts(Made(Forgetful(), log + In(Customer("10:10"), kName))),
            (Figures{{"no", 1}}));
}

TEST(ForgottenContactsTest, OfAKnownCustomerTheNameAloneRepeatsNothing) {
  const Log log = Closed(kName, "carla") + In(Customer("10:00"), kName);
  Engine engine = Made(Forgetful(), log);
  EXPECT_EQ(Contacts(engine), (Figures{{"pending", 1}}));
  // The new one turns out to be his: it is a contact from its entry on.
  const Event known = In(Agent("10:10"), kName, "carla");
  engine.Ingest({&known, 1});
  EXPECT_EQ(Contacts(engine), (Figures{{"no", 1}}));
}

TEST(ForgottenContactsTest, DiscardingTheNameLeavesIt) {
  Engine engine = Made(
      Forgetful(), Closed() + In(Of(EventKind::kDiscarded, "10:00"), kName));
  EXPECT_EQ(Contacts(engine), (Figures{{"pending", 1}}));
  Advance("13:11", engine);
  EXPECT_EQ(Contacts(engine), (Figures{{"yes", 1}}));
}

TEST(ForgottenContactsTest, EveryKpiOfContactsIsSettledByItself) {
  Config config = Forgetful();
  config.kpis.clear();
  for (Response response : {Response::kHuman, Response::kAny, Response::kBot}) {
    for (ContactRule rule :
         {ContactRule::kAny, ContactRule::kStrict, ContactRule::kOneTouch}) {
      if (response == Response::kBot && rule == ContactRule::kOneTouch) {
        continue;  // there may be 8
      }
      KpiSpec spec = Spec(Kpi::kFirstContactResolution);
      spec.response = response;
      spec.contact = rule;
      spec.id = std::to_string(config.kpis.size());
      config.kpis.push_back(spec);
    }
  }
  ASSERT_EQ(config.kpis.size(), 8u);
  // Two runs of responses: `one_touch` is no at once; people answered, so a
  // bot's score has neither.
  const Log log = {In(Customer("09:00"), kName), In(Agent("09:05"), kName),
                   In(Customer("09:06"), kName), In(Agent("09:07"), kName),
                   In(Resolved("09:10"), kName)};
  Engine engine = Made(config, log);
  Advance("09:41", engine);
  EXPECT_EQ(engine.sizes().interactions, 0u);
  const auto of = [&](size_t kpi, const char* figure) {
    Query query;
    query.kpis = {std::to_string(kpi)};
    const Report report = *engine.Ask(query);
    for (const ReportRow& row : report.rows) {
      for (const Figure& known : row.figures) {
        if (known.name == figure) return std::get<int64_t>(known.value);
      }
    }
    return int64_t{0};
  };
  for (size_t kpi : {0, 1, 3, 4}) EXPECT_EQ(of(kpi, "pending"), 1) << kpi;
  Advance("13:11", engine);
  for (size_t kpi : {0, 1, 3, 4}) EXPECT_EQ(of(kpi, "yes"), 1) << kpi;
  for (size_t kpi : {2, 5}) {
    EXPECT_EQ(of(kpi, "no"), 1) << kpi;
    EXPECT_EQ(of(kpi, "yes"), 0) << kpi;
  }
}

// What nobody refers to any more makes room for other names.
TEST(ForgottenContactsTest, NamesAreHeldAsLongAsTheContactAndNoLonger) {
  for (const char* customer : {"", "carla, whom no number names"}) {
    for (bool restarted : {false, true}) {
      Engine engine = Made(Forgetful(), Closed("1", "2"));
      Advance("09:41", engine);
      Log other = Closed(kName, customer);
      for (Event& event : other) event.at_us += kHour;
      engine.Ingest(other);
      Advance("10:41", engine);
      EXPECT_EQ(engine.sizes().interactions, 0u);
      const std::string before = *engine.Save();
      EXPECT_EQ(before.find(kName) != std::string::npos, *customer == '\0');
      EXPECT_EQ(before.find("carla") != std::string::npos, *customer != '\0');
      if (restarted) {
        engine = *Engine::Restore(Forgetful(), before);
        EXPECT_EQ(*engine.Save(), before);
      }
      // Numbers of names that are free go to others.
      for (const char* name : {"x", "y", "z"}) {
        const Event more = In(Customer("10:42"), name, name);
        engine.Ingest({&more, 1});
      }
      Advance("13:11", engine);
      EXPECT_EQ(Contacts(engine), (Figures{{"pending", 1}, {"yes", 1}}));
      Advance("14:11", engine);
      EXPECT_EQ(Contacts(engine), (Figures{{"yes", 2}}));
      const std::string after = *engine.Save();
      EXPECT_EQ(after.find(kName), std::string::npos);
      EXPECT_EQ(after.find("carla"), std::string::npos);
    }
  }
}

TEST(ForgottenContactsTest, ExplainStillNamesIt) {
  Config config = Forgetful();
  const Log log = Closed(kName, "carla") +
                  In(Customer("10:00"), kOther, "dora") +
                  In(Customer("12:00"), "third", "carla");
  const Engine engine = Made(
      config, log, {.explain = "first_contact_resolution", .shard = false});
  const std::vector<Explanation> known = *engine.Explain({});
  ASSERT_EQ(known.size(), 1u);
  EXPECT_EQ(known[0].interaction, kName);
  EXPECT_EQ(known[0].episode, 1u);
  EXPECT_EQ(known[0].outcome, "no");
}

TEST(ForgottenContactsTest, ARuleThatReadsThemNamesThoseThatWereRepeated) {
  Config config = Forgetful();
  ScalingRule rule;
  rule.id = "rule";
  rule.kpi = "first_contact_resolution";
  rule.calendar_window = Frequency::kDaily;
  rule.bands = {{.level = "any", .over_micro = -1}};
  config.scaling_matrix = {rule};
  const Log log = Closed(kName, "carla");
  Engine engine = Made(config, log);
  Advance("10:00", engine);
  EXPECT_EQ(engine.sizes().interactions, 0u);
  // Under rules that read something else names are of no use.
  const std::string named = *engine.Save();
  EXPECT_NE(named.find(kName), std::string::npos);
  Engine plain = Made(Forgetful(), log);
  Advance("10:00", plain);
  EXPECT_EQ(*Engine::Restore(Forgetful(), named)->Save(), *plain.Save());
  engine = *Engine::Restore(config, named);
  EXPECT_EQ(*engine.Save(), named);
  const Event again = In(Customer("12:00"), kOther, "carla");
  engine.Ingest({&again, 1});
  Advance("12:01", engine);
  ScalingMonitor monitor = *ScalingMonitor::Create(config);
  const TickResult result = *monitor.Tick(engine, ToTime(At("12:01")));
  ASSERT_EQ(result.notifications.size(), 1u);
  const std::vector<Contributor>& contributors =
      result.notifications[0].contributors;
  ASSERT_GE(contributors.size(), 1u);
  EXPECT_EQ(contributors[0].interaction, kName);
  EXPECT_EQ(contributors[0].outcome, "not_resolved");
}

TEST(ForgottenContactsTest, ACustomersContactAndHisNextCaseBelongToOneShard) {
  Engine a = Made(Forgetful(), Closed(kName, "carla"));
  Advance("10:00", a);
  Engine b = Made(Forgetful(), {In(Customer("09:59"), kOther, "carla")});
  Advance("10:00", b);
  const std::string before = *a.Save();
  EXPECT_EQ(a.Merge(b).message(), "merge: customer \"carla\" is in both");
  EXPECT_EQ(*a.Save(), before);
  Engine c = Made(Forgetful(), Closed(kOther, "dora"));
  Advance("10:00", c);
  EXPECT_TRUE(a.Merge(c).ok());
  Advance("13:11", a);
  EXPECT_EQ(Contacts(a), (Figures{{"yes", 2}}));
}

}  // namespace
}  // namespace cckpi
