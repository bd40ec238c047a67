#include "src/engine/snapshot_file.h"

#include "absl/strings/str_cat.h"
#include "src/base/byte_coding.h"
#include "src/base/checksum.h"

namespace cckpi {
namespace {

// No text file begins like this, and line ends that were changed show.
constexpr std::string_view kMagic(
    "\x89"
    "CCKPI\r\n",
    8);
constexpr size_t kEntrySize = 4 + 8 + 8;
// Up to the header's checksum.
constexpr size_t HeaderSize(size_t sections) {
  return 8 + 4 + 4 + sections * kEntrySize;
}
constexpr size_t kChecksumSize = 8;

absl::Status Bad(std::string what) {
  return absl::InvalidArgumentError(absl::StrCat("snapshot: ", what));
}

}  // namespace

std::string_view SectionName(Section section) {
  static constexpr std::string_view kNames[kSectionCount] = {
      "definitions",
      "host",
      "engine",
      "texts",
      "combinations",
      "groups",
      "schedules",
      "interaction names",
      "customer names",
      "interactions",
      "contacts",
      "responses",
      "agents",
      "agent facts",
      "pending events",
      "duplicates",
      "forecasts",
      "cells",
      "contributors",
      "forgotten contacts",
      "runs"};
  return kNames[static_cast<size_t>(section)];
}

const size_t kSnapshotHeaderSize = HeaderSize(kSectionCount) + kChecksumSize;

void WriteSnapshotHeader(const BySection<size_t>& ends, std::string* file) {
  ByteWriter header;
  header.Raw(kMagic);
  header.U32(kSnapshotVersion);
  header.U32(kSectionCount);
  size_t begin = kSnapshotHeaderSize;
  for (size_t s = 0; s < kSectionCount; ++s) {
    const size_t end = ends[static_cast<Section>(s)];
    const std::string_view bytes =
        std::string_view(*file).substr(begin, end - begin);
    header.U32(static_cast<uint32_t>(s));
    header.U64(bytes.size());
    header.U64(Checksum(bytes));
    begin = end;
  }
  header.U64(Checksum(header.bytes()));
  header.bytes().copy(file->data(), kSnapshotHeaderSize);
}

absl::StatusOr<BySection<std::string_view>> ReadSnapshotFile(
    std::string_view bytes) {
  if (bytes.substr(0, kMagic.size()) != kMagic) {
    return Bad("these bytes are no snapshot");
  }
  ByteReader header(bytes);
  header.Raw(kMagic.size());
  const uint32_t version = header.U32();
  if (!header.ok()) return Bad("it ends in its header");
  if (version < 1 || version > kSnapshotVersion) {
    return Bad(absl::StrCat("its format is version ", version,
                            ", and this library reads versions 1 to ",
                            kSnapshotVersion));
  }
  const size_t count = SectionsOf(version);
  const size_t header_size = HeaderSize(count);
  if (bytes.size() < header_size + kChecksumSize) {
    return Bad("it ends in its header");
  }
  ByteReader checked(bytes.substr(header_size, kChecksumSize));
  if (checked.U64() != Checksum(bytes.substr(0, header_size)) ||
      header.U32() != count) {
    return Bad("its header is damaged");
  }
  BySection<std::string_view> sections;
  std::array<uint64_t, kSectionCount> checksums;
  size_t at = header_size + kChecksumSize;
  for (size_t s = 0; s < count; ++s) {
    const Section section = static_cast<Section>(s);
    if (header.U32() != s) return Bad("its header is damaged");
    const uint64_t size = header.U64();
    checksums[s] = header.U64();
    if (size > bytes.size() - at) {
      return Bad(absl::StrCat("it ends in its section ",
                              std::string(SectionName(section))));
    }
    sections[section] = bytes.substr(at, static_cast<size_t>(size));
    at += static_cast<size_t>(size);
  }
  if (at != bytes.size()) return Bad("it has bytes after its end");
  for (size_t s = 0; s < count; ++s) {
    const Section section = static_cast<Section>(s);
    if (Checksum(sections[section]) != checksums[s]) {
      return Bad(absl::StrCat("its section ", std::string(SectionName(section)),
                              " is damaged"));
    }
  }
  return sections;
}

}  // namespace cckpi
