#include "cckpi/kpi/formula.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;

// The value of a formula without names.
std::optional<double> Value(std::string_view text) {
  absl::StatusOr<Formula> formula = Formula::Parse(text);
  EXPECT_TRUE(formula.ok()) << formula.status();
  return formula.ok() ? formula->Evaluate({}) : std::nullopt;
}

std::string Error(std::string_view text) {
  absl::StatusOr<Formula> formula = Formula::Parse(text);
  if (formula.ok()) return "no error";
  EXPECT_EQ(formula.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(formula.status().message());
}

TEST(FormulaTest, NamesAreListedOnceInOrderOfFirstUse) {
  absl::StatusOr<Formula> formula =
      Formula::Parse("late / due + handle_time.assign_to_reply - late");
  ASSERT_TRUE(formula.ok()) << formula.status();
  EXPECT_THAT(formula->names(),
              ElementsAre("late", "due", "handle_time.assign_to_reply"));
  // 6 / 4 + 10 - 6 = 5.5
  EXPECT_EQ(formula->Evaluate({6.0, 4.0, 10.0}), 5.5);
}

TEST(FormulaTest, ProductsBindTighterAndEqualOperatorsBindToTheLeft) {
  EXPECT_EQ(Value("2 + 3 * 4"), 14.0);
  EXPECT_EQ(Value("(2 + 3) * 4"), 20.0);
  EXPECT_EQ(Value("10 - 4 - 3"), 3.0);
  EXPECT_EQ(Value("24 / 4 / 2"), 3.0);
  EXPECT_EQ(Value("24 / 4 * 2"), 12.0);
  EXPECT_EQ(Value("2*(3-(4-5))"), 8.0);
}

TEST(FormulaTest, MinusNegatesWhatFollows) {
  EXPECT_EQ(Value("-2 + 3"), 1.0);
  EXPECT_EQ(Value("2 * -3"), -6.0);
  EXPECT_EQ(Value("-2 * 3"), -6.0);
  EXPECT_EQ(Value("--2"), 2.0);
  EXPECT_EQ(Value("1 - -(2 + 3)"), 6.0);
}

TEST(FormulaTest, NumbersAreDecimal) {
  EXPECT_EQ(Value("0.25"), 0.25);
  EXPECT_EQ(Value("\t100 "), 100.0);
  EXPECT_EQ(Error(".5"),
            "formula: column 1: expected a name, a number or \"(\"");
  EXPECT_EQ(Error("5."),
            "formula: column 3: expected a digit after the decimal point");
  EXPECT_EQ(Error("1e3"), "formula: column 2: expected an operator");
  EXPECT_EQ(Error("1.2.3"), "formula: column 4: expected an operator");
  EXPECT_EQ(Error(std::string(400, '9')),
            "formula: column 1: the number is too large");
}

TEST(FormulaTest, DivisionByZeroAndMissingOperandsHaveNoValue) {
  EXPECT_EQ(Value("1 / 0"), std::nullopt);
  EXPECT_EQ(Value("0 / (3 - 3)"), std::nullopt);
  absl::StatusOr<Formula> formula = Formula::Parse("a / b");
  ASSERT_TRUE(formula.ok());
  EXPECT_EQ(formula->Evaluate({1.0, std::nullopt}), std::nullopt);
  EXPECT_EQ(formula->Evaluate({1.0}), std::nullopt);
  EXPECT_EQ(formula->Evaluate({1.0, 4.0}), 0.25);
  EXPECT_EQ(Formula().Evaluate({}), std::nullopt);
}

TEST(FormulaTest, OverflowHasNoValue) {
  absl::StatusOr<Formula> formula = Formula::Parse("a * a");
  ASSERT_TRUE(formula.ok());
  EXPECT_EQ(formula->Evaluate({1e200}), std::nullopt);
}

TEST(FormulaTest, ErrorsNameTheColumn) {
  EXPECT_EQ(Error(""), "formula: column 1: expected a name, a number or \"(\"");
  EXPECT_EQ(Error("a / "),
            "formula: column 5: expected a name, a number or \"(\"");
  EXPECT_EQ(Error("late_answered / * b"),
            "formula: column 17: expected a name, a number or \"(\"");
  EXPECT_EQ(Error("a b"), "formula: column 3: expected an operator or the end");
  EXPECT_EQ(Error("a % b"),
            "formula: column 3: expected an operator or the end");
  EXPECT_EQ(Error("(a"), "formula: column 1: \"(\" without its \")\"");
  EXPECT_EQ(Error("a)"), "formula: column 2: \")\" without its \"(\"");
  EXPECT_EQ(Error("()"),
            "formula: column 2: expected a name, a number or \"(\"");
  EXPECT_EQ(Error("a(b)"),
            "formula: column 2: expected an operator or the end");
}

TEST(FormulaTest, HostileNestingAndLengthAreRefused) {
  EXPECT_EQ(Error(std::string(3000, '(')),
            "formula: column 101: nested more than 100 deep");
  EXPECT_EQ(Error(std::string(3000, '-') + "a"),
            "formula: column 101: nested more than 100 deep");
  EXPECT_EQ(Error(std::string(100'000, 'a')),
            "formula: column 4097: longer than 4096 characters");
  // A hundred are allowed, also one after another.
  EXPECT_EQ(Value(std::string(100, '(') + "7" + std::string(100, ')')), 7.0);
  std::string sum = "0";
  for (int i = 0; i < 150; ++i) sum += " + (-1)";
  EXPECT_EQ(Value(sum), -150.0);
}

}  // namespace
}  // namespace cckpi
