#include "cckpi/event/event.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <vector>

#include "src/event/edit_distance.h"
#include "src/event/event_texts.h"

namespace cckpi {
namespace {

constexpr std::array<std::string_view, kEventKindCount> kKindNames = {
    "customer_message", "bot_message",   "bot_handoff", "queued",   "assigned",
    "accepted",         "agent_message", "unassigned",  "hold",     "resumed",
    "no_reply_needed",  "resolved",      "auto_closed", "reopened", "discarded",
    "priority_changed", "focus",         "blur",        "reviewed", "surveyed",
    "agent_state",      "forecast"};

constexpr std::array<std::string_view, 5> kActorNames = {"", "agent", "bot",
                                                         "customer", "system"};

constexpr std::array<std::string_view, 5> kFlagNames = {
    "private", "automated", "campaign", "reaction", "echo"};

constexpr int kMicroDigits = 6;
constexpr uint64_t kMicroUnit = 1'000'000;

// Errors and tags are sets keyed by name: their order in the span says
// nothing, so they are compared in the order of their names.
template <typename T, typename Name>
std::strong_ordering CompareByName(std::span<const T> a, std::span<const T> b,
                                   Name name,
                                   std::strong_ordering (*rest)(const T&,
                                                                const T&)) {
  auto before = [&](const T& x, const T& y) {
    if (name(x) != name(y)) return name(x) < name(y);
    return rest(x, y) < 0;
  };
  std::vector<T> sorted_a;
  std::vector<T> sorted_b;
  auto canonical = [&](std::span<const T> items, std::vector<T>* sorted) {
    if (std::is_sorted(items.begin(), items.end(), before)) return items;
    sorted->assign(items.begin(), items.end());
    std::sort(sorted->begin(), sorted->end(), before);
    return std::span<const T>(*sorted);
  };
  a = canonical(a, &sorted_a);
  b = canonical(b, &sorted_b);
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (auto order = name(a[i]) <=> name(b[i]); order != 0) return order;
    if (auto order = rest(a[i], b[i]); order != 0) return order;
  }
  return a.size() <=> b.size();
}

std::strong_ordering CompareErrors(std::span<const ErrorCount> a,
                                   std::span<const ErrorCount> b) {
  if (a.empty() && b.empty()) return std::strong_ordering::equal;
  return CompareByName<ErrorCount>(
      a, b, [](const ErrorCount& error) { return error.severity; },
      [](const ErrorCount& x, const ErrorCount& y) {
        return x.count <=> y.count;
      });
}

std::strong_ordering CompareTags(std::span<const Tag> a,
                                 std::span<const Tag> b) {
  if (a.empty() && b.empty()) return std::strong_ordering::equal;
  return CompareByName<Tag>(
      a, b, [](const Tag& tag) { return tag.name; },
      [](const Tag& x, const Tag& y) { return x.value <=> y.value; });
}

}  // namespace

std::string_view EventKindName(EventKind kind) {
  auto index = static_cast<size_t>(kind);
  return index < kKindNames.size() ? kKindNames[index] : std::string_view();
}

std::optional<EventKind> ParseEventKind(std::string_view name) {
  for (size_t i = 0; i < kKindNames.size(); ++i) {
    if (kKindNames[i] == name) return static_cast<EventKind>(i);
  }
  return std::nullopt;
}

std::string_view ActorName(Actor actor) {
  auto index = static_cast<size_t>(actor);
  return index < kActorNames.size() ? kActorNames[index] : std::string_view();
}

std::optional<Actor> ParseActor(std::string_view name) {
  for (size_t i = 1; i < kActorNames.size(); ++i) {
    if (kActorNames[i] == name) return static_cast<Actor>(i);
  }
  return std::nullopt;
}

uint8_t ParseMessageFlag(std::string_view name) {
  for (size_t i = 0; i < kFlagNames.size(); ++i) {
    if (kFlagNames[i] == name) return static_cast<uint8_t>(1u << i);
  }
  return 0;
}

std::string MessageFlagNames(uint8_t flags) {
  std::string names;
  for (size_t i = 0; i < kFlagNames.size(); ++i) {
    if ((flags >> i & 1u) == 0) continue;
    if (!names.empty()) names += ' ';
    names += kFlagNames[i];
  }
  return names;
}

std::string_view NearestEventKind(std::string_view name) {
  return NearestName(kKindNames, name);
}

std::optional<int64_t> ParseMicro(std::string_view text) {
  bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  size_t point = std::min(text.find('.'), text.size());
  std::string_view whole = text.substr(0, point);
  std::string_view decimals;
  if (point < text.size()) {
    decimals = text.substr(point + 1);
    if (decimals.empty()) return std::nullopt;
  }
  if (whole.empty()) return std::nullopt;

  // One more than the greatest int64_t, for the least one.
  constexpr uint64_t kLimit = uint64_t{1} << 63;
  uint64_t micro = 0;
  auto append = [&](char digit) {
    if (digit < '0' || digit > '9') return false;
    auto value = static_cast<uint64_t>(digit - '0');
    if (micro > (kLimit - value) / 10) return false;
    micro = micro * 10 + value;
    return true;
  };
  for (char digit : whole) {
    if (!append(digit)) return std::nullopt;
  }
  for (size_t i = 0; i < kMicroDigits; ++i) {
    if (!append(i < decimals.size() ? decimals[i] : '0')) return std::nullopt;
  }
  for (size_t i = kMicroDigits; i < decimals.size(); ++i) {
    if (decimals[i] != '0') return std::nullopt;
  }
  if (!negative && micro == kLimit) return std::nullopt;
  return static_cast<int64_t>(negative ? uint64_t{0} - micro : micro);
}

std::string FormatMicro(int64_t micro) {
  auto magnitude = static_cast<uint64_t>(micro);
  if (micro < 0) magnitude = uint64_t{0} - magnitude;
  std::string text = micro < 0 ? "-" : "";
  text += std::to_string(magnitude / kMicroUnit);
  if (uint64_t fraction = magnitude % kMicroUnit; fraction != 0) {
    std::string digits = std::to_string(kMicroUnit + fraction).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    text += '.';
    text += digits;
  }
  return text;
}

std::strong_ordering CompareEvents(const Event& a, const Event& b) {
  if (a.at_us != b.at_us) return a.at_us <=> b.at_us;
  if (a.kind != b.kind) return a.kind <=> b.kind;
  for (const auto& [name, text] : kEventTexts) {
    if (auto order = a.*text <=> b.*text; order != 0) return order;
  }
  if (a.received_at_us != b.received_at_us) {
    return a.received_at_us <=> b.received_at_us;
  }
  if (a.by != b.by) return a.by <=> b.by;
  if (a.flags != b.flags) return a.flags <=> b.flags;
  if (auto order = CompareErrors(a.errors, b.errors); order != 0) return order;
  if (auto order = CompareTags(a.tags, b.tags); order != 0) return order;
  if (a.score_micro != b.score_micro) return a.score_micro <=> b.score_micro;
  if (a.scale_micro != b.scale_micro) return a.scale_micro <=> b.scale_micro;
  if (a.volume_micro != b.volume_micro) {
    return a.volume_micro <=> b.volume_micro;
  }
  return a.interval_s <=> b.interval_s;
}

}  // namespace cckpi
