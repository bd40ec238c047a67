// SharedText: a text that many hold and nobody changes.
//
// The rows of a report bear the same few names again and again. Copies of a
// SharedText share one text; it reads as the std::string that it converts to.
//
//   SharedText name = "first_response_time";
//   SharedText again = name;              // no copy
//   bool same = again == name;
//   std::string longer = name.str() + ", mean";
//   name = "resolution_time";             // `again` is as it was
//
// Copies may be read and assigned to by different threads at the same time, one
// object as any value.
//
// This file defines SharedText.

#ifndef CCKPI_BASE_SHARED_TEXT_H_
#define CCKPI_BASE_SHARED_TEXT_H_

#include <compare>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "cckpi/base/shared_value.h"

namespace cckpi {

class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string text)  // NOLINT: reads as one, and is made of one
      : text_(text.empty()
                  ? SharedValue<const std::string>()
                  : SharedValue<const std::string>::Make(std::move(text))) {}
  SharedText(std::string_view text)  // NOLINT
      : SharedText(std::string(text)) {}
  SharedText(const char* text)  // NOLINT
      : SharedText(std::string(text)) {}

  const std::string& str() const { return text_ != nullptr ? *text_ : Empty(); }
  operator const std::string&() const { return str(); }  // NOLINT
  operator std::string_view() const { return str(); }    // NOLINT
  const char* c_str() const { return str().c_str(); }
  bool empty() const { return text_ == nullptr; }
  size_t size() const { return str().size(); }

  friend bool operator==(const SharedText& a, const SharedText& b) {
    return a.text_ == b.text_ || a.str() == b.str();
  }
  friend bool operator==(const SharedText& a, std::string_view b) {
    return a.str() == b;
  }
  friend bool operator==(const SharedText& a, const std::string& b) {
    return a.str() == b;
  }
  friend bool operator==(const SharedText& a, const char* b) {
    return a.str() == b;
  }
  friend std::strong_ordering operator<=>(const SharedText& a,
                                          const SharedText& b) {
    return a.str() <=> b.str();
  }
  friend std::ostream& operator<<(std::ostream& out, const SharedText& text) {
    return out << text.str();
  }

 private:
  static const std::string& Empty() {
    static const std::string* const kEmpty = new std::string();
    return *kEmpty;
  }

  SharedValue<const std::string> text_;  // none: empty
};

}  // namespace cckpi

#endif  // CCKPI_BASE_SHARED_TEXT_H_
