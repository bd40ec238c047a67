// Entry points of errors and buffers, and how a failure becomes one.

#include <cstring>

#include "capi/src/guard.h"
#include "capi/src/handles.h"

namespace cckpi::capi {
namespace {

// Made before memory can be short, and never destroyed.
constinit cckpi_error no_memory = {Mark::kError,
                                   CCKPI_RESOURCE_EXHAUSTED,
                                   0,
                                   "memory could not be allocated",
                                   "",
                                   nullptr};

bool IsPathByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || std::strchr("_-.[]*", c) != nullptr;
}

// "cards[2].weight" of "cards[2].weight: must be 0..1000".
std::string_view PathOf(std::string_view message) {
  const size_t end = message.find(": ");
  if (end == message.npos || end == 0) return {};
  const std::string_view path = message.substr(0, end);
  for (char c : path) {
    if (c == '\0' || !IsPathByte(c)) return {};
  }
  return path;
}

cckpi_code Give(cckpi_code code, std::string_view message, int64_t row,
                cckpi_error** error) {
  if (error == nullptr) return code;
  auto made = std::make_unique<cckpi_error>();
  made->code = code;
  made->row = row;
  const std::string_view path = PathOf(message);
  made->text = std::make_unique<std::string>();
  made->text->reserve(message.size() + path.size() + 1);
  *made->text += message;
  made->text->push_back('\0');
  *made->text += path;
  made->message = std::string_view(*made->text).substr(0, message.size());
  made->path = std::string_view(*made->text).substr(message.size() + 1);
  *error = made.release();
  return code;
}

}  // namespace

cckpi_code FailForMemory(cckpi_error** error) noexcept {
  if (error != nullptr) *error = &no_memory;
  return CCKPI_RESOURCE_EXHAUSTED;
}

cckpi_code Fail(const Outcome& outcome, cckpi_error** error) noexcept {
  try {
    return Give(static_cast<cckpi_code>(outcome.status.code()),
                std::string(outcome.status.message()), outcome.row, error);
  } catch (...) {
    return FailForMemory(error);
  }
}

cckpi_code FailForDefect(const char* what, cckpi_error** error) noexcept {
  try {
    return Give(CCKPI_INTERNAL, what, 0, error);
  } catch (...) {
    return FailForMemory(error);
  }
}

absl::Status Missing(std::string_view argument) {
  return Invalid(argument, "is NULL");
}

absl::Status Invalid(std::string_view argument, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(argument), ": ", std::string(reason)));
}

absl::Status CheckText(std::string_view argument, const char* data,
                       size_t size) {
  if (data == nullptr && size != 0) return Missing(argument);
  if (size <= kMaxSize) return absl::OkStatus();
  return Invalid(argument, absl::StrCat("has an impossible size, ", size));
}

absl::Status CheckArray(std::string_view argument, const void* items,
                        size_t count, size_t item_size) {
  if (items == nullptr && count != 0) return Missing(argument);
  if (count <= kMaxSize / item_size) return absl::OkStatus();
  return Invalid(argument, absl::StrCat("has an impossible size, ", count));
}

absl::Status CheckStruct(std::string_view argument, const void* given,
                         size_t own_size, uint32_t known_flags) {
  uint32_t head[2];
  std::memcpy(&head[0], given, sizeof(uint32_t));
  const uint32_t size = head[0];
  if (size < 2 * sizeof(uint32_t) || size > kMaxStructSize) {
    return Invalid(
        absl::StrCat(std::string(argument), ".struct_size"),
        absl::StrCat("is ", size, "; set it to the size of the struct"));
  }
  std::memcpy(head, given, sizeof(head));
  if ((head[1] & ~known_flags) != 0) {
    return Invalid(absl::StrCat(std::string(argument), ".flags"),
                   absl::StrCat("has unknown bits, ", head[1]));
  }
  const unsigned char* bytes = static_cast<const unsigned char*>(given);
  for (size_t i = own_size; i < size; ++i) {
    if (bytes[i] != 0) {
      return Invalid(argument,
                     "uses a field of a later version of the library");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOutStruct(std::string_view argument, const void* given) {
  if (given == nullptr) return Missing(argument);
  uint32_t size = 0;
  std::memcpy(&size, given, sizeof(size));
  if (size >= 2 * sizeof(uint32_t) && size <= kMaxStructSize) {
    return absl::OkStatus();
  }
  return Invalid(
      absl::StrCat(std::string(argument), ".struct_size"),
      absl::StrCat("is ", size, "; set it to the size of the struct"));
}

absl::Status CheckEngine(const cckpi_engine* engine) {
  absl::Status status = CheckHandle("engine", engine, Mark::kEngine);
  if (!status.ok()) return status;
  if (!engine->damaged) return absl::OkStatus();
  return absl::DataLossError(
      "the engine ran out of memory in the middle of a change; go on from its "
      "last snapshot, or feed a new one");
}

std::unique_ptr<cckpi_table> MakeTable(TableData data) {
  auto table = std::make_unique<cckpi_table>();
  table->data = std::make_shared<const TableData>(std::move(data));
  return table;
}

absl::Status GiveTable(absl::StatusOr<TableData> data,
                       std::string_view argument, cckpi_table** out_table) {
  if (out_table == nullptr) return Missing(argument);
  if (!data.ok()) return data.status();
  *out_table = MakeTable(*std::move(data)).release();
  return absl::OkStatus();
}

std::unique_ptr<cckpi_buffer> MakeBuffer(std::string bytes) {
  auto buffer = std::make_unique<cckpi_buffer>();
  buffer->bytes = std::move(bytes);
  return buffer;
}

namespace {

const char* TextOut(std::string_view text, size_t* out_size) {
  if (out_size != nullptr) *out_size = text.size();
  return text.data();
}

}  // namespace
}  // namespace cckpi::capi

using cckpi::capi::Destroy;
using cckpi::capi::IsGood;
using cckpi::capi::Mark;
using cckpi::capi::TextOut;

extern "C" {

cckpi_code cckpi_error_code(const cckpi_error* error) {
  return IsGood(error, Mark::kError) ? error->code : CCKPI_OK;
}

const char* cckpi_error_message(const cckpi_error* error, size_t* out_size) {
  return TextOut(IsGood(error, Mark::kError) ? error->message : "", out_size);
}

const char* cckpi_error_path(const cckpi_error* error, size_t* out_size) {
  return TextOut(IsGood(error, Mark::kError) ? error->path : "", out_size);
}

int64_t cckpi_error_row(const cckpi_error* error) {
  return IsGood(error, Mark::kError) ? error->row : 0;
}

void cckpi_error_destroy(cckpi_error* error) {
  if (error != &cckpi::capi::no_memory) Destroy(error, Mark::kError);
}

const char* cckpi_buffer_data(const cckpi_buffer* buffer) {
  return IsGood(buffer, Mark::kBuffer) ? buffer->bytes.c_str() : nullptr;
}

size_t cckpi_buffer_size(const cckpi_buffer* buffer) {
  return IsGood(buffer, Mark::kBuffer) ? buffer->bytes.size() : 0;
}

void cckpi_buffer_destroy(cckpi_buffer* buffer) {
  Destroy(buffer, Mark::kBuffer);
}

}  // extern "C"
