// Rows that count: events, outcomes, reviews and surveys.

#include <optional>
#include <utility>

#include "cckpi/stats/wilson.h"
#include "src/kpi/row_builder.h"
#include "src/kpi/row_values.h"

namespace cckpi {

std::vector<ReportRow> RowBuilder::ReviewRows(const KpiPlan& kpi) {
  size_t m = static_cast<size_t>(kpi.review);
  size_t c = static_cast<size_t>(kpi.counter);
  Collected<ReviewCell> windows;
  Collect([&](const Cells& cells) { return &cells.reviews[m]; }, windows);
  Collected<CounterCell> eligible;
  Collect([&](const Cells& cells) { return &cells.counters[c]; }, eligible);
  std::vector<ReportRow> rows;
  ForEachWanted(
      windows, eligible,
      [&](const Window& window, uint32_t place, const ReviewCell& cell,
          const CounterCell& counted) {
        const int64_t all = counted.count;
        if (cell.reviewed == 0 && all == 0) return;
        ReportRow row = NewRow(window, place);
        int64_t denominator = kpi.spec.over_all ? all : cell.reviewed;
        int64_t numerator = kpi.spec.over_all
                                ? all - (cell.reviewed - cell.without_errors)
                                : cell.without_errors;
        SetRatio(numerator, denominator, row);
        std::optional<double> coverage;
        if (all > 0) {
          coverage =
              static_cast<double>(cell.reviewed) / static_cast<double>(all);
        }
        if (kpi.spec.statistic == Statistic::kCoverage) row.value = coverage;
        row.figures.push_back({"reviewed", cell.reviewed});
        row.figures.push_back({"without_errors", cell.without_errors});
        row.figures.push_back({"eligible", all});
        row.figures.push_back(OptionalFigure("coverage", coverage));
        std::optional<ShareInterval> wilson;
        if (denominator > 0) wilson = WilsonInterval(numerator, denominator);
        row.figures.push_back(OptionalFigure(
            "wilson_low",
            wilson ? std::optional<double>(wilson->low) : std::nullopt));
        row.figures.push_back(OptionalFigure(
            "wilson_high",
            wilson ? std::optional<double>(wilson->high) : std::nullopt));
        Push(std::move(row), rows);
      });
  return rows;
}

std::vector<ReportRow> RowBuilder::ContactRows(const KpiPlan& kpi) {
  size_t c = static_cast<size_t>(kpi.contact);
  Collected<ContactCell> windows;
  Collect([&](const Cells& cells) { return &cells.contacts[c]; }, windows);
  std::vector<ReportRow> rows;
  ForEachWanted(
      windows, [&](const Window& window, uint32_t place, const auto& cell) {
        int64_t all = cell.yes + cell.no + cell.pending;
        if (all == 0 && cell.unanswered == 0) return;
        ReportRow row = NewRow(window, place);
        SetRatio(cell.yes + cell.pending, all, row);
        row.figures.push_back({"yes", cell.yes});
        row.figures.push_back({"no", cell.no});
        row.figures.push_back({"pending", cell.pending});
        row.figures.push_back({"unanswered", cell.unanswered});
        row.figures.push_back(OptionalFigure("lower", Ratio(cell.yes, all)));
        row.figures.push_back(
            OptionalFigure("upper", Ratio(cell.yes + cell.pending, all)));
        row.provisional |= cell.pending != 0;
        Push(std::move(row), rows);
      });
  return rows;
}

std::vector<ReportRow> RowBuilder::BotRows(const KpiPlan&) {
  Collected<BotCell> windows;
  Collect([&](const Cells& cells) { return &cells.bots; }, windows);
  std::vector<ReportRow> rows;
  ForEachWanted(windows, [&](const Window& window, uint32_t place,
                             const auto& cell) {
    auto count = [&outcomes = cell.outcomes](BotOutcome outcome) {
      return outcomes[static_cast<size_t>(outcome)];
    };
    int64_t all = 0;
    for (int64_t outcome : cell.outcomes) all += outcome;
    if (all == 0) return;
    ReportRow row = NewRow(window, place);
    SetRatio(count(BotOutcome::kResolvedByBot), all, row);
    row.figures.push_back(
        {"resolved_by_bot", count(BotOutcome::kResolvedByBot)});
    row.figures.push_back({"handed_off", count(BotOutcome::kHandedOff)});
    row.figures.push_back(
        {"human_took_over", count(BotOutcome::kHumanTookOver)});
    row.figures.push_back({"abandoned_in_bot", count(BotOutcome::kAbandoned)});
    row.figures.push_back({"open", count(BotOutcome::kOpen)});
    row.provisional |= count(BotOutcome::kOpen) != 0;
    Push(std::move(row), rows);
  });
  return rows;
}

std::vector<ReportRow> RowBuilder::SurveyRows(const KpiPlan& kpi) {
  size_t c = static_cast<size_t>(kpi.counter);
  Collected<SurveyCell> windows;
  Collect([&](const Cells& cells) { return &cells.surveys; }, windows);
  Collected<CounterCell> closed;
  Collect([&](const Cells& cells) { return &cells.counters[c]; }, closed);
  bool of_closed = kpi.spec.statistic == Statistic::kResponseRate;
  std::vector<ReportRow> rows;
  ForEachWanted(windows, closed,
                [&](const Window& window, uint32_t place,
                    const SurveyCell& cell, const CounterCell& counted) {
                  const int64_t closes = counted.count;
                  if (cell.count == 0 && (!of_closed || closes == 0)) return;
                  ReportRow row = NewRow(window, place);
                  switch (kpi.spec.statistic) {
                    case Statistic::kTopBox:
                      SetRatio(cell.top_box, cell.count, row);
                      break;
                    case Statistic::kResponseRate:
                      SetRatio(cell.count, closes, row);
                      break;
                    case Statistic::kCount:
                      row.value = static_cast<double>(cell.count);
                      break;
                    default:
                      row.value = static_cast<double>(cell.sum_micro) / 1e6 /
                                  static_cast<double>(cell.count);
                      break;
                  }
                  row.figures.push_back({"count", cell.count});
                  row.figures.push_back({"sum_micro", cell.sum_micro});
                  row.figures.push_back({"top_box", cell.top_box});
                  row.figures.push_back({"closed", closes});
                  Push(std::move(row), rows);
                });
  return rows;
}

std::vector<ReportRow> RowBuilder::CounterRows(const KpiPlan& kpi) {
  std::vector<int> counters;
  if (kpi.counter >= 0) {
    counters.push_back(kpi.counter);
  } else {
    for (Counter side : {Counter::kCustomerMessages, Counter::kAgentMessages,
                         Counter::kBotMessages}) {
      counters.push_back(
          sources_.plan->counter_index[static_cast<size_t>(side)]);
    }
  }
  Collected<CounterCell> windows;
  for (int counter : counters) {
    size_t c = static_cast<size_t>(counter);
    Collect([&](const Cells& cells) { return &cells.counters[c]; }, windows);
  }
  PlaceFigures* const kept = KeptRows(kpi);
  std::vector<ReportRow> rows;
  if (OfAllTime()) rows.reserve(groups_->size());
  ForEachWanted(
      windows, [&](const Window& window, uint32_t place, const auto& cell) {
        if (cell.count == 0) return;
        ReportRow& row = AddRow(window, place, rows);
        row.value = static_cast<double>(cell.count);
        row.figures = FiguresOf(
            kept, place, 0, {cell.count}, 1,
            [&](FigureWriter list) { list.Add("count", cell.count); });
      });
  return rows;
}

}  // namespace cckpi
