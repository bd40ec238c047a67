#include "src/timeline/contact_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace cckpi {
namespace {

using Model = std::map<std::pair<bool, uint32_t>, std::vector<uint32_t>>;

// Of a customer, or of a name: the same numbers mean others.
ContactKey Key(bool customer, uint32_t number) {
  if (customer) {
    return {static_cast<CustomerId>(number), InteractionId::kNone};
  }
  return {CustomerId::kNone, static_cast<InteractionId>(number)};
}

PendingContact Contact(uint32_t episode) {
  return {.interaction = InteractionId{7}, .episode = episode};
}

std::vector<uint32_t> Episodes(ContactTable& table, const ContactKey& key) {
  std::vector<uint32_t> episodes;
  table.Find(key, [&](const PendingContact& contact) {
    episodes.push_back(contact.episode);
    return false;
  });
  std::sort(episodes.begin(), episodes.end());
  return episodes;
}

void ExpectSame(ContactTable& table, const Model& model) {
  for (bool customer : {false, true}) {
    for (uint32_t number = 1; number <= 4; ++number) {
      std::vector<uint32_t> expected;
      if (auto found = model.find({customer, number}); found != model.end()) {
        expected = found->second;
      }
      std::sort(expected.begin(), expected.end());
      const ContactKey key = Key(customer, number);
      ASSERT_EQ(Episodes(table, key), expected);
      ASSERT_EQ(table.Has(key), !expected.empty());
    }
  }
}

// Adds, takes and changes at random.
void Change(std::mt19937& random, ContactTable& table, Model& model) {
  const auto below = [&random](uint32_t count) { return random() % count; };
  static uint32_t episode = 0;
  const bool customer = below(2) == 0;
  const uint32_t number = 1 + below(4);
  const ContactKey key = Key(customer, number);
  std::vector<uint32_t>& known = model[{customer, number}];
  switch (below(4)) {
    case 0:
    case 1:
      table.Add(key, Contact(++episode));
      known.push_back(episode);
      return;
    case 2: {
      const uint32_t third = below(3);
      std::vector<PendingContact> taken;
      table.Take(
          key,
          [third](const PendingContact& contact) {
            return contact.episode % 3 == third;
          },
          taken);
      const size_t gone = std::erase_if(
          known, [third](uint32_t of) { return of % 3 == third; });
      ASSERT_EQ(taken.size(), gone);
      for (const PendingContact& contact : taken) {
        ASSERT_EQ(contact.episode % 3, third);
      }
      return;
    }
    default: {
      if (known.empty()) return;
      uint32_t& which = known[below(static_cast<uint32_t>(known.size()))];
      PendingContact* contact =
          table.Find(key, [which](const PendingContact& candidate) {
            return candidate.episode == which;
          });
      ASSERT_NE(contact, nullptr);
      contact->episode = ++episode;
      which = episode;
    }
  }
}

TEST(ContactTableTest, HasWhatListsByKeyHave) {
  std::mt19937 random(1);
  for (int run = 0; run < 60; ++run) {
    ContactTable table;
    Model model;
    for (int step = 0; step < 60; ++step) {
      Change(random, table, model);
      ExpectSame(table, model);
    }
    // An overlay has what it changes for itself.
    ContactTable over(&table);
    Model changed = model;
    for (int step = 0; step < 60; ++step) {
      Change(random, over, changed);
      ExpectSame(over, changed);
    }
    ExpectSame(table, model);
  }
}

TEST(ContactTableTest, CountsAPlaceForEachContact) {
  ContactTable table;
  EXPECT_EQ(table.memory_bytes(16), 0u);
  table.Add(Key(true, 1), Contact(1));
  table.Add(Key(true, 1), Contact(2));
  table.Add(Key(false, 1), Contact(3));
  EXPECT_EQ(table.memory_bytes(16), 3 * (8 + 24 + 16u));
}

}  // namespace
}  // namespace cckpi
