// Early return for absl::Status and absl::StatusOr.
//
//   absl::StatusOr<int> Half(int number) {
//     if (number % 2 != 0) return absl::InvalidArgumentError("odd");
//     return number / 2;
//   }
//   absl::Status Use() {
//     CCKPI_ASSIGN_OR_RETURN(int half, Half(42));
//     CCKPI_RETURN_IF_ERROR(Half(half).status());   // 21 is odd
//     return absl::OkStatus();
//   }

#ifndef CCKPI_BASE_STATUS_MACROS_H_
#define CCKPI_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define CCKPI_RETURN_IF_ERROR(expression)                               \
  do {                                                                  \
    if (absl::Status cckpi_status = (expression); !cckpi_status.ok()) { \
      return cckpi_status;                                              \
    }                                                                   \
  } while (false)

#define CCKPI_CONCAT_INNER_(a, b) a##b
#define CCKPI_CONCAT_(a, b) CCKPI_CONCAT_INNER_(a, b)

#define CCKPI_ASSIGN_OR_RETURN(declaration, expression)                    \
  CCKPI_ASSIGN_OR_RETURN_(CCKPI_CONCAT_(cckpi_or_, __LINE__), declaration, \
                          expression)
#define CCKPI_ASSIGN_OR_RETURN_(temporary, declaration, expression) \
  auto temporary = (expression);                                    \
  if (!temporary.ok()) return temporary.status();                   \
  declaration = *std::move(temporary)

#endif  // CCKPI_BASE_STATUS_MACROS_H_
