// Formula: a KPI of the host's own, arithmetic over other KPIs.
//
//   late_answered / arrivals
//   1 - (overdue_unanswered + late_answered) / due
//
// Operands are KPI ids, catalogue names (their `value`), or counters (a figure
// of a catalogue KPI: late_answered, overdue_unanswered, due, met, missed,
// arrivals, answered, resolved, …). Operators + - * / and parentheses, decimal
// numbers. A division by zero has no value.

#ifndef CCKPI_KPI_FORMULA_H_
#define CCKPI_KPI_FORMULA_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace cckpi {

class Formula {
 public:
  // InvalidArgument names the character where reading stopped:
  // `formula: column 17: expected a name, a number or "("`.
  static absl::StatusOr<Formula> Parse(std::string_view text);

  // The names it reads, each once, in order of first use.
  const std::vector<std::string>& names() const { return names_; }

  // `values[i]` is the value of names()[i]. A missing operand or a division
  // by zero gives nullopt.
  std::optional<double> Evaluate(
      const std::vector<std::optional<double>>& values) const;

 private:
  struct Step {
    char op;  // 'n' number, 'v' name, or one of + - * / ~ (negate)
    double number;
    size_t name;
  };
  std::vector<Step> steps_;  // in reverse Polish order
  std::vector<std::string> names_;
};

}  // namespace cckpi

#endif  // CCKPI_KPI_FORMULA_H_
