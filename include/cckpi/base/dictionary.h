// Dictionary: text to dense number and back.
//
//   Dictionary names;
//   uint32_t facebook = names.Intern("facebook");   // 1
//   names.Intern("facebook");                       // 1 again
//   names.Text(facebook);                           // "facebook"
//
// Number 0 is always the empty text, "none". Numbers are given in the order
// of first use, so they depend on arrival: never compare, save or print them
// as if they meant something.
//
// A Dictionary keeps every text for ever. A KeyDictionary counts references
// and gives the number of a text that nobody holds any more to the next one.
// Keys are often integers: it finds those without looking at text.

#ifndef CCKPI_BASE_DICTIONARY_H_
#define CCKPI_BASE_DICTIONARY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/base/hash_map.h"

namespace cckpi {

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const;
};

struct TextEqual {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const {
    return a == b;
  }
};

// A hash of `text` that is the same in every process and version; independent
// ones for different seeds.
uint64_t Fingerprint(std::string_view text, uint64_t seed = 0);

struct NumberHash {
  size_t operator()(int64_t number) const;
};

class Dictionary {
 public:
  Dictionary();
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  uint32_t Intern(std::string_view text);

  // The number of `text`, or kAbsent when it was never interned.
  uint32_t Find(std::string_view text) const;
  static constexpr uint32_t kAbsent = 0xFFFFFFFF;

  // `id` must come from this dictionary. The view lives as long as it.
  std::string_view Text(uint32_t id) const { return texts_[id]; }

  size_t size() const { return texts_.size(); }
  size_t memory_bytes() const;

 private:
  std::deque<std::string> texts_;
  HashMap<std::string_view, uint32_t, TextHash, TextEqual> ids_;
};

class KeyDictionary {
 public:
  KeyDictionary();
  KeyDictionary(const KeyDictionary&) = delete;
  KeyDictionary& operator=(const KeyDictionary&) = delete;

  // The number of `text`, with one more reference to it.
  uint32_t Acquire(std::string_view text);
  // The same for the decimal text of a number.
  uint32_t AcquireNumber(int64_t number);
  void AddReference(uint32_t id);
  void Release(uint32_t id);

  std::string_view Text(uint32_t id) const { return entries_[id].text; }

  // Ask the memory for what AcquireNumber and Release will look at.
  void PrefetchNumber(int64_t number) const { numbers_.prefetch(number); }
  void Prefetch(uint32_t id) const { __builtin_prefetch(&references_[id]); }

  // One more than the greatest number given so far.
  size_t bound() const { return entries_.size(); }
  size_t memory_bytes() const;

 private:
  struct Entry {
    std::string text;
    int64_t number = 0;  // where the text is the decimal text of one
    bool is_number = false;
  };
  uint32_t NewEntry();

  std::deque<Entry> entries_;
  std::vector<uint32_t> references_;  // to each entry
  std::vector<uint32_t> free_;
  HashMap<std::string_view, uint32_t, TextHash, TextEqual> ids_;
  HashMap<int64_t, uint32_t, NumberHash> numbers_;
};

}  // namespace cckpi

#endif  // CCKPI_BASE_DICTIONARY_H_
