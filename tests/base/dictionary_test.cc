// Dictionaries: numbers of texts and keys, and keys that come and go.

#include "cckpi/base/dictionary.h"

#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace cckpi {
namespace {

std::string TextOf(const KeyDictionary& keys, uint32_t id) {
  return std::string(keys.Text(id));
}

TEST(DictionaryTest, NumbersAreGivenInTheOrderOfFirstUse) {
  Dictionary texts;
  EXPECT_EQ(texts.Intern("facebook"), 1u);
  EXPECT_EQ(texts.Intern("whatsapp"), 2u);
  EXPECT_EQ(texts.Intern("facebook"), 1u);
  EXPECT_EQ(texts.Intern(""), 0u);
  EXPECT_EQ(texts.Find("whatsapp"), 2u);
  EXPECT_EQ(texts.Find("chat"), Dictionary::kAbsent);
  EXPECT_EQ(texts.Text(2), "whatsapp");
}

// Snapshots hold fingerprints: they must never change.
TEST(FingerprintTest, IsTheSameInEveryVersion) {
  const std::string text =
      "\xC3\xA4"
      "bcdefghijklmnopqrstuvwxyz";
  struct {
    size_t size;
    uint64_t of_seed_0;
    uint64_t of_seed_1;
  } const expected[] = {
      {0, 0x3DA4588B8C08334Full, 0xA2CDB6C96B2CB1BAull},
      {1, 0xADB389C71CE171A0ull, 0x2D9FA4485A309177ull},
      {2, 0xA2CC529B7538501Bull, 0x9FDE4D7CC667D70Aull},
      {3, 0x1064482703CC4630ull, 0xF254926E6F74CC42ull},
      {4, 0xE2091D98FEE0A020ull, 0x3F523FB7A8A5C759ull},
      {5, 0xE5E1F568212D3A08ull, 0x6DEEAD4DA939E160ull},
      {7, 0x5721BCFDEF4B1B71ull, 0x448EBFD7B80ECA1Dull},
      {8, 0xE7D32E511E4AA423ull, 0x46759E6D3BEBB533ull},
      {9, 0x68CF15C6FFCD12E7ull, 0xDA05C14FDFA42599ull},
      {12, 0x74D4D6E9D18185AFull, 0x909624E1395726CEull},
      {15, 0x36393C587DC66C80ull, 0x8CCE9A847E17D058ull},
      {16, 0x637775B087D9B980ull, 0x732A8C197062F37Cull},
      {23, 0x7642794014998351ull, 0xB6E1E66C4D55C1F3ull},
  };
  for (const auto& [size, of_seed_0, of_seed_1] : expected) {
    const std::string part = text.substr(0, size);
    EXPECT_EQ(Fingerprint(part), of_seed_0) << size;
    EXPECT_EQ(Fingerprint(part, 1), of_seed_1) << size;
  }
}

TEST(KeyDictionaryTest, ANumberAndItsTextAreOneKey) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  KeyDictionary keys;
  for (int64_t number : {int64_t{0}, int64_t{7}, int64_t{-7}, int64_t{4711},
                         int64_t{-1'000'000'000'000'000'000}, kLeast, kMost}) {
    const uint32_t id = keys.AcquireNumber(number);
    EXPECT_EQ(keys.Acquire(std::to_string(number)), id) << number;
    EXPECT_EQ(TextOf(keys, id), std::to_string(number));
  }
  EXPECT_EQ(keys.bound(), 8u);
}

TEST(KeyDictionaryTest, ATextThatIsWrittenOtherwiseIsAnotherKey) {
  KeyDictionary keys;
  const uint32_t number = keys.AcquireNumber(42);
  for (const char* text :
       {"042", "+42", "42 ", "-42", "-0", "00", "42.0", "9223372036854775808",
        "-9223372036854775809", "18446744073709551658"}) {
    const uint32_t id = keys.Acquire(text);
    EXPECT_NE(id, number) << text;
    EXPECT_EQ(TextOf(keys, id), text);
  }
  EXPECT_EQ(keys.Acquire("42"), number);
}

// Of any size, and with each of its digits spoilt.
TEST(KeyDictionaryTest, OnlyDigitsAreANumber) {
  std::mt19937_64 random(4711);
  KeyDictionary keys;
  uint64_t least = 1;
  for (size_t size = 1; size <= 18; ++size, least *= 10) {
    for (int round = 0; round < 50; ++round) {
      const uint64_t number = least + random() % (9 * least);
      const uint32_t id = keys.AcquireNumber(static_cast<int64_t>(number));
      const std::string text = std::to_string(number);
      ASSERT_EQ(text.size(), size);
      EXPECT_EQ(keys.Acquire(text), id) << text;
      EXPECT_EQ(TextOf(keys, id), text);
      for (size_t at = 0; at < size; ++at) {
        for (char wrong :
             {'/', ':', '?', ' ', 'p', '\xb0', '\xfa', '\xff', '\0'}) {
          std::string other = text;
          other[at] = wrong;
          const uint32_t other_id = keys.Acquire(other);
          ASSERT_NE(other_id, id) << other;
          ASSERT_EQ(TextOf(keys, other_id), other);
          keys.Release(other_id);
        }
      }
    }
  }
}

TEST(KeyDictionaryTest, NoneHasNumberZeroAndIsNeverLetGo) {
  KeyDictionary keys;
  EXPECT_EQ(keys.Acquire(""), 0u);
  keys.Release(0);
  keys.Release(0);
  EXPECT_EQ(TextOf(keys, 0), "");
  EXPECT_EQ(keys.Acquire("a"), 1u);
}

TEST(KeyDictionaryTest, WhatIsLetGoLastIsGivenNext) {
  KeyDictionary keys;
  EXPECT_EQ(keys.Acquire("a"), 1u);
  EXPECT_EQ(keys.AcquireNumber(5), 2u);
  EXPECT_EQ(keys.Acquire("c"), 3u);
  keys.AddReference(2);
  keys.Release(2);
  keys.Release(1);
  keys.Release(2);
  EXPECT_EQ(keys.Acquire("5"), 2u);
  EXPECT_EQ(keys.Acquire("d"), 1u);
  EXPECT_EQ(keys.Acquire("e"), 4u);
}

TEST(KeyDictionaryTest, TextsLieOnceInRoomThatIsGivenOn) {
  KeyDictionary keys;
  const size_t empty = keys.memory_bytes();
  const uint32_t id = keys.Acquire(std::string(28, 'x'));
  EXPECT_EQ(keys.memory_bytes(), empty + 32);
  const KeyText text = keys.Text(id);
  const char* place = text.view().data();
  keys.Release(id);
  EXPECT_EQ(keys.memory_bytes(), empty);
  const KeyText next = keys.Text(keys.Acquire(std::string(20, 'y')));
  EXPECT_EQ(next.view().data(), place);
}

TEST(KeyDictionaryTest, ANumberTakesLittle) {
  KeyDictionary keys;
  const size_t empty = keys.memory_bytes();
  for (int64_t n = 0; n < 100'000; ++n) keys.AcquireNumber(n * 1'048'576);
  // 16 for the entry, 8 for each of 262,144 places of the index.
  EXPECT_LE((keys.memory_bytes() - empty) / 100'000, 37u);
}

// Against a map of texts, with more keys than places and fewer again.
TEST(KeyDictionaryPropertyTest, IsAMapWithReferences) {
  struct Key {
    uint32_t id = 0;
    int64_t references = 0;
  };
  for (uint32_t seed = 0; seed < 6; ++seed) {
    std::mt19937_64 random(seed);
    KeyDictionary keys;
    std::map<std::string, Key> known;
    std::vector<std::string> held;  // a text for each reference
    const auto kinds = seed % 3;
    for (int step = 0; step < 35'000; ++step) {
      // Grows for a while, then shrinks.
      const bool grow = step / 5'000 % 2 == 0;
      if (held.empty() || random() % 16 < (grow ? 11u : 5u)) {
        const int64_t number = static_cast<int64_t>(random() % 6'000) << 20;
        std::string text = std::to_string(number);
        if (kinds != 0 && random() % 2 == 0) {
          text = std::string(random() % 40, 'k') + "-" + text;
        }
        const bool by_number = text[0] != 'k' && text[0] != '-' && kinds != 2;
        const uint32_t id =
            by_number ? keys.AcquireNumber(number) : keys.Acquire(text);
        Key& key = known[text];
        if (key.references == 0) key.id = id;
        ASSERT_EQ(key.id, id) << text;
        ++key.references;
        held.push_back(text);
      } else {
        const size_t place = random() % held.size();
        std::swap(held[place], held.back());
        Key& key = known[held.back()];
        ASSERT_EQ(TextOf(keys, key.id), held.back());
        keys.Release(key.id);
        if (--key.references == 0) known.erase(held.back());
        held.pop_back();
      }
    }
    std::map<uint32_t, std::string> by_id;
    for (const auto& [text, key] : known) {
      EXPECT_EQ(TextOf(keys, key.id), text);
      EXPECT_TRUE(by_id.emplace(key.id, text).second) << text;
    }
    EXPECT_GT(known.size(), 1'000u);
    EXPECT_LT(keys.bound(), 12'000u);
  }
}

}  // namespace
}  // namespace cckpi
