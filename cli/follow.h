// Follower: the events of a log that grows.
//
// A file is read from its beginning and then followed: what is appended comes
// when its line is whole. When the file is replaced by another (rotation), the
// old one is read to its end and the new one from its beginning; when it is cut
// short, it is read from its beginning again. Standard input is read to its
// end. CSV keeps the header that it began with, until a new file brings its
// own.

#ifndef CCKPI_CLI_FOLLOW_H_
#define CCKPI_CLI_FOLLOW_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cckpi/io/event_reader.h"

namespace cckpi::cli {

class Follower {
 public:
  // "-" is standard input.
  Follower(std::string path, OpenOptions options);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  enum class Got : uint8_t {
    kEvents,   // the sink was called
    kNothing,  // within the time, or a signal came
    kEnd,      // of standard input; nothing more comes
  };
  // Waits up to `wait_us` for new lines and hands their events to `sink`. An
  // error when the file cannot be opened at first, or read.
  absl::StatusOr<Got> Read(int64_t wait_us,
                           const std::function<void(const EventBatch&)>& sink);

 private:
  absl::Status Open();
  // Reads what there is; 0 when there is nothing.
  absl::StatusOr<size_t> Fill();
  // Looks whether the path is another file now, or a shorter one.
  absl::Status CheckRotation();
  void StartFile();
  // Parses whole records of what is pending; all of it at the end of a file.
  absl::StatusOr<bool> Parse(
      bool at_end, const std::function<void(const EventBatch&)>& sink);

  std::string path_;
  OpenOptions options_;
  int descriptor_ = -1;
  bool opened_once_ = false;
  int64_t offset_ = 0;       // of the file, read so far
  std::string pending_;      // bytes that are not parsed yet
  std::optional<bool> csv_;  // unset: nothing came yet
  std::string header_;       // of CSV, with its newline
  int64_t lines_ = 0;        // before `pending_`
  bool rotated_ = false;     // the descriptor is not the path any more
};

}  // namespace cckpi::cli

#endif  // CCKPI_CLI_FOLLOW_H_
