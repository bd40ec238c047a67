// Small things about text that several modules need.

#ifndef CCKPI_SRC_BASE_TEXT_H_
#define CCKPI_SRC_BASE_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace cckpi {

constexpr bool IsDigit(char c) { return '0' <= c && c <= '9'; }

// In quotation marks and not too long, for a message.
inline std::string Quoted(std::string_view text) {
  constexpr size_t kShown = 60;
  std::string quoted = "\"";
  quoted += text.substr(0, kShown);
  if (text.size() > kShown) quoted += "...";
  quoted += '"';
  return quoted;
}

}  // namespace cckpi

#endif  // CCKPI_SRC_BASE_TEXT_H_
