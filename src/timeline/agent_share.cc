#include "src/timeline/agent_share.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <utility>

namespace cckpi {
namespace {

// The members of a block at most: about the square root of all, but not fewer
// than can be moved in one go.
size_t BlockSize(int64_t members) {
  constexpr size_t kLeast = 256;
  const int root_bits = std::bit_width(static_cast<uint64_t>(members)) / 2;
  return std::max(kLeast, size_t{1} << root_bits);
}

bool Before(uint64_t a, uint64_t b, const EpisodeOrder* order) {
  return order == nullptr ? a < b : order->Before(a, b);
}

}  // namespace

ShareLedger::Place ShareLedger::Find(uint64_t episode,
                                     const EpisodeOrder* order) const {
  // The last block that begins at or before the episode.
  auto after = std::partition_point(
      blocks_.begin(), blocks_.end(), [&](const Block& block) {
        return !Before(episode, block.members.front().episode, order);
      });
  const auto block = after == blocks_.begin() ? after : std::prev(after);
  const auto member = std::partition_point(
      block->members.begin(), block->members.end(),
      [&](const Member& m) { return Before(m.episode, episode, order); });
  return {static_cast<size_t>(block - blocks_.begin()),
          static_cast<size_t>(member - block->members.begin())};
}

void ShareLedger::Insert(uint64_t episode, const EpisodeOrder* order) {
  ++size_;
  if (blocks_.empty()) {
    spare_.push_back({episode, -each_us_});
    blocks_.push_back({0, std::move(spare_)});
    return;
  }
  const Place place = Find(episode, order);
  Block& block = blocks_[place.block];
  block.members.insert(
      block.members.begin() + static_cast<ptrdiff_t>(place.member),
      {episode, -each_us_ - block.odd_us});
  if (block.members.size() <= BlockSize(size_)) return;
  Block half{block.odd_us, {}};
  const auto middle =
      block.members.begin() + static_cast<ptrdiff_t>(block.members.size() / 2);
  half.members.assign(middle, block.members.end());
  block.members.erase(middle, block.members.end());
  blocks_.insert(blocks_.begin() + static_cast<ptrdiff_t>(place.block) + 1,
                 std::move(half));
}

int64_t ShareLedger::Remove(uint64_t episode, const EpisodeOrder* order) {
  const Place place = Find(episode, order);
  Block& block = blocks_[place.block];
  const int64_t received_us =
      block.members[place.member].base_us + block.odd_us + each_us_;
  block.members.erase(block.members.begin() +
                      static_cast<ptrdiff_t>(place.member));
  if (block.members.empty()) {
    spare_ = std::move(block.members);
    blocks_.erase(blocks_.begin() + static_cast<ptrdiff_t>(place.block));
  }
  if (--size_ == 0) each_us_ = 0;
  return received_us;
}

int64_t ShareLedger::Received(uint64_t episode,
                              const EpisodeOrder* order) const {
  const Place place = Find(episode, order);
  const Block& block = blocks_[place.block];
  return block.members[place.member].base_us + block.odd_us + each_us_;
}

void ShareLedger::Deal(int64_t us) {
  each_us_ += us / size_;
  size_t odd = static_cast<size_t>(us % size_);
  for (Block& block : blocks_) {
    if (odd == 0) return;
    if (odd >= block.members.size()) {
      ++block.odd_us;
      odd -= block.members.size();
      continue;
    }
    for (size_t i = 0; i < odd; ++i) ++block.members[i].base_us;
    return;
  }
}

}  // namespace cckpi
