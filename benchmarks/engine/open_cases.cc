#include "benchmarks/engine/open_cases.h"

#include <string>
#include <string_view>

namespace cckpi {
namespace {

constexpr int64_t kBegin = 1'767'600'000 * kSecond;  // 2026-01-05T08:00:00Z
constexpr int64_t kOpening = 2 * kHour;
constexpr int64_t kStep = 3'600;  // between events once all are open
constexpr int64_t kChannels = 5;
constexpr int64_t kTeams = 20;
constexpr int64_t kAgents = 500;

uint64_t Mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

// The first text is none.
DictionaryId Numbered(Engine& engine, const char* what, int64_t count) {
  std::vector<std::string> names = {""};
  for (int64_t n = 1; n <= count; ++n) {
    names.push_back(what + std::to_string(n));
  }
  const std::vector<std::string_view> texts(names.begin(), names.end());
  return engine.AddDictionary(texts);
}

}  // namespace

void OpenCases::Register(Engine& engine) {
  channels_ = Numbered(engine, "channel ", kChannels);
  teams_ = Numbered(engine, "team ", kTeams);
  agents_ = Numbered(engine, "agent ", kAgents);
}

const EventColumns& OpenCases::Next(size_t rows) {
  at_us_.resize(rows);
  interaction_.resize(rows);
  kind_.resize(rows);
  channel_.resize(rows);
  team_.resize(rows);
  agent_.resize(rows);
  for (size_t r = 0; r < rows; ++r, ++next_) {
    const bool opens = next_ < opening();
    const uint64_t chance = Mixed(static_cast<uint64_t>(next_) + 1);
    const int64_t one =
        opens ? next_ % cases_
              : static_cast<int64_t>(chance % static_cast<uint64_t>(cases_));
    const bool by_agent = opens ? next_ >= cases_ : chance >> 63 != 0;
    at_us_[r] = kBegin + (opens ? next_ * kOpening / opening()
                                : kOpening + (next_ - opening()) * kStep);
    interaction_[r] = 1'000'000'000 + one;
    kind_[r] = static_cast<uint8_t>(!by_agent ? EventKind::kCustomerMessage
                                    : opens   ? EventKind::kAssigned
                                              : EventKind::kAgentMessage);
    channel_[r] = static_cast<uint32_t>(1 + one % kChannels);
    team_[r] = static_cast<uint32_t>(1 + one % kTeams);
    agent_[r] = by_agent ? static_cast<uint32_t>(1 + one % kAgents) : 0;
  }
  columns_ = EventColumns();
  columns_.rows = rows;
  columns_.at_us.values = at_us_;
  columns_.kind.values = kind_;
  columns_.interaction.integers = interaction_;
  columns_.channel.codes = channel_;
  columns_.channel.dictionary = channels_;
  columns_.team.codes = team_;
  columns_.team.dictionary = teams_;
  columns_.agent.codes = agent_;
  columns_.agent.dictionary = agents_;
  return columns_;
}

}  // namespace cckpi
