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
  if (rule.by.empty()) made.groups[{}];
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

void RuleSet::TickRule(int64_t now_us, const RuleReadings& readings, Rule& rule,
                       TickResult& result) const {
  const ScalingRule& spec = rule.evaluator.rule();
  // For each inhibition, the labels for which the other rule fires.
  std::vector<std::set<Labels>> firing;
  for (const Inhibition& inhibition : spec.inhibited_by) {
    std::set<Labels>& labels = firing.emplace_back();
    const Rule& other = rules_[index_.at(inhibition.rule)];
    for (const auto& [group, state] : other.groups) {
      if (state.state != AlertState::kFiring) continue;
      labels.insert(LabelsOf(other.evaluator.rule(), group, inhibition.equal));
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
  const auto advance = [&](const GroupReading& reading,
                           const GroupLabels& group, RuleState& state) {
    RuleTick tick;
    tick.now_us = now_us;
    tick.value = reading.value;
    tick.n = reading.n;
    tick.burns = reading.burns;
    tick.silence = silence(group);
    rule.evaluator.Advance(tick, group, state, result.transitions,
                           result.notifications);
  };
  GroupReading absent;
  absent.value = readings.absent;
  auto known = rule.groups.begin();
  for (const GroupReading& reading : readings.groups) {
    for (; known != rule.groups.end() && known->first < reading.group;
         ++known) {
      advance(absent, known->first, known->second);
    }
    if (known == rule.groups.end() || known->first != reading.group) {
      known = rule.groups.emplace_hint(known, reading.group, RuleState{});
    }
    advance(reading, known->first, known->second);
    ++known;
  }
  for (; known != rule.groups.end(); ++known) {
    advance(absent, known->first, known->second);
  }
}

TickResult RuleSet::Tick(int64_t now_us, std::span<const RuleReadings> readings,
                         const std::vector<bool>& skipped) {
  TickResult all;
  if (now_us < kEarliestTime || now_us >= kLatestTime) return all;
  if (last_tick_us_ != kNoTime && now_us <= last_tick_us_) return all;
  const RuleReadings nothing;
  std::vector<TickResult> results(rules_.size());
  for (const size_t r : order_) {
    if (r < skipped.size() && skipped[r]) continue;
    TickRule(now_us, r < readings.size() ? readings[r] : nothing, rules_[r],
             results[r]);
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
    for (auto& [group, state] : rule.groups) {
      if (state.incident.has_value() && state.incident->id == incident) {
        return RuleEvaluator::Acknowledge(by, at_us, state);
      }
    }
  }
  return absl::NotFoundError(
      absl::StrCat("no incident \"", std::string(incident), "\" is open"));
}

std::vector<Alert> RuleSet::Alerts() const {
  std::vector<Alert> alerts;
  for (const Rule& rule : rules_) {
    const ScalingRule& spec = rule.evaluator.rule();
    for (const auto& [group, state] : rule.groups) {
      Alert alert{.rule = spec.id, .group = group, .level = "", .state = state};
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
    for (const auto& [group, state] : rule.groups) {
      next = std::min(next, rule.evaluator.NextChange(state));
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
    for (auto& [group, state] : rule.groups) {
      RuleEvaluator::Skip(last_us, state);
    }
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
    for (const auto& [group, state] : rules_[r].groups) {
      one.states.push_back({group, state});
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
    rules_[r].groups = std::move(groups[r]);
  }
  last_tick_us_ = saved.last_tick_us;
  return absl::OkStatus();
}

}  // namespace cckpi
