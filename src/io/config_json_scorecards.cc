// scorecards, reports

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cckpi/kpi/threshold.h"
#include "io/config_json_reader.h"
#include "io/config_json_sections.h"

namespace cckpi {
namespace {

constexpr std::string_view kEvery[] = {"hour", "day", "week", "month"};
constexpr Frequency kFrequencies[] = {Frequency::kHourly, Frequency::kDaily,
                                      Frequency::kWeekly, Frequency::kMonthly};
constexpr int64_t kLargestCount = 1'000'000'000;

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
                 reader.Permille("weight", 1000 * 1000)) {
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
    scorecard.no_data = std::string(kNoData[*word]);
  }
  const JsonValue* cards = reader.Find("cards");
  if (cards == nullptr) {
    reader.Missing("cards");
  } else if (cards->type == JsonValue::Type::kList && cards->items.empty()) {
    reader.Error("cards", "must not be empty");
  }
  reader.ForEach("cards", [&](const JsonValue& item,
                              const std::string& item_path) {
    const ObjectReader card(item, item_path, "scorecards[].cards[]", errors);
    if (item.type != JsonValue::Type::kObject) return;
    scorecard.cards.push_back(ReadCard(card, config, scorecard.attainment));
  });
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
}

void ReadReports(const ObjectReader& top, Config& config) {
  top.ForEach("reports", [&](const JsonValue& item, const std::string& path) {
    config.reports.push_back(ReadReport(item, path, config, top.errors()));
  });
}

}  // namespace cckpi
