#include "src/io/config_json_reader.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/event/event.h"
#include "cckpi/io/config_json.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/threshold.h"
#include "src/base/text.h"
#include "src/kpi/did_you_mean.h"

namespace cckpi {
namespace {

constexpr std::string_view kDimensionNames[] = {"channel", "source", "team",
                                                "agent", "priority"};

bool IsPlainKey(std::string_view key) {
  if (key.empty()) return false;
  return std::all_of(key.begin(), key.end(), [](char c) {
    return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') ||
           ('0' <= c && c <= '9') || c == '_' || c == '-' || c == '$';
  });
}

std::string UnknownDimension(std::string_view name) {
  return Quoted(name) +
         " is none of channel, source, team, agent, priority, tag.NAME" +
         DidYouMean(name, kDimensionNames);
}

std::string WrongType(JsonValue::Type expected, const JsonValue& value) {
  return "must be " + std::string(JsonTypeName(expected)) + ", is " +
         std::string(JsonTypeName(value.type));
}

}  // namespace

void ConfigErrors::Add(const std::string& path, const std::string& reason) {
  if (++count_ > kMaxConfigErrors) return;
  if (!text_.empty()) text_ += '\n';
  text_ += path.empty() ? "configuration" : path;
  text_ += ": ";
  text_ += reason;
}

void ConfigErrors::AddStatus(const std::string& path,
                             const absl::Status& status) {
  const std::string message(status.message());
  const size_t colon = message.find(": ");
  std::string name = message.substr(0, std::min(colon, message.size()));
  if (name.size() > 2 && name.front() == '"' && name.back() == '"') {
    name = name.substr(1, name.size() - 2);
  }
  const bool is_name = colon != std::string::npos &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return ('a' <= c && c <= 'z') ||
                                ('0' <= c && c <= '9') || c == '_' ||
                                c == '-' || c == '.' || c == '[' || c == ']';
                       });
  if (!is_name) {
    Add(path, message);
  } else {
    Add(path.empty() ? name : path + "." + name, message.substr(colon + 2));
  }
}

absl::Status ConfigErrors::ToStatus() const {
  if (count_ == 0) return absl::OkStatus();
  std::string message = text_;
  if (count_ > kMaxConfigErrors) {
    message += "\nand " + std::to_string(count_ - kMaxConfigErrors) +
               " further errors";
  }
  return absl::InvalidArgumentError(message);
}

std::string ListOf(std::span<const std::string_view> names) {
  std::string list;
  for (std::string_view name : names) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  return list;
}

std::string MemberPath(const std::string& path, std::string_view key) {
  if (!IsPlainKey(key)) return path + "[" + Quoted(key) + "]";
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

ObjectReader::ObjectReader(const JsonValue& json, std::string path,
                           std::string_view section, ConfigErrors& errors)
    : json_(json), path_(std::move(path)), errors_(errors) {
  if (json_.type != JsonValue::Type::kObject) {
    errors_.Add(path_, WrongType(JsonValue::Type::kObject, json_));
    return;
  }
  for (const std::string& key : json_.repeated) Error(key, "given twice");
  if (section == "*") return;
  std::span<const std::string_view> known;
  for (const ConfigSection& candidate : ConfigSections()) {
    if (candidate.path == section) known = candidate.keys;
  }
  for (const auto& [key, value] : json_.members) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      Error(key, "unknown key" + DidYouMean(key, known));
    }
  }
}

std::string ObjectReader::Path(std::string_view key) const {
  return MemberPath(path_, key);
}

void ObjectReader::Error(std::string_view key,
                         const std::string& reason) const {
  errors_.Add(Path(key), reason);
}

const JsonValue* ObjectReader::Find(std::string_view key) const {
  return json_.Find(key);
}

const JsonValue* ObjectReader::Typed(std::string_view key,
                                     JsonValue::Type type) const {
  const JsonValue* value = Find(key);
  if (value == nullptr) return nullptr;
  if (value->type != type) {
    Error(key, WrongType(type, *value));
    return nullptr;
  }
  return value;
}

std::optional<std::string> ObjectReader::Text(std::string_view key) const {
  const JsonValue* value = Typed(key, JsonValue::Type::kText);
  if (value == nullptr) return std::nullopt;
  if (value->text.empty()) {
    Error(key, "must not be empty");
    return std::nullopt;
  }
  if (value->text.size() > kMaxTextBytes) {
    Error(key, "longer than " + std::to_string(kMaxTextBytes) + " bytes");
    return std::nullopt;
  }
  return value->text;
}

std::optional<std::string> ObjectReader::RequiredText(
    std::string_view key) const {
  if (Find(key) == nullptr) Missing(key);
  return Text(key);
}

std::optional<int64_t> ObjectReader::Span(std::string_view key) const {
  const JsonValue* value = Find(key);
  if (value == nullptr) return std::nullopt;
  if (value->type != JsonValue::Type::kText) {
    Error(key, "must be a span such as \"15m\" or \"7d\", is " +
                   std::string(JsonTypeName(value->type)));
    return std::nullopt;
  }
  absl::StatusOr<int64_t> span = ParseSpan(value->text);
  if (!span.ok()) {
    Error(key,
          Quoted(value->text) + " is no span such as \"15m\" or \"1h30m\"");
    return std::nullopt;
  }
  if (*span > kLongestConfigSpan) {
    Error(key, "must be at most " + FormatSpan(kLongestConfigSpan) + ", is " +
                   FormatSpan(*span));
    return std::nullopt;
  }
  return *span;
}

std::optional<int64_t> ObjectReader::PositiveSpan(std::string_view key) const {
  std::optional<int64_t> span = Span(key);
  if (span == 0) {
    Error(key, "must be longer than 0");
    return std::nullopt;
  }
  return span;
}

std::optional<int64_t> ObjectReader::Integer(std::string_view key,
                                             int64_t least,
                                             int64_t most) const {
  const JsonValue* value = Typed(key, JsonValue::Type::kNumber);
  if (value == nullptr) return std::nullopt;
  std::optional<int64_t> micro = ParseMicro(value->text);
  const bool whole = micro.has_value() && *micro % 1'000'000 == 0;
  if (!whole || *micro / 1'000'000 < least || *micro / 1'000'000 > most) {
    Error(key, "must be a whole number from " + std::to_string(least) + " to " +
                   std::to_string(most) + ", is " + value->text.substr(0, 40));
    return std::nullopt;
  }
  return *micro / 1'000'000;
}

std::optional<int64_t> ObjectReader::Permille(std::string_view key,
                                              int64_t most_permille) const {
  const JsonValue* value = Typed(key, JsonValue::Type::kNumber);
  if (value == nullptr) return std::nullopt;
  std::optional<int64_t> micro = ParseMicro(value->text);
  if (!micro.has_value() || *micro <= 0 || *micro % 1000 != 0 ||
      *micro / 1000 > most_permille) {
    Error(key, "must be more than 0 and at most " +
                   FormatMicro(most_permille * 1000) +
                   ", with at most three decimals, is " +
                   value->text.substr(0, 40));
    return std::nullopt;
  }
  return *micro / 1000;
}

std::optional<bool> ObjectReader::Flag(std::string_view key) const {
  const JsonValue* value = Typed(key, JsonValue::Type::kBoolean);
  if (value == nullptr) return std::nullopt;
  return value->boolean;
}

std::optional<int64_t> ObjectReader::Time(std::string_view key) const {
  const JsonValue* value = Typed(key, JsonValue::Type::kText);
  if (value == nullptr) return std::nullopt;
  absl::StatusOr<int64_t> at_us = ParseTime(value->text);
  if (!at_us.ok()) {
    Error(key, Quoted(value->text) +
                   " is no instant such as \"2026-01-01T00:00:00Z\"");
    return std::nullopt;
  }
  if (*at_us < kEarliestTime || *at_us >= kLatestTime) {
    Error(key, "must be from 1990 to 2099, is " + FormatTime(*at_us));
    return std::nullopt;
  }
  return *at_us;
}

std::optional<size_t> ObjectReader::Choice(
    std::string_view key, std::span<const std::string_view> words) const {
  const JsonValue* value = Typed(key, JsonValue::Type::kText);
  if (value == nullptr) return std::nullopt;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == value->text) return i;
  }
  Error(key, Quoted(value->text) + " is none of " + ListOf(words) +
                 DidYouMean(value->text, words));
  return std::nullopt;
}

std::vector<std::string> ObjectReader::Texts(std::string_view key) const {
  std::vector<std::string> texts;
  ForEach(key, [&](const JsonValue& item, const std::string& path) {
    if (std::optional<std::string> text = ItemText(item, path, errors_)) {
      texts.push_back(*std::move(text));
    }
  });
  return texts;
}

std::vector<std::string> ObjectReader::RequiredTexts(
    std::string_view key) const {
  const JsonValue* value = Find(key);
  if (value == nullptr) Missing(key);
  if (value != nullptr && value->type == JsonValue::Type::kList &&
      value->items.empty()) {
    Error(key, "must not be empty");
  }
  return Texts(key);
}

void ObjectReader::ForEach(
    std::string_view key,
    const std::function<void(const JsonValue&, const std::string&)>& read)
    const {
  const JsonValue* list = Typed(key, JsonValue::Type::kList);
  if (list == nullptr) return;
  for (size_t i = 0; i < list->items.size(); ++i) {
    read(list->items[i], Path(key) + "[" + std::to_string(i) + "]");
  }
}

std::map<std::string, std::string> ObjectReader::Scope(
    std::string_view key) const {
  std::map<std::string, std::string> scope;
  const JsonValue* json = Find(key);
  if (json == nullptr) return scope;
  const ObjectReader reader(*json, Path(key), "*", errors_);
  for (const auto& [name, value] : json->members) {
    if (!ParseDimension(name).has_value()) {
      reader.Error(name, UnknownDimension(name));
    } else if (std::optional<std::string> text = reader.Text(name)) {
      scope[name] = *std::move(text);
    }
  }
  return scope;
}

GroupBy ObjectReader::Dimensions(std::string_view key) const {
  const JsonValue* list = Find(key);
  return list == nullptr ? GroupBy()
                         : ReadDimensions(*list, Path(key), errors_);
}

std::optional<int64_t> ObjectReader::Quantity(std::string_view key,
                                              std::optional<Unit> unit) const {
  const JsonValue* value = Find(key);
  if (value == nullptr) return std::nullopt;
  const bool as_number =
      value->type == JsonValue::Type::kNumber && unit != Unit::kSeconds;
  if (value->type != JsonValue::Type::kText && !as_number) {
    Error(key, WrongType(JsonValue::Type::kText, *value));
    return std::nullopt;
  }
  absl::StatusOr<int64_t> quantity = ParseQuantity(value->text, unit);
  if (!quantity.ok()) {
    Error(key, std::string(quantity.status().message()));
    return std::nullopt;
  }
  return *quantity;
}

std::optional<Threshold> ObjectReader::ReadThreshold(
    std::string_view key, std::optional<Unit> unit) const {
  const JsonValue* value = Typed(key, JsonValue::Type::kText);
  if (value == nullptr) return std::nullopt;
  absl::StatusOr<Threshold> threshold = ParseThreshold(value->text, unit);
  if (!threshold.ok()) {
    Error(key, std::string(threshold.status().message()));
    return std::nullopt;
  }
  return *threshold;
}

std::optional<std::string> ItemText(const JsonValue& item,
                                    const std::string& path,
                                    ConfigErrors& errors) {
  if (item.type != JsonValue::Type::kText) {
    errors.Add(path, WrongType(JsonValue::Type::kText, item));
    return std::nullopt;
  }
  if (item.text.empty()) {
    errors.Add(path, "must not be empty");
    return std::nullopt;
  }
  if (item.text.size() > kMaxTextBytes) {
    errors.Add(path, "longer than " + std::to_string(kMaxTextBytes) + " bytes");
    return std::nullopt;
  }
  return item.text;
}

GroupBy ReadDimensions(const JsonValue& list, const std::string& path,
                       ConfigErrors& errors) {
  GroupBy group;
  if (list.type != JsonValue::Type::kList) {
    errors.Add(path, WrongType(JsonValue::Type::kList, list));
    return group;
  }
  for (size_t i = 0; i < list.items.size(); ++i) {
    const std::string item_path = path + "[" + std::to_string(i) + "]";
    std::optional<std::string> name =
        ItemText(list.items[i], item_path, errors);
    if (!name.has_value()) continue;
    std::optional<Dimension> dimension = ParseDimension(*name);
    if (!dimension.has_value()) {
      errors.Add(item_path, UnknownDimension(*name));
    } else if (std::find(group.begin(), group.end(), *dimension) !=
               group.end()) {
      errors.Add(item_path, Quoted(*name) + " is there twice");
    } else {
      group.push_back(*dimension);
    }
  }
  return group;
}

}  // namespace cckpi
