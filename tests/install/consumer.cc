// A host's program, as small as it gets: it reads a log in memory and asks for
// one number. Headers, Abseil's types and the private dependencies of the
// library all take part.

#include <cstdio>

#include "absl/status/statusor.h"
#include "cckpi/engine/engine.h"
#include "cckpi/io/event_reader.h"

int main() {
  auto reader = cckpi::OpenEventsInMemory(
      R"({"at": "2026-03-02T09:00:00Z", "kind": "customer_message",)"
      R"( "interaction": "T-1"})"
      "\n"
      R"({"at": "2026-03-02T09:08:32Z", "kind": "agent_message",)"
      R"( "interaction": "T-1", "agent": "ann"})",
      {});
  absl::StatusOr<cckpi::Engine> engine = cckpi::Engine::Create(cckpi::Config());
  if (!reader.ok() || !engine.ok()) return 1;

  cckpi::EventBatch batch;
  while (true) {
    absl::StatusOr<bool> more = (*reader)->Read(&batch, 1000);
    if (!more.ok()) return 1;
    if (!*more) break;
    engine->Ingest(batch.events);
  }
  engine->Finish();

  cckpi::Query query;
  query.kpis = {"first_response_time"};
  query.by = cckpi::GroupBy();
  absl::StatusOr<cckpi::Report> report = engine->Ask(query);
  if (!report.ok() || report->rows.size() != 1) return 1;
  std::printf("first response: %.0f s\n", *report->rows[0].value);
  return 0;
}
