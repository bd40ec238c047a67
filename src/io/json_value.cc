#include "src/io/json_value.h"

#include <charconv>
#include <cmath>

#include "cckpi/event/event.h"

namespace cckpi {
namespace {

using simdjson::dom::element_type;

constexpr size_t kNumberBytes = 32;  // any integer, any shortest double

template <typename T>
std::string_view WriteNumber(T number, TextArena* scratch) {
  char* text = scratch->Allocate(kNumberBytes);
  auto result = std::to_chars(text, text + kNumberBytes, number);
  return {text, static_cast<size_t>(result.ptr - text)};
}

}  // namespace

std::optional<std::string_view> TextOrInteger(simdjson::dom::element value,
                                              TextArena* scratch) {
  switch (value.type()) {
    case element_type::STRING: {
      std::string_view text;
      if (value.get(text) != simdjson::SUCCESS) return std::nullopt;
      return text;
    }
    case element_type::INT64: {
      int64_t number = 0;
      if (value.get(number) != simdjson::SUCCESS) return std::nullopt;
      return WriteNumber(number, scratch);
    }
    case element_type::UINT64: {
      uint64_t number = 0;
      if (value.get(number) != simdjson::SUCCESS) return std::nullopt;
      return WriteNumber(number, scratch);
    }
    default:
      return std::nullopt;
  }
}

std::optional<std::string_view> ScalarText(simdjson::dom::element value,
                                           TextArena* scratch) {
  switch (value.type()) {
    case element_type::DOUBLE: {
      double number = 0;
      if (value.get(number) != simdjson::SUCCESS) return std::nullopt;
      return WriteNumber(number, scratch);
    }
    case element_type::BOOL: {
      bool truth = false;
      if (value.get(truth) != simdjson::SUCCESS) return std::nullopt;
      return truth ? "true" : "false";
    }
    case element_type::NULL_VALUE:
      return std::string_view();
    default:
      return TextOrInteger(value, scratch);
  }
}

std::optional<int64_t> NumberMicro(simdjson::dom::element value) {
  // Beyond this a millionth does not fit in 64 bits.
  constexpr int64_t kLargest = 9'000'000'000'000;
  switch (value.type()) {
    case element_type::INT64: {
      int64_t number = 0;
      if (value.get(number) != simdjson::SUCCESS) return std::nullopt;
      if (number > kLargest || number < -kLargest) return std::nullopt;
      return number * 1'000'000;
    }
    case element_type::DOUBLE: {
      double number = 0;
      if (value.get(number) != simdjson::SUCCESS) return std::nullopt;
      // Shortest digits give back the decimals that were written.
      char text[64];
      auto result = std::to_chars(text, text + sizeof(text), number,
                                  std::chars_format::fixed);
      if (result.ec != std::errc()) return std::nullopt;
      return ParseMicro({text, static_cast<size_t>(result.ptr - text)});
    }
    default:
      return std::nullopt;
  }
}

std::string JsonFault(simdjson::error_code code) {
  switch (code) {
    case simdjson::UTF8_ERROR:
      return "is not valid UTF-8";
    case simdjson::UNCLOSED_STRING:
      return "is not JSON: a text is not closed";
    case simdjson::UNESCAPED_CHARS:
      return "is not JSON: a control character in a text";
    case simdjson::STRING_ERROR:
      return "is not JSON: a text has a wrong escape";
    case simdjson::NUMBER_ERROR:
      return "is not JSON: a number is malformed or too large";
    case simdjson::DEPTH_ERROR:
      return "is not JSON: nested too deeply";
    case simdjson::MEMALLOC:
    case simdjson::CAPACITY:
      return "is too large to parse";
    default:
      return "is not JSON";
  }
}

}  // namespace cckpi
