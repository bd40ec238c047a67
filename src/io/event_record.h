// EventRecord: an event, its row and its source as compact bytes, for sorting
// and spilling.
//
//   4 bytes   length of what follows
//   8 bytes   at
//   4 bytes   key: the host's own
//   1 byte    kind       1 byte  by        1 byte  flags
//   4 bytes   which of the optional parts follow, a bit each
//   varints   row, source
//   parts     in the order of RecordPart; text is a varint length and bytes,
//             lists are a varint count and their items
//
// The bytes live in one process only: they are neither portable nor kept.

#ifndef CCKPI_IO_EVENT_RECORD_H_
#define CCKPI_IO_EVENT_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cckpi/event/event.h"
#include "cckpi/io/text_arena.h"

namespace cckpi {

struct EventRecord {
  static constexpr size_t kLengthBytes = 4;

  // The bytes of a record, its length field included.
  static std::string_view At(const char* record);
  static int64_t AtMicros(const char* record);
  static uint8_t Kind(const char* record);
  static uint32_t Key(const char* record);

  // Appends a record. Only for valid events: texts are then short.
  static void Append(const Event& event, int64_t row, uint32_t source,
                     uint32_t key, std::string* out);

  // The event's texts point into the record, its lists into `arena`.
  static Event Decode(const char* record, TextArena* arena, int64_t* row,
                      uint32_t* source);
};

}  // namespace cckpi

#endif  // CCKPI_IO_EVENT_RECORD_H_
