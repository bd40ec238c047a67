#include "cckpi/scaling/rule_set.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"
#include "cckpi/scaling/state_bytes.h"

namespace cckpi {
namespace {

absl::Status Wrong(size_t rule, std::string_view key, std::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat("scaling_matrix[", rule, "].",
                                                 std::string(key), ": ",
                                                 std::string(reason)));
}

}  // namespace

absl::StatusOr<RuleSet> RuleSet::Create(const Config& config) {
  RuleSet set;
  for (size_t r = 0; r < config.scaling_matrix.size(); ++r) {
    CCKPI_RETURN_IF_ERROR(set.Add(config, r));
  }
  CCKPI_RETURN_IF_ERROR(set.SetOrder());
  return set;
}

absl::Status RuleSet::Add(const Config& config, size_t index) {
  const ScalingRule& rule = config.scaling_matrix[index];
  absl::StatusOr<RuleEvaluator> evaluator = RuleEvaluator::Create(rule);
  if (!evaluator.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("scaling_matrix[", index, "].",
                     std::string(evaluator.status().message())));
  }
  if (!index_.emplace(rule.id, index).second) {
    return Wrong(index, "id", absl::StrCat("\"", rule.id, "\" is there twice"));
  }
  Rule made(*std::move(evaluator));
  if (!rule.mute_calendar.empty()) {
    const auto found = config.calendars.find(rule.mute_calendar);
    if (found == config.calendars.end()) {
      return Wrong(index, "mute",
                   absl::StrCat("no calendar \"", rule.mute_calendar, "\""));
    }
    CCKPI_ASSIGN_OR_RETURN(made.mute, OpeningHours::Create(found->second));
  }
  if (rule.by.empty()) GroupOf(made, {});
  rules_.push_back(std::move(made));
  return absl::OkStatus();
}

// Inhibiting rules before those that they inhibit.
absl::Status RuleSet::SetOrder() {
  std::vector<bool> placed(rules_.size());
  while (order_.size() < rules_.size()) {
    const size_t before = order_.size();
    for (size_t r = 0; r < rules_.size(); ++r) {
      if (placed[r]) continue;
      bool ready = true;
      for (const Inhibition& inhibition : rule(r).inhibited_by) {
        const auto other = index_.find(inhibition.rule);
        if (other == index_.end()) {
          return Wrong(r, "inhibited_by",
                       absl::StrCat("no rule \"", inhibition.rule, "\""));
        }
        ready = ready && placed[other->second];
      }
      if (!ready) continue;
      placed[r] = true;
      order_.push_back(r);
    }
    if (order_.size() == before) {
      const auto left = static_cast<size_t>(
          std::find(placed.begin(), placed.end(), false) - placed.begin());
      return Wrong(left, "inhibited_by", "rules silence each other");
    }
  }
  return absl::OkStatus();
}

RuleSet::Labels RuleSet::LabelsOf(const ScalingRule& rule,
                                  const GroupLabels& group,
                                  const std::vector<std::string>& dimensions) {
  Labels labels;
  for (const std::string& name : dimensions) {
    std::optional<std::string> value;
    if (auto fixed = rule.scope.find(name); fixed != rule.scope.end()) {
      value = fixed->second;
    } else {
      for (const auto& [dimension, own] : group) {
        if (dimension == name) value = own;
      }
    }
    labels.push_back(std::move(value));
  }
  return labels;
}

size_t RuleSet::GroupOf(Rule& rule, const GroupLabels& group) {
  const auto [place, created] =
      rule.places.try_emplace(group, rule.groups.size());
  if (created) {
    rule.groups.emplace_back().labels = group;
    rule.groups.back().value = rule.absent;
    rule.next_us.push_back(kNever);
    rule.changed.push_back(place->second);
  }
  return place->second;
}

size_t RuleSet::GroupOf(size_t rule, const GroupLabels& group) {
  return GroupOf(rules_[rule], group);
}

void RuleSet::MarkChanged(Rule& rule, size_t group) {
  if (rule.groups[group].changed) return;
  rule.groups[group].changed = true;
  rule.changed.push_back(group);
}

void RuleSet::Read(size_t rule, size_t group,
                   const std::optional<ExactValue>& value, int64_t n) {
  Group& of = rules_[rule].groups[group];
  if (of.value == value && of.n == n) return;
  of.value = value;
  of.n = n;
  MarkChanged(rules_[rule], group);
}

void RuleSet::ReadBurns(size_t rule, size_t group,
                        std::vector<BurnReading> burns) {
  rules_[rule].groups[group].burns = std::move(burns);
  MarkChanged(rules_[rule], group);
}

void RuleSet::SetDefault(size_t rule, const std::optional<ExactValue>& value) {
  rules_[rule].absent = value;
  rules_[rule].stale = true;
  for (Group& group : rules_[rule].groups) group.value = value;
}

void RuleSet::ForgetReadings() {
  for (Rule& rule : rules_) {
    rule.stale = true;
    for (Group& group : rule.groups) {
      group.value = rule.absent;
      group.n = 0;
      group.burns.clear();
    }
  }
}

// The last tick of a group; those that were left out count.
int64_t RuleSet::LastTick(const Rule& rule, const RuleState& state) {
  return state.last_us == kNoTime ? kNoTime
                                  : std::max(state.last_us, rule.ticked_us);
}

// The groups that may move at this tick, in the order of their labels.
std::vector<size_t> RuleSet::ToStep(int64_t now_us, bool all,
                                    Rule& rule) const {
  std::vector<size_t> groups;
  for (const size_t g : rule.changed) rule.groups[g].changed = false;
  if (all) {
    groups.reserve(rule.groups.size());
    for (const auto& [labels, g] : rule.places) groups.push_back(g);
  } else {
    groups = std::move(rule.changed);
    for (size_t g = 0; g < rule.next_us.size(); ++g) {
      if (rule.next_us[g] <= now_us) groups.push_back(g);
    }
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    if (groups.size() > 1) {
      std::sort(groups.begin(), groups.end(), [&rule](size_t a, size_t b) {
        return rule.groups[a].labels < rule.groups[b].labels;
      });
    }
  }
  rule.changed.clear();
  return groups;
}

void RuleSet::TickRule(int64_t now_us, Rule& rule, TickResult& result) const {
  const ScalingRule& spec = rule.evaluator.rule();
  // For each inhibition, the labels for which the other rule fires.
  std::vector<std::set<Labels>> firing;
  for (const Inhibition& inhibition : spec.inhibited_by) {
    std::set<Labels>& labels = firing.emplace_back();
    const Rule& other = rules_[index_.at(inhibition.rule)];
    for (const Group& group : other.groups) {
      if (group.state.state != AlertState::kFiring) continue;
      labels.insert(
          LabelsOf(other.evaluator.rule(), group.labels, inhibition.equal));
    }
  }
  const bool muted = rule.mute.has_value() && rule.mute->IsOpen(now_us);
  const auto silence = [&](const GroupLabels& group) {
    if (muted) return Silence::kMuted;
    for (size_t i = 0; i < firing.size(); ++i) {
      const Labels labels = LabelsOf(spec, group, spec.inhibited_by[i].equal);
      if (firing[i].count(labels) != 0) return Silence::kInhibited;
    }
    return Silence::kNone;
  };
  // A group that is left out would only have noted the tick: its reading and
  // its silence are the same, and none of its clocks is due.
  const bool late = spec.no_data_after_us > 0 && rule.ticked_us != kNoTime &&
                    now_us - rule.ticked_us > spec.no_data_after_us;
  const bool all = rule.stale || late || muted != rule.muted || !firing.empty();
  for (const size_t g : ToStep(now_us, all, rule)) {
    Group& group = rule.groups[g];
    group.state.last_us = LastTick(rule, group.state);
    RuleTick tick;
    tick.now_us = now_us;
    tick.value = group.value;
    tick.n = group.n;
    tick.burns = group.burns;
    tick.silence = silence(group.labels);
    rule.evaluator.Advance(tick, group.labels, group.state, result.transitions,
                           result.notifications);
    rule.next_us[g] = rule.evaluator.NextChange(group.state);
  }
  rule.ticked_us = now_us;
  rule.muted = muted;
  rule.stale = false;
}

TickResult RuleSet::Tick(int64_t now_us, std::span<const RuleReadings> readings,
                         const std::vector<bool>& skipped) {
  if (now_us < kEarliestTime || now_us >= kLatestTime) return {};
  if (last_tick_us_ != kNoTime && now_us <= last_tick_us_) return {};
  for (size_t r = 0; r < rules_.size(); ++r) {
    if (r < skipped.size() && skipped[r]) continue;
    Rule& rule = rules_[r];
    const bool burns = rule.evaluator.rule().bands[0].burn_rate.has_value();
    std::vector<bool> named(rule.groups.size());
    const auto read = [&](size_t g, const GroupReading& reading) {
      if (burns) {
        ReadBurns(r, g, reading.burns);
      } else {
        Read(r, g, reading.value, reading.n);
      }
    };
    GroupReading absent;
    if (r < readings.size()) {
      absent.value = readings[r].absent;
      for (const GroupReading& reading : readings[r].groups) {
        const size_t g = GroupOf(rule, reading.group);
        if (g >= named.size()) named.resize(g + 1);
        named[g] = true;
        read(g, reading);
      }
    }
    for (size_t g = 0; g < named.size(); ++g) {
      if (!named[g]) read(g, absent);
    }
  }
  return TickRead(now_us, skipped);
}

TickResult RuleSet::TickRead(int64_t now_us, const std::vector<bool>& skipped) {
  TickResult all;
  if (now_us < kEarliestTime || now_us >= kLatestTime) return all;
  if (last_tick_us_ != kNoTime && now_us <= last_tick_us_) return all;
  std::vector<TickResult> results(rules_.size());
  for (const size_t r : order_) {
    if (r < skipped.size() && skipped[r]) continue;
    TickRule(now_us, rules_[r], results[r]);
  }
  last_tick_us_ = now_us;
  for (TickResult& result : results) {
    std::move(result.transitions.begin(), result.transitions.end(),
              std::back_inserter(all.transitions));
    std::move(result.notifications.begin(), result.notifications.end(),
              std::back_inserter(all.notifications));
  }
  return all;
}

absl::Status RuleSet::Acknowledge(std::string_view incident,
                                  std::string_view by, int64_t at_us) {
  if (at_us < kEarliestTime || at_us >= kLatestTime) {
    return absl::InvalidArgumentError("when: outside 1990-01-01 to 2100-01-01");
  }
  for (Rule& rule : rules_) {
    for (size_t g = 0; g < rule.groups.size(); ++g) {
      RuleState& state = rule.groups[g].state;
      if (!state.incident.has_value() || state.incident->id != incident) {
        continue;
      }
      CCKPI_RETURN_IF_ERROR(RuleEvaluator::Acknowledge(by, at_us, state));
      state.last_us = LastTick(rule, state);
      rule.next_us[g] = rule.evaluator.NextChange(state);
      return absl::OkStatus();
    }
  }
  return absl::NotFoundError(
      absl::StrCat("no incident \"", std::string(incident), "\" is open"));
}

std::vector<Alert> RuleSet::Alerts() const {
  std::vector<Alert> alerts;
  for (const Rule& rule : rules_) {
    const ScalingRule& spec = rule.evaluator.rule();
    for (const auto& [labels, g] : rule.places) {
      const RuleState& state = rule.groups[g].state;
      Alert alert{
          .rule = spec.id, .group = labels, .level = "", .state = state};
      alert.state.last_us = LastTick(rule, state);
      if (state.level >= 0) {
        alert.level = spec.bands[static_cast<size_t>(state.level)].level;
      }
      alerts.push_back(std::move(alert));
    }
  }
  return alerts;
}

std::optional<size_t> RuleSet::Find(std::string_view id) const {
  const auto found = index_.find(std::string(id));
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

int64_t RuleSet::NextChange() const {
  if (last_tick_us_ == kNoTime) return kNoTime;
  int64_t next = kNever;
  for (const Rule& rule : rules_) {
    bool open = false;
    for (size_t g = 0; g < rule.groups.size(); ++g) {
      const RuleState& state = rule.groups[g].state;
      next = std::min(next, rule.next_us[g]);
      open = open || state.incident.has_value() || state.owed.has_value();
    }
    if (open && rule.mute.has_value()) {
      next = std::min({next, rule.mute->NextClose(last_tick_us_),
                       rule.mute->NextOpening(last_tick_us_)});
    }
  }
  return next;
}

void RuleSet::Skip(int64_t last_us) {
  if (last_tick_us_ == kNoTime || last_us <= last_tick_us_) return;
  last_tick_us_ = last_us;
  for (Rule& rule : rules_) {
    for (Group& group : rule.groups) {
      RuleEvaluator::Skip(last_us, group.state);
    }
    rule.ticked_us = std::max(rule.ticked_us, last_us);
  }
}

std::string RuleSet::Save() const {
  SavedRules saved;
  saved.last_tick_us = last_tick_us_;
  // In the order of ids, so that the order of the configuration means nothing.
  for (const auto& [id, r] : index_) {
    SavedRule& one = saved.rules.emplace_back();
    one.id = id;
    for (const Band& band : rule(r).bands) one.levels.push_back(band.level);
    for (const auto& [labels, g] : rules_[r].places) {
      const RuleState& state = rules_[r].groups[g].state;
      one.states.push_back({labels, state});
      one.states.back().state.last_us = LastTick(rules_[r], state);
    }
  }
  return SaveRules(saved);
}

absl::Status RuleSet::Restore(std::string_view bytes) {
  CCKPI_ASSIGN_OR_RETURN(SavedRules saved, RestoreRules(bytes));
  std::vector<std::map<GroupLabels, RuleState>> groups(rules_.size());
  for (SavedRule& one : saved.rules) {
    const auto found = index_.find(one.id);
    if (found == index_.end()) continue;
    const size_t r = found->second;
    const ScalingRule& spec = rule(r);
    for (SavedRuleState& state : one.states) {
      const bool same_groups = std::equal(
          state.group.begin(), state.group.end(), spec.by.begin(),
          spec.by.end(), [](const auto& label, const Dimension& dimension) {
            return label.first == DimensionName(dimension);
          });
      if (!same_groups) continue;
      CCKPI_ASSIGN_OR_RETURN(
          groups[r][std::move(state.group)],
          WithBands(std::move(state.state), one.levels, spec.bands));
    }
  }
  for (size_t r = 0; r < rules_.size(); ++r) {
    if (rule(r).by.empty()) groups[r][{}];
    Rule& restored = rules_[r];
    restored.groups.clear();
    restored.places.clear();
    restored.next_us.clear();
    restored.changed.clear();
    restored.ticked_us = kNoTime;
    restored.stale = true;
    for (auto& [labels, state] : groups[r]) {
      const size_t g = GroupOf(restored, labels);
      restored.next_us[g] = restored.evaluator.NextChange(state);
      restored.groups[g].state = std::move(state);
    }
  }
  last_tick_us_ = saved.last_tick_us;
  return absl::OkStatus();
}

}  // namespace cckpi
