#include "cli/common.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"
#include "cckpi/io/config_json.h"
#include "cckpi/io/render_text.h"

namespace cckpi::cli {
namespace {

constexpr int kDefaultWidth = 110;
constexpr int kLeastWidth = 60;
constexpr int kMostWidth = 200;

// A pipe whose reader went away is Cancelled, everything else Unavailable.
absl::Status ErrnoStatus(std::string_view place, int error) {
  if (error == EPIPE) return absl::CancelledError("the reader went away");
  return absl::UnavailableError(
      absl::StrCat(std::string(place), ": ", std::strerror(error)));
}

absl::Status WriteAll(int descriptor, std::string_view place,
                      std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(place, errno);
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

// The mode of the file that `path` replaces, or the one of a new file.
mode_t ModeFor(const std::string& path) {
  struct stat before;
  if (::stat(path.c_str(), &before) == 0) return before.st_mode & 07777;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

absl::Status ReplaceFile(const std::string& path, std::string_view text) {
  std::string temporary = path + ".XXXXXX";
  const int descriptor = ::mkstemp(temporary.data());
  if (descriptor < 0) return ErrnoStatus(path, errno);
  absl::Status status = WriteAll(descriptor, path, text);
  if (status.ok() && ::fchmod(descriptor, ModeFor(path)) != 0) {
    status = ErrnoStatus(path, errno);
  }
  // What a state replaces must not be lost before it is there.
  if (status.ok() && ::fsync(descriptor) != 0) {
    status = ErrnoStatus(path, errno);
  }
  if (::close(descriptor) != 0 && status.ok()) {
    status = ErrnoStatus(path, errno);
  }
  if (status.ok() && std::rename(temporary.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus(path, errno);
  }
  if (!status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  // The new name too, where the system can; the file is whole in any case.
  const size_t slash = path.find_last_of('/');
  const std::string directory =
      slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int folder = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  return status;
}

bool IsSet(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

ExitStatus Fail(const absl::Status& status) {
  std::string text;
  for (const auto& line : absl::StrSplit(std::string(status.message()), '\n')) {
    const std::string reason = PrintableText(std::string(line));
    absl::StrAppend(&text, "cckpi: ", reason, "\n");
  }
  std::fputs(text.c_str(), stderr);
  return ExitStatus::kBad;
}

absl::Status At(std::string_view place, const absl::Status& status) {
  if (status.ok()) return status;
  std::string text;
  for (const auto& line : absl::StrSplit(std::string(status.message()), '\n')) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", std::string(place), ": ",
                    std::string(line));
  }
  return absl::Status(status.code(), text);
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path,
                                          size_t most) {
  const std::string name = path == "-" ? "standard input" : path;
  const int descriptor =
      path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY);
  if (descriptor < 0) return ErrnoStatus(name, errno);
  std::string text;
  struct stat known;
  if (::fstat(descriptor, &known) == 0 && S_ISREG(known.st_mode)) {
    text.reserve(std::min(static_cast<size_t>(known.st_size), most) + 1);
  }
  std::string buffer(size_t{1} << 16, '\0');
  absl::Status status;
  while (true) {
    const ssize_t size = ::read(descriptor, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) status = ErrnoStatus(name, errno);
    if (size <= 0) break;
    text.append(buffer, 0, static_cast<size_t>(size));
    if (text.size() > most) break;
  }
  ::close(descriptor);
  if (!status.ok()) return status;
  return text;
}

absl::StatusOr<Config> LoadConfig(const std::string& path) {
  if (path.empty()) return Config();
  CCKPI_ASSIGN_OR_RETURN(const std::string text,
                         ReadWholeFile(path, kMaxConfigBytes));
  absl::StatusOr<Config> config = ParseConfig(text);
  if (!config.ok()) {
    return At(path == "-" ? "standard input" : path, config.status());
  }
  return config;
}

absl::StatusOr<Format> ParseFormat(std::string_view text, HtmlFormat html) {
  if (text == "table") return Format::kTable;
  if (text == "csv") return Format::kCsv;
  if (text == "json") return Format::kJson;
  if (text == "html" && html == HtmlFormat::kYes) return Format::kHtml;
  return absl::InvalidArgumentError(absl::StrCat(
      "--format: \"", std::string(text), "\" is none of table, csv, json",
      html == HtmlFormat::kYes ? ", html" : ""));
}

std::vector<std::string> SplitNames(const std::vector<std::string>& lists) {
  std::vector<std::string> names;
  for (const std::string& list : lists) {
    for (const auto& name : absl::StrSplit(list, ',', absl::SkipEmpty())) {
      names.emplace_back(name);
    }
  }
  return names;
}

absl::StatusOr<int64_t> ParseInstant(std::string_view option,
                                     std::string_view text, const Zone& zone) {
  absl::CivilDay day;
  int64_t at_us = 0;
  if (text.size() == 10 && absl::ParseCivilTime(std::string(text), &day)) {
    // The first instant of the date, also where its midnight is skipped.
    const absl::TimeZone::TimeInfo info =
        zone.time_zone().At(absl::CivilSecond(day));
    at_us = FromTime(info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans
                                                                    : info.pre);
  } else {
    absl::StatusOr<int64_t> instant = ParseTime(text);
    if (!instant.ok()) return At(option, instant.status());
    at_us = *instant;
  }
  if (at_us < kEarliestTime || at_us >= kLatestTime) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(option), ": ", std::string(text),
                     " is not between 1990 and 2100"));
  }
  return at_us;
}

TableOptions TableOptionsFor(const Output& output, const Zone& zone) {
  TableOptions options;
  options.zone = zone;
  options.width = kDefaultWidth;
  if (!output.path.empty() || ::isatty(STDOUT_FILENO) == 0) return options;
  struct winsize size;
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    options.width = std::clamp<int>(size.ws_col, kLeastWidth, kMostWidth);
  }
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::strcmp(terminal, "dumb") == 0;
  if (!output.no_color && !IsSet("NO_COLOR") && !dumb) {
    options.color = TextTable::Color::kOn;
  }
  return options;
}

absl::Status WriteResult(const Output& output, std::string_view text) {
  if (output.path.empty() || output.path == "-") {
    const absl::Status status =
        WriteAll(STDOUT_FILENO, "standard output", text);
    return absl::IsCancelled(status) ? absl::OkStatus() : status;
  }
  // What is not a file (a terminal, a pipe) is written to, not replaced; a
  // link stays one.
  struct stat before;
  const bool exists = ::stat(output.path.c_str(), &before) == 0;
  if (exists && S_ISDIR(before.st_mode)) {
    return ErrnoStatus(output.path, EISDIR);
  }
  if (exists && !S_ISREG(before.st_mode)) {
    const int descriptor = ::open(output.path.c_str(), O_WRONLY);
    if (descriptor < 0) return ErrnoStatus(output.path, errno);
    absl::Status status = WriteAll(descriptor, output.path, text);
    ::close(descriptor);
    return status;
  }
  std::unique_ptr<char, decltype(&std::free)> real(
      exists ? ::realpath(output.path.c_str(), nullptr) : nullptr, &std::free);
  return ReplaceFile(real == nullptr ? output.path : real.get(), text);
}

std::string GroupText(const GroupLabels& group) {
  std::string text;
  for (const auto& [dimension, value] : group) {
    absl::StrAppend(&text, text.empty() ? "" : ", ",
                    PrintableText(value.value_or("(none)")));
  }
  return text;
}

Progress::Progress(Wanted wanted)
    : on_(wanted == Wanted::kOnTerminal && ::isatty(STDERR_FILENO) != 0) {}

void Progress::Update(std::string_view name, int64_t done, int64_t total) {
  if (!on_) return;
  constexpr int64_t kIntervalMs = 200;
  const int64_t now_ms = NowMs();
  if (now_ms - last_update_ms_ < kIntervalMs) return;
  last_update_ms_ = now_ms;
  std::string line = "\r\x1b[K" + FitText(PrintableText(name), 50);
  if (total > 0) {
    absl::StrAppend(&line, "  ", std::min<int64_t>(100, done * 100 / total),
                    " %");
  } else if (done > 0) {
    absl::StrAppend(&line, "  ", done >> 20, " MiB");
  }
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
  shown_ = true;
}

void Progress::Clear() {
  if (!shown_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace cckpi::cli
