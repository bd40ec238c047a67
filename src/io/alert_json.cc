#include "cckpi/io/alert_json.h"

#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/base/time.h"
#include "cckpi/io/render_text.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/threshold.h"
#include "src/io/config_json_sections.h"

namespace cckpi {
namespace {

// One object, member by member.
class AlertObject {
 public:
  explicit AlertObject(std::string_view type) : text_("{\"type\": ") {
    AppendJsonText(type, &text_);
  }

  void Key(std::string_view name) {
    text_ += ", ";
    AppendJsonText(name, &text_);
    text_ += ": ";
  }
  void Text(std::string_view name, std::string_view value) {
    Key(name);
    AppendJsonText(value, &text_);
  }
  void TextIfAny(std::string_view name, std::string_view value) {
    if (!value.empty()) Text(name, value);
  }
  void Integer(std::string_view name, int64_t value) {
    Key(name);
    absl::StrAppend(&text_, value);
  }
  void Time(std::string_view name, int64_t at_us) {
    Key(name);
    if (at_us == kNoTime) {
      text_ += "null";
    } else {
      AppendJsonText(FormatTime(at_us), &text_);
    }
  }
  void Value(std::string_view name, const std::optional<ExactValue>& value) {
    Key(name);
    if (value.has_value()) {
      AppendJsonNumber(value->value(), &text_);
    } else {
      text_ += "null";
    }
  }
  void Texts(std::string_view name, const std::vector<std::string>& texts) {
    Key(name);
    text_ += '[';
    for (const std::string& text : texts) {
      if (text_.back() != '[') text_ += ", ";
      AppendJsonText(text, &text_);
    }
    text_ += ']';
  }
  void Group(const GroupLabels& group) {
    Key("group");
    text_ += '{';
    for (const auto& [name, value] : group) {
      if (text_.back() != '{') text_ += ", ";
      AppendJsonText(name, &text_);
      text_ += ": ";
      if (value.has_value()) {
        AppendJsonText(*value, &text_);
      } else {
        text_ += "null";
      }
    }
    text_ += '}';
  }
  void Scope(const std::map<std::string, std::string>& scope) {
    if (scope.empty()) return;
    Key("scope");
    text_ += '{';
    for (const auto& [name, value] : scope) {
      if (text_.back() != '{') text_ += ", ";
      AppendJsonText(name, &text_);
      text_ += ": ";
      AppendJsonText(value, &text_);
    }
    text_ += '}';
  }
  void Contributors(const std::vector<Contributor>& contributors) {
    Key("contributors");
    text_ += '[';
    for (const Contributor& one : contributors) {
      if (text_.back() != '[') text_ += ", ";
      text_ += "{\"interaction\": ";
      AppendJsonText(one.interaction, &text_);
      absl::StrAppend(&text_, ", \"value\": ", one.value, ", \"outcome\": ");
      AppendJsonText(one.outcome, &text_);
      text_ += '}';
    }
    text_ += ']';
  }
  std::string Line() && { return std::move(text_) + "}\n"; }

 private:
  std::string text_;
};

std::string WindowName(const ScalingRule& rule) {
  if (rule.bands.empty() || rule.bands[0].burn_rate.has_value()) return "";
  if (rule.calendar_window.has_value()) {
    return std::string(FrequencyName(*rule.calendar_window));
  }
  return FormatSpan(rule.window_us);
}

std::string StatisticOf(const KpiSpec& spec) {
  for (const Figure& entry : DescribeSpec(spec)) {
    if (entry.name != "statistic") continue;
    if (const auto* text = std::get_if<std::string>(&entry.value)) return *text;
  }
  return "";
}

}  // namespace

AlertWriter::AlertWriter(const Config& config) {
  for (const ScalingRule& rule : config.scaling_matrix) {
    RuleNames& names = rules_[rule.id];
    names.unit = UnitOfKpi(config, rule.kpi);
    names.window = WindowName(rule);
    names.scope = rule.scope;
    if (const std::optional<KpiSpec> spec = ResolveKpi(config, rule.kpi)) {
      names.statistic = StatisticOf(*spec);
    }
  }
}

const AlertWriter::RuleNames& AlertWriter::NamesOf(
    std::string_view rule) const {
  const auto found = rules_.find(rule);
  return found == rules_.end() ? unknown_ : found->second;
}

std::string AlertWriter::TransitionLine(const Transition& transition) const {
  const RuleNames& names = NamesOf(transition.rule);
  AlertObject line("transition");
  line.Time("at", transition.at_us);
  line.Text("rule", transition.rule);
  line.Scope(names.scope);
  line.Group(transition.group);
  line.Text("from", AlertStateName(transition.from));
  line.TextIfAny("from_level", transition.from_level);
  line.Text("to", AlertStateName(transition.to));
  line.TextIfAny("to_level", transition.to_level);
  line.Value("value", transition.value);
  if (names.unit.has_value()) line.Text("unit", UnitName(*names.unit));
  line.Integer("n", transition.n);
  if (!transition.incident.empty()) {
    line.Text("incident", transition.incident);
    line.Value("peak", transition.peak);
  }
  if (transition.silence != Silence::kNone) {
    line.Text("silence", SilenceName(transition.silence));
  }
  return std::move(line).Line();
}

std::string AlertWriter::NotificationLine(const Notification& note) const {
  const RuleNames& names = NamesOf(note.rule);
  AlertObject line("notification");
  line.Time("at", note.at_us);
  line.Text("kind", NotificationKindName(note.kind));
  line.Text("incident", note.incident);
  line.Integer("sequence", note.sequence);
  line.Text("rule", note.rule);
  line.Text("kpi", note.kpi);
  line.TextIfAny("statistic", names.statistic);
  line.TextIfAny("window", names.window);
  line.Scope(names.scope);
  line.Group(note.group);
  line.Text("level", note.level);
  line.TextIfAny("previous_level", note.previous_level);
  line.Value("value", note.value);
  if (names.unit.has_value()) line.Text("unit", UnitName(*names.unit));
  line.Integer("n", note.n);
  line.Text("target", FormatThreshold(note.target, names.unit));
  if (note.factor_permille.has_value()) {
    line.Value("factor",
               ExactValue::Of(absl::int128(*note.factor_permille) * 1000, 1));
  } else {
    line.Text("over", FormatQuantity(note.over_micro, names.unit));
  }
  line.Time("since", note.since_us);
  line.Time("opened", note.opened_us);
  line.Value("peak", note.peak);
  line.Time("peak_at", note.peak_us);
  if (note.ladder_step > 0) line.Integer("ladder_step", note.ladder_step);
  line.TextIfAny("acknowledged_by", note.acknowledged_by);
  line.Texts("actions", note.actions);
  line.Texts("recipients", note.recipients);
  line.Contributors(note.contributors);
  return std::move(line).Line();
}

std::string AlertWriter::AlertLine(const Alert& alert) const {
  const RuleNames& names = NamesOf(alert.rule);
  const RuleState& state = alert.state;
  AlertObject line("alert");
  line.Time("at", state.last_us);
  line.Text("rule", alert.rule);
  line.Scope(names.scope);
  line.Group(alert.group);
  line.Text("state", AlertStateName(state.state));
  line.TextIfAny("level", alert.level);
  line.Time("entered", state.entered_us);
  line.Value("value", state.value);
  if (names.unit.has_value()) line.Text("unit", UnitName(*names.unit));
  line.Integer("n", state.n);
  if (state.incident.has_value()) {
    const Incident& incident = *state.incident;
    line.Text("incident", incident.id);
    line.Integer("sequence", incident.sequence);
    line.Time("since", incident.since_us);
    line.Time("opened", incident.opened_us);
    line.Value("peak", incident.peak);
    line.Time("peak_at", incident.peak_us);
    if (incident.acknowledged_us != kNoTime) {
      line.Text("acknowledged_by", incident.acknowledged_by);
      line.Time("acknowledged", incident.acknowledged_us);
    }
  }
  return std::move(line).Line();
}

std::string AlertWriter::ValueText(
    std::string_view rule, const std::optional<ExactValue>& value) const {
  if (!value.has_value()) return "-";
  switch (NamesOf(rule).unit.value_or(Unit::kCount)) {
    case Unit::kSeconds:
      return DurationText(value->micro());
    case Unit::kRatio:
      return PercentText(value->value());
    default:
      break;
  }
  return DecimalText(value->value(), 2);
}

}  // namespace cckpi
