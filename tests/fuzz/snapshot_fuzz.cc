// Snapshots. Checksums that do not fit are made to fit first, so that the
// search gets past them; one snapshot in some is taken as it is.

#include <string>

#include "cckpi/engine/engine.h"
#include "cckpi/io/config_json.h"
#include "fuzz/fuzz_input.h"
#include "src/engine/snapshot_file.h"

namespace cckpi::fuzz {
namespace {

// The seeds of the corpus were saved under this configuration.
constexpr std::string_view kConfig =
    R"({"kpis": [{"kpi": "first_response_time"}, {"kpi": "backlog"},
                 {"kpi": "handle_time"}, {"kpi": "service_level"},
                 {"kpi": "first_contact_resolution"}, {"kpi": "accuracy"}],
        "groups": [["channel"], ["agent"]],
        "scaling_matrix": [
          {"id": "slow", "kpi": "first_response_time", "by": ["channel"],
           "window": "month", "target": "<=60s",
           "bands": [{"level": "late", "over": "60s"}]},
          {"id": "missed", "kpi": "service_level", "window": "month",
           "target": ">=90%", "bands": [{"level": "late", "over": "90%"}]},
          {"id": "wrong", "kpi": "accuracy", "window": "month",
           "target": ">=90%", "bands": [{"level": "late", "over": "90%"}]}]})";

// The bytes behind a header of the format's shape, cut into sections of the
// sizes that it gives, as far as they go, under a header that fits.
std::string Repaired(std::string_view bytes) {
  constexpr size_t kFirstEntry = 16;
  constexpr size_t kEntry = 20;
  if (bytes.size() < kFirstEntry) return std::string(bytes);
  // Earlier versions have fewer sections.
  const uint32_t version = static_cast<uint8_t>(bytes[8]);
  const size_t count = version >= 1 && version <= kSnapshotVersion
                           ? SectionsOf(version)
                           : kSectionCount;
  const size_t header = kFirstEntry + count * kEntry + 8;
  if (bytes.size() < header) return std::string(bytes);
  std::string file(kSnapshotHeaderSize, '\0');
  BySection<size_t> ends;
  std::string_view rest = bytes.substr(header);
  for (size_t s = 0; s < count; ++s) {
    const std::string_view entry = bytes.substr(kFirstEntry + s * kEntry, 12);
    uint32_t size = 0;
    for (size_t b = 0; b < 4; ++b) {
      size |= uint32_t{static_cast<uint8_t>(entry[4 + b])} << (8 * b);
    }
    const std::string_view taken = rest.substr(0, size);
    rest.remove_prefix(taken.size());
    file += taken;
    ends[static_cast<Section>(s)] = file.size();
  }
  // Sections that the version does not have are empty.
  for (size_t s = count; s < kSectionCount; ++s) {
    ends[static_cast<Section>(s)] = file.size();
  }
  WriteSnapshotHeader(ends, &file);
  return file;
}

void Run(std::string_view bytes) {
  const bool as_it_is = bytes.size() % 16 == 0;
  const std::string snapshot = as_it_is ? std::string(bytes) : Repaired(bytes);
  static const Config config = *ParseConfig(kConfig);
  absl::StatusOr<Engine> engine = Engine::Restore(config, snapshot);
  if (!engine.ok()) {
    Require(!engine.status().message().empty(), "an error has a reason");
    return;
  }
  Require(engine->Ask(Query()).ok(), "a restored engine answers");
  const absl::StatusOr<std::string> saved = engine->Save();
  Require(saved.ok(), "a restored engine is saved");
  const absl::StatusOr<Engine> again = Engine::Restore(config, *saved);
  Require(again.ok(), "what was saved is restored");
  const absl::StatusOr<std::string> once_more = again->Save();
  Require(once_more.ok() && *once_more == *saved,
          "equal states give equal bytes");
}

}  // namespace
}  // namespace cckpi::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cckpi::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
