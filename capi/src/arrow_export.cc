#include "capi/src/arrow_export.h"

#include <array>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "capi/src/guard.h"
#include "capi/src/handles.h"

namespace cckpi::capi {
namespace {

// What a schema's private_data holds. A consumer may move children out and
// release them later, so each owns what it points to, and the parent owns only
// the places of its children.
struct SchemaOwner {
  std::string name;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> places;
};

struct ArrayOwner {
  std::shared_ptr<const TableData> table;
  std::array<const void*, 3> buffers = {};
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> places;
};

struct StreamOwner {
  std::shared_ptr<const TableData> table;
  bool done = false;
};

template <typename Struct, typename Owner>
void Release(Struct* released) {
  auto* owner = static_cast<Owner*>(released->private_data);
  for (Struct* child : owner->places) {
    if (child->release != nullptr) child->release(child);
  }
  delete owner;
  released->release = nullptr;
}

extern "C" void ReleaseSchema(ArrowSchema* schema) {
  Release<ArrowSchema, SchemaOwner>(schema);
}
extern "C" void ReleaseArray(ArrowArray* array) {
  Release<ArrowArray, ArrayOwner>(array);
}

// Releases on the way out, unless it is kept.
template <typename Struct>
class Scoped {
 public:
  Scoped() = default;
  Scoped(const Scoped&) = delete;
  Scoped& operator=(const Scoped&) = delete;
  ~Scoped() {
    if (value_.release != nullptr) value_.release(&value_);
  }
  Struct* get() { return &value_; }
  void MoveTo(Struct* out) {
    *out = value_;
    value_.release = nullptr;
  }

 private:
  Struct value_ = {};
};

const char* FormatOf(cckpi_type type) {
  switch (type) {
    case CCKPI_TYPE_FLOAT64:
      return "g";
    case CCKPI_TYPE_BOOL:
      return "b";
    case CCKPI_TYPE_TEXT:
      return "u";
    case CCKPI_TYPE_TIME:
      return "tsu:UTC";
    case CCKPI_TYPE_INT128:
      return "d:38,0";
    case CCKPI_TYPE_TEXT_LIST:
    case CCKPI_TYPE_INT64_LIST:
      return "+l";
    default:
      return "l";
  }
}

void FillSchema(std::string_view name, const char* format, int64_t flags,
                ArrowSchema* out) {
  auto owner = std::make_unique<SchemaOwner>();
  owner->name = std::string(name);
  *out = {};
  out->format = format;
  out->name = owner->name.c_str();
  out->flags = flags;
  out->private_data = owner.release();
  out->release = ReleaseSchema;
}

// For empty columns: a buffer must be somewhere.
constexpr int64_t kEmpty[2] = {0, 0};

template <typename T>
const void* BufferOf(const std::vector<T>& values) {
  return values.empty() ? static_cast<const void*>(kEmpty) : values.data();
}

// Makes room for the children of a struct, all of them still released.
template <typename Owner, typename Struct>
Owner* MakePlaces(size_t count, Struct* parent) {
  auto* owner = static_cast<Owner*>(parent->private_data);
  owner->children.resize(count);
  owner->places.reserve(count);
  for (Struct& child : owner->children) owner->places.push_back(&child);
  parent->n_children = static_cast<int64_t>(count);
  parent->children = owner->places.data();
  return owner;
}

// The values of a column, or the items of a list, `length` of them.
void FillValues(std::shared_ptr<const TableData> table, const Column& column,
                bool is_text, size_t length, ArrowArray* out) {
  auto owner = std::make_unique<ArrayOwner>();
  std::array<const void*, 3>& buffers = owner->buffers;
  if (is_text) {
    buffers[1] = BufferOf(column.offsets);
    buffers[2] = column.bytes.data();
  } else if (column.type == CCKPI_TYPE_FLOAT64) {
    buffers[1] = BufferOf(column.numbers);
  } else if (column.type == CCKPI_TYPE_BOOL) {
    buffers[1] = BufferOf(column.flag_bits);
  } else if (column.type == CCKPI_TYPE_INT128) {
    buffers[1] = BufferOf(column.wide);
  } else {
    buffers[1] = BufferOf(column.integers);
  }
  *out = {};
  out->length = static_cast<int64_t>(length);
  out->n_buffers = is_text ? 3 : 2;
  out->buffers = buffers.data();
  owner->table = std::move(table);
  out->private_data = owner.release();
  out->release = ReleaseArray;
}

void FillColumn(const std::shared_ptr<const TableData>& table,
                const Column& column, ArrowArray* out) {
  Scoped<ArrowArray> made;
  FillValues(table, column, column.type == CCKPI_TYPE_TEXT, table->rows,
             made.get());
  auto* owner = static_cast<ArrayOwner*>(made.get()->private_data);
  if (column.null_count != 0) owner->buffers[0] = column.valid.data();
  made.get()->null_count = column.null_count;
  if (column.is_list()) {
    owner->buffers[1] = BufferOf(column.lists);
    MakePlaces<ArrayOwner>(1, made.get());
    FillValues(table, column, column.type == CCKPI_TYPE_TEXT_LIST,
               static_cast<size_t>(column.lists.back()), owner->places[0]);
  }
  made.MoveTo(out);
}

extern "C" int StreamSchema(ArrowArrayStream* stream, ArrowSchema* out) {
  auto* owner = static_cast<StreamOwner*>(stream->private_data);
  const cckpi_code code = Guard(nullptr, [&]() -> Outcome {
    ExportSchema(*owner->table, out);
    return Outcome();
  });
  return code == CCKPI_OK ? 0 : ENOMEM;
}

extern "C" int StreamNext(ArrowArrayStream* stream, ArrowArray* out) {
  auto* owner = static_cast<StreamOwner*>(stream->private_data);
  const cckpi_code code = Guard(nullptr, [&]() -> Outcome {
    if (owner->done) {
      *out = {};
    } else {
      ExportArray(owner->table, out);
      owner->done = true;
    }
    return Outcome();
  });
  return code == CCKPI_OK ? 0 : ENOMEM;
}

extern "C" const char* StreamError(ArrowArrayStream*) {
  return "memory could not be allocated";
}

extern "C" void ReleaseStream(ArrowArrayStream* stream) {
  delete static_cast<StreamOwner*>(stream->private_data);
  stream->release = nullptr;
}

}  // namespace

void ExportSchema(const TableData& table, ArrowSchema* out) {
  Scoped<ArrowSchema> schema;
  FillSchema("", "+s", 0, schema.get());
  auto* owner = MakePlaces<SchemaOwner>(table.columns.size(), schema.get());
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const Column& column = table.columns[c];
    ArrowSchema* place = owner->places[c];
    FillSchema(column.name, FormatOf(column.type), ARROW_FLAG_NULLABLE, place);
    if (!column.is_list()) continue;
    auto* list = MakePlaces<SchemaOwner>(1, place);
    FillSchema("item", column.type == CCKPI_TYPE_TEXT_LIST ? "u" : "l",
               ARROW_FLAG_NULLABLE, list->places[0]);
  }
  schema.MoveTo(out);
}

void ExportArray(std::shared_ptr<const TableData> table, ArrowArray* out) {
  Scoped<ArrowArray> array;
  auto owner = std::make_unique<ArrayOwner>();
  owner->table = table;
  array.get()->length = static_cast<int64_t>(table->rows);
  array.get()->n_buffers = 1;
  array.get()->buffers = owner->buffers.data();
  array.get()->private_data = owner.release();
  array.get()->release = ReleaseArray;
  auto* made = MakePlaces<ArrayOwner>(table->columns.size(), array.get());
  for (size_t c = 0; c < table->columns.size(); ++c) {
    FillColumn(table, table->columns[c], made->places[c]);
  }
  array.MoveTo(out);
}

void ExportStream(std::shared_ptr<const TableData> table,
                  ArrowArrayStream* out) {
  auto owner = std::make_unique<StreamOwner>();
  owner->table = std::move(table);
  *out = {};
  out->get_schema = StreamSchema;
  out->get_next = StreamNext;
  out->get_last_error = StreamError;
  out->release = ReleaseStream;
  out->private_data = owner.release();
}

}  // namespace cckpi::capi

using namespace cckpi::capi;  // NOLINT: the entry points stand outside

extern "C" {

cckpi_code cckpi_table_export_arrow(const cckpi_table* table,
                                    struct ArrowSchema* out_schema,
                                    struct ArrowArray* out_array,
                                    cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    absl::Status status = CheckHandle("table", table, Mark::kTable);
    if (!status.ok()) return status;
    if (out_schema == nullptr) return Missing("out_schema");
    if (out_array == nullptr) return Missing("out_array");
    Scoped<ArrowSchema> schema;
    ExportSchema(*table->data, schema.get());
    ExportArray(table->data, out_array);
    schema.MoveTo(out_schema);
    return Outcome();
  });
}

cckpi_code cckpi_table_export_arrow_stream(const cckpi_table* table,
                                           struct ArrowArrayStream* out_stream,
                                           cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    absl::Status status = CheckHandle("table", table, Mark::kTable);
    if (!status.ok()) return status;
    if (out_stream == nullptr) return Missing("out_stream");
    ExportStream(table->data, out_stream);
    return Outcome();
  });
}

}  // extern "C"
