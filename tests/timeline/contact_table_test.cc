#include "src/timeline/contact_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

namespace cckpi {
namespace {

constexpr int64_t kEver = std::numeric_limits<int64_t>::max();

using Contacts = std::vector<PendingContact>;
using Model = std::map<std::pair<bool, uint32_t>, Contacts>;

// Of a customer, or of a name: the same numbers mean others.
ContactKey Key(bool customer, uint32_t number) {
  if (customer) {
    return {static_cast<CustomerId>(number), InteractionId::kNone};
  }
  return {CustomerId::kNone, static_cast<InteractionId>(number)};
}

// Of an interaction that is known.
PendingContact Contact(uint32_t interaction, int64_t close_us) {
  return {.interaction = static_cast<InteractionId>(interaction),
          .episode = 1,
          .close_us = close_us};
}

PendingContact Apart(int64_t close_us) {
  return {.close_us = close_us, .pending = 1};
}

using Value = std::tuple<InteractionId, uint32_t, int64_t, uint8_t, bool>;

std::vector<Value> Values(const Contacts& contacts) {
  std::vector<Value> values;
  for (const PendingContact& contact : contacts) {
    values.emplace_back(contact.interaction, contact.episode, contact.close_us,
                        contact.pending, contact.is_gone);
  }
  std::sort(values.begin(), values.end());
  return values;
}

template <typename F>
void TakeFromModel(Contacts& known, F goes, Contacts& taken) {
  for (const PendingContact& contact : known) {
    if (goes(contact)) taken.push_back(contact);
  }
  std::erase_if(known, goes);
}

// Adds or takes at random, `adds` times of 6. Takes what a list would.
void Change(std::mt19937& random, uint32_t adds, ContactTable& table,
            Model& model) {
  const auto below = [&random](uint32_t count) {
    return static_cast<uint32_t>(random() % count);
  };
  static uint32_t episode = 0;
  const bool customer = below(2) == 0;
  const uint32_t number = 1 + below(3);
  const ContactKey key = Key(customer, number);
  Contacts& known = model[{customer, number}];
  const uint32_t choice = below(6);
  if (choice < adds) {
    const int64_t close_us = below(30);
    PendingContact contact =
        below(2) == 0 ? Apart(close_us) : Contact(1 + below(20), close_us);
    contact.episode = ++episode;
    table.Add(key, contact);
    known.push_back(contact);
    return;
  }
  Contacts taken;
  Contacts expected;
  if (choice < 4) {
    const auto interaction = static_cast<InteractionId>(1 + below(20));
    table.TakeOf(key, interaction, taken);
    TakeFromModel(
        known,
        [interaction](const PendingContact& c) { return c.is_of(interaction); },
        expected);
  } else {
    const bool is_apart = choice == 4;
    const int64_t latest_us = static_cast<int64_t>(below(14)) - 4;
    if (is_apart) {
      table.TakeApartClosedBy(key, latest_us, taken);
    } else {
      table.TakeClosedBy(key, latest_us, taken);
    }
    TakeFromModel(
        known,
        [&](const PendingContact& c) {
          return c.close_us <= latest_us && (c.is_apart() || !is_apart);
        },
        expected);
  }
  ASSERT_EQ(Values(taken), Values(expected));
  ASSERT_EQ(table.Has(key), !known.empty());
}

// Grows and shrinks at random.
void ChangeOften(std::mt19937& random, ContactTable& table, Model& model) {
  for (uint32_t adds : {5u, 4u, 2u, 5u, 1u, 5u}) {
    if (random() % 2 == 0) continue;
    const uint32_t steps = random() % 300;
    for (uint32_t step = 0; step < steps; ++step) {
      Change(random, adds, table, model);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

void ExpectSame(const ContactTable& table, const Model& model) {
  Model found;
  table.ForEach([&](const ContactKey& key, const PendingContact& contact) {
    const bool customer = key.customer != CustomerId::kNone;
    const uint32_t number = customer ? static_cast<uint32_t>(key.customer)
                                     : static_cast<uint32_t>(key.interaction);
    found[{customer, number}].push_back(contact);
  });
  for (const auto& [key, contacts] : model) {
    ASSERT_EQ(Values(found[key]), Values(contacts));
  }
}

// Takes all there are.
void ExpectAll(ContactTable& table, const Model& model) {
  for (const auto& [key, contacts] : model) {
    Contacts taken;
    table.TakeClosedBy(Key(key.first, key.second), kEver, taken);
    ASSERT_EQ(Values(taken), Values(contacts));
    ASSERT_FALSE(table.Has(Key(key.first, key.second)));
  }
}

TEST(ContactTableTest, HasWhatListsByKeyHave) {
  std::mt19937 random(1);
  for (int run = 0; run < 20; ++run) {
    ContactTable table;
    Model model;
    ChangeOften(random, table, model);
    ASSERT_FALSE(HasFatalFailure());
    ExpectSame(table, model);
    // Overlays have what they change for themselves.
    for (int over = 0; over < 2; ++over) {
      ContactTable overlay(&table);
      Model changed = model;
      ChangeOften(random, overlay, changed);
      ASSERT_FALSE(HasFatalFailure());
      ExpectAll(overlay, changed);
    }
    ExpectSame(table, model);
    ChangeOften(random, table, model);
    ASSERT_FALSE(HasFatalFailure());
    ExpectAll(table, model);
  }
}

constexpr uint32_t kMany = 2000;

// One key's, an interaction each, half of them forgotten: a second apart.
ContactTable Many(const ContactKey& key) {
  ContactTable table;
  for (uint32_t n = 1; n <= kMany; ++n) {
    table.Add(key, n % 2 == 0 ? Apart(n) : Contact(n, n));
  }
  return table;
}

// Looks at a few for each that is taken, in tables and in overlays.
template <typename F>
void ExpectFewLooks(F take_all) {
  const ContactKey key = Key(true, 1);
  ContactTable table = Many(key);
  ContactTable overlay(&table);
  for (ContactTable* of : {&overlay, &table}) {
    take_all(key, *of);
    EXPECT_FALSE(of->Has(key));
    EXPECT_LE(of->looks(), 8 * kMany);
  }
}

TEST(ContactTableTest, LooksAtAFewOfManyToTakeThemInOrderOfTime) {
  ExpectFewLooks([](const ContactKey& key, ContactTable& table) {
    Contacts taken;
    for (uint32_t n = 1; n <= kMany; ++n) {
      table.TakeOf(key, InteractionId{n}, taken);
      table.TakeApartClosedBy(key, n, taken);
      ASSERT_EQ(taken.size(), n);
    }
  });
}

TEST(ContactTableTest, LooksAtAFewOfManyToTakeTheLatestFirst) {
  ExpectFewLooks([](const ContactKey& key, ContactTable& table) {
    Contacts taken;
    for (uint32_t n = kMany; n >= 1; --n) {
      table.TakeOf(key, InteractionId{n}, taken);
      table.TakeApartClosedBy(key, 1, taken);
      table.TakeClosedBy(key, 0, taken);
    }
    ASSERT_EQ(taken.size(), kMany / 2);
    table.TakeApartClosedBy(key, kEver, taken);
    ASSERT_EQ(taken.size(), kMany);
  });
}

TEST(ContactTableTest, LooksAtAFewOfManyThatAreForgotten) {
  ExpectFewLooks([](const ContactKey& key, ContactTable& table) {
    Contacts taken;
    for (uint32_t n = 1; n <= kMany; n += 2) {
      Contacts one;
      table.TakeOf(key, InteractionId{n}, one);
      ASSERT_EQ(one.size(), 1u);
      one[0].pending = 1;
      table.Add(key, one[0]);
    }
    for (uint32_t n = 1; n <= kMany; ++n) {
      table.TakeApartClosedBy(key, n, taken);
      ASSERT_EQ(taken.size(), n);
    }
  });
}

TEST(ContactTableTest, CountsAPlaceForEachContact) {
  ContactTable table;
  EXPECT_EQ(table.memory_bytes(16), 0u);
  table.Add(Key(true, 1), Contact(1, 1));
  table.Add(Key(true, 1), Contact(2, 1));
  table.Add(Key(false, 1), Contact(3, 1));
  EXPECT_EQ(table.memory_bytes(16), 3 * (8 + 24 + 16u));
}

TEST(ContactTableTest, CountsTheIndexOfWhoHasMany) {
  const ContactTable table = Many(Key(true, 1));
  EXPECT_GT(table.memory_bytes(16), kMany * (8 + 24 + 16u + 16u));
}

}  // namespace
}  // namespace cckpi
