// SpillFile: a temporary file without a name, written once from front to
// back and then read anywhere.

#ifndef CCKPI_IO_SPILL_FILE_H_
#define CCKPI_IO_SPILL_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cckpi {

class SpillFile {
 public:
  // Unavailable names the directory and the reason.
  static absl::StatusOr<std::unique_ptr<SpillFile>> Create(
      const std::string& directory);
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  // ResourceExhausted when the disk is full.
  absl::Status Append(std::string_view bytes);
  absl::Status ReadAt(int64_t offset, char* out, size_t size) const;

  int64_t size() const { return size_; }

 private:
  SpillFile(int descriptor, std::string directory)
      : descriptor_(descriptor), directory_(std::move(directory)) {}
  absl::Status Failure(int error) const;

  int descriptor_;
  std::string directory_;
  int64_t size_ = 0;
};

}  // namespace cckpi

#endif  // CCKPI_IO_SPILL_FILE_H_
