/* The first number: two events, one first response time. */

#include <cckpi.h>
#include <stdio.h>

int main(void) {
  static const char log[] =
      "{\"at\": \"2026-03-02T09:00:00Z\", \"kind\": \"customer_message\","
      " \"interaction\": \"T-1\", \"channel\": \"whatsapp\"}\n"
      "{\"at\": \"2026-03-02T09:08:32Z\", \"kind\": \"agent_message\","
      " \"interaction\": \"T-1\", \"agent\": \"ann\"}\n";
  const cckpi_text kpi = CCKPI_TEXT("first_response_time");
  cckpi_query query = {sizeof(query)};
  cckpi_engine* engine = NULL;
  cckpi_table* rows = NULL;
  double seconds = 0;

  query.kpis = &kpi;
  query.kpi_count = 1;
  if (cckpi_engine_create(NULL, NULL, &engine, NULL) == CCKPI_OK &&
      cckpi_engine_ingest_log(engine, log, sizeof(log) - 1, NULL, NULL, NULL,
                              NULL) == CCKPI_OK &&
      cckpi_engine_query(engine, &query, &rows, NULL) == CCKPI_OK) {
    size_t value = cckpi_table_column_index(rows, "value", 5);
    seconds = cckpi_table_float64(rows, value, 0);
    printf("first response: %.0f s\n", seconds); /* 512 s */
  }
  cckpi_table_destroy(rows);
  cckpi_engine_destroy(engine);
  return seconds == 512 ? 0 : 1;
}
