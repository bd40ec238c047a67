// Where an interaction lies, in a slot or at rest, how much is put off, and
// when names are let go of shows nowhere: an engine with two slots that puts
// off two changes of a kind gives the bytes and the report of one in which all
// have a slot, none has to be booked sooner, and names go one by one.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

#include "cckpi/engine/engine.h"
#include "cckpi/io/render.h"
#include "oracle/random_log.h"
#include "oracle/random_rules.h"
#include "oracle/settings.h"
#include "src/engine/engine_view.h"

namespace cckpi::oracle {
namespace {

// Nothing tells an engine so but tests.
EngineState& StateOf(const Engine& engine) {
  return *const_cast<EngineState*>(EngineAccess::Look(engine).committed);
}

std::string ReportOf(const Engine& engine, const Query& query) {
  absl::StatusOr<Report> report = engine.Ask(query);
  return report.ok() ? RenderJson(*report) : report.status().ToString();
}

TEST(FewSlotsTest, GiveTheSameBytes) {
  for (const uint64_t seed : Seeds(60, 1)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const RandomLog log = MakeRandomLog(seed);
    Config config = log.config;
    if (seed % 2 == 0) config.forget_closed_after_us = 2 * kHour;
    if (seed % 3 == 0) AddRules(seed, config);
    // Of some all is applied together, in the end.
    const bool at_once = seed % 5 < 2;
    if (at_once) config.allowed_lateness_us = 3650 * kDay;
    Engine few = *Engine::Create(config);
    Engine many = *Engine::Create(config);
    StateOf(few).parts().timeline.interactions.LimitSlots(2);
    StateOf(few).PutOffAtMost(2);
    StateOf(many).machine().LetGoTogether(1);
    const size_t batch = 1 + seed % 7;
    for (size_t e = 0; e < log.events.size(); e += batch) {
      const std::span<const Event> events(
          log.events.data() + e, std::min(batch, log.events.size() - e));
      few.Ingest(events);
      many.Ingest(events);
      if (!at_once && e % 5 == 0) {
        ASSERT_EQ(ReportOf(few, log.query), ReportOf(many, log.query));
      }
    }
    ASSERT_EQ(*few.Save(), *many.Save());
    few.Finish();
    many.Finish();
    ASSERT_EQ(*few.Save(), *many.Save());
    ASSERT_EQ(ReportOf(few, log.query), ReportOf(many, log.query));
  }
}

}  // namespace
}  // namespace cckpi::oracle
