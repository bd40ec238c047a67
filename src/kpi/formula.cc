// Shunting-yard: operators wait on a stack until one that binds less tightly
// comes, so no nesting of the text becomes nesting of calls.

#include "cckpi/kpi/formula.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "src/base/text.h"

namespace cckpi {
namespace {

constexpr size_t kLongestFormula = 4096;
constexpr int kDeepestFormula = 100;
constexpr char kNegate = '~';

bool IsNameStart(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || c == '_';
}
// The dot joins the parts of a name: handle_time.assign_to_reply.
bool IsNamePart(char c) { return IsNameStart(c) || IsDigit(c) || c == '.'; }

int Precedence(char op) {
  switch (op) {
    case '+':
    case '-':
      return 1;
    case '*':
    case '/':
      return 2;
    case kNegate:
      return 3;
    default:
      return 0;  // an open parenthesis: nothing passes it
  }
}

absl::Status ErrorAt(size_t offset, const std::string& reason) {
  return absl::InvalidArgumentError("formula: column " +
                                    std::to_string(offset + 1) + ": " + reason);
}

}  // namespace

absl::StatusOr<Formula> Formula::Parse(std::string_view text) {
  if (text.size() > kLongestFormula) {
    return ErrorAt(
        kLongestFormula,
        "longer than " + std::to_string(kLongestFormula) + " characters");
  }
  struct Waiting {
    char op;
    size_t offset;
  };
  Formula formula;
  std::vector<Waiting> waiting;
  int depth = 0;
  bool want_operand = true;

  size_t i = 0;
  while (true) {
    while (i < text.size() && (text[i] == ' ' || text[i] == '\t')) ++i;
    if (i == text.size()) break;
    const char c = text[i];
    if (want_operand) {
      if (IsDigit(c)) {
        size_t end = i;
        while (end < text.size() && IsDigit(text[end])) ++end;
        if (end < text.size() && text[end] == '.') {
          ++end;
          if (end == text.size() || !IsDigit(text[end])) {
            return ErrorAt(end, "expected a digit after the decimal point");
          }
          while (end < text.size() && IsDigit(text[end])) ++end;
        }
        double number = 0;
        const std::from_chars_result read =
            std::from_chars(text.data() + i, text.data() + end, number,
                            std::chars_format::fixed);
        if (read.ec != std::errc() || read.ptr != text.data() + end) {
          return ErrorAt(i, "the number is too large");
        }
        if (end < text.size() && IsNamePart(text[end])) {
          return ErrorAt(end, "expected an operator");
        }
        formula.steps_.push_back({'n', number, 0});
        i = end;
        want_operand = false;
      } else if (IsNameStart(c)) {
        size_t end = i;
        while (end < text.size() && IsNamePart(text[end])) ++end;
        const std::string name(text.substr(i, end - i));
        size_t index = 0;
        while (index < formula.names_.size() && formula.names_[index] != name) {
          ++index;
        }
        if (index == formula.names_.size()) formula.names_.push_back(name);
        formula.steps_.push_back({'v', 0, index});
        i = end;
        want_operand = false;
      } else if (c == '(' || c == '-') {
        if (++depth > kDeepestFormula) {
          return ErrorAt(i, "nested more than " +
                                std::to_string(kDeepestFormula) + " deep");
        }
        waiting.push_back({c == '(' ? '(' : kNegate, i});
        ++i;
      } else {
        return ErrorAt(i, "expected a name, a number or \"(\"");
      }
      continue;
    }

    const int precedence = Precedence(c);
    if (precedence == 0 && c != ')') {
      return ErrorAt(i, "expected an operator or the end");
    }
    // All four operators bind to the left: equal precedence goes first.
    while (!waiting.empty() && waiting.back().op != '(' &&
           Precedence(waiting.back().op) >= precedence) {
      if (waiting.back().op == kNegate) --depth;
      formula.steps_.push_back({waiting.back().op, 0, 0});
      waiting.pop_back();
    }
    if (c == ')') {
      if (waiting.empty()) return ErrorAt(i, "\")\" without its \"(\"");
      waiting.pop_back();
      --depth;
    } else {
      waiting.push_back({c, i});
      want_operand = true;
    }
    ++i;
  }
  if (want_operand) {
    return ErrorAt(text.size(), "expected a name, a number or \"(\"");
  }
  while (!waiting.empty()) {
    if (waiting.back().op == '(') {
      return ErrorAt(waiting.back().offset, "\"(\" without its \")\"");
    }
    formula.steps_.push_back({waiting.back().op, 0, 0});
    waiting.pop_back();
  }
  return formula;
}

std::optional<double> Formula::Evaluate(
    const std::vector<std::optional<double>>& values) const {
  std::vector<double> stack;
  for (const Step& step : steps_) {
    if (step.op == 'n') {
      stack.push_back(step.number);
      continue;
    }
    if (step.op == 'v') {
      if (step.name >= values.size() || !values[step.name].has_value()) {
        return std::nullopt;
      }
      stack.push_back(*values[step.name]);
      continue;
    }
    if (step.op == kNegate) {
      stack.back() = -stack.back();
      continue;
    }
    const double right = stack.back();
    stack.pop_back();
    double& left = stack.back();
    switch (step.op) {
      case '+':
        left += right;
        break;
      case '-':
        left -= right;
        break;
      case '*':
        left *= right;
        break;
      default:
        if (right == 0) return std::nullopt;
        left /= right;
    }
  }
  // A formula that was never parsed has no steps and no value.
  if (stack.size() != 1 || !std::isfinite(stack.back())) return std::nullopt;
  return stack.back();
}

}  // namespace cckpi
