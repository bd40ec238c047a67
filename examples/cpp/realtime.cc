// A live board: events as they come, time from the host's clock, and questions
// in between.
//
// The host calls Ingest with whatever its webhooks deliver, in any order;
// Advance with its own now, so that deadlines pass while nothing happens; Ask
// whenever somebody looks. Here the clock is a list of instants.

#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/io/config_json.h"

namespace {

constexpr char kConfig[] = R"({
  "allowed_lateness": "5m",
  "groups": [["channel"]],
  "kpis": [
    {"id": "sl", "kpi": "service_level", "within": "15m"},
    {"id": "due_soon", "kpi": "due_within", "within": "15m", "horizon": "5m"},
    {"kpi": "backlog"}
  ]
})";

int64_t At(std::string_view time) {
  std::string text = "2026-03-02T";
  text += time;
  text += "Z";
  return *cckpi::ParseTime(text);
}

cckpi::Event Message(cckpi::EventKind kind, std::string_view time,
                     std::string_view interaction) {
  cckpi::Event event;
  event.kind = kind;
  event.at_us = At(time);
  event.interaction = interaction;
  event.channel = "whatsapp";
  return event;
}

// A figure of the total row of a KPI; 0 where there is no data.
int64_t Figure(const cckpi::Engine& engine, std::string_view kpi,
               std::string_view name) {
  cckpi::Query query;
  query.kpis = {std::string(kpi)};
  query.by = cckpi::GroupBy();  // the total only
  absl::StatusOr<cckpi::Report> report = engine.Ask(query);
  if (!report.ok() || report->rows.empty()) return 0;
  for (const cckpi::Figure& figure : report->rows.back().figures) {
    const auto* number = std::get_if<int64_t>(&figure.value);
    if (figure.name == name && number != nullptr) return *number;
  }
  return 0;
}

struct Board {
  int64_t open, due_soon, met, missed, pending;
  bool operator==(const Board&) const = default;
};

Board Look(const cckpi::Engine& engine, std::string_view time) {
  const Board board = {.open = Figure(engine, "backlog", "count"),
                       .due_soon = Figure(engine, "due_soon", "count"),
                       .met = Figure(engine, "sl", "met"),
                       .missed = Figure(engine, "sl", "missed"),
                       .pending = Figure(engine, "sl", "pending")};
  std::cout << time << "  open " << board.open << "  due soon "
            << board.due_soon << "  met " << board.met << "  missed "
            << board.missed << "  pending " << board.pending << "\n";
  return board;
}

int Fail(const absl::Status& status) {
  std::cerr << status << "\n";
  return 1;
}

}  // namespace

int main() {
  using cckpi::EventKind;
  absl::StatusOr<cckpi::Config> config = cckpi::ParseConfig(kConfig);
  if (!config.ok()) return Fail(config.status());
  absl::StatusOr<cckpi::Engine> engine = cckpi::Engine::Create(*config);
  if (!engine.ok()) return Fail(engine.status());

  // A batch out of order: the second customer is delivered first.
  const std::vector<cckpi::Event> batch = {
      Message(EventKind::kCustomerMessage, "09:03:00", "T-2"),
      Message(EventKind::kCustomerMessage, "09:00:00", "T-1")};
  engine->Ingest(batch);
  const Board first = Look(*engine, "09:03");

  // Nothing happens, but the deadline of T-1 (09:15) comes near.
  absl::Status status = engine->Advance(cckpi::ToTime(At("09:12:00")));
  if (!status.ok()) return Fail(status);
  const Board second = Look(*engine, "09:12");

  // T-1 is answered at 09:14, within its 15 minutes; T-2 is not, and its
  // deadline (09:18) passes by itself.
  const std::vector<cckpi::Event> answer = {
      Message(EventKind::kAgentMessage, "09:14:00", "T-1")};
  engine->Ingest(answer);
  status = engine->Advance(cckpi::ToTime(At("09:20:00")));
  if (!status.ok()) return Fail(status);
  const Board third = Look(*engine, "09:20");

  // An event that is older than now minus the allowed lateness is handed back.
  const std::vector<cckpi::Event> old = {
      Message(EventKind::kAgentMessage, "09:05:00", "T-2")};
  const cckpi::IngestResult result = engine->Ingest(old);
  std::cout << "late: " << result.late << "\n";

  const bool as_expected = first.pending == 2 &&
                           second == Board{2, 1, 0, 0, 2} &&
                           third == Board{2, 0, 1, 1, 0} && result.late == 1;
  return as_expected ? 0 : 1;
}
