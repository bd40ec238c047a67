// What two shards must not both have.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "src/engine/snapshot.h"
#include "src/engine/snapshot_tables.h"

namespace cckpi {
namespace {

absl::Status InBoth(std::string_view what, std::string_view name) {
  return absl::InvalidArgumentError(absl::StrCat(
      "merge: ", std::string(what), " \"", std::string(name), "\" is in both"));
}

// Both lists are sorted.
absl::Status CheckNames(std::string_view here, std::string_view there,
                        Section section, std::string_view what) {
  CCKPI_ASSIGN_OR_RETURN(const std::vector<std::string_view> a,
                         ReadNames(here, section));
  CCKPI_ASSIGN_OR_RETURN(const std::vector<std::string_view> b,
                         ReadNames(there, section));
  auto own = a.begin();
  for (std::string_view name : b) {
    while (own != a.end() && *own < name) ++own;
    if (own != a.end() && *own == name) return InBoth(what, name);
  }
  return absl::OkStatus();
}

// The agents whose presence is known.
std::set<std::string_view> Present(const EngineState& state,
                                   const PendingQueue& pending,
                                   const Names& names) {
  std::set<std::string_view> agents;
  for (TextId agent : state.facts().Agents()) {
    if (state.facts().KnowsPresence(agent)) {
      agents.insert(names.texts.Text(agent));
    }
  }
  for (const PendingEvent* event : pending.InOrder()) {
    if (event->fact.kind == EventKind::kAgentState) {
      agents.insert(names.texts.Text(event->fact.agent));
    }
  }
  return agents;
}

using ForecastName =
    std::tuple<int64_t, int64_t, std::vector<std::string_view>>;

std::set<ForecastName> ForecastNames(const EngineSetup& setup,
                                     const EngineState& state,
                                     const PendingQueue& pending,
                                     const Names& names) {
  std::set<ForecastName> result;
  auto add = [&](const ForecastKey& key) {
    std::vector<std::string_view> values;
    for (TextId value : key.values) values.push_back(names.texts.Text(value));
    result.emplace(key.begin_us, key.span_us, std::move(values));
  };
  for (const auto& [key, volume] : state.forecasts()) add(key);
  for (const PendingEvent* event : pending.InOrder()) {
    if (event->fact.kind != EventKind::kForecast) continue;
    if (std::optional<ForecastKey> key = KeyOfForecast(setup, event->fact)) {
      add(*key);
    }
  }
  return result;
}

}  // namespace

absl::Status CheckApart(std::string_view own, const OpenedSnapshot& snapshot,
                        const SavedEngine& other, const LoadedEngine& engine) {
  CCKPI_ASSIGN_OR_RETURN(const BySection<std::string_view> here_sections,
                         ReadSnapshotFile(own));
  for (const auto& [section, what] :
       {std::make_pair(Section::kInteractionNames, "interaction"),
        std::make_pair(Section::kCustomerNames, "customer")}) {
    CCKPI_RETURN_IF_ERROR(CheckNames(
        here_sections[section], snapshot.sections[section], section, what));
  }
  if (engine.setup.plan.keeps_agent_time) {
    const std::set<std::string_view> here =
        Present(engine.state, engine.pending, engine.names);
    for (std::string_view agent :
         Present(other.state, other.pending, other.names)) {
      if (here.contains(agent)) return InBoth("agent", agent);
    }
  }
  const std::set<ForecastName> here =
      ForecastNames(engine.setup, engine.state, engine.pending, engine.names);
  for (const ForecastName& forecast :
       ForecastNames(other.setup, other.state, other.pending, other.names)) {
    if (!here.contains(forecast)) continue;
    std::string name = FormatTime(std::get<0>(forecast));
    for (std::string_view value : std::get<2>(forecast)) {
      if (!value.empty()) absl::StrAppend(&name, " ", std::string(value));
    }
    return InBoth("forecast", name);
  }
  for (const DuplicateFilter::Entry& entry :
       other.state.duplicates().Entries(other.clock.watermark_us)) {
    if (engine.state.duplicates().Meets(entry)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "merge: an event id of ", FormatTime(entry.at_us), " is in both"));
    }
  }
  return absl::OkStatus();
}

}  // namespace cckpi
