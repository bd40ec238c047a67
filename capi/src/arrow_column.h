// ArrowColumn: a column of a record batch that somebody else made.
//
// The Arrow C Data Interface passes pointers without the sizes behind them, so
// some of it must be believed. All the rest is checked when the column is
// opened (types, lengths, offsets, numbers of buffers and children) or read
// (offsets of texts, codes). The arrays live as long as the call.
//
// This file defines ArrowType, ArrowColumn, and the classes that give a slice
// of a column as a column of EventColumns: TextSlices and NumberSlices.

#ifndef CCKPI_CAPI_SRC_ARROW_COLUMN_H_
#define CCKPI_CAPI_SRC_ARROW_COLUMN_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "capi/include/cckpi.h"
#include "cckpi/engine/event_columns.h"

namespace cckpi::capi {

enum class ArrowType : uint8_t {
  kOther,
  kNull,
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kFloat,
  kDouble,
  kUtf8,
  kLargeUtf8,
  kUtf8View,
  kTimestamp,  // with a zone
  kNaiveTimestamp,
  kList,
  kLargeList,
  kStruct,
};

struct ArrowColumn {
  std::string name;  // of errors: "tag.plan"
  ArrowType type = ArrowType::kOther;
  const ArrowSchema* schema = nullptr;
  const ArrowArray* array = nullptr;
  size_t first = 0;  // where row 0 of the batch is in the buffers
  size_t rows = 0;

  // Checks that the array is one of the schema's type that has `rows` rows
  // from `first` (its parent's offset) on.
  static absl::StatusOr<ArrowColumn> Open(std::string_view name,
                                          const ArrowSchema* schema,
                                          const ArrowArray* array,
                                          size_t parent_offset, size_t rows);

  template <typename T>
  const T* buffer(int64_t index) const {
    return static_cast<const T*>(array->buffers[index]);
  }

  // Which rows from `begin` on have a value.
  Validity valid(size_t begin = 0) const {
    if (array->n_buffers == 0 || array->null_count == 0) return {};
    return {buffer<uint8_t>(0), first + begin};
  }

  bool is_integer() const {
    return type >= ArrowType::kInt8 && type <= ArrowType::kUint64;
  }
  bool is_text() const {
    return type >= ArrowType::kUtf8 && type <= ArrowType::kUtf8View;
  }

  // Of kUtf8, kLargeUtf8 and kUtf8View; nullopt where its place is not in the
  // buffers, as far as that can be told.
  std::optional<std::string_view> TextAt(size_t row) const;

  // Rows [begin, begin + count) as int64; what does not fit is the largest
  // number. Of integers and timestamps.
  void CopyIntegers(size_t begin, size_t count,
                    std::vector<int64_t>* out) const;

  absl::Status Fault(std::string_view reason) const;
};

// A column of names: text, a dictionary of texts, or integers.
class TextSlices {
 public:
  static absl::StatusOr<TextSlices> Open(ArrowColumn column);

  // Rows [begin, begin + count). Lives until the next call.
  TextColumn Slice(size_t begin, size_t count);

 private:
  explicit TextSlices(ArrowColumn column) : column_(std::move(column)) {}

  // Texts as offsets and bytes, copied if need be.
  TextColumn Texts(size_t begin, size_t count);
  TextColumn Codes(size_t begin, size_t count);
  TextColumn Integers(size_t begin, size_t count);

  ArrowColumn column_;
  // Of a dictionary: its values, which stay where they are, and all of them
  // as the column that codes point into.
  std::shared_ptr<TextSlices> values_;
  TextColumn dictionary_;
  // Of the slice.
  std::vector<uint32_t> codes_;
  std::vector<int64_t> integers_;
  std::vector<int64_t> offsets_;
  std::string bytes_;
};

// A column of numbers, as what EventColumns wants of it.
class NumberSlices {
 public:
  enum class Kind : uint8_t {
    kInstant,  // timestamp with a zone, or int64 microseconds
    kInteger,  // as it is
    kDecimal,  // in millionths; NaN is none
  };
  static absl::StatusOr<NumberSlices> Open(ArrowColumn column, Kind kind);

  NumberColumn<int64_t> Slice(size_t begin, size_t count);

 private:
  explicit NumberSlices(ArrowColumn column) : column_(std::move(column)) {}

  ArrowColumn column_;
  int64_t multiply_ = 1;
  int64_t divide_ = 1;
  std::vector<int64_t> values_;
  std::vector<uint8_t> bits_;
};

}  // namespace cckpi::capi

#endif  // CCKPI_CAPI_SRC_ARROW_COLUMN_H_
