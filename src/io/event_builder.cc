#include "src/io/event_builder.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/event/event_texts.h"

namespace cckpi {
namespace {

constexpr std::array<std::string_view, kFieldCount> kNames = {
    "at",         "kind",    "id",     "received_at", "interaction", "customer",
    "channel",    "source",  "team",   "agent",       "priority",    "by",
    "flags",      "message", "errors", "score",       "scale",       "state",
    "interval_s", "volume",  "reason", "tags"};

constexpr size_t kLongestName = 11;
constexpr size_t kMostOfOneLength = 7;

// The fields whose names have a length, so that a name is compared with the
// few it can be.
struct NamesByLength {
  std::array<std::array<Field, kMostOfOneLength>, kLongestName + 1> fields{};
  std::array<size_t, kLongestName + 1> counts{};
};

constexpr NamesByLength MakeNamesByLength() {
  NamesByLength by_length;
  for (size_t i = 0; i < kFieldCount; ++i) {
    size_t length = kNames[i].size();
    by_length.fields[length][by_length.counts[length]++] =
        static_cast<Field>(i);
  }
  return by_length;
}

constexpr NamesByLength kByLength = MakeNamesByLength();

std::string_view Event::*TextOf(Field field) {
  switch (field) {
    case Field::kId:
      return &Event::id;
    case Field::kInteraction:
      return &Event::interaction;
    case Field::kCustomer:
      return &Event::customer;
    case Field::kChannel:
      return &Event::channel;
    case Field::kSource:
      return &Event::source;
    case Field::kTeam:
      return &Event::team;
    case Field::kAgent:
      return &Event::agent;
    case Field::kPriority:
      return &Event::priority;
    case Field::kMessage:
      return &Event::message;
    case Field::kState:
      return &Event::state;
    default:
      return &Event::reason;
  }
}

// Whole numbers only, with or without a sign.
bool ParseInteger(std::string_view text, int64_t* value) {
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string_view FieldName(Field field) {
  auto index = static_cast<size_t>(field);
  return index < kFieldCount ? kNames[index] : std::string_view();
}

Field ParseField(std::string_view name) {
  if (name.size() > kLongestName) return Field::kUnknown;
  size_t count = kByLength.counts[name.size()];
  for (size_t i = 0; i < count; ++i) {
    Field field = kByLength.fields[name.size()][i];
    if (kNames[static_cast<size_t>(field)] == name) return field;
  }
  return Field::kUnknown;
}

std::span<const std::string_view> FieldNames() { return kNames; }

std::string ShortText(std::string_view text) {
  constexpr size_t kMost = 64;
  size_t length = std::min(text.size(), kMost);
  // Never cuts a character in two.
  while (length > 0 && length < text.size() &&
         (static_cast<uint8_t>(text[length]) & 0xC0) == 0x80) {
    --length;
  }
  std::string shown(text.substr(0, length));
  bool utf8 = simdjson::validate_utf8(shown.data(), shown.size());
  for (char& c : shown) {
    auto byte = static_cast<uint8_t>(c);
    if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !utf8)) c = '?';
  }
  if (length < text.size()) shown += "…";
  return shown;
}

std::string QuoteShort(std::string_view text) {
  return absl::StrCat("\"", ShortText(text), "\"");
}

bool EventBuilder::Fail(Field field, std::string_view reason,
                        std::string_view name) {
  why_ = FieldName(field);
  if (!name.empty()) absl::StrAppend(&why_, ".", std::string(name));
  absl::StrAppend(&why_, ": ", std::string(reason));
  return false;
}

void EventBuilder::SetText(Field field, std::string_view text) {
  event_.*TextOf(field) = text;
}

bool EventBuilder::SetKindName(std::string_view name) {
  std::optional<EventKind> kind = ParseEventKind(name);
  if (kind.has_value()) {
    SetKind(*kind);
    return true;
  }
  return Fail(Field::kKind,
              absl::StrCat(QuoteShort(name), " is unknown; did you mean \"",
                           std::string(NearestEventKind(name)), "\"?"));
}

bool EventBuilder::AddFlag(std::string_view name) {
  uint8_t flag = ParseMessageFlag(name);
  if (flag == 0) {
    return Fail(Field::kFlags, absl::StrCat(QuoteShort(name), " is unknown"));
  }
  event_.flags |= flag;
  return true;
}

bool EventBuilder::SetFlags(std::string_view names) {
  while (!names.empty()) {
    size_t blank = std::min(names.find(' '), names.size());
    if (blank > 0 && !AddFlag(names.substr(0, blank))) return false;
    names.remove_prefix(std::min(blank + 1, names.size()));
  }
  return true;
}

bool EventBuilder::SetTime(Field field, std::string_view text, int64_t* at_us) {
  absl::StatusOr<int64_t> parsed = ParseTime(text);
  if (!parsed.ok()) {
    return Fail(field, absl::StrCat(QuoteShort(text),
                                    " is not RFC 3339 with an offset, nor "
                                    "integer microseconds"));
  }
  *at_us = *parsed;
  return true;
}

bool EventBuilder::SetNumber(Field field, std::string_view text,
                             std::optional<int64_t>* micro) {
  *micro = ParseMicro(text);
  if (micro->has_value()) return true;
  return Fail(field, absl::StrCat(QuoteShort(text),
                                  " is not a decimal number of at most six "
                                  "decimals"));
}

bool EventBuilder::Set(Field field, std::string_view text,
                       std::string_view name) {
  if (text.empty()) return true;
  if (IsText(field)) {
    SetText(field, text);
    return true;
  }
  switch (field) {
    case Field::kAt:
      return SetTime(field, text, &event_.at_us);
    case Field::kReceivedAt:
      return SetTime(field, text, &event_.received_at_us);
    case Field::kKind:
      return SetKindName(text);
    case Field::kBy: {
      std::optional<Actor> actor = ParseActor(text);
      if (!actor.has_value()) {
        return Fail(field, absl::StrCat(QuoteShort(text),
                                        " is not agent, bot, customer or "
                                        "system"));
      }
      event_.by = *actor;
      return true;
    }
    case Field::kFlags:
      return SetFlags(text);
    case Field::kErrors: {
      int64_t count = 0;
      if (!ParseInteger(text, &count)) {
        return Fail(field, absl::StrCat(QuoteShort(text), " is not an integer"),
                    name);
      }
      AddError(name, count);
      return true;
    }
    case Field::kScore:
      return SetNumber(field, text, &event_.score_micro);
    case Field::kScale:
      return SetNumber(field, text, &event_.scale_micro);
    case Field::kVolume:
      return SetNumber(field, text, &event_.volume_micro);
    case Field::kIntervalS:
      if (!ParseInteger(text, &event_.interval_s)) {
        return Fail(field,
                    absl::StrCat(QuoteShort(text), " is not an integer"));
      }
      return true;
    case Field::kTags:
      AddTag(name, text);
      return true;
    default:
      return true;
  }
}

void EventBuilder::Refuse(int64_t row, std::string reason, EventBatch* batch) {
  std::string_view found = event_.id.empty() ? event_.interaction : event_.id;
  batch->refusals.push_back({.source = name_,
                             .row = row,
                             .reason = std::move(reason),
                             .event = ShortText(found)});
}

void EventBuilder::Commit(int64_t row, EventBatch* batch) {
  if (!has_kind_) {
    Refuse(row, "kind: missing", batch);
    return;
  }
  if (!errors_.empty()) {
    std::sort(errors_.begin(), errors_.end(),
              [](const ErrorCount& a, const ErrorCount& b) {
                return a.severity < b.severity;
              });
  }
  if (!tags_.empty()) {
    std::sort(tags_.begin(), tags_.end(),
              [](const Tag& a, const Tag& b) { return a.name < b.name; });
  }
  event_.errors = errors_;
  event_.tags = tags_;
  if (absl::Status status = ValidateEvent(event_); !status.ok()) {
    Refuse(row, std::string(status.message()), batch);
    return;
  }
  CopyInto(batch);
  batch->rows.push_back(row);
}

// One allocation holds all the text of an event.
void EventBuilder::CopyInto(EventBatch* batch) {
  size_t bytes = 0;
  for (const auto& [name, text] : kEventTexts) bytes += (event_.*text).size();
  for (const ErrorCount& error : errors_) bytes += error.severity.size();
  for (const Tag& tag : tags_) bytes += tag.name.size() + tag.value.size();

  Event& copy = batch->events.emplace_back(event_);
  char* out = batch->text.Allocate(bytes);
  auto move_text = [&out](std::string_view* text) {
    if (text->empty()) return;
    std::memcpy(out, text->data(), text->size());
    *text = {out, text->size()};
    out += text->size();
  };
  for (const auto& [name, text] : kEventTexts) move_text(&(copy.*text));
  if (!errors_.empty()) {
    auto errors = batch->text.MakeArray<ErrorCount>(errors_.size());
    std::copy(errors_.begin(), errors_.end(), errors.begin());
    for (ErrorCount& error : errors) move_text(&error.severity);
    copy.errors = errors;
  }
  if (!tags_.empty()) {
    auto tags = batch->text.MakeArray<Tag>(tags_.size());
    std::copy(tags_.begin(), tags_.end(), tags.begin());
    for (Tag& tag : tags) {
      move_text(&tag.name);
      move_text(&tag.value);
    }
    copy.tags = tags;
  }
}

}  // namespace cckpi
