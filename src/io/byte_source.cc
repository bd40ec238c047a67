#include "src/io/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace cckpi {
namespace {

std::string ErrorText(int error) {
  return std::generic_category().message(error);
}

class FileSource : public ByteSource {
 public:
  FileSource(int descriptor, bool owned, std::optional<int64_t> total)
      : descriptor_(descriptor), owned_(owned), total_(total) {}
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  ~FileSource() override {
    if (owned_) close(descriptor_);
  }

  absl::StatusOr<size_t> Read(char* out, size_t size) override {
    while (true) {
      ssize_t got = read(descriptor_, out, size);
      if (got >= 0) {
        read_ += got;
        return static_cast<size_t>(got);
      }
      if (errno == EINTR) continue;
      return absl::UnavailableError(
          absl::StrCat(ErrorText(errno), " at byte ", read_));
    }
  }

  int64_t bytes_read() const override { return read_; }
  std::optional<int64_t> bytes_total() const override { return total_; }

 private:
  int descriptor_;
  bool owned_;
  int64_t read_ = 0;
  std::optional<int64_t> total_;
};

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}

  absl::StatusOr<size_t> Read(char* out, size_t size) override {
    size_t count = std::min(size, bytes_.size() - read_);
    if (count > 0) std::memcpy(out, bytes_.data() + read_, count);
    read_ += count;
    return count;
  }

  int64_t bytes_read() const override { return static_cast<int64_t>(read_); }
  std::optional<int64_t> bytes_total() const override {
    return static_cast<int64_t>(bytes_.size());
  }

 private:
  std::string_view bytes_;
  size_t read_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> OpenFile(const std::string& path) {
  if (path == "-") {
    return std::make_unique<FileSource>(STDIN_FILENO, false, std::nullopt);
  }
  int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    int error = errno;
    std::string message = absl::StrCat(path, ": ", ErrorText(error));
    if (error == ENOENT) return absl::NotFoundError(message);
    if (error == EACCES) return absl::PermissionDeniedError(message);
    return absl::UnavailableError(message);
  }
  std::optional<int64_t> total;
  struct stat info;
  if (fstat(descriptor, &info) == 0) {
    if (S_ISDIR(info.st_mode)) {
      close(descriptor);
      return absl::InvalidArgumentError(absl::StrCat(path, ": is a directory"));
    }
    if (S_ISREG(info.st_mode)) total = info.st_size;
  }
  return std::make_unique<FileSource>(descriptor, true, total);
}

std::unique_ptr<ByteSource> OpenMemory(std::string_view bytes) {
  return std::make_unique<MemorySource>(bytes);
}

}  // namespace cckpi
