// Memory that runs out, at every allocation of a whole session.
//
// The program's own malloc stands before that of libc. It counts the
// allocations that the library makes inside a call, and lets the k-th one
// fail, for every k. Then no call may do anything but return
// CCKPI_RESOURCE_EXHAUSTED, write none of its outputs, leak nothing, and leave
// either everything as it was, so that the same call works when it is made
// again and the session ends with the report of an undisturbed one, or an
// engine (a monitor) that says of itself that it is lost.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "capi/c_handles.h"

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* memory);
}

namespace {

bool armed = false;       // inside a call of the library
int64_t allocations = 0;  // in such calls
int64_t fail_at = 0;      // which of them fails; 0: none
int64_t live = 0;         // blocks that are not free

[[gnu::noinline]] bool Fail() { return true; }

bool Fails() {
  if (!armed) return false;
  ++allocations;
  return allocations == fail_at && Fail();
}

void* Noted(void* memory) {
  if (memory != nullptr) ++live;
  return memory;
}

}  // namespace

// libc and libstdc++ resolve to these, as the program comes first.
extern "C" {
void* malloc(size_t size) {
  return Fails() ? nullptr : Noted(__libc_malloc(size));
}
void* calloc(size_t count, size_t size) {
  return Fails() ? nullptr : Noted(__libc_calloc(count, size));
}
void* realloc(void* memory, size_t size) {
  if (Fails()) return nullptr;
  if (memory == nullptr) return Noted(__libc_realloc(memory, size));
  return __libc_realloc(memory, size);
}
void* memalign(size_t alignment, size_t size) {
  return Fails() ? nullptr : Noted(__libc_memalign(alignment, size));
}
void* aligned_alloc(size_t alignment, size_t size) {
  return memalign(alignment, size);
}
int posix_memalign(void** memory, size_t alignment, size_t size) {
  *memory = memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
void free(void* memory) {
  if (memory != nullptr) --live;
  __libc_free(memory);
}
}

namespace cckpi::capi {
namespace {

constexpr int64_t kNine = 1772442000000000;  // 2026-03-02T09:00:00Z
constexpr int64_t kMinute = 60'000'000;

constexpr char kConfig[] = R"({
  "allowed_lateness": "1m",
  "groups": [["channel"]],
  "kpis": [{"id": "frt", "kpi": "first_response_time"},
           {"kpi": "service_level", "within": "5m"}, {"kpi": "backlog"}],
  "scorecards": [{"id": "card", "every": "hour", "cards": [
    {"kpi": "frt", "benchmark": "<15m", "weight": 1}]}],
  "calendars": {"office": {"weekly": {"mon": [["09:00", "17:00"]]}}},
  "reports": [{"id": "hour", "every": "hour", "kpis": ["frt"],
               "scorecards": ["card"], "to": ["eva"]}],
  "scaling_matrix": [{"id": "rule", "kpi": "backlog", "target": "<=0",
    "bands": [{"level": "high", "over": 0, "notify": ["lead"]}]}]})";

constexpr char kLog[] =
    R"({"at":"2026-03-02T09:00:00Z","kind":"customer_message",)"
    R"("interaction":"T-1","channel":"whatsapp","id":"e1",)"
    R"("tags":{"plan":"gold"}})"
    "\n"
    R"({"at":"2026-03-02T09:01:00Z","kind":"agent_message",)"
    R"("interaction":"T-1","agent":"ann with a rather long name"})"
    "\n"
    "no json\n";

// The calls of a session that came to an end, one way or the other.
class Session {
 public:
  // False where it ended early, with a handle that is lost.
  bool Run();

  std::string report;  // at the end
  bool lost = false;

 private:
  // Makes a call, and makes it again when the failure hit it.
  template <typename Body>
  bool Call(Body&& body) {
    for (int attempt = 0; attempt < 2; ++attempt) {
      cckpi_error* error = nullptr;
      armed = true;
      const cckpi_code code = body(&error);
      armed = false;
      const Owned<cckpi_error> owned(error);
      if (code == CCKPI_OK) return true;
      EXPECT_EQ(code, CCKPI_RESOURCE_EXHAUSTED)
          << ErrorOf(const_cast<cckpi_error*>(owned.get())) << " at allocation "
          << fail_at;
      if (code != CCKPI_RESOURCE_EXHAUSTED) {
        static_cast<void>(const_cast<Owned<cckpi_error>&>(owned).release());
        return false;
      }
      EXPECT_NE(error, nullptr);
      EXPECT_THAT(cckpi_error_message(error, nullptr),
                  testing::HasSubstr("memory could not be allocated"));
      if (engine_ != nullptr && IsLost(engine_.get())) return false;
      if (monitor_ != nullptr &&
          cckpi_monitor_status(monitor_) == CCKPI_DATA_LOSS) {
        lost = true;
        return false;
      }
    }
    ADD_FAILURE() << "a call fails twice, at allocation " << fail_at;
    return false;
  }

  bool IsLost(const cckpi_engine* engine) {
    if (cckpi_engine_status(engine) == CCKPI_OK) return false;
    EXPECT_EQ(cckpi_engine_status(engine), CCKPI_DATA_LOSS);
    cckpi_table* table = nullptr;
    EXPECT_EQ(cckpi_engine_query(engine, nullptr, &table, nullptr),
              CCKPI_DATA_LOSS);
    EXPECT_EQ(table, nullptr);
    lost = true;
    return true;
  }

  template <typename Handle, typename Body>
  bool Make(Owned<Handle>& handle, Body&& body) {
    Handle* made = nullptr;
    const bool ok = Call([&](cckpi_error** error) {
      const cckpi_code code = body(&made, error);
      EXPECT_EQ(code == CCKPI_OK, made != nullptr) << "an output was written";
      return code;
    });
    handle.reset(made);
    return ok;
  }

  bool Feed();
  bool Answers();
  bool Scheduled();
  bool Alerts();
  bool Durable();

 public:
  ~Session() { cckpi_monitor_destroy(monitor_); }

 private:
  Owned<cckpi_config> config_;
  Owned<cckpi_engine> engine_;
  cckpi_monitor* monitor_ = nullptr;
};

bool Session::Feed() {
  if (!Call([&](cckpi_error** error) {
        cckpi_table* refusals = nullptr;
        const cckpi_code code =
            cckpi_engine_ingest_log(engine_.get(), kLog, sizeof(kLog) - 1,
                                    nullptr, nullptr, &refusals, error);
        EXPECT_EQ(code == CCKPI_OK, refusals != nullptr);
        cckpi_table_destroy(refusals);
        return code;
      })) {
    return false;
  }
  const cckpi_text tag = Text("plan");
  const cckpi_text value = Text("a value that no short string holds");
  cckpi_event event = {};
  event.struct_size = sizeof(event);
  event.at_us = kNine + 2 * kMinute;
  event.interaction = Text("an interaction that no short string holds");
  event.channel = Text("facebook");
  event.tag_names = &tag;
  event.tag_values = &value;
  event.tag_count = 1;
  uint8_t status = 99;
  if (!Call([&](cckpi_error** error) {
        return cckpi_engine_ingest_events(engine_.get(), &event, 1, nullptr,
                                          &status, nullptr, nullptr, error);
      })) {
    return false;
  }
  Owned<cckpi_dictionary> dictionary;
  if (!Make(dictionary, [](cckpi_dictionary** out, cckpi_error** error) {
        return cckpi_dictionary_create(out, error);
      })) {
    return false;
  }
  const cckpi_text names[] = {Text("T-3"), Text("T-4, with a longer name")};
  uint32_t codes[2] = {0, 0};
  if (!Call([&](cckpi_error** error) {
        return cckpi_dictionary_intern(dictionary.get(), names, 2, codes,
                                       error);
      })) {
    return false;
  }
  const int64_t at_us[] = {kNine + 3 * kMinute, kNine + 4 * kMinute};
  const uint8_t kinds[] = {CCKPI_CUSTOMER_MESSAGE, CCKPI_CUSTOMER_MESSAGE};
  cckpi_text_column interaction = {};
  interaction.struct_size = sizeof(interaction);
  interaction.codes = codes;
  interaction.dictionary = dictionary.get();
  cckpi_event_columns columns = {};
  columns.struct_size = sizeof(columns);
  columns.row_count = 2;
  columns.at_us = at_us;
  columns.kind = kinds;
  columns.interaction = &interaction;
  if (!Call([&](cckpi_error** error) {
        return cckpi_engine_ingest_columns(engine_.get(), &columns, nullptr,
                                           nullptr, nullptr, nullptr, error);
      })) {
    return false;
  }
  return Call([&](cckpi_error** error) {
    return cckpi_engine_advance(engine_.get(), kNine + 10 * kMinute, error);
  });
}

bool Session::Answers() {
  Owned<cckpi_table> table;
  if (!Make(table, [&](cckpi_table** out, cckpi_error** error) {
        return cckpi_engine_query(engine_.get(), nullptr, out, error);
      })) {
    return false;
  }
  Owned<cckpi_buffer> text;
  for (cckpi_render_format format :
       {CCKPI_RENDER_CSV, CCKPI_RENDER_TEXT, CCKPI_RENDER_JSON_LINES,
        CCKPI_RENDER_JSON}) {
    if (!Make(text, [&](cckpi_buffer** out, cckpi_error** error) {
          return cckpi_table_render(table.get(), format, out, error);
        })) {
      return false;
    }
  }
  report = cckpi_buffer_data(text.get());
  ArrowSchema schema = {};
  ArrowArray array = {};
  if (!Call([&](cckpi_error** error) {
        return cckpi_table_export_arrow(table.get(), &schema, &array, error);
      })) {
    return false;
  }
  schema.release(&schema);
  array.release(&array);
  const auto made = [&](auto&& ask) { return Make(table, ask); };
  return made([&](cckpi_table** out, cckpi_error** error) {
           return cckpi_engine_explain(engine_.get(), nullptr, out, error);
         }) &&
         made([&](cckpi_table** out, cckpi_error** error) {
           return cckpi_engine_distributions(engine_.get(), nullptr, out,
                                             error);
         }) &&
         made([&](cckpi_table** out, cckpi_error** error) {
           return cckpi_engine_scorecards(engine_.get(), nullptr, nullptr, out,
                                          error);
         }) &&
         made([&](cckpi_table** out, cckpi_error** error) {
           return cckpi_engine_refusals(engine_.get(), out, error);
         }) &&
         made([&](cckpi_table** out, cckpi_error** error) {
           return cckpi_engine_longest_waits(engine_.get(), nullptr, nullptr, 0,
                                             9, out, error);
         }) &&
         Make(text,
              [&](cckpi_buffer** out, cckpi_error** error) {
                return cckpi_engine_scorecards_render(
                    engine_.get(), nullptr, CCKPI_RENDER_JSON, out, error);
              }) &&
         Scheduled();
}

// A report of the schedule, and the opening hours of the configuration.
bool Session::Scheduled() {
  cckpi_table* rows = nullptr;
  cckpi_table* scores = nullptr;
  cckpi_table* lines = nullptr;
  if (!Call([&](cckpi_error** error) {
        return cckpi_engine_scheduled_report(engine_.get(), "hour", 4, kNine,
                                             kNine + 60 * kMinute, &rows,
                                             &scores, &lines, error);
      })) {
    EXPECT_EQ(rows, nullptr);
    EXPECT_EQ(scores, nullptr);
    EXPECT_EQ(lines, nullptr);
    return false;
  }
  EXPECT_EQ(cckpi_table_row_count(rows), 1u);
  cckpi_table_destroy(rows);
  cckpi_table_destroy(scores);
  cckpi_table_destroy(lines);
  int64_t number = -1;
  if (!Call([&](cckpi_error** error) {
        return cckpi_config_deadline(config_.get(), "office", 6, kNine, kMinute,
                                     &number, error);
      })) {
    EXPECT_EQ(number, -1);
    return false;
  }
  EXPECT_EQ(number, kNine + kMinute);
  return true;
}

bool Session::Alerts() {
  if (!Call([&](cckpi_error** error) {
        return cckpi_monitor_create(config_.get(), &monitor_, error);
      })) {
    return false;
  }
  cckpi_table* transitions = nullptr;
  cckpi_table* notifications = nullptr;
  if (!Call([&](cckpi_error** error) {
        return cckpi_monitor_tick(monitor_, engine_.get(), kNine + 10 * kMinute,
                                  &transitions, &notifications, error);
      })) {
    EXPECT_EQ(transitions, nullptr);
    EXPECT_EQ(notifications, nullptr);
    return false;
  }
  EXPECT_EQ(cckpi_table_row_count(notifications), 1u);
  cckpi_table_destroy(transitions);
  cckpi_table_destroy(notifications);
  Owned<cckpi_buffer> bytes;
  Owned<cckpi_table> alerts;
  return Make(alerts,
              [&](cckpi_table** out, cckpi_error** error) {
                return cckpi_monitor_alerts(monitor_, out, error);
              }) &&
         Make(bytes,
              [&](cckpi_buffer** out, cckpi_error** error) {
                return cckpi_monitor_save(monitor_, out, error);
              }) &&
         Call([&](cckpi_error** error) {
           return cckpi_monitor_restore(monitor_,
                                        cckpi_buffer_data(bytes.get()),
                                        cckpi_buffer_size(bytes.get()), error);
         });
}

bool Session::Durable() {
  Owned<cckpi_buffer> snapshot;
  if (!Make(snapshot, [&](cckpi_buffer** out, cckpi_error** error) {
        return cckpi_engine_save(engine_.get(), nullptr, out, error);
      })) {
    return false;
  }
  Owned<cckpi_engine> restored;
  if (!Make(restored, [&](cckpi_engine** out, cckpi_error** error) {
        return cckpi_engine_restore(
            config_.get(), nullptr, cckpi_buffer_data(snapshot.get()),
            cckpi_buffer_size(snapshot.get()), out, error);
      })) {
    return false;
  }
  Owned<cckpi_engine> fresh;
  if (!Make(fresh, [&](cckpi_engine** out, cckpi_error** error) {
        return cckpi_engine_create(config_.get(), nullptr, out, error);
      })) {
    return false;
  }
  cckpi_engine* target = fresh.get();
  if (!Call([&](cckpi_error** error) {
        const cckpi_code code =
            cckpi_engine_merge(target, restored.get(), error);
        if (code != CCKPI_OK && IsLost(target)) return cckpi_code{CCKPI_OK};
        return code;
      })) {
    return false;
  }
  if (lost) return false;
  return Call([&](cckpi_error** error) {
    const cckpi_code code = cckpi_engine_finish(target, error);
    if (code != CCKPI_OK && IsLost(target)) return cckpi_code{CCKPI_OK};
    return code;
  });
}

bool Session::Run() {
  cckpi_engine_options options = {};
  options.struct_size = sizeof(options);
  options.explain = Text("frt");
  return Make(config_,
              [&](cckpi_config** out, cckpi_error** error) {
                return cckpi_config_create(kConfig, sizeof(kConfig) - 1, out,
                                           error);
              }) &&
         Make(engine_,
              [&](cckpi_engine** out, cckpi_error** error) {
                return cckpi_engine_create(config_.get(), &options, out, error);
              }) &&
         Feed() && Answers() && Alerts() && Durable();
}

TEST(CAllocationTest, EveryFailureLeavesNothingHalfDone) {
  std::string expected;
  {
    Session session;  // makes what is made once in a process
    ASSERT_TRUE(session.Run());
  }
  allocations = 0;
  {
    Session session;
    ASSERT_TRUE(session.Run());
    expected = session.report;
  }
  ASSERT_FALSE(expected.empty());
  const int64_t total = allocations;
  ASSERT_GT(total, 500);
  int64_t whole = 0;
  int64_t lost = 0;
  // For a debugger: one allocation only, with a breakpoint at Fail().
  const char* only = std::getenv("CCKPI_FAIL_AT");
  const int64_t first = only != nullptr ? std::atoll(only) : 1;
  const int64_t last = only != nullptr ? first : total;
  for (int64_t k = first; k <= last && !HasFailure(); ++k) {
    allocations = 0;
    fail_at = k;
    const int64_t before = live;
    {
      Session session;
      if (session.Run()) {
        ++whole;
        if (session.report != expected) {
          ADD_FAILURE() << "another report after allocation " << k;
        }
      } else {
        EXPECT_TRUE(session.lost) << "allocation " << k;
        ++lost;
      }
    }
    if (live != before) {
      ADD_FAILURE() << live - before << " blocks leaked at allocation " << k;
    }
  }
  fail_at = 0;
  RecordProperty("allocations", std::to_string(total));
  RecordProperty("lost", std::to_string(lost));
  std::printf(
      "%lld allocations; %lld sessions went on as if nothing had "
      "happened, %lld engines or monitors said that they are lost\n",
      static_cast<long long>(total), static_cast<long long>(whole),
      static_cast<long long>(lost));
  if (only == nullptr) {
    EXPECT_GT(whole, lost);
  }
}

}  // namespace
}  // namespace cckpi::capi
