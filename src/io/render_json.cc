// A report as JSON.

#include <string>
#include <string_view>
#include <variant>

#include "absl/strings/str_cat.h"
#include "cckpi/base/time.h"
#include "cckpi/io/render.h"
#include "cckpi/io/render_scorecard.h"
#include "cckpi/io/render_text.h"

namespace cckpi {
namespace {

struct AppendFigure {
  std::string* out;

  void operator()(int64_t value) const { absl::StrAppend(out, value); }
  void operator()(absl::int128 value) const { *out += Int128Text(value); }
  void operator()(double value) const { AppendJsonNumber(value, out); }
  void operator()(const std::string& value) const {
    AppendJsonText(value, out);
  }
  void operator()(std::nullptr_t) const { *out += "null"; }
};

// ", "name": ", the separator left out after an opening brace.
void AppendKey(std::string_view name, std::string* out) {
  if (out->back() != '{') *out += ", ";
  AppendJsonText(name, out);
  *out += ": ";
}

void AppendTextMember(std::string_view name, std::string_view value,
                      std::string* out) {
  AppendKey(name, out);
  AppendJsonText(value, out);
}

void AppendIntegerMember(std::string_view name, int64_t value,
                         std::string* out) {
  AppendKey(name, out);
  absl::StrAppend(out, value);
}

void AppendFigureMember(const Figure& figure, std::string* out) {
  AppendKey(figure.name, out);
  std::visit(AppendFigure{out}, figure.value);
}

// A name may stand only once in an object: a count's definition and its
// figures both say what is counted.
bool HasDefinition(const ReportRow& row, std::string_view name) {
  for (const Figure& entry : row.definition) {
    if (entry.name == name) return true;
  }
  return false;
}

void AppendRow(const ReportRow& row, std::string* out) {
  out->push_back('{');
  AppendTextMember("kpi", row.kpi, out);
  if (!row.id.empty()) AppendTextMember("id", row.id, out);
  for (const Figure& entry : row.definition) AppendFigureMember(entry, out);
  AppendTextMember("begin", FormatTime(row.begin_us), out);
  AppendTextMember("end", FormatTime(row.end_us), out);
  AppendKey("group", out);
  out->push_back('{');
  for (const auto& [dimension, value] : row.group) {
    AppendKey(dimension, out);
    if (value.has_value()) {
      AppendJsonText(*value, out);
    } else {
      *out += "null";
    }
  }
  out->push_back('}');
  AppendKey("value", out);
  if (row.value.has_value()) {
    AppendJsonNumber(*row.value, out);
  } else {
    *out += "null";
  }
  AppendTextMember("unit", UnitName(row.unit), out);
  for (const Figure& figure : row.figures) {
    if (!HasDefinition(row, figure.name)) AppendFigureMember(figure, out);
  }
  AppendKey("provisional", out);
  *out += row.provisional ? "true" : "false";
  out->push_back('}');
}

void AppendEvents(const Report& report, std::string* out) {
  const EventCounts& events = report.events;
  out->push_back('{');
  AppendIntegerMember("applied", events.applied, out);
  AppendIntegerMember("duplicate", events.duplicate, out);
  AppendIntegerMember("late", events.late, out);
  AppendIntegerMember("refused", events.refused, out);
  if (events.after_now != 0) {
    AppendIntegerMember("after_now", events.after_now, out);
  }
  AppendKey("refusals", out);
  out->push_back('[');
  std::string_view separator = "\n  ";
  for (const Refusal& refusal : report.refusals) {
    *out += separator;
    separator = ",\n  ";
    out->push_back('{');
    AppendTextMember("source", refusal.source, out);
    AppendIntegerMember("row", refusal.row, out);
    AppendTextMember("reason", refusal.reason, out);
    AppendTextMember("event", refusal.event, out);
    out->push_back('}');
  }
  *out += "]}";
}

}  // namespace

std::string RenderJson(const Report& report) { return RenderJson(report, {}); }

std::string RenderJson(const Report& report,
                       std::span<const ScorecardResult> scorecards) {
  std::string out;
  out.reserve(512 + report.rows.size() * 512);
  out.push_back('{');
  AppendTextMember("version", kVersion, &out);
  AppendKey("now", &out);
  if (report.now_us == kNoTime) {
    out += "null";
  } else {
    AppendJsonText(FormatTime(report.now_us), &out);
  }
  out += ",\n \"rows\": [";
  std::string_view separator = "\n  ";
  for (const ReportRow& row : report.rows) {
    out += separator;
    separator = ",\n  ";
    AppendRow(row, &out);
  }
  if (!scorecards.empty()) {
    out += "],\n \"scorecards\": ";
    out += RenderScorecardJson(scorecards);
    out += ",\n \"events\": ";
  } else {
    out += "],\n \"events\": ";
  }
  AppendEvents(report, &out);
  out += "}\n";
  return out;
}

}  // namespace cckpi
