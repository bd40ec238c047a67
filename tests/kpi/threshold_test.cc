#include "cckpi/kpi/threshold.h"

#include <optional>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace cckpi {
namespace {

std::string Error(std::string_view text, std::optional<Unit> unit) {
  absl::StatusOr<Threshold> threshold = ParseThreshold(text, unit);
  return threshold.ok() ? "no error"
                        : std::string(threshold.status().message());
}

TEST(QuantityTest, IsReadInMillionthsOfItsUnit) {
  EXPECT_EQ(*ParseQuantity("15m", Unit::kSeconds), 900'000'000);
  EXPECT_EQ(*ParseQuantity("0", Unit::kSeconds), 0);
  EXPECT_EQ(*ParseQuantity("85%", Unit::kRatio), 850'000);
  EXPECT_EQ(*ParseQuantity("99.95 %", Unit::kRatio), 999'500);
  EXPECT_EQ(*ParseQuantity("0.85", Unit::kRatio), 850'000);
  EXPECT_EQ(*ParseQuantity("-5%", Unit::kRatio), -50'000);
  EXPECT_EQ(*ParseQuantity(" 4.5 ", Unit::kScore), 4'500'000);
  EXPECT_EQ(*ParseQuantity("12", Unit::kCount), 12'000'000);
}

TEST(QuantityTest, WithoutAUnitTakesEveryForm) {
  EXPECT_EQ(*ParseQuantity("5m", std::nullopt), 300'000'000);
  EXPECT_EQ(*ParseQuantity("5%", std::nullopt), 50'000);
  EXPECT_EQ(*ParseQuantity("5", std::nullopt), 5'000'000);
  EXPECT_FALSE(ParseQuantity("five", std::nullopt).ok());
}

TEST(QuantityTest, WrongFormsAreRefused) {
  EXPECT_FALSE(ParseQuantity("15", Unit::kSeconds).ok());
  EXPECT_FALSE(ParseQuantity("15m", Unit::kRatio).ok());
  EXPECT_FALSE(ParseQuantity("5%", Unit::kCount).ok());
  EXPECT_FALSE(ParseQuantity("%", Unit::kRatio).ok());
  EXPECT_FALSE(ParseQuantity("1.00001%", Unit::kRatio).ok());
  EXPECT_FALSE(ParseQuantity("", std::nullopt).ok());
  EXPECT_EQ(ParseQuantity("15", Unit::kSeconds).status().message(),
            "\"15\" is no span such as \"15m\" or \"1h30m\"");
}

TEST(ThresholdTest, HasAComparatorAndAQuantity) {
  EXPECT_EQ(ParseThreshold("<15m", Unit::kSeconds)->comparator,
            Comparator::kLess);
  EXPECT_EQ(ParseThreshold("<= 120s", Unit::kSeconds)->value_micro,
            120'000'000);
  EXPECT_EQ(ParseThreshold("<= 120s", Unit::kSeconds)->comparator,
            Comparator::kLessEqual);
  EXPECT_EQ(ParseThreshold(">3", Unit::kCount)->comparator,
            Comparator::kGreater);
  EXPECT_EQ(ParseThreshold(">=85%", Unit::kRatio)->comparator,
            Comparator::kGreaterEqual);
  EXPECT_EQ(Error("15m", Unit::kSeconds),
            "\"15m\" does not begin with <, <=, > or >=");
  EXPECT_EQ(Error("", Unit::kSeconds),
            "\"\" does not begin with <, <=, > or >=");
  EXPECT_EQ(Error("<", Unit::kCount),
            "\"\" is no number such as \"12\" or \"4.5\"");
  EXPECT_EQ(Error("=>3", Unit::kCount),
            "\"=>3\" does not begin with <, <=, > or >=");
}

TEST(ThresholdTest, FormatIsReadBack) {
  struct Case {
    std::string_view text;
    std::optional<Unit> unit;
  };
  for (const Case& c :
       {Case{"<15m", Unit::kSeconds}, Case{">=85%", Unit::kRatio},
        Case{"<=99.95%", Unit::kRatio}, Case{">12.5", Unit::kPerHour},
        Case{"<=-3", std::nullopt}}) {
    absl::StatusOr<Threshold> threshold = ParseThreshold(c.text, c.unit);
    ASSERT_TRUE(threshold.ok()) << threshold.status();
    EXPECT_EQ(FormatThreshold(*threshold, c.unit), c.text);
  }
  EXPECT_EQ(FormatQuantity(INT64_MIN, Unit::kRatio), "-9223372036854.775808");
}

TEST(ThresholdTest, MeetsIncludesTheEdgeOnlyWithEqual) {
  const auto meets = [](Comparator comparator, int64_t value) {
    return Meets({comparator, 10}, value);
  };
  EXPECT_TRUE(meets(Comparator::kLess, 9));
  EXPECT_FALSE(meets(Comparator::kLess, 10));
  EXPECT_TRUE(meets(Comparator::kLessEqual, 10));
  EXPECT_FALSE(meets(Comparator::kLessEqual, 11));
  EXPECT_TRUE(meets(Comparator::kGreater, 11));
  EXPECT_FALSE(meets(Comparator::kGreater, 10));
  EXPECT_TRUE(meets(Comparator::kGreaterEqual, 10));
  EXPECT_FALSE(meets(Comparator::kGreaterEqual, 9));
}

TEST(ThresholdTest, DirectionSaysWhichValueIsBetter) {
  EXPECT_EQ(DirectionOf(Comparator::kLess), Direction::kLowerIsBetter);
  EXPECT_EQ(DirectionOf(Comparator::kLessEqual), Direction::kLowerIsBetter);
  EXPECT_EQ(DirectionOf(Comparator::kGreater), Direction::kHigherIsBetter);
  EXPECT_EQ(DirectionOf(Comparator::kGreaterEqual), Direction::kHigherIsBetter);
  EXPECT_TRUE(IsBetter(1, 2, Direction::kLowerIsBetter));
  EXPECT_FALSE(IsBetter(2, 2, Direction::kLowerIsBetter));
  EXPECT_TRUE(IsBetter(3, 2, Direction::kHigherIsBetter));
  EXPECT_FALSE(IsBetter(2, 2, Direction::kHigherIsBetter));
}

}  // namespace
}  // namespace cckpi
