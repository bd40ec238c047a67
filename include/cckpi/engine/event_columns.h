// EventColumns: a batch of events as columns.
//
// A host that has its events in columns (Arrow record batches, arrays of a
// data frame, its own storage) hands them over as they are: one column for
// each field of cckpi/event/event.h, all of the same length. A column that is
// not given is absent in every row. What Ingest makes of a batch of columns is
// what it would make of the same rows as Events, one after the other.
//
//   const int64_t at_us[] = {1772442000000000, 1772442512000000};
//   const uint8_t kinds[] = {0, 6};  // customer_message, agent_message
//   const int64_t tickets[] = {4711, 4711};
//   EventColumns batch;
//   batch.rows = 2;
//   batch.at_us.values = at_us;
//   batch.kind.values = kinds;
//   batch.interaction.integers = tickets;  // is named "4711"
//
//   absl::StatusOr<Engine> engine = Engine::Create(Config());
//   uint8_t status[2];
//   IngestResult result = engine->Ingest(batch, {}, status);
//   bool taken = status[0] == static_cast<uint8_t>(RowStatus::kAccepted);
//
// Text comes in one of four forms (TextColumn): as UTF-8 with offsets, as
// codes into a dictionary that lies beside them, as codes into a dictionary
// that the engine was given once (Engine::AddDictionary), or as integers whose
// decimal text is the name. The last two cost no look at text per row.
//
// Nothing is trusted: a column that is shorter than `rows`, offsets that go
// back or past the bytes, a code that its dictionary does not have refuse the
// rows concerned, with field and reason; the other rows are applied.
//
// The columns belong to the caller and are only read during the call.
//
// The engine is cckpi/engine/engine.h.
//
// This file defines Validity, NumberColumn, TextColumn, TagColumn,
// ErrorColumn, EventColumns, RowStatus and DictionaryId.

#ifndef CCKPI_ENGINE_EVENT_COLUMNS_H_
#define CCKPI_ENGINE_EVENT_COLUMNS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace cckpi {

// Which rows of a column have a value, in Arrow's layout: bit `offset + row`,
// least significant bit first, set where there is one. Without bits every row
// has a value. `bits` must reach to the last row.
struct Validity {
  const uint8_t* bits = nullptr;
  size_t offset = 0;

  bool operator[](size_t row) const {
    size_t bit = offset + row;
    return bits == nullptr || (bits[bit / 8] >> (bit % 8) & 1) != 0;
  }
};

// Numbers; an empty span is an absent column.
template <typename T>
struct NumberColumn {
  std::span<const T> values;
  Validity valid;

  bool given() const { return !values.empty(); }
};

// A dictionary that an engine holds, from Engine::AddDictionary. 0 is none.
enum class DictionaryId : uint32_t { kNone = 0 };

// Texts. Exactly one of `offsets32`, `offsets64`, `codes` and `integers` is
// given, or none where the column is absent. An empty text is none.
struct TextColumn {
  // The text of row r is bytes[offsets[r] .. offsets[r + 1]): one offset more
  // than rows.
  std::span<const int32_t> offsets32;
  std::span<const int64_t> offsets64;
  std::string_view bytes;

  // The text of row r is number codes[r], from 0, of `dictionary`, or of
  // `texts`, which is itself a column with offsets.
  std::span<const uint32_t> codes;
  DictionaryId dictionary = DictionaryId::kNone;
  const TextColumn* texts = nullptr;

  // The text of row r is integers[r] in decimal: "42", "-7".
  std::span<const int64_t> integers;

  Validity valid;

  bool given() const {
    return !offsets32.empty() || !offsets64.empty() || !codes.empty() ||
           !integers.empty();
  }
};

// One tag, by its name. A row without a value does not say the tag; an empty
// text says it with an empty value.
struct TagColumn {
  std::string_view name;
  TextColumn values;
};

// Of `reviewed`: the errors of one severity. A row without a value has none
// given, which counts as 0.
struct ErrorColumn {
  std::string_view severity;
  NumberColumn<int64_t> counts;
};

struct EventColumns {
  size_t rows = 0;

  NumberColumn<int64_t> at_us;  // microseconds UTC; required
  NumberColumn<int64_t> received_at_us;
  // The kind by its number in EventKind or by its name; required.
  NumberColumn<uint8_t> kind;
  TextColumn kind_name;
  // The actor by its number in Actor or by its name.
  NumberColumn<uint8_t> by;
  TextColumn by_name;
  // MessageFlag bits, or the flags' names separated by blanks.
  NumberColumn<uint8_t> flags;
  TextColumn flag_names;

  TextColumn id;
  TextColumn interaction;
  TextColumn customer;
  TextColumn channel;
  TextColumn source;
  TextColumn team;
  TextColumn agent;
  TextColumn priority;
  TextColumn message;
  TextColumn state;
  TextColumn reason;
  std::span<const TagColumn> tags;
  std::span<const ErrorColumn> errors;
  // Decimal numbers in millionths: 4.5 is 4'500'000.
  NumberColumn<int64_t> score_micro;
  NumberColumn<int64_t> scale_micro;
  NumberColumn<int64_t> volume_micro;
  NumberColumn<int64_t> interval_s;
};

// What became of a row. A duplicate is accepted: which of two events of one id
// counts is decided when both are in order.
enum class RowStatus : uint8_t {
  kAccepted = 0,
  kLate = 1,
  kRefused = 2,
  kExhausted = 3,  // no room within Config::max_memory_bytes: send it again
};

}  // namespace cckpi

#endif  // CCKPI_ENGINE_EVENT_COLUMNS_H_
