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

RowLabels LabelsOf(const GroupBy& by, const Combination& values,
                   const Dictionary& texts) {
  RowLabels::List labels;
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
      all_{BucketBegin(BucketOf(sources.first_us)), sources.now_us},
      rows_left_(query.max_rows) {
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

void RowBuilder::Describe(const KpiSpec& spec) {
  begun_.kpi =
      spec.kpi == Kpi::kFormula ? "formula" : Definition(spec.kpi).name;
  begun_.id = spec.id;
  begun_.definition = DescribeSpec(spec);
  begun_.unit = UnitOf(spec);
}

absl::Status RowBuilder::Select(const KpiPlan& kpi, const GroupBy& by) {
  Describe(kpi.spec);
  const auto known = std::find_if(groupings_.begin(), groupings_.end(),
                                  [&by](const std::unique_ptr<Groups>& groups) {
                                    return groups->by == by;
                                  });
  if (known != groupings_.end()) {
    groups_ = known->get();
    return absl::OkStatus();
  }
  auto groups = std::make_unique<Groups>();
  CCKPI_RETURN_IF_ERROR(Prepare(by, *groups));
  groups_ = groupings_.emplace_back(std::move(groups)).get();
  return absl::OkStatus();
}

absl::Status RowBuilder::Prepare(const GroupBy& by, Groups& groups) {
  groups.by = by;
  CCKPI_ASSIGN_OR_RETURN(groups.slots, sources_.plan->SlotsOf(by));
  CCKPI_ASSIGN_OR_RETURN(groups.conditions,
                         Conditions(*sources_.plan, query_, *sources_.texts));
  std::vector<uint8_t> needed = groups.slots;
  for (const ScopeCondition& condition : groups.conditions) {
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
  groups.grouping = *best;
  for (uint8_t slot : groups.slots) {
    groups.projection.push_back(
        sources_.plan->PositionIn(groups.grouping, slot));
  }
  for (ScopeCondition& condition : groups.conditions) {
    condition.position =
        sources_.plan->PositionIn(groups.grouping, condition.slot);
  }
  if (sources_.kept != nullptr && groups.conditions.empty()) {
    groups.kept =
        sources_.kept->Places(by, *sources_.committed_groups, groups.grouping,
                              groups.projection, *sources_.texts);
  }
  if (groups.kept != nullptr) groups.place_of = groups.kept->place_of;
  return absl::OkStatus();
}

uint32_t RowBuilder::Known(GroupId group) {
  const size_t g = static_cast<size_t>(group);
  std::vector<uint32_t>& place_of = groups_->place_of;
  if (g >= place_of.size()) place_of.resize(g + g / 4 + 64, kNotKnown);
  if (place_of[g] != kNotKnown) return place_of[g];
  const DimensionTable& dimensions = sources_.state->dimensions;
  if (dimensions.GroupingOf(group) != groups_->grouping) {
    return place_of[g] = kNotRead;
  }
  const Combination& values = dimensions.GroupValues(group);
  if (!AllHold(groups_->conditions, [&](const ScopeCondition& condition) {
        return values[condition.position];
      })) {
    return place_of[g] = kNotRead;
  }
  Combination projected;
  projected.reserve(groups_->projection.size());
  for (size_t position : groups_->projection) {
    projected.push_back(values[position]);
  }
  return place_of[g] = kFirstPlace + PlaceOf(projected);
}

// False where another thread has it.
template <typename Kept>
bool RowBuilder::Hold(Kept& kept) {
  if (std::any_of(held_.begin(), held_.end(),
                  [&kept](const auto& held) { return held.first == &kept; })) {
    return true;
  }
  Claim claim(kept.taken);
  if (!claim.had()) return false;
  held_.emplace_back(&kept, std::move(claim));
  kept.by_place.resize(
      std::min(groups_->kept_size(), KeptAnswers::kMostPlaces));
  return true;
}

std::vector<KeptSpan>* RowBuilder::KeptSpans(KeptAnswers::Measure kind,
                                             size_t measure) {
  if (groups_->kept == nullptr || !OfAllTime()) return nullptr;
  KeptAnswers::Spans* spans =
      sources_.kept->SpansOf(kind, measure, groups_->kept);
  return Hold(*spans) ? &spans->by_place : nullptr;
}

RowBuilder::PlaceFigures* RowBuilder::KeptRows(const KpiPlan& kpi) {
  if (groups_->kept == nullptr || !OfAllTime()) return nullptr;
  const size_t number = static_cast<size_t>(&kpi - sources_.plan->kpis.data());
  KeptAnswers::Rows* rows = sources_.kept->RowsOf(number, groups_->kept);
  return Hold(*rows) ? &rows->by_place : nullptr;
}

std::vector<KeptBacklog>* RowBuilder::KeptBacklogs(const KpiPlan& kpi) {
  if (groups_->kept == nullptr || !OfAllTime()) return nullptr;
  const size_t number = static_cast<size_t>(&kpi - sources_.plan->kpis.data());
  KeptAnswers::Backlogs* levels =
      sources_.kept->BacklogsOf(number, groups_->kept);
  return Hold(*levels) ? &levels->by_place : nullptr;
}

// Only of a group where something was beside the sum, or came to it, as it will
// again.
void RowBuilder::AskMemory(const CellPart<SpanCell>& part, bool near,
                           const std::vector<KeptSpan>* kept) {
  if (part.index == nullptr || kept == nullptr || part.place >= kept->size()) {
    return;
  }
  const KeptSpan& known = (*kept)[part.place];
  if (!known.known || (known.version == part.version &&
                       known.beside.duration.histogram().empty())) {
    return;
  }
  for (const int64_t guess_us : {known.sums.p50_us, known.sums.p90_us}) {
    const int bin = Histogram::BinOf(guess_us);
    if (near) {
      part.index->bins.PrefetchBins(part.cell->duration.histogram(), bin);
    } else {
      part.index->bins.PrefetchMarks(bin);
    }
  }
}

SpanSums& RowBuilder::SumUpPlace(uint32_t place,
                                 std::span<const CellPart<SpanCell>> run,
                                 std::vector<KeptSpan>* kept, SpanSums& room) {
  const bool beside_sum = std::all_of(
      run.begin() + 1, run.end(),
      [](const CellPart<SpanCell>& part) { return part.version == 0; });
  if (kept == nullptr || place >= kept->size() || !beside_sum) {
    room = {};
    SumUp(run, durations_, room);
    return room;
  }
  KeptSpan& known = (*kept)[place];
  // The sum of all time, if there is one, comes first.
  const uint64_t version = run.front().version;
  const auto others = run.subspan(version != 0 ? 1 : 0);
  static const SpanCell* const kNothing = new SpanCell();
  SpanCell several;
  if (others.size() > 1) {
    for (const CellPart<SpanCell>& part : others) several.Merge(*part.cell);
  }
  const SpanCell& beside = others.empty()       ? *kNothing
                           : others.size() == 1 ? *others.front().cell
                                                : several;
  if (known.known && known.version == version && known.beside == beside) {
    known.sums.parts = run;
    return known.sums;
  }
  known.known = false;
  SumUp(run, durations_, known.sums);
  known.beside = beside;
  known.version = version;
  known.known = true;
  return known.sums;
}

uint32_t RowBuilder::PlaceOf(const Combination& values) {
  if (groups_->kept != nullptr) {
    const auto kept = groups_->kept->places.find(values);
    if (kept != groups_->kept->places.end()) return kept->second;
  }
  const uint32_t next = static_cast<uint32_t>(groups_->size());
  const auto [found, inserted] = groups_->places.try_emplace(values, next);
  if (inserted) {
    groups_->labels.push_back(LabelsOf(groups_->by, values, *sources_.texts));
  }
  return found->second;
}

void RowBuilder::Place(const Window& window, uint32_t place,
                       ReportRow& row) const {
  row.begin_us = window.begin_us;
  row.end_us = window.end_us;
  row.group = groups_->Labels(place);
  row.provisional = window.end_us > sources_.final_us;
}

ReportRow RowBuilder::NewRow(const Window& window, uint32_t place) const {
  ReportRow row = begun_;
  Place(window, place, row);
  return row;
}

absl::Status TooManyRows(const Query& query) {
  return absl::ResourceExhaustedError(absl::StrCat(
      "report: more than ", query.max_rows,
      " rows, or states of agents that go on for too many windows; ask for "
      "fewer windows, with a begin and an end, or for longer ones"));
}

void RowBuilder::Push(ReportRow row, std::vector<ReportRow>& rows) {
  if (HasRoom(rows.size())) rows.push_back(std::move(row));
}

ReportRow& RowBuilder::AddRow(const Window& window, uint32_t place,
                              std::vector<ReportRow>& rows) {
  const bool has_room = HasRoom(rows.size());
  if (!has_room) not_added_ = begun_;
  ReportRow& row = has_room ? rows.emplace_back(begun_) : not_added_;
  Place(window, place, row);
  return row;
}

absl::StatusOr<std::vector<ReportRow>> RowBuilder::Rows(const KpiPlan& kpi,
                                                        const GroupBy& by) {
  CCKPI_RETURN_IF_ERROR(Select(kpi, by));
  too_many_ = false;
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
  if (too_many_) {
    span_measure_ = -1;  // it may lack some
    return TooManyRows(query_);
  }
  return rows;
}

}  // namespace cckpi
