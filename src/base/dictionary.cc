#include "cckpi/base/dictionary.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "src/base/heap_bytes.h"
#include "src/base/load_bytes.h"

namespace cckpi {
namespace {

uint64_t Mix(uint64_t value) {
  value ^= value >> 32;
  value *= 0xD6E8FEB86659FD93ull;
  value ^= value >> 32;
  value *= 0xD6E8FEB86659FD93ull;
  return value ^ value >> 32;
}

// A text of TextRoom.
std::string_view TextAt(uint64_t key) {
  const char* place = reinterpret_cast<const char*>(key);
  uint32_t size;
  std::memcpy(&size, place, sizeof(size));
  return {place + sizeof(size), size};
}

// The value of up to eight digits, of which `text` is the last ones, the first
// digit the lowest byte; false where one of them is none.
bool ParseDigits(const char* text, size_t count, uint64_t* value) {
  constexpr uint64_t kZeros = 0x3030303030303030;
  uint64_t digits = kZeros;  // with zeros in front
  if (count == 8) {
    digits = LoadU64(text);
  } else if (count > 0) {
    digits = LoadUpTo7(text, count) << (64 - 8 * count) | kZeros >> (8 * count);
  }
  // A byte is a digit when its upper half is 3, and stays 3 with 6 more.
  constexpr uint64_t kUpper = 0xF0F0F0F0F0F0F0F0;
  constexpr uint64_t kSix = 0x0606060606060606;
  if ((digits & (digits + kSix) & kUpper) != kZeros) return false;
  // Neighbours become one number, three times.
  digits -= kZeros;
  digits = (digits * 10 + (digits >> 8)) & 0x00FF00FF00FF00FF;
  digits = (digits * 100 + (digits >> 16)) & 0x0000FFFF0000FFFF;
  *value = (digits * 10'000 + (digits >> 32)) & 0xFFFFFFFF;
  return true;
}

// Is `text` what a number is written as? "42" and "-7", not "042" or "+7".
bool IsNumber(std::string_view text, int64_t* number) {
  const size_t size = text.size();
  if (size == 0 || size > 20) return false;
  const char first = text.front();
  if (first >= '1' && first <= '9' && size <= 16) {
    const size_t upper = size > 8 ? size - 8 : 0;
    uint64_t high = 0;
    uint64_t low;
    if (!ParseDigits(text.data() + upper, size - upper, &low) ||
        (upper > 0 && !ParseDigits(text.data(), upper, &high))) {
      return false;
    }
    *number = static_cast<int64_t>(high * 100'000'000 + low);
    return true;
  }
  if (first == '-') {
    if (size < 2 || text[1] < '1' || text[1] > '9') return false;
  } else if (first < '1' || first > '9') {
    if (text != "0") return false;
  }
  auto [end, error] = std::from_chars(text.data(), text.data() + size, *number);
  return error == std::errc() && end == text.data() + size;
}

}  // namespace

uint64_t Fingerprint(std::string_view text, uint64_t seed) {
  uint64_t hash = Mix(text.size() + (2 * seed + 1) * 0x9E3779B97F4A7C15ull);
  const char* bytes = text.data();
  size_t left = text.size();
  for (; left >= 8; left -= 8, bytes += 8) {
    hash = Mix(hash ^ LoadU64(bytes)) * 0x9E3779B97F4A7C15ull;
  }
  return Mix(hash ^ LoadUpTo7(bytes, left));
}

size_t TextHash::operator()(std::string_view text) const {
  return static_cast<size_t>(Fingerprint(text));
}

Dictionary::Dictionary() {
  texts_.emplace_back();
  ids_.emplace(texts_.back(), 0);
}

uint32_t Dictionary::Intern(std::string_view text) {
  if (text.empty()) return 0;
  if (auto found = ids_.find(text); found != ids_.end()) return found->second;
  uint32_t id = static_cast<uint32_t>(texts_.size());
  texts_.emplace_back(text);
  ids_.emplace(texts_.back(), id);
  return id;
}

uint32_t Dictionary::Find(std::string_view text) const {
  auto found = ids_.find(text);
  return found == ids_.end() ? kAbsent : found->second;
}

char* KeyDictionary::TextRoom::Take(std::string_view text) {
  constexpr size_t kSlab = 8192;
  const size_t steps = StepsOf(text.size());
  if (free_.size() <= steps) free_.resize(steps + 1, nullptr);
  char* place = free_[steps];
  if (place != nullptr) {
    std::memcpy(&free_[steps], place, sizeof(char*));
  } else {
    const size_t bytes = steps * kStep;
    if (left_ < bytes) {
      const size_t slab = std::max(kSlab, bytes);
      slabs_.push_back(std::make_unique<char[]>(slab));
      left_ = slab;
      slab_ = slabs_.back().get();
    }
    place = slab_;
    slab_ += bytes;
    left_ -= bytes;
  }
  used_ += steps * kStep;
  const uint32_t size = static_cast<uint32_t>(text.size());
  std::memcpy(place, &size, sizeof(size));
  std::memcpy(place + sizeof(size), text.data(), text.size());
  return place;
}

void KeyDictionary::TextRoom::Give(char* text) {
  uint32_t size;
  std::memcpy(&size, text, sizeof(size));
  const size_t steps = StepsOf(size);
  std::memcpy(text, &free_[steps], sizeof(char*));
  free_[steps] = text;
  used_ -= steps * kStep;
}

KeyDictionary::KeyDictionary() : slots_(16), mask_(15), shift_(28) {
  blocks_.push_back(std::make_unique<Entry[]>(kBlock));
  blocks_[0][0] = {.key = 0, .references = 1, .tag = 1};
}

// For one more entry and its place in the index. Nothing else allocates, so
// what runs out of memory here has changed nothing.
void KeyDictionary::MakeRoom() {
  if (free_ == 0 && bound_ == blocks_.size() * kBlock) {
    blocks_.push_back(std::make_unique<Entry[]>(kBlock));
  }
  if ((taken_ + 1) * 4 <= slots_.size() * 3) return;
  std::vector<Slot> grown(2 * slots_.size());
  const size_t mask = grown.size() - 1;
  --shift_;
  for (const Slot& slot : slots_) {
    if (slot.id == 0) continue;
    size_t at = HomeOf(slot.tag);
    while (grown[at].id != 0) at = (at + 1) & mask;
    grown[at] = slot;
  }
  slots_ = std::move(grown);
  mask_ = mask;
}

uint32_t KeyDictionary::Add(uint64_t key, uint32_t tag) {
  MakeRoom();
  uint32_t id = free_;
  if (id == 0) {
    id = bound_++;
  } else {
    free_ = static_cast<uint32_t>(At(id).key);
  }
  At(id) = {.key = key, .references = 1, .tag = tag};
  size_t at = HomeOf(tag);
  while (slots_[at].id != 0) at = (at + 1) & mask_;
  slots_[at] = {.tag = tag, .id = id};
  ++taken_;
  return id;
}

uint32_t KeyDictionary::Acquire(std::string_view text) {
  if (text.empty()) return 0;
  if (int64_t number; IsNumber(text, &number)) return AcquireNumber(number);
  const uint32_t tag = static_cast<uint32_t>(Fingerprint(text) >> 32) | 1;
  for (size_t at = HomeOf(tag); slots_[at].id != 0; at = (at + 1) & mask_) {
    const Slot slot = slots_[at];
    if (slot.tag != tag || TextAt(At(slot.id).key) != text) continue;
    ++At(slot.id).references;
    return slot.id;
  }
  MakeRoom();
  return Add(reinterpret_cast<uint64_t>(texts_.Take(text)), tag);
}

// Nobody refers to it any more.
void KeyDictionary::Drop(uint32_t id) {
  Entry& entry = At(id);
  size_t hole = HomeOf(entry.tag);
  while (slots_[hole].id != id) hole = (hole + 1) & mask_;
  // What was put off by what is gone moves up.
  for (size_t at = (hole + 1) & mask_; slots_[at].id != 0;
       at = (at + 1) & mask_) {
    const size_t home = HomeOf(slots_[at].tag);
    if (((at - home) & mask_) < ((at - hole) & mask_)) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = {};
  --taken_;
  if (entry.tag % 2 == 1) texts_.Give(reinterpret_cast<char*>(entry.key));
  entry.key = free_;
  free_ = id;
}

KeyText KeyDictionary::Text(uint32_t id) const {
  KeyText text;
  if (id == 0) return text;
  const Entry& entry = At(id);
  if (entry.tag % 2 == 1) {
    const std::string_view view = TextAt(entry.key);
    text.text_ = view.data();
    text.size_ = static_cast<uint32_t>(view.size());
    return text;
  }
  char* end = std::to_chars(text.digits_, text.digits_ + sizeof(text.digits_),
                            static_cast<int64_t>(entry.key))
                  .ptr;
  text.size_ = static_cast<uint32_t>(end - text.digits_);
  return text;
}

size_t Dictionary::memory_bytes() const {
  size_t bytes = texts_.size() * sizeof(std::string) +
                 ids_.capacity() * (sizeof(*ids_.begin()) + 1);
  for (const std::string& text : texts_) bytes += HeapBytes(text);
  return bytes;
}

size_t KeyDictionary::memory_bytes() const {
  return blocks_.size() * kBlock * sizeof(Entry) +
         slots_.capacity() * sizeof(Slot) + texts_.used_bytes();
}

}  // namespace cckpi
