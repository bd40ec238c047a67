// JSON as a tree that keeps what a configuration needs: members in their
// order, numbers as their text, keys that were given twice.

#ifndef CCKPI_IO_CONFIG_JSON_VALUE_H_
#define CCKPI_IO_CONFIG_JSON_VALUE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace cckpi {

struct JsonValue {
  enum class Type : uint8_t { kNull, kBoolean, kNumber, kText, kList, kObject };
  Type type = Type::kNull;
  bool boolean = false;
  std::string text;  // of kText; of kNumber as it was written
  std::vector<JsonValue> items;
  struct Member;
  std::vector<Member> members;        // of each name the first
  std::vector<std::string> repeated;  // keys that came again

  const JsonValue* Find(std::string_view key) const;  // nullptr: none
};

struct JsonValue::Member {
  std::string name;
  JsonValue value;
};

// "a list", "text", …: for messages.
std::string_view JsonTypeName(JsonValue::Type type);

// InvalidArgument `line 3, column 7: …` for what is no JSON, and for a tree
// beyond kMaxConfigDepth or kMaxConfigItems. Never recurses.
absl::StatusOr<JsonValue> ParseJsonValue(std::string_view json);

}  // namespace cckpi

#endif  // CCKPI_IO_CONFIG_JSON_VALUE_H_
