#include "cli/follow.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"
#include "cli/feed_parts.h"

namespace cckpi::cli {
namespace {

constexpr size_t kReadBytes = size_t{1} << 20;
constexpr int64_t kLookAgain = 200 * kMillisecond;

absl::Status Errno(const std::string& path) {
  return absl::UnavailableError(absl::StrCat(path, ": ", std::strerror(errno)));
}

// Ends early when a signal comes.
void Sleep(int64_t span_us) {
  timespec left = {span_us / kSecond, (span_us % kSecond) * 1000};
  ::nanosleep(&left, nullptr);
}

// The bytes up to the last newline that is not inside quotes.
size_t WholeRecords(const std::string& text, bool csv) {
  if (!csv) {
    const size_t last = text.rfind('\n');
    return last == std::string::npos ? 0 : last + 1;
  }
  bool quoted = false;
  size_t whole = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '\n' && !quoted) whole = i + 1;
  }
  return whole;
}

}  // namespace

Follower::Follower(std::string path, OpenOptions options)
    : path_(std::move(path)), options_(std::move(options)) {}

Follower::~Follower() {
  if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
}

absl::Status Follower::Open() {
  if (path_ == "-") {
    descriptor_ = STDIN_FILENO;
    return absl::OkStatus();
  }
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) return Errno(path_);
  struct stat status;
  if (::fstat(descriptor_, &status) != 0) return Errno(path_);
  if (S_ISDIR(status.st_mode)) {
    return absl::InvalidArgumentError(path_ + ": is a directory");
  }
  return absl::OkStatus();
}

void Follower::StartFile() {
  offset_ = 0;
  pending_.clear();
  csv_.reset();
  header_.clear();
  lines_ = 0;
}

absl::Status Follower::CheckRotation() {
  struct stat now;
  struct stat mine;
  if (::stat(path_.c_str(), &now) != 0) return absl::OkStatus();  // in between
  if (::fstat(descriptor_, &mine) != 0) return Errno(path_);
  if (now.st_dev != mine.st_dev || now.st_ino != mine.st_ino) {
    rotated_ = true;
  } else if (S_ISREG(now.st_mode) && now.st_size < offset_) {
    if (::lseek(descriptor_, 0, SEEK_SET) < 0) return Errno(path_);
    StartFile();
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> Follower::Fill() {
  const size_t before = pending_.size();
  pending_.resize(before + kReadBytes);
  const ssize_t got = ::read(descriptor_, pending_.data() + before, kReadBytes);
  pending_.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0 && errno != EINTR && errno != EAGAIN) return Errno(path_);
  if (got <= 0) return size_t{0};
  offset_ += got;
  return static_cast<size_t>(got);
}

absl::StatusOr<bool> Follower::Parse(
    bool at_end, const std::function<void(const EventBatch&)>& sink) {
  if (at_end && !pending_.empty() && pending_.back() != '\n') pending_ += '\n';
  if (!csv_.has_value()) {
    const size_t first = pending_.find_first_not_of(" \t\r\n\xef\xbb\xbf");
    if (first == std::string::npos) return false;
    if (pending_.compare(0, 2, "\x1f\x8b") == 0) {
      return absl::InvalidArgumentError(
          path_ + ": a compressed log does not grow; use cckpi alerts");
    }
    csv_ = pending_[first] != '{';
  }
  size_t whole = WholeRecords(pending_, *csv_);
  if (whole == 0) {
    if (pending_.size() <= options_.max_record_bytes) return false;
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ": line ", lines_ + 1, " is too long"));
  }
  if (*csv_ && header_.empty()) {
    const size_t end = pending_.find('\n') + 1;
    header_ = pending_.substr(0, end);
    pending_.erase(0, end);
    ++lines_;
    whole -= std::min(whole, end);
    if (whole == 0) return false;
  }
  const std::string records = header_ + pending_.substr(0, whole);
  pending_.erase(0, whole);
  OpenOptions options = options_;
  if (options.mapping == nullptr) {
    options.format = *csv_ ? EventFormat::kCsv : EventFormat::kJsonLines;
  }
  CCKPI_ASSIGN_OR_RETURN(std::unique_ptr<EventReader> reader,
                         OpenEventsInMemory(records, options));
  const int64_t shift = lines_ - (header_.empty() ? 0 : 1);
  EventBatch batch;
  bool any = false;
  while (true) {
    CCKPI_ASSIGN_OR_RETURN(const bool more, reader->Read(&batch, kBatchEvents));
    if (!more) break;
    for (int64_t& row : batch.rows) row += shift;
    for (Refusal& refusal : batch.refusals) refusal.row += shift;
    sink(batch);
    any = true;
  }
  lines_ += std::count(records.begin(), records.end(), '\n') -
            (header_.empty() ? 0 : 1);
  return any;
}

absl::StatusOr<Follower::Got> Follower::Read(
    int64_t wait_us, const std::function<void(const EventBatch&)>& sink) {
  if (descriptor_ < 0) {
    const absl::Status opened = Open();
    if (!opened.ok() && !opened_once_) return opened;
    if (!opened.ok()) {  // rotated away; the new file is not there yet
      Sleep(std::min(wait_us, kLookAgain));
      return Got::kNothing;
    }
    opened_once_ = true;
  }
  if (path_ == "-") {
    pollfd wait = {descriptor_, POLLIN, 0};
    const int ready =
        ::poll(&wait, 1, static_cast<int>((wait_us + 999) / kMillisecond));
    if (ready < 0 && errno != EINTR) return Errno("standard input");
    if (ready <= 0) return Got::kNothing;
    CCKPI_ASSIGN_OR_RETURN(const size_t got, Fill());
    const bool at_end = got == 0;
    CCKPI_ASSIGN_OR_RETURN(const bool any, Parse(at_end, sink));
    if (at_end) return Got::kEnd;
    return any ? Got::kEvents : Got::kNothing;
  }
  CCKPI_ASSIGN_OR_RETURN(size_t got, Fill());
  if (got == 0) {
    CCKPI_RETURN_IF_ERROR(CheckRotation());
    // What was written between the last look and the rotation.
    CCKPI_ASSIGN_OR_RETURN(got, Fill());
  }
  if (got == 0 && rotated_) {
    CCKPI_ASSIGN_OR_RETURN(const bool any, Parse(true, sink));
    ::close(descriptor_);
    descriptor_ = -1;
    rotated_ = false;
    StartFile();
    return any ? Got::kEvents : Got::kNothing;
  }
  if (got == 0) {
    Sleep(std::min(wait_us, kLookAgain));
    return Got::kNothing;
  }
  CCKPI_ASSIGN_OR_RETURN(const bool any, Parse(false, sink));
  return any ? Got::kEvents : Got::kNothing;
}

}  // namespace cckpi::cli
