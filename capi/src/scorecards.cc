// Entry points of scorecards and scheduled reports, and their tables.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "capi/src/answer_tables.h"
#include "capi/src/guard.h"
#include "capi/src/handles.h"
#include "capi/src/query.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/calendar/window.h"
#include "cckpi/engine/report_schedule.h"
#include "cckpi/engine/scoring.h"
#include "cckpi/io/render_scorecard.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/threshold.h"
#include "cckpi/scorecard/scorecard.h"

namespace cckpi::capi {
namespace {

const char* MethodName(Attainment attainment) {
  switch (attainment) {
    case Attainment::kBinary:
      return "binary";
    case Attainment::kLinear:
      return "linear";
    case Attainment::kZones:
      return "zones";
  }
  return "";
}

double Share(int64_t micro) { return static_cast<double>(micro) / 1e6; }

// What both tables begin with: scorecard, begin, end, by, the dimensions.
class CardHead {
 public:
  CardHead(std::span<const ScorecardResult> results, TableBuilder& builder)
      : id_(builder.AddColumn("scorecard", CCKPI_TYPE_TEXT)),
        begin_(builder.AddColumn("begin", CCKPI_TYPE_TIME)),
        end_(builder.AddColumn("end", CCKPI_TYPE_TIME)),
        by_(builder.AddColumn("by", CCKPI_TYPE_TEXT)) {
    for (const ScorecardResult& result : results) {
      for (const auto& entry : result.group) {
        if (Find(entry.first) != names_.size()) continue;
        names_.push_back(entry.first);
        columns_.push_back(builder.AddColumn(entry.first, CCKPI_TYPE_TEXT));
      }
    }
  }

  void Set(const ScorecardResult& result, TableBuilder& builder) const {
    builder.Text(id_, result.id);
    builder.Integer(begin_, result.begin_us);
    builder.Integer(end_, result.end_us);
    std::string by;
    for (const auto& [name, text] : result.group) {
      if (!by.empty()) by.push_back(' ');
      by += name;
      builder.Text(columns_[Find(name)], text);
    }
    builder.Text(by_, by);
  }

 private:
  size_t Find(const std::string& name) const {
    return static_cast<size_t>(std::find(names_.begin(), names_.end(), name) -
                               names_.begin());
  }

  size_t id_;
  size_t begin_;
  size_t end_;
  size_t by_;
  std::vector<std::string> names_;
  std::vector<size_t> columns_;
};

absl::StatusOr<TableData> ScoreTable(std::span<const ScorecardResult> results,
                                     const Zone& zone) {
  TableBuilder builder;
  const CardHead head(results, builder);
  const size_t every = builder.AddColumn("every", CCKPI_TYPE_TEXT);
  const size_t method = builder.AddColumn("method", CCKPI_TYPE_TEXT);
  const size_t no_data = builder.AddColumn("no_data", CCKPI_TYPE_TEXT);
  const size_t score = builder.AddColumn("score", CCKPI_TYPE_FLOAT64);
  const size_t micro = builder.AddColumn("score_micro", CCKPI_TYPE_INT64);
  const size_t weight = builder.AddColumn("weight_permille", CCKPI_TYPE_INT64);
  const size_t provisional = builder.AddColumn("provisional", CCKPI_TYPE_BOOL);
  for (const ScorecardResult& result : results) {
    head.Set(result, builder);
    builder.Text(every, FrequencyName(result.every));
    builder.Text(method, MethodName(result.attainment));
    builder.Text(no_data,
                 result.no_data == ScoreNoData::kZero ? "zero" : "renormalise");
    if (result.score_micro.has_value()) {
      builder.Number(score, Share(*result.score_micro));
      builder.Integer(micro, *result.score_micro);
    }
    builder.Integer(weight, result.weight_permille);
    builder.Integer(provisional, result.provisional);
    builder.EndRow();
  }
  return Finished(std::move(builder), zone);
}

absl::StatusOr<TableData> LineTable(std::span<const ScorecardResult> results,
                                    const Zone& zone) {
  TableBuilder builder;
  const auto add = [&builder](const char* name, cckpi_type type) {
    return builder.AddColumn(name, type);
  };
  const CardHead head(results, builder);
  const size_t number = add("line", CCKPI_TYPE_INT64);
  const size_t kpi = add("kpi", CCKPI_TYPE_TEXT);
  const size_t statistic = add("statistic", CCKPI_TYPE_TEXT);
  const size_t clock = add("clock", CCKPI_TYPE_TEXT);
  const size_t scope = add("scope", CCKPI_TYPE_TEXT_LIST);
  const size_t member = add("member", CCKPI_TYPE_TEXT);
  const size_t member_group = add("member_group", CCKPI_TYPE_TEXT_LIST);
  const size_t method = add("method", CCKPI_TYPE_TEXT);
  const size_t target = add("target", CCKPI_TYPE_TEXT);
  const size_t target_micro = add("target_micro", CCKPI_TYPE_INT64);
  const size_t zones = add("zones", CCKPI_TYPE_TEXT_LIST);
  const size_t unit = add("unit", CCKPI_TYPE_TEXT);
  const size_t value = add("value", CCKPI_TYPE_FLOAT64);
  const size_t value_micro = add("value_micro", CCKPI_TYPE_INT64);
  const size_t denominator = add("value_denominator", CCKPI_TYPE_INT64);
  const size_t n = add("n", CCKPI_TYPE_INT64);
  const size_t min_n = add("min_n", CCKPI_TYPE_INT64);
  const size_t state = add("state", CCKPI_TYPE_TEXT);
  const size_t weight = add("weight_permille", CCKPI_TYPE_INT64);
  const size_t attainment = add("attainment", CCKPI_TYPE_FLOAT64);
  const size_t attainment_micro = add("attainment_micro", CCKPI_TYPE_INT64);
  const size_t contribution = add("contribution", CCKPI_TYPE_FLOAT64);
  const size_t contribution_micro = add("contribution_micro", CCKPI_TYPE_INT64);
  const size_t provisional = add("provisional", CCKPI_TYPE_BOOL);
  for (const ScorecardResult& result : results) {
    for (size_t l = 0; l < result.lines.size(); ++l) {
      const ScoreLineResult& line = result.lines[l];
      head.Set(result, builder);
      builder.Integer(number, static_cast<int64_t>(l) + 1);
      std::vector<std::string> texts;
      if (line.member.empty()) {
        builder.Text(kpi, line.kpi);
        builder.Text(statistic, StatisticName(line.spec));
        builder.Text(clock, ClockName(line.spec.clock));
        for (const auto& [name, text] : line.scope) {
          texts.push_back(absl::StrCat(name, "=", text));
        }
        builder.TextList(scope, texts);
      } else {
        builder.Text(member, line.member);
        for (const auto& [name, text] : line.member_group) {
          texts.push_back(absl::StrCat(name, "=", text));
        }
        builder.TextList(member_group, texts);
      }
      builder.Text(method, MethodName(line.attainment));
      if (line.target.has_value()) {
        builder.Text(target, FormatThreshold(*line.target, line.unit));
        builder.Integer(target_micro, line.target->value_micro);
      }
      texts.clear();
      for (const ScoreZone& zone_of : line.zones) {
        texts.push_back(absl::StrCat(FormatThreshold(zone_of.when, line.unit),
                                     " ", zone_of.points_permille));
      }
      builder.TextList(zones, texts);
      builder.Text(unit, UnitName(line.unit));
      if (line.value.has_value()) builder.Number(value, *line.value);
      if (line.actual.has_value()) {
        builder.Integer(value_micro, line.actual->numerator_micro);
        builder.Integer(denominator, line.actual->denominator);
      }
      if (line.n.has_value()) builder.Integer(n, *line.n);
      builder.Integer(min_n, line.min_n);
      builder.Text(state, CardStateName(line.state));
      builder.Integer(weight, line.weight_permille);
      if (line.attainment_micro.has_value()) {
        builder.Number(attainment, Share(*line.attainment_micro));
        builder.Integer(attainment_micro, *line.attainment_micro);
      }
      if (line.contribution_micro.has_value()) {
        builder.Number(contribution, Share(*line.contribution_micro));
        builder.Integer(contribution_micro, *line.contribution_micro);
      }
      builder.Integer(provisional, line.provisional);
      builder.EndRow();
    }
  }
  return Finished(std::move(builder), zone);
}

absl::StatusOr<ScoringOptions> ReadScoring(const cckpi_scorecard_query* given) {
  cckpi_scorecard_query own;
  CCKPI_RETURN_IF_ERROR(ReadStruct("query", given, &own, Presence::kOptional,
                                   CCKPI_SCORECARD_CURRENT));
  ScoringOptions options;
  CCKPI_ASSIGN_OR_RETURN(
      options.scorecards,
      ReadTexts("query.scorecards", own.scorecards, own.scorecard_count));
  if (own.every != CCKPI_EVERY_ALL) {
    CCKPI_ASSIGN_OR_RETURN(options.every, ReadFrequency(own.every));
  }
  if (own.reserved != 0) return Invalid("query.reserved", "must be 0");
  if (own.begin_us != 0) options.begin_us = own.begin_us;
  if (own.end_us != 0) options.end_us = own.end_us;
  if ((own.flags & CCKPI_SCORECARD_CURRENT) != 0) {
    options.current = ScoringOptions::Current::kShown;
  }
  return options;
}

// Both tables, made before either is given.
absl::Status GiveScorecards(std::span<const ScorecardResult> results,
                            const Zone& zone, cckpi_table** out_scores,
                            cckpi_table** out_lines) {
  std::unique_ptr<cckpi_table> scores;
  std::unique_ptr<cckpi_table> lines;
  if (out_scores != nullptr) {
    CCKPI_ASSIGN_OR_RETURN(TableData data, ScoreTable(results, zone));
    scores = MakeTable(std::move(data));
  }
  if (out_lines != nullptr) {
    CCKPI_ASSIGN_OR_RETURN(TableData data, LineTable(results, zone));
    lines = MakeTable(std::move(data));
  }
  if (out_scores != nullptr) *out_scores = scores.release();
  if (out_lines != nullptr) *out_lines = lines.release();
  return absl::OkStatus();
}

absl::StatusOr<std::string> Written(std::span<const ScorecardResult> results,
                                    cckpi_render_format format,
                                    const Zone& zone) {
  switch (format) {
    case CCKPI_RENDER_JSON:
      return RenderScorecardJson(results) + "\n";
    case CCKPI_RENDER_CSV:
      return RenderScorecardCsv(results);
    case CCKPI_RENDER_TEXT:
      return RenderScorecardTable(results, {.zone = zone});
    default:
      return Invalid("format",
                     absl::StrCat(format, " is no format of scorecards"));
  }
}

}  // namespace
}  // namespace cckpi::capi

using namespace cckpi;        // NOLINT: the entry points stand outside
using namespace cckpi::capi;  // NOLINT

extern "C" {

cckpi_code cckpi_engine_scorecards(const cckpi_engine* engine,
                                   const cckpi_scorecard_query* query,
                                   cckpi_table** out_scores,
                                   cckpi_table** out_lines,
                                   cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    CCKPI_ASSIGN_OR_RETURN(ScoringOptions options, ReadScoring(query));
    CCKPI_ASSIGN_OR_RETURN(
        std::vector<ScorecardResult> results,
        EvaluateScorecards(*engine->engine, *engine->config, options));
    return GiveScorecards(results, engine->zone, out_scores, out_lines);
  });
}

cckpi_code cckpi_engine_scorecards_render(const cckpi_engine* engine,
                                          const cckpi_scorecard_query* query,
                                          cckpi_render_format format,
                                          cckpi_buffer** out_buffer,
                                          cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    CCKPI_ASSIGN_OR_RETURN(ScoringOptions options, ReadScoring(query));
    if (out_buffer == nullptr) return Missing("out_buffer");
    CCKPI_ASSIGN_OR_RETURN(
        std::vector<ScorecardResult> results,
        EvaluateScorecards(*engine->engine, *engine->config, options));
    CCKPI_ASSIGN_OR_RETURN(std::string text,
                           Written(results, format, engine->zone));
    *out_buffer = MakeBuffer(std::move(text)).release();
    return Outcome();
  });
}

cckpi_code cckpi_engine_scheduled_report(
    const cckpi_engine* engine, const char* report, size_t report_size,
    int64_t begin_us, int64_t end_us, cckpi_table** out_rows,
    cckpi_table** out_scores, cckpi_table** out_lines, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    CCKPI_RETURN_IF_ERROR(CheckText("report", report, report_size));
    if (begin_us < kEarliestTime || end_us > kLatestTime ||
        end_us <= begin_us) {
      return Invalid("begin_us", "and end_us are no window");
    }
    const std::vector<ReportSchedule>& entries = engine->config->reports;
    const auto entry = std::find_if(
        entries.begin(), entries.end(), [&](const ReportSchedule& one) {
          return one.id == View(report, report_size);
        });
    if (entry == entries.end()) {
      return absl::NotFoundError("report: there is no such report");
    }
    const Window window = {begin_us, end_us};
    std::vector<ScorecardResult> results;
    if (out_scores != nullptr || out_lines != nullptr) {
      CCKPI_ASSIGN_OR_RETURN(
          results,
          ScorecardsOf(*engine->engine, *engine->config, *entry, window));
    }
    std::unique_ptr<cckpi_table> rows;
    if (out_rows != nullptr &&
        (!entry->kpis.empty() || entry->scorecards.empty())) {
      CCKPI_ASSIGN_OR_RETURN(Report answer,
                             engine->engine->Ask(QueryOf(*entry, window)));
      CCKPI_ASSIGN_OR_RETURN(TableData data,
                             ReportTable(std::move(answer), engine->zone));
      rows = MakeTable(std::move(data));
    }
    if (entry->scorecards.empty()) {
      if (out_scores != nullptr) *out_scores = nullptr;
      if (out_lines != nullptr) *out_lines = nullptr;
    } else {
      CCKPI_RETURN_IF_ERROR(
          GiveScorecards(results, engine->zone, out_scores, out_lines));
    }
    if (out_rows != nullptr) *out_rows = rows.release();
    return Outcome();
  });
}

}  // extern "C"
