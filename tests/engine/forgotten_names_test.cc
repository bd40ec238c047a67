// What is put off, and what is kept, of interactions that are forgotten
// meanwhile: their names are there as long as anything goes by them.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/io/render.h"
#include "oracle/oracle_test_log.h"

namespace cckpi {
namespace {

using oracle::Spec;

constexpr int64_t kBegin = 1'767'600'000 * kSecond;  // 2026-01-05T08:00:00Z

// Hundreds of cases, two at a time with one agent, each forgotten long before
// the last one begins. Whose share the odd microseconds are is decided by name.
class Cases {
 public:
  explicit Cases(int count) {
    for (int n = 0; n < count; ++n) {
      // In no order, and longer than what a key of eight bytes can be.
      names_.push_back("a case that was opened as number " +
                       std::to_string(7919 * n % 10'007));
    }
    for (int pair = 0; pair < count; pair += 2) {
      const int64_t at_us = kBegin + pair * kHour;
      Add(EventKind::kCustomerMessage, at_us, pair);
      Add(EventKind::kCustomerMessage, at_us + 1, pair + 1);
      Add(EventKind::kAssigned, at_us + kMinute, pair);
      Add(EventKind::kAssigned, at_us + kMinute + 7, pair + 1);
      Add(EventKind::kAgentMessage, at_us + 2 * kMinute, pair);
      Add(EventKind::kResolved, at_us + 3 * kMinute, pair);
      Add(EventKind::kResolved, at_us + 4 * kMinute, pair + 1);
    }
  }
  const std::vector<Event>& events() const { return events_; }

 private:
  void Add(EventKind kind, int64_t at_us, int which) {
    Event event;
    event.kind = kind;
    event.at_us = at_us;
    event.interaction = names_[static_cast<size_t>(which)];
    if (kind != EventKind::kCustomerMessage) event.agent = "anna";
    events_.push_back(event);
  }

  std::vector<std::string> names_;
  std::vector<Event> events_;
};

TEST(ForgottenNamesTest, AgentTimeThatIsPutOffGoesByThem) {
  Config config;
  config.kpis_given = true;
  KpiSpec share = Spec(Kpi::kHandleTime);
  share.id = "share";
  share.allocation = Allocation::kShare;
  // A contact that goes on being pending lets go of a name by itself.
  config.kpis = {share, Spec(Kpi::kConcurrency),
                 Spec(Kpi::kFirstContactResolution)};
  config.fcr_window_us = kHour;
  config.groups = {{{Dimension::Field::kAgent, ""}}};
  config.forget_closed_after_us = kMinute;
  config.allowed_lateness_us = 0;
  const Cases cases(900);
  const std::vector<Event>& events = cases.events();
  Engine at_once = *Engine::Create(config);
  ASSERT_EQ(at_once.Ingest(events).accepted,
            static_cast<int64_t>(events.size()));
  Engine one_by_one = *Engine::Create(config);
  for (const Event& event : events) {
    one_by_one.Ingest({&event, 1});
    ASSERT_TRUE(one_by_one.Advance(ToTime(event.at_us)).ok());
  }
  const int64_t last_us = events.back().at_us + kHour;
  for (Engine* engine : {&at_once, &one_by_one}) {
    ASSERT_TRUE(engine->Advance(ToTime(last_us)).ok());
    EXPECT_EQ(engine->sizes().interactions, 0u);
  }
  EXPECT_EQ(RenderJson(*at_once.Ask(Query())),
            RenderJson(*one_by_one.Ask(Query())));
  EXPECT_EQ(*at_once.Save(), *one_by_one.Save());
}

}  // namespace
}  // namespace cckpi
