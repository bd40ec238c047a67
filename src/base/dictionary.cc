#include "cckpi/base/dictionary.h"

#include <cstring>

namespace cckpi {
namespace {

uint64_t Mix(uint64_t value) {
  value ^= value >> 32;
  value *= 0xD6E8FEB86659FD93ull;
  value ^= value >> 32;
  value *= 0xD6E8FEB86659FD93ull;
  return value ^ value >> 32;
}

}  // namespace

uint64_t Fingerprint(std::string_view text, uint64_t seed) {
  uint64_t hash = Mix(text.size() + (2 * seed + 1) * 0x9E3779B97F4A7C15ull);
  const char* bytes = text.data();
  size_t left = text.size();
  for (; left >= 8; left -= 8, bytes += 8) {
    uint64_t word = 0;
    for (int i = 7; i >= 0; --i) {
      word = word << 8 | static_cast<unsigned char>(bytes[i]);
    }
    hash = Mix(hash ^ word) * 0x9E3779B97F4A7C15ull;
  }
  uint64_t tail = 0;
  for (size_t i = left; i > 0; --i) {
    tail = tail << 8 | static_cast<unsigned char>(bytes[i - 1]);
  }
  return Mix(hash ^ tail);
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

KeyDictionary::KeyDictionary() {
  entries_.emplace_back();
  entries_.back().references = 1;
  ids_.emplace(entries_.back().text, 0);
}

uint32_t KeyDictionary::Acquire(std::string_view text) {
  if (text.empty()) return 0;
  if (auto found = ids_.find(text); found != ids_.end()) {
    ++entries_[found->second].references;
    return found->second;
  }
  uint32_t id;
  if (free_.empty()) {
    id = static_cast<uint32_t>(entries_.size());
    entries_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  entries_[id].text = std::string(text);
  entries_[id].references = 1;
  ids_.emplace(entries_[id].text, id);
  return id;
}

void KeyDictionary::AddReference(uint32_t id) {
  if (id != 0) ++entries_[id].references;
}

void KeyDictionary::Release(uint32_t id) {
  if (id == 0) return;
  Entry& entry = entries_[id];
  if (--entry.references > 0) return;
  ids_.erase(entry.text);
  entry.text = std::string();
  free_.push_back(id);
}

namespace {

// Texts of up to 15 bytes lie inside the string.
size_t HeapBytes(const std::string& text) {
  return text.capacity() > 15 ? text.capacity() + 1 : 0;
}

}  // namespace

size_t Dictionary::memory_bytes() const {
  size_t bytes = texts_.size() * sizeof(std::string) +
                 ids_.capacity() * (sizeof(*ids_.begin()) + 1);
  for (const std::string& text : texts_) bytes += HeapBytes(text);
  return bytes;
}

size_t KeyDictionary::memory_bytes() const {
  size_t bytes = entries_.size() * sizeof(Entry) +
                 free_.capacity() * sizeof(uint32_t) +
                 ids_.capacity() * (sizeof(*ids_.begin()) + 1);
  for (const Entry& entry : entries_) bytes += HeapBytes(entry.text);
  return bytes;
}

}  // namespace cckpi
