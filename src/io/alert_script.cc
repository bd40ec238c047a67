// A case runs a fresh RuleSet over its series, one token a tick.

#include "cckpi/io/alert_script.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"
#include "cckpi/scaling/rule_set.h"
#include "src/io/alert_script_reader.h"

namespace cckpi {
namespace {

// "opened warning to lead, manager"
std::string SentText(const Notification& note) {
  std::string text = absl::StrCat(std::string(NotificationKindName(note.kind)),
                                  " ", note.level);
  if (!note.recipients.empty()) {
    absl::StrAppend(&text, " to ", absl::StrJoin(note.recipients, ", "));
  }
  return text;
}

std::string StateText(const Alert& alert) {
  std::string text(AlertStateName(alert.state.state));
  if (!alert.level.empty()) absl::StrAppend(&text, "(", alert.level, ")");
  return text;
}

class Runner {
 public:
  Runner(RuleSet rules, const ScriptCase& what)
      : rules_(std::move(rules)), case_(what) {}

  std::vector<std::string> Run() {
    for (size_t t = 0; t < case_.ticks; ++t) Tick(t);
    return std::move(failures_);
  }

 private:
  static std::optional<ExactValue> ValueOf(const ScriptToken& token) {
    if (token.kind != ScriptToken::Kind::kValue) return std::nullopt;
    return ExactValue::OfMicro(token.micro);
  }

  // False when there is no tick.
  static bool Read(const ScriptSeries& series, size_t t,
                   GroupReading* reading) {
    reading->group = series.group;
    if (!series.longs.empty()) {
      for (size_t b = 0; b < series.longs.size(); ++b) {
        const ScriptToken& token = series.longs[b][t];
        if (token.kind == ScriptToken::Kind::kNoTick) return false;
        reading->burns.push_back(
            {ValueOf(token), ValueOf(series.shorts[b][t]), token.n});
      }
      return true;
    }
    const ScriptToken& token = series.values[t];
    if (token.kind == ScriptToken::Kind::kNoTick) return false;
    reading->value = ValueOf(token);
    reading->n = token.kind == ScriptToken::Kind::kValue ? token.n : 0;
    return true;
  }

  void Fail(const ScriptSeries& series, int64_t offset_us,
            std::string_view what) {
    failures_.push_back(absl::StrCat(case_.name, ": ", series.name, " at ",
                                     FormatSpan(offset_us), ": ",
                                     std::string(what)));
  }

  void Tick(size_t t) {
    const int64_t offset_us = static_cast<int64_t>(t) * case_.tick_us;
    const int64_t now_us = case_.start_us + offset_us;
    Acknowledge(offset_us, now_us);
    std::vector<RuleReadings> readings(rules_.size());
    std::vector<bool> skipped(rules_.size(), true);
    for (const ScriptSeries& series : case_.series) {
      GroupReading reading;
      if (!Read(series, t, &reading)) continue;
      skipped[series.rule] = false;
      readings[series.rule].groups.push_back(std::move(reading));
    }
    for (RuleReadings& one : readings) {
      std::sort(one.groups.begin(), one.groups.end(),
                [](const GroupReading& a, const GroupReading& b) {
                  return a.group < b.group;
                });
    }
    const TickResult result = rules_.Tick(now_us, readings, skipped);
    const std::vector<Alert> alerts = rules_.Alerts();
    for (const ScriptSeries& series : case_.series) {
      CheckStates(series, t, offset_us, alerts);
      CheckSent(series, offset_us, result);
    }
  }

  const Alert* Find(const ScriptSeries& series,
                    const std::vector<Alert>& alerts) const {
    for (const Alert& alert : alerts) {
      if (alert.rule == rules_.rule(series.rule).id &&
          alert.group == series.group) {
        return &alert;
      }
    }
    return nullptr;
  }

  void Acknowledge(int64_t offset_us, int64_t now_us) {
    for (const ScriptSeries& series : case_.series) {
      const auto by = series.acknowledge.find(offset_us);
      if (by == series.acknowledge.end()) continue;
      const std::vector<Alert> alerts = rules_.Alerts();
      const Alert* alert = Find(series, alerts);
      if (alert == nullptr || !alert->state.incident.has_value() ||
          !rules_.Acknowledge(alert->state.incident->id, by->second, now_us)
               .ok()) {
        Fail(series, offset_us, "there is no incident to acknowledge");
      }
    }
  }

  void CheckStates(const ScriptSeries& series, size_t t, int64_t offset_us,
                   const std::vector<Alert>& alerts) {
    const Alert* alert = Find(series, alerts);
    const std::string is = alert == nullptr ? "no_data" : StateText(*alert);
    const auto check = [&](const std::string& must_be) {
      if (is != must_be && must_be != "-") {
        Fail(series, offset_us, absl::StrCat("is ", is, ", must be ", must_be));
      }
    };
    if (t < series.states.size()) check(series.states[t]);
    const auto at = series.at.find(offset_us);
    if (at != series.at.end()) check(at->second);
  }

  void CheckSent(const ScriptSeries& series, int64_t offset_us,
                 const TickResult& result) {
    if (!series.sent.has_value()) return;
    std::vector<std::string> sent;
    for (const Notification& note : result.notifications) {
      if (note.rule == rules_.rule(series.rule).id &&
          note.group == series.group) {
        sent.push_back(SentText(note));
      }
    }
    const auto found = series.sent->find(offset_us);
    const std::vector<std::string> must_be = found == series.sent->end()
                                                 ? std::vector<std::string>{}
                                                 : found->second;
    if (sent == must_be) return;
    const auto list = [](const std::vector<std::string>& lines) {
      return lines.empty()
                 ? std::string("nothing")
                 : absl::StrCat("\"", absl::StrJoin(lines, "\", \""), "\"");
    };
    Fail(series, offset_us,
         absl::StrCat("sends ", list(sent), ", must send ", list(must_be)));
  }

  RuleSet rules_;
  const ScriptCase& case_;
  std::vector<std::string> failures_;
};

}  // namespace

absl::StatusOr<AlertScriptResult> RunAlertScript(
    std::string_view json,
    const std::function<absl::StatusOr<Config>(const std::string& path)>&
        load) {
  CCKPI_ASSIGN_OR_RETURN(const AlertScript script, ReadAlertScript(json, load));
  CCKPI_ASSIGN_OR_RETURN(const RuleSet rules, RuleSet::Create(script.config));
  AlertScriptResult result;
  for (const ScriptCase& one : script.cases) {
    std::vector<std::string> failures = Runner(rules, one).Run();
    ++result.cases;
    result.failed += failures.empty() ? 0 : 1;
    std::move(failures.begin(), failures.end(),
              std::back_inserter(result.failures));
  }
  return result;
}

}  // namespace cckpi
