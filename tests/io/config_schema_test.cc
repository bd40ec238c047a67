// config.schema.json and the parser know the same keys and the same examples.

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "cckpi/io/config_json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cckpi {
namespace {

using Json = nlohmann::json;

std::string ReadFile(const std::string& path) {
  std::ifstream file(std::string(CCKPI_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

const Json& Schema() {
  static const Json* schema = new Json(Json::parse(
      ReadFile("config.schema.json"), nullptr, /*allow_exceptions=*/false));
  return *schema;
}

// Follows "$ref": "#/$defs/name".
const Json& Resolved(const Json& schema) {
  if (!schema.contains("$ref")) return schema;
  const std::string ref = schema["$ref"].get<std::string>();
  return Schema()["$defs"][ref.substr(std::string("#/$defs/").size())];
}

// The part of JSON Schema that our schema uses, checked the plain way. Gives
// the first thing that is wrong, or nothing.
std::string Violation(const Json& schema, const Json& value,
                      const std::string& path) {
  if (schema.contains("$ref")) {
    std::string wrong = Violation(Resolved(schema), value, path);
    if (!wrong.empty()) return wrong;
  }
  if (schema.contains("type")) {
    std::vector<std::string> types;
    if (schema["type"].is_array()) {
      types = schema["type"].get<std::vector<std::string>>();
    } else {
      types = {schema["type"].get<std::string>()};
    }
    bool is_one = false;
    for (const std::string& type : types) {
      is_one = is_one || (type == "object" && value.is_object()) ||
               (type == "array" && value.is_array()) ||
               (type == "string" && value.is_string()) ||
               (type == "number" && value.is_number()) ||
               (type == "integer" && value.is_number_integer()) ||
               (type == "boolean" && value.is_boolean());
    }
    if (!is_one) return path + ": type";
  }
  if (schema.contains("enum")) {
    bool is_one = false;
    for (const Json& word : schema["enum"]) is_one = is_one || word == value;
    if (!is_one) return path + ": enum";
  }
  if (value.is_string() && schema.contains("pattern") &&
      !std::regex_search(value.get<std::string>(),
                         std::regex(schema["pattern"].get<std::string>()))) {
    return path + ": pattern";
  }
  for (const char* key : {"oneOf", "anyOf"}) {
    if (!schema.contains(key)) continue;
    int matches = 0;
    for (const Json& choice : schema[key]) {
      if (Violation(choice, value, path).empty()) ++matches;
    }
    if (matches == 0 || (matches > 1 && std::string(key) == "oneOf")) {
      return path + ": " + key;
    }
  }
  if (schema.contains("required") && value.is_object()) {
    for (const Json& key : schema["required"]) {
      if (!value.contains(key.get<std::string>())) {
        return path + ": lacks " + key.get<std::string>();
      }
    }
  }
  if (value.is_array()) {
    if (schema.contains("minItems") && value.size() < schema["minItems"]) {
      return path + ": minItems";
    }
    for (size_t i = 0; schema.contains("items") && i < value.size(); ++i) {
      std::string wrong = Violation(schema["items"], value[i],
                                    path + "[" + std::to_string(i) + "]");
      if (!wrong.empty()) return wrong;
    }
  }
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      const Json* part = nullptr;
      if (schema.contains("properties") && schema["properties"].contains(key)) {
        part = &schema["properties"][key];
      } else if (schema.contains("additionalProperties")) {
        part = &schema["additionalProperties"];
      }
      if (part == nullptr) continue;
      if (part->is_boolean()) return path + "." + key + ": unknown";
      std::string wrong = Violation(*part, member, path + "." + key);
      if (!wrong.empty()) return wrong;
    }
  }
  return "";
}

// Every object with known keys, by its path as in ConfigSections().
void CollectSections(const Json& unresolved, const std::string& path,
                     std::map<std::string, std::set<std::string>>& sections) {
  const Json& schema = Resolved(unresolved);
  if (schema.contains("properties")) {
    EXPECT_EQ(schema["additionalProperties"], Json(false)) << path;
    for (const auto& [key, part] : schema["properties"].items()) {
      sections[path].insert(key);
      CollectSections(part, path.empty() ? key : path + "." + key, sections);
    }
  } else if (schema.contains("additionalProperties")) {
    CollectSections(schema["additionalProperties"], path + ".*", sections);
  }
  if (schema.contains("items")) {
    CollectSections(schema["items"], path + "[]", sections);
  }
  for (const char* key : {"oneOf", "anyOf"}) {
    if (!schema.contains(key)) continue;
    for (const Json& choice : schema[key]) {
      CollectSections(choice, path, sections);
    }
  }
}

// The ```json blocks of the manual: configurations.
std::vector<std::string> Examples() {
  const std::string page =
      ReadFile("docs/config.md") + ReadFile("docs/scorecards.md");
  const std::string fence = "```json\n";
  std::vector<std::string> examples;
  for (size_t begin = page.find(fence); begin != std::string::npos;
       begin = page.find(fence, begin)) {
    begin += fence.size();
    examples.push_back(page.substr(begin, page.find("```", begin) - begin));
  }
  return examples;
}

TEST(ConfigSchemaTest, IsJsonSchema202012) {
  ASSERT_TRUE(Schema().is_object());
  EXPECT_EQ(Schema()["$schema"],
            "https://json-schema.org/draft/2020-12/schema");
}

TEST(ConfigSchemaTest, KnowsTheKeysOfTheParserAndNoOther) {
  std::map<std::string, std::set<std::string>> in_schema;
  CollectSections(Schema(), "", in_schema);
  std::map<std::string, std::set<std::string>> in_parser;
  for (const ConfigSection& section : ConfigSections()) {
    std::set<std::string>& keys = in_parser[std::string(section.path)];
    for (std::string_view key : section.keys) keys.insert(std::string(key));
    EXPECT_EQ(keys.size(), section.keys.size()) << section.path;
  }
  EXPECT_EQ(in_schema, in_parser);
}

TEST(ConfigSchemaTest, DescribesEveryKey) {
  std::vector<const Json*> open = {&Schema()};
  int described = 0;
  while (!open.empty()) {
    const Json& schema = *open.back();
    open.pop_back();
    for (const auto& [key, part] : schema.items()) {
      if (part.is_structured()) open.push_back(&part);
    }
    if (!schema.is_object() || !schema.contains("properties")) continue;
    for (const auto& [key, part] : schema["properties"].items()) {
      EXPECT_TRUE(part.contains("description") ||
                  Resolved(part).contains("description"))
          << key;
      ++described;
    }
  }
  EXPECT_GT(described, 80);
}

TEST(ConfigSchemaTest, AcceptsWhatTheParserAccepts) {
  const std::vector<std::string> examples = Examples();
  ASSERT_GE(examples.size(), 8u);
  for (const std::string& example : examples) {
    ASSERT_TRUE(ParseConfig(example).ok());
    EXPECT_EQ(Violation(Schema(), Json::parse(example), ""), "") << example;
  }
}

TEST(ConfigSchemaTest, RefusesWhatTheParserRefuses) {
  const std::map<std::string, std::string> wrong = {
      {R"({"timezone": "UTC"})", ".timezone: unknown"},
      {R"({"fcr_window": 7})", ".fcr_window: type"},
      {R"({"fcr_window": "7"})", ".fcr_window: pattern"},
      {R"({"groups": [["teams"]]})", ".groups[0][0]: pattern"},
      {R"({"kpis": [{}]})", ".kpis[0]: oneOf"},
      {R"({"kpis": [{"formula": "1"}]})", ".kpis[0]: oneOf"},
      {R"({"reports": [{}]})", ".reports[0]: lacks id"},
      {R"({"reports": [{"id": "a", "format": "pdf"}]})",
       ".reports[0].format: enum"},
      {R"({"scorecards": [{"id": "a", "cards": []}]})",
       ".scorecards[0].cards: minItems"},
      {R"({"scorecards": [{"id": "a", "cards": [{"kpi": "arrivals",
          "weight": 1, "benchmark": {}}]}]})",
       ".scorecards[0].cards[0].benchmark: oneOf"},
  };
  for (const auto& [json, violation] : wrong) {
    EXPECT_FALSE(ParseConfig(json).ok()) << json;
    EXPECT_EQ(Violation(Schema(), Json::parse(json), ""), violation) << json;
  }
}

}  // namespace
}  // namespace cckpi
