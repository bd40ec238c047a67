// Entry points of snapshots and shards.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "capi/src/answer_tables.h"
#include "capi/src/guard.h"
#include "capi/src/handles.h"
#include "capi/src/make_engine.h"
#include "capi/src/query.h"
#include "cckpi/base/status_macros.h"

namespace cckpi::capi {
namespace {

using NamedBytes = std::map<std::string, std::string>;

// `what` is "position" or "section".
absl::StatusOr<NamedBytes> ReadNamedBytes(const std::string& what,
                                          const cckpi_text* names,
                                          const cckpi_text* values,
                                          size_t count) {
  const std::string place = absl::StrCat("options.", what, "_names");
  CCKPI_ASSIGN_OR_RETURN(std::vector<std::string> keys,
                         ReadTexts(place, names, count));
  CCKPI_ASSIGN_OR_RETURN(
      std::vector<std::string> bytes,
      ReadTexts(absl::StrCat("options.", what, "s"), values, count));
  NamedBytes named;
  for (size_t i = 0; i < count; ++i) {
    if (!named.emplace(keys[i], std::move(bytes[i])).second) {
      return Invalid(place, absl::StrCat("\"", keys[i], "\" is there twice"));
    }
  }
  return named;
}

const char* FindBytes(const NamedBytes& named, const char* name, size_t size,
                      size_t* out_size) {
  for (const auto& [key, bytes] : named) {
    // The size first: a name of an impossible one is never read.
    if (key.size() != size || key != View(name, size)) continue;
    if (out_size != nullptr) *out_size = bytes.size();
    return bytes.c_str();
  }
  return nullptr;
}

absl::StatusOr<TableData> SavedTable(const Engine& engine) {
  TableBuilder builder;
  const size_t kind = builder.AddColumn("kind", CCKPI_TYPE_TEXT);
  const size_t name = builder.AddColumn("name", CCKPI_TYPE_TEXT);
  const size_t size = builder.AddColumn("size", CCKPI_TYPE_INT64);
  const auto add = [&](std::string_view what, const NamedBytes& named) {
    for (const auto& [key, bytes] : named) {
      builder.Text(kind, what);
      builder.Text(name, key);
      builder.Integer(size, static_cast<int64_t>(bytes.size()));
      builder.EndRow();
    }
  };
  add("position", engine.positions());
  add("section", engine.sections());
  return Finished(std::move(builder), Zone());
}

}  // namespace
}  // namespace cckpi::capi

using namespace cckpi;        // NOLINT: the entry points stand outside
using namespace cckpi::capi;  // NOLINT

extern "C" {

cckpi_code cckpi_engine_save(const cckpi_engine* engine,
                             const cckpi_snapshot_options* options,
                             cckpi_buffer** out_snapshot, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    cckpi_snapshot_options own;
    CCKPI_RETURN_IF_ERROR(ReadStruct("options", options, &own));
    if (out_snapshot == nullptr) return Missing("out_snapshot");
    SnapshotOptions snapshot;
    CCKPI_ASSIGN_OR_RETURN(snapshot.positions,
                           ReadNamedBytes("position", own.position_names,
                                          own.positions, own.position_count));
    CCKPI_ASSIGN_OR_RETURN(snapshot.sections,
                           ReadNamedBytes("section", own.section_names,
                                          own.sections, own.section_count));
    CCKPI_ASSIGN_OR_RETURN(std::string bytes, engine->engine->Save(snapshot));
    *out_snapshot = MakeBuffer(std::move(bytes)).release();
    return Outcome();
  });
}

cckpi_code cckpi_engine_restore(const cckpi_config* config,
                                const cckpi_engine_options* options,
                                const char* snapshot, size_t size,
                                cckpi_engine** out_engine,
                                cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckText("snapshot", snapshot, size));
    return MakeEngine(config, options, out_engine,
                      [&](const Config& chosen, EngineOptions own) {
                        return Engine::Restore(chosen, View(snapshot, size),
                                               std::move(own));
                      });
  });
}

const char* cckpi_engine_position(const cckpi_engine* engine, const char* name,
                                  size_t size, size_t* out_size) {
  if (!IsUsable(engine) || name == nullptr) return nullptr;
  return FindBytes(engine->engine->positions(), name, size, out_size);
}

const char* cckpi_engine_section(const cckpi_engine* engine, const char* name,
                                 size_t size, size_t* out_size) {
  if (!IsUsable(engine) || name == nullptr) return nullptr;
  return FindBytes(engine->engine->sections(), name, size, out_size);
}

cckpi_code cckpi_engine_saved(const cckpi_engine* engine,
                              cckpi_table** out_table, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    return GiveTable(SavedTable(*engine->engine), "out_table", out_table);
  });
}

cckpi_code cckpi_engine_merge(cckpi_engine* engine, const cckpi_engine* other,
                              cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    CCKPI_RETURN_IF_ERROR(CheckHandle("other", other, Mark::kEngine));
    CCKPI_RETURN_IF_ERROR(CheckEngine(other));
    if (engine == other) return Invalid("other", "is the engine itself");
    Change change(engine);
    absl::Status status = engine->engine->Merge(*other->engine);
    change.Complete();
    return status;
  });
}

cckpi_code cckpi_engine_join(cckpi_engine* engine, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    Change change(engine);
    engine->engine->Join();
    change.Complete();
    return Outcome();
  });
}

}  // extern "C"
