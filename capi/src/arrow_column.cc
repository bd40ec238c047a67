#include "capi/src/arrow_column.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "capi/src/guard.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/io/render_text.h"

namespace cckpi::capi {
namespace {

constexpr int64_t kMaxInt64 = std::numeric_limits<int64_t>::max();
// No array of anything is that long.
constexpr int64_t kMaxLength = int64_t{1} << 48;

ArrowType TypeOf(std::string_view format) {
  struct Entry {
    std::string_view format;
    ArrowType type;
  };
  static constexpr Entry kEntries[] = {
      {"n", ArrowType::kNull},       {"b", ArrowType::kBool},
      {"c", ArrowType::kInt8},       {"s", ArrowType::kInt16},
      {"i", ArrowType::kInt32},      {"l", ArrowType::kInt64},
      {"C", ArrowType::kUint8},      {"S", ArrowType::kUint16},
      {"I", ArrowType::kUint32},     {"L", ArrowType::kUint64},
      {"f", ArrowType::kFloat},      {"g", ArrowType::kDouble},
      {"u", ArrowType::kUtf8},       {"U", ArrowType::kLargeUtf8},
      {"vu", ArrowType::kUtf8View},  {"+l", ArrowType::kList},
      {"+L", ArrowType::kLargeList}, {"+s", ArrowType::kStruct},
  };
  for (const Entry& entry : kEntries) {
    if (entry.format == format) return entry.type;
  }
  if (format.size() >= 4 && format.substr(0, 2) == "ts" && format[3] == ':') {
    return format.size() > 4 ? ArrowType::kTimestamp
                             : ArrowType::kNaiveTimestamp;
  }
  return ArrowType::kOther;
}

// The buffers that the format has; -1: at least three.
int64_t BufferCount(ArrowType type) {
  switch (type) {
    case ArrowType::kNull:
      return 0;
    case ArrowType::kStruct:
      return 1;
    case ArrowType::kUtf8:
    case ArrowType::kLargeUtf8:
      return 3;
    case ArrowType::kUtf8View:
      return -1;
    default:
      return 2;
  }
}

int64_t ChildCount(ArrowType type) {
  return type == ArrowType::kList || type == ArrowType::kLargeList ? 1 : 0;
}

template <typename T>
int64_t ToInt64(T value) {
  if constexpr (sizeof(T) == 8 && std::is_unsigned_v<T>) {
    return value > static_cast<uint64_t>(kMaxInt64)
               ? kMaxInt64
               : static_cast<int64_t>(value);
  } else {
    return static_cast<int64_t>(value);
  }
}

// Calls with the values from `first` on, of whatever integer type.
template <typename Visitor>
void VisitIntegers(const ArrowColumn& column, Visitor&& visit) {
  const size_t first = column.first;
  switch (column.type) {
    case ArrowType::kInt8:
      return visit(column.buffer<int8_t>(1) + first);
    case ArrowType::kInt16:
      return visit(column.buffer<int16_t>(1) + first);
    case ArrowType::kInt32:
      return visit(column.buffer<int32_t>(1) + first);
    case ArrowType::kUint8:
      return visit(column.buffer<uint8_t>(1) + first);
    case ArrowType::kUint16:
      return visit(column.buffer<uint16_t>(1) + first);
    case ArrowType::kUint32:
      return visit(column.buffer<uint32_t>(1) + first);
    case ArrowType::kUint64:
      return visit(column.buffer<uint64_t>(1) + first);
    default:
      return visit(column.buffer<int64_t>(1) + first);
  }
}

std::string_view FormatOf(const ArrowSchema& schema) {
  // A format longer than any that is known is cut, and unknown.
  return {schema.format, strnlen(schema.format, 256)};
}

// The bytes that texts may lie in: up to the last offset.
template <typename Offset>
std::string_view Bytes(const ArrowColumn& column, const Offset* last) {
  const char* data = column.buffer<char>(2);
  if (data == nullptr || *last <= 0) return {};
  return {data, static_cast<size_t>(*last)};
}

}  // namespace

absl::Status ArrowColumn::Fault(std::string_view reason) const {
  return Invalid(PrintableText(name), reason);
}

absl::StatusOr<ArrowColumn> ArrowColumn::Open(std::string_view name,
                                              const ArrowSchema* schema,
                                              const ArrowArray* array,
                                              size_t parent_offset,
                                              size_t rows) {
  ArrowColumn column;
  column.name = std::string(name);
  if (schema == nullptr || schema->format == nullptr) {
    return column.Fault("its schema is NULL");
  }
  if (schema->release == nullptr) return column.Fault("its schema is released");
  if (array == nullptr) return column.Fault("its array is NULL");
  if (array->release == nullptr) return column.Fault("its array is released");
  column.schema = schema;
  column.array = array;
  column.rows = rows;
  column.type = TypeOf(FormatOf(*schema));
  if (array->length < 0 || array->offset < 0 || array->length > kMaxLength ||
      array->offset > kMaxLength) {
    return column.Fault("its length or offset is impossible");
  }
  if (static_cast<uint64_t>(array->length) < parent_offset + rows) {
    return column.Fault(absl::StrCat("has ", array->length, " rows, not ",
                                     parent_offset + rows));
  }
  column.first = static_cast<size_t>(array->offset) + parent_offset;
  if (column.type == ArrowType::kOther) return column;  // nobody reads it
  const int64_t buffers = BufferCount(column.type);
  if (buffers >= 0 ? array->n_buffers != buffers
                   : array->n_buffers < 3 || array->n_buffers > kMaxLength) {
    return column.Fault(
        absl::StrCat("has ", array->n_buffers, " buffers for its type"));
  }
  if (array->n_buffers > 0 && array->buffers == nullptr) {
    return column.Fault("its buffers are NULL");
  }
  if (rows > 0 && array->n_buffers > 1 && array->buffers[1] == nullptr) {
    return column.Fault("its values are NULL");
  }
  if (array->null_count != 0 && array->n_buffers > 0 && array->null_count > 0 &&
      array->buffers[0] == nullptr) {
    return column.Fault("has nulls without a validity buffer");
  }
  if (column.type != ArrowType::kStruct) {
    const int64_t children = ChildCount(column.type);
    if (array->n_children != children || schema->n_children != children) {
      return column.Fault(
          absl::StrCat("has ", array->n_children, " children for its type"));
    }
    if (children > 0 &&
        (array->children == nullptr || schema->children == nullptr)) {
      return column.Fault("its children are NULL");
    }
  }
  if ((schema->dictionary == nullptr) != (array->dictionary == nullptr)) {
    return column.Fault("has a dictionary in its schema or array only");
  }
  return column;
}

std::optional<std::string_view> ArrowColumn::TextAt(size_t row) const {
  const auto cut =
      [this, row](const auto* offsets) -> std::optional<std::string_view> {
    const std::string_view bytes = Bytes(*this, offsets + first + rows);
    const auto begin = offsets[first + row];
    const auto end = offsets[first + row + 1];
    if (begin < 0 || end < begin || static_cast<uint64_t>(end) > bytes.size()) {
      return std::nullopt;
    }
    return bytes.substr(static_cast<size_t>(begin),
                        static_cast<size_t>(end - begin));
  };
  if (type == ArrowType::kUtf8) return cut(buffer<int32_t>(1));
  if (type == ArrowType::kLargeUtf8) return cut(buffer<int64_t>(1));
  // A view: size, and the text itself, or the number of a buffer and a place
  // in it.
  const char* view = buffer<char>(1) + 16 * (first + row);
  int32_t head[4];
  std::memcpy(head, view, sizeof(head));
  if (head[0] < 0) return std::nullopt;
  const size_t size = static_cast<size_t>(head[0]);
  if (size <= 12) return std::string_view(view + 4, size);
  const int64_t variadic = array->n_buffers - 3;
  if (head[2] < 0 || head[2] >= variadic || head[3] < 0) return std::nullopt;
  const auto* sizes = buffer<int64_t>(array->n_buffers - 1);
  const char* bytes = buffer<char>(2 + head[2]);
  if (sizes == nullptr || bytes == nullptr ||
      head[3] + static_cast<int64_t>(size) > sizes[head[2]]) {
    return std::nullopt;
  }
  return std::string_view(bytes + head[3], size);
}

void ArrowColumn::CopyIntegers(size_t begin, size_t count,
                               std::vector<int64_t>* out) const {
  out->resize(count);
  VisitIntegers(*this, [&](const auto* values) {
    for (size_t i = 0; i < count; ++i) (*out)[i] = ToInt64(values[begin + i]);
  });
}

absl::StatusOr<TextSlices> TextSlices::Open(ArrowColumn column) {
  TextSlices slices(std::move(column));
  const ArrowColumn& own = slices.column_;
  if (own.schema->dictionary == nullptr) {
    if (own.is_text() || own.is_integer() || own.type == ArrowType::kNull) {
      return slices;
    }
    return own.Fault(absl::StrCat("has the Arrow type \"",
                                  std::string(FormatOf(*own.schema)),
                                  "\"; expected text or integers"));
  }
  if (!own.is_integer()) return own.Fault("its codes are no integers");
  const int64_t size = own.array->dictionary->length;
  if (size < 0 || size > kMaxLength) {
    return own.Fault("its dictionary has an impossible length");
  }
  CCKPI_ASSIGN_OR_RETURN(
      ArrowColumn values,
      ArrowColumn::Open(own.name, own.schema->dictionary, own.array->dictionary,
                        0, static_cast<size_t>(size)));
  if (!values.is_text() || values.schema->dictionary != nullptr) {
    return own.Fault("its dictionary does not hold text");
  }
  slices.values_ = std::make_shared<TextSlices>(TextSlices(std::move(values)));
  slices.dictionary_ = slices.values_->Texts(0, static_cast<size_t>(size));
  return slices;
}

TextColumn TextSlices::Slice(size_t begin, size_t count) {
  if (column_.type == ArrowType::kNull || count == 0) return {};
  if (values_ != nullptr) return Codes(begin, count);
  if (column_.is_integer()) return Integers(begin, count);
  return Texts(begin, count);
}

TextColumn TextSlices::Texts(size_t begin, size_t count) {
  const ArrowColumn& column = column_;
  TextColumn out;
  out.valid = column.valid(begin);
  if (count == 0) return out;
  const size_t first = column.first + begin;
  if (column.type == ArrowType::kUtf8) {
    const int32_t* offsets = column.buffer<int32_t>(1) + first;
    out.offsets32 = {offsets, count + 1};
    out.bytes = Bytes(column, offsets + count);
    return out;
  }
  if (column.type == ArrowType::kLargeUtf8) {
    const int64_t* offsets = column.buffer<int64_t>(1) + first;
    out.offsets64 = {offsets, count + 1};
    out.bytes = Bytes(column, offsets + count);
    return out;
  }
  offsets_.clear();
  offsets_.push_back(0);
  bytes_.clear();
  for (size_t row = begin; row < begin + count; ++row) {
    if (out.valid[row - begin]) {
      // A view that points nowhere becomes what is no text, and is refused.
      bytes_ += column.TextAt(row).value_or("\xFF");
    }
    offsets_.push_back(static_cast<int64_t>(bytes_.size()));
  }
  out.offsets64 = offsets_;
  out.bytes = bytes_;
  return out;
}

TextColumn TextSlices::Codes(size_t begin, size_t count) {
  TextColumn out;
  out.valid = column_.valid(begin);
  out.texts = &dictionary_;
  if (column_.type == ArrowType::kInt32 || column_.type == ArrowType::kUint32) {
    // A negative code is one that is too large.
    out.codes = {column_.buffer<uint32_t>(1) + column_.first + begin, count};
    return out;
  }
  codes_.resize(count);
  VisitIntegers(column_, [&](const auto* values) {
    for (size_t i = 0; i < count; ++i) {
      const int64_t code = ToInt64(values[begin + i]);
      codes_[i] = code < 0 || code > int64_t{0xFFFFFFFF}
                      ? 0xFFFFFFFF
                      : static_cast<uint32_t>(code);
    }
  });
  out.codes = codes_;
  return out;
}

TextColumn TextSlices::Integers(size_t begin, size_t count) {
  TextColumn out;
  out.valid = column_.valid(begin);
  if (column_.type == ArrowType::kInt64) {
    out.integers = {column_.buffer<int64_t>(1) + column_.first + begin, count};
    return out;
  }
  column_.CopyIntegers(begin, count, &integers_);
  if (column_.type == ArrowType::kUint64 &&
      std::find(integers_.begin(), integers_.end(), kMaxInt64) !=
          integers_.end()) {
    const uint64_t* values =
        column_.buffer<uint64_t>(1) + column_.first + begin;
    offsets_.assign(1, 0);
    bytes_.clear();
    for (size_t i = 0; i < count; ++i) {
      absl::StrAppend(&bytes_, values[i]);
      offsets_.push_back(static_cast<int64_t>(bytes_.size()));
    }
    out.offsets64 = offsets_;
    out.bytes = bytes_;
    return out;
  }
  out.integers = integers_;
  return out;
}

absl::StatusOr<NumberSlices> NumberSlices::Open(ArrowColumn column, Kind kind) {
  NumberSlices slices(std::move(column));
  const ArrowColumn& own = slices.column_;
  const ArrowType type = own.type;
  const auto wrong = [&own](std::string_view expected) {
    return own.Fault(absl::StrCat("has the Arrow type \"",
                                  std::string(FormatOf(*own.schema)),
                                  "\"; expected ", std::string(expected)));
  };
  if (own.schema->dictionary != nullptr) return wrong("no dictionary");
  if (type == ArrowType::kNull) return slices;
  switch (kind) {
    case Kind::kInstant:
      if (type == ArrowType::kNaiveTimestamp) {
        return own.Fault(
            "is a timestamp without a time zone; an instant needs one");
      }
      if (type == ArrowType::kInt64) return slices;
      if (type != ArrowType::kTimestamp) {
        return wrong("timestamp with a time zone, or int64 microseconds");
      }
      switch (own.schema->format[2]) {
        case 's':
          slices.multiply_ = 1'000'000;
          return slices;
        case 'm':
          slices.multiply_ = 1'000;
          return slices;
        case 'u':
          return slices;
        case 'n':
          slices.divide_ = 1'000;
          return slices;
        default:
          return wrong("timestamp of s, ms, us or ns");
      }
    case Kind::kInteger:
      if (own.is_integer()) return slices;
      return wrong("integers");
    case Kind::kDecimal:
      slices.multiply_ = 1'000'000;
      if (own.is_integer() || type == ArrowType::kFloat ||
          type == ArrowType::kDouble) {
        return slices;
      }
      return wrong("numbers");
  }
  return slices;
}

NumberColumn<int64_t> NumberSlices::Slice(size_t begin, size_t count) {
  NumberColumn<int64_t> out;
  if (column_.type == ArrowType::kNull || count == 0) return out;
  out.valid = column_.valid(begin);
  const bool is_real =
      column_.type == ArrowType::kFloat || column_.type == ArrowType::kDouble;
  const bool is_int64 = column_.type == ArrowType::kInt64 ||
                        column_.type == ArrowType::kTimestamp;
  if (is_int64 && multiply_ == 1 && divide_ == 1) {
    out.values = {column_.buffer<int64_t>(1) + column_.first + begin, count};
    return out;
  }
  if (is_real) {
    values_.resize(count);
    bits_.assign(count / 8 + 1, 0);
    for (size_t i = 0; i < count; ++i) {
      const size_t at = column_.first + begin + i;
      const double number = column_.type == ArrowType::kFloat
                                ? column_.buffer<float>(1)[at]
                                : column_.buffer<double>(1)[at];
      if (std::isnan(number) || !out.valid[i]) continue;
      bits_[i / 8] = static_cast<uint8_t>(bits_[i / 8] | 1u << i % 8);
      const double micro = number * 1e6;
      values_[i] = micro > 9e18    ? kMaxInt64
                   : micro < -9e18 ? -kMaxInt64
                                   : std::llround(micro);
    }
    out.valid = {bits_.data(), 0};
    out.values = values_;
    return out;
  }
  column_.CopyIntegers(begin, count, &values_);
  for (int64_t& value : values_) {
    if (divide_ != 1) {
      value = value / divide_ - (value % divide_ < 0 ? 1 : 0);
    } else if (__builtin_mul_overflow(value, multiply_, &value)) {
      value = kMaxInt64;
    }
  }
  out.values = values_;
  return out;
}

}  // namespace cckpi::capi
