// Scorecards as JSON and CSV.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/base/time.h"
#include "cckpi/calendar/window.h"
#include "cckpi/io/event_writer.h"
#include "cckpi/io/render_scorecard.h"
#include "cckpi/io/render_text.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/threshold.h"
#include "src/io/scorecard_text.h"

namespace cckpi {
namespace {

// An object under construction: ", "name": " before each value.
class ScoreObject {
 public:
  explicit ScoreObject(std::string* out) : out_(out) { out_->push_back('{'); }

  std::string* Key(std::string_view name) {
    if (out_->back() != '{') *out_ += ", ";
    AppendJsonText(name, out_);
    *out_ += ": ";
    return out_;
  }
  void Text(std::string_view name, std::string_view value) {
    AppendJsonText(value, Key(name));
  }
  void Integer(std::string_view name, std::optional<int64_t> value) {
    Key(name);
    if (value) {
      absl::StrAppend(out_, *value);
    } else {
      *out_ += "null";
    }
  }
  void Number(std::string_view name, std::optional<double> value) {
    Key(name);
    if (value) {
      AppendJsonNumber(*value, out_);
    } else {
      *out_ += "null";
    }
  }
  // A share: for reading, and in millionths.
  void Share(std::string_view name, std::optional<int64_t> micro) {
    std::optional<double> value;
    if (micro) value = static_cast<double>(*micro) / 1e6;
    Number(name, value);
    Integer(std::string(name) + "_micro", micro);
  }
  void Weight(int64_t permille) {
    Number("weight", static_cast<double>(permille) / 1e3);
    Integer("weight_permille", permille);
  }
  void Flag(std::string_view name, bool value) {
    *Key(name) += value ? "true" : "false";
  }
  void Close() { out_->push_back('}'); }

 private:
  std::string* out_;
};

template <typename Names>
void AppendNames(const Names& names, std::string* out) {
  ScoreObject object(out);
  for (const auto& [name, value] : names) object.Text(name, value);
  object.Close();
}

void AppendKpi(const ScoreLineResult& line, ScoreObject& object,
               std::string* out) {
  const ReportRow row = RowOf(line);
  object.Text("kpi", row.kpi);
  if (!row.id.empty()) object.Text("id", row.id);
  for (const Figure& figure : row.definition) {
    object.Key(figure.name);
    if (const auto* text = std::get_if<std::string>(&figure.value)) {
      AppendJsonText(*text, out);
    } else if (const auto* number = std::get_if<int64_t>(&figure.value)) {
      absl::StrAppend(out, *number);
    } else {
      *out += "null";
    }
  }
  object.Key("scope");
  AppendNames(line.scope, out);
}

void AppendTarget(const ScoreLineResult& line, ScoreObject& object,
                  std::string* out) {
  if (line.target) {
    object.Text("target", FormatThreshold(*line.target, ThresholdUnit(line)));
    object.Text("comparator", ComparatorName(line.target->comparator));
    object.Integer("target_micro", line.target->value_micro);
  } else {
    *object.Key("target") += "null";
  }
  if (line.zones.empty()) return;
  object.Key("zones");
  out->push_back('[');
  for (const ScoreZone& zone : line.zones) {
    if (out->back() != '[') *out += ", ";
    ScoreObject entry(out);
    entry.Text("when", FormatThreshold(zone.when, ThresholdUnit(line)));
    entry.Integer("points_permille", zone.points_permille);
    entry.Close();
  }
  out->push_back(']');
}

void AppendLine(const ScoreLineResult& line, std::string* out) {
  ScoreObject object(out);
  if (line.member.empty()) {
    AppendKpi(line, object, out);
    AppendTarget(line, object, out);
  } else {
    object.Text("scorecard", line.member);
    object.Key("group");
    AppendNames(line.member_group, out);
  }
  object.Text("unit", UnitName(line.unit));
  object.Number("value", line.value);
  std::optional<int64_t> numerator;
  std::optional<int64_t> denominator;
  if (line.actual) {
    numerator = line.actual->numerator_micro;
    denominator = line.actual->denominator;
  }
  object.Integer("value_numerator_micro", numerator);
  object.Integer("value_denominator", denominator);
  if (line.member.empty()) {
    object.Integer("n", line.n);
    object.Integer("min_n", line.min_n);
  }
  object.Text("state", CardStateName(line.state));
  object.Weight(line.weight_permille);
  object.Share("attainment", line.attainment_micro);
  object.Share("contribution", line.contribution_micro);
  object.Flag("provisional", line.provisional);
  object.Close();
}

void AppendResult(const ScorecardResult& result, std::string* out) {
  ScoreObject object(out);
  object.Text("scorecard", result.id);
  object.Text("every", FrequencyName(result.every));
  object.Text("begin", FormatTime(result.begin_us));
  object.Text("end", FormatTime(result.end_us));
  object.Key("group");
  AppendNames(result.group, out);
  object.Text("attainment", AttainmentName(result.attainment));
  object.Text("no_data", NoDataName(result.no_data));
  object.Share("score", result.score_micro);
  object.Weight(result.weight_permille);
  object.Flag("provisional", result.provisional);
  object.Key("lines");
  out->push_back('[');
  std::string_view separator = "\n    ";
  for (const ScoreLineResult& line : result.lines) {
    *out += separator;
    separator = ",\n    ";
    AppendLine(line, out);
  }
  out->push_back(']');
  object.Close();
}

std::string IntegerField(std::optional<int64_t> value) {
  return value ? absl::StrCat(*value) : "";
}

std::string ShareField(std::optional<int64_t> micro) {
  if (!micro) return "";
  std::string text;
  AppendJsonNumber(static_cast<double>(*micro) / 1e6, &text);
  return text;
}

// "team=first-response channel=web"
template <typename Names>
std::string NamesField(const Names& names) {
  std::string text;
  for (const auto& [name, value] : names) {
    absl::StrAppend(&text, text.empty() ? "" : " ", name, "=", value);
  }
  return CsvField(text);
}

// The dimensions of all results, in the order of their first appearance.
std::vector<std::string> Dimensions(std::span<const ScorecardResult> results) {
  std::vector<std::string> names;
  for (const ScorecardResult& result : results) {
    for (const auto& entry : result.group) {
      if (std::find(names.begin(), names.end(), entry.first) == names.end()) {
        names.push_back(entry.first);
      }
    }
  }
  return names;
}

void AppendRecord(const ScorecardResult& result, const ScoreLineResult& line,
                  const std::vector<std::string>& dimensions,
                  std::string* out) {
  std::vector<std::string> fields = {
      CsvField(result.id), std::string(FrequencyName(result.every)),
      FormatTime(result.begin_us), FormatTime(result.end_us)};
  for (const std::string& dimension : dimensions) {
    std::string value;
    for (const auto& [name, text] : result.group) {
      if (name == dimension) value = CsvField(text);
    }
    fields.push_back(std::move(value));
  }
  std::string statistic;
  ReportRow row;
  if (line.member.empty()) {
    row = RowOf(line);
    if (line.spec.kpi != Kpi::kFormula) statistic = StatisticName(line.spec);
  }
  std::string value;
  if (line.value) AppendJsonNumber(*line.value, &value);
  std::optional<int64_t> numerator;
  std::optional<int64_t> denominator;
  if (line.actual) {
    numerator = line.actual->numerator_micro;
    denominator = line.actual->denominator;
  }
  for (std::string& field : std::vector<std::string>{
           CsvField(line.member),
           NamesField(line.member_group),
           CsvField(row.kpi),
           CsvField(row.id),
           statistic,
           NamesField(line.scope),
           line.target ? FormatThreshold(*line.target, ThresholdUnit(line))
                       : "",
           IntegerField(line.target
                            ? std::optional<int64_t>(line.target->value_micro)
                            : std::nullopt),
           std::string(UnitName(line.unit)),
           value,
           IntegerField(numerator),
           IntegerField(denominator),
           IntegerField(line.n),
           IntegerField(line.min_n),
           std::string(CardStateName(line.state)),
           IntegerField(line.weight_permille),
           ShareField(line.attainment_micro),
           IntegerField(line.attainment_micro),
           ShareField(line.contribution_micro),
           IntegerField(line.contribution_micro),
           std::string(line.provisional ? "true" : "false"),
           ShareField(result.score_micro),
           IntegerField(result.score_micro),
           IntegerField(result.weight_permille),
           std::string(result.provisional ? "true" : "false")}) {
    fields.push_back(std::move(field));
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out->push_back(',');
    *out += fields[i];
  }
  out->push_back('\n');
}

}  // namespace

std::string RenderScorecardJson(std::span<const ScorecardResult> results) {
  std::string out = "[";
  std::string_view separator = "\n  ";
  for (const ScorecardResult& result : results) {
    out += separator;
    separator = ",\n  ";
    AppendResult(result, &out);
  }
  out += "]";
  return out;
}

std::string RenderScorecardCsv(std::span<const ScorecardResult> results) {
  const std::vector<std::string> dimensions = Dimensions(results);
  std::string out = "scorecard,every,begin,end";
  for (const std::string& dimension : dimensions) {
    absl::StrAppend(&out, ",", CsvField(dimension));
  }
  out +=
      ",member,member_group,kpi,id,statistic,scope,target,target_micro,unit,"
      "value,value_numerator_micro,value_denominator,n,min_n,state,"
      "weight_permille,attainment,attainment_micro,contribution,"
      "contribution_micro,provisional,score,score_micro,"
      "score_weight_permille,score_provisional\n";
  for (const ScorecardResult& result : results) {
    for (const ScoreLineResult& line : result.lines) {
      AppendRecord(result, line, dimensions, &out);
    }
  }
  return out;
}

}  // namespace cckpi
