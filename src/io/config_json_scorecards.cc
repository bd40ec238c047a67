// scorecards, reports

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/threshold.h"
#include "src/base/text.h"
#include "src/io/config_json_reader.h"
#include "src/io/config_json_sections.h"
#include "src/kpi/did_you_mean.h"

namespace cckpi {
namespace {

constexpr std::string_view kEvery[] = {"hour", "day", "week", "month"};
constexpr Frequency kFrequencies[] = {Frequency::kHourly, Frequency::kDaily,
                                      Frequency::kWeekly, Frequency::kMonthly};
constexpr int64_t kLargestWeight = 1000 * 1000;  // in thousandths

// "<15m", or {"history": [{"benchmark": "<20m"}, {…, "from": "2026-01-01…"}]}.
std::vector<Benchmark> ReadBenchmarks(const ObjectReader& card,
                                      std::optional<Unit> unit) {
  std::vector<Benchmark> benchmarks;
  const JsonValue* json = card.Find("benchmark");
  if (json == nullptr) return benchmarks;
  if (json->type == JsonValue::Type::kText) {
    if (std::optional<Threshold> threshold =
            card.ReadThreshold("benchmark", unit)) {
      benchmarks.push_back({*threshold, kNoTime});
    }
    return benchmarks;
  }
  if (json->type != JsonValue::Type::kObject) {
    card.Error("benchmark",
               "must be text such as \"<15m\" or an object with \"history\"");
    return benchmarks;
  }
  const ObjectReader reader(*json, card.Path("benchmark"),
                            "scorecards[].cards[].benchmark", card.errors());
  if (reader.Find("history") == nullptr) reader.Missing("history");
  reader.ForEach("history", [&](const JsonValue& item,
                                const std::string& path) {
    const ObjectReader entry(
        item, path, "scorecards[].cards[].benchmark.history[]", card.errors());
    if (entry.Find("benchmark") == nullptr) entry.Missing("benchmark");
    std::optional<Threshold> threshold = entry.ReadThreshold("benchmark", unit);
    const int64_t from_us = entry.Time("from").value_or(kNoTime);
    if (!threshold.has_value()) return;
    if (!benchmarks.empty() && from_us <= benchmarks.back().from_us) {
      entry.Error("from", "must be later than that of the entry before");
    }
    benchmarks.push_back({*threshold, from_us});
  });
  if (const JsonValue* history = reader.Find("history");
      history != nullptr && history->type == JsonValue::Type::kList &&
      history->items.empty()) {
    reader.Error("history", "must not be empty");
  }
  return benchmarks;
}

// The first zone that holds gives its points, so each must be wider than the
// one before, or it could never hold.
std::vector<ScoreZone> ReadZones(const ObjectReader& card,
                                 std::optional<Unit> unit) {
  std::vector<ScoreZone> zones;
  card.ForEach("zones", [&](const JsonValue& item, const std::string& path) {
    const ObjectReader reader(item, path, "scorecards[].cards[].zones[]",
                              card.errors());
    ScoreZone zone;
    if (reader.Find("when") == nullptr) reader.Missing("when");
    std::optional<Threshold> when = reader.ReadThreshold("when", unit);
    if (reader.Find("points") == nullptr) {
      reader.Missing("points");
    } else if (std::optional<int64_t> percent =
                   reader.Integer("points", 0, 100)) {
      zone.points_permille = *percent * 10;
    }
    if (!when.has_value()) return;
    zone.when = *when;
    if (!zones.empty()) {
      const Threshold& before = zones.back().when;
      const Direction direction = DirectionOf(before.comparator);
      const bool strict_then_open =
          before.value_micro == when->value_micro &&
          (before.comparator == Comparator::kLess ||
           before.comparator == Comparator::kGreater) &&
          before.comparator != when->comparator;
      if (DirectionOf(when->comparator) != direction) {
        reader.Error("when", "must look the same way as the zone before");
      } else if (!strict_then_open &&
                 !IsBetter(before.value_micro, when->value_micro, direction)) {
        reader.Error("when", "can never apply, the zone before covers it");
      }
    }
    zones.push_back(zone);
  });
  return zones;
}

// Shares of a whole: 85 instead of 85% could never be met.
bool IsPartOfWhole(const Config& config, const std::string& kpi) {
  const std::optional<KpiSpec> spec = ResolveKpi(config, kpi);
  return spec.has_value() && spec->kpi != Kpi::kFormula &&
         spec->kpi != Kpi::kForecastAccuracy &&
         spec->kpi != Kpi::kUtilization && SpecUnit(*spec) == Unit::kRatio;
}

void CheckPossible(const ObjectReader& reader, std::string_view key,
                   const Threshold& threshold) {
  constexpr int64_t kWhole = 1'000'000;
  if (threshold.value_micro <= kWhole) return;
  reader.Error(key,
               "must be at most 100%, is " +
                   FormatQuantity(threshold.value_micro, Unit::kRatio) +
                   (threshold.value_micro <= 100 * kWhole
                        ? "; did you mean \"" +
                              FormatThreshold({threshold.comparator,
                                               threshold.value_micro / 100},
                                              Unit::kRatio) +
                              "\"?"
                        : ""));
}

ScoreCard ReadCard(const ObjectReader& reader, const Config& config,
                   Attainment attainment) {
  ScoreCard card;
  std::optional<Unit> unit;
  if (std::optional<std::string> name = reader.RequiredText("kpi")) {
    CheckKpiName(config, *name, reader.Path("kpi"), reader.errors());
    unit = UnitOfKpi(config, *name);
    card.kpi = *std::move(name);
  }
  card.scope = reader.Scope("scope");
  card.benchmarks = ReadBenchmarks(reader, unit);
  card.zones = ReadZones(reader, unit);
  if (reader.Find("weight") == nullptr) {
    reader.Missing("weight");
  } else if (std::optional<int64_t> weight =
                 reader.Permille("weight", kLargestWeight)) {
    card.weight_permille = *weight;
  }
  card.min_n = reader.Integer("min_n", 0, kLargestCount).value_or(0);

  const bool by_zones = attainment == Attainment::kZones;
  if (by_zones && card.zones.empty() && reader.Find("zones") == nullptr) {
    reader.Error("zones", "missing; the scorecard's attainment is zones");
  }
  if (!by_zones && reader.Find("zones") != nullptr) {
    reader.Error("zones", "the scorecard's attainment is not zones");
  }
  if (!by_zones && reader.Find("benchmark") == nullptr) {
    reader.Missing("benchmark");
  }
  if (IsPartOfWhole(config, card.kpi)) {
    for (const Benchmark& benchmark : card.benchmarks) {
      CheckPossible(reader, "benchmark", benchmark.threshold);
    }
    for (const ScoreZone& zone : card.zones) {
      CheckPossible(reader, "zones", zone.when);
    }
  }
  if (const std::optional<KpiSpec> spec = ResolveKpi(config, card.kpi);
      spec.has_value() && spec->kpi == Kpi::kStateTime && spec->state.empty()) {
    reader.Error("kpi",
                 Quoted(card.kpi) +
                     " has a value for each agent state; configure a KPI "
                     "{\"kpi\": \"state_time\", \"state\": …} and name that");
  }
  if (attainment == Attainment::kLinear) {
    // benchmark / actual means nothing at 0.
    for (const Benchmark& benchmark : card.benchmarks) {
      if (benchmark.threshold.value_micro <= 0) {
        reader.Error("benchmark", "must be above 0 for linear attainment");
        break;
      }
    }
  }
  return card;
}

// One score for each group: its dimensions are not fixed elsewhere.
void ReadGroups(const ObjectReader& reader, Scorecard& scorecard) {
  scorecard.by = reader.Dimensions("by");
  for (const Dimension& dimension : scorecard.by) {
    const std::string name = DimensionName(dimension);
    if (scorecard.scope.count(name) != 0) {
      reader.Error("by", Quoted(name) + " is fixed by \"scope\"");
    }
    for (size_t c = 0; c < scorecard.cards.size(); ++c) {
      if (scorecard.cards[c].scope.count(name) != 0) {
        reader.Error("by", Quoted(name) + " is fixed by the scope of cards[" +
                               std::to_string(c) + "]");
      }
    }
  }
  if (!scorecard.by.empty() && reader.Find("of") != nullptr) {
    reader.Error("by", "a roll-up (\"of\") has one score, not one per group");
  }
}

// "of": names, or {"scorecard": name, "weight": …}. A name alone weighs 1.
void ReadMembers(const ObjectReader& reader, Scorecard& scorecard) {
  const JsonValue* list = reader.Find("of");
  if (list == nullptr) return;
  if (list->type == JsonValue::Type::kList && list->items.empty()) {
    reader.Error("of", "must not be empty");
  }
  reader.ForEach("of", [&](const JsonValue& item, const std::string& path) {
    ScoreMember member;
    member.weight_permille = 1000;
    std::string name_path = path;
    if (item.type == JsonValue::Type::kText) {
      member.scorecard = ItemText(item, path, reader.errors()).value_or("");
      if (!scorecard.cards.empty()) {
        reader.errors().Add(
            path, "needs a weight beside \"cards\": {\"scorecard\": " +
                      Quoted(member.scorecard) + ", \"weight\": 50}");
      }
    } else if (item.type == JsonValue::Type::kObject) {
      const ObjectReader entry(item, path, "scorecards[].of[]",
                               reader.errors());
      member.scorecard = entry.RequiredText("scorecard").value_or("");
      name_path = entry.Path("scorecard");
      if (entry.Find("weight") == nullptr) {
        entry.Missing("weight");
      } else {
        member.weight_permille =
            entry.Permille("weight", kLargestWeight).value_or(1000);
      }
    } else {
      reader.errors().Add(path,
                          "must be a scorecard's id or an object with "
                          "\"scorecard\" and \"weight\"");
    }
    const auto same = [&](const ScoreMember& other) {
      return other.scorecard == member.scorecard;
    };
    if (!member.scorecard.empty() &&
        std::any_of(scorecard.of.begin(), scorecard.of.end(), same)) {
      reader.errors().Add(name_path,
                          Quoted(member.scorecard) + " is there twice");
    }
    // Kept in place, also when wrong: its index is part of later errors.
    scorecard.of.push_back(std::move(member));
  });
}

// Members exist, have the same windows, and do not contain each other.
void CheckMembers(const Config& config, ConfigErrors& errors) {
  const std::vector<Scorecard>& scorecards = config.scorecards;
  std::vector<std::string_view> ids;
  for (const Scorecard& scorecard : scorecards) ids.push_back(scorecard.id);
  std::vector<std::vector<size_t>> names(scorecards.size());
  for (size_t i = 0; i < scorecards.size(); ++i) {
    for (size_t j = 0; j < scorecards[i].of.size(); ++j) {
      const std::string& id = scorecards[i].of[j].scorecard;
      if (id.empty()) continue;
      const std::string path =
          "scorecards[" + std::to_string(i) + "].of[" + std::to_string(j) + "]";
      const auto found = std::find(ids.begin(), ids.end(), id);
      if (found == ids.end()) {
        errors.Add(path, "no scorecard " + Quoted(id) + DidYouMean(id, ids));
        continue;
      }
      const auto member = static_cast<size_t>(found - ids.begin());
      names[i].push_back(member);
      if (scorecards[member].every != scorecards[i].every) {
        errors.Add(path,
                   Quoted(id) + " is of every " +
                       std::string(FrequencyName(scorecards[member].every)) +
                       ", this scorecard of every " +
                       std::string(FrequencyName(scorecards[i].every)));
      }
    }
  }
  const std::vector<size_t> circle = FindCircle(names);
  if (!circle.empty()) {
    errors.Add(
        "scorecards[" + std::to_string(circle.front()) + "].of",
        "scorecards contain each other: " + CircleText(circle, scorecards));
  }
}

Scorecard ReadScorecard(const JsonValue& json, const std::string& path,
                        const Config& config, ConfigErrors& errors) {
  const ObjectReader reader(json, path, "scorecards[]", errors);
  Scorecard scorecard;
  if (json.type != JsonValue::Type::kObject) return scorecard;
  scorecard.id = ReadId(reader, config.scorecards);
  scorecard.scope = reader.Scope("scope");
  if (std::optional<size_t> every = reader.Choice("every", kEvery)) {
    scorecard.every = kFrequencies[*every];
  }
  constexpr std::string_view kAttainments[] = {"binary", "linear", "zones"};
  if (std::optional<size_t> word = reader.Choice("attainment", kAttainments)) {
    scorecard.attainment = static_cast<Attainment>(*word);
  }
  constexpr std::string_view kNoData[] = {"renormalise", "zero"};
  if (std::optional<size_t> word = reader.Choice("no_data", kNoData)) {
    scorecard.no_data = static_cast<ScoreNoData>(*word);
  }
  const JsonValue* cards = reader.Find("cards");
  if (cards == nullptr && reader.Find("of") == nullptr) {
    reader.Missing("cards");
  } else if (cards != nullptr && cards->type == JsonValue::Type::kList &&
             cards->items.empty()) {
    reader.Error("cards", "must not be empty");
  }
  reader.ForEach("cards", [&](const JsonValue& item,
                              const std::string& item_path) {
    const ObjectReader card(item, item_path, "scorecards[].cards[]", errors);
    if (item.type != JsonValue::Type::kObject) return;
    scorecard.cards.push_back(ReadCard(card, config, scorecard.attainment));
  });
  ReadGroups(reader, scorecard);
  ReadMembers(reader, scorecard);
  return scorecard;
}

std::string AtForm(Frequency every) {
  switch (every) {
    case Frequency::kHourly:
      return "\":15\", a minute of the hour";
    case Frequency::kDaily:
      return "\"08:00\"";
    case Frequency::kMonthly:
      return "\"1 08:00\", a day from 1 to 28 and a time";
    default:
      return "\"Mon 08:00\"";
  }
}

ReportSchedule ReadReport(const JsonValue& json, const std::string& path,
                          const Config& config, ConfigErrors& errors) {
  const ObjectReader reader(json, path, "reports[]", errors);
  ReportSchedule report;
  if (json.type != JsonValue::Type::kObject) return report;
  report.id = ReadId(reader, config.reports);
  bool every_known = true;
  if (std::optional<size_t> every = reader.Choice("every", kEvery)) {
    report.every = kFrequencies[*every];
  } else {
    every_known = reader.Find("every") == nullptr;
  }
  if (std::optional<std::string> at = reader.Text("at"); at && every_known) {
    report.due = ParseReportTime(*at, report.every);
    if (!report.due.has_value()) {
      reader.Error("at", Quoted(*at) + " is no " + AtForm(report.every));
    }
    report.at = *std::move(at);
  }
  reader.ForEach(
      "kpis", [&](const JsonValue& item, const std::string& item_path) {
        std::optional<std::string> name = ItemText(item, item_path, errors);
        if (!name.has_value()) return;
        CheckKpiName(config, *name, item_path, errors);
        report.kpis.push_back(*std::move(name));
      });
  reader.ForEach(
      "scorecards", [&](const JsonValue& item, const std::string& item_path) {
        std::optional<std::string> name = ItemText(item, item_path, errors);
        if (!name.has_value()) return;
        std::vector<std::string_view> ids;
        for (const Scorecard& other : config.scorecards)
          ids.push_back(other.id);
        if (std::find(ids.begin(), ids.end(), *name) == ids.end()) {
          errors.Add(item_path,
                     "no scorecard " + Quoted(*name) + DidYouMean(*name, ids));
        }
        report.scorecards.push_back(*std::move(name));
      });
  report.by = reader.Dimensions("by");
  report.to = reader.Texts("to");
  constexpr std::string_view kFormats[] = {"table", "csv", "json", "html"};
  if (std::optional<size_t> word = reader.Choice("format", kFormats)) {
    report.format = std::string(kFormats[*word]);
  }
  return report;
}

}  // namespace

void ReadScorecards(const ObjectReader& top, Config& config) {
  top.ForEach("scorecards",
              [&](const JsonValue& item, const std::string& path) {
                config.scorecards.push_back(
                    ReadScorecard(item, path, config, top.errors()));
              });
  CheckMembers(config, top.errors());
}

void ReadReports(const ObjectReader& top, Config& config) {
  top.ForEach("reports", [&](const JsonValue& item, const std::string& path) {
    config.reports.push_back(ReadReport(item, path, config, top.errors()));
  });
}

}  // namespace cckpi
