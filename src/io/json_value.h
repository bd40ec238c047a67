// JSON values as the text that fields hold.

#ifndef CCKPI_IO_JSON_VALUE_H_
#define CCKPI_IO_JSON_VALUE_H_

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cckpi/io/text_arena.h"

namespace cckpi {

// Text as it is, an integer as its decimal digits, else nullopt. What has to
// be written goes to `scratch`.
std::optional<std::string_view> TextOrInteger(simdjson::dom::element value,
                                              TextArena* scratch);

// As above, and any number in its shortest decimal form, true and false as
// words, null as the empty text. Lists and objects are nullopt.
std::optional<std::string_view> ScalarText(simdjson::dom::element value,
                                           TextArena* scratch);

// A number in millionths; nullopt for anything else, and for numbers of more
// than six decimals or too large.
std::optional<int64_t> NumberMicro(simdjson::dom::element value);

// Why a line is no JSON, in plain words.
std::string JsonFault(simdjson::error_code code);

}  // namespace cckpi

#endif  // CCKPI_IO_JSON_VALUE_H_
