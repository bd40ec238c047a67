// Guard: what stands between the library and a host that speaks C.
//
// Every entry point that can fail is the body of a Guard: no exception passes
// it, memory that could not be allocated and a defect become codes, and an
// absl::Status becomes a code and an error. Nothing else in the library
// catches anything.
//
//   return Guard(error, [&]() -> Outcome {
//     if (out_config == nullptr) return Missing("out_config");
//     ...
//     return Outcome();
//   });
//
// This file defines Outcome, Guard, and the checks of arguments that all
// entry points share.

#ifndef CCKPI_CAPI_SRC_GUARD_H_
#define CCKPI_CAPI_SRC_GUARD_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "capi/include/cckpi.h"

namespace cckpi::capi {

// How a call ended: OK, or a failure and where in the input it is.
struct Outcome {
  Outcome() = default;
  // Not explicit: a status is an outcome.
  Outcome(absl::Status failure)  // NOLINT
      : status(std::move(failure)) {}
  Outcome(absl::Status failure, int64_t at_row)
      : status(std::move(failure)), row(at_row) {}

  absl::Status status;
  int64_t row = 0;  // from 1; 0: none
};

// Gives the code, and the error where the host asked for it. The path is what
// stands before the message's first ": ", where that is a path.
cckpi_code Fail(const Outcome& outcome, cckpi_error** error) noexcept;
cckpi_code FailForMemory(cckpi_error** error) noexcept;
cckpi_code FailForDefect(const char* what, cckpi_error** error) noexcept;

template <typename Body>
cckpi_code Guard(cckpi_error** error, Body&& body) noexcept {
  try {
    const Outcome outcome = body();
    if (outcome.status.ok()) return CCKPI_OK;
    return Fail(outcome, error);
  } catch (const std::bad_alloc&) {
    return FailForMemory(error);
  } catch (const std::length_error&) {
    return FailForMemory(error);
  } catch (const std::exception& defect) {
    return FailForDefect(defect.what(), error);
  } catch (...) {
    return FailForDefect("an exception of unknown type", error);
  }
}

// "out_config: is NULL".
absl::Status Missing(std::string_view argument);

absl::Status Invalid(std::string_view argument, std::string_view reason);

// What no object in memory can be as large as.
inline constexpr size_t kMaxSize = PTRDIFF_MAX;

// A text argument: NULL only when empty, no size that cannot be.
absl::Status CheckText(std::string_view argument, const char* data,
                       size_t size);
inline absl::Status CheckText(std::string_view argument,
                              const cckpi_text& text) {
  return CheckText(argument, text.data, text.size);
}

// `count` items of `item_size` bytes at `items`.
absl::Status CheckArray(std::string_view argument, const void* items,
                        size_t count, size_t item_size);

inline std::string_view View(const char* data, size_t size) {
  return size == 0 ? std::string_view() : std::string_view(data, size);
}
inline std::string_view View(const cckpi_text& text) {
  return View(text.data, text.size);
}

// Structs are read up to what both sides know of.
inline constexpr uint32_t kMaxStructSize = 4096;

absl::Status CheckStruct(std::string_view argument, const void* given,
                         size_t own_size, uint32_t known_flags);

// Copies a struct of a host into one of ours, of which later fields that the
// host does not know stay zero. NULL gives all zero where `required` is false.
enum class Presence : uint8_t { kOptional, kRequired };

template <typename Struct>
absl::Status ReadStruct(std::string_view argument, const Struct* given,
                        Struct* own, Presence presence = Presence::kOptional,
                        uint32_t known_flags = 0) {
  std::memset(static_cast<void*>(own), 0, sizeof(*own));
  if (given == nullptr) {
    return presence == Presence::kOptional ? absl::OkStatus()
                                           : Missing(argument);
  }
  absl::Status status =
      CheckStruct(argument, given, sizeof(Struct), known_flags);
  if (!status.ok()) return status;
  std::memcpy(static_cast<void*>(own), given,
              given->struct_size < sizeof(Struct) ? given->struct_size
                                                  : sizeof(Struct));
  own->struct_size = sizeof(Struct);
  return absl::OkStatus();
}

// Checks the struct_size of a struct that the library fills.
absl::Status CheckOutStruct(std::string_view argument, const void* given);

template <typename Struct>
void WriteStruct(const Struct& own, Struct* out) {
  const uint32_t size = out->struct_size;
  const uint32_t flags = out->flags;
  std::memcpy(static_cast<void*>(out), &own,
              size < sizeof(Struct) ? size : sizeof(Struct));
  out->struct_size = size;
  out->flags = flags;
}

}  // namespace cckpi::capi

#endif  // CCKPI_CAPI_SRC_GUARD_H_
