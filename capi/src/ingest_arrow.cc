// Entry points that take Arrow record batches and streams of them.

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "capi/src/arrow_column.h"
#include "capi/src/guard.h"
#include "capi/src/handles.h"
#include "capi/src/ingest.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/event/event.h"
#include "cckpi/io/render_text.h"

namespace cckpi::capi {
namespace {

// Rows are handed on in slices, so that what must be converted stays small.
constexpr size_t kSliceRows = 16384;

// A flag that no event has: a row whose flags cannot be read is refused.
constexpr uint8_t kNoFlags = 0x80;

struct ColumnField {
  std::string_view name;
  TextColumn EventColumns::*column;
};
constexpr ColumnField kColumnFields[] = {
    {"id", &EventColumns::id},
    {"interaction", &EventColumns::interaction},
    {"customer", &EventColumns::customer},
    {"channel", &EventColumns::channel},
    {"source", &EventColumns::source},
    {"team", &EventColumns::team},
    {"agent", &EventColumns::agent},
    {"priority", &EventColumns::priority},
    {"message", &EventColumns::message},
    {"state", &EventColumns::state},
    {"reason", &EventColumns::reason},
};

struct NumberField {
  std::string_view name;
  NumberColumn<int64_t> EventColumns::*column;
  NumberSlices::Kind kind;
};
constexpr NumberField kNumberFields[] = {
    {"at", &EventColumns::at_us, NumberSlices::Kind::kInstant},
    {"received_at", &EventColumns::received_at_us,
     NumberSlices::Kind::kInstant},
    {"score", &EventColumns::score_micro, NumberSlices::Kind::kDecimal},
    {"scale", &EventColumns::scale_micro, NumberSlices::Kind::kDecimal},
    {"volume", &EventColumns::volume_micro, NumberSlices::Kind::kDecimal},
    {"interval_s", &EventColumns::interval_s, NumberSlices::Kind::kInteger},
};

// Fields that are texts or small numbers: kind, by, flags.
struct CodeField {
  std::string_view name;
  TextColumn EventColumns::*names;
  NumberColumn<uint8_t> EventColumns::*numbers;
};
constexpr CodeField kCodeFields[] = {
    {"kind", &EventColumns::kind_name, &EventColumns::kind},
    {"by", &EventColumns::by_name, &EventColumns::by},
    {"flags", &EventColumns::flag_names, &EventColumns::flags},
};

// A record batch as EventColumns, slice by slice.
class ArrowBatch {
 public:
  absl::Status Open(const ArrowSchema* schema, const ArrowArray* array);

  size_t rows() const { return rows_; }

  // Lives until the next call.
  const EventColumns& Slice(size_t begin, size_t count);

 private:
  struct Text {
    TextColumn EventColumns::*column;
    TextSlices slices;
  };
  struct Number {
    NumberColumn<int64_t> EventColumns::*column;
    NumberSlices slices;
  };
  struct Code {
    NumberColumn<uint8_t> EventColumns::*column;
    ArrowColumn from;
    std::vector<uint8_t> values;
  };
  struct FlagBit {
    uint8_t flag;
    ArrowColumn from;
  };
  struct Tag {
    std::string name;
    TextSlices slices;
    ArrowColumn parent;  // of a struct: where it is null, so are the tags
    std::vector<uint8_t> bits;
  };
  struct Error {
    std::string severity;
    NumberSlices slices;
    ArrowColumn parent;
    std::vector<uint8_t> bits;
  };

  absl::Status AddField(std::string_view name, ArrowColumn column);
  absl::Status AddStruct(std::string_view name, const ArrowColumn& column);
  absl::Status AddPart(std::string_view name, std::string_view part,
                       ArrowColumn column, const ArrowColumn& parent);
  void SliceCode(Code& code, size_t begin, size_t count);
  void SliceFlagBits(size_t begin, size_t count);
  // Flags that are a list of names, as bits.
  uint8_t ListedFlags(const ArrowColumn& list, const ArrowColumn& names,
                      size_t row) const;

  size_t rows_ = 0;
  std::map<std::string, int, std::less<>> seen_;
  std::vector<Text> texts_;
  std::vector<Number> numbers_;
  std::vector<Code> codes_;
  std::vector<ArrowColumn> flag_names_;  // of flags that are a list: one
  std::vector<FlagBit> flag_bits_;       // of flags in columns of their own
  std::vector<uint8_t> flags_of_bits_;
  std::vector<Tag> tags_;
  std::vector<Error> errors_;
  std::vector<TagColumn> tag_columns_;
  std::vector<ErrorColumn> error_columns_;
  EventColumns columns_;
};

absl::Status ArrowBatch::Open(const ArrowSchema* schema,
                              const ArrowArray* array) {
  if (schema == nullptr) return Missing("schema");
  if (array == nullptr) return Missing("array");
  if (array->length < 0) return Invalid("array", "its length is negative");
  rows_ = static_cast<size_t>(array->length);
  CCKPI_ASSIGN_OR_RETURN(ArrowColumn root,
                         ArrowColumn::Open("array", schema, array, 0, rows_));
  if (root.type != ArrowType::kStruct) {
    return Invalid("array", "is no record batch: its Arrow type is no struct");
  }
  if (array->n_children != schema->n_children || array->n_children < 0 ||
      array->n_children > 100'000 ||
      (array->n_children > 0 &&
       (array->children == nullptr || schema->children == nullptr))) {
    return Invalid("array", "its children are not those of its schema");
  }
  const Validity valid = root.valid();
  for (size_t row = 0; valid.bits != nullptr && row < rows_; ++row) {
    if (!valid[row]) {
      return Invalid("array", absl::StrCat("row ", row + 1, " is null"));
    }
  }
  for (int64_t c = 0; c < array->n_children; ++c) {
    const ArrowSchema* child = schema->children[c];
    if (child == nullptr) return Invalid("array", "a child's schema is NULL");
    const char* name = child->name == nullptr ? "" : child->name;
    const std::string_view text(name, strnlen(name, 4096));
    const size_t dot = text.find('.');
    const std::string_view head = text.substr(0, dot);
    const bool is_field =
        std::any_of(std::begin(kColumnFields), std::end(kColumnFields),
                    [&](const ColumnField& f) { return f.name == text; }) ||
        std::any_of(std::begin(kNumberFields), std::end(kNumberFields),
                    [&](const NumberField& f) { return f.name == text; }) ||
        std::any_of(std::begin(kCodeFields), std::end(kCodeFields),
                    [&](const CodeField& f) { return f.name == text; });
    const bool is_struct = text == "tags" || text == "errors";
    const bool is_part = dot != text.npos &&
                         (head == "tag" || head == "errors" || head == "flags");
    // What is no field is the host's own, and is passed over.
    if (!is_field && !is_struct && !is_part) continue;
    if (!seen_.try_emplace(std::string(text), 0).second) {
      return Invalid(PrintableText(text), "given twice");
    }
    CCKPI_ASSIGN_OR_RETURN(
        ArrowColumn column,
        ArrowColumn::Open(text, child, array->children[c],
                          static_cast<size_t>(array->offset), rows_));
    if (is_field) {
      CCKPI_RETURN_IF_ERROR(AddField(text, std::move(column)));
    } else if (is_struct) {
      CCKPI_RETURN_IF_ERROR(AddStruct(text, column));
    } else {
      CCKPI_RETURN_IF_ERROR(AddPart(head, text.substr(dot + 1),
                                    std::move(column), ArrowColumn()));
    }
  }
  for (const char* name : {"at", "kind"}) {
    if (!seen_.contains(std::string_view(name))) {
      return Invalid(name, "there is no such column");
    }
  }
  if (!flag_bits_.empty() && seen_.contains(std::string_view("flags"))) {
    return Invalid("flags", "given beside columns of single flags");
  }
  return absl::OkStatus();
}

absl::Status ArrowBatch::AddField(std::string_view name, ArrowColumn column) {
  for (const ColumnField& field : kColumnFields) {
    if (field.name != name) continue;
    CCKPI_ASSIGN_OR_RETURN(TextSlices slices,
                           TextSlices::Open(std::move(column)));
    texts_.push_back({field.column, std::move(slices)});
    return absl::OkStatus();
  }
  for (const NumberField& field : kNumberFields) {
    if (field.name != name) continue;
    CCKPI_ASSIGN_OR_RETURN(NumberSlices slices,
                           NumberSlices::Open(std::move(column), field.kind));
    numbers_.push_back({field.column, std::move(slices)});
    return absl::OkStatus();
  }
  for (const CodeField& field : kCodeFields) {
    if (field.name != name) continue;
    if (column.schema->dictionary == nullptr && column.is_integer()) {
      codes_.push_back({field.numbers, std::move(column), {}});
      return absl::OkStatus();
    }
    const bool is_list =
        column.type == ArrowType::kList || column.type == ArrowType::kLargeList;
    if (name == "flags" && is_list) {
      const int64_t size = column.array->children[0] == nullptr
                               ? -1
                               : column.array->children[0]->length;
      if (size < 0) return column.Fault("the length of its list is impossible");
      CCKPI_ASSIGN_OR_RETURN(ArrowColumn names,
                             ArrowColumn::Open(name, column.schema->children[0],
                                               column.array->children[0], 0,
                                               static_cast<size_t>(size)));
      if (!names.is_text() || names.schema->dictionary != nullptr) {
        return column.Fault("is a list of something else than text");
      }
      codes_.push_back({field.numbers, std::move(column), {}});
      flag_names_.push_back(std::move(names));
      return absl::OkStatus();
    }
    CCKPI_ASSIGN_OR_RETURN(TextSlices slices,
                           TextSlices::Open(std::move(column)));
    texts_.push_back({field.names, std::move(slices)});
  }
  return absl::OkStatus();
}

absl::Status ArrowBatch::AddStruct(std::string_view name,
                                   const ArrowColumn& column) {
  if (column.type == ArrowType::kNull) return absl::OkStatus();
  if (column.type != ArrowType::kStruct) {
    return column.Fault("is no struct of named columns");
  }
  const ArrowSchema& schema = *column.schema;
  const ArrowArray& array = *column.array;
  if (array.n_children != schema.n_children || array.n_children < 0 ||
      array.n_children > 100'000 ||
      (array.n_children > 0 &&
       (array.children == nullptr || schema.children == nullptr))) {
    return column.Fault("its children are not those of its schema");
  }
  for (int64_t c = 0; c < array.n_children; ++c) {
    const ArrowSchema* child = schema.children[c];
    if (child == nullptr || child->name == nullptr) {
      return column.Fault("a child has no name");
    }
    const std::string part(child->name, strnlen(child->name, 4096));
    CCKPI_ASSIGN_OR_RETURN(
        ArrowColumn opened,
        ArrowColumn::Open(absl::StrCat(std::string(name), ".", part), child,
                          array.children[c], column.first, rows_));
    CCKPI_RETURN_IF_ERROR(AddPart(name == "tags" ? "tag" : "errors", part,
                                  std::move(opened), column));
  }
  return absl::OkStatus();
}

absl::Status ArrowBatch::AddPart(std::string_view name, std::string_view part,
                                 ArrowColumn column,
                                 const ArrowColumn& parent) {
  if (name == "tag") {
    CCKPI_ASSIGN_OR_RETURN(TextSlices slices,
                           TextSlices::Open(std::move(column)));
    tags_.push_back({std::string(part), std::move(slices), parent, {}});
    return absl::OkStatus();
  }
  if (name == "flags") {
    const uint8_t flag = ParseMessageFlag(part);
    if (flag == 0) return column.Fault("is no flag");
    if (column.type == ArrowType::kNull) return absl::OkStatus();
    if (column.type != ArrowType::kBool) return column.Fault("is no boolean");
    flag_bits_.push_back({flag, std::move(column)});
    return absl::OkStatus();
  }
  CCKPI_ASSIGN_OR_RETURN(
      NumberSlices slices,
      NumberSlices::Open(std::move(column), NumberSlices::Kind::kInteger));
  errors_.push_back({std::string(part), std::move(slices), parent, {}});
  return absl::OkStatus();
}

uint8_t ArrowBatch::ListedFlags(const ArrowColumn& list,
                                const ArrowColumn& names, size_t row) const {
  int64_t begin = 0;
  int64_t end = 0;
  const size_t at = list.first + row;
  if (list.type == ArrowType::kList) {
    begin = list.buffer<int32_t>(1)[at];
    end = list.buffer<int32_t>(1)[at + 1];
  } else {
    begin = list.buffer<int64_t>(1)[at];
    end = list.buffer<int64_t>(1)[at + 1];
  }
  if (begin < 0 || end < begin || end > static_cast<int64_t>(names.rows)) {
    return kNoFlags;
  }
  uint8_t flags = 0;
  for (int64_t i = begin; i < end; ++i) {
    const size_t item = static_cast<size_t>(i);
    if (!names.valid()[item]) return kNoFlags;
    const uint8_t flag = ParseMessageFlag(names.TextAt(item).value_or(""));
    flags |= flag == 0 ? kNoFlags : flag;
  }
  return flags;
}

void ArrowBatch::SliceCode(Code& code, size_t begin, size_t count) {
  const ArrowColumn& from = code.from;
  NumberColumn<uint8_t>& column = columns_.*code.column;
  column.valid = from.valid(begin);
  if (from.type == ArrowType::kUint8) {
    column.values = {from.buffer<uint8_t>(1) + from.first + begin, count};
    return;
  }
  code.values.assign(count, 0);
  if (!from.is_integer()) {
    for (size_t i = 0; i < count; ++i) {
      if (column.valid[i]) {
        code.values[i] = ListedFlags(from, flag_names_.front(), begin + i);
      }
    }
  } else {
    std::vector<int64_t> wide;
    from.CopyIntegers(begin, count, &wide);
    for (size_t i = 0; i < count; ++i) {
      code.values[i] = wide[i] < 0 || wide[i] > 255
                           ? uint8_t{255}
                           : static_cast<uint8_t>(wide[i]);
    }
  }
  column.values = code.values;
}

void ArrowBatch::SliceFlagBits(size_t begin, size_t count) {
  flags_of_bits_.assign(count, 0);
  for (const FlagBit& bit : flag_bits_) {
    const Validity valid = bit.from.valid(begin);
    const Validity set = {bit.from.buffer<uint8_t>(1), bit.from.first + begin};
    for (size_t i = 0; i < count; ++i) {
      if (valid[i] && set[i]) flags_of_bits_[i] |= bit.flag;
    }
  }
  columns_.flags.values = flags_of_bits_;
}

// The rows that have a value in a column and in the struct that holds it.
Validity Both(Validity own, const ArrowColumn& parent, size_t begin,
              size_t count, std::vector<uint8_t>* bits) {
  if (parent.array == nullptr) return own;
  const Validity outer = parent.valid(begin);
  if (outer.bits == nullptr) return own;
  bits->assign(count / 8 + 1, 0);
  for (size_t i = 0; i < count; ++i) {
    if (own[i] && outer[i]) {
      (*bits)[i / 8] = static_cast<uint8_t>((*bits)[i / 8] | 1u << i % 8);
    }
  }
  return {bits->data(), 0};
}

const EventColumns& ArrowBatch::Slice(size_t begin, size_t count) {
  columns_.rows = count;
  for (Text& text : texts_) {
    columns_.*text.column = text.slices.Slice(begin, count);
  }
  for (Number& number : numbers_) {
    columns_.*number.column = number.slices.Slice(begin, count);
  }
  for (Code& code : codes_) SliceCode(code, begin, count);
  if (!flag_bits_.empty()) SliceFlagBits(begin, count);
  tag_columns_.clear();
  for (Tag& tag : tags_) {
    TextColumn values = tag.slices.Slice(begin, count);
    values.valid = Both(values.valid, tag.parent, begin, count, &tag.bits);
    tag_columns_.push_back({tag.name, values});
  }
  columns_.tags = tag_columns_;
  error_columns_.clear();
  for (Error& error : errors_) {
    NumberColumn<int64_t> counts = error.slices.Slice(begin, count);
    counts.valid = Both(counts.valid, error.parent, begin, count, &error.bits);
    error_columns_.push_back({error.severity, counts});
  }
  columns_.errors = error_columns_;
  return columns_;
}

void TakeBatch(ArrowBatch& batch, uint8_t* out_row_status, IngestCall& call) {
  for (size_t row = 0; row < batch.rows(); row += kSliceRows) {
    const size_t count = std::min(kSliceRows, batch.rows() - row);
    call.Take(batch.Slice(row, count),
              out_row_status == nullptr
                  ? std::span<uint8_t>()
                  : std::span<uint8_t>(out_row_status + row, count));
  }
}

// What get_next gave, released on every way out.
template <typename Struct>
struct Received {
  Struct value = {};
  Received() = default;
  Received(const Received&) = delete;
  Received& operator=(const Received&) = delete;
  ~Received() {
    if (value.release != nullptr) value.release(&value);
  }
};

absl::Status StreamFault(ArrowArrayStream* stream, int code) {
  const char* reason = stream->get_last_error == nullptr
                           ? nullptr
                           : stream->get_last_error(stream);
  const std::string text =
      reason == nullptr
          ? absl::StrCat("error ", code)
          : PrintableText(std::string_view(reason, strnlen(reason, 4096)));
  if (code == ENOMEM) {
    return absl::ResourceExhaustedError(absl::StrCat("stream: ", text));
  }
  return absl::UnavailableError(absl::StrCat("stream: ", text));
}

}  // namespace
}  // namespace cckpi::capi

using namespace cckpi;        // NOLINT: the entry points stand outside
using namespace cckpi::capi;  // NOLINT

extern "C" {

cckpi_code cckpi_engine_ingest_arrow(
    cckpi_engine* engine, const struct ArrowSchema* schema,
    const struct ArrowArray* array, const cckpi_ingest_options* options,
    uint8_t* out_row_status, cckpi_ingest_result* out_result,
    cckpi_table** out_refusals, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    ArrowBatch batch;
    CCKPI_RETURN_IF_ERROR(batch.Open(schema, array));
    IngestCall call(engine, out_result, out_refusals);
    CCKPI_RETURN_IF_ERROR(call.Begin(options, batch.rows()));
    TakeBatch(batch, out_row_status, call);
    return call.End();
  });
}

cckpi_code cckpi_engine_ingest_arrow_stream(cckpi_engine* engine,
                                            struct ArrowArrayStream* stream,
                                            const cckpi_ingest_options* options,
                                            cckpi_ingest_result* out_result,
                                            cckpi_table** out_refusals,
                                            cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    if (stream == nullptr) return Missing("stream");
    if (stream->release == nullptr) return Invalid("stream", "is released");
    if (stream->get_schema == nullptr || stream->get_next == nullptr) {
      return Invalid("stream", "has no callbacks");
    }
    IngestCall call(engine, out_result, out_refusals);
    CCKPI_RETURN_IF_ERROR(call.Begin(options, 0));
    Received<ArrowSchema> schema;
    if (int code = stream->get_schema(stream, &schema.value); code != 0) {
      return StreamFault(stream, code);
    }
    while (true) {
      Received<ArrowArray> array;
      const int code = stream->get_next(stream, &array.value);
      absl::Status status;
      ArrowBatch batch;
      if (code != 0) {
        status = StreamFault(stream, code);
      } else if (array.value.release == nullptr) {
        return call.End();
      } else {
        status = batch.Open(&schema.value, &array.value);
      }
      if (!status.ok()) {
        call.BreakOff();
        return {status, static_cast<int64_t>(call.taken()) + 1};
      }
      TakeBatch(batch, nullptr, call);
    }
  });
}

}  // extern "C"
