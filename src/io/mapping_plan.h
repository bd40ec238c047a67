// A mapping after its JSON was checked: what the mapped reader carries out.

#ifndef CCKPI_IO_MAPPING_PLAN_H_
#define CCKPI_IO_MAPPING_PLAN_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/event/event.h"
#include "cckpi/io/mapping.h"
#include "src/io/event_builder.h"
#include "src/io/time_pattern.h"

namespace cckpi {

// A column of the foreign log: a CSV header's name or a dotted JSON path.
struct MappingColumn {
  std::string name;
  // May be missing from a CSV header; it is then always empty.
  bool optional = false;
};

// The pseudo columns come first in every plan.
enum PseudoColumn : size_t {
  kRoleColumn = 0,    // "first" or "other"
  kRowColumn = 1,     // the row's number
  kThreadColumn = 2,  // the id of the row that began the thread
  kPseudoColumnCount = 3,
};
inline constexpr std::string_view kPseudoColumnNames[kPseudoColumnCount] = {
    "@role", "@row", "@thread"};

// Where a text comes from.
struct ValueSpec {
  std::vector<size_t> columns;  // the first that is not empty
  std::string constant;         // when there are no columns
  std::map<std::string, std::string, std::less<>> values;  // translation
  // For what `values` does not know; without it the text stays as it is.
  std::optional<std::string> otherwise;
  std::string prefix;
  std::string suffix;
};

struct FieldSpec {
  Field field = Field::kUnknown;
  std::string name;  // of a tag or a severity
  ValueSpec value;
  // For `at` and `received_at`.
  TimeFormat time;
  std::optional<size_t> plus_column;  // a number of plus_unit_us to add
  int64_t plus_unit_us = 0;
};

struct Condition {
  enum class Test : uint8_t { kEquals, kPrefix, kEmpty };
  size_t column = 0;
  Test test = Test::kEquals;
  bool negated = false;
  std::vector<std::string> values;
};

struct EventSpec {
  std::vector<Condition> when;  // beside the rule's; all must hold
  EventKind kind = EventKind::kCustomerMessage;
  bool fixed_kind = false;  // else a field says the kind
  uint8_t flags = 0;
  std::vector<FieldSpec> fields;
  // Left out when the row gives no time for it.
  bool needs_time = false;
};

struct MappingRule {
  std::vector<Condition> when;    // all must hold
  std::vector<EventSpec> events;  // none: the row is skipped
};

struct Mapping::Plan {
  std::string description;
  EventFormat format = EventFormat::kAuto;
  char delimiter = '\0';  // '\0': as the file's name suggests
  std::vector<MappingColumn> columns;
  std::vector<MappingRule> rules;
  bool refuse_unmatched = false;

  // @role: the actor of an interaction's first row is "first".
  std::optional<size_t> role_interaction;
  std::optional<size_t> role_actor;
  // @thread: rows that answer each other, by id and parent id.
  std::optional<size_t> thread_id;
  std::optional<size_t> thread_parent;
};

}  // namespace cckpi

#endif  // CCKPI_IO_MAPPING_PLAN_H_
