// Tables: cells, columns, rendering, and their export to Arrow.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "capi/c_handles.h"

namespace cckpi::capi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kLog[] =
    R"({"at":"2026-03-02T09:00:00Z","kind":"customer_message",)"
    R"("interaction":"T-1","channel":"whatsapp"})"
    "\n"
    R"({"at":"2026-03-02T09:08:32Z","kind":"agent_message",)"
    R"("interaction":"T-1","agent":"ann"})"
    "\n"
    R"({"at":"2026-03-02T09:10:00Z","kind":"customer_message",)"
    R"("interaction":"T-2","channel":"facebook"})"
    "\n";

Owned<cckpi_engine> EngineWith(const char* log) {
  Owned<cckpi_engine> engine = MakeEngine();
  cckpi_engine_ingest_log(engine.get(), log, std::string_view(log).size(),
                          nullptr, nullptr, nullptr, nullptr);
  return engine;
}

Owned<cckpi_table> FirstResponses() {
  const Owned<cckpi_engine> engine = EngineWith(kLog);
  const cckpi_text kpi = Text("first_response_time");
  const cckpi_text by = Text("channel");
  cckpi_query query = {};
  query.struct_size = sizeof(query);
  query.flags = CCKPI_QUERY_BY;
  query.kpis = &kpi;
  query.kpi_count = 1;
  query.by = &by;
  query.by_count = 1;
  return Ask(engine.get(), &query);
}

TEST(CTableTest, CellsHaveTheValuesOfTheReport) {
  const Owned<cckpi_table> table = FirstResponses();
  ASSERT_EQ(cckpi_table_row_count(table.get()), 2u);
  EXPECT_EQ(TextOf(table.get(), "kpi", 0), "first_response_time");
  EXPECT_EQ(TextOf(table.get(), "by", 0), "channel");
  EXPECT_EQ(TextOf(table.get(), "channel", 0), "facebook");
  EXPECT_EQ(TextOf(table.get(), "channel", 1), "whatsapp");
  EXPECT_EQ(IntegerOf(table.get(), "open", 0), 1);
  EXPECT_EQ(IntegerOf(table.get(), "sum_us", 1), 512'000'000);
  const size_t value = ColumnOf(table.get(), "value");
  EXPECT_EQ(cckpi_table_is_null(table.get(), value, 0), 1);
  EXPECT_EQ(cckpi_table_float64(table.get(), value, 0), 0);
  EXPECT_EQ(cckpi_table_float64(table.get(), value, 1), 512);
  EXPECT_EQ(IntegerOf(table.get(), "provisional", 1), 1);
  EXPECT_EQ(
      cckpi_table_column_type(table.get(), ColumnOf(table.get(), "begin")),
      CCKPI_TYPE_TIME);
}

TEST(CTableTest, MoreRowsThanAskedForAreAnError) {
  const Owned<cckpi_engine> engine = EngineWith(kLog);
  cckpi_query query = {};
  query.struct_size = sizeof(query);
  const size_t rows = cckpi_table_row_count(Ask(engine.get(), &query).get());
  ASSERT_GT(rows, 1u);
  query.max_rows = static_cast<int32_t>(rows);
  EXPECT_EQ(cckpi_table_row_count(Ask(engine.get(), &query).get()), rows);
  --query.max_rows;
  cckpi_table* table = nullptr;
  cckpi_error* error = nullptr;
  EXPECT_EQ(cckpi_engine_query(engine.get(), &query, &table, &error),
            CCKPI_RESOURCE_EXHAUSTED);
  EXPECT_EQ(table, nullptr);
  EXPECT_THAT(ErrorOf(error), HasSubstr("more than"));
}

TEST(CTableTest, EveryColumnHasANameOfItsOwn) {
  const Owned<cckpi_engine> engine = EngineWith(kLog);
  const Owned<cckpi_table> table = Ask(engine.get());
  std::set<std::string> names;
  for (size_t c = 0; c < cckpi_table_column_count(table.get()); ++c) {
    const std::string name = cckpi_table_column_name(table.get(), c, nullptr);
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(ColumnOf(table.get(), name), c);
    EXPECT_NE(cckpi_table_column_type(table.get(), c), CCKPI_TYPE_NONE);
  }
}

TEST(CTableTest, ColumnsAreWholeArrays) {
  const Owned<cckpi_table> table = FirstResponses();
  const int64_t* sums =
      cckpi_table_int64_data(table.get(), ColumnOf(table.get(), "sum_us"));
  ASSERT_NE(sums, nullptr);
  EXPECT_EQ(sums[0], 0);
  EXPECT_EQ(sums[1], 512'000'000);
  const size_t value = ColumnOf(table.get(), "value");
  const double* values = cckpi_table_float64_data(table.get(), value);
  ASSERT_NE(values, nullptr);
  EXPECT_EQ(values[1], 512);
  const uint8_t* valid = cckpi_table_validity_data(table.get(), value);
  ASSERT_NE(valid, nullptr);
  EXPECT_EQ(valid[0] & 3, 2);
  const int32_t* offsets = nullptr;
  const char* bytes = cckpi_table_text_data(
      table.get(), ColumnOf(table.get(), "channel"), &offsets);
  EXPECT_EQ(std::string(bytes, 16), "facebookwhatsapp");
  EXPECT_THAT(std::vector<int32_t>(offsets, offsets + 3),
              ElementsAre(0, 8, 16));
  const uint8_t* flags =
      cckpi_table_bool_data(table.get(), ColumnOf(table.get(), "provisional"));
  ASSERT_NE(flags, nullptr);
  EXPECT_EQ(flags[1], 1);
}

TEST(CTableTest, WhatIsNotThereIsNull) {
  const Owned<cckpi_table> table = FirstResponses();
  const size_t value = ColumnOf(table.get(), "value");
  EXPECT_EQ(cckpi_table_is_null(table.get(), value, 2), 1);
  EXPECT_EQ(cckpi_table_is_null(table.get(), CCKPI_NO_COLUMN, 0), 1);
  EXPECT_EQ(cckpi_table_int64(table.get(), value, 1), 0) << "another type";
  EXPECT_EQ(cckpi_table_text(table.get(), value, 1, nullptr), nullptr);
  EXPECT_EQ(cckpi_table_column_index(table.get(), "none", 4), CCKPI_NO_COLUMN);
  EXPECT_EQ(cckpi_table_column_type(table.get(), 999), CCKPI_TYPE_NONE);
}

TEST(CTableTest, ATableOutlivesTheEngineThatMadeIt) {
  Owned<cckpi_engine> engine = EngineWith(kLog);
  const Owned<cckpi_table> table = Ask(engine.get());
  const std::string before = Rendered(table.get());
  engine.reset();
  EXPECT_EQ(Rendered(table.get()), before);
}

TEST(CTableTest, OtherTablesAreWrittenAsListsOfObjects) {
  const std::string config = R"({"kpis": [{"kpi": "nonsense"}]})";
  Owned<cckpi_table> problems;
  ASSERT_EQ(cckpi_config_check(config.data(), config.size(), OutTo(problems),
                               nullptr),
            CCKPI_OK);
  ASSERT_EQ(cckpi_table_row_count(problems.get()), 1u);
  EXPECT_EQ(TextOf(problems.get(), "path", 0), "kpis[0].kpi");
  EXPECT_THAT(Rendered(problems.get()),
              HasSubstr("{\"path\": \"kpis[0].kpi\", \"problem\": "));
  EXPECT_THAT(Rendered(problems.get(), CCKPI_RENDER_CSV),
              HasSubstr("path,problem\nkpis[0].kpi,"));
  EXPECT_THAT(Rendered(problems.get(), CCKPI_RENDER_TEXT), HasSubstr("path"));
  EXPECT_EQ(Rendered(problems.get(), 99), "INVALID_ARGUMENT");
  Owned<cckpi_table> sound;
  cckpi_config_check("{}", 2, OutTo(sound), nullptr);
  EXPECT_EQ(cckpi_table_row_count(sound.get()), 0u);
  EXPECT_EQ(Rendered(sound.get()), "[]\n");
}

TEST(CTableTest, TheCatalogueNamesEveryKpiWithItsOptions) {
  Owned<cckpi_table> kpis;
  ASSERT_EQ(cckpi_catalogue_kpis(OutTo(kpis), nullptr), CCKPI_OK);
  EXPECT_GE(cckpi_table_row_count(kpis.get()), 30u);
  EXPECT_EQ(TextOf(kpis.get(), "name", 0), "first_response_time");
  EXPECT_EQ(TextOf(kpis.get(), "statistic", 0), "mean");
  Owned<cckpi_table> options;
  ASSERT_EQ(cckpi_catalogue_options(OutTo(options), nullptr), CCKPI_OK);
  EXPECT_THAT(Rendered(options.get()),
              HasSubstr("\"kpi\": \"service_level\", \"option\": \"within\""));
}

TEST(CTableTest, ExportedColumnsAreTheBuffersOfTheTable) {
  Owned<cckpi_table> table = FirstResponses();
  const size_t sum = ColumnOf(table.get(), "sum_us");
  const size_t channel = ColumnOf(table.get(), "channel");
  const int64_t* sums = cckpi_table_int64_data(table.get(), sum);
  ArrowSchema schema;
  ArrowArray array;
  ASSERT_EQ(cckpi_table_export_arrow(table.get(), &schema, &array, nullptr),
            CCKPI_OK);
  EXPECT_STREQ(schema.format, "+s");
  ASSERT_EQ(static_cast<size_t>(array.n_children),
            cckpi_table_column_count(table.get()));
  EXPECT_EQ(array.length, 2);
  EXPECT_STREQ(schema.children[sum]->name, "sum_us");
  EXPECT_STREQ(schema.children[sum]->format, "l");
  EXPECT_STREQ(schema.children[channel]->format, "u");
  EXPECT_EQ(array.children[sum]->buffers[1], sums) << "a copy";
  // The arrays live on without the table.
  table.reset();
  EXPECT_EQ(static_cast<const int64_t*>(array.children[sum]->buffers[1])[1],
            512'000'000);
  // A child that was moved out is released later, by itself.
  ArrowArray moved = *array.children[channel];
  array.children[channel]->release = nullptr;
  array.release(&array);
  EXPECT_EQ(array.release, nullptr);
  EXPECT_EQ(std::string(static_cast<const char*>(moved.buffers[2]), 8),
            "facebook");
  moved.release(&moved);
  schema.release(&schema);
}

TEST(CTableTest, AStreamHasTheTableAsItsOneBatch) {
  Owned<cckpi_table> table = FirstResponses();
  ArrowArrayStream stream;
  ASSERT_EQ(cckpi_table_export_arrow_stream(table.get(), &stream, nullptr),
            CCKPI_OK);
  table.reset();
  ArrowSchema schema;
  ASSERT_EQ(stream.get_schema(&stream, &schema), 0);
  ArrowArray array;
  ASSERT_EQ(stream.get_next(&stream, &array), 0);
  EXPECT_EQ(array.length, 2);
  ArrowArray end;
  ASSERT_EQ(stream.get_next(&stream, &end), 0);
  EXPECT_EQ(end.release, nullptr);
  stream.release(&stream);
  array.release(&array);
  schema.release(&schema);
}

TEST(CTableTest, AnEmptyTableIsExportedToo) {
  const Owned<cckpi_engine> engine = MakeEngine();
  const Owned<cckpi_table> table = Ask(engine.get());
  EXPECT_EQ(cckpi_table_row_count(table.get()), 0u);
  ArrowSchema schema;
  ArrowArray array;
  ASSERT_EQ(cckpi_table_export_arrow(table.get(), &schema, &array, nullptr),
            CCKPI_OK);
  EXPECT_EQ(array.length, 0);
  for (int64_t c = 0; c < array.n_children; ++c) {
    EXPECT_NE(array.children[c]->buffers[1], nullptr);
  }
  array.release(&array);
  schema.release(&schema);
}

TEST(CTableTest, SeveralQuestionsGetTheAnswersOfEach) {
  const Owned<cckpi_engine> engine = EngineWith(kLog);
  const cckpi_text names[] = {Text("messages"), Text("arrivals")};
  std::vector<cckpi_query> queries(2, cckpi_query{});
  for (size_t q = 0; q < 2; ++q) {
    queries[q].struct_size = sizeof(cckpi_query);
    queries[q].kpis = &names[q];
    queries[q].kpi_count = 1;
  }
  cckpi_table* answers[2] = {};
  ASSERT_EQ(
      cckpi_engine_query_all(engine.get(), queries.data(), 2, answers, nullptr),
      CCKPI_OK);
  for (size_t q = 0; q < 2; ++q) {
    const Owned<cckpi_table> owned(answers[q]);
    const Owned<cckpi_table> alone = Ask(engine.get(), &queries[q]);
    EXPECT_EQ(Rendered(owned.get(), CCKPI_RENDER_CSV),
              Rendered(alone.get(), CCKPI_RENDER_CSV));
  }
}

TEST(CTableTest, DistributionsAddUpToTheRow) {
  const Owned<cckpi_engine> engine = EngineWith(kLog);
  const cckpi_text kpi = Text("first_response_time");
  cckpi_query query = {};
  query.struct_size = sizeof(query);
  query.flags = CCKPI_QUERY_BY;
  query.kpis = &kpi;
  query.kpi_count = 1;
  Owned<cckpi_table> bins;
  ASSERT_EQ(
      cckpi_engine_distributions(engine.get(), &query, OutTo(bins), nullptr),
      CCKPI_OK);
  ASSERT_EQ(cckpi_table_row_count(bins.get()), 1u);
  EXPECT_EQ(IntegerOf(bins.get(), "count", 0), 1);
  EXPECT_LE(IntegerOf(bins.get(), "bin_begin_us", 0), 512'000'000);
  EXPECT_GT(IntegerOf(bins.get(), "bin_end_us", 0), 512'000'000);
}

TEST(CTableTest, WhereChoosesOneValueOfADimension) {
  const Owned<cckpi_engine> engine = EngineWith(kLog);
  const cckpi_text kpi = Text("arrivals");
  const cckpi_text name = Text("channel");
  const cckpi_text value = Text("facebook");
  cckpi_query query = {};
  query.struct_size = sizeof(query);
  query.kpis = &kpi;
  query.kpi_count = 1;
  query.where_names = &name;
  query.where_values = &value;
  query.where_count = 1;
  const Owned<cckpi_table> table = Ask(engine.get(), &query);
  ASSERT_EQ(cckpi_table_row_count(table.get()), 1u);
  EXPECT_EQ(cckpi_table_float64(table.get(), ColumnOf(table.get(), "value"), 0),
            1);
}

TEST(CTableTest, ExplanationsNameTheInteractions) {
  cckpi_engine_options options = {};
  options.struct_size = sizeof(options);
  options.explain = Text("first_response_time");
  Owned<cckpi_engine> engine;
  ASSERT_EQ(cckpi_engine_create(nullptr, &options, OutTo(engine), nullptr),
            CCKPI_OK);
  cckpi_engine_ingest_log(engine.get(), kLog, sizeof(kLog) - 1, nullptr,
                          nullptr, nullptr, nullptr);
  const cckpi_text by = Text("channel");
  cckpi_query query = {};
  query.struct_size = sizeof(query);
  query.flags = CCKPI_QUERY_BY;
  query.by = &by;
  query.by_count = 1;
  Owned<cckpi_table> table;
  ASSERT_EQ(cckpi_engine_explain(engine.get(), &query, OutTo(table), nullptr),
            CCKPI_OK);
  ASSERT_EQ(cckpi_table_row_count(table.get()), 2u);
  EXPECT_EQ(TextOf(table.get(), "interaction", 0), "T-1");
  EXPECT_EQ(IntegerOf(table.get(), "value", 0), 512'000'000);
  EXPECT_EQ(TextOf(table.get(), "channel", 0), "whatsapp");
  EXPECT_EQ(TextOf(table.get(), "interaction", 1), "T-2");
  EXPECT_EQ(TextOf(table.get(), "outcome", 1), "open");

  const Owned<cckpi_engine> without = EngineWith(kLog);
  EXPECT_EQ(cckpi_engine_explain(without.get(), nullptr, OutTo(table), nullptr),
            CCKPI_FAILED_PRECONDITION);
}

}  // namespace
}  // namespace cckpi::capi
