// MappingParser: a mapping's JSON, checked and turned into a plan.
//
// mapping_json.cc reads the document and its rules, mapping_values.cc the
// fields: where a text comes from, how it is translated, how times are read.

#ifndef CCKPI_IO_MAPPING_PARSER_H_
#define CCKPI_IO_MAPPING_PARSER_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/io/mapping_plan.h"

namespace cckpi {

// "rules" and "kind" make "rules.kind"; "rules" and 2 make "rules[2]".
std::string ChildPath(std::string_view path, std::string_view key);
std::string ItemPath(std::string_view path, size_t index);

// InvalidArgument: "path: reason".
absl::Status MappingError(std::string_view path, std::string_view reason);

// An error for the first key of an object that is not known.
absl::Status CheckMappingKeys(const nlohmann::json& object,
                              std::string_view path,
                              std::span<const std::string_view> known);

// A JSON text.
absl::StatusOr<std::string> JsonText(const nlohmann::json& value,
                                     std::string_view path);
// The text that a column would hold for a JSON text, integer or truth value.
absl::StatusOr<std::string> JsonScalar(const nlohmann::json& value,
                                       std::string_view path);

// `"x" is unknown; did you mean "y"?`
std::string UnknownKind(std::string_view name);

class MappingParser {
 public:
  using json = nlohmann::json;

  absl::StatusOr<std::shared_ptr<const Mapping>> Parse(const json& document);

 private:
  // By field and, for tags and errors, name: a later spec replaces.
  using FieldMap = std::map<std::pair<Field, std::string>, FieldSpec>;

  absl::Status ReadInput(const json& input, std::string_view path);
  absl::Status ReadTime(const json& value, std::string_view path,
                        TimeFormat* format);
  absl::Status ReadPair(const json& value, std::string_view path,
                        std::array<std::string_view, 2> keys,
                        std::optional<size_t>* first,
                        std::optional<size_t>* second);
  absl::StatusOr<size_t> Column(const json& value, std::string_view path,
                                bool optional);
  absl::Status ReadValue(const json& value, std::string_view path,
                         FieldSpec* spec);
  absl::Status ReadSource(const json& value, std::string_view path,
                          ValueSpec* spec);
  absl::Status ReadTranslation(const json& value, std::string_view path,
                               FieldSpec* spec);
  absl::Status ReadTimeKeys(const json& value, std::string_view path,
                            FieldSpec* spec);
  absl::Status ReadFields(const json& fields, std::string_view path,
                          FieldMap* map);
  absl::Status ReadField(const json& value, std::string_view key,
                         std::string_view path, FieldMap* map);
  absl::StatusOr<Condition> ReadCondition(const json& value, size_t column,
                                          std::string_view path);
  absl::StatusOr<std::vector<Condition>> ReadConditions(const json& parent,
                                                        std::string_view path);
  absl::StatusOr<MappingRule> ReadRule(const json& rule, std::string_view path);
  absl::StatusOr<EventSpec> ReadEvent(const json& event, std::string_view path,
                                      const FieldMap& inherited);
  absl::Status CheckEvent(const EventSpec& event, std::string_view path);

  Mapping::Plan plan_;
  TimeFormat time_;
  FieldMap fields_;
};

}  // namespace cckpi

#endif  // CCKPI_IO_MAPPING_PARSER_H_
