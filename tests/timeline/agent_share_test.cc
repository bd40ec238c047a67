#include "src/timeline/agent_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <iterator>
#include <map>
#include <random>

namespace cckpi {
namespace {

TEST(ShareLedgerTest, OddMicrosecondsGoToTheFirstMembersOneEach) {
  ShareLedger ledger;
  for (uint64_t episode : {30, 10, 20}) ledger.Insert(episode, nullptr);

  ledger.Deal(11);  // 3 each, and one more for 10 and 20

  EXPECT_EQ(ledger.Received(10, nullptr), 4);
  EXPECT_EQ(ledger.Received(20, nullptr), 4);
  EXPECT_EQ(ledger.Received(30, nullptr), 3);
}

TEST(ShareLedgerTest, AMemberGetsNothingFromBeforeItsInsert) {
  ShareLedger ledger;
  ledger.Insert(1, nullptr);
  ledger.Deal(100);
  ledger.Insert(2, nullptr);
  ledger.Deal(10);

  EXPECT_EQ(ledger.Remove(1, nullptr), 105);
  ledger.Deal(7);
  EXPECT_EQ(ledger.Remove(2, nullptr), 12);
  EXPECT_EQ(ledger.size(), 0);

  ledger.Insert(2, nullptr);
  EXPECT_EQ(ledger.Received(2, nullptr), 0);
}

TEST(ShareLedgerTest, TheHostsOrderDecidesWhoIsFirst) {
  class Backwards final : public EpisodeOrder {
   public:
    bool Before(uint64_t a, uint64_t b) const override { return a > b; }
  };
  const Backwards order;
  ShareLedger ledger;
  for (uint64_t episode : {1, 2, 3}) ledger.Insert(episode, &order);

  ledger.Deal(1);

  EXPECT_EQ(ledger.Received(3, &order), 1);
  EXPECT_EQ(ledger.Received(2, &order), 0);
  EXPECT_EQ(ledger.Received(1, &order), 0);
}

// Against a table in which each member is paid one by one. 3000 members fill
// some ten blocks; the phases grow, hold and shrink the ledger.
TEST(ShareLedgerTest, EqualsPayingEachMemberOneByOne) {
  std::mt19937_64 random(7);
  ShareLedger ledger;
  std::map<uint64_t, int64_t> table;
  int64_t dealt_us = 0;
  int64_t taken_us = 0;
  for (int step = 0; step < 30'000; ++step) {
    const int joins_of_10 = step < 10'000 ? 8 : step < 20'000 ? 5 : 2;
    const uint64_t episode = random() % 4096;
    const auto place = table.lower_bound(episode);
    if (static_cast<int>(random() % 10) < joins_of_10) {
      if (place == table.end() || place->first != episode) {
        ledger.Insert(episode, nullptr);
        table.emplace(episode, 0);
      }
    } else if (place != table.end()) {
      ASSERT_EQ(ledger.Remove(place->first, nullptr), place->second);
      taken_us += place->second;
      table.erase(place);
    }
    ASSERT_EQ(ledger.size(), static_cast<int64_t>(table.size()));
    if (table.empty() || random() % 4 != 0) continue;
    const int64_t us = static_cast<int64_t>(random() % 10'000);
    const int64_t n = static_cast<int64_t>(table.size());
    ledger.Deal(us);
    dealt_us += us;
    int64_t rank = 0;
    for (auto& [member, received] : table) {
      received += us / n + (rank++ < us % n ? 1 : 0);
    }
  }
  int64_t left_us = 0;
  for (const auto& [member, received] : table) {
    ASSERT_EQ(ledger.Received(member, nullptr), received);
    left_us += received;
  }
  EXPECT_EQ(taken_us + left_us, dealt_us);
  EXPECT_GT(dealt_us, 0);
}

// Dealing walks over the blocks, and a new member moves those of his.
TEST(ShareLedgerTest, AMillionMembersAreInAFewThousandBlocks) {
  constexpr uint64_t kMembers = 1'000'000;
  ShareLedger ledger;
  for (uint64_t episode = 0; episode < kMembers; ++episode) {
    ledger.Insert(episode, nullptr);
  }
  EXPECT_LE(ledger.blocks(), 4 * size_t{1000});
  ledger.Deal(2 * kMembers + 1);
  EXPECT_EQ(ledger.Received(0, nullptr), 3);
  EXPECT_EQ(ledger.Received(kMembers / 2, nullptr), 2);
}

}  // namespace
}  // namespace cckpi
