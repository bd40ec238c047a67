// Text that is safe in a page, whatever it holds.

#ifndef CCKPI_SRC_IO_HTML_TEXT_H_
#define CCKPI_SRC_IO_HTML_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

namespace cckpi {

// `text` as the content of an element or of an attribute in double quotes:
// printable (as PrintableText makes it), and without & < > " ' as such.
std::string HtmlText(std::string_view text);

// JSON for the content of a <script> element: the same values, but nothing
// in it can end the element, open a comment, or end a line of a script. What
// is replaced (< > & U+2028 U+2029) may only stand inside JSON strings.
std::string JsonInScript(std::string_view json);

// Joins JSON values to one array, JSON text to one value.
class JsonArray {
 public:
  void Add(std::string_view json);
  void AddText(std::string_view text);
  void AddNumber(double value);
  void AddNull() { Add("null"); }

  std::string text() const { return text_ + "]"; }

 private:
  std::string text_ = "[";
};

class JsonObject {
 public:
  void Add(std::string_view name, std::string_view json);
  void AddText(std::string_view name, std::string_view text);

  std::string text() const { return text_ + "}"; }

 private:
  std::string text_ = "{";
};

}  // namespace cckpi

#endif  // CCKPI_SRC_IO_HTML_TEXT_H_
