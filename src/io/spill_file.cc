#include "src/io/spill_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace cckpi {

absl::StatusOr<std::unique_ptr<SpillFile>> SpillFile::Create(
    const std::string& directory) {
  std::string path = directory + "/cckpi-sort-XXXXXX";
  int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) {
    return absl::UnavailableError(
        absl::StrCat("temporary file in ", directory, ": ",
                     std::generic_category().message(errno)));
  }
  unlink(path.c_str());
  return std::unique_ptr<SpillFile>(new SpillFile(descriptor, directory));
}

SpillFile::~SpillFile() { close(descriptor_); }

absl::Status SpillFile::Failure(int error) const {
  std::string message = absl::StrCat("temporary file in ", directory_, ": ",
                                     std::generic_category().message(error));
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return absl::ResourceExhaustedError(message);
  }
  return absl::UnavailableError(message);
}

absl::Status SpillFile::Append(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t wrote = write(descriptor_, bytes.data(), bytes.size());
    if (wrote < 0) {
      if (errno == EINTR) continue;
      return Failure(errno);
    }
    bytes.remove_prefix(static_cast<size_t>(wrote));
    size_ += wrote;
  }
  return absl::OkStatus();
}

absl::Status SpillFile::ReadAt(int64_t offset, char* out, size_t size) const {
  while (size > 0) {
    ssize_t got = pread(descriptor_, out, size, offset);
    if (got < 0) {
      if (errno == EINTR) continue;
      return Failure(errno);
    }
    if (got == 0) return Failure(EIO);
    out += got;
    size -= static_cast<size_t>(got);
    offset += got;
  }
  return absl::OkStatus();
}

}  // namespace cckpi
