// Rows of agent time: docs/agent-time.md defines every number.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "cckpi/kpi/catalogue.h"
#include "src/kpi/row_builder.h"
#include "src/kpi/row_values.h"

namespace cckpi {
namespace {

const LoadTime& LoadOf(const AgentTimeCell& cell, Load load) {
  return cell.loads[static_cast<size_t>(load)];
}

void Add(ReportRow& row, std::string name, absl::int128 value) {
  row.figures.push_back({std::move(name), value});
}

std::optional<double> RatioOf(absl::int128 numerator,
                              absl::int128 denominator) {
  if (denominator == 0) return std::nullopt;
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

void SetQuotient(absl::int128 numerator, absl::int128 denominator,
                 ReportRow& row) {
  row.value = RatioOf(numerator, denominator);
  Add(row, "numerator", numerator);
  Add(row, "denominator", denominator);
}

// "1:3600000000 2:1200000000": level, time in microseconds.
std::string Levels(const std::vector<int64_t>& values) {
  std::string text;
  for (size_t level = 0; level < values.size(); ++level) {
    if (values[level] == 0) continue;
    if (!text.empty()) text += ' ';
    text += std::to_string(level) + ":" + std::to_string(values[level]);
  }
  return text;
}

void SetConcurrency(const KpiSpec& spec, const AgentTimeCell& cell,
                    ReportRow& row) {
  const LoadTime& load = LoadOf(cell, spec.load);
  switch (spec.statistic) {
    case Statistic::kMeanBusy:
      SetQuotient(load.level_us, load.busy_us, row);
      break;
    case Statistic::kMax:
      row.value = static_cast<double>(load.max_level);
      break;
    default:
      SetQuotient(load.level_us, cell.available_us(), row);
      break;
  }
  row.figures.push_back(
      OptionalFigure("mean", RatioOf(load.level_us, cell.available_us())));
  row.figures.push_back(
      OptionalFigure("mean_busy", RatioOf(load.level_us, load.busy_us)));
  row.figures.push_back({"max", static_cast<int64_t>(load.max_level)});
  Add(row, "level_us", load.level_us);
  std::vector<int64_t> at_level = load.at_level_us;
  row.figures.push_back({"time_at_level_us", Levels(at_level)});
  row.figures.push_back({"assigned_at_level", Levels(load.assigned_at_level)});
  int64_t assigned = 0;
  for (int64_t count : load.assigned_at_level) assigned += count;
  row.figures.push_back(OptionalFigure(
      "mean_level_at_assignment", RatioOf(load.assigned_level_sum, assigned)));
}

int64_t TimeOf(AgentTimeClass which, const AgentTimeCell& cell, Load load) {
  switch (which) {
    case AgentTimeClass::kProductive:
      return cell.productive_us();
    case AgentTimeClass::kPaid:
      return cell.paid_us();
    case AgentTimeClass::kAvailable:
      return cell.available_us();
    case AgentTimeClass::kStaffed:
      return cell.staffed_us();
    case AgentTimeClass::kBusy:
      return LoadOf(cell, load).busy_us;
  }
  return 0;
}

int64_t CountOf(DataCheck check, const AgentTimeCell& cell) {
  auto assigned = [&cell](AgentPresence presence) {
    return cell.assignments(presence);
  };
  auto anomalies = [&cell](AgentAnomalyKind kind) {
    return cell.anomalies(kind);
  };
  switch (check) {
    case DataCheck::kAll:
      break;
    case DataCheck::kAssignedWhileUnavailable:
      return assigned(AgentPresence::kUnavailable);
    case DataCheck::kAssignedWhileOffline:
      return assigned(AgentPresence::kOffline);
    case DataCheck::kAssignedWhileUnknown:
      return assigned(AgentPresence::kUnknown);
    case DataCheck::kRepliedWhileUnavailable:
      return anomalies(AgentAnomalyKind::kReplyUnavailable);
    case DataCheck::kRepliedWhileOffline:
      return anomalies(AgentAnomalyKind::kReplyOffline);
    case DataCheck::kRepliedWhileUnknown:
      return anomalies(AgentAnomalyKind::kReplyUnknown);
    case DataCheck::kRepliedUnassigned:
      return anomalies(AgentAnomalyKind::kReplyUnassigned);
    case DataCheck::kStateReplaced:
      return anomalies(AgentAnomalyKind::kStateReplaced);
    case DataCheck::kStateExpired:
      return anomalies(AgentAnomalyKind::kStateExpired);
    case DataCheck::kStateLong:
      return anomalies(AgentAnomalyKind::kStateLong);
    case DataCheck::kTeamChanged:
      return anomalies(AgentAnomalyKind::kTeamChanged);
  }
  return 0;
}

// Sets the value and figures of a KPI that is read off agent time alone;
// false when the cell has nothing for it.
bool SetAgentValue(const KpiSpec& spec, const AgentTimeCell& cell,
                   ReportRow& row) {
  const LoadTime& load = LoadOf(cell, spec.load);
  int64_t idle_us = cell.available_us() - load.busy_us;
  auto seconds = [&row](int64_t span_us) {
    row.value = static_cast<double>(span_us) / 1e6;
    row.figures.push_back({"sum_us", span_us});
    return span_us != 0;
  };
  switch (spec.kpi) {
    case Kpi::kOccupancy: {
      SetQuotient(load.busy_us, cell.available_us(), row);
      row.figures.push_back({"busy_us", load.busy_us});
      row.figures.push_back({"idle_us", idle_us});
      row.figures.push_back(
          OptionalFigure("busy_to_free", RatioOf(load.busy_us, idle_us)));
      Add(row, "off_level_us", load.off_level_us);
      return cell.available_us() != 0 || load.off_level_us != 0;
    }
    case Kpi::kCapacityOccupancy:
      SetQuotient(load.capped_us, cell.capacity_us(), row);
      return cell.capacity_us() != 0;
    case Kpi::kUtilization:
      SetQuotient(TimeOf(spec.numerator, cell, spec.load),
                  TimeOf(spec.denominator, cell, spec.load), row);
      row.figures.push_back({"productive_us", cell.productive_us()});
      row.figures.push_back({"paid_us", cell.paid_us()});
      return TimeOf(spec.numerator, cell, spec.load) != 0 ||
             TimeOf(spec.denominator, cell, spec.load) != 0;
    case Kpi::kConcurrency:
      SetConcurrency(spec, cell, row);
      return cell.available_us() != 0;
    case Kpi::kStaffedTime:
      return seconds(cell.staffed_us());
    case Kpi::kAvailableTime:
      return seconds(cell.available_us());
    case Kpi::kBusyTime:
      return seconds(load.busy_us);
    case Kpi::kIdleTime:
      return seconds(idle_us);
    default:
      return false;
  }
}

}  // namespace

std::vector<ReportRow> RowBuilder::AgentRows(const KpiPlan& kpi) {
  Collected<AgentTimeCell> windows;
  Collect([&](const Cells& cells) { return &cells.agents; }, windows);
  Collected<CounterCell> cases;
  if (kpi.second_counter >= 0) {
    size_t c = static_cast<size_t>(kpi.second_counter);
    Collect([&](const Cells& cells) { return &cells.counters[c]; }, cases);
  }
  std::vector<ReportRow> rows;
  ForEachWanted(windows, cases,
                [&](const Window& window, uint32_t place,
                    const AgentTimeCell& cell, const CounterCell& counted) {
                  ReportRow row = NewRow(window, place);
                  if (kpi.spec.kpi != Kpi::kCasesPerHour) {
                    if (SetAgentValue(kpi.spec, cell, row))
                      Push(std::move(row), rows);
                    return;
                  }
                  const int64_t count = counted.count;
                  int64_t time_us = kpi.spec.hours == Hours::kStaffed
                                        ? cell.staffed_us()
                                    : kpi.spec.hours == Hours::kBusy
                                        ? LoadOf(cell, kpi.spec.load).busy_us
                                        : cell.available_us();
                  if (count == 0 && time_us == 0) return;
                  if (time_us > 0) {
                    row.value = static_cast<double>(count) /
                                (static_cast<double>(time_us) /
                                 static_cast<double>(kHour));
                  }
                  row.figures.push_back({"numerator", count});
                  row.figures.push_back({"denominator", time_us});
                  row.figures.push_back({"cases", count});
                  row.figures.push_back({"hours_us", time_us});
                  Push(std::move(row), rows);
                });
  return rows;
}

std::vector<ReportRow> RowBuilder::StateRows(const KpiPlan& kpi) {
  Collected<AgentTimeCell> windows;
  Collect([&](const Cells& cells) { return &cells.agents; }, windows);
  // By the number of the state.
  struct State {
    bool wanted = false;
    decltype(ReportRow::definition) definition;
  };
  std::vector<State> states;
  for (TextId text : *sources_.agent_states) {
    std::string name(sources_.texts->Text(text));
    State& state = states.emplace_back();
    state.wanted = kpi.spec.state.empty() || kpi.spec.state == name;
    state.definition = begun_.definition;
    if (kpi.spec.state.empty()) {
      state.definition.push_back({"state", std::move(name)});
    }
  }
  PlaceFigures* const kept = KeptRows(kpi);
  std::vector<StateTime> times;
  std::vector<ReportRow> rows;
  if (OfAllTime()) rows.reserve(4 * groups_->size());
  ForEachWanted(windows, [&](const Window& window, uint32_t place,
                             const AgentTimeCell& cell) {
    size_t number = 0;
    cell.States(times);
    for (const StateTime& time : times) {
      if (time.time_us == 0 && time.visits == 0) continue;
      const State& state = states[time.state];
      if (!state.wanted) continue;
      ReportRow& row = AddRow(window, place, rows);
      row.definition = state.definition;
      row.value = kpi.spec.statistic == Statistic::kVisits
                      ? static_cast<double>(time.visits)
                      : static_cast<double>(time.time_us) / 1e6;
      row.figures =
          FiguresOf(kept, place, number++, {time.time_us, time.visits}, 2,
                    [&time](FigureWriter figures) {
                      figures.Add("sum_us", time.time_us);
                      figures.Add("visits", time.visits);
                    });
    }
  });
  return rows;
}

std::vector<ReportRow> RowBuilder::DataQualityRows(const KpiPlan& kpi) {
  Collected<AgentTimeCell> windows;
  Collect([&](const Cells& cells) { return &cells.agents; }, windows);
  std::vector<ReportRow> rows;
  for (int c = 1; c < kDataCheckCount; ++c) {
    KpiPlan one = kpi;
    one.spec.check = static_cast<DataCheck>(c);
    if (kpi.spec.check != DataCheck::kAll && kpi.spec.check != one.spec.check) {
      continue;
    }
    Describe(one.spec);
    ForEachWanted(windows,
                  [&](const Window& window, uint32_t place, const auto& cell) {
                    const int64_t count = CountOf(one.spec.check, cell);
                    if (count == 0) return;
                    ReportRow row = NewRow(window, place);
                    row.value = static_cast<double>(count);
                    row.figures.push_back({"count", count});
                    Push(std::move(row), rows);
                  });
  }
  return rows;
}

std::vector<ReportRow> RowBuilder::HandleRows(const KpiPlan& kpi) {
  size_t m = static_cast<size_t>(kpi.handle);
  Collected<SpanCell> windows;
  Collect([&](const Cells& cells) { return &cells.handles[m]; }, windows);
  const bool sliced = kpi.spec.attribution == Attribution::kSliced;
  std::vector<KeptSpan>* kept = KeptSpans(KeptAnswers::Measure::kHandle, m);
  std::vector<ReportRow> rows;
  if (OfAllTime()) rows.reserve(groups_->size());
  for (auto& [begin_us, parts] : windows.windows) {
    const Window window = WindowAt(begin_us);
    if (!Wanted(window)) continue;
    OrderByPlace(parts, groups_->size());
    const auto add = [&](uint32_t place, auto run) {
      SpanSums room;
      SpanSums& sums = SumUpPlace(place, run, kept, room);
      if (sums.count == 0 && (!sliced || sums.sliced == 0)) return;
      ReportRow& row = AddRow(window, place, rows);
      if (sliced && kpi.spec.statistic == Statistic::kSum) {
        row.value = static_cast<double>(sums.sliced) / 1e6;
      } else if (sliced && kpi.spec.statistic == Statistic::kMean) {
        row.value = RatioOf(sums.sliced, sums.count);
        if (row.value) *row.value /= 1e6;
      } else {
        row.value = ValueOfSpans(kpi.spec, sums, durations_);
      }
      row.figures = FiguresOfSpans(kpi.spec, sums, 0, std::nullopt, sliced);
    };
    ForEachRun<SpanCell>(parts, add, [kept](const auto& part, bool near) {
      AskMemory(part, near, kept);
    });
  }
  return rows;
}

}  // namespace cckpi
