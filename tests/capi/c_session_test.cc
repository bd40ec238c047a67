// Whole sessions: handles ended in every order, alerts, scorecards, snapshots
// with the host's own state in them, shards, and many threads that ask.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "capi/c_handles.h"

namespace cckpi::capi {
namespace {

using testing::HasSubstr;

constexpr int64_t kNine = 1772442000000000;  // 2026-03-02T09:00:00Z
constexpr int64_t kMinute = 60'000'000;

constexpr char kConfig[] = R"({
  "allowed_lateness": "1m", "groups": [["channel"]],
  "calendars": {"office": {"weekly": {"mon": [["09:00", "17:00"]]}}},
  "kpis": [{"kpi": "backlog"}, {"id": "frt", "kpi": "first_response_time"}],
  "scorecards": [{"id": "card", "every": "hour", "cards": [
    {"kpi": "frt", "benchmark": "<15m", "weight": 1}]}],
  "scaling_matrix": [{"id": "rule", "kpi": "backlog", "target": "<=0",
    "bands": [{"level": "high", "over": 0, "notify": ["lead"],
               "actions": ["call in two"]}]}]})";

cckpi_event Message(cckpi_kind kind, int64_t at_us, const char* interaction) {
  cckpi_event event = {};
  event.struct_size = sizeof(event);
  event.kind = static_cast<uint8_t>(kind);
  event.at_us = at_us;
  event.interaction = cckpi_text_of(interaction);
  event.customer = cckpi_text_of(interaction);
  event.channel = cckpi_text_of("whatsapp");
  return event;
}

void Feed(cckpi_engine* engine, const cckpi_event& event) {
  ASSERT_EQ(cckpi_engine_ingest_events(engine, &event, 1, nullptr, nullptr,
                                       nullptr, nullptr, nullptr),
            CCKPI_OK);
}

TEST(CSessionTest, HandlesMayEndInEveryOrder) {
  std::vector<int> order = {0, 1, 2, 3, 4, 5};
  do {
    const Owned<cckpi_config> config = MakeConfig(kConfig);
    cckpi_config* config_handle = nullptr;
    cckpi_config_create(kConfig, sizeof(kConfig) - 1, &config_handle, nullptr);
    cckpi_dictionary* dictionary = nullptr;
    cckpi_dictionary_create(&dictionary, nullptr);
    cckpi_engine* engine = nullptr;
    cckpi_engine_create(config_handle, nullptr, &engine, nullptr);
    cckpi_monitor* monitor = nullptr;
    cckpi_monitor_create(config_handle, &monitor, nullptr);
    const cckpi_text name = Text("T-1");
    uint32_t code = 0;
    cckpi_dictionary_intern(dictionary, &name, 1, &code, nullptr);
    cckpi_text_column column = {};
    column.struct_size = sizeof(column);
    column.codes = &code;
    column.dictionary = dictionary;
    const uint8_t kind = 0;
    cckpi_event_columns columns = {};
    columns.struct_size = sizeof(columns);
    columns.row_count = 1;
    columns.at_us = &kNine;
    columns.kind = &kind;
    columns.interaction = &column;
    ASSERT_EQ(cckpi_engine_ingest_columns(engine, &columns, nullptr, nullptr,
                                          nullptr, nullptr, nullptr),
              CCKPI_OK);
    cckpi_table* table = nullptr;
    cckpi_engine_query(engine, nullptr, &table, nullptr);
    ArrowSchema schema;
    ArrowArray array;
    cckpi_table_export_arrow(table, &schema, &array, nullptr);
    for (int which : order) {
      switch (which) {
        case 0:
          cckpi_config_destroy(config_handle);
          break;
        case 1:
          cckpi_dictionary_destroy(dictionary);
          break;
        case 2:
          cckpi_engine_destroy(engine);
          break;
        case 3:
          cckpi_monitor_destroy(monitor);
          break;
        case 4:
          cckpi_table_destroy(table);
          break;
        default:
          array.release(&array);
          schema.release(&schema);
      }
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(CSessionTest, AlertsOpenAreAcknowledgedAndSurviveARestart) {
  const Owned<cckpi_config> config = MakeConfig(kConfig);
  const Owned<cckpi_engine> engine = MakeEngine(config.get());
  cckpi_monitor* monitor = nullptr;
  ASSERT_EQ(cckpi_monitor_create(config.get(), &monitor, nullptr), CCKPI_OK);
  Feed(engine.get(), Message(CCKPI_CUSTOMER_MESSAGE, kNine, "T-1"));
  const int64_t now = kNine + 2 * kMinute;
  cckpi_engine_advance(engine.get(), now, nullptr);
  Owned<cckpi_table> transitions;
  Owned<cckpi_table> sent;
  ASSERT_EQ(cckpi_monitor_tick(monitor, engine.get(), now, OutTo(transitions),
                               OutTo(sent), nullptr),
            CCKPI_OK);
  ASSERT_EQ(cckpi_table_row_count(sent.get()), 1u);
  EXPECT_EQ(TextOf(sent.get(), "kind", 0), "opened");
  EXPECT_EQ(TextOf(sent.get(), "level", 0), "high");
  EXPECT_EQ(TextOf(sent.get(), "target", 0), "<=0");
  EXPECT_EQ(IntegerOf(sent.get(), "sequence", 0), 1);
  const size_t actions = ColumnOf(sent.get(), "actions");
  ASSERT_EQ(cckpi_table_list_size(sent.get(), actions, 0), 1u);
  size_t size = 0;
  const char* action = cckpi_table_list_text(sent.get(), actions, 0, 0, &size);
  EXPECT_EQ(std::string(action, size), "call in two");
  EXPECT_THAT(Rendered(sent.get()), HasSubstr("\"recipients\": [\"lead\"]"));
  const std::string incident = TextOf(sent.get(), "incident", 0);
  EXPECT_EQ(
      cckpi_monitor_acknowledge(monitor, "none", 4, "ann", 3, now, nullptr),
      CCKPI_NOT_FOUND);
  EXPECT_EQ(cckpi_monitor_acknowledge(monitor, incident.data(), incident.size(),
                                      "ann", 3, now, nullptr),
            CCKPI_OK);

  // Everything into one snapshot, and back into a new process.
  Owned<cckpi_buffer> state;
  cckpi_monitor_save(monitor, OutTo(state), nullptr);
  cckpi_monitor_destroy(monitor);
  const cckpi_text names[] = {Text("topic"), Text("monitor")};
  const cckpi_text values[] = {
      Text("4711"),
      {cckpi_buffer_data(state.get()), cckpi_buffer_size(state.get())}};
  cckpi_snapshot_options options = {};
  options.struct_size = sizeof(options);
  options.position_names = names;
  options.positions = values;
  options.position_count = 1;
  options.section_names = names + 1;
  options.sections = values + 1;
  options.section_count = 1;
  Owned<cckpi_buffer> snapshot;
  ASSERT_EQ(cckpi_engine_save(engine.get(), &options, OutTo(snapshot), nullptr),
            CCKPI_OK);
  Owned<cckpi_engine> again;
  ASSERT_EQ(cckpi_engine_restore(
                config.get(), nullptr, cckpi_buffer_data(snapshot.get()),
                cckpi_buffer_size(snapshot.get()), OutTo(again), nullptr),
            CCKPI_OK);
  EXPECT_STREQ(cckpi_engine_position(again.get(), "topic", 5, &size), "4711");
  EXPECT_EQ(size, 4u);
  const char* section = cckpi_engine_section(again.get(), "monitor", 7, &size);
  ASSERT_NE(section, nullptr);
  Owned<cckpi_table> saved;
  ASSERT_EQ(cckpi_engine_saved(again.get(), OutTo(saved), nullptr), CCKPI_OK);
  EXPECT_EQ(cckpi_table_row_count(saved.get()), 2u);
  ASSERT_EQ(cckpi_monitor_create(config.get(), &monitor, nullptr), CCKPI_OK);
  ASSERT_EQ(cckpi_monitor_restore(monitor, section, size, nullptr), CCKPI_OK);
  EXPECT_EQ(cckpi_monitor_last_tick(monitor), now);
  Owned<cckpi_table> alerts;
  cckpi_monitor_alerts(monitor, OutTo(alerts), nullptr);
  EXPECT_EQ(TextOf(alerts.get(), "state", 0), "firing");
  EXPECT_EQ(TextOf(alerts.get(), "acknowledged_by", 0), "ann");
  EXPECT_EQ(Rendered(Ask(again.get()).get()),
            Rendered(Ask(engine.get()).get()));
  cckpi_monitor_destroy(monitor);
}

TEST(CSessionTest, ARuleWorksWithoutAnEngine) {
  const Owned<cckpi_config> config = MakeConfig(kConfig);
  cckpi_rule* rule = nullptr;
  EXPECT_EQ(cckpi_rule_create(config.get(), "none", 4, &rule, nullptr),
            CCKPI_NOT_FOUND);
  ASSERT_EQ(cckpi_rule_create(config.get(), "rule", 4, &rule, nullptr),
            CCKPI_OK);
  cckpi_rule_reading reading = {};
  reading.struct_size = sizeof(reading);
  reading.now_us = kNine;
  reading.value_micro = 3'000'000;
  reading.observations = 3;
  Owned<cckpi_table> sent;
  ASSERT_EQ(cckpi_rule_tick(rule, &reading, nullptr, OutTo(sent), nullptr),
            CCKPI_OK);
  ASSERT_EQ(cckpi_table_row_count(sent.get()), 1u);
  EXPECT_EQ(cckpi_table_float64(sent.get(), ColumnOf(sent.get(), "value"), 0),
            3);
  Owned<cckpi_buffer> state;
  ASSERT_EQ(cckpi_rule_save(rule, OutTo(state), nullptr), CCKPI_OK);
  ASSERT_EQ(cckpi_rule_restore(rule, cckpi_buffer_data(state.get()),
                               cckpi_buffer_size(state.get()), nullptr),
            CCKPI_OK);
  EXPECT_NE(cckpi_rule_restore(rule, "x", 1, nullptr), CCKPI_OK);
  EXPECT_EQ(cckpi_rule_acknowledge(rule, "ann", 3, kNine, nullptr), CCKPI_OK);
  Owned<cckpi_table> alert;
  ASSERT_EQ(cckpi_rule_alert(rule, OutTo(alert), nullptr), CCKPI_OK);
  EXPECT_EQ(TextOf(alert.get(), "state", 0), "firing");
  EXPECT_EQ(TextOf(alert.get(), "acknowledged_by", 0), "ann");
  cckpi_rule_destroy(rule);
}

TEST(CSessionTest, ScorecardsGiveScoresAndLines) {
  const Owned<cckpi_config> config = MakeConfig(kConfig);
  const Owned<cckpi_engine> engine = MakeEngine(config.get());
  Feed(engine.get(), Message(CCKPI_CUSTOMER_MESSAGE, kNine, "T-1"));
  Feed(engine.get(), Message(CCKPI_AGENT_MESSAGE, kNine + kMinute, "T-1"));
  cckpi_engine_advance(engine.get(), kNine + 70 * kMinute, nullptr);
  Owned<cckpi_table> scores;
  Owned<cckpi_table> lines;
  ASSERT_EQ(cckpi_engine_scorecards(engine.get(), nullptr, OutTo(scores),
                                    OutTo(lines), nullptr),
            CCKPI_OK);
  ASSERT_EQ(cckpi_table_row_count(scores.get()), 1u);
  EXPECT_EQ(IntegerOf(scores.get(), "score_micro", 0), 1'000'000);
  ASSERT_EQ(cckpi_table_row_count(lines.get()), 1u);
  EXPECT_EQ(TextOf(lines.get(), "target", 0), "<15m");
  EXPECT_EQ(TextOf(lines.get(), "state", 0), "scored");
  EXPECT_EQ(cckpi_table_float64(lines.get(), ColumnOf(lines.get(), "value"), 0),
            60);
  const cckpi_text none = Text("none");
  cckpi_scorecard_query query = {};
  query.struct_size = sizeof(query);
  query.scorecards = &none;
  query.scorecard_count = 1;
  EXPECT_EQ(
      cckpi_engine_scorecards(engine.get(), &query, nullptr, nullptr, nullptr),
      CCKPI_NOT_FOUND);
}

TEST(CSessionTest, MergedShardsAnswerAsOneEngine) {
  const Owned<cckpi_config> config = MakeConfig(kConfig);
  cckpi_engine_options options = {};
  options.struct_size = sizeof(options);
  options.flags = CCKPI_ENGINE_SHARD;
  Owned<cckpi_engine> a;
  Owned<cckpi_engine> b;
  cckpi_engine_create(config.get(), &options, OutTo(a), nullptr);
  cckpi_engine_create(config.get(), &options, OutTo(b), nullptr);
  const Owned<cckpi_engine> whole = MakeEngine(config.get());
  for (cckpi_engine* engine : {a.get(), whole.get()}) {
    Feed(engine, Message(CCKPI_CUSTOMER_MESSAGE, kNine, "T-1"));
  }
  for (cckpi_engine* engine : {b.get(), whole.get()}) {
    Feed(engine, Message(CCKPI_CUSTOMER_MESSAGE, kNine + 1, "T-2"));
  }
  ASSERT_EQ(cckpi_engine_merge(a.get(), b.get(), nullptr), CCKPI_OK);
  ASSERT_EQ(cckpi_engine_join(a.get(), nullptr), CCKPI_OK);
  EXPECT_EQ(Rendered(Ask(a.get()).get()), Rendered(Ask(whole.get()).get()));
  cckpi_error* error = nullptr;
  EXPECT_NE(cckpi_engine_merge(a.get(), b.get(), &error), CCKPI_OK);
  EXPECT_THAT(ErrorOf(error), HasSubstr("T-2"));
}

TEST(CSessionTest, TheScheduleSaysWhatIsDue) {
  const Owned<cckpi_config> config = MakeConfig(R"({
    "kpis": [{"kpi": "backlog"}],
    "reports": [{"id": "daily", "every": "day", "at": "08:00",
                 "kpis": ["backlog"], "to": ["manager"]}]})");
  Owned<cckpi_table> due;
  ASSERT_EQ(cckpi_config_due_reports(config.get(), kNine - 120 * kMinute, kNine,
                                     OutTo(due), nullptr),
            CCKPI_OK);
  ASSERT_EQ(cckpi_table_row_count(due.get()), 1u);
  EXPECT_EQ(TextOf(due.get(), "report", 0), "daily");
  EXPECT_EQ(IntegerOf(due.get(), "due", 0), kNine - 60 * kMinute);
  EXPECT_EQ(cckpi_config_due_reports(config.get(), 0, 0, OutTo(due), nullptr),
            CCKPI_INVALID_ARGUMENT);
}

TEST(CSessionTest, PagesForPeopleAreOneFile) {
  const Owned<cckpi_engine> engine = MakeEngine();
  Feed(engine.get(), Message(CCKPI_CUSTOMER_MESSAGE, kNine, "<b>T-1</b>"));
  Owned<cckpi_buffer> page;
  ASSERT_EQ(
      cckpi_engine_html(engine.get(), nullptr, nullptr, OutTo(page), nullptr),
      CCKPI_OK);
  const std::string text = cckpi_buffer_data(page.get());
  EXPECT_TRUE(text.starts_with("<!DOCTYPE html>"));
  EXPECT_EQ(text.find("<b>T-1</b>"), text.npos);
}

// ThreadSanitizer runs this one.
TEST(CSessionTest, EightThreadsAskWhatOneAsks) {
  const Owned<cckpi_config> config = MakeConfig(kConfig);
  const Owned<cckpi_engine> engine = MakeEngine(config.get());
  Owned<cckpi_dictionary> dictionary;
  cckpi_dictionary_create(OutTo(dictionary), nullptr);
  for (int i = 0; i < 200; ++i) {
    Feed(engine.get(),
         Message(i % 3 == 0 ? CCKPI_AGENT_MESSAGE : CCKPI_CUSTOMER_MESSAGE,
                 kNine + i * kMinute, ("T-" + std::to_string(i / 4)).c_str()));
  }
  cckpi_monitor* monitor = nullptr;
  cckpi_monitor_create(config.get(), &monitor, nullptr);
  const Owned<cckpi_table> shared = Ask(engine.get());
  const std::string expected = Rendered(shared.get());
  cckpi_table* notes = nullptr;
  cckpi_monitor_tick(monitor, engine.get(), kNine + 199 * kMinute, nullptr,
                     &notes, nullptr);
  const Owned<cckpi_table> shared_alerts(notes);
  const std::string alert_lines =
      Rendered(shared_alerts.get(), CCKPI_RENDER_JSON_LINES);
  EXPECT_THAT(alert_lines, HasSubstr("\"lead\""));
  const auto ask = [&](std::string* answer) {
    const Owned<cckpi_table> table = Ask(engine.get());
    *answer = Rendered(table.get());
    if (Rendered(shared.get()) != expected) *answer = "the shared table";
    Owned<cckpi_table> other;
    cckpi_engine_distributions(engine.get(), nullptr, OutTo(other), nullptr);
    cckpi_engine_scorecards(engine.get(), nullptr, nullptr, OutTo(other),
                            nullptr);
    cckpi_monitor_alerts(monitor, OutTo(other), nullptr);
    if (Rendered(shared_alerts.get(), CCKPI_RENDER_JSON_LINES) != alert_lines) {
      *answer = "the shared alerts";
    }
    cckpi_engine_longest_waits(engine.get(), nullptr, nullptr, 0, 9,
                               OutTo(other), nullptr);
    int64_t due_us = 0;
    cckpi_config_deadline(config.get(), "office", 6, kNine, kMinute, &due_us,
                          nullptr);
    if (due_us != kNine + kMinute) *answer = "the opening hours";
    Owned<cckpi_buffer> snapshot;
    cckpi_engine_save(engine.get(), nullptr, OutTo(snapshot), nullptr);
    cckpi_engine_memory_bytes(engine.get());
    cckpi_engine_next_timer(engine.get());
    cckpi_dictionary_size(dictionary.get());
    ArrowSchema schema;
    ArrowArray array;
    cckpi_table_export_arrow(shared.get(), &schema, &array, nullptr);
    array.release(&array);
    schema.release(&schema);
  };
  std::vector<std::string> answers(8);
  {
    std::vector<std::jthread> threads;
    for (std::string& answer : answers) threads.emplace_back(ask, &answer);
  }
  for (const std::string& answer : answers) EXPECT_EQ(answer, expected);
  cckpi_monitor_destroy(monitor);
}

}  // namespace
}  // namespace cckpi::capi
