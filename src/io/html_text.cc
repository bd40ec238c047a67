#include "src/io/html_text.h"

#include "cckpi/io/render_text.h"

namespace cckpi {

std::string HtmlText(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char c : PrintableText(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

std::string JsonInScript(std::string_view json) {
  constexpr std::string_view kSeparators = "\xE2\x80";  // U+2028, U+2029
  std::string out;
  out.reserve(json.size() + json.size() / 16);
  for (size_t i = 0; i < json.size(); ++i) {
    switch (json[i]) {
      case '<':
        out += "\\u003c";
        break;
      case '>':
        out += "\\u003e";
        break;
      case '&':
        out += "\\u0026";
        break;
      case '\xE2':
        if (json.substr(i, 2) == kSeparators && i + 2 < json.size() &&
            (json[i + 2] == '\xA8' || json[i + 2] == '\xA9')) {
          out += json[i + 2] == '\xA8' ? "\\u2028" : "\\u2029";
          i += 2;
          break;
        }
        [[fallthrough]];
      default:
        out.push_back(json[i]);
    }
  }
  return out;
}

void JsonArray::Add(std::string_view json) {
  if (text_.size() > 1) text_ += ", ";
  text_ += json;
}

void JsonArray::AddText(std::string_view text) {
  if (text_.size() > 1) text_ += ", ";
  AppendJsonText(text, &text_);
}

void JsonArray::AddNumber(double value) {
  if (text_.size() > 1) text_ += ", ";
  AppendJsonNumber(value, &text_);
}

void JsonObject::Add(std::string_view name, std::string_view json) {
  if (text_.size() > 1) text_ += ", ";
  AppendJsonText(name, &text_);
  text_ += ": ";
  text_ += json;
}

void JsonObject::AddText(std::string_view name, std::string_view text) {
  std::string json;
  AppendJsonText(text, &json);
  Add(name, json);
}

}  // namespace cckpi
