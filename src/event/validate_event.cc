// What an event must be to count.

#include <algorithm>
#include <bit>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/event/event.h"
#include "src/base/load_bytes.h"
#include "src/event/event_rules.h"
#include "src/event/event_texts.h"

namespace cckpi {
namespace {

constexpr int64_t kBucketSeconds = kBucketSpan / kSecond;

// True for text that is all ASCII without NUL: nearly every text, and eight
// bytes at a time.
bool IsPlainText(std::string_view text) {
  const char* at = text.data();
  size_t left = text.size();
  constexpr uint64_t kHigh = 0x8080808080808080;
  constexpr uint64_t kLow = 0x0101010101010101;
  uint64_t suspect = 0;
  for (; left >= 8; at += 8, left -= 8) {
    const uint64_t word = LoadU64(at);
    // A byte of zero borrows into its own high bit; a byte beyond ASCII has
    // it already.
    suspect |= (word | (word - kLow)) & kHigh;
  }
  // Ones where there is no text.
  const uint64_t rest = LoadUpTo7(at, left) | kLow << (8 * left);
  suspect |= (rest | (rest - kLow)) & kHigh;
  return suspect == 0;
}

// RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    auto first = static_cast<uint8_t>(text[i]);
    if (first < 0x80) {
      ++i;
      continue;
    }
    size_t length = static_cast<size_t>(std::countl_one(first));
    if (length < 2 || length > 4 || i + length > text.size()) return false;
    uint32_t code = first & (0x7Fu >> length);
    for (size_t k = 1; k < length; ++k) {
      auto next = static_cast<uint8_t>(text[i + k]);
      if ((next & 0xC0) != 0x80) return false;
      code = code << 6 | (next & 0x3Fu);
    }
    constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kLeast[length] || code > 0x10FFFF) return false;
    if (code >= 0xD800 && code <= 0xDFFF) return false;
    i += length;
  }
  return true;
}

}  // namespace

std::string_view TextFault(std::string_view text) {
  if (text.size() > kMaxTextBytes) return "longer than 1024 bytes";
  if (IsPlainText(text)) return {};
  if (text.find('\0') != text.npos) return "holds a NUL character";
  if (!IsUtf8(text)) return "is not valid UTF-8";
  return {};
}

namespace {

absl::Status Bad(std::string_view field, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(field), ": ", std::string(reason)));
}

absl::Status CheckInstant(std::string_view field, int64_t at_us) {
  if (at_us < kEarliestTime) {
    return Bad(field, FormatTime(at_us) + " is before 1990");
  }
  if (at_us >= kLatestTime) {
    return Bad(field, FormatTime(at_us) + " is after 2099");
  }
  return absl::OkStatus();
}

absl::Status CheckTexts(const Event& event) {
  for (const EventText& field : kEventTexts) {
    std::string_view text = event.*field.text;
    if (text.empty()) continue;
    if (std::string_view fault = TextFault(text); !fault.empty()) {
      return Bad(field.name, fault);
    }
  }
  return absl::OkStatus();
}

// Checks the names of errors or tags: good text, not empty, each given once.
template <typename T>
absl::Status CheckNames(std::string_view field, std::span<const T> items,
                        std::string_view T::*name) {
  bool ascending = true;
  for (size_t i = 0; i < items.size(); ++i) {
    std::string_view text = items[i].*name;
    if (text.empty()) return Bad(field, "holds an empty name");
    if (std::string_view fault = TextFault(text); !fault.empty()) {
      return Bad(field, absl::StrCat("a name ", std::string(fault)));
    }
    if (i > 0 && !(items[i - 1].*name < text)) ascending = false;
  }
  if (ascending) return absl::OkStatus();
  std::vector<std::string_view> names;
  for (const T& item : items) names.push_back(item.*name);
  std::sort(names.begin(), names.end());
  auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return absl::OkStatus();
  return Bad(absl::StrCat(std::string(field), ".", std::string(*twice)),
             "given twice");
}

absl::Status CheckErrors(const Event& event) {
  if (absl::Status names =
          CheckNames("errors", event.errors, &ErrorCount::severity);
      !names.ok()) {
    return names;
  }
  for (const ErrorCount& error : event.errors) {
    if (error.count >= 0) continue;
    return Bad(EventKindName(event.kind),
               absl::StrCat("errors.", std::string(error.severity), " is ",
                            error.count));
  }
  return absl::OkStatus();
}

absl::Status CheckTags(const Event& event) {
  if (absl::Status names = CheckNames("tags", event.tags, &Tag::name);
      !names.ok()) {
    return names;
  }
  for (const Tag& tag : event.tags) {
    if (std::string_view fault = TextFault(tag.value); !fault.empty()) {
      return Bad(absl::StrCat("tags.", std::string(tag.name)), fault);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSurvey(const Event& event) {
  if (!event.score_micro.has_value()) {
    return Bad("score", "missing for surveyed");
  }
  // What is kept of a score can be negated and told from nothing.
  constexpr int64_t kMost = int64_t{1} << 62;
  if (*event.score_micro < -kMost || *event.score_micro > kMost) {
    return Bad("score", "is out of range");
  }
  if (!event.scale_micro.has_value()) return absl::OkStatus();
  if (*event.scale_micro > kMost) return Bad("scale", "is out of range");
  if (*event.scale_micro <= 0) {
    return Bad("surveyed",
               absl::StrCat("scale is ", FormatMicro(*event.scale_micro),
                            ", must be positive"));
  }
  if (*event.score_micro > *event.scale_micro) {
    return Bad("surveyed",
               absl::StrCat("score ", FormatMicro(*event.score_micro),
                            " is above the scale of ",
                            FormatMicro(*event.scale_micro)));
  }
  return absl::OkStatus();
}

absl::Status CheckForecast(const Event& event) {
  if (event.interval_s <= 0 || event.interval_s % kBucketSeconds != 0) {
    return Bad("forecast", absl::StrCat("interval_s is ", event.interval_s,
                                        ", must be a positive multiple of ",
                                        kBucketSeconds));
  }
  if (event.at_us % kBucketSpan != 0) {
    return Bad("at", FormatTime(event.at_us) +
                         " is not on a quarter of an hour, as a forecast "
                         "must be");
  }
  if (event.interval_s > (kLatestTime - event.at_us) / kSecond) {
    return Bad("forecast", absl::StrCat("interval_s is ", event.interval_s,
                                        ", which reaches past 2099"));
  }
  if (!event.volume_micro.has_value()) {
    return Bad("volume", "missing for forecast");
  }
  if (*event.volume_micro < 0) {
    return Bad("forecast",
               absl::StrCat("volume is ", FormatMicro(*event.volume_micro)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateEvent(const Event& event) {
  if (static_cast<int>(event.kind) >= kEventKindCount) {
    return Bad("kind", absl::StrCat(static_cast<int>(event.kind),
                                    " is no kind of event"));
  }
  if (event.by > Actor::kSystem) {
    return Bad("by", absl::StrCat(static_cast<int>(event.by), " is no actor"));
  }
  if ((event.flags & ~kAllFlags) != 0) {
    return Bad("flags", absl::StrCat(static_cast<int>(event.flags),
                                     " has an unknown bit"));
  }
  if (event.at_us == kNoTime) return Bad("at", "missing");
  if (!IsAcceptedInstant(event.at_us)) {
    return CheckInstant("at", event.at_us);
  }
  if (event.received_at_us != kNoTime) {
    if (absl::Status status = CheckInstant("received_at", event.received_at_us);
        !status.ok()) {
      return status;
    }
  }
  const KindSet kind = SetOf(event.kind);
  if ((kind & kOfNoInteraction) == 0 && event.interaction.empty()) {
    return Bad("interaction", "missing");
  }
  if ((kind & kNamesAgent) != 0 && event.agent.empty()) {
    return Bad("agent", absl::StrCat("missing for ",
                                     std::string(EventKindName(event.kind))));
  }
  if (absl::Status status = CheckTexts(event); !status.ok()) return status;
  if (!event.errors.empty()) {
    if (absl::Status status = CheckErrors(event); !status.ok()) return status;
  }
  if (!event.tags.empty()) {
    if (absl::Status status = CheckTags(event); !status.ok()) return status;
  }
  switch (event.kind) {
    case EventKind::kSurveyed:
      return CheckSurvey(event);
    case EventKind::kForecast:
      return CheckForecast(event);
    case EventKind::kAgentState:
      if (event.state.empty()) return Bad("state", "missing for agent_state");
      return absl::OkStatus();
    default:
      return absl::OkStatus();
  }
}

}  // namespace cckpi
