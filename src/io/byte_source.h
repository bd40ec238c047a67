// Where bytes come from: a file, standard input, memory, gzip over any.

#ifndef CCKPI_IO_BYTE_SOURCE_H_
#define CCKPI_IO_BYTE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace cckpi {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Reads up to `size` bytes, at least one; 0 at the end. An error names the
  // reason and the byte, not the source.
  virtual absl::StatusOr<size_t> Read(char* out, size_t size) = 0;

  // Of the stored form: compressed bytes for gzip.
  virtual int64_t bytes_read() const = 0;
  virtual std::optional<int64_t> bytes_total() const = 0;
};

// "-" is standard input. The error names the path.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenFile(const std::string& path);

// `bytes` must outlive the source.
std::unique_ptr<ByteSource> OpenMemory(std::string_view bytes);

enum class Compression : uint8_t {
  kDetect,  // gzip if the first two bytes say so
  kGzip,    // anything else is an error
};

// Takes the gzip off a source, if there is one. Several members in a row are
// one text, as gzip defines it; zeros after the last are padding.
absl::StatusOr<std::unique_ptr<ByteSource>> Decompress(
    std::unique_ptr<ByteSource> source, Compression compression);

}  // namespace cckpi

#endif  // CCKPI_IO_BYTE_SOURCE_H_
