// kpis, and looking KPIs up by name

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/formula.h"
#include "src/base/text.h"
#include "src/io/config_json_reader.h"
#include "src/io/config_json_sections.h"
#include "src/kpi/did_you_mean.h"

namespace cckpi {
namespace {

constexpr size_t kMaxKpis = 1000;

bool IsKpiId(std::string_view id) {
  return !id.empty() && id.size() <= 100 &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') ||
                  ('0' <= c && c <= '9') || c == '_' || c == '-' || c == '.';
         });
}

// Ids and catalogue names.
std::vector<std::string_view> KpiNames(const Config& config) {
  std::vector<std::string_view> names;
  for (const KpiSpec& spec : config.kpis) {
    if (!spec.id.empty()) names.push_back(spec.id);
  }
  for (const KpiDefinition& definition : Catalogue()) {
    names.push_back(definition.name);
  }
  return names;
}

// An option's JSON as the text that SetKpiOption takes; an error and nothing
// if it is of the wrong kind.
std::optional<std::string> OptionText(const ObjectReader& reader,
                                      const KpiOption& option) {
  if (option.values == "true | false") {
    std::optional<bool> flag = reader.Flag(option.name);
    if (!flag.has_value()) return std::nullopt;
    return *flag ? "true" : "false";
  }
  if (option.values.substr(0, 4) == "list") {
    if (reader.Typed(option.name, JsonValue::Type::kList) == nullptr) {
      return std::nullopt;
    }
    std::string text;
    for (const std::string& item : reader.Texts(option.name)) {
      if (item.find(',') != std::string::npos) {
        reader.Error(option.name, Quoted(item) + " holds a comma");
        return std::nullopt;
      }
      if (!text.empty()) text += ',';
      text += item;
    }
    return text;
  }
  return reader.Text(option.name);
}

void ReadOptions(const ObjectReader& reader, KpiSpec& spec) {
  // Keys in their order in the catalogue, so that the same configuration
  // gives the same errors in the same order.
  bool sound = true;
  for (const KpiOption& option : Definition(spec.kpi).options) {
    if (reader.Find(option.name) == nullptr) continue;
    std::optional<std::string> text = OptionText(reader, option);
    if (!text.has_value()) {
      sound = false;
      continue;
    }
    absl::Status status = SetKpiOption(spec, option.name, *text);
    if (!status.ok()) {
      sound = false;
      reader.errors().AddStatus(reader.path(), status);
    }
  }
  if (!sound) return;
  absl::Status status = ValidateKpiSpec(spec);
  if (!status.ok()) reader.errors().AddStatus(reader.path(), status);
}

// Keys that some KPI takes, but not this one.
void RefuseForeignOptions(const ObjectReader& reader, const JsonValue& json,
                          Kpi kpi) {
  const KpiDefinition& definition = Definition(kpi);
  for (const auto& [key, value] : json.members) {
    bool foreign = false;
    for (const KpiDefinition& other : Catalogue()) {
      foreign = foreign || FindOption(other.kpi, key) != nullptr;
    }
    if (foreign && FindOption(kpi, key) == nullptr) {
      std::vector<std::string_view> names;
      for (const KpiOption& option : definition.options) {
        names.push_back(option.name);
      }
      reader.Error(key, std::string(definition.name) + " takes no such option" +
                            (names.empty() ? "" : "; it takes ") +
                            ListOf(names));
    }
  }
}

void ReadKpiId(const ObjectReader& reader, const Config& config,
               KpiSpec& spec) {
  std::optional<std::string> id = reader.Text("id");
  if (!id.has_value()) return;
  if (!IsKpiId(*id)) {
    reader.Error("id",
                 "must be at most 100 letters, digits, \"_\", \"-\" and "
                 "\".\", is " +
                     Quoted(*id));
    return;
  }
  const KpiDefinition* same_name = FindKpi(*id);
  if (same_name != nullptr && same_name->kpi != spec.kpi) {
    reader.Error("id", Quoted(*id) + " is the name of another KPI");
  } else if (FindCounter(*id) != nullptr) {
    reader.Error("id", Quoted(*id) + " is the name of a counter of " +
                           std::string(Definition(FindCounter(*id)->kpi).name));
  }
  for (const KpiSpec& other : config.kpis) {
    if (other.id == *id) {
      reader.Error("id", Quoted(*id) + " is there twice");
      break;
    }
  }
  spec.id = *std::move(id);
}

KpiSpec ReadKpi(const JsonValue& json, const std::string& path,
                const Config& config, ConfigErrors& errors) {
  const ObjectReader reader(json, path, "kpis[]", errors);
  KpiSpec spec;
  const bool has_kpi = reader.Find("kpi") != nullptr;
  const bool has_formula = reader.Find("formula") != nullptr;
  if (json.type != JsonValue::Type::kObject) return spec;
  if (has_kpi == has_formula) {
    errors.Add(path, has_kpi ? "has both \"kpi\" and \"formula\""
                             : "needs \"kpi\" or \"formula\"");
  }
  if (has_formula) {
    spec = DefaultSpec(Kpi::kFormula);
    ReadKpiId(reader, config, spec);
    if (reader.Find("id") == nullptr) {
      reader.Error("id", "missing; a formula needs a name");
    }
    if (has_kpi) return spec;
    spec.formula = reader.Text("formula").value_or("");
    RefuseForeignOptions(reader, json, Kpi::kFormula);
    if (!spec.formula.empty()) {
      absl::Status status = ValidateKpiSpec(spec);
      if (!status.ok()) errors.AddStatus(path, status);
    }
    return spec;
  }
  std::optional<std::string> name = reader.Text("kpi");
  if (!name.has_value()) return spec;
  const KpiDefinition* definition = FindKpi(*name);
  if (definition == nullptr) {
    std::vector<std::string_view> names = KpiNames(Config());
    reader.Error("kpi", "no KPI " + Quoted(*name) + DidYouMean(*name, names));
    spec.id = reader.Text("id").value_or("");
    return spec;
  }
  spec = DefaultSpec(definition->kpi, config);
  ReadKpiId(reader, config, spec);
  RefuseForeignOptions(reader, json, spec.kpi);
  ReadOptions(reader, spec);
  return spec;
}

// Names in formulas stand for something. A formula names only formulas before
// it, so none needs its own value.
void CheckFormulas(const Config& config, ConfigErrors& errors) {
  std::vector<std::string_view> candidates = KpiNames(config);
  for (const KpiCounter& counter : Counters()) {
    candidates.push_back(counter.name);
  }
  std::map<std::string_view, size_t> formulas;  // by id
  for (size_t i = 0; i < config.kpis.size(); ++i) {
    const KpiSpec& spec = config.kpis[i];
    if (spec.kpi == Kpi::kFormula) formulas.emplace(spec.id, i);
  }
  for (const auto& entry : formulas) {
    const size_t index = entry.second;
    absl::StatusOr<Formula> formula =
        Formula::Parse(config.kpis[index].formula);
    if (!formula.ok()) continue;
    const std::string path = "kpis[" + std::to_string(index) + "].formula";
    for (const std::string& name : formula->names()) {
      const auto other = formulas.find(name);
      if (other != formulas.end()) {
        if (other->second == index) {
          errors.Add(path, "needs its own value");
        } else if (other->second > index) {
          errors.Add(path, Quoted(name) + " is a formula that comes later");
        }
      } else if (!ResolveKpi(config, name).has_value() &&
                 FindCounter(name) == nullptr) {
        errors.Add(path, "no KPI or counter " + Quoted(name) +
                             DidYouMean(name, candidates));
      }
    }
  }
}

}  // namespace

void ReadKpis(const ObjectReader& top, Config& config) {
  config.kpis_given = top.Find("kpis") != nullptr;
  top.ForEach("kpis", [&](const JsonValue& item, const std::string& path) {
    if (config.kpis.size() == kMaxKpis) {
      top.errors().Add(path, "more than " + std::to_string(kMaxKpis) + " KPIs");
      return;
    }
    const size_t errors_before = top.errors().count();
    KpiSpec spec = ReadKpi(item, path, config, top.errors());
    const bool sound = top.errors().count() == errors_before;
    const auto same = std::find(config.kpis.begin(), config.kpis.end(), spec);
    if (sound && same != config.kpis.end()) {
      top.errors().Add(path, "is the same as kpis[" +
                                 std::to_string(same - config.kpis.begin()) +
                                 "]");
    }
    config.kpis.push_back(std::move(spec));
  });
  CheckFormulas(config, top.errors());
}

bool CheckKpiName(const Config& config, std::string_view name,
                  const std::string& path, ConfigErrors& errors) {
  if (ResolveKpi(config, name).has_value()) return true;
  const std::vector<std::string_view> names = KpiNames(config);
  errors.Add(path, "no KPI " + Quoted(name) + DidYouMean(name, names));
  return false;
}

std::optional<Unit> UnitOfKpi(const Config& config, std::string_view name) {
  std::optional<KpiSpec> spec = ResolveKpi(config, name);
  if (!spec.has_value() || spec->kpi == Kpi::kFormula) return std::nullopt;
  return SpecUnit(*spec);
}

}  // namespace cckpi
