// ShareLedger: deals an agent's time to the episodes that share it.
//
// Of a stretch of `us` microseconds with n members, each member gets
// floor(us / n), and the first us mod n members, in the order of episodes, one
// more. So the parts always sum to the whole.
//
// A member must not cost a step for each stretch: an agent may hold 100'000
// episodes, and each of them changes the load. What everyone gets is therefore
// kept once, and what the first few get once for each block of neighbours.
// Insert, Remove and Deal take O(sqrt(n)) steps.

#ifndef CCKPI_SRC_TIMELINE_AGENT_SHARE_H_
#define CCKPI_SRC_TIMELINE_AGENT_SHARE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cckpi/timeline/agent_timeline.h"

namespace cckpi {

class ShareLedger {
 public:
  // The number of members.
  int64_t size() const { return size_; }
  // How many blocks they are in.
  size_t blocks() const { return blocks_.size(); }

  // `episode` is no member yet and has received nothing.
  void Insert(uint64_t episode, const EpisodeOrder* order);

  // Takes a member out and returns what it has received.
  int64_t Remove(uint64_t episode, const EpisodeOrder* order);

  // What a member has received since its Insert.
  int64_t Received(uint64_t episode, const EpisodeOrder* order) const;

  // There is a member, and us >= 0.
  void Deal(int64_t us);

 private:
  struct Member {
    uint64_t episode;
    int64_t base_us;  // received = base + its block's odd + each
  };
  struct Block {
    int64_t odd_us = 0;
    std::vector<Member> members;  // in order, never empty
  };
  struct Place {
    size_t block;
    size_t member;
  };

  // The first member that does not come before `episode`, in the block that it
  // belongs to (which may end before it).
  Place Find(uint64_t episode, const EpisodeOrder* order) const;

  std::vector<Block> blocks_;  // in order
  std::vector<Member> spare_;  // the room of a block that was emptied
  int64_t each_us_ = 0;
  int64_t size_ = 0;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_AGENT_SHARE_H_
