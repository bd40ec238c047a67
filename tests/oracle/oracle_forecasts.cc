// forecast_accuracy.

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "oracle/oracle_kpis.h"

namespace cckpi::oracle {
namespace {

// The dimensions that a forecast names, and their values.
using Named = std::map<Dimension, std::string>;

Named NamedBy(const Event& event) {
  using Field = Dimension::Field;
  Named named;
  auto add = [&](Field field, std::string_view value) {
    if (!value.empty()) named[{field, ""}] = std::string(value);
  };
  add(Field::kChannel, event.channel);
  add(Field::kSource, event.source);
  add(Field::kTeam, event.team);
  add(Field::kAgent, event.agent);
  add(Field::kPriority, event.priority);
  for (const Tag& tag : event.tags) {
    if (tag.value.empty()) continue;
    named[{Field::kTag, std::string(tag.name)}] = std::string(tag.value);
  }
  return named;
}

struct Interval {
  int64_t begin_us;
  int64_t end_us;
  auto operator<=>(const Interval&) const = default;
};

// In the order in which dimensions are listed.
using Dimensions = std::set<Dimension>;

Dimensions DimensionsOf(const Named& named) {
  Dimensions dimensions;
  for (const auto& [dimension, value] : named) dimensions.insert(dimension);
  return dimensions;
}

using Intervals = std::map<Interval, std::map<Named, int64_t>>;

// The dimensions of the forecasts that rows by `by` use: exactly those, else
// the fewest more, the first of several; nullopt where there are none.
std::optional<Dimensions> Chosen(const GroupBy& by,
                                 const Intervals& intervals) {
  std::set<std::pair<size_t, Dimensions>> levels;
  for (const auto& [interval, forecasts] : intervals) {
    for (const auto& [named, volume] : forecasts) {
      const Dimensions dimensions = DimensionsOf(named);
      const bool covers =
          std::all_of(by.begin(), by.end(), [&](const Dimension& dimension) {
            return dimensions.count(dimension) != 0;
          });
      if (covers) levels.insert({dimensions.size(), dimensions});
    }
  }
  if (levels.empty()) return std::nullopt;
  return levels.begin()->second;
}

// The arrivals in the interval that a forecast was about.
int64_t ArrivalsOf(const Scene& scene, const Interval& interval,
                   const Named& named) {
  GroupBy by;
  GroupKey key;
  for (const auto& [dimension, value] : named) {
    by.push_back(dimension);
    key.push_back(value);
  }
  int64_t count = 0;
  for (const Interaction& in : scene.interactions) {
    for (const Episode& episode : in.episodes) {
      if (episode.entry == kNoStep) continue;
      const int64_t at_us = in.At(episode.entry);
      if (at_us < interval.begin_us || at_us >= interval.end_us) continue;
      if (Table::KeyOf(by, EntryDims(in, episode, episode.entry)) == key) {
        ++count;
      }
    }
  }
  return count;
}

}  // namespace

void BookForecasts(const Scene& scene, const KpiSpec&, Table& table) {
  Dimensions configured;
  for (const GroupBy& by : table.configured()) {
    configured.insert(by.begin(), by.end());
  }
  Intervals intervals;
  for (const Event& event : scene.forecasts) {
    const int64_t end_us = event.at_us + event.interval_s * kSecond;
    if (end_us > scene.now_us) continue;
    const Named named = NamedBy(event);
    const Dimensions dimensions = DimensionsOf(named);
    if (!std::includes(configured.begin(), configured.end(), dimensions.begin(),
                       dimensions.end())) {
      continue;
    }
    // Sorted, so a later one replaces.
    intervals[{event.at_us, end_us}][named] = event.volume_micro.value_or(0);
  }
  for (size_t g = 0; g < table.groupings().size(); ++g) {
    const GroupBy& by = table.groupings()[g];
    const std::optional<Dimensions> chosen = Chosen(by, intervals);
    if (!chosen.has_value()) continue;
    for (const auto& [interval, forecasts] : intervals) {
      struct Sums {
        int64_t volume = 0;
        int64_t actual = 0;
      };
      std::map<GroupKey, Sums> groups;
      for (const auto& [named, volume] : forecasts) {
        if (DimensionsOf(named) != *chosen) continue;
        GroupKey key;
        for (const Dimension& dimension : by) {
          key.push_back(named.at(dimension));
        }
        groups[key].volume += volume;
        groups[key].actual += ArrivalsOf(scene, interval, named);
      }
      for (const auto& [key, sums] : groups) {
        const int64_t actual = sums.actual;
        const int64_t volume = sums.volume;
        const int64_t error = volume - actual * 1'000'000;
        table.BookIn(table.WindowOf(interval.begin_us), g, key,
                     [&](Cell& cell) {
                       cell["intervals"] += 1;
                       cell["forecast_micro"] += volume;
                       cell["actual"] += actual;
                       cell["absolute_error_micro"] += std::abs(error);
                       cell["error_micro"] += error;
                       if (actual == 0) {
                         cell["zero_intervals"] += 1;
                       } else {
                         // |F - A| / A of this interval, summed in trillionths.
                         cell["ape"] +=
                             absl::int128(std::abs(error)) * 1'000'000 / actual;
                       }
                     });
      }
    }
  }
}

}  // namespace cckpi::oracle
