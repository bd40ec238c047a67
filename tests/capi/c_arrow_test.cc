// Record batches of Arrow: every type that a field may have, and malice.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "capi/c_handles.h"

namespace cckpi::capi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int64_t kNine = 1772442000000000;  // 2026-03-02T09:00:00Z

void ReleaseSchema(ArrowSchema* schema) { schema->release = nullptr; }
void ReleaseArray(ArrowArray* array) { array->release = nullptr; }

// A record batch whose buffers lie in the test.
class Batch {
 public:
  explicit Batch(int64_t rows, int64_t offset = 0) {
    schema.format = "+s";
    schema.release = ReleaseSchema;
    array.length = rows;
    array.offset = offset;
    array.n_buffers = 1;
    array.buffers = no_buffers_;
    array.release = ReleaseArray;
  }

  ArrowArray& Add(const char* name, const char* format,
                  std::vector<const void*> buffers, int64_t null_count = 0) {
    ArrowSchema& child = schemas_.emplace_back();
    child.format = format;
    child.name = name;
    child.release = ReleaseSchema;
    ArrowArray& values = arrays_.emplace_back();
    values.length = array.length + array.offset;
    values.null_count = null_count;
    std::vector<const void*>& kept = buffers_.emplace_back(std::move(buffers));
    values.n_buffers = static_cast<int64_t>(kept.size());
    values.buffers = kept.data();
    values.release = ReleaseArray;
    schema_places_.push_back(&child);
    array_places_.push_back(&values);
    schema.children = schema_places_.data();
    array.children = array_places_.data();
    schema.n_children = array.n_children =
        static_cast<int64_t>(array_places_.size());
    return values;
  }
  ArrowSchema& last_schema() { return schemas_.back(); }

  cckpi_code Ingest(cckpi_engine* engine, std::string* problem = nullptr) {
    cckpi_error* error = nullptr;
    Owned<cckpi_table> refusals;
    status.assign(static_cast<size_t>(array.length), 99);
    const cckpi_code code = cckpi_engine_ingest_arrow(
        engine, &schema, &array, nullptr, status.data(), nullptr,
        OutTo(refusals), &error);
    const std::string text = ErrorOf(error);
    if (problem != nullptr) *problem = text;
    return code;
  }

  ArrowSchema schema = {};
  ArrowArray array = {};
  std::vector<uint8_t> status;

 private:
  const void* no_buffers_[1] = {nullptr};
  std::deque<ArrowSchema> schemas_;
  std::deque<ArrowArray> arrays_;
  std::deque<std::vector<const void*>> buffers_;
  std::vector<ArrowSchema*> schema_places_;
  std::vector<ArrowArray*> array_places_;
};

// A customer's message and the answer three minutes later.
const int64_t kMicros[] = {kNine, kNine + 180'000'000};
const int64_t kNanos[] = {kNine * 1000 + 999, (kNine + 180'000'000) * 1000};
const int64_t kMillis[] = {kNine / 1000, kNine / 1000 + 180'000};
const int64_t kSeconds[] = {kNine / 1'000'000, kNine / 1'000'000 + 180};
const int32_t kKindOffsets[] = {0, 16, 29};
const char kKindBytes[] = "customer_messageagent_message";
const uint8_t kKinds[] = {0, 6};
const int64_t kTickets[] = {4711, 4711};

std::string FirstResponse(const cckpi_engine* engine) {
  const cckpi_text kpi = Text("first_response_time");
  cckpi_query query = {};
  query.struct_size = sizeof(query);
  query.flags = CCKPI_QUERY_BY;
  query.kpis = &kpi;
  query.kpi_count = 1;
  const Owned<cckpi_table> table = Ask(engine, &query);
  return std::to_string(IntegerOf(table.get(), "sum_us", 0));
}

TEST(CArrowTest, InstantsOfEveryUnitMeanTheSame) {
  const struct {
    const char* format;
    const int64_t* values;
  } cases[] = {{"l", kMicros},
               {"tsu:UTC", kMicros},
               {"tsn:Europe/Madrid", kNanos},
               {"tsm:+00:00", kMillis},
               {"tss:UTC", kSeconds}};
  for (const auto& one : cases) {
    Batch batch(2);
    batch.Add("at", one.format, {nullptr, one.values});
    batch.Add("kind", "C", {nullptr, kKinds});
    batch.Add("interaction", "l", {nullptr, kTickets});
    const Owned<cckpi_engine> engine = MakeEngine();
    ASSERT_EQ(batch.Ingest(engine.get()), CCKPI_OK) << one.format;
    EXPECT_EQ(FirstResponse(engine.get()), "180000000") << one.format;
  }
}

TEST(CArrowTest, TextsOfEveryTypeMeanTheSame) {
  const int64_t large[] = {0, 3, 6};
  const int32_t small[] = {0, 3, 6};
  const char bytes[] = "T-1T-1";
  const int32_t codes32[] = {0, 0};
  const uint8_t codes8[] = {0, 0};
  const uint64_t unsigned64[] = {0xFFFFFFFFFFFFFFFFu, 0xFFFFFFFFFFFFFFFFu};
  const int16_t signed16[] = {-7, -7};
  const int32_t long_view[] = {20, 0x6D6F6E73, 0, 0};  // "snom", buffer 0, at 0
  const int32_t views[] = {3, 0x312D54, 0, 0, 3, 0x312D54, 0, 0};
  int32_t far_views[8];
  std::memcpy(far_views, long_view, 16);
  std::memcpy(far_views + 4, long_view, 16);
  const char far[] = "snomething very long";
  const int64_t far_sizes[] = {20};
  const std::vector<std::function<void(Batch&)>> forms = {
      [&](Batch& b) {
        b.Add("interaction", "u", {nullptr, small, bytes});
      },
      [&](Batch& b) {
        b.Add("interaction", "U", {nullptr, large, bytes});
      },
      [&](Batch& b) {
        b.Add("interaction", "s", {nullptr, signed16});
      },
      [&](Batch& b) {
        b.Add("interaction", "L", {nullptr, unsigned64});
      },
      [&](Batch& b) {
        b.Add("interaction", "vu", {nullptr, views, nullptr});
      },
      [&](Batch& b) {
        b.Add("interaction", "vu", {nullptr, far_views, far, far_sizes});
      },
  };
  for (size_t f = 0; f < forms.size(); ++f) {
    Batch batch(2);
    batch.Add("at", "tsu:UTC", {nullptr, kMicros});
    batch.Add("kind", "u", {nullptr, kKindOffsets, kKindBytes});
    forms[f](batch);
    const Owned<cckpi_engine> engine = MakeEngine();
    std::string problem;
    ASSERT_EQ(batch.Ingest(engine.get(), &problem), CCKPI_OK) << f << problem;
    EXPECT_THAT(batch.status, ElementsAre(0, 0)) << f;
    EXPECT_EQ(FirstResponse(engine.get()), "180000000") << f;
  }
  // Dictionaries, with codes of two widths.
  ArrowSchema text_schema = {};
  text_schema.format = "u";
  text_schema.release = ReleaseSchema;
  const void* text_buffers[] = {nullptr, small, bytes};
  for (const char* format : {"i", "C"}) {
    ArrowArray texts = {};
    texts.length = 2;
    texts.n_buffers = 3;
    texts.buffers = text_buffers;
    texts.release = ReleaseArray;
    Batch batch(2);
    batch.Add("at", "tsu:UTC", {nullptr, kMicros});
    batch.Add("kind", "C", {nullptr, kKinds});
    ArrowArray& column = batch.Add(
        "interaction", format,
        {nullptr, *format == 'i' ? static_cast<const void*>(codes32) : codes8});
    column.dictionary = &texts;
    batch.last_schema().dictionary = &text_schema;
    const Owned<cckpi_engine> engine = MakeEngine();
    ASSERT_EQ(batch.Ingest(engine.get()), CCKPI_OK);
    EXPECT_EQ(FirstResponse(engine.get()), "180000000");
  }
}

TEST(CArrowTest, SlicesNullsFlagsAndNumbersCount) {
  // Three rows in the buffers, of which the batch has the last two.
  const int64_t at_us[] = {0, kNine, kNine + 60'000'000};
  const uint8_t kinds[] = {9, 0, CCKPI_SURVEYED};
  const int64_t tickets[] = {-1, 1, 1};
  const double scores[] = {0, 0, 4.5};
  const uint8_t score_valid[] = {4};
  const uint8_t flags[] = {0, CCKPI_MESSAGE_ECHO, 0};
  Batch batch(2, 1);
  batch.Add("at", "tsu:UTC", {nullptr, at_us});
  batch.Add("kind", "C", {nullptr, kinds});
  batch.Add("interaction", "l", {nullptr, tickets});
  batch.Add("flags", "C", {nullptr, flags});
  batch.Add("score", "g", {score_valid, scores}, 2);
  batch.Add("what the host keeps", "zz", {nullptr});
  const Owned<cckpi_engine> engine = MakeEngine();
  std::string problem;
  ASSERT_EQ(batch.Ingest(engine.get(), &problem), CCKPI_OK) << problem;
  EXPECT_THAT(batch.status, ElementsAre(0, 0));
  const cckpi_text kpi = Text("satisfaction");
  cckpi_query query = {};
  query.struct_size = sizeof(query);
  query.kpis = &kpi;
  query.kpi_count = 1;
  const Owned<cckpi_table> table = Ask(engine.get(), &query);
  EXPECT_EQ(cckpi_table_float64(table.get(), ColumnOf(table.get(), "value"), 0),
            4.5);
}

TEST(CArrowTest, EachFlagMayBeAColumnOfBooleans) {
  // Of the two agent's messages the first is private, which answers nothing.
  const int64_t at_us[] = {kNine, kNine + 60'000'000, kNine + 180'000'000};
  const uint8_t kinds[] = {0, 6, 6};
  const int64_t tickets[] = {1, 1, 1};
  const uint8_t is_private[] = {0b011};  // row 0 has none: it is null
  const uint8_t has_private[] = {0b110};
  const uint8_t is_echo[] = {0b100};
  Batch batch(3);
  batch.Add("at", "tsu:UTC", {nullptr, at_us});
  batch.Add("kind", "C", {nullptr, kinds});
  batch.Add("interaction", "l", {nullptr, tickets});
  batch.Add("flags.private", "b", {has_private, is_private}, 1);
  batch.Add("flags.echo", "b", {nullptr, is_echo});
  const Owned<cckpi_engine> engine = MakeEngine();
  std::string problem;
  ASSERT_EQ(batch.Ingest(engine.get(), &problem), CCKPI_OK) << problem;
  EXPECT_EQ(FirstResponse(engine.get()), "180000000");
  for (const char* name : {"flags.privat", "flags.private", "flags"}) {
    Batch wrong(3);
    wrong.Add("at", "tsu:UTC", {nullptr, at_us});
    wrong.Add("kind", "C", {nullptr, kinds});
    wrong.Add("flags.private", "b", {nullptr, is_private});
    wrong.Add(name, "C", {nullptr, kinds});
    EXPECT_EQ(wrong.Ingest(engine.get(), &problem), CCKPI_INVALID_ARGUMENT);
    EXPECT_THAT(problem, HasSubstr(std::string(" ") + name + " "));
  }
}

TEST(CArrowTest, WhatHasAnotherShapeIsRefusedAsAWhole) {
  const Owned<cckpi_engine> engine = MakeEngine();
  const std::vector<std::pair<const char*, std::function<void(Batch&)>>> cases =
      {
          {"array", [](Batch& b) { b.schema.format = "l"; }},
          {"array", [](Batch& b) { b.array.length = -1; }},
          {"array", [](Batch& b) { b.array.offset = -5; }},
          {"array", [](Batch& b) { b.array.length = INT64_MAX; }},
          {"array", [](Batch& b) { b.array.release = nullptr; }},
          {"array", [](Batch& b) { b.array.n_children = 1; }},
          {"array", [](Batch& b) { b.array.children = nullptr; }},
          {"array", [](Batch& b) { b.array.n_buffers = 7; }},
          {"at", [](Batch& b) { b.array.children[0]->length = 1; }},
          {"at", [](Batch& b) { b.array.children[0]->offset = INT64_MAX; }},
          {"at", [](Batch& b) { b.array.children[0]->n_buffers = 1; }},
          {"at", [](Batch& b) { b.array.children[0]->buffers = nullptr; }},
          {"at", [](Batch& b) { b.array.children[0]->buffers[1] = nullptr; }},
          {"at", [](Batch& b) { b.array.children[0]->null_count = 1; }},
          {"at", [](Batch& b) { b.array.children[0] = nullptr; }},
          {"at", [](Batch& b) { b.schema.children[0]->format = "tsu:"; }},
          {"at", [](Batch& b) { b.schema.children[0]->format = "g"; }},
          {"at", [](Batch& b) { b.schema.children[0]->format = nullptr; }},
          {"at", [](Batch& b) { b.schema.children[0]->name = "when"; }},
          {"kind", [](Batch& b) { b.schema.children[1]->format = "b"; }},
          {"at", [](Batch& b) { b.schema.children[1]->name = "at"; }},
          {"interaction", [](Batch& b) { b.schema.children[2]->format = "g"; }},
          {"interaction",
           [](Batch& b) { b.schema.children[2]->dictionary = &b.schema; }},
      };
  for (size_t c = 0; c < cases.size(); ++c) {
    Batch batch(2);
    batch.Add("at", "tsu:UTC", {nullptr, kMicros});
    batch.Add("kind", "C", {nullptr, kKinds});
    batch.Add("interaction", "l", {nullptr, kTickets});
    cases[c].second(batch);
    cckpi_error* error = nullptr;
    EXPECT_EQ(
        cckpi_engine_ingest_arrow(engine.get(), &batch.schema, &batch.array,
                                  nullptr, nullptr, nullptr, nullptr, &error),
        CCKPI_INVALID_ARGUMENT)
        << c;
    EXPECT_STREQ(cckpi_error_path(error, nullptr), cases[c].first)
        << c << ": " << cckpi_error_message(error, nullptr);
    cckpi_error_destroy(error);
  }
  EXPECT_EQ(cckpi_engine_now(engine.get()), CCKPI_NO_TIME);
}

TEST(CArrowTest, OffsetsAndCodesThatPointNowhereRefuseTheirRows) {
  const int32_t back[] = {0, 3, 1};
  const char bytes[] = "T-1";
  const int32_t lost_views[] = {3, 0x312D54, 0, 0, 99, 0, 5, 0};
  const int32_t negative[] = {0, -1};
  {
    Batch batch(2);
    batch.Add("at", "tsu:UTC", {nullptr, kMicros});
    batch.Add("kind", "C", {nullptr, kKinds});
    batch.Add("interaction", "u", {nullptr, back, bytes});
    const Owned<cckpi_engine> engine = MakeEngine();
    ASSERT_EQ(batch.Ingest(engine.get()), CCKPI_OK);
    EXPECT_EQ(batch.status[1], CCKPI_ROW_REFUSED);
  }
  {
    Batch batch(2);
    batch.Add("at", "tsu:UTC", {nullptr, kMicros});
    batch.Add("kind", "C", {nullptr, kKinds});
    batch.Add("interaction", "vu", {nullptr, lost_views, nullptr});
    const Owned<cckpi_engine> engine = MakeEngine();
    ASSERT_EQ(batch.Ingest(engine.get()), CCKPI_OK);
    EXPECT_THAT(batch.status, ElementsAre(0, CCKPI_ROW_REFUSED));
  }
  const int32_t one[] = {0, 3};
  ArrowSchema text_schema = {};
  text_schema.format = "u";
  text_schema.release = ReleaseSchema;
  const void* text_buffers[] = {nullptr, one, bytes};
  ArrowArray texts = {};
  texts.length = 1;
  texts.n_buffers = 3;
  texts.buffers = text_buffers;
  texts.release = ReleaseArray;
  Batch batch(2);
  batch.Add("at", "tsu:UTC", {nullptr, kMicros});
  batch.Add("kind", "C", {nullptr, kKinds});
  batch.Add("interaction", "i", {nullptr, negative}).dictionary = &texts;
  batch.last_schema().dictionary = &text_schema;
  const Owned<cckpi_engine> engine = MakeEngine();
  ASSERT_EQ(batch.Ingest(engine.get()), CCKPI_OK);
  EXPECT_THAT(batch.status, ElementsAre(0, CCKPI_ROW_REFUSED));
}

TEST(CArrowTest, AStreamThatBreaksSaysWhatIsIn) {
  struct Source {
    Batch* batch;
    int left;
  };
  Batch batch(2);
  batch.Add("at", "tsu:UTC", {nullptr, kMicros});
  batch.Add("kind", "C", {nullptr, kKinds});
  batch.Add("interaction", "l", {nullptr, kTickets});
  Source source{&batch, 2};
  ArrowArrayStream stream = {};
  stream.private_data = &source;
  stream.release = [](ArrowArrayStream* s) { s->release = nullptr; };
  stream.get_schema = [](ArrowArrayStream* s, ArrowSchema* out) {
    *out = static_cast<Source*>(s->private_data)->batch->schema;
    return 0;
  };
  stream.get_next = [](ArrowArrayStream* s, ArrowArray* out) {
    auto* from = static_cast<Source*>(s->private_data);
    if (from->left-- == 0) return 5;
    *out = from->batch->array;
    return 0;
  };
  stream.get_last_error = [](ArrowArrayStream*) { return "the cable"; };
  const Owned<cckpi_engine> engine = MakeEngine();
  cckpi_error* error = nullptr;
  EXPECT_EQ(cckpi_engine_ingest_arrow_stream(engine.get(), &stream, nullptr,
                                             nullptr, nullptr, &error),
            CCKPI_UNAVAILABLE);
  EXPECT_EQ(cckpi_error_row(error), 5);
  EXPECT_THAT(ErrorOf(error), HasSubstr("the cable"));
  EXPECT_EQ(cckpi_engine_status(engine.get()), CCKPI_OK);
  EXPECT_EQ(cckpi_engine_now(engine.get()), kMicros[1]);
}

}  // namespace
}  // namespace cckpi::capi
