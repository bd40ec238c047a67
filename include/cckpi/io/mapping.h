// Mappings: how a foreign log becomes events.
//
// A help desk exports one row per ticket, a social network one row per
// message, each with its own names and times. A mapping is a JSON document
// that says which column is which field, how instants are written, and which
// rows are which kind of event. docs/events.md is its reference.
//
//   {"input": {"format": "csv"},
//    "fields": {"at": "t", "interaction": "conversation",
//               "channel": {"constant": "twitter"}},
//    "rules": [
//      {"when": {"role": "customer"}, "kind": "customer_message",
//       "fields": {"customer": "actor"}},
//      {"when": {"role": "agent"}, "kind": "agent_message",
//       "fields": {"agent": "actor"}}],
//    "else": "skip"}
//
//   CCKPI_ASSIGN_OR_RETURN(std::shared_ptr<const Mapping> mapping,
//                          LoadMapping("care.mapping.json"));
//   CCKPI_ASSIGN_OR_RETURN(auto reader,
//                          OpenEvents("care.csv", {.mapping = mapping}));
//
// This file defines Mapping, ParseMapping and LoadMapping.

#ifndef CCKPI_IO_MAPPING_H_
#define CCKPI_IO_MAPPING_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "cckpi/io/event_reader.h"

namespace cckpi {

// A checked mapping. Immutable; one mapping serves any number of readers.
class Mapping {
 public:
  struct Plan;  // src/io/mapping_plan.h

  explicit Mapping(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}

  const Plan& plan() const { return *plan_; }
  // The format that the mapping asks for, or kAuto.
  EventFormat format() const;
  const std::string& description() const;

 private:
  std::shared_ptr<const Plan> plan_;
};

// InvalidArgument names the place and the reason:
//   rules[1].knd: unknown key; did you mean "kind"?
//   rules[0].kind: "custmer_message" is unknown; did you mean …?
//   fields.at.zone: unknown time zone "Europe/Madird"
absl::StatusOr<std::shared_ptr<const Mapping>> ParseMapping(
    std::string_view json);

// ParseMapping of a file; errors begin with its path.
absl::StatusOr<std::shared_ptr<const Mapping>> LoadMapping(
    const std::string& path);

}  // namespace cckpi

#endif  // CCKPI_IO_MAPPING_H_
