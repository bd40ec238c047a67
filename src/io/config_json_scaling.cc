// scaling_matrix: rules, their bands, ladders and inhibitions
//
// Bands tile the axis from their edges on: band i covers what is past its
// `over` and not past the next one's, the last everything beyond. So edges that
// grow strictly in the bad direction leave neither gap nor overlap.

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "cckpi/base/time.h"
#include "cckpi/event/event.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/threshold.h"
#include "src/base/text.h"
#include "src/io/config_json_reader.h"
#include "src/io/config_json_sections.h"
#include "src/kpi/did_you_mean.h"
#include "src/kpi/fractions.h"

namespace cckpi {
namespace {

// What the bands of one rule are checked against.
struct RuleFrame {
  std::optional<Unit> unit;
  std::optional<Threshold> target;
  Direction direction = Direction::kLowerIsBetter;
  bool is_share = false;  // a ratio that is never below 0 or above 1
};

// Ratios of a part to its whole. Deviations are none, and neither is a formula
// or time that may be handled more than once.
bool IsShare(const Config& config, const std::string& kpi) {
  const std::optional<KpiSpec> spec = ResolveKpi(config, kpi);
  if (!spec.has_value()) return false;
  switch (spec->kpi) {
    case Kpi::kServiceLevel:
    case Kpi::kBeyondTurnaround:
    case Kpi::kAccuracy:
    case Kpi::kFirstContactResolution:
    case Kpi::kOccupancy:
      return true;
    default:
      return spec->statistic == Statistic::kShareWithin ||
             spec->statistic == Statistic::kTopBox;
  }
}

// Windows are sums of whole buckets.
void CheckBuckets(const ObjectReader& reader, std::string_view key,
                  int64_t span_us) {
  if (span_us % kBucketSpan != 0) {
    reader.Error(key, "must be a multiple of 15m, is " + FormatSpan(span_us));
  }
}

void ReadWindow(const ObjectReader& reader, ScalingRule& rule) {
  const JsonValue* json = reader.Find("window");
  if (json == nullptr) return;
  constexpr std::string_view kNames[] = {"hour", "day", "week", "month"};
  constexpr Frequency kWindows[] = {Frequency::kHourly, Frequency::kDaily,
                                    Frequency::kWeekly, Frequency::kMonthly};
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (json->type == JsonValue::Type::kText && json->text == kNames[i]) {
      rule.calendar_window = kWindows[i];
      rule.window_us = 0;
      return;
    }
  }
  if (std::optional<int64_t> span = reader.PositiveSpan("window")) {
    CheckBuckets(reader, "window", *span);
    rule.window_us = *span;
  }
}

BurnRate ReadBurnRate(const ObjectReader& band, const JsonValue& json,
                      const RuleFrame& frame) {
  const ObjectReader reader(json, band.Path("burn_rate"),
                            "scaling_matrix[].bands[].burn_rate",
                            band.errors());
  BurnRate burn;
  if (json.type != JsonValue::Type::kObject) return burn;
  for (std::string_view key : {"long", "short", "factor"}) {
    if (reader.Find(key) == nullptr) reader.Missing(key);
  }
  burn.long_us = reader.PositiveSpan("long").value_or(0);
  burn.short_us = reader.PositiveSpan("short").value_or(0);
  CheckBuckets(reader, "long", burn.long_us);
  CheckBuckets(reader, "short", burn.short_us);
  if (burn.long_us != 0 && burn.short_us >= burn.long_us) {
    reader.Error("short", "must be shorter than \"long\"");
  }
  burn.factor_permille =
      reader.Permille("factor", 1'000'000 * 1000).value_or(0);
  if (!frame.target.has_value()) return burn;
  const int64_t target = frame.target->value_micro;
  if (frame.unit != Unit::kRatio ||
      frame.direction != Direction::kHigherIsBetter || target <= 0 ||
      target >= kWholeMicro) {
    band.Error("burn_rate",
               "needs a ratio with a target such as \">=95%\", below 100%");
    return burn;
  }
  // With nothing met at all the budget burns 1 / (1 - target) times as fast as
  // it lasts; a factor of that much or more can never be passed.
  const absl::int128 burnt =
      absl::int128(burn.factor_permille) * (kWholeMicro - target);
  if (burnt >= absl::int128(1000) * kWholeMicro) {
    reader.Error(
        "factor",
        "can never fire: must be less than 1 / (1 - target), " +
            FormatMicro(kWholeMicro * kWholeMicro / (kWholeMicro - target)));
  }
  return burn;
}

// The range of a unit's values, in millionths; nullopt: no end.
struct ValueRange {
  std::optional<int64_t> least;
  std::optional<int64_t> most;
};
ValueRange RangeOf(const RuleFrame& frame) {
  ValueRange range;
  if (!frame.unit.has_value()) return range;
  if (*frame.unit == Unit::kScore) return range;
  if (*frame.unit != Unit::kRatio) {
    range.least = 0;
  } else if (frame.is_share) {
    range = {0, kWholeMicro};
  }
  return range;
}

// Floor and ceiling to whole numbers, in millionths.
int64_t WholeBelow(int64_t micro) {
  const int64_t past = micro % kWholeMicro;
  return micro - (past < 0 ? past + kWholeMicro : past);
}
int64_t WholeAbove(int64_t micro) { return -WholeBelow(-micro); }

// Can a value be past this band's edge and not past that of the next? And back
// at its clear threshold?
void CheckReachable(const ObjectReader& reader, const RuleFrame& frame,
                    const Band& band, const Band* before) {
  const ValueRange range = RangeOf(frame);
  const bool lower = frame.direction == Direction::kLowerIsBetter;
  const std::optional<int64_t>& worst = lower ? range.most : range.least;
  const std::optional<int64_t>& best = lower ? range.least : range.most;
  if (worst.has_value() &&
      !IsBetter(band.over_micro, *worst, frame.direction)) {
    reader.Error("over", "can never be reached: no value is past " +
                             FormatQuantity(*worst, frame.unit));
  }
  if (band.clear_micro.has_value() && best.has_value() &&
      IsBetter(*band.clear_micro, *best, frame.direction)) {
    reader.Error("clear", "can never be reached: no value is better than " +
                              FormatQuantity(*best, frame.unit));
  }
  if (before == nullptr || frame.unit != Unit::kCount) return;
  // The band before has the whole numbers between both edges.
  const bool empty =
      lower ? WholeBelow(before->over_micro) == WholeBelow(band.over_micro)
            : WholeAbove(before->over_micro) == WholeAbove(band.over_micro);
  if (empty) {
    reader.Error("over", "leaves no whole number for the band before (" +
                             FormatQuantity(before->over_micro, frame.unit) +
                             "), which can never be reached");
  }
}

Band ReadBand(const ObjectReader& reader, const RuleFrame& frame,
              const std::vector<Band>& earlier) {
  Band band;
  if (std::optional<std::string> level = reader.RequiredText("level")) {
    for (const Band& other : earlier) {
      if (other.level == *level) {
        reader.Error("level", Quoted(*level) + " is there twice");
        break;
      }
    }
    band.level = *std::move(level);
  }
  band.dwell_us = reader.Span("dwell").value_or(0);
  band.actions = reader.Texts("actions");
  band.notify = reader.Texts("notify");

  const Band* before = earlier.empty() ? nullptr : &earlier.back();
  if (const JsonValue* json = reader.Find("burn_rate")) {
    for (std::string_view key : {"over", "clear"}) {
      if (reader.Find(key) != nullptr) {
        reader.Error(key, "a band has this or \"burn_rate\", not both");
      }
    }
    band.burn_rate = ReadBurnRate(reader, *json, frame);
    if (before != nullptr && !before->burn_rate.has_value()) {
      reader.Error("burn_rate",
                   "either every band of a rule has one, or none has");
    } else if (before != nullptr && band.burn_rate->factor_permille != 0 &&
               band.burn_rate->factor_permille <=
                   before->burn_rate->factor_permille) {
      reader.Error("burn_rate",
                   "its factor must be more than that of the band before");
    }
    return band;
  }
  if (before != nullptr && before->burn_rate.has_value()) {
    reader.Error("burn_rate",
                 "either every band of a rule has one, or none has");
    return band;
  }
  if (reader.Find("over") == nullptr) {
    reader.Missing("over");
    return band;
  }
  std::optional<int64_t> over = reader.Quantity("over", frame.unit);
  std::optional<int64_t> clear = reader.Quantity("clear", frame.unit);
  band.clear_micro = clear;
  if (!over.has_value()) return band;
  band.over_micro = *over;
  if (clear.has_value() && !IsBetter(*clear, *over, frame.direction)) {
    reader.Error("clear", "must be better than \"over\"");
  }
  if (before != nullptr &&
      !IsBetter(before->over_micro, *over, frame.direction)) {
    reader.Error("over", "must be worse than that of the band before (" +
                             FormatQuantity(before->over_micro, frame.unit) +
                             ")");
  } else {
    CheckReachable(reader, frame, band, before);
  }
  if (before == nullptr && frame.target.has_value() &&
      IsBetter(*over, frame.target->value_micro, frame.direction)) {
    reader.Error("over", "must not be better than the target (" +
                             FormatThreshold(*frame.target, frame.unit) + ")");
  }
  return band;
}

void ReadLadder(const ObjectReader& reader, ScalingRule& rule) {
  const JsonValue* json = reader.Find("ladder");
  const size_t steps = json != nullptr && json->type == JsonValue::Type::kList
                           ? json->items.size()
                           : 0;
  size_t index = 0;
  reader.ForEach("ladder", [&](const JsonValue& item, const std::string& path) {
    const ObjectReader entry(item, path, "scaling_matrix[].ladder[]",
                             reader.errors());
    ++index;
    if (item.type != JsonValue::Type::kObject) return;
    LadderStep step;
    step.notify = entry.RequiredTexts("notify");
    step.after_us = entry.PositiveSpan("after").value_or(0);
    if (index < steps && entry.Find("after") == nullptr) {
      entry.Error("after", "missing; only the last step has no next one");
    }
    rule.ladder.push_back(std::move(step));
  });
}

void ReadInhibitions(const ObjectReader& reader, ScalingRule& rule) {
  reader.ForEach(
      "inhibited_by", [&](const JsonValue& item, const std::string& path) {
        const ObjectReader entry(item, path, "scaling_matrix[].inhibited_by[]",
                                 reader.errors());
        if (item.type != JsonValue::Type::kObject) return;
        Inhibition inhibition;
        inhibition.rule = entry.RequiredText("rule").value_or("");
        for (const Dimension& dimension : entry.Dimensions("equal")) {
          inhibition.equal.push_back(DimensionName(dimension));
        }
        rule.inhibited_by.push_back(std::move(inhibition));
      });
}

RuleFrame ReadTarget(const ObjectReader& reader, const Config& config,
                     ScalingRule& rule) {
  RuleFrame frame;
  frame.unit = UnitOfKpi(config, rule.kpi);
  frame.is_share = IsShare(config, rule.kpi);
  if (reader.Find("target") == nullptr) reader.Missing("target");
  frame.target = reader.ReadThreshold("target", frame.unit);
  constexpr std::string_view kDirections[] = {"lower_is_better",
                                              "higher_is_better"};
  std::optional<size_t> direction = reader.Choice("direction", kDirections);
  if (frame.target.has_value()) {
    rule.target = *frame.target;
    frame.direction = DirectionOf(rule.target.comparator);
    if (direction.has_value() &&
        static_cast<Direction>(*direction) != frame.direction) {
      reader.Error("direction", "contradicts the target " +
                                    FormatThreshold(rule.target, frame.unit));
    }
  } else if (direction.has_value()) {
    frame.direction = static_cast<Direction>(*direction);
  }
  rule.direction = frame.direction;
  return frame;
}

ScalingRule ReadRule(const JsonValue& json, const std::string& path,
                     const Config& config, ConfigErrors& errors) {
  const ObjectReader reader(json, path, "scaling_matrix[]", errors);
  ScalingRule rule;
  if (json.type != JsonValue::Type::kObject) return rule;
  rule.id = ReadId(reader, config.scaling_matrix);
  if (std::optional<std::string> name = reader.RequiredText("kpi")) {
    CheckKpiName(config, *name, reader.Path("kpi"), errors);
    rule.kpi = *std::move(name);
  }
  rule.scope = reader.Scope("scope");
  rule.by = reader.Dimensions("by");
  for (const Dimension& dimension : rule.by) {
    const std::string name = DimensionName(dimension);
    if (rule.scope.count(name) != 0) {
      reader.Error("by", Quoted(name) + " is fixed by \"scope\"");
    }
  }
  ReadWindow(reader, rule);
  const RuleFrame frame = ReadTarget(reader, config, rule);
  rule.min_n = reader.Integer("min_n", 0, kLargestCount).value_or(0);
  constexpr std::string_view kPolicies[] = {"keep", "ok", "alert"};
  if (std::optional<size_t> word = reader.Choice("no_data", kPolicies)) {
    rule.no_data = static_cast<NoDataPolicy>(*word);
  }
  rule.no_data_after_us = reader.Span("no_data_after").value_or(0);
  rule.hold_us = reader.Span("hold").value_or(0);
  rule.repeat_us = reader.Span("repeat").value_or(0);
  rule.notify_deescalation = reader.Flag("notify_deescalation").value_or(false);

  const JsonValue* bands = reader.Find("bands");
  if (bands == nullptr) {
    reader.Missing("bands");
  } else if (bands->type == JsonValue::Type::kList && bands->items.empty()) {
    reader.Error("bands", "must not be empty");
  }
  reader.ForEach("bands",
                 [&](const JsonValue& item, const std::string& item_path) {
                   const ObjectReader band(item, item_path,
                                           "scaling_matrix[].bands[]", errors);
                   if (item.type != JsonValue::Type::kObject) return;
                   rule.bands.push_back(ReadBand(band, frame, rule.bands));
                 });
  if (!rule.bands.empty() && rule.bands[0].burn_rate.has_value() &&
      reader.Find("window") != nullptr) {
    reader.Error("window", "a burn rate has its own windows");
  }

  ReadLadder(reader, rule);
  if (std::optional<std::string> name = reader.Text("mute")) {
    if (config.calendars.find(*name) == config.calendars.end()) {
      std::vector<std::string_view> names;
      for (const auto& entry : config.calendars) names.push_back(entry.first);
      reader.Error("mute",
                   "no calendar " + Quoted(*name) + DidYouMean(*name, names));
    }
    rule.mute_calendar = *std::move(name);
  }
  ReadInhibitions(reader, rule);
  return rule;
}

// Has the rule this dimension, fixed or one state for each value?
bool Knows(const ScalingRule& rule, const std::string& dimension) {
  return rule.scope.count(dimension) != 0 ||
         std::any_of(rule.by.begin(), rule.by.end(), [&](const Dimension& d) {
           return DimensionName(d) == dimension;
         });
}

// Inhibiting rules exist and do not silence each other in a circle.
void CheckInhibitions(const Config& config, ConfigErrors& errors) {
  const std::vector<ScalingRule>& rules = config.scaling_matrix;
  std::map<std::string_view, size_t> indices;
  std::vector<std::string_view> ids;
  for (size_t i = 0; i < rules.size(); ++i) {
    indices.emplace(rules[i].id, i);
    ids.push_back(rules[i].id);
  }
  std::vector<std::vector<size_t>> names(rules.size());
  for (size_t i = 0; i < rules.size(); ++i) {
    for (size_t j = 0; j < rules[i].inhibited_by.size(); ++j) {
      const Inhibition& inhibition = rules[i].inhibited_by[j];
      if (inhibition.rule.empty()) continue;
      const std::string path = "scaling_matrix[" + std::to_string(i) +
                               "].inhibited_by[" + std::to_string(j) + "]";
      const auto other = indices.find(inhibition.rule);
      if (other == indices.end()) {
        errors.Add(path + ".rule", "no rule " + Quoted(inhibition.rule) +
                                       DidYouMean(inhibition.rule, ids));
        continue;
      }
      names[i].push_back(other->second);
      for (const std::string& dimension : inhibition.equal) {
        if (!Knows(rules[i], dimension) ||
            !Knows(rules[other->second], dimension)) {
          errors.Add(path + ".equal", "both rules need " + Quoted(dimension) +
                                          " in \"scope\" or \"by\"");
        }
      }
    }
  }
  const std::vector<size_t> circle = FindCircle(names);
  if (!circle.empty()) {
    errors.Add(
        "scaling_matrix[" + std::to_string(circle.front()) + "].inhibited_by",
        "rules silence each other: " + CircleText(circle, rules));
  }
}

void CheckKnown(const std::vector<std::string>& names, const std::string& path,
                const Config& config, ConfigErrors& errors) {
  for (size_t i = 0; i < names.size(); ++i) {
    const std::vector<std::string>& known = config.recipients;
    if (std::find(known.begin(), known.end(), names[i]) != known.end()) {
      continue;
    }
    const std::vector<std::string_view> candidates(known.begin(), known.end());
    errors.Add(path + "[" + std::to_string(i) + "]",
               Quoted(names[i]) + " is not among the recipients" +
                   DidYouMean(names[i], candidates));
  }
}

}  // namespace

void ReadRecipients(const ObjectReader& top, Config& config) {
  config.recipients_given = top.Find("recipients") != nullptr;
  for (std::string& name : top.Texts("recipients")) {
    if (std::find(config.recipients.begin(), config.recipients.end(), name) !=
        config.recipients.end()) {
      top.Error("recipients", Quoted(name) + " is there twice");
    }
    config.recipients.push_back(std::move(name));
  }
}

void CheckRecipients(const Config& config, ConfigErrors& errors) {
  if (!config.recipients_given) return;
  for (size_t r = 0; r < config.scaling_matrix.size(); ++r) {
    const ScalingRule& rule = config.scaling_matrix[r];
    const std::string path = "scaling_matrix[" + std::to_string(r) + "]";
    for (size_t b = 0; b < rule.bands.size(); ++b) {
      CheckKnown(rule.bands[b].notify,
                 path + ".bands[" + std::to_string(b) + "].notify", config,
                 errors);
    }
    for (size_t s = 0; s < rule.ladder.size(); ++s) {
      CheckKnown(rule.ladder[s].notify,
                 path + ".ladder[" + std::to_string(s) + "].notify", config,
                 errors);
    }
  }
  for (size_t r = 0; r < config.reports.size(); ++r) {
    CheckKnown(config.reports[r].to, "reports[" + std::to_string(r) + "].to",
               config, errors);
  }
}

void ReadScalingMatrix(const ObjectReader& top, Config& config) {
  top.ForEach("scaling_matrix", [&](const JsonValue& item,
                                    const std::string& path) {
    config.scaling_matrix.push_back(ReadRule(item, path, config, top.errors()));
  });
  CheckInhibitions(config, top.errors());
}

}  // namespace cckpi
