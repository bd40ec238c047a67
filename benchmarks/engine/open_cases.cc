#include "benchmarks/engine/open_cases.h"

#include <string>
#include <vector>

namespace cckpi {
namespace {

constexpr int64_t kBegin = 1'767'600'000 * kSecond;  // 2026-01-05T08:00:00Z
constexpr int64_t kOpening = 2 * kHour;
constexpr int64_t kPause = 36 * kSecond;  // of a case, on average
constexpr int64_t kChannels = 5;
constexpr int64_t kTeams = 20;
constexpr int64_t kAgents = 500;

uint64_t Mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

// The first text is none.
std::vector<std::string> Numbered(const char* what, int64_t count) {
  std::vector<std::string> names = {""};
  for (int64_t n = 1; n <= count; ++n) {
    names.push_back(what + std::to_string(n));
  }
  return names;
}

}  // namespace

void OpenCases::Register(Engine& engine) {
  batch_.channel.Register(engine, Numbered("channel ", kChannels));
  batch_.team.Register(engine, Numbered("team ", kTeams));
  batch_.agent.Register(engine, Numbered("agent ", kAgents));
  batch_.state.Register(engine, {""});
}

const EventColumns& OpenCases::Next(size_t rows) {
  batch_.Resize(rows);
  for (size_t r = 0; r < rows; ++r, ++next_) {
    const bool opens = next_ < opening();
    const uint64_t chance = Mixed(static_cast<uint64_t>(next_) + 1);
    const int64_t one =
        opens ? next_ % cases_
              : static_cast<int64_t>(chance % static_cast<uint64_t>(cases_));
    const bool by_agent = opens ? next_ >= cases_ : chance >> 63 != 0;
    batch_.at_us[r] =
        kBegin + (opens ? next_ * kOpening / opening()
                        : kOpening + (next_ - opening()) * kPause / cases_);
    batch_.SetInteraction(r, 1'000'000'000 + one);
    batch_.kind[r] =
        static_cast<uint8_t>(!by_agent ? EventKind::kCustomerMessage
                             : opens   ? EventKind::kAssigned
                                       : EventKind::kAgentMessage);
    batch_.channel.codes[r] = static_cast<uint32_t>(1 + one % kChannels);
    batch_.team.codes[r] = static_cast<uint32_t>(1 + one % kTeams);
    batch_.agent.codes[r] =
        by_agent ? static_cast<uint32_t>(1 + one % kAgents) : 0;
  }
  return batch_.Columns();
}

}  // namespace cckpi
