/* A live board: events as they come, time from the host's clock, ticks of the
 * scaling matrix, and alerts.
 *
 * The host calls cckpi_engine_ingest_events with whatever its webhooks
 * deliver, in any order; cckpi_engine_advance with its own now, so that
 * deadlines pass while nothing happens; cckpi_monitor_tick right after, say
 * once a minute, and delivers the notifications. Here the clock is a loop.
 */

#include <cckpi.h>
#include <stdio.h>
#include <string.h>

static const char config_json[] =
    "{\"allowed_lateness\": \"1m\", \"groups\": [[\"channel\"]],"
    " \"kpis\": [{\"kpi\": \"backlog\"},"
    "            {\"id\": \"sl\", \"kpi\": \"service_level\","
    "             \"within\": \"5m\"}],"
    " \"scaling_matrix\": [{\"id\": \"queue\", \"kpi\": \"backlog\","
    "   \"target\": \"<=1\", \"bands\": ["
    "     {\"level\": \"warning\", \"over\": 1, \"dwell\": \"2m\","
    "      \"actions\": [\"move two agents from e-mail\"],"
    "      \"notify\": [\"team-lead\"]}]}]}";

#define MINUTE 60000000

/* Every failure ends here: what and where. */
static int failed(const char* what, cckpi_error* error) {
  fprintf(stderr, "%s: %s\n", what, cckpi_error_message(error, NULL));
  cckpi_error_destroy(error);
  return 1;
}

static cckpi_event message(int kind, int64_t at_us, const char* interaction) {
  cckpi_event event;
  memset(&event, 0, sizeof(event));
  event.struct_size = sizeof(event);
  event.kind = (uint8_t)kind;
  event.at_us = at_us;
  event.interaction = cckpi_text_of(interaction);
  event.channel = cckpi_text_of("whatsapp");
  return event;
}

static void print_text(const cckpi_table* table, const char* column,
                       size_t row) {
  size_t size = 0;
  const char* text = cckpi_table_text(
      table, cckpi_table_column_index(table, column, strlen(column)), row,
      &size);
  printf(" %.*s", (int)size, text == NULL ? "" : text);
}

/* Prints each notification; a real host sends it to the recipients. Returns
 * how many there were. */
static size_t deliver(const cckpi_table* notifications) {
  size_t rows = cckpi_table_row_count(notifications);
  size_t row;
  for (row = 0; row < rows; ++row) {
    size_t recipients = cckpi_table_column_index(notifications, "recipients",
                                                 strlen("recipients"));
    size_t items = cckpi_table_list_size(notifications, recipients, row);
    size_t item;
    printf("alert:");
    print_text(notifications, "kind", row);
    print_text(notifications, "level", row);
    print_text(notifications, "incident", row);
    for (item = 0; item < items; ++item) {
      size_t size = 0;
      const char* name =
          cckpi_table_list_text(notifications, recipients, row, item, &size);
      printf(" -> %.*s", (int)size, name);
    }
    printf("\n");
  }
  return rows;
}

int main(void) {
  cckpi_error* error = NULL;
  cckpi_config* config = NULL;
  cckpi_engine* engine = NULL;
  cckpi_monitor* monitor = NULL;
  cckpi_event events[3];
  cckpi_event answer;
  uint8_t status[3];
  int64_t start = 0, now;
  int minute;
  size_t alerts = 0;

  if (cckpi_config_create(config_json, strlen(config_json), &config, &error) ||
      cckpi_engine_create(config, NULL, &engine, &error) ||
      cckpi_monitor_create(config, &monitor, &error) ||
      cckpi_time_parse("2026-03-02T09:00:00Z", 20, &start, &error)) {
    return failed("setup", error);
  }
  cckpi_config_destroy(config); /* engine and monitor have their own */

  /* Three customers write; the events come in the wrong order. */
  events[0] = message(CCKPI_CUSTOMER_MESSAGE, start + 2 * MINUTE, "T-2");
  events[1] = message(CCKPI_CUSTOMER_MESSAGE, start + 1 * MINUTE, "T-1");
  events[2] = message(CCKPI_CUSTOMER_MESSAGE, start + 2 * MINUTE, "");
  if (cckpi_engine_ingest_events(engine, events, 3, NULL, status, NULL, NULL,
                                 &error)) {
    return failed("ingest", error);
  }
  printf("statuses: %d %d %d\n", status[0], status[1], status[2]);

  for (minute = 2; minute <= 8; ++minute) {
    cckpi_table* notifications = NULL;
    now = start + minute * MINUTE;
    if (minute == 6) { /* an agent takes care of both */
      answer = message(CCKPI_RESOLVED, now, "T-1");
      if (cckpi_engine_ingest_events(engine, &answer, 1, NULL, NULL, NULL, NULL,
                                     &error)) {
        return failed("ingest", error);
      }
    }
    if (cckpi_engine_advance(engine, now, &error) ||
        cckpi_monitor_tick(monitor, engine, now, NULL, &notifications,
                           &error)) {
      return failed("tick", error);
    }
    alerts += deliver(notifications);
    cckpi_table_destroy(notifications);
  }
  cckpi_monitor_destroy(monitor);
  cckpi_engine_destroy(engine);
  /* Opened after two minutes over the target, resolved at the answer. */
  return alerts == 2 && status[2] == CCKPI_ROW_REFUSED ? 0 : 1;
}
