// The first number: two events, one first response time.

#include <iostream>
#include <vector>

#include "cckpi/engine/engine.h"

int main() {
  auto engine = cckpi::Engine::Create(cckpi::Config());
  if (!engine.ok()) return 1;
  std::vector<cckpi::Event> events(2);
  events[0].kind = cckpi::EventKind::kCustomerMessage;
  events[0].at_us = *cckpi::ParseTime("2026-03-02T09:00:00Z");
  events[0].interaction = "T-1";
  events[1].kind = cckpi::EventKind::kAgentMessage;
  events[1].at_us = *cckpi::ParseTime("2026-03-02T09:08:32Z");
  events[1].interaction = "T-1";
  engine->Ingest(events);

  cckpi::Query query;
  query.kpis = {"first_response_time"};
  auto report = engine->Ask(query);
  if (!report.ok() || report->rows.empty()) return 1;
  std::cout << *report->rows[0].value << " s\n";  // 512 s
  return *report->rows[0].value == 512 ? 0 : 1;
}
