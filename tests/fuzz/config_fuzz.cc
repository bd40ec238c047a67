// A configuration; one that is taken makes an engine that answers.

#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/io/config_json.h"
#include "fuzz/fuzz_input.h"

namespace cckpi::fuzz {
namespace {

std::vector<Event> SomeEvents() {
  std::vector<Event> events(4);
  const EventKind kinds[] = {EventKind::kCustomerMessage, EventKind::kAssigned,
                             EventKind::kAgentMessage, EventKind::kResolved};
  for (size_t e = 0; e < events.size(); ++e) {
    events[e].kind = kinds[e];
    events[e].at_us = 1'772'442'000 * kSecond + 10 * kMinute * int64_t(e);
    events[e].interaction = "i";
    events[e].channel = "chat";
    events[e].agent = e == 0 ? "" : "ann";
  }
  return events;
}

void Run(std::string_view text) {
  absl::StatusOr<Config> config = ParseConfig(text);
  if (!config.ok()) {
    Require(!config.status().message().empty(), "an error has a reason");
    return;
  }
  absl::StatusOr<Engine> engine = Engine::Create(*config);
  Require(engine.ok(), "a configuration that is sound makes an engine");
  const std::vector<Event> events = SomeEvents();
  Require(engine->Ingest(events).accepted == 4, "events are taken");
  Require(engine->Ask(Query()).ok(), "a question is answered");
}

}  // namespace
}  // namespace cckpi::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cckpi::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
