// Bytes out of gzip.

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/io/byte_source.h"

namespace cckpi {
namespace {

constexpr size_t kInputBytes = size_t{256} << 10;
constexpr int kGzipOnly = 16 + MAX_WBITS;  // zlib's code for "gzip header"

// A source that gives some bytes taken before, then goes on.
class ResumedSource : public ByteSource {
 public:
  ResumedSource(std::string head, std::unique_ptr<ByteSource> rest)
      : head_(std::move(head)), rest_(std::move(rest)) {}

  absl::StatusOr<size_t> Read(char* out, size_t size) override {
    if (given_ == head_.size()) return rest_->Read(out, size);
    size_t count = std::min(size, head_.size() - given_);
    std::memcpy(out, head_.data() + given_, count);
    given_ += count;
    return count;
  }

  int64_t bytes_read() const override {
    return rest_->bytes_read() - static_cast<int64_t>(head_.size() - given_);
  }
  std::optional<int64_t> bytes_total() const override {
    return rest_->bytes_total();
  }

 private:
  std::string head_;
  size_t given_ = 0;
  std::unique_ptr<ByteSource> rest_;
};

// Bytes that come out are given before the error that ends them, so a cut
// file yields all that it still holds.
class GzipSource : public ByteSource {
 public:
  explicit GzipSource(std::unique_ptr<ByteSource> packed)
      : packed_(std::move(packed)), input_(kInputBytes) {}
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;
  ~GzipSource() override { inflateEnd(&stream_); }

  absl::Status Start() {
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) {
      return absl::ResourceExhaustedError("no memory to decompress");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> Read(char* out, size_t size) override {
    if (!error_.ok()) return error_;
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    // zlib counts in 32 bits.
    stream_.avail_out = static_cast<uInt>(std::min(size, size_t{1} << 30));
    uInt wanted = stream_.avail_out;
    while (stream_.avail_out == wanted && !ended_) {
      error_ = Step();
      if (!error_.ok()) break;
    }
    size_t given = wanted - stream_.avail_out;
    if (given == 0 && !error_.ok()) return error_;
    return given;
  }

  int64_t bytes_read() const override {
    return packed_->bytes_read() - int64_t{stream_.avail_in};
  }
  std::optional<int64_t> bytes_total() const override {
    return packed_->bytes_total();
  }

 private:
  // Zlib's own limit on what one call takes keeps a step small.
  absl::Status Step() {
    if (stream_.avail_in == 0) {
      absl::StatusOr<size_t> got = packed_->Read(input_.data(), input_.size());
      if (!got.ok()) return got.status();
      stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
      stream_.avail_in = static_cast<uInt>(*got);
      if (*got == 0) {
        if (between_members_) {
          ended_ = true;
          return absl::OkStatus();
        }
        return absl::DataLossError(
            absl::StrCat("truncated at byte ", packed_->bytes_read()));
      }
    }
    if (between_members_) {
      // Tapes and block devices pad with zeros.
      while (stream_.avail_in > 0 && *stream_.next_in == 0) {
        padded_ = true;
        ++stream_.next_in;
        --stream_.avail_in;
      }
      if (stream_.avail_in == 0) return absl::OkStatus();
      if (padded_ || inflateReset2(&stream_, kGzipOnly) != Z_OK) {
        return Corrupt("data after the padding");
      }
      between_members_ = false;
    }
    int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      between_members_ = true;
      return absl::OkStatus();
    }
    if (result == Z_OK || result == Z_BUF_ERROR) return absl::OkStatus();
    if (result == Z_MEM_ERROR) {
      return absl::ResourceExhaustedError("no memory to decompress");
    }
    return Corrupt(stream_.msg != nullptr ? stream_.msg : "damaged gzip");
  }

  absl::Status Corrupt(const char* reason) const {
    return absl::DataLossError(
        absl::StrCat("corrupt gzip at byte ", bytes_read(), " (", reason, ")"));
  }

  std::unique_ptr<ByteSource> packed_;
  std::vector<char> input_;
  z_stream stream_ = {};
  bool between_members_ = false;
  bool padded_ = false;
  bool ended_ = false;
  absl::Status error_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> Decompress(
    std::unique_ptr<ByteSource> source, Compression compression) {
  constexpr size_t kMagicBytes = 2;
  std::string head(kMagicBytes, '\0');
  size_t have = 0;
  while (have < kMagicBytes) {
    absl::StatusOr<size_t> got =
        source->Read(head.data() + have, kMagicBytes - have);
    if (!got.ok()) return got.status();
    if (*got == 0) break;
    have += *got;
  }
  head.resize(have);
  bool is_gzip = head == "\x1f\x8b";
  if (compression == Compression::kGzip && !is_gzip) {
    if (std::string_view("\x1f\x8b").starts_with(head)) {
      return absl::DataLossError(absl::StrCat("truncated at byte ", have));
    }
    return absl::InvalidArgumentError("is named .gz but is not gzip");
  }
  auto resumed =
      std::make_unique<ResumedSource>(std::move(head), std::move(source));
  if (!is_gzip) return resumed;
  auto unpacked = std::make_unique<GzipSource>(std::move(resumed));
  if (absl::Status status = unpacked->Start(); !status.ok()) return status;
  return unpacked;
}

}  // namespace cckpi
