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
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/base/hash_map.h"
#include "cckpi/base/prefetch.h"

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

// The text of a key. A number's is made for it, so this owns what it shows.
class KeyText {
 public:
  // Lives as long as this, and no longer than the reference to the key.
  std::string_view view() const {
    return {text_ == nullptr ? digits_ : text_, size_};
  }
  explicit operator std::string() const { return std::string(view()); }
  friend bool operator<(const KeyText& a, const KeyText& b) {
    return a.view() < b.view();
  }

 private:
  friend class KeyDictionary;

  const char* text_ = nullptr;  // nullptr: in digits_
  uint32_t size_ = 0;
  char digits_[20] = {};
};

class KeyDictionary {
 public:
  KeyDictionary();
  KeyDictionary(const KeyDictionary&) = delete;
  KeyDictionary& operator=(const KeyDictionary&) = delete;

  // The number of `text`, with one more reference to it.
  uint32_t Acquire(std::string_view text);
  // The same for the decimal text of a number.
  uint32_t AcquireNumber(int64_t number) {
    const uint64_t key = static_cast<uint64_t>(number);
    const uint32_t tag = TagOf(key);
    for (size_t at = HomeOf(tag);; at = (at + 1) & mask_) {
      const Slot slot = slots_[at];
      if (slot.id == 0) return Add(key, tag);
      if (slot.tag != tag) continue;
      if (Entry& entry = At(slot.id); entry.key == key) {
        ++entry.references;
        return slot.id;
      }
    }
  }
  void AddReference(uint32_t id) {
    if (id != 0) ++At(id).references;
  }
  void Release(uint32_t id) {
    if (id != 0 && --At(id).references == 0) Drop(id);
  }

  KeyText Text(uint32_t id) const;

  // Ask the memory for what AcquireNumber will look at: first for its place in
  // the index, when that is there for what the place names.
  void PrefetchNumber(int64_t number) const {
    const uint32_t tag = TagOf(static_cast<uint64_t>(number));
    PrefetchLine(&slots_[HomeOf(tag)]);
  }
  void PrefetchNumbered(int64_t number) const {
    const uint32_t tag = TagOf(static_cast<uint64_t>(number));
    PrefetchLine(&At(slots_[HomeOf(tag)].id));
  }
  // And for what Release will look at, when that is there for the place in the
  // index of one that goes.
  void Prefetch(uint32_t id) const { PrefetchLine(&At(id)); }
  void PrefetchRelease(uint32_t id) const {
    if (const Entry& entry = At(id); entry.references == 1) {
      PrefetchLine(&slots_[HomeOf(entry.tag)]);
    }
  }

  // One more than the greatest number given so far.
  size_t bound() const { return bound_; }
  size_t memory_bytes() const;

 private:
  static constexpr size_t kBlock = 256;  // entries

  // Of a text, `key` is the address of its size and bytes; of an entry that
  // nobody refers to, the next such entry.
  struct Entry {
    uint64_t key = 0;
    uint32_t references = 0;
    uint32_t tag = 0;  // of its hash; odd for texts, even for numbers
  };
  // Of the index, which is probed place after place. 0: empty.
  struct Slot {
    uint32_t tag = 0;
    uint32_t id = 0;
  };

  static uint32_t TagOf(uint64_t key) {
    key ^= key >> 32;
    key *= 0x9E3779B97F4A7C15ull;
    key ^= key >> 29;
    key *= 0xD6E8FEB86659FD93ull;
    return static_cast<uint32_t>(key >> 32) & ~1u;
  }
  size_t HomeOf(uint32_t tag) const { return tag >> shift_; }
  Entry& At(uint32_t id) const { return blocks_[id / kBlock][id % kBlock]; }

  uint32_t Add(uint64_t key, uint32_t tag);
  void MakeRoom();
  void Drop(uint32_t id);

  // Room for texts, in steps of 16 bytes; what a key gives back is given to the
  // next one of its size.
  class TextRoom {
   public:
    char* Take(std::string_view text);  // its size, then its bytes
    void Give(char* text);
    size_t used_bytes() const { return used_; }

   private:
    static constexpr size_t kStep = 16;
    static size_t StepsOf(size_t size) {
      return (sizeof(uint32_t) + size + kStep - 1) / kStep;
    }

    std::vector<std::unique_ptr<char[]>> slabs_;
    std::vector<char*> free_;  // by steps; each begins with the next one
    char* slab_ = nullptr;     // what is left of the latest slab
    size_t left_ = 0;
    size_t used_ = 0;
  };

  std::vector<std::unique_ptr<Entry[]>> blocks_;
  uint32_t bound_ = 1;
  uint32_t free_ = 0;  // the first entry that nobody refers to
  std::vector<Slot> slots_;
  size_t mask_ = 0;
  int shift_ = 0;
  size_t taken_ = 0;  // slots
  TextRoom texts_;
};

}  // namespace cckpi

#endif  // CCKPI_BASE_DICTIONARY_H_
