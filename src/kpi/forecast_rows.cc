// Rows that hold arrivals against forecasts.

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "src/kpi/row_builder.h"
#include "src/kpi/row_values.h"

namespace cckpi {

std::vector<ReportRow> RowBuilder::ForecastRows(const KpiPlan& kpi) {
  // The forecasts that name exactly the wanted dimensions; else the coarsest
  // finer ones, added up.
  Forecasts all = *sources_.forecasts;
  if (sources_.pending_forecasts != nullptr) {
    for (const auto& [key, volume] : *sources_.pending_forecasts) {
      all[key] = volume;
    }
  }
  auto named = [](const Combination& values) {
    std::vector<uint8_t> slots;
    for (size_t s = 0; s < values.size(); ++s) {
      if (values[s] != 0) slots.push_back(static_cast<uint8_t>(s));
    }
    return slots;
  };
  std::vector<uint8_t> wanted = groups_->slots;
  for (const ScopeCondition& condition : groups_->conditions) {
    wanted.push_back(condition.slot);
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  const DimensionTable& dimensions = sources_.state->dimensions;
  std::optional<std::vector<uint8_t>> chosen;
  for (const auto& [key, volume] : all) {
    if (key.begin_us + key.span_us > sources_.now_us) continue;
    std::vector<uint8_t> slots = named(key.values);
    bool told_apart =
        std::all_of(slots.begin(), slots.end(),
                    [&](uint8_t slot) { return dimensions.tells_apart(slot); });
    if (!told_apart || !std::includes(slots.begin(), slots.end(),
                                      wanted.begin(), wanted.end())) {
      continue;
    }
    if (!chosen || slots.size() < chosen->size() ||
        (slots.size() == chosen->size() && slots < *chosen)) {
      chosen = std::move(slots);
    }
  }
  std::vector<ReportRow> rows;
  if (!chosen) return rows;
  // Arrivals by the dimensions that the forecasts name.
  std::map<std::pair<int32_t, Combination>, int64_t> arrivals;
  for (const Cells* cells : {sources_.committed, sources_.pending}) {
    if (cells == nullptr) continue;
    cells->arrivals.ForEach(
        std::numeric_limits<int32_t>::min(),
        std::numeric_limits<int32_t>::max(),
        [&](int32_t bucket, GroupId group, const CounterCell& cell) {
          const Combination& values =
              dimensions.Values(static_cast<DimensionsId>(group));
          Combination key(values.size(), 0);
          for (uint8_t slot : *chosen) key[slot] = values[slot];
          arrivals[{bucket, std::move(key)}] += cell.count;
        });
  }
  // Per interval and group: what was expected and what came.
  struct Interval {
    int64_t forecast_micro = 0;
    int64_t actual = 0;
  };
  std::map<std::tuple<int64_t, int64_t, Combination>, Interval> intervals;
  for (const auto& [key, volume] : all) {
    if (key.begin_us + key.span_us > sources_.now_us ||
        named(key.values) != *chosen) {
      continue;
    }
    const Combination& values = key.values;
    if (!AllHold(groups_->conditions, [&](const ScopeCondition& condition) {
          return values[condition.slot];
        })) {
      continue;
    }
    Combination group;
    for (uint8_t slot : groups_->slots) group.push_back(key.values[slot]);
    Interval& interval = intervals[{key.begin_us, key.span_us, group}];
    interval.forecast_micro += volume;
    int32_t last = BucketOf(key.begin_us + key.span_us - 1);
    for (int32_t bucket = BucketOf(key.begin_us); bucket <= last; ++bucket) {
      auto came = arrivals.find({bucket, key.values});
      if (came != arrivals.end()) interval.actual += came->second;
    }
  }
  std::map<int64_t, std::map<Combination, ForecastTotals>> windows;
  for (const auto& [key, interval] : intervals) {
    Window window = WindowAt(std::get<0>(key));
    if (!Wanted(window)) continue;
    windows[window.begin_us][std::get<2>(key)].Add(interval.forecast_micro,
                                                   interval.actual);
  }
  for (const auto& [begin_us, groups] : windows) {
    for (const auto& [group, totals] : groups) {
      ReportRow row = NewRow(WindowAt(begin_us), PlaceOf(group));
      SetForecastValue(kpi.spec, totals, row);
      Push(std::move(row), rows);
    }
  }
  return rows;
}

}  // namespace cckpi
