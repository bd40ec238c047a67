// The file around a snapshot's sections (docs/snapshot-format.md).

#ifndef CCKPI_SRC_ENGINE_SNAPSHOT_FILE_H_
#define CCKPI_SRC_ENGINE_SNAPSHOT_FILE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace cckpi {

// What is written. The earlier ones are read too: version 3 has no runs,
// version 2 no forgotten contacts either, version 1 no contributors either.
inline constexpr uint32_t kSnapshotVersion = 4;

// The numbers are those of the format; never reused.
enum class Section : uint32_t {
  kDefinitions = 0,
  kHost = 1,
  kEngine = 2,
  kTexts = 3,
  kCombinations = 4,
  kGroups = 5,
  kSchedules = 6,
  kInteractionNames = 7,
  kCustomerNames = 8,
  kInteractions = 9,
  kContacts = 10,
  kResponses = 11,
  kAgents = 12,
  kAgentFacts = 13,
  kPending = 14,
  kDuplicates = 15,
  kForecasts = 16,
  kCells = 17,
  kContributors = 18,       // since version 2
  kForgottenContacts = 19,  // since version 3
  kRuns = 20,               // since version 4
};
inline constexpr size_t kSectionCount = 21;
// Each version has one more than the one before.
constexpr size_t SectionsOf(uint32_t version) {
  return kSectionCount - (kSnapshotVersion - version);
}
std::string_view SectionName(Section section);

template <typename Bytes>
class BySection {
 public:
  Bytes& operator[](Section section) {
    return bytes_[static_cast<size_t>(section)];
  }
  const Bytes& operator[](Section section) const {
    return bytes_[static_cast<size_t>(section)];
  }

 private:
  std::array<Bytes, kSectionCount> bytes_;
};

// For sections that were written one after the other: `file` is so many bytes
// for the header, then the sections, which end where `ends` says.
extern const size_t kSnapshotHeaderSize;
void WriteSnapshotHeader(const BySection<size_t>& ends, std::string* file);

// Borrows from `bytes`; a section that their version does not have is empty.
// InvalidArgument says what is wrong with them.
absl::StatusOr<BySection<std::string_view>> ReadSnapshotFile(
    std::string_view bytes);

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_SNAPSHOT_FILE_H_
