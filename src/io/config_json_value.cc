#include "src/io/config_json_value.h"

#include <cstddef>
#include <deque>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cckpi/io/config_json.h"

namespace cckpi {
namespace {

// Builds the tree from the parser's events. Returning false ends the parse.
class TreeBuilder {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  // NOLINTBEGIN(readability-identifier-naming): the parser's names
  bool null() { return Place(JsonValue::Type::kNull) != nullptr; }
  bool boolean(bool value) {
    JsonValue* place = Place(JsonValue::Type::kBoolean);
    if (place != nullptr) place->boolean = value;
    return place != nullptr;
  }
  bool number_integer(number_integer_t value) {
    JsonValue* place = Place(JsonValue::Type::kNumber);
    if (place != nullptr) place->text = std::to_string(value);
    return place != nullptr;
  }
  bool number_unsigned(number_unsigned_t value) {
    JsonValue* place = Place(JsonValue::Type::kNumber);
    if (place != nullptr) place->text = std::to_string(value);
    return place != nullptr;
  }
  bool number_float(number_float_t, const string_t& text) {
    JsonValue* place = Place(JsonValue::Type::kNumber);
    if (place != nullptr) place->text = text;
    return place != nullptr;
  }
  bool string(string_t& text) {
    JsonValue* place = Place(JsonValue::Type::kText);
    if (place != nullptr) place->text = std::move(text);
    return place != nullptr;
  }
  bool binary(binary_t&) { return false; }
  bool start_object(size_t) { return Open(JsonValue::Type::kObject); }
  bool start_array(size_t) { return Open(JsonValue::Type::kList); }
  bool key(string_t& name) {
    Level& level = levels_.back();
    if (level.seen.size() >= kMaxConfigItems) return TooMany();
    level.skip = !level.seen.insert(name).second;
    if (level.skip) {
      level.value->repeated.push_back(name);
    } else {
      level.value->members.push_back({std::move(name), JsonValue()});
    }
    return true;
  }
  bool end_object() { return Close(); }
  bool end_array() { return Close(); }
  bool parse_error(size_t position, const std::string&,
                   const nlohmann::json::exception& error) {
    error_offset_ = position == 0 ? 0 : position - 1;
    reason_ = error.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 2: …"
    const size_t column = reason_.find(", column ");
    const size_t colon = reason_.find(
        ": ", column == std::string::npos ? reason_.size() : column);
    if (colon != std::string::npos) reason_ = reason_.substr(colon + 2);
    // What it last read may be bytes that are no text.
    for (char& c : reason_) {
      if (c < ' ' || c > '~') c = '?';
    }
    return false;
  }
  // NOLINTEND(readability-identifier-naming)

  const std::string& limit() const { return limit_; }
  size_t error_offset() const { return error_offset_; }
  const std::string& reason() const { return reason_; }
  JsonValue TakeRoot() { return std::move(root_); }

 private:
  struct Level {
    JsonValue* value;            // stays where it is while the level is open
    std::set<std::string> seen;  // keys, of an object
    bool skip = false;           // the key's value is thrown away
  };

  bool TooMany() {
    limit_ = "more than " + std::to_string(kMaxConfigItems) +
             " items in one list or object";
    return false;
  }

  // The place of the next value in the tree; nullptr when its list is full.
  JsonValue* Place(JsonValue::Type type) {
    JsonValue* place = &root_;
    if (!levels_.empty()) {
      Level& level = levels_.back();
      if (level.value->type == JsonValue::Type::kList) {
        if (level.value->items.size() >= kMaxConfigItems) {
          TooMany();
          return nullptr;
        }
        place = &level.value->items.emplace_back();
      } else if (level.skip) {
        place = &skipped_.emplace_back();
      } else {
        place = &level.value->members.back().value;
      }
    }
    place->type = type;
    return place;
  }

  bool Open(JsonValue::Type type) {
    if (levels_.size() >= static_cast<size_t>(kMaxConfigDepth)) {
      limit_ = "nested more than " + std::to_string(kMaxConfigDepth) + " deep";
      return false;
    }
    JsonValue* place = Place(type);
    if (place == nullptr) return false;
    levels_.push_back({place, {}, false});
    return true;
  }

  bool Close() {
    levels_.pop_back();
    return true;
  }

  JsonValue root_;
  std::deque<JsonValue> skipped_;  // values of repeated keys
  std::vector<Level> levels_;
  std::string limit_;  // the limit that was passed
  size_t error_offset_ = 0;
  std::string reason_;
};

std::string LineAndColumn(std::string_view json, size_t offset) {
  size_t line = 1;
  size_t column = 1;
  for (size_t i = 0; i < offset && i < json.size(); ++i) {
    ++column;
    if (json[i] == '\n') {
      ++line;
      column = 1;
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

}  // namespace

const JsonValue* JsonValue::Find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string_view JsonTypeName(JsonValue::Type type) {
  switch (type) {
    case JsonValue::Type::kNull:
      return "null";
    case JsonValue::Type::kBoolean:
      return "true or false";
    case JsonValue::Type::kNumber:
      return "a number";
    case JsonValue::Type::kText:
      return "text";
    case JsonValue::Type::kList:
      return "a list";
    case JsonValue::Type::kObject:
      return "an object";
  }
  return "";
}

absl::StatusOr<JsonValue> ParseJsonValue(std::string_view json) {
  TreeBuilder builder;
  if (nlohmann::json::sax_parse(json.begin(), json.end(), &builder)) {
    return builder.TakeRoot();
  }
  if (!builder.limit().empty()) {
    return absl::InvalidArgumentError("configuration: " + builder.limit());
  }
  return absl::InvalidArgumentError(
      LineAndColumn(json, builder.error_offset()) + ": " + builder.reason());
}

}  // namespace cckpi
