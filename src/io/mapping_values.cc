#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "src/event/edit_distance.h"
#include "src/io/mapping_parser.h"

namespace cckpi {

using nlohmann::json;

std::string ChildPath(std::string_view path, std::string_view key) {
  if (path.empty()) return std::string(key);
  return absl::StrCat(std::string(path), ".", std::string(key));
}

std::string ItemPath(std::string_view path, size_t index) {
  return absl::StrCat(std::string(path), "[", index, "]");
}

absl::Status MappingError(std::string_view path, std::string_view reason) {
  if (path.empty()) return absl::InvalidArgumentError(std::string(reason));
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(path), ": ", std::string(reason)));
}

absl::Status CheckMappingKeys(const json& object, std::string_view path,
                              std::span<const std::string_view> known) {
  if (!object.is_object()) return MappingError(path, "expected an object");
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    return MappingError(
        ChildPath(path, key),
        absl::StrCat("unknown key; did you mean \"",
                     std::string(NearestName(known, key)), "\"?"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> JsonText(const json& value, std::string_view path) {
  if (!value.is_string()) return MappingError(path, "expected text");
  return value.get<std::string>();
}

absl::StatusOr<std::string> JsonScalar(const json& value,
                                       std::string_view path) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean() || value.is_number_integer()) return value.dump();
  return MappingError(path, "expected text, an integer, true or false");
}

std::string UnknownKind(std::string_view name) {
  return absl::StrCat(QuoteShort(name), " is unknown; did you mean \"",
                      std::string(NearestEventKind(name)), "\"?");
}

absl::StatusOr<size_t> MappingParser::Column(const json& value,
                                             std::string_view path,
                                             bool optional) {
  CCKPI_ASSIGN_OR_RETURN(std::string name, JsonText(value, path));
  if (name.empty()) return MappingError(path, "a column's name is empty");
  if (name == kPseudoColumnNames[kRoleColumn] &&
      !plan_.role_actor.has_value()) {
    return MappingError(path, "@role needs \"roles\"");
  }
  if (name == kPseudoColumnNames[kThreadColumn] &&
      !plan_.thread_id.has_value()) {
    return MappingError(path, "@thread needs \"threads\"");
  }
  for (size_t i = 0; i < plan_.columns.size(); ++i) {
    if (plan_.columns[i].name != name) continue;
    if (!optional) plan_.columns[i].optional = false;
    return i;
  }
  plan_.columns.push_back({name, optional});
  return plan_.columns.size() - 1;
}

absl::Status MappingParser::ReadTime(const json& value, std::string_view path,
                                     TimeFormat* format) {
  absl::TimeZone zone = format->zone;
  if (value.contains("zone")) {
    std::string at = ChildPath(path, "zone");
    CCKPI_ASSIGN_OR_RETURN(std::string name, JsonText(value["zone"], at));
    absl::StatusOr<absl::TimeZone> parsed = ParseZone(name);
    if (!parsed.ok())
      return MappingError(at, std::string(parsed.status().message()));
    zone = *parsed;
  }
  if (value.contains("format")) {
    std::string at = ChildPath(path, "format");
    CCKPI_ASSIGN_OR_RETURN(std::string text, JsonText(value["format"], at));
    absl::StatusOr<TimeFormat> parsed = ParseTimeFormat(text);
    if (!parsed.ok())
      return MappingError(at, std::string(parsed.status().message()));
    *format = *std::move(parsed);
  }
  format->zone = zone;
  return absl::OkStatus();
}

// The one key that says where the text comes from.
absl::Status MappingParser::ReadSource(const json& value, std::string_view path,
                                       ValueSpec* spec) {
  bool optional = false;
  if (value.contains("optional")) {
    if (!value["optional"].is_boolean()) {
      return MappingError(ChildPath(path, "optional"),
                          "expected true or false");
    }
    optional = value["optional"].get<bool>();
  }
  int sources = 0;
  if (value.contains("column")) {
    ++sources;
    CCKPI_ASSIGN_OR_RETURN(
        size_t column,
        Column(value["column"], ChildPath(path, "column"), optional));
    spec->columns = {column};
  }
  if (value.contains("first_of")) {
    ++sources;
    std::string at = ChildPath(path, "first_of");
    const json& list = value["first_of"];
    if (!list.is_array() || list.empty()) {
      return MappingError(at, "expected a list of columns");
    }
    for (size_t i = 0; i < list.size(); ++i) {
      CCKPI_ASSIGN_OR_RETURN(size_t column,
                             Column(list[i], ItemPath(at, i), optional));
      spec->columns.push_back(column);
    }
  }
  if (value.contains("constant")) {
    ++sources;
    CCKPI_ASSIGN_OR_RETURN(
        spec->constant,
        JsonScalar(value["constant"], ChildPath(path, "constant")));
  }
  if (sources != 1) {
    return MappingError(
        path, "needs exactly one of \"column\", \"first_of\", \"constant\"");
  }
  return absl::OkStatus();
}

absl::Status MappingParser::ReadTranslation(const json& value,
                                            std::string_view path,
                                            FieldSpec* spec) {
  auto check_kind = [&](const std::string& text, std::string_view at) {
    if (spec->field != Field::kKind || ParseEventKind(text).has_value()) {
      return absl::OkStatus();
    }
    return MappingError(at, UnknownKind(text));
  };
  if (value.contains("values")) {
    std::string at = ChildPath(path, "values");
    if (!value["values"].is_object())
      return MappingError(at, "expected an object");
    for (const auto& [from, to] : value["values"].items()) {
      std::string entry = ChildPath(at, from);
      std::string text;
      if (!to.is_null()) {
        CCKPI_ASSIGN_OR_RETURN(text, JsonScalar(to, entry));
        CCKPI_RETURN_IF_ERROR(check_kind(text, entry));
      }
      spec->value.values[from] = text;
    }
  }
  if (value.contains("default")) {
    std::string at = ChildPath(path, "default");
    std::string text;
    if (!value["default"].is_null()) {
      CCKPI_ASSIGN_OR_RETURN(text, JsonScalar(value["default"], at));
      CCKPI_RETURN_IF_ERROR(check_kind(text, at));
    }
    spec->value.otherwise = text;
  }
  if (value.contains("prefix")) {
    CCKPI_ASSIGN_OR_RETURN(
        spec->value.prefix,
        JsonText(value["prefix"], ChildPath(path, "prefix")));
  }
  if (value.contains("suffix")) {
    CCKPI_ASSIGN_OR_RETURN(
        spec->value.suffix,
        JsonText(value["suffix"], ChildPath(path, "suffix")));
  }
  return absl::OkStatus();
}

absl::Status MappingParser::ReadTimeKeys(const json& value,
                                         std::string_view path,
                                         FieldSpec* spec) {
  bool is_time = spec->field == Field::kAt || spec->field == Field::kReceivedAt;
  for (const char* key : {"format", "zone", "plus", "plus_unit"}) {
    if (value.contains(key) && !is_time) {
      return MappingError(ChildPath(path, key),
                          "is only for at and received_at");
    }
  }
  if (!is_time) return absl::OkStatus();
  CCKPI_RETURN_IF_ERROR(ReadTime(value, path, &spec->time));
  if (value.contains("plus") != value.contains("plus_unit")) {
    return MappingError(path, "\"plus\" and \"plus_unit\" belong together");
  }
  if (!value.contains("plus")) return absl::OkStatus();
  CCKPI_ASSIGN_OR_RETURN(spec->plus_column,
                         Column(value["plus"], ChildPath(path, "plus"), false));
  std::string at = ChildPath(path, "plus_unit");
  CCKPI_ASSIGN_OR_RETURN(std::string unit, JsonText(value["plus_unit"], at));
  constexpr std::pair<std::string_view, int64_t> kUnits[] = {
      {"us", kMicrosecond}, {"ms", kMillisecond}, {"s", kSecond},
      {"m", kMinute},       {"h", kHour},         {"d", kDay}};
  for (const auto& [name, span] : kUnits) {
    if (unit == name) spec->plus_unit_us = span;
  }
  if (spec->plus_unit_us == 0) {
    return MappingError(at, QuoteShort(unit) + " is not us, ms, s, m, h or d");
  }
  return absl::OkStatus();
}

absl::Status MappingParser::ReadValue(const json& value, std::string_view path,
                                      FieldSpec* spec) {
  spec->time = time_;
  if (value.is_string()) {
    CCKPI_ASSIGN_OR_RETURN(size_t column, Column(value, path, false));
    spec->value.columns = {column};
    return absl::OkStatus();
  }
  constexpr std::string_view kKeys[] = {
      "column", "first_of", "constant", "optional", "values", "default",
      "prefix", "suffix",   "format",   "zone",     "plus",   "plus_unit"};
  if (!value.is_object()) {
    return MappingError(path, "expected a column's name or an object");
  }
  CCKPI_RETURN_IF_ERROR(CheckMappingKeys(value, path, kKeys));
  CCKPI_RETURN_IF_ERROR(ReadSource(value, path, &spec->value));
  CCKPI_RETURN_IF_ERROR(ReadTranslation(value, path, spec));
  return ReadTimeKeys(value, path, spec);
}

absl::Status MappingParser::ReadField(const json& value, std::string_view key,
                                      std::string_view path, FieldMap* map) {
  FieldSpec spec;
  spec.field = ParseField(key);
  for (std::string_view group : {"tags", "errors"}) {
    if (key.size() > group.size() + 1 && key.starts_with(group) &&
        key[group.size()] == '.') {
      spec.field = ParseField(group);
      spec.name = key.substr(group.size() + 1);
    }
  }
  bool named = spec.field == Field::kTags || spec.field == Field::kErrors;
  if (named && spec.name.empty()) {
    return MappingError(path, absl::StrCat("needs a name, as in \"",
                                           std::string(key), ".NAME\""));
  }
  if (spec.field == Field::kUnknown) {
    return MappingError(
        path, absl::StrCat("unknown field; did you mean \"",
                           std::string(NearestName(FieldNames(), key)), "\"?"));
  }
  std::pair<Field, std::string> place(spec.field, spec.name);
  if (value.is_null()) {
    map->erase(place);
    return absl::OkStatus();
  }
  CCKPI_RETURN_IF_ERROR(ReadValue(value, path, &spec));
  (*map)[place] = std::move(spec);
  return absl::OkStatus();
}

absl::Status MappingParser::ReadFields(const json& fields,
                                       std::string_view path, FieldMap* map) {
  if (!fields.is_object()) return MappingError(path, "expected an object");
  for (const auto& [key, value] : fields.items()) {
    CCKPI_RETURN_IF_ERROR(ReadField(value, key, ChildPath(path, key), map));
  }
  return absl::OkStatus();
}

}  // namespace cckpi
