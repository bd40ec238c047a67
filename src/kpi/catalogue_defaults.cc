// What the catalogue gives where configuration says nothing.

#include <optional>
#include <string_view>
#include <vector>

#include "cckpi/kpi/catalogue.h"

namespace cckpi {
namespace {

bool HasBusinessVariant(const KpiDefinition& definition) {
  if (definition.kpi == Kpi::kBacklog) return false;
  for (const KpiOption& option : definition.options) {
    if (option.name == "clock") return true;
  }
  return false;
}

}  // namespace

KpiSpec DefaultSpec(Kpi kpi) {
  const KpiDefinition& definition = Definition(kpi);
  KpiSpec spec;
  spec.kpi = kpi;
  spec.statistic = definition.statistic;
  spec.attribution = definition.attribution;
  switch (kpi) {
    case Kpi::kServiceLevel:
    case Kpi::kBeyondTurnaround:
      spec.within_us = kDefaultTarget;
      break;
    case Kpi::kDueWithin:
      spec.within_us = kDefaultTarget;
      spec.horizon_us = 15 * kMinute;
      spec.stage = Stage::kEvery;
      break;
    case Kpi::kOperatingTime:
      spec.to = SpanEnd::kLastAgentMessage;
      break;
    case Kpi::kTransferred:
    case Kpi::kMessages:
      spec.counts = CountUnit::kEvents;
      break;
    default:
      break;
  }
  return spec;
}

KpiSpec DefaultSpec(Kpi kpi, const Config& config) {
  KpiSpec spec = DefaultSpec(kpi);
  if (FindOption(kpi, "load") != nullptr) spec.load = config.agent_load;
  return spec;
}

std::optional<KpiSpec> ResolveKpi(const Config& config, std::string_view name) {
  if (name.empty()) return std::nullopt;
  for (const KpiSpec& spec : config.kpis) {
    if (spec.id == name) return spec;
  }
  const KpiDefinition* definition = FindKpi(name);
  if (definition == nullptr) return std::nullopt;
  for (const KpiSpec& spec : config.kpis) {
    if (spec.id.empty() && spec.kpi == definition->kpi) return spec;
  }
  return DefaultSpec(definition->kpi, config);
}

std::vector<KpiSpec> DefaultKpis(bool with_business_clock) {
  std::vector<KpiSpec> specs;
  for (const KpiDefinition& definition : Catalogue()) {
    specs.push_back(DefaultSpec(definition.kpi));
    if (with_business_clock && HasBusinessVariant(definition)) {
      specs.push_back(DefaultSpec(definition.kpi));
      specs.back().clock = Clock::kBusiness;
    }
  }
  return specs;
}

}  // namespace cckpi
