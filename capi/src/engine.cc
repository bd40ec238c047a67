// Entry points of the engine: making it, moving time, asking.

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
#include "cckpi/base/time.h"
#include "cckpi/calendar/opening_hours.h"
#include "cckpi/calendar/zone.h"

namespace cckpi::capi {
namespace {

// Runs what an engine is asked, and gives the table.
template <typename Ask>
cckpi_code GiveAnswer(const cckpi_engine* engine, cckpi_table** out_table,
                      cckpi_error** error, Ask&& ask) {
  return Guard(error, [&]() -> Outcome {
    absl::Status status = CheckEngine(engine);
    if (!status.ok()) return status;
    if (out_table == nullptr) return Missing("out_table");
    absl::StatusOr<TableData> data = ask();
    if (!data.ok()) return data.status();
    *out_table = MakeTable(*std::move(data)).release();
    return Outcome();
  });
}

// A report of no rows: the counts and refusals of all events.
absl::StatusOr<Report> Accounts(const cckpi_engine& engine) {
  Query query;
  query.by = GroupBy();
  query.begin_us = kEarliestTime;
  query.end_us = kEarliestTime;
  return engine.engine->Ask(query);
}

}  // namespace
}  // namespace cckpi::capi

using namespace cckpi;        // NOLINT: the entry points stand outside
using namespace cckpi::capi;  // NOLINT

extern "C" {

cckpi_code cckpi_engine_create(const cckpi_config* config,
                               const cckpi_engine_options* options,
                               cckpi_engine** out_engine, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    return MakeEngine(config, options, out_engine, Engine::Create);
  });
}

void cckpi_engine_destroy(cckpi_engine* engine) {
  Destroy(engine, Mark::kEngine);
}

cckpi_code cckpi_engine_status(const cckpi_engine* engine) {
  return Guard(nullptr, [&]() -> Outcome { return CheckEngine(engine); });
}

cckpi_code cckpi_engine_advance(cckpi_engine* engine, int64_t now_us,
                                cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    absl::Status status = CheckEngine(engine);
    if (!status.ok()) return status;
    if (now_us < kEarliestTime || now_us >= kLatestTime) {
      return Invalid("now_us", "outside 1990-01-01 to 2100-01-01");
    }
    Change change(engine);
    status = engine->engine->Advance(ToTime(now_us));
    change.Complete();
    return status;
  });
}

cckpi_code cckpi_engine_finish(cckpi_engine* engine, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    absl::Status status = CheckEngine(engine);
    if (!status.ok()) return status;
    Change change(engine);
    engine->engine->Finish();
    change.Complete();
    return Outcome();
  });
}

cckpi_code cckpi_engine_query(const cckpi_engine* engine,
                              const cckpi_query* query, cckpi_table** out_table,
                              cckpi_error** error) {
  return GiveAnswer(
      engine, out_table, error, [&]() -> absl::StatusOr<TableData> {
        absl::StatusOr<Query> asked = ReadQuery(query);
        if (!asked.ok()) return asked.status();
        absl::StatusOr<Report> report = engine->engine->Ask(*asked);
        if (!report.ok()) return report.status();
        return ReportTable(*std::move(report), engine->zone);
      });
}

cckpi_code cckpi_engine_query_all(const cckpi_engine* engine,
                                  const cckpi_query* queries, size_t count,
                                  cckpi_table** out_tables,
                                  cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    CCKPI_RETURN_IF_ERROR(
        CheckArray("queries", queries, count, sizeof(*queries)));
    if (out_tables == nullptr && count != 0) return Missing("out_tables");
    std::vector<Query> asked;
    for (size_t q = 0; q < count; ++q) {
      // Read by the struct_size of the first one.
      const char* at =
          reinterpret_cast<const char*>(queries) + q * queries->struct_size;
      absl::StatusOr<Query> query =
          ReadQuery(reinterpret_cast<const cckpi_query*>(at));
      if (!query.ok()) return {query.status(), static_cast<int64_t>(q) + 1};
      asked.push_back(*std::move(query));
    }
    CCKPI_ASSIGN_OR_RETURN(std::vector<Report> reports,
                           engine->engine->AskAll(asked));
    std::vector<std::unique_ptr<cckpi_table>> tables;
    for (Report& report : reports) {
      CCKPI_ASSIGN_OR_RETURN(TableData data,
                             ReportTable(std::move(report), engine->zone));
      tables.push_back(MakeTable(std::move(data)));
    }
    for (size_t q = 0; q < tables.size(); ++q) {
      out_tables[q] = tables[q].release();
    }
    return Outcome();
  });
}

cckpi_code cckpi_engine_explain(const cckpi_engine* engine,
                                const cckpi_query* query,
                                cckpi_table** out_table, cckpi_error** error) {
  return GiveAnswer(engine, out_table, error,
                    [&]() -> absl::StatusOr<TableData> {
                      absl::StatusOr<Query> asked = ReadQuery(query);
                      if (!asked.ok()) return asked.status();
                      absl::StatusOr<std::vector<Explanation>> answer =
                          engine->engine->Explain(*asked);
                      if (!answer.ok()) return answer.status();
                      return ExplanationTable(*answer, engine->zone);
                    });
}

cckpi_code cckpi_engine_longest_waits(const cckpi_engine* engine,
                                      const cckpi_text* where_names,
                                      const cckpi_text* where_values,
                                      size_t where_count, size_t most,
                                      cckpi_table** out_waits,
                                      cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    using Scope = std::map<std::string, std::string>;
    CCKPI_ASSIGN_OR_RETURN(
        Scope scope, ReadScope("", where_names, where_values, where_count));
    CCKPI_ASSIGN_OR_RETURN(std::vector<std::vector<OpenWait>> waits,
                           engine->engine->LongestWaits({&scope, 1}, most));
    return GiveTable(WaitTable(waits.front(), engine->zone), "out_waits",
                     out_waits);
  });
}

int64_t cckpi_engine_first(const cckpi_engine* engine) {
  return IsUsable(engine) ? engine->engine->first_us() : kNoTime;
}

int64_t cckpi_engine_watermark(const cckpi_engine* engine) {
  return IsUsable(engine) ? engine->engine->watermark_us() : kNoTime;
}

int64_t cckpi_engine_now(const cckpi_engine* engine) {
  return IsUsable(engine) ? engine->engine->now_us() : kNoTime;
}

int64_t cckpi_engine_next_timer(const cckpi_engine* engine) {
  int64_t next = kNever;
  const cckpi_code code = Guard(nullptr, [&]() -> Outcome {
    if (IsUsable(engine)) next = engine->engine->next_timer_us();
    return Outcome();
  });
  return code == CCKPI_OK ? next : kNever;
}

cckpi_code cckpi_engine_counts(const cckpi_engine* engine,
                               cckpi_event_counts* out_counts,
                               cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    absl::Status status = CheckEngine(engine);
    if (status.ok()) status = CheckOutStruct("out_counts", out_counts);
    if (!status.ok()) return status;
    absl::StatusOr<Report> report = Accounts(*engine);
    if (!report.ok()) return report.status();
    cckpi_event_counts counts = {};
    counts.applied = report->events.applied;
    counts.duplicate = report->events.duplicate;
    counts.late = report->events.late;
    counts.refused = report->events.refused;
    WriteStruct(counts, out_counts);
    return Outcome();
  });
}

cckpi_code cckpi_engine_refusals(const cckpi_engine* engine,
                                 cckpi_table** out_table, cckpi_error** error) {
  return GiveAnswer(engine, out_table, error,
                    [&]() -> absl::StatusOr<TableData> {
                      absl::StatusOr<Report> report = Accounts(*engine);
                      if (!report.ok()) return report.status();
                      return RefusalTable(report->refusals, engine->zone);
                    });
}

cckpi_code cckpi_engine_distributions(const cckpi_engine* engine,
                                      const cckpi_query* query,
                                      cckpi_table** out_table,
                                      cckpi_error** error) {
  return GiveAnswer(engine, out_table, error,
                    [&]() -> absl::StatusOr<TableData> {
                      absl::StatusOr<Query> asked = ReadQuery(query);
                      if (!asked.ok()) return asked.status();
                      absl::StatusOr<std::vector<Distribution>> answer =
                          engine->engine->Distributions(*asked);
                      if (!answer.ok()) return answer.status();
                      return DistributionTable(*answer, engine->zone);
                    });
}

uint64_t cckpi_engine_memory_bytes(const cckpi_engine* engine) {
  uint64_t bytes = 0;
  const cckpi_code code = Guard(nullptr, [&]() -> Outcome {
    if (IsUsable(engine)) bytes = engine->engine->memory_bytes();
    return Outcome();
  });
  return code == CCKPI_OK ? bytes : 0;
}

cckpi_code cckpi_engine_measure(const cckpi_engine* engine,
                                cckpi_engine_sizes* out_sizes,
                                cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    absl::Status status = CheckEngine(engine);
    if (status.ok()) status = CheckOutStruct("out_sizes", out_sizes);
    if (!status.ok()) return status;
    const Engine::Sizes measured = engine->engine->sizes();
    cckpi_engine_sizes sizes = {};
    sizes.interactions = measured.interactions;
    sizes.pending_events = measured.pending_events;
    sizes.cells = measured.cells;
    sizes.timers = measured.timers;
    sizes.bytes_per_interaction = measured.bytes_per_interaction;
    WriteStruct(sizes, out_sizes);
    return Outcome();
  });
}

}  // extern "C"
