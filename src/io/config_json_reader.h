// Reading one object of the configuration, key by key, collecting errors.

#ifndef CCKPI_IO_CONFIG_JSON_READER_H_
#define CCKPI_IO_CONFIG_JSON_READER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/report.h"
#include "src/io/config_json_value.h"

namespace cckpi {

// The errors of one configuration, in the order in which they were found.
class ConfigErrors {
 public:
  // An empty path is the configuration as a whole.
  void Add(const std::string& path, const std::string& reason);
  // A status of a lower layer about the object at `path`. Where its message
  // begins with a name (`"stage": …`, `weekly.mon: …`), that is part of the
  // path.
  void AddStatus(const std::string& path, const absl::Status& status);
  bool empty() const { return count_ == 0; }
  size_t count() const { return count_; }
  absl::Status ToStatus() const;  // OK when empty

 private:
  std::string text_;
  size_t count_ = 0;
};

// "a, b, c"
std::string ListOf(std::span<const std::string_view> names);
// path.key, or path["odd key"].
std::string MemberPath(const std::string& path, std::string_view key);

// One object. Construction checks that it is one and that its section knows
// all of its keys. The getters return nothing for a key that is absent or
// wrong; what is wrong is an error, what is absent only where the getter's
// name says so.
class ObjectReader {
 public:
  // `section` as in ConfigSections(); "*" takes every key.
  ObjectReader(const JsonValue& json, std::string path,
               std::string_view section, ConfigErrors& errors);

  const std::string& path() const { return path_; }
  ConfigErrors& errors() const { return errors_; }
  std::string Path(std::string_view key) const;
  void Error(std::string_view key, const std::string& reason) const;
  void Missing(std::string_view key) const { Error(key, "missing"); }

  const JsonValue* Find(std::string_view key) const;
  // The member if it is of that type.
  const JsonValue* Typed(std::string_view key, JsonValue::Type type) const;

  std::optional<std::string> Text(std::string_view key) const;  // not empty
  std::optional<std::string> RequiredText(std::string_view key) const;
  // At most `kLongestSpan`.
  std::optional<int64_t> Span(std::string_view key) const;
  std::optional<int64_t> PositiveSpan(std::string_view key) const;
  std::optional<int64_t> Integer(std::string_view key, int64_t least,
                                 int64_t most) const;
  // A number with at most three decimals, in thousandths, above 0.
  std::optional<int64_t> Permille(std::string_view key,
                                  int64_t most_permille) const;
  std::optional<bool> Flag(std::string_view key) const;
  std::optional<int64_t> Time(std::string_view key) const;
  // The index of the word.
  std::optional<size_t> Choice(std::string_view key,
                               std::span<const std::string_view> words) const;
  std::vector<std::string> Texts(std::string_view key) const;
  std::vector<std::string> RequiredTexts(std::string_view key) const;
  // Each item of the list with its path.
  void ForEach(std::string_view key,
               const std::function<void(const JsonValue& item,
                                        const std::string& path)>& read) const;

  // Dimension names to values.
  std::map<std::string, std::string> Scope(std::string_view key) const;
  GroupBy Dimensions(std::string_view key) const;
  // A quantity as text, or as a number where the unit is written as one.
  std::optional<int64_t> Quantity(std::string_view key,
                                  std::optional<Unit> unit) const;
  std::optional<Threshold> ReadThreshold(std::string_view key,
                                         std::optional<Unit> unit) const;

 private:
  const JsonValue& json_;
  std::string path_;
  ConfigErrors& errors_;
};

// No configured span is longer, so that sums stay far inside int64.
inline constexpr int64_t kLongestConfigSpan = 3660 * kDay;
// No configured number of observations is greater.
inline constexpr int64_t kLargestCount = 1'000'000'000;

// The text of a list's item; an error unless it is text and not empty.
std::optional<std::string> ItemText(const JsonValue& item,
                                    const std::string& path,
                                    ConfigErrors& errors);
// Names of dimensions, each once; reads `list` at `path`.
GroupBy ReadDimensions(const JsonValue& list, const std::string& path,
                       ConfigErrors& errors);

}  // namespace cckpi

#endif  // CCKPI_IO_CONFIG_JSON_READER_H_
