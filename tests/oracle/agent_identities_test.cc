// What holds of agent time whatever the log: identities between the rows of a
// report, on random logs.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/kpi/catalogue.h"
#include "oracle/random_log.h"
#include "oracle/settings.h"

namespace cckpi::oracle {
namespace {

constexpr const char* kLoads[] = {"agent_turn", "assigned", "focus"};

KpiSpec Make(const std::string& id, Kpi kpi,
             const std::map<std::string, std::string>& options) {
  KpiSpec spec = DefaultSpec(kpi);
  spec.id = id;
  for (const auto& [name, value] : options) {
    const absl::Status status = SetKpiOption(spec, name, value);
    EXPECT_TRUE(status.ok()) << status;
  }
  return spec;
}

std::vector<KpiSpec> AgentKpis() {
  std::vector<KpiSpec> kpis = {Make("staffed", Kpi::kStaffedTime, {}),
                               Make("available", Kpi::kAvailableTime, {}),
                               Make("states", Kpi::kStateTime, {}),
                               Make("quality", Kpi::kDataQuality, {})};
  for (const std::string load : kLoads) {
    kpis.push_back(Make("busy " + load, Kpi::kBusyTime, {{"load", load}}));
    kpis.push_back(Make("idle " + load, Kpi::kIdleTime, {{"load", load}}));
    kpis.push_back(
        Make("occupancy " + load, Kpi::kOccupancy, {{"load", load}}));
    kpis.push_back(Make("levels " + load, Kpi::kConcurrency, {{"load", load}}));
    for (const std::string allocation : {"elapsed", "share"}) {
      kpis.push_back(Make("whole " + allocation + " " + load, Kpi::kHandleTime,
                          {{"load", load}, {"allocation", allocation}}));
      kpis.push_back(Make("sliced " + allocation + " " + load, Kpi::kHandleTime,
                          {{"load", load},
                           {"allocation", allocation},
                           {"attribution", "sliced"},
                           {"statistic", "sum"}}));
    }
  }
  return kpis;
}

int64_t Number(const ReportRow& row, const std::string& name) {
  for (const Figure& figure : row.figures) {
    if (figure.name != name) continue;
    if (auto* number = std::get_if<int64_t>(&figure.value)) return *number;
    if (auto* wide = std::get_if<absl::int128>(&figure.value)) {
      return static_cast<int64_t>(*wide);
    }
  }
  return 0;
}

std::string Text(const ReportRow& row, const std::string& name) {
  for (const Figure& figure : row.figures) {
    if (figure.name != name) continue;
    if (auto* text = std::get_if<std::string>(&figure.value)) return *text;
  }
  return "";
}

// "0:12 2:5" → {0: 12, 2: 5}
std::map<int64_t, int64_t> Levels(const std::string& text) {
  std::map<int64_t, int64_t> levels;
  for (size_t at = 0; at < text.size();) {
    size_t end = 0;
    const int64_t level = std::stoll(text.substr(at), &end);
    at += end + 1;
    levels[level] = std::stoll(text.substr(at), &end);
    at += end + 1;
  }
  return levels;
}

// The figure of each id, by window and group.
using Place = std::pair<int64_t, std::string>;
using Table = std::map<std::string, std::map<Place, int64_t>>;

class Figures {
 public:
  Figures(const Engine& engine, Frequency every, const GroupBy& by) {
    Query query;
    query.every = every;
    query.by = by;
    const absl::StatusOr<Report> report = engine.Ask(query);
    EXPECT_TRUE(report.ok()) << report.status();
    for (const ReportRow& row : report->rows) Add(row);
  }

  int64_t At(const std::string& id, const Place& place) const {
    const auto table = table_.find(id);
    if (table == table_.end()) return 0;
    const auto found = table->second.find(place);
    return found == table->second.end() ? 0 : found->second;
  }
  int64_t Sum(const std::string& id) const {
    int64_t sum = 0;
    const auto table = table_.find(id);
    if (table == table_.end()) return 0;
    for (const auto& [place, value] : table->second) sum += value;
    return sum;
  }
  const std::map<Place, int64_t>& places() const { return places_; }
  std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const auto& [id, values] : table_) ids.push_back(id);
    return ids;
  }

 private:
  void Add(const ReportRow& row) {
    std::string group;
    for (const auto& [name, value] : row.group) {
      group += name + "=" + value.value_or("-") + " ";
    }
    const Place place = {row.begin_us, group};
    places_[place] = 0;
    auto set = [&](const std::string& id, int64_t value) {
      table_[id][place] += value;
    };
    if (row.id.str().rfind("levels ", 0) == 0) {
      const std::string load = row.id.str().substr(7);
      int64_t time = 0;
      int64_t level = 0;
      for (const auto& [n, us] : Levels(Text(row, "time_at_level_us"))) {
        time += us;
        level += n * us;
        if (n > 0) set("time above 0 " + load, us);
      }
      set("time at levels " + load, time);
      set("level by levels " + load, level);
      set("level " + load, Number(row, "level_us"));
    } else if (row.id.str().rfind("occupancy ", 0) == 0) {
      set("occupied " + row.id.str().substr(10), Number(row, "busy_us"));
      set("free " + row.id.str().substr(10), Number(row, "idle_us"));
      if (row.value.has_value()) {
        EXPECT_LE(*row.value, 1.0) << row.id;
      }
    } else if (row.id.str().rfind("sliced ", 0) == 0) {
      set(row.id, Number(row, "sliced_us"));
    } else if (row.id == "quality") {
      set("quality", Number(row, "count"));
    } else {
      set(row.id, Number(row, "sum_us"));
    }
  }

  Table table_;
  std::map<Place, int64_t> places_;
};

struct Case {
  RandomLog log;
  Engine engine;
};

// `handle_time` says where load counts; everything is closed in the end.
Case MakeCase(uint64_t seed, HandleTimePresence handle_time) {
  RandomLog log = MakeRandomLog(seed);
  Config config = log.config;
  config.kpis = AgentKpis();
  config.groups = {{{Dimension::Field::kAgent, ""}},
                   {{Dimension::Field::kTeam, ""}}};
  config.agent_presence.handle_time = handle_time;
  config.allowed_lateness_us = 3650 * kDay;
  if (config.auto_close_after_us == 0) config.auto_close_after_us = kDay;
  absl::StatusOr<Engine> engine = Engine::Create(config);
  EXPECT_TRUE(engine.ok()) << engine.status();
  engine->Ingest(log.events);
  int64_t end_us = 0;
  for (const Event& event : log.events) end_us = std::max(end_us, event.at_us);
  end_us += config.auto_close_after_us + kHour;
  EXPECT_TRUE(engine->Advance(ToTime(end_us)).ok());
  return {std::move(log), *std::move(engine)};
}

class AgentIdentitiesTest : public testing::Test {
 protected:
  template <typename F>
  void ForEachLog(HandleTimePresence handle_time, F f) {
    for (const uint64_t seed : Seeds(40, 1)) {
      SCOPED_TRACE(testing::Message() << "seed " << seed);
      f(MakeCase(seed, handle_time).engine);
      if (HasFailure()) return;
    }
  }

  const GroupBy by_agent_ = {{Dimension::Field::kAgent, ""}};
  const GroupBy by_team_ = {{Dimension::Field::kTeam, ""}};
};

TEST_F(AgentIdentitiesTest, HoldInEveryHourOfEveryAgent) {
  ForEachLog(HandleTimePresence::kAvailable, [&](const Engine& engine) {
    const Figures report(engine, Frequency::kHourly, by_agent_);
    for (const auto& entry : report.places()) {
      const Place& place = entry.first;
      auto at = [&](const std::string& id) { return report.At(id, place); };
      ASSERT_EQ(at("states"), at("staffed")) << place.second;
      ASSERT_LE(at("available"), at("staffed"));
      for (const std::string load : kLoads) {
        SCOPED_TRACE(place.second + load);
        const int64_t busy = at("busy " + load);
        ASSERT_EQ(busy + at("idle " + load), at("available"));
        ASSERT_EQ(at("occupied " + load), busy);
        ASSERT_EQ(at("free " + load), at("idle " + load));
        ASSERT_LE(busy, at("available"));
        ASSERT_EQ(at("time at levels " + load), at("available"));
        ASSERT_EQ(at("time above 0 " + load), busy);
        ASSERT_EQ(at("level by levels " + load), at("level " + load));
        // Shares sum to busy to the microsecond, elapsed to the integral of n:
        // their quotient is the concurrency while busy.
        ASSERT_EQ(at("sliced share " + load), busy);
        ASSERT_EQ(at("sliced elapsed " + load), at("level " + load));
      }
      ASSERT_LE(at("level focus"), at("available"));
    }
  });
}

TEST_F(AgentIdentitiesTest, SlicesAddUpToTheWhole) {
  for (HandleTimePresence handle_time :
       {HandleTimePresence::kAvailable,
        HandleTimePresence::kAvailableOrUnreported, HandleTimePresence::kAny}) {
    ForEachLog(handle_time, [&](const Engine& engine) {
      const Figures hours(engine, Frequency::kHourly, by_agent_);
      const Figures all(engine, Frequency::kAll, by_agent_);
      for (const std::string load : kLoads) {
        for (const std::string allocation : {"elapsed ", "share "}) {
          const std::string whole = "whole " + allocation + load;
          const std::string sliced = "sliced " + allocation + load;
          for (const auto& [place, unused] : all.places()) {
            ASSERT_EQ(all.At(whole, place), all.At(sliced, place))
                << place.second << sliced;
          }
          ASSERT_EQ(hours.Sum(sliced), all.Sum(whole)) << sliced;
        }
      }
    });
  }
}

TEST_F(AgentIdentitiesTest, WindowsAddUpAndAgentsAndTeamsAreTheGroup) {
  ForEachLog(HandleTimePresence::kAvailable, [&](const Engine& engine) {
    const Figures total(engine, Frequency::kAll, {});
    for (Frequency every :
         {Frequency::kBucket, Frequency::kDaily, Frequency::kAll}) {
      const Figures agents(engine, every, by_agent_);
      const Figures teams(engine, every, by_team_);
      for (const std::string& id : total.ids()) {
        ASSERT_EQ(agents.Sum(id), total.Sum(id)) << id;
        ASSERT_EQ(teams.Sum(id), total.Sum(id)) << id;
      }
    }
  });
}

}  // namespace
}  // namespace cckpi::oracle
