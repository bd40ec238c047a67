// What the commands of the tool share: files, output, terminal, errors.

#ifndef CCKPI_CLI_COMMON_H_
#define CCKPI_CLI_COMMON_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cckpi/base/time.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/io/render.h"
#include "cckpi/kpi/config.h"
#include "cckpi/scaling/evaluator.h"

namespace cckpi::cli {

enum class ExitStatus : int {
  kOk = 0,
  kRefused = 1,  // events were refused, under --strict
  // A bad argument or configuration, an unreadable file, too little memory.
  kBad = 2,
};

// Says `cckpi: REASON` on standard error, one line for each line of the
// message. The status to exit with.
ExitStatus Fail(const absl::Status& status);

// `status` with "PLACE: " before each line of its message.
absl::Status At(std::string_view place, const absl::Status& status);

// The bytes of a file, or of standard input for "-". Errors name it. Of more
// than `most` the rest is left out, for a reader that refuses them.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path,
                                          size_t most = std::string::npos);

// The configuration in a file; of an empty path, the default one.
absl::StatusOr<Config> LoadConfig(const std::string& path);

enum class Format : uint8_t { kTable, kCsv, kJson, kHtml };

// Does a command write pages too?
enum class HtmlFormat : uint8_t { kNo, kYes };

// InvalidArgument names the formats that there are.
absl::StatusOr<Format> ParseFormat(std::string_view text,
                                   HtmlFormat html = HtmlFormat::kNo);

// "a,b" and "c" to a, b, c.
std::vector<std::string> SplitNames(const std::vector<std::string>& lists);

// An instant in RFC 3339, or a date, meaning its first instant in `zone`.
absl::StatusOr<int64_t> ParseInstant(std::string_view option,
                                     std::string_view text, const Zone& zone);

// Where the result goes.
struct Output {
  std::string path;  // empty: standard output
  bool no_color = false;
};

// The longest time between two ticks of the scaling matrix.
inline constexpr int64_t kLongestTick = kDay;

// "facebook, north": what a group of the scaling matrix is called in a table.
std::string GroupText(const GroupLabels& group);

// Width and colour for tables: those of the terminal, if it is one.
TableOptions TableOptionsFor(const Output& output, const Zone& zone);

// Writes the whole result. A file is replaced in one step, when everything is
// written, and left alone on any error. A reader that went away early
// (`cckpi … | head`) is no error.
absl::Status WriteResult(const Output& output, std::string_view text);

// Tells on standard error how far the reading is, on a terminal only.
class Progress {
 public:
  enum class Wanted : uint8_t { kNo, kOnTerminal };

  explicit Progress(Wanted wanted);
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `done` of `total` bytes of `name`; a negative total is unknown.
  void Update(std::string_view name, int64_t done, int64_t total);
  void Clear();

 private:
  bool on_ = false;
  bool shown_ = false;
  int64_t last_update_ms_ = 0;
};

}  // namespace cckpi::cli

#endif  // CCKPI_CLI_COMMON_H_
