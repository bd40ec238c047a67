// Every way in gives the bytes that the C++ library gives for the same events.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "capi/c_handles.h"
#include "capi/event_arrays.h"
#include "cckpi/engine/engine.h"
#include "cckpi/io/event_writer.h"
#include "cckpi/io/render.h"
#include "oracle/random_log.h"
#include "oracle/settings.h"

namespace cckpi::capi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Expected(std::span<const Event> events) {
  absl::StatusOr<Engine> engine = Engine::Create(Config());
  engine->Ingest(events);
  return RenderJson(*engine->Ask(Query()));
}

TEST(CIngestTest, StructsColumnsAndLogsGiveTheBytesOfTheCppEngine) {
  for (const uint64_t seed : oracle::Seeds(20, 1)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const oracle::RandomLog log = oracle::MakeRandomLog(seed);
    const std::span<const Event> events = log.events;
    const std::string expected = Expected(events);

    Owned<cckpi_engine> engine = MakeEngine();
    EventStructs structs(events);
    ASSERT_EQ(cckpi_engine_ingest_events(engine.get(), structs.events.data(),
                                         structs.events.size(), nullptr,
                                         nullptr, nullptr, nullptr, nullptr),
              CCKPI_OK);
    EXPECT_EQ(Rendered(Ask(engine.get()).get()), expected) << "structs";

    for (ColumnForm form :
         {ColumnForm::kCodes, ColumnForm::kOffsets32, ColumnForm::kOffsets64}) {
      engine = MakeEngine();
      EventArrays arrays(events, form);
      cckpi_error* error = nullptr;
      ASSERT_EQ(
          cckpi_engine_ingest_columns(engine.get(), &arrays.columns, nullptr,
                                      nullptr, nullptr, nullptr, &error),
          CCKPI_OK)
          << ErrorOf(error);
      EXPECT_EQ(Rendered(Ask(engine.get()).get()), expected)
          << "columns, form " << static_cast<int>(form);
    }

    engine = MakeEngine();
    std::string lines;
    for (const Event& event : events) AppendJsonLine(event, &lines);
    ASSERT_EQ(cckpi_engine_ingest_log(engine.get(), lines.data(), lines.size(),
                                      nullptr, nullptr, nullptr, nullptr),
              CCKPI_OK);
    EXPECT_EQ(Rendered(Ask(engine.get()).get()), expected) << "JSON Lines";
  }
}

cckpi_event Message(int64_t at_us, std::string_view interaction) {
  cckpi_event event = {};
  event.struct_size = sizeof(event);
  event.at_us = at_us;
  event.interaction = Text(interaction);
  return event;
}

constexpr int64_t kNine = 1772442000000000;  // 2026-03-02T09:00:00Z

TEST(CIngestTest, ABadEventIsRefusedAloneAndHandedBack) {
  Owned<cckpi_engine> engine = MakeEngine();
  std::vector<cckpi_event> events = {Message(kNine, "T-1"), Message(kNine, ""),
                                     Message(kNine - 3600000000, "T-2"),
                                     Message(kNine, "T-3")};
  std::vector<uint8_t> status(4, 99);
  cckpi_ingest_result result = {};
  result.struct_size = sizeof(result);
  Owned<cckpi_table> refusals;
  ASSERT_EQ(cckpi_engine_ingest_events(engine.get(), events.data(), 4, nullptr,
                                       status.data(), &result, OutTo(refusals),
                                       nullptr),
            CCKPI_OK);
  EXPECT_THAT(status, ElementsAre(CCKPI_ROW_ACCEPTED, CCKPI_ROW_REFUSED,
                                  CCKPI_ROW_LATE, CCKPI_ROW_ACCEPTED));
  EXPECT_EQ(result.accepted, 2);
  EXPECT_EQ(result.late, 1);
  EXPECT_EQ(result.refused, 1);
  ASSERT_EQ(cckpi_table_row_count(refusals.get()), 2u);
  EXPECT_EQ(IntegerOf(refusals.get(), "row", 0), 2);
  EXPECT_EQ(TextOf(refusals.get(), "reason", 0), "interaction: missing");
  EXPECT_EQ(IntegerOf(refusals.get(), "row", 1), 3);
  EXPECT_EQ(TextOf(refusals.get(), "event", 1), "T-2");

  cckpi_event_counts counts = {};
  counts.struct_size = sizeof(counts);
  ASSERT_EQ(cckpi_engine_counts(engine.get(), &counts, nullptr), CCKPI_OK);
  EXPECT_EQ(counts.applied, 2);
  EXPECT_EQ(counts.late, 1);
  EXPECT_EQ(counts.refused, 1);
}

TEST(CIngestTest, WithoutRoomEventsComeBackAndTheCallSaysSo) {
  Owned<cckpi_config> config = MakeConfig(R"({"max_memory_bytes": 1})");
  Owned<cckpi_engine> engine = MakeEngine(config.get());
  std::vector<cckpi_event> events = {Message(kNine, "T-1"),
                                     Message(kNine, "T-2")};
  std::vector<uint8_t> status(2, 99);
  cckpi_ingest_result result = {};
  result.struct_size = sizeof(result);
  Owned<cckpi_table> refusals;
  Owned<cckpi_error> error;
  EXPECT_EQ(cckpi_engine_ingest_events(engine.get(), events.data(), 2, nullptr,
                                       status.data(), &result, OutTo(refusals),
                                       OutTo(error)),
            CCKPI_RESOURCE_EXHAUSTED);
  EXPECT_THAT(status, ElementsAre(CCKPI_ROW_EXHAUSTED, CCKPI_ROW_EXHAUSTED));
  EXPECT_EQ(result.accepted, 0);
  EXPECT_EQ(result.exhausted, 2);
  ASSERT_EQ(cckpi_table_row_count(refusals.get()), 2u);
  EXPECT_EQ(TextOf(refusals.get(), "event", 1), "T-2");
  EXPECT_NE(error, nullptr);
}

TEST(CIngestTest, NoRefusalsAreNoTable) {
  Owned<cckpi_engine> engine = MakeEngine();
  const cckpi_event event = Message(kNine, "T-1");
  cckpi_table* refusals = reinterpret_cast<cckpi_table*>(1);
  ASSERT_EQ(cckpi_engine_ingest_events(engine.get(), &event, 1, nullptr,
                                       nullptr, nullptr, &refusals, nullptr),
            CCKPI_OK);
  EXPECT_EQ(refusals, nullptr);
}

TEST(CIngestTest, RefusalsCarryTheRowsAndTheSourceOfTheHost) {
  Owned<cckpi_engine> engine = MakeEngine();
  const cckpi_event event = Message(kNine, "");
  const int64_t row = 4711;
  cckpi_ingest_options options = {};
  options.struct_size = sizeof(options);
  options.source = Text("topic-7");
  options.rows = &row;
  options.row_count = 1;
  Owned<cckpi_table> refusals;
  ASSERT_EQ(
      cckpi_engine_ingest_events(engine.get(), &event, 1, &options, nullptr,
                                 nullptr, OutTo(refusals), nullptr),
      CCKPI_OK);
  EXPECT_EQ(TextOf(refusals.get(), "source", 0), "topic-7");
  EXPECT_EQ(IntegerOf(refusals.get(), "row", 0), 4711);
}

TEST(CIngestTest, ManyEventsKeepTheirRowsAcrossInnerBatches) {
  Owned<cckpi_engine> engine = MakeEngine();
  std::vector<cckpi_event> events(10'000, Message(kNine, "T-1"));
  events[9'000].interaction = {};
  std::vector<uint8_t> status(events.size(), 99);
  Owned<cckpi_table> refusals;
  ASSERT_EQ(cckpi_engine_ingest_events(engine.get(), events.data(),
                                       events.size(), nullptr, status.data(),
                                       nullptr, OutTo(refusals), nullptr),
            CCKPI_OK);
  EXPECT_EQ(IntegerOf(refusals.get(), "row", 0), 9'001);
  EXPECT_EQ(status[9'000], CCKPI_ROW_REFUSED);
  EXPECT_EQ(std::count(status.begin(), status.end(), CCKPI_ROW_ACCEPTED),
            9'999);
}

TEST(CIngestTest, AStructOfAnEarlierVersionIsReadAsFarAsItGoes) {
  // An event without the fields after `channel`, packed one after another.
  constexpr uint32_t kSize = offsetof(cckpi_event, source);
  std::vector<char> bytes(2 * kSize);
  cckpi_event event = Message(kNine, "T-1");
  event.struct_size = kSize;
  event.channel = Text("whatsapp");
  std::memcpy(bytes.data(), &event, kSize);
  event.kind = CCKPI_AGENT_MESSAGE;
  event.at_us += 60'000'000;
  std::memcpy(bytes.data() + kSize, &event, kSize);
  Owned<cckpi_engine> engine = MakeEngine();
  cckpi_error* error = nullptr;
  ASSERT_EQ(cckpi_engine_ingest_events(
                engine.get(), reinterpret_cast<cckpi_event*>(bytes.data()), 2,
                nullptr, nullptr, nullptr, nullptr, &error),
            CCKPI_OK)
      << ErrorOf(error);
  EXPECT_THAT(Rendered(Ask(engine.get()).get()),
              HasSubstr("\"sum_us\": 60000000"));
}

TEST(CIngestTest, AFieldOfALaterVersionIsRefusedUnlessItIsZero) {
  struct Later {
    cckpi_event event;
    uint64_t later;
  } later = {Message(kNine, "T-1"), 0};
  later.event.struct_size = sizeof(later);
  Owned<cckpi_engine> engine = MakeEngine();
  EXPECT_EQ(cckpi_engine_ingest_events(engine.get(), &later.event, 1, nullptr,
                                       nullptr, nullptr, nullptr, nullptr),
            CCKPI_OK);
  later.later = 1;
  cckpi_error* error = nullptr;
  EXPECT_EQ(cckpi_engine_ingest_events(engine.get(), &later.event, 1, nullptr,
                                       nullptr, nullptr, nullptr, &error),
            CCKPI_INVALID_ARGUMENT);
  EXPECT_THAT(ErrorOf(error), HasSubstr("a later version"));
}

TEST(CIngestTest, LinesThatCannotBeReadAreAmongTheRefusals) {
  const std::string log =
      "{\"at\": \"2026-03-02T09:00:00Z\", \"kind\": \"customer_message\", "
      "\"interaction\": \"T-1\"}\n"
      "nonsense\n"
      "{\"at\": \"2026-03-02T09:01:00Z\", \"kind\": \"agent_message\"}\n";
  Owned<cckpi_engine> engine = MakeEngine();
  cckpi_ingest_result result = {};
  result.struct_size = sizeof(result);
  Owned<cckpi_table> refusals;
  cckpi_log_options options = {};
  options.struct_size = sizeof(options);
  options.source = Text("day.jsonl");
  ASSERT_EQ(
      cckpi_engine_ingest_log(engine.get(), log.data(), log.size(), &options,
                              &result, OutTo(refusals), nullptr),
      CCKPI_OK);
  EXPECT_EQ(result.accepted, 1);
  EXPECT_EQ(result.refused, 2);
  ASSERT_EQ(cckpi_table_row_count(refusals.get()), 2u);
  EXPECT_EQ(IntegerOf(refusals.get(), "row", 0), 2);
  EXPECT_EQ(IntegerOf(refusals.get(), "row", 1), 3);
  EXPECT_EQ(TextOf(refusals.get(), "source", 1), "day.jsonl");
}

TEST(CIngestTest, AForeignLogIsReadThroughItsMapping) {
  const std::string mapping_json = R"({
    "input": {"format": "csv"},
    "fields": {"at": "t", "interaction": "thread"},
    "rules": [{"when": {"role": "customer"}, "kind": "customer_message"},
              {"when": {"role": "agent"}, "kind": "agent_message"}]})";
  Owned<cckpi_mapping> mapping;
  cckpi_error* error = nullptr;
  ASSERT_EQ(cckpi_mapping_create(mapping_json.data(), mapping_json.size(),
                                 OutTo(mapping), &error),
            CCKPI_OK)
      << ErrorOf(error);
  const std::string log =
      "t,thread,role\n2026-03-02T09:00:00Z,1,customer\n"
      "2026-03-02T09:01:00Z,1,agent\n";
  cckpi_log_options options = {};
  options.struct_size = sizeof(options);
  options.mapping = mapping.get();
  Owned<cckpi_engine> engine = MakeEngine();
  cckpi_ingest_result result = {};
  result.struct_size = sizeof(result);
  ASSERT_EQ(cckpi_engine_ingest_log(engine.get(), log.data(), log.size(),
                                    &options, &result, nullptr, &error),
            CCKPI_OK)
      << ErrorOf(error);
  EXPECT_EQ(result.accepted, 2);
}

TEST(CIngestTest, ADamagedGzipSaysHowFarItGot) {
  std::string path = CCKPI_SOURCE_DIR;
  path += "/examples/data/twitter_customer_care.csv.gz";
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  ASSERT_GT(bytes.size(), 20'000u);
  bytes.resize(20'000);
  std::ifstream mapping_file(std::string(CCKPI_SOURCE_DIR) +
                             "/examples/data/twitter_customer_care."
                             "mapping.json");
  const std::string mapping_json((std::istreambuf_iterator<char>(mapping_file)),
                                 {});
  Owned<cckpi_mapping> mapping;
  cckpi_mapping_create(mapping_json.data(), mapping_json.size(), OutTo(mapping),
                       nullptr);
  cckpi_log_options options = {};
  options.struct_size = sizeof(options);
  options.mapping = mapping.get();
  Owned<cckpi_engine> engine = MakeEngine();
  cckpi_error* error = nullptr;
  EXPECT_NE(cckpi_engine_ingest_log(engine.get(), bytes.data(), bytes.size(),
                                    &options, nullptr, nullptr, &error),
            CCKPI_OK);
  EXPECT_GT(cckpi_error_row(error), 100);
  ErrorOf(error);
  EXPECT_EQ(cckpi_engine_status(engine.get()), CCKPI_OK);
  cckpi_event_counts counts = {};
  counts.struct_size = sizeof(counts);
  cckpi_engine_counts(engine.get(), &counts, nullptr);
  EXPECT_GT(counts.applied + counts.late, 100);
}

TEST(CIngestTest, OneDictionaryServesSeveralEnginesAndGrows) {
  Owned<cckpi_dictionary> dictionary;
  cckpi_dictionary_create(OutTo(dictionary), nullptr);
  const cckpi_text names[] = {Text("T-1"), Text(""), Text("T-2"), Text("T-1")};
  uint32_t codes[4] = {};
  ASSERT_EQ(cckpi_dictionary_intern(dictionary.get(), names, 4, codes, nullptr),
            CCKPI_OK);
  EXPECT_THAT(codes, ElementsAre(1, 0, 2, 1));
  EXPECT_EQ(cckpi_dictionary_size(dictionary.get()), 3u);
  EXPECT_STREQ(cckpi_dictionary_text(dictionary.get(), 2, nullptr), "T-2");

  Owned<cckpi_engine> engines[] = {MakeEngine(), MakeEngine()};
  for (int round = 0; round < 2; ++round) {
    for (const Owned<cckpi_engine>& engine : engines) {
      const int64_t at_us[] = {kNine, kNine};
      const uint8_t kinds[] = {0, 0};
      cckpi_text_column interaction = {};
      interaction.struct_size = sizeof(interaction);
      interaction.codes = codes + 2;
      interaction.dictionary = dictionary.get();
      cckpi_event_columns columns = {};
      columns.struct_size = sizeof(columns);
      columns.row_count = 2;
      columns.at_us = at_us;
      columns.kind = kinds;
      columns.interaction = &interaction;
      uint8_t status[2] = {9, 9};
      ASSERT_EQ(cckpi_engine_ingest_columns(engine.get(), &columns, nullptr,
                                            status, nullptr, nullptr, nullptr),
                CCKPI_OK);
      EXPECT_THAT(status, ElementsAre(0, 0));
    }
    const cckpi_text more = Text("T-9");
    cckpi_dictionary_intern(dictionary.get(), &more, 1, codes + 3, nullptr);
    EXPECT_EQ(codes[3], 3u);
  }
  cckpi_engine_sizes sizes = {};
  sizes.struct_size = sizeof(sizes);
  for (const Owned<cckpi_engine>& engine : engines) {
    // T-2, T-1 and, in the second round, T-9.
    cckpi_engine_finish(engine.get(), nullptr);
    cckpi_engine_measure(engine.get(), &sizes, nullptr);
    EXPECT_EQ(sizes.interactions, 3u);
  }
}

}  // namespace
}  // namespace cckpi::capi
