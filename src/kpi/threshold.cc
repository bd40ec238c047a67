#include "cckpi/kpi/threshold.h"

#include <optional>
#include <string>
#include <string_view>

#include "cckpi/base/time.h"
#include "cckpi/event/event.h"
#include "src/base/text.h"

namespace cckpi {
namespace {

constexpr int64_t kPercentMicro = 10'000;  // 1 % of 1

std::string_view StripBlanks(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::optional<int64_t> ReadSpan(std::string_view text) {
  // ParseSpan takes "0" without a unit, which is as clear here.
  absl::StatusOr<int64_t> span = ParseSpan(text);
  if (!span.ok()) return std::nullopt;
  return *span;
}

// "85%": hundredths of the number before the sign.
std::optional<int64_t> ReadPercent(std::string_view text) {
  if (text.empty() || text.back() != '%') return std::nullopt;
  text.remove_suffix(1);
  std::optional<int64_t> micro = ParseMicro(std::string(StripBlanks(text)));
  // More than four decimals of a percent have no place in millionths.
  if (!micro.has_value() || *micro % 100 != 0) return std::nullopt;
  return *micro / 100;
}

std::optional<int64_t> ReadNumber(std::string_view text) {
  return ParseMicro(std::string(text));
}

}  // namespace

absl::StatusOr<int64_t> ParseQuantity(std::string_view text,
                                      std::optional<Unit> unit) {
  const std::string_view stripped = StripBlanks(text);
  std::optional<int64_t> value;
  std::string_view expected = " is no number such as \"12\" or \"4.5\"";
  if (!unit.has_value()) {
    value = ReadNumber(stripped);
    if (!value.has_value()) value = ReadPercent(stripped);
    if (!value.has_value()) value = ReadSpan(stripped);
    expected = " is no number, percentage or span";
  } else if (*unit == Unit::kSeconds) {
    value = ReadSpan(stripped);
    expected = " is no span such as \"15m\" or \"1h30m\"";
  } else if (*unit == Unit::kRatio) {
    value = ReadPercent(stripped);
    if (!value.has_value()) value = ReadNumber(stripped);
    expected = " is no ratio such as \"85%\" or \"0.85\"";
  } else {
    value = ReadNumber(stripped);
  }
  if (!value.has_value()) {
    return absl::InvalidArgumentError(Quoted(text) + std::string(expected));
  }
  return *value;
}

std::string FormatQuantity(int64_t value_micro, std::optional<Unit> unit) {
  // Spans have no sign; a negative one can only come from a host's own number.
  if (unit == Unit::kSeconds && value_micro >= 0) {
    return FormatSpan(value_micro);
  }
  if (unit == Unit::kRatio) {
    constexpr int64_t kLargest = INT64_MAX / 100;
    if (-kLargest <= value_micro && value_micro <= kLargest) {
      return FormatMicro(value_micro * (1'000'000 / kPercentMicro)) + "%";
    }
  }
  return FormatMicro(value_micro);
}

absl::StatusOr<Threshold> ParseThreshold(std::string_view text,
                                         std::optional<Unit> unit) {
  std::string_view rest = StripBlanks(text);
  Threshold threshold;
  if (rest.empty() || (rest[0] != '<' && rest[0] != '>')) {
    return absl::InvalidArgumentError(Quoted(text) +
                                      " does not begin with <, <=, > or >=");
  }
  const bool less = rest[0] == '<';
  rest.remove_prefix(1);
  const bool equal = !rest.empty() && rest[0] == '=';
  if (equal) rest.remove_prefix(1);
  threshold.comparator =
      less ? (equal ? Comparator::kLessEqual : Comparator::kLess)
           : (equal ? Comparator::kGreaterEqual : Comparator::kGreater);
  absl::StatusOr<int64_t> value = ParseQuantity(rest, unit);
  if (!value.ok()) return value.status();
  threshold.value_micro = *value;
  return threshold;
}

std::string FormatThreshold(const Threshold& threshold,
                            std::optional<Unit> unit) {
  return std::string(ComparatorName(threshold.comparator)) +
         FormatQuantity(threshold.value_micro, unit);
}

std::string_view ComparatorName(Comparator comparator) {
  switch (comparator) {
    case Comparator::kLess:
      return "<";
    case Comparator::kLessEqual:
      return "<=";
    case Comparator::kGreater:
      return ">";
    case Comparator::kGreaterEqual:
      return ">=";
  }
  return "";
}

bool Meets(const Threshold& threshold, int64_t value_micro) {
  switch (threshold.comparator) {
    case Comparator::kLess:
      return value_micro < threshold.value_micro;
    case Comparator::kLessEqual:
      return value_micro <= threshold.value_micro;
    case Comparator::kGreater:
      return value_micro > threshold.value_micro;
    case Comparator::kGreaterEqual:
      return value_micro >= threshold.value_micro;
  }
  return false;
}

Direction DirectionOf(Comparator comparator) {
  return comparator == Comparator::kLess || comparator == Comparator::kLessEqual
             ? Direction::kLowerIsBetter
             : Direction::kHigherIsBetter;
}

bool IsBetter(int64_t a_micro, int64_t b_micro, Direction direction) {
  return direction == Direction::kLowerIsBetter ? a_micro < b_micro
                                                : a_micro > b_micro;
}

}  // namespace cckpi
