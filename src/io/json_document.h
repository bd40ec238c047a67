// A whole JSON document, with errors that say where it breaks.

#ifndef CCKPI_IO_JSON_DOCUMENT_H_
#define CCKPI_IO_JSON_DOCUMENT_H_

#include <nlohmann/json.hpp>
#include <string_view>

#include "absl/status/statusor.h"

namespace cckpi {

// InvalidArgument says the line and column of the first fault
// ("line 3, column 7: is not JSON"), or the key that an object has twice
// ("line 5, column 3: the key \"rules\" is there twice").
absl::StatusOr<nlohmann::json> ParseJsonDocument(std::string_view text);

}  // namespace cckpi

#endif  // CCKPI_IO_JSON_DOCUMENT_H_
