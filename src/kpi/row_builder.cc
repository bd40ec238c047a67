#include "src/kpi/row_builder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/kpi/catalogue.h"
#include "src/kpi/row_values.h"

namespace cckpi {

absl::StatusOr<std::vector<ScopeCondition>> Conditions(
    const Plan& plan, const Query& query, const Dictionary& texts) {
  std::vector<ScopeCondition> conditions;
  for (const auto& [name, value] : query.where) {
    std::optional<Dimension> dimension = ParseDimension(name);
    if (!dimension) {
      return absl::InvalidArgumentError(
          absl::StrCat("where: \"", name, "\" is no dimension"));
    }
    CCKPI_ASSIGN_OR_RETURN(std::vector<uint8_t> slots,
                           plan.SlotsOf({*dimension}));
    conditions.push_back(
        {.slot = slots[0], .value = texts.Find(value), .position = 0});
  }
  return conditions;
}

decltype(ReportRow::group) LabelsOf(const GroupBy& by,
                                    const Combination& values,
                                    const Dictionary& texts) {
  decltype(ReportRow::group) labels;
  labels.reserve(by.size());
  for (size_t d = 0; d < by.size(); ++d) {
    std::optional<std::string> value;
    if (values[d] != 0) value = std::string(texts.Text(values[d]));
    labels.emplace_back(DimensionName(by[d]), std::move(value));
  }
  return labels;
}

std::pair<int32_t, int32_t> DayOf(const RowSources& sources, int32_t bucket) {
  const Window day = WindowContaining(BucketBegin(bucket), Frequency::kDaily,
                                      *sources.zone, sources.week_start);
  return {BucketOf(day.begin_us), BucketOf(day.end_us - 1)};
}

RowBuilder::RowBuilder(const RowSources& sources, const Query& query)
    : sources_(sources),
      query_(query),
      all_{BucketBegin(BucketOf(sources.first_us)), sources.now_us} {
  if (all_.end_us <= all_.begin_us) all_.end_us = all_.begin_us + kBucketSpan;
  if (query.window.has_value()) all_ = *query.window;
}

Window RowBuilder::WindowAt(int64_t at_us) const {
  if (query_.window.has_value()) {
    if (at_us < all_.begin_us) return {kEarliestTime, all_.begin_us};
    if (at_us >= all_.end_us) return {all_.end_us, kLatestTime};
    return all_;
  }
  if (query_.every == Frequency::kAll) return all_;
  return WindowContaining(at_us, query_.every, *sources_.zone,
                          sources_.week_start);
}

bool RowBuilder::Wanted(const Window& window) const {
  if (query_.window.has_value()) return window == all_;
  return (query_.begin_us == kNoTime || window.end_us > query_.begin_us) &&
         (query_.end_us == kNoTime || window.begin_us < query_.end_us);
}

int64_t RowBuilder::AsOf(const Window& window) const {
  return std::min(window.end_us, sources_.now_us);
}

absl::Status RowBuilder::Select(const KpiPlan& kpi, const GroupBy& by) {
  definition_ = DescribeSpec(kpi.spec);
  by_ = by;
  read_.clear();
  CCKPI_ASSIGN_OR_RETURN(slots_, sources_.plan->SlotsOf(by));
  CCKPI_ASSIGN_OR_RETURN(conditions_,
                         Conditions(*sources_.plan, query_, *sources_.texts));
  std::vector<uint8_t> needed = slots_;
  for (const ScopeCondition& condition : conditions_) {
    needed.push_back(condition.slot);
  }
  const std::optional<size_t> best = sources_.plan->Covering(needed);
  if (!best) {
    std::string names;
    for (const Dimension& dimension : by) {
      absl::StrAppend(&names, names.empty() ? "" : ",",
                      DimensionName(dimension));
    }
    for (const auto& [name, value] : query_.where) {
      absl::StrAppend(&names, names.empty() ? "" : ",", name);
    }
    return absl::NotFoundError(
        absl::StrCat("no configured group keeps ", names, " together"));
  }
  grouping_ = *best;
  projection_.clear();
  for (uint8_t slot : slots_) {
    projection_.push_back(sources_.plan->PositionIn(grouping_, slot));
  }
  for (ScopeCondition& condition : conditions_) {
    condition.position = sources_.plan->PositionIn(grouping_, condition.slot);
  }
  return absl::OkStatus();
}

bool RowBuilder::InScope(GroupId group) const {
  if (conditions_.empty()) return true;
  const Combination& values = sources_.state->dimensions.GroupValues(group);
  return AllHold(conditions_, [&](const ScopeCondition& condition) {
    return values[condition.position];
  });
}

bool RowBuilder::IsRead(GroupId group) {
  size_t g = static_cast<size_t>(group);
  if (g >= read_.size()) read_.resize(g + 64, Read::kUnknown);
  if (read_[g] == Read::kUnknown) {
    bool is_read = sources_.state->dimensions.GroupingOf(group) == grouping_ &&
                   InScope(group);
    read_[g] = is_read ? Read::kYes : Read::kNo;
  }
  return read_[g] == Read::kYes;
}

Combination RowBuilder::Project(GroupId group) const {
  const Combination& values = sources_.state->dimensions.GroupValues(group);
  Combination projected;
  projected.reserve(projection_.size());
  for (size_t position : projection_) projected.push_back(values[position]);
  return projected;
}

int64_t RowBuilder::CountIn(const Windows<CounterCell>& windows,
                            const Window& window, const Combination& group) {
  const auto groups = windows.find(window.begin_us);
  if (groups == windows.end()) return 0;
  const auto cell = groups->second.find(group);
  return cell == groups->second.end() ? 0 : cell->second.count;
}

ReportRow RowBuilder::NewRow(const KpiPlan& kpi, const Window& window,
                             const Combination& group) const {
  ReportRow row;
  row.kpi = kpi.spec.kpi == Kpi::kFormula
                ? "formula"
                : std::string(Definition(kpi.spec.kpi).name);
  row.id = kpi.spec.id;
  row.definition = definition_;
  row.begin_us = window.begin_us;
  row.end_us = window.end_us;
  row.group = LabelsOf(by_, group, *sources_.texts);
  row.unit = UnitOf(kpi.spec);
  row.provisional = window.end_us > sources_.final_us;
  return row;
}

absl::StatusOr<std::vector<ReportRow>> RowBuilder::Rows(const KpiPlan& kpi,
                                                        const GroupBy& by) {
  CCKPI_RETURN_IF_ERROR(Select(kpi, by));
  std::vector<ReportRow> rows;
  if (kpi.span >= 0) {
    rows = SpanRows(kpi);
  } else if (kpi.deadline >= 0) {
    rows = DeadlineRows(kpi);
  } else if (kpi.tracker >= 0) {
    rows = DueWithinRows(kpi);
  } else if (kpi.review >= 0) {
    rows = ReviewRows(kpi);
  } else if (kpi.contact >= 0) {
    rows = ContactRows(kpi);
  } else if (kpi.handle >= 0) {
    rows = HandleRows(kpi);
  } else if (kpi.spec.kpi == Kpi::kStateTime) {
    rows = StateRows(kpi);
  } else if (kpi.spec.kpi == Kpi::kDataQuality) {
    rows = DataQualityRows(kpi);
  } else if (kpi.spec.kpi == Kpi::kBacklog) {
    rows = BacklogRows(kpi);
  } else if (kpi.spec.kpi == Kpi::kBotOutcome) {
    rows = BotRows(kpi);
  } else if (kpi.spec.kpi == Kpi::kSatisfaction) {
    rows = SurveyRows(kpi);
  } else if (kpi.spec.kpi == Kpi::kForecastAccuracy) {
    rows = ForecastRows(kpi);
  } else if (kpi.counter >= 0 || kpi.spec.kpi == Kpi::kMessages) {
    rows = CounterRows(kpi);
  } else {
    rows = AgentRows(kpi);
  }
  return rows;
}

}  // namespace cckpi
