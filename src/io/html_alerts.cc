// What the scaling matrix said, on a page: incidents in time, and as a list.

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/io/render_text.h"
#include "cckpi/kpi/catalogue.h"
#include "src/io/html_charts.h"
#include "src/io/html_tables.h"
#include "src/io/html_text.h"
#include "src/io/render_label.h"

namespace cckpi {
namespace {

// Of more lines than this, the picture has those with most alert time.
constexpr size_t kMaxRows = 24;
// Of more incidents than this, the list has the newest.
constexpr size_t kMaxIncidents = 200;

// A time at one level.
struct Segment {
  int64_t begin_us = 0;
  int64_t end_us = 0;
  std::string level;
};

struct AlertIncident {
  std::string rule;
  std::string group;
  std::string name;  // of rule and group, for the picture
  int64_t opened_us = 0;
  int64_t closed_us = kNoTime;  // kNoTime: still open
  std::string worst;
  size_t worst_index = 0;
  std::optional<double> peak;
  int64_t notifications = 0;
  std::vector<Segment> segments;
};

std::string GroupText(const GroupLabels& group) {
  std::string text;
  for (const auto& [dimension, value] : group) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", dimension, " ",
                    GroupValueText(value));
  }
  return text;
}

const ScalingRule* RuleOf(const Config& config, std::string_view id) {
  for (const ScalingRule& rule : config.scaling_matrix) {
    if (rule.id == id) return &rule;
  }
  return nullptr;
}

size_t LevelIndex(const Config& config, std::string_view rule_id,
                  std::string_view level) {
  const ScalingRule* rule = RuleOf(config, rule_id);
  if (rule == nullptr) return 0;
  for (size_t b = 0; b < rule->bands.size(); ++b) {
    if (rule->bands[b].level == level) return b;
  }
  return 0;
}

std::string ValueOf(const Config& config, std::string_view rule_id,
                    const std::optional<double>& value) {
  const ScalingRule* rule = RuleOf(config, rule_id);
  ReportRow row;
  row.value = value;
  if (rule != nullptr) {
    const std::optional<KpiSpec> spec = ResolveKpi(config, rule->kpi);
    if (spec.has_value()) row.unit = SpecUnit(*spec);
  }
  return ValueText(row);
}

// In the order of opening.
std::vector<AlertIncident> IncidentsOf(const HtmlReport& data) {
  std::vector<AlertIncident> incidents;
  std::map<std::string, size_t> places;
  for (const Transition& transition : data.alerts.transitions) {
    if (transition.incident.empty()) continue;
    const auto [place, is_new] =
        places.try_emplace(transition.incident, incidents.size());
    if (is_new) {
      AlertIncident& made = incidents.emplace_back();
      made.rule = transition.rule;
      made.group = GroupText(transition.group);
      // The group first: labels are cut at their end.
      for (const auto& [dimension, value] : transition.group) {
        absl::StrAppend(&made.name, GroupValueText(value), ", ");
      }
      made.name += PrintableText(made.rule);
      made.opened_us = transition.at_us;
    }
    AlertIncident& incident = incidents[place->second];
    if (!incident.segments.empty()) {
      incident.segments.back().end_us = transition.at_us;
    }
    if (transition.to == AlertState::kOk) {
      incident.closed_us = transition.at_us;
      continue;
    }
    const size_t index =
        LevelIndex(data.config, transition.rule, transition.to_level);
    if (incident.worst.empty() || index > incident.worst_index) {
      incident.worst = transition.to_level;
      incident.worst_index = index;
    }
    if (incident.segments.empty() ||
        incident.segments.back().level != transition.to_level) {
      incident.segments.push_back(
          {transition.at_us, data.alerts.until_us, transition.to_level});
    } else {
      incident.segments.back().end_us = data.alerts.until_us;
    }
  }
  for (const Notification& note : data.alerts.notifications) {
    const auto found = places.find(note.incident);
    if (found == places.end()) continue;
    AlertIncident& incident = incidents[found->second];
    ++incident.notifications;
    if (note.peak.has_value()) incident.peak = note.peak->value();
  }
  return incidents;
}

int64_t Lasted(const AlertIncident& incident, const HtmlReport& data) {
  const int64_t end_us =
      incident.closed_us == kNoTime ? data.alerts.until_us : incident.closed_us;
  return std::max<int64_t>(0, end_us - incident.opened_us);
}

// Milliseconds that read as local time where UTC is expected.
std::string LocalMs(int64_t at_us, const Zone& zone) {
  return absl::StrCat(at_us / 1000 + int64_t{1000} * zone.OffsetSeconds(at_us));
}

std::string IncidentsTable(const std::vector<AlertIncident>& incidents,
                           const HtmlReport& data) {
  std::string body =
      "<thead><tr><th scope=\"col\">Opened</th><th scope=\"col\">Rule</th>"
      "<th scope=\"col\">Group</th><th scope=\"col\">Worst level</th>"
      "<th scope=\"col\" class=\"num\">Peak</th>"
      "<th scope=\"col\" class=\"num\">Lasted</th>"
      "<th scope=\"col\" class=\"num\">Notifications</th></tr></thead>\n"
      "<tbody>\n";
  const size_t first =
      incidents.size() > kMaxIncidents ? incidents.size() - kMaxIncidents : 0;
  for (size_t i = incidents.size(); i > first; --i) {
    const AlertIncident& incident = incidents[i - 1];
    const int64_t lasted_us = Lasted(incident, data);
    absl::StrAppend(&body, "<tr><th scope=\"row\">",
                    HtmlText(LocalTimeText(incident.opened_us, data.zone)),
                    "</th><td>", HtmlText(incident.rule), "</td><td><bdi>",
                    HtmlText(incident.group), "</bdi></td><td>");
    absl::StrAppend(
        &body, "<span class=\"level level-",
        std::min<size_t>(2, incident.worst_index + 1), "\">",
        HtmlText(incident.worst), "</span></td><td class=\"num\">",
        HtmlText(ValueOf(data.config, incident.rule, incident.peak)),
        "</td><td class=\"num\">",
        incident.closed_us == kNoTime ? "open, " : "", "<data value=\"",
        lasted_us / kSecond, "\">", HtmlText(DurationText(lasted_us)),
        "</data></td><td class=\"num\"><data value=\"", incident.notifications);
    absl::StrAppend(&body, "\">", incident.notifications,
                    "</data></td></tr>\n");
  }
  body += "</tbody>\n";
  std::string out = ScrollTable("Incidents, the newest first",
                                "class=\"incidents sortable\"", body);
  if (first > 0) {
    absl::StrAppend(&out, "<p class=\"note\">", first,
                    " older incidents are left out of the list.</p>\n");
  }
  return out;
}

}  // namespace

ChartPart AlertTimeline(const HtmlReport& data) {
  if (data.alerts.until_us == kNoTime) return {};
  ChartPart part;
  const std::vector<AlertIncident> incidents = IncidentsOf(data);
  if (incidents.empty()) {
    part.html = "<p>The scaling matrix was quiet: no rule fired.</p>\n";
    return part;
  }
  // The lines of the picture, by the time in alert.
  std::map<std::string, int64_t> times;
  int64_t open = 0;
  for (const AlertIncident& incident : incidents) {
    times[incident.name] += Lasted(incident, data);
    open += incident.closed_us == kNoTime ? 1 : 0;
  }
  std::vector<std::pair<std::string, int64_t>> lines(times.begin(),
                                                     times.end());
  std::stable_sort(
      lines.begin(), lines.end(),
      [](const auto& a, const auto& b) { return a.second > b.second; });
  const size_t left_out = lines.size() > kMaxRows ? lines.size() - kMaxRows : 0;
  lines.resize(lines.size() - left_out);
  std::map<std::string, size_t> places;
  JsonArray names;
  for (const auto& [name, time] : lines) {
    places[name] = places.size();
    names.AddText(name);
  }
  JsonArray segments;
  for (const AlertIncident& incident : incidents) {
    const auto place = places.find(incident.name);
    if (place == places.end()) continue;
    for (const Segment& segment : incident.segments) {
      JsonArray one;
      one.Add(absl::StrCat(place->second));
      one.Add(LocalMs(segment.begin_us, data.zone));
      one.Add(LocalMs(segment.end_us, data.zone));
      one.Add(
          absl::StrCat(LevelIndex(data.config, incident.rule, segment.level)));
      one.AddText(segment.level);
      one.AddText(
          absl::StrCat(LocalTimeText(segment.begin_us, data.zone), ", ",
                       DurationText(segment.end_us - segment.begin_us)));
      segments.Add("\n  " + one.text());
    }
  }
  JsonObject json;
  json.Add("names", names.text());
  json.Add("begin", LocalMs(incidents.front().opened_us, data.zone));
  json.Add("end", LocalMs(data.alerts.until_us, data.zone));
  json.Add("segments", segments.text());
  part.json = json.text();

  std::string caption = absl::StrCat(
      "<span class=\"name\">Alerts</span> <span class=\"variant\">",
      incidents.size(), incidents.size() == 1 ? " incident, " : " incidents, ",
      open, " open",
      left_out > 0
          ? absl::StrCat("; the ", kMaxRows, " lines with most alert time of ",
                         kMaxRows + left_out)
          : "",
      "</span>");
  part.html = ChartFigure(
      "alerts", 0, caption,
      absl::StrCat("Timeline of ", incidents.size(), " incidents of ",
                   lines.size(),
                   " rules and groups, coloured by level. The figures follow "
                   "as a table."),
      IncidentsTable(incidents, data),
      absl::StrCat("wide rows-", std::min<size_t>(3, 1 + lines.size() / 8)));
  return part;
}

}  // namespace cckpi
