#include "capi/src/query.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "capi/src/guard.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"

namespace cckpi::capi {
absl::StatusOr<Frequency> ReadFrequency(cckpi_frequency every) {
  switch (every) {
    case CCKPI_EVERY_ALL:
      return Frequency::kAll;
    case CCKPI_EVERY_15_MINUTES:
      return Frequency::kBucket;
    case CCKPI_EVERY_HOUR:
      return Frequency::kHourly;
    case CCKPI_EVERY_DAY:
      return Frequency::kDaily;
    case CCKPI_EVERY_WEEK:
      return Frequency::kWeekly;
    case CCKPI_EVERY_MONTH:
      return Frequency::kMonthly;
    default:
      return Invalid("query.every", absl::StrCat(every, " is no frequency"));
  }
}

absl::StatusOr<std::vector<std::string>> ReadTexts(std::string_view argument,
                                                   const cckpi_text* texts,
                                                   size_t count) {
  CCKPI_RETURN_IF_ERROR(CheckArray(argument, texts, count, sizeof(*texts)));
  std::vector<std::string> read;
  for (size_t i = 0; i < count; ++i) {
    CCKPI_RETURN_IF_ERROR(
        CheckText(absl::StrCat(std::string(argument), "[", i, "]"), texts[i]));
    read.emplace_back(View(texts[i]));
  }
  return read;
}

absl::StatusOr<std::map<std::string, std::string>> ReadScope(
    std::string_view place, const cckpi_text* names, const cckpi_text* values,
    size_t count) {
  const std::string of_names = absl::StrCat(std::string(place), "where_names");
  CCKPI_ASSIGN_OR_RETURN(std::vector<std::string> own_names,
                         ReadTexts(of_names, names, count));
  CCKPI_ASSIGN_OR_RETURN(
      std::vector<std::string> own_values,
      ReadTexts(absl::StrCat(std::string(place), "where_values"), values,
                count));
  std::map<std::string, std::string> scope;
  for (size_t w = 0; w < count; ++w) {
    if (!scope.emplace(own_names[w], own_values[w]).second) {
      return Invalid(of_names,
                     absl::StrCat("\"", own_names[w], "\" is there twice"));
    }
  }
  return scope;
}

absl::StatusOr<Query> ReadQuery(const cckpi_query* query) {
  cckpi_query own;
  CCKPI_RETURN_IF_ERROR(ReadStruct("query", query, &own, Presence::kOptional,
                                   CCKPI_QUERY_BY | CCKPI_QUERY_REFERENCED));
  Query asked;
  CCKPI_ASSIGN_OR_RETURN(asked.kpis,
                         ReadTexts("query.kpis", own.kpis, own.kpi_count));
  CCKPI_ASSIGN_OR_RETURN(std::vector<std::string> by,
                         ReadTexts("query.by", own.by, own.by_count));
  if ((own.flags & CCKPI_QUERY_BY) != 0) {
    asked.by.emplace();
    for (size_t d = 0; d < by.size(); ++d) {
      std::optional<Dimension> dimension = ParseDimension(by[d]);
      if (!dimension.has_value()) {
        return Invalid(absl::StrCat("query.by[", d, "]"),
                       absl::StrCat("\"", by[d], "\" is no dimension"));
      }
      asked.by->push_back(*std::move(dimension));
    }
  } else if (!by.empty()) {
    return Invalid("query.by", "is given without CCKPI_QUERY_BY in flags");
  }
  if ((own.flags & CCKPI_QUERY_REFERENCED) != 0) {
    asked.names = Query::Names::kReferenced;
  }
  CCKPI_ASSIGN_OR_RETURN(
      asked.where,
      ReadScope("query.", own.where_names, own.where_values, own.where_count));
  CCKPI_ASSIGN_OR_RETURN(asked.every, ReadFrequency(own.every));
  if (own.max_rows < 0) {
    return Invalid("query.max_rows", "must not be negative");
  }
  if (own.max_rows != 0) asked.max_rows = static_cast<size_t>(own.max_rows);
  if (own.begin_us != 0) asked.begin_us = own.begin_us;
  if (own.end_us != 0) asked.end_us = own.end_us;
  return asked;
}

}  // namespace cckpi::capi
