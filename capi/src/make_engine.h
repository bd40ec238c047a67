// What the ways of making an engine share.

#ifndef CCKPI_CAPI_SRC_MAKE_ENGINE_H_
#define CCKPI_CAPI_SRC_MAKE_ENGINE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "capi/src/guard.h"
#include "capi/src/handles.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/engine/engine.h"
#include "cckpi/io/render_html.h"

namespace cckpi::capi {

// `make` takes a Config and EngineOptions and gives the engine.
template <typename Make>
Outcome MakeEngine(const cckpi_config* config,
                   const cckpi_engine_options* options,
                   cckpi_engine** out_engine, Make&& make) {
  CCKPI_RETURN_IF_ERROR(CheckOptional("config", config, Mark::kConfig));
  cckpi_engine_options own;
  CCKPI_RETURN_IF_ERROR(
      ReadStruct("options", options, &own, Presence::kOptional,
                 CCKPI_ENGINE_SHARD | CCKPI_ENGINE_KEEP_FOR_HTML));
  CCKPI_RETURN_IF_ERROR(CheckText("options.explain", own.explain));
  if (out_engine == nullptr) return Missing("out_engine");
  auto chosen = config != nullptr ? std::make_shared<Config>(config->config)
                                  : std::make_shared<Config>();
  if ((own.flags & CCKPI_ENGINE_KEEP_FOR_HTML) != 0) KeepForHtml(chosen.get());
  EngineOptions engine_options;
  engine_options.explain = std::string(View(own.explain));
  engine_options.shard = (own.flags & CCKPI_ENGINE_SHARD) != 0;
  auto engine = std::make_unique<cckpi_engine>();
  absl::StatusOr<Engine> made = make(*chosen, std::move(engine_options));
  if (!made.ok()) return made.status();
  absl::StatusOr<Zone> zone = LoadZone(chosen->time_zone);
  if (!zone.ok()) return zone.status();
  engine->engine.emplace(*std::move(made));
  engine->zone = *std::move(zone);
  engine->config = std::move(chosen);
  *out_engine = engine.release();
  return Outcome();
}

}  // namespace cckpi::capi

#endif  // CCKPI_CAPI_SRC_MAKE_ENGINE_H_
