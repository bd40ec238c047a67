// Every function with NULL, zero sizes, oversized lengths, handles of another
// type and handles that do not belong together: a code, and nothing else.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "capi/c_handles.h"

namespace cckpi::capi {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr size_t kHuge = std::numeric_limits<size_t>::max();
constexpr int64_t kNine = 1772442000000000;  // 2026-03-02T09:00:00Z

constexpr char kConfig[] = R"({
  "kpis": [{"kpi": "backlog"}, {"kpi": "first_response_time"}],
  "calendars": {"office": {"weekly": {"mon": [["09:00", "17:00"]]}}},
  "scorecards": [{"id": "card", "every": "day", "cards": [
    {"kpi": "first_response_time", "benchmark": "<15m", "weight": 1}]}],
  "scaling_matrix": [{"id": "rule", "kpi": "backlog", "target": "<=0",
    "bands": [{"level": "high", "over": 0, "notify": ["lead"]}]}]})";

// What the calls below are made with: one good handle of each kind.
struct Good {
  Good() {
    config = MakeConfig(kConfig);
    engine = MakeEngine(config.get());
    cckpi_monitor* made = nullptr;
    cckpi_monitor_create(config.get(), &made, nullptr);
    monitor = made;
    cckpi_rule* made_rule = nullptr;
    cckpi_rule_create(config.get(), "rule", 4, &made_rule, nullptr);
    rule = made_rule;
    cckpi_dictionary_create(OutTo(dictionary), nullptr);
    table = Ask(engine.get());
  }
  ~Good() {
    cckpi_monitor_destroy(monitor);
    cckpi_rule_destroy(rule);
  }
  Owned<cckpi_config> config;
  Owned<cckpi_engine> engine;
  cckpi_monitor* monitor = nullptr;
  cckpi_rule* rule = nullptr;
  Owned<cckpi_dictionary> dictionary;
  Owned<cckpi_table> table;
};

struct Call {
  const char* path;  // what the error names
  std::function<cckpi_code(cckpi_error**)> call;
};

void ExpectRefused(const std::vector<Call>& calls) {
  for (size_t c = 0; c < calls.size(); ++c) {
    SCOPED_TRACE(c);
    EXPECT_EQ(calls[c].call(nullptr), CCKPI_INVALID_ARGUMENT) << calls[c].path;
    cckpi_error* error = nullptr;
    EXPECT_EQ(calls[c].call(&error), CCKPI_INVALID_ARGUMENT);
    ASSERT_NE(error, nullptr);
    EXPECT_STREQ(cckpi_error_path(error, nullptr), calls[c].path);
    EXPECT_EQ(cckpi_error_code(error), CCKPI_INVALID_ARGUMENT);
    cckpi_error_destroy(error);
  }
}

#define CALL(path, expression)                            \
  Call {                                                  \
    path, [&](cckpi_error** error) { return expression; } \
  }

TEST(CArgumentsTest, RequiredHandlesAndOutputsAreNotNull) {
  Good good;
  cckpi_engine* engine = good.engine.get();
  cckpi_monitor* monitor = good.monitor;
  cckpi_rule* rule = good.rule;
  cckpi_table* table = nullptr;
  cckpi_buffer* buffer = nullptr;
  const cckpi_config* config = good.config.get();
  int64_t number = 0;
  ArrowSchema schema;
  ArrowArray array;
  cckpi_rule_reading reading = {};
  reading.struct_size = sizeof(reading);
  reading.now_us = kNine;
  ExpectRefused({
      CALL("out_config", cckpi_config_create("{}", 2, nullptr, error)),
      CALL("out_problems", cckpi_config_check("{}", 2, nullptr, error)),
      CALL("config",
           cckpi_config_due_reports(nullptr, kNine, kNine + 1, &table, error)),
      CALL("out_reports",
           cckpi_config_due_reports(config, kNine, kNine + 1, nullptr, error)),
      CALL("config", cckpi_config_business_time(nullptr, "office", 6, kNine,
                                                kNine, &number, error)),
      CALL("out_open_us", cckpi_config_business_time(config, "office", 6, kNine,
                                                     kNine, nullptr, error)),
      CALL("config", cckpi_config_deadline(nullptr, "office", 6, kNine, 1,
                                           &number, error)),
      CALL("out_due_us", cckpi_config_deadline(config, "office", 6, kNine, 1,
                                               nullptr, error)),
      CALL("out_mapping", cckpi_mapping_create("{}", 2, nullptr, error)),
      CALL("out_table", cckpi_catalogue_kpis(nullptr, error)),
      CALL("out_table", cckpi_catalogue_options(nullptr, error)),
      CALL("out_time_us", cckpi_time_parse("0", 1, nullptr, error)),
      CALL("out_dictionary", cckpi_dictionary_create(nullptr, error)),
      CALL("dictionary",
           cckpi_dictionary_intern(nullptr, nullptr, 0, nullptr, error)),
      CALL("out_engine", cckpi_engine_create(nullptr, nullptr, nullptr, error)),
      CALL("engine",
           cckpi_engine_ingest_events(nullptr, nullptr, 0, nullptr, nullptr,
                                      nullptr, nullptr, error)),
      CALL("engine",
           cckpi_engine_ingest_columns(nullptr, nullptr, nullptr, nullptr,
                                       nullptr, nullptr, error)),
      CALL("columns",
           cckpi_engine_ingest_columns(engine, nullptr, nullptr, nullptr,
                                       nullptr, nullptr, error)),
      CALL("engine",
           cckpi_engine_ingest_arrow(nullptr, &schema, &array, nullptr, nullptr,
                                     nullptr, nullptr, error)),
      CALL("schema",
           cckpi_engine_ingest_arrow(engine, nullptr, &array, nullptr, nullptr,
                                     nullptr, nullptr, error)),
      CALL("array",
           cckpi_engine_ingest_arrow(engine, &schema, nullptr, nullptr, nullptr,
                                     nullptr, nullptr, error)),
      CALL("engine", cckpi_engine_ingest_arrow_stream(nullptr, nullptr, nullptr,
                                                      nullptr, nullptr, error)),
      CALL("stream", cckpi_engine_ingest_arrow_stream(engine, nullptr, nullptr,
                                                      nullptr, nullptr, error)),
      CALL("engine", cckpi_engine_ingest_log(nullptr, "", 0, nullptr, nullptr,
                                             nullptr, error)),
      CALL("engine", cckpi_engine_advance(nullptr, kNine, error)),
      CALL("engine", cckpi_engine_finish(nullptr, error)),
      CALL("engine", cckpi_engine_query(nullptr, nullptr, &table, error)),
      CALL("out_table", cckpi_engine_query(engine, nullptr, nullptr, error)),
      CALL("engine",
           cckpi_engine_query_all(nullptr, nullptr, 0, &table, error)),
      CALL("engine", cckpi_engine_explain(nullptr, nullptr, &table, error)),
      CALL("out_table", cckpi_engine_explain(engine, nullptr, nullptr, error)),
      CALL("engine",
           cckpi_engine_distributions(nullptr, nullptr, &table, error)),
      CALL("out_table",
           cckpi_engine_distributions(engine, nullptr, nullptr, error)),
      CALL("engine",
           cckpi_engine_scorecards(nullptr, nullptr, &table, nullptr, error)),
      CALL("engine",
           cckpi_engine_scorecards_render(nullptr, nullptr, 0, &buffer, error)),
      CALL("out_buffer",
           cckpi_engine_scorecards_render(engine, nullptr, 0, nullptr, error)),
      CALL("engine",
           cckpi_engine_scheduled_report(nullptr, "daily", 5, kNine, kNine + 1,
                                         &table, nullptr, nullptr, error)),
      CALL("engine", cckpi_engine_longest_waits(nullptr, nullptr, nullptr, 0, 1,
                                                &table, error)),
      CALL("where_names", cckpi_engine_longest_waits(engine, nullptr, nullptr,
                                                     1, 1, &table, error)),
      CALL("out_waits", cckpi_engine_longest_waits(engine, nullptr, nullptr, 0,
                                                   1, nullptr, error)),
      CALL("engine",
           cckpi_engine_html(nullptr, nullptr, nullptr, &buffer, error)),
      CALL("out_page",
           cckpi_engine_html(engine, nullptr, nullptr, nullptr, error)),
      CALL("engine", cckpi_engine_counts(nullptr, nullptr, error)),
      CALL("out_counts", cckpi_engine_counts(engine, nullptr, error)),
      CALL("engine", cckpi_engine_refusals(nullptr, &table, error)),
      CALL("out_table", cckpi_engine_refusals(engine, nullptr, error)),
      CALL("engine", cckpi_engine_measure(nullptr, nullptr, error)),
      CALL("out_sizes", cckpi_engine_measure(engine, nullptr, error)),
      CALL("engine", cckpi_engine_save(nullptr, nullptr, &buffer, error)),
      CALL("out_snapshot", cckpi_engine_save(engine, nullptr, nullptr, error)),
      CALL("out_engine",
           cckpi_engine_restore(nullptr, nullptr, "x", 1, nullptr, error)),
      CALL("engine", cckpi_engine_saved(nullptr, &table, error)),
      CALL("out_table", cckpi_engine_saved(engine, nullptr, error)),
      CALL("engine", cckpi_engine_merge(nullptr, engine, error)),
      CALL("other", cckpi_engine_merge(engine, nullptr, error)),
      CALL("engine", cckpi_engine_join(nullptr, error)),
      CALL("out_monitor", cckpi_monitor_create(nullptr, nullptr, error)),
      CALL("monitor",
           cckpi_monitor_tick(nullptr, engine, kNine, nullptr, nullptr, error)),
      CALL("engine", cckpi_monitor_tick(monitor, nullptr, kNine, nullptr,
                                        nullptr, error)),
      CALL("monitor",
           cckpi_monitor_acknowledge(nullptr, "i", 1, "b", 1, kNine, error)),
      CALL("monitor", cckpi_monitor_alerts(nullptr, &table, error)),
      CALL("out_alerts", cckpi_monitor_alerts(monitor, nullptr, error)),
      CALL("monitor", cckpi_monitor_skip(nullptr, kNine, error)),
      CALL("monitor", cckpi_monitor_save(nullptr, &buffer, error)),
      CALL("out_bytes", cckpi_monitor_save(monitor, nullptr, error)),
      CALL("monitor", cckpi_monitor_restore(nullptr, "x", 1, error)),
      CALL("config", cckpi_rule_create(nullptr, "rule", 4, nullptr, error)),
      CALL("out_rule",
           cckpi_rule_create(good.config.get(), "rule", 4, nullptr, error)),
      CALL("rule", cckpi_rule_tick(nullptr, &reading, nullptr, nullptr, error)),
      CALL("reading", cckpi_rule_tick(rule, nullptr, nullptr, nullptr, error)),
      CALL("rule", cckpi_rule_acknowledge(nullptr, "b", 1, kNine, error)),
      CALL("rule", cckpi_rule_alert(nullptr, &table, error)),
      CALL("out_alert", cckpi_rule_alert(rule, nullptr, error)),
      CALL("rule", cckpi_rule_save(nullptr, &buffer, error)),
      CALL("out_bytes", cckpi_rule_save(rule, nullptr, error)),
      CALL("rule", cckpi_rule_restore(nullptr, "x", 1, error)),
      CALL("table", cckpi_table_export_arrow(nullptr, &schema, &array, error)),
      CALL("out_schema",
           cckpi_table_export_arrow(good.table.get(), nullptr, &array, error)),
      CALL("out_array",
           cckpi_table_export_arrow(good.table.get(), &schema, nullptr, error)),
      CALL("table", cckpi_table_export_arrow_stream(nullptr, nullptr, error)),
      CALL("out_stream",
           cckpi_table_export_arrow_stream(good.table.get(), nullptr, error)),
      CALL("table", cckpi_table_render(nullptr, 0, &buffer, error)),
      CALL("out_buffer",
           cckpi_table_render(good.table.get(), 0, nullptr, error)),
  });
  EXPECT_EQ(table, nullptr) << "an output was written";
  EXPECT_EQ(buffer, nullptr) << "an output was written";
}

TEST(CArgumentsTest, SizesThatCannotBeAreRefusedUnread) {
  Good good;
  cckpi_engine* engine = good.engine.get();
  cckpi_config* config = nullptr;
  cckpi_mapping* mapping = nullptr;
  cckpi_engine* restored = nullptr;
  cckpi_table* table = nullptr;
  int64_t time_us = 0;
  uint32_t code = 0;
  const cckpi_text huge_text = {"x", kHuge};
  const cckpi_text null_text = {nullptr, 1};
  const cckpi_text fine = Text("x");
  cckpi_engine_options engine_options = {};
  engine_options.struct_size = sizeof(engine_options);
  engine_options.explain = huge_text;
  cckpi_query query = {};
  query.struct_size = sizeof(query);
  query.kpis = &fine;
  query.kpi_count = kHuge;
  cckpi_query null_query = {};
  null_query.struct_size = sizeof(null_query);
  null_query.kpis = &null_text;
  null_query.kpi_count = 1;
  cckpi_event event = {};
  event.struct_size = sizeof(event);
  event.at_us = kNine;
  event.interaction = huge_text;
  cckpi_event tagged = {};
  tagged.struct_size = sizeof(tagged);
  tagged.at_us = kNine;
  tagged.tag_names = &fine;
  tagged.tag_values = &fine;
  tagged.tag_count = kHuge;
  const int64_t at_us = kNine;
  const uint8_t kind = 0;
  cckpi_event_columns columns = {};
  columns.struct_size = sizeof(columns);
  columns.row_count = kHuge;
  columns.at_us = &at_us;
  columns.kind = &kind;
  cckpi_snapshot_options snapshot = {};
  snapshot.struct_size = sizeof(snapshot);
  snapshot.position_names = &fine;
  snapshot.positions = &huge_text;
  snapshot.position_count = 1;
  cckpi_buffer* buffer = nullptr;
  ExpectRefused({
      CALL("json", cckpi_config_create("{}", kHuge, &config, error)),
      CALL("json", cckpi_config_create(nullptr, 2, &config, error)),
      CALL("json", cckpi_config_check("{}", kHuge, &table, error)),
      CALL("json", cckpi_mapping_create("{}", kHuge, &mapping, error)),
      CALL("text", cckpi_time_parse("0", kHuge, &time_us, error)),
      CALL("texts", cckpi_dictionary_intern(good.dictionary.get(), &huge_text,
                                            1, &code, error)),
      CALL("texts", cckpi_dictionary_intern(good.dictionary.get(), &fine, kHuge,
                                            &code, error)),
      CALL("texts", cckpi_dictionary_intern(good.dictionary.get(), &null_text,
                                            1, &code, error)),
      CALL("options.explain",
           cckpi_engine_create(nullptr, &engine_options, &restored, error)),
      CALL("query.kpis", cckpi_engine_query(engine, &query, &table, error)),
      CALL("query.kpis[0]",
           cckpi_engine_query(engine, &null_query, &table, error)),
      CALL("queries",
           cckpi_engine_query_all(engine, &query, kHuge, &table, error)),
      CALL("events.interaction",
           cckpi_engine_ingest_events(engine, &event, 1, nullptr, nullptr,
                                      nullptr, nullptr, error)),
      CALL("events.tags",
           cckpi_engine_ingest_events(engine, &tagged, 1, nullptr, nullptr,
                                      nullptr, nullptr, error)),
      CALL("events",
           cckpi_engine_ingest_events(engine, &tagged, kHuge, nullptr, nullptr,
                                      nullptr, nullptr, error)),
      CALL("events",
           cckpi_engine_ingest_events(engine, nullptr, 1, nullptr, nullptr,
                                      nullptr, nullptr, error)),
      CALL("columns.row_count",
           cckpi_engine_ingest_columns(engine, &columns, nullptr, nullptr,
                                       nullptr, nullptr, error)),
      CALL("log", cckpi_engine_ingest_log(engine, "x", kHuge, nullptr, nullptr,
                                          nullptr, error)),
      CALL("log", cckpi_engine_ingest_log(engine, nullptr, 9, nullptr, nullptr,
                                          nullptr, error)),
      CALL("snapshot", cckpi_engine_restore(nullptr, nullptr, "x", kHuge,
                                            &restored, error)),
      CALL("options.positions[0]",
           cckpi_engine_save(engine, &snapshot, &buffer, error)),
      CALL("bytes", cckpi_monitor_restore(good.monitor, "x", kHuge, error)),
      CALL("incident", cckpi_monitor_acknowledge(good.monitor, "x", kHuge, "b",
                                                 1, kNine, error)),
      CALL("by", cckpi_monitor_acknowledge(good.monitor, "x", 1, "b", kHuge,
                                           kNine, error)),
      CALL("id",
           cckpi_rule_create(good.config.get(), "x", kHuge, nullptr, error)),
      CALL("bytes", cckpi_rule_restore(good.rule, "x", kHuge, error)),
      CALL("by", cckpi_rule_acknowledge(good.rule, "b", kHuge, kNine, error)),
  });
  EXPECT_EQ(cckpi_table_column_index(good.table.get(), "x", kHuge),
            CCKPI_NO_COLUMN);
  EXPECT_EQ(cckpi_kind_parse("x", kHuge), -1);
  EXPECT_EQ(cckpi_engine_position(engine, "x", kHuge, nullptr), nullptr);
  EXPECT_EQ(cckpi_engine_section(engine, "x", kHuge, nullptr), nullptr);
  EXPECT_EQ(config, nullptr);
  EXPECT_EQ(restored, nullptr);
}

TEST(CArgumentsTest, StructsSayTheirSizeAndKnowTheirFlags) {
  Good good;
  cckpi_engine* engine = good.engine.get();
  cckpi_engine* made = nullptr;
  cckpi_table* table = nullptr;
  cckpi_buffer* buffer = nullptr;
  cckpi_engine_options no_size = {};
  cckpi_engine_options large = {};
  large.struct_size = 0xFFFFFFFF;
  cckpi_engine_options flags = {};
  flags.struct_size = sizeof(flags);
  flags.flags = 0x80000000;
  cckpi_query query_flags = {};
  query_flags.struct_size = sizeof(query_flags);
  query_flags.flags = 64;
  cckpi_query every = {};
  every.struct_size = sizeof(every);
  every.every = 99;
  cckpi_query by = {};
  by.struct_size = sizeof(by);
  const cckpi_text no_dimension = Text("colour");
  by.by = &no_dimension;
  by.by_count = 1;
  cckpi_query dimension = by;
  dimension.flags = CCKPI_QUERY_BY;
  cckpi_query max_rows = {};
  max_rows.struct_size = sizeof(max_rows);
  max_rows.max_rows = -1;
  cckpi_ingest_result result = {};
  cckpi_event_counts counts = {};
  cckpi_engine_sizes sizes = {};
  cckpi_log_options format = {};
  format.struct_size = sizeof(format);
  format.format = 77;
  cckpi_ingest_options rows = {};
  rows.struct_size = sizeof(rows);
  const int64_t row = 1;
  rows.rows = &row;
  rows.row_count = 1;
  cckpi_scorecard_query card = {};
  card.struct_size = sizeof(card);
  card.flags = 2;
  cckpi_html_options html = {};
  int64_t number = 0;
  cckpi_rule_reading reading = {};
  reading.struct_size = sizeof(reading);
  reading.now_us = 0;
  ExpectRefused({
      CALL("options.struct_size",
           cckpi_engine_create(nullptr, &no_size, &made, error)),
      CALL("options.struct_size",
           cckpi_engine_create(nullptr, &large, &made, error)),
      CALL("options.flags", cckpi_engine_create(nullptr, &flags, &made, error)),
      CALL("query.flags",
           cckpi_engine_query(engine, &query_flags, &table, error)),
      CALL("query.every", cckpi_engine_query(engine, &every, &table, error)),
      CALL("query.by", cckpi_engine_query(engine, &by, &table, error)),
      CALL("query.by[0]",
           cckpi_engine_query(engine, &dimension, &table, error)),
      CALL("query.max_rows",
           cckpi_engine_query(engine, &max_rows, &table, error)),
      CALL("out_result.struct_size",
           cckpi_engine_ingest_log(engine, "", 0, nullptr, &result, nullptr,
                                   error)),
      CALL("out_counts.struct_size",
           cckpi_engine_counts(engine, &counts, error)),
      CALL("out_sizes.struct_size",
           cckpi_engine_measure(engine, &sizes, error)),
      CALL("options.format", cckpi_engine_ingest_log(engine, "", 0, &format,
                                                     nullptr, nullptr, error)),
      CALL("options.row_count",
           cckpi_engine_ingest_events(engine, nullptr, 0, &rows, nullptr,
                                      nullptr, nullptr, error)),
      CALL("query.flags",
           cckpi_engine_scorecards(engine, &card, &table, nullptr, error)),
      CALL("options.struct_size",
           cckpi_engine_html(engine, nullptr, &html, &buffer, error)),
      CALL("reading.now_us",
           cckpi_rule_tick(good.rule, &reading, nullptr, nullptr, error)),
      CALL("format", cckpi_table_render(good.table.get(), 99, &buffer, error)),
      CALL("format",
           cckpi_engine_scorecards_render(engine, nullptr, 3, &buffer, error)),
      CALL("begin_us",
           cckpi_engine_scheduled_report(engine, "x", 1, kNine, kNine, &table,
                                         nullptr, nullptr, error)),
      CALL("end_us",
           cckpi_config_business_time(good.config.get(), "office", 6, kNine,
                                      kNine - 1, &number, error)),
      CALL("begin_us",
           cckpi_config_business_time(good.config.get(), "office", 6, INT64_MIN,
                                      kNine, &number, error)),
      CALL("start_us", cckpi_config_deadline(good.config.get(), "office", 6,
                                             INT64_MAX, 1, &number, error)),
      CALL("span_us", cckpi_config_deadline(good.config.get(), "office", 6,
                                            kNine, -1, &number, error)),
      CALL("script", cckpi_config_test_alerts(nullptr, nullptr, 1, &table,
                                              nullptr, nullptr, error)),
      CALL("now_us", cckpi_engine_advance(engine, 0, error)),
      CALL("now_us", cckpi_engine_advance(engine, INT64_MAX, error)),
      CALL("now_us", cckpi_monitor_tick(good.monitor, engine, INT64_MIN,
                                        nullptr, nullptr, error)),
  });
}

TEST(CArgumentsTest, HandlesOfAnotherTypeAreTold) {
  Good good;
  auto* as_engine = reinterpret_cast<cckpi_engine*>(good.table.get());
  auto* as_table = reinterpret_cast<cckpi_table*>(good.engine.get());
  auto* as_config = reinterpret_cast<cckpi_config*>(good.engine.get());
  auto* as_dictionary = reinterpret_cast<cckpi_dictionary*>(good.config.get());
  cckpi_table* table = nullptr;
  cckpi_buffer* buffer = nullptr;
  cckpi_engine* made = nullptr;
  ExpectRefused({
      CALL("engine", cckpi_engine_query(as_engine, nullptr, &table, error)),
      CALL("table", cckpi_table_render(as_table, 0, &buffer, error)),
      CALL("config", cckpi_engine_create(as_config, nullptr, &made, error)),
      CALL("dictionary",
           cckpi_dictionary_intern(as_dictionary, nullptr, 0, nullptr, error)),
      CALL("other", cckpi_engine_merge(good.engine.get(), as_engine, error)),
      CALL("other",
           cckpi_engine_merge(good.engine.get(), good.engine.get(), error)),
  });
  EXPECT_EQ(cckpi_table_row_count(as_table), 0u);
  // Not theirs to destroy.
  cckpi_engine_destroy(as_engine);
  cckpi_table_destroy(as_table);
  EXPECT_EQ(cckpi_engine_status(good.engine.get()), CCKPI_OK);
  EXPECT_EQ(cckpi_engine_status(as_engine), CCKPI_INVALID_ARGUMENT);
}

TEST(CArgumentsTest, HandlesThatDoNotBelongTogetherAreErrors) {
  Good good;
  const Owned<cckpi_engine> other = MakeEngine();  // another configuration
  EXPECT_EQ(cckpi_engine_merge(good.engine.get(), other.get(), nullptr),
            CCKPI_FAILED_PRECONDITION);
  Owned<cckpi_buffer> snapshot;
  ASSERT_EQ(cckpi_engine_save(other.get(), nullptr, OutTo(snapshot), nullptr),
            CCKPI_OK);
  Owned<cckpi_engine> restored;
  EXPECT_EQ(cckpi_engine_restore(
                good.config.get(), nullptr, cckpi_buffer_data(snapshot.get()),
                cckpi_buffer_size(snapshot.get()), OutTo(restored), nullptr),
            CCKPI_FAILED_PRECONDITION);
  // An engine's snapshot is no monitor's.
  EXPECT_NE(
      cckpi_monitor_restore(good.monitor, cckpi_buffer_data(snapshot.get()),
                            cckpi_buffer_size(snapshot.get()), nullptr),
      CCKPI_OK);
  EXPECT_EQ(cckpi_monitor_status(good.monitor), CCKPI_OK);
  // A monitor over an engine whose time has not come that far.
  EXPECT_EQ(cckpi_monitor_tick(good.monitor, good.engine.get(), kNine, nullptr,
                               nullptr, nullptr),
            CCKPI_FAILED_PRECONDITION);
  // Codes that the dictionary does not have refuse their rows.
  const int64_t at_us = kNine;
  const uint8_t kind = 0;
  const uint32_t code = 4711;
  cckpi_text_column column = {};
  column.struct_size = sizeof(column);
  column.codes = &code;
  column.dictionary = good.dictionary.get();
  cckpi_event_columns columns = {};
  columns.struct_size = sizeof(columns);
  columns.row_count = 1;
  columns.at_us = &at_us;
  columns.kind = &kind;
  columns.interaction = &column;
  uint8_t status = 9;
  EXPECT_EQ(cckpi_engine_ingest_columns(good.engine.get(), &columns, nullptr,
                                        &status, nullptr, nullptr, nullptr),
            CCKPI_OK);
  EXPECT_EQ(status, CCKPI_ROW_REFUSED);
  // A column without a dictionary, and one with two forms.
  cckpi_error* error = nullptr;
  column.dictionary = nullptr;
  EXPECT_EQ(cckpi_engine_ingest_columns(good.engine.get(), &columns, nullptr,
                                        nullptr, nullptr, nullptr, &error),
            CCKPI_INVALID_ARGUMENT);
  EXPECT_THAT(ErrorOf(error), HasSubstr("columns.interaction.dictionary"));
  column.dictionary = good.dictionary.get();
  column.integers = &at_us;
  error = nullptr;
  EXPECT_EQ(cckpi_engine_ingest_columns(good.engine.get(), &columns, nullptr,
                                        nullptr, nullptr, nullptr, &error),
            CCKPI_INVALID_ARGUMENT);
  EXPECT_THAT(ErrorOf(error), HasSubstr("give one"));
}

TEST(CArgumentsTest, EmptyInputsAreFine) {
  Good good;
  cckpi_engine* engine = good.engine.get();
  EXPECT_EQ(cckpi_engine_ingest_events(engine, nullptr, 0, nullptr, nullptr,
                                       nullptr, nullptr, nullptr),
            CCKPI_OK);
  EXPECT_EQ(cckpi_engine_ingest_log(engine, nullptr, 0, nullptr, nullptr,
                                    nullptr, nullptr),
            CCKPI_OK);
  EXPECT_EQ(cckpi_engine_query_all(engine, nullptr, 0, nullptr, nullptr),
            CCKPI_OK);
  EXPECT_EQ(cckpi_dictionary_intern(good.dictionary.get(), nullptr, 0, nullptr,
                                    nullptr),
            CCKPI_OK);
  const int64_t at_us = kNine;
  const uint8_t kind = 0;
  cckpi_event_columns columns = {};
  columns.struct_size = sizeof(columns);
  columns.at_us = &at_us;
  columns.kind = &kind;
  EXPECT_EQ(cckpi_engine_ingest_columns(engine, &columns, nullptr, nullptr,
                                        nullptr, nullptr, nullptr),
            CCKPI_OK);
  EXPECT_EQ(cckpi_engine_scorecards(engine, nullptr, nullptr, nullptr, nullptr),
            CCKPI_OK);
  Owned<cckpi_config> config;
  EXPECT_EQ(cckpi_config_create(nullptr, 0, OutTo(config), nullptr), CCKPI_OK);
}

TEST(CArgumentsTest, ValuesOfNothingAreNeutral) {
  EXPECT_EQ(cckpi_error_code(nullptr), CCKPI_OK);
  EXPECT_STREQ(cckpi_error_message(nullptr, nullptr), "");
  EXPECT_STREQ(cckpi_error_path(nullptr, nullptr), "");
  EXPECT_EQ(cckpi_error_row(nullptr), 0);
  EXPECT_EQ(cckpi_buffer_data(nullptr), nullptr);
  EXPECT_EQ(cckpi_buffer_size(nullptr), 0u);
  EXPECT_EQ(cckpi_dictionary_size(nullptr), 0u);
  EXPECT_EQ(cckpi_dictionary_text(nullptr, 0, nullptr), nullptr);
  EXPECT_EQ(cckpi_engine_status(nullptr), CCKPI_INVALID_ARGUMENT);
  EXPECT_EQ(cckpi_engine_watermark(nullptr), CCKPI_NO_TIME);
  EXPECT_EQ(cckpi_engine_now(nullptr), CCKPI_NO_TIME);
  EXPECT_EQ(cckpi_engine_next_timer(nullptr), CCKPI_NEVER);
  EXPECT_EQ(cckpi_engine_memory_bytes(nullptr), 0u);
  EXPECT_EQ(cckpi_engine_position(nullptr, "x", 1, nullptr), nullptr);
  EXPECT_EQ(cckpi_engine_section(nullptr, "x", 1, nullptr), nullptr);
  EXPECT_EQ(cckpi_monitor_status(nullptr), CCKPI_INVALID_ARGUMENT);
  EXPECT_EQ(cckpi_monitor_last_tick(nullptr), CCKPI_NO_TIME);
  EXPECT_EQ(cckpi_monitor_next_change(nullptr, nullptr), CCKPI_NEVER);
  EXPECT_EQ(cckpi_table_row_count(nullptr), 0u);
  EXPECT_EQ(cckpi_table_column_count(nullptr), 0u);
  EXPECT_EQ(cckpi_table_column_name(nullptr, 0, nullptr), nullptr);
  EXPECT_EQ(cckpi_table_column_type(nullptr, 0), CCKPI_TYPE_NONE);
  EXPECT_EQ(cckpi_table_column_index(nullptr, "x", 1), CCKPI_NO_COLUMN);
  EXPECT_EQ(cckpi_table_is_null(nullptr, 0, 0), 1);
  EXPECT_EQ(cckpi_table_int64(nullptr, 0, 0), 0);
  EXPECT_EQ(cckpi_table_float64(nullptr, 0, 0), 0);
  EXPECT_EQ(cckpi_table_text(nullptr, 0, 0, nullptr), nullptr);
  EXPECT_EQ(cckpi_table_list_size(nullptr, 0, 0), 0u);
  EXPECT_EQ(cckpi_table_list_text(nullptr, 0, 0, 0, nullptr), nullptr);
  EXPECT_EQ(cckpi_table_list_int64(nullptr, 0, 0, 0), 0);
  EXPECT_EQ(cckpi_table_int64_data(nullptr, 0), nullptr);
  EXPECT_EQ(cckpi_table_float64_data(nullptr, 0), nullptr);
  EXPECT_EQ(cckpi_table_bool_data(nullptr, 0), nullptr);
  EXPECT_EQ(cckpi_table_int128_data(nullptr, 0), nullptr);
  EXPECT_EQ(cckpi_table_text_data(nullptr, 0, nullptr), nullptr);
  EXPECT_EQ(cckpi_table_validity_data(nullptr, 0), nullptr);
  EXPECT_EQ(cckpi_text_of(nullptr).size, 0u);
  EXPECT_STREQ(cckpi_code_name(CCKPI_NOT_FOUND), "NOT_FOUND");
  EXPECT_STREQ(cckpi_code_name(-1), "UNKNOWN");
  EXPECT_STREQ(cckpi_code_name(99), "UNKNOWN");
  EXPECT_EQ(cckpi_kind_name(-1), nullptr);
  EXPECT_EQ(cckpi_kind_name(22), nullptr);
  EXPECT_EQ(cckpi_kind_parse(nullptr, 0), -1);
  cckpi_error_destroy(nullptr);
  cckpi_buffer_destroy(nullptr);
  cckpi_config_destroy(nullptr);
  cckpi_mapping_destroy(nullptr);
  cckpi_dictionary_destroy(nullptr);
  cckpi_engine_destroy(nullptr);
  cckpi_monitor_destroy(nullptr);
  cckpi_rule_destroy(nullptr);
  cckpi_table_destroy(nullptr);
}

TEST(CArgumentsTest, NamesAndInstantsGoBothWays) {
  for (cckpi_kind kind = 0; kind < 22; ++kind) {
    const std::string name = cckpi_kind_name(kind);
    EXPECT_EQ(cckpi_kind_parse(name.data(), name.size()), kind);
  }
  int64_t time_us = 0;
  const std::string text = "2026-03-02T10:00:00+01:00";
  ASSERT_EQ(cckpi_time_parse(text.data(), text.size(), &time_us, nullptr),
            CCKPI_OK);
  EXPECT_EQ(time_us, kNine);
  char out[32];
  EXPECT_EQ(cckpi_time_format(time_us, out, sizeof(out)), 20u);
  EXPECT_STREQ(out, "2026-03-02T09:00:00Z");
  EXPECT_EQ(cckpi_time_format(time_us, out, 5), 20u);
  EXPECT_STREQ(out, "2026");
  EXPECT_EQ(cckpi_time_format(time_us, nullptr, 0), 20u);
  EXPECT_EQ(cckpi_time_parse("noon", 4, &time_us, nullptr),
            CCKPI_INVALID_ARGUMENT);
}

TEST(CArgumentsTest, ErrorsOfAConfigurationNameTheirPath) {
  const std::string json =
      R"({"kpis": [{"kpi": "backlog", "statistik": "x"}]})";
  cckpi_config* config = nullptr;
  cckpi_error* error = nullptr;
  EXPECT_EQ(cckpi_config_create(json.data(), json.size(), &config, &error),
            CCKPI_INVALID_ARGUMENT);
  EXPECT_THAT(ErrorOf(error),
              StartsWith("INVALID_ARGUMENT kpis[0].statistik 0: "));
  EXPECT_EQ(config, nullptr);
}

}  // namespace
}  // namespace cckpi::capi
