#include "cckpi/calendar/zone.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace cckpi {
namespace {

// The loader behind absl::LoadTimeZone also takes file paths, "file:", "libc:"
// and fixed-offset names, and "localtime". None of them names the same rules on
// every machine.
bool IsIanaName(std::string_view name) {
  if (name.empty() || name == "localtime" || name.front() == '/') return false;
  if (name.find("..") != std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '/' ||
           c == '_' || c == '-' || c == '+';
  });
}

}  // namespace

Zone::Zone(absl::TimeZone zone, std::string name)
    : zone_(zone), name_(std::move(name)) {
  is_utc_ =
      zone_ == absl::UTCTimeZone() || name_ == "UTC" || name_ == "Etc/UTC";
}

absl::StatusOr<Zone> LoadZone(std::string_view name) {
  absl::TimeZone zone;
  std::string text(name);
  if (!IsIanaName(name) || !absl::LoadTimeZone(text, &zone)) {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown time zone \"", text, "\""));
  }
  return Zone(zone, std::move(text));
}

}  // namespace cckpi
