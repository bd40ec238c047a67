// Arrow record batches of any shape. The format does not say how long buffers
// are, so these are longer than any row that the lengths allow; everything
// else (types, children, offsets, codes, dictionaries, bitmaps) is the
// fuzzer's.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "capi/include/cckpi.h"
#include "fuzz/fuzz_input.h"

namespace cckpi::fuzz {
namespace {

constexpr int64_t kMaxRows = 12;
constexpr size_t kBufferBytes = 4096;

// A column, or the batch, with the memory behind it.
struct AnyArray {
  std::string format, name;
  std::vector<std::unique_ptr<AnyArray>> children;
  std::unique_ptr<AnyArray> dictionary;
  std::vector<std::vector<uint64_t>> memory;
  std::vector<const void*> buffers;
  std::vector<ArrowSchema*> child_schemas;
  std::vector<ArrowArray*> child_arrays;
  ArrowSchema schema = {};
  ArrowArray array = {};
};

void Fill(AnyArray& made, FuzzInput& input, int64_t rows) {
  made.array.length = rows + (input.Byte() == 255 ? 1 : 0);
  made.array.offset = input.Byte() % 4;
  made.array.null_count = static_cast<int8_t>(input.Byte() % 4) - 1;
  made.schema.format = made.format.c_str();
  made.schema.name = made.name.c_str();
  for (auto& child : made.children) {
    made.child_schemas.push_back(&child->schema);
    made.child_arrays.push_back(&child->array);
  }
  made.schema.n_children = made.array.n_children =
      static_cast<int64_t>(made.children.size());
  made.schema.children = made.child_schemas.data();
  made.array.children = made.child_arrays.data();
  if (made.dictionary != nullptr) {
    made.schema.dictionary = &made.dictionary->schema;
    made.array.dictionary = &made.dictionary->array;
  }
  made.array.n_buffers = static_cast<int64_t>(made.buffers.size());
  made.array.buffers = made.buffers.data();
  made.schema.release = [](ArrowSchema* schema) { schema->release = nullptr; };
  made.array.release = [](ArrowArray* array) { array->release = nullptr; };
}

void AddBuffer(AnyArray& made, FuzzInput& input, bool may_be_absent) {
  if (may_be_absent && input.Byte() % 2 == 0) {
    made.buffers.push_back(nullptr);
    return;
  }
  std::vector<uint64_t>& words = made.memory.emplace_back(kBufferBytes / 8);
  for (uint64_t& word : words) {
    if (input.empty()) break;
    word = input.Number(input.Byte() % 8 + 1);
  }
  made.buffers.push_back(words.data());
}

// Offsets inside the bytes, but not always in order.
template <typename Offset>
void AddOffsets(AnyArray& made, FuzzInput& input) {
  std::vector<uint64_t>& words = made.memory.emplace_back(kBufferBytes / 8);
  Offset* offsets = reinterpret_cast<Offset*>(words.data());
  Offset at = 0;
  for (int64_t n = 0; n < kMaxRows + 8; ++n) {
    offsets[n] = at;
    const uint8_t step = input.Byte();
    at = step == 255 ? static_cast<Offset>(at - 3)
                     : std::min<Offset>(at + step % 9, kBufferBytes / 2);
  }
  made.buffers.push_back(words.data());
}

std::unique_ptr<AnyArray> MakeColumn(FuzzInput& input, int64_t rows,
                                     int depth) {
  static constexpr const char* kNames[] = {
      "at",     "kind",       "interaction", "agent",    "channel",
      "id",     "team",       "flags",       "by",       "customer",
      "state",  "tag.plan",   "tags",        "errors",   "errors.minor",
      "score",  "interval_s", "volume",      "message",  "received_at",
      "source", "priority",   "reason",      "elsewhere"};
  static constexpr const char* kFormats[] = {
      "l", "tsu:UTC", "u",    "U",    "C",  "i",  "S",  "g",
      "n", "tsn:Z",   "tss:", "b",    "+s", "+l", "vu", "tsm:Europe/Madrid",
      "L", "f",       "ts",   "d:9,2"};
  auto made = std::make_unique<AnyArray>();
  made->name = kNames[input.Byte() % std::size(kNames)];
  made->format = kFormats[input.Byte() % std::size(kFormats)];
  const bool coded = input.Byte() % 5 == 0;
  if (coded) {
    made->format = input.Byte() % 2 == 0 ? "i" : "C";
    if (depth < 2) made->dictionary = MakeColumn(input, kMaxRows, depth + 1);
  }
  const std::string& format = made->format;
  if (format != "n") AddBuffer(*made, input, /*may_be_absent=*/true);
  if (format == "u") {
    AddOffsets<int32_t>(*made, input);
    AddBuffer(*made, input, false);
  } else if (format == "U") {
    AddOffsets<int64_t>(*made, input);
    AddBuffer(*made, input, false);
  } else if (format == "+s" && depth < 2) {
    for (int child = input.Byte() % 3; child > 0; --child) {
      made->children.push_back(MakeColumn(input, kMaxRows, depth + 1));
    }
  } else if (format != "n" && format != "vu") {
    AddBuffer(*made, input, false);
  }
  if (input.Byte() % 16 == 15 && !made->buffers.empty()) {
    made->buffers.pop_back();
  }
  Fill(*made, input, rows);
  return made;
}

void Run(FuzzInput input) {
  cckpi_engine* engine = nullptr;
  Require(cckpi_engine_create(nullptr, nullptr, &engine, nullptr) == CCKPI_OK,
          "an engine is made");
  for (int batch = 0; batch < 3 && !input.empty(); ++batch) {
    const int64_t rows = input.Byte() % (kMaxRows - 3);
    AnyArray all;
    all.format = input.Byte() == 255 ? "u" : "+s";
    for (int column = input.Byte() % 7; column > 0; --column) {
      all.children.push_back(MakeColumn(input, kMaxRows - 4, 0));
    }
    all.buffers.push_back(nullptr);
    Fill(all, input, rows);
    all.array.length = rows;
    std::vector<uint8_t> status(kMaxRows + 2, 77);
    cckpi_ingest_result result = {};
    result.struct_size = sizeof(result);
    cckpi_table* refusals = nullptr;
    cckpi_error* error = nullptr;
    const cckpi_code code =
        cckpi_engine_ingest_arrow(engine, &all.schema, &all.array, nullptr,
                                  status.data(), &result, &refusals, &error);
    Require((code == CCKPI_OK) == (error == nullptr), "an error says why");
    if (code == CCKPI_OK) {
      Require(result.accepted + result.late + result.refused == rows,
              "every row has one outcome");
    }
    Require(status[static_cast<size_t>(rows)] == 77, "no status beyond a row");
    cckpi_table_destroy(refusals);
    cckpi_error_destroy(error);
  }
  cckpi_table* answer = nullptr;
  Require(cckpi_engine_query(engine, nullptr, &answer, nullptr) == CCKPI_OK,
          "a question is answered");
  cckpi_table_destroy(answer);
  cckpi_engine_destroy(engine);
}

}  // namespace
}  // namespace cckpi::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cckpi::fuzz::Run(cckpi::fuzz::FuzzInput(data, size));
  return 0;
}
