#include "cli/dealer.h"

#include <algorithm>
#include <functional>

#include "cckpi/base/dictionary.h"

namespace cckpi::cli {
namespace {

enum Seed : uint64_t {
  kInteraction = 11,
  kAgent = 12,
  kForecasts = 13,
  kCustomer = 14,
  kId = 15,
};

uint32_t KeyOf(const Event& event) {
  if (event.kind == EventKind::kAgentState) {
    return static_cast<uint32_t>(Fingerprint(event.agent, kAgent));
  }
  if (event.kind == EventKind::kForecast) {
    return static_cast<uint32_t>(Fingerprint("", kForecasts));
  }
  return static_cast<uint32_t>(Fingerprint(event.interaction, kInteraction));
}

}  // namespace

uint32_t SharedNames::Add(const Event& event) {
  const uint32_t key = KeyOf(event);
  Share(event.customer, kCustomer, key);
  Share(event.id, kId, key);
  return key;
}

void SharedNames::Share(std::string_view text, uint64_t seed, uint32_t key) {
  if (text.empty()) return;
  const Note note{Fingerprint(text, seed), key};
  Note& latest = latest_[(note.name >> 8) % kLatest];
  if (latest.name == note.name && latest.key == key) return;
  latest = note;
  notes_[note.name % kParts].push_back(note);
}

uint32_t Dealing::Root(uint32_t key) {
  while (true) {
    uint32_t& above = joined_[key];
    if (above == key) return key;
    above = joined_.find(above)->second;  // shortens the way
    key = above;
  }
}

void Dealing::Join(uint32_t a, uint32_t b) {
  for (uint32_t key : {a, b}) joined_.try_emplace(key, key);
  const uint32_t root_a = Root(a);
  const uint32_t root_b = Root(b);
  joined_[std::max(root_a, root_b)] = std::min(root_a, root_b);
}

Dealing Dealing::Make(std::vector<SharedNames> names, size_t shards,
                      const RunTasks& run) {
  Dealing dealing(shards);
  if (shards == 1) return dealing;
  // Keys that share a name, found part by part.
  std::array<std::vector<std::pair<uint32_t, uint32_t>>, SharedNames::kParts>
      joins;
  std::vector<std::function<void()>> tasks;
  for (size_t p = 0; p < SharedNames::kParts; ++p) {
    tasks.push_back([&, p] {
      HashMap<uint64_t, uint32_t> key_of;
      size_t count = 0;
      for (const SharedNames& of : names) count += of.notes_[p].size();
      key_of.reserve(count);
      for (SharedNames& of : names) {
        for (const SharedNames::Note& note : of.notes_[p]) {
          auto [found, fresh] = key_of.try_emplace(note.name, note.key);
          if (!fresh && found->second != note.key) {
            joins[p].emplace_back(found->second, note.key);
          }
        }
        of.notes_[p] = {};
      }
    });
  }
  run(tasks);
  for (const auto& part : joins) {
    for (const auto& [a, b] : part) dealing.Join(a, b);
  }
  for (auto& [key, above] : dealing.joined_) above = dealing.Root(key);
  return dealing;
}

}  // namespace cckpi::cli
