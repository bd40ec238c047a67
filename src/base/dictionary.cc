#include "cckpi/base/dictionary.h"

#include <charconv>

#include "src/base/heap_bytes.h"

namespace cckpi {
namespace {

uint64_t Mix(uint64_t value) {
  value ^= value >> 32;
  value *= 0xD6E8FEB86659FD93ull;
  value ^= value >> 32;
  value *= 0xD6E8FEB86659FD93ull;
  return value ^ value >> 32;
}

// Is `text` what a number is written as? "42" and "-7", not "042" or "+7".
bool IsNumber(std::string_view text, int64_t* number) {
  if (text.empty() || text.size() > 19) return false;
  char first = text.front();
  if (first == '-') {
    if (text.size() < 2 || text[1] < '1' || text[1] > '9') return false;
  } else if (first < '1' || first > '9') {
    if (text != "0") return false;
  }
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
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

size_t NumberHash::operator()(int64_t number) const {
  return static_cast<size_t>(Mix(static_cast<uint64_t>(number)));
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
  references_.push_back(1);
  ids_.emplace(entries_.back().text, 0);
}

uint32_t KeyDictionary::NewEntry() {
  if (free_.empty()) {
    references_.push_back(0);
    entries_.emplace_back();
    return static_cast<uint32_t>(entries_.size() - 1);
  }
  uint32_t id = free_.back();
  free_.pop_back();
  return id;
}

uint32_t KeyDictionary::Acquire(std::string_view text) {
  if (text.empty()) return 0;
  if (int64_t number; IsNumber(text, &number)) return AcquireNumber(number);
  if (auto found = ids_.find(text); found != ids_.end()) {
    ++references_[found->second];
    return found->second;
  }
  uint32_t id = NewEntry();
  entries_[id].text = std::string(text);
  references_[id] = 1;
  entries_[id].is_number = false;
  ids_.emplace(entries_[id].text, id);
  return id;
}

uint32_t KeyDictionary::AcquireNumber(int64_t number) {
  auto [found, fresh] = numbers_.try_emplace(number, 0);
  if (!fresh) {
    ++references_[found->second];
    return found->second;
  }
  uint32_t id = NewEntry();
  found->second = id;
  Entry& entry = entries_[id];
  char digits[24];
  char* end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  entry.text.assign(digits, end);
  entry.number = number;
  references_[id] = 1;
  entry.is_number = true;
  return id;
}

void KeyDictionary::AddReference(uint32_t id) {
  if (id != 0) ++references_[id];
}

void KeyDictionary::Release(uint32_t id) {
  if (id == 0) return;
  if (--references_[id] > 0) return;
  Entry& entry = entries_[id];
  if (entry.is_number) {
    numbers_.erase(entry.number);
  } else {
    ids_.erase(entry.text);
    entry.text = std::string();
  }
  free_.push_back(id);
}

size_t Dictionary::memory_bytes() const {
  size_t bytes = texts_.size() * sizeof(std::string) +
                 ids_.capacity() * (sizeof(*ids_.begin()) + 1);
  for (const std::string& text : texts_) bytes += HeapBytes(text);
  return bytes;
}

size_t KeyDictionary::memory_bytes() const {
  size_t bytes = entries_.size() * sizeof(Entry) +
                 references_.capacity() * sizeof(uint32_t) +
                 free_.capacity() * sizeof(uint32_t) +
                 ids_.capacity() * (sizeof(*ids_.begin()) + 1) +
                 numbers_.capacity() * (sizeof(*numbers_.begin()) + 1);
  for (const Entry& entry : entries_) bytes += HeapBytes(entry.text);
  return bytes;
}

}  // namespace cckpi
