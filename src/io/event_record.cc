#include "src/io/event_record.h"

#include <bit>
#include <cstring>
#include <iterator>

#include "src/event/event_texts.h"

namespace cckpi {
namespace {

constexpr std::optional<int64_t> Event::*kNumbers[] = {
    &Event::score_micro, &Event::scale_micro, &Event::volume_micro};

// Which parts follow. The texts take the first bits, in the order of
// kEventTexts.
enum RecordPart : uint32_t {
  kFirstNumber = uint32_t{1} << std::size(kEventTexts),
  kReceivedAt = kFirstNumber << std::size(kNumbers),
  kInterval = kReceivedAt << 1,
  kErrors = kReceivedAt << 2,
  kTags = kReceivedAt << 3,
};

constexpr size_t kAtOffset = EventRecord::kLengthBytes;
constexpr size_t kKeyOffset = kAtOffset + 8;
constexpr size_t kKindOffset = kKeyOffset + 4;
constexpr size_t kPartsOffset = kKindOffset + 3;
constexpr size_t kVariableOffset = kPartsOffset + 4;

template <typename T>
T LoadAs(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

class RecordWriter {
 public:
  explicit RecordWriter(std::string* out) : out_(out) {}

  template <typename T>
  void Fixed(T value) {
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    out_->append(bytes, sizeof(T));
  }
  void Varint(uint64_t value) {
    while (value >= 0x80) {
      out_->push_back(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    out_->push_back(static_cast<char>(value));
  }
  void Text(std::string_view text) {
    Varint(text.size());
    out_->append(text);
  }

 private:
  std::string* out_;
};

class RecordReader {
 public:
  explicit RecordReader(const char* at) : at_(at) {}

  template <typename T>
  T Fixed() {
    T value = LoadAs<T>(at_);
    at_ += sizeof(T);
    return value;
  }
  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      auto byte = static_cast<uint8_t>(*at_++);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
  }
  std::string_view Text() {
    auto size = static_cast<size_t>(Varint());
    std::string_view text(at_, size);
    at_ += size;
    return text;
  }

 private:
  const char* at_;
};

uint32_t PartsOf(const Event& event) {
  uint32_t parts = 0;
  for (size_t i = 0; i < std::size(kEventTexts); ++i) {
    if (!(event.*kEventTexts[i].text).empty()) parts |= uint32_t{1} << i;
  }
  for (size_t i = 0; i < std::size(kNumbers); ++i) {
    if ((event.*kNumbers[i]).has_value()) parts |= kFirstNumber << i;
  }
  if (event.received_at_us != kNoTime) parts |= kReceivedAt;
  if (event.interval_s != 0) parts |= kInterval;
  if (!event.errors.empty()) parts |= kErrors;
  if (!event.tags.empty()) parts |= kTags;
  return parts;
}

}  // namespace

std::string_view EventRecord::At(const char* record) {
  return {record, kLengthBytes + LoadAs<uint32_t>(record)};
}

int64_t EventRecord::AtMicros(const char* record) {
  return LoadAs<int64_t>(record + kAtOffset);
}

uint8_t EventRecord::Kind(const char* record) {
  return static_cast<uint8_t>(record[kKindOffset]);
}

uint32_t EventRecord::Key(const char* record) {
  return LoadAs<uint32_t>(record + kKeyOffset);
}

void EventRecord::Append(const Event& event, int64_t row, uint32_t source,
                         uint32_t key, std::string* out) {
  size_t begin = out->size();
  uint32_t parts = PartsOf(event);
  RecordWriter writer(out);
  writer.Fixed(uint32_t{0});  // the length, known at the end
  writer.Fixed(event.at_us);
  writer.Fixed(key);
  writer.Fixed(static_cast<uint8_t>(event.kind));
  writer.Fixed(static_cast<uint8_t>(event.by));
  writer.Fixed(event.flags);
  writer.Fixed(parts);
  writer.Varint(static_cast<uint64_t>(row));
  writer.Varint(source);
  for (const auto& [name, text] : kEventTexts) {
    if (!(event.*text).empty()) writer.Text(event.*text);
  }
  for (auto number : kNumbers) {
    if ((event.*number).has_value()) writer.Fixed(*(event.*number));
  }
  if ((parts & kReceivedAt) != 0) writer.Fixed(event.received_at_us);
  if ((parts & kInterval) != 0) writer.Fixed(event.interval_s);
  if ((parts & kErrors) != 0) {
    writer.Varint(event.errors.size());
    for (const ErrorCount& error : event.errors) {
      writer.Text(error.severity);
      writer.Fixed(error.count);
    }
  }
  if ((parts & kTags) != 0) {
    writer.Varint(event.tags.size());
    for (const Tag& tag : event.tags) {
      writer.Text(tag.name);
      writer.Text(tag.value);
    }
  }
  auto length = static_cast<uint32_t>(out->size() - begin - kLengthBytes);
  std::memcpy(out->data() + begin, &length, sizeof(length));
}

Event EventRecord::Decode(const char* record, TextArena* arena, int64_t* row,
                          uint32_t* source) {
  Event event;
  event.at_us = AtMicros(record);
  event.kind = static_cast<EventKind>(record[kKindOffset]);
  event.by = static_cast<Actor>(record[kKindOffset + 1]);
  event.flags = static_cast<uint8_t>(record[kKindOffset + 2]);
  auto parts = LoadAs<uint32_t>(record + kPartsOffset);
  RecordReader reader(record + kVariableOffset);
  *row = static_cast<int64_t>(reader.Varint());
  *source = static_cast<uint32_t>(reader.Varint());
  for (size_t i = 0; i < std::size(kEventTexts); ++i) {
    if ((parts >> i & 1) != 0) event.*kEventTexts[i].text = reader.Text();
  }
  for (size_t i = 0; i < std::size(kNumbers); ++i) {
    if ((parts & kFirstNumber << i) != 0) {
      event.*kNumbers[i] = reader.Fixed<int64_t>();
    }
  }
  if ((parts & kReceivedAt) != 0) {
    event.received_at_us = reader.Fixed<int64_t>();
  }
  if ((parts & kInterval) != 0) event.interval_s = reader.Fixed<int64_t>();
  if ((parts & kErrors) != 0) {
    auto errors = arena->MakeArray<ErrorCount>(reader.Varint());
    for (ErrorCount& error : errors) {
      error.severity = reader.Text();
      error.count = reader.Fixed<int64_t>();
    }
    event.errors = errors;
  }
  if ((parts & kTags) != 0) {
    auto tags = arena->MakeArray<Tag>(reader.Varint());
    for (Tag& tag : tags) {
      tag.name = reader.Text();
      tag.value = reader.Text();
    }
    event.tags = tags;
  }
  return event;
}

}  // namespace cckpi
