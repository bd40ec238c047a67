#include "src/io/csv_header.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "src/event/edit_distance.h"

namespace cckpi {

size_t CsvHeader::Find(std::string_view name) const {
  auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return npos;
  return static_cast<size_t>(found - names.begin());
}

std::string CsvHeader::Missing(std::string_view name) const {
  std::vector<std::string_view> columns(names.begin(), names.end());
  return absl::StrCat("no column \"", std::string(name),
                      "\"; the nearest is \"",
                      std::string(NearestName(columns, name)), "\"");
}

absl::StatusOr<CsvHeader> ReadCsvHeader(InputBuffer* input, CsvParser* parser) {
  CsvParser::Outcome outcome = parser->Next();
  if (outcome == CsvParser::Outcome::kEnd) {
    if (!input->status().ok()) return input->status();
    return absl::InvalidArgumentError("is empty, a header row is missing");
  }
  if (outcome == CsvParser::Outcome::kDamaged) {
    return absl::InvalidArgumentError(
        absl::StrCat("header: ", std::string(parser->reason())));
  }
  CsvHeader header;
  std::set<std::string> seen;
  for (std::string_view field : parser->fields()) {
    size_t first = std::min(field.find_first_not_of(" \t"), field.size());
    field.remove_prefix(first);
    field = field.substr(0, field.find_last_not_of(" \t") + 1);
    const std::string& name = header.names.emplace_back(field);
    if (!name.empty() && !seen.insert(name).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("header: the column \"", name, "\" is there twice"));
    }
  }
  return header;
}

std::string WrongFieldCount(size_t fields, size_t columns) {
  return absl::StrCat("has ", fields, fields == 1 ? " field" : " fields",
                      ", the header has ", columns);
}

}  // namespace cckpi
