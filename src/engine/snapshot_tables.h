// The tables of a snapshot: what its numbers stand for.

#ifndef CCKPI_SRC_ENGINE_SNAPSHOT_TABLES_H_
#define CCKPI_SRC_ENGINE_SNAPSHOT_TABLES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "src/engine/pending_queue.h"
#include "src/engine/snapshot_file.h"
#include "src/timeline/dimensions.h"
#include "src/timeline/id_coding.h"
#include "src/timeline/schedule_table.h"

namespace cckpi {

struct SnapshotTables {
  IdLists<uint32_t> places;  // by kind of id and number; only of marked ones
  IdTables ids;              // and back; [0] is none
};

// Sorts what is marked, and writes the tables.
SnapshotTables MakeTables(IdLists<char> marks, const Names& names,
                          const DimensionTable& dimensions,
                          const ScheduleTable& schedules,
                          BySection<std::string>* sections);

// Reads the tables into `names`, `dimensions` and `schedules`. Names get one
// more reference each, which the caller releases in the end.
absl::StatusOr<IdTables> ReadTables(const BySection<std::string_view>& sections,
                                    Names& names, DimensionTable& dimensions,
                                    ScheduleTable& schedules);

// The names in a section, without the none; for those who compare.
absl::StatusOr<std::vector<std::string_view>> ReadNames(std::string_view bytes,
                                                        Section section);

// `status` with the section's name before its message.
absl::Status InSection(Section section, const absl::Status& status);

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_SNAPSHOT_TABLES_H_
