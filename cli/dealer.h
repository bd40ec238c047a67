// Dealing the events of logs to shards, so that what belongs together comes
// together: all events of an interaction, of a customer and of an id (the first
// of two events of one id counts, wherever), an agent's states, all forecasts.
//
// Whose customer an interaction is may be said late, so nothing is dealt
// before all is read. Whatever is read gets a key by its interaction (or
// agent); keys that share a customer or an id are joined, and dealt as one.

#ifndef CCKPI_CLI_DEALER_H_
#define CCKPI_CLI_DEALER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "cckpi/base/hash_map.h"
#include "cckpi/engine/engine.h"
#include "cckpi/event/event.h"

namespace cckpi::cli {

// What one reading thread learns of what belongs together. Two names of one
// key are dealt together though they need not be, which does no harm.
class SharedNames {
 public:
  SharedNames() : latest_(kLatest) {}

  // The key of the event, whose names are noted.
  uint32_t Add(const Event& event);

 private:
  friend class Dealing;
  static constexpr size_t kParts = 16;
  static constexpr size_t kLatest = 4096;

  struct Note {
    uint64_t name = 0;
    uint32_t key = 0;
  };

  void Share(std::string_view text, uint64_t seed, uint32_t key);

  std::array<std::vector<Note>, kParts> notes_;
  // Names that were noted lately need not be again.
  std::vector<Note> latest_;
};

class Dealing {
 public:
  // `names` are used up.
  static Dealing Make(std::vector<SharedNames> names, size_t shards,
                      const RunTasks& run);

  size_t ShardOf(uint32_t key) const {
    auto joined = joined_.find(key);
    const uint64_t dealt = joined == joined_.end() ? key : joined->second;
    return static_cast<size_t>((dealt * 0x9E3779B97F4A7C15u) >> 33) % shards_;
  }

 private:
  explicit Dealing(size_t shards) : shards_(shards) {}

  uint32_t Root(uint32_t key);  // of what is in `joined_`
  void Join(uint32_t a, uint32_t b);

  size_t shards_;
  HashMap<uint32_t, uint32_t> joined_;  // key → the least one of those joined
};

}  // namespace cckpi::cli

#endif  // CCKPI_CLI_DEALER_H_
