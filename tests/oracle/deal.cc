#include "oracle/deal.h"

#include <map>
#include <numeric>
#include <string>

#include "absl/strings/str_cat.h"
#include "oracle/random_log.h"

namespace cckpi::oracle {
namespace {

class Union {
 public:
  size_t Of(const std::string& name) {
    auto [found, fresh] = numbers_.try_emplace(name, parents_.size());
    if (fresh) parents_.push_back(found->second);
    return Root(found->second);
  }
  void Join(const std::string& a, const std::string& b) {
    const size_t x = Of(a);
    parents_[x] = Of(b);
  }

 private:
  size_t Root(size_t n) const {
    while (parents_[n] != n) n = parents_[n];
    return n;
  }

  std::map<std::string, size_t> numbers_;
  std::vector<size_t> parents_;
};

std::string Name(const char* kind, std::string_view name) {
  return absl::StrCat(kind, ":", std::string(name));
}

std::string MainName(const Event& event) {
  if (event.kind == EventKind::kAgentState) return Name("agent", event.agent);
  if (event.kind == EventKind::kForecast) return "forecasts";
  return Name("interaction", event.interaction);
}

}  // namespace

std::vector<size_t> DealToShards(std::span<const Event> events, size_t shards,
                                 uint64_t seed) {
  Union together;
  for (const Event& event : events) {
    const std::string name = MainName(event);
    if (!event.customer.empty()) {
      together.Join(name, Name("customer", event.customer));
    }
    if (!event.id.empty()) together.Join(name, Name("id", event.id));
  }
  SplitMix64 random(seed);
  std::map<size_t, size_t> shard_of;
  std::vector<size_t> result;
  for (const Event& event : events) {
    auto [found, fresh] = shard_of.try_emplace(together.Of(MainName(event)), 0);
    if (fresh) {
      found->second =
          static_cast<size_t>(random.Below(static_cast<int64_t>(shards)));
    }
    result.push_back(found->second);
  }
  return result;
}

}  // namespace cckpi::oracle
