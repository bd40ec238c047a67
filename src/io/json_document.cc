#include "src/io/json_document.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace cckpi {
namespace {

using nlohmann::json;

// A forward iterator that tells how far the parser has come.
class CountedText {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountedText(const char* at, const char** reached)
      : at_(at), reached_(reached) {}

  reference operator*() const { return *at_; }
  CountedText& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  bool operator==(const CountedText& other) const { return at_ == other.at_; }
  bool operator!=(const CountedText& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

// Looks for the first fault; keeps only the keys of the open objects.
class FaultFinder : public nlohmann::json_sax<json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return Open(); }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override { return Open(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    if (keys_.back().insert(name).second) return true;
    fault_ = absl::StrCat("the key \"", name, "\" is there twice");
    return false;
  }
  bool parse_error(std::size_t, const std::string&,
                   const json::exception&) override {
    fault_ = "is not JSON";
    return false;
  }

  const std::string& fault() const { return fault_; }

 private:
  static constexpr size_t kMostLevels = 64;

  bool Open() {
    if (keys_.size() == kMostLevels) {
      fault_ = "is nested too deeply";
      return false;
    }
    keys_.emplace_back();
    return true;
  }
  bool Close() {
    keys_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> keys_;
  std::string fault_;
};

}  // namespace

absl::StatusOr<json> ParseJsonDocument(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const char* begin = text.data();
  const char* end = begin + text.size();
  const char* reached = begin;
  const char* ignored = end;
  FaultFinder finder;
  if (!json::sax_parse(CountedText(begin, &reached), CountedText(end, &ignored),
                       &finder)) {
    // The parser has taken the character at fault.
    const char* at = reached > begin ? reached - 1 : begin;
    auto line = std::count(begin, at, '\n') + 1;
    const char* line_begin = at;
    while (line_begin > begin && line_begin[-1] != '\n') --line_begin;
    return absl::InvalidArgumentError(absl::StrCat(
        "line ", line, ", column ", at - line_begin + 1, ": ", finder.fault()));
  }
  return json::parse(begin, end, nullptr, /*allow_exceptions=*/false);
}

}  // namespace cckpi
