// Comparing a report of the engine with the oracle.
//
//   std::vector<std::string> differences =
//       CompareRows(oracle_result.rows, report.rows, query.every);
//   EXPECT_THAT(differences, IsEmpty());
//
// Rows are matched by KPI, id, clock, begin and group; where one window takes
// everything (Frequency::kAll), its edges are free. Every figure that the
// oracle gives must be there and right, `value` too; rows of KPIs that the
// oracle does not compute are not looked at. A figure the oracle leaves out of
// a row (the minimum of nothing) is free.

#ifndef CCKPI_TESTS_ORACLE_COMPARE_H_
#define CCKPI_TESTS_ORACLE_COMPARE_H_

#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/base/time.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/report.h"
#include "oracle/oracle.h"

namespace cckpi::oracle {

inline std::string Describe(absl::int128 value) {
  return std::to_string(static_cast<double>(value));
}

inline std::string Describe(const OracleValue& value) {
  switch (value.form) {
    case OracleValue::Form::kInteger:
      if (value.integer == static_cast<int64_t>(value.integer)) {
        return absl::StrCat(static_cast<int64_t>(value.integer));
      }
      return Describe(value.integer);
    case OracleValue::Form::kRange:
      return absl::StrCat("in [", value.low, ", ", value.high, "]");
    case OracleValue::Form::kText:
      return "\"" + value.text + "\"";
    case OracleValue::Form::kNone:
      break;
  }
  return "none";
}

// "first_response_time k3 business 2026-03-02T00:00:00Z channel=web agent=-"
template <typename Row>
std::string RowKey(const Row& row, const std::string& clock,
                   const std::string& part, Frequency every) {
  std::string key = absl::StrCat(
      std::string(row.kpi), " ", std::string(row.id), " ", clock, " ", part,
      " ", every == Frequency::kAll ? "all" : FormatTime(row.begin_us));
  for (const auto& [name, value] : row.group) {
    absl::StrAppend(&key, " ", name, "=", value.value_or("-"));
  }
  return key;
}

inline std::string DefinitionOf(const ReportRow& row, std::string_view name,
                                std::string_view fallback) {
  for (const Figure& figure : row.definition) {
    if (figure.name != name) continue;
    if (auto* text = std::get_if<std::string>(&figure.value)) return *text;
  }
  return std::string(fallback);
}

inline std::string ClockOf(const ReportRow& row) {
  return DefinitionOf(row, "clock", "calendar");
}

// The state or check that the row is about.
inline std::string PartOf(const ReportRow& row) {
  return DefinitionOf(row, "state", DefinitionOf(row, "check", ""));
}

inline bool Accepts(const OracleValue& expected, const Figure& actual) {
  return std::visit(
      [&](const auto& value) {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, double>) {
          return expected.Accepts(value);
        } else if constexpr (std::is_same_v<Value, int64_t> ||
                             std::is_same_v<Value, absl::int128>) {
          return expected.Accepts(absl::int128(value));
        } else if constexpr (std::is_same_v<Value, std::string>) {
          return expected.Accepts(value);
        } else {
          return expected.form == OracleValue::Form::kNone;
        }
      },
      actual.value);
}

inline std::string Describe(const Figure& figure) {
  return std::visit(
      [](const auto& value) -> std::string {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::nullptr_t>) {
          return "null";
        } else if constexpr (std::is_same_v<Value, absl::int128>) {
          return Describe(OracleValue::Integer(value));
        } else {
          return absl::StrCat(value);
        }
      },
      figure.value);
}

inline void CompareRow(const std::string& key, const OracleRow& expected,
                       const ReportRow& actual, Frequency every,
                       std::vector<std::string>& differences) {
  auto differ = [&](const std::string& name, const std::string& got,
                    const OracleValue& want) {
    differences.push_back(absl::StrCat(key, ": ", name, " is ", got,
                                       ", must be ", Describe(want)));
  };
  if (every != Frequency::kAll && expected.end_us != actual.end_us) {
    differences.push_back(absl::StrCat(key, ": end is ",
                                       FormatTime(actual.end_us), ", must be ",
                                       FormatTime(expected.end_us)));
  }
  for (const OracleFigure& figure : expected.figures) {
    const Figure* found = nullptr;
    for (const Figure& candidate : actual.figures) {
      if (candidate.name == figure.name) found = &candidate;
    }
    if (found == nullptr) {
      differ(figure.name, "missing", figure.value);
    } else if (!Accepts(figure.value, *found)) {
      differ(figure.name, Describe(*found), figure.value);
    }
  }
  if (!actual.value.has_value()) {
    if (expected.value.form != OracleValue::Form::kNone) {
      differ("value", "none", expected.value);
    }
  } else if (!expected.value.Accepts(*actual.value)) {
    differ("value", absl::StrCat(*actual.value), expected.value);
  }
}

// What is different, one line each; empty when the rows agree.
inline std::vector<std::string> CompareRows(
    const std::vector<OracleRow>& expected,
    const std::vector<ReportRow>& actual, Frequency every) {
  std::vector<std::string> differences;
  std::map<std::string, const ReportRow*> rows;
  for (const ReportRow& row : actual) {
    const KpiDefinition* definition = FindKpi(row.kpi);
    if (definition == nullptr || !OracleCovers(definition->kpi)) continue;
    const std::string key = RowKey(row, ClockOf(row), PartOf(row), every);
    if (!rows.emplace(key, &row).second) {
      differences.push_back(key + ": given twice");
    }
  }
  for (const OracleRow& row : expected) {
    const std::string key = RowKey(row, row.clock, row.part, every);
    auto found = rows.find(key);
    if (found == rows.end()) {
      std::string figures;
      for (const OracleFigure& figure : row.figures) {
        absl::StrAppend(&figures, " ", figure.name, "=",
                        Describe(figure.value));
      }
      differences.push_back(key + ": row is missing;" + figures);
      continue;
    }
    CompareRow(key, row, *found->second, every, differences);
    rows.erase(found);
  }
  for (const auto& [key, row] : rows) {
    std::string figures;
    for (const Figure& figure : row->figures) {
      absl::StrAppend(&figures, " ", figure.name, "=", Describe(figure));
    }
    differences.push_back(key + ": row is too many;" + figures);
  }
  return differences;
}

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_COMPARE_H_
