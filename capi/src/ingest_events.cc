// Entry points that take events as structs and as logs of text.

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "capi/src/guard.h"
#include "capi/src/handles.h"
#include "capi/src/ingest.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/event/event.h"
#include "cckpi/io/event_reader.h"

namespace cckpi::capi {
namespace {

constexpr size_t kBatchEvents = 4096;

constexpr uint32_t kEventFlags =
    CCKPI_EVENT_HAS_SCORE | CCKPI_EVENT_HAS_SCALE | CCKPI_EVENT_HAS_VOLUME;

// The text fields, in C and in C++.
struct TextField {
  const char* name;
  cckpi_text cckpi_event::*from;
  std::string_view Event::*to;
};
constexpr TextField kTextFields[] = {
    {"id", &cckpi_event::id, &Event::id},
    {"interaction", &cckpi_event::interaction, &Event::interaction},
    {"customer", &cckpi_event::customer, &Event::customer},
    {"channel", &cckpi_event::channel, &Event::channel},
    {"source", &cckpi_event::source, &Event::source},
    {"team", &cckpi_event::team, &Event::team},
    {"agent", &cckpi_event::agent, &Event::agent},
    {"priority", &cckpi_event::priority, &Event::priority},
    {"message", &cckpi_event::message, &Event::message},
    {"state", &cckpi_event::state, &Event::state},
    {"reason", &cckpi_event::reason, &Event::reason},
};

// Everything but tags and errors; false when a text is wrong.
inline bool ReadFields(const cckpi_event& from, Event* to) {
  to->at_us = from.at_us;
  if (from.received_at_us != 0) to->received_at_us = from.received_at_us;
  to->kind = static_cast<EventKind>(from.kind);
  to->by = static_cast<Actor>(from.by);
  to->flags = from.message_flags;
  if ((from.flags & CCKPI_EVENT_HAS_SCORE) != 0) {
    to->score_micro = from.score_micro;
  }
  if ((from.flags & CCKPI_EVENT_HAS_SCALE) != 0) {
    to->scale_micro = from.scale_micro;
  }
  if ((from.flags & CCKPI_EVENT_HAS_VOLUME) != 0) {
    to->volume_micro = from.volume_micro;
  }
  to->interval_s = from.interval_s;
#pragma GCC unroll 16
  for (const TextField& field : kTextFields) {
    const cckpi_text& text = from.*field.from;
    if (text.size == 0) continue;
    if (text.data == nullptr || text.size > kMaxSize) return false;
    to->*field.to = {text.data, text.size};
  }
  return true;
}

// One event; its tags and errors are appended to the engine's scratch, whose
// spans are set once all events are read.
absl::Status ReadEvent(const cckpi_event& from, cckpi_engine* engine,
                       Event* to) {
  if (!ReadFields(from, to)) {
    for (const TextField& field : kTextFields) {
      CCKPI_RETURN_IF_ERROR(
          CheckText(absl::StrCat("events.", field.name), from.*field.from));
    }
  }
  if (from.tag_count != 0) {
    for (const cckpi_text* list : {from.tag_names, from.tag_values}) {
      CCKPI_RETURN_IF_ERROR(
          CheckArray("events.tags", list, from.tag_count, sizeof(*list)));
    }
    for (size_t t = 0; t < from.tag_count; ++t) {
      CCKPI_RETURN_IF_ERROR(CheckText("events.tag_names", from.tag_names[t]));
      CCKPI_RETURN_IF_ERROR(CheckText("events.tag_values", from.tag_values[t]));
      engine->tags.push_back(
          {View(from.tag_names[t]), View(from.tag_values[t])});
    }
  }
  if (from.error_count != 0) {
    CCKPI_RETURN_IF_ERROR(CheckArray("events.error_severities",
                                     from.error_severities, from.error_count,
                                     sizeof(*from.error_severities)));
    CCKPI_RETURN_IF_ERROR(CheckArray("events.error_counts", from.error_counts,
                                     from.error_count,
                                     sizeof(*from.error_counts)));
    for (size_t e = 0; e < from.error_count; ++e) {
      CCKPI_RETURN_IF_ERROR(
          CheckText("events.error_severities", from.error_severities[e]));
      engine->errors.push_back(
          {View(from.error_severities[e]), from.error_counts[e]});
    }
  }
  return absl::OkStatus();
}

// Reads `count` events of `size` bytes each into the engine's scratch.
Outcome ReadEvents(const cckpi_event* events, size_t count, uint32_t size,
                   size_t first_row, cckpi_engine* engine) {
  engine->events.clear();
  engine->events.resize(count);
  engine->tags.clear();
  engine->errors.clear();
  const char* at = reinterpret_cast<const char*>(events);
  for (size_t e = 0; e < count; ++e, at += size) {
    const auto* given = reinterpret_cast<const cckpi_event*>(at);
    const int64_t row = static_cast<int64_t>(first_row + e) + 1;
    cckpi_event own;
    const cckpi_event* event = given;
    if (size != sizeof(cckpi_event) || given->struct_size != size ||
        (given->flags & ~kEventFlags) != 0) {
      absl::Status status =
          ReadStruct("events", given, &own, Presence::kRequired, kEventFlags);
      if (status.ok() && given->struct_size != size) {
        status = Invalid("events.struct_size", "is not that of the first one");
      }
      if (!status.ok()) return {status, row};
      event = &own;
    }
    absl::Status status = ReadEvent(*event, engine, &engine->events[e]);
    if (!status.ok()) return {status, row};
  }
  // The scratch no longer moves.
  size_t tag = 0;
  size_t error = 0;
  at = reinterpret_cast<const char*>(events);
  for (size_t e = 0; e < count; ++e, at += size) {
    if (engine->tags.empty() && engine->errors.empty()) break;
    cckpi_event own;
    absl::Status status =
        ReadStruct("events", reinterpret_cast<const cckpi_event*>(at), &own,
                   Presence::kRequired, kEventFlags);
    if (!status.ok()) return status;
    Event& event = engine->events[e];
    event.tags = std::span<const Tag>(engine->tags).subspan(tag, own.tag_count);
    event.errors = std::span<const ErrorCount>(engine->errors)
                       .subspan(error, own.error_count);
    tag += own.tag_count;
    error += own.error_count;
  }
  return Outcome();
}

// May an event go the short way, which is there for hosts that make a call for
// each? Such is one of this header's size, without tags and errors.
inline bool IsPlain(const cckpi_event* event, const cckpi_engine* engine,
                    const cckpi_ingest_result* out_result) {
  return event != nullptr && event->struct_size == sizeof(cckpi_event) &&
         (event->flags & ~kEventFlags) == 0 && event->tag_count == 0 &&
         event->error_count == 0 && IsUsable(engine) &&
         (out_result == nullptr ||
          CheckOutStruct("out_result", out_result).ok());
}

absl::StatusOr<EventFormat> ReadFormat(cckpi_log_format format) {
  switch (format) {
    case CCKPI_LOG_AUTO:
      return EventFormat::kAuto;
    case CCKPI_LOG_JSON_LINES:
      return EventFormat::kJsonLines;
    case CCKPI_LOG_CSV:
      return EventFormat::kCsv;
    default:
      return Invalid("options.format", absl::StrCat(format, " is no format"));
  }
}

}  // namespace
}  // namespace cckpi::capi

using namespace cckpi;        // NOLINT: the entry points stand outside
using namespace cckpi::capi;  // NOLINT

extern "C" {

cckpi_code cckpi_engine_ingest_events(cckpi_engine* engine,
                                      const cckpi_event* events, size_t count,
                                      const cckpi_ingest_options* options,
                                      uint8_t* out_row_status,
                                      cckpi_ingest_result* out_result,
                                      cckpi_table** out_refusals,
                                      cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    Event one;
    if (count == 1 && options == nullptr &&
        IsPlain(events, engine, out_result) && ReadFields(*events, &one)) {
      return IngestCall::TakeOne(one, engine, out_row_status, out_result,
                                 out_refusals);
    }
    IngestCall call(engine, out_result, out_refusals);
    CCKPI_RETURN_IF_ERROR(call.Begin(options, count));
    CCKPI_RETURN_IF_ERROR(CheckArray("events", events, count, 1));
    if (count == 0) return call.End();
    const uint32_t size = events->struct_size;
    CCKPI_RETURN_IF_ERROR(
        CheckStruct("events", events, sizeof(*events), kEventFlags));
    CCKPI_RETURN_IF_ERROR(CheckArray("events", events, count, size));
    // Everything is checked before anything is taken.
    const auto batch_at = [&](size_t row) {
      return reinterpret_cast<const cckpi_event*>(
          reinterpret_cast<const char*>(events) + row * size);
    };
    if (count > kBatchEvents) {
      for (size_t row = 0; row < count; row += kBatchEvents) {
        Outcome outcome =
            ReadEvents(batch_at(row), std::min(kBatchEvents, count - row), size,
                       row, engine);
        if (!outcome.status.ok()) return outcome;
      }
    }
    for (size_t row = 0; row < count; row += kBatchEvents) {
      const size_t batch = std::min(kBatchEvents, count - row);
      Outcome outcome = ReadEvents(batch_at(row), batch, size, row, engine);
      if (!outcome.status.ok()) return outcome;
      call.Take(engine->events,
                out_row_status == nullptr
                    ? std::span<uint8_t>()
                    : std::span<uint8_t>(out_row_status + row, batch));
    }
    return call.End();
  });
}

cckpi_code cckpi_engine_ingest_log(cckpi_engine* engine, const char* log,
                                   size_t size,
                                   const cckpi_log_options* options,
                                   cckpi_ingest_result* out_result,
                                   cckpi_table** out_refusals,
                                   cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    IngestCall call(engine, out_result, out_refusals);
    cckpi_log_options own;
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    CCKPI_RETURN_IF_ERROR(CheckText("log", log, size));
    CCKPI_RETURN_IF_ERROR(ReadStruct("options", options, &own));
    CCKPI_RETURN_IF_ERROR(CheckText("options.source", own.source));
    CCKPI_RETURN_IF_ERROR(
        CheckOptional("options.mapping", own.mapping, Mark::kMapping));
    if (own.reserved != 0) return Invalid("options.reserved", "must be 0");
    CCKPI_RETURN_IF_ERROR(call.Begin(View(own.source)));
    OpenOptions open;
    CCKPI_ASSIGN_OR_RETURN(open.format, ReadFormat(own.format));
    if (own.mapping != nullptr) open.mapping = own.mapping->mapping;
    open.name = std::string(View(own.source));
    if (open.name.empty()) open.name = "log";
    CCKPI_ASSIGN_OR_RETURN(std::unique_ptr<EventReader> reader,
                           OpenEventsInMemory(View(log, size), open));
    EventBatch batch;
    int64_t row = 0;
    while (true) {
      absl::StatusOr<bool> more = reader->Read(&batch, kBatchEvents);
      if (!more.ok()) {
        call.BreakOff();
        return {more.status(), row + 1};
      }
      if (!*more) return call.End();
      call.Take(batch.events, batch.rows, batch.refusals);
      if (!batch.rows.empty()) row = std::max(row, batch.rows.back());
      if (!batch.refusals.empty()) {
        row = std::max(row, batch.refusals.back().row);
      }
    }
  });
}

}  // extern "C"
