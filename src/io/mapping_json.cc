#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/io/mapping.h"
#include "src/io/json_document.h"
#include "src/io/mapping_parser.h"

namespace cckpi {
namespace {

using nlohmann::json;

absl::StatusOr<std::vector<std::string>> Scalars(const json& value,
                                                 std::string_view path) {
  std::vector<std::string> texts;
  if (!value.is_array()) {
    CCKPI_ASSIGN_OR_RETURN(std::string text, JsonScalar(value, path));
    texts.push_back(std::move(text));
    return texts;
  }
  if (value.empty()) return MappingError(path, "is empty");
  for (size_t i = 0; i < value.size(); ++i) {
    CCKPI_ASSIGN_OR_RETURN(std::string text,
                           JsonScalar(value[i], ItemPath(path, i)));
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace

absl::Status MappingParser::ReadInput(const json& input,
                                      std::string_view path) {
  constexpr std::string_view kKeys[] = {"format", "delimiter"};
  CCKPI_RETURN_IF_ERROR(CheckMappingKeys(input, path, kKeys));
  if (input.contains("format")) {
    std::string at = ChildPath(path, "format");
    CCKPI_ASSIGN_OR_RETURN(std::string format, JsonText(input["format"], at));
    if (format == "csv") {
      plan_.format = EventFormat::kCsv;
    } else if (format == "jsonl") {
      plan_.format = EventFormat::kJsonLines;
    } else {
      return MappingError(
          at, QuoteShort(format) + " is neither \"csv\" nor \"jsonl\"");
    }
  }
  if (input.contains("delimiter")) {
    std::string at = ChildPath(path, "delimiter");
    CCKPI_ASSIGN_OR_RETURN(std::string delimiter,
                           JsonText(input["delimiter"], at));
    constexpr std::string_view kDelimiters = ",;\t|";
    if (delimiter.size() != 1 ||
        kDelimiters.find(delimiter[0]) == kDelimiters.npos) {
      return MappingError(at, "must be a comma, a semicolon, a tab or a bar");
    }
    plan_.delimiter = delimiter[0];
  }
  return absl::OkStatus();
}

// An object of exactly two columns, both required.
absl::Status MappingParser::ReadPair(const json& value, std::string_view path,
                                     std::array<std::string_view, 2> keys,
                                     std::optional<size_t>* first,
                                     std::optional<size_t>* second) {
  CCKPI_RETURN_IF_ERROR(CheckMappingKeys(value, path, keys));
  std::array<size_t, 2> columns{};
  for (size_t i = 0; i < keys.size(); ++i) {
    std::string key(keys[i]);
    std::string at = ChildPath(path, key);
    if (!value.contains(key)) return MappingError(at, "missing");
    CCKPI_ASSIGN_OR_RETURN(columns[i], Column(value[key], at, false));
  }
  *first = columns[0];
  *second = columns[1];
  return absl::OkStatus();
}

absl::StatusOr<Condition> MappingParser::ReadCondition(const json& value,
                                                       size_t column,
                                                       std::string_view path) {
  Condition condition;
  condition.column = column;
  const json* wanted = &value;
  std::string at(path);
  if (wanted->is_object() && wanted->contains("not")) {
    if (wanted->size() != 1) return MappingError(at, "\"not\" must be alone");
    condition.negated = true;
    at = ChildPath(at, "not");
    wanted = &(*wanted)["not"];
  }
  if (wanted->is_object()) {
    constexpr std::string_view kKeys[] = {"not", "empty", "prefix"};
    CCKPI_RETURN_IF_ERROR(CheckMappingKeys(*wanted, at, kKeys));
    if (wanted->size() != 1) {
      return MappingError(
          at, "needs exactly one of \"not\", \"empty\", \"prefix\"");
    }
    if (wanted->contains("not"))
      return MappingError(at, "\"not\" is there twice");
    if (wanted->contains("empty")) {
      const json& empty = (*wanted)["empty"];
      if (!empty.is_boolean()) {
        return MappingError(ChildPath(at, "empty"), "expected true or false");
      }
      condition.test = Condition::Test::kEmpty;
      if (!empty.get<bool>()) condition.negated = !condition.negated;
      return condition;
    }
    condition.test = Condition::Test::kPrefix;
    at = ChildPath(at, "prefix");
    wanted = &(*wanted)["prefix"];
  }
  CCKPI_ASSIGN_OR_RETURN(condition.values, Scalars(*wanted, at));
  return condition;
}

absl::Status MappingParser::CheckEvent(const EventSpec& event,
                                       std::string_view path) {
  auto has = [&](Field field) {
    return std::any_of(
        event.fields.begin(), event.fields.end(),
        [field](const FieldSpec& spec) { return spec.field == field; });
  };
  if (!event.fixed_kind && !has(Field::kKind))
    return MappingError(path, "kind: missing");
  if (!has(Field::kAt)) return MappingError(path, "no field gives \"at\"");
  bool needs_interaction = event.fixed_kind &&
                           event.kind != EventKind::kAgentState &&
                           event.kind != EventKind::kForecast;
  if (needs_interaction && !has(Field::kInteraction)) {
    return MappingError(path, "no field gives \"interaction\"");
  }
  return absl::OkStatus();
}

// `event` is a rule or one of a rule's events.
absl::StatusOr<EventSpec> MappingParser::ReadEvent(const json& event,
                                                   std::string_view path,
                                                   const FieldMap& inherited) {
  EventSpec spec;
  FieldMap fields = inherited;
  if (event.contains("fields")) {
    CCKPI_RETURN_IF_ERROR(
        ReadFields(event["fields"], ChildPath(path, "fields"), &fields));
  }
  if (event.contains("at")) {
    CCKPI_RETURN_IF_ERROR(
        ReadField(event["at"], "at", ChildPath(path, "at"), &fields));
  }
  if (event.contains("kind")) {
    std::string at = ChildPath(path, "kind");
    CCKPI_ASSIGN_OR_RETURN(std::string name, JsonText(event["kind"], at));
    std::optional<EventKind> kind = ParseEventKind(name);
    if (!kind.has_value()) {
      return MappingError(at, UnknownKind(name));
    }
    spec.kind = *kind;
    spec.fixed_kind = true;
    fields.erase({Field::kKind, ""});
  }
  if (event.contains("flags")) {
    std::string at = ChildPath(path, "flags");
    CCKPI_ASSIGN_OR_RETURN(std::vector<std::string> names,
                           Scalars(event["flags"], at));
    for (const std::string& name : names) {
      uint8_t flag = ParseMessageFlag(name);
      if (flag == 0) return MappingError(at, QuoteShort(name) + " is unknown");
      spec.flags |= flag;
    }
  }
  for (auto& [place, field] : fields) spec.fields.push_back(std::move(field));
  CCKPI_RETURN_IF_ERROR(CheckEvent(spec, path));
  return spec;
}

// The key "when" of a rule or an event, if there is one.
absl::StatusOr<std::vector<Condition>> MappingParser::ReadConditions(
    const json& parent, std::string_view path) {
  std::vector<Condition> conditions;
  if (!parent.contains("when")) return conditions;
  std::string at = ChildPath(path, "when");
  const json& when = parent["when"];
  if (!when.is_object()) return MappingError(at, "expected an object");
  for (const auto& [key, value] : when.items()) {
    std::string place = ChildPath(at, key);
    CCKPI_ASSIGN_OR_RETURN(size_t column, Column(json(key), place, false));
    CCKPI_ASSIGN_OR_RETURN(Condition condition,
                           ReadCondition(value, column, place));
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

absl::StatusOr<MappingRule> MappingParser::ReadRule(const json& rule,
                                                    std::string_view path) {
  constexpr std::string_view kKeys[] = {"when",  "kind", "fields", "at",
                                        "flags", "skip", "events", "note"};
  CCKPI_RETURN_IF_ERROR(CheckMappingKeys(rule, path, kKeys));
  MappingRule result;
  CCKPI_ASSIGN_OR_RETURN(result.when, ReadConditions(rule, path));
  if (rule.contains("skip")) {
    if (rule["skip"] != json(true)) {
      return MappingError(ChildPath(path, "skip"), "must be true");
    }
    for (const char* key : {"kind", "fields", "at", "flags", "events"}) {
      if (rule.contains(key)) {
        return MappingError(ChildPath(path, key), "has no use beside \"skip\"");
      }
    }
    return result;
  }
  if (!rule.contains("events")) {
    CCKPI_ASSIGN_OR_RETURN(EventSpec event, ReadEvent(rule, path, fields_));
    result.events.push_back(std::move(event));
    return result;
  }
  std::string at = ChildPath(path, "events");
  const json& events = rule["events"];
  if (!events.is_array() || events.empty()) {
    return MappingError(at, "expected a list of events");
  }
  for (const char* key : {"kind", "at", "flags"}) {
    if (rule.contains(key)) {
      return MappingError(ChildPath(path, key),
                          "belongs to each of \"events\"");
    }
  }
  FieldMap shared = fields_;
  if (rule.contains("fields")) {
    CCKPI_RETURN_IF_ERROR(
        ReadFields(rule["fields"], ChildPath(path, "fields"), &shared));
  }
  for (size_t i = 0; i < events.size(); ++i) {
    constexpr std::string_view kEventKeys[] = {"when", "kind",  "fields",
                                               "at",   "flags", "note"};
    CCKPI_RETURN_IF_ERROR(
        CheckMappingKeys(events[i], ItemPath(at, i), kEventKeys));
    CCKPI_ASSIGN_OR_RETURN(EventSpec event,
                           ReadEvent(events[i], ItemPath(at, i), shared));
    CCKPI_ASSIGN_OR_RETURN(event.when,
                           ReadConditions(events[i], ItemPath(at, i)));
    event.needs_time = true;
    result.events.push_back(std::move(event));
  }
  return result;
}

absl::StatusOr<std::shared_ptr<const Mapping>> MappingParser::Parse(
    const json& document) {
  constexpr std::string_view kKeys[] = {"description", "input",   "time",
                                        "roles",       "threads", "fields",
                                        "rules",       "else"};
  CCKPI_RETURN_IF_ERROR(CheckMappingKeys(document, "", kKeys));
  for (std::string_view name : kPseudoColumnNames) {
    plan_.columns.push_back({std::string(name), true});
  }
  if (document.contains("description")) {
    CCKPI_ASSIGN_OR_RETURN(plan_.description,
                           JsonText(document["description"], "description"));
  }
  if (document.contains("input")) {
    CCKPI_RETURN_IF_ERROR(ReadInput(document["input"], "input"));
  }
  if (document.contains("time")) {
    constexpr std::string_view kTimeKeys[] = {"format", "zone"};
    CCKPI_RETURN_IF_ERROR(
        CheckMappingKeys(document["time"], "time", kTimeKeys));
    CCKPI_RETURN_IF_ERROR(ReadTime(document["time"], "time", &time_));
  }
  // Threads before roles: the interaction of a role may be @thread.
  if (document.contains("threads")) {
    CCKPI_RETURN_IF_ERROR(ReadPair(document["threads"], "threads",
                                   {"id", "parent"}, &plan_.thread_id,
                                   &plan_.thread_parent));
  }
  if (document.contains("roles")) {
    CCKPI_RETURN_IF_ERROR(ReadPair(document["roles"], "roles",
                                   {"interaction", "actor"},
                                   &plan_.role_interaction, &plan_.role_actor));
  }
  if (document.contains("fields")) {
    CCKPI_RETURN_IF_ERROR(ReadFields(document["fields"], "fields", &fields_));
  }
  if (document.contains("rules")) {
    const json& rules = document["rules"];
    if (!rules.is_array() || rules.empty()) {
      return MappingError("rules", "expected a list of rules");
    }
    for (size_t i = 0; i < rules.size(); ++i) {
      CCKPI_ASSIGN_OR_RETURN(MappingRule rule,
                             ReadRule(rules[i], ItemPath("rules", i)));
      plan_.rules.push_back(std::move(rule));
    }
  } else {
    CCKPI_ASSIGN_OR_RETURN(EventSpec event,
                           ReadEvent(json::object(), "fields", fields_));
    plan_.rules.emplace_back().events.push_back(std::move(event));
  }
  if (document.contains("else")) {
    CCKPI_ASSIGN_OR_RETURN(std::string otherwise,
                           JsonText(document["else"], "else"));
    if (otherwise != "skip" && otherwise != "error") {
      return MappingError(
          "else", QuoteShort(otherwise) + " is neither \"skip\" nor \"error\"");
    }
    plan_.refuse_unmatched = otherwise == "error";
  }
  return std::make_shared<const Mapping>(
      std::make_shared<const Mapping::Plan>(std::move(plan_)));
}

EventFormat Mapping::format() const { return plan_->format; }
const std::string& Mapping::description() const { return plan_->description; }

absl::StatusOr<std::shared_ptr<const Mapping>> ParseMapping(
    std::string_view text) {
  CCKPI_ASSIGN_OR_RETURN(json document, ParseJsonDocument(text));
  return MappingParser().Parse(document);
}

absl::StatusOr<std::shared_ptr<const Mapping>> LoadMapping(
    const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  }
  std::string text((std::istreambuf_iterator<char>(file)),
                   std::istreambuf_iterator<char>());
  if (file.bad()) {
    return absl::UnavailableError(absl::StrCat(path, ": cannot be read"));
  }
  absl::StatusOr<std::shared_ptr<const Mapping>> mapping = ParseMapping(text);
  if (mapping.ok()) return mapping;
  return absl::Status(
      mapping.status().code(),
      absl::StrCat(path, ": ", std::string(mapping.status().message())));
}

}  // namespace cckpi
